# --8<-- [start:setup]
import math
import warnings
from datetime import date, timedelta

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

# 双精度，从抽初始权重起：换一台机器，舍入误差也不足以把训练带到别处去
torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(0)

months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
layouts = ["{month} {day}, {year}", "{day} {month} {year}", "{year} {month} {day}"]
characters = ["<pad>", *sorted(set(" ,0123456789" + "".join(months)))]
index = {c: i for i, c in enumerate(characters)}
digits = "0123456789-"


def encode(texts):
    length = max(map(len, texts))
    return torch.tensor(
        [[index[c] for c in t] + [0] * (length - len(t)) for t in texts]
    )


every_day = [date(1950, 1, 1) + timedelta(days=i) for i in range(36525)]  # 到 2049 年底
days = [every_day[i] for i in rng.permutation(len(every_day))[:20000]]
texts = [
    layouts[rng.integers(3)].format(year=d.year, month=months[d.month - 1], day=d.day)
    for d in days
]
sources = encode(texts)  # (样本, key)，0 是填充
targets = torch.tensor([[digits.index(c) for c in d.isoformat()] for d in days])
train, test = slice(0, 18000), slice(18000, 20000)  # 两边的日期互不重合
print("三个训练例：", [f"{t} → {d}" for t, d in zip(texts[:3], days[:3], strict=True)])
# --8<-- [end:setup]


# --8<-- [start:model]
class Attention(nn.Module):
    def __init__(self, d_model):
        super().__init__()
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)

    def forward(self, x, memory, mask):
        q, k, v = self.query(x), self.key(memory), self.value(memory)
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1) * mask  # (batch, query, key)
        return weights @ v, weights


class DateReader(nn.Module):
    def __init__(self, d_model=32, source_length=12, target_length=10):
        super().__init__()
        self.embedding = nn.Embedding(len(characters), d_model)
        self.positions = nn.Parameter(torch.randn(source_length, d_model) / 10)
        self.norm = nn.LayerNorm(d_model)
        self.self_attention = Attention(d_model)
        self.questions = nn.Parameter(torch.randn(target_length, d_model))
        self.cross_attention = Attention(d_model)
        self.readout = nn.Linear(d_model, len(digits))

    def forward(self, source, allowed=None):
        mask = (source != 0)[:, None]  # (batch, 1, key)：不看填充
        x = self.embedding(source) + self.positions[: source.shape[1]]
        h = self.norm(x)
        x = x + self.self_attention(h, h, mask)[0]
        # 每个输出位有一个学来的查询；allowed 用来再遮掉一些键
        mask = mask if allowed is None else mask & allowed
        context, weights = self.cross_attention(self.questions, x, mask)
        return self.readout(context), weights  # (batch, 10, 11), (batch, 10, key)


# --8<-- [end:model]


# --8<-- [start:train]
def fit(seed, steps=1000):
    torch.manual_seed(seed)  # 两个模型只有初始权重不同
    order = np.random.default_rng(1)
    model = DateReader()
    optimizer = torch.optim.Adam(model.parameters())
    # 峰值再高一倍，训练就会把舍入误差放大到看得见
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    # 有 GPU 时，模型与小批量都可移到 torch.accelerator.current_accelerator()
    for _ in range(steps):
        batch = torch.from_numpy(order.integers(train.stop, size=64))
        logits, _ = model(sources[batch])
        loss = nn.functional.cross_entropy(logits.transpose(1, 2), targets[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


models = {"甲": fit(seed=6), "乙": fit(seed=7)}
# --8<-- [end:train]

# --8<-- [start:evaluate]
year, month, day, hyphen = [0, 1, 2, 3], [5, 6], [8, 9], [4, 7]  # 输出的四组位置
truth = targets[test]
maps = {}
with torch.inference_mode():
    for name, model in models.items():
        logits, maps[name] = model(sources[test])
        exact = (logits.argmax(dim=-1) == truth).all(dim=-1).double().mean()
        print(f"模型{name}：整串全对的比例 {exact:.3f}")
# 两行权重的全变差：0 是完全一样，1 是看的地方毫无重叠
distance = (maps["甲"] - maps["乙"]).abs().sum(dim=-1).mean(dim=0) / 2
for label, group in [("年", year), ("月", month), ("日", day), ("连字符", hyphen)]:
    print(f"两张图的差别（{label}）：{distance[group].mean():.2f}")

generator = torch.Generator().manual_seed(2)
with torch.inference_mode():
    for name, model in models.items():
        top = maps[name].argmax(dim=-1, keepdim=True)
        chance = torch.rand(maps[name].shape, generator=generator)
        chance = chance.masked_fill((sources[test] == 0)[:, None], -1)  # 不选填充
        other = chance.scatter(-1, top, -1.0).argmax(dim=-1, keepdim=True)
        for label, blocked in [("权重最大的键", top), ("随机另一个键", other)]:
            allowed = torch.ones_like(maps[name], dtype=torch.bool)
            logits, _ = model(sources[test], allowed.scatter(-1, blocked, False))
            right = (logits.argmax(dim=-1) == truth).double().mean(dim=0)
            print(
                f"模型{name}，遮住{label}：数字 {right[year + month + day].mean():.3f}"
                f"  连字符 {right[hyphen].mean():.3f}"
            )
# --8<-- [end:evaluate]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画，这里不需要字体
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "attention_heatmap_torch"
example = "27 Jun 1984"
figure, axes = plt.subplots(2, 1, figsize=(3.5, 6), layout="constrained")
rows = {}
for ax, (name, model) in zip(axes, models.items(), strict=True):
    with torch.inference_mode():
        logits, weights = model(encode([example]))
    answer = "".join(digits[i] for i in logits[0].argmax(dim=-1))
    rows[name] = weights[0].numpy()
    for i, j in np.argwhere(rows[name] >= 0.02):  # 更小的看不出来，省下不画
        cell = plt.Rectangle((j, i), 1, 1, alpha=rows[name][i, j], linewidth=0)
        ax.add_patch(cell)
    ax.set_xticks(np.arange(len(example)) + 0.5, example.replace(" ", "_"))
    ax.set_yticks(np.arange(len(answer)) + 0.5, answer)
    ax.set_xticks(range(len(example) + 1), minor=True)
    ax.set_yticks(range(len(answer) + 1), minor=True)
    ax.grid(which="minor", color="black", alpha=0.15, linewidth=0.5)
    ax.tick_params(which="both", length=0)
    ax.set(xlim=(0, len(example)), ylim=(len(answer), 0), xlabel="键：输入的字符")
    ax.set_title(f"模型{name}，每行一个查询：输出的一位", loc="left", fontsize=10)
title = "两个训练好的模型读 27 Jun 1984 时的交叉注意力权重"
figure.savefig(
    "attention_heatmap_torch.svg", transparent=True, metadata={"Title": title}
)

print(f"{example} → {answer}，每行之和：", rows["甲"].sum(axis=1))
for i, c in enumerate(answer):
    seen = [
        f"{m} 看 {example[r[i].argmax()]!r} {r[i].max():.2f}" for m, r in rows.items()
    ]
    print(f"输出第 {i} 位 {c!r}：", "，".join(seen))
# --8<-- [end:figure]
