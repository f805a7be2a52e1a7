# --8<-- [start:setup]
import math
from datetime import date, timedelta

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.colors import LinearSegmentedColormap
from torch import nn

# 双精度：换一台机器，舍入误差也不足以把训练带到别处去
torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
rng = np.random.default_rng(0)
# --8<-- [end:setup]

# --8<-- [start:data]
months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
layouts = ["{m} {d}, {y}", "{d} {m} {y}", "{y} {m} {d}"]
vocabulary = ["<pad>", *sorted(set(" ,0123456789" + "".join(months)))]
digits = "0123456789-"


def write(day, layout):
    return layout.format(y=day.year, m=months[day.month - 1], d=day.day)


def encode_source(texts):
    length = max(map(len, texts))
    ids = [[vocabulary.index(c) for c in t] + [0] * (length - len(t)) for t in texts]
    return torch.tensor(ids)


def encode_target(days):
    return torch.tensor([[digits.index(c) for c in d.isoformat()] for d in days])


days = [date(1950, 1, 1) + timedelta(days=i) for i in range(36525)]  # 1950 到 2049
shuffled = [days[i] for i in rng.permutation(len(days))]
texts = [write(d, layouts[rng.integers(3)]) for d in shuffled]
sources, targets = encode_source(texts), encode_target(shuffled)
train, test = slice(0, 30000), slice(30000, 32000)  # 日期互不重合
print("训练例：", texts[0], "→", shuffled[0].isoformat())
# --8<-- [end:data]


# --8<-- [start:model]
class Attention(nn.Module):
    def __init__(self, d_model):
        super().__init__()
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)

    def forward(self, x, memory, mask):
        q, k, v = self.query(x), self.key(memory), self.value(memory)
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1) * mask  # (batch, query, key)
        return weights @ v, weights


class DateReader(nn.Module):
    def __init__(self, d_model=48, target_length=10, source_length=12):
        super().__init__()
        self.embedding = nn.Embedding(len(vocabulary), d_model)
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
        # 每个输出格有一个学来的查询；allowed 用来再遮掉一些键
        mask = mask if allowed is None else mask & allowed
        context, weights = self.cross_attention(self.questions, x, mask)
        return self.readout(context), weights  # (batch, 10, 11), (batch, 10, key)
# --8<-- [end:model]


# --8<-- [start:train]
model = DateReader()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_function = nn.CrossEntropyLoss()
steps = 1500
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=steps)
for step in range(steps):
    batch = torch.from_numpy(rng.integers(0, 30000, size=128))
    logits, _ = model(sources[batch])
    loss = loss_function(logits.transpose(1, 2), targets[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
    if step % 250 == 0: print(step, f"{loss.item():.4f}")
# --8<-- [end:train]

model.eval()
with torch.inference_mode():
    logits, weights = model(sources[test])
right = logits.argmax(-1) == targets[test]
print(right.double().mean(0), right.all(1).double().mean())
for t in ["Mar 9, 2026","27 Jun 1984","2003 Oct 15"]:
    l,w=model(encode_source([t]))
    print(t, "".join(digits[i] for i in l[0].argmax(-1)))
    print("      "+"".join(f"{c:>5s}" for c in t))
    for i in range(10): print("%-5s"%"YYYY-MM-DD"[i], " ".join("%4.2f"%a for a in w[0,i]))
