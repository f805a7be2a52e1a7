# --8<-- [start:data]
import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.default_rng(0).permutation(len(digits.data))
x = digits.data / 16
x = x - x[order[:1200]].mean(axis=0)
x = np.c_[x, np.ones(len(x))]  # 最后一列是偏置，(1797, 65)
train_x, train_y = x[order[:1200]], digits.target[order[:1200]]
test_x, test_y = x[order[1200:]], digits.target[order[1200:]]
hidden_pixels = np.random.default_rng(1).random((len(test_x), 65)) < 0.5
hidden_pixels[:, 64] = False  # 偏置不遮


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def accuracy(w):
    return np.mean((test_x @ w).argmax(axis=1) == test_y)


# --8<-- [end:data]


# --8<-- [start:signals]
def supervised(w, x, y, rng):
    return x.T @ (softmax(x @ w) - np.eye(10)[y]) / len(x)  # 用到 y


def clustering(c, x, y, rng):
    distances = -2 * x @ c.T + (c**2).sum(axis=1)  # 省去与 c 无关的 ‖x‖²
    member = np.eye(10)[distances.argmin(axis=1)]  # 没有用到 y
    return 2 * (member.sum(axis=0)[:, None] * c - member.T @ x) / len(x)


def masked_pixels(w, x, y, rng):
    mask = rng.random(x.shape) < 0.5
    mask[:, 64] = False
    seen = np.where(mask, 0, x)  # 没有用到 y：目标是 x 自己
    return 2 * seen.T @ (mask * (seen @ w - x)) / mask.sum()


def reward_only(w, x, y, rng):
    p = softmax(x @ w)
    action = (p.cumsum(axis=1) < rng.random((len(x), 1))).sum(axis=1).clip(max=9)
    reward = action == y  # y 只在这里出现：对，或者错
    return -x.T @ (reward[:, None] * (np.eye(10)[action] - p)) / len(x)


def quantisation(c):
    distances = (test_x**2).sum(axis=1)[:, None] - 2 * test_x @ c.T
    return np.mean((distances + (c**2).sum(axis=1)).min(axis=1))


def masked_error(w):
    guess = np.where(hidden_pixels, 0, test_x) @ w
    return np.mean((guess - test_x)[hidden_pixels] ** 2)


# --8<-- [end:signals]


# --8<-- [start:optimizers]
def sgd(theta, gradients, lr=0.5):
    for _ in range(2000):
        theta = theta - lr * gradients(theta)
    return theta


def adam(theta, gradients, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t in range(1, 2001):
        g = gradients(theta)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta


# --8<-- [end:optimizers]

# --8<-- [start:cross]
tasks = {
    "监督，准确率": (supervised, np.zeros((65, 10)), accuracy),
    "无监督，到中心的距离平方": (clustering, train_x[:10].copy(), quantisation),
    "自监督，遮住处的误差": (masked_pixels, np.zeros((65, 65)), masked_error),
    "强化，准确率": (reward_only, np.zeros((65, 10)), accuracy),
}
for name, (signal, start, score) in tasks.items():
    results = []
    for optimizer in [sgd, adam]:
        rng = np.random.default_rng(2)

        def gradients(theta, signal=signal, rng=rng):
            rows = rng.integers(1200, size=50)
            return signal(theta, train_x[rows], train_y[rows], rng)

        results.append(score(optimizer(start, gradients)))
    print(f"{name}：起点 {score(start):.3f}", end="  ")
    print(f"SGD {results[0]:.3f}  Adam {results[1]:.3f}")
# --8<-- [end:cross]
