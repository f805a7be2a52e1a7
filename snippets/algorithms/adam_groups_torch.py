# --8<-- [start:groups]
import torch
from torch import nn

model = nn.ModuleDict(
    {
        "embed": nn.Embedding(1000, 64),
        "norm": nn.LayerNorm(64),
        "attention": nn.MultiheadAttention(64, num_heads=4),
        "up": nn.Linear(64, 256),
        "down": nn.Linear(256, 64),
        "head": nn.Linear(64, 1000, bias=False),
    }
)
decay, no_decay = [], []
for name, p in model.named_parameters():
    decays = p.ndim >= 2 and not name.startswith("embed")
    (decay if decays else no_decay).append(p)

groups = [
    {"params": decay, "weight_decay": 0.1},
    {"params": no_decay, "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95))
for name, group in zip(["衰减", "不衰减"], groups, strict=True):
    count = sum(p.numel() for p in group["params"])
    print(f"{name}：{len(group['params'])} 个张量，{count} 个数")
sizes = [p.numel() for p in no_decay if p.ndim == 1]
print(f"不衰减的一维张量：{len(sizes)} 个，{sum(sizes)} 个数")
# --8<-- [end:groups]


# --8<-- [start:memory]
def bytes_per_parameter(optimizer):
    """走一步之后，优化器给每个参数存了多少字节。"""
    params = [p for g in optimizer.param_groups for p in g["params"]]
    for p in params:
        p.grad = torch.ones_like(p)
    optimizer.step()
    kept = [x for s in optimizer.state.values() for x in s.values()]
    kept = [x for x in kept if isinstance(x, torch.Tensor) and x.ndim > 0]
    size = sum(x.numel() * x.element_size() for x in kept)
    return size / sum(p.numel() for p in params)


matrix = [nn.Parameter(torch.ones(64, 256))]  # float32，自己占 4 字节
optimizers = {
    "SGD": torch.optim.SGD(matrix),
    "SGD 加动量": torch.optim.SGD(matrix, momentum=0.9),
    "Adam": torch.optim.Adam(matrix),
    "AdamW": torch.optim.AdamW(matrix),
    "Adam，amsgrad": torch.optim.Adam(matrix, amsgrad=True),
    "Muon": torch.optim.Muon(matrix),
}
for name, optimizer in optimizers.items():
    print(f"{name}：每个参数 {bytes_per_parameter(optimizer):g} 字节")
# --8<-- [end:memory]
