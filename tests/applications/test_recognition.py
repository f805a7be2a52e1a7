"""Image recognition: blocks, baselines, networks with augmentation, ViT, a probe.

References that the programs never call: PyTorch and transformers for the NumPy blocks,
SciPy, NumPy and L-BFGS for the baselines, SciPy for the rotation and the
sign test, NumPy for the ViT.
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


# --- the convolutional network --------------------------------------------------------


def said_by(model, images):
    """A network's verdicts in evaluation, on images as arrays."""
    x = torch.tensor(np.asarray(images)).double()[:, None]
    model.eval()
    with torch.no_grad():
        return model(x).argmax(dim=1).numpy()


def keras_said(model, images):
    return model.predict(np.asarray(images)[..., None], verbose=0).argmax(axis=1)


def ends(values):
    return pytest.approx([min(values), max(values)], abs=0.06)


def test_the_network_has_the_counted_parameters(pytorch):
    convolutions = 9 * (1 * 12 + 12 * 24 + 24 * 24)
    norms, head = 2 * (12 + 24 + 24), 24 * 10 + 10
    assert numbers(pytorch.printed_by["model"]) == [convolutions + norms + head]


def test_both_frameworks_build_the_same_size(keras_version, pytorch):
    assert keras_version.printed_by["model"] == pytorch.printed_by["model"]


