"""The parity-in-training page: gradients, checks against faults, trajectories, masks.

References that the programs never call: torch's autograd and Adam against NumPy's and
Keras's, SciPy's binomial distribution, subgradients by hand, the faults written anew in
torch. Tolerances of the trajectories, measured on CPU (largest over the 803 steps) and
then rounded up:

====================  =======================  ========  =========
precision             compared with NumPy       measured  allowed
====================  =======================  ========  =========
float32, step losses  PyTorch                  9e-8      2e-6
float32, step losses  Keras                    1.4e-6    1e-5
float64, step losses  PyTorch                  2e-16     1e-12
float64, step losses  Keras                    1.2e-6    1e-5
float64, step losses  Keras, its rounded betas 2e-10     5e-9
====================  =======================  ========  =========
"""

import contextlib
import io
import math
import re
import runpy
from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from scipy.stats import binom, norm
from sklearn.preprocessing import StandardScaler
from torch import nn

from handbook.programs import practice
from handbook.programs.record import difference
from tests.conftest import ROOT
from tests.printed import after, line_of

PAGE = ROOT / "docs/frameworks/parity-training.md"
PROGRAM = ROOT / "snippets/frameworks/parity_training_drift_numpy.py"
BY_HAND = "binary_classifier_numpy"
TWINS = ["parity_training_torch", "parity_training_tf"]
Run = Callable[[str], SimpleNamespace]
Variant = Callable[..., SimpleNamespace]


def assert_close(a, b, atol: float = 0.0, rtol: float = 0.0) -> None:
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=atol, rtol=rtol)


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def steps(namespace: SimpleNamespace, n: int = 8) -> list[float]:
    return namespace.runs[n][2][0]


def valid_losses(namespace: SimpleNamespace, n: int = 8) -> list[float]:
    return namespace.runs[n][2][-1]


def running_mean(step_loss: list[float]) -> np.ndarray:
    """What Keras logs: within each epoch, the mean over the examples seen so far."""
    sizes = np.array([32] * 10 + [21])  # 341 rows
    losses = np.array(step_loss, dtype=float).reshape(-1, len(sizes))
    return (np.cumsum(losses * sizes, axis=1) / np.cumsum(sizes)).ravel()


def weights_of(model: object) -> list[np.ndarray]:
    """A network's weights, each as (in, out), whatever the framework."""
    if isinstance(model, dict):
        return [model[name] for name in ("w1", "b1", "w2", "b2")]
    if isinstance(model, keras.Model):
        return [np.asarray(w) for w in model.trainable_weights]
    return [p.detach().cpu().numpy().T for p in model.parameters()]


@pytest.fixture(scope="session")
def variant(tmp_path_factory: pytest.TempPathFactory) -> Variant:
    """``variant("parity_training_tf", {"old": "new"})``: its text changed, then run."""

    def run(version: str, changes: dict[str, str]) -> SimpleNamespace:
        name = f"{version}.py"
        text = (ROOT / "snippets/frameworks" / name).read_text(encoding="utf-8")
        for old, new in changes.items():
            assert old in text, f"{name} no longer has {old!r}"
            text = text.replace(old, new)
        folder = tmp_path_factory.mktemp(version)
        (folder / name).write_text(text, encoding="utf-8")
        if "float64" in changes.get('DTYPE = "float32"', ""):
            keras.config.set_dtype_policy("float64")  # set_floatx alone comes too late
        try:
            with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
                return SimpleNamespace(**runpy.run_path(str(folder / name)))
        finally:
            torch.set_default_dtype(torch.float32)
            keras.config.set_floatx("float32")
            keras.config.set_dtype_policy("float32")

    return run


@pytest.fixture(scope="session")
def in_float64(variant: Variant) -> dict[str, SimpleNamespace]:
    """Each of the three parity programs with every array in float64."""
    double = {'DTYPE = "float32"': 'DTYPE = "float64"'}
    return {version: variant(version, double) for version in [BY_HAND, *TWINS]}


# --- parity: the three trajectories -------------------------------------------


@pytest.mark.parametrize(("n", "count"), [(8, 803), (30, 550)])
def test_torch_follows_numpy_step_by_step(run_snippet, n, count):
    mine = steps(run_snippet(f"frameworks/{BY_HAND}"), n)
    theirs = steps(run_snippet("frameworks/parity_training_torch"), n)
    assert len(mine) == len(theirs) == count
    assert_close(theirs, mine, atol=2e-6)


