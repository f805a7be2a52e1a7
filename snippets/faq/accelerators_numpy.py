# --8<-- [start:ridge]
import warnings

import matplotlib.pyplot as plt
import numpy as np

CARDS = {  # 16 位稠密矩阵乘法的峰值（每秒万亿次）、带宽（GB/s），数取自正文的卡表
    "H100 SXM": (989, 3350),
    "A100 SXM": (312, 2039),
    "RTX 4090": (165.2, 1008),
}
for card, (peak, bandwidth) in CARDS.items():
    ridge = peak * 1e12 / (bandwidth * 1e9)
    print(f"{card} 的转折点：每搬一个字节做 {ridge:.0f} 次运算")
# --8<-- [end:ridge]


# --8<-- [start:count]
# Llama 3.1 8B：各层矩阵与输出层的参数（词嵌入只查表）、层数、宽度、每词元的缓存
LINEAR, OUTPUT = 6_979_321_856, 525_336_576
LAYERS, WIDTH, TOKEN = 32, 4096, 131_072


def work(fresh, before, batch, size=2):
    """每人已读 before 个词元，再读 fresh 个：运算几次，搬几个字节。

    size：矩阵里一个数几字节。"""
    seen = before + (fresh + 1) / 2  # 平均每个新词元看得见几个
    matrices = fresh * (2 * LINEAR + 4 * LAYERS * WIDTH * seen)
    flops = batch * (matrices + 2 * OUTPUT)  # 只给最后一个位置打分
    weights = LINEAR * size + 2 * OUTPUT
    moved = weights + batch * TOKEN * (before + fresh)
    return flops, moved


def seconds(card, flops, moved):
    peak, bandwidth = CARDS[card]
    return flops / (peak * 1e12), moved / (bandwidth * 1e9)  # 算、搬


# --8<-- [end:count]


# --8<-- [start:four-bits]
print("RTX 4090，一个人，单位毫秒：算 | 搬 | 较大的")
for word, fresh, before in (("生成一个词元", 1, 2048), ("读 2048 个词元", 2048, 0)):
    for precision, size in (("bf16", 2), ("int4", 9 / 16)):
        both = seconds("RTX 4090", *work(fresh, before, 1, size))
        cells = " | ".join(f"{1000 * x:.2f}" for x in (*both, max(both)))
        print(f"{word}，{precision}：{cells}")
# --8<-- [end:four-bits]


# --8<-- [start:batch]
print("生成，每人已读 2048 个词元：几人 | 运算 / 字节 | H100 每秒最多生成几个词元")
for batch in (1, 8, 32, 128):
    flops, moved = work(1, 2048, batch)
    rate = batch / max(seconds("H100 SXM", flops, moved))
    print(f"{batch} | {flops / moved:.1f} | {rate:,.0f}")
print("预填充，一个人：几个词元 | 运算 / 字节")
for fresh in (64, 256, 1024):
    flops, moved = work(fresh, 0, 1)
    print(f"{fresh} | {flops / moved:.0f}")
# --8<-- [end:batch]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "accelerators_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.9), layout="constrained")
x = np.array([0.5, 3000])
styles = {"H100 SXM": "C0-", "A100 SXM": "C0--", "RTX 4090": "C0:"}
for card, (peak, bandwidth) in CARDS.items():
    corner = peak * 1000 / bandwidth
    line = np.array([x[0], corner, x[1]])
    axis.plot(line, np.minimum(peak, line * bandwidth / 1000), styles[card], label=card)
for name, style, cases in (
    ("生成，1、8、32、128 人", "C1o", [(1, 2048, b) for b in (1, 8, 32, 128)]),
    ("预填充，64、256、1024 个", "C1^", [(n, 0, 1) for n in (64, 256, 1024)]),
):
    flops, moved = np.array([work(*case) for case in cases]).T
    reached = flops / np.maximum(*seconds("H100 SXM", flops, moved)) / 1e12
    axis.plot(flops / moved, reached, style, label=name)
axis.set(xscale="log", yscale="log", ylim=(0.3, 4e5))
axis.set(xticks=[1, 10, 100, 1000], yticks=[1, 10, 100, 1000])
for side in (axis.xaxis, axis.yaxis):
    side.set_major_formatter("{x:g}")
    side.set_minor_locator(plt.NullLocator())
axis.set_title("每秒万亿次运算", loc="left", fontsize=10)
axis.set_xlabel("每搬一个字节做几次运算")
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False, loc="upper left")
title = "屋顶线：生成的四个点都在斜坡上，预填充在 1024 个词元时到了平顶"
path, about = "accelerators_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
