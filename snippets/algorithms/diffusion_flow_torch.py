# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import torch
from scipy.optimize import linear_sum_assignment
from sklearn.datasets import make_moons
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR

torch.set_default_dtype(torch.float64)  # 换一台机器的 CPU，印出的数也一样


def moons(n, seed):
    x, _ = make_moons(n, noise=0.05, random_state=seed)
    return torch.from_numpy((x - [0.5, 0.25]) / [0.87, 0.5])


def apart(a, b):
    """两组点一对一配起来，总路程最短时，平均一对隔多远。"""
    distance = torch.cdist(a, b).numpy()
    return distance[linear_sum_assignment(distance)].mean()


data, test = moons(4000, 0), moons(500, 1)
print(f"另抽 500 个真的点：距离 {apart(moons(500, 2), test):.2f}")
# --8<-- [end:data]


# --8<-- [start:train]
def train(draw_pair, seed, steps=2000):
    torch.manual_seed(seed)
    layers = [nn.Linear(3, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU()]
    layers += [nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 2)]
    model = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    slower = CosineAnnealingLR(optimizer, steps)  # 学习率降到 0
    for _ in range(steps):
        noise, x = draw_pair(256)
        t = torch.rand(256, 1)
        x_t = (1 - t) * noise + t * x
        u = model(torch.cat([x_t, t], dim=1))  # (batch, 2)
        loss = (u - (x - noise)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        slower.step()
    return model


# --8<-- [end:train]


# --8<-- [start:walk]
@torch.no_grad()
def euler(model, x, steps):
    for k in range(steps):
        t = torch.full((len(x), 1), k / steps)
        x = x + model(torch.cat([x, t], dim=1)) / steps
    return x


def report(name, model):
    torch.manual_seed(1)
    start = torch.randn(500, 2)
    for steps in [1, 2, 4, 16, 64]:
        x = euler(model, start, steps)
        print(f"{name}，{steps} 步：距离 {apart(x, test):.2f}，", end="")
        print(f"标准差 {x.std():.2f}")


def free(n):
    """噪声与数据各抽各的。"""
    return torch.randn(n, 2), data[torch.randint(len(data), (n,))]


model = train(free, seed=0)
report("流匹配", model)
# --8<-- [end:walk]

# --8<-- [start:reflow]
torch.manual_seed(2)
noise = torch.randn(4000, 2)
made = euler(model, noise, 64)  # 每个噪声配它自己走到的终点


def joined(n):
    rows = torch.randint(len(noise), (n,))
    return noise[rows], made[rows]


straight = train(joined, seed=0)
report("再拉直一次", straight)
# --8<-- [end:reflow]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "diffusion_flow_torch"
figure, axes = plt.subplots(2, figsize=(3.5, 5), layout="constrained")
torch.manual_seed(3)
start = torch.randn(8, 2)
arcs = (make_moons(24, shuffle=False)[0] - [0.5, 0.25]) / [0.87, 0.5]
pairs = [(model, "流匹配"), (straight, "再拉直一次")]
for axis, (net, name) in zip(axes, pairs, strict=True):
    axis.plot(*arcs[:12].T, *arcs[12:].T, color="0.5", alpha=0.35, lw=5)
    way = [start]
    for k in range(8):
        t = torch.full((8, 1), k / 8)
        with torch.no_grad():
            u = net(torch.cat([way[-1], t], dim=1))
        way.append(way[-1] + u / 8)
    way = torch.stack(way).numpy()  # (9, 8, 2)
    axis.plot(way[:, :, 0], way[:, :, 1], "C0", lw=0.8)
    axis.plot(*way[-1].T, "C1o", ms=3)
    axis.set_title(name, loc="left", fontsize=10)
    axis.set(xticks=[], yticks=[], aspect="equal")
    axis.spines[:].set_visible(False)
title = "从噪声（线的起点）到数据（圆点）：上图的路是弯的，下图接近直线"
path, about = "diffusion_flow_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
