# --8<-- [start:record]
import tensorflow as tf

a = tf.Variable(2.0)
b = tf.Variable(3.0)
with tf.GradientTape() as tape:
    c = a * b
    d = c + a
    f = c * d
grads = tape.gradient(f, [a, b])
print("f 对 a、b 的导数：", *[float(g) for g in grads])
# --8<-- [end:record]

# --8<-- [start:tape]
try:
    tape.gradient(f, a)
except RuntimeError as error:
    print("同一条带子再走一趟：", str(error).split(" (")[0])

with tf.GradientTape(persistent=True) as tape:
    c = a * b
    f = tf.stop_gradient(c) * (c + a)  # 第一个 c 当作常数
partials = [float(tape.gradient(f, p)) for p in (a, b)]  # 走了两趟
print("stop_gradient 之后：", *partials)
del tape  # persistent 的带子要自己放掉

x = tf.constant(3.0)
with tf.GradientTape() as tape:
    y = x * x
print("常量，不 watch：", tape.gradient(y, x))
with tf.GradientTape() as tape:
    tape.watch(x)
    z = x * x
print("常量，watch：", float(tape.gradient(z, x)))
# --8<-- [end:tape]
