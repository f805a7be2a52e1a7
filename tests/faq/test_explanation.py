"""Importance and dependence: six houses in fractions, forests scored by hand.

References that the programs never call: exact fractions over all orders and all pairs
of rows, ordinary least squares by statsmodels, scikit-learn's own permutations and
curves, trees unrolled by hand.
"""

import math
import re
from fractions import Fraction
from functools import cache
from itertools import pairwise, permutations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.metrics import accuracy_score, brier_score_loss, r2_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeRegressor

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, named, numbers

PRACTICE = ROOT / "snippets/faq/explanation_practice_numpy.py"
PAGE = ROOT / "docs/faq/explanation.md"


def page():
    return PAGE.read_text(encoding="utf-8")


def words(name):
    """The letters of a drawn figure, one text after another."""
    path = ROOT / f"docs/assets/figures/explanation-{name}.svg"
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))


def below(text, start):
    """The line under the one that begins with this."""
    lines = text.splitlines()
    (place,) = [k for k, line in enumerate(lines) if line.startswith(start)]
    return lines[place + 1]


def plain(word):
    """Whether a text is a number and nothing else."""
    return re.fullmatch(r"[+−]?\d+(\.\d+)?", word) is not None


@pytest.fixture
def permuted(run_snippet):
    return run_snippet("faq/explanation_permutation_numpy")


@pytest.fixture
def dependence(run_snippet):
    return run_snippet("faq/explanation_dependence_numpy")


@pytest.fixture
def twins(run_snippet):
    return run_snippet("faq/explanation_twins_numpy")


# --- six houses ---------------------------------------------------------------------

HOUSES = [(5, 3, 2), (6, 1, 9), (7, 2, 4), (8, 6, 7), (9, 4, 1), (10, 5, 8)]
PRICES = [59, 61, 76, 90, 99, 107]
SLOPES = (10, 2, 0)
RESIDUALS = [
    y - sum(b * x for b, x in zip(SLOPES, house, strict=True))
    for house, y in zip(HOUSES, PRICES, strict=True)
]


def extra(column, order):
    """How much the mean square grows if row i gets the value of row order[i]."""
    values = [house[column] for house in HOUSES]
    moved = [
        r + SLOPES[column] * (values[i] - values[order[i]])
        for i, r in enumerate(RESIDUALS)
    ]
    return Fraction(
        sum(m * m for m in moved) - sum(r * r for r in RESIDUALS), len(HOUSES)
    )


def test_printed_error_of_the_houses(permuted):
    found = after(permuted.printed_by["orders"], "不打乱，均方误差 ")
    assert found == [round(sum(r * r for r in RESIDUALS) / 6, 1)] == [4.7]


@pytest.mark.parametrize(("column", "name"), [(0, "面积"), (1, "楼层"), (2, "门牌号")])
def test_printed_extra_error_is_that_of_fractions(permuted, column, name):
    every = [extra(column, order) for order in permutations(range(6))]
    exact = extra(column, [1, 0, 3, 2, 5, 4]), sum(every) / len(every)
    line = below(permuted.printed_by["orders"], f"打乱{name}，误差多出：")
    found = named(line, "　")
    want = dict(zip(["邻居互换", "720 种次序平均"], map(float, exact), strict=True))
    assert found == pytest.approx(want, abs=0.051)


@pytest.mark.parametrize("column", range(3))
def test_the_mean_over_orders_has_a_closed_form(column):
    """2 b² s² + 2 b mean(r (x - mean x)), as the page's exercise has it."""
    x = [Fraction(house[column]) for house in HOUSES]
    mean = sum(x) / 6
    b, square = SLOPES[column], sum((v - mean) ** 2 for v in x) / 6
    mixed = sum(r * (v - mean) for r, v in zip(RESIDUALS, x, strict=True)) / 6
    every = [extra(column, order) for order in permutations(range(6))]
    assert sum(every) / len(every) == 2 * b * b * square + 2 * b * mixed


def test_the_exercise_turns_the_floors_round():
    floors = [house[1] for house in HOUSES[::-1]]
    guesses = [10 * house[0] + 2 * f for house, f in zip(HOUSES, floors, strict=True)]
    gaps = [y - guess for y, guess in zip(PRICES, guesses, strict=True)]
    told = "、".join(map(str, floors)), "、".join(map(str, guesses))
    minus = "、".join(map(str, gaps)).replace("-", "−")
    assert f"楼层成了 {told[0]}，预测是 {told[1]}，差是 {minus}，" in page()
    assert f"平方和 {sum(g * g for g in gaps)}，" in page()
    assert extra(1, [5, 4, 3, 2, 1, 0]) == 24
    assert "多出 24.0" in page()


def test_page_tells_the_two_terms_of_the_area():
    x = [Fraction(house[0]) for house in HOUSES]
    mean = sum(x) / 6
    first = 2 * 100 * sum((v - mean) ** 2 for v in x) / 6
    mixed = sum(r * (v - mean) for r, v in zip(RESIDUALS, x, strict=True)) / 6
    said = f"\\approx{float(first):.1f}$；第二项是 ${float(20 * mixed):.1f}$"
    assert said in page() and sum((v - mean) ** 2 for v in x) / 6 == Fraction(35, 12)


def test_page_s_lucky_swap_lowers_the_error():
    gain = extra(1, [5, 1, 2, 3, 4, 0])
    left = Fraction(sum(r * r for r in RESIDUALS), 6) + gain
    assert f"降到 {float(left):.1f}，重要性是 −{-float(gain):.1f}" in page()


