"""The SGD page: its steps, its rates, its noise, what the frameworks' SGD does.

References that the programs never import or call: ``torch.optim.SGD`` (for the NumPy
and Keras programs), the eigenvalues of the two-step recursion, the closed form of the
stationary variance, scikit-learn's data through torch's own network, and each
framework's behaviour.
"""

import inspect
import math
import re

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.colors import same_color
from sklearn.datasets import load_digits
from torch import nn

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, named, numbers

SNIPPETS = ROOT / "snippets"
PRACTICE = SNIPPETS / "algorithms/sgd_practice_numpy.py"
PAGE = ROOT / "docs/algorithms/sgd.md"
FIGURES = ROOT / "docs/assets/figures"
FRAMEWORKS = ["numpy", "torch", "tf"]


def torch_path(rates, **options):
    """The points of ``torch.optim.SGD`` on the page's bowl, each with its loss."""
    curvature = torch.tensor([1.0, 10.0], dtype=torch.float64)
    theta = torch.tensor([10.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=1.0, **options)
    path = []
    for rate in [*rates, 0.0]:
        optimizer.param_groups[0]["lr"] = rate
        loss = (curvature * theta**2).sum() / 2
        path.append((*theta.tolist(), loss.item()))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return path


def rows(text):
    """The numbers of the lines 「第 t 步：(x, y)，损失 f」, t from 0 on."""
    found = []
    for t, line in enumerate(text.splitlines()):
        shown = re.fullmatch(rf"第 {t} 步：\((.+), (.+)\)，损失 (.+)", line)
        found.append([float(x) for x in shown.groups()])
    return found


# --- the hand's steps, in every framework ---------------------------------------

STEPS = {
    "plain": ([0.15] * 3, {}),
    "momentum": ([0.15] * 3, {"momentum": 0.5}),
    "nesterov": ([0.05] * 3, {"momentum": 0.6, "nesterov": True}),
}


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("section", STEPS)
def test_printed_steps_are_those_of_torch(run_snippet, section, framework):
    rates, options = STEPS[section]
    printed = run_snippet(f"algorithms/sgd_{framework}").printed_by[section]
    np.testing.assert_allclose(
        rows(printed), torch_path(rates, **options), rtol=0, atol=6e-4
    )


def test_looking_ahead_visits_the_points_of_torch_s_nesterov(run_snippet):
    printed = run_snippet("algorithms/sgd_numpy").printed_by["look-ahead"]
    rates, options = STEPS["nesterov"]
    np.testing.assert_allclose(
        rows(printed), torch_path(rates, **options), rtol=0, atol=6e-4
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"momentum": 0.3, "nesterov": True},
    ],
)
def test_numpy_s_sgd_is_torch_s_when_the_rate_changes_at_every_step(
    run_snippet, options
):
    ns = run_snippet("algorithms/sgd_numpy")
    rates = np.linspace(0.01, 0.09, 12).tolist()
    found = ns.sgd(rates, options.get("momentum", 0.0), options.get("nesterov", False))
    expected = [point[:2] for point in torch_path(rates, **options)]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_the_change_of_variables_needs_a_rate_that_stays(run_snippet):
    """The page: the hidden form is exact at a constant rate, not at a changing one."""
    ns = run_snippet("algorithms/sgd_numpy")
    for rates, same in [([0.05] * 9, True), ([0.05] * 4 + [0.005] * 5, False)]:
        ahead = np.array(ns.look_ahead(rates, 0.6))
        hidden = np.array(ns.sgd(rates, 0.6, nesterov=True))[: len(ahead)]
        assert np.allclose(ahead, hidden, rtol=0, atol=1e-9) is same


# --- two conventions -------------------------------------------------------------

CONSTANT = [0.05] * 20
SMALLER = [0.05] * 10 + [0.005] * 10


def keras_path(rates, momentum, nesterov=False):
    """Points of ``keras.optimizers.SGD`` on the bowl; gradients written by hand."""
    theta = keras.Variable([10.0, 1.0], dtype="float64")
    optimizer = keras.optimizers.SGD(1.0, momentum=momentum, nesterov=nesterov)
    path = [keras.ops.convert_to_numpy(theta)]
    for rate in rates:
        optimizer.learning_rate = rate
        gradient = np.array([1.0, 10.0]) * path[-1]
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [theta])
        path.append(keras.ops.convert_to_numpy(theta))
    return np.array(path)


