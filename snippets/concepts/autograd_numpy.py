# --8<-- [start:network]
import numpy as np
from sklearn.datasets import load_digits


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


# --8<-- [end:data]


# --8<-- [start:check]
def numerical(params, layer, row, column, x, y, h=1e-5):
    """中心差分：只动一个权重，其余不变；每个数要两次前向。"""
    losses = []
    for step in (h, -h):
        moved = [(w.copy(), b) for w, b in params]
        moved[layer][0][row, column] += step
        losses.append(cross_entropy(forward(moved, x)[0], y))
    return (losses[0] - losses[1]) / (2 * h)


def passing(params, layer, grad, x, y):
    """抽查这一层的 20 个权重，数出相对误差小于 1e-7 的。"""
    passed = 0
    for row, column in np.random.default_rng(2).integers(grad.shape, size=(20, 2)):
        gap = abs(numerical(params, layer, row, column, x, y) - grad[row, column])
        passed += int(gap / np.abs(grad).max() < 1e-7)
    return passed


# --8<-- [end:check]


# --8<-- [start:checked]
params, x, y = initial(), images[train[:50]], labels[train[:50]]
_, grads = gradients(params, x, y)
for layer, (grad, _) in enumerate(grads):
    print(f"第 {layer + 1} 层权重的梯度：范数 {np.linalg.norm(grad):.4f}", end="，")
    print(f"抽查 20 个，通过 {passing(params, layer, grad, x, y)} 个")
# --8<-- [end:checked]
