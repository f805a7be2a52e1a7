// <hardware-calculator>: does a model fit, on how many cards, how fast, how dear.
// Models, cards and presets stand as JSON inside the tag. First the account, whose rules
// are those of handbook/widgets/hardware_calculator.py: both must agree to the byte.

import { button, chips, frame, make } from "./tool.js";

const GB = 1e9;
/** Bytes a number, as a fraction. */
const PRECISIONS = { fp32: [4, 1], bf16: [2, 1], int8: [1, 1], int4: [9, 16], nf4: [2113, 4096] };
/** Bytes a trainable parameter: weight, gradient, master copy; what an optimizer keeps. */
const SCHEMES = { mixed: [2, 2, 4], bf16: [2, 2, 0], fp32: [4, 4, 0] };
const OPTIMIZERS = { adamw: 8, adamw8: 2, momentum: 4, sgd: 0 };
const MOST_CARDS = 4096;

/** A quotient of whole numbers, rounded up; exact below 2⁵³. */
const up = (number, by) => (number - (number % by)) / by + (number % by ? 1 : 0);
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const headOf = (c) => c.head || Math.floor(c.width / c.heads);

/** Heads of keys and the width of one. */
function keysOf(kind, c) {
  if (kind === "llama") return [c.kv_heads, headOf(c)];
  const heads = c.heads ?? Math.max(1, Math.floor(c.width / 64));
  return [heads, Math.floor(c.width / heads)];
}

/** The matrices of the blocks: rows, columns, how many, how many a token meets. */
function matrices(kind, c) {
  if (kind === "count") return [];
  const { width: w, layers: n } = c;
  if (kind === "gpt") {
    return [[w, 3 * w], [w, w], [w, 4 * w], [4 * w, w]].map((shape) => [...shape, n, n]);
  }
  if (kind === "llama") {
    const [queries, keys] = [c.heads * headOf(c), c.kv_heads * headOf(c)];
    return [
      [w, queries, n, n],
      [w, keys, 2 * n, 2 * n],
      [queries, w, n, n],
      [w, c.hidden, 3 * n, 3 * n],
    ];
  }
  const dense = c.dense_layers;
  const sparse = 3 * (n - dense);
  const shapes = [
    [w, c.q_rank],
    [c.q_rank, c.heads * (c.nope + c.rope)],
    [w, c.kv_rank + c.rope],
    [c.kv_rank, c.heads * (c.nope + c.v_head)],
    [c.heads * c.v_head, w],
  ];
  return [
    ...shapes.map((shape) => [...shape, n, n]),
    [w, c.hidden, 3 * dense, 3 * dense],
    [w, c.experts, n - dense, n - dense],
    [w, c.expert, sparse * c.shared, sparse * c.shared],
    [w, c.expert, sparse * c.experts, sparse * c.chosen],
  ];
}

/** Parameters: tables and output matrix, matrices of the blocks, the rest, and so on. */
export function size(kind, c) {
  if (kind === "count") {
    const active = c.active ?? c.params;
    return { embed: 0, linear: c.params, rest: 0, lookup: 0, active, adapter: 0, total: c.params };
  }
  const { width: w, layers: n } = c;
  const table = c.vocab * w;
  let [embed, rest, lookup] = [2 * table, 0, table];
  if (kind === "gpt") {
    lookup = (c.context ?? 0) * w;
    embed = table + lookup;
    rest = n * 13 * w + 2 * w + 2 * w * (c.embed_norm ?? 0);
  } else if (kind === "llama") {
    const biased = (c.heads + 2 * c.kv_heads) * headOf(c) * (c.qkv_bias ?? 0);
    rest = n * (2 * w + biased + 2 * headOf(c) * (c.qk_norm ?? 0)) + w;
    lookup = c.tied ? 0 : table;
    embed = table + lookup;
  } else {
    rest = n * (2 * w + c.q_rank + c.kv_rank) + w;
  }
  const parts = matrices(kind, c);
  const linear = sum(parts.map(([rows, columns, many]) => rows * columns * many));
  const met = sum(parts.map(([rows, columns, , many]) => rows * columns * many));
  const adapter = sum(parts.map(([rows, columns, many]) => (rows + columns) * many));
  return { embed, linear, rest, lookup, active: embed + met + rest, adapter, total: embed + linear + rest };
}

/** What a token leaves in the cache of the fullest card: the factors of its bytes. */
function cacheOf({ kind, config: c, cache, t, p }) {
  if (kind === "count") return [0];
  const layers = up(c.layers, p);
  if (kind === "deepseek") return [layers, c.kv_rank + c.rope, cache];
  const [heads, head] = keysOf(kind, c);
  return [2, layers, up(heads, t), head, cache];
}

