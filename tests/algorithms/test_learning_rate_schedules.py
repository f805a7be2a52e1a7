"""The schedules page: curves, accumulation, clipping, Muon, and what they do.

References that the programs never call: ``torch.optim.lr_scheduler`` and
``keras.optimizers.schedules`` for each other's and NumPy's curves, gradients written
out in NumPy, the scalar polynomial for Newton–Schulz, torch's Adam with all seeds in
one batch for the training runs.
"""

import re
from dataclasses import dataclass
from functools import cache

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.optim import lr_scheduler
from transformers import get_cosine_schedule_with_warmup

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PRACTICE = ROOT / "snippets/algorithms/learning_rate_schedules_practice_numpy.py"
PAGE = ROOT / "docs/algorithms/learning-rate-schedules.md"
FIGURES = ROOT / "docs/assets/figures"
SHOWN = [1, 2, 4, 8, 12, 16, 18, 20]


def keras_cosine(peak, warmup, total, floor=0.0):
    return keras.optimizers.schedules.CosineDecay(
        0.0, total - warmup, floor / peak, warmup_target=peak, warmup_steps=warmup
    )


def torch_rates(peak, warmup, total, floor=0.0, steps=None):
    """The rate of each update, from the first, by torch's schedulers."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
    cosine = lr_scheduler.CosineAnnealingLR(optimizer, total - warmup, eta_min=floor)
    scheduler = cosine
    if warmup:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
        parts = [
            lr_scheduler.LinearLR(optimizer, 1 / warmup, total_iters=warmup - 1),
            lr_scheduler.CosineAnnealingLR(optimizer, total - warmup, eta_min=floor),
        ]
        scheduler = lr_scheduler.SequentialLR(optimizer, parts, [warmup - 1])
    rates = []
    for _ in range(steps or total + 1):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return rates if warmup else rates[1:]  # without warm-up the first update is k = 0


# --- what the lines say, in their order ----------------------------------------

COSINES = [f"第 {k} 步：余弦 " for k in SHOWN]
STARTS = {
    ("numpy", "cosine"): COSINES,
    ("torch", "cosine"): COSINES,
    ("tf", "cosine"): COSINES,
    ("numpy", "wsd"): [f"第 {k} 步：WSD " for k in (1, 4, 16, 17, 18, 20)],
    ("tf", "first"): [f"第 {k} 次更新走了 " for k in (1, 2, 3)],
    ("torch", "accumulate"): [
        "四批一样大，除以批数：与整批相差 ",
        "大小不一，除以批数：与整批相差 ",
        "大小不一，按样本数分：与整批相差 ",
    ],
    ("tf", "accumulate-mean"): [f"第 {k} 小批之后：" for k in (1, 2, 3, 4)],
    ("torch", "clip"): [
        "上限 100：裁剪前的范数 13，裁剪后 ",
        "上限 1：裁剪前的范数 13，裁剪后 ",
    ],
    ("tf", "clip-norms"): ["global_clipnorm=1：走了 ", "clipnorm=1：走了 "],
    ("muon_torch", "orthogonalize"): [f"{times} 次： " for times in range(6)],
    ("muon_torch", "step"): [
        "与 torch.optim.Muon，相差 1% 到 10%：",
        "bfloat16，相差 1% 到 10%：",
    ],
}


@pytest.mark.parametrize(("program", "section"), STARTS)
def test_the_lines_are_named_in_their_order(run_snippet, program, section):
    printed = run_snippet(f"algorithms/learning_rate_schedules_{program}").printed_by
    starts, lines = STARTS[program, section], printed[section].splitlines()
    found = [line[: len(x)] for line, x in zip(lines, starts, strict=True)]
    assert found == starts


# --- curves ----------------------------------------


@pytest.mark.parametrize("k", SHOWN)
@pytest.mark.parametrize("framework", ["numpy", "torch"])
def test_printed_cosines_are_keras_s(run_snippet, framework, k):
    printed = run_snippet(f"algorithms/learning_rate_schedules_{framework}").printed_by[
        "cosine"
    ]
    found = after(printed, f"第 {k} 步：余弦")[0]
    assert found == pytest.approx(float(keras_cosine(0.1, 4, 20)(k)), abs=6e-5)


@pytest.mark.parametrize("k", SHOWN)
def test_keras_s_printed_cosines_are_torch_s(run_snippet, k):
    printed = run_snippet("algorithms/learning_rate_schedules_tf").printed_by["cosine"]
    expected = torch_rates(0.1, 4, 20)[k - 1]
    assert after(printed, f"第 {k} 步：余弦")[0] == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize("k", [1, 4, 16, 17, 18, 20])
def test_printed_wsd_is_the_line_through_its_four_corners(run_snippet, k):
    printed = run_snippet("algorithms/learning_rate_schedules_numpy").printed_by["wsd"]
    expected = np.interp(k, [0, 4, 16, 20], [0, 0.1, 0.1, 0])
    assert after(printed, f"第 {k} 步：WSD") == pytest.approx([expected], abs=6e-5)


def test_numpy_s_schedules_end_at_their_floor(run_snippet):
    ns = run_snippet("algorithms/learning_rate_schedules_numpy")
    found = [ns.warmup_cosine(k, 0.3, 10, 60, 0.03) for k in range(1, 61)]
    np.testing.assert_allclose(found, torch_rates(0.3, 10, 60, 0.03, 60), atol=1e-12)
    found = [ns.wsd(k, 0.3, 10, 60, 20, 0.03) for k in range(1, 61)]
    corners = [0, 10, 40, 60], [0, 0.3, 0.3, 0.03]
    np.testing.assert_allclose(found, np.interp(range(1, 61), *corners), atol=1e-12)


def test_the_figure_draws_three_schedules(run_snippet):
    cosine, wsd, early = run_snippet(
        "algorithms/learning_rate_schedules_numpy"
    ).axis.lines
    steps = np.arange(1, 301)
    np.testing.assert_allclose(cosine.get_ydata(), torch_rates(1, 30, 300, 0, 300))
    corners = [0, 30, 240, 300], [0, 1, 1, 0]
    np.testing.assert_allclose(wsd.get_ydata(), np.interp(steps, *corners), atol=1e-12)
    assert list(wsd.get_xdata()) == list(cosine.get_xdata()) == list(steps)
    assert list(early.get_xdata()) == list(range(144, 181))
    falling = np.interp(range(144, 181), [144, 180], [1, 0])
    np.testing.assert_allclose(early.get_ydata(), falling, atol=1e-12)
    axis = run_snippet("algorithms/learning_rate_schedules_numpy").axis
    assert axis.get_ylim() == (0, 1.2)
    assert axis.get_yticks().tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_keras_s_printed_updates_lag_by_one_step(run_snippet, k):
    printed = run_snippet("algorithms/learning_rate_schedules_tf").printed_by["first"]
    found = after(printed, f"第 {k} 次更新走了")
    assert found == pytest.approx([0.1 * (k - 1) / 4], abs=6e-5)


def test_keras_matches_torch_when_it_starts_one_step_in():
    shifted = keras.optimizers.schedules.CosineDecay(
        0.1 / 4, 16, warmup_target=0.1, warmup_steps=3
    )
    found = [float(shifted(step)) for step in range(20)]
    assert found == pytest.approx(torch_rates(0.1, 4, 20, steps=20), abs=1e-7)


def test_torch_s_rate_stays_when_nobody_steps_the_scheduler():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = lr_scheduler.CosineAnnealingLR(optimizer, 20)
    for _ in range(20):
        optimizer.step()
    assert scheduler.get_last_lr() == [optimizer.param_groups[0]["lr"]] == [0.1]


def test_torch_s_linear_schedule_may_not_start_at_zero():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    with pytest.raises(ValueError, match="greater than 0"):
        lr_scheduler.LinearLR(optimizer, 0.0)


def test_transformers_warm_up_starts_at_zero():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = get_cosine_schedule_with_warmup(optimizer, 4, 20)
    assert scheduler.get_last_lr() == [0]


def test_numpy_s_cosine_rises_again_past_its_end(run_snippet):
    ns = run_snippet("algorithms/learning_rate_schedules_numpy")
    assert ns.warmup_cosine(25, 0.1, 4, 20, 0.01) == pytest.approx(0.03, abs=1e-4)


def test_torch_s_cosine_rises_again_past_its_end():
    rates = torch_rates(0.1, 0, 20, steps=41)
    assert rates[19] == pytest.approx(0, abs=1e-9)
    assert rates[29] > 0.04


# --- accumulation and clipping ----------------------------------------


def gap(ns, sizes, weigh):
    """How far the accumulated gradient lies from the whole batch's, in NumPy."""
    x, y = ns.x.numpy(), ns.y.numpy()
    w, b = (p.detach().numpy() for p in ns.model.parameters())
    each = 2 * (x @ w.T + b - y) * x  # one gradient a sample
    whole = each.mean(axis=0)
    parts = np.split(each, np.cumsum(sizes)[:-1])
    shares = [len(p) / 12 if weigh else 1 / len(parts) for p in parts]
    found = sum(s * p.mean(axis=0) for s, p in zip(shares, parts, strict=True))
    return np.linalg.norm(found - whole) / np.linalg.norm(whole)


