"""The neural-network page: its gradients, its experiments and its bugs.

References that the snippets never import: each framework's autograd for the other's
gradients, ``scipy`` and closed forms, ``np.interp``, and scikit-learn's own
backpropagation (``MLPClassifier.partial_fit``), step by step.
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
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from handbook.programs import practice

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


def plain_loss(params, x, y):
    """The mean cross-entropy, by scipy."""
    for i, (w, b) in enumerate(params):
        x = np.dot(x, w) + b
        x = np.where(x > 0, x, 0) if i < len(params) - 1 else x
    return -special.log_softmax(x, axis=1)[range(len(y)), y].mean()


def torch_gradients(params, x, y):
    flat = [torch.from_numpy(a).requires_grad_() for pair in params for a in pair]
    h = torch.from_numpy(x)
    for i in range(0, len(flat), 2):
        h = h @ flat[i] + flat[i + 1]
        h = h.clamp(min=0) if i < len(flat) - 2 else h
    return torch.autograd.grad(F.cross_entropy(h, torch.from_numpy(y)), flat)


def tape_gradients(params, x, y):
    flat = [tf.Variable(a) for pair in params for a in pair]
    with tf.GradientTape() as tape:
        h = tf.constant(x)
        for i in range(0, len(flat), 2):
            h = h @ flat[i] + flat[i + 1]
            h = tf.maximum(h, 0) if i < len(flat) - 2 else h
        log_p = tf.nn.log_softmax(h)
        loss = -tf.reduce_mean(tf.gather(log_p, y, axis=1, batch_dims=1))
    return tape.gradient(loss, flat)


def difference_gradients(params, x, y, h=1e-5):
    """Central differences of every weight and bias."""
    flat = [a.copy() for pair in params for a in pair]

    def loss():
        return plain_loss(list(zip(flat[::2], flat[1::2], strict=True)), x, y)

    found = []
    for a in flat:
        grad = np.zeros_like(a)
        for place in np.ndindex(a.shape):
            kept = a[place]
            a[place] = kept + h
            up = loss()
            a[place] = kept - h
            grad[place] = (up - loss()) / (2 * h)
            a[place] = kept
        found.append(grad)
    return found


@pytest.mark.parametrize("reference", [torch_gradients, tape_gradients])
def test_gradients_match_autograd(run_snippet, framework, reference):
    ns = run_snippet(f"concepts/neural_network_{framework}")
    params, x, y = problem()
    _, grads = snippet_gradients(ns, framework, params, x, y)
    found = [a for pair in grads for a in pair]
    for ours, theirs in zip(found, reference(params, x, y), strict=True):
        np.testing.assert_allclose(ours, array(theirs), **EXACT)


def test_gradients_match_central_differences_of_every_parameter(run_snippet, framework):
    ns = run_snippet(f"concepts/neural_network_{framework}")
    params, x, y = problem(seed=3)
    _, grads = snippet_gradients(ns, framework, params, x, y)
    found = [a for pair in grads for a in pair]
    for ours, theirs in zip(found, difference_gradients(params, x, y), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-8)


def test_loss_matches_sklearn_log_loss(run_snippet, framework):
    ns = run_snippet(f"concepts/neural_network_{framework}")
    params, x, y = problem(batch=40, seed=1)
    loss, _ = snippet_gradients(ns, framework, params, x, y)
    hidden = x
    for i, (w, b) in enumerate(params):
        hidden = np.dot(hidden, w) + b
        hidden = np.clip(hidden, 0, None) if i < 2 else hidden
    expected = log_loss(y, special.softmax(hidden, axis=1), labels=range(3))
    assert loss == pytest.approx(expected, rel=1e-10)


def test_gradients_twice_are_the_same_gradients(run_snippet, framework):
    """PyTorch accumulates: without zero_grad the second would be doubled."""
    ns = run_snippet(f"concepts/neural_network_{framework}")
    params, x, y = problem()
    if framework == "torch":
        model = ns.build(params)
        x, y = torch.from_numpy(x), torch.from_numpy(y)
        first = ns.gradients(model, x, y)[1][0][0].clone()
        second = ns.gradients(model, x, y)[1][0][0]
    else:
        first, second = (
            snippet_gradients(ns, framework, params, x, y)[1][0][0] for _ in range(2)
        )
    np.testing.assert_array_equal(array(first), array(second))


def test_gradient_of_the_loss_by_the_logits_is_p_minus_y():
    z, t = np.random.default_rng(0).normal(size=5), 3
    by_logits = torch.tensor(z, requires_grad=True)
    F.cross_entropy(by_logits, torch.tensor(t)).backward()
    expected = special.softmax(z) - np.eye(5)[t]
    np.testing.assert_allclose(by_logits.grad.numpy(), expected, **EXACT)


def test_numpy_softmax_matches_scipy_and_does_not_overflow(run_snippet):
    ns = run_snippet("concepts/neural_network_numpy")
    logits = np.random.default_rng(0).normal(size=(4, 6)) * 1000
    np.testing.assert_allclose(
        ns.softmax(logits), special.softmax(logits, axis=1), **EXACT
    )


def test_numpy_cross_entropy_does_not_overflow(run_snippet):
    ns = run_snippet("concepts/neural_network_numpy")
    assert ns.cross_entropy(np.array([[0.0, 2000.0]]), np.array([0])) == 2000


def test_tiny_example_has_its_closed_form(run_snippet, framework):
    """Logits 1 and −1, the right class second: p − y = (q, −q), q = 1 / (1 + e⁻²)."""
    printed = run_snippet(f"concepts/neural_network_{framework}").stdout_text
    q = 1 / (1 + math.exp(-2))
    expected = [
        [2, 0, 1, -1, q, 1 - q],
        [math.log1p(math.exp(2))],
        [2, 2 * q, -2 * q, 0, 0],
        [1, q, 0, 2 * q, 0],
    ]
    for line, values in zip(printed.splitlines()[:4], expected, strict=True):
        assert numbers(line) == pytest.approx(values, abs=6e-5)


@pytest.mark.parametrize("layout", ["", "-tall"])
def test_figure_shows_the_numbers_of_the_tiny_example(run_snippet, layout):
    ns = run_snippet("concepts/neural_network_numpy")
    path = ROOT / f"docs/assets/figures/neural-network-graph{layout}.svg"
    figure = path.read_text("utf-8")
    shown = re.findall(r"<text[^>]*>([^<]*)</text>", figure)
    shown = [x.replace("−", "-") for x in shown]
    for values in [ns.tiny_loss, *(grad[0] for grad in ns.tiny_grads)]:
        for value in np.ravel(values):
            assert f"{value:.3f}".replace("-0.000", "0").replace("0.000", "0") in shown


# --- checks before training ---------------------------------------------------

# --- checks before training ---------------------------------------------------


def test_all_frameworks_start_from_the_same_he_weights(run_snippet, framework):
    ns = run_snippet(f"concepts/neural_network_{framework}")
    rng = np.random.default_rng(1)
    for (w, b), last in zip(ns.initial(0.5), [1, 1, 0.5], strict=True):
        expected = rng.normal(size=w.shape) * math.sqrt(2 / w.shape[0]) * last
        np.testing.assert_allclose(w, expected, rtol=1e-12)
        assert (b == 0).all()


def test_parameter_count_is_that_of_the_torch_layers(run_snippet, framework):
    ns = run_snippet(f"concepts/neural_network_{framework}")
    layers = [nn.Linear(64, 32), nn.Linear(32, 16), nn.Linear(16, 10)]
    count = sum(p.numel() for layer in layers for p in layer.parameters())
    assert numbers(lines(ns, "参数个数")[0]) == [count] == [2778]


def test_first_losses_are_those_of_sklearn(run_snippet, framework):
    ns = run_snippet(f"concepts/neural_network_{framework}")
    found = [numbers(line) for line in lines(ns, "末层乘")]
    assert [row[0] for row in found] == [0.1, 1, 10]
    x, y = array(ns.images)[ns.train], array(ns.labels)[ns.train]
    for last, spread, loss in found:
        for i, (w, b) in enumerate(ns.initial(last)):
            x_next = (x if i == 0 else hidden) @ w + b  # noqa: F821
            hidden = np.maximum(x_next, 0) if i < 2 else x_next
        assert spread == pytest.approx(hidden.std(), abs=6e-4)
        expected = log_loss(y, special.softmax(hidden, axis=1))
        assert loss == pytest.approx(expected, abs=6e-5)


def test_with_small_logits_the_first_loss_is_ln_10_and_with_large_ones_it_is_not(
    run_snippet, framework
):
    ns = run_snippet(f"concepts/neural_network_{framework}")
    small, _, large = [numbers(line)[2] for line in lines(ns, "末层乘")]
    assert small == pytest.approx(math.log(10), abs=0.01)
    assert large > 4 * math.log(10)


# --- training -----------------------------------------------------------------

# --- training -----------------------------------------------------------------


def final_weights(ns, framework):
    if framework == "numpy":
        return [a for pair in ns.params for a in pair]
    if framework == "tf":
        return ns.model.get_weights()
    found = [m for m in ns.model if isinstance(m, nn.Linear)]
    return [array(a) for m in found for a in (m.weight.T, m.bias)]


@pytest.fixture(scope="module")
def sklearn_run(run_snippet):
    """scikit-learn's own backpropagation over the same 600 minibatches."""
    ns = run_snippet("concepts/neural_network_numpy")
    model = MLPClassifier(
        (32, 16), solver="sgd", learning_rate_init=0.125, momentum=0, alpha=0
    )
    model.set_params(batch_size=50, nesterovs_momentum=False, shuffle=False)
    model.partial_fit(ns.images[:50], ns.labels[:50], classes=range(10))
    start = ns.initial()
    model.coefs_ = [w.copy() for w, _ in start]
    model.intercepts_ = [b.copy() for _, b in start]
    rng, losses = np.random.default_rng(3), []
    for _ in range(20):
        for rows in rng.permutation(ns.train).reshape(-1, 50):
            model.partial_fit(ns.images[rows], ns.labels[rows])
            losses.append(model.loss_)
    return model, losses


