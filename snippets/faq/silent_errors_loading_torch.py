# --8<-- [start:import]
import torch
from torch import nn

# --8<-- [end:import]


# --8<-- [start:strict-false]
saved, model = nn.Linear(2, 1), nn.Linear(2, 1)
file = {"module." + k: v for k, v in saved.state_dict().items()}
report = model.load_state_dict(file, strict=False)
print("没有读到：", report.missing_keys)
print("与文件相等：", torch.equal(model.weight, saved.weight))
file = {k.removeprefix("module."): v for k, v in file.items()}
model.load_state_dict(file)  # 用回默认的 strict=True
print("修好，与文件相等：", torch.equal(model.weight, saved.weight))
# --8<-- [end:strict-false]


# --8<-- [start:vocabulary]
train = {"坏": 0, "很": 1, "好": 2}
serve = {"好": 0, "很": 1, "坏": 2}  # 一样大，次序不同
weight = [-1.0, 0.0, 1.0]  # 训练好的每个词的分
for name, vocab in (("训练时", train), ("上线时", serve)):
    ids = [vocab[c] for c in "很好"]
    score = sum(weight[i] for i in ids)
    print(f"{name}的词表：编号 {ids}，得分 {score}")
print("两份词表相等：", train == serve)
# --8<-- [end:vocabulary]


# --8<-- [start:pad-eos]
eos = pad = 0
ids = torch.tensor([5, 6, eos, pad, pad])  # 真正的长度是 3
wrong = ids.masked_fill(ids == pad, -100)
right = ids.masked_fill(torch.arange(5) >= 3, -100)
for name, labels in (("按编号", wrong), ("按长度", right)):
    ends = (labels == eos).sum()
    print(f"{name}忽略：{labels.tolist()}，结束词元 {ends} 个")
# --8<-- [end:pad-eos]


# --8<-- [start:chat-template]
def tokenize(text, add_special_tokens=True):
    head = ["<s>"] if add_special_tokens else []
    return head + text.replace("<s>", " <s> ").split()


text = "<s>" + "user: 你好"  # 对话模板已经写了 <s>
print("默认：", tokenize(text))
print("修好：", tokenize(text, add_special_tokens=False))
# --8<-- [end:chat-template]


# --8<-- [start:nondeterminism]
a = torch.tensor([1e8, 1.0, -1e8])
print("按次序加：", (a[0] + a[1] + a[2]).item())
print("换个次序：", (a[0] + a[2] + a[1]).item())
u, v = 0.3, 0.3 + 1e-8  # 只差一亿分之一
for step in range(1, 41):
    u, v = 3.9 * u * (1 - u), 3.9 * v * (1 - v)
    if step in (1, 20, 40):
        print(f"第 {step} 步相差 {abs(u - v):.1e}")
# --8<-- [end:nondeterminism]


# --8<-- [start:same-bits]
def weights(seed):
    torch.manual_seed(seed)
    layer = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    for _ in range(20):
        optimizer.zero_grad()
        layer(torch.randn(8, 4)).pow(2).mean().backward()
        optimizer.step()
    return layer.weight


torch.use_deterministic_algorithms(True)
first, again, other = weights(0), weights(0), weights(1)
print("同一个种子，两次逐位相等：", torch.equal(first, again))
print("换一个种子，逐位相等：", torch.equal(first, other))
torch.use_deterministic_algorithms(False)
# --8<-- [end:same-bits]
