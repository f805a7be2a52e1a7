# --8<-- [start:graph]
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# 一个结点：算子的名字，输入的名字，输出的名字
nodes = [
    ("MatMul", ("x", "W"), "a"),
    ("Add", ("a", "b"), "z"),
    ("Relu", ("z",), "h"),
    ("MatMul", ("h", "v"), "y"),
]
weights = {
    "W": np.array([[1.0, -1.0], [2.0, 1.0]], np.float32),
    "b": np.array([-1.0, -3.0], np.float32),
    "v": np.array([[2.0], [5.0]], np.float32),
}
x = np.array([[1.0, 2.0]], np.float32)
# --8<-- [end:graph]

# --8<-- [start:run]
operators = {
    "MatMul": lambda p, q: p @ q,
    "Add": lambda p, q: p + q,
    "Relu": lambda p: np.maximum(p, 0),
}


def run(nodes, weights, inputs):
    values = dict(weights, **inputs)
    for op, sources, target in nodes:  # 结点已按先后排好
        values[target] = operators[op](*(values[s] for s in sources))
    return values


values = run(nodes, weights, {"x": x})
for op, sources, target in nodes:
    shown = "，".join(f"{v:g}" for v in values[target].ravel())
    print(f"{target} = {op}({', '.join(sources)})：{shown}")
# --8<-- [end:run]


# --8<-- [start:freeze]
class Traced:
    """带着数走一遍，把做过的运算记下来。"""

    def __init__(self, value, name, tape):
        self.value, self.name, self.tape = value, name, tape

    def record(self, op, value):
        self.tape.append((op, self.name))
        return Traced(value, f"t{len(self.tape)}", self.tape)

    def double(self):
        return self.record("double", self.value * 2)

    def negate(self):
        return self.record("negate", -self.value)

    def __gt__(self, bound):  # if 只拿到一个 True 或 False，比较没有记下来
        return self.value > bound


# --8<-- [end:freeze]


# --8<-- [start:replay]
def f(t):
    if t > 0:
        return t.double()
    return t.negate()


tape = []
f(Traced(3, "x", tape))
print("追踪 x = 3，记下的运算：", tape)
replay = {"double": lambda t: t * 2, "negate": lambda t: -t}
for given in (3, -4):
    frozen = given
    for op, _ in tape:
        frozen = replay[op](frozen)
    true = f(Traced(given, "x", [])).value
    print(f"输入 {given}：原来的函数得 {true}，记下的图得 {frozen}")
# --8<-- [end:replay]

# --8<-- [start:library]
graph = helper.make_graph(
    [helper.make_node(op, list(s), [t]) for op, s, t in nodes],
    "hand",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])],
    [numpy_helper.from_array(w, name) for name, w in weights.items()],
)
opset = [helper.make_opsetid("", 18)]
model = helper.make_model(graph, opset_imports=opset, ir_version=10)
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(
    model.SerializeToString(), providers=["CPUExecutionProvider"]
)
(y,) = session.run(["y"], {"x": x})
print(f"ONNX Runtime 的 y：{y.item():g}，与解释器相同：{bool(y == values['y'])}")
# --8<-- [end:library]

# --8<-- [start:size]
total = len(model.SerializeToString())
raw = sum(len(t.raw_data) for t in graph.initializer)
graph_only = sum(len(n.SerializeToString()) for n in graph.node)
print("文件", total, "字节")
print("其中权重的数", raw, "字节，四个结点", graph_only, "字节")
print("其余（名字、形状、版本）", total - raw - graph_only, "字节")
# --8<-- [end:size]
