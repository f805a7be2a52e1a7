# --8<-- [start:data]
from math import comb

import keras
import numpy as np
from keras import layers, ops
from scipy.ndimage import rotate
from sklearn.datasets import load_digits
from sklearn.svm import SVC

keras.config.set_floatx("float64")  # 为了每台机器印出同样的数
images, labels = load_digits(return_X_y=True)
images = images.reshape(-1, 8, 8, 1) / 16
images = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))  # (N, 10, 10, 1)
x_test, y_test = images[1200:], labels[1200:]  # 后面的人写的
# --8<-- [end:data]


# --8<-- [start:augment]
class Move(layers.Layer):
    """转 15 度以内，移一格以内；不训练时什么也不做。"""

    def __init__(self):
        super().__init__()
        self.seed = keras.random.SeedGenerator()

    def call(self, x, training=False):
        if not training:
            return x
        n, middle = ops.shape(x)[0], 4.5
        draw = keras.random.uniform((3, n), -1, 1, seed=self.seed)
        angle, right, down = ops.unstack(draw, 3)
        angle = angle * 15 * np.pi / 180
        cos, sin, zero = ops.cos(angle), ops.sin(angle), ops.zeros(n)
        # 输出的 (列, 行) 取自输入的哪里：绕中心转，再移
        to_x = [cos, -sin, middle * (1 - cos + sin) - right]
        to_y = [sin, cos, middle * (1 - sin - cos) - down]
        where = ops.stack([*to_x, *to_y, zero, zero], axis=1)
        return ops.image.affine_transform(x, where)


def augment():
    """移动之后，再擦去 3×3 的一块：面积的 9%，每张都擦。"""
    one, part = (1.0, 1.0), (0.09, 0.09)
    return [Move(), layers.RandomErasing(one, part, fill_value=0)]


# --8<-- [end:augment]


# --8<-- [start:model]
def block(outputs):
    conv = layers.Conv2D(outputs, 3, padding="same", use_bias=False)
    # momentum 默认 0.99：只走几百步，平均还没有跟上
    return [conv, layers.BatchNormalization(momentum=0.9), layers.ReLU()]


def cnn(changes=(), width=12):
    return keras.Sequential(
        [
            keras.Input((10, 10, 1)),
            *changes,  # 只在训练时起作用
            *block(width),
            *block(2 * width),
            layers.MaxPooling2D(),
            *block(2 * width),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10),
        ]
    )


print("参数", sum(np.prod(w.shape) for w in cnn().trainable_weights))
# --8<-- [end:model]


# --8<-- [start:fit]
def fit(seed, epochs=12):
    """返回模型与各轮的（训练正确率，测试正确率）。"""
    keras.utils.set_random_seed(seed)
    model, steps = cnn(augment()), epochs * 24  # 有 GPU 时，TensorFlow 自己会用
    rate = keras.optimizers.schedules.CosineDecay(  # 先升到 0.01，再降到 0
        0.0004, int(0.7 * steps), warmup_target=0.01, warmup_steps=int(0.3 * steps)
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    log = model.fit(
        images[:1200],
        labels[:1200],
        batch_size=50,
        epochs=epochs,
        validation_data=(x_test, y_test),
        verbose=0,
    ).history
    return model, list(zip(log["accuracy"], log["val_accuracy"], strict=True))


# --8<-- [end:fit]


# --8<-- [start:keras-train]
def span(values):
    """几个种子里最小的与最大的。"""
    return f"{min(values):.1%} 到 {max(values):.1%}"


runs = [fit(seed) for seed in range(3)]
models = [model for model, _ in runs]
curves = np.array([history for _, history in runs])  # (种子, 轮, 2)
print(f"增强，测试正确率：{span(curves[:, -1, 1])}")
# --8<-- [end:keras-train]


# --8<-- [start:keras-gap]
def predict(model, x):  # 不训练，增强的几层就不起作用
    return ops.convert_to_numpy(model(x, training=False)).argmax(axis=1)


def accuracy(model, x, y):
    return (predict(model, x) == np.tile(y, len(x) // len(y))).mean()


again = [accuracy(model, images[:1200], labels[:1200]) for model in models]
print(f"增强，训练时记的：{span(curves[:, -1, 0])}", end="，")
print(f"训练完再量：{span(again)}")
# --8<-- [end:keras-gap]


# --8<-- [start:keras-moved]
moves = [(-1, 2), (1, 2), (-1, 1), (1, 1)]  # 左、右、上、下
turn = {"axes": (1, 2), "reshape": False, "order": 1}
sets = {
    "原样": x_test,
    "移一格": np.concatenate([np.roll(x_test, *move) for move in moves]),
    "转 15 度": np.concatenate([rotate(x_test, a, **turn) for a in (15, -15)]),
}
found = [
    f"{k} {span([accuracy(m, x, y_test) for m in models])}" for k, x in sets.items()
]
print("增强：" + "，".join(found))
# --8<-- [end:keras-moved]


# --8<-- [start:keras-compare]
def mcnemar(first, second):
    """只有一方对的张数，与精确的双侧 p 值：好比掷硬币。"""
    a, b = int((first & ~second).sum()), int((second & ~first).sum())
    tail = sum(comb(a + b, k) for k in range(min(a, b) + 1))
    return a, b, min(1, 2 * tail / 2 ** (a + b))


flat = images.reshape(-1, 100)
svm = SVC(C=10, gamma=0.3).fit(flat[:1200], labels[:1200])
ok = svm.predict(flat[1200:]) == y_test
print(f"SVM，原样：{ok.mean():.1%}")
for seed, model in enumerate(models):
    a, b, p = mcnemar(ok, predict(model, x_test) == y_test)
    print(f"种子 {seed}：只有 SVM 对 {a} 张，只有网络对 {b} 张，p = {p:.2f}")
# --8<-- [end:keras-compare]
