# --8<-- [start:import]
import torch
import torch.nn.functional as F

# --8<-- [end:import]


# --8<-- [start:broadcast]
y = torch.tensor([1.0, 2.0, 3.0, 4.0])
p = y.reshape(-1, 1)  # 模型的输出是 (N, 1)；这里预测全对
print("相减以后的形状：", tuple((p - y).shape))
print("标签的方差：", y.var(correction=0).item())
print("损失：", ((p - y) ** 2).mean().item())
p = p.squeeze(1)
assert p.shape == y.shape
print("修好，损失：", ((p - y) ** 2).mean().item())
# --8<-- [end:broadcast]


# --8<-- [start:accuracy]
y = torch.tensor([1, 1, 0, 0])
p = torch.tensor([[1], [1], [0], [1]])  # 错了最后一个
print("准确率：", ((p == y).sum() / len(y)).item())
print("修好：", (p.squeeze(1) == y).float().mean().item())
# --8<-- [end:accuracy]


# --8<-- [start:one-column]
z, y = torch.tensor([[3.0], [-2.0]]), torch.tensor([1, 0])
print("softmax：", F.softmax(z, 1).tolist())
print("argmax：", z.argmax(1).tolist())
column = y.float().unsqueeze(1)  # 标签写成 (N, 1) 的小数
print("损失等于 0：", F.cross_entropy(z, column).item() == 0)
loss = F.binary_cross_entropy_with_logits(z, column)
print(f"修好，损失：{loss:.4f}")
print("修好，预测：", (z.squeeze(1) > 0).int().tolist())
# --8<-- [end:one-column]


# --8<-- [start:reshape]
image = torch.arange(12).reshape(2, 2, 3)  # （高，宽，通道）
red = image[..., 0]
wrong = image.reshape(3, 2, 2)[0]
right = image.permute(2, 0, 1)[0]
print("红色通道：", red.tolist())
print("reshape：", wrong.tolist(), torch.equal(wrong, red))
print("permute：", right.tolist(), torch.equal(right, red))
# --8<-- [end:reshape]


# --8<-- [start:mask]
q, k = torch.zeros(1, 1), torch.zeros(2, 1)
v = torch.tensor([[1.0], [5.0]])
pad = torch.tensor([[False, True]])  # 第二个是补齐的，不该看
attend = F.scaled_dot_product_attention
print("照搬掩码：", attend(q, k, v, attn_mask=pad).item())
print("取反：", attend(q, k, v, attn_mask=~pad).item())
v[1] = 100.0
out = attend(q, k, v, attn_mask=~pad)
print("把补齐处改成 100，取反：", out.item())
# --8<-- [end:mask]
