// Groups of check boxes and a line of words; the choice stands in the address and is
// remembered.

export class Filters {
  /** groups: [{key, legend, options: [[value, label], …]}], or {key, legend, search:
   *  placeholder} for a line of words. apply(chosen) is called at once and at each
   *  change with {key: Set of values or words}; an empty set means all. */
  constructor(name, groups, apply) {
    this.name = name;
    this.groups = groups;
    this.apply = apply;
    this.form = document.createElement("form");
    this.form.className = "hb-filters";
    this.form.append(
      ...groups.map((group) => (group.search ? this.#line(group) : this.#fieldset(group))),
    );
    const reset = document.createElement("button");
    reset.type = "button";
    reset.className = "hb-reset";
    reset.textContent = "清除筛选";
    reset.addEventListener("click", () => {
      this.#set({});
      this.#changed();
    });
    this.count = document.createElement("output");
    this.form.append(reset, this.count);
    this.form.addEventListener("input", () => this.apply(this.chosen));
    this.form.addEventListener("change", () => this.#changed());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#changed();
    });
    this.#set(this.#inAddress() ?? this.#remembered() ?? {});
    this.#changed();
    this.#reveal();
    addEventListener("hashchange", () => this.#reveal());
  }

  /** {key: Set of the values that are ticked, or of the words in its line}. */
  get chosen() {
    const boxes = [...this.form.querySelectorAll("input:checked")];
    const of = ({ key, search }) =>
      search
        ? this.form.elements[key].value.toLowerCase().split(/[\s,，、]+/).filter(Boolean)
        : boxes.filter((box) => box.name === key).map((box) => box.value);
    return Object.fromEntries(this.groups.map((g) => [g.key, new Set(of(g))]));
  }

  /** Where a link leads must be seen, whatever is ticked; what is remembered stays. */
  #reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("[hidden]")) return;
    this.#set({});
    this.#changed(false);
    target.scrollIntoView();
  }

  #line({ key, legend, search }) {
    const box = document.createElement("input");
    Object.assign(box, { type: "search", name: key, placeholder: search });
    box.ariaLabel = legend;
    return box;
  }

  #fieldset({ key, legend, options }) {
    const set = document.createElement("fieldset");
    const title = document.createElement("legend");
    const boxes = document.createElement("div");
    title.textContent = legend;
    set.append(title, boxes);
    for (const [value, text] of options) {
      const label = document.createElement("label");
      const box = document.createElement("input");
      Object.assign(box, { type: "checkbox", name: key, value });
      label.append(box, document.createTextNode(text));
      boxes.append(label);
    }
    return set;
  }

  #inAddress() {
    const asked = new URLSearchParams(location.search);
    const found = this.groups.filter(({ key }) => asked.has(key));
    if (!found.length) return null;
    return Object.fromEntries(found.map(({ key }) => [key, asked.get(key).split(".")]));
  }

  #remembered() {
    try {
      return JSON.parse(localStorage.getItem(this.name));
    } catch {
      return null; // no storage, or not ours
    }
  }

  #set(values) {
    for (const box of this.form.querySelectorAll("input")) {
      const given = Array.isArray(values[box.name]) ? values[box.name] : [];
      if (box.type === "search") box.value = given.join(" ");
      else box.checked = given.includes(box.value);
    }
  }

  #changed(remember = true) {
    const chosen = this.chosen;
    const address = new URL(location.href);
    const kept = {};
    for (const [key, values] of Object.entries(chosen)) {
      address.searchParams.delete(key);
      if (!values.size) continue;
      kept[key] = [...values];
      address.searchParams.set(key, kept[key].join("."));
    }
    history.replaceState(history.state, "", address);
    try {
      if (remember) localStorage.setItem(this.name, JSON.stringify(kept));
    } catch {
      // private windows may refuse; the address still holds the choice
    }
    this.apply(chosen);
  }
}

/** True if an element's data fit what is chosen. */
export function fits(element, chosen) {
  return Object.entries(chosen).every(
    ([key, values]) =>
      !values.size || !(key in element.dataset) || values.has(element.dataset[key]),
  );
}

/** The values of data-key among elements with their number: [[value, n], …]. */
export function values(elements, key) {
  const counts = new Map();
  for (const { dataset } of elements) {
    if (key in dataset) counts.set(dataset[key], (counts.get(dataset[key]) ?? 0) + 1);
  }
  return [...counts];
}

export const CCF = { A: "A", B: "B", C: "C", none: "未列入", unknown: "未查到" };
