// A page of the result as the box shows it: the words sought are marked, and the
// spaces that the index needs between Han characters are taken out again.

import { HAN, IS_HAN, MARKS, bare, space } from "./search-index.js";

const WINDOW = 68; // Han characters, or twice as many letters, of an excerpt
const [CODE_BEGINS, CODE_ENDS] = "▸◂"; // around code: it is found, but not quoted
const STOP = /[。！？；…]$|[^\d]\.$/; // the end of a sentence
const ENDS_WIDE = new RegExp(`[${HAN}${MARKS}]$`);
const STARTS_WIDE = new RegExp(`^[${HAN}${MARKS}]`);
const MARK_EDGE = new RegExp(`^[${MARKS}]|[${MARKS}]$`);

/** Where the sought runs stand: for each word 0, or the length of the run it is in. */
function hits(list, sought) {
  const plain = list.map(bare);
  const found = new Array(list.length).fill(0);
  const same = (word, want) =>
    word === want || (want.length > 2 && !IS_HAN.test(want) && word.includes(want));
  for (const run of sought) {
    for (let i = 0; i + run.length <= list.length; i++) {
      if (!run.every((want, k) => same(plain[i + k], want))) continue;
      for (let k = 0; k < run.length; k++) found[i + k] = Math.max(found[i + k], run.length);
    }
  }
  return found;
}

/** Words as they stood in the page, the hits in <mark>. */
function marked(list, found) {
  const out = document.createDocumentFragment();
  let run = ""; // the text of a stretch of hits, or of words between them
  const flush = (hit) => {
    const parts = /^([^\p{L}\p{N}_]*)(.*?)([^\p{L}\p{N}_]*)$/su.exec(run);
    if (hit && parts[2]) out.append(parts[1], make("mark", "", parts[2]), parts[3]);
    else out.append(run);
    run = "";
  };
  list.forEach((raw, i) => {
    // Pagefind ends a block with a full stop where it has none.
    const word = raw.replace(/\.$/, (dot) => (ENDS_WIDE.test(raw.slice(0, -1)) ? "" : dot));
    const next = list[i + 1];
    const apart = next !== undefined && !word.endsWith("\u00ad") && !tight(word, next);
    run += word.replaceAll("\u00ad", "") + (apart ? " " : "");
    if (!found[i] !== !found[i + 1] || next === undefined) flush(found[i]);
  });
  return out;
}

const tight = (word, next) =>
  (ENDS_WIDE.test(word) && STARTS_WIDE.test(next)) || MARK_EDGE.test(word) || MARK_EDGE.test(next);

/** The prose below the title: dots for each heading, nothing for code. */
function prose(data, list, found) {
  const text = [];
  const hit = [];
  const headings = new Map(data.anchors.map((a) => [a.location, a.text.split(/\s+/).length]));
  for (let i = 0; i < list.length; ) {
    const heading = headings.get(i);
    const code = list[i] === CODE_BEGINS ? list.indexOf(CODE_ENDS, i) - i + 1 : 0;
    if (heading && text.length && text.at(-1) !== "…") text.push("…");
    else if (!heading && !code) text.push(list[i]);
    hit.push(...(heading || code ? [] : [found[i]]));
    while (hit.length < text.length) hit.push(0);
    i += heading || Math.max(1, code);
  }
  return [text, hit];
}

/** The stretch of text with the most hits; it starts at a sentence where one is near. */
function excerpt(list, found) {
  let best = 0;
  let most = 0;
  for (let i = 0, sum = 0; i < list.length; i++) {
    sum += found[i] - (found[i - WINDOW] ?? 0);
    if (sum > most) [most, best] = [sum, Math.max(0, i - WINDOW + 1)];
  }
  // From the first hit of that stretch, back to where its sentence began.
  let start = best;
  while (most && start < list.length && !found[start]) start++;
  for (let back = 0; back < 24 && start > 0; back++, start--) {
    if (STOP.test(list[start - 1])) break;
  }
  let end = start;
  for (let wide = 0; end < list.length && wide < WINDOW; end++) {
    wide += IS_HAN.test(list[end]) ? 1 : (list[end].length + 1) / 2;
  }
  const out = marked(list.slice(start, end), found.slice(start, end));
  if (start > 0 && !STOP.test(list[start - 1])) out.prepend("…");
  if (end < list.length) out.append("…");
  return out;
}

