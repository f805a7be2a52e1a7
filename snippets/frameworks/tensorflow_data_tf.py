# --8<-- [start:chain]
import tensorflow as tf

x = tf.reshape(tf.range(20.0), [10, 2])  # 10 个样本，各 2 个特征
y = tf.range(10)
samples = tf.data.Dataset.from_tensor_slices((x, y))

doubled = samples.shuffle(10, seed=0).map(lambda x, y: (x * 2, y))
ready = doubled.batch(4).prefetch(1)
for features, labels in ready:
    print(f"特征 {features.shape}，标签 {labels}")
kept = samples.batch(4, drop_remainder=True)
for name, dataset in {"留下零头": ready, "丢掉零头": kept}.items():
    print(f"{name}：{len(dataset)} 批，形状 {dataset.element_spec[0].shape}")
# --8<-- [end:chain]


# --8<-- [start:buffer]
def buffered_shuffle(items, size, draws):
    """shuffle 的做法：缓冲区里抽一个，下一个样本补到空位。"""
    buffer, rest, out = list(items[:size]), list(items[size:]), []
    for place in draws:
        print(f"缓冲区 {buffer}，抽第 {place} 格，得到 {buffer[place]}")
        out.append(buffer[place])
        if rest:
            buffer[place] = rest.pop(0)
        else:
            buffer.pop(place)
    return out


print("次序：", buffered_shuffle(range(6), 3, [1, 1, 0, 2, 0, 0]))
# --8<-- [end:buffer]


# --8<-- [start:sorted]
n = 2000
sorted_labels = tf.data.Dataset.range(n).map(lambda i: i // (n // 2))


def share_by_part(size):
    """打乱之后切成 4 份，每一份里标签 1 的比例。"""
    shuffled = sorted_labels.shuffle(size, seed=0).batch(n // 4)
    return [float(tf.reduce_mean(tf.cast(b, tf.float32))) for b in shuffled]


for size in [1, 100, 1000, n]:
    shares = "，".join(f"{s:.2f}" for s in share_by_part(size))
    print(f"缓冲区 {size}：{shares}")
# --8<-- [end:sorted]


# --8<-- [start:order]
def listed(dataset):
    return [item.tolist() for item in dataset.as_numpy_iterator()]


numbers = tf.data.Dataset.range(6)
print("先 batch 再 shuffle：", listed(numbers.batch(2).shuffle(3, seed=1)))
print("先 shuffle 再 batch：", listed(numbers.shuffle(6, seed=1).batch(2)))
# --8<-- [end:order]


# --8<-- [start:epochs]
again = numbers.shuffle(6, seed=1)
fixed = numbers.shuffle(6, seed=1, reshuffle_each_iteration=False)
for name, dataset in {"默认": again, "固定": fixed}.items():
    print(f"{name}，两轮：{listed(dataset)}，{listed(dataset)}")
print("shuffle 再 repeat：", listed(again.repeat(2).batch(6)))
mixed = numbers.repeat(2).shuffle(12, seed=1).batch(6)
print("repeat 再 shuffle：", listed(mixed))
# --8<-- [end:epochs]


# --8<-- [start:cache]
runs = tf.Variable(0)


def jitter(i):
    """随机增广：加一点噪声；顺便数被调用了几次。"""
    runs.assign_add(1)
    return tf.cast(i, tf.float32) + tf.random.uniform([])


ways = {
    "不缓存": numbers.map(jitter),
    "map 之前 cache": numbers.cache().map(jitter),
    "map 之后 cache": numbers.map(jitter).cache(),
}
for name, dataset in ways.items():
    runs.assign(0)
    same = listed(dataset) == listed(dataset)
    print(f"{name}：增广执行 {runs.numpy()} 次，两轮相同 {same}")
# --8<-- [end:cache]


# --8<-- [start:lengths]
sentences = [[3, 1], [4, 1, 5, 9], [2]]  # 三句话，长短不一
lines = tf.data.Dataset.from_generator(
    lambda: iter(sentences),
    output_signature=tf.TensorSpec([None], tf.int32),
)
try:
    list(lines.batch(3))
except tf.errors.InvalidArgumentError as error:
    print(f"batch：{type(error).__name__}")
print("padded_batch：", listed(lines.padded_batch(3)))
(ragged,) = lines.ragged_batch(3)
print("ragged_batch：", ragged.to_list(), "，形状", ragged.shape)
# --8<-- [end:lengths]


# --8<-- [start:parallel]
many = tf.data.Dataset.range(1000)
auto = tf.data.AUTOTUNE
squares = many.map(lambda i: i * i, num_parallel_calls=auto)
print("并行 map 不改次序：", listed(squares) == [i * i for i in range(1000)])
# --8<-- [end:parallel]
