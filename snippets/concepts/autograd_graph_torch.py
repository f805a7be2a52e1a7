# --8<-- [start:record]
import torch

a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(3.0, requires_grad=True)
c = a * b
d = c + a
f = c * d
f.backward()
print("f 对 a、b 的导数：", a.grad.item(), b.grad.item())
# --8<-- [end:record]

# --8<-- [start:rules]
print("d 由哪个运算算来：", d.grad_fn.name())
print("a、c 是叶子吗：", a.is_leaf, c.is_leaf)
(a * b * (a * b + a)).backward()  # 同样的函数，再算一次
print("又一次 backward，a.grad：", a.grad.item())
try:
    f.backward()
except RuntimeError as error:
    print("旧的图再走一趟：", str(error).split(" (")[0])

a.grad = b.grad = None  # 清零
(c.detach() * (a * b + a)).backward()  # 第一个 c 当作常数
print("detach 之后的梯度：", a.grad.item(), b.grad.item())
with torch.no_grad():
    print("no_grad 里算的，要梯度吗：", (a * b).requires_grad)
# --8<-- [end:rules]