/** Of each sort of layer: how many, numbers kept of a token, bytes in fp32 beside them. */
function kept(kind, c) {
  if (kind === "count") return [];
  const { width: w, layers: n } = c;
  if (kind === "gpt") return [[n, 16 * w, 8 + 4 * keysOf(kind, c)[0]]];
  let [numbers, fixed] = [4 * w, 8 * w + 8 + 4 * c.heads];
  if (kind === "llama") {
    const [queries, keys] = [c.heads * headOf(c), c.kv_heads * headOf(c)];
    numbers += 2 * queries + 2 * keys + 4 * c.hidden;
    if (c.qk_norm) {
      numbers += queries + keys;
      fixed += 4 * (queries + keys + c.heads + c.kv_heads);
    }
    return [[n, numbers, fixed]];
  }
  const ranks = c.q_rank + c.kv_rank;
  numbers += 2 * c.heads * (c.nope + c.rope + c.v_head) + 2 * ranks;
  fixed += 4 * ranks + 8;
  const sparse = 4 * (c.shared + c.chosen) * c.expert + 2 * c.chosen * w;
  return [
    [c.dense_layers, numbers + 4 * c.hidden, fixed],
    [n - c.dense_layers, numbers + sparse, fixed],
  ];
}

/** The bytes of all weights: what is below 16 bits is so in the matrices only. */
function frozen({ linear, embed, rest }, precision) {
  const [over, under] = PRECISIONS[precision];
  return up(linear * over, under) + (embed + rest) * (precision === "fp32" ? 4 : 2);
}

/** What a question of training comes to, before it is cut and rounded. */
function plan(ask) {
  const made = size(ask.kind, ask.config);
  const [weight, gradient, master] = SCHEMES[ask.scheme];
  const full = ask.method === "full";
  const base = ask.method === "qlora" ? "nf4" : weight === 4 ? "fp32" : "bf16";
  const group = ask.t * ask.p;
  const cut = [3, 2, 1].map((stage) => group * (ask.zero >= stage ? ask.d : 1));
  const learnt = full ? made.total : ask.rank * made.adapter;
  const layers = kept(ask.kind, ask.config).map(([many, numbers, fixed]) => [
    many,
    numbers * weight + fixed,
  ]);
  const inputs = (ask.config.layers ?? 0) * (ask.config.width ?? 0) * weight;
  const most = Math.max(0, ...layers.map(([, each]) => each));
  const states = OPTIMIZERS[ask.optimizer];
  return { made, weight, gradient, master, states, full, base, cut, learnt, layers, inputs, most };
}

/** What one card holds, in bytes, by part. */
export function held(ask) {
  const tokens = ask.context * ask.batch;
  if (ask.do === "infer") {
    const token = cacheOf(ask).reduce((product, factor) => product * factor, 1);
    const weights = frozen(size(ask.kind, ask.config), ask.weights);
    return { weights: up(weights, ask.t * ask.p), cache: token * tokens };
  }
  const { made, weight, gradient, master, states, full, base, cut, learnt, ...rest } = plan(ask);
  const whole = sum(rest.layers.map(([many, each]) => many * each));
  const layers = ask.checkpoint ? rest.inputs + rest.most : whole;
  return {
    ...(full ? {} : { weights: up(frozen(made, base), cut[0]) }),
    [full ? "weights" : "adapter"]: up(learnt * weight, cut[0]),
    gradients: up(learnt * gradient, cut[1]),
    master: up(learnt * master, cut[2]),
    states: up(learnt * states, cut[2]),
    activations: up(tokens * layers, ask.t),
    logits: up(tokens * (ask.config.vocab ?? 0) * 12, ask.t),
  };
}

/** The bytes of one card that may be used. */
const room = ({ memory, share }) => Math.floor((memory * share * GB) / 100);
const fits = (ask) => sum(Object.values(held(ask))) <= room(ask);

/** The least power of two of cards that do. */
export function fewest(ask) {
  for (let many = 1; many <= MOST_CARDS; many *= 2) {
    const train = ask.do === "train";
    const tried = train ? { ...ask, d: many } : { ...ask, t: many, p: 1, d: 1 };
    if (fits(tried)) return train ? many * ask.t * ask.p : many;
  }
  return null;
}

/** The weights, in bytes, that a step of decoding reads on one card. */
function readAStep(ask) {
  const made = size(ask.kind, ask.config);
  const of = ([rows, columns, many, met]) =>
    rows * columns * (met < many ? Math.min(many, met * ask.batch) : many);
  const linear = ask.kind === "count" ? made.active : sum(matrices(ask.kind, ask.config).map(of));
  const read = { ...made, linear, embed: made.embed - made.lookup };
  return up(frozen(read, ask.weights), ask.t * ask.p);
}

/** Times a parameter is multiplied for a token of training. */
const timesOf = (ask) => (ask.method === "full" ? 6 : 4) + (ask.checkpoint ? 2 : 0);

