# --8<-- [start:setup]
import numpy as np

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")
rng = np.random.default_rng(7)

tokens = ["猫", "坐在", "垫子", "上", "<pad>"]
n, d_k, d_v = len(tokens), 8, 4
q = rng.normal(size=(n, d_k)).astype("float32")  # (query, d_k)
k = rng.normal(size=(n, d_k)).astype("float32")  # (key, d_k)
v = rng.normal(size=(n, d_v)).astype("float32")  # (key, d_v)
# --8<-- [end:setup]


# --8<-- [start:attention]
def softmax(scores):
    # 先减去每行的最大值：结果不变，而 exp 不会溢出
    shifted = scores - scores.max(axis=-1, keepdims=True)
    e = np.exp(shifted)
    return e / e.sum(axis=-1, keepdims=True)


def attention(q, k, v, mask=None):
    """mask 中 True 表示「可以看」，形状能广播到 (..., query, key)。"""
    scores = q @ k.mT / np.sqrt(q.shape[-1])  # (..., query, key)
    if mask is None:
        weights = softmax(scores)
    else:
        # 填最小的有限数而不是 −∞：整行被遮时 −∞ 减 −∞ 是 NaN
        scores = np.where(mask, scores, np.finfo(scores.dtype).min)
        # 整行被遮时 softmax 给出均匀权重，再乘一次 mask 让它归零
        weights = softmax(scores) * mask
    return weights @ v, weights  # (..., query, d_v), (..., query, key)


output, weights = attention(q, k, v)
print("不加掩码的权重（行 = 查询，列 = 键）：")
print(weights)
print("每行之和：", weights.sum(axis=-1))
print("输出的形状：", tuple(output.shape), " 第一行：", output[0])
# --8<-- [end:attention]

# --8<-- [start:masks]
padding = np.array([True, True, True, True, False])  # (key,)
causal = np.tril(np.ones((n, n), dtype=bool))  # (query, key)

_, padded_weights = attention(q, k, v, padding)
_, causal_weights = attention(q, k, v, causal & padding)
print("填充掩码，「上」这一行：", padded_weights[3])
print("因果掩码与填充掩码：")
print(causal_weights)
# --8<-- [end:masks]

# --8<-- [start:masked-row]
nothing = np.zeros((1, n), dtype=bool)  # 一个键也不许看
with np.errstate(invalid="ignore"):
    naive = softmax(np.where(nothing, q[:1] @ k.T, -np.inf))
_, safe = attention(q[:1], k, v, nothing)
print("整行被遮，填 -∞：", naive[0])
print("整行被遮，本页实现：", safe[0])
# --8<-- [end:masked-row]


# --8<-- [start:scale]
def jacobian_norm(p):
    # ∂softmax/∂scores = diag(p) − p pᵀ，这里取它的 Frobenius 范数
    jacobian = np.eye(p.shape[-1]) * p[:, None, :] - p[:, :, None] * p[:, None, :]
    return np.sqrt((jacobian**2).sum(axis=(1, 2)))


def report(label, d, scores):
    p = softmax(scores)
    entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=-1)
    print(
        f"{label} d_k={d:4d}  方差 {scores.var():7.2f}  "
        f"最大权重 {p.max(axis=-1).mean():.3f}  熵 {entropy.mean():.3f}  "
        f"梯度 {np.median(jacobian_norm(p)):.1e}"
    )


queries, keys = 501, 16
print(f"均匀权重的熵是 ln {keys} = {np.log(keys):.3f}")
for d in [4, 16, 64, 256, 1024]:
    big_q = rng.normal(size=(queries, d))  # float64：看得清接近 0 的梯度
    big_k = rng.normal(size=(queries, keys, d))
    dots = np.einsum("qd,qkd->qk", big_q, big_k)
    report("不缩放", d, dots)
    report("缩放后", d, dots / np.sqrt(d))
# --8<-- [end:scale]
