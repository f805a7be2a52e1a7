# --8<-- [start:twins]
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Lasso, LinearRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeRegressor


def importance(predict, X, y, columns):
    """打乱以后 R² 平均掉多少：每个值轮流换到每一行，不靠运气。"""
    extra = 0
    for k in range(len(X)):
        X_new = X.copy()
        X_new[:, columns] = np.roll(X[:, columns], k, axis=0)
        extra += ((y - predict(X_new)) ** 2).mean()
    return (extra / len(X) - ((y - predict(X)) ** 2).mean()) / y.var()


x = np.array([-1.0, -1, 1, 1])
twins = np.column_stack([x, x])  # 第二列是第一列的副本，y 就是 x
for w in [(0.5, 0.5), (1, 0), (0, 1), (3, -2)]:
    right = np.array_equal(twins @ w, x)
    print(f"权重 {w[0]:g} 与 {w[1]:g}，预测全对：{right}")
    said = []
    for name, columns in {"第一列": [0], "第二列": [1], "两列": [0, 1]}.items():
        drop = importance(lambda X, w=w: X @ w, twins, x, columns)
        said.append(f"{name} {drop:.1f}")
    print("　打乱后掉：" + "，".join(said))
without = LinearRegression().fit(twins[:, [1]], x).score(twins[:, [1]], x)
print(f"删掉第一列，重新训练：决定系数还是 {without:.1f}")
# --8<-- [end:twins]

# --8<-- [start:learners]
rng = np.random.default_rng(0)
x = rng.normal(size=200)
X, y = np.column_stack([x, x]), x + rng.normal(0, 0.5, 200)
fitted = {
    "岭回归": Ridge().fit(X, y),
    "Lasso": Lasso(alpha=0.01).fit(X, y),
    "树，种子 0": DecisionTreeRegressor(max_depth=4, random_state=0).fit(X, y),
    "树，种子 1": DecisionTreeRegressor(max_depth=4, random_state=1).fit(X, y),
}
for name, model in fitted.items():
    first, second = (importance(model.predict, X, y, [j]) for j in (0, 1))
    print(f"{name}：第一列 {first:.2f}，第二列 {second:.2f}")
trees = [model.predict(X) for name, model in fitted.items() if "树" in name]
print(f"两棵树的预测完全相同：{np.array_equal(*trees)}")
# --8<-- [end:learners]

# --8<-- [start:rashomon]
data = load_diabetes()
parts = train_test_split(data.data, data.target, random_state=0)
X_fit, X_test, y_fit, y_test = parts
fits = []
for _ in range(30):
    rows = rng.choice(len(X_fit), len(X_fit))  # 有放回地再抽一份训练集
    fits.append(LinearRegression().fit(X_fit[rows], y_fit[rows]))
scores = np.array([model.score(X_test, y_test) for model in fits])
good = [fits[k] for k in np.flatnonzero(scores > scores.max() - 0.03)]
print(f"30 个线性模型，最高的决定系数是 {scores.max():.2f}")
print(f"与它相差不到 0.03 的有 {len(good)} 个，其中")
for group in [["bmi"], ["s5"], ["s1"], ["s2"], ["s1", "s2"]]:
    columns = [data.feature_names.index(name) for name in group]
    found = [importance(m.predict, X_test, y_test, columns) for m in good]
    names = " 与 ".join(group)
    print(f"　打乱 {names}，掉 {min(found):z.2f} 到 {max(found):.2f}")
# --8<-- [end:rashomon]


# --8<-- [start:confounder]
def summer(n, rng, sales=None):
    """气温决定冰淇淋的销量，也决定溺水的人数；sales 给定，就是人为规定销量。"""
    heat = rng.normal(2, 1, n)
    noise = rng.normal(0, 0.5, (2, n))
    sales = heat + noise[0] if sales is None else np.full(n, sales)
    return heat, sales, heat + noise[1]


heat, sales, drowned = summer(20000, rng)
model = LinearRegression().fit(sales[:, None], drowned)
drop = importance(model.predict, sales[:400, None], drowned[:400], [0])
print(f"只看销量：斜率 {model.coef_[0]:.2f}，重要性 {drop:.1f}")
both = LinearRegression().fit(np.column_stack([sales, heat]), drowned)
print(f"加上气温：销量的斜率 {both.coef_[0]:z.2f}")
gap = summer(20000, rng, 1)[2].mean() - summer(20000, rng, 0)[2].mean()
print(f"真把销量从 0 调到 1，溺水变化 {gap:z.1f}")
# --8<-- [end:confounder]

# --8<-- [start:library]
theirs = permutation_importance(good[0], X_test, y_test, n_repeats=300, random_state=0)
ours = [importance(good[0].predict, X_test, y_test, [j]) for j in range(10)]
near = np.allclose(theirs.importances_mean, ours, atol=0.02)
print(f"与 scikit-learn 打乱 300 次相差不到 0.02：{near}")
# --8<-- [end:library]
