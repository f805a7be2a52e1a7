# --8<-- [start:data]
from copy import deepcopy
from datetime import date, timedelta

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pad_sequence

torch.set_default_dtype(torch.float64)  # 为了每台机器印出同样的数
HAN = "〇一二三四五六七八九"


def han(n):  # 28 → 二十八
    tens, ones = divmod(n, 10)
    head = ["", "十"][tens] if tens < 2 else HAN[tens] + "十"
    return head + HAN[ones] * (ones > 0)


def written(d):
    year = "".join(HAN[int(c)] for c in str(d.year))
    return f"{year}年{han(d.month)}月{han(d.day)}日"


first = date(1950, 1, 1)
size = (date(2050, 1, 1) - first).days
order = np.random.default_rng(0).permutation(size)
dates = [first + timedelta(int(k)) for k in order]
train, test = dates[:4000], dates[4000:4500]
# --8<-- [end:data]


# --8<-- [start:encode]
NAMES = ["<pad>", "<bos>", "<eos>", *HAN, *"十年月日0123456789-"]  # 两边合用
PAD, BOS, EOS = 0, 1, 2


def encode(rows):
    """每行换成编号，后面填 0 补齐，(batch, time)。"""
    ids = [[NAMES.index(c) for c in row] for row in rows]
    rows = [torch.tensor(row, dtype=torch.long) for row in ids]  # 空句也要是整数
    return pad_sequence(rows, batch_first=True)


def pairs(dates):
    target = [["<bos>", *d.isoformat(), "<eos>"] for d in dates]
    return encode(map(written, dates)), encode(target)


# --8<-- [end:encode]


# --8<-- [start:model]
class Translator(nn.Module):
    def __init__(self, d=32, heads=4):
        super().__init__()
        self.embed = nn.Embedding(len(NAMES), d, padding_idx=PAD)
        self.place = nn.Embedding(24, d)
        shape = {"dropout": 0.0, "batch_first": True, "norm_first": True}
        layer = nn.TransformerEncoderLayer(d, heads, 2 * d, **shape)
        norm = nn.LayerNorm(d)
        self.encoder = nn.TransformerEncoder(layer, 1, norm, enable_nested_tensor=False)
        layer = nn.TransformerDecoderLayer(d, heads, 2 * d, **shape)
        self.decoder = nn.TransformerDecoder(layer, 1, nn.LayerNorm(d))
        self.head = nn.Linear(d, len(NAMES))

    def add(self, ids):
        return self.embed(ids) + self.place.weight[: ids.shape[1]]

    def read(self, source):
        return self.encoder(self.add(source), src_key_padding_mask=source == PAD)

    def write(self, target, memory, source):
        n = target.shape[1]
        later = torch.ones(n, n, dtype=torch.bool).triu(1)
        y = self.add(target)
        masks = {"tgt_mask": later, "memory_key_padding_mask": source == PAD}
        return self.head(self.decoder(y, memory, **masks))

    def forward(self, source, target):
        return self.write(target, self.read(source), source)


# --8<-- [end:model]


