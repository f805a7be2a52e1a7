"""The neural-network page: a step by hand, gradients, training, and its figures.

References that the snippets never import: each framework's autograd for hand-written
gradients, ``scipy`` and closed forms, and scikit-learn's own backpropagation
(``MLPClassifier.partial_fit``), step by step.
"""

import inspect
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
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier
from torch import nn
from torch.utils.data import DataLoader

from handbook.programs import practice

ROOT = Path(__file__).parent.parent.parent
FIGURES = ROOT / "docs/assets/figures"
FRAMEWORKS = ["numpy", "torch", "tf"]
EXACT = {"rtol": 1e-10, "atol": 1e-13}  # float64, sums of at most 1,500 terms


@pytest.fixture(params=FRAMEWORKS)
def framework(request):
    return request.param


@pytest.fixture
def ns(run_snippet, framework):
    return run_snippet(f"concepts/neural_network_{framework}")


@pytest.fixture
def double():
    """Both frameworks compute in float64, as the programs do while they run."""
    torch.set_default_dtype(torch.float64)
    keras.config.set_floatx("float64")
    yield
    torch.set_default_dtype(torch.float32)
    keras.config.set_floatx("float32")


def array(x):
    """Any framework's tensor as a NumPy array."""
    return x.detach().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)


def numbers(text):
    return [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", text)]


def named(printed, name):
    """The numbers that follow a name, up to the next name, as printed."""
    found = re.search(
        rf"(?<![\w\u4e00-\u9fff]){re.escape(name)}([\s\d.\[\]-]+)", printed
    )
    assert found, f"{name!r} is not in {printed!r}"
    return numbers(found[1])


# --- one step by hand ---------------------------------------------------------

Q = 1 / (1 + math.exp(-2))  # the probability of logit 1 beside logit -1
W1, W2 = [[0.0, 1.0], [1.0, -1.0]], [[0.5, -0.5], [1.0, -1.0]]


@pytest.fixture
def hand(run_snippet):
    return run_snippet("concepts/neural_network_hand_numpy").printed_by


def hand_in_torch(target=1, rate=0.1):
    """Gradients of W1 and W2, and the loss before and after one step."""
    x, y = torch.tensor([[1.0, 2.0]]).double(), torch.tensor([target])
    params = [torch.tensor(w).double().requires_grad_() for w in (W1, W2)]

    def loss():
        return F.cross_entropy(torch.relu(x @ params[0]) @ params[1], y)

    before = loss()
    before.backward()
    grads = [p.grad.clone() for p in params]
    optimizer = torch.optim.SGD(params, lr=rate)
    optimizer.step()
    optimizer.zero_grad()
    after = loss()
    after.backward()
    return before.item(), after.item(), grads, [p.detach() for p in params], params


def test_the_forward_pass_by_hand_has_its_closed_form(hand):
    printed = hand["forward"]
    assert named(printed, "z1") == [2, -1] and named(printed, "h") == [2, 0]
    assert named(printed, "z2") == [1, -1]
    assert named(printed, "p") == pytest.approx([Q, 1 - Q], abs=6e-4)
    assert named(printed, "损失") == pytest.approx([-math.log(1 - Q)], abs=6e-4)


def test_the_backward_pass_by_hand_is_autograd_s(hand):
    _, _, (dw1, dw2), *_ = hand_in_torch()
    printed = hand["backward"]
    assert named(printed, "p - y") == pytest.approx([Q, -Q], abs=6e-4)
    assert named(printed, "W1 的梯度") == pytest.approx(dw1.ravel().tolist(), abs=6e-4)
    assert named(printed, "W2 的梯度") == pytest.approx(dw2.ravel().tolist(), abs=6e-4)
    assert named(printed, "h 的梯度") == pytest.approx([Q, 2 * Q], abs=6e-4)
    assert named(printed, "z1 的梯度") == pytest.approx([Q, 0], abs=6e-4)
    assert "-0.000" not in printed


def test_the_step_by_hand_is_that_of_torch_sgd(hand):
    before, after, _, (w1, w2), _ = hand_in_torch()
    printed = hand["step"]
    assert named(printed, "新的 W1") == pytest.approx(w1.ravel().tolist(), abs=6e-4)
    assert named(printed, "新的 W2") == pytest.approx(w2.ravel().tolist(), abs=6e-4)
    z1 = (torch.tensor([[1.0, 2.0]]).double() @ w1)[0]
    p = (torch.relu(z1) @ w2).softmax(0)
    assert named(printed, "z1") == pytest.approx(z1.tolist(), abs=6e-4)
    assert named(printed, "p") == pytest.approx(p.tolist(), abs=6e-4)
    assert named(printed, "损失") == pytest.approx([after], abs=6e-4)
    assert after < before


# --- figures ------------------------------------------------------------------


def shown(name):
    """The texts of a figure, minus signs as in code."""
    text = (FIGURES / f"neural-network-{name}.svg").read_text("utf-8")
    found = re.findall(r"<text[^>]*>([^<]*)</text>", text)
    return [word.replace("−", "-") for word in found]


def written(value):
    value = 0.0 if abs(value) < 5e-4 else value
    return f"{value:g}" if abs(value - round(value, 1)) < 5e-4 else f"{value:.3f}"


def test_the_film_strip_shows_the_numbers_of_the_program(run_snippet):
    hand = run_snippet("concepts/neural_network_hand_numpy")
    _, _, (dw1, dw2), (new1, new2), _ = hand_in_torch()
    states = {
        1: np.ravel(W1).tolist() + [1, 2, 2, 0],
        2: np.ravel(W2).tolist() + [2, 0, 1, -1],
        4: dw2.ravel().tolist() + [Q, -Q],
        5: dw1.ravel().tolist() + [Q, 0],
        6: new1.ravel().tolist() + new2.ravel().tolist() + hand.z2.tolist(),
    }
    for state, values in states.items():
        words = shown(f"step-{state}")
        assert [v for v in map(written, values) if v not in words] == []
    assert {"p = 0.881", "p = 0.119", "损失 2.127"} <= set(shown("step-3"))
    assert f"损失 {hand.loss:.3f}" in shown("step-6")


@pytest.mark.parametrize("layout", ["", "-tall"])
def test_the_graph_shows_the_numbers_of_the_hand_case(layout):
    before, _, grads, *_ = hand_in_torch()
    words = shown(f"graph{layout}")
    for value in [before, *grads[0].ravel(), *grads[1].ravel()]:
        assert f"{value:.3f}".replace("-0.000", "0").replace("0.000", "0") in words


def test_the_misread_digits_are_drawn_from_the_data(run_snippet):
    ns = run_snippet("concepts/neural_network_numpy")
    text = (FIGURES / "neural-network-misread.svg").read_text("utf-8")
    groups = re.findall(r"<g .*?</g>", text, re.S)
    assert len(groups) == 4
    for group, row in zip(groups, ns.wrong[:4], strict=True):
        drawn = [float(v) for v in re.findall(r'fill-opacity="([\d.]+)"', group)]
        pixels = ns.x_test[row]
        assert drawn == pixels[pixels > 0].tolist()
    said = re.findall(r"写 (\d)，认 <tspan[^>]*>(\d)", text)
    first = ns.wrong[:4]
    assert said == [
        (str(a), str(b)) for a, b in zip(ns.y_test[first], ns.guess[first], strict=True)
    ]


def test_two_relu_units_fold_xor_onto_three_points():
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    total = corners.sum(axis=1)
    h = np.maximum(total[:, None] + [0, -1], 0)
    assert h.tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]
    assert (h @ [1, -2]).tolist() == [0, 1, 1, 0]
    design = np.column_stack([corners, np.ones(4)])
    best = np.linalg.lstsq(design, [0, 1, 1, 0], rcond=None)[0]
    np.testing.assert_allclose(design @ best, 0.5)  # the best line says nothing


