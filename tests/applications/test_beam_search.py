"""The page on beam search: a tree of nine sentences, dates, a trained model.

References that the programs never call: enumeration in exact fractions,
``transformers``' own ``generate`` on a stub that reads the table, a beam search of
Python lists around the trained model, ``sacrebleu`` for what MBR decoding picks.
"""

import math
import re
from fractions import Fraction

import pytest
import torch
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


def generated(table, k, alpha, length=9, stop="never"):
    """What ``generate`` writes, as words without the end symbol."""
    model = Table(table).eval()
    ends = model.words.index(EOS)
    more = {"early_stopping": stop, "length_penalty": alpha} if k > 1 else {}
    out = model.generate(
        torch.tensor([[model.words.index("<bos>")]]),
        num_beams=k,
        do_sample=False,
        use_cache=False,
        max_new_tokens=length,
        eos_token_id=ends,
        pad_token_id=ends,
        **more,
    )
    return [model.words[i] for i in out[0, 1:].tolist() if i != ends]


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
    assert "0.27 小于 0.324" in page()


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
    assert full / 4**divide == pytest.approx(empty, rel=2e-4)
    assert full / 1.5**gnmt == pytest.approx(empty, rel=2e-4)
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
    assert "第 30 个词才落到点线之下" in page()


def test_each_label_of_the_figure_stands_beside_its_own_curve(dates):
    for label, rate in zip(dates.axis.texts, RATES_DRAWN.values(), strict=False):
        n, y = label.xy
        assert abs(y - rate(n * math.log(0.8), n)) < 0.6


def test_the_page_s_example_of_too_much_division():
    assert (-2.0 / 8, -1.2 / 4) == (-0.25, -0.3)
    assert [round(math.exp(s), 3) for s in (-1.2, -2.0)] == [0.301, 0.135]
    assert "概率是 0.301 对 0.135" in page()


def test_the_most_central_sentence_is_a_date_and_the_empty_one_the_least():
    """What the page says of MBR, with the expected chrF as the utility."""
    every = {" ".join(w[:-1]): float(p) for w, p in outputs(DATE).items()}
    chrf = CHRF()

    def gain(text):
        return sum(
            p * (100 if text == other else chrf.sentence_score(text, [other]).score)
            for other, p in every.items()
        )

    order = sorted(every, key=gain)
    assert order[0] == ""
    assert order[-1] != ""


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


def test_no_test_date_was_trained_on(trained):
    """The 200 of the seed's own shuffle, the same that the page counts."""
    for seed, (_, test) in enumerate(trained.runs):
        torch.manual_seed(seed)
        order = torch.randperm(len(trained.dates))
        assert test.tolist() == order[:200].tolist()


@pytest.mark.parametrize("alpha", [0, 0.2, 1])
@pytest.mark.parametrize("k", [1, 5])
def test_the_printed_shares_are_counted_from_the_written_words(trained, alpha, k):
    rows = []
    for model, test in trained.runs:
        out = trained.beam_search(model, trained.SOURCE[test], k, alpha).tolist()
        texts = [written(trained, ids) for ids in out]
        pairs = zip(texts, test.tolist(), strict=True)
        right = sum(is_a_form(words, trained.dates[i]) for words, i in pairs)
        lengths = [len(words) for words in texts]
        rows.append((lengths.count(0) / 200, right / 200, sum(lengths) / 200))
    empty, right, length = (sorted(column) for column in zip(*rows, strict=True))
    block = trained.printed_by["scores"].split(f"α = {alpha}\n")[1]
    shown = next(x for x in block.splitlines() if x.startswith(f"束宽 {k}："))
    assert shown == (
        f"束宽 {k}：空 {empty[0]:.0%} 到 {empty[-1]:.0%}，"
        f"对 {right[0]:.0%} 到 {right[-1]:.0%}，"
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
    named = ("num_beams", "length_penalty", "early_stopping", "max_length")
    assert [defaults[name] for name in named] == [1, 1.0, False, 20]


# --- exercises ----------------------------------------------------------------------


def test_exercise_1_s_beam_of_three():
    steps = [list(best.values()) for _, best in kept(NUMBER, 3)]
    assert [float(p) for p in steps[0]] == [0.5, 0.4, 0.1]
    assert [float(p) for p in steps[1]] == [0.45, 0.36, 0.05]
    assert [float(p) for p in steps[2]] == [0.324, 0.27, 0.18]


def test_exercise_3_s_lengths_and_alpha():
    lengths = [n for n in range(1, 40) if Fraction(9, 10) ** n < Fraction(1, 10)]
    assert lengths[0] == 22
    s = 11 * math.log(0.8)
    alpha = math.log(s / math.log(0.1)) / math.log(16 / 6)
    assert round(s, 3) == -2.455
    assert round(alpha, 3) == 0.065


def test_exercise_4_s_share_of_empty_targets():
    best = Fraction(36 * 37 * 35, 10**6)
    limit = best / (1 + best)
    assert round(float(best), 5) == 0.04662
    assert round(float(limit), 4) == 0.0445
    for share, wins in [(limit * 99 / 100, True), (limit * 101 / 100, False)]:
        assert (best * (1 - share) > share) is wins


# --- figures ------------------------------------------------------------------------


def source(name):
    return (FIGURES / f"beam-search-{name}.svg").read_text(encoding="utf-8")


def texts(name):
    return re.findall(r"<text[^>]*>([^<]*)</text>", source(name))


def test_the_tree_is_drawn_with_its_probabilities():
    drawn = [x for x in texts("tree") if re.fullmatch(r"[\d.]+", x)]
    every = [float(p) for p in outputs(NUMBER).values()]
    steps = [float(p) for row in NUMBER.values() for p in row.values()]
    # the empty sentence stands once: its step is its whole probability
    want = sorted([*steps, *every])
    assert sorted(map(float, drawn)) == pytest.approx(want)


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