SHOWN = [10, 11, 12, 20]
LABELS = {"不变": CONSTANT, "变小": SMALLER}


@pytest.mark.parametrize("label", LABELS)
def test_printed_conventions_are_torch_s_and_keras_s(run_snippet, label):
    printed = run_snippet("algorithms/sgd_numpy").printed_by["conventions"]
    by_torch = [torch_path(LABELS[label], momentum=0.9)[t][0] for t in SHOWN]
    by_keras = keras_path(LABELS[label], 0.9)[SHOWN, 0]
    for place, expected in [("外", by_torch), ("里", by_keras)]:
        found = after(printed, f"{label}，乘在{place}面：")
        np.testing.assert_allclose(found, expected, rtol=0, atol=6e-4)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    ("framework", "section", "inside"),
    [("torch", "rate-outside", False), ("tf", "rate-inside", True)],
)
def test_each_framework_prints_its_convention(
    run_snippet, label, framework, section, inside
):
    """Written out anew: the velocity holds gradients, or steps."""
    x, v, path = 10.0, 0.0, [10.0]
    for rate in LABELS[label]:
        v = 0.9 * v + (rate * x if inside else x)
        x -= v if inside else rate * v
        path.append(x)
    printed = run_snippet(f"algorithms/sgd_{framework}").printed_by[section]
    found = after(printed, f"学习率{label}：")
    np.testing.assert_allclose(found, [path[t] for t in SHOWN], rtol=0, atol=6e-4)


def test_keras_and_torch_agree_at_a_constant_rate_and_part_when_it_changes():
    by_torch = np.array([p[:2] for p in torch_path(CONSTANT, momentum=0.9)])
    np.testing.assert_allclose(
        keras_path(CONSTANT, 0.9), by_torch, rtol=0, atol=1e-6
    )  # Keras keeps the rate in float32
    by_torch = np.array([p[:2] for p in torch_path(SMALLER, momentum=0.9)])
    assert np.abs(keras_path(SMALLER, 0.9) - by_torch).max() > 5


# --- rates on bowls ---------------------------------------------------------------


@pytest.fixture
def bowl(run_snippet):
    return run_snippet("algorithms/sgd_bowl_numpy")


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.15, 2 / 11, 0.19])
def test_printed_rate_is_the_largest_factor(bowl, rate):
    found = named(bowl.printed_by["rate"], f"学习率 {rate:.4f}：")
    factor = max(abs(1 - rate), abs(1 - 10 * rate))
    assert found == pytest.approx({"公式": factor, "测得": factor}, abs=6e-6)


def test_the_rate_is_measured_on_the_walk_and_not_copied(bowl):
    """The walk still holds a trace of the other direction: the last bits differ."""
    assert 0 < abs(bowl.measured - bowl.formula) < 1e-8


def test_the_best_rate_gives_the_page_s_number(bowl):
    assert named(bowl.printed_by["rate"], "学习率 0.1818：")["测得"] == 0.81818
    assert round((10 - 1) / (10 + 1), 5) == 0.81818


def test_no_rate_of_a_fine_grid_beats_the_best_one():
    grid = np.linspace(0.001, 0.199, 1000)
    factors = np.maximum(np.abs(1 - grid), np.abs(1 - 10 * grid))
    assert factors.min() >= 9 / 11 - 1e-12
    assert grid[factors.argmin()] == pytest.approx(2 / 11, abs=2e-4)


@pytest.mark.parametrize("t", [0, 1, 2, 3, 5, 10, 20, 40])
def test_printed_divergence_is_the_closed_form(bowl, t):
    x, y = 10 * (1 - 0.21) ** t, (1 - 2.1) ** t
    found = named(bowl.printed_by["diverge"], f"第 {t} 步：")
    assert list(found) == ["损失", "陡的方向"]
    assert found["损失"] == pytest.approx((x * x + 10 * y * y) / 2, abs=0.06)
    assert found["陡的方向"] == pytest.approx(y, abs=0.006)


