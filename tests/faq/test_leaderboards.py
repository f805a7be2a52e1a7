"""Leaderboards: Elo and Bradley-Terry, a judge that is biased, questions seen before.

References that the programs never call: SciPy's minimisers, root finder and quadrature
(the largest of n normal values, the votes of the judge), a normal integral for the best
of eight, sums over all outcomes of two tests, plain search, difflib, statsmodels.
"""

import re
import unicodedata
from difflib import SequenceMatcher
from functools import cache
from itertools import combinations, permutations, product
from math import ceil, log, log10

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.integrate import quad
from scipy.optimize import brentq, minimize
from scipy.special import expit
from scipy.stats import binom, multivariate_normal, norm
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import confint_proportions_2indep

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/faq/leaderboards.md"
PRACTICE = ROOT / "snippets/faq/leaderboards_practice_numpy.py"
UNIT = 400 / log(10)  # Elo points in one natural unit
Z = norm.ppf(0.975)


@pytest.fixture
def arena(run_snippet):
    return run_snippet("faq/leaderboards_arena_numpy")


@pytest.fixture
def judge(run_snippet):
    return run_snippet("faq/leaderboards_judge_numpy")


@pytest.fixture
def contamination(run_snippet):
    return run_snippet("faq/leaderboards_contamination_numpy")


def entry(text, start):
    """What follows ``start`` on its line and on the line set in under it."""
    lines = text.splitlines()
    (at,) = [i for i, line in enumerate(lines) if line.startswith(start)]
    first, under = lines[at].removeprefix(start), lines[at + 1]
    assert under.startswith("    ")
    return f"{first}，{under.strip()}"


def page():
    return PAGE.read_text(encoding="utf-8")


# --- Elo and Bradley-Terry: faq/leaderboards_arena_numpy ----------------------


def online(results, k):
    """The gap after each game, kept as one number: only the gap moves."""
    gap = 0.0
    for won in results:
        gap += 2 * k * (won - expit(gap / UNIT))
    return gap


ORDERS = {"输在最后": (1, 1, 1, 0), "输在最先": (0, 1, 1, 1), "输在第二": (1, 0, 1, 1)}


@pytest.mark.parametrize("name", ORDERS)
def test_the_order_of_the_same_four_games_moves_elo(arena, name):
    heading, *_ = arena.printed_by["elo"].splitlines()
    assert heading == "甲 3 胜 1 负，比乙高几分" and sum(ORDERS[name]) == 3
    found = line_of(arena.printed_by["elo"], f"{name}：")
    far, near = (online(ORDERS[name], k) for k in (32, 4))
    assert found == f"K = 32 时 {far:.2f}，K = 4 时 {near:.2f}"


def test_the_program_has_every_kind_of_order_but_one():
    orders = set(permutations((1, 1, 1, 0)))
    gaps = {round(online(order, 32), 6) for order in orders}
    assert len(gaps) == 4 and set(ORDERS.values()) < orders


def test_the_earlier_the_loss_the_better_elo_thinks_of_the_winner(arena):
    gap = {name: after(arena.printed_by["elo"], f"{name}：")[1] for name in ORDERS}
    assert gap["输在最先"] > gap["输在第二"] > gap["输在最后"]


def likeliest(wins):
    """Ratings of the highest likelihood, by SciPy, Newton steps on a free scale."""
    wins = np.array(wins, float)
    size = len(wins)

    def loss(r):
        d = r[:, None] - r
        return -(wins * np.log(expit(d))).sum()

    def slope(r):
        miss = wins * expit(r - r[:, None])
        return miss.sum(axis=0) - miss.sum(axis=1)

    def bend(r):
        p = expit(r[:, None] - r)
        weight = (wins + wins.T) * p * (1 - p)
        return np.diag(weight.sum(axis=1)) - weight + np.ones((size, size))

    found = minimize(
        lambda r: loss(r) + r.sum() ** 2 / 2,
        np.zeros(size),
        jac=lambda r: slope(r) + r.sum(),
        hess=bend,
        method="trust-exact",
        options={"gtol": 1e-11},
    )
    return UNIT * (found.x - found.x.mean())


def three(a_c, c_a):
    return np.array([[0, 3, a_c], [1, 0, 3], [c_a, 1, 0]])


@pytest.mark.parametrize(("a_c", "c_a"), [(0, 0), (2, 2), (1, 3)])
def test_the_ratings_are_those_of_the_highest_likelihood(arena, a_c, c_a):
    a, b, c = likeliest(three(a_c, c_a))
    line = entry(arena.printed_by["bt"], f"甲丙 {a_c} 比 {c_a}：")
    chance, a_b, all_of_it = numbers(line)
    assert re.sub(r"[\d.]+", "", line) == "甲胜丙的机会 ，甲减乙  分，甲减丙  分"
    assert a_b == pytest.approx(a - b, abs=0.06)
    assert all_of_it == pytest.approx(a - c, abs=0.06)
    assert chance == pytest.approx(expit((a - c) / UNIT), abs=6e-4)


def test_two_that_never_met_are_placed_by_a_third(arena):
    chance, _, gap = numbers(entry(arena.printed_by["bt"], "甲丙 0 比 0："))
    assert gap == pytest.approx(400 * log10(9), abs=0.06)
    assert chance == pytest.approx(0.9, abs=1e-9)


def test_ratings_of_eight_are_those_of_the_highest_likelihood(arena):
    wins = np.random.default_rng(5).integers(1, 12, size=(8, 8))
    np.fill_diagonal(wins, 0)
    assert arena.bradley_terry(wins) == pytest.approx(likeliest(wins), abs=1e-4)


