# --8<-- [start:model]
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import Ridge

names = ["age", "bmi", "bp", "s5", "s6"]
data = load_diabetes(as_frame=True, scaled=False)
X, y = data.data[names].to_numpy(), data.target.to_numpy()
model = GradientBoostingRegressor(random_state=0).fit(X[100:], y[100:])
mean, scale = X[100:].mean(axis=0), X[100:].std(axis=0)
# --8<-- [end:model]


# --8<-- [start:lime]
def cloud(x, n, width, rng):
    """在训练数据的均值四周取 n 个点，离 x 越近，权重越大。"""
    z = rng.normal(size=(n, len(x)))  # 以标准差为单位
    z[0] = (x - mean) / scale  # 第一个点是 x 自己
    distance = np.sqrt(((z - z[0]) ** 2).sum(axis=1))
    return z, np.exp(-(distance**2) / (2 * width**2))


def lime(x, n, width, rng):
    """在点云上拟合一条加权的直线（岭回归），返回各特征的系数。"""
    z, weight = cloud(x, n, width, rng)
    output = model.predict(z * scale + mean)
    z = z - np.average(z, axis=0, weights=weight)  # 减了均值，就不必有截距
    gram = (z.T * weight) @ z + np.eye(len(x))
    return np.linalg.solve(gram, (z.T * weight) @ output)


# --8<-- [end:lime]

# --8<-- [start:seeds]
x, default = X[1], 0.75 * np.sqrt(len(names))
print(f"这一条的预测 {model.predict([x])[0]:.1f}")
for n in (500, 5000):
    runs = [lime(x, n, default, np.random.default_rng(s)) for s in range(20)]
    print(f"{n} 个点，二十个种子：")
    for name, found in zip(names, np.transpose(runs), strict=True):
        print(f"  {name}：{found.mean():.1f} ± {found.std(ddof=1):.1f}")
    first = [names[np.abs(run).argmax()] for run in runs]
    ahead = [f"{name} {first.count(name)} 次" for name in ("bmi", "s5")]
    print("  排第一：", "，".join(ahead), sep="")
# --8<-- [end:seeds]

# --8<-- [start:repeat]
rng = np.random.default_rng(0)
once, again = (lime(x, 500, default, rng) for _ in range(2))
reset = lime(x, 500, default, np.random.default_rng(0))
print("接着算第二次，系数相同：", np.allclose(once, again))
print("回到同一个种子，系数相同：", np.allclose(once, reset))
# --8<-- [end:repeat]

# --8<-- [start:width]
for row in (1, 3):
    print(f"第 {row} 行：")
    for factor in (0.2, 0.4, 0.75, 3):
        runs, sizes = [], []
        for s in range(20):
            args = X[row], 5000, factor * np.sqrt(len(names))
            runs.append(lime(*args, np.random.default_rng(s)))
            weight = cloud(*args, np.random.default_rng(s))[1]
            sizes.append(weight.sum() ** 2 / (weight**2).sum())
        spread = np.std(runs, axis=0, ddof=1)[1]
        bmi, s5 = np.mean(runs, axis=0)[[1, 3]]
        print(f"  宽 {factor}，顶 {np.mean(sizes):.0f} 个点：", end="")
        print(f"bmi {bmi:.1f} ± {spread:.1f}，s5 {s5:.1f}")
# --8<-- [end:width]

# --8<-- [start:library]
z, weight = cloud(x, 500, default, np.random.default_rng(0))
ridge = Ridge(alpha=1).fit(z, model.predict(z * scale + mean), weight)
print("与 sklearn 的 Ridge 相同：", np.allclose(ridge.coef_, reset))
# --8<-- [end:library]
