# --8<-- [start:line]
import warnings

import matplotlib.pyplot as plt
import torch


def descend(f, w, eta, steps, clear):
    """梯度下降，返回走过的每个点；clear 说要不要清零。"""
    w = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=eta)
    path = [w.item()]
    for _ in range(steps):
        if clear:
            optimizer.zero_grad()
        f(w).backward()
        optimizer.step()
        path.append(w.item())
    return path


for name, clear in [("清零", True), ("不清零", False)]:
    path = torch.tensor(descend(lambda w: -w, 0.0, 0.1, 5, clear))
    moved = [f"{step:.1f}" for step in path.diff().tolist()]
    print(f"斜坡上，{name}，每步走：", "，".join(moved))
# --8<-- [end:line]


# --8<-- [start:bowl]
def bowl(w):
    return w**2 / 2  # 最低点在 0


with_zero = descend(bowl, 1.0, 0.1, 60, clear=True)
without = descend(bowl, 1.0, 0.1, 60, clear=False)
for name, path in [("清零", with_zero), ("不清零", without)]:
    print(f"碗里，{name}：", "，".join(f"{w:.3f}" for w in path[1:4]), end="；")
    print(f"最后 30 步离最低点最远 {max(map(abs, path[-30:])):.2f}")
# --8<-- [end:bowl]

# --8<-- [start:momentum]
w = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1, momentum=1.0)
heavy = [w.item()]
for _ in range(60):
    optimizer.zero_grad()
    bowl(w).backward()
    optimizer.step()
    heavy.append(w.item())
gap = max(abs(p - q) for p, q in zip(heavy, without, strict=True))
print("与动量系数 1 的 SGD 走同样的路：", gap < 1e-9)
# --8<-- [end:momentum]

# --8<-- [start:micro]
g = torch.Generator().manual_seed(0)
x = torch.randn(8, 3, generator=g, dtype=torch.float64)
y = torch.randn(8, generator=g, dtype=torch.float64)
v = torch.zeros(3, dtype=torch.float64, requires_grad=True)


def loss(rows):
    return (x[rows] @ v - y[rows]).square().mean()


(whole,) = torch.autograd.grad(loss(slice(0, 8)), v)
for start in range(0, 8, 2):
    (loss(slice(start, start + 2)) / 4).backward()  # 4 份，各除以 4
print("分 4 份累加的梯度等于整批的：", torch.allclose(v.grad, whole))
# --8<-- [end:micro]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 12})
plt.rcParams["svg.hashsalt"] = "pytorch_accumulate_torch"
figure, axis = plt.subplots(figsize=(3.5, 2.6), layout="constrained")
axis.axhline(0, color="grey", linewidth=0.5)
axis.plot(with_zero, "C0-", label="清零")
axis.plot(without, "C1--", label="不清零")
axis.set(xticks=[0, 20, 40, 60], yticks=[-1, 0, 1], xlabel="步")
axis.set_ylim(-1.2, 1.9)
axis.set_title("参数", loc="left", fontsize=12)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False, ncols=2, loc="upper right")
title = "清零时参数走到 0 就停；不清零时在 1 与 -1 之间一直摆动"
path, about = "pytorch_accumulate_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
