# --8<-- [start:data]
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

keras.config.set_floatx("float64")  # 各种 CPU 舍入的差别小到印不出来
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images = (images[order] / 16).reshape(-1, 8, 8, 1)
margin = [(0, 0), (1, 1), (1, 1), (0, 0)]
images = np.pad(images, margin)  # 四周留一圈空白：(N, 10, 10, 1)
labels = labels[order]
x_test, y_test = images[1200:], labels[1200:]
# --8<-- [end:data]


# --8<-- [start:models]
def sequential(*parts):
    return keras.Sequential([keras.Input((10, 10, 1)), *parts])


def linear():
    return sequential(layers.Flatten(), layers.Dense(10))


def mlp():
    hidden = layers.Dense(17, activation="relu")
    return sequential(layers.Flatten(), hidden, layers.Dense(10))


def cnn():
    options = {"padding": "same", "activation": "relu"}
    return sequential(
        layers.Conv2D(8, kernel_size=3, **options),  # (10, 10, 8)
        layers.MaxPooling2D(2),  # (5, 5, 8)
        layers.Conv2D(16, kernel_size=3, **options),  # (5, 5, 16)
        layers.MaxPooling2D(2),  # (2, 2, 16)，第五行、第五列不用
        layers.Flatten(),  # 64
        layers.Dense(10),
    )


models = {"线性": linear, "全连接": mlp, "卷积": cnn}
for name, build in models.items():
    print(name, "的参数", build().count_params())
# --8<-- [end:models]


# --8<-- [start:train]
def train(build, x, seed, epochs=20):
    keras.utils.set_random_seed(seed)
    model = build()  # 有 GPU 时 TensorFlow 自己会用
    model.compile(
        optimizer=keras.optimizers.AdamW(0.01, weight_decay=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(
        x[:1200],
        labels[:1200],
        batch_size=50,
        epochs=epochs,
        verbose=0,
    ).history["loss"]
    return model, history


def accuracy(model, x):
    return model.evaluate(x, y_test, batch_size=len(x), verbose=0)[1]


# --8<-- [end:train]


# --8<-- [start:keras-compare]
trained = {}
for name, build in models.items():
    runs = [train(build, images, seed) for seed in range(3)]
    trained[name] = [model for model, _ in runs]
    loss = np.mean([history[-1] for _, history in runs])
    right = [accuracy(model, x_test) for model in trained[name]]
    print(f"{name}：训练损失 {loss:.2f}", end="，")
    print(f"测试正确率 {np.mean(right):.3f}", end="")
    print(f"（{min(right):.3f} 到 {max(right):.3f}）")
# --8<-- [end:keras-compare]


# --8<-- [start:keras-shift]
moves = {"左": (-1, 2), "右": (1, 2), "上": (-1, 1), "下": (1, 1)}
for name in models:
    found = []
    for move, (step, axis) in moves.items():
        x = np.roll(x_test, step, axis)  # 移出去的是空白，绕回来也是空白
        right = np.mean([accuracy(m, x) for m in trained[name]])
        found.append(f"{move} {right:.2f}")
    print(f"{name}，移一个像素：" + "，".join(found))
# --8<-- [end:keras-shift]
