# --8<-- [start:order]
import math

import numpy as np
import tensorflow as tf


@tf.function(reduce_retracing=True)
def add_in_turn(values):
    """从 0 起逐个相加，每一步都舍入成 values 的精度。"""
    total = tf.zeros((), values.dtype)
    for value in values:
        total = total + value
    return total


print("【加法的次序】")
big, one = tf.constant(2.0**24), tf.constant(1.0)
print("(2^24 + 1) + 1 =", int((big + one) + one))
print("2^24 + (1 + 1) =", int(big + (one + one)))

terms = 1 / tf.range(1, 10001, dtype=tf.float32)  # 1, 1/2, …, 1/10000
falling, rising = float(add_in_turn(terms)), float(add_in_turn(terms[::-1]))
exact = math.fsum(terms.numpy().tolist())  # 全部加完，只舍入一次
gap = round((falling - rising) * 2**20)  # 8 到 16 之间，末位是 2^-20
print(f"从大到小加： {falling:.6f}")
print(f"从小到大加： {rising:.6f}")
print(f"只舍入一次： {exact:.6f}")
print("两种次序相差几个末位：", gap)
print("库自带的求和，误差 < 1e-5：", abs(float(tf.reduce_sum(terms)) - exact) < 1e-5)
# --8<-- [end:order]


# --8<-- [start:rounding]
print("【舍入还是错误】")
for name, values in {"float32": terms, "float64": tf.cast(terms, tf.float64)}.items():
    whole = float(add_in_turn(values))
    other_order = abs(whole - float(add_in_turn(values[::-1])))
    one_short = abs(whole - float(add_in_turn(values[:-1])))  # 错误：漏了末项
    print(f"{name}：换次序，差 {other_order:.6f}；漏一项，差 {one_short:.6f}")
# --8<-- [end:rounding]


# --8<-- [start:tolerance]
def near(a, b, rtol, atol):
    """assert_near 不返回真假，不通过就报错。"""
    try:
        tf.debugging.assert_near(a, b, rtol=rtol, atol=atol)
    except tf.errors.InvalidArgumentError:
        return False
    return True


print("【容差】")
for ours, reference, rtol, atol in [
    (1000.001, 1000.0, 1e-5, 0.0),
    (1.001, 1.0, 1e-5, 0.0),
    (1e-9, 0.0, 1e-5, 0.0),  # 参照是 0，相对容差等于没有
    (1e-9, 0.0, 1e-5, 1e-8),
    (2e-9, 1e-9, 1e-5, 1e-8),  # 差一倍，也被绝对容差放过
    (0.9, 1.0, 0.1, 0.0),  # 同样两个数，换一换位置，答案就变
    (1.0, 0.9, 0.1, 0.0),
]:
    x, y = tf.constant([ours, reference], dtype=tf.float64)
    close = near(x, y, rtol, atol)
    print(f"{ours} 与 {reference}，rtol={rtol}，atol={atol}：{close}")
# --8<-- [end:tolerance]


# --8<-- [start:seed]
print("【随机种子】")
tf.random.set_seed(0)
first = tf.random.normal((1000,))
tf.random.set_seed(0)
again = tf.random.normal((1000,))
stranger = np.random.default_rng(0)  # 另一个库：NumPy
drawn = stranger.standard_normal(1000, dtype=np.float32)
copied = tf.constant(drawn)
print("同一个库，同一个种子，相同：", np.array_equal(first, again))
print("换一个库，同一个种子，相同：", np.array_equal(first, drawn))
print("把数抄过来，相同：", np.array_equal(copied, drawn))
# --8<-- [end:seed]
