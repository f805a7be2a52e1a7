# --8<-- [start:setup]
import copy

import numpy as np
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

dataset = load_breast_cancer()
y = (dataset.target == 0).astype(int)  # 恶性 = 1
rest, test = train_test_split(
    np.arange(len(y)), test_size=114, stratify=y, random_state=0
)
train, valid = train_test_split(rest, test_size=114, stratify=y[rest], random_state=0)


def fit(n):
    """同一个网络与早停，由 scikit-learn 训练；返回 569 例的恶性概率。"""
    x = dataset.data[:, :n]
    z = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
    rng = np.random.RandomState(0)  # 给整数，partial_fit 每一轮的次序都相同
    net = MLPClassifier(10, batch_size=32, learning_rate_init=0.01, random_state=rng)
    best_loss, best_epoch = np.inf, 0
    for epoch in range(1, 201):
        net.partial_fit(z[train], y[train], classes=[0, 1])  # 一轮
        loss = metrics.log_loss(y[valid], net.predict_proba(z[valid])[:, 1])
        if loss < best_loss:
            best, best_loss, best_epoch = copy.deepcopy(net), loss, epoch
        if epoch - best_epoch >= 20:
            break
    return best.predict_proba(z)[:, 1]  # (569,)


p = fit(8)
# --8<-- [end:setup]


# --8<-- [start:metrics]
guess = p[test] >= 0.5
# confusion_matrix 的行是真的，列是猜的，0 在前
tn, fp, fn, tp = metrics.confusion_matrix(y[test], guess).ravel()
print(f"测试集：真阳 {tp}，假阳 {fp}，漏诊 {fn}，真阴 {tn}")
print(f"准确率 {metrics.accuracy_score(y[test], guess):.4f}", end="，")
print(f"精确率 {metrics.precision_score(y[test], guess):.4f}", end="，")
print(f"召回率 {metrics.recall_score(y[test], guess):.4f}")
print(f"F1 {metrics.f1_score(y[test], guess):.4f}", end="，")
print(f"ROC-AUC {metrics.roc_auc_score(y[test], p[test]):.4f}")  # 给概率，不给判断
# --8<-- [end:metrics]


# --8<-- [start:interval]
def wilson(hits, n, z=1.959964):
    """比例的 95% 区间；z 是标准正态的 0.975 分位数。"""
    centre = (hits + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(hits * (n - hits) / n + z**2 / 4)
    return centre - half, centre + half


for name, hits, n in [("准确率", tp + tn, len(test)), ("召回率", tp, tp + fn)]:
    low, high = wilson(hits, n)
    print(f"{name}的 95% 区间：{low:.3f} 到 {high:.3f}")
# --8<-- [end:interval]


# --8<-- [start:threshold]
def cost(rows, threshold):
    """误报一例的代价是 1，漏诊一例假设是 5。"""
    _, fp, fn, _ = metrics.confusion_matrix(y[rows], p[rows] >= threshold).ravel()
    return fp + 5 * fn, fp, fn


grid = np.arange(5, 100, 5) / 100  # 19 个候选：0.05 到 0.95
threshold = min(grid, key=lambda t: cost(valid, t)[0])  # 在验证集上选
for t in (0.5, 1 / 6, threshold):
    total, fp, fn = cost(test, t)  # 在测试集上报告
    print(f"阈值 {t:.3f}：验证集代价 {cost(valid, t)[0]}", end="；")
    print(f"测试集误报 {fp}，漏诊 {fn}，代价 {total}")
# --8<-- [end:threshold]


# --8<-- [start:calibration]
held = np.concatenate([valid, test])  # 没有参加训练的 228 例
band = np.digitize(p[held], [0.2, 0.8])  # 0、1、2
for k, name in enumerate(("0 到 0.2", "0.2 到 0.8", "0.8 到 1")):
    rows = held[band == k]
    print(f"概率 {name}：{len(rows)} 例", end="，")
    print(f"平均概率 {p[rows].mean():.2f}，真是恶性的 {y[rows].mean():.2f}")
# --8<-- [end:calibration]


# --8<-- [start:full]
p30 = fit(30)
right, right30 = ((q[test] >= 0.5) == y[test] for q in (p, p30))
print(f"准确率：8 个特征 {right.mean():.4f}，30 个特征 {right30.mean():.4f}")
wins, losses = int(np.sum(right30 & ~right)), int(np.sum(right & ~right30))
print(f"对错不同的有 {wins + losses} 例：只有 30 个特征对的 {wins} 例", end="，")
print(f"只有 8 个特征对的 {losses} 例")
# 若两个模型一样好，分歧时各有一半机会对：双侧符号检验
print(f"符号检验：p = {binomtest(wins, wins + losses).pvalue:.3f}")
# --8<-- [end:full]
