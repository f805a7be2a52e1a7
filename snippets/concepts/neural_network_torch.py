# --8<-- [start:network]
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

np.set_printoptions(precision=4, suppress=True, floatmode="fixed")


def build(params):
    """params 是 NumPy 里的 [(权重, 偏置), …]，抄进 nn.Linear。"""
    layers = []
    for w, b in params:
        linear = nn.Linear(*w.shape, dtype=torch.float64)
        with torch.no_grad():  # 抄权重不是模型的一步计算，不要记录
            linear.weight.copy_(torch.from_numpy(w.T))  # nn.Linear 存 (out, in)
            linear.bias.copy_(torch.from_numpy(b))
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])  # 末层不加激活函数：它的输出是 logits


# --8<-- [end:network]


# --8<-- [start:backward]
def gradients(model, x, y):
    loss = F.cross_entropy(model(x), y)  # 内含 log-softmax，对一批取平均
    model.zero_grad()  # backward 是累加，不是覆盖
    loss.backward()
    grads = [(m.weight.grad.T, m.bias.grad) for m in model if isinstance(m, nn.Linear)]
    return loss, grads


# --8<-- [end:backward]


# --8<-- [start:tiny]
x0, y0 = torch.tensor([[1.0, 2.0]], dtype=torch.float64), torch.tensor([1])
w1 = torch.tensor([[0.0, 1.0], [1.0, -1.0]], dtype=torch.float64, requires_grad=True)
w2 = torch.tensor([[0.5, -0.5], [1.0, -1.0]], dtype=torch.float64, requires_grad=True)
hidden = torch.relu(x0 @ w1)
logits = hidden @ w2
tiny_loss = F.cross_entropy(logits, y0)
tiny_loss.backward()  # 从标量出发，走遍记录下的图
shown = [t.detach().numpy()[0] for t in (hidden, logits, logits.softmax(dim=1))]
print("小例子：隐藏", shown[0], " logits", shown[1], " p", shown[2])
print(f"损失 {tiny_loss:.4f}")
print("W2 的梯度：", *(w2.grad.numpy() + 0))  # + 0 把 −0 变成 0
print("W1 的梯度：", *(w1.grad.numpy() + 0))
# --8<-- [end:tiny]


# --8<-- [start:data]
images, labels = load_digits(return_X_y=True)
images = torch.from_numpy(images / 16)  # (1797, 64)，像素原来是 0 到 16
labels = torch.from_numpy(labels)
order = np.random.default_rng(0).permutation(len(images))
train, test = order[:1500], order[1500:]
sizes = [64, 32, 16, 10]


def initial(last=0.1):
    """He 初始化；last 再缩放末层，1 就是不缩放。"""
    rng = np.random.default_rng(1)
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        w = rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in)
        params.append((w, np.zeros(n_out)))
    params[-1] = (params[-1][0] * last, params[-1][1])
    return params


print("参数个数：", sum(p.numel() for p in build(initial()).parameters()))
# --8<-- [end:data]


# --8<-- [start:first-loss]
print(f"初始损失应是 ln 10 = {np.log(10):.4f}")
for last in [0.1, 1, 10]:
    with torch.inference_mode():
        logits = build(initial(last))(images[train])
    loss = F.cross_entropy(logits, labels[train])
    spread = logits.std(correction=0)
    print(f"末层乘 {last}：logits 的标准差 {spread:.3f}，初始损失 {loss:.4f}")
# --8<-- [end:first-loss]


# --8<-- [start:train]
model = build(initial())
rng = np.random.default_rng(3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.125)
losses = []
# 有 GPU 时：模型与每个小批量都 .to(torch.accelerator.current_accelerator())；
# 本页要与 NumPy 逐位相同，用 CPU 上的 float64
for epoch in range(1, 21):
    for rows in rng.permutation(train).reshape(-1, 50):  # 1500 / 50 = 30 步
        loss = F.cross_entropy(model(images[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())  # item() 取出数，不留住整张图
    if epoch in (1, 2, 5, 10, 20):
        print(f"第 {epoch} 轮：训练损失 {np.mean(losses[-30:]):.4f}")
with torch.inference_mode():
    guess = model(images[test]).argmax(dim=1)
print(f"测试 {len(test)} 张，对 {(guess == labels[test]).sum()} 张")
# --8<-- [end:train]