def test_losses_of_all_600_steps_match_sklearn(run_snippet, framework, sklearn_run):
    ns = run_snippet(f"concepts/neural_network_{framework}")
    np.testing.assert_allclose(ns.losses, sklearn_run[1], rtol=1e-8)


def test_final_weights_match_sklearn(run_snippet, framework, sklearn_run):
    model, _ = sklearn_run
    found = final_weights(
        run_snippet(f"concepts/neural_network_{framework}"), framework
    )
    for ours, theirs in zip(found[::2], model.coefs_, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-9)
    for ours, theirs in zip(found[1::2], model.intercepts_, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-9)


def test_printed_losses_are_the_means_of_sklearn_s(run_snippet, framework, sklearn_run):
    printed = run_snippet(f"concepts/neural_network_{framework}").printed_by["train"]
    found = [numbers(line) for line in printed.splitlines()[:-1]]
    assert [epoch for epoch, _ in found] == [1, 2, 5, 10, 20]
    for epoch, loss in found:
        end = 30 * int(epoch)
        mean = np.mean(sklearn_run[1][end - 30 : end])
        assert loss == pytest.approx(mean, abs=6e-5)


def test_test_score_is_that_of_sklearn_with_the_same_weights(
    run_snippet, framework, sklearn_run
):
    ns = run_snippet(f"concepts/neural_network_{framework}")
    x, y = array(ns.images)[ns.test], array(ns.labels)[ns.test]
    right = int((sklearn_run[0].predict(x) == y).sum())
    assert numbers(lines(ns, "测试")[0]) == [297, right]


