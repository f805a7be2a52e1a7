# --8<-- [start:counts]
import torch


def log_likelihood(log_pi, log_A, log_B, x):
    """前向算法：看到 x 的对数概率。"""
    alpha = log_pi + log_B[:, x[0]]
    for symbol in x[1:]:
        steps = alpha[:, None] + log_A  # (今天, 明天)
        alpha = steps.logsumexp(dim=0) + log_B[:, symbol]
    return alpha.logsumexp(dim=0)


pi = torch.tensor([0.6, 0.4])
A = torch.tensor([[0.8, 0.2], [0.3, 0.7]])
B = torch.tensor([[0.2, 0.8], [0.7, 0.3]])
logs = [p.log().requires_grad_() for p in (pi, A, B)]
log_likelihood(*logs, [0, 1, 0]).backward()

start, moves, seen = (p.grad for p in logs)
print("开头：晴 {:.3f}，雨 {:.3f}".format(*start))
for name, m, s in zip("晴雨", moves, seen, strict=True):
    print("{}后：晴 {:.3f}，雨 {:.3f}".format(name, *m))
    print("{}天：带 {:.3f}，没带 {:.3f}".format(name, *s))
# --8<-- [end:counts]
