"""The autograd page: its tapes, its differences, its drawings, what frameworks do.

References that the programs never import or call: torch's autograd (for the Python,
NumPy and TensorFlow programs), ``torch.func.jvp``, closed forms,
``torch.nn.init`` and each framework's own behaviour.
"""

import inspect
import math
import re

import numpy as np
import pytest
import tensorflow as tf
import torch
import torch.nn.functional as F
from torch import nn

from handbook.programs import practice
from handbook.programs.sections import sections
from tests.conftest import ROOT

SNIPPETS = ROOT / "snippets"
PRACTICE = SNIPPETS / "concepts/autograd_practice_numpy.py"
FIGURES = ROOT / "docs/assets/figures"
PAGE = ROOT / "docs/concepts/autograd.md"
EXACT = {"rtol": 1e-10, "atol": 1e-13}  # float64, sums of a few terms


def numbers(text):
    return [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", text)]


def after(text, start):
    """The numbers of the one line that begins with ``start``, after its label."""
    (line,) = [x for x in text.splitlines() if x.startswith(start)]
    return numbers(line.removeprefix(start))


def leaf(data):
    return torch.tensor(data, dtype=torch.float64, requires_grad=True)


# --- one graph by hand ----------------------------------------------------------


@pytest.fixture
def scalar(run_snippet):
    return run_snippet("concepts/autograd_scalar_python")


def by_torch():
    """``{name: (value, derivative of f)}`` of the page's small function."""
    a, b = leaf(2.0), leaf(3.0)
    c = a * b
    d = c + a
    f = c * d
    named = {"a": a, "b": b, "c": c, "d": d, "f": f}
    grads = torch.autograd.grad(f, list(named.values()))
    return {n: (x.item(), g.item()) for (n, x), g in zip(named.items(), grads)}  # noqa: B905


@pytest.mark.parametrize("name", "abcdf")
def test_printed_value_and_derivative_are_torch_s(scalar, name):
    printed = after(scalar.printed_by["backward"], f"{name} = ")
    assert tuple(printed) == by_torch()[name]


@pytest.mark.parametrize(("name", "seed"), [("a", (1.0, 0.0)), ("b", (0.0, 1.0))])
def test_printed_forward_mode_is_torch_s_jvp(scalar, name, seed):
    def steps(a, b):
        c = a * b
        d = c + a
        return torch.stack([c, d, c * d])

    point = (torch.tensor(2.0), torch.tensor(3.0))
    direction = tuple(torch.tensor(s) for s in seed)
    expected = torch.func.jvp(steps, point, direction)[1].tolist()
    assert (
        after(scalar.printed_by["forward"], f"c、d、f 对 {name} 的导数：") == expected
    )


@pytest.mark.parametrize("n", [1, 10, 100])
def test_forward_mode_multiplies_once_an_edge_and_input_reverse_once_an_edge(scalar, n):
    edges = 2 * n + 2 * n  # n products and n sums of two sources each
    found = after(scalar.printed_by["cost"], f"{n} 个输入：")
    assert found == [n * edges, edges]


def test_the_named_calls_are_forward_mode():
    def f(a, b):
        return a * b * (a * b + a)

    point = (torch.tensor(2.0), torch.tensor(3.0))
    along_a = (torch.tensor(1.0), torch.tensor(0.0))
    assert torch.func.jvp(f, point, along_a)[1].item() == 48
    a, b = tf.constant(2.0), tf.constant(3.0)
    with tf.autodiff.ForwardAccumulator(a, tf.constant(1.0)) as forward:
        result = f(a, b)
    assert float(forward.jvp(result)) == 48


def tape_of(ns, draw):
    """A fresh tape with what ``draw`` records, and what it returns."""
    ns.tape.clear()
    ns.products.clear()
    return draw(ns.Number)


@pytest.mark.parametrize("seed", range(5))
def test_both_modes_differentiate_any_graph_as_torch_does(scalar, seed):
    rng = np.random.default_rng(seed)
    plan = [(rng.random() < 0.5, *rng.integers(0, 3 + i, 2)) for i in range(8)]
    values = rng.integers(1, 4, 3).tolist()

    def draw(number):
        nodes = [number(v) for v in values]
        for product, i, j in plan:
            nodes.append(nodes[i] * nodes[j] if product else nodes[i] + nodes[j])
        return nodes

    theirs = draw(lambda v: leaf(float(v)))
    wanted = torch.autograd.grad(theirs[-1], theirs[:3], allow_unused=True)
    expected = [0.0 if g is None else g.item() for g in wanted]
    nodes = tape_of(scalar, draw)
    grad = scalar.backward(nodes[-1])
    assert [grad[x] for x in nodes[:3]] == expected
    assert [scalar.forward(x)[nodes[-1]] for x in nodes[:3]] == expected


def test_with_one_input_and_many_results_forward_mode_needs_less(scalar):
    """Exercise 2."""
    n = 7

    def draw(number):
        x = number(3)
        return x, [number(i) * x for i in range(n)]

    x, results = tape_of(scalar, draw)
    slope = scalar.forward(x)
    assert [slope[y] for y in results] == list(range(n))
    for y in results:
        scalar.backward(y)
    assert dict(scalar.products) == {"前向": 2 * n, "反向": 2 * n * n}


def test_exercise_1_is_16_and_4():
    a, b = leaf(2.0), leaf(1.0)
    grads = torch.autograd.grad((a + b) * (a * a), (a, b))
    assert [g.item() for g in grads] == [16, 4]
    text = PAGE.read_text(encoding="utf-8").split("**1.**")[1].split("**2.**")[0]
    assert r"\bar a=6+6+4=16$，$\bar b=4$" in text


def test_a_small_step_of_a_shows_the_48():
    """「把 a 从 2 改成 2.001」."""
    a, b = 2.001, 3.0
    c = a * b
    d = c + a
    assert (round(c, 3), round(d, 3), round(c * d, 3)) == (6.003, 8.004, 48.048)


# --- the drawings ---------------------------------------------------------------


def drawn(name):
    """All the text of a figure but its title."""
    text = (FIGURES / f"autograd-{name}.svg").read_text("utf-8").split("</title>")[1]
    return [re.sub(r"<[^>]+>", "", t) for t in re.findall(r"<text.*?</text>", text)]


@pytest.mark.parametrize(
    ("frame", "known"), [(1, ""), (2, "fdc"), (3, "fdca"), (4, "fdcab")]
)
def test_the_film_shows_torch_s_values_and_derivatives(frame, known):
    shown = drawn(f"hand-{frame}")
    expected = by_torch()
    boxes = [t.split() for t in shown if re.fullmatch(r"\S \d+", t)]
    assert [int(v) for _, v in boxes] == [expected[n][0] for n in "abcdf"]
    found = [t.split(" = ")[-1] for t in shown if re.match(r"\d", t)]
    final = {n: expected[n][1] for n in known}
    if frame in (2, 3):  # not all has arrived yet
        final |= {2: {"c": 8}, 3: {"a": 6}}[frame]
    assert sorted(map(float, found)) == sorted(final.values())


def test_the_three_paths_add_up_to_the_derivative():
    sums = [drawn(f"path-{i}")[-1] for i in (1, 2, 3)]
    parts = [int(line.split(" = ")[1]) for line in sums]
    for line, part in zip(sums, parts, strict=True):
        assert math.prod(map(int, line.split(" = ")[0].split(" × "))) == part
    assert sum(parts) == by_torch()["a"][1]
    assert f"{' + '.join(map(str, parts))} = 48" in drawn("path-4")


def test_the_drawn_broadcast_is_that_of_the_network(run_snippet):
    printed = run_snippet("concepts/autograd_numpy").printed_by
    shown = [t.replace("−", "-") for t in drawn("broadcast-sum")]
    cells = [float(t) for t in shown if re.fullmatch(r"-?\d+", t)]
    assert cells[:2] == after(printed["network"], "b1 的梯度：")
    ns = run_snippet("concepts/autograd_torch")
    h = ns.x @ ns.params["W1"] + ns.params["b1"]
    out = h.relu() @ ns.params["W2"] + ns.params["b2"]
    (delta,) = torch.autograd.grad((out - ns.y).square().sum(), h)
    assert cells[2:] == delta.flatten().tolist()


# --- the tape of arrays ---------------------------------------------------------

FRAMEWORKS = ["numpy", "torch", "tf"]


def network_by_torch():
    """Loss and gradients of the page's network, written out anew."""
    x, y = torch.tensor([[1.0, 2], [3, 1]]), torch.tensor([[2.0], [1]])
    given = [
        torch.tensor(p, requires_grad=True)
        for p in ([[0.0, 1], [1, -1]], [0.5, 0.5], [[1.0], [-1]], [0.5])
    ]
    hidden = F.linear(x, given[0].T, given[1]).clamp(min=0)
    loss = F.mse_loss(F.linear(hidden, given[2].T, given[3]), y, reduction="sum")
    return loss.item(), torch.autograd.grad(loss, given)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_printed_loss_and_gradients_are_torch_s(run_snippet, framework):
    printed = run_snippet(f"concepts/autograd_{framework}").printed_by["network"]
    loss, grads = network_by_torch()
    assert after(printed, "损失：") == [loss]
    for name, grad in zip(["W1", "b1", "W2", "b2"], grads, strict=True):
        assert after(printed, f"{name} 的梯度：") == grad.flatten().tolist()


@pytest.fixture
def arrays(run_snippet):
    ns = run_snippet("concepts/autograd_numpy")
    ns.tape.clear()
    return ns


SHAPES = [
    ((4, 3), (3,)),
    ((4, 3), (1, 3)),
    ((4, 3), (4, 1)),
    ((3,), (4, 3)),
    ((2, 4, 3), (4, 1)),
    ((4, 3), ()),
    ((1, 3), (4, 1)),
]


@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_a_broadcast_sum_differentiates_as_torch_s(arrays, left, right):
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=left), rng.normal(size=right)
    ours = arrays.Tensor(one), arrays.Tensor(other)
    arrays.backward((ours[0] + ours[1]).square().sum())
    theirs = leaf(one.tolist()), leaf(other.tolist())
    (theirs[0] + theirs[1]).square().sum().backward()
    for mine, his in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.grad, his.grad.numpy(), **EXACT)


