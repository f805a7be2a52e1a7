# --8<-- [start:data]
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(0)
y = (rng.random(40000) < 0.02).astype(float)  # 2% 的像素是前景
x = rng.normal(2 * y, 1)  # 每个像素只有一个特征：前景平均 2，背景平均 0
xs, ys = torch.from_numpy(x), torch.from_numpy(y)  # float64
# --8<-- [end:data]


# --8<-- [start:losses]
ce = F.binary_cross_entropy_with_logits


def dice_loss(z, y):
    p = z.sigmoid()
    return 1 - 2 * (p * y).sum() / (p.sum() + y.sum())


def focal_loss(z, y, gamma=2.0):
    each = ce(z, y, reduction="none")
    right = torch.exp(-each)  # 给正确答案的概率
    return ((1 - right) ** gamma * each).mean()


LOSSES = {
    "交叉熵": ce,
    "前景加权 49": lambda z, y: ce(z, y, pos_weight=torch.tensor(49.0)),
    "焦点损失": focal_loss,
    "Dice": dice_loss,
    "交叉熵加 Dice": lambda z, y: ce(z, y) + dice_loss(z, y),
}
# --8<-- [end:losses]


# --8<-- [start:fit]
def fit(loss):
    """逻辑回归：得分是 w·x + b。返回各像素的概率，与概率为 0.5 的 x。"""
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [w], max_iter=60, line_search_fn="strong_wolfe", tolerance_change=1e-12
    )

    def closure():
        optimizer.zero_grad()
        value = loss(w[0] * xs + w[1], ys)
        value.backward()
        return value

    optimizer.step(closure)
    p = (w[0] * xs + w[1]).sigmoid().detach().numpy()
    return p, -(w[1] / w[0]).item()


# --8<-- [end:fit]


# --8<-- [start:compare]
def iou(p, threshold):
    hit = p > threshold
    return (hit & (y == 1)).sum() / (hit | (y == 1)).sum()


grid = np.arange(0.02, 1, 0.02)
fitted = {name: fit(loss) for name, loss in LOSSES.items()}
for name, (p, x_half) in fitted.items():
    best = max(iou(p, t) for t in grid)
    print(f"{name}：分界 {x_half:.2f}，判成前景 {(p > 0.5).mean():.1%}，", end="")
    print(f"交并比 {iou(p, 0.5):.2f}，换最好的门槛 {best:.2f}")
    print(f"　　概率的平均 {p.mean():.3f}")
# --8<-- [end:compare]


# --8<-- [start:threshold]
p, _ = fitted["交叉熵"]
dice = {t: 2 * iou(p, t) / (1 + iou(p, t)) for t in grid}
half = max(dice.values()) / 2
print(f"交叉熵：各门槛里 Dice 最高 {max(dice.values()):.2f}，", end="")
print(f"门槛取它的一半 {half:.2f}，Dice {2 * iou(p, half) / (1 + iou(p, half)):.2f}")
# --8<-- [end:threshold]
