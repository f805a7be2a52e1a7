// <sound-bench>: a tone that is sampled, a vowel that is spoken, to be heard and seen.
// The lessons and the vowels stand as JSON inside the tag. First the arithmetic, which is
// that of handbook/widgets/sound_bench.py and of the page's program.

import { button, chips, frame, make } from "./tool.js";

/** Samples a second of what is played, samples of a spectrum, mel bands of it. */
export const [RATE, SIZE, BANDS] = [8000, 256, 24];

/** The frequency that the samples of a sine have below rate / 2; negative: turned over. */
export const heard = (hertz, rate) => hertz - rate * Math.floor(hertz / rate + 0.5);

/** Whether a sine that starts at 0 is caught at its zeros alone: nothing is heard. */
export const silent = (hertz, rate) => (2 * hertz) % rate === 0;

const times = ([a, b], [c, d]) => [a * c - b * d, a * d + b * c];

/** What the throat multiplies a sine by, [real, imaginary]: a hill at each formant. */
export function throat(hertz, formants, widths) {
  return formants.reduce(
    (gain, peak, i) => {
      const [x, y] = [peak ** 2 - hertz ** 2, hertz * widths[i]];
      const part = peak ** 2 / (x * x + y * y);
      return times(gain, [x * part, -y * part]);
    },
    [1, 0],
  );
}

/** Samples of a vowel: the multiples of the pitch, each through the throat. */
export function speak(formants, widths, pitch, size) {
  const made = new Float64Array(size);
  for (let f = pitch; f <= RATE / 2; f += pitch) {
    const [a, b] = throat(f, formants, widths);
    for (let n = 0; n < size; n += 1) {
      const turn = (2 * Math.PI * f * n) / RATE;
      made[n] += ((a * Math.cos(turn) - b * Math.sin(turn)) * pitch) / f;
    }
  }
  return made;
}

/** Samples of what is heard of a sine that was sampled at a rate. */
export const tone = (hertz, rate, size) =>
  Float64Array.from({ length: size }, (_, n) =>
    silent(hertz, rate) ? 0 : Math.sin((2 * Math.PI * heard(hertz, rate) * n) / RATE),
  );

/** The power at 0, RATE / SIZE, … RATE / 2, through a periodic Hann window. */
export function power(x) {
  return Float64Array.from({ length: SIZE / 2 + 1 }, (_, k) => {
    let [re, im] = [0, 0];
    for (let n = 0; n < SIZE; n += 1) {
      const turn = (2 * Math.PI * k * n) / SIZE;
      const seen = x[n] * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SIZE));
      re += seen * Math.cos(turn);
      im -= seen * Math.sin(turn);
    }
    return re * re + im * im;
  });
}

const mel = (hertz) => 2595 * Math.log10(1 + hertz / 700);
const hertzOf = (m) => 700 * (10 ** (m / 2595) - 1);
/** The corners of the mel triangles, in Hz. */
export const EDGES = Array.from({ length: BANDS + 2 }, (_, i) =>
  hertzOf((mel(RATE / 2) * i) / (BANDS + 1)),
);

/** The energy in each mel band, by triangles whose tops are 1. */
export function bands(powers) {
  return EDGES.slice(1, -1).map((top, m) => {
    const [left, right] = [EDGES[m], EDGES[m + 2]];
    return powers.reduce((sum, value, k) => {
      const f = (k * RATE) / SIZE;
      const weight = Math.min((f - left) / (top - left), (right - f) / (right - top));
      return sum + Math.max(0, weight) * value;
    }, 0);
  });
}

const KINDS = { tone: "纯音", vowel: "元音" };
const RATES = [8000, 4000, 2000];
const LOUD = 0.2; // of what the loudspeaker can
const FADE = 0.02; // seconds in and out, against clicks
const FLOOR = -70; // dB below the strongest that are drawn
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
const levels = (values) => {
  const most = Math.max(...values) || 1;
  return Array.from(values, (v) => clamp(10 * Math.log10(v / most), FLOOR, 0));
};

