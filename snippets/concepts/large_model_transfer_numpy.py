# --8<-- [start:setup]
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

images, digits = load_digits(return_X_y=True)  # (1797, 64)，10 类
images = images / 16
TASKS = {"认数字": digits, "判奇偶": digits % 2, "够不够 5": (digits >= 5).astype(int)}
WIDTH, TRAIN = 8, 1297
# --8<-- [end:setup]


# --8<-- [start:wide]
def learn_wide(x):
    """不看标签：找 8 个方向，使 8 个数能把原图复原得最好（线性自编码器）。"""
    center = x.mean(0)
    directions = np.linalg.svd(x - center, full_matrices=False)[2][:WIDTH]
    return lambda new: (new - center) @ directions.T  # (n, 64) → (n, 8)


# --8<-- [end:wide]


# --8<-- [start:narrow]
def learn_narrow(x, target, rng, steps=600, lr=0.01):
    """只为一个任务训练：64 → 8 → 1 的网络，训练完留下中间的 8 个数。"""
    theta = [
        rng.normal(0, np.sqrt(1 / 64), (64, WIDTH)),
        np.zeros(WIDTH),
        rng.normal(0, np.sqrt(1 / WIDTH), WIDTH),
        np.zeros(1),
    ]
    m, v = [np.zeros_like(p) for p in theta], [np.zeros_like(p) for p in theta]
    for t in range(1, steps + 1):
        w1, b1, w2, b2 = theta
        hidden = np.tanh(x @ w1 + b1)  # 不用 ReLU：8 个单元死几个就不公平
        error = (1 / (1 + np.exp(-(hidden @ w2 + b2))) - target) / len(x)
        back = np.outer(error, w2) * (1 - hidden**2)
        grads = [x.T @ back, back.sum(0), hidden.T @ error, error.sum(keepdims=True)]
        for p, g, a, b in zip(theta, grads, m, v, strict=True):  # Adam
            a += 0.1 * (g - a)
            b += 0.001 * (g * g - b)
            p -= lr * (a / (1 - 0.9**t)) / (np.sqrt(b / (1 - 0.999**t)) + 1e-8)
    return lambda new: np.tanh(new @ theta[0] + theta[1])


# --8<-- [end:narrow]


# --8<-- [start:probe]
def probe():
    """表示冻结，只训练一个线性分类器；标准化也只看训练的行。"""
    # 默认的解法提前停，停在哪里因机器而异；这一种收敛到底
    classifier = LogisticRegression(solver="newton-cholesky")
    return make_pipeline(StandardScaler(), classifier)


# --8<-- [end:probe]


# --8<-- [start:compare]
def representations(x, parity, rng):
    random = rng.normal(0, 1 / 8, (64, WIDTH))
    return {
        "宽：学复原图像": learn_wide(x),
        "窄：学判奇偶": learn_narrow(x, parity, rng),
        "对照：随机 8 个方向": lambda new: new @ random,
        "参照：64 个像素": lambda new: new,
    }


SPLITS, results = 5, {}
for seed in range(SPLITS):
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(images))
    train, test = order[:TRAIN], order[TRAIN:]
    maps = representations(images[train], TASKS["判奇偶"][train], rng)
    for name, encode in maps.items():
        x = encode(images)
        for task, target in TASKS.items():
            model = probe().fit(x[train], target[train])
            accuracy = model.score(x[test], target[test])
            results.setdefault((name, task), []).append(accuracy)

print(f"测试准确率，{SPLITS} 次划分的平均，每次测试 {len(images) - TRAIN} 张")
for name in maps:
    row = "，".join(f"{t} {np.mean(results[name, t]):.3f}" for t in TASKS)
    print(f"  {name}：{row}")

print("宽减窄，每次划分各算一次")
wide, narrow, *_ = maps
for task in TASKS:
    gaps = np.subtract(results[wide, task], results[narrow, task])
    low, high = gaps.min(), gaps.max()
    print(f"  {task}：平均 {gaps.mean():+.3f}，从 {low:+.3f} 到 {high:+.3f}")
# --8<-- [end:compare]
