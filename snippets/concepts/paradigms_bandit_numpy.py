# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.default_rng(0).permutation(len(digits.data))
x = digits.data / 16
x = x - x[order[:1200]].mean(axis=0)
x = np.c_[x, np.ones(len(x))]  # 最后一列是偏置，(1797, 65)
train_x, train_y = x[order[:1200]], digits.target[order[:1200]]
test_x, test_y = x[order[1200:]], digits.target[order[1200:]]
one_hot = np.eye(10)
seeds, rounds = 10, 6000


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# --8<-- [end:data]


# --8<-- [start:gradient]
def score(x, p, a):
    """∇_W ln π(a | x) = x ⊗ (onehot(a) − π)，(…, 65, 10)。"""
    return x[..., :, None] * (one_hot[a] - p)[..., None, :]


def moments(w, x, y, baseline):
    """枚举 10 个动作：单次梯度估计的期望，与它各分量的方差之和。"""
    p = softmax(x @ w)
    estimates = [((a == y) - baseline) * score(x, p, a) for a in range(10)]
    mean = sum(p[a] * g for a, g in enumerate(estimates))
    second = sum(p[a] * np.sum(g**2) for a, g in enumerate(estimates))
    return mean, second - np.sum(mean**2)


def best_baseline(w, x, y):
    """让方差最小的基线：奖励按 ‖∇ ln π‖² 加权的平均。"""
    p = softmax(x @ w)
    weight = p * [np.sum(score(x, p, a) ** 2) for a in range(10)]
    return weight[y] / weight.sum()


# --8<-- [end:gradient]


# --8<-- [start:learn]
def learn(seed, start, told=False, use_baseline=True, lr=0.1):
    """逐张看图、出手、得反馈、改一步；返回权重与每轮的奖励 (rounds,)。"""
    rng = np.random.default_rng(seed)
    passes = -(-rounds // 1200)  # 向上取整
    queue = np.concatenate([rng.permutation(1200) for _ in range(passes)])
    dice = rng.random(rounds)
    w, baseline = start.copy(), 0.0  # (65, 10)
    rewards = np.zeros(rounds)
    for t in range(rounds):
        image, label = train_x[queue[t]], train_y[queue[t]]
        p = softmax(image @ w)
        action = min(p.cumsum().searchsorted(dice[t]), 9)  # 按概率 p 抽一个
        reward = rewards[t] = action == label  # 只有这一位反馈
        if told:  # 监督：无论出什么手，都被告知正确答案
            w += lr * score(image, p, label)
            continue
        advantage = reward - baseline  # 强化：只知道这一手对不对
        w += lr * advantage * score(image, p, action)
        if use_baseline:
            baseline += 0.01 * (reward - baseline)  # 奖励的滑动平均
    return w, rewards


# --8<-- [end:learn]


# --8<-- [start:compare]
def repeat(start, **options):
    """换 10 个种子各学一遍：权重 (seeds, 65, 10)，平均的累计遗憾 (rounds,)。"""
    runs = [learn(seed, start, **options) for seed in range(seeds)]
    mistakes = np.mean([1 - rewards for _, rewards in runs], axis=0)
    return np.stack([w for w, _ in runs]), mistakes.cumsum()  # 每轮最多得 1，差多少


def accuracy(w):
    return np.mean((test_x @ w).argmax(axis=-1) == test_y, axis=-1)


zero = np.zeros((65, 10))
results = {
    "监督": repeat(zero, told=True),
    "强化，有基线": repeat(zero),
    "强化，无基线": repeat(zero, use_baseline=False),
}
for name, (w, regret) in results.items():
    print(f"{name}：遗憾 {regret[1199]:.0f}（1200 轮）", end=" ")
    print(f"{regret[-1]:.0f}（{rounds} 轮）", end="；")
    a = accuracy(w)
    print(f"测试 {a.mean():.3f}（{a.min():.3f} 到 {a.max():.3f}）")
# --8<-- [end:compare]

# --8<-- [start:variance]
trained = results["强化，有基线"][0][0]  # 第 0 个种子的权重
some = range(200)
for name, w in [("未训练", zero), ("训练后", trained)]:
    p = softmax(train_x[some] @ w)
    value = p[some, train_y[some]].mean()  # 期望奖励，对 200 张图平均
    best = [best_baseline(w, train_x[i], train_y[i]) for i in some]
    print(f"{name}，期望奖励 {value:.3f}；方差：", end="")
    choices = {"取 0": [0] * 200, "取平均奖励": [value] * 200, "取最优": best}
    for label, baseline in choices.items():
        spread = [moments(w, train_x[i], train_y[i], baseline[i])[1] for i in some]
        print(f"基线{label} {np.mean(spread):.4f}", end="；")
    print(f"最优基线平均 {np.mean(best):.3f}")
# --8<-- [end:variance]


# --8<-- [start:warm-start]
def supervise(x, y, steps=300, lr=0.5):
    w = np.zeros((65, 10))
    for _ in range(steps):
        w += lr * score(x, softmax(x @ w), y).mean(axis=0)
    return w


few = slice(None, 50)
seen = np.flatnonzero(train_y != 8)[:500]
starts = {
    "从零": zero,
    "先监督 50 个标签": supervise(train_x[few], train_y[few]),
    "先监督 500 个标签，唯独没有 8": supervise(train_x[seen], train_y[seen], 3000),
}
eights = test_x[test_y == 8]
for name, start in starts.items():
    # 从零开始的已经跑过
    results[name] = repeat(start) if start.any() else results["强化，有基线"]
    w, regret = results[name]
    before, after = accuracy(start), accuracy(w).mean()
    print(f"{name}：测试 {before:.3f} → {after:.3f}，遗憾 {regret[-1]:.0f}", end="；")
    chance = [softmax(eights @ v)[..., 8].mean() for v in (start, w)]
    print(f"图是 8 时答 8 的概率 {chance[0]:.4f} → {chance[1]:.4f}")
# --8<-- [end:warm-start]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "paradigms_bandit_numpy"
fig, ax = plt.subplots(figsize=(3.5, 3.1), layout="constrained")
shown = np.arange(0, rounds, 50)
for name, text, style, side in [
    ("监督", "告知标签", "C0-", "top"),
    ("从零", "只知对错", "C1-", "center"),
    ("先监督 50 个标签", "先给 50 个标签", "C1--", "bottom"),
]:
    regret = results[name][1]
    ax.plot(shown, regret[shown], style)
    ax.text(rounds * 1.03, regret[-1], text, va=side, color=style[:2])
ax.set(xlabel="看过的图", xlim=(0, rounds * 1.65), ylim=(0, None))
ax.set_xticks(range(0, rounds + 1, 2000))
ax.set_title("累计答错的次数", loc="left", fontsize=10)
ax.spines[["top", "right"]].set_visible(False)
title = "三条遗憾曲线：告知标签的最低，先监督再强化的略高，从零强化的最高"
fig.savefig("paradigms_bandit_numpy.svg", transparent=True, metadata={"Title": title})
# --8<-- [end:figure]