/** The account of one question; times in seconds, null where the card is not known. */
export function estimate(ask) {
  const parts = held(ask);
  const total = sum(Object.values(parts));
  const usable = room(ask);
  const answer = { parts, total, usable, fits: total <= usable, cards: fewest(ask) };
  Object.assign(answer, { seconds: null, step: null, speed: null, money: null });
  const { active } = size(ask.kind, ask.config);
  const cards = ask.d * ask.t * ask.p;
  if (ask.do === "train") {
    answer.flops = timesOf(ask) * active * ask.tokens;
    if (ask.peak === null) return answer;
    answer.seconds = answer.flops / (((ask.peak * 1e12 * ask.mfu) / 100) * cards);
    if (ask.price !== null) answer.money = ((answer.seconds * cards) / 3600) * ask.price;
    return answer;
  }
  answer.flops = 2 * active * ask.context * ask.batch;
  if (ask.peak !== null) {
    answer.seconds = answer.flops / (((ask.peak * 1e12 * ask.mfu) / 100) * ask.t);
  }
  if (ask.bandwidth !== null) {
    answer.step = (ask.p * (readAStep(ask) + parts.cache)) / (ask.bandwidth * 1e9);
    answer.speed = (ask.d * ask.batch) / answer.step;
    if (ask.price !== null) answer.money = ((ask.price * cards) / (answer.speed * 3600)) * 1e6;
  }
  return answer;
}

// --- words and formulas --------------------------------------------------------------

const whole = (number) => number.toLocaleString("zh-CN", { maximumFractionDigits: 6 });
const digits = (number, most = 3) =>
  number.toLocaleString("zh-CN", { maximumSignificantDigits: most });
/** Bytes as one reads them: 1,040 GB, 17.1 GB, 1.07 GB, 83.9 MB. */
export function gb(bytes) {
  const small = bytes < 0.0995 * GB;
  const number = bytes / (small ? 1e6 : GB);
  const places = number >= 1000 ? 0 : small || number >= 10 ? 1 : 2;
  const shown = { minimumFractionDigits: places, maximumFractionDigits: places };
  return `${number.toLocaleString("zh-CN", shown)} ${small ? "MB" : "GB"}`;
}
/** A number as it is read in Chinese: 80.3 亿. */
function chinese(number) {
  const rounded = Number(number.toPrecision(3));
  const units = [[1e12, " 万亿"], [1e8, " 亿"], [1e4, " 万"]];
  const [unit, word] = units.find(([unit]) => rounded >= unit) ?? [1, ""];
  return digits(number / unit) + word;
}
const UNITS = [["毫秒", 1e-3, 1], ["秒", 1, 120], ["分钟", 60, 7200], ["小时", 3600, 172800]];
const LONG = [["天", 86400, 2 * 31536000], ["年", 31536000, Infinity]];
/** A time that one remembers: 16 毫秒, 20 小时, 3.1 年. */
export function time(seconds) {
  const [unit, length] = [...UNITS, ...LONG].find(([, , limit]) => seconds < limit);
  const number = seconds / length;
  const shown = number >= 1e4 ? chinese(number) : number >= 100 ? whole(Math.round(number)) : digits(number, 2);
  return `${shown}${/\d$/.test(shown) ? " " : ""}${unit}`;
}
const dollars = (number) => `${chinese(number)}${number < 1e4 ? " " : ""}美元`;
const power = (number) => {
  const [first, exponent] = number.toExponential(2).split("e+");
  return `${first} × 10${[...exponent].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("")}`;
};

const PARTS = {
  weights: "权重",
  adapter: "LoRA 权重",
  gradients: "梯度",
  master: "fp32 主权重",
  states: "优化器状态",
  activations: "激活值",
  logits: "词表打分",
  cache: "键值缓存",
};
const over = (by) => (by > 1 ? ` ÷ ${whole(by)}` : "");
const few = (text, by) => (by > 1 ? `(${text})${over(by)}` : text);

/** The formula of weights that stay as they are. */
function frozenFormula({ linear, embed, rest }, precision, by) {
  const wide = precision === "fp32" ? 4 : 2;
  const [a, b] = PRECISIONS[precision];
  if (b === 1 && a === wide) return `${whole(linear + embed + rest)} × ${wide}${over(by)}`;
  const others = embed + rest ? ` + 其余 ${whole(embed + rest)} × ${wide}` : "";
  return few(`矩阵 ${whole(linear)} × ${whole(a)}${over(b)}${others}`, by);
}

