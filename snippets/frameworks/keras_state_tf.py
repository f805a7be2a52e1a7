# --8<-- [start:dropout]
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)
drop = layers.Dropout(0.25)
ones = np.ones((1, 10_000), "float32")
for training in [False, True]:
    kept = drop(ones, training=training).numpy()
    print(f"training={training}：", end="")
    print(f"零占 {np.mean(kept == 0):.2f}，其余是 {kept.max():.4f}", end="，")
    print(f"均值 {kept.mean():.2f}")
# --8<-- [end:dropout]


# --8<-- [start:seed]
seeds = keras.random.SeedGenerator(seed=0)  # 种子是状态：每用一次就变
first, second = (keras.random.uniform((2,), seed=seeds).numpy() for _ in range(2))
print("同一个 SeedGenerator 用两次，数相同：", np.array_equal(first, second))
fixed = [keras.random.uniform((2,), seed=0).numpy() for _ in range(2)]
print("同一个整数种子用两次，数相同：", np.array_equal(*fixed))
# --8<-- [end:seed]


# --8<-- [start:batch-norm]
norm = layers.BatchNormalization()  # momentum 默认 0.99
batch = np.array([[1.0], [5.0]], "float32")  # 均值 3，方差 4


def show(name, training):
    out = norm(batch, training=training).numpy().ravel()
    mean, variance = norm.moving_mean.numpy()[0], norm.moving_variance.numpy()[0]
    print(f"{name}：输出 {out[0]:.3f} 与 {out[1]:.3f}", end="，")
    print(f"滑动均值 {mean:.4f}，滑动方差 {variance:.4f}")


show("推断", training=False)
show("训练第 1 次", training=True)
show("训练第 2 次", training=True)
show("推断", training=False)
for _ in range(498):
    norm(batch, training=True)
show("训练 500 次后推断", training=False)
# --8<-- [end:batch-norm]


# --8<-- [start:frozen]
norm = layers.BatchNormalization()
norm(batch, training=True)
norm.trainable = False  # 对 BatchNormalization，这也意味着推断方式
show("冻结，training=True", training=True)
print("可训练", len(norm.trainable_weights), "个，不可训练", end=" ")
print(len(norm.non_trainable_weights), "个")
# --8<-- [end:frozen]


# --8<-- [start:count]
base = keras.Sequential(
    [
        keras.Input((8,)),
        layers.Dense(10),  # W 与 b：90 个数
        layers.BatchNormalization(),  # gamma、beta 可训练；两个滑动值不可训练
        layers.Dropout(0.5),  # 没有权重，只有一个随机状态
    ],
    name="base",
)
model = keras.Sequential([keras.Input((8,)), base, layers.Dense(1)])


def count(weights):
    return sum(int(np.prod(w.shape)) for w in weights)


for frozen in [False, True]:
    base.trainable = not frozen  # 里面的每一层都跟着变
    print(f"冻结 base：{frozen}", end="，")
    print(f"可训练 {count(model.trainable_weights)}", end="，")
    print(f"不可训练 {count(model.non_trainable_weights)}")
# --8<-- [end:count]


# --8<-- [start:compile]
rng = np.random.default_rng(0)
x, y = rng.normal(size=(64, 8)), rng.normal(size=(64, 1))
model = keras.Sequential([keras.Input((8,)), layers.Dense(10), layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")


def moved(name):
    before = model.layers[0].kernel.numpy()
    model.fit(x, y, epochs=1, verbose=0)
    same = np.array_equal(before, model.layers[0].kernel.numpy())
    print(f"{name}：第一层{'没动' if same else '动了'}")


moved("没有冻结")
model.layers[0].trainable = False
moved("冻结，没有再 compile")  # fit 已经编译好的那一步还记着旧的设定
model.compile(optimizer="sgd", loss="mse")
moved("冻结，再 compile")
# --8<-- [end:compile]
