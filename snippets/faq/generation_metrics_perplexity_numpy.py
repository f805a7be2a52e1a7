# --8<-- [start:hand]
from collections import Counter
from itertools import pairwise
from math import exp, log2


def report(name, bits, text):
    """由每个词元的比特数算出困惑度与每字节的比特数。"""
    total, size = sum(bits), len(text.encode())  # 一个汉字 3 字节
    print(f"{name}：{len(bits)} 个词元，共 {total:.0f} 比特")
    print(f"  困惑度 {2 ** (total / len(bits)):.2f}", end="，")
    print(f"每字节 {total / size:.3f} 比特")


chances = {"甲": [1 / 2, 1 / 4, 1 / 8, 1 / 4]}  # 今天 天气 很 好
chances["乙"] = [1 / 2, 1 / 2, 1 / 4, 1 / 2, 1 / 4, 1 / 2]  # 一字一个
for name, p in chances.items():
    report(name, [-log2(q) for q in p], "今天天气很好")
# --8<-- [end:hand]

# --8<-- [start:data]
train = """桃之夭夭，灼灼其华。之子于归，宜其室家。
桃之夭夭，有蕡其实。之子于归，宜其家室。
岂曰无衣？与子同袍。王于兴师，修我戈矛。与子同仇。
岂曰无衣？与子同泽。王于兴师，修我矛戟。与子偕作。
投我以木瓜，报之以琼琚。匪报也，永以为好也。
投我以木桃，报之以琼瑶。匪报也，永以为好也。
蒹葭苍苍，白露为霜。所谓伊人，在水一方。溯洄从之，道阻且长。
蒹葭萋萋，白露未晞。所谓伊人，在水之湄。溯洄从之，道阻且跻。
"""
held = """桃之夭夭，其叶蓁蓁。之子于归，宜其家人。
岂曰无衣？与子同裳。王于兴师，修我甲兵。与子偕行。
投我以木李，报之以琼玖。匪报也，永以为好也。
蒹葭采采，白露未已。所谓伊人，在水之涘。溯洄从之，道阻且右。
"""
often = Counter(a + b for a, b in pairwise(train) if (a + b).isalpha())


def words(text):
    """训练文里至少出现两次的两个字合成一个词元，其余一字一个。"""
    tokens = []
    while text:
        k = 2 if often[text[:2]] > 1 else 1
        tokens.append(text[:k])
        text = text[k:]
    return tokens


# --8<-- [end:data]


# --8<-- [start:models]
def score(cut, window=10**6):
    """数训练文里相邻的词元，加一平滑；返回验证文里每个词元的比特数。"""
    a, b = cut("\n" + train), cut("\n" + held)
    pairs, single = Counter(pairwise(a)), Counter(a[:-1])
    size = len(set(train + held) | set(a))  # 任何一个字都写得出
    p = [(pairs[s, t] + 1) / (single[s] + size) for s, t in pairwise(b)]
    for i in range(window, len(p), window):  # 新窗口的第一个没有上文
        p[i] = (single[b[i + 1]] + 1) / (len(a) - 1 + size)
    return [-log2(q) for q in p]


report("单字", score(list), held)
report("两字", score(words), held)
# --8<-- [end:models]

# --8<-- [start:windows]
windows = [(3, 2.0), (3, 2.0), (1, 5.0)]  # 计分的词元数，平均损失（奈特）
means = sum(loss for _, loss in windows) / len(windows)
total = sum(n * loss for n, loss in windows) / sum(n for n, _ in windows)
print(f"平均数再平均 {means:.2f}，困惑度 {exp(means):.1f}")
print(f"总和除以词元数 {total:.2f}，困惑度 {exp(total):.1f}")
report("单字，每 8 个一窗", score(list, window=8), held)
# --8<-- [end:windows]
