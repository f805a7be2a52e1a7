# --8<-- [start:elo]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression


def elo(results, k):
    """甲、乙从 1000 分开始，逐局更新；返回最后甲比乙高几分。"""
    a = b = 1000
    for s in results:
        p = 1 / (1 + 10 ** ((b - a) / 400))  # 按此刻的分数，甲赢的机会
        a, b = a + k * (s - p), b - k * (s - p)
    return a - b


orders = {  # 1 是甲胜，0 是乙胜
    "输在最后": [1, 1, 1, 0],
    "输在最先": [0, 1, 1, 1],
    "输在第二": [1, 0, 1, 1],
}
print("甲 3 胜 1 负，比乙高几分")
for name, results in orders.items():
    far, near = elo(results, k=32), elo(results, k=4)
    print(f"{name}：K = 32 时 {far:.2f}，K = 4 时 {near:.2f}")
# --8<-- [end:elo]


# --8<-- [start:bt]
def bradley_terry(wins, steps=500):
    """wins[i, j]：i 赢 j 几局，(M, M)；返回 M 家的分数，平均是 0。"""
    games = wins + wins.T
    strength = np.ones(len(wins))
    for _ in range(steps):
        due = games / (strength[:, None] + strength)
        strength = wins.sum(axis=1) / due.sum(axis=1)
    rating = 400 * np.log10(strength)
    return rating - rating.mean()


def chain(a_c, c_a):
    """甲胜乙 3 比 1，乙胜丙 3 比 1；甲与丙 a_c 比 c_a。"""
    return np.array([[0, 3, a_c], [1, 0, 3], [c_a, 1, 0]])


for a_c, c_a in [(0, 0), (2, 2), (1, 3)]:
    a, b, c = bradley_terry(chain(a_c, c_a))
    p = 1 / (1 + 10 ** ((c - a) / 400))
    print(f"甲丙 {a_c} 比 {c_a}：甲胜丙的机会 {p:.3f}")
    print(f"    甲减乙 {a - b:.1f} 分，甲减丙 {a - c:.1f} 分")
# --8<-- [end:bt]


# --8<-- [start:interval]
def covariance(rating, games):
    """各家分数的协方差，(M, M)；games[i, j]：两家对了几局。"""
    p = 1 / (1 + 10 ** ((rating - rating[:, None]) / 400))
    weight = games * p * (1 - p)  # 一对一共带来的信息，势均力敌时最多
    information = np.diag(weight.sum(axis=1)) - weight
    return (400 / np.log(10)) ** 2 * np.linalg.pinv(information, rcond=1e-9)


for won, lost in [(3, 1), (300, 100), (500, 500), (3625, 3625)]:
    wins = np.array([[0, won], [lost, 0]])
    rating = bradley_terry(wins)
    v = covariance(rating, wins + wins.T)
    half = 1.96 * (v[0, 0] + v[1, 1] - 2 * v[0, 1]) ** 0.5  # 差的方差
    gap = rating[0] - rating[1]
    print(f"{won} 比 {lost}：高 {gap:.1f} 分，正负 {half:.1f}")
# --8<-- [end:interval]

# --8<-- [start:bootstrap]
rng = np.random.default_rng(0)
won = rng.binomial(400, 300 / 400, size=100_000)  # 400 局有放回地重抽
gap = 400 * np.log10(won / (400 - won))
low, high = np.quantile(gap, [0.025, 0.975])
print(f"300 比 100，对局重抽：{low:.0f} 分到 {high:.0f} 分")
# --8<-- [end:bootstrap]

# --8<-- [start:stuck]
for gap in (400, 800, 1200, 1600):
    chance = (1 / (1 + 10 ** (-gap / 400))) ** 5
    print(f"5 比 0，差 {gap} 分：这个结果的机会 {chance:.4f}")