@pytest.mark.parametrize(
    ("label", "sizes", "weigh"),
    [
        ("四批一样大，除以批数", [3, 3, 3, 3], False),
        ("大小不一，除以批数", [1, 2, 3, 6], False),
        ("大小不一，按样本数分", [1, 2, 3, 6], True),
    ],
)
def test_printed_gaps_are_those_of_sample_gradients(run_snippet, label, sizes, weigh):
    ns = run_snippet("algorithms/learning_rate_schedules_torch")
    found = after(ns.printed_by["accumulate"], f"{label}：与整批相差")
    assert found == pytest.approx([100 * gap(ns, sizes, weigh)], abs=0.06)


def test_keras_accumulates_the_mean(run_snippet):
    printed = run_snippet("algorithms/learning_rate_schedules_tf").printed_by[
        "accumulate-mean"
    ]
    found = [after(printed, f"第 {k} 小批之后：")[0] for k in (1, 2, 3, 4)]
    assert found == pytest.approx([0, 0, 0, -0.1 * (1 + 2 + 3 + 6) / 4])


@pytest.mark.parametrize("limit", [100, 1])
def test_printed_clipping_keeps_the_direction(run_snippet, limit):
    printed = run_snippet("algorithms/learning_rate_schedules_torch").printed_by["clip"]
    norm, *clipped = after(printed, f"上限 {limit}：裁剪前的范数")
    g = np.array([3.0, 4.0, 12.0])
    assert norm == np.linalg.norm(g) == 13
    assert clipped == pytest.approx(g * min(1, limit / 13), abs=6e-5)


