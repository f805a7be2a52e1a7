# --8<-- [start:data]
import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.default_rng(0).permutation(len(digits.data))
x = digits.data / 16
x = x - x[order[:1200]].mean(axis=0)  # 减去均值后，0 就是「均值像素」
train_x, train_y = x[order[:1200]], digits.target[order[:1200]]
test_x, test_y = x[order[1200:]], digits.target[order[1200:]]
# --8<-- [end:data]

# --8<-- [start:schedule]
hidden, batch, epochs, lr, momentum = 128, 50, 40, 0.5, 0.875
rng = np.random.default_rng(1)
initial = [
    rng.normal(size=(64, hidden)) * np.sqrt(2 / 64),
    np.zeros(hidden),
    rng.normal(size=(hidden, 64)) / np.sqrt(hidden),
    np.zeros(64),
]
rows = np.concatenate([rng.permutation(1200) for _ in range(epochs)])
rows = rows.reshape(-1, batch)  # (steps, B)
masks = rng.random((len(rows), batch, 64)) < 0.5  # True 是遮住的像素
test_mask = rng.random(test_x.shape) < 0.5
# --8<-- [end:schedule]


# --8<-- [start:model]
def encode(params, x):
    return np.maximum(x @ params[0] + params[1], 0)  # (B, hidden)


def masked_loss(params, x, mask):
    """遮住的像素换成 0，只在遮住的地方算平方误差。"""
    guess = encode(params, np.where(mask, 0, x)) @ params[2] + params[3]
    return np.sum(mask * (guess - x) ** 2) / np.sum(mask)


def gradients(params, x, mask):
    seen = np.where(mask, 0, x)
    h = encode(params, seen)
    guess = h @ params[2] + params[3]
    error = 2 * mask * (guess - x) / np.sum(mask)  # ∂L/∂guess，没遮的地方是 0
    back = (error @ params[2].T) * (h > 0)  # ∂L/∂(ReLU 的输入)
    return [seen.T @ back, back.sum(axis=0), h.T @ error, error.sum(axis=0)]


# --8<-- [end:model]

# --8<-- [start:pretrain]
params = [p.copy() for p in initial]
speed = [np.zeros_like(p) for p in params]
losses = []
for r, mask in zip(rows, masks, strict=True):
    losses.append(masked_loss(params, train_x[r], mask))
    for p, v, g in zip(params, speed, gradients(params, train_x[r], mask), strict=True):
        v *= momentum
        v -= lr * g
        p += v  # 就地更新

mean_guess = np.sum(test_mask * test_x**2) / np.sum(test_mask)
print(f"猜均值的误差 {mean_guess:.4f}", end="；")
print(f"网络：训练前 {masked_loss(initial, test_x, test_mask):.4f}", end="，")
print(f"训练后 {masked_loss(params, test_x, test_mask):.4f}（测试图上）")
# --8<-- [end:pretrain]


# --8<-- [start:probe]
def draw(labels):
    """20 次抽签，每次每个数字各 labels / 10 张：(20, labels) 的行号。"""
    draws = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        of_class = [rng.permutation(np.flatnonzero(train_y == c)) for c in range(10)]
        draws.append(np.concatenate([rows[: labels // 10] for rows in of_class]))
    return np.stack(draws)


def probe(train_f, test_f, picked, penalty):
    """冻结特征，其上的岭回归对准 one-hot；返回 20 次抽签的测试准确率。"""
    mean = train_f.mean(axis=0)
    size = np.sqrt(np.mean(np.sum((train_f - mean) ** 2, axis=1)))
    train_f, test_f = (train_f - mean) / size, (test_f - mean) / size
    f, target = train_f[picked], np.eye(10)[train_y[picked]]  # (20, m, ·)
    f_mean = f.mean(axis=1, keepdims=True)
    centred = f - f_mean
    gram = centred.transpose(0, 2, 1) @ centred / f.shape[1]
    moment = centred.transpose(0, 2, 1) @ (target - 0.1) / f.shape[1]
    w = np.linalg.solve(gram + penalty * np.eye(f.shape[2]), moment)
    guess = (test_f @ w - f_mean @ w).argmax(axis=-1)  # 各类一样多，截距相同，略去
    return np.mean(guess == test_y, axis=1)


_, _, directions = np.linalg.svd(train_x, full_matrices=False)
u = directions[:20].T  # 前 20 个主成分，(64, 20)
features = {
    "原始像素": (train_x, test_x),
    "PCA 20 维": (train_x @ u, test_x @ u),
    "随机网络": (encode(initial, train_x), encode(initial, test_x)),
    "预训练后": (encode(params, train_x), encode(params, test_x)),
}
# --8<-- [end:probe]

# --8<-- [start:compare]
sizes = [10, 20, 50, 200, 1000]
print("线性探针的测试准确率，标签个数：", *sizes)
for penalty in [1e-4, 1e-3, 1e-2, 1e-1]:
    print(f"惩罚 {penalty}")
    scores = {}
    for name, (train_f, test_f) in features.items():
        scores[name] = [probe(train_f, test_f, draw(m), penalty) for m in sizes]
        print(f"  {name}：", *[f"{s.mean():.3f}" for s in scores[name]])
    *others, ours = np.array(list(scores.values()))  # 各 (5, 20)
    wins = (ours > np.max(others, axis=0)).sum(axis=1)
    print("  预训练后胜过其余三种（20 次中）：", *wins)
# --8<-- [end:compare]
