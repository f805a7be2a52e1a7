# --8<-- [start:transposed]
import numpy as np
import tensorflow as tf
from keras import layers, ops

x = np.array([1.0, 3, 2], "float32").reshape(1, 1, 3, 1)  # (N, H, W, C)
up = layers.Conv2DTranspose(1, (1, 3), strides=(1, 2), use_bias=False)
up.build(x.shape)
up.set_weights([np.array([1.0, 2, 1]).reshape(1, 3, 1, 1)])


def row(values):
    return " ".join(f"{value:.4g}" for value in np.ravel(values))


print("转置卷积：", row(up(x)))
# --8<-- [end:transposed]


# --8<-- [start:keras-layout]
layer = layers.Conv2DTranspose(8, 3, strides=2)
layer.build((None, None, None, 16))
print("16 个通道变 8 个，权重：", *layer.kernel.shape)
# --8<-- [end:keras-layout]


# --8<-- [start:keras-sizes]
z = np.zeros((1, 5, 5, 1))
for kernel in (2, 3, 4):
    for padding in ("valid", "same"):
        layer = layers.Conv2DTranspose(1, kernel, 2, padding)
        print(f"5 格，核 {kernel}，{padding}：{layer(z).shape[1]} 格")
# --8<-- [end:keras-sizes]


# --8<-- [start:interpolate]
near = layers.UpSampling2D((1, 2), interpolation="nearest")(x)
smooth = layers.UpSampling2D((1, 2), interpolation="bilinear")(x)
print("最邻近：", row(near))
print("双线性：", row(smooth))
# --8<-- [end:interpolate]


# --8<-- [start:shuffle]
four = ops.transpose(np.arange(1.0, 9).reshape(1, 4, 1, 2), (0, 2, 3, 1))
for line in tf.nn.depth_to_space(four, 2)[0, :, :, 0]:
    print(row(line))
# --8<-- [end:shuffle]


# --8<-- [start:keras-channels]
eight = np.arange(8.0).reshape(1, 1, 1, 8)  # 8 个通道变成 2 个通道
pictures = tf.nn.depth_to_space(eight, 2)[0]
for k in range(2):
    print(f"第 {k} 个通道由这些通道拼成：", row(pictures[:, :, k]))
# --8<-- [end:keras-channels]


# --8<-- [start:keras-odd]
skip = np.zeros((1, 25, 25, 8), "float32")
deep = layers.MaxPooling2D()(skip)
back = layers.Conv2DTranspose(8, 2, 2)(deep)
print(f"{skip.shape[1]} → {deep.shape[1]} → {back.shape[1]}")
try:
    layers.Concatenate()([skip, back])
except ValueError as error:
    print(error)
# --8<-- [end:keras-odd]


# --8<-- [start:mend]
wide = ops.pad(skip, ((0, 0), (0, 3), (0, 3), (0, 0)), mode="symmetric")
print(f"两次减半之前补到 {wide.shape[1]}")
again = ops.image.resize(deep, skip.shape[1:3], interpolation="nearest")
print(f"放大到指定的大小：{again.shape[1]}")
# --8<-- [end:mend]