@pytest.mark.parametrize(("step", "column"), [(1, None), (2, 0), (3, 1), (4, 2)])
def test_the_drawn_houses_are_those_of_the_neighbours(step, column):
    found = [float(w.replace("−", "-")) for w in words(f"shuffle-{step}") if plain(w)]
    rows, order = np.reshape(found[:36], (6, 6)).tolist(), [1, 0, 3, 2, 5, 4]
    for i, (house, price) in enumerate(zip(HOUSES, PRICES, strict=True)):
        mixed = list(house)
        if column is not None:
            mixed[column] = HOUSES[order[i]][column]
        guess = 10 * mixed[0] + 2 * mixed[1]
        assert rows[i] == [*mixed, price, guess, price - guess]
    more = extra(column, order) if column is not None else 0
    error = Fraction(sum(r * r for r in RESIDUALS), 6) + more
    text = " ".join(words(f"shuffle-{step}"))
    assert f"差的平方取平均：{float(error):.1f}" in text
    assert column not in (0, 1) or f"多出 {float(more):.1f}" in text


def test_scikit_learn_s_permutations_of_the_houses_agree(permuted):
    printed = permuted.printed_by["library"]
    assert line_of(printed, "scikit-learn 打乱 2000 次，相差不到 5%：") == "True"


# --- forests: on the data they learnt and on data held out ---------------------------


class Shuffler:
    """The program's draws, one permutation after another."""

    def __init__(self, rng):
        self.rng = rng

    def drop(self, predict, score, X, y, columns):
        """By how much a score falls on average: five tables, one upon the other."""
        tables = np.tile(X, (5, 1))
        orders = [self.rng.permutation(len(X)) for _ in range(5)]
        for c in columns:
            tables[:, c] = np.concatenate([X[order, c] for order in orders])
        mixed = predict(tables).reshape(5, -1)
        return score(y, predict(X)) - sum(score(y, p) for p in mixed) / 5


def impurity_decrease(forest, features):
    """Mean over trees of the share of the squares' sum that each column's cuts took."""
    shares = []
    for member in forest.estimators_:
        t, taken = member.tree_, np.zeros(features)
        for node in range(t.node_count):
            if t.children_left[node] < 0:
                continue
            parts = [t.children_left[node], t.children_right[node]]
            squares = t.impurity * t.weighted_n_node_samples
            taken[t.feature[node]] += squares[node] - squares[parts].sum()
        shares.append(taken / taken.sum())
    return np.mean(shares, axis=0)


@cache
def forests():
    """Per split: impurity, training and held-out drops; then the cancer's numbers."""
    data, rng = load_diabetes(), np.random.default_rng(0)
    noise = rng.normal(size=442)
    coin = rng.integers(2, size=442)
    X = np.c_[data.data, noise, coin]
    shuffler, splits, kept = Shuffler(rng), [], None
    for seed in range(5):
        parts = train_test_split(X, data.target, random_state=seed)
        X_fit, X_test, y_fit, y_test = parts
        forest = RandomForestRegressor(n_estimators=50, random_state=seed)
        forest.fit(X_fit, y_fit)
        rows = [impurity_decrease(forest, 12)]
        for X_part, y_part in [(X_fit, y_fit), (X_test, y_test)]:
            given = forest.predict, r2_score, X_part, y_part
            rows.append([shuffler.drop(*given, [j]) for j in range(12)])
        splits.append(rows)
        kept = kept or (forest, *parts)
    names = [*data.feature_names, "噪声", "硬币"]
    return names, np.array(splits), kept, cancer(shuffler)


def cancer(shuffler):
    data, found = load_breast_cancer(), {}
    X_fit, X_test, y_fit, y_test = train_test_split(
        data.data, data.target, train_size=200, random_state=0
    )
    forest = RandomForestClassifier(n_estimators=100, random_state=0)
    forest.fit(X_fit, y_fit)

    def ill(X):
        return forest.predict_proba(X)[:, 1]

    def squares(y, p):
        return -brier_score_loss(y, p)

    for name, X, y in [("训练", X_fit, y_fit), ("留出", X_test, y_test)]:
        given = forest.predict, accuracy_score, X, y
        drops = [shuffler.drop(*given, [j]) for j in range(30)]
        found[name] = accuracy_score(y, forest.predict(X)), drops
    held_out = X_test, y_test
    found["平方"] = [shuffler.drop(ill, squares, *held_out, [j]) for j in range(30)]
    for name, words in {
        "半径、周长、面积": ("radius", "perimeter", "area"),
        "凹陷": ("concav",),
    }.items():
        columns = [
            j for j, n in enumerate(data.feature_names) if any(w in n for w in words)
        ]
        given = forest.predict, accuracy_score, *held_out
        found[name] = columns, shuffler.drop(*given, columns)
    found["模型"] = forest, X_fit, X_test, y_fit, y_test
    return found


def row(permuted, name):
    """What the table prints of a column: each number under its label."""
    table = permuted.printed_by["table"]
    held_out = below(table, f"{name}：")
    said = re.fullmatch(r"　留出 (\S+)（(\S+) 到 (\S+)）", held_out)
    found = named(table, f"{name}：")
    assert list(found) == ["不纯度", "训练"]
    return [*found.values(), *map(float, said.groups())]


@pytest.mark.parametrize("name", ["bmi", "s5", "s1", "sex", "噪声", "硬币"])
def test_printed_importances_are_those_scored_by_hand(permuted, name):
    names, splits, *_ = forests()
    impurity, fit, test = splits[:, :, names.index(name)].T
    want = [impurity.mean(), fit.mean(), test.mean(), test.min(), test.max()]
    assert row(permuted, name) == pytest.approx(want, abs=5.1e-3)


def test_scikit_learn_s_own_shuffles_tell_the_same_of_one_split():
    names, splits, (forest, X_fit, X_test, y_fit, y_test), _ = forests()
    for row, X, y in [(1, X_fit, y_fit), (2, X_test, y_test)]:
        theirs = permutation_importance(forest, X, y, n_repeats=5, random_state=1)
        spread = theirs.importances.std(axis=1)
        near = np.abs(theirs.importances_mean - splits[0, row])
        assert (near <= 5 * spread * math.sqrt(2 / 5) + 1e-12).all()


