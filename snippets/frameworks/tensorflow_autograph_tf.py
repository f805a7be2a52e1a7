# --8<-- [start:branches]
import tensorflow as tf


@tf.function
def shrink(x, rate):
    if rate == 0:  # rate 是 Python 的数：追踪时就定了
        return x
    while tf.reduce_sum(x) > 10.0:  # 张量的条件：变成图里的循环
        x = x * rate
    if x[0] > 1.0:  # 张量的条件：变成图里的分支
        x = x - 1.0
    return x


def kinds(rate):
    vector = tf.TensorSpec([None], tf.float32)
    graph = shrink.get_concrete_function(vector, rate).graph
    return [op.type for op in graph.get_operations()]


for rate in [0, 0.5]:
    print(f"rate = {rate}：{'、'.join(kinds(rate))}")
for x in [[8.0, 8.0], [1.0, 2.0]]:
    print(f"shrink({x}, 0.5) = {shrink(tf.constant(x), 0.5).numpy()}")
# --8<-- [end:branches]


# --8<-- [start:loops]
@tf.function
def python_loop(x):
    for _ in range(100):  # Python 的 range：展开成 100 份
        x = x + 1.0
    return x


@tf.function
def tensor_loop(x):
    for _ in tf.range(100):  # 张量的 range：一个循环
        x = x + 1.0
    return x


for function in [python_loop, tensor_loop]:
    graph = function.get_concrete_function(tf.TensorSpec([])).graph
    name = function.python_function.__name__
    print(f"{name}(0) = {function(tf.constant(0.0)):.0f}，", end="")
    print(f"图里有 {len(graph.get_operations())} 个运算")
# --8<-- [end:loops]


# --8<-- [start:collect]
@tf.function
def running_sums(x):
    sums = tf.TensorArray(tf.float32, size=tf.shape(x)[0])
    total = 0.0
    for i in tf.range(tf.shape(x)[0]):
        total = total + x[i]
        sums = sums.write(i, total)  # 不能用 list.append
    return sums.stack()


leaked = []


@tf.function
def leak(x):
    leaked.append(x * 2)
    return x


print(f"逐步的和：{running_sums(tf.constant([1.0, 2.0, 3.0]))}")
leak(tf.constant(3.0))
try:
    leaked[0] + 1
except TypeError as error:
    print(f"用漏出来的符号：{str(error).partition('> ')[2].split('.')[0]}")
# --8<-- [end:collect]


# --8<-- [start:state]
class Counter(tf.Module):
    def __init__(self):
        super().__init__()
        self.python_calls = 0
        self.calls = tf.Variable(0)

    @tf.function
    def __call__(self, x):
        self.python_calls += 1  # 追踪时加一，以后不再执行
        self.calls.assign_add(1)  # 图里的运算：每次都执行
        return x


counter = Counter()
for n in range(5):
    counter(tf.constant(n))
print(f"属性 {counter.python_calls}，变量 {counter.calls.numpy()}")
# --8<-- [end:state]


# --8<-- [start:created]
@tf.function
def fresh(x):
    return tf.Variable(1.0) * x


try:
    fresh(tf.constant(2.0))
except ValueError as error:
    said = str(error).rpartition("ValueError: ")[2].split(". ")[0]
    print(f"在函数里新建变量：{said}")
# --8<-- [end:created]
