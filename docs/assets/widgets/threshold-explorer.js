// <threshold-explorer>: 190 scored cases, a threshold to drag, and what follows from it.
// The scores stand as JSON inside the tag. First the arithmetic, which is that of
// handbook/widgets/threshold_explorer.py: both must agree with scikit-learn. A threshold
// is a whole number of thousandths; prevalence is in per cent.

import { button, chips, frame, make } from "./tool.js";

/** Above every score: nobody is called malignant. */
export const NOBODY = 1001;

/** Every threshold at which a count changes, from the strictest down. */
export const thresholds = ({ malignant, benign }) =>
  [...new Set([NOBODY, ...malignant, ...benign])].sort((a, b) => b - a);

/** Of the cases: true positives, missed ones, false alarms, true negatives. */
export function counts({ malignant, benign }, k) {
  const tp = malignant.filter((score) => score >= k).length;
  const fp = benign.filter((score) => score >= k).length;
  return [tp, malignant.length - tp, fp, benign.length - fp];
}

/** What a threshold does to 1,000 people; NaN where there is nothing to divide. */
export function rates(scores, { k, prevalence, alarm, miss }) {
  const [true_, missed, false_, clear] = counts(scores, k);
  const recall = true_ / (true_ + missed);
  const specificity = clear / (false_ + clear);
  const ill = 10 * prevalence;
  const well = 1000 - 10 * prevalence;
  const [tp, fn] = [ill * recall, (ill * missed) / (true_ + missed)];
  const [fp, tn] = [(well * false_) / (false_ + clear), well * specificity];
  return {
    tp,
    fn,
    fp,
    tn,
    recall,
    specificity,
    ppv: tp / (tp + fp),
    npv: tn / (tn + fn),
    f1: (2 * tp) / (2 * tp + fp + fn),
    accuracy: (tp + tn) / 1000,
    cost: alarm * fp + miss * fn,
  };
}

/** The threshold of the least cost; of several, the strictest. */
export function cheapest(scores, costs) {
  let [best, least] = [NOBODY, Infinity];
  for (const k of thresholds(scores)) {
    const { cost } = rates(scores, { ...costs, k });
    if (cost < least - 1e-9) [best, least] = [k, cost];
  }
  return best;
}

/** The best threshold if the scores were probabilities at the cases' prevalence. */
export function byFormula({ malignant, benign }, { prevalence, alarm, miss }) {
  const odds =
    (((alarm / miss) * (100 - prevalence)) / prevalence) * (malignant.length / benign.length);
  return odds / (1 + odds);
}

/** Under the ROC curve: of all pairs, how many stand in order; a tie is a half. */
export function area({ malignant, benign }) {
  let won = 0;
  for (const m of malignant) for (const b of benign) won += m > b ? 1 : m === b ? 0.5 : 0;
  return won / (malignant.length * benign.length);
}

/** The precision over the steps of recall, at this prevalence. */
export function averagePrecision(scores, prevalence) {
  let [total, before] = [0, 0];
  for (const k of thresholds(scores).slice(1)) {
    const { recall, ppv } = rates(scores, { k, prevalence, alarm: 1, miss: 1 });
    total += (recall - before) * ppv;
    before = recall;
  }
  return total;
}

/** On which level each score's dot lies: none nearer on its level than `apart`. */
export function swarm(scores, apart) {
  const last = []; // of each level, its last score
  return scores.map((score) => {
    let level = last.findIndex((at) => score - at >= apart);
    if (level < 0) level = last.length;
    last[level] = score;
    return level;
  });
}

/** The fields: what the address calls them, their bounds, what the sliders stop at. */
const FIELDS = {
  k: { key: "threshold", label: "阈值", min: 0, max: 1.001 },
  prevalence: {
    key: "prevalence",
    label: "患病率（%）",
    min: 0.1,
    max: 99.9,
    stops: [
      ...[0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 25, 30, 37.37],
      ...[45, 50, 60, 70, 80, 90, 95, 99],
    ],
  },
  alarm: { key: "fp", label: "误报代价" },
  miss: { key: "fn", label: "漏诊代价" },
};
for (const name of ["alarm", "miss"]) {
  const stops = [0.1, 0.2, 0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100];
  Object.assign(FIELDS[name], { min: 0.1, max: 1000, stops });
}
const FREE = "自己试：拖动阈值，再改患病率和两种代价，看哪些数变，哪些不变。";
const LATER = 400; // milliseconds: until it is said aloud, and written into the address
const KEYS = {
  ...{ ArrowLeft: -10, ArrowDown: -10, ArrowRight: 10, ArrowUp: 10 },
  ...{ PageDown: -100, PageUp: 100, Home: -NOBODY, End: NOBODY },
};

