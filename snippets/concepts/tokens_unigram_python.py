# --8<-- [start:seed]
import math
from collections import Counter

PHRASES = """
研究:6 研究生:4 研究生命:3 研究生命起源:2 研究生导师:2 生命:5 生命起源:3
起源:3 生物:2 生物起源:2 导师:3 命题:2 研究命题:2
"""
CORPUS = {}  # {短语: 次数}
for entry in PHRASES.split():
    phrase, times = entry.split(":")
    CORPUS[phrase] = int(times)
LONGEST = 4
counts = Counter()
for text, times in CORPUS.items():
    for i in range(len(text)):
        for piece in (text[i:j] for j in range(i + 1, len(text) + 1)):
            if len(piece) <= LONGEST:
                counts[piece] += times


def normalized(weights):
    total = sum(weights.values())
    return {piece: weight / total for piece, weight in weights.items()}


p = normalized(counts)  # 候选词表：全部子串，概率先按次数取
print(f"候选词表 {len(p)} 项，其中单字 {sum(len(piece) == 1 for piece in p)} 个")
# --8<-- [end:seed]


# --8<-- [start:expect]
def edges_of(text, p):
    """能用的词元 text[i:j]，按终点排列。"""
    ends = range(1, len(text) + 1)
    return [(i, j) for j in ends for i in range(j) if text[i:j] in p]


def expected_counts(p):
    """在全部切法上求和：各词元的期望次数，与语料的对数似然。"""
    expected, likelihood = Counter(), 0.0
    for text, times in CORPUS.items():
        edges = edges_of(text, p)
        before = [1.0] + [0.0] * len(text)  # before[j]：前 j 个字的总概率
        for i, j in edges:
            before[j] += before[i] * p[text[i:j]]
        after = [0.0] * len(text) + [1.0]  # after[i]：从第 i 个字到末尾的总概率
        for i, j in sorted(edges, reverse=True):
            after[i] += p[text[i:j]] * after[j]
        for i, j in edges:
            share = before[i] * p[text[i:j]] * after[j] / before[-1]
            expected[text[i:j]] += times * share
        likelihood += times * math.log(before[-1])
    return expected, likelihood


def improved(p, rounds):
    for _ in range(rounds):
        expected, _ = expected_counts(p)
        # 单字至少算 0.1 次：概率不能变成零，否则罕见的组合写不出来
        p = normalized(
            {x: max(expected[x], 0.1) if len(x) == 1 else expected[x] for x in p}
        )
    return p


print(f"对数似然 {expected_counts(p)[1]:.2f}", end="")
p = improved(p, 4)
print(f" → {expected_counts(p)[1]:.2f}（EM 四轮）")
# --8<-- [end:expect]

# --8<-- [start:prune]
SIZE = 17
while len(p) > SIZE:
    rest = {}  # 删去某一项之后的对数似然；单字不删
    for piece in p:
        if len(piece) > 1:
            without = {x: share for x, share in p.items() if x != piece}
            rest[piece] = expected_counts(normalized(without))[1]
    least = max(rest, key=rest.get)
    if len(p) <= SIZE + 3:
        print(f"词表 {len(p)} 项，删去「{least}」")
    del p[least]
    p = improved(normalized(p), 2)
longer = sorted((x for x in p if len(x) > 1), key=p.get, reverse=True)
print("留下：", "，".join(f"{x} {p[x]:.3f}" for x in longer))
# --8<-- [end:prune]


# --8<-- [start:compare]
def most_likely(text, p):
    """Unigram：概率最大的切法（动态规划）。词表外的字拆成字节。"""
    unknown = min(p.values()) * math.exp(-10)  # 能用，但总是最差
    known = p | {c: unknown for c in text if c not in p}
    best = [0.0] + [-math.inf] * len(text)  # 前 j 个字的最大对数概率
    start = [0] * (len(text) + 1)
    for i, j in edges_of(text, known):
        score = best[i] + math.log(known[text[i:j]])
        if score > best[j]:
            best[j], start[j] = score, i
    pieces, j = [], len(text)
    while j:
        piece = text[start[j] : j]
        in_bytes = [f"<0x{b:02X}>" for b in reversed(piece.encode())]
        pieces += [piece] if piece in p else in_bytes
        j = start[j]
    return pieces[::-1]


def longest_first(text, p):
    """WordPiece：从左到右，每次取词表里最长的。"""
    pieces = []
    while text:
        ends = range(len(text), 0, -1)
        pieces.append(next(text[:j] for j in ends if text[:j] in p))
        text = text[len(pieces[-1]) :]
    return pieces


for text in ("研究生命起源", "研究生导师", "研究生命题"):
    print("最长优先：", " | ".join(longest_first(text, p)), end="；")
    print("概率最大：", " | ".join(most_likely(text, p)))
print("词表外的字：", " | ".join(most_likely("研究龘", p)))
# --8<-- [end:compare]
