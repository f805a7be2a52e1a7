"""The Adam page: its steps, its corrections, its decay, what each framework does.

References that the programs never import or call: ``torch.optim`` for the NumPy
programs, the update written out anew for the frameworks' own, scikit-learn's data
through torch's network with all seeds in one batch, and each framework's behaviour.
"""

import inspect
import re

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, named

PRACTICE = ROOT / "snippets/algorithms/adam_practice_numpy.py"
PAGE = ROOT / "docs/algorithms/adam.md"
FIGURES = ROOT / "docs/assets/figures"
FRAMEWORKS = ["numpy", "torch", "tf"]


def torch_path(optimizer_class, gradient, theta, steps, **options):
    theta = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    optimizer = optimizer_class([theta], **options)
    path = [theta.tolist()]
    for t in range(steps):
        theta.grad = gradient(theta.detach(), t)
        optimizer.step()
        path.append(theta.tolist())
    return np.array(path)


def written_out(g, w, steps, *, lr, eps=1e-8, hat=False, l2=0.0, decay=0.0):
    """Adam on one number, each line of the paper anew; ``hat``: the other epsilon."""
    m = v = 0.0
    for t in range(1, steps + 1):
        gradient = g(w, t) + l2 * w
        w -= lr * decay * w
        m += 0.1 * (gradient - m)
        v += 0.001 * (gradient * gradient - v)
        mean, root = m / (1 - 0.9**t), (v / (1 - 0.999**t)) ** 0.5
        small = eps / (1 - 0.999**t) ** 0.5 if hat else eps
        w -= lr * mean / (root + small)
    return w


# --- two steps by hand ----------------------------------------


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("t", [0, 1, 2])
def test_printed_steps_are_the_written_out_update(run_snippet, framework, t):
    printed = run_snippet(f"algorithms/adam_{framework}").printed_by["hand"]
    expected = [written_out(lambda w, _, c=c: c * w, 1.0, t, lr=0.1) for c in (1, 10)]
    assert after(printed, f"第 {t} 步：") == pytest.approx(expected, abs=6e-5)


def test_the_page_s_second_step_has_the_hand_s_numbers():
    text = PAGE.read_text("utf-8")
    m, v = 0.9 * 0.1 + 0.1 * 0.9, 0.999 * 0.001 + 0.001 * 0.81
    mean, root = m / 0.19, (v / 0.001999) ** 0.5
    said = [f"{m:.2f}", f"{v:.6f}", f"{mean:.4f}", f"{root**2:.4f}", f"{root:.4f}"]
    said += [f"{mean / root:.4f}", f"{0.1 * mean / root:.4f}"]
    assert [x for x in said if x not in text] == []


def test_numpy_s_adam_is_torch_s_after_100_steps(run_snippet):
    ns = run_snippet("algorithms/adam_numpy")
    hessian = np.array([[3.0, 1.0], [1.0, 0.5]])
    found = ns.adam(lambda x: hessian @ x, np.array([1.0, -2.0]), 100, eta=0.02)
    h = torch.from_numpy(hessian)
    expected = torch_path(
        torch.optim.Adam, lambda x, _: h @ x, [1.0, -2.0], 100, lr=0.02
    )
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_numpy_s_adam_takes_its_betas_and_eps(run_snippet):
    ns = run_snippet("algorithms/adam_numpy")
    found = ns.adam(lambda x: x, np.ones(1), 9, 0.1, beta1=0.5, beta2=0.9, eps=0.1)
    expected = torch_path(
        torch.optim.Adam,
        lambda x, _: x,
        [1.0],
        9,
        lr=0.1,
        betas=(0.5, 0.9),
        eps=0.1,
    )
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_printed_scaled_step_is_torch_s(run_snippet):
    printed = run_snippet("algorithms/adam_numpy").printed_by["scale"]
    c = 1000 * torch.tensor([1.0, 10.0], dtype=torch.float64)
    path = torch_path(torch.optim.Adam, lambda x, _: c * x, [1.0, 1.0], 2, lr=0.1)
    found = after(printed, "损失乘 1000：第 2 步")
    assert found == pytest.approx(path[-1], abs=6e-5)


def test_the_invariance_is_shown_on_the_page_s_bowl(run_snippet):
    """Adam's path hangs on neither number: nothing printed could tell."""
    ns = run_snippet("algorithms/adam_numpy")
    assert ns.curvature.tolist() == [1, 10]
    assert ns.steeper(np.array([1.0, 2.0])).tolist() == [1000, 20000]


