"""The diffusion page: by hand, averages, Gaussian data, flows, digits.

References that the programs never call: ``diffusers``' schedulers, exact fractions,
conditioning in a joint Gaussian, ``torch.distributions``, SciPy's sparse matching and
matrix root, scikit-learn's neighbours, networks and a training step written again.
"""

import math
import re
from fractions import Fraction
from functools import cache, partial

import keras
import numpy as np
import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    FlowMatchEulerDiscreteScheduler,
)
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching
from scipy.spatial.distance import cdist
from sklearn.datasets import make_moons
from sklearn.linear_model import LogisticRegression
from torch.distributions import Categorical, MixtureSameFamily, Normal

from handbook.programs import practice
from tests.conftest import ROOT
from tests.precision import double
from tests.printed import after, line_of, named, numbers
from tests.quality import frechet, split_digits, told_apart

PRACTICE = ROOT / "snippets/algorithms/diffusion_practice_numpy.py"
PAGE = ROOT / "docs/algorithms/diffusion.md"
#: Of the four steps: the share of the image, whose square is alpha_bar, and of noise.
IMAGE = [Fraction(n, 100) for n in (96, 80, 60, 28)]
NOISE = [Fraction(n, 100) for n in (28, 60, 80, 96)]


@pytest.fixture
def hand(run_snippet):
    return run_snippet("algorithms/diffusion_numpy")


@pytest.fixture
def average(run_snippet):
    return run_snippet("algorithms/diffusion_average_numpy")


@pytest.fixture
def gaussian(run_snippet):
    return run_snippet("algorithms/diffusion_gaussian_numpy")


@pytest.fixture
def flow(run_snippet):
    return run_snippet("algorithms/diffusion_flow_numpy")


@pytest.fixture
def moons(run_snippet):
    namespace = run_snippet("algorithms/diffusion_flow_torch")
    with double():
        yield namespace


@pytest.fixture
def digits(run_snippet):
    namespace = run_snippet("algorithms/diffusion_digits_torch")
    with double():
        yield namespace


@pytest.fixture
def in_keras(run_snippet):
    namespace = run_snippet("algorithms/diffusion_digits_tf")
    with double():
        yield namespace


def page():
    return PAGE.read_text(encoding="utf-8")


def tensor(x):
    return torch.as_tensor(x, dtype=torch.float64)


def scheduler(a, b, kind="epsilon", clip=False, library=DDIMScheduler):
    """One step of the library, from alpha_bar ``a`` to ``b``, is its step 1."""
    made = library(
        num_train_timesteps=2,
        trained_betas=[0.1, 0.1],
        clip_sample=clip,
        prediction_type=kind,
    )
    made.set_timesteps(2)
    made.alphas_cumprod = tensor([b, a])
    made.alphas = made.alphas_cumprod / tensor([1, b])
    made.betas = 1 - made.alphas
    return made


def step(x, eps, a, b, eta=0.0, z=None, again=True, clip=False, kind="epsilon"):
    """The library's (x_s, x_0); ``z`` is the noise that is added."""
    x, eps = tensor(x), tensor(eps)
    found = scheduler(a, b, kind, clip).step(
        eps,
        1,
        x,
        eta=eta,
        use_clipped_model_output=clip and again,
        variance_noise=None if z is None else tensor(z),
    )
    return found.prev_sample, found.pred_original_sample


# --- by hand ------------------------------------------------------------------------


def test_every_share_of_image_and_noise_is_an_exact_root():
    for c, s in zip(IMAGE, NOISE, strict=True):
        assert c * c + s * s == 1


@pytest.mark.parametrize("t", [1, 2, 3, 4])
def test_printed_schedule_is_the_fractions(hand, t):
    a = IMAGE[t - 1] ** 2
    alpha = a / (IMAGE[t - 2] ** 2 if t > 1 else 1)
    wanted = {
        "β": 1 - alpha,
        "α": alpha,
        "累计 α": a,
        "噪声方差": 1 - a,
        "信噪比": a / (1 - a),
    }
    found = named(hand.printed_by["schedule"], f"第 {t} 步：")
    assert list(found) == list(wanted)
    wanted = {k: float(v) for k, v in wanted.items()}
    assert found == pytest.approx(wanted, rel=0, abs=6e-5)


def test_the_product_of_the_betas_is_not_the_variance_of_the_noise(hand):
    square = [1, *(c * c for c in IMAGE)]
    product = math.prod(1 - square[t] / square[t - 1] for t in (1, 2, 3))
    found = named(hand.printed_by["schedule"], "到第 3 步：")
    assert found == pytest.approx(
        {"β 连乘": float(product), "累计的噪声方差": 0.64}, rel=0, abs=6e-5
    )


@pytest.mark.parametrize("t", [1, 2, 3, 4])
def test_walking_step_by_step_gives_the_shares_of_one_leap(hand, t):
    wanted = {"均值": float(IMAGE[t - 1]), "方差": float(NOISE[t - 1] ** 2)}
    found = named(hand.printed_by["forward"], f"走到第 {t} 步：")
    assert found == pytest.approx(wanted, rel=0, abs=6e-5)
    if t == 3:
        leap = named(hand.printed_by["forward"], "一步到第 3 步：")
        assert leap == found


def test_printed_noisy_number_is_what_diffusers_adds(hand):
    made = scheduler(0.36, 0.64)
    one = torch.tensor([1])
    x = made.add_noise(tensor([1.0]), tensor([0.5]), one).item()
    found = re.fullmatch(r"ε = 0\.5 时，x_3 = (\S+)", last(hand, "forward")).group(1)
    assert float(found) == pytest.approx(x, abs=6e-5) == 1.0


def last(program, section):
    return program.printed_by[section].splitlines()[-1]


def test_printed_v_is_the_velocity_of_diffusers_and_leads_back(hand):
    made = scheduler(0.36, 0.64)
    v = made.get_velocity(tensor([1.0]), tensor([0.5]), torch.tensor([1])).item()
    assert v == pytest.approx(-0.5)
    lines = hand.printed_by["predict"]
    assert named(lines, "由 ε：") == {"x_0": 1, "v": pytest.approx(v, abs=6e-5)}
    _, x_0 = step([1.0], [v], 0.36, 0.64, kind="v_prediction")
    assert named(lines, "由 v：") == {
        "x_0": pytest.approx(x_0.item(), abs=6e-5),
        "ε": 0.5,
    }


