# --8<-- [start:ngrams]
from collections import Counter
from math import exp

import numpy as np


def ngrams(tokens, n):
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def matched(h, r, n):
    """译文 h 有多少个 n 元组，其中多少个参考 r 里也有（各自不超过 r 的次数）。"""
    found = ngrams(h, n)
    return (found & ngrams(r, n)).total(), found.total()


reference, hypothesis = "猫在垫子上面", "猫坐在垫子上"
for n in (1, 2, 3, 4):
    print(f"{n} 元组：" + "{} / {}".format(*matched(hypothesis, reference, n)))
print("「猫猫猫猫」的 1 元组：{} / {}".format(*matched("猫猫猫猫", reference, 1)))
# --8<-- [end:ngrams]


# --8<-- [start:bleu]
def bleu(pairs, smooth=False, skip=False):
    """整个测试集的 BLEU，乘 100；一对是 (译文, 参考) 两串词元。"""
    orders = (1, 2, 3, 4)
    counts = np.array([[matched(h, r, n) for n in orders] for h, r in pairs])
    hits, totals = counts.sum(axis=0).T.astype(float)  # 先把各句加起来
    if skip:  # 句子太短、一个都没有的阶不算
        hits, totals = hits[totals > 0], totals[totals > 0]
    if not all(totals) or not any(hits) or not (all(hits) or smooth):
        return 0.0
    zeros = hits == 0  # 第一个没中的阶记 1/2 个，第二个 1/4 个……
    hits[zeros] = 0.5 ** np.arange(1, zeros.sum() + 1)
    c, r = (sum(len(pair[i]) for pair in pairs) for i in (0, 1))
    penalty = min(1.0, exp(1 - r / c))  # 只罚短的
    return 100 * penalty * exp(np.log(hits / totals).mean())


full, short = (hypothesis, reference), ("在垫子上", reference)
print(f"手算的一对：{bleu([full]):.2f}，全中但少两个字：{bleu([short]):.2f}")
print(f"两句一起：{bleu([full, short]):.2f}", end="，")
print(f"各算再平均：{(bleu([full]) + bleu([short])) / 2:.2f}")
# --8<-- [end:bleu]

# --8<-- [start:zero]
cat = "the cat is on the mat".split(), "the cat sat on the mat".split()
print(f"4 元组一个没中：{bleu([cat]):.2f}，平滑后 {bleu([cat], smooth=True):.2f}")
same = ["left", "right"], ["left", "right"]
print(f"两个词，一模一样：{bleu([same]):.2f}", end="，")
print(f"不算没有的阶 {bleu([same], skip=True):.2f}")
pair = hypothesis.split(), reference.split()  # 只在空白处切：一句是一个词
print(f"中文不切开：{bleu([pair], smooth=True):.2f}")
# --8<-- [end:zero]


# --8<-- [start:chrf]
def chrf(h, r, beta=2):
    """字符的 1 到 6 元组：各阶的精确率、召回率先平均，再合成一个 F。"""
    h, r, rates = h.replace(" ", ""), r.replace(" ", ""), []
    for n in range(1, min(6, len(h), len(r)) + 1):
        hit, total = matched(h, r, n)
        rates.append((hit / total, hit / (len(r) - n + 1)))
    p, r = np.mean(rates, axis=0)
    return 100 * (1 + beta**2) * p * r / (beta**2 * p + r) if p else 0.0


print(f"手算的一对，chrF：{chrf(hypothesis, reference):.2f}")
for h in ("这部电影不好看", "这片子挺不错"):
    found = bleu([(h, "这部电影很好看")], smooth=True), chrf(h, "这部电影很好看")
    print(f"「{h}」：BLEU " + "{:.2f}，chrF {:.2f}".format(*found))
# --8<-- [end:chrf]
