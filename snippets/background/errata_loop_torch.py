# --8<-- [start:data]
import numpy as np
import torch
from torch import nn

# 400 行、8 个特征，已是同一尺度；测试集 80 行里恰有 37 个 0
rng = np.random.default_rng(31)
X = rng.normal(size=(400, 8)).astype(np.float32)
w = rng.normal(size=8)
y = (X @ w + 0.15 * rng.normal(size=400) > 0).astype(np.int64)
X_train, X_test = torch.from_numpy(X[:320]), torch.from_numpy(X[320:])
y_train, y_test = torch.from_numpy(y[:320]), torch.from_numpy(y[320:])
print("测试集：", len(y_test), "行，其中 0 类", int((y_test == 0).sum()), "行")
# --8<-- [end:data]

# --8<-- [start:origin]
ORIGIN = """
import torch
import torch.nn as nn
import torch.optim as optim

# Define the model structure
class Net(nn.Module):
   def __init__(self):
       super(Net, self).__init__()
       self.fc1 = nn.Linear(8, 10)
       self.fc2 = nn.Linear(10, 1)

   def forward(self, x):
       x = torch.relu(self.fc1(x))
       x = torch.sigmoid(self.fc2(x))
       return x

# Initialize the model and optimizer
model = Net()
optimizer = optim.Adam(model.parameters())

# Train the model
for epoch in range(5):
   for data, target in train_data:
       optimizer.zero_grad()
       output = model(data)
       loss = criterion(output, target)
       loss.backward()
       optimizer.step()

# Evaluate the model
correct = 0
total = 0
with torch.no_grad():
   for data, target in test_data:
       output = model(data)
       _, predicted = torch.max(output.data, 1)
       total += target.size(0)
       correct += (predicted == target).sum().item()
print('Test accuracy:', 100 * correct / total)
"""
# --8<-- [end:origin]


# --8<-- [start:repair]
def batches(features, targets, size):
    return list(zip(features.split(size), targets.split(size), strict=True))


def attempt(title, source=ORIGIN, **supplied):
    """在只含 supplied 的空命名空间里运行原文；停在哪里就印哪里。"""
    torch.manual_seed(0)  # 原文不设种子，每次运行权重都不同；这里固定
    names = dict(supplied)
    print(f"【{title}】")
    try:
        exec(source, names)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    return names


bce, ce = nn.BCELoss(), nn.CrossEntropyLoss()
column = y_train.float()[:, None]  # (320, 1)，与模型输出同形
flat_int = batches(X_train, y_train, 32)
flat = batches(X_train, y_train.float(), 32)
column_int = batches(X_train, y_train[:, None], 32)
good = batches(X_train, column, 32)
test = batches(X_test, y_test.float()[:, None], 80)

attempt("原样运行")
attempt("补 train_data", train_data=flat)
attempt("再补 BCELoss", train_data=flat, criterion=bce)
attempt("目标改成 (N, 1) 的整数", train_data=column_int, criterion=bce)
attempt("换成 CrossEntropyLoss", train_data=flat_int, criterion=ce)
attempt("目标改成 (N, 1) 的小数", train_data=good, criterion=bce)
attempt("再补 test_data", train_data=good, criterion=bce, test_data=test)
# --8<-- [end:repair]

# --8<-- [start:one-unit]
one_unit = torch.tensor([[-3.0], [0.0], [5.0]], requires_grad=True)  # (3, 1)
loss = ce(one_unit, torch.zeros(3, dtype=torch.long))
loss.backward()
print("一个输出单元的交叉熵：", loss.item(), "梯度：", one_unit.grad.flatten().tolist())
print("一个输出单元的 argmax：", torch.max(one_unit, 1).indices.tolist())
# --8<-- [end:one-unit]


# --8<-- [start:accuracy]
EVALUATE = ORIGIN.split("# Evaluate the model")[1]  # 只要原文的评估循环


def true_accuracy(model):
    with torch.no_grad():
        predicted = (model(X_test) > 0.5).flatten()  # (80,)
    assert predicted.shape == y_test.shape
    return 100 * (predicted == y_test).float().mean().item()


for epochs in (5, 200):
    source = ORIGIN.replace("range(5)", f"range({epochs})")
    supplied = dict(train_data=good, criterion=bce, test_data=test)
    names = attempt(f"训练 {epochs} 轮", source, **supplied)
    print(f"按 0.5 阈值重算：{true_accuracy(names['model']):.2f}")

for size in (16, 1):
    print(f"目标 (N, 1)，批大小 {size}", end="：")
    exec(EVALUATE, dict(names, test_data=batches(X_test, y_test[:, None], size)))
print("目标 (N,)", end="：")
exec(EVALUATE, dict(names, test_data=batches(X_test, y_test, 16)))
# --8<-- [end:accuracy]

# --8<-- [start:undertrained]
print("参数个数：", sum(p.numel() for p in names["model"].parameters()))
ones = y_test.float().mean().item()
print(f"总猜多数类：{100 * max(ones, 1 - ones):.2f}")
untrained, scores = [], []
for seed in range(20):
    names = dict(train_data=good, criterion=bce)
    torch.manual_seed(seed)
    exec(ORIGIN.split("# Train")[0], names)
    untrained.append(bce(names["model"](X_train), column).item())
    torch.manual_seed(seed)
    exec(ORIGIN.split("# Evaluate")[0], names)
    scores.append(true_accuracy(names["model"]))
print(f"未训练的损失，20 个种子：最低 {min(untrained):.2f}，最高 {max(untrained):.2f}")
low, middle, high = np.percentile(scores, [0, 50, 100])
print(f"原文设置，20 个种子：最低 {low:.2f}，中位 {middle:.2f}，最高 {high:.2f}")
# --8<-- [end:undertrained]

# --8<-- [start:saturation]
zero = torch.zeros(1)
losses = {
    "BCELoss": lambda z: bce(torch.sigmoid(z), zero),
    "BCEWithLogitsLoss": lambda z: nn.BCEWithLogitsLoss()(z, zero),
}
for name, loss in losses.items():
    z = torch.tensor([200.0], requires_grad=True)
    loss(z).backward()
    print(f"z = 200，真值 0：{name} {loss(z).item()}，梯度 {z.grad.item()}")
print("float32 的 sigmoid(200)：", torch.sigmoid(torch.tensor(200.0)).item())
# --8<-- [end:saturation]

# --8<-- [start:idioms]
for idiom in (".data", ".detach()"):
    x = torch.tensor(0.0, requires_grad=True)
    p = torch.sigmoid(x)
    (p.data if idiom == ".data" else p.detach()).zero_()  # 就地改掉反向要用的值
    try:
        p.backward()
        print(f"{idiom}：不报错，梯度 {x.grad.item()}（应为 0.25）")
    except RuntimeError as error:
        print(f"{idiom}：RuntimeError:", str(error).split(":")[0])

dropout, x = nn.Dropout(0.5), torch.ones(1000)
print("两次前向相同：漏掉 eval()", torch.equal(dropout(x), dropout(x)), end="，")
print("调用 eval()", torch.equal(dropout.eval()(x), dropout(x)))
# --8<-- [end:idioms]

# --8<-- [start:defaults]
layer = nn.Linear(8, 10)
print(f"nn.Linear(8, 10) 权重界 {8**-0.5:.4f}", end="，")
print("偏置全为 0：", bool((layer.bias == 0).all()))
adam = torch.optim.Adam(layer.parameters()).defaults
print("Adam：lr", adam["lr"], "eps", adam["eps"])
# --8<-- [end:defaults]
