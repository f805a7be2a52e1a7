# --8<-- [start:mean]
import numpy as np

x = np.array([1.0, 2.0, 4.0, 5.0])  # 四个样本
theta = 0.0  # 损失：(theta - x) ** 2 / 2


def gradients(theta, x):
    return theta - x  # 每个样本一个


batches = {"2 个": x[[0, 3]], "4 个": x}
for name, batch in batches.items():
    g = gradients(theta, batch)
    print(f"一批 {name}：平均 {g.mean():.2f}，总和 {g.sum():.2f}")
# --8<-- [end:mean]


# --8<-- [start:spread]
rng = np.random.default_rng(0)
print("全部样本的梯度：", gradients(theta, x).mean())
for size in [1, 4, 16, 64]:
    batch = rng.choice(x, (100_000, size))
    g = gradients(theta, batch).mean(axis=1)
    formula = x.std() / np.sqrt(size)
    print(f"一批 {size} 个：平均 {g.mean():.1f}，", end="")
    print(f"标准差 {g.std():.2f}，公式 {formula:.2f}")
# --8<-- [end:spread]


# --8<-- [start:plateau]
def variance(rate, size, walkers=100_000, steps=100):
    """许多人各走各的，停不下来时位置的方差。"""
    theta = np.zeros(walkers)  # 同一个起点
    for _ in range(steps):
        batch = rng.choice(x, (walkers, size))
        g = gradients(theta[:, None], batch).mean(axis=1)  # (walkers,)
        theta = theta - rate * g
    return theta.var()


for rate, size in [(0.2, 1), (0.1, 1), (0.1, 2), (0.2, 2), (0.2, 4)]:
    formula = rate / (2 - rate) * x.var() / size
    measured = variance(rate, size)
    print(f"学习率 {rate}，一批 {size} 个：", end="")
    print(f"测得 {measured:.2f}，公式 {formula:.2f}")
# --8<-- [end:plateau]
