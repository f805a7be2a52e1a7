"""The HMM page: three days, counts, letters, words.

References that the programs never call: enumeration of all paths in exact fractions,
``hmmlearn``'s own training and its Viterbi, enumeration of all segmentations, regular
expressions for the longest match, ``nltk.metrics`` for precision and recall.
"""

import itertools
import logging
import math
import re
from collections import Counter
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hmmlearn.hmm import CategoricalHMM, MultinomialHMM
from matplotlib.colors import same_color
from nltk.metrics import scores

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import line_of, named

PRACTICE = ROOT / "snippets/algorithms/hmm_practice_numpy.py"
PAGE = ROOT / "docs/algorithms/hmm.md"
FIGURES = ROOT / "docs/assets/figures"
STATES = "晴雨"
START = [Fraction(6, 10), Fraction(4, 10)]
MOVE = [[Fraction(8, 10), Fraction(2, 10)], [Fraction(3, 10), Fraction(7, 10)]]
SHOW = [[Fraction(2, 10), Fraction(8, 10)], [Fraction(7, 10), Fraction(3, 10)]]
SEEN = (0, 1, 0)


@pytest.fixture
def days(run_snippet):
    return run_snippet("algorithms/hmm_numpy")


@pytest.fixture
def learn(run_snippet):
    return run_snippet("algorithms/hmm_learn_numpy")


@pytest.fixture
def words(run_snippet):
    return run_snippet("algorithms/hmm_segment_numpy")


def page():
    return PAGE.read_text(encoding="utf-8")


def probability(path, seen):
    """Of the path and of what is seen, exactly."""
    p = START[path[0]] * SHOW[path[0]][seen[0]]
    for (i, j), x in zip(itertools.pairwise(path), seen[1:], strict=True):
        p *= MOVE[i][j] * SHOW[j][x]
    return p


def paths(seen):
    return {
        path: probability(path, seen)
        for path in itertools.product([0, 1], repeat=len(seen))
    }


ALL = paths(SEEN)
TOTAL = sum(ALL.values())
BEST = max(ALL, key=ALL.get)


def weather(path):
    return "".join(STATES[i] for i in path)


# --- three days ---------------------------------------------------------------------


def test_printed_paths_are_the_enumerated_ones_in_order(days):
    *lines, total = days.printed_by["enumerate"].splitlines()
    assert lines == [f"{weather(path)} {float(p):.6f}" for path, p in ALL.items()]
    assert total == f"合计 {float(TOTAL):.6f}"


def test_the_hand_s_path_is_among_them():
    assert probability((0, 1, 1), SEEN) == Fraction(3528, 10**6)
    assert r"0.6\times0.2\times0.2\times0.3\times0.7\times0.7=0.003528." in page()


@pytest.mark.parametrize("t", [1, 2, 3])
def test_printed_forward_numbers_sum_the_paths_that_end_there(days, t):
    ends = {s: 0 for s in STATES}
    for path, p in paths(SEEN[:t]).items():
        ends[STATES[path[-1]]] += p
    found = named(days.printed_by["forward"], f"第 {t} 天：")
    assert list(found) == list(STATES)
    assert found == pytest.approx({s: float(p) for s, p in ends.items()}, abs=6e-7)


def test_printed_forward_total_is_the_likelihood(days):
    assert float(line_of(days.printed_by["forward"], "合计 ")) == float(TOTAL) == 0.0795


@pytest.mark.parametrize("t", [1, 2, 3])
def test_printed_viterbi_numbers_are_the_best_paths_that_end_there(days, t):
    ends = {s: 0 for s in STATES}
    for path, p in paths(SEEN[:t]).items():
        ends[STATES[path[-1]]] = max(ends[STATES[path[-1]]], p)
    found = named(days.printed_by["viterbi"], f"第 {t} 天：")
    assert list(found) == list(STATES)
    assert found == pytest.approx({s: float(p) for s, p in ends.items()}, abs=6e-7)


def test_the_printed_path_is_the_most_probable(days):
    assert (
        line_of(days.printed_by["viterbi"], "最可能的路 ") == weather(BEST) == "雨雨雨"
    )


@pytest.mark.parametrize("t", [1, 2, 3])
def test_printed_posteriors_share_out_the_likelihood(days, t):
    shares = {s: 0 for s in STATES}
    for path, p in ALL.items():
        shares[STATES[path[t - 1]]] += p / TOTAL
    found = named(days.printed_by["posterior"], f"第 {t} 天：")
    assert list(found) == list(STATES)
    assert found == pytest.approx({s: float(p) for s, p in shares.items()}, abs=6e-7)


