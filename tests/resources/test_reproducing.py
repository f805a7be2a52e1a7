"""The programs of 复现一篇论文 against SciPy, sacrebleu, autograd, and one another.

Monte-Carlo tolerances are at least four standard errors of the difference; the seeds
are fixed, so a test that passes once passes always. The three versions of the small
reproduction run in float64: right answers are compared exactly, weights to 1e-9.
"""

import contextlib
import io
import itertools
import math
import re
import statistics
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import torch
from sacrebleu.significance import PairedTest
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.datasets import load_digits
from torch import nn

from handbook.programs import sections

SNIPPETS = Path(__file__).parent.parent.parent / "snippets"
FRAMEWORKS = ["numpy", "torch", "tf"]
Run = Callable[[str], SimpleNamespace]


def assert_close(a, b, atol: float = 0.0, rtol: float = 0.0) -> None:
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=atol, rtol=rtol)


def numbers(text: str) -> list[float]:
    """The numbers of a text in order, signs kept."""
    return [float(n) for n in re.findall(r"(?<![\w.])[-+]?\d+(?:\.\d+)?", text)]


def said(program: SimpleNamespace, section: str, start: str) -> list[float]:
    """The numbers that a section prints right after ``start``, which stands once.

    A ``start`` that begins with a line break begins a line.
    """
    text = f"\n{program.printed_by[section]}"
    (found,) = re.findall(f"{re.escape(start)}(.*)", text)
    return numbers(found)


@pytest.fixture
def stats(run_snippet: Run) -> SimpleNamespace:
    """The page's program of statistics."""
    return run_snippet("resources/reproducing_numpy")


@pytest.fixture(params=FRAMEWORKS)
def program(request: pytest.FixtureRequest, run_snippet: Run) -> SimpleNamespace:
    """The small reproduction, in each framework in turn."""
    return run_snippet(f"resources/reproducing_seeds_{request.param}")


@pytest.fixture
def seeds(run_snippet: Run) -> SimpleNamespace:
    """The small reproduction in NumPy, which alone has the statistics of its table."""
    return run_snippet("resources/reproducing_seeds_numpy")


def columns(program: SimpleNamespace) -> tuple[list[int], list[int], list[int]]:
    """The printed table: right answers without smoothing, with it, and their gap."""
    rows = re.findall(
        r"^ +(\d) +(\d+) +(\d+) +([-+]\d+)$", program.printed_by["compare"], re.M
    )
    assert [int(row[0]) for row in rows] == list(range(10))
    plain, smoothed, gap = ([int(row[k]) for row in rows] for k in (1, 2, 3))
    return plain, smoothed, gap


def scipy_interval(b, a, paired: bool, times: int = 10_000) -> list[float]:
    result = scipy.stats.bootstrap(
        (b, a),
        lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
        n_resamples=times,
        paired=paired,
        method="percentile",
        rng=np.random.default_rng(77),
        batch=500,
    )
    return [result.confidence_interval.low, result.confidence_interval.high]


# --- statistics: data and intervals -------------------------------------------


def test_the_truth_is_the_integral_over_all_questions(stats):
    for value, gap in zip(stats.truth, (0, stats.gap), strict=True):
        exact, _ = scipy.integrate.quad(
            lambda z, g=gap: (
                scipy.special.expit(1.5 + 1.5 * z + g) * scipy.stats.norm.pdf(z)
            ),
            -12,
            12,
        )
        assert_close(value, exact, atol=1e-7)


def test_the_drawn_answers_have_the_true_means(stats):
    drawn = stats.answers(np.random.default_rng(5), 1_000_000, stats.gap)
    assert_close([v.mean() for v in drawn], stats.truth, atol=0.002)


def thousand() -> tuple[np.ndarray, np.ndarray]:
    """The page's 1000 questions, drawn again by SciPy's logistic function."""
    rng = np.random.default_rng(0)
    ease = rng.normal(1.5, 1.5, 1000)
    a, b = (rng.random(1000) < scipy.special.expit(ease + g) for g in (0, 0.25))
    return a, b


def test_the_printed_truth_is_the_integral(stats):
    def exact(gap: float) -> float:
        def density(z: float) -> float:
            return scipy.special.expit(1.5 + 1.5 * z + gap) * scipy.stats.norm.pdf(z)

        return 100 * scipy.integrate.quad(density, -12, 12)[0]

    expected = [exact(0), exact(0.25), exact(0.25) - exact(0)]
    assert_close(said(stats, "data", "真相："), expected, atol=0.006)


