# --8<-- [start:corpus]
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

np.set_printoptions(precision=4, suppress=True, floatmode="fixed")
rng = np.random.default_rng(5)

PEOPLE = "小明 小红 老师 邻居".split()
GROUPS = {  # 每一组：名词、动词、形容词；「大」与「新」三组都用
    "动物": ("猫 狗 马 羊", "喂 追 牵", "温顺 胖 大 新"),
    "水果": ("苹果 香蕉 葡萄 西瓜", "吃 洗 削", "甜 熟 大 新"),
    "城市": ("北京 上海 成都 西安", "去 离开 逛", "热闹 古老 大 新"),
}
groups = [[part.split() for part in parts] for parts in GROUPS.values()]
words = list(dict.fromkeys(PEOPLE + [w for g in groups for part in g for w in part]))
index = {word: i for i, word in enumerate(words)}

sentences = []
for _ in range(2000):  # 人 动词 形容词 名词，例如「小明 喂 温顺 猫」
    nouns, verbs, adjectives = groups[rng.integers(3)]
    parts = [PEOPLE, verbs, adjectives, nouns]
    sentences.append([index[part[rng.integers(len(part))]] for part in parts])

pairs = np.array(  # (中心词, 上下文词)，窗口是左右各两个词
    [
        (sentence[i], sentence[j])
        for sentence in sentences
        for i in range(4)
        for j in range(max(0, i - 2), min(4, i + 3))
        if i != j
    ]
)
counts = np.zeros((len(words), len(words)))  # #(w, c)
np.add.at(counts, (pairs[:, 0], pairs[:, 1]), 1)
print(f"{len(words)} 个词，{len(sentences)} 句，{len(pairs)} 对")
print("猫与狗同在一个窗口的次数：", int(counts[index["猫"], index["狗"]]))
# --8<-- [end:corpus]

# --8<-- [start:lookup]
vocabulary, dim, negatives = len(words), 16, 5


def embedding():
    start = rng.normal(0, 0.1, (vocabulary, dim)).astype("float32")
    return nn.Embedding.from_pretrained(torch.from_numpy(start), freeze=False)


v, u = embedding(), embedding()  # 中心词向量、上下文词向量

ids = torch.tensor([index[word] for word in ("猫", "狗", "猫")])
one_hot = F.one_hot(ids, vocabulary).float()  # (3, vocabulary)
print("独热乘矩阵 = 取行：", torch.equal(one_hot @ v.weight, v(ids)))
v(ids).sum().backward()  # 损失 = 取出的三行的全部元素之和；重复的 id 会累加
gradient = v.weight.grad
touched = gradient.any(dim=1).nonzero()[:, 0].tolist()
print("有梯度的行：", [(words[i], gradient[i, 0].item()) for i in touched])
# --8<-- [end:lookup]


# --8<-- [start:gradient]
class SkipGram(nn.Module):
    def __init__(self, v, u):
        super().__init__()
        self.v, self.u = v, u

    def forward(self, center, context, noise):
        """一批的平均损失。center、context：(batch,)；noise：(batch, k)。"""
        h = self.v(center)  # (batch, dim)
        positive = (h * self.u(context)).sum(dim=-1)  # (batch,)
        negative = torch.einsum("bd,bkd->bk", h, self.u(noise))  # (batch, k)
        return -(F.logsigmoid(positive) + F.logsigmoid(-negative).sum(dim=1)).mean()


model = SkipGram(v, u)
# --8<-- [end:gradient]


# --8<-- [start:noise]
share = np.bincount(pairs[:, 1], minlength=vocabulary) ** 0.75
share /= share.sum()  # 噪声分布：词频的 3/4 次方


def batch_of(rows):
    noise = rng.choice(vocabulary, (len(rows), negatives), p=share)
    parts = pairs[rows, 0], pairs[rows, 1], noise
    return [torch.from_numpy(part) for part in parts]


model.zero_grad()  # 上面查表时留下的梯度
loss = model(*batch_of(np.arange(256)))
loss.backward()
grad_v, grad_u = v.weight.grad.numpy(), u.weight.grad.numpy()
print(f"初始损失 {loss:.4f}；全猜一半是 {(1 + negatives) * np.log(2):.4f}")
print("「猫」的梯度，前四维：", grad_v[index["猫"], :4] * 1000, "÷ 1000")
# --8<-- [end:noise]

# --8<-- [start:train]
epochs, batch = 12, 500
# 损失对一批取了平均，每个词分到的梯度很小，所以学习率要大
optimizer = torch.optim.SGD(model.parameters(), lr=4)
linear = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 - epoch / epochs)
losses = []
# 有 GPU 时把模型与每个小批量移到 torch.accelerator.current_accelerator(True)；
# 这个模型太小，移过去反而更慢
for _ in range(epochs):
    order = rng.permutation(len(pairs))
    for start in range(0, len(pairs), batch):
        loss = model(*batch_of(order[start : start + batch]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    linear.step()
curve = np.reshape(losses, (epochs, -1)).mean(axis=1)
for epoch in (1, 2, 4, 12):
    print(f"第 {epoch:2d} 遍的平均损失 {curve[epoch - 1]:.4f}")
# --8<-- [end:train]

# --8<-- [start:neighbours]
unit = F.normalize(v.weight.detach(), dim=1)
cosine = unit @ unit.T
for word in ("猫", "香蕉", "上海", "吃", "小红"):
    row = cosine[index[word]]
    nearest = row.topk(4).indices[1:]  # 第 0 个是自己
    print(f"{word}：", "，".join(f"{words[i]} {row[i]:.2f}" for i in nearest))
# --8<-- [end:neighbours]

# --8<-- [start:pmi]
seen = counts > 0
expected = negatives * counts.sum(axis=1)[:, None] * share  # k · #(w) · P(c)
best = np.log(counts[seen] / expected[seen])  # 每个点积的最优值
dots = (v.weight @ u.weight.T).detach().numpy()  # (vocabulary, vocabulary)
print(f"学到的点积与最优值：相关系数 {np.corrcoef(dots[seen], best)[0, 1]:.3f}")
print(f"点积的平均：同现的词对 {dots[seen].mean():.2f}", end="，")
print(f"从不同现的 {dots[~seen].mean():.2f}")
# --8<-- [end:pmi]
