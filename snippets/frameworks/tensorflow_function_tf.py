# --8<-- [start:trace]
import random
from pathlib import Path

import numpy as np
import tensorflow as tf

seen = []  # 每追踪一次，Python 就往里放一项
Path("runs.txt").unlink(missing_ok=True)  # 上一次运行留下的


@tf.function
def square(x):
    seen.append(x)  # Python 的语句：只在追踪时执行
    tf.print("执行", x, output_stream="file://runs.txt")  # 图里的运算
    return x * x


one, two = tf.constant(1.0), tf.constant(2.0)
calls = {"1": 1, "2": 2, "再来 1": 1, "张量 1.0": one, "张量 2.0": two}
calls |= {"向量，2 项": tf.zeros(2), "向量，3 项": tf.zeros(3)}
for name, x in calls.items():
    before = square.experimental_get_tracing_count()
    square(x)
    new = square.experimental_get_tracing_count() - before
    print(f"{name}：{'追踪' if new else '用已有的图'}")
runs = Path("runs.txt").read_text(encoding="utf-8").splitlines()
print(f"{len(calls)} 次调用：追踪 {len(seen)} 次，tf.print 执行 {len(runs)} 次")
print(f"追踪「张量 1.0」时，Python 看到的 x：{seen[2]}")
# --8<-- [end:trace]


# --8<-- [start:keys]
def count(name, arguments, **options):
    """依次调用一个新的 tf.function，数追踪的次数。"""
    function = tf.function(lambda x: x + 1, **options)
    for x in arguments:
        function(x)
    print(f"{name}：追踪 {function.experimental_get_tracing_count()} 次")


lengths = [tf.zeros(n) for n in range(1, 9)]  # 8 种长度
any_length = [tf.TensorSpec([None], tf.float32)]
count("8 个 Python 整数", range(8))
count("8 个标量张量", [tf.constant(n) for n in range(8)])
count("8 种长度", lengths)
count("8 种长度，reduce_retracing", lengths, reduce_retracing=True)
count("8 种长度，input_signature", lengths, input_signature=any_length)

twice = tf.function(lambda x: x * 2)
twice(1)  # Python 的 1 与 1.0 相等，于是取到同一张图
print(f"先 twice(1)，再 twice(1.0)：{twice(1.0).dtype.name}")
# --8<-- [end:keys]


# --8<-- [start:warning]
warned = []


def keep(record):
    """收下警告，不再往屏幕上打。"""
    warned.append(record.getMessage())
    return False


tf.get_logger().addFilter(keep)
results = []
for n in range(8):
    function = tf.function(lambda x: x + 1)  # 错：每一圈都是新的函数
    results.append(int(function(tf.constant(n))))
tf.get_logger().removeFilter(keep)
print(f"结果仍然对：{results == list(range(1, 9))}")
told = ["triggered tf.function retracing" in said for said in warned]
print(f"警告 {sum(told)} 条，第一条开头：{warned[0].partition(' calls')[0]} calls")
# --8<-- [end:warning]


# --8<-- [start:random]
rng = np.random.default_rng(0)


@tf.function
def draws():
    tensors = [rng.random(), random.random(), tf.random.uniform([])]
    return [tf.identity(x) for x in tensors]


first, second = draws(), draws()
names = ["NumPy 的随机数", "Python 的随机数", "tf.random"]
for name, a, b in zip(names, first, second, strict=True):
    print(f"{name}：两次调用相同 {bool(a == b)}")
# --8<-- [end:random]
