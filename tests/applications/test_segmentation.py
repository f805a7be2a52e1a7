"""Segmentation: enlarging by hand and by library, checkerboards, baselines, U-Net.

References that the programs never call: PyTorch's and SciPy's functions for the NumPy
programs, scikit-learn's scores for the tables, PyTorch's network with its weights moved
for Keras's.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.ndimage import zoom
from scipy.signal import upfirdn
from sklearn.metrics import accuracy_score, confusion_matrix, jaccard_score

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PRACTICE = ROOT / "snippets/applications/segmentation_practice_numpy.py"
X = np.array([1.0, 3, 2])


@pytest.fixture
def hand(run_snippet):
    return run_snippet("applications/segmentation_upsample_numpy")


@pytest.fixture
def pytorch(run_snippet):
    return run_snippet("applications/segmentation_upsample_torch")


@pytest.fixture
def keras(run_snippet):
    return run_snippet("applications/segmentation_upsample_tf")


@pytest.fixture
def checkers(run_snippet):
    return run_snippet("applications/segmentation_checkerboard_torch")


@pytest.fixture
def baselines(run_snippet):
    return run_snippet("applications/segmentation_baselines_numpy")


@pytest.fixture
def unet(run_snippet):
    return run_snippet("applications/segmentation_torch")


@pytest.fixture
def unet_keras(run_snippet):
    return run_snippet("applications/segmentation_tf")


@pytest.fixture
def ablation(run_snippet):
    return run_snippet("applications/segmentation_ablation_torch")


def grid(text):
    return [numbers(line) for line in text.splitlines()]


def near(values, abs=6e-4):
    return pytest.approx(list(map(float, values)), abs=abs)


# --- by hand --------------------------------------------------------------------------


def test_three_numbers_are_doubled_as_scipy_doubles_them(hand):
    printed = hand.printed_by["resize"]
    half = {"grid_mode": True, "mode": "grid-constant"}
    assert after(printed, "最邻近：") == near(zoom(X, 2, order=0, **half))
    edges = zoom(X, 2, order=1, grid_mode=True, mode="nearest")
    assert after(printed, "线性，外边对齐：") == near(edges)
    assert after(printed, "线性，端点对齐：") == near(zoom(X, 2, order=1))


def test_the_transposed_convolution_is_scipys_filter_after_inserting_zeros(hand):
    *stamps, total = hand.printed_by["put"].splitlines()
    for i, (line, value) in enumerate(zip(stamps, X, strict=True)):
        head, _, row = line.partition("放下：")
        assert numbers(head) == [value]
        alone = np.zeros(3)
        alone[i] = value
        assert numbers(row) == near(upfirdn([1, 2, 1], alone, up=2))
    assert numbers(total) == near(upfirdn([1, 2, 1], X, up=2))


def test_the_contributions_are_those_of_ones(hand):
    lines = hand.printed_by["cover"].splitlines()
    sizes = [(3, 2), (4, 2), (2, 2), (2, 3)]
    for line, (size, stride) in zip(lines, sizes, strict=True):
        count = F.conv_transpose1d(
            torch.ones(1, 1, 5), torch.ones(1, 1, size), stride=stride
        )[0, 0].tolist()
        assert numbers(line) == [size, stride, len(count), *count]


def test_in_two_dimensions_the_counts_are_products(hand):
    ones = torch.ones(1, 1, 3, 3)
    want = F.conv_transpose2d(ones, ones, stride=2)[0, 0].tolist()
    assert grid(hand.printed_by["plane"]) == want


def test_the_matrix_is_the_convolution_and_its_transpose_the_other(hand):
    *rows, back, again = hand.printed_by["matrix"].splitlines()
    kernel = torch.tensor([[[1.0, 2, 1]]])
    matrix = F.conv1d(torch.eye(7)[:, None], kernel, stride=2)[:, 0].T
    assert grid("\n".join(rows)) == matrix.tolist()
    x = torch.tensor(X).float()[None, None]
    up = F.conv_transpose1d(x, kernel, stride=2)
    assert numbers(back) == near(up[0, 0])
    assert numbers(again) == near(F.conv1d(up, kernel, stride=2)[0, 0])
    assert numbers(again) != X.tolist()


def test_one_kernel_interpolates_inside(hand):
    (line,) = hand.printed_by["bilinear"].splitlines()
    found = numbers(line.partition("：")[2])
    want = F.conv_transpose1d(
        torch.tensor(X)[None, None],
        torch.tensor([[[1.0, 3, 3, 1]]]).double() / 4,
        stride=2,
        padding=1,
    )
    assert found == near(want[0, 0])
    smooth = after(hand.printed_by["resize"], "线性，外边对齐：")
    assert found[1:-1] == smooth[1:-1] and found[0] != smooth[0]


@pytest.mark.parametrize("r", [2, 3])
def test_pixels_are_shuffled_as_in_pytorch(hand, r):
    four = torch.arange(1.0, 9).reshape(1, 4, 1, 2)
    want = F.pixel_shuffle(four, 2)[0, 0].tolist()
    assert grid(hand.printed_by["shuffle"]) == want
    many = torch.randn(1, r * r, 2, 3)
    found = hand.pixel_shuffle(many[0].numpy(), r)
    np.testing.assert_array_equal(found, F.pixel_shuffle(many, r)[0, 0])


# --- the libraries --------------------------------------------------------------------


@pytest.mark.parametrize("section", ["transposed", "interpolate", "shuffle", "mend"])
def test_both_libraries_print_the_same(pytorch, keras, section):
    assert pytorch.printed_by[section] == keras.printed_by[section]


def test_the_libraries_say_what_was_said_by_hand(hand, pytorch):
    by_hand = hand.printed_by
    assert after(pytorch.printed_by["transposed"], "转置卷积：") == after(
        by_hand["put"], "相加："
    )
    printed = pytorch.printed_by["interpolate"]
    for own, name in (("最邻近", "最邻近"), ("双线性", "线性，外边对齐")):
        assert after(printed, f"{own}：") == after(by_hand["resize"], f"{name}：")
    ends = after(pytorch.printed_by["torch-corners"], "align_corners=True：")
    assert ends == after(by_hand["resize"], "线性，端点对齐：")
    assert pytorch.printed_by["shuffle"] == by_hand["shuffle"]


def test_the_weights_lie_otherwise_in_each_library(pytorch, keras):
    label = "16 个通道变 8 个，权重："
    assert after(pytorch.printed_by["layout"], label) == [16, 8, 3, 3]
    assert after(keras.printed_by["keras-layout"], label) == [3, 3, 8, 16]


def test_the_sizes_follow_the_formula(pytorch, keras):
    for line in pytorch.printed_by["sizes"].splitlines():
        n, k, padding, extra, size = numbers(line)
        assert size == (n - 1) * 2 + k - 2 * padding + extra
    given = [numbers(x)[1:4] for x in pytorch.printed_by["sizes"].splitlines()]
    assert given == [[2, 0, 0], [3, 0, 0], [3, 1, 0], [3, 1, 1], [4, 1, 0]]
    lines = keras.printed_by["keras-sizes"].splitlines()
    found = {(numbers(x)[1], "same" in x): numbers(x)[2] for x in lines}
    assert {numbers(x)[0] for x in lines} == {5}
    assert found == {
        (k, same): 10 if same else (5 - 1) * 2 + k for k in (2, 3, 4) for same in (0, 1)
    }


def test_the_channels_are_ordered_otherwise(pytorch, keras):
    first = pytorch.printed_by["torch-channels"].splitlines()
    second = keras.printed_by["keras-channels"].splitlines()
    assert [numbers(x) for x in first] == [[0, 0, 1, 2, 3], [1, 4, 5, 6, 7]]
    assert [numbers(x) for x in second] == [[0, 0, 2, 4, 6], [1, 1, 3, 5, 7]]


def test_an_odd_size_cannot_be_joined(pytorch, keras):
    for printed in (pytorch.printed_by["torch-odd"], keras.printed_by["keras-odd"]):
        path, said = printed.splitlines()
        assert numbers(path) == [25, 25 // 2, 25 // 2 * 2]
        assert "25" in said and "24" in said
    assert "Sizes of tensors must match" in pytorch.printed_by["torch-odd"]
    assert numbers(pytorch.printed_by["mend"]) == [28, 25]


# --- checkerboard ---------------------------------------------------------------------

TRANSPOSED = ("核 3 步幅 2", "核 4 步幅 2", "核 2 步幅 2")


def test_every_untrained_transposed_kernel_has_a_pattern_even_without_overlap(checkers):
    printed = checkers.printed_by["untrained"]
    for kind in TRANSPOSED:
        (spread,) = numbers(line_of(printed, f"{kind}：每隔一行重复：True，"))
        assert 0.7 < spread < 1.1
    assert after(printed, "放大再卷积：") == [0]


def test_the_pattern_of_kernel_two_is_its_four_weights(checkers):
    """Each output pixel is one weight per channel: four values, nothing else."""
    inside = checkers.flat("核 2 步幅 2", 3)
    torch.manual_seed(3)
    layer = checkers.KINDS["核 2 步幅 2"](16, 1)
    colour = torch.randn(1, 16, 1, 1, dtype=layer.weight.dtype)
    four = torch.einsum("i,ioab->ab", colour.ravel(), layer.weight) + layer.bias
    assert torch.allclose(inside, four.detach().tile(4, 4), rtol=0, atol=1e-6)


def test_a_checkerboard_is_jagged_and_a_slope_is_not(checkers):
    rows, columns = torch.meshgrid(torch.arange(6), torch.arange(6), indexing="ij")
    board = ((rows + columns) % 2).double()[None]
    assert checkers.jagged(board) == pytest.approx(2**0.5)
    assert checkers.jagged((3 * rows + columns).double()[None]) < 1e-12


def test_training_smooths_but_the_kinds_stay_apart(checkers):
    printed = checkers.printed_by["train"]
    (truth,) = after(printed, "真的图：锯齿")
    found = {}
    for kind in (*TRANSPOSED, "放大再卷积"):
        values = numbers(line_of(printed, f"{kind}："))
        assert values[::3] == [0, 100, 1000]
        found[kind] = np.array(values).reshape(3, 3)[:, 1:]
        own = [
            [checkers.jagged(run[k]) for k in range(3)] for run in checkers.drawn[kind]
        ]
        want = np.stack([np.min(own, 0), np.max(own, 0)], 1)
        np.testing.assert_allclose(found[kind], want, atol=6e-4)
        assert truth < found[kind][2, 0] and found[kind][2, 1] < found[kind][1, 0]
    plain = found["放大再卷积"]
    for kind in TRANSPOSED:
        for step in range(3):  # the worst of one below the best of the other
            assert plain[step, 1] < found[kind][step, 0]
    assert found["核 2 步幅 2"][2, 0] > max(found[k][2, 1] for k in TRANSPOSED[:2])


# --- baselines ------------------------------------------------------------------------


def test_the_glyphs_of_the_test_were_never_seen(baselines):
    assert not set(baselines.train) & set(baselines.test)
    printed = baselines.printed_by["data"]
    assert after(printed, "训练的字") == [len(baselines.train), len(baselines.test)]
    share = 100 * (baselines.y_test == 0).mean()
    assert after(printed, "100 张测试图，背景占") == near([share], 0.06)


def test_the_four_by_four_example_has_scikit_learns_table(baselines):
    y = "0000 0110 0112 0002".replace(" ", "")
    p = "0000 0100 0111 0002".replace(" ", "")
    *table, each, last = baselines.printed_by["hand"].splitlines()
    assert grid("\n".join(table)) == confusion_matrix([*y], [*p]).tolist()
    want = jaccard_score([*y], [*p], average=None)
    assert numbers(each) == near(want, 0.0051)
    right = 100 * accuracy_score([*y], [*p])
    mean, share = numbers(last)
    assert [mean] == near([want.mean()], 0.0051) and [share] == near([right], 0.051)


def report(line):
    """(pixel accuracy, IoU of each class, their mean)."""
    _, _, rest = line.partition("：")
    right, *each, mean = numbers(rest)
    return right, each, mean


def test_all_background_has_many_right_pixels_and_no_class(baselines):
    y = baselines.y_test.ravel()
    right, each, mean = report(baselines.printed_by["score"].strip())
    p = np.zeros_like(y)
    assert right == pytest.approx(100 * accuracy_score(y, p), abs=0.06)
    want = jaccard_score(y, p, average=None, labels=range(5), zero_division=0)
    assert each == near(want, 0.006)
    assert mean == pytest.approx(want.mean(), abs=0.006)


def test_the_table_scores_as_scikit_learn(baselines):
    draw = np.random.default_rng(0)
    y, p = draw.integers(0, 5, (2, 3, 7, 7))
    found = baselines.iou(baselines.confusion(y, p, 5))
    want = jaccard_score(y.ravel(), p.ravel(), average=None, labels=range(5))
    assert found.tolist() == near(want, 1e-12)


def test_a_window_is_what_lies_around_a_pixel(baselines):
    x = np.arange(50.0).reshape(2, 5, 5)
    found = baselines.windows(x, 3).reshape(2, 5, 5, 3, 3)
    np.testing.assert_array_equal(found[1, 2, 3], x[1, 1:4, 2:5])
    assert found[0, 0, 0].ravel().tolist() == [0, 0, 0, 0, 0, 1, 0, 5, 6]


def test_a_larger_window_helps_until_it_is_too_large(baselines):
    lines = baselines.printed_by["window"].splitlines()
    means = {numbers(line)[0]: report(line)[2] for line in lines}
    assert list(means) == [1, 5, 9, 15]
    assert means[1] < 0.4 < 0.6 < means[15] < means[5] <= means[9] < 0.8
    last = report(lines[-1])  # the forest of the largest window is still there
    y, p = baselines.y_test.ravel(), baselines.p
    want = jaccard_score(y, p, average=None, labels=range(5))
    assert last[0] == pytest.approx(100 * accuracy_score(y, p), abs=0.06)
    assert last[1] == near(want, 0.006)


# --- the networks ---------------------------------------------------------------------


def same_data(first, second):
    return first.printed_by["data"] == second.printed_by["data"]


def test_all_programs_have_the_same_pictures(baselines, unet, unet_keras, ablation):
    for other in (unet, unet_keras, ablation):
        assert same_data(baselines, other)
        draws = np.random.default_rng(5), np.random.default_rng(5)
        own = baselines.scenes(draws[0], 3, baselines.train)
        theirs = other.scenes(draws[1], 3, other.train)
        for a, b in zip(own, theirs, strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_loss_falls_a_lot(unet):
    lines = unet.printed_by["train"].splitlines()
    losses = {numbers(x)[1]: numbers(x)[2] for x in lines}
    assert list(losses) == [1, 25, 50, 100, 150, 200, 250]
    assert losses[1] > 1.4 > 0.3 > losses[100] > losses[250]


def scored(printed, y, predictions):
    """The printed ranges are those of scikit-learn."""
    each = np.array(
        [
            jaccard_score(y, p, average=None, labels=range(5), zero_division=0)
            for p in predictions
        ]
    )
    for name, values in zip(["背景", "0", "1", "4", "7"], each.T, strict=True):
        want = [values.min(), values.max()]
        assert after(printed, f"{name} 的 IoU：") == near(want, 0.0051)
    mean = each.mean(1)
    assert after(printed, "mIoU：") == near([mean.min(), mean.max()], 0.0051)
    right = [100 * accuracy_score(y, p) for p in predictions]
    assert after(printed, "像素正确率：") == near([min(right), max(right)], 0.051)
    return mean


def test_the_u_net_beats_every_window(unet, baselines):
    x, y = unet.held[:]
    p = [unet.predict(model, x).numpy().ravel() for model in unet.models]
    mean = scored(unet.printed_by["score"], y.numpy().ravel(), p)
    best = max(report(x)[2] for x in baselines.printed_by["window"].splitlines())
    assert mean.min() > best + 0.1


def test_keras_beats_every_window_too(unet_keras, baselines):
    y = unet_keras.y_test.ravel()
    p = [prediction.ravel() for prediction in unet_keras.predictions]
    mean = scored(unet_keras.printed_by["keras-score"], y, p)
    best = max(report(x)[2] for x in baselines.printed_by["window"].splitlines())
    assert mean.min() > best + 0.05


def test_with_the_same_weights_both_networks_say_the_same(unet, unet_keras):
    """Layer by layer in the order of the call, from PyTorch to Keras."""
    source, copy = unet.models[0], unet_keras.unet()
    stages = [*source.down, source.deep, *source.enlarge, *source.up, source.head]
    order = [0, 1, 2, 3, 5, 4, 6, 7]
    values = []
    for stage in (stages[k] for k in order):
        for layer in stage if isinstance(stage, torch.nn.Sequential) else [stage]:
            if isinstance(layer, torch.nn.BatchNorm2d):
                parts = layer.weight, layer.bias, layer.running_mean, layer.running_var
                values.append([part.detach().numpy() for part in parts])
            elif not isinstance(layer, torch.nn.ReLU):
                weight = layer.weight.detach().permute(2, 3, 1, 0).numpy()
                bias = [] if layer.bias is None else [layer.bias.detach().numpy()]
                values.append([weight, *bias])
    targets = [layer for layer in copy.layers if layer.get_weights()]
    for layer, own in zip(targets, values, strict=True):
        layer.set_weights(own)
    x = unet.held[:3][0]
    with torch.no_grad():
        want = source(x).permute(0, 2, 3, 1).numpy()
    found = copy.predict(x.permute(0, 2, 3, 1).numpy(), verbose=0)
    np.testing.assert_allclose(found, want, rtol=0, atol=1e-4)  # in float32


def test_most_errors_lie_on_borders_and_their_kinds_sum_to_all(unet):
    x, y = unet.held[:]
    p = torch.stack([unet.predict(model, x) for model in unet.models]).numpy()
    y, printed = y.numpy(), unet.printed_by["errors"]
    wrong = (p != y).sum((1, 2, 3))
    parts = {
        "背景判成字": (y == 0) & (p > 0),
        "字判成背景": (y > 0) & (p == 0),
        "字判成另一个字": (y > 0) & (p > 0) & (p != y),
    }
    for name, part in parts.items():
        share = 100 * part.sum((1, 2, 3)) / wrong
        want = [share.min(), share.max()]
        assert after(printed, f"{name}：占错误的") == near(want, 0.51)
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(y, ((0, 0), (1, 1), (1, 1)), mode="edge"), (3, 3), (1, 2)
    )
    border = around.min((3, 4)) != around.max((3, 4))
    for name, place in {"边界上": border, "里面": ~border}.items():
        share, low, high = numbers(line_of(printed, f"{name}的像素（占"))
        rate = 100 * ((p != y) & place).sum((1, 2, 3)) / place.sum()
        assert share == pytest.approx(100 * place.mean(), abs=0.51)
        assert [low, high] == near([rate.min(), rate.max()], 0.051)


def test_the_worst_scene_is_the_one_with_fewest_hits(unet):
    x, y = (part.numpy() for part in unet.held[:])
    p = unet.predict(unet.models[0], torch.tensor(x)).numpy()
    share = [
        100 * np.mean((a == b)[(a > 0) | (b > 0)]) for a, b in zip(p, y, strict=True)
    ]
    printed = unet.printed_by["worst"]
    worst = numbers(line_of(printed, "最差的一张，字的像素判对"))
    assert worst[0] == pytest.approx(min(share), abs=0.51)
    middle = numbers(line_of(printed, "中等的一张，字的像素判对"))[0]
    assert middle == pytest.approx(np.median(share), abs=1.5)
    k = int(np.argmin(share))
    counts = {
        (i, j): ((y[k] == i) & (p[k] == j)).sum()
        for i in range(5)
        for j in range(5)
        if i != j
    }
    i, j = max(counts, key=counts.get)
    names = ["背景", "0", "1", "4", "7"]
    assert f"真的是 {names[i]}，判成 {names[j]}，{counts[i, j]} 个像素" in printed


def test_without_the_old_pictures_the_same_training_gets_less(ablation, unet):
    printed = ablation.printed_by["compare"]
    low, _ = after(unet.printed_by["score"], "mIoU：")
    for line, net in zip(printed.splitlines(), ablation.NETS.values(), strict=True):
        size, *found = numbers(line)[-3:]
        assert size == sum(p.numel() for p in net().parameters())
        assert found[0] <= found[1] < low - 0.05


def test_the_flat_net_sees_fifteen_pixels(ablation):
    """The gradient of the middle pixel's output by the input is not 0 on 15×15."""
    net = ablation.flat(1, 2, 4).eval()
    x = torch.rand(1, 1, 31, 31, dtype=torch.float64, requires_grad=True)
    net.double()(x)[0, :, 15, 15].sum().backward()
    rows = x.grad[0, 0].abs().sum(1).nonzero().ravel()
    assert rows.max() - rows.min() + 1 <= 15
    assert "看 15×15" in ablation.printed_by["compare"]


