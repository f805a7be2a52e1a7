# --8<-- [start:layer]
import torch
import torch.nn.functional as F
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.in_proj = nn.Linear(d, 3 * d)  # Q、K、V
        self.out_proj = nn.Linear(d, d)  # W^O

    def split_heads(self, t):
        # (batch, n, d) → (batch, head, n, d_k)
        t = t.unflatten(-1, (self.h, -1))
        return t.transpose(1, 2)

    def forward(self, x, mask=None):
        three = self.in_proj(x).chunk(3, dim=-1)
        q, k, v = map(self.split_heads, three)
        heads = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        joined = heads.transpose(1, 2).flatten(2)
        return self.out_proj(joined)


# --8<-- [end:layer]

# --8<-- [start:use]
torch.manual_seed(0)
x = torch.randn(2, 6, 32)  # (batch, n, d)
causal = torch.ones(6, 6, dtype=torch.bool).tril()
layer = SelfAttention(d=32, h=4)
output = layer(x, causal)
print(tuple(x.shape), "→", tuple(output.shape))
count = sum(p.numel() for p in layer.parameters())
print("参数：", count)
# --8<-- [end:use]

# --8<-- [start:library]
library = nn.MultiheadAttention(32, 4, batch_first=True)
state = {  # 库里叫 in_proj_weight，没有那个点
    name.replace("in_proj.", "in_proj_"): value
    for name, value in layer.state_dict().items()
}
library.load_state_dict(state)
# 这一层的 True 是「不许看」，所以取反
expected, _ = library(x, x, x, attn_mask=~causal)
gap = (output - expected).abs().max().item()
print("手写的与库的相差不到 1e-5：", gap < 1e-5)
# --8<-- [end:library]
