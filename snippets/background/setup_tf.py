# --8<-- [start:version]
import sys
from importlib.metadata import version

import tensorflow as tf

BOOK = "2.21.0"  # 录制本书输出时的版本

found = version("tensorflow")
print("【版本】")
print("与本书相同：", found.partition("+")[0] == BOOK)
# 因机器而异的写到标准错误，不录
print("tensorflow", found, "· keras", tf.keras.__version__, file=sys.stderr)
# --8<-- [end:version]


# --8<-- [start:product]
print("【整数的矩阵乘积】")
a = tf.reshape(tf.range(12, dtype=tf.float32), (3, 4))
b = tf.reshape(tf.range(20, dtype=tf.float32), (4, 5))
c = a @ b  # (3, 5)
for row in c:
    print(*[int(v) for v in row])
# 校验和可以手算：a 各列之和，与 b 各行之和，逐项相乘再相加
expected = 12 * 10 + 15 * 35 + 18 * 60 + 21 * 85
checksum = int(tf.reduce_sum(c))
print("校验和：", checksum, "手算：", expected)
# --8<-- [end:product]


# --8<-- [start:gradient]
print("【求导】")
x = tf.constant([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    total = tf.reduce_sum(x**3)
slope = tape.gradient(total, x)
slopes = [round(float(v)) for v in slope]
print("x^3 在 1、2、3 处的导数：", *slopes)
# --8<-- [end:gradient]


# --8<-- [start:device]
print("【设备】")
gpus = tf.config.list_physical_devices("GPU")
print("GPU：", len(gpus), "另算在 CPU", file=sys.stderr)
# 换一条路再算一遍：TensorFlow 有 GPU 就自动用，所以另一条路是指明 CPU
with tf.device("/CPU:0"):
    there = a @ b
agrees = bool(tf.reduce_all(there == c))
print("另算一遍，相同：", agrees)
print("计算与本书一致：", checksum == expected and slopes == [3, 12, 27] and agrees)
# --8<-- [end:device]
