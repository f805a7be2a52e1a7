# --8<-- [start:worlds]
import numpy as np
from scipy import stats
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB


def draw(n, rng, far=1.5, share=1.0):
    """三成有病；病人里 share 那么多 x ~ N(far, 1)，其余与没病的一样。"""
    y = (rng.random(n) < 0.3).astype(int)
    x = rng.normal(far * (y * (rng.random(n) < share)), 1)
    well, ill = stats.norm.pdf(x), stats.norm.pdf(x, far)
    ill = 0.3 * (share * ill + (1 - share) * well)
    return x.reshape(-1, 1), y, ill / (ill + 0.7 * well)  # 真实的概率


def model(slope, shift, **world):
    x, y, _ = draw(20000, np.random.default_rng(0), **world)
    fitted = LogisticRegression().fit(x, y)
    fitted.coef_ *= slope  # 故意弄坏
    fitted.intercept_ = slope * fitted.intercept_ + shift
    return fitted, world


# --8<-- [end:worlds]


# --8<-- [start:compare]
def off(fitted, world):
    """离真实概率多远：均方根。"""
    x, _, truth = draw(20000, np.random.default_rng(1), **world)
    return np.sqrt(((fitted.predict_proba(x)[:, 1] - truth) ** 2).mean())


def calibrated(fitted, method, n, seed, world):
    x, y, _ = draw(n, np.random.default_rng(100 + seed), **world)
    wrapped = CalibratedClassifierCV(FrozenEstimator(fitted), method=method)
    return wrapped.fit(x, y)  # 模型不动，只学外面那一层


METHODS = {"temperature": "温度", "sigmoid": "普拉特", "isotonic": "保序"}
for name, (fitted, world) in {
    "放大三倍": model(3, 0),
    "放大三倍再偏 2": model(3, 2),
    "形状不对": model(1, 0, far=4, share=0.6),
}.items():
    print(f"{name}：离真实概率 {off(fitted, world):.3f}")
    for n in (50, 500, 5000):
        row = []
        for method, label in METHODS.items():
            runs = (calibrated(fitted, method, n, s, world) for s in range(10))
            row.append(f"{label} {np.mean([off(c, world) for c in runs]):.3f}")
        print(f"　{n} 例：" + "，".join(row))
# --8<-- [end:compare]


# --8<-- [start:naive]
def four(x):
    return np.repeat(x, 4, axis=1)  # 同一个特征抄四遍


def logit(p):
    return np.log(p / (1 - p)).reshape(-1, 1)


x, y, _ = draw(20000, np.random.default_rng(0))
bayes = GaussianNB().fit(four(x), y)
x, y, _ = draw(5000, np.random.default_rng(2))
sigmoid = CalibratedClassifierCV(FrozenEstimator(bayes)).fit(four(x), y)
platt = LogisticRegression().fit(logit(bayes.predict_proba(four(x))[:, 1]), y)
x, _, truth = draw(20000, np.random.default_rng(1))
p = bayes.predict_proba(four(x))[:, 1]
for name, q in [
    ("朴素贝叶斯", p),
    ("sigmoid，喂的是概率", sigmoid.predict_proba(four(x))[:, 1]),
    ("先取 logit 再普拉特", platt.predict_proba(logit(p))[:, 1]),
]:
    print(f"{name}：离真实概率 {np.sqrt(((q - truth) ** 2).mean()):.3f}")
# --8<-- [end:naive]
