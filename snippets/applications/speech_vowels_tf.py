# --8<-- [start:sound]
import keras
import numpy as np
from keras import layers, ops

keras.config.set_floatx("float64")
RATE, SIZE, HOP = 8000, 256, 80  # 一帧 32 毫秒，每 10 毫秒一帧
FORMANTS = {"a": (730, 1090, 2440), "i": (270, 2290, 3010), "u": (300, 870, 2240)}
PAIRS = ("ai", "ia", "au", "ua", "iu", "ui")


def throat(f, formants):
    gain = 1
    for peak, width in zip(formants, (80, 100, 150), strict=True):
        gain = gain * peak**2 / (peak**2 - f**2 + 1j * f * width)
    return abs(gain)


def utter(rng, pair, noise, level=1.0, rate=RATE):
    """半秒：从随机的时刻起，先说一个元音，滑到另一个。"""
    pitch, scale = rng.uniform(90, 250), rng.uniform(0.9, 1.2)
    onset, length = rng.uniform(0.02, 0.15), rng.uniform(0.2, 0.33)
    f = pitch * np.arange(1, rate / 2 // pitch + 1)
    t = np.arange(rate // 2) / rate
    waves = np.cos(2 * np.pi * np.outer(t, f))
    first, second = (
        waves @ (throat(f, scale * np.array(FORMANTS[v])) * pitch / f) for v in pair
    )
    place = (t - onset) / length  # 0 到 1 之间有声音
    turn = 1 / (1 + np.exp(-30 * (place - 0.5)))  # 在中间换过去
    x = np.where(abs(place - 0.5) < 0.5, (1 - turn) * first + turn * second, 0)
    return level * (x + noise * rng.standard_normal(len(t)))


# --8<-- [end:sound]


# --8<-- [start:features]
def mel_filters(n_mels=24):
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, n_mels + 2) / 2595) - 1)
    left, middle, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    f = np.arange(SIZE // 2 + 1) * RATE / SIZE
    return np.maximum(
        0, np.minimum((f - left) / (middle - left), (right - f) / (right - middle))
    )


BANK = mel_filters()
HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)


def log_mel(x):
    """(帧数, 24)，以 10 为底。"""
    cut = np.lib.stride_tricks.sliding_window_view(x, SIZE)[::HOP]
    power = abs(np.fft.rfft(cut * HANN)) ** 2
    return np.log10(np.maximum(power @ BANK.T, 1e-10))


def batch(seed, count, noise=(0.05, 0.3), **how):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 6, count)
    x = [log_mel(utter(rng, PAIRS[k], rng.uniform(*noise), **how)) for k in y]
    return np.array(x), y  # (count, 帧数, 24)


(x, y), (new, z) = batch(0, 600), batch(1, 300)
print("训练：", x.shape, "测试：", new.shape)
# --8<-- [end:features]


# --8<-- [start:baselines]
def linear(x, y, new):
    """最小二乘的线性分类，岭系数 1。"""
    x, new = (np.column_stack([v, np.ones(len(v))]) for v in (x, new))
    w = np.linalg.solve(x.T @ x + np.eye(x.shape[1]), x.T @ np.eye(6)[y])
    return (new @ w).argmax(1)


for name, view in (
    ("对时间平均", lambda x: x.mean(1)),
    ("整张图拉直", lambda x: x.reshape(len(x), -1)),
):
    guess = linear(view(x), y, view(new))
    pair = np.mean(guess // 2 == z // 2)  # 0、1 是 ai、ia，……
    print(f"{name}，线性：{np.mean(guess == z):.0%}；不论先后 {pair:.0%}")
# --8<-- [end:baselines]


# --8<-- [start:model]
class Listener(keras.Model):
    """两层卷积，每处看见 9 帧；再取各通道在全段里的最大值。"""

    def __init__(self, centre):
        super().__init__()
        self.centre = centre  # 要不要减去全段的平均
        self.near = layers.Conv1D(32, 5, activation="relu")
        self.wide = layers.Conv1D(32, 5, activation="relu")
        self.head = layers.Dense(6)

    def call(self, x):  # (N, 帧数, 24) → (N, 6)
        if self.centre:
            x = x - ops.mean(x, axis=(1, 2), keepdims=True)
        return self.head(ops.max(self.wide(self.near(x)), axis=1))


# --8<-- [end:model]


# --8<-- [start:keras-train]
def fit(seed, centre, report=False):
    keras.utils.set_random_seed(seed)
    model = Listener(centre)  # 有 GPU 时 Keras 自己会用；去掉 set_floatx 更快
    model.compile(
        optimizer=keras.optimizers.AdamW(3e-3, weight_decay=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    log = model.fit(x, y, batch_size=32, epochs=8, verbose=0).history
    if report:
        for epoch in (1, 2, 4, 8):
            print(f"第 {epoch} 轮：损失 {log['loss'][epoch - 1]:.2f}")
    return model


def line(name, models, x, y):
    guesses = [ops.convert_to_numpy(m(x)).argmax(-1) for m in models]
    scores = [np.mean(guess == y) for guess in guesses]
    print(f"{name}：{min(scores):.0%} 到 {max(scores):.0%}")


plain = [fit(seed, centre=False, report=seed == 0) for seed in range(3)]
centred = [fit(seed, centre=True) for seed in range(3)]
line("不减平均", plain, new, z)
line("减去平均", centred, new, z)
# --8<-- [end:keras-train]


# --8<-- [start:keras-noise]
for noise in (0.3, 0.6, 1.0):
    line(f"噪声 {noise}", centred, *batch(2, 300, (noise, noise)))
# --8<-- [end:keras-noise]


# --8<-- [start:keras-mismatch]
for level in (0.01, 100):
    quiet = batch(1, 300, level=level)
    line(f"响度乘 {level}，不减平均", plain, *quiet)
    line(f"响度乘 {level}，减去平均", centred, *quiet)
line("每秒 16000 次的录音当作 8000 次", centred, *batch(1, 300, rate=16000))
# --8<-- [end:keras-mismatch]
