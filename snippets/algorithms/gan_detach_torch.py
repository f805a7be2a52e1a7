# --8<-- [start:setup]
import torch
from torch import nn
from torch.nn.functional import softplus
from torch.utils.flop_counter import FlopCounterMode

torch.set_default_dtype(torch.float64)  # 换一台机器的 CPU，印出的数也一样
torch.manual_seed(0)


def mlp(n_in, n_out):
    parts = nn.Linear(n_in, 64), nn.ReLU(), nn.Linear(64, n_out)
    return nn.Sequential(*parts)


G, D = mlp(8, 64), mlp(64, 1)
x, z = torch.rand(100, 64), torch.randn(100, 8)  # 真图（这里是随机数）、噪声

# --8<-- [end:setup]


# --8<-- [start:grads]
def clear():
    for net in (G, D):
        net.zero_grad()  # .grad 回到 None


def grad(net):
    """所有参数的 .grad 接成一个向量；None 当成 0。"""
    pairs = [(p, p.grad) for p in net.parameters()]
    return torch.cat([(p * 0 if g is None else g).flatten() for p, g in pairs])


# --8<-- [end:grads]


# --8<-- [start:same]
def d_loss(fake):
    return (softplus(-D(x)) + softplus(D(fake))).mean()


found = {}
for name, fake in {"有 detach": G(z).detach(), "没有 detach": G(z)}.items():
    clear()
    loss = d_loss(fake)
    with FlopCounterMode(display=False) as counter:
        loss.backward()
    found[name] = grad(D).detach(), grad(G).detach()
    of_d, of_g = (g.norm() for g in found[name])
    print(f"{name}：D 的梯度长 {of_d:.4f}，G 的梯度长 {of_g:.4f}，", end="")
    print(f"反传的乘加 {counter.get_total_flops() / 2e4:.0f} 万次")
apart = (found["有 detach"][0] - found["没有 detach"][0]).abs().max()
print(f"D 的梯度，两次最多差 {apart:g}")
# --8<-- [end:same]


# --8<-- [start:leftover]
def g_loss(fake):
    return softplus(-D(fake)).mean()


clear()
g_loss(G(z)).backward()
right = grad(G).detach()
clear()
d_loss(G(z)).backward()  # 忘了 detach，又忘了清零
g_loss(G(z)).backward()
wrong = grad(G).detach()
clear()
d_loss(G(z)).backward()  # 忘了 detach，但 G 这一步之前清零
G.zero_grad()
g_loss(G(z)).backward()
for name, g in {"应得的": right, "剩着旧的": wrong, "清零以后": grad(G)}.items():
    cosine = nn.functional.cosine_similarity(g, right, dim=0)
    print(f"G 的梯度，{name}：长 {g.norm():.4f}，与应得的夹角余弦 {cosine:.4f}")
# --8<-- [end:leftover]

# --8<-- [start:again]
clear()
fake = G(z)
d_loss(fake.detach()).backward()
g_loss(fake).backward()  # 同一批假图，给 G 再用一次：可以
print("有 detach，再用同一批假图：G 的梯度长", f"{grad(G).norm():.4f}")
fake = G(z)
d_loss(fake).backward()  # 走过 G 的计算图，走完就释放
try:
    g_loss(fake).backward()
except RuntimeError as error:
    print("没有 detach，再用同一批假图：", str(error).split("(")[0].strip())
# --8<-- [end:again]

# --8<-- [start:generator]
clear()
g_loss(G(z).detach()).backward()  # 这里写 detach 就错了，而且不报错
print(f"G 这一步误写 detach：G 的梯度长 {grad(G).norm():.4f}")
clear()
g_loss(G(z)).backward()
print(f"G 这一步，D 也得到梯度，长 {grad(D).norm():.4f}")
clear()
D.requires_grad_(False)  # 不算 D 的参数的梯度，仍然穿过 D 传给 G
g_loss(G(z)).backward()
D.requires_grad_(True)
print(f"D 冻住：D 的 {grad(D).norm():.4f}，G 的 {grad(G).norm():.4f}")
# --8<-- [end:generator]

# --8<-- [start:library]
entropy, one, zero = nn.BCEWithLogitsLoss(), torch.ones(100, 1), torch.zeros(100, 1)
library = entropy(D(x), one) + entropy(D(G(z)), zero)
print(f"D 的损失：BCEWithLogitsLoss {library:.6f}，本页 {d_loss(G(z)):.6f}")
# --8<-- [end:library]
