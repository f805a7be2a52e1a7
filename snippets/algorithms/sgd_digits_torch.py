# --8<-- [start:network]
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_default_dtype(torch.float64)  # 为了与 NumPy 版印出同样的数
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images = torch.from_numpy(images[order] / 16)
labels = torch.from_numpy(labels[order])
train_set = TensorDataset(images[:1500], labels[:1500])
x_test, y_test = images[1500:], labels[1500:]


def build():
    """权重与 NumPy 版相同。"""
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    rng = np.random.default_rng(1)
    with torch.no_grad():
        for layer, scale in [(model[0], 1), (model[2], 0.1)]:
            n_out, n_in = layer.weight.shape
            w = rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in) * scale
            layer.weight.copy_(torch.from_numpy(w).mT)
            layer.bias.zero_()
    return model


# --8<-- [end:network]


# --8<-- [start:train]
def train(size=50, epochs=20, **options):
    # 有 CUDA 的 GPU 时：模型、每一批、x_test 与 y_test 都 .to("cuda")
    # （苹果的 MPS 没有 float64）
    model, history = build(), []
    optimizer = torch.optim.SGD(model.parameters(), **options)
    loader = DataLoader(train_set, batch_size=size)  # 平时写 shuffle=True
    for _ in range(epochs):
        losses = []
        for x, y in loader:
            loss = F.cross_entropy(model(x), y)  # 默认取平均
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        history.append(np.mean(losses))
    with torch.inference_mode():
        guess = model(x_test).argmax(dim=1)
    return history, (guess == y_test).sum().item()


# --8<-- [end:train]


# --8<-- [start:run]
ways = {
    "0.05，无动量": {"lr": 0.05},
    "0.005，动量 0.9": {"lr": 0.005, "momentum": 0.9},
    "0.05，动量 0.9": {"lr": 0.05, "momentum": 0.9},
    "0.05，Nesterov 0.9": {
        "lr": 0.05,
        "momentum": 0.9,
        "nesterov": True,
    },
}
print("学习率：第 1、5、20 轮的损失，测试对几张")
for name, way in ways.items():
    history, right = train(**way)
    losses = [f"{history[epoch - 1]:.3f}" for epoch in (1, 5, 20)]
    print(f"{name}：", *losses, f"对 {right} 张")
# --8<-- [end:run]
