# --8<-- [start:repeat]
import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, KFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

n, d, mu = 100, 10, np.full(10, 1 / np.sqrt(10))  # 两类的中心在 mu 与 -mu


def fit(x, y):
    """最小二乘的直线，正的一边判为 1。"""
    return np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y)[0]


def repeated(rng, x, y, folds, times):
    """重新打乱、重新分折 times 次，每一折的准确率：(times, folds)。"""
    scores = []
    for rows in (rng.permutation(n) for _ in range(times)):
        for test in np.split(rows, folds):
            train = np.setdiff1d(rows, test)
            w = fit(x[train], y[train])
            scores.append(np.mean((x[test] @ w[:-1] + w[-1] > 0) == (y[test] > 0)))
    return np.reshape(scores, (times, folds))


# --8<-- [end:repeat]


# --8<-- [start:truth]
def draw(rng):
    y = np.repeat([-1.0, 1.0], n // 2)
    return rng.normal(size=(n, d)) + y[:, None] * mu, y


def truth(w):
    """数据是自己造的，这条线在无穷多新例上对多少，可以积分出来。"""
    length, middle = np.linalg.norm(w[:-1]), w[:-1] @ mu
    sides = (middle + w[-1]) / length, (middle - w[-1]) / length
    return stats.norm.cdf(sides).mean()


true, scores = [], []
for seed in range(300):  # 300 份数据，各 100 例
    rng = np.random.default_rng(seed)
    x, y = draw(rng)
    true.append(truth(fit(x, y)))
    scores.append(repeated(rng, x, y, folds=10, times=10))
true, scores = np.array(true), np.array(scores)  # (300,)、(300, 10, 10)
print(f"真值平均 {true.mean():.3f}，十折平均 {scores[:, 0].mean():.3f}")
# --8<-- [end:truth]


# --8<-- [start:coverage]
def report(name, middle, half):
    share = np.mean(np.abs(middle - true) <= half)
    print(f"{name}：半宽平均 {np.mean(half):.3f}，盖住真值的占 {share:.2f}")


once, all_ten = scores[:, 0], scores.reshape(300, 100)
middle, s = once.mean(axis=1), once.std(axis=1, ddof=1)
report("一次十折，加减 2s", middle, 2 * s)
report("一次十折，s/√10", middle, stats.t.ppf(0.975, 9) * s / np.sqrt(10))
middle, s = all_ten.mean(axis=1), all_ten.std(axis=1, ddof=1)
report("重复十次，s/√100", middle, stats.t.ppf(0.975, 99) * s / 10)
# 校正：每折的测试例是训练例的 1/9，添上它
report("重复十次，校正", middle, stats.t.ppf(0.975, 99) * s * np.sqrt(0.01 + 1 / 9))
p, z2 = once.mean(axis=1), stats.norm.ppf(0.975) ** 2
half = np.sqrt(z2 * p * (1 - p) / n + z2**2 / (4 * n**2)) / (1 + z2 / n)
report("一次十折，合成 100 例用 Wilson", (p + z2 / (2 * n)) / (1 + z2 / n), half)
# --8<-- [end:coverage]

# --8<-- [start:spread]
rng = np.random.default_rng(0)
x, y = draw(rng)
for folds in (5, 10, 20, 50, 100):
    found = repeated(rng, x, y, folds, 10)
    print(f"同一份数据分 {folds} 折：平均 {found.mean():.2f}", end="，")
    print(f"各折的标准差 {found.std(axis=1, ddof=1).mean():.2f}")
# --8<-- [end:spread]

# --8<-- [start:pooled]
# 不看特征的模型，得分是训练例里正类的比例；10 例，留一折
labels = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
said = [np.delete(labels, i).mean() for i in range(10)]
print(f"留出正类时得分 {said[0]:.3f}，留出负类时 {said[9]:.3f}", end="；")
print(f"合在一起的 AUC {roc_auc_score(labels, said):.1f}")
# --8<-- [end:pooled]

# --8<-- [start:groups]
found = {"随机分折": [], "按病人分折": []}
for seed in range(50):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(40), 5)  # 40 人，各 5 张片子
    face = rng.normal(size=(40, 10))  # 每个人自己的样子
    features = face[patient] + 0.3 * rng.normal(size=(200, 10))
    sick = rng.integers(2, size=40)[patient]  # 与样子无关：学不到东西
    nearest = KNeighborsClassifier(1)
    cuts = [
        KFold(5, shuffle=True, random_state=0).split(features),
        GroupKFold(5).split(features, groups=patient),
    ]
    for name, cut in zip(found, cuts, strict=True):
        shares = cross_val_score(nearest, features, sick, cv=cut)
        found[name].append(shares.mean())
for name, each in found.items():
    print(f"{name}：准确率 {np.mean(each):.3f}")
# --8<-- [end:groups]
