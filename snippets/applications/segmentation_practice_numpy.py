# --8<-- [start:task]
import numpy as np


def conv_transpose(x, kernel, stride):
    """二维的转置卷积，一个通道，不补也不裁，返回二维数组。

    x：输入，(H, W)；kernel：核，(h, w)；stride：步幅，两个方向相同。

    放、乘、加：x[i, j] 乘整个核，放到左上角是
    (i * stride, j * stride) 的地方，重叠处相加。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "conv_transpose"


def case(name, place, x, kernel, stride, want):
    given = {
        "x": np.array(x, dtype=float),
        "kernel": np.array(kernel, dtype=float),
        "stride": stride,
    }
    return name, given, want, place


PUT = "见「转置卷积：放、乘、加」："
SIZE = "见「输出有多大」："
ROWS = [[1.0, 1.0, 3.0, 2.0, 2.0], [3.0, 3.0, 7.0, 4.0, 4.0]]
CASES = [
    case(
        "一个数", PUT + "乘整个核", [[2]], [[1, 2], [3, 4]], 2, [[2.0, 4.0], [6.0, 8.0]]
    ),
    case(
        "一行三个数，核 1 2 1",
        PUT + "重叠处相加",
        [[1, 3, 2]],
        [[1, 2, 1]],
        2,
        [[1.0, 2.0, 4.0, 6.0, 5.0, 4.0, 2.0]],
    ),
    case(
        "二乘二，核 3 步幅 2",
        PUT + "两个方向都要重叠",
        [[1, 2], [3, 4]],
        np.ones((3, 3)),
        2,
        [ROWS[0], ROWS[0], [4.0, 4.0, 10.0, 6.0, 6.0], ROWS[1], ROWS[1]],
    ),
    case(
        "步幅 1",
        PUT + "核不翻转",
        [[1, -2], [0.5, 3]],
        [[1, 2], [3, 4]],
        1,
        [[1.0, 0.0, -4.0], [3.5, 2.0, -2.0], [1.5, 11.0, 12.0]],
    ),
    case(
        "步幅 3 比核大",
        SIZE + "没有人管的格子是 0",
        [[1, 2], [3, 4]],
        [[1, 0.5]],
        3,
        [
            [1.0, 0.5, 0.0, 2.0, 1.0],
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [3.0, 1.5, 0.0, 4.0, 2.0],
        ],
    ),
    case(
        "三行一列，核两行三列",
        SIZE + "高与宽各算各的",
        [[1], [2], [4]],
        [[1, 0, 2], [0, 1, -1]],
        2,
        [
            [1.0, 0.0, 2.0],
            [0.0, 1.0, -1.0],
            [2.0, 0.0, 4.0],
            [0.0, 2.0, -2.0],
            [4.0, 0.0, 8.0],
            [0.0, 4.0, -4.0],
        ],
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