def test_noise_looks_important_only_where_the_forest_learnt_it(permuted):
    noise, sex = row(permuted, "噪声"), row(permuted, "sex")
    assert noise[0] > 5 * sex[0] and noise[1] > 5 * sex[1]
    assert noise[3] < 0 < noise[4]


def test_a_coin_has_few_cuts_and_little_impurity(permuted):
    assert row(permuted, "硬币")[0] < row(permuted, "噪声")[0] / 4


@pytest.mark.parametrize("name", ["训练", "留出"])
def test_printed_zeros_are_counted_by_hand(permuted, name):
    accuracy, drops = forests()[-1][name]
    printed, start = permuted.printed_by["all-zero"], f"{name}，准确率 "
    assert after(printed, start) == [pytest.approx(accuracy, abs=5.1e-4)]
    zeros = sum(abs(d) < 1e-9 for d in drops)
    said = f"　30 列中 {zeros} 列恰好是 0，最大 {max(drops):.3f}"
    assert below(printed, start) == said


def test_all_columns_together_are_far_from_zero():
    """Each alone changes nothing on the training data; all at once spoil everything."""
    forest, X, _, y, _ = forests()[-1]["模型"]
    order = np.random.default_rng(3).permutation(len(X))
    assert forest.score(X, y) == 1
    assert forest.score(X[order], y) < 0.65


def test_finer_score_sees_every_column(permuted):
    drops = forests()[-1]["平方"]
    best = load_breast_cancer().feature_names[int(np.argmax(drops))]
    forest, _, X, _, y = forests()[-1]["模型"]
    error = brier_score_loss(y, forest.predict_proba(X)[:, 1])
    printed, start = permuted.printed_by["mend"], "留出，概率的平方误差 "
    assert after(printed, start) == [pytest.approx(error, abs=5.1e-5)]
    assert below(printed, start) == "　30 列中 0 列恰好是 0"
    assert min(map(abs, drops)) > 1e-9
    (drop,) = after(printed, f"　最大的一列是 {best}，")
    assert drop == pytest.approx(max(drops), abs=5.1e-5)


@pytest.mark.parametrize("name", ["半径、周长、面积", "凹陷"])
def test_printed_group_falls_as_by_hand(permuted, name):
    columns, drop = forests()[-1][name]
    count, fall = after(permuted.printed_by["mend"], f"{name} ")
    assert count == len(columns)
    assert fall == pytest.approx(drop, abs=5.1e-3)


def test_the_group_s_columns_stand_for_one_another():
    """Radius, perimeter and area of the same kind rank the tumours nearly alike."""
    X = load_breast_cancer().data
    for first in (0, 20):
        for j in (first + 2, first + 3):
            assert stats.spearmanr(X[:, first], X[:, j]).statistic > 0.97


def test_the_exercise_s_broad_leaves_forget_the_noise():
    """What the page answers to its exercise, by another forest's impurity and drops."""
    data, rng = load_diabetes(), np.random.default_rng(0)
    X = np.c_[data.data, rng.normal(size=442), rng.integers(2, size=442)]
    shuffler, rows = Shuffler(rng), []
    for seed in range(5):
        parts = train_test_split(X, data.target, random_state=seed)
        forest = RandomForestRegressor(50, min_samples_leaf=20, random_state=seed)
        forest.fit(parts[0], parts[2])
        drops = [
            shuffler.drop(forest.predict, r2_score, part, y, [j])
            for part, y in [(parts[0], parts[2]), (parts[1], parts[3])]
            for j in (2, 10)
        ]
        rows.append([impurity_decrease(forest, 12)[10], *drops])
    impurity, bmi_fit, noise_fit, bmi_test, noise_test = np.mean(rows, axis=0)
    assert (impurity, noise_fit, noise_test) == pytest.approx((0.01, 0, 0), abs=6e-3)
    assert (bmi_fit, bmi_test) == pytest.approx((0.29, 0.22), abs=0.02)
    said = "不纯度从 0.06 降到 0.01，训练从 0.07 降到 0.00，留出是 0.00"
    text = page()
    assert said in text and "变成 0.29 对 0.22" in text


# --- dependence ----------------------------------------------------------------------

PATIENTS = [(1, -2), (2, 2), (3, -1), (4, 1)]


def test_printed_curves_of_the_four_patients(dependence):
    printed = dependence.printed_by["hand"]
    assert after(printed, "剂量：") == [1, 2, 3, 4]
    for _, body in PATIENTS:
        assert after(printed, f"体质 {body:+d}：") == [body * v for v in range(1, 5)]


def test_the_four_curves_cancel(dependence):
    mean = [Fraction(sum(v * body for _, body in PATIENTS), 4) for v in range(1, 5)]
    assert after(dependence.printed_by["hand"], "平均：") == mean == [0] * 4


def test_the_exercise_s_flat_curve_is_of_an_important_column():
    rows = [(a, b) for a in (0, 1) for b in (0, 1)]
    curve = [Fraction(sum(v != b for _, b in rows), 4) for v in (0, 1)]
    assert curve == [Fraction(1, 2)] * 2
    losses = [
        Fraction(
            sum(
                ((rows[j][0] != b) - (a != b)) ** 2
                for (a, b), j in zip(rows, order, strict=True)
            ),
            4,
        )
        for order in permutations(range(4))
    ]
    assert sum(losses) / len(losses) == Fraction(1, 2)
    assert "平均多出 0.5" in page()


@pytest.mark.parametrize("dose", [1, 2, 3, 4])
def test_the_drawn_patients_get_this_dose(dose):
    found = [float(w.replace("−", "-")) for w in words(f"dose-{dose}") if plain(w)]
    rows = np.reshape(found[:16], (4, 4)).tolist()
    assert rows == [[body, own, dose, dose * body] for own, body in PATIENTS]
    assert f"剂量 {dose}：四个预测的平均 = 0" in words(f"dose-{dose}")


