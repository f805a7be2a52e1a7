// <tokenizer-playground>: type a text, see its tokens, walk through the merges.
// The merges stand as JSON inside the tag; the rules are those of
// handbook/widgets/tokenizer_playground.py.

import { button, chips, frame, make } from "./tool.js";

const BLANK =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPLIT = new RegExp(
  [
    "'(?:[sdmt]|ll|ve|re)",
    " ?[\\p{L}\\p{Nl}\\p{No}]+",
    " ?\\p{Nd}+",
    ` ?[^\\p{L}\\p{N}${BLANK}]+`,
    `[${BLANK}]+(?![^${BLANK}])`,
    `[${BLANK}]+`,
  ].join("|"),
  "gu",
);

/** The stretches of a text that no merge crosses. */
export const split = (text) => text.match(SPLIT) ?? [];

/** What the merges make: the bytes of each token, and the id that a pair becomes. */
export function vocabulary(merges) {
  const pieces = Array.from({ length: 256 }, (_, byte) => [byte]);
  const pairs = new Map();
  for (const [left, right] of merges) {
    pairs.set(`${left} ${right}`, { left, right, id: pieces.length });
    pieces.push([...pieces[left], ...pieces[right]]);
  }
  return { pieces, pairs };
}

/** Do one merge wherever it stands. */
function merge(ids, { left, right, id }) {
  const merged = [];
  for (let i = 0; i < ids.length; i += 1) {
    if (ids[i] === left && ids[i + 1] === right) {
      merged.push(id);
      i += 1;
    } else merged.push(ids[i]);
  }
  return merged;
}

/** All states of a text, from bytes to tokens; each but the first names its merge. */
export function steps(text, { pairs }) {
  const encoder = new TextEncoder();
  let words = split(text).map((piece) => [...encoder.encode(piece)]);
  const states = [{ words }];
  for (;;) {
    let first;
    for (const ids of words) {
      for (let i = 1; i < ids.length; i += 1) {
        const found = pairs.get(`${ids[i - 1]} ${ids[i]}`);
        if (found && !(found.id >= first?.id)) first = found; // learnt before
      }
    }
    if (!first) return states;
    const now = first;
    words = words.map((ids) => merge(ids, now));
    states.push({ words, merge: now });
  }
}

/** The ids of a text. */
export const encode = (text, vocab) => steps(text, vocab).at(-1).words.flat();

const hex = (bytes) =>
  bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");

/** A token as a reader sees it: blanks visible; "" for a part of a character. */
export function shown(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(new Uint8Array(bytes))
      .replaceAll(" ", "␣")
      .replaceAll("\n", "⏎");
  } catch {
    return "";
  }
}

/** The places in a stretch where a pair stands, each token in one pair at most. */
function places(ids, pair) {
  const found = [];
  for (let i = 1; pair && i < ids.length; i += 1) {
    if (ids[i - 1] === pair.left && ids[i] === pair.right) {
      found.push(i - 1);
      i += 1;
    }
  }
  return found;
}

const EXAMPLES = [
  ["中文", "神经网络只认得数字，文字要怎样喂给它？"],
  ["English", "The model reads tokens, not letters."],
  ["代码", "for i in range(10):\n    print(i ** 2)"],
  ["数字", "3.14159，1,000,000，2026 年"],
  ["😀", "😀👩\u200d🏫🇨🇳❤️"],
];

const LIMIT = 400; // code points: each is a tile or more, and steps take time
const LATER = 300; // milliseconds: browsers refuse an address that changes too often

class TokenizerPlayground extends HTMLElement {
  connectedCallback() {
    if (this.field) return;
    const { data, body } = frame(this, () => this.#set(data.example));
    this.example = data.example;
    this.vocab = vocabulary(data.merges);
    const row = make("div");
    this.press = chips(row, "例子", EXAMPLES, (text) => this.#set(text));
    this.field = make("textarea", { rows: 2, id: `${this.id}-text` });
    this.field.addEventListener("input", () => this.#read());
    this.tiles = make("output", { className: "hb-tiles", ariaLive: "off" });
    this.rate = make("output", { className: "hb-rate" });
    // The slider's own aria-valuetext says the step: not to be read out twice.
    this.step = make("output", { className: "hb-step", ariaLive: "off" });
    this.list = make("ol", { className: "hb-pieces", ariaLabel: "词元" });
    const label = make("label", {
      htmlFor: this.field.id,
      textContent: `输入文字（看前 ${LIMIT} 个码位；只在你的浏览器里处理）`,
    });
    body.replaceChildren(
      row,
      label,
      this.field,
      this.tiles,
      this.#stepper(),
      this.step,
      this.list,
      this.#foot(),
    );
    const asked = new URLSearchParams(location.search);
    const step = asked.has("step") ? Number(asked.get("step")) : undefined;
    this.#set(asked.get("text") ?? this.example, step);
  }

  #stepper() {
    const walk = (face, name, to) =>
      button(face, () => this.#walk(to(this.at, this.states.length - 1)), {
        ariaLabel: name,
        title: name,
      });
    this.slider = make("input", { type: "range", min: 0, ariaLabel: "合并到第几步" });
    this.slider.addEventListener("input", () => this.#walk(this.slider.valueAsNumber));
    this.count = make("span", { ariaHidden: "true" });
    return make(
      "div",
      { className: "hb-stepper" },
      walk("|◀", "从字节开始", () => 0),
      walk("◀", "上一步", (at) => at - 1),
      this.slider,
      this.count,
      walk("▶", "下一步", (at) => at + 1),
      walk("▶|", "并到底", (at, last) => last),
    );
  }

  #foot() {
    const full = button("显示字节", () => {
      full.ariaPressed = this.list.classList.toggle("hb-full");
    });
    full.ariaPressed = false;
    const key = make("span", { className: "hb-key" });
    key.innerHTML =
      '<i class="hb-pair">虚线</i>：下一步要并的一对 <i class="hb-new">粗框</i>：刚并成的';
    return make("div", { className: "hb-under" }, key, this.rate, full);
  }

  #set(text, step) {
    this.field.value = text;
    this.#read(step);
  }

