# --8<-- [start:scores]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn import metrics
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
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
s, y = model.predict_proba(x[test])[:, 1].round(3), y[test]
# --8<-- [end:scores]

# --8<-- [start:bayes]
sick, well = s[y == 1], s[y == 0]
recall, alarm = np.mean(sick >= 0.5), np.mean(well >= 0.5)  # 召回率、假阳率
rates = {"37%": y.mean(), "10%": 0.1, "1%": 0.01}  # 患病率
for name, pi in rates.items():
    tp, fp = 1000 * pi * recall, 1000 * (1 - pi) * alarm
    print(f"患病率 {name}：每 1000 人判对恶性 {tp:.1f} 人", end="，")
    print(f"误报 {fp:.1f} 人，精确率 {tp / (tp + fp):.3f}")
# --8<-- [end:bayes]


# --8<-- [start:curves]
def weights(pi):
    """恶性的权重合计 pi，良性的合计 1 - pi：像是在另一群人里测。"""
    return np.where(y == 1, pi / len(sick), (1 - pi) / len(well))


for name, pi in rates.items():
    w = weights(pi)
    auc = metrics.roc_auc_score(y, s, sample_weight=w)
    ap = metrics.average_precision_score(y, s, sample_weight=w)
    print(f"患病率 {name}：AUC {auc:.3f}，平均精确率 {ap:.3f}")
# --8<-- [end:curves]


# --8<-- [start:resample]
def one_crowd(pi, seed, people=2000):
    """从测试集有放回地抽出一群人，其中恶性的比例是 pi。"""
    rng, count = np.random.default_rng(seed), round(people * pi)
    a, b = rng.choice(sick, count), rng.choice(well, people - count)
    labels, scores = np.repeat([1, 0], [count, people - count]), np.append(a, b)
    auc = metrics.roc_auc_score(labels, scores)
    ap = metrics.average_precision_score(labels, scores)
    return labels[scores >= 0.5].mean(), auc, ap


for name, pi in rates.items():
    crowds = np.array([one_crowd(pi, seed) for seed in range(100)])
    means, aucs = crowds.mean(axis=0), crowds[:, 1]
    print(f"患病率 {name}，100 群人", end="：")
    print("精确率 {:.3f}，AUC {:.2f}".format(*means), end="")
    print(f"（{aucs.min():.2f} 到 {aucs.max():.2f}）", end="，")
    print(f"平均精确率 {means[2]:.2f}")
# --8<-- [end:resample]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "classification_metrics_prevalence_numpy"
figure, (roc, pr) = plt.subplots(2, figsize=(3.5, 6.2), layout="constrained")
styles = [("C0", 4), ("k--", 1.5), ("C1:", 2)]  # 粗细不同，重合了也看得见
for (name, pi), (style, width) in zip(rates.items(), styles, strict=True):
    w = weights(pi)
    fpr, tpr, _ = metrics.roc_curve(y, s, sample_weight=w)
    roc.plot(fpr, tpr, style, linewidth=width, label=f"患病率 {name}")
    p, r, _ = metrics.precision_recall_curve(y, s, sample_weight=w)
    pr.plot(r[::4], p[::4], style, linewidth=width)  # 每四个点画一个
roc.set_title("ROC：召回率，三条线重合", loc="left", fontsize=10)
roc.set_xlabel("假阳率")
pr.set_title("PR：精确率，患病率越低越沉", loc="left", fontsize=10)
pr.set_xlabel("召回率")
roc.legend(frameon=False, loc="lower right")
for axis in (roc, pr):
    axis.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1], ylim=(-0.02, 1.05))
    axis.spines[["top", "right"]].set_visible(False)
title = "换了患病率，ROC 曲线不动，PR 曲线下沉"
path, about = "classification_metrics_prevalence_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]


# --8<-- [start:shift]
def shift(p, old, new):
    """患病率从 old 变成 new，概率跟着变；两类各自的得分分布不变。"""
    for_sick, for_well = p * new / old, (1 - p) * (1 - new) / (1 - old)
    return for_sick / (for_sick + for_well)


old, new = 70 / 189, 0.01  # 训练集里的患病率，使用时的患病率
w = weights(new)
print(f"患病率 1% 的人群，得分的平均：{w @ s:.3f}", end="，")
print(f"修正后：{w @ shift(s, old, new):.3f}")  # 完全校准时应是 0.010
print(f"原来的 0.5，修正后是 {shift(0.5, old, new):.3f}", end="；")
print(f"修正后的 0.5，原来是 {shift(0.5, new, old):.3f}")
# --8<-- [end:shift]
