# --8<-- [start:setup]
import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()  # 1797 张 8×8 的手写数字，随 scikit-learn 安装
images = digits.data / 16  # (1797, 64)，float64
labels = digits.target
rows = np.random.default_rng(0).permutation(len(labels))  # 划分只抽这一次
train, valid, test = rows[:500], rows[500:900], rows[900:]
print(f"训练 {len(train)}，验证 {len(valid)}，测试 {len(test)}")


def initial(seed):
    """Glorot 均匀分布的初始权重；各框架都抄这一份。"""
    rng = np.random.default_rng(seed)
    limits = np.sqrt(6 / (64 + 32)), np.sqrt(6 / (32 + 10))
    w1 = rng.uniform(-limits[0], limits[0], (64, 32))  # (in, out)
    w2 = rng.uniform(-limits[1], limits[1], (32, 10))
    return w1, np.zeros(32), w2, np.zeros(10)


def batches(seed, epochs=40, size=50):
    """小批量的次序：(步, 50)。同一个种子的两种做法看到同样的次序。"""
    rng = np.random.default_rng([seed, 1])
    orders = [rng.permutation(train).reshape(-1, size) for _ in range(epochs)]
    return np.concatenate(orders)


# --8<-- [end:setup]


# --8<-- [start:train]
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def gradients(weights, x, y, smoothing):
    """平滑后的交叉熵对四组权重的梯度。"""
    w1, b1, w2, b2 = weights
    targets = (1 - smoothing) * np.eye(10)[y] + smoothing / 10  # (batch, 10)
    hidden = np.maximum(x @ w1 + b1, 0)
    error = (softmax(hidden @ w2 + b2) - targets) / len(y)
    back = error @ w2.T * (hidden > 0)
    return x.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)


def fit(seed, smoothing, rate):
    weights = initial(seed)
    for batch in batches(seed):
        grads = gradients(weights, images[batch], labels[batch], smoothing)
        weights = [w - rate * g for w, g in zip(weights, grads, strict=True)]
    return weights


def probabilities(weights, rows):
    w1, b1, w2, b2 = weights
    return softmax(np.maximum(images[rows] @ w1 + b1, 0) @ w2 + b2)


def correct(p, rows):
    return p.argmax(axis=-1) == labels[rows]


methods = {"不平滑": 0.0, "平滑": 0.1}  # 只有这一个数不同
# --8<-- [end:train]


# --8<-- [start:tune]
rates = (0.0625, 0.25, 1.0, 4.0)  # 两种做法：同样的候选，同样的种子，同样的步数
best_rate = {}
for name, smoothing in methods.items():
    totals = []
    for rate in rates:
        runs = [probabilities(fit(s, smoothing, rate), valid) for s in (100, 101)]
        totals.append(sum(int(correct(p, valid).sum()) for p in runs))
    best_rate[name] = rates[int(np.argmax(totals))]
    # 训练崩了的网络答对几个全凭运气，换一台机器就变：不印数字
    shown = [n if n > 400 else "训练崩了" for n in totals]
    print(f"{name}，验证集 2 个种子共答对（满分 800）", end="：")
    print("，".join(f"{r}：{n}" for r, n in zip(rates, shown, strict=True)), end="；")
    print(f"取 {best_rate[name]}")
# --8<-- [end:tune]


# --8<-- [start:compare]
seeds = range(10)  # 与调参用的种子不同
outputs = {}  # 做法 → (种子, 测试样本, 10)
for name, smoothing in methods.items():
    models = (fit(s, smoothing, best_rate[name]) for s in seeds)
    outputs[name] = np.array([probabilities(m, test) for m in models])
hits = {name: correct(p, test) for name, p in outputs.items()}  # (种子, 测试样本)

print("种子  不平滑   平滑   差")
for s in seeds:
    a, b = (int(hits[name][s].sum()) for name in methods)
    print(f"{s:4d}  {a:6d}  {b:5d}  {b - a:+3d}")
accuracy = {name: 100 * h.mean(axis=1) for name, h in hits.items()}  # 百分比
for name, values in accuracy.items():
    print(f"{name}：{values.mean():.2f} ± {values.std(ddof=1):.2f}", end="，")
    print(f"最好的种子 {values.max():.2f}")
# --8<-- [end:compare]


# --8<-- [start:interval]
def percentile_interval(values, times=10_000, seed=0):
    """均值的 95% 自助法区间：有放回地重抽，取 2.5% 与 97.5% 分位数。"""
    rng = np.random.default_rng(seed)
    means = [rng.choice(values, len(values)).mean() for _ in range(times)]
    return np.quantile(means, [0.025, 0.975])


gain = accuracy["平滑"] - accuracy["不平滑"]  # (10,)，按种子配对
spread = gain.std(ddof=1)
half = 2.262 * spread / np.sqrt(len(gain))  # t 分布，自由度 9
flips = 1 - 2 * np.array(list(np.ndindex(*[2] * len(gain))))  # (1024, 10)，±1
as_large = np.abs(flips @ gain) >= abs(gain.sum()) - 1e-9  # 容差：并列也算
by_example = 100 * (hits["平滑"].mean(axis=0) - hits["不平滑"].mean(axis=0))
together = np.corrcoef(accuracy["不平滑"], accuracy["平滑"])[0, 1]

print(f"差的均值 {gain.mean():+.2f} 个百分点，标准差 {spread:.2f}", end="，")
print(f"两种做法的相关系数 {together:.2f}")
intervals = [
    ("换种子，自助法", percentile_interval(gain)),
    ("换种子，t 分布", (gain.mean() - half, gain.mean() + half)),
    ("换测试样本，自助法", percentile_interval(by_example)),
]
for name, (low, high) in intervals:
    print(f"95% 区间（{name}）：{low:+.2f} 到 {high:+.2f}")
print(f"符号置换检验（枚举 1024 种）：p = {as_large.mean():.3f}")
needed = ((1.96 + 0.84) * spread / 0.2) ** 2  # 双侧 0.05，功效 0.8，正态近似
print(f"要以八成把握看见 0.2 个百分点，约需 {np.ceil(needed):.0f} 个种子")
# --8<-- [end:interval]


# --8<-- [start:calibration]
def calibration_error(p, targets, bins=15):
    """期望校准误差（ECE）：按置信度分格，各格 |答对率 − 平均置信度| 的加权平均。"""
    confidence, right = p.max(axis=1), p.argmax(axis=1) == targets
    cell = np.minimum((confidence * bins).astype(int), bins - 1)
    surplus = np.bincount(cell, confidence - right, minlength=bins)
    return np.abs(surplus).sum() / len(targets)


confidence = {name: runs.max(axis=2).mean(axis=1) for name, runs in outputs.items()}
error = {
    name: np.array([calibration_error(p, labels[test]) for p in runs])
    for name, runs in outputs.items()
}  # 两者都是每个种子一个数
for name in methods:
    print(f"{name}：平均置信度 {confidence[name].mean():.3f}", end="，")
    print(f"答对率 {hits[name].mean():.3f}，校准误差 {error[name].mean():.3f}")
lower = np.sum(confidence["平滑"] < confidence["不平滑"])
worse = np.sum(error["平滑"] > error["不平滑"])
print(f"{len(seeds)} 个种子里，平滑之后置信度更低的 {lower} 个", end="，")
print(f"校准误差更大的 {worse} 个")
# --8<-- [end:calibration]
