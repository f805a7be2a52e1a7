# --8<-- [start:setup]
import warnings

import matplotlib.pyplot as plt
import numpy as np

D, NOISE, TRIALS = 200, 0.3, 300  # 有用的特征、噪声的标准差、重做的次数
rng = np.random.default_rng(0)
beta = np.arange(1, D + 1) ** -0.6
beta /= np.linalg.norm(beta)  # 系数依次变小，平方和是 1
x_test = rng.normal(size=(2000, D))
truth = x_test @ beta
# --8<-- [end:setup]


# --8<-- [start:fit]
def predictions(n, p):
    """TRIALS 份训练集，各 n 条；只用前 p 个特征，求最小二乘解中最短的一个。"""
    rows = []
    for _ in range(TRIALS):
        x = rng.normal(size=(n, D))
        y = x @ beta + NOISE * rng.normal(size=n)
        w = np.linalg.lstsq(x[:, :p], y, rcond=None)[0]
        rows.append(x_test[:, :p] @ w)
    return np.array(rows)  # (trial, test)


def split_error(outputs):
    """平方误差的三部分：偏差的平方、方差、噪声。"""
    bias = np.mean((outputs.mean(axis=0) - truth) ** 2)
    return bias, outputs.var(axis=0).mean(), NOISE**2


def expected(n, p):
    """误差的期望；样本数与特征数相差不到 2，就是无穷大。"""
    if abs(p - n) < 2:
        return np.inf
    used = np.sum(beta[:p] ** 2)
    rest = 1 - used + NOISE**2  # 没用上的特征，对模型来说也是噪声
    if p < n:
        return rest * (1 + p / (n - p - 1))
    return used * (1 - n / p) + rest * (1 + n / (p - n - 1))


# --8<-- [end:fit]


# --8<-- [start:width]
print("40 条训练样本，用前 p 个特征：偏差的平方 + 方差 + 噪声 = 误差")
measured = {}
for p in (2, 5, 10, 20, 30, 34, 46, 50, 60, 80, 120, 200):
    parts = split_error(predictions(40, p))
    measured[p] = sum(parts)
    print(f"  p = {p:>3}：{parts[0]:.2f} + {parts[1]:.2f} + {parts[2]:.2f}", end="")
    print(f" = {measured[p]:.2f}，公式 {expected(40, p):.2f}")
# --8<-- [end:width]


# --8<-- [start:size]
print("用前 20 个特征，n 条训练样本：误差")
learning = {}
for n in (24, 30, 40, 80, 160, 320):
    learning[n] = sum(split_error(predictions(n, 20)))
    print(f"  n = {n:>3}：{learning[n]:.2f}，公式 {expected(n, 20):.2f}")
# --8<-- [end:size]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "data_curve_numpy"
fig, axes = plt.subplots(figsize=(3.5, 2.9), layout="constrained")
axes.plot(range(1, D + 1), [expected(40, p) for p in range(1, D + 1)], color="C0")
axes.plot(measured.keys(), measured.values(), "o", color="C1")
axes.axvline(40, linestyle=":", color="black")
axes.text(44, 0.1, "p = n")
axes.set(xlabel="特征数 p", ylim=(0, 3.2))
axes.set_title("测试误差", loc="left", fontsize=10)
axes.spines[["top", "right"]].set_visible(False)
title = "测试误差随特征数先降、再升、再降"
fig.savefig("data_curve_numpy.svg", transparent=True, metadata={"Title": title})
# --8<-- [end:figure]
