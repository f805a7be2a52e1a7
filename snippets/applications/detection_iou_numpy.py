# --8<-- [start:iou]
import numpy as np


def area(box):
    return (box[..., 2:] - box[..., :2]).clip(0).prod(-1)


def iou(a, b):
    """交并比；框是左上角与右下角 (x1, y1, x2, y2)，形状可广播。"""
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., 2:], b[..., 2:])
    inter = area(np.concatenate([low, high], -1))
    return inter / (area(a) + area(b) - inter)


truth, guess = np.array([[0, 0, 4, 4], [2, 1, 6, 5.0]])
print(f"面积 {area(truth):g} 与 {area(guess):g}")
print(f"交并比 {iou(truth, guess):.4f}，即 6/26 = {6 / 26:.4f}")
# --8<-- [end:iou]


# --8<-- [start:shift]
for side in (6, 12, 24, 96):
    box = np.array([0, 0, side, side])
    print(f"边长 {side}，横着偏 1 个像素：{iou(box, box + [1, 0, 1, 0]):.3f}")
# --8<-- [end:shift]


# --8<-- [start:formats]
corners = np.array([2.0, 1, 6, 5])  # 真值，两个角
x1, y1, x2, y2 = corners
written = {
    "左上角加宽高": [x1, y1, x2 - x1, y2 - y1],
    "中心加宽高": [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1],
    "先 y 后 x 的两个角": [y1, x1, y2, x2],
}
for name, box in written.items():
    value = iou(corners, np.array(box))
    print(f"{name} {[round(v) for v in box]}，当成两个角：{value:.3f}")
# --8<-- [end:formats]


# --8<-- [start:giou]
def giou(a, b):
    """交并比减去「外接框里两框都没有占的比例」。"""
    low = np.minimum(a[..., :2], b[..., :2])
    high = np.maximum(a[..., 2:], b[..., 2:])
    hull = area(np.concatenate([low, high], -1))
    shared = iou(a, b)
    union = (area(a) + area(b)) / (1 + shared)  # 面积之和 = 并集 + 交集
    return shared - (hull - union) / hull


box = np.array([0.0, 0, 2, 2])
for x in (1, 2, 3, 8):
    other = box + [x, 0, x, 0]
    print(f"错开 {x}：IoU {iou(box, other):.3f}，GIoU {giou(box, other):.3f}")
# --8<-- [end:giou]