def test_the_slope_s_small_step_lowers_the_loss_and_its_large_one_raises_it():
    text = (FIGURES / "neural-network-slope.svg").read_text("utf-8")
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', text)
    (w, start), (near, lower), (far, higher) = [(float(x), -float(y)) for x, y in dots]
    assert w < near < far
    assert lower < start < higher


# --- gradients ----------------------------------------------------------------


def problem(sizes=(6, 5, 5, 3), batch=7, seed=0):
    """Weights and biases, x and y; two layers of one width, so shapes tell nothing."""
    rng = np.random.default_rng(seed)
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    params = [(rng.normal(size=p), rng.normal(size=p[1])) for p in pairs]
    return params, rng.normal(size=(batch, sizes[0])), rng.integers(0, sizes[-1], batch)


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


@pytest.fixture
def numpy_gradients(run_snippet):
    return run_snippet("concepts/neural_network_numpy").gradients


def flat(grads):
    return [a for pair in grads for a in pair]


@pytest.mark.parametrize("reference", [torch_gradients, tape_gradients])
def test_hand_written_gradients_match_autograd(numpy_gradients, reference):
    params, x, y = problem()
    _, grads = numpy_gradients(params, x, y)
    for ours, theirs in zip(flat(grads), reference(params, x, y), strict=True):
        np.testing.assert_allclose(ours, array(theirs), **EXACT)


