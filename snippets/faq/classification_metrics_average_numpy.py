# --8<-- [start:matrix]
from fractions import Fraction as Q

import numpy as np
from sklearn import metrics
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

names = ["猫", "狗", "鸟"]
C = np.array([[5, 1, 0], [1, 3, 0], [1, 0, 1]])  # 行是真的，列是判的


def counts(C):
    """每个类各自当一次正类，其余都是负类。"""
    tp = C.diagonal()
    return tp.tolist(), (C.sum(0) - tp).tolist(), (C.sum(1) - tp).tolist()


def prf(tp, fp, fn):
    return Q(tp, tp + fp), Q(tp, tp + fn), Q(2 * tp, 2 * tp + fp + fn)


per_class = [prf(*one) for one in zip(*counts(C), strict=True)]
for name, (p, r, f1) in zip(names, per_class, strict=True):
    print(f"{name}：精确率 {p}，召回率 {r}，F1 {f1}")
# --8<-- [end:matrix]

# --8<-- [start:averages]
support = C.sum(axis=1).tolist()  # 各类真有几例：6、4、2
micro = prf(*map(sum, counts(C)))  # 先把三类的数加起来，再算
macro = [sum(column) / 3 for column in zip(*per_class, strict=True)]
f1s = [f1 for _, _, f1 in per_class]
weighted = sum(n * f1 for n, f1 in zip(support, f1s, strict=True)) / sum(support)
print(f"宏平均：精确率 {float(macro[0]):.4f}", end="，")
print(f"召回率 {float(macro[1]):.4f}，F1 {float(macro[2]):.4f}")
p, r, _ = macro
print(f"宏平均的精确率与召回率再合成 F1：{float(2 * p * r / (p + r)):.4f}")
print(f"按例数加权：F1 {float(weighted):.4f}")
print("微平均：精确率 {}，召回率 {}，F1 {}".format(*micro))
# --8<-- [end:averages]

# --8<-- [start:micro]
tp, fp, fn = map(sum, counts(C))
print(f"三类合计：真阳 {tp}，假阳 {fp}，漏掉 {fn}", end="；")
print(f"判错的共 {C.sum() - tp} 例，准确率 {Q(tp, int(C.sum()))}")
two = [sum(part[1:]) for part in counts(C)]  # 只数狗与鸟，不数猫
print("只数狗与鸟，微平均：精确率 {}，召回率 {}，F1 {}".format(*prf(*two)))
# --8<-- [end:micro]

# --8<-- [start:rare]
x, y = load_digits(return_X_y=True)
kept = (y != 8) | (np.cumsum(y == 8) <= 20)  # 8 只留前 20 张
x, y = x[kept] / 16, y[kept]
parts = train_test_split(x, y, test_size=0.5, stratify=y, random_state=0)
x_train, x_test, y_train, y_test = parts
# C 小，正则就强，例数少的类先被放弃
model = LogisticRegression(C=0.1, tol=1e-8, max_iter=5000)
model.fit(x_train, y_train)
guess = model.predict(x_test)
recalls = metrics.recall_score(y_test, guess, average=None)
print(f"测试 {len(y_test)} 张，其中 8 有 {(y_test == 8).sum()} 张", end="；")
print(f"认出 {((y_test == 8) & (guess == 8)).sum()} 张")
print(f"其他九类，召回率最低的 {np.delete(recalls, 8).min():.2f}")
for average in ("micro", "weighted", "macro"):
    f1 = metrics.f1_score(y_test, guess, average=average)
    print(f"{average} F1：{f1:.3f}")
# --8<-- [end:rare]

# --8<-- [start:multilabel]
# 五张照片，三个标签：人、车、树；一张可以有几个，也可以没有
Y = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 0], [1, 0, 1]])
G = np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 0, 0]])
same = Y == G  # (5, 3)
tp, fp, fn = int(np.sum(Y & G)), int(np.sum(Y < G)), int(np.sum(Y > G))
print(f"整张全对的比例 {Q(int(same.all(axis=1).sum()), 5)}", end="，")
print(f"格子的准确率 {Q(int(same.sum()), same.size)}", end="，")
print(f"汉明损失 {Q(int((~same).sum()), same.size)}")
print("微平均：精确率 {}，召回率 {}，F1 {}".format(*prf(tp, fp, fn)))
# --8<-- [end:multilabel]

# --8<-- [start:library]
truth = np.repeat([0, 1, 2], support)
said = np.concatenate([np.repeat([0, 1, 2], row) for row in C])
pairs = [
    (micro[2], metrics.f1_score(truth, said, average="micro")),
    (macro[2], metrics.f1_score(truth, said, average="macro")),
    (weighted, metrics.f1_score(truth, said, average="weighted")),
    (macro[1], metrics.balanced_accuracy_score(truth, said)),
    (prf(*two)[2], metrics.f1_score(truth, said, labels=[1, 2], average="micro")),
    (same.all(axis=1).mean(), metrics.accuracy_score(Y, G)),
    ((~same).mean(), metrics.hamming_loss(Y, G)),
    (prf(tp, fp, fn)[2], metrics.f1_score(Y, G, average="micro")),
]
ours, theirs = np.array(pairs, float).T
print("八个数与 sklearn.metrics 相同：", np.allclose(ours, theirs))
# --8<-- [end:library]
