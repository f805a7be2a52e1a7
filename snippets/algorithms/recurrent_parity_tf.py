# --8<-- [start:setup]
import keras
import numpy as np
import torch
from torch import nn

keras.config.set_floatx("float64")  # float32 在 GPU 上会按 TF32 算
torch.set_default_dtype(torch.float64)
X, H = 3, 4  # 输入几维，状态几维
torch.manual_seed(0)
keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(2, 7, X))


def gap(torch_layer, keras_layer):
    """同样的输入，两个框架每一步的状态最多差多少。"""
    with torch.inference_mode():
        h = torch_layer(torch.from_numpy(x))[0].numpy()  # (2, 7, H)
    return np.abs(h - keras_layer(x).numpy()).max()


def close(value):
    return "小于 1e-12" if value < 1e-12 else f"{value:.3g}"


# --8<-- [end:setup]


# --8<-- [start:to-keras]
lstm_order = [0, 1, 2, 3]  # 两边都是 i、f、g、o
gru_order = [1, 0, 2]  # r、z、n 与 z、r、h：对调前两块，去和回一样


def reorder(weight, order):
    """第 0 维上叠着几个门，按 order 重排。"""
    blocks = np.split(weight, len(order))
    return np.concatenate([blocks[k] for k in order])


def to_keras(layer, order):
    """PyTorch 的层 → Keras 的 set_weights 要的列表。"""
    weights = [p.detach().numpy() for p in layer.parameters()]
    W, U, b, b2 = (reorder(p, order) for p in weights)
    two = isinstance(layer, nn.GRU)  # 只有 GRU 的两份偏置要分开
    bias = np.stack([b, b2]) if two else b + b2
    return [W.T, U.T, bias]  # Keras 存 (输入, 门 × H)


# --8<-- [end:to-keras]


# --8<-- [start:to-torch]
def to_torch(layer, order):
    """Keras 的层 → PyTorch 的 load_state_dict 要的字典。"""
    W, U, bias = layer.get_weights()
    two = isinstance(layer, keras.layers.GRU)
    b, b2 = bias if two else (bias, np.zeros_like(bias))
    parts = [reorder(p, order) for p in (W.T, U.T, b, b2)]
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    return {k: torch.tensor(p) for k, p in zip(names, parts, strict=True)}


# --8<-- [end:to-torch]


# --8<-- [start:compare]
def pair(torch_class, keras_class):
    """两个框架各建一层，偏置也随机。"""
    torch_layer = torch_class(X, H, batch_first=True)
    keras_layer = keras_class(H, return_sequences=True, bias_initializer="normal")
    keras_layer.build((None, None, X))
    return torch_layer, keras_layer


lstms, grus = (nn.LSTM, keras.layers.LSTM), (nn.GRU, keras.layers.GRU)
cells = [("LSTM", lstms, lstm_order), ("GRU", grus, gru_order)]
for name, classes, order in cells:
    torch_layer, keras_layer = pair(*classes)
    keras_layer.set_weights(to_keras(torch_layer, order))
    difference = close(gap(torch_layer, keras_layer))
    print(f"{name}，PyTorch → Keras：差", difference)
    torch_layer, keras_layer = pair(*classes)
    torch_layer.load_state_dict(to_torch(keras_layer, order))
    difference = close(gap(torch_layer, keras_layer))
    print(f"{name}，Keras → PyTorch：差", difference)
# --8<-- [end:compare]


# --8<-- [start:mistakes]
torch_layer, keras_layer = pair(*grus)
keras_layer.set_weights(to_keras(torch_layer, [0, 1, 2]))
print("次序不换：差", close(gap(torch_layer, keras_layer)))
before = keras.layers.GRU(H, return_sequences=True, reset_after=False)
before.build((None, None, X))
print("reset_after=False：偏置的形状", tuple(before.weights[2].shape))
W, U, bias = to_keras(torch_layer, gru_order)
before.set_weights([W, U, bias.sum(axis=0)])
print("偏置相加再抄：差", close(gap(torch_layer, before)))
# --8<-- [end:mistakes]
