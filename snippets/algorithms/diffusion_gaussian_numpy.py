# --8<-- [start:exact]
import warnings

import matplotlib.pyplot as plt
import numpy as np

MU, S = 0.5, 0.2  # 数据：均值 0.5、标准差 0.2 的正态
T = 1000
beta = np.linspace(1e-4, 0.02, T)  # DDPM 论文的取法
alpha_bar = np.append(1.0, np.cumprod(1 - beta))  # ᾱ_0 = 1：没有噪声


def noise_line(a):
    """看到 x，噪声平均是 k x + c：对高斯数据是一条直线。"""
    k = np.sqrt(1 - a) / (a * S**2 + 1 - a)
    return k, -k * np.sqrt(a) * MU


for t in [1, 250, 500, 1000]:
    k, c = noise_line(alpha_bar[t])
    print(f"t = {t}：累计 α {alpha_bar[t]:.4f}，ε = {k:.3f} x + ({c:.3f})")
# --8<-- [end:exact]


# --8<-- [start:sampler]
def sample(steps, eta, again=True):
    """x 一直是正态，只要跟住均值 m 与方差 v，不用抽样。"""
    times = np.linspace(T, 0, steps + 1).round().astype(int)
    m, v = 0.0, 1.0  # 从标准正态出发
    for t, s in zip(times[:-1], times[1:], strict=True):
        a, b = alpha_bar[t], alpha_bar[s]
        k, c = noise_line(a)
        sigma = eta * np.sqrt((1 - b) / (1 - a) * (1 - a / b))
        # x_s = √b x̂_0 + √(1−b−σ²) ε + σ z，换掉 x̂_0，就是
        # keep x + turn ε + σ z；再代入 ε = k x + c
        keep = np.sqrt(b / a)
        turn = np.sqrt(1 - b - sigma**2) - keep * np.sqrt(1 - a)
        m = (keep + turn * k) * m + turn * c
        v = (keep + turn * k) ** 2 * v + again * sigma**2
    return m, np.sqrt(v)


# --8<-- [end:sampler]

# --8<-- [start:steps]
STEPS = [1000, 100, 50, 20, 10, 5]
spreads = {"DDPM": [], "DDIM": []}
print(f"数据：均值 {MU}，标准差 {S}")
for steps in STEPS:
    found = [sample(steps, eta) for eta in (1, 0)]
    for kept, (_, spread) in zip(spreads.values(), found, strict=True):
        kept.append(spread)
    (m, spread), (n, other) = found
    print(f"{steps} 步：DDPM 均值 {m:.4f}，标准差 {spread:.4f}；", end="")
    print(f"DDIM 均值 {n:.4f}，标准差 {other:.4f}")
# --8<-- [end:steps]

# --8<-- [start:noise]
for steps in [1000, 100, 10]:
    m, spread = sample(steps, 1, again=False)
    print(f"{steps} 步，DDPM 不加回噪声：均值 {m:.4f}，标准差 {spread:.4f}")
# --8<-- [end:noise]

# --8<-- [start:library]
x_0 = np.random.default_rng(0).normal(MU, S, 400_000)
eps = np.random.default_rng(1).standard_normal(x_0.size)
a = alpha_bar[500]
x = np.sqrt(a) * x_0 + np.sqrt(1 - a) * eps
k, c = np.polynomial.Polynomial.fit(x, eps, 1).convert().coef[[1, 0]]
print(f"t = 500，np.polynomial 的最小二乘：ε = {k:.2f} x + ({c:.2f})")
# --8<-- [end:library]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "diffusion_gaussian_numpy"
figure, axis = plt.subplots(figsize=(3.5, 2.8), layout="constrained")
axis.axhline(S, color="0.5", lw=0.8)
for name, style in [("DDPM", "C0o--"), ("DDIM", "C1o-")]:
    axis.plot(STEPS, spreads[name], style, ms=3, label=name)
axis.set(xscale="log", xlabel="步数", ylim=(0, 0.25))
axis.set_xticks(STEPS, labels=map(str, STEPS))
axis.minorticks_off()
axis.set_title("生成的数的标准差（横线：真值）", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
title = "步数越少，标准差偏得越多；同样的步数，DDIM 偏得少"
path, about = "diffusion_gaussian_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
