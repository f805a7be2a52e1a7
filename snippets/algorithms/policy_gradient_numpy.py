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
for a in range(3):
    score = np.eye(3)[a] - pi  # log pi(a) 对 theta 的导数
    print(f"抽到 {a}：", *(f"{g:.2f}" for g in r[a] * score))
# --8<-- [end:bandit]

# --8<-- [start:tree]
move = np.array([[0.8, 0.2], [0.3, 0.7]])  # 动作 → 到左屋、右屋
first = np.array([1.0, 0.0])  # 第一步的奖励
second = np.array([[2.0, 4.0], [8.0, 5.0]])  # 屋子、动作 → 奖励
theta = np.log([[0.6, 0.4], [0.5, 0.5], [0.7, 0.3]])  # 门口、左、右
paths = list(itertools.product([0, 1], repeat=3))  # a0、屋子、a1


def chances(theta):
    pi = softmax(theta)
    return np.array([pi[0, a0] * move[a0, s] * pi[1 + s, a1] for a0, s, a1 in paths])


rewards = np.array([[first[a0], second[s, a1]] for a0, s, a1 in paths])
whole = rewards.sum(axis=1)  # 整局的回报，(8,)
p = chances(theta)
for (a0, s, a1), chance, total in zip(paths, p, whole, strict=True):
    print(f"{a0}{'左右'[s]}{a1}：概率 {chance:.3f}，回报 {total:g}")
print(f"期望回报 {p @ whole:.3f}")
# --8<-- [end:tree]


# --8<-- [start:scores]
def scores(theta):
    """每条路、每一步的 log pi 对 theta 的导数，(8, 2, 3, 2)。"""
    pi, out = softmax(theta), np.zeros((8, 2, 3, 2))
    for row, (a0, s, a1) in zip(out, paths, strict=True):
        row[0, 0] = np.eye(2)[a0] - pi[0]
        row[1, 1 + s] = np.eye(2)[a1] - pi[1 + s]
    return out


def estimates(weights):
    """每条路给出的梯度估计；weights 是各步的权重，(8, 2)。"""
    return np.einsum("nt,ntsa->nsa", weights, scores(theta))


def expected(g):
    return np.tensordot(p, g, axes=1)  # 按概率平均八条路


exact = expected(estimates(np.stack([whole, whole], axis=1)))
for place, row in zip(["门口", "左屋", "右屋"], exact, strict=True):
    print(f"{place}：", *(f"{g:.3f}" for g in row))
# --8<-- [end:scores]

# --8<-- [start:baseline]
to_go = np.stack([whole, rewards[:, 1]], axis=1)  # 这一步起的奖励
room = np.array([s for _, s, _ in paths])
mean = p @ to_go  # 各步的平均，(2,)


def by_place(w):
    """走到同一处的路，后续回报按 p w 加权平均，(8, 2)。"""
    b = np.empty((8, 2))
    for t, place in enumerate([0 * room, room]):
        for s in set(place.tolist()):
            here = place == s
            share = (p * w[:, t])[here]
            b[here, t] = np.average(to_go[here, t], weights=share)
    return b


value = by_place(np.ones((8, 2)))  # 就是 V(s)
print(f"V：门口 {value[0, 0]:.2f}", end="，")
print(f"左屋 {value[0, 1]:.2f}，右屋 {value[2, 1]:.2f}")
zero = np.abs(expected(estimates(value))).max()
print(f"V 那一项的均值 {zero:.3f}")
# --8<-- [end:baseline]

# --8<-- [start:variance]
squares = (scores(theta) ** 2).sum(axis=(2, 3))  # (8, 2)
ways = {
    "整局回报": np.stack([whole, whole], axis=1),
    "后续回报": to_go,
    "减去平均": to_go - mean,
    "减去 V(s)": to_go - value,
    "减去最优": to_go - by_place(squares),
}
for name, weights in ways.items():
    g = estimates(weights)
    variance = expected((g - exact) ** 2).sum()  # 各分量之和
    print(f"{name}：门口选 1 {expected(g)[0, 1]:.3f}，方差 {variance:.2f}")
# --8<-- [end:variance]

# --8<-- [start:sample]
rng = np.random.default_rng(0)
for name, weights in ways.items():
    drawn = estimates(weights)[rng.choice(8, size=10000, p=p)]
    g = drawn[:, 0, 1]  # 门口选 1 的那个分量
    error = g.std(ddof=1) / 100  # 一万局平均的标准误
    print(f"{name}：{g.mean():.3f} ± {error:.3f}")
# --8<-- [end:sample]

# --8<-- [start:library]
numeric = approx_fprime(theta.ravel(), lambda flat: chances(flat.reshape(3, 2)) @ whole)
gap = np.abs(numeric - exact.ravel()).max()
print(f"与 SciPy 的差分相差不到 1e-6：{gap < 1e-6}")
# --8<-- [end:library]
