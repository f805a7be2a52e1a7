# --8<-- [start:one-hot]
import numpy as np

CHARACTERS = "不差是很味道多好"
PLACE = {c: i for i, c in enumerate(CHARACTERS)}


def one_hot(text, length=None):
    """一个字一行，只有自己那一列是 1；填充的行全是 0。"""
    x = np.zeros((length or len(text), len(CHARACTERS)))
    x[range(len(text)), [PLACE[c] for c in text]] = 1
    return x  # (time, character)


x = one_hot("味道不差")
print("味道不差：形状", x.shape, "，每行的 1 在第几列：", end="")
print("、".join(f"{i}" for i in x.argmax(axis=1)))
# --8<-- [end:one-hot]


# --8<-- [start:kernel]
kernel = np.zeros((2, len(CHARACTERS)))  # (offset, character)
kernel[0, PLACE["不"]] = 1  # 前一格：遇到「不」加 1
kernel[1, PLACE["差"]] = 1  # 后一格：遇到「差」加 1
BIAS = -1


def convolve(x, kernel, bias):
    """核在每个位置上与窗口逐项相乘、求和，再加偏置。"""
    width = len(kernel)
    places = range(len(x) - width + 1)
    return np.array([np.sum(x[t : t + width] * kernel) + bias for t in places])


def pooled(x, kernel, bias):
    """负的变成 0，再取各个位置里最大的；一个窗口也放不下就是 0。"""
    return max([0, *convolve(x, kernel, bias)])


for text in ["味道不差", "差不多", "很差", "不是很差"]:
    scores = convolve(one_hot(text), kernel, BIAS)
    windows = [f"{text[t : t + 2]} {s:g}" for t, s in enumerate(scores)]
    print(f"{text}：{'，'.join(windows)}；最大值", end=" ")
    print(f"{pooled(one_hot(text), kernel, BIAS):g}")
# --8<-- [end:kernel]


# --8<-- [start:xor]
SENTENCES = {"好": 1, "不好": 0, "差": 0, "不差": 1}
bag = np.array([one_hot(t).sum(axis=0) for t in SENTENCES])
signs = np.array([1 if good else -1 for good in SENTENCES.values()])
# 好 − 不好 − 差 + 不差：每个字的次数都抵消
print("按 +、-、-、+ 把四句的字数相加：", (signs @ bag).astype(int).tolist())
for text, good in SENTENCES.items():
    x = one_hot(text)
    seen = pooled(x, kernel, BIAS)  # 有「不差」才是 1
    bad = pooled(x, kernel[1:], 0)  # 宽 1 的核：有「差」就是 1
    negated = pooled(x, kernel[:1], 0)  # 有「不」就是 1
    score = 1 - 2 * bad - 2 * negated + 4 * seen
    print(f"{text}：得分 {score:+g}，{'好评' if score > 0 else '差评'}", end="")
    print("（对）" if (score > 0) == good else "（错）")
# --8<-- [end:xor]


# --8<-- [start:padding]
blame = np.zeros((2, len(CHARACTERS)))
blame[1, PLACE["差"]] = -0.2  # 窗口以「差」结尾就扣分
text, raised = "很差", 0.3  # 偏置是正的
for length in [2, 3, 5]:
    scores = convolve(one_hot(text, length), blame, raised)
    top = pooled(one_hot(text, length), blame, raised)
    shown = "、".join(f"{s:.1f}" for s in scores)
    print(f"填充到 {length} 个字：各窗口 {shown}；最大值 {top:.1f}")
# --8<-- [end:padding]


# --8<-- [start:mask]
def masked_pooled(x, length, kernel, bias):
    """只让完全落在真字里的窗口参加最大值。"""
    scores = convolve(x, kernel, bias)
    real = np.arange(len(scores)) + len(kernel) <= length
    return max(0, np.max(np.where(real, scores, -np.inf)))


for length in [2, 3, 5]:
    value = masked_pooled(one_hot(text, length), 2, blame, raised)
    print(f"填充到 {length} 个字，遮住之后：{value:.1f}")
# --8<-- [end:mask]


# --8<-- [start:library]
row, column = np.array([0.0, 1, 0, 0]), np.array([1.0, 2])
print("np.convolve 先把核倒过来：", np.convolve(row, column, "valid").tolist())
print("np.correlate 照原样滑动：", np.correlate(row, column, "valid").tolist())
x = one_hot("味道不差")
# 每个字一列，各自滑动再相加，就是上面的卷积
columns = zip(x.T, kernel.T, strict=True)
total = sum(np.correlate(a, b, "valid") for a, b in columns) + BIAS
print("与上面的卷积相同：", np.array_equal(total, convolve(x, kernel, BIAS)))
# --8<-- [end:library]
