# --8<-- [start:record]
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

x = torch.tensor([[1.0, 2.0]])  # 数据：不要梯度
w = torch.tensor([[0.0, 1.0], [1.0, -1.0]], requires_grad=True)  # 参数：叶子
z = x @ w
loss = torch.relu(z).sum()

node = loss.grad_fn  # 每个结果都记着自己是哪个运算给的
while node is not None:
    parents = [parent for parent, _ in node.next_functions]
    print(type(node).__name__, "往回传给：", end="")
    print([type(p).__name__ if p else "不要梯度的数据" for p in parents])
    node = next(filter(None, parents), None)
# --8<-- [end:record]

# --8<-- [start:rules]
loss.backward()
print("叶子的梯度：", w.grad.tolist(), " 中间结果是叶子吗：", z.is_leaf)
torch.relu(x @ w).sum().backward()  # 不清零，再来一次
print("又一次 backward 之后：", w.grad.tolist())
with torch.no_grad():
    print("no_grad 里算的，要梯度吗：", (x @ w).requires_grad)
print("detach 之后，要梯度吗：", z.detach().requires_grad)
y = w.exp()
y += 1  # exp 的导数要用它自己的输出，却被原地改掉了
try:
    y.sum().backward()
except RuntimeError as error:
    print("原地改动之后反向：", str(error).split(":")[0])
# --8<-- [end:rules]

# --8<-- [start:cost]
torch.manual_seed(0)
batch, sizes = 50, [64, 32, 16, 10]
pairs = list(zip(sizes[:-1], sizes[1:], strict=True))
layers = [layer for pair in pairs for layer in (nn.Linear(*pair), nn.ReLU())]
model = nn.Sequential(*layers[:-1])
images, labels = torch.randn(batch, 64), torch.randint(0, 10, (batch,))

kept = {}  # 前向为反向留住的、与批量成比例的张量


def remember(tensor):
    if tensor.ndim == 2 and len(tensor) == batch:
        kept[tensor.data_ptr()] = tensor.numel()  # 同一块内存只算一次
    return tensor


with (
    FlopCounterMode(display=False) as forward,
    torch.autograd.graph.saved_tensors_hooks(remember, lambda tensor: tensor),
):
    loss = F.cross_entropy(model(images), labels)
with FlopCounterMode(display=False) as backward:
    loss.backward()
flops = 2 * batch * sum(n_in * n_out for n_in, n_out in pairs)
saved = 2 * batch * sizes[0] * sizes[1]  # 输入是数据，不必对它求梯度
print(f"前向 {forward.get_total_flops()} 次浮点运算，公式 {flops}")
print(f"反向 {backward.get_total_flops()} 次，公式 {2 * flops} - {saved}")
print(f"为反向留住 {sum(kept.values())} 个数，公式 {batch * sum(sizes)}")
# --8<-- [end:cost]

# --8<-- [start:modes]
params = {name: p.detach() for name, p in model.named_parameters()}


def loss_of(params):
    return F.cross_entropy(torch.func.functional_call(model, params, images), labels)


# 前向模式：给一个方向，得一个方向导数。末层偏置的 10 个偏导要走 10 趟
gradient = []
for unit in torch.eye(10):
    direction = {key: torch.zeros_like(p) for key, p in params.items()}
    direction["4.bias"] = unit
    gradient.append(torch.func.jvp(loss_of, (params,), (direction,))[1])
same = torch.allclose(torch.stack(gradient), model[4].bias.grad, atol=1e-6)
print("末层偏置：前向模式走 10 趟，与反向模式走 1 趟的结果相同：", same)
total = sum(p.numel() for p in params.values())
print(f"全部 {total} 个参数：前向模式要 {total} 趟，反向模式仍是 1 趟")
# --8<-- [end:modes]