@pytest.mark.parametrize("framework", ["torch", "tf"])
def test_the_frameworks_walk_on_the_page_s_bowl(run_snippet, framework):
    """Adam's path hangs on neither curvature nor scale; the last loss does."""
    ns = run_snippet(f"algorithms/adam_{framework}")
    x, y = after(ns.printed_by["hand"], "第 2 步：")
    assert ns.curvature.numpy().tolist() == [1, 10]
    loss = ns.loss.detach() if framework == "torch" else ns.loss
    assert float(loss) == pytest.approx((x * x + 10 * y * y) / 2, rel=2e-4)


BOWLS = {"正": np.eye(2), "斜": np.array([[1.0, -1.0], [1.0, 1.0]]) / 2**0.5}


WALKS = {
    "动量": (torch.optim.SGD, {"momentum": 0.9}, [5e-5, 1e-4, 2e-4, 3e-4, 4e-4]),
    "Adam": (torch.optim.Adam, {}, [0.1, 0.3, 1, 3, 10]),
}


def best_on_the_bowl(name, turn):
    """(rate, losses) by torch: of the page's rates the one that ends lowest."""
    cls, options, rates = WALKS[name]
    h = turn @ np.diag([1.0, 1e4]) @ turn.T
    hessian, start, runs = torch.from_numpy(h), (turn @ [1.0, 1.0]).tolist(), []
    for rate in rates:
        path = torch_path(cls, lambda x, _: hessian @ x, start, 400, lr=rate, **options)
        runs.append((rate, np.einsum("ti,ij,tj->t", path, h, path) / 2))
    return min(runs, key=lambda run: run[1][-1])


@pytest.mark.parametrize("way", BOWLS)
@pytest.mark.parametrize("name", WALKS)
def test_printed_losses_on_the_turned_bowl_are_torch_s(run_snippet, name, way):
    rate, losses = best_on_the_bowl(name, BOWLS[way])
    printed = run_snippet("algorithms/adam_numpy").printed_by["turned"]
    found = after(printed, f"{name}，碗{way}着，{rate:g}：")
    assert found == pytest.approx(losses[[100, 200, 400]], rel=0.06, abs=0)


def test_the_kept_rate_is_the_one_that_ends_lowest_after_400_steps(run_snippet):
    """What a walk dips to on its way does not count."""
    ns, seen = run_snippet("algorithms/adam_numpy"), []

    def walk(gradient, theta, steps, eta):
        seen.append(steps)
        return [np.array([x]) for x in {0.1: (1, 0.2, 3), 0.2: (1, 9, 2)}[eta]]

    kept = ns.best(walk, [0.1, 0.2], np.eye(1), np.ones(1))
    assert kept == (0.2, [0.5, 40.5, 2])
    assert seen == [400, 400]


def test_the_turned_bowls_stand_in_the_page_s_order(run_snippet):
    ns = run_snippet("algorithms/adam_numpy")
    labels = [line.rsplit("，", 1)[0] for line in ns.printed_by["turned"].splitlines()]
    ways = ["动量，碗正着", "动量，碗斜着", "Adam，碗正着", "Adam，碗斜着"]
    assert labels == ways
    assert {name: rates for name, (_, rates) in ns.ways.items()} == {
        name: rates for name, (*_, rates) in WALKS.items()
    }


# --- bias ----------------------------------------


def moments(steps):
    """m, root of v and their ratio for gradients that are all 1, step by step."""
    m = v = 0.0
    found = []
    for _ in range(steps):
        m, v = 0.9 * m + 0.1, 0.999 * v + 0.001
        found.append((m, v**0.5, m / v**0.5))
    return np.array(found)


@pytest.mark.parametrize("t", [1, 10, 100, 1000, 3000])
def test_printed_moments_are_those_of_the_recursion(run_snippet, t):
    printed = run_snippet("algorithms/adam_bias_numpy").printed_by["ratio"]
    found = named(printed, f"第 {t} 步：")
    assert list(found) == ["m", "√v", "步子"]
    m, root, step = moments(3000)[t - 1]
    assert [found["m"], found["√v"]] == pytest.approx([m, root], abs=6e-4)
    assert found["步子"] == pytest.approx(step, abs=6e-3)


