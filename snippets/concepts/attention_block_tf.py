# --8<-- [start:setup]
import math
from functools import reduce

import keras
import numpy as np
import tensorflow as tf

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")
rng = np.random.default_rng(23)

batch, source_len, target_len = 2, 6, 4
d_model, heads, d_ff = 32, 4, 128
source = tf.constant(rng.normal(size=(batch, source_len, d_model)), dtype=tf.float32)
target = tf.constant(rng.normal(size=(batch, target_len, d_model)), dtype=tf.float32)
lengths = tf.constant([6, 4])  # 第二句只有 4 个词，后两格是填充


def draw(names):
    drawn = {}
    for name in names:
        if "norm" in name:
            weight, fan_out = 1 + 0.1 * rng.normal(size=d_model), d_model
        else:
            fan_in = d_ff if "down" in name else d_model
            fan_out = d_ff if "up" in name else d_model
            weight = rng.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in)
        drawn[f"{name}.weight"] = weight.astype("float32")  # 矩阵是 (in, out)
        drawn[f"{name}.bias"] = 0.1 * rng.normal(size=fan_out).astype("float32")
    return drawn


projections = ["query", "key", "value", "out"]
self_attention = [f"self_attention.{name}" for name in projections]
cross_attention = [f"cross_attention.{name}" for name in projections]
feed_forward = ["feed_forward.up", "feed_forward.down"]
encoder_params = draw(["norm1", *self_attention, "norm2", *feed_forward])
decoder_params = draw(
    ["norm1", *self_attention, "norm2", *cross_attention, "norm3", *feed_forward]
)
# --8<-- [end:setup]


# --8<-- [start:parts]
class MultiHeadAttention(keras.layers.Layer):
    def __init__(self, d_model, heads, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads
        self.query = keras.layers.Dense(d_model)
        self.key = keras.layers.Dense(d_model)
        self.value = keras.layers.Dense(d_model)
        self.out = keras.layers.Dense(d_model)

    def split(self, t):
        batch, n, _ = tf.unstack(tf.shape(t))
        t = tf.reshape(t, (batch, n, self.heads, t.shape[-1] // self.heads))
        return tf.transpose(t, (0, 2, 1, 3))  # (batch, head, n, d_k)

    def call(self, x, memory, attention_mask):
        q = self.split(self.query(x))
        k = self.split(self.key(memory))
        v = self.split(self.value(memory))
        scores = tf.matmul(q, k, transpose_b=True) / math.sqrt(q.shape[-1])
        scores = tf.where(attention_mask, scores, scores.dtype.min)
        weights = tf.nn.softmax(scores) * tf.cast(attention_mask, scores.dtype)
        context = tf.transpose(tf.matmul(weights, v), (0, 2, 1, 3))
        return self.out(tf.reshape(context, tf.shape(x)))


class FeedForward(keras.layers.Layer):
    def __init__(self, d_model, d_ff, **kwargs):
        super().__init__(**kwargs)
        self.up = keras.layers.Dense(d_ff, activation="relu")
        self.down = keras.layers.Dense(d_model)

    def call(self, x):
        return self.down(self.up(x))


# --8<-- [end:parts]


# --8<-- [start:blocks]
def layer_norm():
    return keras.layers.LayerNormalization(epsilon=1e-5)  # Keras 的默认值是 1e-3


class EncoderBlock(keras.layers.Layer):
    def __init__(self, d_model, heads, d_ff, **kwargs):
        super().__init__(**kwargs)
        self.norm1 = layer_norm()
        self.self_attention = MultiHeadAttention(d_model, heads)
        self.norm2 = layer_norm()
        self.feed_forward = FeedForward(d_model, d_ff)

    def call(self, x, attention_mask):
        h = self.norm1(x)
        x = x + self.self_attention(h, h, attention_mask)
        return x + self.feed_forward(self.norm2(x))


class DecoderBlock(keras.layers.Layer):
    def __init__(self, d_model, heads, d_ff, **kwargs):
        super().__init__(**kwargs)
        self.norm1 = layer_norm()
        self.self_attention = MultiHeadAttention(d_model, heads)
        self.norm2 = layer_norm()
        self.cross_attention = MultiHeadAttention(d_model, heads)
        self.norm3 = layer_norm()
        self.feed_forward = FeedForward(d_model, d_ff)

    def call(self, x, memory, self_attention_mask, memory_attention_mask):
        h = self.norm1(x)
        x = x + self.self_attention(h, h, self_attention_mask)
        # 查询来自目标，键和值来自编码器；memory 已是编码器的输出，不再归一化
        x = x + self.cross_attention(self.norm2(x), memory, memory_attention_mask)
        return x + self.feed_forward(self.norm3(x))


# --8<-- [end:blocks]


# --8<-- [start:positions]
def sinusoidal_positions(length, d_model):
    position = tf.range(length, dtype=tf.float32)[:, None]
    frequency = 10000.0 ** (-tf.range(0, d_model, 2, dtype=tf.float32) / d_model)
    angle = position * frequency  # (length, d_model / 2)
    # 偶数维是正弦、奇数维是余弦：叠成 (…, 2) 再压平，两者就交错排列
    return tf.reshape(tf.stack([tf.sin(angle), tf.cos(angle)], -1), (length, d_model))


# --8<-- [end:positions]


# --8<-- [start:run]
def load(block, params):
    for path in dict.fromkeys(name.rpartition(".")[0] for name in params):
        layer = reduce(getattr, path.split("."), block)  # Dense 的核就是 (in, out)
        layer.set_weights([params[f"{path}.weight"], params[f"{path}.bias"]])


padding = (tf.range(source_len) < lengths[:, None])[:, None, None]  # (b, 1, 1, key)
causal = tf.linalg.band_part(tf.ones((target_len, target_len)), -1, 0) > 0

encoder_block = EncoderBlock(d_model, heads, d_ff)
decoder_block = DecoderBlock(d_model, heads, d_ff)
encoder_block(source, padding)  # 先调用一次，Keras 才建出权重
decoder_block(target, source, causal, padding)
load(encoder_block, encoder_params)
load(decoder_block, decoder_params)


def encode(source):
    x = source + sinusoidal_positions(source_len, d_model)
    return encoder_block(x, padding)


def decode(target, memory):
    x = target + sinusoidal_positions(target_len, d_model)
    return decoder_block(x, memory, causal, padding)


memory = encode(source)
output = decode(target, memory)
print("编码器", tuple(source.shape), "→", tuple(memory.shape), end="  ")
print("前 4 维：", memory[0, 0, :4].numpy())
print("解码器", tuple(target.shape), "→", tuple(output.shape), end="  ")
print("前 4 维：", output[0, 0, :4].numpy())
mlp = 2 * d_model * d_ff + d_ff + d_model
formula = 4 * d_model**2 + 4 * d_model + mlp + 2 * 2 * d_model
print("编码器块的参数：", encoder_block.count_params(), "公式：", formula)
formula = 2 * (4 * d_model**2 + 4 * d_model) + mlp + 3 * 2 * d_model
print("解码器块的参数：", decoder_block.count_params(), "公式：", formula)


def moved(a, b):
    """第 1 句里哪些位置的输出变了：1 是变了，0 是没变。"""
    difference = tf.reduce_max(tf.abs(a - b), axis=-1)[1]
    return tf.cast(difference > 1e-5, tf.int32).numpy().tolist()


sign = 1 - 2 * tf.one_hot(2, target_len)[:, None]
changed = target * sign  # 只改目标的第 2 个词
print("改目标第 2 个词，变了的输出：", moved(output, decode(changed, memory)))

sign = tf.where(padding[:, 0, 0, :, None], 1.0, -1.0)
changed = source * sign  # 只改填充格里的内容
print("改源句的填充格，变了的编码：", moved(memory, encode(changed)))
print("改源句的填充格，变了的输出：", moved(output, decode(target, encode(changed))))

order = [1, 0, 3, 2, 4, 5]  # 在有效的 4 个词里两两交换
plain = encoder_block(source, padding)
shuffled = encoder_block(tf.gather(source, order, axis=1), padding)
print("无位置，先打乱再编码对先编码再打乱：", end=" ")
print(moved(tf.gather(plain, order, axis=1), shuffled))
print("有位置，先打乱再编码对先编码再打乱：", end=" ")
encoded = encode(tf.gather(source, order, axis=1))
print(moved(tf.gather(memory, order, axis=1), encoded))
# --8<-- [end:run]
