# --8<-- [start:count]
from collections import Counter
from fractions import Fraction
from math import exp, log, prod

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

REVIEWS = {"好评": ["很好", "好吃", "不错"], "差评": ["不好", "很差", "难吃"]}


def train(reviews, split=list, alpha=1):
    """每一类的先验，与每个特征在这一类里的概率；split 把一句拆成特征。"""
    counts = {c: Counter(f for t in ts for f in split(t)) for c, ts in reviews.items()}
    vocabulary = [f for f in dict.fromkeys(f for n in counts.values() for f in n)]
    prior, share = {}, {}
    for c, n in counts.items():
        total = n.total() + alpha * len(vocabulary)
        prior[c] = Fraction(len(reviews[c]), sum(map(len, reviews.values())))
        share[c] = {f: Fraction(n[f] + alpha, total) for f in vocabulary}
    return prior, share


prior, share = train(REVIEWS)
for f, p in share["好评"].items():
    q = share["差评"][f]
    print(f"{f}：好评 {p}，差评 {q}，比 {p / q}")
# --8<-- [end:count]


# --8<-- [start:score]
def scores(text, prior, share, split=list):
    """每一类：先验乘以各个特征的概率；没见过的特征不乘。"""
    return {
        c: prior[c] * prod(share[c][f] for f in split(text) if f in share[c])
        for c in prior
    }


def good(text, *model):
    """是好评的概率。"""
    score = scores(text, *model)
    return score["好评"] / sum(score.values())


for c, texts in REVIEWS.items():
    print(f"{c}：" + "，".join(f"{t} {good(t, prior, share)}" for t in texts))
# --8<-- [end:score]


# --8<-- [start:smoothing]
for alpha in (0, 1):
    score = scores("不错但难吃", *train(REVIEWS, alpha=alpha))
    print(f"不错但难吃，加 {alpha}：好评 {score['好评']}，差评 {score['差评']}")
for alpha in (Fraction(1, 10), 1, 10):
    p = good("不错", *train(REVIEWS, alpha=alpha))
    print(f"不错，加 {float(alpha):g}：是好评的概率 {float(p):.3f}")
# --8<-- [end:smoothing]


# --8<-- [start:log]
def log_good(text, prior, share):
    """同一个概率，只加对数。"""
    known = [f for f in text if f in share["好评"]]
    odds = log(prior["好评"] / prior["差评"])
    odds += sum(log(share["好评"][f] / share["差评"][f]) for f in known)
    top = max(odds, 0)  # exp 的指数不大于 0，就不会溢出
    return exp(odds - top) / (exp(odds - top) + exp(-top))


long = "好" * 2000 + "差" * 1170
products = [float(prior[c]) * prod(float(share[c][f]) for f in long) for c in prior]
print(f"3170 个字，用浮点数连乘：{products}")
print(f"对数相加：是好评的概率 {log_good(long, prior, share):.4f}")
for k in (1, 3, 10):
    print(f"{k} 个「好」：{log_good('好' * k, prior, share):.3f}")
# --8<-- [end:log]


# --8<-- [start:pairs]
def pairs(text):
    return [*text, *(a + b for a, b in zip(text, text[1:], strict=False))]


model = *train(REVIEWS, pairs), pairs
for texts in [*REVIEWS.values(), ["很好吃", "不好吃"]]:
    print("，".join(f"{t} {good(t, *model)}" for t in texts))
# --8<-- [end:pairs]


# --8<-- [start:library]
texts, kinds = sum(REVIEWS.values(), []), [1, 1, 1, 0, 0, 0]
for name, n, ours in [("单字", 1, (prior, share)), ("单字与字对", 2, model)]:
    tool = CountVectorizer(analyzer="char", ngram_range=(1, n))
    bayes = MultinomialNB().fit(tool.fit_transform(texts), kinds)
    theirs = bayes.predict_proba(tool.transform(texts))[:, 1]
    same = np.allclose(theirs, [float(good(t, *ours)) for t in texts])
    print(f"{name}，与 scikit-learn 的 MultinomialNB 一致：{same}")
words = CountVectorizer().build_analyzer()  # 不写 analyzer
print(f"默认的切法：{words('这家店不好吃')}，先用空格隔开：{words('这 家 店 不 好吃')}")
# --8<-- [end:library]
