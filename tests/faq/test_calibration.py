"""Calibration: twelve forecasts in fractions, temperatures by SciPy, maps by hand.

References that the programs never call: exact fractions, torchmetrics for the
calibration error, networks and logistic curves fitted by SciPy and statsmodels, areas
under known densities, SciPy's isotonic regression.
"""

import contextlib
import io
import math
import re
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import statsmodels.api as sm
import torch
from scipy import optimize, special, stats
from sklearn.datasets import load_digits
from torchmetrics.classification import BinaryCalibrationError
from torchmetrics.functional.classification import (
    binary_calibration_error,
    multiclass_calibration_error,
)

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, named, numbers

PRACTICE = ROOT / "snippets/faq/calibration_practice_numpy.py"
PAGE = ROOT / "docs/faq/calibration.md"


@pytest.fixture
def by_hand(run_snippet):
    return run_snippet("faq/calibration_hand_numpy")


@pytest.fixture
def bias(run_snippet):
    return run_snippet("faq/calibration_bias_numpy")


@pytest.fixture
def by_torch(run_snippet):
    return run_snippet("faq/calibration_temperature_torch")


@pytest.fixture
def by_tf(run_snippet):
    return run_snippet("faq/calibration_temperature_tf")


@pytest.fixture
def shift(run_snippet):
    return run_snippet("faq/calibration_shift_numpy")


@pytest.fixture
def maps(run_snippet):
    return run_snippet("faq/calibration_maps_numpy")


# --- twelve forecasts by hand -------------------------------------------------------

DAYS = [
    *[(Fraction(1, 10), y) for y in (0, 0, 0, 1)],
    *[(Fraction(1, 2), y) for y in (0, 1, 0, 1)],
    *[(Fraction(9, 10), y) for y in (1, 1, 0, 1)],
]


def boxes(days, count):
    """(share, mean forecast, share that happened) of each bin that holds a day."""
    groups = {}
    for p, y in days:
        groups.setdefault(max(math.ceil(p * count), 1), []).append((p, y))
    return [
        (
            Fraction(len(group), len(days)),
            sum(p for p, _ in group) / len(group),
            Fraction(sum(y for _, y in group), len(group)),
        )
        for _, group in sorted(groups.items())
    ]


def exact_ece(days, count):
    return sum(w * abs(f - h) for w, f, h in boxes(days, count))


def exact_brier(days):
    return sum((p - y) ** 2 for p, y in days) / len(days)


def exact_log_loss(days):
    return -sum(math.log(p if y else 1 - p) for p, y in days) / len(days)


def test_printed_bins_are_those_of_fractions(by_hand):
    rows = [numbers(x) for x in by_hand.printed_by["bins"].splitlines()]
    want = [[*map(float, (w, f, h)), float(f - h)] for w, f, h in boxes(DAYS, 3)]
    for row, exact in zip(rows, want, strict=True):
        assert row == pytest.approx(exact, abs=5.1e-3)


def test_printed_error_is_a_tenth_and_the_average_hides_it(by_hand):
    printed = by_hand.printed_by["ece"]
    assert after(printed, "期望校准误差：") == [float(exact_ece(DAYS, 3))] == [0.1]
    mean = sum(p for p, _ in DAYS) / 12
    assert named(printed, "全部放在一起，") == {"预报": mean, "发生": 0.5}


def test_calibration_error_of_torchmetrics_is_the_same(by_hand):
    p, y = (torch.tensor([float(d[i]) for d in DAYS]) for i in (0, 1))
    found = BinaryCalibrationError(n_bins=3)(p, y.int()).item()
    assert after(by_hand.printed_by["ece"], "期望校准误差：")[0] == pytest.approx(found)


def test_brier_score_is_reliability_less_resolution_plus_uncertainty(by_hand):
    base = Fraction(sum(y for _, y in DAYS), 12)
    parts = {
        "可靠": sum(w * (f - h) ** 2 for w, f, h in boxes(DAYS, 3)),
        "分辨": sum(w * (h - base) ** 2 for w, f, h in boxes(DAYS, 3)),
        "不确定": base * (1 - base),
    }
    whole = parts["可靠"] - parts["分辨"] + parts["不确定"]
    assert whole == exact_brier(DAYS) == Fraction(67, 300)
    printed = by_hand.printed_by["brier"]
    found = named(printed.splitlines()[0], "")
    assert found == pytest.approx({k: float(v) for k, v in parts.items()}, abs=5.1e-5)
    assert after(printed, "可靠 - 分辨 + 不确定 = ") == [0.2233, 0.2233]
    assert round(float(whole), 4) == 0.2233


