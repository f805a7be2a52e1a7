"""Boxes, suppression and average precision: overlaps, kept lists, matches, areas.

References that the programs never call: pixels counted in sets and fractions, every
subset of the boxes, scikit-learn's average precision, and pycocotools for the program
that is written by hand (the other way round for the one that calls it).
"""

import contextlib
import io
import re
import xml.etree.ElementTree as ET
from fractions import Fraction as Q
from itertools import chain, combinations
from math import exp

import numpy as np
import pytest
from keras.utils import bounding_boxes
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from sklearn.metrics import average_precision_score

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/applications/detection.md"
PRACTICE = ROOT / "snippets/applications/detection_practice_numpy.py"
TEN = [Q(k, 20) for k in range(10, 20)]


@pytest.fixture
def overlap(run_snippet):
    return run_snippet("applications/detection_iou_numpy")


@pytest.fixture
def suppression(run_snippet):
    return run_snippet("applications/detection_nms_numpy")


@pytest.fixture
def tensorflow(run_snippet):
    return run_snippet("applications/detection_nms_tf")


@pytest.fixture
def precision(run_snippet):
    return run_snippet("applications/detection_ap_numpy")


@pytest.fixture
def coco(run_snippet):
    return run_snippet("applications/detection_coco_python")


def pixels(box):
    x1, y1, x2, y2 = (int(v) for v in box)
    return {(x, y) for x in range(x1, x2) for y in range(y1, y2)}


def shared(a, b):
    """The overlap of two boxes with whole corners, counted."""
    a, b = pixels(a), pixels(b)
    return Q(len(a & b), len(a | b)) if a | b else Q(0)


def along(shift, side=6):
    """The overlap of two squares, one of them moved along an axis."""
    shift = Q(shift)
    return max(Q(0), (side - shift) / (side + shift))


# --- overlap --------------------------------------------------------------------------


def test_the_overlap_by_hand_is_counted_in_pixels(overlap):
    printed = overlap.printed_by["iou"]
    assert numbers(line_of(printed, "面积 ")) == [16, 16]
    want = float(shared((0, 0, 4, 4), (2, 1, 6, 5)))
    assert numbers(line_of(printed, "交并比 "))[0] == pytest.approx(want, abs=5e-5)
    assert numbers(line_of(printed, "交并比 "))[1:3] == [6, 26]
    assert numbers(line_of(printed, "交并比 "))[3] == pytest.approx(want, abs=5e-5)
    assert want == 6 / 26


def overlaps_of_keras(seed):
    """Two lots of random boxes, and the overlap of each with each."""
    draw = np.random.default_rng(seed)
    corners = draw.uniform(0, 20, (2, 40, 2))
    sizes = draw.uniform(0.5, 12, (2, 40, 2))
    a, b = np.concatenate([corners, corners + sizes], -1)
    return a, b, bounding_boxes.compute_iou(a, b, bounding_box_format="xyxy")


def test_the_overlap_of_any_two_boxes_is_that_of_keras(overlap):
    a, b, want = overlaps_of_keras(3)
    found = overlap.iou(a[:, None], b[None])
    np.testing.assert_allclose(found, want, rtol=0, atol=1e-6)


def test_one_pixel_costs_a_small_box_more(overlap):
    lines = overlap.printed_by["shift"].splitlines()
    sides = [numbers(line)[0] for line in lines]
    assert sides == [6, 12, 24, 96]
    for line, side in zip(lines, sides, strict=True):
        want = float(shared((0, 0, side, side), (1, 0, side + 1, side)))
        assert line.startswith(f"边长 {side:g}，横着偏 1 个像素：")
        assert numbers(line)[-1] == pytest.approx(want, abs=5e-4)


def test_a_box_read_in_the_wrong_format_loses_its_overlap(overlap):
    printed = overlap.printed_by["formats"]
    for name, box in (
        ("左上角加宽高", [2, 1, 4, 4]),
        ("中心加宽高", [4, 3, 4, 4]),
        ("先 y 后 x 的两个角", [1, 2, 5, 6]),
    ):
        *written, value = after(printed, name)
        assert written == box
        assert "]，当成两个角：" in line_of(printed, name)
        want = float(shared((2, 1, 6, 5), box))
        assert value == pytest.approx(want, abs=5e-4)


def test_the_generalised_overlap_knows_how_far_apart_two_boxes_are(overlap):
    lines = overlap.printed_by["giou"].splitlines()
    for line, shift in zip(lines, (1, 2, 3, 8), strict=True):
        at, plain, generalised = numbers(line)
        assert re.fullmatch(r"错开 \d：IoU \S+，GIoU \S+", line)
        a, b = (0, 0, 2, 2), (shift, 0, shift + 2, 2)
        hull = pixels((0, 0, shift + 2, 2))
        union = pixels(a) | pixels(b)
        want = shared(a, b) - Q(len(hull - union), len(hull))
        assert at == shift
        assert plain == pytest.approx(float(shared(a, b)), abs=5e-4)
        assert generalised == pytest.approx(float(want), abs=5e-4)


