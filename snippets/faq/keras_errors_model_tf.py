# --8<-- [start:import]
import re
import warnings

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


# --8<-- [start:not-built]
net = keras.Sequential([layers.Dense(1)], name="net")
try:
    net.count_params()
except ValueError as e:
    print(said(e, "You tried").split(". ")[0])
print("不报错，却是空的：", net.get_weights())
net = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
print("修好：", net.count_params())
# --8<-- [end:not-built]


# --8<-- [start:keras-tensor]
x = keras.Input((3,))  # 只有形状，没有数
try:
    tf.reduce_mean(x, axis=1)
except ValueError as e:
    print(said(e, "A KerasTensor").split(". ")[0])
model = keras.Model(x, keras.ops.mean(x, axis=1))
print("修好：", model(np.array([[1.0, 2, 6]])).numpy().tolist())
# --8<-- [end:keras-tensor]


# --8<-- [start:not-a-layer]
try:
    keras.Sequential([keras.Input((2,)), tf.nn.relu])
except ValueError as e:
    print(said(e, "Only").split(". ")[0])
model = keras.Sequential([keras.Input((2,)), layers.Activation("relu")])
print("修好：", model(np.array([[-1.0, 2]])).numpy().tolist())
# --8<-- [end:not-a-layer]


# --8<-- [start:unknown-variable]
def train(name, optimizer):
    net = keras.Sequential(
        [keras.Input((3,)), layers.Dense(1, name="dense")], name=name
    )
    net.compile(optimizer, "mse")
    net.fit(np.ones((4, 3)), np.ones((4, 1)), verbose=0)
    return int(net.optimizer.iterations)


shared = keras.optimizers.Adam()
print("第一个模型，步数：", train("first", shared))
try:
    train("second", shared)
except ValueError as e:
    print(said(e, "Unknown variable").split(". ")[0])
print("修好，步数：", train("second", keras.optimizers.Adam()))
# --8<-- [end:unknown-variable]


# --8<-- [start:old-names]
def np_utils():
    from keras.utils import np_utils

    return np_utils


for old in (
    np_utils,
    lambda: keras.Sequential().fit_generator,
    lambda: keras.Sequential().predict_classes,
    lambda: keras.optimizers.Adam(lr=0.1),
):
    try:
        old()
    except (AttributeError, ImportError, ValueError) as e:
        print(type(e).__name__ + ":", str(e).split(" (")[0])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    ignored = keras.optimizers.SGD(0.1, decay=0.01)
print("只有一条警告：", caught[0].message)
slower = keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 0.01)
for way, sgd in (("旧写法", ignored), ("修好", keras.optimizers.SGD(slower))):
    sgd.iterations.assign(100)  # 好像已经走了 100 步
    print(f"{way}，第 100 步的学习率：{float(sgd.learning_rate):.2f}")
# --8<-- [end:old-names]


# --8<-- [start:placeholder]
for old in ("placeholder", "Session", "contrib"):
    try:
        getattr(tf, old)
    except AttributeError as e:
        print(type(e).__name__ + ":", e)
print("TensorFlow 2 的写法：", (2 * tf.constant(3.0)).numpy())
# disable_v2_behavior() 管整个程序，这里只借一张图
with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    a = tf.compat.v1.placeholder(tf.float32)
    print("借旧接口：", session.run(2 * a, {a: 3.0}))
# --8<-- [end:placeholder]
