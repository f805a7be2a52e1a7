"""The VAE page: one dimension by hand, digits, collapse, quality.

References that the programs never call for these numbers: ``torch.distributions`` for
the NumPy program, Gauss-Hermite moments, NumPy for the networks, SciPy's densities, a
trainer written with other calls, scikit-learn's neighbours, SciPy's matrix root.
"""

import math
import re
from collections import namedtuple

import keras
import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm
from sklearn.neighbors import KNeighborsClassifier
from torch import nn
from torch.distributions import Bernoulli, Normal, kl_divergence

from handbook.programs import practice
from tests.conftest import ROOT
from tests.precision import double
from tests.printed import after, line_of, named, numbers
from tests.quality import frechet, split_digits, told_apart

PAGE = ROOT / "docs/algorithms/vae.md"
FIGURES = ROOT / "docs/assets/figures"
PRACTICE = ROOT / "snippets/algorithms/vae_practice_numpy.py"
X = 2.0
CHOICES = {"先验": (0.0, 1.0), "紧挨着 x": (2.0, 0.25), "真后验": (1.0, 0.5)}


@pytest.fixture
def hand(run_snippet):
    return run_snippet("algorithms/vae_numpy")


@pytest.fixture
def digits(run_snippet):
    namespace = run_snippet("algorithms/vae_digits_torch")
    with double():
        yield namespace


@pytest.fixture
def in_keras(run_snippet):
    namespace = run_snippet("algorithms/vae_digits_tf")
    with double():
        yield namespace


@pytest.fixture
def collapse(run_snippet):
    namespace = run_snippet("algorithms/vae_collapse_torch")
    with double():
        yield namespace


@pytest.fixture
def quality(run_snippet):
    return run_snippet("algorithms/vae_quality_torch")


def page():
    return PAGE.read_text(encoding="utf-8")


def pixels():
    """1500 images to train on, 297 held out."""
    train, _, held, _ = split_digits()
    return train, held


# --- one dimension ------------------------------------------------------------------


def normal(m, s2):
    return Normal(torch.tensor(m, dtype=torch.float64), math.sqrt(s2))


