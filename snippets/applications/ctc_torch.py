# --8<-- [start:import]
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
# --8<-- [end:import]


# --8<-- [start:sound]
RATE = 8000
LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477)
PLACE = {key: divmod(k, 3) for k, key in enumerate("123456789*0#")}


def dial(rng, keys, noise, gap=(240, 640)):
    """按下一串键的声音：每个键两个音，间隔 30 到 80 毫秒，末尾也留一段。"""
    pieces = [np.zeros(240)]
    for key in keys:
        row, column = PLACE[key]
        t = np.arange(rng.integers(480, 961)) / RATE  # 60 到 120 毫秒
        pieces.append(sum(np.sin(2 * np.pi * f * t) for f in (LOW[row], HIGH[column])))
        pieces.append(np.zeros(rng.integers(*gap)))
    sound = np.concatenate(pieces)
    return sound + noise * rng.standard_normal(len(sound))


def features(sound):
    """每 20 毫秒一列：加窗，取功率的对数，(帧数, 129)。"""
    frames = np.lib.stride_tricks.sliding_window_view(sound, 256)[::160]
    power = abs(np.fft.rfft(frames * np.hanning(256))) ** 2
    return (np.log10(power + 1) - 1.5) / 1.5


# --8<-- [end:sound]


# --8<-- [start:data]
def batch(rng, count, noise, length=(3, 7)):
    """count 段录音，补齐到一样长：(N, T, 129)、帧数、标签、各有几个。"""
    labels = [rng.integers(1, 11, rng.integers(*length)) for _ in range(count)]
    columns = [
        features(dial(rng, "".join("1234567890"[k - 1] for k in label), noise))
        for label in labels
    ]
    frames = torch.tensor([len(column) for column in columns])
    lengths = [len(label) for label in labels]
    x = torch.zeros(count, max(frames), 129)
    for row, column in zip(x, columns, strict=True):
        row[: len(column)] = torch.from_numpy(column)
    return x, frames, torch.tensor(np.concatenate(labels)), torch.tensor(lengths)


# --8<-- [end:data]


# --8<-- [start:model]
class Recognizer(nn.Module):
    """两层卷积，每列看到前后各两列，给 11 个得分：空白与十个数字。"""

    def __init__(self):
        super().__init__()
        self.near = nn.Conv1d(129, 48, 3)
        self.wide = nn.Conv1d(48, 48, 3)
        self.head = nn.Linear(48, 11)

    def read(self, x):  # (N, T + 4, 129) → (N, T, 11)
        x = F.relu(self.wide(F.relu(self.near(x.mT))))
        return self.head(x.mT)

    def forward(self, x):
        return self.read(F.pad(x, (0, 0, 2, 2)))  # 两端各补两列零


# --8<-- [end:model]


# --8<-- [start:greedy]
def greedy(scores, frames):
    """每列取最大的，并掉相邻的同号，去掉空白（0）。"""
    said = []
    for row, length in zip(scores.argmax(-1), frames, strict=True):
        row = torch.unique_consecutive(row[:length])
        said.append(row[row != 0].tolist())
    return said


# --8<-- [end:greedy]


# --8<-- [start:train]
def train(seed, report=()):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Recognizer()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.004)
    for step in range(401):
        x, frames, labels, lengths = batch(rng, 16, rng.uniform(0, 1.5))
        scores = model(x)
        log_p = scores.log_softmax(-1).transpose(0, 1)  # 它要时间在前
        loss = F.ctc_loss(log_p, labels, frames, lengths)
        if step in report:
            best = torch.cat(
                [s[:n].argmax(-1) for s, n in zip(scores, frames, strict=True)]
            )
            blank = (best == 0).double().mean()
            print(f"种子 {seed}，第 {step} 步：损失 {loss:.2f}，空白占 {blank:.0%}")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


STEPS = (0, 10, 20, 40, 80, 120, 160, 200, 400)
models = [train(0, STEPS), train(1, (20, 80, 400)), train(2, (20, 80, 400))]
# --8<-- [end:train]


# --8<-- [start:peaks]
@torch.no_grad()
def listen(model, sounds):
    """一段一段地听：每列的得分，与读出的号码。"""
    scores = [model(torch.from_numpy(features(sound))[None])[0] for sound in sounds]
    return scores, [greedy(s[None], [len(s)])[0] for s in scores]


rng = np.random.default_rng(7)
scores, (said,) = listen(models[0], [dial(rng, "2026", 0.5)])
print("".join("-1234567890"[k] for k in scores[0].argmax(-1)))
print("读作", "".join("-1234567890"[k] for k in said))
# --8<-- [end:peaks]


# --8<-- [start:distance]
def distance(a, b):
    """编辑距离。"""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        old, row[0] = row[0], i
        for j, z in enumerate(b, 1):
            old, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, old + (x != z))
    return row[-1]


# --8<-- [end:distance]


# --8<-- [start:noise]
def error_rate(model, noise, length=(3, 7), gap=(240, 640)):
    rng = np.random.default_rng(99)
    keys = [rng.integers(1, 11, rng.integers(*length)).tolist() for _ in range(200)]
    text = ["".join("1234567890"[k - 1] for k in key) for key in keys]
    _, said = listen(model, [dial(rng, key, noise, gap) for key in text])
    wrong = sum(map(distance, keys, said))
    return wrong / sum(map(len, keys))


for noise in (0, 0.5, 1, 1.5, 2, 3):
    rates = [error_rate(model, noise) for model in models]
    print(f"噪声 {noise}：错误率 {min(rates):.1%} 到 {max(rates):.1%}")
rates = [error_rate(model, 0.5, length=(12, 13)) for model in models]
print(f"12 个数字（训练时最多 6 个）：{min(rates):.1%} 到 {max(rates):.1%}")
# --8<-- [end:noise]


# --8<-- [start:held]
for gap in (400, 0):  # 多少个采样
    sounds = [dial(rng, "1122", 0.2, (gap, gap + 1))]
    said = [listen(model, sounds)[1][0] for model in models]
    shown = ["".join("-1234567890"[k] for k in s) for s in said]
    print(f"按 1122，间隔 {gap / 8:.0f} 毫秒，三个网络读作 {'、'.join(shown)}")
# --8<-- [end:held]


# --8<-- [start:stream]
sound = features(dial(rng, "31415926", 0.5))
x = F.pad(torch.from_numpy(sound)[None], (0, 0, 2, 2))
with torch.no_grad():
    whole = models[0].read(x)  # 每次来 10 列，前后各带 2 列
    parts = [models[0].read(x[:, t : t + 14]) for t in range(0, len(sound), 10)]
same = torch.allclose(torch.cat(parts, 1), whole, rtol=0, atol=1e-9)
print(f"分 {len(parts)} 段听，与整段听的得分相同：", same)
# --8<-- [end:stream]
