# --8<-- [start:import]
import io
import pickle
from functools import partial

import torch
from torch import nn
from torch.nn.modules.utils import consume_prefix_in_state_dict_if_present
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

# --8<-- [end:import]


# --8<-- [start:missing-keys]
model = nn.Sequential(nn.Linear(2, 1))
saved = {"module." + k: v for k, v in model.state_dict().items()}
try:
    model.load_state_dict(saved)
except RuntimeError as e:
    for line in str(e).splitlines():
        print(line.strip())
consume_prefix_in_state_dict_if_present(saved, "module.")
print("修好：", model.load_state_dict(saved))
# --8<-- [end:missing-keys]


# --8<-- [start:size-mismatch]
old = nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 10)).state_dict()
new = nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 3))  # 换成 3 类
try:
    new.load_state_dict(old, strict=False)
except RuntimeError as e:
    print(str(e).splitlines()[1].strip())
body = {k: v for k, v in old.items() if not k.startswith("1.")}
missing = new.load_state_dict(body, strict=False).missing_keys
print("修好，没有读到的：", missing)
print("第一层读进去了：", torch.equal(new[0].weight, old["0.weight"]))
# --8<-- [end:size-mismatch]


# --8<-- [start:weights-only]
file = io.BytesIO()
torch.save(nn.Linear(2, 1), file)  # 存了整个模型
file.seek(0)
try:
    torch.load(file)
except pickle.UnpicklingError as e:
    print(type(e).__name__ + ":", str(e).split(".")[0])
file = io.BytesIO()
torch.save(nn.Linear(2, 1).state_dict(), file)  # 只存张量
file.seek(0)
print("修好，读回：", list(torch.load(file)))
# --8<-- [end:weights-only]


# --8<-- [start:central-directory]
whole = io.BytesIO()
torch.save(torch.zeros(100), whole)
whole = whole.getvalue()
pointer = b"version https://git-lfs.github.com/spec/v1"
for name, data in [("少一半", whole[: len(whole) // 2]), ("指针", pointer)]:
    try:
        torch.load(io.BytesIO(data))
    except (RuntimeError, pickle.UnpicklingError) as e:
        text = " ".join(str(e).splitlines())
        for part in ("failed finding central directory", "Unsupported operand 118"):
            if part in text:
                print(f"{name}，{type(e).__name__}: {part}，开头：{data[:2]}")
print("完整的文件，开头：", whole[:2])
# --8<-- [end:central-directory]


# --8<-- [start:stack]
data = [torch.ones(1), torch.ones(2)]  # 长短不一
try:
    next(iter(DataLoader(data, batch_size=2)))
except RuntimeError as e:
    print(type(e).__name__ + ":", e)
collate = partial(pad_sequence, batch_first=True)
print("修好：", next(iter(DataLoader(data, 2, collate_fn=collate))).tolist())
# --8<-- [end:stack]


# --8<-- [start:index-in-self]
table, ids = nn.Embedding(10, 4), torch.tensor([3, 10])
try:
    table(ids)
except IndexError as e:
    print(type(e).__name__ + ":", e)
print("最大的编号：", ids.max().item(), "词表：", table.num_embeddings)
bigger = nn.Embedding(11, 4)  # 多一行给新词元，旧的照抄
with torch.no_grad():
    bigger.weight[:10] = table.weight
same = torch.equal(bigger(ids[:1]), table(ids[:1]))
print("修好：", tuple(bigger(ids).shape), "旧词元的向量没变：", same)
# --8<-- [end:index-in-self]
