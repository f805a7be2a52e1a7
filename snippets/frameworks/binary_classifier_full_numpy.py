# --8<-- [start:data]
import math

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

DTYPE = "float32"
dataset = load_breast_cancer()
y = (dataset.target == 0).astype(DTYPE)  # 恶性 = 1
rest, test = train_test_split(
    np.arange(len(y)), test_size=114, stratify=y, random_state=0
)
train, valid = train_test_split(rest, test_size=114, stratify=y[rest], random_state=0)


def initial(n):
    """前 n 个特征，训练集的均值与标准差，初始权重。"""
    x = dataset.data[:, :n]
    mean, scale = x[train].mean(axis=0), x[train].std(axis=0)
    rng = np.random.default_rng(0)
    shapes = [(n, 10), (10, 1)]
    limits = [math.sqrt(6 / sum(shape)) for shape in shapes]
    w1, w2 = (rng.uniform(-a, a, s) for a, s in zip(limits, shapes, strict=True))
    arrays = (x, mean, scale, w1, np.zeros(10), w2, np.zeros(1))
    return [a.astype(DTYPE) for a in arrays]


# --8<-- [end:data]


# --8<-- [start:fit]
def loss_of(logits, targets):
    return np.mean(
        np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    )


def fit(n, lr=0.01):
    x, mean, scale, *weights = initial(n)
    moments = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
    step = 0

    def forward(weights, rows):
        w1, b1, w2, b2 = weights
        z = (rows - mean) / scale
        hidden = np.maximum(z @ w1 + b1, 0)  # (batch, 10)
        return (hidden @ w2 + b2)[:, 0], z, hidden

    def train_step(batch):
        nonlocal step
        step += 1
        logits, z, hidden = forward(weights, x[batch])
        d_logits = (1 / (1 + np.exp(-logits)) - y[batch])[:, None] / len(batch)
        d_hidden = d_logits @ weights[2].T * (hidden > 0)
        grads = z.T @ d_hidden, d_hidden.sum(0), hidden.T @ d_logits, d_logits.sum(0)
        for i, grad in enumerate(grads):
            m = 0.9 * moments[i][0] + 0.1 * grad
            v = 0.999 * moments[i][1] + 0.001 * grad**2
            moments[i] = m, v
            m_hat, v_hat = m / (1 - 0.9**step), v / (1 - 0.999**step)
            weights[i] = weights[i] - lr * m_hat / (np.sqrt(v_hat) + 1e-12)
        return loss_of(logits, y[batch])

    order, best_loss, best_epoch = np.random.default_rng(1), np.inf, 0
    history = {"train": [], "valid": []}
    for epoch in range(1, 201):
        rows = order.permutation(train)
        batches = [rows[start : start + 32] for start in range(0, len(rows), 32)]
        losses = [train_step(batch) for batch in batches]
        history["train"].append(np.average(losses, weights=[len(b) for b in batches]))
        history["valid"].append(loss_of(forward(weights, x[valid])[0], y[valid]))
        if history["valid"][-1] < best_loss:
            best_loss, best_epoch, best = history["valid"][-1], epoch, weights.copy()
        if epoch - best_epoch >= 20:
            break
    logits = forward(best, x[test])[0]
    return logits, history, best_epoch, sum(w.size for w in weights)


# --8<-- [end:fit]


# --8<-- [start:compare]
right, curves = {}, {}
for n in (8, 30):
    logits, history, best_epoch, size = fit(n)
    guess = logits >= 0  # logit 0 就是概率 0.5
    curves[n] = history, best_epoch
    right[n] = guess == y[test]
    missed = int(np.sum(~guess & (y[test] == 1)))
    pairs = logits[y[test] == 1][:, None] - logits[y[test] == 0]
    auc = np.mean((pairs > 0) + 0.5 * (pairs == 0))
    test_loss = np.mean(np.logaddexp(0, logits) - logits * y[test])
    print(f"{n} 个特征，{size} 个参数：第 {len(history['valid'])} 轮停止", end="，")
    print(f"取回第 {best_epoch} 轮，验证损失 {min(history['valid']):.4f}")
    print(f"  测试集：准确率 {right[n].mean():.4f}，漏诊 {missed}", end="，")
    print(f"ROC-AUC {auc:.4f}，损失 {test_loss:.4f}")

wins = int(np.sum(right[30] & ~right[8]))
losses = int(np.sum(right[8] & ~right[30]))
total = wins + losses
# 若两个模型一样好，分歧时各有一半机会对：双侧符号检验
tail = sum(math.comb(total, k) for k in range(max(wins, losses), total + 1))
p_value = min(1.0, 2 * tail / 2**total)
print(f"两个模型对错不同的有 {total} 例：只有 30 个特征对的 {wins} 例", end="，")
print(f"只有 8 个特征对的 {losses} 例；p = {p_value:.3f}")
# --8<-- [end:compare]


# --8<-- [start:figure]
plt.rcParams.update({"svg.fonttype": "none", "font.size": 11})
plt.rcParams["svg.hashsalt"] = "binary_classifier_full_numpy"
figure, axes = plt.subplots(1, 2, figsize=(6.5, 3), sharey=True, layout="constrained")
for axis, (n, (history, best_epoch)) in zip(axes, curves.items(), strict=True):
    epochs = np.arange(1, len(history["valid"]) + 1)
    axis.plot(epochs, history["train"], color="C0", label="train")
    axis.plot(epochs, history["valid"], "--", color="C1", label="validation")
    axis.axvline(best_epoch, color="black", linewidth=1, linestyle=":")
    at = {"xytext": (6, 0), "textcoords": "offset points"}
    axis.annotate(f"best: {best_epoch}", (best_epoch, 0.24), **at)
    axis.set(title=f"{n} features", xlabel="epoch", ylim=(0, 0.3), xlim=(1, None))
    axis.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("loss")
axes[0].legend(frameon=False, loc="center right")
figure.savefig(
    "binary_classifier_full_numpy.svg",
    transparent=True,
    metadata={"Title": "8 个与 30 个特征的训练损失和验证损失；点线是取回权重的那一轮"},
)
# --8<-- [end:figure]