# --- practice -------------------------------------------------------------------------

SOLUTION = """
def conv_transpose(x, kernel, stride):
    (H, W), (h, w) = x.shape, kernel.shape
    y = np.zeros(((H - 1) * stride + h, (W - 1) * stride + w))
    for i in range(H):
        for j in range(W):
            a, b = i * stride, j * stride
            y[a : a + h, b : b + w] += x[i, j] * kernel
    return y
"""
INSERTED = """
def conv_transpose(x, kernel, stride):
    (H, W), (h, w) = x.shape, kernel.shape
    wide = np.zeros(((H - 1) * stride + 1, (W - 1) * stride + 1))
    wide[::stride, ::stride] = x
    wide = np.pad(wide, ((h - 1, h - 1), (w - 1, w - 1)))
    seen = np.lib.stride_tricks.sliding_window_view(wide, (h, w))
    return np.einsum("ijab,ab->ij", seen, kernel[::-1, ::-1])
"""
OVERWRITE = ("] += x[i, j]", "] = x[i, j]")
WRONG = [
    OVERWRITE,
    ("x[i, j] * kernel", "x[i, j] * kernel[::-1, ::-1]"),
    ("x[i, j] * kernel", "kernel"),
    ("x[i, j] * kernel", "x[i, j] * kernel.T"),
    ("(H - 1) * stride + h", "H * stride"),
    ("(W - 1) * stride + w", "W * stride"),
    ("(H - 1) * stride + h", "H * stride + h"),
    ("(W - 1) * stride + w", "(W - 1) * stride + h"),
    ("a, b = i * stride, j * stride", "a, b = i, j"),
    ("a, b = i * stride, j * stride", "a, b = j * stride, i * stride"),
    ("range(W)", "range(H)"),
    ("np.zeros(", "np.ones("),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_pytorch_finds(case):
    _, given, want, _ = case
    x, kernel = (torch.tensor(given[k])[None, None] for k in ("x", "kernel"))
    found = F.conv_transpose2d(x, kernel, stride=given["stride"])[0, 0].tolist()
    assert found == want


@pytest.mark.parametrize("solution", [SOLUTION, INSERTED])
def test_stamping_and_inserting_zeros_both_pass_the_practice(solution):
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 6


def test_no_wrong_transposed_convolution_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []
