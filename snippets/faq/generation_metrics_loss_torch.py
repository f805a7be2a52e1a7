# --8<-- [start:data]
import numpy as np
import torch
from torch.nn.functional import cross_entropy

PAD, IGNORE, V = 0, -100, 30
rng = np.random.default_rng(0)
lengths = [12, 6, 10, 5, 2, 1]  # 每句的词元数；两句一批，最后一批最短
batches = []
for i in range(0, len(lengths), 2):
    pair = lengths[i : i + 2]
    x = rng.normal(size=(2, max(pair), V))  # 假装是模型的输出
    y = np.full((2, max(pair)), PAD)
    for row, n in enumerate(pair):
        y[row, :n] = rng.integers(1, V, size=n)
        x[row, range(n), y[row, :n]] += np.arange(n) / 2  # 越往后越好猜
        x[row, n:, PAD] += 9  # 填充的位置，模型几乎总猜得中
    batches.append((x, y))
# --8<-- [end:data]

# --8<-- [start:loss]
means, padded, total, count = [], 0.0, 0.0, 0
for x, y in batches:
    z, t = torch.tensor(x).flatten(0, 1), torch.tensor(y).flatten()
    padded += cross_entropy(z, t, reduction="sum").item()  # 填充也算进去了
    t[t == PAD] = IGNORE
    means.append(cross_entropy(z, t, ignore_index=IGNORE).item())
    total += cross_entropy(z, t, ignore_index=IGNORE, reduction="sum").item()
    count += (t != IGNORE).sum().item()
size = sum(y.size for _, y in batches)
rows = {"各批平均再平均": np.mean(means), "填充也算进去": padded / size}
rows["总和除以词元数"] = total / count
for name, loss in rows.items():
    print(f"{name}：损失 {loss:.3f}，困惑度 {np.exp(loss):.2f}")
print(f"计分的词元 {count} 个，全部位置 {size} 个")
# --8<-- [end:loss]
