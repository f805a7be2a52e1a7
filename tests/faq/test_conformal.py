"""Conformal prediction: nine scores, the promise, the classes, by p-values.

References that the programs never call: conformal p-values in exact fractions, which
know no threshold; the binomial law behind the Beta law of coverage; MAPIE; a softmax
regression fitted by SciPy.
"""

import itertools
import math
import re
import warnings
from fractions import Fraction

import numpy as np
import pytest
from mapie.classification import SplitConformalClassifier
from scipy import optimize, special
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import line_of, numbers

PRACTICE = ROOT / "snippets/faq/conformal_practice_numpy.py"
PAGE = ROOT / "docs/faq/conformal.md"
NINE = [5, 62, 10, 31, 8, 45, 20, 15, 90]  # hundredths


@pytest.fixture
def conformal(run_snippet):
    return run_snippet("faq/conformal_numpy")


@pytest.fixture
def classes(run_snippet):
    return run_snippet("faq/conformal_classes_numpy")


def page():
    return PAGE.read_text(encoding="utf-8")


def enters(score, scores, alpha):
    """Whether the conformal p-value of a score is above alpha, in whole numbers."""
    as_large = 1 + sum(other >= score for other in scores)
    return as_large > Fraction(str(alpha)) * (len(scores) + 1)


# --- nine scores by hand ------------------------------------------------------------


def test_the_nine_scores_are_those_of_the_hand(conformal):
    assert conformal.scores.tolist() == [s / 100 for s in NINE]


def test_printed_thresholds_are_the_largest_scores_that_enter(conformal):
    want = {0.1: 0.9, 0.2: 0.62, 0.05: math.inf}
    lines = conformal.printed_by["hand"].splitlines()
    assert lines == [f"alpha = {a}：门槛 {q:.2f}" for a, q in want.items()]
    for alpha, q in want.items():
        entering = [s for s in range(101) if enters(s, NINE, alpha)]
        assert max(entering) == (100 if q == math.inf else round(100 * q))


def test_printed_sets_are_those_of_p_values(conformal):
    lines = conformal.printed_by["set"].splitlines()
    given = [[70, 25, 5], [45, 40, 15], [34, 33, 33]]
    for line, p in zip(lines, given, strict=True):
        inside = [
            c for c, v in zip("猫狗兔", p, strict=True) if enters(100 - v, NINE, 0.2)
        ]
        shown = ", ".join(f"{v / 100:g}" for v in p)
        assert line == f"概率 [{shown}]：集合 {{{'、'.join(inside)}}}"
    assert [line.count("、") for line in lines] == [0, 1, 0]
    assert lines[2].endswith("{}")


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2, 0.25, 0.5])
@pytest.mark.parametrize("n", [1, 4, 9, 19, 40])
def test_the_threshold_lets_in_what_p_values_let_in(conformal, n, alpha):
    scores = np.random.default_rng(n).permutation(n) / 64
    q = conformal.threshold(scores, alpha)
    for step in range(-1, n + 2):
        assert (step / 64 <= q) == enters(step / 64, scores.tolist(), alpha)


def test_the_promise_holds_exactly_for_every_order_of_five():
    """The rank of the new score among 5 + 1 is each one sixth of the time."""
    for alpha in (Fraction(1, 6), Fraction(1, 4), Fraction(1, 3), Fraction(1, 2)):
        hits = sum(
            enters(order[-1], order[:-1], alpha)
            for order in itertools.permutations(range(6))
        )
        share = Fraction(hits, math.factorial(6))
        assert 1 - alpha <= share < 1 - alpha + Fraction(1, 6)


# --- the promise --------------------------------------------------------------------

RANKS = {9: 9, 99: 90, 999: 900}


def at_most(x, n, k):
    """The chance that the coverage is below x: at least k of n scores are."""
    return special.bdtrc(k - 1, n, x)


def bound(share, n, k):
    return optimize.brentq(lambda x: at_most(x, n, k) - share, 0, 1, xtol=1e-12)


def drawn(n, k, rng, shift=0.0):
    """Coverages of 5000 splits in the program's order, by the error function."""
    rows = rng.normal(size=(5000, n))
    q = np.partition(rows, k - 1, axis=1)[:, k - 1]
    return special.erfc(-(q - shift) / math.sqrt(2)) / 2


