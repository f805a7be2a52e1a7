# --8<-- [start:step]
import torch
import torch.nn.functional as F
from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function

torch.manual_seed(0)
x, target = torch.randn(50, 64), torch.randint(10, (50,))
layers = [nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10)]
model = nn.Sequential(*layers)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)


def step():
    with record_function("前向"):
        loss = F.cross_entropy(model(x), target)
    with record_function("反向"):
        optimizer.zero_grad()
        loss.backward()
    with record_function("更新"):
        optimizer.step()
    return loss


# --8<-- [end:step]


# --8<-- [start:counts]
def measure(function):
    """走五步，返回性能分析器的记录。"""
    function()  # 第一步要做一次性的准备，不算在内
    kinds = [ProfilerActivity.CPU]  # 有 GPU 时再加 ProfilerActivity.CUDA
    with profile(activities=kinds, with_flops=True) as record:
        for _ in range(5):
            function()
    return record


def per_step(record):
    return {row.key: row.count / 5 for row in record.key_averages()}


record = measure(step)
# 带时间的全表：record.key_averages().table(sort_by="self_cpu_time_total")
counts = per_step(record)
for name in ["前向", *[f"aten::{k}" for k in ["addmm", "mm", "add_"]]]:
    print(f"{name}：每步 {counts[name]:g} 次")
# --8<-- [end:counts]


# --8<-- [start:tree]
def show(event, depth=0):
    """画出谁调用谁，到第三层；返回每一项的（自身，里面，总）。"""
    print("  " * depth + event.name)
    inside = sum(child.cpu_time_total for child in event.cpu_children)
    times = [(event.self_cpu_time_total, inside, event.cpu_time_total)]
    for child in event.cpu_children if depth < 2 else []:
        times += show(child, depth + 1)
    return times


events = record.events()
times = show(next(event for event in events if event.name == "前向"))
adds_up = [abs(own + inside - all_) < 0.01 for own, inside, all_ in times]
print(f"{len(times)} 项都是自身 + 里面 = 总：{all(adds_up)}")
# --8<-- [end:tree]

# --8<-- [start:flops]
flops = {row.key: row.flops // 5 for row in record.key_averages()}
forward = 2 * 50 * 64 * 128 + 2 * 50 * 128 * 10
backward = 2 * 50 * 64 * 128 + 2 * (2 * 50 * 128 * 10)
print(f"前向 addmm：分析器 {flops['aten::addmm']}，手算 {forward}")
print(f"反向 mm：分析器 {flops['aten::mm']}，手算 {backward}")
# --8<-- [end:flops]

# --8<-- [start:slow]
total = 0.0


def with_item():
    global total
    total += step().item()  # 每步把损失取成 Python 的数


stored = model[0].weight.detach().t().contiguous()  # (输入, 输出)


def with_copy():
    model[0].weight.data = stored.t().contiguous()  # 每步转置一遍
    step()


watched = ["_local_scalar_dense", "clone", "copy_"]
ways = {"原来": step, "每步 .item()": with_item, "每步转置": with_copy}
for name, function in ways.items():
    counts = per_step(measure(function))
    said = [f"{key} {counts.get(f'aten::{key}', 0):g}" for key in watched]
    print(f"{name}：{'，'.join(said)}")
# --8<-- [end:slow]
