# --8<-- [start:task]
import numpy as np


def match(boxes, truths, threshold):
    """一张图、一个类：每个检测命中没有，返回同样长的真假列表。

    boxes：检测，(n, 4)，每行是 x1、y1、x2、y2，已按得分从高到低排好。
    truths：真值，(m, 4)，同样写法。n 与 m 都可以是 0。
    threshold：交并比够到它（等于也算）才能认领。

    一个真值只许认领一次；一个检测认领余下的真值里重叠最大的那个。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "match"


def corners(places):
    """每行是左上角；后面没有写宽与高的，宽高都是 6。"""
    sized = [(*place, 6, 6)[:4] for place in places]
    rows = [[x, y, x + w, y + h] for x, y, w, h in sized]
    return np.array(rows, float).reshape(-1, 4)


def case(name, place, boxes, truths, threshold, hits):
    given = {
        "boxes": corners(boxes),
        "truths": corners(truths),
        "threshold": threshold,
    }
    return name, given, hits, place


MATCH = "见「一个真值，认领一次」："
CASES = [
    case(
        "大小不一，只有第一个够近",
        MATCH + "交并比是交集除以并集，门槛由参数给出",
        [(1, 1, 6, 4), (51, 11), (40, 0, 16, 6), (80, 0, 6, 4)],
        [(0, 0, 6, 7), (40, 0), (80, 0, 11, 6)],
        0.4,
        [True, False, False, False],
    ),
    case(
        "两个检测落在同一个真值上",
        MATCH + "得分高的先认领，后来的就没有了",
        [(1, 0), (0, 0), (0, 9)],
        [(0, 0), (0, 8)],
        0.5,
        [True, False, True],
    ),
    case(
        "交并比恰好等于门槛",
        MATCH + "等于也算",
        [(2, 0), (0, 20.1)],
        [(0, 0), (2, 20)],
        0.5,
        [True, False],
    ),
    case(
        "重叠最大的已经被认领",
        MATCH + "只在余下的真值里挑重叠最大的，与次序无关",
        [(0.5, y) for y in (0, 0, 50, 90)] + [(3, y) for y in (0, 50, 90)],
        [(2, 0), (0, 0), (2, 50), (0, 50), (0, 90), (2, 90)],
        0.5,
        [True, True, True, True, False, True, True],
    ),
    case(
        "没有真值",
        MATCH + "全都没有命中",
        [(0, 0), (3, 0)],
        [],
        0.5,
        [False, False],
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
