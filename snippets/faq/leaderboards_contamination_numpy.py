# --8<-- [start:overlap]
import unicodedata
from math import ceil
from statistics import NormalDist

import numpy as np


def pieces(text, n=5):
    """相邻 n 字的全部片段；先统一全角半角与大小写，去掉标点和空白。"""
    text = unicodedata.normalize("NFKC", text).lower()
    text = "".join(c for c in text if c.isalnum())
    return {text[i : i + n] for i in range(len(text) - n + 1)}


question = "小明有 12 个苹果，吃掉 5 个，又买了 3 个，还剩几个？"
pages = {
    "换了标点的原题": "小明有12个苹果、吃掉5个、又买了3个，还剩几个",
    "改写的题": "桶里有 12 只梨，拿走 5 只，再放进 3 只，现有多少只？",
    "无关的题": "小红有 12 支铅笔，每支 3 元，一共几元？",
}
own = pieces(question)
for name, page in pages.items():
    found = own & pieces(page)
    print(f"{name}：{len(own)} 个片段里见过 {len(found)} 个")
# --8<-- [end:overlap]

# --8<-- [start:canary]
# 一串随机的字符，题库的每个文件里都写着
canary = "canary 7d1c3f52-0000-4e6b-9a11-2f0c5b8e4d90"
files = {
    "题库的原文件": f"# {canary}\n{question}",
    "转贴的题": question,
}
for name, text in files.items():
    print(f"{name}：有金丝雀串：{canary in text}")
# --8<-- [end:canary]

# --8<-- [start:mix]
p = 0.6  # 没见过的题，答对六成
for share in (0.05, 0.2, 0.5):
    public = p + share * (1 - p)  # 背过的一份全对
    print(f"背过 {share:.0%} 的公开题：公开题上 {public:.2f}，新题上 {p:.2f}")
# --8<-- [end:mix]


# --8<-- [start:twin]
def gap(public, n_public, fresh, n_fresh):
    """公开题与新题的准确率之差，和它的标准误。"""
    one = public * (1 - public) / n_public
    two = fresh * (1 - fresh) / n_fresh
    return public - fresh, (one + two) ** 0.5


print("公开题 1319 道，对 0.68；新题对 0.60")
for n in (50, 200, 500, 1200):
    d, se = gap(0.68, 1319, 0.60, n)
    low, high = d - 1.96 * se, d + 1.96 * se
    print(f"新题 {n} 道：差 {d:.2f}，区间 {low:+.3f} 到 {high:+.3f}")
# --8<-- [end:twin]

# --8<-- [start:need]
z = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.8)
print("八成的机会看得出差，新题要几道")
fresh = 0.6
for public in (0.68, 0.66, 0.64, 0.62):
    # 差要有 z 个标准误：方差至多这么大，公开题先占去一份
    spare = ((public - fresh) / z) ** 2 - public * (1 - public) / 1319
    need = "再多也不够"
    if spare > 0:
        need = f"{ceil(fresh * (1 - fresh) / spare)} 道"
    print(f"公开题 {public}，新题 {fresh}：{need}")
# --8<-- [end:need]

# --8<-- [start:simulate]
rng = np.random.default_rng(0)
public = rng.binomial(1319, 0.68, size=100_000) / 1319
print("重做十万次，区间全在 0 以上的占几成")
for n in (50, 200, 369, 1200):
    fresh = rng.binomial(n, 0.60, size=100_000) / n
    d, se = gap(public, 1319, fresh, n)
    share = np.mean(d - 1.96 * se > 0)
    print(f"新题 {n} 道：{share:.2f}")
# --8<-- [end:simulate]
