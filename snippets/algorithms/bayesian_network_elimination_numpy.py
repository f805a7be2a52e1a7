# --8<-- [start:factors]
from collections import namedtuple

import numpy as np


def multiply(f, g):
    """两个因子相乘：变量取并集，同名的轴对齐。"""
    names = list(dict.fromkeys([*f[0], *g[0]]))
    axes = [[names.index(v) for v in h[0]] for h in (f, g)]
    table = np.einsum(f[1], axes[0], g[1], axes[1], range(len(names)))
    return names, table


def sum_out(f, v):
    """把变量 v 加掉。"""
    names, table = f
    rest = [u for u in names if u != v]
    return rest, table.sum(axis=names.index(v))


# --8<-- [end:factors]


# --8<-- [start:eliminate]
# 一步：消去 v，用了哪些因子，得到的新因子，途中的大小，乘法次数
Step = namedtuple("Step", "v used new size cost")


def product(factors):
    """乘成一个因子，并数乘法的次数。"""
    result, cost = factors[0], 0
    for f in factors[1:]:
        result = multiply(result, f)
        cost += result[1].size  # 结果里每个数乘一次
    return result, cost


def eliminate(factors, order):
    """依次消去 order；返回剩下的因子，与每一步的记录。"""
    steps = []
    for v in order:
        used = [f for f in factors if v in f[0]]
        whole, cost = product(used)
        new = sum_out(whole, v)
        factors = [f for f in factors if v not in f[0]] + [new]
        steps.append(Step(v, used, new, whole[1].size, cost))
    last, cost = product(factors)
    steps.append(Step(None, factors, last, last[1].size, cost))
    return last, steps


# --8<-- [end:eliminate]


# --8<-- [start:sprinkler]
factors = [
    (["C"], np.array([0.5, 0.5])),
    (["C", "S"], np.array([[0.5, 0.5], [0.9, 0.1]])),
    (["C", "R"], np.array([[0.8, 0.2], [0.2, 0.8]])),
    (["S", "R"], np.array([[0.0, 0.9], [0.9, 0.99]])),  # W=1 那一片
]
(_, p), steps = eliminate(factors, ["C", "S"])
for step in steps:
    scopes = " ".join(f"({','.join(names)})" for names, _ in step.used)
    names, table = step.new
    print(f"消去 {step.v}：" if step.v else "剩下：", end="")
    print(f"{scopes} → ({','.join(names)})，乘法 {step.cost} 次")
    cells = {"".join(map(str, i)): x for i, x in np.ndenumerate(table)}
    print("　" + "，".join(f"{i} 是 {x:.4f}" for i, x in cells.items()))
print(f"P(W=1) = {p.sum():.4f}，P(R=1 | W=1) = {p[1] / p.sum():.4f}")
# --8<-- [end:sprinkler]


# --8<-- [start:orders]
rng = np.random.default_rng(0)


def random_factor(*names):
    p = rng.uniform(0.1, 0.9, size=(2,) * (len(names) - 1))
    return list(names), np.stack([1 - p, p], axis=-1)


def report(name, factors, order):
    _, steps = eliminate(factors, order)
    largest = max(step.size for step in steps)
    cost = sum(step.cost for step in steps)
    print(f"{name}：乘法 {cost} 次，最大的因子 {largest} 个数")


n, first = 20, random_factor(0)
line = [first, *(random_factor(i - 1, i) for i in range(1, n))]
star = [first, *(random_factor(0, i) for i in range(1, n))]
print(f"列举 {2**n} 行：乘法 {(n - 1) * 2**n} 次")
report("链，从头到尾", line, range(n - 1))
report("星，先叶后心", star, [*range(2, n), 0])
report("星，先心后叶", star, [0, *range(2, n)])
# --8<-- [end:orders]


# --8<-- [start:greedy]
def fewest_neighbors(factors, keep):
    """每步消去邻居最少的变量：与它同在一个因子里的，是它的邻居。"""
    scopes, order = [set(f[0]) for f in factors], []

    def merged(v):
        return set().union(*(s for s in scopes if v in s))

    left = set().union(*scopes) - {keep}
    while left:
        v = min(sorted(left), key=lambda v: len(merged(v)))
        scopes = [s for s in scopes if v not in s] + [merged(v) - {v}]
        order.append(v)
        left.remove(v)
    return order


# --8<-- [end:greedy]


# --8<-- [start:grid]
def grid(k):
    """k 行 k 列，每格的父变量是上面一格与左边一格。"""
    cells = [(i, j) for i in range(k) for j in range(k)]
    pairs = [[(i - 1, j), (i, j - 1)] for i, j in cells]
    above = [[u for u in pair if min(u) >= 0] for pair in pairs]
    return [random_factor(*a, v) for a, v in zip(above, cells, strict=True)]


for k in [2, 4, 6, 8, 10]:
    factors = grid(k)
    cells = [names[-1] for names, _ in factors]
    order = fewest_neighbors(factors, cells[-1])
    report(f"{k}×{k}，贪心", factors, order)
    report(f"{k}×{k}，逐行", factors, cells[:-1])
# --8<-- [end:grid]


# --8<-- [start:library]
factors = grid(4)
(_, p), _ = eliminate(factors, fewest_neighbors(factors, (3, 3)))
operands = []
for names, table in factors:
    operands += [table, [4 * i + j for i, j in names]]
whole = np.einsum(*operands, [15], optimize="greedy")
print(f"右下角为真：本页 {p[1]:.6f}，einsum {whole[1]:.6f}")
# --8<-- [end:library]
