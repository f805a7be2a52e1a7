# --8<-- [start:data]
import json
from pathlib import Path

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(0)  # 定下初始权重与次序；换一个，后面的数都会变
# 有 GPU 时 TensorFlow 自己就用，矩阵乘法走 TF32，输出的末几位会不同
dataset = load_breast_cancer()
names = dataset.feature_names[:8].tolist()
x = dataset.data[:, :8].astype("float32")  # (569, 8)
y = (dataset.target == 0).astype("float32")[:, None]  # (569, 1)，恶性 = 1
rest, test = train_test_split(
    np.arange(len(y)), test_size=114, stratify=y, random_state=0
)
train, valid = train_test_split(rest, test_size=114, stratify=y[rest], random_state=0)
# --8<-- [end:data]


# --8<-- [start:model]
rows = keras.Input(shape=(8,))
normalise = keras.layers.Normalization()  # 标准化是模型的第一层
normalise.adapt(x[train])  # 只看训练集
hidden = keras.layers.Dense(10, activation="relu")(normalise(rows))  # (batch, 10)
logit = keras.layers.Dense(1)(hidden)  # 没有 sigmoid：输出 logit，(batch, 1)
model = keras.Model(rows, logit)
print("可训练参数：", sum(w.numpy().size for w in model.trainable_weights))
# --8<-- [end:model]


# --8<-- [start:loss]
criterion = keras.losses.BinaryCrossentropy(from_logits=True)  # 默认对小批量取平均

confident = np.array([[20]], "float32")  # 一个很自信的 logit，而标签是 0
naive = -float(keras.ops.log(1 - keras.ops.sigmoid(confident))[0, 0])
stable = float(criterion(np.zeros((1, 1)), confident))
print(f"logit 20、标签 0 的损失：先 sigmoid {naive}，从 logit {stable:.4f}")
# --8<-- [end:loss]


# --8<-- [start:train]
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss=criterion,
    metrics=[
        keras.metrics.BinaryAccuracy(threshold=0, name="accuracy"),  # logit 的界是 0
        keras.metrics.Recall(thresholds=0, name="recall"),
        keras.metrics.AUC(from_logits=True, name="auc"),
    ],
)
stopping = keras.callbacks.EarlyStopping(patience=20, restore_best_weights=True)
history = model.fit(
    x[train],
    y[train],
    batch_size=32,
    epochs=200,
    validation_data=(x[valid], y[valid]),
    callbacks=[stopping],
    verbose=0,
)
best_epoch = stopping.best_epoch + 1  # Keras 的轮数从 0 数起
print(f"第 {len(history.epoch)} 轮停止，取回第 {best_epoch} 轮的权重", end="，")
print(f"验证损失 {min(history.history['val_loss']):.3f}")
# --8<-- [end:train]


# --8<-- [start:evaluate]
scores = model.evaluate(x[test], y[test], verbose=0, return_dict=True)
print(f"准确率 {scores['accuracy']:.4f}", end="，")
print(f"召回率 {scores['recall']:.4f}", end="，")
print(f"ROC-AUC {scores['auc']:.3f}")
# --8<-- [end:evaluate]


# --8<-- [start:save]
model.save("binary_classifier.keras")  # 结构、权重、标准化都在里面
meta = {"features": names, "threshold": 1 / 6}
Path("binary_classifier.json").write_text(json.dumps(meta), encoding="utf-8")

restored = keras.models.load_model("binary_classifier.keras")
loaded = json.loads(Path("binary_classifier.json").read_text(encoding="utf-8"))
same = np.array_equal(
    restored.predict(x[test], verbose=0), model.predict(x[test], verbose=0)
)
print("载入后的输出逐位相同：", same)
# --8<-- [end:save]


# --8<-- [start:predict]
patient = {  # 一行编造的新数据；键的次序不必与训练时相同，单位必须相同
    "mean area": 531.0,
    "mean radius": 13.2,
    "mean texture": 19.5,
    "mean perimeter": 85.8,
    "mean smoothness": 0.098,
    "mean concavity": 0.09,
    "mean compactness": 0.1,
    "mean concave points": 0.05,
}
row = np.array([[patient[name] for name in loaded["features"]]], "float32")
chance = float(keras.ops.sigmoid(restored(row))[0, 0])
for t in (0.5, loaded["threshold"]):
    print(f"恶性概率 {chance:.2f}，阈值 {t:.3f}：判为", end="")
    print("恶性" if chance >= t else "良性")
z = restored.layers[1](row)  # 第二层就是标准化
print(f"离训练均值最远 {float(keras.ops.max(keras.ops.abs(z))):.2f} 个标准差")
# --8<-- [end:predict]
