"""Measures and losses of segmentation: overlaps, averages, borders, pushes, libraries.

References that the programs never call: scikit-learn's scores for what NumPy counts,
SciPy's and scikit-image's distances, autograd for the pushes, scikit-learn's and
SciPy's optimum for what is trained, fractions for what the libraries print.
"""

import re
from fractions import Fraction as Q
from math import exp, log

import numpy as np
import pytest
import torch
from scipy import ndimage, optimize
from scipy.special import expit
from skimage.metrics import hausdorff_distance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, f1_score, jaccard_score

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/applications/segmentation-metrics.md"
PRACTICE = ROOT / "snippets/applications/segmentation_metrics_practice_numpy.py"
TRUTH = np.zeros((4, 6), int)
TRUTH[1:3, 1:3], TRUTH[2:, 4] = 1, 2
SAID = np.zeros((4, 6), int)
SAID[1, 1:4], SAID[2, 1], SAID[3, 4] = 1, 1, 2


def overlap(truth, said) -> float:
    """scikit-learn's overlap of two masks; nan where both are empty."""
    truth, said = np.ravel(truth), np.ravel(said)
    return jaccard_score(truth, said) if (truth | said).any() else np.nan


@pytest.fixture
def counted(run_snippet):
    return run_snippet("applications/segmentation_metrics_numpy")


@pytest.fixture
def borders(run_snippet):
    return run_snippet("applications/segmentation_metrics_boundary_numpy")


@pytest.fixture
def pushes(run_snippet):
    return run_snippet("applications/segmentation_metrics_loss_numpy")


@pytest.fixture
def trained(run_snippet):
    return run_snippet("applications/segmentation_metrics_train_torch")


@pytest.fixture(params=["torch", "tf"])
def library(request, run_snippet):
    if request.param == "torch":
        return run_snippet("applications/segmentation_metrics_library_torch")
    return run_snippet("applications/segmentation_metrics_library_tf")


# --- counting -------------------------------------------------------------------------


def test_the_matrix_is_scikit_learn_s(counted) -> None:
    rows = counted.printed_by["confusion"].splitlines()
    found = [[int(n) for n in re.findall(r"\d+", row)] for row in rows]
    assert found == confusion_matrix(TRUTH.ravel(), SAID.ravel()).tolist()
    assert [row.partition("：")[0] for row in rows] == [
        "真的是背景",
        "真的是猫",
        "真的是绳子",
    ]


@pytest.mark.parametrize(
    ("name", "score"), [("交并比", jaccard_score), ("Dice", f1_score)]
)
def test_the_overlaps_are_scikit_learn_s(counted, name, score) -> None:
    *each, mean = after(counted.printed_by["iou"], name)
    expected = score(TRUTH.ravel(), SAID.ravel(), average=None)
    assert each == pytest.approx(expected, abs=6e-4)
    assert mean == pytest.approx(expected.mean(), abs=6e-4)


def test_the_pixel_accuracy_is_counted(counted) -> None:
    found = after(counted.printed_by["iou"], "像素准确率")
    assert found == pytest.approx([(TRUTH == SAID).mean()], abs=6e-4)


@pytest.mark.parametrize("classes", [3, 21])
def test_all_background_has_the_accuracy_of_its_share(counted, classes) -> None:
    line = f"全判成背景，{classes} 类：像素准确率"
    accuracy, mean = after(counted.printed_by["background"], line)
    assert accuracy == (TRUTH == 0).mean()
    overlap = jaccard_score((TRUTH == 0).ravel(), np.ones(24, bool))
    assert mean == pytest.approx(overlap / classes, abs=6e-4)


def test_two_means_order_two_models_differently(counted) -> None:
    given = {"甲": (Q(1, 2), Q(1, 2)), "乙": (Q(1, 5), Q(17, 20))}
    means = {}
    for name, overlaps in given.items():
        dice = [2 * v / (1 + v) for v in overlaps]
        means[name] = [float(sum(v) / 2) for v in (overlaps, dice)]
        found = after(counted.printed_by["order"], f"{name}：平均")
        assert found == pytest.approx(means[name], abs=6e-4)
    assert means["甲"][0] < means["乙"][0] and means["甲"][1] > means["乙"][1]