def test_the_images_are_turned_and_moved_as_scipy_does(pytorch, digits, double):
    some = digits[0][:20]
    draw = np.random.default_rng(0).uniform(-1, 1, (3, 20))
    degrees, right, down = (torch.tensor(v) for v in (15 * draw[0], draw[1], draw[2]))
    found = pytorch.moved(torch.tensor(some)[:, None], degrees, right, down)
    for image, got, d, r, b in zip(
        some, found[:, 0], degrees, right, down, strict=True
    ):
        angle = np.deg2rad(float(d))
        turn = np.array(
            [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
        )
        start = np.array([4.5, 4.5]) - turn @ [4.5, 4.5] - [float(b), float(r)]
        want = affine_transform(image, turn, start, order=1, mode="grid-constant")
        np.testing.assert_allclose(got.numpy(), want, atol=1e-9)


def test_augmenting_moves_a_little_and_erases_nine_pixels(pytorch, double):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        x = torch.ones(200, 1, 40, 40)  # far from the edges only the hole is blank
        found = pytorch.augment(x)[:, 0]
    holes = (found[:, 8:-8, 8:-8] == 0).sum(dim=(1, 2))
    assert holes.max() == 9 and (holes == 9).any()
    column = torch.zeros(300, 1, 10, 10)
    column[:, :, 1:9, 4:6] = 1
    with torch.random.fork_rng():
        torch.manual_seed(4)
        out = pytorch.augment(column)[:, 0]
    middle = (out.sum(dim=1) * torch.arange(10)).sum(dim=1) / out.sum(dim=(1, 2))
    assert 0.5 < (middle - 4.5).abs().max() < 2


def test_the_printed_accuracies_are_those_of_the_networks(pytorch, digits, sets):
    y_test = digits[1][1200:]
    for name, models in pytorch.models.items():
        printed = percent(pytorch.printed_by["moved"], f"{name}：")
        for k, x in sets.items():
            want = [rate(said_by(model, x), y_test) for model in models]
            assert printed[k] == ends(want)
        assert printed["原样"] == after(
            pytorch.printed_by["train"], f"{name}，测试正确率："
        )


def test_keras_accuracies_are_those_of_its_networks(keras_version, digits, sets):
    y_test = digits[1][1200:]
    printed = percent(keras_version.printed_by["keras-moved"], "增强：")
    for k, x in sets.items():
        found = [rate(keras_said(m, x), y_test) for m in keras_version.models]
        assert printed[k] == ends(found)
    clean = after(keras_version.printed_by["keras-train"], "增强，测试正确率：")
    assert clean == printed["原样"]


def test_training_is_measured_lower_than_the_test_until_the_changes_are_off(
    pytorch, keras_version, digits
):
    train, y = digits[0][:1200], digits[1][:1200]
    cases = [
        (pytorch.printed_by["gap"], name, models, said_by)
        for name, models in pytorch.models.items()
    ]
    cases.append(
        (
            keras_version.printed_by["keras-gap"],
            "增强",
            keras_version.models,
            keras_said,
        )
    )
    for printed, name, models, said in cases:
        seen = numbers(line_of(printed, f"{name}，训练时记的："))
        assert seen[2:] == ends([rate(said(m, train), y) for m in models])
        if name == "增强":
            assert seen[1] < seen[2] - 3
    clean = after(pytorch.printed_by["train"], "增强，测试正确率：")
    logged = numbers(line_of(pytorch.printed_by["gap"], "增强，训练时记的："))
    assert logged[1] < clean[0] - 3


def test_moved_images_tell_the_augmented_network_from_the_others(pytorch, baselines):
    plain = percent(pytorch.printed_by["moved"], "不增强：")
    taught = percent(pytorch.printed_by["moved"], "增强：")
    svm = percent(baselines.printed_by["collapse"], "SVM：")
    for name in ("移一格", "转 15 度"):
        assert svm[name][0] < plain[name][1] + 5 and plain[name][1] < taught[name][0]
    assert abs(taught["原样"][1] - plain["原样"][1]) < 2


@pytest.mark.parametrize("fixture", ["pytorch", "keras_version"])
def test_the_sign_test_is_that_of_scipy(fixture, request, digits):
    program = request.getfixturevalue(fixture)
    keras_one = fixture == "keras_version"
    images, labels = digits
    said = by_svm(images[:1200], labels[:1200], images[1200:])
    ok = said == labels[1200:]
    printed = program.printed_by["keras-compare" if keras_one else "compare"]
    assert after(printed, "SVM，原样：") == pytest.approx([100 * ok.mean()], abs=0.06)
    models = program.models if keras_one else program.models["增强"]
    for seed, model in enumerate(models):
        own = (keras_said if keras_one else said_by)(model, images[1200:])
        right = own == labels[1200:]
        a, b = (ok & ~right).sum(), (right & ~ok).sum()
        p = binomtest(int(a), int(a + b)).pvalue
        found = numbers(line_of(printed, f"种子 {seed}：只有 SVM 对 "))
        assert found == [a, b, pytest.approx(p, abs=6e-3)]


# --- its mistakes ---------------------------------------------------------------------


def test_the_mistakes_are_those_of_the_network(mistakes, digits):
    labels = digits[1][1200:]
    x = torch.tensor(digits[0][1200:])[:, None]
    with torch.no_grad():
        p = mistakes.model(x).softmax(dim=1).numpy()
    said, sure = p.argmax(axis=1), p.max(axis=1)
    right = said == labels
    found = numbers(mistakes.printed_by["train"])
    assert found == [pytest.approx(100 * right.mean(), abs=0.06), (~right).sum()]
    want = [
        [t, g, ((labels == t) & (said == g)).sum(), t, (labels == t).sum()]
        for t in range(10)
        for g in range(10)
        if t != g and ((labels == t) & (said == g)).sum() > 1
    ]
    lines = mistakes.printed_by["confusion"].splitlines()
    assert [numbers(line) for line in lines] == want
    for name, some in (("判对的", right), ("判错的", ~right)):
        middle = np.sort(sure[some])[(some.sum() - 1) // 2]
        found = numbers(line_of(mistakes.printed_by["errors"], f"{name}："))
        assert found == [
            pytest.approx(100 * middle, abs=0.6),
            90,
            (sure[some] > 0.9).sum(),
        ]


# --- ViT ------------------------------------------------------------------------------


def test_the_vit_has_the_counted_parameters(vit):
    first, same = vit.printed_by["model"].splitlines()
    d, tokens = 32, 26
    layer = 4 * d * d + 4 * d + 2 * d * 2 * d + 3 * d + 4 * d
    size = 4 * d + d + d + tokens * d + 2 * layer + 2 * d + 10 * d + 10
    assert numbers(first) == [size]
    assert same == "切块再乘矩阵，与步长 2 的卷积相同： True"


def by_hand(model, image):
    """The ViT's logits and last class attention in NumPy, for one image."""
    w = {k: v.detach().numpy() for k, v in model.state_dict().items()}

    def norm(x, name):
        middle, spread = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - middle) / np.sqrt(spread + 1e-5) * w[f"{name}.weight"] + w[
            f"{name}.bias"
        ]

    def linear(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    cut = [
        image[i : i + 2, j : j + 2].ravel()
        for i in range(0, 10, 2)
        for j in range(0, 10, 2)
    ]
    x = np.array(cut) @ w["patch.weight"].reshape(32, 4).T + w["patch.bias"]
    x = np.concatenate([w["first"][0], x]) + w["place"][0]
    for layer in range(2):
        start = f"blocks.{layer}"
        q, k, v = np.split(linear(norm(x, f"{start}.norm1"), f"{start}.qkv"), 3, axis=1)
        heads, looks = [], []
        for h in (slice(0, 16), slice(16, 32)):
            e = np.exp(q[:, h] @ k[:, h].T / 4)
            looks.append(e / e.sum(axis=1, keepdims=True))
            heads.append(looks[-1] @ v[:, h])
        x = x + linear(np.concatenate(heads, axis=1), f"{start}.out")
        inner = torch.tensor(linear(norm(x, f"{start}.norm2"), f"{start}.mlp.0"))
        x = x + linear(F.gelu(inner).numpy(), f"{start}.mlp.2")
    return linear(norm(x[0], "norm"), "head"), np.mean(looks, axis=0)[0, 1:]


def test_the_trained_vit_and_its_attention_are_those_by_hand(vit, digits):
    images, labels = digits[0][1200:], digits[1][1200:]
    found = [by_hand(vit.longer, image) for image in images]
    right = [z.argmax() == y for (z, _), y in zip(found, labels, strict=True)]
    printed = numbers(vit.printed_by["longer"])
    assert printed[-1] == pytest.approx(100 * np.mean(right), abs=0.06)
    looks = np.array([row for _, row in found])
    np.testing.assert_allclose(vit.weights.numpy(), looks, atol=1e-9)
    ink = images.reshape(-1, 5, 2, 5, 2).max(axis=(2, 4)).reshape(-1, 25) > 0
    share = (looks * ink).sum(axis=1) / looks.sum(axis=1)
    want = [100 * ink.mean(), 100 * share.mean()]
    assert numbers(vit.printed_by["attention"]) == pytest.approx(want, abs=0.6)


def test_with_few_images_the_convolution_is_ahead(vit):
    rows = [numbers(line) for line in vit.printed_by["curve"].splitlines()]
    (_, few, *cnn_few), (_, many, *cnn_many), (_, _, *vit_few), (_, _, *vit_many) = rows
    assert (few, many) == (100, 1200)
    assert vit_few[1] < cnn_few[0] and vit_many[1] < cnn_many[0]
    assert cnn_few[1] < cnn_many[0] and vit_few[1] < vit_many[0]


# --- probe ----------------------------------------------------------------------------


def test_the_halves_are_counted(probe, digits):
    labels = digits[1]
    first, second = probe.printed_by["data"].splitlines()
    old = labels < 5
    assert numbers(first)[2:] == [old[:1200].sum(), old[1200:].sum()]
    assert numbers(second)[2:] == [(~old[:1200]).sum(), (~old[1200:]).sum()]


def test_the_source_network_knows_its_own_digits(probe, digits):
    images, labels = digits[0][1200:], digits[1][1200:]
    some = labels < 5
    want = rate(said_by(probe.base, images[some]), labels[some])
    found = numbers(probe.printed_by["pretrain"])
    assert found[-1] == pytest.approx(want, abs=0.06)


def test_the_means_of_the_probes_are_those_of_the_draws(probe):
    for line in probe.printed_by["probe"].splitlines():
        k, pixels, features, wins, draws = numbers(line)
        assert draws == 20
        a, b = (np.array(probe.found[k, name]) for name in ("像素", "特征"))
        assert [pixels, features] == pytest.approx(
            [100 * a.mean(), 100 * b.mean()], abs=0.06
        )
        assert wins == sum(y > x for x, y in zip(a, b, strict=True))


def test_a_probe_on_pixels_is_a_softmax_regression(probe, digits):
    images, labels = digits[0].reshape(-1, 100), digits[1]
    test = np.flatnonzero((labels > 4) & (np.arange(len(labels)) >= 1200))
    for seed in range(3):
        rows = probe.drawn(5, seed).numpy()
        assert sorted(labels[rows].tolist()) == sorted([5, 6, 7, 8, 9] * 5)
        assert rows.max() < 1200 and len(set(rows.tolist())) == 25
        x, y = torch.tensor(images[rows]), torch.tensor(labels[rows] - 5)
        w = torch.zeros(5, 100, dtype=torch.float64, requires_grad=True)
        b = torch.zeros(5, dtype=torch.float64, requires_grad=True)
        step = torch.optim.LBFGS([w, b], max_iter=200, line_search_fn="strong_wolfe")

        def closure(step=step, x=x, y=y, w=w, b=b):
            step.zero_grad()
            loss = F.cross_entropy(x @ w.mT + b, y, reduction="sum")
            loss = loss + w.square().sum() / 2
            loss.backward()
            return loss

        step.step(closure)
        with torch.no_grad():
            said = (torch.tensor(images[test]) @ w.mT + b).argmax(1).numpy()
        right = (said == labels[test] - 5).mean()
        assert probe.found[5, "像素"][seed] == pytest.approx(right, abs=0.004)


def test_a_slow_tuning_keeps_and_a_fast_one_forgets(probe):
    kept = {}
    for line in probe.printed_by["tune"].splitlines():
        k, name = int(numbers(line)[0]), line.partition("，")[2].partition("：")[0]
        found = numbers(line.partition("：")[2].replace("0 到 4", ""))
        assert found[0] == pytest.approx(100 * probe.found[k, name].mean(), abs=0.06)
        if name != "从头训练":
            kept[k, name] = found[1]
    for k in (1, 5, 20):
        assert kept[k, "猛地微调"] < kept[k, "慢慢微调"]


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
