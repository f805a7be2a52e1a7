# --8<-- [start:measures]
import numpy as np
import torch
from scipy.linalg import sqrtm
from sklearn.datasets import load_digits
from torch import nn

torch.set_default_dtype(torch.float64)  # GPU 的写法见 vae_digits_torch.py
images, _ = load_digits(return_X_y=True)
images = images[np.random.default_rng(0).permutation(len(images))] / 16
train_set, test_set = images[:1500], images[1500:]


def frechet(a, b):
    """把两组图各当成一个高斯，量弗雷歇距离（照 FID 的习惯，不开方）。"""
    c, d = np.cov(a.T), np.cov(b.T)  # (64, 64)
    cross = np.linalg.eigvals(c @ d).real.clip(0)
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return apart + np.trace(c) + np.trace(d) - 2 * np.sqrt(cross).sum()


def told_apart(a, b):
    """混在一起，看最近的邻居猜自己是哪一组，猜对的比例。"""
    both = np.concatenate([a, b])
    squares = (both**2).sum(axis=1)
    distance = squares[:, None] + squares - 2 * both @ both.T
    np.fill_diagonal(distance, np.inf)  # 自己不算
    group = np.arange(len(both)) < len(a)
    return (group[distance.argmin(axis=1)] == group).mean()


# --8<-- [end:measures]


# --8<-- [start:report]
def report(name, draw, networks=((),)):
    """每个网络抽五次，每次与测试图一样多；印平均，再印各网络的范围。"""
    found = []
    for network in networks:
        rngs = [np.random.default_rng(seed) for seed in range(5)]
        drawn = [draw(rng, len(test_set), *network) for rng in rngs]
        both = [(frechet(x, test_set), told_apart(x, test_set)) for x in drawn]
        found.append(np.mean(both, axis=0))
    distance, right = np.mean(found, axis=0)
    print(f"{name}：弗雷歇距离 {distance:.2f}，近邻分对 {right:.0%}")
    if len(found) > 1:
        (a, c), (b, d) = np.min(found, axis=0), np.max(found, axis=0)
        print(f"　{len(found)} 个种子：{a:.2f} 到 {b:.2f}，{c:.0%} 到 {d:.0%}")


# --8<-- [end:report]


# --8<-- [start:baseline]
def real(rng, n):
    return rng.choice(train_set, n, replace=False)


def gaussian(rng, n):
    """真图与平均图的差，用正态的随机数搭配：协方差与训练图相同。"""
    apart = train_set - train_set.mean(axis=0)
    mix = rng.standard_normal((n, len(apart))) / np.sqrt(len(apart) - 1)
    return (train_set.mean(axis=0) + mix @ apart).clip(0, 1)


report("真的训练图", real)
report("每个像素单独抽", lambda rng, n: rng.permuted(train_set, axis=0)[:n])
report("一个高斯", gaussian)
report("与平均图各半", lambda rng, n: (real(rng, n) + train_set.mean(axis=0)) / 2)
# --8<-- [end:baseline]


# --8<-- [start:model]
def network(n_in, n_out):
    parts = nn.Linear(n_in, 64), nn.ReLU(), nn.Linear(64, n_out)
    return nn.Sequential(*parts)


def train(beta, seed, sigma=0.14, epochs=40):
    torch.manual_seed(seed)
    encoder, decoder = network(64, 16), network(8, 64)
    params = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(params, lr=5e-3)
    data = torch.from_numpy(train_set)
    for _ in range(epochs):
        for x in data[torch.randperm(len(data))].split(100):
            mean, log_var = encoder(x).chunk(2, dim=1)
            z = mean + (log_var / 2).exp() * torch.randn_like(mean)
            error = (x - decoder(z)).square().sum(dim=1)
            kl = (mean.square() + log_var.exp() - 1 - log_var).sum(dim=1) / 2
            loss = (error / (2 * sigma**2) + beta * kl).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return encoder, decoder


# --8<-- [end:model]


# --8<-- [start:samples]
@torch.no_grad()
def decode(decoder, z):
    return decoder(torch.from_numpy(z)).numpy()


def prior(rng, n, _, decoder):
    return decode(decoder, rng.standard_normal((n, 8))).clip(0, 1)


trained = {}
for beta, seeds in [(0, 1), (0.1, 1), (1, 3), (4, 3)]:
    trained[beta] = [train(beta, seed) for seed in range(seeds)]
    report(f"β = {beta:g}，从先验抽", prior, trained[beta])
# --8<-- [end:samples]


# --8<-- [start:why]
def noisy(rng, n, _, decoder):
    x = decode(decoder, rng.standard_normal((n, 8)))
    return (x + 0.14 * rng.standard_normal(x.shape)).clip(0, 1)


@torch.no_grad()
def rebuilt(rng, n, encoder, decoder):
    mean, log_var = encoder(torch.from_numpy(real(rng, n))).chunk(2, dim=1)
    epsilon = torch.from_numpy(rng.standard_normal(mean.shape))
    z = mean + (log_var / 2).exp() * epsilon
    return decoder(z).clip(0, 1).numpy()


report("β = 1，加上像素的噪声", noisy, trained[1])
report("β = 1，训练图的重构", rebuilt, trained[1])
# --8<-- [end:why]

# --8<-- [start:library]
x = real(np.random.default_rng(0), len(test_set))
inner = (x.std(axis=0) > 0.02) & (test_set.std(axis=0) > 0.02)
a, b = x[:, inner], test_set[:, inner]  # 不变的像素让 sqrtm 警告
c, d = np.cov(a.T), np.cov(b.T)
apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
library = apart + np.trace(c + d - 2 * sqrtm(c @ d).real)
print(f"弗雷歇距离：scipy {library:.4f}，本页 {frechet(a, b):.4f}")
# --8<-- [end:library]