def test_hand_written_gradients_match_central_differences(numpy_gradients):
    params, x, y = problem(seed=3)
    _, grads = numpy_gradients(params, x, y)
    expected = difference_gradients(params, x, y)
    for ours, theirs in zip(flat(grads), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-8)


def test_the_loss_matches_sklearn_log_loss(numpy_gradients):
    params, x, y = problem(batch=40, seed=1)
    loss, _ = numpy_gradients(params, x, y)
    hidden = x
    for i, (w, b) in enumerate(params):
        hidden = np.dot(hidden, w) + b
        hidden = np.clip(hidden, 0, None) if i < 2 else hidden
    expected = log_loss(y, special.softmax(hidden, axis=1), labels=range(3))
    assert loss == pytest.approx(expected, rel=1e-10)


def test_log_softmax_matches_scipy_and_does_not_overflow(run_snippet):
    ns = run_snippet("concepts/neural_network_numpy")
    logits = np.random.default_rng(0).normal(size=(4, 6)) * 1000
    expected = special.log_softmax(logits, axis=1)
    np.testing.assert_allclose(ns.log_softmax(logits), expected, **EXACT)
    assert ns.cross_entropy(np.array([[0.0, 2000.0]]), np.array([0])) == 2000


def test_softmax_twice_leaves_a_loss_of_at_least_1_46_for_ten_classes():
    best = torch.eye(10, dtype=torch.float64)  # probabilities, given as logits
    assert F.cross_entropy(best, torch.arange(10)).item() == pytest.approx(
        math.log(math.e + 9) - 1
    )
    assert math.log(math.e + 9) - 1 == pytest.approx(1.46, abs=6e-3)


def test_gradient_of_the_loss_by_the_logits_is_p_minus_y():
    z, t = np.random.default_rng(0).normal(size=5), 3
    by_logits = torch.tensor(z, requires_grad=True)
    F.cross_entropy(by_logits, torch.tensor(t)).backward()
    expected = special.softmax(z) - np.eye(5)[t]
    np.testing.assert_allclose(by_logits.grad.numpy(), expected, **EXACT)


# --- data, first weights, first loss ------------------------------------------


def weights(ns, framework, model):
    """[(W, b), …] in our (in, out) layout."""
    if framework == "numpy":
        return model
    if framework == "torch":
        return [(array(m.weight.mT), array(m.bias)) for m in model.children()]
    return [(array(m.kernel), array(m.bias)) for m in model.layers]


def test_the_split_is_one_shuffle_of_sklearn_s_digits(ns):
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(1797)
    np.testing.assert_array_equal(array(ns.x_train), images[order[:1500]] / 16)
    np.testing.assert_array_equal(array(ns.x_test), images[order[1500:]] / 16)
    found = np.concatenate([array(ns.y_train), array(ns.y_test)])
    np.testing.assert_array_equal(found, labels[order])


