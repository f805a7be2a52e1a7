# --8<-- [start:import]
import torch
import torch.nn.functional as F

# --8<-- [end:import]


# --8<-- [start:where-nan]
x = torch.tensor([0.0, 4.0], requires_grad=True)
torch.where(x > 0, x.sqrt(), 0.0).sum().backward()
print("只换输出，梯度：", x.grad.tolist())
x.grad = None
safe = torch.where(x > 0, x, 1.0)  # 先把输入换成安全的 1
torch.where(x > 0, safe.sqrt(), 0.0).sum().backward()
print("先换输入，梯度：", x.grad.tolist())
# --8<-- [end:where-nan]


# --8<-- [start:find-nan]
x = torch.zeros(3, requires_grad=True)
try:
    with torch.autograd.detect_anomaly():
        x.pow(2).sum().sqrt().backward()  # 到原点的距离
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
with torch.autograd.detect_anomaly():
    distance = (x.pow(2).sum() + 1e-12).sqrt()
    distance.backward()
print(f"修好，距离 {distance:.1e}，梯度 {x.grad.tolist()}")
# --8<-- [end:find-nan]


# --8<-- [start:log-softmax]
z = torch.tensor([0.0, 200.0])
print("log(softmax)：", torch.log(torch.softmax(z, 0)).tolist())
print("log_softmax：", torch.log_softmax(z, 0).tolist())
loss = F.cross_entropy(z, torch.tensor(0))
print("标签是第 0 类，cross_entropy：", loss.item())
# --8<-- [end:log-softmax]


# --8<-- [start:fp16]
big, small = torch.tensor(70000.0), torch.tensor(1e-8)
print("float16：", big.half().item(), small.half().item())
print("bfloat16：", big.bfloat16().item(), f"{small.bfloat16():.1e}")
kept = (small * 65536).half().float()  # GradScaler 先放大
print(f"先放大，存成 float16，再除回去：{kept / 65536:.1e}")
# --8<-- [end:fp16]


# --8<-- [start:empty-batch]
logits = torch.zeros(3, 3)
for valid in (0, 1, 2):
    y = torch.tensor([2, 0, 1])
    y[valid:] = -100
    mean = F.cross_entropy(logits, y)  # 标签是 -100 的不算
    count = (y != -100).sum()
    total = F.cross_entropy(logits, y, reduction="sum")
    fixed = total / count.clamp(min=1)
    print(f"有效标签 {count} 个：平均 {mean:.4f}，修好 {fixed:.4f}")
# --8<-- [end:empty-batch]
