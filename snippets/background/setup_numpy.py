# --8<-- [start:version]
import sys
from importlib.metadata import version

import numpy as np

BOOK = "2.4.6"  # 录制本书输出时的版本

found = version("numpy")
print("【版本】")
print("与本书相同：", found.partition("+")[0] == BOOK)
print("numpy", found, file=sys.stderr)  # 因机器而异的写到标准错误，不录
# --8<-- [end:version]


# --8<-- [start:product]
print("【整数的矩阵乘积】")
a = np.arange(12, dtype=np.float32).reshape(3, 4)
b = np.arange(20, dtype=np.float32).reshape(4, 5)
c = a @ b  # (3, 5)
for row in c:
    print(*[int(v) for v in row])
# 校验和可以手算：a 各列之和，与 b 各行之和，逐项相乘再相加
expected = 12 * 10 + 15 * 35 + 18 * 60 + 21 * 85
checksum = int(c.sum())
print("校验和：", checksum, "手算：", expected)
# --8<-- [end:product]


# --8<-- [start:gradient]
print("【求导】")
# NumPy 不会自动求导，用中心差分代替：误差恰为步长的平方，舍入到整数就没有了
x, step = np.array([1.0, 2.0, 3.0]), 1e-3
slope = ((x + step) ** 3 - (x - step) ** 3) / (2 * step)
slopes = [round(float(v)) for v in slope]
print("x^3 在 1、2、3 处的导数：", *slopes)
# --8<-- [end:gradient]


# --8<-- [start:device]
print("【设备】")
# NumPy 只在 CPU 上算。换一条路再算一遍：用 Python 的整数，一个一个乘
plain = [[sum(p * q for p, q in zip(r, s, strict=True)) for s in b.T] for r in a]
agrees = bool(np.array_equal(plain, c))
print("另算一遍，相同：", agrees)
print("计算与本书一致：", checksum == expected and slopes == [3, 12, 27] and agrees)
# --8<-- [end:device]
