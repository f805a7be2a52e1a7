# --8<-- [start:scores]
import torch
import torch.nn.functional as F

labels = torch.tensor([[0, 0, 1, 255]])  # (批, 像素)；255 是说不准
scores = torch.tensor(  # 得分（logit），(批, 类, 像素)
    [[[2.0, 1.0, 1.0, 0.0], [0.0, 0.0, 2.0, 3.0]]]
)
# --8<-- [end:scores]


# --8<-- [start:entropy]
loss = F.cross_entropy(scores, labels, ignore_index=255)
by_hand = F.cross_entropy(scores[..., :3], labels[..., :3])
print(f"交叉熵，略过 255：{loss:.4f}，只留前三个像素：{by_hand:.4f}")
# --8<-- [end:entropy]


# --8<-- [start:dice]
def dice_loss(p, target):
    """各类的 Dice 损失的平均；p、target：(批, 类, 像素)。"""
    both, total = (p * target).sum((0, 2)), (p + target).sum((0, 2))
    return (1 - 2 * both / total).mean()


valid = (labels != 255)[:, None]  # (批, 1, 像素)
one_hot = F.one_hot(labels.where(labels != 255, 0), 2).mT.float()
p = scores.softmax(1)
ways = {
    "什么也不做": (p, one_hot),
    "得分置 0": ((scores * valid).softmax(1), one_hot),
    "只盖住概率": (p * valid, one_hot),
    "两边都盖住": (p * valid, one_hot * valid),
    "只留前三个像素": (p[..., :3], one_hot[..., :3]),
}
for name, (given, target) in ways.items():
    print(f"Dice 损失，{name}：{dice_loss(given, target):.4f}")
# --8<-- [end:dice]


# --8<-- [start:torch-weight]
given, right = scores[..., :3], labels[..., :3]
weight = torch.tensor([1.0, 3.0])
mean = F.cross_entropy(given, right, weight=weight)
each = F.cross_entropy(given, right, weight=weight, reduction="none")
print(f"第 1 类加权 3：默认 {mean:.4f}，", end="")
print(f"除以像素数 {each.sum() / 3:.4f}，除以权重之和 {each.sum() / 5:.4f}")
# --8<-- [end:torch-weight]


# --8<-- [start:torch-miss]
for ignored, wrong in ((255, [[0, 2, 1, 255]]), (-100, [[0, 0, 1, 255]])):
    try:
        F.cross_entropy(scores, torch.tensor(wrong), ignore_index=ignored)
    except IndexError as error:
        print(f"ignore_index={ignored}，标签 {wrong[0]}：{error}")
# --8<-- [end:torch-miss]
