// The keys and the small comforts of the review pages. Everything works without it.
"use strict";
document.documentElement.classList.add("js");
(() => {
  const $ = (s, in_ = document) => in_.querySelector(s), all = (s, in_ = document) => [...in_.querySelectorAll(s)];
  all("[data-submit]").forEach(x => x.addEventListener("change", () => x.form.requestSubmit()));

  // On a narrow screen the filter is folded until it is wanted.
  if (matchMedia("(max-width: 52rem)").matches) all("details[data-fold]").forEach(x => x.removeAttribute("open"));

  // The help: a dialog that every page has.
  const help = $("#help");
  const toggleHelp = () => help && (help.open ? help.close() : help.showModal());
  all("[data-help]").forEach(x => x.addEventListener("click", toggleHelp));

  // A list that is walked with j and k: rows in the queue, changes in a redline; where nothing changed, findings.
  const onChange = document.body.dataset.tab === "change";
  const seen = s => all(s).filter(x => x.getClientRects().length);
  const stops = () => {
    const list = seen(onChange ? ".redline [id^=change-]" : "[data-stop]");
    return list.length || !onChange ? list : seen(".finding");
  };
  let at = -1;
  const land = x => {
    if (!x.hasAttribute("tabindex")) x.tabIndex = -1;
    x.focus({ preventScroll: true });
    x.scrollIntoView({ block: onChange ? "center" : "nearest" });
  };
  const go = step => {
    const list = stops();
    if (!list.length) return;
    const here = document.activeElement, row = here.closest("[data-stop]");
    const focused = list.indexOf(row || here);
    at = Math.max(0, Math.min(list.length - 1, (focused >= 0 ? focused : at) + step));
    land(list[at]);
  };

  // Whoever decided in a list goes on where they were.
  const place = "drittland-at";
  const box = $("#decide");
  if (!onChange && box) {
    box.addEventListener("submit", () => {
      const list = stops(), first = list.findIndex(x => $("input[name=item]:checked", x));
      sessionStorage.setItem(place, Math.max(0, first));
    });
    const was = sessionStorage.getItem(place);
    sessionStorage.removeItem(place);
    const list = stops();
    if (was !== null && list.length) land(list[at = Math.min(Number(was) || 0, list.length - 1)]);
  }
  let picked = null; // by a key that decides
  const choose = judgement => {
    const x = box && $(`input[name=judgement][value="${judgement}"]`, box);
    if (!x) return;
    if (!onChange) {
      const row = document.activeElement.closest("[data-stop]"), pick = row && $("input[name=item]", row);
      if (pick && !pick.checked) {
        if (picked && picked !== pick) picked.checked = false; // it was left without a decision
        (picked = pick).checked = true;
      }
      if (row) at = stops().indexOf(row);
      if (!$("input[name=item]:checked", box)) return;
    }
    x.checked = true;
    const button = $("button[type=submit]", box);
    button.scrollIntoView({ block: "nearest" });
    button.focus();
  };
  const follow = sel => { const a = $(sel); if (a) { a.click(); return true; } };
  const keys = {
    j: () => go(1), k: () => go(-1),
    a: () => choose("relevant"), d: () => choose("not relevant"), n: () => choose("needs second look"), e: () => choose("escalated"),
    J: () => follow("a[rel=next]"), K: () => follow("a[rel=prev]"), q: () => follow("a[data-queue]") || (location.href = "/"),
    "/": () => {
      const x = $("input[type=search]"), fold = x && x.closest("details");
      if (fold) fold.open = true;
      if (x) x.focus(); else location.href = "/search";
    },
    "?": toggleHelp,
    x: () => { const row = document.activeElement.closest("[data-stop]"), pick = row && $("input[name=item]", row); if (pick) pick.click(); },
    m: () => { const x = $("#decide textarea"); if (x) x.focus(); },
  };
  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || help && help.open && e.key !== "?") return;
    const t = e.target;
    if (t.matches("textarea, select, input:not([type=radio]):not([type=checkbox])")) {
      if (e.key === "Escape") { t.blur(); const x = stops()[at]; if (x) land(x); }
      return;
    }
    if (e.key === "Enter" && t.matches("[data-stop]")) { const a = $("a", t); if (a) { e.preventDefault(); a.click(); } return; }
    const f = keys[e.key];
    if (f) { e.preventDefault(); f(); }
  });
})();
