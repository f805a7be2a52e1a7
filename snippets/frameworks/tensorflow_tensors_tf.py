# --8<-- [start:tensor]
import numpy as np
import tensorflow as tf

counts = tf.constant([[1, 2, 3], [4, 5, 6]])  # (2, 3)
prices = tf.constant([0.5, 1.0, 2.0])  # (3,)
measured = tf.constant(np.array([0.5, 1.0, 2.0]))  # 来自 NumPy
tensors = {"counts": counts, "prices": prices, "measured": measured}
for name, tensor in tensors.items():
    print(f"{name}：形状 {tensor.shape}，类型 {tensor.dtype.name}")
# --8<-- [end:tensor]


# --8<-- [start:promotion]
def attempt(name, action):
    """做一件事；出错时说出错误的类名与后半句话。"""
    try:
        value = action()
        print(f"{name}：{value.dtype.name}，{value.numpy().tolist()}")
    except Exception as error:
        said = str(error).partition("was ")[2].partition(" [Op")[0]
        print(f"{name}：{type(error).__name__}")
        print(f"　　{said}")


attempt("浮点张量 + Python 整数", lambda: prices + 1)
attempt("整数张量 + Python 小数", lambda: counts[0] + 0.5)
attempt("整数张量 + 浮点张量", lambda: counts[0] + prices)
attempt("float32 + float64", lambda: prices + measured)
attempt("先 cast 再相加", lambda: tf.cast(counts[0], tf.float32) + prices)
attempt("整数 / 整数", lambda: counts[0] / 2)
# --8<-- [end:promotion]


# --8<-- [start:shapes]
totals = tf.reduce_sum(tf.cast(counts, tf.float32) * prices, axis=1)
print(f"每行的总价：{totals.numpy()}")  # (2, 3) * (3,) → (2, 3) → (2,)
print(f"第 1 列：{counts[:, 1]}，后两列的形状：{counts[:, 1:].shape}")
picked = tf.gather(counts, [2, 0], axis=1)  # 按编号挑列
print(f"挑出第 2、0 列：{picked.numpy().tolist()}")
column = counts[:, 0][:, tf.newaxis]  # (2,) → (2, 1)
table = column * tf.constant([1, 10, 100])
print(f"(2, 1) 与 (3,) 广播：{table.shape}，{table.numpy().tolist()}")
# --8<-- [end:shapes]


# --8<-- [start:variable]
try:
    prices[0] = 9.0
except TypeError as error:
    print(f"改张量的一项：{type(error).__name__}")
changed = tf.tensor_scatter_nd_update(prices, [[0]], [9.0])
print(f"新张量：{changed.numpy()}，原来的：{prices.numpy()}")

weight = tf.Variable([1.0, 2.0])  # 变量：同一块存储，内容可以换
before = weight + 0  # 取出当时的值，是一个张量
weight.assign_add([0.5, 0.5])
weight[0].assign(7.0)
print(f"变量：{weight.numpy()}，之前取出的张量：{before.numpy()}")
# --8<-- [end:variable]


# --8<-- [start:numpy]
array = np.ones(3)
tensor = tf.constant(array)
array[0] = 7.0  # 改的是 NumPy 这一边
print(f"改了数组，张量仍是：{tensor.numpy()}")
array = tensor.numpy()
array[0] = 7.0
print(f"改了 .numpy() 的结果，张量仍是：{tensor.numpy()}")
view = np.asarray(tensor)  # 借用同一块内存，只许读
print(f"np.asarray 的结果可写：{view.flags.writeable}")
# --8<-- [end:numpy]