def test_the_printed_observation_counts_the_thousand_questions(stats):
    a, b = thousand()
    table = metrics.confusion_matrix(a, b)  # [a, b]: rows are A's answers
    expected = [a.mean() * 100, b.mean() * 100, (b.mean() - a.mean()) * 100]
    expected += [table[1, 0], table[0, 1]]
    assert_close(said(stats, "data", "观察："), expected, atol=1e-9)


@pytest.mark.parametrize("paired", [True, False])
def test_the_printed_interval_is_scipys(stats, paired):
    a, b = (v.astype(float) for v in thousand())
    printed = said(stats, "bootstrap", f"\n{'配对' if paired else '不配对'}：标准误 ")
    error, _, low, high = printed  # the second is the 95 of 95%
    apart = math.sqrt(a.var() + b.var()) / math.sqrt(1000)
    exact = scipy.stats.sem(b - a, ddof=0) if paired else apart
    assert_close(error, 100 * exact, atol=0.05)
    expected = 100 * np.array(scipy_interval(b, a, paired=paired))
    assert_close([low, high], expected, atol=0.30)


def test_the_printed_correlation_is_pearsons(stats):
    r = scipy.stats.pearsonr(*(v.astype(float) for v in thousand())).statistic
    assert_close(said(stats, "bootstrap", "逐题的相关系数 "), [r], atol=0.0051)


def test_the_paired_interval_is_scipys(stats):
    expected = scipy_interval(stats.b, stats.a, paired=True)
    assert_close(stats.interval(stats.paired), expected, atol=0.0025)


def test_the_unpaired_interval_is_scipys(stats):
    expected = scipy_interval(stats.b, stats.a, paired=False)
    assert_close(stats.interval(stats.apart), expected, atol=0.0030)


def test_pairing_saves_twice_the_covariance(stats):
    saved = stats.apart.var() - stats.paired.var()
    assert_close(saved, 2 * np.cov(stats.a, stats.b)[0, 1] / 1000, rtol=0.2)


SHARE_OF_2000 = 4 * math.sqrt(0.25 / 2000)  # four standard errors, at their largest


