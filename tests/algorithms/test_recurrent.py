"""The recurrent page: gradients through time, gates, weights ported, a long memory.

References that the programs never import or call: torch's autograd and ``nn.LSTMCell``
for the NumPy programs, the gates' formulas written out for the frameworks' layers, a
loop of torch's for the training of Keras, and each framework for the other.
"""

import math

import keras
import numpy as np
import pytest
import scipy.linalg
import torch
from scipy.special import expit
from torch import nn

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, named, numbers, printed_in

PAGE = ROOT / "docs/algorithms/recurrent.md"
PRACTICE = ROOT / "snippets/algorithms/recurrent_practice_numpy.py"
FRAMEWORKS = ["torch", "tf"]


# --- three steps by hand, and back: recurrent_numpy ---------------------------------


def autograd_through_time():
    """States, errors and parts by torch; each step has parameters of its own."""
    x, h, states, leaves = (
        [1.0, 0.0, -1.0],
        torch.zeros((), dtype=torch.float64),
        [],
        [],
    )
    for x_t in x:
        own = [
            torch.tensor(v, dtype=torch.float64, requires_grad=True)
            for v in (1, 0.5, 0)
        ]
        h = torch.tanh(own[0] * x_t + own[1] * h + own[2])
        states.append(h.item())
        leaves.append(own)
    loss = (h + 1) ** 2 / 2
    loss.backward()
    return states, loss.item(), [[p.grad.item() for p in own] for own in leaves]


@pytest.fixture(scope="module")
def hand(run_snippet):
    return run_snippet("algorithms/recurrent_numpy")


@pytest.mark.parametrize("t", [1, 2, 3])
def test_printed_states_are_torch_s(hand, t):
    states, _, _ = autograd_through_time()
    printed = after(hand.printed_by["forward"], f"第 {t} 步：")
    assert printed == pytest.approx([[1, 0, -1][t - 1], states[t - 1]], abs=6e-5)


def test_printed_loss_is_torch_s(hand):
    (printed,) = after(hand.printed_by["forward"], "损失 ")
    assert printed == pytest.approx(autograd_through_time()[1], abs=6e-5)


@pytest.mark.parametrize("t", [1, 2, 3])
def test_printed_parts_of_a_step_are_those_of_its_own_parameters(hand, t):
    parts = autograd_through_time()[2][t - 1]
    error, *printed = after(hand.printed_by["bptt"], f"第 {t} 步：")
    assert printed == pytest.approx(parts, abs=6e-5)
    assert error == printed[2]  # the bias's part is the error itself


@pytest.mark.parametrize(
    ("section", "label"), [("bptt", "合计："), ("check", "差分：")]
)
def test_printed_sums_are_the_gradient(hand, section, label):
    whole = np.sum(autograd_through_time()[2], axis=0)
    printed = named(hand.printed_by[section], label)
    assert list(printed) == ["w", "u", "b"]
    assert list(printed.values()) == pytest.approx(whole, abs=6e-5)


def test_bptt_and_differences_agree_closely(hand):
    whole = np.sum(autograd_through_time()[2], axis=0)
    np.testing.assert_allclose(hand.parts.sum(axis=0), whole, rtol=0, atol=1e-14)
    assert np.abs(hand.slopes - whole).max() < 1e-10
    assert line_of(hand.printed_by["check"], "与合计最多差 1e-8：").strip() == "True"


# --- shrinking and growing: recurrent_gradient_numpy --------------------------------


@pytest.fixture(scope="module")
def growth(run_snippet):
    return run_snippet("algorithms/recurrent_gradient_numpy")


@pytest.mark.parametrize(("sign", "value"), [(-1, 0.9), (1, 1.1)])
def test_printed_direction_grows_with_its_eigenvalue(growth, sign, value):
    printed = after(growth.printed_by["eigenvalues"], f"方向 (1, {sign})：特征值 ")
    far = value**50
    assert printed == pytest.approx([value, 50, far, sign * far], rel=5e-3)


def recurrent_matrix(kind, rng):
    if kind == "正交":
        Q, R = scipy.linalg.qr(rng.normal(size=(32, 32)))
        return Q * np.sign(R.diagonal())
    U = rng.normal(size=(32, 32))
    return float(kind) / max(abs(scipy.linalg.eigvals(U))) * U


def mean_gain(activation, kind, back, size=0.3, idle=0):
    """Geometric mean over the seeds of |J| / sqrt(n), J from the last h to ``back``.

    ``size`` is the inputs' deviation; ``idle`` steps go before the 50.
    """
    logs = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        U, h, factors = recurrent_matrix(kind, rng), np.zeros(32), []
        for _ in range(idle + 50):
            before = U @ h + size * rng.normal(size=32)
            h = np.tanh(before) if activation == "tanh" else before
            slope = np.cosh(before) ** -2 if activation == "tanh" else np.ones(32)
            factors.append(np.diag(slope) @ U)
        jacobian = np.linalg.multi_dot(factors[::-1][:back])
        logs.append(math.log(np.linalg.norm(jacobian) / math.sqrt(32)))
    return math.exp(np.mean(logs))


CURVES = [("线性", k) for k in ("0.9", "1.0", "1.1")]
CURVES += [("tanh", k) for k in ("0.9", "1.1", "1.5", "2.0")]


