# --8<-- [start:data]
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

DIGITS = (0, 1, 4, 7)  # 类别 1 到 4；类别 0 是背景
digits = load_digits()
chosen = np.isin(digits.target, DIGITS)
glyphs = digits.images[chosen] / 16  # (个数, 8, 8)，0 到 1
kinds = np.searchsorted(DIGITS, digits.target[chosen]) + 1
order = np.random.default_rng(0).permutation(len(glyphs))
test, train = np.split(order, [len(order) // 4])  # 测试的字，训练时没有见过


def scenes(rng, count, which):
    """24×24 的画布，四个角各放一个字，位置随意，再加噪声；每个像素一个类别。"""
    x = 0.15 * rng.standard_normal((count, 24, 24))
    y = np.zeros((count, 24, 24), dtype=int)
    for n, corner in np.ndindex(count, 4):
        k = rng.choice(which)
        i, j = 12 * np.array(divmod(corner, 2)) + rng.integers(0, 5, 2)
        x[n, i : i + 8, j : j + 8] += glyphs[k]
        y[n, i : i + 8, j : j + 8] = np.where(glyphs[k] > 0.5, kinds[k], 0)
    return x, y


x_test, y_test = scenes(np.random.default_rng(1), 100, test)
print(f"训练的字 {len(train)} 个，测试的字 {len(test)} 个")
print(f"100 张测试图，背景占 {np.mean(y_test == 0):.1%}")
# --8<-- [end:data]


# --8<-- [start:keras-set]
keras.config.set_floatx("float64")  # 为了每台机器印出同样的数
x, y = scenes(np.random.default_rng(2), 4000, train)
x, x_test = x[..., None], x_test[..., None]  # 通道在末尾
print("一批图：", *x[:16].shape, "；一批标签：", *y[:16].shape)
# --8<-- [end:keras-set]


# --8<-- [start:model]
def block(x, channels):
    for _ in range(2):
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
        # Keras 默认 momentum 0.99，250 步之后均值还没有跟上
        x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
        x = layers.ReLU()(x)
    return x


def unet(classes=5, c=8):
    image = x = keras.Input((24, 24, 1))
    skips = []
    for channels in (c, 2 * c):
        skips.append(block(x, channels))  # 24×24，12×12
        x = layers.MaxPooling2D()(skips[-1])
    x = block(x, 4 * c)  # (N, 6, 6, 4c)
    for channels in (2 * c, c):
        x = layers.Conv2DTranspose(channels, 2, strides=2)(x)
        x = block(layers.Concatenate()([skips.pop(), x]), channels)
    return keras.Model(image, layers.Conv2D(classes, 1)(x))  # 每个像素的得分


# --8<-- [end:model]


# --8<-- [start:keras-train]
def fit(seed):
    # 有 GPU 时 Keras 自己会用
    keras.utils.set_random_seed(seed)
    model = unet()
    rate = keras.optimizers.schedules.CosineDecay(
        4e-4, 175, warmup_target=0.01, warmup_steps=75
    )  # 先升后降，与 PyTorch 的 OneCycleLR 相近
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(x, y, batch_size=16, verbose=0)
    return model


models = [fit(seed) for seed in range(3)]
# --8<-- [end:keras-train]


# --8<-- [start:keras-score]
def confusion(y, p, classes=5):
    return np.bincount((y * classes + p).ravel(), minlength=classes**2).reshape(
        classes, classes
    )


predictions = [model.predict(x_test, verbose=0).argmax(-1) for model in models]
tables = np.stack([confusion(y_test, p) for p in predictions])
right = tables.diagonal(axis1=1, axis2=2)
iou = right / (tables.sum(1) + tables.sum(2) - right)  # (种子, 类别)
for name, v in zip(["背景", *DIGITS], iou.T, strict=True):
    print(f"{name} 的 IoU：{v.min():.2f} 到 {v.max():.2f}")
mean, share = iou.mean(1), right.sum(1) / y_test.size
print(f"mIoU：{mean.min():.2f} 到 {mean.max():.2f}")
print(f"像素正确率：{share.min():.1%} 到 {share.max():.1%}")
# --8<-- [end:keras-score]
