# --8<-- [start:split]
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")


def validation_accuracy(order):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((64,)), layers.Dense(10)])
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    past = model.fit(
        x[order], y[order], epochs=10, validation_split=0.2, verbose=0
    )  # 先切下最后 20%，再打乱剩下的
    return past.history["val_accuracy"][-1]


by_label = np.argsort(y, kind="stable")  # 数据按标签排好：常见于按文件夹读
shuffled = np.random.default_rng(0).permutation(len(y))
for name, order in [("按标签排", by_label), ("先打乱", shuffled)]:
    last = y[order][int(0.8 * len(y)) :]
    print(f"{name}：验证集里的标签 {np.unique(last)}", end="，")
    print(f"验证准确率 {validation_accuracy(order):.2f}")
# --8<-- [end:split]


# --8<-- [start:accuracy]
logits = np.array([[0.3], [2.0], [-1.0], [-0.2]], "float32")
labels = np.array([[1], [1], [0], [0]], "float32")
metrics = [
    ("写 accuracy", "accuracy"),
    ("写明界是 0", keras.metrics.BinaryAccuracy(threshold=0)),
]
for name, metric in metrics:
    model = keras.Sequential([keras.Input((1,)), layers.Identity()])
    model.compile(
        loss=keras.losses.BinaryCrossentropy(from_logits=True), metrics=[metric]
    )
    _, found = model.evaluate(logits, labels, verbose=0)
    print(f"{name}：{found:.2f}")

for outputs, target in [(1, [[0.0]]), (10, [[3]]), (10, np.eye(10)[[3]])]:
    model = keras.Sequential([keras.Input((64,)), layers.Dense(outputs)])
    model.compile(loss="mse", metrics=["accuracy"])
    model.evaluate(x[:1], np.array(target), verbose=0)
    (chosen,) = model.metrics[1].metrics
    print(f"输出 {outputs} 列，标签 {np.shape(target)}：{type(chosen).__name__}")
# --8<-- [end:accuracy]


# --8<-- [start:positional]
model = keras.Sequential([keras.Input((64,)), layers.Dense(1)])
model.compile("adam", "mse", ["mae"])  # 第三个位置是 loss_weights
try:
    model.fit(x[:4], y[:4, None], verbose=0)
except ValueError as error:
    print("ValueError:", str(error).splitlines()[0])

model.compile("adam", "mse", metrics=["mae"])
print("写明 metrics：", "、".join(model.fit(x[:4], y[:4, None], verbose=0).history))
# --8<-- [end:positional]
