# --8<-- [start:network]
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_default_dtype(torch.float64)  # 为了与 NumPy 版印出同样的数


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Linear(64, 32)  # 权重存成 (out, in)
        self.layer2 = nn.Linear(32, 16)
        self.layer3 = nn.Linear(16, 10)

    def forward(self, x):
        x = F.relu(self.layer1(x))
        x = F.relu(self.layer2(x))
        return self.layer3(x)  # logits，末层不接 ReLU


# --8<-- [end:network]


# --8<-- [start:backward]
def gradients(model, x, y):
    """损失；梯度存进每个参数的 .grad。"""
    loss = F.cross_entropy(model(x), y)  # 收 logits，对一批取平均
    model.zero_grad()  # backward 是累加，不是覆盖
    loss.backward()
    return loss


# --8<-- [end:backward]


# --8<-- [start:data]
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images = torch.from_numpy(images[order] / 16)
labels = torch.from_numpy(labels[order])
x_train, y_train = images[:1500], labels[:1500]
x_test, y_test = images[1500:], labels[1500:]


def initial(last=0.1):
    """权重与 NumPy 版相同，偏置为 0；末层的权重再乘 last。"""
    rng, model = np.random.default_rng(1), MLP()
    with torch.no_grad():  # 抄权重不是模型的计算，不要记录
        for layer in model.children():
            n_out, n_in = layer.weight.shape
            w = rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in)
            layer.weight.copy_(torch.from_numpy(w).mT)
            layer.bias.zero_()
        model.layer3.weight *= last
    return model


print("参数", sum(p.numel() for p in initial().parameters()), "个")
# --8<-- [end:data]


# --8<-- [start:check]
model = initial()
gradients(model, x_train[:50], y_train[:50])
for n, layer in enumerate(model.children(), 1):
    norms = layer.weight.grad.norm(), layer.bias.grad.norm()
    print(f"第 {n} 层梯度的长度：W {norms[0]:.6f}，b {norms[1]:.6f}")
# --8<-- [end:check]


# --8<-- [start:first-loss]
for last in [0.1, 1, 10]:
    with torch.inference_mode():
        loss = F.cross_entropy(initial(last)(x_train), y_train)
    print(f"末层乘 {last}：初始损失 {loss:.2f}")
# --8<-- [end:first-loss]


# --8<-- [start:train]
def train(rate, epochs=20):
    # 有 CUDA 的 GPU 时：模型、每一批、x_test 与 y_test 都 .to("cuda")，
    # 打印前 .cpu()。苹果的 MPS 没有 float64
    model, history = initial(), []
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=50)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(epochs):
        losses = []
        for x, y in loader:  # 平时写 shuffle=True
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with torch.inference_mode():
            test_loss = F.cross_entropy(model(x_test), y_test).item()
        history.append((np.mean(losses), test_loss))
    return model, history


# --8<-- [end:train]


# --8<-- [start:run]
model, history = train(rate=0.125)
for epoch in [1, 2, 5, 10, 20]:
    train_loss, test_loss = history[epoch - 1]
    print(f"第 {epoch} 轮：训练损失 {train_loss:.4f}，测试损失 {test_loss:.4f}")
with torch.inference_mode():
    guess = model(x_test).argmax(dim=1)
wrong = (guess != y_test).nonzero().squeeze(1)
print(f"测试 {len(y_test)} 张，对 {len(y_test) - len(wrong)} 张")
first = wrong[:4]
print("认错的前四张，写的是", y_test[first].numpy(), "认成", guess[first].numpy())
# --8<-- [end:run]