@pytest.mark.usefixtures("double")
def test_all_frameworks_start_from_the_same_weights(ns, framework):
    rng = np.random.default_rng(1)
    found = weights(ns, framework, ns.initial(0.5))
    for (w, b), last in zip(found, [1, 1, 0.5], strict=True):
        expected = rng.normal(size=w.shape) * math.sqrt(2 / w.shape[0]) * last
        np.testing.assert_allclose(w, expected, rtol=1e-12)
        assert (b == 0).all()


def test_the_parameters_are_counted_as_torch_counts_them(ns):
    layers = [nn.Linear(64, 32), nn.Linear(32, 16), nn.Linear(16, 10)]
    count = sum(p.numel() for layer in layers for p in layer.parameters())
    assert numbers(ns.printed_by["data"]) == [count] == [2778]


def start(run_snippet, last=0.1):
    """The page's first weights and its data, from the NumPy version."""
    ns = run_snippet("concepts/neural_network_numpy")
    return ns, ns.initial(last)


def test_printed_gradients_are_those_of_autograd(ns, run_snippet):
    data, params = start(run_snippet)
    grads = torch_gradients(params, data.x_train[:50], data.y_train[:50])
    for n, line in enumerate(ns.printed_by["check"].splitlines()):
        norms = [float(g.norm()) for g in grads[2 * n : 2 * n + 2]]
        assert numbers(line) == [n + 1, *(pytest.approx(v, abs=6e-7) for v in norms)]


def test_first_losses_are_those_of_sklearn(ns, run_snippet):
    found = [numbers(line) for line in ns.printed_by["first-loss"].splitlines()]
    assert [last for last, _ in found] == [0.1, 1, 10]
    for last, loss in found:
        data, params = start(run_snippet, last)
        expected = plain_loss(params, data.x_train, data.y_train)
        assert loss == pytest.approx(expected, abs=6e-3)
    assert found[0][1] == pytest.approx(math.log(10), abs=0.01)
    assert found[2][1] > 4 * math.log(10)


# --- training -----------------------------------------------------------------


@pytest.fixture(scope="module")
def sklearn_run(run_snippet):
    """scikit-learn's own backpropagation over the same 600 minibatches, by rate."""
    known = {}

    def run(rate):
        if rate not in known:
            known[rate] = _sklearn(run_snippet, rate)
        return known[rate]

    return run


def _sklearn(run_snippet, rate):
    ns, first = start(run_snippet)
    model = MLPClassifier(
        (32, 16), solver="sgd", learning_rate_init=rate, momentum=0, alpha=0
    )
    model.set_params(batch_size=50, nesterovs_momentum=False, shuffle=False)
    model.partial_fit(ns.x_train[:50], ns.y_train[:50], classes=range(10))
    model.coefs_ = [w.copy() for w, _ in first]
    model.intercepts_ = [b.copy() for _, b in first]
    history = []
    for _ in range(20):
        losses = []
        for i in range(0, 1500, 50):
            model.partial_fit(ns.x_train[i : i + 50], ns.y_train[i : i + 50])
            losses.append(model.loss_)
        unseen = log_loss(ns.y_test, model.predict_proba(ns.x_test), labels=range(10))
        history.append((np.mean(losses), unseen))
    return model, history


def test_the_history_of_20_epochs_is_sklearn_s(ns, sklearn_run):
    expected = sklearn_run(0.125)[1]
    np.testing.assert_allclose(ns.history, expected, rtol=1e-6)


