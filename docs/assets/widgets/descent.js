// Three losses of two numbers and the ways down: the arithmetic of <optimizer-paths>,
// with nothing to see. handbook/widgets/optimizer_paths.py walks by the same rules;
// both must agree with torch.optim.

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
