"""The Transformer page: its programs against the libraries' own layers.

References that the programs never import or call: ``F.layer_norm``,
``nn.TransformerEncoderLayer`` / ``DecoderLayer``, the blocks of the other framework
with ported weights.
"""

import math
import re
from functools import partial

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from handbook.programs import practice
from tests.conftest import ROOT

SNIPPETS = ROOT / "snippets"
PRACTICE = SNIPPETS / "concepts/transformer_practice_numpy.py"
FIGURES = ROOT / "docs/assets/figures"
TOLERANCE = {"rtol": 1e-5, "atol": 2e-6}  # float32, sums of at most 128 terms
OPTIONS = {"dropout": 0.0, "batch_first": True, "norm_first": True}


@pytest.fixture(params=["torch", "tf"])
def blocks(request, run_snippet):
    """The program with the blocks, in each framework."""
    return run_snippet(f"concepts/transformer_{request.param}")


def numbers(text):
    return [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", text)]


def after(text, start):
    """The numbers of the one line that begins with ``start``, after its label."""
    (line,) = [x for x in text.splitlines() if x.startswith(start)]
    return numbers(line.removeprefix(start))


# --- by hand ------------------------------------------------------------------

WORD = [9.0, -5.0, 3.0, 1.0]


def word_by_torch():
    """Each state of the page's word: mean, variance, normalised, hidden, FFN, sum."""
    x = torch.tensor(WORD, dtype=torch.float64)
    h = F.layer_norm(x, (4,))
    up = torch.tensor([[1, 0, 1, 0], [0, 1, 0, 1]], dtype=torch.float64)
    down = torch.tensor([[0.5, 2], [0, 1], [-1, 0], [1, -1]], dtype=torch.float64)
    hidden = F.linear(h, up).relu()
    ffn = F.linear(hidden, down)
    return x.mean(), x.var(correction=0), h, hidden, ffn, x + ffn


def test_the_printed_word_is_torch_s_layer_norm_and_linear_layers(run_snippet):
    printed = run_snippet("concepts/transformer_numpy").stdout_text
    mean, variance, h, hidden, ffn, total = word_by_torch()
    assert after(printed, "均值") == [mean, variance]
    assert after(printed, "归一化之后") == pytest.approx(h.tolist(), abs=6e-4)
    assert after(printed, "隐藏单元") == pytest.approx(hidden.tolist(), abs=6e-4)
    assert after(printed, "前馈网络") == pytest.approx(ffn.tolist(), abs=6e-4)
    assert after(printed, "加回残差") == pytest.approx(total.tolist(), abs=6e-4)


def test_the_hand_case_has_the_weights_of_the_practice(run_snippet):
    """The second unit is off, so that what is printed says nothing of its weights."""
    ns = run_snippet("concepts/transformer_numpy")
    _, given, _, _ = practice.values(PRACTICE)["CASES"][0]
    for name in ("x", "gamma", "beta", "W1", "b1", "W2", "b2"):
        np.testing.assert_array_equal(getattr(ns, name), given[name], err_msg=name)


def shown(figure):
    """The numbers in the boxes of a figure, from top to bottom."""
    text = (FIGURES / f"{figure}.svg").read_text("utf-8").replace("−", "-")
    return [float(x) for x in re.findall(r'<text x="[\d.]+" y="\d+">(-?[\d.]+)<', text)]


def test_the_film_strip_of_the_word_shows_torch_s_numbers():
    _, _, h, hidden, ffn, total = [t.tolist() for t in word_by_torch()]
    states = [WORD, WORD + h, h + hidden, WORD + ffn + total]
    for number, state in enumerate(states, 1):
        found = shown(f"transformer-hand-{number}")
        assert found == pytest.approx(state, abs=1e-4)


def sizes_by_torch(scale, layers=48, d=64):
    """The three sizes that the program prints, from the same draws."""
    sizes = []
    steps = [
        lambda x, f: f(x),
        lambda x, f: x + f(x),
        lambda x, f: x + f(F.layer_norm(x, (d,))),
    ]
    for step in steps:
        rng = np.random.default_rng(0)
        x = torch.from_numpy(rng.normal(size=d))
        for _ in range(layers):
            up, down = rng.normal(size=(d, 4 * d)), rng.normal(size=(4 * d, d))
            up = torch.from_numpy(up.T) * scale / d**0.5
            down = torch.from_numpy(down.T) * scale / (4 * d) ** 0.5
            x = step(x, partial(two_layers, up, down))
        sizes.append(x.square().mean().sqrt().item())
    return sizes


def two_layers(up, down, x):
    return F.linear(F.linear(x, up).relu(), down)


def test_printed_sizes_after_48_layers_are_torch_s(run_snippet):
    printed = run_snippet("concepts/transformer_numpy").printed_by["depth"]
    small, large = sizes_by_torch(0.5), sizes_by_torch(1.5)
    names = ["直接连", "加残差", "加归一化"]
    lines = printed.splitlines()
    assert [line.partition("：")[0] for line in lines] == names
    for line, one, other in zip(lines, small, large, strict=True):
        assert numbers(line) == pytest.approx([one, other], rel=0.06)


@pytest.mark.parametrize(("name", "scale"), [("small", 0.5), ("large", 1.5)])
def test_the_drawn_curves_end_where_torch_s_sizes_do(name, scale):
    text = (FIGURES / f"transformer-depth-{name}.svg").read_text("utf-8")
    low, high = {"small": (-40, 10), "large": (-5, 15)}[name]
    curves = re.findall(r'<path d="M([\d. ]+)" fill="none" stroke="[^"]+" ', text)
    ends = [float(curve.split()[-1]) for curve in curves]
    drawn = [low + (188 - y) * (high - low) / 148 for y in ends]
    known = [math.log10(size) for size in sizes_by_torch(scale)]
    assert drawn == pytest.approx(known, abs=0.1)


def test_normalised_residuals_grow_as_the_root_of_the_depth(run_snippet):
    """Exercise 4: 1 + 48 s^4 / 2 is the variance."""
    printed = run_snippet("concepts/transformer_numpy").printed_by["depth"]
    _, large = after(printed, "加归一化")
    assert 1.5**4 / 2 == pytest.approx(2.53, abs=0.005)
    assert large == pytest.approx(math.sqrt(1 + 48 * 1.5**4 / 2), rel=0.1)


# --- blocks -------------------------------------------------------------------


def torch_blocks(run_snippet):
    return run_snippet("concepts/transformer_torch")


def ported(block, layer):
    """``nn.Transformer{Encoder,Decoder}Layer`` with the weights of the page's block."""
    ours, state = block.state_dict(), {}
    for mine, theirs in [("attention", "self_attn"), ("cross", "multihead_attn")]:
        if f"{mine}.out.weight" not in ours:
            continue
        for kind in ("weight", "bias"):
            parts = [ours[f"{mine}.{x}.{kind}"] for x in ("query", "key", "value")]
            state[f"{theirs}.in_proj_{kind}"] = torch.cat(parts)
            state[f"{theirs}.out_proj.{kind}"] = ours[f"{mine}.out.{kind}"]
    for kind in ("weight", "bias"):
        state[f"linear1.{kind}"] = ours[f"ffn.0.{kind}"]
        state[f"linear2.{kind}"] = ours[f"ffn.2.{kind}"]
    state |= {name: x for name, x in ours.items() if name.startswith("norm")}
    layer.load_state_dict(state)
    return layer.eval()


def reference(ns):
    """Memory and output of the page's input, by torch's own layers."""
    encoder = ported(ns.encoder, nn.TransformerEncoderLayer(32, 4, 128, **OPTIONS))
    decoder = ported(ns.decoder, nn.TransformerDecoderLayer(32, 4, 128, **OPTIONS))
    ignored = torch.arange(6) >= torch.tensor([[6], [4]])
    blocked = torch.ones(4, 4, dtype=torch.bool).triu(1)
    with torch.inference_mode():
        memory = encoder(ns.x, src_key_padding_mask=ignored)
        output = decoder(
            ns.y, memory, tgt_mask=blocked, memory_key_padding_mask=ignored
        )
    return memory, output


def test_torch_blocks_match_the_library_s_layers(run_snippet):
    ns = torch_blocks(run_snippet)
    memory, output = reference(ns)
    assert torch.allclose(ns.memory, memory, **TOLERANCE)
    assert torch.allclose(ns.output, output, **TOLERANCE)


def test_the_reversed_mask_of_the_library_gives_what_the_page_says(run_snippet):
    ns = torch_blocks(run_snippet)
    layer = ported(ns.encoder, nn.TransformerEncoderLayer(32, 4, 128, **OPTIONS))
    seen = torch.arange(6) < torch.tensor([[6], [4]])
    with torch.inference_mode():
        memory = layer(ns.x, src_key_padding_mask=seen)
    assert memory[0].isnan().all() and not memory[1].isnan().any()


def test_the_last_change_is_decoded_from_the_changed_memory(blocks):
    """What is printed would be the same from the memory that was not changed."""
    everything = blocks.padding == blocks.padding
    with torch.inference_mode():
        same, *seen = (
            blocks.decoder(blocks.y, memory, blocks.causal, mask)
            for memory, mask in [
                (blocks.encoded, blocks.padding),
                (blocks.memory, everything),
                (blocks.encoded, everything),
            ]
        )
    np.testing.assert_allclose(same, blocks.after, **TOLERANCE)
    # the first sentence has no padding: its last two words are real
    assert not np.allclose(blocks.after[0], blocks.output[0])
    assert blocks.moved(*seen) == [1, 1, 1, 1]  # without the mask it would show


def test_a_position_moved_if_any_of_its_numbers_did(blocks):
    before = np.zeros((2, 6, 32), "float32")
    after = before.copy()
    after[1, 3, 0] = 1
    if torch.is_tensor(blocks.memory):
        before, after = torch.from_numpy(before), torch.from_numpy(after)
    assert blocks.moved(before, after) == [0, 0, 0, 1, 0, 0]


def keras_weights(block):
    """A torch block's weights in the order of the Keras block's ``weights``."""
    state = {name: x.numpy() for name, x in block.state_dict().items()}

    def dense(name):
        return [state[f"{name}.weight"].T, state[f"{name}.bias"]]

    def norm(name):
        return [state[f"{name}.weight"], state[f"{name}.bias"]]

    def heads(name):
        weights = []
        for part in ("query", "key", "value"):
            kernel, bias = dense(f"{name}.{part}")
            weights += [kernel.reshape(32, 4, 8), bias.reshape(4, 8)]
        kernel, bias = dense(f"{name}.out")
        return [*weights, kernel.reshape(4, 8, 32), bias]

    return {
        "norm1": norm("norm1"),
        "attention": heads("attention"),
        "norm2": norm("norm2"),
        "norm3": norm("norm3") if "norm3.weight" in state else None,
        "cross": heads("cross") if "cross.out.bias" in state else None,
        "ffn": dense("ffn.0") + dense("ffn.2"),
    }


@pytest.fixture
def keras_with_torch_weights(run_snippet):
    """Fresh Keras blocks that hold the torch program's weights."""
    ours, theirs = torch_blocks(run_snippet), run_snippet("concepts/transformer_tf")
    made = []
    for name, mine in [("EncoderBlock", ours.encoder), ("DecoderBlock", ours.decoder)]:
        block = getattr(theirs, name)(32, 4, 128)
        if name == "EncoderBlock":
            block(theirs.x, theirs.padding)
        else:
            block(theirs.y, theirs.x, theirs.causal, theirs.padding)
        for part, weights in keras_weights(mine).items():
            if weights is not None:
                getattr(block, part).set_weights(weights)
        made.append(block)
    return made


def test_keras_blocks_compute_what_torch_blocks_do_with_their_weights(
    run_snippet, keras_with_torch_weights
):
    ours, theirs = torch_blocks(run_snippet), run_snippet("concepts/transformer_tf")
    encoder, decoder = keras_with_torch_weights
    memory = encoder(ours.x.numpy(), theirs.padding)
    output = decoder(ours.y.numpy(), memory, theirs.causal, theirs.padding)
    np.testing.assert_allclose(memory, ours.memory.numpy(), **TOLERANCE)
    np.testing.assert_allclose(output, ours.output.numpy(), **TOLERANCE)


def test_printed_shapes_are_those_of_the_input(blocks):
    assert blocks.printed_by["run"].splitlines() == [
        "编码器块 (2, 6, 32) → (2, 6, 32)",
        "解码器块 (2, 4, 32) → (2, 4, 32)",
    ]


@pytest.mark.parametrize(
    ("which", "layer"),
    [
        ("编码器块", nn.TransformerEncoderLayer),
        ("解码器块", nn.TransformerDecoderLayer),
    ],
)
def test_printed_parameters_are_as_many_as_torch_s_layer_has(blocks, which, layer):
    expected = sum(p.numel() for p in layer(32, 4, 128).parameters())
    found = after(blocks.printed_by["count"], f"{which}：")
    assert found == [expected, expected]


def test_twelve_bert_base_blocks_have_85_million_parameters():
    """Exercise 3."""
    block = nn.TransformerEncoderLayer(768, 12, 3072, device="meta")
    count = sum(p.numel() for p in block.parameters())
    assert count == 12 * 768**2 + 13 * 768 == 7_087_872
    assert 12 * count == 85_054_464


def test_printed_changes_show_causality_and_padding(blocks):
    printed = blocks.printed_by["change"]
    assert after(printed, "改第 2 个词，输出：") == [0, 0, 1, 1]
    assert after(printed, "改两格填充，编码：") == [0, 0, 0, 0, 1, 1]
    assert after(printed, "改两格填充，输出：") == [0, 0, 0, 0]


def test_printed_order_shows_equivariance_without_positions_only(blocks):
    printed = blocks.printed_by["order"]
    assert after(printed, "没有位置，两种做法：") == [0] * 6
    assert after(printed, "加上位置，两种做法：") == [1] * 6


def test_both_orders_are_of_the_same_words_with_the_same_positions(run_snippet):
    """What is printed would be the same if one of them had other positions."""
    ns = torch_blocks(run_snippet)
    with torch.inference_mode():
        first = ns.encoder(ns.x + ns.positions, ns.padding)[:, ns.order]
        second = ns.encoder(ns.x[:, ns.order] + ns.positions, ns.padding)
    assert torch.allclose(ns.first, first, **TOLERANCE)
    assert torch.allclose(ns.second, second, **TOLERANCE)


def test_keras_s_orders_are_of_the_same_words_with_the_same_positions(run_snippet):
    ns = run_snippet("concepts/transformer_tf")
    first = np.asarray(ns.encoder(ns.x + ns.positions, ns.padding))[:, ns.order]
    second = np.asarray(ns.encoder(ns.x[:, ns.order] + ns.positions, ns.padding))
    np.testing.assert_allclose(ns.first, first, **TOLERANCE)
    np.testing.assert_allclose(ns.second, second, **TOLERANCE)


def test_the_blocks_of_both_frameworks_have_one_epsilon(run_snippet):
    theirs = run_snippet("concepts/transformer_tf")
    assert theirs.layer_norm().epsilon == nn.LayerNorm(4).eps


def test_each_position_depends_only_on_positions_up_to_it(run_snippet):
    ns = torch_blocks(run_snippet)
    y = ns.y[:1].clone().requires_grad_()
    output = ns.decoder(y, ns.memory[:1].clone(), ns.causal, ns.padding[:1])
    depends = []
    for o in output[0]:
        (gradient,) = torch.autograd.grad(o.square().sum(), y, retain_graph=True)
        depends.append((gradient[0].abs().amax(-1) > 0).tolist())
    assert depends == torch.ones(4, 4).tril().bool().tolist()


@pytest.mark.parametrize("name", ["torch", "tf"])
def test_a_change_smaller_than_rounding_is_no_change(run_snippet, name):
    ns = run_snippet(f"concepts/transformer_{name}")
    x = ns.memory
    assert ns.moved(x, x + 1e-6) == [0] * 6
    assert ns.moved(x, x + 1e-3) == ns.moved(x, x - 1e-3) == [1] * 6


def test_a_padding_mask_on_queries_lets_padding_leak(run_snippet):
    """Exercise 1: padded keys are still seen."""
    ns = torch_blocks(run_snippet)
    wrong = ns.padding.mT  # (batch, 1, query, 1)
    changed = ns.x.clone()
    changed[1, 4:] *= -1
    with torch.inference_mode():
        found = ns.moved(ns.encoder(ns.x, wrong), ns.encoder(changed, wrong))
    assert found[:4] == [1, 1, 1, 1]


def test_adding_a_constant_is_invisible_behind_layer_norm(run_snippet):
    """Exercise 2: + 1 moves only the residual path, so position 3 does not change."""
    ns = torch_blocks(run_snippet)
    changed = ns.y.clone()
    changed[:, 2] += 1
    with torch.inference_mode():
        output = ns.decoder(changed, ns.memory, ns.causal, ns.padding)
    assert ns.moved(ns.output, output) == [0, 0, 1, 0]


# --- positions ----------------------------------------------------------------


def sinusoid(length, d):
    """Vaswani et al. 2017, section 3.5, entry by entry."""
    table = np.zeros((length, d))
    for position in range(length):
        for i in range(d // 2):
            angle = position / 10000 ** (2 * i / d)
            table[position, 2 * i : 2 * i + 2] = math.sin(angle), math.cos(angle)
    return table


def test_sinusoidal_positions_follow_the_paper(run_snippet):
    ns = run_snippet("concepts/transformer_positions_numpy")
    np.testing.assert_allclose(ns.sinusoidal_positions(50, 32), sinusoid(50, 32))
    np.testing.assert_allclose(ns.sinusoidal_positions(7, 8), sinusoid(7, 8))


def test_printed_positions_are_the_paper_s(run_snippet):
    printed = run_snippet("concepts/transformer_positions_numpy").printed_by["table"]
    for position in range(4):
        found = after(printed, f"第 {position} 位，前 4 维：")
        assert found == pytest.approx(sinusoid(4, 32)[position, :4], abs=6e-4)


def test_one_turn_leads_three_positions_on_from_anywhere(run_snippet):
    printed = run_snippet("concepts/transformer_positions_numpy").printed_by["turn"]
    table = sinusoid(50, 32)
    for position in [0, 10, 40]:
        turned, listed = np.split(np.array(after(printed, f"第 {position} 位转到")), 2)
        assert turned == pytest.approx(table[position + 3, 2:4], abs=6e-4)
        assert listed == pytest.approx(table[position + 3, 2:4], abs=6e-4)


HAND = 0.6 + 0.8j  # one turn of the angle that the page takes


def test_the_point_turned_by_hand_is_a_product_of_complex_numbers(run_snippet):
    printed = run_snippet("concepts/transformer_positions_numpy").printed_by["turn"]
    twice = HAND * HAND
    assert after(printed, "手转的点：") == pytest.approx([twice.imag, twice.real])


def test_the_drawn_points_are_those_turned_by_hand():
    text = (FIGURES / "transformer-positions-hand.svg").read_text("utf-8")
    points = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="5"', text)
    found = [complex(float(x) - 128, 128 - float(y)) / 88 for x, y in points]
    np.testing.assert_allclose(found, [1, HAND, HAND**2], atol=1e-3)


def test_the_circle_shows_positions_where_the_paper_puts_them():
    text = (FIGURES / "transformer-positions-turn.svg").read_text("utf-8")
    points = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="[45]"', text)
    found = [((float(x) - 128) / 88, (128 - float(y)) / 88) for x, y in points]
    table = sinusoid(11, 32)
    np.testing.assert_allclose(found, table[:, [3, 2]], atol=1e-3)


def test_the_drawn_table_has_the_paper_s_signs():
    text = (FIGURES / "transformer-positions-table.svg").read_text("utf-8")
    table = sinusoid(20, 32)
    drawn = np.zeros((20, 32))
    for path, colour, opacity in re.findall(
        r'<path d="([^"]+)" fill="var\(--hb-(qing|zhu)\)" opacity="([\d.]+)"', text
    ):
        for x, y in re.findall(r"M(\d+) (\d+)h8v8h-8z", path):
            sign = 1 if colour == "qing" else -1
            drawn[(int(y) - 30) // 9, (int(x) - 34) // 9] = sign * float(opacity)
    np.testing.assert_allclose(drawn, table, atol=0.101)


# --- the table of differences ---------------------------------------------------


def test_keras_has_no_block_of_its_own():
    assert not [name for name in dir(keras.layers) if "Transformer" in name]


def test_torch_s_block_is_post_norm_and_drops_unless_told():
    layer = nn.TransformerEncoderLayer(8, 2, 16)
    assert layer.norm_first is False
    assert (layer.dropout.p, layer.dropout1.p, layer.dropout2.p) == (0.1, 0.1, 0.1)
    torch.manual_seed(0)
    x = torch.randn(5, 1, 8)
    assert not torch.allclose(layer(x), layer(x))  # training mode
    means = layer.eval()(x).mean(-1)  # normalised last
    assert torch.allclose(means, torch.zeros(5, 1), atol=1e-5)


def test_layer_norm_epsilons_differ_and_show_on_small_inputs():
    x = (np.random.default_rng(0).normal(size=(1, 64)) * 0.01).astype("float32")
    ours = nn.LayerNorm(64)(torch.from_numpy(x)).detach().numpy()
    theirs = np.asarray(keras.layers.LayerNormalization()(x))
    assert ours.std() == pytest.approx(0.95, abs=0.03)
    assert theirs.std() == pytest.approx(0.3, abs=0.03)


def test_a_true_in_the_padding_mask_means_the_opposite(run_snippet):
    ns, theirs = torch_blocks(run_snippet), run_snippet("concepts/transformer_tf")
    layer = ported(ns.encoder, nn.TransformerEncoderLayer(32, 4, 128, **OPTIONS))
    seen = torch.arange(6) < torch.tensor([[6], [4]])
    layer.train()  # no fast path; dropout is 0
    right = layer(ns.x, src_key_padding_mask=~seen).detach()
    assert torch.allclose(right, ns.memory, **TOLERANCE)
    changed = theirs.x.copy()
    changed[1, 4:] *= -1  # hidden where Keras has False
    found = theirs.moved(theirs.memory, theirs.encoder(changed, theirs.padding))
    assert found[:4] == [0] * 4


def test_keras_has_weights_only_after_the_first_call(run_snippet):
    block = run_snippet("concepts/transformer_tf").EncoderBlock(32, 4, 128)
    with pytest.raises(ValueError, match="count_params"):
        block.count_params()


def test_normalising_the_trunk_is_noticed_by_the_library_s_block(run_snippet):
    """First pitfall: ``x = norm(x)`` before ``x = x + f(x)``."""
    ns = torch_blocks(run_snippet)
    with torch.inference_mode():
        x = ns.encoder.norm1(ns.x)
        x = x + ns.encoder.attention(x, x, ns.padding)
        x = ns.encoder.norm2(x)
        x = x + ns.encoder.ffn(x)
    assert (x - ns.memory).abs().max() > 0.1


# --- practice: concepts/transformer_practice_numpy ---------------------------------

SOLUTION = practice.functions(
    SNIPPETS / "concepts/transformer_numpy.py", "layer_norm", "ffn", "ffn_sublayer"
)
WRONG = [
    ("x - x.mean(-1, keepdims=True)", "x"),  # not centred
    ("x - x.mean(-1, keepdims=True)", "x - x.mean()"),  # over all positions
    ("(centred**2).mean(-1, keepdims=True)", "(centred**2).mean()"),
    ("(centred**2).mean(-1, keepdims=True)", "x.var(-1, ddof=1, keepdims=True)"),
    ("np.sqrt(variance + eps)", "(np.sqrt(variance) + eps)"),
    ("np.sqrt(variance + eps)", "(variance + eps)"),
    ("eps=1e-5", "eps=1e-3"),  # Keras' default
    ("gamma * normal", "normal"),
    (" + beta", ""),
    ("np.maximum(x @ W1 + b1, 0)", "(x @ W1 + b1)"),  # no ReLU
    ("x @ W1 + b1", "x @ W1"),
    (" @ W2 + b2", " @ W2"),
    ("return x + ffn(h", "return ffn(h"),  # no residual
    ("return x + ffn(", "return h + ffn("),
    ("return x + ffn(h", "return x + ffn(x"),
    (
        "return x + ffn(h, W1, b1, W2, b2)",
        "return layer_norm(x + ffn(x, W1, b1, W2, b2), gamma, beta)",
    ),  # post-norm
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_torch_returns(case):
    _, given, literal, _ = case
    p = {name: torch.from_numpy(value) for name, value in given.items()}
    h = F.layer_norm(p["x"], (4,), p["gamma"], p["beta"])
    hidden = F.linear(h, p["W1"].T, p["b1"]).relu()
    expected = p["x"] + F.linear(hidden, p["W2"].T, p["b2"])
    np.testing.assert_allclose(literal, expected, rtol=0, atol=6e-6)


def test_the_pages_own_sublayer_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_sublayer_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = (ROOT / "docs/concepts/transformer.md").read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, WRONG[4]) in page
