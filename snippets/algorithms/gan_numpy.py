# --8<-- [start:setup]
import warnings
from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

p_data = [Fraction(n, 4) for n in (2, 1, 1, 0)]  # 四个点，真图的概率
p_g = [Fraction(n, 4) for n in (1, 1, 0, 2)]  # 生成器给它们的概率

# --8<-- [end:setup]


# --8<-- [start:optimal]
def optimal(p_data, p_g):
    """每个点上最好的 D；谁也不去的点猜什么都行，取 1/2。"""
    pairs = zip(p_data, p_g, strict=True)
    return [p / (p + q) if p + q else Fraction(1, 2) for p, q in pairs]


D_star = optimal(p_data, p_g)
for i, (p, q, d) in enumerate(zip(p_data, p_g, D_star, strict=True), 1):
    print(f"点 {i}：真 {p}，假 {q}，D* {d}")
# --8<-- [end:optimal]


# --8<-- [start:value]
def value(p, q, D):
    """V(D, G)：真图上 log D 的平均，加上假图上 log(1 - D) 的平均。"""
    p, q, D = (np.array(v, dtype=float) for v in (p, q, D))
    real, fake = p > 0, q > 0  # 概率是 0 的点不算：0 乘 log 0 取 0
    return p[real] @ np.log(D[real]) + q[fake] @ np.log(1 - D[fake])


def kl(p, m):
    seen = p > 0
    return p[seen] @ np.log(p[seen] / m[seen])


def jsd(p, q):
    """JS 散度：各到两者平均的 KL，取平均。"""
    p, q = np.array(p, dtype=float), np.array(q, dtype=float)
    return (kl(p, (p + q) / 2) + kl(q, (p + q) / 2)) / 2


# --8<-- [end:value]

# --8<-- [start:game]
half = [Fraction(1, 2)] * 4
timid = [(d + Fraction(1, 2)) / 2 for d in D_star]  # 从 D* 往 1/2 退一半
for name, D in {"都猜 1/2": half, "退一半": timid, "D*": D_star}.items():
    print(f"判别器 {name}：V {value(p_data, p_g, D):.4f}")
print(f"-log 4 加 2 倍散度：{-np.log(4) + 2 * jsd(p_data, p_g):.4f}")
for t in [Fraction(0), Fraction(1, 2), Fraction(1)]:  # 生成器一步步走向真的分布
    q = [(1 - t) * b + t * a for a, b in zip(p_data, p_g, strict=True)]
    best = value(p_data, q, optimal(p_data, q))
    print(f"走了 {t}：散度 {jsd(p_data, q):.4f}，V(D*, G) {best:.4f}")
# --8<-- [end:game]

# --8<-- [start:losses]
for D in [0.01, 0.1, 0.5, 0.9]:
    a = np.log(D / (1 - D))  # 假图的 logit，D = σ(a)
    minimax, non_saturating = -D, -(1 - D)  # log(1 - σ)、-log σ 的导数
    print(f"D {D:g}（logit {a:.2f}）：极小极大 {minimax:g}，", end="")
    print(f"非饱和 {non_saturating:g}，是它的 {non_saturating / minimax:.2g} 倍")
# --8<-- [end:losses]


# --8<-- [start:rotate]
def play(steps, eta=0.1, together=False, gamma=0.0):
    """f(x, y) = xy：x 往小处走，y 往大处走，从 (1, 0) 出发。"""
    path = [(1.0, 0.0)]
    for _ in range(steps):
        x, y = path[-1]
        new_x = x - eta * y
        seen = x if together else new_x  # 交替时 y 看到的是新的 x
        path.append((new_x, y + eta * (seen - gamma * y)))
    return np.array(path)


ways = {"同时走": {"together": True}, "交替走": {}, "交替走，加惩罚": {"gamma": 1}}
paths = {name: play(300, **options) for name, options in ways.items()}
for name, path in paths.items():
    radius = np.hypot(*path[::100].T)
    print(f"{name}：第 0、100、200、300 步离原点", end=" ")
    print("、".join(f"{r:.4f}" for r in radius))
x, y = paths["交替走"].T
kept = x**2 + y**2 - 0.1 * x * y
print(f"同时走每步乘 {np.sqrt(1 + 0.1**2):.4f}，300 步 {1.01**150:.4f}")
print(f"交替走，x 方加 y 方减 ηxy：{kept.min():.4f} 到 {kept.max():.4f}")
# --8<-- [end:rotate]


# --8<-- [start:disjoint]
def earth_mover(u, p, v, q):
    """一维的搬土距离：两条累积概率曲线之间的面积。"""
    points = np.unique(np.concatenate([u, v]))
    left = [np.sum(p[u <= t]) - np.sum(q[v <= t]) for t in points[:-1]]
    return np.abs(left) @ np.diff(points)


one = np.ones(1)
for theta in [2, 1, 0.1, 0]:  # 真的都在 0，假的都在 θ
    places = np.array([0.0]), one, np.array([theta]), one
    apart = jsd([1, 0], [0, 1]) if theta else jsd([1], [1])
    print(f"θ {theta:g}：散度 {apart:.4f}，搬土 {earth_mover(*places):.4f}")
# --8<-- [end:disjoint]

# --8<-- [start:library]
p, q = np.array(p_data, dtype=float), np.array(p_g, dtype=float)
distance, points = jensenshannon(p, q), np.arange(4.0)  # 它给的是平方根
print(f"散度：scipy {distance**2:.6f}，本页 {jsd(p, q):.6f}")
moved = wasserstein_distance(points, points, p, q)
print(f"搬土：scipy {moved:.4f}，本页 {earth_mover(points, p, points, q):.4f}")
# --8<-- [end:library]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "gan_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.5), layout="constrained")
styles = ["C1-", "k:", "C0-"]
for (name, path), style in zip(paths.items(), styles, strict=True):
    axis.plot(*path[:201:2].T, style, lw=1.2, label=name)
axis.plot(0, 0, "k+", ms=9)
axis.set(aspect="equal", xlabel="x（生成器）")
axis.set_title("y（判别器）", loc="left", fontsize=10)
axis.set(xticks=[-2, 0, 2], yticks=[-2, 0, 2], ylim=(-2.8, 4.4))
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False, loc="upper right")
title = "从 (1, 0) 出发的三条路：同时走越转越远，交替走转圈，加惩罚走到原点"
path, about = "gan_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
