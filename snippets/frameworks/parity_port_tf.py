# --8<-- [start:original]
from copy import deepcopy

import keras
import numpy as np
import tensorflow as tf
import torch
from keras import layers, ops
from torch import nn
from torch.nn import functional as F

tf.config.experimental.enable_tensor_float_32_execution(False)  # 有 GPU 时要关


class Block(nn.Module):
    """要搬走的模型：一层 Transformer，宽 16，一个注意力头。"""

    def __init__(self, vocab=50, d=16):
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.q, self.k, self.v, self.o = (nn.Linear(d, d) for _ in range(4))
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)
        self.head = nn.Linear(d, vocab)

    def forward(self, words):  # (batch, n)
        x = self.embed(words) * 0.1  # (batch, n, d)，残差流开始时很小
        z = self.norm1(x)
        scores = self.q(z) @ self.k(z).mT / 4  # (batch, n, n)，√16 = 4
        x = x + self.o(scores.softmax(-1) @ self.v(z))
        x = x + self.down(F.gelu(self.up(self.norm2(x))))
        return self.head(x)  # (batch, n, words)


# --8<-- [end:original]


# --8<-- [start:record]
def record(model, words):
    """{名字: 每个子模块的输出}，按计算的次序。"""
    seen = {}

    def keep(name):
        def hook(module, inputs, output):
            seen[name] = output.numpy().copy()  # 后面若就地改它，这里不变

        return hook

    handles = [m.register_forward_hook(keep(n)) for n, m in model.named_children()]
    model.eval()
    with torch.inference_mode():
        model(words)
    for handle in handles:
        handle.remove()
    return seen


def reference(seed):
    """原模型，一批输入，float32 与 float64 各算一遍的中间量。"""
    torch.manual_seed(seed)
    original = Block()
    words = torch.from_numpy(np.random.default_rng(seed).integers(0, 50, (8, 12)))
    theirs = record(original, words)
    exact = record(deepcopy(original).double(), words)  # double() 会改模型自己
    return original, words.numpy(), theirs, exact


original, words, theirs, exact = reference(0)
print("次序：", "、".join(theirs))
# --8<-- [end:record]


# --8<-- [start:port]
def port(original, epsilon=1e-5, transpose=True, approximate=False, d=16):
    """用 Keras 重写，再抄权重；后面三个参数是三处容易错的地方。"""
    inputs = keras.Input((None,), dtype="int32")
    seen = {}

    def call(name, layer, x):
        seen[name] = layer(x)
        return seen[name]

    x = call("embed", layers.Embedding(50, d, name="embed"), inputs) * 0.1
    norm1 = layers.LayerNormalization(epsilon=epsilon, name="norm1")
    z = call("norm1", norm1, x)
    q, k, v = (call(n, layers.Dense(d, name=n), z) for n in "qkv")
    scores = ops.matmul(q, ops.swapaxes(k, 1, 2)) / 4
    mixed = ops.matmul(ops.softmax(scores), v)
    x = x + call("o", layers.Dense(d, name="o"), mixed)
    norm2 = layers.LayerNormalization(epsilon=epsilon, name="norm2")
    up = call("up", layers.Dense(4 * d, name="up"), call("norm2", norm2, x))
    hidden = ops.gelu(up, approximate=approximate)
    x = x + call("down", layers.Dense(d, name="down"), hidden)
    call("head", layers.Dense(50, name="head"), x)
    model = keras.Model(inputs, seen)
    for name, module in original.named_children():
        arrays = [p.detach().numpy() for p in module.parameters()]
        square = arrays[0].shape == (d, d)
        if isinstance(module, nn.Linear) and (transpose or not square):
            arrays[0] = arrays[0].T  # (输出, 输入) → (输入, 输出)
        model.get_layer(name).set_weights(arrays)
    return model


# --8<-- [end:port]


# --8<-- [start:compare]
def ratios(ours, theirs, exact):
    """{名字: 两边的差是舍入的几倍}"""
    return {
        name: np.abs(ours[name] - b).max() / np.abs(b - exact[name]).max()
        for name, b in theirs.items()
        if name != "embed"  # 查表没有舍入，除数是 0
    }


tries = {
    "照 Keras 的默认": {"epsilon": 1e-3, "transpose": False, "approximate": True},
    "epsilon 改成 1e-5": {"transpose": False, "approximate": True},
    "方阵也转置": {"approximate": True},
    "GELU 不用近似": {},
}
for change, settings in tries.items():
    ours = {n: t.numpy() for n, t in port(original, **settings)(words).items()}
    apart = [n for n, r in ratios(ours, theirs, exact).items() if not r <= 10]
    where = f"{apart[0]} 起不等" if apart else "全部相等"
    gap = np.abs(ours["head"] - theirs["head"]).max()
    shown = f"{gap:.1g}" if gap > 1e-6 else "不到 1e-6"
    same = np.mean(ours["head"].argmax(-1) == theirs["head"].argmax(-1))
    print(f"{change}：{where}；输出差 {shown}，选出的词 {same:.0%} 相同")
# --8<-- [end:compare]


# --8<-- [start:margin]
right, wrong, alike = [], [], 0
for seed in range(20):
    original, words, theirs, exact = reference(seed)
    good, off = (
        {n: t.numpy() for n, t in port(original, approximate=tanh)(words).items()}
        for tanh in (False, True)
    )
    right.append(max(ratios(good, theirs, exact).values()))
    wrong.append(max(ratios(off, theirs, exact).values()))
    alike += np.array_equal(off["head"].argmax(-1), theirs["head"].argmax(-1))
print("20 组权重，每组取差得最多的一层：")
print("搬对了，都不到舍入的 5 倍：", max(right) < 5)
print("只有 GELU 用了近似，都超过舍入的 50 倍：", min(wrong) > 50)
print(f"用了近似，选出的词仍全部相同的：{alike} 组")
# --8<-- [end:margin]
