# --8<-- [start:env]
import warnings

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.distributions import Categorical

torch.set_default_dtype(torch.float64)  # 各种机器上算出同样的数
N = 20  # 一批同时玩的局数


def make():
    return gym.make_vec("CartPole-v1", N, vectorization_mode="vector_entry_point")


# --8<-- [end:env]


# --8<-- [start:play]
def play(envs, choose):
    """每个环境玩一局；返回状态、动作、奖励、是否还在局中，(T, N, …)。"""
    s, _ = envs.reset()
    alive, rows = np.ones(N, dtype=bool), []
    while alive.any():
        a = choose(s)
        after, r, terminated, truncated, _ = envs.step(a)
        rows.append((s.astype(float), a, r.astype(float) * alive, alive))
        s, alive = after, alive & ~(terminated | truncated)
    return [np.stack(column) for column in zip(*rows, strict=True)]


# --8<-- [end:play]

# --8<-- [start:rule]
spec = gym.spec("CartPole-v1")
print(f"一局最多 {spec.max_episode_steps} 步", end="，")
print(f"及格线 {spec.reward_threshold:g}")
rng = np.random.default_rng(0)
rules = {
    "随机": lambda s: rng.integers(2, size=N),
    "往杆倒的一边推": lambda s: (s[:, 2] > 0).astype(int),
    "角度加角速度": lambda s: (s[:, 2] + s[:, 3] > 0).astype(int),
}
for name, choose in rules.items():
    envs = make()
    envs.reset(seed=0)
    means = [play(envs, choose)[2].sum(axis=0) for _ in range(5)]
    print(f"{name}：100 局平均 {np.mean(means):.0f} 步")
# --8<-- [end:rule]


# --8<-- [start:agent]
def mlp(out):
    return nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, out))


class Reinforce:
    def __init__(self, way, lr=0.03):
        self.way, self.policy, self.value = way, mlp(2), mlp(1)
        self.actor = torch.optim.Adam(self.policy.parameters(), lr)
        self.critic = torch.optim.Adam(self.value.parameters(), lr)

    @torch.no_grad()
    def choose(self, s):
        logits = self.policy(torch.from_numpy(s).double())
        return Categorical(logits=logits).sample().numpy()


def descend(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# --8<-- [end:agent]


# --8<-- [start:learn]
def returns(r, gamma=0.99):
    """从每一步起的折扣回报，从最后一步往回加。"""
    G = np.zeros_like(r)
    G[-1] = r[-1]
    for t in range(len(r) - 2, -1, -1):
        G[t] = r[t] + gamma * G[t + 1]
    return G


def learn(agent, s, a, G):
    v = agent.value(s).squeeze(-1).detach()  # 基线不接收梯度
    b = {"无基线": 0, "减去平均": G.mean(), "减去 V(s)": v}[agent.way]
    log_pi = Categorical(logits=agent.policy(s)).log_prob(a)
    descend(agent.actor, -(log_pi * (G - b)).mean())
    for _ in range(5):  # 让 V 追上这一批的回报
        error = agent.value(s).squeeze(-1) - G
        descend(agent.critic, error.square().mean())


# --8<-- [end:learn]


# --8<-- [start:train]
def train(way, seed, batches=40):
    torch.manual_seed(seed)
    envs, agent, curve = make(), Reinforce(way), []
    envs.reset(seed=seed)
    for _ in range(batches):
        s, a, r, alive = play(envs, agent.choose)
        curve.append(r.sum(axis=0).mean())
        if np.mean(curve[-5:]) >= spec.reward_threshold:
            break  # 这 100 局的平均及格了
        rows = [x[alive] for x in (s, a, returns(r))]
        learn(agent, *map(torch.from_numpy, rows))
    return curve


# --8<-- [end:train]

# --8<-- [start:compare]
ways = ["无基线", "减去平均", "减去 V(s)"]
curves = {way: [train(way, seed) for seed in range(5)] for way in ways}
for way, runs in curves.items():
    n = [N * len(curve) for curve in runs]
    steps = [N * sum(curve) / 10000 for curve in runs]
    print(f"{way}：{min(n)} 到 {max(n)} 局及格", end="，")
    print(f"平均 {np.mean(n):.0f} 局，{np.mean(steps):.0f} 万步")
# --8<-- [end:compare]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "policy_gradient_cartpole_torch"
figure, axes = plt.subplots(3, figsize=(3.5, 5.4), layout="constrained")
for axis, (way, runs) in zip(axes, curves.items(), strict=True):
    for curve in runs:
        games = N * np.arange(1, len(curve) + 1)
        axis.plot(games, curve, "C0", linewidth=1)
    axis.axhline(spec.reward_threshold, color="k", linestyle=":")
    axis.set(xlim=(0, 740), ylim=(0, 520), yticks=[0, 250, 475])
    axis.set_title(way, loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
axes[2].set_xlabel("局数")
title = "五个种子每批的平均步数：三种做法都在 620 局内到 475 以上"
path, about = "policy_gradient_cartpole_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
