# --8<-- [start:mel]
import warnings

import matplotlib.pyplot as plt
import numpy as np


def to_mel(hz):
    return 2595 * np.log10(1 + np.asarray(hz) / 700)  # HTK 的公式


def to_hz(mel):
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)


def slaney(hz):
    """另一种刻度：1000 赫兹以下是直线，以上才是对数。"""
    hz = np.asarray(hz, dtype=float)
    log = 15 + 27 * np.log(np.maximum(hz, 1000) / 1000) / np.log(6.4)
    return np.where(hz < 1000, hz * 3 / 200, log)


for hz in (250, 500, 1000, 2000, 4000, 8000):
    print(f"{hz} 赫兹：HTK {to_mel(hz):.1f}，Slaney {slaney(hz):.2f}")
# --8<-- [end:mel]


# --8<-- [start:triangles]
def mel_filters(rate, n_fft, n_mels):
    """每行一个三角形，(n_mels, n_fft // 2 + 1)；顶点在 mel 上等距。"""
    bins = np.arange(n_fft // 2 + 1) * rate / n_fft
    edges = to_hz(np.linspace(0, to_mel(rate / 2), n_mels + 2))
    left, top, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (bins - left) / (top - left), (right - bins) / (right - top)
    return np.maximum(0, np.minimum(rising, falling))


edges = to_hz(np.linspace(0, to_mel(8000), 5))
print("五个点（赫兹）：", " ".join(f"{hz:.0f}" for hz in edges))
for row in mel_filters(16000, 16, 3):  # 九格：0、1000、……、8000 赫兹
    print("权重", " ".join(f"{w:.2f}" for w in row))
# --8<-- [end:triangles]


# --8<-- [start:bank]
for n_fft, n_mels in ((512, 40), (512, 80), (256, 80), (400, 128)):
    bank = mel_filters(16000, n_fft, n_mels)
    edges = to_hz(np.linspace(0, to_mel(8000), n_mels + 2))
    empty = int((bank.sum(1) == 0).sum())
    print(f"{n_fft} 点、{n_mels} 个：", end="")
    print(f"第一个宽 {edges[2] - edges[0]:.0f} 赫兹，", end="")
    print(f"末一个宽 {edges[-1] - edges[-3]:.0f} 赫兹，空的 {empty} 个")
# --8<-- [end:bank]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "speech_mel_numpy"
figure, axis = plt.subplots(figsize=(3.5, 2.2), layout="constrained")
edges = to_hz(np.linspace(0, to_mel(8000), 12))
for m in range(10):
    axis.plot(edges[m : m + 3], [0, 1, 0], ("C0", "C1")[m % 2], linewidth=1.2)
axis.set(xlim=(0, 8000), ylim=(0, 1.05), yticks=[0, 1])
axis.set(xlabel="频率（赫兹）", xticks=[0, 2000, 4000, 6000, 8000])
axis.set_title("权重", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
about = {"Title": "十个三角形：低频处窄而密，高频处宽而疏，相邻的各占一半"}
figure.savefig("speech_mel_numpy.svg", transparent=True, metadata=about)
# --8<-- [end:figure]


# --8<-- [start:log]
t = np.arange(400) / 16000  # 25 毫秒
rng = np.random.default_rng(0)
loud = sum(np.sin(2 * np.pi * 187 * k * t) / k for k in range(1, 40))
loud = loud + 0.01 * rng.standard_normal(400)
bank = mel_filters(16000, 400, 40)  # (40, 201)
hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)


def mel_energy(x):
    return bank @ np.abs(np.fft.rfft(x * hann)) ** 2  # (40,)


E = mel_energy(loud)
print(f"40 个能量，最大是最小的 {E.max() / E.min():.0e} 倍")
ratio = mel_energy(loud / 10) / E
print(f"轻十倍：能量都乘 {ratio.max():.2f}，对数都加 {np.log10(ratio).max():.2f}")
with np.errstate(divide="ignore"):
    print("没有声音：", np.log10(mel_energy(0 * loud))[0], end="，")
print("先垫底：", np.log10(np.maximum(mel_energy(0 * loud), 1e-10))[0])
# --8<-- [end:log]


# --8<-- [start:mfcc]
m = np.arange(40)
dct = np.sqrt(2 / 40) * np.cos(np.pi * np.outer(m, m + 0.5) / 40)
dct[0] /= np.sqrt(2)  # 各行长 1，互相垂直
log_mel = np.log10(E)
c = dct @ log_mel
print("前五个倒谱系数：", " ".join(f"{v:.2f}" for v in c[:5]))
moved = dct @ (log_mel - 2) - c  # 轻十倍
print(f"轻十倍：第 0 个变 {moved[0]:.2f}，其余最多变 {abs(moved[1:]).max():.2f}")
for keep in (5, 13, 20, 40):
    smooth = dct[:keep].T @ c[:keep]
    error = np.sqrt(np.mean((smooth - log_mel) ** 2))
    print(f"留 {keep} 个，还原的对数能量均方根差 {error:.2f}")
# --8<-- [end:mfcc]


# --8<-- [start:lost]
print(f"{bank.shape[1]} 个功率变成 {bank.shape[0]} 个，秩", np.linalg.matrix_rank(bank))
flip = loud[::-1]  # 倒着放
back = np.abs(np.fft.rfft(flip)) ** 2 - np.abs(np.fft.rfft(loud)) ** 2
print(
    f"倒着放，功率最多差 {abs(back).max():.4f}，波形最多差 {abs(flip - loud).max():.2f}"
)
# --8<-- [end:lost]
