# --8<-- [start:data]
import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

keras.config.set_floatx("float64")  # 换一台机器的 CPU，印出的数也一样
images, _ = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images = images[order] / 16  # (1797, 64)，0 到 1
train_set, test_set = images[:1500], images[1500:]
# --8<-- [end:data]


# --8<-- [start:model]
class VAE(keras.Model):
    def __init__(self, latent=8, hidden=64):
        super().__init__()
        self.encoder = keras.Sequential(
            [layers.Dense(hidden, "relu"), layers.Dense(2 * latent)]
        )
        self.decoder = keras.Sequential(
            [layers.Dense(hidden, "relu"), layers.Dense(64)]
        )
        self.log_sigma = self.add_weight(
            name="log_sigma", initializer=keras.initializers.Constant(-1.5)
        )
        self.seed = keras.random.SeedGenerator()  # 种子听 set_random_seed 的
        self.fit_term = keras.metrics.Mean(name="fit")
        self.kl_term = keras.metrics.Mean(name="kl")

    def call(self, x):
        mean, log_var = ops.split(self.encoder(x), 2, axis=-1)
        epsilon = keras.random.normal(ops.shape(mean), seed=self.seed)
        z = mean + ops.exp(log_var / 2) * epsilon  # 重参数化
        return self.decoder(z), mean, log_var


# --8<-- [end:model]


# --8<-- [start:loss]
def elbo_terms(x, output, log_sigma):
    """每张图的重构项（64 个像素求和）与 KL（8 维求和）。"""
    x_hat, mean, log_var = output
    distance = ops.square((x - x_hat) / ops.exp(log_sigma))
    log_p = -(distance + np.log(2 * np.pi)) / 2 - log_sigma
    kl = (ops.square(mean) + ops.exp(log_var) - 1 - log_var) / 2
    return ops.sum(log_p, axis=1), ops.sum(kl, axis=1)


# --8<-- [end:loss]


# --8<-- [start:train]
class Trained(VAE):
    """负的 ELBO 当损失；fit 与 evaluate 都用它。"""

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        fit, kl = elbo_terms(x, y_pred, self.log_sigma)
        self.fit_term.update_state(fit)
        self.kl_term.update_state(kl)
        return ops.mean(kl - fit)  # 求和之后，只对批平均


# --8<-- [end:train]

# --8<-- [start:keras]
found = []
for seed in range(2):
    keras.utils.set_random_seed(seed)
    model = Trained()  # 有 GPU 时 Keras 自己会用，抽到的 ε 可能不同
    model.compile(optimizer=keras.optimizers.Adam(5e-3))
    model.fit(train_set, batch_size=100, epochs=40, verbose=0)
    scores = model.evaluate(test_set, return_dict=True, verbose=0)
    found.append((scores["fit"], scores["kl"]))
fit, kl = np.mean(found, axis=0)
elbo = [a - b for a, b in found]
print(f"测试图，两个种子：重构项 {fit:.1f}，KL {kl:.1f}")
print(f"ELBO {np.mean(elbo):.1f}（{min(elbo):.1f} 到 {max(elbo):.1f}）")
# --8<-- [end:keras]
