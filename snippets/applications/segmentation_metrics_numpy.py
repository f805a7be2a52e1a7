# --8<-- [start:masks]
import numpy as np

truth = np.array(  # 0 背景，1 猫，2 绳子
    [
        [0, 0, 0, 0, 0, 0],
        [0, 1, 1, 0, 0, 0],
        [0, 1, 1, 0, 2, 0],
        [0, 0, 0, 0, 2, 0],
    ]
)
predicted = np.array(
    [
        [0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 0, 0],
        [0, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 2, 0],
    ]
)
# --8<-- [end:masks]


# --8<-- [start:confusion]
def confusion(truth, predicted, classes):
    """混淆矩阵 (classes, classes)：行是真的类，列是判成的类。"""
    # 读进来的标签图多是 uint8：不换类型，20 × 21 就溢出了
    pairs = truth.ravel().astype(int) * classes + predicted.ravel()
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


M = confusion(truth, predicted, 3)
for name, row in zip(("背景", "猫", "绳子"), M, strict=True):
    print(f"真的是{name}：判成背景、猫、绳子的", *row)
# --8<-- [end:confusion]


# --8<-- [start:iou]
def iou(M):
    """每类的交并比：对角线，除以这一行与这一列的并集。"""
    return M.diagonal() / (M.sum(0) + M.sum(1) - M.diagonal())


def dice(M):
    return 2 * M.diagonal() / (M.sum(0) + M.sum(1))


print("交并比", *(f"{v:.3f}" for v in iou(M)), f"平均 {iou(M).mean():.3f}")
print("Dice ", *(f"{v:.3f}" for v in dice(M)), f"平均 {dice(M).mean():.3f}")
print(f"像素准确率 {M.trace() / M.sum():.3f}")
# --8<-- [end:iou]


# --8<-- [start:background]
for classes in (3, 21):
    lazy = confusion(truth, 0 * truth, 3)  # 全判成背景
    mean = iou(lazy).sum() / classes  # 其余各类都没判出来，是 0
    print(f"全判成背景，{classes} 类：像素准确率", end=" ")
    print(f"{lazy.trace() / lazy.sum():.2f}，mIoU {mean:.3f}")
# --8<-- [end:background]


# --8<-- [start:order]
two = {"甲": np.array([0.5, 0.5]), "乙": np.array([0.2, 0.85])}  # 两类的交并比
for name, v in two.items():
    same = 2 * v / (1 + v)  # 交并比换成 Dice
    print(f"{name}：平均交并比 {v.mean():.3f}，平均 Dice {same.mean():.3f}")
# --8<-- [end:order]


# --8<-- [start:average]
images = np.array(  # 一类、四张图：判对的、多判的、漏判的像素
    [[90, 5, 5], [1, 3, 4], [0, 3, 0], [0, 0, 0]]
)
hit, union = images[:, 0], images.sum(1)
print(f"合在一起算：{hit.sum()}/{union.sum()} = {hit.sum() / union.sum():.3f}")
each = [h / u if u else np.nan for h, u in zip(hit, union, strict=True)]
print("一张一张算：", *(f"{v:.3f}" for v in each))
seen = images[:, [0, 2]].sum(1) > 0  # 真值里有这一类
rules = {
    "0/0 略过": np.nanmean(each),
    "0/0 算 1": np.mean(np.nan_to_num(each, nan=1)),
    "0/0 算 0": np.mean(np.nan_to_num(each, nan=0)),
    "真值里没有就略过": np.mean(np.array(each)[seen]),
}
for rule, value in rules.items():
    print(f"{rule}：{value:.3f}")
# --8<-- [end:average]


# --8<-- [start:ignore]
marked = truth.copy()
marked[0], marked[1, 3] = 255, 255  # 第一行与猫的边上：标注的人说不准
keep = marked != 255
print(
    "略过 255：",
    *(f"{v:.3f}" for v in iou(confusion(marked[keep], predicted[keep], 3))),
)
as_zero = np.where(keep, marked, 0)
print("当成背景：", *(f"{v:.3f}" for v in iou(confusion(as_zero, predicted, 3))))
labels = np.array([0, 1, 2, 255], dtype=np.uint8)
print("各减 1：", *(labels - np.uint8(1)))
# --8<-- [end:ignore]
