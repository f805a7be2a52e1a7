# --8<-- [start:import]
import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
# --8<-- [end:import]


# --8<-- [start:mat1-mat2]
x = torch.zeros(2, 64, 5, 5)  # 卷积的输出：2 张图
try:
    nn.Linear(64 * 4 * 4, 10)(x.flatten(1))
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
width = x.flatten(1).shape[1]  # 不猜，量出来
print(f"展平后每行 {width} 个数")
print("修好：", tuple(nn.Linear(width, 10)(x.flatten(1)).shape))
# --8<-- [end:mat1-mat2]


# --8<-- [start:view-size]
x = torch.arange(6).view(2, 3).t()  # 转置只换步幅，不搬数
try:
    x.view(6)
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
print("步幅：", x.stride(), "连续：", x.is_contiguous())
print("修好：", x.reshape(6).tolist())
# --8<-- [end:view-size]


# --8<-- [start:tensor-size]
x, scale = torch.ones(4, 3), torch.arange(4.0)  # 每行一个系数
try:
    x * scale
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
print("修好：", (x * scale[:, None])[:, 0].tolist())
# --8<-- [end:tensor-size]


# --8<-- [start:conv-channels]
image = torch.rand(1, 28, 28, 3)  # 批、高、宽、通道
conv = nn.Conv2d(3, 8, 3)
try:
    conv(image)
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
x = image.permute(0, 3, 1, 2)
same = torch.equal(x[0, :, 5, 9], image[0, 5, 9])
print("修好：", tuple(conv(x).shape), "像素的三色没变：", same)
# --8<-- [end:conv-channels]


# --8<-- [start:target-size]
logits = torch.randn(2, 5, 7)  # 批、位置、词表
y = torch.randint(7, (2, 5))
try:
    F.cross_entropy(logits, y)
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
flat = F.cross_entropy(logits.flatten(0, 1), y.flatten())
moved = F.cross_entropy(logits.transpose(1, 2), y)
print("修好，两种写法相等：", torch.allclose(flat, moved))
wrong = F.cross_entropy(logits.reshape(2, 7, 5), y)  # 只凑形状
print("reshape 不报错，也相等吗：", torch.allclose(flat, wrong))
# --8<-- [end:target-size]


# --8<-- [start:input-size]
logits, y = torch.zeros(4, 1), torch.ones(4)
try:
    F.binary_cross_entropy_with_logits(logits, y)
except ValueError as e:
    print(type(e).__name__ + ":", e)
loss = F.binary_cross_entropy_with_logits(logits.squeeze(1), y)
print(f"修好：{loss:.4f}，ln 2：{math.log(2):.4f}")
# --8<-- [end:input-size]


# --8<-- [start:one-value]
norm, last = nn.BatchNorm1d(3), torch.ones(1, 3)  # 最后一批只剩一例
try:
    norm(last)
except ValueError as e:
    print(type(e).__name__ + ":", e)
data = torch.utils.data.TensorDataset(torch.ones(9, 3))
loader = torch.utils.data.DataLoader(data, 4, drop_last=True)
print("训练时修好，各批：", [len(x) for (x,) in loader])
print("推断时修好：", tuple(norm.eval()(last).shape))
# --8<-- [end:one-value]
