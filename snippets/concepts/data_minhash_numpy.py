# --8<-- [start:jaccard]
import warnings
import zlib
from itertools import combinations, permutations

import matplotlib.pyplot as plt
import numpy as np


def shingles(text, w=3):
    """连续 w 个字一片，滑动着切；只记有没有，不记次数。"""
    return {text[i : i + w] for i in range(max(1, len(text) - w + 1))}


def jaccard(a, b):
    return len(a & b) / len(a | b)


a, b = shingles("这家酒店的早餐很好"), shingles("这家酒店的早餐不好")
print(f"{len(a)} 片与 {len(b)} 片，共有 {len(a & b)}，J = {jaccard(a, b):.3f}")
# --8<-- [end:jaccard]


# --8<-- [start:enumerate]
left, right = {0, 1, 2, 3}, {2, 3, 4, 5}
equal = [
    min(order[e] for e in left) == min(order[e] for e in right)
    for order in permutations(range(6))
]
print(f"{len(equal)} 种排列里最小者相同的有 {sum(equal)} 种：", end="")
print(f"{np.mean(equal):.4f}，J = {jaccard(left, right):.4f}")
# --8<-- [end:enumerate]


# --8<-- [start:minhash]
PRIME = 2**31 - 1
K = 128
rng = np.random.default_rng(0)
slope, shift = rng.integers(1, PRIME, K), rng.integers(0, PRIME, K)


def signature(pieces):
    """K 个最小值：第 i 个在第 i 种「打乱」下取得。"""
    x = np.array([zlib.crc32(p.encode()) % PRIME for p in pieces])
    return ((np.outer(slope, x) + shift[:, None]) % PRIME).min(axis=1)  # (K,)


# --8<-- [end:minhash]


# --8<-- [start:corpus]
HAN = np.array([chr(0x4E00 + i) for i in range(2000)])


def rewrite(text, rate):
    """每个字以概率 rate 换成另一个字。"""
    letters = np.array(list(text))
    hit = rng.random(len(letters)) < rate
    letters[hit] = rng.choice(HAN, hit.sum())
    return "".join(letters)


texts = []
for rate in np.linspace(0, 0.35, 1000):
    original = "".join(rng.choice(HAN, 150))
    texts += [original, rewrite(original, rate)]
sets = [shingles(t) for t in texts]
signatures = np.array([signature(s) for s in sets])  # (text, K)
# --8<-- [end:corpus]


# --8<-- [start:estimate]
twins = [(i, i + 1) for i in range(0, len(texts), 2)]
exact = np.array([jaccard(sets[i], sets[j]) for i, j in twins])
estimate = np.array([np.mean(signatures[i] == signatures[j]) for i, j in twins])
print(f"\n1000 对文字，K = {K}：估计的误差，与公式 √(J(1-J)/K)")
for low in (0.2, 0.4, 0.6, 0.8):
    inside = (exact >= low) & (exact < low + 0.2)
    measured = np.sqrt(np.mean((estimate - exact)[inside] ** 2))
    formula = np.sqrt(np.mean((exact * (1 - exact))[inside] / K))
    print(f"  J 在 {low:.1f} 与 {low + 0.2:.1f} 之间：{inside.sum():>3} 对，", end="")
    print(f"量得 {measured:.3f}，公式 {formula:.3f}")
far = np.mean(np.abs(estimate - exact) >= 0.1)
bound = 2 * np.exp(-2 * K * 0.1**2)
print(f"  误差不小于 0.1 的占 {far:.3f}，Hoeffding 的上界是 {bound:.3f}")
# --8<-- [end:estimate]


# --8<-- [start:lsh]
def candidates(signatures, r):
    """每 r 行并成一段；至少一段完全相同的两条，才值得细看。"""
    found = set()
    for start in range(0, signatures.shape[1] - r + 1, r):
        buckets = {}
        for i, row in enumerate(signatures[:, start : start + r]):
            buckets.setdefault(row.tobytes(), []).append(i)
        for members in buckets.values():
            found.update(combinations(members, 2))
    return found


