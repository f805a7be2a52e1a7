"""The autograd page: checks of gradients, the graph, initial weights, silent bugs.

References that the snippets never import: each framework's autograd for the other's
gradients, ``scipy`` and closed forms, ``torch.nn.init`` and PyTorch's own FLOP counter.
"""

import contextlib
import io
import math
import re
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import torch.nn.functional as F
from scipy import special
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).parent.parent.parent
FRAMEWORKS = ["numpy", "torch", "tf"]
EXACT = {"rtol": 1e-10, "atol": 1e-13}  # float64, sums of at most 1,500 terms


@pytest.fixture(params=FRAMEWORKS)
def framework(request):
    return request.param


def array(x):
    """Any framework's tensor as a NumPy array."""
    return x.detach().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)


def numbers(text):
    return [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", text)]


def lines(ns, word):
    return [line for line in ns.stdout_text.splitlines() if word in line]


# --- gradients ----------------------------------------------------------------


def problem(sizes=(6, 5, 5, 3), batch=7, seed=0):
    """Weights and biases, x and y; two layers of one width, so shapes tell nothing."""
    rng = np.random.default_rng(seed)
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    params = [(rng.normal(size=p), rng.normal(size=p[1])) for p in pairs]
    return params, rng.normal(size=(batch, sizes[0])), rng.integers(0, sizes[-1], batch)


def snippet_gradients(ns, framework, params, x, y):
    """A snippet's loss and [(dW, db), …] in our (in, out) layout."""
    if framework == "numpy":
        loss, grads = ns.gradients(params, x, y)
    elif framework == "torch":
        model = ns.build(params)
        loss, grads = ns.gradients(model, torch.from_numpy(x), torch.from_numpy(y))
    else:
        loss, grads = ns.gradients(ns.build(params), tf.constant(x), tf.constant(y))
    return float(array(loss)), [(array(dw), array(db)) for dw, db in grads]


def torch_gradients(params, x, y):
    flat = [torch.from_numpy(a).requires_grad_() for pair in params for a in pair]
    h = torch.from_numpy(x)
    for i in range(0, len(flat), 2):
        h = h @ flat[i] + flat[i + 1]
        h = h.clamp(min=0) if i < len(flat) - 2 else h
    return torch.autograd.grad(F.cross_entropy(h, torch.from_numpy(y)), flat)


# --- checks before training ---------------------------------------------------


def snippet_numerical(ns, framework, params, x, y, place, h):
    if framework == "numpy":
        return ns.numerical(params, *place, x, y, h)
    model = ns.build(params)
    if framework == "torch":
        x, y = torch.from_numpy(x), torch.from_numpy(y)
    return float(array(ns.numerical(model, *place, x, y, h)))


def test_numerical_gradient_matches_autograd(run_snippet, framework):
    ns = run_snippet(f"concepts/autograd_{framework}")
    params, x, y = problem(seed=4)
    expected = torch_gradients(params, x, y)
    for layer, row, column in [(0, 5, 1), (1, 0, 4), (2, 4, 2)]:
        place = (layer, row, column)
        found = snippet_numerical(ns, framework, params, x, y, place, 1e-5)
        assert found == pytest.approx(float(expected[2 * layer][row, column]), abs=1e-9)


def test_numerical_gradient_is_central(run_snippet, framework):
    """Ten times the step, a hundred times the error (a one-sided one: ten times)."""
    ns = run_snippet(f"concepts/autograd_{framework}")
    params, x, y = problem(seed=4)
    expected = float(torch_gradients(params, x, y)[4][4, 2])
    coarse, fine = (
        abs(snippet_numerical(ns, framework, params, x, y, (2, 4, 2), h) - expected)
        for h in (1e-1, 1e-2)
    )
    assert coarse / fine == pytest.approx(100, rel=0.15)


def checked_grads(run_snippet):
    """Gradients of the page's first batch by torch, from weights drawn anew."""
    ns = run_snippet("concepts/autograd_numpy")
    rows = ns.train[:50]
    return torch_gradients(ns.initial(), ns.images[rows], ns.labels[rows])


def test_printed_norms_are_torch_s_and_all_weights_pass(run_snippet, framework):
    printed = run_snippet(f"concepts/autograd_{framework}").printed_by["checked"]
    grads = checked_grads(run_snippet)[::2]
    for n, (line, grad) in enumerate(zip(printed.splitlines(), grads, strict=True), 1):
        norm = pytest.approx(float(torch.linalg.norm(grad)), abs=6e-5)
        assert numbers(line) == [n, norm, 20, 20]


def test_the_check_counts_the_weights_whose_gradient_is_wrong(run_snippet, framework):
    ns = run_snippet(f"concepts/autograd_{framework}")
    rows = ns.train[:50]
    params = ns.initial()
    model = params if framework == "numpy" else ns.build(params)
    x, y = ns.images[rows], ns.labels[rows]
    grad = checked_grads(run_snippet)[2]
    picked = np.random.default_rng(2).integers(grad.shape, size=(20, 2))
    wrong = grad.clone()
    row, column = picked[7]  # only this one, which is drawn once
    assert sum((picked == (row, column)).all(axis=1)) == 1
    wrong[row, column] += 1e-5 * grad.abs().max()
    for given, passed in [(grad, 20), (wrong, 19), (-grad, 0)]:
        if framework != "torch":
            given = given.numpy()
        found = ns.passing(model, 1, given, x, y)
        dead = int((given == 0).sum()) if passed == 0 else 0
        assert passed <= found <= passed + dead


@pytest.mark.parametrize("name", ["torch", "tf"])
def test_the_library_s_check_passes_on_the_page_and_fails_on_a_wrong_loss(
    run_snippet, name
):
    ns = run_snippet(f"concepts/autograd_{name}")
    assert ns.printed_by["library"] == "库里的梯度检查，末层： True\n"
    if name == "tf":
        expected = checked_grads(run_snippet)[4].numpy().ravel()
        for found in (ns.by_tape[0], ns.by_steps[0]):
            np.testing.assert_allclose(np.ravel(found), expected, atol=1e-8)


@pytest.mark.parametrize("other", ["torch", "tf"])
def test_frameworks_print_the_same_lines(run_snippet, other):
    ours = run_snippet("concepts/autograd_numpy").stdout_text
    parts = dict(run_snippet(f"concepts/autograd_{other}").printed_by)
    parts.pop("library")  # NumPy has no library's check
    theirs = "".join(parts.values())
    shape = re.compile(r"-?\d+\.?\d*(?:e[-+]\d+)?")
    assert shape.sub("#", ours) == shape.sub("#", theirs)
    np.testing.assert_allclose(numbers(ours), numbers(theirs), rtol=1e-3, atol=1e-6)


# --- the step of the difference -----------------------------------------------


def test_hand_written_slope_matches_autograd(run_snippet):
    ns = run_snippet("concepts/autograd_check_numpy")
    x = torch.linspace(0, 2, 50, dtype=torch.float64, requires_grad=True)
    ns.f(x).sum().backward()
    np.testing.assert_allclose(ns.slope(x.detach().numpy()), x.grad.numpy(), **EXACT)


def step_table(ns):
    """Exponent of the step to the three errors as printed."""
    rows = [line.split() for line in lines(ns, "1e-") if line.startswith("1e-")]
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


# --- the graph ----------------------------------------------------------------


@pytest.fixture
def graph(run_snippet):
    return run_snippet("concepts/autograd_graph_torch")


def test_the_walk_goes_from_the_loss_to_the_leaf(graph):
    first = [line.split()[0] for line in lines(graph, "往回传给")]
    kinds = ["SumBackward0", "ReluBackward0", "MmBackward0", "AccumulateGrad"]
    assert first == kinds


def test_leaf_gradient_is_the_closed_form_and_a_second_backward_doubles_it(graph):
    x, open_units = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0]])  # z = (2, −1)
    once = x.T @ open_units
    assert numbers(lines(graph, "叶子的梯度")[0]) == once.ravel().tolist()
    assert numbers(lines(graph, "又一次")[0]) == (2 * once).ravel().tolist()