def parse(printed, n):
    lines = printed.splitlines()
    at = lines.index(next(x for x in lines if x.startswith(f"n = {n}，")))
    return numbers(lines[at]), numbers(lines[at + 1])


def test_printed_coverages_and_their_law(conformal):
    rng = np.random.default_rng(0)
    for n, k in RANKS.items():
        found = drawn(n, k, rng)
        first, second = parse(conformal.printed_by["promise"], n)
        assert first == pytest.approx([n, k, found.mean(), k / (n + 1)], abs=6e-4)
        spread = [
            *np.quantile(found, [0.05, 0.95]),
            bound(0.05, n, k),
            bound(0.95, n, k),
        ]
        assert second == pytest.approx(spread, abs=5.1e-3)


def test_printed_slips(conformal):
    rng = np.random.default_rng(0)
    for n, k in RANKS.items():
        drawn(n, k, rng)
    printed = conformal.printed_by["slips"]
    for k in (7, 8):
        found = float(line_of(printed, f"n = 9，要 75%，取第 {k} 个：平均 "))
        assert found == pytest.approx(drawn(9, k, rng).mean(), abs=6e-4)
        assert found == pytest.approx(k / 10, abs=3e-3)
    rows = np.sort(rng.normal(size=(5000, 9)), axis=1)
    q = 0.8 * rows[:, 7] + 0.2 * rows[:, 8]  # between the eighth and the ninth
    plain = (special.erfc(-q / math.sqrt(2)) / 2).mean()
    found = float(line_of(printed, "n = 9，直接取 0.9 分位数：平均 "))
    assert found == pytest.approx(plain, abs=6e-4)
    assert found < 0.9
    hard = drawn(999, 900, rng, 0.5).mean()
    found = float(line_of(printed, "n = 999，新例子的分数高了半个标准差：平均 "))
    assert found == pytest.approx(hard, abs=6e-4)
    exact = special.ndtr(special.ndtri(0.9) - 0.5)
    assert found == pytest.approx(exact, abs=3e-3)


def test_printed_quantiles_are_the_eighth_and_the_ninth(conformal):
    first, second = conformal.printed_by["library"].splitlines()
    eighth, ninth = sorted(NINE)[7:]
    assert first == f"np.quantile，inverted_cdf：{eighth / 100}，与本页相同：True"
    assert second == f"np.quantile，higher：{ninth / 100:.2f}，与本页相同：False"


def test_a_rounded_share_may_take_the_thirtieth_of_35_scores():
    scores = np.arange(1, 36)
    assert np.quantile(scores, 29 / 35, method="inverted_cdf") == 30
    assert "例如 35 个分数、$k=29$" in page()


def test_the_exercises_of_the_hand():
    entering = [s for s in range(101) if enters(s, NINE, 0.3)]
    assert max(entering) == 45 and "第 7 个是 0.45" in page()
    assert at_most(0.5, 4, 4) == pytest.approx(0.0625) and "=0.0625$" in page()
    at_least = next(n for n in range(1, 99) if enters(1, [0] * n, 0.05) is False)
    assert at_least == 19 and r"$\alpha=0.05$ 时是 19 个" in page()


FIGURES = ROOT / "docs/assets/figures"


def words(name):
    text = (FIGURES / f"conformal-{name}.svg").read_text(encoding="utf-8")
    return re.findall(r"<text[^>]*>([^<]*)</text>", text)


@pytest.mark.parametrize(
    ("step", "p"), [(3, [70, 25, 5]), (4, [45, 40, 15]), (5, [34, 33, 33])]
)
def test_the_drawn_sets_are_those_of_p_values(step, p):
    shown = words(f"step-{step}")
    assert shown[0] == "门槛 0.62"
    scores = [100 - v for v in p]
    named_scores = zip("猫狗兔", scores, strict=True)
    assert shown[1:4] == [f"{c} {s / 100:.2f}" for c, s in named_scores]
    inside = [c for c, s in zip("猫狗兔", scores, strict=True) if enters(s, NINE, 0.2)]
    want = f"{{{'、'.join(inside)}}}" if inside else "空"
    assert shown[4] == f"集合：{want}"


