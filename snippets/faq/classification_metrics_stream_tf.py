# --8<-- [start:data]
import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

keras.config.set_floatx("float64")
dataset = load_breast_cancer()
x, y = dataset.data[:, [1, 5]], 1.0 - dataset.target  # 恶性 = 1.0
rows = np.arange(len(y))
train, rest = train_test_split(rows, test_size=380, stratify=y, random_state=0)
valid, test = train_test_split(rest, test_size=190, stratify=y[rest], random_state=0)
x = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
rng = np.random.default_rng(0)  # 初值由 NumPy 给，两个框架才从同一处出发
W1, W2 = rng.normal(size=(2, 8)), rng.normal(size=(8, 1)) / 8
# --8<-- [end:data]

# --8<-- [start:train]
y = y[:, None]  # (569, 1)，与输出同形
model = keras.Sequential(
    [
        keras.Input((2,)),
        layers.Dense(8, activation="tanh"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.set_weights([W1, np.zeros(8), W2, np.zeros(1)])  # Dense 是 (入, 出)
model.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
# 每一步都用全部训练数据
model.fit(x[train], y[train], batch_size=len(train), epochs=100, verbose=0)
# --8<-- [end:train]


# --8<-- [start:metrics]
def precision(truth, p):
    guess = ops.cast(p >= 0.5, p.dtype)
    called = ops.sum(guess)  # 一例也没有判为恶性：照惯例取 0
    return ops.sum(truth * guess) / ops.maximum(called, 1)


def auc(truth, p):
    gap = p[truth == 1][:, None] - p[truth == 0]  # 每一对恶性与良性
    return np.mean((gap > 0) + 0.5 * (gap == 0))


# --8<-- [end:metrics]


# --8<-- [start:batches]
def batches(size):
    starts = range(0, len(test), size)
    parts = [test[start : start + size] for start in starts]
    return [(y[rows], model.predict_on_batch(x[rows])) for rows in parts]


for size in (4, 8):
    parts = batches(size)
    precisions = [float(precision(*part)) for part in parts]
    both = [(truth, p) for truth, p in parts if 0 < truth.mean() < 1]
    aucs = [auc(*part) for part in both]  # 只有一类的批，没有 AUC
    print(f"每批 {size} 例，{len(parts)} 批，平均：", end="")
    print(f"精确率 {np.mean(precisions):.3f}，AUC {np.mean(aucs):.3f}", end="")
    print(f"（{len(parts) - len(both)} 批没有）")
# --8<-- [end:batches]

# --8<-- [start:whole]
tp, fp = keras.metrics.TruePositives(), keras.metrics.FalsePositives()
for truth, p in parts:  # 每批只累加个数，最后除一次
    tp.update_state(truth, p)
    fp.update_state(truth, p)
tp, fp = int(tp.result()), int(fp.result())
truth, p = (np.concatenate(column) for column in zip(*parts, strict=True))
exact = auc(truth, p)  # AUC 要全部得分，凑齐再算
print(f"合起来：精确率 {tp}/{tp + fp} = {tp / (tp + fp):.3f}，AUC {exact:.3f}")
# --8<-- [end:whole]


# --8<-- [start:thresholds]
def binned_auc(truth, p, count):
    """keras.metrics.AUC 只看 0 到 1 之间等距的 count 个阈值。"""
    metric = keras.metrics.AUC(num_thresholds=count)
    metric.update_state(truth, p)
    return float(metric.result())


for divisor in (1, 100):  # 除以 100，名次不变，AUC 就不该变
    values = [binned_auc(truth, p / divisor, count) for count in (200, 5000)]
    print(f"得分除以 {divisor}：数对子 {auc(truth, p / divisor):.4f}", end="，")
    print("200 个阈值 {:.4f}，5000 个阈值 {:.4f}".format(*values))
# --8<-- [end:thresholds]

# --8<-- [start:keras-compile]
# metrics 里的普通函数：Keras 每批调用一次，再取平均；指标对象才会累加
model.compile(metrics=[precision, keras.metrics.Precision(name="whole")])
for size in (4, 8):
    got = model.evaluate(x[test], y[test], size, verbose=0, return_dict=True)
    print(f"每批 {size} 例，evaluate：自己写的函数 {got['precision']:.3f}", end="，")
    print(f"keras.metrics.Precision {got['whole']:.3f}")
# --8<-- [end:keras-compile]