@pytest.mark.parametrize(
    ("to", "b"), [("第 2 步", 0.64), ("第 1 步", 0.9216), ("原图", 1.0)]
)
def test_printed_ddim_steps_are_those_of_diffusers(hand, to, b):
    x_s, _ = step([1.0], [0.5], 0.36, b)
    (found,) = after(hand.printed_by["ddim"], f"DDIM，第 3 步到{to}：")
    assert found == pytest.approx(x_s.item(), abs=6e-5)


def posterior(a, b, x_0, x):
    """Mean and deviation of x_s given x_t and x_0, by conditioning a joint Gaussian."""
    ratio = math.sqrt(a / b)
    var_s, cov = 1 - b, ratio * (1 - b)
    var_t = ratio**2 * (1 - b) + 1 - ratio**2
    mean = math.sqrt(b) * x_0 + cov / var_t * (x - math.sqrt(a) * x_0)
    return mean, math.sqrt(var_s - cov**2 / var_t)


def test_printed_ddpm_step_is_the_posterior_of_the_joint_gaussian(hand):
    mean, sigma = posterior(0.36, 0.64, 1.0, 1.0)
    lines = hand.printed_by["ddpm"]
    found = named(lines, "DDPM，第 3 步到第 2 步：")
    assert found == pytest.approx({"均值": mean, "标准差": sigma}, rel=0, abs=6e-6)
    assert after(lines, "照论文的写法，均值 ") == [pytest.approx(mean, abs=6e-6)]
    assert last(hand, "ddpm").startswith("抽到 z = -1，x_2 = ")
    assert numbers(last(hand, "ddpm"))[-1] == pytest.approx(mean - sigma, abs=6e-5)


def test_diffusers_takes_the_same_ddpm_step(hand):
    made = scheduler(0.36, 0.64, library=DDPMScheduler)
    made.one = tensor(1.0)
    made.config.variance_type = "fixed_small"
    draw = torch.Generator().manual_seed(0)
    given = tensor([[0.5]]), 1, tensor([[1.0]])
    x_s = made.step(*given, generator=draw).prev_sample.item()
    z = torch.randn(1, 1, generator=torch.Generator().manual_seed(0)).double()
    mean, sigma = hand.ddpm_step(1.0, 0.5, 0.36, 0.64)
    assert x_s == pytest.approx(mean + sigma * z.item(), rel=1e-6)
    stepped, _ = step([1.0], [0.5], 0.36, 0.64, eta=1.0, z=[-1.0])
    assert stepped.item() == pytest.approx(mean - sigma)


@pytest.mark.parametrize(("a", "b"), [(0.05, 0.3), (0.36, 0.9), (0.5, 0.51)])
def test_the_page_s_functions_hold_for_other_numbers(hand, a, b):
    x, eps = np.array([0.3, -1.2, 2.5]), np.array([1.1, -0.4, 0.2])
    x_s, x_0 = step(x, eps, a, b)
    found, v = hand.from_eps(x, eps, a)
    np.testing.assert_allclose(found, x_0)
    wanted = scheduler(a, b).get_velocity(x_0, tensor(eps), torch.tensor([1] * 3))
    np.testing.assert_allclose(v, wanted)
    np.testing.assert_allclose(hand.from_v(x, v, a), [x_0, eps])
    np.testing.assert_allclose(hand.ddim_step(x, eps, a, b), x_s)
    mean, sigma = hand.ddpm_step(x, eps, a, b)
    stepped, _ = step(x, eps, a, b, eta=1.0, z=[0.0, 1.0, -2.0])
    np.testing.assert_allclose(mean + sigma * np.array([0, 1, -2]), stepped)


def test_printed_clipping_is_that_of_diffusers(hand):
    lines = hand.printed_by["clip"]
    _, wild = step([1.0], [0.1], 0.36, 0.64)
    first = re.fullmatch(
        r"猜 ε = 0\.1：x_0 (\S+)，裁成 (\S+)，ε 应改成 (\S+)", lines.splitlines()[0]
    )
    again = (1.0 - 0.6) / 0.8
    wanted = [wild.item(), 1.0, again]
    assert list(map(float, first.groups())) == pytest.approx(wanted, abs=6e-5)
    for name, both, eps in [("只裁 x_0", False, 0.1), ("两个都改", True, again)]:
        x_s, x_0 = step([1.0], [0.1], 0.36, 0.64, clip=True, again=both)
        made = scheduler(0.36, 0.64)
        rebuilt = made.add_noise(x_0, tensor([eps]), torch.tensor([1])).item()
        found = named(lines, f"{name}：")
        wanted = {"拼回 x_3": rebuilt, "DDIM 到第 2 步": x_s.item()}
        assert found == pytest.approx(wanted, rel=0, abs=6e-5)
    assert last(hand, "clip") == "x_3 本来是 1.0000"


# --- averages -----------------------------------------------------------------------

AMOUNTS = {"很少": 0.9, "一半": 0.5, "很多": 0.05}


def of_two(a):
    """The density of the noisy number when the data are -1 and 1."""
    centers = math.sqrt(a) * tensor([-1.0, 1.0])
    parts = Normal(centers, math.sqrt(1 - a) * torch.ones(2, dtype=torch.float64))
    return MixtureSameFamily(Categorical(tensor([0.5, 0.5])), parts)


def mean_of_two(a, x=0.4):
    """E(x_0 | x) by Bayes with the densities of torch."""
    p = of_two(a).component_distribution.log_prob(tensor(x)).softmax(dim=0)
    return (p[1] - p[0]).item()


@pytest.mark.parametrize("name", AMOUNTS)
def test_printed_average_is_that_of_bayes(average, name):
    a = AMOUNTS[name]
    line = line_of(
        average.printed_by["exact"], f"噪声{name}，累计 α {a}：看到 0.4，平均 "
    )
    assert float(line) == pytest.approx(mean_of_two(a), abs=6e-4)
    assert mean_of_two(a) == pytest.approx(math.tanh(0.4 * math.sqrt(a) / (1 - a)))