@pytest.mark.parametrize(("n", "count"), [(8, 803), (30, 550)])
def test_keras_follows_numpy_step_by_step(run_snippet, n, count):
    mine = steps(run_snippet(f"frameworks/{BY_HAND}"), n)
    theirs = steps(run_snippet("frameworks/parity_training_tf"), n)
    assert len(mine) == len(theirs) == count
    assert_close(theirs, running_mean(mine), atol=1e-5)


@pytest.mark.parametrize("version", TWINS)
def test_the_parity_programs_print_what_the_program_by_hand_prints(
    run_snippet, version
):
    mine = run_snippet(f"frameworks/{BY_HAND}").printed_by["train"]
    theirs = run_snippet(f"frameworks/{version}").printed_by["train"]
    assert difference(mine, theirs) is None


@pytest.mark.parametrize("n", [8, 30])
@pytest.mark.parametrize("version", TWINS)
def test_validation_losses_agree_after_every_epoch(run_snippet, version, n):
    mine = run_snippet(f"frameworks/{BY_HAND}")
    theirs = run_snippet(f"frameworks/{version}")
    assert_close(valid_losses(theirs, n), valid_losses(mine, n), atol=1e-5)


@pytest.mark.parametrize("version", TWINS)
def test_restored_weights_agree(run_snippet, version):
    mine = run_snippet(f"frameworks/{BY_HAND}").runs[8][0]
    theirs = run_snippet(f"frameworks/{version}").runs[8][0]
    for a, b in zip(weights_of(mine), weights_of(theirs), strict=True):
        assert_close(b, a, atol=5e-5)


def test_in_float64_torch_follows_numpy_to_twelve_digits(in_float64):
    mine, theirs = (steps(in_float64[v]) for v in (BY_HAND, TWINS[0]))
    assert_close(theirs, mine, atol=1e-12)


def test_in_float64_keras_still_differs_by_a_millionth(in_float64):
    mine = running_mean(steps(in_float64[BY_HAND]))
    worst = np.abs(mine - steps(in_float64[TWINS[1]])).max()
    assert 1e-7 < worst < 1e-5


def test_that_millionth_is_keras_rounding_its_betas_to_float32(in_float64, variant):
    rounded = {
        'DTYPE = "float32"': 'DTYPE = "float64"',
        "(1 - beta1**step)": "(1 - float(np.float32(beta1)) ** step)",
        "(1 - beta2**step)": "(1 - float(np.float32(beta2)) ** step)",
    }
    mine = running_mean(steps(variant(BY_HAND, rounded)))
    assert_close(steps(in_float64[TWINS[1]]), mine, atol=5e-9)


def test_what_keras_logs_in_training_is_a_running_mean(run_snippet):
    batch_losses = steps(run_snippet(f"frameworks/{BY_HAND}"))
    logged = steps(run_snippet("frameworks/parity_training_tf"))
    assert np.abs(np.array(logged) - batch_losses).max() > 0.1
    assert_close(logged, running_mean(batch_losses), atol=1e-5)


# --- how far runs drift --------------------------------------------------------


