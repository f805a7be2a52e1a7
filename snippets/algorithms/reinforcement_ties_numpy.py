# --8<-- [start:ties]
import numpy as np


def first(q, rng):
    return int(q.argmax())  # 平局时总是编号最小的动作


def random_tie(q, rng):
    return int(rng.choice(np.flatnonzero(q == q.max())))


q = np.zeros(2)  # 两个动作：0 向左，1 向右；都还没有得到过奖励
rng = np.random.default_rng(0)
for name, greedy in [("argmax", first), ("平局随机选", random_tie)]:
    picked = [greedy(q, rng) for _ in range(100)]
    print(f"{name}：100 次里向右 {sum(picked)} 次")
# --8<-- [end:ties]


# --8<-- [start:corridor]
alpha, gamma, epsilon = 0.5, 0.9, 0.1


def until_reward(greedy, start, rng):
    """走廊四格，从最左出发，走进最右一格得 1；几步走到？"""
    Q = np.full((3, 2), float(start))
    state, steps = 0, 0
    while True:
        explore = rng.random() < epsilon
        a = int(rng.integers(2)) if explore else greedy(Q[state], rng)
        after = state + 1 if a == 1 else max(state - 1, 0)
        steps += 1
        if after == 3:
            return steps
        target = gamma * Q[after].max()  # 奖励是 0
        Q[state, a] += alpha * (target - Q[state, a])
        state = after


# --8<-- [end:corridor]

# --8<-- [start:compare]
ways = {
    "从 0 开始，平局选第一个": (first, 0),
    "从 0 开始，平局随机选": (random_tie, 0),
    "从 1 开始，平局选第一个": (first, 1),
}
for name, (greedy, start) in ways.items():
    rngs = [np.random.default_rng(seed) for seed in range(200)]
    steps = [until_reward(greedy, start, rng) for rng in rngs]
    print(f"{name}：平均 {np.mean(steps):.0f} 步", end="，")
    print(f"最少 {min(steps)}，最多 {max(steps)}")
# --8<-- [end:compare]


# --8<-- [start:exact]
def expected(p):
    """每步以概率 p 向右时，从三格各要走几步：解线性方程组。"""
    P = np.array([[1 - p, p, 0], [1 - p, 0, p], [0, 1 - p, 0]])
    return np.linalg.solve(np.eye(3) - P, np.ones(3))


print(f"只靠探索向右（p = {epsilon / 2}）：{expected(0.05)[0]:.0f} 步")
print(f"两边各一半（p = 0.5）：{expected(0.5)[0]:.0f} 步")
# --8<-- [end:exact]