def count(kappa, name):
    """Steps to a millionth by ``torch.optim.SGD``, tuned as the page says."""
    root = math.sqrt(kappa)
    mu = (root - 1) / (root + 1)
    rate, momentum, nesterov = {
        "梯度下降": (2 / (1 + kappa), 0, False),
        "动量": (4 / (1 + root) ** 2, mu * mu, False),
        "Nesterov": (1 / kappa, mu, True),
    }[name]
    curvature = torch.tensor([1.0, kappa], dtype=torch.float64)
    theta = torch.ones(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], rate, momentum, nesterov=nesterov)
    away = []
    for _ in range(7500 if kappa == 1000 and not momentum else 1200):
        away.append(theta.detach().norm().item())
        theta.grad = curvature * theta.detach()
        optimizer.step()
    return max(t for t, a in enumerate(away) if a > 1e-6 * away[0]) + 1


@pytest.mark.parametrize("kappa", [10, 100, 1000])
@pytest.mark.parametrize("name", ["梯度下降", "动量", "Nesterov"])
def test_printed_counts_of_steps_are_torch_s(bowl, kappa, name):
    found = named(bowl.printed_by["steps"], f"κ = {kappa}：")
    assert found[name] == count(kappa, name)


# --- what a changed eigenvalue says: limits of the rate ----------------------------


def radius(product, mu, nesterov=False):
    """Spectral radius of (v, x) → its next, at ``product`` = rate × curvature."""
    direct = [-product * mu, 1 - product]
    looked = [-product * mu * mu, 1 - product * (1 + mu)]
    return max(abs(np.linalg.eigvals([[mu, 1.0], looked if nesterov else direct])))


@pytest.mark.parametrize("mu", [0.5, 0.9])
def test_momentum_allows_a_larger_rate_and_nesterov_a_smaller_one(mu):
    limits = {False: 2 + 2 * mu, True: (2 + 2 * mu) / (1 + 2 * mu)}
    for nesterov, limit in limits.items():
        assert (
            radius(limit * 0.99, mu, nesterov) < 1 < radius(limit * 1.01, mu, nesterov)
        )


def test_complex_roots_shrink_by_the_root_of_mu():
    for product in [0.3, 1.0, 2.0]:
        assert radius(product, 0.9) == pytest.approx(math.sqrt(0.9))


# --- batches and noise -------------------------------------------------------------

SAMPLES = [1.0, 2.0, 4.0, 5.0]


@pytest.fixture
def noise(run_snippet):
    return run_snippet("algorithms/sgd_noise_numpy")


@pytest.mark.parametrize("size", [2, 4])
def test_printed_mean_and_sum_are_torch_s_reductions(noise, size):
    expected = {}
    for name, reduction in [("平均", "mean"), ("总和", "sum")]:
        theta = torch.zeros((), requires_grad=True)
        target = torch.tensor(SAMPLES if size == 4 else [1.0, 5.0])
        (F.mse_loss(theta.expand(size), target, reduction=reduction) / 2).backward()
        expected[name] = theta.grad.item()
    assert named(noise.printed_by["mean"], f"一批 {size} 个：") == expected


@pytest.mark.parametrize("size", [1, 4, 16, 64])
def test_printed_spread_falls_as_one_over_the_root_of_the_batch(noise, size):
    found = named(noise.printed_by["spread"], f"一批 {size} 个：")
    assert found.pop("平均") == -np.mean(SAMPLES)
    exact = math.sqrt(2.5 / size)  # the samples' variance is 2.5
    assert found == pytest.approx({"标准差": exact, "公式": exact}, abs=0.006)


@pytest.mark.parametrize(
    ("rate", "size"), [(0.2, 1), (0.1, 1), (0.1, 2), (0.2, 2), (0.2, 4)]
)
def test_printed_plateau_solves_the_fixed_point_of_the_variance(noise, rate, size):
    """Var = (1 − η)² Var + η² σ² / B, iterated; not the closed form."""
    variance = 0.0
    for _ in range(1000):
        variance = (1 - rate) ** 2 * variance + rate**2 * 2.5 / size
    found = named(noise.printed_by["plateau"], f"学习率 {rate}，一批 {size} 个：")
    assert found == pytest.approx({"测得": variance, "公式": variance}, abs=0.006)


def test_the_walkers_are_as_many_and_go_as_far_as_the_page_says(noise):
    """「取十万次」, 「十万个……走 100 步」; what they find is measured, not copied."""
    assert noise.batch.shape == (100_000, 64)
    default = inspect.signature(noise.variance).parameters
    assert (default["walkers"].default, default["steps"].default) == (100_000, 100)
    assert noise.measured != noise.formula