def test_printed_log_loss_is_the_mean_of_logarithms(by_hand):
    found = after(by_hand.printed_by["log-loss"], "交叉熵：")
    assert found == [round(exact_log_loss(DAYS), 4)]


def test_printed_scores_of_the_cheats(by_hand):
    share = {p: h for (_, p, h) in boxes(DAYS, 3)}
    cheats = {
        "原来": DAYS,
        "天天报平均值": [(Fraction(1, 2), y) for _, y in DAYS],
        "照箱改正": [(share[p], y) for p, y in DAYS],
    }
    for name, days in cheats.items():
        scores = exact_ece(days, 3), exact_brier(days), exact_log_loss(days)
        printed = named(by_hand.printed_by["cheats"], f"{name}：")
        want = dict(zip(["ECE", "布里尔", "交叉熵"], map(float, scores), strict=True))
        assert printed == pytest.approx(want, abs=5.1e-5)
    one = named(by_hand.printed_by["cheats"], "原来的预报，只分一箱：")
    assert one == {"ECE": float(exact_ece(DAYS, 1))} == {"ECE": 0}


def test_the_exercise_moves_the_middle_forecasts():
    text = PAGE.read_text(encoding="utf-8")
    for p, said in [(Fraction(2, 5), "0.1333"), (Fraction(3, 10), "0.2467")]:
        days = [(p if f == Fraction(1, 2) else f, y) for f, y in DAYS]
        parts = boxes(days, 3)
        reliability = sum(w * (f - h) ** 2 for w, f, h in parts)
        resolution = sum(w * (h - Fraction(1, 2)) ** 2 for w, f, h in parts)
        whole = reliability - resolution + Fraction(1, 4)
        brier = f"布里尔分数是 {float(exact_brier(days)):.4f}"
        if len(parts) == 3:
            assert f"{float(exact_ece(days, 3)):.4f}" == said
            assert f"{float(reliability):.4f}" == "0.0183"
            brier = f"布里尔分数 {float(exact_brier(days)):.4f}"
        else:
            assert f"{float(whole):.4f}" == said
        assert said in text and brier in text


@pytest.mark.parametrize("middle", [0.4, 0.3])
def test_the_hand_program_runs_with_the_exercise_s_forecasts(tmp_path, middle):
    path = ROOT / "snippets/faq/calibration_hand_numpy.py"
    text = path.read_text(encoding="utf-8")
    changed = text.replace("[0.5] * 4", f"[{middle}] * 4")
    assert changed != text
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(changed, "exercise.py", "exec"), {"__name__": "exercise"})
    assert "照箱改正：ECE 0.0000" in printed.getvalue()


def words(name):
    path = ROOT / f"docs/assets/figures/calibration-{name}.svg"
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))


def test_the_drawn_bins_are_those_of_fractions():
    text = " ".join(words("bins"))
    for _, forecast, happened in boxes(DAYS, 3):
        gap = f"{float(forecast - happened):+g}".replace("-", "−").replace("+0", "0")
        gap = gap.replace("0.15", "+0.15") if gap == "0.15" else gap
        assert f"报 {float(forecast):g} 发生 {float(happened):g} 差 {gap}" in text


@pytest.mark.parametrize(("step", "T"), [(1, 0.5), (2, 1), (3, 2), (4, 4)])
def test_the_drawn_probabilities_are_those_of_the_temperature(step, T):
    shown = words(f"temperature-{step}")
    assert shown[0].startswith(f"T = {T:g}，")
    p = special.softmax(np.array([2, 1, 0]) / T)
    assert [x for x in shown if re.fullmatch(r"0\.\d{3}", x)] == [f"{v:.3f}" for v in p]


def test_the_drawn_jump_is_that_of_four_examples():
    text = " ".join(words("jump"))
    right = np.array([0, 1, 1, 1])
    for p, said in [([62, 72, 81, 92], "0.1525"), ([60, 70, 79, 90], "0.0475")]:
        left = np.array(p) < 80
        gaps = np.array(p) / 100 - right
        found = (abs(gaps[left].sum()) + abs(gaps[~left].sum())) / 4
        assert f"{found:.4f}" == said and f"ECE {said}" in text


