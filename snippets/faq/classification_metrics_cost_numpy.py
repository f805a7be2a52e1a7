# --8<-- [start:scores]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn import metrics
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import TunedThresholdClassifierCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# 与前面的程序相同：同样的划分、同样的两个特征、同样的模型
dataset = load_breast_cancer()
y = (dataset.target == 0).astype(int)  # 恶性 = 1
rows, x = np.arange(len(y)), dataset.data[:, [1, 5]]
train, rest = train_test_split(rows, test_size=380, stratify=y, random_state=0)
valid, test = train_test_split(rest, test_size=190, stratify=y[rest], random_state=0)
# 牛顿法收敛到底，得分的第三位小数在哪台机器上都一样
logistic = LogisticRegression(solver="newton-cholesky", tol=1e-8)
model = make_pipeline(StandardScaler(), logistic)
model.fit(x[train], y[train])
p = model.predict_proba(x)[:, 1]
# --8<-- [end:scores]


# --8<-- [start:cost]
def cost(rows, threshold, c_fp, c_fn):
    """这些例的总代价：误报一例 c_fp，漏诊一例 c_fn。"""
    guess = p[rows] >= threshold
    fp, fn = np.sum(guess & (y[rows] == 0)), np.sum(~guess & (y[rows] == 1))
    return int(c_fp * fp + c_fn * fn)


for c_fp, c_fn in [(1, 1), (1, 5), (1, 20), (5, 1)]:
    t = c_fp / (c_fp + c_fn)  # 概率校准时，最省的阈值
    print(f"误报 {c_fp}，漏诊 {c_fn}：阈值 {t:.3f} 在测试集的代价", end=" ")
    print(f"{cost(test, t, c_fp, c_fn)}，0.5 的 {cost(test, 0.5, c_fp, c_fn)}")
# --8<-- [end:cost]

# --8<-- [start:choose]
# 候选：验证集的每个得分。减一点点，得分恰好等于候选的例不受舍入影响
candidates = np.unique(p[valid]) - 1e-9
for c_fp, c_fn in [(1, 1), (1, 5), (1, 20), (5, 1)]:
    costs = [cost(valid, t, c_fp, c_fn) for t in candidates]
    t = candidates[np.argmin(costs)]
    print(f"误报 {c_fp}，漏诊 {c_fn}：验证集上最省的阈值 {t:.3f}", end="，")
    print(f"验证集 {min(costs)}，测试集 {cost(test, t, c_fp, c_fn)}")
# --8<-- [end:choose]

# --8<-- [start:f1]
scores = [metrics.f1_score(y[valid], p[valid] >= t) for t in candidates]
best = candidates[np.argmax(scores)]
print(f"验证集上 F1 最高的阈值 {best:.3f}，F1 {max(scores):.3f}")
for c_fp, c_fn in [(1, 5), (1, 20)]:
    print(f"误报 {c_fp}，漏诊 {c_fn}：用它，测试集的代价", end=" ")
    print(cost(test, best, c_fp, c_fn))
# --8<-- [end:f1]


# --8<-- [start:library]
def saved(truth, guess):
    """越大越好，所以是代价的负数。"""
    _, fp, fn, _ = metrics.confusion_matrix(truth, guess).ravel()
    return -(fp + 5 * fn)


tuned = TunedThresholdClassifierCV(
    model,
    scoring=metrics.make_scorer(saved),
    thresholds=candidates,
    cv="prefit",  # 模型已经训练好；传给 fit 的只用来选阈值
    refit=False,
)
tuned.fit(x[valid], y[valid])
costs = [cost(valid, t, 1, 5) for t in candidates]
ours = candidates[np.argmin(costs)]
print("选出的阈值与 TunedThresholdClassifierCV 相同：", tuned.best_threshold_ == ours)
# --8<-- [end:library]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "classification_metrics_cost_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.4), layout="constrained")
grid = np.arange(0.01, 1, 0.02)
for rows, style, name in [(valid, "k--", "验证集"), (test, "C0", "测试集")]:
    axis.plot(grid, [cost(rows, t, 1, 5) for t in grid], style, label=name)
for t, mark, name in [(1 / 6, "C1s", "1/6"), (0.5, "C1o", "0.5")]:
    axis.plot(t, cost(test, t, 1, 5), mark, label=f"阈值 {name}")
axis.set(xlabel="阈值", xticks=[0, 0.25, 0.5, 0.75, 1], ylim=(0, None))
axis.set_title("总代价：误报 1，漏诊 5", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False, loc="lower right")
title = "代价随阈值变化：太低误报多，太高漏诊多"
path, about = "classification_metrics_cost_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
