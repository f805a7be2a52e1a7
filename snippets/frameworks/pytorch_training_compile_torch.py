# --8<-- [start:backend]
import torch
from torch import nn

graphs = []


def look(graph, inputs):
    """自己的后端：记下抓到的图，照原样执行。"""
    graphs.append(graph)
    return graph.forward


def calls(graph):
    ops = [node for node in graph.graph.nodes if "call" in node.op]
    return [getattr(op.target, "__name__", op.target) for op in ops]


def chain(x, w, b):
    return torch.relu(x * w + b)


x = torch.tensor([-2.0, -1.0, 1.0, 2.0]).double()
compiled = torch.compile(chain, backend=look)
print("与原函数相同：", compiled(x, 2.0, 1.0).equal(chain(x, 2.0, 1.0)))
print(f"{len(graphs)} 张图：{calls(graphs[0])}")
# --8<-- [end:backend]

# --8<-- [start:traffic]
nodes = list(graphs[0].graph.nodes)
steps = [node for node in nodes if "call" in node.op]
passes = sum(len(node.all_input_nodes) + 1 for node in steps)
inputs = sum(node.op == "placeholder" for node in nodes)
print(f"逐个执行：读写 {passes} 趟；融合成一个：{inputs + 1} 趟")
# --8<-- [end:traffic]


# --8<-- [start:break]
def graphs_of(function, *batches, **options):
    """各批依次执行，返回抓到的图。"""
    torch.compiler.reset()  # 清掉以前编译的
    graphs.clear()
    compiled = torch.compile(function, backend=look, **options)
    for batch in batches:
        compiled(batch)
    return list(graphs)


def with_print(x):
    y = x * 2
    print(f"  和是 {y.sum().item():g}")
    return y + 1


def with_if(x):
    return x * 2 if x.sum() > 0 else x - 1


for function, batches in [(with_print, [x]), (with_if, [x + 1, x - 1])]:
    found = [calls(graph) for graph in graphs_of(function, *batches)]
    print(f"{function.__name__}：{len(found)} 张图，{found}")
# --8<-- [end:break]

# --8<-- [start:fullgraph]
try:
    graphs_of(with_if, x, fullgraph=True)
except Exception as error:
    print(type(error).__name__)
    print(str(error).splitlines()[0])


def with_cond(x):
    branches = (lambda x: x * 2), (lambda x: x - 1)
    return torch.cond(x.sum() > 0, *branches, (x,))


found = graphs_of(with_cond, x + 1, x - 1, fullgraph=True)
print(f"torch.cond：{len(found)} 张图，{calls(found[0])}")
# --8<-- [end:fullgraph]


# --8<-- [start:shapes]
def energy(x):
    return x.square().sum()


batches = [torch.ones(n) for n in [3, 4, 5, 6, 7]]
default = graphs_of(energy, *batches)
static = graphs_of(energy, *batches, dynamic=False)
for batch in batches:
    torch._dynamo.mark_dynamic(batch, 0)
marked = graphs_of(energy, *batches)
counts = f"默认 {len(default)}，dynamic=False {len(static)}"
print(f"长度 3 到 7，编译次数：{counts}，mark_dynamic {len(marked)}")
# --8<-- [end:shapes]


# --8<-- [start:counter]
class Counting(nn.Module):
    def __init__(self, start):
        super().__init__()
        self.step = start  # 属性里的整数被当作常数

    def forward(self, x):
        self.step = self.step + 1
        return x * self.step


for name, start in [("整数", 0), ("张量", torch.tensor(0))]:
    found = [graphs_of(Counting(start), *[x] * n) for n in [5, 20]]
    five, twenty = map(len, found)
    print(f"步数是{name}：5 步编译 {five} 次，20 步编译 {twenty} 次")
# --8<-- [end:counter]

# --8<-- [start:library]
torch.manual_seed(0)
layers = nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 1)
model = nn.Sequential(*layers).double()
grads = []
# 平常写 torch.compile(model)：默认的 inductor 要有 C++ 编译器
for f in [model, torch.compile(model, backend="aot_eager")]:
    model.zero_grad()
    f(x).square().sum().backward()
    grads.append([p.grad.clone() for p in model.parameters()])
same = [a.equal(b) for a, b in zip(*grads, strict=True)]
print(f"{len(same)} 组梯度逐位相同：{all(same)}")
# --8<-- [end:library]
