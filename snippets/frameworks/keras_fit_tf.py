# --8<-- [start:data]
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(0)  # 权重、打乱、Dropout 都由它决定
x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")  # (1797, 64)
order = np.random.default_rng(0).permutation(len(x))
train, valid, test = np.split(order, [1200, 1500])
print("训练、验证、测试：", len(train), len(valid), len(test), "张")
# --8<-- [end:data]


# --8<-- [start:model]
def build(rate):
    model = keras.Sequential(
        [
            keras.Input(shape=(64,)),
            layers.Dense(32, activation="relu"),
            layers.Dropout(rate),
            layers.Dense(10),  # 十个 logit，没有 softmax
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


# --8<-- [end:model]


# --8<-- [start:hooks]
class Hooks(keras.callbacks.Callback):
    """数一数 fit 在每个钩子上停了几次。"""

    def on_train_begin(self, logs=None):
        self.epochs = self.steps = self.checks = 0

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1

    def on_test_batch_end(self, batch, logs=None):
        self.checks += 1

    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1  # logs 里有这一轮的 loss、val_loss 等


# --8<-- [end:hooks]


# --8<-- [start:train]
hooks = Hooks()
stopping = keras.callbacks.EarlyStopping(
    monitor="val_loss", patience=5, restore_best_weights=True
)
saving = keras.callbacks.ModelCheckpoint(
    "best.keras", monitor="val_loss", save_best_only=True
)
logging = keras.callbacks.CSVLogger("log.csv")
model = build(rate=0.5)
history = model.fit(
    x[train],
    y[train],
    batch_size=32,
    epochs=100,
    validation_data=(x[valid], y[valid]),
    callbacks=[hooks, stopping, saving, logging],
    verbose=0,
).history
print("history 的键：", "、".join(history))
print(f"跑了 {hooks.epochs} 轮，取回第 {stopping.best_epoch + 1} 轮的权重")
print(f"每轮 {hooks.steps / hooks.epochs:g} 步训练", end="，")
print(f"{hooks.checks / hooks.epochs:g} 步验证")
# --8<-- [end:train]


# --8<-- [start:evaluate]
found = model.evaluate(x[test], y[test], verbose=0, return_dict=True)
best = keras.models.load_model("best.keras")
again = best.evaluate(x[test], y[test], verbose=0, return_dict=True)
print(f"测试集准确率 {found['accuracy']:.2f}")
print("存下的文件与取回的权重得到同一个损失：", found["loss"] == again["loss"])
# --8<-- [end:evaluate]


# --8<-- [start:running]
for rate in [0, 0.5]:
    keras.utils.set_random_seed(0)
    model = build(rate)
    print(f"Dropout {rate:g}")
    for start, end in [(0, 1), (1, 20)]:  # 第二次 fit 接着第一次练
        past = model.fit(x[train], y[train], initial_epoch=start, epochs=end, verbose=0)
        said = past.history["loss"][-1]
        after = model.evaluate(x[train], y[train], verbose=0)[0]
        print(f"  第 {end} 轮：fit 说 {said:.2f}，随后 evaluate {after:.2f}")
# --8<-- [end:running]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "keras_fit_tf"
log = np.genfromtxt("log.csv", delimiter=",", names=True)  # 一轮一行
figure, axis = plt.subplots(figsize=(3.5, 2.8), layout="constrained")
axis.plot(log["epoch"] + 1, log["loss"], "C0--", label="loss（训练）")
axis.plot(log["epoch"] + 1, log["val_loss"], "C1-", label="val_loss（验证）")
axis.axvline(stopping.best_epoch + 1, color="0.5", lw=1)
axis.text(stopping.best_epoch + 0.5, 0.65, "取回的一轮", ha="right")
axis.set(xlabel="轮", ylim=(0, 1.5))
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(0.1, 1))
title = "CSVLogger 记下的两条线：训练损失一直在验证损失的上面"
path, about = "keras_fit_tf.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
