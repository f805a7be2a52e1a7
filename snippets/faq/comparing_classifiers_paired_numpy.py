# --8<-- [start:data]
import warnings
from math import comb

import numpy as np
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore", "Variables are collinear")  # 总是空白的像素
x, y = load_digits(return_X_y=True)
parts = train_test_split(x, y, test_size=897, stratify=y, random_state=0)
x_train, x_test, y_train, y_test = parts
n = len(y_test)
# --8<-- [end:data]

# --8<-- [start:models]
logistic = LogisticRegression(tol=1e-8, max_iter=5000)
models = {"A": LinearDiscriminantAnalysis()}
models["B"] = make_pipeline(StandardScaler(), logistic)
right = {}
for name, model in models.items():
    right[name] = model.fit(x_train, y_train).predict(x_test) == y_test
    test = stats.binomtest(int(right[name].sum()), n)
    low, high = test.proportion_ci(method="wilson")
    print(f"{name} 对 {right[name].sum()} 张，{right[name].mean():.4f}", end="，")
    print(f"区间 {low:.4f} 到 {high:.4f}")
# --8<-- [end:models]

# --8<-- [start:four]
A, B = right["A"], right["B"]
both, neither = int((A & B).sum()), int((~A & ~B).sum())
b, c = int((A & ~B).sum()), int((~A & B).sum())  # 只有一个对的
print(f"两个都对 {both}，只有 A 对 {b}，只有 B 对 {c}，都错 {neither}")
print(f"B 多对 {c - b} 张，差 {(c - b) / n:.4f}")
# --8<-- [end:four]


# --8<-- [start:mcnemar]
def mcnemar(b, c):
    """两者一样好时，b + c 枚硬币至少偏到这个地步的机会，两侧都算。"""
    n, k = b + c, min(b, c)
    tail = sum(comb(n, i) for i in range(k + 1)) / 2**n
    return min(1.0, 2 * tail)


print(f"手算的 1 比 6：{mcnemar(1, 6):.4f}")
print(f"这里的 {b} 比 {c}：{mcnemar(b, c):.4f}")
chi2 = (b - c) ** 2 / (b + c)  # b + c 大时的近似
print(f"近似：卡方 {chi2:.3f}，p 值 {stats.chi2.sf(chi2, 1):.4f}")
# --8<-- [end:mcnemar]

# --8<-- [start:unpaired]
gap = (c - b) / n
p_a, p_b = A.mean(), B.mean()
apart = np.sqrt(p_a * (1 - p_a) / n + p_b * (1 - p_b) / n)  # 当作两批题
paired = np.sqrt((b + c) / n - gap**2) / np.sqrt(n)  # 同一批题，逐题相减
for name, se in [("当作两批题", apart), ("配对", paired)]:
    print(f"{name}：标准误 {se:.4f}", end="，")
    print(f"差的区间 {gap - 1.96 * se:+.4f} 到 {gap + 1.96 * se:+.4f}")
same = stats.pearsonr(A, B).statistic
print(f"两个模型对错的相关系数 {same:.3f}")
# --8<-- [end:unpaired]

# --8<-- [start:bootstrap]
rng = np.random.default_rng(0)
# 一题只有三种差：+1、0、-1；有放回地抽 897 题，就是一次多项分布
drawn = rng.multinomial(n, [c / n, b / n, (both + neither) / n], size=100_000)
differences = (drawn[:, 0] - drawn[:, 1]) / n
low, high = np.quantile(differences, [0.025, 0.975])
print(f"配对自助法：差的区间 {low:+.3f} 到 {high:+.3f}")
# --8<-- [end:bootstrap]


# --8<-- [start:power]
def cases(gain, differ, level=0.05, power=0.8):
    """要多少例：B 比 A 高 gain，两者对错不同的例占 differ。"""
    z, w = stats.norm.ppf(1 - level / 2), stats.norm.ppf(power)
    root = z * np.sqrt(differ) + w * np.sqrt(differ - gain**2)
    return int(np.ceil((root / gain) ** 2))


for gain in (0.02, 0.01, 0.005):
    found = [f"{share:.0%} 时 {cases(gain, share)}" for share in (0.02, 0.04, 0.1)]
    print(f"看出 {100 * gain:g} 个百分点，对错不同的例占 " + "，".join(found))
# --8<-- [end:power]

# --8<-- [start:simulate]
gain, differ = 0.01, 0.04
for n in (100, 1000, cases(gain, differ)):
    chances = [(differ + gain) / 2, (differ - gain) / 2, 1 - differ]
    drawn = rng.multinomial(n, chances, size=20_000)[:, :2].tolist()
    drawn = [tuple(pair) for pair in drawn]  # 只有 B 对、只有 A 对的例数
    values = {pair: mcnemar(*pair) for pair in set(drawn)}  # 相同的只算一次
    seen = np.mean([values[pair] < 0.05 for pair in drawn])
    print(f"{n} 例，真差 1 个百分点：看得出的机会 {seen:.2f}")
# --8<-- [end:simulate]

# --8<-- [start:library]
pairs = [(1, 6), (b, c), (0, 4), (5, 5), (24, 9)]
theirs = [stats.binomtest(i, i + j).pvalue for i, j in pairs]
print("与 scipy 的 binomtest 相同：", np.allclose([mcnemar(*p) for p in pairs], theirs))
# --8<-- [end:library]