@pytest.mark.parametrize(("activation", "radius"), CURVES)
def test_printed_gains_are_the_norms_of_the_products(growth, activation, radius):
    printed = after(growth.printed_by["curves"], f"{activation}，谱半径 {radius}：")
    far = [mean_gain(activation, radius, back) for back in (10, 50)]
    assert [printed[0], printed[2]] == [10, 50]
    assert [printed[1], printed[3]] == pytest.approx(far, rel=0.06)
    curve = growth.curves[activation, radius]
    assert [curve[9], curve[49]] == pytest.approx(far, rel=1e-6)


def test_larger_inputs_let_a_radius_of_two_vanish():
    far = mean_gain("tanh", "2.0", 50, size=1.0)
    assert far == pytest.approx(0.05, abs=0.005)
    assert f"2.0 的也缩到 {far:.2f}" in PAGE.read_text(encoding="utf-8")


def test_after_a_hundred_idle_steps_the_gains_are_smaller():
    far = [mean_gain("tanh", radius, 50, idle=100) for radius in ("1.5", "2.0")]
    said = "先多走 100 步再量，就只有 {:.2f} 与 {:.1f} 倍".format(*far)
    assert said in PAGE.read_text(encoding="utf-8")


def radii_of(blocks):
    return [max(abs(scipy.linalg.eigvals(block))) for block in blocks]


@pytest.mark.parametrize(("cell", "count"), [("LSTM", 4), ("GRU", 3)])
def test_a_gate_s_block_starts_with_a_radius_of_about_a_half_in_keras(cell, count):
    """The whole recurrent kernel is orthogonal by rows, its blocks are not."""
    radii = []
    for seed in range(5):
        keras.utils.set_random_seed(seed)
        layer = getattr(keras.layers, cell)(32)
        layer.build((None, None, 16))
        U = layer.get_weights()[1]
        np.testing.assert_allclose(U @ U.T, np.eye(32), atol=1e-5)
        radii += radii_of(np.split(U, count, axis=1))
    assert 0.45 < np.mean(radii) < 0.65


