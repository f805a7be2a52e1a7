# --8<-- [start:hand]
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import convolve2d, correlate2d

x = np.tile([0, 0, 1, 1, 1], (5, 1))  # 左边暗，右边亮
w = np.tile([-1, 0, 1], (3, 1))  # 右列减去左列

print("左上角的九个乘积：")
print(x[:3, :3] * w)
print("加起来", (x[:3, :3] * w).sum())


def slide(x, w):
    """把核放到每个位置，乘完加起来。"""
    k = len(w)
    n = len(x) - k + 1
    y = np.zeros((n, n), dtype=int)
    for i in range(n):
        for j in range(n):
            y[i, j] = (w * x[i : i + k, j : j + k]).sum()
    return y


print("九个位置：")
print(slide(x, w))
# --8<-- [end:hand]


# --8<-- [start:flip]
dot = np.zeros((5, 5), dtype=int)
dot[2, 2] = 1  # 全黑，只有正中一个亮点
numbered = np.arange(1, 10).reshape(3, 3)

print("不翻转：")
print(slide(dot, numbered))
print("核先翻转：")
print(slide(dot, np.flip(numbered)))  # 上下、左右都翻

smooth = np.outer([1, 2, 1], [1, 2, 1])  # 翻转以后还是自己
for name, kernel in [("检测竖边的核", w), ("对称的核", smooth)]:
    plain, turned = slide(x, kernel), slide(x, np.flip(kernel))
    print(f"{name}，第一行：{plain[0]}，翻转 {turned[0]}")
# --8<-- [end:flip]


# --8<-- [start:channels]
def conv2d(x, w, b, stride=1, padding=0):
    """x：(C, H, W)；w：(O, C, k, k)；b：(O,)。"""
    p, size = padding, w.shape[-1]
    x = np.pad(x, [(0, 0), (p, p), (p, p)])
    rows = (x.shape[1] - size) // stride + 1
    columns = (x.shape[2] - size) // stride + 1
    y = np.zeros((len(w), rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            window = x[:, top : top + size, left : left + size]
            y[:, i, j] = (w * window).sum(axis=(1, 2, 3)) + b
    return y


rng = np.random.default_rng(0)
image = rng.integers(0, 10, size=(3, 32, 32))
for size, stride, padding in [(3, 1, 0), (3, 1, 1), (3, 2, 1), (1, 1, 0)]:
    w = rng.integers(-3, 4, size=(16, 3, size, size))
    y = conv2d(image, w, np.zeros(16), stride, padding)
    print(f"k={size}，s={stride}，p={padding}：{y.shape}", end="，")
    print("参数", w.size + 16)
print("全连接到 16×32×32 的参数", (image.size + 1) * 16 * 32 * 32)
# --8<-- [end:channels]


# --8<-- [start:im2col]
def im2col(x, size):
    """每行是一个窗口里的全部数。"""
    windows = sliding_window_view(x, (size, size), axis=(1, 2))
    windows = windows.transpose(1, 2, 0, 3, 4)  # (行, 列, C, k, k)
    rows, columns = windows.shape[:2]
    return windows.reshape(rows * columns, -1), (rows, columns)


w, b = rng.integers(-3, 4, size=(16, 3, 3, 3)), rng.integers(5, size=16)
patches, place = im2col(image, 3)
kernels = w.reshape(16, -1).T  # 每列是一个核
y = (patches @ kernels + b).T.reshape(16, *place)
print("窗口", patches.shape, "乘核", kernels.shape, "得", y.shape)
print("与循环最多相差", f"{abs(y - conv2d(image, w, b)).max():g}")
print("图像里的数", image.size, "，窗口矩阵里的数", patches.size)
# --8<-- [end:im2col]


# --8<-- [start:shift]
line = np.array([0, 0, 3, 1, 2, 0, 0, 0, 0, 0])
right = np.roll(line, 1)  # 整体右移一格
for name, step in [("步幅 1", 1), ("步幅 2", 2)]:
    for when, signal in [("原来", line), ("右移", right)]:
        y = np.correlate(signal, [1, 2, 1], mode="valid")[::step]
        print(f"{name}，{when}：{y}，最大 {y.max()}")
# --8<-- [end:shift]


# --8<-- [start:library]
edge = np.tile([-1, 0, 1], (3, 1))  # 手算用的核
same = (correlate2d(x, edge, mode="valid") == slide(x, edge)).all()
print("与 correlate2d 相同：", same)
same = (convolve2d(x, edge, mode="valid") == slide(x, np.flip(edge))).all()
print("翻转后与 convolve2d 相同：", same)
# --8<-- [end:library]