def normal_theory() -> tuple[float, float]:
    """The true gap in paired standard errors; unpaired errors over paired ones."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    a, b = (scipy.special.expit(1.5 + 1.5 * nodes + g) for g in (0, 0.25))
    mean_a, mean_b, both = weights @ a, weights @ b, weights @ (a * b)
    apart = mean_a * (1 - mean_a) + mean_b * (1 - mean_b)
    paired = apart - 2 * (both - mean_a * mean_b)
    return (mean_b - mean_a) / math.sqrt(paired / 1000), math.sqrt(apart / paired)


def test_the_printed_coverage_and_power_are_those_of_normal_theory(stats):
    gap, ratio = normal_theory()
    for name, wide in (("配对", 1.0), ("不配对", ratio)):
        printed = said(stats, "coverage", f"\n{name}：95% 区间盖住真差 ")
        covered = 2 * scipy.stats.norm.cdf(1.96 * wide) - 1
        assert_close(printed[0], covered, atol=0.0195)
        power = scipy.stats.norm.cdf(gap - 1.96 * wide)
        assert_close(printed[1:], [0, power], atol=SHARE_OF_2000)


def test_the_printed_false_alarms_are_twice_as_many_on_one_side(stats):
    one, two = said(stats, "coverage", "p < 0.05 的比例：单侧 ")
    assert_close([one, two], [0.10, 0.05], atol=0.027)
    assert one > two + 0.02


def test_the_printed_shares_of_ten_seeds_are_those_of_t(stats):
    def within(width: float) -> float:
        return 1 - 2 * scipy.stats.t.sf(width, 9)

    t = scipy.stats.t.ppf(0.975, 9)
    covered = said(stats, "coverage", "只有 10 个数时，95% 区间盖住真差：自助法 ")
    expected = [within(1.96 * math.sqrt(9 / 10)), within(t)]
    assert_close(covered, expected, atol=0.025)
    papers = said(stats, "coverage", "落在你 10 个种子的：均值区间里 ")
    assert_close(papers, [within(t / math.sqrt(11)), 0.95], atol=SHARE_OF_2000)


def test_one_simulated_experiment_is_scipys_bootstrap(stats):
    low, high, low_apart, high_apart, p = stats.many_experiments(
        stats.gap, 1, np.random.default_rng(3), resamples=20_000
    )[:, 0]
    a, b = stats.answers(np.random.default_rng(3), 1000, stats.gap)
    assert_close([low, high], scipy_interval(b, a, paired=True), atol=0.0025)
    apart = scipy_interval(b, a, paired=False)
    assert_close([low_apart, high_apart], apart, atol=0.0030)
    means = stats.resampled_means(b - a, 20_000, np.random.default_rng(8))
    assert_close(p, stats.koehn_p(means), atol=0.01)


def test_the_paired_interval_covers_the_truth_as_often_as_it_says(stats):
    inside = (stats.low <= stats.true_gap) & (stats.true_gap <= stats.high)
    assert scipy.stats.binomtest(int(inside.sum()), 2000, 0.95).pvalue > 1e-3


def test_the_unpaired_interval_covers_more_and_sees_less(stats):
    wide = (stats.low_apart <= stats.true_gap) & (stats.true_gap <= stats.high_apart)
    assert wide.mean() > 0.96
    assert np.mean(stats.low_apart > 0) < np.mean(stats.low > 0) - 0.05


def test_the_simulated_power_is_that_of_a_z_test(stats):
    p_a, p_b = stats.truth
    pairs = stats.answers(np.random.default_rng(6), 1_000_000, stats.gap)
    error = np.std(pairs[1] - pairs[0]) / math.sqrt(1000)
    power = scipy.stats.norm.cdf((p_b - p_a) / error - 1.96)
    seen = np.mean((stats.low > 0) | (stats.high < 0))
    assert_close(seen, power, atol=0.045)


def test_ten_values_make_the_percentile_interval_too_short(stats):
    covered = np.mean((stats.ends[0] <= 0) & (stats.ends[1] >= 0))
    expected = 1 - 2 * scipy.stats.t.sf(1.96 * math.sqrt(9 / 10), 9)
    assert_close(covered, expected, atol=0.025)


def test_the_t_interval_of_ten_values_covers_as_often_as_it_says(stats):
    expected = scipy.stats.ttest_1samp(stats.few, 0, axis=1).confidence_interval(0.95)
    assert_close(stats.half, (expected.high - expected.low) / 2, rtol=1e-3)
    inside = int(np.sum(np.abs(stats.few.mean(axis=1)) <= stats.half))
    assert scipy.stats.binomtest(inside, 2000, 0.95).pvalue > 1e-3


def test_half_of_the_sound_papers_fall_outside_the_interval_of_the_mean(stats):
    share = np.mean(stats.distance <= stats.half)
    expected = 1 - 2 * scipy.stats.t.sf(2.262 / math.sqrt(11), 9)
    assert_close(share, expected, atol=0.045)
    assert "均值区间里 0.5" in stats.stdout_text


def test_the_prediction_interval_holds_one_more_run_as_often_as_it_says(stats):
    half = 2.262 * stats.few.std(axis=1, ddof=1) * math.sqrt(1 + 1 / 10)
    below, above = stats.few.mean(axis=1) - half, stats.few.mean(axis=1) + half
    inside = int(np.sum((below <= stats.reported) & (stats.reported <= above)))
    assert scipy.stats.binomtest(inside, 2000, 0.95).pvalue > 1e-3
    assert f"预测区间里 {inside / 2000:.3f}" in stats.stdout_text


def test_the_constant_is_the_t_quantile_of_nine_degrees():
    assert_close(2.262, scipy.stats.t.ppf(0.975, 9), atol=5e-4)


# --- statistics: p-values ------------------------------------------------------


class Accuracy:
    """What sacrebleu asks of a metric, for answers written "0" and "1"."""

    def _extract_corpus_statistics(self, hypotheses, references):
        return [[float(h == r), 1.0] for h, r in zip(hypotheses, references[0])]  # noqa: B905

    def _compute_score_from_stats(self, sums):
        return SimpleNamespace(score=float(sums[0] / sums[1]), name="Accuracy")

    def _aggregate_and_compute(self, rows):
        return self._compute_score_from_stats(np.asarray(rows).sum(axis=0))

    def get_signature(self):
        return SimpleNamespace(update=lambda *args: None)


def sacrebleu_p(a, b, kind: str, times: int) -> float:
    answers = [[str(int(v)) for v in values] for values in (a, b)]
    test = PairedTest(
        list(zip("AB", answers, strict=True)),
        {"Accuracy": Accuracy()},
        [["1"] * len(a)],
        test_type=kind,
        n_samples=times,
    )
    return test()[1]["Accuracy"][1].p_value


def test_koehns_p_is_that_of_sacrebleus_paired_bootstrap(stats):
    expected = sacrebleu_p(stats.a, stats.b, "bs", 10_000)
    assert_close(stats.koehn_p(stats.paired), expected, atol=0.007)


def test_sacrebleus_paired_bootstrap_is_half_of_its_two_sided_randomization(stats):
    one = sacrebleu_p(stats.a, stats.b, "bs", 10_000)
    two = sacrebleu_p(stats.a, stats.b, "ar", 10_000)
    assert_close(2 * one, two, atol=0.012)


def test_the_printed_one_sided_p_is_sacrebleus(stats):
    one, two = said(stats, "p-values", "配对自助法：单侧 p = ")
    expected = sacrebleu_p(*(v.astype(float) for v in thousand()), "bs", 10_000)
    assert_close(one, expected, atol=0.007)
    assert_close(two, 2 * one, atol=0.0011)


def test_the_printed_permutation_p_is_the_exact_sign_test(stats):
    a, b = thousand()
    exact = scipy.stats.binomtest(int((b & ~a).sum()), int((a ^ b).sum())).pvalue
    assert_close(said(stats, "p-values", "置换检验：双侧 p = "), [exact], atol=0.008)


def test_koehns_p_counts_the_resamples_that_the_leader_loses(stats):
    means = np.array([-0.2, 0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert stats.koehn_p(means) == stats.koehn_p(-means) == 0.1


def test_the_permutation_p_is_the_exact_sign_test(stats):
    p = stats.permutation_p(stats.difference, 50_000, np.random.default_rng(4))
    exact = scipy.stats.binomtest(stats.only_b, stats.only_a + stats.only_b).pvalue
    assert_close(p, exact, atol=0.004)


def test_the_permutation_p_is_scipys_on_scores_that_are_not_whole(stats):
    values = np.random.default_rng(2).normal(0.5, 1, 9)
    exact = scipy.stats.permutation_test(
        (values, np.zeros(9)),
        lambda x, y, axis: (x - y).mean(axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
    )
    p = stats.permutation_p(values, 50_000, np.random.default_rng(4))
    assert_close(p, exact.pvalue, atol=0.01)


def test_the_permutation_p_is_never_zero(stats):
    p = stats.permutation_p(np.ones(60), 99, np.random.default_rng(0))
    assert p == 1 / 100


def test_without_a_difference_the_one_sided_p_errs_twice_as_often(stats):
    one, two = np.mean(stats.p < 0.05), np.mean(2 * stats.p < 0.05)
    assert 0.03 < two < 0.07 < one < 0.13


# --- statistics: the best seed, many comparisons --------------------------------


def test_the_expected_best_is_the_mean_of_the_largest_order_statistic(stats):
    for n, excess in zip(stats.counts, stats.inflation, strict=True):
        exact, _ = scipy.integrate.quad(
            lambda z, n=n: (
                z * n * scipy.stats.norm.pdf(z) * scipy.stats.norm.cdf(z) ** (n - 1)
            ),
            -10,
            10,
        )
        assert_close(excess, exact, atol=0.012)


def test_the_best_of_ten_beats_one_in_ten_of_eleven_cases(stats):
    share = np.mean(stats.tries[:, :10].max(axis=1) > stats.tries[:, 10])
    assert_close(share, 10 / 11, atol=0.004)


def test_the_printed_inflation_is_the_mean_of_the_largest(stats):
    for n in (2, 3, 5, 10, 20, 50):
        exact, _ = scipy.integrate.quad(
            lambda z, n=n: (
                1
                - scipy.stats.norm.cdf(z) ** n
                - (1 - scipy.stats.norm.cdf(z)) ** n  # E max, by its distribution
            ),
            0,
            10,
        )
        printed = said(stats, "best-seed", f"取 {n:2d} 个种子中最好的：虚高 ")
        assert_close(printed, [exact], atol=0.016)


def test_the_printed_odds_and_false_alarms_are_the_exact_ones(stats):
    assert_close(said(stats, "best-seed", "B 赢的机会 "), [10 / 11], atol=0.005)
    once, _, always = said(stats, "best-seed", "跑满 20 个种子看一次，误报 ")
    assert_close(once, 0.05, atol=0.004)
    n = np.arange(5, 21)
    correlation = np.sqrt(np.minimum.outer(n, n) / np.maximum.outer(n, n))
    quiet = scipy.stats.multivariate_normal(cov=correlation, seed=0).cdf(
        np.full(16, 1.96), lower_limit=np.full(16, -1.96)
    )
    assert_close(always, 1 - quiet, atol=0.008)


def test_looking_after_every_seed_errs_as_the_joint_normal_says(stats):
    n = np.arange(5, 21)
    correlation = np.sqrt(np.minimum.outer(n, n) / np.maximum.outer(n, n))
    quiet = scipy.stats.multivariate_normal(cov=correlation, seed=0).cdf(
        np.full(16, 1.96), lower_limit=np.full(16, -1.96)
    )
    seen = np.mean((stats.z[:, 4:] > 1.96).any(axis=1))
    assert_close(seen, 1 - quiet, atol=0.008)
    assert_close(np.mean(stats.z[:, -1] > 1.96), 0.05, atol=0.003)


def closed_bonferroni(p: list[float]) -> list[float]:
    """Holm's p-values by definition: the worst Bonferroni p over all subsets."""
    m = range(len(p))
    subsets = [s for k in range(len(p)) for s in itertools.combinations(m, k + 1)]
    return [
        max(min(1.0, len(s) * min(p[j] for j in s)) for s in subsets if i in s)
        for i in m
    ]


