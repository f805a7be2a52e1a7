# --8<-- [start:plain]
import keras
import tensorflow as tf

curvature = tf.constant([1.0, 10.0])  # 平的方向，陡的方向


def loss(theta):
    return tf.reduce_sum(curvature * tf.square(theta)) / 2


def walk(rates, **options):
    theta = keras.Variable([10.0, 1.0])
    optimizer = keras.optimizers.SGD(learning_rate=rates[0], **options)
    path = [theta.numpy()]
    for rate in rates:
        optimizer.learning_rate = rate  # 平时交给 LearningRateSchedule
        with tf.GradientTape() as tape:
            now = loss(theta)
        optimizer.apply(tape.gradient(now, [theta]), [theta])
        path.append(theta.numpy())
    return path


def show(path):
    for t, theta in enumerate(path):
        x, y = theta
        print(f"第 {t} 步：({x:.3f}, {y:.3f})，损失 {loss(theta):.3f}")


show(walk([0.15] * 3))
# --8<-- [end:plain]

# --8<-- [start:momentum]
show(walk([0.15] * 3, momentum=0.5))
# --8<-- [end:momentum]

# --8<-- [start:nesterov]
show(walk([0.05] * 3, momentum=0.6, nesterov=True))
# --8<-- [end:nesterov]

# --8<-- [start:rate-inside]
schedules = {
    "不变": [0.05] * 20,
    "变小": [0.05] * 10 + [0.005] * 10,
}
for name, rates in schedules.items():
    path = walk(rates, momentum=0.9)
    after = [f"{path[t][0]:.3f}" for t in (10, 11, 12, 20)]
    print(f"学习率{name}：", *after)
# --8<-- [end:rate-inside]
