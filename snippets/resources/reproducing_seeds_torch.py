# --8<-- [start:setup]
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

digits = load_digits()  # 1797 张 8×8 的手写数字，随 scikit-learn 安装
images = digits.data / 16  # (1797, 64)，float64
labels = digits.target
rows = np.random.default_rng(0).permutation(len(labels))  # 划分只抽这一次
train, valid, test = rows[:500], rows[500:900], rows[900:]
print(f"训练 {len(train)}，验证 {len(valid)}，测试 {len(test)}")


def initial(seed):
    """Glorot 均匀分布的初始权重；各框架都抄这一份。"""
    rng = np.random.default_rng(seed)
    limits = np.sqrt(6 / (64 + 32)), np.sqrt(6 / (32 + 10))
    w1 = rng.uniform(-limits[0], limits[0], (64, 32))  # (in, out)
    w2 = rng.uniform(-limits[1], limits[1], (32, 10))
    return w1, np.zeros(32), w2, np.zeros(10)


def batches(seed, epochs=40, size=50):
    """小批量的次序：(步, 50)。同一个种子的两种做法看到同样的次序。"""
    rng = np.random.default_rng([seed, 1])
    orders = [rng.permutation(train).reshape(-1, size) for _ in range(epochs)]
    return np.concatenate(orders)


# --8<-- [end:setup]


# --8<-- [start:train]
x, y = torch.from_numpy(images), torch.from_numpy(labels)


# 有 GPU 时：device = torch.accelerator.current_accelerator(True)，
# 数据、模型与小批量的次序都 .to(device)；网络这样小，CPU 反而更快
def build(seed):
    # float64：各框架的舍入小到不会改变任何一个预测，于是答对的个数必须全等
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)).double()
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), initial(seed), strict=True):
            parameter.copy_(torch.from_numpy(value.T))  # Linear 的权重是 (out, in)
    return model


def fit(seed, smoothing, rate):
    model = build(seed)
    criterion = nn.CrossEntropyLoss(label_smoothing=smoothing)  # 标签是类别号
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for batch in torch.from_numpy(batches(seed)):
        optimizer.zero_grad()
        criterion(model(x[batch]), y[batch]).backward()
        optimizer.step()
    return model


@torch.inference_mode()
def probabilities(model, rows):
    return model(x[rows]).softmax(dim=1).numpy()


def correct(p, rows):
    return p.argmax(axis=-1) == labels[rows]


methods = {"不平滑": 0.0, "平滑": 0.1}  # 只有这一个数不同
# --8<-- [end:train]


# --8<-- [start:tune]
rates = (0.0625, 0.25, 1.0, 4.0)  # 两种做法：同样的候选，同样的种子，同样的步数
best_rate = {}
for name, smoothing in methods.items():
    totals = []
    for rate in rates:
        runs = [probabilities(fit(s, smoothing, rate), valid) for s in (100, 101)]
        totals.append(sum(int(correct(p, valid).sum()) for p in runs))
    best_rate[name] = rates[int(np.argmax(totals))]
    # 训练崩了的网络答对几个全凭运气，换一台机器就变：不印数字
    shown = [n if n > 400 else "训练崩了" for n in totals]
    print(f"{name}，验证集 2 个种子共答对（满分 800）", end="：")
    print("，".join(f"{r}：{n}" for r, n in zip(rates, shown, strict=True)), end="；")
    print(f"取 {best_rate[name]}")
# --8<-- [end:tune]


# --8<-- [start:compare]
seeds = range(10)  # 与调参用的种子不同
outputs = {}  # 做法 → (种子, 测试样本, 10)
for name, smoothing in methods.items():
    models = (fit(s, smoothing, best_rate[name]) for s in seeds)
    outputs[name] = np.array([probabilities(m, test) for m in models])
hits = {name: correct(p, test) for name, p in outputs.items()}  # (种子, 测试样本)

print("种子  不平滑   平滑   差")
for s in seeds:
    a, b = (int(hits[name][s].sum()) for name in methods)
    print(f"{s:4d}  {a:6d}  {b:5d}  {b - a:+3d}")
accuracy = {name: 100 * h.mean(axis=1) for name, h in hits.items()}  # 百分比
for name, values in accuracy.items():
    print(f"{name}：{values.mean():.2f} ± {values.std(ddof=1):.2f}", end="，")
    print(f"最好的种子 {values.max():.2f}")
# --8<-- [end:compare]
