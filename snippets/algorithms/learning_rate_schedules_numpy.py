# --8<-- [start:cosine]
import math
import warnings

import matplotlib.pyplot as plt


def warmup_cosine(k, peak, warmup, total, floor=0.0):
    """第 k 步（从 1 数起）的学习率。"""
    if k <= warmup:
        return peak * k / warmup
    done = (k - warmup) / (total - warmup)  # 0 到 1
    wave = (1 + math.cos(math.pi * done)) / 2  # 1 到 0
    return floor + (peak - floor) * wave


for k in [1, 2, 4, 8, 12, 16, 18, 20]:
    rate = warmup_cosine(k, peak=0.1, warmup=4, total=20)
    print(f"第 {k} 步：余弦 {rate:.4f}")
# --8<-- [end:cosine]


# --8<-- [start:wsd]
def wsd(k, peak, warmup, total, decay, floor=0.0):
    """预热、保持、最后 decay 步线性降到 floor。"""
    if k <= warmup:
        return peak * k / warmup
    left = min(1.0, (total - k) / decay)  # 1 到 0
    return floor + (peak - floor) * left


for k in [1, 4, 16, 17, 18, 20]:
    rate = wsd(k, peak=0.1, warmup=4, total=20, decay=4)
    print(f"第 {k} 步：WSD {rate:.4f}")
# --8<-- [end:wsd]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "learning_rate_schedules_numpy"
figure, axis = plt.subplots(figsize=(3.5, 2.8), layout="constrained")
steps = range(1, 301)
axis.plot(steps, [warmup_cosine(k, 1, 30, 300) for k in steps], "C0-")
axis.plot(steps, [wsd(k, 1, 30, 300, 60) for k in steps], "C1-")
early = [wsd(k, 1, 30, 180, 36) for k in range(144, 181)]
axis.plot(range(144, 181), early, "C1--")
axis.text(40, 1.04, "WSD", color="C1")
axis.text(52, 0.62, "余弦", color="C0")
axis.text(150, 0.12, "提前收尾", color="C1", ha="right")
axis.set(ylim=(0, 1.2), yticks=[0, 0.5, 1], xlabel="步")
axis.set_title("学习率，以最大值为 1", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
title = "预热之后：余弦一路下降，WSD 保持到最后才降，随时可以提前收尾"
path, about = "learning_rate_schedules_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