def s_curve(j, r, b):
    return 1 - (1 - j**r) ** b


# --8<-- [end:lsh]


# --8<-- [start:search]
every = len(texts) * (len(texts) - 1) // 2
alike = exact >= 0.7
wanted = {pair for pair, yes in zip(twins, alike, strict=True) if yes}
print(f"\n{len(texts)} 条文字，{every} 对，其中 J ≥ 0.7 的有 {len(wanted)} 对")
found = {}
for r in (4, 8, 16):
    found[r] = candidates(signatures, r)
    recall = len(found[r] & wanted) / len(wanted)
    predicted = s_curve(exact[alike], r, K // r).mean()
    print(f"  r = {r:>2}，b = {K // r:>2}：细看 {len(found[r])} 对，", end="")
    print(f"召回率 {recall:.3f}，公式 {predicted:.3f}")
print("FineWeb 的 r = 8，b = 14：")
chances = [f"J = {j} 时 {s_curve(j, 8, 14):.1%}" for j in (0.7, 0.75, 0.8, 0.85)]
print("  " + "，".join(chances))
# --8<-- [end:search]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "data_minhash_numpy"
fig, axes = plt.subplots(figsize=(3.5, 3.1), layout="constrained")
grid = np.linspace(0, 1, 201)
for r, style, color in [(4, "--", "black"), (8, "-", "C0"), (16, "-.", "C1")]:
    axes.plot(grid, s_curve(grid, r, K // r), style, color=color)
    caught = np.array([pair in found[r] for pair in twins])
    for low in np.arange(0.2, 1, 0.05):
        inside = (exact >= low) & (exact < low + 0.05)
        if inside.sum() >= 10:
            axes.plot(exact[inside].mean(), caught[inside].mean(), "o", color=color)
    x = (1 - 0.7 ** (r / K)) ** (1 / r)  # 曲线在这里等于 0.3
    axes.text(x - 0.03, 0.3, f"r = {r}", ha="right", color=color)
axes.set(xlabel="Jaccard 系数 J", xlim=(0, 1))
axes.set_title("成为候选的概率", loc="left", fontsize=10)
axes.spines[["top", "right"]].set_visible(False)
title = "LSH 的 S 形曲线与 1000 对文字的实测"
fig.savefig("data_minhash_numpy.svg", transparent=True, metadata={"Title": title})
# --8<-- [end:figure]


# --8<-- [start:contamination]
def containment(question, document):
    """题目的片有几成出现在文档里：分母只数题目。"""
    return len(question & document) / len(question)


QUESTIONS = {
    "原样抄入": "一个水池单开甲管六小时注满，单开乙管九小时注满，两管齐开几小时注满？",
    "改写抄入": "甲管独自灌满池子要六个钟头，乙管要九个钟头，一起灌需要多久？",
    "没有抄入": "从一副去掉大小王的扑克牌里任取两张，两张同一花色的概率是多少？",
    "只撞套话": "关于光合作用，下列说法正确的是哪一项？请从四个选项中选择。",
}
PAGE = (
    "关于地球自转，下列说法正确的是哪一项？请从四个选项中选择。"
    + "".join(rng.choice(HAN, 400))
    + QUESTIONS["原样抄入"]
    + "换句话问：甲管单独灌满这个池子需六个钟头，乙管需九个钟头，合灌得多久？"
    + "".join(rng.choice(HAN, 400))
)
print("\n题目与一页训练文字，8 字一片")
overlap = {}
for name, question in QUESTIONS.items():
    q, page = shingles(question, 8), shingles(PAGE, 8)
    overlap[name] = jaccard(q, page), containment(q, page)
    print(f"  {name}：J = {overlap[name][0]:.3f}，包含度 {overlap[name][1]:.2f}")
# --8<-- [end:contamination]
