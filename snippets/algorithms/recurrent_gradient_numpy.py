# --8<-- [start:eigenvalues]
import warnings
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

U = np.array([[1.0, 0.1], [0.1, 1.0]])
values, vectors = np.linalg.eigh(U)
for value, v in zip(values, vectors.T, strict=True):
    g = v / v[0]  # 沿着特征向量的梯度，写成 (1, ±1)
    for _ in range(50):
        g = U.T @ g  # 没有激活函数时，往回走一步就是乘 U 的转置
    print(f"方向 (1, {v[1] / v[0]:g})：特征值 {value:.1f}", end="，")
    print("走 50 步变成 ({:.3g}, {:.3g})".format(*g))
# --8<-- [end:eigenvalues]


# --8<-- [start:measure]
def matrix(n, rho, rng):
    """随机的循环权重，缩放到谱半径（特征值的最大模）为 rho。"""
    U = rng.normal(size=(n, n))
    return U * rho / np.abs(np.linalg.eigvals(U)).max()


def gains(U, tanh, rng, steps=50):
    """梯度往回走 1 到 50 步，长度变成原来的几倍（方均根）。"""
    n = len(U)
    h, jacobian, slopes, found = np.zeros(n), np.eye(n), [], []
    for _ in range(steps):
        a = U @ h + 0.3 * rng.normal(size=n)  # 每一步有新的输入
        h = np.tanh(a) if tanh else a
        slopes.append(1 - h**2 if tanh else np.ones(n))
    for slope in reversed(slopes):  # 从最后一步往回走
        jacobian = (jacobian * slope) @ U  # 先乘 tanh 的斜率，再乘 U
        found.append(np.sqrt((jacobian**2).sum() / n))
    return np.array(found)


# --8<-- [end:measure]


# --8<-- [start:curves]
def typical(make, activation):
    """二十个种子的几何平均。"""
    runs = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        runs.append(np.log(gains(make(rng), activation == "tanh", rng)))
    return np.exp(np.mean(runs, axis=0))


radii = {"线性": [0.9, 1.0, 1.1], "tanh": [0.9, 1.1, 1.5, 2.0]}
curves = {}
for activation in radii:
    for rho in radii[activation]:
        make = partial(matrix, 32, rho)
        curve = typical(make, activation)
        curves[activation, f"{rho}"] = curve
        print(f"{activation}，谱半径 {rho}：", end="")
        print(f"走 10 步 {curve[9]:.2g} 倍，走 50 步 {curve[-1]:.2g} 倍")
# --8<-- [end:curves]


# --8<-- [start:orthogonal]
def orthogonal(rng):
    """正交矩阵：任何向量乘它，长度不变。"""
    Q, R = np.linalg.qr(rng.normal(size=(32, 32)))
    return Q * np.sign(np.diag(R))  # QR 的符号不唯一，乘回去才抽得均匀


for activation in ["线性", "tanh"]:
    curve = typical(orthogonal, activation)
    curves[activation, "正交"] = curve
    print(f"{activation}，正交：走 50 步 {curve[-1]:.2g} 倍")
# --8<-- [end:orthogonal]


# --8<-- [start:clip]
def clip(g, limit):
    """长度超过 limit 就整体缩短，方向不变。"""
    norm = np.linalg.norm(g)
    return g * limit / norm if norm > limit else g


for g in [np.array([0.3, 0.4]), np.array([30.0, 40.0])]:
    print("({:g}, {:g}) 裁剪成 ({:g}, {:g})".format(*g, *clip(g, 1.0)))
# --8<-- [end:clip]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "recurrent_gradient_numpy"
figure, axes = plt.subplots(2, figsize=(3.5, 5.4), layout="constrained")
styles = ["C0-", "k--", "C1-", "C1--"]
names = {"线性": "没有激活函数", "tanh": "激活函数是 tanh"}
for axis, (activation, name) in zip(axes, names.items(), strict=True):
    for rho, style in zip(radii[activation], styles, strict=False):
        curve = curves[activation, f"{rho}"]
        axis.plot(range(1, 51), curve, style, label=f"谱半径 {rho}")
    curve = curves[activation, "正交"]
    axis.plot(range(1, 51), curve, "k:", label="正交")
    axis.set(yscale="log", xlim=(0, 51), ylim=(5e-5, 2e5))
    axis.set(xticks=[1, 10, 20, 30, 40, 50], yticks=[1e-4, 1e-2, 1, 100])
    axis.yaxis.set_major_formatter("{x:g}")
    axis.minorticks_off()
    axis.set_title(f"{name}：梯度是几倍", loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, ncols=2, loc="upper left")
axes[1].set_xlabel("往回走的步数")
about = {"Title": "往回走 50 步，梯度按几何级数缩小或放大"}
figure.savefig("recurrent_gradient_numpy.svg", transparent=True, metadata=about)
# --8<-- [end:figure]
