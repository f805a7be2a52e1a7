# --8<-- [start:lstm]
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
lstm = nn.LSTM(1, 1, batch_first=True)  # 输入 1 维，状态 1 维
with torch.no_grad():  # 门的次序 i、f、g、o，与手算相同
    lstm.weight_ih_l0[:] = torch.tensor([[3.0], [0.0], [1.0], [0.0]])
    lstm.weight_hh_l0[:] = torch.ones(4, 1)
    lstm.bias_ih_l0[:] = torch.tensor([-1.0, 1.0, 0.0, 0.0])
    lstm.bias_hh_l0.zero_()  # 第二份偏置：两份相加才是偏置
output, (h, c) = lstm(torch.tensor([[[1.0], [0.0]]]))  # (1, 2, 1)
print("h：第 1 步 {:.4f}，第 2 步 {:.4f}".format(*output.flatten()))
print(f"最后的 h {h.item():.4f}，c {c.item():.4f}")
# --8<-- [end:lstm]


# --8<-- [start:shapes]
torch.manual_seed(0)
lstm = nn.LSTM(3, 4, batch_first=True)  # 默认 False：时间在前
output, (h, c) = lstm(torch.zeros(2, 5, 3))  # 2 句，各 5 步，每步 3 维
print("每一步的 h：", tuple(output.shape))
print("最后的 h：", tuple(h.shape), "，c：", tuple(c.shape))
for name, weight in lstm.named_parameters():
    print(name, tuple(weight.shape))
forget = (lstm.bias_ih_l0 + lstm.bias_hh_l0)[4:8].tolist()
print("遗忘门的初始偏置：", *[f"{v:.2f}" for v in forget])
# --8<-- [end:shapes]


# --8<-- [start:gru]
def block(k, rows, columns):
    """一个门的权重：用正弦编一些不全相同的数，(rows, columns)。"""
    return torch.sin(k + torch.arange(rows * columns)).view(rows, columns)


gates = {"r": 1, "z": 2, "n": 3}  # 重置、更新、候选
gru = nn.GRU(2, 2, batch_first=True)
with torch.no_grad():
    for weight, shift, n in [
        (gru.weight_ih_l0, 0, 2),
        (gru.weight_hh_l0, 10, 2),
        (gru.bias_ih_l0, 20, 1),
        (gru.bias_hh_l0, 30, 1),
    ]:
        parts = [block(k + shift, 2, n) for k in gates.values()]
        weight[:] = torch.cat(parts).view(weight.shape)
x = torch.tensor([[[1.0, 0.0], [0.0, -1.0], [0.5, 2.0]]])  # (1, 3, 2)
output, h = gru(x)  # 没有 c
for t, (a, b) in enumerate(output[0], start=1):
    print(f"第 {t} 步：h = ({a:.4f}, {b:.4f})")
# --8<-- [end:gru]


# --8<-- [start:by-hand]
W, U, b, b2 = (p.detach() for p in gru.parameters())
h = torch.zeros(2)
for x_t in x[0]:
    from_x = (W @ x_t + b).chunk(3)
    from_h = (U @ h + b2).chunk(3)
    r = torch.sigmoid(from_x[0] + from_h[0])
    z = torch.sigmoid(from_x[1] + from_h[1])
    n = torch.tanh(from_x[2] + r * from_h[2])  # r 乘在矩阵之后
    h = (1 - z) * n + z * h
print("照公式算，最后的 h = ({:.4f}, {:.4f})".format(*h))
# --8<-- [end:by-hand]
