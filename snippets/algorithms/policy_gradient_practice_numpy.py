# --8<-- [start:task]
import numpy as np


def gae(rewards, values, next_values, terminated, truncated, gamma, lam):
    """几个回合首尾相接的一批数据，每一步的优势，返回数组，(T,)。

    rewards：每一步的奖励，(T,)。
    values：这一步之前的状态的价值，(T,)。
    next_values：走完这一步到的状态的价值（重置之前的），(T,)。
    terminated、truncated：这一步之后是否终止、是否截断，(T,)，布尔；
        两样都是真，按终止算。
    gamma、lam：两个数。

    数据断在回合中间时，末步之后没有优势可接。不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "gae"


def case(name, place, r, v, after, terminated, truncated, rates, A):
    given = {
        "rewards": np.array(r),
        "values": np.array(v),
        "next_values": np.array(after),
        "terminated": np.array(terminated),
        "truncated": np.array(truncated),
        "gamma": rates[0],
        "lam": rates[1],
    }
    return name, given, A, place


CASES = [
    case(
        "手算过的三步，末步终止",
        "见「GAE：两头之间调一个旋钮」：终止之后的价值取 0，又截断也是",
        [1.0, 1.0, 1.0],
        [4.0, 3.0, 2.0],
        [3.0, 2.0, 7.0],
        [False, False, True],
        [False, False, True],
        (0.9, 0.5),
        [-0.5925, -0.65, -1.0],
    ),
    case(
        "同样三步，末步截断",
        "见「GAE：两头之间调一个旋钮」：截断之后的价值照常估",
        [1.0, 1.0, 1.0],
        [4.0, 3.0, 2.0],
        [3.0, 2.0, 2.0],
        [False, False, False],
        [False, False, True],
        (0.9, 0.5),
        [-0.228, 0.16, 0.8],
    ),
    case(
        "两个回合相接，前一个终止",
        "见「自己写」：下一个回合的优势不能接过来",
        [1.0, 2.0, 0.0, 5.0],
        [1.0, 2.0, 3.0, 0.5],
        [2.0, 9.0, 0.5, 4.0],
        [False, True, False, True],
        [False, False, False, False],
        (0.9, 0.8),
        [1.8, 0.0, 0.69, 4.5],
    ),
    case(
        "两个回合相接，前一个截断",
        "见「自己写」：截断也是回合的末步，优势从这里断开",
        [1.0, 1.0, 1.0, 1.0, 1.0],
        [10.0, 9.5, 3.0, 6.0, 2.0],
        [9.5, 8.0, 6.0, 2.0, 1.0],
        [False, False, False, False, True],
        [False, True, False, False, False],
        (0.99, 0.95),
        [-0.14049, -0.58, 0.21515, -3.9605, -1.0],
    ),
    case(
        "数据断在回合中间",
        "见「GAE：两头之间调一个旋钮」：没有后一步，A 就是 δ",
        [0.5, -1.0, 2.0],
        [0.0, 1.5, 1.0],
        [1.5, 1.0, 3.0],
        [False, False, False],
        [False, False, False],
        (0.9, 1.0),
        [3.407, 1.73, 3.7],
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
