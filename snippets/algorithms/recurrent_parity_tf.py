# --8<-- [start:setup]
import keras
import numpy as np
import torch
from torch import nn

X, H = 3, 4  # 输入几维，状态几维
torch.manual_seed(0)
keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(2, 7, X)).astype("float32")


def gap(ours, theirs):
    """同样的输入，两个框架每一步的状态最多差多少。"""
    with torch.inference_mode():
        h = ours(torch.from_numpy(x))[0].numpy()  # (2, 7, H)
    return np.abs(h - theirs(x).numpy()).max()


def close(value):
    return "小于 1e-6" if value < 1e-6 else f"{value:.2f}"


# --8<-- [end:setup]


# --8<-- [start:to-keras]
LSTM = [0, 1, 2, 3]  # 两边都是 i、f、g、o
GRU = [1, 0, 2]  # r、z、n 与 z、r、h：对调前两块，去和回一样


def reorder(weight, order):
    """第 0 维上叠着几个门，按 order 重排。"""
    blocks = np.split(weight, len(order))
    return np.concatenate([blocks[k] for k in order])


def to_keras(layer, order):
    """PyTorch 的层 → Keras 的 set_weights 要的列表。"""
    weights = [p.detach().numpy() for p in layer.parameters()]
    W, U, b, c = (reorder(p, order) for p in weights)
    two = isinstance(layer, nn.GRU)  # 只有 GRU 的两份偏置要分开
    bias = np.stack([b, c]) if two else b + c
    return [W.T, U.T, bias]  # Keras 存 (输入, 门 × H)


# --8<-- [end:to-keras]


# --8<-- [start:to-torch]
def to_torch(layer, order):
    """Keras 的层 → PyTorch 的 load_state_dict 要的字典。"""
    W, U, bias = layer.get_weights()
    two = isinstance(layer, keras.layers.GRU)
    b, c = bias if two else (bias, np.zeros_like(bias))
    parts = [reorder(p, order) for p in (W.T, U.T, b, c)]
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    return {k: torch.tensor(p) for k, p in zip(names, parts, strict=True)}


# --8<-- [end:to-torch]


# --8<-- [start:compare]
def layers(name):
    """两个框架各建一层，偏置也随机。"""
    ours = getattr(nn, name)(X, H, batch_first=True)
    cls = getattr(keras.layers, name)
    theirs = cls(H, return_sequences=True, bias_initializer="normal")
    theirs.build((None, None, X))
    return ours, theirs


for name, order in [("LSTM", LSTM), ("GRU", GRU)]:
    ours, theirs = layers(name)
    theirs.set_weights(to_keras(ours, order))
    print(f"{name}，PyTorch → Keras：差", close(gap(ours, theirs)))
    ours, theirs = layers(name)
    ours.load_state_dict(to_torch(theirs, order))
    print(f"{name}，Keras → PyTorch：差", close(gap(ours, theirs)))
# --8<-- [end:compare]


# --8<-- [start:mistakes]
ours, theirs = layers("GRU")
theirs.set_weights(to_keras(ours, [0, 1, 2]))
print("次序不换：差", close(gap(ours, theirs)))
before = keras.layers.GRU(H, return_sequences=True, reset_after=False)
before.build((None, None, X))
print("reset_after=False：偏置的形状", tuple(before.weights[2].shape))
W, U, bias = to_keras(ours, GRU)
before.set_weights([W, U, bias.sum(axis=0)])
print("偏置相加再抄：差", close(gap(ours, before)))
# --8<-- [end:mistakes]