def half_width(won, lost):
    """Where the curvature of the log likelihood puts 1.96 standard errors."""

    def fit(gap):
        return won * np.log(expit(gap / UNIT)) + lost * np.log(expit(-gap / UNIT))

    best, step = UNIT * log(won / lost), 0.5
    bend = (fit(best + step) - 2 * fit(best) + fit(best - step)) / step**2
    return 1.96 / (-bend) ** 0.5


@pytest.mark.parametrize(
    ("won", "lost"), [(3, 1), (300, 100), (500, 500), (3625, 3625)]
)
def test_the_interval_is_the_bend_of_the_likelihood(arena, won, lost):
    gap, half = after(arena.printed_by["interval"], f"{won} 比 {lost}：")
    assert gap == pytest.approx(400 * log10(won / lost), abs=0.06)
    assert half == pytest.approx(half_width(won, lost), abs=0.06)


def test_eight_points_take_seven_thousand_votes():
    enough = [n for n in range(7000, 7500) if half_width(n / 2, n / 2) <= 8]
    assert enough[0] == pytest.approx(2 * 3625, abs=5)


def test_the_covariance_is_the_inverse_bend_of_three_models(arena):
    wins = 50 * three(2, 2)
    rating = likeliest(wins)
    step, bend = 0.5, np.zeros((2, 2))

    def fit(a, b):  # the third is held at 0
        r = np.array([a, b, 0.0]) / UNIT
        return (wins * np.log(expit(r[:, None] - r))).sum()

    at = rating[:2] - rating[2]
    for i, j in product(range(2), repeat=2):
        one, two = step * np.eye(2)[i], step * np.eye(2)[j]
        bend[i, j] = (
            fit(*(at + one + two))
            - fit(*(at + one - two))
            - fit(*(at - one + two))
            + fit(*(at - one - two))
        ) / (4 * step**2)
    want = np.linalg.inv(-bend)  # of the differences from the third
    v = arena.covariance(rating, wins + wins.T)
    minus = np.array([[1, 0, -1], [0, 1, -1]])
    assert minus @ v @ minus.T == pytest.approx(want, rel=1e-3)
    assert v.sum(axis=1) == pytest.approx(np.zeros(3), abs=1e-6)


def test_redrawn_games_give_the_quantiles_of_the_binomial(arena):
    low, high = after(arena.printed_by["bootstrap"], "300 比 100，对局重抽：")
    won = binom.ppf([0.025, 0.975], 400, 0.75)
    assert [low, high] == pytest.approx(400 * np.log10(won / (400 - won)), abs=0.6)
    assert len(arena.won) > 0 and low < 400 * log10(3) < high


