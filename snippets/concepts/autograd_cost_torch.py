# --8<-- [start:cost]
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
images = torch.rand(50, 64, requires_grad=True)  # 输入也要梯度
with FlopCounterMode(display=False) as forward:
    loss = model(images).square().mean()
with FlopCounterMode(display=False) as backward:
    loss.backward()
print("前向的浮点运算：", forward.get_total_flops())
print("反向的浮点运算：", backward.get_total_flops())
# --8<-- [end:cost]