@pytest.mark.parametrize("name", AMOUNTS)
def test_the_sampled_average_is_near_the_exact_one(average, name):
    line = line_of(average.printed_by["regress"], f"噪声{name}：抽样，平均 ")
    mean, share = numbers(line)[0], numbers(line)[-1]
    exact = mean_of_two(AMOUNTS[name])
    assert mean == pytest.approx(exact, abs=0.012)
    assert share == pytest.approx(50 * (1 + exact), abs=1.1)


@pytest.mark.parametrize("name", AMOUNTS)
def test_printed_score_is_the_gradient_that_torch_finds(average, name):
    a = AMOUNTS[name]
    x = torch.tensor(0.4, dtype=torch.float64, requires_grad=True)
    of_two(a).log_prob(x).backward()
    score = x.grad.item()
    found = numbers(line_of(average.printed_by["score"], f"噪声{name}："))
    wanted = [score, score, mean_of_two(a)]
    assert found[:1] + found[-2:] == pytest.approx(wanted, abs=6e-4)


def test_the_figure_of_averages_draws_the_three_curves(average):
    lines = {line.get_label(): line for line in average.axis.get_lines()}
    assert list(lines) == [f"噪声{name}" for name in AMOUNTS]
    for name, a in AMOUNTS.items():
        x, y = lines[f"噪声{name}"].get_data()
        assert (x.min(), x.max()) == (-2, 2)
        np.testing.assert_allclose(y, np.tanh(x * np.sqrt(a) / (1 - a)))


# --- Gaussian data ------------------------------------------------------------------

MU, S = 0.5, 0.2
ABAR = np.append(1.0, np.cumprod(1 - np.linspace(0.0001, 0.02, 1000)))


def regression(a):
    """Slope and intercept of the noise on x: covariance over variance."""
    slope = math.sqrt(1 - a) / (a * S**2 + 1 - a)
    return slope, -slope * math.sqrt(a) * MU


@cache
def moments(steps, eta, again=True):
    """Mean and deviation at the end, with every step taken by diffusers."""
    times = [round(1000 - 1000 * k / steps) for k in range(steps + 1)]
    m, v = 0.0, 1.0
    for t, s in zip(times[:-1], times[1:], strict=True):
        a, b = float(ABAR[t]), float(ABAR[s])
        slope, intercept = regression(a)
        x = tensor([0.0, 1.0, 0.0])
        z = [0.0, 0.0, 1.0] if eta else None
        x_s, _ = step(x, slope * x + intercept, a, b, eta=float(eta), z=z)
        nought, one, pushed = x_s.tolist()
        m = nought + (one - nought) * m
        v = (one - nought) ** 2 * v + again * (pushed - nought) ** 2
    return m, math.sqrt(v)


@pytest.mark.parametrize("t", [1, 250, 500, 1000])
def test_printed_line_of_the_noise_is_the_regression(gaussian, t):
    line = line_of(gaussian.printed_by["exact"], f"t = {t}：")
    wanted = [ABAR[t], *regression(ABAR[t])]
    found = re.fullmatch(r"累计 α (\S+)，ε = (\S+) x \+ \((\S+)\)", line).groups()
    assert list(map(float, found)) == pytest.approx(wanted, rel=0, abs=6e-4)
    assert float(found[0]) == pytest.approx(wanted[0], abs=6e-5)


@pytest.mark.parametrize("steps", [1000, 100, 50, 20, 10, 5])
def test_printed_moments_are_those_of_diffusers_steps(gaussian, steps):
    line = line_of(gaussian.printed_by["steps"], f"{steps} 步：")
    found = re.fullmatch(
        r"DDPM 均值 (\S+)，标准差 (\S+)；DDIM 均值 (\S+)，标准差 (\S+)", line
    )
    wanted = [*moments(steps, 1), *moments(steps, 0)]
    assert list(map(float, found.groups())) == pytest.approx(wanted, rel=0, abs=6e-5)


def test_the_first_line_names_the_data(gaussian):
    assert gaussian.printed_by["steps"].startswith(f"数据：均值 {MU}，标准差 {S}\n")


@pytest.mark.parametrize("steps", [1000, 100, 10])
def test_without_the_noise_the_spread_collapses(gaussian, steps):
    found = named(gaussian.printed_by["noise"], f"{steps} 步，DDPM 不加回噪声：")
    m, spread = moments(steps, 1, again=False)
    assert found == pytest.approx({"均值": m, "标准差": spread}, rel=0, abs=6e-5)
    assert spread < S / 100


def test_least_squares_on_samples_find_the_line(gaussian):
    line = line_of(
        gaussian.printed_by["library"], "t = 500，np.polynomial 的最小二乘：ε = "
    )
    found = re.fullmatch(r"(\S+) x \+ \((\S+)\)", line).groups()
    assert list(map(float, found)) == pytest.approx(regression(ABAR[500]), abs=0.008)


def test_the_figure_of_spreads_draws_the_printed_ones(gaussian):
    truth, *lines = gaussian.axis.get_lines()
    assert truth.get_ydata() == pytest.approx([S, S])
    assert [line.get_label() for line in lines] == ["DDPM", "DDIM"]
    for line, eta in zip(lines, (1, 0), strict=True):
        steps, spreads = line.get_data()
        assert list(steps) == [1000, 100, 50, 20, 10, 5]
        assert list(spreads) == pytest.approx([moments(n, eta)[1] for n in steps])


# --- flows --------------------------------------------------------------------------


def flow_step(x, u, t, later):
    """Euler's step of diffusers; its sigma is one less our t, its u points to noise."""
    made = FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000)
    made.set_timesteps(1)
    made.sigmas = tensor([1 - t, 1 - later])
    return made.step(-tensor(u), made.timesteps[0], tensor(x)).prev_sample


@pytest.mark.parametrize("t", ["0", "0.25", "0.5", "1"])
def test_printed_points_lie_on_the_straight_path(flow, t):
    x = (1 - Fraction(t)) * Fraction(1, 2) + Fraction(t)
    found = named(flow.printed_by["path"], f"t = {t}：")
    assert found == {"x": float(x), "速度": 0.5}


