# --8<-- [start:seeds]
import keras
import numpy as np
import tensorflow as tf
import torch

# 有 GPU 时 TensorFlow 默认用 TF32，尾数只有 10 位，比不出 1e-5 的差
tf.config.experimental.enable_tensor_float_32_execution(False)
torch.manual_seed(0)
tf.random.set_seed(0)
draws = {
    "NumPy": np.random.default_rng(0).standard_normal(3),
    "PyTorch": torch.randn(3).numpy(),
    "TensorFlow": tf.random.normal((3,)).numpy(),
}
print("【种子 0 的前三个正态数】")
for name, values in draws.items():
    print(name, *[f"{v:.4f}" for v in values])
# --8<-- [end:seeds]


# --8<-- [start:copy]
rng = np.random.default_rng(1)
x = rng.standard_normal((5, 4), dtype=np.float32)
w = rng.standard_normal((4, 4), dtype=np.float32)  # (输入, 输出)

linear = torch.nn.Linear(4, 4, bias=False)
dense = keras.layers.Dense(4, use_bias=False)
dense.build((None, 4))


def compare(name):
    """两个框架的输出最多差多少；容差 1e-5，约是 float32 相对间隔的 84 倍。"""
    with torch.inference_mode():
        ours = linear(torch.from_numpy(x)).numpy()
    gap = np.abs(ours - dense(x).numpy()).max()
    print(f"{name}，最大差 < 1e-5：", bool(gap < 1e-5))
    return gap


print("【同一个全连接层，两个框架】")
own = compare("各用自己的初值")
dense.set_weights([w])
with torch.no_grad():
    linear.weight.copy_(torch.from_numpy(w))
untransposed = compare("抄了权重，忘记转置")
with torch.no_grad():
    linear.weight.copy_(torch.from_numpy(w.T))  # PyTorch 存 (输出, 输入)
copied = compare("抄了权重，也转置了")
print(f"忘记转置时差 {untransposed:.2f}，而且不报错")
# --8<-- [end:copy]
