# --8<-- [start:setup]
import numpy as np
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    TimeSeriesSplit,
    cross_val_score,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import TargetEncoder

shuffled = KFold(5, shuffle=True, random_state=0)
nearest = KNeighborsClassifier(1)


def score(model, x, y, splitter, groups=None):
    return cross_val_score(model, x, y, cv=splitter, groups=groups).mean()


# --8<-- [end:setup]


# --8<-- [start:duplicates]
def duplicates(rng):
    """300 条样本，每条出现两次。"""
    item = np.repeat(np.arange(300), 2)
    x, y = rng.normal(size=(300, 20))[item], rng.integers(2, size=300)[item]
    return score(nearest, x, y, shuffled), score(nearest, x, y, GroupKFold(5), item)


# --8<-- [end:duplicates]


# --8<-- [start:preprocessing]
def preprocessing(rng):
    """100 条样本、2000 个特征；挑 20 个与标签最相关的。"""
    x, y = rng.normal(size=(100, 2000)), rng.permutation(np.arange(100) % 2)
    chosen = SelectKBest(k=20).fit_transform(x, y)  # 看了全部标签，包括要测的那些
    inside = make_pipeline(SelectKBest(k=20), LogisticRegression())
    return (
        score(LogisticRegression(), chosen, y, shuffled),
        score(inside, x, y, shuffled),
    )


# --8<-- [end:preprocessing]


# --8<-- [start:target]
def target(rng):
    """200 家医院各 3 个病人；唯一的特征是「这家医院的患病率」。"""
    hospital, y = np.repeat(np.arange(200), 3), rng.integers(2, size=600)
    rate = (np.bincount(hospital, y) / 3)[hospital]  # 把要预测的那个人也算了进去
    inside = make_pipeline(TargetEncoder(cv=shuffled), LogisticRegression())
    return (
        score(LogisticRegression(), rate[:, None], y, shuffled),
        score(inside, hospital[:, None], y, shuffled),
    )


# --8<-- [end:target]


# --8<-- [start:groups]
def groups(rng):
    """60 个人，每人 10 段录音；特征认得出是谁，认不出标签。"""
    person = np.repeat(np.arange(60), 10)
    voice = rng.normal(size=(60, 20))
    x = voice[person] + 0.5 * rng.normal(size=(600, 20))
    y = rng.integers(2, size=60)[person]
    return score(nearest, x, y, shuffled), score(nearest, x, y, GroupKFold(5), person)


# --8<-- [end:groups]


# --8<-- [start:time]
def smooth(noise, window=20):
    total = np.cumsum(noise, axis=0)
    return total[window:] - total[:-window]  # 相邻两刻的窗口只差一格


def time(rng):
    """1000 个时刻；特征与标签各自变得慢，彼此无关。"""
    x = smooth(rng.normal(size=(1020, 20)))
    y = smooth(rng.normal(size=1020)) > 0
    ahead = TimeSeriesSplit(5, gap=20)  # 只用过去测未来，中间空出一个窗口
    return score(nearest, x, y, shuffled), score(nearest, x, y, ahead)


# --8<-- [end:time]


# --8<-- [start:run]
print("标签与特征无关，真实的准确率是 0.5；20 份数据的平均：")
means = {}
for name, kind in [
    ("重复", duplicates),
    ("预处理", preprocessing),
    ("标签", target),
    ("分组", groups),
    ("时间", time),
]:
    scores = np.array([kind(np.random.default_rng(seed)) for seed in range(20)])
    means[name] = wrong, right = scores.mean(axis=0)
    error = scores[:, 1].std(ddof=1) / np.sqrt(len(scores))
    print(f"  {name}：泄漏 {wrong:.3f}，改正 {right:.3f} ± {2 * error:.3f}")
# --8<-- [end:run]
