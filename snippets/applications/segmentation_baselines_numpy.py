# --8<-- [start:data]
import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier

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


# --8<-- [start:hand]
def confusion(y, p, classes):
    """第 i 行第 j 列：真的是 i、判成 j 的像素有几个。"""
    pairs = np.bincount((y * classes + p).ravel(), minlength=classes**2)
    return pairs.reshape(classes, classes)


def iou(table):
    """每一类：判对的，除以「真的是它」与「判成它」的并集。"""
    right = np.diag(table)
    return right / (table.sum(0) + table.sum(1) - right)


y = np.array([[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 2], [0, 0, 0, 2]])
p = np.array([[0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 1], [0, 0, 0, 2]])
table = confusion(y, p, 3)
for line in table:
    print(*line)
print("各类的 IoU：", *(f"{value:.2f}" for value in iou(table)))
print(f"mIoU：{iou(table).mean():.2f}，像素正确率：{np.mean(y == p):.1%}")
# --8<-- [end:hand]


# --8<-- [start:score]
def report(name, y, p):
    table = confusion(y, p, classes=5)
    each = iou(table)
    shown = " ".join(f"{value:.2f}" for value in each)
    right = np.trace(table) / table.sum()
    print(f"{name}：像素正确率 {right:.1%}，IoU {shown}，mIoU {each.mean():.2f}")


report("全判背景", y_test, np.zeros_like(y_test))
# --8<-- [end:score]


# --8<-- [start:window]
def windows(x, size):
    """每个像素与它四周的 size×size 个数：(像素, size²)。"""
    around = size // 2
    padded = np.pad(x, ((0, 0), (around, around), (around, around)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    return seen.reshape(-1, size * size)


x_train, y_train = scenes(np.random.default_rng(2), 100, train)
for size in (1, 5, 9, 15):
    trees = ExtraTreesClassifier(20, min_samples_leaf=3, random_state=0)
    trees.fit(windows(x_train, size), y_train.ravel())
    p = trees.predict(windows(x_test, size))
    report(f"看 {size}×{size}", y_test, p.reshape(y_test.shape))
# --8<-- [end:window]
