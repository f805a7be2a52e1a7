# --8<-- [start:setup]
import math

import numpy as np
import torch
from torch import nn

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")
rng = np.random.default_rng(11)

batch, n, d_model, heads = 2, 6, 32, 4
x = torch.from_numpy(rng.normal(size=(batch, n, d_model)).astype("float32"))
params = {}
for name in ["query", "key", "value", "out"]:
    weight = rng.normal(size=(d_model, d_model)) / np.sqrt(d_model)  # (in, out)
    params[f"{name}.weight"] = weight.astype("float32")
    params[f"{name}.bias"] = rng.normal(size=d_model).astype("float32") * 0.1
# --8<-- [end:setup]


# --8<-- [start:multi-head]
def attention(q, k, v, mask):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = scores.softmax(dim=-1) * mask
    return weights @ v, weights


def split_heads(t, heads):
    # (batch, n, d_model) → (batch, head, n, d_k)
    return t.unflatten(-1, (heads, -1)).transpose(1, 2)


def merge_heads(t):
    return t.transpose(1, 2).flatten(start_dim=2)


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.out = nn.Linear(d_model, d_model)

    def forward(self, x, memory, mask):
        """查询来自 x，键和值来自 memory；自注意力时两者是同一个张量。"""
        q = split_heads(self.query(x), self.heads)
        k = split_heads(self.key(memory), self.heads)
        v = split_heads(self.value(memory), self.heads)
        context, weights = attention(q, k, v, mask)  # (batch, head, query, key)
        return self.out(merge_heads(context)), weights


# --8<-- [end:multi-head]


# --8<-- [start:use]
mha = MultiHeadAttention(d_model, heads)
# nn.Linear 的权重是 (out, in)，所以转置；偏置是一维，转置不变
mha.load_state_dict({name: torch.tensor(p.T) for name, p in params.items()})
mha.eval()

causal = torch.ones(n, n, dtype=torch.bool).tril()
with torch.inference_mode():
    y, weights = mha(x, x, causal)
print("输入", tuple(x.shape), "→ 拆头", tuple(split_heads(x, heads).shape), end=" ")
print("→ 权重", tuple(weights.shape), "→ 输出", tuple(y.shape))
print("参数量：", sum(p.numel() for p in mha.parameters()), end=" ")
print("= 4d^2 + 4d =", 4 * d_model**2 + 4 * d_model)
print("最后一个查询在 4 个头里的权重：")
print(weights[0, :, -1].numpy())
print("输出的前 4 维：", y[0, -1, :4].numpy())
# --8<-- [end:use]


# --8<-- [start:wrong-split]
def split_without_transpose(t, heads):
    batch, n, d_model = t.shape
    return t.reshape(batch, heads, n, d_model // heads)  # 形状对，内容错


changed = x.clone()
changed[:, 0] += 1  # 只改第 0 个词
for label, split in [("正确", split_heads), ("错误", split_without_transpose)]:
    moved = (split(x, heads) != split(changed, heads)).any(dim=-1)  # (b, head, n)
    print(f"{label}拆头：各头中变了的位置数 {moved[0].sum(dim=-1).tolist()}")
# --8<-- [end:wrong-split]

# --8<-- [start:cost]
d, h, size = 4096, 32, 2  # 一层，d_model = 4096，32 个头，float16 占 2 字节
for length in [512, 2048, 8192, 32768]:
    gib = h * length**2 * size / 2**30
    ratio = 4 * length**2 * d / (8 * length * d**2)  # QKᵀ、AV 对四个投影
    print(f"n={length:5d}  权重矩阵 {gib:7.3f} GiB  注意力 / 投影的计算量 {ratio:.4f}")
# --8<-- [end:cost]

# --8<-- [start:library]
projections = [mha.query, mha.key, mha.value]
library = nn.MultiheadAttention(d_model, heads, batch_first=True).eval()
library.load_state_dict(
    {  # 库把三个投影叠成一个 (3 * d_model, d_model) 的矩阵
        "in_proj_weight": torch.cat([layer.weight for layer in projections]),
        "in_proj_bias": torch.cat([layer.bias for layer in projections]),
        "out_proj.weight": mha.out.weight,
        "out_proj.bias": mha.out.bias,
    }
)
with torch.inference_mode():
    # 这里的 True 是「不许看」，所以取反；返回的权重对各头取了平均
    expected, mean_weights = library(x, x, x, attn_mask=~causal)
gap = (y - expected).abs().max().item()
print("手写的与库的相差不到 1e-4：", gap < 1e-4)
# --8<-- [end:library]
