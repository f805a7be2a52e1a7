# --8<-- [start:step]
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_step(x, h, c, W, U, b):
    """走一步，返回新的 h、c 与四个门；门的次序是 i、f、g、o。"""
    gates = W @ x + U @ h + b  # (4H,)：四块叠在一起
    i, f, g, o = np.split(gates, 4)
    i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)  # 0 到 1：放行多少
    g = np.tanh(g)  # 候选内容，-1 到 1
    c = f * c + i * g  # 旧的留多少，新的写多少
    h = o * np.tanh(c)  # 记忆里露出多少
    return h, c, (i, f, g, o)


# --8<-- [end:step]


# --8<-- [start:two-steps]
W = np.array([[3.0], [0.0], [1.0], [0.0]])  # i、f、g、o 各一行
U = np.array([[1.0], [1.0], [1.0], [1.0]])
b = np.array([-1.0, 1.0, 0.0, 0.0])  # 遗忘门的偏置从 1 开始
h, c = np.zeros(1), np.zeros(1)
for t, x_t in enumerate([1.0, 0.0], start=1):
    h, c, gates = lstm_step(np.array([x_t]), h, c, W, U, b)
    names = zip("ifgo", gates, strict=True)
    print(f"第 {t} 步，读入 {x_t:g}：", end="")
    print("，".join(f"{name} {v.item():.4f}" for name, v in names))
    print(f"　记忆 c {c.item():.4f}，状态 h {h.item():.4f}")
# --8<-- [end:two-steps]


# --8<-- [start:path]
for bias in [0.0, 1.0, 3.0, 5.0]:
    f = sigmoid(bias)
    left = [f**steps for steps in (10, 50)]
    print(f"偏置 {bias:g}，f = {f:.3f}：", end="")
    print("走 10 步剩 {:.1e}，走 50 步剩 {:.1e}".format(*left))
# --8<-- [end:path]


# --8<-- [start:whole]
zero, x_1, x_2 = np.zeros(1), np.array([1.0]), np.array([0.0])
h_1, c_1, (_, _, _, o_1) = lstm_step(x_1, zero, zero, W, U, b)
_, _, (_, f_2, _, _) = lstm_step(x_2, h_1, c_1, W, U, b)


def last_c(c_1):
    """第一步的记忆换成 c_1，h_1 跟着变，第二步的记忆是多少。"""
    return lstm_step(x_2, o_1 * np.tanh(c_1), c_1, W, U, b)[1].item()


slope = (last_c(c_1 + 1e-5) - last_c(c_1 - 1e-5)) / 2e-5
print(f"c_2 对 c_1 的导数：直路 {f_2.item():.4f}", end="，")
print(f"加上经过 h 的路 {slope:.4f}")
# --8<-- [end:whole]
