# --8<-- [start:tape]
import tensorflow as tf

x, w = tf.Variable(3.0), tf.Variable(2.0)
with tf.GradientTape() as tape:  # 记录带记下块里的每个运算
    y = w * x**2
dx, dw = tape.gradient(y, [x, w])
print(f"y = {y:.0f}，dy/dx = {dx:.0f}，dy/dw = {dw:.0f}")
# --8<-- [end:tape]


# --8<-- [start:watch]
c = tf.constant(3.0)
with tf.GradientTape(persistent=True) as tape:
    unwatched = c**2
    tape.watch(c)  # 从这一行起才记
    watched = c**2
print(f"没有 watch：{tape.gradient(unwatched, c)}")
print(f"watch 之后：{tape.gradient(watched, c)}")
# --8<-- [end:watch]


# --8<-- [start:once]
with tf.GradientTape() as tape:
    y = w * x**2
tape.gradient(y, x)
try:
    tape.gradient(y, w)
except RuntimeError as error:
    print(f"第二次求导：{type(error).__name__}")

with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        y = w * x**2
    first = inner.gradient(y, x)  # 这一步也在外层的记录带上
print(f"一阶 {first:.0f}，二阶 {outer.gradient(first, x):.0f}")
# --8<-- [end:once]


# --8<-- [start:cut]
def through_numpy(x):
    return tf.constant(x.numpy() ** 2)


def through_integer(x):
    return tf.cast(tf.cast(x, tf.int32), tf.float32) ** 2


def through_stop(x):
    return tf.stop_gradient(x) ** 2


ways = {
    "一直用 tf 的运算": lambda x: x**2,
    "中间变成 NumPy": through_numpy,
    "中间变成整数": through_integer,
    "经过 stop_gradient": through_stop,
}
for name, way in ways.items():
    with tf.GradientTape() as tape:
        y = way(x)
    slope = tape.gradient(y, x)
    print(f"{name}：值 {y:.0f}，导数 {slope}")
# --8<-- [end:cut]


# --8<-- [start:overwritten]
v = tf.Variable(3.0)
for step in range(2):
    with tf.GradientTape() as tape:
        y = v**2
    slope = tape.gradient(y, v)
    print(f"第 {step} 步，v 是变量：{isinstance(v, tf.Variable)}，导数 {slope}")
    v = v - 0.1  # 错：v 从此是普通张量；应写 v.assign_sub(0.1)
# --8<-- [end:overwritten]


# --8<-- [start:zero]
with tf.GradientTape(persistent=True) as tape:
    y = x**2
zero = tf.UnconnectedGradients.ZERO
print(f"没有用到 w：{tape.gradient(y, w)}", end="，")
print(f"要零：{tape.gradient(y, w, unconnected_gradients=zero)}")
# --8<-- [end:zero]
