"""The attention page: its programs and drawings against the libraries' own layers.

References that compute what the programs print and never run in them: torch's
``F.scaled_dot_product_attention`` for the NumPy and Keras programs, Keras's
``dot_product_attention`` and ``MultiHeadAttention`` for the torch ones.
"""

import math
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import torch.nn.functional as F
from lxml import etree
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from handbook.programs import practice
from tests.conftest import ROOT

SNIPPETS = ROOT / "snippets"
FIGURES = ROOT / "docs/assets/figures"

FRAMEWORKS = ["numpy", "torch", "tf"]
TOLERANCE = {"rtol": 1e-5, "atol": 2e-6}  # float32, sums of at most 128 terms
PRINTED = {"rtol": 0, "atol": 5.1e-4}  # three decimals


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


# --- the sentence ----------------------------------------------------------------

# What the page's text and drawings say of each word: query, key, value.
WORDS = {
    "他": ([2, 0, 0, 1], [1, 0, 0, 0], [0, 0]),
    "用": ([2, 0, 1, 1], [0, 2, 0, 0], [0, 2]),
    "苹果": ([1, 1, 1, 1], [0, 0, 1, 0], [1, 1]),
    "拍照": ([2, 0, 2, 0], [0, 2, 0, 2], [0, 4]),
    "吃": ([2, 0, 2, 0], [0, 2, 0, 2], [4, 0]),
    "<pad>": ([0, 0, 0, 0], [0, 0, 0, 0], [0, 0]),
}
PHOTO, MEAL = "他 用 苹果 拍照", "他 吃 苹果 <pad>"
PAD = torch.tensor([[True, True, True, False]] * 4)
CAUSAL = torch.ones(4, 4, dtype=torch.bool).tril()


def qkv(sentence):
    """q, k (4, 4) and v (4, 2) of a sentence, float64."""
    rows = [WORDS[word] for word in sentence.split()]
    return [torch.tensor(part, dtype=torch.float64) for part in zip(*rows, strict=True)]


def outputs(sentence, keep=None):
    """What torch gives each word (4, 2); True may be seen."""
    return F.scaled_dot_product_attention(*qkv(sentence), attn_mask=keep).numpy()


def weights(sentence, keep=None):
    """What torch gives with v = I, so that its output is the weights (4, 4)."""
    q, k, _ = qkv(sentence)
    eye = torch.eye(4, dtype=torch.float64)
    return F.scaled_dot_product_attention(q, k, eye, attn_mask=keep).numpy()


def rows_printed(text):
    """The rows of numbers in a printed text, a list for each bracket."""
    return [numbers(row) for row in re.findall(r"\[([^\[\]]+)\]", text)]


def printed(run_snippet, framework, section, program="attention"):
    return run_snippet(f"concepts/{program}_{framework}").printed_by[section]


def named(text, name):
    """The numbers on the one line that begins with a name."""
    (line,) = [x for x in text.splitlines() if x.startswith(f"{name}：")]
    return numbers(line.removeprefix(f"{name}："))


def test_the_program_s_words_are_those_of_the_page(run_snippet, framework):
    table = run_snippet(f"concepts/attention_{framework}").table
    assert {word: tuple(map(list, row)) for word, row in table.items()} == WORDS


def test_the_sentence_by_hand_is_what_torch_gives(run_snippet, framework):
    text = printed(run_snippet, framework, "by-hand")
    q, k, _ = qkv(PHOTO)
    scores = torch.nn.functional.linear(q[2], k)
    assert named(text, "点积") == scores.tolist()
    *each, total = named(text, "取指数")
    np.testing.assert_allclose(each, torch.exp(scores / 2), **PRINTED)
    assert total == pytest.approx(torch.logsumexp(scores / 2, 0).exp().item(), abs=6e-4)
    np.testing.assert_allclose(named(text, "权重"), weights(PHOTO)[2], **PRINTED)
    np.testing.assert_allclose(named(text, "输出"), outputs(PHOTO)[2], **PRINTED)


def test_the_whole_sentence_is_what_torch_gives(run_snippet, framework):
    rows = rows_printed(printed(run_snippet, framework, "matrix"))
    np.testing.assert_allclose(rows[:4], weights(PHOTO), **PRINTED)
    np.testing.assert_allclose(rows[4:], outputs(PHOTO), **PRINTED)


def test_a_word_that_is_eaten_is_told_from_one_that_takes_photos():
    (food, device), (eaten, used) = outputs(PHOTO)[2], outputs(MEAL)[2]
    assert device > 20 * food and eaten > 15 * used


def test_printed_masks_are_torch_s(run_snippet, framework):
    text = printed(run_snippet, framework, "masks")
    blocks = re.split(r"^(?=\S+，「苹果」的输出)", text, flags=re.M)[1:]
    masks = {"不加": None, "填充": PAD, "两种": PAD & CAUSAL}
    assert [block.partition("，")[0] for block in blocks] == list(masks)
    for block, keep in zip(blocks, masks.values(), strict=True):
        output, *rows = rows_printed(block)
        np.testing.assert_allclose(output, outputs(MEAL, keep)[2], **PRINTED)
        np.testing.assert_allclose(rows, weights(MEAL, keep), **PRINTED)


def test_printed_rows_without_a_key_are_nan_and_zero(run_snippet, framework):
    naive, safe = printed(run_snippet, framework, "empty-row").splitlines()
    assert naive == "填负无穷： [nan nan nan nan]"
    assert safe == "填最小的有限数，再乘掩码： [0.000 0.000 0.000 0.000]"


def test_filling_minus_infinity_makes_an_empty_row_nan(run_snippet, framework):
    naive = array(run_snippet(f"concepts/attention_{framework}").naive)
    assert naive.shape == (4, 4) and np.isnan(naive).all()


@pytest.mark.parametrize("program", ["attention", "attention_multihead"])
@pytest.mark.parametrize("name", ["torch", "tf"])
def test_the_library_s_call_is_said_to_agree(run_snippet, program, name):
    text = printed(run_snippet, name, "library", program)
    assert re.fullmatch(r"手写的与库的相差不到 1e-[56]： True\n", text)


@pytest.mark.parametrize("name", ["torch", "tf"])
def test_the_library_s_call_gets_the_page_s_mask(run_snippet, name):
    """Said to agree: with the library's value, and not of two wrong ones."""
    ns = run_snippet(f"concepts/attention_{name}")
    expected = outputs(MEAL, PAD & CAUSAL)
    for found in (ns.library, ns.by_hand):
        found = array(found).squeeze().reshape(4, -1)[:, :2]
        np.testing.assert_allclose(found, expected, **TOLERANCE)


def test_causal_masking_hides_from_the_apple_what_it_is_for():
    """Exercise 1."""
    q, k, v = [x[None] for x in qkv(PHOTO)]
    apple = F.scaled_dot_product_attention(q, k, v, is_causal=True)[0, 2]
    np.testing.assert_allclose(apple, [0.274, 1.178], atol=6e-4)
    food, device = outputs(PHOTO)[2]
    assert round(device / food) == 22 and round((apple[1] / apple[0]).item()) == 4


def test_a_padding_mask_on_queries_lets_padding_leak(run_snippet):
    """Exercise 3: rows of padding become 0, yet padded keys are still seen."""
    attention = run_snippet("concepts/attention_numpy").attention
    q, k, v = random_qkv()
    rows = np.array([True, True, True, False, False])[:, None]
    changed = np.where(np.arange(7)[:, None] > 4, -v, v)
    before, after = attention(q, k, v, rows)[0], attention(q, k, changed, rows)[0]
    assert (before[..., 3:, :] == 0).all()
    assert (before[..., :3, :] != after[..., :3, :]).all()


# --- the drawings ------------------------------------------------------------------


def drawn(name):
    """The numbers a drawing shows, in its order; −∞ and NaN too."""
    tree = etree.parse(FIGURES / f"{name}.svg")
    texts = ["".join(x.itertext()) for x in tree.iter("{*}text")]
    texts = [x.replace("−", "-").replace("∞", "inf") for x in texts]
    return [float(x) for x in texts if re.fullmatch(r"-?[\d.]+|-inf|NaN", x)]


def test_the_film_strip_of_the_sentence_adds_up():
    q, k, _ = qkv(PHOTO)
    dots = (k @ q[2]).tolist()
    halves, shares = [x / 2 for x in dots], weights(PHOTO)[2]
    rising = np.exp(halves)
    states = [dots, halves, rising, shares]
    assert drawn("attention-sentence-1") == dots
    for number, (a, b) in enumerate(zip(states, states[1:], strict=False), 2):
        shown = drawn(f"attention-sentence-{number}")
        np.testing.assert_allclose(shown, [*a, *b], **PRINTED)
    last = drawn("attention-sentence-4")[4:]
    assert sum(drawn("attention-sentence-4")[:4]) == pytest.approx(13.405, abs=1e-9)
    values = [WORDS[word][2] for word in PHOTO.split()]
    pairs = zip(last, values, strict=True)
    terms = [round(share * x, 3) for share, v in pairs for x in v]
    assert drawn("attention-sentence-5") == [*last, *terms]
    total = [round(sum(terms[0::2]), 3), round(sum(terms[1::2]), 3)]
    assert drawn("attention-sentence-6") == [*terms, *total]
    np.testing.assert_allclose(total, outputs(PHOTO)[2], **PRINTED)


def test_the_film_strip_of_the_mask_shows_torch_s_numbers():
    q, k, _ = qkv(PHOTO)
    scores = q @ k.mT / 2
    masked = scores.masked_fill(~CAUSAL, -math.inf)
    totals = masked.exp().sum(-1, keepdim=True)
    ones = torch.ones(4, 1)
    states = [scores, masked, torch.cat([masked.exp(), totals], 1)]
    states.append(torch.cat([torch.from_numpy(weights(PHOTO, CAUSAL)), ones], 1))
    for number, state in enumerate(states, 1):
        shown = drawn(f"attention-mask-{number}")
        cells, sums = np.reshape(shown[:16], (4, 4)), shown[16:]
        np.testing.assert_allclose(cells, state[:, :4], atol=0.00501)
        np.testing.assert_allclose(sums, state[:, 4:].flatten(), atol=0.00501)
        if number > 2:  # what is shown adds up to the last digit
            np.testing.assert_allclose(cells.sum(1), sums, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("scores", (qkv(PHOTO)[0] @ qkv(PHOTO)[1].mT / 2).numpy()),
        ("weights", weights(PHOTO)),
        ("grid-none", weights(MEAL)),
        ("grid-padding", weights(MEAL, PAD)),
        ("grid-both", weights(MEAL, PAD & CAUSAL)),
    ],
)
def test_a_grid_shows_torch_s_numbers(name, shown):
    cells = np.reshape(drawn(f"attention-{name}"), (4, 4))
    np.testing.assert_allclose(cells, shown, **PRINTED)


def test_the_strip_of_an_empty_row_ends_in_nan_and_zero():
    lost = [math.nan] * 4
    assert drawn("attention-empty-1") == [-math.inf] * 4
    np.testing.assert_array_equal(drawn("attention-empty-2"), [*lost, *[0] * 4])
    np.testing.assert_array_equal(drawn("attention-empty-3"), [*lost, *[0.25] * 4])
    np.testing.assert_array_equal(drawn("attention-empty-4"), [*lost, *[0] * 4])


def marks(name):
    """The middles of a plot's discs and squares, in its order."""
    tree = etree.parse(FIGURES / f"{name}.svg")
    discs = [(float(x.get("cx")), float(x.get("cy"))) for x in tree.iter("{*}circle")]
    squares = [
        (float(x.get("x")) + 3.5, float(x.get("y")) + 3.5) for x in tree.iter("{*}rect")
    ]
    return discs, squares


def test_the_plot_of_the_slopes_is_what_is_printed(run_snippet):
    rows = scale_rows(run_snippet)
    for found, name in zip(marks("attention-gradient"), ["不除", "除以√"], strict=True):
        known = [
            (56 + 30 * (math.log2(d) - 2), 30 - 34 * math.log10(slope))
            for label, d, _, slope in rows
            if label == name
        ]
        np.testing.assert_allclose(found, known, atol=0.06)


def operations(*products):
    """How many operations torch counts for products of two matrices."""
    with FlopCounterMode(display=False) as counter:
        for shape, other in products:
            torch.empty(*shape, device="meta") @ torch.empty(*other, device="meta")
    return counter.get_total_flops()


LENGTHS = [512, 2048, 8192, 32768]


def test_the_plot_of_the_cost_counts_torch_s_operations():
    discs, squares = marks("attention-cost")
    d = 4096
    for n, disc, square in zip(LENGTHS, discs, squares, strict=True):
        projections = operations(*[((n, d), (d, d))] * 4)
        attention = operations(((n, d), (d, n)), ((n, n), (n, d)))
        assert attention / projections == n / (2 * d)
        across = 70 + 36 * (math.log2(n) - 9)
        for mark, count in [(disc, attention), (square, projections)]:
            known = across, 206 - 34 * (math.log10(count) - 9)
            assert mark == pytest.approx(known, abs=0.06)


def test_the_plot_of_the_cost_gives_the_size_of_all_weights():
    sizes = [torch.empty(32, n, n, dtype=torch.float16, device="meta") for n in LENGTHS]
    gib = [x.numel() * x.element_size() / 2**30 for x in sizes]
    shown = drawn("attention-cost")[-8:]
    assert shown[0::2] == LENGTHS
    np.testing.assert_allclose(shown[1::2], gib, atol=5e-4)


def test_the_drawn_heads_are_those_printed(run_snippet):
    shown = drawn("attention-heads")
    assert shown[:8] == [1, 1, 1, 1, 4, 0, 0, 0]
    rows = rows_printed(printed(run_snippet, "numpy", "heads", "attention_multihead"))
    assert shown[8:] == [*rows[0], *rows[1]]


# --- why the square root ------------------------------------------------------


def scale_rows(run_snippet):
    """(divided or not, d_k, variance, slope) as printed."""
    text = printed(run_snippet, "numpy", "scale")
    row = re.compile(r"d_k= *(\d+) (\S+)  方差 +([\d.]+)  导数 (\S+)")
    return [(b, int(a), float(c), float(e)) for a, b, c, e in row.findall(text)]


def test_printed_variances_and_slopes_are_torch_s(run_snippet):
    rng = np.random.default_rng(7)
    expected = []
    for d in [4, 16, 64, 256, 1024]:
        q, k = rng.normal(size=(501, d)), rng.normal(size=(501, 16, d))
        dots = torch.from_numpy(np.einsum("qd,qkd->qk", q, k))
        for name, scores in [("不除", dots), ("除以√", dots / d**0.5)]:
            jacobian = torch.func.vmap(torch.func.jacrev(lambda s: s.softmax(-1)))
            own = jacobian(scores).diagonal(dim1=1, dim2=2).amax(-1)
            slope = own.median().item()
            expected.append((name, d, scores.var(correction=0).item(), slope))
    rows = scale_rows(run_snippet)
    assert [row[:2] for row in rows] == [row[:2] for row in expected]
    for found, known in zip(rows, expected, strict=True):
        assert found[2] == pytest.approx(known[2], abs=6e-3)
        assert found[3] == pytest.approx(known[3], rel=0.06)


def test_variance_of_a_dot_product_is_d_k_and_one_after_division(run_snippet):
    for name, d, variance, _ in scale_rows(run_snippet):
        known = d if name == "不除" else 1
        assert variance == pytest.approx(known, rel=0.06)  # 8,016 samples, shared q


def test_without_division_the_slope_vanishes(run_snippet):
    slopes = [row[3] for row in scale_rows(run_snippet) if row[0] == "不除"]
    assert slopes[0] > 0.2 and slopes[-1] < 2e-5


def test_with_division_the_slope_does_not_depend_on_d_k(run_snippet):
    slopes = [row[3] for row in scale_rows(run_snippet) if row[0] == "除以√"]
    assert slopes == pytest.approx([0.17] * 5, abs=0.011)


@pytest.mark.parametrize(
    ("row", "change"),
    [
        ([0.98, 0.01, 0.01], [0.0020, -0.0010, -0.0010]),
        ([0.4, 0.3, 0.3], [0.024, -0.012, -0.012]),
    ],
)
def test_a_sharp_row_hardly_moves(row, change):
    """Exercise 2: the derivative times 0.1."""
    scores = torch.tensor(row, dtype=torch.float64).log()
    jacobian = torch.autograd.functional.jacobian(lambda s: s.softmax(-1), scores)
    np.testing.assert_allclose(jacobian[:, 0] * 0.1, change, rtol=0, atol=5.1e-5)


def test_the_apple_s_own_slope_is_near_the_greatest():
    own = weights(PHOTO)[2, 3]
    assert own * (1 - own) == pytest.approx(0.247, abs=5e-4)


# --- multi-head ---------------------------------------------------------------


def test_printed_heads_are_keras_s(run_snippet):
    text = printed(run_snippet, "numpy", "heads", "attention_multihead")
    q = np.array([[1, 1, 1, 1, 4, 0, 0, 0]], "float32").reshape(1, 1, 2, 4)
    k = np.array([WORDS[word][1] for word in PHOTO.split()], "float32")
    k = np.stack([k, k], axis=1)[None]  # (batch, key, head, d_k)
    eye = np.stack([np.eye(4, dtype="float32")] * 2, axis=1)[None]
    expected = np.asarray(keras.ops.dot_product_attention(q, k, eye))[0, 0]
    np.testing.assert_allclose(rows_printed(text), expected, **PRINTED)


def test_reshaping_without_swapping_takes_whole_words(run_snippet):
    """Each row of a head: four of a word's dims; wrong, a word fills two rows."""
    text = printed(run_snippet, "numpy", "split", "attention_multihead")
    assert [x for x in text.splitlines() if "第 0 个头" in x] == [
        "正确的拆法，第 0 个头：",
        "只 reshape，第 0 个头：",
    ]
    rows = rows_printed(text)
    assert rows[:4] == [[10 * word + dim for dim in range(4)] for word in range(4)]
    assert rows[4:] == [[0, 1, 2, 3], [4, 5, 6, 7], [10, 11, 12, 13], [14, 15, 16, 17]]


def test_each_head_gets_its_own_dims_of_every_word(run_snippet):
    split_heads = run_snippet("concepts/attention_multihead_numpy").split_heads
    t = np.random.default_rng(0).normal(size=(5, 12))
    expected = torch.from_numpy(t).unflatten(1, (3, 4)).permute(1, 0, 2)
    np.testing.assert_array_equal(split_heads(t, 3), expected)


@pytest.mark.parametrize("shown", ["right", "wrong"])
def test_the_drawn_split_colours_what_is_printed(run_snippet, shown):
    text = printed(run_snippet, "numpy", "split", "attention_multihead")
    rows = rows_printed(text)[:4] if shown == "right" else rows_printed(text)[4:]
    drawing = (FIGURES / f"attention-split-{shown}.svg").read_text("utf-8")
    (blue,) = re.findall(r'<path d="([^"]*)" fill="var\(--hb-qing\)"', drawing)
    corners = re.findall(r"M([\d.]+) ([\d.]+)h", blue)
    boxes = [(round((float(y) - 28) / 37), (float(x) - 46) / 31) for x, y in corners]
    coloured = [10 * word + dim for word, dim in boxes]
    assert sorted(coloured) == sorted(sum(rows, []))


def random_weights(name, ns):
    """The program's layer with weights and biases that are not its first ones."""
    rng = np.random.default_rng(11)
    shapes = [(32, 96), (96,), (32, 32), (32,)]
    parts = [rng.normal(size=s).astype("float32") / 4 for s in shapes]
    layer = ns.SelfAttention(d=32, h=4)
    if name == "torch":
        layer.load_state_dict(
            {
                "in_proj.weight": torch.from_numpy(parts[0].T.copy()),
                "in_proj.bias": torch.from_numpy(parts[1]),
                "out_proj.weight": torch.from_numpy(parts[2].T.copy()),
                "out_proj.bias": torch.from_numpy(parts[3]),
            }
        )
        return layer, parts
    layer(np.zeros((1, 2, 32), "float32"))
    layer.set_weights(parts)
    return layer, parts


def library_layer(kind, parts):
    """The other framework's layer with the same weights, of NumPy arrays."""
    kernel, bias, out_kernel, out_bias = parts
    if kind == "keras":
        layer = keras.layers.MultiHeadAttention(4, 8)
        layer.build((1, 2, 32), (1, 2, 32))
        weights = []
        for k, b in zip(np.split(kernel, 3, 1), np.split(bias, 3), strict=True):
            weights += [k.reshape(32, 4, 8), b.reshape(4, 8)]
        layer.set_weights([*weights, out_kernel.reshape(4, 8, 32), out_bias])
        return lambda x, keep: np.asarray(layer(x, x, attention_mask=keep[None]))
    layer = nn.MultiheadAttention(32, 4, batch_first=True)
    state = [kernel.T, bias, out_kernel.T, out_bias]
    layer.load_state_dict(
        {
            name: torch.from_numpy(np.ascontiguousarray(value))
            for name, value in zip(layer.state_dict(), state, strict=True)
        }
    )

    def call(x, keep):
        x = torch.from_numpy(x)
        blocked = torch.from_numpy(~keep)
        return layer(x, x, x, attn_mask=blocked)[0].detach().numpy()

    return call


@pytest.mark.parametrize("reference", ["torch", "keras"])
@pytest.mark.parametrize("name", ["torch", "tf"])
def test_self_attention_matches_both_libraries_layers(run_snippet, name, reference):
    ns = run_snippet(f"concepts/attention_multihead_{name}")
    layer, parts = random_weights(name, ns)
    x = np.random.default_rng(5).normal(size=(2, 7, 32)).astype("float32")
    keep = np.random.default_rng(6).random((7, 7)) < 0.6
    keep[:, 0] = True
    mask = keep if name == "torch" else keep[None, None]
    found = array(layer(tensor(name, x), tensor(name, mask)))
    expected = library_layer(reference, parts)(x, keep)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["torch", "tf"])
def test_printed_shapes_and_parameters_are_torch_s(run_snippet, name):
    text = printed(run_snippet, name, "use", "attention_multihead")
    count = sum(p.numel() for p in nn.MultiheadAttention(32, 4).parameters())
    assert count == 4 * 32**2 + 4 * 32
    y, _ = nn.MultiheadAttention(32, 4, batch_first=True)(*[torch.zeros(2, 6, 32)] * 3)
    assert text == f"(2, 6, 32) → {tuple(y.shape)}\n参数： {count}\n"


@pytest.mark.parametrize("heads", [1, 8])
def test_the_number_of_heads_does_not_change_the_parameters(heads):
    count = sum(p.numel() for p in nn.MultiheadAttention(32, heads).parameters())
    assert count == 4224


def test_torch_s_layer_has_parameters_of_its_own(run_snippet):
    """Loaded, not shared: training one layer must not change the other."""
    ns = run_snippet("concepts/attention_multihead_torch")
    ours = {p.data_ptr() for p in ns.layer.parameters()}
    assert not ours & {p.data_ptr() for p in ns.library.parameters()}


@pytest.mark.parametrize("name", ["torch", "tf"])
def test_the_library_s_layer_holds_the_program_s_weights_and_mask(run_snippet, name):
    ns = run_snippet(f"concepts/attention_multihead_{name}")
    layer = ns.layer
    if name == "torch":
        kernel, out_kernel = layer.in_proj.weight.T, layer.out_proj.weight.T
        parts = [kernel, layer.in_proj.bias, out_kernel, layer.out_proj.bias]
    else:
        parts = [*layer.in_proj.get_weights(), *layer.out_proj.get_weights()]
    other = "keras" if name == "torch" else "torch"
    call = library_layer(other, [array(part) for part in parts])
    expected = call(array(ns.x), np.tril(np.ones((6, 6), dtype=bool)))
    np.testing.assert_allclose(array(ns.expected), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(array(ns.output), expected, rtol=1e-4, atol=1e-5)


def test_at_512_words_attention_is_a_sixteenth_of_the_projections():
    """Exercise 4."""
    n, d = 512, 4096
    attention, projections = 4 * n**2 * d, 8 * n * d**2
    assert attention / projections == 0.0625
    assert attention / (attention + projections) == pytest.approx(0.059, abs=5e-4)


# --- the frameworks against each other ----------------------------------------


@pytest.mark.parametrize("other", ["torch", "tf"])
def test_frameworks_print_the_same_lines(run_snippet, other):
    ours = dict(run_snippet("concepts/attention_numpy").printed_by)
    theirs = dict(run_snippet(f"concepts/attention_{other}").printed_by)
    ours.pop("scale"), theirs.pop("library")  # each in one place only
    assert ours == theirs


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
    (" / np.sqrt(k.shape[-1])", ""),  # not scaled
    ("np.sqrt(k.shape[-1])", "k.shape[-1]"),
    ("np.sqrt(k.shape[-1])", "np.sqrt(k.shape[-2])"),  # the length, not d_k
    ("e / e.sum(axis=-1, keepdims=True)", "e / e.sum(axis=-2, keepdims=True)"),
    ("e / e.sum(axis=-1, keepdims=True)", "e / e.sum()"),
    ("np.exp(scores - top)", "np.exp(scores)"),  # overflows
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
    leading = np.broadcast_shapes(*(x.shape[:-2] for x in (q, k, v)))
    q, k, v = [
        torch.from_numpy(np.broadcast_to(x, leading + x.shape[-2:]).copy())
        for x in (q, k, v)
    ]
    return F.scaled_dot_product_attention(q, k, v, mask)


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


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = (ROOT / "docs/concepts/attention.md").read_text(encoding="utf-8")
    slip = ("softmax(scores) * mask", "softmax(scores)")
    assert practice.failing(PRACTICE, SOLUTION, slip) in page