/** Of each part its formula with the numbers put in. */
export function formulas(ask) {
  const lines = `${whole(ask.context)} 词元 × ${whole(ask.batch)} 条`;
  if (ask.do === "infer") {
    const made = size(ask.kind, ask.config);
    const words = ask.kind === "deepseek" ? [" 层", "", " 字节"] : ["", " 层", " 头", "", " 字节"];
    const factors = cacheOf(ask).map((factor, i) => whole(factor) + (words[i] ?? ""));
    return {
      weights: frozenFormula(made, ask.weights, ask.t * ask.p),
      cache: `${factors.join(" × ")} × ${lines}`,
    };
  }
  const { made, weight, gradient, master, states, full, base, cut, learnt, layers, most } = plan(ask);
  const each = (bytes, by) => `${whole(learnt)} × ${bytes}${over(by)}`;
  const ways = ask.checkpoint
    ? [`${whole(ask.config.layers ?? 0)} 层 × 输入 ${whole((ask.config.width ?? 0) * weight)}`, `一层 ${whole(most)}`]
    : layers.filter(([many]) => many).map(([many, kept]) => `${whole(many)} 层 × ${whole(kept)}`);
  const vocab = ask.config.vocab ?? 0;
  return {
    ...(full ? {} : { weights: frozenFormula(made, base, cut[0]) }),
    [full ? "weights" : "adapter"]: each(weight, cut[0]),
    gradients: each(gradient, cut[1]),
    master: each(master, cut[2]),
    states: each(states, cut[2]),
    activations: vocab ? `${lines} × (${ways.join(" + ")})${over(ask.t)}` : "0",
    logits: vocab ? `${lines} × 词表 ${whole(vocab)} × 12${over(ask.t)}` : "0",
  };
}

/** Speed and price: name, formula, value; a word where the card's number is missing. */
function pace(ask, answer) {
  const missing = (what) => `没有${what}，可在「更多」里填`;
  const cards = ask.d * ask.t * ask.p;
  if (ask.peak === null && ask.bandwidth === null) {
    return [["快慢与价钱", "选一张卡，或在「更多」里填带宽、峰值与单价", "—"]];
  }
  const active = chinese(size(ask.kind, ask.config).active);
  const speed = (many) =>
    `÷ (${digits(ask.peak, 4)} 万亿次/秒 × ${digits(ask.mfu)}%${many > 1 ? ` × ${whole(many)} 张` : ""})`;
  const rent = `${digits(ask.price ?? 0)} 美元`;
  if (ask.do === "train") {
    const flops = `${timesOf(ask)} × ${active} × ${chinese(ask.tokens)}词元`;
    const hours = (answer.seconds * cards) / 3600;
    return [
      ["运算", flops, `${power(answer.flops)} 次`],
      ["时间", ...(answer.seconds === null ? [missing("峰值"), "—"] : [`运算 ${speed(cards)}`, time(answer.seconds)])],
      ["租金", ...(answer.money === null
        ? [missing(ask.peak === null ? "峰值" : "单价"), "—"]
        : [`${chinese(hours)} 卡时 × ${rent}`, dollars(answer.money)])],
    ];
  }
  const known = answer.step !== null;
  const read = known && `(权重 ${gb(readAStep(ask))} + 缓存 ${gb(answer.parts.cache)})`;
  const stages = ask.p > 1 ? `${ask.p} 段 × ` : "";
  return [
    ["一步至少", ...(known ? [`${stages}${read} ÷ ${digits(ask.bandwidth, 5)} GB/s`, time(answer.step)] : [missing("带宽"), "—"])],
    ["生成最快", ...(known
      ? [`${whole(ask.batch * ask.d)} 条 ÷ ${time(answer.step)}`, `${chinese(answer.speed)} 词元/秒`]
      : [missing("带宽"), "—"])],
    ["读完提示约", ...(answer.seconds === null
      ? [missing("峰值"), "—"]
      : [`2 × ${active} × ${whole(ask.context * ask.batch)} ${speed(ask.t)}`, time(answer.seconds)])],
    ["百万词元至少", ...(answer.money === null
      ? [missing(known ? "单价" : "带宽"), "—"]
      : [`${rent} × ${whole(cards)} 张 ÷ 每小时 ${chinese(answer.speed * 3600)}个`, dollars(answer.money)])],
  ];
}

// --- the fields ----------------------------------------------------------------------

