# --8<-- [start:network]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]
x_train, y_train = images[:1500], labels[:1500]
x_test, y_test = images[1500:], labels[1500:]


def forward(params, x):
    w1, b1, w2, b2 = params
    h = np.maximum(x @ w1 + b1, 0)  # (batch, 32)
    return h, h @ w2 + b2  # logits，(batch, 10)


def gradients(params, x, y):
    """一批的平均损失，以及每个参数的梯度。"""
    h, z = forward(params, x)
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].mean()
    delta = (np.exp(log_p) - np.eye(10)[y]) / len(y)  # 只在这里除一次
    hidden = (delta @ params[2].T) * (h > 0)
    return loss, [x.T @ hidden, hidden.sum(0), h.T @ delta, delta.sum(0)]


# --8<-- [end:network]


# --8<-- [start:train]
def train(rate, mu=0.0, nesterov=False, size=50, epochs=20):
    rng = np.random.default_rng(1)
    params = [rng.normal(size=(64, 32)) * np.sqrt(2 / 64), np.zeros(32)]
    params += [rng.normal(size=(32, 10)) * np.sqrt(2 / 32) * 0.1, np.zeros(10)]
    vs, history = [np.zeros_like(p) for p in params], []
    for _ in range(epochs):
        losses = []
        for i in range(0, len(x_train), size):
            rows = slice(i, i + size)
            loss, grads = gradients(params, x_train[rows], y_train[rows])
            for p, v, g in zip(params, vs, grads, strict=True):
                v *= mu
                v += g
                p -= rate * (g + mu * v if nesterov else v)
            losses.append(loss)
        history.append(np.mean(losses))
    guess = forward(params, x_test)[1].argmax(axis=1)
    return history, (guess == y_test).sum()


# --8<-- [end:train]


# --8<-- [start:run]
ways = {
    "0.05，无动量": (0.05,),
    "0.005，动量 0.9": (0.005, 0.9),
    "0.05，动量 0.9": (0.05, 0.9),
    "0.05，Nesterov 0.9": (0.05, 0.9, True),
}
curves = {}
print("学习率：第 1、5、20 轮的损失，测试对几张")
for name, way in ways.items():
    curves[name], right = train(*way)
    losses = [f"{curves[name][epoch - 1]:.3f}" for epoch in (1, 5, 20)]
    print(f"{name}：", *losses, f"对 {right} 张")
# --8<-- [end:run]


# --8<-- [start:batch]
tries = [(50, 0.05), (500, 0.05), (500, 0.5)]
tries += [(50, 0.2), (500, 2.0), (50, 0.5)]
for size, rate in tries:
    history, right = train(rate, size=size)
    print(f"批 {size}，学习率 {rate}：", end="")
    print(f"第 20 轮 {history[-1]:.3f}，测试对 {right} 张")
# --8<-- [end:batch]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "sgd_digits_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3.2), layout="constrained")
styles = ["k--", "C0:", "C0-", "C1-"]
for curve, style in zip(curves.values(), styles, strict=True):
    axis.plot(range(1, 21), curve, style)
axis.text(7.6, 1.25, "0.05，无动量")
axis.text(9.2, 0.95, "0.005，动量 0.9", color="C0")
axis.text(3.2, 0.6, "0.05，动量 0.9", color="C0")
axis.text(5.2, 0.2, "Nesterov", color="C1")
axis.set(xticks=[1, 5, 10, 15, 20], ylim=(0, 2.4), xlabel="轮")
axis.set_title("训练损失", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
title = "四种走法的训练损失：有动量、学习率不变的降得快"
path, about = "sgd_digits_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
