# --8<-- [start:hand]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import partial_dependence


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
    at = "，".join(f"{p:.2f}" for p in pdp[::5])
    print(f"{name}，PDP 在 0、0.5、1：{at}")
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
    at = "，".join(f"{a:.2f}" for a in curve[::5])
    print(f"{name}，ALE 在 0、0.5、1：{at}")
# --8<-- [end:ale]

# --8<-- [start:library]
data = load_diabetes()
forest = RandomForestRegressor(50, random_state=0).fit(data.data, data.target)
grid_bmi = np.linspace(-0.05, 0.1, 7)
ours = ice(forest.predict, data.data, 2, grid_bmi).mean(axis=0)
given = forest, data.data, [2]
theirs = {
    method: partial_dependence(*given, custom_values={2: grid_bmi}, method=method)
    for method in ["brute", "recursion"]
}
brute, recursion = (found["average"][0] for found in theirs.values())
print(f"与 scikit-learn 的 brute 一致：{np.allclose(ours, brute)}")
gap = np.abs(recursion - brute).max()
print(f"recursion 与 brute 最多相差 {gap:.1f}，曲线升高 {np.ptp(brute):.0f}")
# --8<-- [end:library]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "explanation_dependence_numpy"
figure, axes = plt.subplots(3, figsize=(3.5, 7.2), layout="constrained")
axes[0].plot(doses, curves.T, "C0-", lw=1)
axes[0].plot(doses, curves.mean(axis=0), "C1--", lw=2.5)
axes[0].set_xticks(doses)
axes[0].set_title("四条 ICE 相抵，PDP（虚线）是平的", loc="left", fontsize=10)
for k in range(0, 200, 20):
    axes[1].plot(grid[::2], np.full(6, cloud[k, 1]), "C1x", ms=4)
axes[1].plot(*cloud[::3].T, "C0o", ms=3)
axes[1].set_title("第二列：数据（点），PDP 用到的（叉）", loc="left", fontsize=10)
for name, style in [("直的", "C0-"), ("弯的", "C1--")]:
    axes[2].plot(grid, pdps[name] - pdps[name].mean(), style, label=f"{name} PDP")
both = ales["弯的"] - ales["弯的"].mean()
axes[2].plot(grid, both, "k:", lw=2, label="两个模型的 ALE")
axes[2].set_title("减去平均以后的曲线", loc="left", fontsize=10)
axes[2].legend(frameon=False)
for axis, name in zip(axes, ["剂量", "第一列", "第一列"], strict=True):
    axis.set_xlabel(name)
    axis.spines[["top", "right"]].set_visible(False)
title = "PDP 会抵消相反的曲线，也会用到没有数据的地方；ALE 不会"
path, about = "explanation_dependence_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
