# --8<-- [start:data]
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from torch import nn

torch.set_default_dtype(torch.float64)  # GPU 的写法见 vae_digits_torch.py
images, _ = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images = torch.from_numpy(images[order] / 16)
train_set, test_set = images[:1500], images[1500:]


def network(n_in, n_out):
    parts = nn.Linear(n_in, 64), nn.ReLU(), nn.Linear(64, n_out)
    return nn.Sequential(*parts)


# --8<-- [end:data]


# --8<-- [start:train]
def kl_of(mean, log_var):
    return (mean.square() + log_var.exp() - 1 - log_var) / 2


def train(weight, beta=1.0, warm=1, seed=0, epochs=40):
    """损失 = weight × 平方误差之和 + beta × KL 之和，再对批平均。

    前 warm 轮里 KL 的权重从小涨到 beta。
    """
    torch.manual_seed(seed)
    encoder, decoder = network(64, 16), network(8, 64)
    params = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(params, lr=5e-3)
    for epoch in range(1, epochs + 1):
        beta_now = beta * min(1, epoch / warm)
        for x in train_set[torch.randperm(len(train_set))].split(100):
            mean, log_var = encoder(x).chunk(2, dim=1)
            z = mean + (log_var / 2).exp() * torch.randn_like(mean)
            error = (x - decoder(z)).square().sum(dim=1)
            kl = kl_of(mean, log_var).sum(dim=1)
            loss = (weight * error + beta_now * kl).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return encoder, decoder


# --8<-- [end:train]


# --8<-- [start:report]
@torch.no_grad()
def measure(encoder, decoder):
    mean, log_var = encoder(test_set).chunk(2, dim=1)
    error = (test_set - decoder(mean)).square().sum(dim=1).mean()
    kl = kl_of(mean, log_var).mean(dim=0).sort(descending=True).values
    active = (mean.var(dim=0) > 0.01).sum()  # Burda 等人的门槛
    return error.item(), active.item(), kl.numpy()


def report(name, *options, seeds=1, **more):
    runs = [measure(*train(*options, seed=s, **more)) for s in range(seeds)]
    error, active, kl = zip(*runs, strict=True)
    span = " 到 ".join(map(str, sorted({min(active), max(active)})))
    print(f"{name}：平方误差 {np.mean(error):.2f}，用上 {span} 维")
    print("　每维的 KL", *[f"{value:.2f}" for value in np.mean(kl, axis=0)])
    if seeds > 1:
        print(f"　{seeds} 个种子，误差 {min(error):.2f} 到 {max(error):.2f}")


# --8<-- [end:report]

# --8<-- [start:mean]
center = train_set.mean(dim=0)
error = (test_set - center).square().sum(dim=1).mean()
print(f"每张都猜平均图：平方误差 {error:.2f}")
# --8<-- [end:mean]

# --8<-- [start:sigma]
spread = PCA().fit(train_set).explained_variance_
for name, weight, seeds in [
    ("σ = 0.14", 1 / (2 * 0.14**2), 1),
    ("平方误差求和", 1.0, 3),  # 在坍缩的边上，多看几个种子
    ("平方误差取平均", 1 / 64, 1),
]:
    report(name, weight, seeds=seeds)
    variance = 1 / (2 * weight)
    count = (spread > variance).sum()
    print(f"　等于 σ 的平方取 {variance:.3g}，方差更大的主成分 {count} 个")
# --8<-- [end:sigma]

# --8<-- [start:beta]
for beta, seeds in [(0, 1), (0.1, 1), (4, 3)]:
    name, weight = f"σ = 0.14，β = {beta:g}", 1 / (2 * 0.14**2)
    report(name, weight, beta, seeds=seeds)
# --8<-- [end:beta]

# --8<-- [start:warm]
for name, weight, seeds in [("求和", 1.0, 3), ("取平均", 1 / 64, 1)]:
    report(f"平方误差{name}，预热 30 轮", weight, warm=30, seeds=seeds)
# --8<-- [end:warm]
