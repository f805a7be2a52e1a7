# --8<-- [start:task]
import numpy as np


def conv2d(x, w, stride, padding):
    """二维卷积（不翻转核），没有偏置，返回 (O, 行, 列)。

    x：一张图，(C, H, W)。
    w：O 个核，(O, C, k, k)。
    stride：窗口每次走几格，两个方向相同。
    padding：高与宽的两头各补几个 0。

    返回的高与宽是 (H + 2·padding - k) / stride 向下取整，再加 1；
    不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "conv2d"


def case(name, place, x, w, stride, padding, y):
    given = {"x": np.array(x, float), "w": np.array(w, float)}
    given |= {"stride": stride, "padding": padding}
    return name, given, y, place


CASES = [
    case(
        "手算过的图",
        "见「手算一个 3×3 的核」：每个位置九个乘积，加起来",
        [[[0, 0, 1, 1, 1]] * 5],
        [[[[-1, 0, 1]] * 3]],
        1,
        0,
        [[[3.0, 3.0, 0.0], [3.0, 3.0, 0.0], [3.0, 3.0, 0.0]]],
    ),
    case(
        "两个通道，两个核",
        "见「通道、填充、步幅」：每个核看全部通道，各通道的结果加起来",
        [
            [[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 4]],
            [[0, 1, 1, 2], [1, 0, 2, 0], [3, 0, 1, 1]],
        ],
        [
            [[[1, 2], [3, 4]], [[0, 1], [-1, 0]]],
            [[[2, 0], [0, -1]], [[1, -1], [0.5, 0]]],
        ],
        1,
        0,
        [[[13.0, 18.0, 7.0], [13.0, 10.0, 16.0]], [[-1.5, -1.0, 4.0], [1.5, 4.0, 0.5]]],
    ),
    case(
        "四周补一圈 0",
        "见「通道、填充、步幅」：只在高与宽的两头补，通道不补",
        [[[1, 2, 0, 1], [0, 1, 3, 2], [2, 0, 1, 1]]],
        [[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]],
        1,
        1,
        [
            [
                [26.0, 49.0, 63.0, 42.0],
                [30.0, 51.0, 53.0, 39.0],
                [13.0, 25.0, 24.0, 16.0],
            ]
        ],
    ),
    case(
        "步幅 2，最后一列用不到",
        "见「通道、填充、步幅」：输出的大小向下取整，凑不满的窗口不要",
        [[[1, 2, 0, 1], [0, 1, 3, 2], [2, 0, 1, 1], [1, 1, 0, 2], [3, 0, 2, 1]]],
        [[[[1, -1, 2], [0, 3, 1], [-2, 1, 1]]]],
        2,
        0,
        [[[2.0], [3.0]]],
    ),
    case(
        "步幅 2，补 1，核宽 2",
        "见「通道、填充、步幅」：窗口的左上角是 (i·s, j·s)",
        [
            [[1, 2, 3, 0], [4, 5, 6, 1], [2, 0, 1, 3]],
            [[2, 0, 1, 1], [1, 3, 0, 2], [0, 1, 2, 0]],
        ],
        [[[[1, 0], [0, 2]], [[0, 1], [1, 0]]], [[[0, 3], [-1, 0]], [[2, 0], [0, 0.5]]]],
        2,
        1,
        [[[2.0, 6.0, 1.0], [5.0, 8.0, 1.0]], [[1.0, -1.5, 0.0], [12.0, 25.0, 1.0]]],
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
