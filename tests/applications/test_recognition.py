"""Image recognition: blocks, baselines, networks with augmentation, ViT, a probe.

References that the programs never call: PyTorch and transformers for the NumPy blocks,
NumPy and statsmodels-free formulas for the baselines, SciPy for the rotation and the
sign test, transformers' ViT for the one that is written out.
"""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.ndimage import affine_transform
from scipy.stats import binomtest
from sklearn.datasets import load_digits
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/applications/recognition.md"
PRACTICE = ROOT / "snippets/applications/recognition_practice_numpy.py"


@pytest.fixture
def blocks(run_snippet):
    return run_snippet("applications/recognition_patches_numpy")


@pytest.fixture
def baselines(run_snippet):
    return run_snippet("applications/recognition_baselines_numpy")


@pytest.fixture
def pytorch(run_snippet):
    return run_snippet("applications/recognition_torch")


@pytest.fixture
def keras_version(run_snippet):
    return run_snippet("applications/recognition_tf")


@pytest.fixture
def mistakes(run_snippet):
    return run_snippet("applications/recognition_errors_torch")


@pytest.fixture
def vit(run_snippet):
    return run_snippet("applications/recognition_vit_torch")


@pytest.fixture
def probe(run_snippet):
    return run_snippet("applications/recognition_probe_torch")


