// <tokenizer-playground>: type a text, see its tokens, walk through the merges.
// The merges stand as JSON inside the tag; the rules are those of handbook/tokens.py.

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

/** A token as a reader sees it: blanks visible, part of a character named. */
export function shown(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(new Uint8Array(bytes))
      .replaceAll(" ", "␣")
      .replaceAll("\n", "⏎");
  } catch {
    return bytes.length > 1 ? "不成字" : "字节";
  }
}

const STYLE = `
  tokenizer-playground { display: block; }
  tokenizer-playground :is(textarea, input[type="range"]) { display: block; width: 100%; }
  tokenizer-playground textarea {
    box-sizing: border-box; margin: 0.3em 0 0.8em; padding: 0.5em; font: inherit;
    color: inherit; background: transparent; border: 1px solid currentColor;
    border-radius: 0.2em; resize: vertical;
  }
  tokenizer-playground :is(textarea, input):focus-visible {
    outline: 2px solid var(--hb-qing, #1565c0); outline-offset: 2px;
  }
  tokenizer-playground output { display: block; margin: 0.4em 0; }
  .md-typeset tokenizer-playground ol.hb-pieces {
    display: flex; flex-wrap: wrap; gap: 0.3em; margin: 0.6em 0; padding: 0;
    list-style: none;
  }
  .md-typeset tokenizer-playground .hb-pieces li {
    margin: 0; padding: 0.15em 0.4em; border: 1px solid currentColor;
    border-radius: 0.2em; text-align: center; line-height: 1.4;
  }
  .md-typeset tokenizer-playground .hb-pieces li.hb-new {
    border: 2px solid var(--hb-zhu, #c2410c);
  }
  tokenizer-playground li span { display: block; font-size: 0.75em; }
`;

const LIMIT = 400; // code points: each is a tile or more, and steps take time

let count = 0;

class TokenizerPlayground extends HTMLElement {
  connectedCallback() {
    const data = this.querySelector('script[type="application/json"]');
    if (!data || this.field) return;
    this.vocab = vocabulary(JSON.parse(data.textContent));
    const sheet = document.createElement("style");
    sheet.textContent = STYLE;
    count += 1;
    this.field = this.#make("textarea", {
      rows: 3,
      value: this.dataset.example ?? "",
      id: `hb-tokenizer-text-${count}`,
    });
    this.slider = this.#make("input", {
      type: "range",
      min: 0,
      id: `hb-tokenizer-step-${count}`,
    });
    this.sum = this.#make("output", {});
    // The slider's own aria-valuetext says the step: not to be read out twice.
    this.step = this.#make("output", { ariaLive: "off" });
    this.list = this.#make("ol", { className: "hb-pieces", ariaLabel: "词元" });
    this.field.addEventListener("input", () => this.#read());
    this.slider.addEventListener("input", () => this.#show());
    const label = (field, text) =>
      this.#make("label", { htmlFor: field.id, textContent: text });
    this.replaceChildren(
      sheet,
      data,
      label(this.field, `输入文字（看前 ${LIMIT} 个码位；只在你的浏览器里处理）`),
      this.field,
      this.sum,
      label(this.slider, "合并到第几步（左右方向键逐步走）"),
      this.slider,
      this.step,
      this.list,
    );
    this.#read();
  }

  #make(tag, values) {
    return Object.assign(document.createElement(tag), values);
  }

  /** A new text: all its steps, shown from the last. */
  #read() {
    const whole = [...this.field.value]; // by code point: no pair is cut in two
    const text = whole.slice(0, LIMIT).join("");
    this.states = steps(text, this.vocab);
    const last = this.states.length - 1;
    Object.assign(this.slider, { max: last, value: last, disabled: last === 0 });
    const points = Math.min(whole.length, LIMIT);
    const left = whole.length - points;
    const tokens = this.states[last].words.flat().length;
    const bytes = this.states[0].words.flat().length;
    const each = points ? `，每个码位 ${(tokens / points).toFixed(2)} 个` : "";
    const more = left ? `；后面还有 ${left} 个码位没有算` : "";
    this.sum.textContent = `${points} 个码位，${bytes} 个字节，${tokens} 个词元${each}${more}`;
    this.#show();
  }

  #show() {
    const at = this.slider.valueAsNumber;
    const { words, merge: done } = this.states[at];
    const { pieces } = this.vocab;
    const name = (id) => `${shown(pieces[id])}（${hex(pieces[id])}）`;
    const what = done
      ? `${name(done.left)} + ${name(done.right)} → ${done.id}，训练时第 ${done.id - 255} 个学到`
      : "只有字节，还没有合并";
    const now = `${words.flat().length} 个词元`;
    this.step.textContent = `第 ${at} / ${this.states.length - 1} 步，${now}：${what}`;
    this.slider.setAttribute("aria-valuetext", this.step.textContent);
    this.list.replaceChildren(
      ...words.flat().map((id) => {
        const item = this.#make("li", { textContent: shown(pieces[id]) });
        if (id === done?.id) item.className = "hb-new";
        item.append(
          this.#make("span", { textContent: id }),
          this.#make("span", { textContent: hex(pieces[id]) }),
        );
        return item;
      }),
    );
  }
}

customElements.define("tokenizer-playground", TokenizerPlayground);