def test_an_in_place_change_makes_backward_fail(graph):
    assert "inplace" in lines(graph, "原地")[0]


def test_no_grad_and_detach_leave_the_graph(graph):
    found = [line for line in lines(graph, "要梯度吗")]
    assert len(found) == 2 and all(line.endswith("False") for line in found)


def test_flops_are_two_and_four_per_weight_less_the_gradient_of_the_data(graph):
    forward = numbers(lines(graph, "前向 ")[0])
    backward = numbers(lines(graph, "反向 ")[0])
    weights = [64 * 32, 32 * 16, 16 * 10]
    assert forward == [2 * 50 * sum(weights)] * 2
    assert backward == [
        4 * 50 * sum(weights) - 2 * 50 * weights[0],
        4 * 50 * sum(weights),
        2 * 50 * weights[0],
    ]


def test_with_a_gradient_for_the_data_backward_is_exactly_two_forwards():
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    x = torch.randn(50, 64, requires_grad=True)
    with FlopCounterMode(display=False) as forward:
        loss = model(x).sum()
    with FlopCounterMode(display=False) as backward:
        loss.backward()
    assert backward.get_total_flops() == 2 * forward.get_total_flops()


def test_numbers_kept_are_the_widths_times_the_batch(graph):
    assert numbers(lines(graph, "留住")[0]) == [50 * (64 + 32 + 16 + 10)] * 2


