# --8<-- [start:export]
import torch
from torch import nn
from torch.export import Dim, export

torch.manual_seed(0)
layers = nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3)
model = nn.Sequential(*layers).eval()  # 导出的是 eval 时的计算
x = torch.randn(5, 4)  # 批的大小标成可变，不标就固定是 5
batch = Dim("batch", max=64)
program = export(model, (x,), dynamic_shapes=({0: batch},))


def show(program):
    for node in program.graph.nodes:
        if node.op == "call_function":
            size = node.meta["val"].shape
            rows = size[0] if isinstance(size[0], int) else "batch"
            print(f"{node.target}：({rows}, {size[1]})")


show(program)
print("参数：", program.graph_signature.parameters)
# --8<-- [end:export]

# --8<-- [start:guards]
exported = program.module()
for size in [(1, 4), (64, 4), (65, 4), (5, 3)]:
    rows = torch.randn(size)
    try:
        print(f"{size}：与原模型相同", exported(rows).equal(model(rows)))
    except AssertionError as error:
        print(f"{size}：{error}")
# --8<-- [end:guards]


# --8<-- [start:save]
torch.export.save(program, "model.pt2")
loaded = torch.export.load("model.pt2").module()
print("读回来输出相同：", loaded(x).equal(model(x)))
print(f"读回来的类：{type(loaded).__name__}，原来：{type(model).__name__}")
# --8<-- [end:save]


# --8<-- [start:refuse]
class ByValue(nn.Module):
    def forward(self, x):
        return x * 2 if x.sum() > 0 else x - 1


class BySize(nn.Module):
    def forward(self, x):
        return x * 2 if x.shape[0] > 3 else x - 1


try:
    export(ByValue(), (x,))
except Exception as error:
    print(f"看数值：{type(error).__name__}")
print("看大小，批固定是 5：", end="")
show(export(BySize(), (x,)))
try:
    export(BySize(), (x,), dynamic_shapes=({0: batch},))
except Exception as error:
    print(f"看大小，批可变：{type(error).__name__}")
    fixes = str(error).partition("Suggested fixes:")[2]
    print(fixes.splitlines()[1].strip())
# --8<-- [end:refuse]
