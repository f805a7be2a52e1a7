# --8<-- [start:setup]
import warnings
from datetime import date, timedelta

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

torch.set_default_dtype(torch.float64)  # 双精度：换一台机器，图也不变
rng = np.random.default_rng(0)
months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
layouts = ["{m} {d.day}, {d.year}", "{d.day} {m} {d.year}", "{d.year} {m} {d.day}"]
characters = "_ ,0123456789" + "".join(sorted(set("".join(months))))
digits = "0123456789-"


def encode(texts):  # 补齐到 12 个字符，下划线（第 0 号）是填充
    return torch.tensor(
        [[characters.index(c) for c in t.ljust(12, "_")] for t in texts]
    )


days = [date(1950, 1, 1) + timedelta(int(i)) for i in rng.permutation(36525)]
texts = [layouts[rng.integers(3)].format(d=d, m=months[d.month - 1]) for d in days]
sources = encode(texts)
targets = torch.tensor([[digits.index(c) for c in d.isoformat()] for d in days])
train, test = slice(0, 18000), slice(18000, 20000)  # 两边的日期互不重合
print("三个训练例：", [f"{t} → {d}" for t, d in zip(texts[:3], days[:3], strict=True)])
# --8<-- [end:setup]


# --8<-- [start:model]
class DateReader(nn.Module):
    def __init__(self, d_model=32):
        super().__init__()
        self.embedding = nn.Embedding(len(characters), d_model)
        self.positions = nn.Parameter(torch.randn(12, d_model) / 10)
        self.norm = nn.LayerNorm(d_model)
        self.mix = nn.MultiheadAttention(d_model, 1, batch_first=True)
        self.questions = nn.Parameter(torch.randn(10, d_model))
        self.read = nn.MultiheadAttention(d_model, 1, batch_first=True)
        self.readout = nn.Linear(d_model, len(digits))

    def forward(self, source, hidden=None):
        """hidden：另外再遮住哪些键，(batch, 10, 12)；True 是遮住。"""
        padding = source == 0  # (batch, 12)
        x = self.embedding(source) + self.positions  # (batch, 12, d_model)
        h = self.norm(x)
        h, _ = self.mix(h, h, h, key_padding_mask=padding, need_weights=False)
        x = x + h
        q = self.questions.expand(len(source), -1, -1)  # (batch, 10, d_model)
        o, weights = self.read(q, x, x, key_padding_mask=padding, attn_mask=hidden)
        return self.readout(o), weights  # (batch, 10, 11)，(batch, 10, 12)


# --8<-- [end:model]


# --8<-- [start:train]
def fit(seed, steps=1000):
    torch.manual_seed(seed)  # 三个模型只有初始权重不同
    model, order = DateReader(), np.random.default_rng(1)
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    # 有 GPU 时，模型与小批量移到 torch.accelerator.current_accelerator(True)，
    # 训练完再移回；苹果的 MPS 没有双精度，要先删去程序开头的 set_default_dtype
    for _ in range(steps):
        batch = torch.from_numpy(order.integers(train.stop, size=64))
        loss = cross_entropy(model(sources[batch])[0].mT, targets[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


# --8<-- [end:train]


# --8<-- [start:read]
@torch.inference_mode()
def read(model, hidden=None):
    logits, weights = model(sources[test], hidden)
    return (logits.argmax(-1) == targets[test]).double(), weights


models = {name: fit(seed) for seed, name in enumerate("甲乙丙")}
maps = {name: read(model)[1] for name, model in models.items()}
for name, model in models.items():
    print(f"模型{name}：整串全对的比例 {read(model)[0].amin(-1).mean():.2f}")
# --8<-- [end:read]

# --8<-- [start:example]
example, rows = "27 Jun 1984", {}
for name in "甲乙":
    with torch.inference_mode():
        logits, weights = models[name](encode([example]))
    answer = "".join(digits[i] for i in logits[0].argmax(-1))  # 两个模型都读对
    rows[name] = weights[0, :, : len(example)].numpy()  # (10, 11)，填充不画
for i, c in enumerate(answer):
    line = f"第 {i} 位 {c!r}："
    for name, row in rows.items():
        j = row[i].argmax()
        line += f" {name}看第 {j} 格 {example[j]!r} {row[i, j]:.2f}"
    print(line)
# --8<-- [end:example]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "heat", "font.size": 10})
figure, axes = plt.subplots(2, 1, figsize=(3.5, 6), layout="constrained")
for ax, (name, row) in zip(axes, rows.items(), strict=True):
    for i, j in np.argwhere(row >= 0.02):  # 更小的看不出来
        ax.add_patch(plt.Rectangle((j, i), 1, 1, alpha=row[i, j], lw=0))
    ax.hlines(range(11), 0, 11, "black", alpha=0.15, lw=0.5)
    ax.vlines(range(12), 0, 10, "black", alpha=0.15, lw=0.5)
    ax.set_xticks(np.arange(11) + 0.5, example.replace(" ", "·"))
    ax.set_yticks(np.arange(10) + 0.5, answer)
    ax.set(xlim=(0, 11), ylim=(10, 0), xlabel="键：输入的字符")
    ax.set_title(f"模型{name}，每行一个查询：输出的一位", loc="left", fontsize=10)
title = "两个训练好的模型读 27 Jun 1984 时的交叉注意力权重"
figure.savefig("heatmap_torch.svg", transparent=True, metadata={"Title": title})
# --8<-- [end:figure]

# --8<-- [start:seeds]
groups = {"年": [0, 1, 2, 3], "月": [5, 6], "日": [8, 9], "连字符": [4, 7]}
for label, group in groups.items():
    # 全变差：0 是两张图一样，1 是看的地方毫无重叠
    gaps = [
        ((maps[a] - maps[b]).abs().sum(-1) / 2)[:, group].mean().item()
        for a, b in ["甲乙", "甲丙", "乙丙"]
    ]
    print(f"{label}，三对模型的图的差别：", " ".join(f"{gap:.2f}" for gap in gaps))
# --8<-- [end:seeds]

# --8<-- [start:hide]
generator = torch.Generator().manual_seed(2)
number = [0, 1, 2, 3, 5, 6, 8, 9]  # 输出里的数字，连字符除外
common = targets[train].mode(dim=0).values  # 每一位在训练集里最常见的数字
guessed = (targets[test] == common)[:, number].double().mean()
print(f"数字的正确率，不看输入的盲猜：{guessed:.2f}")
for name, weights in maps.items():
    top = weights.argmax(-1, keepdim=True)  # (batch, 10, 1)：每一位各遮各的
    chance = torch.rand(weights.shape, generator=generator)
    chance = chance.masked_fill(weights == 0, -1)  # 填充的权重是 0，不选它
    other = chance.scatter(-1, top, -1.0).argmax(-1, keepdim=True)
    line = f"模型{name}：不遮 {read(models[name])[0][:, number].mean():.2f}"
    for label, key in {"遮最大的键": top, "遮随机另一个": other}.items():
        hidden = torch.zeros_like(weights, dtype=torch.bool).scatter(-1, key, True)
        right = read(models[name], hidden)[0][:, number].mean()
        line += f"，{label} {right:.2f}"
    print(line)
# --8<-- [end:hide]
