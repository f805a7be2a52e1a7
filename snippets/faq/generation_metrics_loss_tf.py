# --8<-- [start:data]
import keras
import numpy as np
from keras import ops

keras.config.set_floatx("float64")
PAD, IGNORE, V = 0, -100, 30
rng = np.random.default_rng(0)
lengths = [12, 6, 10, 5, 2, 1]  # 每句的词元数；两句一批，最后一批最短
batches = []
for i in range(0, len(lengths), 2):
    pair = lengths[i : i + 2]
    x = rng.normal(size=(2, max(pair), V))  # 假装是模型的输出
    y = np.full((2, max(pair)), PAD)
    for row, n in enumerate(pair):
        y[row, :n] = rng.integers(1, V, size=n)
        x[row, range(n), y[row, :n]] += np.arange(n) / 2  # 越往后越好猜
        x[row, n:, PAD] += 9  # 填充的位置，模型几乎总猜得中
    batches.append((x, y))
# --8<-- [end:data]


# --8<-- [start:loss]
def cross_entropy(ignore=None, **options):
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, ignore_class=ignore, **options
    )


means, padded, total, count = [], 0.0, 0.0, 0
for x, y in batches:
    padded += float(cross_entropy(reduction="sum")(y, x))  # 填充也算进去了
    y = np.where(y == PAD, IGNORE, y)
    means.append(float(cross_entropy(IGNORE)(y, x)))
    total += float(cross_entropy(IGNORE, reduction="sum")(y, x))
    count += int(ops.sum(y != IGNORE))
size = sum(y.size for _, y in batches)
rows = {"各批平均再平均": np.mean(means), "填充也算进去": padded / size}
rows["总和除以词元数"] = total / count
for name, loss in rows.items():
    print(f"{name}：损失 {loss:.3f}，困惑度 {np.exp(loss):.2f}")
print(f"计分的词元 {count} 个，全部位置 {size} 个")
# --8<-- [end:loss]
