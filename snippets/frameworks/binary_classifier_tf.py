# --8<-- [start:data]
import json
import math
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

DTYPE = "float32"
dataset = load_breast_cancer()
# 按列的次序取前 8 个特征：挑选时没有看标签，就没有泄漏
features = [str(name) for name in dataset.feature_names[:8]]
x = dataset.data[:, :8]  # (569, 8)
y = (dataset.target == 0).astype(DTYPE)  # 数据集里 0 是恶性；本页把恶性记为 1
print("数据集的类别 0、1：", *dataset.target_names)
print(f"特征 {x.shape[1]} 个；恶性 {int(y.sum())} 例，良性 {int((1 - y).sum())} 例")
# --8<-- [end:data]


# --8<-- [start:split]
rest, test = train_test_split(
    np.arange(len(y)), test_size=114, stratify=y, random_state=0
)
train, valid = train_test_split(rest, test_size=114, stratify=y[rest], random_state=0)
for name, rows in [("训练", train), ("验证", valid), ("测试", test)]:
    print(f"{name} {len(rows)} 例，恶性占 {y[rows].mean():.3f}")
print(f"基线：测试集全猜良性，准确率 {1 - y[test].mean():.3f}，召回率 0")
# --8<-- [end:split]


# --8<-- [start:standardise]
mean = x[train].mean(axis=0).astype(DTYPE)  # (8,)，只看训练集
scale = x[train].std(axis=0).astype(DTYPE)  # (8,)，除以 n，不是 n - 1
x = x.astype(DTYPE)
for name in ("mean area", "mean smoothness"):
    column = features.index(name)
    print(f"{name}：均值 {mean[column]:.4f}，标准差 {scale[column]:.4f}")
# --8<-- [end:standardise]


# --8<-- [start:model]
init = np.random.default_rng(0)


def glorot(n_in, n_out):
    limit = np.sqrt(6 / (n_in + n_out))
    return init.uniform(-limit, limit, (n_in, n_out)).astype(DTYPE)


keras.config.set_floatx(DTYPE)  # 换成 float64 可分清舍入与错误
rows_in = keras.Input(shape=(8,), name="features")
# 标准化是模型的第一层；给定均值和方差，就不必再 adapt()
z = keras.layers.Normalization(mean=mean, variance=scale**2)(rows_in)
hidden = keras.layers.Dense(10, activation="relu", name="hidden")(z)
logit = keras.layers.Dense(1, name="logit")(hidden)  # 没有 sigmoid：输出 logit
model = keras.Model(rows_in, logit)

# Dense 的权重是 (in, out)，偏置紧跟在后
model.get_layer("hidden").set_weights([glorot(8, 10), np.zeros(10, DTYPE)])
model.get_layer("logit").set_weights([glorot(10, 1), np.zeros(1, DTYPE)])
print("可训练参数：", sum(math.prod(w.shape) for w in model.trainable_weights))
# --8<-- [end:model]


# --8<-- [start:loss]
criterion = keras.losses.BinaryCrossentropy(from_logits=True)  # 默认对小批量取平均

confident = tf.constant([[20.0]])  # 一个很自信的 logit，而标签是 0
naive = float(-tf.math.log(1 - tf.sigmoid(confident))[0, 0])
stable = float(criterion(tf.zeros((1, 1)), confident))
print(f"logit 20、标签 0 的损失：先 sigmoid {naive}，从 logit {stable:.4f}")
# --8<-- [end:loss]


# --8<-- [start:optimizer]
# epsilon 取到不起作用的大小：各框架放它的位置不同，见「默认值」一节
optimizer = keras.optimizers.Adam(learning_rate=0.01, epsilon=1e-12)
model.compile(optimizer=optimizer, loss=criterion)


class Batches(keras.utils.PyDataset):
    """每一轮按 NumPy 画出的次序给出小批量。"""

    def __init__(self, rows, size=32):
        super().__init__()
        self.rows, self.size = rows, size
        self.rng = np.random.default_rng(1)
        self.order = rows  # fit 在第一轮之前会先取几批，看形状

    def __len__(self):
        return math.ceil(len(self.rows) / self.size)

    def __getitem__(self, index):
        batch = self.order[index * self.size : (index + 1) * self.size]
        return x[batch], y[batch, None]  # 标签 (batch, 1)，与 logit 同形

    def on_epoch_begin(self):  # on_epoch_end 在训练开始前还会多调用一次
        self.order = self.rng.permutation(self.rows)


class RunningLoss(keras.callbacks.Callback):
    """logs["loss"] 是这一轮到此为止的平均，不是这一个小批量的损失。"""

    def __init__(self):
        super().__init__()
        self.values = []

    def on_train_batch_end(self, batch, logs=None):
        self.values.append(logs["loss"])


# --8<-- [end:optimizer]