def test_the_drawn_bars_of_the_classes_are_the_printed_numbers(classes):
    printed = classes.printed_by["splits"].splitlines()
    want = []
    for whole, part in [printed[:2], printed[2:]]:
        covered, _, _, size = numbers(whole)
        want += [f"平均 {size:.2f} 个类", f"{covered:.2f}"]
        want += [f"{share:.2f}" for share in numbers(part)[1:]]
    shown = words("classes")
    assert [x for x in shown if re.fullmatch(r"平均 .* 个类|0\.\d\d", x)] == want


def test_the_drawn_histograms_follow_the_drawn_law(conformal):
    rng = np.random.default_rng(0)
    for axis, (n, k) in zip(conformal.axes, RANKS.items(), strict=True):
        found = drawn(n, k, rng)
        (steps,) = axis.patches
        values, edges, _ = steps.get_data()
        assert (edges[0], edges[-1]) == axis.get_xlim() == (0.6, 1)
        law, line = axis.lines
        assert list(line.get_xdata()) == [0.9, 0.9]
        count = [
            ((found >= a) & (found < b)).sum() for a, b in itertools.pairwise(edges)
        ]
        count[-1] += (found == edges[-1]).sum()
        width = 0.4 / 40
        assert list(values) == pytest.approx([c / 5000 / width for c in count])
        x = law.get_xdata()
        assert (x[0], x[-1]) == (0.6, 1)
        areas = np.diff(at_most(x, n, k)) / np.diff(x)
        middle = (law.get_ydata()[1:] + law.get_ydata()[:-1]) / 2
        assert list(middle) == pytest.approx(list(areas), abs=0.3)


# --- the classes --------------------------------------------------------------------


def chosen():
    """The digits that stay, in the program's order, and their probabilities."""
    images, labels = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    keep = (labels != 8) | (rng.random(len(labels)) < 0.4)
    x, y = images[keep] / 16, labels[keep]
    rows = rng.permutation(len(x))
    return x[rows[:150]], y[rows[:150]], x[rows[150:]], y[rows[150:]], rng


def softmax_regression(x, y):
    """C = 1 like scikit-learn's: the sum of losses and half the squared weights."""
    ones = np.c_[x, np.ones(len(x))]

    def loss(w):
        w = w.reshape(65, 10)
        z = ones @ w
        p = special.softmax(z, axis=1)
        value = (special.logsumexp(z, axis=1) - z[np.arange(len(y)), y]).sum()
        slope = ones.T @ (p - np.eye(10)[y])
        slope[:64] += w[:64]
        return value + (w[:64] ** 2).sum() / 2, slope.ravel()

    found = optimize.minimize(loss, np.zeros(650), jac=True, options={"gtol": 1e-8})
    w = found.x.reshape(65, 10)
    return lambda x: special.softmax(x @ w[:64] + w[64], axis=1)


def test_the_model_is_the_softmax_regression_of_scipy(classes):
    x, y, x_rest, y_rest, rng = chosen()
    predict = softmax_regression(x, y)
    p = predict(x_rest)
    np.testing.assert_allclose(classes.p, p, atol=0.02)
    assert classes.y.tolist() == y_rest.tolist()
    noisy = x_rest + 0.5 * rng.normal(size=x_rest.shape)
    np.testing.assert_allclose(classes.moved, predict(noisy), atol=0.02)
    right = p.argmax(axis=1) == y_rest
    eight = y_rest == 8
    found = numbers(
        classes.printed_by["model"].replace("其中 8", "").replace("8 的", "")
    )
    want = [right.mean(), eight.mean(), right[eight].mean()]
    assert found == pytest.approx(want, abs=1.6e-3)


def p_values(scores, p):
    """Times n + 1, of each class of each case: how many scores are as large, plus 1."""
    return 1 + (scores[:, None, None] >= 1 - p).sum(axis=0)


