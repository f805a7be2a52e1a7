# --8<-- [start:setup]
import math
import warnings
from statistics import NormalDist

import matplotlib.pyplot as plt
import numpy as np

NORMAL = NormalDist()
cdf = np.vectorize(NORMAL.cdf)

# 一万篇论文，每个分位一篇；对它们取平均就是对质量 q ~ N(0, 1) 求积分
quantile = (np.arange(10_000) + 0.5) / 10_000
q = np.vectorize(NORMAL.inv_cdf)(quantile)
# --8<-- [end:setup]


# --8<-- [start:committee]
def chance(rho, share):
    """每篇论文被一个委员会录用的概率；rho 是可靠度，share 是录用率。"""
    cut = NORMAL.inv_cdf(1 - share)
    return cdf((math.sqrt(rho) * q - cut) / math.sqrt(1 - rho))


def compare(rho, share):
    """两个独立的委员会：结论不同的比例，以及一方录用的论文被另一方拒的比例。"""
    both = np.mean(chance(rho, share) ** 2)  # 质量给定后，两次评审互相独立
    return 2 * (share - both), 1 - both / share


print("录用率 25% 时：")
for rho in (0, 0.25, 0.5, 0.75, 0.95):
    differ, overturned = compare(rho, 0.25)
    print(f"  可靠度 {rho:.2f}：结论不同 {differ:.3f}，录用被推翻 {overturned:.3f}")
# --8<-- [end:committee]


# --8<-- [start:reliability]
def reliability(differ, share):
    """二分法：可靠度越高，分歧越少，找出恰好给出这个分歧的可靠度。"""
    low, high = 0.0, 0.9999
    for _ in range(40):
        middle = (low + high) / 2
        if compare(middle, share)[0] > differ:
            low = middle
        else:
            high = middle
    return middle


# --8<-- [end:reliability]


# --8<-- [start:calibrate]
# 2014 年的四格表：双方都录、仅乙录、仅甲录、双方都拒
both_in, only_b, only_a, both_out = 22, 22, 21, 101
papers = both_in + only_b + only_a + both_out
differ_2014 = (only_a + only_b) / papers
share_2014 = (2 * both_in + only_a + only_b) / (2 * papers)
rho_2014 = reliability(differ_2014, share_2014)
overturned_2014 = compare(rho_2014, share_2014)[1]
print(f"2014：{papers} 篇，录用率 {share_2014:.3f}，结论不同 {differ_2014:.3f}")
print(f"  录用被推翻 {overturned_2014:.3f}，可靠度 {rho_2014:.2f}", end="")
error = 1.96 * math.sqrt(differ_2014 * (1 - differ_2014) / papers)
worst, best = (reliability(differ_2014 + e, share_2014) for e in (error, -error))
print(f"，95% 区间约 {worst:.2f} 到 {best:.2f}")
# --8<-- [end:calibrate]


# --8<-- [start:denominator]
# 换成目标的录用率 22.5% 来除，同样的分歧就变成了流传的 57%
print(f"2014 若按录用率 22.5% 计：{differ_2014 / 2 / 0.225:.3f}")

differ_2021, overturned_2021 = 0.23, 0.506  # 报告给出的两个数，录用率由它们推出
share_2021 = differ_2021 / (2 * overturned_2021)
rho_2021 = reliability(differ_2021, share_2021)
print(f"2021：录用率 {share_2021:.2f}，可靠度 {rho_2021:.2f}")
# --8<-- [end:denominator]


# --8<-- [start:simulate]
rng = np.random.default_rng(2014)
reviewers = 3  # 假设每篇三份评审
noise = math.sqrt(reviewers * (1 / rho_2014 - 1))  # 一份评审的噪声，质量的标准差为 1


def accepted(quality, k):
    """一个委员会：每篇取 k 份评审的平均分，录用最高的一段。"""
    reviews = quality + rng.normal(0, noise, (k, len(quality)))  # (评审, 论文)
    score = reviews.mean(axis=0)
    return score >= np.quantile(score, 1 - share_2014), score


quality = rng.normal(size=200_000)
(first, score), (second, _) = (accepted(quality, reviewers) for _ in range(2))
simulated = np.mean(first != second), np.mean(~second[first])
exact = compare(rho_2014, share_2014)
print(f"一份评审的噪声 {noise:.2f}，其中质量只占方差的 {1 / (1 + noise**2):.2f}")
print(f"模拟：结论不同 {simulated[0]:.3f}，录用被推翻 {simulated[1]:.3f}")
close = np.allclose(simulated, exact, atol=0.006)
print(f"  与积分的差都小于 0.006：{close}")
print(f"平均分与质量的相关 {np.corrcoef(score, quality)[0, 1]:.2f}", end="，")
print(f"理论值 {math.sqrt(rho_2014):.2f}")
# --8<-- [end:simulate]


# --8<-- [start:reviewers]
top = q >= NORMAL.inv_cdf(0.9)  # 质量在前 10% 的论文
for k in (3, 5, 9, 27):
    rho = 1 / (1 + noise**2 / k)
    differ, overturned = compare(rho, share_2014)
    missed = np.mean(1 - chance(rho, share_2014)[top])
    print(f"{k:2d} 份评审：可靠度 {rho:.2f}，结论不同 {differ:.3f}", end="，")
    print(f"录用被推翻 {overturned:.3f}，前 10% 被拒 {missed:.3f}")
# --8<-- [end:reviewers]


# --8<-- [start:selective]
for share in (0.1, 0.25, 0.5):
    print(f"录用率 {share:.2f}：录用被推翻 {compare(rho_2014, share)[1]:.3f}")
# --8<-- [end:selective]


# --8<-- [start:resubmit]
p = chance(rho_2014, share_2014)
for percent in (95, 90, 75, 50, 25):
    one = np.interp(percent / 100, quantile, p)
    print(f"胜过 {percent}% 同行的论文：一次录用 {one:.3f}", end="，")
    print(f"平均投 {1 / one:.1f} 次，三次之内 {1 - (1 - one) ** 3:.3f}")
for n in (1, 2, 3, 5):
    within = 1 - (1 - p) ** n
    deserving = within[quantile > 1 - share_2014].mean()  # 没有噪声时会录的
    print(f"最多投 {n} 次：全部论文录用 {within.mean():.3f}，该录的 {deserving:.3f}")
# --8<-- [end:resubmit]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "review_randomness_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.1), layout="constrained")
five = chance(1 / (1 + noise**2 / 5), share_2014)
thin = slice(None, None, 50)  # 画图用不着一万个点
perfect = quantile > 1 - share_2014
axis.plot(quantile[thin], p[thin], "C0-")
axis.plot(quantile[thin], five[thin], "C1--")
axis.plot(quantile[thin], perfect[thin], "k:")
axis.text(0.48, 0.25, "三份评审", color="C0", ha="right")
axis.text(0.72, 0.05, "五份评审", color="C1", ha="right")
axis.text(0.71, 0.9, "没有噪声", ha="right")
axis.set(xlabel="质量分位", xlim=(0, 1), ylim=(-0.02, 1.02))
axis.set_title("录用的概率", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
title = "录用概率随质量分位上升：三份评审、五份评审与没有噪声"
figure.savefig(
    "review_randomness_numpy.svg", transparent=True, metadata={"Title": title}
)
# --8<-- [end:figure]
