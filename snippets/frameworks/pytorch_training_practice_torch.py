# --8<-- [start:task]
import torch


def collate(sequences, pad=0, left=False):
    """长短不一的序列拼成一批，返回 (ids, mask, positions)。

    sequences：列表，每一条是整数的列表，可以是空的，至少有一条不空。
    pad：补进去的整数；left：True 补在左边，False 补在右边。

    三个都是整数张量 (batch, 最长)。mask：真的 1，补的 0。
    positions：真的词元在自己那一条里的位置，从 0 数；补的记 0。
    不许改动传入的列表。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "collate"


def case(name, place, sequences, pad, left, *answer):
    given = {"sequences": sequences, "pad": pad, "left": left}
    return name, given, answer, place


CASES = [
    case(
        "手算过的三条",
        "见「三条序列拼成一批」：宽度是最长一条的长度，右边补 pad",
        [[5, 3], [7, 1, 4, 2], [6]],
        0,
        False,
        [[5, 3, 0, 0], [7, 1, 4, 2], [6, 0, 0, 0]],
        [[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]],
        [[0, 1, 0, 0], [0, 1, 2, 3], [0, 0, 0, 0]],
    ),
    case(
        "补在左边",
        "见「左边补还是右边补」：位置从第一个真的词元数起，不是从左边缘",
        [[5, 3], [7, 1, 4, 2], [6]],
        0,
        True,
        [[0, 0, 5, 3], [7, 1, 4, 2], [0, 0, 0, 6]],
        [[0, 0, 1, 1], [1, 1, 1, 1], [0, 0, 0, 1]],
        [[0, 0, 0, 1], [0, 1, 2, 3], [0, 0, 0, 0]],
    ),
    case(
        "填充的编号也是真的词元",
        "见「三条序列拼成一批」：mask 由长度得到，不由 ids 是否等于 pad 得到",
        [[2, 4, 2], [2]],
        2,
        False,
        [[2, 4, 2], [2, 2, 2]],
        [[1, 1, 1], [1, 0, 0]],
        [[0, 1, 2], [0, 0, 0]],
    ),
    case(
        "有一条是空的，补在左边",
        "见「左边补还是右边补」：空的一条全是 pad，切片 [-0:] 是整行",
        [[], [8, 9]],
        1,
        True,
        [[1, 1], [8, 9]],
        [[0, 0], [1, 1]],
        [[0, 0], [0, 1]],
    ),
    case(
        "一样长，编号很大",
        "见「三条序列拼成一批」：ids 是整数张量，float32 装不下 16777217",
        [[16777217, 1, 2]],
        0,
        False,
        [[16777217, 1, 2]],
        [[1, 1, 1]],
        [[0, 1, 2]],
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
