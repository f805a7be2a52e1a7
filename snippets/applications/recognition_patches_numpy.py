# --8<-- [start:patches]
import numpy as np

image = np.array(
    [
        [2, 2, 2, 0],
        [0, 0, 2, 0],
        [0, 1, 1, 0],
        [0, 2, 0, 0],
    ]
)  # 一个「7」，数是墨的深浅
size = 2
grid = image.reshape(2, size, 2, size)  # (块行, 块内行, 块列, 块内列)
patches = grid.transpose(0, 2, 1, 3).reshape(4, size * size)
for number, patch in enumerate(patches, 1):
    print(f"第 {number} 块：{patch.tolist()}")
# --8<-- [end:patches]


# --8<-- [start:embed]
E = np.array(  # 每列量一件事：墨有多少、上减下、左减右
    [
        [1, 1, 1],
        [1, 1, -1],
        [1, -1, 1],
        [1, -1, -1],
    ]
)
x = patches @ E  # (4, 3)：四个词元，每个三个数
for number, token in enumerate(x, 1):
    print(f"第 {number} 块的词元：{token.tolist()}")
# --8<-- [end:embed]


# --8<-- [start:convolution]
kernels = E.T.reshape(3, size, size)  # 每列就是一个 2×2 的核
conv = np.zeros((3, 2, 2), int)
for i in range(2):
    for j in range(2):  # 步长 2：窗口互不重叠
        window = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        conv[:, i, j] = (kernels * window).sum(axis=(1, 2))
print("第一个核的图：", conv[0].tolist())
print("与矩阵乘法相同：", np.array_equal(conv.reshape(3, 4).T, x))
# --8<-- [end:convolution]


# --8<-- [start:tokens]
first = np.array([[1, 1, 1]])  # 类别词元，不来自图
place = np.array(  # 位置：上正下负，左正右负；真的模型自己学
    [
        [0, 0, 0],
        [0, 0.5, 0.5],
        [0, 0.5, -0.5],
        [0, -0.5, 0.5],
        [0, -0.5, -0.5],
    ]
)
tokens = np.concatenate([first, x]) + place
print("类别：", tokens[0].tolist())
for number, token in enumerate(tokens[1:], 1):
    print(f"第 {number} 块：{token.tolist()}")
# --8<-- [end:tokens]


# --8<-- [start:shuffle]
def read(tokens):
    """一个头的注意力，三个矩阵都取单位矩阵：类别词元读到什么。"""
    scores = tokens @ tokens[0] / np.sqrt(3)  # 类别的查询与各词元的键
    weights = np.exp(scores - scores.max())
    return weights @ tokens / weights.sum()


mixed = x[[2, 0, 3, 1]]  # 四块换了地方
for name, p in [("不加位置", 0 * place), ("加上位置", place)]:
    original, moved = (
        read(np.concatenate([first, blocks]) + p) for blocks in (x, mixed)
    )
    print(f"{name}，原来 {original.round(2)}，换了次序 {moved.round(2)}")
# --8<-- [end:shuffle]


# --8<-- [start:cost]
for side, size in [(224, 32), (224, 16), (224, 14), (448, 16)]:
    blocks = (side // size) ** 2
    pairs = (blocks + 1) ** 2  # 每个词元看每个词元，类别也算
    print(f"{side} 的图切成 {size} 见方：{blocks} 块", end="，")
    print(f"每块 {size * size * 3} 个数，注意力 {pairs} 对")
# --8<-- [end:cost]