def test_the_page_s_rows_are_where_it_says(noise, run_snippet):
    """「比较第一行与第二行……第二行与第四行」, 「最后一行是一批 50 张……直接取 0.5」."""
    heads = [x.partition("：")[0] for x in noise.printed_by["plateau"].splitlines()]
    assert heads[:2] == ["学习率 0.2，一批 1 个", "学习率 0.1，一批 1 个"]
    assert heads[3] == "学习率 0.2，一批 2 个"
    tried = run_snippet("algorithms/sgd_digits_numpy").printed_by["batch"]
    assert tried.splitlines()[-1].startswith("批 50，学习率 0.5：")


# --- a real network ----------------------------------------------------------------

WAYS = {
    "0.05，无动量": {"lr": 0.05},
    "0.005，动量 0.9": {"lr": 0.005, "momentum": 0.9},
    "0.05，动量 0.9": {"lr": 0.05, "momentum": 0.9},
    "0.05，Nesterov 0.9": {"lr": 0.05, "momentum": 0.9, "nesterov": True},
}


def trained(size=50, **options):
    """Losses of 20 epochs and right answers, by torch, with the page's weights."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = torch.from_numpy(x[order] / 16), torch.from_numpy(y[order])
    rng = np.random.default_rng(1)
    hidden, last = nn.Linear(64, 32).double(), nn.Linear(32, 10).double()
    with torch.no_grad():
        hidden.weight.copy_(torch.from_numpy(rng.normal(size=(64, 32)).T / 32**0.5))
        last.weight.copy_(torch.from_numpy(rng.normal(size=(32, 10)).T / 40))
        hidden.bias.zero_()
        last.bias.zero_()
    parameters = [*hidden.parameters(), *last.parameters()]
    optimizer = torch.optim.SGD(parameters, **options)
    history = []
    for _ in range(20):
        losses = []
        for i in range(0, 1500, size):
            logits = last(hidden(x[i : min(i + size, 1500)]).clamp(min=0))
            loss = F.cross_entropy(logits, y[i : min(i + size, 1500)])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        history.append(sum(losses) / len(losses))
    guess = last(hidden(x[1500:]).clamp(min=0)).argmax(dim=1)
    return history, (guess == y[1500:]).sum().item()


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("label", WAYS)
def test_printed_training_is_torch_s(run_snippet, label, framework):
    printed = run_snippet(f"algorithms/sgd_digits_{framework}").printed_by["run"]
    history, right = trained(**WAYS[label])
    head, *lines = printed.splitlines()
    assert head == "学习率：第 1、5、20 轮的损失，测试对几张"
    (line,) = [x for x in lines if x.startswith(f"{label}：")]
    losses, _, count = line.removeprefix(f"{label}：").partition(" 对 ")
    expected = [history[epoch - 1] for epoch in (1, 5, 20)]
    assert numbers(losses) == pytest.approx(expected, abs=1.1e-3)
    assert count == f"{right} 张"


@pytest.mark.parametrize(
    ("size", "rate"),
    [(50, 0.05), (500, 0.05), (500, 0.5), (50, 0.5), (50, 0.2), (500, 2.0)],
)
def test_printed_batch_sizes_are_torch_s(run_snippet, size, rate):
    printed = run_snippet("algorithms/sgd_digits_numpy").printed_by["batch"]
    history, right = trained(size, lr=rate)
    found = named(printed, f"批 {size}，学习率 {rate}：", " 张")
    assert list(found) == ["第 20 轮", "测试对"]
    assert found["第 20 轮"] == pytest.approx(history[-1], abs=1.1e-3)
    assert found["测试对"] == right


# --- the drawings -------------------------------------------------------------------


def drawn(name):
    """All the text of a figure but its title, minus signs as in code."""
    text = (FIGURES / f"sgd-{name}.svg").read_text("utf-8").split("</title>")[1]
    texts = re.findall(r"<text.*?</text>", text)
    return [re.sub(r"<[^>]+>", "", t).replace("−", "-") for t in texts]


def drawn_path(name, mark):
    """The numbers of the one path of a figure that has ``mark`` in its tag."""
    text = (FIGURES / f"sgd-{name}.svg").read_text("utf-8").split("</defs>")[-1]
    (path,) = [p for p in re.findall(r"<path[^>]*>", text) if mark in p]
    return numbers(re.search(r' d="([^"]*)"', path)[1])


@pytest.mark.parametrize("step", [1, 2, 3])
def test_the_told_steps_show_torch_s_points_and_the_factors(step):
    before, after_it = torch_path([0.15] * 3)[step - 1 : step + 1]
    rows_drawn = drawn(f"hand-{step}")[1:]
    for place, factor, line in zip((0, 1), (0.85, -0.5), rows_drawn, strict=True):
        was, is_now, multiplied = numbers(line)
        assert [was, is_now] == pytest.approx(
            [before[place], after_it[place]], abs=6e-4
        )
        assert multiplied == factor


@pytest.mark.parametrize("step", [1, 2, 3])
def test_the_told_steps_are_drawn_at_torch_s_points(step):
    """26 units along x, 38 along y, the valley's bottom at (24, 66)."""
    expected = [(24 + 26 * x, 66 - 38 * y) for x, y, _ in torch_path([0.15] * step)]
    text = (FIGURES / f"sgd-hand-{step}.svg").read_text("utf-8")
    circles = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="4"', text)
    found = [(float(x), float(y)) for x, y in circles]
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.1)