# --- suppression ----------------------------------------------------------------------

WHERE = [0, 1, 3, 10, 12]  # of the five boxes, by score


def covers(i, j):
    return along(abs(WHERE[i] - WHERE[j]))


def kept(threshold):
    """The only subset of which a box is a member iff no better member covers it."""
    every = range(5)
    subsets = chain.from_iterable(combinations(every, k) for k in range(6))
    (only,) = [
        set(chosen)
        for chosen in subsets
        if all(
            (i in chosen) == all(covers(i, j) <= threshold for j in chosen if j < i)
            for i in every
        )
    ]
    return "".join("ABCDE"[k] for k in sorted(only))


def test_the_table_of_overlaps_is_that_of_squares_moved(suppression):
    lines = suppression.printed_by["data"].splitlines()
    for i, line in enumerate(lines):
        assert line[0] == "ABCDE"[i]
        want = [float(covers(i, j)) for j in range(5)]
        assert numbers(line) == pytest.approx(want, abs=5e-4)


@pytest.mark.parametrize("name", ["suppression", "tensorflow"])
def test_what_is_kept_is_the_only_consistent_subset(name, request):
    printed = request.getfixturevalue(name).printed_by["nms"]
    for threshold in (Q(1, 2), Q(2, 5), Q(3, 10)):
        said = line_of(printed, f"门槛 {float(threshold)}：留下")
        assert said.strip() == kept(threshold)
    assert [kept(Q(k, 10)) for k in (5, 4, 3)] == ["ACDE", "ACD", "AD"]


def test_both_suppressions_keep_the_same_of_random_boxes(suppression, tensorflow):
    import tensorflow as tf

    draw = np.random.default_rng(0)
    for _ in range(20):
        low = draw.uniform(0, 20, (30, 2))
        boxes = np.concatenate([low, low + draw.uniform(3, 12, (30, 2))], 1)
        scores = draw.permutation(30) / 30
        theirs = tf.image.non_max_suppression(
            boxes[:, [1, 0, 3, 2]].astype("float32"), scores, 30, iou_threshold=0.4
        )
        assert suppression.nms(boxes, scores, 0.4) == theirs.numpy().tolist()


def test_a_matrix_without_a_loop_lets_dead_boxes_kill(suppression):
    (line,) = suppression.printed_by["matrix"].splitlines()
    alive = [
        "ABCDE"[i] for i in range(5) if all(covers(i, j) <= Q(2, 5) for j in range(i))
    ]
    start = "门槛 0.4，与任何更高的框重叠就去掉："
    assert line.removeprefix(start).strip() == "".join(alive) == "AD"
    assert kept(Q(2, 5)) == "ACD"


def test_boxes_of_two_classes_do_not_compete_once_moved_apart(suppression):
    printed = suppression.printed_by["classes"]
    assert along(1) > Q(1, 2)
    assert after(printed, "不分类别，留下") == [1]
    assert after(printed, "每类各做一次，留下") == [2]


def softened(sigma):
    """Scores lowered round by round, in plain Python."""
    scores = {k: s for k, s in enumerate((0.9, 0.8, 0.7, 0.6, 0.5))}
    waiting, order = set(scores), []
    while waiting:
        best = max(waiting, key=lambda k: scores[k])
        waiting.remove(best)
        order.append(best)
        for k in waiting:
            scores[k] *= exp(-(float(covers(best, k)) ** 2) / sigma)
    return [("ABCDE"[k], scores[k]) for k in order]


def test_softened_scores_fall_as_the_paper_says(suppression):
    (line,) = suppression.printed_by["soft"].splitlines()
    first = dict(zip("ABCDE", (0.9, 0.8, 0.7, 0.6, 0.5), strict=True))
    rows = [part.split() for part in line.split("，")]
    for (name, before, _, now), (letter, want) in zip(rows, softened(0.5), strict=True):
        assert (name, float(before)) == (letter, first[letter])
        assert float(now) == pytest.approx(want, abs=5e-4)


def test_tensorflow_means_half_of_the_papers_sigma(tensorflow):
    printed = tensorflow.printed_by["tf-soft"]
    for sigma in (0.5, 0.25):
        said = line_of(printed, f"soft_nms_sigma={sigma}：")
        rows = [part.split() for part in said.split("，")]
        for (name, now), (letter, want) in zip(rows, softened(2 * sigma), strict=True):
            assert name == letter
            assert float(now) == pytest.approx(want, abs=6e-4)