def test_the_averages_over_four_images_are_those_of_scikit_learn(counted) -> None:
    printed = counted.printed_by["average"]
    shapes = [(90, 5, 5), (1, 3, 4), (0, 3, 0), (0, 0, 0)]
    pairs = []
    for hit, extra, lost in shapes:
        truth = [1] * (hit + lost) + [0] * (extra + 9)
        said = [1] * hit + [0] * lost + [1] * extra + [0] * 9
        pairs.append((truth, said))
    whole = jaccard_score(*(sum(side, []) for side in zip(*pairs, strict=True)))
    assert after(printed, "合在一起算：91/111 = ") == pytest.approx([whole], abs=6e-4)
    each = [overlap(*pair) for pair in pairs]
    found = [float(v) for v in line_of(printed, "一张一张算：").split()]
    np.testing.assert_allclose(found, each, atol=6e-4)
    for rule, kept in {
        "0/0 略过": each[:3],
        "0/0 算 1": [*each[:3], 1],
        "0/0 算 0": [*each[:3], 0],
        "真值里没有就略过": each[:2],
    }.items():
        assert after(printed, f"{rule}：") == pytest.approx([np.mean(kept)], abs=6e-4)


def test_labels_read_as_bytes_do_not_overflow(counted) -> None:
    labels = np.array([20, 20, 19, 0], np.uint8)  # 20 × 21 is more than 255
    said = np.array([20, 3, 19, 0], np.uint8)
    found = counted.confusion(labels, said, 21)
    expected = confusion_matrix(labels, said, labels=range(21))
    np.testing.assert_array_equal(found, expected)


def test_unsure_pixels_are_dropped_from_both(counted) -> None:
    keep = np.ones((4, 6), bool)
    keep[0], keep[1, 3] = False, False
    printed = counted.printed_by["ignore"]
    for start, chosen in (("略过 255：", keep), ("当成背景：", keep | True)):
        expected = jaccard_score(TRUTH[chosen], SAID[chosen], average=None)
        assert after(printed, start) == pytest.approx(expected, abs=6e-4)
    expected = [(label - 1) % 256 for label in (0, 1, 2, 255)]
    assert after(printed, "各减 1：") == expected


# --- borders --------------------------------------------------------------------------


def square() -> np.ndarray:
    mask = np.zeros((64, 64), bool)
    mask[10:30, 10:30] = True
    return mask


def changed() -> dict[str, np.ndarray]:
    masks = {name: square() for name in ("缺边", "有洞", "远处一点")}
    masks["缺边"][:, 10] = False
    masks["有洞"][20:24, 20:25] = False
    masks["远处一点"][54:57, 56:63] = True
    return masks


def outline(mask: np.ndarray) -> np.ndarray:
    return mask & ~ndimage.binary_erosion(mask)


def gaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """From each border pixel of a to the nearest of b, by SciPy's transform."""
    return ndimage.distance_transform_edt(~outline(b))[outline(a)]


@pytest.mark.parametrize("name", ["直径 41 的圆", "直径 7 的圆", "粗 1 的竖线"])
def test_a_shift_by_one_pixel_costs_small_things_more(borders, name) -> None:
    rows, columns = np.indices((64, 64)) - 31
    size = re.search(r"直径 (\d+)", name)
    mask = (
        np.hypot(rows, columns) <= int(size[1]) / 2
        if size
        else (columns == 0) & (abs(rows + 1) < 20)
    )
    assert not size or mask.any(0).sum() == int(size[1])
    expected = jaccard_score(mask.ravel(), np.roll(mask, 1, 1).ravel())
    found = after(borders.printed_by["shift"], f"{name}，右移 1 个像素：交并比")
    assert found == pytest.approx([expected], abs=6e-4)


def test_three_masks_overlap_alike(borders) -> None:
    printed = line_of(borders.printed_by["same"], "")
    for part, (name, mask) in zip(printed.split("，"), changed().items(), strict=True):
        expected = jaccard_score(square().ravel(), mask.ravel())
        assert part == f"{name} {expected:.3f}" and part.endswith("0.950")


