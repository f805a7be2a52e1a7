# --8<-- [start:sound]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

RATE = 8000
rng = np.random.default_rng(0)
t = np.arange(RATE) / RATE  # 一秒
turns = 500 * (t - 0.3) + 3125 * (t - 0.3) ** 2  # 500 赫兹起，每秒升 6250 赫兹
sound = np.where(t < 0.25, np.sin(2 * np.pi * 1000 * t), 0.0)
sound += np.where((t >= 0.3) & (t < 0.7), np.sin(2 * np.pi * turns), 0.0)
sound[round(0.78 * RATE)] += 20  # 一声咔嗒：只有一个采样
sound += np.where(t >= 0.85, 0.5 * rng.standard_normal(RATE), 0.0)
# --8<-- [end:sound]


# --8<-- [start:frames]
def frames(x, size, hop):
    """每 hop 个采样切一帧，每帧 size 个：(帧数, size)。"""
    return np.lib.stride_tricks.sliding_window_view(x, size)[::hop]


cut = frames(sound, 256, 128)
print("帧数与每帧的采样数：", cut.shape)
print(f"每帧 {1000 * 256 / RATE:.0f} 毫秒，每 {1000 * 128 / RATE:.0f} 毫秒一帧")
# --8<-- [end:frames]


# --8<-- [start:power]
def hann(size):
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)


def stft_power(x, size, hop):
    """加窗，做傅里叶变换，取功率：(帧数, size // 2 + 1)。"""
    return np.abs(np.fft.rfft(frames(x, size, hop) * hann(size))) ** 2


power = stft_power(sound, 256, 128)
print("功率：", power.shape, f"每格 {RATE / 256} 赫兹")
for j in (5, 25, 35):
    middle = (128 * j + 128) / RATE
    peak = power[j].argmax() * RATE / 256
    print(f"第 {j} 帧，中点 {middle:.3f} 秒：最强在 {peak:.1f} 赫兹")
# --8<-- [end:power]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "speech_stft_numpy"
figure, axis = plt.subplots(figsize=(3.5, 3), layout="constrained")
rows = power.T[:128].reshape(32, 4, -1).max(1)  # 每四格画成一行，(32, 帧数)
level = 10 * np.log10(rows / rows.max() + 1e-10)
for floor in (-40, -28, -16):  # 越强，叠得越深
    strong = np.pad(level > floor, ((0, 0), (1, 1))).astype(int)
    row, left = np.nonzero(np.diff(strong) == 1)
    right = np.nonzero(np.diff(strong) == -1)[1]  # 同一行相连的并成一条
    x = np.stack([left, right, right, left], 1) * 0.016 + 0.008
    y = np.stack([row, row, row + 1, row + 1], 1) * RATE / 64
    boxes = Path.make_compound_path_from_polys(np.stack([x, y], 2))
    axis.add_patch(PathPatch(boxes, facecolor="C0", alpha=0.3, linewidth=0))
axis.set(xlim=(0, 1), ylim=(0, 4000), xlabel="时间（秒）")
axis.set_yticks([0, 1000, 2000, 3000, 4000])
axis.set_title("频率（赫兹）", loc="left", fontsize=10)
title = "一秒钟的语谱图：一条横线、一条上升的斜线、一条竖线、一片噪声"
about = {"Title": title}
figure.savefig("speech_stft_numpy.svg", transparent=True, metadata=about)
# --8<-- [end:figure]


# --8<-- [start:resolution]
def peaks(values, least=0.5):
    """不低于最大值的 least 倍的局部最大值有几个。"""
    inner = values[1:-1]
    top = (inner > values[:-2]) & (inner >= values[2:])
    return int((top & (inner >= least * values.max())).sum())


tones = np.sin(2 * np.pi * 1000 * t) + np.sin(2 * np.pi * 1060 * t)
clicks = np.zeros(RATE)
clicks[[4000, 4160]] = 1  # 相隔 20 毫秒
for size in (64, 256, 512):
    amplitude = np.abs(np.fft.rfft(tones[4000 : 4000 + size] * hann(size), 4096))
    energy = stft_power(clicks, size, 8).sum(1)
    print(f"窗 {1000 * size // RATE} 毫秒：", end="")
    print(f"相差 60 赫兹的音看见 {peaks(amplitude)} 个，", end="")
    print(f"相隔 20 毫秒的咔嗒看见 {peaks(energy)} 声")
# --8<-- [end:resolution]


# --8<-- [start:count]
n, size, hop, fft = 16000, 400, 160, 512  # 一秒，窗 25 毫秒，移 10 毫秒
for name, count in (
    ("不补，帧长 400", 1 + (n - size) // hop),
    ("不补，帧长 512", 1 + (n - fft) // hop),
    ("两端各补半帧（center）", 1 + n // hop),
    ("末尾补足（pad_end）", 1 + (n - 1) // hop),
):
    print(f"{name}：{count} 帧")
# --8<-- [end:count]
