// <optimizer-paths>: a loss as contour lines, a start to drag, the path of an optimizer.
// The lessons stand as JSON inside the tag. First the arithmetic, which is that of
// handbook/widgets/optimizer_paths.py: both must agree with torch.optim.

import { button, chips, frame, make } from "./tool.js";

/** Value, gradient, minimum, curvatures there; what is drawn, and how far a key moves. */
export const LOSSES = {
  bowl: {
    name: "碗",
    formula: "f = ½(x² + 10y²)",
    at: (x, y) => (x * x + 10 * y * y) / 2,
    slope: (x, y) => [x, 10 * y],
    minimum: [0, 0],
    curvatures: [1, 10],
    view: [-12, 12, -3, 3],
    ticks: [[-10, -5, 0, 5, 10], [-2, 0, 2]],
    levels: [2, 8, 18, 32, 50, 72, 98],
    cells: [96, 64],
    nudge: [0.5, 0.1],
  },
  rosenbrock: {
    name: "弯谷 Rosenbrock",
    formula: "f = (1 − x)² + 100(y − x²)²",
    at: (x, y) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    slope: (x, y) => {
      const off = y - x * x;
      return [-2 * (1 - x) - 400 * x * off, 200 * off];
    },
    minimum: [1, 1],
    curvatures: [501 - Math.sqrt(250601), 501 + Math.sqrt(250601)],
    view: [-2, 2, -0.7, 2.3],
    ticks: [[-1, 0, 1], [0, 1, 2]],
    levels: [0.5, 3, 15, 60, 200, 600, 1500],
    cells: [200, 130],
    nudge: [0.1, 0.1],
  },
  beale: {
    name: "平地 Beale",
    formula: "f = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
    at: (x, y) =>
      (1.5 - x + x * y) ** 2 + (2.25 - x + x * y ** 2) ** 2 + (2.625 - x + x * y ** 3) ** 2,
    slope: (x, y) => {
      const [a, b, c] = [1.5 - x + x * y, 2.25 - x + x * y ** 2, 2.625 - x + x * y ** 3];
      return [
        2 * (a * (y - 1) + b * (y ** 2 - 1) + c * (y ** 3 - 1)),
        2 * x * (a + 2 * y * b + 3 * y ** 2 * c),
      ];
    },
    minimum: [3, 0.5],
    curvatures: [0.301463646522, 48.9797863535],
    view: [-2.5, 4.5, -1.8, 2],
    ticks: [[-2, 0, 2, 4], [-1, 0, 1]],
    levels: [0.1, 0.5, 2, 6, 15, 40, 120, 500],
    cells: [200, 130],
    nudge: [0.1, 0.1],
  },
};

/** Beyond this a path is not followed: it does not come back. */
export const FAR = 1e6;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/** The points of a path, the start among them: PyTorch's SGD, its Nesterov, its Adam. */
export function walk({ loss, by, rate, mu, steps, start }) {
  const { slope } = LOSSES[loss];
  const kept = by === "sgd" ? 0 : mu;
  const path = [[...start]];
  const v = [0, 0]; // the sum of gradients; Adam: their mean
  const s = [0, 0]; // Adam: the mean of their squares
  for (let t = 1; t <= steps; t += 1) {
    const now = path.at(-1);
    if (!(Math.max(...now.map(Math.abs)) <= FAR)) break;
    const next = slope(...now).map((g, i) => {
      if (by === "adam") {
        v[i] += (1 - BETA1) * (g - v[i]);
        s[i] = BETA2 * s[i] + (1 - BETA2) * g * g;
        const size = Math.sqrt(s[i]) / Math.sqrt(1 - BETA2 ** t) + EPSILON;
        return now[i] - ((rate / (1 - BETA1 ** t)) * v[i]) / size;
      }
      v[i] = kept * v[i] + g;
      return now[i] - rate * (by === "nesterov" ? g + kept * v[i] : v[i]);
    });
    path.push(next);
  }
  return path;
}

/** What the distance is multiplied by in the end, a step, where the curvature is this. */
export function factor(by, rate, mu, curvature) {
  const p = rate * curvature;
  if (by === "sgd") return 1 - p;
  const ahead = by === "nesterov" ? mu * p : 0;
  const [trace, product] = [1 + mu - p - ahead, mu - ahead];
  const under = trace * trace - 4 * product;
  if (under < 0) return Math.sqrt(product);
  return (Math.abs(trace) + Math.sqrt(under)) / 2;
}

