"""The attention page: its snippets against the libraries' own layers.

References that the snippets never import: ``F.scaled_dot_product_attention``,
``nn.MultiheadAttention``, ``nn.TransformerEncoderLayer`` / ``DecoderLayer``,
``keras.ops.dot_product_attention``, ``keras.layers.MultiHeadAttention``.
"""

import math
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import torch.nn.functional as F
from torch import nn

from handbook.programs import practice
from tests.conftest import ROOT

SNIPPETS = ROOT / "snippets"

FRAMEWORKS = ["numpy", "torch", "tf"]
TOLERANCE = {"rtol": 1e-5, "atol": 2e-6}  # float32, sums of at most 128 terms


@pytest.fixture(params=FRAMEWORKS)
def framework(request):
    return request.param


def tensor(framework, array):
    """A NumPy array as the framework's tensor."""
    if framework == "torch":
        return torch.from_numpy(np.array(array))
    return tf.constant(array) if framework == "tf" else array


def array(x):
    """Any framework's tensor as a NumPy array."""
    return x.detach().numpy() if isinstance(x, torch.Tensor) else np.array(x)


def numbers(text):
    return [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", text)]


# --- scaled dot product and masks --------------------------------------------


def random_qkv(seed=0):
    """q (2, 3, 5, 8), k (2, 3, 7, 8), v (2, 3, 7, 6): (batch, head, position, dim)."""
    rng = np.random.default_rng(seed)
    shapes = [(2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 6)]
    return [rng.normal(size=s).astype("float32") for s in shapes]


def random_mask(seed=1):
    """(2, 1, 5, 7), True may be seen; no row is empty."""
    mask = np.random.default_rng(seed).random((2, 1, 5, 7)) < 0.6
    mask[..., 0] = True
    return mask


def sdpa(q, k, v, mask=None):
    mask = None if mask is None else torch.from_numpy(mask)
    parts = [torch.from_numpy(x) for x in (q, k, v)]
    return F.scaled_dot_product_attention(*parts, attn_mask=mask).numpy()


def test_attention_matches_torch_sdpa(run_snippet, framework):
    attention = run_snippet(f"concepts/attention_{framework}").attention
    q, k, v = random_qkv()
    output, _ = attention(*[tensor(framework, x) for x in (q, k, v)])
    np.testing.assert_allclose(array(output), sdpa(q, k, v), **TOLERANCE)


def test_masked_attention_matches_torch_sdpa(run_snippet, framework):
    attention = run_snippet(f"concepts/attention_{framework}").attention
    q, k, v = random_qkv()
    mask = random_mask()
    output, _ = attention(*[tensor(framework, x) for x in (q, k, v, mask)])
    np.testing.assert_allclose(array(output), sdpa(q, k, v, mask), **TOLERANCE)


def test_masked_attention_matches_keras_dot_product_attention(run_snippet, framework):
    attention = run_snippet(f"concepts/attention_{framework}").attention
    q, k, _ = random_qkv()
    v = random_qkv(2)[1]  # Keras wants values shaped like keys
    mask = random_mask()
    output, _ = attention(*[tensor(framework, x) for x in (q, k, v, mask)])
    swapped = [x.swapaxes(1, 2) for x in (q, k, v)]  # (batch, position, head, dim)
    expected = keras.ops.dot_product_attention(*swapped, mask=mask)
    expected = np.asarray(expected).swapaxes(1, 2)
    np.testing.assert_allclose(array(output), expected, **TOLERANCE)


def test_weights_of_each_query_sum_to_one(run_snippet, framework):
    attention = run_snippet(f"concepts/attention_{framework}").attention
    q, k, v = [tensor(framework, x) for x in random_qkv()]
    _, weights = attention(q, k, v, tensor(framework, random_mask()))
    np.testing.assert_allclose(array(weights).sum(-1), 1, rtol=1e-6)


def test_blocked_keys_get_exactly_zero_weight(run_snippet, framework):
    attention = run_snippet(f"concepts/attention_{framework}").attention
    q, k, v = [tensor(framework, x) for x in random_qkv()]
    _, weights = attention(q, k, v, tensor(framework, random_mask()))
    blocked = np.broadcast_to(~random_mask(), array(weights).shape)
    assert (array(weights)[blocked] == 0).all()


def test_huge_scores_do_not_overflow(run_snippet, framework):
    attention = run_snippet(f"concepts/attention_{framework}").attention
    q, k, v = random_qkv()
    output, _ = attention(*[tensor(framework, x) for x in (q * 1e3, k * 1e3, v)])
    assert np.isfinite(array(output)).all()


def test_a_row_with_nothing_to_see_gives_zeros_as_torch_sdpa(run_snippet, framework):
    attention = run_snippet(f"concepts/attention_{framework}").attention
    q, k, v = random_qkv()
    mask = random_mask()
    mask[0, 0, 2] = False
    output, _ = attention(*[tensor(framework, x) for x in (q, k, v, mask)])
    np.testing.assert_allclose(array(output), sdpa(q, k, v, mask), **TOLERANCE)
    assert (array(output)[0, :, 2] == 0).all()


def test_the_gradient_through_an_empty_row_is_finite(run_snippet):
    attention = run_snippet("concepts/attention_torch").attention
    q, k, v = [torch.from_numpy(x).requires_grad_() for x in random_qkv()]
    mask = random_mask()
    mask[0, 0, 2] = False
    attention(q, k, v, torch.from_numpy(mask))[0].sum().backward()
    assert all(torch.isfinite(x.grad).all() for x in (q, k, v))


def test_filling_minus_infinity_makes_an_empty_row_nan(run_snippet, framework):
    assert np.isnan(array(run_snippet(f"concepts/attention_{framework}").naive)).all()


def test_page_masks_match_torch_is_causal(run_snippet, framework):
    ns = run_snippet(f"concepts/attention_{framework}")
    q, k, v = [torch.from_numpy(array(x))[None] for x in (ns.q, ns.k, ns.v)]
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=True)[0]
    output, _ = ns.attention(ns.q, ns.k, ns.v, ns.causal)
    np.testing.assert_allclose(array(output), expected.numpy(), **TOLERANCE)


