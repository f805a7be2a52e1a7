# --8<-- [start:env]
import gymnasium as gym
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

keras.config.set_floatx("float64")  # 各种机器上算出同样的数
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
    hidden = layers.Dense(32, activation="tanh")
    return keras.Sequential([keras.Input((4,)), hidden, layers.Dense(out)])


class Reinforce:
    def __init__(self, way, seed, lr=0.03):
        keras.utils.set_random_seed(seed)
        self.way, self.policy, self.value = way, mlp(2), mlp(1)
        self.actor = keras.optimizers.Adam(lr)
        self.critic = keras.optimizers.Adam(lr)
        self.generator = keras.random.SeedGenerator(seed)

    @tf.function  # 编译一次：每一步都要调用
    def draw(self, s):
        logits = self.policy(s)
        return keras.random.categorical(logits, 1, seed=self.generator)

    def choose(self, s):
        return self.draw(tf.constant(s, tf.float64)).numpy()[:, 0]


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
    v = ops.squeeze(agent.value(s), -1)  # 在磁带之外：不接收梯度
    b = {"无基线": 0, "减去平均": G.mean(), "减去 V(s)": v}[agent.way]
    with tf.GradientTape() as tape:
        log_pi = -keras.losses.sparse_categorical_crossentropy(
            a, agent.policy(s), from_logits=True
        )
        loss = -ops.mean(log_pi * (G - b))
    weights = agent.policy.trainable_variables
    agent.actor.apply(tape.gradient(loss, weights), weights)
    weights = agent.value.trainable_variables
    for _ in range(5):  # 让 V 追上这一批的回报
        with tf.GradientTape() as tape:
            error = ops.squeeze(agent.value(s), -1) - G
            loss = ops.mean(ops.square(error))
        agent.critic.apply(tape.gradient(loss, weights), weights)


# --8<-- [end:learn]


# --8<-- [start:train]
def train(way, seed, batches=60):
    envs, agent, curve = make(), Reinforce(way, seed), []
    envs.reset(seed=seed)
    for _ in range(batches):
        s, a, r, alive = play(envs, agent.choose)
        curve.append(r.sum(axis=0).mean())
        if np.mean(curve[-5:]) >= spec.reward_threshold:
            break  # 这 100 局的平均及格了
        learn(agent, *(x[alive] for x in (s, a, returns(r))))
    return curve


# --8<-- [end:train]

# --8<-- [start:keras-compare]
for way in ["无基线", "减去平均", "减去 V(s)"]:
    runs = [train(way, seed) for seed in range(3)]
    n = [N * len(curve) for curve in runs]
    steps = [N * sum(curve) / 10000 for curve in runs]
    print(f"{way}：{min(n)} 到 {max(n)} 局及格", end="，")
    print(f"平均 {np.mean(n):.0f} 局，{np.mean(steps):.0f} 万步")
# --8<-- [end:keras-compare]
