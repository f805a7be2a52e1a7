# --8<-- [start:data]
import warnings

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, TensorDataset

images, labels = load_digits(return_X_y=True)
x = torch.tensor(images[:600] / 16)  # float64
dataset = TensorDataset(x, torch.tensor(labels[:600]))
# --8<-- [end:data]


# --8<-- [start:start]
def start(seed):
    """一次训练的各部分，都是新的。"""
    torch.manual_seed(seed)  # 初始化与随机失活用全局的随机数
    layers = [nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.5)]
    model = nn.Sequential(*layers, nn.Linear(32, 10)).double()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    cosine = lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)
    draw = torch.Generator().manual_seed(seed)  # 打乱用它
    run = {"model": model, "optimizer": optimizer, "scheduler": cosine}
    return run | {"draw": draw, "epoch": 0}


# --8<-- [end:start]


# --8<-- [start:train]
def train(run, until):
    """训练到第 until 轮，返回每一步的损失。"""
    model, optimizer, losses = run["model"], run["optimizer"], []
    options = {"shuffle": True, "generator": run["draw"]}
    loader = DataLoader(dataset, batch_size=60, **options)
    model.train()
    while run["epoch"] < until:
        for rows, target in loader:
            loss = F.cross_entropy(model(rows), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        run["scheduler"].step()  # 这个调度器按轮走
        run["epoch"] += 1
    return losses


# --8<-- [end:train]


# --8<-- [start:save]
WITH_STATE = ["model", "optimizer", "scheduler"]


def save(run, path):
    saved = {part: run[part].state_dict() for part in WITH_STATE}
    saved |= {"draw": run["draw"].get_state(), "epoch": run["epoch"]}
    saved["rng"] = torch.get_rng_state()  # GPU 上还有 torch.cuda 的
    torch.save(saved, path)


def load(run, path, without=None):
    """把存下的各部分装进 run；without 是故意漏掉的一样。"""
    saved = torch.load(path, weights_only=True)
    for part in WITH_STATE:
        if without != part:
            run[part].load_state_dict(saved[part])
    if without != "draw":
        run["draw"].set_state(saved["draw"])
    if without != "epoch":
        run["epoch"] = saved["epoch"]
    if without != "rng":  # 最后装：前面的步骤不能再用掉随机数
        torch.set_rng_state(saved["rng"])


# --8<-- [end:save]

# --8<-- [start:whole]
whole = start(seed=0)
losses = train(whole, until=6)
half = start(seed=0)
train(half, until=3)
save(half, "half.pt")


def resume(without=None):
    """像新的进程那样：各部分重新建立，种子也不同。"""
    run = start(seed=123)
    load(run, "half.pt", without)
    return run, train(run, until=6)


resumed, tail = resume()
print(f"第四轮起的 {len(tail)} 个损失逐位相同：", tail == losses[30:])
old, new = (run["model"].state_dict() for run in [whole, resumed])
print("最后的参数逐位相同：", all(old[k].equal(new[k]) for k in old))
# --8<-- [end:whole]

# --8<-- [start:without]
names = {
    "model": "模型",
    "optimizer": "优化器",
    "scheduler": "调度器",
    "rng": "全局随机数",
    "draw": "加载器的随机数",
    "epoch": "轮数",
}
curves = {"全存": tail}
for part, name in names.items():
    run, losses_now = resume(part)
    curves[f"漏{name}"] = losses_now[:30]
    pairs = zip(losses_now[:30], losses[30:], strict=True)
    apart = [abs(a - b) for a, b in pairs]
    print(f"漏{name}：又走 {len(losses_now)} 步", end="，")
    print(f"首步损失差 {apart[0]:.3f}，平均差 {sum(apart) / 30:.3f}", end="，")
    print(f"最后学习率 {run['optimizer'].param_groups[0]['lr']:.4f}")
# --8<-- [end:without]

# --8<-- [start:figure]
warnings.filterwarnings("ignore", "Glyph")  # 汉字由浏览器画
plt.rcParams.update({"svg.fonttype": "none", "font.size": 10})
plt.rcParams["svg.hashsalt"] = "pytorch_training_resume_torch"
figure, axes = plt.subplots(3, figsize=(3.5, 5), layout="constrained")
shown = ["全存", "漏优化器", "漏加载器的随机数"]
for axis, name in zip(axes, shown, strict=True):
    axis.plot(range(60), losses, "k:", label="不中断")
    axis.plot(range(30, 60), curves[name], "C1-", label=name)
    axis.set(xticks=[0, 30, 60], ylim=(0, 2.5))
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=10)
axes[0].set_title("每一步的损失", loc="left", fontsize=10)
axes[2].set_xlabel("步")
title = "全存时续训与不中断的损失重合，漏了优化器或次序就分开"
path, about = "pytorch_training_resume_torch.svg", {"Title": title}
figure.savefig(path, transparent=True, metadata=about)
# --8<-- [end:figure]