def test_the_drawn_lines_are_the_patients():
    path = ROOT / "docs/assets/figures/explanation-ice.svg"
    text = path.read_text(encoding="utf-8")
    lines = [numbers(d) for d in re.findall(r'd="M([\d. ]+)" fill="none"', text)]
    dots = [
        (float(x), float(y))
        for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', text)
    ]
    curves = [p for p in lines if len(p) == 8]
    for (own, body), p, dot in zip(PATIENTS, curves, dots, strict=True):
        heights = [(108 - y) / 10 for y in p[1::2]]
        assert heights == [body * v for v in range(1, 5)]
        assert dot == (p[2 * own - 2], p[2 * own - 1])


class Function(RegressorMixin, BaseEstimator):
    """A function, as scikit-learn wants its models."""

    def __init__(self, function=None):
        self.function = function

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return self.function(X)


def their_curves(function, X, column, grid):
    """(mean, of each row) by scikit-learn, the grid in any order."""
    model = Function(function).fit(X, None)
    X, grid = np.asarray(X, float), np.asarray(grid, float)
    found = partial_dependence(
        model, X, [column], custom_values={column: grid}, kind="both", method="brute"
    )
    return found["average"][0], found["individual"][0]


@cache
def diagonal():
    rng = np.random.default_rng(0)
    first = rng.random(200)
    second = first + 0.05 * rng.standard_normal(200)
    return first, second


def straight(X):
    return X.sum(axis=1)


def curved(X):
    gap = np.abs(np.diff(X, axis=1)[:, 0])
    return straight(X) + np.where(gap > 0.3, 10 * gap - 3, 0)


def test_printed_gap_of_the_columns_and_equal_predictions(dependence):
    first, second = diagonal()
    printed = dependence.printed_by["cloud"]
    gap = max(abs(a - b) for a, b in zip(first, second, strict=True))
    assert after(printed, "两列相差最多 ") == [round(gap, 2)]
    assert line_of(printed, "200 行上预测全部相同：") == "True"
    both = np.c_[first, second]
    assert (straight(both) == curved(both)).all()


def test_printed_share_of_points_without_data(dependence):
    _, second = diagonal()
    far = sum(abs(k / 10 - b) > 0.3 for k in range(11) for b in second)
    found = after(dependence.printed_by["pdp"], "曲线用到的点，")
    assert found == [round(100 * far / 2200), 0.3]


@pytest.mark.parametrize(("name", "f"), [("直的", straight), ("弯的", curved)])
def test_printed_dependence_is_scikit_learn_s(dependence, name, f):
    mean, _ = their_curves(f, np.c_[diagonal()], 0, [0, 0.5, 1])
    found = after(dependence.printed_by["pdp"], f"{name}，PDP 在 0、0.5、1：")
    assert found == pytest.approx(mean.tolist(), abs=5.1e-3)


def accumulated(f, first, second):
    """Row by row: how f rises over the row's own bin; means, summed up."""
    edges, height, heights = [k / 10 for k in range(11)], 0.0, [0.0]
    for low, high in pairwise(edges):
        rises = [
            f(np.array([[high, b]]))[0] - f(np.array([[low, b]]))[0]
            for a, b in zip(first, second, strict=True)
            if low < a <= high
        ]
        height += sum(rises) / len(rises)
        heights.append(height)
    return heights


@pytest.mark.parametrize(("name", "f"), [("直的", straight), ("弯的", curved)])
def test_printed_accumulated_effects_are_those_by_hand(dependence, name, f):
    want = accumulated(f, *diagonal())
    found = after(dependence.printed_by["ale"], f"{name}，ALE 在 0、0.5、1：")
    assert found == pytest.approx([want[0], want[5], want[10]], abs=5.1e-3)
    assert found == [0, 0.5, 1]


def test_accumulated_effects_of_a_product_follow_its_rows(dependence):
    """Where f = x1 x2 and x2 is near x1, the rise from 0 to v is near v²/2."""
    edges, cloud = np.linspace(0, 1, 11), np.c_[diagonal()]

    def product(X):
        return X[:, 0] * X[:, 1]

    found = dependence.ale(product, cloud, 0, edges)
    assert found == pytest.approx(accumulated(product, *diagonal()))
    assert found == pytest.approx(edges**2 / 2, abs=0.02)


def test_a_row_beyond_the_last_edge_is_in_the_last_bin(dependence):
    X = np.array([[0.2, 1.0], [0.8, 2], [1.7, 4], [-0.3, 5]])
    found = dependence.ale(lambda X: X[:, 0] * X[:, 1], X, 0, np.array([0, 0.5, 1]))
    assert found == pytest.approx([0, 0.5 * 3, 0.5 * 3 + 0.5 * 3])


def test_the_edges_of_a_bin_belong_to_it(dependence):
    X = np.array([[0.0, 1], [0.5, 2], [0.5, 6], [1, 8]])
    found = dependence.ale(lambda X: X[:, 0] * X[:, 1], X, 0, np.array([0, 0.5, 1]))
    assert found == pytest.approx([0, 0.5 * 3, 0.5 * 3 + 0.5 * 8])


def test_the_figure_draws_the_three_curves_less_their_means(dependence):
    grid, cloud = np.linspace(0, 1, 11), np.c_[diagonal()]
    for line, f in zip(dependence.bottom.get_lines(), (straight, curved), strict=False):
        mean, _ = their_curves(f, cloud, 0, grid)
        assert line.get_ydata() == pytest.approx(mean - mean.mean())
    legend = [text.get_text() for text in dependence.bottom.get_legend().get_texts()]
    assert legend == ["直的 PDP", "弯的 PDP", "两个模型的 ALE"]
    last = dependence.bottom.get_lines()[2].get_ydata()
    assert last == pytest.approx(grid - 0.5)


