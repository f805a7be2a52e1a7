# --8<-- [start:data]
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from sklearn.datasets import load_digits

keras.config.set_floatx("float64")  # 各台机器印出同样的数
images, _ = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images = images[order] / 16  # (1797, 64)，0 到 1
train_set, test_set = images[:1500], images[1500:]
# --8<-- [end:data]


# --8<-- [start:model]
class VAE(keras.Model):
    def __init__(self, latent=8, hidden=64):
        super().__init__()
        relu = layers.Dense(hidden, activation="relu")
        self.encoder = keras.Sequential([relu, layers.Dense(2 * latent)])
        relu = layers.Dense(hidden, activation="relu")
        self.decoder = keras.Sequential([relu, layers.Dense(64)])
        self.log_sigma = self.add_weight(
            name="log_sigma", initializer=keras.initializers.Constant(-1.5)
        )
        self.seed = keras.random.SeedGenerator(0)
        self.fit_term = keras.metrics.Mean(name="fit")
        self.kl_term = keras.metrics.Mean(name="kl")

    def call(self, x):
        mean, log_var = ops.split(self.encoder(x), 2, axis=-1)
        epsilon = keras.random.normal(ops.shape(mean), seed=self.seed)
        z = mean + ops.exp(log_var / 2) * epsilon  # 重参数化
        return self.decoder(z), mean, log_var


# --8<-- [end:model]


# --8<-- [start:loss]
def elbo_terms(x, model):
    """每张图的重构项（64 个像素求和）与 KL（8 维求和）。"""
    x_hat, mean, log_var = model(x)
    distance = ops.square((x - x_hat) / ops.exp(model.log_sigma))
    log_p = -(distance + np.log(2 * np.pi)) / 2 - model.log_sigma
    kl = (ops.square(mean) + ops.exp(log_var) - 1 - log_var) / 2
    return ops.sum(log_p, axis=1), ops.sum(kl, axis=1)


# --8<-- [end:loss]


# --8<-- [start:train]
class Trained(VAE):
    """损失要两项，compile 的 loss 装不下，所以自己写 train_step。"""

    def train_step(self, x):
        with tf.GradientTape() as tape:
            fit, kl = elbo_terms(x, self)
            loss = ops.mean(kl - fit)  # 求和之后，只对批平均
        weights = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        return self.note(fit, kl)

    def test_step(self, x):
        return self.note(*elbo_terms(x, self))

    def note(self, fit, kl):
        self.fit_term.update_state(fit)
        self.kl_term.update_state(kl)
        return {m.name: m.result() for m in (self.fit_term, self.kl_term)}


# --8<-- [end:train]

# --8<-- [start:keras]
found = []
for seed in range(2):
    keras.utils.set_random_seed(seed)
    model = Trained()
    model.compile(optimizer=keras.optimizers.Adam(5e-3))
    model.fit(train_set, batch_size=100, epochs=40, verbose=0)
    said = model.evaluate(test_set, batch_size=297, return_dict=True, verbose=0)
    found.append((said["fit"], said["kl"]))
fit, kl = np.mean(found, axis=0)
elbo = [a - b for a, b in found]
print(f"测试图，两个种子：重构项 {fit:.1f}，KL {kl:.1f}")
print(f"ELBO {np.mean(elbo):.1f}（{min(elbo):.1f} 到 {max(elbo):.1f}）")
# --8<-- [end:keras]