def test_bins_hold_their_right_edge_like_scikit_learn_s(by_hand):
    p, y = np.array([0.5, 0.75, 1.0, 0.0]), np.array([1, 0, 1, 0])
    weight, forecast, _ = by_hand.bins(p, y, 2)
    assert weight.tolist() == [0.5, 0.5]
    assert forecast.tolist() == [0.25, 0.875]


def test_scikit_learn_agrees_with_the_hand(by_hand):
    printed = by_hand.printed_by["library"]
    assert line_of(printed, "与 scikit-learn 的三个函数一致：") == "True"
    assert by_hand.true.tolist() == [float(h) for _, _, h in boxes(DAYS, 3)]


# --- the error of perfect forecasts -------------------------------------------------


def binned(p, y, edges):
    """The calibration error by SciPy's binned sums, mirrored: bins hold the right."""
    mirrored = sorted(-e for e in [-0.1, *edges, 1.1])
    sums = stats.binned_statistic(-p, p - y, "sum", mirrored).statistic
    return np.abs(sums).sum() / len(p)


def expected_error(n, edges):
    """Of perfect forecasts from Beta(4, 1): the mean of |normal| in each bin."""
    edges = np.array([0, *edges, 1])
    area = 4 * (edges**5 / 5 - edges**6 / 6)  # of p (1 - p) 4 p^3
    return np.sqrt(2 / np.pi / n) * np.sqrt(np.diff(area)).sum()


def again(n, count, mass=False):
    rng, found = np.random.default_rng(0), []
    for _ in range(400):
        p = rng.beta(4, 1, n)
        y = rng.random(n) < p
        inner = [k / count for k in range(1, count)]
        found.append(binned(p, y, np.quantile(p, inner) if mass else inner))
    return np.array(found)


@pytest.mark.parametrize("n", [100, 1000, 10000])
def test_printed_errors_of_perfect_forecasts(bias, n):
    printed = re.findall(r"(\d+) 箱 ([\d.]+)", line_of(bias.stdout_text, f"{n} 个预报"))
    assert [int(k) for k, _ in printed] == [5, 15, 50]
    for count, mean in printed:
        assert float(mean) == pytest.approx(again(n, int(count)).mean(), abs=5.1e-4)


@pytest.mark.parametrize("count", [5, 15, 50])
def test_the_error_of_perfect_forecasts_follows_the_normal_law(bias, count):
    printed = line_of(bias.stdout_text, "10000 个预报：")
    mean = dict(re.findall(r"(\d+) 箱 ([\d.]+)", printed))[str(count)]
    law = expected_error(10000, [k / count for k in range(1, count)])
    assert float(mean) == pytest.approx(law, abs=1e-3)


def test_printed_ranges_of_equal_width_and_equal_mass(bias):
    for name, mass in [("等宽", False), ("等量", True)]:
        found = again(1000, 15, mass)
        want = [found.mean(), *np.quantile(found, [0.05, 0.95])]
        line = line_of(bias.printed_by["mass"], f"{name} 15 箱，1000 个：平均 ")
        assert numbers(line) == pytest.approx(want, abs=5.1e-4)


def test_printed_bands_of_a_calibrated_model(bias):
    rng = np.random.default_rng(1)
    p = rng.beta(4, 1, 400)
    y = (rng.random(400) < p).astype(float)
    inner = [k / 15 for k in range(1, 15)]
    for name, q in [("校准的", p), ("过头的", p**2 / (p**2 + (1 - p) ** 2))]:
        one_hot = np.eye(15)[np.digitize(q, inner)]
        fake = (rng.random((2000, 400)) < q).astype(float)
        found = np.abs((q - fake) @ one_hot).sum(axis=1) / 400
        want = [400, binned(q, y, inner), np.quantile(found, 0.95)]
        line = line_of(bias.printed_by["band"], name)
        assert numbers(line) == pytest.approx(want, abs=5.1e-4)


def test_the_drawn_errors_are_the_printed_ones(bias):
    (axis,) = bias.figure.axes
    assert axis.get_ylim() == (0, 0.2)
    for line, count in zip(axis.lines, [5, 15, 50], strict=True):
        assert line.get_label() == f"{count} 箱"
        assert line.get_xdata().tolist() == [100, 1000, 10000]
        want = [again(n, count).mean() for n in (100, 1000, 10000)]
        assert list(line.get_ydata()) == pytest.approx(want, rel=1e-9)
    for shade, count in zip(axis.collections, [5, 15, 50], strict=True):
        assert shade.get_alpha() == 0.15
        points = shade.get_paths()[0].vertices
        spread = np.quantile(again(100, count), [0.05, 0.95])
        heights = points[points[:, 0] == 100, 1]
        assert [heights.min(), heights.max()] == pytest.approx(list(spread), rel=1e-9)


