# --8<-- [start:data]
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

rng = np.random.default_rng(31)
X = rng.normal(size=(400, 8))
w = rng.normal(size=8)
y = X @ w + 0.15 * rng.normal(size=400) > 0
X *= [1000, 1000, 1000, 1000, 1, 1, 1, 1]  # 前四个特征的单位不同，真实数据常如此

train, val, test = slice(0, 240), slice(240, 320), slice(320, 400)
mean, std = X[train].mean(axis=0), X[train].std(axis=0)  # 只用训练集的统计量
X = ((X - mean) / std).astype(np.float32)
y = y[:, None].astype(np.float32)  # (400, 1)，与模型输出同形
print("训练、验证、测试：", len(y[train]), len(y[val]), len(y[test]))
# --8<-- [end:data]

# --8<-- [start:model]
init = np.random.default_rng(2)
w1 = init.uniform(-1, 1, size=(8, 10)) * np.sqrt(6 / 18)  # Glorot 均匀分布
w2 = init.uniform(-1, 1, size=(10, 1)) * np.sqrt(6 / 11)

model = keras.Sequential(
    [
        keras.Input(shape=(8,)),
        keras.layers.Dense(10, activation="relu"),
        keras.layers.Dense(1),  # 输出 logits
    ]
)
model.set_weights([w1, np.zeros(10), w2, np.zeros(1)])  # Keras 的权重是（入, 出）
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.03),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
)
# --8<-- [end:model]

# --8<-- [start:train]
stop = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
history = model.fit(
    X[train],
    y[train],
    batch_size=32,
    epochs=100,
    shuffle=False,  # 两个框架走同样的小批，才能逐步比对
    validation_data=(X[val], y[val]),
    callbacks=[stop],
    verbose=0,
)
val_losses = history.history["val_loss"]
best_epoch = int(np.argmin(val_losses)) + 1
print(f"第 1 轮：验证损失 {val_losses[0]:.4f}")
print(f"第 {best_epoch} 轮：验证损失 {min(val_losses):.4f}（最好）")
# --8<-- [end:train]

# --8<-- [start:evaluate]
logits = model.predict(X[test], verbose=0)  # (80, 1)
predicted = logits > 0  # logits 大于 0，即概率大于 0.5
assert predicted.shape == y[test].shape
correct, ones = int((predicted == y[test]).sum()), int(y[test].sum())
n = len(y[test])
print(f"总猜多数类：{100 * max(ones, n - ones) / n:.2f}")
print(f"测试准确率：{100 * correct / n:.2f}（{correct}/{n}）")
# --8<-- [end:evaluate]

# --8<-- [start:save]
model.save("errata.keras")
restored = keras.saving.load_model("errata.keras")
gap = np.abs(restored.predict(X[test], verbose=0) - logits).max()
print("存盘再读，logits 最大差 < 1e-6：", bool(gap < 1e-6))
# --8<-- [end:save]
