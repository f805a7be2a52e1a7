# --8<-- [start:network]
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order] / 16, labels[order]


def logits(params, x):
    w1, b1, w2, b2 = params
    h = np.maximum(x @ w1 + b1, 0)  # (batch, 32)
    z = h @ w2 + b2  # (batch, 10)
    return h, z - z.max(axis=1, keepdims=True)


def gradients(params, x, y):
    h, z = logits(params, x)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].mean()
    delta = (np.exp(log_p) - np.eye(10)[y]) / len(y)
    hidden = (delta @ params[2].T) * (h > 0)
    return loss, [x.T @ hidden, hidden.sum(0), h.T @ delta, delta.sum(0)]


# --8<-- [end:network]


# --8<-- [start:steps]
def sgd_step(p, g, state, eta, t, mu=0.0):
    state["m"] = mu * state.get("m", 0) + g
    p -= eta * state["m"]


def momentum_step(p, g, state, eta, t):
    sgd_step(p, g, state, eta, t, mu=0.9)


def adam_step(p, g, state, eta, t):
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * g
    state["v"] = 0.999 * state.get("v", 0) + 0.001 * g**2
    m_hat, v_hat = state["m"] / (1 - 0.9**t), state["v"] / (1 - 0.999**t)
    p -= eta * m_hat / (np.sqrt(v_hat) + 1e-8)


# --8<-- [end:steps]


# --8<-- [start:train]
def train(step, eta, seed, x, y, epochs=10, size=50):
    rng = np.random.default_rng(seed)
    params = [rng.normal(size=(64, 32)) * np.sqrt(2 / 64), np.zeros(32)]
    params += [rng.normal(size=(32, 10)) * np.sqrt(2 / 32) * 0.1, np.zeros(10)]
    states, history, t = [{} for _ in params], [], 0
    for _ in range(epochs):
        losses, rows = [], rng.permutation(len(x))
        for i in range(0, len(x), size):
            batch = rows[i : i + size]
            loss, grads = gradients(params, x[batch], y[batch])
            losses.append(loss)
            t += 1
            for p, g, state in zip(params, grads, states, strict=True):
                step(p, g, state, eta, t)
        history.append(np.mean(losses))
    return params, history


# --8<-- [end:train]


# --8<-- [start:tune]
ways = {
    "SGD": (sgd_step, [0.1, 0.3, 1.0, 2.0]),
    "动量 0.9": (momentum_step, [0.03, 0.1, 0.2, 0.4]),
    "Adam": (adam_step, [0.001, 0.003, 0.01, 0.03]),
}


def tune(step, rates, x):
    """前 1200 张训练，后 300 张验证，三个种子平均。"""
    means = []
    for eta in rates:
        runs = [train(step, eta, s, x[:1200], labels[:1200]) for s in range(3)]
        held = x[1200:1500], labels[1200:1500]
        means.append(np.mean([gradients(p, *held)[0] for p, _ in runs]))
    return means


best = {}
for name, (step, rates) in ways.items():
    means = tune(step, rates, images)
    best[name] = rates[int(np.argmin(means))]
    print(f"{name}，学习率→验证损失：")
    found = zip(rates, means, strict=True)
    print("  ".join(f"{eta:g}→{loss:.2f}" for eta, loss in found))
# --8<-- [end:tune]


# --8<-- [start:compare]
def compare(name, eta, x):
    """换十个新种子，在 1500 张上训练，数测试错的张数。"""
    curves, wrong = [], []
    for seed in range(10, 20):
        data = x[:1500], labels[:1500]
        params, history = train(ways[name][0], eta, seed, *data)
        curves.append(history)
        guess = logits(params, x[1500:])[1].argmax(axis=1)
        wrong.append((guess != labels[1500:]).sum())
    print(f"{name}，{eta:g}：训练损失 {np.mean(curves, axis=0)[-1]:.3f}，", end="")
    print(f"错 {np.mean(wrong):.1f} ± {np.std(wrong, ddof=1):.1f} 张")
    return np.mean(curves, axis=0)


curves = {name: compare(name, eta, images) for name, eta in best.items()}
# --8<-- [end:compare]

# --8<-- [start:units]
units = np.random.default_rng(5).permutation(np.logspace(-2, 0, 64))
rescaled = images * units  # 每个像素换一个单位，相差到 100 倍
ways["动量 0.9"] = (momentum_step, [0.1, 0.2, 0.4, 0.8])
ways["Adam"] = (adam_step, [0.01, 0.03, 0.1, 0.3])
uneven = {}
for name in ["动量 0.9", "Adam"]:
    step, rates = ways[name]
    eta = rates[int(np.argmin(tune(step, rates, rescaled)))]
    uneven[name] = compare(name, eta, rescaled)
# --8<-- [end:units]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "adam_digits_numpy"
figure, axes = plt.subplots(2, figsize=(3.5, 4.6), layout="constrained")
panels = [(curves, "原来的像素"), (uneven, "单位不同的像素")]
styles = {"SGD": "k:", "动量 0.9": "C0--", "Adam": "C1-"}
for axis, (found, name) in zip(axes, panels, strict=True):
    for way, curve in found.items():
        axis.plot(range(1, 11), curve, styles[way], label=way)
    axis.set(xticks=[1, 5, 10], ylim=(0, 2.0))
    axis.set_title(name, loc="left", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False)
axes[1].set_xlabel("轮")
title = "训练损失：原来的像素上三条线差不多，单位不同时 Adam 低得多"
path, about = "adam_digits_numpy.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
