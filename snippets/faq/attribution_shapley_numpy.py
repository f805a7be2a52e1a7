# --8<-- [start:orders]
from fractions import Fraction
from itertools import combinations, permutations
from math import comb

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor


def glove(team):
    """A 有一只左手套，B、C 各有一只右手套；凑得成一双，值 1。"""
    return int("A" in team and ("B" in team or "C" in team))


total = dict.fromkeys("ABC", 0)
for order in permutations("ABC"):
    team, gains = set(), {}
    for player in order:
        before = glove(team)
        team.add(player)
        gains[player] = glove(team) - before  # 他一到，多出多少
        total[player] += gains[player]
    print("".join(order), "：", "，".join(f"{p} {gains[p]}" for p in "ABC"), sep="")
shares = {p: Fraction(total[p], 6) for p in total}
print("六种次序平均：", "，".join(f"{p} {shares[p]}" for p in shares), sep="")
# --8<-- [end:orders]


# --8<-- [start:shapley]
def shapley(value, players):
    """value(集合) 是这些人一起值多少；返回字典 {人: 沙普利值}。"""
    n, sizes = len(players), range(len(players) + 1)
    teams = [frozenset(t) for k in sizes for t in combinations(players, k)]
    worth = {team: value(team) for team in teams}  # 每个组合只算一次
    phi = dict.fromkeys(players, 0.0)
    for i in players:
        for team in (team for team in teams if i not in team):
            # 在所有次序里，排在 i 前面的恰好是 team 的占多少
            weight = 1 / (n * comb(n - 1, len(team)))
            phi[i] += weight * (worth[team | {i}] - worth[team])
    return phi


phi = shapley(glove, "ABCD")  # D 空手而来
print("四个人：", "，".join(f"{p} {phi[p]:.4f}" for p in phi), sep="")
print(f"加起来 {sum(phi.values()):.4f}，四个人一起值 {glove('ABCD')}")
# --8<-- [end:shapley]

# --8<-- [start:model]
names = ["age", "bmi", "bp", "s5", "s6"]
data = load_diabetes(as_frame=True, scaled=False)
X, y = data.data[names].to_numpy(), data.target.to_numpy()
model = GradientBoostingRegressor(random_state=0).fit(X[100:], y[100:])
background, x = X[100:200], X[1]  # x 没有用来训练
# --8<-- [end:model]


# --8<-- [start:features]
def known(team):
    """只知道 team 里的特征：别的特征换成背景里的，输出取平均。"""
    rows = background.copy()
    for j in team:
        rows[:, j] = x[j]
    return model.predict(rows).mean()


phi = shapley(known, range(len(names)))
print(f"基准 {known(()):.1f}，这一条的预测 {model.predict([x])[0]:.1f}")
for j, name in enumerate(names):
    print(f"{name} = {x[j]:.1f}：{phi[j]:+.1f}")
print(f"基准加五个贡献：{known(()) + sum(phi.values()):.1f}")
# --8<-- [end:features]

# --8<-- [start:kernel]
n, full = len(names), known(range(len(names))) - known(())
rows, gains, weights = [], [], []
for size in range(1, n):
    for team in combinations(range(n), size):
        rows.append([j in team for j in range(n)])
        gains.append(known(team) - known(()))
        weights.append((n - 1) / (comb(n, size) * size * (n - size)))
z, root = np.array(rows, float), np.sqrt(weights)
# 总和必须等于 full：把最后一个系数写成 full 减去其余的
left = z[:, :-1] - z[:, -1:]
right = np.array(gains) - z[:, -1] * full
slopes = np.linalg.lstsq(left * root[:, None], right * root)[0]
slopes = [*slopes, full - slopes.sum()]
print(f"回归用了 {len(rows)} 个组合")
print("与逐个组合算出来的相同：", np.allclose(slopes, list(phi.values())))
# --8<-- [end:kernel]
