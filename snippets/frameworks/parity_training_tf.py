# --8<-- [start:setup]
import math

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

DTYPE = "float32"  # 换成 float64，可以分清舍入与错误
dataset = load_breast_cancer()
y = (dataset.target == 0).astype(DTYPE)  # 恶性 = 1
rest, test = train_test_split(
    np.arange(len(y)), test_size=114, stratify=y, random_state=0
)
train, valid = train_test_split(rest, test_size=114, stratify=y[rest], random_state=0)
mean = dataset.data[train].mean(axis=0).astype(DTYPE)  # (30,)，只看训练集
scale = dataset.data[train].std(axis=0).astype(DTYPE)
x = dataset.data.astype(DTYPE)  # (569, 30)，还没有标准化
# --8<-- [end:setup]


# --8<-- [start:model]
def initial(n):
    """NumPy 版的初始权重：抄权重，不要抄种子。"""
    rng = np.random.default_rng(0)
    a1, a2 = np.sqrt(6 / (n + 10)), np.sqrt(6 / (10 + 1))
    w1 = rng.uniform(-a1, a1, (n, 10)).astype(DTYPE)  # (in, out)
    w2 = rng.uniform(-a2, a2, (10, 1)).astype(DTYPE)
    return w1, np.zeros(10, DTYPE), w2, np.zeros(1, DTYPE)


def build(n):
    rows = keras.Input(shape=(n,))
    # 标准化是模型的第一层；给定均值和方差，就不必再 adapt()
    normalise = keras.layers.Normalization(mean=mean[:n], variance=scale[:n] ** 2)
    hidden = keras.layers.Dense(10, activation="relu")(normalise(rows))
    logit = keras.layers.Dense(1)(hidden)  # 没有 sigmoid：输出 logit
    model = keras.Model(rows, logit)
    model.set_weights(initial(n))  # Dense 的权重是 (in, out)，偏置紧跟在后
    return model


keras.config.set_floatx(DTYPE)
# --8<-- [end:model]


# --8<-- [start:order]
class Batches(keras.utils.PyDataset):
    """每一轮按 NumPy 抽出的次序给出小批量。"""

    def __init__(self, n):
        super().__init__()
        self.n, self.rng = n, np.random.default_rng(1)
        self.order = train  # fit 在第一轮之前会先取几批，看形状

    def __len__(self):
        return math.ceil(len(train) / 32)

    def __getitem__(self, index):
        batch = self.order[index * 32 : (index + 1) * 32]
        return x[batch, : self.n], y[batch, None]  # 标签 (batch, 1)，与 logit 同形

    def on_epoch_begin(self):  # on_epoch_end 在训练开始前还会多调用一次
        self.order = self.rng.permutation(train)


class RunningLoss(keras.callbacks.Callback):
    """logs["loss"] 是这一轮到此为止的平均，不是这一个小批量的损失。"""

    def on_train_begin(self, logs=None):
        self.values = []

    def on_train_batch_end(self, batch, logs=None):
        self.values.append(logs["loss"])


# --8<-- [end:order]


# --8<-- [start:train]
def fit(n):
    model, running = build(n), RunningLoss()
    # epsilon 取到不起作用的大小：各框架放它的位置不同，见「二分类」一页的默认值表
    optimizer = keras.optimizers.Adam(learning_rate=0.01, epsilon=1e-12)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(optimizer=optimizer, loss=loss)
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=20, restore_best_weights=True
    )
    history = model.fit(
        Batches(n),
        epochs=200,
        validation_data=(x[valid, :n], y[valid, None]),
        shuffle=False,  # 默认 True 会再打乱小批量的次序
        callbacks=[running, stopping],
        verbose=0,
    ).history
    # Keras 的轮数从 0 数起
    return model, stopping.best_epoch + 1, (running.values, history["val_loss"])


runs = {n: fit(n) for n in (8, 30)}
for n, (model, best_epoch, (step_loss, valid_loss)) in runs.items():
    hits = (model(x[test, :n]).numpy()[:, 0] >= 0) == y[test]
    print(f"{n} 个特征：第 {len(valid_loss)} 轮停止，共 {len(step_loss)} 步", end="；")
    print(f"取回第 {best_epoch} 轮的权重")
    print(f"  验证损失 {min(valid_loss):.4f}，停止时 {valid_loss[-1]:.4f}", end="；")
    print(f"测试集准确率 {hits.mean():.4f}")
# --8<-- [end:train]
