# --8<-- [start:conv]
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

x = torch.tensor([0.0, 0, 1, 1, 1]).expand(1, 1, 5, 5)  # (N, C, H, W)
w = torch.tensor([-1.0, 0, 1]).expand(1, 1, 3, 3)  # (O, C, k, k)
print("手算的图：", F.conv2d(x, w)[0, 0].tolist())

layer = nn.Conv2d(3, 16, kernel_size=3, stride=2, padding=1)
y = layer(torch.zeros(1, 3, 32, 32))
print(f"核 {tuple(layer.weight.shape)}，偏置 {tuple(layer.bias.shape)}")
print("参数", sum(p.numel() for p in layer.parameters()))
print("输出", tuple(y.shape))
# --8<-- [end:conv]


# --8<-- [start:layout]
rng = np.random.default_rng(0)
image = rng.integers(0, 10, size=(1, 2, 5, 5))  # NCHW
w = rng.integers(-3, 4, size=(4, 2, 3, 3))  # OIHW
image, w = (torch.from_numpy(a).float() for a in (image, w))
y = F.conv2d(image, w)
print("左上角，四个通道：", y[0, :, 0, 0].round().int().tolist())

kernel = w.permute(2, 3, 1, 0)  # Keras 的次序：(k, k, C, O)
print("给 Keras 的形状", tuple(kernel.shape))
back = kernel.permute(3, 2, 0, 1)  # 从 Keras 搬来，也是转置
y = F.conv2d(image, back)
print("转置回来：", y[0, :, 0, 0].round().int().tolist())
wrong = kernel.reshape(4, 2, 3, 3)  # 形状对了，数乱了
y = F.conv2d(image, wrong)
print("只改形状：", y[0, :, 0, 0].round().int().tolist())
# --8<-- [end:layout]


# --8<-- [start:same]
digits = torch.tensor([100.0, 10, 1]).view(1, 1, 3)  # 读出窗口里的三个数


def read(n, right=0, **options):
    x = torch.arange(1.0, n + 1).view(1, 1, n)  # 1, 2, …, n
    x = F.pad(x, (0, right))  # 只在右边补 0
    y = F.conv1d(x, digits, stride=2, **options)
    return [f"{round(v):03d}" for v in y.flatten().tolist()]


for n in [5, 6]:
    print(f"{n} 个数，两边各补 1：", *read(n, padding=1))
print("6 个数，只在右边补 1：", *read(6, right=1))
try:
    read(6, padding="same")
except RuntimeError as error:
    print(f"{type(error).__name__}：{error}")
# --8<-- [end:same]


# --8<-- [start:unfold]
patches = F.unfold(image, kernel_size=3)  # (N, C·k·k, 位置)
print("窗口矩阵", tuple(patches.shape))
y = (w.flatten(1) @ patches).view(1, 4, 3, 3)
print("与 conv2d 相同：", torch.allclose(y, F.conv2d(image, w)))
# --8<-- [end:unfold]
