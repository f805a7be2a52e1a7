# --8<-- [start:setup]
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

dataset = load_breast_cancer()
y = (dataset.target == 0).astype(float)  # 恶性 = 1


def split_rows(seed):
    rest, test = train_test_split(
        np.arange(len(y)), test_size=114, stratify=y, random_state=seed
    )
    train, valid = train_test_split(
        rest, test_size=114, stratify=y[rest], random_state=seed
    )
    return train, valid, test


def forward(weights, z):
    hidden = np.maximum(z @ weights[0] + weights[1], 0)
    return (hidden @ weights[2] + weights[3])[:, 0], hidden


def loss_of(weights, z, targets):
    logits = forward(weights, z)[0]
    return np.mean(np.logaddexp(0, logits) - targets * logits)


# --8<-- [end:setup]


# --8<-- [start:run]
def run(
    n=8,
    split=0,
    seed=0,
    dtype="float64",
    eps=1e-12,
    eps_hat=0.0,
    reverse=False,
    full_batch_divisor=False,
    steps=None,
):
    """训练一次。给 steps 就跑满并交回每一步的权重，否则早停并交回测试集的对错。"""
    train, valid, test = split_rows(split)
    x = dataset.data[:, :n]
    z = ((x - x[train].mean(axis=0)) / x[train].std(axis=0)).astype(dtype)
    targets = y.astype(dtype)
    rng, order = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    a1, a2 = np.sqrt(6 / (n + 10)), np.sqrt(6 / 11)
    w1, w2 = rng.uniform(-a1, a1, (n, 10)), rng.uniform(-a2, a2, (10, 1))
    weights = [w.astype(dtype) for w in (w1, np.zeros(10), w2, np.zeros(1))]
    m = [np.zeros_like(w) for w in weights]
    v = [np.zeros_like(w) for w in weights]
    path, best_loss, best_epoch = [], np.inf, 0
    for epoch in range(1, 201):
        rows = order.permutation(train)
        for start in range(0, len(rows), 32):
            batch = rows[start : start + 32]
            if reverse:  # 数学上同一个和，只是相加的次序相反
                batch = batch[::-1]
            logits, hidden = forward(weights, z[batch])
            size = 32 if full_batch_divisor else len(batch)
            d_logits = ((1 / (1 + np.exp(-logits)) - targets[batch]) / size)[:, None]
            d_hidden = d_logits @ weights[2].T * (hidden > 0)
            grads = (
                z[batch].T @ d_hidden,
                d_hidden.sum(axis=0),
                hidden.T @ d_logits,
                d_logits.sum(axis=0),
            )
            t = len(path) + 1
            for i, grad in enumerate(grads):
                m[i] = 0.9 * m[i] + 0.1 * grad
                v[i] = 0.999 * v[i] + 0.001 * grad**2
                c1, c2 = 1 - 0.9**t, (1 - 0.999**t) ** 0.5
                # eps 加在修正之后（PyTorch），eps_hat 加在修正之前（Keras）
                denominator = (np.sqrt(v[i]) + eps_hat) / c2 + eps
                weights[i] = weights[i] - 0.01 * (m[i] / c1) / denominator
            path.append(np.concatenate([w.ravel() for w in weights]))
            if len(path) == steps:
                return np.array(path)
        valid_loss = loss_of(weights, z[valid], targets[valid])
        if valid_loss < best_loss:
            best_loss, best_epoch, best = valid_loss, epoch, weights.copy()
        if steps is None and epoch - best_epoch >= 20:
            break
    return (forward(best, z[test])[0] >= 0) == (y[test] == 1)


# --8<-- [end:run]


# --8<-- [start:rounding]
STEPS = 800
reference = run(steps=STEPS)


def drift(**changes):
    """与 float64 参照相比，每一步上最大的权重差。"""
    return np.abs(run(steps=STEPS, **changes) - reference).max(axis=1)


plain = drift(dtype="float32")
reverse = drift(dtype="float32", reverse=True)
print("只是舍入（float32 与 float64 相比）：")
print("  第 1 步权重差 < 1e-6：", plain[0] < 1e-6, reverse[0] < 1e-6)
print(f"  {STEPS} 步内一直 < 1e-4：", plain.max() < 1e-4, reverse.max() < 1e-4)
print("  后 100 步比前 100 步大：", plain[-100:].max() > plain[:100].max())
# --8<-- [end:rounding]


# --8<-- [start:real-differences]
for name, changes in [
    ("PyTorch 默认 eps = 1e-8", {"eps": 1e-8}),
    ("Keras 默认 eps_hat = 1e-7", {"eps": 0.0, "eps_hat": 1e-7}),
    ("最后一批也除以 32", {"full_batch_divisor": True}),
]:
    d = drift(**changes)
    shown = "，".join(f"第 {t} 步 {d[t - 1]:.1e}" for t in (1, 11, 100, STEPS))
    print(f"{name}：权重差 {shown}")
# --8<-- [end:real-differences]


# --8<-- [start:seeds]
seeds = range(20)
same_split = [run(n=30, seed=s).mean() for s in seeds]
print("30 个特征，同一次划分、20 个初始权重：准确率", end=" ")
print(f"{min(same_split):.3f} 到 {max(same_split):.3f}")

few = np.array([run(n=8, split=s, seed=s).mean() for s in seeds])
many = np.array([run(n=30, split=s, seed=s).mean() for s in seeds])
for n, accuracy in ((8, few), (30, many)):
    print(f"{n} 个特征，20 次划分：平均 {accuracy.mean():.4f}", end="，")
    print(f"标准差 {accuracy.std(ddof=1):.4f}", end="，")
    print(f"{accuracy.min():.3f} 到 {accuracy.max():.3f}")
gap = many - few
print(f"同一次划分上相减：平均 {gap.mean():+.4f}", end="，")
print(f"30 个特征胜 {np.sum(gap > 0)}、平 {np.sum(gap == 0)}、负 {np.sum(gap < 0)}")
# --8<-- [end:seeds]
