# --8<-- [start:data]
from datetime import date, timedelta

import keras
import numpy as np
from keras import layers, ops

keras.config.set_floatx("float64")  # 为了每台机器印出同样的数
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
    rows = [[names.index(c) for c in row] for row in rows]
    length = max(map(len, rows))
    return np.array([row + [PAD] * (length - len(row)) for row in rows])


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


# --8<-- [start:block]
class Block(layers.Layer):
    """先归一化的一块；给了 memory 就是解码器的，多一个交叉注意力。"""

    def __init__(self, d, heads, cross=False):
        super().__init__()
        self.norms = [layers.LayerNormalization(epsilon=1e-5) for _ in range(2 + cross)]
        self.attend = layers.MultiHeadAttention(heads, d // heads)
        self.cross = layers.MultiHeadAttention(heads, d // heads) if cross else None
        self.up = layers.Dense(2 * d, activation="relu")
        self.down = layers.Dense(d)

    def call(self, x, mask, memory=None):
        h = self.norms[0](x)
        if memory is None:
            x = x + self.attend(h, h, attention_mask=mask)
        else:
            x = x + self.attend(h, h, use_causal_mask=True)
            h = self.norms[1](x)
            x = x + self.cross(h, memory, attention_mask=mask)
        return x + self.down(self.up(self.norms[-1](x)))


# --8<-- [end:block]


# --8<-- [start:model]
class Translator(keras.Model):
    def __init__(self, d=32, heads=4):
        super().__init__()
        # 一个初始化对象每次都给同样的数，所以造三个
        start = [keras.initializers.RandomNormal(stddev=1.0) for _ in range(3)]
        self.source = layers.Embedding(len(SOURCE), d, start[0])
        self.target = layers.Embedding(len(TARGET), d, start[1])
        self.place = self.add_weight(shape=(24, d), initializer=start[2])
        self.encoder, self.decoder = Block(d, heads), Block(d, heads, cross=True)
        self.norms = [layers.LayerNormalization(epsilon=1e-5) for _ in range(2)]
        self.head = layers.Dense(len(TARGET))

    def read(self, source):
        mask = (source != PAD)[:, None]  # True 是可以看
        x = self.source(source) + self.place[: source.shape[1]]
        return self.norms[0](self.encoder(x, mask))

    def write(self, target, memory, source):
        mask = (source != PAD)[:, None]
        y = self.target(target) + self.place[: target.shape[1]]
        return self.head(self.norms[1](self.decoder(y, mask, memory)))

    def call(self, inputs):
        source, target = inputs
        return self.write(target, self.read(source), source)


# --8<-- [end:model]


# --8<-- [start:greedy]
def translate(model, texts, language, limit=20):
    """贪心：编码器只算一次，每步取最后一格最可能的字，送回去。"""
    source = encode(texts, SOURCE)
    memory = model.read(source)
    y = np.full((len(texts), 1), TARGET.index(language))
    while y.shape[1] <= limit and not (y == EOS).any(axis=1).all():
        scores = model.write(y, memory, source)[:, -1]
        y = np.hstack([y, ops.argmax(scores, axis=1)[:, None]])
    said = ["".join(TARGET[k] for k in row[1:]) for row in y]
    return [text.split("<eos>")[0] for text in said]


def exact(model, to):
    """译文与参考一字不差的比例，%。"""
    texts = [text for d in test for text in written(d)]
    said = translate(model, texts, to)
    right = [spoken(d, to) for d in test for _ in range(5)]
    return 100 * np.mean(np.array(said) == right)


# --8<-- [end:greedy]


# --8<-- [start:keras-train]
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
model = Translator()
model.compile(
    optimizer=keras.optimizers.AdamW(5e-3, weight_decay=0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=PAD),
)
for step in range(50, 301, 50):
    days, ways = rng.integers(len(train), size=3200), rng.integers(10, size=3200)
    both = zip(days, ways, strict=True)
    source, target = pairs([(train[i], k % 5, LANGUAGES[k // 5]) for i, k in both])
    seen = model.fit(  # 老师给的前文
        (source, target[:, :-1]), target[:, 1:], batch_size=64, verbose=0
    )
    print(f"第 {step} 步：损失 {seen.history['loss'][0]:.2f}", end="，")
    iso, en = (exact(model, to) for to in LANGUAGES)
    print(f"完全匹配 ISO {iso:.0f}%，英文 {en:.0f}%")
# --8<-- [end:keras-train]
