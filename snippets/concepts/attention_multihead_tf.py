# --8<-- [start:layer]
import keras
from keras import layers, ops


class SelfAttention(layers.Layer):
    def __init__(self, d, h, **kwargs):
        super().__init__(**kwargs)
        self.h = h
        self.in_proj = layers.Dense(3 * d)  # Q、K、V
        self.out_proj = layers.Dense(d)  # W^O

    def split_heads(self, t):
        # (batch, n, d) → (batch, n, head, d_k)
        batch, n, d = ops.shape(t)
        return ops.reshape(t, (batch, n, self.h, d // self.h))

    def call(self, x, attention_mask=None):
        three = ops.split(self.in_proj(x), 3, axis=-1)
        q, k, v = map(self.split_heads, three)
        heads = ops.dot_product_attention(
            q, k, v, mask=attention_mask
        )  # (batch, n, head, d_k)
        joined = ops.reshape(heads, ops.shape(x))
        return self.out_proj(joined)


# --8<-- [end:layer]

# --8<-- [start:use]
keras.utils.set_random_seed(0)
x = keras.random.normal((2, 6, 32))  # (batch, n, d)
causal = ops.tril(ops.ones((6, 6), dtype="bool"))
causal = causal[None, None]  # (1, 1, query, key)
layer = SelfAttention(d=32, h=4)
output = layer(x, causal)
print(tuple(x.shape), "→", tuple(output.shape))
print("参数：", layer.count_params())
# --8<-- [end:use]

# --8<-- [start:library]
library = layers.MultiHeadAttention(4, key_dim=8)
library.build(x.shape, x.shape)
kernel, bias = layer.in_proj.get_weights()  # (d, 3d), (3d,)
weights = []
for i in range(3):  # 库要 (d, head, d_k) 与 (head, d_k)
    columns = slice(32 * i, 32 * (i + 1))
    weights.append(kernel[:, columns].reshape(32, 4, 8))
    weights.append(bias[columns].reshape(4, 8))
kernel, bias = layer.out_proj.get_weights()
weights += [kernel.reshape(4, 8, 32), bias]
library.set_weights(weights)
# 这一层的 True 是「可以看」
expected = library(x, x, attention_mask=causal[0])
gap = float(ops.max(ops.abs(output - expected)))
print("手写的与库的相差不到 1e-5：", gap < 1e-5)
# --8<-- [end:library]