def test_the_printed_largest_step_is_the_largest(run_snippet):
    printed = run_snippet("algorithms/adam_bias_numpy").printed_by["ratio"]
    step = moments(3000)[:, 2]
    (last,) = after(printed, f"最大在第 {step.argmax() + 1} 步：")
    assert last == pytest.approx(step.max(), abs=6e-3)


def test_m_and_v_rise_to_095_when_the_page_says():
    m, root, _ = moments(3000).T
    assert (m > 0.95).argmax() + 1 == 29
    assert (root**2 > 0.95).argmax() + 1 == pytest.approx(3000, abs=10)


def test_the_bias_figure_draws_the_three_curves(run_snippet):
    axis = run_snippet("algorithms/adam_bias_numpy").axis
    m, root, step = moments(3000).T
    for line, expected in zip(axis.lines, [step, m, root], strict=False):
        np.testing.assert_allclose(line.get_xdata(), np.arange(1, 3001))
        np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-9)
    assert set(axis.lines[3].get_ydata()) == {1}
    legend = [(line.get_label(), line.get_linestyle()) for line in axis.lines]
    said = [("步子，不修正", "-"), ("m", "--"), ("√v", "-"), ("步子，修正", ":")]
    assert legend == said
    assert axis.lines[0].get_color() != axis.lines[2].get_color()
    assert axis.get_title(loc="left") == "梯度一直是 1"
    assert axis.get_xlabel() == "步数（对数坐标）"
    title = run_snippet("algorithms/adam_bias_numpy").title
    assert f"{step.max():.2f} 倍，几千步" in title
    assert axis.get_xscale() == "log"
    assert axis.get_ylim()[1] > step.max()


# --- epsilon ----------------------------------------


@pytest.mark.parametrize("g", [1.0, 1e-6, 1e-8])
@pytest.mark.parametrize(
    ("framework", "section", "hat", "eps", "other"),
    [
        ("torch", "epsilon", False, 1e-8, "1e-7"),
        ("tf", "epsilon-hat", True, 1e-7, "1e-8"),
    ],
)
def test_printed_first_steps_follow_each_epsilon(
    run_snippet, framework, section, hat, eps, other, g
):
    printed = run_snippet(f"algorithms/adam_{framework}").printed_by[section]
    found = named(printed, f"梯度 {g:g}：")
    steps = {
        name: -written_out(lambda w, t: g, 0.0, 1, lr=0.1, eps=e, hat=hat)
        for name, e in [("默认", eps), (other, float(other))]
    }
    assert list(found) == list(steps)
    assert found == pytest.approx(steps, abs=6e-5)


def test_keras_s_epsilon_divided_by_the_root_is_torch_s_at_every_step():
    variable = keras.Variable([0.0], dtype="float64")
    optimizer = keras.optimizers.Adam(0.1, epsilon=1e-6)
    for t in range(1, 6):
        before = float(variable[0])
        optimizer.apply([keras.ops.convert_to_tensor(np.array([1e-5 * t]))], [variable])
        keras_s = float(variable[0]) - before
        eps = 1e-6 / (1 - 0.999**t) ** 0.5
        path = torch_path(
            torch.optim.Adam,
            lambda _, s: torch.tensor([1e-5 * (s + 1)], dtype=torch.float64),
            [0.0],
            t,
            lr=0.1,
            eps=eps,
        )
        # only the t-th step of this path used the right eps
        assert keras_s == pytest.approx((path[t] - path[t - 1])[0], rel=1e-4)


# --- decay ----------------------------------------


def alternating(size):
    return lambda w, t: size * (1 if t % 2 else -1)


def decayed(kind, size):
    if kind == "SGD":
        w = 1.0
        for t in range(1, 501):
            w -= 0.01 * (alternating(size)(w, t) + 0.1 * w)
        return w
    options = {"l2": 0.1} if kind == "L2" else {"decay": 0.1}
    return written_out(alternating(size), 1.0, 500, lr=0.01, **options)


