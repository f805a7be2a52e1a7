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
    rows = [[characters.index(c) for c in t.ljust(12, "_")] for t in texts]
    return torch.tensor(rows)


days = [date(1950, 1, 1) + timedelta(int(i)) for i in rng.permutation(36525)[:20000]]
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
        padding = source == 0
        x = self.embedding(source) + self.positions
        h = self.norm(x)
        x = x + self.mix(h, h, h, key_padding_mask=padding)[0]
        q = self.questions.expand(len(source), -1, -1)
        # hidden：True 是另外再遮住的键，(batch, 10, key)
        o, weights = self.read(q, x, x, key_padding_mask=padding, attn_mask=hidden)
        return self.readout(o), weights


# --8<-- [end:model]
