# --8<-- [start:sound]
import numpy as np
import torch
from transformers import WhisperFeatureExtractor

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


# --8<-- [start:torch-call]
wave = torch.from_numpy(sound)
window = torch.hann_window(SIZE, dtype=wave.dtype)
options = {"hop_length": HOP, "window": window, "return_complex": True}


def power(wave, center):
    spectrum = torch.stft(wave, SIZE, center=center, **options)  # (频率, 帧)
    return spectrum.abs().square().mT.numpy()


plain, centred = power(wave, center=False), power(wave, center=True)
# --8<-- [end:torch-call]


# --8<-- [start:frames]
print("不补：", plain.shape)
print("两端各补半帧：", centred.shape)
mirror = np.pad(sound, SIZE // 2, mode="reflect")
print("不补的，与手写相同：", np.allclose(plain, by_hand(sound)))
print("补了的，与先照镜子补再手写相同：", np.allclose(centred, by_hand(mirror)))
# --8<-- [end:frames]


# --8<-- [start:window]
symmetric = np.hanning(SIZE)
print("默认的窗是周期的：", np.allclose(window, hann))
print("np.hanning 是对称的，最多差", round(abs(symmetric - hann).max(), 4))
# --8<-- [end:window]


# --8<-- [start:torch-short]
short = torch.stft(wave, 512, win_length=SIZE, center=False, **options)
print("窗 400，n_fft 512：", tuple(short.mT.shape))
cut = sound[56 : 56 + SIZE] * hann  # 窗放在 512 个采样的正中
first = np.abs(np.fft.rfft(cut, 512))
print("第一帧从第 56 个采样看起：", np.allclose(short[:, 0].abs(), first))
# --8<-- [end:torch-short]


# --8<-- [start:torch-whisper]
front = WhisperFeatureExtractor()  # 默认的设置；没有下载任何东西
bank = torch.from_numpy(front.mel_filters).mT  # (80, 201)
padded = torch.nn.functional.pad(wave, (0, 29 * RATE))  # 补零到 30 秒
energy = bank @ torch.from_numpy(power(padded, center=True)).mT
log = energy[:, :-1].clamp(min=1e-10).log10()  # 丢掉末一帧
features = (torch.maximum(log, log.max() - 8) + 4) / 4
own = torch.tensor(front(sound, sampling_rate=RATE).input_features[0])
print("Whisper 的输入：", tuple(own.shape))
print("与手写的最多差不到千分之一：", bool((own - features).abs().max() < 1e-3))
print("三角形下的面积：", " ".join(f"{a:.2f}" for a in bank.sum(1)[[0, 40, 79]] * 40))
# --8<-- [end:torch-whisper]
