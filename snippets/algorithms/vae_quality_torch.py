# --8<-- [start:measures]
import numpy as np
import torch
from scipy.linalg import sqrtm
from sklearn.datasets import load_digits
from torch import nn

torch.set_default_dtype(torch.float64)
images, _ = load_digits(return_X_y=True)
images = images[np.random.default_rng(0).permutation(len(images))] / 16
train_set, test_set = images[:1500], images[1500:]


def frechet(a, b):
    """把两组图各当成一个高斯，量两个高斯的距离。"""
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


# --8<-- [start:baseline]
def report(name, draw):
    """抽五次，每次与测试图一样多，取平均。"""
    rngs = [np.random.default_rng(seed) for seed in range(5)]
    drawn = [draw(rng, len(test_set)) for rng in rngs]
    distance = np.mean([frechet(x, test_set) for x in drawn])
    right = np.mean([told_apart(x, test_set) for x in drawn])
    print(f"{name}：弗雷歇距离 {distance:.2f}，近邻分对 {right:.0%}")


def real(rng, n):
    return rng.choice(train_set, n, replace=False)


def gaussian(rng, n):
    mean, cov = train_set.mean(axis=0), np.cov(train_set.T)
    return rng.multivariate_normal(mean, cov, n, method="svd").clip(0, 1)


report("真的训练图", real)
report("每个像素单独抽", lambda rng, n: rng.permuted(train_set, axis=0)[:n])
report("一个高斯", gaussian)
report("与平均图各半", lambda rng, n: (real(rng, n) + train_set.mean(axis=0)) / 2)
# --8<-- [end:baseline]


# --8<-- [start:model]
def network(n_in, n_out):
    parts = nn.Linear(n_in, 64), nn.ReLU(), nn.Linear(64, n_out)
    return nn.Sequential(*parts)


def train(beta, sigma=0.14, epochs=40):
    torch.manual_seed(0)
    encoder, decoder = network(64, 16), network(8, 64)
    params = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(params, lr=5e-3)
    data = torch.from_numpy(train_set)
    for _ in range(epochs):
        for x in data[torch.randperm(1500)].split(100):
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


for beta in [0, 0.1, 1, 4]:
    encoder, decoder = train(beta)

    def prior(rng, n, decoder=decoder):
        return decode(decoder, rng.standard_normal((n, 8))).clip(0, 1)

    report(f"β = {beta:g}，从先验抽", prior)
    if beta == 1:
        chosen = encoder, decoder
# --8<-- [end:samples]


# --8<-- [start:why]
encoder, decoder = chosen


def noisy(rng, n):
    x = decode(decoder, rng.standard_normal((n, 8)))
    return (x + 0.14 * rng.standard_normal(x.shape)).clip(0, 1)


@torch.no_grad()
def rebuilt(rng, n):
    mean, log_var = encoder(torch.from_numpy(real(rng, n))).chunk(2, dim=1)
    epsilon = torch.from_numpy(rng.standard_normal(mean.shape))
    z = mean + (log_var / 2).exp() * epsilon
    return decoder(z).clip(0, 1).numpy()


report("β = 1，加上像素的噪声", noisy)
report("β = 1，训练图的重构", rebuilt)
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
