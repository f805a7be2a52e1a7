# --8<-- [start:bins]
import numpy as np
from sklearn import metrics
from sklearn.calibration import calibration_curve

# 十二天的降雨预报 p，与那天下没下 y
p = np.array([0.1] * 4 + [0.5] * 4 + [0.9] * 4)
y = np.array([0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1])


def bins(p, y, n_bins):
    """等宽地分箱，返回非空箱的占比、平均预报、发生的比例。"""
    edges = np.linspace(0, 1, n_bins + 1)[1:-1]  # 里面的边
    index = np.searchsorted(edges, p)  # 正好在边上的归左边一箱
    rows = []
    for b in np.unique(index):
        inside = index == b
        rows.append([inside.mean(), p[inside].mean(), y[inside].mean()])
    return np.array(rows).T  # 三行，列是箱


weight, forecast, happened = bins(p, y, 3)
for w, f, h in zip(weight, forecast, happened, strict=True):
    print(f"占 {w:.2f}，预报 {f:.2f}，发生 {h:.2f}，差 {f - h:+.2f}")
# --8<-- [end:bins]


# --8<-- [start:ece]
def ece(p, y, n_bins):
    weight, forecast, happened = bins(p, y, n_bins)
    return (weight * np.abs(forecast - happened)).sum()


print(f"期望校准误差：{ece(p, y, 3):.4f}")
print(f"全部放在一起，预报 {p.mean():.2f}，发生 {y.mean():.2f}")
# --8<-- [end:ece]


# --8<-- [start:brier]
base = y.mean()
reliability = (weight * (forecast - happened) ** 2).sum()
resolution = (weight * (happened - base) ** 2).sum()
uncertainty = base * (1 - base)
brier = ((p - y) ** 2).mean()
parts = reliability - resolution + uncertainty
print(f"可靠 {reliability:.4f}，分辨 {resolution:.4f}，不确定 {uncertainty:.4f}")
print(f"可靠 - 分辨 + 不确定 = {parts:.4f}，布里尔分数 = {brier:.4f}")
# --8<-- [end:brier]


# --8<-- [start:log-loss]
def log_loss(p, y):
    return -np.log(np.where(y == 1, p, 1 - p)).mean()


print(f"交叉熵：{log_loss(p, y):.4f}")
# --8<-- [end:log-loss]


# --8<-- [start:cheats]
flat = np.full(12, base)  # 天天报平均值
mended = np.repeat(happened, np.rint(12 * weight).astype(int))  # 照箱报
for name, q in [("原来", p), ("天天报平均值", flat), ("照箱改正", mended)]:
    error, square = ece(q, y, 3), ((q - y) ** 2).mean()
    print(f"{name}：ECE {error:.4f}，布里尔 {square:.4f}，", end="")
    print(f"交叉熵 {log_loss(q, y):.4f}")
print(f"原来的预报，只分一箱：ECE {ece(p, y, 1):.4f}")
# --8<-- [end:cheats]


# --8<-- [start:library]
true, predicted = calibration_curve(y, p, n_bins=3)
same = np.allclose(true, happened) and np.allclose(predicted, forecast)
same = same and np.isclose(metrics.brier_score_loss(y, p), brier)
same = same and np.isclose(metrics.log_loss(y, p), log_loss(p, y))
print(f"与 scikit-learn 的三个函数一致：{same}")
# --8<-- [end:library]