def test_the_figure_draws_rows_and_what_is_asked_of_them(dependence):
    *asked, cloud = dependence.top.get_lines()
    first, second = diagonal()
    assert np.array_equal(cloud.get_xdata(), first[::3])
    assert np.array_equal(cloud.get_ydata(), second[::3])
    for line, height in zip(asked, second[::20], strict=True):
        assert (line.get_ydata() == height).all()
        assert line.get_xdata() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])


# --- one tree, two curves ------------------------------------------------------------

AND_ROWS = [(0, 0)] * 3 + [(0, 1), (1, 0)] + [(1, 1)] * 3


def along(root, asked, value):
    """A tree for 「both are 1」 that cuts column ``root`` first, then the other.

    Column ``asked`` has ``value``; a cut of the other column takes both branches,
    weighted by the training rows that went there.
    """

    def to_one(column, rows):
        if column == asked:
            return Fraction(value)
        return Fraction(sum(r[column] for r in rows), len(rows))

    right = [r for r in AND_ROWS if r[root] == 1]  # the left branch is a leaf of 0
    return to_one(root, AND_ROWS) * to_one(1 - root, right)


@pytest.mark.parametrize("root", [0, 1])
def test_printed_recursion_follows_the_tree_and_brute_force_does_not(dependence, root):
    printed = dependence.printed_by["recursion"]
    lines = printed.splitlines()
    place = lines.index(f"先分第 {root + 1} 列，决定系数 1")
    brute = Fraction(sum(a for a, _ in AND_ROWS), len(AND_ROWS))
    want = {"brute": float(brute), "recursion": float(along(root, 1, 1))}
    for line, (method, height) in zip(lines[place + 1 :], want.items(), strict=False):
        assert line == f"　{method}，第二列为 1：{height:.2f}"
    assert want["recursion"] == [0.5, 0.75][root]


def test_the_two_trees_cut_another_column_first(dependence):
    lines = dependence.printed_by["recursion"].splitlines()
    assert [line[:7] for line in lines[::3]] == ["先分第 2 列", "先分第 1 列"]
    rows = np.array(AND_ROWS, float)
    trees = [
        DecisionTreeRegressor(random_state=s).fit(rows, rows.prod(axis=1))
        for s in (0, 2)
    ]
    assert [t.tree_.feature[0] for t in trees] == [1, 0]
    assert (trees[0].predict(rows) == trees[1].predict(rows)).all()


def test_curves_of_the_forest_are_scikit_learn_s(dependence):
    label = "糖尿病的森林，与 scikit-learn 一致："
    assert line_of(dependence.printed_by["library"], label) == "True"


def test_each_row_s_curve_is_scikit_learn_s(dependence):
    rng = np.random.default_rng(7)
    X, grid = rng.normal(size=(9, 3)), [-1.0, 0.5, 2]

    def f(X):
        return np.tanh(X[:, 0]) * X[:, 2] + X[:, 1] ** 2

    _, rows = their_curves(f, X, 2, grid)
    assert dependence.ice(f, X, 2, grid) == pytest.approx(rows)


@pytest.mark.parametrize(
    "kind", [GradientBoostingRegressor, HistGradientBoostingRegressor]
)
def test_recursion_forgets_what_boosting_starts_with(kind):
    """Both kinds take it by default; its curve then lies lower by the mean of y."""
    X, y = load_diabetes(return_X_y=True)
    model = kind(random_state=0).fit(X, y)
    curves = {
        method: partial_dependence(model, X, [2], method=method, grid_resolution=5)
        for method in ("auto", "brute", "recursion")
    }
    auto, brute, recursion = (c["average"][0] for c in curves.values())
    assert (auto == recursion).all()
    assert (brute - recursion) == pytest.approx(np.full(5, y.mean()), rel=0.1)


def test_the_drawn_tree_weighs_its_branches():
    rows = [r for r in AND_ROWS if r[1] == 1]
    shares = [sum(r[0] == v for r in rows) for v in (0, 1)]
    drawn = words("recursion")
    assert [f"{n} 行" for n in (8, 4, 4, *shares)] == [w for w in drawn if "行" in w]
    assert [w for w in drawn if w.startswith("预测")] == ["预测 0", "预测 0", "预测 1"]
    said = f"x₂ 设为 1：¼ × 0 + ¾ × 1 = {float(along(1, 1, 1))}"
    assert shares == [1, 3] and said in drawn


def test_the_drawn_steps_stay_in_their_boxes():
    """Above, one row is asked at six places; below, each row in its own box only."""
    path = ROOT / "docs/assets/figures/explanation-steps.svg"
    text = path.read_text(encoding="utf-8")
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', text)
    xs, ys = np.array(dots, float).T
    assert len(xs) == 20
    assert np.array_equal(xs[:10], xs[10:])
    assert ys[10:] - ys[:10] == pytest.approx(np.full(10, 196))
    paths = re.findall(r'd="M([\d. ]+)" fill="none" stroke="var\(--hb-zhu\)"', text)
    level, *rest = map(numbers, paths)
    assert level == pytest.approx([40, ys[2], 310, ys[2]])
    middles = [(a + c) / 2 for a, _, c, _ in rest[:12]]
    assert middles == [edge for edge in range(40, 311, 54) for _ in (0, 1)]
    for (left, height, right, same), x, y in zip(
        rest[12:], xs[10:], ys[10:], strict=True
    ):
        box = (x - 40) // 54
        assert (left, right) == (40 + 54 * box + 2, 94 + 54 * box - 2)
        assert height == same == y


def test_scikit_learn_refuses_whole_numbers():
    tree = DecisionTreeRegressor(random_state=0)
    rows = np.array(AND_ROWS)
    tree.fit(rows, rows.prod(axis=1))
    with pytest.raises(ValueError, match="integer"):
        partial_dependence(tree, rows, [1], method="brute")


