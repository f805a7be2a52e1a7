"""Comparing classifiers: intervals, their coverage, the bootstrap, two on one test set.

References that the programs never call: statsmodels, enumeration in fractions, sums of
the binomial by logarithms, midranks, and both models of the digits and the one of the
tumours fitted again (SciPy's minimiser, a pseudo-inverse, Newton's method).
"""

import re
from fractions import Fraction as Q
from functools import cache
from itertools import product
from math import ceil, comb, factorial, prod
from statistics import NormalDist

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import gammaln, logsumexp
from scipy.stats import binom, rankdata
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedShuffleSplit
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    samplesize_confint_proportion,
)

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/faq/comparing-classifiers.md"
PRACTICE = ROOT / "snippets/faq/comparing_classifiers_practice_numpy.py"
THREE = [(108, 114), (10, 10), (113, 114)]
WAYS = {"Wald": "normal", "Wilson": "wilson", "Clopper-Pearson": "beta"}
Z = NormalDist().inv_cdf(0.975)


@pytest.fixture
def hand(run_snippet):
    return run_snippet("faq/comparing_classifiers_numpy")


@pytest.fixture
def coverage(run_snippet):
    return run_snippet("faq/comparing_classifiers_coverage_numpy")


@pytest.fixture
def bootstrap(run_snippet):
    return run_snippet("faq/comparing_classifiers_bootstrap_numpy")


@pytest.fixture
def paired(run_snippet):
    return run_snippet("faq/comparing_classifiers_paired_numpy")


def page():
    return PAGE.read_text(encoding="utf-8")


def unbounded(right, n):
    """Wald's interval as the page has it: statsmodels cuts it at 0 and 1."""
    low, high = proportion_confint(right, n, method="normal")
    p = right / n
    return (2 * p - high if high < 1 else low), (2 * p - low if low < p else high)


def binomial(n, p):
    """The chances of 0 … n, (len(p), n + 1), by logarithms."""
    k, p = np.arange(n + 1), np.asarray(p, float)[:, None]
    ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return np.exp(ways + k * np.log(p) + (n - k) * np.log1p(-p))


# --- by hand: faq/comparing_classifiers_numpy ---------------------------------


@pytest.mark.parametrize(("right", "n"), THREE)
def test_the_wald_interval_is_statsmodels_before_it_is_cut(hand, right, n):
    p, se, low, high = after(hand.printed_by["wald"], f"{n} 例对 {right} 例：")
    assert p == pytest.approx(right / n, abs=6e-5)
    assert se == pytest.approx(
        float(np.std([1] * right + [0] * (n - right)) / n**0.5), abs=6e-5
    )
    assert (low, high) == pytest.approx(unbounded(right, n), abs=6e-5)


def test_a_candidate_stays_if_the_result_is_within_two_standard_errors(hand):
    lines = hand.printed_by["candidates"].splitlines()
    inside = proportion_confint(108, 114, method="wilson")
    assert len(lines) == 6
    for line in lines:
        p, due, away = numbers(line.replace("+", ""))
        spread = np.sqrt(binomial(114, [p])[0] @ (np.arange(115) - 114 * p) ** 2)
        assert due == pytest.approx(114 * p, abs=0.06)
        assert away == pytest.approx((108 - 114 * p) / spread, abs=0.006)
        assert line.endswith("留下") == (inside[0] <= p <= inside[1])
        assert line.endswith("，不意外，留下") or line.endswith("，意外，去掉")
        assert ("+" in line) == (away > 0)


@pytest.mark.parametrize(("right", "n"), THREE)
def test_the_quadratic_gives_the_wilson_interval_of_statsmodels(hand, right, n):
    low, high, middle = after(hand.printed_by["wilson"], f"{n} 例对 {right} 例：")
    want = proportion_confint(right, n, method="wilson")
    assert (low, high) == pytest.approx(want, abs=6e-5)
    assert middle == pytest.approx(sum(want) / 2, abs=6e-5)


@pytest.mark.parametrize(("right", "n"), THREE)
def test_the_exact_interval_is_statsmodels_beta(hand, right, n):
    found = after(hand.printed_by["exact"], f"{n} 例对 {right} 例：")
    want = proportion_confint(right, n, method="beta")
    assert found == pytest.approx(want, abs=6e-5)