# --- average precision ----------------------------------------------------------------

FIVE = [(1, 0.9, 0), (1, 0.8, 1), (2, 0.7, 40), (2, 0.6, 1), (1, 0.5, 42)]
TRUTHS = [(1, 0), (1, 40), (2, 0)]


def examined(truths, detections, limits=(1, 10, 100), first=1, thresholds=TEN):
    """COCOeval after its work; (image, class, [score,] box)."""
    rows = [
        {"id": k, "image_id": image, "category_id": label, "bbox": box}
        | {"area": box[2] * box[3], "iscrowd": 0}
        for k, (image, label, box) in enumerate(truths, first)
    ]
    found = [
        {"image_id": image, "category_id": label, "score": score, "bbox": box}
        for image, label, score, box in detections
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        gold = COCO()
        gold.dataset = {
            "images": [{"id": k} for k in {row[0] for row in [*truths, *detections]}],
            "annotations": rows,
            "categories": [
                {"id": k} for k in {row[1] for row in [*truths, *detections]}
            ],
        }
        gold.createIndex()
        judge = COCOeval(gold, gold.loadRes(found), "bbox")
        judge.params.maxDets = list(limits)
        judge.params.iouThrs = np.array(thresholds, float)
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge


def judged(truths, detections):
    """The same for squares of side 6, of one class, by their left edges."""
    return examined(
        [(image, 7, [x, 0, 6, 6]) for image, x in truths],
        [(image, 7, score, [x, 0, 6, 6]) for image, score, x in detections],
    )


def at_thresholds(truths, detections):
    """AP at the ten thresholds, from the reference's own curves."""
    grid = judged(truths, detections).eval["precision"][:, :, 0, 0, 2]
    return grid.mean(1)


HITS = [1, 0, 0, 1, 1]  # by eye: the second is a duplicate, the third is background


def test_each_rank_says_whether_it_hit_and_the_rates_so_far(precision):
    lines = precision.printed_by["curve"].splitlines()
    for k, (line, (image, score, _)) in enumerate(zip(lines, FIVE, strict=True)):
        right = sum(HITS[: k + 1])
        assert numbers(line)[:2] == [image, score]
        said = "命中" if HITS[k] else "没中"
        assert re.fullmatch(rf"图 .*分：{said}，精确率 \S+，召回率 \S+", line)
        assert numbers(line)[2:] == pytest.approx(
            [right / (k + 1), right / 3], abs=6e-4
        )


def test_four_rules_give_four_areas(precision):
    rates = [Q(sum(HITS[: k + 1]), k + 1) for k in range(5)]
    recalls = [Q(sum(HITS[: k + 1]), 3) for k in range(5)]
    best = [max(rates[k:]) for k in range(5)]

    def read(points):
        total = Q(0)
        for k in range(points):
            reached = [
                b for b, r in zip(best, recalls, strict=True) if r * (points - 1) >= k
            ]
            total += reached[0] if reached else 0
        return float(total / points)

    printed = precision.printed_by["rules"]
    scores = [score for _, score, _ in FIVE]
    plain = average_precision_score(HITS, scores)
    assert after(printed, "矩形相加，不取包络：") == pytest.approx([plain], abs=5e-5)
    every = float(sum(b * h for b, h in zip(best, HITS, strict=True)) / 3)
    assert after(printed, "取包络，每一级都算：") == pytest.approx([every], abs=5e-5)
    assert after(printed, "取包络，读 11 个点：") == pytest.approx([read(11)], abs=5e-5)
    found = after(printed, "取包络，读 101 个点：")
    assert found == pytest.approx([read(101)], abs=5e-5)
    assert read(101) == pytest.approx(at_thresholds(TRUTHS, FIVE)[0], abs=1e-9)


@pytest.mark.parametrize(
    ("section", "name", "detections"),
    [
        ("thresholds", "全部检测", FIVE),
        ("change", "去掉重复的那个", [d for d in FIVE if d[1] != 0.8]),
        ("change", "只留 0.65 分以上的", FIVE[:3]),
        (
            "change",
            "再添 20 个 0.1 分的错框",
            [*FIVE, *[(2, 0.1, 80 + 9 * k) for k in range(20)]],
        ),
    ],
)
def test_ten_thresholds_are_those_of_pycocotools(precision, section, name, detections):
    printed = precision.printed_by[section]
    want = at_thresholds(TRUTHS, detections)
    assert after(printed, f"{name}，{len(detections)} 个：") == pytest.approx(
        want.tolist(), abs=6e-4
    )
    _, _, rest = printed.partition(f"{name}，")
    mean = rest.splitlines()[1]
    assert mean.startswith("  AP@[.50:.95] = ")
    assert numbers(mean)[-1] == pytest.approx(want.mean(), abs=6e-5)


def test_a_detection_takes_the_best_truth_that_is_free(precision):
    printed = precision.printed_by["taken"]
    for k, where in enumerate((0, 2), 1):
        want = float(along(abs(Q(1, 2) - where)))
        found = after(printed, f"第二个检测与真值 {k} 的交并比：")
        assert found == pytest.approx([want], abs=5e-4)
    judge = judged([(1, 0), (1, 2)], [(1, 0.9, 0), (1, 0.8, 0.5)])
    want = (judge.evalImgs[0]["dtMatches"][0] > 0).sum()
    assert after(printed, "只在空着的真值里挑，命中") == [want] == [2]


def test_matches_of_random_squares_are_those_of_pycocotools(precision):
    draw = np.random.default_rng(1)
    for _ in range(30):
        truths = [(1, float(x)) for x in draw.uniform(0, 24, 4)]
        where = draw.uniform(0, 24, 6)
        found = [(1, 0.9 - k / 10, float(x)) for k, x in enumerate(where)]
        ours = precision.match(
            [(i, s, precision.square(x)) for i, s, x in found],
            {1: [precision.square(x) for _, x in truths]},
            0.5,
        )
        theirs = judged(truths, found).evalImgs[0]["dtMatches"][0] > 0
        assert ours.tolist() == theirs.tolist()


def test_overlaps_of_any_two_boxes_are_those_of_keras_here_too(precision):
    a, b, want = overlaps_of_keras(5)
    found = [[precision.iou(one, other) for other in b] for one in a]
    np.testing.assert_allclose(found, want, rtol=0, atol=1e-6)


def test_the_page_tells_what_a_tie_of_overlaps_does(precision):
    truths, found = [(1, 0), (1, 4)], [(1, 0.9, 2), (1, 0.8, 0)]
    ours = precision.match(
        [(i, s, precision.square(x)) for i, s, x in found],
        {1: [precision.square(x) for _, x in truths]},
        0.5,
    )
    theirs = judged(truths, found).evalImgs[0]["dtMatches"][0]
    assert ours.tolist() == [True, False]  # the first of two: none is left for .8
    assert theirs.tolist() == [2, 1]
    said = "`match` 取前一个真值，pycocotools 取后一个，命中的个数也可能因此不同"
    assert said in PAGE.read_text("utf-8")


def of_voc(truths, detections, threshold=Q(1, 2)):
    """Hits by VOC's program: the best truth of all, taken or not, and more than."""
    taken, hits = set(), []
    for image, _, x in detections:
        mine = [k for k, truth in enumerate(truths) if truth[0] == image]
        best = max(mine, key=lambda k: along(abs(Q(x) - truths[k][1])))
        hit = along(abs(Q(x) - truths[best][1])) > threshold and best not in taken
        taken |= {best} if hit else set()
        hits.append(int(hit))
    return hits


def of_points(hits, count, points=101):
    """AP from the largest precision at each of the points, in fractions."""
    ranks = [(Q(sum(hits[:k]), k), Q(sum(hits[:k]), count)) for k in through(hits)]
    read = [
        max((p for p, r in ranks if r * (points - 1) >= k), default=0)
        for k in range(points)
    ]
    return sum(read, Q(0)) / points


def through(hits):
    return range(1, len(hits) + 1)


def test_the_page_tells_what_the_rule_of_voc_gives():
    page = PAGE.read_text("utf-8")
    near, both = [(1, 0), (1, 2)], [(1, 0.9, 0), (1, 0.8, 0.5)]
    assert of_voc(near, both) == [1, 0]
    value = of_points([1, 0], 2)
    assert value == Q(51, 101)
    assert f"AP 从 1 变成 0.5（按面积；读 101 个点是 {float(value):.3f}）" in page
    assert f"`taken` 是 {float(value):.3f}：" in page
    assert of_voc(TRUTHS, FIVE) == [1, 0, 0, 1, 0]
    value = of_points([1, 0, 0, 1, 0], 3)
    assert f"命中是对、错、错、对、错，AP50 是 {float(value):.3f}" in page


def test_the_page_tells_what_a_wrong_box_costs_by_its_rank():
    page = PAGE.read_text("utf-8")
    first, middle = of_points([0, 1, 0, 1, 1], 3), of_points(HITS, 3)
    without = of_points([1, 0, 1, 1], 3)
    assert (
        f"AP 恰好是 {float(first):.3f}。没有这个背景框时是 {float(without):.3f}" in page
    )
    assert f"扣约 {float(without - middle):.2f}，排在最前" in page
    assert f"扣约 {float(without - first):.2f}。同一个错" in page


def test_the_page_quotes_what_the_programs_print(overlap, suppression, precision):
    page = PAGE.read_text("utf-8")
    assert rf"6/26\approx{float(Q(6, 26)):.3f}$" in page
    fractions = "、".join(str(along(d)) for d in range(4))
    assert f"横着偏 0、1、2、3 个像素时交并比依次是 {fractions}" in page
    far = [numbers(line)[2] for line in overlap.printed_by["giou"].splitlines()]
    said = " 与 ".join(f"−{-value:g}" for value in far[2:])
    assert f"GIoU 是 {said}，" in page
    (line,) = suppression.printed_by["soft"].splitlines()
    once = 0.8 * exp(-(float(covers(0, 1)) ** 2) / 0.5)
    last = numbers(line.rsplit("→")[-1])[0]
    assert f"B 先被 A 降到 {once:.3f}，再被 C 降到 {last:.3f}" in page
    near = [numbers(x)[-1] for x in precision.printed_by["taken"].splitlines()[:2]]
    assert f"真值 1 重叠 {near[0]:.3f}，与真值 2 重叠 {near[1]:g}" in page
    assert f"只差 3，交并比是 {along(3)}。" in page
    widest = of_points(HITS, 3, 11) - (1 + Q(1, 2) + Q(3, 5)) / 3
    assert f"五个检测时差到 {float(widest):.3f}" in page
    means = [
        line.split("= ")[1]
        for line in precision.printed_by["change"].splitlines()
        if "= " in line
    ]
    assert f"从 {means[2]} 降到 {means[1]}" in page
    assert rf"$6/11\approx{6 / 11:.3f}$" in page
    assert f"过了 {float(along(1)):.3f}，0.6 分的也不算了" in page


def test_the_page_quotes_what_pycocotools_prints(coco):
    page = PAGE.read_text("utf-8")
    stats = judged(TRUTHS, FIVE).stats
    shown = "、".join(f"{value:.3f}" for value in stats[:3])
    assert f"| AP@[.50:.95]、AP50、AP75 | {shown} |" in page
    assert f"大物体的 AP@[.50:.95] | {stats[3]:.3f}、−1、−1 |" in page
    first = line_of(coco.printed_by["ids"], "编号从 0 起：AP = ")
    assert f"这里它排第一，AP 是 {first}；" in page
    (line,) = coco.printed_by["hundred"].splitlines()
    value = line.removeprefix("120 个真值原样交上去：AP = ")
    assert rf"够得着的有 84 个，$84/101\approx{value}$" in page
    recall = judged(TRUTHS, FIVE).eval["recall"][:, 0, 0, 0]
    assert recall == pytest.approx(np.full(10, 1 / 3))
    assert "召回率在哪个门槛上都是 1/3" in page


# --- figures --------------------------------------------------------------------------


class Figure:
    """A drawing, read: its rectangles, circles and words, with their places."""

    def __init__(self, name):
        path = ROOT / f"docs/assets/figures/detection-{name}.svg"
        self.parts = [
            (part.tag.rpartition("}")[2], part)
            for part in ET.fromstring(path.read_text("utf-8")).iter()
        ]
        self.words = [part.text or "" for tag, part in self.parts if tag == "text"]

    def rects(self, dashed=None):
        """(x, y, width, height), all or only those with dashed edges, or without."""
        return [
            tuple(float(part.get(key)) for key in ("x", "y", "width", "height"))
            for tag, part in self.parts
            if tag == "rect" and dashed in (None, bool(part.get("stroke-dasharray")))
        ]

    def circles(self, radius):
        return [
            (float(part.get("cx")), float(part.get("cy")))
            for tag, part in self.parts
            if tag == "circle" and float(part.get("r")) == radius
        ]


def boxes_of(rects, unit, left, top):
    return [
        (
            (x - left) / unit,
            (y - top) / unit,
            (x - left + w) / unit,
            (y - top + h) / unit,
        )
        for x, y, w, h in rects
    ]


def test_the_first_figure_draws_the_two_boxes_and_what_they_share():
    figure = Figure("iou")
    both, truth, guess = boxes_of(figure.rects(), 34, 30, 22)
    assert (truth, guess) == ((0, 0, 4, 4), (2, 1, 6, 5))
    assert pixels(both) == pixels(truth) & pixels(guess)
    inter, union = len(pixels(both)), len(pixels(truth) | pixels(guess))
    assert f"2×3 = {inter}" in figure.words
    assert f"并集 16 + 16 − {inter} = {union}，交并比 {inter}/{union}" in figure.words


def test_the_second_figure_writes_the_box_that_it_draws():
    figure = Figure("formats")
    (box,) = boxes_of(figure.rects(), 26, 40, 20)
    x1, y1, x2, y2 = (int(v) for v in box)
    middle, sides = ((x1 + x2) // 2, (y1 + y2) // 2), (x2 - x1, y2 - y1)
    for word in (f"({x1}, {y1})", f"({x2}, {y2})", f"({middle[0]}, {middle[1]})"):
        assert word in figure.words
    assert [f"宽 {sides[0]}", f"高 {sides[1]}"] == figure.words[5:7]
    text = " ".join(figure.words[7:])
    for name, four in (
        ("两个角", (x1, y1, x2, y2)),
        ("左上角加宽高", (x1, y1, *sides)),
        ("中心加宽高", (*middle, *sides)),
        ("先 y 后 x", (y1, x1, y2, x2)),
    ):
        assert f"{name} {', '.join(map(str, four))}" in text


def test_the_strip_of_suppression_shows_who_is_kept_after_each_step():
    steps = ["", "A+B-", "A+B-C+", "A+B-C+D+E-"]
    notes = [
        "五个框，按得分排好，门槛 0.4",
        f"留 A：与 B 是 {float(covers(0, 1)):.3f}，去掉 B；"
        f"与 C 是 {float(covers(0, 2)):.3f}",
        f"留 C：B 与它是 {float(covers(1, 2)):g}，可 B 已经去掉",
        f"留 D：与 E 是 {float(covers(3, 4)):g}，去掉 E",
    ]
    for k, (step, note) in enumerate(zip(steps, notes, strict=True), 1):
        figure = Figure(f"nms-{k}")
        places = [(x - 70) / 13 for x, _, _, _ in figure.rects()]
        assert places == WHERE
        assert {w for _, _, w, _ in figure.rects()} == {6 * 13}
        said = "".join(figure.words[:-1])
        told = re.findall(r"([A-E])\.(\d)(留下|去掉)?", said)
        assert [(a, b) for a, b, _ in told] == list(zip("ABCDE", "98765", strict=True))
        signs = {"留下": "+", "去掉": "-"}
        assert "".join(a + signs[c] for a, _, c in told if c) == step
        assert len(figure.rects(dashed=True)) == step.count("-")
        assert figure.words[-1] == note
    assert steps[-1].replace("B-", "").replace("E-", "") == "A+C+D+"
    assert kept(Q(2, 5)) == "ACD"


def test_the_third_figure_draws_the_truths_and_detections_of_the_program():
    figure = Figure("match")

    def placed(rect):
        x, y, side, _ = rect
        assert side == 6 * 8
        left = (x - 66) / 8 if x < 200 else 40 + (x - 206) / 8  # the gap is cut short
        return (1 if y < 120 else 2, left)

    plain = [rect for rect in figure.rects(dashed=False) if rect[2] == 48]
    assert sorted(map(placed, plain)) == sorted(TRUTHS)
    dashed = sorted(map(placed, figure.rects(dashed=True)))
    assert dashed == sorted((image, x) for image, _, x in FIVE)
    words = "".join(figure.words)
    fates = dict(re.findall(r"\.(\d) ?(认领|重复|背景)", words))
    want = dict(zip("98765", ["认领", "重复", "背景", "认领", "认领"], strict=True))
    assert fates == want
    assert [fate == "认领" for fate in want.values()] == [bool(hit) for hit in HITS]


def test_the_fourth_figure_draws_the_two_truths_and_both_detections():
    figure = Figure("taken")
    assert [(x - 96) / 22 for x, *_ in figure.rects(dashed=False)] == [0, 2]
    assert [(x - 96) / 22 for x, *_ in figure.rects(dashed=True)] == [0, 0.5]
    one, two = (f"{float(along(abs(Q(1, 2) - x))):.3g}"[1:] for x in (0, 2))
    assert f".8 的与真值 1 是 {one}，已被认领；与真值 2 是 {two}" in figure.words
    assert "COCO：认领真值 2。VOC：算错" in figure.words


def test_the_fifth_figure_draws_the_ranks_and_the_eleven_readings():
    figure = Figure("pr")
    rates = [(Q(sum(HITS[:k]), 3), Q(sum(HITS[:k]), k)) for k in through(HITS)]

    def on(places):
        return [
            pytest.approx((44 + 260 * r, 194 - 180 * p), abs=1e-2) for r, p in places
        ]

    assert figure.circles(4) == on(rates)
    read = [(Q(k, 10), max(p for r, p in rates if r >= Q(k, 10))) for k in range(11)]
    assert figure.circles(5) == on(read)
    ones = sum(p == 1 for _, p in read)
    assert {p for _, p in read} == {1, Q(3, 5)}
    assert f"圈：{ones} 个 1，{11 - ones} 个 0.6" in figure.words
    said = f"不大于 1/3 的 {ones} 个是 1，其余 {11 - ones} 个是 0.6。"
    assert said in PAGE.read_text("utf-8")


def test_the_sixth_figure_draws_the_ten_thresholds():
    figure = Figure("thresholds")
    want = at_thresholds(TRUTHS, FIVE)
    heights = [height / 180 for *_, height in figure.rects()]
    assert heights == pytest.approx(want.tolist(), abs=1e-3)
    labels = [f"{want[k]:.3f}"[1:] for k in (0, 1, 5)]
    assert [word for word in figure.words if len(word) == 4] == labels
    assert f"平均 {want.mean():.3f}".replace("0.", ".") in figure.words


# --- the library's own judge ----------------------------------------------------------


def test_the_library_says_what_fractions_say(coco):
    printed = coco.printed_by["hand"]
    at50 = (34 * Q(1) + 67 * Q(3, 5)) / 101
    at75 = Q(34, 101)
    middle = Q(1, 2)  # .55 to .70: hits 1 0 0 1 0, envelope 1 and 1/2
    want = (at50 + 4 * (34 + 33 * middle) / 101 + 5 * at75) / 10
    assert after(printed, "AP50 = ") == pytest.approx([float(at50)], abs=5e-5)
    assert after(printed, "AP75 = ") == pytest.approx([float(at75)], abs=5e-5)
    found = line_of(printed, "AP@[.50:.95] = ")
    assert float(found) == pytest.approx(float(want), abs=5e-5)


def test_squares_of_six_are_small_and_the_rest_is_minus_one(coco):
    printed = coco.printed_by["areas"]
    whole = float(line_of(coco.printed_by["hand"], "AP@[.50:.95] = "))
    assert after(printed, "小物体的 AP：") == [whole]
    assert after(printed, "中物体的 AP：") == after(printed, "大物体的 AP：") == [-1]


def test_a_box_on_an_image_without_a_truth_is_wrong(coco, precision):
    square, found = [0, 0, 6, 6], [(2, 0.9, [0, 0, 6, 6]), (1, 0.8, [0, 0, 6, 6])]
    assert coco.judge([(1, square)], found)[0] == pytest.approx(1 / 2)
    boxes = [(image, score, precision.square(0)) for image, score, _ in found]
    empty = {1: [precision.square(0)], 2: []}
    assert precision.ap(boxes, empty, 0.5) == pytest.approx(1 / 2)


def test_an_identity_of_zero_counts_as_no_match(coco):
    printed = coco.printed_by["ids"]
    assert after(printed, "编号从 1 起：")[-1] == 1
    # The first of ten is a miss: at best 9/10 up to a recall of 9/10.
    want = float(91 * Q(9, 10) / 101)
    assert after(printed, "编号从 0 起：")[-1] == pytest.approx(want, abs=5e-4)


def test_only_a_hundred_boxes_of_an_image_count(coco):
    (value,) = numbers(coco.printed_by["hundred"].split("=")[1])
    reached = sum(Q(k, 100) <= Q(100, 120) for k in range(101))
    assert value == pytest.approx(reached / 101, abs=5e-4)


def row_of(count, classes=1):
    return [(1, 1 + k % classes, [9 * k, 0, 6, 6]) for k in range(count)]


def copied(truths):
    """The truths handed in as detections, the first one the surest."""
    count = len(truths)
    return [(*row[:2], 1 - k / count / 2, row[2]) for k, row in enumerate(truths)]


def test_the_page_tells_what_the_recalls_of_the_five_boxes_are():
    stats = judged(TRUTHS, FIVE).stats
    shown = "、".join(f"{value:.3f}" for value in stats[6:9])
    page = PAGE.read_text("utf-8")
    assert f"每张图每一类最多取 1、10、100 个框 | {shown} |" in page
    assert f"取 100 个框 | {stats[9]:.3f}、−1、−1 |" in page
    assert stats[10:].tolist() == [-1, -1]


def test_the_page_tells_what_the_limit_of_boxes_does():
    many, page = row_of(120), PAGE.read_text("utf-8")
    for limits, said in (
        ((1, 100, 1000), "`[1, 100, 1000]`。但 `summarize()` 印的第一个数写死了"),
        ((1, 10, 1000), "若 100 不在这三个数里，它是 −1"),
    ):
        judge = examined(many, copied(many), limits)
        want = 84 / 101 if 100 in limits else -1
        assert judge.stats[0] == pytest.approx(want, abs=1e-9)
        every = judge.eval["precision"][:, :, :, 0, -1]
        assert every[every > -1].mean() == pytest.approx(1)
        assert said in page
    halves = row_of(120, classes=2)
    assert examined(halves, copied(halves)).stats[0] == pytest.approx(1)


def test_the_page_tells_what_an_identity_of_zero_costs_at_the_last_rank():
    ten = row_of(10)
    last = [(*row[:2], (k + 1) / 20, row[2]) for k, row in enumerate(ten)]
    value = examined(ten, last, first=0).stats[0]
    assert f"若排最后，是 {value:.3f}" in PAGE.read_text("utf-8")


# --- practice: applications/detection_practice_numpy ----------------------------------

SOLUTION = """
def match(boxes, truths, threshold):
    free, hits = list(range(len(truths))), []
    for box in boxes:
        best, where = -1.0, None
        for k in free:
            low = np.maximum(box[:2], truths[k][:2])
            high = np.minimum(box[2:], truths[k][2:])
            inter = (high - low).clip(0).prod()
            sizes = [(b[2:] - b[:2]).prod() for b in (box, truths[k])]
            value = inter / (sum(sizes) - inter)
            if value > best:
                best, where = value, k
        hit = where is not None and bool(best >= threshold)
        if hit:
            free.remove(where)
        hits.append(hit)
    return hits
"""
TABLE = """
def match(boxes, truths, threshold):
    low = np.maximum(boxes[:, None, :2], truths[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], truths[None, :, 2:])
    inter = (high - low).clip(0).prod(-1)
    size = lambda b: (b[:, 2:] - b[:, :2]).prod(-1)
    values = inter / (size(boxes)[:, None] + size(truths)[None] - inter)
    hits = []
    for row in range(len(boxes)):
        hit = values.shape[1] > 0 and bool(values[row].max() >= threshold)
        if hit:
            values[:, values[row].argmax()] = -1
        hits.append(hit)
    return hits
"""
ALL = ("        for k in free:", "        for k in range(len(truths)):")
AGAIN = ("            free.remove(where)", "            pass")
WRONG = [
    AGAIN,
    ("best >= threshold", "best > threshold"),
    ("best >= threshold", "best > 0"),
    ("value > best", "value >= threshold and where is None"),  # the first that will do
    ("value > best", "value < best or where is None"),
    ("for box in boxes", "for box in boxes[::-1]"),
    ("sum(sizes) - inter", "sum(sizes)"),
    ("sum(sizes) - inter", "min(sizes)"),
    ("sum(sizes) - inter", "sizes[0]"),
    (".clip(0)", ""),
    ("(high - low)", "(high - low + 1)"),
    ("            free.remove(where)", "            free.pop(0)"),
    ("        if hit:\n", "        if where is not None:\n"),  # a miss takes it too
    ("    return hits", "    return sum(hits)"),
    ("        hits.append(hit)", "        hits.append(best)"),
    ("best >= threshold", "best >= 0.5"),  # the usual threshold, whatever is asked
    ("value > best", "value >= threshold"),  # the last that will do
    ("(b[2:] - b[:2]).prod()", "(b[2] - b[0]) ** 2"),  # as if all were square
    ("(b[2:] - b[:2]).prod()", "(b[3] - b[1]) ** 2"),
    ("sum(sizes) - inter", "2 * sizes[0] - inter"),  # as if all were as large
    ("sum(sizes) - inter", "2 * sizes[1] - inter"),
    ("sum(sizes) - inter", "72 - inter"),
]
TAKEN = (
    "        hit = where is not None and bool(best >= threshold)\n        if hit:\n",
    "        hit = where in free and bool(best >= threshold)\n        if hit:\n",
)


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_pycocotools_finds(case):
    _, given, want, _ = case
    found, gold = (
        np.column_stack([b[:, :2], b[:, 2:] - b[:, :2]]).tolist()
        for b in (given["boxes"], given["truths"])
    )
    judge = examined(
        [(1, 1, box) for box in gold],
        [(1, 1, 1 - k / 10, box) for k, box in enumerate(found)],
        thresholds=[given["threshold"]],
    )
    assert (judge.evalImgs[0]["dtMatches"][0] > 0).tolist() == want


@pytest.mark.parametrize("solution", [SOLUTION, TABLE])
def test_a_loop_and_a_table_both_pass_the_practice(solution):
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 5


def test_no_wrong_match_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_to_look_at_taken_truths_too_does_not_pass_the_practice():
    wrong = SOLUTION.replace(*ALL)
    assert practice.survivors(PRACTICE, wrong, [TAKEN]) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, AGAIN) in PAGE.read_text("utf-8")
