# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn.functional import softplus

torch.set_default_dtype(torch.float64)  # 换一台机器的 CPU，印出的数也一样
angle = torch.arange(8) * torch.pi / 4
centers = 2 * torch.stack([angle.cos(), angle.sin()], dim=1)  # (8, 2)


def real(n):
    """八个峰排成一圈，每个的标准差是 0.1。"""
    return centers[torch.randint(8, (n,))] + 0.1 * torch.randn(n, 2)


def score(x):
    """离某个峰 3 个标准差以内算好点；有应得数目的一成，算有这个峰。"""
    distance, nearest = torch.cdist(x, centers).min(dim=1)
    counts = nearest[distance < 0.3].bincount(minlength=8)
    return (counts >= len(x) / 80).sum().item(), counts.sum().item() / len(x)


# --8<-- [end:data]


# --8<-- [start:networks]
def mlp(n_in, n_out):
    return nn.Sequential(
        nn.Linear(n_in, 64),
        nn.ReLU(),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, n_out),
    )


class Discriminator(nn.Module):
    def __init__(self, spread):
        super().__init__()
        self.spread, self.net = spread, mlp(3 if spread else 2, 1)

    def forward(self, x):
        if self.spread:  # 告诉它这一批点散得多开：批内标准差
            wide = x.std(dim=0).mean().expand(len(x), 1)
            x = torch.cat([x, wide], dim=1)
        return self.net(x)


# --8<-- [end:networks]


# --8<-- [start:train]
def train(seed, z_dim=2, gamma=0.0, rate=3e-4, d_steps=1, spread=False):
    torch.manual_seed(seed)
    G, D = mlp(z_dim, 2), Discriminator(spread)
    opt_g = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(D.parameters(), lr=rate, betas=(0.5, 0.999))
    history = []
    for step in range(1, 801):
        for _ in range(d_steps):
            x, fake = real(64).requires_grad_(), G(torch.randn(64, z_dim))
            logits = D(x)
            loss = (softplus(-logits) + softplus(D(fake.detach()))).mean()
            if gamma:  # R1：真点上，D 对输入的斜率要小
                g = torch.autograd.grad(logits.sum(), x, create_graph=True)[0]
                loss = loss + gamma / 2 * g.square().sum(dim=1).mean()
            opt_d.zero_grad()
            loss.backward()
            opt_d.step()
        opt_g.zero_grad()
        softplus(-D(G(torch.randn(64, z_dim)))).mean().backward()
        opt_g.step()
        if step % 100 == 0:
            with torch.no_grad():
                history.append(G(torch.randn(2000, z_dim)))
    return history


# --8<-- [end:train]

# --8<-- [start:run]
ways = {
    "D 学得慢": {},
    "噪声 8 维": {"z_dim": 8},
    "R1": {"gamma": 1.0},
    "D 走三步": {"d_steps": 3},
    "批内标准差": {"spread": True},
}
runs, counts = {}, {}
for name, options in ways.items():
    runs[name] = [train(seed, **options) for seed in range(5)]
    found = np.array([[score(x) for x in run] for run in runs[name]])
    counts[name] = found[:, :, 0].mean(axis=0)
    peaks, good = found[:, -1].T
    print(f"{name}：峰 {peaks.mean():.1f}（{peaks.min():.0f} 到", end=" ")
    print(f"{peaks.max():.0f}），好点 {good.mean():.2f}")
# --8<-- [end:run]

# --8<-- [start:hop]
for name in ["D 学得慢", "批内标准差"]:
    print(f"{name}，种子 1，每 200 步的峰与好点：", end="")
    found = [score(runs[name][1][i]) for i in (1, 3, 5, 7)]
    print("，".join(f"{peaks} 与 {good:.2f}" for peaks, good in found))
# --8<-- [end:hop]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "gan_modes_torch"
figure, axes = plt.subplot_mosaic(
    "abc;def;ggg", figsize=(3.5, 4.4), layout="constrained"
)
panels = [(name, i) for name in ("D 学得慢", "批内标准差") for i in (1, 4, 7)]
for letter, (name, i) in zip("abcdef", panels, strict=True):
    dot = runs[name][1][i][:30].numpy()
    ends = np.stack([dot, dot + [0.06, 0], np.full((30, 2), np.nan)], axis=1)
    axes[letter].plot(*centers.T, "o", color="C0", alpha=0.3, ms=6)
    axes[letter].plot(*ends.reshape(-1, 2).T, "k", lw=2)
    axes[letter].set(xlim=(-3, 3), ylim=(-3, 3), xticks=[], yticks=[])
    axes[letter].set(aspect="equal", xlabel=f"第 {100 * i + 100} 步")
    if i == 1:
        axes[letter].set_title(name, loc="left", fontsize=10)
styles = ["k:", "C2--", "C2-", "C1--", "C0-"]
for (name, curve), style in zip(counts.items(), styles, strict=True):
    axes["g"].plot(range(100, 801, 100), curve, style, label=name)
axes["g"].set(xlabel="步", xticks=[100, 400, 800])
axes["g"].set_title("画到的峰", loc="left", fontsize=10)
axes["g"].set(yticks=[0, 4, 8], ylim=(0, 17))
axes["g"].spines[["top", "right"]].set_visible(False)
axes["g"].legend(frameon=False, ncols=2, loc="upper left")
title = "上：样本挤成一条弧，扫来扫去；中：八个峰都有；下：峰数随训练变化"
path, about = "gan_modes_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
