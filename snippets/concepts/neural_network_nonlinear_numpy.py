# --8<-- [start:collapse]
import numpy as np

rng = np.random.default_rng(0)
w1, w2, w3 = (rng.normal(size=size) for size in [(64, 32), (32, 16), (16, 10)])
x = rng.normal(size=(5, 64))
same = np.allclose(x @ w1 @ w2 @ w3, x @ (w1 @ w2 @ w3))
print("三层线性 = 一个矩阵：", same, " 参数", w1.size + w2.size + w3.size, end="")
print("，乘出来的矩阵", (w1 @ w2 @ w3).size)
# --8<-- [end:collapse]


# --8<-- [start:xor]
corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
xor = np.array([0, 1, 1, 0])
design = np.column_stack([corners, np.ones(4)])  # 末列是偏置
best = np.linalg.lstsq(design, xor, rcond=None)[0]
print("异或，线性模型的最小二乘解：", np.round(design @ best, 4))
total = corners.sum(axis=1)
hidden = np.maximum(total[:, None] + [0, -1], 0)  # 两个 ReLU 单元
print("异或，两个 ReLU 单元：", hidden @ [1, -2])
# --8<-- [end:xor]


# --8<-- [start:construct]
def target(x):
    return np.sin(2 * np.pi * x)


def construct(width):
    """不训练，直接写出权重：折线过 width + 1 个点，每个单元管一处转折。"""
    knots = np.linspace(0, 1, width + 1)
    slopes = np.diff(target(knots)) * width
    return knots[:-1], np.diff(slopes, prepend=0)  # 转折处，斜率的改变


grid = np.linspace(0, 1, 2049)
for width in [16, 64, 256]:
    knots, bends = construct(width)
    error = np.abs(np.maximum(grid[:, None] - knots, 0) @ bends - target(grid)).max()
    bound = (2 * np.pi) ** 2 / (8 * width**2)  # 折线的误差 <= max|f''| / (8 width²)
    print(f"构造，{width} 个单元：最大误差 {error:.6f}，上界 {bound:.6f}")
# --8<-- [end:construct]


# --8<-- [start:search]
def train(width, report, rate=0.05):
    """同样的结构，从随机的权重出发，全批量梯度下降；损失是平方误差的一半。"""
    rng = np.random.default_rng(0)
    x = np.linspace(0, 1, 257)[:, None]
    w = rng.normal(size=(1, width)) * np.sqrt(2)
    b = -w[0] * rng.uniform(size=width)  # 转折处都落在 [0, 1] 里，不为难它
    v, c = rng.normal(size=(width, 1)) * np.sqrt(2 / width), 0.0
    for step in range(1, max(report) + 1):
        hidden = np.maximum(x @ w + b, 0)
        delta = (hidden @ v + c - target(x)) / len(x)
        back = delta @ v.T * (hidden > 0)
        w, b = w - rate * x.T @ back, b - rate * back.sum(axis=0)
        v, c = v - rate * hidden.T @ delta, c - rate * delta.sum()
        if step in report:
            output = np.maximum(grid[:, None] * w + b, 0) @ v[:, 0] + c
            error = np.abs(output - target(grid)).max()
            print(f"训练，{width} 个单元，{step} 步：最大误差 {error:.3f}")


train(64, report=[100, 1000, 10000])
# --8<-- [end:search]
