# --8<-- [start:version]
import sys
from importlib.metadata import version

import torch

BOOK = "2.13.0"  # 录制本书输出时的版本

found = version("torch")
print("【版本】")
print("与本书相同：", found.partition("+")[0] == BOOK)
# 因机器而异的写到标准错误，不录；没有 CUDA 的构建，末项是 None
print("torch", torch.__version__, "· CUDA", torch.version.cuda, file=sys.stderr)
# --8<-- [end:version]


# --8<-- [start:product]
print("【整数的矩阵乘积】")
a = torch.arange(12, dtype=torch.float32).reshape(3, 4)
b = torch.arange(20, dtype=torch.float32).reshape(4, 5)
c = a @ b  # (3, 5)
for row in c:
    print(*[int(v) for v in row])
# 校验和可以手算：a 各列之和，与 b 各行之和，逐项相乘再相加
expected = 12 * 10 + 15 * 35 + 18 * 60 + 21 * 85
checksum = int(c.sum())
print("校验和：", checksum, "手算：", expected)
# --8<-- [end:product]


# --8<-- [start:gradient]
print("【求导】")
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
(slope,) = torch.autograd.grad((x**3).sum(), x)
slopes = [round(v) for v in slope.tolist()]
print("x^3 在 1、2、3 处的导数：", *slopes)
# --8<-- [end:gradient]


# --8<-- [start:device]
print("【设备】")
# 换一条路再算一遍：有 GPU（CUDA、MPS 等）就到那里，没有就还在 CPU
gpu = torch.accelerator.current_accelerator(check_available=True)
there = gpu or torch.device("cpu")
print("GPU：", torch.accelerator.device_count(), "另算在", there, file=sys.stderr)
agrees = torch.equal((a.to(there) @ b.to(there)).cpu(), c)
print("另算一遍，相同：", agrees)
print("计算与本书一致：", checksum == expected and slopes == [3, 12, 27] and agrees)
# --8<-- [end:device]