# --- a temperature ------------------------------------------------------------------


def log_softmax(z):
    return z - special.logsumexp(z, axis=1, keepdims=True)


def cross_entropy(z, y):
    return -log_softmax(z)[np.arange(len(y)), y].mean()


def fit_network(x, y, w):
    """Five hundred steps of momentum in NumPy; the logits as a function."""
    weights = [w[0].copy(), np.zeros(64), w[1].copy(), np.zeros(10)]
    speed = [np.zeros_like(a) for a in weights]
    for _ in range(500):
        h = np.maximum(x @ weights[0] + weights[1], 0)
        p = special.softmax(h @ weights[2] + weights[3], axis=1)
        delta = (p - np.eye(10)[y]) / len(y)
        hidden = (delta @ weights[2].T) * (h > 0)
        grads = [x.T @ hidden, hidden.sum(0), h.T @ delta, delta.sum(0)]
        for a, v, g in zip(weights, speed, grads, strict=True):
            v *= 0.9
            v += g
            a -= 0.25 * v
    return lambda x: (
        np.maximum(x @ weights[0] + weights[1], 0) @ weights[2] + weights[3]
    )


def best_temperature(z, y):
    def loss(log_t):
        return cross_entropy(z / math.exp(log_t), y)

    options = {"xatol": 1e-10}
    found = optimize.minimize_scalar(
        loss, bounds=(-2, 3), method="bounded", options=options
    )
    return math.exp(found.x)


@cache
def networks():
    """(logits to fit on, answers, logits of the test, answers, T) of five seeds."""
    images, labels = load_digits(return_X_y=True)
    found = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        rows = rng.permutation(len(images))
        w = [rng.normal(size=(64, 64)), rng.normal(size=(64, 10))]
        w = [a * math.sqrt(2 / 64) for a in w]
        x, y = images[rows] / 16, labels[rows]
        logits = fit_network(x[:100], y[:100], w)
        z, z_test = logits(x[100:600]), logits(x[600:])
        T = best_temperature(z, y[100:600])
        found.append((z, y[100:600], z_test, y[600:], T))
    return found


def calibration(z, y, bins):
    """The expected calibration error of torchmetrics."""
    p = torch.tensor(special.softmax(z, axis=1))
    found = multiclass_calibration_error(p, torch.tensor(y), 10, bins, "l1")
    return found.item()


def scores(z, y):
    p = special.softmax(z, axis=1)
    accuracy = (p.argmax(axis=1) == y).mean()
    return [accuracy, p.max(axis=1).mean(), calibration(z, y, 15), cross_entropy(z, y)]


@pytest.mark.parametrize("framework", ["by_torch", "by_tf"])
def test_printed_scores_before_and_after_the_temperature(framework, request):
    printed = request.getfixturevalue(framework).printed_by["compare"]
    for name, cold in [("原来", True), ("除以 T", False)]:
        runs = [scores(z / (1 if cold else T), y) for _, _, z, y, T in networks()]
        found = named(printed, f"{name}：")
        assert list(found) == ["准确率", "置信度", "ECE", "交叉熵"]
        want = list(np.mean(runs, axis=0))
        shown = list(found.values())
        assert shown[:2] == pytest.approx(want[:2], abs=5.1e-3)
        assert shown[2:] == pytest.approx(want[2:], abs=6e-4)
    temperatures = [T for *_, T in networks()]
    low, high = after(printed, "五次的 T：")
    assert low == pytest.approx(min(temperatures), abs=5.1e-3)
    assert high == pytest.approx(max(temperatures), abs=5.1e-3)


def test_the_error_after_the_temperature_is_that_of_true_forecasts(by_torch):
    """The answers drawn from the forecasts by NumPy; the mean of five runs."""
    rng, edges = np.random.default_rng(7), np.linspace(0, 1, 16)
    fake, real = np.zeros(400), 0
    for _, _, z, y, T in networks():
        p = special.softmax(z / T, axis=1).max(axis=1)
        real += calibration(z / T, y, 15) / 5
        right = rng.random((400, len(p))) < p
        in_bin = np.eye(15)[np.digitize(p, edges[1:-1])]
        fake += np.abs((p - right) @ in_bin).sum(axis=1) / len(p) / 5
    printed = by_torch.printed_by["band"]
    found = after(printed, "假定概率全对，五次的 ECE：")
    want = [fake.mean(), np.quantile(fake, 0.95)]
    assert found == pytest.approx(want, abs=1.1e-3)
    assert found[0] < real < found[1]
    said = f"平均也有 {found[0]}，九成半不超过 {found[1]}"
    assert said in PAGE.read_text(encoding="utf-8")