def test_forward_mode_gives_p_minus_y_for_the_last_bias(graph):
    with torch.no_grad():
        p = graph.model(graph.images).softmax(1).numpy()
    y = np.eye(10)[graph.labels.numpy()]
    found = torch.stack(graph.gradient).numpy()
    np.testing.assert_allclose(found, (p - y).mean(0), atol=1e-6)


def test_reverse_mode_needs_one_pass_where_forward_mode_needs_one_a_parameter(graph):
    assert numbers(lines(graph, "全部")[0]) == [2778, 2778, 1]


# --- initialisation -----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("relu, 4 (too big)", torch.relu),
        ("relu, 2 (He)", torch.relu),
        ("relu, 1 (Xavier)", torch.relu),
        ("relu, 1/3", torch.relu),
        ("tanh, 1 (Xavier)", torch.tanh),
        ("sigmoid, 1 (Xavier)", torch.sigmoid),
    ],
)
def test_spreads_in_both_directions_match_autograd(run_snippet, name, function):
    ns = run_snippet("concepts/autograd_init_numpy")
    gain = ns.cases[name][1]
    rng = np.random.default_rng(0)
    h, zs = torch.from_numpy(rng.normal(size=(200, 256))), []
    for _ in range(30):
        w = rng.normal(size=(256, 256)) * math.sqrt(gain / 256)
        zs.append((h @ torch.from_numpy(w)).requires_grad_())
        h = function(zs[-1])
    delta = torch.from_numpy(rng.normal(size=(200, 256)))
    grads = torch.autograd.grad(zs[-1], zs, delta)
    forward, back = ns.curves[name]
    expected = [z.detach().numpy().std() for z in zs]
    np.testing.assert_allclose(forward, expected, rtol=1e-9)
    np.testing.assert_allclose(back, [g.numpy().std() for g in grads], rtol=1e-9)


@pytest.mark.parametrize("gain", [4, 2, 1, 1 / 3])
def test_relu_multiplies_the_variance_by_half_the_gain_a_layer(run_snippet, gain):
    ns = run_snippet("concepts/autograd_init_numpy")
    forward, back = ns.measure(ns.relu, gain)
    expected = math.sqrt(gain / 2) ** 29
    assert forward[-1] / forward[0] == pytest.approx(expected, rel=0.3)
    assert back[0] / back[-1] == pytest.approx(expected, rel=0.3)


def test_mean_square_after_relu_is_half_the_variance_before():
    z = np.random.default_rng(0).normal(size=1_000_000) * 3
    assert (np.maximum(z, 0) ** 2).mean() == pytest.approx(z.var() / 2, rel=0.01)


def test_variance_of_a_layer_is_fan_in_times_weight_variance_times_mean_square():
    rng = np.random.default_rng(0)
    h = np.abs(rng.normal(size=(400, 300)))  # the mean is not 0: E[h²], not Var[h]
    z = h @ (rng.normal(size=(300, 500)) * 0.2)
    assert z.var() == pytest.approx(300 * 0.04 * (h**2).mean(), rel=0.05)


def test_page_gains_are_those_of_torch_init():
    he = nn.init.kaiming_normal_(torch.empty(256, 256), nonlinearity="relu")
    xavier = nn.init.xavier_normal_(torch.empty(256, 256))
    default = nn.Linear(256, 256).weight
    for weight, gain in [(he, 2), (xavier, 1), (default, 1 / 3)]:
        assert 256 * float(weight.detach().var()) == pytest.approx(gain, rel=0.03)


