# --8<-- [start:program]
import math

import numpy as np


def softmax(x):
    """每行变成概率。先减去行最大值，指数才不会溢出。"""
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# --8<-- [end:program]


# --8<-- [start:reference]
def reference(x):
    """按定义逐个算：p_j = 1 / Σ_k exp(x_k − x_j)，不用 NumPy 的指数与求和。"""

    def probability(row, j):
        # 指数超过 700 的一项已大到使 p_j 为 0
        if max(v - row[j] for v in row) > 700:
            return 0.0
        return 1 / math.fsum(math.exp(v - row[j]) for v in row)

    rows = x.tolist()
    return np.array([[probability(r, j) for j in range(len(r))] for r in rows])


# --8<-- [end:reference]


# --8<-- [start:checks]
small = np.array([[0.0, 1.0, 2.0], [3.0, 1.0, -1.0], [0.5, 0.5, 0.0]])
large = 1000 * small

checks = {
    "每行和为 1": lambda f: np.allclose(f(small).sum(axis=1), 1),
    "与参照相等": lambda f: np.allclose(f(small), reference(small), atol=1e-12),
    "与参照相等，输入乘 1000": lambda f: np.allclose(
        f(large), reference(large), atol=1e-12
    ),
}
# --8<-- [end:checks]


# --8<-- [start:mutants]
def flipped_sign(x):
    e = np.exp(x.min(axis=1, keepdims=True) - x)
    return e / e.sum(axis=1, keepdims=True)


def wrong_axis(x):
    e = np.exp(x - x.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


def without_maximum(x):
    e = np.exp(x)
    return e / e.sum(axis=1, keepdims=True)


versions = {
    "原来的程序": softmax,
    "指数的符号写反": flipped_sign,
    "轴写错": wrong_axis,
    "不减最大值": without_maximum,
}
table = {}
with np.errstate(over="ignore", invalid="ignore"):  # 溢出正是要看的
    for name, function in versions.items():
        table[name] = [bool(check(function)) for check in checks.values()]
print("检查依次是：", "；".join(checks))
for name, passed in table.items():
    print(f"{name}：", *["绿" if p else "红" for p in passed])
# --8<-- [end:mutants]