@pytest.mark.parametrize(
    ("framework", "label", "kind"),
    [
        ("torch", "SGD", "SGD"),
        ("torch", "Adam", "L2"),
        ("torch", "AdamW", "decoupled"),
        ("tf", "SGD", "SGD"),
        ("tf", "Adam", "decoupled"),
        ("tf", "AdamW", "decoupled"),
    ],
)
def test_printed_decay_is_of_the_kind_that_the_page_says(
    run_snippet, framework, label, kind
):
    section = {"torch": "decay", "tf": "decay-apart"}[framework]
    printed = run_snippet(f"algorithms/adam_{framework}").printed_by[section]
    expected = {
        name: decayed(kind, size)
        for name, size in [("梯度大的", 2.0), ("梯度小的", 0.2)]
    }
    found = named(printed, f"{label}：")
    assert list(found) == list(expected)
    assert found == pytest.approx(expected, abs=6e-4)


def test_keras_s_decay_is_shown_on_the_page_s_gradients(run_snippet):
    """Decoupled decay asks for no gradient's size: nothing printed could tell."""
    seen = []

    class Spy:
        def __init__(self, learning_rate, weight_decay):
            assert (learning_rate, weight_decay) == (0.01, 0.1)

        def apply(self, gradients, variables):
            seen.extend(gradients[0].numpy().round(6).tolist())

    run_snippet("algorithms/adam_tf").after(2, Spy)
    assert seen == pytest.approx([2, 0.2, -2, -0.2])


def test_the_page_s_estimates_of_the_coupled_decay():
    assert round((1 - 0.01 * 0.1 / 2) ** 500, 2) == 0.78
    assert round((1 - 0.01 * 0.1 / 0.2) ** 500, 3) == 0.082


def test_keras_s_l2_needs_half_of_lambda_to_be_torch_s():
    x, lam = np.array([1.5, -0.5]), 0.3
    w = keras.Variable(x, dtype="float64")
    penalty = keras.regularizers.L2(lam / 2)(w)
    assert float(penalty) == pytest.approx(lam / 2 * (x @ x))
    path = torch_path(
        torch.optim.SGD,
        lambda _, t: torch.zeros(2, dtype=torch.float64),
        x.tolist(),
        1,
        lr=1.0,
        weight_decay=lam,
    )
    np.testing.assert_allclose(x - path[1], lam * x)  # d(lam/2 x²)/dx


def test_the_decay_follows_the_changed_rate():
    for rate in (1e-3, 1e-4):
        theta = torch.ones(1, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.AdamW([theta], lr=rate, weight_decay=0.1)
        theta.grad = torch.zeros(1, dtype=torch.float64)
        optimizer.step()
        assert 1 - theta.item() == pytest.approx(0.1 * rate)


def test_keras_s_adamw_walks_with_torch_s_adamw():
    grads = np.random.default_rng(0).normal(size=(50, 3))
    w = keras.Variable([1.0, -2.0, 0.5], dtype="float64")
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1, epsilon=1e-12)
    for g in grads:
        optimizer.apply([keras.ops.convert_to_tensor(g)], [w])
    path = torch_path(
        torch.optim.AdamW,
        lambda _, t: torch.from_numpy(grads[t]),
        [1.0, -2.0, 0.5],
        50,
        lr=0.01,
        weight_decay=0.1,
        eps=1e-12,
    )
    found = keras.ops.convert_to_numpy(w)
    np.testing.assert_allclose(found, path[-1], rtol=0, atol=5e-6)


def test_defaults_are_those_of_the_table():
    torch_s = inspect.signature(torch.optim.AdamW).parameters
    keras_s = inspect.signature(keras.optimizers.AdamW).parameters
    assert (torch_s["eps"].default, keras_s["epsilon"].default) == (1e-8, 1e-7)
    assert torch_s["weight_decay"].default == 0.01
    assert keras_s["weight_decay"].default == 0.004


def test_keras_excludes_by_the_variable_s_name():
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2), keras.layers.LayerNormalization()]
    )
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    before = [keras.ops.convert_to_numpy(v) + 0.0 for v in model.trainable_variables]
    zeros = [keras.ops.zeros_like(v) for v in model.trainable_variables]
    optimizer.apply(zeros, model.trainable_variables)
    factors = [0.95, 1, 1, 1]  # kernel, bias, gamma, beta
    for was, v, factor in zip(before, model.trainable_variables, factors, strict=True):
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(v), was * factor, rtol=1e-6
        )