/** Up to three sections where the hits are, in the order of the page. */
function sections(data, found) {
  const places = data.anchors.filter((a) => /h[2-4]/.test(a.element) && a.text);
  const scored = places.map((anchor, i) => {
    const until = places[i + 1]?.location ?? found.length;
    const title = anchor.text.split(/\s+/);
    const sum = (from, to) => found.slice(from, to).reduce((a, b) => a + b, 0);
    const inTitle = sum(anchor.location, anchor.location + title.length);
    return { anchor, title, score: sum(anchor.location, until) + 20 * inTitle };
  });
  const best = scored.filter((s) => s.score).sort((a, b) => b.score - a.score);
  return best.slice(0, 3).sort((a, b) => a.anchor.location - b.anchor.location);
}

/** An element with classes and children. */
export function make(tag, classes, ...children) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  element.append(...children);
  return element;
}

function link(address, ...children) {
  const element = make("a", "md-search-result__link", ...children);
  element.href = address;
  return element;
}

/** What a result is, as a sign for the eye and in words for the ear. */
const KINDS = {
  page: ["文", "正文"],
  lab: ["验", "实验"],
  program: ["码", "程序"],
  venue: ["会", "会议"],
  term: ["词", "术语"],
};

function sign(kind) {
  const [glyph, words] = KINDS[kind];
  const shown = make("span", "hb-kind", glyph);
  shown.setAttribute("aria-hidden", "true");
  return [shown, make("span", "hb-heard", `${words}：`)];
}

/** A page of meetings, a lab, or a page of the book. */
const kindOf = ({ tool, facts }) =>
  tool ? "venue" : facts.includes(KINDS.lab[1]) ? "lab" : "page";

/** One page of the result: its title, where it belongs and what it is about. */
export function row(page, sought) {
  const title = page.title.split(/\s+/);
  const about = space(page.about ?? "").split(/\s+/);
  const number = make("b", "", page.number ?? "");
  const head = make("div", "hb-search-title", ...sign(kindOf(page)));
  head.append(number, page.number ? " " : "", marked(title, hits(title, sought)));
  const small = make("small", "", page.facts.join(" · "));
  const text = make("p", "", marked(about, hits(about, sought)));
  const article = make("article", "md-search-result__article md-typeset", head, small, text);
  const address = new URL(page.url, new URL("..", import.meta.url));
  return make("li", "md-search-result__item", link(address, article));
}

/** Whether a run of words stands in a line of them, as a whole. */
const stands = (line, run) => hits(line.split(/\s+/), [run]).some(Boolean);

/** A page of the book may be about what was sought, or hold it in its code alone. */
function closer(data, sought, inProse, anywhere) {
  const { tags = "", synonyms = "" } = data.meta;
  const [whole] = sought;
  if (whole && (stands(tags, whole) || stands(synonyms, whole))) return "term";
  return anywhere && !inProse ? "program" : "page";
}

/** Give a row its excerpt, and the sections in which the words stand. */
export function fill(item, data, sought) {
  const list = data.content.split(/\s+/);
  const found = hits(list, sought);
  const [text, hit] = prose(data, list, found);
  const first = item.querySelector("a");
  const held = hit.some(Boolean);
  if (held) first.querySelector("p").replaceChildren(excerpt(text, hit));
  const shown = first.querySelector(".hb-kind");
  if (shown.textContent === KINDS.page[0]) {
    first.querySelector(".hb-heard").remove();
    shown.replaceWith(...sign(closer(data, sought, held, found.some(Boolean))));
  }
  for (const { anchor, title } of sections(data, found)) {
    const label = make("div", "hb-search-section", marked(title, hits(title, sought)));
    item.append(link(`${first.href}#${anchor.id}`, label));
  }
}