# --8<-- [start:train]
running = RunningLoss()
stopping = keras.callbacks.EarlyStopping(
    monitor="val_loss", patience=20, restore_best_weights=True
)
history = model.fit(
    Batches(train),
    epochs=200,
    validation_data=(x[valid], y[valid, None]),
    shuffle=False,  # 默认 True 会再打乱小批量的次序
    callbacks=[running, stopping],
    verbose=0,
)
train_loss, valid_loss = history.history["loss"], history.history["val_loss"]
epoch, best_epoch = len(valid_loss), stopping.best_epoch + 1  # Keras 从 0 数起
print(f"第 {epoch} 轮停止，共 {len(running.values)} 步；取回第 {best_epoch} 轮的权重")
print(f"那一轮的损失：训练 {train_loss[best_epoch - 1]:.4f}", end="，")
print(f"验证 {valid_loss[best_epoch - 1]:.4f}；停止时验证 {valid_loss[-1]:.4f}")
# --8<-- [end:train]


# --8<-- [start:evaluate]
def counts(targets, probabilities, threshold):
    guess = probabilities >= threshold
    tp, fp = np.sum(guess & (targets == 1)), np.sum(guess & (targets == 0))
    fn, tn = np.sum(~guess & (targets == 1)), np.sum(~guess & (targets == 0))
    return int(tp), int(fp), int(fn), int(tn)


def roc_auc(targets, scores):
    # 随机取一例恶性、一例良性，恶性得分更高的概率；相等算一半
    pairs = scores[targets == 1][:, None] - scores[targets == 0]
    return np.mean((pairs > 0) + 0.5 * (pairs == 0))


def wilson(hits, n, z=1.959964):
    # 比例的 95 % 区间；z 是标准正态的 0.975 分位数
    centre = (hits + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(hits * (n - hits) / n + z**2 / 4)
    return centre - half, centre + half


test_logits = model.predict(x[test], verbose=0)[:, 0]
probability = tf.sigmoid(test_logits).numpy()
tp, fp, fn, tn = counts(y[test], probability, 0.5)
accuracy, precision, recall = (tp + tn) / 114, tp / (tp + fp), tp / (tp + fn)
f1, auc = 2 * tp / (2 * tp + fp + fn), roc_auc(y[test], test_logits)
print(f"测试集：真阳 {tp}，假阳 {fp}，漏诊 {fn}，真阴 {tn}")
print(f"准确率 {accuracy:.4f}，精确率 {precision:.4f}，召回率 {recall:.4f}")
print(f"F1 {f1:.4f}，ROC-AUC {auc:.4f}")
low, high = wilson(tp + tn, 114)
print(f"准确率的 95 % 区间：{low:.3f} 到 {high:.3f}")
low, high = wilson(tp, tp + fn)
print(f"召回率的 95 % 区间：{low:.3f} 到 {high:.3f}")
# --8<-- [end:evaluate]


# --8<-- [start:threshold]
def cost(targets, probabilities, threshold):
    _, fp, fn, _ = counts(targets, probabilities, threshold)
    return fp + 5 * fn  # 假设漏诊一例的代价是误报一例的 5 倍


# 在验证集上选，在测试集上报告；1/6 是概率准确时的理论值
valid_logits = model.predict(x[valid], verbose=0)[:, 0]
valid_probability = tf.sigmoid(valid_logits).numpy()
grid = np.linspace(0.05, 0.95, 19)
costs = [cost(y[valid], valid_probability, t) for t in grid]
threshold = round(float(grid[np.argmin(costs)]), 2)
at_half = cost(y[valid], valid_probability, 0.5)
print(f"验证集：阈值 {threshold} 代价最小，{min(costs)}；阈值 0.5 时 {at_half}")
for t in (0.5, 1 / 6, threshold):
    _, fp, fn, _ = counts(y[test], probability, t)
    print(f"测试集，阈值 {t:.3f}：误报 {fp}，漏诊 {fn}，代价 {fp + 5 * fn}")
# --8<-- [end:threshold]


# --8<-- [start:save]
model.save("binary_classifier.keras")  # 结构、权重、标准化都在里面
meta = {"features": features, "threshold": threshold}
Path("binary_classifier.json").write_text(json.dumps(meta), encoding="utf-8")

restored = keras.models.load_model("binary_classifier.keras")
loaded = json.loads(Path("binary_classifier.json").read_text(encoding="utf-8"))
again = restored.predict(x[test], verbose=0)[:, 0]
print("载入后的输出逐位相同：", np.array_equal(again, test_logits))
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
row = np.array([[patient[name] for name in loaded["features"]]], DTYPE)  # (1, 8)
chance = float(tf.sigmoid(restored(row))[0, 0])
z = (row - mean) / scale
for t in (0.5, float(loaded["threshold"])):
    print(f"新的一行：恶性概率 {chance:.3f}，阈值 {t} 判为", end="")
    print("恶性" if chance >= t else "良性")
print(f"离训练均值最远 {np.abs(z).max():.2f} 个标准差")
# --8<-- [end:predict]
