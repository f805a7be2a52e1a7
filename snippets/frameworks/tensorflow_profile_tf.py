# --8<-- [start:same]
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2  # 见 traced_events


@tf.function
def gradient(w, x):
    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = tf.reduce_mean(tf.square(tf.tanh(x @ w)))
    return tape.gradient(loss, w)


generator = tf.random.Generator.from_seed(0)
w = generator.normal([20, 5], dtype=tf.float64)
x = generator.normal([100, 20], dtype=tf.float64)
eager = gradient.python_function(w, x)  # 原来的 Python 函数
gap = tf.reduce_max(tf.abs(gradient(w, x) - eager))
print(f"图与即时执行的梯度相差不到 1e-12：{bool(gap < 1e-12)}")
# --8<-- [end:same]


# --8<-- [start:trace]
def layers(x):
    for _ in range(5):
        x = tf.tanh(x @ x)
    return tf.reduce_sum(x)


def traced_events(function, folder, calls=3):
    """调用几次，返回记录下来的事件的名字；第一次调用不记。"""
    x = tf.random.normal([64, 64])
    function(x)  # 追踪、建图、分配内存都在这一次
    with tf.profiler.experimental.Profile(folder):
        for _ in range(calls):
            function(x)
    path = max(Path(folder).rglob("*.xplane.pb"))  # 文件夹名是时刻
    # 公开的接口只会录，不会读；xplane_pb2 不公开，换版本可能搬走
    space = xplane_pb2.XSpace.FromString(path.read_bytes())
    for plane in space.planes:
        names = plane.event_metadata
        for line in plane.lines:
            yield from (names[e.metadata_id].name for e in line.events)


# --8<-- [end:trace]


# --8<-- [start:count]
ways = {"即时执行": layers, "图": tf.function(layers)}
for number, (name, function) in enumerate(ways.items()):
    events = list(traced_events(function, f"profile-{number}"))
    sent = events.count("EagerExecute")  # Python 交给运行时的次数
    products = sum("MatMul" in event for event in events)
    print(f"{name}：Python 交出 {sent} 次，矩阵乘法 {products} 次")
# --8<-- [end:count]


# --8<-- [start:devices]
with tf.device("CPU:0"):
    zeros = tf.zeros(3)
print(f"zeros 在 {zeros.device.rpartition('device:')[2]}")
for gpu in tf.config.list_physical_devices("GPU"):  # 没有 GPU 就不进来
    print("GPU：", gpu.name)
cpu = tf.config.list_physical_devices("CPU")[0]
halves = [tf.config.LogicalDeviceConfiguration()] * 2
try:
    tf.config.set_logical_device_configuration(cpu, halves)
except RuntimeError as error:
    print(f"已经算过东西再设置：{error}")
# --8<-- [end:devices]


# --8<-- [start:tf32]
def tf32(x):
    """尾数留 10 位：加上开头的 1，共 11 个二进制位。"""
    fraction, exponent = np.frexp(x)  # x = fraction × 2^exponent
    return np.ldexp(np.round(fraction * 2**11) / 2**11, exponent)


for value in [1.0004, 1.001, 0.1, 1234.5]:
    rounded = tf32(value)
    apart = abs(rounded / value - 1)
    print(f"{value:g} → {rounded:.6f}，相对误差 {apart:.5f}")

rng = np.random.default_rng(0)
a, b = rng.normal(size=(2, 200, 200))
error = np.abs(tf32(a) @ tf32(b) - a @ b).max() / np.abs(a @ b).max()
print(f"200 × 200 的乘积，最大误差是最大值的 {error:.4%}")
allowed = tf.config.experimental.tensor_float_32_execution_enabled()
print(f"默认允许 TF32：{allowed}")
# --8<-- [end:tf32]