def test_a_network_used_twice_on_random_numbers_differentiates_as_torch_s(arrays):
    rng = np.random.default_rng(1)
    x, w, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)
    y = rng.normal(size=(5, 3))
    X, W, B = (arrays.Tensor(a) for a in (x, w, b))
    h = (X @ W + B).relu()
    arrays.backward((h @ W + h - y).square().sum())  # W and h are used twice
    tx, tw, tb = (leaf(a.tolist()) for a in (x, w, b))
    th = (tx @ tw + tb).relu()
    (th @ tw + th - torch.from_numpy(y)).square().sum().backward()
    for mine, his in [(X, tx), (W, tw), (B, tb)]:
        np.testing.assert_allclose(mine.grad, his.grad.numpy(), **EXACT)


def test_a_square_of_a_square_differentiates_as_torch_s(arrays):
    x = arrays.Tensor([1.5, -2.0])
    arrays.backward(x.square().square().sum())
    theirs = leaf([1.5, -2.0])
    (theirs**4).sum().backward()
    np.testing.assert_allclose(x.grad, theirs.grad.numpy(), **EXACT)


def test_a_sum_of_sums_differentiates_as_torch_s(arrays):
    x = arrays.Tensor([[1.5, -2.0]])
    arrays.backward((x.sum() + x.square().sum()).square())
    theirs = leaf([[1.5, -2.0]])
    (theirs.sum() + theirs.square().sum()).square().backward()
    np.testing.assert_allclose(x.grad, theirs.grad.numpy(), **EXACT)


