// <scale-calculator>: parameters and tokens in, hours, money and energy out.
// The boxes of the chain, models and chips stand inside the tag; the rule is that of
// handbook/widgets/scale_calculator.py.

import { chips, frame, make } from "./tool.js";

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
export function chinese(number, digits = 4) {
  const units = [
    [1e12, " 万亿"],
    [1e8, " 亿"],
    [1e4, " 万"],
  ];
  const rounded = Number(number.toPrecision(digits)); // 9,999 to three is 1 万
  const [size, word] = units.find(([size]) => rounded >= size) ?? [1, ""];
  const shown = { maximumSignificantDigits: digits };
  return (number / size).toLocaleString("zh-CN", shown) + word;
}

/** A number and its unit: 5,390 美元, but 1.08 万美元. */
const amount = (number, unit) => chinese(number, 3).replace(/\d$/, "$& ") + unit;

/** A number in powers of ten: 3.80 × 10²⁵. */
export function power(number) {
  const [digits, exponent] = number.toExponential(2).split("e");
  const raised = [...exponent].map((d) => ({ "+": "", "-": "⁻" })[d] ?? "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]);
  return `${digits} × 10${raised.join("")}`;
}

/** Units of time: name, hours in one, and up to how many hours it is used. */
const UNITS = [
  ["小时", 1, 48],
  ["天", 24, 2 * 8760],
  ["年", 8760, Infinity],
];

/** A time that one remembers: ≈ 28 天, ≈ 6.2 年. */
export function time(hours) {
  const [unit, size] = UNITS.find(([, , limit]) => hours < limit);
  const number = hours / size;
  const whole = number >= 10 && number < 1e4;
  return `≈ ${whole ? Math.round(number).toLocaleString("zh-CN") : chinese(number, 2)}`
    .replace(/\d$/, "$& ")
    .concat(unit);
}

/** The least that a field takes: one parameter, one token, cards of one's own. */
const LEAST = { n: 1e-8, d: 1e-8, gpus: 1, price: 0, pue: 1 };
const MOST = 1e15;

class ScaleCalculator extends HTMLElement {
  connectedCallback() {
    if (this.fields) return;
    const { data, body } = frame(this, () => this.#reset());
    this.data = data;
    this.fields = {};
    for (const place of body.querySelectorAll("[data-in]")) this.#field(place);
    this.out = Object.fromEntries(
      [...body.querySelectorAll("[data-out]")].map((place) => [place.dataset.out, place]),
    );
    const runs = data.models.map((run) => [run.name, run]);
    const row = body.querySelector(".hb-chips");
    this.press = chips(row, "从一次公布的训练填起", runs, (run) => this.#fill(run));
    this.strip = make("output", { className: "hb-strip", ariaLive: "polite" });
    body.querySelector(".hb-table").remove();
    body.append(this.strip);
    this.addEventListener("input", ({ target }) => this.#edit(target));
    this.#above();
    this.#show();
  }

  /** A field in the place of the example's number. */
  #field(place) {
    const { in: name, name: ariaLabel } = place.dataset;
    const value = place.textContent;
    if (name === "chip") {
      const options = this.data.chips.map((chip) => new Option(chip.name));
      this.chip = make("select", { ariaLabel }, ...options, new Option("自己填", ""));
      this.chip.value = value;
      this.chip.initial = value;
      place.replaceWith(this.chip);
      return;
    }
    const field = make("input", { type: "number", step: "any", ariaLabel });
    const max = name === "mfu" ? 100 : MOST;
    Object.assign(field, { required: true, min: LEAST[name] ?? 1e-9, max });
    field.value = field.defaultValue = value;
    this.fields[name] = field;
    place.replaceWith(field);
  }

  #reset() {
    for (const field of Object.values(this.fields)) field.value = field.defaultValue;
    this.chip.value = this.chip.initial;
    this.run = undefined;
    this.#show();
  }

  /** A published run: its parameters, tokens and chip. */
  #fill(run) {
    this.run = run;
    this.fields.n.value = run.n / 1e8;
    this.fields.d.value = run.d / 1e8;
    this.chip.value = run.chip;
    this.#equip();
    this.#show();
  }

  /** A chip: its peak, and its power where it is published. */
  #equip() {
    const chip = this.data.chips.find(({ name }) => name === this.chip.value);
    if (!chip) return;
    this.fields.peak.value = chip.peak;
    this.fields.watts.value = chip.watts ?? "";
  }

  /** What is typed is no longer the published run, or the chip as sold. */
  #edit(field) {
    const { n, d, peak, watts } = this.fields;
    if (field === n || field === d || field === this.chip) this.run = undefined;
    if (field === peak || field === watts) this.chip.value = "";
    if (field === this.chip) this.#equip();
    this.#show();
  }

  /** Why there is no energy: the chip's power is not published, or was wiped out. */
  #silent() {
    const chip = this.data.chips.find(({ name }) => name === this.chip.value);
    return chip && !chip.watts ? "这种卡没有公布标称功率，请自己填" : "请填每卡功率";
  }

  #show() {
    this.press(this.run);
    const { watts, ...needed } = this.fields;
    const wrong = Object.values(needed).find((field) => !field.checkValidity());
    this.strip.classList.toggle("hb-wrong", Boolean(wrong));
    if (wrong) {
      const fold = wrong.closest("details");
      if (fold) fold.open = true;
      this.#say({});
      this.strip.textContent = `「${wrong.ariaLabel}」不是合理的数，请看红框。`;
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
    const known = watts.checkValidity();
    const said = {
      flops: power(flops),
      cardHours: chinese(made.cardHours, 3),
      published: this.run?.hours
        ? `公布的是 ${chinese(this.run.hours)}`
        : "一张卡要几小时",
      time: time(made.hours),
      money: amount(made.money, "美元"),
      energy: known ? amount(made.energy, "千瓦时") : "—",
      power: known ? `${value.watts} W × PUE ${value.pue}` : this.#silent(),
    };
    this.#say(said);
    const short = known ? [said.energy.replace("千瓦时", "度")] : [];
    this.strip.textContent = [said.time, said.money, ...short].join(" · ");
  }

  /** What each box shows; a dash where nothing is known. */
  #say(said) {
    for (const [name, place] of Object.entries(this.out)) {
      place.textContent = said[name] ?? "—";
    }
  }

  /** The strip at the foot of a phone's screen stays above its keyboard. */
  #above() {
    const seen = window.visualViewport;
    seen?.addEventListener("resize", () => {
      const hidden = Math.max(0, innerHeight - seen.height - seen.offsetTop);
      this.strip.style.bottom = seen.scale > 1 ? "" : `${hidden}px`;
    });
  }
}

customElements.define("scale-calculator", ScaleCalculator);
