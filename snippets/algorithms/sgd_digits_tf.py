# --8<-- [start:network]
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

keras.config.set_floatx("float64")  # 为了与 NumPy 版印出同样的数
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]
x_train, y_train = images[:1500], labels[:1500]
x_test, y_test = images[1500:], labels[1500:]


def build():
    """权重与 NumPy 版相同。"""
    first, last = layers.Dense(32, activation="relu"), layers.Dense(10)
    model = keras.Sequential([keras.Input((64,)), first, last])
    rng = np.random.default_rng(1)
    first.kernel.assign(rng.normal(size=(64, 32)) * np.sqrt(2 / 64))
    last.kernel.assign(rng.normal(size=(32, 10)) * np.sqrt(2 / 32) * 0.1)
    return model


# --8<-- [end:network]


# --8<-- [start:train]
def train(size=50, epochs=20, **options):
    model = build()  # 有 GPU 时 TensorFlow 自己会用
    model.compile(
        optimizer=keras.optimizers.SGD(**options),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(
        x_train,
        y_train,
        batch_size=size,
        epochs=epochs,
        shuffle=False,  # 平时不写这一行：默认每轮打乱
        verbose=0,
    ).history["loss"]
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    return history, round(accuracy * len(y_test))


# --8<-- [end:train]


# --8<-- [start:run]
ways = {
    "0.05，无动量": {"learning_rate": 0.05},
    "0.005，动量 0.9": {"learning_rate": 0.005, "momentum": 0.9},
    "0.05，动量 0.9": {"learning_rate": 0.05, "momentum": 0.9},
    "0.05，Nesterov 0.9": {
        "learning_rate": 0.05,
        "momentum": 0.9,
        "nesterov": True,
    },
}
print("学习率：第 1、5、20 轮的损失，测试对几张")
for name, way in ways.items():
    history, right = train(**way)
    losses = [f"{history[epoch - 1]:.3f}" for epoch in (1, 5, 20)]
    print(f"{name}：", *losses, f"对 {right} 张")
# --8<-- [end:run]
