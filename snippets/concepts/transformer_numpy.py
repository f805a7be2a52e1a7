# --8<-- [start:layer-norm]
import numpy as np


def layer_norm(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True)
    return gamma * centred / np.sqrt(variance + eps) + beta


x = np.array([9.0, -5.0, 3.0, 1.0])  # 一个词，d = 4
gamma, beta = np.ones(4), np.zeros(4)  # 训练开始时的值
print("均值", x.mean(), " 方差", x.var())
print("归一化之后", layer_norm(x, gamma, beta).round(3))
# --8<-- [end:layer-norm]


# --8<-- [start:sublayer]
def ffn(x, W1, b1, W2, b2):
    return np.maximum(x @ W1 + b1, 0) @ W2 + b2


def ffn_sublayer(x, gamma, beta, W1, b1, W2, b2):
    return x + ffn(layer_norm(x, gamma, beta), W1, b1, W2, b2)


W1 = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
W2 = np.array([[0.5, 0.0, -1.0, 1.0], [2.0, 1.0, 0.0, -1.0]])
b1, b2 = np.zeros(2), np.zeros(4)
h = layer_norm(x, gamma, beta)
print("隐藏单元", np.maximum(h @ W1 + b1, 0).round(3))
print("前馈网络", ffn(h, W1, b1, W2, b2).round(3))
print("加回残差", (x + ffn(h, W1, b1, W2, b2)).round(3))
# --8<-- [end:sublayer]


# --8<-- [start:depth]
def size_after(layers, step, scale, d=64):
    rng = np.random.default_rng(0)
    x = rng.normal(size=d)
    for _ in range(layers):
        W1 = scale * rng.normal(size=(d, 4 * d)) / np.sqrt(d)
        W2 = scale * rng.normal(size=(4 * d, d)) / np.sqrt(4 * d)
        x = step(x, W1, W2)
    return np.sqrt((x**2).mean())


for name, step in {
    "直接连": lambda x, W1, W2: ffn(x, W1, 0, W2, 0),
    "加残差": lambda x, W1, W2: x + ffn(x, W1, 0, W2, 0),
    "加归一化": lambda x, W1, W2: ffn_sublayer(x, 1, 0, W1, 0, W2, 0),
}.items():
    small, large = (size_after(48, step, s) for s in (0.5, 1.5))
    print(f"{name}：权重小 {small:.1e}，权重大 {large:.1e}")
# --8<-- [end:depth]
