# --8<-- [start:joint]
import itertools

import numpy as np

# 轴的次序：父变量在前，自己在后；下标 0 是假，1 是真
P_C = np.array([0.5, 0.5])  # 多云
P_S = np.array([[0.5, 0.5], [0.9, 0.1]])  # P(S | C)
P_R = np.array([[0.8, 0.2], [0.2, 0.8]])  # P(R | C)
P_W = np.array([[[1.0, 0.0], [0.1, 0.9]], [[0.1, 0.9], [0.01, 0.99]]])


def joint(c, s, r, w):
    """联合概率：每个变量只看自己的父变量。"""
    return P_C[c] * P_S[c, s] * P_R[c, r] * P_W[s, r, w]


rows = list(itertools.product([0, 1], repeat=4))
for row in rows:
    if row[3] == 1:  # 只列草湿的八行
        print("C={} S={} R={} W={}".format(*row), f"{joint(*row):.4f}")
wet = sum(joint(*row) for row in rows if row[3] == 1)
print(f"草湿的八行合计 {wet:.4f}")
print(f"十六行合计 {sum(joint(*row) for row in rows):.4f}")
# --8<-- [end:joint]


# --8<-- [start:size]
tables = {"C": P_C, "S": P_S, "R": P_R, "W": P_W}
total = 0
for name, table in tables.items():
    free = table.size // 2  # 末轴加起来是 1，只有一半要填
    print(f"{name} 的表：独立的数 {free} 个")
    total += free
print(f"洒水网合计 {total} 个")
for n in [4, 10, 20, 30]:
    network = 1 + 2 + 4 * (n - 2)  # 一、两个父变量的表：2、4 个
    print(f"{n} 个变量：联合表 {2**n - 1} 个数", end="，")
    print(f"至多两个父变量的网络 {network} 个")
# --8<-- [end:size]


# --8<-- [start:query]
def query(target, **evidence):
    """P(target 为真 | evidence)：留下相符的行，再归一。"""
    weight = np.zeros(2)
    for row in rows:
        values = dict(zip("CSRW", row, strict=True))
        if all(values[k] == v for k, v in evidence.items()):
            weight[values[target]] += joint(*row)
    return weight[1] / weight.sum()


print(f"没有证据：下雨 {query('R'):.4f}，洒水 {query('S'):.4f}")
print(f"草湿：下雨 {query('R', W=1):.4f}，洒水 {query('S', W=1):.4f}")
# --8<-- [end:query]


# --8<-- [start:explain]
print(f"草湿：洒水 {query('S', W=1):.4f}")
print(f"草湿，下雨：洒水 {query('S', W=1, R=1):.4f}")
print(f"草湿，没下雨：洒水 {query('S', W=1, R=0):.4f}")
print(f"多云：洒水 {query('S', C=1):.4f}")
print(f"多云，下雨：洒水 {query('S', C=1, R=1):.4f}")
# --8<-- [end:explain]


# --8<-- [start:einsum]
table = np.einsum("c,cs,cr,srw->csrw", P_C, P_S, P_R, P_W)
wet = table[..., 1].sum(axis=0)  # (S, R)，草湿
wet /= wet.sum()
print(f"einsum：下雨 {wet[:, 1].sum():.4f}，洒水 {wet[1].sum():.4f}")
# --8<-- [end:einsum]
