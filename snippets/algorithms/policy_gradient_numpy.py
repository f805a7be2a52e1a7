# --8<-- [start:bandit]
import itertools

import numpy as np
from scipy.optimize import approx_fprime


def softmax(theta):
    e = np.exp(theta - theta.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


pi = softmax(np.log([0.5, 0.3, 0.2]))  # 三台机器各选多少
r = np.array([1.0, 2.0, 5.0])  # 各自的奖励
J = pi @ r
exact = pi * (r - J)  # 对每个 theta 的导数
print(f"平均奖励 {J:.2f}")
print("梯度", *(f"{g:.2f}" for g in exact))
score = np.eye(3) - pi  # 第 a 行：log pi(a) 对 theta 的导数
for a in range(3):
    print(f"抽到机器 {a + 1}：", *(f"{g:.2f}" for g in r[a] * score[a]))
# --8<-- [end:bandit]

# --8<-- [start:spread]
length = (score**2).sum(axis=1)  # 导数长度的平方
best = pi @ (r * length) / (pi @ length)
for name, b in [("不减", 0.0), ("减平均", J), ("减最好的", best)]:
    g = (r - b)[:, None] * score  # 三种可能的估计
    mean = pi @ g
    variance = pi @ ((g - mean) ** 2).sum(axis=1)
    print(f"{name} {b:.2f}：平均", *(f"{x:.2f}" for x in mean), end="，")
    print(f"方差 {variance:.2f}")
# --8<-- [end:spread]

# --8<-- [start:tree]
move = np.array([[0.8, 0.2], [0.3, 0.7]])  # 动作 → 到 A、到 B
first = np.array([0.0, 1.0])  # 第一步选左、选右的奖励
second = np.array([[4.0, 0.0], [1.0, 2.0]])  # A 与 B，选左、选右
theta = np.log([[0.6, 0.4], [0.25, 0.75], [0.5, 0.5]])  # 起点、A、B
paths = list(itertools.product([0, 1], repeat=3))  # a0、到了哪里、a1


def chances(theta):
    pi = softmax(theta)
    return np.array([pi[0, a0] * move[a0, s] * pi[1 + s, a1] for a0, s, a1 in paths])


rewards = np.array([[first[a0], second[s, a1]] for a0, s, a1 in paths])
whole = rewards.sum(axis=1)  # 整条的回报，(8,)
p = chances(theta)
for (a0, s, a1), chance, total in zip(paths, p, whole, strict=True):
    way = "左右"[a0] + "AB"[s] + "左右"[a1]
    print(f"{way}：概率 {chance:.2f}，回报 {total:g}")
print(f"平均回报 {p @ whole:.2f}")
# --8<-- [end:tree]


# --8<-- [start:scores]
def scores(theta):
    """每条轨迹、每一步的 log pi 对 theta 的导数，(8, 2, 3, 2)。"""
    pi, out = softmax(theta), np.zeros((8, 2, 3, 2))
    for row, (a0, s, a1) in zip(out, paths, strict=True):
        row[0, 0] = np.eye(2)[a0] - pi[0]
        row[1, 1 + s] = np.eye(2)[a1] - pi[1 + s]
    return out


def estimates(weights):
    """每条轨迹给出的梯度估计；weights 是各步的权重，(8, 2)。"""
    return np.einsum("nt,ntsa->nsa", weights, scores(theta))


def expected(g):
    return np.tensordot(p, g, axes=1)  # 按概率平均八条轨迹


exact = expected(estimates(np.stack([whole, whole], axis=1)))
for place, row in zip(["起点", "A", "B"], exact, strict=True):
    print(f"{place}：左 {row[0]:.2f}，右 {row[1]:.2f}")
# --8<-- [end:scores]

# --8<-- [start:baseline]
to_go = np.stack([whole, rewards[:, 1]], axis=1)  # 这一步起的奖励
room = np.array([s for _, s, _ in paths])
V = np.array([1.6, 1.0, 1.5])  # 起点、A、B，手算所得
best = np.array([1.85, 3.0, 1.5])  # 按长度的平方加权，见练习
here = np.stack([np.zeros(8, dtype=int), 1 + room], axis=1)  # 每步的状态
after = np.stack([V[1 + room], np.zeros(8)], axis=1)  # 走完之后的 V
ways = {
    "整条回报": np.stack([whole, whole], axis=1),
    "之后的回报": to_go,
    "之后的回报，减 1.6": to_go - 1.6,
    "之后的回报，减 V(s)": to_go - V[here],
    "差分误差，V 精确": rewards + after - V[here],
    "每个状态最好的基线": to_go - best[here],
}
for name, weights in ways.items():
    g = estimates(weights)
    gap = np.abs(expected(g) - exact).max()
    variance = expected((g - exact) ** 2).sum()
    print(f"{name}：方差 {variance:.2f}，平均不变：{gap < 1e-9}")
# --8<-- [end:baseline]

# --8<-- [start:sample]
rng = np.random.default_rng(0)
for name, weights in ways.items():
    drawn = estimates(weights)[rng.choice(8, size=10000, p=p)]
    g = drawn[:, 0, 1]  # 起点选右的那个分量，精确值 0.30
    error = g.std(ddof=1) / 100  # 一万条平均的标准误
    print(f"{name}：{g.mean():.3f} ± {error:.3f}")
# --8<-- [end:sample]

# --8<-- [start:library]
numeric = approx_fprime(theta.ravel(), lambda flat: chances(flat.reshape(3, 2)) @ whole)
gap = np.abs(numeric - exact.ravel()).max()
print(f"与 SciPy 的差分相差不到 1e-6：{gap < 1e-6}")
# --8<-- [end:library]
