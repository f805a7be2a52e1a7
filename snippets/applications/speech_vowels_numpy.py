# --8<-- [start:speak]
import warnings

import matplotlib.pyplot as plt
import numpy as np

RATE, SIZE = 8000, 256  # 每秒采样数；一帧 32 毫秒
FORMANTS = {  # 成年男子的三个共振峰，赫兹
    "i": (270, 2290, 3010),
    "e": (530, 1840, 2480),
    "a": (730, 1090, 2440),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}


def throat(f, formants):
    """声道在频率 f 处放大多少倍：每个共振峰一座山，宽 80、100、150 赫兹。"""
    gain = 1
    for peak, width in zip(formants, (80, 100, 150), strict=True):
        gain = gain * peak**2 / (peak**2 - f**2 + 1j * f * width)
    return gain


def speak(vowel, pitch, scale=1.0, size=SIZE):
    """声带给出基频的整数倍，越高越弱；声道再逐个放大。"""
    f = pitch * np.arange(1, RATE / 2 // pitch + 1)
    gain = throat(f, scale * np.array(FORMANTS[vowel])) * pitch / f
    t = np.arange(size) / RATE
    return (gain[:, None] * np.exp(2j * np.pi * np.outer(f, t))).real.sum(0)


# --8<-- [end:speak]


# --8<-- [start:see]
for vowel, formants in FORMANTS.items():
    print(f"{vowel}，第一峰在 {formants[0]} 赫兹。最强的谐波：", end="")
    for pitch in (100, 300):
        f = pitch * np.arange(1, 4000 // pitch + 1)
        strongest = f[np.abs(throat(f, formants) / f).argmax()]
        print(f"基频 {pitch} 时 {strongest}", end="；" if pitch == 100 else "\n")
# --8<-- [end:see]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "speech_vowels_numpy"
figure, axes = plt.subplots(5, figsize=(3.5, 5.6), sharex=True, layout="constrained")
smooth, harmonics = np.linspace(70, 4000, 120), 100 * np.arange(1, 40)


def level(f, formants):
    return 20 * np.log10(np.abs(throat(f, formants)) * 100 / f)


for axis, (vowel, formants) in zip(axes, FORMANTS.items(), strict=True):
    axis.plot(smooth, level(smooth, formants), "C1", linewidth=1.2)
    top = level(harmonics, formants)  # 画成竖线；nan 处断笔，合成一条路径
    stems = np.stack([0 * top - 80, top, np.nan * top], 1)
    axis.plot(np.repeat(harmonics, 3), stems.ravel(), "C0", linewidth=1.2)
    axis.set(xlim=(0, 4000), ylim=(-80, 15), yticks=[-50, 0])
    axis.spines[["top", "right"]].set_visible(False)
    axis.annotate(vowel, (3700, 5), fontsize=12)
axes[0].set_title("强弱（dB）", loc="left", fontsize=10)
axes[-1].set_xlabel("频率（赫兹）")
title = "五个元音：竖线是基频 100 赫兹的谐波，曲线是声道的放大，山峰就是共振峰"
figure.savefig("speech_vowels_numpy.svg", transparent=True, metadata={"Title": title})
# --8<-- [end:figure]


# --8<-- [start:features]
def mel_filters(n_mels=24):
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, n_mels + 2) / 2595) - 1)
    left, middle, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    f = np.arange(SIZE // 2 + 1) * RATE / SIZE
    return np.maximum(
        0, np.minimum((f - left) / (middle - left), (right - f) / (right - middle))
    )


HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)
BANK, M = mel_filters(), np.arange(24)
DCT = np.cos(np.pi * np.outer(M[1:13], M + 0.5) / 24)  # 第 1 到 12 个，不要第 0 个


def views(x):
    """同一帧的三种写法。"""
    power = np.abs(np.fft.rfft(x * HANN)) ** 2 + 1e-6  # (129,)
    log_mel = np.log10(BANK @ power)
    return {"功率谱": np.log10(power), "对数梅尔": log_mel, "MFCC": DCT @ log_mel}


def crowd(rng, count, pitch):
    """count 个人各说一个元音：基频、声道长短、响度都不同，还有噪声。"""
    said = rng.integers(0, 5, count)
    rows = []
    for k in said:
        x = speak("ieaou"[k], rng.uniform(*pitch), rng.uniform(0.9, 1.25))
        x = x + 0.05 * x.std() * rng.standard_normal(SIZE)
        rows.append(views(x * 10 ** rng.uniform(-1, 1)))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}, said


# --8<-- [end:features]


# --8<-- [start:compare]
def nearest(x, y, new):
    """离哪一类的平均最近。"""
    means = np.array([x[y == k].mean(0) for k in range(5)])
    return ((new[:, None] - means) ** 2).sum(2).argmin(1)


def linear(x, y, new):
    """最小二乘的线性分类，岭系数 1。"""
    x, new = (np.column_stack([z, np.ones(len(z))]) for z in (x, new))
    w = np.linalg.solve(x.T @ x + np.eye(x.shape[1]), x.T @ np.eye(5)[y])
    return (new @ w).argmax(1)


def compare(train_pitch, test_pitch):
    found = {}
    for seed in range(5):
        rng = np.random.default_rng(seed)
        known, y = crowd(rng, 400, train_pitch)
        new, z = crowd(rng, 400, test_pitch)
        for name in known:
            for way in (nearest, linear):
                right = way(known[name], y, new[name]) == z
                found.setdefault((way.__name__, name), []).append(right.mean())
    for (way, name), scores in found.items():
        way = {"nearest": "最近平均", "linear": "线性"}[way]
        print(f"{name}，{way}：{min(scores):.0%} 到 {max(scores):.0%}")


compare((90, 250), (90, 250))
# --8<-- [end:compare]


# --8<-- [start:pitch]
compare((90, 130), (220, 300))
# --8<-- [end:pitch]


# --8<-- [start:confusion]
rng = np.random.default_rng(0)
known, y = crowd(rng, 400, (90, 250))
new, z = crowd(rng, 1000, (90, 250))
guess = nearest(known["MFCC"], y, new["MFCC"])
for k, vowel in enumerate("ieaou"):
    share = [np.mean(guess[z == k] == j) for j in range(5)]
    print(f"{vowel} 听成 i e a o u：", " ".join(f"{s:.0%}" for s in share))
# --8<-- [end:confusion]