@pytest.fixture
def double():
    """Numbers as the training programs have them."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.fixture(scope="module")
def digits():
    """(images with a blank frame, labels), read anew."""
    pixels, labels = load_digits(return_X_y=True)
    framed = np.zeros((len(pixels), 10, 10))
    framed[:, 1:9, 1:9] = pixels.reshape(-1, 8, 8) / 16
    return framed, labels


def turned(image, degrees):
    """One image turned about its centre, by SciPy's affine map."""
    angle = np.deg2rad(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = np.array([4.5, 4.5])
    return affine_transform(image, matrix, centre - matrix @ centre, order=1)


def moved_sets(images):
    """The test images as they are, in four places, turned both ways."""
    rolls = [np.roll(images, s, a) for s, a in ((-1, 2), (1, 2), (-1, 1), (1, 1))]
    turns = [[turned(image, d) for image in images] for d in (15, -15)]
    return {
        "原样": images,
        "移一格": np.concatenate(rolls),
        "转 15 度": np.concatenate(turns),
    }


@pytest.fixture(scope="module")
def sets(digits):
    return moved_sets(digits[0][1200:])


def percent(printed, label):
    """{set: numbers} of a line 「label原样 97%，移一格 50%，转 15 度 84%」."""
    found = {}
    for part in line_of(printed, label).split("，"):
        name = next(n for n in ("原样", "移一格", "转 15 度") if part.startswith(n))
        found[name] = numbers(part.removeprefix(name))
    return found


def rate(said, labels):
    return 100 * (said == np.tile(labels, len(said) // len(labels))).mean()


# --- by hand --------------------------------------------------------------------------

IMAGE = torch.tensor([[2.0, 2, 2, 0], [0, 0, 2, 0], [0, 1, 1, 0], [0, 2, 0, 0]])
KERNELS = torch.tensor(
    [[[1.0, 1], [1, 1]], [[1, 1], [-1, -1]], [[1, -1], [1, -1]]]
)  # all, top minus bottom, left minus right


def rows(printed, middle):
    return [
        numbers(re.search(rf"{middle}：(.*)", line)[1])
        for line in printed.splitlines()
        if re.match(rf"第 \d 块{middle}：", line)
    ]


def test_the_blocks_are_those_of_unfold(blocks):
    want = F.unfold(IMAGE[None, None], 2, stride=2)[0].mT
    assert rows(blocks.printed_by["patches"], "") == want.tolist()


def test_the_tokens_are_those_of_a_convolution_with_stride_two(blocks):
    want = F.conv2d(IMAGE[None, None], KERNELS[:, None], stride=2)[0]
    assert rows(blocks.printed_by["embed"], "的词元") == want.flatten(1).mT.tolist()
    first, same = blocks.printed_by["convolution"].splitlines()
    assert numbers(first) == want[0].flatten().tolist()
    assert same == "与矩阵乘法相同： True"


def hand_embeddings():
    """transformers' embedding layer with the weights of the page."""
    from transformers import ViTConfig
    from transformers.models.vit.modeling_vit import ViTEmbeddings

    layer = ViTEmbeddings(
        ViTConfig(
            hidden_size=3,
            image_size=4,
            patch_size=2,
            num_channels=1,
            hidden_dropout_prob=0.0,
        )
    ).eval()
    place = torch.tensor(
        [[0, 0, 0], [0, 0.5, 0.5], [0, 0.5, -0.5], [0, -0.5, 0.5], [0, -0.5, -0.5]]
    )
    with torch.no_grad():
        layer.patch_embeddings.projection.weight.copy_(KERNELS[:, None])
        layer.patch_embeddings.projection.bias.zero_()
        layer.cls_token.fill_(1)
        layer.position_embeddings.copy_(place)
    return layer


def test_the_token_table_is_that_of_transformers(blocks):
    with torch.no_grad():
        want = hand_embeddings()(IMAGE[None, None])[0].tolist()
    head, *others = blocks.printed_by["tokens"].splitlines()
    assert numbers(head.removeprefix("类别：")) == want[0]
    assert rows("\n".join(others), "") == want[1:]


def test_without_places_the_order_of_the_blocks_is_not_seen(blocks):
    with torch.no_grad():
        layer = hand_embeddings()
        x = layer.patch_embeddings(IMAGE[None, None])[0].double()
        place = layer.position_embeddings[0].double()
    found = {}
    for line in blocks.printed_by["shuffle"].splitlines():
        name, _, rest = line.partition("，")
        found[name] = numbers(rest)
    for name, p in (("不加位置", 0 * place), ("加上位置", place)):
        want = []
        for order in ([0, 1, 2, 3], [2, 0, 3, 1]):
            tokens = torch.cat([torch.ones(1, 3).double(), x[order]]) + p
            read = F.scaled_dot_product_attention(tokens[:1], tokens, tokens)
            want += read[0].tolist()
        assert found[name] == pytest.approx(want, abs=6e-3)
    still, seen = found["不加位置"], found["加上位置"]
    assert still[:3] == still[3:] and seen[:3] != seen[3:]


def test_the_cost_is_that_of_the_models_of_transformers(blocks):
    from transformers import ViTConfig
    from transformers.models.vit.modeling_vit import ViTEmbeddings

    lines = blocks.printed_by["cost"].splitlines()
    for line in lines:
        side, size, count, each, pairs = numbers(line)
        layer = ViTEmbeddings(
            ViTConfig(image_size=int(side), patch_size=int(size), hidden_size=6)
        )
        assert layer.position_embeddings.shape[1] == count + 1
        assert layer.patch_embeddings.projection.weight[0].numel() == each
        assert pairs == (count + 1) ** 2
    assert [numbers(line)[:2] for line in lines] == [
        [224, 32],
        [224, 16],
        [224, 14],
        [448, 16],
    ]


# --- baselines ------------------------------------------------------------------------


def test_the_first_1200_train_and_the_rest_test(baselines, digits):
    assert numbers(baselines.printed_by["data"]) == [1200, 597, 10, 10]
    np.testing.assert_array_equal(baselines.images, digits[0])
    np.testing.assert_array_equal(baselines.test, digits[0][1200:])
    np.testing.assert_array_equal(baselines.y_test, digits[1][1200:])


def test_the_nearest_image_is_often_near_in_the_file(baselines, digits):
    flat = digits[0].reshape(-1, 100)
    number = np.arange(len(flat))
    search = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(flat)
    nearest = search.kneighbors(flat, return_distance=False)[:, 1]
    found = 100 * (abs(nearest - number) <= 100).mean()
    ends = np.minimum(number + 100, len(flat) - 1) - np.maximum(number - 100, 0)
    chance = 100 * (ends / (len(flat) - 1)).mean()
    printed = after(baselines.printed_by["near"], "最像的一张就在前后 100 张之内：")
    assert printed == pytest.approx([found, chance], abs=0.6)


def test_mixing_the_writers_flatters_both(baselines, digits):
    flat, labels = digits[0].reshape(-1, 100), digits[1]
    model = SVC(C=10)
    right = []
    for part in np.array_split(np.arange(len(flat)), 5):
        rest = np.setdiff1d(np.arange(len(flat)), part)
        right.append(
            model.fit(flat[rest], labels[rest]).score(flat[part], labels[part])
        )
    printed = baselines.printed_by["leak"]
    block, low, high = after(printed, "SVM，五折：按次序切 ")
    assert block == pytest.approx(100 * np.mean(right), abs=0.06)
    near = after(printed, "最近的一张，五折：按次序切 ")
    assert block + 1 < low <= high and near[0] + 1 < near[1] <= near[2]


def wilson(right, n):
    """The 95 % interval, by SciPy."""
    found = binomtest(int(right), n).proportion_ci(method="wilson")
    return 100 * found.low, 100 * found.high


def by_mean(train, y, x):
    means = np.array([train[y == c].mean(axis=0) for c in range(10)])
    return ((x[:, None] - means) ** 2).sum(axis=(2, 3)).argmin(axis=1)


def by_nearest(train, y, x):
    search = NearestNeighbors(n_neighbors=1, algorithm="brute")
    search.fit(train.reshape(len(train), -1))
    return y[search.kneighbors(x.reshape(len(x), -1), return_distance=False)[:, 0]]


def by_svm(train, y, x, gamma=0.3):
    model = SVC(C=10, gamma=gamma).fit(train.reshape(len(train), -1), y)
    return model.predict(x.reshape(len(x), -1))


def by_softmax(train, y, x):
    """Logistic regression by PyTorch's L-BFGS, penalty ½ |w|²."""
    flat = torch.tensor(train).flatten(1).double()
    w = torch.zeros(10, 100, dtype=torch.float64, requires_grad=True)
    b = torch.zeros(10, dtype=torch.float64, requires_grad=True)
    target = torch.tensor(y)
    step = torch.optim.LBFGS(
        [w, b], max_iter=300, line_search_fn="strong_wolfe", tolerance_change=1e-10
    )

    def closure():
        step.zero_grad()
        fit = F.cross_entropy(flat @ w.mT + b, target, reduction="sum")
        loss = fit + w.square().sum() / 2
        loss.backward()
        return loss

    step.step(closure)
    with torch.no_grad():
        return (torch.tensor(x).flatten(1) @ w.mT + b).argmax(1).numpy()


RULES = {
    "最近的平均": by_mean,
    "最近的一张": by_nearest,
    "逻辑回归": by_softmax,
    "SVM": by_svm,
}


@pytest.mark.parametrize("name", RULES)
def test_a_baseline_is_right_as_often_as_a_second_one(name, baselines, digits, sets):
    images, labels = digits
    train, y, y_test = images[:1200], labels[:1200], labels[1200:]
    said = {k: RULES[name](train, y, x) for k, x in sets.items()}
    right = (said["原样"] == y_test).sum()
    want = [100 * right / 597, *wilson(right, 597)]
    slack = 0.2 if name == "逻辑回归" else 0.06  # another solver: one image
    assert after(baselines.printed_by["models"], f"{name}：") == pytest.approx(
        want, abs=slack
    )
    found = percent(baselines.printed_by["collapse"], f"{name}：")
    for k in sets:
        assert found[k] == pytest.approx([rate(said[k], y_test)], abs=slack)


def test_always_the_commonest_class(baselines, digits):
    commonest = np.bincount(digits[1][:1200]).argmax()
    right = (digits[1][1200:] == commonest).sum()
    want = [100 * right / 597, *wilson(right, 597)]
    found = after(baselines.printed_by["models"], "总猜最多的：")
    assert found == pytest.approx(want, abs=0.06)


def test_the_svm_is_chosen_on_the_training_images_alone(baselines, digits):
    flat, labels = digits[0][:1200].reshape(-1, 100), digits[1][:1200]
    best = {}
    for c in (1, 10, 100):
        for gamma in (0.03, 0.1, 0.3):
            right = []
            for part in np.array_split(np.arange(1200), 4):
                rest = np.setdiff1d(np.arange(1200), part)
                model = SVC(C=c, gamma=gamma).fit(flat[rest], labels[rest])
                right.append(model.score(flat[part], labels[part]))
            best[c, gamma] = np.mean(right)
    printed = numbers(line_of(baselines.printed_by["models"], "SVM 挑中的："))
    assert tuple(printed) == max(best, key=best.get)


def test_the_svm_taught_with_moved_copies_stands_the_moves(baselines, digits, sets):
    images, labels = digits
    more = np.concatenate(list(moved_sets(images[:1200]).values()))
    printed = percent(baselines.printed_by["copies"], "SVM，也用移过、转过的训练：")
    for name, x in sets.items():
        want = rate(by_svm(more, np.tile(labels[:1200], 7), x), labels[1200:])
        assert printed[name] == pytest.approx([want], abs=0.06)


# --- practice -------------------------------------------------------------------------

SOLUTION = """
def patches(images, size):
    n, height, width, channels = images.shape
    x = images.reshape(n, height // size, size, width // size, size, channels)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(n, -1, size * size * channels)
"""
LOOP = """
def patches(images, size):
    n, height, width, _ = images.shape
    found = []
    for image in images:
        found.append([])
        for i in range(0, height, size):
            for j in range(0, width, size):
                found[-1].append(image[i : i + size, j : j + size].ravel().tolist())
    return np.array(found)
"""
UNMOVED = ("x.transpose(0, 1, 3, 2, 4, 5)", "x")
WRONG = [
    UNMOVED,
    ("0, 1, 3, 2, 4, 5", "0, 3, 1, 2, 4, 5"),
    ("0, 1, 3, 2, 4, 5", "0, 1, 3, 4, 2, 5"),
    ("0, 1, 3, 2, 4, 5", "0, 1, 3, 5, 2, 4"),
    ("height // size, size, width // size", "width // size, size, height // size"),
    ("reshape(n, -1, size * size * channels)", "reshape(n, -1, size * size)"),
    (
        "reshape(n, -1, size * size * channels)",
        "reshape(-1, size * size * channels)",
    ),
]


def unfolded(images, size):
    """PyTorch's blocks, the channels of a pixel side by side."""
    x = torch.tensor(images).permute(0, 3, 1, 2).double()
    n, channels = x.shape[:2]
    cut = F.unfold(x, size, stride=size).view(n, channels, size * size, -1)
    return cut.permute(0, 3, 2, 1).flatten(2).long().tolist()


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_unfold_finds(case):
    _, given, want, _ = case
    assert unfolded(given["images"], given["size"]) == want


@pytest.mark.parametrize("solution", [SOLUTION, LOOP])
def test_a_reshape_and_a_loop_both_pass_the_practice(solution):
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 7


def test_no_wrong_cut_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, UNMOVED) in PAGE.read_text("utf-8")
