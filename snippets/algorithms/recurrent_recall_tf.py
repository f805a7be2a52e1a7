# --8<-- [start:keras-language]
import math

import keras
import numpy as np

keras.config.set_floatx("float64")  # CPU 舍入的差别小到印不出来


def sentences(n, gap, seed):
    """n 句：要记的符号 0 到 3，gap 个填充 4 到 7，最后是问号 8。"""
    rng = np.random.default_rng(seed)
    first = rng.integers(4, size=(n, 1))
    filler = rng.integers(4, 8, size=(n, gap))
    ask = np.full((n, 1), 8)
    return np.hstack([first, filler, ask]), first[:, 0]


x, y = sentences(2, 20, seed=0)
for sentence, answer in zip(x, y, strict=True):
    print("".join("甲乙丙丁子丑寅卯？"[s] for s in sentence), end="")
    print("　答：", "甲乙丙丁"[answer])
print(f"不知道第一个符号：正确率 {1 / 4:.2f}，损失 {math.log(4):.3f}")
# --8<-- [end:keras-language]


# --8<-- [start:model]
def forget(bias):
    """LSTM 的两个选项：遗忘门的偏置从 bias 开始，别的从 0 开始。"""

    def initial(shape, dtype=None):
        start, n = np.zeros(shape), shape[0] // 4
        start[n : 2 * n] = bias  # 四块中的第二块是遗忘门
        return keras.ops.convert_to_tensor(start, dtype)

    return {"bias_initializer": initial, "unit_forget_bias": False}


def recall(recurrent, spread):
    embedding = keras.layers.Embedding(9, 16, embeddings_initializer=spread)
    output = keras.layers.Dense(4)
    # 循环的层默认只返回最后一步的 h
    model = keras.Sequential([embedding, recurrent, output])
    model.compile(
        optimizer=keras.optimizers.Adam(0.01, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model


# --8<-- [end:model]


# --8<-- [start:train]
def train(cell, spread, options, seed, steps=300):
    keras.utils.set_random_seed(seed)
    model = recall(cell(32, **options), spread())
    x, y = sentences(64 * steps, 20, seed)
    model.fit(x, y, batch_size=64, shuffle=False, verbose=0)
    return model


def accuracy(model, gap):
    x, y = sentences(1000, gap, seed=100)
    logits = model.predict(x, batch_size=len(x), verbose=0)
    return np.mean(logits.argmax(axis=1) == y)


# --8<-- [end:train]


# --8<-- [start:keras-compare]
def small():
    return keras.initializers.RandomUniform(-0.05, 0.05)  # 默认


def large():  # 每次建一个新的：初始化器建好时，种子就定了
    return keras.initializers.RandomNormal(stddev=1.0)


ways = {
    "RNN，大嵌入": (keras.layers.SimpleRNN, large, {}),
    "RNN，小嵌入": (keras.layers.SimpleRNN, small, {}),
    "LSTM，遗忘偏置 1": (keras.layers.LSTM, small, {}),
    "LSTM，遗忘偏置 3": (keras.layers.LSTM, small, forget(3.0)),
    "GRU，默认": (keras.layers.GRU, small, {}),
}
runs = {}
for name, way in ways.items():
    runs[name] = [train(*way, seed) for seed in range(3)]
    found = [accuracy(model, 20) for model in runs[name]]
    print(f"{name}：", "、".join(f"{a:.2f}" for a in found))
# --8<-- [end:keras-compare]


# --8<-- [start:farther]
for gap in [10, 40, 80]:
    models = runs["LSTM，遗忘偏置 3"]
    found = [accuracy(model, gap) for model in models]
    print(f"隔 {gap} 个：", "、".join(f"{a:.2f}" for a in found))
# --8<-- [end:farther]
