# --8<-- [start:exact]
import warnings

import matplotlib.pyplot as plt
import numpy as np

alpha_bar = {"很少": 0.9, "一半": 0.5, "很多": 0.05}  # 噪声的多少


def average(x, a):
    """数据只有 −1 与 1，各占一半：看到 x，原来的数平均是多少。"""
    near = np.exp(-((x - np.sqrt(a)) ** 2) / (2 * (1 - a)))
    far = np.exp(-((x + np.sqrt(a)) ** 2) / (2 * (1 - a)))
    return (near - far) / (near + far)  # 贝叶斯：两种可能按密度加权


for name, a in alpha_bar.items():
    print(f"噪声{name}，累计 α {a}：看到 0.4，平均 {average(0.4, a):.3f}")
# --8<-- [end:exact]

# --8<-- [start:regress]
rng = np.random.default_rng(0)
x_0 = rng.choice([-1.0, 1.0], 4_000_000)
eps = rng.standard_normal(x_0.size)
for name, a in alpha_bar.items():
    x = np.sqrt(a) * x_0 + np.sqrt(1 - a) * eps
    seen = np.abs(x - 0.4) < 0.05  # 只看落在 0.4 附近的
    print(f"噪声{name}：抽样，平均 {x_0[seen].mean():.2f}，", end="")
    print(f"其中原来是 1 的占 {(x_0[seen] > 0).mean():.0%}")
# --8<-- [end:regress]


# --8<-- [start:score]
def log_p(x, a):
    near = np.exp(-((x - np.sqrt(a)) ** 2) / (2 * (1 - a)))
    far = np.exp(-((x + np.sqrt(a)) ** 2) / (2 * (1 - a)))
    return np.log(near + far)  # 常数不影响斜率


h = 1e-5
for name, a in alpha_bar.items():
    score = (log_p(0.4 + h, a) - log_p(0.4 - h, a)) / (2 * h)
    eps = (0.4 - np.sqrt(a) * average(0.4, a)) / np.sqrt(1 - a)
    moved = (0.4 + (1 - a) * score) / np.sqrt(a)
    print(f"噪声{name}：分数 {score:.3f}，", end="")
    print(f"-ε 除以噪声的标准差 {-eps / np.sqrt(1 - a):.3f}，", end="")
    print(f"由分数求平均 {moved:.3f}")
# --8<-- [end:score]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "diffusion_average_numpy"
figure, axis = plt.subplots(figsize=(3.5, 2.6), layout="constrained")
grid = np.linspace(-2, 2, 41)
styles = ["k:", "C0--", "C1-"]
for (name, a), style in zip(alpha_bar.items(), styles, strict=True):
    axis.plot(grid, average(grid, a), style, label=f"噪声{name}")
axis.set(xlabel="看到的数", xticks=[-2, -1, 0, 1, 2], yticks=[-1, 0, 1])
axis.set_title("原来的数的平均", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
title = "噪声越多，最好的猜测越靠近全体的平均 0"
path, about = "diffusion_average_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