@pytest.mark.parametrize("seed", range(5))
def test_holm_is_the_closed_bonferroni_test(stats, seed):
    p = list(np.random.default_rng(seed).random(6) ** 3)
    assert_close(stats.holm(p), closed_bonferroni(p), atol=1e-12)


def test_holm_never_rejects_more_than_the_false_discovery_rate(stats):
    p = np.random.default_rng(1).random(12) ** 3
    assert np.all(stats.holm(p) >= scipy.stats.false_discovery_control(p) - 1e-12)


def test_holm_keeps_the_chance_of_any_false_alarm_at_five_in_a_hundred(stats):
    plain = (stats.null < 0.05).any(axis=1)
    held = np.array([(stats.holm(row) < 0.05).any() for row in stats.null])
    assert_close(plain.mean(), 1 - 0.95**20, atol=0.027)
    assert_close(held.mean(), 0.05, atol=0.0125)


def test_the_printed_false_alarms_of_twenty_are_held_by_holm(stats):
    plain, held = said(stats, "multiple", "至少报出一项「显著」：不校正 ")
    assert_close(plain, 1 - 0.95**20, atol=0.027)
    assert_close(held, 0.05, atol=0.0125)


def test_the_printed_corrections_are_the_closed_test(stats):
    claims = said(stats, "multiple", "五项的 p 值：")
    printed = said(stats, "multiple", "Holm 校正后：")
    assert_close(printed, closed_bonferroni(claims), atol=6e-4)