def test_keras_ignores_an_exclusion_that_comes_after_fit():
    dense = keras.layers.Dense(2, bias_initializer="ones")
    model = keras.Sequential([keras.Input((3,)), dense])
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.5)
    model.compile(optimizer, lambda y, z: 0 * keras.ops.sum(z))
    for power in (1, 2):
        model.fit(np.zeros((1, 3)), np.zeros((1, 2)), verbose=0)
        assert keras.ops.convert_to_numpy(dense.bias) == pytest.approx(0.95**power)
        optimizer.exclude_from_weight_decay(var_names=["bias"])


# --- groups and memory ----------------------------------------


def test_printed_groups_are_counted_by_hand(run_snippet):
    printed = run_snippet("algorithms/adam_groups_torch").printed_by["groups"]
    d = 64
    matrices = [3 * d * d, d * d, 4 * d * d, 4 * d * d, 1000 * d]
    vectors = [d, d, 3 * d, d, 4 * d, d]
    assert printed.splitlines() == [
        f"衰减：5 个张量，{sum(matrices)} 个数",
        f"不衰减：7 个张量，{1000 * d + sum(vectors)} 个数",
        f"不衰减的一维张量：6 个，{sum(vectors)} 个数",
    ]
    assert sum(vectors) / (sum(matrices) + 1000 * d + sum(vectors)) < 0.004


def test_the_groups_are_given_to_adamw_as_the_page_says(run_snippet):
    """The groups remember what AdamW put into them; both tables have 64 000 numbers."""
    ns = run_snippet("algorithms/adam_groups_torch")
    assert [g["weight_decay"] for g in ns.groups] == [0.1, 0.0]
    for group in ns.groups:
        assert group["decoupled_weight_decay"]
        assert (group["betas"], group["lr"]) == ((0.9, 0.95), 1e-3)
    names = {id(p): name for name, p in ns.model.named_parameters()}
    assert {names[id(p)] for p in ns.groups[0]["params"]} == {
        "attention.in_proj_weight",
        "attention.out_proj.weight",
        "up.weight",
        "down.weight",
        "head.weight",
    }


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("SGD", 0),
        ("SGD 加动量", 4),
        ("Adam", 8),
        ("AdamW", 8),
        ("Adam，amsgrad", 12),
        ("Muon", 4),
    ],
)
def test_printed_memory_is_four_bytes_for_each_buffer(run_snippet, name, size):
    printed = run_snippet("algorithms/adam_groups_torch").printed_by["memory"]
    assert f"{name}：每个参数 {size} 字节" in printed.splitlines()


def test_the_measured_momentum_is_the_page_s(run_snippet):
    """How much it keeps hangs not on its value."""
    optimizer = run_snippet("algorithms/adam_groups_torch").optimizers["SGD 加动量"]
    assert optimizer.param_groups[0]["momentum"] == 0.9


def test_each_measured_optimizer_is_the_one_that_its_line_names(run_snippet):
    measured = run_snippet("algorithms/adam_groups_torch").optimizers
    kinds = {name: type(optimizer).__name__ for name, optimizer in measured.items()}
    assert kinds == {
        "SGD": "SGD",
        "SGD 加动量": "SGD",
        "Adam": "Adam",
        "AdamW": "AdamW",
        "Adam，amsgrad": "Adam",
        "Muon": "Muon",
    }


# --- a real network ----------------------------------------

OPTIMIZERS = {
    "SGD": lambda p, lr: torch.optim.SGD(p, lr=lr),
    "动量 0.9": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
    "Adam": lambda p, lr: torch.optim.Adam(p, lr=lr),
}


def data(even=True):
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order] / 16, y[order]
    if not even:
        x = x * np.random.default_rng(5).permutation(np.logspace(-2, 0, 64))
    return torch.from_numpy(x), torch.from_numpy(y)


def network(params, x):
    w1, b1, w2, b2 = params
    return (x @ w1 + b1).clamp(min=0) @ w2 + b2


def trained(name, rate, seeds, x, y):
    """All seeds in one batch: (mean loss of the last epoch, parameters) by torch."""
    rngs = [np.random.default_rng(seed) for seed in seeds]
    first = [r.normal(size=(64, 32)) / 32**0.5 for r in rngs]
    last = [r.normal(size=(32, 10)) / 40 for r in rngs]
    arrays = [np.array(first), np.zeros((len(rngs), 1, 32))]
    arrays += [np.array(last), np.zeros((len(rngs), 1, 10))]
    params = [torch.from_numpy(a).requires_grad_() for a in arrays]
    optimizer = OPTIMIZERS[name](params, rate)
    for _ in range(10):
        rows, losses = np.array([r.permutation(len(x)) for r in rngs]), []
        for i in range(0, len(x), 50):
            batch = torch.from_numpy(rows[:, i : i + 50])
            z = network(params, x[batch])
            loss = F.cross_entropy(z.flatten(0, 1), y[batch].flatten())
            losses.append(loss.item())
            optimizer.zero_grad()
            (loss * len(rngs)).backward()
            optimizer.step()
    return np.mean(losses), params


