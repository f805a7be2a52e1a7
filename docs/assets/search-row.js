// A page of the result as the box shows it: the words sought are marked, and the
// spaces that the index needs between Han characters are taken out again.

import { HAN, IS_HAN, MARKS, bare } from "./search-index.js";

const WINDOW = 64; // words, that is characters, of an excerpt
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
  let text = "";
  const flush = (hit) => {
    if (!text) return;
    const node = hit ? document.createElement("mark") : document.createTextNode("");
    node.textContent = text;
    out.append(node);
    text = "";
  };
  list.forEach((raw, i) => {
    // Pagefind ends a block with a full stop where it has none.
    const word = raw.replace(/\.$/, (dot) => (ENDS_WIDE.test(raw.slice(0, -1)) ? "" : dot));
    text += word.replaceAll("\u00ad", "");
    const next = list[i + 1];
    const gap = next === undefined || word.endsWith("\u00ad") || tight(word, next) ? "" : " ";
    if (!found[i] !== !found[i + 1]) {
      flush(found[i]);
      text = gap;
    } else text += gap;
  });
  flush(found.at(-1));
  return out;
}

const tight = (word, next) =>
  (ENDS_WIDE.test(word) && STARTS_WIDE.test(next)) || MARK_EDGE.test(word) || MARK_EDGE.test(next);

/** The text below the title, with a dot leader in the place of each heading. */
function prose(data, list, found) {
  const text = [];
  const hit = [];
  const headings = new Map(data.anchors.map((a) => [a.location, a.text.split(/\s+/).length]));
  for (let i = 0; i < list.length; ) {
    const length = headings.get(i) ?? 0;
    text.push(length ? "…" : list[i]);
    hit.push(length ? 0 : found[i]);
    i += length || 1;
  }
  const skip = text.findIndex((word) => word !== "…");
  return skip < 0 ? [[], []] : [text.slice(skip), hit.slice(skip)];
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
  const end = Math.min(list.length, start + WINDOW);
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

/** One page of the result: title, where it belongs, an excerpt, sections. */
export function row(data, sought) {
  const list = data.content.split(/\s+/);
  const found = hits(list, sought);
  const title = data.meta.title.split(/\s+/);
  const head = make("div", "hb-search-title", marked(title, hits(title, sought)));
  const facts = ["part", "level"].flatMap((key) => data.filters[key] ?? []);
  if (data.filters.kind?.includes("实验")) facts.push("实验");
  const small = make("small", "", facts.join(" · "));
  const text = make("p", "", excerpt(...prose(data, list, found)));
  const article = make("article", "md-search-result__article md-typeset", head, small, text);
  const item = make("li", "md-search-result__item", link(data.url, article));
  for (const { anchor, title: name } of sections(data, found)) {
    const label = make("div", "hb-search-section", marked(name, hits(name, sought)));
    item.append(link(`${data.url}#${anchor.id}`, label));
  }
  return item;
}