  /** A new text: all its steps, shown from the last if not from the one asked for. */
  #read(step = Infinity) {
    const whole = [...this.field.value]; // by code point: no pair is cut in two
    const text = whole.slice(0, LIMIT).join("");
    this.states = steps(text, this.vocab);
    this.press(this.field.value);
    this.points = Math.min(whole.length, LIMIT);
    const tokens = this.states.at(-1).words.flat().length;
    const left = whole.length - this.points;
    this.rate.textContent = [
      this.points ? `平均每个码位 ${(tokens / this.points).toFixed(2)} 个词元` : "",
      left ? `；后面还有 ${left} 个码位没有算` : "",
    ].join("");
    this.slider.max = this.states.length - 1;
    this.#walk(Number.isFinite(step) ? step : this.states.length - 1);
  }

  /** Go to a step, or to the nearest there is. */
  #walk(to) {
    const last = this.states.length - 1;
    this.at = Math.max(0, Math.min(Math.trunc(to), last));
    this.slider.value = this.at;
    const { words, merge: done } = this.states[this.at];
    const { pieces } = this.vocab;
    const name = (id) => {
      const text = shown(pieces[id]);
      return text ? `${text}（${hex(pieces[id])}）` : hex(pieces[id]);
    };
    const what = done
      ? `${name(done.left)} + ${name(done.right)} → ${done.id}，训练时第 ${done.id - 255} 个学到`
      : "只有字节，还没有合并";
    const now = words.flat().length;
    this.count.textContent = `${this.at}/${last}`;
    this.step.textContent = `第 ${this.at} / ${last} 步，${now} 个词元：${what}`;
    this.slider.setAttribute("aria-valuetext", this.step.textContent);
    this.#measure(now);
    const next = this.states[this.at + 1]?.merge;
    this.list.replaceChildren(...words.flatMap((ids) => this.#pieces(ids, done, next)));
    clearTimeout(this.later);
    this.later = setTimeout(() => this.#remember(), LATER);
  }

  /** Three tiles with bars on one scale: that of the longest, the bytes. */
  #measure(tokens) {
    const bytes = this.states[0].words.flat().length;
    const each = [
      [this.points, "码位"],
      [bytes, "字节"],
      [tokens, "词元"],
    ];
    this.tiles.replaceChildren(
      ...each.map(([number, unit]) => {
        const tile = make("span", {}, make("b", { textContent: number }), ` ${unit} `);
        tile.style.setProperty("--share", bytes ? number / bytes : 0);
        return tile;
      }),
    );
  }

  #pieces(ids, done, next) {
    const { pieces } = this.vocab;
    const items = ids.map((id) => {
      const item = make("li", { textContent: shown(pieces[id]) || hex(pieces[id]) });
      if (id === done?.id) item.className = "hb-new";
      item.append(make("span", { textContent: id }));
      item.append(make("span", { textContent: hex(pieces[id]) }));
      return item;
    });
    for (const at of places(ids, next)) {
      items[at].classList.add("hb-pair", "hb-left");
      items[at + 1].classList.add("hb-pair");
    }
    return items;
  }

  /** What is shown stands in the address, so that it can be sent to others. */
  #remember() {
    const address = new URL(location.href);
    address.searchParams.delete("text");
    address.searchParams.delete("step");
    if (this.field.value !== this.example) {
      address.searchParams.set("text", this.field.value);
    }
    if (this.at < this.states.length - 1) address.searchParams.set("step", this.at);
    if (address.href !== location.href) {
      history.replaceState(history.state, "", address);
    }
  }
}

customElements.define("tokenizer-playground", TokenizerPlayground);
