# --8<-- [start:orthogonalize]
import torch


def orthogonalize(g, steps=5):
    """奇异值都靠近 1，方向不变（行数不大于列数）。"""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g / g.norm()  # 先让奇异值不超过 1
    for _ in range(steps):
        xx = x @ x.mT
        x = a * x + (b * xx + c * xx @ xx) @ x
    return x


u = torch.linalg.qr(torch.sin(torch.arange(16.0).view(4, 4))).Q
v = torch.linalg.qr(torch.cos(torch.arange(24.0).view(6, 4))).Q
values = torch.tensor([10.0, 3.0, 1.0, 0.1])
g = u @ torch.diag(values) @ v.mT  # (4, 6)，奇异值就是这四个
for steps in range(6):
    found = (u.mT @ orthogonalize(g, steps) @ v).diagonal()
    print(f"{steps} 次：", *[f"{x:.2f}" for x in found])
# --8<-- [end:orthogonalize]

# --8<-- [start:step]
w = torch.nn.Parameter(torch.zeros(4, 6))
optimizer = torch.optim.Muon([w], lr=0.1, weight_decay=0.0)
buffer = torch.zeros_like(g)
ours = torch.zeros_like(g)
for grad in [g, g.roll(1, 0), -2 * g.roll(1, 1)]:
    w.grad = grad.clone()
    optimizer.step()
    buffer = 0.95 * buffer + 0.05 * grad  # 动量，平均的写法
    ahead = 0.95 * buffer + 0.05 * grad  # Nesterov
    ours -= 0.1 * orthogonalize(ahead)
gap = (ours - w.detach()).norm() / w.detach().norm()
exact = orthogonalize(g)
half = orthogonalize(g.bfloat16()).float()
rounding = (half - exact).norm() / exact.norm()
for name, x in [("与 torch.optim.Muon", gap), ("bfloat16", rounding)]:
    print(f"{name}，相差 1% 到 10%：{0.01 < x.item() < 0.1}")
# --8<-- [end:step]

# --8<-- [start:groups]
model = torch.nn.Sequential(
    torch.nn.Embedding(100, 16),
    torch.nn.Linear(16, 64),
    torch.nn.ReLU(),
    torch.nn.Linear(64, 16),
    torch.nn.LayerNorm(16),
    torch.nn.Linear(16, 100),
)
try:
    torch.optim.Muon(model.parameters())
except ValueError as error:
    print("全部交给 Muon：", str(error).partition(" whereas")[0])
hidden = [model[1].weight, model[3].weight]
ids = {id(p) for p in hidden}
rest = [p for p in model.parameters() if id(p) not in ids]
muon = torch.optim.Muon(
    hidden,
    lr=1e-3,
    adjust_lr_fn="match_rms_adamw",
)
adamw = torch.optim.AdamW(rest, lr=1e-3)  # 两个都要 step
print(f"Muon {len(hidden)} 个张量，AdamW {len(rest)} 个张量")
# --8<-- [end:groups]