const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
const nearest = (table, x) =>
  table.reduce((best, value, i) => (Math.abs(value - x) < Math.abs(table[best] - x) ? i : best), 0);
const asked = ({ label, min, max }) => `「${label}」要填 ${min} 到 ${max} 之间的数`;
/** A rate to three digits, people or a cost as short as is honest. */
const rate = (x) => (Number.isNaN(x) ? "—" : x.toFixed(3));
export const amount = (x) => {
  const digits = x >= 99.5 ? 0 : 1;
  return String(Number(x.toFixed(x > 0 && x < 1 ? 2 : digits)));
};
const percent = (x) => `${Number((100 * x).toPrecision(3))}%`;

/** What stands at a place in a picture, by its start, its end or its middle. */
const text = (x, y, words, anchor = "start") =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;
const path = (name, d) => `<path class="hb-${name}" d="${d}"/>`;

/** The marks of the threshold and of the cheapest one, where there is a place for them. */
const dot = (x, y) => (Number.isNaN(y) ? "" : `<circle cx="${x}" cy="${y}" r="5"/>`);
const diamond = (x, y) =>
  Number.isNaN(y) ? "" : path("least", `M${x} ${y - 8}l8 8-8 8-8-8z`);

/** The settings of an address, `first` for what it leaves out, and what is wrong in it. */
export function read(hash, first) {
  const given = new URLSearchParams(hash.includes("=") ? hash.slice(1) : ""); // else a heading
  const now = { ...first };
  let known = false;
  let fault = "";
  for (const [name, field] of Object.entries(FIELDS)) {
    const text = given.get(field.key);
    if (text === null) continue;
    known = true;
    const value = text.trim() ? Number(text) : NaN;
    if (value >= field.min && value <= field.max) {
      now[name] = name === "k" ? Math.round(1000 * value) : value;
    } else fault ||= `链接里的 ${field.key}=${text} 不能用：${asked(field)}`;
  }
  return { known, now, fault };
}

export const written = ({ k, prevalence, alarm, miss }) =>
  `#threshold=${k / 1000}&prevalence=${prevalence}&fp=${alarm}&fn=${miss}`;