def test_padding_is_never_seen(run_snippet, framework):
    ns = run_snippet(f"concepts/attention_{framework}")
    assert (array(ns.padded_weights)[:, ns.tokens.index("<pad>")] == 0).all()


def page_qkv():
    """The page's q, k (5, 8) and v (5, 4), drawn anew."""
    rng = np.random.default_rng(7)
    shapes = [(5, 8), (5, 8), (5, 4)]
    return [torch.from_numpy(rng.normal(size=s).astype("float32")) for s in shapes]


def page_weights(keep=None):
    """What torch gives with v = I, so that its output is the weights; True is seen."""
    q, k, _ = page_qkv()
    keep = None if keep is None else torch.from_numpy(keep)
    return F.scaled_dot_product_attention(q, k, torch.eye(5), attn_mask=keep).numpy()


PAD = np.array([[True, True, True, True, False]] * 5)
CAUSAL = np.tril(np.ones((5, 5), dtype=bool))


def rows_printed(text):
    """The rows of numbers in a printed text, a list for each bracket."""
    return [numbers(row) for row in re.findall(r"\[([^\[\]]+)\]", text)]


def test_printed_weights_and_output_are_torch_s(run_snippet, framework):
    printed = run_snippet(f"concepts/attention_{framework}").printed_by["attention"]
    *weights, sums, first = rows_printed(printed)
    np.testing.assert_allclose(weights, page_weights(), atol=6e-4)
    assert sums == [1.0] * 5
    expected = F.scaled_dot_product_attention(*page_qkv()).numpy()
    np.testing.assert_allclose(first, expected[0], atol=6e-4)
    assert "输出的形状： (5, 4)" in printed


def test_printed_masked_weights_are_torch_s(run_snippet, framework):
    printed = run_snippet(f"concepts/attention_{framework}").printed_by["masks"]
    row, *both = rows_printed(printed)
    assert "「上」这一行" in printed
    np.testing.assert_allclose(row, page_weights(PAD)[3], atol=6e-4)
    np.testing.assert_allclose(both, page_weights(PAD & CAUSAL), atol=6e-4)


