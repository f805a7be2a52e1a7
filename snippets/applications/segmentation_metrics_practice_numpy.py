# --8<-- [start:task]
import numpy as np


def iou_per_class(truth, predicted, classes, ignore=255):
    """各类的交并比，一个列表，长 classes；整批图合在一起数。

    truth：真值，整数数组，任意形状；等于 ignore 的像素一概不算。
    predicted：判成的类，与 truth 同形，0 到 classes − 1。

    真值与判的里都没有的类，填 None。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "iou_per_class"
TRUTH = [[0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 1, 1, 0, 2, 0], [0, 0, 0, 0, 2, 0]]
WRONG = [[0, 0, 0, 0, 0, 0], [0, 1, 1, 1, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 2, 0]]


def case(name, place, truth, predicted, classes, expected, **more):
    given = {"truth": np.array(truth), "predicted": np.array(predicted)}
    return name, {**given, "classes": classes, **more}, expected, place


HAND = "见「一张小图，数像素」："
AVERAGE = "见「图里没有的类」："
IGNORE = "见「说不准的像素」："
CASES = [
    case(
        "猫与绳子",
        HAND + "对角线除以行与列的并集",
        TRUTH,
        WRONG,
        3,
        [0.85, 0.6, 0.5],
    ),
    case(
        "全判成背景",
        HAND + "并集里有漏掉的像素，所以是 0",
        TRUTH,
        np.zeros((4, 6), int),
        3,
        [0.75, 0.0, 0.0],
    ),
    case(
        "有一类哪里都没有",
        AVERAGE + "0/0，填 None",
        [0, 0, 2, 2],
        [0, 2, 2, 2],
        4,
        [0.5, None, 0.666667, None],
    ),
    case(
        "只多判，没有真值",
        AVERAGE + "真值里没有、却判了，是 0，不是 None",
        [0, 0, 0, 0],
        [0, 0, 1, 1],
        2,
        [0.5, 0.0],
    ),
    case(
        "说不准的像素",
        IGNORE + "真值与判的，两边都要去掉",
        [[0, 255, 1], [1, 255, 0]],
        [[0, 1, 1], [0, 0, 0]],
        2,
        [0.666667, 0.5],
    ),
    case(
        "两张图合在一起",
        "见「四张图：合着数，还是一张一张数」：先合计，再相除",
        [[1, 1, 1, 1], [0, 0, 0, 1]],
        [[1, 1, 1, 0], [0, 0, 0, 0]],
        2,
        [0.6, 0.6],
    ),
    case(
        "另一个略过的编号",
        IGNORE + "编号由 ignore 给出",
        [0, 1, 7, 7],
        [0, 1, 0, 1],
        2,
        [1.0, 1.0],
        ignore=7,
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