def test_the_told_contours_pass_through_the_points():
    """The loss is the same along each drawn arc, by its half axes."""
    text = (FIGURES / "sgd-hand-3.svg").read_text("utf-8")
    arcs = re.findall(r"A([\d.]+) ([\d.]+) 0 0 1", text)
    levels = [loss for *_, loss in torch_path([0.15] * 3)]
    for (wide, high), loss in zip(arcs, levels, strict=True):
        assert (float(wide) / 26) ** 2 / 2 == pytest.approx(loss, rel=0.01)
        assert 10 * (float(high) / 38) ** 2 / 2 == pytest.approx(loss, rel=0.01)


def test_the_momentum_s_second_step_is_drawn_to_scale():
    """54 units along x, 78 along y, the point (10, 0) at (270, 102)."""
    text = (FIGURES / "sgd-momentum.svg").read_text("utf-8")
    circles = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="4"', text)
    path = torch_path([0.15] * 2, momentum=0.5)
    expected = [(270 - 54 * (10 - x), 102 - 78 * y) for x, y, _ in path]
    found = [(float(x), float(y)) for x, y in circles]
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.1)
    inertia = drawn_path("momentum", "momentum-c")  # the arrow stops short of its end
    np.testing.assert_allclose(inertia[:2], found[1], atol=0.1)
    tip = found[1][0] - 54 * 0.15 * 5, found[1][1] + 78 * 0.15 * 5
    np.testing.assert_allclose(inertia[2:], tip, atol=2)
    np.testing.assert_allclose(drawn_path("momentum", "momentum-b")[:2], tip, atol=0.1)
    arcs = re.findall(r"A([\d.]+) ([\d.]+) 0 0 1", text)
    for (wide, high), (*_, loss) in zip(arcs, path, strict=True):
        assert (float(wide) / 54) ** 2 / 2 == pytest.approx(loss, rel=0.01)
        assert 10 * (float(high) / 78) ** 2 / 2 == pytest.approx(loss, rel=0.01)


def test_the_drawn_factors_cross_at_the_best_rate():
    """1080 units for a rate of 1 from 44; 120 for a factor of 1 up from 204."""
    x, y = drawn_path("rates", "stroke-opacity")[2:4]
    assert (x - 44) / 1080 == pytest.approx(2 / 11, abs=1e-4)
    assert (204 - y) / 120 == pytest.approx(9 / 11, abs=1e-3)
    steep = np.array(drawn_path("rates", "6 3")).reshape(-1, 2)
    rates, factors = (steep[:, 0] - 44) / 1080, (204 - steep[:, 1]) / 120
    np.testing.assert_allclose(factors, np.abs(1 - 10 * rates), atol=1e-9)


@pytest.mark.parametrize(
    ("panel", "rate", "options"),
    [
        (0, 0.05, {}),
        (1, 0.18, {}),
        (2, 0.21, {}),
        (3, 0.15, {"momentum": 0.5}),
    ],
)
def test_the_recorded_paths_are_torch_s(bowl, panel, rate, options):
    axis = bowl.axes[panel]
    (line,) = axis.lines
    expected = [point[:2] for point in torch_path([rate] * 12, **options)]
    np.testing.assert_allclose(line.get_xydata(), expected, rtol=0, atol=1e-9)
    assert same_color(line.get_color(), "C1") == (rate > 0.2)
    title = axis.get_title(loc="left")
    assert numbers(title) == [rate, *options.values()]
    assert ["慢而稳", "来回跨过谷底", "越跨越远", "动量"][panel] in title