@pytest.fixture(scope="module")
def drifting(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("frameworks/parity_training_drift_numpy")


def torch_path(
    drifting: SimpleNamespace,
    steps: int,
    eps: float,
    eps_hat: float = 0.0,
    divisor: int | None = None,
    seed: int = 0,
) -> np.ndarray:
    """The run of the parity program by torch's autograd and Adam, in float64."""
    train = drifting.train
    z = StandardScaler().fit(drifting.dataset.data[train, :8])
    z = torch.tensor(z.transform(drifting.dataset.data[:, :8]))
    rng, order = np.random.default_rng(seed), np.random.default_rng(1)
    w1 = rng.uniform(-1, 1, (8, 10)) * math.sqrt(6 / 18)
    w2 = rng.uniform(-1, 1, (10, 1)) * math.sqrt(6 / 11)
    leaves = [torch.tensor(w) for w in (w1, np.zeros(10), w2, np.zeros(1))]
    leaves = [nn.Parameter(leaf) for leaf in leaves]
    optimizer = torch.optim.Adam(leaves, lr=0.01, eps=eps)
    path = []
    while True:
        for batch in torch.tensor(order.permutation(train)).split(32):
            optimizer.zero_grad()
            hidden = torch.relu(z[batch] @ leaves[0] + leaves[1])
            losses = nn.functional.binary_cross_entropy_with_logits(
                (hidden @ leaves[2] + leaves[3]).squeeze(1),
                torch.tensor(drifting.y)[batch],
                reduction="none",
            )
            (losses.sum() / (divisor or len(batch))).backward()
            root = math.sqrt(1 - 0.999 ** (len(path) + 1))
            optimizer.param_groups[0]["eps"] = eps + eps_hat / root
            optimizer.step()
            path.append(torch.cat([p.detach().ravel() for p in leaves]).numpy())
            if len(path) == steps:
                return np.array(path)


def test_the_reference_path_is_torchs(drifting):
    assert_close(drifting.reference(0), torch_path(drifting, 800, eps=1e-12), atol=1e-9)


def test_the_path_with_the_default_eps_is_torchs(drifting):
    assert_close(
        drifting.path(eps=1e-8)[:300], torch_path(drifting, 300, 1e-8), atol=1e-9
    )


def test_the_path_with_eps_hat_is_torchs_with_the_equivalent_eps(drifting):
    expected = torch_path(drifting, 300, eps=0.0, eps_hat=1e-7)
    assert_close(drifting.path(eps=0.0, eps_hat=1e-7)[:300], expected, atol=1e-9)


def test_eps_hat_stands_where_keras_adam_has_it():
    rng = np.random.default_rng(5)
    weight, eps_hat = rng.normal(size=6), 1e-3
    variable = keras.Variable(weight, dtype="float64")
    optimizer = keras.optimizers.Adam(0.01, epsilon=eps_hat)
    m = v = np.zeros(6)
    for t in range(1, 51):
        grad = rng.normal(size=6) * 1e-2
        optimizer.apply([tf.constant(grad)], [variable])
        m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad**2
        c1, c2 = 1 - 0.9**t, (1 - 0.999**t) ** 0.5
        weight = weight - 0.01 * (m / c1) / ((np.sqrt(v) + eps_hat) / c2)
    assert_close(variable.numpy(), weight, atol=1e-6)


def test_rounding_stays_far_below_a_real_difference(drifting):
    assert 10 * drifting.plain.max() < drifting.drift(eps=0.0, eps_hat=1e-7).max()
    wrong = drifting.drift(gradients=drifting.always_32)
    assert 1000 * drifting.plain.max() < wrong.max()


def test_a_wrong_divisor_shows_at_the_first_batch_that_is_not_full(drifting):
    wrong = drifting.drift(gradients=drifting.always_32)
    assert np.all(wrong[:10] == 0)
    assert wrong[10] > 1e-4


def test_the_wrong_divisor_shrinks_the_last_gradient_to_21_of_32(drifting):
    rows, targets = drifting.exact[drifting.train[:21]], drifting.y[drifting.train[:21]]
    weights = [np.ones((8, 10)), np.zeros(10), np.ones((10, 1)), np.zeros(1)]
    right = drifting.gradients(weights, rows, targets)
    wrong = drifting.always_32(weights, rows, targets)
    for a, b in zip(wrong, right, strict=True):
        assert_close(a, np.multiply(b, 21 / 32), rtol=1e-12)


def test_summing_in_reverse_is_the_same_gradient(drifting):
    rows, targets = drifting.exact[drifting.train[:32]], drifting.y[drifting.train[:32]]
    weights = [np.ones((8, 10)), np.zeros(10), np.ones((10, 1)), np.zeros(1)]
    mine = drifting.in_reverse(weights, rows, targets)
    for a, b in zip(mine, drifting.gradients(weights, rows, targets), strict=True):
        assert_close(a, b, atol=1e-12)


def test_the_printed_drift_of_the_real_differences_is_that_of_torch(drifting):
    changes = {
        "PyTorch 默认 eps = 1e-8": torch_path(drifting, 100, eps=1e-8),
        "Keras 默认 eps_hat = 1e-7": torch_path(drifting, 100, 0.0, eps_hat=1e-7),
    }
    right = torch_path(drifting, 100, eps=1e-12)
    for name, wrong in changes.items():
        said = after(drifting.printed_by["real-differences"], f"{name}：权重差 ")
        gap = np.abs(wrong - right).max(axis=1)
        assert said[::2] == [1, 11, 100, 800]
        for printed, step in zip(said[1:6:2], (1, 11, 100), strict=True):
            assert printed == pytest.approx(gap[step - 1], rel=0.06, abs=0)


def test_the_printed_drift_of_the_wrong_divisor_is_that_of_torch(drifting):
    said = after(drifting.printed_by["real-differences"], "最后一批也除以 32：权重差 ")
    right = torch_path(drifting, 800, eps=1e-12)
    wrong = torch_path(drifting, 800, eps=1e-12, divisor=32)
    gap = np.abs(wrong - right).max(axis=1)
    assert said[1] == gap[0] == 0
    for printed, step in zip(said[3::2], (11, 100, 800), strict=True):
        assert printed == pytest.approx(gap[step - 1], rel=0.06, abs=0)


def test_what_is_said_of_rounding_is_true_of_the_paths(drifting):
    assert drifting.printed_by["rounding"].splitlines() == [
        "只是舍入（float32 与 float64 相比）：",
        "  第 1 步权重差 < 1e-6： True True",
        "  800 步内一直 < 1e-4： True True",
        "  后 100 步比前 100 步大： True",
    ]
    assert not np.array_equal(drifting.plain, drifting.reverse)
    narrow = drifting.exact.astype("float32")
    assert drifting.path(z=narrow).dtype == np.float32
    assert drifting.path().dtype == np.float64
    assert_close(drifting.plain, drifting.drift(z=narrow), rtol=0)
    for path in (drifting.plain, drifting.reverse):
        assert len(path) == 800
        assert path[0] < 1e-6 and path.max() < 1e-4
    assert drifting.plain[-100:].max() > 2 * drifting.plain[:100].max()
    assert "axis.axhspan(1e-8, 1e-4," in PROGRAM.read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", [4, 9])
def test_from_other_weights_the_real_differences_end_as_torchs_do(drifting, seed):
    right = torch_path(drifting, 800, eps=1e-12, seed=seed)[-1]
    changed = {
        "PyTorch 默认 eps = 1e-8": {"eps": 1e-8},
        "Keras 默认 eps_hat = 1e-7": {"eps": 0.0, "eps_hat": 1e-7},
        "最后一批也除以 32": {"eps": 1e-12, "divisor": 32},
    }
    for name, changes in changed.items():
        wrong = torch_path(drifting, 800, seed=seed, **changes)[-1]
        mine = drifting.drift(seed=seed, **drifting.CHANGES[name])[-1]
        assert mine == pytest.approx(np.abs(wrong - right).max(), rel=1e-3), name


def test_the_printed_ranges_are_those_of_twenty_paths(drifting):
    first, *rest = drifting.printed_by["seeds"].splitlines()
    assert first == "20 组初始权重：舍入都一直 < 1e-4： True"
    gaps = [drifting.drift(seed=s, eps=1e-8).max() for s in range(20)]
    assert sum(gap < 1e-4 for gap in gaps) == 19  # in the grey, as the page says
    assert len(drifting.largest) == 20 and max(drifting.largest) < 1e-5
    for (name, changes), line in zip(drifting.CHANGES.items(), rest, strict=True):
        last = [drifting.drift(seed=s, **changes)[-1] for s in range(20)]
        many = sum(gap > 1e-3 for gap in last)
        assert line == (
            f"{name}：第 800 步 {min(last):.0e} 到 {max(last):.0e}，"
            f"大于 1e-3 的 {many} 组"
        )
        assert not any(5e-4 < gap < 2e-3 for gap in last), name  # far from the line


def test_the_page_says_of_the_real_differences_what_is_printed(drifting):
    eps, eps_hat, divisor = drifting.printed_by["seeds"].splitlines()[1:]
    *_, hidden = after(eps, "PyTorch 默认 eps = 1e-8：")
    assert (
        f"PyTorch 的那一个，{20 - hidden:.0f} 组藏得住，一组" in page() and hidden == 1
    )
    *_, grown = after(eps_hat, "Keras 默认 eps_hat = 1e-7：")
    assert f"另有 {grown:.0f} 组被训练放大到千分之一以上" in page()
    assert after(divisor, "最后一批也除以 32：")[-1] == 20
    first = drifting.apart["Keras 默认 eps_hat = 1e-7"][0]
    assert f"第 1 步就差 ${first * 1e4:.1f}\\times10^{{-4}}$" in page()
    assert f"第 1 步被放大约 {1 / math.sqrt(0.001):.0f} 倍" in page()


# --- gradients at kinks -------------------------------------------------------


@pytest.fixture
def kinks(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("frameworks/parity_training_gradients_tf")


def test_the_printed_gradients_are_the_known_choices_of_each_library(kinks):
    nan = math.nan
    known = {
        "relu(x)，x 是 0": ([0.0], [0.0]),
        "max(x)，两个并列": ([1.0, 0.0], [0.5, 0.5]),
        "max(x, 2)，x 是 2": ([0.5], [1.0]),
        "hardtanh(x)，x 是 1": ([0.0], [1.0]),
        "长度，零向量": ([0.0, 0.0], [nan, nan]),
        "round(x)，x 是 0.3": ([0.0], None),
    }
    lines = kinks.printed_by["kinks"].splitlines()
    assert lines == [
        f"{name}：值相等；梯度 {ours} 与 {theirs}"
        for name, (ours, theirs) in known.items()
    ]


def test_the_values_at_the_kinks_are_equal_and_those_by_hand(kinks):
    values = [(v, o) for (v, _), (o, _) in kinks.found.values()]
    assert values == [(x, x) for x in (0.0, 2.0, 2.0, 1.0, 0.0, 0.0)]


def test_each_kink_is_met_where_its_name_says(kinks):
    inputs = [x for _, _, x in kinks.KINKS.values()]
    assert inputs == [[0.0], [2.0, 2.0], [2.0], [1.0], [0.0, 0.0], [0.3]]


@pytest.mark.parametrize("name", ["relu", "max(x)", "max(x, 2)", "hardtanh"])
def test_both_choices_are_subgradients(kinks, name):
    """f(x + h) >= f(x) + g·h near x for these convex pieces (hardtanh: on its left)."""
    (key,) = [
        k
        for k in kinks.KINKS
        if k.startswith(f"{name}，") or k.startswith(f"{name}(x)")
    ]
    function, _, x = kinks.KINKS[key]
    for gradient in (kinks.found[key][0][1], kinks.found[key][1][1]):
        g = np.array(gradient)
        for h in np.random.default_rng(0).normal(size=(50, len(x))) * 1e-3:
            if name == "hardtanh":
                h = -np.abs(h)
            moved = function(torch.tensor(x + h)).sum().item()
            sign = -1 if name == "hardtanh" else 1  # concave at 1
            assert sign * (moved - kinks.found[key][0][0] - g @ h) >= -1e-12


def test_the_padding_word_has_a_gradient_only_in_keras(kinks):
    words = kinks.words.ravel().tolist()
    counts = [float(words.count(i)) for i in range(4)]
    assert counts == [3, 1, 1, 1] and "0 号出现三次，就是 3" in page()
    said = kinks.printed_by["padding"].splitlines()
    assert said == [
        "前向相等： True",
        f"PyTorch 里四个词的梯度： {[0.0, *counts[1:]]}",
        f"Keras 里四个词的梯度： {counts}",
    ]
    free = nn.Embedding(4, 2, dtype=torch.float64)  # without padding_idx
    free(torch.from_numpy(kinks.words)).sum().backward()
    assert free.weight.grad[:, 0].tolist() == counts


# --- which check notices which fault ------------------------------------------


@pytest.fixture
def mutants(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("frameworks/parity_training_mutants_numpy")


def torch_run(data: list[np.ndarray], fault: str | None) -> dict[str, object]:
    """What the checks compare, by autograd and torch's Adam, the fault written anew."""
    x, y, *start = map(torch.tensor, data)
    weights = [nn.Parameter(w) for w in start]

    class Leaky(torch.autograd.Function):
        """ReLU whose backward pass forgets the mask."""

        @staticmethod
        def forward(context, z):
            return z.clamp(min=0)

        @staticmethod
        def backward(context, gradient):
            return gradient

    def logits(rows):
        w1 = weights[0].mT if fault == "方阵忘了转置" else weights[0]
        z = rows @ w1
        return (
            (Leaky.apply(z) if fault == "梯度漏了 ReLU" else z.relu()) @ weights[1]
        )[:, 0]

    def loss(s, targets, train=False):
        if fault == "先 sigmoid 再取对数" and not train:
            p = 1 / (1 + torch.exp(-s))
            return -torch.log(torch.where(targets == 1, p, 1 - p)).mean()
        losses = nn.functional.binary_cross_entropy_with_logits(
            s, targets, reduction="none"
        )
        if fault == "损失取和":
            return losses.sum()
        short = train and fault == "总是除以 32" and len(s) < 32
        return losses.sum() / 32 if short else losses.mean()

    def gradients(rows):
        for weight in weights:
            weight.grad = None
        loss(logits(x[rows]), y[rows], train=True).backward()
        return torch.cat([w.grad for w in weights], 1).numpy()

    s = logits(x).detach()
    seen = {
        "前向": s.numpy(),
        "损失": loss(s, y).item(),
        "很大的输入": loss(200 * s, 1 - y).item(),
        "整批的梯度": gradients(slice(32)),
        "不满一批的梯度": gradients(slice(11)),
    }
    optimizer = torch.optim.Adam(weights, lr=0.01, eps=1e-16)
    order, path = np.random.default_rng(1), []
    for _ in range(40):
        rows = order.permutation(75)
        for batch in (rows[:32], rows[32:64], rows[64:]):
            gradients(torch.tensor(batch))
            if fault == "没有偏差修正":  # undo what torch's Adam corrects
                t = len(path) + 1
                c1, c2 = 1 - 0.9**t, 1 - 0.999**t
                optimizer.param_groups[0]["lr"] = 0.01 * c1 / math.sqrt(c2)
            optimizer.step()
            path.append(weights[0].detach().numpy().copy())
    final = logits(x).detach()
    return seen | {
        "训练后损失变小": loss(final, y).item() < seen["损失"],
        "准确率": ((final > 0) == (y == 1)).double().mean().item(),
        "第 1 步": path[0],
        f"{len(path)} 步": path[-1],
    }


def test_the_matrix_of_checks_and_faults_is_torchs(mutants):
    right, mine = torch_run(mutants.data, None), mutants.observe(mutants.data, None)
    said = mutants.printed_by["matrix"].splitlines()
    assert said[0] == f"改坏之前：准确率 {right['准确率']:.3f}"
    for name in ("前向", "损失", "很大的输入", "整批的梯度", "不满一批的梯度"):
        assert_close(mine[name], right[name], atol=1e-12, rtol=1e-12)
    for name in ("第 1 步", "120 步"):
        assert_close(mine[name], right[name], atol=1e-8)
    names = list(mine)
    assert names[1] == "准确率相近" and len(names) == 9
    for fault, line in zip(mutants.FAULTS, said[1:], strict=True):
        wrong = torch_run(mutants.data, fault)
        wrong["准确率相近"] = abs(wrong["准确率"] - right["准确率"]) < 0.03
        known = right | {"准确率相近": True}
        red = [n for n in names if not np.allclose(wrong[n], known[n], 1e-8, 1e-8)]
        assert line == (
            f"{fault}：准确率 {wrong['准确率']:.3f}，抓到它的有 {'、'.join(red)}"
        )


def test_the_drawn_matrix_is_the_printed_one(mutants):
    path = ROOT / "docs/assets/figures/parity-training-matrix.svg"
    text = path.read_text(encoding="utf-8")
    checks = list(mutants.observe(mutants.data, None))
    for name in [*checks, *mutants.FAULTS]:
        assert f">{name}</text>" in text
    dots = re.findall(
        r'<circle cx="(\d+)" cy="(\d+)" r="6" fill="var\(--hb-(\w+)\)', text
    )
    rows = {}
    for x, y, fill in dots:
        rows.setdefault(int(x), {})[int(y)] = fill == "zhu"
    drawn = [[rows[x][y] for y in sorted(rows[x])] for x in sorted(rows)]
    found = [mutants.reds(mutants.data, fault) for fault in mutants.FAULTS]
    assert drawn == [[check in reds for check in checks] for reds in found]


def test_which_check_notices_a_fault_hangs_on_no_seed_but_for_the_accuracy(mutants):
    for fault in mutants.FAULTS:
        seen = {
            tuple(c for c in mutants.reds(data, fault) if c != "准确率相近")
            for data in mutants.problems
        }
        assert len(seen) == 1, fault


def test_the_printed_gains_over_twenty_problems_are_torchs(mutants):
    said = mutants.printed_by["seeds"].splitlines()
    problems = [mutants.problem(seed) for seed in range(20)]
    before = np.array([torch_run(data, None)["准确率"] for data in problems])
    for fault, line in zip(mutants.FAULTS, said, strict=True):
        gain = np.array([torch_run(data, fault)["准确率"] for data in problems])
        gain = np.round((gain - before) * 75)  # rows
        assert line == (
            f"{fault}：20 组里准确率变高 {sum(gain > 0)} 组，"
            f"变低 {sum(gain < 0)} 组，差到 0.03 的 {sum(abs(gain) > 2)} 组"
        )


def test_the_page_says_of_the_faults_what_is_printed(mutants):
    before, *lines = mutants.printed_by["matrix"].splitlines()
    (right,) = after(before, "改坏之前：准确率 ")
    free = after("\n".join(lines), "没有偏差修正：准确率 ")[0]
    assert f"准确率由 {right:.3f} 升到 {free:.3f}" in page()
    said = mutants.printed_by["seeds"]
    _, up, down, *_ = after(said, "方阵忘了转置：")
    assert up == down and f"变高与变低各 {up:.0f} 组" in page()
    _, up, *_ = after(said, "没有偏差修正：")
    assert up == 20 and "20 组的准确率全都变高" in page()
    larger = [(1 - 0.9**t) / math.sqrt(1 - 0.999**t) for t in range(1, 121)]
    assert f"约 {min(larger):.0f} 到 {max(larger):.1f} 倍" in page()


def test_the_table_of_the_page_has_the_tolerances_of_these_tests():
    for row in (
        "| PyTorch 与 NumPy | float32 | 约 $10^{-7}$ | $2\\times10^{-6}$ |",
        "| Keras 与 NumPy | float32 | 约 $1.4\\times10^{-6}$ | $10^{-5}$ |",
        "| PyTorch 与 NumPy | float64 | 约 $2\\times10^{-16}$ | $10^{-12}$ |",
        "| Keras 与 NumPy | float64 | 约 $1.2\\times10^{-6}$ | $10^{-5}$ |",
    ):
        assert row in page()


# --- what cannot be copied: masks ---------------------------------------------


@pytest.fixture
def random(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("frameworks/parity_training_random_numpy")


def test_the_printed_verdicts_on_the_masks_follow_from_scipys_binomial(random):
    rows, width = 20000, 10
    for p in (0.5, 0.3):
        law = binom(width, p)
        values = np.arange(width + 1)
        fourth = np.sum(law.pmf(values) * (values - law.mean()) ** 4)
        ones = np.ones((rows, width))
        for name in ("dropout", "without_scaling", "keeps_p", "one_mask_a_row"):
            out = getattr(random, name)(ones, p, np.random.default_rng(0))
            zeros = np.sum(out == 0, axis=1)
            n = rows * width
            single = math.sqrt(p * (1 - p) / n)
            z = [
                abs(zeros.sum() / n - p) / single,
                abs(out.mean() - 1) / (single / (1 - p)),
                abs(zeros.var() - law.var())
                / math.sqrt((fourth - law.var() ** 2) / rows),
            ]
            assert random.scores(getattr(random, name), p) == pytest.approx(z)
            said = line_of(random.stdout_text, f"p = {p}，{name}：").split()
            assert said == ["合" if v < 4 else "不合" for v in z]
            assert all(v < 3.2 or v > 5 for v in z)  # far from the line of 4


def test_false_alarms_are_as_rare_as_the_page_says():
    two, four = (2 * norm.sf(z) for z in (2, 4))
    assert f"2 个标准误以外的机会约 {two:.1%}，4 个以外约 {four:.3%}" in page()


def test_the_four_versions_are_what_their_names_say(random):
    ones = np.ones((2000, 10))
    for name, kept, zeros in [
        ("dropout", 1 / 0.7, 0.3),
        ("without_scaling", 1.0, 0.3),
        ("keeps_p", 1 / 0.3, 0.7),
        ("one_mask_a_row", 1 / 0.7, 0.3),
    ]:
        out = getattr(random, name)(ones, 0.3, np.random.default_rng(3))
        assert out[out != 0] == pytest.approx(kept), name
        assert np.mean(out == 0) == pytest.approx(zeros, abs=0.04), name
    assert np.all(out == out[:, :1])  # the last: one mask a row


def test_torch_and_keras_drop_as_the_right_version_does(random):
    ones = np.ones((20000, 10))
    torch.manual_seed(0)
    keras.utils.set_random_seed(0)
    by_torch = nn.functional.dropout(torch.tensor(ones), 0.3).numpy()
    by_keras = np.asarray(keras.layers.Dropout(0.3)(ones, training=True))
    for name, out in (("torch", by_torch), ("keras", by_keras)):
        random_scores = random.scores(lambda x, p, rng, out=out: out.astype(float), 0.3)
        assert max(random_scores) < 4.5, name


# --- practice -----------------------------------------------------------------

PRACTICE = ROOT / "snippets/frameworks/parity_training_practice_numpy.py"
SOLUTION = """
def parted_at(ours, theirs, exact, factor):
    steps = min(len(ours), len(theirs), len(exact))
    ruler = 0.0
    for t in range(steps):
        finite = np.isfinite([ours[t], theirs[t], exact[t]]).all()
        if finite:
            ruler = max(ruler, abs(theirs[t] - exact[t]))
        if not finite or abs(ours[t] - theirs[t]) > factor * ruler:
            return {"step": t + 1, "steps": steps}
    same = len(ours) == len(theirs) == len(exact)
    return {"step": 0 if same else steps + 1, "steps": steps}
"""
WRONG = [
    ("max(ruler, abs(theirs[t] - exact[t]))", "abs(theirs[t] - exact[t])"),
    ("np.isfinite([ours[t], theirs[t], exact[t]]).all()", "True"),
    ("np.isfinite([ours[t], theirs[t], exact[t]]).all()", "not np.isnan(ours[t])"),
    ("[ours[t], theirs[t], exact[t]]", "[ours[t]]"),
    ("> factor", ">= factor"),
    ("abs(ours[t] - theirs[t])", "(ours[t] - theirs[t])"),
    ("abs(ours[t] - theirs[t])", "(theirs[t] - ours[t])"),
    ("abs(theirs[t] - exact[t])", "(theirs[t] - exact[t])"),
    ("abs(theirs[t] - exact[t])", "(exact[t] - theirs[t])"),
    ("max(ruler, abs(theirs[t] - exact[t]))", "ruler + abs(theirs[t] - exact[t])"),
    ("factor * ruler", "10 * ruler"),
    ("min(len(ours), len(theirs), len(exact))", "min(len(ours), len(theirs))"),
    ("same = len(ours) == len(theirs) == len(exact)", "same = len(ours) == steps"),
    ("len(theirs) == len(exact)", "len(theirs)"),
    ("factor * ruler", "ruler"),
    ("abs(ours[t] - theirs[t])", "abs(ours[t] - exact[t])"),
    ("abs(theirs[t] - exact[t])", "abs(ours[t] - exact[t])"),
    ('"step": t + 1', '"step": t'),
    ("0 if same else steps + 1", "0"),
    ("0 if same else steps + 1", "0 if same else steps"),
    ("0 if same else", "-1 if same else"),
    ("min(len(ours), len(theirs), len(exact))", "len(ours)"),
    ("abs(theirs[t] - exact[t]))", "np.abs(theirs[:steps] - exact[:steps]).max())"),
]


def by_fractions(ours, theirs, exact, factor):
    """The answer in exact fractions; a difference that is no number parts the runs."""
    shortest = min(map(len, (ours, theirs, exact)))
    for t in range(1, shortest + 1):
        if not all(math.isfinite(row[t - 1]) for row in (ours, theirs, exact)):
            return {"step": t, "steps": shortest}
        past = [
            abs(Fraction(float(b)) - Fraction(float(c)))
            for b, c in zip(theirs[:t], exact[:t], strict=True)
            if math.isfinite(b) and math.isfinite(c)
        ]
        gap = abs(Fraction(float(ours[t - 1])) - Fraction(float(theirs[t - 1])))
        if gap > factor * max(past):
            return {"step": t, "steps": shortest}
    whole = {len(ours), len(theirs), len(exact)} == {shortest}
    return {"step": 0 if whole else shortest + 1, "steps": shortest}


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_exact_fractions_give(case):
    _, given, expected, _ = case
    assert by_fractions(**given) == expected


@pytest.mark.filterwarnings("error")
def test_the_function_of_the_page_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_wrong_function_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, WRONG[0]) in page()
