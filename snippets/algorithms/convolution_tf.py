# --8<-- [start:keras-conv]
import numpy as np
from keras import layers, ops

x = np.tile([0.0, 0, 1, 1, 1], (5, 1)).reshape(1, 5, 5, 1)  # (N, H, W, C)
w = np.tile([-1.0, 0, 1], (3, 1)).reshape(3, 3, 1, 1)  # (k, k, C, O)
y = ops.convert_to_numpy(ops.conv(x, w))
print("手算的图：", y[0, :, :, 0].round(3).tolist())

layer = layers.Conv2D(16, kernel_size=3, strides=2, padding="same")
y = layer(np.zeros((1, 32, 32, 3)))
print(f"核 {tuple(layer.kernel.shape)}，偏置 {tuple(layer.bias.shape)}")
print("参数", layer.count_params())
print("输出", tuple(y.shape))
# --8<-- [end:keras-conv]


# --8<-- [start:keras-layout]
def corner(image, kernel):
    y = ops.convert_to_numpy(ops.conv(image, kernel))
    return np.rint(y[0, 0, 0]).astype(int).tolist()  # GPU 上未必是整数


rng = np.random.default_rng(0)
image = rng.integers(0, 10, size=(1, 2, 5, 5))  # PyTorch 的次序：NCHW
w = rng.integers(-3, 4, size=(4, 2, 3, 3))  # OIHW
image = image.transpose(0, 2, 3, 1).astype("float32")  # NHWC
kernel = w.transpose(2, 3, 1, 0).astype("float32")  # (k, k, C, O)
print("左上角，四个通道：", corner(image, kernel))
wrong = w.reshape(3, 3, 2, 4).astype("float32")  # 形状对了，数乱了
print("只改形状：", corner(image, wrong))
# --8<-- [end:keras-layout]


# --8<-- [start:keras-same]
digits = ops.reshape([100.0, 10, 1], (3, 1, 1))  # 读出窗口里的三个数


def read(n, both=0, **options):
    x = ops.reshape(ops.arange(1.0, n + 1), (1, n, 1))  # 1, 2, …, n
    x = layers.ZeroPadding1D(both)(x)  # 两边都补 0
    y = ops.convert_to_numpy(ops.conv(x, digits, strides=2, **options))
    return [f"{round(float(v)):03d}" for v in y.flatten()]


for n in [5, 6]:
    print(f"{n} 个数，same：", *read(n, padding="same"))
print("6 个数，两边各补 1：", *read(6, both=1))
# --8<-- [end:keras-same]


# --8<-- [start:keras-unfold]
patches = ops.image.extract_patches(image, size=3, strides=1)
print("窗口", tuple(patches.shape))  # (N, 行, 列, k·k·C)
y = ops.matmul(patches, kernel.reshape(-1, 4))
same = np.allclose(y, ops.conv(image, kernel), rtol=0, atol=1e-3)
print("与 conv 相同：", same)
# --8<-- [end:keras-unfold]
