"""Measuring classifiers: cells, curves, prevalence, costs, averages, batches.

References that the programs never call: enumeration in fractions, SciPy's Mann–Whitney
test and correlation, torchmetrics, and every model trained again by Newton's method,
SciPy's minimiser, or gradients in NumPy. The programs use scikit-learn and Keras.
"""

import re
from fractions import Fraction as Q
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from scipy.stats import mannwhitneyu, norm, pearsonr, rankdata
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedShuffleSplit
from torchmetrics.functional import classification as tm

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/faq/classification-metrics.md"
PRACTICE = ROOT / "snippets/faq/classification_metrics_practice_numpy.py"
TEN = [0.9, 0.8, 0.7, 0.6, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
TRUE = [1, 1, 0, 1, 0, 1, 0, 1, 0, 0]


@pytest.fixture
def hand(run_snippet):
    return run_snippet("faq/classification_metrics_hand_numpy")


@pytest.fixture
def scores(run_snippet):
    return run_snippet("faq/classification_metrics_scores_numpy")


@pytest.fixture
def prevalence(run_snippet):
    return run_snippet("faq/classification_metrics_prevalence_numpy")


@pytest.fixture
def cost(run_snippet):
    return run_snippet("faq/classification_metrics_cost_numpy")


@pytest.fixture
def average(run_snippet):
    return run_snippet("faq/classification_metrics_average_numpy")


@pytest.fixture
def by_torch(run_snippet):
    return run_snippet("faq/classification_metrics_stream_torch")


@pytest.fixture
def by_tf(run_snippet):
    return run_snippet("faq/classification_metrics_stream_tf")


def page():
    return PAGE.read_text(encoding="utf-8")


def fractions(text):
    """All numbers of a text as fractions: 4/5, 1, 0.25."""
    return [Q(x) for x in re.findall(r"\d+/\d+|\d+\.\d+|\d+", text)]


def cells(labels, scores, threshold):
    """How many are called and positive, called and not, left and positive, left."""
    pairs = [(s >= threshold, y) for y, s in zip(labels, scores, strict=True)]
    return [pairs.count(p) for p in [(True, 1), (True, 0), (False, 1), (False, 0)]]


def auc(labels, scores):
    labels, scores = np.asarray(labels), np.asarray(scores)
    won = mannwhitneyu(scores[labels == 1], scores[labels == 0]).statistic
    return won / (np.sum(labels == 1) * np.sum(labels == 0))


def average_precision(labels, scores, pi=None):
    """The mean, over the positives, of the precision once each of them is called.

    With ``pi`` the positives are that share of all.
    """
    sick = [s for y, s in zip(labels, scores, strict=True) if y == 1]
    well = [s for y, s in zip(labels, scores, strict=True) if y == 0]
    pi = Q(len(sick), len(labels)) if pi is None else pi
    each = []
    for s in sick:
        tp = pi * Q(sum(other >= s for other in sick), len(sick))
        fp = (1 - pi) * Q(sum(other >= s for other in well), len(well))
        each.append(tp / (tp + fp))
    return sum(each) / len(each)


# --- the ten cases by hand ----------------------------------------------------


def test_the_four_cells_of_ten_cases_are_those_of_counting(hand):
    printed = numbers(hand.printed_by["cells"])
    assert printed == [0.5, *cells(TRUE, TEN, 0.5)] == [0.5, 4, 2, 1, 3]


def test_the_rates_of_ten_cases_are_shares_of_lists(hand):
    sick = [s >= 0.5 for y, s in zip(TRUE, TEN, strict=True) if y]
    well = [s >= 0.5 for y, s in zip(TRUE, TEN, strict=True) if not y]
    called = [y for y, s in zip(TRUE, TEN, strict=True) if s >= 0.5]
    left = [y for y, s in zip(TRUE, TEN, strict=True) if s < 0.5]
    text = hand.printed_by["rates"]
    truth, verdict = line_of(text, "按真相分："), line_of(text, "按判断分：")
    assert fractions(truth) == [Q(sum(sick), 5), Q(well.count(False), 5)]
    assert fractions(verdict) == [Q(sum(called), len(called)), Q(left.count(0), 4)]
    assert re.findall(r"召回率|特异度", truth) == ["召回率", "特异度"]
    assert re.findall(r"精确率|阴性预测值", verdict) == ["精确率", "阴性预测值"]


def test_accuracy_f1_and_mcc_are_matches_overlap_and_correlation(hand):
    guess = [int(s >= 0.5) for s in TEN]
    line = line_of(hand.printed_by["rates"], "准确率 ")
    accuracy, f1 = fractions(line.partition("，MCC")[0].replace("F1", ""))
    assert accuracy == Q(sum(g == y for g, y in zip(guess, TRUE, strict=True)), 10)
    said, sick = ({i for i in range(10) if x[i]} for x in (guess, TRUE))
    assert f1 == Q(2 * len(said & sick), len(said) + len(sick))
    assert numbers(line)[-1] == round(pearsonr(guess, TRUE).statistic, 4)


def test_the_roc_of_ten_cases_goes_through_every_distinct_score(hand):
    *lines, last = hand.printed_by["roc"].splitlines()
    expected = []
    for t in sorted(set(TEN), reverse=True):
        tp, fp, *_ = cells(TRUE, TEN, t)
        expected.append([Q(str(t)), Q(fp, 5), Q(tp, 5)])
    assert [fractions(line) for line in lines] == expected
    assert all(re.fullmatch("阈值 .+：假阳率 .+，召回率 .+", line) for line in lines)
    area, shown = fractions(last)
    assert float(area) == pytest.approx(auc(TRUE, TEN), abs=1e-12)
    assert float(shown) == round(float(area), 3)
    assert hand.roc[0] == (0, 0)


def test_the_pairs_of_ten_cases_are_counted_one_by_one(hand):
    pairs = [
        (a, b)
        for a, y in zip(TEN, TRUE, strict=True)
        for b, z in zip(TEN, TRUE, strict=True)
        if y == 1 and z == 0
    ]
    above, tied = sum(a > b for a, b in pairs), sum(a == b for a, b in pairs)
    share = (above + Q(tied, 2)) / len(pairs)
    printed = numbers(hand.printed_by["pairs"])
    assert printed == [above, tied, len(pairs), float(share)] == [18, 1, 25, 0.74]


def test_the_average_precision_of_ten_cases_is_the_mean_over_the_positives(hand):
    printed, shown = fractions(line_of(hand.printed_by["pr"], "平均精确率 "))
    assert printed == average_precision(TRUE, TEN)
    assert float(shown) == round(float(printed), 4)
    tensors = torch.tensor(TEN, dtype=torch.float64), torch.tensor(TRUE)
    assert float(printed) == pytest.approx(
        float(tm.binary_average_precision(*tensors)), abs=1e-6
    )


def test_the_area_under_the_straight_pr_lines_is_integrated_from_the_curve(hand):
    tensors = torch.tensor(TEN, dtype=torch.float64), torch.tensor(TRUE)
    precision, recall, _ = tm.binary_precision_recall_curve(*tensors)
    area = -np.trapezoid(precision.numpy(), recall.numpy())
    exact, shown = fractions(line_of(hand.printed_by["pr"], "把 PR 的点连成折线"))
    assert float(exact) == pytest.approx(area, abs=1e-6)
    assert float(shown) == round(float(exact), 4)


def test_the_ten_cases_agree_with_the_library(hand):
    assert hand.printed_by["library"].splitlines() == [
        "八个数与 sklearn.metrics 相同： True",
        "ROC 的点与 roc_curve 相同： True",
    ]
    assert len(hand.pairs) == 8
    assert {float(a) for a, _ in hand.pairs} == {
        0.7, 0.6, 0.75, 8 / 11, hand.mcc, 0.74, 467 / 600, 6493 / 8400
    }  # fmt: skip


# --- real scores --------------------------------------------------------------


@cache
def patients():
    """Features, labels and the three groups, split as the page says, by another call.

    The scores of the two features are those of a ridge found by Newton's method.
    """
    data = load_breast_cancer()
    names = data.feature_names.tolist()
    columns = [names.index("mean texture"), names.index("mean compactness")]
    x, y = data.data[:, columns], 1 - data.target
    draw = StratifiedShuffleSplit(1, test_size=380, random_state=0)
    train, rest = next(draw.split(x, y))
    draw = StratifiedShuffleSplit(1, test_size=190, random_state=0)
    valid, test = (rest[part] for part in next(draw.split(x[rest], y[rest])))
    z = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
    design, theta = np.column_stack([np.ones(len(z)), z]), np.zeros(3)
    penalty = np.diag([0.0, 1.0, 1.0])
    for _ in range(30):
        p = 1 / (1 + np.exp(-design[train] @ theta))
        slope = design[train].T @ (p - y[train]) + penalty @ theta
        bend = design[train].T @ (design[train].T * p * (1 - p)).T + penalty
        theta -= np.linalg.solve(bend, slope)
    p = 1 / (1 + np.exp(-design @ theta))
    return SimpleNamespace(y=y, z=z, p=p, train=train, valid=valid, test=test)


def group(part="test", digits=3):
    """Labels and scores of one group, as lists."""
    known = patients()
    rows = getattr(known, part)
    p = known.p if digits is None else known.p.round(digits)
    return known.y[rows].tolist(), p[rows].tolist()


def test_the_groups_are_apart_and_of_one_prevalence(scores):
    known = patients()
    text = scores.printed_by["data"].splitlines()
    for line, part in zip(text, ("train", "valid", "test"), strict=True):
        rows = getattr(known, part)
        assert numbers(line) == [len(rows), sum(known.y[rows])]
        assert line[:2] == {"train": "训练", "valid": "验证", "test": "测试"}[part]
        assert sorted(getattr(scores, part)) == sorted(rows)
    groups = [set(getattr(scores, part)) for part in ("train", "valid", "test")]
    assert len(set.union(*groups)) == 569 == sum(map(len, groups))


def test_the_scores_are_those_of_a_ridge_by_newton_s_method(scores):
    known = patients()
    np.testing.assert_array_equal(scores.score, known.p.round(3))
    np.testing.assert_array_equal(scores.y, known.y)


def test_the_bands_of_scores_are_counted_one_by_one(scores):
    labels, p = group()
    lines = scores.printed_by["fit"].splitlines()
    assert len(lines) == 5
    for k, line in enumerate(lines):
        low, high = k / 5, (k + 1) / 5
        inside = [
            y
            for y, s in zip(labels, p, strict=True)
            if low <= s and (s < high or k == 4)
        ]
        assert numbers(line) == [low, high, inside.count(1), inside.count(0)]
        assert re.search("恶性 .* 例，良性 .* 例", line)


def table(text):
    """{threshold: its four cells and its four rates} of the printed table."""
    lines = text.splitlines()
    pairs = zip(lines[0:6:2], lines[1:6:2], strict=True)
    return {numbers(a)[0]: (a, b) for a, b in pairs}


@pytest.mark.parametrize("threshold", [0.5, 0.3, 0.1])
def test_the_table_of_a_threshold_is_that_of_counting(scores, threshold):
    first, second = table(scores.printed_by["table"])[threshold]
    tp, fp, fn, tn = cells(*group(), threshold)
    assert first == f"阈值 {threshold}：真阳 {tp}，假阳 {fp}，漏诊 {fn}，真阴 {tn}"
    rates = [(tp + tn) / 190, tp / (tp + fp), tp / (tp + fn)]
    rates.append(2 * tp / (2 * tp + fp + fn))
    names = ["准确率", "精确率", "召回率", "F1"]
    shown = [f"{n} {r:.3f}" for n, r in zip(names, rates, strict=True)]
    assert second.strip() == "，".join(shown)


def test_the_auc_and_the_average_precision_of_the_scores_need_no_threshold(scores):
    line = scores.printed_by["table"].splitlines()[-1]
    expected = [auc(*group()), float(average_precision(*group()))]
    assert line == "ROC-AUC {:.3f}，平均精确率 {:.3f}".format(*expected)


def curve(axis, number=0):
    return np.array(axis.lines[number].get_data(), dtype=float).T.tolist()


def drawn(axis):
    return {line.get_label(): line for line in axis.lines}


def near(point, points):
    return min(np.abs(np.array(points) - point).max(axis=1)) < 1e-9


def roc_and_pr(labels, scores, pi):
    """Corners of both curves: (false alarms, hits) and (hits, precision)."""
    roc, pr = [(0.0, 0.0)], [(0.0, 1.0)]
    for t in sorted(set(scores), reverse=True):
        tp, fp, fn, tn = cells(labels, scores, t)
        hits, alarms = tp / (tp + fn), fp / (fp + tn)
        roc.append((alarms, hits))
        pr.append((hits, pi * hits / (pi * hits + (1 - pi) * alarms)))
    return roc, pr


def test_the_figure_of_the_scores_draws_both_curves_and_three_thresholds(scores):
    roc, pr = roc_and_pr(*group(), 71 / 190)
    found = curve(scores.roc)
    assert all(near(point, roc) for point in found)
    assert found[0] == [0, 0] and found[-1] == [1, 1]
    assert np.trapezoid(*np.array(found).T[::-1]) == pytest.approx(auc(*group()))
    drawn_points = np.array(pr)[np.arange(len(pr) - 1, -1, -4)]
    np.testing.assert_allclose(curve(scores.pr), drawn_points)
    assert curve(scores.roc, 1) == [[0, 0], [1, 1]]  # by chance
    assert set(drawn(scores.pr)[scores.pr.lines[1].get_label()].get_ydata()) == {
        71 / 190
    }
    for axis, points in [(scores.roc, roc), (scores.pr, pr)]:
        for t, line in zip((0.5, 0.3, 0.1), axis.lines[2:], strict=True):
            index = sum(s >= t for s in set(group()[1]))
            ((a, b),) = np.array(line.get_data(), float).T.reshape(-1, 2)
            assert near((a, b), [points[index]])
    labels = [line.get_label() for line in scores.roc.lines]
    assert labels == ["模型", "随便打分", "阈值 0.5", "阈值 0.3", "阈值 0.1"]


# --- prevalence ---------------------------------------------------------------

RATES = {"37%": Q(71, 190), "10%": Q(1, 10), "1%": Q(1, 100)}


@pytest.mark.parametrize("name", RATES)
def test_of_a_thousand_people_the_alarms_follow_from_the_prevalence(prevalence, name):
    pi = RATES[name]
    tp, fp, fn, tn = cells(*group(), 0.5)
    hits, alarms = 1000 * pi * Q(tp, tp + fn), 1000 * (1 - pi) * Q(fp, fp + tn)
    line = line_of(prevalence.printed_by["bayes"], f"患病率 {name}：每 1000 人")
    shown = f"判对恶性 {float(hits):.1f} 人，误报 {float(alarms):.1f} 人，精确率 "
    assert line == shown + f"{float(hits / (hits + alarms)):.3f}"


@pytest.mark.parametrize("name", RATES)
def test_the_auc_does_not_see_the_prevalence_but_average_precision_does(
    prevalence, name
):
    ap = float(average_precision(*group(), RATES[name]))
    line = line_of(prevalence.printed_by["curves"], f"患病率 {name}：")
    assert line == f"AUC {auc(*group()):.3f}，平均精确率 {ap:.3f}"


@pytest.mark.parametrize("name", RATES)
def test_a_hundred_crowds_agree_with_another_count_of_the_same_draws(prevalence, name):
    labels, p = (np.array(x) for x in group())
    count = round(2000 * float(RATES[name]))
    found = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        sick, well = (
            np.array(p)[labels == c][rng.integers(0, np.sum(labels == c), n)]
            for c, n in [(1, count), (0, 2000 - count)]
        )
        ranks = rankdata(np.concatenate([sick, well]))[:count]
        area = (ranks.sum() - count * (count + 1) / 2) / (count * (2000 - count))
        above, alarms = (
            len(x) - np.searchsorted(np.sort(x), sick) for x in (sick, well)
        )
        called = np.sum(sick >= 0.5), np.sum(well >= 0.5)
        found.append((called[0] / sum(called), area, np.mean(above / (above + alarms))))
    (ppv, area, ap), areas = np.mean(found, axis=0), np.array(found)[:, 1]
    line = line_of(prevalence.printed_by["resample"], f"患病率 {name}，100 群人：")
    assert line == (
        f"精确率 {ppv:.3f}，AUC {area:.2f}（{areas.min():.2f} 到 {areas.max():.2f}），"
        f"平均精确率 {ap:.2f}"
    )


def test_a_new_prevalence_multiplies_the_odds(prevalence):
    def moved(p, old, new):
        odds = p / (1 - p) * (new / (1 - new)) / (old / (1 - old))
        return odds / (1 + odds)

    labels, p = (np.array(x) for x in group())
    p = np.clip(p, 0, 1 - 1e-12)
    old = patients().y[patients().train].mean()

    def mean(p):  # in a crowd of which one in a hundred is sick
        return 0.01 * p[labels == 1].mean() + 0.99 * p[labels == 0].mean()

    expected = [mean(p), mean(moved(p, old, 0.01))]
    expected += [moved(0.5, old, 0.01), moved(0.5, 0.01, old)]
    first, second = prevalence.printed_by["shift"].splitlines()
    assert first == "患病率 1% 的人群，得分的平均：{:.3f}，修正后：{:.3f}".format(
        *expected[:2]
    )
    assert second == (
        "原来的 0.5，修正后是 {:.3f}；修正后的 0.5，原来是 {:.3f}".format(*expected[2:])
    )


def test_the_figure_of_prevalence_has_one_roc_and_three_pr_curves(prevalence):
    rocs = [curve(prevalence.roc, i) for i in range(3)]
    for i, (name, pi) in enumerate(RATES.items()):
        roc, pr = roc_and_pr(*group(), float(pi))
        assert all(near(point, roc) for point in rocs[i])
        pr.reverse()
        np.testing.assert_allclose(curve(prevalence.pr, i), pr[::4])
        assert prevalence.roc.lines[i].get_label() == f"患病率 {name}"
    assert len(prevalence.roc.lines) == len(prevalence.pr.lines) == 3
    widths = [line.get_linewidth() for line in prevalence.roc.lines]
    assert widths[0] > 1.9 * max(widths[1:])  # else the overlap could not be seen


# --- costs --------------------------------------------------------------------

PRICES = [(1, 1), (1, 5), (1, 20), (5, 1)]


def bill(part, threshold, c_fp, c_fn):
    _, fp, fn, _ = cells(*group(part, None), threshold)
    return c_fp * fp + c_fn * fn


@pytest.mark.parametrize(("c_fp", "c_fn"), PRICES)
def test_the_threshold_of_the_prices_costs_what_counting_says(cost, c_fp, c_fn):
    line = line_of(cost.printed_by["cost"], f"误报 {c_fp}，漏诊 {c_fn}：")
    t = Q(c_fp, c_fp + c_fn)
    expected = bill("test", float(t), c_fp, c_fn), bill("test", 0.5, c_fp, c_fn)
    assert line == (
        f"阈值 {float(t):.3f} 在测试集的代价 {expected[0]}，0.5 的 {expected[1]}"
    )


def cheapest(c_fp, c_fn):
    """The lowest of the cheapest thresholds on the validation group, and its cost."""
    found = [(bill("valid", t, c_fp, c_fn), t) for t in group("valid", None)[1]]
    return min(found)


@pytest.mark.parametrize(("c_fp", "c_fn"), PRICES)
def test_the_chosen_threshold_is_the_cheapest_of_the_validation_group(cost, c_fp, c_fn):
    least, t = cheapest(c_fp, c_fn)
    line = line_of(cost.printed_by["choose"], f"误报 {c_fp}，漏诊 {c_fn}：")
    there = bill("test", t - 1e-9, c_fp, c_fn)
    assert line == f"验证集上最省的阈值 {t:.3f}，验证集 {least}，测试集 {there}"


def test_the_threshold_of_f1_is_found_by_trying_all_and_knows_no_price(cost):
    def f1(t):
        tp, fp, fn, _ = cells(*group("valid", None), t)
        return Q(2 * tp, 2 * tp + fp + fn)

    best = max(f1(t) for t in group("valid", None)[1])
    t = min(t for t in group("valid", None)[1] if f1(t) == best)
    first, *rest = cost.printed_by["f1"].splitlines()
    assert first == f"验证集上 F1 最高的阈值 {t:.3f}，F1 {float(best):.3f}"
    assert rest == [
        f"误报 1，漏诊 {c}：用它，测试集的代价 {bill('test', t - 1e-9, 1, c)}"
        for c in (5, 20)
    ]


def test_the_chosen_threshold_agrees_with_the_library(cost):
    assert cost.printed_by["library"] == (
        "选出的阈值与 TunedThresholdClassifierCV 相同： True\n"
    )
    assert cost.ours == pytest.approx(cheapest(1, 5)[1], abs=1e-8)


def test_the_figure_of_costs_is_that_of_counting(cost):
    lines = drawn(cost.axis)
    for name, part in [("验证集", "valid"), ("测试集", "test")]:
        x, y = lines[name].get_data()
        np.testing.assert_allclose(x, np.arange(50) / 50 + 0.01)
        assert list(y) == [bill(part, t, 1, 5) for t in x]
    for name, t in [("1/6", 1 / 6), ("0.5", 0.5)]:
        (x,), (y,) = (np.ravel(v) for v in lines[f"阈值 {name}"].get_data())
        assert (x, y) == (t, bill("test", t, 1, 5))
    assert cost.axis.get_ylim()[0] == 0
    assert cost.axis.get_title(loc="left") == "总代价：误报 1，漏诊 5"


@pytest.mark.parametrize("name", ["scores", "prevalence", "cost"])
def test_the_figures_fit_a_phone(request, name):
    figure = request.getfixturevalue(name).figure
    width, height = figure.get_size_inches()
    assert 3 < width <= 3.6 and width / 2 < height <= 2 * width
    for axis in figure.axes:
        (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
        assert -0.06 < left < 0 and 1 < right < 1.06  # all of 0 to 1, little more
        assert name == "cost" or (-0.03 < low < 0 and 1.02 < high < 1.1)
        ticks = list(axis.get_xticks())
        assert ticks in ([0, 0.5, 1], [0, 0.25, 0.5, 0.75, 1])
        assert name == "cost" or list(axis.get_yticks()) == [0, 0.5, 1]


# --- averages -----------------------------------------------------------------

NAMES = ["猫", "狗", "鸟"]
SAID = {"猫": "猫猫猫猫猫狗", "狗": "猫狗狗狗", "鸟": "猫鸟"}
ANIMALS = [(true, said) for true in NAMES for said in SAID[true]]


def one_class(name):
    """Precision, recall, F1 of one class, by listing."""
    said = [t for t, g in ANIMALS if g == name]
    true = [g for t, g in ANIMALS if t == name]
    p, r = Q(said.count(name), len(said)), Q(true.count(name), len(true))
    return p, r, 2 * p * r / (p + r)


def test_each_class_is_measured_as_the_positive_one(average):
    for name in NAMES:
        line = line_of(average.printed_by["matrix"], f"{name}：")
        assert line == "精确率 {}，召回率 {}，F1 {}".format(*one_class(name))


def tensors():
    codes = [[NAMES.index(x) for x in column] for column in zip(*ANIMALS, strict=True)]
    return torch.tensor(codes[1]), torch.tensor(codes[0]), 3  # said, true


def test_the_macro_averages_are_those_of_torchmetrics(average):
    text = average.printed_by["averages"]
    p, r, f1 = (
        float(f(*tensors(), average="macro"))
        for f in (tm.multiclass_precision, tm.multiclass_recall, tm.multiclass_f1_score)
    )
    assert line_of(text, "宏平均：") == f"精确率 {p:.4f}，召回率 {r:.4f}，F1 {f1:.4f}"
    other = after(text, "宏平均的精确率与召回率再合成 F1：")
    assert other == [round(2 * p * r / (p + r), 4)]
    weighted = float(tm.multiclass_f1_score(*tensors(), average="weighted"))
    assert line_of(text, "按例数加权：") == f"F1 {weighted:.4f}"


def test_the_micro_average_of_classes_is_the_accuracy(average):
    right = Q(sum(t == g for t, g in ANIMALS), len(ANIMALS))
    assert line_of(average.printed_by["averages"], "微平均：") == (
        f"精确率 {right}，召回率 {right}，F1 {right}"
    )
    wrong = sum(t != g for t, g in ANIMALS)
    first, second = average.printed_by["micro"].splitlines()
    assert first == (
        f"三类合计：真阳 {12 - wrong}，假阳 {wrong}，漏掉 {wrong}；"
        f"判错的共 {wrong} 例，准确率 {right}"
    )
    said = [(t, g) for t, g in ANIMALS if g != "猫"]
    true = [(t, g) for t, g in ANIMALS if t != "猫"]
    p, r = (Q(sum(t == g for t, g in x), len(x)) for x in (said, true))
    assert second.split("：")[1] == (
        f"精确率 {p}，召回率 {r}，F1 {2 * p * r / (p + r)}"
    )
    assert p != r


@cache
def digits():
    """Test labels and guesses of a ridge softmax found by SciPy, few eights kept."""
    x, y = load_digits(return_X_y=True)
    eights = np.flatnonzero(y == 8)
    kept = np.setdiff1d(np.arange(len(y)), eights[20:])
    x, y = x[kept] / 16, y[kept]
    draw = StratifiedShuffleSplit(1, test_size=0.5, random_state=0)
    train, test = next(draw.split(x, y))
    design = np.column_stack([x, np.ones(len(x))])
    hot = np.eye(10)[y[train]]

    def loss(flat):
        W = flat.reshape(65, 10)
        z = design[train] @ W
        z -= z.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        slope = 0.1 * design[train].T @ (np.exp(log_p) - hot)
        slope[:64] += W[:64]
        return -0.1 * (log_p * hot).sum() + (W[:64] ** 2).sum() / 2, slope.ravel()

    found = minimize(loss, np.zeros(650), jac=True, method="L-BFGS-B", tol=1e-12)
    guess = (design[test] @ found.x.reshape(65, 10)).argmax(axis=1)
    return torch.tensor(y[test]), torch.tensor(guess)


def test_a_class_that_is_never_found_shows_in_the_macro_average_alone(average):
    true, guess = digits()
    lines = average.printed_by["rare"].splitlines()
    eights, found = (true == 8).sum(), ((true == 8) & (guess == 8)).sum()
    assert lines[0] == f"测试 {len(true)} 张，其中 8 有 {eights} 张；认出 {found} 张"
    others = [((guess == c) & (true == c)).sum() / (true == c).sum() for c in range(10)]
    del others[8]
    assert lines[1] == f"其他九类，召回率最低的 {float(min(others)):.2f}"
    for line, kind in zip(lines[2:], ("micro", "weighted", "macro"), strict=True):
        f1 = float(tm.multiclass_f1_score(guess, true, 10, average=kind))
        assert line == f"{kind} F1：{f1:.3f}"


def test_photographs_with_several_labels_are_compared_as_sets(average):
    names = "人车树"
    true = ["人车", "人", "车树", "", "人树"]
    said = ["人", "人", "人车", "", "人"]
    for matrix, sets in [(average.Y, true), (average.G, said)]:
        assert [[int(n in s) for n in names] for s in sets] == matrix.tolist()
    pairs = [(set(a), set(b)) for a, b in zip(true, said, strict=True)]
    wrong = Q(sum(len(a ^ b) for a, b in pairs), 15)
    whole = Q(sum(a == b for a, b in pairs), 5)
    first, second = average.printed_by["multilabel"].splitlines()
    assert first == (
        f"整张全对的比例 {whole}，格子的准确率 {1 - wrong}，汉明损失 {wrong}"
    )
    hits = sum(len(a & b) for a, b in pairs)
    p, r = (Q(hits, sum(map(len, column))) for column in (said, true))
    assert second == f"微平均：精确率 {p}，召回率 {r}，F1 {2 * p * r / (p + r)}"


def test_the_averages_agree_with_the_library(average):
    said = average.printed_by["library"]
    assert said == "八个数与 sklearn.metrics 相同： True\n"
    assert len(average.pairs) == 8
    macro = np.mean([[float(x) for x in one_class(n)] for n in NAMES], axis=0)
    weighted = sum(len(SAID[n]) * float(one_class(n)[2]) for n in NAMES) / 12
    expected = [0.75, macro[2], weighted, macro[1], 8 / 11, 2 / 5, 4 / 15, 2 / 3]
    for values in zip(*average.pairs, strict=True):
        np.testing.assert_allclose(np.array(values, float), expected)


# --- in batches ---------------------------------------------------------------


@cache
def network():
    """Test labels and chances of the small network, its gradients by hand."""
    known = patients()
    rng = np.random.default_rng(0)
    W1, W2 = rng.normal(size=(2, 8)), rng.normal(size=(8, 1)) / 8
    b1, b2 = np.zeros(8), np.zeros(1)
    z, y = known.z[known.train], known.y[known.train][:, None]
    for _ in range(100):
        h = np.tanh(z @ W1 + b1)
        error = (1 / (1 + np.exp(-h @ W2 - b2)) - y) / len(y)
        back = error @ W2.T * (1 - h**2)
        W2 = W2 - 0.5 * h.T @ error
        b2 = b2 - 0.5 * error.sum(axis=0)
        W1 = W1 - 0.5 * z.T @ back
        b1 = b1 - 0.5 * back.sum(axis=0)
    h = np.tanh(known.z[known.test] @ W1 + b1)
    p = 1 / (1 + np.exp(-h @ W2 - b2))
    return known.y[known.test], p.ravel()


@pytest.fixture(params=["by_torch", "by_tf"])
def stream(request):
    return request.getfixturevalue(request.param)


def shares(size):
    """Per batch: precision (0 if nobody is called), AUC (None for one class)."""
    y, p = network()
    found = []
    for i in range(0, len(y), size):
        truth, chance = y[i : i + size], p[i : i + size]
        called = truth[chance >= 0.5]
        both = 0 < truth.mean() < 1
        found.append(
            (
                called.mean() if len(called) else 0.0,
                auc(truth, chance) if both else None,
            )
        )
    return found


def test_the_network_is_that_of_gradients_by_hand(stream):
    p = np.asarray(stream.p).ravel()
    np.testing.assert_allclose(p, network()[1], atol=1e-9)
    np.testing.assert_array_equal(np.asarray(stream.truth).ravel(), network()[0])


@pytest.mark.parametrize("size", [4, 8])
def test_the_mean_over_batches_is_another_number_for_another_size(stream, size):
    found = shares(size)
    areas = [area for _, area in found if area is not None]
    precision = np.mean([share for share, _ in found])
    line = line_of(stream.printed_by["batches"], f"每批 {size} 例，")
    assert line == (
        f"{len(found)} 批，平均：精确率 {precision:.3f}，AUC {np.mean(areas):.3f}"
        f"（{len(found) - len(areas)} 批没有）"
    )


def test_the_counts_of_all_batches_give_the_precision_of_the_whole(stream):
    tp, fp, *_ = cells(*network(), 0.5)
    assert stream.printed_by["whole"] == (
        f"合起来：精确率 {tp}/{tp + fp} = {tp / (tp + fp):.3f}，"
        f"AUC {auc(*network()):.3f}\n"
    )


def test_equal_steps_of_the_threshold_lose_scores_that_are_crowded(stream):
    y, p = (torch.tensor(x) for x in network())
    lines = stream.printed_by["thresholds"].splitlines()
    for line, divisor in zip(lines, (1, 100), strict=True):
        binned = [
            float(tm.binary_auroc(p / divisor, y, thresholds=n)) for n in (200, 5000)
        ]
        assert line == (
            f"得分除以 {divisor}：数对子 {auc(*network()):.4f}，"
            "200 个阈值 {:.4f}，5000 个阈值 {:.4f}".format(*binned)
        )


def test_keras_averages_a_function_and_accumulates_a_metric(by_tf):
    tp, fp, *_ = cells(*network(), 0.5)
    for size in (4, 8):
        mean = np.mean([share for share, _ in shares(size)])
        line = line_of(by_tf.printed_by["keras-compile"], f"每批 {size} 例，evaluate：")
        assert line == (
            f"自己写的函数 {mean:.3f}，keras.metrics.Precision {tp / (tp + fp):.3f}"
        )


# --- what the page says and draws ---------------------------------------------


def source(name):
    path = ROOT / f"docs/assets/figures/classification-metrics-{name}.svg"
    return path.read_text(encoding="utf-8")


def texts(name):
    return re.findall(r"<text[^>]*>([^<]*)</text>", source(name))


def polygon(path):
    """The corners of a path that names both coordinates of each."""
    return np.array(re.findall(r"([\d.]+) ([\d.]+)", path), float)


def covered(corners):
    """The area of a polygon."""
    x, y = corners.T
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


@pytest.mark.parametrize("name", ["matrix-truth", "matrix-verdict"])
def test_the_matrix_is_drawn_in_proportion(name):
    tp, fp, fn, tn = cells(TRUE, TEN, 0.5)
    shown = dict(x.split() for x in texts(name) if re.match("真阳|漏诊|假阳|真阴", x))
    expected = {"真阳": tp, "假阳": fp, "漏诊": fn, "真阴": tn}
    assert {key: int(value) for key, value in shown.items()} == expected
    sides = re.findall(r'<rect[^>]* width="([\d.]+)" height="([\d.]+)"', source(name))
    areas = sorted(float(a) * float(b) for a, b in sides)
    unit = sum(areas) / 10
    assert [round(a / unit, 6) for a in areas] == [1, 2, 3, 4]


def test_the_pairs_are_drawn_each_with_its_share():
    sick = [s for s, y in zip(TEN, TRUE, strict=True) if y]
    well = [s for s, y in zip(TEN, TRUE, strict=True) if not y]
    found = texts("pairs")
    start = found.index(f"{well[0]}")
    assert found[start : start + 5] == [str(s) for s in well]
    rows = iter(found[start + 5 :])
    for a in sick:
        assert next(rows) == str(a)
        assert [next(rows) for _ in well] == [
            "1" if a > b else "½" if a == b else "0" for b in well
        ]


def test_the_film_of_the_roc_ends_with_the_corners_of_the_ten_cases():
    corners, _ = roc_and_pr(TRUE, TEN, 0.5)
    for step, length in enumerate([4, 5, 8, 10], start=1):
        paths = re.findall(r'<path d="(M[\d. ]+)" fill="none"', source(f"roc-{step}"))
        walked = np.concatenate([polygon(path) for path in paths])
        walked = np.array(list(dict.fromkeys(map(tuple, walked))))
        scaled = (walked - [70, 180]) / [200, -150]
        np.testing.assert_allclose(scaled, corners[:length], atol=1e-9)


def test_the_rectangles_and_the_line_of_pr_are_those_of_the_ten_cases():
    _, pr = roc_and_pr(TRUE, TEN, 0.5)
    (path,) = re.findall(r'<path d="([\d.M ]+)" fill="none"', source("pr"))
    drawn_points = (polygon(path) - [44, 180]) / [250, -150]
    np.testing.assert_allclose(drawn_points, pr, atol=5e-4)
    heights = re.findall(r'<rect[^>]* height="([\d.]+)"', source("pr"))
    area = sum(float(h) / 150 for h in heights) / 5
    assert area == pytest.approx(float(average_precision(TRUE, TEN)))


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_the_rates_under_the_two_humps_are_tails_of_normal_curves(step):
    (at,) = re.findall(r'<path d="M([\d.]+) 38V140"', source(f"humps-{step}"))
    hits, alarms = (norm.sf((float(at) - mean) * 1.5 / 52) for mean in (176, 124))
    assert f"召回率 {hits:.2f}，假阳率 {alarms:.2f}" in texts(f"humps-{step}")
    told = [
        ("几乎没有误报，漏诊近八成", 1 - hits, 0.8),
        (f"召回率升到 {hits:.2f}，误报一成", alarms, 0.1),
        ("漏诊少了，误报到三成", alarms, 0.3),
        ("几乎不漏，误报近七成", alarms, 0.7),
    ]
    words, share, tenths = told[step - 1]
    assert f"{words}。</p>" in page() and round(share, 1) == tenths


@pytest.mark.parametrize(("name", "pi"), [("37", Q(71, 190)), ("1", Q(1, 100))])
def test_the_thousand_people_are_drawn_one_by_one(name, pi):
    tp, fp, fn, tn = cells(*group(), 0.5)
    exact = {"漏诊": pi * Q(fn, 71), "真阳": pi * Q(tp, 71)}
    exact |= {"误报": (1 - pi) * Q(fp, 119), "真阴": (1 - pi) * Q(tn, 119)}
    labels = [x for x in texts(f"thousand-{name}") if re.fullmatch(r"\S\S \d+", x)]
    shown = {key: int(n) for key, n in map(str.split, labels)}
    assert list(shown) == list(exact) and sum(shown.values()) == 1000
    assert all(abs(shown[key] - 1000 * share) < 1 for key, share in exact.items())
    areas = re.findall(r'<path d="([^"]*z)"', source(f"thousand-{name}"))
    people = [covered(polygon(path)) / 7.5**2 for path in areas]
    np.testing.assert_allclose(people, list(shown.values()), atol=0.01)


@pytest.mark.parametrize("name", ["average-cat", "average-micro"])
def test_the_animals_are_drawn_in_their_matrix(name):
    matrix = [[ANIMALS.count((t, g)) for g in NAMES] for t in NAMES]
    digits = [int(x) for x in texts(name) if x.isdigit()]
    assert np.reshape(digits, (3, 3)).tolist() == matrix


def test_the_drawn_batches_average_to_another_share():
    shown = texts("batches")
    counts = [(1, 1), (2, 4), (0, 0)]
    mean = sum(Q(a, b) if b else Q(0) for a, b in counts) / 3
    whole = Q(sum(a for a, _ in counts), sum(b for _, b in counts))
    assert f"(1 + 0.5 + 0) / 3 = {float(mean)}" in shown
    assert f"(1 + 2 + 0) / (1 + 4 + 0) = {float(whole)}" in shown
    assert source("batches").count("<rect") == sum(b for _, b in counts)


def test_one_score_for_all_shows_what_the_trapezoid_does():
    labels, p = torch.tensor([1] + [0] * 99), torch.full((100,), 0.5)
    precision, recall, _ = tm.binary_precision_recall_curve(p, labels)
    area = -np.trapezoid(precision.numpy(), recall.numpy())
    assert round(float(area), 3) == 0.505
    assert float(tm.binary_average_precision(p, labels)) == pytest.approx(0.01)
    assert r"(1+0.01)/2\approx0.505" in page()


def test_a_cut_score_has_the_auc_of_two_shares():
    cut = [int(s >= 0.5) for s in TEN]
    assert auc(TRUE, cut) == pytest.approx(0.7)
    assert "$(0.8+0.6)/2=0.7$" in page()


def test_of_two_hundred_thresholds_one_alone_parts_the_crowded_scores():
    _, p = network()
    t = np.linspace(0, 1, 200)
    inside = t[(t > p.min() / 100) & (t < p.max() / 100)]
    np.testing.assert_allclose(inside, [0.005], atol=5e-5)
    assert "只有一个（约 0.005）" in page()


def test_the_answer_of_the_first_exercise_is_that_of_counting():
    labels = [0 if s == 0.3 else y for s, y in zip(TEN, TRUE, strict=True)]
    assert cells(labels, TEN, 0.5) == [4, 2, 0, 4]
    assert auc(labels, TEN) == pytest.approx(20.5 / 24)
    assert "真阳 4，假阳 2，漏诊 0，真阴 4" in page()
    assert rf"$20.5/24\approx{20.5 / 24:.3f}$" in page()


def test_the_answer_of_the_second_exercise_is_that_of_a_thousand_people():
    sick, well = 1000 * Q("0.005"), 1000 * Q("0.995")
    hits, alarms = sick * Q("0.9"), well * Q("0.05")
    share = float(hits / (hits + alarms))
    assert rf"$4.5/{float(hits + alarms)}\approx{share:.3f}$" in page()
    assert f"特异度至少约 {float(1 - hits / well):.4f}" in page()


def test_the_answer_of_the_third_exercise_divides_by_chance():
    assert f"甲是乱猜的 {0.8 / 0.4:.0f} 倍，乙是 {0.45 / 0.05:.0f} 倍" in page()


def test_the_page_says_what_the_programs_print(scores, prevalence, cost, average):
    text = page()
    ppv, aucs = ({}, {})
    for name in RATES:
        *_, ppv[name] = after(
            prevalence.printed_by["bayes"], f"患病率 {name}：每 1000 人"
        )
        aucs[name], _ = after(prevalence.printed_by["curves"], f"患病率 {name}：")
    assert len(set(aucs.values())) == 1
    assert (
        f"AUC 还是 {aucs['1%']}，精确率从 {ppv['37%']:.2f} 掉到 {ppv['1%']:.2f}" in text
    )
    crowd = prevalence.printed_by["resample"].splitlines()[-1]
    low, high = re.search("（(.*) 到 (.*)）", crowd).groups()
    assert re.search(f"AUC [^。]* {low} .{{1,5}} {high}", text)
    bills = cost.printed_by["cost"].splitlines()
    costs = [numbers(line)[3:] for line in bills]
    ours, half = costs[1][0], costs[1][-1]
    assert f"阈值 0.167 的代价是 {ours:.0f}，0.5 是 {half:.0f}；" in text
    assert f"贵二十倍，是 {costs[2][0]:.0f} 对 {costs[2][-1]:.0f}" in text
    micro, _, macro = average.printed_by["rare"].splitlines()[2:]
    assert f"微平均仍有 {numbers(micro)[-1]}，宏平均降到 {numbers(macro)[-1]}" in text
    rows = table(scores.printed_by["table"])
    assert (
        "漏诊从 {:.0f} 例减到 {:.0f} 例，误报从 {:.0f} 例增到 {:.0f} 例".format(
            *(numbers(rows[t][0])[k] for k in (3, 2) for t in (0.5, 0.1))
        )
        in text
    )


# --- the sentences of the page, each from the reference, none from a program -----


def missing(*sentences):
    """Those of the sentences that do not stand on the page."""
    text = page()
    return [s for s in sentences if s not in text]


def test_the_page_counts_the_ten_cases_as_they_are():
    tp, fp, fn, tn = cells(TRUE, TEN, 0.5)
    guess = [int(s >= 0.5) for s in TEN]
    unsaid = missing(
        f"真阳（TP）{tp}，假阳（FP，误报）{fp}。",
        f"假阴（FN，漏诊）{fn}，真阴（TN）{tn}。",
        f"召回率（recall）是 ${tp}/{tp + fn}$",
        f"特异度（specificity）是 ${tn}/{tn + fp}$",
        f"精确率（precision）是 ${tp}/{tp + fp}$",
        f"阴性预测值（NPV）是 ${tn}/{tn + fn}$",
        rf"\frac{{{2 * tp}}}{{{2 * tp}+{fp}+{fn}}}="
        rf"\frac{{{2 * tp}}}{{{2 * tp + fp + fn}}}",
        f"这里是 {pearsonr(guess, TRUE).statistic:.2f}。",
    )
    assert unsaid == []


def test_the_page_walks_both_curves_of_the_ten_cases():
    steps = [cells(TRUE, TEN, t)[:2] for t in sorted(set(TEN), reverse=True)]
    share = [f"{tp}/{tp + fp}" if fp else "1" for tp, fp in steps]
    rises = [
        x
        for x, (a, b) in zip(
            share, zip([(0, 0), *steps], steps, strict=False), strict=True
        )
        if b[0] > a[0]
    ]
    ap = average_precision(TRUE, TEN)
    _, pr = roc_and_pr(TRUE, TEN, 0.5)
    lines = np.trapezoid(*np.array(pr).T[::-1])
    unsaid = missing(
        f"25 格里有 {25 * auc(TRUE, TEN):g} 格在曲线下",
        f"就是 AUC（area under the curve），{auc(TRUE, TEN):g}。",
        f"精确率依次是 {'、'.join(share)}。",
        f"那时的精确率是 {'、'.join(rises)}，平均是 ${ap}\\approx{float(ap):.3f}$",
        f"上面两行正是这两个数，{float(ap):.4f} 与 {lines:.4f}。",
    )
    assert unsaid == []


def test_the_page_reads_the_real_scores_and_their_prevalence_rightly():
    labels, p = group()
    pairs = list(zip(labels, p, strict=True))
    tp, fp, fn, tn = cells(labels, p, 0.5)
    alarm, change = fp / (fp + tn), 0.01 / 0.99 * 119 / 70  # of the odds
    aps = [float(average_precision(labels, p, RATES[name])) for name in ("37%", "1%")]
    sick, score = np.array(labels) == 1, np.array(p)
    moved = score * change / (score * change + 1 - score)
    before, then = (
        0.01 * x[sick].mean() + 0.99 * x[~sick].mean() for x in (score, moved)
    )
    unsaid = missing(
        f"得分在 0.8 以上的，有 {sum(s >= 0.8 and not y for y, s in pairs)} 例是良性；"
        f"0.2 以下的，有 {sum(s < 0.2 and y for y, s in pairs)} 例是恶性",
        rf"$R={tp}/{tp + fn}\approx{tp / (tp + fn):.3f}$，"
        rf"$F={fp}/{fp + tn}\approx{alarm:.3f}$",
        f"病人只有 10 个，找到 {10 * tp / (tp + fn):.0f} 个；"
        f"没有病的有 990 个，误报 {alarm:.0%}，就是 {990 * alarm:.0f} 个",
        f"AUC 三次都是 {auc(labels, p):.3f}，"
        "平均精确率从 {:.3f} 降到 {:.3f}。".format(*aps),
        f"原来的概率平均是 {before:.3f}，好像两成多的人有病；修正后是 {then:.3f}。",
        f"原来说 0.5 的，其实只有 {change / (1 + change):.3f}。",
        f"正类的比例 {71 / 190:.2f}。",
    )
    assert unsaid == []


def test_the_page_compares_costs_as_they_are():
    """The formula beside the chosen threshold, on both groups; F1's knows no price."""
    chosen = {prices: cheapest(*prices) for prices in PRICES}
    formula = {(a, b): a / (a + b) for a, b in PRICES}
    pairs = [
        (bill("test", formula[x], *x), bill("test", chosen[x][1] - 1e-9, *x))
        for x in PRICES
    ]
    assert (
        missing("互有胜负，" + "，".join(f"{a} 对 {b}" for a, b in pairs) + "。") == []
    )
    assert {a < b for a, b in pairs} == {True, False}
    assert all(b > chosen[x][0] for x, (_, b) in zip(PRICES, pairs, strict=True))
    easier = [bill("valid", t, *x) < bill("test", t, *x) for x, t in formula.items()]
    assert easier.count(True) == 3
    assert (
        missing("四行里测试集的代价都比验证集高。", "四行里仍有三行是它的代价低。")
        == []
    )

    def f1(t):
        tp, fp, fn, _ = cells(*group("valid", None), t)
        return Q(2 * tp, 2 * tp + fp + fn)

    t = max(group("valid", None)[1], key=f1)
    five, twenty = (bill("test", t - 1e-9, 1, c) for c in (5, 20))
    ours = [pairs[i][0] for i in (1, 2)]
    unsaid = missing(
        f"F1 最高的阈值只有一个，{t:.3f}。",
        f"代价是 {five} 与 {twenty}，比公式的 {ours[0]} 与 {ours[1]} 高。",
    )
    assert unsaid == []
    assert five > ours[0] and twenty > ours[1]


def test_the_page_averages_classes_and_labels_as_they_are():
    p, r, f1 = (np.mean([float(one_class(n)[i]) for n in NAMES]) for i in range(3))
    unsaid = missing(
        f"再平均，是 {f1:.4f}；",
        f"再合成 F1，是 {2 * p * r / (p + r):.4f}。",
        f"猫：真阳 {ANIMALS.count(('猫', '猫'))}，",
        "猫这一列的其余，$"
        + "+".join(str(ANIMALS.count((n, "猫"))) for n in ("狗", "鸟"))
        + "=2$",
        f"猫这一行的其余，{sum(t == '猫' != g for t, g in ANIMALS)}。",
        "整张全对只有 $2/5$，格子的准确率是 $11/15$，微平均 F1 是 $2/3$",
    )
    assert unsaid == []
    true, guess = digits()
    recalls = [float((guess[true == c] == c).double().mean()) for c in range(10)]
    assert recalls[8] == 0
    lowest = f"{min(recalls[:8] + recalls[9:]):.2f}"
    assert (
        missing(f"召回率都不低于 {lowest}", f"这十张只占 {len(true)} 张的百分之一多")
        == []
    )
    assert min(recalls[:8] + recalls[9:]) >= float(lowest)


def test_the_page_reads_the_batches_rightly():
    four, eight = (shares(size) for size in (4, 8))
    means = [np.mean([share for share, _ in found]) for found in (four, eight)]
    y, p = (torch.tensor(x) for x in network())
    exact = auc(*network())
    far, even = (float(tm.binary_auroc(p / d, y, thresholds=200)) for d in (100, 1))
    tp, fp, *_ = cells(*network(), 0.5)
    unsaid = missing(
        "精确率就从 {:.3f} 变成 {:.3f}；".format(*means),
        f"有 {sum(area is None for _, area in four)} 批只有一类",
        f"得分散开时只差 {exact - even:.4f}。",
        f"AUC 掉到 {far:.4f}。",
        f"对象的两次都是 {tp / (tp + fp):.3f}。",
    )
    assert unsaid == []


# --- practice: faq/classification_metrics_practice_numpy ----------------------

SOLUTION = """
def roc_auc(y, score):
    order = np.argsort(-score, kind="stable")
    y, score = y[order], score[order]
    last = np.append(score[1:] != score[:-1], True)
    tpr = np.append(0, np.cumsum(y)[last] / np.sum(y))
    fpr = np.append(0, np.cumsum(1 - y)[last] / np.sum(1 - y))
    return float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))
"""
PAIRS = """
def roc_auc(y, score):
    positive, negative = score[y == 1], score[y == 0]
    gap = positive[:, None] - negative
    return float(np.mean((gap > 0) + 0.5 * (gap == 0)))
"""
TIES_WON = ("(gap > 0) + 0.5 * (gap == 0)", "gap >= 0")
WRONG_PAIRS = [
    TIES_WON,
    ("(gap > 0) + 0.5 * (gap == 0)", "gap > 0"),
    ("0.5 * (gap == 0)", "(gap == 0)"),
    ("gap > 0", "gap < 0"),
    ("y == 1], score[y == 0]", "y == 0], score[y == 1]"),
    ("return float(np.mean(", "return float(np.sum("),
    (
        "return float(np.mean((gap > 0) + 0.5 * (gap == 0)))",
        "area = float(np.mean((gap > 0) + 0.5 * (gap == 0)))\n"
        "    return max(area, 1 - area)",
    ),
    (
        "    gap =",
        "    if np.ptp(score) == 0:\n        return 0.0\n    gap =",
    ),
    ("score[y == 1], score[y == 0]", "score[y == 1].round(2), score[y == 0].round(2)"),
    ("score[y == 1], score[y == 0]", "np.clip(score[y == 1], 0, 1), score[y == 0]"),
    (
        "    positive,",
        "    score = 1 / (1 + np.exp(-score.round()))\n    positive,",
    ),
    (
        "    gap =",
        "    positive, negative = set(positive), set(negative)\n"
        "    positive, negative = np.array([*positive]), np.array([*negative])\n"
        "    gap =",
    ),
    (
        "    gap =",
        "    n = min(len(positive), len(negative))\n"
        "    positive, negative = positive[:n], negative[:n]\n    gap =",
    ),
    ("positive[:, None] - negative", "positive - negative[: len(positive)]"),
]
WRONG = [
    ("np.argsort(-score, kind", "np.argsort(score, kind"),
    ('order = np.argsort(-score, kind="stable")', "order = np.arange(len(y))"),
    ("np.append(score[1:] != score[:-1], True)", "np.ones(len(y), bool)"),
    ("(tpr[1:] + tpr[:-1]) / 2", "tpr[1:]"),
    ("(tpr[1:] + tpr[:-1]) / 2", "tpr[:-1]"),
    ("np.cumsum(1 - y)[last] / np.sum(1 - y)", "np.cumsum(1 - y)[last] / len(y)"),
    ("y, score = y[order], score[order]", "score = score[order]"),
    ("y, score = y[order], score[order]", "y[:], score[:] = y[order], score[order]"),
    ("tpr = np.append(0, ", "tpr = np.append(1, "),
    (
        "return float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))",
        "return float(np.mean(tpr))",
    ),
    (
        "    return float",
        "    t = np.linspace(0, 1, 200)[:, None]\n"
        "    tpr = (score[y == 1] > t).mean(axis=1)\n"
        "    fpr = (score[y == 0] > t).mean(axis=1)\n"
        "    return -float",
    ),
    (
        "    return float",
        "    t = np.linspace(score.max(), score.min(), 1001)[:, None]\n"
        "    tpr = np.append(0, (score[y == 1] >= t).mean(axis=1))\n"
        "    fpr = np.append(0, (score[y == 0] >= t).mean(axis=1))\n"
        "    return float",
    ),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_the_area_of_scipy_and_of_the_library(case):
    _, given, area, _ = case
    assert auc(**{"labels": given["y"], "scores": given["score"]}) == pytest.approx(
        area, abs=6e-7
    )
    assert roc_auc_score(given["y"], given["score"]) == pytest.approx(area, abs=6e-7)


def test_the_first_case_of_the_practice_is_the_page_s_ten():
    given = practice.values(PRACTICE)["CASES"][0][1]
    assert given["y"].tolist() == TRUE and given["score"].tolist() == TEN


def test_nothing_is_given_with_the_practice():
    text = practice.filled(
        PRACTICE, "def roc_auc(y, score):\n    raise NotImplementedError"
    )
    assert practice.judged(text).passed == 0


@pytest.mark.parametrize("solution", [SOLUTION, PAIRS])
def test_the_curve_and_the_pairs_both_pass_the_practice(solution):
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_area_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []
    assert practice.survivors(PRACTICE, PAIRS, WRONG_PAIRS) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, PAIRS, TIES_WON) in page()