def test_a_noisy_image_of_diffusion_is_one_of_the_flow_in_another_size(flow):
    size = IMAGE[2] + NOISE[2]
    t = IMAGE[2] / size
    first, second = flow.printed_by["same"].splitlines()
    found = re.fullmatch(r"扩散：x_3 = (\S+)，除以 (\S+) 得 (\S+)", first).groups()
    wanted = [1.0, float(size), float(1 / size)]
    assert list(map(float, found)) == pytest.approx(wanted, abs=6e-5)
    found = re.fullmatch(r"流：t = (\S+)，x = (\S+)", second).groups()
    wanted = [float(t), float((1 - t) / 2 + t)]
    assert list(map(float, found)) == pytest.approx(wanted, abs=6e-5)
    assert wanted[1] == pytest.approx(float(1 / size))


def test_printed_velocity_follows_from_v(flow):
    found = numbers(flow.printed_by["velocity"])
    made = scheduler(0.36, 0.64)
    v = made.get_velocity(tensor([1.0]), tensor([0.5]), torch.tensor([1])).item()
    assert found == pytest.approx([v, 0.5, 0.5], abs=6e-5)


def test_a_step_of_ddim_is_a_step_of_euler(flow):
    x_s, x_0 = step([1.0], [-0.2], 0.36, 0.64)
    ddim, walk = flow.printed_by["euler"].splitlines()
    found = re.fullmatch(r"DDIM 到第 2 步 (\S+)，除以 (\S+) 得 (\S+)", ddim).groups()
    wanted = [x_s.item(), 1.4, x_s.item() / 1.4]
    assert list(map(float, found)) == pytest.approx(wanted, abs=6e-5)
    u, t, later = x_0.item() + 0.2, 0.6 / 1.4, 0.8 / 1.4
    end = flow_step([1 / 1.4], [u], t, later).item()
    found = re.fullmatch(r"欧拉走 (\S+)：(\S+)", walk).groups()
    assert list(map(float, found)) == pytest.approx([later - t, end], abs=6e-5)
    assert end == pytest.approx(wanted[2])


@pytest.mark.parametrize("steps", [5, 10, 20, 50])
def test_printed_spreads_are_those_of_ddim_and_of_diffusers_euler(flow, steps):
    found = named(flow.printed_by["gaussian"], f"{steps} 步：", "，真值 0.2")
    v = 1.0
    for k in range(steps):
        t, later = k / steps, (k + 1) / steps
        variance = t**2 * S**2 + (1 - t) ** 2
        # the data given x, less the noise given x, at x = 0 and 1 (data centred)
        x = tensor([0.0, 1.0])
        u = t * S**2 / variance * x - (1 - t) / variance * x
        nought, one = flow_step(x, u, t, later).tolist()
        v *= (one - nought) ** 2
    wanted = {"照扩散分时间": moments(steps, 0)[1], "时间等分": math.sqrt(v)}
    assert found == pytest.approx(wanted, rel=0, abs=6e-5)


# --- two moons ----------------------------------------------------------------------

EULER = [1, 2, 4, 16, 64]


def real_moons(n, seed):
    x, _ = make_moons(n, noise=0.05, random_state=seed)
    return (x - np.array([0.5, 0.25])) / np.array([0.87, 0.5])


def matched(a, b):
    """The mean distance of the cheapest pairing."""
    distance = cdist(a, b)
    return distance[linear_sum_assignment(distance)].mean()


def layered(model, x):
    """A network of linear layers and SiLU, in NumPy."""
    weights = [p.detach().numpy() for p in model.parameters()]
    for k in range(0, len(weights), 2):
        x = x @ weights[k].T + weights[k + 1]
        if k + 2 < len(weights):
            x = x / (1 + np.exp(-x))
    return x


def walked(model, x, steps):
    for k in range(steps):
        t = np.full((len(x), 1), k / steps)
        u = layered(model, np.concatenate([x, t], axis=1))
        x = flow_step(x, u, k / steps, (k + 1) / steps).numpy()
    return x


def test_printed_distance_of_real_points_is_the_cheapest_pairing(moons):
    found = line_of(moons.printed_by["data"], "另抽 500 个真的点：距离 ")
    distance = cdist(real_moons(500, 2), real_moons(500, 1))
    pairs = min_weight_full_bipartite_matching(csr_array(distance))
    assert float(found) == pytest.approx(distance[pairs].mean(), abs=6e-3)


@pytest.mark.parametrize("steps", EULER)
@pytest.mark.parametrize(
    ("section", "name", "net"),
    [("walk", "流匹配", "model"), ("reflow", "再拉直一次", "straight")],
)
def test_printed_distances_of_the_flows(moons, section, name, net, steps):
    torch.manual_seed(1)
    x = walked(getattr(moons, net), torch.randn(500, 2).numpy(), steps)
    found = named(moons.printed_by[section], f"{name}，{steps} 步：")
    wanted = {"距离": matched(x, real_moons(500, 1)), "标准差": x.std(ddof=1)}
    assert found == pytest.approx(wanted, rel=0, abs=6e-3)


def test_one_step_lands_on_the_mean_of_the_data(moons):
    """At time 0 the regression can say no more than the mean of the data."""
    noise = np.random.default_rng(0).standard_normal((1000, 2))
    end = walked(moons.model, noise, 1)
    assert end.mean(axis=0) == pytest.approx(real_moons(4000, 0).mean(axis=0), abs=0.1)
    assert end.std() < 0.15


def test_the_second_network_learns_the_ends_of_the_first(moons):
    noise = np.random.default_rng(1).standard_normal((300, 2))
    first, second = walked(moons.model, noise, 64), walked(moons.straight, noise, 1)
    assert np.sqrt(((first - second) ** 2).sum(axis=1)).mean() < 0.2


