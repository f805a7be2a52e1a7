# --8<-- [start:forward]
import numpy as np

w, u, b = 1.0, 0.5, 0.0  # 输入、上一个状态的权重，偏置
x = [1.0, 0.0, -1.0]
y = -1.0  # 最后一个状态应该是多少


def forward(x, w, u, b):
    """从 h_0 = 0 开始，返回 h_0 到 h_T。"""
    h = [0.0]
    for x_t in x:  # 序列多长，就走多少步；参数只有这三个
        h.append(np.tanh(w * x_t + u * h[-1] + b))
    return h


h = forward(x, w, u, b)
for t in [1, 2, 3]:
    print(f"第 {t} 步：读入 {x[t - 1]:g}，状态 {h[t]:.4f}")
loss = (h[3] - y) ** 2 / 2
print(f"损失 {loss:.4f}")
# --8<-- [end:forward]


# --8<-- [start:bptt]
def bptt(x, y, w, u, b):
    """每一步对三个参数的梯度各贡献多少，(T, 3)。"""
    h = forward(x, w, u, b)
    grad_h = h[-1] - y  # 损失对最后一个状态的导数
    parts = np.zeros((len(x), 3))
    for t in range(len(x), 0, -1):
        delta = grad_h * (1 - h[t] ** 2)  # 穿过 tanh
        parts[t - 1] = delta * x[t - 1], delta * h[t - 1], delta
        grad_h = delta * u  # 交给前一步
        print(f"第 {t} 步：误差 {delta:.4f}，", end="")
        print("w {:.4f}，u {:.4f}，b {:.4f}".format(*parts[t - 1]))
    return parts


parts = bptt(x, y, w, u, b)
print("合计：w {:.4f}，u {:.4f}，b {:.4f}".format(*parts.sum(axis=0)))
# --8<-- [end:bptt]


# --8<-- [start:check]
def loss_of(params):
    return (forward(x, *params)[-1] - y) ** 2 / 2


eps, point = 1e-5, np.array([w, u, b])
slopes = []
for move in eps * np.eye(3):  # 每次只挪一个参数
    rise = loss_of(point + move) - loss_of(point - move)
    slopes.append(rise / (2 * eps))
print("差分：w {:.4f}，u {:.4f}，b {:.4f}".format(*slopes))
same = np.allclose(slopes, parts.sum(axis=0), rtol=0, atol=1e-8)
print("与合计最多差 1e-8：", same)
# --8<-- [end:check]
