# --8<-- [start:transposed]
import torch
import torch.nn.functional as F
from torch import nn

torch.set_grad_enabled(False)
x = torch.tensor([[[[1.0, 3, 2]]]])  # (N, C, H, W)，一行三个像素
up = nn.ConvTranspose2d(1, 1, (1, 3), stride=2, bias=False)
up.weight[:] = torch.tensor([1.0, 2, 1])


def row(values):
    return " ".join(f"{value:.4g}" for value in values)


print("转置卷积：", row(up(x)[0, 0, 0].tolist()))
# --8<-- [end:transposed]


# --8<-- [start:layout]
layer = nn.ConvTranspose2d(16, 8, 3, stride=2)
print("16 个通道变 8 个，权重：", *layer.weight.shape)
# --8<-- [end:layout]


# --8<-- [start:sizes]
z = torch.zeros(1, 1, 5, 5)
for kernel, padding, extra in [(2, 0, 0), (3, 0, 0), (3, 1, 0), (3, 1, 1), (4, 1, 0)]:
    layer = nn.ConvTranspose2d(1, 1, kernel, 2, padding, extra)
    size = layer(z).shape[-1]
    print(f"5 格，核 {kernel}，padding {padding}，output_padding {extra}：{size} 格")
# --8<-- [end:sizes]


# --8<-- [start:interpolate]
near = F.interpolate(x, scale_factor=(1, 2), mode="nearest")
smooth = F.interpolate(x, scale_factor=(1, 2), mode="bilinear")
print("最邻近：", row(near[0, 0, 0].tolist()))
print("双线性：", row(smooth[0, 0, 0].tolist()))
# --8<-- [end:interpolate]


# --8<-- [start:torch-corners]
ends = F.interpolate(x, scale_factor=(1, 2), mode="bilinear", align_corners=True)
print("align_corners=True：", row(ends[0, 0, 0].tolist()))
# --8<-- [end:torch-corners]


# --8<-- [start:shuffle]
four = torch.tensor([[1.0, 2], [3, 4], [5, 6], [7, 8]]).reshape(1, 4, 1, 2)
for line in nn.PixelShuffle(2)(four)[0, 0]:
    print(row(line.tolist()))
# --8<-- [end:shuffle]


# --8<-- [start:torch-channels]
eight = torch.arange(8.0).reshape(1, 8, 1, 1)  # 8 个通道变成 2 个通道
for k, picture in enumerate(nn.PixelShuffle(2)(eight)[0]):
    print(f"第 {k} 个通道由这些通道拼成：", row(picture.flatten().tolist()))
# --8<-- [end:torch-channels]


# --8<-- [start:torch-odd]
skip = torch.zeros(1, 8, 25, 25)
deep = F.max_pool2d(skip, 2)
back = nn.ConvTranspose2d(8, 8, 2, 2)(deep)
print(f"{skip.shape[-1]} → {deep.shape[-1]} → {back.shape[-1]}")
try:
    torch.cat([skip, back], dim=1)
except RuntimeError as error:
    print(error)
# --8<-- [end:torch-odd]


# --8<-- [start:mend]
wide = F.pad(skip, (0, 3, 0, 3), mode="replicate")  # 先补到 4 的倍数，最后裁掉
print(f"两次减半之前补到 {wide.shape[-1]}")
again = F.interpolate(deep, size=skip.shape[-2:], mode="nearest")
print(f"放大到指定的大小：{again.shape[-1]}")
# --8<-- [end:mend]
