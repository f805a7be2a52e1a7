# --8<-- [start:layer-norm]
import numpy as np


def layer_norm(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred**2).mean(-1, keepdims=True)
    normal = centred / np.sqrt(variance + eps)
    return gamma * normal + beta


x = np.array([9.0, -5.0, 3.0, 1.0])  # 一个词，d = 4
gamma, beta = np.ones(4), np.zeros(4)  # 训练开始时的值
print("均值", x.mean(), " 方差", x.var())
print("归一化之后", layer_norm(x, gamma, beta).round(3))
# --8<-- [end:layer-norm]


# --8<-- [start:sublayer]
def ffn(x, W1, b1, W2, b2):
    return np.maximum(x @ W1 + b1, 0) @ W2 + b2


def ffn_sublayer(x, gamma, beta, W1, b1, W2, b2):
    h = layer_norm(x, gamma, beta)
    return x + ffn(h, W1, b1, W2, b2)


# d = 4，d_ff = 2
W1 = np.array([[1, 0], [0, 1], [1, 0], [0, 1]])
W2 = np.array([[0.5, 0, -1, 1], [2, 1, 0, -1]])
b1, b2 = np.zeros(2), np.zeros(4)
h = layer_norm(x, gamma, beta)
print("隐藏单元", np.maximum(h @ W1 + b1, 0).round(3))
print("前馈网络", ffn(h, W1, b1, W2, b2).round(3))
y = ffn_sublayer(x, gamma, beta, W1, b1, W2, b2)
print("加回残差", y.round(3))
# --8<-- [end:sublayer]


# --8<-- [start:depth]
def random_ffn(rng, scale, d):
    W1 = scale * rng.normal(size=(d, 4 * d)) / d**0.5
    W2 = scale * rng.normal(size=(4 * d, d)) / (4 * d) ** 0.5
    return lambda h: ffn(h, W1, 0, W2, 0)


def size_after(layers, step, scale, d=64):
    rng = np.random.default_rng(0)
    x = rng.normal(size=d)
    for _ in range(layers):
        x = step(x, random_ffn(rng, scale, d))
    return np.sqrt((x**2).mean())


steps = {
    "直接连": lambda x, f: f(x),
    "加残差": lambda x, f: x + f(x),
    "加归一化": lambda x, f: x + f(layer_norm(x, 1, 0)),
}
for name, step in steps.items():
    small = size_after(48, step, scale=0.5)
    large = size_after(48, step, scale=1.5)
    print(f"{name}：权重小 {small:.1e}，权重大 {large:.1e}")
# --8<-- [end:depth]