const YES = { 1: "是", 0: "否" };
/** Of each field: its name, and its choices, or least and most, whole, may be empty. */
const FIELDS = {
  model: ["模型"],
  card: ["加速卡"],
  w: ["权重精度", { bf16: "bf16，2 字节", int8: "int8，1 字节", int4: "int4，4.5 位", nf4: "nf4，4.13 位", fp32: "fp32，4 字节" }],
  kv: ["缓存精度", { 2: "16 位", 1: "8 位" }],
  len: ["每条几个词元", 1, 2e6, true],
  batch: ["同时几条", 1, 1000, true],
  way: ["训练什么", { full: "全部参数", lora: "LoRA", qlora: "QLoRA" }],
  again: ["梯度检查点", { 1: "开", 0: "关" }],
  zero: ["ZeRO", { 0: "不用", 1: "1 级", 2: "2 级", 3: "3 级" }],
  d: ["数据并行（组）", 1, 4096, true],
  t: ["张量并行（张）", 1, 4096, true],
  p: ["流水线（段）", 1, 256, true],
  mix: ["训练精度", { mixed: "bf16 与 fp32 主权重", bf16: "bf16，没有主权重", fp32: "纯 fp32" }],
  opt: ["优化器", { adamw: "AdamW", adamw8: "8 位 AdamW", momentum: "SGD 加动量", sgd: "SGD" }],
  rank: ["LoRA 的秩", 1, 4096, true],
  tokens: ["训练词元（亿）", 1e-6, 1e7],
  gb: ["每张显存（GB）", 0.1, 1e4],
  share: ["可用比例（%）", 1, 100],
  bw: ["带宽（GB/s）", 1, 1e6, false, true],
  peak: ["16 位峰值（万亿次/秒）", 0.01, 1e6, false, true],
  mfu: ["利用率（%）", 0.1, 100],
  price: ["每卡时（美元）", 0, 1e4, false, true],
  n: ["参数（亿）", 0.01, 1e6],
  vocab: ["词表", 1, 1e7, true],
  width: ["宽", 1, 1e6, true],
  layers: ["层", 1, 1e4, true],
  heads: ["查询头", 1, 4096, true],
  kv_heads: ["键值头", 1, 4096, true],
  head: ["头宽", 1, 4096, true],
  hidden: ["前馈宽", 1, 1e7, true],
  tied: ["输出层与嵌入共用", YES],
};
const SHOWN = {
  infer: ["model", "w", "len", "batch", "card", "gb", "t"],
  train: ["model", "way", "len", "batch", "again", "card", "gb", "d", "zero"],
};
const MORE = {
  infer: ["kv", "p", "d", "share", "bw", "peak", "mfu", "price"],
  train: ["mix", "opt", "rank", "tokens", "t", "p", "share", "peak", "mfu", "price"],
};
const OWN = {
  own: ["vocab", "width", "layers", "heads", "kv_heads", "head", "hidden", "tied"],
  count: ["n"],
};
const SOLD = ["gb", "bw", "peak", "price"];
const FIRST = {
  ...{ do: "infer", model: "Llama-3.1-8B", w: "bf16", kv: "2", len: "8192", batch: "1" },
  ...{ way: "qlora", again: "1", zero: "0", d: "1", t: "1", p: "1", mix: "mixed", opt: "adamw" },
  ...{ rank: "16", tokens: "1", card: "", gb: "24", share: "90", bw: "", peak: "", mfu: "40" },
  ...{ price: "", n: "70", vocab: "32000", width: "4096", layers: "32", heads: "32" },
  ...{ kv_heads: "32", head: "128", hidden: "11008", tied: "0" },
};
const LATER = 300; // milliseconds: browsers refuse an address that changes too often
const slug = (name) => name.replaceAll(" ", "-");
const number = (text) => (text === "" ? null : Number(text));

/** What is wrong with a value of a field, or nothing. */
function fault(key, text) {
  const [name, least, most, integer, empty] = FIELDS[key];
  if (typeof least === "object" || least === undefined) return undefined;
  const value = Number(text);
  if (text === "" && empty) return undefined;
  const good = text !== "" && value >= least && value <= most && (!integer || Number.isInteger(value));
  return good ? undefined : `「${name}」要填 ${whole(least)} 到 ${chinese(most)}之间的${integer ? "整数" : "数"}`;
}

