# --8<-- [start:data]
import numpy as np

NAMES = "ABCDE"
x = np.array([0, 1, 3, 10, 12])
boxes = np.stack([x, 0 * x, x + 6, 0 * x + 6], 1).astype(float)
scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])


def iou(a, b):
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., 2:], b[..., 2:])
    inter = (high - low).clip(0).prod(-1)
    sizes = [(box[..., 2:] - box[..., :2]).prod(-1) for box in (a, b)]
    return inter / (sum(sizes) - inter)


table = iou(boxes[:, None], boxes[None])  # 每两个框的交并比，(5, 5)
for name, row in zip(NAMES, table, strict=True):
    print(name, " ".join(f"{value:.3f}" for value in row))
# --8<-- [end:data]


# --8<-- [start:nms]
def nms(boxes, scores, threshold):
    """留下哪些框：得分最高的留下，与它重叠超过门槛的去掉，再看余下的。"""
    waiting = np.argsort(-scores, kind="stable")
    kept = []
    while waiting.size:
        best, rest = waiting[0], waiting[1:]
        kept.append(best)
        waiting = rest[iou(boxes[best], boxes[rest]) <= threshold]
    return kept


def letters(kept):
    return "".join(NAMES[k] for k in kept)


for threshold in (0.5, 0.4, 0.3):
    print(f"门槛 {threshold}：留下", letters(nms(boxes, scores, threshold)))
# --8<-- [end:nms]


# --8<-- [start:matrix]
above = np.triu(table, 1)  # 框已按得分排好：每列只看更高的
alive = (above <= 0.4).all(0)
print("门槛 0.4，与任何更高的框重叠就去掉：", letters(np.flatnonzero(alive)))
# --8<-- [end:matrix]


# --8<-- [start:classes]
pair = np.array([[0, 0, 6, 6], [1, 0, 7, 6.0]])
score, label = np.array([0.9, 0.8]), np.array([3, 8])
apart = pair + 1000 * label[:, None]  # 各类搬到互不相交的地方
print("不分类别，留下", len(nms(pair, score, 0.5)), "个")
print("每类各做一次，留下", len(nms(apart, score, 0.5)), "个")
# --8<-- [end:classes]


# --8<-- [start:soft]
def soft_nms(boxes, scores, sigma):
    """不去掉，只降分：乘以 exp(-IoU² / σ)。返回次序与降过的分。"""
    scores, waiting, order = scores.copy(), np.arange(len(scores)), []
    while waiting.size:
        at = scores[waiting].argmax()
        best, waiting = waiting[at], np.delete(waiting, at)
        order.append(best)
        overlap = iou(boxes[best], boxes[waiting])
        scores[waiting] *= np.exp(-(overlap**2) / sigma)
    return order, scores


order, lowered = soft_nms(boxes, scores, 0.5)
print("，".join(f"{NAMES[k]} {scores[k]} → {lowered[k]:.3f}" for k in order))
# --8<-- [end:soft]