def expected(m, s2, value):
    """E value(z) for z ~ N(m, s2), by Gauss-Hermite."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    return weights @ value(m + math.sqrt(s2) * nodes) / weights.sum()


LOG_P = normal(0.0, 2.0).log_prob(torch.tensor(X)).item()


def test_printed_likelihood_is_that_of_the_sum_of_two_gaussians(hand):
    assert after(hand.printed_by["exact"], "对数似然") == [
        pytest.approx(LOG_P, abs=6e-5)
    ]


def test_printed_posterior_has_the_moments_of_prior_times_likelihood(hand):
    z = np.linspace(-9, 9, 20001)
    p = norm.pdf(z) * norm.pdf(X - z)
    p /= p.sum()
    mean = p @ z
    found = named(hand.printed_by["exact"], "真后验：")
    assert found == pytest.approx({"均值": mean, "方差": p @ (z - mean) ** 2}, abs=1e-6)


@pytest.mark.parametrize("name", CHOICES)
def test_printed_elbo_is_reconstruction_less_divergence(hand, name):
    m, s2 = CHOICES[name]
    fit = expected(m, s2, lambda z: norm.logpdf(X, z))
    kl = kl_divergence(normal(m, s2), normal(0.0, 1.0)).item()
    found = named(hand.printed_by["elbo"], f"{name}：")
    wanted = {"重构": fit, "KL": kl, "ELBO": fit - kl, "差": LOG_P - fit + kl}
    assert list(found) == list(wanted)
    assert found == pytest.approx(wanted, abs=6e-5)


@pytest.mark.parametrize("name", CHOICES)
def test_the_gap_is_the_divergence_from_the_posterior(hand, name):
    q = normal(*CHOICES[name])
    found = named(hand.printed_by["gap"], f"{name}：")
    wanted = {
        "到真后验": kl_divergence(q, normal(1.0, 0.5)).item(),
        "到先验": kl_divergence(q, normal(0.0, 1.0)).item(),
    }
    assert found == pytest.approx(wanted, abs=6e-5)
    elbo = named(hand.printed_by["elbo"], f"{name}：")
    assert [found["到真后验"], found["到先验"]] == [elbo["差"], elbo["KL"]]


def spread_of_score(d, less):
    """Standard deviation of (sum of f) z_1, from the moments of one dimension."""
    center = expected(0, 1, lambda z: norm.logpdf(X, z)) if less else 0

    def moment(f_power, z_power):
        return expected(
            0, 1, lambda z: (norm.logpdf(X, z) - center) ** f_power * z**z_power
        )

    square = moment(2, 2) + (d - 1) * (2 * moment(1, 2) * moment(1, 0) + moment(2, 0))
    square += (d - 1) * (d - 2) * moment(1, 0) ** 2
    return math.sqrt(square - moment(1, 1) ** 2)


@pytest.mark.parametrize("d", [1, 10, 100])
@pytest.mark.parametrize("name", ["得分函数", "减去平均", "重参数化"])
def test_printed_estimators_have_the_exact_mean_and_spread(hand, d, name):
    mean, spread, _ = after(hand.printed_by["reparam"], f"{d} 维，{name}：")
    exact = 2.0 if name == "重参数化" else spread_of_score(d, name == "减去平均")
    assert spread == pytest.approx(exact, rel=0.02, abs=0.5)
    assert mean == pytest.approx(2, abs=0.05 + 4 * exact / math.sqrt(40_000))


@pytest.mark.parametrize("d", [1, 10, 100])
def test_printed_shares_of_wrong_signs(hand, d):
    """By another generator; the reparameterised one errs when epsilon > 1."""
    z = torch.randn(60_000, d, generator=torch.Generator().manual_seed(1))
    value = Normal(z, 1.0).log_prob(torch.tensor(X)).sum(dim=1)
    wanted = {
        "得分函数": (value * z[:, 0] < 0).double().mean().item(),
        "减去平均": ((value - value.mean()) * z[:, 0] < 0).double().mean().item(),
        "重参数化": norm.sf(1),
    }
    for name, share in wanted.items():
        printed = after(hand.printed_by["reparam"], f"{d} 维，{name}：")[2]
        assert printed / 100 == pytest.approx(share, abs=0.015)


def test_the_text_tells_the_estimators_as_printed(hand):
    text, found = page(), {}
    for name in ("得分函数", "减去平均", "重参数化"):
        for d in (1, 100):
            found[d, name] = after(hand.printed_by["reparam"], f"{d} 维，{name}：")
    one, less = found[1, "重参数化"], found[1, "减去平均"]
    assert f"标准差是 {one[1]:.0f}，减去平均的得分函数是 {less[1]:.0f}" in text
    assert f"{one[2]:.0f}% 对 {less[2]:.0f}%" in text
    far, less = found[100, "得分函数"], found[100, "减去平均"]
    center = 100 * expected(0, 1, lambda z: norm.logpdf(X, z))
    assert f"$f$ 的平均约是 ${center:.0f}$" in text
    assert f"标准差就到了 {far[1]:.0f}；" in text and f"还有 {less[1]:.0f}，" in text
    error = far[1] / math.sqrt(40_000)
    assert f"平均印成 {far[0]:.1f}，不是偏差" in text
    assert f"标准误差还有 ${far[1]:.0f}/200={error:.1f}$" in text


def test_the_estimators_hold_for_another_q(hand):
    """At m = 0.5, s = 0.7 the gradient is x - 2m = 1."""
    found = hand.gradients(0.5, 0.7, 1, 400_000, np.random.default_rng(3))
    for g in found.values():
        assert g.mean() == pytest.approx(1, abs=5 * g.std() / math.sqrt(400_000))


def test_the_integral_agrees_in_print(hand):
    found = numbers(hand.printed_by["library"])
    assert found == pytest.approx([LOG_P, LOG_P], abs=6e-5)


def test_the_hand_s_numbers_stand_in_the_text():
    text = page()
    fit = expected(1.0, 0.5, lambda z: norm.logpdf(X, z))
    assert rf"-0.9189-0.75={fit:.4f}$" in text
    assert -math.log(2 * math.pi) / 2 == pytest.approx(-0.9189, abs=5e-5)
    assert math.log(2) == pytest.approx(0.6931, abs=5e-5)
    kl = kl_divergence(normal(1.0, 0.5), normal(0.0, 1.0)).item()
    assert rf"$\tfrac12(1+0.5-1+0.6931)={kl:.4f}$" in text
    assert f"到先验的 KL 是 {kl:.4f}" in text
    assert rf"{{2\cdot2}}={LOG_P:.4f}." in text


def test_exercise_1_s_gap_is_the_divergence_from_the_posterior():
    fit = expected(1.0, 1.0, lambda z: norm.logpdf(X, z))
    kl = kl_divergence(normal(1.0, 1.0), normal(0.0, 1.0)).item()
    gap = kl_divergence(normal(1.0, 1.0), normal(1.0, 0.5)).item()
    assert LOG_P - fit + kl == pytest.approx(gap)
    text = page()
    assert rf"-0.9189-\tfrac12(1+1)={fit:.4f}$" in text
    assert rf"KL 是 $\tfrac12(1+1-1-0)={kl:.1f}$" in text
    assert f"ELBO 是 ${fit - kl:.4f}$，差 ${gap:.4f}$" in text


def test_exercise_2_s_variance_is_the_mean_squared_error():
    """The term of one image with squared error E, on a grid of variances."""
    variances = np.linspace(1e-3, 0.2, 200_001)
    total = 1.3
    term = -total / (2 * variances) - 32 * np.log(variances)
    assert variances[term.argmax()] == pytest.approx(total / 64, abs=2e-6)
    assert r"得 $\sigma^2=E/64$" in page()


def test_exercise_3_s_noise_is_above_every_component():
    train, _ = pixels()
    largest = np.linalg.eigvalsh(np.cov(train.T)).max()
    assert f"最大的主成分方差约是 {largest:.2f}" in page()
    assert 1 / (2 * 4) == 8 / 64 and largest < 4
    assert r"得 $\sigma^2=4$，大于 0.70" in page()


def test_exercise_4_s_bounds_are_those_of_many_draws():
    rng, found = np.random.default_rng(0), []
    for k in (1, 10, 100):
        z = rng.standard_normal((200_000 // k * 10, k))
        found.append((logsumexp(norm.logpdf(2, z), axis=1) - math.log(k)).mean())
    assert "约 $-3.42$、$-2.34$、$-2.27$" in page()
    assert found == pytest.approx([-3.42, -2.34, -2.27], abs=0.006)
    assert found[0] < found[1] < found[2] < LOG_P


# --- digits -------------------------------------------------------------------------

Net = namedtuple("Net", "w1 b1 w2 b2")


def torch_nets(model):
    parts = {k: v.detach().numpy() for k, v in model.state_dict().items()}
    for name in ("encoder", "decoder"):
        w1, b1, w2, b2 = (
            parts[f"{name}.{i}.{kind}"] for i in (0, 2) for kind in ("weight", "bias")
        )
        yield Net(w1.T, b1, w2.T, b2)


def keras_nets(model):
    for net in (model.encoder, model.decoder):
        yield Net(*(w.numpy() for w in net.weights))


def output(net, x):
    return np.maximum(x @ net.w1 + net.b1, 0) @ net.w2 + net.b2


def terms(encoder, decoder, sigma, x, rounds=20):
    """Mean reconstruction term (over ``rounds`` draws) and mean divergence."""
    mean, log_var = np.split(output(encoder, x), 2, axis=1)
    kl = kl_divergence(
        Normal(torch.from_numpy(mean), torch.from_numpy(np.exp(log_var / 2))),
        Normal(0.0, 1.0),
    )
    rng = np.random.default_rng(8)
    fit = np.mean(
        [
            norm.logpdf(
                x,
                output(decoder, rng.normal(mean, np.exp(log_var / 2), size=mean.shape)),
                sigma,
            ).sum(axis=1)
            for _ in range(rounds)
        ]
    )
    return fit, kl.sum(dim=1).mean().item()


@pytest.fixture
def measured(digits):
    _, held = pixels()
    return np.array(
        [terms(*torch_nets(m), m.log_sigma.exp().item(), held) for m in digits.models]
    )


def test_printed_terms_of_the_elbo_are_those_of_the_trained_networks(digits, measured):
    found = named(digits.printed_by["run"], "测试图，三个种子：")
    fit, kl = measured.mean(axis=0)
    assert len(digits.models) == 3
    assert list(found) == ["重构项", "KL", "σ"]
    assert found["重构项"] == pytest.approx(fit, abs=0.35)
    assert found["KL"] == pytest.approx(kl, abs=0.06)
    sigma = np.mean([m.log_sigma.exp().item() for m in digits.models])
    assert found["σ"] == pytest.approx(sigma, abs=6e-3)


def test_printed_elbo_is_between_its_seeds(digits, measured):
    elbo = measured[:, 0] - measured[:, 1]
    mean, low, high = after(digits.printed_by["run"], "ELBO")
    assert low <= mean <= high
    wanted = [elbo.mean(), elbo.min(), elbo.max()]
    assert [mean, low, high] == pytest.approx(wanted, abs=0.5)
    last = [history[-1][0] - history[-1][1] for history in digits.histories]
    wanted = [sum(last) / 3, min(last), max(last)]
    assert [mean, low, high] == pytest.approx(wanted, abs=0.06)
    assert f"ELBO 约 {mean:.1f}，" in page() and f"VAE 的 {mean:.1f} 还只是" in page()
    fit, kl = after(digits.printed_by["run"], "测试图，三个种子：重构项")[:2]
    assert mean == pytest.approx(fit - kl, abs=0.11)


def test_the_elbo_stays_below_the_likelihood_and_above_the_line(digits):
    """A bound from 200 weighted draws lies above the ELBO."""
    _, held = pixels()
    model = digits.models[0]
    encoder, decoder = torch_nets(model)
    mean, log_var = np.split(output(encoder, held), 2, axis=1)
    spread, rng = np.exp(log_var / 2), np.random.default_rng(4)
    weights = []
    for _ in range(200):
        z = rng.normal(mean, spread)
        log_p = norm.logpdf(held, output(decoder, z), model.log_sigma.exp().item())
        log_w = norm.logpdf(z) - norm.logpdf(z, mean, spread)
        weights.append(log_p.sum(axis=1) + log_w.sum(axis=1))
    tighter = (logsumexp(weights, axis=0) - math.log(200)).mean()
    mean_elbo, low, high = after(digits.printed_by["run"], "ELBO")
    assert high < tighter < high + 10
    assert low > after(digits.printed_by["baseline"], "每张都猜平均图")[1] + 2


def test_printed_baselines_are_exact_densities(digits):
    train, held = pixels()
    center = train.mean(axis=0)
    scale = math.sqrt(((train - center) ** 2).mean())
    blind = norm.logpdf(held, center, scale).sum(axis=1).mean()
    values, vectors = np.linalg.eigh(np.cov(train.T))
    noise = values[:-8].mean()
    cov = (vectors[:, -8:] * (values[-8:] - noise)) @ vectors[:, -8:].T
    cov += noise * np.eye(64)
    linear = multivariate_normal(center, cov).logpdf(held).mean()
    found = numbers(line_of(digits.printed_by["baseline"], "每张都猜平均图"))
    assert found == pytest.approx([blind, 8, linear], abs=0.06)
    assert f"已经比直线的 {found[2]:.1f} 高" in page()


def test_the_library_s_divergence_agrees_in_print(digits, measured):
    _, kl = measured[0]
    found = numbers(line_of(digits.printed_by["library"], "KL："))
    assert found == pytest.approx([kl, kl], abs=6e-5)


def test_the_reconstruction_term_is_a_density_summed_over_pixels(digits):
    """With z pinned: the spread of q is made tiny."""
    _, held = pixels()
    x = torch.from_numpy(held[:5])
    with torch.no_grad():
        x_hat, mean, log_var = digits.models[1](x)

        def pinned(_):
            return x_hat, mean, log_var

        pinned.log_sigma = torch.tensor(-0.7)
        fit, kl = digits.elbo_terms(x, pinned)
    wanted = norm.logpdf(x, x_hat, math.exp(-0.7)).sum(axis=1)
    np.testing.assert_allclose(fit, wanted, rtol=1e-10)
    q = Normal(mean, (log_var / 2).exp())
    np.testing.assert_allclose(kl, kl_divergence(q, Normal(0.0, 1.0)).sum(dim=1))


def test_the_drawn_z_have_the_encoder_s_mean_and_spread(digits):
    model = digits.VAE()
    _, held = pixels()
    x = torch.from_numpy(held[:1]).expand(40_000, 64)
    seen = []
    handle = model.decoder.register_forward_pre_hook(lambda _, z: seen.append(z[0]))
    with torch.no_grad():
        _, mean, log_var = model(x)
    handle.remove()
    spread = (log_var[0] / 2).exp()
    np.testing.assert_allclose(seen[0].mean(dim=0), mean[0], atol=0.04)
    np.testing.assert_allclose(seen[0].std(dim=0), spread, rtol=0.03)


def test_training_raises_the_reconstruction_and_the_divergence_from_nothing(digits):
    curves = np.mean(digits.histories, axis=0)
    assert curves.shape == (40, 2)
    assert curves[0, 1] < 6 < 11 < curves[-1, 1]
    assert curves[-1, 0] - curves[-1, 1] > curves[0, 0] - curves[0, 1] + 20


def test_another_trainer_reaches_the_first_seed_s_networks(digits):
    """Other calls (gaussian_nll_loss, kl_divergence, rsample), the same draws."""
    train, held = map(torch.from_numpy, pixels())
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
    decoder = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64))
    log_sigma = torch.tensor(-1.5, requires_grad=True)
    params = [*encoder.parameters(), *decoder.parameters(), log_sigma]
    optimizer = torch.optim.Adam(params, lr=0.005)
    for _ in range(40):
        for batch in torch.randperm(1500).reshape(15, 100):
            x, out = train[batch], encoder(train[batch])
            q = Normal(out[:, :8], torch.exp(0.5 * out[:, 8:]))
            x_hat = decoder(q.rsample())
            variance = torch.exp(2 * log_sigma).expand_as(x)
            loss = nn.functional.gaussian_nll_loss(x_hat, x, variance, reduction="sum")
            loss = loss + kl_divergence(q, Normal(0.0, 1.0)).sum()
            optimizer.zero_grad()
            (loss / 100).backward()
            optimizer.step()
        torch.randn(297, 8)  # the program looks at the test images here
    model = digits.models[0]
    with torch.no_grad():
        assert model.log_sigma.item() == pytest.approx(log_sigma.item(), abs=1e-6)
        np.testing.assert_allclose(model.encoder(held), encoder(held), atol=1e-5)
        z = torch.linspace(-2, 2, 80).reshape(10, 8)
        np.testing.assert_allclose(model.decoder(z), decoder(z), atol=1e-5)


def test_the_first_row_of_the_figure_draws_ten_test_images(digits):
    """A stroke a pixel, as dark as the pixel in eighths; the second row is close."""
    strokes = np.zeros((40, 100))
    for line in digits.axes[0].lines:
        x, y = line.get_xdata()[::3], line.get_ydata()[::3]
        assert (line.get_xdata()[1::3] - x == 1).all()
        strokes[(y - 0.5).astype(int), x.astype(int)] = line.get_alpha()
    _, held = pixels()
    for j in range(10):
        left = 10 * j + 1
        shown, again = strokes[1:9, left : left + 8], strokes[11:19, left : left + 8]
        image = held[j].reshape(8, 8)
        np.testing.assert_allclose(shown, np.round(image * 8) / 8, atol=1e-12)
        assert ((again - image) ** 2).sum() < 6


# --- digits in Keras ----------------------------------------------------------------


def test_keras_prints_the_terms_of_its_networks(in_keras):
    _, held = pixels()
    sigma = math.exp(in_keras.model.log_sigma.numpy())
    fit, kl = terms(*keras_nets(in_keras.model), sigma, held)
    assert len(in_keras.found) == 2
    assert in_keras.found[-1][0] == pytest.approx(fit, abs=0.6)
    assert in_keras.found[-1][1] == pytest.approx(kl, abs=1e-6)
    printed = named(in_keras.printed_by["keras"], "测试图，两个种子：")
    assert list(printed) == ["重构项", "KL"]
    wanted = np.mean(in_keras.found, axis=0)
    assert list(printed.values()) == pytest.approx(wanted, abs=0.06)
    elbo = [a - b for a, b in in_keras.found]
    found = after(in_keras.printed_by["keras"], "ELBO")
    wanted = [sum(elbo) / 2, min(elbo), max(elbo)]
    assert found == pytest.approx(wanted, abs=0.06)


def test_keras_computes_the_terms_as_pytorch_does(in_keras):
    _, held = pixels()
    x, model = held[:7], in_keras.model
    x_hat, mean, log_var = parts = tuple(np.array(part) for part in model(x))
    fit, kl = in_keras.elbo_terms(x, parts, -0.9)
    wanted = norm.logpdf(x, x_hat, math.exp(-0.9)).sum(axis=1)
    np.testing.assert_allclose(fit, wanted, rtol=1e-5)
    q = Normal(torch.from_numpy(mean), torch.from_numpy(np.exp(log_var / 2)))
    wanted = kl_divergence(q, Normal(0.0, 1.0)).sum(dim=1)
    np.testing.assert_allclose(kl, wanted, rtol=1e-5)


def test_keras_trains_on_the_negative_elbo_averaged_over_the_batch(in_keras):
    _, held = pixels()
    x, model = held[:7], in_keras.model
    x_hat, mean, log_var = parts = tuple(np.array(part) for part in model(x))
    fit = norm.logpdf(x, x_hat, math.exp(model.log_sigma.numpy())).sum(axis=1)
    q = Normal(torch.from_numpy(mean), torch.from_numpy(np.exp(log_var / 2)))
    kl = kl_divergence(q, Normal(0.0, 1.0)).sum(dim=1).numpy()
    model.reset_metrics()
    loss = float(model.compute_loss(x, y_pred=parts))
    assert loss == pytest.approx((kl - fit).mean(), rel=1e-6)
    noted = model.fit_term.result(), model.kl_term.result()
    assert [float(v) for v in noted] == pytest.approx([fit.mean(), kl.mean()], rel=1e-6)


def test_a_seed_of_keras_changes_the_noise_too(in_keras):
    states = []
    for seed in (0, 1, 0):
        keras.utils.set_random_seed(seed)
        states.append(in_keras.VAE().seed.state.numpy().tolist())
    assert states[0] == states[2] != states[1]


def test_keras_draws_z_with_the_encoder_s_mean_and_spread(in_keras):
    """The decoder is replaced by one that returns z."""
    model = in_keras.VAE()
    _, held = pixels()
    x = np.repeat(held[:1], 40_000, axis=0)
    model(x[:2])
    model.decoder = lambda z: z
    z, mean, log_var = (np.array(part) for part in model(x))
    np.testing.assert_allclose(z.mean(axis=0), mean[0], atol=0.04)
    np.testing.assert_allclose(z.std(axis=0), np.exp(log_var[0] / 2), rtol=0.03)


def test_both_frameworks_reach_about_the_same_elbo(digits, in_keras):
    mine = after(digits.printed_by["run"], "ELBO")[0]
    other = after(in_keras.printed_by["keras"], "ELBO")[0]
    assert mine == pytest.approx(other, abs=1.3)
    assert f"印出的 ELBO 平均 {other:.1f}，PyTorch 版 {mine:.1f}" in page()
    assert in_keras.model.optimizer.learning_rate.numpy() == pytest.approx(0.005)


# --- collapse -----------------------------------------------------------------------

Row = namedtuple("Row", "error active kl spread", defaults=[None])


def rows(printed):
    """{name: Row}, of 「…：平方误差 …，用上 … 维」 and the two lines below it.

    The count of dimensions is the least and the most; so is the spread of the error,
    which only stands where there are several seeds.
    """
    found, lines = {}, [*printed.splitlines(), ""]
    for name_line, kl_line, spread in zip(lines, lines[1:], lines[2:], strict=False):
        match = re.fullmatch(r"(.+)：平方误差 (\S+)，用上 (\d)( 到 \d)? 维", name_line)
        if match:
            kl = numbers(kl_line.removeprefix("　每维的 KL "))
            active = int(match[3]), int((match[4] or match[3])[-1])
            said = spread.startswith("　3 个种子，误差 ")
            ends = numbers(spread.removeprefix("　3 个种子")) if said else None
            found[match[1]] = Row(float(match[2]), active, kl, ends)
    return found


def all_rows(collapse):
    return {
        name: row
        for section in ("sigma", "beta", "warm")
        for name, row in rows(collapse.printed_by[section]).items()
    }


def reference(weight, beta=1.0, warm=1, seed=0):
    """The same training with other calls: mse_loss, kl_divergence, rsample."""
    train, held = map(torch.from_numpy, pixels())
    torch.manual_seed(seed)
    encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
    decoder = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64))
    both = nn.ModuleList([encoder, decoder])
    optimizer = torch.optim.Adam(both.parameters(), lr=0.005)
    prior = Normal(0.0, 1.0)

    def coded(x):
        out = encoder(x)
        return Normal(out[:, :8], torch.exp(0.5 * out[:, 8:]))

    for epoch in range(40):
        ramp = min(1.0, (epoch + 1) / warm)
        for batch in torch.randperm(1500).reshape(15, 100):
            x = train[batch]
            q = coded(x)
            z = q.rsample()
            error = nn.functional.mse_loss(decoder(z), x, reduction="sum")
            kl = kl_divergence(q, prior).sum()
            optimizer.zero_grad()
            ((weight * error + beta * ramp * kl) / 100).backward()
            optimizer.step()
    with torch.no_grad():
        q = coded(held)
        error = nn.functional.mse_loss(decoder(q.mean), held, reduction="sum") / 297
        kl = kl_divergence(q, prior).mean(dim=0).numpy()
    active = int((np.var(q.mean.numpy(), axis=0, ddof=1) > 0.01).sum())
    return Row(error.item(), active, sorted(kl, reverse=True))


@pytest.mark.parametrize(
    ("name", "seeds", "options"),
    [
        ("平方误差求和", 3, {"weight": 1.0}),
        ("平方误差求和，预热 30 轮", 3, {"weight": 1.0, "warm": 30}),
        ("σ = 0.14，β = 4", 3, {"weight": 1 / (2 * 0.14**2), "beta": 4}),
        ("σ = 0.14", 1, {"weight": 1 / (2 * 0.14**2)}),
        ("σ = 0.14，β = 0", 1, {"weight": 1 / (2 * 0.14**2), "beta": 0}),
        ("σ = 0.14，β = 0.1", 1, {"weight": 1 / (2 * 0.14**2), "beta": 0.1}),
    ],
)
def test_printed_collapse_is_that_of_another_trainer(collapse, name, seeds, options):
    row = all_rows(collapse)[name]
    each = [reference(**options, seed=seed) for seed in range(seeds)]
    errors, counts = [r.error for r in each], [r.active for r in each]
    assert row.error == pytest.approx(np.mean(errors), abs=0.011)
    assert row.active == (min(counts), max(counts))
    assert row.kl == pytest.approx(np.mean([r.kl for r in each], axis=0), abs=0.011)
    if seeds == 1:
        assert row.spread is None
    else:
        assert row.spread == pytest.approx([min(errors), max(errors)], abs=0.011)


def test_every_weighting_is_printed(collapse):
    assert list(all_rows(collapse)) == [
        "σ = 0.14",
        "平方误差求和",
        "平方误差取平均",
        "σ = 0.14，β = 0",
        "σ = 0.14，β = 0.1",
        "σ = 0.14，β = 4",
        "平方误差求和，预热 30 轮",
        "平方误差取平均，预热 30 轮",
    ]


def test_the_mean_image_s_error_is_printed(collapse):
    train, held = pixels()
    error = ((held - train.mean(axis=0)) ** 2).sum(axis=1).mean()
    found = after(collapse.printed_by["mean"], "每张都猜平均图：平方误差")
    assert found == [pytest.approx(error, abs=6e-3)]


@pytest.mark.parametrize("name", ["平方误差取平均", "平方误差取平均，预热 30 轮"])
def test_averaging_over_pixels_gives_the_mean_image_and_no_code(collapse, name):
    (error,) = after(collapse.printed_by["mean"], "每张都猜平均图：平方误差")
    row = all_rows(collapse)[name]
    assert row.error == pytest.approx(error, abs=0.03)
    assert row.active == (0, 0) and row.kl == [0] * 8


def test_more_weight_on_the_divergence_leaves_less_of_it(collapse):
    found = all_rows(collapse)
    names = ["σ = 0.14，β = 0", "σ = 0.14，β = 0.1", "σ = 0.14", "σ = 0.14，β = 4"]
    sums = [sum(found[name].kl) for name in names]
    assert sums == sorted(sums, reverse=True) and sums[-1] < sums[-2] / 2
    assert [found[name].active for name in names[:3]] == [(8, 8)] * 3
    assert found["σ = 0.14"].error < 1.3 < found["σ = 0.14，β = 4"].error
    assert sum(found["σ = 0.14"].kl) == pytest.approx(13.6, abs=1)


def test_printed_counts_of_components_above_the_noise(collapse):
    train, _ = pixels()
    values = np.linalg.eigvalsh(np.cov(train.T))
    lines = [
        numbers(line)
        for line in collapse.printed_by["sigma"].splitlines()
        if line.startswith("　等于")
    ]
    wanted = [[s2, (values > s2).sum()] for s2 in (0.14**2, 0.5, 32)]
    np.testing.assert_allclose(lines, wanted, rtol=1e-9)


def test_the_report_says_what_two_given_networks_do(collapse, capsys, monkeypatch):
    """Code 0 is a pixel, code 1 varies by 0.011; the decoder says 0.5."""
    held = collapse.test_set
    small = held[:, 20] * (0.011 / held[:, 20].var()).sqrt()

    def encoder(x):
        out = torch.zeros(len(x), 16)
        out[:, 0] = x[:, 20]
        out[:, 1] = small
        out[:, 8] = -1.0
        return out

    def given(*options, seed):
        assert options == (1.0,)
        return encoder, lambda z: torch.full((len(z), 64), 0.5 + 0.1 * seed)

    monkeypatch.setitem(collapse.report.__globals__, "train", given)
    collapse.report("试", 1.0, seeds=3)
    assert "　3 个种子，误差 " in (said := capsys.readouterr().out)
    spread = rows(said)["试"].spread
    ends = [((held - value) ** 2).sum(dim=1).mean().item() for value in (0.5, 0.7)]
    assert spread == pytest.approx(sorted(ends), abs=6e-3)
    collapse.report("试", 1.0)
    row = rows(capsys.readouterr().out)["试"]
    assert row.spread is None
    error = ((held - 0.5) ** 2).sum(dim=1).mean().item()
    q = Normal(held[:, 20], math.exp(-0.5))
    kl = kl_divergence(q, Normal(0.0, 1.0)).mean().item()
    assert row.error == pytest.approx(error, abs=6e-3)
    assert row.active == (2, 2)
    second = small.square().mean().item() / 2
    assert row.kl == pytest.approx([kl, second] + [0] * 6, abs=6e-3)


def test_the_table_of_weights_is_right():
    text = page()
    for name, weight, variance in [
        (r"学到的 $\sigma=0.14$", f"{1 / (2 * 0.14**2):.1f}", f"{0.14**2:.3g}"),
        ("平方误差求和", "1", "0.5"),
        ("平方误差取平均", "1/64", "32"),
    ]:
        assert f"| {name} | {weight} | {variance} |" in text
    assert 1 / (2 * 0.5) == 1 and 1 / (2 * 32) == 1 / 64


def span(active):
    return " 到 ".join(str(n) for n in sorted(set(active)))


def test_the_text_tells_the_collapse_as_printed(collapse):
    found, text = all_rows(collapse), page()
    said = found["平方误差求和"]
    mended = found["平方误差求和，预热 30 轮"]
    assert (
        f"平均误差从 {said.error:.2f} 降到 {mended.error:.2f}，"
        f"用上 {span(mended.active)} 维"
    ) in text
    assert mended.spread[1] < said.spread[0]  # of no seed otherwise
    three = "、".join(f"{value:.2f}" for value in said.kl[:3])
    train, _ = pixels()
    spread = np.linalg.eigvalsh(np.cov(train.T))
    rule = np.log(np.sort(spread)[-3:] / 0.5) / 2
    said_rule = "、".join(f"{value:.2f}" for value in sorted(rule, reverse=True))
    assert f"约 {said_rule}，实测平均只有 {three}" in text
    assert f"取平均，误差 {found['平方误差取平均'].error:.2f}" in text
    assert f"平方误差求和，误差平均 {said.error:.2f}，" in text
    assert f"中间那种三个种子用上 {span(said.active)} 维" in text
    assert max(said.kl) < 0.1 and "平均的 KL 却没有一维到 0.1" in text
    assert all(np.array(mended.kl[:3]) > sorted(rule, reverse=True))
    four = found["σ = 0.14，β = 4"]
    assert max(four.kl[-2:]) <= 0.01 < min(four.kl[:-2]) / 10
    assert f"，误差平均升到 {four.error:.2f}" in text
    assert f"三个种子却只用上 {span(four.active)} 维" in text
    assert (spread > 4 * 0.14**2).sum() >= 8 and round(4 * 0.14**2, 2) == 0.08
    assert f"时约有 {(spread > 0.14**2).sum()} 个主成分" in text
    names = "σ = 0.14", "平方误差取平均"
    assert [found[name].active for name in names] == [(8, 8), (0, 0)]
    assert 64 / (2 * 0.14**2) == pytest.approx(1600, rel=0.03)  # β of the mean


def test_the_steps_of_beta_tell_the_printed_divergences(collapse):
    """「每维 5 到 7」: the least and the greatest of the eight, as rounded there."""
    found, text = all_rows(collapse), page()
    for name, said, places in [
        ("σ = 0.14，β = 0", "每维 5 到 7。", 0),
        ("σ = 0.14，β = 0.1", "每维 3 到 4。", 0),
        ("σ = 0.14", "每维 1.4 到 2，都用上。", 1),
    ]:
        kl = found[name].kl
        assert f"{said}</p>" in text
        ends = [round(min(kl), places), round(max(kl), places)]
        assert numbers(said) == ends


def test_exercise_2_s_mean_image_still_leaves_room_for_the_code(collapse):
    train, _ = pixels()
    (error,) = after(collapse.printed_by["mean"], "每张都猜平均图：平方误差")
    text = page()
    assert f"$32/{error:.2f}\\approx{32 / error:.1f}$" in text
    assert rf"$\sigma^2\approx{error / 64:.3f}$" in text
    assert (np.linalg.eigvalsh(np.cov(train.T)) > error / 64).sum() > 8


# --- quality ------------------------------------------------------------------------


def scores(draw):
    _, held = pixels()
    drawn = [draw(np.random.default_rng(seed)) for seed in range(5)]
    found = [(frechet(x, held), told_apart(x, held)) for x in drawn]
    return np.mean(found, axis=0)


def printed_score(quality, section, name):
    return after(quality.printed_by[section], f"{name}：弗雷歇距离")


def printed_spread(quality, section, name):
    """The least and the most of both numbers, from the line below if it is of these."""
    lines = [*quality.printed_by[section].splitlines(), ""]
    (place,) = [i for i, line in enumerate(lines) if line.startswith(f"{name}：")]
    below = lines[place + 1]
    return after(below, "　3 个种子：") if below.startswith("　") else None


def real(rng):
    return rng.choice(pixels()[0], 297, replace=False)


def shuffled(rng):
    return rng.permuted(pixels()[0], axis=0)[:297]


def gaussian(rng):
    """The same numbers through another contraction."""
    train, _ = pixels()
    mean = train.mean(axis=0)
    mix = rng.standard_normal((297, 1500))
    return np.clip(mean + np.einsum("nk,kp->np", mix, train - mean) / 1499**0.5, 0, 1)


def test_the_gaussian_has_the_law_of_numpy_s_own(quality):
    """Many draws of both, before and behind the clipping at 0 and 1."""
    train, held = pixels()
    mean, cov = train.mean(axis=0), np.cov(train, rowvar=False)
    found, wanted = [], []
    for seed in range(20):
        rng = np.random.default_rng(100 + seed)
        mine = quality.gaussian(rng, 297)
        other = rng.multivariate_normal(mean, cov, 297).clip(0, 1)
        for draws, x in ((found, mine), (wanted, other)):
            draws.append((frechet(x, held), told_apart(x, held)))
    assert np.mean(found, axis=0) == pytest.approx(np.mean(wanted, axis=0), abs=0.015)


BASELINES = {
    "真的训练图": real,
    "每个像素单独抽": shuffled,
    "一个高斯": gaussian,
    "与平均图各半": lambda rng: (real(rng) + pixels()[0].mean(axis=0)) / 2,
}


@pytest.mark.parametrize("name", BASELINES)
def test_printed_baselines_by_scipy_and_scikit_learn(quality, name):
    apart, right = scores(BASELINES[name])
    found = printed_score(quality, "baseline", name)
    assert found[0] == pytest.approx(apart, abs=6e-3)
    assert found[1] / 100 == pytest.approx(right, abs=6e-3)


def decoded(decoder, z):
    return output(Net(*weights(decoder)), z)


def weights(net):
    for layer in (net[0], net[2]):
        yield layer.weight.detach().numpy().T
        yield layer.bias.detach().numpy()


def from_prior(rng, encoder, decoder):
    return decoded(decoder, rng.standard_normal((297, 8))).clip(0, 1)


def with_noise(rng, encoder, decoder):
    x = decoded(decoder, rng.standard_normal((297, 8)))
    return (x + rng.normal(0, 0.14, size=x.shape)).clip(0, 1)


def rebuilt(rng, encoder, decoder):
    mean, log_var = np.split(output(Net(*weights(encoder)), real(rng)), 2, 1)
    z = mean + np.sqrt(np.exp(log_var)) * rng.standard_normal(mean.shape)
    return decoded(decoder, z).clip(0, 1)


DRAWN = [
    ("samples", "β = 0，从先验抽", 0, from_prior),
    ("samples", "β = 0.1，从先验抽", 0.1, from_prior),
    ("samples", "β = 1，从先验抽", 1, from_prior),
    ("samples", "β = 4，从先验抽", 4, from_prior),
    ("why", "β = 1，加上像素的噪声", 1, with_noise),
    ("why", "β = 1，训练图的重构", 1, rebuilt),
]


@pytest.mark.parametrize(("section", "name", "beta", "draw"), DRAWN)
def test_printed_scores_are_those_of_the_networks(quality, section, name, beta, draw):
    networks = quality.trained[beta]
    each = np.array(
        [scores(lambda rng, pair=pair: draw(rng, *pair)) for pair in networks]
    )
    assert len(networks) == (1 if beta < 1 else 3)
    apart, right = printed_score(quality, section, name)
    wanted = each.mean(axis=0)
    assert [apart, right / 100] == pytest.approx(wanted, abs=6e-3)
    if len(networks) == 1:
        assert printed_spread(quality, section, name) is None
        return
    near, far, least, most = printed_spread(quality, section, name)
    found = [[near, least / 100], [far, most / 100]]
    np.testing.assert_allclose(found, [each.min(axis=0), each.max(axis=0)], atol=6e-3)


def test_without_the_divergence_the_prior_draws_no_digits(quality):
    """Worse than pixels drawn one by one, in both numbers."""
    none = printed_score(quality, "samples", "β = 0，从先验抽")
    some = printed_score(quality, "samples", "β = 0.1，从先验抽")
    one = printed_score(quality, "samples", "β = 1，从先验抽")
    four = printed_score(quality, "samples", "β = 4，从先验抽")
    pixel = printed_score(quality, "baseline", "每个像素单独抽")
    assert none[0] > some[0] > pixel[0] > one[0]
    assert none[1] > some[1] > one[1] > four[1]
    assert one[0] < four[0]


def test_the_gaussian_wins_the_distance_and_loses_the_neighbours(quality):
    gauss = printed_score(quality, "baseline", "一个高斯")
    vae = printed_score(quality, "samples", "β = 1，从先验抽")
    assert gauss[0] < vae[0] / 2
    assert gauss[1] > vae[1] > 75


def test_shuffled_images_take_real_ones_for_their_neighbours():
    """「约四成反倒与真图挨着」: the shuffled are found out less often than the real."""
    _, held = pixels()
    shares = []
    for seed in range(5):
        both = np.concatenate([shuffled(np.random.default_rng(seed)), held])
        _, places = KNeighborsClassifier(2).fit(both, np.zeros(594)).kneighbors(both)
        nearest = [[p for p in row if p != i][0] for i, row in enumerate(places)]
        to_real = np.array(nearest) >= 297
        shares.append((to_real[:297].mean(), to_real[297:].mean()))
    fooled, right = np.mean(shares, axis=0)
    assert fooled == pytest.approx(0.4, abs=0.05) and right > 0.95
    assert "约四成反倒与真图挨着" in page()


def test_the_text_tells_the_scores_as_printed(quality):
    text = page()
    real_one = printed_score(quality, "baseline", "真的训练图")
    gauss = printed_score(quality, "baseline", "一个高斯")
    pixel = printed_score(quality, "baseline", "每个像素单独抽")
    prior = printed_score(quality, "samples", "β = 1，从先验抽")
    again = printed_score(quality, "why", "β = 1，训练图的重构")
    noisy = printed_score(quality, "why", "β = 1，加上像素的噪声")
    assert f"真图对真图是 {real_one[0]:.2f} 与 {real_one[1]:.0f}%" in text
    assert f"弗雷歇距离 {gauss[0]:.2f}" in text
    assert f"近邻却有 {gauss[1]:.0f}% 分得清" in text
    assert f"只有 {pixel[1]:.0f}%" in text
    assert f"近邻分对 {again[1]:.0f}%；从先验抽的，{prior[1]:.0f}%" in text
    assert f"（{noisy[1]:.0f}% 对 {prior[1]:.0f}%）" in text
    steps = (
        f"从 {real_one[1]:.0f}% 到 {again[1]:.0f}%",
        f"从 {again[1]:.0f}% 到 {prior[1]:.0f}%",
    )
    assert all(step in text for step in steps)
    one, four = (
        printed_spread(quality, "samples", f"β = {beta}，从先验抽") for beta in (1, 4)
    )
    assert one[1] < four[0] and four[3] < one[2]
    assert "两者的范围都不重叠" in text


@pytest.mark.parametrize(("beta", "seed"), [(1, 0), (1, 2), (4, 1)])
def test_another_trainer_reaches_the_same_network(quality, beta, seed):
    """A β of ``quality`` is that of the page's collapse at σ = 0.14."""
    _, held = pixels()
    with double():
        wanted = reference(1 / (2 * 0.14**2), beta, seed=seed)
    encoder, decoder = quality.trained[beta][seed]
    mean, log_var = np.split(output(Net(*weights(encoder)), held), 2, axis=1)
    kl = ((mean**2 + np.exp(log_var) - 1 - log_var) / 2).mean(axis=0)
    error = ((decoded(decoder, mean) - held) ** 2).sum(axis=1).mean()
    assert sorted(kl, reverse=True) == pytest.approx(wanted.kl, abs=1e-4)
    assert error == pytest.approx(wanted.error, abs=1e-4)


