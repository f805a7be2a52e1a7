// <conference-atlas>: filters for the venues of the page, which the build wrote.
import { CCF, Filters, occurring } from "./filters.js";

const KINDS = [
  ["conference", "会议"],
  ["workshop", "研讨会系列"],
  ["journal", "期刊"],
  ["review-platform", "评审平台"],
  ["event", "大会与论坛"],
];
const CHIPS = [
  ["ccf", "A", "CCF A"],
  ["ccf", "B", "CCF B"],
  ["kind", "workshop", "研讨会系列"],
  ["field", "", "我的领域"],
];

class ConferenceAtlas extends HTMLElement {
  connectedCallback() {
    const venues = [...document.querySelectorAll(".hb-venue")];
    if (!venues.length) return;
    const fields = [...document.querySelectorAll(".hb-field")];
    const known = this.dataset.fields.split(",").map((field) => field.split(" "));
    const names = [...document.querySelectorAll(".hb-grid td a")];
    const venueOf = new Map(
      venues.map((venue) => [venue.querySelector("h3").id, venue]),
    );
    for (const due of document.querySelectorAll(".hb-venue b[data-over]")) {
      due.hidden = Date.parse(due.dataset.over) <= Date.now();
    }
    const legend = "按名称或内容筛选";
    const count = this.querySelector("output");
    const empty = new Map();
    const text = new Map();
    const words = (venue) => {
      if (!text.has(venue)) text.set(venue, venue.textContent.toLowerCase());
      return text.get(venue);
    };
    const filters = new Filters({
      name: "hb-atlas",
      groups: [
        { key: "q", legend, search: "如 对齐 教程" },
        { key: "field", legend: "领域", options: occurring(venues, "field", known) },
        { key: "ccf", legend: "CCF", options: occurring(venues, "ccf", CCF) },
        { key: "kind", legend: "种类", options: occurring(venues, "kind", KINDS) },
      ],
      chips: CHIPS,
      items: venues,
      answers: (venue, asked) => asked.every((word) => words(venue).includes(word)),
      unit: "个会议",
      show: (shown) => {
        for (const venue of venues) venue.hidden = !shown.has(venue);
        for (const field of fields) {
          const none = !field.querySelector(".hb-venue:not([hidden])");
          if (none && !empty.has(field)) {
            const line = document.createElement("p");
            line.textContent = "这一领域没有符合条件的会议。";
            empty.set(field, line);
            field.append(line);
          } else if (!none) {
            empty.get(field)?.remove();
            empty.delete(field);
          }
        }
        for (const name of names) {
          name.classList.toggle("hb-off", !shown.has(venueOf.get(name.hash.slice(1))));
        }
        count.textContent = `${shown.size} 个会议`;
      },
    });
    // Not inside: the bar stays in sight as long as the list that follows.
    this.after(filters.bar, filters.empty);
  }
}

customElements.define("conference-atlas", ConferenceAtlas);
