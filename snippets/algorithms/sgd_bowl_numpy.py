# --8<-- [start:rate]
import warnings

import matplotlib.pyplot as plt
import numpy as np


def walk(curvature, start, rate, steps, mu=0.0, nesterov=False):
    """二次碗上的路，(steps + 1, 方向个数)。"""
    theta = np.array(start, dtype=float)
    v, path = np.zeros_like(theta), [theta]
    for _ in range(steps):
        g = curvature * theta
        v = mu * v + g
        theta = theta - rate * (g + mu * v if nesterov else v)
        path.append(theta)
    return np.array(path)


bowl = np.array([1.0, 10.0])
for rate in [0.05, 0.1, 0.15, 2 / 11, 0.19]:
    away = np.linalg.norm(walk(bowl, [10, 1], rate, 200), axis=1)
    measured = (away[200] / away[100]) ** (1 / 100)
    formula = np.abs(1 - rate * bowl).max()
    print(f"学习率 {rate:.4f}：公式 {formula:.5f}，测得 {measured:.5f}")
# --8<-- [end:rate]


# --8<-- [start:diverge]
path = walk(bowl, [10, 1], 0.21, 40)
for t in [0, 1, 2, 3, 5, 10, 20, 40]:
    loss = (bowl * path[t] ** 2).sum() / 2
    print(f"第 {t} 步：损失 {loss:.1f}，陡的方向 {path[t][1]:.2f}")
# --8<-- [end:diverge]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "sgd_bowl_numpy"
figure, axes = plt.subplots(4, figsize=(3.5, 5), layout="constrained")
panels = {
    "学习率 0.05：慢而稳": (0.05, 0),
    "学习率 0.18：来回跨过谷底": (0.18, 0),
    "学习率 0.21：越跨越远": (0.21, 0),
    "学习率 0.15，动量 0.5": (0.15, 0.5),
}
x, y = np.meshgrid(np.linspace(-1, 11, 41), np.linspace(-2.2, 2.2, 45))
for axis, (name, (rate, mu)) in zip(axes, panels.items(), strict=True):
    axis.contour(x, y, x**2 + 10 * y**2, [1, 10, 40, 90], colors="k", linewidths=0.5)
    path = walk([1, 10], [10, 1], rate, 12, mu)
    axis.plot(*path.T, "C1o-" if rate > 0.2 else "C0o-", markersize=3)
    axis.set(xlim=(-1, 11), ylim=(-2.2, 2.2), xticks=[0, 5, 10], yticks=[-1, 0, 1])
    axis.set_title(name, loc="left", fontsize=10)
about = {"Title": "同一只碗上的四条路：慢而稳，来回跨，越跨越远，动量较快"}
figure.savefig("sgd_bowl_numpy.svg", transparent=True, metadata=about)
# --8<-- [end:figure]


# --8<-- [start:steps]
def steps_needed(curvature, rate, mu, nesterov):
    """离谷底的距离缩到百万分之一，要走几步。"""
    path = walk(curvature, [1, 1], rate, 10000, mu, nesterov)
    away = np.linalg.norm(path, axis=1)
    return int(np.flatnonzero(away > 1e-6 * away[0])[-1]) + 1


for kappa in [10, 100, 1000]:
    root = np.sqrt(kappa)
    mu = (root - 1) / (root + 1)
    ways = {
        "梯度下降": (2 / (1 + kappa), 0, False),
        "动量": (4 / (1 + root) ** 2, mu**2, False),
        "Nesterov": (1 / kappa, mu, True),
    }
    bowl = np.array([1.0, kappa])
    counts = [f"{name} {steps_needed(bowl, *way)}" for name, way in ways.items()]
    print(f"κ = {kappa}：" + "，".join(counts))
# --8<-- [end:steps]
