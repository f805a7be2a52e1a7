# --8<-- [start:network]
import numpy as np
import tensorflow as tf

x = tf.constant([[1, 2], [3, 1]], tf.float64)  # 两个样本
y = tf.constant([[2], [1]], tf.float64)
params = {
    "W1": tf.Variable([[0, 1], [1, -1]], dtype=tf.float64),
    "b1": tf.Variable([0.5, 0.5], dtype=tf.float64),
    "W2": tf.Variable([[1], [-1]], dtype=tf.float64),
    "b2": tf.Variable([0.5], dtype=tf.float64),
}


def loss_of(W1, b1, W2, b2):
    h = tf.nn.relu(x @ W1 + b1)  # (样本, 隐藏单元)
    return tf.reduce_sum(tf.square(h @ W2 + b2 - y))


with tf.GradientTape() as tape:  # 只有这一段里的运算被记录
    loss = loss_of(**params)
grads = tape.gradient(loss, params)  # 与 params 同样的字典
print("损失：", float(loss))
for name, g in grads.items():
    print(f"{name} 的梯度：", g.numpy().tolist())
# --8<-- [end:network]

# --8<-- [start:library]
arguments = [p.value() for p in params.values()]
exact, near = tf.test.compute_gradient(loss_of, arguments, delta=1e-5)
print("库里的梯度检查通过：", all(map(np.allclose, exact, near)))
# --8<-- [end:library]