def test_a_flow_s_training_step_is_regression_on_the_difference(moons):
    """One step of Adam, whose first step is the sign of the gradient."""
    pair = torch.randn(256, 2), torch.randn(256, 2) + 1
    model = moons.train(lambda n: pair, seed=5, steps=1)
    torch.manual_seed(5)
    shape = [(3, 64), (64, 64), (64, 64), (64, 2)]
    start = [torch.nn.Linear(*size) for size in shape]
    t = torch.rand(256, 1)
    made = FlowMatchEulerDiscreteScheduler()
    made.timesteps, made.sigmas = torch.arange(256), 1 - t.ravel()
    x = made.scale_noise(pair[1], made.timesteps, pair[0])
    u = torch.cat([x, t], dim=1)
    for k, layer in enumerate(start):
        u = layer(torch.nn.functional.silu(u) if k else u)
    ((pair[1] - pair[0] - u) ** 2).mean().backward()
    weights = [p for layer in start for p in layer.parameters()]
    for now, p in zip(model.parameters(), weights, strict=True):
        wanted = p - 3e-3 * p.grad / (p.grad.abs() + 1e-8)
        torch.testing.assert_close(now, wanted, rtol=0, atol=1e-9)


def test_the_figure_of_paths_ends_where_the_networks_lead(moons):
    for axis, net in zip(moons.axes, (moons.model, moons.straight), strict=True):
        upper, lower, *lines, ends = axis.get_lines()
        for arc, sign in ((upper, 1), (lower, -1)):
            x, y = (arc.get_xydata() * [0.87, 0.5] + [0.5, 0.25]).T
            height = y if sign > 0 else 0.5 - y
            center = x if sign > 0 else 1 - x
            np.testing.assert_allclose(center**2 + height**2, 1)
            assert (height >= -1e-12).all()
        torch.manual_seed(3)
        start = torch.randn(8, 2).numpy()
        np.testing.assert_allclose([x.get_xydata()[0] for x in lines], start)
        np.testing.assert_allclose(ends.get_xydata(), walked(net, start, 8), atol=1e-6)
        np.testing.assert_allclose(
            [x.get_xydata()[-1] for x in lines], ends.get_xydata()
        )


# --- digits -------------------------------------------------------------------------


TRAIN, TRAIN_Y, TEST, TEST_Y = split_digits()
FREE = np.full(297, 10)


def silu(x):
    return x / (1 + np.exp(-x))


def guessed(weights, x, t, y):
    """The network in NumPy; ``weights`` are (in, out)."""
    label, time, time_b, *dense = weights
    angle = t / 1000 * 10 ** np.linspace(0, 3, 16)
    hint = np.concatenate([np.sin(angle), np.cos(angle)]) @ time + time_b + label[y]
    w1, b1, w2, b2, w3, b3, w4, b4 = dense
    h = silu(x @ w1 + b1 + hint)
    h = h + silu(h @ w2 + b2 + hint)
    h = h + silu(h @ w3 + b3 + hint)
    v, a = h @ w4 + b4, ABAR[t]
    return np.sqrt(a) * v + np.sqrt(1 - a) * x


def torch_weights(model):
    named_ = dict(model.named_parameters())
    parts = [named_["label.weight"].detach().numpy()]
    for layer in ("time", "first", "second", "third", "last"):
        parts.append(named_[f"{layer}.weight"].detach().numpy().T)
        parts.append(named_[f"{layer}.bias"].detach().numpy())
    return parts


def keras_weights(model):
    parts = [np.array(model.label.embeddings)]
    for layer in ("time", "first", "second", "third", "last"):
        dense = getattr(model, layer)
        parts += [np.array(dense.kernel), np.array(dense.bias)]
    return parts


def drawn(weights, y, steps, eta, w, noise):
    """Images by the steps of diffusers; ``noise`` gives normal numbers (n, 64)."""
    x = noise()
    times = [round(1000 - 1000 * k / steps) for k in range(steps + 1)]
    for t, s in zip(times[:-1], times[1:], strict=True):
        eps = (1 + w) * guessed(weights, x, t, y)
        if w:
            eps -= w * guessed(weights, x, t, FREE[: len(y)])
        z = noise()
        given = float(ABAR[t]), float(ABAR[s]), float(eta), z if eta else None
        x = step(x, eps, *given, clip=True)[0].numpy()
    return np.clip((x + 1) / 2, 0, 1)


def torch_drawn(program, y, steps, eta=0, w=0):
    groups = []
    for model in program.models:
        torch.manual_seed(1)
        noise = partial(draw_normal, (len(y), 64))
        groups.append(drawn(torch_weights(model), y, steps, eta, w, noise))
    return groups


def draw_normal(shape):
    return torch.randn(*shape, dtype=torch.float64).numpy()


@pytest.mark.parametrize(("name", "eta"), [("DDPM", 1), ("DDIM", 0)])
@pytest.mark.parametrize("steps", [20, 5])
def test_printed_quality_is_that_of_diffusers_samples(digits, name, eta, steps):
    groups = torch_drawn(digits, FREE, steps, eta)
    far = [frechet(x, TEST) for x in groups]
    right = np.mean([told_apart(x, TEST) for x in groups])
    found = line_of(digits.printed_by["steps"], f"{name} {steps} 步：弗雷歇距离 ")
    found = re.fullmatch(r"(\S+)（(\S+) 到 (\S+)），近邻分对 (\d+)%", found).groups()
    wanted = [np.mean(far), min(far), max(far)]
    assert list(map(float, found[:3])) == pytest.approx(wanted, abs=6e-3)
    assert float(found[3]) == pytest.approx(100 * right, abs=0.6)


def test_every_number_of_steps_is_printed_in_order(digits):
    lines = digits.printed_by["steps"].splitlines()
    wanted = [f"{n} {k} 步" for n in ("DDPM", "DDIM") for k in (100, 50, 20, 10, 5)]
    assert [line.partition("：")[0] for line in lines] == wanted


def within(x):
    """The variance of the pixels within a digit, summed, the mean of ten digits."""
    groups = [x[TEST_Y == k] for k in range(10)]
    return np.mean([((g - g.mean(axis=0)) ** 2).sum() / len(g) for g in groups])


@cache
def judge():
    return LogisticRegression(max_iter=2000).fit(TRAIN, TRAIN_Y)


def test_printed_measures_of_the_real_images(digits):
    found = line_of(digits.printed_by["guidance"], "真的测试图：")
    right, spread = re.fullmatch(r"分类对 (\d+)%，类内方差 (\S+)", found).groups()
    assert float(right) == pytest.approx(100 * judge().score(TEST, TEST_Y), abs=0.6)
    assert float(spread) == pytest.approx(within(TEST), abs=6e-3)


