# --8<-- [start:model]
import contextlib
import io
import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn


class Classifier(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        # 标准化的两组数放进模型：它们跟着权重一起走
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.hidden, self.norm = nn.Linear(30, 16), nn.BatchNorm1d(16)
        self.drop, self.out = nn.Dropout(0.5), nn.Linear(16, 1)

    def forward(self, x):
        h = torch.relu(self.norm(self.hidden((x - self.mean) / self.std)))
        return torch.sigmoid(self.out(self.drop(h)))


# --8<-- [end:model]

# --8<-- [start:train]
rows, labels = load_breast_cancer(return_X_y=True)
rows, targets = np.float32(rows), np.float32(labels)[:, None]
parts = train_test_split(rows, targets, test_size=0.2, random_state=0, stratify=labels)
train_x, test_x, train_y, test_y = map(torch.from_numpy, parts)
torch.manual_seed(0)
model = Classifier(train_x.mean(0), train_x.std(0))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
for _ in range(100):
    loss = nn.functional.binary_cross_entropy(model(train_x), train_y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
model.eval()
with torch.no_grad():
    eager = model(test_x)
right = ((eager > 0.5) == (test_y > 0.5)).float().mean().item()
print(f"测试集 {len(test_x)} 例，准确率超过 0.9：{right > 0.9}")
# --8<-- [end:train]


# --8<-- [start:export]
def export(model, path, **options):
    """导出器往屏幕写很多行；这里只要文件。"""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = {"input_names": ["x"], "output_names": ["p"]}
        torch.onnx.export(model, (train_x[:2],), path, dynamo=True, **names, **options)
    onnx.checker.check_model(path)
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


logging.disable(logging.WARNING)
batch = torch.export.Dim("n")
session = export(model, "net.onnx", dynamic_shapes={"x": {0: batch}})
graph = onnx.load("net.onnx").graph
print("写出的文件：", "，".join(sorted(p.name for p in Path().glob("net*"))))
print("算子：", "，".join(node.op_type for node in graph.node))
print("权重：", "，".join(t.name for t in graph.initializer))
(x_in,), (p_out,) = session.get_inputs(), session.get_outputs()
print("输入", x_in.name, x_in.shape, x_in.type)
print("输出", p_out.name, p_out.shape)
# --8<-- [end:export]

# --8<-- [start:compare]
with torch.no_grad():
    exact = Classifier(train_x.mean(0), train_x.std(0)).double().eval()
    exact.load_state_dict(model.state_dict())
    rounding = (exact(test_x.double()) - eager).abs().max().item()
for n in (1, 7, 114):
    (p,) = session.run(["p"], {"x": test_x[:n].numpy()})
    gap = np.abs(p - eager[:n].numpy()).max()
    print(f"{n} 行，形状 {p.shape}，差不超过舍入的 10 倍：{gap <= 10 * rounding}")
# --8<-- [end:compare]

# --8<-- [start:forgot]
model.train()
forgot = export(model, "train.onnx", dynamic_shapes={"x": {0: batch}})
print("算子：", "，".join(n.op_type for n in onnx.load("train.onnx").graph.node))
options = onnxruntime.SessionOptions()
level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
options.graph_optimization_level = level  # 不改写图，文件怎样写就怎样算
as_written = onnxruntime.InferenceSession(
    "train.onnx", options, providers=["CPUExecutionProvider"]
)
for name, runtime in [("关掉图优化", as_written), ("默认", forgot)]:
    once, twice = (runtime.run(["p"], {"x": test_x.numpy()})[0] for _ in range(2))
    print(f"{name}，文件算两遍，结果相同：{bool((once == twice).all())}")
with torch.no_grad():
    training = model(test_x)  # 丢弃是随机的，归一化用这一批的均值与方差
model.eval()
for name, other in [("eval", eager), ("train", training)]:
    gap = np.abs(once - other.numpy()).max()
    print(f"默认的结果与 {name} 模式的 PyTorch 比，差超过 0.01：{gap > 0.01}")
# --8<-- [end:forgot]

# --8<-- [start:fixed]
fixed = export(model, "fixed.onnx")  # 没有说批的大小可变
print("输入", fixed.get_inputs()[0].shape)
try:
    fixed.run(["p"], {"x": test_x[:7].numpy()})
except Exception as error:
    said = " ".join(str(error).split())
    print(
        f"{type(error).__name__}：{said.rpartition(' : ')[2].partition(' Please')[0]}"
    )
# --8<-- [end:fixed]