def test_each_tail_at_an_exact_end_is_half_of_five_percent(hand):
    low, high = (Q(float(p)) for p in proportion_confint(108, 114, method="beta"))
    chance = [
        [float(comb(114, k) * p**k * (1 - p) ** (114 - k)) for k in range(115)]
        for p in (low, high)
    ]
    at_low, at_high = sum(chance[0][108:]), sum(chance[1][:109])
    assert line_of(hand.printed_by["exact"], "p 取下端，") == (
        f"至少对 108 例的机会 {at_low:.4f}；取上端，至多对 108 例的机会 {at_high:.4f}"
    )
    assert f"{at_low:.4f}" == f"{at_high:.4f}" == "0.0250"


def test_all_right_leaves_an_error_rate_of_three_over_n(hand):
    text = hand.printed_by["three"]
    assert after(text, "0.025 开 10 次方：") == pytest.approx(
        [proportion_confint(10, 10, method="beta")[0]], abs=6e-5
    )
    for n in (10, 100, 1000):
        rest, three = after(text, f"{n} 例全对：")
        low, _ = proportion_confint(n, n, alpha=0.1, method="beta")
        assert rest == pytest.approx(1 - low, abs=6e-5)
        assert three == pytest.approx(3 / n, abs=1e-9)


def test_both_intervals_are_those_of_scipy(hand):
    line = "两种区间与 binomtest 的 proportion_ci 相同： True\n"
    assert hand.printed_by["library"] == line
    want = [
        proportion_confint(right, n, method=method)
        for right, n in [*THREE, (0, 7)]
        for method in ("wilson", "beta")
    ]
    assert hand.theirs == pytest.approx(np.array(want), abs=1e-9)


def test_all_wrong_mirrors_all_right(hand):
    for function in (hand.wilson, hand.clopper_pearson):
        low, high = function(7, 7)
        assert function(0, 7) == pytest.approx((1 - high, 1 - low), abs=1e-12)


# --- coverage: faq/comparing_classifiers_coverage_numpy -----------------------


@cache
def ends(way, n):
    pairs = [proportion_confint(k, n, method=WAYS[way]) for k in range(n + 1)]
    return np.array(pairs).T


def covered(way, n, p):
    low, high = ends(way, n)
    p = np.asarray(p, float)
    holds = (low <= p[:, None]) & (p[:, None] <= high)
    return (binomial(n, p) * holds).sum(axis=1)


@pytest.mark.parametrize("way", WAYS)
def test_the_intervals_are_those_of_statsmodels(coverage, way):
    for n in (20, 100, 1000):
        found = np.clip(coverage.ways[way](n), 0, 1)
        assert found == pytest.approx(ends(way, n), abs=1e-9)


@pytest.mark.parametrize("p", [0.5, 0.9, 0.95, 0.99])
def test_the_coverage_at_one_truth_is_the_sum_of_the_chances(coverage, p):
    line = line_of(coverage.printed_by["coverage"], f"20 例，真值 {p}：")
    assert line == "，".join(f"{way} {covered(way, 20, [p])[0]:.3f}" for way in WAYS)


@pytest.mark.parametrize("n", [20, 100, 1000])
@pytest.mark.parametrize("way", WAYS)
def test_the_coverage_over_all_truths_is_that_of_statsmodels(coverage, way, n):
    p = np.array([(2 * i + 1) / 2000 for i in range(500, 1000)])
    found = covered(way, n, p)
    near = found[400:490]  # 0.9 to 0.99
    assert coverage.curves[n, way] == pytest.approx(found, abs=1e-9)
    line = line_of(coverage.printed_by["every"], f"{n} 例，{way}：")
    assert line == (
        f"平均 {found.mean():.3f}，0.9 到 0.99 之间平均 {near.mean():.3f}，"
        f"最低 {near.min():.3f}"
    )


def wilson_half(p, n):
    low, high = proportion_confint(p * n, n, method="wilson")
    return (high - low) / 2


