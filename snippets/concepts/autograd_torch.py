# --8<-- [start:network]
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


def build(params):
    """params 是 NumPy 里的 [(权重, 偏置), …]，抄进 nn.Linear。"""
    layers = []
    for w, b in params:
        linear = nn.Linear(*w.shape, dtype=torch.float64)
        with torch.no_grad():  # 抄权重不是模型的一步计算，不要记录
            linear.weight.copy_(torch.from_numpy(w.T))  # nn.Linear 存 (out, in)
            linear.bias.copy_(torch.from_numpy(b))
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])  # 末层不加激活函数：它的输出是 logits


# --8<-- [end:network]


# --8<-- [start:backward]
def gradients(model, x, y):
    loss = F.cross_entropy(model(x), y)  # 内含 log-softmax，对一批取平均
    model.zero_grad()  # backward 是累加，不是覆盖
    loss.backward()
    grads = [(m.weight.grad.T, m.bias.grad) for m in model if isinstance(m, nn.Linear)]
    return loss, grads


# --8<-- [end:backward]


# --8<-- [start:data]
images, labels = load_digits(return_X_y=True)
images = torch.from_numpy(images / 16)  # (1797, 64)，像素原来是 0 到 16
labels = torch.from_numpy(labels)
order = np.random.default_rng(0).permutation(len(images))
train, test = order[:1500], order[1500:]
sizes = [64, 32, 16, 10]


def initial(last=0.1):
    """He 初始化；last 再缩放末层，1 就是不缩放。"""
    rng = np.random.default_rng(1)
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        w = rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in)
        params.append((w, np.zeros(n_out)))
    params[-1] = (params[-1][0] * last, params[-1][1])
    return params


# --8<-- [end:data]


# --8<-- [start:check]
@torch.no_grad()
def numerical(model, layer, row, column, x, y, h=1e-5):
    """中心差分：只动一个权重，其余不变；每个数要两次前向。"""
    weight = model[2 * layer].weight  # 层与 ReLU 相间
    losses = []
    for step in (h, -2 * h):
        weight[column, row] += step
        losses.append(F.cross_entropy(model(x), y).item())
    weight[column, row] += h  # 放回原处
    return (losses[0] - losses[1]) / (2 * h)


def passing(model, layer, grad, x, y):
    """抽查这一层的 20 个权重，数出相对误差小于 1e-7 的。"""
    passed = 0
    for row, column in np.random.default_rng(2).integers(grad.shape, size=(20, 2)):
        gap = abs(numerical(model, layer, row, column, x, y) - grad[row, column])
        passed += int(gap / grad.abs().max() < 1e-7)
    return passed


# --8<-- [end:check]


# --8<-- [start:checked]
model, x, y = build(initial()), images[train[:50]], labels[train[:50]]
_, grads = gradients(model, x, y)
for layer, (grad, _) in enumerate(grads):
    print(f"第 {layer + 1} 层权重的梯度：范数 {torch.linalg.norm(grad):.4f}", end="，")
    print(f"抽查 20 个，通过 {passing(model, layer, grad, x, y)} 个")
# --8<-- [end:checked]


# --8<-- [start:library]
def loss_of(weight):  # 末层的权重是自变量，其余的参数不动
    params = {"4.weight": weight}
    return F.cross_entropy(torch.func.functional_call(model, params, x), y)


last = model[4].weight.detach().requires_grad_()
print("库里的梯度检查，末层：", torch.autograd.gradcheck(loss_of, last))
# --8<-- [end:library]
