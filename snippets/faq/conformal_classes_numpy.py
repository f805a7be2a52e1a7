# --8<-- [start:model]
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

images, labels = load_digits(return_X_y=True)
rng = np.random.default_rng(0)
keep = (labels != 8) | (rng.random(len(labels)) < 0.4)  # 8 成了少见的类
x, y = images[keep] / 16, labels[keep]
rows = rng.permutation(len(x))
fit, rest = rows[:150], rows[150:]
model = LogisticRegression().fit(x[fit], y[fit])
p = model.predict_proba(x[rest])  # (例子, 类)，训练没有用过
y = y[rest]
right = p.argmax(axis=1) == y
print(f"准确率 {right.mean():.3f}，其中 8 占 {(y == 8).mean():.3f}", end="，")
print(f"8 的准确率 {right[y == 8].mean():.3f}")
# --8<-- [end:model]


# --8<-- [start:functions]
def threshold(scores, alpha):
    n = len(scores)
    k = int(np.ceil((n + 1) * (1 - alpha)))
    return np.sort(scores)[k - 1] if k <= n else np.inf


def marginal(p, y, alpha):
    """全体共用一个门槛，每类一份，(类,)。"""
    q = threshold(1 - p[np.arange(len(y)), y], alpha)
    return np.full(10, q)


def by_class(p, y, alpha):
    """每一类只用自己的例子定门槛。"""
    own = [1 - p[y == c, c] for c in range(10)]
    return np.array([threshold(scores, alpha) for scores in own])


# --8<-- [end:functions]


# --8<-- [start:splits]
def measure(way, p, moved, splits=500):
    """500 次随机划分；moved 是检验时用的概率，平时就是 p。"""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(splits):
        rows = rng.permutation(len(y))
        a, b = rows[:700], rows[700:]  # 定门槛，检验
        inside = 1 - moved[b] <= way(p[a], y[a], 0.05)  # (例子, 类)
        hit = inside[np.arange(len(b)), y[b]]
        each = [hit[y[b] == c].mean() for c in range(10)]
        found.append([hit.mean(), inside.sum(axis=1).mean(), *each])
    return np.array(found)


ways = {"共用门槛": marginal, "每类一个门槛": by_class}
for name, way in ways.items():
    covered, size, *each = measure(way, p, p).T
    each = np.mean(each, axis=1)
    low, high = np.quantile(covered, [0.05, 0.95])
    print(f"{name}：覆盖 {covered.mean():.3f}", end="")
    print(f"（九成在 {low:.2f} 到 {high:.2f}），平均 {size.mean():.2f} 个类")
    print(f"　8 的覆盖 {each[8]:.2f}，别的类最低 {np.delete(each, 8).min():.2f}")
# --8<-- [end:splits]


# --8<-- [start:sizes]
inside = 1 - p <= marginal(p, y, 0.05)  # 全体定门槛，只看集合的大小
size, hit = inside.sum(axis=1), inside[np.arange(len(y)), y]
for m in np.unique(size):
    group = size == m
    print(f"{m} 个类的集合：占 {group.mean():.2f}，含正确答案 {hit[group].mean():.2f}")
# --8<-- [end:sizes]


# --8<-- [start:shift]
noisy = x[rest] + rng.normal(scale=0.5, size=x[rest].shape)  # 新例子变模糊
moved = model.predict_proba(noisy)
for name, way in ways.items():
    covered, size, *_ = measure(way, p, moved).T
    print(f"{name}，检验时加噪声：覆盖 {covered.mean():.2f}", end="，")
    print(f"平均 {size.mean():.2f} 个类")
# --8<-- [end:shift]