def test_printed_sums_over_what_was_copied_are_torch_s(arrays):
    printed = arrays.printed_by["broadcast"]
    for label, shape in [
        ("偏置是一行，(2,)：", (2,)),
        ("偏置是一列，(2, 1)：", (2, 1)),
    ]:
        bias = torch.zeros(shape, requires_grad=True)
        g = torch.tensor([[2.0, 0.0], [-3.0, 3.0]])
        (bias.expand(2, 2) * g).sum().backward()
        assert after(printed, label) == bias.grad.flatten().tolist()


def test_an_exp_as_in_the_answer_differentiates_as_torch_s(arrays):
    """Exercise 3."""
    assert "`out = np.exp(self.data)`" in PAGE.read_text(encoding="utf-8")

    def exp(self):
        out = np.exp(self.data)
        return arrays.Tensor(out, (self, lambda g: g * out))

    x = arrays.Tensor([0.5, -1.0])
    arrays.backward(exp(x).square().sum())
    theirs = leaf([0.5, -1.0])
    theirs.exp().square().sum().backward()
    np.testing.assert_allclose(x.grad, theirs.grad.numpy(), **EXACT)


# --- the check of the network ---------------------------------------------------


def test_printed_check_counts_every_partial_derivative(run_snippet):
    printed = run_snippet("concepts/autograd_numpy").printed_by["check"]
    for name, size in [("W1", 4), ("b1", 2), ("W2", 2), ("b2", 1)]:
        assert after(printed, f"{name}：") == [size, size]


