# --8<-- [start:kinds]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)  # 为了每台机器印出同样的数


class Resize(nn.Sequential):
    """先用最邻近放大，再做普通的卷积。"""

    def __init__(self, c_in, c_out):
        super().__init__(
            nn.Upsample(scale_factor=2), nn.Conv2d(c_in, c_out, 3, padding=1)
        )


KINDS = {  # 都把边长变成两倍
    "核 3 步幅 2": lambda i, o: nn.ConvTranspose2d(i, o, 3, 2, 1, 1),
    "核 4 步幅 2": lambda i, o: nn.ConvTranspose2d(i, o, 4, 2, 1),
    "核 2 步幅 2": lambda i, o: nn.ConvTranspose2d(i, o, 2, 2),
    "放大再卷积": Resize,
}
# --8<-- [end:kinds]


# --8<-- [start:untrained]
@torch.no_grad()
def flat(kind, seed):
    """16 个通道各是一块纯色，用随机的权重放大：里面的像素还是纯色吗？"""
    torch.manual_seed(seed)
    layer, colour = KINDS[kind](16, 1), torch.randn(1, 16, 1, 1)
    return layer(colour.expand(1, 16, 8, 8))[0, 0, 4:-4, 4:-4]  # (8, 8)


for kind in KINDS:
    inside = torch.stack([flat(kind, seed) for seed in range(200)])
    period = (inside[:, 2:] - inside[:, :-2]).abs().max() < 1e-9
    spread = inside.std(dim=(1, 2), correction=0).mean()
    print(f"{kind}：每隔一行重复：{period.item()}，起伏 {spread:.2f}")
# --8<-- [end:untrained]


# --8<-- [start:decoder]
def spots(rng, count):
    """16×16 的图，一团光滑的亮斑；输入是它的位置与大小，三个数。"""
    place, width = rng.uniform(0.3, 0.7, (count, 2)), rng.uniform(0.15, 0.3, count)
    axis = (np.arange(16) + 0.5) / 16
    far = (axis[:, None] - place[:, 0, None, None]) ** 2
    far = far + (axis - place[:, 1, None, None]) ** 2
    picture = np.exp(-far / (2 * width[:, None, None] ** 2))
    code = np.column_stack([4 * place - 2, 20 * width - 4.5])
    return torch.tensor(code), torch.tensor(picture)


class Decoder(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.spread = nn.Linear(3, 16 * 4 * 4)
        self.up = nn.ModuleList([KINDS[kind](16, 8), KINDS[kind](8, 1)])

    def forward(self, code):  # (N, 3)
        x = F.relu(self.spread(code)).reshape(-1, 16, 4, 4)
        x = F.relu(self.up[0](x))  # (N, 8, 8, 8)
        return self.up[1](x)[:, 0]  # (N, 16, 16)


# --8<-- [end:decoder]


# --8<-- [start:train]
def jagged(x):
    """每个像素与左右、上下的平均差多少：均方根。光滑的图很小。"""
    middle = x[:, 1:-1, 1:-1]
    side = (x[:, 1:-1, :-2] + x[:, 1:-1, 2:]) / 2 - middle
    above = (x[:, :-2, 1:-1] + x[:, 2:, 1:-1]) / 2 - middle
    return (side.square() + above.square()).mean().sqrt().item()


STEPS = (0, 100, 1000)
code, picture = spots(np.random.default_rng(99), 100)


def fit(kind, seed):
    """训练 1000 步；返回第 0、100、1000 步画出的 100 张图。"""
    torch.manual_seed(seed)
    rng, model, drawn = np.random.default_rng(seed), Decoder(kind), []
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for step in range(STEPS[-1] + 1):
        if step in STEPS:
            with torch.no_grad():
                drawn.append(model(code))
        z, x = spots(rng, 8)
        loss = F.mse_loss(model(z), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return drawn


print(f"真的图：锯齿 {jagged(picture):.3f}")
drawn = {kind: [fit(kind, seed) for seed in range(3)] for kind in KINDS}
for kind, runs in drawn.items():
    print(f"{kind}：", end="")
    for k, step in enumerate(STEPS):
        v = [jagged(run[k]) for run in runs]
        end = "\n" if step == STEPS[-1] else "，"
        print(f"第 {step} 步 {min(v):.3f} 到 {max(v):.3f}", end=end)
# --8<-- [end:train]


# --8<-- [start:figure]
strip = torch.stack([torch.stack(runs[0])[:, 0] for runs in drawn.values()])
strip = strip[:, :, 3:-3, 3:-3]  # (种类, 步, 10, 10)，只画中间
low, high = strip.amin((2, 3), True), strip.amax((2, 3), True)
strip = F.pad((strip - low) / (high - low), (1, 1, 1, 1))  # 各图拉到 0 到 1
grid = strip.transpose(1, 2).reshape(4 * 12, 3 * 12).numpy()
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "segmentation_checkerboard_torch"
figure, axis = plt.subplots(figsize=(3.5, 4), layout="constrained")
for level in range(1, 7):  # 深浅分六级，一级一条断开的粗线
    y, x = np.nonzero(np.round(grid * 6) == level)
    ends = np.stack([x, x + 1, np.full(len(x), np.nan)], axis=1)
    line = axis.plot(ends.ravel(), np.repeat(y + 0.5, 3), "k", lw=5.6)[0]
    line.set(alpha=level / 6, solid_capstyle="butt")
axis.set(xlim=(0, 36), ylim=(48, 0), aspect="equal")
axis.set_xticks([6, 18, 30], [f"第 {step} 步" for step in STEPS])
axis.set_yticks([6, 18, 30, 42], KINDS)
axis.tick_params(length=0)
axis.spines[:].set_visible(False)
title = "四种放大，训练 0、100、1000 步时画的同一张图：转置卷积的有格子"
path, about = "segmentation_checkerboard_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
