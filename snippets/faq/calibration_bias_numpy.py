# --8<-- [start:perfect]
import warnings

import matplotlib.pyplot as plt
import numpy as np


def forecasts(n, rng):
    """完全校准：先抽概率 p，再按 p 抽结果 y。"""
    p = rng.beta(4, 1, n)  # 多数在 0.8 以上，像分类器的置信度
    return p, (rng.random(n) < p).astype(float)


def ece(p, y, edges):
    index = np.searchsorted(edges, p)  # edges 只含里面的边
    sums = np.bincount(index, p - y)  # 各箱里差的和
    return np.abs(sums).sum() / len(p)


def equal_width(p, n_bins):
    return np.linspace(0, 1, n_bins + 1)[1:-1]


def equal_mass(p, n_bins):
    return np.quantile(p, equal_width(p, n_bins))


# --8<-- [end:perfect]


# --8<-- [start:sizes]
def repeat(n, n_bins, edges=equal_width, runs=400):
    rng = np.random.default_rng(0)
    found = []
    for _ in range(runs):
        p, y = forecasts(n, rng)
        found.append(ece(p, y, edges(p, n_bins)))
    return np.array(found)


sizes, counts = [100, 1000, 10000], [5, 15, 50]
curves = {k: [repeat(n, k) for n in sizes] for k in counts}
for n, *row in zip(sizes, *curves.values(), strict=True):
    means = zip(counts, row, strict=True)
    said = "，".join(f"{k} 箱 {e.mean():.3f}" for k, e in means)
    print(f"{n} 个预报：{said}")
# --8<-- [end:sizes]


# --8<-- [start:mass]
for name, edges in [("等宽", equal_width), ("等量", equal_mass)]:
    found = repeat(1000, 15, edges)
    low, high = np.quantile(found, [0.05, 0.95])
    print(f"{name} 15 箱，1000 个：平均 {found.mean():.3f}", end="，")
    print(f"九成在 {low:.3f} 到 {high:.3f}")
# --8<-- [end:mass]


# --8<-- [start:band]
def band(p, n_bins, rng, runs=2000):
    """假设 p 全对，同样多的例子，ECE 会有多大。"""
    edges = equal_width(p, n_bins)
    fake = rng.random((runs, len(p))) < p
    return np.quantile([ece(p, y, edges) for y in fake], 0.95)


rng = np.random.default_rng(1)
p, y = forecasts(400, rng)
odds = (p / (1 - p)) ** 2  # 把同样的预报说得过头
for name, q in [("校准的", p), ("过头的", odds / (1 + odds))]:
    found, limit = ece(q, y, equal_width(q, 15)), band(q, 15, rng)
    print(f"{name} 400 个：ECE {found:.3f}，校准的模型九成半不超过 {limit:.3f}")
# --8<-- [end:band]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "calibration_bias_numpy"
figure, axis = plt.subplots(figsize=(3.5, 2.8), layout="constrained")
styles = zip(curves.items(), ["k:", "C0--", "C1-"], strict=True)
for (k, found), style in styles:
    axis.plot(sizes, [e.mean() for e in found], style, label=f"{k} 箱")
    low, high = np.quantile(found, [0.05, 0.95], axis=1)
    axis.fill_between(sizes, low, high, color=style.rstrip("-:"), alpha=0.15)
axis.set(xscale="log", xticks=sizes, xlabel="预报的个数")
axis.set(xlim=(80, 12500), ylim=(0, 0.2))
axis.xaxis.set_major_formatter("{x:g}")
axis.minorticks_off()
axis.set_title("ECE", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
title = "完全校准的预报，ECE 也不是 0：例子越少、箱越多，它越大"
path, about = "calibration_bias_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
