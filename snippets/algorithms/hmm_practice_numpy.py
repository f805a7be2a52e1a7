# --8<-- [start:task]
import numpy as np


def viterbi(log_pi, log_A, log_B, x):
    """最可能的一条路与它的对数概率，返回 (z, log_p)。

    log_pi：第一步各状态的对数概率，(N,)。
    log_A：转移的对数概率，行是现在的状态，列是下一个，(N, N)。
    log_B：发射的对数概率，行是状态，列是符号，(N, 符号个数)。
    x：看到的符号的编号，列表，至少一个。

    z 是列表，与 x 一样长；-inf 是不许；不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "viterbi"


def case(name, place, pi, A, B, x, z, log_p):
    with np.errstate(divide="ignore"):  # log 0 = -inf
        logs = [np.log(np.array(p)) for p in (pi, A, B)]
    given = dict(zip(["log_pi", "log_A", "log_B"], logs, strict=True))
    return name, given | {"x": x}, (z, log_p), place


WEATHER = [0.6, 0.4], [[0.8, 0.2], [0.3, 0.7]], [[0.2, 0.8], [0.7, 0.3]]
BMES = (
    [0.6, 0.0, 0.0, 0.4],
    [
        [0.0, 0.3, 0.7, 0.0],
        [0.0, 0.2, 0.8, 0.0],
        [0.5, 0.0, 0.0, 0.5],
        [0.4, 0.0, 0.0, 0.6],
    ],
    [
        [0.5, 0.2, 0.2, 0.1],
        [0.1, 0.4, 0.4, 0.1],
        [0.1, 0.2, 0.3, 0.4],
        [0.3, 0.3, 0.1, 0.3],
    ],
)
THREE = (
    [0.5, 0.3, 0.2],
    [[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.3, 0.3, 0.4]],
    [[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.1, 0.3, 0.6]],
)
CASES = [
    case(
        "手算过的三天",
        "见「维特比」：每个格子取最大的来路，最后一天往回走",
        *WEATHER,
        [0, 1, 0],
        [1, 1, 1],
        -3.546963,
    ),
    case(
        "只有一天",
        "见「维特比」：第一天是开头的对数概率加上发射的对数概率",
        *WEATHER,
        [1],
        [0],
        -0.733969,
    ),
    case(
        "三个状态，转移不对称",
        "见「维特比」：log_A 的行是从哪里来，列是到哪里去",
        *THREE,
        [0, 2, 1, 2],
        [0, 1, 1, 2],
        -6.558861,
    ),
    case(
        "有不许出现的转移",
        "见「用 HMM 切词」：-inf 加什么都是 -inf，不要换成 0",
        *BMES,
        [0, 1, 1, 0],
        [0, 1, 2, 0],
        -6.543112,
    ),
    case(
        "1200 天",
        "见「为什么先取对数」：对数相加，不要变回概率再连乘",
        *WEATHER,
        [0, 1, 0] * 400,
        [1] * 1200,
        -1195.498625,
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
