# --8<-- [start:setup]
import keras
import tensorflow as tf
from keras import layers, ops

keras.config.set_floatx("float64")  # 换一台机器的 CPU，印出的数也一样
keras.utils.set_random_seed(0)


def mlp(n_in, n_out):
    parts = [keras.Input((n_in,)), layers.Dense(64, "relu")]
    return keras.Sequential([*parts, layers.Dense(n_out)])


G, D = mlp(8, 64), mlp(64, 1)
x = keras.random.uniform((100, 64))  # 真图（这里是随机数）
z = keras.random.normal((100, 8))

# --8<-- [end:setup]


# --8<-- [start:grads]
def length(grads):
    """None 当成 0。"""
    return tf.linalg.global_norm([g for g in grads if g is not None])


def d_loss(fake):
    return ops.mean(ops.softplus(-D(x)) + ops.softplus(D(fake)))


def g_loss(fake):
    return ops.mean(ops.softplus(-D(fake)))


# --8<-- [end:grads]

# --8<-- [start:keras-same]
of_d, of_g = D.trainable_variables, G.trainable_variables
found = {}
for name, stop in {"有 stop_gradient": True, "没有": False}.items():
    with tf.GradientTape() as tape:
        fake = G(z)
        loss = d_loss(tf.stop_gradient(fake) if stop else fake)
    found[name] = tape.gradient(loss, of_d)  # 只问 D 的，G 的就不存
apart = [ops.max(ops.abs(a - b)) for a, b in zip(*found.values(), strict=True)]
print(f"D 的梯度，两次最多差 {float(max(apart)):g}")
# --8<-- [end:keras-same]

# --8<-- [start:keras-tapes]
with tf.GradientTape() as d_tape, tf.GradientTape() as g_tape:
    fake = G(z)  # 一批假图，两条带子都记下
    losses = d_loss(fake), g_loss(fake)
d_grads = d_tape.gradient(losses[0], of_d)
g_grads = g_tape.gradient(losses[1], of_g)
alone = length(g_grads)
with tf.GradientTape() as tape:
    loss = g_loss(G(z))
again = length(tape.gradient(loss, of_g))
print("G 的梯度，同一批假图用两次，与单独算的最多差", end=" ")
print(f"{abs(float(alone - again)):g}")
# --8<-- [end:keras-tapes]

# --8<-- [start:keras-again]
with tf.GradientTape() as tape:
    fake = G(z)
    losses = d_loss(fake), g_loss(fake)
tape.gradient(losses[0], of_d)
try:
    tape.gradient(losses[1], of_g)
except RuntimeError as error:
    print("一条带子用两次：", str(error).split(" to compute")[0])
# --8<-- [end:keras-again]

# --8<-- [start:keras-generator]
with tf.GradientTape() as tape:
    loss = g_loss(tf.stop_gradient(G(z)))
grads = tape.gradient(loss, of_g)
print("G 这一步误写 stop_gradient：梯度是", set(grads))
try:
    keras.optimizers.Adam().apply(grads, of_g)
except ValueError as error:
    print("优化器报错：", error)
# --8<-- [end:keras-generator]

# --8<-- [start:keras-library]
entropy = keras.losses.BinaryCrossentropy(from_logits=True)
library = entropy(ops.ones((100, 1)), D(x)) + entropy(ops.zeros((100, 1)), D(G(z)))
apart = abs(float(library - d_loss(G(z))))
print("D 的损失，与 BinaryCrossentropy 相差不到百万分之一：", apart < 1e-6)
# --8<-- [end:keras-library]