def test_keras_s_simple_layer_starts_orthogonal():
    layer = keras.layers.SimpleRNN(32)
    layer.build((None, None, 16))
    U = layer.get_weights()[1]
    np.testing.assert_allclose(U @ U.T, np.eye(32), atol=1e-5)


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_block_starts_with_a_radius_of_about_0_6_in_torch(cell):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        weights = [cell(16, 32).weight_hh_l0.detach().numpy() for _ in range(8)]
    radii = radii_of(block for U in weights for block in np.split(U, len(U) // 32))
    assert np.mean(radii) == pytest.approx(0.6, abs=0.04)


@pytest.mark.parametrize("activation", ["线性", "tanh"])
def test_printed_gain_of_orthogonal_weights(growth, activation):
    printed = after(growth.printed_by["orthogonal"], f"{activation}，正交：")
    assert printed == pytest.approx([50, mean_gain(activation, "正交", 50)], rel=0.04)


def test_orthogonal_weights_keep_every_length(growth):
    assert growth.curves["线性", "正交"] == pytest.approx(np.ones(50), rel=1e-12)
    Q = growth.orthogonal(np.random.default_rng(9))
    np.testing.assert_allclose(Q.T @ Q, np.eye(32), atol=1e-12)


def test_gains_are_those_of_torch_s_jacobian(growth):
    """The product of slopes is what autograd finds, for one matrix and ten steps."""
    rng = np.random.default_rng(3)
    U = recurrent_matrix("1.5", np.random.default_rng(4))
    found = growth.gains(U, True, rng, steps=10)
    noise = torch.tensor(0.3 * np.random.default_rng(3).normal(size=(10, 32)))
    matrix = torch.tensor(U)

    def last(h, start):
        for x in noise[start:]:
            h = torch.tanh(matrix @ h + x)
        return h

    h = torch.zeros(32, dtype=torch.float64)
    for start in range(10):
        jacobian = torch.autograd.functional.jacobian(lambda h, s=start: last(h, s), h)
        norm = jacobian.norm().item() / math.sqrt(32)
        assert found[9 - start] == pytest.approx(norm, rel=1e-10)
        h = torch.tanh(matrix @ h + noise[start])


def test_the_drawn_gains_are_the_curves(growth):
    for axis, activation in zip(growth.axes, ["线性", "tanh"], strict=True):
        drawn = {line.get_label(): line.get_ydata() for line in axis.get_lines()}
        want = {
            kind if kind == "正交" else f"谱半径 {kind}": curve
            for (a, kind), curve in growth.curves.items()
            if a == activation
        }
        assert drawn.keys() == want.keys()
        assert all(np.array_equal(drawn[label], want[label]) for label in want)


@pytest.mark.parametrize("g", [(0.3, 0.4), (30, 40)])
def test_printed_clipping_is_torch_s(growth, g):
    p = torch.zeros(2, requires_grad=True)
    p.grad = torch.tensor(g, dtype=torch.float32)
    nn.utils.clip_grad_norm_([p], 1.0)
    printed = after(growth.printed_by["clip"], f"({g[0]:g}, {g[1]:g}) 裁剪成 ")
    assert printed == pytest.approx(p.grad.tolist(), abs=1e-5)


# --- gates by hand: recurrent_lstm_numpy --------------------------------------------

HAND = [[3.0, 0.0, 1.0, 0.0], [1.0] * 4, [-1.0, 1.0, 0.0, 0.0]]


def gates_written_out(x, h, c):
    """i, f, g, o and the new c, h of the page's one unit, number by number."""
    sums = [w * x + u * h + b for w, u, b in zip(*HAND, strict=True)]
    i, f, o = (1 / (1 + math.exp(-sums[k])) for k in (0, 1, 3))
    g = math.tanh(sums[2])
    c = f * c + i * g
    return (i, f, g, o), c, o * math.tanh(c)


def torch_cell():
    cell = nn.LSTMCell(1, 1).double()
    with torch.no_grad():
        cell.weight_ih[:, 0] = torch.tensor(HAND[0])
        cell.weight_hh[:, 0] = torch.tensor(HAND[1])
        cell.bias_ih[:] = torch.tensor(HAND[2])
        cell.bias_hh.zero_()
    return cell


def torch_states():
    """(h, c) after each of the two steps, by ``nn.LSTMCell``."""
    cell, states = torch_cell(), [(torch.zeros(1, 1).double(),) * 2]
    for x in (1.0, 0.0):
        states.append(cell(torch.tensor([[x]]).double(), states[-1]))
    return [(h.item(), c.item()) for h, c in states[1:]]


@pytest.fixture(scope="module")
def gates(run_snippet):
    return run_snippet("algorithms/recurrent_lstm_numpy")


def test_printed_gates_are_the_written_out_ones(gates):
    h = c = 0.0
    for t, x in enumerate([1, 0], start=1):
        values, c, h = gates_written_out(x, h, c)
        printed = named(gates.printed_by["two-steps"], f"第 {t} 步，读入 {x}：")
        assert list(printed) == ["i", "f", "g", "o"]
        assert list(printed.values()) == pytest.approx(values, abs=6e-5)


def test_printed_memories_and_states_are_torch_s(gates):
    lines = gates.printed_by["two-steps"].splitlines()[1::2]
    for line, (h, c) in zip(lines, torch_states(), strict=True):
        printed = named(line, "　记忆 ")
        assert printed == pytest.approx({"c": c, "状态 h": h}, abs=6e-5)


def test_a_wide_step_is_torch_s(gates):
    rng = np.random.default_rng(0)
    W, U, b = rng.normal(size=(12, 2)), rng.normal(size=(12, 3)), rng.normal(size=12)
    x, h, c = rng.normal(size=2), rng.normal(size=3), rng.normal(size=3)
    cell = nn.LSTMCell(2, 3).double()
    parts = {"weight_ih": W, "weight_hh": U, "bias_ih": b, "bias_hh": 0 * b}
    cell.load_state_dict({k: torch.tensor(v) for k, v in parts.items()})
    expected = cell(torch.tensor(x), (torch.tensor(h), torch.tensor(c)))
    found = gates.lstm_step(x, h, c, W, U, b)[:2]
    np.testing.assert_allclose(found, [v.detach() for v in expected], atol=1e-14)


@pytest.mark.parametrize("bias", [0, 1, 3, 5])
def test_printed_rest_of_the_path_is_a_power_of_the_gate(gates, bias):
    f = expit(bias)
    _, gate, ten, left10, fifty, left50 = numbers(
        f"{bias} " + line_of(gates.printed_by["path"], f"偏置 {bias}，f = ")
    )
    assert (ten, fifty) == (10, 50)
    assert gate == pytest.approx(f, abs=6e-4)
    assert [left10, left50] == pytest.approx([f**10, f**50], rel=0.06, abs=0)


def test_printed_derivative_of_the_memory_is_torch_s(gates):
    cell = torch_cell()
    (_, f, _, _), _, _ = gates_written_out(0.0, torch_states()[0][0], 0.0)
    c = torch.tensor([[torch_states()[0][1]]], dtype=torch.float64, requires_grad=True)
    h = 0.5 * torch.tanh(c)  # the output gate of step 1 is sigma(0)
    cell(torch.zeros(1, 1).double(), (h, c))[1].backward()
    line = line_of(gates.printed_by["whole"], "c_2 对 c_1 的导数：")
    direct, whole = (float(part.split()[-1]) for part in line.split("，"))
    assert direct == pytest.approx(f, abs=6e-5)
    assert whole == pytest.approx(c.grad.item(), abs=6e-5)


# --- the frameworks' layers: recurrent_torch, recurrent_tf --------------------------


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_printed_hand_lstm_is_the_written_out_one(run_snippet, framework):
    printed = run_snippet(f"algorithms/recurrent_{framework}").printed_by["lstm"]
    _, c1, h1 = gates_written_out(1.0, 0.0, 0.0)
    _, c2, h2 = gates_written_out(0.0, h1, c1)
    assert after(printed, "h：") == pytest.approx([1, h1, 2, h2], abs=6e-5)
    assert after(printed, "最后的 h ") == pytest.approx([h2, c2], abs=6e-5)


def shapes(text, label):
    return [int(x) for x in after(text, label)]


def test_torch_s_printed_shapes_stack_four_gates(run_snippet):
    printed = run_snippet("algorithms/recurrent_torch").printed_by["shapes"]
    batch, time, inputs, H = 2, 5, 3, 4
    assert shapes(printed, "每一步的 h：") == [batch, time, H]
    assert shapes(printed, "最后的 h：") == [1, batch, H] * 2
    assert shapes(printed, "weight_ih_l0 ") == [4 * H, inputs]
    assert shapes(printed, "weight_hh_l0 ") == [4 * H, H]
    for name in ("bias_ih_l0 ", "bias_hh_l0 "):
        assert shapes(printed, name) == [4 * H]


def test_keras_s_printed_shapes_stack_four_gates(run_snippet):
    printed = printed_in(run_snippet("algorithms/recurrent_tf"), "shapes")
    batch, time, inputs, H = 2, 5, 3, 4
    assert shapes(printed, "默认的返回值：") == [batch, H]
    assert shapes(printed, "每一步的 h：") == [batch, time, H]
    assert shapes(printed, "最后的 h：") == [batch, H] * 2
    assert shapes(printed, "kernel ") == [inputs, 4 * H]
    assert shapes(printed, "recurrent_kernel ") == [H, 4 * H]
    assert shapes(printed, "bias ") == [4 * H]
    assert after(printed, "遗忘门的初始偏置：") == [1] * H


def test_torch_s_printed_forget_bias_is_the_sum_of_two_draws(run_snippet):
    """Not 1: two uniform draws, each within 1/sqrt(H)."""
    printed = run_snippet("algorithms/recurrent_torch").printed_by["shapes"]
    values = after(printed, "遗忘门的初始偏置：")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        state = nn.LSTM(3, 4, dtype=torch.float64).state_dict()
    both = state["bias_ih_l0"] + state["bias_hh_l0"]
    assert values == pytest.approx(both.view(4, 4)[1].tolist(), abs=6e-3)
    assert max(map(abs, values)) <= 1


def gru_written_out(x, W, U, b, c, before=False):
    """States of a GRU whose blocks are r, z, n; ``before``: r times h, then U."""
    H, states = U.shape[1], [np.zeros(U.shape[1])]
    for x_t in x:
        h = states[-1]
        a, s = W @ x_t + b, U @ h + c
        r, z = expit(a[:H] + s[:H]), expit(a[H : 2 * H] + s[H : 2 * H])
        inner = U[2 * H :] @ (r * h) + c[2 * H :] if before else r * s[2 * H :]
        states.append(z * h + (1 - z) * np.tanh(a[2 * H :] + inner))
    return np.array(states[1:])


def page_s_gru():
    """The weights of the page's formula, blocks r, z, n."""
    parts = []
    for shift, n in [(0, 2), (10, 2), (20, 1), (30, 1)]:
        blocks = [np.sin(k + shift + np.arange(2 * n)) for k in (1, 2, 3)]
        parts.append(np.concatenate(blocks).reshape((6, n) if n > 1 else 6))
    return parts


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_printed_gru_is_the_written_out_one(run_snippet, framework):
    ns = run_snippet(f"algorithms/recurrent_{framework}")
    x = np.array([[1.0, 0.0], [0.0, -1.0], [0.5, 2.0]])
    states = gru_written_out(x, *page_s_gru())
    for t, h in enumerate(states, start=1):
        printed = after(ns.printed_by["gru"], f"第 {t} 步：h = ")
        assert printed == pytest.approx(h, abs=6e-5)
    by_hand = after(ns.printed_by["by-hand"], "照公式算，最后的 h = ")
    assert by_hand == pytest.approx(states[-1], abs=6e-5)


# --- weights ported: recurrent_parity_tf --------------------------------------------


@pytest.fixture(scope="module")
def parity(run_snippet):
    return run_snippet("algorithms/recurrent_parity_tf")


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_printed_ported_layers_agree_both_ways(parity, cell):
    for way in ("PyTorch → Keras", "Keras → PyTorch"):
        printed = line_of(parity.printed_by["compare"], f"{cell}，{way}：差")
        assert printed.strip() == "小于 1e-12"


def cell_of(parity, cell):
    """A layer of each framework, made anew, and the order of its gates."""
    classes, order = {
        "LSTM": (parity.lstms, parity.lstm_order),
        "GRU": (parity.grus, parity.gru_order),
    }[cell]
    return *parity.pair(*classes), order


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_weights_survive_the_way_there_and_back(parity, cell):
    torch_layer, keras_layer, order = cell_of(parity, cell)
    keras_layer.set_weights(parity.to_keras(torch_layer, order))
    back = parity.to_torch(keras_layer, order)
    for name, weight in torch_layer.state_dict().items():
        if cell == "GRU" or name.startswith("weight"):
            assert torch.equal(weight, back[name])
    both = torch_layer.bias_ih_l0 + torch_layer.bias_hh_l0
    torch.testing.assert_close(both, back["bias_ih_l0"] + back["bias_hh_l0"])


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_ported_layers_agree_on_other_input_and_their_biases_matter(parity, cell):
    x = np.random.default_rng(5).normal(size=(3, 11, 3))
    torch_layer, keras_layer, order = cell_of(parity, cell)
    assert np.abs(keras_layer.get_weights()[2]).min() > 0
    torch_layer.load_state_dict(parity.to_torch(keras_layer, order))
    there = keras_layer(x).numpy()
    here = torch_layer(torch.from_numpy(x))[0].detach().numpy()
    assert here.dtype == there.dtype == np.float64
    np.testing.assert_allclose(here, there, rtol=0, atol=1e-12)
    assert np.abs(here).max() > 0.1


@pytest.mark.usefixtures("double")
def test_gap_is_the_largest_difference(parity):
    torch_layer, keras_layer = parity.pair(*parity.grus)
    here = torch_layer(torch.from_numpy(parity.x))[0].detach().numpy()
    apart = here - keras_layer(parity.x).numpy()
    found = parity.gap(torch_layer, keras_layer)
    assert found == pytest.approx(np.abs(apart).max(), rel=1e-9)


def test_a_gap_is_called_rounding_only_far_below_any_mistake(parity):
    assert parity.x.dtype == np.float64
    assert parity.close(2e-12) == "2e-12" and parity.close(9e-13) == "小于 1e-12"


def written_out_gap(parity, swap, before):
    """How far a GRU written out is off torch's with r, z swapped or r times h first."""
    W, U, b, c = (v.numpy() for v in parity.torch_layer.state_dict().values())
    order = [1, 0, 2] if swap else [0, 1, 2]
    moved = [np.concatenate([np.split(p, 3)[k] for k in order]) for p in (W, U, b, c)]
    if before:
        moved[2:] = moved[2] + moved[3], 0 * moved[3]
    worst = 0.0
    for rows in parity.x:
        right = gru_written_out(rows, W, U, b, c)
        wrong = gru_written_out(rows, *moved, before=before)
        worst = max(worst, np.abs(right - wrong).max())
    return worst


def test_printed_mistakes_are_as_large_as_written_out(parity):
    printed = parity.printed_by["mistakes"]
    unmoved = written_out_gap(parity, swap=True, before=False)
    assert after(printed, "次序不换：差") == pytest.approx([unmoved], abs=6e-4)
    added = written_out_gap(parity, swap=False, before=True)
    assert after(printed, "偏置相加再抄：差") == pytest.approx([added], abs=6e-4)
    assert shapes(printed, "reset_after=False：偏置的形状") == [3 * parity.H]
    page = PAGE.read_text(encoding="utf-8")
    assert f"次序不换，状态差到 {unmoved:.3f}。" in page
    assert f"把两份加起来填进去，仍差 {added:.3f}。" in page


# --- cut through time: recurrent_truncated_torch ------------------------------------


@pytest.fixture(scope="module")
def cut(run_snippet):
    return run_snippet("algorithms/recurrent_truncated_torch")


def test_printed_errors_are_the_two_of_autograd(cut):
    said = line_of(cut.printed_by["error"], "第 2 段：")
    assert said.strip() == "Trying to backward through the graph a second time"
    said = line_of(cut.printed_by["step"], "更新以后：")
    assert said.strip().endswith("has been modified by an inplace operation")


def test_the_shown_loop_updates_every_weight_of_both_layers(cut):
    """The error of the section's first half would end the program before this line."""
    assert "每段 detach，再更新：四段都走完" in cut.printed_by["step"]
    (group,) = cut.optimizer.param_groups
    every = [*cut.rnn.parameters(), *cut.readout.parameters()]
    assert {id(p) for p in group["params"]} == {id(p) for p in every}
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in every)


def test_printed_graph_grows_by_the_same_count_unless_detached(cut):
    kept = after(cut.printed_by["grow"], "保留计算图，各段的节点：")
    freed = after(cut.printed_by["grow"], "每段 detach，各段的节点：")
    assert len(kept) == len(freed) == 4
    assert freed == [kept[0]] * 4
    assert len(set(np.diff(kept))) == 1
    loss, h = cut.loss_of(0, None)
    found = [graph(loss)]
    loss, _ = cut.loss_of(1, h)
    assert [len(g) for g in (*found, graph(loss))] == kept[:2]


def graph(loss):
    """All nodes reachable from a loss, by recursion."""
    reached = set()

    def visit(node):
        if node is not None and node not in reached:
            reached.add(node)
            for before, _ in node.next_functions:
                visit(before)

    visit(loss.grad_fn)
    return reached


def test_the_windows_are_the_stream_in_order_with_the_next_number_as_answer(cut):
    stream = np.sin(np.arange(41) / 3)
    np.testing.assert_allclose(cut.windows.flatten(), stream[:40], atol=1e-12)
    np.testing.assert_allclose(cut.answers.flatten(), stream[1:], atol=1e-12)
    assert cut.windows.shape == cut.answers.shape == (4, 1, 10, 1)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_printed_truncated_gradient_is_the_sum_of_the_last_parts(cut, k):
    parts = autograd_through_time()[2][3 - k :]
    printed = named(cut.printed_by["sum"], f"最后 {k} 步：")
    assert list(printed) == ["w", "u", "b"]
    assert list(printed.values()) == pytest.approx(np.sum(parts, axis=0), abs=6e-5)


# --- a long memory: recurrent_recall_torch, recurrent_recall_tf ---------------------

SIGNS = "甲乙丙丁子丑寅卯？"
ROWS = {
    "torch": [
        "RNN，大嵌入",
        "RNN，小嵌入",
        "LSTM，默认",
        "LSTM，遗忘偏置 1",
        "LSTM，遗忘偏置 3",
        "GRU，默认",
    ],
    "tf": [
        "RNN，大嵌入",
        "RNN，小嵌入",
        "LSTM，遗忘偏置 1",
        "LSTM，遗忘偏置 3",
        "GRU，默认",
    ],
}
EVERY = [(framework, row) for framework, rows in ROWS.items() for row in rows]


@pytest.fixture(scope="module")
def recall(run_snippet):
    return lambda framework: run_snippet(f"algorithms/recurrent_recall_{framework}")


@pytest.fixture
def double():
    """New layers of both frameworks in float64, as in the programs."""
    before = torch.get_default_dtype(), keras.config.dtype_policy()
    torch.set_default_dtype(torch.float64)
    keras.config.set_dtype_policy("float64")
    yield
    torch.set_default_dtype(before[0])
    keras.config.set_dtype_policy(before[1])


def fresh(n, gap):
    """Sentences drawn anew and their answers, by a generator of the test's own."""
    rng = np.random.default_rng(12345)
    x = rng.integers(4, 8, size=(n, gap + 2))
    x[:, 0], x[:, -1] = rng.integers(4, size=n), 8
    return x, x[:, 0]


def right(framework, model, gap):
    """The share of fresh sentences that a trained model answers rightly."""
    x, y = fresh(2000, gap)
    if framework == "torch":
        with torch.no_grad():
            logits = model(torch.from_numpy(x)).numpy()
    else:
        logits = model.predict_on_batch(x)
    return np.mean(logits.argmax(axis=1) == y)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_printed_sentences_ask_for_their_first_sign(recall, framework):
    *lines, chance = printed_in(recall(framework), "language").splitlines()
    assert len(lines) == 2
    for line in lines:
        sentence, answer = line.split("　答： ")
        assert sentence[0] == answer and sentence[-1] == "？" and len(sentence) == 22
        assert answer in SIGNS[:4] and set(sentence[1:-1]) <= set(SIGNS[4:8])
    expected = {"不知道第一个符号：正确率": 0.25, "损失": math.log(4)}
    assert named(chance, "") == pytest.approx(expected, abs=6e-4)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_language_draws_each_sign_equally_often(recall, framework):
    x, y = recall(framework).sentences(4000, 5, seed=7)
    x, y = np.asarray(x), np.asarray(y)
    assert (x[:, 0] == y).all() and (x[:, -1] == 8).all() and x.shape == (4000, 7)
    assert np.bincount(y, minlength=4) == pytest.approx([1000] * 4, rel=0.12)
    filler = np.bincount(x[:, 1:-1].ravel(), minlength=8)
    assert filler == pytest.approx([0] * 4 + [5000] * 4, rel=0.06)


@pytest.mark.parametrize(("framework", "row"), EVERY)
def test_printed_accuracies_hold_on_fresh_sentences(recall, framework, row):
    ns = recall(framework)
    printed = after(printed_in(ns, "compare"), f"{row}：")
    models = [run[0] if framework == "torch" else run for run in ns.runs[row]]
    found = [right(framework, model, 20) for model in models]
    assert len(printed) == 3
    assert printed == pytest.approx(found, abs=0.05)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_rows_are_printed_in_their_order(recall, framework):
    lines = printed_in(recall(framework), "compare").splitlines()
    assert [line.partition("：")[0] for line in lines] == ROWS[framework]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("gap", [10, 40, 80])
def test_printed_farther_accuracies_hold_on_fresh_sentences(recall, framework, gap):
    ns = recall(framework)
    printed = after(ns.printed_by["farther"], f"隔 {gap} 个：")
    runs = ns.runs["LSTM，遗忘偏置 3"]
    models = [run[0] if framework == "torch" else run for run in runs]
    found = [right(framework, model, gap) for model in models]
    assert printed == pytest.approx(found, abs=0.05)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_small_forget_biases_and_large_embeddings_often_fail(recall, framework):
    """What the page concludes: the cell and its first values decide together."""
    printed = printed_in(recall(framework), "compare")
    assert min(after(printed, "LSTM，遗忘偏置 1：")) < 0.8
    assert min(after(printed, "RNN，大嵌入：")) < 0.3


def test_only_a_forget_bias_of_three_succeeds_for_all_seeds_in_both(recall):
    both = [printed_in(recall(framework), "compare") for framework in FRAMEWORKS]
    rows = set(ROWS["torch"]) & set(ROWS["tf"])
    always = [r for r in rows if all(after(p, f"{r}：") == [1, 1, 1] for p in both)]
    assert always == ["LSTM，遗忘偏置 3"]


@pytest.mark.parametrize(
    ("row", "torch_s", "keras_s"),
    [("RNN，大嵌入", 1, 0), ("RNN，小嵌入", 1, 3), ("GRU，默认", 3, 1)],
)
def test_the_page_counts_the_seeds_that_succeed(recall, row, torch_s, keras_s):
    found = [
        after(printed_in(recall(framework), "compare"), f"{row}：").count(1)
        for framework in FRAMEWORKS
    ]
    assert found == [torch_s, keras_s]


def test_a_forget_bias_of_three_is_learnt_earliest(recall):
    """The figure's title: the first step from which the loss stays below a tenth."""
    learnt = {
        row: [
            max((t for t, x in enumerate(losses) if x > 0.1), default=0)
            for _, losses in recall("torch").runs[row]
        ]
        for row in ROWS["torch"]
    }
    latest = max(learnt.pop("LSTM，遗忘偏置 3"))
    assert latest < min(min(steps) for steps in learnt.values())


@pytest.mark.usefixtures("double")
def test_torch_s_first_values_are_those_of_the_rows(recall):
    ns, spread = recall("torch"), {}
    for row in ROWS["torch"]:
        torch.manual_seed(0)
        model = ns.Recall(**ns.ways[row])
        spread[row] = model.embedding.weight.std().item()
        if row.startswith("LSTM，遗忘"):
            gates_b = (model.recurrent.bias_ih_l0 + model.recurrent.bias_hh_l0).view(
                4, 32
            )
            assert (gates_b[1] == float(row[-1])).all()
            assert gates_b[[0, 2, 3]].abs().max() < 1
        kinds = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}
        assert isinstance(model.recurrent, kinds[row.partition("，")[0]])
        assert model.recurrent.input_size == 16 and model.recurrent.hidden_size == 32
    expected = [1, 0.05, 1, 1, 1, 1]
    assert list(spread.values()) == pytest.approx(expected, rel=0.2)