def test_both_frameworks_print_the_same_lines(by_torch, by_tf):
    for section in ("compare", "objective"):
        assert by_torch.printed_by[section] == by_tf.printed_by[section]


def test_both_frameworks_find_the_temperature_of_scipy(by_torch, by_tf):
    want = [T for *_, T in networks()]
    for program in (by_torch, by_tf):
        assert [run[4] for run in program.runs] == pytest.approx(want, rel=1e-4)


def test_the_temperature_changes_no_answer(by_torch):
    for _, _, z, _, T in by_torch.runs:
        assert torch.equal(z.argmax(dim=1), (z / T).argmax(dim=1))


@pytest.mark.parametrize("bins", [10, 15, 20, None])
def test_printed_minima_and_turns(by_torch, bins):
    z, y, *_ = networks()[0]
    grid = np.arange(100, 301) / 100
    if bins is None:
        values = [cross_entropy(z / t, y) for t in grid]
    else:
        values = [calibration(z / t, y, bins) for t in grid]
    ups = [b > a for a, b in zip(values, values[1:], strict=False)]
    turns = sum(a != b for a, b in zip(ups, ups[1:], strict=False))
    name = "交叉熵" if bins is None else f"ECE，{bins} 箱"
    found = numbers(line_of(by_torch.printed_by["objective"], f"{name}："))
    assert found == [grid[int(np.argmin(values))], turns]


def test_the_drawn_diagram_shows_confidence_and_right_answers(by_torch):
    diagonal, before, after_T = by_torch.axis.lines
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 1]
    y = np.concatenate([y for _, _, _, y, _ in networks()])
    for line, cold in [(before, True), (after_T, False)]:
        z = np.concatenate([z / (1 if cold else T) for _, _, z, _, T in networks()])
        p = special.softmax(z, axis=1)
        confidence, right = p.max(axis=1), p.argmax(axis=1) == y
        edges = np.linspace(0, 1, 11)
        count = np.histogram(confidence, edges)[0]
        own = count > 20
        for shown, what in [(line.get_xdata(), confidence), (line.get_ydata(), right)]:
            sums = np.histogram(confidence, edges, weights=what * 1.0)[0]
            got = [float(v) for v in shown]
            assert got == pytest.approx(list(sums[own] / count[own]), abs=2e-3)


# --- what spoils calibration --------------------------------------------------------


def expit(z):
    return special.expit(z)


def logistic(x, y, weights=None):
    """Intercept and slope by statsmodels, without a penalty."""
    design = sm.add_constant(np.asarray(x).ravel())
    family = sm.families.Binomial()
    return sm.GLM(y, design, family, freq_weights=weights).fit().params


def says(params, x):
    return expit(params[0] + params[1] * np.asarray(x).ravel())


def error_of(p, y, bins=10):
    p, y = torch.tensor(p), torch.tensor(np.asarray(y))
    return binary_calibration_error(p, y, bins, "l1").item()


def population(forecast, sick, noise=0.0):
    """Mean forecast and calibration error by areas, for everybody there could be."""
    x = np.linspace(-12, 14, 400_001)
    scale = math.sqrt(1 + noise**2)
    ill = sick * stats.norm.pdf(x, 1.5, scale)
    well = (1 - sick) * stats.norm.pdf(x, 0, scale)
    step = x[1] - x[0]
    p = forecast(x)
    gap = np.bincount(np.ceil(p * 10).astype(int), (p * (ill + well) - ill) * step)
    return (p * (ill + well)).sum() * step, np.abs(gap).sum()


def reported(text, name):
    line = re.fullmatch(
        r"平均报 (\S+)，患病 (\S+)，ECE (\S+)", line_of(text, f"{name}：")
    )
    return [float(x) for x in line.groups()]


def report_of(p, y):
    """Mean forecast, share that happened, calibration error, as near as printed."""
    means = [pytest.approx(x.mean(), abs=5.5e-3) for x in (p, y)]
    return [*means, pytest.approx(error_of(p, y), abs=8e-4)]


def true_logit(x, sick=0.1):
    return 1.5 * x - 1.5**2 / 2 + math.log(sick / (1 - sick))