def test_the_numerical_derivative_is_torch_s(arrays):
    _, grads = network_by_torch()
    for (_, p), grad in zip(arrays.params.items(), grads, strict=True):
        for place in np.ndindex(p.data.shape):
            found = arrays.numerical(p, place)
            assert found == pytest.approx(grad[place].item(), abs=1e-8)


def test_the_numerical_derivative_leaves_the_parameters_as_they_were(arrays):
    before = {name: p.data.copy() for name, p in arrays.params.items()}
    arrays.numerical(arrays.params["W1"], (1, 0), h=0.25)
    for name, p in arrays.params.items():
        np.testing.assert_array_equal(p.data, before[name])


def test_a_second_pass_gives_the_same_gradients(arrays, monkeypatch):
    passes = []
    for _ in range(2):
        for p in arrays.params.values():
            monkeypatch.setattr(p, "grad", np.zeros_like(p.data))
        arrays.backward(arrays.loss_of(**arrays.params))
        passes.append([p.grad.tolist() for p in arrays.params.values()])
    assert passes[0] == passes[1]


@pytest.mark.parametrize("slip", [1e-5, -1e-5, 100, -100])
def test_the_check_notices_one_wrong_gradient(arrays, slip, monkeypatch):
    p = arrays.params["W1"]
    monkeypatch.setattr(p, "grad", p.grad + [[0, 0], [slip, 0]])
    assert arrays.passed(p) == 3


def test_a_tensor_keeps_its_own_numbers(arrays):
    given = np.array([1.0, 2.0])
    kept = arrays.Tensor(given)
    given[0] = 5
    assert kept.data.tolist() == [1, 2]


def test_the_check_leaves_the_biases_as_they_were_to_the_last_digit(arrays):
    assert [arrays.params[b].data.tolist() for b in ("b1", "b2")] == [[0.5, 0.5], [0.5]]


def test_the_numerical_derivative_is_central(arrays):
    """Exact on the quadratic, with any step; a one-sided one errs by the step."""
    found = arrays.numerical(arrays.params["b2"], (0,), h=0.25)
    assert found == pytest.approx(-1, abs=1e-12)


