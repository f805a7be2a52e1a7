# --8<-- [start:world]
import warnings

import matplotlib.pyplot as plt
import numpy as np

ROWS, COLUMNS = 4, 12
MOVES = [(-1, 0), (1, 0), (0, -1), (0, 1)]  # 上、下、左、右
START, GOAL = 36, 47  # 最下一行的左端和右端，两者之间是悬崖


def step(state, a):
    """返回 (s', r, terminated, 掉下去了吗)。"""
    row = min(max(state // COLUMNS + MOVES[a][0], 0), ROWS - 1)
    column = min(max(state % COLUMNS + MOVES[a][1], 0), COLUMNS - 1)
    after = row * COLUMNS + column
    if START < after < GOAL:  # 掉下悬崖：扣 100，回到起点
        return START, -100, False, True
    return after, -1, after == GOAL, False


# --8<-- [end:world]


# --8<-- [start:choose]
def choose(q, epsilon, rng):
    if rng.random() < epsilon:
        return int(rng.integers(4))
    return q.index(max(q))


# --8<-- [end:choose]


# --8<-- [start:learn]
def learn(method, seed, episodes=1000, alpha=0.1, epsilon=0.1):
    rng = np.random.default_rng(seed)
    Q = [[0.0] * 4 for _ in range(ROWS * COLUMNS)]
    returns, falls = [], 0
    for _ in range(episodes):
        s, total, terminated = START, 0, False
        a = choose(Q[s], epsilon, rng)
        while not terminated:
            after, r, terminated, fell = step(s, a)
            a_next = choose(Q[after], epsilon, rng)  # 下一步真的走它
            if method == "Sarsa":
                future = Q[after][a_next]
            else:  # Q 学习
                future = max(Q[after])
            Q[s][a] += alpha * (r + future * (not terminated) - Q[s][a])
            s, a = after, a_next
            total, falls = total + r, falls + fell
        returns.append(total)
    return Q, returns, falls


# --8<-- [end:learn]


# --8<-- [start:compare]
def greedy_path(Q):
    s, path = START, [START]
    while s != GOAL and len(path) < 100:
        s, *_ = step(s, Q[s].index(max(Q[s])))
        path.append(s)
    return path


curves, paths = {}, {}
for method in ["Q 学习", "Sarsa"]:
    runs = [learn(method, seed) for seed in range(20)]
    curves[method] = np.mean([returns for _, returns, _ in runs], axis=0)
    late = [np.mean(returns[-100:]) for _, returns, _ in runs]
    falls = [fell for _, _, fell in runs]
    found = [greedy_path(Q) for Q, _, _ in runs]
    paths[method] = found[0]
    lengths = [len(path) - 1 for path in found if path[-1] == GOAL]
    print(f"{method}（20 个种子，各 1000 局）")
    print(f"  边学边走，最后 100 局的平均回报 {np.mean(late):.1f}", end="，")
    print(f"从 {min(late):.1f} 到 {max(late):.1f}")
    print(f"  平均掉下悬崖 {np.mean(falls):.0f} 次")
    print(f"  学完只走贪心，{len(lengths)} 个种子走到", end="，")
    print(f"{min(lengths)} 到 {max(lengths)} 步")
# --8<-- [end:compare]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "reinforcement_cliff_numpy"
figure, axes = plt.subplots(
    2, figsize=(3.5, 4.2), layout="constrained", height_ratios=[3, 2]
)
for method, style in [("Sarsa", "C0-"), ("Q 学习", "C1--")]:
    smooth = curves[method].reshape(-1, 25).mean(axis=1)  # 每 25 局平均
    axes[0].plot(np.arange(12.5, 1000, 25), smooth, style, label=method)
    rows, columns = np.divmod(paths[method], COLUMNS)
    axes[1].plot(columns + 0.5, rows + 0.5, style, lw=2)
axes[0].set(ylim=(-100, 0), xticks=[0, 500, 1000], xlabel="局")
axes[0].set_title("边学边走的平均回报", loc="left", fontsize=10)
axes[0].legend(frameon=False, loc="lower right")
axes[0].spines[["top", "right"]].set_visible(False)
axes[1].hlines(range(5), 0, COLUMNS, "0.5", lw=0.5)
axes[1].vlines(range(13), 0, 3, "0.5", lw=0.5)
axes[1].vlines([0, 1, 11, 12], 3, 4, "0.5", lw=0.5)
axes[1].set_title("贪心路线：左下是起点，右下是终点", loc="left", fontsize=10)
axes[1].text(6, 3.5, "悬崖", ha="center", va="center")
axes[1].set(ylim=(ROWS, 0), xlim=(0, COLUMNS), aspect="equal")
axes[1].axis("off")
# --8<-- [end:figure]

# --8<-- [start:save]
title = "Q 学习沿悬崖边走，学的时候回报低；Sarsa 绕远，学的时候回报高"
path, about = "reinforcement_cliff_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:save]
