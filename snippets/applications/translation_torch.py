# --8<-- [start:import]
import warnings
from copy import deepcopy
from datetime import date, timedelta

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pad_sequence

torch.set_default_dtype(torch.float64)  # 为了每台机器印出同样的数
# --8<-- [end:import]


# --8<-- [start:data]
HAN = "〇一二三四五六七八九"
MONTHS = "January February March April May June July August September"
MONTHS = f"{MONTHS} October November December".split()


def han(n):  # 28 → 二十八
    tens, ones = divmod(n, 10)
    head = ["", "十"][tens] if tens < 2 else HAN[tens] + "十"
    return head + HAN[ones] * (ones > 0)


def written(d):
    """同一天的五种中文写法，第五种的年只写两位。"""
    year = "".join(HAN[int(c)] for c in str(d.year))
    month, day = han(d.month), han(d.day)
    return [
        f"{year}年{month}月{day}日",
        f"{d.year}年{d.month}月{d.day}日",
        f"{d.year}年{month}月{d.day}号",
        f"{year.replace('〇', '零')}年{d.month}月{day}号",
        f"{year[2:]}年{month}月{day}日",
    ]


# --8<-- [end:data]


# --8<-- [start:split]
def spoken(d, language):
    if language == "<iso>":
        return d.isoformat()
    return f"{d.day} {MONTHS[d.month - 1]} {d.year}"


LANGUAGES = ["<iso>", "<en>"]
first = date(1950, 1, 1)
size = (date(2050, 1, 1) - first).days
order = np.random.default_rng(0).permutation(size)
dates = [first + timedelta(int(k)) for k in order]
train, test = dates[:4000], dates[4000:4060]  # 按日期分，不按句子分
print(f"{size} 天：训练 {len(train)} 天，测试 {len(test)} 天")
# --8<-- [end:split]


# --8<-- [start:encode]
SOURCE = ["<pad>", *HAN, *"零十年月日号0123456789"]
letters = sorted({c for month in MONTHS for c in month})
TARGET = ["<pad>", "<iso>", "<en>", "<eos>", *"0123456789- ", *letters]
PAD, EOS = 0, 3


def encode(rows, names):
    """每行换成编号，后面填 0 补齐，(batch, time)。"""
    rows = [torch.tensor([names.index(c) for c in row]) for row in rows]
    return pad_sequence(rows, batch_first=True)


def pairs(asked):
    source = encode([written(d)[k] for d, k, _ in asked], SOURCE)
    rows = [[to, *spoken(d, to), "<eos>"] for d, _, to in asked]
    return source, encode(rows, TARGET)


source, target = pairs(
    [(date(2026, 11, 28), 0, "<en>"), (date(1998, 3, 5), 4, "<iso>")]
)
print("源句", tuple(source.shape), "目标", tuple(target.shape))
print(" ".join(TARGET[k] for k in target[1, :-1]))
print(" ".join(TARGET[k] for k in target[1, 1:]))
# --8<-- [end:encode]


# --8<-- [start:model]
class Translator(nn.Module):
    def __init__(self, d=32, heads=4):
        super().__init__()
        self.source = nn.Embedding(len(SOURCE), d, padding_idx=PAD)
        self.target = nn.Embedding(len(TARGET), d, padding_idx=PAD)
        self.place = nn.Embedding(24, d)
        shape = {"dropout": 0.0, "batch_first": True, "norm_first": True}
        layer = nn.TransformerEncoderLayer(d, heads, 2 * d, **shape)
        norm = nn.LayerNorm(d)
        self.encoder = nn.TransformerEncoder(layer, 1, norm, enable_nested_tensor=False)
        layer = nn.TransformerDecoderLayer(d, heads, 2 * d, **shape)
        self.decoder = nn.TransformerDecoder(layer, 1, nn.LayerNorm(d))
        self.head = nn.Linear(d, len(TARGET))

    def read(self, source):
        x = self.source(source) + self.place.weight[: source.shape[1]]
        return self.encoder(x, src_key_padding_mask=source == PAD)

    def write(self, target, memory, source):
        n = target.shape[1]
        y = self.target(target) + self.place.weight[:n]
        later = torch.ones(n, n, dtype=torch.bool, device=y.device).triu(1)
        padded = source == PAD  # True 是不许看
        y = self.decoder(y, memory, tgt_mask=later, memory_key_padding_mask=padded)
        return self.head(y)

    def forward(self, source, target):
        return self.write(target, self.read(source), source)


# --8<-- [end:model]


# --8<-- [start:greedy]
@torch.no_grad()
def translate(model, texts, language, limit=20):
    """贪心：编码器只算一次，每步取最后一格最可能的字，送回去。"""
    model.eval()
    source = encode(texts, SOURCE)
    memory = model.read(source)
    y = torch.full((len(texts), 1), TARGET.index(language))
    while y.shape[1] <= limit and not (y == EOS).any(dim=1).all():
        scores = model.write(y, memory, source)[:, -1]
        y = torch.cat([y, scores.argmax(dim=1, keepdim=True)], dim=1)
    said = ["".join(TARGET[k] for k in row[1:]) for row in y]
    return [text.split("<eos>")[0] for text in said]


# --8<-- [end:greedy]


# --8<-- [start:fit]
def exact(model, to):
    """译文与参考一字不差的比例，%。"""
    texts = [text for d in test for text in written(d)]
    said = translate(model, texts, to)
    right = [spoken(d, to) for d in test for _ in range(5)]
    return 100 * np.mean(np.array(said) == right)