def test_keras_clips_all_or_each(run_snippet):
    printed = run_snippet("algorithms/learning_rate_schedules_tf").printed_by[
        "clip-norms"
    ]
    found = after(printed, "global_clipnorm=1：走了")
    assert found == pytest.approx(np.array([3, 4, 12]) / 13, abs=6e-5)
    assert after(printed, "clipnorm=1：走了") == pytest.approx([0.6, 0.8, 1.0])


def test_adam_walks_about_30_rates_after_one_huge_gradient():
    p = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([p], lr=1.0)
    optimizer.state[p] = {
        "step": torch.tensor(1e5),
        "exp_avg": torch.zeros_like(p),
        "exp_avg_sq": torch.ones_like(p),
    }
    p.grad = torch.full_like(p, 1e4)
    optimizer.step()
    assert -p.item() == pytest.approx(3.16, abs=0.01)
    for sign in [1, -1] * 30:
        p.grad = torch.full_like(p, float(sign))
        optimizer.step()
    assert -p.item() == pytest.approx(31.6, abs=0.5)


# --- a real network ----------------------------------------

KINDS = ["不变", "只预热", "余弦", "WSD"]
PEAKS = [0.003, 0.01, 0.03, 0.1]


def factors(kind):
    """The 300 multipliers of the rate, by torch or as a line through corners."""
    if kind == "余弦":
        return torch_rates(1.0, 30, 300, steps=300)
    corners = {
        "不变": ([0, 300], [1, 1]),
        "只预热": ([0, 30, 300], [0, 1, 1]),
        "WSD": ([0, 30, 240, 300], [0, 1, 1, 0]),
    }[kind]
    return np.interp(range(1, 301), *corners)


@dataclass
class Trained:
    """All seeds in one batch: a mean loss for each step, the others for each seed."""

    losses: list[float]
    validation: list[float]
    wrong_held: list[int]
    wrong_test: list[int]
    dead: list[int]