@pytest.fixture
def digits(run_snippet):
    return run_snippet("algorithms/adam_digits_numpy")


RATES = {
    "SGD": [0.1, 0.3, 1, 2],
    "动量 0.9": [0.03, 0.1, 0.2, 0.4],
    "Adam": [0.001, 0.003, 0.01, 0.03],
}


@pytest.mark.parametrize("name", RATES)
def test_printed_validation_losses_are_torch_s(digits, name):
    lines = digits.printed_by["tune"].splitlines()
    assert lines[::2] == [f"{way}，学习率→验证损失：" for way in RATES]
    shown = lines[lines.index(f"{name}，学习率→验证损失：") + 1].split("  ")
    found = [[float(x) for x in pair.split("→")] for pair in shown]
    assert [rate for rate, _ in found] == RATES[name]
    x, y = data()
    for rate, loss in found:
        _, params = trained(name, rate, range(3), x[:1200], y[:1200])
        z = network(params, x[1200:1500])
        expected = F.cross_entropy(z.flatten(0, 1), y[1200:1500].repeat(3))
        assert loss == pytest.approx(expected.item(), abs=6e-3)


@pytest.mark.parametrize(
    ("section", "name", "rate"),
    [
        ("compare", "SGD", 1),
        ("compare", "动量 0.9", 0.2),
        ("compare", "Adam", 0.01),
        ("units", "动量 0.9", 0.4),
        ("units", "Adam", 0.1),
    ],
)
def test_printed_errors_are_torch_s_over_ten_new_seeds(digits, section, name, rate):
    x, y = data(even=section == "compare")
    loss, params = trained(name, rate, range(10, 20), x[:1500], y[:1500])
    wrong = (network(params, x[1500:]).argmax(-1) != y[1500:]).sum(dim=1).double()
    printed = line_of(digits.printed_by[section], f"{name}，{rate:g}：")
    shown = re.fullmatch(r"训练损失 (\S+)，错 (\S+) ± (\S+) 张", printed)
    found = [float(x) for x in shown.groups()]
    assert found[0] == pytest.approx(loss, abs=6e-4)
    assert found[1:] == pytest.approx(
        [wrong.mean().item(), wrong.std().item()], abs=0.06
    )
    curve = (digits.curves if section == "compare" else digits.uneven)[name]
    assert curve[-1] == pytest.approx(loss, rel=1e-6)


@pytest.mark.parametrize("name", ["动量 0.9", "Adam"])
def test_the_rate_for_uneven_pixels_is_the_best_of_four(digits, name):
    rates = {"动量 0.9": [0.1, 0.2, 0.4, 0.8], "Adam": [0.01, 0.03, 0.1, 0.3]}[name]
    x, y = data(even=False)
    losses = []
    for rate in rates:
        _, params = trained(name, rate, range(3), x[:1200], y[:1200])
        z = network(params, x[1200:1500])
        losses.append(F.cross_entropy(z.flatten(0, 1), y[1200:1500].repeat(3)).item())
    assert digits.ways[name][1] == rates
    best = rates[int(np.argmin(losses))]
    assert f"{name}，{best:g}：" in digits.printed_by["units"]


def test_the_first_epoch_of_numpy_s_adam_is_keras_s(digits):
    x, y = (t.numpy() for t in data())
    rng = np.random.default_rng(10)
    first = keras.layers.Dense(32, activation="relu")
    last = keras.layers.Dense(10)
    model = keras.Sequential([keras.Input((64,)), first, last])
    first.kernel.assign(rng.normal(size=(64, 32)) / 32**0.5)
    last.kernel.assign(rng.normal(size=(32, 10)) / 40)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01, epsilon=1e-9), loss)
    rows, losses = rng.permutation(1500), []
    for i in range(0, 1500, 50):
        batch = rows[i : i + 50]
        model.reset_metrics()
        losses.append(model.train_on_batch(x[batch], y[batch]))
    step, data_1500 = digits.adam_step, (x[:1500], y[:1500])
    _, history = digits.train(step, 0.01, 10, *data_1500, epochs=1)
    assert np.mean(losses) == pytest.approx(history[0], rel=1e-4)


