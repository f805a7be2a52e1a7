# --8<-- [start:positions]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

n = 100
sizes = [1, 10, 100]
orders = {}
for size in sizes:
    shuffled = tf.data.Dataset.range(n).shuffle(size, seed=0)
    orders[size] = np.array(list(shuffled.as_numpy_iterator()))
    moved = np.abs(orders[size] - np.arange(n)).mean()
    early = (np.arange(n) - orders[size]).min()  # 负：提前了
    print(f"缓冲区 {size}：平均移动 {moved:.1f} 位，最多提前 {-early} 位")
# --8<-- [end:positions]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "tensorflow_shuffle_tf"
figure, axes = plt.subplots(3, figsize=(3.4, 6.6), layout="constrained")
place, gap = np.arange(n), np.full(n, np.nan)  # nan：笔在这里抬起
across = np.stack([place, place + 1, gap], axis=1).ravel()
for axis, size in zip(axes, sizes, strict=True):
    up = np.stack([orders[size], orders[size], gap], axis=1).ravel()
    axis.plot(across, up, "C0", linewidth=2, solid_capstyle="butt")
    axis.set_title(f"缓冲区 {size}：原来的位置", loc="left", fontsize=10)
    axis.set(xticks=[0, 50, 100], yticks=[0, 50, 100])
    axis.spines[["top", "right"]].set_visible(False)
axes[-1].set_xlabel("打乱之后的位置")
title = "缓冲区 1 是一条直线，10 是贴着直线的一条带，100 铺满整个方块"
path, about = "tensorflow_shuffle_tf.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
