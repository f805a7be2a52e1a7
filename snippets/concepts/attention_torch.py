# --8<-- [start:setup]
import math

import numpy as np
import torch
import torch.nn.functional as F

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")
rng = np.random.default_rng(7)

tokens = ["猫", "坐在", "垫子", "上", "<pad>"]
n, d_k, d_v = len(tokens), 8, 4
q = torch.from_numpy(rng.normal(size=(n, d_k)).astype("float32"))  # (query, d_k)
k = torch.from_numpy(rng.normal(size=(n, d_k)).astype("float32"))  # (key, d_k)
v = torch.from_numpy(rng.normal(size=(n, d_v)).astype("float32"))  # (key, d_v)
# --8<-- [end:setup]


# --8<-- [start:attention]
def attention(q, k, v, mask=None):
    """mask 中 True 表示「可以看」，形状能广播到 (..., query, key)。"""
    scores = q @ k.mT / math.sqrt(q.shape[-1])  # (..., query, key)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        # 填最小的有限数而不是 −∞：整行被遮时 −∞ 减 −∞ 是 NaN
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        # 整行被遮时 softmax 给出均匀权重，再乘一次 mask 让它归零
        weights = scores.softmax(dim=-1) * mask
    return weights @ v, weights  # (..., query, d_v), (..., query, key)


output, weights = attention(q, k, v)
print("不加掩码的权重（行 = 查询，列 = 键）：")
print(weights.numpy())
print("每行之和：", weights.sum(dim=-1).numpy())
print("输出的形状：", tuple(output.shape), " 第一行：", output[0].numpy())
# --8<-- [end:attention]

# --8<-- [start:masks]
padding = torch.tensor([True, True, True, True, False])  # (key,)
causal = torch.ones(n, n, dtype=torch.bool).tril()  # (query, key)

_, padded_weights = attention(q, k, v, padding)
_, causal_weights = attention(q, k, v, causal & padding)
print("填充掩码，「上」这一行：", padded_weights[3].numpy())
print("因果掩码与填充掩码：")
print(causal_weights.numpy())
# --8<-- [end:masks]

# --8<-- [start:masked-row]
nothing = torch.zeros(1, n, dtype=torch.bool)  # 一个键也不许看
naive = (q[:1] @ k.T).masked_fill(~nothing, -math.inf).softmax(dim=-1)
_, safe = attention(q[:1], k, v, nothing)
print("整行被遮，填 -∞：", naive[0].numpy())
print("整行被遮，本页实现：", safe[0].numpy())
# --8<-- [end:masked-row]

# --8<-- [start:scale]
# 每个查询一个 Jacobian 矩阵 ∂softmax/∂scores，由自动求导给出
softmax_jacobian = torch.func.vmap(torch.func.jacrev(lambda s: s.softmax(dim=-1)))


def report(label, d, scores):
    p = scores.softmax(dim=-1)
    entropy = torch.special.entr(p).sum(dim=-1)
    gradient = torch.linalg.matrix_norm(softmax_jacobian(scores))
    print(
        f"{label} d_k={d:4d}  方差 {scores.var(correction=0):7.2f}  "
        f"最大权重 {p.amax(dim=-1).mean():.3f}  熵 {entropy.mean():.3f}  "
        f"梯度 {gradient.median():.1e}"
    )


queries, keys = 501, 16
print(f"均匀权重的熵是 ln {keys} = {math.log(keys):.3f}")
for d in [4, 16, 64, 256, 1024]:
    # float64：看得清接近 0 的梯度
    big_q = torch.from_numpy(rng.normal(size=(queries, d)))
    big_k = torch.from_numpy(rng.normal(size=(queries, keys, d)))
    dots = torch.einsum("qd,qkd->qk", big_q, big_k)
    report("不缩放", d, dots)
    report("缩放后", d, dots / math.sqrt(d))
# --8<-- [end:scale]

# --8<-- [start:library]
mask = causal & padding
by_hand, _ = attention(q, k, v, mask)
library = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # True 是「可以看」
gap = (by_hand - library).abs().max().item()
print("手写的与库的相差不到 1e-5：", gap < 1e-5)
# --8<-- [end:library]
