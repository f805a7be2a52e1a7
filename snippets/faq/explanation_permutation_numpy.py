# --8<-- [start:hand]
from itertools import permutations

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

# 六套房：面积（十平方米）、楼层、门牌号；y 是总价（万元）
X = np.array([[5, 3, 2], [6, 1, 9], [7, 2, 4], [8, 6, 7], [9, 4, 1], [10, 5, 8]])
y = np.array([59, 61, 76, 90, 99, 107])


def predict(X):
    return 10 * X[:, 0] + 2 * X[:, 1]  # 模型不看门牌号


def shuffled_loss(column, order):
    X_new = X.copy()  # 原来的表不动
    X_new[:, column] = X[order, column]
    return ((y - predict(X_new)) ** 2).mean()


# --8<-- [end:hand]

# --8<-- [start:orders]
loss = shuffled_loss(0, range(6))  # 按原来的次序：没有打乱
print(f"不打乱，均方误差 {loss:.1f}")
means = []
for column, name in enumerate(["面积", "楼层", "门牌号"]):
    once = shuffled_loss(column, [1, 0, 3, 2, 5, 4]) - loss
    every = [shuffled_loss(column, list(o)) for o in permutations(range(6))]
    means.append(np.mean(np.array(every) - loss))
    print(f"打乱{name}，误差多出：")
    print(f"　邻居互换 {once:.1f}，720 种次序平均 {means[-1]:.1f}")
# --8<-- [end:orders]


# --8<-- [start:importance]
def importance(score, X, y, columns, rng, repeats=5):
    """columns 各列用同一个次序打乱，得分平均掉多少。"""
    drops, before = [], score(X, y)
    for _ in range(repeats):
        X_new = X.copy()
        X_new[:, columns] = X[rng.permutation(len(X))][:, columns]
        drops.append(before - score(X_new, y))
    return np.mean(drops)


# --8<-- [end:importance]

# --8<-- [start:held-out]
data = load_diabetes()
names = [*data.feature_names, "噪声", "硬币"]
rng, n = np.random.default_rng(0), len(data.target)
useless = [rng.normal(size=n), rng.integers(2, size=n)]  # 与 y 无关
X_all = np.column_stack([data.data, *useless])
found = []  # (五种划分, 三种算法, 12 个特征)
for seed in range(5):
    X_fit, X_test, y_fit, y_test = train_test_split(
        X_all, data.target, random_state=seed
    )
    forest = RandomForestRegressor(50, random_state=seed).fit(X_fit, y_fit)
    rows = [forest.feature_importances_]  # 不纯度，训练时顺便记下的
    for part in [(X_fit, y_fit), (X_test, y_test)]:
        r2 = forest.score  # 回归的 score 是决定系数
        rows.append([importance(r2, *part, [j], rng) for j in range(12)])
    found.append(rows)
# --8<-- [end:held-out]

# --8<-- [start:table]
found = np.array(found)
for name in ["bmi", "s5", "s1", "sex", "噪声", "硬币"]:
    impurity, fit, test = found[:, :, names.index(name)].T
    print(f"{name}：不纯度 {impurity.mean():.2f}，训练 {fit.mean():.2f}")
    print(f"　留出 {test.mean():z.2f}（{test.min():z.2f} 到 {test.max():z.2f}）")
# --8<-- [end:table]

# --8<-- [start:all-zero]
data = load_breast_cancer()
X_fit, X_test, y_fit, y_test = train_test_split(
    data.data, data.target, train_size=200, random_state=0
)
forest = RandomForestClassifier(random_state=0).fit(X_fit, y_fit)
for name, *part in [("训练", X_fit, y_fit), ("留出", X_test, y_test)]:
    drops = [importance(forest.score, *part, [j], rng) for j in range(30)]
    print(f"{name}，准确率 {forest.score(*part):.3f}")
    print(f"　30 列中 {drops.count(0)} 列恰好是 0，最大 {max(drops):.3f}")
# --8<-- [end:all-zero]


# --8<-- [start:mend]
def brier(X, y):
    """概率差一点也看得见；取负号，越大越好。"""
    return -((forest.predict_proba(X)[:, 1] - y) ** 2).mean()


drops = [importance(brier, X_test, y_test, [j], rng) for j in range(30)]
best = data.feature_names[np.argmax(drops)]
error = -brier(X_test, y_test)
print(f"留出，概率的平方误差 {error:.4f}")
print(f"　30 列中 {drops.count(0)} 列恰好是 0")
print(f"　最大的一列是 {best}，{max(drops):.4f}")
groups = {"半径、周长、面积": [0, 2, 3], "凹陷": [6, 7]}
for name, mean in groups.items():
    columns = [10 * k + j for k in range(3) for j in mean]  # 三种统计
    drop = importance(forest.score, X_test, y_test, columns, rng)
    print(f"{name} {len(columns)} 列一起打乱，准确率掉 {drop:.2f}")
# --8<-- [end:mend]

# --8<-- [start:library]
exact = LinearRegression().fit(X, predict(X))  # 系数是 10、2、0
theirs = permutation_importance(
    exact, X, y, scoring="neg_mean_squared_error", n_repeats=2000, random_state=0
)
near = np.allclose(theirs.importances_mean, means, rtol=0.05)
print(f"scikit-learn 打乱 2000 次，相差不到 5%：{near}")
# --8<-- [end:library]
