# --8<-- [start:folds]
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def accuracy(x, y, columns, train, test):
    """只用这几列，在 train 上最小二乘，在 test 上数对的比例。"""
    w = np.linalg.lstsq(x[train][:, columns], y[train])[0]
    return np.mean((x[test][:, columns] @ w > 0) == (y[test] > 0))


def cross_validated(x, y, columns, rows):
    """只在 rows 里分五折；别的例它碰不到。"""
    parts = KFold(5).split(rows)
    return np.mean([accuracy(x, y, columns, rows[a], rows[b]) for a, b in parts])


# --8<-- [end:folds]


# --8<-- [start:choose]
def noise(seed):
    """60 例，40 个特征，标签是掷的硬币；候选是 50 组特征，每组 3 个。"""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(60, 40)), rng.choice([-1.0, 1.0], 60)
    candidates = [rng.choice(40, 3, replace=False) for _ in range(50)]
    return x, y, candidates


def choose(x, y, candidates, rows):
    """交叉验证选一组特征；返回它和它的分数。"""
    scores = [cross_validated(x, y, columns, rows) for columns in candidates]
    best = int(np.argmax(scores))
    return candidates[best], scores[best]


# --8<-- [end:choose]


# --8<-- [start:nested]
def nested(x, y, candidates):
    """外层每一折都重新选一次，再到没有参加选的那一折上打分。"""
    outer = []
    for train, test in KFold(5).split(x):
        columns, _ = choose(x, y, candidates, train)
        outer.append(accuracy(x, y, columns, train, test))
    return outer


told, honest = [], []
for seed in range(40):
    x, y, candidates = noise(seed)
    told.append(choose(x, y, candidates, np.arange(60))[1])
    honest.append(np.mean(nested(x, y, candidates)))
print(f"标签全是硬币，选中者的交叉验证分数：{np.mean(told):.3f}", end="，")
print(f"嵌套交叉验证：{np.mean(honest):.3f}")
# --8<-- [end:nested]

# --8<-- [start:library]


def pick(x, columns):
    return x[:, columns]


def share(model, x, y):
    return np.mean((model.predict(x) > 0) == (y > 0))


x, y, candidates = noise(0)
steps = FunctionTransformer(pick), LinearRegression(fit_intercept=False)
grid = {"functiontransformer__kw_args": [{"columns": c} for c in candidates]}
search = GridSearchCV(make_pipeline(*steps), grid, scoring=share, cv=KFold(5))
theirs = cross_val_score(search, x, y, scoring=share, cv=KFold(5))  # 外层
print("与 cross_val_score 套 GridSearchCV 相同：", end="")
print(np.allclose(nested(x, y, candidates), theirs))
# --8<-- [end:library]

# --8<-- [start:curves]
dataset = load_breast_cancer()


def curves(seed):
    """逻辑回归，60 例训练 100 轮；每轮在另外三份上各打一次分：(100, 3)。"""
    rng = np.random.default_rng(seed)
    train, *others = np.split(rng.permutation(569), [60, 117, 174])
    y = np.where(rng.random(569) < 0.2, 1 - dataset.target, dataset.target)
    known = dataset.data[train]  # 均值与标准差只从训练例来
    scaled = (dataset.data - known.mean(axis=0)) / known.std(axis=0)
    scaled = np.hstack([scaled, np.ones((569, 1))])  # 最后一列是偏置
    w, scores = rng.normal(size=31) * 0.3, []
    for _ in range(100):
        p = 1 / (1 + np.exp(-scaled[train] @ w))
        w -= 0.3 * scaled[train].T @ (p - y[train]) / 60
        right = (scaled @ w > 0) == y  # 二成标签是翻过的，到不了 1
        scores.append([right[rows].mean() for rows in others])
    return np.array(scores)


# --8<-- [end:curves]

# --8<-- [start:early]
by_test, by_valid = [], []
for seed in range(100):
    valid, test, fresh = curves(seed).T  # 57 例、57 例、395 例
    stop = test.argmax()  # 看着测试集停
    by_test.append([test[stop], fresh[stop]])
    stop = valid.argmax()  # 看着验证集停
    by_valid.append([valid[stop], test[stop], fresh[stop]])
print("按测试集停：报 {:.3f}，没用过的 395 例上 {:.3f}".format(*np.mean(by_test, 0)))
a, b, c = np.mean(by_valid, axis=0)
print(f"按验证集停：验证集 {a:.3f}，测试集 {b:.3f}，没用过的 395 例上 {c:.3f}")
# --8<-- [end:early]
