# --8<-- [start:affine]
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper


def quantize(r, s, z):
    # np.rint 把正中间的数舍向偶数，与 ONNX 的规定相同
    return np.clip(np.rint(r / s) + z, -128, 127).astype(np.int8)


def dequantize(q, s, z):
    return s * (q.astype(np.float64) - z)


def shown(values):
    return "，".join(f"{v:g}" for v in np.ravel(values))


r = np.array([-1.0, 0.0, 0.63, 4.0])
s, z = 1 / 50, -78  # 区间 [-1, 4.1] 分成 255 格，0 正好是整数 -78
q = quantize(r, s, z)
print("整数：", shown(q))
print("还原：", shown(dequantize(q, s, z)))
far = dequantize(quantize(np.array([9.0]), s, z), s, z)
print("区间外的 9 还原成", shown(far))
halves = np.array([0.5, 1.5, 2.5, -0.5])
print(f"正中间的 {shown(halves)} 变成", shown(quantize(halves, 1, 0)))
# --8<-- [end:affine]

# --8<-- [start:dense]
x = np.array([1.0, 0.5, -1.0])
W = np.array([[0.5, -1.0, 0.25], [1.0, 0.5, -0.25]])  # 一行一个输出
b = np.array([0.5, -0.25])
s_x, z_x = 1 / 64, 10
s_w = 1 / 100  # 权重的零点取 0
s_y, z_y = 1 / 40, -20

x_q, W_q = quantize(x, s_x, z_x), quantize(W, s_w, 0)
b_q = np.rint(b / (s_x * s_w)).astype(np.int32)  # 与累加器同一个单位
print("x 的整数：", shown(x_q))
print("W 的整数：", "；".join(map(shown, W_q)))
acc = W_q.astype(np.int32) @ (x_q.astype(np.int32) - z_x) + b_q
print("偏置的整数：", shown(b_q))
print("累加器：", shown(acc))
M = s_x * s_w / s_y  # 累加器的单位换成输出的单位
y_q = np.clip(np.rint(acc * M) + z_y, -128, 127).astype(np.int8)
print(f"M = {M:g}，输出的整数：", shown(y_q))
print("还原：", shown(dequantize(y_q, s_y, z_y)))
print("浮点：", shown(W @ x + b))
# --8<-- [end:dense]

# --8<-- [start:channel]
rng = np.random.default_rng(0)
big = rng.uniform(-0.5, 0.5, (4, 64))
big[0] *= 100  # 第一行的数大 100 倍
one = np.abs(big).max() / 127  # 整个矩阵一个 s
many = np.abs(big).max(1, keepdims=True) / 127  # 一行一个 s
for name, scale in [("整个矩阵一个 s", one), ("一行一个 s", many)]:
    restored = dequantize(quantize(big, scale, 0), scale, 0)
    error = np.abs(restored - big).max(1) / np.abs(big).max(1)
    shares = "，".join(f"{100 * e:.1f}%" for e in error)
    print(f"{name}，各行误差：{shares}")
# --8<-- [end:channel]

# --8<-- [start:library]
wide = {"x": TensorProto.INT8, "y": TensorProto.INT8}
given = {
    "s_x": np.float32(s_x),
    "z_x": np.int8(z_x),
    "W": W_q.T,  # ONNX 是 x 在左
    "s_w": np.float32(s_w),
    "z_w": np.int8(0),
    "s_y": np.float32(s_y),
    "z_y": np.int8(z_y),
}
node = helper.make_node("QLinearMatMul", ["x", *given], ["y"])
ends = [helper.make_tensor_value_info(k, t, [1, None]) for k, t in wide.items()]
fixed = [onnx.numpy_helper.from_array(np.array(v), k) for k, v in given.items()]
graph = helper.make_graph([node], "dense", ends[:1], ends[1:], fixed)
opset = [helper.make_opsetid("", 18)]
model = helper.make_model(graph, opset_imports=opset, ir_version=10)
session = onnxruntime.InferenceSession(
    model.SerializeToString(), providers=["CPUExecutionProvider"]
)
(theirs,) = session.run(None, {"x": x_q[None]})
ours = np.clip(np.rint((acc - b_q) * M) + z_y, -128, 127)  # 这个算子没有偏置
same = bool((theirs[0] == ours).all())
print(f"ONNX Runtime：{shown(theirs)}；与手算相同：{same}")
# --8<-- [end:library]
