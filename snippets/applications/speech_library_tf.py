# --8<-- [start:sound]
import keras
import numpy as np
import tensorflow as tf

RATE, SIZE, HOP = 16000, 400, 160
rng = np.random.default_rng(0)
t = np.arange(RATE) / RATE
sound = np.sin(2 * np.pi * 440 * t) + 0.1 * rng.standard_normal(RATE)
hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)


def by_hand(x):
    """NumPy：不补，每帧 SIZE 个，(帧数, SIZE // 2 + 1) 的功率。"""
    cut = np.lib.stride_tricks.sliding_window_view(x, SIZE)[::HOP]
    return np.abs(np.fft.rfft(cut * hann)) ** 2


# --8<-- [end:sound]


# --8<-- [start:tf-call]
def power(wave, fft=SIZE, **options):
    spectrum = tf.signal.stft(wave, SIZE, HOP, fft_length=fft, **options)
    return np.abs(spectrum) ** 2  # (帧, 频率)


mirror = tf.pad(sound, [[SIZE // 2, SIZE // 2]], mode="REFLECT")
plain, centred = power(sound), power(mirror)  # 它没有 center，自己先补
# --8<-- [end:tf-call]


# --8<-- [start:frames]
print("不补：", plain.shape)
print("两端各补半帧：", centred.shape)
mirror = np.pad(sound, SIZE // 2, mode="reflect")
print("不补的，与手写相同：", np.allclose(plain, by_hand(sound)))
print("补了的，与先照镜子补再手写相同：", np.allclose(centred, by_hand(mirror)))
# --8<-- [end:frames]


# --8<-- [start:window]
window = tf.signal.hann_window(SIZE, dtype=tf.float64)  # stft 默认用它
symmetric = np.hanning(SIZE)
print("默认的窗是周期的：", np.allclose(window, hann))
print("np.hanning 是对称的，最多差", round(abs(symmetric - hann).max(), 4))
# --8<-- [end:window]


# --8<-- [start:tf-short]
short = power(sound, fft=None)  # 默认：不小于帧长的 2 的幂
print("窗 400，fft_length 默认：", short.shape)
first = np.abs(np.fft.rfft(sound[:SIZE] * hann, 512)) ** 2
print("第一帧从第 0 个采样看起：", np.allclose(short[0], first))
print("pad_end=True：", power(sound, pad_end=True).shape)
# --8<-- [end:tf-short]


# --8<-- [start:keras-mel]
layer = keras.layers.MelSpectrogram(
    fft_length=SIZE, sequence_stride=HOP, sampling_rate=RATE, num_mel_bins=80
)
own = keras.ops.convert_to_numpy(layer(sound.astype("float32")))
print("MelSpectrogram：", own.shape)


def mel(hz):
    return 2595 * np.log10(1 + hz / 700)


points = np.linspace(mel(20), mel(8000), 82)  # 默认从 20 赫兹起
rise = (mel(np.arange(201) * 40) - points[:-2, None]) / (points[1] - points[0])
bank = np.maximum(0, 1 - np.abs(rise - 1))  # 三角形的边在 mel 上是直线
db = 10 * np.log10(np.maximum(bank @ centred.T, 1e-10))
db = np.maximum(db, db.max() - 80)
print("与手写的最多差不到 0.1 dB：", bool(np.abs(own - db).max() < 0.1))
# --8<-- [end:keras-mel]
