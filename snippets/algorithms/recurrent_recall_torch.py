# --8<-- [start:language]
import math
import warnings

import matplotlib.pyplot as plt
import torch
from torch import nn

torch.set_default_dtype(torch.float64)  # CPU 舍入的差别小到印不出来


def sentences(n, gap, seed):
    """n 句：要记的符号 0 到 3，gap 个填充 4 到 7，最后是问号 8。"""
    generator = torch.Generator().manual_seed(seed)
    first = torch.randint(4, (n, 1), generator=generator)
    filler = torch.randint(4, 8, (n, gap), generator=generator)
    ask = torch.full((n, 1), 8)
    return torch.hstack([first, filler, ask]), first.squeeze(1)


x, y = sentences(2, 20, seed=0)
for sentence, answer in zip(x.tolist(), y.tolist(), strict=True):
    print("".join("甲乙丙丁子丑寅卯？"[s] for s in sentence), end="")
    print("　答：", "甲乙丙丁"[answer])
print(f"不知道第一个符号：正确率 {1 / 4:.2f}，损失 {math.log(4):.3f}")
# --8<-- [end:language]


# --8<-- [start:model]
class Recall(nn.Module):
    def __init__(self, cell, spread=1.0, forget=None):
        super().__init__()
        self.embedding = nn.Embedding(9, 16)
        nn.init.normal_(self.embedding.weight, std=spread)  # 默认是 1
        self.recurrent = cell(16, 32, batch_first=True)
        if forget is not None:  # 四块中的第二块是遗忘门
            nn.init.constant_(self.recurrent.bias_ih_l0.chunk(4)[1], forget)
            nn.init.zeros_(self.recurrent.bias_hh_l0.chunk(4)[1])
        self.output = nn.Linear(32, 4)

    def forward(self, x):  # (batch, time)
        h, _ = self.recurrent(self.embedding(x))  # (batch, time, 32)
        return self.output(h[:, -1])  # 读到问号时回答


# --8<-- [end:model]


# --8<-- [start:train]
# 有 CUDA 的 GPU 时，模型、每一批、评分的 x 与 y 都 .to("cuda")
# （苹果的 MPS 没有 float64，不能这样用）
def train(way, seed, steps=300):
    torch.manual_seed(seed)
    model = Recall(**way)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = sentences(64 * steps, 20, seed)
    losses = []
    for rows, answers in zip(x.split(64), y.split(64), strict=True):
        loss = nn.functional.cross_entropy(model(rows), answers)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return model, losses


@torch.no_grad()
def accuracy(model, gap):
    x, y = sentences(1000, gap, seed=100)
    return (model(x).argmax(dim=1) == y).double().mean().item()


# --8<-- [end:train]


# --8<-- [start:compare]
ways = {
    "RNN，大嵌入": dict(cell=nn.RNN),
    "RNN，小嵌入": dict(cell=nn.RNN, spread=0.05),
    "LSTM，默认": dict(cell=nn.LSTM),
    "LSTM，遗忘偏置 1": dict(cell=nn.LSTM, forget=1.0),
    "LSTM，遗忘偏置 3": dict(cell=nn.LSTM, forget=3.0),
    "GRU，默认": dict(cell=nn.GRU),
}
runs = {}
for name, way in ways.items():
    runs[name] = [train(way, seed) for seed in range(3)]
    found = [accuracy(model, 20) for model, _ in runs[name]]
    print(f"{name}：", "、".join(f"{a:.2f}" for a in found))
# --8<-- [end:compare]


# --8<-- [start:farther]
for gap in [10, 40, 80]:
    models = [model for model, _ in runs["LSTM，遗忘偏置 3"]]
    found = [accuracy(model, gap) for model in models]
    print(f"隔 {gap} 个：", "、".join(f"{a:.2f}" for a in found))
# --8<-- [end:farther]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "recurrent_recall_torch"
figure, axes = plt.subplots(3, figsize=(3.5, 6), layout="constrained")
styles = ["C0-", "C1-", "C0-", "k:", "C1-", "C1-"]
cells = dict(zip(["RNN", "LSTM", "GRU"], axes, strict=True))
for name, style in zip(ways, styles, strict=True):
    cell, kind = name.split("，")
    for seed, (_, losses) in enumerate(runs[name]):
        curve = torch.tensor(losses).view(-1, 10).mean(dim=1)  # 10 步一个点
        label = kind.removeprefix("遗忘") if seed == 0 else None  # 图例要短
        cells[cell].plot(range(5, 300, 10), curve, style, lw=1, label=label)
for cell, axis in cells.items():
    axis.set(xlim=(0, 300), ylim=(0, 1.9), yticks=[0, 0.5, 1, 1.5])
    axis.set_title(f"{cell} 的损失", loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(
        frameon=False, ncols=3, loc="upper left", columnspacing=0.8, handlelength=1.2
    )
axes[2].set_xlabel("步")
title = "隔 20 个符号：遗忘偏置 3 的 LSTM 最早学会，GRU 晚些学会"
path, about = "recurrent_recall_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