@pytest.mark.parametrize("name", ["缺边", "有洞", "远处一点"])
def test_their_borders_lie_as_far_as_scipy_and_scikit_image_say(borders, name) -> None:
    mask = changed()[name]
    far, hd95, score = numbers(
        line_of(borders.printed_by["distance"], f"{name}：").replace("HD95", "HD")
    )
    there, back = gaps(square(), mask), gaps(mask, square())
    assert far == pytest.approx(
        hausdorff_distance(outline(square()), outline(mask)), abs=0.06
    )
    expected = max(np.percentile(there, 95), np.percentile(back, 95))
    assert hd95 == pytest.approx(expected, abs=0.06)
    precision, recall = (back <= 1).mean(), (there <= 1).mean()
    harmonic = 2 / (1 / precision + 1 / recall)
    assert score == pytest.approx(harmonic, abs=6e-4)


def test_a_percentile_of_two_infinities_is_not_a_number(borders) -> None:
    printed = borders.printed_by["empty"]
    assert line_of(printed, "两个无穷大的第 95 百分位：").strip() == "nan"
    # between two values a percentile adds a share of their difference: inf − inf
    assert np.isnan(float("inf") - float("inf"))
    assert line_of(printed, "四张的平均：").strip() == "inf"
    assert after(printed, "当成 nan 略过：") == [4.0]


# --- losses ---------------------------------------------------------------------------


def pushed(loss, p: list[float], y: list[float]) -> tuple[float, np.ndarray]:
    """A loss and its gradient on the scores, by autograd, in float64."""
    p = torch.tensor(p, dtype=torch.float64)
    z = torch.logit(p).requires_grad_()
    value = loss(z, torch.tensor(y, dtype=torch.float64))
    value.backward()
    return value.item(), z.grad.numpy()


def dice(z: torch.Tensor, y: torch.Tensor, smooth: float = 0.0) -> torch.Tensor:
    p = torch.sigmoid(z)
    both = (2 * p @ y + smooth) / (p.sum() + y.sum() + smooth)
    return 1 - both


ENTROPY = torch.nn.BCEWithLogitsLoss()
ONE = [1.0] + [0.0] * 99


@pytest.mark.parametrize(("name", "loss"), [("交叉熵", ENTROPY), ("Dice", dice)])
@pytest.mark.parametrize("start", [0.5, 0.01])
def test_the_pushes_are_those_of_autograd(pushes, name, loss, start) -> None:
    value, slope = pushed(loss, [start] * 100, ONE)
    line = line_of(pushes.printed_by["push"], f"每个概率都是 {start}，{name} ")
    expected = [value, -slope[0], -slope[1:].sum()]
    assert numbers(line) == pytest.approx(expected, abs=6e-5)
    assert numbers(line)[1:] == pytest.approx(expected[1:], abs=6e-7)


def test_weights_even_out_the_pushes(pushes) -> None:
    weighted = torch.nn.BCEWithLogitsLoss(torch.tensor([99.0] + [1.0] * 99))
    _, slope = pushed(weighted, [0.5] * 100, ONE)
    slope = slope * 100 / 198  # over the sum of the weights, not the number of pixels
    found = after(pushes.printed_by["weight"], "前景加权 99：")
    assert found == pytest.approx([-slope[0], -slope[1:].sum()], abs=6e-7)


@pytest.mark.parametrize(("name", "loss"), [("交叉熵", ENTROPY), ("Dice", dice)])
def test_dice_hardly_pushes_what_is_surely_wrong(pushes, name, loss) -> None:
    _, slope = pushed(loss, [1e-6] + [0.5] * 99, ONE)
    found = after(pushes.printed_by["stuck"], f"错得很有把握，{name}：前景推")
    assert found == pytest.approx([-slope[0]], abs=6e-9)


@pytest.mark.parametrize("smooth", [0.0, 1.0])
def test_without_foreground_dice_needs_smoothing(pushes, smooth) -> None:
    value, slope = pushed(lambda z, y: dice(z, y, smooth), [0.5] * 100, [0.0] * 100)
    line = line_of(pushes.printed_by["empty"], f"图里没有前景，smooth={smooth}：")
    assert numbers(line)[0] == pytest.approx(value, abs=6e-5)
    assert numbers(line)[1] == pytest.approx(-slope.sum(), abs=6e-7)