# --8<-- [start:train]
def fit(seed, stops=(48, 200)):
    """在两处停下来各留一份模型：半熟的与学成的。"""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model, kept = Translator(), []
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for step in range(stops[-1] + 1):
        if step in stops:
            kept.append(deepcopy(model).eval())
        source, target = pairs([train[k] for k in rng.integers(len(train), size=64)])
        scores = model(source, target[:, :-1])
        loss = F.cross_entropy(scores.mT, target[:, 1:], ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return kept


half, full = zip(*map(fit, range(3)), strict=True)
# --8<-- [end:train]


# --8<-- [start:free]
@torch.no_grad()
def greedy(model, source, start, length=12):
    """从 start 写起，每步把自己写的送回去，写满 length 格。"""
    memory, y = model.read(source), start
    while y.shape[1] < length:
        best = model.write(y, memory, source)[:, -1].argmax(dim=1, keepdim=True)
        y = torch.cat([y, best], dim=1)
    return y


source, target = pairs(test)
bos = target[:, :1]
for seed, model in enumerate(half):
    with torch.no_grad():
        forced = model(source, target[:, :-1]).argmax(dim=-1)
    ways = {"喂对的": forced, "喂自己的": greedy(model, source, bos)[:, 1:]}
    for name, said in ways.items():
        right = (said == target[:, 1:]).double()
        before = right.cumprod(dim=1)  # 写到这一格，全对的是 1
        later = 1 - before[:, :-1]  # 前面错过的，后一格算在内
        again = ((1 - right[:, 1:]) * later).sum() / later.sum()
        print(f"种子 {seed}，{name}：错字 {1 - right.mean():.1%}", end="，")
        print(f"错过之后又错 {again:.1%}，整句对 {before[:, -1].mean():.1%}", end="，")
        print(f"连乘估计 {right.mean() ** 11:.1%}")
# --8<-- [end:free]


# --8<-- [start:wrong]
zero = NAMES.index("0")
for place, name in enumerate("年年年年-月月-日日", 1):
    if name != "-":
        start = target[:, : place + 1].clone()  # 前面都对，这一格写成大一的数字
        start[:, place] = zero + (start[:, place] - zero + 1) % 10
        rest = []
        for model in full:
            right = greedy(model, source, start) == target
            rest.append(right[:, place + 1 :].all(dim=1).double().mean().item())
        print(f"第 {place} 格（{name}）写错：", end="")
        print(f"后面全对 {min(rest):.0%} 到 {max(rest):.0%}")
# --8<-- [end:wrong]


# --8<-- [start:source]
with torch.no_grad():
    fed = full[0](source, torch.cat([bos, source], dim=1)).argmax(dim=-1)
for k in range(3):
    print(written(test[k]), "→", "".join(NAMES[i] for i in fed[k]))
said = greedy(full[0], source, bos)
for name, ids in {"把源句喂给解码器": fed[:, :11], "一步一步写": said[:, 1:]}.items():
    right = (ids == target[:, 1:]).all(dim=1).double().mean()
    print(f"{name}：整句对 {right:.1%}")
# --8<-- [end:source]


# --8<-- [start:say]
rng = np.random.default_rng(1)
known = [written(d) for d in test]
century = timedelta(36525)
groups = {
    "训练的年份": known,
    "早一百年": [written(d - century) for d in test],
    "晚一百年": [written(d + century) for d in test],
    "没有的日": [t.split("年")[0] + "年二月三十日" for t in known],
    "没有的月": [t.split("年")[0] + "年十三月一日" for t in known],
    "没写日": [t.split("月")[0] + "月" for t in known],
    "字打乱": ["".join(rng.permutation(list(t))) for t in known],
}


@torch.no_grad()
def say(model, texts):
    """译文，与译文每个字概率的对数的平均。"""
    source = encode(texts)
    y = greedy(model, source, torch.full((len(texts), 1), BOS))
    log_p = model(source, y[:, :-1]).log_softmax(dim=-1)
    chosen = log_p.gather(2, y[:, 1:, None])[..., 0]
    said = ["".join(NAMES[i] for i in row[1:]) for row in y]
    return [text.split("<eos>")[0] for text in said], chosen.mean(dim=1)


# --8<-- [end:say]


# --8<-- [start:groups]
for name, texts in groups.items():
    print(f"{name}：{texts[0]} →", *(say(model, texts)[0][0] for model in full))
said, sure = say(full[0], ["", known[0]])
print(f"空句：{said[0][:10]}，把握 {sure[0]}，低于任何界限吗 {bool(sure[0] < 0)}")
# --8<-- [end:groups]


# --8<-- [start:alarm]
def faults(text, said):
    """译文不是日期；照规则写回中文，与源句不同。"""
    try:
        return False, written(date.fromisoformat(said)) != text
    except ValueError:
        return True, True


found = {name: [] for name in groups}
for model in full:
    bar = say(model, known)[1].quantile(0.01)  # 低于它就报警：误报 1%
    for name, texts in groups.items():
        said, sure = say(model, texts)
        rules = np.mean([faults(*pair) for pair in zip(texts, said, strict=True)], 0)
        found[name].append([(sure < bar).double().mean().item(), *rules])
for name, rows in found.items():
    low, high = np.min(rows, axis=0), np.max(rows, axis=0)
    kinds = zip(("把握太低", "不是日期", "写回去不同"), low, high, strict=True)
    print(f"{name}：" + "，".join(f"{k} {a:.0%} 到 {b:.0%}" for k, a, b in kinds))
# --8<-- [end:alarm]