@pytest.mark.parametrize("gap", [400, 800, 1200, 1600])
def test_five_of_five_grow_likelier_with_every_gap(arena, gap):
    (found,) = after(arena.printed_by["stuck"], f"5 比 0，差 {gap} 分：")
    odds = 10 ** (gap // 400)
    assert found == pytest.approx((odds / (odds + 1)) ** 5, abs=6e-5)
    assert found < 1


def test_one_imaginary_draw_makes_the_gap_finite(arena):
    (gap,) = after(arena.printed_by["stuck"], "添一局假想的平局，算各胜半局：")
    a, b = likeliest([[0, 5.5], [0.5, 0]])
    assert gap == pytest.approx(a - b, abs=0.06)


def best_of(n):
    """The mean of the largest of n independent standard normal values."""
    return quad(lambda x: n * x * norm.pdf(x) * norm.cdf(x) ** (n - 1), -9, 9)[0]


@pytest.mark.parametrize("n", [1, 2, 5, 10, 27])
def test_the_best_of_equal_versions_looks_better_by_its_luck(arena, n):
    text = arena.printed_by["selection"]
    assert text.startswith("真的差是 0 分，各得 1000 票，平均测得\n")
    best, again = after(text, f"{n} 个版本：")
    assert best == round(best_of(n) * half_width(500, 500) / 1.96) and again == 0


def placed_first(each):
    """The chance that the best of eight has the most wins, by a normal integral."""
    truth = np.arange(28, -29, -8) / UNIT
    p = expit(truth[:, None] - truth)
    mean = each * (p.sum(axis=1) - 0.5)
    cover = -each * p * (1 - p)
    np.fill_diagonal(cover, 0)
    np.fill_diagonal(cover, -cover.sum(axis=1))
    ahead = np.eye(8)[:1] - np.eye(8)[1:]
    law = multivariate_normal(
        ahead @ -mean, ahead @ cover @ ahead.T, maxpts=200_000, seed=0
    )
    return law.cdf(np.zeros(7))


@pytest.mark.parametrize("each", [100, 1000, 10_000])
def test_the_best_is_placed_first_as_often_as_a_normal_integral_says(arena, each):
    line = entry(arena.printed_by["board"], f"每家 {7 * each} 票：")
    assert re.sub(r"[\d.]+", "", line) == "真第一排第一的机会 ，头两家之差正负  分"
    found, half = numbers(line)
    assert found == pytest.approx(placed_first(each), abs=0.0075)
    # Eight equal models: the information has the eigenvalue 8 · each / 4.
    assert half == pytest.approx(1.96 * UNIT * (2 / (2 * each)) ** 0.5, rel=0.01)


def test_the_figure_draws_ratings_with_their_own_intervals(arena):
    for axis, each in zip(arena.axes, (100, 1000, 10_000), strict=True):
        assert axis.get_title(loc="left") == f"分数，每家 {7 * each} 票"
        (bars,) = axis.containers
        dots, _, (stems,) = bars.lines
        segments = np.array(stems.get_segments())
        rating = dots.get_ydata()
        assert rating.sum() == pytest.approx(0, abs=1e-6)
        spread = 1.96 * UNIT * (7 / 8 / (2 * each)) ** 0.5
        assert np.ptp(segments[:, :, 1], axis=1) / 2 == pytest.approx(
            np.full(8, spread), rel=0.02
        )
        assert segments[:, :, 1].mean(axis=1) == pytest.approx(rating, abs=1e-6)
        true = axis.get_lines()[-1].get_ydata()
        assert true.tolist() == list(range(28, -29, -8))
        assert (np.abs(rating - true) < 4 * spread / 1.96).all()
        assert [bars.get_label(), axis.get_lines()[-1].get_label()] == ["测得", "真的"]
        assert axis.get_yticks().tolist() == [-50, 0, 50]
        low, high = axis.get_ylim()
        assert low < segments[:, :, 1].min() and segments[:, :, 1].max() < high
    assert np.ptp(rating) > 40


def test_few_votes_turn_ranks_round_and_many_keep_them(arena):
    few, _, many = (axis.containers[0].lines[0].get_ydata() for axis in arena.axes)
    turned = [sum(a < b for a, b in combinations(r, 2)) for r in (few, many)]
    assert turned[0] >= 4 and turned[1] == 0
    assert "700 票时名次有好几处颠倒" in page()
    spread = 1.96 * UNIT * (7 / 8 / 20_000) ** 0.5
    assert (np.diff(-many) > 2 * spread).all()  # 70000 票时分得开


def test_the_ratings_are_scikit_learns(arena):
    assert arena.printed_by["library"] == "与 sklearn 的逻辑回归相同： True\n"
    assert arena.theirs == pytest.approx(likeliest(three(2, 2)), abs=1e-2)


# --- a judge with biases: faq/leaderboards_judge_numpy ------------------------

VERDICTS = ["都判甲", "都判乙", "都判第一份", "都判第二份"]


def outcomes(d, b=1.0):
    """All four pairs of verdicts, added up from both calls: (first?, first?)."""
    found = dict.fromkeys(VERDICTS, 0.0)
    for says in product((True, False), repeat=2):  # A in front, then B in front
        chance = 1.0
        for first, better in zip(says, (d, -d), strict=True):
            odds = np.exp(better + b)
            chance *= odds / (1 + odds) if first else 1 / (1 + odds)
        winner = ["甲" if says[0] else "乙", "乙" if says[1] else "甲"]
        if winner[0] == winner[1]:
            name = f"都判{winner[0]}"
        else:
            name = "都判第一份" if says[0] else "都判第二份"
        found[name] += chance
    return found


@pytest.mark.parametrize("d", [0, 1, 2])
def test_the_two_orders_give_four_outcomes(judge, d):
    line = entry(judge.printed_by["swap"], f"甲好 {d}：")
    assert line == "，".join(f"{k} {v:.3f}" for k, v in outcomes(d).items())
    assert sum(outcomes(d).values()) == pytest.approx(1)


@pytest.mark.parametrize("d", [0, 1, 2])
def test_judging_both_orders_takes_the_bias_out(judge, d):
    assert judge.printed_by["tie"].startswith("甲的胜率\n")
    line = entry(judge.printed_by["tie"], f"甲好 {d}：")
    front, back, both = numbers(line)
    assert re.sub(r" [\d.]+", "", line) == "总放前面，总放后面，各判一次、不一致算平"
    assert front == pytest.approx(expit(d + 1), abs=6e-4)
    assert back == pytest.approx(1 - expit(1 - d), abs=6e-4)
    assert both == pytest.approx((expit(d + 1) + 1 - expit(1 - d)) / 2, abs=6e-4)


def test_equal_answers_win_half_only_when_both_orders_are_judged(judge):
    front, back, both = numbers(entry(judge.printed_by["tie"], "甲好 0："))
    assert front > 0.7 and back < 0.3 and both == 0.5


def test_the_first_of_a_pair_is_any_model_and_the_second_another(judge):
    for x, _ in judge.runs:
        who = x[:, :4]
        assert (np.sort(who, axis=1) == [-1, 0, 0, 1]).all()
        pairs = who.argmax(axis=1) * 4 + who.argmin(axis=1)
        assert np.bincount(pairs, minlength=16)[np.eye(4).ravel() == 0] == (
            pytest.approx(np.full(12, len(x) / 12), rel=0.15)
        )
        extra = x[:, 4] - who @ judge.wordy
        assert extra.std() == pytest.approx(0.5, rel=0.05)
        assert extra.mean() == pytest.approx(0, abs=0.03)


def test_the_votes_follow_quality_length_and_order(judge):
    x = np.vstack([x for x, _ in judge.runs])
    y = np.concatenate([y for _, y in judge.runs])
    p = expit(x[:, :4] @ [0.6, 0.2, -0.2, -0.6] + 0.8 * x[:, 4] + 1)
    miss = (y - p) @ np.column_stack([x, np.ones(len(x))])
    size = ((p * (1 - p)) @ np.column_stack([x**2, np.ones(len(x))])) ** 0.5
    assert (np.abs(miss) < 4 * size).all()


@cache
def refitted(columns, runs):
    """statsmodels' logistic regression, the fourth model's column left out."""
    found = []
    for x, y in runs.value:
        own = x[:, :3] - 0.0
        rest = x[:, 4 : 4 + columns]
        w = sm.Logit(y, np.hstack([own, rest])).fit(disp=0).params
        strength = np.append(w[:3], 0)
        found.append([*(strength - strength.mean()), *w[3:]])
    return np.array(found)


class Box:
    """A value that a cache can hold on to."""

    def __init__(self, value):
        self.value = value


@pytest.fixture(scope="module")
def box():
    return {}


def refit(judge, columns, box):
    kept = box.setdefault("runs", Box(judge.runs))
    return refitted(columns, kept)


def test_without_the_length_the_wordy_and_weak_come_first(judge, box):
    want = refit(judge, 0, box).mean(axis=0)
    assert judge.printed_by["fit"].startswith("四个模型的强弱\n")
    line = line_of(judge.printed_by["fit"], "只看胜负：")
    found = numbers(line.replace("+", ""))
    assert found == pytest.approx(want, abs=6e-3)
    assert found == sorted(found) and len(judge.runs) == 20


def test_the_reversed_order_is_what_the_three_terms_lead_to(judge):
    quality, words = [0.6, 0.2, -0.2, -0.6], [-0.9, -0.3, 0.3, 0.9]
    wins = np.zeros((4, 4))
    for i, j in permutations(range(4), 2):  # i is shown first

        def first(extra, i=i, j=j):
            d = quality[i] - quality[j] + 1
            d += 0.8 * (words[i] - words[j] + extra)
            return norm.pdf(extra, scale=0.5) * expit(d)

        chance = quad(first, -4, 4)[0]
        wins[i, j] += chance
        wins[j, i] += 1 - chance
    line = line_of(judge.printed_by["fit"], "只看胜负：")
    found = numbers(line.replace("+", ""))
    assert found == pytest.approx(likeliest(wins) / UNIT, abs=0.015)


def test_with_length_and_order_the_true_strengths_come_back(judge, box):
    every = refit(judge, 2, box)
    line = line_of(judge.printed_by["fit"], "添长度与先后：")
    found = numbers(line.replace("+", ""))
    assert found == pytest.approx(every[:, :4].mean(axis=0), abs=6e-3)
    assert found == pytest.approx([0.6, 0.2, -0.2, -0.6], abs=0.02)
    for i, (name, true) in enumerate([("长度", 0.8), ("先后", 1.0)], start=4):
        w = every[:, i]
        mean, low, high = after(judge.printed_by["fit"], f"{name}的系数：")
        assert (mean, low, high) == pytest.approx(
            (w.mean(), w.min(), w.max()), abs=6e-3
        )
        assert low < true < high


def test_one_judge_cannot_tell_its_own_style_from_its_strength(judge):
    text = judge.printed_by["self"]
    x, _ = judge.runs[0]
    assert after(text, "一个裁判：添「自己的」一列，秩多") == [0]
    assert after(text, "两个裁判各判一半：添「自己的」一列，秩多") == [1]
    fits = np.linalg.lstsq(x, judge.own, rcond=None)[0]
    assert x @ fits == pytest.approx(judge.own, abs=1e-9)
    fits = np.linalg.lstsq(x, judge.other, rcond=None)[0]
    assert np.abs(x @ fits - judge.other).max() > 0.3
    assert judge.other[:4000] == pytest.approx(x[:4000, [0]])
    assert judge.other[4000:] == pytest.approx(x[4000:, [1]])


TABLES = {
    "总说甲胜，人也多判甲": [[80, 0], [20, 0]],
    "真的在看，人也多判甲": [[72, 8], [8, 12]],
    "真的在看，人各判一半": [[42, 8], [8, 42]],
}


@pytest.mark.parametrize("name", TABLES)
def test_agreement_and_kappa_are_those_of_statsmodels(judge, name):
    same, kappa = after(judge.printed_by["agree"], f"{name}：")
    assert judge.tables == TABLES
    table = np.array(TABLES[name])
    assert same == pytest.approx(np.trace(table) / 100, abs=6e-3)
    assert kappa == pytest.approx(cohens_kappa(table).kappa, abs=6e-3)


def test_agreement_and_kappa_are_those_of_statsmodels_for_three_verdicts(judge):
    table = [[10, 3, 1], [2, 20, 4], [5, 0, 7]]
    same, kappa = judge.agree(table)
    assert same == pytest.approx(37 / 52)
    assert kappa == pytest.approx(cohens_kappa(np.array(table)).kappa)


def test_the_fit_and_the_kappa_are_scikit_learns(judge, box):
    lines = judge.printed_by["library"].splitlines()
    assert lines == [
        "与 sklearn 的逻辑回归相同： True",
        "与 sklearn 的 kappa 相同： True",
    ]
    assert judge.theirs == pytest.approx(refit(judge, 2, box)[0], abs=1e-3)
    want = cohens_kappa(np.array([[72, 8], [8, 12]])).kappa
    assert judge.kappa == pytest.approx(want, abs=1e-9)


# --- seen before the test: faq/leaderboards_contamination_numpy ---------------

QUESTION = "小明有 12 个苹果，吃掉 5 个，又买了 3 个，还剩几个？"


def bare(text):
    kinds = (
        (c, unicodedata.category(c)[0]) for c in unicodedata.normalize("NFKC", text)
    )
    return "".join(c for c, kind in kinds if kind in "LN").casefold()


def shared(one, two, n):
    """How many n-grams of ``one`` occur in ``two``, found by plain search."""
    one, two = bare(one), bare(two)
    grams = {one[i:][:n] for i in range(len(one))}
    grams = {gram for gram in grams if len(gram) == n}
    return len(grams), sum(gram in two for gram in grams)


@pytest.mark.parametrize("name", ["换了标点的原题", "改写的题", "无关的题"])
def test_as_many_pieces_are_seen_as_a_plain_search_finds(contamination, name):
    found = after(contamination.printed_by["overlap"], f"{name}：")
    assert contamination.question == QUESTION
    assert tuple(found) == shared(QUESTION, contamination.pages[name], 5)


def test_only_the_verbatim_copy_is_found(contamination):
    verbatim, *others = (
        numbers(line)[1] / numbers(line)[0]
        for line in contamination.printed_by["overlap"].splitlines()
    )
    assert verbatim == 1 and others == [0, 0]
    pages = contamination.pages
    match = SequenceMatcher(None, bare(QUESTION), bare(pages["改写的题"]), False)
    assert match.find_longest_match().size < 5


@pytest.mark.parametrize(
    "text", ["ＡＢＣ def，ＧＨ", "a b-c.D e！f", "一二", "1２ ３4５ 六", "ﬁve ½ cups"]
)
def test_width_case_and_marks_do_not_hide_a_piece(contamination, text):
    plain = bare(text)
    want = {plain[i : i + 3] for i in range(len(plain) - 2)}
    assert contamination.pieces(text, 3) == want


def test_the_canary_stays_behind_when_a_question_is_copied(contamination):
    assert contamination.printed_by["canary"] == (
        "题库的原文件：有金丝雀串：True\n转贴的题：有金丝雀串：False\n"
    )
    files = contamination.files
    assert all(QUESTION in text for text in files.values())
    assert re.fullmatch(
        r"canary [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", (contamination.canary)
    )


@pytest.mark.parametrize("share", [5, 20, 50])
def test_a_share_learnt_by_heart_lifts_the_public_score(contamination, share):
    line = line_of(contamination.printed_by["mix"], f"背过 {share}% 的公开题：")
    right = share + (100 - share) * 0.6  # of a hundred
    assert line == f"公开题上 {right / 100:.2f}，新题上 0.60"


@pytest.mark.parametrize("n", [50, 200, 500, 1200])
def test_the_interval_of_the_twins_is_statsmodels(contamination, n):
    text = contamination.printed_by["twin"]
    assert text.startswith("公开题 1319 道，对 0.68；新题对 0.60\n")
    line = line_of(text, f"新题 {n} 道：")
    assert re.fullmatch(r"差 [\d.]+，区间 [+-][\d.]+ 到 \+[\d.]+", line)
    found = numbers(line.replace("+", ""))
    want = confint_proportions_2indep(
        0.68 * 1319, 1319, 0.60 * n, n, method="wald", compare="diff"
    )
    assert found == pytest.approx([0.08, *want], abs=6e-4)


def power(public, n):
    """The chance that the difference passes 1.96 of its true standard error."""
    se = (public * (1 - public) / 1319 + 0.24 / n) ** 0.5
    return norm.sf(Z - (public - 0.6) / se)


@pytest.mark.parametrize("public", [0.68, 0.66, 0.64, 0.62])
def test_the_needed_number_has_just_the_promised_power(contamination, public):
    line = line_of(
        contamination.printed_by["need"],
        f"公开题 {public}，新题 0.6：",
    )
    heading = "八成的机会看得出差，新题要几道\n"
    assert contamination.printed_by["need"].startswith(heading)
    if power(public, 1e12) < 0.8:
        assert line == "再多也不够"
    else:
        n = ceil(brentq(lambda n: power(public, n) - 0.8, 10, 1e6))
        assert line == f"{n} 道"


def test_a_small_gap_is_beyond_any_number_of_new_questions(contamination):
    assert contamination.printed_by["need"].splitlines()[-1].endswith("再多也不够")
    assert power(0.62, 1e12) < 0.8 < power(0.64, 1e12)


@cache
def exact_power(n):
    """The chance of an interval above 0: all outcomes of both tests, added up."""
    right = np.arange(1320)
    one = binom.pmf(right, 1319, 0.68)
    p = right / 1319
    total = 0.0
    for k in range(n + 1):
        q = k / n
        se = np.sqrt(p * (1 - p) / 1319 + q * (1 - q) / n)
        total += binom.pmf(k, n, 0.6) * one[p - q > 1.96 * se].sum()
    return total


@pytest.mark.parametrize("n", [50, 200, 369, 1200])
def test_the_simulated_power_is_the_sum_over_all_outcomes(contamination, n):
    text = contamination.printed_by["simulate"]
    assert text.startswith("重做十万次，区间全在 0 以上的占几成\n")
    (share,) = after(text, f"新题 {n} 道：")
    assert share == pytest.approx(exact_power(n), abs=0.0075)
    assert len(contamination.fresh) == len(contamination.public) == 100_000


# --- what the page says of the outputs, and its exercises -----------------------


def test_the_page_quotes_the_games_by_hand(arena):
    assert f"再赢一局，$P={expit(32 / UNIT):.3f}$" in page()
    assert f"只加 {32 * expit(-32 / UNIT):.1f}，" in page()
    near = [after(arena.printed_by["elo"], f"{name}：")[3] for name in ORDERS]
    assert f"三种次序只差 {max(near) - min(near):.2f} 分" in page()
    won = online((1, 1, 1), 32)
    lost = f"差缩小 {won - online((1, 1, 1, 0), 32):.0f} 分"
    assert lost in page()


def test_the_page_quotes_what_is_worked_out_on_the_way():
    first = online((1,), 32)
    text = page()
    assert f"甲加 {first / 2:.0f}，乙减 {first / 2:.0f}，相差 {first:.0f}。" in text
    four = [online(results, 4) for results in ORDERS.values()]
    assert f"四局只走到 {np.mean(four):.0f} 分左右" in text
    assert f"100 局赢 {100 * expit(8 / UNIT):.0f} 局" in text
    assert rf"$1600/\ln10\approx{4 * UNIT:.0f}$" in text
    votes = "、".join(
        f"{7 * n:,}" if n > 1000 else f"{7 * n}" for n in (100, 1000, 10_000)
    )
    assert f"就是 {votes} 票" in text
    assert rf"$\sigma(1)={expit(1):.3f}$" in text
    assert f"机会是 $0.731^2={expit(1) ** 2:.3f}$" in text
    assert f"胜率从 {expit(2):.2f} 变成 0.5" in text
    assert f"再加 {norm.ppf(0.8):.2f}" in text and "都判甲的 72 题" in text
    assert f"半宽再乘 {2**0.5:.1f}" in text and "相邻 5 个字" in text
    assert "3 比 1 与 3 比 1 合成 9 比 1" in text
    assert "裁判偏长的系数是 0.8" in text and "重做十万次" in text


def drawn(name):
    """The letters of a hand-drawn figure, and its source."""
    path = ROOT / f"docs/assets/figures/leaderboards-{name}.svg"
    source = path.read_text(encoding="utf-8")
    return re.findall(r"<text[^>]*>([^<]*)</text>", source), source


@pytest.mark.parametrize("games", [1, 2, 3, 4])
def test_the_film_draws_both_orders_game_by_game(games):
    letters, source = drawn(f"order-{games}")
    want = [f"第 {games} 局之后"]
    gaps = []
    for name in ("输在最后", "输在最先"):
        results = ORDERS[name][:games]
        gaps.append(online(results, 32))
        shown = f"{gaps[-1]:.1f}".replace("-", "−")
        want += [name, *("负胜"[won] for won in results), shown]
    assert letters == want
    widths = re.findall(r'<rect [^>]*width="([\d.]+)"', source)
    assert [float(w) for w in widths] == pytest.approx(np.abs(gaps), abs=1e-3)


def test_the_chain_draws_what_the_likeliest_ratings_say():
    letters, source = drawn("chain")
    a, b, c = likeliest(three(0, 0))
    assert [f"{v:.1f}".replace("-", "−") for v in (a, c)] == letters[-4:-1:2]
    assert abs(b) < 1e-6 and letters.count("3 : 1") == 2
    assert letters[-1] == f"相差 {a - c:.1f} 分，赢的机会 {expit((a - c) / UNIT):.1f}"
    assert f"相差 {a - c:.1f} 分</title>" in source


def test_the_twin_draws_a_hundred_and_a_hundred_questions():
    letters, source = drawn("twin")
    fills = re.findall(r'<circle [^>]*fill="([^"]*)"', source)
    kinds = [fills.count(f"var(--hb-{x})") for x in ("zhu", "qing")] + [len(fills)]
    assert kinds == [20, 48 + 60, 200]
    assert "背过 20，会做 48：68%" in letters and "会做 60：60%" in letters


def test_the_figure_of_six_things_has_the_numbers_of_the_text():
    letters, _ = drawn("score")
    flat = " ".join(letters)
    for one, two in [("63.7", "48.8"), ("1201", "1152")]:
        assert f"{one} / {two}" in flat and one in page() and two in page()
    assert f"{100 * 509 / 1010:.1f} / {(90 + 50) / 2:.1f}" in flat
    assert f"33.0 / {100 * (0.3297 - 0.25) / 0.75:.1f}" in flat


@pytest.mark.parametrize(("gap", "said"), [(400, "P=10/11"), (8, "P=0.51")])
def test_the_page_quotes_the_chance_of_a_gap(gap, said):
    chance = expit(gap / UNIT)
    assert f"高 {gap} 分时 ${said}$" in page()
    want = 10 / 11 if gap == 400 else 0.51
    assert chance == pytest.approx(want, abs=5e-3)


def test_the_page_quotes_the_half_width_of_equal_models(arena):
    width = half_width(500, 500) * 1000**0.5
    assert f"{width:.0f}" == "681" and r"=681/\sqrt n$ 分" in page()
    assert f"{4 * UNIT / 100:.2f} 分" in page()
    assert f"1000 局是正负 {half_width(500, 500):.1f} 分" in page()
    assert (681 / 8) ** 2 == pytest.approx(7250, abs=5)
    assert r"$(681/8)^2\approx7250$ 局" in page()


def test_the_page_quotes_the_ratings(arena):
    chance, a_b, a_c = numbers(entry(arena.printed_by["bt"], "甲丙 2 比 2："))
    assert a_c == pytest.approx(2 * a_b)
    assert f"分数就变成各差 {a_b}，预测 {chance}，而看到的是 0.5" in page()
    assert numbers(entry(arena.printed_by["bt"], "甲丙 1 比 3："))[1:] == [0, 0]
    assert page().count(f"{400 * log10(3):.1f} 分") == 2
    assert rf"差 $400\log_{{10}}3={400 * log10(3):.1f}$ 分" in page()
    assert "由两段 3 比 1 推出 9 比 1" in page()
    (gap,) = after(arena.printed_by["stuck"], "添一局假想的平局，算各胜半局：")
    assert f"算出的 {gap} 分" in page()


def test_the_page_says_which_interval_holds_zero(arena):
    few, many = (
        after(arena.printed_by["interval"], f"{x}：") for x in ("3 比 1", "300 比 100")
    )
    assert few[1] > few[0] and many[1] < many[0]
    assert "3 比 1 的 190.8 分，区间宽到包含 0；300 比 100 才可信" in page()


def test_the_page_quotes_the_best_of_twenty_seven(arena):
    best, _ = after(arena.printed_by["selection"], "27 个版本：")
    assert page().count(f"虚高 {best:.0f} 分") == 2
    fifty = best_of(50) * half_width(1500, 1500) / 1.96
    assert f"照这样改上面的程序，是 {fifty:.0f} 分" in page()
    four = best_of(27) * half_width(2000, 2000) / 1.96
    assert f"约 {four:.0f} 分。票数是四倍" in page()
    assert f"标准误是一半，{half_width(2000, 2000) / 1.96:.1f} 分" in page()
    assert f"最好的平均高 {best_of(27):.2f} 个标准误" in page()


def test_the_page_quotes_how_often_the_best_is_first(arena):
    few, some = (
        after(arena.printed_by["board"], f"每家 {n} 票：")[0] for n in (700, 7000)
    )
    assert arena.ahead.shape == (100_000, 28)
    assert f"排在第一的机会只有 {few}；7000 票是 {some}。" in page()


def test_the_page_quotes_the_judge(judge):
    even = outcomes(0)
    assert f"$0.731^2={even['都判第一份']:.3f}$" in page()
    same = even["都判甲"] + even["都判乙"]
    assert even["都判甲"] == pytest.approx(even["都判乙"])
    assert rf"$2\times{even['都判甲']:.4f}={same:.3f}$" in page()
    front, back, both = numbers(entry(judge.printed_by["tie"], "甲好 1："))
    assert rf"$d=1$ 时甲的胜率是 $\sigma(1)={expit(1):.3f}$，不是 {both:.3f}" in page()
    assert f"胜率却恰是 {back:g}，" in page()
    assert f"总放在前面是 {front}；各判一次是 {both:.3f}。" in page()
    two = outcomes(2)
    assert f"一致 {two['都判甲'] + two['都判乙']:.3f}。" in page()
    front, back = expit(3), expit(1)
    for one, other, name in [
        (front, back, "都判甲"),
        (1 - front, 1 - back, "都判乙"),
    ]:
        product_of = rf"{one:.3f}\times{other:.3f}={two[name]:.3f}$"
        assert f"{name} ${product_of}" in page()
    assert "=(0.84-0.68)/0.32=0.5$" in page()
    assert (0.84 - 0.68) / 0.32 == pytest.approx(0.5)
    assert 0.8**2 + 0.2**2 == pytest.approx(0.68)


def test_the_page_quotes_what_the_judge_takes_from_the_wordy(judge):
    mean = numbers(line_of(judge.printed_by["fit"], "只看胜负："))[0]
    assert r"被裁判扣 $0.8\times0.9=0.72$，剩下约 −0.1" in page()
    assert 0.6 - 0.8 * 0.9 == pytest.approx(-0.12) and mean == -0.1
    truth = judge.truth.tolist(), judge.wordy.tolist()
    assert truth == ([0.6, 0.2, -0.2, -0.6], [-0.9, -0.3, 0.3, 0.9])
    assert "是 0.6、0.2、−0.2、−0.6，偏偏越弱的越啰唆" in page()
    assert f"1 约合 {UNIT:.0f} 分" in page()


def test_the_page_says_which_new_questions_say_nothing(contamination):
    low = {
        n: numbers(line_of(contamination.printed_by["twin"], f"新题 {n} 道："))[1]
        for n in (50, 200, 500, 1200)
    }
    assert [n for n in low if low[n] < 0] == [50] and "出 50 题，区间包含 0" in page()
    assert "$0.6+0.2\\times0.4=0.68$" in page()


def test_the_page_quotes_the_new_questions(contamination):
    need = after(contamination.printed_by["need"], "公开题 0.68，新题 0.6：")
    assert f"虚高 8 个百分点要 {need[0]:.0f} 道" in page()
    errors = Z + norm.ppf(0.8)
    assert f"要求差有 {errors:.1f} 个标准误" in page()
    least = 100 * errors * (0.62 * 0.38 / 1319) ** 0.5
    assert f"2.8 个标准误就有 {least:.1f} 个百分点" in page()


@pytest.mark.parametrize("n", [14042, 1319, 164, 198, 500, 731])
def test_the_table_of_benchmarks_has_the_half_width_at_85_percent(n):
    half = 100 * Z * (0.85 * 0.15 / n) ** 0.5
    assert f"| {n} 题，{half:.1f} |" in page()


def test_the_numbers_of_the_means_and_the_scale_are_worked_out():
    assert (90 + 50) / 2 == 70 and "按科平均是 70%" in page()
    assert f"按题平均是 {100 * 509 / 1010:.1f}%" in page()
    assert f"(0.3297-0.25)/0.75={100 * (0.3297 - 0.25) / 0.75:.1f}" in page()
    assert f"最高约 {100 - 6.49:.1f}%" in page()


def test_the_first_exercise_has_its_chance_and_its_games():
    assert rf"approx{expit(200 / UNIT):.3f}$" in page()
    assert rf"\approx{(681 / 10) ** 2:.0f}$ 局" in page()


# --- practice: faq/leaderboards_practice_numpy --------------------------------

SOLUTION = """
def bradley_terry(wins, steps):
    games = wins + wins.T
    strength = np.ones(len(wins))
    for _ in range(steps):
        due = games / (strength[:, None] + strength)
        strength = wins.sum(axis=1) / due.sum(axis=1)
    rating = 400 * np.log10(strength)
    return rating - rating.mean()
"""
ASCENT = """
def bradley_terry(wins, steps):
    games = wins + wins.T
    r = np.zeros(len(wins))
    for _ in range(4 * steps):
        p = 1 / (1 + np.exp(r - r[:, None]))
        r = r + (wins - games * p).sum(axis=1) / games.sum(axis=1).max()
    return (r - r.mean()) * 400 / np.log(10)
"""
OPPONENTS = ("games / (strength[:, None] + strength)", "games / 2")
WRONG = [
    OPPONENTS,
    ("np.log10", "np.log"),
    ("400 * np.log10", "np.log"),
    ("rating - rating.mean()", "rating"),
    ("rating - rating.mean()", "rating - rating.max()"),
    ("rating - rating.mean()", "rating - rating[0]"),
    ("wins.sum(axis=1)", "wins.sum(axis=0)"),
    ("wins.sum(axis=1)", "games.sum(axis=1)"),
    ("due.sum(axis=1)", "due.sum()"),
    ("range(steps)", "range(1)"),
    ("range(steps)", "range(3)"),
    ("games = wins + wins.T", "games = wins"),
    ("games = wins + wins.T", "games = np.round(wins) + np.round(wins.T)"),
    ("games = wins", "wins = wins.astype(int)\n    games = wins"),
    ("games = wins", "wins += 0.5\n    games = wins"),
    ("games = wins", "wins = wins + 0.5 - np.eye(len(wins)) / 2\n    games = wins"),
    ("return rating", "rating = -rating\n    return rating"),
]
LOOPS = """
def bradley_terry(wins, steps):
    size, strength = len(wins), [1.0] * len(wins)
    for _ in range(steps):
        old = list(strength)
        for i in range(size):
            due = 0
            for j in range(size):
                if i == j:
                    continue
                due += (wins[i, j] + wins[j, i]) / (old[i] + old[j])
            strength[i] = wins[i].sum() / due
    rating = 400 * np.log10(np.array(strength))
    return rating - rating.mean()
"""
WRONG_LOOPS = [
    ("i == j:", "wins[i, j] == 0:"),
    ("i == j:", "wins[j, i] == 0:"),
    ("i == j:", "j < i:"),
    ("old[i] + old[j]", "2 * old[j]"),
    ("rating.mean()", "np.median(rating)"),
    ("rating.mean()", "np.average(rating, weights=(wins + wins.T).sum(axis=1))"),
    ("rating - rating.mean()", "rating - 400 * np.log10(np.mean(strength))"),
    ("wins[i].sum()", "(wins[i].sum() + 0.01)"),
]
WRONG_ASCENT = [
    ("r - r[:, None]", "r[:, None] - r"),
    ("* 400 / np.log(10)", "* 400"),
    ("* 400 / np.log(10)", ""),
    ("games * p", "p"),
    ("(r - r.mean())", "r + 1"),
]
ONLINE = """
def bradley_terry(wins, steps):
    r = np.zeros(len(wins))
    for i in range(len(wins)):
        for j in range(len(wins)):
            for _ in range(int(wins[i, j])):
                p = 1 / (1 + 10 ** ((r[j] - r[i]) / 400))
                r[i], r[j] = r[i] + 32 * (1 - p), r[j] - 32 * (1 - p)
    return r - r.mean()
"""
RATES = """
def bradley_terry(wins, steps):
    won, lost = wins.sum(axis=1), wins.sum(axis=0)
    r = 400 * np.log10(won / lost)
    return r - r.mean()
"""


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_the_ratings_of_the_highest_likelihood(case):
    _, given, want, _ = case
    assert likeliest(given["wins"]) == pytest.approx(want, abs=6e-5)


def test_nothing_is_given_with_the_practice():
    text = practice.filled(
        PRACTICE, "def bradley_terry(wins, steps):\n    raise NotImplementedError"
    )
    assert practice.judged(text).passed == 0


@pytest.mark.parametrize("solution", [SOLUTION, ASCENT, LOOPS])
def test_three_ways_to_the_highest_likelihood_pass_the_practice(solution):
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 5


@pytest.mark.parametrize("solution", [ONLINE, RATES])
def test_online_elo_and_the_rate_of_wins_fail_the_practice(solution):
    assert practice.verdict_on(PRACTICE, solution).passed <= 1


def test_no_wrong_rating_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []
    assert practice.survivors(PRACTICE, ASCENT, WRONG_ASCENT) == []
    assert practice.survivors(PRACTICE, LOOPS, WRONG_LOOPS) == []


def test_the_books_own_function_passes_the_practice(arena):
    found = [
        fault
        for _, given, want, _ in practice.values(PRACTICE)["CASES"]
        if (fault := np.abs(arena.bradley_terry(given["wins"]) - want).max()) > 1e-3
    ]
    assert found == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    said = practice.failing(PRACTICE, SOLUTION, OPPONENTS)
    assert said in page()