def split_results(classes, moved, by_class):
    """(coverage, size, coverage by class) of 500 splits, by p-values."""
    p, y = classes.p, classes.y
    rng, found = np.random.default_rng(1), []
    for _ in range(500):
        rows = rng.permutation(len(y))
        a, b = rows[:700], rows[700:]
        own = 1 - p[a, y[a]]
        inside = np.empty((len(b), 10), bool)
        for c in range(10):
            scores = np.sort(own[y[a] == c] if by_class else own)
            large = len(scores) - np.searchsorted(scores, 1 - moved[b, c])
            inside[:, c] = 20 * (large + 1) > len(scores) + 1
        hit = inside[range(len(b)), y[b]]
        each = [hit[y[b] == c].mean() for c in range(10)]
        found.append([hit.mean(), inside.sum(axis=1).mean(), *each])
    return np.array(found)


@pytest.mark.parametrize(
    ("name", "by_class"), [("共用门槛", False), ("每类一个门槛", True)]
)
def test_printed_coverage_of_500_splits(classes, name, by_class):
    found = split_results(classes, classes.p, by_class)
    covered, size = found[:, 0], found[:, 1]
    each = found[:, 2:].mean(axis=0)
    low, high = np.quantile(covered, [0.05, 0.95])
    printed = classes.printed_by["splits"].splitlines()
    at = printed.index(next(x for x in printed if x.startswith(f"{name}：")))
    want = [covered.mean(), low, high, size.mean()]
    assert numbers(printed[at]) == pytest.approx(want, abs=5.1e-3)
    assert numbers(printed[at])[0] == pytest.approx(want[0], abs=5.1e-4)
    others = min(v for c, v in enumerate(each) if c != 8)
    assert numbers(printed[at + 1]) == pytest.approx([8, each[8], others], abs=5.1e-3)
    moved = split_results(classes, classes.moved, by_class).mean(axis=0)
    line = line_of(classes.printed_by["shift"], f"{name}，检验时加噪声：")
    assert numbers(line) == pytest.approx(list(moved[:2]), abs=5.1e-3)


def test_printed_shares_of_the_sizes(classes):
    p, y = classes.p, classes.y
    scores = np.sort(1 - p[range(len(y)), y])
    large = len(y) - np.searchsorted(scores, 1 - p)
    inside = 20 * (large + 1) > len(y) + 1
    size = inside.sum(axis=1)
    lines = classes.printed_by["sizes"].splitlines()
    assert [numbers(x)[0] for x in lines] == sorted(set(size.tolist()))
    for line in lines:
        m, share, right = numbers(line)
        own = size == m
        hit = inside[range(len(y)), y]
        assert [share, right] == pytest.approx(
            [own.mean(), hit[own].mean()], abs=5.1e-3
        )


class Given(ClassifierMixin, BaseEstimator):
    """A classifier whose input is the probabilities that it returns."""

    def __init__(self, count=10):
        self.count = count

    def fit(self, X, y):
        self.classes_ = np.arange(self.count)
        self.is_fitted_ = True
        return self

    def predict_proba(self, X):
        return np.asarray(X)

    def predict(self, X):
        return self.classes_[np.asarray(X).argmax(axis=1)]


@pytest.fixture(autouse=True)
def mapie_for_this_scikit_learn(monkeypatch):
    """MAPIE 1.0.1 lacks the tags that scikit-learn 1.9 asks for."""
    tags = Given().__sklearn_tags__()
    name = "mapie.estimator.classifier.EnsembleClassifier.__sklearn_tags__"
    monkeypatch.setattr(name, lambda self: tags, raising=False)