def test_keras_s_first_values_are_those_of_the_rows(recall):
    ns, deviations = recall("tf"), []
    for row in ROWS["tf"]:
        cell, spread, options = ns.ways[row]
        model = ns.recall(cell(32, **options), spread())
        model(np.zeros((1, 3)))
        embedding, recurrent, _ = model.layers
        weights = embedding.get_weights()[0]
        deviations.append(weights.std())
        if row.startswith("LSTM"):
            blocks = recurrent.get_weights()[2].reshape(4, 32)
            assert (blocks[1] == float(row[-1])).all()
            assert (blocks[[0, 2, 3]] == 0).all()
        kinds = {"RNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"}
        assert type(recurrent).__name__ == kinds[row.partition("，")[0]]
        assert weights.shape == (9, 16) and recurrent.units == 32
    small = 0.05 / math.sqrt(3)
    assert deviations == pytest.approx([1] + [small] * 4, rel=0.2)


@pytest.mark.parametrize("row", ROWS["tf"])
def test_keras_s_first_values_hang_on_the_seed_alone(recall, row):
    ns, drawn = recall("tf"), []
    for seed in (0, 0, 1):
        cell, spread, options = ns.ways[row]
        keras.utils.set_random_seed(seed)
        model = ns.recall(cell(32, **options), spread())
        model(np.zeros((1, 3)))
        drawn.append([w for layer in model.layers for w in layer.get_weights()[:1]])
    for first, again, other in zip(*drawn, strict=True):
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)


