# --8<-- [start:pieces]
import weakref

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint


class Norm(nn.RMSNorm):
    """常见的写法：先升到 fp32，除以均方根，降回 bf16，再乘增益。"""

    def forward(self, x):
        x = x.float()
        x = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)
        return self.weight * x.bfloat16()


def attend(q, k, v, head):  # 各 (batch, seq, 头数 × 头宽)
    q, k, v = (t.unflatten(-1, (-1, head)).transpose(1, 2) for t in (q, k, v))
    out = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
    return out.transpose(1, 2).flatten(2)


# --8<-- [end:pieces]


# --8<-- [start:block]
class Llama(nn.Module):
    """一层。省去旋转位置编码：它的反向只要角度，不多存。"""

    def __init__(self, d, q, kv, head, f):
        super().__init__()
        shapes = (d, q), (d, kv), (d, kv), (q, d), (d, f), (d, f), (f, d)
        self.linears = nn.ModuleList(nn.Linear(*s, bias=False) for s in shapes)
        self.before, self.between, self.head = Norm(d), Norm(d), head

    def forward(self, x):
        q, k, v, o, gate, up, down = self.linears
        h = self.before(x)
        x = x + o(attend(q(h), k(h), v(h), self.head))
        h = self.between(x)
        return x + down(F.silu(gate(h)) * up(h))


# --8<-- [end:block]


# --8<-- [start:alive]
class Alive(TorchDispatchMode):
    """每个算子的结果若是新的存储，就记进来；没人引用了，再减去。"""

    now, peak = 0, 0

    def add(self, size):
        self.now += size
        self.peak = max(self.peak, self.now)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for t in out if isinstance(out, (tuple, list)) else [out]:
            storage = t.untyped_storage()
            if not func.is_view and not weakref.getweakrefcount(storage):
                weakref.finalize(storage, self.add, -storage.nbytes())
                self.add(storage.nbytes())
        return out


# --8<-- [end:alive]


# --8<-- [start:layer]
def llama_layer(d, q, kv, f, heads):
    """每个词元在一层里留下的字节；q、kv 是各个头合起来的宽。"""
    norm = 4 * d + 4 + 2 * d + 2 * d  # fp32 的输入、倒数、除过的、结果
    attention = 2 * q + 2 * kv + 2 * kv + 2 * q + 4 * heads  # 末项是 softmax 的和
    return 2 * norm + attention + 4 * 2 * f  # 门、过了激活函数的门、升维、积


batch, seq, d, heads, kv_heads, head, f = 2, 64, 128, 8, 2, 16, 352
q, kv = heads * head, kv_heads * head
x = torch.randn(batch, seq, d).bfloat16().requires_grad_()
layer = Llama(d, q, kv, head, f).bfloat16()
with Alive() as alive:
    y = layer(x.clone())
measured = (alive.now - y.nbytes) / (batch * seq)  # 输出归下一层
print(f"小的一层，每个词元留下：{measured:g} 字节")
print(f"公式：{llama_layer(d, q, kv, f, heads)} 字节")
big = llama_layer(4096, 4096, 1024, 14336, 32)
print(f"Llama 3.1 8B 的一层：{big:,} 字节，32 层：{32 * big / 1e6:.2f} MB")
# --8<-- [end:layer]


# --8<-- [start:gpt]
options = {"activation": F.gelu, "dropout": 0, "norm_first": True}
model = nn.TransformerEncoderLayer(d, heads, 4 * d, batch_first=True, **options)
model = model.bfloat16()
mask = nn.Transformer.generate_square_subsequent_mask(seq).bfloat16()
with Alive() as alive:
    y = model(x.clone(), mask, is_causal=True)  # 输入要留给层归一化，也算
measured = (alive.now - y.nbytes) / (batch * seq)
print(f"GPT 的一层，每个词元留下：{measured:g} 字节")
rest = 2 * 2 * 2 + 4 * heads  # 两处的均值与倒数，softmax 的和
print(f"去掉与宽度无关的，是宽度的：{(measured - rest) / d:g} 倍")
# --8<-- [end:gpt]


# --8<-- [start:checkpoint]
layers = [Llama(d, q, kv, head, f).bfloat16() for _ in range(4)]
with Alive() as alive:
    y = x.clone()
    for layer in layers:
        y = layer(y)
print(f"四层，每个词元留下：{(alive.now - y.nbytes) / (batch * seq):g} 字节")
with Alive() as alive:
    y = x.clone()
    for layer in layers:
        y = checkpoint(layer, y, use_reentrant=False)
measured = (alive.now - y.nbytes) / (batch * seq)
print(f"只存各层的输入：{measured:g} 字节，每层是宽度的：{measured / 4 / d:g} 倍")
# --8<-- [end:checkpoint]


# --8<-- [start:logits]
vocab = 1000
output = nn.Linear(d, vocab, bias=False).bfloat16()
target = torch.randint(vocab, (batch * seq,))
with Alive() as alive:
    loss = F.cross_entropy(output(x).flatten(0, 1).float(), target)
    kept, alive.peak = alive.now, 0
    loss.backward()
for word, size in (("前向之后留下", kept), ("反向时最多", alive.peak)):
    print(f"打分的每个数，{word}：{size / (batch * seq * vocab):.0f} 字节")
# --8<-- [end:logits]


# --8<-- [start:states]
for name, kind, options in (
    ("AdamW", torch.optim.AdamW, {}),
    ("SGD 加动量", torch.optim.SGD, {"momentum": 0.9}),
    ("SGD", torch.optim.SGD, {}),
):
    w = nn.Parameter(torch.zeros(1000, 1000))  # fp32
    optimizer = kind([w], lr=0.1, **options)
    w.grad = torch.ones_like(w)
    optimizer.step()
    values = [v for v in optimizer.state[w].values() if torch.is_tensor(v)]
    size = sum(v.nbytes for v in values if v.shape == w.shape)
    print(f"{name}，每个参数的状态：{size // w.numel()} 字节")
# --8<-- [end:states]
