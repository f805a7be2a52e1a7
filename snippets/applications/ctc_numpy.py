# --8<-- [start:table]
from itertools import groupby, product

import numpy as np

BLANK = 0
y = np.array(  # 每帧给空白、1、2 的概率，(4, 3)，每行和为 1
    [[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.5, 0.1, 0.4], [0.6, 0.2, 0.2]]
)
# --8<-- [end:table]


# --8<-- [start:collapse]
def collapse(path):
    """先把相邻的同号并成一个，再去掉空白。"""
    return tuple(k for k, _ in groupby(path) if k != BLANK)


def show(path):
    return "".join("-12"[k] for k in path)


total, ways = {}, {}
for path in product(range(3), repeat=4):
    said = collapse(path)
    total[said] = total.get(said, 0) + y[range(4), path].prod()
    ways[said] = ways.get(said, 0) + 1
print(f"{sum(ways.values())} 种写法，{len(total)} 种答案")
for said in sorted(total, key=total.get, reverse=True)[:5]:
    print(f"「{show(said)}」：{ways[said]} 种写法，合计 {total[said]:.4f}")
# --8<-- [end:collapse]


# --8<-- [start:best]
best = y.argmax(1)
value = y.max(1).prod()
print(
    f"最可能的一种写法 {show(best)}，概率 {value:.3f}，答案「{show(collapse(best))}」"
)
# --8<-- [end:best]


# --8<-- [start:lattice]
def lattice(y, target):
    """每一列、每一格：前面走到这里的全部写法的概率之和，(帧数, 2U + 1)。"""
    row = [BLANK]
    for k in target:
        row += [k, BLANK]
    alpha = np.zeros((len(y), len(row)))
    alpha[0, :2] = y[0, row[:2]]
    for t in range(1, len(y)):
        for s, k in enumerate(row):
            came = alpha[t - 1, max(0, s - 1) : s + 1].sum()  # 停、前进一格
            if s > 1 and k not in (BLANK, row[s - 2]):
                came += alpha[t - 1, s - 2]  # 跳过中间的空白
            alpha[t, s] = came * y[t, k]
    return alpha


alpha = lattice(y, (1, 2))
for t, column in enumerate(alpha, 1):
    print(f"第 {t} 帧：", " ".join(f"{value:.4f}" for value in column))
print(
    f"末两格之和 {alpha[-1, -2:].sum():.4f}，损失 {-np.log(alpha[-1, -2:].sum()):.4f}"
)
# --8<-- [end:lattice]


# --8<-- [start:repeat]
for target in ((1, 1), (1, 1, 1), ()):
    chance = lattice(y, target)[-1, -2:].sum()
    print(f"「{show(target)}」：{chance:.4f}")
# --8<-- [end:repeat]
