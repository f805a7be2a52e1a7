# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from torch import nn
from torch.distributions import Normal, kl_divergence

torch.set_default_dtype(torch.float64)  # 换一台机器的 CPU，印出的数也一样
images, _ = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images = torch.from_numpy(images[order] / 16)  # (1797, 64)，0 到 1
train_set, test_set = images[:1500], images[1500:]
# --8<-- [end:data]


# --8<-- [start:model]
class VAE(nn.Module):
    def __init__(self, latent=8, hidden=64):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 2 * latent)
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, 64)
        )
        self.log_sigma = nn.Parameter(torch.tensor(-1.5))  # 也要学

    def forward(self, x):
        mean, log_var = self.encoder(x).chunk(2, dim=-1)  # (batch, latent)
        epsilon = torch.randn_like(mean)
        z = mean + (log_var / 2).exp() * epsilon  # 重参数化
        return self.decoder(z), mean, log_var


# --8<-- [end:model]


# --8<-- [start:loss]
def elbo_terms(x, model):
    """每张图的重构项（64 个像素求和）与 KL（8 维求和）。"""
    x_hat, mean, log_var = model(x)
    log_p = Normal(x_hat, model.log_sigma.exp()).log_prob(x)
    kl = (mean.square() + log_var.exp() - 1 - log_var) / 2
    return log_p.sum(dim=1), kl.sum(dim=1)


# --8<-- [end:loss]


# --8<-- [start:train]
def train(seed, epochs=40):
    # 有 GPU 时：model.to(device)，下面的 x 与 test_set 也 .to(device)，
    # 末行改成 return model.cpu(), history（苹果的 MPS 没有 float64）
    torch.manual_seed(seed)
    model, history = VAE(), []
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(epochs):
        for x in train_set[torch.randperm(len(train_set))].split(100):
            fit, kl = elbo_terms(x, model)
            loss = (kl - fit).mean()  # 求和之后，只对批平均
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            terms = elbo_terms(test_set, model)
        history.append([term.mean().item() for term in terms])
    return model, history


# --8<-- [end:train]

# --8<-- [start:run]
models, histories = zip(*(train(seed) for seed in range(3)), strict=True)
fit, kl = np.mean([history[-1] for history in histories], axis=0)
elbo = [a - b for *_, (a, b) in histories]
sigma = np.mean([model.log_sigma.exp().item() for model in models])
print(f"测试图，三个种子：重构项 {fit:.1f}，KL {kl:.1f}，σ {sigma:.2f}")
print(f"ELBO {np.mean(elbo):.1f}（{min(elbo):.1f} 到 {max(elbo):.1f}）")
# --8<-- [end:run]

# --8<-- [start:baseline]
center = train_set.mean(dim=0)
scale = (train_set - center).square().mean().sqrt()
blind = Normal(center, scale).log_prob(test_set).sum(dim=1).mean()
linear = PCA(8).fit(train_set).score(test_set)
print(f"每张都猜平均图 {blind:.1f}，8 维的概率主成分 {linear:.1f}")
# --8<-- [end:baseline]

# --8<-- [start:library]
with torch.no_grad():
    mean, log_var = models[0].encoder(test_set).chunk(2, dim=-1)
    q, prior = Normal(mean, (log_var / 2).exp()), Normal(0.0, 1.0)
    library = kl_divergence(q, prior).sum(dim=1).mean()
    ours = elbo_terms(test_set, models[0])[1].mean()
print(f"KL：torch.distributions {library:.4f}，本页 {ours:.4f}")
# --8<-- [end:library]

# --8<-- [start:figure]
torch.manual_seed(0)
with torch.no_grad():
    x = test_set[:10]
    drawn = models[0].decoder(torch.randn(20, 8))
    strip = torch.cat([x, models[0](x)[0], drawn]).reshape(4, 10, 8, 8)
picture = nn.functional.pad(strip, (1, 1, 1, 1)).clip(0, 1)
picture = picture.transpose(1, 2).reshape(40, 100).numpy()
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "vae_digits_torch"
figure, axes = plt.subplots(2, figsize=(3.5, 4), layout="constrained")
for level in range(1, 9):  # 深浅分八级，一级一条断开的粗线
    y, x = np.nonzero(np.round(picture * 8) == level)
    ends = np.stack([x, x + 1, np.full(len(x), np.nan)], axis=1)
    line = axes[0].plot(ends.ravel(), np.repeat(y + 0.5, 3), "k", lw=2.2)[0]
    line.set(alpha=level / 8, solid_capstyle="butt")
axes[0].set(xlim=(0, 100), ylim=(40, 0), aspect="equal", xticks=[])
axes[0].set_yticks([5, 15, 25, 35], ["测试图", "重构", "新的", "新的"])
axes[0].spines[:].set_visible(False)
for name, curve in zip(["重构项", "KL"], np.mean(histories, 0).T, strict=True):
    axes[1].plot(range(1, 41), curve, label=name)
axes[1].set(xlabel="轮", xticks=[1, 10, 20, 30, 40])
axes[1].spines[["top", "right"]].set_visible(False)
axes[1].legend(frameon=False)
title = "上：测试图、重构、从先验生成的图；下：重构项与 KL 随训练变化"
path, about = "vae_digits_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
