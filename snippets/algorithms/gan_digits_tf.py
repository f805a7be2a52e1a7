# --8<-- [start:data]
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from scipy.stats import entropy
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

keras.config.set_floatx("float64")  # 换一台机器的 CPU，印出的数也一样
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]
train_set, test_set = images[:1500], images[1500:]
judge = LogisticRegression(max_iter=1000).fit(train_set, labels[:1500])
right = judge.score(test_set, labels[1500:])
print(f"裁判认测试图，认对 {right:.0%}")
# --8<-- [end:data]


# --8<-- [start:measures]
def frechet(a, b):
    """把两组图各当成一个高斯，量弗雷歇距离（照 FID 的习惯，不开方）。"""
    c, d = np.cov(a.T), np.cov(b.T)  # (64, 64)
    cross = np.linalg.eigvals(c @ d).real.clip(0)
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return apart + np.trace(c) + np.trace(d) - 2 * np.sqrt(cross).sum()


def classes(x):
    """裁判眼里，十个数字各占多少。"""
    return np.bincount(judge.predict(x), minlength=10) / len(x)


# --8<-- [end:measures]


# --8<-- [start:networks]
class GAN(keras.Model):
    def __init__(self, gamma):
        super().__init__()
        self.gamma = gamma
        sizes, leaky = (128, 128), layers.LeakyReLU(0.2)
        hidden = [layers.Dense(n, "relu") for n in sizes]
        last = layers.Dense(64, "sigmoid")
        self.G = keras.Sequential([keras.Input((16,)), *hidden, last])
        hidden = [layers.Dense(n, leaky) for n in sizes]
        last = layers.Dense(1)  # 末层不过 sigmoid
        self.D = keras.Sequential([keras.Input((64,)), *hidden, last])
        self.seed = keras.random.SeedGenerator()  # 种子听 set_random_seed 的

    def draw(self, n):
        return self.G(keras.random.normal((n, 16), seed=self.seed))


# --8<-- [end:networks]


# --8<-- [start:losses]
def d_loss(gan, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        real = gan.D(x)
    # R1：真图上，D 对每个像素的斜率，平方和要小
    slope = ops.sum(ops.square(tape.gradient(real, x)), axis=1)
    fake = gan.D(tf.stop_gradient(gan.draw(ops.shape(x)[0])))
    loss = ops.mean(ops.softplus(-real) + ops.softplus(fake))
    return loss, gan.gamma / 2 * ops.mean(slope)


def g_loss(gan, n):
    return ops.mean(ops.softplus(-gan.D(gan.draw(n))))  # 非饱和


# --8<-- [end:losses]


# --8<-- [start:train]
class Trained(GAN):
    """fit 照旧，只换一步怎么走。"""

    def compile(self, rate):
        super().compile()
        self.opt_g = keras.optimizers.Adam(rate, beta_1=0.5)
        self.opt_d = keras.optimizers.Adam(rate, beta_1=0.5)

    def train_step(self, data):
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        of_d, of_g = self.D.trainable_variables, self.G.trainable_variables
        with tf.GradientTape() as tape:
            first, penalty = d_loss(self, x)
            total = first + penalty
        self.opt_d.apply(tape.gradient(total, of_d), of_d)
        with tf.GradientTape() as tape:
            second = g_loss(self, ops.shape(x)[0])
        self.opt_g.apply(tape.gradient(second, of_g), of_g)
        return {"d": first, "g": second}


# --8<-- [end:train]

# --8<-- [start:keras-run]
for name, gamma in {"没有惩罚": 0.0, "R1": 1.0}.items():
    found = []
    for seed in range(2):
        keras.utils.set_random_seed(seed)
        gan = Trained(gamma)  # 有 GPU 时 Keras 自己会用，抽到的噪声可能不同
        gan.compile(1e-3)
        gan.fit(train_set, batch_size=100, epochs=60, verbose=0)
        drawn = [ops.convert_to_numpy(gan.draw(297)) for _ in range(5)]
        both = [(frechet(x, test_set), entropy(classes(x))) for x in drawn]
        found.append(np.mean(both, axis=0))
    (a, b), (c, d) = np.min(found, axis=0), np.max(found, axis=0)
    print(f"{name}，两个种子：弗雷歇距离 {a:.2f} 到 {c:.2f}，", end="")
    print(f"熵 {b:.2f} 到 {d:.2f}")
# --8<-- [end:keras-run]