def test_the_recorded_contours_are_those_of_the_bowl(bowl):
    for axis in bowl.axes:
        (contours,) = axis.collections
        for level, path in zip(contours.levels, contours.get_paths(), strict=True):
            x, y = path.vertices.T
            np.testing.assert_allclose(x**2 + 10 * y**2, level, rtol=0, atol=0.05)
        innermost = contours.get_paths()[0].vertices[:, 0]
        assert innermost.min() == pytest.approx(-1, abs=0.05)
        assert list(contours.levels) == [1, 10, 40, 90]


def test_the_recorded_contours_reach_the_frame(bowl):
    for axis in bowl.axes:
        (contours,) = axis.collections
        y = np.concatenate([path.vertices[:, 1] for path in contours.get_paths()])
        assert (y.min(), y.max()) == pytest.approx(axis.get_ylim())


def test_the_recorded_bowl_is_shown_whole_and_level(bowl):
    for axis in bowl.axes:
        assert axis.get_xlim() == (-1, 11)
        low, high = axis.get_ylim()
        assert low == -high < -2
        assert list(axis.get_yticks()) == [-1, 0, 1]


def test_with_momentum_the_twelve_steps_end_nearest():
    """「走完 12 步，离谷底反而比前三种都近」."""
    ends = [
        np.hypot(*torch_path([rate] * 12, **options)[-1][:2])
        for rate, options in [
            (0.05, {}),
            (0.18, {}),
            (0.21, {}),
            (0.15, {"momentum": 0.5}),
        ]
    ]
    assert ends[3] == min(ends)


@pytest.mark.parametrize("curve", range(4))
def test_the_recorded_curves_are_torch_s_losses(run_snippet, curve):
    axis = run_snippet("algorithms/sgd_digits_numpy").axis
    history, _ = trained(**list(WAYS.values())[curve])
    line = axis.lines[curve]
    np.testing.assert_allclose(line.get_ydata(), history, rtol=1e-6)
    assert list(line.get_xdata()) == list(range(1, 21))


def test_each_recorded_curve_has_its_dash_and_its_name(run_snippet):
    """「虚线与点线几乎重合」; a name stands by the nearest curve of its colour."""
    axis = run_snippet("algorithms/sgd_digits_numpy").axis
    assert [line.get_linestyle() for line in axis.lines] == ["--", ":", "-", "-"]
    names = ["0.05，无动量", "0.005，动量 0.9", "0.05，动量 0.9", "Nesterov"]
    found = {}
    for text in axis.texts:
        x, y = text.get_position()
        gaps = {
            name: abs(np.interp(x, line.get_xdata(), line.get_ydata()) - y)
            for name, line in zip(names, axis.lines, strict=True)
            if same_color(line.get_color(), text.get_color())
        }
        found[text.get_text()] = min(gaps, key=gaps.get)
    assert found == {name: name for name in names}


def test_the_recorded_curves_fill_the_axis_from_zero(run_snippet):
    axis = run_snippet("algorithms/sgd_digits_numpy").axis
    highest = max(line.get_ydata().max() for line in axis.lines)
    low, high = axis.get_ylim()
    assert low == 0 < highest < high < 1.1 * highest


# --- what the text says ---------------------------------------------------------------


@pytest.mark.parametrize("kappa", [10, 100, 1000])
def test_the_best_momentum_shrinks_both_directions_alike(kappa):
    root = math.sqrt(kappa)
    rate, mu = (2 / (root + 1)) ** 2, ((root - 1) / (root + 1)) ** 2
    for curvature in [1, kappa]:  # double roots: half of the digits
        assert radius(rate * curvature, mu) == pytest.approx(
            (root - 1) / (root + 1), abs=1e-6
        )
    less = max(radius(rate * c, mu * 0.99) for c in [1, kappa])
    assert less > (root - 1) / (root + 1)


