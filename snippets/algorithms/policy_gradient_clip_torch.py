# --8<-- [start:gae]
import torch
from scipy.signal import lfilter
from torch.distributions import Categorical, kl_divergence

torch.set_default_dtype(torch.float64)


def gae(r, v, v_after, gamma=0.9, lam=0.5):
    """一个回合的差分误差与优势；v_after 是末步之后的价值。"""
    after = torch.cat([v[1:], torch.tensor([v_after])])
    delta = r + gamma * after - v
    A, later = torch.zeros_like(delta), 0.0
    for t in reversed(range(len(r))):  # 从末步往回
        A[t] = later = delta[t] + gamma * lam * later
    return delta, A


r, v = torch.ones(3), torch.tensor([4.0, 3.0, 2.0])
for end, v_after in [("终止", 0.0), ("截断", 2.0)]:
    delta, A = gae(r, v, v_after)
    print(f"{end}：差分误差", *(f"{x:.1f}" for x in delta), end="，")
    print("优势", *(f"{x:.4f}" for x in A))
# --8<-- [end:gae]

# --8<-- [start:library]
later = lfilter([1], [1, -0.45], delta.flip(0).numpy())  # 倒着看，一阶滤波
gap = abs(torch.from_numpy(later).flip(0) - A).max()
print(f"与 SciPy 的 lfilter 相差不到 1e-12：{gap < 1e-12}")
# --8<-- [end:library]


# --8<-- [start:ratio]
def clipped(rho, A, eps=0.2):
    return torch.minimum(rho * A, rho.clamp(1 - eps, 1 + eps) * A)


for A, ratios in [(1.0, [0.5, 1.1, 1.5]), (-1.0, [0.5, 0.9, 1.5])]:
    rho = torch.tensor(ratios, requires_grad=True)
    L = clipped(rho, A)
    L.sum().backward()
    for x, y, g in zip(ratios, L.tolist(), rho.grad.tolist(), strict=True):
        print(f"A = {A:+.0f}，比值 {x}：目标 {y:.1f}，导数 {g:.0f}")
# --8<-- [end:ratio]

# --8<-- [start:reuse]
old = torch.tensor([0.5, 0.3, 0.2])  # 三台机器，旧策略
true = torch.tensor([1.0, 2.0, 1.0])  # 真正的平均奖励
batch = torch.tensor([0] * 10 + [1] * 6 + [2] * 4)  # 抽到的二十次
reward = true[batch]
reward[16:] = torch.tensor([5.0, 5.0, 0.0, 0.0])  # 机器 3 这批手气好
A = reward - reward.mean()


def reuse(objective, rounds=50):
    """同一批数据反复用，返回新策略。"""
    theta = old.log().requires_grad_()
    for _ in range(rounds):
        log_pi = theta.log_softmax(0)[batch]
        rho = (log_pi - old.log()[batch]).exp()
        (grad,) = torch.autograd.grad(objective(rho).mean(), theta)
        theta = (theta + 0.5 * grad).detach().requires_grad_()
    return theta.detach().softmax(0)


print(f"旧策略：真正的平均奖励 {old @ true:.2f}")
ways = {"不裁剪": lambda rho: rho * A, "裁剪": lambda rho: clipped(rho, A)}
for name, objective in ways.items():
    new = reuse(objective)
    kl = kl_divergence(Categorical(old), Categorical(new))
    print(f"{name}：概率", *(f"{x:.2f}" for x in new), end="，")
    print(f"真正的平均奖励 {new @ true:.2f}，KL {kl:.2f}")
# --8<-- [end:reuse]
