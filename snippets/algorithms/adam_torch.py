# --8<-- [start:hand]
import torch

curvature = torch.tensor([1.0, 10.0])  # 平的方向，陡的方向

theta = torch.ones(2, requires_grad=True)
optimizer = torch.optim.Adam([theta], lr=0.1)
for t in range(3):
    x, y = theta.tolist()
    print(f"第 {t} 步：({x:.4f}, {y:.4f})")
    loss = (curvature * theta.square()).sum() / 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
# --8<-- [end:hand]


# --8<-- [start:epsilon]
def first_step(g, **options):
    theta = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.Adam([theta], lr=0.1, **options)
    theta.grad = torch.tensor([g])
    optimizer.step()
    return -theta.item()


for g in [1.0, 1e-6, 1e-8]:
    default, larger = first_step(g), first_step(g, eps=1e-7)
    print(f"梯度 {g:g}：默认 {default:.4f}，1e-7 {larger:.4f}")
# --8<-- [end:epsilon]


# --8<-- [start:decay]
def after(steps, optimizer_class):
    """梯度正负相间，平均是 0：参数本该只受衰减的影响。"""
    w = torch.ones(2, requires_grad=True)
    optimizer = optimizer_class([w], lr=0.01, weight_decay=0.1)
    for t in range(steps):
        w.grad = (-1) ** t * torch.tensor([2.0, 0.2])
        optimizer.step()
    return w.tolist()


for cls in [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW]:
    large, small = after(500, cls)
    print(f"{cls.__name__}：梯度大的 {large:.3f}，梯度小的 {small:.3f}")
# --8<-- [end:decay]
