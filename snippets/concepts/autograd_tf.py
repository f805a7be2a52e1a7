# --8<-- [start:network]
import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits


def build(params):
    """params 是 NumPy 里的 [(权重, 偏置), …]，抄进 Dense。"""
    model = keras.Sequential([keras.Input((len(params[0][0]),), dtype="float64")])
    for i, (_, b) in enumerate(params):
        # 末层不加激活函数：它的输出是 logits
        activation = "relu" if i < len(params) - 1 else None
        model.add(keras.layers.Dense(len(b), activation=activation, dtype="float64"))
    model.set_weights([array for pair in params for array in pair])
    return model


def cross_entropy(logits, y):
    # 内含 log-softmax；每个样本一个数，再对一批取平均
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
    return tf.reduce_mean(losses)


# --8<-- [end:network]


# --8<-- [start:backward]
def gradients(model, x, y):
    with tf.GradientTape() as tape:  # 只有这一段里的运算被记录
        loss = cross_entropy(model(x), y)
    flat = tape.gradient(loss, model.trainable_variables)  # 返回，不累加
    return loss, list(zip(flat[::2], flat[1::2], strict=True))


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
def numerical(model, layer, row, column, x, y, h=1e-5):
    """中心差分：只动一个权重，其余不变；每个数要两次前向。"""
    kernel = model.layers[layer].kernel
    before = kernel.numpy()
    losses = []
    for step in (h, -h):
        moved = before.copy()
        moved[row, column] += step
        kernel.assign(moved)
        losses.append(cross_entropy(model(x), y).numpy())
    kernel.assign(before)  # 放回原处
    return (losses[0] - losses[1]) / (2 * h)


def passing(model, layer, grad, x, y):
    """抽查这一层的 20 个权重，数出相对误差小于 1e-7 的。"""
    passed = 0
    for row, column in np.random.default_rng(2).integers(grad.shape, size=(20, 2)):
        gap = abs(numerical(model, layer, row, column, x, y) - grad[row, column])
        passed += int(gap / tf.reduce_max(tf.abs(grad)) < 1e-7)
    return passed


# --8<-- [end:check]


# --8<-- [start:checked]
model, x, y = build(initial()), images[train[:50]], labels[train[:50]]
_, grads = gradients(model, x, y)
for layer, (grad, _) in enumerate(grads):
    print(f"第 {layer + 1} 层权重的梯度：范数 {tf.norm(grad):.4f}", end="，")
    print(f"抽查 20 个，通过 {passing(model, layer, grad, x, y)} 个")
# --8<-- [end:checked]


# --8<-- [start:library]
def loss_of(kernel):  # 末层的权重是自变量，其余的参数不动
    first, second, last = model.layers
    return cross_entropy(second(first(x)) @ kernel + last.bias, y)


last = model.layers[2].kernel.value
by_tape, by_steps = tf.test.compute_gradient(loss_of, [last], delta=1e-5)
gap = np.abs(by_tape[0] - by_steps[0]).max()
print("库里的梯度检查，末层：", bool(gap < 1e-7))
# --8<-- [end:library]
