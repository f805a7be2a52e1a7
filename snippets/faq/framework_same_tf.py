# --8<-- [start:model]
import keras
import numpy as np
import tensorflow as tf
from keras import layers

keras.config.set_floatx("float64")
W1 = np.array([[1.0, -1.0], [1.0, 1.0]])  # (入, 出)
W2 = np.array([[1.0], [-1.0]])

model = keras.Sequential(
    [keras.Input((2,)), layers.Dense(2, activation="relu"), layers.Dense(1)]
)
model.set_weights([W1, np.zeros(2), W2, np.zeros(1)])  # Dense 也是 (入, 出)
# --8<-- [end:model]


# --8<-- [start:loss]
x, y = np.array([[1.0, 2.0]]), np.array([[1.0]])  # 一个样本
with tf.GradientTape() as tape:  # 记下这一段，才能求导
    out = model(x)
    loss = keras.ops.mean((out - y) ** 2)
print(f"输出：{out.numpy().item():.1f}，损失：{loss.numpy():.1f}")
# --8<-- [end:loss]


# --8<-- [start:gradient]
grads = tape.gradient(loss, model.trainable_variables)
grad_1 = grads[0].numpy()
print("第一层权重的梯度（入，出）：", grad_1.tolist())
# --8<-- [end:gradient]


# --8<-- [start:step]
optimizer = keras.optimizers.SGD(learning_rate=0.02)
optimizer.apply(grads, model.trainable_variables)
loss = keras.ops.mean((model(x) - y) ** 2)
print(f"走一步之后，损失：{loss.numpy():.4f}")
# --8<-- [end:step]
