# --8<-- [start:plain]
import torch

curvature = torch.tensor([1.0, 10.0])  # 平的方向，陡的方向


def loss(theta):
    return (curvature * theta.square()).sum() / 2


def walk(rates, **options):
    theta = torch.tensor([10.0, 1.0], requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=rates[0], **options)
    path = [theta.detach().clone()]
    for rate in rates:
        optimizer.param_groups[0]["lr"] = rate  # 平时交给 lr_scheduler
        optimizer.zero_grad()
        loss(theta).backward()
        optimizer.step()
        path.append(theta.detach().clone())
    return path


def show(path):
    for t, theta in enumerate(path):
        x, y = theta
        print(f"第 {t} 步：({x:.3f}, {y:.3f})，损失 {loss(theta):.3f}")


show(walk([0.15] * 3))
# --8<-- [end:plain]

# --8<-- [start:momentum]
show(walk([0.15] * 3, momentum=0.5))
# --8<-- [end:momentum]

# --8<-- [start:nesterov]
show(walk([0.05] * 3, momentum=0.6, nesterov=True))
# --8<-- [end:nesterov]

# --8<-- [start:rate-outside]
schedules = {
    "不变": [0.05] * 20,
    "变小": [0.05] * 10 + [0.005] * 10,
}
for name, rates in schedules.items():
    path = walk(rates, momentum=0.9)
    after = [f"{path[t][0]:.3f}" for t in (10, 11, 12, 20)]
    print(f"学习率{name}：", *after)
# --8<-- [end:rate-outside]
