# --8<-- [start:import]
import re

import keras
import numpy as np
import tensorflow as tf
from keras import layers


def said(error, words):
    """报错的类型，与报错里从 words 起的那一行"""
    text = re.sub(r"\x1b\[\d+m", "", str(error))  # 去掉加粗的记号
    found = re.search(re.escape(words) + ".*", text)
    line = found[0] if found else text.splitlines()[-1]  # 显卡上措辞会不同
    return f"{type(error).__name__}: {line.split(' [Op:')[0]}"  # 去掉运算名


x = np.array([[1.0, 2, 3]])
# --8<-- [end:import]


# --8<-- [start:no-gradients]
v, sgd = tf.Variable(3.0), keras.optimizers.SGD(0.1)
with tf.GradientTape() as tape:
    y = v * 2
loss = y**2  # 缩进少了一级，写到了记录带外面
grads = tape.gradient(loss, [v])
try:
    sgd.apply(grads, [v])
except ValueError as e:
    print(f"梯度 {grads}，{type(e).__name__}: {e}")
with tf.GradientTape() as tape:
    loss = (v * 2) ** 2
grads = tape.gradient(loss, [v])
sgd.apply(grads, [v])
print(f"修好：梯度 {grads[0]:.1f}，v 变成 {v.numpy():.1f}")
# --8<-- [end:no-gradients]


# --8<-- [start:variable-twice]
class Late(layers.Layer):
    def call(self, x):
        return layers.Dense(1)(x)  # 每次调用都造一层新的


class Early(layers.Layer):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, x):
        return self.dense(x)


for head in (Late(), Early()):
    print("直接调用，两次相等：", np.array_equal(head(x), head(x)))
    try:
        print("修好：", keras.Sequential([head]).predict(x, verbose=0).shape)
    except ValueError as e:
        print(said(e, "tf.function").split(". ")[0])
# --8<-- [end:variable-twice]


# --8<-- [start:symbolic-bool]
class Apply(layers.Layer):
    def __init__(self, f):
        super().__init__()
        self.f = f

    def call(self, x):
        return self.f(x)


for f, words in (
    (lambda x: x if keras.ops.mean(x) > 0 else -x, "Using a symbolic"),
    (lambda x: x.numpy(), "'SymbolicTensor'"),
    (np.sin, "Cannot convert"),
):
    try:
        keras.Sequential([Apply(f)]).predict(x, verbose=0)
    except (TypeError, AttributeError, NotImplementedError) as e:
        print(said(e, words).split(". ")[0].split(" (")[0])
fixed = Apply(lambda x: keras.ops.where(keras.ops.mean(x) > 0, x, -x))
for sign in (1, -1):
    out = keras.Sequential([fixed]).predict(sign * x, verbose=0)
    print(f"修好：送 {sign} 倍的 x，得 {out[0]}")
# --8<-- [end:symbolic-bool]
