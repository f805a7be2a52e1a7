# --8<-- [start:setup]
import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")
rng = np.random.default_rng(11)

batch, n, d_model, heads = 2, 6, 32, 4
x = tf.constant(rng.normal(size=(batch, n, d_model)), dtype=tf.float32)
params = {}
for name in ["query", "key", "value", "out"]:
    weight = rng.normal(size=(d_model, d_model)) / np.sqrt(d_model)  # (in, out)
    params[f"{name}.weight"] = weight.astype("float32")
    params[f"{name}.bias"] = rng.normal(size=d_model).astype("float32") * 0.1
# --8<-- [end:setup]


# --8<-- [start:multi-head]
def attention(q, k, v, mask):
    scores = q @ ops.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1])
    scores = ops.where(mask, scores, scores.dtype.min)
    weights = ops.softmax(scores) * ops.cast(mask, scores.dtype)
    return weights @ v, weights


def split_heads(t, heads):
    batch, n, d_model = ops.shape(t)  # 批大小和长度可以到运行时才知道
    t = ops.reshape(t, (batch, n, heads, d_model // heads))
    return ops.swapaxes(t, 1, 2)  # (batch, head, n, d_k)


def merge_heads(t):
    batch, heads, n, d_k = ops.shape(t)
    return ops.reshape(ops.swapaxes(t, 1, 2), (batch, n, heads * d_k))


class MultiHeadAttention(keras.layers.Layer):
    def __init__(self, d_model, heads, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads
        self.query = keras.layers.Dense(d_model)
        self.key = keras.layers.Dense(d_model)
        self.value = keras.layers.Dense(d_model)
        self.out = keras.layers.Dense(d_model)

    def call(self, x, memory, attention_mask):
        """查询来自 x，键和值来自 memory；自注意力时两者是同一个张量。"""
        q = split_heads(self.query(x), self.heads)
        k = split_heads(self.key(memory), self.heads)
        v = split_heads(self.value(memory), self.heads)
        context, weights = attention(q, k, v, attention_mask)
        return self.out(merge_heads(context)), weights


# --8<-- [end:multi-head]


# --8<-- [start:use]
causal = ops.tril(ops.ones((n, n), dtype="bool"))
mha = MultiHeadAttention(d_model, heads)
mha(x, x, causal)  # 先调用一次，Keras 才按输入的形状建出权重
# Dense 的核就是 (in, out)，不用转置
mha.query.set_weights([params["query.weight"], params["query.bias"]])
mha.key.set_weights([params["key.weight"], params["key.bias"]])
mha.value.set_weights([params["value.weight"], params["value.bias"]])
mha.out.set_weights([params["out.weight"], params["out.bias"]])

y, weights = mha(x, x, causal)
print("输入", tuple(x.shape), "→ 拆头", tuple(split_heads(x, heads).shape), end=" ")
print("→ 权重", tuple(weights.shape), "→ 输出", tuple(y.shape))
print("参数量：", mha.count_params(), end=" ")
print("= 4d^2 + 4d =", 4 * d_model**2 + 4 * d_model)
print("最后一个查询在 4 个头里的权重：")
print(weights[0, :, -1].numpy())
print("输出的前 4 维：", y[0, -1, :4].numpy())
# --8<-- [end:use]


# --8<-- [start:wrong-split]
def split_without_transpose(t, heads):
    batch, n, d_model = t.shape
    return ops.reshape(t, (batch, heads, n, d_model // heads))  # 形状对，内容错


changed = ops.concatenate([x[:, :1] + 1, x[:, 1:]], axis=1)  # 只改第 0 个词
for label, split in [("正确", split_heads), ("错误", split_without_transpose)]:
    moved = ops.any(split(x, heads) != split(changed, heads), axis=-1)
    count = ops.count_nonzero(moved[0], axis=-1)  # moved: (batch, head, n)
    print(f"{label}拆头：各头中变了的位置数 {count.numpy().tolist()}")
# --8<-- [end:wrong-split]

# --8<-- [start:cost]
d, h, size = 4096, 32, 2  # 一层，d_model = 4096，32 个头，float16 占 2 字节
for length in [512, 2048, 8192, 32768]:
    gib = h * length**2 * size / 2**30
    ratio = 4 * length**2 * d / (8 * length * d**2)  # QKᵀ、AV 对四个投影
    print(f"n={length:5d}  权重矩阵 {gib:7.3f} GiB  注意力 / 投影的计算量 {ratio:.4f}")
# --8<-- [end:cost]

# --8<-- [start:library]
library = keras.layers.MultiHeadAttention(heads, key_dim=d_model // heads)
library.build(x.shape, x.shape)
weights_of_library = []
for name in ["query", "key", "value"]:  # 库的核是 (d_model, head, d_k)
    weights_of_library.append(params[f"{name}.weight"].reshape(d_model, heads, -1))
    weights_of_library.append(params[f"{name}.bias"].reshape(heads, -1))
weights_of_library.append(params["out.weight"].reshape(heads, -1, d_model))
weights_of_library.append(params["out.bias"])
library.set_weights(weights_of_library)
expected = library(x, x, attention_mask=causal[None])  # True 是「可以看」
gap = tf.reduce_max(tf.abs(y - expected)).numpy()
print("手写的与库的相差不到 1e-4：", gap < 1e-4)
# --8<-- [end:library]