def test_scipy_s_root_agrees_in_print(quality):
    _, held = pixels()
    x = real(np.random.default_rng(0))
    inner = (x.std(axis=0) > 0.02) & (held.std(axis=0) > 0.02)
    a, b = x * inner, held * inner
    found = numbers(line_of(quality.printed_by["library"], "弗雷歇距离："))
    assert found == pytest.approx([frechet(a, b)] * 2, abs=2e-4)


# --- figures ------------------------------------------------------------------------


def drawn(name):
    return (FIGURES / f"vae-{name}.svg").read_text(encoding="utf-8")


def attributes(source, tag, *names):
    """The named numbers of each ``tag``, in order; those without one are left out."""
    found = []
    for element in re.findall(rf"<{tag} [^>]*>", source):
        values = [re.search(rf' {name}="([-\d.]+)"', element) for name in names]
        if all(values):
            found.append([float(value[1]) for value in values])
    return found


def test_the_bars_of_the_bound_are_to_scale(hand):
    source = drawn("bound")
    bars = [
        (x, w)
        for x, w, h in attributes(source, "rect", "x", "width", "height")
        if h == 20
    ]
    wanted = []
    for name in CHOICES:
        found = named(hand.printed_by["elbo"], f"{name}：")
        wanted += [-found["重构"]] + [found["KL"]] * (found["KL"] > 0)
        gap = "差 0" if name == "真后验" else f"差 {found['差']:.4f}"
        assert f">{gap}</text>" in source
    widths = [w for _, w in bars]
    scale = widths[0] / wanted[0]
    assert widths == pytest.approx([scale * v for v in wanted], abs=0.11)
    (line,) = re.findall(r'd="M([\d.]+) 26V', source)
    assert float(line) == pytest.approx(bars[0][0] - scale * LOG_P, abs=0.11)