WEIGHTED = {"照原样": 0.0, "class_weight": math.log(9), "过采样": math.log(9)}


@pytest.mark.parametrize("name", WEIGHTED)
def test_printed_forecasts_after_weighting(shift, name):
    weights = np.where(shift.y == 1, 9.0, 1.0)
    if name == "class_weight":
        share = shift.y.mean()
        weights = np.where(shift.y == 1, 0.5 / share, 0.5 / (1 - share))
    params = logistic(shift.x, shift.y, None if name == "照原样" else weights)
    p = says(params, shift.x_test)
    printed = shift.printed_by["weights"]
    found = reported(printed, name)
    assert found == report_of(p, shift.y_test)
    mean, error = population(lambda x: expit(true_logit(x) + WEIGHTED[name]), 0.1)
    assert found[0] == pytest.approx(mean, abs=0.01)
    assert found[2] == pytest.approx(error, abs=0.01)
    lines = printed.splitlines()
    below = lines[lines.index(next(x for x in lines if x.startswith(name))) + 1]
    half = (p > 0.45) & (p < 0.55)
    start = "　报 0.45 到 0.55 的人里，患病 "
    share = float(line_of(below, start))
    assert share == pytest.approx(shift.y_test[half].mean(), abs=6e-3)


def test_the_law_of_the_laboratory_is_the_stated_one(shift):
    """Of what the program drew: 10 % sick, N(0, 1) and N(1.5, 1)."""
    for x, y in [(shift.x, shift.y), (shift.x_test, shift.y_test)]:
        assert y.mean() == pytest.approx(0.1, abs=5e-3)
        for sick, centre in [(0, 0), (1, 1.5)]:
            values = x[y == sick, 0]
            assert values.mean() == pytest.approx(centre, abs=0.05)
            assert values.std() == pytest.approx(1, abs=0.05)


def corrected(p, old, new):
    """The same change by Bayes, in probabilities."""
    ill, well = p * new / old, (1 - p) * (1 - new) / (1 - old)
    return ill / (ill + well)


def test_odds_mend_what_oversampling_did(shift):
    printed = shift.printed_by["odds"]
    half, old, new = Fraction(1, 2), Fraction(1, 2), Fraction(1, 10)
    want = [corrected(half, old, new), corrected(Fraction(9, 10), old, new)]
    assert want == [Fraction(1, 10), Fraction(1, 2)]
    assert numbers(line_of(printed, "0.5 改正成 ")) == [0.1, 0.9, 0.5]
    weights = np.where(shift.y == 1, 9.0, 1.0)
    p = says(logistic(shift.x, shift.y, weights), shift.x_test)
    found = reported(printed, "过采样，改正后")
    assert found == report_of(corrected(p, 0.5, 0.1), shift.y_test)


PLACES = {"甲医院": (0.1, 0.0), "乙：病人多": (0.4, 0.0), "丙：仪器不准": (0.1, 1.5)}


@pytest.mark.parametrize("name", PLACES)
def test_printed_forecasts_in_other_hospitals(shift, name):
    params = logistic(shift.x, shift.y)
    x, y = shift.places[name]
    found = reported(shift.printed_by["elsewhere"], name)
    assert found == report_of(says(params, x), y)
    mean, error = population(lambda x: expit(true_logit(x)), *PLACES[name])
    assert found[0] == pytest.approx(mean, abs=0.01)
    assert found[1] == pytest.approx(PLACES[name][0], abs=0.01)
    assert found[2] == pytest.approx(error, abs=0.01)


@pytest.mark.parametrize("name", ["乙：病人多", "丙：仪器不准"])
def test_printed_mends_in_other_hospitals(shift, name):
    x, y = shift.places[name]
    p = says(logistic(shift.x, shift.y), x)
    printed = shift.printed_by["again"]
    found = reported(printed, f"{name}，改几率")
    assert found == report_of(corrected(p, 0.1, y.mean()), y)
    z = special.logit(p)
    local = says(logistic(z[:1000], y[:1000]), z[1000:])
    found = reported(printed, f"{name}，用当地一千例重新校准")
    assert found == report_of(local, y[1000:])