def test_final_weights_match_sklearn(run_snippet, framework, sklearn_run):
    ns = run_snippet(f"concepts/neural_network_{framework}")
    model, _ = sklearn_run(0.125)
    found = weights(ns, framework, ns.params if framework == "numpy" else ns.model)
    expected = zip(model.coefs_, model.intercepts_, strict=True)
    for (w, b), (coefs, intercepts) in zip(found, expected, strict=True):
        np.testing.assert_allclose(w, coefs, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(b, intercepts, rtol=1e-6, atol=1e-8)


def test_the_printed_run_is_sklearn_s(ns, sklearn_run):
    model, history = sklearn_run(0.125)
    *epochs, score, misread = ns.printed_by["run"].splitlines()
    found = [numbers(line) for line in epochs]
    assert [row[0] for row in found] == [1, 2, 5, 10, 20]
    for epoch, *losses in found:
        assert losses == pytest.approx(history[int(epoch) - 1], abs=6e-5)
    x, y = array(ns.x_test), array(ns.y_test)
    guess = model.predict(x)
    wrong = np.flatnonzero(guess != y)
    assert numbers(score) == [297, 297 - len(wrong)]
    first = wrong[:4]
    assert numbers(misread) == [*y[first], *guess[first]]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_printed_losses_of_three_rates_are_sklearn_s(run_snippet, sklearn_run):
    ns = run_snippet("concepts/neural_network_numpy")
    printed = ns.printed_by["rates"].splitlines()
    for line, rate in zip(printed, [0.02, 0.125, 2.0], strict=True):
        history = sklearn_run(rate)[1]
        expected = [history[epoch - 1][0] for epoch in (1, 10, 20)]
        found = numbers(line)
        assert found[:4] == [rate, 1, 10, 20]
        assert found[4:] == pytest.approx(expected, abs=6e-3)


def test_at_rate_2_the_second_hidden_layer_is_shut_for_every_image(run_snippet):
    ns = run_snippet("concepts/neural_network_numpy")
    params, _ = ns.train(2.0, epochs=2)
    hidden = ns.forward(params, ns.images)[1][2]
    assert not hidden.any()
    _, grads = ns.gradients(params, ns.x_train, ns.y_train)
    assert [bool(dw.any()) for dw, _ in grads] == [False, False, False]


@pytest.fixture
def curves(ran):
    """Each curve of the figure that the program draws: its points and its style."""
    _, result = ran("concepts/neural_network_numpy")
    found = re.findall(
        r'<path d="(M[^"]*)" clip-path[^>]*style="([^"]*)"', result.figure
    )
    return [
        (np.array(list(map(numbers, re.split("[ML]", d)[1:]))), s) for d, s in found
    ]


def test_all_curves_draw_what_was_trained_on_the_one_scale_of_the_axis(ran, curves):
    ns, result = ran("concepts/neural_network_numpy")
    losses = [[loss for loss, _ in ns.curves[rate]] for rate in (0.02, 0.125, 2.0)]
    losses.append([test_loss for _, test_loss in ns.history])
    heights = [points[:, 1] for points, _ in curves]
    ticks = re.findall(
        r'text-anchor: end"[^>]* y="([\d.]+)"[^>]*>([\d.]+)<', result.figure
    )
    (low, below), *_, (high, above) = [(float(y), float(t)) for y, t in ticks]
    slope = (high - low) / (above - below)  # units of the figure, for a loss of 1
    zero = low - 3.8 - slope * below  # a label's foot stands lower than its tick
    expected = zero + slope * np.array(losses)
    np.testing.assert_allclose(heights, expected, atol=0.1)


def test_every_epoch_has_its_place_on_each_curve(curves):
    for points, _ in curves:
        assert len(points) == 20
        even = np.linspace(*points[[0, -1], 0], 20)  # drawn to a tenth of a point
        np.testing.assert_allclose(points[:, 0], even, rtol=0, atol=0.11)


def test_the_page_s_rate_is_drawn_whole_and_the_others_dashed(curves):
    assert ["stroke-dasharray" in style for _, style in curves] == [
        True,
        False,
        True,
        True,
    ]
    assert ["--hb-qing" in style for _, style in curves].index(True) == 1
    assert ["--hb-zhu" in style for _, style in curves].index(True) == 3


@pytest.mark.parametrize(
    ("name", "own"),
    [("0.02：太慢", 0), ("0.125：训练", 1), ("学习率 2.0：不动", 2), ("测试", 3)],
)
def test_each_name_stands_at_its_own_curve_in_its_colour(ran, curves, name, own):
    _, result = ran("concepts/neural_network_numpy")
    style, x, y = re.search(
        rf'style="([^"]*)" x="([\d.]+)" y="([\d.]+)">{name}<', result.figure
    ).groups()
    width = 10 * len(re.sub(r"[\d. ]", "", name)) + 5 * len(re.findall(r"\d", name))
    box = [(float(x) + a * width, float(y) - b) for a in (0, 0.5, 1) for b in (0, 8)]
    gaps = [
        min(np.hypot(*(points - place).T).min() for place in box)
        for points, _ in curves
    ]
    assert gaps.index(min(gaps)) == own
    assert re.findall(r"--hb-\w+", style) == re.findall(r"--hb-\w+", curves[own][1])


def in_torch(ns, epochs):
    """A plain net of torch's after the page's minibatches, and its last two losses."""
    net = nn.Sequential(
        nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 10)
    ).double()
    with torch.no_grad():
        for given, own in zip(flat(ns.initial()), net.parameters(), strict=True):
            own.copy_(torch.from_numpy(given.T))
    x, y = torch.from_numpy(ns.x_train), torch.from_numpy(ns.y_train)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.125)
    for _ in range(epochs):
        losses = []
        for rows in torch.arange(1500).split(50):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    logits = net(torch.from_numpy(ns.x_test)).detach()
    test_loss = F.cross_entropy(logits, torch.from_numpy(ns.y_test)).item()
    return logits.argmax(1).numpy(), (np.mean(losses), test_loss)


