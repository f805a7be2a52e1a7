# --8<-- [start:network]
import numpy as np
from sklearn.datasets import load_digits

np.set_printoptions(precision=4, suppress=True, floatmode="fixed")


def forward(params, x):
    """返回 logits，以及每一层的输入：反向时要用，所以前向时就存下。"""
    inputs = []
    for i, (w, b) in enumerate(params):
        inputs.append(x)
        x = x @ w + b  # (batch, in) @ (in, out) -> (batch, out)
        if i < len(params) - 1:  # 末层不加激活函数：它的输出是 logits
            x = np.maximum(x, 0)
    return x, inputs


def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))  # 减最大值，防溢出
    return e / e.sum(axis=1, keepdims=True)


def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y].mean()


# --8<-- [end:network]


# --8<-- [start:backward]
def gradients(params, x, y):
    logits, inputs = forward(params, x)
    delta = softmax(logits)
    delta[np.arange(len(y)), y] -= 1  # p - y
    delta /= len(y)  # 损失对一批取了平均
    grads = []
    for i in reversed(range(len(params))):
        w, a = params[i][0], inputs[i]  # (in, out), (batch, in)
        grads.insert(0, (a.T @ delta, delta.sum(axis=0)))  # (in, out), (out,)
        if i > 0:  # 输入 x 不训练，不必再往前传
            delta = delta @ w.T * (a > 0)  # (batch, in)；a > 0 是 ReLU 的导数
    return cross_entropy(logits, y), grads


# --8<-- [end:backward]


# --8<-- [start:tiny]
x0, y0 = np.array([[1.0, 2.0]]), np.array([1])
w1, w2 = np.array([[0.0, 1.0], [1.0, -1.0]]), np.array([[0.5, -0.5], [1.0, -1.0]])
tiny = [(w1, np.zeros(2)), (w2, np.zeros(2))]
logits, (_, hidden) = forward(tiny, x0)
tiny_loss, tiny_grads = gradients(tiny, x0, y0)
print("小例子：隐藏", hidden[0], " logits", logits[0], " p", softmax(logits)[0])
print(f"损失 {tiny_loss:.4f}")
print("W2 的梯度：", *tiny_grads[1][0])
print("W1 的梯度：", *tiny_grads[0][0])
# --8<-- [end:tiny]


# --8<-- [start:data]
images, labels = load_digits(return_X_y=True)
images = images / 16  # (1797, 64)，像素原来是 0 到 16
order = np.random.default_rng(0).permutation(len(images))
train, test = order[:1500], order[1500:]
sizes = [64, 32, 16, 10]


def initial(last=0.1):
    """He 初始化；last 再缩放末层，1 就是不缩放。"""
    rng = np.random.default_rng(1)
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        w = rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in)
        params.append((w, np.zeros(n_out)))
    params[-1] = (params[-1][0] * last, params[-1][1])
    return params


print("参数个数：", sum(w.size + b.size for w, b in initial()))
# --8<-- [end:data]


# --8<-- [start:first-loss]
print(f"初始损失应是 ln 10 = {np.log(10):.4f}")
for last in [0.1, 1, 10]:
    logits, _ = forward(initial(last), images[train])
    loss = cross_entropy(logits, labels[train])
    print(f"末层乘 {last}：logits 的标准差 {logits.std():.3f}，初始损失 {loss:.4f}")
# --8<-- [end:first-loss]


# --8<-- [start:train]
params = initial()
rng = np.random.default_rng(3)
losses = []
for epoch in range(1, 21):
    for rows in rng.permutation(train).reshape(-1, 50):  # 1500 / 50 = 30 步
        loss, grads = gradients(params, images[rows], labels[rows])
        losses.append(loss)
        params = [
            (w - 0.125 * dw, b - 0.125 * db)
            for (w, b), (dw, db) in zip(params, grads, strict=True)
        ]
    if epoch in (1, 2, 5, 10, 20):
        print(f"第 {epoch} 轮：训练损失 {np.mean(losses[-30:]):.4f}")
guess = forward(params, images[test])[0].argmax(axis=1)
print(f"测试 {len(test)} 张，对 {(guess == labels[test]).sum()} 张")
# --8<-- [end:train]
