# --8<-- [start:logistic]
import numpy as np
from sklearn.linear_model import LogisticRegression

REVIEWS = ["很好", "好吃", "不错", "不好", "很差", "难吃"]
KINDS = np.array([1, 1, 1, 0, 0, 0])  # 前三句是好评
FEATURES = list("很好吃不错差难")


def counts(texts, features):
    """一行一句，一列一个特征，格子里是出现的次数。"""
    return np.array([[t.count(f) for f in features] for t in texts], float)


def chance(X, w, b):
    return 1 / (1 + np.exp(-X @ w - b))  # 是好评的概率


def logistic(X, y, steps, penalty=0.01):
    """权重从 0 出发，学习率是 1；罚权重的平方，免得越走越大。"""
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        error = chance(X, w, b) - y  # 猜的减真的，一句一个
        w = w - X.T @ error / len(y) - penalty * w
        b = b - error.mean()
    return w, b


# --8<-- [end:logistic]


# --8<-- [start:steps]
def said(names, values, form):
    parts = zip(names, values, strict=True)
    return "，".join(f"{name} {value:{form}}" for name, value in parts)


X, asked = counts(REVIEWS, FEATURES), ["不好", "不错", "不好吃", "不难吃"]
for steps in (1, 20, 100, 2000):
    w, b = logistic(X, KINDS, steps)
    p = chance(counts(asked, FEATURES), w, b)
    print(f"{steps} 步的权重：{said(FEATURES, w, '+.2f')}")
    print(f"{steps} 步的概率：{said(asked, p, '.2f')}")
# --8<-- [end:steps]


# --8<-- [start:xor]
four, kinds = ["好", "不差", "差", "不好"], np.array([1, 1, 0, 0])
for name, some in [
    ("单字", ["好", "差", "不"]),
    ("单字与字对", ["好", "差", "不", "不好", "不差"]),
]:
    Z = counts(four, some)
    print(f"{name}：{said(four, chance(Z, *logistic(Z, kinds, 2000)), '.2f')}")
# --8<-- [end:xor]


# --8<-- [start:library]
# scikit-learn 的损失对六句求和，我们的求平均，所以惩罚的倒数还要除以 6
line = LogisticRegression(C=1 / (0.01 * len(X)), tol=1e-8).fit(X, KINDS)
same = np.allclose(line.coef_[0], w, atol=1e-3)
print(f"走 2000 步与 scikit-learn 的 LogisticRegression 一致：{same}")
# --8<-- [end:library]
