# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np


def answers(rng, size, gap):
    """两个系统在同一份测试集上的对错：难题对两者都难，所以结果相关。"""
    ease = rng.normal(1.5, 1.5, size)  # 每道题有多容易
    chance = 1 / (1 + np.exp(-ease)), 1 / (1 + np.exp(-ease - gap))
    return [(rng.random(size) < p).astype(float) for p in chance]


gap = 0.25
nodes, weights = np.polynomial.hermite_e.hermegauss(80)  # 对正态分布的求积
truth = [
    weights @ (1 / (1 + np.exp(-1.5 - 1.5 * nodes - g))) / weights.sum()
    for g in (0, gap)
]
print(f"真相：A {100 * truth[0]:.2f}，B {100 * truth[1]:.2f}", end="，")
print(f"B 高 {100 * (truth[1] - truth[0]):.2f} 个百分点")

a, b = answers(np.random.default_rng(0), 1000, gap)  # 手里只有这 1000 题
difference = b - a  # 每题 −1、0 或 1
only_a, only_b = int(sum(difference < 0)), int(sum(difference > 0))
print(f"观察：A {100 * a.mean():.1f}，B {100 * b.mean():.1f}", end="，")
print(f"差 {100 * difference.mean():+.1f}", end="；")
print(f"只有 A 对 {only_a} 题，只有 B 对 {only_b} 题")
# --8<-- [end:data]


# --8<-- [start:bootstrap]
def resampled_means(values, times, rng):
    """有放回地重抽同样多的题，算平均；重复 times 次。"""
    picks = rng.integers(len(values), size=(times, len(values)))
    return values[picks].mean(axis=1)


def interval(means):
    return np.quantile(means, [0.025, 0.975])


rng = np.random.default_rng(1)
paired = resampled_means(difference, 10_000, rng)  # 同一道题，两个系统一起抽
apart = resampled_means(b, 10_000, rng) - resampled_means(a, 10_000, rng)
for name, means in [("配对", paired), ("不配对", apart)]:
    low, high = 100 * interval(means)
    print(f"{name}：标准误 {100 * means.std():.2f}", end="，")
    print(f"95% 区间 {low:+.2f} 到 {high:+.2f}")
print(f"两个系统逐题的相关系数 {np.corrcoef(a, b)[0, 1]:.2f}")
# --8<-- [end:bootstrap]


# --8<-- [start:p-values]
def koehn_p(means):
    """重抽中领先者没有领先的比例：单侧，而且先看了谁领先。"""
    return min(np.mean(means <= 0), np.mean(means >= 0))


def permutation_p(values, times, rng):
    """若两个系统没有差别，每题交换两者的答案都行：随机翻转差的符号。"""
    signs = rng.choice([-1.0, 1.0], size=(times, len(values)))
    as_large = np.abs(signs @ values) >= abs(values.sum()) - 1e-9
    return (as_large.sum() + 1) / (times + 1)  # 观察到的那一种也算，p 永不为 0


one_sided = koehn_p(paired)
print(f"配对自助法：单侧 p = {one_sided:.3f}，双侧 p = {2 * one_sided:.3f}")
print(f"置换检验：双侧 p = {permutation_p(difference, 10_000, rng):.3f}")
# --8<-- [end:p-values]


# --8<-- [start:coverage]
def many_experiments(gap, times, rng, size=1000, resamples=1000):
    """重做 times 次实验，每次换一份测试集；给出区间与 p 值。"""
    rows = []
    for _ in range(times):
        a, b = answers(rng, size, gap)
        shares = [np.mean(b > a), np.mean(b == a), np.mean(b < a)]
        # 重抽后的差只看三种题各有几道，所以一次多项分布就够，与逐题重抽同分布
        wins, _, losses = rng.multinomial(size, shares, resamples).T
        means = (wins - losses) / size
        apart = [rng.binomial(size, v.mean(), resamples) / size for v in (b, a)]
        rows.append([*interval(means), *interval(apart[0] - apart[1]), koehn_p(means)])
    return np.array(rows).T


true_gap = truth[1] - truth[0]
low, high, low_apart, high_apart, _ = many_experiments(gap, 2000, rng)
for name, left, right in [("配对", low, high), ("不配对", low_apart, high_apart)]:
    covered = np.mean((left <= true_gap) & (true_gap <= right))
    print(f"{name}：95% 区间盖住真差 {covered:.3f}", end="，")
    print(f"不含 0（看出差别）{np.mean((left > 0) | (right < 0)):.3f}")
