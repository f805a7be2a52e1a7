# --8<-- [start:clinic]
import numpy as np
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(0)


def clinic(n, sick, noise=0.0):
    """化验值 x：没病 N(0, 1)，有病 N(1.5, 1)；noise 是仪器再加的。"""
    y = (rng.random(n) < sick).astype(int)
    x = rng.normal(1.5 * y, 1) + noise * rng.normal(size=n)
    return x.reshape(-1, 1), y


def ece(p, y, n_bins=10):
    index = np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], p)
    return np.abs(np.bincount(index, p - y)).sum() / len(y)


def logit(p):
    return np.log(p / (1 - p))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def report(name, p, y):
    print(f"{name}：平均报 {p.mean():.2f}，患病 {y.mean():.2f}", end="，")
    print(f"ECE {ece(p, y):.3f}")


# --8<-- [end:clinic]


# --8<-- [start:weights]
x, y = clinic(50000, sick=0.1)
x_test, y_test = clinic(50000, sick=0.1)
copied = np.repeat(np.arange(len(y)), np.where(y == 1, 9, 1))  # 病人抄九份
fits = {
    "照原样": LogisticRegression().fit(x, y),
    "class_weight": LogisticRegression(class_weight="balanced").fit(x, y),
    "过采样": LogisticRegression().fit(x[copied], y[copied]),
}
for name, model in fits.items():
    p = model.predict_proba(x_test)[:, 1]
    report(name, p, y_test)
    half = (p > 0.45) & (p < 0.55)
    print(f"　报 0.45 到 0.55 的人里，患病 {y_test[half].mean():.2f}")
# --8<-- [end:weights]


# --8<-- [start:odds]
def change_base(p, old, new):
    """患病率由 old 换成 new：几率乘上新旧两个几率之比。"""
    return sigmoid(logit(p) - logit(old) + logit(new))


print(f"0.5 改正成 {change_base(0.5, 0.5, 0.1):.2f}", end="，")
print(f"0.9 改正成 {change_base(0.9, 0.5, 0.1):.2f}")
p = fits["过采样"].predict_proba(x_test)[:, 1]
report("过采样，改正后", change_base(p, 0.5, 0.1), y_test)
# --8<-- [end:odds]


# --8<-- [start:elsewhere]
model = fits["照原样"]
places = {
    "甲医院": clinic(50000, sick=0.1),
    "乙：病人多": clinic(50000, sick=0.4),
    "丙：仪器不准": clinic(50000, sick=0.1, noise=1.5),
}
for name, (x_new, y_new) in places.items():
    report(name, model.predict_proba(x_new)[:, 1], y_new)
# --8<-- [end:elsewhere]


# --8<-- [start:again]
for name, (x_new, y_new) in list(places.items())[1:]:
    p = model.predict_proba(x_new)[:, 1]
    report(f"{name}，改几率", change_base(p, 0.1, y_new.mean()), y_new)
    z = logit(p).reshape(-1, 1)
    platt = LogisticRegression().fit(z[:1000], y_new[:1000])  # 当地一千例
    p = platt.predict_proba(z[1000:])[:, 1]
    report(f"{name}，用当地一千例重新校准", p, y_new[1000:])
# --8<-- [end:again]


# --8<-- [start:labels]
flip = rng.random(len(y)) < 0.1  # 一成标签是错的
noisy = LogisticRegression().fit(x, np.where(flip, 1 - y, y))
p = noisy.predict_proba(x_test)[:, 1]
flip = rng.random(len(y)) < 0.1
report("对着有错的标签", p, np.where(flip, 1 - y_test, y_test))
report("对着真相", p, y_test)
# --8<-- [end:labels]
