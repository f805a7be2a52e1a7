# --8<-- [start:cells]
from fractions import Fraction as Q
from itertools import pairwise
from math import isclose, sqrt

import numpy as np
from sklearn import metrics

s = np.array([0.9, 0.8, 0.7, 0.6, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])  # 得分
y = np.array([1, 1, 0, 1, 0, 1, 0, 1, 0, 0])  # 1 是正类


def cells(threshold):
    guess = s >= threshold  # 恰好等于阈值，也判为正
    tp, fp = np.sum(guess & (y == 1)), np.sum(guess & (y == 0))
    fn, tn = np.sum(~guess & (y == 1)), np.sum(~guess & (y == 0))
    return int(tp), int(fp), int(fn), int(tn)


tp, fp, fn, tn = cells(0.5)
print(f"阈值 0.5：真阳 {tp}，假阳 {fp}，漏诊 {fn}，真阴 {tn}")
# --8<-- [end:cells]

# --8<-- [start:rates]
recall = Q(tp, tp + fn)  # 分母是真的正类
specificity = Q(tn, tn + fp)  # 分母是真的负类
precision = Q(tp, tp + fp)  # 分母是判为正的
npv = Q(tn, tn + fn)  # 分母是判为负的
accuracy = Q(tp + tn, len(y))
f1 = 2 * precision * recall / (precision + recall)
product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)  # 四条边相乘
mcc = (tp * tn - fp * fn) / sqrt(product)

print(f"按真相分：召回率 {recall}，特异度 {specificity}")
print(f"按判断分：精确率 {precision}，阴性预测值 {npv}")
print(f"准确率 {accuracy}，F1 {f1}，MCC {mcc:.4f}")
# --8<-- [end:rates]

# --8<-- [start:roc]
P, N = int(sum(y == 1)), int(sum(y == 0))
roc, area = [(Q(0), Q(0))], Q(0)  # 阈值高于一切得分：谁也不判为正
thresholds = sorted(set(s.tolist()), reverse=True)  # 从高到低
for t in thresholds:  # 得分相同的例一起过线
    tp, fp, *_ = cells(t)
    fpr, tpr = Q(fp, N), Q(tp, P)
    width, before = fpr - roc[-1][0], roc[-1][1]
    area += width * (before + tpr) / 2  # 梯形；台阶是上底等于下底
    roc.append((fpr, tpr))
    print(f"阈值 {t}：假阳率 {fpr}，召回率 {tpr}")
print(f"曲线下的面积 {area} = {float(area):.3f}")
# --8<-- [end:roc]

# --8<-- [start:pairs]
positive, negative = s[y == 1], s[y == 0]
above = positive[:, None] > negative  # (5, 5)，一格是一对
tied = positive[:, None] == negative
print(f"正类得分更高的 {above.sum()} 对，相同的 {tied.sum()} 对", end="，")
print(f"共 {above.size} 对：AUC {(above + tied / 2).mean():.3f}")
# --8<-- [end:pairs]

# --8<-- [start:pr]
ap, last, pr = Q(0), Q(0), [(Q(0), Q(1))]
for t in thresholds:
    tp, fp, *_ = cells(t)
    recall, precision = Q(tp, P), Q(tp, tp + fp)
    ap += (recall - last) * precision  # 召回率每升一格，乘以这时的精确率
    last = recall
    pr.append((recall, precision))
print(f"平均精确率 {ap} = {float(ap):.4f}")

steps = pairwise(pr)
trapezoids = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in steps)
print(f"把 PR 的点连成折线，下面的面积 {trapezoids} = {float(trapezoids):.4f}")
# --8<-- [end:pr]

# --8<-- [start:library]
guess = s >= 0.5
r, p, _ = metrics.roc_curve(y, s, drop_intermediate=False)
line = metrics.precision_recall_curve(y, s)
pairs = [
    (accuracy, metrics.accuracy_score(y, guess)),
    (specificity, metrics.recall_score(y, guess, pos_label=0)),
    (npv, metrics.precision_score(y, guess, pos_label=0)),
    (f1, metrics.f1_score(y, guess)),
    (mcc, metrics.matthews_corrcoef(y, guess)),
    (area, metrics.roc_auc_score(y, s)),
    (ap, metrics.average_precision_score(y, s)),
    (trapezoids, metrics.auc(line[1], line[0])),
]
print("八个数与 sklearn.metrics 相同：", all(isclose(*pair) for pair in pairs))
corners = np.array(roc, float)
print("ROC 的点与 roc_curve 相同：", np.allclose(corners, np.stack([r, p], 1)))
# --8<-- [end:library]
