# --8<-- [start:sound]
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_default_dtype(torch.float64)
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
class Listener(nn.Module):
    """两层卷积，每处看见 9 帧；再取各通道在全段里的最大值。"""

    def __init__(self, centre):
        super().__init__()
        self.centre = centre  # 要不要减去全段的平均
        self.near = nn.Conv1d(24, 32, 5)
        self.wide = nn.Conv1d(32, 32, 5)
        self.head = nn.Linear(32, 6)

    def forward(self, x):  # (N, 帧数, 24) → (N, 6)
        if self.centre:
            x = x - x.mean((1, 2), keepdim=True)
        h = F.relu(self.wide(F.relu(self.near(x.mT))))
        return self.head(h.amax(-1))


# --8<-- [end:model]


# --8<-- [start:torch-train]
# 有 GPU 时，模型与每个小批量移到 torch.accelerator.current_accelerator(True)，
# float32 快得多：去掉开头的 set_default_dtype，batch 的末行改成
# np.array(x, np.float32)。
def fit(seed, centre, report=False):
    torch.manual_seed(seed)
    model = Listener(centre)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    data = TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    loader = DataLoader(data, batch_size=32, shuffle=True)
    for epoch in range(1, 9):
        total = 0.0
        for some, label in loader:
            loss = F.cross_entropy(model(some), label)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(label) / len(x)
        if report and epoch in (1, 2, 4, 8):
            print(f"第 {epoch} 轮：损失 {total:.2f}")
    return model.eval()


@torch.no_grad()
def score(model, x, y):
    guess = model(torch.from_numpy(x)).argmax(-1).numpy()
    return np.mean(guess == y)


def line(name, models, x, y):
    scores = [score(m, x, y) for m in models]
    print(f"{name}：{min(scores):.0%} 到 {max(scores):.0%}")


plain = [fit(seed, centre=False, report=seed == 0) for seed in range(3)]
centred = [fit(seed, centre=True) for seed in range(3)]
line("不减平均", plain, new, z)
line("减去平均", centred, new, z)
# --8<-- [end:torch-train]


# --8<-- [start:torch-noise]
for noise in (0.3, 0.6, 1.0):
    line(f"噪声 {noise}", centred, *batch(2, 300, (noise, noise)))
# --8<-- [end:torch-noise]


# --8<-- [start:torch-mismatch]
for level in (0.01, 100):
    quiet = batch(1, 300, level=level)
    line(f"响度乘 {level}，不减平均", plain, *quiet)
    line(f"响度乘 {level}，减去平均", centred, *quiet)
line("每秒 16000 次的录音当作 8000 次", centred, *batch(1, 300, rate=16000))
# --8<-- [end:torch-mismatch]
