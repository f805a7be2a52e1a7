# --8<-- [start:storage]
import torch

a = torch.arange(6).reshape(2, 3)  # [[0, 1, 2], [3, 4, 5]]
storage = a.untyped_storage()
print("存储里的数：", a.flatten().tolist())
print(f"形状：{list(a.shape)}，步长：{list(a.stride())}")
print(f"每个数 {a.element_size()} 字节，一共 {storage.nbytes()} 字节")
i, j = 1, 2
position = i * a.stride(0) + j * a.stride(1)
print(f"a[{i}, {j}] 在第 {position} 格：", a.flatten()[position].item())
# --8<-- [end:storage]

# --8<-- [start:views]
views = {
    "a": a,
    "a.mT": a.mT,
    "a[:, 1:]": a[:, 1:],
    "a[1]": a[1],
    "a[0:1].expand(2, 3)": a[0:1].expand(2, 3),
}
for name, v in views.items():
    print(f"{name}：形状 {list(v.shape)}，步长 {list(v.stride())}，", end="")
    print(f"从第 {v.storage_offset()} 格，连续 {v.is_contiguous()}")
blocks = {v.untyped_storage().data_ptr() for v in views.values()}
print(f"{len(views)} 个张量，{len(blocks)} 块存储")
# --8<-- [end:views]


# --8<-- [start:read]
def read(cells, shape, stride, offset=0):
    """照形状、步长和起点，从一排格子里读出嵌套的列表。"""
    if not shape:
        return cells[offset]
    starts = [offset + k * stride[0] for k in range(shape[0])]
    return [read(cells, shape[1:], stride[1:], start) for start in starts]


cells = a.flatten().tolist()
print("a.mT 读出来：", read(cells, (3, 2), (1, 3)))
right = [
    read(cells, v.shape, v.stride(), v.storage_offset()) == v.tolist()
    for v in views.values()
]
print(f"读对了 {sum(right)} 个")
# --8<-- [end:read]


# --8<-- [start:reshape]
def shared(x, y):
    return x.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()


try:
    a.mT.view(6)
except RuntimeError as error:
    print("a.mT.view(6)：", str(error).split(" (")[0])
for name, x in [("a", a), ("a.mT", a.mT)]:
    flat = x.reshape(6)
    print(f"{name}.reshape(6)：{flat.tolist()}，同一块存储 {shared(flat, a)}")
dense = a.mT.contiguous()
print(f"a.mT.contiguous()：步长 {list(dense.stride())}", end="，")
print(f"同一块存储 {shared(dense, a)}")
# --8<-- [end:reshape]

# --8<-- [start:write]
a[:, 1:][0, 0] = -1  # 写进视图
print("写进切片以后，a：", a.tolist())
a.mT.reshape(6)[0] = 99  # 写进副本
print("写进副本以后，a：", a.tolist())
picked = a[[0, 1]]  # 用列表取行，是副本
mask = a[a < 0]  # 用布尔张量取数，也是副本
print(f"与 a 同一块：列表取的 {shared(picked, a)}，", end="")
print(f"布尔取的 {shared(mask, a)}")
a[a < 0] = 0  # 放在等号左边就不同：直接写进 a
print("布尔下标赋值以后，a：", a.tolist())
try:
    a[0:1].expand(2, 3).add_(1)  # 两行是同一排格子，加几次？
except RuntimeError as error:
    print("原地改 expand 的结果：", str(error).split(". ")[0])
# --8<-- [end:write]

# --8<-- [start:library]
same = [
    torch.equal(v, torch.as_strided(a, v.shape, v.stride(), v.storage_offset()))
    for v in views.values()
]
print("as_strided 照同样的步长，得到同样的视图：", all(same))
# --8<-- [end:library]
