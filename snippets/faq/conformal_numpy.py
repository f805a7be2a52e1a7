# --8<-- [start:hand]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats

# 九个校准例子的分数：1 - 模型给正确答案的概率，越大越意外
scores = np.array([0.05, 0.62, 0.10, 0.31, 0.08, 0.45, 0.20, 0.15, 0.90])


def threshold(scores, alpha):
    """从小到大第 k 个分数，k = ceil((n + 1)(1 - alpha))。"""
    n = len(scores)
    k = int(np.ceil((n + 1) * (1 - alpha)))
    return np.sort(scores)[k - 1] if k <= n else np.inf


for alpha in (0.1, 0.2, 0.05):
    print(f"alpha = {alpha}：门槛 {threshold(scores, alpha):.2f}")
# --8<-- [end:hand]


# --8<-- [start:set]
q = threshold(scores, 0.2)
for p in ([0.70, 0.25, 0.05], [0.45, 0.40, 0.15], [0.34, 0.33, 0.33]):
    inside = [name for name, v in zip("猫狗兔", p, strict=True) if 1 - v <= q]
    print(f"概率 {p}：集合 {{{'、'.join(inside)}}}")
# --8<-- [end:set]


# --8<-- [start:promise]
def coverages(n, k, rng, shift=0.0, runs=5000):
    """每次抽 n 个校准分数，取第 k 个作门槛，算真实的覆盖率。"""
    calibration = rng.normal(size=(runs, n))  # 换成别的分布也一样
    q = np.sort(calibration, axis=1)[:, k - 1]
    return stats.norm.cdf(q - shift)  # 新例子的分数是 N(shift, 1)


rng = np.random.default_rng(0)
found = {}
for n, k in [(9, 9), (99, 90), (999, 900)]:
    found[n] = coverages(n, k, rng)
    law = stats.beta(k, n + 1 - k)  # 覆盖率自己的分布
    print(f"n = {n}，k = {k}：平均 {found[n].mean():.3f}", end="，")
    print(f"应是 {law.mean():.3f}")
    low, high = np.quantile(found[n], [0.05, 0.95])
    print(f"　九成在 {low:.2f} 到 {high:.2f}", end="，")
    print(f"应在 {law.ppf(0.05):.2f} 到 {law.ppf(0.95):.2f}")
# --8<-- [end:promise]


# --8<-- [start:slips]
for k in (7, 8):  # 忘了加一是 ceil(9 × 0.75)，该是 ceil(10 × 0.75)
    mean = coverages(9, k, rng).mean()
    print(f"n = 9，要 75%，取第 {k} 个：平均 {mean:.3f}")
plain = np.quantile(rng.normal(size=(5000, 9)), 0.9, axis=1)  # 还插值
print(f"n = 9，直接取 0.9 分位数：平均 {stats.norm.cdf(plain).mean():.3f}")
hard = coverages(999, 900, rng, shift=0.5)
print(f"n = 999，新例子的分数高了半个标准差：平均 {hard.mean():.3f}")
# --8<-- [end:slips]


# --8<-- [start:library]
n, k = len(scores), 8  # alpha = 0.2
for method in ("inverted_cdf", "higher"):
    value = np.quantile(scores, k / n, method=method)
    print(f"np.quantile，{method}：{value:.2f}", end="，")
    print(f"与本页相同：{bool(value == threshold(scores, 0.2))}")
# --8<-- [end:library]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "conformal_numpy"
figure, axes = plt.subplots(3, figsize=(3.5, 4.2), layout="constrained")
x, steps = np.linspace(0.6, 1, 201), np.linspace(0.6, 1, 41)
panels = [(9, 9, 10), (99, 90, 16), (999, 900, 50)]
for axis, (n, k, top) in zip(axes, panels, strict=True):
    axis.stairs(np.histogram(found[n], steps)[0] / 50, steps, label="抽样")
    axis.plot(x, stats.beta.pdf(x, k, n + 1 - k), "C1--", label="Beta")
    axis.axvline(0.9, color="k", linestyle=":")
    axis.set(xlim=(0.6, 1), ylim=(0, top), yticks=[])
    axis.set_title(f"n = {n}", loc="left", fontsize=10)
    axis.spines[["top", "right", "left"]].set_visible(False)
axes[0].legend(frameon=False, loc="upper left")
axes[2].set_xlabel("一次划分之后真实的覆盖率")
title = "覆盖率平均都是 0.9，校准的例子越多，每一次离 0.9 越近"
path, about = "conformal_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
