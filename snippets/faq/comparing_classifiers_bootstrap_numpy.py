# --8<-- [start:pairs]
from itertools import product

import numpy as np
from scipy import stats
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def wins(positive, negative):
    """每一对：正类得分更高算 1，相同算一半。(正类, 负类)"""
    gap = positive[:, None] - negative
    return (gap > 0) + 0.5 * (gap == 0)


toy = wins(np.array([0.9, 0.4]), np.array([0.6, 0.3, 0.1]))  # 2 正 3 负
print(f"五例的 AUC：{toy.mean():.4f}")
# --8<-- [end:pairs]

# --8<-- [start:hand]
drawn = list(product(range(5), repeat=5))  # 五例有放回地抽五次，全部抽法
areas = [
    toy[np.ix_([i for i in rows if i < 2], [i - 2 for i in rows if i > 1])].mean()
    for rows in drawn
    if 0 < sum(i < 2 for i in rows) < 5  # 两类都抽到了，AUC 才有
]
print(f"抽法 {len(drawn)} 种，只抽到一类的 {len(drawn) - len(areas)} 种", end="；")
print(f"其余的 AUC 平均 {np.mean(areas):.4f}，标准差 {np.std(areas):.4f}")
# --8<-- [end:hand]

# --8<-- [start:scores]
dataset = load_breast_cancer()
y = (dataset.target == 0).astype(int)  # 恶性 = 1
x = dataset.data[:, [1, 5]]  # 只用两个特征，模型才不至于太好
parts = train_test_split(x, y, test_size=114, stratify=y, random_state=0)
x_train, x_test, y_train, y_test = parts
logistic = LogisticRegression(solver="newton-cholesky", tol=1e-8)
model = make_pipeline(StandardScaler(), logistic).fit(x_train, y_train)
p = model.predict_proba(x_test)[:, 1].round(3)
won = wins(p[y_test == 1], p[y_test == 0])  # (恶性, 良性)
print(f"测试 {len(p)} 例，恶性 {y_test.sum()} 例：AUC {won.mean():.3f}")


# --8<-- [end:scores]


# --8<-- [start:auc]
def interval(values):
    """排好序，两头各去掉 2.5%。"""
    return np.quantile(values, [0.025, 0.975], axis=0)


rng = np.random.default_rng(0)
n, P, N = len(p), int(y_test.sum()), int((1 - y_test).sum())
# 一例被抽到几次，就是几份权重
whole = rng.multinomial(n, np.ones(n) / n, size=20_000)
w_pos, w_neg = whole[:, y_test == 1], whole[:, y_test == 0]
both = np.einsum("bi,ij,bj->b", w_pos, won, w_neg, optimize=True)
auc = both / (w_pos.sum(axis=1) * w_neg.sum(axis=1))
print("AUC，从 114 例里抽：{:.3f} 到 {:.3f}".format(*interval(auc)))

w_pos = rng.multinomial(P, np.ones(P) / P, size=20_000)  # 两类各抽各的
w_neg = rng.multinomial(N, np.ones(N) / N, size=20_000)
both = np.einsum("bi,ij,bj->b", w_pos, won, w_neg, optimize=True)
stratified = both / (P * N)
print("AUC，两类各抽各的：{:.3f} 到 {:.3f}".format(*interval(stratified)))
# --8<-- [end:auc]

# --8<-- [start:delong]
by_positive = won.mean(axis=1)  # 每个恶性赢了几成良性
by_negative = won.mean(axis=0)  # 每个良性被几成恶性赢
se = np.sqrt(by_positive.var(ddof=1) / P + by_negative.var(ddof=1) / N)
low, high = won.mean() - 1.96 * se, won.mean() + 1.96 * se
print(f"DeLong：标准误 {se:.4f}，区间 {low:.3f} 到 {high:.3f}", end="；")
print(f"自助法的标准误 {stratified.std():.3f}")
# --8<-- [end:delong]

# --8<-- [start:library]
data = (p[y_test == 1], p[y_test == 0])
theirs = stats.bootstrap(
    data,
    lambda a, b: wins(a, b).mean(),
    vectorized=False,
    n_resamples=2000,
    method="percentile",
    rng=np.random.default_rng(0),
).confidence_interval
near = np.abs(np.subtract(theirs, interval(stratified))) < 0.01
print("scipy.stats.bootstrap 的两端与两类各抽各的相差不到 0.01：", bool(near.all()))
# --8<-- [end:library]

# --8<-- [start:f1]
guess = p >= 0.5


def f1_score(times):
    """每例抽到 times 次时的 F1；times 可以一次给许多行。"""
    tp = times @ (guess & (y_test == 1))
    wrong = times @ (guess != y_test)  # 漏掉的与误报的
    return 2 * tp / (2 * tp + wrong)


f1 = f1_score(whole)
print(f"F1 {f1_score(np.ones(n)):.3f}，自助法的区间", end=" ")
print("{:.2f} 到 {:.2f}".format(*interval(f1)))
# --8<-- [end:f1]

# --8<-- [start:few]
found = np.ones(6)  # 测试集里只有 6 个正类，全找到了
again = rng.choice(found, size=(20_000, 6)).mean(axis=1)
print("6 个正类全找到，召回率的自助法区间：{:.2f} 到 {:.2f}".format(*interval(again)))
wilson = stats.binomtest(6, 6).proportion_ci(method="wilson")
print(f"Wilson 区间：{wilson.low:.2f} 到 {wilson.high:.2f}")
# --8<-- [end:few]


# --8<-- [start:cluster]
rng = np.random.default_rng(0)
found = {"抽片子": [], "抽病人": []}
for _ in range(100):  # 每次 100 份测试集，各 40 个病人、每人 5 张片子
    ease = rng.beta(2, 0.5, size=(100, 40, 1))  # 每人答对的机会，平均 0.8
    right = rng.random((100, 40, 5)) < ease  # 同一个人的片子难易相近
    slides, patients = right.reshape(100, 200), right.sum(axis=2)
    for name, units in [("抽片子", slides), ("抽病人", patients)]:
        m = units.shape[1]  # 200 张；或 40 人，各带着自己的 5 张
        times = rng.multinomial(m, np.ones(m) / m, size=1000)  # 各抽到几次
        low, high = interval(times @ units.T / 200)
        found[name].append((low <= 0.8) & (0.8 <= high))
for name, covered in found.items():
    print(f"{name}：一万份测试集，区间盖住真值 0.8 的占 {np.mean(covered):.2f}")
# --8<-- [end:cluster]