class HardwareCalculator extends HTMLElement {
  connectedCallback() {
    if (this.now) return;
    const { data, body } = frame(this, () => this.#set(this.first));
    this.models = new Map(data.models.map((row) => [slug(row[0]), row]));
    this.cards = new Map(data.cards.map((row) => [slug(row[0]), row]));
    this.first = this.#read(data.presets[0][1]);
    const presets = data.presets.map(([name, text]) => [name, this.#written(this.#read(text))]);
    const [modes, ready] = [make("div"), make("div")];
    this.press = {
      do: chips(modes, "做什么", [["推理", "infer"], ["训练", "train"]], (to) => this.#set({ do: to })),
      ready: chips(ready, "现成的问题", presets, (text) => this.#set(this.#read(text))),
    };
    modes.classList.add("hb-modes");
    ready.classList.add("hb-ready");
    this.main = make("div", { className: "hb-grid" });
    this.own = make("div", { className: "hb-grid" });
    this.more = make("div", { className: "hb-grid" });
    const fold = make("details", { className: "hb-more" }, make("summary", { textContent: "更多" }), this.more);
    this.fields = Object.fromEntries(Object.keys(FIELDS).map((key) => [key, this.#field(key)]));
    this.answer = make("output", { className: "hb-answer", ariaLive: "polite" });
    this.tries = make("div");
    this.bar = make("div", { className: "hb-bar", role: "img" });
    this.lines = make("ul", { className: "hb-lines" });
    this.pace = make("ul", { className: "hb-lines" });
    this.results = make("div", {}, this.tries, this.bar, this.lines, this.pace, this.#copy());
    body.replaceChildren(modes, ready, this.main, this.own, fold, this.answer, this.results);
    this.addEventListener("input", ({ target }) => this.#edit(target.name, target.value));
    addEventListener("hashchange", () => this.#restore());
    document.addEventListener("click", (event) => this.#follow(event));
    this.#show(this.#asked() ?? this.first);
  }

  /** A field with its name over it: a select, or a number. */
  #field(key) {
    const [name, least, most, integer, empty] = FIELDS[key];
    let input;
    if (typeof least === "number") {
      const inputMode = integer ? "numeric" : "decimal";
      input = make("input", { type: "number", min: least, max: most, step: integer ? 1 : "any", inputMode });
      input.required = !empty;
    } else {
      input = make("select");
      if (least) input.append(...Object.entries(least).map(([value, text]) => new Option(text, value)));
      else input.append(...this.#groups(key));
    }
    Object.assign(input, { name: key, ariaLabel: name });
    return Object.assign(make("label", {}, make("span", { textContent: name }), input), { input });
  }

  /** The models or the cards under their makers, and what one fills in. */
  #groups(key) {
    const rows = key === "model" ? this.models : this.cards;
    const groups = new Map();
    for (const [value, [name, by]] of rows) {
      if (!groups.has(by)) groups.set(by, make("optgroup", { label: by }));
      groups.get(by).append(new Option(name, value));
    }
    const mine = key === "model" ? [["自己填结构", "own"], ["只填参数量", "count"]] : [["自己填", ""]];
    return [...mine.map(([text, value]) => new Option(text, value)), ...groups.values()];
  }

  #copy() {
    const said = make("span", { ariaLive: "polite" });
    const copy = button("复制链接", async () => {
      const address = this.#address();
      history.replaceState(history.state, "", address);
      try {
        await navigator.clipboard.writeText(address.href);
        said.textContent = "已复制，打开就是这里填的";
      } catch {
        said.textContent = "请从地址栏复制，打开就是这里填的";
      }
    });
    this.copied = said;
    return make("p", { className: "hb-copy" }, copy, said);
  }

  /** The settings of an address; nothing where it is none of ours. */
  #read(text) {
    const given = Object.fromEntries(new URLSearchParams(text));
    const known = this.models.has(given.model) || Object.hasOwn(OWN, given.model);
    if (!Object.hasOwn(SHOWN, given.do) || !known) return undefined;
    const now = { ...FIRST, do: given.do, model: given.model };
    if (this.cards.has(given.card)) Object.assign(now, this.#sold(given.card));
    for (const [key, value] of Object.entries(given)) {
      const choices = FIELDS[key]?.[1];
      if (choices === undefined || (now.card && SOLD.includes(key))) continue;
      const good = typeof choices === "object" ? Object.hasOwn(choices, value) : !fault(key, value);
      if (good) now[key] = value;
    }
    return now;
  }

  /** The settings that matter and are not the first ones, as an address holds them. */
  #written(now) {
    const keys = [...SHOWN[now.do], ...(OWN[now.model] ?? []), ...MORE[now.do]];
    const said = keys.filter((key) => {
      if (now.card && SOLD.includes(key)) return false;
      return key === "model" || now[key] !== FIRST[key];
    });
    return String(new URLSearchParams(["do", ...said].map((key) => [key, now[key]])));
  }

  #asked() {
    const ours = [location.hash.slice(1), location.search.slice(1)];
    return ours.map((text) => this.#read(text)).find(Boolean);
  }

  #restore() {
    const asked = this.#read(location.hash.slice(1));
    if (asked && this.#written(asked) !== this.#written(this.now)) this.#show(asked);
  }

  /** A link of the page to a question is answered here, without loading it anew. */
  #follow(event) {
    const link = event.target.closest?.('a[href^="?do="]');
    const asked = link && this.#read(new URL(link.href).search.slice(1));
    if (!asked || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#set(asked);
    this.scrollIntoView({ block: "start" });
  }

  #sold(card) {
    const [, , ...sold] = this.cards.get(card);
    return { card, ...Object.fromEntries(SOLD.map((key, i) => [key, String(sold[i] ?? "")])) };
  }

  #edit(key, value) {
    if (key === "card" && value) return this.#set(this.#sold(value));
    this.#set({ [key]: value, ...(SOLD.includes(key) ? { card: "" } : {}) });
  }

  #set(change) {
    this.#show({ ...this.now, ...change });
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      if (this.results.hidden) return; // what is wrong is not remembered
      const address = this.#address();
      if (address.href !== location.href) history.replaceState(history.state, "", address);
    }, LATER);
  }

  /** The address of what is shown. An address that only names a heading stays so. */
  #address() {
    const address = new URL(location.href);
    const text = this.#written(this.now);
    for (const key of ["do", ...Object.keys(FIELDS)]) address.searchParams.delete(key);
    if (text !== this.#written(this.first)) address.hash = text;
    else if (address.hash.startsWith("#do=")) address.hash = "";
    return address;
  }

  #show(now) {
    const moved = !this.now || now.do !== this.now.do || now.model !== this.now.model;
    this.now = now;
    if (moved) this.#arrange();
    this.press.do(now.do);
    this.press.ready(this.#written(now));
    this.copied.textContent = "";
    for (const [key, { input }] of Object.entries(this.fields)) {
      if (SOLD.includes(key)) input.placeholder = now.card ? "没有公布" : "可不填";
      if (input.value !== now[key] && !(input === document.activeElement && input.validity.badInput)) {
        input.value = now[key];
      }
    }
    this.fields.rank.hidden = now.way === "full";
    const keys = [...SHOWN[now.do], ...(OWN[now.model] ?? []), ...MORE[now.do]];
    const wrong = keys.find((key) => fault(key, now[key]) || this.fields[key].input.validity.badInput);
    const alone = now.do === "train" && now.model === "count" && now.way !== "full";
    this.answer.classList.toggle("hb-wrong", Boolean(wrong || alone));
    this.results.hidden = Boolean(wrong || alone);
    if (wrong) {
      const fold = this.fields[wrong].closest("details");
      if (fold) fold.open = true;
      this.answer.replaceChildren(make("b", { textContent: `${fault(wrong, now[wrong]) ?? "请填一个数"}。` }));
    } else if (alone) {
      this.answer.replaceChildren(make("b", { textContent: "只知道参数量，算不出 LoRA：请选模型，或自己填结构。" }));
    } else {
      this.#tell(this.#ask(now));
    }
  }

  /** The fields of this sort of question, in their order. */
  #arrange() {
    const place = (box, keys) => {
      const labels = keys.map((key) => this.fields[key]);
      if ([...box.children].some((child, i) => child !== labels[i]) || box.childElementCount !== labels.length) {
        box.replaceChildren(...labels);
      }
    };
    const { do: mode, model } = this.now;
    const focused = this.contains(document.activeElement) ? document.activeElement : undefined;
    place(this.main, SHOWN[mode]);
    place(this.own, OWN[model] ?? []);
    place(this.more, MORE[mode]);
    this.own.hidden = !OWN[model];
    if (focused?.isConnected && focused !== document.activeElement) focused.focus();
  }

  /** The question, as the account takes it. */
  #ask(now) {
    let [kind, config] = this.models.get(now.model)?.slice(2) ?? ["llama"];
    if (now.model === "count") {
      [kind, config] = ["count", { params: Math.round(Number(now.n) * 1e8) }];
    } else if (!config) {
      config = Object.fromEntries(OWN.own.map((key) => [key, Number(now[key])]));
    }
    return {
      kind,
      config,
      do: now.do,
      context: Number(now.len),
      batch: Number(now.batch),
      weights: now.w,
      cache: Number(now.kv),
      method: now.way,
      scheme: now.mix,
      optimizer: now.opt,
      rank: Number(now.rank),
      checkpoint: now.again === "1",
      tokens: Number(now.tokens) * 1e8,
      zero: Number(now.zero),
      d: Number(now.d),
      t: Number(now.t),
      p: Number(now.p),
      memory: Number(now.gb),
      share: Number(now.share),
      bandwidth: number(now.bw),
      peak: number(now.peak),
      price: number(now.price),
      mfu: Number(now.mfu),
    };
  }

  #tell(ask) {
    const answer = estimate(ask);
    const many = ask.d * ask.t * ask.p;
    const left = answer.usable - answer.total;
    const each = many > 1 ? "每张" : "";
    const said = answer.fits ? `${many > 1 ? `${whole(many)} 张` : ""}放得下` : `${many > 1 ? `${whole(many)} 张还` : "一张"}放不下`;
    const head = [`${said}：${each}要 ${gb(answer.total)}，`, `可用 ${gb(answer.usable)}`];
    this.answer.classList.toggle("hb-over", !answer.fits);
    this.answer.replaceChildren(
      make("b", {}, ...head.map((textContent) => make("span", { textContent }))),
      `${this.#more(ask, answer, left)}${answer.fits ? this.#speed(ask, answer) : ""}`,
    );
    this.#offer(ask, answer);
    this.#draw(ask, answer);
    const formula = formulas(ask);
    const line = ([name, text, value], part) =>
      make("li", part ? { className: `hb-${part}` } : {}, make("b", { textContent: name }), make("span", { textContent: text }), make("b", { textContent: value }));
    const parts = Object.entries(answer.parts).filter(([, bytes]) => bytes);
    const named = (part) => (part === "weights" && answer.parts.adapter ? "底座权重" : PARTS[part]);
    this.lines.replaceChildren(...parts.map(([part, bytes]) => line([named(part), formula[part], gb(bytes)], part)));
    if (ask.kind === "count") {
      const what = ask.do === "train" ? "激活值与词表打分" : "键值缓存";
      this.lines.append(make("li", { textContent: `${what}要有结构才算得出，这里没有计。` }));
    }
    if (ask.do === "train" && ask.t > 1) {
      this.lines.append(make("li", { textContent: "激活值按张量并行加序列并行平分；只开张量并行，有一部分分不掉。" }));
    }
    if (ask.kind === "deepseek" && ask.do === "train") {
      this.lines.append(make("li", { textContent: "混合专家的激活值没有实测，按同样的写法推算。" }));
    }
    this.pace.replaceChildren(...pace(ask, answer).map((row) => line(row)));
    if (!answer.fits) {
      const textContent = `假如放得下，${many > 1 ? `${whole(many)} 张` : "一张"}这样的卡有多快：`;
      this.pace.prepend(make("li", { textContent }));
    }
  }

  /** How much is left or missing, and how many cards would do. */
  #more(ask, answer, left) {
    const many = ask.d * ask.t * ask.p;
    const rest = left < 0 ? `还差 ${gb(-left)}。` : `还剩 ${gb(left)}。`;
    if (answer.fits) return rest + (answer.cards < many ? `最少 ${whole(answer.cards)} 张就放得下。` : "");
    const cut = this.#cut(ask, answer);
    if (cut) return `${rest}${cut.zero === ask.zero || ask.do === "infer" ? "" : "用 ZeRO 3 级，"}按 1、2、4、8……张试，${whole(cut.cards)} 张放得下。`;
    return `${rest}只加卡不够：${ask.do === "train" ? "激活值与词表打分不随 ZeRO 分开" : "键值头分到一个就不能再分"}。`;
  }