@pytest.mark.parametrize("p", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_the_number_of_cases_is_that_of_statsmodels(coverage, p):
    need = [ceil(samplesize_confint_proportion(p, width)) for width in (0.03, 0.01)]
    half = [wilson_half(p, n) for n in need]
    assert line_of(coverage.printed_by["cases"], f"准确率 {p}：") == (
        f"正负 3 个百分点要 {need[0]} 例，正负 1 个百分点要 {need[1]} 例；"
        f"Wilson 半宽 {half[0]:.4f}、{half[1]:.4f}"
    )


def test_near_one_wilsons_width_takes_more_cases_than_walds():
    few = ceil(samplesize_confint_proportion(0.99, 0.03))
    enough = next(n for n in range(few, 999) if wilson_half(0.99, n) <= 0.03)
    text = f"的 {few} 例，Wilson 的半宽有 {wilson_half(0.99, few):.3f}，"
    assert text + f"要 {enough} 例才缩到 0.03" in page()


def test_the_half_width_is_that_of_statsmodels_for_few_cases_too(coverage):
    low, high = proportion_confint(5, 6, method="wilson")
    assert coverage.half_width(5 / 6, 6) == pytest.approx((high - low) / 2, abs=1e-9)


def test_the_figure_draws_the_coverage_of_statsmodels(coverage):
    for axis, n in zip(coverage.axes, (20, 100), strict=True):
        assert axis.get_title(loc="left") == f"盖住真值的机会，{n} 例"
        drawn = {line.get_label(): line for line in axis.get_lines()}
        for way in WAYS:
            p, share = drawn[way].get_data()
            assert p[[0, -1]] == pytest.approx([0.7005, 0.9985], abs=1e-9)
            assert share == pytest.approx(covered(way, n, p), abs=1e-9)
        gap = drawn["Wilson"].get_ydata()[p > 0.97].min()
        assert f"{gap:.2f}" == "0.86" and "有一个缺口，约 0.86；" in page()
        assert drawn["Clopper-Pearson"].get_ydata().min() >= 0.95


# --- bootstrap: faq/comparing_classifiers_bootstrap_numpy ---------------------


def test_five_cases_have_the_mean_and_spread_of_all_their_samples(bootstrap):
    y, s = [1, 1, 0, 0, 0], [0.9, 0.4, 0.6, 0.3, 0.1]
    weights, areas, lost = [], [], 0
    for times in product(range(6), repeat=5):
        if sum(times) != 5:
            continue
        ways = factorial(5) // prod(map(factorial, times))
        if not any(times[:2]) or not any(times[2:]):
            lost += ways
            continue
        weights.append(ways)
        areas.append(roc_auc_score(y, s, sample_weight=times))
    mean = np.average(areas, weights=weights)
    spread = np.average((np.array(areas) - mean) ** 2, weights=weights) ** 0.5
    assert after(bootstrap.printed_by["pairs"], "五例的 AUC：") == pytest.approx(
        [roc_auc_score(y, s)], abs=6e-5
    )
    assert bootstrap.printed_by["hand"] == (
        f"抽法 {sum(weights) + lost} 种，只抽到一类的 {lost} 种；"
        f"其余的 AUC 平均 {mean:.4f}，标准差 {spread:.4f}\n"
    )


def test_a_tie_is_half_a_pair(bootstrap):
    won = bootstrap.wins(np.array([0.5, 0.2]), np.array([0.5]))
    assert won.tolist() == [[0.5], [0.0]]


@cache
def tumours():
    """Labels and scores of the 114 test cases, the model fitted by Newton's method."""
    x, target = load_breast_cancer(return_X_y=True)
    y, x = (target == 0).astype(int), x[:, [1, 5]]
    ((train, test),) = StratifiedShuffleSplit(1, test_size=114, random_state=0).split(
        x, y
    )
    x = (x - x[train].mean(0)) / x[train].std(0)
    x = np.column_stack([x, np.ones(len(x))])
    w, ridge = np.zeros(3), np.diag([1.0, 1.0, 0.0])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x[train] @ w))
        curve = (x[train].T * (p * (1 - p))) @ x[train] + ridge
        w -= np.linalg.solve(curve, x[train].T @ (p - y[train]) + ridge @ w)
    return y[test], (1 / (1 + np.exp(-x[test] @ w))).round(3)


@cache
def resampled(stratified):
    """Areas and F1 of 20,000 samples, by midranks; another generator."""
    y, p = tumours()
    rng = np.random.default_rng(1234)
    if stratified:
        classes = [np.flatnonzero(y == c) for c in (0, 1)]
        rows = np.hstack([rng.choice(c, size=(20_000, len(c))) for c in classes])
    else:
        rows = rng.integers(len(y), size=(20_000, len(y)))
    y, p = y[rows], p[rows]
    positive = y.sum(axis=1)
    ranks = (rankdata(p, axis=1) * y).sum(axis=1)
    area = (ranks - positive * (positive + 1) / 2) / positive / (114 - positive)
    guess = p >= 0.5
    tp = (guess & (y == 1)).sum(axis=1)
    return area, 2 * tp / (guess.sum(axis=1) + positive)


def middle(values):
    return np.quantile(values, [0.025, 0.975])


