# --8<-- [start:split]
import numpy as np

np.set_printoptions(precision=3, floatmode="fixed")


def split_heads(t, h):
    n, d = t.shape
    t = t.reshape(n, h, d // h)  # 每个词切成 h 段
    return t.swapaxes(0, 1)  # (head, n, d_k)


labels = 10 * np.arange(4)[:, None] + np.arange(8)
print("正确的拆法，第 0 个头：")
print(split_heads(labels, 2)[0])
print("只 reshape，第 0 个头：")
print(labels.reshape(2, 4, 4)[0])
# --8<-- [end:split]

# --8<-- [start:heads]
# 「苹果」的查询，每个头四列
q = np.array([[1, 1, 1, 1, 4, 0, 0, 0]])
k = [  # 他、用、苹果、拍照；两个头的键相同
    [1, 0, 0, 0],
    [0, 2, 0, 0],
    [0, 0, 1, 0],
    [0, 2, 0, 2],
]
q = split_heads(q, 2)  # (head, query, d_k)
k = split_heads(np.tile(k, 2), 2)
e = np.exp(q @ k.mT / 2)  # (head, query, key)
print(e / e.sum(axis=-1, keepdims=True))
# --8<-- [end:heads]