@cache
def trained(kind, peak, seeds, steps=300):
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = torch.from_numpy(x[order] / 16), torch.from_numpy(y[order])
    rngs, count = [np.random.default_rng(seed) for seed in seeds], len(seeds)
    first = [r.normal(size=(64, 32)) / 32**0.5 for r in rngs]
    last = [r.normal(size=(32, 10)) / 40 for r in rngs]
    arrays = [np.array(first), np.zeros((count, 1, 32))]
    arrays += [np.array(last), np.zeros((count, 1, 10))]
    params = [torch.from_numpy(a).requires_grad_() for a in arrays]

    def logits(images):
        return (images @ params[0] + params[1]).clamp(min=0) @ params[2] + params[3]

    optimizer = torch.optim.Adam(params, lr=1.0)
    rows = np.concatenate(
        [np.array([r.permutation(1200) for r in rngs]) for _ in range(10)], axis=1
    )
    losses = []
    for k, factor in enumerate(factors(kind)[:steps]):
        batch = torch.from_numpy(rows[:, 40 * k : 40 * k + 40])
        loss = F.cross_entropy(logits(x[batch]).flatten(0, 1), y[batch].flatten())
        losses.append(loss.item())
        optimizer.param_groups[0]["lr"] = peak * factor
        optimizer.zero_grad()
        (count * loss).backward()
        optimizer.step()
    held = logits(x[1200:1500]).detach()
    test = logits(x[1500:]).detach()
    hidden = (x[:1200] @ params[0] + params[1]).clamp(min=0)
    return Trained(
        losses,
        [F.cross_entropy(z, y[1200:1500]).item() for z in held],
        (held.argmax(-1) != y[1200:1500]).sum(dim=1).tolist(),
        (test.argmax(-1) != y[1500:]).sum(dim=1).tolist(),
        (hidden.amax(dim=1) == 0).sum(dim=1).tolist(),
    )


def validation(kind, peak):
    """The mean of five seeds, by which the page chooses the rate."""
    return np.mean(trained(kind, peak, range(5)).validation)


@pytest.fixture
def digits(run_snippet):
    return run_snippet("algorithms/learning_rate_schedules_digits_numpy")


def test_the_rates_of_validation_are_printed_first(digits):
    head = digits.printed_by["tune"].splitlines()[0]
    assert head == "学习率： 0.003 0.01 0.03 0.1"


@pytest.mark.parametrize("kind", KINDS)
def test_printed_validation_losses_are_torch_s(digits, kind):
    found = after(digits.printed_by["tune"], f"{kind}：")
    expected = [validation(kind, peak) for peak in PEAKS]
    assert found == pytest.approx(expected, abs=6e-4)


def test_the_kinds_are_printed_in_their_order(digits):
    tuned = digits.printed_by["tune"].splitlines()[1:]
    for lines in (tuned, digits.printed_by["compare"].splitlines()):
        assert [re.split("[：，]", line)[0] for line in lines] == KINDS
    large = digits.printed_by["large"].splitlines()
    assert [re.split("[：，]", line)[1] for line in large] == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_tested_at_its_best_rate_of_validation(digits, kind):
    best = min(PEAKS, key=lambda peak: validation(kind, peak))
    wrong = trained(kind, best, range(10, 20)).wrong_test
    mean, deviation = np.mean(wrong), np.std(wrong, ddof=1)
    said = f"{kind}，{best}：错 {mean:.1f} ± {deviation:.1f} 张"
    assert said in digits.printed_by["compare"].splitlines()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("peak", PEAKS)
def test_training_curves_are_torch_s(digits, peak, kind):
    np.testing.assert_allclose(
        digits.curves[kind, peak], trained(kind, peak, range(5)).losses, rtol=1e-5
    )


@pytest.mark.parametrize("kind", KINDS)
def test_printed_errors_of_the_large_rate_are_torch_s_to_tenths(digits, kind):
    """Chaotic: rounding alone moves a mean by 5 of 300, so tenths are printed."""
    share = np.mean(trained(kind, 0.3, range(10, 20)).wrong_held) / 300
    assert f"0.3，{kind}：错的占 {share:.1f}" in digits.printed_by["large"].splitlines()


def test_the_errors_of_the_large_rate_are_counted_on_the_validation_images(digits):
    x, y = load_digits(return_X_y=True)
    held = np.random.default_rng(0).permutation(len(x))[1200:1500]
    images = torch.from_numpy(x[held] / 16)
    for params, wrong in zip(digits.runs, digits.wrong, strict=True):
        w1, b1, w2, b2 = map(torch.from_numpy, params)
        guess = (torch.relu(images @ w1 + b1) @ w2 + b2).argmax(dim=1)
        assert wrong == (guess.numpy() != y[held]).sum()