def mapie_sets(p, y, p_new, alpha):
    estimator = Given(p.shape[1]).fit(p, y)
    wrapped = SplitConformalClassifier(
        estimator, confidence_level=1 - alpha, conformity_score="lac", prefit=True
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wrapped.conformalize(p, y)
        _, inside = wrapped.predict_set(p_new)
    return inside[:, :, 0]


def test_mapie_covers_as_much_with_the_common_threshold(classes):
    """Of 700 scores MAPIE takes the one of the definition: ceil(699 * 701 * 0.95 / 700)
    is 665 from zero, and ceil(701 * 0.95) is 666 from one.
    """
    p, y = classes.p, classes.y
    rows = np.random.default_rng(1).permutation(len(y))
    a, b = rows[:700], rows[700:]
    q = classes.marginal(p[a], y[a], 0.05)
    assert np.array_equal(mapie_sets(p[a], y[a], p[b], 0.05), 1 - p[b] <= q)


def test_mapie_takes_one_score_further_at_a_whole_rank():
    p = np.array([[1 - s / 100, s / 100] for s in NINE])
    y = np.zeros(9, int)
    new = np.array([[0.3, 0.7]])  # a score of 0.7 between 0.62 and 0.9
    assert not enters(70, NINE, 0.2)
    assert mapie_sets(p, y, new, 0.2).tolist() == [[True, True]]


# --- practice: faq/conformal_practice_numpy -----------------------------------------

SOLUTION = """
def conformal_sets(p, y, p_new, alpha):
    n = len(y)
    scores = np.sort(1 - p[np.arange(n), y])
    k = int(np.ceil((n + 1) * (1 - alpha)))
    q = scores[k - 1] if k <= n else np.inf
    return 1 - p_new <= q
"""
PLAIN = ("(n + 1) * (1 - alpha)", "n * (1 - alpha)")
WRONG = [
    PLAIN,
    ("np.ceil", "np.floor"),
    ("int(np.ceil((n + 1) * (1 - alpha)))", "round((n + 1) * (1 - alpha))"),
    ("(1 - alpha)))", "alpha))"),
    ("scores[k - 1] if k <= n else np.inf", "scores[min(k, n) - 1]"),
    ("scores[k - 1] if k <= n else np.inf", "scores[k % n]"),
    ("scores[k - 1] if k <= n else np.inf", "np.quantile(scores, 1 - alpha)"),
    (
        "scores[k - 1] if k <= n else np.inf",
        "np.quantile(scores, k / n, method='higher') if k <= n else np.inf",
    ),
    ("scores[k - 1] if k <= n else np.inf", "scores[k] if k < n else np.inf"),
    ("1 - p_new <= q", "1 - p_new < q"),
    ("1 - p_new <= q", "p_new <= q"),
    ("int(np.ceil((n + 1) * (1 - alpha)))", "int((n + 1) * (1 - alpha)) + 1"),
    ("int(np.ceil((n + 1) * (1 - alpha)))", "int(np.ceil(n * (1 - alpha))) + 1"),
    ("1 - p_new <= q", "(1 - p_new <= q) & (p_new >= p_new.max(1)[:, None])"),
    ("else np.inf", "else scores[-1]"),
    ("(1 - alpha)))", "(1 - alpha / 2)))"),
    ("1 - p_new <= q", "np.cumsum(p_new, axis=1) - p_new <= q"),
    ("1 - p_new <= q", "(1 - p_new <= q) | (p_new >= p_new.max(axis=1)[:, None])"),
    ("1 - p_new <= q", "1 - p_new.max(axis=1) <= q"),
    ("1 - p[np.arange(n), y]", "p[np.arange(n), y]"),
    ("1 - p[np.arange(n), y]", "1 - p.max(axis=1)"),
    ("np.sort(1 - p[np.arange(n), y])", "1 - p[np.arange(n), y]"),
    ("np.sort(1 - p[np.arange(n), y])", "np.sort((1 - p).ravel())"),
    ("    return 1", "    p[:] = 0\n    return 1"),
]
CASES = practice.values(PRACTICE)["CASES"]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0])
def test_the_practice_expects_the_sets_of_p_values(case):
    """By comparing probabilities: the smaller, the larger the score."""
    _, given, sets, _ = case
    own = [-p[c] for p, c in zip(given["p"], given["y"], strict=True)]
    want = [[enters(-v, own, given["alpha"]) for v in row] for row in given["p_new"]]
    assert sets == want


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0])
def test_the_practice_expects_the_sets_of_mapie(case):
    """Where MAPIE's rounding takes the score of the definition and not the next."""
    name, given, sets, _ = case
    n = len(given["y"])
    rank = (n + 1) * (1 - Fraction(str(given["alpha"])))
    if rank > n or math.ceil((n - 1) * rank / n) != math.ceil(rank) - 1:
        assert name in {"手算过的九个分数", "校准的例子不够"}
        return
    inside = mapie_sets(given["p"], given["y"], given["p_new"], given["alpha"])
    assert inside.tolist() == sets


def test_the_page_s_sets_pass_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_sets_pass_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, PLAIN) in page()
