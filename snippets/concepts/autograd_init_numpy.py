# --8<-- [start:setup]
import warnings

import matplotlib.pyplot as plt
import numpy as np

width, depth, batch = 256, 30, 200
relu = (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float))
tanh = (np.tanh, lambda z: 1 - np.tanh(z) ** 2)
sigmoid = (
    lambda z: 1 / (1 + np.exp(-z)),
    lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,  # 最大 1/4，在 z = 0
)
# 权重的方差 = 系数 / width；各层一样宽，所以 n_in = n_out
cases = {
    "relu, 4 (too big)": (relu, 4),
    "relu, 2 (He)": (relu, 2),
    "relu, 1 (Xavier)": (relu, 1),
    "relu, 1/3": (relu, 1 / 3),  # nn.Linear 默认的方差
    "tanh, 1 (Xavier)": (tanh, 1),
    "sigmoid, 1 (Xavier)": (sigmoid, 1),
}
# --8<-- [end:setup]


# --8<-- [start:measure]
def measure(activation, gain):
    """每层 z 的标准差，与从末层往回传的梯度的标准差；各长 depth。"""
    rng = np.random.default_rng(0)
    phi, slope = activation
    h = rng.normal(size=(batch, width))
    zs, ws = [], []
    for _ in range(depth):
        w = rng.normal(size=(width, width)) * np.sqrt(gain / width)
        zs.append(h @ w)
        ws.append(w)
        h = phi(zs[-1])
    delta = rng.normal(size=(batch, width))  # 假装损失给末层 z 的梯度
    back = [delta.std()]
    for layer in reversed(range(1, depth)):  # 从第 30 层的 W 一直乘到第 2 层的
        delta = delta @ ws[layer].T * slope(zs[layer - 1])
        back.insert(0, delta.std())
    return np.array([z.std() for z in zs]), np.array(back)


curves = {name: measure(*case) for name, case in cases.items()}
columns = "   z 第 1 层  z 第 30 层  Δ 第 30 层   Δ 第 1 层        公式"
print(" " * 20 + columns)  # Δ 是损失对 z 的梯度
for name, (forward, back) in curves.items():
    activation, gain = cases[name]
    # ReLU：每过一层，方差乘 系数 / 2；走 29 层
    formula = f"{(gain / 2) ** (29 / 2):.1e}" if activation is relu else "-"
    ends = [forward[0], forward[-1], back[-1], back[0]]
    print(f"{name:<20}" + "".join(f"{x:>12.1e}" for x in ends) + f"{formula:>12}")
# --8<-- [end:measure]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "autograd_init_numpy"
figure, axes = plt.subplots(2, 1, figsize=(3.5, 5.6), layout="constrained")
styles = ["C1--", "C0-", "C1-", "C1:", "k--", "k:"]
nudges = [1, 12, 1, 1, 0.08, 1]  # 线端挨得近，名字错开
panels = [  # 前向走到第 30 层，反向走到第 1 层，都画在右端
    ("前向：z 的标准差", -1, depth + 1, (1, 44)),
    ("反向：梯度的标准差", 0, 0, (depth, -13)),
]
for side, (heading, end, x, span) in enumerate(panels):
    for (name, curve), style, nudge in zip(curves.items(), styles, nudges, strict=True):
        axes[side].plot(range(1, depth + 1), curve[side], style)
        text, color = name.partition(" (")[0], style.rstrip("-:")
        axes[side].text(x, curve[side][end] * nudge, text, color=color, va="center")
    axes[side].set(yscale="log", xlim=span, xticks=[1, 10, 20, 30], xlabel="层")
    axes[side].yaxis.set_major_formatter("{x:.0e}")
    axes[side].set_title(heading, loc="left", fontsize=10)
    axes[side].spines[["top", "right"]].set_visible(False)
title = "六种初始化下，前向 z 与反向梯度的标准差随层数的变化"
figure.savefig("autograd_init_numpy.svg", transparent=True, metadata={"Title": title})
# --8<-- [end:figure]
