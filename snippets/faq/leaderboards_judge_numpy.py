# --8<-- [start:swap]
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score


def says_first(d, longer=0.0, b=1.0, c=0.8):
    """替身裁判说「第一份好」的机会。

    d：第一份真的好多少；longer：两份长度之比的对数；
    b：偏第一份多少；c：偏长的多少。
    """
    return 1 / (1 + np.exp(-(d + b + c * longer)))


def twice(d):
    """甲比乙好 d，先后各判一次：都判甲、都判乙、都判第一份、都判第二份。"""
    front = says_first(d)  # 甲在前，判甲胜
    back = 1 - says_first(-d)  # 甲在后，判甲胜
    return (
        front * back,
        (1 - front) * (1 - back),
        front * (1 - back),
        (1 - front) * back,
    )


for d in (0, 1, 2):
    a, b, first, second = twice(d)
    print(f"甲好 {d}：都判甲 {a:.3f}，都判乙 {b:.3f}")
    print(f"    都判第一份 {first:.3f}，都判第二份 {second:.3f}")
# --8<-- [end:swap]

# --8<-- [start:tie]
print("甲的胜率")
for d in (0, 1, 2):
    a, b, first, second = twice(d)
    front, back = a + first, a + second  # 甲在前、在后，判甲胜
    tie = first + second  # 两次不一致，记半胜
    print(f"甲好 {d}：总放前面 {front:.3f}，总放后面 {back:.3f}")
    print(f"    各判一次、不一致算平 {a + tie / 2:.3f}")
# --8<-- [end:tie]

# --8<-- [start:votes]
truth = np.array([0.6, 0.2, -0.2, -0.6])  # 四个模型真的强弱
wordy = np.array([-0.9, -0.3, 0.3, 0.9])  # 越弱的越啰唆：长度的对数


def vote(rng, n=8000):
    """n 对答案：返回各行的自变量，和第一份是不是判胜。

    一行是 [第一份的模型 1、第二份的 -1、其余 0，长度差，1]。
    """
    first = rng.integers(4, size=n)
    second = (first + rng.integers(1, 4, size=n)) % 4
    who = np.eye(4)[first] - np.eye(4)[second]
    longer = who @ wordy + rng.normal(0, 0.5, n)  # 同一个模型也有长有短
    y = rng.random(n) < says_first(who @ truth, longer)
    return np.column_stack([who, longer, np.ones(n)]), y


# --8<-- [end:votes]


# --8<-- [start:fit]
def fit(x, y, steps=10):
    """逻辑回归，牛顿法；强弱只看差，所以用伪逆。"""
    w = np.zeros(x.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-x @ w))
        bend = x.T @ (x * (p * (1 - p))[:, None])
        w += np.linalg.pinv(bend, rcond=1e-9) @ (x.T @ (y - p))
    return w


runs = [vote(np.random.default_rng(seed)) for seed in range(20)]
plain = np.array([fit(x[:, :4], y) for x, y in runs])
with_length = np.array([fit(x, y) for x, y in runs])
print("四个模型的强弱")
for name, w in [("只看胜负", plain), ("添长度与先后", with_length)]:
    mean = [f"{v:+.2f}" for v in w[:, :4].mean(axis=0)]
    print(f"{name}：" + "、".join(mean))
for name, w in zip(["长度", "先后"], with_length[:, 4:].T, strict=True):
    print(f"{name}的系数：平均 {w.mean():.2f}，{w.min():.2f} 到 {w.max():.2f}")
# --8<-- [end:fit]

# --8<-- [start:self]
x, _ = runs[0]
own = x[:, :1]  # 裁判是一号模型：第一份是自己的 1，第二份是自己的 -1
other = np.vstack([x[:4000, :1], x[4000:, 1:2]])  # 一半由二号来判
for name, column in [("一个裁判", own), ("两个裁判各判一半", other)]:
    wider = np.hstack([x, column])
    more = np.linalg.matrix_rank(wider) - np.linalg.matrix_rank(x)
    print(f"{name}：添「自己的」一列，秩多 {more}")
# --8<-- [end:self]


# --8<-- [start:agree]
def agree(table):
    """table[i][j]：人判 i、裁判判 j 的题数；返回一致率与科恩的 kappa。"""
    table = np.array(table) / np.sum(table)
    same = np.trace(table)
    chance = table.sum(axis=1) @ table.sum(axis=0)  # 各判各的，碰巧一致
    return same, (same - chance) / (1 - chance)


tables = {
    "总说甲胜，人也多判甲": [[80, 0], [20, 0]],
    "真的在看，人也多判甲": [[72, 8], [8, 12]],
    "真的在看，人各判一半": [[42, 8], [8, 42]],
}
for name, table in tables.items():
    same, kappa = agree(table)
    print(f"{name}：一致率 {same:.2f}，kappa {kappa:.2f}")
# --8<-- [end:agree]

# --8<-- [start:library]
x, y = runs[0]
model = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=1000)
theirs = model.fit(x, y).coef_[0]
same = np.allclose(with_length[0], theirs, atol=1e-4)
print("与 sklearn 的逻辑回归相同：", same)
human = np.repeat([0, 0, 1, 1], [72, 8, 8, 12])  # 每题一个判决
judge = np.repeat([0, 1, 0, 1], [72, 8, 8, 12])
kappa = cohen_kappa_score(human, judge)
same = np.isclose(kappa, agree([[72, 8], [8, 12]])[1])
print("与 sklearn 的 kappa 相同：", same)
# --8<-- [end:library]