@pytest.mark.parametrize("kind", ["不变", "只预热"])
def test_printed_dead_units_are_torch_s(digits, kind):
    lines = []
    for steps in (5, 30, 300):
        dead = trained(kind, 0.3, range(10, 20), steps=steps).dead
        lines.append(f"{kind}，{steps} 步：死 {min(dead)} 到 {max(dead)} 个")
    printed = digits.printed_by["dead"].splitlines()
    assert [line for line in printed if line.startswith(kind)] == lines
    assert len(printed) == 6


def test_the_digits_figure_draws_means_of_ten_steps(digits):
    *lines, mark = digits.axis.lines
    for line, kind in zip(lines, ["不变", "余弦", "WSD"], strict=True):
        assert line.get_label() == kind
        assert list(line.get_xdata()) == list(range(10, 301, 10))
        losses = digits.curves[kind, 0.1]
        means = [np.mean(losses[i : i + 10]) for i in range(0, 300, 10)]
        np.testing.assert_allclose(line.get_ydata(), means)
    assert set(mark.get_xdata()) == {240}
    assert digits.axis.get_xticks().tolist() == [0, 100, 200, 240, 300]


# --- Muon ----------------------------------------

VALUES = np.array([10.0, 3.0, 1.0, 0.1])


def quintic(s, times):
    for _ in range(times):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    return s


@pytest.mark.parametrize("times", range(6))
def test_printed_singular_values_follow_the_polynomial(run_snippet, times):
    printed = run_snippet("algorithms/learning_rate_schedules_muon_torch").printed_by[
        "orthogonalize"
    ]
    expected = quintic(VALUES / np.linalg.norm(VALUES), times)
    found = after(printed, f"{times} 次：")
    assert found == pytest.approx(list(expected), abs=6e-3)


def test_orthogonalizing_keeps_the_singular_vectors(run_snippet):
    ns = run_snippet("algorithms/learning_rate_schedules_muon_torch")
    left, right = (torch.linalg.svd(ns.g, full_matrices=False)[i] for i in (0, 2))
    turned = left.mT @ ns.orthogonalize(ns.g) @ right.mT
    expected = np.diag(quintic(VALUES / np.linalg.norm(VALUES), 5))
    np.testing.assert_allclose(turned, expected, atol=1e-4)


def test_a_row_of_zeros_stays_zero():
    g = np.random.default_rng(0).normal(size=(6, 4))
    g[[1, 4]] = 0
    u, _, v = np.linalg.svd(g, full_matrices=False)
    assert np.abs((u @ v)[[1, 4]]).max() < 1e-12


def relative(found, expected):
    return np.linalg.norm(np.asarray(found) - expected) / np.linalg.norm(expected)


def torch_s_half(g):
    """A wide matrix made orthogonal by torch's Muon, which calculates in bfloat16."""
    w = torch.nn.Parameter(torch.zeros_like(g))
    options = {"momentum": 0.0, "nesterov": False, "weight_decay": 0.0}
    w.grad = g.clone()
    torch.optim.Muon([w], lr=1.0, **options).step()
    return -w.detach().numpy()


def test_printed_muon_gaps_are_those_of_bfloat16(run_snippet):
    ns = run_snippet("algorithms/learning_rate_schedules_muon_torch")
    g = ns.g.double().numpy()

    def exact(matrix):
        u, s, v = np.linalg.svd(matrix, full_matrices=False)
        return u @ np.diag(quintic(s / np.linalg.norm(s), 5)) @ v

    w = torch.nn.Parameter(torch.zeros(4, 6))
    optimizer = torch.optim.Muon([w], lr=0.1, weight_decay=0.0)
    ours, buffer = np.zeros((4, 6)), np.zeros((4, 6))
    for grad in [ns.g, ns.g.roll(1, 0), -2 * ns.g.roll(1, 1)]:
        w.grad, grad = grad.clone(), grad.double().numpy()
        optimizer.step()
        buffer = 0.95 * buffer + 0.05 * grad
        ours -= 0.1 * exact(0.95 * buffer + 0.05 * grad)
    np.testing.assert_allclose(ns.ours, ours, rtol=0, atol=1e-5)
    off = relative(ours, w.detach().numpy())
    said = line_of(ns.printed_by["step"], "与 torch.optim.Muon，相差 1% 到 10%：")
    assert said == str(bool(0.01 < off < 0.1)) == "True"
    assert ns.gap.item() == pytest.approx(off, rel=1e-3)
    half = torch_s_half(ns.g)
    assert relative(ns.half, half) < 0.1
    expected = relative(ns.half.numpy(), exact(g))
    assert ns.rounding.item() == pytest.approx(expected, rel=1e-3)
    said = line_of(ns.printed_by["step"], "bfloat16，相差 1% 到 10%：")
    assert said == str(bool(0.01 < relative(half, exact(g)) < 0.1)) == "True"


