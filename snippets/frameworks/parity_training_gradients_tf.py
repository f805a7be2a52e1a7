# --8<-- [start:both]
import keras
import numpy as np
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F


def by_torch(function, x):
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    value = function(leaf).sum()
    value.backward()
    return value.item(), leaf.grad.tolist()


def by_tf(function, x):
    variable = tf.Variable(x, dtype=tf.float64)
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(function(variable))
    gradient = tape.gradient(value, variable)
    return float(value), None if gradient is None else gradient.numpy().tolist()


# --8<-- [end:both]


# --8<-- [start:kinks]
KINKS = {  # 名字: PyTorch 的写法，TensorFlow 的写法，输入
    "relu(x)，x 是 0": (torch.relu, tf.nn.relu, [0.0]),
    "max(x)，两个并列": (lambda x: x.max(0).values, tf.reduce_max, [2.0, 2.0]),
    "max(x, 2)，x 是 2": (
        lambda x: torch.maximum(x, torch.full_like(x, 2)),
        lambda x: tf.maximum(x, 2.0),
        [2.0],
    ),
    "hardtanh(x)，x 是 1": (F.hardtanh, keras.ops.hard_tanh, [1.0]),
    "长度，零向量": (torch.linalg.norm, tf.norm, [0.0, 0.0]),
    "round(x)，x 是 0.3": (torch.round, tf.round, [0.3]),
}
found = {n: (by_torch(f, x), by_tf(g, x)) for n, (f, g, x) in KINKS.items()}
for name, ((value, ours), (other, theirs)) in found.items():
    same = "值相等" if value == other else "值不等"
    print(f"{name}：{same}；梯度 {ours} 与 {theirs}")
# --8<-- [end:kinks]


# --8<-- [start:padding]
table = np.random.default_rng(0).standard_normal((4, 2))
table[0] = 0  # 0 号是填充，向量是零
words = np.array([[1, 2, 0], [3, 0, 0]])

embed = nn.Embedding(4, 2, padding_idx=0, dtype=torch.float64)
with torch.no_grad():
    embed.weight.copy_(torch.from_numpy(table))
output = embed(torch.from_numpy(words))
output.sum().backward()

layer = keras.layers.Embedding(4, 2, mask_zero=True, dtype="float64")
layer.build()
layer.set_weights([table])
with tf.GradientTape() as tape:
    total = tf.reduce_sum(layer(words))
(slices,) = tape.gradient(total, layer.trainable_weights)  # 只存用到的行
print("前向相等：", np.array_equal(layer(words), output.detach()))
for name, gradient in (
    ("PyTorch", embed.weight.grad.numpy()),
    ("Keras", tf.convert_to_tensor(slices).numpy()),
):
    print(f"{name} 里四个词的梯度：", gradient[:, 0].tolist())
# --8<-- [end:padding]
