"""The GAN page: the game by hand, ``detach``, eight peaks, digits.

References that the programs never call for these numbers: SciPy's optimiser and
distances, automatic differentiation for the NumPy program, backpropagation by hand in
NumPy for the networks, trainers written with other calls, SciPy's matrix root,
scikit-learn's neighbours.
"""

import math
import re
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import jensenshannon
from scipy.special import expit, xlogy
from scipy.stats import wasserstein_distance
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from torch import nn

from handbook.programs import practice
from handbook.programs.sections import sections
from tests.conftest import ROOT
from tests.precision import double
from tests.printed import after, line_of, numbers
from tests.quality import frechet, split_digits, told_apart

PAGE = ROOT / "docs/algorithms/gan.md"
PRACTICE = ROOT / "snippets/algorithms/gan_practice_numpy.py"
REAL, FAKE = np.array([2, 1, 1, 0]) / 4, np.array([1, 1, 0, 2]) / 4


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


def test_where_nothing_falls_the_best_discriminator_answers_a_half(hand):
    assert hand.optimal([1, 0], [1, 0]) == [0.5, 0.5]


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


def test_the_drawn_axes_hold_the_three_orbits(hand):
    drawn = np.concatenate([path[:201:2] for path in hand.paths.values()])
    for values, (low, high) in zip(
        drawn.T, (hand.axis.get_xlim(), hand.axis.get_ylim()), strict=True
    ):
        assert low < values.min() and values.max() < high


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
        return cls(*(v.numpy() for v in net.trainable_variables))

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
    wanted = [of_d / 1e4, (of_d + into_g + of_g) / 1e4]  # 万
    assert found == pytest.approx(wanted, abs=0.6)


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


def test_two_sigmoids_keep_the_loss_above_the_floor_on_the_page():
    entropy, sure = nn.BCEWithLogitsLoss(), torch.tensor([800.0])
    floor = entropy(torch.sigmoid(sure), torch.ones(1))
    floor = floor + entropy(torch.sigmoid(-sure), torch.zeros(1))
    (said,) = re.findall(r"降不到 (\S+) 以下", page())
    assert float(said) == pytest.approx(floor.item(), abs=6e-4)


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


def test_only_the_first_of_the_two_steps_stops_the_gradient(tapes, monkeypatch):
    import tensorflow as tf

    stopped, stop = [], tf.stop_gradient
    monkeypatch.setattr(tf, "stop_gradient", lambda x: stopped.append(x) or stop(x))
    program = ROOT / "snippets/algorithms/gan_detach_tf.py"
    exec(sections(program)["keras-same"], dict(vars(tapes)))
    assert len(stopped) == 1


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
    said = line_of(printed, "优化器报错：")
    with pytest.raises(ValueError, match=said.strip()):
        keras.optimizers.SGD().apply([None], [keras.Variable(1.0)])
    assert "No gradients" in said


def test_keras_s_loss_agrees_in_print(tapes, taped):
    assert line_of(tapes.printed_by["keras-library"], "D 的损失").endswith(" True")
    assert float(tapes.d_loss(tapes.G(tapes.z))) == pytest.approx(taped.d_value)
    assert float(tapes.library) == pytest.approx(taped.d_value)
    assert tapes.apart < 1e-6


# --- eight peaks --------------------------------------------------------------------

WAYS = {
    "D 学得慢": {},
    "噪声 8 维": {"z_dim": 8},
    "R1": {"gamma": 1.0},
    "D 走三步": {"d_steps": 3},
    "批内标准差": {"spread": True},
}
TURNS = 2 * np.exp(0.25j * np.pi * np.arange(8))  # the peaks as complex numbers


def peaks(x):
    """Peaks with a tenth of their due, and the share of points near one."""
    place = x.numpy() @ [1, 1j]
    near = np.abs(place[:, None] - TURNS) < 0.3
    return (near.mean(axis=0) >= 1 / 80).sum(), near.any(axis=1).mean()


