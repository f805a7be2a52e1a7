# --8<-- [start:ways]
import re

import torch

x = torch.tensor([1.0, 2.0])
w = torch.tensor([3.0, 4.0], requires_grad=True)

ways = {
    "照常": lambda: w * x,
    "detach": lambda: (w * x).detach(),
    "no_grad": torch.no_grad()(lambda: w * x),  # 也能当装饰器用
    "inference_mode": torch.inference_mode()(lambda: w * x),
}
# --8<-- [end:ways]


# --8<-- [start:compare]
def works(action):
    try:
        action()
    except RuntimeError:
        return "不行"
    return "可以"


for name, way in ways.items():
    connected = way().requires_grad
    change = works(lambda way=way: way().add_(1))  # 出来以后原地改
    later = works(lambda way=way: (w * way()).sum().backward())
    copied = works(lambda way=way: (w * way().clone()).sum().backward())
    print(f"{name}：连着图 {connected}，原地改 {change}，", end="")
    print(f"再进图 {later}，复制后再进图 {copied}")
# --8<-- [end:compare]


# --8<-- [start:version]
def said(action):
    try:
        action()
    except RuntimeError as error:
        return str(error)
    return "没有报错"


w.grad = None
y = w.exp()  # 反向要用到 y 自己：导数就是 y
print("算完 exp，y 的版本：", y._version)
y.add_(1)
print("原地加 1 以后：", y._version)
error = said(y.sum().backward)
print("报错：", error.split(": ")[0])
print("　　", re.search(r"is at version \d+; expected version \d+", error)[0])
z = (w * 2).add_(1)  # 乘以常数，反向用不到结果
print(f"乘以 2 再原地加 1：{said(z.sum().backward)}，梯度 {w.grad.tolist()}")
# --8<-- [end:version]

# --8<-- [start:data]
for name, alias in [("detach()", lambda t: t.detach()), (".data", lambda t: t.data)]:
    w.grad = None
    y = w.exp()
    alias(y).zero_()  # 与 y 共用存储：y 也变成 0
    outcome = said(y.sum().backward)
    outcome = "报错" if "modified" in outcome else outcome
    grad = None if w.grad is None else w.grad.tolist()
    print(f"{name} 之后清零 y：{outcome}，梯度 {grad}")
# --8<-- [end:data]

# --8<-- [start:update]
w.grad = torch.tensor([1.0, 2.0])
print("直接 w.sub_(…)：", said(lambda: w.sub_(0.5 * w.grad)))
moved = w - 0.5 * w.grad  # 新的张量，由运算得来
print(f"w - …：{moved.tolist()}，叶子 {moved.is_leaf}")
with torch.no_grad():
    w.sub_(0.5 * w.grad)
print(f"no_grad 里 w.sub_(…)：{w.tolist()}，叶子 {w.is_leaf}")
# --8<-- [end:update]
