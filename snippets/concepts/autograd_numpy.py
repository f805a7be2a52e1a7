# --8<-- [start:tensor]
import numpy as np

tape = []


class Tensor:
    """一个数组；sources 的每项是（来源, 把梯度传回来源的函数）。"""

    def __init__(self, data, *sources):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.sources = sources
        tape.append(self)

    def __add__(self, other):
        total = self.data + other.data
        return Tensor(total, (self, lambda g: g), (other, lambda g: g))

    def __sub__(self, target):  # target 是数据，不要梯度
        return Tensor(self.data - target, (self, lambda g: g))

    def __matmul__(self, other):
        a, b = self.data, other.data
        to_a, to_b = lambda g: g @ b.mT, lambda g: a.mT @ g
        return Tensor(a @ b, (self, to_a), (other, to_b))

    def relu(self):
        on = self.data > 0
        return Tensor(np.maximum(self.data, 0), (self, lambda g: g * on))

    def square(self):
        return Tensor(self.data**2, (self, lambda g: 2 * self.data * g))

    def sum(self):
        shape = self.data.shape
        return Tensor(self.data.sum(), (self, lambda g: np.full(shape, g)))


# --8<-- [end:tensor]


# --8<-- [start:broadcast]
def fit(g, shape):
    """广播的反向：把复制出来的轴加起来，回到 shape。"""
    added = tuple(range(g.ndim - len(shape)))  # 前面补出来的轴
    g = g.sum(axis=added)
    ones = tuple(axis for axis, n in enumerate(shape) if n == 1)
    return g.sum(axis=ones, keepdims=True)  # 从 1 拉长的轴


g = np.array([[2.0, 0.0], [-3.0, 3.0]])  # (样本, 单元)
print("偏置是一行，(2,)：", fit(g, (2,)).tolist())
print("偏置是一列，(2, 1)：", fit(g, (2, 1)).tolist())
# --8<-- [end:broadcast]


# --8<-- [start:backward]
def backward(result):
    result.grad = np.ones_like(result.data)
    for tensor in reversed(tape):
        for source, vjp in tensor.sources:
            source.grad += fit(vjp(tensor.grad), source.data.shape)
    tape.clear()  # 走完就放掉，否则下一趟会把旧的再加一遍


# --8<-- [end:backward]


# --8<-- [start:network]
x = Tensor([[1, 2], [3, 1]])  # 两个样本
y = np.array([[2], [1]])
params = {
    "W1": Tensor([[0, 1], [1, -1]]),
    "b1": Tensor([0.5, 0.5]),
    "W2": Tensor([[1], [-1]]),
    "b2": Tensor([0.5]),
}


def loss_of(W1, b1, W2, b2):
    h = (x @ W1 + b1).relu()  # (样本, 隐藏单元)
    return (h @ W2 + b2 - y).square().sum()


loss = loss_of(**params)
backward(loss)
print("损失：", loss.data.item())
for name, p in params.items():
    print(f"{name} 的梯度：", p.grad.tolist())
# --8<-- [end:network]


# --8<-- [start:check]
def numerical(p, place, h=1e-5):
    """中心差分：只动一个数，往两边各走 h。"""
    old, losses = p.data[place], []
    for step in h, -h:
        p.data[place] = old + step
        losses.append(loss_of(**params).data)
    p.data[place] = old  # 若减回去，会差一点舍入误差
    return (losses[0] - losses[1]) / (2 * h)


def passed(p):
    """p 的偏导数有几个与差分相符。"""
    gaps = [numerical(p, i) - p.grad[i] for i in np.ndindex(p.data.shape)]
    return int(np.sum(np.abs(gaps) < 1e-7))


for name, p in params.items():
    print(f"{name}：{p.data.size} 个偏导数，通过 {passed(p)} 个")
# --8<-- [end:check]
