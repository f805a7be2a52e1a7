"""The GAN page: the game by hand, ``detach``, eight peaks, digits.

References that the programs never call for these numbers: SciPy's optimiser and
distances, automatic differentiation for the NumPy program, backpropagation by hand in
NumPy for the networks, trainers written with other calls, SciPy's matrix root,
scikit-learn's neighbours.
"""

import math
import re
from contextlib import contextmanager
from fractions import Fraction

import keras
import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import jensenshannon
from scipy.special import expit, xlogy
from scipy.stats import wasserstein_distance
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from torch import nn

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/algorithms/gan.md"
PRACTICE = ROOT / "snippets/algorithms/gan_practice_numpy.py"
REAL, FAKE = np.array([2, 1, 1, 0]) / 4, np.array([1, 1, 0, 2]) / 4


@contextmanager
def double():
    """As in the programs, whose setting ends with their run."""
    torch.set_default_dtype(torch.float64)
    keras.config.set_floatx("float64")
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)
        keras.config.set_floatx("float32")


@pytest.fixture
def hand(run_snippet):
    return run_snippet("algorithms/gan_numpy")


@pytest.fixture
def detach(run_snippet):
    namespace = run_snippet("algorithms/gan_detach_torch")
    with double():
        yield namespace


@pytest.fixture
def tapes(run_snippet):
    namespace = run_snippet("algorithms/gan_detach_tf")
    with double():
        yield namespace


@pytest.fixture
def ring(run_snippet):
    namespace = run_snippet("algorithms/gan_modes_torch")
    with double():
        yield namespace


@pytest.fixture
def digits(run_snippet):
    namespace = run_snippet("algorithms/gan_digits_torch")
    with double():
        yield namespace


@pytest.fixture
def in_keras(run_snippet):
    namespace = run_snippet("algorithms/gan_digits_tf")
    with double():
        yield namespace


def page():
    return PAGE.read_text(encoding="utf-8")


# --- the game -----------------------------------------------------------------------


def fractions(text):
    return [Fraction(x) for x in re.findall(r"\d+(?:/\d+)?", text)]


@pytest.mark.parametrize("i", range(4))
def test_the_printed_discriminator_is_the_best_at_its_point(hand, i):
    p, q, best = fractions(line_of(hand.printed_by["optimal"], f"点 {i + 1}："))
    assert (float(p), float(q)) == (REAL[i], FAKE[i])
    found = minimize_scalar(
        lambda d: -xlogy(float(p), d) - xlogy(float(q), 1 - d),
        bounds=(0, 1),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert float(best) == pytest.approx(found.x, abs=1e-6)


def game(p, q, d):
    return (xlogy(p, d) + xlogy(q, 1 - d)).sum()


def best(p, q):
    return np.divide(p, p + q, out=np.full(4, 0.5), where=p + q > 0)


def test_printed_values_of_three_discriminators(hand):
    printed, d = hand.printed_by["game"], best(REAL, FAKE)
    for name, guess in {
        "都猜 1/2": d * 0 + 0.5,
        "退一半": (d + 0.5) / 2,
        "D*": d,
    }.items():
        (value,) = numbers(line_of(printed, f"判别器 {name}：V "))
        assert value == pytest.approx(game(REAL, FAKE, guess), abs=6e-5)


def test_the_best_value_is_the_divergence_less_log_four(hand):
    wanted = 2 * jensenshannon(REAL, FAKE) ** 2 - math.log(4)
    (said,) = numbers(line_of(hand.printed_by["game"], "-log 4 加 2 倍散度："))
    (value,) = numbers(line_of(hand.printed_by["game"], "判别器 D*：V "))
    assert [said, value] == pytest.approx([wanted, wanted], abs=6e-5)


@pytest.mark.parametrize(("name", "t"), [("0", 0), ("1/2", 0.5), ("1", 1)])
def test_printed_divergence_falls_to_nothing_on_the_way(hand, name, t):
    q = (1 - t) * FAKE + t * REAL
    line = line_of(hand.printed_by["game"], f"走了 {name}：散度 ")
    apart, value = numbers(line.replace("V(D*, G)", ""))
    assert apart == pytest.approx(jensenshannon(REAL, q) ** 2, abs=6e-5)
    assert value == pytest.approx(game(REAL, q, best(REAL, q)), abs=6e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_identity_holds_for_other_distributions(hand, seed):
    p, q = np.random.default_rng(seed).dirichlet(np.ones(5), 2)
    assert hand.jsd(p, q) == pytest.approx(jensenshannon(p, q) ** 2)
    value = hand.value(p, q, hand.optimal(p, q))
    assert value == pytest.approx(2 * hand.jsd(p, q) - math.log(4))


@pytest.mark.parametrize("D", [0.01, 0.1, 0.5, 0.9])
def test_printed_slopes_are_those_of_automatic_differentiation(hand, D):
    a = torch.tensor(math.log(D / (1 - D)), dtype=torch.float64, requires_grad=True)
    losses = torch.log(1 - torch.sigmoid(a)), -torch.log(torch.sigmoid(a))
    wanted = [torch.autograd.grad(loss, a)[0].item() for loss in losses]
    logit, minimax, other, ratio = after(hand.printed_by["losses"], f"D {D:g}（logit")
    assert logit == pytest.approx(a.item(), abs=6e-3)
    assert [minimax, other] == pytest.approx(wanted, abs=1e-9)
    assert ratio == pytest.approx(wanted[1] / wanted[0], rel=0.05, abs=0)


ETA = 0.1
MOVES = {
    "同时走": [[1, -ETA], [ETA, 1]],
    "交替走": [[1, -ETA], [ETA, 1 - ETA**2]],
    "交替走，加惩罚": [[1, -ETA], [ETA, 1 - ETA**2 - ETA]],
}


@pytest.mark.parametrize("name", MOVES)
def test_printed_radii_are_those_of_matrix_powers(hand, name):
    start = f"{name}：第 0、100、200、300 步离原点"
    found = after(hand.printed_by["rotate"], start)
    powers = [np.linalg.matrix_power(MOVES[name], n) for n in (0, 100, 200, 300)]
    wanted = [np.hypot(*power[:, 0]) for power in powers]
    assert found == pytest.approx(wanted, abs=6e-5)


@pytest.mark.parametrize("name", MOVES)
def test_the_drawn_orbits_are_those_of_matrix_powers(hand, name):
    for n in (1, 37, 200):
        wanted = np.linalg.matrix_power(MOVES[name], n)[:, 0]
        np.testing.assert_allclose(hand.paths[name][n], wanted, atol=1e-12)


def test_moving_together_grows_by_the_modulus_of_the_eigenvalue(hand):
    modulus = abs(np.linalg.eigvals(MOVES["同时走"])[0])
    found = after(hand.printed_by["rotate"], "同时走每步乘")
    assert found == pytest.approx([modulus, 300, modulus**300], abs=6e-5)


def test_moving_in_turn_keeps_its_quadratic_form(hand):
    """M' S M = S for S = [[1, -eta/2], [-eta/2, 1]], whose value at (1, 0) is 1."""
    move, form = np.array(MOVES["交替走"]), np.array([[1, -ETA / 2], [-ETA / 2, 1]])
    np.testing.assert_allclose(move.T @ form @ move, form, atol=1e-12)
    found = after(hand.printed_by["rotate"], "交替走，x 方加 y 方减 ηxy：")
    assert found == [1, 1]


@pytest.mark.parametrize("theta", [2, 1, 0.1, 0])
def test_printed_distances_of_two_points(hand, theta):
    found = after(hand.printed_by["disjoint"], f"θ {theta:g}：散度")
    places = np.unique([0, theta])
    apart = jensenshannon(places == 0, places == theta) ** 2
    wanted = [apart, wasserstein_distance([0], [theta])]
    assert found == pytest.approx(wanted, abs=6e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_earth_mover_agrees_with_scipy_on_other_points(hand, seed):
    rng = np.random.default_rng(seed)
    u, v, p, q = rng.normal(size=4), rng.normal(size=6), *map(np.ones, (4, 6))
    found = hand.earth_mover(u, p / 4, v, q / 6)
    assert found == pytest.approx(wasserstein_distance(u, v))


def test_scipy_agrees_in_print(hand):
    apart, moved = hand.printed_by["library"].splitlines()
    wanted = jensenshannon(REAL, FAKE) ** 2
    assert numbers(apart) == pytest.approx([wanted] * 2, abs=6e-7)
    places = np.arange(4)
    wanted = wasserstein_distance(places, places, REAL, FAKE)
    assert numbers(moved) == pytest.approx([wanted] * 2, abs=6e-5)


# --- detach -------------------------------------------------------------------------


class Layers:
    """A network of two layers, its gradients by hand in NumPy."""

    def __init__(self, w1, b1, w2, b2):
        self.w1, self.b1, self.w2, self.b2 = w1, b1, w2, b2

    @classmethod
    def of_torch(cls, net):
        layers = [m for m in net if isinstance(m, nn.Linear)]
        arrays = [
            (m.weight.detach().numpy().T, m.bias.detach().numpy()) for m in layers
        ]
        return cls(*arrays[0], *arrays[1])

    @classmethod
    def of_keras(cls, net):
        return cls(*(np.array(v) for v in net.trainable_variables))

    def __call__(self, x):
        self.x = x
        self.hidden = np.maximum(x @ self.w1 + self.b1, 0)
        return self.hidden @ self.w2 + self.b2

    def back(self, g):
        """Gradients of the parameters as one vector, in torch's order; of the input."""
        inner = (g @ self.w2.T) * (self.hidden > 0)
        parts = [
            (self.x.T @ inner).T,
            inner.sum(axis=0),
            (self.hidden.T @ g).T,
            g.sum(axis=0),
        ]
        return np.concatenate([p.ravel() for p in parts]), inner @ self.w1.T


class Steps:
    """All gradients of the two losses on one batch."""

    def __init__(self, G, D, x, z):
        n = len(x)
        fake = G(z)
        logits = D(x)
        of_real, _ = D.back(-expit(-logits) / n)
        self.d_value = np.logaddexp(0, -logits).mean()
        logits = D(fake)
        self.d_value += np.logaddexp(0, logits).mean()
        of_fake, back = D.back(expit(logits) / n)
        self.d_of_d, self.d_of_g = of_real + of_fake, G.back(back)[0]
        self.g_of_d, back = D.back(-expit(-logits) / n)
        self.g_of_g = G.back(back)[0]


@pytest.fixture
def steps(detach):
    nets = Layers.of_torch(detach.G), Layers.of_torch(detach.D)
    return Steps(*nets, detach.x.numpy(), detach.z.numpy())


def norm(vector):
    return float(np.linalg.norm(vector))


def test_printed_gradients_of_the_discriminator_s_step(detach, steps):
    printed = detach.printed_by["same"]
    with_it, without = (
        numbers(line_of(printed, f"{name}：")) for name in ("有 detach", "没有 detach")
    )
    assert with_it[:2] == pytest.approx([norm(steps.d_of_d), 0], abs=6e-5)
    wanted = [norm(steps.d_of_d), norm(steps.d_of_g)]
    assert without[:2] == pytest.approx(wanted, abs=6e-5)


def test_printed_work_is_the_sum_of_the_matrix_products(detach):
    """Weights of both layers on both batches; the fakes' way back on top."""
    n = 100
    of_d = 2 * (n * 64 * 64 + n * 64) + 2 * n * 64  # weights, then into the hidden
    into_g = n * 64 * 64  # through the first layer of D to the pixels
    of_g = n * 64 * 64 * 2 + n * 8 * 64  # weights, into the hidden; the first weights
    printed = detach.printed_by["same"]
    found = [numbers(line_of(printed, f"{x}有 detach："))[2] for x in ("", "没")]
    wanted = [of_d / 1e6, (of_d + into_g + of_g) / 1e6]
    assert found == pytest.approx(wanted, abs=6e-3)


def test_detach_changes_no_gradient_of_the_discriminator(detach, steps):
    assert after(detach.printed_by["same"], "D 的梯度，两次最多差") == [0]
    for of_d, _ in detach.found.values():
        np.testing.assert_allclose(of_d, steps.d_of_d, atol=1e-12)


def test_printed_leftover_nearly_cancels_the_wanted_gradient(detach, steps):
    right, wrong = steps.g_of_g, steps.g_of_g + steps.d_of_g
    printed = detach.printed_by["leftover"]
    cosine = wrong @ right / norm(wrong) / norm(right)
    for name, wanted in {
        "应得的": [norm(right), 1],
        "剩着旧的": [norm(wrong), cosine],
        "清零以后": [norm(right), 1],
    }.items():
        found = after(printed, f"G 的梯度，{name}：长")
        assert found == pytest.approx(wanted, abs=6e-5)


def test_a_graph_serves_once(detach, steps):
    printed = detach.printed_by["again"]
    found = after(printed, "有 detach，再用同一批假图：G 的梯度长")
    assert found == [pytest.approx(norm(steps.g_of_g), abs=6e-5)]
    said = line_of(printed, "没有 detach，再用同一批假图：")
    w = torch.ones(2, requires_grad=True)
    loss = w.exp().sum()
    loss.backward()
    with pytest.raises(RuntimeError, match=said.strip()):
        loss.backward()
    assert "a second time" in said


def test_printed_gradients_of_the_generator_s_step(detach, steps):
    printed = detach.printed_by["generator"]
    assert after(printed, "G 这一步误写 detach：G 的梯度长") == [0]
    found = after(printed, "G 这一步，D 也得到梯度，长")
    assert found == [pytest.approx(norm(steps.g_of_d), abs=6e-5)]
    frozen = numbers(line_of(printed, "D 冻住："))
    assert frozen == pytest.approx([0, norm(steps.g_of_g)], abs=6e-5)


def test_the_library_s_loss_agrees_in_print(detach, steps):
    found = after(detach.printed_by["library"], "D 的损失：BCEWithLogitsLoss")
    assert found == pytest.approx([steps.d_value] * 2, abs=6e-7)


@pytest.fixture
def taped(tapes):
    nets = Layers.of_keras(tapes.G), Layers.of_keras(tapes.D)
    return Steps(*nets, np.array(tapes.x), np.array(tapes.z))


def flat(grads):
    return np.concatenate([np.array(g).T.ravel() for g in grads])


def test_stopping_the_gradient_changes_none_of_the_discriminator_s(tapes, taped):
    assert after(tapes.printed_by["keras-same"], "D 的梯度，两次最多差") == [0]
    assert len(tapes.found) == 2
    for grads in tapes.found.values():
        np.testing.assert_allclose(flat(grads), taped.d_of_d, atol=1e-12)


def test_two_tapes_give_the_gradients_of_one_each(tapes, taped):
    start = "G 的梯度，同一批假图用两次，与单独算的最多差"
    assert after(tapes.printed_by["keras-tapes"], start) == [0]
    np.testing.assert_allclose(flat(tapes.d_grads), taped.d_of_d, atol=1e-12)
    np.testing.assert_allclose(flat(tapes.g_grads), taped.g_of_g, atol=1e-12)
    for length in (tapes.alone, tapes.again):
        assert float(length) == pytest.approx(norm(taped.g_of_g))


def test_a_tape_serves_once_and_a_stop_leaves_none(tapes):
    import tensorflow as tf

    said = line_of(tapes.printed_by["keras-again"], "一条带子用两次：")
    w = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        loss = w * w
    tape.gradient(loss, w)
    with pytest.raises(RuntimeError, match=said.strip()):
        tape.gradient(loss, w)
    assert "non-persistent" in said
    printed = tapes.printed_by["keras-generator"]
    assert line_of(printed, "G 这一步误写 stop_gradient：梯度是") == " {None}"
    assert tapes.grads == [None] * 4


def test_keras_s_loss_agrees_in_print(tapes, taped):
    assert line_of(tapes.printed_by["keras-library"], "D 的损失").endswith(" True")
    assert float(tapes.d_loss(tapes.G(tapes.z))) == pytest.approx(taped.d_value)
    assert float(tapes.library) == pytest.approx(taped.d_value)
    assert tapes.apart < 1e-6
