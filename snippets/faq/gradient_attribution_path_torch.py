# --8<-- [start:integrate]
import torch

torch.set_default_dtype(torch.float64)


def gradient(f, x):
    x = x.detach().requires_grad_()  # x: (n, d)，f(x): (n,)
    return torch.autograd.grad(f(x).sum(), x)[0]


def integrated(f, x, baseline, steps=300):
    """从 baseline 直着走到 x，沿路取 steps 个点的梯度，平均后乘以差。"""
    t = (torch.arange(steps) + 0.5) / steps  # 每一段的中点
    path = baseline + t[:, None] * (x - baseline)  # (steps, d)
    return (x - baseline) * gradient(f, path).mean(dim=0)


# --8<-- [end:integrate]


# --8<-- [start:saturated]
def flat(x):
    return x[:, 0].clamp(max=1)  # 就是 1 - relu(1 - x)：到 1 为止


x = torch.tensor([2.0])
print(f"x = {x.item():g}：输出 {flat(x[None]).item():.0f}，", end="")
print(f"梯度 {gradient(flat, x[None]).item():.0f}")
for start in (-1.0, 0.0, 1.0):
    given = integrated(flat, x, torch.tensor([start])).item()
    print(f"从 {start:g} 出发，积分梯度 {given:.0f}")
# --8<-- [end:saturated]


# --8<-- [start:two]
def gate(x):
    return torch.relu(x.sum(dim=1) - 1)


for x in (torch.tensor([1.0, 1.0]), torch.tensor([2.0, 0.5])):
    times = x * gradient(gate, x[None])[0]
    paths = integrated(gate, x, torch.zeros(2))
    print(f"x = {x.tolist()}，输出 {gate(x[None]).item():.1f}")
    for name, (a, b) in {"梯度乘输入": times, "积分梯度": paths}.items():
        print(f"  {name}：{a:.1f} 与 {b:.1f}，合计 {a + b:.1f}")
# --8<-- [end:two]

# --8<-- [start:steps]
x = torch.tensor([3.0])
for steps in (3, 10, 50, 300, 1000):
    given = integrated(flat, x, torch.zeros(1), steps).item()
    print(f"{steps} 步：{given:.3f}，差 {given - 1:+.3f}")
# --8<-- [end:steps]
