# --8<-- [start:network]
import warnings
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits

torch.set_default_dtype(torch.float64)
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images = torch.tensor(images[order] / 16)  # 黑底白字，0 是黑
labels = torch.tensor(labels[order])
train, test = slice(None, 1200), slice(1200, None)


def build(seed):
    """64 个像素，32 个隐藏单元，10 个类；权重由种子决定。"""
    rng = np.random.default_rng(seed)
    layers = [torch.nn.Linear(64, 32), torch.nn.Linear(32, 10)]
    for layer in layers:
        drawn = rng.normal(0, 0.1, (layer.in_features, layer.out_features))
        layer.weight = torch.nn.Parameter(torch.tensor(drawn.T))
        torch.nn.init.zeros_(layer.bias)
    return torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1])


net = build(1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.875)
for _ in range(300):
    loss = torch.nn.functional.cross_entropy(net(images[train]), labels[train])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
right = net(images[test]).argmax(dim=1) == labels[test]
print(f"测试集 {len(right)} 张，对 {100 * right.double().mean():.0f}%")
# --8<-- [end:network]

# --8<-- [start:integrate]
x = images[test][:100]
classes = net(x).argmax(dim=1, keepdim=True)


def slopes(model, z):
    """各张图被判的那一类，logit 对像素的梯度：(100, 64)。"""
    z = z.detach().requires_grad_()
    return torch.autograd.grad(model(z).gather(1, classes).sum(), z)[0]


def integrated(model, start, steps=300):
    way = [(k + 0.5) / steps for k in range(steps)]
    total = sum(slopes(model, start + t * (x - start)) for t in way)
    return (x - start) * total / steps


# --8<-- [end:integrate]

# --8<-- [start:digits]
starts = {"全黑": torch.zeros(64), "平均图": images[train].mean(dim=0)}
starts["全白"] = torch.ones(64)
paths = {name: integrated(net, start) for name, start in starts.items()}
for name, start in starts.items():
    rise = (net(x) - net(start[None])).gather(1, classes)[:, 0]
    gap = ((paths[name].sum(dim=1) - rise) / rise).abs().max()
    size = paths[name].abs()
    share = size[x == 0].sum() / size.sum()
    print(f"从{name}出发：{100 * share:.0f}% 落在黑像素上")
    print("  合计与输出之差不到百分之一：", (gap < 0.01).item())
# --8<-- [end:digits]


# --8<-- [start:random]
def likeness(ours, theirs):
    """逐张求两张图的相关系数，取平均。"""
    pairs = zip(ours.numpy(), theirs.numpy(), strict=True)
    return np.mean([np.corrcoef(a, b)[0, 1] for a, b in pairs])


black = paths["全黑"]
untrained = [integrated(build(s), starts["全黑"]) for s in (2, 3, 4)]
groups = {"训练过的与没有训练的": [(black, one) for one in untrained]}
groups["两个都没有训练的"] = list(combinations(untrained, 2))
for label, group in groups.items():
    signed = [likeness(a, b) for a, b in group]
    sizes = [likeness(abs(a), abs(b)) for a, b in group]
    print(f"{label}，{len(group)} 对：")
    for kind, found in {"带符号的图": signed, "只看大小": sizes}.items():
        print(f"  {kind}，相关平均 {np.mean(found):.2f}，", end="")
        print(f"由 {min(found):.2f} 到 {max(found):.2f}")
# --8<-- [end:random]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "gradient_attribution_digits_torch"
panels = {"图": x, "梯度": slopes(net, x), "从全黑": black}
panels |= {"从平均图": paths["平均图"], "从全白": paths["全白"]}
panels["权重随机"] = untrained[-1]
figure, axes = plt.subplots(2, 3, figsize=(3.5, 2.7), layout="constrained")
for axis, (name, values) in zip(axes.flat, panels.items(), strict=True):
    picture = values[8].reshape(8, 8).numpy()  # 第 9 张测试图
    picture = np.round(6 * picture / np.abs(picture).max())
    for level in np.unique(picture[picture != 0]):  # 六级，一级一条断开的粗线
        y, left = np.nonzero(picture == level)
        ends = np.stack([left, left + 1, np.full(len(y), np.nan)], axis=1)
        colour = "k" if name == "图" else "C0" if level > 0 else "C1"
        line = axis.plot(ends.ravel(), np.repeat(y + 0.5, 3), colour, lw=9.7)[0]
        line.set(alpha=abs(level) / 6, solid_capstyle="butt")
    axis.set(xlim=(0, 8), ylim=(8, 0), aspect="equal", xticks=[], yticks=[])
    axis.set_title(name, fontsize=10)
title = "一张写着 4 的图与它的五种归因：蓝是正，红是负；起点不同，图就不同"
path, about = "gradient_attribution_digits_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
