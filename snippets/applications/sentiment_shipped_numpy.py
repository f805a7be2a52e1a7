# --8<-- [start:rule]
import gzip
import marshal
from collections import Counter
from fractions import Fraction
from importlib.util import find_spec
from math import prod
from pathlib import Path

REVIEWS = {"好评": ["很好", "好吃", "不错"], "差评": ["不好", "很差", "难吃"]}


def train(reviews):
    """照 SnowNLP 的做法：各类有各类的词表与总数，见过 n 次记 n + 1。"""
    tables = {}
    for c, texts in reviews.items():
        n = Counter(f for t in texts for f in t)
        tables[c] = {f: k + 1 for f, k in n.items()}, n.total() + len(n)
    return tables


def good(features, tables):
    """是好评的概率；先验是总数的份额，没见过的特征记 1 次，也乘进去。"""
    score = {
        c: total * prod(Fraction(n.get(f, 1), total) for f in features)
        for c, (n, total) in tables.items()
    }
    return Fraction(score["好评"], sum(score.values()))


tables = train(REVIEWS)
print(f"两类的总数：{[total for _, total in tables.values()]}")
for name, features in {
    "好吃": "好吃",
    "一个字也没有": "",
    "十个没见过的字": "新" * 10,
}.items():
    p = good(features, tables)
    print(f"{name}：是好评的概率 {float(p):.4f}")
# --8<-- [end:rule]


# --8<-- [start:model]
package = find_spec("snownlp")
if package is None:
    raise SystemExit("本程序读 SnowNLP 附带的模型，请先运行 pip install snownlp")
folder = Path(package.origin).parent
# marshal 能读出任何对象，只读信得过的文件；这一份随 SnowNLP 安装
packed = (folder / "sentiment" / "sentiment.marshal.3").read_bytes()
parts = marshal.loads(gzip.decompress(packed))["d"]
model = {
    c: (parts[k]["d"], int(parts[k]["total"]))
    for c, k in [("好评", "pos"), ("差评", "neg")]
}
totals = {c: total for c, (_, total) in model.items()}
print("总数：" + "，".join(f"{c} {total}" for c, total in totals.items()))
print(f"先验，好评 {float(good([], model)):.3f}")
for k in (1, 10):
    odds = Fraction(totals["差评"], totals["好评"]) ** k
    print(f"{k} 个没见过的词：好评比差评的比，变成原来的 {float(odds):.2f} 倍")
# --8<-- [end:model]


# --8<-- [start:words]
def weight(word):
    """这个词在好评里的概率，是在差评里的几倍。"""
    share = [Fraction(n.get(word, 1), total) for n, total in model.values()]
    return float(share[0] / share[1])


for word in ["不错", "很", "好", "不", "太", "不好", "失望", "差", "悲伤"]:
    seen = [n.get(word, 1) - 1 for n, _ in model.values()]
    print(f"{word}：好评 {seen[0]} 次，差评 {seen[1]} 次，比 {weight(word):.2f}")
# --8<-- [end:words]


# --8<-- [start:stop]
lines = (folder / "normal" / "stopwords.txt").read_text(encoding="utf-8").split("\n")
stop = {line.strip() for line in lines if line.strip()}
groups = {
    "否定": ["不", "没", "没有", "不是", "不会", "不能", "不够", "不如", "毫不"],
    "转折": ["但", "但是", "不过", "可是", "虽然"],
    "程度": ["很", "太", "非常"],
    "心情": ["高兴", "喜欢", "失望"],
}
for name, words in groups.items():
    cut = [w for w in words if w in stop]
    kept = [w for w in words if w not in stop]
    print(
        f"{name}：数之前就删掉 {'、'.join(cut)}；留下 {'、'.join(kept) or '一个不剩'}"
    )
print(
    f"删掉的词，模型里有的：{sum(w in n for w in stop for n, _ in model.values())} 个"
)
# --8<-- [end:stop]


# --8<-- [start:scores]
cuts = ["我 今天 高兴", "我 今天 不 高兴", "没有 想象 中 好"]  # SnowNLP 自己的切法
for cut in cuts:
    left = [w for w in cut.split() if w not in stop]
    print(f"{cut}：留下 {'、'.join(left) or '一个不剩'}", end="，")
    print(f"是好评的概率 {float(good(left, model)):.3f}")
# --8<-- [end:scores]