# --- the small reproduction: data, budget ---------------------------------------


def test_no_digit_is_in_two_parts(program):
    parts = [
        set(rows.tolist()) for rows in (program.train, program.valid, program.test)
    ]
    assert [len(part) for part in parts] == [500, 400, 897]
    assert len(set.union(*parts)) == 1797


def test_the_pictures_are_those_of_scikit_learn_between_0_and_1(program):
    digits = load_digits()
    assert_close(program.images, digits.images.reshape(-1, 64) / 16)
    np.testing.assert_array_equal(program.labels, digits.target)


def test_every_epoch_shows_every_training_digit_once(program):
    order = program.batches(3).reshape(40, 500)
    assert np.all(np.sort(order, axis=1) == np.sort(program.train))


def test_a_seed_fixes_the_weights_and_the_order(program):
    for one, two in zip(program.initial(7), program.initial(7), strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(program.batches(7), program.batches(7))
    assert np.any(program.batches(7) != program.batches(8))


def test_seeds_that_tuned_are_not_seeds_that_report(program):
    assert not set(program.seeds) & {100, 101}


def test_both_methods_chose_from_the_same_rates_and_not_at_the_edge(program):
    assert set(program.best_rate) == set(program.methods)
    assert all(rate in program.rates[1:-1] for rate in program.best_rate.values())


def test_the_largest_rate_ruins_the_network(program):
    p = program.probabilities(program.fit(100, 0.0, 4.0), program.valid)
    assert program.correct(p, program.valid).mean() < 0.2


def test_no_number_is_printed_for_a_network_that_training_ruined(program):
    for printed in program.printed_by["tune"].splitlines():
        assert re.search("，4.0：训练崩了；取 1.0$", printed)


def test_the_chosen_rate_is_the_one_with_most_right_answers(program):
    for printed in program.printed_by["tune"].splitlines():
        counts = {float(r): int(n) for r, n in re.findall(r"([\d.]+)：(\d+)", printed)}
        assert list(counts) == [0.0625, 0.25, 1.0]
        assert numbers(printed)[-1] == max(counts, key=counts.get)


# --- the small reproduction: training --------------------------------------------


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_numpy_gradients_match_autograd(run_snippet, smoothing):
    ns = run_snippet("resources/reproducing_seeds_numpy")
    rows = ns.train[:64]
    leaves = [torch.tensor(w, requires_grad=True) for w in ns.initial(3)]
    hidden = torch.relu(torch.tensor(ns.images[rows]) @ leaves[0] + leaves[1])
    nn.functional.cross_entropy(
        hidden @ leaves[2] + leaves[3],
        torch.tensor(ns.labels[rows]),
        label_smoothing=smoothing,
    ).backward()
    grads = ns.gradients(ns.initial(3), ns.images[rows], ns.labels[rows], smoothing)
    for mine, leaf in zip(grads, leaves, strict=True):
        assert_close(mine, leaf.grad, atol=1e-14)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_keras_loss_is_torchs(smoothing):
    logits = np.random.default_rng(0).normal(size=(20, 10))
    targets = np.arange(20) % 10
    theirs = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing, dtype="float64"
    )(np.eye(10)[targets], logits)
    ours = nn.CrossEntropyLoss(label_smoothing=smoothing)(
        torch.tensor(logits), torch.tensor(targets)
    )
    assert_close(float(theirs), ours.item(), rtol=1e-12)