# --- trained on 2% --------------------------------------------------------------------

NAMES = ["交叉熵", "前景加权 49", "焦点损失", "Dice", "交叉熵加 Dice"]


def pixels() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = rng.random(40000) < 0.02
    return rng.normal(2.0 * y, 1), y


def softplus(z: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, z)


def optimum(name: str) -> np.ndarray:
    """(w, b) of the loss, by SciPy's simplex search from scikit-learn's fit."""
    x, y = pixels()

    def entropy(z):
        return softplus(np.where(y, -z, z))

    def loss(v):
        z = v[0] * x + v[1]
        p = expit(z)
        overlap = 1 - 2 * p[y].sum() / (p.sum() + y.sum())
        return {
            "交叉熵": entropy(z).mean(),
            "前景加权 49": (np.where(y, 49, 1) * entropy(z)).mean(),
            "焦点损失": ((1 - np.exp(-entropy(z))) ** 2 * entropy(z)).mean(),
            "Dice": overlap,
            "交叉熵加 Dice": entropy(z).mean() + overlap,
        }[name]

    plain = LogisticRegression(C=1e9).fit(x[:, None], y)
    start = [plain.coef_[0, 0], plain.intercept_[0]]
    options = {"xatol": 1e-6, "fatol": 1e-13, "maxiter": 4000, "maxfev": 4000}
    return optimize.minimize(loss, start, method="Nelder-Mead", options=options).x


@pytest.mark.parametrize("name", NAMES)
def test_each_loss_is_at_the_optimum_that_scipy_finds(trained, name) -> None:
    x, y = pixels()
    w, b = optimum(name)
    lines = trained.printed_by["compare"].splitlines()
    (at,) = [i for i, line in enumerate(lines) if line.startswith(f"{name}：")]
    half, share, overlap, best = numbers(lines[at].removeprefix(f"{name}：分界"))
    (mean,) = numbers(lines[at + 1])
    assert half == pytest.approx(-b / w, abs=0.02)
    p = expit(w * x + b)
    assert share / 100 == pytest.approx((p > 0.5).mean(), abs=2e-3)
    assert overlap == pytest.approx(jaccard_score(y, p > 0.5), abs=0.011)
    assert mean == pytest.approx(p.mean(), abs=1e-3)
    cuts = np.quantile(x, np.linspace(0.9, 0.999, 60))
    most = max(jaccard_score(y, x > cut) for cut in cuts)
    assert best == pytest.approx(most, abs=0.011)


def test_half_the_best_dice_is_a_good_threshold(trained) -> None:
    x, y = pixels()
    w, b = optimum("交叉熵")
    p = expit(w * x + b)
    scores = {t: f1_score(y, p > t) for t in np.arange(0.02, 1, 0.02)}
    most, half, there = after(trained.printed_by["threshold"], "交叉熵：")
    assert most == pytest.approx(max(scores.values()), abs=6e-3)
    assert half == pytest.approx(max(scores.values()) / 2, abs=6e-3)
    assert there == pytest.approx(f1_score(y, p > max(scores.values()) / 2), abs=6e-3)
    assert max(scores.values()) - there < 0.02


def drawn(name: str) -> str:
    figure = ROOT / f"docs/assets/figures/segmentation-metrics-{name}.svg"
    return figure.read_text("utf-8")


def test_the_figure_of_the_pushes_shows_the_printed_shares(pushes) -> None:
    lines = pushes.printed_by["push"].splitlines()[:2]
    lines.append(pushes.printed_by["weight"].strip())
    shares = [
        front / (front - back)
        for front, back in (numbers(line.partition("：")[2]) for line in lines)
    ]
    said = re.findall(r"前景占 (\d+)%", drawn("push"))
    assert [int(v) for v in said] == [round(100 * v) for v in shares]
    widths = re.findall(
        r'width="([\d.]+)" height="20" fill="var\(--hb-zhu\)"', drawn("push")
    )
    assert [float(v) / 300 for v in widths] == pytest.approx(shares, abs=2e-3)


