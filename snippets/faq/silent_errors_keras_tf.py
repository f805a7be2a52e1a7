# --8<-- [start:import]
import keras
import numpy as np
import tensorflow as tf

# --8<-- [end:import]


# --8<-- [start:from-logits]
z = np.array([[-3.0, -1.0]], "float32")
y = np.array([[0.0, 1.0]], "float32")
wrong = keras.losses.BinaryCrossentropy()
right = keras.losses.BinaryCrossentropy(from_logits=True)
print(f"默认：{float(wrong(y, z)):.3f}")
print(f"from_logits=True：{float(right(y, z)):.3f}")
print(f"按公式：{np.mean(np.log1p(np.exp(z)) - y * z):.3f}")
# --8<-- [end:from-logits]


# --8<-- [start:shuffled]
x = np.tile([[0.0], [1.0]], (2500, 1))  # 标签就是输入
rows = tf.data.Dataset.from_tensor_slices((x, x))
mixed = rows.shuffle(5000, seed=0)
model = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
model.compile(metrics=["accuracy"], loss="mse")
for name, data in (("打乱", mixed.batch(500)), ("不打乱", rows.batch(500))):
    _, known = model.evaluate(data, verbose=0)
    p = model.predict(data, verbose=0)  # 走一遍
    y = np.concatenate([b for _, b in data])  # 又走一遍
    own = np.mean(p == y)
    print(f"{name}：evaluate 得 {known:.1f}，自己算得 {own:.1f}")
# --8<-- [end:shuffled]
