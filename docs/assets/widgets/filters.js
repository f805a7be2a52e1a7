// Groups of check boxes whose choice stands in the address and is remembered.

export class Filters {
  /** groups: [{key, legend, options: [[value, label], …]}]; apply(chosen) is called at
   *  once and at each change with {key: Set of values}; an empty set means all. */
  constructor(name, groups, apply) {
    this.name = name;
    this.groups = groups;
    this.apply = apply;
    this.form = document.createElement("form");
    this.form.className = "hb-filters";
    this.form.append(...groups.map((group) => this.#fieldset(group)));
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
    this.form.addEventListener("change", () => this.#changed());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.#set(this.#inAddress() ?? this.#remembered() ?? {});
    this.#changed();
  }

  /** {key: Set of the values that are ticked}. */
  get chosen() {
    const boxes = [...this.form.querySelectorAll("input:checked")];
    const of = (key) => boxes.filter((box) => box.name === key).map((box) => box.value);
    return Object.fromEntries(this.groups.map(({ key }) => [key, new Set(of(key))]));
  }

  #fieldset({ key, legend, options }) {
    const set = document.createElement("fieldset");
    const title = document.createElement("legend");
    title.textContent = legend;
    set.append(title);
    for (const [value, text] of options) {
      const label = document.createElement("label");
      const box = document.createElement("input");
      Object.assign(box, { type: "checkbox", name: key, value });
      label.append(box, document.createTextNode(text));
      set.append(label);
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
      box.checked = Boolean(values[box.name]?.includes?.(box.value));
    }
  }

  #changed() {
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
      localStorage.setItem(this.name, JSON.stringify(kept));
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
