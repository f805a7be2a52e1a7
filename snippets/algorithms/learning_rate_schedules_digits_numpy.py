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


# --8<-- [start:train]
WARMUP, DECAY, TOTAL = 30, 60, 300  # 步：1 轮、2 轮、10 轮


def factor(kind, k):
    if kind == "不变":
        return 1.0
    if k <= WARMUP:
        return k / WARMUP
    if kind == "余弦":
        done = (k - WARMUP) / (TOTAL - WARMUP)
        return (1 + math.cos(math.pi * done)) / 2
    return min(1.0, (TOTAL - k) / DECAY) if kind == "WSD" else 1.0


def train(kind, peak, seed, steps=TOTAL, size=50):
    rng = np.random.default_rng(seed)
    params = [rng.normal(size=(64, 32)) / np.sqrt(32), np.zeros(32)]
    params += [rng.normal(size=(32, 10)) / 40, np.zeros(10)]
    ms, vs = [np.zeros_like(p) for p in params], [0.0] * 4
    losses, rows = [], []
    for k in range(1, steps + 1):
        rows = rows if len(rows) else rng.permutation(1500)
        batch, rows = rows[:size], rows[size:]
        loss, grads = gradients(params, images[batch], labels[batch])
        losses.append(loss)
        for i, (p, g) in enumerate(zip(params, grads, strict=True)):
            ms[i] = 0.9 * ms[i] + 0.1 * g
            vs[i] = 0.999 * vs[i] + 0.001 * g**2
            root = np.sqrt(vs[i] / (1 - 0.999**k)) + 1e-8
            p -= peak * factor(kind, k) * ms[i] / (1 - 0.9**k) / root
    return losses, params


def errors(params):
    guess = logits(params, images[1500:])[1].argmax(axis=1)
    return (guess != labels[1500:]).sum()


# --8<-- [end:train]

# --8<-- [start:compare]
kinds = ["不变", "只预热", "余弦", "WSD"]
curves = {}
for peak in [0.03, 0.1]:
    for kind in kinds:
        runs = [train(kind, peak, seed) for seed in range(5)]
        wrong = [errors(params) for _, params in runs]
        curves[peak, kind] = np.mean([losses for losses, _ in runs], axis=0)
        print(f"{peak}，{kind}：错 {np.mean(wrong):.1f} 张，", end="")
        print(f"从 {min(wrong)} 到 {max(wrong)}")
# --8<-- [end:compare]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "learning_rate_schedules_digits_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.2), layout="constrained")
styles = {"不变": "k:", "余弦": "C0--", "WSD": "C1-"}
for kind, style in styles.items():
    smooth = curves[0.1, kind].reshape(-1, 10).mean(axis=1)
    axis.semilogy(range(10, TOTAL + 1, 10), smooth, style, label=kind)
axis.axvline(TOTAL - DECAY, color="k", lw=0.6)
axis.set(xlabel="步", xticks=[0, 100, 200, 240, 300])
axis.set_title("训练损失，最大学习率 0.1", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
title = "三种调度的训练损失：WSD 到第 240 步开始降学习率，损失随之下降"
path, about = "learning_rate_schedules_digits_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]

# --8<-- [start:large]
for kind in kinds:
    wrong = [errors(train(kind, 0.3, seed)[1]) for seed in range(5)]
    print(f"0.3，{kind}：约错 {round(np.mean(wrong) / 10) * 10} 张")
# --8<-- [end:large]

# --8<-- [start:dead]
for kind in ["不变", "只预热"]:
    dead = []
    for seed in range(5):
        _, params = train(kind, 0.3, seed, steps=5)
        h, _ = logits(params, images[:1500])
        dead.append((h.max(axis=0) == 0).sum())
    print(f"{kind}：走 5 步之后，32 个隐藏单元里死了", *dead)
# --8<-- [end:dead]