class ThresholdExplorer extends HTMLElement {
  connectedCallback() {
    if (this.now) return;
    const { data, body } = frame(this, () => this.#learn(data.lessons[0]));
    this.scores = data;
    this.all = thresholds(data);
    this.area = area(data);
    const { threshold, prevalence, alarm, miss } = data.lessons[0];
    this.first = { k: threshold, prevalence, alarm, miss };
    const row = make("div");
    const lessons = data.lessons.map((lesson) => [lesson.name, lesson]);
    this.press = chips(row, "练习", lessons, (lesson) => this.#learn(lesson));
    this.task = make("p", { className: "hb-task" });
    this.fault = make("p", { className: "hb-fault", role: "alert" });
    this.law = make("p", { className: "hb-law" });
    this.aloud = make("output", { className: "hb-aloud", ariaLive: "polite" });
    this.people = make("div", { className: "hb-people" });
    this.tiles = make("div", { className: "hb-rates" });
    this.curves = make("div", { className: "hb-curves" });
    this.typed = {};
    this.sliders = {};
    const field = this.#field();
    const under = [this.#stepper(), this.fault, this.#knobs()];
    const results = [this.people, this.#cells(), this.tiles, this.law, this.curves];
    body.replaceChildren(row, this.task, field, ...under, ...results, this.aloud);
    addEventListener("hashchange", () => this.#open(true));
    if (!this.#open()) this.#learn(data.lessons[0]);
    new ResizeObserver(() => this.#draw()).observe(this.plot);
  }

  /** Take what the address says; whether it says anything. */
  #open(again) {
    const { known, now, fault } = read(location.hash, this.first);
    if (!known) return false;
    this.#set(now);
    this.fault.textContent = fault;
    if (again) this.scrollIntoView();
    return true;
  }

  /** The dots of both classes, the cost under them, and the threshold across. */
  #field() {
    this.plot = make("div", { className: "hb-plot" });
    this.plot.innerHTML = '<svg role="img"></svg>';
    this.handle = make("span", { className: "hb-cut", tabIndex: 0, role: "slider" });
    Object.assign(this.handle, { ariaValueMin: 0, ariaValueMax: FIELDS.k.max });
    this.handle.ariaLabel = "阈值（拖动，或用方向键；按住 Shift 更细）";
    this.plot.append(this.handle);
    let [from, grip] = [0, 0]; // where it was pressed, and how far from the handle's middle
    let held = false; // by the handle: only a move counts then
    const to = ({ clientX }) => this.#set({ k: this.#value(clientX - grip) });
    this.plot.addEventListener("pointerdown", ({ pointerId, button: which, target, clientX }) => {
      const { left, width } = this.handle.getBoundingClientRect();
      held = target === this.handle;
      [from, grip] = [clientX, held ? clientX - left - width / 2 : 0];
      if (which === 0) this.plot.setPointerCapture(pointerId);
    });
    this.plot.addEventListener("pointermove", (event) => {
      if (!this.plot.hasPointerCapture(event.pointerId) || event.clientX === from) return;
      from = NaN;
      to(event);
    });
    this.plot.addEventListener("click", (event) => {
      if (!held) to(event);
      this.handle.focus({ preventScroll: true });
    });
    this.handle.addEventListener("keydown", (event) => {
      let by = KEYS[event.key];
      if (event.shiftKey) by = Math.sign(by);
      if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      this.#set({ k: this.now.k + by });
    });
    return this.plot;
  }

  /** The threshold from case to case, typed, and to the cheapest. */
  #stepper() {
    const by = (face, name, next) =>
      button(face, () => this.#set({ k: next() ?? this.now.k }), { ariaLabel: name, title: name });
    const less = by("◀", "左移到上一个得分", () => this.all.find((k) => k < this.now.k));
    const more = by("▶", "右移到下一个得分", () => this.all.findLast((k) => k > this.now.k));
    const best = button("跳到最便宜的阈值", () => this.#set({ k: this.best }));
    best.className = "hb-best";
    const typed = make("label", {}, "阈值 ", this.#number("k"));
    return make("div", { className: "hb-steps-row" }, less, typed, more, best);
  }

  /** A field to type into: what is wrong is said, and changes nothing. */
  #number(name) {
    const { label, min, max } = FIELDS[name];
    const made = make("input", { type: "number", step: "any", min, max, required: true });
    Object.assign(made, { ariaLabel: `${label}（填数）`, inputMode: "decimal" });
    made.addEventListener("input", () => {
      const fits = made.checkValidity();
      if (fits) this.#set({ [name]: this.#typedValue(name) });
      else this.fault.textContent = asked(FIELDS[name]);
    });
    this.typed[name] = made;
    return made;
  }

  #typedValue(name) {
    const value = this.typed[name].valueAsNumber;
    return name === "k" ? Math.round(1000 * value) : value;
  }

  /** Prevalence and both costs: a slider each, and a field for what it leaves out. */
  #knobs() {
    const knob = (name) => {
      const { label, stops } = FIELDS[name];
      const slider = make("input", { type: "range", min: 0, max: stops.length - 1 });
      slider.ariaLabel = label;
      slider.addEventListener("input", () => this.#set({ [name]: stops[slider.valueAsNumber] }));
      this.sliders[name] = slider;
      return make("div", {}, make("span", {}, label, this.#number(name)), slider);
    };
    return make("div", { className: "hb-knobs" }, ...["prevalence", "alarm", "miss"].map(knob));
  }

  /** Of 1,000 people the four cells, as they lie in the bar. */
  #cells() {
    const names = { fn: "漏诊 FN", tp: "查出 TP", fp: "误报 FP", tn: "放行 TN" };
    this.cells = {};
    const made = Object.entries(names).map(([name, text]) => {
      this.cells[name] = make("b");
      const swatch = make("i", { className: `hb-${name}` });
      return make("span", {}, this.cells[name], make("span", {}, swatch, text));
    });
    return make("div", { className: "hb-cells" }, ...made);
  }

  #learn({ threshold: k, ...lesson }) {
    const { prevalence, alarm, miss } = lesson;
    this.lesson = this.scores.lessons.find(({ name }) => name === lesson.name);
    this.#set({ k, prevalence, alarm, miss });
  }

  #set(change) {
    this.now = { ...this.now, ...change };
    this.now.k = clamp(this.now.k, 0, NOBODY);
    const same = (lesson) =>
      ["prevalence", "alarm", "miss"].every((name) => lesson[name] === this.now[name]);
    if (!this.lesson || !same(this.lesson)) {
      const here = (lesson) => same(lesson) && lesson.threshold === this.now.k;
      this.lesson = this.scores.lessons.find(here);
    }
    this.fault.textContent = "";
    this.#show();
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      this.aloud.textContent = this.#said();
      this.#remember();
    }, LATER);
  }

  #show() {
    const { now, scores } = this;
    this.press(this.lesson);
    this.task.textContent = this.lesson?.task ?? FREE;
    for (const name of Object.keys(FIELDS)) {
      const shown = name === "k" ? now.k / 1000 : now[name];
      if (this.#typedValue(name) !== now[name]) this.typed[name].value = shown;
      const slider = this.sliders[name];
      if (!slider) continue;
      slider.value = nearest(FIELDS[name].stops, shown);
      slider.setAttribute("aria-valuetext", shown);
    }
    this.best = cheapest(scores, now);
    this.made = rates(scores, now);
    this.least = rates(scores, { ...now, k: this.best });
    this.handle.ariaValueNow = now.k / 1000;
    this.handle.setAttribute(
      "aria-valuetext",
      now.k === NOBODY ? "1.001，谁也不判恶性" : (now.k / 1000).toFixed(3),
    );
    for (const [name, place] of Object.entries(this.cells)) {
      place.textContent = amount(this.made[name]);
    }
    this.#tile();
    const far = Math.abs(now.prevalence - this.first.prevalence) > 0.5;
    const formula = byFormula(scores, now).toFixed(3);
    this.law.textContent =
      `若得分就是概率，公式「误报代价 ÷（误报代价 + 漏诊代价）」${far ? "换算到这个患病率，" : ""}` +
      `给出阈值 ${formula}；这 190 例上最便宜的是 ${this.best / 1000}。`;
    this.#draw();
  }

  /** The rates, the cost, and how the cheapest compares. */
  #tile() {
    const { recall, specificity, ppv, npv, f1, accuracy, cost } = this.made;
    const there = cost - this.least.cost < 1e-9;
    const tiles = [
      [rate(recall), "召回率"],
      [rate(specificity), "特异度"],
      [rate(ppv), "精确率 PPV"],
      [rate(npv), "阴性预测值 NPV"],
      [rate(f1), "F1"],
      [rate(accuracy), "准确率"],
      [amount(cost), "代价（份）"],
      [amount(this.least.cost), there ? "最低代价，正是这里" : `最低代价，在 ${this.best / 1000}`],
    ];
    this.tiles.replaceChildren(
      ...tiles.map(([value, name]) => make("span", {}, make("b", { textContent: value }), name)),
    );
    this.tiles.classList.toggle("hb-there", there);
  }

  /** All of it in a sentence, for those who hear it. */
  #said() {
    const { tp, fn, fp, recall, ppv, cost } = this.made;
    return (
      `每千人：查出 ${amount(tp)}，漏诊 ${amount(fn)}，误报 ${amount(fp)}。` +
      `召回率 ${rate(recall)}，精确率 ${rate(ppv)}，代价 ${amount(cost)} 份。`
    );
  }

