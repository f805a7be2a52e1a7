# --8<-- [start:hand]
import keras
import tensorflow as tf

curvature = tf.constant([1.0, 10.0])  # 平的方向，陡的方向

theta = keras.Variable([1.0, 1.0])
optimizer = keras.optimizers.Adam(learning_rate=0.1)
for t in range(3):
    x, y = theta.numpy()
    print(f"第 {t} 步：({x:.4f}, {y:.4f})")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(curvature * tf.square(theta)) / 2
    optimizer.apply(tape.gradient(loss, [theta]), [theta])
# --8<-- [end:hand]


# --8<-- [start:epsilon-hat]
def first_step(g, **options):
    theta = keras.Variable([0.0])
    optimizer = keras.optimizers.Adam(learning_rate=0.1, **options)
    optimizer.apply([tf.constant([g])], [theta])
    return -float(theta[0])


for g in [1.0, 1e-6, 1e-8]:
    default, smaller = first_step(g), first_step(g, epsilon=1e-8)
    print(f"梯度 {g:g}：默认 {default:.4f}，1e-8 {smaller:.4f}")
# --8<-- [end:epsilon-hat]


# --8<-- [start:decay-apart]
def after(steps, optimizer_class):
    """梯度正负相间，平均是 0：参数本该只受衰减的影响。"""
    w = keras.Variable([1.0, 1.0])
    optimizer = optimizer_class(learning_rate=0.01, weight_decay=0.1)
    for t in range(steps):
        sign = (-1) ** t
        g = tf.constant([2.0 * sign, 0.2 * sign])
        optimizer.apply([g], [w])
    return w.numpy()


optimizers = keras.optimizers
for cls in [optimizers.SGD, optimizers.Adam, optimizers.AdamW]:
    large, small = after(500, cls)
    print(f"{cls.__name__}：梯度大的 {large:.3f}，梯度小的 {small:.3f}")
# --8<-- [end:decay-apart]
