// <scale-calculator>: parameters and tokens in, hours, money and energy out.
// Models and chips stand as JSON inside the tag; the rule is that of
// handbook/calculator.py.

/** A run in card-hours, hours, dollars and kWh; peak in FLOP/s, watts of one card. */
export function plan({ flops, peak, mfu, gpus, price, watts, pue }) {
  const cardHours = flops / (peak * mfu) / 3600;
  return {
    cardHours,
    hours: cardHours / gpus,
    money: cardHours * price,
    energy: ((cardHours * watts) / 1000) * pue,
  };
}

/** A number as it is read in Chinese, to four digits: 2.788e6 is 278.8 万. */
export function chinese(number) {
  const units = [
    [1e12, " 万亿"],
    [1e8, " 亿"],
    [1e4, " 万"],
  ];
  const [size, word] = units.find(([size]) => number >= size) ?? [1, ""];
  const digits = { maximumSignificantDigits: 4 };
  return (number / size).toLocaleString("zh-CN", digits) + word;
}

/** A number and its unit: 5,393 美元, but 1.079 万美元. */
const amount = (number, unit) => chinese(number).replace(/\d$/, "$& ") + unit;

/** A number in powers of ten: 3.80 × 10²⁵. */
export function power(number) {
  const [digits, exponent] = number.toExponential(2).split("e+");
  return `${digits} × 10${[...exponent].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("")}`;
}

const FIELDS = [
  ["n", "参数量（亿；混合专家填激活的）", 80],
  ["d", "训练词元（亿）", 1600],
  ["peak", "每卡稠密峰值（T/s）", 989],
  ["mfu", "利用率（%）", 40, 100],
  ["gpus", "卡数", 8],
  ["price", "每卡时单价（美元）", 2],
  ["watts", "每卡功率（W）", 700],
  ["pue", "PUE", 1.1],
];

/** Units of time: name, hours in one, and up to how many hours it is used. */
const UNITS = [
  ["小时", 1, 48],
  ["天", 24, 2 * 8760],
  ["年", 8760, Infinity],
];

/** The least that a field takes: one parameter, one token, cards of one's own. */
const LEAST = { n: 1e-8, d: 1e-8, gpus: 1, price: 0, pue: 1 };

/** No field takes more than this. */
const MOST = 1e15;

const STYLE = `
  scale-calculator { display: block; }
  scale-calculator .hb-inputs {
    display: grid; gap: 0.6em 1em; margin: 0.8em 0;
    grid-template-columns: repeat(auto-fill, minmax(min(14em, 100%), 1fr));
  }
  scale-calculator label { display: block; font-size: 0.85em; }
  scale-calculator :is(input, select) {
    box-sizing: border-box; display: block; width: 100%; margin-top: 0.2em;
    padding: 0.35em 0.5em; font: inherit; color: inherit;
    background: var(--hb-wash, #eef3f9); border: 1px solid currentColor;
    border-radius: 0.2em;
  }
  scale-calculator :is(input, select):focus-visible {
    outline: 2px solid var(--hb-qing, #1565c0); outline-offset: 2px;
  }
  scale-calculator input:invalid { border: 2px solid var(--hb-zhu, #c2410c); }
  scale-calculator output {
    display: block; padding: 0.6em 0.8em; line-height: 1.9; white-space: pre-line;
    border-inline-start: 0.2em solid var(--hb-qing, #1565c0);
  }
`;

class ScaleCalculator extends HTMLElement {
  connectedCallback() {
    const data = this.querySelector('script[type="application/json"]');
    if (!data || this.output) return;
    this.data = JSON.parse(data.textContent);
    const sheet = this.#make("style", { textContent: STYLE });
    const grid = this.#make("div", { className: "hb-inputs" });
    this.model = this.#select("从一次公布的训练填起", this.data.models, grid);
    this.chip = this.#select("加速卡", this.data.chips, grid);
    this.fields = {};
    for (const [name, text, value, max = MOST] of FIELDS) {
      const field = this.#make("input", { type: "number", step: "any", value });
      Object.assign(field, { required: true, min: LEAST[name] ?? 1e-9, max });
      this.fields[name] = field;
      this.#label(text, field, grid);
    }
    this.output = this.#make("output", { ariaLive: "polite" });
    this.model.addEventListener("change", () => this.#fill());
    this.chip.addEventListener("change", () => this.#equip());
    grid.addEventListener("input", ({ target }) => this.#edit(target));
    this.replaceChildren(sheet, data, grid, this.output);
    this.chip.value = "H100";
    this.#show();
  }

  #make(tag, values) {
    return Object.assign(document.createElement(tag), values);
  }

  #label(text, field, grid) {
    const label = this.#make("label", { textContent: text });
    label.append(field);
    grid.append(label);
  }

  #select(text, rows, grid) {
    const select = this.#make("select", {});
    const options = rows.map(({ name }) => new Option(name, name));
    select.append(new Option("自己填", ""), ...options);
    this.#label(text, select, grid);
    return select;
  }

  /** A published run: its parameters, tokens and chip. */
  #fill() {
    const run = this.data.models.find(({ name }) => name === this.model.value);
    if (!run) return;
    this.fields.n.value = run.n / 1e8;
    this.fields.d.value = run.d / 1e8;
    this.chip.value = run.chip;
    this.#equip();
  }

  /** A chip: its peak, and its power where it is published. */
  #equip() {
    const chip = this.data.chips.find(({ name }) => name === this.chip.value);
    if (chip) {
      this.fields.peak.value = chip.peak;
      this.fields.watts.value = chip.watts ?? "";
    }
    this.#show();
  }

  /** What is typed is no longer the published run, or the chip as sold. */
  #edit(field) {
    const { n, d, peak, watts } = this.fields;
    if (field === n || field === d) this.model.value = "";
    if (field === peak || field === watts) this.chip.value = "";
    this.#show();
  }

  /** Why there is no energy: the chip's power is not published, or was wiped out. */
  #silent() {
    const chip = this.data.chips.find(({ name }) => name === this.chip.value);
    return chip && !chip.watts
      ? "用电：这种卡没有公布标称功率，请自己填"
      : "用电：请填每卡功率";
  }

  #show() {
    const { watts, ...needed } = this.fields;
    const wrong = Object.values(needed).find((field) => !field.checkValidity());
    if (wrong) {
      const name = wrong.parentElement.firstChild.textContent;
      this.output.textContent = `「${name}」不是合理的数，请看红框。`;
      return;
    }
    const value = Object.fromEntries(
      Object.entries(this.fields).map(([name, field]) => [name, field.valueAsNumber]),
    );
    const flops = 6 * value.n * 1e8 * value.d * 1e8;
    const made = plan({
      ...value,
      flops,
      peak: value.peak * 1e12,
      mfu: value.mfu / 100,
    });
    const [unit, size] = UNITS.find(([, , limit]) => made.hours < limit);
    this.output.textContent = [
      `运算次数 ${power(flops)}`,
      `卡时 ${chinese(made.cardHours)}`,
      `${amount(value.gpus, "张卡")}要 ${amount(made.hours / size, unit)}`,
      `租金 ${amount(made.money, "美元")}`,
      watts.checkValidity()
        ? `用电 ${amount(made.energy, "千瓦时")}`
        : this.#silent(),
    ].join("\n");
  }
}

customElements.define("scale-calculator", ScaleCalculator);