def test_the_tumours_are_scored_as_by_newtons_method(bootstrap):
    y, p = tumours()
    assert bootstrap.printed_by["scores"] == (
        f"测试 114 例，恶性 {y.sum()} 例：AUC {roc_auc_score(y, p):.3f}\n"
    )


@pytest.mark.parametrize(
    ("label", "stratified", "name"),
    [
        ("AUC，从 114 例里抽：", False, "auc"),
        ("AUC，两类各抽各的：", True, "stratified"),
    ],
)
def test_the_interval_of_the_area_is_that_of_midranks(
    bootstrap, label, stratified, name
):
    area, _ = resampled(stratified)
    found = after(bootstrap.printed_by["auc"], label)
    assert found == pytest.approx(middle(area), abs=0.0032)
    own = np.sort(getattr(bootstrap, name))
    assert found == pytest.approx([own[500], own[-500]], abs=0.001)
    assert np.std(own) == pytest.approx(np.std(area), rel=0.02, abs=0)


def test_only_the_samples_of_the_whole_have_other_shares_of_classes(bootstrap):
    shares = bootstrap.whole[:, bootstrap.y_test == 1].sum(axis=1)
    assert bootstrap.whole.sum(axis=1).tolist() == [114] * 20_000
    assert shares.std() == pytest.approx((114 * 42 / 114 * 72 / 114) ** 0.5, rel=0.03)


def test_delong_is_the_difference_of_midranks(bootstrap):
    y, p = tumours()
    m, n = y.sum(), (1 - y).sum()
    together = rankdata(p)
    ten = (together[y == 1] - rankdata(p[y == 1])) / n
    one = 1 - (together[y == 0] - rankdata(p[y == 0])) / m
    se = (ten.var(ddof=1) / m + one.var(ddof=1) / n) ** 0.5
    area = roc_auc_score(y, p)
    low, high = area - Z * se, area + Z * se
    line = line_of(bootstrap.printed_by["delong"], "DeLong：")
    assert line.partition("；")[0] == f"标准误 {se:.4f}，区间 {low:.3f} 到 {high:.3f}"
    assert numbers(line)[-1] == pytest.approx(resampled(True)[0].std(), abs=0.0011)


def test_the_interval_of_f1_is_that_of_resampled_cases(bootstrap):
    y, p = tumours()
    point, low, high = numbers(line_of(bootstrap.printed_by["f1"], "F1 "))
    assert point == pytest.approx(f1_score(y, p >= 0.5), abs=6e-4)
    assert (low, high) == pytest.approx(middle(resampled(False)[1]), abs=0.012)
    own = np.sort(bootstrap.f1)
    assert (low, high) == pytest.approx((own[500], own[-500]), abs=0.006)
    assert np.mean(own) == pytest.approx(resampled(False)[1].mean(), abs=0.002)


def test_six_of_six_have_no_width_by_the_bootstrap(bootstrap):
    text = bootstrap.printed_by["few"]
    line = "6 个正类全找到，召回率的自助法区间：1.00 到 1.00"
    assert line in text.splitlines()
    want = proportion_confint(6, 6, method="wilson")
    assert after(text, "Wilson 区间：") == pytest.approx(want, abs=0.006)


def test_only_whole_patients_cover_as_promised(bootstrap):
    rng = np.random.default_rng(99)
    right = rng.random((20_000, 40, 5)) < rng.beta(2, 0.5, size=(20_000, 40, 1))
    mean = right.mean(axis=(1, 2))
    by_picture = [binom.ppf(q, 200, mean) / 200 for q in (0.025, 0.975)]
    half = Z * right.mean(axis=2).std(axis=1) / 40**0.5
    by_patient = [mean - half, mean + half]
    text = bootstrap.printed_by["cluster"]
    for name, (low, high) in [("抽片子", by_picture), ("抽病人", by_patient)]:
        truth, share = after(text, f"{name}：一万份测试集，")
        assert truth == 0.8
        assert len(np.ravel(bootstrap.found[name])) == 10_000
        want = np.mean((low <= 0.8) & (high >= 0.8))
        assert share == pytest.approx(want, abs=0.013)


def test_the_stratified_bootstrap_is_that_of_scipy(bootstrap):
    assert bootstrap.printed_by["library"] == (
        "scipy.stats.bootstrap 的两端与两类各抽各的相差不到 0.01： True\n"
    )
    area, _ = resampled(True)
    assert bootstrap.theirs == pytest.approx(middle(area), abs=0.01)


# --- paired: faq/comparing_classifiers_paired_numpy ---------------------------