def trained_by_hand(model, batches, eps, hat=False):
    """Losses of Adam at 0.01 after clipping to length 1, the longest gradient.

    ``hat``: Keras's epsilon.
    """
    params, losses = [p for p in model.parameters() if p.requires_grad], []
    longest = 0.0
    m, v = ([torch.zeros_like(p) for p in params] for _ in range(2))
    for t, (x, y) in enumerate(batches, start=1):
        log_p = model(x).log_softmax(dim=1)
        loss = -log_p[torch.arange(len(y)), y].mean()
        gradients = torch.autograd.grad(loss, params)
        length = math.sqrt(sum(g.square().sum().item() for g in gradients))
        longest = max(longest, length)
        for k, (p, g) in enumerate(zip(params, gradients, strict=True)):
            g = g / max(length, 1.0)
            m[k], v[k] = 0.9 * m[k] + 0.1 * g, 0.999 * v[k] + 0.001 * g * g
            small = eps / math.sqrt(1 - 0.999**t) if hat else eps
            root = (v[k] / (1 - 0.999**t)).sqrt() + small
            p.data -= 0.01 * m[k] / (1 - 0.9**t) / root
        losses.append(loss.item())
    return losses, longest


def plain_batches(ns, steps, seed):
    """Batches of 64, in the order in which the program draws its sentences."""
    x, y = (
        torch.as_tensor(np.asarray(part)) for part in ns.sentences(64 * 300, 20, seed)
    )
    return [(x[k : k + 64], y[k : k + 64]) for k in range(0, 64 * steps, 64)]


