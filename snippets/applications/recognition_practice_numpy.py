# --8<-- [start:task]
import numpy as np


def patches(images, size):
    """把每张图切成 size 见方的图像块，每块拉直成一个向量。

    images：一批图，(N, H, W, C)；H 与 W 都是 size 的倍数。
    返回 (N, 块数, size·size·C)。块从左上角起，先从左到右，再从上到下；
    块里的数也按这个次序，同一个像素的各通道相邻。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "patches"
CUT = "见「把图切成小块」："


def case(name, place, shape, size, want):
    """shape 是 (N, H, W, C)，里面的数依次是 0、1、2……"""
    images = np.arange(np.prod(shape)).reshape(shape)
    return name, {"images": images, "size": size}, want, CUT + place


CASES = [
    case(
        "一张 4×4，切成四块",
        "块按行排，块里也按行排",
        (1, 4, 4, 1),
        2,
        [[[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]],
    ),
    case(
        "宽大于高：2×6",
        "高与宽各有几块，分开算",
        (1, 2, 6, 1),
        2,
        [[[0, 1, 6, 7], [2, 3, 8, 9], [4, 5, 10, 11]]],
    ),
    case(
        "高大于宽：6×2",
        "高与宽各有几块，分开算",
        (1, 6, 2, 1),
        2,
        [[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]],
    ),
    case(
        "三个通道",
        "一个像素的各通道相邻",
        (1, 2, 4, 3),
        2,
        [
            [
                [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17],
                [6, 7, 8, 9, 10, 11, 18, 19, 20, 21, 22, 23],
            ]
        ],
    ),
    case(
        "两张图",
        "各张图分开切",
        (2, 2, 4, 1),
        2,
        [[[0, 1, 4, 5], [2, 3, 6, 7]], [[8, 9, 12, 13], [10, 11, 14, 15]]],
    ),
    case(
        "一块就是整张图",
        "只有一块，就是拉直",
        (1, 3, 3, 2),
        3,
        [[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]]],
    ),
    case(
        "每个像素一块",
        "块数等于像素数",
        (1, 2, 3, 2),
        1,
        [[[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11]]],
    ),
]
# --8<-- [end:cases]


# --8<-- [start:verdict]
def plain(x):
    """数组与张量变成列表，里面只剩 Python 自己的数。"""
    for method in ("detach", "tolist", "numpy", "tolist"):
        x = getattr(x, method, lambda x=x: x)()
    if isinstance(x, dict):
        return {key: plain(value) for key, value in x.items()}
    return type(x)(map(plain, x)) if type(x) in (list, tuple) else x


def shape(x):
    inner = {shape(part) for part in x} if type(x) in (list, tuple) else {None}
    return () if None in inner else (len(x), *(inner.pop() if len(inner) == 1 else ()))


def form(x):
    if type(x) in (int, float):
        return "数" if abs(x) < float("inf") else x  # nan、inf 不是答案
    if isinstance(x, dict):
        return f"字典，键 {sorted(map(str, x))}"
    if isinstance(x, (list, tuple)):
        return f"形状 {shape(x)}" if isinstance(x, list) else f"{len(x)} 项"
    return "None" if x is None else type(x).__name__


def fault(want, got, place="返回值"):
    """第一处不对，说成一句话；全对就是 None。"""
    if {type(want), type(got)} == {list, tuple}:
        got = type(want)(got)
    if form(want) != form(got):
        forgot = "（忘了 return？）" if got is None and place == "返回值" else ""
        return f"{place}应是：{form(want)}；得到：{form(got)}{forgot}"
    if isinstance(want, (dict, list, tuple)):
        keys = want if isinstance(want, dict) else range(len(want))
        faults = (fault(want[k], got[k], f"{place}[{k!r}]") for k in keys)
        return next(filter(None, faults), None)
    near = 1e-6 + 1e-4 * abs(want) if isinstance(want, float) else 0
    same = want == got or near and abs(want - got) <= near
    shown = round(got, 6) if isinstance(got, float) else got
    return None if same else f"{place}应是：{want!r}；得到：{shown!r}"


def attempt(task, given, want):
    from traceback import extract_tb

    before = plain(given)
    try:
        wrong = fault(want, plain(task(**given)))
        return wrong or fault(before, plain(given)) and "传进来的参数被改动了"
    except Exception as error:
        steps = extract_tb(error.__traceback__)[1:]
        said = f"{type(error).__name__} {error}".strip().partition("\n")[0]
        said = said.encode("gbk", "backslashreplace").decode("gbk")  # 有的终端只会 GBK
        if not steps:  # 没有进到函数里
            return f"调用不了 {TASK}（函数与参数的名字不要改）：{said}"
        own = [step.lineno for step in steps if step.filename == steps[0].filename]
        blank = said == "NotImplementedError"
        return "还没有实现" if blank else f"第 {own[-1]} 行出错：{said}"


def judge(task, cases):
    wrong = [attempt(task, given, want) for _, given, want, _ in cases]
    if wrong[0] and len(set(wrong)) == 1:
        print(f"错　每个例子都一样：{wrong[0]}")
    else:
        for (name, _, _, place), said in zip(cases, wrong, strict=True):
            print(f"错　{name}：{said}\n　　{place}" if said else f"对　{name}")
    print(wrong.count(None), "/", len(wrong))


if __name__ == "__main__":
    judge(globals().get(TASK), CASES)
# --8<-- [end:verdict]