@cache
def digits():
    """Which of the 897 digits A and B get right, both models fitted in another way."""
    x, y = load_digits(return_X_y=True)
    ((train, test),) = StratifiedShuffleSplit(1, test_size=897, random_state=0).split(
        x, y
    )
    return discriminant(x, y, train, test), softmax(x, y, train, test)


def discriminant(x, y, train, test):
    means = np.array([x[train][y[train] == c].mean(axis=0) for c in range(10)])
    shares = np.bincount(y[train]) / len(train)
    within = x[train] - means[y[train]]
    precision = np.linalg.pinv(within.T @ within / len(train), rtol=1e-10)
    bias = np.log(shares) - np.einsum("ci,ij,cj->c", means, precision, means) / 2
    return (x[test] @ precision @ means.T + bias).argmax(axis=1) == y[test]


def softmax(x, y, train, test):
    spread = x[train].std(axis=0)
    x = (x - x[train].mean(axis=0)) / np.where(spread > 0, spread, 1)
    one_hot = np.eye(10)[y[train]]

    def loss(flat):
        w, b = flat[:640].reshape(64, 10), flat[640:]
        z = x[train] @ w + b
        log_p = z - logsumexp(z, axis=1, keepdims=True)
        d = np.exp(log_p) - one_hot
        slope = np.concatenate([(x[train].T @ d + w).ravel(), d.sum(axis=0)])
        return (w**2).sum() / 2 - (log_p * one_hot).sum(), slope

    options = {"maxiter": 5000, "ftol": 1e-14, "gtol": 1e-7}
    flat = minimize(loss, np.zeros(650), jac=True, method="L-BFGS-B", options=options).x
    return (x[test] @ flat[:640].reshape(64, 10) + flat[640:]).argmax(1) == y[test]


def four():
    a, b = digits()
    return [int(x.sum()) for x in (a & b, a & ~b, ~a & b, ~a & ~b)]


@pytest.mark.parametrize(("name", "index"), [("A", 0), ("B", 1)])
def test_each_model_is_right_as_often_as_when_fitted_in_another_way(
    paired, name, index
):
    right = int(digits()[index].sum())
    low, high = proportion_confint(right, 897, method="wilson")
    assert line_of(paired.printed_by["models"], f"{name} ") == (
        f"对 {right} 张，{right / 897:.4f}，区间 {low:.4f} 到 {high:.4f}"
    )


def test_the_four_cells_are_those_of_the_models_fitted_in_another_way(paired):
    both, only_a, only_b, neither = four()
    more = only_b - only_a
    assert paired.printed_by["four"] == (
        f"两个都对 {both}，只有 A 对 {only_a}，只有 B 对 {only_b}，都错 {neither}\n"
        f"B 多对 {more} 张，差 {more / 897:.4f}\n"
    )


def test_mcnemar_is_that_of_statsmodels(paired):
    both, a, b, neither = four()
    text = paired.printed_by["mcnemar"]
    small = mcnemar([[0, 1], [6, 0]], exact=True)
    exact = mcnemar([[both, a], [b, neither]], exact=True)
    near = mcnemar([[both, a], [b, neither]], exact=False, correction=False)
    assert after(text, "手算的 1 比 6：") == pytest.approx([small.pvalue], abs=6e-5)
    assert after(text, f"这里的 {a} 比 {b}：") == pytest.approx(
        [exact.pvalue], abs=6e-5
    )
    assert line_of(text, "近似：") == (
        f"卡方 {near.statistic:.3f}，p 值 {near.pvalue:.4f}"
    )


@pytest.mark.parametrize(("b", "c"), [(0, 4), (5, 5), (24, 9), (3, 2), (0, 1)])
def test_mcnemar_is_that_of_statsmodels_on_other_tables(paired, b, c):
    want = mcnemar([[7, b], [c, 7]], exact=True).pvalue
    assert paired.mcnemar(b, c) == pytest.approx(want, rel=1e-9, abs=0)


def test_two_batches_hide_what_pairs_show(paired):
    a, b = digits()
    text = paired.printed_by["unpaired"].replace("+", "")
    low, high = confint_proportions_2indep(
        b.sum(), 897, a.sum(), 897, method="wald", compare="diff"
    )
    se, *found = after(text, "当作两批题：")
    assert found == pytest.approx([low, high], abs=6e-5)
    assert se == pytest.approx((high - low) / 2 / Z, abs=6e-5)
    each = b.astype(int) - a.astype(int)
    se, *found = after(text, "配对：")
    assert se == pytest.approx(each.std() / 897**0.5, abs=6e-5)
    ends_of_pairs = [each.mean() + sign * Z * each.std() / 897**0.5 for sign in (-1, 1)]
    assert found == pytest.approx(ends_of_pairs, abs=6e-5)
    assert low < 0 < found[0]
    assert after(text, "两个模型对错的相关系数") == pytest.approx(
        [np.corrcoef(a, b)[0, 1]], abs=6e-4
    )