*_, p = many_experiments(0, 2000, rng)
print("两个系统其实一样好时，p < 0.05 的比例：", end="")
print(f"单侧 {np.mean(p < 0.05):.3f}，双侧 {np.mean(2 * p < 0.05):.3f}")

few = rng.normal(size=(2000, 10))  # 10 个种子的差，真差为 0
ends = np.array([interval(resampled_means(v, 1000, rng)) for v in few]).T
half = 2.262 * few.std(axis=1, ddof=1) / np.sqrt(10)  # t 分布，自由度 9
print("只有 10 个数时，95% 区间盖住真差：", end="")
print(f"自助法 {np.mean((ends[0] <= 0) & (ends[1] >= 0)):.3f}", end="，")
print(f"t 分布 {np.mean(np.abs(few.mean(axis=1)) <= half):.3f}")
reported = np.random.default_rng(2).normal(size=2000)  # 论文只跑了一次，毫无毛病
distance = np.abs(reported - few.mean(axis=1))
print("论文那一次的数，落在你 10 个种子的：", end="")
print(f"均值区间里 {np.mean(distance <= half):.3f}", end="，")
print(f"预测区间里 {np.mean(distance <= half * np.sqrt(1 + 10)):.3f}")
# --8<-- [end:coverage]


# --8<-- [start:best-seed]
def expected_best(n, rng, times=100_000):
    """n 个种子里最好的一个，平均比真实水平高几个标准差。"""
    return rng.normal(size=(times, n)).max(axis=1).mean()


counts = [2, 3, 5, 10, 20, 50]
inflation = [expected_best(n, rng) for n in counts]
for n, excess in zip(counts, inflation, strict=True):
    print(f"取 {n:2d} 个种子中最好的：虚高 {excess:.2f} 个标准差")
tries = rng.normal(size=(100_000, 11))  # 两个系统一样好：B 试 10 次取最好，A 试 1 次
print(f"B 赢的机会 {np.mean(tries[:, :10].max(axis=1) > tries[:, 10]):.3f}")

totals = rng.normal(size=(100_000, 20)).cumsum(axis=1)  # 真差为 0，种子一个个加
z = np.abs(totals) / np.sqrt(np.arange(1, 21))
print(f"跑满 20 个种子看一次，误报 {np.mean(z[:, -1] > 1.96):.3f}", end="；")
print(f"从第 5 个起每个都看，{np.mean((z[:, 4:] > 1.96).any(axis=1)):.3f}")
# --8<-- [end:best-seed]


# --8<-- [start:multiple]
def holm(p):
    """Holm 校正：从小到大第 i 个（从 0 数起）乘以 m − i，再保证不下降。"""
    p = np.asarray(p)
    order = np.argsort(p)
    scaled = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(scaled, 1)
    return adjusted


null = rng.random(size=(5000, 20))  # 20 项比较全无差别：p 均匀分布
print("20 项比较全无差别，至少报出一项「显著」：", end="")
print(f"不校正 {np.mean((null < 0.05).any(axis=1)):.3f}", end="，")
print(f"Holm {np.mean([(holm(row) < 0.05).any() for row in null]):.3f}")
claims = [0.003, 0.012, 0.021, 0.040, 0.300]
print("五项的 p 值：", "  ".join(f"{v:.3f}" for v in claims))
print("Holm 校正后：", "  ".join(f"{v:.3f}" for v in holm(claims)))
# --8<-- [end:multiple]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "reproducing_numpy"
figure, (above, below) = plt.subplots(2, 1, figsize=(3.5, 5), layout="constrained")
bins = np.arange(-4.25, 11.5, 0.5)
style = {"density": True, "histtype": "step", "linewidth": 2}
above.hist(100 * apart, bins, color="C1", **style)
above.hist(100 * paired, bins, color="C0", **style)
above.text(5.5, 0.2, "配对", color="C0")
above.text(7.5, 0.05, "不配对", color="C1")
above.axvline(0, color="black", linewidth=1)
above.set_xlabel("B 比 A 高几个百分点")
above.set_title("密度", loc="left", fontsize=10)
below.plot(counts, inflation, "o-", color="C0")
below.set(xlabel="试几个种子，只报最好的", ylim=(0, 2.5))
below.set_title("虚高几个标准差", loc="left", fontsize=10)
for axes in (above, below):
    axes.spines[["top", "right"]].set_visible(False)
title = "上：配对与不配对的自助法分布；下：取最好的种子造成的虚高，随种子数增加"
figure.savefig("reproducing_numpy.svg", transparent=True, metadata={"Title": title})
# --8<-- [end:figure]
