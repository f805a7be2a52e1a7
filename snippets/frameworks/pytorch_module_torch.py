# --8<-- [start:module]
import torch
from torch import nn


class Tower(nn.Module):
    def __init__(self, vocab=10, d=4, layers=2):
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        self.scale = nn.Parameter(torch.ones(d))  # 要训练
        self.register_buffer("seen", torch.zeros(()))  # 不训练，要保存
        mask = torch.ones(d)
        self.register_buffer("mask", mask, persistent=False)  # 不保存
        self.blocks = nn.ModuleList(nn.Linear(d, d) for _ in range(layers))
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(d, vocab, bias=False)
        self.head.weight = self.embed.weight  # 同一个参数，两个名字

    def forward(self, ids):  # (batch, time)
        h = self.embed(ids) * self.scale * self.mask
        for block in self.blocks:
            h = self.drop(torch.relu(block(h)))
        return self.head(h)  # (batch, time, vocab)


# --8<-- [end:module]

# --8<-- [start:names]
torch.manual_seed(0)
model = Tower()
ids = torch.tensor([[1, 2, 3]])
print("输出的形状：", list(model(ids).shape))
for name, p in model.named_parameters():
    print(f"参数 {name}：{list(p.shape)}，{p.numel()} 个")
print("合计：", sum(p.numel() for p in model.parameters()))
print("缓冲区：", [name for name, _ in model.named_buffers()])
print("state_dict 的键：")
print("\n".join(f"　{key}" for key in model.state_dict()))
tied = model.head.weight is model.embed.weight
print("输出层与嵌入是同一个参数：", tied)
# --8<-- [end:names]


# --8<-- [start:lost]
class Lost(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = [nn.Linear(4, 4) for _ in range(2)]  # 普通列表
        self.shift = torch.zeros(4)  # 普通张量


lost = Lost()
print(f"普通列表里的参数：{len(list(lost.parameters()))} 个")
try:
    torch.optim.SGD(lost.parameters(), lr=0.1)
except ValueError as error:
    print("交给优化器：", error)
lost.double()
print("转成 double 以后，列表里的层：", lost.blocks[0].weight.dtype)
print("普通张量：", lost.shift.dtype)
print("登记为缓冲区的：", Tower().double().mask.dtype)
# --8<-- [end:lost]

# --8<-- [start:mode]
model.eval()  # 传给所有的子模块
print("eval 以后，Dropout 在训练状态：", model.drop.training)
print("eval 时两次相同：", torch.equal(model(ids), model(ids)))
model.train()
print("train 时两次相同：", torch.equal(model(ids), model(ids)))
model.eval()
print("eval 时还要梯度：", model(ids).requires_grad)


def init(module):
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)


model.apply(init)  # 对每个子模块调用一次
print("apply 以后偏置全是 0：", not model.blocks[1].bias.any().item())
# --8<-- [end:mode]

# --8<-- [start:load]
state = model.state_dict()
state["gain"] = state.pop("scale")  # 假装存的时候叫别的名字
result = Tower().load_state_dict(state, strict=False)
print("模型有而文件没有：", result.missing_keys)
print("文件有而模型没有：", result.unexpected_keys)
try:
    Tower(d=6).load_state_dict(model.state_dict(), strict=False)
except RuntimeError as error:
    print("形状不同，strict=False 也不行：", "size mismatch" in str(error))
# --8<-- [end:load]

# --8<-- [start:meta]
with torch.device("meta"):  # 只有形状，没有数
    layer = nn.TransformerEncoderLayer(4096, 32, 16384, batch_first=True)
    large = nn.TransformerEncoder(layer, 32, enable_nested_tensor=False)
count = sum(p.numel() for p in large.parameters())
print(f"32 层，宽 4096：{count:,} 个参数")
print(f"照 12 × 层数 × 宽的平方估：{12 * 32 * 4096**2:,} 个")
print("在哪里：", large.layers[0].linear1.weight.device)
# --8<-- [end:meta]
