# --8<-- [start:task]
import numpy as np


def lstm_step(x, h, c, W, U, b):
    """LSTM 走一步，返回新的状态与记忆 (h, c)，形状都是 (H,)。

    x：这一步的输入，(D,)。
    h、c：上一步的状态与记忆，(H,)。
    W、U、b：四个门的权重与偏置叠在一起，(4H, D)、(4H, H)、(4H,)，
    门的次序是 i、f、g、o。

    不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "lstm_step"


def case(name, place, x, h, c, weights, want):
    names, values = ["x", "h", "c", "W", "U", "b"], (x, h, c, *weights)
    arrays = [np.array(value, dtype=float) for value in values]
    return name, dict(zip(names, arrays, strict=True)), want, place


HAND = [[3], [0], [1], [0]], [[1], [1], [1], [1]], [-1, 1, 0, 0]
WIDE = (  # H = 2，D = 3
    [
        [0.5, -0.2, 0.1],
        [0.3, 0.8, -0.5],
        [-0.4, 0.6, 0.2],
        [0.1, -0.3, 0.7],
        [0.9, 0.4, -0.6],
        [-0.7, 0.2, 0.5],
        [0.2, 0.1, -0.8],
        [-0.1, 0.5, 0.3],
    ],
    [
        [0.4, -0.6],
        [0.2, 0.1],
        [-0.3, 0.5],
        [0.7, -0.1],
        [-0.5, 0.3],
        [0.6, 0.8],
        [0.1, -0.4],
        [-0.2, 0.9],
    ],
    [0.1, -0.1, 1.0, 0.8, 0.0, 0.2, -0.3, 0.4],
)
OPEN = [[0], [0], [1], [0]], [[0], [0], [0], [0]]
CASES = [
    case(
        "手算过的第一步",
        "见「LSTM：给记忆一条直路」：记忆是 0，遗忘门此时不起作用",
        [1],
        [0],
        [0],
        HAND,
        ([0.292756], [0.670810]),
    ),
    case(
        "手算过的第二步",
        "见「LSTM：给记忆一条直路」：输入是 0，四个门都靠 U h 与偏置",
        [0],
        [0.292756],
        [0.670810],
        HAND,
        ([0.315745], [0.620327]),
    ),
    case(
        "两个单元，三维输入",
        "见「框架里的 LSTM 与 GRU」：每一块有 H 行，次序是 i、f、g、o",
        [1, -2, -1.5],
        [0.3, -0.7],
        [1.5, -0.4],
        WIDE,
        ([0.495414, -0.073516], [0.763519, -0.599106]),
    ),
    case(
        "只留不写",
        "见「直路上只乘遗忘门」：c 是旧的乘 f，加上新的乘 i",
        [0.5],
        [0.2],
        [-1.2],
        (*OPEN, [-30, 30, 0, 0]),
        ([-0.416827], [-1.2]),
    ),
    case(
        "只写不留",
        "见「LSTM：给记忆一条直路」：候选 g 用 tanh，露出的是 o 乘 tanh(c)",
        [2],
        [0.2],
        [5],
        (*OPEN, [30, -30, -0.5, 1]),
        ([0.525482], [0.905148]),
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