def test_printed_table_holds_the_curves(run_snippet):
    ns = run_snippet("concepts/autograd_init_numpy")
    for name, (forward, back) in ns.curves.items():
        line = lines(ns, name)[0].removeprefix(name)
        expected = [forward[0], forward[-1], back[-1], back[0]]
        assert numbers(line)[:4] == pytest.approx(expected, rel=0.06)


# --- bugs ---------------------------------------------------------------------


@pytest.fixture
def bugs(run_snippet):
    return run_snippet("concepts/autograd_bugs_torch")


def trained(names, epochs=20):
    """The losses of plain gradient descent with these gradients, and the score."""
    params, losses = names["initial"](), []
    images, labels = names["images"], names["labels"]
    rng = np.random.default_rng(3)
    for rows in (r for _ in range(epochs) for r in batches(rng, names["train"])):
        loss, grads = names["gradients"](params, images[rows], labels[rows])
        losses.append(loss)
        pairs = zip(params, grads, strict=True)
        params = [(w - 0.125 * dw, b - 0.125 * db) for (w, b), (dw, db) in pairs]
    guess = names["forward"](params, images[names["test"]])[0].argmax(axis=1)
    return losses, np.mean(guess == labels[names["test"]])


def batches(rng, train):
    return rng.permutation(train).reshape(-1, 50)


def loop_report(ns, name):
    """(first loss, last loss, images right) as printed."""
    line = next(x for x in ns.stdout_text.splitlines() if x.startswith(f"{name}："))
    first, last, total, right = numbers(line.removeprefix(name))
    assert total == 297
    return first, last, int(right)


def test_the_right_loop_is_that_of_the_page(bugs, run_snippet):
    losses, _ = trained(vars(run_snippet("concepts/autograd_numpy")), epochs=10)
    first, last, right = loop_report(bugs, "正确")
    assert first == pytest.approx(losses[0], abs=6e-3)
    assert last == pytest.approx(np.mean(losses[270:300]), abs=6e-3)
    assert right > 265


def test_without_zero_grad_the_loss_ends_above_guessing(bugs):
    _, last, right = loop_report(bugs, "忘了 zero_grad")
    assert last > math.log(10) and right < 60


def test_without_zero_grad_each_step_follows_the_sum_of_all_gradients(
    bugs, run_snippet
):
    ns = run_snippet("concepts/autograd_numpy")
    params, total = ns.initial(), None
    rng, expected = np.random.default_rng(3), []
    for rows in rng.permutation(ns.train).reshape(-1, 50):
        loss, grads = ns.gradients(params, ns.images[rows], ns.labels[rows])
        expected.append(loss)
        flat = [g for pair in grads for g in pair]
        total = flat if total is None else [a + b for a, b in zip(total, flat)]  # noqa: B905
        moved = [p - 0.125 * g for p, g in zip(sum(params, ()), total, strict=True)]
        params = list(zip(moved[::2], moved[1::2], strict=True))
    losses = bugs.fit(bugs.build(), zero_grad=False)[:30]
    np.testing.assert_allclose(losses, expected, rtol=1e-6)


def test_softmax_twice_cannot_go_below_its_floor(bugs):
    best = torch.eye(10, dtype=torch.float64) * 1e4  # as sure as can be, and right
    floor = float(bugs.softmax_twice(best, torch.arange(10)))
    assert floor == pytest.approx(math.log(math.e + 9) - 1)
    assert numbers(lines(bugs, "下限")[0])[-1] == pytest.approx(floor, abs=6e-3)
    _, last, right = loop_report(bugs, "softmax 做了两次")
    assert floor < last and right < loop_report(bugs, "正确")[2] / 2


def test_with_zero_weights_only_the_last_bias_gets_a_gradient(bugs):
    model = bugs.constant(0.0)
    F.cross_entropy(model(bugs.images[:50]), bugs.labels[:50]).backward()
    moving = [name for name, p in model.named_parameters() if p.grad.any()]
    assert moving == ["4.bias"]
    assert loop_report(bugs, "权重全是 0")[1] == pytest.approx(math.log(10), abs=6e-3)


def test_equal_weights_stay_equal(bugs):
    weight = bugs.same[0].weight.detach().numpy()
    np.testing.assert_allclose(weight, np.tile(weight[:1], (32, 1)), atol=1e-9)
    assert lines(bugs, "仍然相同")[0].endswith("True")


