# --8<-- [start:noise]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV, PredefinedSplit


def best_of(k, n):
    """k 个掷硬币的模型，n 例，最好的那个平均对多少：k 个二项数的最大值。"""
    right = np.arange(n + 1)
    below = stats.binom.cdf(right, n, 0.5) ** k  # k 个都不超过它
    chance = np.diff(below, prepend=0)  # 最大值恰好是它
    return float(chance @ right / n)


counts = [1, 10, 100, 1000]
for n in (100, 1000):
    found = [f"{k} 个 {best_of(k, n):.3f}" for k in counts]
    print(f"{n} 例，最好的平均：" + "，".join(found))
# --8<-- [end:noise]

# --8<-- [start:look]
rng = np.random.default_rng(0)
k, n, times = 1000, 100, 500
rows = []
for _ in range(times):
    valid, test = rng.binomial(n, 0.5, size=(2, k)) / n
    first = valid.argmax()
    rows.append([test.max(), valid[first], test[first]])
on_test, on_valid, one_look = np.mean(rows, axis=0)
print(f"1000 个里按测试集挑，报测试集：{on_test:.3f}")
print(f"按验证集挑，验证集上 {on_valid:.3f}，再看一次测试集 {one_look:.3f}")
# --8<-- [end:look]

# --8<-- [start:data]
dataset = load_breast_cancer()
# 最后一列是偏置；最小二乘的判断与单位无关，不必标准化
x = np.hstack([dataset.data, np.ones((569, 1))])
y = dataset.target == 0


def guesses(rng, train, k):
    """k 个模型，各随机取 3 个特征，最小二乘；(k, 569) 的对错。"""
    right = []
    for _ in range(k):
        used = np.append(rng.choice(30, 3, replace=False), 30)
        w = np.linalg.lstsq(x[train][:, used], 2.0 * y[train] - 1)[0]
        right.append((x[:, used] @ w > 0) == y)
    return np.array(right)


# --8<-- [end:data]

# --8<-- [start:real]
gains = {10: [], 100: []}
for seed in range(100):
    rng = np.random.default_rng(seed)
    order = rng.permutation(569)
    train, test, fresh = order[:200], order[200:257], order[257:]
    right = guesses(rng, train, 100)
    for k, found in gains.items():
        scores = right[:k, test].mean(axis=1)
        best = scores.argmax()  # 按测试集挑
        found.append([scores[best], right[best, fresh].mean()])
for k, found in gains.items():
    told, true = np.mean(found, axis=0)
    print(f"{k} 个模型按 {len(test)} 例挑：报 {told:.3f}", end="，")
    print(f"在没用过的 {len(fresh)} 例上 {true:.3f}")
# --8<-- [end:real]

# --8<-- [start:library]
rng = np.random.default_rng(0)
noise = rng.integers(2, size=200)  # 前 100 例当训练，后 100 例当「测试集」
search = GridSearchCV(
    DummyClassifier(strategy="uniform"),
    {"random_state": range(1000)},  # 调的「超参数」是种子
    cv=PredefinedSplit([-1] * 100 + [0] * 100),
).fit(np.zeros((200, 1)), noise)
print(f"GridSearchCV 调 1000 个种子，best_score_ {search.best_score_:.2f}")
# --8<-- [end:library]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "model_selection_tuning_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.2), layout="constrained")
many = np.unique(np.logspace(0, 3, 25).round().astype(int))
for n, style in [(100, "C1-"), (1000, "C0--")]:
    label = f"{n} 例的测试集"
    axis.plot(many, [best_of(k, n) for k in many], style, label=label)
axis.axhline(0.5, color="k", lw=0.8)
axis.set(xscale="log", xticks=counts, ylim=(0.48, 0.7), xlabel="试过的模型个数")
axis.xaxis.set_major_formatter("{x:g}")
axis.minorticks_off()
axis.set_title("最好的那个的测试准确率", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False, loc="upper left")
title = "模型都在掷硬币，试得越多，最好的分数越高；测试集越小，高得越多"
path, about = "model_selection_tuning_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