def test_the_printed_100_epochs_are_torch_s(run_snippet):
    ns = run_snippet("concepts/neural_network_numpy")
    guess, expected = in_torch(ns, epochs=100)
    losses, score = ns.printed_by["longer"].splitlines()
    assert numbers(losses) == [100, *(pytest.approx(v, abs=6e-5) for v in expected)]
    assert numbers(score) == [297, (guess == ns.y_test).sum()] == [297, 292]


@pytest.mark.parametrize("other", ["torch", "tf"])
def test_frameworks_print_the_same_lines(run_snippet, other):
    ours = dict(run_snippet("concepts/neural_network_numpy").printed_by)
    theirs = run_snippet(f"concepts/neural_network_{other}").printed_by
    del ours["rates"], ours["longer"]  # told once
    assert {k: v for k, v in ours.items() if v} == {
        k: v for k, v in theirs.items() if v
    }


@pytest.mark.usefixtures("double")
def test_torch_gradients_twice_are_the_same_gradients(run_snippet):
    """PyTorch accumulates: without zero_grad the second would be doubled."""
    ns = run_snippet("concepts/neural_network_torch")
    model, batch = ns.initial(), (ns.x_train[:50], ns.y_train[:50])
    ns.gradients(model, *batch)
    first = model.layer1.weight.grad.clone()
    ns.gradients(model, *batch)
    assert torch.equal(first, model.layer1.weight.grad)


# --- other implementations ----------------------------------------------------


@pytest.fixture
def reference(run_snippet):
    return run_snippet("concepts/neural_network_reference_numpy")


def test_the_reference_has_the_page_s_split(run_snippet, reference):
    ours = run_snippet("concepts/neural_network_numpy")
    np.testing.assert_array_equal(reference.x[reference.train] / 16, ours.x_train)
    np.testing.assert_array_equal(reference.x[reference.test] / 16, ours.x_test)
    np.testing.assert_array_equal(reference.y[reference.test], ours.y_test)


def test_the_reference_is_three_seeds_of_the_page_s_net_each_converged(reference):
    assert [m.random_state for m in reference.mlps] == [0, 1, 2]
    for model in reference.mlps:
        assert [w.shape for w in model.coefs_] == [(64, 32), (32, 16), (16, 10)]
        assert 200 < model.n_iter_ < model.max_iter
        assert (
            model.get_params()
            == MLPClassifier(
                (32, 16), max_iter=500, random_state=model.random_state
            ).get_params()
        )


def test_the_printed_counts_are_those_of_the_trained_weights(run_snippet, reference):
    ours = run_snippet("concepts/neural_network_numpy")
    counts = []
    for model in reference.mlps:
        x = ours.x_test
        for i, (w, b) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
            x = x @ w + b
            x = x.clip(min=0) if i < 2 else x
        counts.append(int((x.argmax(axis=1) == ours.y_test).sum()))
    first, _ = reference.printed_by["reference"].splitlines()
    assert numbers(first) == [min(counts), max(counts)]


