# --8<-- [start:corpus]
import numpy as np

corpus = [("三", "three"), ("三十", "thirty"), ("十三", "thirteen")]


def numbered(corpus):
    """字与词各编号：每一对写成两个编号列表。"""
    chars = sorted({c for source, _ in corpus for c in source})
    words = sorted({w for _, target in corpus for w in target.split()})
    pairs = [
        ([chars.index(c) for c in source], [words.index(w) for w in target.split()])
        for source, target in corpus
    ]
    return chars, words, pairs


chars, words, pairs = numbered(corpus)
# --8<-- [end:corpus]


# --8<-- [start:em]
def em_step(t, pairs):
    """t[f, e] 是字 f 译成词 e 的概率；返回新的 t，与旧的 t 的对数似然。"""
    count, likelihood = np.zeros_like(t), 0.0
    for source, target in pairs:
        part = t[np.ix_(source, target)]  # (字, 词)
        share = part / part.sum(axis=0)  # 每个词的一票，各字按比例分
        np.add.at(count, np.ix_(source, target), share)
        likelihood += np.log(part.mean(axis=0)).sum()
    return count / count.sum(axis=1, keepdims=True), likelihood


def table(t, names=("three", "thirty", "thirteen")):
    for c, row in zip(chars, t, strict=True):
        shown = "，".join(f"{w} {row[words.index(w)]:.3f}" for w in names)
        print(f"　{c}：{shown}")


t = np.full((len(chars), len(words)), 1 / len(words))
for n in (1, 2):
    t, _ = em_step(t, pairs)
    print(f"第 {n} 轮")
    table(t)
# --8<-- [end:em]


# --8<-- [start:rounds]
t = np.full((len(chars), len(words)), 1 / len(words))
for n in range(101):
    new, likelihood = em_step(t, pairs)
    if n in (0, 1, 2, 5, 20, 100):
        known = t[chars.index("三")]
        print(f"{n} 轮后：三→three {known[words.index('three')]:.3f}", end="，")
        print(f"三→thirty {known[words.index('thirty')]:.3f}", end="，")
        print(f"对数似然 {likelihood:.4f}")
    t = new
# --8<-- [end:rounds]


# --8<-- [start:numerals]
DIGITS = ["", *"一二三四五六七八九"]
ONES = "one two three four five six seven eight nine ten eleven twelve thirteen"
ONES = f"{ONES} fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ONES, TENS = ["", *ONES], ["", "", *TENS]


def numeral(n):
    """28 → 二十八，twenty eight。"""
    tens, ones = divmod(n, 10)
    if tens < 2:  # 十几没有「一」，英文另有一个词
        return "十" * tens + DIGITS[ones], ONES[n]
    return f"{DIGITS[tens]}十{DIGITS[ones]}", f"{TENS[tens]} {ONES[ones]}".strip()


def learn(corpus, rounds=50):
    chars, words, pairs = numbered(corpus)
    t = np.full((len(chars), len(words)), 1 / len(words))
    for _ in range(rounds):
        t, _ = em_step(t, pairs)
    return chars, words, t


corpus = [numeral(n) for n in range(1, 100)]
chars, words, t = learn(corpus)
for c in "三八十":
    row = t[chars.index(c)]
    best = sorted(zip(-row.round(2), words, strict=True))[:3]
    shown = "，".join(f"{w} {-p:.2f}" for p, w in best)
    print(f"{c}：{shown}；到 0.01 的有 {np.sum(row > 0.01)} 个词")
# --8<-- [end:numerals]


# --8<-- [start:order]
mixed = [(source[::-1], target) for source, target in corpus]  # 字倒过来写
same = np.allclose(learn(mixed)[2], t)
print("每一句的字倒过来写，学到的表相同：", same)
ten, by = t[chars.index("十")], t[chars.index("三")]
for target in ("thirty", "thirteen"):
    one, other = by[words.index(target)], ten[words.index(target)]
    print(f"p({target}|三十) = p({target}|十三) = {(one + other) / 2:.3f}")
# --8<-- [end:order]
