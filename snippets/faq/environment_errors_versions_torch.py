# --8<-- [start:numpy-abi]
import re
import subprocess
import sys

import torch

code = """
import sys
{hide}
import torch
print(torch.ones(1).numpy())
"""
hide = "sys.modules['numpy'] = None"  # 让 torch 载不进 NumPy
for line in [hide, ""]:
    done = subprocess.run(
        [sys.executable, "-E", "-W", "ignore", "-c", code.format(hide=line)],
        capture_output=True,
        text=True,
    )
    print((done.stderr + done.stdout).strip().splitlines()[-1])
# --8<-- [end:numpy-abi]


# --8<-- [start:torchvision-nms]
try:  # torchvision 的 Python 部分在导入时做的事，这里没有它的编译部分
    torch.library.register_fake("torchvision::nms")(lambda *boxes: None)
except RuntimeError as e:
    print(type(e).__name__ + ":", str(e).splitlines()[0])


def pair(torch_version, vision_version):
    """主版本 2.x 配 0.(x + 15)，加号后的构建标记也要相同。"""
    (x,) = re.findall(r"^2\.(\d+)", torch_version)
    (y,) = re.findall(r"^0\.(\d+)", vision_version)
    builds = {v.partition("+")[2] for v in [torch_version, vision_version]}
    return int(y) == int(x) + 15 and len(builds) == 1


for vision in ["0.21.0+cu126", "0.21.0+cpu", "0.20.1+cu126"]:
    print(f"torch 2.6.0+cu126 与 torchvision {vision}：", end="")
    print("配套" if pair("2.6.0+cu126", vision) else "不配套")
# --8<-- [end:torchvision-nms]