def test_the_printed_count_of_the_linear_model_is_logistic_regression_s(
    run_snippet, reference
):
    ours = run_snippet("concepts/neural_network_numpy")
    model = LogisticRegression(max_iter=1000).fit(ours.x_train, ours.y_train)
    right = int((model.predict(ours.x_test) == ours.y_test).sum())
    _, second = reference.printed_by["reference"].splitlines()
    assert numbers(second) == [right]


def test_ours_is_less_than_three_points_below_the_worst_of_sklearn(
    run_snippet, reference
):
    printed = run_snippet("concepts/neural_network_numpy").printed_by["run"]
    total, right = numbers(printed.splitlines()[-2])
    assert right / total == pytest.approx(0.966, abs=6e-4)
    assert max(reference.counts) - 0.03 * total < right < min(reference.counts)


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


LOGITS, CHOSEN = np.array([[2.0, -1.0, 0.5], [0.0, 1.0, 3.0]]), np.array([2, 0])


def loss_of_numbered_classes(framework, *arguments):
    """The library's cross-entropy of classes by number."""
    if framework == "torch":
        return float(F.cross_entropy(*map(torch.from_numpy, arguments)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return float(loss(*arguments))


def right_order(framework, prediction, label):
    """The page's table: PyTorch takes the prediction first, Keras the label."""
    return (prediction, label) if framework == "torch" else (label, prediction)


@pytest.mark.parametrize("library", ["torch", "tf"])
def test_torch_takes_the_prediction_first_and_keras_the_label(library):
    found = loss_of_numbered_classes(library, *right_order(library, LOGITS, CHOSEN))
    expected = -special.log_softmax(LOGITS, axis=1)[[0, 1], CHOSEN].mean()
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("library", ["torch", "tf"])
def test_swapped_arguments_are_refused_where_the_label_is_a_number(library):
    with pytest.raises((RuntimeError, ValueError, IndexError)):
        loss_of_numbered_classes(library, *right_order(library, CHOSEN, LOGITS))


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("library", ["torch", "tf"])
def test_swapped_arguments_are_merely_wrong_where_the_label_is_one_hot(library):
    one_hot = np.eye(3)[CHOSEN]
    call = keras.losses.CategoricalCrossentropy(from_logits=True)

    def loss(prediction, label):
        first, second = right_order(library, prediction, label)
        if library == "tf":
            return float(call(first, second))
        return float(F.cross_entropy(torch.from_numpy(first), torch.from_numpy(second)))

    expected = -special.log_softmax(LOGITS, axis=1)[[0, 1], CHOSEN].mean()
    assert loss(LOGITS, one_hot) == pytest.approx(expected)
    assert abs(loss(one_hot, LOGITS) - expected) > 0.1


def test_fit_shuffles_by_default_and_a_loader_does_not():
    assert inspect.signature(keras.Model.fit).parameters["shuffle"].default is True
    assert [int(x) for x in DataLoader(range(9))] == list(range(9))


def test_both_take_zero_as_the_slope_of_relu_at_zero():
    x = torch.zeros(1, requires_grad=True)
    torch.relu(x).sum().backward()
    v = tf.Variable([0.0])
    with tf.GradientTape() as tape:
        y = tf.nn.relu(v)
    assert x.grad.item() == 0 == float(tape.gradient(y, v)[0])


# --- exercises ----------------------------------------------------------------


def changed(*edits):
    """What the NumPy snippet defines before its data, with some text replaced."""
    text = (ROOT / "snippets/concepts/neural_network_numpy.py").read_text("utf-8")
    text = text.partition("# --8<-- [start:data]")[0]
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    names = {}
    exec(compile(text, "changed", "exec"), names)
    return names


def test_exercise_1_a_right_guess_has_a_small_gradient():
    loss, _, (_, dw2), *_ = hand_in_torch(target=0)
    assert loss == pytest.approx(0.127, abs=6e-4)
    expected = [-0.238, 0.238, 0, 0]
    assert dw2.ravel().tolist() == pytest.approx(expected, abs=6e-4)


def test_exercise_2_after_a_long_step_nothing_moves_any_more():
    _, after, _, (w1, _), params = hand_in_torch(rate=0.5)
    assert w1[:, 0].tolist() == pytest.approx([-0.440, 0.119], abs=6e-4)
    assert (w1[0, 0] + 2 * w1[1, 0]).item() == pytest.approx(-0.202, abs=6e-4)
    assert after == pytest.approx(math.log(2))
    assert not any(p.grad.any() for p in params)


def test_exercise_3_tanh_needs_one_more_change_in_the_backward_pass():
    forward = ("x = np.maximum(x, 0)", "x = np.tanh(x)")
    backward = ("* (a > 0)", "* (1 - a**2)")
    params, x, y = problem()
    given = [torch.from_numpy(a).requires_grad_() for pair in params for a in pair]
    h = torch.tanh(torch.from_numpy(x) @ given[0] + given[1])
    h = torch.tanh(h @ given[2] + given[3]) @ given[4] + given[5]
    expected = torch.autograd.grad(F.cross_entropy(h, torch.from_numpy(y)), given)
    for edits, right in [((forward, backward), 6), ((forward,), 2)]:
        _, grads = changed(*edits)["gradients"](params, x, y)
        found = zip((a for pair in grads for a in pair), expected, strict=True)
        assert sum(np.allclose(ours, array(theirs)) for ours, theirs in found) == right


def test_exercise_4_weights_that_are_written_down_draw_the_polygon():
    knots = np.linspace(0, 1, 65)
    slopes = np.diff(np.sin(2 * np.pi * knots)) * 64
    s = np.diff(slopes, prepend=0)
    x = np.linspace(0, 1, 2049)
    ours = np.maximum(x[:, None] - knots[:-1], 0) @ s
    expected = np.interp(x, knots, np.sin(2 * np.pi * knots))
    np.testing.assert_allclose(ours, expected, atol=1e-12)
    bound = (2 * math.pi) ** 2 / 32768
    assert 0.99 * bound < np.abs(ours - np.sin(2 * np.pi * x)).max() <= bound
    assert bound == pytest.approx(0.0012, abs=6e-5)


# --- practice: concepts/neural_network_practice_numpy -------------------------

PRACTICE = ROOT / "snippets/concepts/neural_network_practice_numpy.py"
SOLUTION = practice.functions(
    ROOT / "snippets/concepts/neural_network_numpy.py",
    *("forward", "log_softmax", "cross_entropy", "gradients"),
)
WRONG = [
    ("delta /= len(y)", "pass"),  # the sum over a batch, not its mean
    ("delta[np.arange(len(y)), y] -= 1", "delta[np.arange(len(y)), y] += 1"),
    ("(a.T @ delta, delta.sum(axis=0))", "(a.T @ delta, delta.mean(axis=0))"),
    ("(a.T @ delta, delta.sum(axis=0))", "(delta.T @ a, delta.sum(axis=0))"),
    ("(delta @ w.T) * (a > 0)", "(delta @ w) * (a > 0)"),
    ("(delta @ w.T) * (a > 0)", "delta @ w.T"),  # no derivative of ReLU
    ("(delta @ w.T) * (a > 0)", "(delta @ w.T) * (a >= 0)"),
    ("(delta @ w.T) * (a > 0)", "(delta @ w.T) * a"),
    ("grads.insert(0, (a", "grads.append((a"),  # the last layer first
    ("if i < len(params) - 1:", "if True:"),  # ReLU on the logits too
    ("[np.arange(len(y)), y].mean()", ".mean()"),
    ("z = z - z.max(axis=1, keepdims=True)", "pass"),  # overflows
    ("return cross_entropy(logits, y), grads", "return grads"),
    # ReLU on the logits of a single layer; two classes taken for granted
    ("if i < len(params) - 1:", "if i < max(len(params), 2) - 1:"),
    ("delta[np.arange(len(y)), y] -= 1", "delta[:, :2] -= np.eye(2)[y]"),
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


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = (ROOT / "docs/concepts/neural-network.md").read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, WRONG[5]) in page