def test_the_film_strip_of_the_mask_shows_torch_s_numbers(run_snippet):
    ns = run_snippet("concepts/attention_numpy")
    q, k = torch.from_numpy(ns.q[:3]), torch.from_numpy(ns.k[:3])
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    future = torch.ones(3, 3, dtype=torch.bool).triu(1)
    masked = scores.masked_fill(future, -math.inf)
    weights = masked.softmax(-1)
    totals = masked.exp().sum(-1, keepdim=True)
    ones = torch.ones(3, 1)
    states = [scores, masked, torch.cat([masked.exp(), totals], 1)]
    for number, state in enumerate([*states, torch.cat([weights, ones], 1)], 1):
        path = ROOT / f"docs/assets/figures/attention-mask-{number}.svg"
        text = path.read_text("utf-8").replace("−", "-").replace("∞", "inf")
        texts = re.findall(r">(-?(?:inf|[\d.]+))</text>", text)
        shown = [float(x) for x in texts[:9]], [float(x) for x in texts[9:]]
        np.testing.assert_allclose(shown[0], state[:, :3].flatten(), atol=0.00501)
        np.testing.assert_allclose(shown[1], state[:, 3:].flatten(), atol=0.00501)
        if number > 2:  # what is shown adds up to the last digit
            rows = np.reshape(shown[0], (3, 3)).sum(1)
            np.testing.assert_allclose(rows, shown[1], atol=1e-9)


def test_printed_rows_without_a_key_are_nan_and_zero(run_snippet, framework):
    printed = run_snippet(f"concepts/attention_{framework}").printed_by["masked-row"]
    naive, safe = printed.splitlines()
    assert naive == "整行被遮，填 -∞： [nan nan nan nan nan]"
    assert safe == "整行被遮，本页实现： [0.000 0.000 0.000 0.000 0.000]"


@pytest.mark.parametrize("program", ["attention", "attention_multihead"])
@pytest.mark.parametrize("name", ["torch", "tf"])
def test_the_library_s_call_is_said_to_agree(run_snippet, program, name):
    printed = run_snippet(f"concepts/{program}_{name}").printed_by["library"]
    assert re.fullmatch(r"手写的与库的相差不到 1e-[45]： True\n", printed)


def test_the_library_s_call_gets_the_page_s_mask(run_snippet):
    """Said to agree: with the library's value, and not of two wrong ones."""
    expected = F.scaled_dot_product_attention(
        *page_qkv(), attn_mask=torch.from_numpy(PAD & CAUSAL)
    )
    for name in ("torch", "tf"):
        ns = run_snippet(f"concepts/attention_{name}")
        library = array(ns.library).squeeze()[:, :4]
        np.testing.assert_allclose(library, expected.numpy(), **TOLERANCE)
        np.testing.assert_allclose(array(ns.by_hand), expected.numpy(), **TOLERANCE)


# --- why the square root ------------------------------------------------------


def softmax_facts(scores):
    """Mean largest weight, mean entropy, median gradient norm, by torch."""
    p = torch.distributions.Categorical(logits=torch.from_numpy(scores))
    jacobian = torch.autograd.functional.jacobian
    each = [
        jacobian(lambda s: torch.softmax(s, -1), row).norm().item()
        for row in torch.from_numpy(scores)
    ]
    top = p.probs.amax(-1).mean().item()
    return top, p.entropy().mean().item(), float(np.median(each))


def test_the_printed_table_of_scales_is_torch_s(run_snippet, framework):
    rows = scale_rows(run_snippet(f"concepts/attention_{framework}"))
    rng = np.random.default_rng(7)
    rng.normal(size=5 * 8), rng.normal(size=5 * 8), rng.normal(size=5 * 4)
    expected = []
    for d in [4, 16, 64, 256, 1024]:
        q, k = rng.normal(size=(501, d)), rng.normal(size=(501, 16, d))
        dots = (q[:, None] * k).sum(-1)
        for scaled, scores in [(False, dots), (True, dots / d**0.5)]:
            expected.append((scaled, d, np.var(scores), *softmax_facts(scores)))
    assert [row[:2] for row in rows] == [row[:2] for row in expected]
    for found, known in zip(rows, expected, strict=True):
        assert found[2:5] == pytest.approx(known[2:5], rel=1e-3, abs=6e-3)
        assert found[5] == pytest.approx(known[5], rel=0.06)


def test_the_printed_greatest_entropy_is_a_uniform_distribution_s(
    run_snippet, framework
):
    printed = run_snippet(f"concepts/attention_{framework}").printed_by["scale"]
    uniform = torch.distributions.Categorical(torch.ones(16)).entropy().item()
    assert numbers(printed.splitlines()[0]) == [16, pytest.approx(uniform, abs=6e-4)]


def scale_rows(ns):
    """(scaled or not, d_k, variance, largest weight, entropy, gradient) as printed."""
    lines = [x for x in ns.stdout_text.splitlines() if "d_k=" in x]
    # the label's digits are d_k, variance, weight, entropy, gradient
    return [(x.startswith("缩放后"), *numbers(x.replace("d_k", "d"))) for x in lines]


def test_variance_of_a_dot_product_is_d_k(run_snippet, framework):
    rows = scale_rows(run_snippet(f"concepts/attention_{framework}"))
    raw = [(d, variance) for scaled, d, variance, *_ in rows if not scaled]
    assert [d for d, _ in raw] == [4, 16, 64, 256, 1024]
    for d, variance in raw:
        assert variance == pytest.approx(d, rel=0.06)  # 8,016 samples, with shared q


def test_dividing_by_the_root_brings_the_variance_to_one(run_snippet, framework):
    rows = scale_rows(run_snippet(f"concepts/attention_{framework}"))
    scaled = [variance for scaled, _, variance, *_ in rows if scaled]
    assert scaled == pytest.approx([1] * 5, rel=0.06)


def test_without_scaling_softmax_saturates_and_its_gradient_vanishes(
    run_snippet, framework
):
    rows = scale_rows(run_snippet(f"concepts/attention_{framework}"))
    raw = [row[3:] for row in rows if not row[0]]
    top, entropy, gradient = zip(*raw, strict=True)
    assert list(top) == sorted(top) and top[-1] > 0.95
    assert list(entropy) == sorted(entropy, reverse=True)
    assert gradient[-1] < 1e-3 < 0.2 < gradient[0]


def test_with_scaling_the_gradient_does_not_depend_on_d_k(run_snippet, framework):
    rows = scale_rows(run_snippet(f"concepts/attention_{framework}"))
    gradient = [row[-1] for row in rows if row[0]]
    assert gradient == pytest.approx([gradient[0]] * 5, rel=0.1)


def test_jacobian_norm_matches_finite_differences(run_snippet):
    ns = run_snippet("concepts/attention_numpy")
    scores = np.random.default_rng(3).normal(size=(4, 6))
    step = 1e-6
    columns = [
        (ns.softmax(scores + step * e) - ns.softmax(scores - step * e)) / (2 * step)
        for e in np.eye(6)
    ]
    expected = np.sqrt((np.stack(columns) ** 2).sum(axis=(0, 2)))
    np.testing.assert_allclose(
        ns.jacobian_norm(ns.softmax(scores)), expected, rtol=1e-6
    )


# --- multi-head ---------------------------------------------------------------


def torch_mha(params, prefix=""):
    """``nn.MultiheadAttention`` with a snippet's weights (ours are (in, out))."""
    p = {name: np.asarray(params[f"{prefix}{name}"]) for name in MHA_NAMES}
    mha = nn.MultiheadAttention(32, 4, batch_first=True)
    packed = [p[f"{x}.weight"].T for x in ("query", "key", "value")]
    biases = [p[f"{x}.bias"] for x in ("query", "key", "value")]
    mha.load_state_dict(
        {
            "in_proj_weight": torch.from_numpy(np.concatenate(packed)),
            "in_proj_bias": torch.from_numpy(np.concatenate(biases)),
            "out_proj.weight": torch.from_numpy(p["out.weight"].T.copy()),
            "out_proj.bias": torch.from_numpy(p["out.bias"]),
        }
    )
    return mha


MHA_NAMES = [f"{x}.{y}" for x in ("query", "key", "value", "out") for y in "wb"]
MHA_NAMES = [x.replace(".w", ".weight").replace(".b", ".bias") for x in MHA_NAMES]


def call_mha(ns, framework, x, memory, mask):
    call = ns.multi_head_attention if framework == "numpy" else ns.mha
    parts = [tensor(framework, t) for t in (x, memory, mask)]
    return [array(t) for t in call(*parts)]


def test_multi_head_attention_matches_torch_layer(run_snippet, framework):
    ns = run_snippet(f"concepts/attention_multihead_{framework}")
    x, mask = array(ns.x), array(ns.causal)
    output, weights = call_mha(ns, framework, x, x, mask)
    x = torch.from_numpy(x)
    expected, expected_weights = torch_mha(ns.params)(
        x, x, x, attn_mask=torch.from_numpy(~mask), average_attn_weights=False
    )
    np.testing.assert_allclose(output, expected.detach(), **TOLERANCE)
    np.testing.assert_allclose(weights, expected_weights.detach(), **TOLERANCE)


def test_cross_attention_matches_keras_layer(run_snippet, framework):
    ns = run_snippet(f"concepts/attention_multihead_{framework}")
    rng = np.random.default_rng(5)
    x = rng.normal(size=(2, 3, 32)).astype("float32")
    memory = rng.normal(size=(2, 7, 32)).astype("float32")
    mask = rng.random((2, 3, 7)) < 0.7
    mask[..., 0] = True
    layer = keras.layers.MultiHeadAttention(num_heads=4, key_dim=8)
    layer.build((2, 3, 32), (2, 7, 32))
    weights = []
    for name in ["query", "key", "value"]:  # (d_model, head, key_dim)
        weights.append(ns.params[f"{name}.weight"].reshape(32, 4, 8))
        weights.append(ns.params[f"{name}.bias"].reshape(4, 8))
    weights.append(ns.params["out.weight"].reshape(4, 8, 32))
    weights.append(ns.params["out.bias"])
    layer.set_weights(weights)
    expected = layer(x, memory, attention_mask=mask)
    output, _ = call_mha(ns, framework, x, memory, mask[:, None])
    np.testing.assert_allclose(output, np.asarray(expected), **TOLERANCE)


def page_heads():
    """The multi-head program's input and weights, drawn anew."""
    rng = np.random.default_rng(11)
    x = torch.from_numpy(rng.normal(size=(2, 6, 32)).astype("float32"))
    params = {}
    for name in ["query", "key", "value", "out"]:
        weight = rng.normal(size=(32, 32)) / np.sqrt(32)
        params[f"{name}.weight"] = weight.astype("float32")
        params[f"{name}.bias"] = rng.normal(size=32).astype("float32") * 0.1
    return x, params


def test_printed_heads_and_output_are_torch_s(run_snippet, framework):
    ns = run_snippet(f"concepts/attention_multihead_{framework}")
    printed = ns.printed_by["use"]
    shapes = "输入 (2, 6, 32) → 拆头 (2, 4, 6, 8) → 权重 (2, 4, 6, 6) → 输出 (2, 6, 32)"
    assert printed.splitlines()[0] == shapes
    count = sum(p.numel() for p in nn.MultiheadAttention(32, 4).parameters())
    assert f"参数量： {count} = 4d^2 + 4d = {count}\n" in printed
    x, params = page_heads()
    blocked = torch.ones(6, 6, dtype=torch.bool).triu(1)
    output, weights = torch_mha(params)(
        x, x, x, attn_mask=blocked, average_attn_weights=False
    )
    *heads, first = rows_printed(printed)
    np.testing.assert_allclose(heads, weights[0, :, -1].detach(), atol=6e-4)
    np.testing.assert_allclose(first, output[0, -1, :4].detach(), atol=6e-4)


@pytest.mark.parametrize("name", ["torch", "tf"])
def test_the_library_s_layer_holds_the_page_s_weights_and_mask(run_snippet, name):
    x, params = page_heads()
    blocked = torch.ones(6, 6, dtype=torch.bool).triu(1)
    known, _ = torch_mha(params)(x, x, x, attn_mask=blocked)
    ns = run_snippet(f"concepts/attention_multihead_{name}")
    np.testing.assert_allclose(array(ns.expected), known.detach(), **TOLERANCE)
    np.testing.assert_allclose(array(ns.y), known.detach(), **TOLERANCE)


def test_merging_heads_undoes_splitting(run_snippet, framework):
    ns = run_snippet(f"concepts/attention_multihead_{framework}")
    back = ns.merge_heads(ns.split_heads(ns.x, ns.heads))
    np.testing.assert_array_equal(array(back), array(ns.x))


def test_reshaping_without_transposing_mixes_positions(run_snippet, framework):
    printed = run_snippet(f"concepts/attention_multihead_{framework}").stdout_text
    assert "正确拆头：各头中变了的位置数 [1, 1, 1, 1]" in printed
    assert "错误拆头：各头中变了的位置数 [4, 0, 0, 0]" in printed


def test_cost_table_is_h_n_squared_two_bytes_and_n_over_two_d(run_snippet, framework):
    printed = run_snippet(f"concepts/attention_multihead_{framework}").stdout_text
    rows = [numbers(x) for x in printed.splitlines() if "GiB" in x]
    assert len(rows) == 4
    for n, gib, ratio in rows:
        logits = torch.empty(32, int(n), int(n), dtype=torch.float16, device="meta")
        size = logits.numel() * logits.element_size() / 2**30
        assert gib == pytest.approx(size, abs=5e-4)
        assert ratio == pytest.approx(n / (2 * 4096), abs=5e-5)


# --- the frameworks against each other ----------------------------------------


@pytest.mark.parametrize("program", ["", "_multihead"])
@pytest.mark.parametrize("other", ["torch", "tf"])
def test_frameworks_print_the_same_lines(run_snippet, program, other):
    ours = run_snippet(f"concepts/attention{program}_numpy").stdout_text
    parts = dict(run_snippet(f"concepts/attention{program}_{other}").printed_by)
    parts.pop("library", None)  # NumPy has no library's call
    theirs = "".join(parts.values())
    shape = re.compile(r"-?\d+\.?\d*(?:e[-+]\d+)?")
    assert shape.sub("#", ours) == shape.sub("#", theirs)
    np.testing.assert_allclose(numbers(ours), numbers(theirs), rtol=1e-3, atol=1e-6)


# --- the table of differences ---------------------------------------------------


def test_torch_mha_blocks_where_sdpa_keeps():
    x = torch.randn(1, 4, 8, generator=torch.Generator().manual_seed(0))
    mask = torch.ones(4, 4, dtype=torch.bool).tril()
    mha = nn.MultiheadAttention(8, 1, batch_first=True)
    _, weights = mha(x, x, x, attn_mask=~mask)
    assert (weights[0][~mask] == 0).all()
    eye = torch.eye(4)[None]
    kept = F.scaled_dot_product_attention(x, x, eye, attn_mask=mask)  # v = I: weights
    assert (kept[0][~mask] == 0).all()


def test_keras_mask_keeps_true():
    x = np.random.default_rng(0).normal(size=(1, 4, 8)).astype("float32")
    mask = np.tril(np.ones((4, 4), dtype=bool))
    layer = keras.layers.MultiHeadAttention(1, 8)
    _, weights = layer(x, x, attention_mask=mask[None], return_attention_scores=True)
    assert (np.asarray(weights)[0, 0][~mask] == 0).all()


def test_inverted_causal_mask_lets_each_position_see_only_the_future():
    mha = nn.MultiheadAttention(8, 1, batch_first=True)
    x = torch.randn(1, 4, 8, generator=torch.Generator().manual_seed(0))
    keep = torch.ones(4, 4, dtype=torch.bool).tril()
    _, weights = mha(x, x, x, attn_mask=keep)
    assert (weights[0, :3].tril() == 0).all() and weights[0, 3].isnan().all()


def test_layouts_differ_and_mixing_them_up_raises_nothing():
    rng = np.random.default_rng(0)
    q = rng.normal(size=(1, 4, 6, 8)).astype("float32")  # (batch, head, position, dim)
    right = sdpa(q, q, q)
    wrong = np.asarray(keras.ops.dot_product_attention(q, q, q))
    assert wrong.shape == right.shape
    swapped = q.swapaxes(1, 2)
    ported = np.asarray(keras.ops.dot_product_attention(swapped, swapped, swapped))
    np.testing.assert_allclose(ported.swapaxes(1, 2), right, **TOLERANCE)
    assert np.abs(wrong - right).max() > 0.1


def test_torch_mha_is_sequence_first_unless_told():
    mha = nn.MultiheadAttention(8, 1)
    x = torch.randn(2, 5, 8)  # meant as batch 2, five positions
    _, weights = mha(x, x, x)
    assert weights.shape == (5, 2, 2)


def test_keras_key_dim_is_per_head_where_torch_embed_dim_is_the_sum():
    torch_layer = nn.MultiheadAttention(32, 4)
    keras_layer = keras.layers.MultiHeadAttention(4, 32)  # a likely slip: 8 is meant
    keras_layer.build((1, 2, 32), (1, 2, 32))
    right = keras.layers.MultiHeadAttention(4, 8)
    right.build((1, 2, 32), (1, 2, 32))
    count = sum(p.numel() for p in torch_layer.parameters())
    assert (count, right.count_params()) == (4224, 4224)
    assert keras_layer.count_params() == 16800


def test_torch_packs_its_projections_out_by_in():
    assert nn.MultiheadAttention(32, 4).in_proj_weight.shape == (96, 32)
    layer = keras.layers.MultiHeadAttention(4, 8)
    layer.build((1, 2, 32), (1, 2, 32))
    assert layer.weights[0].shape == (32, 4, 8)


def test_layer_norm_epsilons_differ_and_show_on_small_inputs():
    x = (np.random.default_rng(0).normal(size=(1, 64)) * 0.01).astype("float32")
    ours = nn.LayerNorm(64)(torch.from_numpy(x)).detach().numpy()
    theirs = np.asarray(keras.layers.LayerNormalization()(x))
    assert ours.std() == pytest.approx(0.95, abs=0.03)
    assert theirs.std() == pytest.approx(0.3, abs=0.03)


def test_sdpa_drops_even_outside_training_where_the_keras_layer_does_not():
    x = torch.randn(1, 1, 6, 8, generator=torch.Generator().manual_seed(0))
    plain = F.scaled_dot_product_attention(x, x, x)
    with torch.inference_mode():
        dropped = F.scaled_dot_product_attention(x, x, x, dropout_p=0.5)
    assert not torch.allclose(plain, dropped)
    layer = keras.layers.MultiHeadAttention(1, 8, dropout=0.5)
    y = x[0].numpy()
    np.testing.assert_array_equal(np.asarray(layer(y, y)), np.asarray(layer(y, y)))
    assert np.abs(layer(y, y, training=True) - layer(y, y)).max() > 1e-3


def test_torch_averages_the_heads_weights_where_keras_returns_them_all():
    x = torch.randn(1, 5, 32)
    assert nn.MultiheadAttention(32, 4, batch_first=True)(x, x, x)[1].shape == (1, 5, 5)
    layer = keras.layers.MultiHeadAttention(4, 8)
    _, scores = layer(x.numpy(), x.numpy(), return_attention_scores=True)
    assert scores.shape == (1, 4, 5, 5)


NOTHING = np.array([[True, True, True], [True, True, True], [False] * 3])


def three_positions():
    return np.random.default_rng(0).normal(size=(1, 3, 8)).astype("float32")


def test_torch_sdpa_gives_zero_where_nothing_may_be_seen():
    x = three_positions()
    assert (sdpa(x, x, x, NOTHING)[0, 2] == 0).all()


def test_torch_mha_gives_nan_there_unless_it_need_not_return_weights():
    x, blocked = torch.from_numpy(three_positions()), torch.from_numpy(~NOTHING)
    mha = nn.MultiheadAttention(8, 1, batch_first=True)
    assert mha(x, x, x, attn_mask=blocked)[0][0, 2].isnan().all()
    output, _ = mha(x, x, x, attn_mask=blocked, need_weights=False)
    assert (output[0, 2] == 0).all()  # the output's bias starts at 0


def test_keras_dot_product_attention_gives_uniform_weights_there():
    x = three_positions()[:, :, None, :3]
    eye = np.eye(3, dtype="float32")[None, :, None]  # v = I: weights
    output = keras.ops.dot_product_attention(x, x, eye, mask=NOTHING[None, None])
    np.testing.assert_allclose(np.asarray(output)[0, 2, 0], 1 / 3, rtol=1e-5)


def test_keras_layer_gives_uniform_weights_there_and_zero_if_it_returns_them():
    x = three_positions()
    layer = keras.layers.MultiHeadAttention(1, 8)
    dropping = keras.layers.MultiHeadAttention(1, 8, dropout=0.1)
    uniform = keras.layers.MultiHeadAttention(1, 8)
    for other in (layer, dropping, uniform):
        other.build(x.shape, x.shape)
    kernel, bias, *rest = layer.get_weights()
    dropping.set_weights([kernel, bias, *rest])
    uniform.set_weights([kernel * 0, bias * 0, *rest])  # q = 0: all scores equal
    mask = NOTHING[None]
    plain = np.asarray(layer(x, x, attention_mask=mask))[0, 2]
    np.testing.assert_allclose(plain, np.asarray(uniform(x, x))[0, 2], **TOLERANCE)
    _, weights = layer(x, x, attention_mask=mask, return_attention_scores=True)
    assert (np.asarray(weights)[0, 0, 2] == 0).all()
    assert (np.asarray(dropping(x, x, attention_mask=mask))[0, 2] == 0).all()


# --- pitfalls -------------------------------------------------------------------


def test_minus_1e9_does_not_fit_in_float16():
    with pytest.raises(RuntimeError, match="overflow"):
        torch.zeros(2, dtype=torch.float16).masked_fill(
            torch.tensor([True, False]), -1e9
        )
    assert np.isneginf(tf.cast(tf.constant(-1e9), tf.float16).numpy())


def test_softmax_over_queries_leaves_the_last_key_to_the_last_query(run_snippet):
    ns = run_snippet("concepts/attention_numpy")
    scores = np.where(ns.causal, ns.q @ ns.k.T, -np.inf)
    wrong = ns.softmax(scores.T).T  # along the queries
    np.testing.assert_allclose(wrong.sum(axis=0), 1, rtol=1e-6)
    assert wrong[-1, -1] == 1
    assert np.abs(wrong.sum(axis=1) - 1).max() > 0.1


# --- practice: concepts/attention_practice_numpy ----------------------------------

PRACTICE = SNIPPETS / "concepts/attention_practice_numpy.py"
SOLUTION = practice.functions(
    SNIPPETS / "concepts/attention_numpy.py", "softmax", "attention"
)
WRONG = [
    (" / np.sqrt(q.shape[-1])", ""),  # not scaled
    ("np.sqrt(q.shape[-1])", "q.shape[-1]"),
    ("np.sqrt(q.shape[-1])", "np.sqrt(q.shape[-2])"),  # the length, not d_k
    ("e / e.sum(axis=-1, keepdims=True)", "e / e.sum(axis=-2, keepdims=True)"),
    ("e / e.sum(axis=-1, keepdims=True)", "e / e.sum()"),
    ("scores - scores.max(axis=-1, keepdims=True)", "scores"),  # overflows
    ("np.where(mask, scores,", "np.where(~mask, scores,"),  # the other polarity
    ("np.finfo(scores.dtype).min", "-np.inf"),  # NaN where nothing is seen
    ("np.finfo(scores.dtype).min", "0"),  # a score of 0 is no mask
    ("softmax(scores) * mask", "softmax(scores)"),  # uniform where nothing is seen
    ("return weights @ v, weights", "return weights @ v"),
    ("return weights @ v, weights", "return weights.astype('float32') @ v, weights.T"),
]


def seen(q, k, v, mask):
    """What ``F.scaled_dot_product_attention`` makes of NumPy arrays."""
    mask = None if mask is None else torch.from_numpy(mask)
    return F.scaled_dot_product_attention(*map(torch.from_numpy, (q, k, v)), mask)


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_sdpa_returns(case):
    _, given, (output, weights), _ = case
    q, k, v = given["q"], given["k"], given["v"]
    one = np.broadcast_to(np.eye(k.shape[-2]), (*k.shape[:-1], k.shape[-2])).copy()
    for literal, value in [(output, v), (weights, one)]:  # A = A I
        expected = seen(q, k, value, given.get("mask"))
        np.testing.assert_allclose(literal, expected, rtol=0, atol=6e-7)


def test_the_pages_own_attention_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # some overflow on purpose
def test_no_wrong_attention_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []
