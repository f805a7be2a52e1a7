# --8<-- [start:setup]
import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")
rng = np.random.default_rng(23)

batch, source_len, target_len = 2, 6, 4
d_model, heads, d_ff = 32, 4, 128
source = tf.constant(rng.normal(size=(batch, source_len, d_model)), dtype=tf.float32)
target = tf.constant(rng.normal(size=(batch, target_len, d_model)), dtype=tf.float32)
lengths = tf.constant([6, 4])  # 第二句只有 4 个词，后两格是填充


# --8<-- [end:setup]


# --8<-- [start:weights]
def draw(name, weight, size):
    bias = 0.1 * rng.normal(size=size)
    return {
        f"{name}.weight": weight.astype("float32"),
        f"{name}.bias": bias.astype("float32"),
    }


def draw_norm(name):
    return draw(name, 1 + 0.1 * rng.normal(size=d_model), d_model)


def draw_linear(name, fan_in, fan_out):  # 矩阵是 (in, out)
    weight = rng.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in)
    return draw(name, weight, fan_out)


def draw_attention(name):
    drawn = {}
    for part in ["query", "key", "value", "out"]:
        drawn |= draw_linear(f"{name}.{part}", d_model, d_model)
    return drawn


def draw_feed_forward(name):
    up = draw_linear(f"{name}.up", d_model, d_ff)
    return up | draw_linear(f"{name}.down", d_ff, d_model)


# --8<-- [end:weights]

# --8<-- [start:params]
encoder_params = (
    draw_norm("norm1")
    | draw_attention("self_attention")
    | draw_norm("norm2")
    | draw_feed_forward("feed_forward")
)
decoder_params = (
    draw_norm("norm1")
    | draw_attention("self_attention")
    | draw_norm("norm2")
    | draw_attention("cross_attention")
    | draw_norm("norm3")
    | draw_feed_forward("feed_forward")
)
# --8<-- [end:params]


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
        batch, n, d_model = ops.shape(t)
        t = ops.reshape(t, (batch, n, self.heads, d_model // self.heads))
        return ops.swapaxes(t, 1, 2)  # (batch, head, n, d_k)

    def call(self, x, memory, attention_mask):
        q = self.split(self.query(x))
        k = self.split(self.key(memory))
        v = self.split(self.value(memory))
        scores = q @ ops.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1])
        scores = ops.where(attention_mask, scores, scores.dtype.min)
        weights = ops.softmax(scores) * ops.cast(attention_mask, scores.dtype)
        context = ops.swapaxes(weights @ v, 1, 2)  # (batch, n, head, d_k)
        return self.out(ops.reshape(context, ops.shape(x)))


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
    position = ops.arange(length, dtype="float32")[:, None]
    frequency = 10000.0 ** (-ops.arange(0, d_model, 2, dtype="float32") / d_model)
    angle = position * frequency  # (length, d_model / 2)
    # 偶数维是正弦、奇数维是余弦：叠成 (…, 2) 再压平，两者就交错排列
    pairs = ops.stack([ops.sin(angle), ops.cos(angle)], axis=-1)
    return ops.reshape(pairs, (length, d_model))


# --8<-- [end:positions]


# --8<-- [start:load]
def load(layer, params, name):
    # Dense 的核就是 (in, out)，不用转置
    layer.set_weights([params[f"{name}.weight"], params[f"{name}.bias"]])


def load_attention(layer, params, name):
    load(layer.query, params, f"{name}.query")
    load(layer.key, params, f"{name}.key")
    load(layer.value, params, f"{name}.value")
    load(layer.out, params, f"{name}.out")


def load_encoder(block, params):
    load(block.norm1, params, "norm1")
    load_attention(block.self_attention, params, "self_attention")
    load(block.norm2, params, "norm2")
    load(block.feed_forward.up, params, "feed_forward.up")
    load(block.feed_forward.down, params, "feed_forward.down")


def load_decoder(block, params):
    load_encoder(block, params)  # 解码器块多一个交叉注意力、一个归一化
    load_attention(block.cross_attention, params, "cross_attention")
    load(block.norm3, params, "norm3")


# --8<-- [end:load]


# --8<-- [start:run]
padding = (ops.arange(source_len) < lengths[:, None])[:, None, None]  # (b, 1, 1, key)
causal = ops.tril(ops.ones((target_len, target_len), dtype="bool"))

encoder_block = EncoderBlock(d_model, heads, d_ff)
decoder_block = DecoderBlock(d_model, heads, d_ff)
encoder_block(source, padding)  # 先调用一次，Keras 才建出权重
decoder_block(target, source, causal, padding)
load_encoder(encoder_block, encoder_params)
load_decoder(decoder_block, decoder_params)


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
# --8<-- [end:run]

# --8<-- [start:count]
mlp = 2 * d_model * d_ff + d_ff + d_model
formula = 4 * d_model**2 + 4 * d_model + mlp + 2 * 2 * d_model
print("编码器块的参数：", encoder_block.count_params(), "公式：", formula)
formula = 2 * (4 * d_model**2 + 4 * d_model) + mlp + 3 * 2 * d_model
print("解码器块的参数：", decoder_block.count_params(), "公式：", formula)
# --8<-- [end:count]


# --8<-- [start:properties]
def moved(a, b):
    """第 1 句里哪些位置的输出变了：1 是变了，0 是没变。"""
    difference = ops.max(ops.abs(a - b), axis=-1)[1]
    return ops.cast(difference > 1e-5, "int32").numpy().tolist()


sign = 1 - 2 * ops.one_hot(2, target_len)[:, None]
changed = target * sign  # 只改目标的第 2 个词
print("改目标第 2 个词，变了的输出：", moved(output, decode(changed, memory)))

sign = ops.where(padding[:, 0, 0, :, None], 1.0, -1.0)
changed = source * sign  # 只改填充格里的内容
print("改源句的填充格，变了的编码：", moved(memory, encode(changed)))
print("改源句的填充格，变了的输出：", moved(output, decode(target, encode(changed))))

order = [1, 0, 3, 2, 4, 5]  # 在有效的 4 个词里两两交换
plain = encoder_block(source, padding)
shuffled = encoder_block(ops.take(source, order, axis=1), padding)
print("无位置，先打乱再编码对先编码再打乱：", end=" ")
print(moved(ops.take(plain, order, axis=1), shuffled))
print("有位置，先打乱再编码对先编码再打乱：", end=" ")
encoded = encode(ops.take(source, order, axis=1))
print(moved(ops.take(memory, order, axis=1), encoded))
# --8<-- [end:properties]
