# --8<-- [start:dataset]
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler

VOCAB = ["补", *"零一二三四五六七八九十百"]  # 0 号留给填充


def spell(n):
    """1 到 999 的汉字写法：205 是二百零五，12 是一十二。"""
    text = ""
    for digit, unit in zip(f"{n:03d}", ["百", "十", ""], strict=True):
        text += "零" if digit == "0" else VOCAB[int(digit) + 1] + unit
    return text.strip("零").replace("零零", "零")


class Numbers(Dataset):
    def __len__(self):
        return 999

    def __getitem__(self, i):
        ids = [VOCAB.index(c) for c in spell(i + 1)]
        return ids, len(str(i + 1))  # 序列，标签：几位数


print(f"{spell(205)}：{Numbers()[204]}")
# --8<-- [end:dataset]


# --8<-- [start:collate]
def collate(sequences, pad=0, left=False):
    """长短不一的列表拼成 ids、mask、positions，都是 (batch, 最长)。"""
    width = max(map(len, sequences))
    ids = torch.full((len(sequences), width), pad)
    mask = torch.zeros(len(sequences), width, dtype=torch.long)
    for row, sequence in enumerate(sequences):
        n = len(sequence)
        place = slice(width - n, width) if left else slice(0, n)
        ids[row, place] = torch.tensor(sequence, dtype=torch.long)
        mask[row, place] = 1
    positions = (mask.cumsum(dim=1) - 1) * mask  # 补的位置记 0
    return ids, mask, positions


three = [[5, 3], [7, 1, 4, 2], [6]]
ids, mask, positions = collate(three)
print(f"ids：{ids.tolist()}")
print(f"mask：{mask.tolist()}")
print(f"位置：{positions.tolist()}")
# --8<-- [end:collate]

# --8<-- [start:left]
for name, left in [("右边补", False), ("左边补", True)]:
    ids, mask, positions = collate(three, left=left)
    print(f"{name}：{ids.tolist()}，最后一列 {ids[:, -1].tolist()}")
print(f"左边补的位置：{positions.tolist()}")
# --8<-- [end:left]


# --8<-- [start:loader]
def batch_of(rows):
    """DataLoader 给的是 __getitem__ 结果的列表。"""
    sequences, labels = zip(*rows, strict=True)
    return *collate(sequences), torch.tensor(labels)


dataset = Numbers()
for drop_last in [False, True]:
    loader = DataLoader(
        dataset, batch_size=64, collate_fn=batch_of, drop_last=drop_last
    )
    batches = list(loader)
    shape = tuple(batches[-1][0].shape)
    print(f"drop_last={drop_last}：{len(loader)} 批，最后一批 {shape}")
# --8<-- [end:loader]


# --8<-- [start:shuffle]
def order(seed):
    """两轮里行的次序。"""
    draw = torch.Generator().manual_seed(seed)
    loader = DataLoader(range(999), 64, shuffle=True, generator=draw)
    return [torch.cat(list(loader)).tolist() for _ in range(2)]


first, again = order(0), order(0)
print("同一个种子，两次运行次序相同：", first == again)
print("第一轮与第二轮次序相同：", first[0] == first[1])
print("每行恰好一次：", sorted(first[0]) == list(range(999)))
# --8<-- [end:shuffle]

# --8<-- [start:weights]
rows = [dataset[i] for i in range(len(dataset))]
labels = torch.tensor([label for _, label in rows])
counts = labels.bincount()  # 第 k 格：k 位数有几条
draw = torch.Generator().manual_seed(0)
weights = 1 / counts[labels]
sampler = WeightedRandomSampler(weights, 9000, generator=draw)
seen = labels[list(sampler)].bincount()
for k in [1, 2, 3]:
    share, drawn = counts[k] / len(labels), seen[k] / 9000
    print(f"{k} 位数：{counts[k]} 条，占 {share:.0%}；抽到 {drawn:.0%}")
# --8<-- [end:weights]


# --8<-- [start:buckets]
def cells(lengths, batches):
    """每批补到本批最长，一共多少格。"""
    return sum(len(b) * max(lengths[i] for i in b) for b in batches)


hand = [2, 9, 3, 8, 2, 9, 3, 8]
in_order = torch.arange(8).split(2)
by_length = torch.tensor(hand).argsort(stable=True).split(2)
print(f"手算：{sum(hand)} 个数，", end="")
print(f"按次序 {cells(hand, in_order)} 格，按长短 {cells(hand, by_length)} 格")

lengths = [len(ids) for ids, _ in rows]
mixed = torch.randperm(999, generator=draw)
buckets = torch.tensor(lengths)[mixed].argsort(stable=True)
buckets = mixed[buckets].split(32)  # 同长的仍是乱的
shuffled = torch.randperm(len(buckets), generator=draw)
# tolist：否则 __getitem__ 收到的行号是张量
batches = [buckets[i].tolist() for i in shuffled]
for name, found in [("打乱", mixed.split(32)), ("按长短", batches)]:
    total = cells(lengths, found)
    print(f"{name}：{total} 格，补 {1 - sum(lengths) / total:.1%}")
loader = DataLoader(dataset, batch_sampler=batches, collate_fn=batch_of)
print("加载器的格数：", sum(ids.numel() for ids, *_ in loader))
# --8<-- [end:buckets]

# --8<-- [start:library]
tensors = [torch.tensor(sequence) for sequence in three]
for side, left in [("right", False), ("left", True)]:
    padded = pad_sequence(tensors, batch_first=True, padding_side=side)
    same = padded.equal(collate(three, left=left)[0])
    print(f"pad_sequence，{side}，与 collate 相同：", same)
# --8<-- [end:library]
