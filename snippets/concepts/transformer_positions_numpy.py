# --8<-- [start:table]
import numpy as np

np.set_printoptions(precision=3, floatmode="fixed", sign=" ")


def sinusoidal_positions(length, d):
    position = np.arange(length)[:, None]
    rate = 10000.0 ** (-np.arange(0, d, 2) / d)
    angle = position * rate
    table = np.zeros((length, d))
    table[:, 0::2] = np.sin(angle)  # 偶数维
    table[:, 1::2] = np.cos(angle)  # 奇数维
    return table


d = 32
table = sinusoidal_positions(50, d)
for position in [0, 1, 2, 3]:
    first = table[position, :4]
    print(f"第 {position} 位，前 4 维：{first}")
# --8<-- [end:table]


# --8<-- [start:turn]
def turn(point, angle):
    y, x = point  # 表里先竖（正弦）后横（余弦）
    cos, sin = np.cos(angle), np.sin(angle)
    turned = [y * cos + x * sin, x * cos - y * sin]
    return np.array(turned)


print("手转的点：", turn([0.8, 0.6], np.arccos(0.6)))
three = 3 * 10000.0 ** (-2 / d)  # 三位转过的角度
for position in [0, 10, 40]:
    there = turn(table[position, 2:4], three)
    listed = table[position + 3, 2:4]
    print(f"第 {position} 位转到 {there}，表里 {listed}")
# --8<-- [end:turn]
