# --8<-- [start:integrate]
import keras
import numpy as np
import tensorflow as tf
from keras import ops

keras.config.set_floatx("float64")


def gradient(f, x):
    x = ops.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)  # x: (n, d)，f(x): (n,)
        total = ops.sum(f(x))
    return tape.gradient(total, x)


def integrated(f, x, baseline, steps=300):
    """从 baseline 直着走到 x，沿路取 steps 个点的梯度，平均后乘以差。"""
    t = (ops.arange(steps, dtype="float64") + 0.5) / steps  # 每一段的中点
    path = baseline + t[:, None] * (x - baseline)  # (steps, d)
    return (x - baseline) * ops.mean(gradient(f, path), axis=0)


# --8<-- [end:integrate]


# --8<-- [start:saturated]
def flat(x):
    return ops.minimum(x[:, 0], 1.0)  # 就是 1 - relu(1 - x)：到 1 为止


x = np.array([2.0])
print(f"x = {x.item():g}：输出 {flat(x[None])[0]:.0f}，", end="")
print(f"梯度 {gradient(flat, x[None])[0, 0]:.0f}")
for start in (-1.0, 0.0, 1.0):
    given = integrated(flat, x, np.array([start]))[0]
    print(f"从 {start:g} 出发，积分梯度 {given:.0f}")
# --8<-- [end:saturated]


# --8<-- [start:two]
def gate(x):
    return ops.relu(ops.sum(x, axis=1) - 1)


for x in (np.array([1.0, 1.0]), np.array([2.0, 0.5])):
    times = x * gradient(gate, x[None])[0]
    paths = integrated(gate, x, np.zeros(2))
    print(f"x = {x.tolist()}，输出 {gate(x[None])[0]:.1f}")
    for name, (a, b) in {"梯度乘输入": times, "积分梯度": paths}.items():
        print(f"  {name}：{a:.1f} 与 {b:.1f}，合计 {a + b:.1f}")
# --8<-- [end:two]

# --8<-- [start:steps]
x = np.array([3.0])
for steps in (3, 10, 50, 300, 1000):
    given = integrated(flat, x, np.zeros(1), steps)[0]
    print(f"{steps} 步：{given:.3f}，差 {given - 1:+.3f}")
# --8<-- [end:steps]