def test_a_cut_graph_trains_the_last_layer_alone(bugs):
    assert bugs.missing == ["0.weight", "0.bias", "2.weight", "2.bias"]
    fresh = bugs.build(bugs.Cut())
    bugs.fit(fresh)
    start = bugs.build()
    assert torch.equal(fresh[0].weight, start[0].weight)
    assert not torch.equal(fresh[-1].weight, start[-1].weight)
    right = loop_report(bugs, "图断在末层之前")[2]
    assert 60 < right < loop_report(bugs, "正确")[2] - 60


def test_only_the_right_loop_learns_one_batch_by_heart(bugs):
    shown = bugs.stdout_text.split("只喂一批 50 张，300 步之后的损失：\n")[1]
    losses = dict(line.split("： ") for line in shown.splitlines()[:6])
    assert losses.pop("  正确") == "小于 0.1"
    assert list(losses.values()) == ["大于 1"] * 5


def test_learning_one_batch_is_300_steps_on_the_same_fifty_images(bugs, run_snippet):
    ns = run_snippet("concepts/autograd_numpy")
    params, expected = ns.initial(), []
    x, y = ns.images[ns.train[:50]], ns.labels[ns.train[:50]]
    for _ in range(300):
        loss, grads = ns.gradients(params, x, y)
        expected.append(loss)
        pairs = zip(params, grads, strict=True)
        params = [(w - 0.125 * dw, b - 0.125 * db) for (w, b), (dw, db) in pairs]
    losses = bugs.fit(bugs.build(), only=bugs.train[:50])
    np.testing.assert_allclose(losses, expected, rtol=1e-6)


def test_mse_loss_warns_of_shapes_that_broadcast():
    with pytest.warns(UserWarning, match="target size"):
        F.mse_loss(torch.zeros(50, 1), torch.zeros(50))


def test_ready_made_gradient_checks_agree_with_the_page():
    x = torch.linspace(0.1, 1, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(torch.tanh, x)
    ours, theirs = tf.test.compute_gradient(tf.tanh, [x.detach().numpy()])
    np.testing.assert_allclose(ours[0], theirs[0], atol=1e-6)


def test_dropout_keeps_the_mean_in_training_and_the_input_in_evaluation(bugs):
    layer = bugs.Dropout()
    x = torch.ones(200, 500, dtype=torch.float64)
    dropped = layer(x)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}  # as nn.Dropout(0.5) does
    assert set(nn.Dropout(0.5)(x).unique().tolist()) == {0.0, 2.0}
    assert float(dropped.mean()) == pytest.approx(1, abs=0.02)
    assert torch.equal(layer.eval()(x), x)


def test_evaluating_in_training_mode_is_worse_and_different_each_time(bugs):
    right = numbers(lines(bugs, "评估用 eval()")[0])[-1]
    wrong = numbers(lines(bugs, "忘了 eval()")[0])
    assert len(wrong) == 5 and len(set(wrong)) > 1
    assert max(wrong) < right - 40


def test_broadcasting_learns_the_mean_of_the_labels(bugs):
    right, wrong = [numbers(line) for line in lines(bugs, "斜率")]
    labels = 2 * np.linspace(-1, 1, 50) + 1
    assert right == [2, 1, 0, 50, 1]
    expected = [0, labels.mean(), labels.var(), 50, 50]
    assert wrong == pytest.approx(expected, abs=6e-3)


# --- the table of differences -------------------------------------------------


def dense(n_in, n_out):
    layer = keras.layers.Dense(n_out)
    layer.build((None, n_in))
    return layer


def test_torch_draws_weights_and_biases_within_one_over_the_root_of_fan_in():
    torch.manual_seed(0)
    layer = nn.Linear(400, 1000)
    for p in layer.parameters():
        assert 0.98 / 20 < float(p.detach().abs().max()) <= 1 / 20
        assert float(p.detach().var()) == pytest.approx(1 / (3 * 400), rel=0.1)


def test_keras_draws_glorot_uniform_weights_and_zero_biases():
    keras.utils.set_random_seed(0)
    layer = dense(400, 1000)
    limit = math.sqrt(6 / 1400)
    found = np.abs(layer.kernel.numpy())
    assert 0.99 * limit < found.max() <= limit
    assert (layer.bias.numpy() == 0).all()


def test_torch_accumulates_where_the_tape_returns():
    w = torch.tensor(3.0, requires_grad=True)
    for _ in range(2):
        (w * w).backward()
    assert w.grad == 12
    v, found = tf.Variable(3.0), []
    for _ in range(2):
        with tf.GradientTape() as tape:
            y = v * v
        found.append(float(tape.gradient(y, v)))
    assert found == [6, 6]


