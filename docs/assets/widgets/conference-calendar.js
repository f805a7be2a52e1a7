// <conference-calendar>: what is past falls away, the rest counts down, can be filtered
// and saved as .ics; a year of small months leads to it. The list inside is the data.
import { CCF, Filters, fits, values } from "./filters.js";

const DAY = 86_400_000;
const GROUPS = {
  deadline: "截止",
  review: "评审与答复",
  result: "结果公布",
  "camera-ready": "终稿与注册",
  days: "会期",
};
const pad = (number) => String(number).padStart(2, "0");
const iso = (date) =>
  `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
/** Days from one ISO date to another. */
const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY);

/** How long until an event, in words; null once it is over. */
export function remaining({ at, day, last, over }, now) {
  if (now.getTime() >= Date.parse(over)) return null;
  if (at) {
    const minutes = Math.floor((Date.parse(at) - now.getTime()) / 60_000);
    const [d, h] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
    if (d) return `还有 ${d} 天 ${h} 小时`;
    return h ? `还有 ${h} 小时 ${minutes % 60} 分` : `还有 ${minutes} 分`;
  }
  const ahead = days(iso(now), day);
  if (ahead > 0) return `还有 ${ahead} 天`;
  if (last && days(iso(now), last) >= 0) return "正在进行";
  return ahead === 0 ? "就在今天" : "这一天在别处还没有过完";
}

/** Of a calendar's text, its head and the events whose name is among names. */
export function only(text, names) {
  const [head] = text.split("BEGIN:VEVENT", 1);
  const events = text.match(/BEGIN:VEVENT\r\n[^]*?END:VEVENT\r\n/g) ?? [];
  const name = (event) => event.replaceAll("\r\n ", "").match(/^UID:(.*)@/m)?.[1];
  return `${head}${events.filter((e) => names.has(name(e))).join("")}END:VCALENDAR\r\n`;
}

class ConferenceCalendar extends HTMLElement {
  connectedCallback() {
    this.events = [...this.querySelectorAll(".hb-event")];
    this.strips = [...document.querySelectorAll(".hb-strips > section")];
    if (!this.events.length) return;
    this.#localTimes();
    this.line = this.querySelector(".hb-built");
    this.year = document.createElement("div");
    this.year.className = "hb-year";
    this.year.setAttribute("role", "group");
    this.year.setAttribute("aria-label", "一年的月历，方向键在有事的日子之间移动");
    this.year.addEventListener("keydown", (event) => this.#move(event));
    this.folded = document.createElement("details");
    this.folded.open = matchMedia("(min-width: 45em)").matches; // on a phone it is long
    this.folded.append(document.createElement("summary"), this.year);
    this.folded.firstChild.textContent = "一年的月历";
    this.folded.addEventListener("toggle", () => this.stale && this.#draw(new Date()));
    this.filters = new Filters("hb-calendar", this.#groups(), (chosen) => {
      this.chosen = chosen;
      this.#show(); // at once, and at each change
    });
    this.filters.count.textContent = this.count;
    this.prepend(this.filters.form, this.folded);
    this.#feeds();
    this.timer = setInterval(() => this.#show(), 60_000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  #groups() {
    const names = (key, words) =>
      Object.entries(words).filter(([value]) =>
        this.events.some(({ dataset }) => dataset[key] === value),
      );
    const fields = values(this.events, "field")
      .sort((a, b) => b[1] - a[1])
      .map(([slug]) => [
        slug,
        this.events.find(({ dataset }) => dataset.field === slug).dataset.fieldName,
      ]);
    const last = ([name]) => (name === "未公布" ? 1 : 0);
    const countries = values(this.events, "country").sort(
      (a, b) => last(a) - last(b) || b[1] - a[1],
    );
    return [
      { key: "q", legend: "只看这些会议", search: "只看这些会议，如：iclr acl kdd" },
      { key: "group", legend: "种类", options: names("group", GROUPS) },
      { key: "field", legend: "领域", options: fields },
      { key: "ccf", legend: "CCF", options: names("ccf", CCF) },
      {
        key: "country",
        legend: "国家与地区",
        options: countries.map(([name]) => [name, name]),
      },
    ];
  }

  /** Beijing time is written; a reader elsewhere gets the own time beside it. */
  #localTimes() {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const event of this.events.filter(({ dataset }) => dataset.at)) {
      const here = new Date(event.dataset.at);
      if (here.getTimezoneOffset() === -480) continue;
      const time = `${iso(here)} ${pad(here.getHours())}:${pad(here.getMinutes())}`;
      event.querySelector(".hb-zones").append(` · 你的时区（${zone}）${time}`);
    }
  }

  /** Beside each feed its address to subscribe to; in the form, a file of the rest. */
  #feeds() {
    const files = [...document.querySelectorAll('td > a[href$=".ics"]')];
    for (const file of files.filter(({ protocol }) => protocol.startsWith("http"))) {
      const subscribe = document.createElement("a");
      subscribe.href = file.href.replace(/^https?/, "webcal");
      subscribe.textContent = "订阅";
      file.after(" · ", subscribe);
    }
    const all = files.find(({ pathname }) => pathname.endsWith("/all.ics"));
    if (!all) return;
    const save = document.createElement("button");
    Object.assign(save, { type: "button", className: "hb-reset" });
    save.textContent = "存成 .ics";
    save.addEventListener("click", async () => {
      try {
        const shown = this.events.filter(({ hidden }) => !hidden).map(({ id }) => id);
        const text = only(await (await fetch(all.href)).text(), new Set(shown));
        const file = document.createElement("a");
        file.href = URL.createObjectURL(new Blob([text], { type: "text/calendar" }));
        file.download = "conferences.ics";
        file.click();
        setTimeout(() => URL.revokeObjectURL(file.href), 60_000);
      } catch {
        save.textContent = "没有取到日历，请再试";
      }
    });
    this.filters.form.lastChild.before(save);
  }

  #show() {
    const now = new Date();
    let shown = 0;
    for (const event of this.events) {
      const left = remaining(event.dataset, now);
      const asked = fits(event, this.chosen) && this.#named(event, "a");
      event.hidden = left === null || !asked;
      let mark = event.querySelector(".hb-left");
      if (!mark) {
        mark = document.createElement("span");
        mark.className = "hb-left";
        event.querySelector(".hb-event-head").append(mark);
      }
      if (mark.textContent !== left) mark.textContent = left ?? "";
      shown += event.hidden ? 0 : 1;
    }
    for (const month of this.querySelectorAll(".hb-month")) {
      month.hidden = !month.querySelector(".hb-event:not([hidden])");
    }
    for (const strip of this.strips) {
      strip.hidden = !fits(strip, this.chosen) || !this.#named(strip, "h3");
      const steps = [...strip.querySelectorAll(".hb-strip > li")];
      for (const step of steps) {
        step.classList.toggle("hb-past", Date.parse(step.dataset.over) <= now.getTime());
      }
    }
    this.line.textContent =
      `从你的今天 ${iso(now)} 算起，符合条件的有 ${shown} 个日期；` +
      `数据构建于 ${this.dataset.built}。`;
    this.count = `${shown} 个日期`;
    if (this.filters) this.filters.count.textContent = this.count;
    this.#draw(now);
  }

  /** True if no conference is asked for by name, or this one is. */
  #named(element, selector) {
    const asked = [...this.chosen.q];
    const names = element.querySelector(selector).textContent.toLowerCase().split(/[\s-]/);
    // From the start of a word: who asks for acl does not mean NAACL.
    return !asked.length || asked.some((w) => names.some((name) => name.startsWith(w)));
  }

  /** Twelve small months, once they are unfolded; a day that has events is a button
   *  that leads to them. */
  #draw(now) {
    this.stale = !this.folded.open;
    if (this.stale) return;
    const found = new Map();
    for (const event of this.events.filter((event) => !event.hidden)) {
      const { day, last } = event.dataset;
      for (let n = 0; n <= (last ? days(day, last) : 0); n += 1) {
        const key = new Date(Date.parse(day) + n * DAY).toISOString().slice(0, 10);
        found.set(key, [...(found.get(key) ?? []), event]);
      }
    }
    const focused = this.year.querySelector(":focus")?.dataset.day;
    const months = [];
    for (let n = 0; n < 13; n += 1) {
      const first = new Date(now.getFullYear(), now.getMonth() + n, 1);
      months.push(this.#month(first, found, iso(now)));
    }
    this.year.replaceChildren(...months);
    const buttons = [...this.year.querySelectorAll("button")];
    const tabbable = buttons.find(({ dataset }) => dataset.day === focused) ?? buttons[0];
    if (tabbable) tabbable.tabIndex = 0;
    if (focused) tabbable?.focus();
  }

  #month(first, found, today) {
    const table = document.createElement("table");
    table.className = "hb-small-month";
    const [year, month] = [first.getFullYear(), first.getMonth()];
    table.createCaption().textContent = `${year}-${pad(month + 1)}`;
    const length = new Date(year, month + 1, 0).getDate();
    let row = table.insertRow();
    for (let blank = (first.getDay() + 6) % 7; blank > 0; blank -= 1) row.insertCell();
    for (let date = 1; date <= length; date += 1) {
      if (row.cells.length === 7) row = table.insertRow();
      const cell = row.insertCell();
      const day = `${year}-${pad(month + 1)}-${pad(date)}`;
      if (day === today) cell.setAttribute("aria-current", "date");
      const events = found.get(day);
      if (!events) {
        cell.textContent = date;
        continue;
      }
      const button = document.createElement("button");
      const deadline = events.some(({ dataset }) => dataset.group === "deadline");
      Object.assign(button, { type: "button", textContent: date, tabIndex: -1 });
      button.dataset.day = day;
      button.className = deadline ? "hb-deadline" : "";
      button.ariaLabel = `${day}，${events.length} 个日期`;
      button.title = events
        .map((event) => event.querySelector("a").textContent)
        .join("、");
      button.addEventListener("click", () => {
        events[0].tabIndex = -1;
        events[0].scrollIntoView({ block: "center" });
        events[0].focus({ preventScroll: true });
      });
      cell.append(button);
    }
    return table;
  }

  #move(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const buttons = [...this.year.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    const ends = { Home: 0, End: buttons.length - 1 };
    const to = ends[event.key] ?? at + (steps[event.key] ?? 0);
    if (at < 0 || to === at || !buttons[to]) return;
    event.preventDefault();
    buttons[at].tabIndex = -1;
    buttons[to].tabIndex = 0;
    buttons[to].focus();
  }
}

customElements.define("conference-calendar", ConferenceCalendar);
