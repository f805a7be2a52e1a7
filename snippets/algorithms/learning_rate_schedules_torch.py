# --8<-- [start:cosine]
import torch
from torch.optim import lr_scheduler

warmup, total = 4, 20
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
up = lr_scheduler.LinearLR(
    optimizer,
    start_factor=1 / warmup,
    total_iters=warmup - 1,
)
down = lr_scheduler.CosineAnnealingLR(
    optimizer,
    T_max=total - warmup,
)
scheduler = lr_scheduler.SequentialLR(
    optimizer,
    [up, down],
    milestones=[warmup - 1],
)
for k in range(1, total + 1):
    if k in [1, 2, 4, 8, 12, 16, 18, 20]:
        rate = scheduler.get_last_lr()[0]
        print(f"第 {k} 步：余弦 {rate:.4f}")
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    optimizer.zero_grad()
    scheduler.step()  # 每走一步调一次，不是每轮一次
# --8<-- [end:cosine]


# --8<-- [start:accumulate]
torch.manual_seed(0)
model = torch.nn.Linear(5, 1)
x, y = torch.randn(12, 5), torch.randn(12, 1)


def gradient(sizes, weigh):
    """把 12 个样本切成几小批，累积成一个梯度。"""
    model.zero_grad()
    parts = zip(x.split(sizes), y.split(sizes), strict=True)
    for a, b in parts:
        loss = torch.nn.functional.mse_loss(model(a), b)
        share = len(a) / len(x) if weigh else 1 / len(sizes)
        (share * loss).backward()  # 梯度自动加在一起
    return model.weight.grad.clone()


whole = gradient([12], weigh=True)
for name, sizes, weigh in [
    ("四批一样大，除以批数", [3, 3, 3, 3], False),
    ("大小不一，除以批数", [1, 2, 3, 6], False),
    ("大小不一，按样本数分", [1, 2, 3, 6], True),
]:
    difference = gradient(sizes, weigh) - whole
    gap = difference.norm() / whole.norm()
    print(f"{name}：与整批相差 {gap:.1%}")
# --8<-- [end:accumulate]

# --8<-- [start:clip]
params = [torch.nn.Parameter(torch.zeros(n)) for n in (2, 1)]
for limit in [100.0, 1.0]:
    params[0].grad = torch.tensor([3.0, 4.0])
    params[1].grad = torch.tensor([12.0])
    norm = torch.nn.utils.clip_grad_norm_(params, max_norm=limit)
    clipped = [round(x, 4) for p in params for x in p.grad.tolist()]
    print(f"上限 {limit:g}：裁剪前的范数 {norm:.0f}，裁剪后", *clipped)
# --8<-- [end:clip]
