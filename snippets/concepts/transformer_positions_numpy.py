# --8<-- [start:table]
import numpy as np

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")


def sinusoidal_positions(length, d):
    position = np.arange(length)[:, None]
    frequency = 10000.0 ** (-np.arange(0, d, 2) / d)
    table = np.zeros((length, d))
    table[:, 0::2] = np.sin(position * frequency)  # 偶数维
    table[:, 1::2] = np.cos(position * frequency)  # 奇数维
    return table


table = sinusoidal_positions(50, 32)
for position in [0, 1, 2, 3]:
    print(f"第 {position} 位，前 6 维：", table[position, :6])
# --8<-- [end:table]

# --8<-- [start:turn]
angle = 3 * 10000.0 ** (-2 / 32)  # 往后三位，第 2、3 维转过的角度
cos, sin = np.cos(angle), np.sin(angle)
turn = np.array([[cos, -sin], [sin, cos]])
for position in [0, 10, 40]:
    moved, listed = table[position, 2:4] @ turn, table[position + 3, 2:4]
    print(f"第 {position} 位转过去：", moved, " 表里：", listed)
# --8<-- [end:turn]
