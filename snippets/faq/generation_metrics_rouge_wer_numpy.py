# --8<-- [start:lcs]
import re
from collections import Counter
from itertools import pairwise

import numpy as np

reference, hypothesis = "猫在垫子上面", "猫坐在垫子上"


def lcs(r, h):
    """第 i 行第 j 列：r 的前 i 个与 h 的前 j 个，最长公共子序列的长度。"""
    table = np.zeros((len(r) + 1, len(h) + 1), int)
    for i, x in enumerate(r, 1):
        for j, y in enumerate(h, 1):
            either = max(table[i - 1, j], table[i, j - 1])
            table[i, j] = table[i - 1, j - 1] + 1 if x == y else either
    return table


print("行：" + reference + "，列：" + hypothesis)
print(lcs(reference, hypothesis)[1:, 1:])
# --8<-- [end:lcs]


# --8<-- [start:rouge]
def rouge(r, h):
    """ROUGE-1、ROUGE-2、ROUGE-L：三个召回率，三个 F。"""
    hits = [(Counter(r) & Counter(h)).total()]
    hits += [(Counter(pairwise(r)) & Counter(pairwise(h))).total()]
    hits = np.array(hits + [lcs(r, h)[-1, -1]])
    m, n = (np.array([len(x), len(x) - 1, len(x)]) for x in (r, h))
    return hits / m, 2 * hits / (m + n)  # 即 2PR/(P+R)，一个没中也算得出


for h in (hypothesis, "猫在垫子上面，狗在门口看着"):  # 后一句抄全了又添字
    recall, f = ("、".join(f"{x:.3f}" for x in row) for row in rouge(reference, h))
    print(f"「{h}」\n  召回率 {recall}\n  F      {f}")
# --8<-- [end:rouge]

# --8<-- [start:letters]
for text in (reference, "GPT-4 的 Café"):  # 只留英文字母与数字
    print(f"「{text}」：", re.findall("[a-z0-9]+", text.lower()))
# --8<-- [end:letters]


# --8<-- [start:edit]
def edits(r, h):
    """参考 r 改成 h，步数最少的改法：(共几步, 换, 删, 插)。"""
    row = [(j, 0, 0, j) for j in range(len(h) + 1)]  # 参考是空的：全靠插
    for i, x in enumerate(r, 1):
        above, row = row, [(i, 0, i, 0)]  # h 是空的：全部删掉
        for j, y in enumerate(h, 1):
            swap = np.add(above[j - 1], [x != y, x != y, 0, 0])
            drop = np.add(above[j], [1, 0, 1, 0])
            add = np.add(row[j - 1], [1, 0, 0, 1])
            row.append(min(swap, drop, add, key=lambda way: way[0]))
    return row[-1]


print("共 {} 步：换 {}，删 {}，插 {}".format(*edits(reference, hypothesis)))
print(f"字错误率 {edits(reference, hypothesis)[0] / len(reference):.3f}")
# --8<-- [end:edit]


# --8<-- [start:corpus]
def wer(pairs, split=str.split):
    """错的总数除以参考的总数；一对是 (参考, 识别结果)。"""
    wrong = sum(edits(split(r), split(h))[0] for r, h in pairs)
    return wrong / sum(len(split(r)) for r, _ in pairs)


two = [("a b c d e f g h i j", "a b c d e f g h i j"), ("yes", "no")]
print(f"先加后除 {wer(two):.3f}，各句再平均 {np.mean([wer([p]) for p in two]):.3f}")
print(f"多说了三个词：{wer([('hi', 'hi there you all')]):.2f}")
cuts = [("今天 天气 很 好", "今天 天气 很好")]
letters = [tuple(text.replace(" ", "") for text in pair) for pair in cuts]
print(f"只是分词不同：词错误率 {wer(cuts):.2f}，字错误率 {wer(letters, list):.2f}")
# --8<-- [end:corpus]

# --8<-- [start:normalise]
pairs = [("Hello, world.", "hello world"), ("it costs $5", "it costs five dollars")]
for pair in pairs:
    plain = tuple(re.sub(r"[^\w\s]", "", text.lower()) for text in pair)
    print(f"{pair[0]} / {pair[1]}")
    print(f"  错误率 {wer([pair]):.2f}，规范化后 {wer([plain]):.2f}")
# --8<-- [end:normalise]
