# --8<-- [start:autocast]
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 3)
x, target = torch.randn(2, 4), torch.tensor([0, 2])
with torch.autocast("cpu", dtype=torch.bfloat16):
    z = model(x)  # 矩阵乘：降精度
    p = z.softmax(dim=1)  # CPU 上照输入；CUDA 上升回 float32
    loss = F.cross_entropy(z, target)  # 求和容易丢位：升回 float32
    total = z + x[:, :3]  # 一个 bfloat16 加一个 float32
loss.backward()
found = {"线性层": z, "softmax": p, "损失": loss, "相加": total}
found |= {"参数": model.weight, "梯度": model.weight.grad}
for name, tensor in found.items():
    print(f"{name}：{tensor.dtype}")
# --8<-- [end:autocast]

# --8<-- [start:formats]
for dtype in [torch.float16, torch.bfloat16]:
    info = torch.finfo(dtype)
    least = info.tiny * info.eps  # 非规格化数里最小的一个
    print(f"{dtype}：最大 {info.max:.3g}，最小 {least:.1e}", end="，")
    print(f"1 之后的下一个 {1 + info.eps:.6g}")
# --8<-- [end:formats]

# --8<-- [start:underflow]
g = torch.tensor(1e-8)
half, scaled = g.half(), (g * 65536).half()
print(f"1e-8：fp16 {half.item():.1e}，bf16 {g.bfloat16().item():.2e}")
print(f"乘 65536：fp16 {scaled.item():.3e}", end="，")
print(f"除回来 {scaled.float().item() / 65536:.2e}")
print("70000：fp16", torch.tensor(70000.0).half().item())
# --8<-- [end:underflow]


# --8<-- [start:scaler]
def scaled_step(loss, w, optimizer, scaler):
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)  # 要裁剪才写：.grad 变回真梯度
    nn.utils.clip_grad_norm_([w], 1.0)
    scaler.step(optimizer)  # 没有除就先除；有 inf 或 nan 就不走
    scaler.update()  # 有过 inf：倍数减半


# --8<-- [end:scaler]

# --8<-- [start:order]
SCALE = 1024.0


def step(clip_first):
    """损失是 3a + 4b：真梯度 (3, 4)，范数 5，裁到 1。"""
    w = nn.Parameter(torch.zeros(2))
    (SCALE * (w @ torch.tensor([3.0, 4.0]))).backward()
    if clip_first:
        nn.utils.clip_grad_norm_([w], 1.0)
    w.grad /= SCALE  # unscale
    if not clip_first:
        nn.utils.clip_grad_norm_([w], 1.0)
    return w.grad.tolist()


for name, clip_first in [("先除回来再裁剪", False), ("先裁剪再除回来", True)]:
    a, b = step(clip_first)
    print(f"{name}：({a:.2g}, {b:.2g})")
# --8<-- [end:order]

# --8<-- [start:skip]
w = nn.Parameter(torch.zeros(2))
optimizer = torch.optim.SGD([w], lr=0.1)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
for t, slope in enumerate([3.0, float("inf"), 3.0]):
    scaled_step(w @ torch.tensor([slope, 4.0]), w, optimizer, scaler)
    a, b = w.tolist()
    print(f"第 {t} 步：w ({a:.2f}, {b:.2f})，倍数 {scaler.get_scale():g}")
# --8<-- [end:skip]