def test_the_drawn_losses_are_means_of_ten_steps(recall):
    ns = recall("torch")
    drawn = [line.get_ydata() for axis in ns.axes for line in axis.get_lines()]
    want = [
        np.reshape(losses, (30, 10)).mean(axis=1)
        for row in ROWS["torch"]
        for _, losses in ns.runs[row]
    ]
    np.testing.assert_allclose(drawn, want, rtol=1e-12)


def test_the_drawn_losses_are_named_once_beside_legible_axes(recall):
    ns, rows = recall("torch"), [row.split("，") for row in ROWS["torch"]]
    for cell, axis in ns.cells.items():
        named_lines = [text.get_text() for text in axis.get_legend().get_texts()]
        assert named_lines == [k.removeprefix("遗忘") for c, k in rows if c == cell]
        assert axis.get_yticks().tolist() == [0, 0.5, 1, 1.5]
        highest = max(line.get_ydata().max() for line in axis.get_lines())
        assert highest < axis.get_ylim()[1] < 2  # all in view, with the legend above


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("row", ["RNN，大嵌入", "LSTM，遗忘偏置 3"])
def test_torch_s_training_is_adam_with_clipped_gradients(recall, row):
    ns = recall("torch")
    losses = ns.runs[row][1][1]
    assert len(losses) == 300
    torch.manual_seed(1)
    model = ns.Recall(**ns.ways[row])
    found, _ = trained_by_hand(model, plain_batches(ns, 20, seed=1), eps=1e-8)
    assert losses[:20] == pytest.approx(found, rel=1e-5)