@pytest.mark.parametrize("name", ["torch", "tf"])
def test_the_library_s_check_passes_on_the_page(run_snippet, name):
    printed = run_snippet(f"concepts/autograd_{name}").printed_by["library"]
    assert printed == "库里的梯度检查通过： True\n"


def test_the_library_s_check_in_tensorflow_compares_the_network_s_gradients(
    run_snippet,
):
    ns = run_snippet("concepts/autograd_tf")
    _, grads = network_by_torch()
    for exact, near, grad in zip(ns.exact, ns.near, grads, strict=True):
        for found in (exact, near):
            np.testing.assert_allclose(np.ravel(found), grad.flatten(), atol=1e-8)


@pytest.mark.parametrize("slip", [1e-2, -1e-2])
def test_the_library_s_check_in_tensorflow_notices_a_wrong_gradient(
    run_snippet, capsys, slip
):
    """The program's own lines, on a loss whose derivative by b2 is off by ``slip``."""
    ns = run_snippet("concepts/autograd_tf")

    def wrong(W1, b1, W2, b2):
        nothing = tf.reduce_sum(b2 - tf.stop_gradient(b2))
        return ns.loss_of(W1, b1, W2, b2) + slip * nothing

    lines = sections(SNIPPETS / "concepts/autograd_tf.py")["library"]
    exec(lines, vars(ns) | {"loss_of": wrong})
    assert capsys.readouterr().out == "库里的梯度检查通过： False\n"


def test_the_libraries_checks_have_the_steps_that_the_page_tells() -> None:
    assert inspect.signature(torch.autograd.gradcheck).parameters["eps"].default == 1e-6
    x = tf.constant([2.0], tf.float64)  # of x³ the difference is 3 x² + delta²
    _, ((near,),) = tf.test.compute_gradient(lambda x: x**3, [x])
    assert math.sqrt(near.item() - 12) == pytest.approx(1e-3, rel=0.05)


# --- the step of the difference -------------------------------------------------


def test_hand_written_slope_matches_autograd(run_snippet):
    ns = run_snippet("concepts/autograd_check_numpy")
    x = torch.linspace(0, 2, 50, dtype=torch.float64, requires_grad=True)
    ns.f(x).sum().backward()
    np.testing.assert_allclose(ns.slope(x.detach().numpy()), x.grad.numpy(), **EXACT)


def step_table(ns):
    """Exponent of the step to the three errors as printed."""
    rows = [x.split() for x in ns.stdout_text.splitlines() if x.startswith("1e-")]
    return {
        int(step[3:]): [float(x) if x != "-" else math.nan for x in errors]
        for step, *errors in rows
    }


@pytest.mark.parametrize(("column", "order", "stop"), [(0, 1, 6), (1, 2, 5), (2, 2, 2)])
def test_errors_fall_with_the_order_of_the_formula(run_snippet, column, order, stop):
    table = step_table(run_snippet("concepts/autograd_check_numpy"))
    for power in range(1, stop):
        ratio = table[power][column] / table[power + 1][column]
        assert ratio == pytest.approx(10**order, rel=0.3)


@pytest.mark.parametrize(
    ("column", "dtype", "share", "best"),
    [(0, "float64", 1 / 2, 8), (1, "float64", 2 / 3, 6), (2, "float32", 2 / 3, 3)],
)
def test_the_error_is_smallest_where_theory_says(
    run_snippet, column, dtype, share, best
):
    table = step_table(run_snippet("concepts/autograd_check_numpy"))
    errors = {p: row[column] for p, row in table.items() if row[column] > 0}
    assert min(errors, key=errors.get) == best
    epsilon = np.finfo(dtype).eps
    assert 0.1 < errors[best] / epsilon**share < 10
    assert errors[max(errors)] > 100 * errors[best]  # and it rises again


