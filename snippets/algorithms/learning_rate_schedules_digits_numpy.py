# --8<-- [start:network]
import math
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]


def logits(params, x):
    w1, b1, w2, b2 = params
    h = np.maximum(x @ w1 + b1, 0)  # (batch, 32)
    z = h @ w2 + b2  # (batch, 10)
    return h, z - z.max(axis=1, keepdims=True)


def gradients(params, x, y):
    h, z = logits(params, x)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    delta = (p - np.eye(10)[y]) / len(y)
    hidden = (delta @ params[2].T) * (h > 0)
    return loss, [x.T @ hidden, hidden.sum(0), h.T @ delta, delta.sum(0)]


# --8<-- [end:network]


# --8<-- [start:factor]
WARMUP, DECAY, TOTAL = 30, 60, 300  # 步：1 轮、2 轮、10 轮


def factor(kind, k):
    if kind == "不变":
        return 1.0
    if k <= WARMUP:
        return k / WARMUP
    if kind == "余弦":
        done = (k - WARMUP) / (TOTAL - WARMUP)
        return (1 + math.cos(math.pi * done)) / 2
    if kind == "WSD":
        return min(1.0, (TOTAL - k) / DECAY)
    return 1.0  # 只预热


# --8<-- [end:factor]


# --8<-- [start:train]
def train(kind, peak, seed, steps=TOTAL, size=40):
    rng = np.random.default_rng(seed)
    params = [rng.normal(size=(64, 32)) / np.sqrt(32), np.zeros(32)]
    params += [rng.normal(size=(32, 10)) / 40, np.zeros(10)]
    ms, vs = [np.zeros_like(p) for p in params], [0.0] * 4
    losses, rows = [], []
    for k in range(1, steps + 1):
        rows = rows if len(rows) else rng.permutation(1200)
        batch, rows = rows[:size], rows[size:]
        x, y = images[batch], labels[batch]
        loss, grads = gradients(params, x, y)
        losses.append(loss)
        eta = peak * factor(kind, k)
        for i, g in enumerate(grads):
            ms[i] = 0.9 * ms[i] + 0.1 * g
            vs[i] = 0.999 * vs[i] + 0.001 * g**2
            m_hat = ms[i] / (1 - 0.9**k)
            v_hat = vs[i] / (1 - 0.999**k)
            params[i] -= eta * m_hat / (np.sqrt(v_hat) + 1e-8)
    return params, losses


# --8<-- [end:train]

# --8<-- [start:tune]
kinds = ["不变", "只预热", "余弦", "WSD"]
peaks = [0.003, 0.01, 0.03, 0.1]
held = images[1200:1500], labels[1200:1500]
best, curves = {}, {}
print("学习率：", *peaks)
for kind in kinds:
    means = []
    for peak in peaks:
        runs = [train(kind, peak, s) for s in range(5)]
        losses = [gradients(p, *held)[0] for p, _ in runs]
        means.append(np.mean(losses))
        curve = np.mean([history for _, history in runs], axis=0)
        curves[kind, peak] = curve
    best[kind] = peaks[np.argmin(means)]
    print(f"{kind}：", *[f"{loss:.3f}" for loss in means])
# --8<-- [end:tune]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "learning_rate_schedules_digits_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.2), layout="constrained")
styles = {"不变": "k:", "余弦": "C0--", "WSD": "C1-"}
for kind, style in styles.items():
    smooth = curves[kind, 0.1].reshape(-1, 10).mean(axis=1)
    axis.semilogy(range(10, TOTAL + 1, 10), smooth, style, label=kind)
axis.axvline(TOTAL - DECAY, color="k", lw=0.6)
axis.set(xlabel="步", xticks=[0, 100, 200, 240, 300])
axis.yaxis.set_major_formatter("{x:g}")
axis.set_title("训练损失，最大学习率 0.1", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
title = "三种调度的训练损失：WSD 到第 240 步开始降学习率，损失随之下降"
path, about = "learning_rate_schedules_digits_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]


# --8<-- [start:compare]
def errors(params, a, b):
    """从第 a 张到第 b 张（不含），错了几张。"""
    guess = logits(params, images[a:b])[1].argmax(axis=1)
    return (guess != labels[a:b]).sum()


seeds = range(10, 20)  # 新的种子
for kind, peak in best.items():
    runs = [train(kind, peak, s)[0] for s in seeds]
    wrong = [errors(p, 1500, 1797) for p in runs]
    mean, deviation = np.mean(wrong), np.std(wrong, ddof=1)
    print(f"{kind}，{peak}：错 {mean:.1f} ± {deviation:.1f} 张")
# --8<-- [end:compare]

# --8<-- [start:large]
for kind in kinds:
    runs = [train(kind, 0.3, s)[0] for s in seeds]
    wrong = [errors(p, 1200, 1500) for p in runs]
    print(f"0.3，{kind}：错的占 {np.mean(wrong) / 300:.1f}")
# --8<-- [end:large]


# --8<-- [start:dead]
def dead(params):
    """对全部训练图都输出 0 的隐藏单元有几个。"""
    h, _ = logits(params, images[:1200])
    return (h.max(axis=0) == 0).sum()


for kind in ["不变", "只预热"]:
    for k in [5, 30, 300]:
        nets = [train(kind, 0.3, s, steps=k)[0] for s in seeds]
        counts = [dead(p) for p in nets]
        low, high = min(counts), max(counts)
        print(f"{kind}，{k} 步：死 {low} 到 {high} 个")
# --8<-- [end:dead]
