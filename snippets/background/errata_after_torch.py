# --8<-- [start:data]
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(31)
X = rng.normal(size=(400, 8))
w = rng.normal(size=8)
y = X @ w + 0.15 * rng.normal(size=400) > 0
X *= [1000, 1000, 1000, 1000, 1, 1, 1, 1]  # 前四个特征的单位不同，真实数据常如此

train, val, test = slice(0, 240), slice(240, 320), slice(320, 400)
mean, std = X[train].mean(axis=0), X[train].std(axis=0)  # 只用训练集的统计量
X = torch.tensor((X - mean) / std, dtype=torch.float32)
y = torch.tensor(y[:, None], dtype=torch.float32)  # (400, 1)，与模型输出同形
print("训练、验证、测试：", len(y[train]), len(y[val]), len(y[test]))
# --8<-- [end:data]

# --8<-- [start:model]
init = np.random.default_rng(2)
w1 = init.uniform(-1, 1, size=(8, 10)) * np.sqrt(6 / 18)  # Glorot 均匀分布
w2 = init.uniform(-1, 1, size=(10, 1)) * np.sqrt(6 / 11)

model = nn.Sequential(nn.Linear(8, 10), nn.ReLU(), nn.Linear(10, 1))  # 输出 logits
with torch.no_grad():
    for layer, weight in ((model[0], w1), (model[2], w2)):
        layer.weight.copy_(torch.tensor(weight.T))  # PyTorch 的权重是（出, 入）
        layer.bias.zero_()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03, eps=1e-7)
print("参数个数：", sum(p.numel() for p in model.parameters()))
# --8<-- [end:model]


# --8<-- [start:train]
def validation_loss():
    model.eval()
    with torch.inference_mode():
        return criterion(model(X[val]), y[val]).item()


losses, val_losses, best, patience = [], [], None, 10
for epoch in range(100):
    model.train()
    total = 0.0
    for batch_x, batch_y in zip(X[train].split(32), y[train].split(32), strict=True):
        optimizer.zero_grad()
        logits = model(batch_x)
        assert logits.shape == batch_y.shape  # 广播在这里就会被拦下
        loss = criterion(logits, batch_y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch_y)
    losses.append(total / len(y[train]))
    val_losses.append(validation_loss())
    if val_losses[-1] == min(val_losses):
        best = {name: value.clone() for name, value in model.state_dict().items()}
    if epoch - int(np.argmin(val_losses)) >= patience:
        break
model.load_state_dict(best)
best_epoch = int(np.argmin(val_losses))
for epoch in (0, best_epoch):
    print(f"第 {epoch + 1} 轮：训练损失 {losses[epoch]:.4f}", end="，")
    print(f"验证损失 {val_losses[epoch]:.4f}")
# --8<-- [end:train]

# --8<-- [start:evaluate]
model.eval()
with torch.inference_mode():
    logits = model(X[test])  # (80, 1)
predicted = (logits > 0).int()  # logits 大于 0，即概率大于 0.5
target = y[test].int()
assert predicted.shape == target.shape
correct = int((predicted == target).sum())
positives = int(target.sum())
print(f"总猜多数类：{100 * max(positives, 80 - positives) / 80:.2f}")
print(f"测试正确率：{100 * correct / 80:.2f}（{correct}/80）")
for actual in (0, 1):
    row = [int(((target == actual) & (predicted == k)).sum()) for k in (0, 1)]
    print(f"真值 {actual}：预测为 0、1 的各有", *row)
# --8<-- [end:evaluate]

# --8<-- [start:save]
program = torch.export.export(model, (X[test],))
torch.export.save(program, "errata.pt2")
restored = torch.export.load("errata.pt2").module()
gap = (restored(X[test]) - logits).abs().max().item()
print("存盘再读，logits 最大差 < 1e-6：", gap < 1e-6)
# --8<-- [end:save]
