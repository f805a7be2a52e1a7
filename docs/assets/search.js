// The search box. Loaded when the box is first used (partials/search.html), and only
// then does it fetch Pagefind and its index.

import { find, known, pagefind, phrases } from "./search-index.js";
import { fill, make, row } from "./search-row.js";

const UNASKED = 28_000; // bytes of page texts that come unasked; a page has up to 14,000
const PAUSE = 120; // ms without a keystroke before a look-up
const FILTERS = { part: "部分", framework: "框架", kind: "类型", level: "程度" };
const PLAIN = "正文"; // the kind of most pages, not worth a chip
const ASKED = ["反向传播", "AoE", "rebuttal", "BPE", "参数量"]; // often
const SEEN = "hb-seen"; // in sessionStorage: the pages of this tab (partials/search.html)

const RESULT = ".md-search-result__item a";

const toggle = document.getElementById("__search");
const box = document.querySelector(".md-search");
const input = box.querySelector(".md-search__input");
const output = box.querySelector(".md-search__output");
const scroll = box.querySelector(".md-search__scrollwrap");
const status = box.querySelector(".md-search-result__meta");
const list = box.querySelector(".md-search-result__list");
const bar = make("div", "hb-search-filters");
bar.hidden = true; // until there is something to narrow
let turn = 0; // of look-ups: an answer that comes after a newer question is dropped
let shown = Promise.resolve(); // the look-up under way
let back = null; // where Escape returns the focus to

/** Called each time the box opens; `before` had the focus if a key opened it. */
export function open(before) {
  back = before;
  ready();
  output.inert = !toggle.checked; // it may be closed again by now
  pagefind().catch(() => {}); // fetched while the reader types; a failure shows then
}

let prepared = false;

/** Once: style, filters and events. */
function ready() {
  if (prepared) return;
  prepared = true;
  const style = make("link");
  style.rel = "stylesheet";
  style.href = new URL("search.css", import.meta.url);
  document.head.append(style);
  status.before(bar);
  toggle.addEventListener("change", () => {
    if (!toggle.checked) closed();
  });
  input.addEventListener("input", (event) => event.isComposing || later());
  input.addEventListener("compositionend", later);
  box.querySelector("button").addEventListener("click", () => {
    input.value = "";
    input.focus();
    now();
  });
  box.addEventListener("keydown", keys);
  box.addEventListener("focusout", ({ relatedTarget: to }) => {
    if (to && !box.contains(to) && toggle.checked) toggle.click();
  });
  list.addEventListener("click", (event) => {
    if (event.target.closest("a") && !event.ctrlKey && !event.metaKey) toggle.click();
  });
  offer().catch(() => {});
  now();
}

function closed() {
  output.inert = true;
  if (box.contains(document.activeElement)) document.activeElement.blur();
}

/** The filters as chips in one row, parts in the order of the book. */
async function offer() {
  const values = await (await pagefind()).filters();
  const book = document.querySelector(".md-nav--primary")?.textContent ?? "";
  bar.setAttribute("aria-label", "筛选");
  bar.setAttribute("role", "toolbar");
  for (const [key, name] of Object.entries(FILTERS)) {
    const options = Object.keys(values[key] ?? {}).filter((value) => value !== PLAIN);
    if (!options.length) continue;
    options.sort((a, b) => book.indexOf(a) - book.indexOf(b));
    const group = make("span", "", ...options.map((value) => chip(key, value)));
    group.setAttribute("aria-label", name);
    group.setAttribute("role", "group");
    bar.append(group);
  }
  chips().forEach((button, i) => (button.tabIndex = i ? -1 : 0)); // arrows go on
}

const chips = () => [...bar.querySelectorAll("button")];

/** A value to keep to; of one filter only one is pressed. */
function chip(key, value) {
  const button = make("button", "", value);
  button.type = "button";
  button.name = key;
  press(button, false);
  button.addEventListener("click", () => {
    const was = isPressed(button);
    for (const other of chips()) if (other.name === key) press(other, false);
    press(button, !was);
    now();
  });
  return button;
}

const isPressed = (button) => button.getAttribute("aria-pressed") === "true";
const press = (button, on) => button.setAttribute("aria-pressed", `${on}`);
const chosen = () =>
  Object.fromEntries(chips().filter(isPressed).map((b) => [b.name, b.textContent]));

/** Before anything is asked: what others ask, and the pages just read. */
function start() {
  empty("输入文字，开始搜索");
  bar.hidden = true;
  const asked = ASKED.map((words) => {
    const button = make("button", "", words);
    button.type = "button";
    button.addEventListener("click", () => {
      input.value = words;
      input.focus();
      now();
    });
    return button;
  });
  list.append(make("li", "hb-search-asked", make("span", "", "常问"), ...asked));
  const seen = JSON.parse(sessionStorage.getItem(SEEN) ?? "[]");
  const before = seen.filter(({ url }) => url !== location.pathname).slice(0, 3);
  if (!before.length) return;
  const links = before.map(({ url, title }) => {
    const link = make("a", "", title);
    link.href = url;
    return link;
  });
  list.append(make("li", "hb-search-seen", make("span", "", "刚读过"), ...links));
}

