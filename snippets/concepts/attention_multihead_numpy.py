# --8<-- [start:setup]
import numpy as np

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")
rng = np.random.default_rng(11)

batch, n, d_model, heads = 2, 6, 32, 4
x = rng.normal(size=(batch, n, d_model)).astype("float32")
params = {}
for name in ["query", "key", "value", "out"]:
    weight = rng.normal(size=(d_model, d_model)) / np.sqrt(d_model)  # (in, out)
    params[f"{name}.weight"] = weight.astype("float32")
    params[f"{name}.bias"] = rng.normal(size=d_model).astype("float32") * 0.1
# --8<-- [end:setup]


# --8<-- [start:multi-head]
def softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def attention(q, k, v, mask):
    scores = q @ k.mT / np.sqrt(q.shape[-1])
    weights = softmax(np.where(mask, scores, np.finfo(scores.dtype).min)) * mask
    return weights @ v, weights


def split_heads(t, heads):
    batch, n, d_model = t.shape
    t = t.reshape(batch, n, heads, d_model // heads)
    return t.transpose(0, 2, 1, 3)  # (batch, head, n, d_k)


def merge_heads(t):
    batch, heads, n, d_k = t.shape
    return t.transpose(0, 2, 1, 3).reshape(batch, n, heads * d_k)


def linear(t, name):
    return t @ params[f"{name}.weight"] + params[f"{name}.bias"]


def multi_head_attention(x, memory, mask):
    """查询来自 x，键和值来自 memory；自注意力时两者是同一个张量。"""
    q = split_heads(linear(x, "query"), heads)
    k = split_heads(linear(memory, "key"), heads)
    v = split_heads(linear(memory, "value"), heads)
    context, weights = attention(q, k, v, mask)  # weights: (batch, head, query, key)
    return linear(merge_heads(context), "out"), weights


# --8<-- [end:multi-head]


# --8<-- [start:use]
causal = np.tril(np.ones((n, n), dtype=bool))
y, weights = multi_head_attention(x, x, causal)
print("输入", x.shape, "→ 拆头", split_heads(x, heads).shape, end=" ")
print("→ 权重", weights.shape, "→ 输出", y.shape)
print("参数量：", sum(p.size for p in params.values()), end=" ")
print("= 4d^2 + 4d =", 4 * d_model**2 + 4 * d_model)
print("最后一个查询在 4 个头里的权重：")
print(weights[0, :, -1])
print("输出的前 4 维：", y[0, -1, :4])
# --8<-- [end:use]


# --8<-- [start:wrong-split]
def split_without_transpose(t, heads):
    batch, n, d_model = t.shape
    return t.reshape(batch, heads, n, d_model // heads)  # 形状对，内容错


changed = x.copy()
changed[:, 0] += 1  # 只改第 0 个词
for label, split in [("正确", split_heads), ("错误", split_without_transpose)]:
    moved = (split(x, heads) != split(changed, heads)).any(axis=-1)  # (b, head, n)
    print(f"{label}拆头：各头中变了的位置数 {moved[0].sum(axis=-1).tolist()}")
# --8<-- [end:wrong-split]

# --8<-- [start:cost]
d, h, size = 4096, 32, 2  # 一层，d_model = 4096，32 个头，float16 占 2 字节
for length in [512, 2048, 8192, 32768]:
    gib = h * length**2 * size / 2**30
    ratio = 4 * length**2 * d / (8 * length * d**2)  # QKᵀ、AV 对四个投影
    print(f"n={length:5d}  权重矩阵 {gib:7.3f} GiB  注意力 / 投影的计算量 {ratio:.4f}")
# --8<-- [end:cost]
