# --8<-- [start:task]
import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode

gamma, limit = 0.9, 20


def step(state):
    """起步两步没有奖励，走起来以后每步得 1，永不结束。"""
    return min(state + 1, 2), float(state == 2)


V = [0.9**2 / (1 - gamma), 0.9 / (1 - gamma), 1 / (1 - gamma)]
print("真正的价值：" + "，".join(f"{v:.2f}" for v in V))
# --8<-- [end:task]


# --8<-- [start:learn]
def learn(after_cut, alpha=0.001, episodes=30_000):
    """每 20 步截断；after_cut(V, after)：截断处后继的价值。"""
    V = np.zeros(3)
    seen = []  # 最后一局里每一步之后的 V
    for _ in range(episodes):
        state, seen = 0, []
        for t in range(1, limit + 1):
            after, r = step(state)
            truncated = t == limit
            v_after = after_cut(V, after) if truncated else V[after]
            V[state] += alpha * (r + gamma * v_after - V[state])
            state = after
            seen.append(V.copy())
    return np.mean(seen, axis=0)  # 截断那一步把 V 拉偏一点，取一局的平均


ways = {
    "当成终点，后继记 0": lambda V, after: 0,
    "用重置后的状态": lambda V, after: V[0],
    "用截断前的最后状态": lambda V, after: V[after],
}
for name, after_cut in ways.items():
    V = learn(after_cut)
    print(f"{name}：" + "，".join(f"{v:.2f}" for v in V))
# --8<-- [end:learn]


# --8<-- [start:library]
RIGHT = 1
env = gymnasium.make("CartPole-v1", max_episode_steps=20)
rules = {
    "一直推右": lambda obs: RIGHT,
    "往倒的方向推": lambda obs: int(obs[2] + obs[3] > 0),
}
for name, act in rules.items():
    obs, info = env.reset(seed=0)
    steps, terminated, truncated = 0, False, False
    while not (terminated or truncated):
        obs, r, terminated, truncated, info = env.step(act(obs))
        steps += 1
    print(f"{name}：{steps} 步", end="，")
    print(f"terminated {terminated}，truncated {truncated}")
# --8<-- [end:library]


# --8<-- [start:vector]
def run(mode):
    """冰面（不打滑）上向右走，3 步就截断；看第 3、4 步返回什么。"""
    envs = gymnasium.make_vec(
        "FrozenLake-v1",
        num_envs=1,
        vectorization_mode="sync",
        vector_kwargs={"autoreset_mode": mode},
        is_slippery=False,
        max_episode_steps=3,
    )
    envs.reset(seed=0)
    for t in range(1, 5):
        obs, r, terminated, truncated, info = envs.step(np.array([2]))
        if t >= 3:
            print(f"  第 {t} 步：obs {obs[0]}，truncated {truncated[0]}", end="")
            print(f"，final_obs {info['final_obs'][0]}" if "final_obs" in info else "")


for mode in [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP]:
    print(mode.name)
    run(mode)
# --8<-- [end:vector]
