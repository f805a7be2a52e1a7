# --8<-- [start:asserts]
import numpy as np
import tensorflow as tf
import torch


def by_torch(a, b):
    torch.testing.assert_close(torch.tensor(a), torch.tensor(b))


LIBRARIES = {
    "numpy.testing.assert_allclose": np.testing.assert_allclose,
    "torch.testing.assert_close": by_torch,
    "tf.debugging.assert_near": tf.debugging.assert_near,
}


# 断言不成立，或这个库不肯比：三家抛的错不同
FAILURES = (AssertionError, ValueError, tf.errors.InvalidArgumentError)


def passes(check, a, b):
    try:
        check(a, b)
    except FAILURES:
        return False
    return True


# --8<-- [end:asserts]


# --8<-- [start:table]
def f32(*values):
    return np.array(values, np.float32)


pairs = {
    "1 与 1.000001": (f32(1.000001), f32(1)),
    "1 与 1.0001": (f32(1.0001), f32(1)),
    "百万分之一与 0": (f32(1e-6), f32(0)),
    "NaN 与 NaN": (f32(np.nan), f32(np.nan)),
    "无穷与无穷": (f32(np.inf), f32(np.inf)),
    "float32 与 float64": (f32(1, 2), np.array([1.0, 2.0])),
    "形状 (3,) 与 (1,)": (f32(1, 1, 1), f32(1)),
    "形状 (3,) 与 ()": (f32(1, 1, 1), np.float32(1)),
    "形状 (2,) 与 (2, 1)": (f32(1, 1), f32(1, 1)[:, None]),
    "没有元素": (f32(), f32()),
    "整数 1 与 1": (np.array([1]), np.array([1])),
}
print("NumPy、PyTorch、TensorFlow 的默认断言：")
for name, pair in pairs.items():
    verdicts = [passes(check, *pair) for check in LIBRARIES.values()]
    print(f"{name}：", *["通过" if v else "不通过" for v in verdicts])
# --8<-- [end:table]
