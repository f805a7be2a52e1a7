# --8<-- [start:sample]
import numpy as np


def sine(frequency, rate, count, start=0.0):
    """每秒采 rate 次，共 count 个；start 是开头的相位，单位为度。"""
    n = np.arange(count)
    return np.sin(2 * np.pi * frequency * n / rate + np.radians(start))


def show(values):
    """三位小数；极小的负数写成 0，不写 -0。"""
    return " ".join(f"{v:.3f}" for v in np.round(values, 3) + 0.0)


x = sine(2, rate=8, count=8)  # 每秒两圈，每秒采八次，采一秒
print("采样：", show(x))
# --8<-- [end:sample]


# --8<-- [start:dft]
def dots(x):
    """每个频率一对点积：与余弦的、与正弦的，各 (N,)。"""
    n = np.arange(len(x))
    turns = 2 * np.pi * np.outer(n, n) / len(x)  # 第 k 行转 k 圈
    return np.cos(turns) @ x, np.sin(turns) @ x


cosine, sinus = dots(x)
power = cosine**2 + sinus**2
for k in range(8):
    print(f"k={k}：余弦、正弦、功率", show([cosine[k], sinus[k], power[k]]))
same = np.allclose(cosine - 1j * sinus, np.fft.fft(x))
print("与 np.fft.fft 相同：", same)
# --8<-- [end:dft]


# --8<-- [start:phase]
for start in (0, 30, 90):
    a, b = dots(sine(2, 8, 8, start))
    print(f"从 {start} 度开始：", show([a[2], b[2], a[2] ** 2 + b[2] ** 2]))
# --8<-- [end:phase]


# --8<-- [start:leak]
a, b = dots(sine(2.5, 8, 8))
print("2.5 圈，k=0 到 4：", show((a**2 + b**2)[:5]))
# --8<-- [end:leak]


# --8<-- [start:window]
N = 64
hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N) / N)
apart = np.array([0, 1, 2, 5, 10, 20])  # 离开第 10 格几格
for name, window in (("不加窗", np.ones(N)), ("加 Hann 窗", hann)):
    for turns in (10, 10.5):  # 整圈、多半圈
        power = np.abs(np.fft.rfft(sine(turns, N, N) * window)) ** 2
        level = 10 * np.log10(power[10 + apart] / power[10] + 1e-10)
        print(f"{name}，{turns} 圈：", *np.round(level).astype(int), "dB")
# --8<-- [end:window]


# --8<-- [start:alias]
for frequency in (3, 5, 13, 4):
    print(f"{frequency} 赫兹：", show(sine(frequency, 8, 8)))
# --8<-- [end:alias]


# --8<-- [start:down]
RATE, STEP = 16000, 4  # 16 千赫，每 4 个取 1 个，成了 4 千赫
sound = sine(500, RATE, RATE) + sine(3000, RATE, RATE)
n = np.arange(-40, 41)  # 低通：截止在新采样率的一半以下
lowpass = np.sinc(0.22 * n) * np.hamming(81)
for name, kept in (
    ("直接取", sound[::STEP]),
    ("先低通再取", np.convolve(sound, lowpass / lowpass.sum(), "same")[::STEP]),
):
    middle = kept[1000:3000]  # 半秒，每格 2 赫兹；避开两端
    power = np.abs(np.fft.rfft(middle)) ** 2
    full = (len(middle) / 2) ** 2  # 振幅为 1 的正弦有这么多
    level = 10 * np.log10(power[[250, 500]] / full)
    low, ghost = np.round(level).astype(int)
    print(f"{name}：500 赫兹 {low} dB，1000 赫兹 {ghost} dB")
# --8<-- [end:down]