@pytest.mark.parametrize(
    ("name", "path"), [("维特比", BEST), ("逐天", (1, 0, 1))], ids=["whole", "each"]
)
def test_printed_chances_of_the_two_answers(days, name, path):
    found = named(days.printed_by["posterior"], f"{name} {weather(path)}：", " 天")
    right = sum(
        p * sum(a == b for a, b in zip(path, other, strict=True))
        for other, p in ALL.items()
    )
    expected = {"全对": ALL[path] / TOTAL, "平均对": right / TOTAL}
    assert list(found) == list(expected)
    assert found == pytest.approx({k: float(v) for k, v in expected.items()}, abs=6e-4)


def test_each_answer_is_the_best_for_its_demand():
    def hits(path):
        return sum(
            p * sum(a == b for a, b in zip(path, other, strict=True))
            for other, p in ALL.items()
        )

    assert max(ALL, key=hits) == (1, 0, 1)
    assert max(ALL, key=ALL.get) == (1, 1, 1)


@pytest.mark.parametrize("number", [3, 300, 3000])
def test_printed_products_and_logarithms(days, number):
    """The product by fractions, in steps of one, with whole numbers only."""
    alpha = None
    for x in SEEN * (number // 3):
        if alpha is None:
            alpha = [10 * START[i] * 10 * SHOW[i][x] for i in (0, 1)]
        else:
            alpha = [
                sum(alpha[i] * 10 * MOVE[i][j] for i in (0, 1)) * 10 * SHOW[j][x]
                for j in (0, 1)
            ]
    whole = int(sum(alpha))  # the likelihood times 100 to the power of the days
    exact = math.log(whole) - number * math.log(100)
    found = named(days.printed_by["underflow"], f"{number} 天：")
    assert list(found) == ["连乘", "对数"]
    assert found["对数"] == pytest.approx(exact, abs=6e-4)
    assert found["连乘"] == pytest.approx(math.exp(exact), rel=6e-3, abs=1e-300)
    assert (found["连乘"] == 0) == (number == 3000)


def test_hmmlearn_agrees_on_the_three_days(days):
    first, second = days.printed_by["library"].splitlines()
    found = re.fullmatch(r"对数似然：(\S+)，本页 (\S+)", first).groups()
    total = math.log(TOTAL)
    assert list(map(float, found)) == pytest.approx([total, total], abs=6e-7)
    assert second == f"路：[1, 1, 1]，本页 {list(BEST)}"


@pytest.mark.parametrize("length", [1, 2, 7])
def test_the_page_s_functions_hold_for_other_observations(days, length):
    for seen in itertools.product([0, 1], repeat=length):
        every = paths(seen)
        z, rows = days.viterbi(list(seen))
        assert probability(z, seen) == max(every.values())
        assert np.exp(rows[-1].max()) == pytest.approx(float(max(every.values())))
        total = float(sum(every.values()))
        assert np.exp(days.log_forward(list(seen))) == pytest.approx(total)
        both = days.forward(list(seen)) * days.backward(list(seen))
        np.testing.assert_allclose(both.sum(axis=1), total, rtol=1e-12)


def test_greedy_takes_another_path():
    """「得到「雨晴晴」，列举的表里只有 0.010752」."""
    path = [max((0, 1), key=lambda i: START[i] * SHOW[i][SEEN[0]])]
    for x in SEEN[1:]:
        path.append(max((0, 1), key=lambda j: MOVE[path[-1]][j] * SHOW[j][x]))
    assert weather(path) == "雨晴晴"
    assert float(ALL[tuple(path)]) == 0.010752
    assert "得到「雨晴晴」，列举的表里只有 0.010752" in page()


def test_a_thousandth_a_character_is_zero_after_108():
    product, steps = 1.0, 0
    while product:
        product, steps = product * 0.001, steps + 1
    assert f"第 {steps} 个字之后就是 0" in page()


def test_the_numbers_of_the_hand_stand_in_the_text():
    text = page()
    second = sum(p for path, p in ALL.items() if path[1] == 0)
    assert f"是 {float(second):.4f}，占总数的 {float(second / TOTAL):.0%}" in text
    assert f"0.028812，占总数的 {float(ALL[BEST] / TOTAL):.0%}" in text
    assert f"{float(second / TOTAL):.3f}$，与列举" in text
    assert 2**30 > 10**9


# --- expected counts ----------------------------------------------------------------


def expected_counts():
    """{label: {name: number}}, by enumeration, as both programs print them."""
    start, move, show = Counter(), Counter(), Counter()
    for path, p in ALL.items():
        start[path[0]] += p / TOTAL
        for pair in itertools.pairwise(path):
            move[pair] += p / TOTAL
        for i, x in zip(path, SEEN, strict=True):
            show[i, x] += p / TOTAL
    wanted = {"开头：": {s: start[i] for i, s in enumerate(STATES)}}
    for i, s in enumerate(STATES):
        wanted[f"{s}后："] = {other: move[i, j] for j, other in enumerate(STATES)}
        wanted[f"{s}天："] = {"带": show[i, 0], "没带": show[i, 1]}
    return wanted


@pytest.mark.parametrize("framework", ["numpy", "torch"])
def test_printed_counts_are_the_expected_counts(run_snippet, framework):
    printed = run_snippet(f"algorithms/hmm_learn_{framework}").printed_by["counts"]
    wanted = expected_counts()
    assert [x[:3] for x in printed.splitlines()] == list(wanted)
    for label, counts in wanted.items():
        found = named(printed, label)
        assert list(found) == list(counts)
        assert found == pytest.approx(
            {k: float(v) for k, v in counts.items()}, abs=6e-4
        )


def test_one_m_step_divides_the_counts_and_raises_the_likelihood(learn):
    wanted = expected_counts()
    row = wanted["晴后："]
    new = {s: float(n / sum(row.values())) for s, n in row.items()}
    printed = learn.printed_by["m-step"]
    assert named(printed, "晴后：") == pytest.approx(new, abs=6e-4)
    model = CategoricalHMM(2)
    share = {k: list(map(float, v.values())) for k, v in wanted.items()}
    model.startprob_ = np.array(share["开头："])
    rows = np.array([share["晴后："], share["雨后："]])
    model.transmat_ = rows / rows.sum(axis=1, keepdims=True)
    rows = np.array([share["晴天："], share["雨天："]])
    model.emissionprob_ = rows / rows.sum(axis=1, keepdims=True)
    before, later = line_of(printed, "对数似然：").split(" → ")
    assert float(before) == pytest.approx(math.log(TOTAL), abs=6e-4)
    expected = model.score(np.array(SEEN).reshape(-1, 1))
    assert float(later) == pytest.approx(expected, abs=6e-4)


# --- letters ------------------------------------------------------------------------


def letters_of(learn):
    """The sentences, their letters, the column and the lengths, from the text."""
    sentences = re.findall(r"[a-z]+", learn.TEXT)
    letters = sorted(set("".join(sentences)))
    column = np.array([[letters.index(c)] for c in "".join(sentences)])
    return sentences, letters, column, [len(s) for s in sentences]


def trained(learn, seed):
    """``hmmlearn``'s own EM from the page's start: the model and its history."""
    _, letters, column, lengths = letters_of(learn)
    rng = np.random.default_rng(seed)
    parts = [rng.gamma(10, size=size) for size in [(2,), (2, 2), (2, len(letters))]]
    model = CategoricalHMM(2, n_iter=10**4, tol=1e-4, init_params="")
    model.startprob_, model.transmat_, model.emissionprob_ = (
        part / part.sum(axis=-1, keepdims=True) for part in parts
    )
    model.fit(column, lengths)
    return model, list(model.monitor_.history), letters


def test_the_letters_are_counted(learn):
    sentences, *_ = letters_of(learn)
    assert learn.printed_by["data"].strip() == "12 句，298 个字母"
    assert (len(sentences), len("".join(sentences))) == (12, 298)


def test_a_line_is_printed_for_each_start(learn):
    assert len(learn.printed_by["fit"].splitlines()) == 8


@pytest.fixture(scope="session")
def ends(run_snippet):
    learn = run_snippet("algorithms/hmm_learn_numpy")
    return {seed: trained(learn, seed) for seed in range(8)}


def test_printed_ends_are_those_of_hmmlearn(learn, ends):
    for seed, (model, history, letters) in ends.items():
        value, more = line_of(learn.printed_by["fit"], f"起点 {seed}：").split("，")
        assert float(value) == pytest.approx(history[-1], abs=0.06)
        first, second = model.emissionprob_
        assert list(more) == [
            c for c, p, q in zip(letters, first, second, strict=True) if p > q
        ]


def test_every_round_is_hmmlearn_s_round(learn, ends):
    for (_, mine), (_, history, _) in zip(learn.runs, ends.values(), strict=True):
        np.testing.assert_allclose(mine, history, rtol=0, atol=1e-6)


def test_no_round_lowers_the_likelihood(learn):
    for _, history in learn.runs:
        assert np.diff(history).min() > 0


def test_starts_5_and_7_are_the_best_with_vowels_together(learn):
    """「最好的是起点 5 与 7」, each the other's complement."""
    last = [history[-1] for _, history in learn.runs]
    assert sorted(np.argsort(last)[-2:]) == [5, 7]
    assert last[5] == pytest.approx(last[7], abs=1e-3)
    sides = [line_of(learn.printed_by["fit"], f"起点 {s}：-776.5，") for s in (5, 7)]
    assert set(sides[0]) == set("aeiou") | set("cgs")
    assert sorted("".join(sides)) == learn.letters
    text = page()
    assert "最好的是起点 5 与 7，−776.5" in text and "最差的只有 −810.1" in text
    assert min(last) == pytest.approx(-810.1, abs=0.06)


def test_the_other_starts_end_where_the_page_says(ends):
    """「有的停在 −782 左右，有的停在 −806.4，最差的只有 −810.1」, by ``hmmlearn``."""
    last = {seed: history[-1] for seed, (_, history, _) in ends.items()}
    near = {seed for seed, value in last.items() if abs(value + 782.3) < 0.5}
    assert near == {0, 4, 6}
    assert [round(last[seed], 1) for seed in (1, 3, 2)] == [-806.4, -806.4, -810.1]


def test_the_rounds_outside_the_figure_are_those_of_the_caption(learn, ends):
    histories = {seed: history for seed, (_, history, _) in ends.items()}
    rounds = {seed: len(history) for seed, history in histories.items()}
    low, _ = learn.axis.get_ylim()
    for history in histories.values():
        assert history[0] < low < history[1]
    assert [n for n in rounds.values() if n > 160] == [rounds[2]] == [262]
    assert "最低的一条走了 262 轮，只画到 160" in page()
    assert "第 1 轮在画面之下" in page()


def test_a_consonant_is_never_followed_by_its_own_state(ends):
    """「辅音一边之后必定换边」, in the best model."""
    model, _, letters = ends[5]
    consonants = int(model.emissionprob_[:, letters.index("a")].argmin())
    assert model.transmat_[consonants, consonants] < 1e-6


def test_starts_5_and_7_are_one_model_with_its_states_swapped(ends):
    """「起点 5 与 7 学到的是同一个模型」, by ``hmmlearn``'s own training."""
    mine, other = ends[5][0], ends[7][0]
    pairs = [
        (mine.startprob_, other.startprob_[::-1]),
        (mine.transmat_, other.transmat_[::-1, ::-1]),
        (mine.emissionprob_, other.emissionprob_[::-1]),
    ]
    for one, swapped in pairs:
        np.testing.assert_allclose(one, swapped, rtol=0, atol=5e-3)


def test_a_swap_keeps_the_likelihood_and_half_a_swap_does_not(learn, ends):
    printed = learn.printed_by["swap"]
    best, history, _ = max(ends.values(), key=lambda end: end[1][-1])
    _, _, column, lengths = letters_of(learn)
    found = {name: float(line_of(printed, f"{name}：")) for name in ("原来", "对调")}
    assert found["原来"] == found["对调"]
    assert found["原来"] == pytest.approx(history[-1], abs=6e-4)
    half = CategoricalHMM(2)
    half.startprob_ = best.startprob_[::-1]
    half.transmat_ = best.transmat_[::-1]
    half.emissionprob_ = best.emissionprob_[::-1]
    value = float(line_of(printed, "A 只换行："))
    assert value == pytest.approx(half.score(column, lengths), abs=2)
    half.startprob_, half.emissionprob_ = learn.pi[::-1], learn.B[::-1]
    half.transmat_ = learn.A[::-1]
    assert value == pytest.approx(half.score(column, lengths), abs=6e-5)
    assert value < found["原来"] - 1000


def test_lengths_add_the_sentences_and_one_long_line_does_not(learn):
    printed = learn.printed_by["lengths"]
    pi, A, B = learn.pi, learn.A, learn.B
    sentences, letters, *_ = letters_of(learn)

    def score(text):
        """Plain forward with rescaling, no logarithm of a sum."""
        total, alpha = 0.0, pi
        for t, c in enumerate(text):
            alpha = (alpha if t == 0 else alpha @ A) * B[:, letters.index(c)]
            total += math.log(alpha.sum())
            alpha = alpha / alpha.sum()
        return total

    apart = float(line_of(printed, "分成 12 句："))
    assert apart == pytest.approx(sum(map(score, sentences)), abs=6e-5)
    joined = float(line_of(printed, "接成一条："))
    assert joined == pytest.approx(score("".join(sentences)), abs=6e-5)
    assert apart == float(line_of(learn.printed_by["swap"], "原来："))
    assert "多出十一次并不存在的转移" in page() and len(sentences) == 12


def test_the_recorded_curves_are_the_histories(learn):
    lines = learn.axis.lines
    best = max(history[-1] for _, history in learn.runs)
    assert len(lines) == len(learn.runs)
    for line, (_, history) in zip(lines, learn.runs, strict=True):
        assert list(line.get_xdata()) == list(range(1, len(history) + 1))
        np.testing.assert_array_equal(line.get_ydata(), history)
        assert same_color(line.get_color(), "C1") == (history[-1] > best - 0.01)
    assert learn.axis.get_xlim() == (0, 160)
    low, high = learn.axis.get_ylim()
    ends = [history[-1] for _, history in learn.runs]
    assert low < min(ends) < best < high < low + 100


# --- hmmlearn -----------------------------------------------------------------------


def test_multinomial_wants_counts_that_add_up():
    column = np.array([[0], [1], [0], [2], [1]])
    with pytest.raises(ValueError) as error:
        MultinomialHMM(2, n_trials=1).fit(column)
    assert f"报「{error.value}」" in page()


def test_multinomial_takes_numbers_of_symbols_for_counts_and_only_warns(caplog):
    caplog.set_level(logging.WARNING, logger="hmmlearn")
    model = MultinomialHMM(2, random_state=0).fit(np.array([[0], [1], [0], [2], [1]]))
    said = "has undergone major changes"
    assert said in caplog.text and f"警告「{said}」，照样训练" in page()
    np.testing.assert_allclose(model.emissionprob_, np.ones((2, 1)))


def test_equal_states_stay_equal(learn):
    """Exercise 2."""
    model = [np.full(2, 0.5), np.full((2, 2), 0.5), np.array([[0.3, 0.7]] * 2)]
    for _ in range(5):
        _, *counts = learn.e_step(*model, [0, 1, 0, 0])
        model = learn.m_step(*counts)
    np.testing.assert_allclose(model[2][0], model[2][1], rtol=0, atol=1e-12)


def test_states_that_are_only_entered_differently_part(learn):
    """Exercise 2: the same rows of A and of B are not enough."""
    model = [np.full(2, 0.5), np.array([[0.9, 0.1]] * 2), np.full((2, 2), 0.5)]
    _, *counts = learn.e_step(*model, [0, 1, 0])
    B = learn.m_step(*counts)[2]
    assert abs(B[0, 0] - B[1, 0]) > 0.1


# --- words --------------------------------------------------------------------------


def test_the_corpus_is_counted(words):
    sentences = [x.split() for x in re.split(r"[。\n]", words.CORPUS.strip())]
    assert sentences == words.sentences
    count = sum(map(len, sentences))
    chars = sum(len(w) for s in sentences for w in s)
    printed = words.printed_by["corpus"].strip()
    assert printed == f"{len(sentences)} 句，{chars} 字，{count} 词"
    assert f"一百句短句，共 {chars} 个字" in page() and len(sentences) == 100
    assert len(set(map(tuple, sentences))) == 100


def fold(words, k):
    held = [s for i, s in enumerate(words.sentences) if i % 5 == k]
    return [s for i, s in enumerate(words.sentences) if i % 5 != k], held


def spans_of(sentence):
    ends = list(itertools.accumulate(map(len, sentence)))
    return list(zip([0, *ends], ends, strict=False))


def marks(sentence):
    return "".join(
        "S" if len(w) == 1 else "B" + "M" * (len(w) - 2) + "E" for w in sentence
    )


def scorer(training):
    """The log-probability of a segmented sentence, from plain counts."""
    chars = {c for s in training for w in s for c in w}
    starts = Counter(marks(s)[0] for s in training)
    pairs = Counter(p for s in training for p in itertools.pairwise(marks(s)))
    shown = Counter(p for s in training for p in zip(marks(s), "".join(s), strict=True))
    after_mark = {"B": "ME", "M": "ME", "E": "BS", "S": "BS"}

    def move(a, b):
        row = sum(pairs[a, x] + 1 for x in after_mark[a])
        return math.log((pairs[a, b] + 1) / row)

    def show(a, c):
        row = sum(n for (x, _), n in shown.items() if x == a) + len(chars) + 1
        return math.log((shown[a, c if c in chars else None] + 1) / row)

    def score(sentence):
        z, text = marks(sentence), "".join(sentence)
        first = math.log((starts[z[0]] + 1) / (len(training) + 2))
        moves = sum(itertools.starmap(move, itertools.pairwise(z)))
        return first + moves + sum(map(show, z, text))

    return score


def segmentations(text):
    for cuts in itertools.product([False, True], repeat=len(text) - 1):
        sentence = [text[0]]
        for cut, c in zip(cuts, text[1:], strict=True):
            if cut:
                sentence.append(c)
            else:
                sentence[-1] += c
        yield sentence


@pytest.fixture(scope="session")
def enumerated(run_snippet):
    """The best of all segmentations of each sentence held out last."""
    training, held = fold(run_snippet("algorithms/hmm_segment_numpy"), 4)
    score = scorer(training)
    short = [s for s in held if len("".join(s)) <= 11]
    return [(s, max(segmentations("".join(s)), key=score)) for s in short]


def test_cutting_finds_the_best_of_all_segmentations(words, enumerated):
    model = words.train(words.split(4)[0])
    assert len(enumerated) >= 15
    for sentence, best in enumerated:
        assert words.cut("".join(sentence), model) == best


def test_printed_errors_are_those_of_the_enumeration(words, enumerated):
    *lines, count = words.printed_by["cut"].splitlines()
    printed = dict(line.split(" → ") for line in lines)
    for sentence, best in enumerated:
        said = printed.get("/".join(sentence))
        assert said == (None if best == sentence else "/".join(best))
    held = fold(words, 4)[1]
    assert count == f"{len(held)} 句， {sum(map(len, held))} 词"
    assert set(printed) <= {"/".join(s) for s in held}
    assert f"留出的 {sum(map(len, held))} 个词" in page()


def test_the_kinds_of_errors_are_counted(words):
    """「一个词被拆开，8 个」「边界错位或粘连，8 个，在四处」."""
    kinds, places = Counter(), set()
    *lines, _ = words.printed_by["cut"].splitlines()
    for line in lines:
        truth, mine = (spans_of(x.split("/")) for x in line.split(" → "))
        for i, j in truth:
            if (i, j) in mine:
                continue
            inside = all(i <= a and b <= j for a, b in mine if a < j and b > i)
            kinds[inside] += 1
            if not inside:
                places.add(line)
    assert kinds == {True: 8, False: 8} and len(places) == 4
    assert len(lines) == 9
    text = page()
    for said in ["错了九句", "16 个没有切对", "被拆开，8 个", "8 个，在四处"]:
        assert said in text


def test_seven_errors_stay_when_the_held_out_sentences_are_trained_on(words):
    """「16 个只剩 7 个」: what is left is the price of the two assumptions."""
    model, left = words.train(words.sentences), []
    for sentence in fold(words, 4)[1]:
        text = "".join(sentence)
        mine = set(spans_of(words.cut(text, model)))
        left += [text[i:j] for i, j in spans_of(sentence) if (i, j) not in mine]
    assert sorted(left) == sorted(
        ["看书", "多云", "我", "坐", "汽车站", "天文学家", "天文台"]
    )
    assert "16 个只剩 7 个，消失的 9 个" in page()
    assert "".join(f"「{w}」" for w in left) in page()


def longest_match(training):
    """The longest word first, at each place, else one character."""
    known = sorted({w for s in training for w in s}, key=len, reverse=True)
    return re.compile("|".join(known) + "|.").findall


@pytest.mark.parametrize("text", ["天文学家在", "天文学家们在", "天文学在天文"])
def test_the_longest_word_may_have_any_length(words, text):
    """「取词典里最长的词，没有就取一个字」: here of two, four, five characters."""
    dictionary = {"天文", "天文学家", "天文学家们"}
    assert words.longest(text, dictionary) == longest_match([list(dictionary)])(text)


CUTTERS = {
    "每字一词": lambda words, training: list,
    "最大匹配": lambda words, training: longest_match(training),
    "HMM": lambda words, training: partial(words.cut, model=words.train(training)),
}


def measured(words, cutter):
    """Per fold: precision, recall, F1 by nltk, recall of known and of new words."""
    rows = []
    for k in range(5):
        training, held = fold(words, k)
        known = {w for s in training for w in s}
        truth, mine, old = set(), set(), set()
        for n, s in enumerate(held):
            for w, span in zip(s, spans_of(s), strict=True):
                truth.add((n, *span))
                if w in known:
                    old.add((n, *span))
            mine |= {(n, *span) for span in spans_of(cutter(training)("".join(s)))}
        rows.append(
            [
                scores.precision(truth, mine),
                scores.recall(truth, mine),
                scores.f_measure(truth, mine),
                scores.recall(old, mine),
                scores.recall(truth - old, mine),
                len(truth - old) / len(truth),
            ]
        )
    return np.array(rows)


@pytest.mark.parametrize("name", CUTTERS)
def test_printed_scores_are_those_of_nltk(words, name):
    found = measured(words, lambda training: CUTTERS[name](words, training))
    p, r, f1, known, new, share = found.mean(axis=0)
    low, high = found[:, 2].min(), found[:, 2].max()
    printed = words.printed_by["folds"].splitlines()
    (at,) = [i for i, x in enumerate(printed) if x.startswith(f"{name}：")]
    assert printed[at] == (
        f"{name}：精确 {p:.2f}，召回 {r:.2f}，F1 {f1:.2f}（{low:.2f} 到 {high:.2f}）"
    )
    assert printed[at + 1] == f"　熟词召回 {known:.2f}，生词召回 {new:.2f}"
    assert printed[-1] == f"生词占 {share:.2f}"
    row = f"| {name} | {f1:.2f}（{low:.2f} 到 {high:.2f}） | {known:.2f} | {new:.2f} |"
    assert row in page()


def test_the_longest_match_misses_no_known_word_here(words):
    """「词典对熟词一个不错」."""
    assert (measured(words, longest_match)[:, 3] == 1).all()


def test_a_word_seldom_goes_on_after_two_characters(words):
    """「训练时三个字以上的词少，模型宁可早些结束」."""
    long = [w for s in fold(words, 4)[0] for w in s if len(w) > 2]
    short = [w for s in fold(words, 4)[0] for w in s if len(w) == 2]
    assert len(short) > 10 * len(long)


def test_each_sentence_is_held_out_once(words):
    for k in range(5):
        rest, held = words.split(k)
        assert (rest, held) == fold(words, k)


def test_exercise_3_s_posteriors_give_27_broken_sentences(words):
    """By ``hmmlearn``'s posteriors; a mark of the end forces E or S before it."""
    broken = {}
    for k in range(5):
        training, held = fold(words, k)
        pi, A, B, index = words.train(training)
        model = CategoricalHMM(5)
        model.startprob_ = np.append(np.exp(pi), 0)
        moves = np.zeros((5, 5))
        moves[:4, :4] = np.exp(A)
        moves[2:4, 4] = moves[4, 4] = 1  # no sum of one is asked of the forward pass
        model._check = lambda: None
        model.transmat_ = moves
        shows = np.zeros((5, B.shape[1] + 1))
        shows[:4, :-1], shows[4, -1] = np.exp(B), 1
        model.emissionprob_ = shows
        model.n_features = shows.shape[1]
        for sentence in held:
            text = "".join(sentence)
            column = [index.get(c, len(index)) for c in text] + [B.shape[1]]
            with np.errstate(divide="ignore"):
                shares = model.predict_proba(np.array(column).reshape(-1, 1))
            z = "".join("BMES"[i] for i in shares[:-1, :4].argmax(axis=1))
            if not re.fullmatch(r"(S|BM*E)+", z):
                broken[text] = z
    assert len(broken) == 27
    assert broken["她的琴声很好听"] == "SSBESBS"
    assert "27 句。例如「她的琴声很好听」得到 `SSBESBS`" in page()


def jieba_s_order(words, *, known_too=True):
    """The dictionary first, then the HMM on runs of single characters."""

    def prepare(training):
        match, model = longest_match(training), words.train(training)
        known = {w for s in training for w in s}

        def given_away(word):
            return len(word) == 1 and (known_too or word not in known)

        def cutter(text):
            out = []
            for alone, group in itertools.groupby(match(text), given_away):
                run = list(group)
                joined = "".join(run)
                small = not alone or len(run) == 1 or joined in known
                out += run if small else words.cut(joined, model)
            return out

        return cutter

    return prepare


def test_exercise_4_s_order_gives_less_than_the_hmm_alone(words):
    f1 = measured(words, jieba_s_order(words))[:, 2].mean()
    assert f"    {f1:.2f}，单用 HMM 是 0.83" in page()
    unknown_only = measured(words, jieba_s_order(words, known_too=False))[:, 2].mean()
    assert f"若只交出词典里没有的单字，F1 是 {unknown_only:.2f}" in page()


def test_exercise_4_s_order_loses_known_single_characters(words):
    known, lost = 0, []
    for k in range(5):
        training, held = fold(words, k)
        cutter = jieba_s_order(words)(training)
        seen = {w for s in training for w in s}
        for sentence in held:
            text = "".join(sentence)
            mine = set(spans_of(cutter(text)))
            for i, j in spans_of(sentence):
                known += text[i:j] in seen
                lost += [text[i:j]] * (text[i:j] in seen and (i, j) not in mine)
    assert {len(word) for word in lost} == {1}
    assert f"{known} 个熟词丢了 {len(lost)} 个，全是单字" in page()


def test_exercise_1_s_cells_are_the_enumerated_ones():
    seen = (1, 1)
    every = paths(seen)
    assert float(every[0, 0] + every[1, 0]) == 0.336
    assert float(every[0, 1] + every[1, 1]) == 0.054
    assert float(max(every[0, 0], every[1, 0])) == 0.3072
    assert float(max(every[0, 1], every[1, 1])) == float(every[0, 1]) == 0.0288


# --- figures ------------------------------------------------------------------------


def texts(name):
    source = (FIGURES / f"hmm-{name}.svg").read_text(encoding="utf-8")
    return re.findall(r"<text[^>]*>([^<]*)</text>", source)


def test_the_model_is_drawn_with_its_numbers():
    shown = Counter(x for x in texts("model") if re.fullmatch(r"0\.\d", x))
    numbers = itertools.chain(START, *MOVE, *SHOW)
    assert shown == Counter(f"{float(p):g}" for p in numbers)


def test_the_forward_cells_are_drawn_with_their_numbers(days):
    cells = [f"{x:g}" for x in days.forward(list(SEEN)).ravel()]
    shown = texts("forward")
    assert [x for x in shown if x in cells] == cells
    products = [x for x in shown if "×" in x]
    values = [math.prod(map(float, x.split("×"))) for x in products]
    np.testing.assert_allclose(values, [float(x) for x in cells], rtol=1e-12)


def test_the_trellis_of_viterbi_fills_step_by_step(days):
    cells = [f"{x:.6g}" for x in np.exp(days.viterbi(list(SEEN))[1]).ravel()]
    for step, filled in enumerate([2, 3, 4, 6, 6], start=1):
        shown = texts(f"viterbi-{step}")
        numbers = [x for x in shown if x in cells or x == "？"]
        assert numbers == cells[:filled] + ["？"] * (6 - filled)


@pytest.mark.parametrize(("step", "j"), [(2, 0), (3, 1)])
def test_the_compared_arrivals_are_drawn(step, j):
    arrivals = [START[i] * SHOW[i][SEEN[0]] * MOVE[i][j] for i in (0, 1)]
    shown = texts(f"viterbi-{step}")[-2:]
    assert sorted(shown) == sorted(f"{float(p):g}" for p in arrivals)
    high, low = sorted(map(float, arrivals), reverse=True)
    assert f"{high:g} 胜过 {low:g}，再乘" in page()


def test_the_eight_paths_are_drawn_to_scale_in_two_groups():
    source = (FIGURES / "hmm-paths.svg").read_text(encoding="utf-8")
    bars = re.findall(r'>([晴雨]{3})</text><rect[^>]*width="([\d.]+)"[^>]*>', source)
    assert len(bars) == 8
    for name, width in bars:
        path = tuple(STATES.index(c) for c in name)
        assert float(width) == pytest.approx(5000 * float(ALL[path]), abs=0.06)
    assert [name[1] for name, _ in bars] == ["晴"] * 4 + ["雨"] * 4
    for i, s in enumerate(STATES):
        half = sum(p for path, p in ALL.items() if path[1] == i)
        assert f"第二天{s}，合计 {float(half):.4f}" in texts("paths")


def test_the_marks_are_drawn_with_the_legal_moves_only(words):
    source = (FIGURES / "hmm-bmes.svg").read_text(encoding="utf-8")
    assert source.count('marker-end="url(#hmm-bmes-q)"') == len(words.LEGAL) == 8
    assert {a + b for a, b in itertools.product("BMES", repeat=2)} > set(words.LEGAL)
    legal = {"BM", "BE", "MM", "ME", "EB", "ES", "SB", "SS"}
    assert set(words.LEGAL) == legal


# --- practice: algorithms/hmm_practice_numpy ----------------------------------------

SOLUTION = """
def viterbi(log_pi, log_A, log_B, x):
    delta, back = log_pi + log_B[:, x[0]], []
    for symbol in x[1:]:
        steps = delta[:, None] + log_A
        back.append(steps.argmax(axis=0))
        delta = steps.max(axis=0) + log_B[:, symbol]
    z = [int(delta.argmax())]
    for pointers in reversed(back):
        z.append(int(pointers[z[-1]]))
    z.reverse()
    return z, float(delta.max())
"""
LOOP = SOLUTION[SOLUTION.index("    for symbol") : SOLUTION.index("    z.reverse()")]
GREEDY = (
    LOOP,
    """    z, log_p = [int(delta.argmax())], delta.max()
    for symbol in x[1:]:
        steps = log_A[z[-1]] + log_B[:, symbol]
        z.append(int(steps.argmax()))
        log_p += steps.max()
    z.reverse()
    delta = np.array([log_p])
""",
)
WRONG = [
    GREEDY,
    ("steps.max(axis=0)", "np.logaddexp.reduce(steps, axis=0)"),  # a sum, no maximum
    ("log_pi + log_B[:, x[0]]", "log_pi.copy()"),  # no first emission
    ("log_pi + log_B[:, x[0]]", "log_B[:, x[0]]"),  # no start
    ("reversed(back)", "reversed(back[1:] + back[:1])"),  # pointers off by one
    ("reversed(back)", "back"),
    ("steps.argmax(axis=0)", "steps.argmax(axis=1)"),
    ("steps.argmax(axis=0)", "(steps + log_B[:, symbol][:, None]).argmax(axis=0)"),
    ("delta[:, None] + log_A", "delta[:, None] + log_A.T"),
    ("delta[:, None] + log_A", "delta[None, :] + log_A"),
    ("delta[:, None] + log_A", "delta[:, None] + np.nan_to_num(log_A, neginf=0)"),
    ("steps.max(axis=0) + log_B[:, symbol]", "steps.max(axis=0)"),
    ("    z.reverse()\n", ""),
    ("return z, float(delta.max())", "return z, float(np.exp(delta.max()))"),
    ("return z, float(delta.max())", "return z"),
    ("return z, float(delta.max())", "return z, float(delta[z[0]])"),  # first, not last
    ("return z, float(delta.max())", "return z, float(np.logaddexp.reduce(delta))"),
    ("in x[1:]", "in x[:-1]"),
    (
        "delta = steps.max(axis=0) + log_B[:, symbol]",
        "delta = np.log(np.exp(steps.max(axis=0)) * np.exp(log_B[:, symbol]))",
    ),  # multiplies probabilities: 1200 days underflow
    ("log_pi + log_B[:, x[0]], []", "log_pi, []\n    delta += log_B[:, x[0]]"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_hmmlearn_decodes(case):
    _, given, (z, log_p), _ = case
    model = CategoricalHMM(len(given["log_pi"]))
    model.startprob_, model.transmat_, model.emissionprob_ = (
        np.exp(given[key]) for key in ("log_pi", "log_A", "log_B")
    )
    value, path = model.decode(np.array(given["x"]).reshape(-1, 1))
    assert path.tolist() == z
    assert value == pytest.approx(log_p, abs=6e-7)


def test_the_page_s_viterbi_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_viterbi_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, GREEDY) in page()