def fit(seed, dates, look=lambda *_: None, steps=300, batch=64):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Translator()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for step in range(steps + 1):
        days, ways = rng.integers(len(dates), size=batch), rng.integers(10, size=batch)
        both = zip(days, ways, strict=True)
        source, target = pairs([(dates[i], k % 5, LANGUAGES[k // 5]) for i, k in both])
        model.train()
        scores = model(source, target[:, :-1])  # 老师给的前文
        loss = F.cross_entropy(scores.mT, target[:, 1:], ignore_index=PAD)
        look(step, model, loss.item())
        if step == steps:
            return model
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# --8<-- [end:fit]


# --8<-- [start:train]
STEPS = (0, 50, 100, 150, 200, 300)
curve = {step: [] for step in STEPS}
saved = {}  # 种子 0 在各步的参数


def look(step, model, loss):
    if step in curve:
        curve[step].append((loss, *(exact(model, to) for to in LANGUAGES)))
        saved.setdefault(step, deepcopy(model.state_dict()))


models = [fit(seed, train, look) for seed in range(3)]
for step, rows in curve.items():
    loss, iso, en = zip(*rows, strict=True)
    print(f"第 {step} 步：损失 {min(loss):.2f} 到 {max(loss):.2f}，完全匹配", end=" ")
    print(f"ISO {min(iso):.0f}% 到 {max(iso):.0f}%，", end="")
    print(f"英文 {min(en):.0f}% 到 {max(en):.0f}%")
# --8<-- [end:train]


# --8<-- [start:few]
scores = [exact(fit(seed, train[:100], steps=150), "<iso>") for seed in range(3)]
print(f"只给 100 天，150 步：ISO 的完全匹配 {min(scores):.0f}% 到 {max(scores):.0f}%")
# --8<-- [end:few]


# --8<-- [start:errors]
def errors(model):
    """译成 ISO 时写错的：源句、译文、参考。"""
    texts = [(text, d) for d in test for text in written(d)]
    said = translate(model, [text for text, _ in texts], "<iso>")
    rows = zip(texts, said, strict=True)
    return [(t, a, d.isoformat()) for (t, d), a in rows if a != d.isoformat()]


half = Translator()
half.load_state_dict(saved[100])
wrong = errors(half)
parts = [(a[:4] != r[:4], a[5:7] != r[5:7], a[8:] != r[8:]) for _, a, r in wrong]
year, month, day = np.sum(parts, axis=0)
print(f"种子 0 第 100 步，{5 * len(test)} 句错 {len(wrong)} 句：", end="")
print(f"年错 {year}，月错 {month}，日错 {day}")
for text, answer, reference in wrong[:: len(wrong) // 6]:
    print(f"　{text} → {answer}，应是 {reference}")
left = [errors(model) for model in models]
print("第 300 步，三个种子各错", *map(len, left), "句")
# --8<-- [end:errors]


# --8<-- [start:attend]
def attend(model, texts, answers):
    """交叉注意力的权重（各头平均），(句, 译文的字, 源句的字)。"""
    kept = []
    cross = model.decoder.layers[0].multihead_attn  # 平时它不交出权重
    hooks = [
        cross.register_forward_pre_hook(
            lambda _, args, options: (args, options | {"need_weights": True}),
            with_kwargs=True,
        ),
        cross.register_forward_hook(lambda _, args, output: kept.append(output[1])),
    ]
    with torch.no_grad():
        model(encode(texts, SOURCE), encode(answers, TARGET))
    for hook in hooks:
        hook.remove()
    return kept[0].numpy()


# --8<-- [end:attend]


# --8<-- [start:attention]
def share(model):
    """写年、月、日时，注意力落在源句的年、月、日上的份额。"""
    texts = [written(d)[4] for d in test]
    answers = [["<en>", *spoken(d, "<en>")] for d in test]
    found = []
    rows = zip(texts, answers, attend(model, texts, answers), strict=True)
    for text, answer, weight in rows:
        part = np.cumsum([c in "年月" for c in " " + text[:-1]])  # 0 年，1 月，2 日
        for n, (c, row) in enumerate(zip(answer[1:], weight, strict=False)):
            if c != " ":
                field = 2 - answer[1 : n + 1].count(" ")
                found.append(row[: len(text)][part == field].sum())
    return np.mean(found)


for step in STEPS:
    half.load_state_dict(saved[step])
    print(f"第 {step} 步：落在该看的一段上 {share(half):.0%}")
# --8<-- [end:attention]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "translation_torch"
text, answer = "九八年十月五日", "5 October 1998"
figure, axes = plt.subplots(2, 2, figsize=(3.5, 5.4), layout="constrained")
for axis, step in zip(axes.flat, (0, 50, 100, 300), strict=True):
    half.load_state_dict(saved[step])
    weight = attend(half, [text], [["<en>", *answer]])[0, : len(answer)]
    for low, high, big in [(0.1, 0.3, 3), (0.3, 0.6, 6), (0.6, 2, 9)]:
        row, column = np.nonzero((low <= weight) & (weight < high))
        axis.plot(column, row, "C0o", markersize=big, markeredgewidth=0)
    axis.set(xlim=(-0.6, 6.6), ylim=(13.6, -0.6))
    axis.set_xticks(range(7), text)
    axis.set_yticks(range(14), answer.replace(" ", "␣"))
    axis.tick_params(length=0)
    axis.set_title(f"第 {step} 步", loc="left", fontsize=10)
    axis.spines[:].set_visible(False)
title = "交叉注意力在四个训练步的样子：起初近于均匀，后来写日看日、写年多看年"
about = {"Title": title}
figure.savefig("translation_torch.svg", transparent=True, metadata=about)
# --8<-- [end:figure]
