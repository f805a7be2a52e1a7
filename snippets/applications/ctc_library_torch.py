# --8<-- [start:loss]
import torch
import torch.nn.functional as F

y = torch.tensor(  # 与手算的同一张表，(T, C)
    [[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.5, 0.1, 0.4], [0.6, 0.2, 0.2]],
    dtype=torch.float64,
)


def loss(log_p, target, reduction="none", **options):
    """log_p：(T, C)；批只有一段，它要 (T, N, C)。"""
    sizes = torch.tensor([len(log_p)]), torch.tensor([len(target)])
    target = torch.tensor([target])
    value = F.ctc_loss(log_p[:, None], target, *sizes, reduction=reduction, **options)
    return value.item()


print(f"「12」的损失 {loss(y.log(), [1, 2]):.4f}")
print(f"默认的 mean：{loss(y.log(), [1, 2], 'mean'):.4f}，再除以了标签数")
# --8<-- [end:loss]


# --8<-- [start:negative]
scores = torch.tensor([[1.0, 4.0, 0.0], [3.0, 1.0, 0.0], [1.0, 0.0, 4.0]])
print(f"忘了 log_softmax：{loss(scores, [1, 2]):.2f}")
print(f"log_softmax 以后：{loss(scores.log_softmax(-1), [1, 2]):.2f}")
# --8<-- [end:negative]


# --8<-- [start:infinite]
print("4 帧写「111」：", loss(y.log(), [1, 1, 1]))
print("加上 zero_infinity=True：", loss(y.log(), [1, 1, 1], zero_infinity=True))
print(f"2 帧写「12」：{loss(y[:2].log(), [1, 2]):.4f}")
# --8<-- [end:infinite]


# --8<-- [start:blank]
last = y[:, [1, 2, 0]]  # 空白挪到末一列，1、2 变成 0、1
print(f"写 blank=2：{loss(last.log(), [0, 1], blank=2):.4f}")
print(f"忘了写，0 被当成空白：{loss(last.log(), [0, 1]):.4f}")
# --8<-- [end:blank]
