# --8<-- [start:who]
import random

import numpy as np
import torch
from torch.utils import data


class WhoReads(data.Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, i):
        return i, data.get_worker_info().id  # 主进程里 get_worker_info() 是 None


def show_who():
    loader = data.DataLoader(WhoReads(), batch_size=2, num_workers=2)
    for rows, workers in loader:
        print(f"第 {rows.tolist()} 行：{workers[0]} 号进程")


# 有的系统里子进程会重新载入本文件：不挡住，它又会去开子进程
if __name__ == "__main__":
    show_who()
# --8<-- [end:who]


# --8<-- [start:noise]
class Noise(data.Dataset):
    """每行是四种来源的随机数，代替随机裁剪、翻转。"""

    names = ["random", "np.random", "torch", "存下的 rng"]

    def __init__(self):
        self.rng = np.random.default_rng(0)  # 随数据集复制到各个进程

    def __len__(self):
        return 4

    def __getitem__(self, i):
        pair = random.random(), np.random.rand()
        more = torch.rand(()).item(), self.rng.random()
        return np.array([*pair, *more])


def epochs(dataset, **options):
    """两轮，batch_size=2：第一批归 0 号进程，第二批归 1 号。"""
    draw = torch.Generator().manual_seed(0)
    options |= {"num_workers": 2, "generator": draw}
    loader = data.DataLoader(dataset, batch_size=2, **options)
    return torch.stack([torch.stack(list(loader)) for _ in range(2)])


# --8<-- [end:noise]


# --8<-- [start:seeds]
def compare(names, found):
    """found：(轮, 进程, 行, 来源)。"""
    for k, name in enumerate(names):
        x = found[..., k]
        workers, rounds = x[0, 0].equal(x[0, 1]), x[0].equal(x[1])
        print(f"{name}：两个进程相同 {workers}，两轮相同 {rounds}")


if __name__ == "__main__":
    compare(Noise.names, epochs(Noise()))
# --8<-- [end:seeds]

# --8<-- [start:persistent]
if __name__ == "__main__":
    kept = epochs(Noise(), persistent_workers=True)
    compare(Noise.names[3:], kept[..., 3:])
# --8<-- [end:persistent]


# --8<-- [start:mend]
def own_rng(worker_id):
    """在每个子进程开始时调用一次。"""
    info = data.get_worker_info()  # info.seed = 本轮的种子 + 进程号
    info.dataset.rng = np.random.default_rng(info.seed)


if __name__ == "__main__":
    mended = epochs(Noise(), worker_init_fn=own_rng)
    compare(Noise.names[3:], mended[..., 3:])
    again = epochs(Noise(), worker_init_fn=own_rng)
    print("再运行一次，四种来源都相同：", mended.equal(again))
# --8<-- [end:mend]


# --8<-- [start:stream]
class Stream(data.IterableDataset):
    def __init__(self, share):
        self.share = share

    def __iter__(self):
        info = data.get_worker_info()
        if self.share:  # 0 号读 0、2、4，1 号读 1、3、5
            yield from range(info.id, 6, info.num_workers)
        else:
            yield from range(6)


if __name__ == "__main__":
    for name, share in [("不分", False), ("按进程号分", True)]:
        stream = Stream(share)
        loader = data.DataLoader(stream, batch_size=None, num_workers=2)
        print(f"{name}：{[int(row) for row in loader]}")
# --8<-- [end:stream]
