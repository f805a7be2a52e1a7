# --8<-- [start:cells]
import numpy as np
from sklearn import metrics

p = np.array([0.95, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.25, 0.15, 0.05])
y = np.array([1, 1, 0, 1, 0, 0, 1, 0, 0, 0])  # 1 是恶性


def cells(threshold):
    guess = p >= threshold  # 恰好等于阈值，也判为恶性
    tp, fp = np.sum(guess & (y == 1)), np.sum(guess & (y == 0))
    fn, tn = np.sum(~guess & (y == 1)), np.sum(~guess & (y == 0))
    return tp, fp, fn, tn


for t in (0.9, 0.7, 0.5, 0.3):
    tp, fp, fn, tn = cells(t)
    print(f"阈值 {t}：真阳 {tp}，假阳 {fp}，漏诊 {fn}，真阴 {tn}")
    print(f"  准确率 {(tp + tn) / 10:.3f}", end="，")
    print(f"精确率 {tp / (tp + fp):.3f}，召回率 {tp / (tp + fn):.3f}", end="，")
    print(f"F1 {2 * tp / (2 * tp + fp + fn):.3f}")
# --8<-- [end:cells]


# --8<-- [start:roc]
def rates(threshold):
    tp, fp, fn, tn = cells(threshold)
    return fp / (fp + tn), tp / (tp + fn)


corners = [(0.0, 0.0), *(rates(t) for t in p)]  # 阈值依次降到每个得分
fpr, tpr = np.array(corners).T
area = np.sum(np.diff(fpr) * tpr[1:])  # 台阶下的面积

sick, well = p[y == 1], p[y == 0]
won = sick[:, None] > well  # (4, 6)，一格是一对
print(f"恶性得分更高的有 {won.sum()} 对，共 {won.size} 对", end="，")
print(f"AUC {won.mean():.3f}；台阶下的面积 {area:.3f}")
# --8<-- [end:roc]


# --8<-- [start:cost]
c1, c2 = 1, 5  # 误报一例、漏诊一例的代价
for t in (0.9, 0.7, 0.5, 0.3):
    _, fp, fn, _ = cells(t)
    print(f"阈值 {t}：代价 {c1 * fp + c2 * fn}")

for chance in (0.1, 0.2):  # 一例新数据，恶性的概率是 chance
    print(f"概率 {chance}：判恶性的期望代价 {(1 - chance) * c1:.1f}", end="，")
    print(f"判良性的 {chance * c2:.1f}")
print(f"两种代价相等的概率：{c1 / (c1 + c2):.3f}")
# --8<-- [end:cost]


# --8<-- [start:library]
tn, fp, fn, tp = metrics.confusion_matrix(y, p >= 0.5).ravel()  # 次序与本页不同
print("四格与 confusion_matrix 相同：", (tp, fp, fn, tn) == cells(0.5))
print("AUC 与 roc_auc_score 相同：", np.isclose(metrics.roc_auc_score(y, p), area))
# --8<-- [end:library]