def test_one_row_of_the_table_is_what_numpy_gives(run_snippet):
    table = step_table(run_snippet("concepts/autograd_check_numpy"))
    x, h = np.linspace(0, 2, 1001), 1e-2
    values = np.array([x + h, x, x - h])
    values = values / (1 + values**2)
    exact = (1 - x**2) / (1 + x**2) ** 2
    one_sided = np.median(np.abs((values[0] - values[1]) / h - exact))
    central = np.median(np.abs((values[0] - values[2]) / (2 * h) - exact))
    expected = [float(f"{e:.0e}") for e in (one_sided, central)]
    assert table[2][:2] == expected


@pytest.mark.parametrize(("name", "last"), [("64", 39), ("32", 19)])
def test_the_drawn_steps_halve_from_an_eighth(run_snippet, name, last):
    axis = run_snippet("concepts/autograd_check_numpy").axis
    lines = {t.get_text(): x for t, x in zip(axis.texts, axis.lines, strict=True)}
    for label, line in lines.items():
        if label.endswith(name):
            expected = [2.0**-n for n in range(3, last + 1)]
            np.testing.assert_allclose(line.get_xdata(), expected)


def test_the_drawn_errors_are_those_of_the_table_at_their_best(run_snippet):
    ns = run_snippet("concepts/autograd_check_numpy")
    table = np.array(list(step_table(ns).values()))
    for column, line in enumerate(ns.axis.lines):
        best = math.log10(np.nanmin(table[:, column]))
        assert math.log10(min(line.get_ydata())) == pytest.approx(best, abs=0.6)


def test_each_name_stands_nearest_to_its_own_curve(run_snippet):
    axis = run_snippet("concepts/autograd_check_numpy").axis
    for n, text in enumerate(axis.texts):
        place = np.log10(text.get_position())
        gaps = [
            np.hypot(*(np.log10(line.get_xydata()) - place).T).min()
            for line in axis.lines
        ]
        assert gaps.index(min(gaps)) == n


def test_at_the_kink_of_relu_the_central_difference_is_one_half():
    """Exercise 4."""
    h = 1e-5
    assert (max(0, h) - max(0, -h)) / (2 * h) == pytest.approx(0.5)
    x = torch.zeros(1, requires_grad=True)
    assert torch.autograd.grad(x.relu(), x)[0].item() == 0


# --- what it costs --------------------------------------------------------------


def test_printed_flops_are_two_a_weight_and_sample_forward_and_four_back(run_snippet):
    printed = run_snippet("concepts/autograd_cost_torch").printed_by["cost"]
    weights = 64 * 32 + 32 * 10
    assert after(printed, "前向的浮点运算：") == [2 * 50 * weights]
    assert after(printed, "反向的浮点运算：") == [4 * 50 * weights]


# --- initial weights ------------------------------------------------------------


def test_relu_halves_the_mean_square():
    z = np.random.default_rng(0).normal(size=1_000_000) * 3
    assert (np.maximum(z, 0) ** 2).mean() == pytest.approx(z.var() / 2, rel=0.01)


def test_variance_of_a_layer_is_inputs_times_weight_variance_times_mean_square():
    rng = np.random.default_rng(0)
    h = np.abs(rng.normal(size=(400, 300)))  # the mean is not 0: E[x²], not Var[x]
    z = h @ (rng.normal(size=(300, 500)) * 0.2)
    assert z.var() == pytest.approx(300 * 0.04 * (h**2).mean(), rel=0.05)


def test_he_and_xavier_are_those_of_torch_init():
    he = nn.init.kaiming_normal_(torch.empty(256, 64), nonlinearity="relu")
    assert float(he.var()) == pytest.approx(2 / 64, rel=0.05)
    xavier = nn.init.xavier_normal_(torch.empty(256, 64))
    assert float(xavier.var()) == pytest.approx(2 / (256 + 64), rel=0.05)


