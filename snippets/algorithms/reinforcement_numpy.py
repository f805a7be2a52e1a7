# --8<-- [start:model]
import gymnasium
import numpy as np

S = ["左上", "右上", "左下", "右下"]
ACTIONS = ["上", "右", "下", "左"]
MOVES = [(-1, 0), (0, 1), (1, 0), (0, -1)]  # 行、列的变化
PAY = [0, 0, -1, 1]  # 走进（或留在）一格：左下是泥坑，右下是果树
gamma = 0.9

P = np.zeros((4, 4, 4))  # (s, a, s')：转移概率
R = np.zeros((4, 4))  # (s, a)：期望奖励
for s in range(4):
    for a, (down, right) in enumerate(MOVES):
        row, column = s // 2 + down, s % 2 + right
        inside = 0 <= row < 2 and 0 <= column < 2
        after = 2 * row + column if inside else s  # 撞墙就留在原地
        P[s, a, after] = 1
        R[s, a] = PAY[after]
for a in range(4):
    print(f"左上向{ACTIONS[a]}：到{S[P[0, a].argmax()]}，奖励 {R[0, a]:g}")
# --8<-- [end:model]


# --8<-- [start:evaluate]
def evaluate(pi, P, R, gamma):
    """策略 pi (s, a) 的价值：解 (I - gamma P_pi) V = R_pi。"""
    P_pi = np.einsum("sa,sat->st", pi, P)
    R_pi = (pi * R).sum(axis=1)
    return np.linalg.solve(np.eye(len(R)) - gamma * P_pi, R_pi)


def show(name, V):
    print(name + "，".join(f"{s} {v:z.2f}" for s, v in zip(S, V, strict=True)))


always_right = np.eye(4)[[1, 1, 1, 1]]
show("总向右走：", evaluate(always_right, P, R, gamma))
show("随机走：", evaluate(np.full((4, 4), 0.25), P, R, gamma))
# --8<-- [end:evaluate]


# --8<-- [start:improve]
def lookahead(V, P, R, gamma):
    return R + gamma * P @ V  # Q (s, a)：先走 a，以后的价值按 V 算


def policy_iteration(choice, P, R, gamma):
    while True:
        pi = np.eye(R.shape[1])[choice]
        V = evaluate(pi, P, R, gamma)
        yield choice, V
        Q = lookahead(V, P, R, gamma)
        keep = np.isclose(Q[range(len(Q)), choice], Q.max(axis=1))
        if keep.all():  # 每一格都没有更好的动作：最优
            return
        choice = np.where(keep, choice, Q.argmax(axis=1))


start = np.array([0, 0, 0, 0])  # 总向上
for step, (choice, V) in enumerate(policy_iteration(start, P, R, gamma)):
    print(f"策略 {step}：" + " ".join(ACTIONS[a] for a in choice))
    show(f"价值 {step}：", V)
optimum = V
Q = lookahead(V, P, R, gamma)
print("左上的 Q：" + "，".join(f"{ACTIONS[a]} {Q[0, a]:.1f}" for a in range(4)))
# --8<-- [end:improve]


# --8<-- [start:iterate]
def value_iteration(P, R, gamma, rounds):
    V = np.zeros(len(R))
    for _ in range(rounds):
        V = lookahead(V, P, R, gamma).max(axis=1)
        yield V


rounds = list(value_iteration(P, R, gamma, 100))
for k in [1, 2, 3, 10, 100]:
    show(f"第 {k} 轮：", rounds[k - 1])
errors = [abs(V - optimum).max() for V in rounds]
print("前四轮的误差：" + "，".join(f"{e:.4f}" for e in errors[:4]))
print(f"相邻两轮之比：{errors[1] / errors[0]:.2f}", end="，")
print(f"{errors[2] / errors[1]:.2f}")
choice = lookahead(rounds[0], P, R, gamma).argmax(axis=1)
print("第 1 轮的贪心策略：" + " ".join(ACTIONS[a] for a in choice))
# --8<-- [end:iterate]


# --8<-- [start:library]
lake = gymnasium.make("FrozenLake-v1")  # 4×4 的冰面，会打滑
P, R = np.zeros((16, 4, 16)), np.zeros((16, 4))
for s, row in lake.unwrapped.P.items():
    for a, outcomes in row.items():
        for p, after, reward, terminated in outcomes:
            R[s, a] += p * reward
            P[s, a, after] += p * (not terminated)  # 终点之后没有价值
*_, V = value_iteration(P, R, gamma, 200)
choice = lookahead(V, P, R, gamma).round(9)  # 舍入，免得平局由误差来定
choice = choice.argmax(axis=1)
returns = []
state, _ = lake.reset(seed=0)
for _ in range(3000):
    total, discount, done = 0, 1, False
    while not done:
        state, reward, terminated, truncated, _ = lake.step(choice[state])
        total, discount = total + discount * reward, discount * gamma
        done = terminated or truncated
    returns.append(total)
    state, _ = lake.reset()
print(f"起点的价值：算出 {V[0]:.3f}", end="，")
error = np.std(returns) / np.sqrt(len(returns))
print(f"玩 3000 局平均 {np.mean(returns):.3f}，标准误 {error:.3f}")
# --8<-- [end:library]