def test_the_paired_bootstrap_is_the_exact_distribution_of_the_sum(paired):
    both, a, b, neither = four()
    one = np.array([a, both + neither, b]) / 897  # -1, 0, +1
    size = 2**11
    spectrum = np.fft.fft(np.roll(np.pad(one, (0, size - 3)), -1)) ** 897
    chance = np.roll(np.fft.ifft(spectrum).real, 200)  # from -200 on
    below = np.cumsum(chance)
    want = [(np.searchsorted(below, q) - 200) / 897 for q in (0.025, 0.975)]
    found = after(paired.printed_by["bootstrap"].replace("+", ""), "配对自助法：")
    assert found == pytest.approx(want, abs=0.0006)
    assert np.std(paired.differences) == pytest.approx(
        ((one[2] + one[0] - (one[2] - one[0]) ** 2) / 897) ** 0.5, rel=0.01, abs=0
    )


@pytest.mark.parametrize("gain", [0.02, 0.01, 0.005])
def test_the_number_of_cases_has_just_the_promised_power(paired, gain):
    line = line_of(
        paired.printed_by["power"],
        f"看出 {100 * gain:g} 个百分点，对错不同的例占 ",
    )
    for part, differ in zip(line.split("，"), (0.02, 0.04, 0.1), strict=True):
        share, n = part.split(" 时 ")
        assert share == f"{differ:.0%}"
        spread = (differ - gain**2) ** 0.5
        power = [
            NormalDist().cdf((gain * m**0.5 - Z * differ**0.5) / spread)
            for m in (int(n) - 1, int(n))
        ]
        assert power[0] < 0.8 <= power[1]


def exact_power(n, gain, differ):
    """Sum over how many cases differ, and how many of them B alone gets right."""
    power, better = 0.0, (differ + gain) / 2 / differ
    for m, chance in enumerate(binomial(n, [differ])[0][:400]):
        if m == 0 or chance < 1e-9:
            continue
        tail = np.cumsum(binomial(m, [0.5])[0])
        k = np.arange(m + 1)
        p = 2 * tail[np.minimum(k, m - k)]
        power += chance * binomial(m, [better])[0][p < 0.05].sum()
    return power


def test_the_simulated_power_is_the_exact_one(paired):
    lines = paired.printed_by["simulate"].splitlines()
    need = [
        int(x)
        for x in numbers(
            line_of(paired.printed_by["power"], "看出 1 个百分点，对错不同的例占 ")
        )
    ][3]
    for line, n in zip(lines, (100, 1000, need), strict=True):
        assert line.startswith(f"{n} 例，真差 1 个百分点：")
        want = exact_power(n, 0.01, 0.04)
        assert numbers(line)[-1] == pytest.approx(want, abs=0.009)


def test_mcnemar_is_scipys_test_of_a_coin(paired):
    assert paired.printed_by["library"] == "与 scipy 的 binomtest 相同： True\n"
    want = [mcnemar([[0, i], [j, 0]], exact=True).pvalue for i, j in paired.pairs]
    assert paired.theirs == pytest.approx(want, rel=1e-9, abs=0)


# --- what the page says of the outputs ----------------------------------------


def test_the_frames_show_candidates_that_the_program_prints(hand):
    frames = re.findall(r"<p>p = (0\.\d\d)：(.*)</p>", page())
    assert len(frames) == 4
    for p, said in frames:
        due, away = after(hand.printed_by["candidates"].replace("+", ""), f"p = {p}：")
        assert f"{abs(away):.2f} 个" in said
        assert "平均该对" not in said or f"平均该对 {due} 例" in said
        assert ("留下" in said) == (abs(away) <= Z) != ("意外。" in said)


def test_the_page_quotes_the_intervals_by_hand(hand):
    text = hand.printed_by
    low, high, middle = after(text["wilson"], "114 例对 108 例：")
    assert f"114 例对 108 例，区间是 {low} 到 {high}" in page()
    assert f"中点 {middle} 比 0.9474 低" in page()
    assert after(text["wilson"], "10 例对 10 例：")[0] == pytest.approx(0.72, abs=0.005)
    assert f"这里是 {low:.0%} 到 {high:.1%}" in page()