def test_the_digits_figure_draws_every_curve(digits):
    for axis, found in zip(digits.axes, [digits.curves, digits.uneven], strict=True):
        labels = [line.get_label() for line in axis.lines]
        assert labels == list(found)
        for line, curve in zip(axis.lines, found.values(), strict=True):
            assert list(line.get_xdata()) == list(range(1, 11))
            np.testing.assert_allclose(line.get_ydata(), curve)
            assert max(curve[1:]) < axis.get_ylim()[1]
        assert [t.get_text() for t in axis.get_legend().get_texts()] == labels
    titles = [axis.get_title(loc="left") for axis in digits.axes]
    assert titles == ["原来的像素", "单位不同的像素"]
    assert digits.axes[1].get_xlabel() == "轮"
    last = {name: curve[-1] for name, curve in digits.uneven.items()}
    assert min(last, key=last.get) == "Adam" and "Adam 低得多" in digits.title


# --- drawings and words ----------------------------------------


def shapes(name):
    text = (FIGURES / f"adam-{name}.svg").read_text("utf-8")
    return [float(w) for w in re.findall(r'<rect [^>]*width="([\d.]+)"', text)], text


@pytest.mark.parametrize(("step", "ratio"), [(1, 1.0), (2, 0.995877)])
def test_the_hand_s_bars_have_the_lengths_of_their_numbers(step, ratio):
    (gx, gy, sx, sy), text = shapes(f"hand-{step}")
    assert gy == pytest.approx(10 * gx)
    assert [sx, sy] == pytest.approx([120 * ratio] * 2, abs=0.1)
    assert text.count(f">{0.1 * ratio:.4f}<") == 2


def test_the_epsilon_figure_s_dots_are_the_printed_first_steps():
    text = (FIGURES / "adam-epsilon.svg").read_text("utf-8")
    axis = re.search(r'd="M40 (\d+)V(\d+)H', text)
    top, bottom = (float(y) for y in axis.groups())
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', text)
    pairs = [(e, g) for e in (1e-8, 1e-7 / 0.001**0.5) for g in (1e-8, 1e-6)]
    for (x, y), (e, g) in zip(dots, pairs, strict=True):
        drawn = (bottom - float(y)) / (bottom - top)
        assert drawn == pytest.approx(g / (g + e), abs=1e-3)
        assert float(x) == pytest.approx(40 + (np.log10(g) + 9) / 9 * 304, abs=0.1)


def test_the_epsilon_figure_s_curves_have_their_names_and_colours():
    text = (FIGURES / "adam-epsilon.svg").read_text("utf-8")
    curve = r'<path d="M([\d. ]+)" fill="none" stroke="var\(--hb-(\w+)'
    drawn = re.findall(curve, text)
    dots = re.findall(r'<circle [^>]*fill="var\(--hb-(\w+)', text)
    names = re.findall(r'fill="var\(--hb-(\w+)\)"[^>]*>(PyTorch|Keras)<', text)
    assert names == [("qing", "PyTorch"), ("zhu", "Keras")]
    assert [color for _, color in drawn] == ["qing", "zhu"]
    assert dots == ["qing", "qing", "zhu", "zhu"]
    for (points, _), e in zip(drawn, (1e-8, 1e-7 / 0.001**0.5), strict=True):
        x, y = np.array(points.split(), float).reshape(-1, 2).T
        g = 10 ** ((x - 40) / 304 * 9 - 9)
        np.testing.assert_allclose((178 - y) / 144, g / (g + e), atol=2e-3)
    one, other = (1e-6 / (1e-6 + e) for e in (1e-8, 1e-7 / 0.001**0.5))
    assert f"PyTorch 仍走 {one:.2f}，Keras 只走 {other:.2f}</title>" in text


@pytest.mark.parametrize(
    ("step", "gradient", "end"),
    [(1, ["1", "10"], "(0.9, 0.9)"), (2, ["0.9", "9"], "(0.8004, 0.8004)")],
)
def test_the_hand_s_figures_say_the_page_s_numbers(step, gradient, end):
    _, text = shapes(f"hand-{step}")
    assert re.findall(r'text-anchor="start">([\d.]+)<', text)[:2] == gradient
    assert text.count(f"走到 {end}<") == 2  # title and drawing


