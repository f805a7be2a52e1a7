# --8<-- [start:setup]
import math

import numpy as np
import torch
from torch import nn

np.set_printoptions(precision=3, suppress=True, floatmode="fixed")
rng = np.random.default_rng(23)

batch, source_len, target_len = 2, 6, 4
d_model, heads, d_ff = 32, 4, 128
source = rng.normal(size=(batch, source_len, d_model)).astype("float32")
target = rng.normal(size=(batch, target_len, d_model)).astype("float32")
source, target = torch.from_numpy(source), torch.from_numpy(target)
lengths = torch.tensor([6, 4])  # 第二句只有 4 个词，后两格是填充


# --8<-- [end:setup]


# --8<-- [start:weights]
def draw(name, weight, size):
    bias = 0.1 * rng.normal(size=size)
    return {
        f"{name}.weight": weight.astype("float32"),
        f"{name}.bias": bias.astype("float32"),
    }


def draw_norm(name):
    return draw(name, 1 + 0.1 * rng.normal(size=d_model), d_model)


def draw_linear(name, fan_in, fan_out):  # 矩阵是 (in, out)
    weight = rng.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in)
    return draw(name, weight, fan_out)


def draw_attention(name):
    drawn = {}
    for part in ["query", "key", "value", "out"]:
        drawn |= draw_linear(f"{name}.{part}", d_model, d_model)
    return drawn


def draw_feed_forward(name):
    up = draw_linear(f"{name}.up", d_model, d_ff)
    return up | draw_linear(f"{name}.down", d_ff, d_model)


# --8<-- [end:weights]

# --8<-- [start:params]
encoder_params = (
    draw_norm("norm1")
    | draw_attention("self_attention")
    | draw_norm("norm2")
    | draw_feed_forward("feed_forward")
)
decoder_params = (
    draw_norm("norm1")
    | draw_attention("self_attention")
    | draw_norm("norm2")
    | draw_attention("cross_attention")
    | draw_norm("norm3")
    | draw_feed_forward("feed_forward")
)
# --8<-- [end:params]


# --8<-- [start:parts]
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.out = nn.Linear(d_model, d_model)

    def forward(self, x, memory, mask):
        # (batch, n, d_model) → (batch, head, n, d_k)
        q = self.query(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        k = self.key(memory).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        v = self.value(memory).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1) * mask
        return self.out((weights @ v).transpose(1, 2).flatten(start_dim=2))


class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.up = nn.Linear(d_model, d_ff)
        self.down = nn.Linear(d_ff, d_model)

    def forward(self, x):
        return self.down(self.up(x).relu())


# --8<-- [end:parts]


# --8<-- [start:blocks]
class EncoderBlock(nn.Module):
    def __init__(self, d_model, heads, d_ff):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.self_attention = MultiHeadAttention(d_model, heads)
        self.norm2 = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(d_model, d_ff)

    def forward(self, x, mask):
        h = self.norm1(x)
        x = x + self.self_attention(h, h, mask)
        return x + self.feed_forward(self.norm2(x))


class DecoderBlock(nn.Module):
    def __init__(self, d_model, heads, d_ff):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.self_attention = MultiHeadAttention(d_model, heads)
        self.norm2 = nn.LayerNorm(d_model)
        self.cross_attention = MultiHeadAttention(d_model, heads)
        self.norm3 = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(d_model, d_ff)

    def forward(self, x, memory, self_mask, memory_mask):
        h = self.norm1(x)
        x = x + self.self_attention(h, h, self_mask)
        # 查询来自目标，键和值来自编码器；memory 已是编码器的输出，不再归一化
        x = x + self.cross_attention(self.norm2(x), memory, memory_mask)
        return x + self.feed_forward(self.norm3(x))


# --8<-- [end:blocks]


# --8<-- [start:positions]
def sinusoidal_positions(length, d_model):
    position = torch.arange(length)[:, None]
    frequency = 10000.0 ** (-torch.arange(0, d_model, 2) / d_model)
    table = torch.zeros(length, d_model)
    table[:, 0::2] = torch.sin(position * frequency)  # 偶数维
    table[:, 1::2] = torch.cos(position * frequency)  # 奇数维
    return table


# --8<-- [end:positions]


# --8<-- [start:run]
encoder_block = EncoderBlock(d_model, heads, d_ff).eval()
decoder_block = DecoderBlock(d_model, heads, d_ff).eval()
for block, params in [(encoder_block, encoder_params), (decoder_block, decoder_params)]:
    # nn.Linear 的权重是 (out, in)，所以转置；一维的参数转置不变
    block.load_state_dict({name: torch.tensor(p.T) for name, p in params.items()})

padding = (torch.arange(source_len) < lengths[:, None])[:, None, None]  # (b, 1, 1, key)
causal = torch.ones(target_len, target_len, dtype=torch.bool).tril()  # (query, key)


@torch.inference_mode()
def encode(source):
    x = source + sinusoidal_positions(source_len, d_model)
    return encoder_block(x, padding)


@torch.inference_mode()
def decode(target, memory):
    x = target + sinusoidal_positions(target_len, d_model)
    return decoder_block(x, memory, causal, padding)


memory = encode(source)
output = decode(target, memory)
print("编码器", tuple(source.shape), "→", tuple(memory.shape), end="  ")
print("前 4 维：", memory[0, 0, :4].numpy())
print("解码器", tuple(target.shape), "→", tuple(output.shape), end="  ")
print("前 4 维：", output[0, 0, :4].numpy())
# --8<-- [end:run]

# --8<-- [start:count]
mlp = 2 * d_model * d_ff + d_ff + d_model
formula = 4 * d_model**2 + 4 * d_model + mlp + 2 * 2 * d_model
count = sum(p.numel() for p in encoder_block.parameters())
print("编码器块的参数：", count, "公式：", formula)
formula = 2 * (4 * d_model**2 + 4 * d_model) + mlp + 3 * 2 * d_model
count = sum(p.numel() for p in decoder_block.parameters())
print("解码器块的参数：", count, "公式：", formula)
# --8<-- [end:count]


# --8<-- [start:properties]
def moved(a, b):
    """第 1 句里哪些位置的输出变了：1 是变了，0 是没变。"""
    return ((a - b).abs().amax(dim=-1)[1] > 1e-5).int().tolist()


changed = target.clone()
changed[:, 2] *= -1  # 只改目标的第 2 个词
print("改目标第 2 个词，变了的输出：", moved(output, decode(changed, memory)))

changed = source.clone()
changed[1, 4:] *= -1  # 只改填充格里的内容
print("改源句的填充格，变了的编码：", moved(memory, encode(changed)))
print("改源句的填充格，变了的输出：", moved(output, decode(target, encode(changed))))

order = torch.tensor([1, 0, 3, 2, 4, 5])  # 在有效的 4 个词里两两交换
with torch.inference_mode():
    plain = encoder_block(source, padding)
    shuffled = encoder_block(source[:, order], padding)
print("无位置，先打乱再编码对先编码再打乱：", moved(plain[:, order], shuffled))
print("有位置，先打乱再编码对先编码再打乱：", end=" ")
print(moved(memory[:, order], encode(source[:, order])))
# --8<-- [end:properties]