def test_the_page_quotes_the_coverage(coverage):
    wald = numbers(line_of(coverage.printed_by["coverage"], "20 例，真值 0.99：Wald"))
    assert f"只有 {wald[0]:.0%} 的机会盖住真值" in page()
    line = line_of(coverage.printed_by["every"], "1000 例，Wald：")
    assert f"Wald 最低仍只有 {numbers(line)[-1]:.3f}" in page()
    three, one = numbers(line_of(coverage.printed_by["cases"], "准确率 0.9："))[1:4:2]
    text = f"要正负 3 个百分点得 {three:.0f} 例，要正负 1 个百分点得 {one:.0f} 例"
    assert text in page()


def test_the_page_quotes_the_bootstrap(bootstrap):
    area = numbers(bootstrap.printed_by["scores"])[-1]
    low, high = after(bootstrap.printed_by["auc"], "AUC，从 114 例里抽：")[-2:]
    assert f"AUC {area}，区间 {low} 到 {high}。" in page()
    y, p = tumours()
    found, said = ((p >= 0.5) & (y == 1)).sum(), ((p >= 0.5) | (y == 1)).sum()
    assert f"误报的 {said} 例算数，其中查出的 {found} 例" in page()
    picture, patient = numbers(bootstrap.printed_by["cluster"])[1::2]
    assert f"只有 {picture:.0%} 盖住真值；" in page()
    assert f"**整个病人一起抽**，回到 {patient:.0%}，" in page()


def test_the_page_quotes_the_pair(paired):
    text = paired.printed_by
    a, b, p = after(text["mcnemar"], "这里的")
    assert f"{b:.0f} 比 {a:.0f} 是 {p}" in page()
    assert f"给 {numbers(text['mcnemar'])[-1]:.4f}，这里偏小" in page()
    high, low = after(text["models"], "A ")[-1], after(text["models"], "B ")[-2]
    assert f"**A 的区间到 {high}，B 的从 {low} 开始，" in page()
    apart, within = (
        after(text["unpaired"], f"{name}：")[0] for name in ("当作两批题", "配对")
    )
    assert f"标准误从 {apart} 降到 {within}。" in page()
    assert f"有 {numbers(text['unpaired'])[-1]} 的相关" in page()
    n, _, share = numbers(text["simulate"].splitlines()[-1])
    assert f"{n:.0f} 例看得出的机会是 {share:.2f}，略少于八成" in page()
    both, _, _, neither, *_ = numbers(text["four"])
    assert f"共 {both:.0f} + {neither:.0f} = {both + neither:.0f} 张" in page()


# --- exercises ----------------------------------------------------------------


def test_fifty_right_leave_six_percent_and_a_thousandth_takes_three_thousand():
    low, _ = proportion_confint(50, 50, alpha=0.1, method="beta")
    n = next(n for n in range(1, 9999) if 0.999**n <= 0.05)
    assert f"approx{1 - low:.3f}$" in page() and f"得 {n} 例" in page()


def test_only_the_cells_that_differ_matter(paired):
    want = [mcnemar([[same, 2], [8, 100]], exact=True).pvalue for same in (890, 8900)]
    assert want == pytest.approx([112 / 1024] * 2, rel=1e-9)
    assert paired.mcnemar(2, 8) == pytest.approx(want[0], rel=1e-9)
    assert f"112/1024\\approx{want[0]:.3f}" in page()


def test_the_first_hundred_digits_show_no_difference():
    a, b = (right[:100] for right in digits())
    only_a, only_b = int((a & ~b).sum()), int((~a & b).sum())
    p = mcnemar([[0, only_a], [only_b, 0]], exact=True).pvalue
    each = b.astype(int) - a.astype(int)
    low, high = each.mean() + np.array([-1.96, 1.96]) * each.std() / 10
    assert (
        f"只有 A 对 {only_a} 张，只有 B 对 {only_b} 张，p 值 {p:.4f}；"
        f"差的区间是 −{-low:.4f} 到 {high:.4f}"
    ) in page()


# --- practice: faq/comparing_classifiers_practice_numpy -----------------------