@pytest.mark.parametrize("row", ROWS["tf"])
def test_keras_trains_for_three_hundred_steps(recall, row):
    for model in recall("tf").runs[row]:
        assert int(model.optimizer.iterations) == 300


@pytest.mark.usefixtures("double")
def test_keras_s_training_is_adam_with_clipped_gradients(recall):
    """Five steps of Keras's LSTM from steep first weights, followed by torch."""
    ns = recall("tf")
    _, spread, options = ns.ways["LSTM，遗忘偏置 3"]
    keras.utils.set_random_seed(1)
    model = ns.recall(keras.layers.LSTM(32, **options), spread())
    x, y = ns.sentences(64 * 5, 20, 1)
    model(x[:1])
    kernel = model.layers[2].kernel
    kernel.assign(20 * kernel)  # long gradients: they must be clipped
    model.layers[0].trainable = False  # TF's norm of a look-up's gradient is another
    model.compile(optimizer=model.optimizer, loss=model.loss)
    ours = follower(model)
    model.fit(x, y, batch_size=64, shuffle=False, verbose=0)
    batches = [
        (torch.from_numpy(x[k : k + 64]), torch.from_numpy(y[k : k + 64]))
        for k in range(0, 320, 64)
    ]
    _, longest = trained_by_hand(ours, batches, eps=1e-7, hat=True)
    assert longest > 2
    expected = follower(model).state_dict()
    for name, weight in ours.state_dict().items():
        if not name.startswith("recurrent.bias"):
            torch.testing.assert_close(weight, expected[name], rtol=1e-4, atol=1e-5)


