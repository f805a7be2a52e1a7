# --8<-- [start:data]
import itertools

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
PAD, BOS, EOS = 0, 1, 2
NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MONTHS = [[m, m.upper(), m + ".", f"{i}月"] for i, m in enumerate(NAMES, 1)]
DAYS = [[f"{d}", f"{d}th", f"{d}日"] for d in range(1, 29)]  # 1th 从简
WORDS = ["<pad>", "<bos>", "<eos>", "'", *"0123456789"]
WORDS += [w for group in MONTHS + DAYS for w in group if w not in WORDS]
ID = {word: i for i, word in enumerate(WORDS)}


def forms(y, m, d):
    """一个日期的三十六种写法，末尾再加一个空译文。"""
    years = [list(str(y)), list(str(y)[2:]), ["'", *str(y)[2:]]]
    for month, day, year in itertools.product(MONTHS[m], DAYS[d], years):
        ids = [ID[word] for word in [month, day, *year]]
        yield F.pad(torch.tensor([*ids, EOS]), (0, 6 - len(ids)))
    yield F.pad(torch.tensor([EOS]), (0, 6))


years, months, days = range(2000, 2030), range(12), range(28)
dates = list(itertools.product(years, months, days))
TARGET = torch.stack([torch.stack(list(forms(*d))) for d in dates])
digits = [[*map(int, f"{y}{m + 1:02}{d + 1:02}")] for y, m, d in dates]
SOURCE = torch.tensor(digits)  # 8 个数字
SHARE = torch.tensor([0.95 / 36] * 36 + [0.05])  # 5% 译文是空的
print(f"{len(dates)} 个日期，词表 {len(WORDS)} 个词")
print(f"TARGET 的形状：{tuple(TARGET.shape)}")
# --8<-- [end:data]


# --8<-- [start:model]
class Seq2Seq(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.source = nn.Embedding(10, d)
        self.target = nn.Embedding(len(WORDS), d)
        self.place = nn.Embedding(8, d)
        # 4 个头，编码器、解码器各一层，前馈层宽 2d
        self.blocks = nn.Transformer(d, 4, 1, 1, 2 * d, dropout=0.0, batch_first=True)
        self.out = nn.Linear(d, len(WORDS))

    def encode(self, source):
        places = self.place(torch.arange(8))
        return self.blocks.encoder(self.source(source) + places)

    def decode(self, memory, words):
        n = words.shape[1]
        x = self.target(words) + self.place(torch.arange(n))
        future = nn.Transformer.generate_square_subsequent_mask(n)
        x = self.blocks.decoder(x, memory, future, tgt_is_causal=True)
        return self.out(x).log_softmax(dim=-1)


# --8<-- [end:model]


# --8<-- [start:train]
def train(seed, steps=400):
    torch.manual_seed(seed)
    order = torch.randperm(len(dates))
    test, rest = order[:200], order[200:]
    model = Seq2Seq()
    adam = torch.optim.Adam(model.parameters())
    # 学习率先升到 0.005 再降
    plan = torch.optim.lr_scheduler.OneCycleLR(adam, 5e-3, steps)
    for _ in range(steps):
        i = rest[torch.randint(len(rest), (64,))]
        form = torch.multinomial(SHARE, 64, replacement=True)
        label = TARGET[i, form]  # 一个日期，随机一种写法
        words = F.pad(label[:, :-1], (1, 0), value=BOS)
        log_p = model.decode(model.encode(SOURCE[i]), words)
        loss = F.nll_loss(log_p.flatten(0, 1), label.flatten(), ignore_index=PAD)
        adam.zero_grad()
        loss.backward()
        adam.step()
        plan.step()
    return model.eval(), test


# --8<-- [end:train]


# --8<-- [start:search]
@torch.no_grad()
def beam_search(model, source, k, alpha=0.0, max_len=7):
    n = len(source)
    memory = model.encode(source).repeat_interleave(k, dim=0)
    words = torch.full((n, k, 1), BOS)
    score = torch.full((n, k), -torch.inf)
    score[:, 0] = 0.0  # 起初 k 条相同，只让一条有分
    answer = torch.full((n, max_len), PAD)
    best = torch.full((n,), -torch.inf)
    for t in range(1, max_len + 1):
        log_p = model.decode(memory, words.flatten(0, 1))[:, -1]
        grown = score[:, :, None] + log_p.unflatten(0, (n, k))
        score, pick = grown.flatten(1).topk(k)  # 同一句的分支一起比
        row, word = pick // len(WORDS), pick % len(WORDS)
        words = words.gather(1, row[:, :, None].expand(-1, -1, t))
        words = torch.cat([words, word[:, :, None]], dim=2)
        ended = word == EOS
        rate = torch.where(ended, score / t**alpha, -torch.inf)
        top, which = rate.max(dim=1)
        better = top > best  # 写完的里面，记下分数最高的
        answer[better, :t] = words[better, which[better], 1:]
        best = torch.where(better, top, best)
        score = torch.where(ended, -torch.inf, score)
    return answer


# --8<-- [end:search]


# --8<-- [start:scores]
def measure(model, test, k, alpha):
    """空译文的比例，写法对的比例，平均的词数。"""
    said = beam_search(model, SOURCE[test], k, alpha)
    right = (said[:, None] == TARGET[test, :36]).all(dim=2).any(dim=1)
    length = (said > EOS).sum(dim=1)  # 不算结束符
    rows = (said[:, 0] == EOS, right, length)
    return [row.double().mean().item() for row in rows]


runs = [train(seed) for seed in range(3)]
for alpha in [0, 0.2, 1]:
    print(f"α = {alpha}")
    for k in [1, 4, 5, 16]:
        every = [measure(*run, k, alpha) for run in runs]
        empty, right, length = map(sorted, zip(*every, strict=True))
        print(f"束宽 {k}：空 {empty[0]:.1%} 到 {empty[-1]:.1%}", end="，")
        print(f"对 {right[0]:.1%} 到 {right[-1]:.1%}", end="，")
        print(f"{length[0]:.1f} 到 {length[-1]:.1f} 个词")
# --8<-- [end:scores]


# --8<-- [start:eos]
for seed, (model, test) in enumerate(runs):
    start = torch.full((len(test), 1), BOS)
    with torch.no_grad():
        first = model.decode(model.encode(SOURCE[test]), start)[:, 0]
    p = first[:, EOS].exp().mean().item()
    rank = (first > first[:, [EOS]]).sum(dim=1) + 1
    print(f"种子 {seed}：首步的结束符，概率平均 {p:.3f}", end="，")
    print(f"最高排第 {rank.min().item()}")
# --8<-- [end:eos]


# --8<-- [start:batch]
model, test = runs[0]
together = beam_search(model, SOURCE[test[:50]], 5)
alone = [beam_search(model, SOURCE[i][None], 5) for i in test[:50]]
print("逐句与成批相同：", torch.equal(together, torch.cat(alone)))
# --8<-- [end:batch]
