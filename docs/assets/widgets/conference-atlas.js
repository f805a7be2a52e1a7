// <conference-atlas>: filters for the cards of the page.
import { CCF, Filters, fits, values } from "./filters.js";

const KINDS = {
  conference: "会议",
  workshop: "研讨会系列",
  journal: "期刊",
  "review-platform": "评审平台",
  event: "大会与论坛",
};

class ConferenceAtlas extends HTMLElement {
  connectedCallback() {
    const cards = [...document.querySelectorAll(".hb-venue")];
    const count = (key, words) => {
      const found = new Map(values(cards, key));
      return Object.entries(words)
        .filter(([value]) => found.has(value))
        .map(([value, word]) => [value, `${word}（${found.get(value)}）`]);
    };
    const groups = [
      { key: "q", legend: "按名称或内容筛选", search: "名称或内容，如：对齐 教程" },
      { key: "ccf", legend: "CCF", options: count("ccf", CCF) },
      { key: "kind", legend: "种类", options: count("kind", KINDS) },
    ];
    const empty = new Map();
    const show = (chosen) => {
      const words = [...chosen.q];
      let shown = 0;
      for (const card of cards) {
        const text = card.textContent.toLowerCase();
        card.hidden = !fits(card, chosen) || !words.every((word) => text.includes(word));
        shown += card.hidden ? 0 : 1;
      }
      for (const field of document.querySelectorAll(".hb-field")) {
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
      if (this.filters) this.filters.count.textContent = `${shown} 张卡片`;
      else this.shown = shown;
    };
    this.filters = new Filters("hb-atlas", groups, show);
    this.filters.count.textContent = `${this.shown} 张卡片`;
    this.append(this.filters.form);
  }
}

customElements.define("conference-atlas", ConferenceAtlas);