def test_printed_groups_hold_the_two_hidden_matrices(run_snippet):
    ns = run_snippet("algorithms/learning_rate_schedules_muon_torch")
    printed = ns.printed_by["groups"]
    assert after(printed, "Muon 2") == [7]
    assert printed.splitlines()[0] == "全部交给 Muon： Muon only supports 2D parameters"
    held = [tuple(p.shape) for p in ns.muon.param_groups[0]["params"]]
    assert held == [(64, 16), (16, 64)]
    rest = sorted(tuple(p.shape) for p in ns.adamw.param_groups[0]["params"])
    assert rest == [(16,), (16,), (16,), (64,), (100,), (100, 16), (100, 16)]
    assert ns.muon.param_groups[0]["lr"] == ns.adamw.param_groups[0]["lr"] == 1e-3
    assert ns.muon.param_groups[0]["adjust_lr_fn"] == "match_rms_adamw"


def test_muon_s_default_rate_grows_only_for_tall_matrices(run_snippet):
    g = run_snippet("algorithms/learning_rate_schedules_muon_torch").g
    rows, columns = g.shape
    tall = torch_s_half(g.mT) / (columns / rows) ** 0.5
    assert rows < columns and relative(tall.T, torch_s_half(g)) < 0.1


def test_matched_muon_moves_about_a_fifth_of_the_rate():
    torch.manual_seed(0)
    w = torch.nn.Parameter(torch.zeros(32, 64))
    optimizer = torch.optim.Muon(
        [w], lr=1.0, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"
    )
    w.grad = torch.randn(32, 64)
    optimizer.step()
    assert w.square().mean().sqrt().item() == pytest.approx(0.2, abs=0.05)


def test_keras_s_muon_uses_adamw_for_biases_and_embeddings():
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Embedding(5, 4), keras.layers.Dense(3)]
    )
    optimizer = keras.optimizers.Muon(0.1)
    optimizer.build(model.trainable_variables)
    by_adamw = [v is not None for v in optimizer.adam_velocities]
    names = [v.path.split("/")[-1] for v in model.trainable_variables]
    assert dict(zip(names, by_adamw, strict=True)) == {
        "embeddings": True,
        "kernel": False,
        "bias": True,
    }


# --- drawings and exercises ----------------------------------------


def test_the_clipped_arrows_are_drawn_to_scale():
    for name, end in [("global", np.array([3, 1]) / 10**0.5), ("each", [1, 1])]:
        path = FIGURES / f"learning-rate-schedules-clip-{name}.svg"
        text = path.read_text("utf-8")
        (d,) = re.findall(r'd="M24 110 ([\d. ]+)" stroke="var\(--hb-zhu\)"', text)
        x, y = numbers(d)
        assert [(x - 24) / 50, (110 - y) / 50] == pytest.approx(list(end), abs=2e-3)


def curve(name):
    """The points of a figure's one line in --hb-qing."""
    text = (FIGURES / f"learning-rate-schedules-{name}.svg").read_text("utf-8")
    (d,) = re.findall(r'<path d="M([^"]*)"[^>]*stroke="var\(--hb-qing\)"', text)
    return np.array(numbers(d)).reshape(-1, 2)


@pytest.mark.parametrize(("name", "times"), [("once", 1), ("five", 5)])
def test_the_quintic_is_drawn_to_scale(name, times):
    """170 units along the singular value, 110 along what becomes of it."""
    x, y = curve(f"quintic-{name}").T
    s = (x - 30) / 170
    assert (s[0], s[-1]) == (0, 1)
    low, high = (quintic(np.clip(s + d, 0, 1), times) for d in (-3e-4, 3e-4))
    drawn = (152 - y) / 110
    assert (drawn > np.minimum(low, high) - 6e-3).all()
    assert (drawn < np.maximum(low, high) + 6e-3).all()


