# --8<-- [start:setup]
import warnings
from functools import cache
from itertools import islice

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

dataset = load_breast_cancer()
y = (dataset.target == 0).astype(float)  # 恶性 = 1
rest, _ = train_test_split(np.arange(len(y)), test_size=114, stratify=y, random_state=0)
train, _ = train_test_split(rest, test_size=114, stratify=y[rest], random_state=0)
exact = dataset.data[:, :8]  # float64
exact = (exact - exact[train].mean(axis=0)) / exact[train].std(axis=0)


def forward(weights, z):
    hidden = np.maximum(z @ weights[0] + weights[1], 0)
    return (hidden @ weights[2] + weights[3])[:, 0], hidden


def gradients(weights, z, targets):
    logits, hidden = forward(weights, z)
    d_logits = ((1 / (1 + np.exp(-logits)) - targets) / len(targets))[:, None]
    d_hidden = d_logits @ weights[2].T * (hidden > 0)
    return (
        z.T @ d_hidden,
        d_hidden.sum(axis=0),
        hidden.T @ d_logits,
        d_logits.sum(axis=0),
    )


# --8<-- [end:setup]


# --8<-- [start:run]
def training(z, gradients=gradients, eps=1e-12, eps_hat=0.0, seed=0):
    """一直训练下去，每走一步交出一份权重；什么时候停，由调用者决定。"""
    targets = y.astype(z.dtype)
    rng, order = np.random.default_rng(seed), np.random.default_rng(1)
    a1, a2 = np.sqrt(6 / 18), np.sqrt(6 / 11)
    w1, w2 = rng.uniform(-a1, a1, (8, 10)), rng.uniform(-a2, a2, (10, 1))
    weights = [w.astype(z.dtype) for w in (w1, np.zeros(10), w2, np.zeros(1))]
    m, v, t = [0, 0, 0, 0], [0, 0, 0, 0], 0
    while True:
        rows = order.permutation(train)
        for start in range(0, len(rows), 32):
            batch, t = rows[start : start + 32], t + 1
            c1, c2 = 1 - 0.9**t, (1 - 0.999**t) ** 0.5
            for i, grad in enumerate(gradients(weights, z[batch], targets[batch])):
                m[i] = 0.9 * m[i] + 0.1 * grad
                v[i] = 0.999 * v[i] + 0.001 * grad**2
                # eps 加在修正之后（PyTorch），eps_hat 加在修正之前（Keras）
                denominator = (np.sqrt(v[i]) + eps_hat) / c2 + eps
                weights[i] = weights[i] - 0.01 * (m[i] / c1) / denominator
            yield weights.copy()


# --8<-- [end:run]


# --8<-- [start:rounding]
STEPS = 800


def path(z=exact, **changes):
    """前 800 步的权重，每步一行。"""
    steps = islice(training(z, **changes), STEPS)
    return np.array([np.concatenate([w.ravel() for w in step]) for step in steps])


@cache
def reference(seed):
    return path(seed=seed)


def drift(seed=0, **changes):
    """与同样初值的 float64 参照相比，每一步上最大的权重差。"""
    return np.abs(path(seed=seed, **changes) - reference(seed)).max(axis=1)


def in_reverse(weights, z, targets):
    # 数学上同一个和，只是相加的次序相反
    return gradients(weights, np.flip(z, axis=0), np.flip(targets))


plain = drift(z=exact.astype("float32"))
reverse = drift(z=exact.astype("float32"), gradients=in_reverse)
print("只是舍入（float32 与 float64 相比）：")
print("  第 1 步权重差 < 1e-6：", plain[0] < 1e-6, reverse[0] < 1e-6)
print(f"  {STEPS} 步内一直 < 1e-4：", plain.max() < 1e-4, reverse.max() < 1e-4)
print("  后 100 步比前 100 步大：", plain[-100:].max() > plain[:100].max())
# --8<-- [end:rounding]


# --8<-- [start:real-differences]
def always_32(weights, z, targets):
    # 真错误：每轮最后一批只有 21 行，也除以 32
    return [grad * (len(targets) / 32) for grad in gradients(weights, z, targets)]


CHANGES = {
    "PyTorch 默认 eps = 1e-8": {"eps": 1e-8},
    "Keras 默认 eps_hat = 1e-7": {"eps": 0.0, "eps_hat": 1e-7},
    "最后一批也除以 32": {"gradients": always_32},
}
apart = {name: drift(**changes) for name, changes in CHANGES.items()}
for name, d in apart.items():
    shown = "，".join(f"第 {t} 步 {d[t - 1]:.1e}" for t in (1, 11, 100, STEPS))
    print(f"{name}：权重差 {shown}")
# --8<-- [end:real-differences]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "parity_training_drift_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.4), layout="constrained")
axis.axhspan(1e-8, 1e-4, color="0.5", alpha=0.15, linewidth=0)
axis.text(790, 1.4e-8, "float32 的舍入都在这里面", ha="right")
steps = np.arange(1, STEPS + 1)
for name, style, place in [
    ("最后一批也除以 32", "C1-", (250, 1.3e-1)),
    ("Keras 默认 eps_hat = 1e-7", "C0--", (250, 4e-4)),
    ("PyTorch 默认 eps = 1e-8", "C0-", (250, 2.5e-6)),
]:
    gap = apart[name]
    axis.plot(steps[gap > 0], gap[gap > 0], style, linewidth=1.2)
    axis.text(*place, name, color=style[:2])
axis.set(yscale="log", ylim=(1e-8, 0.5), xlim=(0, STEPS))
axis.set_yticks([1e-6, 1e-4, 1e-2], ["0.000001", "0.0001", "0.01"])
axis.minorticks_off()
axis.set_title("与参照相比，最大的权重差", loc="left", fontsize=10)
axis.set_xlabel("步")
axis.spines[["top", "right"]].set_visible(False)
title = "三种真差别 800 步里的权重差；舍入一直小于万分之一"
figure.savefig(
    "parity_training_drift_numpy.svg", transparent=True, metadata={"Title": title}
)
# --8<-- [end:figure]


# --8<-- [start:seeds]
SEEDS = range(20)
largest = [drift(z=exact.astype("float32"), seed=s).max() for s in SEEDS]
print(f"{len(SEEDS)} 组初始权重：舍入都一直 < 1e-4：", max(largest) < 1e-4)
for name, changes in CHANGES.items():
    last = [drift(seed=s, **changes)[-1] for s in SEEDS]
    print(f"{name}：第 {STEPS} 步 {min(last):.0e} 到 {max(last):.0e}", end="，")
    print(f"大于 1e-3 的 {sum(gap > 1e-3 for gap in last)} 组")
# --8<-- [end:seeds]
