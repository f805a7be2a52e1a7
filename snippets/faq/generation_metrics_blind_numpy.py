# --8<-- [start:data]
import warnings
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np

# 参考，译文，本书给的分（0 意思错了，4 意思全对），是哪一种；专挑难数的
pairs = [
    ("这部电影很好看", "这部电影不好看", 0, "意思变了"),
    ("这部电影很好看", "这片子挺不错", 4, "换了说法"),
    ("他昨天没有来上班", "他昨天有来上班", 0, "意思变了"),
    ("他昨天没有来上班", "昨天他没上班", 4, "换了说法"),
    ("会议推迟到周五下午三点", "会议推迟到周四下午三点", 1, "意思变了"),
    ("会议推迟到周五下午三点", "周五下午三点开会", 3, "换了说法"),
    ("药一天吃三次，每次两片", "药一天吃两次，每次三片", 0, "意思变了"),
    ("药一天吃三次，每次两片", "每日服三回，一回两片", 4, "换了说法"),
    ("请先关掉电源再打开机箱", "请先打开机箱再关掉电源", 0, "意思变了"),
    ("请先关掉电源再打开机箱", "请先关掉电源", 2, "其余"),
    ("孩子们在公园里放风筝", "孩子们在公园里放风筝", 4, "其余"),
    ("猫在垫子上面", "猫坐在垫子上", 4, "其余"),
]
grades = np.array([grade for _, _, grade, _ in pairs])
kinds = np.array([kind for *_, kind in pairs])
# --8<-- [end:data]


# --8<-- [start:metrics]
def matched(h, r, n):
    """几个 n 元组也在参考里；译文、参考各有几个。"""
    a, b = (Counter(t[i : i + n] for i in range(len(t) - n + 1)) for t in (h, r))
    return (a & b).total(), a.total(), b.total()


def bleu(h, r):
    hits, totals, _ = np.array([matched(h, r, n) for n in range(1, 5)], float).T
    zeros = hits == 0
    hits[zeros] = 0.5 ** np.arange(1, zeros.sum() + 1)
    penalty = min(1.0, np.exp(1 - len(r) / len(h)))
    return 100 * penalty * np.exp(np.log(hits / totals).mean())


def chrf(h, r):
    hits, a, b = np.array([matched(h, r, n) for n in range(1, 7)]).T
    p, q = (hits / a).mean(), (hits / b).mean()
    return 100 * 5 * p * q / (4 * p + q)


def table(r, h):
    """最长公共子序列与编辑距离的两张表，同时填。"""
    shape = len(r) + 1, len(h) + 1
    longest, steps = np.zeros(shape), np.add.outer(*map(np.arange, shape))
    for i, x in enumerate(r, 1):
        for j, y in enumerate(h, 1):
            around = longest[i - 1, j], longest[i, j - 1]
            longest[i, j] = longest[i - 1, j - 1] + 1 if x == y else max(around)
            around = steps[i - 1, j] + 1, steps[i, j - 1] + 1
            steps[i, j] = min(*around, steps[i - 1, j - 1] + (x != y))
    return longest[-1, -1], steps[-1, -1]


def rouge_l(h, r):
    return 100 * 2 * table(r, h)[0] / (len(h) + len(r))


def right_characters(h, r):
    return 100 * (1 - table(r, h)[1] / len(r))


# --8<-- [end:metrics]


# --8<-- [start:blind]
def rank(x):
    """名次；并列的取平均。"""
    return (x[:, None] > x).sum(1) + (x[:, None] == x).sum(1) / 2


def spearman(x, y):
    return np.corrcoef(rank(x), rank(y))[0, 1]


ways = {"BLEU": bleu, "chrF": chrf, "ROUGE-L": rouge_l}
ways["1 减字错误率"] = right_characters
scores = {
    name: np.array([way(h, r) for r, h, *_ in pairs]) for name, way in ways.items()
}
rng = np.random.default_rng(0)
draws = rng.integers(len(pairs), size=(2000, len(pairs)))
for name, x in scores.items():
    low, high = np.quantile([spearman(x[i], grades[i]) for i in draws], [0.025, 0.975])
    print(f"{name}：相关 {spearman(x, grades):+.2f}", end="，")
    print(f"区间 {low:+.2f} 到 {high:+.2f}")
for kind in ("意思变了", "换了说法"):
    x = scores["BLEU"][kinds == kind]
    print(f"BLEU，{kind}的：{x.min():.1f} 到 {x.max():.1f}")
# --8<-- [end:blind]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "generation_metrics_blind_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.2), layout="constrained")
for kind, style in [("意思变了", "C1x"), ("换了说法", "C0o"), ("其余", "k^")]:
    inside = kinds == kind
    axis.plot(scores["BLEU"][inside], grades[inside], style, label=kind)
axis.set(xlim=(-4, 104), ylim=(-0.3, 5.6), xlabel="BLEU", yticks=range(5))
axis.set_title("人给的分", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(
    frameon=False, loc="upper left", ncols=3, handletextpad=0, columnspacing=0.7
)
title = "十二对译文：意思变了的 BLEU 高而人给的分低，换了说法的相反"
path, about = "generation_metrics_blind_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
