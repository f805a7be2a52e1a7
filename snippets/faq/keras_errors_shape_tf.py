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


# --8<-- [end:import]


# --8<-- [start:axis-value]
x = np.zeros((4, 5))  # 4 例，各 5 个特征
model = keras.Sequential([keras.Input((3,)), layers.Dense(1, name="dense")])
try:
    model(x)
except ValueError as e:
    print(said(e, "Input 0"))
model = keras.Sequential([keras.Input(x.shape[1:]), layers.Dense(1)])
kernel = model.weights[0]
print("修好：", tuple(model(x).shape), "权重：", tuple(kernel.shape))
# --8<-- [end:axis-value]


# --8<-- [start:expected-ndim]
series = np.zeros((4, 7))  # 4 条序列，各 7 步
gray = np.zeros((4, 28, 28))  # 4 张灰度图
for layer, x in (
    (layers.LSTM(2, return_sequences=True, name="lstm"), series),
    (layers.Conv2D(2, 3, name="conv"), gray),
):
    try:
        layer(x)
    except ValueError as e:
        print(said(e, "expected"))
    print("修好：", tuple(layer(x[..., None]).shape))
# --8<-- [end:expected-ndim]


# --8<-- [start:one-sample]
image, row = np.zeros((28, 28, 1)), np.zeros(3)  # 都只有一例
conv = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(1, 3)])
dense = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
for model, x, words in (
    (conv, image, "Negative"),
    (dense, row, "Expected shape"),
):
    try:
        model.predict(x, verbose=0)
    except ValueError as e:
        print(said(e, words).split(" for ")[0])
    print("修好：", model.predict(x[None], verbose=0).shape)
# --8<-- [end:one-sample]


# --8<-- [start:incompatible-shapes]
x, scale = tf.ones((4, 3)), tf.range(4.0)  # 每行一个系数
try:
    x * scale
except tf.errors.InvalidArgumentError as e:
    print(said(e, "Incompatible"))
print("修好：", (x * scale[:, None])[:, 0].numpy().tolist())
# --8<-- [end:incompatible-shapes]
