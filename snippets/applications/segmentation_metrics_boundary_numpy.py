# --8<-- [start:shift]
import numpy as np

rows, columns = np.mgrid[:64, :64]


def iou(a, b):
    return (a & b).sum() / (a | b).sum()


shapes = {
    "直径 41 的圆": (rows - 31) ** 2 + (columns - 31) ** 2 <= 20.5**2,
    "直径 7 的圆": (rows - 31) ** 2 + (columns - 31) ** 2 <= 3.5**2,
    "粗 1 的竖线": (columns == 31) & (rows > 10) & (rows < 50),
}
for name, mask in shapes.items():
    moved = np.roll(mask, 1, axis=1)
    print(f"{name}，右移 1 个像素：交并比 {iou(mask, moved):.3f}")
# --8<-- [end:shift]


# --8<-- [start:same]
square = (rows >= 10) & (rows < 30) & (columns >= 10) & (columns < 30)
thin = square & (columns > 10)  # 左边少一列，20 个像素
hole = square & ~((rows // 4 == 5) & (columns // 5 == 4))  # 中间少 4 × 5 个
speck = square | ((rows // 3 == 18) & (columns // 7 == 8))  # 远处多 3 × 7 个
masks = {"缺边": thin, "有洞": hole, "远处一点": speck}
print("，".join(f"{name} {iou(square, m):.3f}" for name, m in masks.items()))
# --8<-- [end:same]


# --8<-- [start:distance]
def border(mask):
    """掩码里挨着外面的像素的坐标，(个数, 2)。"""
    m = np.pad(mask, 1)
    inside = m[:-2, 1:-1] & m[2:, 1:-1] & m[1:-1, :-2] & m[1:-1, 2:]
    return np.argwhere(mask & ~inside)


def distances(a, b):
    """两条边界之间：从 a 的每一点到 b 最靠近的一点，和反过来的，两列。"""
    gaps = np.linalg.norm(border(a)[:, None] - border(b)[None], axis=-1)
    return gaps.min(1), gaps.min(0)


def hausdorff(a, b, percent=100):
    return max(np.percentile(d, percent) for d in distances(a, b))


for name, mask in masks.items():
    there, back = distances(square, mask)
    near = [(d <= 1).mean() for d in (back, there)]  # 精确率、召回率
    print(f"{name}：最远 {hausdorff(square, mask):.1f}，", end="")
    print(f"HD95 {hausdorff(square, mask, 95):.1f}，", end="")
    print(f"边界 F {2 * near[0] * near[1] / sum(near):.3f}")
# --8<-- [end:distance]


# --8<-- [start:empty]
missed = np.array([4.0, 4.0, 4.0, np.inf])  # 第四张什么也没有找到
with np.errstate(invalid="ignore"):
    print("两个无穷大的第 95 百分位：", np.percentile([np.inf, np.inf], 95))
print("四张的平均：", missed.mean())
print("当成 nan 略过：", np.nanmean(np.where(np.isinf(missed), np.nan, missed)))
# --8<-- [end:empty]