@pytest.mark.parametrize("name", WAYS)
def test_printed_peaks_are_those_of_the_samples(ring, name):
    runs = ring.runs[name]
    assert len(runs) == 5 and all(len(run) == 8 for run in runs)
    count, good = np.transpose([peaks(run[-1]) for run in runs])
    found = numbers(line_of(ring.printed_by["run"], f"{name}：峰"))
    assert found[0] == pytest.approx(count.mean(), abs=0.051)
    assert found[1:3] == [count.min(), count.max()]
    assert found[3] == pytest.approx(good.mean(), abs=6e-3)
    wanted = [np.mean([peaks(run[i])[0] for run in runs]) for i in range(8)]
    assert ring.counts[name] == pytest.approx(wanted)  # the curve that is drawn


@pytest.mark.parametrize("name", ["D 学得慢", "批内标准差"])
def test_printed_course_of_one_seed(ring, name):
    found = after(ring.printed_by["hop"], f"{name}，种子 1，每 200 步的峰与好点：")
    wanted = [v for i in (1, 3, 5, 7) for v in peaks(ring.runs[name][1][i])]
    assert found == pytest.approx(wanted, abs=6e-3)


def test_the_panels_and_the_curves_show_the_samples(ring):
    panels = [(name, i) for name in ("D 学得慢", "批内标准差") for i in (1, 4, 7)]
    for letter, (name, i) in zip("abcdef", panels, strict=True):
        axis, wanted = ring.axes[letter], ring.runs[name][1][i][:30].numpy()
        np.testing.assert_allclose(axis.lines[1].get_xydata()[::3], wanted)
        assert axis.get_xlabel() == f"第 {100 * (i + 1)} 步"
    said = [ring.axes[x].get_title(loc="left") for x in "ad"]
    assert said == ["D 学得慢", "批内标准差"]
    curves = {line.get_label(): line for line in ring.axes["g"].lines}
    assert list(curves) == list(WAYS)
    for name, line in curves.items():
        wanted = np.transpose([range(100, 801, 100), ring.counts[name]])
        np.testing.assert_allclose(line.get_xydata(), wanted)


def test_the_panels_show_short_dashes_beside_the_eight_peaks(ring):
    for letter in "abcdef":
        spots, dashes = ring.axes[letter].lines
        np.testing.assert_allclose(spots.get_xydata() @ [1, 1j], TURNS)
        left, right, lifted = dashes.get_xydata().reshape(30, 3, 2).swapaxes(0, 1)
        np.testing.assert_allclose(right - left, [[0.06, 0]] * 30)
        assert np.isnan(lifted).all()
        limits = [*ring.axes[letter].get_xlim(), *ring.axes[letter].get_ylim()]
        assert limits == [-3, 3, -3, 3]


def test_the_data_are_eight_narrow_peaks_on_a_ring(ring):
    torch.manual_seed(3)
    place = ring.real(40_000).numpy() @ [1, 1j]
    nearest = np.abs(place[:, None] - TURNS).argmin(axis=1)
    assert np.bincount(nearest) / 40_000 == pytest.approx([1 / 8] * 8, abs=0.01)
    rest = place - TURNS[nearest]
    assert [rest.real.std(), rest.imag.std()] == pytest.approx([0.1] * 2, rel=0.02)


def test_the_real_points_pass_their_own_score(ring):
    torch.manual_seed(4)
    count, good = ring.score(ring.real(2000))
    assert count == 8 and good == pytest.approx(1 - math.exp(-4.5), abs=0.01)


def stack(sizes):
    """Layers as ``nn.Sequential`` makes them: the same draws."""
    return [nn.Linear(a, b) for a, b in pairwise(sizes)]


def through(layers, x, bend=torch.relu):
    for layer in layers[:-1]:
        x = bend(x @ layer.weight.T + layer.bias)
    return x @ layers[-1].weight.T + layers[-1].bias