/** The rate from which the steepest direction runs away. */
export function limit(by, mu, curvature) {
  if (by === "sgd") return 2 / curvature;
  return (2 + 2 * mu) / curvature / (by === "nesterov" ? 1 + 2 * mu : 1);
}

/** How far a point is from the minimum. */
export function distance(loss, [x, y]) {
  const [a, b] = LOSSES[loss].minimum;
  return Math.hypot(x - a, y - b);
}

export const NEAR = 0.05;

/** 收敛: the last three points are near; 发散: far, or on its way there for certain. */
export function verdict({ loss, by, rate, mu }, path) {
  const most = ([x, y]) => Math.max(Math.abs(x), Math.abs(y));
  const sure = loss === "bowl" && by !== "adam";
  const factors = LOSSES[loss].curvatures.map((c) => Math.abs(factor(by, rate, mu, c)));
  if (!(most(path.at(-1)) <= FAR) || (sure && Math.max(...factors) > 1 + 1e-9)) {
    return "发散";
  }
  const near = path.slice(-3).every((point) => distance(loss, point) < NEAR);
  return near ? "收敛" : "还在路上";
}

/** The lines on which a loss has its levels: for each level, segments [[x, y], [x, y]]. */
export function contours({ at, view: [left, right, low, high], levels, cells: [across, up] }) {
  const x = (i) => left + ((right - left) * i) / across;
  const y = (j) => low + ((high - low) * j) / up;
  // Of the roots: they lie more evenly between two places.
  const values = Array.from({ length: up + 1 }, (_, j) =>
    Array.from({ length: across + 1 }, (_, i) => Math.sqrt(at(x(i), y(j)))),
  );
  const roots = levels.map(Math.sqrt);
  const lines = levels.map(() => []);
  for (let j = 0; j < up; j += 1) {
    for (let i = 0; i < across; i += 1) {
      const [a, b] = [values[j][i], values[j][i + 1]];
      const [d, c] = [values[j + 1][i], values[j + 1][i + 1]]; // in a ring: a, b, c, d
      const [least, most] = [Math.min(a, b, c, d), Math.max(a, b, c, d)];
      for (let n = 0; n < roots.length; n += 1) {
        const root = roots[n];
        if (root <= least || root > most) continue;
        const ends = []; // on the sides of this cell
        if (a < root !== b < root) ends.push([x(i + (root - a) / (b - a)), y(j)]);
        if (b < root !== c < root) ends.push([x(i + 1), y(j + (root - b) / (c - b))]);
        if (d < root !== c < root) ends.push([x(i + (root - d) / (c - d)), y(j + 1)]);
        if (a < root !== d < root) ends.push([x(i), y(j + (root - a) / (d - a))]);
        for (let e = 0; e < ends.length; e += 2) lines[n].push(ends.slice(e, e + 2));
      }
    }
  }
  return lines;
}

const METHODS = { sgd: "SGD", momentum: "动量", nesterov: "Nesterov", adam: "Adam" };
const KEPT = ["momentum", "nesterov"]; // the methods that have a μ
/** What the sliders stop at: two digits of a rate, and numbers of steps. */
const range = (from, to, by = 1) =>
  Array.from({ length: (to - from) / by + 1 }, (_, i) => from + i * by);
const RATES = [
  ...[1e5, 1e4, 1e3, 100].flatMap((part) => range(10, 99).map((n) => n / part)),
  ...range(10, 20).map((n) => n / 10),
];
const STEPS = [...range(1, 40), ...range(50, 100, 10), ...range(150, 500, 50)];
const LATER = 300; // milliseconds: browsers refuse an address that changes too often
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
const nearest = (table, x) =>
  table.reduce((best, value, i) => (Math.abs(value - x) < Math.abs(table[best] - x) ? i : best), 0);
const minus = (text) => String(text).replaceAll("-", "−");
/** A number to three digits: 49.4, 0.000568, 1.2e+12. */
export function shown(x) {
  if (!Number.isFinite(x)) return "∞";
  const rounded = Number(x.toPrecision(3));
  const size = Math.abs(rounded);
  return minus(size && (size < 1e-4 || size >= 1e5) ? x.toExponential(1) : rounded);
}
const multiplied = (x) => minus(Number(x.toFixed(4)));
const place = (point) => {
  const numbers = point.map((z) => (Math.abs(z) < 1e4 ? minus(+z.toFixed(3)) : shown(z)));
  return `(${numbers.join(", ")})`;
};
const called = ({ by, rate, mu }) =>
  `${METHODS[by]} ${shown(rate)}${KEPT.includes(by) ? `，μ ${mu}` : ""}`;

