// A bar that filters rows: a line of words, chips for what is asked most, and a sheet
// with all the rest. The choice stands in the address and is remembered.

const MINE = "hb-fields"; // the fields that a reader chose last
const make = (tag, props = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), props);
  made.append(...inside);
  return made;
};
const button = (textContent, click, className = "") => {
  const made = make("button", { type: "button", textContent, className });
  made.addEventListener("click", click);
  return made;
};
const kept = (name) => {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null; // no storage, or not ours
  }
};
const keep = (name, value) => {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // private windows may refuse; the address still holds the choice
  }
};

export class Filters {
  /** name: of what is remembered. groups: [{key, legend, options: [[value, label], …],
   *  folded}], and {key, legend, search: placeholder} for the line of words.
   *  chips: [[key, value, label], …], without a value for the reader's own fields.
   *  items: what is filtered. answers(item, words): whether it does. unit: its name.
   *  show(shown, filters): called at once and at each change with the Set of items that
   *  fit. over: items that are past, which never fit. more: what stands in the foot. */
  constructor({ more = [], over = new Set(), ...given }) {
    Object.assign(this, given, { more, over });
    const { name, groups, chips } = given;
    this.chosen = Object.fromEntries(groups.map(({ key }) => [key, new Set()]));
    this.#bar(chips);
    this.empty = make("p", { className: "hb-empty", hidden: true, role: "status" });
    this.#set(this.#inAddress() ?? kept(name) ?? {});
    this.#changed();
    this.#reveal();
    addEventListener("hashchange", () => this.#reveal());
  }

  /** The items that fit a choice. */
  fitting(chosen) {
    return this.items.filter(
      (item) => !this.over.has(item) && this.fits(item, chosen),
    );
  }

  /** True if an element fits what is chosen. */
  fits(item, chosen = this.chosen) {
    return Object.entries(chosen).every(([key, values]) => {
      if (!values.size) return true;
      if (key === "q") return this.answers(item, [...values]);
      return !(key in item.dataset) || values.has(item.dataset[key]);
    });
  }

  /** Show what fits; call it again when time has passed. */
  apply() {
    const shown = this.fitting(this.chosen);
    this.shown = new Set(shown);
    this.show(this.shown, this);
    this.#marks();
    this.#ways();
  }

  #bar(chips) {
    const { key, legend, search } = this.groups.find((group) => group.search);
    this.line = make("input", { type: "search", name: key, placeholder: search });
    this.line.ariaLabel = legend;
    this.line.addEventListener("input", () => {
      this.chosen[key] = new Set(this.#words());
      this.apply();
    });
    this.line.addEventListener("change", () => this.#changed());
    this.chips = chips.map(([group, value, label]) => {
      const chip = button("", () => this.#toggle(group, value));
      return Object.assign(chip, { group, value, label });
    });
    this.opener = button("筛选", () => this.#open(), "hb-more");
    this.opener.setAttribute("aria-haspopup", "dialog");
    this.bar = make(
      "form",
      { className: "hb-bar" },
      this.line,
      make("div", { className: "hb-chips" }, ...this.chips),
      this.opener,
    );
    this.bar.setAttribute("role", "search");
    this.bar.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#changed();
    });
  }

  #words() {
    return this.line.value.toLowerCase().split(/[\s,，、]+/).filter(Boolean);
  }

  #toggle(key, value) {
    const chosen = this.chosen[key];
    if (value) chosen.has(value) ? chosen.delete(value) : chosen.add(value);
    else if (chosen.size) chosen.clear();
    else if (kept(MINE)?.length) kept(MINE).forEach((field) => chosen.add(field));
    else this.#open(key);
    this.#changed();
  }