@pytest.mark.parametrize("w", [0, 1, 3])
def test_printed_measures_of_guidance(digits, w):
    groups = torch_drawn(digits, TEST_Y, 50, 0, w)
    found = line_of(digits.printed_by["guidance"], f"w = {w}：")
    found = re.fullmatch(
        r"分类对 (\d+)%，类内方差 (\S+)，弗雷歇距离 (\S+)，近邻分对 (\d+)%", found
    ).groups()
    right, spread, far, apart = map(float, found)
    share = 100 * np.mean([judge().score(x, TEST_Y) for x in groups])
    assert right == pytest.approx(share, abs=0.6)
    assert spread == pytest.approx(np.mean([within(x) for x in groups]), abs=6e-3)
    assert far == pytest.approx(np.mean([frechet(x, TEST) for x in groups]), abs=6e-3)
    share = 100 * np.mean([told_apart(x, TEST) for x in groups])
    assert apart == pytest.approx(share, abs=0.6)


def test_half_of_what_strong_guidance_adds_is_where_paper_should_be_blank(digits):
    """The spread rises from w = 1 to w = 3 on pixels that are white in training."""
    added, blank = 0.0, 0.0
    for k in range(10):
        white = TRAIN[TRAIN_Y == k].mean(axis=0) < 0.1
        for weak, strong in zip(digits.guided[1], digits.guided[3], strict=True):
            more = strong[TEST_Y == k].var(axis=0) - weak[TEST_Y == k].var(axis=0)
            added += more.sum()
            blank += more[white].sum()
    assert added > 0
    assert blank / added == pytest.approx(0.5, abs=0.1)
    assert "约一半却添在本该空白处" in page()


def test_printed_distances_to_the_nearest_training_image(digits):
    lines = digits.printed_by["copy"]
    for name, groups in [
        ("测试图", [TEST]),
        ("生成的图", torch_drawn(digits, TEST_Y, 50)),
    ]:
        middle = [np.median(cdist(x, TRAIN).min(axis=1)) for x in groups]
        found = line_of(lines, f"{name}，到最近一张训练图的距离，中位数 ")
        assert float(found) == pytest.approx(np.mean(middle), abs=6e-3)