def test_the_keras_loss_of_class_numbers_has_no_smoothing():
    with pytest.raises(TypeError, match="label_smoothing"):
        keras.losses.SparseCategoricalCrossentropy(label_smoothing=0.1)


def test_the_keras_loss_takes_logits_for_probabilities_without_a_word():
    logits, targets = np.array([[2.0, 1.0, 0.5]]), np.array([[1.0, 0.0, 0.0]])
    wrong = keras.losses.CategoricalCrossentropy()(targets, logits)
    right = keras.losses.CategoricalCrossentropy(from_logits=True)(targets, logits)
    assert abs(float(wrong) - float(right)) > 0.05


def test_the_keras_loss_falls_back_to_float32():
    logits, targets = np.zeros((1, 3)), np.array([[1.0, 0.0, 0.0]])
    criterion = keras.losses.CategoricalCrossentropy(from_logits=True)
    assert criterion(targets, logits).dtype.name == "float32"


def weights_of(model) -> list[np.ndarray]:
    """(in, out) weights and biases, whatever the framework."""
    if isinstance(model, keras.Model):
        return [w.copy() for w in model.get_weights()]
    if isinstance(model, nn.Module):
        return [p.detach().numpy().T.copy() for p in model.parameters()]
    return list(model)


@pytest.mark.parametrize("framework", ["torch", "tf"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("steps", [1, 2, 10, 400])
def test_the_weights_stay_equal_along_the_way(
    run_snippet, monkeypatch, framework, smoothing, steps
):
    trained = []
    for name in ("numpy", framework):
        ns = run_snippet(f"resources/reproducing_seeds_{name}")
        order = ns.batches(4)[:steps]
        monkeypatch.setitem(ns.fit.__globals__, "batches", lambda s, o=order: o)
        trained.append(weights_of(ns.fit(4, smoothing, 1.0)))
        monkeypatch.undo()
    for one, two in zip(*trained, strict=True):
        assert_close(one, two, atol=1e-9)


@pytest.mark.parametrize("framework", ["torch", "tf"])
def test_the_versions_get_the_same_digits_right(run_snippet, framework):
    first = run_snippet("resources/reproducing_seeds_numpy")
    other = run_snippet(f"resources/reproducing_seeds_{framework}")
    for name in first.methods:
        np.testing.assert_array_equal(first.hits[name], other.hits[name])
        assert_close(first.outputs[name], other.outputs[name], atol=1e-9)


def test_no_prediction_hangs_on_rounding(program):
    for p in program.outputs.values():
        two = np.sort(p, axis=2)[..., -2:]
        assert np.min(two[..., 1] - two[..., 0]) > 1e-5


@cache
def trained(seed: int, smoothing: float, rate: float, part: str) -> np.ndarray:
    """Probabilities for a part of the digits, by autograd from the page's recipe."""
    digits = load_digits()
    x, y = torch.tensor(digits.data / 16), torch.tensor(digits.target)
    rows = np.random.default_rng(0).permutation(1797)
    train, valid, test = np.split(rows, [500, 900])
    rng = np.random.default_rng(seed)
    one, two = math.sqrt(6 / 96), math.sqrt(6 / 42)
    start = rng.uniform(-one, one, (64, 32)), rng.uniform(-two, two, (32, 10))
    w1, w2 = (torch.tensor(w, requires_grad=True) for w in start)
    b1, b2 = (torch.zeros(n, dtype=x.dtype, requires_grad=True) for n in (32, 10))
    leaves, rng = (w1, b1, w2, b2), np.random.default_rng([seed, 1])
    for _ in range(40):
        for batch in rng.permutation(train).reshape(10, 50):
            logs = torch.log_softmax((x[batch] @ w1 + b1).relu() @ w2 + b2, dim=1)
            right = logs[torch.arange(50), y[batch]]
            loss = -((1 - smoothing) * right + smoothing * logs.mean(dim=1)).mean()
            grads = torch.autograd.grad(loss, leaves)
            with torch.no_grad():
                for leaf, grad in zip(leaves, grads, strict=True):
                    leaf -= rate * grad
    logits = (x @ w1 + b1).relu() @ w2 + b2
    shown = {"valid": valid, "test": test}[part]
    return torch.softmax(logits, dim=1)[shown].detach().numpy()


def right_answers(p: np.ndarray, part: str) -> int:
    rows = np.random.default_rng(0).permutation(1797)
    shown = {"valid": rows[500:900], "test": rows[900:]}[part]
    targets = load_digits().target[shown]
    return int(metrics.accuracy_score(targets, p.argmax(axis=1), normalize=False))


@pytest.mark.parametrize("name, smoothing", [("不平滑", 0.0), ("平滑", 0.1)])
def test_the_printed_validation_count_is_that_of_a_network_trained_here(
    seeds, name, smoothing
):
    printed = said(seeds, "tune", f"\n{name}，验证集 2 个种子共答对（满分 800）：")
    runs = [trained(s, smoothing, 1.0, "valid") for s in (100, 101)]
    assert printed[5] == sum(right_answers(p, "valid") for p in runs)


@pytest.mark.parametrize("seed", [0, 5])
def test_the_printed_rows_are_those_of_networks_trained_here(seeds, seed):
    plain, smoothed, _ = columns(seeds)
    expected = [right_answers(trained(seed, e, 1.0, "test"), "test") for e in (0, 0.1)]
    assert [plain[seed], smoothed[seed]] == expected


def test_the_probabilities_are_those_of_a_network_trained_here(seeds):
    for name, smoothing in (("不平滑", 0.0), ("平滑", 0.1)):
        expected = trained(5, smoothing, 1.0, "test")
        assert_close(seeds.outputs[name][5], expected, atol=1e-9)


# --- the small reproduction: numbers ----------------------------------------------


def test_the_table_s_gap_is_smoothed_minus_plain(program):
    plain, smoothed, gap = columns(program)
    assert gap == [b - a for a, b in zip(plain, smoothed, strict=True)]


def test_the_summary_is_that_of_the_table(program):
    plain, smoothed, _ = columns(program)
    for name, counts in (("不平滑", plain), ("平滑", smoothed)):
        percent = [100 * n / 897 for n in counts]
        printed = said(program, "compare", f"\n{name}：")
        expected = [statistics.mean(percent), statistics.stdev(percent), max(percent)]
        assert_close(printed, expected, atol=0.0051)


def percents(program: SimpleNamespace) -> np.ndarray:
    """(2, 10) accuracies of the printed table in per cent: smoothed, plain."""
    plain, smoothed, _ = columns(program)
    return 100 * np.array([smoothed, plain]) / 897


def test_the_printed_gap_is_scipys_description_of_the_table(seeds):
    smoothed, plain = percents(seeds)
    mean, spread, r = said(seeds, "interval", "差的均值 ")
    described = scipy.stats.describe(smoothed - plain)
    assert_close(mean, described.mean, atol=0.0051)
    assert_close(spread, math.sqrt(described.variance), atol=0.0051)
    assert_close(r, scipy.stats.pearsonr(smoothed, plain).statistic, atol=0.0051)


def test_the_printed_bootstrap_interval_is_scipys(seeds):
    smoothed, plain = percents(seeds)
    printed = said(seeds, "interval", "95% 区间（换种子，自助法）：")
    expected = bootstrap_of_the_mean(smoothed - plain)
    assert_close(printed, expected, atol=0.04)


def test_the_printed_t_interval_is_scipys(seeds):
    expected = scipy.stats.ttest_rel(*percents(seeds)).confidence_interval(0.95)
    printed = said(seeds, "interval", "95% 区间（换种子，t 分布）：")
    assert_close(printed, [expected.low, expected.high], atol=0.0055)


def test_the_printed_interval_over_examples_is_scipys(seeds):
    gain = (seeds.hits["平滑"].astype(float) - seeds.hits["不平滑"]).mean(axis=0)
    expected = bootstrap_of_the_mean(100 * gain)
    printed = said(seeds, "interval", "95% 区间（换测试样本，自助法）：")
    assert_close(printed, expected, atol=0.04)


def bootstrap_of_the_mean(values: np.ndarray) -> list[float]:
    interval = scipy.stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=20_000,
        method="percentile",
        rng=np.random.default_rng(9),
        batch=1000,
    ).confidence_interval
    return [interval.low, interval.high]


def test_the_printed_sign_permutation_is_scipys_exact_one(seeds):
    plain, smoothed, _ = columns(seeds)
    exact = scipy.stats.permutation_test(
        (smoothed, plain),  # whole numbers: of percentages SciPy misses ties
        lambda x, y, axis: (x - y).sum(axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
    )
    printed = said(seeds, "interval", "符号置换检验（枚举 1024 种）：p = ")
    assert_close(printed, [exact.pvalue], atol=5.1e-4)


def test_the_printed_number_of_seeds_reaches_four_fifths_of_power(seeds):
    smoothed, plain = percents(seeds)
    spread = statistics.stdev(smoothed - plain)

    def power(n: float) -> float:
        return scipy.stats.norm.cdf(0.2 / (spread / math.sqrt(n)) - 1.96)

    (n,) = said(seeds, "interval", "要以八成把握看见 0.2 个百分点，约需 ")
    assert power(n - 1) < 0.8005 and power(n) > 0.7995


@pytest.mark.parametrize("framework", ["torch", "tf"])
def test_the_statistics_also_run_after_another_version(run_snippet, framework):
    first = run_snippet("resources/reproducing_seeds_numpy")
    other = run_snippet(f"resources/reproducing_seeds_{framework}")
    code = sections.sections(SNIPPETS / "resources/reproducing_seeds_numpy.py")
    for section in ("interval", "calibration"):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code[section], other.__dict__)
        assert printed.getvalue() == first.printed_by[section]


def scikit_learns_calibration_error(p: np.ndarray, targets: np.ndarray) -> float:
    confidence, right = p.max(axis=1), p.argmax(axis=1) == targets
    share, mean = calibration_curve(right, confidence, n_bins=15)
    sizes, _ = np.histogram(confidence, np.linspace(0, 1, 16))
    return float(np.sum(sizes[sizes > 0] * np.abs(share - mean)) / len(targets))


def test_the_printed_calibration_is_that_of_scikit_learns_curve(seeds):
    targets, table = seeds.labels[seeds.test], columns(seeds)
    error, sure = {}, {}
    for name, counts in zip(("不平滑", "平滑"), table, strict=False):
        runs = seeds.outputs[name]
        error[name] = [scikit_learns_calibration_error(p, targets) for p in runs]
        sure[name] = [statistics.mean(p.max(axis=1).tolist()) for p in runs]
        printed = said(seeds, "calibration", f"\n{name}：平均置信度 ")
        expected = [statistics.mean(sure[name]), sum(counts) / 8970]
        expected += [statistics.mean(error[name])]
        assert_close(printed, expected, atol=5.1e-4)
    lower = sum(np.less(sure["平滑"], sure["不平滑"]))
    worse = sum(np.greater(error["平滑"], error["不平滑"]))
    printed = said(seeds, "calibration", "10 个种子里，平滑之后置信度更低的 ")
    assert printed == [lower, worse]


def test_the_calibration_error_is_that_of_scikit_learns_curve(seeds):
    targets = seeds.labels[seeds.test]
    for runs in seeds.outputs.values():
        p = runs[0]
        confidence, right = p.max(axis=1), p.argmax(axis=1) == targets
        share, mean = calibration_curve(right, confidence, n_bins=15)
        sizes, _ = np.histogram(confidence, np.linspace(0, 1, 16))
        expected = np.sum(sizes[sizes > 0] * np.abs(share - mean)) / len(targets)
        assert_close(seeds.calibration_error(p, targets), expected, rtol=1e-9)


def test_the_calibration_error_of_certain_and_right_is_zero(seeds):
    assert seeds.calibration_error(np.eye(10), np.arange(10)) == 0


def test_the_calibration_error_of_certain_and_wrong_is_one(seeds):
    assert seeds.calibration_error(np.eye(10), (np.arange(10) + 1) % 10) == 1