def test_faulty_labels_hide_the_error(shift):
    printed = shift.printed_by["labels"]
    x = np.linspace(-8, 10, 40_001)
    ill, well = 0.1 * stats.norm.pdf(x, 1.5), 0.9 * stats.norm.pdf(x)
    mass = (ill + well) * (x[1] - x[0])
    faulty = 0.1 + 0.8 * ill / (ill + well)  # the chance that the label says sick
    design = sm.add_constant(x)
    params = (
        sm.GLM(faulty, design, sm.families.Binomial(), freq_weights=mass * 50_000)
        .fit()
        .params
    )
    p = says(params, x)
    for name, truth in [("对着有错的标签", faulty), ("对着真相", ill / (ill + well))]:
        gaps = np.bincount(np.ceil(p * 10).astype(int), (p - truth) * mass)
        want = [(p * mass).sum(), (truth * mass).sum(), np.abs(gaps).sum()]
        found = reported(printed, name)
        assert found[:2] == pytest.approx(want[:2], abs=0.01)
        assert found[2] == pytest.approx(want[2], abs=6e-3)
    p = shift.noisy.predict_proba(shift.x_test)[:, 1]
    assert reported(printed, "对着真相") == report_of(p, shift.y_test)


# --- three maps ---------------------------------------------------------------------


def sample(n, seed, far=1.5, share=1.0):
    """The stated world in the order of the program's draws; the truth by Bayes."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3) * 1
    seen = y * (rng.random(n) < share)
    x = rng.normal(far * seen, 1)
    ratio = np.exp(far * x - far**2 / 2)  # of the two densities
    odds = 3 / 7 * (share * ratio + 1 - share)
    return x, y, odds / (1 + odds)


WORLDS = {
    "放大三倍": (3, 0, {}),
    "放大三倍再偏 2": (3, 2, {}),
    "形状不对": (1, 0, {"far": 4, "share": 0.6}),
}


def smoothed_platt(z, y):
    """Platt's curve with his softened targets, by SciPy."""
    ill, well = y.sum(), (1 - y).sum()
    target = np.where(y == 1, (ill + 1) / (ill + 2), 1 / (well + 2))

    def loss(w):
        raw = w[0] * z + w[1]
        return (np.logaddexp(0, raw) - target * raw).mean()

    def slope(w):
        gap = expit(w[0] * z + w[1]) - target
        return np.array([(gap * z).mean(), gap.mean()])

    w = optimize.minimize(loss, [0, 0], jac=slope, tol=1e-10).x
    return lambda z: expit(w[0] * z + w[1])


def temperature_map(z, y):
    def loss(beta):
        return (np.logaddexp(0, beta * z) - y * beta * z).mean()

    beta = optimize.minimize_scalar(loss, bounds=(0.01, 10), method="bounded").x
    return lambda z: expit(beta * z)


def staircase(z, y):
    order = np.argsort(z)
    steps = optimize.isotonic_regression(y[order].astype(float)).x
    return lambda new: np.interp(new, z[order], steps)


WAYS = {"温度": temperature_map, "普拉特": smoothed_platt, "保序": staircase}


@pytest.mark.parametrize("name", WORLDS)
def test_printed_distances_of_the_maps(maps, name):
    factor, offset, world = WORLDS[name]
    x, y, _ = sample(20000, 0, **world)
    intercept, slope = logistic(x, y)

    def logit(x):
        return factor * (intercept + slope * x) + offset

    x_test, _, truth = sample(20000, 1, **world)
    z_test = logit(x_test)

    def distance(p):
        return math.sqrt(((p - truth) ** 2).mean())

    printed = maps.printed_by["compare"].splitlines()
    at = printed.index(next(x for x in printed if x.startswith(f"{name}：")))
    (raw,) = numbers(printed[at].partition("离真实概率")[2])
    assert raw == pytest.approx(distance(expit(z_test)), abs=1e-3)
    for line, n in zip(printed[at + 1 : at + 4], [50, 500, 5000], strict=True):
        found = named(line, f"　{n} 例：")
        want = {}
        for way, fit in WAYS.items():
            runs = []
            for seed in range(10):
                x, y, _ = sample(n, 100 + seed, **world)
                runs.append(distance(fit(logit(x), y)(z_test)))
            want[way] = np.mean(runs)
        assert found == pytest.approx(want, abs=1.1e-3)


def test_the_truth_of_the_worlds_is_how_often_it_happens():
    """Among those with a truth from 0.3 to 0.9, as many are sick as it says."""
    for world in [{}, {"far": 4, "share": 0.6}]:
        _, y, truth = sample(400_000, 5, **world)
        middle = (truth > 0.3) & (truth < 0.9)
        assert y[middle].mean() == pytest.approx(truth[middle].mean(), abs=0.01)


