# --8<-- [start:network]
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits

keras.config.set_floatx("float64")  # 为了与 NumPy 版印出同样的数


def build():
    """末层不接激活函数，它的输出是 logits。"""
    return keras.Sequential(
        [
            keras.Input((64,)),
            layers.Dense(32, activation="relu"),  # 权重存成 (in, out)
            layers.Dense(16, activation="relu"),
            layers.Dense(10),
        ]
    )


# 这个损失默认收概率；收 logits 要说明
cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# --8<-- [end:network]


# --8<-- [start:backward]
def gradients(model, x, y):
    """损失，以及 [dW1, db1, dW2, …]。"""
    with tf.GradientTape() as tape:  # 只有这一段里的运算被记录
        loss = cross_entropy(y, model(x))  # Keras 先写标签
    return loss, tape.gradient(loss, model.trainable_variables)


# --8<-- [end:backward]


# --8<-- [start:data]
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]
x_train, y_train = images[:1500], labels[:1500]
x_test, y_test = images[1500:], labels[1500:]


def initial(last=0.1):
    """权重与 NumPy 版相同，偏置为 0；末层的权重再乘 last。"""
    rng, model = np.random.default_rng(1), build()
    for layer in model.layers:
        n_in, n_out = layer.kernel.shape
        w = rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in)
        layer.kernel.assign(w)
    kernel = model.layers[-1].kernel
    kernel.assign(kernel * last)
    return model


print("参数", initial().count_params(), "个")
# --8<-- [end:data]


# --8<-- [start:check]
_, grads = gradients(initial(), x_train[:50], y_train[:50])
for n, (dw, db) in enumerate(zip(grads[::2], grads[1::2], strict=True), 1):
    norms = tf.norm(dw), tf.norm(db)
    print(f"第 {n} 层梯度的长度：W {norms[0]:.6f}，b {norms[1]:.6f}")
# --8<-- [end:check]


# --8<-- [start:first-loss]
for last in [0.1, 1, 10]:
    loss = cross_entropy(y_train, initial(last)(x_train))
    print(f"末层乘 {last}：初始损失 {loss:.2f}")
# --8<-- [end:first-loss]


# --8<-- [start:train]
def train(rate, epochs=20):
    model = initial()  # 有 GPU 时 TensorFlow 自己会用
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=rate),
        loss=cross_entropy,
        metrics=["accuracy"],
    )
    history = model.fit(
        x_train,
        y_train,
        batch_size=50,
        epochs=epochs,
        shuffle=False,  # 平时不写这一行：默认每轮打乱
        validation_data=(x_test, y_test),
        verbose=0,
    ).history
    return model, list(zip(history["loss"], history["val_loss"], strict=True))


# --8<-- [end:train]


# --8<-- [start:run]
model, history = train(rate=0.125)
for epoch in [1, 2, 5, 10, 20]:
    train_loss, test_loss = history[epoch - 1]
    print(f"第 {epoch} 轮：训练损失 {train_loss:.4f}，测试损失 {test_loss:.4f}")
_, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"测试 {len(y_test)} 张，对 {accuracy * len(y_test):.0f} 张")
guess = model.predict(x_test, verbose=0).argmax(axis=1)
wrong = np.flatnonzero(guess != y_test)
print("认错的前四张，写的是", y_test[wrong[:4]], "认成", guess[wrong[:4]])
# --8<-- [end:run]
