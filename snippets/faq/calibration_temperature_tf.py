# --8<-- [start:data]
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from sklearn.datasets import load_digits

keras.config.set_floatx("float64")
images, labels = load_digits(return_X_y=True)


def split(seed):
    """100 张训练，500 张定温度，1197 张测试；开始的权重由 NumPy 抽。"""
    rng = np.random.default_rng(seed)
    rows = np.split(rng.permutation(len(images)), [100, 600])
    parts = [(images[r] / 16, labels[r]) for r in rows]
    w = [rng.normal(size=s) * np.sqrt(2 / s[0]) for s in [(64, 64), (64, 10)]]
    return parts, w


# --8<-- [end:data]


# --8<-- [start:train]
cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def train(x, y, w):
    hidden = layers.Dense(64, activation="relu")
    model = keras.Sequential([keras.Input((64,)), hidden, layers.Dense(10)])
    model.set_weights([w[0], np.zeros(64), w[1], np.zeros(10)])
    optimizer = keras.optimizers.SGD(0.25, momentum=0.9)
    model.compile(optimizer, cross_entropy)
    batches = tf.data.Dataset.from_tensors((x, y)).repeat(500)
    model.fit(batches, shuffle=False, verbose=0)  # 早就全对了，还在练
    return model


# --8<-- [end:train]


# --8<-- [start:temperature]
class Temperature(layers.Layer):
    """只有一个参数；学 log T，T 就不会变成负数。"""

    def build(self, shape):
        self.log_t = self.add_weight(shape=(), initializer="zeros")

    def call(self, z):
        return z / ops.exp(self.log_t)


def fit_temperature(z, y):
    layer = Temperature()
    model = keras.Sequential([keras.Input((10,)), layer])
    model.compile(keras.optimizers.SGD(1.0), cross_entropy)
    batches = tf.data.Dataset.from_tensors((z, y)).repeat(200)
    model.fit(batches, shuffle=False, verbose=0)
    return float(ops.exp(layer.log_t))


# --8<-- [end:temperature]


# --8<-- [start:measure]
def measure(z, y, n_bins=15):
    """准确率、平均置信度、ECE、交叉熵。"""
    p = ops.softmax(z)
    confidence = ops.max(p, axis=1)
    right = ops.cast(ops.argmax(p, axis=1) == y, "float64")
    edges = ops.linspace(0.0, 1.0, n_bins + 1)[1:-1]
    index = ops.searchsorted(edges, confidence)
    gaps = ops.segment_sum(confidence - right, index, n_bins)
    error = ops.sum(ops.abs(gaps)) / len(y)
    found = ops.mean(right), ops.mean(confidence), error, cross_entropy(y, z)
    return [float(m) for m in found]


# --8<-- [end:measure]


# --8<-- [start:compare]
runs = []
for seed in range(5):
    (fit, held, test), w = split(seed)
    model = train(*fit, w)
    z_held, z_test = (model.predict(x, verbose=0) for x, _ in (held, test))
    T = fit_temperature(z_held, held[1])
    runs.append((z_held, held[1], z_test, test[1], T))

before = np.mean([measure(z, y) for _, _, z, y, _ in runs], axis=0)
after = np.mean([measure(z / T, y) for _, _, z, y, T in runs], axis=0)
for name, row in [("原来", before), ("除以 T", after)]:
    print(f"{name}：准确率 {row[0]:.2f}，置信度 {row[1]:.2f}", end="，")
    print(f"ECE {row[2]:.3f}，交叉熵 {row[3]:.3f}")
found = [T for *_, T in runs]
print(f"五次的 T：{min(found):.2f} 到 {max(found):.2f}")
# --8<-- [end:compare]


# --8<-- [start:objective]
z, y, *_ = runs[0]  # 第一个网络，定温度的例子
grid = np.arange(100, 301) / 100
rows = {f"ECE，{k} 箱": [measure(z / t, y, k)[2] for t in grid] for k in (10, 15, 20)}
rows["交叉熵"] = [measure(z / t, y)[3] for t in grid]
for name, values in rows.items():
    rising = np.diff(values) > 0
    turns = (rising[1:] != rising[:-1]).sum()
    best = grid[np.argmin(values)]
    print(f"{name}：最小在 T = {best:.2f}，由升转降、由降转升共 {turns} 次")
# --8<-- [end:objective]
