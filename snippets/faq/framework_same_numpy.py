# --8<-- [start:model]
import numpy as np

W1 = np.array([[1.0, -1.0], [1.0, 1.0]])  # (入, 出)
W2 = np.array([[1.0], [-1.0]])
b1, b2 = np.zeros(2), np.zeros(1)


def model(x):
    h = np.maximum(x @ W1 + b1, 0)  # ReLU
    return h, h @ W2 + b2


# --8<-- [end:model]


# --8<-- [start:loss]
x, y = np.array([[1.0, 2.0]]), np.array([[1.0]])  # 一个样本
h, out = model(x)
loss = ((out - y) ** 2).mean()
print(f"输出：{out.item():.1f}，损失：{loss:.1f}")
# --8<-- [end:loss]


# --8<-- [start:gradient]
d_out = 2 * (out - y)  # 没有自动求导，链式法则一层层往回乘
grad_2, grad_b2 = h.T @ d_out, d_out.sum(0)
d_h = (d_out @ W2.T) * (h > 0)
grad_1, grad_b1 = x.T @ d_h, d_h.sum(0)
print("第一层权重的梯度（入，出）：", grad_1.tolist())
# --8<-- [end:gradient]


# --8<-- [start:step]
for w, d in [(W1, grad_1), (b1, grad_b1), (W2, grad_2), (b2, grad_b2)]:
    w -= 0.02 * d  # 就地修改
loss = ((model(x)[1] - y) ** 2).mean()
print(f"走一步之后，损失：{loss:.4f}")
# --8<-- [end:step]
