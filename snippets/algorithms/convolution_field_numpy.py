# --8<-- [start:formula]
import numpy as np

stack = [  # 层、核的宽 k、步幅 s
    ("卷积", 3, 1),
    ("卷积", 3, 1),
    ("池化", 2, 2),
    ("卷积", 3, 1),
    ("卷积", 3, 1),
    ("池化", 2, 2),
]
r, jump = 1, 1  # 一个数看到几个像素；相邻两个数隔几个像素
for number, (name, k, s) in enumerate(stack, start=1):
    r += (k - 1) * jump
    jump *= s
    print(f"第 {number} 层{name}：感受野 {r}，间隔 {jump}")
# --8<-- [end:formula]


# --8<-- [start:measure]
def forward(x):
    """一维的同一叠层，核全是 1，不补边。"""
    for _, k, s in stack:
        x = np.convolve(x, np.ones(k), mode="valid")[::s]
    return x


for output in [2, 3]:
    seen = []
    for pixel in range(40):
        x = np.zeros(40)
        x[pixel] = 1  # 只动一个像素
        if forward(x)[output] != 0:
            seen.append(pixel)
    print(f"输出 {output}：像素 {seen[0]} 到 {seen[-1]}", end="，")
    print("共", len(seen), "个")
# --8<-- [end:measure]


# --8<-- [start:effective]
def weights(layers):
    """一个输出里各像素的份额：每层把三个相邻的数平均。"""
    w = np.ones(1)
    for _ in range(layers):
        w = np.convolve(w, np.ones(3) / 3)
    return w


print("三层，通路的条数：", np.rint(weights(3) * 27).astype(int))
for layers in [3, 10, 30, 100]:
    w = weights(layers)
    near = np.cumsum(sorted(w, reverse=True))  # 从份额最大的像素加起
    enough = int((near < 0.95).sum()) + 1
    print(f"{layers} 层：感受野 {len(w)}，95% 来自 {enough} 个像素")
# --8<-- [end:effective]


# --8<-- [start:figure]
import warnings  # noqa: E402

import matplotlib.pyplot as plt  # noqa: E402

warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "convolution_field_numpy"
figure, axes = plt.subplots(2, figsize=(3.5, 4), layout="constrained")
for axis, layers in zip(axes, [3, 30], strict=True):
    w = weights(layers)
    place = np.arange(len(w)) - layers
    axis.axvspan(-layers - 0.5, layers + 0.5, color="C0", alpha=0.15)
    axis.bar(place, w, width=0.8, color="C1")
    title = f"{layers} 层：感受野 {len(w)} 个像素"
    axis.set_title(title, loc="left", fontsize=10)
    axis.set_xlim(-layers - 1, layers + 1)
    axis.spines[["top", "right"]].set_visible(False)
axes[1].set_xlabel("离中心几个像素")
title = "各像素在一个输出里的份额：层多了以后集中在感受野的中间"
path, about = "convolution_field_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
