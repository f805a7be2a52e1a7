# --8<-- [start:import]
import math
import re

import numpy as np
import tensorflow as tf
from keras import layers


def said(error, words):
    """报错的类型，与报错里从 words 起的那一行"""
    text = re.sub(r"\x1b\[\d+m", "", str(error))  # 去掉加粗的记号
    found = re.search(re.escape(words) + ".*", text)
    line = found[0] if found else text.splitlines()[-1]  # 显卡上措辞会不同
    return f"{type(error).__name__}: {line.split(' [Op:')[0]}"  # 去掉运算名


# --8<-- [end:import]


# --8<-- [start:tf-dtype]
count, price = tf.constant([1, 2]), tf.constant([0.5, 1.5])
try:
    count * price
except tf.errors.InvalidArgumentError as e:
    print(said(e, "cannot compute"))
print("修好：", (tf.cast(count, price.dtype) * price).numpy().tolist())
# --8<-- [end:tf-dtype]


# --8<-- [start:assignment]
t = tf.constant([1, 2])
try:
    t[0] = 3
except TypeError as e:
    print(type(e).__name__ + ":", e)
new = tf.tensor_scatter_nd_update(t, [[0]], [3])
print("修好：", new.numpy().tolist(), "原来的：", t.numpy().tolist())
v = tf.Variable([1, 2])
v[0].assign(3)
print("变量可以改：", v.numpy().tolist())
# --8<-- [end:assignment]


# --8<-- [start:embedding-range]
table, ids = layers.Embedding(10, 2), np.array([[3, 10]])
try:
    table(ids)
except tf.errors.InvalidArgumentError as e:
    print(said(e, "indices"))
print("最大的编号：", ids.max(), "词表：", table.input_dim)
bigger = layers.Embedding(int(ids.max()) + 1, 2)
found = bigger(ids)
right = np.array_equal(found[0, 1], bigger.get_weights()[0][10])
print("修好：", tuple(found.shape), "取到的是编号 10 那一行：", right)
last = table(np.array(9))
print("编号 -1 不报错，取到最后一行：", np.array_equal(table(np.array(-1)), last))
# --8<-- [end:embedding-range]


# --8<-- [start:out-of-memory]
message = "OOM when allocating tensor with shape[295,64,256,256] and type float"
shape = [int(n) for n in re.findall(r"\d+", message)]
each = {"float": 4, "half": 2}[message.split()[-1]]  # 一个数几字节
size = each * math.prod(shape)
print(f"这一个张量：{size} 字节，{size / 2**30:.2f} GiB")
print(f"批从 {shape[0]} 减到 32：{size * 32 / shape[0] / 2**30:.2f} GiB")
# --8<-- [end:out-of-memory]
