# --8<-- [start:graph]
import torch

w = torch.tensor(2.0, requires_grad=True)
x = torch.tensor(3.0, requires_grad=True)
u = w * x
e = u - 4
loss = e**2
print(f"前向：u {u:g}，e {e:g}，损失 {loss:g}")
for t in (u, e):
    t.retain_grad()  # 中间结果的梯度默认不留
loss.backward()
print(f"反向：e {e.grad:g}，u {u.grad:g}，w {w.grad:g}，x {x.grad:g}")
# --8<-- [end:graph]


# --8<-- [start:walk]
def walk(node, depth=0):
    """从损失往回走，每个结点缩进一层。"""
    variable = getattr(node, "variable", None)  # 只有叶子的结点有
    leaf = "" if variable is None else f"（{'w' if variable is w else 'x'}）"
    name = node.name().removeprefix("torch::autograd::")
    print("　" * depth + name + leaf)
    for parent, _ in node.next_functions:
        if parent is not None:  # 常数没有结点
            walk(parent, depth + 1)


walk(loss.grad_fn)
# --8<-- [end:walk]

# --8<-- [start:leaf]
data = torch.ones(2)
weight = torch.ones(2, requires_grad=True)
scaled = 0.01 * torch.ones(2, requires_grad=True)  # 想要小的初值
for name, t in [("数据", data), ("权重", weight), ("乘过的权重", scaled)]:
    print(f"{name}：叶子 {t.is_leaf}，要梯度 {t.requires_grad}")
try:
    torch.optim.SGD([scaled], lr=0.1)
except ValueError as error:
    print("交给优化器：", error)
right = (0.01 * torch.ones(2)).requires_grad_()  # 先算好，再要梯度
print("改正以后是叶子：", right.is_leaf)
# --8<-- [end:leaf]


# --8<-- [start:twice]
def refused(action):
    try:
        action()
    except RuntimeError as error:
        return str(error).split(". ")[0].split(" (")[0]
    return "没有报错"


w.grad = None
loss = (w * x - 4) ** 2
loss.backward(retain_graph=True)
print(f"第一次 backward：{w.grad:g}")
loss.backward()  # 图还在；梯度是加上去的
print(f"第二次，没有清零：{w.grad:g}")
print("第三次：", refused(loss.backward))
print("忘了 requires_grad：", refused(data.sum().backward))
# --8<-- [end:twice]

# --8<-- [start:vector]
y = weight * torch.tensor([1.0, 10.0])  # 两个数，不是一个
print("直接 backward：", refused(y.backward))
v = torch.tensor([1.0, 0.5])  # 每个输出的分量
y.backward(gradient=v)
print("给了分量：", weight.grad.tolist())
total = (v * weight * torch.tensor([1.0, 10.0])).sum()
(again,) = torch.autograd.grad(total, weight)
print("先乘分量再求和：", again.tolist())
# --8<-- [end:vector]

# --8<-- [start:library]
dw, dx = torch.func.grad(lambda w, x: (w * x - 4) ** 2, argnums=(0, 1))(
    torch.tensor(2.0), torch.tensor(3.0)
)
print(f"torch.func.grad：w {dw:g}，x {dx:g}")
# --8<-- [end:library]