def test_the_figure_of_the_cuts_shows_the_printed_ones(trained) -> None:
    lines = trained.printed_by["compare"].splitlines()[::2]
    cuts = {numbers(line.partition("分界")[2])[0] for line in lines}
    at = re.findall(r'<path d="M([\d.]+) \d+L\1 170"', drawn("cut"))
    found = {0.5 + (float(x) - 20) / 295 * 4 for x in at}
    assert sorted(found) == pytest.approx(sorted(cuts), abs=0.006)


def test_the_figure_of_equal_overlaps_shows_the_printed_distances(borders) -> None:
    said = re.findall(r"最远 ([\d.]+)", drawn("same"))
    printed = borders.printed_by["distance"].splitlines()
    assert said == [re.search(r"最远 ([\d.]+)", line)[1] for line in printed]


# --- libraries ------------------------------------------------------------------------

SCORES = [(2.0, 0.0), (1.0, 0.0), (1.0, 2.0), (0.0, 3.0)]  # pixel by pixel
LABELS = [0, 0, 1]


def probabilities(scores) -> list[tuple[float, float]]:
    return [(exp(a) / (exp(a) + exp(b)), exp(b) / (exp(a) + exp(b))) for a, b in scores]


def overlap_loss(p, one_hot) -> float:
    """The mean over two classes of 1 − 2·Σpt / (Σp + Σt), in plain Python."""
    losses = []
    for k in (0, 1):
        both = sum(a[k] * t[k] for a, t in zip(p, one_hot, strict=True))
        total = sum(a[k] + t[k] for a, t in zip(p, one_hot, strict=True))
        losses.append(1 - 2 * both / total)
    return sum(losses) / 2


def test_the_entropy_leaves_the_unsure_pixel_out(library) -> None:
    p = probabilities(SCORES[:3])
    expected = -sum(log(p[i][k]) for i, k in enumerate(LABELS)) / 3
    found = after(library.printed_by["entropy"].replace("255", ""), "交叉熵，略过 ：")
    assert found == pytest.approx([expected, expected], abs=6e-5)


def test_dice_leaves_it_out_only_where_both_sides_are_masked(library) -> None:
    p = probabilities(SCORES)
    target = [(1, 0), (1, 0), (0, 1), (1, 0)]  # 255 was put to class 0
    nothing = (0, 0)
    expected = {
        "什么也不做": overlap_loss(p, target),
        "得分置 0": overlap_loss([*p[:3], (0.5, 0.5)], target),
        "只盖住概率": overlap_loss([*p[:3], nothing], target),
        "两边都盖住": overlap_loss([*p[:3], nothing], [*target[:3], nothing]),
        "只留前三个像素": overlap_loss(p[:3], target[:3]),
    }
    printed = library.printed_by["dice"]
    for name, value in expected.items():
        assert after(printed, f"Dice 损失，{name}：") == pytest.approx(
            [value], abs=6e-5
        )
    assert len(set(round(v, 4) for v in expected.values())) == 4


def test_torch_divides_by_the_sum_of_the_weights(run_snippet) -> None:
    program = run_snippet("applications/segmentation_metrics_library_torch")
    p = probabilities(SCORES[:3])
    total = -log(p[0][0]) - log(p[1][0]) - 3 * log(p[2][1])
    found = after(program.printed_by["torch-weight"], "第 1 类加权 3：")
    assert found == pytest.approx([total / 5, total / 3, total / 5], abs=6e-5)


def test_torch_names_the_label_that_is_out_of_bounds(run_snippet) -> None:
    program = run_snippet("applications/segmentation_metrics_library_torch")
    lines = program.printed_by["torch-miss"].splitlines()
    assert [re.search(r"Target (\d+) is out of bounds", line)[1] for line in lines] == [
        "2",
        "255",
    ]
    assert lines[0].startswith("ignore_index=255") and lines[1].startswith(
        "ignore_index=-100"
    )


def test_keras_s_mean_leaves_out_255_and_classes_that_are_absent(run_snippet) -> None:
    program = run_snippet("applications/segmentation_metrics_library_tf")
    printed = program.printed_by["keras-iou"]
    kept = jaccard_score([0, 0, 1], [0, 1, 1], average="macro")
    assert numbers(line_of(printed, "MeanIoU，略过 255：")) == [pytest.approx(kept)]
    absent = jaccard_score([0, 0, 1, 1], [0, 1, 1, 1], average="macro")
    found = after(printed, "多出三个没有出现的类：")
    assert found == pytest.approx([absent], abs=6e-5)