class Adam:
    """By the paper, epsilon outside the root."""

    def __init__(self, layers, rate):
        self.params = [p for m in layers for p in m.parameters()]
        self.moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.params]
        self.rate, self.t = rate, 0

    def step(self, loss):
        self.t += 1
        grads = torch.autograd.grad(loss, self.params)
        with torch.no_grad():
            for p, g, (m, v) in zip(self.params, grads, self.moments, strict=True):
                m += (g - m) * 0.5
                v += (g * g - v) * 0.001
                scale = (v / (1 - 0.999**self.t)).sqrt() + 1e-8
                p -= self.rate * m / (1 - 0.5**self.t) / scale


def slopes(layers, x, bend):
    """The squared length of the logit's slope at each x, by functional transforms."""
    one = torch.func.grad(lambda v: through(layers, v[None], bend)[0, 0])
    return (torch.func.vmap(one)(x) ** 2).sum(dim=1)


def reference_ring(
    seed, steps, *, z_dim=2, gamma=0.0, rate=3e-4, d_steps=1, spread=False
):
    """Another trainer: binary cross-entropy, Adam and R1 by other calls."""
    torch.manual_seed(seed)
    G, D = stack([z_dim, 64, 64, 2]), stack([2 + spread, 64, 64, 1])
    opt_g, opt_d = Adam(G, 1e-3), Adam(D, rate)
    entropy, history = nn.BCEWithLogitsLoss(), []
    ones, zeros = torch.ones(64, 1), torch.zeros(64, 1)

    def judged(x):
        if spread:
            wide = x.var(dim=0).sqrt().sum() / 2
            x = torch.hstack([x, wide.repeat(64, 1)])
        return through(D, x)

    for step in range(1, steps + 1):
        for _ in range(d_steps):
            which = torch.randint(8, (64,))
            x = torch.view_as_real(torch.from_numpy(TURNS)[which])
            x = x + 0.1 * torch.randn(64, 2)
            fake = through(G, torch.randn(64, z_dim)).detach()
            loss = entropy(judged(x), ones) + entropy(judged(fake), zeros)
            if gamma:
                loss = loss + gamma * slopes(D, x, torch.relu).mean() / 2
            opt_d.step(loss)
        opt_g.step(entropy(judged(through(G, torch.randn(64, z_dim))), ones))
        if step % 100 == 0:
            with torch.no_grad():
                history.append(through(G, torch.randn(2000, z_dim)).numpy())
    return history


@pytest.mark.parametrize("name", WAYS)
def test_another_trainer_draws_the_same_points(ring, name):
    with double():
        wanted = reference_ring(2, 200, **WAYS[name])
    for mine, other in zip(ring.runs[name][2], wanted, strict=False):
        np.testing.assert_allclose(mine, other, atol=1e-5)


def test_only_the_spread_and_the_quicker_discriminator_find_all_peaks(ring):
    found = {name: line_of(ring.printed_by["run"], f"{name}：峰") for name in WAYS}
    found = {name: numbers(line) for name, line in found.items()}
    assert all(found[name][0] < 3 for name in ("D 学得慢", "噪声 8 维", "R1"))
    assert all(found[name][1] >= 7 for name in ("D 走三步", "批内标准差"))


# --- digits -------------------------------------------------------------------------

NAMES = {"没有惩罚": 0.0, "R1": 1.0}


TRAIN, LABELS, HELD, TRUTH = split_digits()


@pytest.fixture(scope="session")
def umpire():
    """The judge by another algorithm: the same optimum, as the loss is convex."""
    return LogisticRegression(max_iter=1000, solver="newton-cg").fit(TRAIN, LABELS)


def shares(umpire, x):
    guess = umpire.predict(x)
    return np.array([(guess == digit).mean() for digit in range(10)])


def disorder(share):
    return -xlogy(share, share).sum()


@pytest.fixture(scope="session")
def measured(run_snippet, umpire):
    """Distance, neighbours, entropy of the last samples: {name: (seed, three)}."""
    runs = run_snippet("algorithms/gan_digits_torch").runs
    found = {}
    for name, histories in runs.items():
        found[name] = [
            np.mean(
                [
                    (frechet(x, HELD), told_apart(x, HELD), disorder(shares(umpire, x)))
                    for x in history[-1][2]
                ],
                axis=0,
            )
            for history in histories
        ]
    return found


def test_the_judge_s_score_is_printed(digits, in_keras, umpire):
    wanted = 100 * (umpire.predict(HELD) == TRUTH).mean()
    for program in (digits, in_keras):
        found = after(program.printed_by["data"], "裁判认测试图，认对")
        assert found == [pytest.approx(wanted, abs=0.6)]


@pytest.mark.parametrize("name", NAMES)
def test_printed_ranges_by_scipy_and_scikit_learn(digits, measured, name):
    found = numbers(line_of(digits.printed_by["run"], f"{name}，三个种子："))
    low, high = np.min(measured[name], axis=0), np.max(measured[name], axis=0)
    assert len(measured[name]) == 3
    assert found[0::2] == pytest.approx(low * [1, 100, 1], abs=0.6)
    assert found[1::2] == pytest.approx(high * [1, 100, 1], abs=0.6)
    for i in (0, 1, 4, 5):
        wanted = (low, high)[i % 2][i // 2]
        assert found[i] == pytest.approx(wanted, abs=0.011)


def test_printed_entropy_of_the_held_out_images(digits, umpire):
    found = after(digits.printed_by["run"], "测试图：十类的熵")
    assert found == [pytest.approx(disorder(shares(umpire, HELD)), abs=0.011)]


@pytest.mark.parametrize("epoch", [10, 20, 40, 60])
@pytest.mark.parametrize("name", NAMES)
def test_printed_course_of_losses_and_distance(digits, name, epoch):
    line = line_of(digits.printed_by["course"], f"{name}，第 {epoch} 轮：")
    rows = [history[epoch // 5 - 1] for history in digits.runs[name]]
    wanted = [np.mean([row[k] for row in rows]) for k in (0, 1)]
    wanted.append(np.mean([frechet(x, HELD) for row in rows for x in row[2]]))
    found = numbers(line)
    assert found[:2] == pytest.approx(wanted[:2], abs=6e-3)
    assert found[2] == pytest.approx(wanted[2], abs=0.06)
    assert digits.curves[name][epoch // 5 - 1] == pytest.approx(wanted, abs=1e-2)


@pytest.mark.parametrize(("axis", "column"), [(1, 1), (2, 2)])
def test_the_drawn_curves_are_the_averages_and_fit_their_axes(digits, axis, column):
    axis = digits.axes[axis]
    low, high = axis.get_ylim()
    assert [line.get_label() for line in axis.lines] == list(NAMES)
    for line in axis.lines:
        wanted = digits.curves[line.get_label()][:, column]
        assert low <= min(wanted) and max(wanted) <= high
        np.testing.assert_allclose(line.get_xdata(), range(5, 61, 5))
        np.testing.assert_allclose(line.get_ydata(), wanted)


def test_the_picture_shows_eight_images_of_each_set(digits):
    sets = [HELD, *(digits.runs[name][0][-1][2][0] for name in NAMES)]
    for i, images in enumerate(sets):
        for j, image in enumerate(images[:8]):
            tile = digits.picture[10 * i + 1 : 10 * i + 9, 10 * j + 1 : 10 * j + 9]
            np.testing.assert_allclose(tile, image.reshape(8, 8))


def test_the_strokes_are_the_pixels_in_five_shades(digits):
    drawn = np.zeros((30, 80))
    for line in digits.axes[0].lines:
        left, right, lifted = line.get_xydata().reshape(-1, 3, 2).swapaxes(0, 1)
        np.testing.assert_array_equal(right - left, [[1, 0]] * len(left))
        assert np.isnan(lifted[:, 0]).all() and (left[:, 1] % 1 == 0.5).all()
        column, row = left.astype(int).T
        assert not drawn[row, column].any()
        drawn[row, column] = line.get_alpha()
    np.testing.assert_allclose(drawn, digits.picture, rtol=0, atol=0.1 + 1e-9)


@pytest.mark.parametrize("name", ["测试图", *NAMES])
def test_printed_shares_of_the_ten_digits(digits, umpire, name):
    line = line_of(digits.printed_by["classes"], f"{name}，0 到 9 各占：")
    x = HELD
    if name in NAMES:
        x = np.vstack(digits.runs[name][0][-1][2])
    assert numbers(line) == pytest.approx(100 * shares(umpire, x), abs=0.8)


def test_printed_distances_to_the_nearest_training_image(digits):
    (line,) = digits.printed_by["copies"].splitlines()
    found = dict(
        part.rsplit(" ", 1)
        for part in line.removeprefix("到最近的训练图：").split("，")
    )
    tree = NearestNeighbors(n_neighbors=1).fit(TRAIN)
    sets = {"测试图": HELD}
    for name in NAMES:
        sets[name] = np.vstack([history[-1][2][0] for history in digits.runs[name]])
    assert list(found) == list(sets)
    for name, x in sets.items():
        wanted = np.median(tree.kneighbors(x)[0])
        assert float(found[name]) == pytest.approx(wanted, abs=6e-3)


def leaky(x):
    return torch.maximum(x, 0.2 * x)


def reference_digits(seed, gamma, epochs=10):
    """Another trainer: losses of the last epoch, the first samples after it."""
    torch.manual_seed(seed)
    G, D = stack([16, 128, 128, 64]), stack([64, 128, 128, 1])
    opt_g, opt_d = Adam(G, 1e-3), Adam(D, 1e-3)
    entropy, history = nn.BCEWithLogitsLoss(), []
    ones, zeros = torch.ones(100, 1), torch.zeros(100, 1)

    def draw(n):
        return 1 / (1 + torch.exp(-through(G, torch.randn(n, 16))))

    for epoch in range(1, epochs + 1):
        order, losses = torch.randperm(1500), []
        for rows in order.reshape(15, 100):
            x, fake = torch.from_numpy(TRAIN)[rows], draw(100).detach()
            first = entropy(through(D, x, leaky), ones)
            first = first + entropy(through(D, fake, leaky), zeros)
            penalty = slopes(D, x, leaky).mean() * gamma / 2
            opt_d.step(first + penalty)
            second = entropy(through(D, draw(100), leaky), ones)
            opt_g.step(second)
            losses.append((first.item(), second.item()))
        if epoch % 5 == 0:
            with torch.no_grad():
                drawn = [draw(297).numpy() for _ in range(5)]
            history.append((*np.mean(losses, axis=0), drawn))
    return history


@pytest.mark.parametrize(("name", "seed"), [("没有惩罚", 1), ("R1", 0)])
def test_another_trainer_reaches_the_same_digits(digits, name, seed):
    with double():
        wanted = reference_digits(seed, NAMES[name])
    for mine, other in zip(digits.runs[name][seed], wanted, strict=False):
        assert mine[:2] == pytest.approx(other[:2], abs=1e-6)
        np.testing.assert_allclose(mine[2], other[2], atol=1e-5)


def test_the_penalty_mends_the_collapse(digits):
    printed = digits.printed_by["run"]
    plain, mended = (numbers(line_of(printed, f"{n}，三个种子：")) for n in NAMES)
    assert mended[1] < 1.1 < plain[0] / 4
    assert mended[4] > 2.2 and plain[5] < 1.8
    assert mended[2] < 95 < plain[2]


@pytest.mark.parametrize(("seed", "wanted"), [(0, 0.65), (1, 0.81)])
def test_glorot_s_start_brings_the_distance_below_that_of_the_default(
    digits, monkeypatch, seed, wanted
):
    class Started(digits.GAN):
        def __init__(self):
            super().__init__()
            for m in self.modules():
                if isinstance(m, nn.Linear):
                    nn.init.xavier_uniform_(m.weight)
                    nn.init.zeros_(m.bias)

    monkeypatch.setitem(digits.train.__globals__, "GAN", Started)
    drawn = digits.train(seed, 1.0)[-1][2]
    apart = np.mean([frechet(x, HELD) for x in drawn])
    assert apart == pytest.approx(wanted, abs=6e-3)


# --- digits in Keras ----------------------------------------------------------------


def to_torch(net):
    """The layers of a Keras network with the same weights."""
    values, layers = [v.numpy() for v in net.weights], []
    for w, b in zip(values[::2], values[1::2], strict=True):
        layers.append(nn.Linear(*w.shape))
        layers[-1].weight.data, layers[-1].bias.data = map(torch.tensor, (w.T, b))
    return layers


def same_in_torch(gan, x, z):
    """Both networks, the first loss, the penalty, the second loss."""
    G, D, x = to_torch(gan.G), to_torch(gan.D), torch.from_numpy(x)
    fake = torch.sigmoid(through(G, torch.from_numpy(z)))
    entropy = nn.BCEWithLogitsLoss()
    real, judged = (through(D, v, leaky) for v in (x, fake))
    first = entropy(real, real * 0 + 1) + entropy(judged, judged * 0)
    penalty = gan.gamma * slopes(D, x, leaky).mean() / 2
    return G, D, first, penalty, entropy(judged, judged * 0 + 1)


def test_keras_s_losses_are_those_of_torch(in_keras):
    gan, x = in_keras.GAN(3.0), TRAIN[:7]
    z = np.random.default_rng(0).standard_normal((7, 16))
    gan.draw = lambda n: gan.G(z)
    _, _, *wanted = same_in_torch(gan, x, z)
    first, penalty = in_keras.d_loss(gan, keras.ops.convert_to_tensor(x))
    found = [first, penalty, in_keras.g_loss(gan, 7)]
    assert [float(v) for v in found] == pytest.approx([w.item() for w in wanted])


def test_keras_s_step_applies_the_gradients_of_torch(in_keras):
    gan, x, got = in_keras.Trained(3.0), TRAIN[:7], []
    z = np.random.default_rng(1).standard_normal((7, 16))
    gan.draw = lambda n: gan.G(z)
    for name in ("opt_d", "opt_g"):
        record = SimpleNamespace(apply=lambda grads, _: got.append(flat(grads)))
        setattr(gan, name, record)
    losses = gan.train_step(keras.ops.convert_to_tensor(x))
    G, D, first, penalty, second = same_in_torch(gan, x, z)
    assert float(losses["d"]) == pytest.approx(first.item())
    assert float(losses["g"]) == pytest.approx(second.item())
    for grads, loss, layers in zip(got, (first + penalty, second), (D, G), strict=True):
        params = [p for m in layers for p in m.parameters()]
        wanted = torch.autograd.grad(loss, params, retain_graph=True)
        wanted = np.concatenate([g.numpy().ravel() for g in wanted])
        np.testing.assert_allclose(grads, wanted, rtol=1e-4, atol=1e-8)


def test_keras_steps_as_the_torch_program_does(in_keras):
    for optimizer in (in_keras.gan.opt_g, in_keras.gan.opt_d):
        assert float(optimizer.learning_rate) == pytest.approx(1e-3)
        assert optimizer.get_config()["beta_1"] == 0.5
        assert int(optimizer.iterations) == 900


def test_keras_s_last_network_had_the_torch_program_s_penalty(in_keras):
    assert list(NAMES)[-1] == in_keras.name
    assert in_keras.gan.gamma == NAMES["R1"] == 1


def test_keras_prints_the_scores_of_its_samples(in_keras, umpire):
    """The last network's among them; its samples anew give the like."""
    found = numbers(line_of(in_keras.printed_by["keras-run"], "R1，两个种子："))
    assert len(in_keras.drawn) == 5
    last = np.mean(
        [(frechet(x, HELD), disorder(shares(umpire, x))) for x in in_keras.drawn],
        axis=0,
    )
    assert in_keras.found[1] == pytest.approx(last, abs=0.01)
    (a, b), (c, d) = np.sort(in_keras.found, axis=0)
    assert found == pytest.approx([a, c, b, d], abs=6e-3)
    again = in_keras.gan.draw(297).numpy()
    assert frechet(again, HELD) == pytest.approx(last[0], abs=0.15)


def test_the_penalty_mends_keras_s_collapse_too(in_keras):
    printed = in_keras.printed_by["keras-run"]
    plain, mended = (numbers(line_of(printed, f"{n}，两个种子：")) for n in NAMES)
    assert mended[1] < 1 < plain[0] / 3
    assert mended[2] > 2.2 and plain[3] < 2.1


# --- practice: algorithms/gan_practice_numpy ----------------------------------------

SOLUTION = """
def gan_losses(real_logits, fake_logits):
    d_real = np.logaddexp(0, -real_logits).mean()
    d_fake = np.logaddexp(0, fake_logits).mean()
    g_loss = np.logaddexp(0, -fake_logits).mean()
    D = np.exp(-np.logaddexp(0, -fake_logits))
    return d_real + d_fake, g_loss, -(1 - D) / len(fake_logits)
"""
SATURATED = (
    "g_loss = np.logaddexp(0, -fake_logits).mean()",
    "g_loss = -np.logaddexp(0, fake_logits).mean()",
)
WRONG = [
    SATURATED,  # the reader's slip: the minimax loss
    ("-(1 - D) / len", "-D / len"),  # the minimax gradient
    ("-(1 - D) / len", "(1 - D) / len"),
    ("-(1 - D) / len(fake_logits)", "-(1 - D)"),  # no mean
    ("-(1 - D) / len(fake_logits)", "-(1 - D) / len(real_logits)"),
    ("-(1 - D) / len(fake_logits)", "(-(1 - D) / len(fake_logits)).ravel()"),
    ("-(1 - D) / len(fake_logits)", "-(1 - D).mean()"),
    ("d_real + d_fake, ", "(d_real + d_fake) / 2, "),  # the halved loss
    ("d_real + d_fake, ", "d_real, "),
    ("d_real + d_fake, ", "d_fake, "),
    ("d_real + d_fake, ", "-d_real - d_fake, "),  # the value, not the loss
    ("logaddexp(0, -real_logits).mean()", "logaddexp(0, real_logits).mean()"),
    ("d_fake = np.logaddexp(0, fake", "d_fake = np.logaddexp(0, -fake"),
    (
        "d_real = np.logaddexp(0, -real_logits).mean()",
        "d_real = np.logaddexp(0, -real_logits).sum()",
    ),
    (
        "g_loss = np.logaddexp(0, -fake_logits).mean()",
        "g_loss = np.logaddexp(0, -fake_logits).sum()",
    ),
    (
        "g_loss = np.logaddexp(0, -fake_logits).mean()",
        "g_loss = np.log(1 + np.exp(-fake_logits)).mean()",
    ),  # overflows
    (
        "d_real = np.logaddexp(0, -real_logits).mean()",
        "d_real = -np.log(1 / (1 + np.exp(-real_logits))).mean()",
    ),
    ("    d_real =", "    fake_logits += 0.5\n    d_real ="),
    ("    d_real =", "    fake_logits = fake_logits.clip(-50, 50)\n    d_real ="),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_torch_gives(case):
    _, given, want, _ = case
    real, fake = (torch.from_numpy(v) for v in given.values())
    fake.requires_grad_()
    entropy = nn.BCEWithLogitsLoss()
    d = entropy(real, real * 0 + 1) + entropy(fake, fake * 0)
    g = entropy(fake, fake * 0 + 1)
    (grad,) = torch.autograd.grad(g, fake)
    assert want[:2] == pytest.approx((d.item(), g.item()), abs=6e-7)
    np.testing.assert_allclose(want[2], grad.numpy(), atol=6e-7)


def test_the_page_s_losses_pass_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_losses_pass_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_the_minimax_loss():
    assert practice.failing(PRACTICE, SOLUTION, SATURATED) in page()
