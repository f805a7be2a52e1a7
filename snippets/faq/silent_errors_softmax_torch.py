# --8<-- [start:import]
import math
import warnings

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

# --8<-- [end:import]


# --8<-- [start:softmax-twice]
z, y = torch.tensor([[10.0, 0.0, 0.0]]), torch.tensor([0])
print(f"先做 softmax：{F.cross_entropy(F.softmax(z, 1), y):.4f}")
print(f"直接给 z：{F.cross_entropy(z, y):.4f}")
for classes in (3, 10):
    lowest = math.log(1 + (classes - 1) / math.e)
    print(f"{classes} 类，做两次最低到 {lowest:.2f}")
# --8<-- [end:softmax-twice]


# --8<-- [start:train]
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16), torch.tensor(y)


def train(last):
    layer, losses = nn.Linear(64, 10).double(), []
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(layer.parameters(), 0.05)
    for _ in range(300):
        optimizer.zero_grad()
        loss = F.cross_entropy(last(layer(x)), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    right = (layer(x).argmax(1) == y).double().mean()
    print(f"第 300 步，损失 {losses[-1]:.3f}，准确率 {right:.3f}")
    return losses


twice = train(lambda z: F.softmax(z, 1))
once = train(lambda z: z)
# --8<-- [end:train]


# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "silent_errors_softmax_torch"
figure, axis = plt.subplots(figsize=(3.5, 2.6), layout="constrained")
axis.plot(twice, "C1", label="先做 softmax")
axis.plot(once, "C0", label="直接给 z")
axis.axhline(lowest, color="k", linestyle=":")
axis.text(300, 1.28, "1.46", ha="right")
axis.set(xlim=(0, 300), ylim=(0, 2.5), xlabel="步")
axis.set_title("训练损失", loc="left", fontsize=10)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
title = "多做一次 softmax 的训练损失停在 1.46 上面"
path, about = "silent_errors_softmax_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
