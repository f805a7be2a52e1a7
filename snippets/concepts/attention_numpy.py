# --8<-- [start:table]
import numpy as np

# 打印三位小数
np.set_printoptions(precision=3, floatmode="fixed")

# 词：查询，键，值（食物，设备）；都是手选的小整数
table = {
    "他": ([2, 0, 0, 1], [1, 0, 0, 0], [0, 0]),
    "用": ([2, 0, 1, 1], [0, 2, 0, 0], [0, 2]),
    "苹果": ([1, 1, 1, 1], [0, 0, 1, 0], [1, 1]),
    "拍照": ([2, 0, 2, 0], [0, 2, 0, 2], [0, 4]),
    "吃": ([2, 0, 2, 0], [0, 2, 0, 2], [4, 0]),
    "<pad>": ([0, 0, 0, 0], [0, 0, 0, 0], [0, 0]),
}


def look_up(sentence):
    rows = [table[w] for w in sentence.split()]
    columns = zip(*rows, strict=True)
    return [np.array(c, float) for c in columns]


# --8<-- [end:table]


# --8<-- [start:by-hand]
q, k, v = look_up("他 用 苹果 拍照")
dots = k @ q[2]  # 「苹果」的查询与四个键
e = np.exp(dots / 2)  # √d_k = √4 = 2
total = e.sum()
print("点积：", dots)
print("取指数：", e, "和：", total.round(3))
print("权重：", e / total)
print("输出：", e / total @ v)
# --8<-- [end:by-hand]


# --8<-- [start:matrix]
def softmax(scores):
    # 先减去每行的最大值，免得 exp 溢出
    top = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - top)
    return e / e.sum(axis=-1, keepdims=True)


scores = q @ k.mT / np.sqrt(4)  # (query, key)
weights = softmax(scores)  # (query, key)
print("权重 A：")
print(weights)
print("输出 A V：")
print(weights @ v)  # (query, d_v)
# --8<-- [end:matrix]


# --8<-- [start:attention]
def attention(q, k, v, mask=None):
    """mask 里 True 是「可以看」。"""
    scores = q @ k.mT / np.sqrt(k.shape[-1])
    if mask is None:
        weights = softmax(scores)
    else:
        # 最小的有限数：一行全是 −∞ 会得到 NaN
        lowest = np.finfo(scores.dtype).min
        scores = np.where(mask, scores, lowest)
        weights = softmax(scores) * mask
    return weights @ v, weights


# --8<-- [end:attention]

# --8<-- [start:masks]
q, k, v = look_up("他 吃 苹果 <pad>")
padding = np.array([True, True, True, False])
causal = np.tril(np.ones((4, 4), dtype=bool))
both = padding & causal
masks = {"不加": None, "填充": padding, "两种": both}
for name, mask in masks.items():
    output, weights = attention(q, k, v, mask)
    print(f"{name}，「苹果」的输出 {output[2]}")
    print(weights)
# --8<-- [end:masks]

# --8<-- [start:empty-row]
nothing = np.zeros(4, dtype=bool)  # 都不许看
with np.errstate(invalid="ignore"):  # 不警告
    naive = softmax(np.full((4, 4), -np.inf))
_, safe = attention(q, k, v, nothing)
print("填负无穷：", naive[2])
print("填最小的有限数，再乘掩码：", safe[2])
# --8<-- [end:empty-row]

# --8<-- [start:scale]
rng = np.random.default_rng(7)
for d_k in [4, 16, 64, 256, 1024]:
    queries = rng.normal(size=(501, 1, d_k))
    keys = rng.normal(size=(501, 16, d_k))
    dots = queries @ keys.mT  # (501, 1, 16)
    roots = {"不除": 1, "除以√": np.sqrt(d_k)}
    for name, root in roots.items():
        scores = dots / root
        a = softmax(scores)
        slope = (a * (1 - a)).max(axis=-1)
        print(f"d_k={d_k:4d} {name}", end="  ")
        print(f"方差 {scores.var():7.2f}", end="  ")
        print(f"导数 {np.median(slope):.1e}")
# --8<-- [end:scale]
