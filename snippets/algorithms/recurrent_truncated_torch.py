# --8<-- [start:error]
import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
rnn, readout = nn.RNN(1, 8, batch_first=True), nn.Linear(8, 1)
stream = torch.sin(torch.arange(41) / 3)  # 一条长序列，下一个数是答案
windows = stream[:-1].view(4, 1, 10, 1)  # 切成 4 段，每段 10 步
answers = stream[1:].view(4, 1, 10, 1)


def loss_of(k, h):
    """第 k 段的损失；h 是上一段留下的状态。"""
    output, h = rnn(windows[k], h)
    return nn.functional.mse_loss(readout(output), answers[k]), h


loss, h = loss_of(0, None)
loss.backward()
loss, h = loss_of(1, h)  # 状态接着用，计算图也就接着
try:
    loss.backward()
except RuntimeError as error:
    print("第 2 段：", str(error).partition(" (")[0])
# --8<-- [end:error]


# --8<-- [start:grow]
def nodes(loss):
    """从损失往回走，一共有多少个计算图的节点。"""
    seen, todo = set(), [loss.grad_fn]
    while todo:
        node = todo.pop()
        if node is not None and node not in seen:
            seen.add(node)
            todo += [before for before, _ in node.next_functions]
    return len(seen)


def run(detach):
    h, sizes = None, []
    for k in range(4):
        loss, h = loss_of(k, h)
        sizes.append(nodes(loss))
        loss.backward(retain_graph=not detach)
        if detach:
            h = h.detach()  # 数值留下，来历不要
    return sizes


print("保留计算图，各段的节点：", *run(detach=False))
print("每段 detach，各段的节点：", *run(detach=True))
# --8<-- [end:grow]


# --8<-- [start:step]
parameters = [*rnn.parameters(), *readout.parameters()]
optimizer = torch.optim.SGD(parameters, lr=0.1)
loss, h = loss_of(0, None)
loss.backward(retain_graph=True)
optimizer.step()  # 权重就地改了，旧的计算图已经不作数
loss, h = loss_of(1, h)
try:
    loss.backward()
except RuntimeError as error:
    print("更新以后：", str(error).partition(":")[0])

h = None
for k in range(4):  # 该这样写
    h = None if h is None else h.detach()
    loss, h = loss_of(k, h)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("每段 detach，再更新：四段都走完")
# --8<-- [end:step]


# --8<-- [start:sum]
def gradients(k):
    """手算过的一个单元，走三步；只让梯度走最后 k 步。"""
    params = [torch.tensor(v, requires_grad=True) for v in (1.0, 0.5, 0.0)]
    (w, u, b), h = params, torch.zeros(())
    for t, x in enumerate([1.0, 0.0, -1.0]):
        if t == 3 - k:
            h = h.detach()
        h = torch.tanh(w * x + u * h + b)
    loss = (h + 1) ** 2 / 2
    return torch.autograd.grad(loss, params)


for k in [1, 2, 3]:
    print(f"最后 {k} 步：", end="")
    print("w {:.4f}，u {:.4f}，b {:.4f}".format(*gradients(k)))
# --8<-- [end:sum]