def test_the_bars_of_beta_are_the_printed_divergences(collapse):
    found = all_rows(collapse)
    names = ["σ = 0.14，β = 0", "σ = 0.14，β = 0.1", "σ = 0.14", "σ = 0.14，β = 4"]
    for step, name in enumerate([*names, "平方误差取平均"], start=1):
        bars = attributes(drawn(f"beta-{step}"), "rect", "x", "height")
        heights = {x: h for x, h in bars}
        kl = [heights.get(38.0 + 31 * i, 0.0) / 17.5 for i in range(8)]
        wanted = [max(value, 1.5 / 17.5) for value in found[name].kl]  # no bar hides
        assert kl == pytest.approx(wanted, abs=0.06)


def test_the_dots_of_the_quality_are_the_printed_scores(quality):
    wanted = [
        printed_score(quality, "baseline", name)
        for name in ("真的训练图", "每个像素单独抽", "一个高斯", "与平均图各半")
    ]
    for beta in ("0", "0.1", "1", "4"):
        wanted.append(printed_score(quality, "samples", f"β = {beta}，从先验抽"))
    wanted.append(printed_score(quality, "why", "β = 1，训练图的重构"))
    dots = np.array(attributes(drawn("quality"), "circle", "cx", "cy"))
    np.testing.assert_allclose(dots[:, 0], 40 + 74 * np.array(wanted)[:, 0], atol=0.11)
    np.testing.assert_allclose(dots[:, 1], 424 - 4 * np.array(wanted)[:, 1], atol=0.11)


