# --8<-- [start:import]
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

# --8<-- [end:import]


# --8<-- [start:same-dtype]
table = np.zeros((4, 3))  # NumPy 默认 float64
layer = nn.Linear(3, 2)
try:
    layer(torch.from_numpy(table))
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
print("修好：", layer(torch.from_numpy(table).float()).dtype)
# --8<-- [end:same-dtype]


# --8<-- [start:input-type]
image = torch.full((1, 1, 2, 2), 255, dtype=torch.uint8)
conv = nn.Conv2d(1, 1, 1)
try:
    conv(image)
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
x = image.float() / 255
print("修好：", conv(x).dtype, "输入的最大值：", x.max().item())
# --8<-- [end:input-type]


# --8<-- [start:target-long]
logits, y = torch.zeros(2, 3), torch.tensor([0, 1], dtype=torch.int32)
for wrong in (y, y.float()):
    try:
        F.cross_entropy(logits, wrong)
    except RuntimeError as e:
        print(type(e).__name__ + ":", e)
loss = F.cross_entropy(logits, y.long())
print(f"修好：{loss:.4f}，ln 3：{math.log(3):.4f}")
# --8<-- [end:target-long]


# --8<-- [start:cast-long]
logits, y = torch.zeros(2), torch.tensor([0, 1])  # 整数标签
try:
    F.binary_cross_entropy_with_logits(logits, y)
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
loss = F.binary_cross_entropy_with_logits(logits, y.float())
print(f"修好：{loss:.4f}，ln 2：{math.log(2):.4f}")
# --8<-- [end:cast-long]


# --8<-- [start:numpy-object]
table = np.array([[1, 2.5], [3, "4"]], dtype=object)  # 混进一个字符串
try:
    torch.tensor(table)
except TypeError as e:
    print(type(e).__name__ + ":", str(e).split(". ")[0])
fixed = torch.from_numpy(table.astype("float32"))
print("修好：", fixed.dtype, fixed.tolist())
# --8<-- [end:numpy-object]