  /** The fewest cards, if need be by ZeRO's last stage. */
  #cut(ask, answer) {
    if (answer.cards) return { cards: answer.cards, zero: ask.zero };
    const cards = ask.do === "train" && ask.zero < 3 ? fewest({ ...ask, zero: 3 }) : null;
    return cards ? { cards, zero: 3 } : undefined;
  }

  #speed(ask, answer) {
    if (ask.do === "train") {
      const words = [];
      if (answer.seconds !== null) words.push(`训练 ${chinese(ask.tokens)}词元约 ${time(answer.seconds)}`);
      if (answer.money !== null) words.push(`租金约 ${dollars(answer.money)}`);
      return words.length ? `${words.join("，")}。` : "";
    }
    return answer.speed === null ? "" : `生成最快 ${chinese(answer.speed)} 词元/秒。`;
  }

  /** Single changes that would make it fit, each a button. */
  #offer(ask, answer) {
    const now = this.now;
    const cut = this.#cut(ask, answer);
    const smaller = (w) => PRECISIONS[w][0] / PRECISIONS[w][1] < PRECISIONS[now.w][0] / PRECISIONS[now.w][1];
    const infer = [
      ...["int8", "int4"].filter(smaller).map((w) => [`权重用 ${w}`, { w }]),
      ["缓存用 8 位", { kv: "1" }],
      ["长度减半", { len: String(Math.ceil(now.len / 2)) }],
      ...(cut ? [[`用 ${whole(cut.cards)} 张`, { t: String(cut.cards), p: "1", d: "1" }]] : []),
    ];
    const train = [
      ["打开梯度检查点", { again: "1" }],
      ["8 位 AdamW", { opt: "adamw8" }],
      ["长度减半", { len: String(Math.ceil(now.len / 2)) }],
      ...(now.model === "count" ? [] : [["换 LoRA", { way: "lora" }], ["换 QLoRA", { way: "qlora" }]]),
      ...(cut ? [[`ZeRO ${cut.zero} 级，${whole(cut.cards)} 张`, { zero: String(cut.zero), d: String(cut.cards / ask.t / ask.p) }]] : []),
    ];
    const worth = ([, change]) => {
      const changed = Object.entries(change).some(([key, value]) => now[key] !== value);
      return changed && fits(this.#ask({ ...now, ...change }));
    };
    const offered = answer.fits ? [] : (now.do === "train" ? train : infer).filter(worth);
    this.tries.className = "hb-tries";
    this.tries.replaceChildren(
      ...(offered.length ? [make("span", { textContent: "放得下的改法：" })] : []),
      ...offered.map(([text, change]) => button(text, () => {
        this.#set(change);
        this.querySelector('.hb-modes [aria-pressed="true"]').focus({ preventScroll: true });
      })),
    );
  }

  /** The parts side by side, against the memory of the card. */
  #draw(ask, answer) {
    const memory = ask.memory * GB;
    const all = Math.max(answer.total, memory);
    const percent = (bytes) => `${((bytes / all) * 100).toFixed(3)}%`;
    const parts = Object.entries(answer.parts).filter(([, bytes]) => bytes);
    const mark = (bytes, text) => {
      const made = make("em", { textContent: text });
      made.style.insetInlineStart = percent(bytes);
      made.classList.toggle("hb-late-mark", bytes / all > 0.6);
      return made;
    };
    const row = make("div", {}, ...parts.map(([part, bytes]) => {
      const made = make("i", { className: `hb-${part}`, title: `${PARTS[part]} ${gb(bytes)}` });
      made.style.width = percent(bytes);
      return made;
    }));
    row.style.setProperty("--memory", percent(memory));
    this.bar.replaceChildren(row, mark(answer.usable, `可用 ${gb(answer.usable)}`));
    const said = parts.map(([part, bytes]) => `${PARTS[part]} ${gb(bytes)}`).join("，");
    this.bar.ariaLabel = `一张卡：${said}；可用 ${gb(answer.usable)}`;
  }
}

customElements.define("hardware-calculator", HardwareCalculator);
