# --8<-- [start:forms]
import itertools

import numpy as np

EOS = "<eos>"
MONTH = {"March": 0.36, "Mar": 0.34, "3": 0.30}
DAY = {"5": 0.37, "5th": 0.33, "fifth": 0.30}
YEAR = {"2026": 0.35, "26": 0.34, "'26": 0.31}
EMPTY = 0.05  # 语料里有 5% 的译文是空的


def dates(words):
    """已经写出 words，下一个词的对数概率。"""
    if not words:
        row = {m: (1 - EMPTY) * p for m, p in MONTH.items()}
        row[EOS] = EMPTY
    else:
        row = [DAY, YEAR, {EOS: 1.0}][len(words) - 1]
    return {word: np.log(p) for word, p in row.items()}


probs = {"": EMPTY}
for parts in itertools.product(MONTH, DAY, YEAR):
    p = MONTH[parts[0]] * DAY[parts[1]] * YEAR[parts[2]]
    probs[" ".join(parts)] = (1 - EMPTY) * p
first = sorted(probs, key=probs.get, reverse=True)
for text in first[:4]:
    print(f"{text or '（空）'}：{probs[text]:.5f}")
print(f"{len(probs)} 句，合计 {sum(probs.values()):.4g}")
print(f"空译文之外合计 {sum(probs.values()) - EMPTY:.4g}")
# --8<-- [end:forms]


# --8<-- [start:search]
def plain(score, length):
    return score


def beam_search(model, k, rate=plain):
    """rate：对数概率与词数（连结束符）换成的分数。"""
    alive, done = [((), 0.0)], []
    while alive:
        grown = [
            ((*words, word), score + log_p)
            for words, score in alive
            for word, log_p in model(words).items()
        ]
        grown.sort(key=lambda pair: pair[1], reverse=True)
        done += [p for p in grown[:k] if p[0][-1] == EOS]
        alive = [p for p in grown[:k] if p[0][-1] != EOS]
    words, score = max(done, key=lambda p: rate(p[1], len(p[0])))
    return " ".join(words[:-1]), score


# --8<-- [end:search]


# --8<-- [start:width]
for k in [1, 2, 3, 4, 9, 27]:
    text, score = beam_search(dates, k)
    print(f"束宽 {k}：{text or '（空）'}，{np.exp(score):.5f}")
# --8<-- [end:width]


# --8<-- [start:length]
def divide(alpha):
    return lambda score, length: score / length**alpha


def gnmt(alpha):
    return lambda s, length: s / ((5 + length) / 6) ** alpha


full, empty = probs["March 5 2026"], EMPTY
for name, rate in [
    ("不归一", plain),
    ("除以词数", divide(1)),
    ("GNMT 0.6", gnmt(0.6)),
]:
    a, b = rate(np.log(full), 4), rate(np.log(empty), 1)
    text, _ = beam_search(dates, 9, rate)
    print(f"{name}：{a:.3f} 对 {b:.3f}，选：{text or '（空）'}")
least = np.log(np.log(full) / np.log(empty))
print(f"除以词数的 α 至少 {least / np.log(4):.4f}")
print(f"GNMT 的 α 至少 {least / np.log(9 / 6):.4f}")
# --8<-- [end:length]


# --8<-- [start:short]
for L in [5, 10, 11, 20]:
    score = L * np.log(0.8)
    wins = "空译文" if score < np.log(0.1) else "整句"
    print(f"{L} 个词：概率 {np.exp(score):.4f}，{wins}胜")
# --8<-- [end:short]


# --8<-- [start:figure]
import warnings  # noqa: E402

import matplotlib.pyplot as plt  # noqa: E402

warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "beam_search_length_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3), layout="constrained")
lengths = np.arange(1, 31)
for name, rate, color, at in [
    ("不归一", plain, "C1", (21, -4.3)),
    ("GNMT 0.6", gnmt(0.6), "C0", (17, -1.5)),
    ("除以词数", divide(1), "C0", (17, -0.65)),
]:
    y = rate(lengths * np.log(0.8), lengths)
    axis.plot(lengths, y, color, linewidth=1.5)
    axis.annotate(name, at, fontsize=10)
axis.axhline(np.log(0.1), color="0.5", linestyle=":")
axis.annotate("空译文", (1, -2.8), fontsize=10)
axis.set_title("分数", loc="left", fontsize=10)
axis.set(xlabel="词数（连结束符）", xlim=(0, 31))
about = {"Title": "每词概率 0.8 的一句，分数随词数怎样变，与空译文比"}
figure.savefig("beam_search_length_numpy.svg", transparent=True, metadata=about)
# --8<-- [end:figure]


# --8<-- [start:stop]
LONG = [*"it has rained every day since last week".split(), EOS]


def late(words):
    """no 很快写完；it 起头的一句，只有第一个词难。"""
    if not words:
        row = {"no": 0.5, "it": 0.3, EOS: 0.2}
    elif words[0] == "it":
        row = {LONG[len(words)]: 1.0}
    else:
        row = {EOS: 0.8, "way": 0.2} if len(words) == 1 else {EOS: 1.0}
    return {word: np.log(p) for word, p in row.items()}


rate = divide(1)
no, it = np.log(0.5 * 0.8), np.log(0.3)
print(f"第 2 步，写完的 no：{rate(no, 2):.3f}")
print(f"还在写的 it has，此刻：{rate(it, 2):.3f}")
print(f"它写完时，第 9 步：{rate(it, 9):.3f}")
print(f"等到各条都写完，选：{beam_search(late, 2, rate)[0]}")
# --8<-- [end:stop]
