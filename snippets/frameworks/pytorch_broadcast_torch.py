# --8<-- [start:align]
import warnings

import numpy as np
import torch

row, column = torch.tensor([0, 10, 20]), torch.tensor([[1], [2]])
print("(3,) 加 (2, 1)：", (row + column).tolist())
one, other = torch.broadcast_tensors(row, column)
print("撑开后的步长：", list(one.stride()), list(other.stride()))
for shapes in [[(4, 1), (3,)], [(8, 1, 5), (7, 5)], [(4, 3), (4,)]]:
    try:
        result = tuple(torch.broadcast_shapes(*shapes))
    except RuntimeError:
        result = "不能广播"
    print(f"{shapes[0]} 与 {shapes[1]}：{result}")
# --8<-- [end:align]

# --8<-- [start:silent]
prediction = torch.tensor([[1.0], [2.0], [3.0]])  # 模型的输出，(3, 1)
y = torch.tensor([1.0, 2.0, 3.0])  # 标签，(3,)；预测全对
error = prediction - y
print("差的形状：", list(error.shape))
print("差：", error.tolist())
print(f"本该是 0 的损失：{error.square().mean():.4f}")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    torch.nn.functional.mse_loss(prediction, y)
print("mse_loss 的警告：", str(caught[0].message).split(". ")[0])
# --8<-- [end:silent]


# --8<-- [start:fit]
def fit(shape):
    """用梯度下降拟合 y = 2x + 1，标签的形状由参数给出。"""
    x = torch.linspace(-1, 1, 20, dtype=torch.float64).reshape(20, 1)
    y = (2 * x + 1).reshape(shape)
    w = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=0.1)
    for _ in range(500):
        loss = (w * x + b - y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return w.item(), b.item(), loss.item()


for shape in [(20, 1), (20,)]:
    w, b, loss = fit(shape)  # z：不写出 -0.000
    print(f"标签 {shape}：w {w:z.3f}，b {b:z.3f}，损失 {loss:.3f}")
# --8<-- [end:fit]

# --8<-- [start:dtype]
f32, f64 = torch.ones(2), torch.ones(2, dtype=torch.float64)
i64, u8 = torch.ones(2, dtype=torch.int64), torch.tensor([200], dtype=torch.uint8)
results = {
    "int64 / 2": i64 / 2,
    "int64 // 2": i64 // 2,
    "int64 + 0.5": i64 + 0.5,
    "int64 + float32": i64 + f32,
    "float32 + float64": f32 + f64,
    "float32 + Python 的 0.5": f32 + 0.5,
    "float32 + 零维的 float64": f32 + f64[0],
    "uint8 + Python 的 100": u8 + 100,
}
for name, result in results.items():
    print(f"{name}：{result.dtype}")
print("uint8 的 200 + 100 =", (u8 + 100).item())
# --8<-- [end:dtype]

# --8<-- [start:numpy]
array = np.array([1.0, 2.0])
shared, copied = torch.from_numpy(array), torch.tensor(array)
array[0] = 9.0
print(f"from_numpy：{shared.tolist()}，tensor：{copied.tolist()}")
listed = torch.tensor([1.0, 2.0])
print(f"来自 NumPy 的：{shared.dtype}，来自列表的：{listed.dtype}")
try:
    torch.nn.Linear(2, 1)(shared)  # 层的权重默认是 float32
except RuntimeError as error:
    print("送进 nn.Linear：", error)
# --8<-- [end:numpy]
