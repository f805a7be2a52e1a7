# --8<-- [start:task]
import numpy as np


def ctc_loss(log_p, target):
    """CTC 损失：全部能压缩成 target 的写法，概率之和的负对数，一个数。

    log_p：每帧各符号概率的自然对数，(T, C)；0 号是空白。
    target：正确的答案，整数列表，不含 0，可以是空的。

    帧很多时概率会小到变成 0，要在对数里加：np.logaddexp。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "ctc_loss"
HAND = [[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.5, 0.1, 0.4], [0.6, 0.2, 0.2]]


def case(name, place, y, target, loss):
    return name, {"log_p": np.log(y), "target": target}, loss, place


LATTICE = "见「一列一列地加」："
CASES = [
    case(
        "四帧写 12",
        LATTICE + "停、进一格、跳过空白，三支箭头；末两格都算",
        HAND,
        [1, 2],
        1.37912,
    ),
    case(
        "四帧写 11",
        LATTICE + "两个相同的字之间，空白不能跳",
        HAND,
        [1, 1],
        2.590267,
    ),
    case("空的答案", LATTICE + "每帧都是空白", HAND, [], 3.324236),
    case(
        "两帧写 12，只有一种写法",
        LATTICE + "第一列只能在头两格，第二列已经可以跳",
        HAND[:2],
        [1, 2],
        2.995732,
    ),
    case(
        "四百帧，各符号概率相等",
        LATTICE + "连乘会变成 0，要在对数里加",
        np.full((400, 11), 1 / 11),
        [3, 1, 4, 1],
        921.821133,
    ),
    case(
        "三帧写 212，末帧才写完",
        LATTICE + "末两格：写完之后有没有空白都算",
        [[0.7, 0.1, 0.2], [0.1, 0.8, 0.1], [0.25, 0.25, 0.5]],
        [2, 1, 2],
        2.525729,
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
