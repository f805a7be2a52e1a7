# --8<-- [start:data]
import contextlib
import io
import os
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(31)
X = rng.normal(size=(400, 8)).astype(np.float32)
w = rng.normal(size=8)
y = (X @ w + 0.15 * rng.normal(size=400) > 0).astype(np.float32)
data = {
    "x_train": X[:320],
    "y_train": y[:320],
    "x_test": X[320:],
    "y_test": y[320:],
}
# --8<-- [end:data]

# --8<-- [start:origin]
ORIGIN = """
import tensorflow as tf

# Define the model structure
model = tf.keras.models.Sequential([
   tf.keras.layers.Dense(units=10, input_shape=[8], activation='relu'),
   tf.keras.layers.Dense(units=1, activation='sigmoid')
])

# Compile the model
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])

# Train the model
model.fit(x_train, y_train, epochs=5)

# Evaluate the model
loss, accuracy = model.evaluate(x_test, y_test)
print('Test accuracy:', accuracy)
"""

NEW_INPUT = """   tf.keras.Input(shape=(8,)),
   tf.keras.layers.Dense(units=10,"""
# --8<-- [end:origin]


# --8<-- [start:repair]
def attempt(title, source=ORIGIN, **supplied):
    """在只含 supplied 的空命名空间里运行原文；印出警告、异常或成绩。"""
    keras.utils.set_random_seed(0)  # 原文不设种子，每次运行权重都不同；这里固定
    names, outcome = dict(supplied), None
    print(f"【{title}】")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # 进度条不印
                exec(source, names)
            outcome = f"Test accuracy: {names['accuracy']:.4f}"
        except NameError as error:
            outcome = f"NameError: {error}"
    for warning in caught:
        if warning.category is UserWarning:
            print("UserWarning:", str(warning.message).split(".")[0])
    print(outcome)
    return names


attempt("原样运行")
names = attempt("补四个数组", **data)
# --8<-- [end:repair]

# --8<-- [start:undertrained]
print("参数个数：", names["model"].count_params())
y_test = data["y_test"]
print(f"总猜多数类：{max(y_test.mean(), 1 - y_test.mean()):.4f}")
patient = (
    ORIGIN.replace("epochs=5", "epochs=30")
    .replace("'adam'", "tf.keras.optimizers.Adam(0.01)")
    .replace("   tf.keras.layers.Dense(units=10, input_shape=[8],", NEW_INPUT)
)
trained = attempt("学习率 0.01，30 轮，改用 Input", patient, **data)
# --8<-- [end:undertrained]

# --8<-- [start:units]
# 同一份数据，只是前四个特征换了单位（例如米换成毫米）
units = np.array([1000, 1000, 1000, 1000, 1, 1, 1, 1], np.float32)
raw = dict(data, x_train=data["x_train"] * units, x_test=data["x_test"] * units)
with contextlib.redirect_stdout(io.StringIO()):
    mixed = attempt("换单位，不标准化", patient, **raw)
drop = trained["accuracy"] - mixed["accuracy"]
print("前四个特征换了单位，不标准化，准确率掉 5 个百分点以上：", drop > 0.05)
# --8<-- [end:units]

# --8<-- [start:saturation]
z, target = tf.Variable([[200.0]]), tf.zeros((1, 1))
bce = keras.losses.BinaryCrossentropy()
cases = {
    "tf.sigmoid 的概率": lambda: bce(target, tf.sigmoid(z)),
    "Keras 的 sigmoid 激活": lambda: bce(target, keras.activations.sigmoid(z)),
    "logits": lambda: keras.losses.BinaryCrossentropy(from_logits=True)(target, z),
}
for name, case in cases.items():
    with tf.GradientTape() as tape:
        loss = case()
    grad = tape.gradient(loss, z).numpy().item()
    print(f"z = 200，真值 0，{name}：损失 {loss.numpy():.3f}，梯度 {grad}")
# --8<-- [end:saturation]

# --8<-- [start:defaults]
layer = keras.layers.Dense(10)
layer.build((None, 8))
print(f"Dense(10) 权重界 {(6 / (8 + 10)) ** 0.5:.4f}", end="，")
print("偏置全为 0：", bool((layer.get_weights()[1] == 0).all()))
adam = keras.optimizers.Adam()
print(f"Adam：lr {float(adam.learning_rate):.3f} eps {adam.epsilon}")
# --8<-- [end:defaults]