class SoundBench extends HTMLElement {
  connectedCallback() {
    if (this.now) return;
    const { data, body } = frame(this, () => this.#learn(data.lessons[0]));
    Object.assign(this, { formants: data.formants, widths: data.widths });
    const rows = Array.from({ length: 4 }, () => make("div"));
    const pairs = (object) => Object.entries(object).map(([key, name]) => [name, key]);
    this.pressed = {
      lesson: chips(
        rows[0],
        "练习",
        data.lessons.map((lesson) => [lesson.name, lesson]),
        (lesson) => this.#learn(lesson),
      ),
      kind: chips(rows[1], "声音", pairs(KINDS), (kind) =>
        this.#learn(data.lessons.find((lesson) => lesson.kind === kind)),
      ),
      rate: chips(rows[2], "每秒采样", RATES.map((r) => [`每秒 ${r} 次`, r]), (rate) =>
        this.#set({ rate }),
      ),
      vowel: chips(rows[3], "元音", Object.keys(data.formants).map((v) => [v, v]), (vowel) =>
        this.#set({ vowel }),
      ),
    };
    rows[0].classList.add("hb-lessons");
    [, , this.ratesRow, this.vowelsRow] = rows;
    this.task = make("p", { className: "hb-task" });
    this.play = button("▶ 播放一秒", () => this.#play(), { className: "hb-play" });
    this.said = make("output", { ariaLive: "polite" });
    this.pictures = make("div", { className: "hb-pictures" });
    body.replaceChildren(
      rows[0],
      this.task,
      make("div", { className: "hb-choices" }, rows[1], rows[2], rows[3]),
      this.#sliders(),
      make("div", { className: "hb-hear" }, this.play, this.said),
      this.pictures,
    );
    this.#learn(data.lessons[0]);
    new ResizeObserver(() => this.#draw()).observe(this.pictures);
  }

  disconnectedCallback() {
    this.#stop();
  }

  #sliders() {
    const knob = (name, key) => {
      const input = make("input", { type: "range", ariaLabel: name });
      input.addEventListener("input", () => this.#set({ [key]: input.valueAsNumber }));
      const value = make("b");
      const row = make("div", {}, make("span", {}, name, value), input);
      return { input, value, row };
    };
    this.hertz = knob("频率", "hertz");
    this.scale = knob("共振峰乘", "scale");
    Object.assign(this.scale.input, { min: 0.8, max: 1.3, step: 0.05 });
    return make("div", { className: "hb-knobs" }, this.hertz.row, this.scale.row);
  }

  #learn(lesson) {
    const { name, task, ...settings } = lesson;
    this.lesson = lesson;
    this.#set(settings);
  }

  #set(change) {
    this.#stop();
    this.now = { ...this.now, ...change };
    const { kind, hertz, rate, vowel, scale } = this.now;
    const spoken = kind === "vowel";
    for (const key of ["kind", "rate", "vowel"]) this.pressed[key](this.now[key]);
    this.pressed.lesson(this.lesson);
    this.task.textContent = this.lesson.task;
    this.ratesRow.hidden = spoken;
    this.vowelsRow.hidden = !spoken;
    this.scale.row.hidden = !spoken;
    const limits = spoken ? { min: 80, max: 400, step: 10 } : { min: 100, max: 8000, step: 100 };
    Object.assign(this.hertz.input, { ...limits, value: hertz });
    const name = spoken ? "基频" : "频率";
    this.hertz.row.firstElementChild.firstChild.data = name;
    this.hertz.input.ariaLabel = name;
    this.hertz.value.textContent = `${hertz} 赫兹`;
    this.hertz.input.setAttribute("aria-valuetext", `${hertz} 赫兹`);
    this.scale.input.value = scale;
    this.scale.value.textContent = scale;
    this.peaks = this.formants[vowel].map((f) => f * scale);
    const low = Math.abs(heard(hertz, rate));
    const tone = silent(hertz, rate)
      ? "每次都采在过零点，全是 0：听不到"
      : `听到 ${low} 赫兹${low === hertz ? "，与原来一样" : "：混叠了"}`;
    this.said.textContent = spoken
      ? `元音 ${vowel}，共振峰 ${this.peaks.map(Math.round).join("、")} 赫兹`
      : tone;
    this.wave = this.#made(SIZE);
    this.#draw();
  }

  /** The samples of the sound, as loud as the loudest of them lets it be. */
  #made(size) {
    const { kind, hertz, rate } = this.now;
    const x =
      kind === "tone" ? tone(hertz, rate, size) : speak(this.peaks, this.widths, hertz, size);
    const most = Math.max(...x.map(Math.abs), 1e-9);
    return kind === "tone" ? x : x.map((v) => v / most);
  }

