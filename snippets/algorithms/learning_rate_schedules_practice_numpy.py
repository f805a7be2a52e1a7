# --8<-- [start:task]
import math


def learning_rate(k, peak, warmup, total, floor=0.0):
    """预热加余弦：第 k 步的学习率，是一个数。

    k：步数，从 1 数起，最后一步是 total。
    peak：最大的学习率，第 warmup 步达到。
    warmup：预热的步数，可以是 0；从学习率 0 起，每步增加一样多。
    floor：第 total 步的学习率；之后一直是 floor。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "learning_rate"


def case(name, place, want, **given):
    return name, given, want, place


CASES = [
    case(
        "预热中的一步",
        "见「手算一条曲线」：第 k 步是最大值的 k / warmup",
        0.075,
        k=3,
        peak=0.1,
        warmup=4,
        total=20,
        floor=0.02,
    ),
    case(
        "余弦走到四分之一",
        "见「手算一条曲线」：进度从预热之后算起",
        0.085355339,
        k=8,
        peak=0.1,
        warmup=4,
        total=20,
    ),
    case(
        "最低不是 0",
        "见「手算一条曲线」：降到 floor，不是 0",
        0.055782706,
        k=50,
        peak=0.3,
        warmup=10,
        total=60,
        floor=0.03,
    ),
    case(
        "没有预热",
        "见「手算一条曲线」：warmup 是 0 时，不要除以 0",
        0.853553391,
        k=5,
        peak=1.0,
        warmup=0,
        total=20,
    ),
    case(
        "走过了头",
        "见「手算一条曲线」：第 total 步之后一直是 floor",
        0.01,
        k=25,
        peak=0.1,
        warmup=4,
        total=20,
        floor=0.01,
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
