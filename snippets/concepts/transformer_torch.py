# --8<-- [start:attention]
import torch
import torch.nn.functional as F
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(d, d)
        self.key = nn.Linear(d, d)
        self.value = nn.Linear(d, d)
        self.out = nn.Linear(d, d)

    def split(self, x):
        # (batch, n, d) → (batch, head, n, d_k)
        x = x.unflatten(-1, (self.heads, -1))
        return x.transpose(1, 2)

    def forward(self, x, memory, mask):
        q = self.split(self.query(x))
        k = self.split(self.key(memory))
        v = self.split(self.value(memory))
        o = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out(o.transpose(1, 2).flatten(2))


# --8<-- [end:attention]


# --8<-- [start:encoder]
def feed_forward(d, d_ff):
    up, down = nn.Linear(d, d_ff), nn.Linear(d_ff, d)
    return nn.Sequential(up, nn.ReLU(), down)


class EncoderBlock(nn.Module):
    def __init__(self, d, heads, d_ff):
        super().__init__()
        self.norm1 = nn.LayerNorm(d)
        self.attention = MultiHeadAttention(d, heads)
        self.norm2 = nn.LayerNorm(d)
        self.ffn = feed_forward(d, d_ff)

    def forward(self, x, mask):
        h = self.norm1(x)
        x = x + self.attention(h, h, mask)
        return x + self.ffn(self.norm2(x))


# --8<-- [end:encoder]


# --8<-- [start:decoder]
class DecoderBlock(nn.Module):
    def __init__(self, d, heads, d_ff):
        super().__init__()
        self.norm1 = nn.LayerNorm(d)
        self.attention = MultiHeadAttention(d, heads)
        self.norm2 = nn.LayerNorm(d)
        self.cross = MultiHeadAttention(d, heads)
        self.norm3 = nn.LayerNorm(d)
        self.ffn = feed_forward(d, d_ff)

    def forward(self, y, memory, mask, memory_mask):
        h = self.norm1(y)
        y = y + self.attention(h, h, mask)
        # 查询来自目标 y，键和值来自编码器的输出 memory
        h = self.norm2(y)
        y = y + self.cross(h, memory, memory_mask)
        return y + self.ffn(self.norm3(y))


# --8<-- [end:decoder]

# --8<-- [start:run]
torch.manual_seed(0)
d, heads, d_ff = 32, 4, 128
encoder = EncoderBlock(d, heads, d_ff).eval()
decoder = DecoderBlock(d, heads, d_ff).eval()
x = torch.randn(2, 6, d)  # 两句原文，各 6 格
y = torch.randn(2, 4, d)  # 译文的前 4 个词
# 第二句的后两格是填充
padding = torch.arange(6) < torch.tensor([[6], [4]])
# (batch, head, query, key)，长 1 的轴自动广播
padding = padding[:, None, None]
causal = torch.ones(4, 4, dtype=torch.bool).tril()

with torch.inference_mode():
    memory = encoder(x, padding)
    output = decoder(y, memory, causal, padding)
print("编码器块", tuple(x.shape), "→", tuple(memory.shape))
print("解码器块", tuple(y.shape), "→", tuple(output.shape))
# --8<-- [end:run]

# --8<-- [start:count]
attention, norm = 4 * d**2 + 4 * d, 2 * d
ffn = 2 * d * d_ff + d_ff + d
count = sum(p.numel() for p in encoder.parameters())
formula = attention + ffn + 2 * norm
print("编码器块：", count, "公式：", formula)
count = sum(p.numel() for p in decoder.parameters())
formula = 2 * attention + ffn + 3 * norm
print("解码器块：", count, "公式：", formula)
# --8<-- [end:count]


# --8<-- [start:change]
def moved(before, after):
    """第二句的哪些位置变了：1 是变了，0 是没变。"""
    difference = (before - after).abs().amax(-1)[1]
    return (difference > 1e-5).int().tolist()


with torch.inference_mode():
    changed = y.clone()  # 译文的第 2 个词（从 0 数起）反号
    changed[:, 2] *= -1
    after = decoder(changed, memory, causal, padding)
    print("改第 2 个词，输出：", moved(output, after))
    changed = x.clone()  # 原文最后两格反号：在第二句里是填充
    changed[:, 4:] *= -1
    encoded = encoder(changed, padding)
    print("改两格填充，编码：", moved(memory, encoded))
    after = decoder(y, encoded, causal, padding)
    print("改两格填充，输出：", moved(output, after))
# --8<-- [end:change]

# --8<-- [start:order]
order = [1, 0, 3, 2, 4, 5]  # 有效的 4 个词，两两交换
positions = torch.randn(6, d)  # 每个位置一个固定的向量
with torch.inference_mode():
    for name, p in [("没有位置", 0), ("加上位置", positions)]:
        # 先编码再换序；先换序再编码
        first = encoder(x + p, padding)[:, order]
        second = encoder(x[:, order] + p, padding)
        print(f"{name}，两种做法：", moved(first, second))
# --8<-- [end:order]
