# --8<-- [start:data]
import numpy as np


def square(x):
    """横坐标从 x 起、边长 6 的方框，两个角。"""
    return np.array([x, 0, x + 6, 6], float)


# 图 → 真值，没有真值的图写空列表
# 检测是（图，得分，框），已按得分从高到低排好
truths = {1: [square(0), square(40)], 2: [square(0)]}
detections = [
    (1, 0.9, square(0)),
    (1, 0.8, square(1)),
    (2, 0.7, square(40)),
    (2, 0.6, square(1)),
    (1, 0.5, square(42)),
]
# --8<-- [end:data]


# --8<-- [start:match]
def iou(a, b):
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    inter = sides.clip(0).prod()
    return inter / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - inter)


def match(detections, truths, threshold):
    """每个检测命中没有：认领还没有被认领、重叠最大、够得上门槛的真值。"""
    free = {image: list(boxes) for image, boxes in truths.items()}
    hits = []
    for image, _, box in detections:
        overlaps = [iou(box, truth) for truth in free[image]]
        hit = bool(overlaps) and max(overlaps) >= threshold
        hits.append(hit)
        if hit:  # 一个真值只许认领一次
            free[image].pop(int(np.argmax(overlaps)))
    return np.array(hits)


# --8<-- [end:match]


# --8<-- [start:taken]
near = {1: [square(0), square(2)]}  # 两个真值挨着
both = [(1, 0.9, square(0)), (1, 0.8, square(0.5))]
for k in (0, 1):
    overlap = iou(both[1][2], near[1][k])
    print(f"第二个检测与真值 {k + 1} 的交并比：{overlap:.3f}")
print("只在空着的真值里挑，命中", match(both, near, 0.5).sum(), "个")
# --8<-- [end:taken]


# --8<-- [start:curve]
def curve(hits, count):
    """从上往下数到每一名：精确率与召回率，各 (n,)。"""
    right = hits.cumsum()
    return right / np.arange(1, len(hits) + 1), right / count


COUNT = 3
hits = match(detections, truths, 0.5)
precision, recall = curve(hits, COUNT)
for k, (image, score, _) in enumerate(detections):
    said = "命中" if hits[k] else "没中"
    rates = f"精确率 {precision[k]:.3f}，召回率 {recall[k]:.3f}"
    print(f"图 {image}，{score} 分：{said}，{rates}")
# --8<-- [end:curve]


# --8<-- [start:rules]
def envelope(precision):
    """每一名换成它与后面各名里最大的精确率。"""
    return np.flip(np.maximum.accumulate(np.flip(precision)))


def average(precision, recall, points):
    """在 0 到 1 的几个等距召回率上读包络线，再平均；够不着的算 0。"""
    at = np.searchsorted(recall, np.linspace(0, 1, points))
    return np.append(envelope(precision), 0)[at].mean()


steps = np.diff(recall, prepend=0)
print(f"矩形相加，不取包络：{(precision * steps).sum():.4f}")
print(f"取包络，每一级都算：{(envelope(precision) * steps).sum():.4f}")
print(f"取包络，读 11 个点：{average(precision, recall, 11):.4f}")
print(f"取包络，读 101 个点：{average(precision, recall, 101):.4f}")
# --8<-- [end:rules]


# --8<-- [start:thresholds]
def ap(detections, truths, threshold):
    count = sum(map(len, truths.values()))
    return average(*curve(match(detections, truths, threshold), count), 101)


def report(name, detections):
    values = [ap(detections, truths, t) for t in np.arange(50, 100, 5) / 100]
    shown = " ".join(f"{value:.3f}" for value in values)
    print(f"{name}，{len(detections)} 个：{shown}")
    print(f"  AP@[.50:.95] = {np.mean(values):.4f}")


report("全部检测", detections)
# --8<-- [end:thresholds]


# --8<-- [start:change]
report("去掉重复的那个", [d for d in detections if d[1] != 0.8])
report("只留 0.65 分以上的", [d for d in detections if d[1] > 0.65])
extra = [*detections, *[(2, 0.1, square(80 + 9 * k)) for k in range(20)]]
report("再添 20 个 0.1 分的错框", extra)
# --8<-- [end:change]
