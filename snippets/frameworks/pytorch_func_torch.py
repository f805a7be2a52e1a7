# --8<-- [start:samples]
import torch
from torch import nn
from torch.func import functional_call, grad, vmap

torch.manual_seed(0)
model = nn.Linear(3, 1, dtype=torch.float64)
x = torch.randn(5, 3, dtype=torch.float64)
y = torch.randn(5, 1, dtype=torch.float64)
y[3] = 20.0  # 一个标错的样本


def loop():
    """一个样本一次 backward，逐个收集。"""
    found = []
    for row, target in zip(x, y, strict=True):
        model.zero_grad()
        (model(row) - target).square().sum().backward()
        found.append(model.weight.grad.clone())  # 不 clone 就都是最后一个
    return torch.stack(found)  # (样本, 输出, 输入)


per_sample = loop()
print("逐个算的形状：", list(per_sample.shape))
# --8<-- [end:samples]


# --8<-- [start:vmap]
def loss(params, row, target):
    """参数是自变量，不藏在模型里。"""
    return (functional_call(model, params, row) - target).square().sum()


params = {k: p.detach() for k, p in model.named_parameters()}
every = vmap(grad(loss), in_dims=(None, 0, 0))(params, x, y)
for name, g in every.items():
    print(f"vmap，{name}：{list(g.shape)}")
same = torch.allclose(every["weight"], per_sample)
print("与逐个算的相同：", same)
norms = every["weight"].flatten(1).norm(dim=1)
print(f"梯度最大的样本：第 {norms.argmax()} 个")
# --8<-- [end:vmap]


# --8<-- [start:straight]
class StraightRound(torch.autograd.Function):
    """前向取整，反向当作没有取整。"""

    @staticmethod
    def forward(x):
        return x.round()

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass  # 反向什么也用不到

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output


points = torch.tensor([0.3, 1.6], dtype=torch.float64, requires_grad=True)
(true,) = torch.autograd.grad(points.round().sum(), points)
(passed,) = torch.autograd.grad(StraightRound.apply(points).sum(), points)
print("torch.round 的梯度：", true.tolist())
print("直通估计的梯度：", passed.tolist())
# --8<-- [end:straight]


# --8<-- [start:check]
def passes(function):
    """反向算的与有限差分算的是否一致；要用 float64。"""
    return torch.autograd.gradcheck(function, points, raise_exception=False)


print("sin 通过数值检查：", passes(torch.sin))
print("直通估计通过数值检查：", passes(StraightRound.apply))
# --8<-- [end:check]

# --8<-- [start:library]
short = points + (points.round() - points).detach()  # 不写类的写法
(again,) = torch.autograd.grad(short.sum(), points)
print(f"用 detach 写：{short.tolist()}，梯度 {again.tolist()}")
# --8<-- [end:library]