@pytest.mark.parametrize(("gain", "share"), [(2, 1), (1, 2**-30)])
def test_over_30_layers_he_keeps_the_variance_and_half_of_it_leaves_a_billionth(
    gain, share
):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(200, 256))
    for _ in range(30):
        z = np.maximum(z, 0) @ (rng.normal(size=(256, 256)) * math.sqrt(gain / 256))
    assert math.log2(z.var()) == pytest.approx(math.log2(share), abs=1)


# --- the frameworks -------------------------------------------------------------


@pytest.mark.parametrize("name", ["torch", "tf"])
def test_printed_derivatives_are_those_by_hand(run_snippet, name):
    printed = run_snippet(f"concepts/autograd_graph_{name}").printed_by["record"]
    assert after(printed, "f 对 a、b 的导数：") == [48, 28]


def stopped():
    """Derivatives of c₀ (a b + a), with c₀ = 6 a constant."""
    a, b = 2, 3
    return [6 * (b + 1), 6 * a]


def test_printed_rules_of_pytorch(run_snippet):
    printed = run_snippet("concepts/autograd_graph_torch").printed_by["rules"]
    assert printed.splitlines()[:2] == [
        "d 由哪个运算算来： AddBackward0",
        "a、c 是叶子吗： True False",
    ]
    assert after(printed, "又一次 backward，a.grad：") == [2 * by_torch()["a"][1]]
    assert "旧的图再走一趟： Trying to backward through the graph a second" in printed
    assert after(printed, "detach 之后的梯度：") == stopped()
    assert "no_grad 里算的，要梯度吗： False" in printed


def test_printed_rules_of_tensorflow(run_snippet):
    printed = run_snippet("concepts/autograd_graph_tf").printed_by["tape"]
    assert "同一条带子再走一趟： A non-persistent GradientTape can only" in printed
    assert after(printed, "stop_gradient 之后：") == stopped()
    assert "常量，不 watch： None" in printed
    assert after(printed, "常量，watch：") == [2 * 3]


def test_the_constant_that_is_not_watched_is_squared_all_the_same(run_snippet):
    ns = run_snippet("concepts/autograd_graph_tf")
    assert float(ns.y) == float(ns.z) == 9


def test_pytorch_goes_back_twice_only_with_retain_graph():
    a = leaf(2.0)
    f = a * a
    f.backward(retain_graph=True)
    f.backward()
    assert a.grad.item() == 8
    with pytest.raises(RuntimeError, match="second time"):
        f.backward()


def test_what_stands_outside_the_tape_has_no_gradient():
    x = tf.Variable(2.0)
    y = x * x
    with tf.GradientTape() as tape:
        z = y * 3.0
    assert tape.gradient(z, x) is None


def test_without_requires_grad_backward_fails():
    with pytest.raises(RuntimeError, match="does not require grad"):
        (torch.tensor(2.0) * 3).backward()


def test_nothing_before_a_cut_gets_a_gradient():
    first, last = nn.Linear(3, 3), nn.Linear(3, 1)
    last(first(torch.ones(1, 3)).detach()).sum().backward()
    assert first.weight.grad is None
    assert last.weight.grad is not None


def test_an_in_place_change_makes_backward_fail():
    y = leaf([1.0, 2.0]).exp()
    y += 1
    with pytest.raises(RuntimeError, match="inplace operation"):
        y.sum().backward()


def test_where_does_not_keep_nan_out_of_the_gradient():
    x = leaf([0.0, 4.0])
    torch.where(x > 0, x.sqrt(), 0.0).sum().backward()
    assert x.grad.isnan().tolist() == [True, False]
    safe = leaf([0.0, 4.0])
    inside = torch.where(safe > 0, safe, 1.0).sqrt()
    torch.where(safe > 0, inside, 0.0).sum().backward()
    assert safe.grad.tolist() == [0, 0.25]


