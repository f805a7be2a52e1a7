# --8<-- [start:networks]
import warnings

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.distributions import Categorical

torch.set_default_dtype(torch.float64)  # 各种机器上算出同样的数
N, T = 16, 128  # 同时玩的环境，一批的步数


def mlp(out):
    return nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, out))


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor, self.critic = mlp(2), mlp(1)

    def forward(self, s):
        return Categorical(logits=self.actor(s)), self.critic(s).squeeze(-1)


# --8<-- [end:networks]


# --8<-- [start:rollout]
class Player:
    def __init__(self, seed):
        mode = "vector_entry_point"
        self.envs = gym.make_vec("CartPole-v1", N, vectorization_mode=mode)
        self.s, _ = self.envs.reset(seed=seed)
        self.over, self.length = np.zeros(N, dtype=bool), np.zeros(N)
        self.lengths = []  # 每一局的步数

    @torch.no_grad()
    def rollout(self, model):
        rows = []
        for _ in range(T):
            s = torch.from_numpy(self.s).double()
            a = model(s)[0].sample()
            fresh = self.over  # 上一步结束了：这一步只用来重开
            self.s, r, terminated, truncated, _ = self.envs.step(a.numpy())
            self.over = terminated | truncated
            self.length = np.where(fresh, 0, self.length + 1)
            self.lengths += self.length[self.over].tolist()
            flags = terminated, self.over, ~fresh
            rows.append((s, a, *map(torch.from_numpy, (r, *flags))))
        last = torch.from_numpy(self.s).double()
        return last, [torch.stack(x) for x in zip(*rows, strict=True)]


# --8<-- [end:rollout]


# --8<-- [start:advantage]
@torch.no_grad()
def advantages(model, s, r, terminated, over, gamma=0.99, lam=0.95):
    """s 比 r 多一项；返回优势与 V 的目标，(T, N)。"""
    v = model(s)[1]
    A, carry = torch.zeros(T, N), torch.zeros(N)
    for t in reversed(range(T)):
        delta = r[t] + gamma * v[t + 1] * ~terminated[t] - v[t]
        carry = delta + gamma * lam * carry * ~over[t]
        A[t] = carry
    return A, A + v[:-1]


# --8<-- [end:advantage]


# --8<-- [start:update]
def update(model, optimizer, batch, clip, epochs=4, epsilon=0.2):
    s, a, A, target = batch
    A = (A - A.mean()) / A.std()
    old = model(s)[0].log_prob(a).detach()
    for _ in range(epochs):
        for rows in torch.randperm(len(a)).chunk(4):
            pi, v = model(s[rows])
            rho = (pi.log_prob(a[rows]) - old[rows]).exp()
            objective = rho * A[rows]
            if clip:
                near = rho.clamp(1 - epsilon, 1 + epsilon)
                objective = torch.minimum(objective, near * A[rows])
            error = (v - target[rows]).square().mean()
            optimizer.zero_grad()
            (error / 2 - objective.mean()).backward()
            optimizer.step()
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.round(decimals=4))  # 舍入误差不再越滚越大
        new = model(s)[0].log_prob(a)
    return (old - new).mean()  # 新旧策略的 KL 的估计


# --8<-- [end:update]


# --8<-- [start:train]
def train(seed, clip, batches=50):
    torch.manual_seed(seed)
    model, player, curve, moved = ActorCritic(), Player(seed), [], []
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(batches):
        last, (s, a, r, terminated, over, real) = player.rollout(model)
        both = torch.cat([s, last[None]])
        found = advantages(model, both, r, terminated, over)
        batch = [x[real] for x in (s, a, *found)]
        moved.append(update(model, optimizer, batch, clip).item())
        curve.append(np.mean(player.lengths[-100:]))
        if curve[-1] >= 475:
            break
    return curve, moved


# --8<-- [end:train]

# --8<-- [start:compare]
runs = {
    name: [train(seed, clip) for seed in range(5)]
    for name, clip in [("裁剪", True), ("不裁剪", False)]
}
for name, found in runs.items():
    ends = [curve[-1] for curve, _ in found]
    steps = [N * T * len(curve) / 10000 for curve, _ in found]
    kl = np.mean([x for _, moved in found for x in moved])
    print(f"{name}：{sum(e >= 475 for e in ends)} 个种子及格", end="，")
    print(f"用了 {min(steps):.1f} 到 {max(steps):.1f} 万步")
    print(f"　停下时 {min(ends):.0f} 到 {max(ends):.0f} 步", end="，")
    print(f"每批 KL 平均 {kl:.3f}")
# --8<-- [end:compare]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "policy_gradient_ppo_torch"
figure, axes = plt.subplots(2, figsize=(3.5, 4.2), layout="constrained")
for axis, (name, found) in zip(axes, runs.items(), strict=True):
    for curve, _ in found:
        steps = N * T * np.arange(1, len(curve) + 1) / 10000
        axis.plot(steps, curve, "C0", linewidth=1)
    axis.axhline(475, color="k", linestyle=":")
    axis.set(xlim=(0, 10.5), ylim=(0, 520), yticks=[0, 250, 475])
    axis.set_title(name, loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
axes[1].set_xlabel("万步")
title = "五个种子每 100 局的平均步数：裁剪时都在 8 万步内到 475，不裁剪时有的到不了"
path, about = "policy_gradient_ppo_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
