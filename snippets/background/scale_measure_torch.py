# --8<-- [start:model]
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

VOCAB, WIDTH, HEADS, LAYERS = 1000, 64, 4, 3


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH, bias=False)
        self.up = nn.Linear(WIDTH, 4 * WIDTH, bias=False)
        self.down = nn.Linear(4 * WIDTH, WIDTH, bias=False)

    def forward(self, x):  # (batch, seq, width)
        parts = self.qkv(F.layer_norm(x, x.shape[-1:])).chunk(3, -1)
        q, k, v = (p.unflatten(-1, (HEADS, -1)).transpose(1, 2) for p in parts)
        # 不用融合内核：让计数器看见 QKᵀ 与 AV 两次矩阵乘法
        mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
        scores = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~mask, -torch.inf)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
        x = x + self.out(mixed)
        return x + self.down(F.gelu(self.up(F.layer_norm(x, x.shape[-1:]))))


torch.manual_seed(0)
embed = nn.Embedding(VOCAB, WIDTH)
net = nn.Sequential(embed, *(Layer() for _ in range(LAYERS)))
head = nn.Linear(WIDTH, VOCAB, bias=False)
# --8<-- [end:model]

# --8<-- [start:measure]
matrices = [p for m in (net[1:], head) for p in m.parameters()]  # 词嵌入是查表，不算
n = sum(p.numel() for p in matrices)
print(f"参与乘法的参数 {n:,}，词嵌入 {embed.weight.numel():,}")
print("序列长 | 前向 / 词元 | 2N | 4·L·d·s | 前向、反向各是 2N 加注意力的几倍")
for seq in (16, 64, 256):
    tokens = torch.randint(VOCAB, (2, seq + 1))
    with FlopCounterMode(display=False) as forward:
        logits = head(net(tokens[:, :-1]))
    loss = F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
    with FlopCounterMode(display=False) as backward:
        loss.backward()
    count = tokens[:, :-1].numel()
    once, twice = (m.get_total_flops() / count for m in (forward, backward))
    attention = 4 * LAYERS * WIDTH * seq
    rule = 2 * n + attention
    ratios = f"{once / rule:.4f}、{twice / rule:.4f}"
    print(f"{seq} | {once:,.0f} | {2 * n:,} | {attention:,} | {ratios}")
# --8<-- [end:measure]