a, b = bradley_terry(np.array([[0, 5.5], [0.5, 0]]))
print(f"添一局假想的平局，算各胜半局：差 {a - b:.1f} 分")
# --8<-- [end:stuck]

# --8<-- [start:selection]
rng = np.random.default_rng(0)
print("真的差是 0 分，各得 1000 票，平均测得")
for n in (1, 2, 5, 10, 27):
    # n 个版本，与对手都一样强：真的差是 0 分
    won = rng.binomial(1000, 0.5, size=(50_000, n))
    best = 400 * np.log10(won / (1000 - won)).max(axis=1)
    # 最好的那个发布之后，与它以前的运气无关的新票
    fresh = rng.binomial(1000, 0.5, size=50_000)
    again = 400 * np.log10(fresh / (1000 - fresh))
    luck, later = round(best.mean()), round(again.mean())
    print(f"{n} 个版本：最高的 {luck} 分，它的新票 {later} 分")
# --8<-- [end:selection]

# --8<-- [start:board]
rng = np.random.default_rng(0)
truth = np.arange(28, -29, -8)  # 八家，相邻两家真差 8 分
i, j = np.triu_indices(8, 1)  # 28 对，i 比 j 强
p = 1 / (1 + 10 ** ((truth[j] - truth[i]) / 400))
for each in (100, 1000, 10_000):  # 每对对几局；每家的票是它的 7 倍
    ahead = rng.binomial(each, p, size=(100_000, 28))  # i 胜几局
    won = ahead @ np.eye(8)[i] + (each - ahead) @ np.eye(8)[j]
    # 各家对局一样多，按胜局排就是按分数排；并列算半次第一
    rest = won[:, 1:].max(axis=1)
    first = np.mean((won[:, 0] > rest) + (won[:, 0] == rest) / 2)
    v = covariance(truth, each * (1 - np.eye(8)))
    half = 1.96 * (v[0, 0] + v[1, 1] - 2 * v[0, 1]) ** 0.5
    print(f"每家 {7 * each} 票：真第一排第一的机会 {first:.2f}")
    print(f"    头两家之差正负 {half:.1f} 分")
# --8<-- [end:board]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "leaderboards_arena_numpy"
figure, axes = plt.subplots(3, figsize=(3.5, 5.4), layout="constrained")
for axis, each in zip(axes, (100, 1000, 10_000), strict=True):
    wins = np.zeros((8, 8), int)
    wins[i, j] = rng.binomial(each, p)
    wins[j, i] = each - wins[i, j]
    rating = bradley_terry(wins)
    half = 1.96 * np.diag(covariance(rating, wins + wins.T)) ** 0.5
    place = range(1, 9)
    axis.errorbar(place, rating, half, fmt="C0o", ms=4, lw=1, label="测得")
    axis.plot(place, truth, "k_", ms=9, label="真的")
    axis.set(xticks=place, ylim=(-75, 75), yticks=[-50, 0, 50])
    axis.set_title(f"分数，每家 {7 * each} 票", loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
axes[0].legend(frameon=False, loc="upper right", ncols=2)
axes[2].set_xlabel("真的名次")
title = "相邻两家真差 8 分：700 票时区间叠在一起，70000 票时分得开"
path, about = "leaderboards_arena_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]

# --8<-- [start:library]
wins = chain(2, 2)
i, j = np.nonzero(wins)
x = np.eye(3)[i] - np.eye(3)[j]  # 赢家一列 1，输家一列 -1
# 每局再从输家那边写一遍，判 0：逻辑回归要两类都有
x, y = np.concatenate([x, -x]), np.repeat([1, 0], len(x))
model = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10)
model.fit(x, y, sample_weight=np.tile(wins[i, j], 2))
theirs = 400 / np.log(10) * model.coef_[0]
same = np.allclose(theirs, bradley_terry(wins), atol=1e-3)
print("与 sklearn 的逻辑回归相同：", same)
# --8<-- [end:library]
