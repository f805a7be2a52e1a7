# --8<-- [start:data]
import warnings

import numpy as np
from scipy.ndimage import rotate
from sklearn.datasets import load_digits
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

warnings.filterwarnings("ignore", "self.within_class")  # 有的像素总是空白
images, labels = load_digits(return_X_y=True)  # 8×8，像素 0 到 16
images = np.pad(images.reshape(-1, 8, 8) / 16, ((0, 0), (1, 1), (1, 1)))
train, y = images[:1200], labels[:1200]  # 不打乱：前面的人写的
test, y_test = images[1200:], labels[1200:]  # 后面的人写的
print(f"训练 {len(train)} 张，测试 {len(test)} 张，每张 {test[0].shape}")
# --8<-- [end:data]


# --8<-- [start:near]
def distances(x):
    """每两张图的距离的平方，(N, N)；自己与自己的设成无穷大。"""
    square = (x**2).sum(axis=1)
    apart = square[:, None] - 2 * x @ x.T + square
    np.fill_diagonal(apart, np.inf)
    return apart


number = np.arange(len(images))
nearest = distances(images.reshape(-1, 100)).argmin(axis=1)
close = abs(number[:, None] - number) <= 100
chance = (close.sum() - len(number)) / (len(number) * (len(number) - 1))
found = (abs(nearest - number) <= 100).mean()
print(f"最像的一张就在前后 100 张之内：{found:.0%}", end="")
print(f"（随便挑一张：{chance:.0%}）")
# --8<-- [end:near]


# --8<-- [start:leak]
def flat():
    return FunctionTransformer(lambda x: x.reshape(len(x), -1))


knn = make_pipeline(flat(), KNeighborsClassifier(1))
svm = make_pipeline(flat(), SVC(C=10))
for name, model in [("最近的一张", knn), ("SVM", svm)]:
    blocks = cross_val_score(model, images, labels, cv=KFold(5)).mean()
    mixed = [
        cross_val_score(
            model, images, labels, cv=KFold(5, shuffle=True, random_state=s)
        )
        for s in range(5)
    ]
    low, high = np.mean(mixed, axis=1).min(), np.mean(mixed, axis=1).max()
    print(f"{name}，五折：按次序切 {blocks:.1%}，打乱再切 {low:.1%} 到 {high:.1%}")
# --8<-- [end:leak]


# --8<-- [start:models]
def interval(right, n, z=1.96):
    """猜对 right 个，正确率的 95% 区间（Wilson）。"""
    p, extra = right / n, z * z / n
    middle = (p + extra / 2) / (1 + extra)
    half = z * np.sqrt(p * (1 - p) / n + extra / (4 * n)) / (1 + extra)
    return middle - half, middle + half


ranges = {"svc__C": [1, 10, 100], "svc__gamma": [0.03, 0.1, 0.3]}
models = {
    "总猜最多的": DummyClassifier(),
    "最近的平均": make_pipeline(flat(), NearestCentroid()),
    "最近的一张": knn,
    "逻辑回归": make_pipeline(flat(), LogisticRegression(max_iter=1000)),
    "SVM": GridSearchCV(svm, ranges, cv=KFold(4)),  # 只在训练集上挑
}
for name, model in models.items():
    right = (model.fit(train, y).predict(test) == y_test).sum()
    low, high = interval(right, len(test))
    print(f"{name}：{right / len(test):.1%}（{low:.1%} 到 {high:.1%}）")
print("SVM 挑中的：C =", models["SVM"].best_params_["svc__C"], end="，")
print("gamma =", models["SVM"].best_params_["svc__gamma"])
# --8<-- [end:models]


# --8<-- [start:moved]
def shifted(x):
    """左、右、上、下各移一个像素：四份。四周有一圈空白，没有东西被切掉。"""
    moves = [(-1, 2), (1, 2), (-1, 1), (1, 1)]
    return np.concatenate([np.roll(x, step, axis) for step, axis in moves])


def rotated(x, angle=15):
    """向两边各转 15 度：两份。"""
    turn = {"axes": (1, 2), "reshape": False, "order": 1}
    return np.concatenate([rotate(x, a, **turn) for a in (angle, -angle)])


# --8<-- [end:moved]


# --8<-- [start:collapse]
def accuracy(model, x):
    copies = len(x) // len(test)
    return (model.predict(x) == np.tile(y_test, copies)).mean()


sets = {"原样": test, "移一格": shifted(test), "转 15 度": rotated(test)}
for name in ["最近的平均", "最近的一张", "逻辑回归", "SVM"]:
    found = [f"{k} {accuracy(models[name], x):.1%}" for k, x in sets.items()]
    print(f"{name}：" + "，".join(found))
# --8<-- [end:collapse]


# --8<-- [start:copies]
more = np.concatenate([train, shifted(train), rotated(train)])  # 七份
taught = models["SVM"].best_estimator_.fit(more, np.tile(y, 7))
found = [f"{k} {accuracy(taught, x):.1%}" for k, x in sets.items()]
print("SVM，也用移过、转过的训练：" + "，".join(found))
# --8<-- [end:copies]
