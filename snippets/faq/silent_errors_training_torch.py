# --8<-- [start:import]
import time

import torch
import torch.nn.functional as F
from torch import nn

# --8<-- [end:import]


# --8<-- [start:learning-rate]
for lr in (1e-6, 0.1, 2.5):
    w = 1.0
    for _ in range(20):
        w = w - lr * w  # 损失是 w²/2，导数是 w
    print(f"学习率 {lr:g}：20 步以后 w = {w:.5g}")
# --8<-- [end:learning-rate]


# --8<-- [start:accuracy-stuck]
x = torch.tensor([0.0] * 9 + [1.0])  # 十例，只有末一例是正类
for w in (0.0, 1.0, 3.0):
    z = w * x - 2
    loss = F.binary_cross_entropy_with_logits(z, x)
    right = ((z > 0) == (x > 0)).float().mean()
    found = (z > 0).sum()
    print(f"w = {w:g}：损失 {loss:.3f}，准确率 {right:.1f}，判正 {found}")
# --8<-- [end:accuracy-stuck]


# --8<-- [start:zero-grad]
for clear in (False, True):
    w = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    grads, losses = [], []
    for _ in range(41):
        if clear:
            optimizer.zero_grad()
        loss = (w**2 / 2).sum()  # 导数是 w，最低处在 w = 0
        loss.backward()
        grads.append(round(w.grad.item(), 2))
        losses.append(round(loss.item(), 3))
        optimizer.step()
    print("清零：" if clear else "没有清零：")
    print("  头三步用的梯度", grads[:3])
    print("  第 0、5、10、15、20、40 步的损失")
    print("   ", [losses[t] for t in (0, 5, 10, 15, 20, 40)])
# --8<-- [end:zero-grad]


# --8<-- [start:eval]
model, x = nn.Dropout(0.5), torch.ones(64)
with torch.no_grad():
    print("只用 no_grad，两次相等：", model(x).equal(model(x)))
    model.eval()
    print("eval() 以后，两次相等：", model(x).equal(model(x)))
    a, b = F.dropout(x, 0.5), F.dropout(x, 0.5)
    print("F.dropout 不看 eval()，两次相等：", a.equal(b))
# --8<-- [end:eval]


# --8<-- [start:stale]
def moves(model, optimizer):
    before = model[0].weight.clone()
    optimizer.zero_grad()
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return not torch.equal(before, model[0].weight)


model = nn.Sequential(nn.Linear(2, 10))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
model[0] = nn.Linear(2, 3)  # 优化器建好以后才换分类头
print("新的分类头动了：", moves(model, optimizer))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
print("重建优化器以后：", moves(model, optimizer))
# --8<-- [end:stale]


# --8<-- [start:slow-input]
def batches():
    for _ in range(8):
        time.sleep(0.05)  # 冒充读盘与解码
        yield torch.ones(8, 4)


def waited(source):
    start = time.perf_counter()
    for _ in source:  # 只取数据，不训练
        pass
    return time.perf_counter() - start


print("每轮都解码，等 0.3 秒以上：", waited(batches()) > 0.3)
ready = list(batches())  # 解码一次，存好
print("解码好再用，等不到 0.1 秒：", waited(ready) < 0.1)
# --8<-- [end:slow-input]
