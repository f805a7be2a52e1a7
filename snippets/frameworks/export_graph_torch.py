# --8<-- [start:model]
import collections
import contextlib
import io
import logging
import warnings

import onnxruntime
import torch
from torch import nn
from torch.export import Dim, export

logging.disable(logging.WARNING)
warnings.simplefilter("ignore")


class Decoder(nn.Module):
    """一层解码器：词表 20，宽 16，两个头，最长 32。"""

    def __init__(self):
        super().__init__()
        self.word, self.place = nn.Embedding(20, 16), nn.Embedding(32, 16)
        self.norm1, self.norm2 = nn.LayerNorm(16), nn.LayerNorm(16)
        self.qkv, self.mix = nn.Linear(16, 48), nn.Linear(16, 16)
        self.wide, self.back = nn.Linear(16, 32), nn.Linear(32, 16)

    def forward(self, tokens):
        x = self.word(tokens) + self.place.weight[: tokens.shape[1]]
        heads = self.qkv(self.norm1(x)).unflatten(2, (3, 2, 8)).transpose(1, 3)
        q, k, v = heads.unbind(2)
        mixed = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.mix(mixed.transpose(1, 2).flatten(2))
        x = x + self.back(nn.functional.gelu(self.wide(self.norm2(x))))
        return x @ self.word.weight.T


torch.manual_seed(0)
model = Decoder().eval()
tokens = torch.tensor([[3, 1, 4, 1, 5]])
# --8<-- [end:model]

# --8<-- [start:graph]
length = Dim("length", max=32)
program = export(model, (tokens,), dynamic_shapes={"tokens": {1: length}})
calls = [n for n in program.graph.nodes if n.op == "call_function"]
print("图里的运算", len(calls), "个，前六个：")
for node in calls[:6]:
    inputs = ", ".join(map(str, node.args))
    print(f"  {node.name} = {node.target}({inputs})")
counts = collections.Counter(n.target.__name__ for n in calls)
print("最多的：", "，".join(f"{k} {v} 次" for k, v in counts.most_common(4)))
print("参数", len(program.graph_signature.parameters), "个")
# --8<-- [end:graph]

# --8<-- [start:shapes]
exported = program.module()
for n in (1, 32, 33):
    given = torch.arange(n)[None] % 20
    try:
        gap = (exported(given) - model(given)).abs().max().item()
        print(f"长 {n}：与原模型的最大差 {gap:g}")
    except AssertionError as error:
        print(f"长 {n}：{error}")
# --8<-- [end:shapes]


# --8<-- [start:control]
class Gate(nn.Module):
    def forward(self, x):
        return x * 2 if x.sum() > 0 else -x


class Cond(nn.Module):
    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda x: x * 2, lambda x: -x, (x,))


x = torch.tensor([3.0, 1.0])
try:
    export(Gate(), (x,))
except Exception as error:
    print(f"{type(error).__name__}：{str(error).partition(' (')[0]}")
both = export(Cond(), (x,)).module()
print("torch.cond：", [both(sign * x).tolist() for sign in (1, -1)])
# --8<-- [end:control]

# --8<-- [start:save]
torch.export.save(program, "decoder.pt2")
loaded = torch.export.load("decoder.pt2").module()
print("读回来与原来相同：", loaded(tokens).equal(exported(tokens)))
# --8<-- [end:save]

# --8<-- [start:onnx]
with contextlib.redirect_stdout(io.StringIO()):
    torch.onnx.export(program, (), "decoder.onnx", dynamo=True)
session = onnxruntime.InferenceSession(
    "decoder.onnx", providers=["CPUExecutionProvider"]
)
(entry,) = session.get_inputs()
print(f"ONNX 的输入 {entry.name}：{entry.type}，长度可变", entry.shape[1] != 5)


def greedy(predict, tokens, steps=8):
    for _ in range(steps):
        following = predict(tokens)[:, -1].argmax(-1, keepdim=True)
        tokens = torch.cat([tokens, following], 1)
    return tokens[0].tolist()


def by_onnx(tokens):
    return torch.from_numpy(session.run(None, {entry.name: tokens.numpy()})[0])


ours, theirs = greedy(model, tokens), greedy(by_onnx, tokens)
print("PyTorch 续写 8 个：", ours[5:])
print("ONNX Runtime 相同：", ours == theirs)
# --8<-- [end:onnx]
