# --8<-- [start:setup]
import math

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

images, labels = load_digits(return_X_y=True)
images, labels = torch.from_numpy(images / 16), torch.from_numpy(labels)
order = np.random.default_rng(0).permutation(len(images))
train, test = order[:1500], order[1500:]


def build(*between):
    """与前面同样的网络与初值；between 是第二个 ReLU 之后再插入的层。"""
    rng = np.random.default_rng(1)
    layers = []
    for n_in, n_out in [(64, 32), (32, 16), (16, 10)]:
        linear = nn.Linear(n_in, n_out, dtype=torch.float64)
        weight = rng.normal(size=(n_in, n_out)) * math.sqrt(2 / n_in)
        nn.init.zeros_(linear.bias)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight.T))
        layers += [linear, nn.ReLU()]
    with torch.no_grad():
        linear.weight *= 0.1  # 末层小，初始损失才接近 ln 10
    return nn.Sequential(*layers[:4], *between, linear)


def hits(model):
    with torch.inference_mode():
        return int((model(images[test]).argmax(dim=1) == labels[test]).sum())


def fit(model, criterion=F.cross_entropy, zero_grad=True, only=None):
    """10 轮，共 300 步；给了 only，就每一步都用这同一批。"""
    rng = np.random.default_rng(3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.125)
    losses = []
    for _ in range(10):
        for rows in rng.permutation(train).reshape(-1, 50):
            batch = rows if only is None else only
            loss = criterion(model(images[batch]), labels[batch])
            if zero_grad:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


# --8<-- [end:setup]


# --8<-- [start:loop]
def report(name, model, **options):
    losses = fit(model, **options)
    text = f"首步损失 {losses[0]:.2f}，末轮 {np.mean(losses[-30:]):.2f}"
    print(f"{name}：{text}，测试 {len(test)} 张对 {hits(model)} 张")


def softmax_twice(logits, y):
    return F.cross_entropy(logits.softmax(dim=1), y)  # cross_entropy 里还有一次


def constant(value):
    model = build()
    for p in model.parameters():
        nn.init.constant_(p, value if p.ndim > 1 else 0)
    return model


report("正确", build())
report("忘了 zero_grad", build(), zero_grad=False)
report("softmax 做了两次", build(), criterion=softmax_twice)
print(f"  这时损失的下限是 ln(e + 9) - 1 = {math.log(math.e + 9) - 1:.2f}")
report("权重全是 0", constant(0.0))
same = constant(0.1)
report("权重全是 0.1", same)
spread = (same[0].weight - same[0].weight[0]).abs().max()
print("  训练之后，第一层 32 个单元仍然相同：", bool(spread < 1e-9))
# --8<-- [end:loop]


# --8<-- [start:detach]
class Cut(nn.Module):
    def forward(self, x):
        return x.detach()  # .item()、.numpy() 再包回张量，也是这样断的


model = build(Cut())
report("图断在末层之前", model)
missing = [name for name, p in model.named_parameters() if p.grad is None]
print("  没有梯度的参数：", *missing)
# --8<-- [end:detach]

# --8<-- [start:one-batch]
print("只喂一批 50 张，300 步之后的损失：")
for name, model, options in [
    ("正确", build(), {}),
    ("忘了 zero_grad", build(), {"zero_grad": False}),
    ("softmax 两次", build(), {"criterion": softmax_twice}),
    ("全是 0", constant(0.0), {}),
    ("全是 0.1", constant(0.1), {}),
    ("图断了", build(Cut()), {}),
]:
    last = fit(model, only=train[:50], **options)[-1]
    print(f"  {name}：", "小于 0.1" if last < 0.1 else "大于 1" if last > 1 else last)
# --8<-- [end:one-batch]


# --8<-- [start:mode]
class Dropout(nn.Module):
    """同 nn.Dropout(0.5)；随机数取自 NumPy，好让每台机器的输出一样。"""

    rng = np.random.default_rng(5)

    def forward(self, x):
        if not self.training:
            return x
        kept = self.rng.random(x.shape) < 0.5
        return x * torch.from_numpy(kept) / 0.5  # 除以留下的比例，期望不变


model = build(Dropout())
fit(model)
model.eval()
print(f"有 dropout，评估用 eval()：对 {hits(model)} 张")
model.train()
print("有 dropout，忘了 eval()，评估五次：对", *[hits(model) for _ in range(5)], "张")
# --8<-- [end:mode]


# --8<-- [start:broadcast]
def regress(wrong):
    """y = 2x + 1，没有噪声；预测是 (50, 1)，标签是 (50,)。"""
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)
    y = 2 * x + 1
    line = nn.Linear(1, 1, dtype=torch.float64)
    nn.init.zeros_(line.weight)
    optimizer = torch.optim.SGD(line.parameters(), lr=0.2)
    for _ in range(200):
        prediction = line(x[:, None])
        target = y if wrong else y[:, None]  # 错：(50, 1) 减 (50,) 得 (50, 50)
        loss = (prediction - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    slope = round(line.weight.item(), 6) + 0  # + 0 把 −0 变成 0
    print(f"斜率 {slope:.2f}，截距 {line.bias.item():.2f}", end="")
    print(f"，损失 {loss.item():.2f}，误差的形状 {tuple((prediction - target).shape)}")


regress(wrong=False)
regress(wrong=True)
# --8<-- [end:broadcast]
