// The map: the slider says its day while it moves and asks for the page when it rests; a country says what it is under the pointer
// and in focus. Everything works without it.
"use strict";
(() => {
  const range = document.getElementById("step"), here = document.getElementById("here");
  if (range) {
    const days = range.dataset.days.split(" ");
    let wait = 0;
    range.addEventListener("input", () => {
      here.textContent = days[range.value];
      range.setAttribute("aria-valuetext", days[range.value]);
    });
    range.addEventListener("change", () => { clearTimeout(wait); wait = setTimeout(() => range.form.requestSubmit(), 500); });
  }
  const tip = document.getElementById("tip");
  const show = a => {
    const r = a.querySelector(".dot, path").getBoundingClientRect();
    tip.textContent = a.getAttribute("aria-label");
    tip.hidden = false;
    const x = Math.min(Math.max(8, r.left + r.width / 2 - tip.offsetWidth / 2), document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = x + scrollX + "px";
    tip.style.top = Math.max(8, r.top + Math.min(r.height / 2, 40) - tip.offsetHeight - 14) + scrollY + "px";
  };
  const hide = () => { tip.hidden = true; };
  document.querySelectorAll("svg a.target").forEach(a => {
    const title = a.querySelector("title");
    if (title) title.remove(); // the tip says it, at once
    a.addEventListener("mouseenter", () => show(a));
    a.addEventListener("focus", () => show(a));
    a.addEventListener("mouseleave", hide);
    a.addEventListener("blur", hide);
  });
  document.addEventListener("keydown", e => { if (e.key === "Escape") hide(); });
})();