def test_scaling_keras_s_velocity_by_the_ratio_of_the_rates_gives_torch_s_path():
    theta = keras.Variable([10.0, 1.0], dtype="float64")
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
    path = [np.array([10.0, 1.0])]
    for t, rate in enumerate(SMALLER):
        optimizer.learning_rate = rate
        if t == 10:
            velocity = optimizer.momentums[0]
            velocity.assign(velocity * (rate / SMALLER[t - 1]))
        gradient = np.array([1.0, 10.0]) * path[-1]
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [theta])
        path.append(keras.ops.convert_to_numpy(theta))
    expected = [point[:2] for point in torch_path(SMALLER, momentum=0.9)]
    np.testing.assert_allclose(path, expected, rtol=0, atol=1e-6)


def test_exercise_1_s_best_rate_multiplies_both_directions_by_0_6():
    assert [abs(1 - 0.2 * c) for c in (2, 8)] == pytest.approx([0.6, 0.6])
    assert "最好的是 $2/(2+8)=0.2$" in PAGE.read_text(encoding="utf-8")


def test_exercise_2_s_eleventh_steps_are_torch_s_and_keras_s():
    rates = [0.1] * 10 + [0.01]
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    torch_s = torch.optim.SGD([theta], lr=0.1, momentum=0.9)
    variable = keras.Variable([0.0], dtype="float64")
    keras_s = keras.optimizers.SGD(0.1, momentum=0.9)
    ends = []
    for rate in rates:
        torch_s.param_groups[0]["lr"] = rate
        keras_s.learning_rate = rate
        theta.grad = torch.ones(1, dtype=torch.float64)
        torch_s.step()
        keras_s.apply([keras.ops.ones(1, "float64")], [variable])
        ends.append((theta.item(), float(variable[0])))
    steps = np.subtract(ends[-2], ends[-1])
    assert steps == pytest.approx([0.069, 0.596], abs=6e-4)
    text = PAGE.read_text(encoding="utf-8")
    assert r"\approx0.069$" in text and "走 0.596，约是 8.7 倍" in text


@pytest.mark.parametrize("mu", [0.0, 0.9])
def test_exercise_3_s_rates_give_the_same_training(mu):
    histories = []
    for reduction, rate in [("sum", 0.002), ("mean", 0.1)]:
        theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([theta], lr=rate, momentum=mu)
        target = torch.linspace(0, 1, 50, dtype=torch.float64)
        path = []
        for _ in range(5):
            optimizer.zero_grad()
            F.mse_loss(theta.expand(50), target, reduction=reduction).backward()
            optimizer.step()
            path.append(theta.item())
        histories.append(path)
    assert histories[0] == pytest.approx(histories[1], rel=1e-12)


# --- the table of differences -------------------------------------------------------


def test_default_rates_are_those_of_the_table() -> None:
    assert inspect.signature(torch.optim.SGD).parameters["lr"].default == 1e-3
    assert (
        inspect.signature(keras.optimizers.SGD).parameters["learning_rate"].default
        == 0.01
    )


def test_torch_s_nesterov_wants_a_momentum_and_keras_ignores_it_without() -> None:
    theta = torch.ones(1, requires_grad=True)
    with pytest.raises(ValueError, match="Nesterov"):
        torch.optim.SGD([theta], lr=0.1, nesterov=True)
    path = keras_path([0.05] * 3, 0.0, nesterov=True)
    np.testing.assert_allclose(path, keras_path([0.05] * 3, 0.0))


def test_torch_s_dampening_weighs_the_first_batch_ten_times() -> None:
    """With dampening 0.9: v does not grow past g; the first g counts whole."""
    shares = []
    for first, second in [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]:
        theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([theta], lr=1.0, momentum=0.9, dampening=0.9)
        for gradient in (first, second):
            theta.grad = torch.tensor([gradient], dtype=torch.float64)
            optimizer.step()
        (state,) = optimizer.state.values()
        shares.append(state["momentum_buffer"].item())
    assert shares == pytest.approx([0.9, 0.1, 1.0])


def test_weight_decay_enters_torch_s_velocity_and_not_keras_s() -> None:
    """Zero gradients: torch's velocity still grows by the decay, Keras's stays 0."""
    theta = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.1, momentum=0.9, weight_decay=0.1)
    for _ in range(2):
        theta.grad = torch.zeros(1, dtype=torch.float64)
        optimizer.step()
    assert theta.item() == pytest.approx(0.99 - 0.1 * (0.09 + 0.099))
    variable = keras.Variable([1.0], dtype="float64")
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9, weight_decay=0.1)
    for _ in range(2):
        optimizer.apply([keras.ops.zeros(1, "float64")], [variable])
    assert float(variable[0]) == pytest.approx(0.99**2, abs=1e-6)