/** The settings of an address: loss_method_rate_mu_steps_x_y; nothing where it is wrong. */
export function read(text) {
  const [loss, by, ...rest] = (text ?? "").split("_");
  const [rate, mu, steps, x, y] = rest.map(Number);
  const known = Object.hasOwn(LOSSES, loss) && Object.hasOwn(METHODS, by);
  if (!known || rest.length !== 5 || !rest.every((n) => n && Number.isFinite(+n))) return;
  const [left, right, low, high] = LOSSES[loss].view;
  return {
    loss,
    by,
    rate: clamp(rate, RATES[0], RATES.at(-1)),
    mu: clamp(mu, 0, 0.99),
    steps: STEPS[nearest(STEPS, steps)],
    start: [clamp(x, left, right), clamp(y, low, high)],
  };
}
const written = ({ loss, by, rate, mu, steps, start }) =>
  [loss, by, rate, mu, steps, ...start].join("_");

class OptimizerPaths extends HTMLElement {
  connectedCallback() {
    if (this.now) return;
    const { data, body } = frame(this, () => this.#learn(data.lessons[0]));
    this.first = written(data.lessons[0]);
    const lessons = data.lessons.map((lesson) => [lesson.name, lesson]);
    const losses = Object.entries(LOSSES).map(([key, { name }]) => [name, key]);
    const methods = Object.entries(METHODS).map(([key, name]) => [name, key]);
    const rows = [make("div"), make("div"), make("div")];
    this.pressed = {
      lesson: chips(rows[0], "练习", lessons, (lesson) => this.#learn(lesson)),
      loss: chips(rows[1], "损失", losses, (loss) =>
        this.#learn(data.lessons.find((lesson) => lesson.loss === loss)),
      ),
      by: chips(rows[2], "走法", methods, (by) => this.#set({ by })),
    };
    rows[0].classList.add("hb-lessons");
    this.task = make("p", { className: "hb-task" });
    this.law = make("p", { className: "hb-law" });
    this.tiles = make("div", { className: "hb-ends" });
    this.verdict = make("output", { ariaLive: "polite" });
    body.replaceChildren(
      rows[0],
      this.task,
      make("div", { className: "hb-choices" }, rows[1], rows[2]),
      this.#sliders(),
      this.law,
      this.#picture(),
      this.#stepper(),
      this.tiles,
      this.#under(),
    );
    const asked = read(new URLSearchParams(location.search).get("path"));
    const same = (lesson) => asked && written(lesson) === written(asked);
    this.lesson = data.lessons.find(same);
    if (asked) this.#set(asked);
    else this.#learn(data.lessons[0]);
    new ResizeObserver(() => this.#draw()).observe(this.field);
  }

  /** Learning rate and momentum: a slider each, and a field for what it leaves out. */
  #sliders() {
    const slider = (name, max, change) => {
      const made = make("input", { type: "range", min: 0, max, ariaLabel: name });
      made.addEventListener("input", () => change(made.valueAsNumber));
      return made;
    };
    this.rate = slider("学习率 η", RATES.length - 1, (i) => this.#set({ rate: RATES[i] }));
    this.mu = slider("动量系数 μ", 99, (i) => this.#set({ mu: i / 100 }));
    this.steps = slider("步数", STEPS.length - 1, (i) => this.#set({ steps: STEPS[i] }));
    this.typed = make("input", { type: "number", step: "any", ariaLabel: "学习率（填数）" });
    Object.assign(this.typed, { min: RATES[0], max: RATES.at(-1), required: true });
    this.typed.addEventListener("input", () => {
      if (this.typed.checkValidity()) this.#set({ rate: this.typed.valueAsNumber });
    });
    this.kept = make("b");
    const top = (text, value) => make("span", {}, text, value);
    return make(
      "div",
      { className: "hb-knobs" },
      make("div", {}, top("学习率 η", this.typed), this.rate),
      make("div", {}, top("动量系数 μ", this.kept), this.mu),
    );
  }

  /** The steps, one by one or by the slider. */
  #stepper() {
    const by = (face, name, change) =>
      button(face, () => {
        const at = nearest(STEPS, this.now.steps) + change;
        this.#set({ steps: STEPS[clamp(at, 0, STEPS.length - 1)] });
      }, { ariaLabel: name, title: name });
    this.count = make("span", { ariaHidden: "true" });
    const [less, more] = [by("◀", "少走一步", -1), by("▶", "多走一步", 1)];
    return make("div", { className: "hb-stepper" }, less, this.steps, this.count, more);
  }

  /** The contour lines, the paths on them, and the start, which can be moved. */
  #picture() {
    this.field = make("div", { className: "hb-field" });
    this.handle = make("span", { className: "hb-start", tabIndex: 0, role: "slider" });
    this.handle.ariaLabel = "起点（拖动，或用方向键；按住 Shift 更细）";
    this.field.innerHTML = '<svg role="img"><g class="hb-levels"/><g class="hb-walks"/></svg>';
    this.field.append(this.handle);
    const to = ({ clientX, clientY }) => {
      const box = this.field.getBoundingClientRect();
      const { clientLeft, clientTop } = this.field;
      this.#start(this.#value(clientX - box.left - clientLeft, clientY - box.top - clientTop));
    };
    this.handle.addEventListener("pointerdown", ({ pointerId }) =>
      this.handle.setPointerCapture(pointerId),
    );
    this.handle.addEventListener("pointermove", (event) => {
      if (this.handle.hasPointerCapture(event.pointerId)) to(event);
    });
    this.field.addEventListener("click", (event) => {
      if (event.target !== this.handle) to(event);
    });
    this.handle.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      if (!way) return;
      event.preventDefault();
      const { nudge } = LOSSES[this.now.loss];
      const size = event.shiftKey ? 0.2 : 1;
      this.#start(this.now.start.map((x, i) => x + way[i] * nudge[i] * size));
    });
    return this.field;
  }

  /** Under the tiles: the losses of all steps, and the button that keeps a path. */
  #under() {
    this.curve = make("div", { className: "hb-losses" });
    this.keep = button("留作对照", () => {
      this.other = this.other ? undefined : { ...this.now };
      this.#show();
    });
    this.beside = make("span");
    const row = make("div", { className: "hb-beside" }, this.keep, this.beside);
    return make("div", {}, this.curve, row);
  }

  #learn(lesson) {
    const { name, task, ...settings } = lesson;
    this.lesson = lesson;
    this.#set(settings);
  }

