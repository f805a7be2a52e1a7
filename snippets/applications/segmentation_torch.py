# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

DIGITS = (0, 1, 4, 7)  # 类别 1 到 4；类别 0 是背景
digits = load_digits()
chosen = np.isin(digits.target, DIGITS)
glyphs = digits.images[chosen] / 16  # (个数, 8, 8)，0 到 1
kinds = np.searchsorted(DIGITS, digits.target[chosen]) + 1
order = np.random.default_rng(0).permutation(len(glyphs))
test, train = np.split(order, [len(order) // 4])  # 测试的字，训练时没有见过


def scenes(rng, count, which):
    """24×24 的画布，四个角各放一个字，位置随意，再加噪声；每个像素一个类别。"""
    x = 0.15 * rng.standard_normal((count, 24, 24))
    y = np.zeros((count, 24, 24), dtype=int)
    for n, corner in np.ndindex(count, 4):
        k = rng.choice(which)
        i, j = 12 * np.array(divmod(corner, 2)) + rng.integers(0, 5, 2)
        x[n, i : i + 8, j : j + 8] += glyphs[k]
        y[n, i : i + 8, j : j + 8] = np.where(glyphs[k] > 0.5, kinds[k], 0)
    return x, y


x_test, y_test = scenes(np.random.default_rng(1), 100, test)
print(f"训练的字 {len(train)} 个，测试的字 {len(test)} 个")
print(f"100 张测试图，背景占 {np.mean(y_test == 0):.1%}")
# --8<-- [end:data]


# --8<-- [start:set]
torch.set_default_dtype(torch.float64)  # 为了每台机器印出同样的数


def dataset(seed, count, which):
    x, y = scenes(np.random.default_rng(seed), count, which)
    return TensorDataset(torch.tensor(x)[:, None], torch.tensor(y))


training, held = dataset(2, 4000, train), dataset(1, 100, test)
x, y = training[:16]
print("一批图：", *x.shape, "；一批标签：", *y.shape)
# --8<-- [end:set]


# --8<-- [start:model]
def block(c_in, c_out):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
        nn.Conv2d(c_out, c_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class UNet(nn.Module):
    def __init__(self, classes=5, c=8):
        super().__init__()
        self.down = nn.ModuleList([block(1, c), block(c, 2 * c)])
        self.deep = block(2 * c, 4 * c)
        self.enlarge = nn.ModuleList(
            [nn.ConvTranspose2d(4 * c, 2 * c, 2, 2), nn.ConvTranspose2d(2 * c, c, 2, 2)]
        )
        self.up = nn.ModuleList([block(4 * c, 2 * c), block(2 * c, c)])
        self.head = nn.Conv2d(c, classes, 1)

    def forward(self, x):  # (N, 1, 24, 24)
        skips = []
        for down in self.down:
            skips.append(down(x))  # 24×24，12×12
            x = F.max_pool2d(skips[-1], 2)
        x = self.deep(x)  # (N, 4c, 6, 6)
        for enlarge, up in zip(self.enlarge, self.up, strict=True):
            x = up(torch.cat([skips.pop(), enlarge(x)], dim=1))
        return self.head(x)  # (N, classes, 24, 24)


# --8<-- [end:model]


# --8<-- [start:train]
def fit(seed, report=()):
    # 有 GPU 时：model、x、y 都移到 torch.accelerator.current_accelerator(True)
    torch.manual_seed(seed)
    model = UNet().train()
    loader = DataLoader(training, batch_size=16, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, len(loader))
    for step, (x, y) in enumerate(loader, 1):
        loss = F.cross_entropy(model(x), y)  # 每个像素一个交叉熵，取平均
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step in report:
            print(f"种子 {seed}，第 {step} 步：损失 {loss:.2f}")
    return model.eval()


models = [fit(0, (1, 25, 50, 100, 150, 200, 250)), fit(1), fit(2)]
# --8<-- [end:train]


# --8<-- [start:score]
@torch.no_grad()
def predict(model, x):
    return model(x).argmax(dim=1)  # (N, 24, 24)


def confusion(y, p, classes=5):
    return torch.bincount((y * classes + p).ravel(), minlength=classes**2).reshape(
        classes, classes
    )


x, y = held[:]
tables = torch.stack([confusion(y, predict(model, x)) for model in models])
right = tables.diagonal(dim1=1, dim2=2)
iou = right / (tables.sum(1) + tables.sum(2) - right)  # (种子, 类别)
for name, v in zip(["背景", *DIGITS], iou.T, strict=True):
    print(f"{name} 的 IoU：{v.min():.2f} 到 {v.max():.2f}")
mean, share = iou.mean(1), right.sum(1) / y.numel()
print(f"mIoU：{mean.min():.2f} 到 {mean.max():.2f}")
print(f"像素正确率：{share.min():.1%} 到 {share.max():.1%}")
# --8<-- [end:score]


# --8<-- [start:errors]
p = torch.stack([predict(model, x) for model in models])  # (种子, N, 24, 24)
wrong = p != y
kinds_of_error = {
    "背景判成字": (y == 0) & wrong,
    "字判成背景": (p == 0) & wrong,
    "字判成另一个字": (y > 0) & (p > 0) & wrong,
}
for name, part in kinds_of_error.items():
    v = part.sum((1, 2, 3)) / wrong.sum((1, 2, 3))
    print(f"{name}：占错误的 {v.min():.0%} 到 {v.max():.0%}")
inside = (
    F.max_pool2d(y[:, None].double(), 3, 1, 1)[:, 0]
    == -F.max_pool2d(-y[:, None].double(), 3, 1, 1)[:, 0]
)  # 3×3 之内只有一类
for name, place in {"边界上": ~inside, "里面": inside}.items():
    v = (wrong & place).sum((1, 2, 3)) / place.sum()
    print(f"{name}的像素（占 {place.double().mean():.0%}）：", end="")
    print(f"错 {v.min():.1%} 到 {v.max():.1%}")
# --8<-- [end:errors]


# --8<-- [start:worst]
ink = (p[0] > 0) | (y > 0)  # 种子 0：判成字的，或者真是字的
hit = ((p[0] == y) & ink).sum((1, 2)) / ink.sum((1, 2))
ranked = hit.argsort(descending=True).tolist()
shown, names = {"中等": ranked[50], "最差": ranked[-1]}, ["背景", *DIGITS]
for name, k in shown.items():
    table = confusion(y[k], p[0, k]).fill_diagonal_(0)
    i, j = divmod(table.argmax().item(), 5)
    print(f"{name}的一张，字的像素判对 {hit[k]:.0%}；", end="")
    print(f"错得最多：真的是 {names[i]}，判成 {names[j]}，{table[i, j]} 个像素")
# --8<-- [end:worst]


# --8<-- [start:picture]
def draw(axis, image, levels, marks):
    """一级一条断开的粗线：连着的同级像素合成一段。"""
    for level in range(1, levels + 1):
        ends, heights = [], []
        for i, line in enumerate(np.pad(image == level, ((0, 0), (1, 1)))):
            edges = np.flatnonzero(np.diff(line.astype(int)))
            for start, stop in edges.reshape(-1, 2):
                ends += [start, stop, np.nan]
                heights += [i + 0.5] * 3
        stroke = axis.plot(ends, heights, marks[level - 1][0], lw=4.6)[0]
        stroke.set(alpha=marks[level - 1][1], solid_capstyle="butt")
    axis.set(xlim=(0, 24), ylim=(24, 0), aspect="equal", xticks=[], yticks=[])


warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "segmentation_torch"
figure, axes = plt.subplots(3, 2, figsize=(3.5, 5.2), layout="constrained")
grey = [("k", level / 4) for level in range(1, 5)]
colour = [("C0", 0.45), ("C0", 1), ("C1", 0.45), ("C1", 1)]  # 0、1、4、7
# --8<-- [end:picture]


# --8<-- [start:figure]
for column, (name, k) in zip(axes.T, shown.items(), strict=True):
    image = np.round(4 * x[k, 0].numpy().clip(0, 1))
    draw(column[0], image, 4, grey)
    draw(column[1], y[k].numpy(), 4, colour)
    draw(column[2], p[0, k].numpy(), 4, colour)
    column[0].set_title(f"{name}的一张", fontsize=10)
for axis, name in zip(axes[:, 0], ["图", "标签", "判成"], strict=True):
    axis.set_ylabel(name)
title = (
    "两张测试图、标签与 U-Net 的判断：浅的与深的第一种颜色是 0 与 1，第二种是 4 与 7"
)
path, about = "segmentation_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
