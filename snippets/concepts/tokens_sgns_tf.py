# --8<-- [start:corpus]
import keras
import numpy as np
import tensorflow as tf
from keras import ops

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
    layer = keras.layers.Embedding(vocabulary, dim)
    layer.build()
    layer.set_weights([rng.normal(0, 0.1, (vocabulary, dim)).astype("float32")])
    return layer


v, u = embedding(), embedding()  # 中心词向量、上下文词向量

ids = tf.constant([index[word] for word in ("猫", "狗", "猫")])
one_hot = ops.one_hot(ids, vocabulary)  # (3, vocabulary)
same = np.array_equal(one_hot @ v.embeddings, v(ids))
print("独热乘矩阵 = 取行：", same)
with tf.GradientTape() as tape:
    total = ops.sum(v(ids))  # 损失 = 取出的三行的全部元素之和
sparse = tape.gradient(total, v.embeddings.value)  # IndexedSlices：只存取过的行
gradient = tf.convert_to_tensor(sparse).numpy()  # 转成稠密时，重复的 id 会累加
touched = np.flatnonzero(gradient.any(axis=1))
print("有梯度的行：", [(words[i], float(gradient[i, 0])) for i in touched])
# --8<-- [end:lookup]


# --8<-- [start:gradient]
class SkipGram(keras.Model):
    def __init__(self, v, u):
        super().__init__()
        self.v, self.u = v, u

    def call(self, center, context, noise):
        """一批的平均损失。center、context：(batch,)；noise：(batch, k)。"""
        h = self.v(center)  # (batch, dim)
        positive = ops.sum(h * self.u(context), axis=-1)  # (batch,)
        negative = ops.einsum("bd,bkd->bk", h, self.u(noise))  # (batch, k)
        likelihood = ops.log_sigmoid(positive)
        likelihood += ops.sum(ops.log_sigmoid(-negative), axis=1)
        return -ops.mean(likelihood)


model = SkipGram(v, u)


@tf.function(reduce_retracing=True)
def gradients_of(center, context, noise):
    with tf.GradientTape() as tape:
        loss = model(center, context, noise)
    return loss, tape.gradient(loss, model.trainable_variables)


# --8<-- [end:gradient]


# --8<-- [start:noise]
share = np.bincount(pairs[:, 1], minlength=vocabulary) ** 0.75
share /= share.sum()  # 噪声分布：词频的 3/4 次方


def batch_of(rows):
    noise = rng.choice(vocabulary, (len(rows), negatives), p=share)
    parts = pairs[rows, 0], pairs[rows, 1], noise
    return [tf.constant(part) for part in parts]


loss, gradients = gradients_of(*batch_of(np.arange(256)))
grad_v, grad_u = (tf.convert_to_tensor(g).numpy() for g in gradients)
print(f"初始损失 {loss:.4f}；全猜一半是 {(1 + negatives) * np.log(2):.4f}")
print("「猫」的梯度，前四维：", grad_v[index["猫"], :4] * 1000, "÷ 1000")
# --8<-- [end:noise]

# --8<-- [start:train]
epochs, batch = 12, 500
optimizer = keras.optimizers.SGD()
losses = []
for epoch in range(epochs):
    # 损失对一批取了平均，每个词分到的梯度很小，所以学习率要大
    optimizer.learning_rate = 4 * (1 - epoch / epochs)  # 学习率线性降到 0
    order = rng.permutation(len(pairs))
    for start in range(0, len(pairs), batch):
        loss, gradients = gradients_of(*batch_of(order[start : start + batch]))
        optimizer.apply(gradients, model.trainable_variables)
        losses.append(float(loss))
curve = np.reshape(losses, (epochs, -1)).mean(axis=1)
for epoch in (1, 2, 4, 12):
    print(f"第 {epoch:2d} 遍的平均损失 {curve[epoch - 1]:.4f}")
# --8<-- [end:train]

# --8<-- [start:neighbours]
unit = ops.normalize(v.embeddings, axis=1)
cosine = (unit @ ops.transpose(unit)).numpy()
for word in ("猫", "香蕉", "上海", "吃", "小红"):
    row = cosine[index[word]]
    nearest = ops.top_k(row, 4).indices.numpy()[1:]  # 第 0 个是自己
    print(f"{word}：", "，".join(f"{words[i]} {row[i]:.2f}" for i in nearest))
# --8<-- [end:neighbours]

# --8<-- [start:pmi]
seen = counts > 0
expected = negatives * counts.sum(axis=1)[:, None] * share  # k · #(w) · P(c)
best = np.log(counts[seen] / expected[seen])  # 每个点积的最优值
dots = (v.embeddings @ ops.transpose(u.embeddings)).numpy()
print(f"学到的点积与最优值：相关系数 {np.corrcoef(dots[seen], best)[0, 1]:.3f}")
print(f"点积的平均：同现的词对 {dots[seen].mean():.2f}", end="，")
print(f"从不同现的 {dots[~seen].mean():.2f}")
# --8<-- [end:pmi]
