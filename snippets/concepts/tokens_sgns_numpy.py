# --8<-- [start:corpus]
import numpy as np

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
v = rng.normal(0, 0.1, (vocabulary, dim)).astype("float32")  # 中心词向量
u = rng.normal(0, 0.1, (vocabulary, dim)).astype("float32")  # 上下文词向量

ids = np.array([index[word] for word in ("猫", "狗", "猫")])
one_hot = np.eye(vocabulary, dtype="float32")[ids]  # (3, vocabulary)
print("独热乘矩阵 = 取行：", np.array_equal(one_hot @ v, v[ids]))
gradient = np.zeros_like(v)  # 令损失 = 取出的三行的全部元素之和
np.add.at(gradient, ids, 1.0)  # 等于 one_hot.T @ 全 1；重复的 id 要累加
touched = np.flatnonzero(gradient.any(axis=1))
print("有梯度的行：", [(words[i], float(gradient[i, 0])) for i in touched])
# --8<-- [end:lookup]


# --8<-- [start:gradient]
def loss_and_gradients(v, u, center, context, noise):
    """center、context：(batch,)；noise：(batch, k)。返回损失与两个梯度。"""
    target = np.concatenate([context[:, None], noise], axis=1)  # (batch, 1 + k)
    label = np.zeros(target.shape, "float32")
    label[:, 0] = 1  # 第 0 列是真的上下文，其余是噪声
    h, w = v[center], u[target]  # (batch, dim), (batch, 1 + k, dim)
    score = np.einsum("bd,bkd->bk", h, w)
    # −log σ(±s) = log(1 + e^{∓s})；logaddexp 不会溢出
    loss = np.logaddexp(0, (1 - 2 * label) * score).sum(axis=1).mean()
    error = (1 / (1 + np.exp(-score)) - label) / len(center)  # σ(s) − 标签
    grad_v, grad_u = np.zeros_like(v), np.zeros_like(u)
    np.add.at(grad_v, center, np.einsum("bk,bkd->bd", error, w))
    np.add.at(grad_u, target, error[..., None] * h[:, None])
    return loss, grad_v, grad_u


# --8<-- [end:gradient]


# --8<-- [start:noise]
share = np.bincount(pairs[:, 1], minlength=vocabulary) ** 0.75
share /= share.sum()  # 噪声分布：词频的 3/4 次方


def batch_of(rows):
    noise = rng.choice(vocabulary, (len(rows), negatives), p=share)
    return pairs[rows, 0], pairs[rows, 1], noise


center, context, noise = batch_of(np.arange(256))
loss, grad_v, grad_u = loss_and_gradients(v, u, center, context, noise)
print(f"初始损失 {loss:.4f}；全猜一半是 {(1 + negatives) * np.log(2):.4f}")
print("「猫」的梯度，前四维：", grad_v[index["猫"], :4] * 1000, "÷ 1000")
# --8<-- [end:noise]

# --8<-- [start:train]
epochs, batch = 12, 500
losses = []
for epoch in range(epochs):
    # 损失对一批取了平均，每个词分到的梯度很小，所以学习率要大
    rate = 4 * (1 - epoch / epochs)  # 学习率线性降到 0
    order = rng.permutation(len(pairs))
    for start in range(0, len(pairs), batch):
        rows = order[start : start + batch]
        loss, grad_v, grad_u = loss_and_gradients(v, u, *batch_of(rows))
        v -= rate * grad_v  # 两个梯度都算好之后再更新
        u -= rate * grad_u
        losses.append(loss)
curve = np.reshape(losses, (epochs, -1)).mean(axis=1)
for epoch in (1, 2, 4, 12):
    print(f"第 {epoch:2d} 遍的平均损失 {curve[epoch - 1]:.4f}")
# --8<-- [end:train]

# --8<-- [start:neighbours]
unit = v / np.linalg.norm(v, axis=1, keepdims=True)
cosine = unit @ unit.T
for word in ("猫", "香蕉", "上海", "吃", "小红"):
    row = cosine[index[word]]
    nearest = np.argsort(-row)[1:4]  # 第 0 个是自己
    print(f"{word}：", "，".join(f"{words[i]} {row[i]:.2f}" for i in nearest))
# --8<-- [end:neighbours]

# --8<-- [start:pmi]
seen = counts > 0
expected = negatives * counts.sum(axis=1)[:, None] * share  # k · #(w) · P(c)
best = np.log(counts[seen] / expected[seen])  # 每个点积的最优值
dots = v @ u.T  # (vocabulary, vocabulary)
print(f"学到的点积与最优值：相关系数 {np.corrcoef(dots[seen], best)[0, 1]:.3f}")
print(f"点积的平均：同现的词对 {dots[seen].mean():.2f}", end="，")
print(f"从不同现的 {dots[~seen].mean():.2f}")
# --8<-- [end:pmi]