@pytest.mark.parametrize("other", ["torch", "tf"])
def test_frameworks_take_the_same_600_steps(run_snippet, other):
    ours = run_snippet("concepts/neural_network_numpy").losses
    theirs = run_snippet(f"concepts/neural_network_{other}").losses
    np.testing.assert_allclose(theirs, ours, rtol=1e-9)


@pytest.mark.parametrize("other", ["torch", "tf"])
def test_frameworks_print_the_same_lines(run_snippet, other):
    ours = run_snippet("concepts/neural_network_numpy").stdout_text
    theirs = run_snippet(f"concepts/neural_network_{other}").stdout_text
    shape = re.compile(r"-?\d+\.?\d*(?:e[-+]\d+)?")
    assert shape.sub("#", ours) == shape.sub("#", theirs)
    np.testing.assert_allclose(numbers(ours), numbers(theirs), rtol=1e-3, atol=1e-6)


def test_no_test_image_was_trained_on(run_snippet, framework):
    ns = run_snippet(f"concepts/neural_network_{framework}")
    assert len(set(ns.train) | set(ns.test)) == 1797 == len(ns.train) + len(ns.test)


def test_sklearn_reference_is_three_points_away_at_most(run_snippet):
    ours = numbers(lines(run_snippet("concepts/neural_network_numpy"), "测试")[0])
    reference = run_snippet("concepts/neural_network_reference_numpy")
    assert ours[1] / ours[0] > max(reference.scores) - 0.03


