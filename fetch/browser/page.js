// Runs in a world of its own: it sees the page's document, and the page's scripts see nothing of it.
(() => {
	if (globalThis.drittland) return globalThis.drittland;

	const MORE = new RegExp('^\\W*(?:(?:read|show|see|view|learn|load) (?:more|all|full|details)|expand(?: all)?|open all|more details|' +
		'mehr (?:lesen|anzeigen|erfahren|details)|weiterlesen|weitere? (?:anzeigen|informationen)|alles? (?:anzeigen|aufklappen|öffnen|ausklappen)|' +
		'lire (?:la suite|plus)|(?:voir|en savoir|afficher) (?:plus|tout|la suite)|tout (?:afficher|déplier|ouvrir)|' +
		'lees (?:meer|verder)|(?:toon|bekijk) (?:meer|alles)|meer (?:lezen|weergeven|tonen)|alles (?:tonen|uitklappen)|' +
		'leer más|(?:ver|mostrar) (?:más|todo)|leggi (?:tutto|di più)|mostra (?:altro|tutto|di più)|(?:ler|ver|mostrar) (?:mais|tudo)|' +
		'läs mer|visa (?:mer|alla)|læs mere|les mer|vis (?:mere?|alle)|lue lisää|näytä (?:lisää|kaikki)|czytaj (?:więcej|dalej)|pokaż (?:więcej|wszystko)|' +
		'rozwiń|číst (?:více|dále)|zobrazit (?:více|vše)|tovább olvasom|citește mai mult|прочети повече|διαβάστε περισσότερα)\\W*$', 'i');
	const CONSENT = /onetrust|didomi|usercentrics|\bcmp[-_]|(?:cookie|consent|gdpr)s?[-_]?(?:banner|bar|notice|popup|wall|overlay|modal|settings|manager|layer|box|root)/i;
	const AGREE = /accept|agree|allow|reject|decline|akzept|zustimm|ablehn|erlaub|accord|autoris|refus|akkoord|weiger|acept|rechaz|accett|rifiut|log ?in|sign (?:in|up)|subscribe|anmelden|download/i;
	const OUTSIDE = 'nav,[role=navigation],dialog,[role=dialog],[role=alertdialog],[aria-modal=true],[role=menu],[role=menubar],[role=search],[role=listbox],[contenteditable=true]';

	const clicked = new WeakSet();
	const kept = []; // panels of sections that were open, with a copy of each

	// Every element, those within open shadow roots included.
	function* all(root, roots) {
		for (const e of root.querySelectorAll('*')) {
			yield e;
			if (e.shadowRoot) {
				if (roots) roots.push(e.shadowRoot);
				yield* all(e.shadowRoot, roots);
			}
		}
	}

	function state() {
		let text = document.body ? document.body.innerText : '', elements = 0;
		for (const e of all(document)) {
			elements++;
			if (e.shadowRoot) for (const c of e.shadowRoot.children) text += c.innerText || '';
		}
		return {ready: document.readyState, text: text.length, words: text.split(/\s+/).length, elements, url: location.href,
			page: location.origin + location.pathname, height: document.documentElement.scrollHeight};
	}

	function scroll(top) {
		window.scrollTo({top, behavior: 'instant'});
		return {top: window.scrollY, height: document.documentElement.scrollHeight};
	}

	function apart(e) { // part of a consent box, a menu, the frame of the site, or what floats above the page
		if (e.closest(OUTSIDE)) return true;
		const frame = e.closest('header,footer,[role=banner],[role=contentinfo]');
		if (frame && !frame.closest('main,article,[role=main]')) return true;
		for (let p = e; p && p !== document.body && p !== document.documentElement; p = p.parentElement) {
			if (CONSENT.test(p.id + ' ' + (p.getAttribute('class') || ''))) return true;
			const at = getComputedStyle(p).position;
			if (at === 'fixed' || at === 'sticky') return true;
		}
		return false;
	}

	function opens(e) {
		const tag = e.tagName;
		const href = tag === 'A' ? e.getAttribute('href') : null;
		if (href !== null && !/^(#.*|javascript:\s*(?:void\(0\))?;?)$/i.test(href.trim())) return false;
		const button = tag === 'BUTTON' || e.getAttribute('role') === 'button';
		if (tag === 'BUTTON' && e.form && e.type !== 'button' || /^(INPUT|SELECT|TEXTAREA|OPTION|SUMMARY)$/.test(tag)) return false;
		if (e.disabled || e.getAttribute('aria-disabled') === 'true' || e.hasAttribute('aria-haspopup') && e.getAttribute('aria-haspopup') !== 'false') return false;
		const label = (e.innerText || e.getAttribute('aria-label') || '').trim();
		const closed = e.getAttribute('aria-expanded') === 'false';
		if (!closed && !((button || tag === 'A') && label.length < 40 && MORE.test(label))) return false;
		return label.length < 400 && !AGREE.test(label.length < 60 ? label : '') && !apart(e);
	}

	// Neither links nor forms lead anywhere while sections are being opened.
	function guard() {
		const stop = e => {
			const a = e.type === 'submit' ? e.target : e.composedPath().find(n => n.tagName === 'A' && n.hasAttribute('href'));
			if (a) e.preventDefault();
		};
		window.addEventListener('submit', stop, true);
		window.addEventListener('click', stop, true);
	}

	const pause = ms => new Promise(done => setTimeout(done, ms));
	const panelOf = e => { const id = e.getAttribute('aria-controls'); return id ? e.getRootNode().getElementById(id) : null; };

	// Opens what is closed and says how many sections that were.
	async function open(most) {
		let n = 0;
		const here = location.origin + location.pathname + location.search;
		if (!globalThis.guarded) { globalThis.guarded = true; guard(); }
		const found = [...all(document)].filter(e => !clicked.has(e) && (e.tagName === 'DETAILS' ? !e.open && !apart(e) : opens(e)));
		for (const e of found.slice(0, most)) {
			clicked.add(e);
			n++;
			if (e.tagName === 'DETAILS') { e.open = true; continue; }
			e.click();
			await pause(40);
			if (location.origin + location.pathname + location.search !== here) break;
			const panel = panelOf(e);
			if (panel && panel.textContent.trim()) kept.push({e, id: panel.id, copy: panel.cloneNode(true)});
		}
		return n;
	}

	// Puts back the sections that closed when another one opened and lost their text.
	function putBack() {
		for (const {e, id, copy} of kept) {
			const live = panelOf(e) || e.getRootNode().getElementById(id);
			if (!e.isConnected || live && live.textContent.trim().length >= copy.textContent.trim().length / 2) continue;
			copy.setAttribute('data-drittland', 'open before');
			if (live) live.replaceWith(copy);
			else (e.closest('h1,h2,h3,h4,h5,h6,dt') || e).after(copy);
		}
		kept.length = 0;
	}

	// The document as HTML, with what stands in open shadow roots; null if it is longer than most.
	function html(most) {
		putBack();
		for (const n of document.querySelectorAll('noscript')) n.remove(); // for readers without scripts
		const roots = [];
		for (const e of all(document, roots));
		const shell = document.documentElement.cloneNode(false).outerHTML;
		const end = shell.lastIndexOf('</');
		const inner = document.documentElement.getHTML ? document.documentElement.getHTML({shadowRoots: roots}) : document.documentElement.innerHTML;
		const out = '<!DOCTYPE html>\n' + shell.slice(0, end) + inner + shell.slice(end) + '\n';
		return out.length > most ? null : out;
	}

	return globalThis.drittland = {state, scroll, open, html};
})()
