# --8<-- [start:joint]
from itertools import chain, combinations

import networkx as nx
import numpy as np


def joint_table(parents, fill):
    """乘成联合概率，每个变量一根轴；parents 形如 {"W": "SR"}。"""
    names = list(parents)
    factors = []
    for name, above in parents.items():
        p = fill(len(above))  # 为真的概率，每个父变量一根轴
        table = np.stack([1 - p, p], axis=-1)  # 末轴是自己
        axes = [names.index(v) for v in [*above, name]]
        factors += [table, axes]
    return np.einsum(*factors, range(len(names)))


def mostly_or(k):
    """有父变量为真，就以 0.9 为真；全假 0.1；没有父变量 0.5。"""
    p = np.full((2,) * k, 0.9)
    p.flat[0] = 0.1 if k else 0.5  # 全假；没有父变量
    return p


# --8<-- [end:joint]


# --8<-- [start:three]
def conditional(parents, table, x, y, given):
    """P(x, y | given)，轴依次是 x、y、given。"""
    names = list(parents)
    axes = [names.index(v) for v in [x, y, *given]]
    p = np.einsum(table, range(len(names)), axes)  # 其余的加掉
    return p / p.sum(axis=(0, 1))


GRAPHS = {
    "链": {"A": "", "B": "A", "C": "B"},
    "分叉": {"B": "", "A": "B", "C": "B"},
    "对撞": {"A": "", "C": "", "B": "AC"},
    "对撞有后代": {"A": "", "C": "", "B": "AC", "D": "B"},
}
print("C 为真的概率：")
for name, parents in GRAPHS.items():
    table = joint_table(parents, mostly_or)
    for given in ["", *sorted(set(parents) - set("AC"))]:
        p = conditional(parents, table, "A", "C", given)
        p = p[..., 1] if given else p  # 给定的变量为真
        no, yes = p[:, 1] / p.sum(axis=1)
        label = f"给定 {given} 真" if given else "不给定"
        print(f"{name}，{label}：A 假 {no:.3f}，A 真 {yes:.3f}")
# --8<-- [end:three]


# --8<-- [start:separated]
def separated(parents, x, y, given):
    """从 x 出发，走不到 y 就是 d 分离。"""
    children = {v: [u for u in parents if v in parents[u]] for v in parents}
    ancestors, stack = set(), list(given)
    while stack:  # given 与它们的祖先：对撞在这里打开
        v = stack.pop()
        ancestors.add(v)
        stack += parents[v]
    seen, stack = set(), [(x, "上")]  # 上：从子变量来，两头都能走
    while stack:
        v, way = stack.pop()
        if v == y:
            return False
        if (v, way) in seen:
            continue
        seen.add((v, way))
        if v not in given:  # 链与分叉：没给定就通
            stack += [(u, "下") for u in children[v]]
        # 从子变量来：没给定就通；从父变量来：对撞，它或后代给定才通
        passes = v not in given if way == "上" else v in ancestors
        if passes:
            stack += [(u, "上") for u in parents[v]]
    return True


# --8<-- [end:separated]


# --8<-- [start:sprinkler]
SPRINKLER = {"C": "", "S": "C", "R": "C", "W": "SR"}


def statements(parents):
    """每一对变量，配上其余变量的每个子集。"""
    for x, y in combinations(parents, 2):
        rest = [v for v in parents if v not in (x, y)]
        sizes = range(len(rest) + 1)
        for given in chain(*(combinations(rest, k) for k in sizes)):
            yield x, y, given


for x, y, given in statements(SPRINKLER):
    if separated(SPRINKLER, x, y, given):
        print(f"{x} 与 {y} 独立，给定 {''.join(given)}")
# --8<-- [end:sprinkler]


# --8<-- [start:library]
LARGE = {"A": "", "B": "", "C": "AB", "D": "B", "E": "CD", "F": "D"}
rng = np.random.default_rng(0)
table = joint_table(LARGE, lambda k: rng.uniform(0.1, 0.9, size=(2,) * k))
graph = nx.DiGraph([(u, v) for v in LARGE for u in LARGE[v]])
found = []
for x, y, given in statements(LARGE):
    p = conditional(LARGE, table, x, y, given)
    product = p.sum(axis=1, keepdims=True) * p.sum(axis=0)
    apart = abs(p - product).max()  # 独立时是 0，只剩舍入
    theirs = nx.is_d_separator(graph, {x}, {y}, set(given))
    found.append((separated(LARGE, x, y, given), theirs, apart))
mine, theirs, apart = map(np.array, zip(*found, strict=True))
print(f"六个变量：{len(found)} 句，d 分离 {mine.sum()} 句")
print(f"与 networkx 一致：{(mine == theirs).sum()} 句")
print(f"与表里的数一致：{(mine == (apart < 1e-9)).sum()} 句")
print(f"不分离的各句里，最小的差 {apart[~mine].min():.0e}")
# --8<-- [end:library]
