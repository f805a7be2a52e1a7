# --8<-- [start:resize]
import numpy as np

x = np.array([1.0, 3, 2])


def linear(x, factor, corners):
    """线性插值：先算出每个新位置落在旧位置的哪里，再取两边的加权。"""
    new = np.arange(factor * len(x))
    if corners:  # 两个端点对齐：0 对 0，末一个对末一个
        old = new * (len(x) - 1) / (factor * len(x) - 1)
    else:  # 两条外边对齐：像素的中心在 0.5、1.5……
        old = (new + 0.5) / factor - 0.5
    return np.interp(old, np.arange(len(x)), x)  # 端点之外取端点的值


def row(values):
    return " ".join(f"{value:.4g}" for value in values)


print("最邻近：", row(np.repeat(x, 2)))
print("线性，外边对齐：", row(linear(x, 2, corners=False)))
print("线性，端点对齐：", row(linear(x, 2, corners=True)))
# --8<-- [end:resize]


# --8<-- [start:put]
def conv_transpose(x, kernel, stride):
    """每个数乘整个核，放到自己的位置，相邻两个错开 stride 格，重叠处相加。"""
    stamps = np.zeros((len(x), (len(x) - 1) * stride + len(kernel)))
    for i, value in enumerate(x):
        stamps[i, i * stride : i * stride + len(kernel)] = value * kernel
    return stamps


kernel = np.array([1.0, 2, 1])
stamps = conv_transpose(x, kernel, 2)
for value, stamp in zip(x, stamps, strict=True):
    print(f"{value:.0f} 放下：", row(stamp))
y = stamps.sum(axis=0)
print("相加：", row(y))
# --8<-- [end:put]


# --8<-- [start:cover]
ones = np.ones(5)
for size, stride in [(3, 2), (4, 2), (2, 2), (2, 3)]:
    count = conv_transpose(ones, np.ones(size), stride).sum(axis=0)
    print(f"核 {size} 步幅 {stride}，共 {len(count)} 格：", row(count))
# --8<-- [end:cover]


# --8<-- [start:plane]
count = conv_transpose(np.ones(3), np.ones(3), 2).sum(axis=0)
for line in np.outer(count, count):  # 行的次数乘列的次数
    print(row(line))
# --8<-- [end:plane]


# --8<-- [start:matrix]
C = np.zeros((3, 7))
for i in range(3):  # 步幅 2 的卷积：第 i 个输出看第 2i 到 2i+2 个输入
    C[i, 2 * i : 2 * i + 3] = kernel
for line in C:
    print(row(line))
print("C 的转置乘 x：", row(C.T @ x))
print("再用 C 乘：", row(C @ C.T @ x))
# --8<-- [end:matrix]


# --8<-- [start:bilinear]
hat = np.array([1, 3, 3, 1]) / 4
full = conv_transpose(x, hat, 2).sum(axis=0)
print("核 1/4 3/4 3/4 1/4，两端各裁一格：", row(full[1:-1]))
# --8<-- [end:bilinear]


# --8<-- [start:shuffle]
def pixel_shuffle(z, r):
    """r·r 张小图拼成一张大图：(r·r, H, W) → (H·r, W·r)。"""
    H, W = z.shape[1:]
    z = z.reshape(r, r, H, W)  # 第几张 = 块里的行 · r + 块里的列
    return z.transpose(2, 0, 3, 1).reshape(H * r, W * r)


four = np.array([[[1, 2]], [[3, 4]], [[5, 6]], [[7, 8]]])  # (4, 1, 2)
for line in pixel_shuffle(four, 2):
    print(row(line))
# --8<-- [end:shuffle]
