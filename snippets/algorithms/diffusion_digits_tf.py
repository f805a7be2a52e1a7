# --8<-- [start:measures]
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression


def frechet(a, b):
    """两组图各当成一个高斯，量弗雷歇距离。"""
    c, d = np.cov(a.T), np.cov(b.T)  # (64, 64)
    cross = np.linalg.eigvals(c @ d).real.clip(0)
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return apart + np.trace(c) + np.trace(d) - 2 * np.sqrt(cross).sum()


def distances(a, b):
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)
    return np.sqrt((squares - 2 * a @ b.T).clip(0))


# --8<-- [end:measures]


# --8<-- [start:data]
def told_apart(a, b):
    """混在一起，看最近的邻居猜自己是哪一组，猜对的比例。"""
    both = np.concatenate([a, b])
    distance = distances(both, both)
    np.fill_diagonal(distance, np.inf)  # 自己不算
    group = np.arange(len(both)) < len(a)
    return (group[distance.argmin(axis=1)] == group).mean()


keras.config.set_floatx("float64")  # 换一台机器的 CPU，印出的数也一样
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]
train_set, test_set = images[:1500], images[1500:]
train_y, test_y = labels[:1500], labels[1500:]
T, BLANK = 1000, 10  # 第 10 号标签：没有标签
beta = np.linspace(1e-4, 0.02, T)
alpha_bar = np.append(1.0, np.cumprod(1 - beta))
# --8<-- [end:data]


# --8<-- [start:model]
class Denoiser(keras.Model):
    def __init__(self, width=128):
        super().__init__()
        wide = keras.initializers.RandomNormal(stddev=1.0)  # 照 PyTorch
        self.label = layers.Embedding(11, width, wide)
        self.time = layers.Dense(width)
        self.first = layers.Dense(width)
        self.second = layers.Dense(width)
        self.third = layers.Dense(width)
        self.last = layers.Dense(64)
        self.seed = keras.random.SeedGenerator()
        self.tracker = keras.metrics.Mean(name="loss")

    def call(self, x, t, y):
        # 时刻 t 写成 16 个快慢不同的正弦与余弦
        angle = ops.cast(t, "float64")[:, None] / T * np.logspace(0, 3, 16)
        time = ops.concatenate([ops.sin(angle), ops.cos(angle)], axis=1)
        hint = self.time(time) + self.label(y)  # (batch, width)
        h = ops.silu(self.first(x) + hint)
        for layer in (self.second, self.third):
            h = h + ops.silu(layer(h) + hint)
        v = self.last(h)  # (batch, 64)
        a = ops.take(alpha_bar, t)[:, None]
        return ops.sqrt(a) * v + ops.sqrt(1 - a) * x  # 由 v 求噪声


# --8<-- [end:model]


# --8<-- [start:train]
class Trained(Denoiser):
    def train_step(self, batch):
        x_0, y = batch
        n, seed = ops.shape(y)[0], self.seed
        y = ops.where(keras.random.uniform((n,), seed=seed) < 0.1, BLANK, y)
        t = keras.random.randint((n,), 1, T + 1, seed=seed)
        a = ops.take(alpha_bar, t)[:, None]
        eps = keras.random.normal((n, 64), seed=seed)
        x_t = ops.sqrt(a) * x_0 + ops.sqrt(1 - a) * eps
        with tf.GradientTape() as tape:
            loss = ops.mean(ops.square(self(x_t, t, y) - eps))
        weights = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        self.tracker.update_state(loss)  # 不记，fit 报的就是 0
        return {"loss": self.tracker.result()}


def train(seed, epochs=100):
    keras.utils.set_random_seed(seed)
    model = Trained()  # 有 GPU 时 Keras 自己会用
    slower = keras.optimizers.schedules.CosineDecay(5e-3, epochs * 15)
    model.compile(optimizer=keras.optimizers.Adam(slower))
    x = train_set * 2 - 1  # 像素放到 −1 与 1 之间
    model.fit(x, train_y, batch_size=100, epochs=epochs, verbose=0)
    return model


# --8<-- [end:train]


# --8<-- [start:sample]
def sample(model, y, steps, w=0):
    x = np.random.default_rng(0).standard_normal((len(y), 64))
    blank = np.full_like(y, BLANK)
    times = np.linspace(T, 0, steps + 1).round().astype(int)
    for t, s in zip(times[:-1], times[1:], strict=True):
        now = np.full(len(y), t)
        eps = np.array(model(x, now, y))
        if w:  # 有标签与没有标签的差，再往前多走 w 倍
            eps = eps + w * (eps - np.array(model(x, now, blank)))
        a, b = alpha_bar[t], alpha_bar[s]
        x_0 = ((x - np.sqrt(1 - a) * eps) / np.sqrt(a)).clip(-1, 1)
        eps = (x - np.sqrt(a) * x_0) / np.sqrt(1 - a)  # 裁过要重算
        x = np.sqrt(b) * x_0 + np.sqrt(1 - b) * eps  # DDIM
    return (x + 1) / 2


# --8<-- [end:sample]

# --8<-- [start:keras]
models = [train(seed) for seed in range(2)]
judge = LogisticRegression(max_iter=2000).fit(train_set, train_y)
free = np.full_like(test_y, BLANK)
ways = [("没有标签", free, 0), ("w = 0", test_y, 0), ("w = 1", test_y, 1)]
for name, y, w in ways:
    drawn = [sample(model, y, 50, w) for model in models]
    distance = np.mean([frechet(x, test_set) for x in drawn])
    told = np.mean([told_apart(x, test_set) for x in drawn])
    right = np.mean([judge.score(x, test_y) for x in drawn])
    print(f"{name}：弗雷歇距离 {distance:.2f}，", end="")
    print(f"近邻分对 {told:.0%}", end="")
    print(f"，分类对 {right:.0%}" if y is test_y else "")
# --8<-- [end:keras]