def test_a_right_gradient_fails_the_check_in_float32():
    def f(x):
        return (x**3 * 100).sum()

    x = torch.linspace(1, 2, 5, requires_grad=True)
    with pytest.warns(UserWarning, match="double precision"):
        assert not torch.autograd.gradcheck(f, x, raise_exception=False)
    assert torch.autograd.gradcheck(f, leaf(x.tolist()))


def test_dropout_fails_the_check():
    torch.manual_seed(0)
    x = torch.ones(8, dtype=torch.float64, requires_grad=True)
    with pytest.raises(RuntimeError, match="Jacobian mismatch|not reentrant"):
        torch.autograd.gradcheck(lambda x: F.dropout(x), x)


# --- practice: concepts/autograd_practice_numpy -----------------------------------

SOLUTION = (
    practice.functions(SNIPPETS / "concepts/autograd_numpy.py", "fit")
    + """

def affine_vjp(x, w, b, g):
    dx, dw = g @ w.mT, x.mT @ g
    return fit(dx, x.shape), fit(dw, w.shape), fit(g, b.shape)
"""
)
WRONG = [
    ("axis=ones, keepdims=True", "axis=ones"),
    ("g = g.sum(axis=added)", "pass"),
    ("g = g.sum(axis=added)", "g = g.mean(axis=added)"),
    ("return g.sum(axis=ones", "return g.mean(axis=ones"),
    ("if n == 1", "if n == 0"),  # a stretched axis is not added up
    ("g @ w.mT", "g @ w"),
    ("g @ w.mT", "g @ w.T"),
    ("x.mT @ g", "x @ g"),
    ("x.mT @ g", "x.T @ g"),
    ("fit(dx, x.shape)", "dx"),
    ("fit(dw, w.shape)", "dw"),
    ("fit(g, b.shape)", "g.sum(axis=0)"),
    ("fit(g, b.shape)", "g"),
    ("return fit(dx", "x += 1; return fit(dx"),
]


def by_finite_differences(x, w, b, g):
    """Central differences of ⟨g, x w + b⟩, which is linear in each argument."""
    given = [np.array(a) for a in (x, w, b)]
    grads = []
    for a in given:
        grad = np.zeros_like(a)
        for place in np.ndindex(a.shape):
            ends = []
            for step in (0.5, -1.0):
                a[place] += step
                ends.append((g * (given[0] @ given[1] + given[2])).sum())
            a[place] += 0.5
            grad[place] = ends[0] - ends[1]
        grads.append(grad)
    return grads


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_autograd_and_differences_give(case):
    _, given, literal, _ = case
    leaves = [torch.from_numpy(given[k]).requires_grad_() for k in "xwb"]
    z = leaves[0] @ leaves[1] + leaves[2]
    by_autograd = torch.autograd.grad(z, leaves, torch.from_numpy(given["g"]))
    numeric = by_finite_differences(**given)
    for want, grad, near in zip(literal, by_autograd, numeric, strict=True):
        assert np.shape(want) == tuple(grad.shape)
        np.testing.assert_allclose(want, grad, rtol=0, atol=1e-12)
        np.testing.assert_allclose(want, near, rtol=0, atol=1e-9)


def test_the_page_s_rules_pass_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_the_page_s_tape_gives_what_the_practice_expects(arrays):
    for _, given, literal, _ in practice.values(PRACTICE)["CASES"]:
        x, w, b = (arrays.Tensor(given[k]) for k in "xwb")
        z = x @ w + b  # the sum of squares of z − (z − g / 2) has the gradient g
        arrays.backward((z - (z.data - given["g"] / 2)).square().sum())
        for want, t in zip(literal, (x, w, b), strict=True):
            np.testing.assert_allclose(t.grad, want, atol=1e-12)


def test_no_wrong_rule_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, WRONG[0]) in page