let timer;

function later() {
  clearTimeout(timer);
  shown = new Promise((done) => {
    timer = setTimeout(() => done(show()), PAUSE);
  });
}

function now() {
  clearTimeout(timer);
  shown = show();
}

/** Look up what stands in the box and show it. */
async function show() {
  const mine = ++turn;
  const query = input.value.trim();
  if (!phrases(query).length) {
    start();
    return;
  }
  if (!list.querySelector(RESULT)) status.textContent = "正在搜索……";
  try {
    const filters = chosen();
    const [{ pages, sought }, all] = await Promise.all([find(query, filters), known()]);
    const first = firstFew(pages, all);
    const data = await Promise.all(first.map((page) => page.data()));
    if (mine !== turn) return;
    const held = data.some((text) => sought.some((run) => holds(text, run)));
    if (!held) return nothing(query, Object.keys(filters).length > 0);
    empty(`找到 ${pages.length} 页`);
    bar.hidden = false;
    list.append(...pages.map((page) => row(all[page.id], sought)));
    data.forEach((text, i) => fill(list.children[i], text, sought));
    const items = [...list.children].slice(first.length);
    onDemand(pages.slice(first.length), items, sought);
  } catch {
    if (mine === turn) empty("没能读到搜索索引。请检查网络，刷新页面后再试。");
  }
}

/** Whether a page has the words of a run: for a word that none has, Pagefind offers others. */
function holds({ content, meta }, run) {
  const said = `${content} ${Object.values(meta).join(" ")}`.toLowerCase();
  return run.every((word) => said.includes(word));
}

/** The first pages whose texts together stay within what may be fetched unasked. */
function firstFew(pages, all) {
  let size = 0;
  const over = pages.findIndex((page, i) => (size += all[page.id].size) > UNASKED && i > 0);
  return over < 0 ? pages : pages.slice(0, over);
}

function empty(message) {
  status.textContent = message;
  list.replaceChildren();
  scroll.onscroll = scroll.onwheel = scroll.ontouchmove = scroll.onpointermove = null;
  scroll.scrollTop = 0;
}

function nothing(query, filtered) {
  empty(`没有找到“${query}”`);
  const advice = filtered
    ? "可以放开一个筛选。"
    : "可以换一个说法、少写几个字，或者试试英文名，比如用 attention 代替“注意力”。";
  const text = make("p", "", advice);
  list.append(
    make("li", "", make("div", "md-search-result__article md-typeset", text)),
  );
}

/** A further row says what its page is about; its text comes once the reader is there. */
function onDemand(pages, items, sought) {
  const waiting = new Map(items.map((item, i) => [item, pages[i]]));
  const get = async (item) => {
    const page = waiting.get(item);
    if (!waiting.delete(item)) return;
    const text = await page.data();
    if (item.isConnected) fill(item, text, sought);
  };
  const end = () => scroll.getBoundingClientRect().bottom;
  scroll.onscroll = scroll.onwheel = scroll.ontouchmove = scroll.onpointermove = () => {
    for (const item of waiting.keys()) {
      if (item.getBoundingClientRect().top < end()) get(item);
    }
  };
  for (const item of items) item.addEventListener("focusin", () => get(item));
}

/** Material's keys: arrows go through the results, Enter opens, Escape closes. */
async function keys(event) {
  // The key that ends an input method's word; Safari has left isComposing by then.
  if (event.isComposing || event.keyCode === 229) return;
  const at = document.activeElement;
  const stops = [input, ...list.querySelectorAll("a, button")];
  const place = stops.indexOf(at);
  if (event.key === "Escape") {
    event.preventDefault();
    toggle.click();
    back?.focus();
  } else if (event.key === "Enter" && at === input) {
    event.preventDefault();
    await shown;
    list.querySelector(RESULT)?.click();
  } else if (/^Arrow(Left|Right)$/.test(event.key) && bar.contains(at)) {
    event.preventDefault();
    const to = chips().indexOf(at) + (event.key === "ArrowRight" ? 1 : -1);
    chips().at(to % chips().length).focus();
  } else if (/^Arrow(Up|Down)$/.test(event.key) && place >= 0) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    stops[(place + step + stops.length) % stops.length].focus();
  } else if (event.key.length === 1 && at.matches("a") && !event.ctrlKey && !event.metaKey) {
    input.focus(); // typing goes on where it stopped
  }
}
