# --8<-- [start:import]
import torch
from torch import nn

# --8<-- [end:import]


# --8<-- [start:inplace]
w = torch.ones(2, requires_grad=True)
y = w.exp()
y += 1  # 改掉了 exp 的输出
try:
    y.sum().backward()
except RuntimeError as e:
    print(type(e).__name__ + ":", str(e).split(": [")[0])
y = w.exp()
y = y + 1  # 新造一个
y.sum().backward()
print("修好，梯度等于 exp(w)：", torch.equal(w.grad, w.exp()))
# --8<-- [end:inplace]


# --8<-- [start:backward-twice]
w = torch.ones(2, requires_grad=True)
loss = (w * w).sum()  # 图建在循环外
for step in range(2):
    try:
        loss.backward()
    except RuntimeError as e:
        print(f"第 {step + 1} 步", type(e).__name__ + ":", str(e).split(" (")[0])
for step in range(2):
    w.grad = None
    (w * w).sum().backward()  # 每步重新算一遍前向
    print(f"修好，第 {step + 1} 步的梯度：", w.grad.tolist())
# --8<-- [end:backward-twice]


# --8<-- [start:no-grad-fn]
model, x = nn.Linear(2, 1), torch.ones(1, 2)
with torch.no_grad():
    loss = model(x).sum()
try:
    loss.backward()
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
fixed = model(x).sum()  # 搬到 no_grad 外面
print("有 grad_fn 吗：", loss.grad_fn is not None, fixed.grad_fn is not None)
fixed.backward()
print("修好，权重的梯度：", model.weight.grad.tolist())
# --8<-- [end:no-grad-fn]


# --8<-- [start:leaf]
w = torch.ones(2, requires_grad=True)
(3 * w).sum().backward()
try:
    w -= 0.1 * w.grad  # 这一步也要记进图
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
with torch.no_grad():
    w -= 0.1 * w.grad
print(f"修好：w 的第一个数 {w[0].item():.1f}，还是叶子：{w.is_leaf}")
# --8<-- [end:leaf]


# --8<-- [start:empty-list]
class Net(nn.Module):
    def __init__(self, container):
        super().__init__()
        self.layers = container([nn.Linear(2, 1)])


try:
    torch.optim.SGD(Net(list).parameters(), lr=0.1)
except ValueError as e:
    print(type(e).__name__ + ":", e)
for container in (list, nn.ModuleList):
    count = sum(p.numel() for p in Net(container).parameters())
    print(container.__name__, "登记的参数：", count)
# --8<-- [end:empty-list]
