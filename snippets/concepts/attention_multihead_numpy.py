# --8<-- [start:split]
import numpy as np

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")


def split_heads(t, h):
    n, d = t.shape
    # 先把每个词切成 h 段，再把头的轴换到最前
    return t.reshape(n, h, d // h).swapaxes(0, 1)  # (head, n, d_k)


labels = 10 * np.arange(4)[:, None] + np.arange(8)
print("正确的拆法，第 0 个头：")
print(split_heads(labels, 2)[0])
print("只 reshape，第 0 个头：")
print(labels.reshape(2, 4, 4)[0])
# --8<-- [end:split]

# --8<-- [start:heads]
# 「苹果」的查询，每个头四列；两个头的键相同
q = np.array([[1, 1, 1, 1, 4, 0, 0, 0]])
k = np.tile([[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 1, 0], [0, 2, 0, 2]], 2)
e = np.exp(split_heads(q, 2) @ split_heads(k, 2).mT / 2)
print(e / e.sum(axis=-1, keepdims=True))  # (head, query, key)
# --8<-- [end:heads]
