# --8<-- [start:losses]
import numpy as np

y = np.zeros(100)
y[0] = 1  # 一百个像素，只有一个是前景


def cross_entropy(p, y):
    """返回损失与它对每个得分（logit）的梯度。"""
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    return loss, (p - y) / len(p)


def soft_dice(p, y, smooth=0.0):
    """1 − (2Σpy + smooth) / (Σp + Σy + smooth)，与它对得分的梯度。"""
    top, bottom = 2 * (p * y).sum() + smooth, p.sum() + y.sum() + smooth
    slope = -(2 * y * bottom - top) / bottom**2  # 对 p
    return 1 - top / bottom, slope * p * (1 - p)


# --8<-- [end:losses]


# --8<-- [start:push]
for start in (0.5, 0.01):
    p = np.full(100, start)
    for name, loss in (("交叉熵", cross_entropy), ("Dice", soft_dice)):
        value, slope = loss(p, y)
        print(f"每个概率都是 {start}，{name} {value:.4f}：", end="")
        print(f"前景推 {-slope[0]:.6f}，背景合计推 {-slope[1:].sum():.6f}")
# --8<-- [end:push]


# --8<-- [start:weight]
p = np.full(100, 0.5)
weight = np.where(y == 1, 99, 1)
slope = weight * (p - y) / weight.sum()
print(f"前景加权 99：前景推 {-slope[0]:.6f}，背景合计推 {-slope[1:].sum():.6f}")
# --8<-- [end:weight]


# --8<-- [start:stuck]
p = np.full(100, 0.5)
p[0] = 1e-6  # 前景已经被判成背景，而且很有把握
for name, loss in (("交叉熵", cross_entropy), ("Dice", soft_dice)):
    print(f"错得很有把握，{name}：前景推 {-loss(p, y)[1][0]:.8f}")
# --8<-- [end:stuck]


# --8<-- [start:empty]
p = np.full(100, 0.5)
for smooth in (0.0, 1.0):
    value, slope = soft_dice(p, np.zeros(100), smooth)
    print(f"图里没有前景，smooth={smooth}：损失 {value:.4f}，", end="")
    print(f"各像素合计推 {-slope.sum() + 0:.6f}")  # + 0：不印 −0
# --8<-- [end:empty]
