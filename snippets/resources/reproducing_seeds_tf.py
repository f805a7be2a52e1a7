# --8<-- [start:setup]
import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

digits = load_digits()  # 1797 张 8×8 的手写数字，随 scikit-learn 安装
images = digits.data / 16  # (1797, 64)，float64
labels = digits.target
rows = np.random.default_rng(0).permutation(len(labels))  # 划分只抽这一次
train, valid, test = rows[:500], rows[500:900], rows[900:]
print(f"训练 {len(train)}，验证 {len(valid)}，测试 {len(test)}")


def initial(seed):
    """Glorot 均匀分布的初始权重；各框架都抄这一份。"""
    rng = np.random.default_rng(seed)
    limits = np.sqrt(6 / (64 + 32)), np.sqrt(6 / (32 + 10))
    w1 = rng.uniform(-limits[0], limits[0], (64, 32))  # (in, out)
    w2 = rng.uniform(-limits[1], limits[1], (32, 10))
    return w1, np.zeros(32), w2, np.zeros(10)


def batches(seed, epochs=40, size=50):
    """小批量的次序：(步, 50)。同一个种子的两种做法看到同样的次序。"""
    rng = np.random.default_rng([seed, 1])
    orders = [rng.permutation(train).reshape(-1, size) for _ in range(epochs)]
    return np.concatenate(orders)


# --8<-- [end:setup]


# --8<-- [start:train]
x, y = tf.constant(images), tf.one_hot(labels, 10, dtype="float64")  # 标签要独热

# 有 GPU 时 TensorFlow 自己会用；float64 不受 TF32 影响
# float64：各框架的舍入小到不会改变任何一个预测，于是答对的个数必须全等
model = keras.Sequential(
    [
        keras.Input((64,), dtype="float64"),
        keras.layers.Dense(32, activation="relu", dtype="float64"),
        keras.layers.Dense(10, dtype="float64"),
    ]
)
optimizer = keras.optimizers.SGD()  # 没有动量，也就没有要清零的状态
optimizer.build(model.trainable_variables)


def make_loop(smoothing):
    criterion = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing, dtype="float64"
    )

    @tf.function  # 整个循环编译成一张图，只追踪一次
    def loop(order):
        for batch in order:
            with tf.GradientTape() as tape:
                logits = model(tf.gather(x, batch), training=True)
                loss = criterion(tf.gather(y, batch), logits)
            grads = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(grads, model.trainable_variables)

    return loop


def fit(seed, smoothing, rate):
    model.set_weights(initial(seed))  # 反复用同一个模型，免得每次重新追踪
    optimizer.learning_rate = rate
    loops[smoothing](tf.constant(batches(seed)))
    return model


def probabilities(model, rows):
    return tf.nn.softmax(model(tf.gather(x, rows))).numpy()


def correct(p, rows):
    return p.argmax(axis=-1) == labels[rows]


methods = {"不平滑": 0.0, "平滑": 0.1}  # 只有这一个数不同
loops = {smoothing: make_loop(smoothing) for smoothing in methods.values()}
# --8<-- [end:train]


# --8<-- [start:tune]
rates = (0.0625, 0.25, 1.0, 4.0)  # 两种做法：同样的候选，同样的种子，同样的步数
best_rate = {}
for name, smoothing in methods.items():
    totals = []
    for rate in rates:
        runs = [probabilities(fit(s, smoothing, rate), valid) for s in (100, 101)]
        totals.append(sum(int(correct(p, valid).sum()) for p in runs))
    best_rate[name] = rates[int(np.argmax(totals))]
    # 训练崩了的网络答对几个全凭运气，换一台机器就变：不印数字
    shown = [n if n > 400 else "训练崩了" for n in totals]
    print(f"{name}，验证集 2 个种子共答对（满分 800）", end="：")
    print("，".join(f"{r}：{n}" for r, n in zip(rates, shown, strict=True)), end="；")
    print(f"取 {best_rate[name]}")
# --8<-- [end:tune]


# --8<-- [start:compare]
seeds = range(10)  # 与调参用的种子不同
outputs = {}  # 做法 → (种子, 测试样本, 10)
for name, smoothing in methods.items():
    models = (fit(s, smoothing, best_rate[name]) for s in seeds)
    outputs[name] = np.array([probabilities(m, test) for m in models])
hits = {name: correct(p, test) for name, p in outputs.items()}  # (种子, 测试样本)

print("种子  不平滑   平滑   差")
for s in seeds:
    a, b = (int(hits[name][s].sum()) for name in methods)
    print(f"{s:4d}  {a:6d}  {b:5d}  {b - a:+3d}")
accuracy = {name: 100 * h.mean(axis=1) for name, h in hits.items()}  # 百分比
for name, values in accuracy.items():
    print(f"{name}：{values.mean():.2f} ± {values.std(ddof=1):.2f}", end="，")
    print(f"最好的种子 {values.max():.2f}")
# --8<-- [end:compare]
