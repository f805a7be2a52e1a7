# --8<-- [start:data]
import keras
import numpy as np
import tensorflow as tf
from keras import ops
from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.default_rng(0).permutation(len(digits.data))
x = digits.data / 16
x = x - x[order[:1200]].mean(axis=0)  # 减去均值后，0 就是「均值像素」
x, y = tf.constant(x), tf.constant(digits.target)  # float64
train_x, train_y = ops.take(x, order[:1200], axis=0), ops.take(y, order[:1200])
test_x, test_y = ops.take(x, order[1200:], axis=0), ops.take(y, order[1200:])
# --8<-- [end:data]

# --8<-- [start:schedule]
hidden, batch, epochs, lr, momentum = 128, 50, 40, 0.5, 0.875
rng = np.random.default_rng(1)
initial = [
    rng.normal(size=(64, hidden)) * np.sqrt(2 / 64),
    np.zeros(hidden),
    rng.normal(size=(hidden, 64)) / np.sqrt(hidden),
    np.zeros(64),
]
rows = np.concatenate([rng.permutation(1200) for _ in range(epochs)])
rows = rows.reshape(-1, batch)  # (steps, B)
masks = tf.constant(rng.random((len(rows), batch, 64)) < 0.5)  # True：遮住
test_mask = tf.constant(rng.random(test_x.shape) < 0.5)
# --8<-- [end:schedule]


# --8<-- [start:model]
def masked_net(weights):
    pixels = keras.Input((64,), dtype="float64")
    h = keras.layers.Dense(hidden, activation="relu", dtype="float64")(pixels)
    guess = keras.layers.Dense(64, dtype="float64")(h)
    net = keras.Model(pixels, guess)
    net.set_weights(weights)  # Dense 存 (in, out)，与 NumPy 版相同
    return net, keras.Model(pixels, h)  # 后者是编码器，权重共用


def masked_loss(net, x, mask):
    """遮住的像素换成 0，只在遮住的地方算平方误差。"""
    guess = net(ops.where(mask, 0.0, x))
    return tf.reduce_mean(tf.boolean_mask(guess - x, mask) ** 2)


# --8<-- [end:model]

# --8<-- [start:pretrain]
net, encode = masked_net(initial)
untrained, encode_untrained = masked_net(initial)
optimizer = keras.optimizers.SGD(learning_rate=lr, momentum=momentum)


@tf.function  # 编译成图：每步快得多，结果不变
def train_step(x, mask):
    with tf.GradientTape() as tape:
        loss = masked_loss(net, x, mask)
    gradients = tape.gradient(loss, net.trainable_variables)
    optimizer.apply(gradients, net.trainable_variables)
    return loss


losses = []
for r, mask in zip(rows, masks, strict=True):
    losses.append(float(train_step(ops.take(train_x, r, axis=0), mask)))

mean_guess = tf.reduce_mean(tf.boolean_mask(test_x, test_mask) ** 2)
print(f"猜均值的误差 {mean_guess:.4f}", end="；")
print(f"网络：训练前 {masked_loss(untrained, test_x, test_mask):.4f}", end="，")
print(f"训练后 {masked_loss(net, test_x, test_mask):.4f}（测试图上）")
# --8<-- [end:pretrain]


# --8<-- [start:probe]
def draw(labels):
    """20 次抽签，每次每个数字各 labels / 10 张：(20, labels) 的行号。"""
    draws = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        of_class = [rng.permutation(np.flatnonzero(train_y == c)) for c in range(10)]
        draws.append(np.concatenate([rows[: labels // 10] for rows in of_class]))
    return tf.constant(np.stack(draws))


def probe(train_f, test_f, picked, penalty):
    """冻结特征，其上的岭回归对准 one-hot；返回 20 次抽签的测试准确率。"""
    mean = tf.reduce_mean(train_f, axis=0)
    size = tf.sqrt(tf.reduce_mean(tf.reduce_sum((train_f - mean) ** 2, axis=1)))
    train_f, test_f = (train_f - mean) / size, (test_f - mean) / size
    f = tf.gather(train_f, picked)  # (20, m, ·)
    target = tf.one_hot(tf.gather(train_y, picked), 10, dtype=f.dtype)
    f_mean = tf.reduce_mean(f, axis=1, keepdims=True)
    centred = f - f_mean
    gram = tf.matmul(centred, centred, transpose_a=True) / f.shape[1]
    moment = tf.matmul(centred, target - 0.1, transpose_a=True) / f.shape[1]
    w = tf.linalg.solve(gram + penalty * tf.eye(f.shape[2], dtype=f.dtype), moment)
    scores = test_f @ w - f_mean @ w  # 各类一样多，截距相同，略去
    guess = tf.argmax(scores, axis=-1)
    return np.mean(guess.numpy() == test_y.numpy(), axis=1)


_, _, directions = tf.linalg.svd(train_x)  # 返回的是 V，不是 Vᵀ
u = directions[:, :20]  # 前 20 个主成分，(64, 20)
features = {
    "原始像素": (train_x, test_x),
    "PCA 20 维": (train_x @ u, test_x @ u),
    "随机网络": (encode_untrained(train_x), encode_untrained(test_x)),
    "预训练后": (encode(train_x), encode(test_x)),
}
# --8<-- [end:probe]

# --8<-- [start:compare]
sizes = [10, 20, 50, 200, 1000]
print("线性探针的测试准确率，标签个数：", *sizes)
for penalty in [1e-4, 1e-3, 1e-2, 1e-1]:
    print(f"惩罚 {penalty}")
    scores = {}
    for name, (train_f, test_f) in features.items():
        scores[name] = [probe(train_f, test_f, draw(m), penalty) for m in sizes]
        print(f"  {name}：", *[f"{s.mean():.3f}" for s in scores[name]])
    *others, ours = np.array(list(scores.values()))  # 各 (5, 20)
    wins = (ours > np.max(others, axis=0)).sum(axis=1)
    print("  预训练后胜过其余三种（20 次中）：", *wins)
# --8<-- [end:compare]