  /** What the chips, the sheet and its opener say of the choice. */
  #marks() {
    for (const chip of this.chips) {
      const { group, value, label } = chip;
      const on = value ? this.chosen[group].has(value) : this.chosen[group].size > 0;
      const mine = value ? [value] : (kept(MINE) ?? []);
      const n = mine.length ? this.#count(group, on && !value ? this.chosen[group] : mine) : "";
      chip.ariaPressed = on;
      chip.replaceChildren(label, ...(n === "" ? [] : [make("small", {}, ` ${n}`)]));
    }
    const asked = Object.values(this.chosen).reduce((sum, { size }) => sum + size, 0);
    this.opener.textContent = asked ? `筛选 ${asked}` : "筛选";
    if (!this.sheet?.open) return;
    this.done.textContent = `看 ${this.shown.size} ${this.unit}`;
    for (const box of this.sheet.querySelectorAll("input")) {
      box.checked = this.chosen[box.name].has(box.value);
      box.nextElementSibling.textContent = this.#count(box.name, [box.value]);
    }
  }

  /** How many items have one of these values and fit the other groups. */
  #count(key, values) {
    return this.fitting({ ...this.chosen, [key]: new Set(values) }).length;
  }

  /** Where nothing fits: what to leave out, and how many then do. */
  #ways() {
    this.empty.hidden = this.shown.size > 0;
    if (this.shown.size) return;
    const ways = Object.entries(this.chosen).flatMap(([key, values]) => {
      const n = values.size ? this.#count(key, []) : 0;
      if (!n) return [];
      const group = this.groups.find((each) => each.key === key);
      const words = [...values].map((value) => {
        const label = group.options?.find(([known]) => known === value)?.[1];
        return label ? (key === "ccf" ? `CCF ${label}` : label) : `“${value}”`;
      });
      return [button(`去掉 ${words.join("、")}（+${n}）`, () => this.#drop(key))];
    });
    const rest = button("全部清除", () => this.#clear());
    this.empty.replaceChildren(`没有符合的${this.unit.slice(1)}。放宽一项：`, ...ways, rest);
  }

  #drop(key) {
    this.#set({ ...this.chosen, [key]: [] });
    this.#changed();
    this.line.focus({ preventScroll: true });
  }

  #clear() {
    this.#set({});
    this.#changed();
  }

  /** The sheet, made when it is first asked for; key: the group to unfold. */
  #open(key) {
    this.sheet ??= this.#sheet();
    const { bottom } = this.bar.getBoundingClientRect();
    this.sheet.style.setProperty("--top", `${bottom}px`);
    const right = document.documentElement.clientWidth - this.bar.getBoundingClientRect().right;
    this.sheet.style.setProperty("--right", `${right}px`);
    for (const fold of this.sheet.querySelectorAll("details")) {
      const wide = matchMedia("(min-width: 44.01em)").matches;
      const { folded } = this.groups.find((group) => group.key === fold.dataset.key);
      const used = this.chosen[fold.dataset.key].size > 0;
      fold.open = key ? fold.dataset.key === key : used || (wide && !folded);
    }
    this.sheet.showModal();
    this.#marks();
  }

  #sheet() {
    const folds = this.groups.filter(({ options }) => options).map((g) => this.#fold(g));
    this.done = button("", () => this.sheet.close(), "hb-done");
    const clear = button("清除筛选", () => this.#clear());
    const foot = make("footer", {}, clear, ...this.more, this.done);
    const sheet = make("dialog", { className: "hb-sheet" }, ...folds, foot);
    sheet.ariaLabel = "筛选";
    sheet.addEventListener("change", ({ target }) => {
      const chosen = this.chosen[target.name];
      target.checked ? chosen.add(target.value) : chosen.delete(target.value);
      this.#changed();
    });
    sheet.addEventListener("click", ({ target }) => target === sheet && sheet.close());
    this.bar.after(sheet);
    return sheet;
  }

  #fold({ key, legend, options }) {
    const boxes = options.map(([value, text]) =>
      make(
        "label",
        {},
        make("input", { type: "checkbox", name: key, value, ariaLabel: text }),
        make("small"),
        text,
      ),
    );
    const set = make("fieldset", { ariaLabel: legend }, ...boxes);
    const fold = make("details", {}, make("summary", {}, legend), set);
    fold.dataset.key = key;
    return fold;
  }

  /** Where a link leads must be seen, whatever is chosen; what is remembered stays. */
  #reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("[hidden]")) return;
    this.#set({});
    this.#changed(false);
    target.scrollIntoView();
  }

  #inAddress() {
    const asked = new URLSearchParams(location.search);
    const found = this.groups.filter(({ key }) => asked.has(key));
    if (!found.length) return null;
    return Object.fromEntries(found.map(({ key }) => [key, asked.get(key).split(".")]));
  }

  #set(values) {
    for (const { key, options } of this.groups) {
      const listed = values[key] instanceof Set || Array.isArray(values[key]);
      const given = listed ? [...values[key]].map(String) : [];
      const known = (value) => !options || options.some(([each]) => each === value);
      this.chosen[key] = new Set(given.filter((value) => value && known(value)));
      if (!options) this.line.value = [...this.chosen[key]].join(" ");
    }
  }

  #changed(remember = true) {
    const address = new URL(location.href);
    const choice = {};
    for (const [key, values] of Object.entries(this.chosen)) {
      address.searchParams.delete(key);
      if (!values.size) continue;
      choice[key] = [...values];
      address.searchParams.set(key, choice[key].join("."));
    }
    history.replaceState(history.state, "", address);
    if (remember) keep(this.name, choice);
    if (remember && choice.field) keep(MINE, choice.field);
    this.apply();
  }
}

/** The values of data-key among elements with their number: [[value, n], …]. */
export function values(elements, key) {
  const counts = new Map();
  for (const { dataset } of elements) {
    if (key in dataset) counts.set(dataset[key], (counts.get(dataset[key]) ?? 0) + 1);
  }
  return [...counts];
}

/** Of [[value, label], …] what occurs among elements. */
export function occurring(elements, key, options) {
  const found = new Map(values(elements, key));
  return options.filter(([value]) => found.has(value));
}

export const CCF = [
  ["A", "A"],
  ["B", "B"],
  ["C", "C"],
  ["none", "未列入"],
  ["unknown", "未查到"],
];