# --- twins ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "w", [(Fraction(1, 2), Fraction(1, 2)), (1, 0), (0, 1), (3, -2)]
)
def test_printed_drops_of_the_twins_are_exact(twins, w):
    x = [Fraction(v) for v in (-1, -1, 1, 1)]

    def drop(columns):
        losses = [
            (a - sum(w[c] * (b if c in columns else a) for c in (0, 1))) ** 2
            for a in x
            for b in x
        ]
        return sum(losses) / len(losses)  # the variance of y is 1, the error was 0

    start = f"权重 {float(w[0]):g} 与 {float(w[1]):g}，"
    lines = twins.printed_by["twins"].splitlines()
    (place,) = [k for k, line in enumerate(lines) if line.startswith(start)]
    assert lines[place] == f"{start}预测全对：True"
    want = [drop([0]), drop([1]), drop([0, 1])]
    assert want == [2 * w[0] ** 2, 2 * w[1] ** 2, 2]
    found = named(lines[place + 1], "　打乱后掉：")
    exact = dict(zip(["第一列", "第二列", "两列"], map(float, want), strict=True))
    assert found == exact
    if w == (3, -2):
        assert f"打乱单列却多出 {want[0]} 与 {want[1]}：" in page()


def test_the_drawn_squares_are_the_drops():
    path = ROOT / "docs/assets/figures/explanation-twins.svg"
    text = path.read_text(encoding="utf-8")
    sides = [float(x) for x in re.findall(r'<rect [^>]*width="([\d.]+)"', text)]
    weights = [(0.5, 0.5), (1, 0), (0, 1), (3, -2)]
    drops = [d for a, b in weights for d in (2 * a * a, 2 * b * b, 2)]
    seen = [float(w) for w in words("twins") if plain(w)]
    assert seen == drops
    areas = [side**2 / 64 for side in sides]
    assert areas == pytest.approx([d for d in drops if d], rel=1e-5)


def test_the_twin_stands_in_for_the_column_left_out(twins):
    fit = sm.OLS([-1, -1, 1, 1], sm.add_constant([-1, -1, 1, 1])).fit()
    found = line_of(twins.printed_by["twins"], "删掉第一列，重新训练：决定系数还是 ")
    assert float(found) == round(fit.rsquared, 1) == 1


def expected_drop(predict, X, y, column):
    """Over all pairs of rows: one gives the column's value, one all the rest."""
    n, total = len(X), 0.0
    for value in X[:, column]:
        moved = np.array(X)
        moved[:, column] = value
        total += ((y - predict(moved)) ** 2).sum() / n
    return (total / n - ((y - predict(X)) ** 2).mean()) / y.var()


@cache
def world():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(200)
    y = x + 0.5 * rng.standard_normal(200)
    return rng, x, y


@cache
def learners():
    _, x, y = world()
    X, xc, yc = np.c_[x, x], x - x.mean(), y - y.mean()
    ridge = (xc @ yc) / (2 * xc @ xc + 1)  # both columns take this slope
    lasso = (xc @ yc - 0.01 * len(x)) / (xc @ xc)
    found = {}
    for name, w in [("岭回归", (ridge, ridge)), ("Lasso", (lasso, 0))]:

        def line(X, w=w):
            return (X - x.mean()) @ w + y.mean()

        found[name] = [expected_drop(line, X, y, j) for j in (0, 1)]
    for seed in (0, 1):
        tree = DecisionTreeRegressor(max_depth=4, random_state=seed).fit(X, y)
        drops = [expected_drop(tree.predict, X, y, j) for j in (0, 1)]
        found[f"树，种子 {seed}"] = drops
    return found


@pytest.mark.parametrize("name", ["岭回归", "Lasso", "树，种子 0", "树，种子 1"])
def test_printed_halves_of_the_learners(twins, name):
    found = named(twins.printed_by["learners"], f"{name}：")
    want = dict(zip(["第一列", "第二列"], learners()[name], strict=True))
    assert found == pytest.approx(want, abs=5.1e-3)


def test_the_two_trees_predict_the_same(twins):
    found = line_of(twins.printed_by["learners"], "两棵树的预测完全相同：")
    _, x, y = world()
    rows = np.c_[x, x]
    trees = [
        DecisionTreeRegressor(max_depth=4, random_state=s).fit(rows, y) for s in (0, 1)
    ]
    same = (trees[0].predict(rows) == trees[1].predict(rows)).all()
    assert found == str(bool(same)) == "True"


@cache
def good_lines(split=0):
    """{names: importances among the good} by least squares and the closed form."""
    rng = np.random.default_rng(split)
    rng.standard_normal(400)
    data = load_diabetes()
    X_fit, X_test, y_fit, y_test = train_test_split(
        data.data, data.target, random_state=split
    )
    pair = [data.feature_names.index(name) for name in ("s1", "s2")]
    fits = []
    for _ in range(30):
        rows = rng.choice(len(X_fit), len(X_fit))
        fit = sm.OLS(y_fit[rows], sm.add_constant(X_fit[rows])).fit()
        residual = y_test - fit.predict(sm.add_constant(X_test))
        score = 1 - (residual**2).mean() / y_test.var()
        parts = fit.params[1:] * (X_test - X_test.mean(axis=0))  # of each column
        parts = np.c_[parts, parts[:, pair].sum(axis=1)]  # and of two together
        drop = 2 * (parts**2).mean(axis=0)
        drop += 2 * (residual[:, None] * parts).mean(axis=0)
        fits.append((score, drop / y_test.var()))
    best = max(score for score, _ in fits)
    good = np.array([drop for score, drop in fits if score > best - 0.03])
    names = [*data.feature_names, "s1 与 s2"]
    return dict(zip(names, good.T, strict=True)), len(good), best, rng


def test_printed_number_of_good_models(twins):
    printed = twins.printed_by["rashomon"]
    _, count, best, _ = good_lines()
    found = after(printed, "30 个线性模型，最高的决定系数是 ")
    assert found == [pytest.approx(best, abs=5.1e-3)]
    assert line_of(printed, "与它相差不到 0.03 的有 ") == f"{count} 个，其中"