  /** A start within the picture, rounded to what the address can hold. */
  #start([x, y]) {
    const [left, right, low, high] = LOSSES[this.now.loss].view;
    const inside = [clamp(x, left, right), clamp(y, low, high)];
    this.#set({ start: inside.map((z) => Number(z.toFixed(2))) });
  }

  #set(change) {
    if (change.loss && change.loss !== this.now?.loss) this.other = undefined;
    this.now = { ...this.now, ...change };
    this.#show();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.#remember(), LATER);
  }

  #show() {
    const { loss, by, rate, mu, steps } = this.now;
    this.pressed.lesson(this.lesson);
    this.pressed.loss(loss);
    this.pressed.by(by);
    this.task.textContent = this.lesson?.task ?? "";
    this.rate.value = nearest(RATES, rate);
    this.rate.setAttribute("aria-valuetext", shown(rate));
    if (this.typed.valueAsNumber !== rate) this.typed.value = rate;
    this.mu.value = Math.round(mu * 100);
    this.kept.textContent = mu;
    this.mu.parentElement.classList.toggle("hb-unused", !KEPT.includes(by));
    this.steps.value = nearest(STEPS, steps);
    this.count.textContent = `${steps} 步`;
    this.steps.setAttribute("aria-valuetext", this.count.textContent);
    this.#state();
    this.path = walk(this.now);
    this.#measure();
    this.keep.ariaPressed = Boolean(this.other);
    this.beside.textContent = this.other ? `虚线：${called(this.other)}` : "";
    this.#draw();
  }

  /** The formula, the curvatures at the minimum, and what they say of this way. */
  #state() {
    const { loss, by, rate, mu } = this.now;
    const { formula, curvatures } = LOSSES[loss];
    const [flat, steep] = curvatures;
    const where = loss === "bowl" ? "" : "谷底的";
    const most = limit(by, mu, steep);
    const over = by !== "adam" && rate > most;
    const factors = curvatures.map((c) => multiplied(factor(by, rate, mu, c)));
    const rule = { sgd: "2/λ", momentum: "(2+2μ)/λ", nesterov: "(2+2μ)/((1+2μ)λ)" }[by];
    const told =
      by === "adam"
        ? `Adam 的步子不由曲率定：第 1 步，两个方向各走约 η = ${shown(rate)}。`
        : `η 的上限 ${rule} = ${shown(most)}${over ? "，已经超过" : ""}。` +
          `每步${by === "sgd" ? "" : "最后约"}乘：平 ${factors[0]}，陡 ${factors[1]}。`;
    this.law.classList.toggle("hb-over", over);
    this.law.replaceChildren(
      make("span", { textContent: formula }),
      ` ${where}曲率 λ：平 ${shown(flat)}，陡 ${shown(steep)}。${told}`,
    );
  }

  /** The loss and the distance, at the start and now; what became of the path. */
  #measure() {
    const { loss, start, steps } = this.now;
    const last = this.path.at(-1);
    const { at } = LOSSES[loss];
    const tile = (value, name, tag = make("span")) => {
      tag.replaceChildren(make("b", { textContent: value }), ` ${name}`);
      return tag;
    };
    const said = verdict(this.now, this.path);
    const exit = this.#exit();
    const note = exit ? `第 ${exit} 步出画` : { 收敛: "离谷底不到 0.05" }[said];
    const done = this.path.length - 1;
    const short = done < steps ? `（第 ${done} 步）` : "";
    tile(said, note ?? "", this.verdict);
    this.classList.toggle("hb-lost", said === "发散");
    this.tiles.replaceChildren(
      tile(shown(at(...last)), `损失${short}，起点 ${shown(at(...start))}`),
      tile(shown(distance(loss, last)), `离谷底，在 ${place(last)}`),
      this.verdict,
    );
  }

  /** The first step outside the picture, or 0. */
  #exit(path = this.path) {
    const [left, right, low, high] = LOSSES[this.now.loss].view;
    const out = ([x, y]) => !(x >= left && x <= right && y >= low && y <= high);
    return Math.max(0, path.findIndex(out));
  }

  /** Where a point of the plane stands in the picture, and the way back. */
  #pixel([x, y]) {
    const [left, right, low, high] = LOSSES[this.now.loss].view;
    const { clientWidth: w, clientHeight: h } = this.field;
    const at = [((x - left) / (right - left)) * w, ((high - y) / (high - low)) * h];
    return at.map((z) => Number(clamp(z, -1e6, 1e6).toFixed(1)));
  }

  #value(px, py) {
    const [left, right, low, high] = LOSSES[this.now.loss].view;
    const { clientWidth: w, clientHeight: h } = this.field;
    return [left + (px / w) * (right - left), high - (py / h) * (high - low)];
  }

  #draw() {
    const { loss, start } = this.now;
    const { clientWidth: w, clientHeight: h } = this.field;
    if (!w) return;
    const drawn = `${loss} ${w} ${h}`;
    if (drawn !== this.drawn) this.#level(w, h);
    this.drawn = drawn;
    const [x, y] = this.#pixel(start);
    this.handle.style.translate = `${x}px ${y}px`;
    this.handle.ariaValueNow = start[0];
    this.handle.setAttribute("aria-valuetext", place(start));
    const svg = this.field.firstElementChild;
    const end = place(this.path.at(-1));
    svg.ariaLabel = `${LOSSES[loss].name}的等高线，${called(this.now)} 走的路，到 ${end}`;
    const other = this.other && walk({ ...this.other, start, steps: this.now.steps });
    svg.lastElementChild.innerHTML =
      (other ? `<path class="hb-other" d="${this.#line(other)}"/>` : "") +
      `<path d="${this.#line(this.path)}"/>${this.#dots()}${this.#gone(w, h)}`;
    this.#curves(other);
  }

  /** What stays while the path changes: contour lines, numbers at the edge, minimum. */
  #level(w, h) {
    const of = LOSSES[this.now.loss];
    const [left, right, low, high] = of.view;
    const svg = this.field.firstElementChild;
    svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
    const lines = contours(of).map((segments) => {
      const d = segments.map((ends) => `M${ends.map((end) => this.#pixel(end)).join("L")}`);
      return `<path d="${d.join("")}"/>`;
    });
    const across = of.ticks[0].map((x) => {
      const [px] = this.#pixel([x, low]);
      return `<text x="${px}" y="${h - 6}" text-anchor="middle">${minus(x)}</text>`;
    });
    const up = of.ticks[1].map((y) => {
      const [, py] = this.#pixel([left, y]);
      return `<text x="5" y="${py + 4}">${minus(y)}</text>`;
    });
    const [x, y] = this.#pixel(of.minimum);
    const cross = `<path class="hb-least" d="M${x - 6} ${y - 6}l12 12m0-12l-12 12"/>`;
    svg.firstElementChild.innerHTML = [...lines, ...across, ...up, cross].join("");
    this.handle.ariaValueMin = left;
    this.handle.ariaValueMax = right;
  }

  #line(path) {
    return `M${path.map((point) => this.#pixel(point)).join("L")}`;
  }

  /** A dot for each step, smaller where there are many; the last one is the greatest. */
  #dots() {
    const size = this.path.length > 60 ? 1.6 : 3;
    return this.path.slice(1).map((point, i, { length }) => {
      const [x, y] = this.#pixel(point);
      return `<circle cx="${x}" cy="${y}" r="${i === length - 1 ? 5 : size}"/>`;
    }).join("");
  }

  /** Where the path first leaves the picture: a mark on the edge, and at which step. */
  #gone(w, h) {
    const exit = this.#exit();
    if (!exit) return "";
    const [from, to] = [this.path[exit - 1], this.path[exit]].map((p) => this.#pixel(p));
    const part = Math.min(
      ...[w, h].map((size, i) => {
        const way = to[i] - from[i];
        return way ? ((way > 0 ? size : 0) - from[i]) / way : 1;
      }),
    );
    const [x, y] = from.map((z, i) => z + (to[i] - z) * part);
    const anchor = x > w / 2 ? "end" : "start";
    const [tx, ty] = [clamp(x + (x > w / 2 ? -10 : 10), 30, w - 30), clamp(y + 5, 18, h - 26)];
    return (
      `<circle class="hb-exit" cx="${x}" cy="${y}" r="7"/>` +
      `<text x="${tx}" y="${ty}" text-anchor="${anchor}">第 ${exit} 步出画</text>`
    );
  }

  /** The losses of all steps, each division ten times the one below. */
  #curves(other) {
    const { loss, steps } = this.now;
    const { clientWidth: w, clientHeight: h } = this.curve;
    const tens = (path) =>
      path.map((p) => clamp(Math.log10(LOSSES[loss].at(...p)) || -12, -12, 9));
    const [mine, theirs] = [tens(this.path), other ? tens(other) : []];
    const all = [...mine, ...theirs];
    const [low, high] = [Math.floor(Math.min(...all)), Math.ceil(Math.max(...all) + 1e-9)];
    const [left, foot, top] = [56, h - 18, 8];
    const y = (ten) => foot - ((ten - low) / (high - low)) * (foot - top);
    const line = (values) => {
      const at = (ten, t) => [left + (t / steps) * (w - left - 8), y(ten)];
      return `M${values.map((ten, t) => at(ten, t).map((z) => z.toFixed(1))).join("L")}`;
    };
    const rule = (ten) => `<path class="hb-rule" d="M${left} ${y(ten)}H${w}"/>`;
    const mark = (ten) =>
      `<text x="${left - 6}" y="${y(ten) + 4}" text-anchor="end">${shown(10 ** ten)}</text>`;
    this.curve.innerHTML =
      `<svg viewBox="0 0 ${w} ${h}" aria-hidden="true">` +
      `${range(low, high).map(rule).join("")}${mark(low)}${mark(high)}` +
      `<text x="${left}" y="${h - 3}">损失（对数）</text>` +
      `<text x="${w}" y="${h - 3}" text-anchor="end">第 ${steps} 步</text>` +
      (other ? `<path class="hb-other" d="${line(theirs)}"/>` : "") +
      `<path d="${line(mine)}"/></svg>`;
  }

  /** What is shown stands in the address, so that it can be sent to others. */
  #remember() {
    const address = new URL(location.href);
    const state = written(this.now);
    if (state === this.first) address.searchParams.delete("path");
    else address.searchParams.set("path", state);
    if (address.href !== location.href) {
      history.replaceState(history.state, "", address);
    }
  }
}

customElements.define("optimizer-paths", OptimizerPaths);
