# --8<-- [start:parts]
import time

import tensorflow as tf

STEPS = 12


def read(i):
    time.sleep(0.03)  # 代替读文件、解码：30 毫秒
    return i


def load(i):
    return tf.numpy_function(read, [i], tf.int64)  # 让图调用 Python


def step(batch):
    time.sleep(0.02)  # 代替一步训练：20 毫秒


numbers = tf.data.Dataset.range(STEPS)
# --8<-- [end:parts]


# --8<-- [start:measure]
def seconds(dataset, work=step):
    """走完一遍的时间，取三次里最快的一次。"""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        for batch in dataset:
            work(batch)
        times.append(time.perf_counter() - start)
    return min(times)


unaided = tf.data.Options()
unaided.experimental_optimization.inject_prefetch = False
default = numbers.map(load)
parallel = numbers.map(load, num_parallel_calls=4).prefetch(1)
t = {
    "依次": seconds(default.with_options(unaided)),
    "默认": seconds(default),  # tf.data 自己在末尾加了预取
    "预取": seconds(default.prefetch(1)),
    "并行": seconds(parallel),
}
print(f"预取不到依次的五分之四：{t['预取'] < 0.8 * t['依次']}")
print(f"默认也不到：{t['默认'] < 0.8 * t['依次']}")
print(f"并行不到预取的五分之四：{t['并行'] < 0.8 * t['预取']}")
# --8<-- [end:measure]


# --8<-- [start:bottleneck]
def bottleneck(dataset):
    """只走流水线，不训练：时间几乎不变，就是数据太慢。"""
    alone = seconds(dataset, work=lambda batch: None)
    return "读数据" if alone > 0.8 * seconds(dataset) else "训练"


print(f"预取之后，慢的一边：{bottleneck(default.prefetch(1))}")
print(f"并行之后，慢的一边：{bottleneck(parallel)}")
# --8<-- [end:bottleneck]