  #x(k) {
    const { clientWidth: w } = this.plot;
    return Number((22 + (k / NOBODY) * (w - 44)).toFixed(1));
  }

  #value(clientX) {
    const { left } = this.plot.getBoundingClientRect();
    return Math.round(((clientX - left - 22) / (this.plot.clientWidth - 44)) * NOBODY);
  }

  #draw() {
    const { clientWidth: w, clientHeight: h } = this.plot;
    if (!w || !this.made) return;
    const { k } = this.now;
    const [tp, fn, fp, tn] = counts(this.scores, k);
    const { malignant, benign } = this.scores;
    const x = this.#x(k);
    this.handle.style.translate = `${x}px 0`;
    const svg = this.plot.firstElementChild;
    svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
    svg.ariaLabel =
      `阈值 ${k / 1000}：${benign.length} 例良性放行 ${tn}、误报 ${fp}；` +
      `${malignant.length} 例恶性查出 ${tp}、漏诊 ${fn}`;
    const [up, down] = [156, 176]; // where the dots of each class begin
    const size = this.#size(w);
    const ticks = [0, 200, 400, 600, 800, 1000].map((t) =>
      text(this.#x(t), up + 15, t / 1000, "middle"),
    );
    svg.innerHTML =
      (x > 92 ? text(x - 26, 24, "← 判良性", "end") : "") +
      (x < w - 92 ? text(x + 26, 24, "判恶性 →") : "") +
      text(2, 54, `良性 ${benign.length} 例：放行 ${tn}`) +
      text(w - 2, 54, `误报 ${fp}`, "end") +
      text(2, 266, `恶性 ${malignant.length} 例：漏诊 ${fn}`) +
      text(w - 2, 266, `查出 ${tp}`, "end") +
      ticks.join("") +
      this.#dots(benign, up, -size, (score) => score < k, "well") +
      this.#dots(malignant, down, size, (score) => score >= k, "ill") +
      this.#cost(w, 290, h - 10) +
      path("line", `M${x} 36V${h - 4}`);
    this.#bar();
    this.#curve();
  }

  /** As large as all dots can be drawn in their room. */
  #size(w) {
    const high = (scores, size) => 1 + Math.max(...swarm(scores, (size * NOBODY) / (w - 44)));
    let size = 9;
    while (
      size > 3 &&
      (high(this.scores.benign, size) * size > 94 || high(this.scores.malignant, size) * size > 74)
    ) {
      size -= 0.5;
    }
    return size;
  }

  /** A class, from the axis on: pale where the threshold is right, full where wrong. */
  #dots(scores, base, step, right, name) {
    const size = Math.abs(step);
    const levels = swarm(scores, (size * NOBODY) / (this.plot.clientWidth - 44));
    const paths = { true: "", false: "" };
    scores.forEach((score, i) => {
      const y = base + step * (levels[i] + 0.5);
      paths[right(score)] += `M${this.#x(score)} ${Number(y.toFixed(1))}h0`;
    });
    const width = `stroke-width="${size - 1}"`;
    return (
      `<path class="hb-${name}" ${width} d="${paths.true}"/>` +
      `<path class="hb-${name} hb-off" ${width} d="${paths.false}"/>`
    );
  }

  /** The cost per 1,000 people at every threshold, on the axis of the scores. */
  #cost(w, top, foot) {
    const costs = this.all.map((k) => rates(this.scores, { ...this.now, k }).cost);
    const most = Math.max(...costs);
    const y = (cost) => Number((foot - (cost / most) * (foot - top)).toFixed(1));
    const steps = this.all.map((k, i) => `V${y(costs[i])}H${this.#x(this.all[i + 1] ?? 0)}`);
    const [bx, by] = [this.#x(this.best), y(this.least.cost)];
    const right = costs[0] < costs.at(-1); // the words stand where the curve is low
    const at = right ? w - 2 : 2;
    const words = `每千人的代价，最多 ${amount(most)} 份`;
    return (
      path("cost", `M${this.#x(NOBODY)} ${y(costs[0])}${steps.join("")}`) +
      dot(this.#x(this.now.k), y(this.made.cost)) +
      diamond(bx, by) +
      text(at, top - 4, words, right ? "end" : "start")
    );
  }

  /** 1,000 people in a bar: the ill, then the well; those called malignant are joined. */
  #bar() {
    const { clientWidth: w } = this.people;
    const { tp, fn, fp, tn, ppv, recall } = this.made;
    let at = 0;
    const rect = { fn, tp, fp, tn };
    const ends = {};
    const parts = Object.entries(rect).map(([name, people]) => {
      const from = at;
      at += (people / 1000) * w;
      ends[name] = [from, at];
      const size = Math.max(at - from, 0).toFixed(1);
      return `<rect class="hb-${name}" x="${from.toFixed(1)}" y="28" width="${size}" height="28"/>`;
    });
    const bracket = (from, to, y, way, words) => {
      const [a, b] = [from + 0.5, Math.max(to - 0.5, from + 1)].map((z) => z.toFixed(1));
      const half = [...words].reduce((sum, letter) => sum + (letter > "~" ? 6.5 : 3.6), 0);
      const middle = (from + to) / 2;
      let [x, anchor] = [middle.toFixed(1), "middle"];
      if (middle < half) [x, anchor] = [0, "start"];
      else if (middle > w - half) [x, anchor] = [w, "end"];
      return (
        path("span", `M${a} ${y}v${4 * way}H${b}v${-4 * way}`) +
        text(x, way < 0 ? y - 8 : y + 18, words, anchor)
      );
    };
    const called =
      tp + fp ? `判恶性 ${amount(tp + fp)} 人，真患病的占 ${percent(ppv)}` : "谁也不判恶性";
    const ill = `患病 ${amount(tp + fn)} 人，查出的占 ${percent(recall)}`;
    this.people.innerHTML =
      `<svg viewBox="0 0 ${w} 84" role="img" aria-label="每千人：${called}；${ill}">` +
      parts.join("") +
      bracket(ends.tp[0], ends.fp[1], 24, -1, called) +
      bracket(0, ends.tp[1], 60, 1, ill) +
      "</svg>";
  }

  /** The dot on the ROC curve and on the PR curve of this prevalence. */
  #curve() {
    const w = Math.floor((this.curves.clientWidth - 12) / 2);
    const h = Math.min(w, 230);
    const [left, foot, top] = [16, h - 18, 22];
    const at = (x, y) =>
      [left + x * (w - left - 8), foot - y * (foot - top)].map((z) => Number(z.toFixed(1)));
    const { now, scores } = this;
    const { prevalence, alarm, miss } = now;
    const all = this.all.map((k) => rates(scores, { ...now, k }));
    const axes = (across, up) =>
      path("axis", `M${at(0, 1)}V${foot}H${at(1, 0)[0]}`) +
      text(0, 14, up) +
      text(w - 8, h - 4, across, "end") +
      text(left - 5, top + 9, 1, "end") +
      text(left - 5, foot + 5, 0, "end");
    const marks = (place) => dot(...place(this.made)) + diamond(...place(this.least));
    const roc = ({ recall, specificity }) => at(1 - specificity, recall);
    const pr = ({ recall, ppv }) => at(recall, ppv);
    // A line of equal cost through the cheapest point, cut where it leaves the square.
    const slope = (alarm * (100 - prevalence)) / (miss * prevalence);
    const [fx, fy] = [1 - this.least.specificity, this.least.recall];
    const start = Math.max(0, fx - fy / slope);
    const end = Math.min(1, fx + (1 - fy) / slope);
    const even = [start, end].map((x) => at(x, fy + (x - fx) * slope));
    const steps = all.slice(1).map((made, i) => {
      const [x, y] = pr(made);
      return i ? `V${y}H${x}` : `M${at(0, made.ppv)}H${x}`;
    });
    const [, base] = at(0, prevalence / 100);
    const ap = averagePrecision(scores, prevalence);
    const svg = (label, inside, told) =>
      `<div><svg viewBox="0 0 ${w} ${h}" role="img" aria-label="${label}" style="height:${h}px">` +
      `${inside}</svg>${told}</div>`;
    this.curves.innerHTML =
      svg(
        `ROC 曲线，点在假阳率 ${rate(1 - this.made.specificity)}、召回率 ${rate(this.made.recall)}`,
        axes("假阳率", "召回率") +
          path("even", `M${even.join("L")}`) +
          path("curve", `M${all.map(roc).join("L")}`) +
          marks(roc),
        `ROC 曲线，AUC ${rate(this.area)}。虚线过最便宜的点，线上代价都相等。`,
      ) +
      svg(
        `PR 曲线，点在召回率 ${rate(this.made.recall)}、精确率 ${rate(this.made.ppv)}`,
        axes("召回率", "精确率") +
          path("even", `M${left} ${base}H${w - 8}`) +
          path("curve", steps.join("")) +
          marks(pr),
        `PR 曲线，AP ${rate(ap)}。虚线是患病率。`,
      );
  }

  /** What is shown stands in the address, so that it can be sent to others. */
  #remember() {
    const state = written(this.now);
    const ours = read(location.hash, this.first).known;
    const plain = location.pathname + location.search;
    if (state === written(this.first)) {
      if (ours) history.replaceState(history.state, "", plain);
    } else if (location.hash !== state) history.replaceState(history.state, "", state);
  }
}

customElements.define("threshold-explorer", ThresholdExplorer);
