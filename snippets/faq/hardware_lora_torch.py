# --8<-- [start:layer]
import torch
from torch import nn


class LoRA(nn.Module):
    """冻结的矩阵旁边，加一条窄的支路：先降到 r 维，再升回去。"""

    def __init__(self, base, r, alpha):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(r, base.in_features) / r)
        self.B = nn.Parameter(torch.zeros(base.out_features, r))  # 起步时支路为零
        self.scale = alpha / r

    def forward(self, x):  # (batch, in)
        return self.base(x) + x @ self.A.mT @ self.B.mT * self.scale


# --8<-- [end:layer]


# --8<-- [start:step]
torch.manual_seed(0)
shapes = [(64, 64), (64, 16), (64, 16), (64, 64), (64, 172), (64, 172), (172, 64)]
layers = [LoRA(nn.Linear(*s, bias=False), r=4, alpha=8) for s in shapes]
learnt = [p for m in layers for p in m.parameters() if p.requires_grad]
n = sum(p.numel() for p in learnt)
print(f"可训练的参数：{n}，Σ r(入 + 出)：{sum(4 * (a + b) for a, b in shapes)}")
optimizer = torch.optim.AdamW(learnt)
before = [m.base.weight.clone() for m in layers]
for m in layers:
    m(torch.ones(1, m.base.in_features)).square().mean().backward()
optimizer.step()
frozen = [m.base.weight for m in layers]
print("底座有梯度的：", sum(w.grad is not None for w in frozen))
print("底座有状态的：", sum(w in optimizer.state for w in frozen))
same = all(map(torch.equal, frozen, before))
print("底座一个数也没有变：", same)
moments = [v for s in optimizer.state.values() for v in s.values() if v.ndim]
print(f"状态：每个可训练参数 {sum(v.nbytes for v in moments) / n:g} 字节")
# --8<-- [end:step]


# --8<-- [start:merge]
layer = layers[0]
x = torch.randn(5, 64)
merged = nn.Linear(64, 64, bias=False)
merged.weight.data = layer.base.weight + layer.scale * layer.B @ layer.A
same = torch.allclose(merged(x), layer(x), atol=1e-5)
print("训练完并回矩阵，输出相同：", same)
# --8<-- [end:merge]


# --8<-- [start:account]
GB = 1e9
vocab, d, depth, f, r = 151936, 4096, 32, 11008, 16  # Qwen1.5 7B，32 个键值头
shapes = [(d, d)] * 4 + [(d, f)] * 2 + [(f, d)]
linear = depth * sum(a * b for a, b in shapes)
adapter = depth * sum(r * (a + b) for a, b in shapes)
fixed = {
    "各层的矩阵，nf4": linear * 2113 / 4096,
    "词嵌入与输出层，bf16": 2 * 2 * vocab * d,
    "LoRA 的权重、梯度与状态": 16 * adapter,
}
for name, size in fixed.items():
    print(f"{name}：{size / GB:.2f} GB")
kept = 16 * d + 8 + 4 * d + 4 * d + 4 * 32 + 8 * f  # 一层，每个词元
print("词元 | 打分 | 激活值 | 合计 | 开检查点的激活值 | 合计")
for tokens in (2048, 3072, 8192):
    logits = 12 * vocab * tokens / GB
    whole, saved = depth * kept * tokens / GB, (depth * 2 * d + kept) * tokens / GB
    base = sum(fixed.values()) / GB + logits
    cells = (logits, whole, base + whole, saved, base + saved)
    print(f"{tokens} | " + " | ".join(f"{x:.1f}" for x in cells))
# --8<-- [end:account]
