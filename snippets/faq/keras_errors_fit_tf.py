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


def network():
    return keras.Sequential([keras.Input((3,)), layers.Dense(1)])


def ready():
    model = network()
    model.compile("sgd", "mse")
    return model


# --8<-- [end:import]


# --8<-- [start:compile]
model, x, y = network(), np.zeros((4, 3)), np.zeros((4, 1))
try:
    model.fit(x, y, verbose=0)
except ValueError as e:
    print(said(e, "You must"))
model.compile("sgd")  # 没有给损失
try:
    model.fit(x, y, verbose=0)
except ValueError as e:
    print(said(e, "No loss"))
model.compile("sgd", "mse")
model.fit(x, y, verbose=0)
print("修好，走了几步：", int(model.optimizer.iterations))
# --8<-- [end:compile]


# --8<-- [start:cardinality]
x = np.array([[0.0, 1, 2], [3, 4, np.nan], [6, 7, 8], [9, 8, 7]])
y = np.arange(4.0)
ok = ~np.isnan(x).any(axis=1)  # 没有空值的行
model = ready()
try:
    model.fit(x[ok], y, verbose=0)
except ValueError as e:
    print(type(e).__name__ + ":", *str(e).splitlines())
model.fit(x[ok], y[ok], verbose=0)
print("修好，几行：", len(x[ok]), "标签：", y[ok].tolist())
# --8<-- [end:cardinality]


# --8<-- [start:unrecognized-data]
model, x, y = ready(), [[1.0, 2, 3]], [1.0]
for a, b in ((x, y), (np.array(x), y)):
    try:
        model.fit(a, b, verbose=0)
    except ValueError as e:
        print(said(e, "Unrecognized"))
model.fit(np.array(x), np.array(y), verbose=0)
print("修好，走了几步：", int(model.optimizer.iterations))
# --8<-- [end:unrecognized-data]


# --8<-- [start:object-type]
model, rows = ready(), [[1, 2, 3], [4]]  # 长短不一
ragged = np.array(rows, dtype=object)
try:
    tf.constant(ragged)
except ValueError as e:
    print(said(e, "Failed"))
try:
    model.fit(ragged, np.zeros(2), verbose=0)
except ValueError as e:
    print(said(e, "Invalid"))
fixed = keras.utils.pad_sequences(rows, padding="post")
model.fit(fixed, np.zeros(2), verbose=0)
steps = int(model.optimizer.iterations)
print("修好：", fixed.dtype, fixed.tolist(), "走了几步：", steps)
# --8<-- [end:object-type]