def test_platt_needs_the_logit_of_naive_bayes(maps):
    x, y, _ = sample(20000, 0)
    ill, well = x[y == 1], x[y == 0]

    def logit(x):
        one = stats.norm.logpdf(x, ill.mean(), ill.std())
        zero = stats.norm.logpdf(x, well.mean(), well.std())
        return 4 * (one - zero) + math.log(len(ill) / len(well))

    x, y, _ = sample(5000, 2)
    by_probability = smoothed_platt(expit(logit(x)), y)
    by_logit = logistic(logit(x), y)
    x, _, truth = sample(20000, 1)
    z = logit(x)
    want = {
        "朴素贝叶斯": expit(z),
        "sigmoid，喂的是概率": by_probability(expit(z)),
        "先取 logit 再普拉特": says(by_logit, z),
    }
    printed = maps.printed_by["naive"]
    for name, p in want.items():
        found = after(printed, f"{name}：离真实概率 ")
        assert found == pytest.approx([math.sqrt(((p - truth) ** 2).mean())], abs=1e-3)


# --- practice: faq/calibration_practice_numpy ---------------------------------------

SOLUTION = """
def ece(p, y, n_bins):
    edges = np.linspace(0, 1, n_bins + 1)[1:-1]
    index = np.searchsorted(edges, p)
    total = 0.0
    for b in range(n_bins):
        inside = index == b
        if inside.any():
            gap = abs(p[inside].mean() - y[inside].mean())
            total += inside.mean() * gap
    return float(total)
"""
FLAT = ("inside.mean() * gap", "gap / n_bins")
WRONG = [
    FLAT,
    ("inside.mean() * gap", "gap / len(np.unique(index))"),
    ("inside.mean() * gap", "inside.mean() * gap**2"),
    ("inside.mean() * gap", "inside.sum() * gap"),
    ("abs(p[inside].mean() - y[inside].mean())", "p[inside].mean() - y[inside].mean()"),
    (
        "abs(p[inside].mean() - y[inside].mean())",
        "np.abs(p[inside] - y[inside]).mean()",
    ),
    ("abs(p[inside].mean()", "abs((b + 0.5) / n_bins"),  # the middle of the bin
    ("searchsorted(edges, p)", "searchsorted(edges, p, side='right')"),
    ("searchsorted(edges, p)", "minimum((p * n_bins).astype(int), n_bins - 1)"),
    ("np.searchsorted(edges, p)", "np.ceil(p * n_bins).astype(int) - 1"),  # loses 0
    ("np.searchsorted(edges, p)", "np.floor(p * n_bins).astype(int)"),  # loses 1
    ("        if inside.any():\n    ", "        if True:\n    "),
    ("n_bins + 1)[1:-1]", "n_bins + 2)[1:-1]"),
    ("np.linspace(0, 1, n_bins + 1)", "np.linspace(p.min(), p.max(), n_bins + 1)"),
    ("np.linspace(0, 1, n_bins + 1)", "np.quantile(p, np.linspace(0, 1, n_bins + 1))"),
    ("np.searchsorted(edges, p)", "np.digitize(p, edges, right=True) - (p == 0)"),
    ("total += inside.mean() * gap", "total = max(total, gap)"),
    ("total += inside.mean() * gap", "total += inside.mean() * gap * (gap > 0.05)"),
    ("inside.mean() * gap", "p[inside].sum() / p.sum() * gap"),
    ("y[inside].mean()", "(p[inside] >= 0.5).mean()"),
    ("range(n_bins)", "range(n_bins - 1)"),
    ("range(n_bins)", "range(1, n_bins)"),
    ("    return float(total)\n", ""),
    ("    edges", "    p.sort()\n    edges"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_exact_errors(case):
    """In fractions of the very floats, the bins' edges k / n_bins being exact."""
    _, given, error, _ = case
    days = [
        (Fraction(p), int(y))
        for p, y in zip(given["p"].tolist(), given["y"].tolist(), strict=True)
    ]
    assert float(exact_ece(days, given["n_bins"])) == pytest.approx(error, abs=6e-7)


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_torchmetrics_agrees_unless_a_forecast_is_on_an_edge(case):
    name, given, error, _ = case
    found = error_of(given["p"], given["y"], given["n_bins"])
    assert (found == pytest.approx(error, abs=6e-7)) == (name != "恰好在边上")


def test_the_page_s_error_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_error_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, FLAT) in PAGE.read_text(
        encoding="utf-8"
    )
