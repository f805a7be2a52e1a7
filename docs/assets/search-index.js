// Queries against the index that handbook/search.py wrote with Pagefind.
//
// The index holds Chinese with a space around every Han character: a character is a
// word, a run of them a phrase. So a query is spaced by the same rules and looked up
// as a phrase (which pages hold it) and as loose words (in which order).

const RANKING = { metaWeights: { title: 8, synonyms: 6, tags: 4, related: 1 } };

// --- words: the same rules as space() in handbook/search_copy.py ------------------

export const HAN = "\\u2e80-\\u2fdf\\u3005-\\u3007\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff";
export const MARKS = "\\u2018-\\u201d\\u2026\\u3001-\\u3004\\u3008-\\u303f\\uff00-\\uffef";
const APART = new RegExp(`([${HAN}${MARKS}])`, "g");
const CUT = /([A-Za-z_]\.(?=[A-Za-z_])|[^\p{L}\p{N}_\s.\-\u00ad]+(?=[\p{L}\p{N}_]))/gu;
export const IS_HAN = new RegExp(`^[${HAN}]$`);

/** A space on both sides of each Han character, and within Latin tokens at their cuts. */
export const space = (text) => text.replace(APART, " $1 ").replace(CUT, "$1\u00ad ");

/** A word as the index holds it: lower case, letters and digits only. */
export const bare = (word) => word.toLowerCase().replace(/[^\p{L}\p{N}_]/gu, "");
const words = (text) => space(text).split(/\s+/).map(bare).filter(Boolean);

/** The phrases of a query: what stands between spaces and punctuation, as words. */
export function phrases(query) {
  const parts = query.normalize("NFKC").split(/[\s"'“”‘’，。、；：？！,;?!（）()《》【】]+/);
  return parts.map(words).flatMap(apart).filter((phrase) => phrase.length);
}

/** KV缓存 is KV 缓存; but 第3章 or 100步 is one phrase, for one sign says little. */
function apart(phrase) {
  const cut = [];
  for (const word of phrase) {
    const goes = cut.length && IS_HAN.test(word) === IS_HAN.test(cut.at(-1)[0]);
    if (goes) cut.at(-1).push(word);
    else cut.push([word]);
  }
  const says = (run) => (IS_HAN.test(run[0]) ? run.length > 1 : /[a-z]{2}/.test(run.join("")));
  return cut.every(says) ? cut : [phrase];
}

// Words that a question is made of but its answer is not.
const ASKING = new RegExp(
  "为什么|为何|怎么样|怎么办|怎么|怎样|如何|什么是|是什么|什么|哪些|哪个|哪里" +
    "|有没有|是不是|是否|能不能|可不可以|多少|吗|呢|的|了|是|和|与",
);

/** A phrase cut into runs that can each stand in a text: at asking words, at Latin. */
function runs(phrase) {
  const text = phrase.map((w) => (IS_HAN.test(w) ? w : ` ${w} `)).join("");
  const parts = text.split(" ").flatMap((part) => {
    const kept = part.split(ASKING).filter((piece) => piece.length > 1);
    return kept.length ? kept : [part];
  });
  return parts.filter(Boolean).map(words);
}

/** The pairs of neighbours in a run; a run of one word is itself. */
const pairs = (run) =>
  run.length < 2 ? [run] : run.slice(1).map((word, i) => [run[i], word]);

// --- look-up -----------------------------------------------------------------

let engine;

/** Pagefind, fetched once; without its worker, which would fetch as much again. */
export function pagefind() {
  engine ??= import(new URL("../pagefind/pagefind.js", import.meta.url)).then((module) =>
    module.createInstance({ noWorker: true, excerptLength: 1, ranking: RANKING }),
  );
  return engine;
}

let pages;

/** What is known of each page before its text is fetched, by Pagefind's id. */
export function known() {
  const address = new URL("../pagefind/pages.json", import.meta.url);
  pages ??= fetch(address).then((answer) => answer.json());
  return pages;
}

/** Pages for a list of words, id to result; `exact`: these words in this order. */
async function lookup(list, exact, filters) {
  const query = exact ? `"${list.join(" ")}"` : list.join(" ");
  const { results } = await (await pagefind()).search(query, { filters });
  return new Map(results.map((result) => [result.id, result]));
}

/**
 * The pages for a query, best first: those that hold each phrase as it was typed, in
 * ranked order, then those that hold some phrases, then those that hold the parts of
 * a question or of a rare wording.
 * @returns {Promise<{pages: object[], sought: string[][]}>} Pagefind's results, and
 *   the runs of words to mark in them, longest first.
 */
export async function find(query, filters = {}) {
  const typed = phrases(query);
  const pages = new Map(); // id: {result, held, score}
  const add = (id, result, held, score) => {
    const page = pages.get(id) ?? { result, held: 0, score: 0 };
    pages.set(id, { result, held: page.held + held, score: page.score + score });
  };
  for (const phrase of typed) {
    const ranked = await lookup(phrase, false, filters);
    const exact = await lookup(phrase, true, filters);
    const han = phrase.some((word) => IS_HAN.test(word));
    for (const [id, result] of exact) add(id, result, 1, ranked.get(id)?.score ?? 0);
    // Of Latin words the ranked pages hold longer forms; of Han, loose characters.
    if (han) continue;
    for (const [id, result] of ranked) if (!exact.has(id)) add(id, result, 0.5, result.score);
  }
  // Neighbours of two scripts are mostly one name: KV 缓存 ahead of KV … 缓存.
  for (let i = 1; i < typed.length; i++) {
    if (IS_HAN.test(typed[i][0]) === IS_HAN.test(typed[i - 1][0])) continue;
    const name = [...typed[i - 1], ...typed[i]];
    for (const [id, result] of await lookup(name, true, filters)) add(id, result, 0.25, 0);
  }
  const sought = [...typed];
  const whole = [...pages.values()].filter((page) => page.held >= typed.length);
  if (whole.length < 3) {
    const loose = await byParts(typed, filters);
    const best = Math.max(0, ...[...loose.values()].map((page) => page.score));
    for (const [id, { result, score }] of loose) {
      if (score >= 0.3 * best) add(id, result, 0, pages.has(id) ? 0 : score);
    }
    sought.push(...typed.flatMap(runs), ...typed.flatMap(runs).flatMap(pairs));
  }
  const order = [...pages.values()].sort((a, b) => b.held - a.held || b.score - a.score);
  const once = new Map(sought.map((run) => [run.join(" "), run]));
  return { pages: order.map((page) => page.result), sought: [...once.values()] };
}

/** Pages by the pairs of neighbouring characters they share with the query. */
async function byParts(typed, filters) {
  const found = new Map(); // id: {result, score}
  for (const run of typed.flatMap(runs)) {
    const parts = pairs(run);
    const hits = new Map(); // id: {result, count, score}
    for (const pair of parts) {
      const ranked = await lookup(pair, false, filters);
      for (const [id, result] of await lookup(pair, true, filters)) {
        const hit = hits.get(id) ?? { result, count: 0, score: 0 };
        hit.count += 1;
        hit.score += ranked.get(id)?.score ?? 0;
        hits.set(id, hit);
      }
    }
    for (const [id, { result, count, score }] of hits) {
      const page = found.get(id) ?? { result, score: 0 };
      page.score += score * (count / parts.length);
      found.set(id, page);
    }
  }
  return found;
}
