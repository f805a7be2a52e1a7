# --8<-- [start:hand]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import partial_dependence
from sklearn.tree import DecisionTreeRegressor


def ice(predict, X, column, grid):
    """每一行一条曲线：只改 column，其余各列保持这一行的值。"""
    curves = np.empty((len(X), len(grid)))
    for k, value in enumerate(grid):
        X_new = X.copy()
        X_new[:, column] = value
        curves[:, k] = predict(X_new)
    return curves


# 四个病人：剂量、体质；体质的正负决定药是升还是降
X = np.array([[1.0, -2], [2, 2], [3, -1], [4, 1]])
doses = [1, 2, 3, 4]
curves = ice(lambda X: X[:, 0] * X[:, 1], X, 0, doses)
print("剂量：", *doses)
for (_, body), curve in zip(X, curves, strict=True):
    print(f"体质 {body:+.0f}：", *(f"{value:+.0f}" for value in curve))
print("平均：", *(f"{value:+.0f}" for value in curves.mean(axis=0)))
# --8<-- [end:hand]

# --8<-- [start:cloud]
rng = np.random.default_rng(0)
x1 = rng.random(200)
cloud = np.column_stack([x1, x1 + rng.normal(0, 0.05, 200)])  # 两列几乎相同


def plain(X):
    return X[:, 0] + X[:, 1]


def bent(X):
    """离开对角线 0.3 以外就往上弯；那里没有数据。"""
    far = np.abs(X[:, 0] - X[:, 1])
    return plain(X) + 10 * np.maximum(far - 0.3, 0)


print(f"两列相差最多 {np.abs(cloud[:, 0] - cloud[:, 1]).max():.2f}")
print(f"200 行上预测全部相同：{np.array_equal(plain(cloud), bent(cloud))}")
# --8<-- [end:cloud]

# --8<-- [start:pdp]
grid = np.linspace(0, 1, 11)
asked = np.abs(grid - cloud[:, 1:])  # 曲线用到的 200 × 11 个点，各离对角线多远
print(f"曲线用到的点，{(asked > 0.3).mean():.0%} 离对角线 0.3 以上")
models = {"直的": plain, "弯的": bent}
pdps = {name: ice(f, cloud, 0, grid).mean(axis=0) for name, f in models.items()}
for name, pdp in pdps.items():
    print(f"{name}，PDP 在 0、0.5、1：", *(f"{p:.2f}" for p in pdp[::5]))
# --8<-- [end:pdp]


# --8<-- [start:ale]
def ale(predict, X, column, edges):
    """每个箱里，只让箱内的行从左边走到右边；平均以后累加。"""
    index = np.clip(np.searchsorted(edges, X[:, column]), 1, len(edges) - 1)
    low, high = X.copy(), X.copy()
    low[:, column], high[:, column] = edges[index - 1], edges[index]
    steps = predict(high) - predict(low)
    means = [steps[index == k].mean() for k in range(1, len(edges))]
    return np.append(0, np.cumsum(means))


ales = {name: ale(f, cloud, 0, grid) for name, f in models.items()}
for name, curve in ales.items():
    print(f"{name}，ALE 在 0、0.5、1：", *(f"{a:.2f}" for a in curve[::5]))
# --8<-- [end:ale]

# --8<-- [start:recursion]
rows = np.array([[0.0, 0]] * 3 + [[0, 1], [1, 0]] + [[1, 1]] * 3)
both = rows[:, 0] * rows[:, 1]  # 两列都是 1 才是 1
for seed in (0, 2):
    tree = DecisionTreeRegressor(random_state=seed).fit(rows, both)
    root, r2 = tree.tree_.feature[0] + 1, tree.score(rows, both)
    print(f"先分第 {root} 列，决定系数 {r2:g}")
    for method in ["brute", "recursion"]:
        found = partial_dependence(tree, rows, [1], method=method)
        print(f"　{method}，第二列为 1：{found['average'][0, 1]:.2f}")
# --8<-- [end:recursion]

# --8<-- [start:library]
data = load_diabetes()
forest = RandomForestRegressor(50, random_state=0).fit(data.data, data.target)
found = partial_dependence(forest, data.data, [2], kind="both", method="brute")
ours = ice(forest.predict, data.data, 2, found["grid_values"][0])
same = np.allclose(ours, found["individual"][0])
same = same and np.allclose(ours.mean(axis=0), found["average"][0])
print(f"糖尿病的森林，与 scikit-learn 一致：{same}")
# --8<-- [end:library]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
plt.rcParams["svg.hashsalt"] = "explanation_dependence_numpy"
figure, (top, bottom) = plt.subplots(2, figsize=(3.5, 5), layout="constrained")
for k in range(0, 200, 20):
    top.plot(grid[::2], np.full(6, cloud[k, 1]), "C1x", ms=4)
top.plot(*cloud[::3].T, "C0o", ms=3)
top.set_title("第二列：数据（点），PDP 用到的（叉）", loc="left", fontsize=10)
for name, style in [("直的", "C0-"), ("弯的", "C1--")]:
    bottom.plot(grid, pdps[name] - pdps[name].mean(), style, label=f"{name} PDP")
curve = ales["弯的"] - ales["弯的"].mean()
bottom.plot(grid, curve, "k:", lw=2, label="两个模型的 ALE")
bottom.set_title("减去平均以后的曲线", loc="left", fontsize=10)
bottom.legend(frameon=False)
plt.setp((top, bottom), xlabel="第一列")
about = {"Title": "两个模型在数据上相同，PDP 不同，ALE 相同"}
figure.savefig("explanation_dependence_numpy.svg", transparent=True, metadata=about)
# --8<-- [end:figure]