  #stop() {
    this.sounding?.stop();
    this.sounding = undefined;
    if (this.play) this.play.textContent = "▶ 播放一秒";
  }

  async #play() {
    if (this.sounding) return this.#stop();
    this.context ??= new AudioContext();
    await this.context.resume();
    this.#stop(); // a second click while the first was waiting
    const x = this.#made(RATE);
    const clip = this.context.createBuffer(1, RATE, RATE);
    clip.copyToChannel(
      Float32Array.from(x, (v, n) => {
        const edge = Math.min(n, RATE - 1 - n) / (FADE * RATE);
        return LOUD * v * Math.min(1, edge);
      }),
      0,
    );
    const source = this.context.createBufferSource();
    source.buffer = clip;
    source.connect(this.context.destination);
    source.addEventListener("ended", () => {
      if (this.sounding === source) this.#stop();
    });
    source.start();
    this.sounding = source;
    this.play.textContent = "■ 停";
  }

  #draw() {
    const w = this.pictures.clientWidth;
    if (!w) return;
    const powers = power(this.wave);
    const parts = [this.#waved(w), this.#spectrum(w, powers), this.#mels(w, powers)];
    this.pictures.innerHTML = parts.join("");
  }

  /** The first milliseconds: what was there, what was taken of it, what is heard. */
  #waved(w) {
    const { kind, hertz, rate } = this.now;
    const [h, seconds] = [86, kind === "tone" ? 0.004 : 0.025];
    const x = (t) => (t / seconds) * w;
    const y = (v) => 42 - 34 * v;
    const line = (value, steps = 400) => {
      const points = Array.from({ length: steps + 1 }, (_, i) => {
        const t = (seconds * i) / steps;
        return `${x(t).toFixed(1)} ${y(value(t)).toFixed(1)}`;
      });
      return `M${points.join("L")}`;
    };
    let drawn;
    if (kind === "tone") {
      const sine = (f) => (t) => Math.sin(2 * Math.PI * f * t);
      const dots = Array.from({ length: Math.floor(seconds * rate) + 1 }, (_, n) => {
        const t = n / rate;
        return `<circle cx="${x(t).toFixed(1)}" cy="${y(sine(hertz)(t)).toFixed(1)}" r="4"/>`;
      });
      drawn =
        `<path class="hb-true" d="${line(sine(hertz), 800)}"/>` +
        `<path d="${line(sine(silent(hertz, rate) ? 0 : heard(hertz, rate)))}"/>` +
        dots.join("");
    } else {
      drawn = `<path d="${line((t) => this.wave[Math.round(t * RATE)], seconds * RATE)}"/>`;
    }
    const title = `波形，前 ${seconds * 1000} 毫秒`;
    const note = kind === "tone" ? "（灰：原来；点：采到的；青：听到的）" : "";
    return this.#picture(w, h, title + note, drawn);
  }

  #spectrum(w, powers) {
    const h = 110;
    const db = levels(powers);
    const x = (f) => (f / (RATE / 2)) * w;
    const y = (v) => 8 + (v / FLOOR) * (h - 30);
    const d = db.map((v, k) => `${x((k * RATE) / SIZE).toFixed(1)} ${y(v).toFixed(1)}`);
    const peaks = this.now.kind === "vowel" ? this.peaks : [];
    const marks = peaks.filter((f) => f < RATE / 2).map((f) => {
      return `<path class="hb-peak" d="M${x(f).toFixed(1)} 4V${h - 20}"/>`;
    });
    const ticks = [1000, 2000, 3000].map((f) => {
      return `<text x="${x(f)}" y="${h - 4}" text-anchor="middle">${f}</text>`;
    });
    return this.#picture(w, h, "功率谱（dB），0 到 4000 赫兹", [
      ...marks,
      `<path d="M${d.join("L")}"/>`,
      ...ticks,
    ].join(""));
  }

  #mels(w, powers) {
    const h = 70;
    const db = levels(bands(powers));
    const width = w / BANDS;
    const bars = db.map((v, m) => {
      const size = (1 - v / FLOOR) * (h - 4);
      return (
        `<rect x="${(m * width + 1).toFixed(1)}" y="${(h - size).toFixed(1)}" ` +
        `width="${(width - 2).toFixed(1)}" height="${size.toFixed(1)}"/>`
      );
    });
    return this.#picture(w, h, `${BANDS} 个梅尔带的对数能量，由低到高`, bars.join(""));
  }

  #picture(w, h, title, inside) {
    return (
      `<p>${title}</p><svg viewBox="0 0 ${w} ${h}" height="${h}" role="img" ` +
      `aria-label="${title}">${inside}</svg>`
    );
  }
}

customElements.define("sound-bench", SoundBench);
