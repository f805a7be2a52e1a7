# --8<-- [start:model]
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
W1 = torch.tensor([[1.0, -1.0], [1.0, 1.0]])  # (入, 出)
W2 = torch.tensor([[1.0], [-1.0]])

model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
for layer, W in [(model[0], W1), (model[2], W2)]:
    nn.init.zeros_(layer.bias)
    layer.weight.data = W.mT.clone()  # nn.Linear 存的是 (出, 入)
# --8<-- [end:model]


# --8<-- [start:loss]
x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])  # 一个样本
out = model(x)
loss = nn.functional.mse_loss(out, y)
print(f"输出：{out.item():.1f}，损失：{loss.item():.1f}")
# --8<-- [end:loss]


# --8<-- [start:gradient]
loss.backward()  # 梯度放进各个参数的 .grad
grad_1 = model[0].weight.grad.mT
print("第一层权重的梯度（入，出）：", grad_1.tolist())
# --8<-- [end:gradient]


# --8<-- [start:step]
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
optimizer.step()
loss = nn.functional.mse_loss(model(x), y)
print(f"走一步之后，损失：{loss.item():.4f}")
# --8<-- [end:step]


# --8<-- [start:trap]
model[0].weight.data = W1.clone()  # 忘了转置；方阵，所以不报错
model[2].weight.data = W2.mT.clone()
for layer in (model[0], model[2]):
    nn.init.zeros_(layer.bias)
out = model(x)
loss = nn.functional.mse_loss(out, y)
print(f"忘了转置，输出：{out.item():.1f}，损失：{loss.item():.1f}")
# --8<-- [end:trap]
