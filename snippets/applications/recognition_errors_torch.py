# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from sklearn.datasets import load_digits
from torch import nn

torch.set_default_dtype(torch.float64)  # 为了每台机器印出同样的数
images, labels = load_digits(return_X_y=True)
images = F.pad(torch.from_numpy(images / 16).view(-1, 1, 8, 8), (1, 1, 1, 1))
labels = torch.from_numpy(labels)
x_test, y_test = images[1200:], labels[1200:]
# --8<-- [end:data]


# --8<-- [start:train]
def block(inputs, outputs):
    conv = nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False)
    return conv, nn.BatchNorm2d(outputs), nn.ReLU()


torch.manual_seed(0)
model = nn.Sequential(
    *block(1, 8),
    *block(8, 16),
    nn.MaxPool2d(2),
    *block(16, 16),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(16, 10),
)
optimizer = torch.optim.AdamW(model.parameters())
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, 240)
for _ in range(10):  # 不增强，十轮
    for rows in torch.randperm(1200).split(50):
        optimizer.zero_grad()
        F.cross_entropy(model(images[rows]), labels[rows]).backward()
        optimizer.step()
        schedule.step()
model.eval()
with torch.inference_mode():
    p = model(x_test).softmax(dim=1)
sure, said = p.max(dim=1)
right = said == y_test
print(f"测试正确率 {right.double().mean():.1%}，错 {(~right).sum()} 张")
# --8<-- [end:train]


# --8<-- [start:confusion]
table = torch.zeros(10, 10, dtype=int)  # 行是真的，列是判的
table.index_put_((y_test, said), torch.tensor(1), accumulate=True)
missed = table.clone().fill_diagonal_(0)
for true, guess in (missed > 1).nonzero().tolist():  # 不止一张的
    count = missed[true, guess]
    print(f"{true} 判成 {guess}：{count} 张，{true} 共 {table[true].sum()} 张")
# --8<-- [end:confusion]


# --8<-- [start:errors]
for name, some in [("判对的", right), ("判错的", ~right)]:
    print(f"{name}：把握的中位数 {sure[some].median():.0%}", end="，")
    print(f"把握超过 90% 的 {(sure[some] > 0.9).sum()} 张")
# --8<-- [end:errors]


# --8<-- [start:figure]
def draw(axis, image):
    """一张图：三档深浅，每档一条路径；一行里相连的像素合成一个矩形。"""
    levels = np.ceil(image * 3 - 0.25)
    for level in (1, 2, 3):
        bars = []
        for y, row in enumerate(levels == level):
            ends = np.flatnonzero(np.diff(np.pad(row, 1)))  # 起、止、起、止……
            for a, b in ends.reshape(-1, 2):
                corners = [[a, y], [b, y], [b, y + 1], [a, y + 1], [a, y]]
                bars.append(Path(corners, closed=True))
        if bars:
            path = Path.make_compound_path(*bars)
            axis.add_patch(PathPatch(path, color="black", alpha=level / 3, lw=0))
    axis.set(xlim=(0, 10), ylim=(10, 0), xticks=[], yticks=[], aspect=1)


warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "recognition_errors_torch"
worst = (~right).nonzero()[:, 0]
worst = worst[sure[worst].argsort(descending=True)][:9]  # 错得最有把握的九张
figure, axes = plt.subplots(3, 3, figsize=(3.5, 4.2), layout="constrained")
for axis, row in zip(axes.flat, worst, strict=True):
    draw(axis, x_test[row, 0].numpy())
    axis.set_title(f"真 {y_test[row]}，判 {said[row]}", fontsize=10)
title = "错得最有把握的九张，每张写着真的与判的数字"
about = {"Title": title}
figure.savefig("recognition_errors_torch.svg", transparent=True, metadata=about)
# --8<-- [end:figure]
