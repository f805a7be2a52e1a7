# --8<-- [start:network]
import torch

x = torch.tensor([[1, 2], [3, 1]], dtype=torch.float64)  # 两个样本
y = torch.tensor([[2], [1]], dtype=torch.float64)
params = {
    "W1": torch.tensor([[0, 1], [1, -1]], dtype=torch.float64),
    "b1": torch.tensor([0.5, 0.5], dtype=torch.float64),
    "W2": torch.tensor([[1], [-1]], dtype=torch.float64),
    "b2": torch.tensor([0.5], dtype=torch.float64),
}
for p in params.values():
    p.requires_grad_()  # 同 requires_grad=True


def loss_of(W1, b1, W2, b2):
    h = torch.relu(x @ W1 + b1)  # (样本, 隐藏单元)
    return (h @ W2 + b2 - y).square().sum()


loss = loss_of(**params)
loss.backward()  # 结果在每个参数的 .grad 里
print("损失：", loss.item())
for name, p in params.items():
    print(f"{name} 的梯度：", p.grad.tolist())
# --8<-- [end:network]

# --8<-- [start:library]
passed = torch.autograd.gradcheck(loss_of, tuple(params.values()))
print("库里的梯度检查通过：", passed)
# --8<-- [end:library]