SOLUTION = """
def wilson(right, n, level):
    z = NormalDist().inv_cdf((1 + level) / 2)
    a, b, c = n + z**2, -(2 * right + z**2), right**2 / n
    root = (b**2 - 4 * a * c) ** 0.5
    return (-b - root) / (2 * a), (-b + root) / (2 * a)
"""
CLOSED = """
def wilson(right, n, level):
    z = NormalDist().inv_cdf((1 + level) / 2)
    p = right / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5 / (1 + z**2 / n)
    return middle - half, middle + half
"""
ONE_SIDED = ("(1 + level) / 2", "level")
WRONG = [
    ONE_SIDED,
    ("(1 + level) / 2", "0.975"),
    ("NormalDist().inv_cdf((1 + level) / 2)", "1.96"),
    ("NormalDist().inv_cdf((1 + level) / 2)", "2 if level < 0.99 else 2.5758"),
    ("-(2 * right + z**2)", "-2 * right"),
    ("right**2 / n", "right / n"),
    ("n + z**2,", "n,"),
    ("4 * a * c", "2 * a * c"),
    ("(-b - root) / (2 * a), (-b", "(-b + root) / (2 * a), (-b"),
    ("(-b - root) / (2 * a), (-b + root)", "(-b + root) / (2 * a), (-b - root)"),
    ("    return", "    return right / n,"),
    ("    a, b", "    right = max(right, 1)\n    a, b"),
    ("    a, b", "    right = min(right, n - 1)\n    a, b"),
]
WRONG_CLOSED = [
    ("(1 + level) / 2", "(1 - level) / 2"),
    ("middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)", "middle = p"),
    (" + z**2 / (4 * n**2)", ""),
    ("4 * n**2", "4 * n"),
    ("z**2 / (2 * n)", "z / (2 * n)"),
    ("** 0.5 / (1 + z**2 / n)", "** 0.5"),
    ("half = z * (", "half = ("),
    ("half = z * (p", "half = 1.96 * (p"),
    ("(p + z**2 / (2 * n)) / (1 + z**2 / n)", "(p + z**2 / (2 * n))"),
    ("p * (1 - p) / n", "p * (1 - p) / max(1, n - 1)"),
    ("    middle =", "    p = (right + 2) / (n + 4)\n    middle ="),
    ("return middle - half, middle + half", "return middle, half"),
    (
        "    return middle - half, middle + half",
        "    half = z * (p * (1 - p) / n) ** 0.5\n"
        "    return max(0.0, p - half), min(1.0, p + half)",
    ),
]


OTHERS = {
    "Agresti and Coull": """
def wilson(right, n, level):
    z = NormalDist().inv_cdf((1 + level) / 2)
    m = n + z**2
    p = (right + z**2 / 2) / m
    half = z * (p * (1 - p) / m) ** 0.5
    return max(0.0, p - half), min(1.0, p + half)
""",
    "with a correction of continuity": """
def wilson(right, n, level):
    z = NormalDist().inv_cdf((1 + level) / 2)
    p, m, c = right / n, 2 * (n + z**2), 2 * right + z**2
    low = z * (z**2 - 2 - 1 / n + 4 * p * (n * (1 - p) + 1)) ** 0.5
    high = z * (z**2 + 2 - 1 / n + 4 * p * (n * (1 - p) - 1)) ** 0.5
    return max(0.0, (c - 1 - low) / m), min(1.0, (c + 1 + high) / m)
""",
    "the exact one": """
def wilson(right, n, level):
    from scipy.stats import binomtest
    found = binomtest(right, n).proportion_ci(level, method="exact")
    return found.low, found.high
""",
    "candidates on a grid": """
def wilson(right, n, level):
    z = NormalDist().inv_cdf((1 + level) / 2)
    grid = [i / 1000 for i in range(1001)]
    kept = [p for p in grid if n * (right / n - p) ** 2 <= z**2 * p * (1 - p)]
    return kept[0], kept[-1]
""",
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_interval_fails_the_practice(name):
    assert practice.verdict_on(PRACTICE, OTHERS[name]).passed < 5


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_the_interval_of_statsmodels(case):
    _, given, want, _ = case
    right, n, level = given["right"], given["n"], given["level"]
    found = proportion_confint(right, n, alpha=1 - level, method="wilson")
    assert found == pytest.approx(want, abs=6e-7)


def test_nothing_is_given_with_the_practice():
    text = practice.filled(
        PRACTICE, "def wilson(right, n, level):\n    raise NotImplementedError"
    )
    assert practice.judged(text).passed == 0


@pytest.mark.parametrize("solution", [SOLUTION, CLOSED])
def test_the_quadratic_and_the_closed_form_both_pass_the_practice(solution):
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_interval_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []
    assert practice.survivors(PRACTICE, CLOSED, WRONG_CLOSED) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, ONE_SIDED) in page()
