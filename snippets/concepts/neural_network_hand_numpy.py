# --8<-- [start:forward]
import numpy as np

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")
x, y = np.array([1.0, 2.0]), np.array([0.0, 1.0])  # 正确的是第 1 类
w1 = np.array([[0.0, 1.0], [1.0, -1.0]])
w2 = np.array([[0.5, -0.5], [1.0, -1.0]])


def forward(w1, w2):
    z1 = x @ w1
    h = np.maximum(z1, 0)  # ReLU
    z2 = h @ w2
    p = np.exp(z2) / np.exp(z2).sum()  # softmax
    return z1, h, z2, p, -(y * np.log(p)).sum()  # y 只有正确的类是 1


z1, h, z2, p, loss = forward(w1, w2)
print("z1", z1, " h", h)
print("z2", z2, " p", p)
print(f"损失 {loss:.3f}")
# --8<-- [end:forward]


# --8<-- [start:backward]
d2 = p - y  # 损失对 z2 的梯度
dw2 = np.outer(h, d2)
dh = w2 @ d2
d1 = dh * (z1 > 0)  # 被 ReLU 关掉的单元，梯度到此为止
dw1 = np.outer(x, d1)
print("p - y", d2)
print("W2 的梯度", *(dw2 + 0))  # + 0：不印 -0
print("h 的梯度", dh, " z1 的梯度", d1)
print("W1 的梯度", *dw1)
# --8<-- [end:backward]


# --8<-- [start:step]
rate = 0.1
w1, w2 = w1 - rate * dw1, w2 - rate * dw2
print("新的 W1", *w1)
print("新的 W2", *w2)
z1, h, z2, p, loss = forward(w1, w2)
print("z1", z1, " p", p)
print(f"损失 {loss:.3f}")
# --8<-- [end:step]