def test_gpt3_s_rate_is_drawn_as_reported():
    """[@brown2020gpt3], appendix B: 375 million, 260 and 300 billion tokens."""
    x, y = curve("gpt3").T
    tokens, rate = (x - 26) / 176 * 300, (112 - y) / 96
    cosine = torch_rates(1.0, 0, 260, 0.1, steps=261)
    falling = (tokens > 1) & (tokens < 260)
    expected = np.interp(tokens[falling], range(1, 261), cosine[:260])
    np.testing.assert_allclose(rate[falling], expected, atol=6e-3)
    assert rate[tokens > 259] == pytest.approx([0.1] * (tokens > 259).sum(), abs=1e-3)
    assert tokens[-1] == 300


def test_deepseek_v3_s_rate_is_drawn_as_reported():
    """[@deepseek2024v3], section 4.2: 10, 4.3, then 0.333 and 0.167 trillion tokens."""
    x, y = curve("deepseek").T
    tokens, rate = (x - 26) / 176 * 14.8, (112 - y) / 96
    assert rate[1:3].tolist() == [1, 1] and tokens[2] == pytest.approx(10, abs=5e-3)
    falling = (tokens > 10.1) & (tokens < 14.31)
    done = np.clip((tokens[falling] - 10) / 4.3, 0, 1)
    expected = 0.1 + 0.9 * np.cos(np.pi * done / 2) ** 2
    np.testing.assert_allclose(rate[falling], expected, atol=6e-3)
    ends = [14.633, 14.633, 14.8]
    assert tokens[-3:].tolist() == pytest.approx(ends, abs=5e-3)
    assert rate[-3:].tolist() == pytest.approx([0.1, 7.3 / 220, 7.3 / 220], abs=1e-3)


def test_muon_s_ellipses_are_drawn_to_scale():
    before = np.array([1, 0.17])
    after_it = quintic(before / np.linalg.norm(before), 5)
    for name, axes in [("before", before), ("after", after_it)]:
        path = FIGURES / f"learning-rate-schedules-muon-{name}.svg"
        text = path.read_text("utf-8")
        radii = [float(x) for x in re.findall(r' r[xy]="([\d.]+)"', text)]
        assert radii == pytest.approx(list(72 * axes), abs=0.06)
        said = numbers(re.findall(r"<text[^>]*>奇异值(.*)</text>", text)[0])
        assert said == pytest.approx(list(axes), abs=6e-3)


def test_exercise_1_s_rate_is_torch_s():
    assert torch_rates(0.2, 10, 100, 0.02)[54] == pytest.approx(0.11)


def test_exercise_4_s_fourth_iteration_passes_a_half():
    found = [float(quintic(0.01, times)) for times in (1, 2, 3, 4)]
    assert found[:2] == pytest.approx([0.0344, 0.1184], abs=6e-5)
    assert found[2:] == pytest.approx([0.400, 1.09], abs=5e-3)


# --- practice ----------------------------------------

SOLUTION = """
def learning_rate(k, peak, warmup, total, floor=0.0):
    if k <= warmup:
        return peak * k / warmup
    done = min(1.0, (k - warmup) / (total - warmup))
    return floor + (peak - floor) * (1 + math.cos(math.pi * done)) / 2
"""
FROM_ONE = ("(k - warmup) / (total - warmup)", "k / total")
WRONG = [
    FROM_ONE,
    ("peak * k / warmup", "peak * (k - 1) / warmup"),
    ("peak * k / warmup", "peak * k / (warmup + 1)"),
    ("peak * k / warmup", "floor + (peak - floor) * k / warmup"),
    ("k <= warmup", "k <= warmup or not warmup"),
    ("min(1.0, (k - warmup) / (total - warmup))", "(k - warmup) / (total - warmup)"),
    ("/ (total - warmup)", "/ total"),
    ("floor + (peak - floor)", "peak"),
    ("floor + (peak - floor)", "floor + peak"),
    ("1 + math.cos", "1 - math.cos"),
    ("(1 + math.cos(math.pi * done)) / 2", "(1 - done)"),
    ("(1 + math.cos(math.pi * done)) / 2", "math.cos(math.pi * done / 2)"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_torch_s_schedulers_give(case):
    _, given, literal, _ = case
    options = {k: v for k, v in given.items() if k != "k"}
    rates = torch_rates(**options)
    expected = rates[min(given["k"], given["total"]) - 1]
    assert literal == pytest.approx(expected, rel=0, abs=1e-8)


def test_the_page_s_schedule_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_schedule_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, FROM_ONE) in page
