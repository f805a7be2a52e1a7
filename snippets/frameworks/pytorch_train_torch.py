# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn import functional as F

gpu = torch.accelerator.current_accelerator(check_available=True)
device = gpu or torch.device("cpu")
images, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(images))
images = (images[order] / 16).astype("float32")  # 权重也是 float32
labels = labels[order]
x = torch.tensor(images, device=device)  # (1797, 64)
y = torch.tensor(labels, device=device)
train_x, train_y, test_x, test_y = x[:1200], y[:1200], x[1200:], y[1200:]
baseline = LogisticRegression(max_iter=1000).fit(images[:1200], labels[:1200])
wrong = (baseline.predict(images[1200:]) != labels[1200:]).sum()
print(f"逻辑回归：{len(test_y)} 张里错 {wrong} 张")
# --8<-- [end:data]


# --8<-- [start:model]
class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(64, 128)
        self.drop = nn.Dropout(0.5)
        self.output = nn.Linear(128, 10)

    def forward(self, x):  # (batch, 64)
        return self.output(self.drop(torch.relu(self.hidden(x))))


@torch.inference_mode()
def mistakes(model, evaluate=True):
    model.train(not evaluate)  # evaluate=False：忘了 eval()
    guess = model(test_x).argmax(dim=1)
    return (guess != test_y).sum().item()


# --8<-- [end:model]


# --8<-- [start:loop]
def train(seed, clear=True, epochs=20):
    torch.manual_seed(seed)  # 初值、次序、Dropout 都由它定
    model = Digits().to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    history = []
    for _ in range(epochs):
        model.train()  # 上一轮末尾的 mistakes 换成了 eval
        for batch in torch.randperm(len(train_x)).split(50):
            if clear:
                optimizer.zero_grad()
            loss = F.cross_entropy(model(train_x[batch]), train_y[batch])
            loss.backward()
            optimizer.step()
        history.append(mistakes(model))
    return model, history


# --8<-- [end:loop]


# --8<-- [start:run]
def report(name, values):
    values = np.array(values)
    print(f"{name}：平均错 {values.mean():.1f} 张，", end="")
    print(f"{values.min():.0f} 到 {values.max():.0f}")


runs = [train(seed) for seed in range(10)]
final = [history[-1] for _, history in runs]
report("网络，十个种子", final)
better = sum(n < wrong for n in final)
print(f"比逻辑回归错得少的：{better} 个种子")
# --8<-- [end:run]

# --8<-- [start:forgot]
for name, evaluate in [("写了 eval", True), ("忘了 eval", False)]:
    torch.manual_seed(0)
    report(name, [mistakes(m, evaluate) for m, _ in runs for _ in range(10)])
model = runs[0][0]
for name, evaluate in [("写了 eval", True), ("忘了 eval", False)]:
    seen = {mistakes(model, evaluate) for _ in range(10)}
    print(f"{name}，同一个模型考十次，结果都相同：{len(seen) == 1}")
# --8<-- [end:forgot]

# --8<-- [start:uncleared]
without = [train(seed, clear=False)[1][-1] for seed in range(3)]
print("不清零，每个种子都错一半以上：", min(without) > len(test_y) / 2)
# --8<-- [end:uncleared]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 12})
plt.rcParams["svg.hashsalt"] = "pytorch_train_torch"
figure, axis = plt.subplots(figsize=(3.5, 2.8), layout="constrained")
curves = np.array([history for _, history in runs])  # (种子, 轮)
rounds = range(1, 21)
axis.fill_between(rounds, curves.min(0), curves.max(0), alpha=0.3, label="最少到最多")
axis.plot(rounds, curves.mean(0), "C0", label="平均")
axis.axhline(wrong, color="C1", linestyle=":", label="逻辑回归")
axis.set(xticks=[1, 5, 10, 15, 20], xlabel="轮", ylim=(0, None))
axis.set_title("测试错的张数", loc="left", fontsize=12)
axis.spines[["top", "right"]].set_visible(False)
axis.legend(frameon=False)
title = "十个种子的网络，测试错的张数逐轮下降，最后平均与逻辑回归差不多"
path, about = "pytorch_train_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
