# --8<-- [start:intervals]
import warnings
from math import ceil

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats

z = stats.norm.ppf(0.975)


def wald(n):
    """对 0 例、1 例……n 例，各自的区间：两个 (n + 1,) 的数组。"""
    p = np.arange(n + 1) / n
    half = z * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


def wilson(n):
    p = np.arange(n + 1) / n
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    middle = p + z**2 / (2 * n)
    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)


# --8<-- [end:intervals]


# --8<-- [start:exact]
def clopper_pearson(n):
    k = np.arange(n + 1)
    low, high = np.zeros(n + 1), np.ones(n + 1)
    low[1:] = stats.beta.ppf(0.025, k[1:], n - k[1:] + 1)
    high[:-1] = stats.beta.ppf(0.975, k[:-1] + 1, n - k[:-1])
    return low, high


ways = {"Wald": wald, "Wilson": wilson, "Clopper-Pearson": clopper_pearson}
# --8<-- [end:exact]


# --8<-- [start:coverage]
def coverage(way, n, p):
    """真值是 p 时，区间盖住它的机会：盖得住的那些结果，机会加起来。"""
    low, high = way(n)
    chance = stats.binom.pmf(np.arange(n + 1), n, p)
    return float(chance[(low <= p) & (p <= high)].sum())


for p in (0.5, 0.9, 0.95, 0.99):
    found = [f"{name} {coverage(way, 20, p):.3f}" for name, way in ways.items()]
    print(f"20 例，真值 {p}：" + "，".join(found))
# --8<-- [end:coverage]

# --8<-- [start:every]
grid = (np.arange(500) + 0.5) / 1000 + 0.5  # 从 0.5 到 1，每隔千分之一
curves = {}
for n in (20, 100, 1000):
    for name, way in ways.items():
        curves[n, name] = np.array([coverage(way, n, p) for p in grid])
        found = curves[n, name]
        near = found[(grid > 0.9) & (grid < 0.99)]
        print(f"{n} 例，{name}：平均 {found.mean():.3f}", end="，")
        print(f"0.9 到 0.99 之间平均 {near.mean():.3f}，最低 {near.min():.3f}")
# --8<-- [end:every]


# --8<-- [start:cases]
def half_width(p, n):
    """准确率是 p 时，Wilson 区间宽度的一半。"""
    return z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)


for p in (0.5, 0.8, 0.9, 0.95, 0.99):
    need = [ceil(z**2 * p * (1 - p) / half**2) for half in (0.03, 0.01)]
    print(f"准确率 {p}：正负 3 个百分点要 {need[0]} 例", end="，")
    print(f"正负 1 个百分点要 {need[1]} 例", end="；")
    print("Wilson 半宽 {:.4f}、{:.4f}".format(*half_width(p, np.array(need))))
# --8<-- [end:cases]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "comparing_classifiers_coverage_numpy"
figure, axes = plt.subplots(2, figsize=(3.5, 4.6), layout="constrained")
styles = {"Wald": "C1-", "Wilson": "C0-", "Clopper-Pearson": "k:"}
for axis, n in zip(axes, (20, 100), strict=True):
    for name, style in styles.items():
        axis.plot(grid[200::2], curves[n, name][200::2], style, lw=1, label=name)
    axis.axhline(0.95, color="k", lw=0.5)
    axis.set(xlim=(0.7, 1), ylim=(0.6, 1.01), yticks=[0.6, 0.7, 0.8, 0.9, 0.95, 1])
    axis.set_title(f"盖住真值的机会，{n} 例", loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
axes[0].legend(frameon=False, loc="lower left")
axes[1].set_xlabel("真正的准确率")
title = "真值越近 1，Wald 区间盖住它的机会越少；Wilson 在 95% 上下"
path, about = "comparing_classifiers_coverage_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
