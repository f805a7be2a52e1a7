"""The page on beam search: a tree of nine sentences, dates, a trained model.

References that the programs never call: enumeration in exact fractions,
``transformers``' own ``generate`` on a stub that reads the table, a beam search of
Python lists around the trained model, ``sacrebleu`` for what MBR decoding picks.
"""

import math
import random
import re
from fractions import Fraction

import pytest
import torch
import transformers
from sacrebleu.metrics import CHRF
from transformers import (
    GenerationConfig,
    GenerationMixin,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.modeling_outputs import CausalLMOutput

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PRACTICE = ROOT / "snippets/applications/beam_search_practice_numpy.py"
PAGE = ROOT / "docs/applications/beam-search.md"
FIGURES = ROOT / "docs/assets/figures"
EOS = "<eos>"


def tenths(**row):
    return {
        (EOS if word == "end" else word): Fraction(n, 10) for word, n in row.items()
    }


NUMBER = {
    (): tenths(ten=5, twelve=4, end=1),
    ("ten",): tenths(thousand=9, end=1),
    ("twelve",): tenths(thousand=9, end=1),
    ("ten", "thousand"): tenths(two=6, end=4),
    ("twelve", "thousand"): tenths(end=9, two=1),
    ("ten", "thousand", "two"): tenths(end=6, hundred=4),
    ("twelve", "thousand", "two"): tenths(end=6, hundred=4),
    ("ten", "thousand", "two", "hundred"): tenths(end=10),
    ("twelve", "thousand", "two", "hundred"): tenths(end=10),
}
PARTS = [
    {"March": 36, "Mar": 34, "3": 30},
    {"5": 37, "5th": 33, "fifth": 30},
    {"2026": 35, "26": 34, "'26": 31},
]
DATE = {(): {m: Fraction(95 * n, 10000) for m, n in PARTS[0].items()}}
DATE[()][EOS] = Fraction(5, 100)
for month in PARTS[0]:
    DATE[month,] = {d: Fraction(n, 100) for d, n in PARTS[1].items()}
    for day in PARTS[1]:
        DATE[month, day] = {y: Fraction(n, 100) for y, n in PARTS[2].items()}
        for year in PARTS[2]:
            DATE[month, day, year] = {EOS: Fraction(1)}


def outputs(table, words=(), p=Fraction(1)):
    """Every sentence of a table with its probability, the end symbol included."""
    if EOS in words:
        return {words: p}
    found = {}
    for word, q in table[words].items():
        found |= outputs(table, (*words, word), p * q)
    return found


def ranked(table, rate=lambda p, length: p):
    every = outputs(table)
    return sorted(every, key=lambda w: rate(every[w], len(w)), reverse=True)


def kept(table, k):
    """What a beam of k keeps, step by step: {words: probability} in falling order."""
    alive, steps = {(): Fraction(1)}, []
    while alive:
        grown = {(*w, x): p * q for w, p in alive.items() for x, q in table[w].items()}
        best = dict(sorted(grown.items(), key=lambda pair: -pair[1])[:k])
        steps.append((len(grown), best))
        alive = {w: p for w, p in best.items() if w[-1] != EOS}
    return steps


class Table(PreTrainedModel, GenerationMixin):
    """A table of next words as a language model of ``transformers``."""

    config_class = PretrainedConfig

    def __init__(self, table):
        self.words = sorted({w for row in table.values() for w in row} | {"<bos>"})
        super().__init__(PretrainedConfig(vocab_size=len(self.words)))
        self.anchor = torch.nn.Parameter(torch.zeros(1))
        self.table = table

    def prepare_inputs_for_generation(self, input_ids, **_):
        return {"input_ids": input_ids}

    def forward(self, input_ids, **_):
        logits = torch.full((*input_ids.shape, len(self.words)), -1e9)
        for row, ids in enumerate(input_ids.tolist()):
            written = tuple(self.words[i] for i in ids[1:])
            for word, p in self.table.get(written, {EOS: 1}).items():
                logits[row, -1, self.words.index(word)] = math.log(p)
        return CausalLMOutput(logits=logits)


def run_generate(table, k, length, **options):
    """The stub, its end symbol, and what ``generate`` returns for it."""
    model = Table(table).eval()
    ends = model.words.index(EOS)
    out = model.generate(
        torch.tensor([[model.words.index("<bos>")]]),
        num_beams=k,
        do_sample=False,
        use_cache=False,
        max_new_tokens=length,
        eos_token_id=ends,
        pad_token_id=ends,
        **options,
    )
    return model, ends, out


def generated(table, k, alpha, length=9, stop="never"):
    """What ``generate`` writes, as words without the end symbol."""
    more = {"early_stopping": stop, "length_penalty": alpha} if k > 1 else {}
    model, ends, out = run_generate(table, k, length, **more)
    return [model.words[i] for i in out[0, 1:].tolist() if i != ends]


def score_of_generate(table, k, alpha, length):
    """The score that ``generate`` itself gives to what it writes."""
    _, _, out = run_generate(
        table,
        k,
        length,
        early_stopping="never",
        length_penalty=alpha,
        return_dict_in_generate=True,
        output_scores=True,
    )
    return out.sequences_scores.item()


@pytest.fixture
def tree(run_snippet):
    return run_snippet("applications/beam_search_numpy")


@pytest.fixture
def dates(run_snippet):
    return run_snippet("applications/beam_search_length_numpy")


@pytest.fixture
def trained(run_snippet):
    return run_snippet("applications/beam_search_torch")


def page():
    return PAGE.read_text(encoding="utf-8")


def said(words, p):
    return f"{' '.join(words)}：{float(p):.4g}"


# --- the tree: applications/beam_search_numpy ---------------------------------------


def test_the_table_of_the_program_is_the_page_s(tree):
    mine = {" ".join(w): row for w, row in NUMBER.items()}
    assert {
        w: {x: Fraction(str(p)) for x, p in row.items()}
        for w, row in tree.TABLE.items()
    } == mine


def test_greedy_takes_the_largest_word_each_time(tree):
    words, p, lines = (), Fraction(1), []
    while EOS not in words:
        word, q = max(NUMBER[words].items(), key=lambda pair: pair[1])
        words, p = (*words, word), p * q
        lines.append(said(words, p))
    assert tree.printed_by["greedy"].splitlines() == lines
    assert lines[-1] == "ten thousand two <eos>：0.162"


def test_the_beam_of_two_keeps_what_all_branches_ranked_together_give(tree):
    lines = []
    for t, (count, best) in enumerate(kept(NUMBER, 2), start=1):
        lines.append(f"第 {t} 步，{count} 条里留 {len(best)} 条")
        lines += [said(w, p) for w, p in best.items()]
    *shown, answer = tree.printed_by["watch"].splitlines()
    assert shown == lines
    assert answer == "束宽 2 的答案 twelve thousand <eos>：0.324"


def test_the_nine_sentences_are_printed_in_falling_order(tree):
    every = outputs(NUMBER)
    lines = [said(w, every[w]) for w in ranked(NUMBER)]
    assert tree.printed_by["exact"].splitlines()[:9] == lines
    assert sum(every.values()) == 1
    assert after(tree.printed_by["exact"], "9 句，合计") == [1]


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_rank_of_each_beam_s_answer_is_printed(tree, k):
    ends = {w: p for _, best in kept(NUMBER, k) for w, p in best.items() if EOS in w}
    best = max(ends, key=ends.get)
    shown = line_of(tree.printed_by["exact"], f"束宽 {k}：")
    assert shown == f"{' '.join(best)}，排第 {ranked(NUMBER).index(best) + 1}"


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_program_finds_on_the_tree_what_generate_finds(tree, k):
    assert generated(NUMBER, k, 0.0) == list(tree.beam_search(k)[0][:-1])


def test_the_best_alive_is_below_the_best_finished_from_the_third_step(tree):
    """「前面的树在第 3 步就能停」: not before."""
    stops = []
    done = Fraction(0)
    for t, (_, best) in enumerate(kept(NUMBER, 2), start=1):
        done = max([done, *(p for w, p in best.items() if w[-1] == EOS)])
        alive = max((p for w, p in best.items() if w[-1] != EOS), default=0)
        stops += [t] if alive <= done else []
    assert stops[0] == 3
    assert f"前面的树在第 {stops[0]} 步就能停：0.27 小于 0.324" in page()


def test_the_page_s_products_of_the_tree():
    every = outputs(NUMBER)
    best, greedy = ranked(NUMBER)[0], ("ten", "thousand", "two", EOS)
    path = [f"{float(NUMBER[best[:t]][best[t]]):g}" for t in range(len(best))]
    assert r"\times".join(path) + f"={float(every[best]):g}." in page()
    assert every[greedy] == every[best] / 2
    assert f"整句概率 {float(every[greedy]):g}，只有正确译文的一半" in page()


# --- dates and lengths: applications/beam_search_length_numpy -----------------------


def test_the_most_probable_sentence_is_the_empty_one(dates):
    every = outputs(DATE)
    first = ranked(DATE)[:4]
    shown = dates.printed_by["forms"].splitlines()
    for line, words in zip(shown, first, strict=False):
        name = " ".join(words[:-1]) or "（空）"
        assert line == f"{name}：{float(every[words]):.5f}"
    assert first[0] == (EOS,)
    assert numbers(shown[4]) == [len(every), 1]
    assert after(dates.printed_by["forms"], "空译文之外合计") == [0.95]


@pytest.mark.parametrize("k", [1, 2, 3, 4, 9, 27])
def test_a_beam_of_four_or_more_finds_the_empty_sentence(dates, k):
    words = generated(DATE, k, 0.0)
    assert words == ([] if k > 3 else ["March", "5", "2026"])
    p = outputs(DATE)[*words, EOS]
    shown = line_of(dates.printed_by["width"], f"束宽 {k}：")
    assert shown == f"{' '.join(words) or '（空）'}，{float(p):.5f}"
    assert "束宽 1、2、3 都得到正确的日期，束宽 4 以上都得到空译文" in page()


def test_the_page_s_numbers_of_the_dates():
    every, (_, best, *_) = outputs(DATE), ranked(DATE)
    p = f"{float(every[best]):.5f}"
    assert rf"0.95\times0.36\times0.37\times0.35={p}." in page()
    start = "、".join(f"{m} {float(DATE[()][m]):g}" for m in PARTS[0])
    assert f"四个候选是 {start} 和结束符 {float(DATE[()][EOS]):g}" in page()
    full, empty = math.log(every[best]), math.log(every[EOS,])
    assert rf"$s=\log{p}={full:.3f}$" in page()
    assert rf"$s=\log0.05={empty:.3f}$" in page()
    assert f"${full:.3f}/4={full / 4:.3f}$" in page()


def test_the_page_s_powers_of_eight_tenths():
    for n in (10, 11):
        assert f"$0.8^{{{n}}}={0.8**n:.3f}$" in page()
    first = next(n for n in range(1, 40) if 0.8**n < 0.1)
    assert f"第 {first} 个词穿过点线" in page()


def test_a_beam_of_two_may_do_worse_than_greedy(dates):
    """「偶尔也会更差」: the greedy one is pushed out half way."""
    table = {(): {"a": 0.5, "b": 0.45, EOS: 0.05}}
    table["a",] = dict.fromkeys("pqrs", 0.25)
    table["b",] = dict.fromkeys("cd", 0.5)
    table |= {("b", w): dict.fromkeys("efghijklmn", 0.1) for w in "cd"}

    def model(words):
        row = table.get(words, {EOS: 1})
        return {word: math.log(p) for word, p in row.items()}

    found = [math.exp(dates.beam_search(model, k)[1]) for k in (1, 2)]
    assert found == pytest.approx([0.125, 0.0225])


RATES = {
    "不归一": lambda s, length: s,
    "除以词数": lambda s, length: s / length,
    "GNMT 0.6": lambda s, length: s / ((5 + length) / 6) ** 0.6,
}


RATES_DRAWN = {name: RATES[name] for name in ("不归一", "GNMT 0.6", "除以词数")}


@pytest.mark.parametrize("name", RATES)
def test_the_rates_of_the_two_rivals_are_printed(dates, name):
    rate = RATES[name]
    full = rate(math.log(0.95 * 0.36 * 0.37 * 0.35), 4)
    empty = rate(math.log(0.05), 1)
    best = ranked(DATE, lambda p, length: rate(math.log(p), length))[0]
    shown = line_of(dates.printed_by["length"], f"{name}：")
    chosen = " ".join(best[:-1]) or "（空）"
    assert shown == f"{full:.3f} 对 {empty:.3f}，选：{chosen}"


def test_generate_divides_by_the_length_with_the_end_symbol(dates):
    for alpha in [0.02, 0.03, 1.0]:
        words, _ = dates.beam_search(dates.dates, 9, dates.divide(alpha))
        assert generated(DATE, 9, alpha) == words.split()
    assert dates.beam_search(dates.dates, 9, dates.divide(0.02))[0] == ""


def test_the_least_alphas_are_where_the_rates_tie(dates):
    (divide,) = after(dates.printed_by["length"], "除以词数的 α 至少")
    (gnmt,) = after(dates.printed_by["length"], "GNMT 的 α 至少")
    full, empty = math.log(0.95 * 0.36 * 0.37 * 0.35), math.log(0.05)
    least = math.log(full / empty)
    assert divide == round(least / math.log(4), 4)
    assert gnmt == round(least / math.log(1.5), 4)
    assert f"\\alpha>\\log1.0405/\\log4={divide}" in page()


@pytest.mark.parametrize("length", [5, 10, 11, 20])
def test_eight_tenths_a_word_loses_from_eleven_words(dates, length):
    p = Fraction(8, 10) ** length
    winner = "空译文" if p < Fraction(1, 10) else "整句"
    shown = line_of(dates.printed_by["short"], f"{length} 个词：")
    assert shown == f"概率 {float(p):.4f}，{winner}胜"


LATE = {(): {"no": 0.5, "it": 0.3, EOS: 0.2}, ("no",): {EOS: 0.8, "way": 0.2}}
LATE["no", "way"] = {EOS: 1}
LONG = [*"it has rained every day since last week".split(), EOS]
LATE |= {tuple(LONG[:n]): {LONG[n]: 1} for n in range(1, 9)}


def test_a_sentence_that_is_behind_may_still_win_when_lengths_divide(dates):
    shown = dates.printed_by["stop"]
    assert after(shown, "第 2 步，写完的 no：") == [round(math.log(0.4) / 2, 3)]
    assert after(shown, "还在写的 it has，此刻：") == [round(math.log(0.3) / 2, 3)]
    (last,) = numbers(line_of(shown, "它写完时，第 9 步："))
    assert last == round(math.log(0.3) / len(LONG), 3)
    words = line_of(shown, "等到各条都写完，选：").split()
    assert words == LONG[:-1] == generated(LATE, 2, 1.0, length=12)
    no, it = math.log(0.4) / 2, math.log(0.3) / 2
    told = f"{it:.3f} 小于 {no:.3f}，就停了，答案是 no；"
    told += f"等到写完，it 的一句升到 {last:.3f}"
    assert told.replace("-", "−") in page()


def test_the_late_sentence_s_table_is_the_one_enumerated_here(dates):
    for words, row in LATE.items():
        mine = {w: math.exp(log_p) for w, log_p in dates.late(words).items()}
        assert mine == pytest.approx(row)


def test_the_three_curves_of_the_figure_are_the_three_rates(dates):
    *curves, empty = dates.axis.lines
    names = [label.get_text() for label in dates.axis.texts]
    assert names == [*RATES_DRAWN, "空译文"]
    for curve, rate in zip(curves, RATES_DRAWN.values(), strict=True):
        lengths = curve.get_xdata().tolist()
        want = [rate(n * math.log(0.8), n) for n in lengths]
        assert lengths == list(range(1, 31))
        assert curve.get_ydata().tolist() == pytest.approx(want)
    assert set(empty.get_ydata()) == {math.log(0.1)}


def test_the_gnmt_curve_falls_below_the_empty_one_at_thirty_words():
    rate = RATES["GNMT 0.6"]
    below = [n for n in range(1, 40) if rate(n * math.log(0.8), n) < math.log(0.1)]
    assert below[0] == 30
    assert f"第 {below[0]} 个词才落到点线之下" in page()


def test_each_label_of_the_figure_stands_beside_its_own_curve(dates):
    for label, rate in zip(dates.axis.texts, RATES_DRAWN.values(), strict=False):
        n, y = label.xy
        assert abs(y - rate(n * math.log(0.8), n)) < 0.6


def test_the_page_s_example_of_too_much_division():
    told = r"四个词，\$s=(-[\d.]+)\$；另一句八个词.*?\$s=(-[\d.]+)\$"
    good, bad = map(float, re.search(told, page()).groups())
    assert bad / 8 > good / 4
    assert f"概率是 {math.exp(good):.3f} 对 {math.exp(bad):.3f}" in page()
    assert f"${good}/4={good / 4:g}$，${bad}/8={bad / 8:g}$" in page()


def test_the_empty_sentence_is_the_least_central():
    """What the page says of MBR, with the expected chrF as the utility."""
    every = {" ".join(w[:-1]): float(p) for w, p in outputs(DATE).items()}
    chrf = CHRF()

    def gain(text):
        return sum(
            p * (100 if text == other else chrf.sentence_score(text, [other]).score)
            for other, p in every.items()
        )

    assert min(every, key=gain) == ""


@pytest.mark.parametrize("seed", range(5))
def test_of_fifty_samples_the_most_central_is_a_date(seed):
    every = {" ".join(w[:-1]): float(p) for w, p in outputs(DATE).items()}
    drawn = random.Random(seed).choices(list(every), list(every.values()), k=50)
    chrf = CHRF()

    def gain(text):
        return sum(
            100 if text == other else chrf.sentence_score(text, [other]).score
            for other in drawn
        )

    assert max(sorted(set(drawn)), key=gain) != ""


# --- the trained model: applications/beam_search_torch ------------------------------


def written(trained, ids):
    words = [trained.WORDS[i] for i in ids if i != trained.PAD]
    return words[: words.index(EOS)] if EOS in words else words


def is_a_form(words, date):
    """By a regular expression: one of the 36 forms of (year, month, day)."""
    y, m, d = date
    name = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[m]
    month = rf"({name}|{name.upper()}|{name}\.|{m + 1}月)"
    day = rf"({d + 1}|{d + 1}th|{d + 1}日)"
    digits = " ".join(str(y))
    year = rf"({digits}|{digits[4:]}|' {digits[4:]})"
    return re.fullmatch(f"{month} {day} {year}", " ".join(words)) is not None


def test_the_targets_are_the_36_forms_and_the_empty_one(trained):
    for i in (0, 4321, len(trained.dates) - 1):
        forms = [tuple(written(trained, row)) for row in trained.TARGET[i].tolist()]
        assert len(set(forms)) == 37
        assert forms[-1] == ()
        assert all(is_a_form(form, trained.dates[i]) for form in forms[:-1])
        digits = "{}{:02}{:02}".format(
            *(x + (n > 0) for n, x in enumerate(trained.dates[i]))
        )
        assert "".join(map(str, trained.SOURCE[i].tolist())) == digits
    lengths = [len(written(trained, row)) for row in trained.TARGET[0, :36].tolist()]
    assert sum(lengths) / 36 == 5
    shown = trained.printed_by["data"].splitlines()
    # 14 signs, the months, the days; nine days are digits as well
    assert numbers(shown[0]) == [30 * 12 * 28, 14 + 48 + 84 - 9]
    assert numbers(shown[1]) == [30 * 12 * 28, 36 + 1, 6 + 1]


def test_the_two_forms_that_the_page_shows_are_forms_of_its_date():
    shown = re.findall(r"`([^`]+)` ([四六])个词", page())
    assert [len(text.split()) for text, _ in shown] == [6, 4]
    assert [n for _, n in shown] == ["六", "四"]
    assert all(is_a_form(text.split(), (2026, 2, 4)) for text, _ in shown)


def slowly(trained, model, source, k, alpha):
    """A beam of Python lists, one sentence, one prefix at a time."""
    memory = model.encode(source[None])
    alive, done = [([trained.BOS], 0.0)], []
    for t in range(1, 8):
        grown = []
        for words, score in alive:
            with torch.no_grad():
                row = model.decode(memory, torch.tensor([words]))[0, -1]
            grown += [([*words, i], score + x) for i, x in enumerate(row.tolist())]
        grown.sort(key=lambda pair: -pair[1])
        done += [(w, s / t**alpha) for w, s in grown[:k] if w[-1] == trained.EOS]
        alive = [pair for pair in grown[:k] if pair[0][-1] != trained.EOS]
    return max(done, key=lambda pair: pair[1])[0][1:]


@pytest.mark.parametrize(("k", "alpha"), [(1, 0), (4, 0), (5, 0), (5, 0.2), (5, 1)])
def test_the_batched_beam_finds_what_a_slow_one_finds(trained, k, alpha):
    model, test = trained.runs[0]
    sources = trained.SOURCE[test[:4]]
    fast = trained.beam_search(model, sources, k, alpha).tolist()
    for row, source in zip(fast, sources, strict=True):
        slow = slowly(trained, model, source, k, alpha)
        assert row[: len(slow)] == slow
        assert set(row[len(slow) :]) <= {trained.PAD}


def log_probs(trained, model, test):
    """log P of each of a date's 37 targets, all its words given at once."""
    labels = trained.TARGET[test]
    given = torch.nn.functional.pad(labels[:, :, :-1], (1, 0), value=trained.BOS)
    with torch.no_grad():
        memory = model.encode(trained.SOURCE[test]).repeat_interleave(37, dim=0)
        logs = model.decode(memory, given.flatten(0, 1)).unflatten(0, (-1, 37))
    each = logs.gather(3, labels[..., None])[..., 0]
    return torch.where(labels == trained.PAD, 0.0, each).sum(dim=2)


@pytest.mark.parametrize("alpha", [0, 0.2, 1])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_beam_wide_enough_finds_the_best_of_all_37(trained, seed, alpha):
    """48 is more than the 4 × 3 × 3 beginnings of any length."""
    model, test = trained.runs[seed]
    test = test[:40]
    length = (trained.TARGET[test] != trained.PAD).sum(dim=2).double()
    best = (log_probs(trained, model, test) / length**alpha).argmax(dim=1)
    found = trained.beam_search(model, trained.SOURCE[test], 48, alpha)
    assert found.tolist() == trained.TARGET[test, best].tolist()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_rest_have_a_form_more_probable_than_the_empty_one(trained, seed):
    """「余下的句子里，模型给某一种写法的概率碰巧超过了空译文」."""
    model, test = trained.runs[seed]
    said = trained.beam_search(model, trained.SOURCE[test], 16)
    logs = log_probs(trained, model, test)
    rest = said[:, 0] != trained.EOS
    beaten = logs[:, :-1].max(dim=1).values > logs[:, -1]
    assert 0 < rest.sum() < len(test)
    assert beaten[rest].all()


class Watched:
    """Rows that remember which of them were asked for."""

    def __init__(self, rows):
        self.rows, self.seen = rows, set()

    def __getitem__(self, i):
        self.seen |= set(i.flatten().tolist())
        return self.rows[i]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_test_date_is_trained_on(trained, monkeypatch, seed):
    watched = Watched(trained.SOURCE)
    monkeypatch.setitem(trained.train.__globals__, "SOURCE", watched)
    _, test = trained.train(seed, steps=20)
    assert test.tolist() == trained.runs[seed][1].tolist()
    assert len(set(test.tolist())) == 200
    assert "200 个日期留作测试" in page()
    assert len(watched.seen) > 1000  # 20 steps of 64, nearly all distinct
    assert watched.seen.isdisjoint(test.tolist())


@pytest.mark.parametrize("alpha", [0, 0.2, 1])
@pytest.mark.parametrize("k", [1, 4, 5, 16])
def test_the_printed_shares_are_counted_from_the_written_words(trained, alpha, k):
    rows = []
    for model, test in trained.runs:
        out = trained.beam_search(model, trained.SOURCE[test], k, alpha).tolist()
        assert all(trained.EOS in ids for ids in out)
        texts = [written(trained, ids) for ids in out]
        pairs = zip(texts, test.tolist(), strict=True)
        right = sum(is_a_form(words, trained.dates[i]) for words, i in pairs)
        lengths = [len(words) for words in texts]
        rows.append((lengths.count(0) / 200, right / 200, sum(lengths) / 200))
    empty, right, length = (sorted(column) for column in zip(*rows, strict=True))
    block = trained.printed_by["scores"].split(f"α = {alpha}\n")[1]
    shown = next(x for x in block.splitlines() if x.startswith(f"束宽 {k}："))
    assert shown == (
        f"束宽 {k}：空 {empty[0]:.1%} 到 {empty[-1]:.1%}，"
        f"对 {right[0]:.1%} 到 {right[-1]:.1%}，"
        f"{length[0]:.1f} 到 {length[-1]:.1f} 个词"
    )


def blocks(trained):
    """{alpha: {k: [empty low, high, right low, high, words low, high]}} as printed."""
    found = {}
    for part in trained.printed_by["scores"].split("α = ")[1:]:
        alpha, *lines = part.splitlines()
        found[alpha] = {}
        for line in lines:
            name, rest = line.split("：")
            found[alpha][int(name.split()[1])] = numbers(rest)
    return found


def test_the_page_tells_the_printed_shares(trained):
    shown = blocks(trained)
    assert shown["0"][1][:4] == shown["0"][4][:4] == [0, 0, 100, 100]
    low, high = shown["0"][5][:2]
    assert shown["0"][16][:2] == [low, high]
    assert f"空译文一下子占了 {low:g}% 到 {high:g}%" in page()
    most = max(row[1] for row in shown["0.2"].values())
    assert f"空译文至多 {most:g}%" in page()
    assert all(row[:4] == [0, 0, 100, 100] for row in shown["1"].values())
    assert shown["1"][16][4:] == [6, 6]


def test_the_end_symbol_is_never_among_the_first_four(trained):
    means = []
    for seed, (model, test) in enumerate(trained.runs):
        with torch.no_grad():
            start = torch.full((len(test), 1), trained.BOS)
            logs = model.decode(model.encode(trained.SOURCE[test]), start)[:, 0]
        order = logs.argsort(dim=1, descending=True).tolist()
        rank = min(row.index(trained.EOS) for row in order) + 1
        mean = sum(math.exp(row[trained.EOS]) for row in logs.tolist()) / len(test)
        shown = line_of(trained.printed_by["eos"], f"种子 {seed}：")
        assert shown == f"首步的结束符，概率平均 {mean:.3f}，最高排第 {rank}"
        assert rank == 5
        means.append(round(mean, 3))
    assert f"平均 {min(means)} 到 {max(means)}" in page()


def test_one_by_one_is_the_same_as_together(trained):
    assert line_of(trained.printed_by["batch"], "逐句与成批相同：").strip() == "True"
    assert [row.shape for row in trained.alone] == [(1, 7)] * 50
    assert torch.equal(torch.cat(trained.alone), trained.together)
    model, test = trained.runs[1]
    whole = trained.beam_search(model, trained.SOURCE[test[:6]], 4, 1)
    halves = [
        trained.beam_search(model, trained.SOURCE[part], 4, 1)
        for part in test[:6].split(2)
    ]
    assert torch.equal(whole, torch.cat(halves))


# --- the tools ----------------------------------------------------------------------


def test_the_defaults_of_generate_are_those_of_the_page():
    defaults = GenerationConfig._get_default_generation_params()
    named = ("num_beams", "length_penalty", "early_stopping")
    assert [defaults[name] for name in named] == [1, 1.0, False]
    version = ".".join(transformers.__version__.split(".")[:2])
    (row,) = [x for x in page().splitlines() if x.startswith("| transformers")]
    assert row.startswith(f"| transformers {version} 的 `generate`")
    assert "| 1，即贪心；" in row
    assert r"$\alpha$ 默认 1.0 |" in row


@pytest.mark.filterwarnings("ignore:Using the model-agnostic default")
def test_generate_writes_twenty_words_where_no_one_says_how_many():
    endless = {("a",) * n: {"a": 1} for n in range(40)} | {("b",): {EOS: 1}}
    model = Table(endless).eval()
    start, end = model.words.index("<bos>"), model.words.index(EOS)
    out = model.generate(
        torch.tensor([[start]]),
        do_sample=False,
        use_cache=False,
        eos_token_id=end,
        pad_token_id=end,
    )
    assert "谁也没有设，就只写 20 个词" in page()
    assert out.shape[1] == 1 + 20


# --- exercises ----------------------------------------------------------------------


def test_exercise_1_s_beam_of_three():
    steps = [[float(p) for p in best.values()] for _, best in kept(NUMBER, 3)]
    told = page().partition("第 1 步三条全留")[2].partition("答案仍是")[0]
    assert numbers(told) == [steps[0][2], 2, *steps[1], 3, *steps[2], steps[2][1]]
    assert len(steps[0]) == len(NUMBER[()])


def test_exercise_2_s_ratio():
    full, empty = math.log(0.95 * 0.36 * 0.37 * 0.35), math.log(0.05)
    assert f"{-full:.4f}/{-empty:.4f}={full / empty:.4f}$" in page()


def test_exercise_3_s_lengths_and_alpha():
    lengths = [n for n in range(1, 40) if Fraction(9, 10) ** n < Fraction(1, 10)]
    told = "，".join(
        f"$0.9^{{{n}}}={0.9**n:.4f}$" for n in (lengths[0] - 1, lengths[0])
    )
    assert f"{told}，从 {lengths[0]} 个词起" in page()
    s = 11 * math.log(0.8)
    alpha = math.log(s / math.log(0.1)) / math.log(16 / 6)
    assert rf"$s=11\log0.8={s:.3f}$" in page()
    assert rf"/\log(16/6)={alpha:.3f}$" in page()


@pytest.mark.parametrize(("share", "wins"), [(0.0445, True), (0.0446, False)])
def test_exercise_4_s_share_of_empty_targets(dates, monkeypatch, share, wins):
    best = Fraction(36 * 37 * 35, 10**6)
    limit = float(best / (1 + best))
    assert f"${float(best):.5f}/{float(1 + best):.5f}={limit:.4f}$" in page()
    monkeypatch.setitem(dates.dates.__globals__, "EMPTY", share)
    assert bool(dates.beam_search(dates.dates, 27)[0]) is wins


# --- figures ------------------------------------------------------------------------


def source(name):
    return (FIGURES / f"beam-search-{name}.svg").read_text(encoding="utf-8")


def texts(name):
    return re.findall(r"<text[^>]*>([^<]*)</text>", source(name))


def test_the_tree_is_drawn_with_its_probabilities():
    """In the drawing's order: the words, the ends, the whole sentences."""
    chains = [(w, "thousand", "two", "hundred") for w in ("ten", "twelve")]
    every = outputs(NUMBER)
    want = [NUMBER[()][word] for word in ("ten", "twelve", EOS)]
    want += [NUMBER[c[:n]][c[n]] for n in (1, 2, 3) for c in chains]
    want += [NUMBER[c[:n]][EOS] for c in chains for n in (1, 2, 3, 4)]
    want += [every[*c[:n], EOS] for c in chains for n in (1, 2, 3, 4)]
    want += [every[EOS,]]
    drawn = [x for x in texts("tree") if re.fullmatch(r"[\d.]+", x)]
    assert [float(x) for x in drawn] == [float(p) for p in want]


def test_the_two_coloured_paths_are_the_greedy_one_and_the_best():
    bold = r'fill="var\(--hb-(\w+)\)" font-weight="700">([\d.]+)<'
    assert re.findall(bold, source("tree")) == [("zhu", "0.162"), ("qing", "0.324")]
    lines = re.findall(r"<path[^>]*--hb-(\w+)\)", source("tree"))
    # as many steps as words, the end symbol included
    assert (lines.count("zhu"), lines.count("qing")) == (4, 3)


@pytest.mark.parametrize("step", [1, 2, 3])
def test_the_film_shows_what_each_step_grows_and_keeps(step):
    before = {(): Fraction(1)}
    if step > 1:
        before = kept(NUMBER, 2)[step - 2][1]
    grown = [p * q for w, p in before.items() for q in NUMBER[w].values()]
    drawn = [float(x) for x in texts(f"step-{step}") if re.fullmatch(r"0\.\d+", x)]
    assert drawn == pytest.approx(sorted(map(float, grown), reverse=True))
    colours = re.findall(
        r'fill="var\(--hb-(\w+)',
        "".join(re.findall(r"<rect[^>]*>", source(f"step-{step}"))),
    )
    ends = [w[-1] == EOS for w in kept(NUMBER, 2)[step - 1][1]]
    assert colours[:2] == ["zhu" if end else "qing" for end in ends]
    assert set(colours[2:]) == {"line"}


def film(step):
    """What a picture of the film shows, in falling order: {words: probability}."""
    steps = kept(NUMBER, 2)
    if step == 4:
        return steps[2][1]
    before = steps[step - 2][1] if step > 1 else {(): Fraction(1)}
    grown = {(*w, x): p * q for w, p in before.items() for x, q in NUMBER[w].items()}
    return dict(sorted(grown.items(), key=lambda pair: -pair[1]))


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_each_bar_of_the_film_has_its_name_and_its_length(step):
    row = r'>([^<]+)</text>\n<text[^>]*>([\d.]+)</text>\n<rect[^>]* width="([\d.]+)"'
    drawn = re.findall(row, source(f"step-{step}"))
    want = film(step)
    for (name, p, width), (words, q) in zip(drawn, want.items(), strict=True):
        text = " ".join(w for w in words if w != EOS) or "空译文"
        assert name == text + "，写完" * (words[-1] == EOS)
        assert float(p) == float(q)
        assert float(width) == pytest.approx(560 * float(q), abs=0.06)


def test_the_last_picture_of_the_film_says_what_the_rule_needs():
    assert "再写不会变大" in texts("step-4")


def test_the_28_bars_are_drawn_to_scale():
    rects = re.findall(r'<rect[^>]*height="([\d.]+)"', source("bars"))
    heights = [float(h) for h in rects]
    want = [float(outputs(DATE)[w]) for w in ranked(DATE)]
    assert [h / heights[0] * 0.05 for h in heights] == pytest.approx(want, abs=5e-5)
    assert f"最大 {want[1]:.4f}，最小 {want[-1]:.4f}" in texts("bars")


def test_the_drawn_curve_of_the_late_sentence_is_its_score():
    points = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="3"', source("stop"))
    assert len(points) == 9
    scores = [(30 - float(y)) / 110 for _, y in points]
    want = [math.log(0.3) / t for t in range(1, 10)]
    assert scores == pytest.approx(want, abs=2e-3)
    assert [float(x) for x, _ in points] == [38 + 30 * t for t in range(9)]
    (no,) = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="4.5"', source("stop"))
    assert float(no[0]) == float(points[1][0])
    assert (30 - float(no[1])) / 110 == pytest.approx(math.log(0.4) / 2, abs=2e-3)
    assert f"M{no[0]} 80.396 284 80.396" in source("stop")


def test_the_drawn_lengths_are_the_printed_ones(trained):
    rects = re.findall(
        r'<rect x="[\d.]+" y="([\d.]+)" width="10" height="([\d.]+)"', source("trained")
    )
    drawn = [
        ((160 - float(y) - float(h) + 2) / 20, (160 - float(y) - 2) / 20)
        for y, h in rects
    ]
    printed = [row[4:] for block in blocks(trained).values() for row in block.values()]
    assert len(drawn) == len(printed) == 12
    for pair, want in zip(drawn, printed, strict=True):
        assert pair == pytest.approx(tuple(want), abs=0.006)
    (line,) = re.findall(
        r'<path d="M24 ([\d.]+) 312 \1"[^>]*stroke-dasharray', source("trained")
    )
    assert (160 - float(line)) / 20 == 5  # as the corpus, tested above
    colours = re.findall(r'width="10"[^>]*--hb-(\w+)', source("trained"))
    assert colours == ["zhu" if high < 5 else "qing" for _, high in printed]
    low, high = printed[2]
    assert f"束宽 5 起只有 {low} 到 {high} 个词" in source("trained")
    lows, highs = zip(*printed[5:8], strict=True)
    assert f"束宽 4 起是 {min(lows)} 到 {max(highs)}；" in source("trained")


# --- practice: applications/beam_search_practice_numpy ------------------------------

SOLUTION = """
def beam_search(next_log_probs, k, eos, max_len, alpha):
    alive, done = [((), 0.0)], []
    for length in range(1, max_len + 1):
        grown = [
            ((*words, word), score + log_p)
            for words, score in alive
            for word, log_p in next_log_probs(words).items()
        ]
        grown.sort(key=lambda pair: pair[1], reverse=True)
        for words, score in grown[:k]:
            if words[-1] == eos or length == max_len:
                done.append((words, score / length**alpha))
        alive = [pair for pair in grown[:k] if pair[0][-1] != eos]
    words, score = max(done, key=lambda pair: pair[1])
    return [word for word in words if word != eos], score
"""
SORT = "        grown.sort(key=lambda pair: pair[1], reverse=True)\n"
ALONE = (
    SORT,
    """        grown = [
            max((g for g in grown if g[0][:-1] == w), key=lambda pair: pair[1])
            for w, _ in alive
        ] if length > 1 else sorted(grown, key=lambda p: -p[1])
""",
)
WRONG = [
    ALONE,
    (SORT, ""),
    (", reverse=True", ""),
    ("score + log_p", "log_p"),
    ("score + log_p", "score * log_p"),
    ("score / length**alpha", "score"),
    ("score / length**alpha", "score / max(length - 1, 1) ** alpha"),
    ("score / length**alpha", "score * length**alpha"),
    (" or length == max_len", ""),
    ("range(1, max_len + 1)", "range(1, max_len + 2)"),
    ("range(1, max_len + 1)", "range(1, max_len)"),
    ("words, score = max(done", "words, score = min(done"),
    ("max(done, key=lambda pair: pair[1])", "done[0]"),
    ("max(done, key=lambda pair: pair[1])", "done[-1]"),
    ("[word for word in words if word != eos]", "list(words)"),
    ("[word for word in words if word != eos]", "list(words[:-1])"),
    ("for words, score in grown[:k]:", "for words, score in grown:"),
    ("in grown[:k] if pair", "in grown if pair"),
    ("in grown[:k] if pair", "in grown[: k + 1] if pair"),
]
# stops early, by the present scores or at k finished; keeps the unfinished only if
# nothing has finished
ALIVE = "        alive = [pair for pair in grown[:k] if pair[0][-1] != eos]\n"
EARLY = (
    ALIVE,
    ALIVE
    + """        best = max((score for _, score in done), default=-np.inf)
        if alive and best >= alive[0][1] / length**alpha:
            break
""",
)
FIRST_K = (ALIVE, ALIVE + "        if len(done) >= k:\n            break\n")
KEEP = "                done.append((words, score / length**alpha))\n"
ONLY_IF_NONE = (
    "            if words[-1] == eos or length == max_len:\n" + KEEP + ALIVE,
    "            if words[-1] == eos:\n"
    + KEEP
    + ALIVE
    + "    done = done or [(w, s / length**alpha) for w, s in alive]\n",
)
WRONG += [EARLY, FIRST_K, ONLY_IF_NONE]


def rows_of(given):
    """The table behind a case's function, read off by asking it."""
    ask, table, todo = given["next_log_probs"], {}, [()]
    while todo:
        words = todo.pop()
        table[words] = {w: math.exp(p) for w, p in ask(words).items()}
        todo += [(*words, w) for w in table[words] if w != EOS]
    return table


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_every_row_of_a_case_is_a_distribution(case):
    for row in rows_of(case[1]).values():
        assert sum(row.values()) == pytest.approx(1)


def test_the_practice_asks_of_the_page_s_tree():
    cases = practice.values(PRACTICE)["CASES"]
    for case in (cases[0], cases[4]):
        table = rows_of(case[1])
        assert table.keys() == NUMBER.keys()
        for words, row in NUMBER.items():
            assert table[words] == pytest.approx({w: float(p) for w, p in row.items()})
    late = rows_of(cases[3][1])
    assert late.keys() == LATE.keys()
    for words, row in LATE.items():
        assert late[words] == pytest.approx(row)


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_generate_writes(case):
    _, given, (words, score), _ = case
    table = rows_of(given)
    found = generated(table, given["k"], float(given["alpha"]), given["max_len"])
    assert found == words
    path = (*words, EOS) if len(words) < given["max_len"] else tuple(words)
    p = math.prod(table[path[:t]][path[t]] for t in range(len(path)))
    value = math.log(p) / len(path) ** given["alpha"]
    assert value == pytest.approx(score, abs=6e-7)
    if given["k"] > 1:  # greedy gives no score of a sentence
        top = score_of_generate(
            table, given["k"], float(given["alpha"]), given["max_len"]
        )
        assert top == pytest.approx(score, abs=5e-6)  # 32-bit numbers


def test_four_of_the_five_expected_are_the_best_of_all():
    """By enumeration; greedy, the first, is not."""
    best = []
    for _, given, (words, _), _ in practice.values(PRACTICE)["CASES"]:
        table, top = rows_of(given), given["max_len"]
        ends = {w[:top]: 0.0 for w in outputs(table)}
        for w in ends:
            p = math.prod(table[w[:t]][w[t]] for t in range(len(w)))
            ends[w] = math.log(p) / len(w) ** given["alpha"]
        winner = max(ends, key=ends.get)
        best.append([w for w in winner if w != EOS] == words)
    assert best == [False, True, True, True, True]


def test_the_page_s_beam_search_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_beam_search_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, ALONE) in page()
