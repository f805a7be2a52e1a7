# --8<-- [start:data]
import copy

import numpy as np
import torch
from torch import nn

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

# 最后一层没有 sigmoid：输出是 logits
model = nn.Sequential(nn.Linear(8, 10), nn.ReLU(), nn.Linear(10, 1))
with torch.no_grad():
    for layer, weight in ((model[0], w1), (model[2], w2)):
        layer.weight.copy_(torch.tensor(weight.T))  # PyTorch 的权重是（出, 入）
        layer.bias.zero_()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03, eps=1e-7)
# --8<-- [end:model]

# --8<-- [start:train]
val_losses, best = [], None
for _ in range(100):
    model.train()
    for batch_x, batch_y in zip(X[train].split(32), y[train].split(32), strict=True):
        logits = model(batch_x)
        assert logits.shape == batch_y.shape  # 广播在这里就会被拦下
        optimizer.zero_grad()
        criterion(logits, batch_y).backward()
        optimizer.step()
    model.eval()
    with torch.inference_mode():
        val_losses.append(criterion(model(X[val]), y[val]).item())
    best_epoch = int(np.argmin(val_losses)) + 1
    if best_epoch == len(val_losses):
        best = copy.deepcopy(model.state_dict())
    elif len(val_losses) - best_epoch == 10:  # 十轮不见好转就停
        break
model.load_state_dict(best)
print(f"第 1 轮：验证损失 {val_losses[0]:.4f}")
print(f"第 {best_epoch} 轮：验证损失 {min(val_losses):.4f}（最好）")
# --8<-- [end:train]

# --8<-- [start:evaluate]
with torch.inference_mode():
    logits = model(X[test])  # (80, 1)
predicted = logits > 0  # logits 大于 0，即概率大于 0.5
assert predicted.shape == y[test].shape
correct, ones = int((predicted == y[test]).sum()), int(y[test].sum())
n = len(y[test])
print(f"总猜多数类：{100 * max(ones, n - ones) / n:.2f}")
print(f"测试准确率：{100 * correct / n:.2f}（{correct}/{n}）")
# --8<-- [end:evaluate]

# --8<-- [start:save]
batch = torch.export.Dim("batch")  # 不写这一维，图就只认 80 行
program = torch.export.export(model, (X[test],), dynamic_shapes=({0: batch},))
torch.export.save(program, "errata.pt2")
restored = torch.export.load("errata.pt2").module()
gap = (restored(X[test]) - logits).abs().max().item()
print("存盘再读，logits 最大差 < 1e-6：", gap < 1e-6)
# --8<-- [end:save]
