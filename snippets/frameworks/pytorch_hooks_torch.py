# --8<-- [start:shapes]
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 10)
)


def show(module, args, output):
    """前向钩子：模块算完以后被调用，拿到输入与输出。"""
    name = type(module).__name__
    print(f"{name}：{list(args[0].shape)} → {list(output.shape)}")


handles = [layer.register_forward_hook(show) for layer in model]
images = torch.rand(4, 1, 8, 8)
model(images)
for handle in handles:
    handle.remove()  # 不取下来，以后每次前向都会打印
model(images)  # 这一次没有打印
# --8<-- [end:shapes]


# --8<-- [start:features]
def features(model, layer, x):
    """取出中间一层的输出；用完就取下钩子。"""
    found = []
    handle = layer.register_forward_hook(
        lambda module, args, output: found.append(output.detach())
    )
    try:
        model(x)
    finally:
        handle.remove()
    return found[0]


middle = features(model, model[3], images)
print("展平以后的特征：", list(middle.shape))
print("与逐层算的相同：", torch.equal(middle, model[:4](images)))
# --8<-- [end:features]

# --8<-- [start:dead]
with torch.no_grad():
    model[0].bias[:3] = -10.0  # 种下毛病：三个通道怎么也大不过 0
active = features(model, model[1], images) > 0  # (batch, 8, 6, 6)
dead = ~active.any(dim=(0, 2, 3))
print("从不激活的通道：", dead.nonzero().flatten().tolist())
model(images).square().sum().backward()
still = model[0].weight.grad.flatten(1).norm(dim=1) == 0
print("卷积核梯度是 0 的通道：", still.nonzero().flatten().tolist())
# --8<-- [end:dead]

# --8<-- [start:tensor]
w = torch.tensor([1.0, 2.0], requires_grad=True)
h = w**2
seen = []
h.register_hook(lambda g: seen.append(g.tolist()))  # 返回 None：只看不改
h.register_hook(lambda g: g.clamp(max=1.0))  # 返回张量：换成它
(h * torch.tensor([0.5, 100.0])).sum().backward()
print("h 的梯度：", seen[0])
print("剪到 1 以后，w 的梯度：", w.grad.tolist())
# --8<-- [end:tensor]


# --8<-- [start:nan]
class Normalize(nn.Module):
    def forward(self, x):
        return x / x.std(dim=1, keepdim=True)  # 全是 0 的一行：0 / 0


def faulty(model, x):
    """输出里出现 NaN 或无穷的层，照前向的次序。"""
    faults = []

    def look(module, args, output):
        if not output.isfinite().all():
            faults.append(type(module).__name__)

    handles = [layer.register_forward_hook(look) for layer in model]
    model(x)
    for handle in handles:
        handle.remove()
    return faults


# --8<-- [end:nan]

# --8<-- [start:found]
net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), Normalize(), nn.Linear(4, 2))
rows = torch.randn(3, 4).abs() + 1
nn.init.eye_(net[0].weight)
nn.init.zeros_(net[0].bias)
print("好的输入，出毛病的层：", faulty(net, rows))
rows[1] = -1.0  # ReLU 之后一整行是 0
print("坏的输入，出毛病的层：", faulty(net, rows))
# --8<-- [end:found]