def test_what_is_computed_outside_the_tape_has_no_gradient():
    v = tf.Variable(3.0)
    y = v * v
    with tf.GradientTape() as tape:
        z = y + 0
    assert tape.gradient(z, v) is None


def test_a_constant_must_be_watched():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    assert tape.gradient(y, x) is None
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert float(tape.gradient(y, x)) == 6


def test_a_second_backward_fails_in_both_unless_asked_for():
    w = torch.tensor(3.0, requires_grad=True)
    y = w * w
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = v * v
    tape.gradient(z, v)
    with pytest.raises(RuntimeError, match="persistent"):
        tape.gradient(z, v)


# --- exercises ----------------------------------------------------------------


def changed(*edits):
    """The NumPy snippet with some text replaced: its globals and what it printed."""
    text = (ROOT / "snippets/concepts/autograd_numpy.py").read_text("utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    names, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
        exec(compile(text, "changed", "exec"), names)
    return names, printed.getvalue()


def passed(printed):
    """How many of the twenty weights of each layer passed, as printed."""
    return [int(n) for n in re.findall(r"通过 (\d+) 个", printed)]


def test_exercise_1_what_is_kept_and_what_backward_costs():
    layers = [nn.Linear(784, 512), nn.Linear(512, 512), nn.Linear(512, 10)]
    model = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
    with FlopCounterMode(display=False) as counter:
        loss = model(torch.zeros(128, 784)).sum()
    assert counter.get_total_flops() == 171_180_032
    with FlopCounterMode(display=False) as counter:
        loss.backward()
    assert counter.get_total_flops() == 239_599_616
    assert 2 * 128 * 784 * 512 == 102_760_448
    assert 128 * (784 + 512 + 512 + 10) == 232_704


def test_exercise_2_the_least_loss_after_softmax_twice():
    best = F.cross_entropy(torch.eye(10)[:1], torch.tensor([0]))
    assert best.item() == pytest.approx(math.log(math.e + 9) - 1, abs=1e-6)


MISTAKES = {
    "mean": ("    delta /= len(y)  # 损失对一批取了平均\n", ""),
    "mask": (" * (a > 0)", ""),
    "sign": ("(a.T @ delta, delta", "(-a.T @ delta, delta"),
}


@pytest.fixture(scope="module")
def mistakes():
    return {name: changed(edit) for name, edit in MISTAKES.items()}


@pytest.mark.parametrize("name", MISTAKES)
def test_exercise_3_the_check_catches_each_mistake(mistakes, name):
    assert min(passed(mistakes[name][1])) < 20


def test_exercise_3_without_the_mean_all_gradients_are_fifty_times_too_large(mistakes):
    params, x, y = problem(batch=50)
    expected = torch_gradients(params, x, y)
    found = [
        a for pair in mistakes["mean"][0]["gradients"](params, x, y)[1] for a in pair
    ]
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, 50 * theirs.numpy(), **EXACT)
    losses, _ = trained(mistakes["mean"][0])
    assert np.mean(losses[-30:]) > 2.3


def test_exercise_3_without_the_mask_training_still_works(mistakes):
    params, x, y = problem()
    expected = torch_gradients(params, x, y)
    found = [
        a for pair in mistakes["mask"][0]["gradients"](params, x, y)[1] for a in pair
    ]
    right = [np.allclose(a, b.numpy()) for a, b in zip(found, expected, strict=True)]
    assert right == [False, False, False, False, True, True]
    losses, score = trained(mistakes["mask"][0])
    by_epoch = [np.mean(losses[30 * n : 30 * n + 30]) for n in (0, 1, 4, 9, 19)]
    assert by_epoch == sorted(by_epoch, reverse=True)
    assert 0.92 < score < 0.96


def test_exercise_3_with_the_sign_wrong_the_loss_runs_away(mistakes):
    with np.errstate(all="ignore"):
        losses, _ = trained(mistakes["sign"][0], epochs=2)
    assert not losses[-1] < 100


def test_exercise_4_slope_of_gelu():
    z = torch.linspace(-3, 3, 41, dtype=torch.float64, requires_grad=True)
    F.gelu(z).sum().backward()
    x = z.detach().numpy()
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    np.testing.assert_allclose(z.grad.numpy(), special.ndtr(x) + x * density, **EXACT)
