# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn import metrics
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

dataset = load_breast_cancer()
y = (dataset.target == 0).astype(int)  # 数据集里 0 是恶性；本页把恶性记为 1
rows = np.arange(len(y))
train, rest = train_test_split(rows, test_size=380, stratify=y, random_state=0)
valid, test = train_test_split(rest, test_size=190, stratify=y[rest], random_state=0)
for part, which in [("训练", train), ("验证", valid), ("测试", test)]:
    print(f"{part} {len(which)} 例，其中恶性 {y[which].sum()} 例")
# --8<-- [end:data]


# --8<-- [start:fit]
names = dataset.feature_names.tolist()
# 30 个特征几乎分得开；只用两个，两类才有重叠，阈值才有得选
few = [names.index("mean texture"), names.index("mean compactness")]
x = dataset.data[:, few]
# 牛顿法收敛到底，得分的第三位小数在哪台机器上都一样
logistic = LogisticRegression(solver="newton-cholesky", tol=1e-8)
model = make_pipeline(StandardScaler(), logistic)
model.fit(x[train], y[train])
score = model.predict_proba(x)[:, 1].round(3)  # (569,)，恶性的概率

band = np.minimum(score[test] * 5, 4).astype(int)  # 0 到 4，每段宽 0.2
for k in range(5):
    sick, well = (np.sum((band == k) & (y[test] == c)) for c in (1, 0))
    print(f"测试集得分 {k / 5:.1f} 到 {(k + 1) / 5:.1f}", end="：")
    print(f"恶性 {sick} 例，良性 {well} 例")
# --8<-- [end:fit]


# --8<-- [start:table]
def show(threshold):
    guess = score[test] >= threshold
    # 行是真的，列是判的
    tn, fp, fn, tp = metrics.confusion_matrix(y[test], guess).ravel()
    print(f"阈值 {threshold}：真阳 {tp}，假阳 {fp}，漏诊 {fn}，真阴 {tn}")
    print(f"  准确率 {metrics.accuracy_score(y[test], guess):.3f}", end="，")
    print(f"精确率 {metrics.precision_score(y[test], guess):.3f}", end="，")
    print(f"召回率 {metrics.recall_score(y[test], guess):.3f}", end="，")
    print(f"F1 {metrics.f1_score(y[test], guess):.3f}")


for threshold in (0.5, 0.3, 0.1):
    show(threshold)
# 下面两个给得分，不给判断
print(f"ROC-AUC {metrics.roc_auc_score(y[test], score[test]):.3f}", end="，")
print(f"平均精确率 {metrics.average_precision_score(y[test], score[test]):.3f}")
# --8<-- [end:table]

# --8<-- [start:curves]
fpr, tpr, _ = metrics.roc_curve(y[test], score[test])
precision, recall, _ = metrics.precision_recall_curve(y[test], score[test])

warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "classification_metrics_scores_numpy"
figure, (roc, pr) = plt.subplots(2, figsize=(3.5, 6.2), layout="constrained")
roc.plot(fpr, tpr, "C0", label="模型")
roc.plot([0, 1], [0, 1], "k:", label="随便打分")
pr.plot(recall[::4], precision[::4], "C0")  # 每四个点画一个
pr.axhline(y[test].mean(), color="k", linestyle=":")
for threshold, mark in [(0.5, "C1o"), (0.3, "C1s"), (0.1, "C1^")]:
    guess = score[test] >= threshold
    hits, alarms = guess[y[test] == 1].mean(), guess[y[test] == 0].mean()
    roc.plot(alarms, hits, mark, label=f"阈值 {threshold}")
    pr.plot(hits, y[test][guess].mean(), mark)
# --8<-- [end:curves]

# --8<-- [start:figure]
roc.set_title("ROC：召回率", loc="left", fontsize=10)
roc.set_xlabel("假阳率（误报占良性的比例）")
pr.set_title("PR：精确率", loc="left", fontsize=10)
pr.set_xlabel("召回率")
for axis in (roc, pr):
    axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.05))
    axis.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    axis.spines[["top", "right"]].set_visible(False)
roc.legend(frameon=False, loc="lower right")  # 两张图的图例相同
title = "同一批得分的 ROC 曲线与 PR 曲线，三个阈值各是曲线上的一点"
path, about = "classification_metrics_scores_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
