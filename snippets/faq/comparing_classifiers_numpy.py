# --8<-- [start:wald]
from math import sqrt

import numpy as np
from scipy import stats

z = stats.norm.ppf(0.975)  # 正态分布中间 95% 的边界，约 1.96


def wald(right, n):
    """准确率加减 z 个标准误。"""
    p = right / n
    se = sqrt(p * (1 - p) / n)
    return p - z * se, p + z * se


for right, n in [(108, 114), (10, 10), (113, 114)]:
    p = right / n
    se = sqrt(p * (1 - p) / n)
    low, high = wald(right, n)
    print(f"{n} 例对 {right} 例：准确率 {p:.4f}，标准误 {se:.4f}", end="，")
    print(f"区间 {low:.4f} 到 {high:.4f}")
# --8<-- [end:wald]

# --8<-- [start:candidates]
# 反过来问：真正的准确率若是 p，114 例里对 108 例算不算意外？
for p in (0.85, 0.88, 0.90, 0.95, 0.97, 0.98):
    se = sqrt(p * (1 - p) / 114)  # 标准误用候选的 p 算，不用观察到的
    away = (108 / 114 - p) / se
    said = "不意外，留下" if abs(away) <= z else "意外，去掉"
    print(f"p = {p:.2f}：平均该对 {114 * p:.1f} 例，差 {away:+.2f} 个标准误，{said}")
# --8<-- [end:candidates]


# --8<-- [start:wilson]
def wilson(right, n):
    """恰好差 z 个标准误的两个 p：解一个二次方程。"""
    # n (right/n - p)² = z² p (1 - p)，按 p 的幂整理
    a, b, c = n + z**2, -(2 * right + z**2), right**2 / n
    root = sqrt(b**2 - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


for right, n in [(108, 114), (10, 10), (113, 114)]:
    low, high = wilson(right, n)
    middle = (right + z**2 / 2) / (n + z**2)  # 像是多答了 z² 例，一半对
    print(f"{n} 例对 {right} 例：区间 {low:.4f} 到 {high:.4f}", end="，")
    print(f"中点 {middle:.4f}")
# --8<-- [end:wilson]


# --8<-- [start:exact]
def clopper_pearson(right, n):
    """两头各留 2.5%：至少（至多）对这么多例的机会，用二项分布算。"""
    low, high = 0.0, 1.0  # 全错时下端是 0，全对时上端是 1
    if right > 0:
        low = stats.beta.ppf(0.025, right, n - right + 1)
    if right < n:
        high = stats.beta.ppf(0.975, right + 1, n - right)
    return float(low), float(high)


for right, n in [(108, 114), (10, 10), (113, 114)]:
    low, high = clopper_pearson(right, n)
    print(f"{n} 例对 {right} 例：区间 {low:.4f} 到 {high:.4f}")

low, high = clopper_pearson(108, 114)
k = np.arange(115)
at_low = stats.binom.pmf(k, 114, low)[108:].sum()
at_high = stats.binom.pmf(k, 114, high)[:109].sum()
print(f"p 取下端，至少对 108 例的机会 {at_low:.4f}", end="；")
print(f"取上端，至多对 108 例的机会 {at_high:.4f}")
# --8<-- [end:exact]

# --8<-- [start:three]
# 上一节的下端：10 例全对的机会 p 的 10 次方恰是 2.5%
print(f"0.025 开 10 次方：{0.025 ** (1 / 10):.4f}")
for n in (10, 100, 1000):
    rest = 1 - 0.05 ** (1 / n)  # 只问一侧，所以留 5%
    print(f"{n} 例全对：错误率的上限 {rest:.4f}，三除以例数 {3 / n:.4f}")
# --8<-- [end:three]

# --8<-- [start:library]
pairs = []
for right, n in [(108, 114), (10, 10), (113, 114), (0, 7)]:
    test = stats.binomtest(right, n)
    pairs.append((wilson(right, n), test.proportion_ci(method="wilson")))
    pairs.append((clopper_pearson(right, n), test.proportion_ci(method="exact")))
ours, theirs = np.array([(a, [b.low, b.high]) for a, b in pairs]).swapaxes(0, 1)
print("两种区间与 binomtest 的 proportion_ci 相同：", np.allclose(ours, theirs))
# --8<-- [end:library]