# --- practice: algorithms/sgd_practice_numpy -----------------------------------------

SOLUTION = """
def sgd(theta, gradients, rates, mu=0.0, nesterov=False):
    v = np.zeros_like(theta)
    for g, rate in zip(gradients, rates, strict=True):
        v = mu * v + g
        theta = theta - rate * (g + mu * v if nesterov else v)
    return theta
"""
UPDATES = """v = mu * v + g
        theta = theta - rate * (g + mu * v if nesterov else v)"""
INSIDE = (
    UPDATES,
    """v = mu * v + rate * g
        theta = theta - (rate * g + mu * v if nesterov else v)""",
)
FORGETFUL = (
    """v = np.zeros_like(theta)
    for g, rate in zip(gradients, rates, strict=True):
        v = mu * v + g""",
    """v = last = np.zeros_like(theta)
    for g, rate in zip(gradients, rates, strict=True):
        v, last = mu * (last if nesterov else v) + g, g""",
)
WRONG = [
    FORGETFUL,
    ("np.zeros_like(theta)", "np.zeros(len(theta))"),
    ("mu * v + g\n", "mu * v - g\n"),
    ("mu * v + g\n", "mu * v + (1 - mu) * g\n"),
    ("mu * v + g\n", "mu * (v + g)\n"),
    ("g + mu * v if", "g + v if"),
    ("g + mu * v if", "v + mu * g if"),
    ("if nesterov else v", "if not nesterov else v"),
    ("theta = theta - rate", "theta -= rate"),
    ("theta - rate *", "theta + rate *"),
    INSIDE,
    ("zip(gradients, rates, strict=True)", "((g, rates[0]) for g in gradients)"),
    ("return theta", "return v"),
    ("rate * (g", "rate / len(theta) * (g"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_torch_s_sgd_gives(case):
    _, given, literal, _ = case
    theta = torch.from_numpy(given["theta"].copy()).requires_grad_()
    optimizer = torch.optim.SGD(
        [theta],
        lr=1.0,
        momentum=given.get("mu", 0.0),
        nesterov=given.get("nesterov", False),
    )
    for rate, gradient in zip(given["rates"], given["gradients"], strict=True):
        optimizer.param_groups[0]["lr"] = rate
        theta.grad = torch.from_numpy(gradient)
        optimizer.step()
    np.testing.assert_allclose(theta.detach(), literal, rtol=0, atol=1e-12)


def test_the_page_s_sgd_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_sgd_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, INSIDE) in page


def test_the_two_factors_are_drawn_over_the_curvature():
    """25 units a curvature from 44, 140 a factor up from 204; the best of kappa 10."""
    without = drawn_path("speed", "hb-qing")
    rate = 2 / 11
    expected = [(c, abs(1 - rate * c)) for c in (0, 5.5, 11)]
    np.testing.assert_allclose(
        without,
        np.ravel([(44 + 25 * c, 204 - 140 * f) for c, f in expected]),
        atol=0.06,
    )
    root = math.sqrt(10)
    rate, mu = (2 / (root + 1)) ** 2, ((root - 1) / (root + 1)) ** 2
    for x, y in np.reshape(drawn_path("speed", "hb-zhu"), (-1, 2)):
        factor = radius(rate * (x - 44) / 25, mu)
        assert y == pytest.approx(204 - 140 * factor, abs=1.2)  # steep at its bends
    assert f"处处 {math.sqrt(mu):.2f}" in " ".join(drawn("speed"))


def test_the_two_conventions_are_drawn_as_torch_and_keras_go():
    """13.5 units a step from 44, 9 a unit of x down from 112; they part at step 10."""
    torch_s = [x for x, *_ in torch_path(SMALLER, momentum=0.9)]
    keras_s = keras_path(SMALLER, 0.9)[:, 0]

    def line(values, first):
        return np.ravel(
            [(44 + 13.5 * t, 112 - 9 * x) for t, x in enumerate(values, first)]
        )

    assert drawn_path("conventions", "hb-ink-2") == pytest.approx(
        line(torch_s[:11], 0), abs=0.06
    )
    assert drawn_path("conventions", "hb-qing") == pytest.approx(
        line(torch_s[10:], 10), abs=0.06
    )
    assert drawn_path("conventions", "hb-zhu") == pytest.approx(
        line(keras_s[10:], 10), abs=0.06
    )
