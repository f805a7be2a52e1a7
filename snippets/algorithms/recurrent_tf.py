# --8<-- [start:lstm]
import keras
import numpy as np

keras.config.set_floatx("float64")
lstm = keras.layers.LSTM(1, return_sequences=True, return_state=True)
lstm.build((None, None, 1))
lstm.set_weights(  # 门的次序 i、f、g、o，与手算相同
    [
        np.array([[3.0, 0.0, 1.0, 0.0]]),  # (输入, 4 × 状态)
        np.ones((1, 4)),  # (状态, 4 × 状态)
        np.array([-1.0, 1.0, 0.0, 0.0]),  # 只有一份偏置
    ]
)
output, h, c = lstm(np.array([[[1.0], [0.0]]]))  # (1, 2, 1)
print("h：第 1 步 {:.4f}，第 2 步 {:.4f}".format(*output.numpy().ravel()))
print(f"最后的 h {float(h[0, 0]):.4f}，c {float(c[0, 0]):.4f}")
# --8<-- [end:lstm]


# --8<-- [start:keras-shapes]
x = np.zeros((2, 5, 3))  # 2 句，各 5 步，每步 3 维
print("默认的返回值：", tuple(keras.layers.LSTM(4)(x).shape))
lstm = keras.layers.LSTM(4, return_sequences=True, return_state=True)
output, h, c = lstm(x)
print("每一步的 h：", tuple(output.shape))
print("最后的 h：", tuple(h.shape), "，c：", tuple(c.shape))
for weight in lstm.weights:
    print(weight.name, tuple(weight.shape))
forget = lstm.weights[2].numpy()[4:8]
print("遗忘门的初始偏置：", *[f"{v:.2f}" for v in forget])
# --8<-- [end:keras-shapes]


# --8<-- [start:gru]
def block(k, rows, columns):
    """一个门的权重：用正弦编一些不全相同的数，(columns, rows)。"""
    return np.sin(k + np.arange(rows * columns)).reshape(rows, columns).T


gates = {"z": 2, "r": 1, "h": 3}  # 更新、重置、候选：次序与 PyTorch 不同
gru = keras.layers.GRU(2, return_sequences=True, reset_after=True)
gru.build((None, None, 2))
weights = []
for shift, n in [(0, 2), (10, 2), (20, 1), (30, 1)]:
    parts = [block(k + shift, 2, n) for k in gates.values()]
    weights.append(np.hstack(parts))
kernel, recurrent, bias, recurrent_bias = weights
gru.set_weights([kernel, recurrent, np.vstack([bias, recurrent_bias])])
x = np.array([[[1.0, 0.0], [0.0, -1.0], [0.5, 2.0]]])  # (1, 3, 2)
output = gru(x).numpy()
for t, (a, b) in enumerate(output[0], start=1):
    print(f"第 {t} 步：h = ({a:.4f}, {b:.4f})")
# --8<-- [end:gru]


# --8<-- [start:by-hand]
W, U, (b, b2) = gru.get_weights()
h = np.zeros(2)
for x_t in x[0]:
    from_x = np.split(x_t @ W + b, 3)
    from_h = np.split(h @ U + b2, 3)
    z = 1 / (1 + np.exp(-from_x[0] - from_h[0]))
    r = 1 / (1 + np.exp(-from_x[1] - from_h[1]))
    n = np.tanh(from_x[2] + r * from_h[2])  # r 乘在矩阵之后
    h = (1 - z) * n + z * h
print("照公式算，最后的 h = ({:.4f}, {:.4f})".format(*h))
# --8<-- [end:by-hand]
