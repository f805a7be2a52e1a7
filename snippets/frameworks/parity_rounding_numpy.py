# --8<-- [start:by-hand]
from decimal import Context, Decimal

import numpy as np

three_digits = Context(prec=3)  # 每步只留三位有效数字


def add_up(words):
    total = Decimal(0)
    for word in words:
        total = three_digits.add(total, Decimal(word))
    return total


for terms in (["100", "0.4", "0.4", "-100"], ["100", "-100", "0.4", "0.4"]):
    print("、".join(terms), "依次相加：", add_up(terms))
# --8<-- [end:by-hand]


# --8<-- [start:measure]
rng = np.random.default_rng(0)
UNIT = 2.0**-24  # float32 舍入一次，相对误差最多这么大


def one_sum(n):
    """一个 n 项的内积：逐项累加成 float32，返回误差与各项绝对值之和。"""
    x, w = rng.standard_normal((2, n), dtype=np.float32)
    terms = x.astype(float) * w  # 两个 24 位的数相乘，float64 装得下，没有舍入
    added = np.cumsum(x * w, dtype=np.float32)[-1]  # cumsum 逐项相加，不分块
    return abs(added - terms.sum()), np.abs(terms).sum()


for n in (10, 100, 1000, 10000):
    errors, sizes = np.transpose([one_sum(n) for _ in range(500)])
    share = errors / (UNIT * sizes)  # 误差是 u·Σ|项| 的几倍
    print(f"{n} 项：上界 {n} 倍，√n 是 {n**0.5:.0f} 倍", end="，")
    print(f"实测 500 次，最大 {share.max():.1f} 倍")
# --8<-- [end:measure]


# --8<-- [start:cancel]
x = np.array([1000.0, 0.125, -1000.0], np.float32)
w = np.array([1.001, 1.0, 1.0], np.float32)
terms = x.astype(float) * w
exact, size = terms.sum(), np.abs(terms).sum()
rounded = sum(x * w)  # 乘积与部分和都是 float32，每一步都舍入
error = abs(float(rounded) - exact)
print(f"结果 {exact:.4f}，各项绝对值之和 {size:.0f}")
print("相对误差超过 1e-6：", error / abs(exact) > 1e-6)
print("误差不到 u·Σ|项| 的三倍：", error < 3 * UNIT * size)
# --8<-- [end:cancel]