def test_the_curves_of_the_posterior_are_the_three_densities():
    """The three longest paths: the prior, the likelihood, the posterior."""
    paths = re.findall(r'<path d="M([\d. ]{300,})"', drawn("posterior"))
    assert len(paths) == 3
    for path, (m, s2) in zip(paths, [(0, 1), (2, 1), (1, 0.5)], strict=True):
        x, y = np.array(path.split(), float).reshape(-1, 2).T
        density = norm.pdf((x - 117.5) / 32.5, m, math.sqrt(s2))
        np.testing.assert_allclose(178 - y, density * 230, atol=0.25)


# --- practice: algorithms/vae_practice_numpy ----------------------------------------

SOLUTION = """
def negative_elbo(x, logits, mean, log_var):
    error = np.logaddexp(0, logits) - x * logits
    kl = (mean**2 + np.exp(log_var) - 1 - log_var) / 2
    error, kl = error.sum(axis=1).mean(), kl.sum(axis=1).mean()
    return error, kl, error + kl
"""
AVERAGE = ("error.sum(axis=1).mean()", "error.mean()")
WRONG = [
    AVERAGE,  # the reader's slip: the mean over the pixels
    ("kl.sum(axis=1).mean()", "kl.mean()"),
    ("error.sum(axis=1).mean()", "error.sum()"),
    ("kl.sum(axis=1).mean()", "kl.sum()"),
    ("error.sum(axis=1).mean()", "error.sum(axis=0).mean()"),
    ("- x * logits", "+ x * logits"),
    ("np.logaddexp(0, logits)", "np.log(1 + np.exp(logits))"),  # overflows
    ("np.logaddexp(0, logits) - x * logits", "np.logaddexp(0, -logits) * x"),
    ("- x * logits", "- logits"),
    ("(x, logits, mean, log_var):", "(x, logits, mean, log_var):\n    x = x.round()"),
    ("np.exp(log_var) - 1", "np.exp(log_var / 2) - 1"),  # takes it for a deviation
    ("np.exp(log_var) - 1", "np.exp(2 * log_var) - 1"),
    ("- 1 - log_var", "- 1 + log_var"),
    ("- 1 - log_var", "- log_var"),
    ("mean**2", "mean"),
    ("- log_var) / 2", "- log_var)"),
    ("kl = (", "kl = -("),
    ("error + kl\n", "error - kl\n"),
    ("return error, kl, error + kl", "return error + kl"),
    ("error = np", "logits -= 0.5\n    error = np"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_torch_distributions_say(case):
    _, given, want, _ = case
    x, logits, mean, log_var = (torch.from_numpy(v) for v in given.values())
    pixel = Bernoulli(logits=logits, validate_args=False)
    error = -pixel.log_prob(x).sum(dim=1).mean().item()
    q = Normal(mean, torch.exp(log_var / 2))
    kl = kl_divergence(q, Normal(0.0, 1.0)).sum(dim=1).mean().item()
    assert want == pytest.approx((error, kl, error + kl), abs=6e-7)


def test_the_page_s_loss_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_loss_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_averaging_the_pixels_fails_the_practice():
    assert practice.failing(PRACTICE, SOLUTION, AVERAGE) in page()