@pytest.mark.parametrize("name", ["bmi", "s5", "s1", "s2", "s1 与 s2"])
def test_printed_range_of_the_good_models(twins, name):
    drops = good_lines()[0][name]
    found = line_of(twins.printed_by["rashomon"], f"　打乱 {name}，掉 ")
    low, high = map(float, found.split(" 到 "))
    assert (low, high) == pytest.approx((drops.min(), drops.max()), abs=5.1e-3)


@pytest.mark.parametrize("split", range(6))
def test_two_columns_together_tell_nearly_the_same_on_every_split(split):
    """As the page says: together at most a third of what the first alone costs."""
    drops, *_ = good_lines(split)
    alone = [drops[name].max() for name in ("bmi", "s5", "s1", "s2")]
    assert max(alone) == drops["s1"].max() > 3 * drops["s1 与 s2"].max()
    assert np.ptp(drops["s1 与 s2"]) < np.ptp(drops["s1"]) / 3


def test_page_tells_the_good_models(twins):
    printed, text = twins.printed_by["rashomon"], page()
    *_, high = after(printed, "　打乱 s1，掉 ")
    assert f"有的不掉分，有的掉 {high:.2f}，" in text and f"那 {high:.2f}，" in text
    together = line_of(printed, "　打乱 s1 与 s2，掉 ")
    assert f"十个模型都只掉 {together}。" in text
    data = load_diabetes()
    columns = [data.data[:, data.feature_names.index(n)] for n in ("s1", "s2")]
    assert f"相关系数是 {stats.pearsonr(*columns).statistic:.2f}；" in text


def test_the_two_blood_columns_are_nearly_one():
    data = load_diabetes()
    s1, s2 = (data.data[:, data.feature_names.index(n)] for n in ("s1", "s2"))
    assert np.corrcoef(s1, s2)[0, 1] > 0.89


def test_slopes_of_the_two_blood_columns_pull_against_each_other():
    """As the page says: that of s1 below 0, that of s2 mostly above it; ten fits."""
    rng, data = np.random.default_rng(0), load_diabetes()
    rng.standard_normal(400)
    X_fit, X_test, y_fit, y_test = train_test_split(
        data.data, data.target, random_state=0
    )
    slopes = []
    for _ in range(30):
        rows = rng.choice(len(X_fit), len(X_fit))
        fit = np.linalg.lstsq(sm.add_constant(X_fit[rows]), y_fit[rows])[0]
        score = r2_score(y_test, sm.add_constant(X_test) @ fit)
        slopes.append((score, fit[5], fit[6]))
    scores, s1, s2 = np.transpose(slopes)
    good = scores > scores.max() - 0.03
    assert (s1[good] < 0).all()
    assert np.sum(s2[good] > 0) > good.sum() / 2 == 5
    assert np.corrcoef(s1[good], s2[good])[0, 1] < -0.8


@cache
def summers():
    rng = good_lines()[-1]
    heat = 2 + rng.standard_normal(20000)
    noise = 0.5 * rng.standard_normal((2, 20000))
    sales, drowned = heat + noise[0], heat + noise[1]
    return heat, sales, drowned


def test_printed_slopes_of_the_summer(twins):
    heat, sales, drowned = summers()
    printed = twins.printed_by["confounder"]
    alone = sm.OLS(drowned, sm.add_constant(sales)).fit()
    slope, drop = after(printed, "只看销量：斜率 ")
    assert slope == pytest.approx(alone.params[1], abs=5.1e-3)
    x, y = sales[:400], drowned[:400]
    residual = y - alone.predict(sm.add_constant(x))
    b, xc = alone.params[1], x - x.mean()
    want = (2 * b * b * (xc**2).mean() + 2 * b * (residual * xc).mean()) / y.var()
    assert drop == pytest.approx(want, abs=0.051)
    both = sm.OLS(drowned, sm.add_constant(np.c_[sales, heat])).fit()
    found = after(printed, "加上气温：销量的斜率 ")
    assert found == [pytest.approx(both.params[1], abs=5.1e-3)]
    assert twins.both.coef_ == pytest.approx(both.params[1:], abs=1e-6)


def test_slopes_of_the_summer_are_those_of_its_covariances(twins):
    """var(heat) / var(sales) = 1 / 1.25 alone; nothing once heat is known."""
    printed = twins.printed_by["confounder"]
    assert after(printed, "只看销量：斜率 ")[0] == pytest.approx(0.8, abs=0.02)
    assert after(printed, "加上气温：销量的斜率 ")[0] == pytest.approx(0, abs=0.02)


def test_setting_the_sales_drowns_nobody(twins):
    printed = twins.printed_by["confounder"]
    assert after(printed, "真把销量从 0 调到 1，溺水变化 ") == [0.0]
    set_high = twins.summer(50, np.random.default_rng(4), 9.0)
    left_alone = twins.summer(50, np.random.default_rng(4))
    assert (set_high[1] == 9).all()
    assert (set_high[2] == left_alone[2]).all()
    assert stats.pearsonr(left_alone[1], left_alone[2]).statistic > 0.6


def test_scikit_learn_s_permutations_of_a_good_model_agree(twins):
    label = "与 scikit-learn 打乱 300 次相差不到 0.02："
    assert line_of(twins.printed_by["library"], label) == "True"


# --- what the page tells of the printed lines -----------------------------------------


def test_page_tells_the_houses(permuted):
    printed, text = permuted.printed_by["orders"], page()
    (error,) = after(printed, "不打乱，均方误差 ")
    means = named(below(printed, "打乱面积，误差多出："), "　")
    assert f"差的平方取平均是 {error}。" in text
    assert f"全部次序平均，面积是 {means['720 种次序平均']}。" in text


