# --8<-- [start:hand]
import warnings

import matplotlib.pyplot as plt
import numpy as np


def batches(arrivals, max_batch, max_wait, cost0, cost1):
    """一个工人，凑批：返回每一批（出发时刻，里面的请求）。"""
    left, free, found = 0, 0, []
    while left < len(arrivals):
        first = max(arrivals[left], free)  # 工人在这时拿到第一个
        until = first + max_wait  # 最多再等这么久
        here = np.searchsorted(arrivals, until, side="right")
        size = min(here - left, max_batch)
        full = size == max_batch
        leave = max(first, arrivals[left + size - 1]) if full else until
        found.append((leave, range(left, left + size)))
        free = leave + cost0 + cost1 * size  # 一批的时间
        left += size
    return found


arrivals = np.array([0, 1, 3, 4, 5, 14, 30, 31])  # 毫秒
for max_wait in (0, 2, 5):
    found = batches(arrivals, 4, max_wait, cost0=8, cost1=1)
    shown = "，".join(f"{leave} 时 {len(who)} 个" for leave, who in found)
    print(f"最多再等 {max_wait} 毫秒：{shown}")
# --8<-- [end:hand]


# --8<-- [start:tradeoff]
def load(rate, max_batch, max_wait, seed, count=20_000):
    """每毫秒 rate 个请求；返回平均停留（毫秒）与平均一批几个。"""
    rng = np.random.default_rng(seed)
    arrivals = rng.exponential(1 / rate, count).cumsum()
    found = batches(arrivals, max_batch, max_wait, 8, 1)
    took = [t + 8 + len(who) - arrivals[list(who)] for t, who in found]
    return np.concatenate(took).mean(), count / len(found)


windows, curves = [0, 2, 5, 10, 20, 40], {}
for rate, name in ((0.02, "闲"), (0.09, "较忙"), (0.6, "很忙")):
    print(f"{name}，每秒 {1000 * rate:g} 个：")
    if rate < 1 / 9:  # 一次一个要 9 毫秒，每秒最多 111 个
        alone = np.mean([load(rate, 1, 0, seed)[0] for seed in range(5)])
        print(f"  一次算一个：停留约 {alone:.0f} 毫秒")
    curves[name] = []
    for max_wait in windows:
        runs = np.mean([load(rate, 16, max_wait, s) for s in range(5)], axis=0)
        curves[name].append(runs[0])
        if max_wait in (0, 5, 20):
            shown = f"停留 {runs[0]:.0f} 毫秒，一批 {runs[1]:.1f} 个"
            print(f"  再等 {max_wait} 毫秒：{shown}")
# --8<-- [end:tradeoff]

# --8<-- [start:padding]
lengths = np.random.default_rng(2).geometric(1 / 40, 4096)  # 平均 40 个词元


def padded(lengths, size=16):
    """每批补到最长的一条：真的词元占算了的多少。"""
    groups = lengths.reshape(-1, size)
    return lengths.sum() / (groups.max(axis=1) * size).sum()


print(f"先来先走：算了的词元里 {padded(lengths):.0%} 是真的")
buffered = np.sort(lengths.reshape(-1, 128), axis=1)
print(f"攒 128 条，按长度排好再分：{padded(buffered.ravel()):.0%} 是真的")
print(f"全部排好再分：{padded(np.sort(lengths)):.0%} 是真的")
# --8<-- [end:padding]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "serving_batch_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.0), layout="constrained")
styles = {"闲": "k:", "较忙": "C0--", "很忙": "C1-"}
for name, curve in curves.items():
    axis.plot(windows, curve, styles[name], label=name)
axis.set(xticks=[0, 5, 10, 20, 40], ylim=(0, None))
axis.set_title("平均停留（毫秒）", loc="left", fontsize=10)
axis.set_xlabel("凑一批时最多再等（毫秒）")
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
title = "平均停留随最多再等的时间：闲时多等多久就慢多久，很忙时差别小"
path, about = "serving_batch_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
