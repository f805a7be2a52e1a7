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


def first_loss(units, activation, loss, y):
    """输入全是 0，偏置也从 0 起，各类的概率就相同，第一个损失可以预先算出"""
    last = layers.Dense(units, activation=activation)
    model = keras.Sequential([keras.Input((3,)), last])
    model.compile("sgd", loss)
    x = np.zeros((len(y), 3))
    return model.fit(x, y, verbose=0).history["loss"][0]


dense, sparse = "categorical_crossentropy", "sparse_categorical_crossentropy"
# --8<-- [end:import]


# --8<-- [start:same-rank]
ids = np.array([0, 1, 2, 0])
one_hot = keras.utils.to_categorical(ids, num_classes=3)
for loss, y in ((dense, ids), (sparse, one_hot)):
    try:
        first_loss(3, "softmax", loss, y)
    except ValueError as e:
        print(said(e, "Argument"))
for loss, y in ((sparse, ids), (dense, one_hot)):
    print(f"修好：{loss}，{first_loss(3, 'softmax', loss, y):.4f}")
# --8<-- [end:same-rank]


# --8<-- [start:same-shape]
y = np.array([[0], [1], [1], [0]])
binary = "binary_crossentropy"
try:
    first_loss(2, "softmax", binary, y)
except ValueError as e:
    print(said(e, "Argument"))
print(f"修好，一列：{first_loss(1, 'sigmoid', binary, y):.4f}")
print(f"修好，两列：{first_loss(2, 'softmax', sparse, y):.4f}")
# --8<-- [end:same-shape]


# --8<-- [start:label-range]
y = np.array([1, 2, 3, 1])  # 三类，从 1 数起
try:
    first_loss(3, "softmax", sparse, y)
except tf.errors.InvalidArgumentError as e:
    print(said(e, "Received a label").split(".  ")[0])  # 只要头一句
y = y - 1
print("修好，标签：", y.tolist())
print(f"第一个损失：{first_loss(3, 'softmax', sparse, y):.4f}")
# --8<-- [end:label-range]