def test_keras_s_mean_cuts_probabilities_to_0(run_snippet) -> None:
    program = run_snippet("applications/segmentation_metrics_library_tf")
    cut = jaccard_score([0, 0, 1], [0, 0, 0], average="macro")
    right = jaccard_score([0, 0, 1], [0, 0, 1], average="macro")
    found = after(program.printed_by["keras-probabilities"], "MeanIoU 直接收概率：")
    assert found == pytest.approx([cut, right], abs=6e-5)


def test_keras_weighs_pixels_by_sample_weight_not_by_class_weight() -> None:
    keras = pytest.importorskip("keras")
    net = keras.Sequential([keras.Input((2, 2, 2)), keras.layers.Flatten()])
    net.add(keras.layers.Reshape((2, 2, 2)))  # passes the scores on as they are
    net.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    scores = np.array([*SCORES[:3], SCORES[0]], "float32").reshape(1, 2, 2, 2)
    labels = np.array([[*LABELS, 0]]).reshape(1, 2, 2)
    with pytest.raises(TypeError):
        net.fit(scores, labels, class_weight={0: 1.0, 1: 3.0}, verbose=0)
    weights = np.where(labels == 1, 3.0, 1.0)
    found = net.test_on_batch(scores, labels, sample_weight=weights)
    p = probabilities(SCORES[:3])
    total = -2 * log(p[0][0]) - log(p[1][0]) - 3 * log(p[2][1])
    assert float(found) == pytest.approx(total / 4, abs=1e-5)  # four pixels, weights 6


# --- practice: applications/segmentation_metrics_practice_numpy -----------------------

SOLUTION = """
def iou_per_class(truth, predicted, classes, ignore=255):
    keep = truth != ignore
    truth, predicted = truth[keep], predicted[keep]
    scores = []
    for k in range(classes):
        both = ((truth == k) & (predicted == k)).sum()
        either = ((truth == k) | (predicted == k)).sum()
        scores.append(float(both / either) if either else None)
    return scores
"""
MATRIX = """
def iou_per_class(truth, predicted, classes, ignore=255):
    M = np.zeros((classes, classes), int)
    for t, p in zip(truth.ravel().tolist(), predicted.ravel().tolist()):
        if t != ignore:
            M[t, p] += 1
    union = M.sum(0) + M.sum(1) - M.diagonal()
    return [M[k, k] / union[k] if union[k] else None for k in range(classes)]
"""
ZERO = ("if either else None", "if (truth == k).any() else None")
WRONG = [
    ZERO,
    ("if either else None", "if either else 1.0"),
    ("if either else None", "if either else 0.0"),
    ("truth != ignore", "truth >= 0"),
    ("truth != ignore", "truth != 255"),
    ("truth != ignore", "(truth != ignore) & (predicted > 0)"),
    ("((truth == k) | (predicted == k)).sum()", "(truth == k).sum()"),
    ("((truth == k) | (predicted == k)).sum()", "(predicted == k).sum()"),
    ("float(both / either)", "float(2 * both / (both + either))"),
    ("float(both / either)", "round(float(both / either), 2)"),
    ("range(classes)", "range(1, classes)"),
    ("range(classes)", "range(int(truth.max()) + 1)"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_scikit_learn_finds(case) -> None:
    _, given, expected, _ = case
    keep = given["truth"] != given.get("ignore", 255)
    truth, said = given["truth"][keep], given["predicted"][keep]
    for k, value in enumerate(expected):
        found = overlap(truth == k, said == k)
        right = np.isnan(found) if value is None else abs(found - value) < 1e-6
        assert right
    assert len(expected) == given["classes"]


@pytest.mark.parametrize("solution", [SOLUTION, MATRIX])
def test_sets_and_a_matrix_both_pass_the_practice(solution) -> None:
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 7


def test_no_wrong_overlap_passes_the_practice() -> None:
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    assert practice.failing(PRACTICE, SOLUTION, ZERO) in PAGE.read_text("utf-8")
