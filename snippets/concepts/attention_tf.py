# --8<-- [start:setup]
import math

import keras
import numpy as np
import tensorflow as tf

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")
rng = np.random.default_rng(7)

tokens = ["猫", "坐在", "垫子", "上", "<pad>"]
n, d_k, d_v = len(tokens), 8, 4
q = tf.constant(rng.normal(size=(n, d_k)), dtype=tf.float32)  # (query, d_k)
k = tf.constant(rng.normal(size=(n, d_k)), dtype=tf.float32)  # (key, d_k)
v = tf.constant(rng.normal(size=(n, d_v)), dtype=tf.float32)  # (key, d_v)
# --8<-- [end:setup]


# --8<-- [start:attention]
def attention(q, k, v, mask=None):
    """mask 中 True 表示「可以看」，形状能广播到 (..., query, key)。"""
    scores = tf.matmul(q, k, transpose_b=True) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = tf.nn.softmax(scores, axis=-1)  # (..., query, key)
    else:
        # 填最小的有限数而不是 −∞：整行被遮时 −∞ 减 −∞ 是 NaN
        scores = tf.where(mask, scores, scores.dtype.min)
        # 整行被遮时 softmax 给出均匀权重，再乘一次 mask 让它归零
        weights = tf.nn.softmax(scores, axis=-1) * tf.cast(mask, scores.dtype)
    return tf.matmul(weights, v), weights  # (..., query, d_v), (..., query, key)


output, weights = attention(q, k, v)
print("不加掩码的权重（行 = 查询，列 = 键）：")
print(weights.numpy())
print("每行之和：", tf.reduce_sum(weights, axis=-1).numpy())
print("输出的形状：", tuple(output.shape), " 第一行：", output[0].numpy())
# --8<-- [end:attention]

# --8<-- [start:masks]
padding = tf.constant([True, True, True, True, False])  # (key,)
causal = tf.linalg.band_part(tf.ones((n, n)), -1, 0) > 0  # (query, key)

_, padded_weights = attention(q, k, v, padding)
_, causal_weights = attention(q, k, v, causal & padding)
print("填充掩码，「上」这一行：", padded_weights[3].numpy())
print("因果掩码与填充掩码：")
print(causal_weights.numpy())
# --8<-- [end:masks]

# --8<-- [start:masked-row]
nothing = tf.zeros((1, n), dtype=tf.bool)  # 一个键也不许看
naive = tf.nn.softmax(
    tf.where(nothing, tf.matmul(q[:1], k, transpose_b=True), -math.inf)
)
_, safe = attention(q[:1], k, v, nothing)
print("整行被遮，填 -∞：", naive[0].numpy())
print("整行被遮，本页实现：", safe[0].numpy())
# --8<-- [end:masked-row]


# --8<-- [start:scale]
def softmax_jacobian(scores):
    # 每个查询一个 Jacobian 矩阵 ∂softmax/∂scores，由自动求导给出
    with tf.GradientTape() as tape:
        tape.watch(scores)
        p = tf.nn.softmax(scores, axis=-1)
    return tape.batch_jacobian(p, scores)  # (query, key, key)


def report(label, d, scores):
    p = tf.nn.softmax(scores, axis=-1)
    entropy = -tf.reduce_sum(tf.math.xlogy(p, p), axis=-1)
    gradient = tf.norm(softmax_jacobian(scores), axis=(1, 2))
    print(
        f"{label} d_k={d:4d}  方差 {tf.math.reduce_variance(scores):7.2f}  "
        f"最大权重 {tf.reduce_mean(tf.reduce_max(p, axis=-1)):.3f}  "
        f"熵 {tf.reduce_mean(entropy):.3f}  "
        f"梯度 {np.median(gradient):.1e}"
    )


queries, keys = 501, 16
print(f"均匀权重的熵是 ln {keys} = {math.log(keys):.3f}")
for d in [4, 16, 64, 256, 1024]:
    # float64：看得清接近 0 的梯度
    big_q = tf.constant(rng.normal(size=(queries, d)))
    big_k = tf.constant(rng.normal(size=(queries, keys, d)))
    dots = tf.einsum("qd,qkd->qk", big_q, big_k)
    report("不缩放", d, dots)
    report("缩放后", d, dots / math.sqrt(d))
# --8<-- [end:scale]

# --8<-- [start:library]
mask = causal & padding
by_hand, _ = attention(q, k, v, mask)
# 这个函数要 (batch, position, head, dim)；这里只有一批、一个头
library = keras.ops.dot_product_attention(
    q[None, :, None], k[None, :, None], v[None, :, None], mask=mask[None, None]
)
gap = tf.reduce_max(tf.abs(by_hand - library[0, :, 0])).numpy()
print("手写的与库的相差不到 1e-5：", gap < 1e-5)
# --8<-- [end:library]
