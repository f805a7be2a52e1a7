# --8<-- [start:data]
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


# --8<-- [start:nets]
def block(c_in, c_out, dilation=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, 3, padding=dilation, dilation=dilation, bias=False),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


def flat(*dilations, c=12):
    """不缩小：一层层的空洞卷积，每个输出看到的边长是 1 加上 2 倍的空洞之和。"""
    layers, c_in = [], 1
    for dilation in dilations:
        layers, c_in = [*layers, block(c_in, c, dilation)], c
    return nn.Sequential(*layers, nn.Conv2d(c, 5, 1))


def hourglass(c=8):
    """缩小两次再放大两次，与 U-Net 一样深，只是不接旧的图。"""
    return nn.Sequential(
        *(block(1, c), block(c, c), nn.MaxPool2d(2)),
        *(block(c, 2 * c), block(2 * c, 2 * c), nn.MaxPool2d(2)),
        *(block(2 * c, 4 * c), block(4 * c, 4 * c)),
        nn.ConvTranspose2d(4 * c, 2 * c, 2, 2),
        *(block(2 * c, 2 * c), block(2 * c, 2 * c)),
        nn.ConvTranspose2d(2 * c, c, 2, 2),
        *(block(c, c), block(c, c), nn.Conv2d(c, 5, 1)),
    )


NETS = {
    "空洞 1、2、4，看 15×15": lambda: flat(1, 2, 4),
    "缩小再放大，不接旧图": hourglass,
}
# --8<-- [end:nets]


# --8<-- [start:train]
def fit(net, seed):
    torch.manual_seed(seed)
    model = net().train()
    loader = DataLoader(training, batch_size=16, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, len(loader))
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


# --8<-- [end:train]


# --8<-- [start:compare]
def confusion(y, p, classes=5):
    return torch.bincount((y * classes + p).ravel(), minlength=classes**2).reshape(
        classes, classes
    )


def mean_iou(model):
    x, y = held[:]
    with torch.no_grad():
        table = confusion(y, model(x).argmax(dim=1))
    right = table.diagonal()
    return (right / (table.sum(0) + table.sum(1) - right)).mean().item()


for name, net in NETS.items():
    size = sum(p.numel() for p in net().parameters())
    v = [mean_iou(fit(net, seed)) for seed in range(3)]
    print(f"{name}，{size} 个参数：mIoU {min(v):.2f} 到 {max(v):.2f}")
# --8<-- [end:compare]
