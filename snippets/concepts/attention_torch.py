# --8<-- [start:table]
import math

import numpy as np
import torch
import torch.nn.functional as F

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
    return [torch.tensor(c).float() for c in columns]


# --8<-- [end:table]


# --8<-- [start:by-hand]
q, k, v = look_up("他 用 苹果 拍照")
dots = k @ q[2]  # 「苹果」的查询与四个键
e = (dots / 2).exp()  # √d_k = √4 = 2
total = e.sum()
print("点积：", dots.numpy())
print("取指数：", e.numpy(), "和：", total.numpy().round(3))
print("权重：", (e / total).numpy())
print("输出：", (e / total @ v).numpy())
# --8<-- [end:by-hand]


# --8<-- [start:matrix]
scores = q @ k.mT / math.sqrt(4)  # (query, key)
weights = scores.softmax(dim=-1)  # (query, key)
print("权重 A：")
print(weights.numpy())
print("输出 A V：")
print((weights @ v).numpy())  # (query, d_v)
# --8<-- [end:matrix]


# --8<-- [start:attention]
def attention(q, k, v, mask=None):
    """mask 里 True 是「可以看」。"""
    scores = q @ k.mT / math.sqrt(k.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        # 最小的有限数：一行全是 −∞ 会得到 NaN
        lowest = torch.finfo(scores.dtype).min
        scores = scores.masked_fill(~mask, lowest)
        weights = scores.softmax(dim=-1) * mask
    return weights @ v, weights


# --8<-- [end:attention]

# --8<-- [start:masks]
q, k, v = look_up("他 吃 苹果 <pad>")
padding = torch.tensor([True, True, True, False])
causal = torch.ones(4, 4, dtype=torch.bool).tril()
both = padding & causal
masks = {"不加": None, "填充": padding, "两种": both}
for name, mask in masks.items():
    output, weights = attention(q, k, v, mask)
    print(f"{name}，「苹果」的输出 {output[2].numpy()}")
    print(weights.numpy())
# --8<-- [end:masks]

# --8<-- [start:empty-row]
nothing = torch.zeros(4, dtype=torch.bool)  # 都不许看
naive = torch.full((4, 4), -math.inf).softmax(dim=-1)
_, safe = attention(q, k, v, nothing)
print("填负无穷：", naive[2].numpy())
print("填最小的有限数，再乘掩码：", safe[2].numpy())
# --8<-- [end:empty-row]

# --8<-- [start:library]
by_hand, _ = attention(q, k, v, both)
library = F.scaled_dot_product_attention(q, k, v, attn_mask=both)
gap = (by_hand - library).abs().max().item()
print("手写的与库的相差不到 1e-6：", gap < 1e-6)
# --8<-- [end:library]