def test_reference_prints_what_it_measured_on_the_same_split(run_snippet):
    ns = run_snippet("concepts/neural_network_reference_numpy")
    ours = run_snippet("concepts/neural_network_numpy")
    np.testing.assert_array_equal(ns.test, ours.test)
    first, second = ns.stdout_text.splitlines()
    found = [min(ns.scores), max(ns.scores), ns.linear]
    assert numbers(first) + numbers(second) == pytest.approx(found, abs=6e-3)


def test_logistic_regression_is_as_good_as_torch_softmax_regression(run_snippet):
    """The same convex problem (C = 1, so a penalty of |W|² / 2), by L-BFGS in torch."""
    ns = run_snippet("concepts/neural_network_reference_numpy")
    x, y = torch.from_numpy(ns.images), torch.from_numpy(ns.labels)
    w = torch.zeros(64, 10, dtype=torch.float64, requires_grad=True)
    b = torch.zeros(10, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([w, b], max_iter=500, line_search_fn="strong_wolfe")

    def closure():
        solver.zero_grad()
        logits = x[ns.train] @ w + b
        loss = F.cross_entropy(logits, y[ns.train], reduction="sum") + (w**2).sum() / 2
        loss.backward()
        return loss

    solver.step(closure)
    with torch.no_grad():
        score = ((x[ns.test] @ w + b).argmax(1) == y[ns.test]).double().mean()
    assert float(score) == pytest.approx(ns.linear, abs=0.007)  # two images


# --- nonlinearity -------------------------------------------------------------

# --- nonlinearity -------------------------------------------------------------


def test_three_linear_layers_are_one_matrix(run_snippet):
    ns = run_snippet("concepts/neural_network_nonlinear_numpy")
    assert ns.same
    line = lines(ns, "三层线性")[0]
    assert numbers(line) == [64 * 32 + 32 * 16 + 16 * 10, 64 * 10]


def test_the_best_linear_answer_to_xor_is_one_half(run_snippet):
    ns = run_snippet("concepts/neural_network_nonlinear_numpy")
    np.testing.assert_allclose(ns.design @ ns.best, np.mean(ns.xor), atol=1e-12)
    assert numbers(lines(ns, "最小二乘")[0]) == [0.5] * 4


def test_two_relu_units_compute_xor(run_snippet):
    ns = run_snippet("concepts/neural_network_nonlinear_numpy")
    a, b = ns.corners.T
    assert numbers(lines(ns, "两个 ReLU")[0]) == list(a ^ b)


@pytest.mark.parametrize("width", [16, 64, 256])
def test_constructed_network_is_linear_interpolation(run_snippet, width):
    ns = run_snippet("concepts/neural_network_nonlinear_numpy")
    knots, bends = ns.construct(width)
    ours = np.maximum(ns.grid[:, None] - knots, 0) @ bends
    corners = np.linspace(0, 1, width + 1)
    expected = np.interp(ns.grid, corners, np.sin(2 * np.pi * corners))
    np.testing.assert_allclose(ours, expected, atol=1e-11)
    line = lines(ns, f"构造，{width} ")[0]
    error = np.abs(expected - np.sin(2 * np.pi * ns.grid)).max()
    assert numbers(line)[1] == pytest.approx(error, abs=6e-7)
    assert numbers(line)[1] <= numbers(line)[2]


def test_searching_by_gradient_descent_matches_torch_sgd(run_snippet):
    ns = run_snippet("concepts/neural_network_nonlinear_numpy")
    rng = np.random.default_rng(0)
    w = rng.normal(size=(1, 64)) * math.sqrt(2)
    start = [w, -w[0] * rng.uniform(size=64)]
    start += [rng.normal(size=(64, 1)) * math.sqrt(2 / 64), np.zeros(1)]
    params = [torch.from_numpy(a).requires_grad_() for a in start]
    solver = torch.optim.SGD(params, lr=0.05)
    x = torch.linspace(0, 1, 257, dtype=torch.float64)[:, None]

    def output(x):
        return torch.relu(x @ params[0] + params[1]) @ params[2] + params[3]

    found = {}
    for step in range(1, 1001):
        solver.zero_grad()
        loss = ((output(x) - torch.sin(2 * math.pi * x)) ** 2).mean() / 2
        loss.backward()
        solver.step()
        if step in (100, 1000):
            grid = torch.from_numpy(ns.grid)[:, None]
            with torch.no_grad():
                error = (output(grid) - torch.sin(2 * math.pi * grid)).abs().max()
            found[step] = float(error)
    for step, error in found.items():
        line = next(x for x in lines(ns, "训练") if f"，{step} 步" in x)
        assert numbers(line)[-1] == pytest.approx(error, abs=1.1e-3)


def test_what_exists_is_twenty_times_better_than_what_was_found(run_snippet):
    ns = run_snippet("concepts/neural_network_nonlinear_numpy")
    built = numbers(lines(ns, "构造，64 ")[0])[1]
    found = [numbers(line)[-1] for line in lines(ns, "训练")]
    assert found == sorted(found, reverse=True)
    assert found[-1] > 20 * built


# --- the table of differences -------------------------------------------------

# --- the table of differences -------------------------------------------------


def dense(n_in, n_out):
    layer = keras.layers.Dense(n_out)
    layer.build((None, n_in))
    return layer


def test_weights_are_out_by_in_in_torch_and_in_by_out_in_keras():
    assert nn.Linear(3, 2).weight.shape == (2, 3)
    assert dense(3, 2).kernel.shape == (3, 2)


def test_torch_cross_entropy_takes_logits_where_keras_takes_probabilities():
    logits, y = np.array([[2.0, -1.0, 0.5]]), np.array([2])
    expected = -special.log_softmax(logits, axis=1)[0, 2]
    torch_loss = F.cross_entropy(torch.from_numpy(logits), torch.from_numpy(y))
    assert float(torch_loss) == pytest.approx(expected)
    loss = keras.losses.SparseCategoricalCrossentropy
    assert float(loss()(y, special.softmax(logits, axis=1))) == pytest.approx(expected)
    assert float(loss(from_logits=True)(y, logits)) == pytest.approx(expected)
    assert abs(float(loss()(y, logits)) - expected) > 0.1


def test_both_take_zero_as_the_slope_of_relu_at_zero():
    x = torch.zeros(1, requires_grad=True)
    torch.relu(x).sum().backward()
    v = tf.Variable([0.0])
    with tf.GradientTape() as tape:
        y = tf.nn.relu(v)
    assert x.grad.item() == 0 == float(tape.gradient(y, v)[0])


# --- exercises ----------------------------------------------------------------


def changed(*edits):
    """The NumPy snippet with some text replaced: its globals and what it printed."""
    text = (ROOT / "snippets/concepts/neural_network_numpy.py").read_text("utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    names, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
        exec(compile(text, "changed", "exec"), names)
    return names, printed.getvalue()


def test_exercise_1_tanh_needs_one_more_change_in_the_backward_pass():
    forward = ("x = np.maximum(x, 0)", "x = np.tanh(x)")
    backward = ("* (a > 0)", "* (1 - a**2)")
    params, x, y = problem()
    flat = [torch.from_numpy(a).requires_grad_() for pair in params for a in pair]
    h = torch.tanh(torch.from_numpy(x) @ flat[0] + flat[1])
    h = torch.tanh(h @ flat[2] + flat[3]) @ flat[4] + flat[5]
    expected = torch.autograd.grad(F.cross_entropy(h, torch.from_numpy(y)), flat)
    for edits, right in [((forward, backward), 6), ((forward,), 2)]:
        _, grads = changed(*edits)[0]["gradients"](params, x, y)
        found = zip((a for pair in grads for a in pair), expected, strict=True)
        assert sum(np.allclose(ours, array(theirs)) for ours, theirs in found) == right


def test_exercise_2_counts():
    sizes = [(784, 512), (512, 512), (512, 10)]
    layers = [nn.Linear(*size) for size in sizes]
    assert sum(p.numel() for m in layers for p in m.parameters()) == 669_706
    model = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(128, 784))
    assert counter.get_total_flops() == 171_180_032


def test_exercise_3_a_right_guess_has_a_small_gradient():
    w1 = torch.tensor([[0.0, 1.0], [1.0, -1.0]])
    w2 = torch.tensor([[0.5, -0.5], [1.0, -1.0]], requires_grad=True)
    logits = torch.relu(torch.tensor([[1.0, 2.0]]) @ w1) @ w2
    loss = F.cross_entropy(logits, torch.tensor([0]))
    loss.backward()
    assert loss.item() == pytest.approx(0.127, abs=6e-4)
    expected = [-0.238, 0.238, 0, 0]
    assert w2.grad.ravel().tolist() == pytest.approx(expected, abs=6e-4)


# --- practice: concepts/neural_network_practice_numpy -------------------------

PRACTICE = ROOT / "snippets/concepts/neural_network_practice_numpy.py"
SOLUTION = practice.functions(
    ROOT / "snippets/concepts/neural_network_numpy.py",
    *("forward", "softmax", "cross_entropy", "gradients"),
)
WRONG = [
    ("delta /= len(y)", "pass"),  # the sum over a batch, not its mean
    ("delta[np.arange(len(y)), y] -= 1", "delta[np.arange(len(y)), y] += 1"),
    ("(a.T @ delta, delta.sum(axis=0))", "(a.T @ delta, delta.mean(axis=0))"),
    ("(a.T @ delta, delta.sum(axis=0))", "(delta.T @ a, delta.sum(axis=0))"),
    ("delta @ w.T * (a > 0)", "delta @ w * (a > 0)"),
    ("delta @ w.T * (a > 0)", "delta @ w.T"),  # no derivative of ReLU
    ("delta @ w.T * (a > 0)", "delta @ w.T * (a >= 0)"),
    ("delta @ w.T * (a > 0)", "delta @ w.T * a"),
    ("grads.insert(0, ", "grads.append("),  # the last layer first
    ("if i < len(params) - 1:", "if True:"),  # ReLU on the logits too
    ("return -log_p[np.arange(len(y)), y].mean()", "return -log_p.mean()"),
    (
        "shifted = logits - logits.max(axis=1, keepdims=True)",
        "shifted = logits",  # overflows
    ),
    ("return cross_entropy(logits, y), grads", "return grads"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_autograd_gives(case: tuple) -> None:
    _, given, (loss, grads), _ = case
    params = [
        tuple(torch.tensor(p, requires_grad=True) for p in layer)
        for layer in given["params"]
    ]
    hidden = torch.tensor(given["x"])
    for number, (w, b) in enumerate(params):
        hidden = hidden @ w + b
        hidden = torch.relu(hidden) if number + 1 < len(params) else hidden
    expected = F.cross_entropy(hidden, torch.tensor(given["y"]))
    expected.backward()
    assert loss == pytest.approx(expected.item(), abs=6e-7)
    for layer, literal in zip(params, grads, strict=True):
        for parameter, gradient in zip(layer, literal, strict=True):
            found = parameter.grad.numpy()
            np.testing.assert_allclose(gradient, found, rtol=0, atol=6e-7)


def test_the_pages_own_gradients_pass_the_practice() -> None:
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # some overflow on purpose
def test_no_wrong_gradients_pass_the_practice() -> None:
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []
