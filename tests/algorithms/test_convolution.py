"""The convolution page: a small kernel, the frameworks, the field, depth, digits.

References that the programs never call: enumeration in whole numbers, PyTorch for the
NumPy programs, ``scipy.signal`` for the frameworks' programs, autograd and trinomial
coefficients for the receptive field, a NumPy network and a NumPy AdamW for the trained
ones, ``sklearn`` for what a linear model and a small MLP reach on the digits.
"""

import itertools
import math
import re
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import signal
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from torch import nn

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, named, numbers, printed_in

PRACTICE = ROOT / "snippets/algorithms/convolution_practice_numpy.py"
PAGE = ROOT / "docs/algorithms/convolution.md"
EDGE = np.array([[0, 0, 1, 1, 1]] * 5)
KERNEL = np.array([[-1, 0, 1]] * 3)


@pytest.fixture
def hand(run_snippet):
    return run_snippet("algorithms/convolution_numpy")


@pytest.fixture
def torch_page(run_snippet):
    return run_snippet("algorithms/convolution_torch")


@pytest.fixture
def keras_page(run_snippet):
    return run_snippet("algorithms/convolution_tf")


@pytest.fixture
def field(run_snippet):
    return run_snippet("algorithms/convolution_field_numpy")


@pytest.fixture
def depth(run_snippet):
    return run_snippet("algorithms/convolution_depth_torch")


@pytest.fixture
def digits_torch(run_snippet):
    return run_snippet("algorithms/convolution_digits_torch")


@pytest.fixture
def digits_keras(run_snippet):
    return run_snippet("algorithms/convolution_digits_tf")


@pytest.fixture
def double():
    """What the program set when it ran: numbers of 64 bits."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def tensor(x):
    return torch.tensor(np.asarray(x), dtype=torch.float64)


def correlation(x, w):
    """All places of ``x`` (…, C, H, W) under ``w`` (O, C, k, k), by SciPy."""
    return np.stack(
        [
            sum(
                signal.correlate2d(c, k, mode="valid")
                for c, k in zip(x, one, strict=True)
            )
            for one in w
        ]
    )


def matrix(text):
    """The whole numbers of a printed NumPy matrix, row by row."""
    rows = [line for line in text.splitlines() if line.startswith(("[[", " ["))]
    return [[int(x) for x in numbers(row)] for row in rows]


def part(text, start):
    """The printed matrix that follows the line ``start``."""
    _, _, rest = text.partition(f"{start}\n")
    rows = itertools.takewhile(lambda x: x.startswith(("[[", " [")), rest.splitlines())
    return matrix("\n".join(rows))


# --- by hand ------------------------------------------------------------------------


def test_the_printed_products_add_up_to_the_corner(hand):
    text = hand.printed_by["hand"]
    products = part(text, "左上角的九个乘积：")
    assert products == [[EDGE[i][j] * KERNEL[i][j] for j in range(3)] for i in range(3)]
    assert after(text, "加起来 ") == [sum(map(sum, products))] == [3]


def test_the_printed_nine_places_are_torch_s(hand):
    want = F.conv2d(tensor(EDGE)[None, None], tensor(KERNEL)[None, None])[0, 0]
    assert part(hand.printed_by["hand"], "九个位置：") == want.tolist()


def test_a_dot_shows_the_kernel_turned_unless_it_is_flipped_first(hand):
    text = hand.printed_by["flip"]
    dot = [[int((i, j) == (2, 2)) for j in range(5)] for i in range(5)]
    kernel = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    want = F.conv2d(tensor(dot)[None, None], tensor(kernel)[None, None])[0, 0]
    assert part(text, "不翻转：") == want.tolist()
    assert part(text, "不翻转：") == [[9, 8, 7], [6, 5, 4], [3, 2, 1]]
    assert part(text, "核先翻转：") == kernel


@pytest.mark.parametrize(
    ("name", "kernel"),
    [
        ("检测竖边的核", KERNEL),
        ("对称的核", np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])),
    ],
)
def test_printed_first_rows_are_torch_s_with_the_kernel_either_way(hand, name, kernel):
    x = tensor(EDGE)[None, None]
    k = tensor(kernel)[None, None]
    plain, turned = (F.conv2d(x, w)[0, 0, 0].tolist() for w in (k, k.flip(2, 3)))
    found = after(hand.printed_by["flip"], f"{name}，第一行：")
    assert found == [*plain, *turned]
    assert (plain == turned) == (name == "对称的核")


@pytest.mark.parametrize(("k", "s", "p"), [(3, 1, 0), (3, 1, 1), (3, 2, 1), (1, 1, 0)])
def test_printed_shapes_and_parameters_are_those_of_a_torch_layer(hand, k, s, p):
    layer = torch.nn.Conv2d(3, 16, k, stride=s, padding=p)
    shape = layer(torch.zeros(3, 32, 32)).shape
    count = sum(w.numel() for w in layer.parameters())
    found = after(hand.printed_by["channels"], f"k={k}，s={s}，p={p}：")
    assert found == [*shape, count]
    assert math.floor((32 + 2 * p - k) / s) + 1 == shape[-1]


def test_the_dense_layer_counts_a_weight_a_pair_and_a_bias_an_output(hand):
    layer = torch.nn.Linear(3 * 32 * 32, 16 * 32 * 32, device="meta")
    count = sum(w.numel() for w in layer.parameters())
    assert line_of(hand.printed_by["channels"], "全连接到 16×32×32 的参数 ") == str(
        count
    )


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 2), (2, 1), (3, 0)])
def test_the_loops_give_what_torch_gives(hand, stride, padding):
    rng = np.random.default_rng(5)
    x, w, b = (rng.normal(size=n) for n in [(3, 7, 9), (4, 3, 3, 3), 4])
    want = F.conv2d(
        tensor(x)[None], tensor(w), tensor(b), stride=stride, padding=padding
    )
    found = hand.conv2d(x, w, b, stride, padding)
    np.testing.assert_allclose(found, want[0], rtol=1e-12, atol=1e-12)


def test_the_patch_matrix_is_torch_s_unfold(hand):
    want = F.unfold(tensor(hand.image)[None], 3)[0].T
    assert hand.patches.tolist() == want.tolist()


def test_printed_sizes_of_the_matrix_product_are_counted(hand):
    text = hand.printed_by["im2col"]
    assert after(text, "窗口 ") == [30 * 30, 3 * 9, 3 * 9, 16, 16, 30, 30]
    assert after(text, "与循环最多相差 ") == [0]
    assert after(text, "图像里的数 ") == [3 * 32 * 32, 30 * 30 * 27]
    want = F.conv2d(tensor(hand.image)[None], tensor(hand.w), tensor(hand.b))[0]
    assert hand.conv2d(hand.image, hand.w, hand.b).tolist() == want.tolist()


def test_the_compared_kernels_hold_numbers_of_both_signs(hand):
    """Equal numbers would hide a wrong order."""
    assert set(hand.w.ravel().tolist()) == set(range(-3, 4))
    assert hand.kernels.shape == (27, 16)
    assert hand.kernels[:, 5].tolist() == hand.w[5].ravel().tolist()


@pytest.mark.parametrize("step", [1, 2])
def test_printed_moved_lines_are_torch_s(hand, step):
    line = [0, 0, 3, 1, 2, 0, 0, 0, 0, 0]
    for when, x in [("原来", line), ("右移", [0, *line[:-1]])]:
        kernel = tensor([[[1, 2, 1]]])
        want = F.conv1d(tensor(x)[None, None], kernel, stride=step)[0, 0].tolist()
        found = after(hand.printed_by["shift"], f"步幅 {step}，{when}：")
        assert found == [*want, max(want)]


def test_stride_one_moves_the_output_along_and_stride_two_does_not(hand):
    rows = {
        (step, when): after(hand.printed_by["shift"], f"步幅 {step}，{when}：")[:-1]
        for step in (1, 2)
        for when in ("原来", "右移")
    }
    assert rows[1, "右移"] == [0, *rows[1, "原来"][:-1]]
    assert sorted(rows[2, "右移"]) != sorted(rows[2, "原来"])


def test_scipy_s_two_functions_are_said_to_agree(hand):
    text = hand.printed_by["library"]
    assert line_of(text, "与 correlate2d 相同：").strip() == "True"
    assert line_of(text, "翻转后与 convolve2d 相同：").strip() == "True"


# --- the frameworks -----------------------------------------------------------------


FRAMEWORKS = ["torch", "tf"]


def drawn():
    """The image and the kernels that both frameworks' programs begin with."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 10, size=(1, 2, 5, 5)), rng.integers(
        -3, 4, size=(4, 2, 3, 3)
    )


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_frameworks_print_the_hand_s_numbers(run_snippet, framework):
    text = printed_in(run_snippet(f"algorithms/convolution_{framework}"), "conv")
    want = signal.correlate2d(EDGE, KERNEL, mode="valid")
    assert line_of(text, "手算的图： ") == str(want.astype(float).tolist())


@pytest.mark.parametrize(
    ("framework", "kernel", "output"),
    [
        ("torch", (16, 3, 3, 3), (1, 16, 16, 16)),
        ("tf", (3, 3, 3, 16), (1, 16, 16, 16)),
    ],
)
def test_printed_layer_s_shapes_are_counted(run_snippet, framework, kernel, output):
    text = printed_in(run_snippet(f"algorithms/convolution_{framework}"), "conv")
    assert after(text, "核 ") == [*kernel, 16]
    assert after(text, "参数 ") == [math.prod(kernel) + 16]
    assert after(text, "输出 ") == list(output)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_printed_corner_is_scipy_s(run_snippet, framework):
    text = printed_in(run_snippet(f"algorithms/convolution_{framework}"), "layout")
    (image,), w = drawn()
    want = correlation(image, w)[:, 0, 0].tolist()
    assert after(text, "左上角，四个通道：") == want


def test_torch_s_kernels_come_back_by_transposing_and_not_by_reshaping(torch_page):
    text = printed_in(torch_page, "layout")
    (image,), w = drawn()
    there = np.moveaxis(w, [2, 3, 1, 0], [0, 1, 2, 3])
    assert after(text, "给 Keras 的形状 ") == list(there.shape)
    right = correlation(image, w)[:, 0, 0].tolist()
    wrong = correlation(image, there.reshape(4, 2, 3, 3))[:, 0, 0].tolist()
    assert after(text, "转置回来：") == right
    assert after(text, "只改形状：") == wrong != right


def test_keras_s_kernels_that_were_only_reshaped_are_wrong(keras_page):
    (image,), w = drawn()
    mixed = np.moveaxis(w.reshape(3, 3, 2, 4), [3, 2, 0, 1], [0, 1, 2, 3])
    wrong = correlation(image, mixed)[:, 0, 0].tolist()
    found = after(printed_in(keras_page, "layout"), "只改形状：")
    assert found == wrong != correlation(image, w)[:, 0, 0].tolist()


def read(n, left, right):
    """Three numbers at a time, two on, of 1 … n with zeros at its ends."""
    x = [0] * left + list(range(1, n + 1)) + [0] * right
    return ["".join(map(str, x[i : i + 3])) for i in range(0, len(x) - 2, 2)]


def test_torch_pads_both_ends_and_one_end_when_told(torch_page):
    text = printed_in(torch_page, "same")
    for n in (5, 6):
        said = line_of(text, f"{n} 个数，两边各补 1： ").split()
        assert said == read(n, 1, 1)
    assert line_of(text, "6 个数，只在右边补 1： ").split() == read(6, 0, 1)


def test_keras_s_same_pads_an_even_length_at_the_right_only(keras_page):
    text = printed_in(keras_page, "same")
    assert line_of(text, "5 个数，same： ").split() == read(5, 1, 1)
    assert line_of(text, "6 个数，same： ").split() == read(6, 0, 1)
    assert line_of(text, "6 个数，两边各补 1： ").split() == read(6, 1, 1)


def test_torch_refuses_same_with_a_stride(torch_page):
    text = printed_in(torch_page, "same")
    said = "padding='same' is not supported for strided convolutions"
    assert line_of(text, "RuntimeError：") == said
    with pytest.raises(ValueError, match=re.escape(said)):
        torch.nn.Conv1d(1, 1, 3, stride=2, padding="same")


@pytest.mark.parametrize(
    ("framework", "label", "shape"),
    [("torch", "窗口矩阵 ", (1, 18, 9)), ("tf", "窗口 ", (1, 3, 3, 18))],
)
def test_printed_patches_have_a_number_for_each_weight(
    run_snippet, framework, label, shape
):
    ns = run_snippet(f"algorithms/convolution_{framework}")
    assert after(printed_in(ns, "unfold"), label) == list(shape)
    (image,), w = drawn()
    y = np.asarray(ns.y)[0]
    y = y if framework == "torch" else y.transpose(2, 0, 1)
    assert y.tolist() == correlation(image, w).tolist()
    said = {"torch": "与 conv2d 相同：", "tf": "与 conv 相同："}[framework]
    assert line_of(printed_in(ns, "unfold"), said).split()[0] == "True"


# --- the field ----------------------------------------------------------------------

STACK = [(3, 1), (3, 1), (2, 2), (3, 1), (3, 1), (2, 2)]


def by_autograd(layers, output, length=60):
    """The pixels that one output of a stack of ones hears of."""
    x = torch.ones(1, 1, length, dtype=torch.float64, requires_grad=True)
    y = x
    for k, s in layers:
        y = F.conv1d(y, torch.ones(1, 1, k, dtype=torch.float64), stride=s)
    y[0, 0, output].backward()
    return x.grad[0, 0].nonzero().flatten().tolist()


def test_printed_fields_and_spacings_are_those_of_the_gradients(field):
    lines = field.printed_by["formula"].splitlines()
    assert len(lines) == len(STACK)
    for number, line in enumerate(lines, start=1):
        first, second = (by_autograd(STACK[:number], i) for i in (0, 1))
        assert numbers(line) == [number, len(first), second[0] - first[0]]
        assert line[5:7] == {3: "卷积", 2: "池化"}[STACK[number - 1][0]]


@pytest.mark.parametrize("output", [2, 3])
def test_the_measured_pixels_are_those_of_the_gradients(field, output):
    seen = by_autograd(STACK, output)
    found = after(field.printed_by["measure"], f"输出 {output}：像素 ")
    assert found == [seen[0], seen[-1], len(seen)]


def trinomial(n):
    """The coefficients of (1 + x + x²)ⁿ, by the formula with binomials."""
    return [
        sum(
            (-1) ** j * math.comb(n, j) * math.comb(k - 3 * j + n - 1, n - 1)
            for j in range(k // 3 + 1)
            if k - 3 * j >= 0
        )
        for k in range(2 * n + 1)
    ]


def test_the_printed_paths_are_trinomial_coefficients(field):
    assert after(field.printed_by["effective"], "三层，通路的条数：") == trinomial(3)
    assert trinomial(3) == [1, 3, 6, 7, 6, 3, 1]


@pytest.mark.parametrize("layers", [3, 10, 30, 100])
def test_printed_pixels_hold_95_percent_of_the_paths(field, layers):
    paths = sorted(trinomial(layers), reverse=True)
    enough = next(
        n for n in range(1, len(paths)) if 20 * sum(paths[:n]) >= 19 * 3**layers
    )
    found = after(field.printed_by["effective"], f"{layers} 层：")
    assert found == [2 * layers + 1, 95, enough]


@pytest.mark.parametrize(("panel", "layers"), [(0, 3), (1, 30)])
def test_the_drawn_bars_are_the_shares_each_at_its_pixel(field, panel, layers):
    span, *bars = field.axes[panel].patches
    np.testing.assert_allclose(
        [bar.get_height() for bar in bars],
        np.array(trinomial(layers)) / 3**layers,
        rtol=1e-9,
    )
    centres = [bar.get_x() + bar.get_width() / 2 for bar in bars]
    np.testing.assert_allclose(centres, range(-layers, layers + 1), atol=1e-9)
    assert all(bar.get_width() < 0.9 for bar in bars)  # they do not touch
    assert span.get_alpha() <= 0.15  # pale, behind the bars
    ends = [span.get_x(), span.get_x() + span.get_width()]
    assert ends == [-layers - 0.5, layers + 0.5]


# --- depth --------------------------------------------------------------------------


def batch_norm(x, layer):
    mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
    shaped = [v[:, None, None] for v in (mean, var, layer.weight, layer.bias)]
    mean, var, weight, bias = (
        v.detach().numpy() if isinstance(v, torch.Tensor) else v for v in shaped
    )
    return (x - mean) / np.sqrt(var + 1e-5) * weight + bias


def spread(x, layer):
    """A 3×3 layer with a rim of zeros, (N, C, H, W), by SciPy."""
    w = layer.weight.detach().numpy()
    padded = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)])
    y = np.stack(
        [signal.correlate(padded, one[None], mode="valid")[:, 0] for one in w], axis=1
    )
    if layer.bias is None:
        return y
    return y + layer.bias.detach().numpy()[:, None, None]


def loss_by_scipy(model, x, labels, *, skip, norm):
    """The cross-entropy of a network of the page, with NumPy and SciPy only."""
    h = np.maximum(spread(x, model[0]), 0)
    for block in list(model)[2:-3]:
        convs = [m for m in block.modules() if isinstance(m, torch.nn.Conv2d)]
        norms = [m for m in block.modules() if isinstance(m, torch.nn.BatchNorm2d)]
        assert len(convs) == 2 and len(norms) == (2 if norm else 0)
        y = spread(h, convs[0])
        y = np.maximum(batch_norm(y, norms[0]) if norm else y, 0)
        y = spread(y, convs[1])
        y = batch_norm(y, norms[1]) if norm else y
        h = np.maximum(h + y if skip else y, 0)
    last = model[-1]
    z = h.mean((2, 3)) @ last.weight.detach().numpy().T + last.bias.detach().numpy()
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(labels)), labels].mean()


def small_digits():
    """The 4×4 means of the images, from 0 to 1, and the labels."""
    images, labels = load_digits(return_X_y=True)
    return images.reshape(-1, 1, 4, 2, 4, 2).mean((3, 5)) / 16, labels


WAYS = {
    "平铺": (False, False),
    "平铺，批归一化": (False, True),
    "残差，批归一化": (True, True),
}
DEPTHS = [4, 14, 24]


@pytest.mark.parametrize(("skip", "norm"), [*WAYS.values(), (True, False)])
def test_the_first_gradient_is_the_slope_of_scipy_s_loss(depth, double, skip, norm):
    model = depth.build(4, skip, norm, seed=3)
    x, labels = (part[:64] for part in small_digits())
    said = depth.first_gradient(model)
    grad = model[0].weight.grad.numpy().copy()
    assert said == pytest.approx(np.sqrt((grad**2).sum()), rel=1e-12)
    weight, step, slopes = model[0].weight, 1e-6, []
    for channel, row in [(0, 0), (3, 1), (7, 2)]:
        ends = []
        for sign in (1, -1):
            with torch.no_grad():
                weight[channel, 0, row, 1] += sign * step
            ends.append(loss_by_scipy(model, x, labels, skip=skip, norm=norm))
            with torch.no_grad():
                weight[channel, 0, row, 1] -= sign * step
        slopes.append((ends[0] - ends[1]) / (2 * step))
    want = [grad[0, 0, 0, 1], grad[3, 0, 1, 1], grad[7, 0, 2, 1]]
    np.testing.assert_allclose(slopes, want, rtol=1e-3, atol=1e-8)


def test_a_network_has_the_layers_of_its_depth_and_he_s_spread(depth, double):
    model = depth.build(24, True, True, seed=0)
    convs = [m for m in model.modules() if isinstance(m, torch.nn.Conv2d)]
    assert len(convs) == 25 and len(list(model)) == 2 + 12 + 3
    drawn = torch.cat([c.weight.flatten() for c in convs[1:]])
    assert drawn.std().item() == pytest.approx(math.sqrt(2 / 72), rel=0.03)
    assert {c.weight.shape for c in convs[1:]} == {(8, 8, 3, 3)}


@pytest.mark.parametrize("name", WAYS)
def test_printed_gradients_are_the_medians_of_five_seeds(depth, double, name):
    found = named(depth.printed_by["gradient"].replace(" 层 ", "层 "), f"{name}：")
    assert list(found) == [f"{d}层" for d in DEPTHS]
    for d in DEPTHS:
        five = sorted(
            depth.first_gradient(depth.build(d, *WAYS[name], seed)) for seed in range(5)
        )
        assert found[f"{d}层"] == float(f"{five[2]:.1g}")


def test_gradients_vanish_without_normalisation_and_grow_with_it(depth):
    text = depth.printed_by["gradient"].replace(" 层 ", "层 ")
    plain, normed, skipped = (list(named(text, f"{w}：").values()) for w in WAYS)
    assert plain[-1] < plain[0] / 20
    assert normed[-1] > 10 * normed[0]
    assert skipped[-1] < normed[-1] / 2


def trained_by_hand(depth, layers, skip, seed):
    """The mean loss of the last 20 of 100 steps, momentum written out."""
    images, labels = small_digits()
    images, labels = tensor(images), torch.from_numpy(labels)
    model = depth.build(layers, skip, True, seed)
    speeds = [torch.zeros_like(p) for p in model.parameters()]
    losses = []
    for _ in range(100):
        rows = torch.randint(1797, (64,))
        log_p = model(images[rows]).log_softmax(1)
        loss = -log_p[torch.arange(64), labels[rows]].mean()
        grads = torch.autograd.grad(loss, list(model.parameters()))
        with torch.no_grad():
            for p, v, g in zip(model.parameters(), speeds, grads, strict=True):
                v.mul_(0.9).add_(g)
                p.sub_(0.05 * v)
        losses.append(loss.item())
    return np.mean(losses[80:])


@pytest.mark.parametrize(("name", "skip"), [("平铺", False), ("残差", True)])
def test_training_is_momentum_written_out(depth, double, name, skip):
    for seed in (0, 2):
        want = trained_by_hand(depth, 4, skip, seed)
        assert depth.losses[name, 4][seed] == pytest.approx(want, rel=1e-6)


@pytest.mark.parametrize("name", ["平铺", "残差"])
def test_printed_losses_are_the_mean_and_the_range_of_three_runs(depth, name):
    for d in DEPTHS:
        runs = depth.losses[name, d]
        assert len(runs) == 3
        want = [np.mean(runs), min(runs), max(runs)]
        found = after(depth.printed_by["train"], f"{name}，{d} 层：")
        assert found == [float(f"{x:.2f}") for x in want]


def test_deeper_is_worse_for_the_plain_network_only(depth):
    text = depth.printed_by["train"]
    plain, skipped = (
        [after(text, f"{name}，{d} 层：") for d in DEPTHS] for name in ("平铺", "残差")
    )
    assert plain[0][2] < plain[1][1] and plain[1][2] < plain[2][1]  # ranges apart
    assert max(x[0] for x in skipped[1:]) <= skipped[0][0]


def test_the_page_says_the_losses_that_were_printed(depth):
    text, page = depth.printed_by["train"], PAGE.read_text(encoding="utf-8")
    for name, before in [("平铺", "越深损失越高，"), ("残差", "残差的是 ")]:
        means = [line_of(text, f"{name}，{d} 层：").split("（")[0] for d in DEPTHS]
        assert before + "、".join(means) + "，" in page
    first = depth.printed_by["gradient"]
    plain, normed, skipped = (line_of(first, f"{way}：") for way in WAYS)
    ends = [part.split(" 层 ")[1] for part in plain.split("，")]
    assert f"平铺的梯度从 {ends[0]} 降到 {ends[-1]}，" in page
    assert f"24 层时是 {normed.split('24 层 ')[1]}。" in page
    assert f"24 层只到 {skipped.split('24 层 ')[1]}。" in page


def test_the_drawn_losses_are_the_means(depth):
    drawn = {x.get_label(): list(x.get_ydata()) for x in depth.axis.get_lines()}
    assert drawn == {
        name: pytest.approx([np.mean(depth.losses[name, d]) for d in DEPTHS])
        for name in ("平铺", "残差")
    }


def test_the_drawn_bands_reach_from_the_least_to_the_largest(depth):
    for band, name in zip(depth.axis.collections, ("平铺", "残差"), strict=True):
        points = {tuple(point) for point in band.get_paths()[0].vertices.tolist()}
        runs = {d: depth.losses[name, d] for d in DEPTHS}
        assert points == {(d, f(r)) for d, r in runs.items() for f in (min, max)}
        assert band.get_alpha() <= 0.2  # pale, behind the lines


def test_the_drawn_losses_have_room_up_to_that_of_a_guess(depth):
    low, high = depth.axis.get_ylim()
    assert low == 0 and math.log(10) < high < 2.5


# --- digits -------------------------------------------------------------------------

PARAMETERS = {
    "线性": 100 * 10 + 10,
    "全连接": 100 * 17 + 17 + 17 * 10 + 10,
    "卷积": 9 * 8 + 8 + 9 * 8 * 16 + 16 + 64 * 10 + 10,
}
MOVES = {"左": (0, -1), "右": (0, 1), "上": (-1, 0), "下": (1, 0)}


def digits():
    """Images (N, 10, 10) with an empty rim, labels; the first 1200 for training."""
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    room = np.zeros((len(images), 10, 10))
    room[:, 1:9, 1:9] = images[order].reshape(-1, 8, 8) / 16
    return room, labels[order]


def moved(x, down, right):
    """Moved by one pixel, nothing coming round: what leaves is empty."""
    wide = np.pad(x, [(0, 0), (1, 1), (1, 1)])
    return wide[:, 1 - down : 11 - down, 1 - right : 11 - right]


def arrays(model):
    """The weights of a model in PyTorch's order, as arrays."""
    if isinstance(model, torch.nn.Module):
        return [p.detach().numpy() for p in model.parameters()]
    found = [np.asarray(w) for w in model.get_weights()]
    found = [w.transpose(3, 2, 0, 1) if w.ndim == 4 else w for w in found]
    if found[0].ndim == 4:  # (row, column, channel) to (channel, row, column)
        last = found[4].reshape(2, 2, 16, 10).transpose(2, 0, 1, 3).reshape(64, 10)
        found[4] = last
    return [w.T if w.ndim == 2 else w for w in found]


def halved(x):
    """The maximum of each two by two, what is over left out."""
    n = x.shape[-1] // 2
    return x[..., : 2 * n, : 2 * n].reshape(*x.shape[:2], n, 2, n, 2).max((3, 5))


def scores(model, x):
    """A model's ten scores for (N, 10, 10), by NumPy and SciPy alone."""
    weights, h = arrays(model), x[:, None]
    while weights and weights[0].ndim == 4:
        w, b, *weights = weights
        h = np.pad(h, [(0, 0), (0, 0), (1, 1), (1, 1)])
        h = np.stack(
            [signal.correlate(h, one[None], mode="valid")[:, 0] for one in w], axis=1
        )
        h = halved(np.maximum(h + b[:, None, None], 0))
    h = h.reshape(len(h), -1)
    while len(weights) > 2:
        w, b, *weights = weights
        h = np.maximum(h @ w.T + b, 0)
    return h @ weights[0].T + weights[1]


def share(model, x):
    return (scores(model, x).argmax(1) == digits()[1][1200:]).mean()


def loss_of(model):
    """The mean cross-entropy of a trained model over what it was trained on."""
    x, labels = (part[:1200] for part in digits())
    z = scores(model, x)
    z = z - z.max(1, keepdims=True)
    return (np.log(np.exp(z).sum(1)) - z[np.arange(1200), labels]).mean()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_printed_parameters_are_counted(run_snippet, framework):
    text = run_snippet(f"algorithms/convolution_digits_{framework}").printed_by[
        "models"
    ]
    for name, count in PARAMETERS.items():
        assert line_of(text, f"{name} 的参数 ") == str(count)


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_printed_accuracy_is_that_of_a_numpy_network(run_snippet, framework, name):
    ns = run_snippet(f"algorithms/convolution_digits_{framework}")
    found = [share(model, digits()[0][1200:]) for model in ns.trained[name]]
    assert len(found) == 3
    line = line_of(printed_in(ns, "compare"), f"{name}：训练损失 ")
    printed = numbers(line)[1:]
    want = [np.mean(found), min(found), max(found)]
    assert printed == [float(f"{x:.3f}") for x in want]


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_printed_accuracy_of_moved_images_is_that_of_a_numpy_network(
    run_snippet, framework, name
):
    ns = run_snippet(f"algorithms/convolution_digits_{framework}")
    printed = named(printed_in(ns, "shift"), f"{name}，移一个像素：")
    assert list(printed) == list(MOVES)
    for move, way in MOVES.items():
        x = moved(digits()[0][1200:], *way)
        want = np.mean([share(model, x) for model in ns.trained[name]])
        assert printed[move] == pytest.approx(want, abs=0.00501)


def test_nothing_of_a_digit_leaves_when_it_moves():
    x = digits()[0]
    for way in MOVES.values():
        np.testing.assert_allclose(moved(x, *way).sum((1, 2)), x.sum((1, 2)))


def test_torch_s_training_is_adamw_written_out(digits_torch, double):
    """The linear model of seed 1: 20 epochs of 24 batches, decay apart."""
    torch.manual_seed(1)
    model = digits_torch.linear()
    w = [p.detach().numpy().copy() for p in model.parameters()]
    m, v = ([np.zeros_like(p) for p in w] for _ in range(2))
    x, labels = digits()
    x = x.reshape(-1, 100)[:1200]
    rows = torch.utils.data.DataLoader(range(1200), batch_size=50, shuffle=True)
    t, means = 0, []
    for _ in range(20):
        losses = []
        for batch in rows:
            batch, t = batch.numpy(), t + 1
            z = x[batch] @ w[0].T + w[1]
            z -= z.max(1, keepdims=True)
            p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
            losses.append(-np.log(p[np.arange(50), labels[batch]]).mean())
            delta = (p - np.eye(10)[labels[batch]]) / 50
            for i, g in enumerate([delta.T @ x[batch], delta.sum(0)]):
                m[i] = 0.9 * m[i] + 0.1 * g
                v[i] = 0.999 * v[i] + 0.001 * g * g
                w[i] *= 1 - 0.01 * 0.01
                step = m[i] / (1 - 0.9**t)
                w[i] -= 0.01 * step / (np.sqrt(v[i] / (1 - 0.999**t)) + 1e-8)
        means.append(np.mean(losses))
    trained = arrays(digits_torch.trained["线性"][1])
    np.testing.assert_allclose(trained[0], w[0], rtol=1e-6, atol=1e-9)
    _, history = digits_torch.train(digits_torch.linear, digits_torch.images, 1)
    np.testing.assert_allclose(history, means, rtol=1e-6)


def test_the_printed_losses_are_the_last_of_the_drawn_curves(digits_torch):
    drawn = {x.get_label(): x.get_ydata() for x in digits_torch.axis.get_lines()}
    assert list(drawn) == list(PARAMETERS)
    for name, curve in drawn.items():
        assert len(curve) == 20
        line = line_of(printed_in(digits_torch, "compare"), f"{name}：训练损失 ")
        assert numbers(line)[0] == float(f"{curve[-1]:.2f}")


def test_the_curves_are_means_of_three_seeds(digits_torch, double):
    histories = [
        digits_torch.train(digits_torch.linear, digits_torch.images, seed)[1]
        for seed in range(3)
    ]
    want = [sum(three) / 3 for three in zip(*histories, strict=True)]
    np.testing.assert_allclose(digits_torch.curves["线性"], want, rtol=1e-9)


def test_keras_trains_with_torch_s_settings(digits_keras):
    for models in digits_keras.trained.values():
        for model in models:
            optimizer = model.optimizer
            assert type(optimizer).__name__ == "AdamW"
            assert float(optimizer.learning_rate) == pytest.approx(0.01)
            assert optimizer.weight_decay == 0.01
            assert int(optimizer.iterations) == 20 * 24
            assert model.loss.get_config()["from_logits"]


@pytest.mark.parametrize("name", PARAMETERS)
def test_keras_s_printed_losses_are_means_of_the_last_rounds(digits_keras, name):
    line = line_of(printed_in(digits_keras, "compare"), f"{name}：训练损失 ")
    rounds = [model.history.history["loss"] for model in digits_keras.trained[name]]
    assert [len(losses) for losses in rounds] == [20, 20, 20]
    mean = np.mean([losses[19] for losses in rounds])
    assert numbers(line)[0] == float(f"{mean:.2f}")


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_printed_losses_are_near_those_of_the_trained_weights(
    run_snippet, framework, name
):
    """A round's mean is over weights that still change: near, not equal."""
    ns = run_snippet(f"algorithms/convolution_digits_{framework}")
    line = line_of(printed_in(ns, "compare"), f"{name}：训练损失 ")
    want = np.mean([loss_of(model) for model in ns.trained[name]])
    assert numbers(line)[0] == pytest.approx(want, rel=0.5, abs=0.005)


def test_keras_s_losses_are_near_torch_s(digits_torch, digits_keras):
    for name in PARAMETERS:
        both = [
            numbers(line_of(printed_in(ns, "compare"), f"{name}：训练损失 "))[0]
            for ns in (digits_torch, digits_keras)
        ]
        assert both[0] == pytest.approx(both[1], rel=0.5, abs=0)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_dense_network_reaches_what_sklearn_s_reaches(run_snippet, framework):
    ns = run_snippet(f"algorithms/convolution_digits_{framework}")
    x, labels = digits()[0].reshape(-1, 100), digits()[1]
    model = MLPClassifier((17,), learning_rate_init=0.01, max_iter=20, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 20 rounds are meant
        model.fit(x[:1200], labels[:1200])
    right = model.score(x[1200:], labels[1200:])
    line = line_of(printed_in(ns, "compare"), "全连接：训练损失 ")
    assert numbers(line)[1] == pytest.approx(right, abs=0.02)


def test_a_linear_model_that_is_trained_to_its_end_equals_the_convolution(digits_torch):
    """On digits in the middle: no sure lead of the convolution."""
    x, labels = digits()[0].reshape(-1, 100), digits()[1]
    model = LogisticRegression(max_iter=1000).fit(x[:1200], labels[:1200])
    right = model.score(x[1200:], labels[1200:])
    line = line_of(printed_in(digits_torch, "compare"), "卷积：训练损失 ")
    assert f"{right:.3f}" == "0.978"
    assert numbers(line)[1] == pytest.approx(right, abs=0.005)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_convolution_leads_and_all_fall_when_moved(run_snippet, framework):
    ns = run_snippet(f"algorithms/convolution_digits_{framework}")
    text = printed_in(ns, "compare")
    still = {n: numbers(line_of(text, f"{n}：训练损失 "))[1] for n in PARAMETERS}
    assert still["线性"] < still["全连接"] < still["卷积"]
    losses = [numbers(line_of(text, f"{n}：训练损失 "))[0] for n in PARAMETERS]
    assert losses[0] > losses[1] > losses[2]
    for name in PARAMETERS:
        after_move = named(printed_in(ns, "shift"), f"{name}，移一个像素：")
        assert max(after_move.values()) < still[name] - 0.2
    low = named(printed_in(ns, "shift"), "卷积，移一个像素：")
    dense = named(printed_in(ns, "shift"), "全连接，移一个像素：")
    assert all(low[move] > dense[move] for move in MOVES)


def placed():
    """Each image moved by -1, 0 or 1 pixel in both directions, nothing lost."""
    x, rng = digits()[0], np.random.default_rng(2)
    ways = rng.integers(-1, 2, size=(len(x), 2))
    each = [moved(x[[i]], *way)[0] for i, way in enumerate(ways.tolist())]
    return np.array(each), rng.permutation(100)


def mixed_up():
    """The pixels of every placed image in one other order."""
    x, order = placed()
    return x.reshape(-1, 100)[:, order].reshape(x.shape)


def test_the_placed_and_the_mixed_images_are_those_of_the_test(digits_torch):
    ns = digits_torch
    for mine, theirs in [(placed()[0], ns.placed), (mixed_up(), ns.shuffled)]:
        np.testing.assert_array_equal(np.asarray(theirs).reshape(mine.shape), mine)


CASES = [(name, "位置不定") for name in PARAMETERS]
CASES += [(name, "再打乱像素") for name in ("全连接", "卷积")]


@pytest.mark.parametrize(("name", "how"), CASES)
def test_printed_accuracy_after_training_anew_is_that_of_a_numpy_network(
    digits_torch, name, how
):
    assert list(digits_torch.retrained) == CASES
    x = placed()[0] if how == "位置不定" else mixed_up()
    found = [share(model, x[1200:]) for model in digits_torch.retrained[name, how]]
    assert len(found) == 3
    printed = after(printed_in(digits_torch, "placed"), f"{name}，{how}：")
    want = [np.mean(found), min(found), max(found)]
    assert printed == [float(f"{v:.2f}") for v in want]


@pytest.mark.parametrize(
    ("name", "how", "seed"), [("线性", "位置不定", 1), ("全连接", "再打乱像素", 2)]
)
def test_the_kept_models_are_those_trained_on_these_images(
    digits_torch, double, name, how, seed
):
    x = placed()[0] if how == "位置不定" else mixed_up()
    model, _ = digits_torch.train(digits_torch.models[name], tensor(x)[:, None], seed)
    kept = arrays(digits_torch.retrained[name, how][seed])
    for want, found in zip(arrays(model), kept, strict=True):
        np.testing.assert_allclose(found, want, rtol=1e-6, atol=1e-9)


def test_sklearn_s_linear_model_reaches_no_more_on_placed_images(digits_torch):
    x, labels = placed()[0].reshape(-1, 100), digits()[1]
    model = LogisticRegression(max_iter=2000).fit(x[:1200], labels[:1200])
    printed = after(printed_in(digits_torch, "placed"), "线性，位置不定：")
    assert printed[0] == pytest.approx(model.score(x[1200:], labels[1200:]), abs=0.03)


def test_the_convolution_s_lead_on_placed_images_ends_with_mixed_pixels(digits_torch):
    text = printed_in(digits_torch, "placed")
    linear, dense, convolution = (
        after(text, f"{name}，位置不定：") for name in PARAMETERS
    )
    assert linear[2] < dense[1] and dense[2] + 0.05 < convolution[1]
    mixed = after(text, "卷积，再打乱像素：")
    assert mixed[2] + 0.1 < convolution[1]
    dense_mixed = after(text, "全连接，再打乱像素：")
    assert dense_mixed[0] == pytest.approx(dense[0], abs=0.06)
    assert mixed[2] < dense_mixed[1]  # behind the dense network too


def test_the_page_s_table_is_what_torch_printed(digits_torch):
    page = PAGE.read_text(encoding="utf-8")
    still = printed_in(digits_torch, "compare")
    anew = printed_in(digits_torch, "placed")
    for name in PARAMETERS:
        centre = line_of(still, f"{name}：").split("测试正确率 ")[1][:5]
        moved = line_of(anew, f"{name}，位置不定：")[:4]
        mixed = "未试"
        if name != "线性":
            mixed = line_of(anew, f"{name}，再打乱像素：")[:4]
        assert f"| {name} | {centre} | {moved} | {mixed} |" in page
    assert f"卷积却掉到 {mixed}，" in page


def test_the_page_s_sentences_say_what_torch_printed(digits_torch):
    page = PAGE.read_text(encoding="utf-8")
    still = printed_in(digits_torch, "compare")
    linear, dense, convolution = (
        f"{100 * numbers(line_of(still, f'{name}：训练损失 '))[1]:.1f}%"
        for name in PARAMETERS
    )
    assert f"平均 {convolution}，全连接 {dense}，线性 {linear}。" in page
    shift = printed_in(digits_torch, "shift")
    found = [
        list(named(shift, f"{name}，移一个像素：").values()) for name in PARAMETERS
    ]
    dense, convolution = found[0] + found[1], found[2]
    assert f"全连接掉到 {min(dense):.2f} 到 {max(dense):.2f}，" in page
    assert f"卷积是 {min(convolution):.2f} 到 {max(convolution):.2f}，" in page


# --- practice: algorithms/convolution_practice_numpy --------------------------------

SOLUTION = """
def conv2d(x, w, stride, padding):
    p, size = padding, w.shape[-1]
    x = np.pad(x, [(0, 0), (p, p), (p, p)])
    rows = (x.shape[1] - size) // stride + 1
    columns = (x.shape[2] - size) // stride + 1
    y = np.zeros((len(w), rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            window = x[:, top : top + size, left : left + size]
            y[:, i, j] = (w * window).sum(axis=(1, 2, 3))
    return y
"""
FLIPPED = ("(w * window)", "(np.flip(w, (2, 3)) * window)")
WRONG = [
    FLIPPED,
    ("(w * window)", "(w.swapaxes(2, 3) * window)"),
    ("(w * window)", "(w[:, :1] * window[:1])"),  # the first channel only
    ("(w * window)", "(w[:1] * window)"),  # the first kernel only
    ("(w * window)", "(w + window)"),
    ("[(0, 0), (p, p), (p, p)]", "[(0, 0), (p, 0), (p, 0)]"),
    ("[(0, 0), (p, p), (p, p)]", "[(0, 0), (0, p), (0, p)]"),
    ("[(0, 0), (p, p), (p, p)]", "[(0, 0), (0, 0), (0, 0)]"),
    ("[(0, 0), (p, p), (p, p)]", "[(0, 0), (p, p), (p, p)], mode='edge'"),
    ("rows = (x.shape[1] - size) // stride + 1", "rows = (x.shape[1] - size) + 1"),
    (
        "rows = (x.shape[1] - size) // stride",
        "rows = -(-(x.shape[1] - size) // stride)",
    ),
    (
        "columns = (x.shape[2] - size) // stride + 1",
        "columns = (x.shape[2] - size + 1) // stride + 1",
    ),
    ("columns = (x.shape[2]", "columns = (x.shape[1]"),
    ("top, left = i * stride, j * stride", "top, left = i, j"),
    ("top, left = i * stride, j * stride", "top, left = j * stride, i * stride"),
    ("return y", "return y.astype(int)"),
    ("return y", "return y[0]"),
    ("return y", "return y.transpose(1, 2, 0)"),
    ("return y", "return np.maximum(y, 0)"),
    ("    x = np.pad(x", "    x -= 1\n    x = np.pad(x"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_torch_gives(case):
    _, given, want, _ = case
    y = F.conv2d(
        tensor(given["x"])[None],
        tensor(given["w"]),
        stride=given["stride"],
        padding=given["padding"],
    )
    np.testing.assert_allclose(y[0], want, rtol=0, atol=1e-12)


def test_the_book_s_conv2d_passes_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_conv2d_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_flipped_kernel():
    said = practice.failing(PRACTICE, SOLUTION, FLIPPED)
    assert said in PAGE.read_text(encoding="utf-8")


def test_the_page_s_own_loops_pass_the_practice(hand):
    for _, given, want, _ in practice.values(PRACTICE)["CASES"]:
        y = hand.conv2d(b=np.zeros(len(given["w"])), **given)
        assert y.tolist() == want


# --- exercises ----------------------------------------------------------------------


def test_exercise_1_s_shapes_and_parameters():
    one, two, pool = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2)
    x, shapes = torch.zeros(1, 28, 28), []
    for layer in (one, pool, two, pool):
        x = layer(x)
        shapes.append(tuple(x.shape))
    assert shapes == [(6, 24, 24), (6, 12, 12), (16, 8, 8), (16, 4, 4)]
    assert x.numel() == 256
    count = [sum(p.numel() for p in layer.parameters()) for layer in (one, two)]
    assert count == [156, 2_416]


def test_exercise_2_s_fields_and_spacings():
    layers = [(3, 1), (3, 2), (3, 1), (2, 2), (3, 1)]
    seen = [[by_autograd(layers[:n], output) for output in (0, 1)] for n in range(1, 6)]
    assert [len(first) for first, _ in seen] == [3, 5, 9, 11, 19]
    assert [second[0] - first[0] for first, second in seen] == [1, 2, 2, 4, 4]


@pytest.mark.parametrize(
    ("n", "k"), [(n, k) for n in (7, 8, 12, 15) for k in (3, 5, 7)]
)
def test_exercise_3_s_zeros_are_those_that_keras_pads(n, k):
    from keras import ops

    x, w = np.arange(1.0, n + 1), np.arange(1.0, k + 1)
    found = ops.conv(x.reshape(1, n, 1), w.reshape(k, 1, 1), strides=2, padding="same")
    total = 2 * (math.ceil(n / 2) - 1) + k - n
    assert total == (k - 1 if n % 2 else k - 2)
    left, right = ((k - 1) // 2,) * 2 if n % 2 else ((k - 3) // 2, (k - 1) // 2)
    assert left + right == total
    want = np.correlate(np.pad(x, (left, right)), w, mode="valid")[::2]
    np.testing.assert_allclose(np.asarray(found).ravel(), want, rtol=1e-6)


def test_exercise_3_s_first_layer_of_a_resnet_pads_two_and_three():
    assert 2 * (224 // 2 - 1) + 7 - 224 == 5 == 2 + 3
    assert ((7 - 3) // 2, (7 - 1) // 2) == (2, 3)


def test_exercise_4_s_blur_is_a_column_after_a_row():
    x = np.random.default_rng(3).integers(0, 10, size=(7, 9))
    row, column = np.array([[1, 2, 1]]), np.array([[1], [2], [1]])
    whole = signal.correlate2d(x, column * row, mode="valid")
    for one, other in [(row, column), (column, row)]:
        twice = signal.correlate2d(
            signal.correlate2d(x, one, mode="valid"), other, mode="valid"
        )
        assert twice.tolist() == whole.tolist()
    assert ((column * row).size, row.size + column.size) == (9, 6)
    assert (7 * 7, 7 + 7) == (49, 14)
