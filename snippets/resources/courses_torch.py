# --8<-- [start:setup]
import torch
from torch import nn

torch.manual_seed(0)
loss = nn.CrossEntropyLoss()
batch, time, vocab = 2, 5, 7
logits = torch.randn(batch, time, vocab)  # 语言模型的输出，类别在最后一维
target = torch.randint(vocab, (batch, time))
# --8<-- [end:setup]

# --8<-- [start:shape]
try:
    loss(logits, target)
except RuntimeError as error:
    print("直接传入报错：", error)
print(f"类别换到第二维：{loss(logits.transpose(1, 2), target):.4f}")
print(f"前两维摊平：{loss(logits.flatten(0, 1), target.flatten()):.4f}")

square = torch.randn(batch, vocab, vocab)  # 序列长度恰好等于词表大小
labels = torch.randint(vocab, (batch, vocab))
wrong, right = loss(square, labels), loss(square.transpose(1, 2), labels)
print(f"长度等于词表大小，直接传入不报错：{wrong:.4f}，应为 {right:.4f}")
# --8<-- [end:shape]

# --8<-- [start:ignore]
flat, padded = logits.flatten(0, 1), target.flatten().clone()
padded[4:] = -100  # 填充的位置
print(f"十个位置忽略六个：{loss(flat, padded):.4f}")
print(f"只算前四个：{loss(flat[:4], padded[:4]):.4f}")
print(f"全部忽略：{loss(flat, torch.full_like(padded, -100))}")
# --8<-- [end:ignore]

# --8<-- [start:softmax]
certain = nn.functional.one_hot(target.flatten(), vocab).float()  # 全对，概率为 1
print(f"全对的概率当作 logits 传入：{loss(certain, target.flatten()):.4f}")
# --8<-- [end:softmax]