class Follower(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(9, 16)
        self.recurrent = nn.LSTM(16, 32, batch_first=True)
        self.output = nn.Linear(32, 4)

    def forward(self, x):
        return self.output(self.recurrent(self.embedding(x))[0][:, -1])


def follower(model):
    """The same network in torch; only its second bias stays at zero."""
    embedding, W, U, b, dense, bias = (torch.tensor(w) for w in model.get_weights())
    ours = Follower().double()
    ours.load_state_dict(
        {
            "embedding.weight": embedding,
            "recurrent.weight_ih_l0": W.T,
            "recurrent.weight_hh_l0": U.T,
            "recurrent.bias_ih_l0": b,
            "recurrent.bias_hh_l0": torch.zeros_like(b),
            "output.weight": dense.T,
            "output.bias": bias,
        }
    )
    ours.recurrent.bias_hh_l0.requires_grad_(False)
    ours.embedding.requires_grad_(False)
    return ours


# --- exercises ----------------------------------------------------------------------


def test_exercise_1_s_states_and_parts():
    h1, h2 = 0.0, math.tanh(1)
    assert (round(h2, 4), round(math.tanh(h2 / 2), 4), h1) == (0.7616, 0.3634, 0)


def test_exercise_2_s_spectral_radius_is_about_0_577():
    rng = np.random.default_rng(0)
    radii = [
        max(abs(scipy.linalg.eigvals(rng.uniform(-1 / 16, 1 / 16, (256, 256)))))
        for _ in range(3)
    ]
    assert np.mean(radii) == pytest.approx(3**-0.5, rel=0.06)
    assert 0.577**50 == pytest.approx(1e-12, rel=0.3, abs=0)


def test_exercise_3_s_steps_combine():
    a, b = np.random.default_rng(0).normal(size=(2, 8))
    h = 0.7
    for k in range(8):
        h = a[k] * h + b[k]
    parts = list(zip(a, b, strict=True))
    rounds = 0
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=True)
        parts = [(a2 * a1, a2 * b1 + b2) for (a1, b1), (a2, b2) in pairs]
        rounds += 1
    ((A, B),) = parts
    assert rounds == 3
    assert A * 0.7 + B == pytest.approx(h, rel=1e-12)


def test_exercise_4_s_parameters_are_counted():
    lstm = nn.LSTM(128, 256)
    assert sum(p.numel() for p in lstm.parameters()) == 395_264
    theirs = keras.layers.LSTM(256)
    theirs.build((None, None, 128))
    assert theirs.count_params() == 394_240


# --- practice: algorithms/recurrent_practice_numpy ----------------------------------

SOLUTION = """
def lstm_step(x, h, c, W, U, b):
    i, f, g, o = np.split(W @ x + U @ h + b, 4)
    i, f, o = (1 / (1 + np.exp(-a)) for a in (i, f, o))
    g = np.tanh(g)
    c = f * c + i * g
    return o * np.tanh(c), c
"""
SLIP = ("    g = np.tanh(g)\n", "    g = 1 / (1 + np.exp(-g))\n")
WRONG = [
    SLIP,
    ("i, f, g, o = np.split", "f, i, g, o = np.split"),
    ("i, f, g, o = np.split", "i, f, o, g = np.split"),
    ("i, f, g, o = np.split", "i, g, f, o = np.split"),
    ("U @ h + b", "b"),  # no state
    ("W @ x + U @ h + b", "W @ x + U @ h"),
    ("W @ x", "0 * (W @ x)"),
    ("U @ h", "U @ c"),
    ("np.split(W @ x + U @ h + b, 4)", "(W @ x + U @ h + b).reshape(-1, 4).T"),
    ("for a in (i, f, o)", "for a in (i, f, -o)"),
    ("    g = np.tanh(g)\n", ""),
    ("f * c + i * g", "f * c + (1 - f) * g"),
    ("f * c + i * g", "c + i * g"),  # the LSTM of 1997
    ("f * c + i * g", "(1 - f) * c + i * g"),
    ("o * np.tanh(c), c", "o * c, c"),
    ("o * np.tanh(c), c", "np.tanh(c), c"),
    ("o * np.tanh(c), c", "c, o * np.tanh(c)"),
    ("o * np.tanh(c), c", "o * np.tanh(c)"),
    ("    c = f * c + i * g\n", "    c *= f\n    c += i * g\n"),
]


def torch_step(given):
    """(h, c) of ``nn.LSTMCell`` with these weights."""
    cell = nn.LSTMCell(len(given["x"]), len(given["h"])).double()
    weights = {"weight_ih": "W", "weight_hh": "U", "bias_ih": "b"}
    state = {name: torch.tensor(given[key]) for name, key in weights.items()}
    cell.load_state_dict(state | {"bias_hh": torch.zeros_like(state["bias_ih"])})
    x, h, c = (torch.tensor(given[key]) for key in "xhc")
    return [part.tolist() for part in cell(x, (h, c))]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_torch_s_cell_gives(case):
    _, given, want, _ = case
    for expected, printed in zip(torch_step(given), want, strict=True):
        assert printed == pytest.approx(expected, abs=6e-7)


def test_the_page_s_lstm_step_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_lstm_step_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    said = practice.failing(PRACTICE, SOLUTION, SLIP)
    assert said in PAGE.read_text(encoding="utf-8")