def test_an_epoch_is_regression_on_the_noise_of_diffusers(digits):
    """The first epoch of the program's training, taken with other calls."""
    found = digits.train(7, epochs=1)
    torch.manual_seed(7)
    model = digits.Denoiser()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0, weight_decay=0)
    noiser = DDPMScheduler(1000, beta_start=1e-4, beta_end=0.02, beta_schedule="linear")
    noiser.alphas_cumprod = tensor(ABAR[1:])
    rows = torch.randperm(1500).reshape(15, 100)
    for k, batch in enumerate(rows.numpy()):
        optimizer.param_groups[0]["lr"] = 2.5e-3 * (1 + math.cos(math.pi * k / 15))
        blank = torch.rand(100).numpy() < 0.1
        y = torch.from_numpy(np.where(blank, 10, TRAIN_Y[batch]))
        t = torch.randint(1, 1001, (100,))
        x = tensor(TRAIN[batch] * 2 - 1)
        eps = torch.randn(100, 64)
        x_t = noiser.add_noise(x, eps, t - 1)
        loss = torch.nn.functional.mse_loss(model(x_t, t, y), eps)
        model.zero_grad()
        loss.backward()
        optimizer.step()
    for now, p in zip(found.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(now, p, rtol=0, atol=1e-8)


def test_the_program_s_network_is_the_one_written_again(digits):
    model, t = digits.models[0], torch.tensor([3, 400, 1000])
    x = torch.randn(3, 64, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        found = model(x, t, torch.tensor([0, 9, 10])).numpy()
    for row, (time, y) in enumerate([(3, 0), (400, 9), (1000, 10)]):
        wanted = guessed(torch_weights(model), x[row].numpy(), time, y)
        np.testing.assert_allclose(found[row], wanted, atol=1e-9)


def test_the_figure_draws_the_digits_and_the_printed_distances(digits):
    picture, curve = digits.axes
    lines = {line.get_label(): line.get_data() for line in curve.get_lines()}
    assert list(lines) == ["DDPM", "DDIM"]
    for name, (steps, far) in lines.items():
        assert list(steps) == [100, 50, 20, 10, 5]
        for k, value in zip(steps, far, strict=True):
            start = f"{name} {k} 步：弗雷歇距离 "
            found = numbers(line_of(digits.printed_by["steps"], start))[0]
            assert found == pytest.approx(value, abs=6e-3)
    assert [x.get_text() for x in picture.get_yticklabels()] == [
        "真的",
        *(f"w = {w}" for w in (0, 1, 3)),
    ]
    assert digits.picture.shape == (40, 50)
    for k in range(5):
        tile = digits.picture[1:9, 10 * k + 1 : 10 * k + 9].reshape(64)
        assert (TEST_Y[(TEST == tile).all(axis=1)] == k).any()
    for row, w in enumerate((0, 1, 3), 1):
        torch.manual_seed(1)
        noise = partial(draw_normal, (5, 64))
        weights = torch_weights(digits.models[0])
        wanted = drawn(weights, np.arange(5), 50, 0, w, noise).reshape(5, 8, 8)
        strip = digits.picture[10 * row + 1 : 10 * row + 9].reshape(8, 5, 10)
        np.testing.assert_allclose(strip[:, :, 1:9].swapaxes(0, 1), wanted, atol=1e-6)
    assert len(picture.get_lines()) == 4
    for level, line in enumerate(picture.get_lines(), 1):
        drawn_ = np.zeros((40, 50), dtype=bool)
        for (start, y), (stop, _), _ in line.get_xydata().reshape(-1, 3, 2):
            drawn_[int(y), int(start) : int(stop)] = True
        same = np.abs(digits.picture - level / 4) < 1 / 8
        edge = np.abs(np.abs(digits.picture - level / 4) - 1 / 8) < 1e-9
        assert ((drawn_ == same) | edge).all()
        assert line.get_alpha() == level / 4


def test_the_real_images_score_as_on_the_page_about_vae(digits):
    """0.22 and 52 %, quoted from there, by the same five draws."""
    rngs = [np.random.default_rng(seed) for seed in range(5)]
    groups = [rng.choice(TRAIN, 297, replace=False) for rng in rngs]
    far = np.mean([frechet(x, TEST) for x in groups])
    right = np.mean([told_apart(x, TEST) for x in groups])
    record = ROOT / "snippets/algorithms/vae_quality_torch.out"
    wanted = f"真的训练图：弗雷歇距离 {far:.2f}，近邻分对 {right:.0%}"
    assert wanted in record.read_text(encoding="utf-8").splitlines()
    assert np.mean([digits.frechet(x, TEST) for x in groups]) == pytest.approx(
        far, 1e-3
    )
    assert np.mean([digits.told_apart(x, TEST) for x in groups]) == pytest.approx(right)


# --- digits in Keras ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "y", "w"),
    [("没有标签", FREE, 0), ("w = 0", TEST_Y, 0), ("w = 1", TEST_Y, 1)],
)
def test_printed_quality_in_keras(in_keras, name, y, w):
    groups = []
    for model in in_keras.models:
        start = np.random.default_rng(0).standard_normal((297, 64))
        weights = keras_weights(model)
        groups.append(drawn(weights, y, 50, 0, w, lambda start=start: start))
    found = line_of(in_keras.printed_by["keras"], f"{name}：弗雷歇距离 ")
    far, apart, *right = re.fullmatch(
        r"(\S+)，近邻分对 (\d+)%(?:，分类对 (\d+)%)?", found
    ).groups()
    assert float(far) == pytest.approx(
        np.mean([frechet(x, TEST) for x in groups]), abs=6e-3
    )
    share = 100 * np.mean([told_apart(x, TEST) for x in groups])
    assert float(apart) == pytest.approx(share, abs=0.6)
    if y is TEST_Y:
        share = 100 * np.mean([judge().score(x, TEST_Y) for x in groups])
        assert float(right[0]) == pytest.approx(share, abs=0.6)
    else:
        assert right == [None]


def test_both_frameworks_leave_as_much_of_the_noise_unexplained(digits, in_keras):
    rng = np.random.default_rng(3)
    t = rng.integers(1, 1001, 297)
    eps = rng.standard_normal((297, 64))
    a = ABAR[t][:, None]
    x = np.sqrt(a) * (TEST * 2 - 1) + np.sqrt(1 - a) * eps

    def error(weights):
        rows = zip(x, t, TEST_Y, strict=True)
        return np.mean((np.stack([guessed(weights, *r) for r in rows]) - eps) ** 2)

    one = np.mean([error(torch_weights(m)) for m in digits.models])
    other = np.mean([error(keras_weights(m)) for m in in_keras.models])
    assert one == pytest.approx(other, rel=0.15)


def test_a_step_in_keras_is_regression_on_the_noise(in_keras):
    """With plain gradient descent the weights move by the gradient that torch finds."""
    keras.utils.set_random_seed(3)
    model = in_keras.Trained()
    model.compile(optimizer=keras.optimizers.SGD(1.0))
    x, y = TRAIN[:200] * 2 - 1, TRAIN_Y[:200]
    model(x, np.full(200, 1), y)  # makes the weights
    before = keras_weights(model)
    state = np.array(model.seed.state)
    model.train_step((keras.ops.convert_to_tensor(x), keras.ops.convert_to_tensor(y)))
    model.seed.state.assign(state)
    seed = model.seed
    blank = np.array(keras.random.uniform((200,), seed=seed)) < 0.1
    t = np.array(keras.random.randint((200,), 1, 1001, seed=seed))
    eps = tensor(np.array(keras.random.normal((200, 64), seed=seed)))
    a = tensor(ABAR[t])[:, None]
    label, time, time_b, w1, b1, w2, b2, w3, b3, w4, b4 = parts = [
        tensor(p).requires_grad_() for p in before
    ]
    angle = tensor(t)[:, None] / 1000 * torch.logspace(0, 3, 16, dtype=torch.float64)
    hint = torch.cat([angle.sin(), angle.cos()], dim=1) @ time + time_b
    hint = hint + label[torch.from_numpy(np.where(blank, 10, y))]
    act = torch.nn.functional.silu
    x_t = a.sqrt() * tensor(x) + (1 - a).sqrt() * eps
    h = act(x_t @ w1 + b1 + hint)
    h = h + act(h @ w2 + b2 + hint)
    h = h + act(h @ w3 + b3 + hint)
    guess = a.sqrt() * (h @ w4 + b4) + (1 - a).sqrt() * x_t
    torch.nn.functional.mse_loss(guess, eps).backward()
    for now, p in zip(keras_weights(model), parts, strict=True):
        np.testing.assert_allclose(now, (p - p.grad).detach(), atol=1e-6)


def test_keras_starts_and_slows_down_as_the_other_version_does(in_keras):
    keras.utils.set_random_seed(0)
    model = in_keras.Trained()
    model(TRAIN[:2], np.array([1, 2]), TRAIN_Y[:2])  # makes the weights
    assert keras_weights(model)[0].std() == pytest.approx(1, abs=0.1)
    for trained in in_keras.models:
        slower = trained.optimizer.get_config()["learning_rate"]["config"]
        assert slower["initial_learning_rate"] == 5e-3
        assert slower["decay_steps"] == trained.optimizer.iterations == 1500
        assert slower["alpha"] == 0


def test_fit_reports_the_loss_of_the_epoch(in_keras):
    """A loss that is only returned, not recorded in a Mean, is reported as 0."""
    for model in in_keras.models:
        losses = model.history.history["loss"]
        assert len(losses) == 100
        assert 0.5 < losses[0] < 1.5
        rng = np.random.default_rng(4)
        t = rng.integers(1, 1001, 1500)
        eps = rng.standard_normal((1500, 64))
        a = ABAR[t][:, None]
        x = np.sqrt(a) * (TRAIN * 2 - 1) + np.sqrt(1 - a) * eps
        guess = np.array(model(x, t, TRAIN_Y))
        assert losses[-1] == pytest.approx(np.mean((guess - eps) ** 2), rel=0.25)


# --- the page's own tables and answers ----------------------------------------------


def record(name):
    path = ROOT / f"snippets/algorithms/{name}.out"
    return path.read_text(encoding="utf-8")


def rows():
    """The rows of the page's tables, without their blanks."""
    lines = page().splitlines()
    return [line.replace(" ", "") for line in lines if line.startswith("|")]


def test_the_table_of_steps_is_the_record():
    printed = record("diffusion_digits_torch")
    for k in (100, 50, 20, 10, 5):
        cells = [str(k)]
        for name in ("DDPM", "DDIM"):
            line = line_of(printed, f"{name} {k} 步：弗雷歇距离 ")
            cells += re.fullmatch(r"(\S+)（.*），近邻分对 (\S+)", line).groups()
        assert f"|{'|'.join(cells)}|" in rows()


def test_the_table_of_guidance_is_the_record():
    printed = record("diffusion_digits_torch")
    share, spread = line_of(printed, "真的测试图：分类对 ").split("，类内方差 ")
    assert f"|真的图|{share}|{spread}|0.22|52%|" in rows()
    for w in (0, 1, 3):
        line = line_of(printed, f"w = {w}：")
        cells = [part.rsplit(" ", 1)[1] for part in line.split("，")]
        cells = [c.removeprefix("分类对") for c in cells]
        assert f"|$w={w}$|{'|'.join(cells)}|" in rows()


def test_the_table_of_times_is_the_record():
    printed = record("diffusion_flow_numpy")
    for k in (5, 10, 20, 50):
        found = re.findall(r"0\.\d{4}", line_of(printed, f"{k} 步："))
        assert f"|{k}|{'|'.join(found)}|" in rows()


def test_the_table_of_the_moons_is_the_record():
    printed = record("diffusion_flow_torch")
    for k in EULER:
        far = [
            line_of(printed, f"{name}，{k} 步：距离 ").partition("，")[0]
            for name in ("流匹配", "再拉直一次")
        ]
        assert f"|{k}|{'|'.join(far)}|" in rows()


def test_the_vae_on_the_page_is_that_of_its_own_page():
    line = line_of(record("vae_quality_torch"), "β = 1，从先验抽：弗雷歇距离 ")
    assert line.replace("，近邻分对 ", " 与 ") in page()


def test_the_answer_about_standard_normal_data_is_the_product_of_cosines():
    for n in (5, 50):
        angle = [math.pi / 2 * (1 - k / n) for k in range(n + 1)]
        size = 1.0
        for one, other in zip(angle[:-1], angle[1:], strict=True):
            a, b = math.cos(one) ** 2, math.cos(other) ** 2
            x = tensor([1.0])  # the guess of the noise is sin(angle) x
            size *= step(x, math.sin(one) * x, max(a, 1e-30), b)[0].item()
        assert f"{n} 步是 {size:.3f}" in page()


@pytest.mark.parametrize("steps", [1000, 100])
def test_the_answer_with_the_other_variance_of_the_noise(steps):
    times = [round(1000 - 1000 * k / steps) for k in range(steps + 1)]
    v = 1.0
    for t, s in zip(times[:-1], times[1:], strict=True):
        a, b = float(ABAR[t]), float(ABAR[s])
        x = tensor([0.0, 1.0])
        z = tensor([0.0, 0.0])
        slope, intercept = regression(a)
        nought, one = step(x, slope * x + intercept, a, b, eta=1.0, z=z)[0].tolist()
        v = (one - nought) ** 2 * v + (1 - a / b if s else 0)
    assert f"{math.sqrt(v):.4f}" in page()
    assert f"{moments(steps, 1)[1]:.4f}" in page()


# --- practice -----------------------------------------------------------------------

SOLUTION = """
def ddim_step(x, eps, alpha_bar_t, alpha_bar_s):
    x_0 = (x - np.sqrt(1 - alpha_bar_t) * eps) / np.sqrt(alpha_bar_t)
    x_0 = x_0.clip(-1, 1)
    eps = (x - np.sqrt(alpha_bar_t) * x_0) / np.sqrt(1 - alpha_bar_t)
    return np.sqrt(alpha_bar_s) * x_0 + np.sqrt(1 - alpha_bar_s) * eps, x_0
"""
AGAIN = "    eps = (x - np.sqrt(alpha_bar_t) * x_0) / np.sqrt(1 - alpha_bar_t)\n"
STALE = (AGAIN, "")
WRONG = [
    STALE,
    ("    x_0 = x_0.clip(-1, 1)\n", ""),
    ("clip(-1, 1)", "clip(0, 1)"),
    ("clip(-1, 1)", "clip(max=1)"),
    ("clip(-1, 1)", "clip(min=-1)"),
    ("np.sqrt(1 - alpha_bar_t) * eps) /", "(1 - alpha_bar_t) * eps) /"),
    ("/ np.sqrt(alpha_bar_t)", "/ alpha_bar_t"),
    ("/ np.sqrt(alpha_bar_t)", "/ np.sqrt(alpha_bar_s)"),
    ("np.sqrt(1 - alpha_bar_s) * eps, x_0", "np.sqrt(1 - alpha_bar_t) * eps, x_0"),
    ("np.sqrt(1 - alpha_bar_s) * eps, x_0", "(1 - alpha_bar_s) * eps, x_0"),
    ("np.sqrt(1 - alpha_bar_s) * eps, x_0", "0 * eps, x_0"),
    ("return np.sqrt(alpha_bar_s) * x_0", "return np.sqrt(alpha_bar_t) * x_0"),
    ("return np.sqrt(alpha_bar_s) * x_0", "return x_0"),
    ("* eps, x_0\n", "* eps\n"),
    (AGAIN, "    eps = (x - x_0) / np.sqrt(1 - alpha_bar_t)\n"),
    (AGAIN, "    eps = (x - np.sqrt(alpha_bar_s) * x_0) / np.sqrt(1 - alpha_bar_s)\n"),
    ("    x_0 = (x", "    x /= 1\n    x *= 2\n    x /= 2\n    x += 1e-3\n    x_0 = (x"),
    ("x_0 = (x - ", "x_0 = (x + "),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_diffusers_steps_to(case):
    _, given, want, _ = case
    x, eps, a, b = given.values()
    found = step(x, eps, a, b, clip=True)
    for value, expected in zip(found, want, strict=True):
        np.testing.assert_allclose(value, expected, atol=6e-7)


def test_the_page_s_step_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_step_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, STALE) in page()