def test_page_tells_the_forests(permuted):
    rows = {name: row(permuted, name) for name in ("bmi", "s5", "s1", "sex", "噪声")}
    coin, noise, text = row(permuted, "硬币"), rows["噪声"], page()
    assert f"噪声是 {noise[1]:.2f}，比真的化验值 `s1`（{rows['s1'][1]:.2f}）和" in text
    assert f"性别（{rows['sex'][1]:.2f}）都高" in text
    assert noise[1] > rows["s1"][1] > rows["sex"][1]
    assert f"留出的数据上它只有 {noise[2]:.2f}，" in text
    assert f"连续的噪声得 {noise[0]:.2f}，只有两个值的硬币得 {coin[0]:.2f}" in text
    bmi, s5 = (f"{rows[n][3]:.2f} 到 {rows[n][4]:.2f}" for n in ("bmi", "s5"))
    assert f"bmi 是 {bmi}，s5 是 {s5}，两段重叠" in text
    assert rows["s5"][4] > rows["bmi"][3]


def test_page_tells_the_zeros_and_the_group(permuted):
    printed, text = permuted.printed_by["all-zero"], page()
    fit, held_out = (
        int(numbers(below(printed, f"{name}，准确率 "))[1]) for name in ("训练", "留出")
    )
    assert f"30 列里却有 {fit} 列恰好是 0。" in text
    assert f"看准确率，有 {held_out} 列恰好是 0，换成概率的平方误差，一列也没有" in text
    count, fall = after(permuted.printed_by["mend"], "半径、周长、面积 ")
    assert f"大小有关的 {count:.0f} 列一起打乱，准确率掉 {fall:.2f}。" in text
    assert f"{count:.0f} 列一起就掉 {fall:.2f}。" in text


def test_page_tells_the_curves(dependence):
    low, _, high = after(dependence.printed_by["pdp"], "直的，PDP 在 0、0.5、1：")
    share = line_of(dependence.printed_by["pdp"], "曲线用到的点，").split()[0]
    left, middle, right = after(
        dependence.printed_by["pdp"], "弯的，PDP 在 0、0.5、1："
    )
    text = page()
    assert f"直的从 {low} 升到 {high}；弯的两头高、中间低" in text
    assert min(left, right) > 2 * middle
    assert f"差别全来自那 {share} 的点" in text


def test_page_tells_the_trees_and_the_summer(twins):
    printed, text = twins.printed_by["learners"], page()
    first, second = (named(printed, f"树，种子 {s}：")["第一列"] for s in (0, 1))
    assert f"却是一个 {first}、一个 {second}。" in text
    slope, drop = after(twins.printed_by["confounder"], "只看销量：斜率 ")
    assert f"（{drop}，打乱以后比总猜平均数还差）" in text and drop > 1
    assert f"斜率 {slope:.1f} 作预测没有错" in text
    assert f"模型：{slope:.1f}" in words("cause")
    assert f"模型猜：溺水多 {slope:.1f}；实际：多 0" in words("cause")


# --- practice: faq/explanation_practice_numpy ---------------------------------------

SOLUTION = """
def partial_dependence(predict, X, column, grid):
    curves = []
    for value in grid:
        X_new = np.array(X, dtype=float)
        X_new[:, column] = value
        curves.append(predict(X_new))
    curves = np.array(curves)
    centred = curves - curves[0]
    return {"pdp": curves.mean(axis=1), "spread": centred.std(axis=1)}
"""
MEAN_ROW = (
    "        X_new[:, column] = value\n",
    "        X_new[:] = X_new.mean(axis=0)\n        X_new[:, column] = value\n",
)
WRONG = [
    MEAN_ROW,
    ("np.array(X, dtype=float)", "X"),
    ("np.array(X, dtype=float)", "X.copy()"),
    ("np.array(X, dtype=float)", "np.array(X, dtype=int)"),
    ("curves - curves[0]", "curves"),
    ("curves - curves[0]", "curves - curves[-1]"),
    ("curves - curves[0]", "curves - curves[np.argmin(grid)]"),
    ("curves - curves[0]", "curves - curves.mean(axis=0)"),
    ("curves - curves[0]", "curves - curves.mean(axis=1, keepdims=True)"),
    ("curves - curves[0]", "curves - predict(np.array(X, dtype=float))"),
    ("in grid", "in np.sort(grid)"),
    ("in grid", "in np.unique(X[:, column])"),
    ("X_new[:, column]", "X_new[:, 0]"),
    ("X_new[:, column]", "X_new[column]"),
    ("= value", "+= value"),
    ("curves.mean(axis=1)", "curves.mean(axis=0)"),
    ("curves.mean(axis=1)", "centred.mean(axis=1)"),
    ("curves.mean(axis=1)", "np.median(curves, axis=1)"),
    ("centred.std(axis=1)", "centred.std(axis=1, ddof=1)"),
    ("centred.std(axis=1)", "centred.var(axis=1)"),
    ("centred.std(axis=1)", "centred.std(axis=0)"),
    ("centred.std(axis=1)", "np.abs(centred).mean(axis=1)"),
    ("centred.std(axis=1)", "np.sqrt((centred ** 2).mean(axis=1))"),
    ("centred.std(axis=1)", "np.ptp(centred, axis=1)"),
    ('    return {"pdp"', '    {"pdp"'),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_scikit_learn_s_curves(case):
    _, given, want, _ = case
    pdp, rows = their_curves(
        given["predict"], given["X"], given["column"], given["grid"]
    )
    spread = [
        math.sqrt(np.cov(rows[:, k] - rows[:, 0], ddof=0)) for k in range(len(pdp))
    ]
    assert pdp == pytest.approx(want["pdp"], rel=1e-6, abs=1e-6)
    assert spread == pytest.approx(want["spread"], rel=1e-6, abs=1e-6)


def test_the_page_s_curves_pass_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_curve_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, MEAN_ROW) in page()
