# --8<-- [start:table]
import math

import numpy as np
from keras import ops

# 打印三位小数
np.set_printoptions(precision=3, floatmode="fixed")

# 词：查询，键，值（食物，设备）；都是手选的小整数
table = {
    "他": ([2, 0, 0, 1], [1, 0, 0, 0], [0, 0]),
    "用": ([2, 0, 1, 1], [0, 2, 0, 0], [0, 2]),
    "苹果": ([1, 1, 1, 1], [0, 0, 1, 0], [1, 1]),
    "拍照": ([2, 0, 2, 0], [0, 2, 0, 2], [0, 4]),
    "吃": ([2, 0, 2, 0], [0, 2, 0, 2], [4, 0]),
    "<pad>": ([0, 0, 0, 0], [0, 0, 0, 0], [0, 0]),
}


def look_up(sentence):
    rows = [table[w] for w in sentence.split()]
    columns = zip(*rows, strict=True)
    return [ops.array(c, "float32") for c in columns]


# --8<-- [end:table]


# --8<-- [start:by-hand]
q, k, v = look_up("他 用 苹果 拍照")
dots = ops.matmul(k, q[2])  # 「苹果」的查询与四个键
e = ops.exp(dots / 2)  # √d_k = √4 = 2
total = ops.sum(e)
print("点积：", dots.numpy())
print("取指数：", e.numpy(), "和：", total.numpy().round(3))
print("权重：", (e / total).numpy())
print("输出：", ops.matmul(e / total, v).numpy())
# --8<-- [end:by-hand]


# --8<-- [start:matrix]
scores = q @ ops.swapaxes(k, -1, -2) / math.sqrt(4)
weights = ops.softmax(scores, axis=-1)  # (query, key)
print("权重 A：")
print(weights.numpy())
print("输出 A V：")
print((weights @ v).numpy())  # (query, d_v)
# --8<-- [end:matrix]


# --8<-- [start:attention]
def attention(q, k, v, mask=None):
    """mask 里 True 是「可以看」。"""
    scores = q @ ops.swapaxes(k, -1, -2)
    scores = scores / math.sqrt(k.shape[-1])
    if mask is None:
        weights = ops.softmax(scores, axis=-1)
    else:
        # 最小的有限数：一行全是 −∞ 会得到 NaN
        scores = ops.where(mask, scores, scores.dtype.min)
        weights = ops.softmax(scores, axis=-1)
        weights = weights * ops.cast(mask, scores.dtype)
    return weights @ v, weights


# --8<-- [end:attention]

# --8<-- [start:masks]
q, k, v = look_up("他 吃 苹果 <pad>")
padding = ops.array([True, True, True, False])
causal = ops.tril(ops.ones((4, 4), dtype="bool"))
both = padding & causal
masks = {"不加": None, "填充": padding, "两种": both}
for name, mask in masks.items():
    output, weights = attention(q, k, v, mask)
    print(f"{name}，「苹果」的输出 {output[2].numpy()}")
    print(weights.numpy())
# --8<-- [end:masks]

# --8<-- [start:empty-row]
nothing = ops.zeros(4, dtype="bool")  # 都不许看
naive = ops.softmax(ops.full((4, 4), -math.inf), axis=-1)
_, safe = attention(q, k, v, nothing)
print("填负无穷：", naive[2].numpy())
print("填最小的有限数，再乘掩码：", safe[2].numpy())
# --8<-- [end:empty-row]

# --8<-- [start:library]
by_hand, _ = attention(q, k, v, both)
# 这个函数要 (batch, position, head, dim)，掩码也要四个轴
four_axes = [t[None, :, None] for t in (q, k, v)]
mask = both[None, None]
library = ops.dot_product_attention(*four_axes, mask=mask)
gap = float(ops.max(ops.abs(by_hand - library[0, :, 0])))
print("手写的与库的相差不到 1e-6：", gap < 1e-6)
# --8<-- [end:library]
