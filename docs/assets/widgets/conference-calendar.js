// <conference-calendar>: what is past falls away, the rest counts down, can be filtered
// and saved as .ics. Rows, ribbon and lanes were written by the build; they stay as they
// are, and only what the reader's clock and choice change is set.
import { CCF, Filters, occurring, values } from "./filters.js";

const DAY = 86_400_000;
const SOON = 7; // days before a deadline
const GROUPS = [
  ["deadline", "截止"],
  ["review", "评审与答复"],
  ["result", "结果公布"],
  ["camera-ready", "终稿与注册"],
  ["days", "会期"],
];
const CHIPS = [
  ["group", "deadline", "截止"],
  ["group", "result", "结果"],
  ["group", "days", "会期"],
  ["ccf", "A", "CCF A"],
  ["field", "", "我的领域"],
];
const pad = (number) => String(number).padStart(2, "0");
const iso = (date) =>
  `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
/** Days from one ISO date to another. */
const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY);
const put = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

/** How long until an event, in words; null once it is over. Hours only in the last
 *  week: before that nobody plans by them. */
export function remaining({ at, day, last }, now) {
  // A bare day is past when it ends anywhere on Earth, at UTC-12.
  const over = at ? Date.parse(at) : Date.parse(last ?? day) + 1.5 * DAY;
  if (now.getTime() >= over) return null;
  if (at) {
    const minutes = Math.floor((Date.parse(at) - now.getTime()) / 60_000);
    const [d, h] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
    if (d) return d < SOON ? `${d} 天 ${h} 小时` : `${d} 天`;
    return h ? `${h} 小时 ${minutes % 60} 分` : `${minutes} 分`;
  }
  const ahead = days(iso(now), day);
  if (ahead > 0) return `${ahead} 天`;
  if (last && days(iso(now), last) >= 0) return "正在进行";
  return ahead === 0 ? "就在今天" : "在别处还没过完";
}

/** Of a calendar's text, its head and the events whose name is among names. */
export function only(text, names) {
  const [head] = text.split("BEGIN:VEVENT", 1);
  const events = text.match(/BEGIN:VEVENT\r\n[^]*?END:VEVENT\r\n/g) ?? [];
  const name = (event) => event.replaceAll("\r\n ", "").match(/^UID:(.*)@/m)?.[1];
  return `${head}${events.filter((e) => names.has(name(e))).join("")}END:VCALENDAR\r\n`;
}

/** True if a name has a word that begins with one of those asked for: who asks for acl
 *  does not mean NAACL. */
const named = (name, asked) => {
  const words = name.toLowerCase().split(/[\s-]/);
  return asked.some((each) => words.some((word) => word.startsWith(each)));
};

class ConferenceCalendar extends HTMLElement {
  connectedCallback() {
    this.rows = [...this.querySelectorAll(".hb-event")];
    if (!this.rows.length) return;
    for (const row of this.rows) {
      row.dataset.day = row.querySelector("time").dateTime;
    }
    this.left = new Map(this.rows.map((row) => [row, row.querySelector(".hb-left")]));
    this.names = new Map(this.rows.map((row) => [row, row.querySelector("b").textContent]));
    this.count = this.querySelector("output");
    this.months = [...this.querySelectorAll(".hb-month")];
    this.year = this.querySelector(".hb-year");
    this.ticks = [...this.year.querySelectorAll("a")];
    for (const tick of this.ticks) {
      const row = document.getElementById(tick.hash.slice(1));
      tick.dataset.day = row.dataset.day;
    }
    this.lanes = document.querySelector(".hb-strips");
    this.strips = [...(this.lanes?.querySelectorAll("section") ?? [])];
    this.#clock();
    this.filters = new Filters({
      name: "hb-calendar",
      groups: this.#groups(),
      chips: CHIPS,
      items: this.rows,
      answers: (row, words) => named(this.names.get(row), words),
      unit: "个日期",
      show: (shown, filters) => this.#show(shown, filters),
      over: this.over,
      more: this.#save(),
    });
    this.querySelector(".hb-legend").after(this.filters.bar);
    this.year.after(this.filters.empty);
    this.year.addEventListener("keydown", (event) => this.#move(event));
    this.year.addEventListener("click", (event) => this.#near(event));
    this.addEventListener("toggle", ({ target }) => this.#unfold(target), true);
    document.addEventListener("click", (event) => this.#lead(event));
    this.#subscribe();
    this.timer = setInterval(() => this.#clock() && this.filters.apply(), 60_000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  #groups() {
    const fields = this.dataset.fields.split(",").map((field) => field.split(" "));
    const last = ([name]) => (name === "未公布" ? 1 : 0);
    const countries = values(this.rows, "country").sort(
      (a, b) => last(a) - last(b) || b[1] - a[1],
    );
    const legend = "只看这些会议";
    return [
      { key: "q", legend, search: "如 iclr acl" },
      { key: "group", legend: "种类", options: occurring(this.rows, "group", GROUPS) },
      { key: "field", legend: "领域", options: occurring(this.rows, "field", fields) },
      { key: "ccf", legend: "CCF", options: occurring(this.rows, "ccf", CCF) },
      {
        key: "country",
        legend: "国家与地区",
        options: countries.map(([name]) => [name, name]),
        folded: true,
      },
    ];
  }

  /** Count down; true if a row has gone since the last time. */
  #clock() {
    const now = new Date();
    const over = new Set();
    for (const [row, mark] of this.left) {
      const left = remaining(row.dataset, now);
      if (left === null) over.add(row);
      else put(mark, left);
      const near = row.dataset.at && Date.parse(row.dataset.at) - now < SOON * DAY;
      const soon = near || days(iso(now), row.dataset.day) < SOON;
      mark.classList.toggle("hb-soon", row.dataset.group === "deadline" && soon);
    }
    const gone = over.size !== this.over?.size;
    this.over = over;
    if (gone) this.#pass(now);
    if (this.filters) this.filters.over = over;
    return gone;
  }

  /** What lies behind the reader's now, in the lanes. */
  #pass(now) {
    if (!this.lanes) return;
    const { first, last } = this.lanes.dataset;
    const place = days(first, iso(now)) / days(first, last);
    this.lanes.style.setProperty("--now", Math.min(Math.max(place, 0), 1));
    for (const step of this.lanes.querySelectorAll("li:not(.hb-past)")) {
      if (Date.parse(step.dataset.over) <= now) step.classList.add("hb-past");
    }
  }

  #show(shown, filters) {
    const first = new Map(); // of each day and lane, the row that its tick leads to
    for (const row of this.rows) {
      row.hidden = !shown.has(row);
      const { group, day } = row.dataset;
      const key = `${day} ${group === "review" ? "camera-ready" : group}`;
      if (!row.hidden && !first.has(key)) first.set(key, row);
    }
    for (const month of this.months) {
      const n = month.querySelectorAll(".hb-event:not([hidden])").length;
      month.hidden = n === 0;
      put(month.querySelector("small"), String(n));
    }
    for (const tick of this.ticks) {
      const row = first.get(`${tick.dataset.day} ${tick.parentNode.dataset.group}`);
      tick.hidden = !row;
      if (row && tick.hash !== `#${row.id}`) tick.hash = row.id;
    }
    this.#reach();
    const words = [...filters.chosen.q];
    const rest = { ...filters.chosen, q: new Set() };
    for (const strip of this.strips) {
      const name = words.length ? strip.querySelector("h3").textContent : "";
      strip.hidden =
        !filters.fits(strip, rest) || (words.length > 0 && !named(name, words));
    }
    put(this.count, `${shown.size} 个日期`);
  }

  /** What a row shows only when it is unfolded: the reader's own time, a file of it. */
  #unfold(row) {
    if (!row.open || !this.left.has(row) || row.dataset.full) return;
    row.dataset.full = "";
    const zones = row.querySelector(".hb-zones");
    const here = row.dataset.at && new Date(row.dataset.at);
    if (here && here.getTimezoneOffset() !== -480) {
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const time = `${iso(here)} ${pad(here.getHours())}:${pad(here.getMinutes())}`;
      zones.append(` · 你的时区（${zone}）${time}`);
    }
    const save = this.#saver("加入日历（.ics）", () => [row.id]);
    if (save) row.querySelector(".hb-source").append(" ", save);
  }

  /** For the sheet: a file of all that is shown. */
  #save() {
    const save = this.#saver("存成 .ics", () =>
      [...this.filters.shown].map(({ id }) => id),
    );
    return save ? [save] : [];
  }

  /** A button that saves some events of the feed of all; none without that feed. */
  #saver(label, names) {
    const all = document.querySelector('td > a[href$="/all.ics"]');
    if (!all) return null;
    const save = document.createElement("button");
    Object.assign(save, { type: "button", className: "hb-save", textContent: label });
    save.addEventListener("click", async () => {
      try {
        const text = only(await (await fetch(all.href)).text(), new Set(names()));
        const file = document.createElement("a");
        file.href = URL.createObjectURL(new Blob([text], { type: "text/calendar" }));
        file.download = "conferences.ics";
        file.click();
        setTimeout(() => URL.revokeObjectURL(file.href), 60_000);
      } catch {
        save.textContent = "没有取到日历，请再试";
      }
    });
    return save;
  }

  /** Beside each feed its address to subscribe to. */
  #subscribe() {
    const files = [...document.querySelectorAll('td > a[href$=".ics"]')];
    for (const file of files.filter(({ protocol }) => protocol.startsWith("http"))) {
      const subscribe = document.createElement("a");
      subscribe.href = file.href.replace(/^https?/, "webcal");
      subscribe.textContent = "订阅";
      file.after(" · ", subscribe);
    }
  }

  /** A link of the ribbon or a lane unfolds the row that it leads to. */
  #lead({ target }) {
    const link = target.closest?.(".hb-year a, .hb-strip a");
    const row = link && document.getElementById(link.hash.slice(1));
    if (!this.left.has(row)) return;
    row.open = true;
    // After the link itself has been followed, which takes the focus away.
    setTimeout(() => row.querySelector("summary").focus({ preventScroll: true }));
  }

  /** A finger beside a tick means the nearest one of the lane. */
  #near({ target, clientX }) {
    const lane = target.closest("[data-group]");
    if (!lane || target.closest("a")) return;
    const off = (tick) => Math.abs(tick.getBoundingClientRect().x - clientX);
    const [tick] = [...lane.querySelectorAll("a:not([hidden])")].sort((a, b) => off(a) - off(b));
    if (tick && off(tick) < 24) tick.click();
  }

  /** One tick of the ribbon can be reached with Tab, the others with arrows. */
  #reach() {
    const here = this.ticks.find((tick) => tick === document.activeElement);
    const first = this.ticks.find((tick) => !tick.hidden);
    const to = here && !here.hidden ? here : first;
    for (const tick of this.ticks) {
      const index = tick === to ? 0 : -1;
      if (tick.tabIndex !== index) tick.tabIndex = index;
    }
    if (here?.hidden) to?.focus();
  }

  #move(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const ticks = this.ticks.filter(({ hidden }) => !hidden);
    const at = ticks.indexOf(document.activeElement);
    const ends = { Home: 0, End: ticks.length - 1 };
    const to = ends[event.key] ?? at + (steps[event.key] ?? 0);
    if (at < 0 || to === at || !ticks[to]) return;
    event.preventDefault();
    ticks[at].tabIndex = -1;
    ticks[to].tabIndex = 0;
    ticks[to].focus();
  }
}

customElements.define("conference-calendar", ConferenceCalendar);
