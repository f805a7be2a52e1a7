# --8<-- [start:encoder]
import keras
import numpy as np
from keras import ops
from keras.layers import (
    Dense,
    LayerNormalization,
    MultiHeadAttention,
)


def layer_norm():
    # ε 的默认值：Keras 1e-3，PyTorch 1e-5
    return LayerNormalization(epsilon=1e-5)


def feed_forward(d, d_ff):
    up, down = Dense(d_ff, activation="relu"), Dense(d)
    return keras.Sequential([up, down])


class EncoderBlock(keras.layers.Layer):
    def __init__(self, d, heads, d_ff, **kwargs):
        super().__init__(**kwargs)
        self.norm1 = layer_norm()
        self.attention = MultiHeadAttention(heads, key_dim=d // heads)
        self.norm2 = layer_norm()
        self.ffn = feed_forward(d, d_ff)

    def call(self, x, attention_mask):
        h = self.norm1(x)
        x = x + self.attention(h, h, attention_mask=attention_mask)
        return x + self.ffn(self.norm2(x))


# --8<-- [end:encoder]


# --8<-- [start:decoder]
class DecoderBlock(keras.layers.Layer):
    def __init__(self, d, heads, d_ff, **kwargs):
        super().__init__(**kwargs)
        self.norm1 = layer_norm()
        self.attention = MultiHeadAttention(heads, key_dim=d // heads)
        self.norm2 = layer_norm()
        self.cross = MultiHeadAttention(heads, key_dim=d // heads)
        self.norm3 = layer_norm()
        self.ffn = feed_forward(d, d_ff)

    def call(self, y, memory, attention_mask, memory_mask):
        h = self.norm1(y)
        y = y + self.attention(h, h, attention_mask=attention_mask)
        # 查询来自目标 y，键和值来自编码器的输出 memory
        h = self.norm2(y)
        y = y + self.cross(h, memory, attention_mask=memory_mask)
        return y + self.ffn(self.norm3(y))


# --8<-- [end:decoder]

# --8<-- [start:run]
keras.utils.set_random_seed(0)
d, heads, d_ff = 32, 4, 128
encoder = EncoderBlock(d, heads, d_ff)
decoder = DecoderBlock(d, heads, d_ff)
rng = np.random.default_rng(0)
# 两句原文，各 6 格；译文的前 4 个词
x = rng.normal(size=(2, 6, d)).astype("float32")
y = rng.normal(size=(2, 4, d)).astype("float32")
# 第二句的后两格是填充
padding = np.arange(6) < np.array([[6], [4]])
# (batch, query, key)，长 1 的轴自动广播
padding = padding[:, None]
causal = np.tril(np.ones((1, 4, 4), dtype=bool))

memory = encoder(x, padding)
output = decoder(y, memory, causal, padding)
print("编码器块", x.shape, "→", tuple(memory.shape))
print("解码器块", y.shape, "→", tuple(output.shape))
# --8<-- [end:run]

# --8<-- [start:count]
attention, norm = 4 * d**2 + 4 * d, 2 * d
ffn = 2 * d * d_ff + d_ff + d
count = encoder.count_params()
formula = attention + ffn + 2 * norm
print("编码器块：", count, "公式：", formula)
count = decoder.count_params()
formula = 2 * attention + ffn + 3 * norm
print("解码器块：", count, "公式：", formula)
# --8<-- [end:count]


# --8<-- [start:change]
def moved(before, after):
    """第二句的哪些位置变了：1 是变了，0 是没变。"""
    difference = ops.max(ops.abs(before - after), axis=-1)[1]
    return ops.convert_to_numpy(difference > 1e-5).astype(int).tolist()


changed = y.copy()  # 译文的第 2 个词（从 0 数起）反号
changed[:, 2] *= -1
after = decoder(changed, memory, causal, padding)
print("改第 2 个词，输出：", moved(output, after))
changed = x.copy()  # 原文最后两格反号：在第二句里是填充
changed[:, 4:] *= -1
encoded = encoder(changed, padding)
print("改两格填充，编码：", moved(memory, encoded))
after = decoder(y, encoded, causal, padding)
print("改两格填充，输出：", moved(output, after))
# --8<-- [end:change]

# --8<-- [start:order]
order = [1, 0, 3, 2, 4, 5]  # 有效的 4 个词，两两交换
positions = rng.normal(size=(6, d)).astype("float32")
for name, p in [("没有位置", 0), ("加上位置", positions)]:
    # 先编码再换序；先换序再编码
    first = ops.take(encoder(x + p, padding), order, axis=1)
    second = encoder(x[:, order] + p, padding)
    print(f"{name}，两种做法：", moved(first, second))
# --8<-- [end:order]