def test_exercise_2_s_ratio_is_what_adam_settles_at():
    m = v = 0.0
    for t in range(20000):
        g = 1.0 if t % 2 else -1.0
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    assert abs(m) / v**0.5 == pytest.approx(0.053, abs=5e-4)
    assert 1 / 0.053 == pytest.approx(19, abs=0.2)


@pytest.mark.parametrize(
    ("kind", "g", "expected"),
    [
        (torch.float16, 0.0, "nan"),
        (torch.float16, 0.004, "-inf"),
        (torch.float16, 0.01, "finite"),
        (torch.bfloat16, 0.0, "finite"),
        (torch.bfloat16, 0.004, "finite"),
    ],
)
def test_half_precision_does_what_the_pitfall_says(kind, g, expected):
    theta = torch.ones(1, dtype=kind, requires_grad=True)
    optimizer = torch.optim.Adam([theta], lr=1e-3, foreach=False)
    theta.grad = torch.tensor([g], dtype=kind)
    optimizer.step()
    found = theta.item()
    assert ("finite" if np.isfinite(found) else str(found)) == expected


def test_restarted_state_counts_from_one_again():
    theta = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.Adam([theta])
    theta.grad = torch.ones(1)
    optimizer.step()
    assert optimizer.state_dict()["state"][0]["step"] == 1
    assert torch.optim.Adam([theta]).state_dict()["state"] == {}


# --- practice ----------------------------------------

SOLUTION = """
def adamw(theta, gradients, rates, weight_decay=0.0, eps=1e-8):
    m = v = np.zeros_like(theta)
    for t, (g, rate) in enumerate(zip(gradients, rates, strict=True), start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        theta = theta - rate * weight_decay * theta
        root = np.sqrt(v / (1 - 0.999**t)) + eps
        theta = theta - rate * m / (1 - 0.9**t) / root
    return theta
"""
COUPLED = (
    """        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        theta = theta - rate * weight_decay * theta
""",
    """        g = g + weight_decay * theta
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
""",
)
WRONG = [
    COUPLED,
    ("np.zeros_like(theta)", "np.zeros(len(theta))"),
    (
        "0.999 * v + 0.001 * g**2",
        "sum(x**2 for x in gradients[:t]) / t * (1 - 0.999**t)",
    ),
    ("0.999 * v + 0.001 * g**2", "np.maximum(v, 0.999 * v + 0.001 * g**2)"),
    ("start=1", "start=2"),
    ("0.001 * g**2", "0.001 * g"),
    ("0.999 * v + 0.001", "0.99 * v + 0.01"),
    ("0.9 * m + 0.1", "0.8 * m + 0.2"),
    ("m / (1 - 0.9**t)", "m"),
    ("v / (1 - 0.999**t)", "v"),
    ("np.sqrt(v / (1 - 0.999**t)) + eps", "np.sqrt(v / (1 - 0.999**t) + eps)"),
    (
        "np.sqrt(v / (1 - 0.999**t)) + eps",
        "(np.sqrt(v) + eps) / np.sqrt(1 - 0.999**t)",
    ),
    ("rate * weight_decay * theta", "weight_decay * theta"),
    ("rate * weight_decay * theta", "rates[0] * weight_decay * theta"),
    ("theta = theta - rate * weight_decay", "theta -= rate * weight_decay"),
    ("theta - rate * m", "theta + rate * m"),
    ("rate * m", "rates[0] * m"),
    ("return theta", "return m"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_torch_s_adamw_gives(case):
    _, given, literal, _ = case
    theta = torch.from_numpy(given["theta"].copy()).requires_grad_()
    optimizer = torch.optim.AdamW(
        [theta],
        lr=1.0,
        weight_decay=given.get("weight_decay", 0.0),
        eps=given.get("eps", 1e-8),
    )
    for rate, gradient in zip(given["rates"], given["gradients"], strict=True):
        optimizer.param_groups[0]["lr"] = rate
        theta.grad = torch.from_numpy(gradient)
        optimizer.step()
    np.testing.assert_allclose(theta.detach(), literal, rtol=0, atol=1e-8)


def test_the_page_s_adamw_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_adamw_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, COUPLED) in page
