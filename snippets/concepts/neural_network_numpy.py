# --8<-- [start:network]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits


def forward(params, x):
    """返回 logits，以及每一层的输入：反向时要用，先存下。"""
    inputs = []
    for i, (w, b) in enumerate(params):
        inputs.append(x)
        x = x @ w + b  # (batch, in) @ (in, out) -> (batch, out)
        if i < len(params) - 1:  # 末层不接 ReLU
            x = np.maximum(x, 0)
    return x, inputs


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)  # 减最大值，防溢出
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def cross_entropy(logits, y):
    return -log_softmax(logits)[np.arange(len(y)), y].mean()


# --8<-- [end:network]


# --8<-- [start:backward]
def gradients(params, x, y):
    """损失，以及每一层的 (dW, db)。"""
    logits, inputs = forward(params, x)
    delta = np.exp(log_softmax(logits))  # P，(batch, class)
    delta[np.arange(len(y)), y] -= 1  # P - Y
    delta /= len(y)  # 损失对一批取了平均
    grads = []
    for (w, _), a in zip(reversed(params), reversed(inputs), strict=True):
        grads.insert(0, (a.T @ delta, delta.sum(axis=0)))
        delta = (delta @ w.T) * (a > 0)  # a 是前一层 ReLU 的输出
    return cross_entropy(logits, y), grads  # 传到图片的 delta 没有人用


# --8<-- [end:backward]


# --8<-- [start:data]
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]  # 打乱，变成 0 到 1
x_train, y_train = images[:1500], labels[:1500]
x_test, y_test = images[1500:], labels[1500:]


def initial(last=0.1):
    """随机的权重，偏置为 0；末层的权重再乘 last。"""
    rng, params = np.random.default_rng(1), []
    for n_in, n_out in [(64, 32), (32, 16), (16, 10)]:
        w = rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in)
        params.append((w, np.zeros(n_out)))
    w, b = params[-1]
    params[-1] = (w * last, b)
    return params


print("参数", sum(w.size + b.size for w, b in initial()), "个")
# --8<-- [end:data]


# --8<-- [start:check]
_, grads = gradients(initial(), x_train[:50], y_train[:50])
for n, (dw, db) in enumerate(grads, 1):
    norms = np.linalg.norm(dw), np.linalg.norm(db)
    print(f"第 {n} 层梯度的长度：W {norms[0]:.6f}，b {norms[1]:.6f}")
# --8<-- [end:check]


# --8<-- [start:first-loss]
for last in [0.1, 1, 10]:
    logits, _ = forward(initial(last), x_train)
    loss = cross_entropy(logits, y_train)
    print(f"末层乘 {last}：初始损失 {loss:.2f}")
# --8<-- [end:first-loss]


# --8<-- [start:train]
def train(rate, epochs=20):
    params, history = initial(), []
    for _ in range(epochs):
        losses = []
        for i in range(0, len(x_train), 50):  # 30 个小批量，30 步
            rows = slice(i, i + 50)
            loss, grads = gradients(params, x_train[rows], y_train[rows])
            params = [
                (w - rate * dw, b - rate * db)
                for (w, b), (dw, db) in zip(params, grads, strict=True)
            ]
            losses.append(loss)
        test_loss = cross_entropy(forward(params, x_test)[0], y_test)
        history.append((np.mean(losses), test_loss))
    return params, history


# --8<-- [end:train]


# --8<-- [start:run]
params, history = train(rate=0.125)
for epoch in [1, 2, 5, 10, 20]:
    train_loss, test_loss = history[epoch - 1]
    print(f"第 {epoch} 轮：训练损失 {train_loss:.4f}，测试损失 {test_loss:.4f}")
guess = forward(params, x_test)[0].argmax(axis=1)
wrong = np.flatnonzero(guess != y_test)
print(f"测试 {len(y_test)} 张，对 {len(y_test) - len(wrong)} 张")
print("认错的前四张，写的是", y_test[wrong[:4]], "认成", guess[wrong[:4]])
# --8<-- [end:run]


# --8<-- [start:rates]
curves = {0.02: train(0.02)[1], 0.125: history, 2.0: train(2.0)[1]}
for rate, curve in curves.items():
    losses = [f"{curve[epoch - 1][0]:.2f}" for epoch in (1, 10, 20)]
    print(f"学习率 {rate}：第 1、10、20 轮的训练损失", *losses)
# --8<-- [end:rates]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "nn"})
figure, axis = plt.subplots(figsize=(3.5, 3.4), layout="constrained")
for curve, style in zip(curves.values(), ["k--", "C0-", "k:"], strict=True):
    axis.plot(range(1, 21), [loss for loss, _ in curve], style)
axis.plot(range(1, 21), [loss for _, loss in history], "C1--")
axis.text(7.5, 2.4, "学习率 2.0：不动")
axis.text(10.5, 1.75, "0.02：太慢")
axis.text(5.6, 0.62, "0.125：训练", color="C0")
axis.text(1.2, 0.62, "测试", color="C1")
axis.set(xticks=[1, 5, 10, 15, 20], ylim=(0, 2.7), xlabel="轮", title="损失")
metadata = {"Title": "损失随轮数下降；学习率太小降得慢，太大不动"}
figure.savefig("neural_network_numpy.svg", transparent=True, metadata=metadata)
# --8<-- [end:figure]


# --8<-- [start:longer]
longer, history_100 = train(rate=0.125, epochs=100)
guess_100 = forward(longer, x_test)[0].argmax(axis=1)
train_loss, test_loss = history_100[-1]
print(f"第 100 轮：训练损失 {train_loss:.4f}，测试损失 {test_loss:.4f}")
print(f"测试 {len(y_test)} 张，对 {(guess_100 == y_test).sum()} 张")
# --8<-- [end:longer]
