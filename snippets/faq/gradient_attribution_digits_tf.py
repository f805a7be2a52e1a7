# --8<-- [start:network]
from itertools import combinations

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from sklearn.datasets import load_digits

keras.config.set_floatx("float64")
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]  # 黑底白字，0 是黑
train, test = slice(None, 1200), slice(1200, None)


def build(seed):
    """64 个像素，32 个隐藏单元，10 个类；权重由种子决定。"""
    rng = np.random.default_rng(seed)
    parts = [layers.Dense(32, activation="relu"), layers.Dense(10)]
    model = keras.Sequential([keras.Input((64,)), *parts])
    for layer in parts:
        drawn = rng.normal(0, 0.1, layer.kernel.shape)
        layer.set_weights([drawn, np.zeros(drawn.shape[1])])
    return model


net = build(1)
net.compile(
    optimizer=keras.optimizers.SGD(0.5, momentum=0.875),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
batches = {"batch_size": 1200, "epochs": 300, "shuffle": False}
net.fit(images[train], labels[train], **batches, verbose=0)
right = ops.argmax(net(images[test]), axis=1) == labels[test]
print(f"测试集 {len(right)} 张，对 {100 * np.mean(right):.0f}%")
# --8<-- [end:network]

# --8<-- [start:integrate]
x = images[test][:100]
classes = ops.one_hot(ops.argmax(net(x), axis=1), 10)


@tf.function
def slopes(model, z):
    """各张图被判的那一类，logit 对像素的梯度：(100, 64)。"""
    with tf.GradientTape() as tape:
        tape.watch(z)
        total = ops.sum(model(z) * classes)
    return tape.gradient(total, z)


def integrated(model, start, steps=300):
    way = [(k + 0.5) / steps for k in range(steps)]
    points = (ops.convert_to_tensor(start + t * (x - start)) for t in way)
    total = sum(slopes(model, z) for z in points)
    return ((x - start) * total / steps).numpy()


# --8<-- [end:integrate]

# --8<-- [start:digits]
starts = {"全黑": np.zeros(64), "平均图": images[train].mean(axis=0)}
starts["全白"] = np.ones(64)
paths = {name: integrated(net, start) for name, start in starts.items()}
for name, start in starts.items():
    rise = ops.sum((net(x) - net(start[None])) * classes, axis=1)
    gap = np.abs((paths[name].sum(axis=1) - rise) / rise).max()
    size = np.abs(paths[name])
    share = size[x == 0].sum() / size.sum()
    print(f"从{name}出发：{100 * share:.0f}% 落在黑像素上")
    print("  合计与输出之差不到百分之一：", bool(gap < 0.01))
# --8<-- [end:digits]


# --8<-- [start:random]
def likeness(ours, theirs):
    """逐张求两张图的相关系数，取平均。"""
    pairs = zip(ours, theirs, strict=True)
    return np.mean([np.corrcoef(a, b)[0, 1] for a, b in pairs])


black = paths["全黑"]
untrained = [integrated(build(s), starts["全黑"]) for s in (2, 3, 4)]
groups = {"训练过的与没有训练的": [(black, one) for one in untrained]}
groups["两个都没有训练的"] = list(combinations(untrained, 2))
for label, group in groups.items():
    signed = [likeness(a, b) for a, b in group]
    sizes = [likeness(abs(a), abs(b)) for a, b in group]
    print(f"{label}，{len(group)} 对：")
    for kind, found in {"带符号的图": signed, "只看大小": sizes}.items():
        print(f"  {kind}，相关平均 {np.mean(found):.2f}，", end="")
        print(f"由 {min(found):.2f} 到 {max(found):.2f}")
# --8<-- [end:random]
