# --8<-- [start:task]
import numpy as np


def td_targets(r, terminated, truncated, q_next, q_final, gamma, a_next=None):
    """n 个并行的环境各走一步之后，各自的更新目标，返回数组 (n,)。

    r：奖励，(n,)；terminated、truncated：布尔，(n,)；gamma：折扣。
    q_next：在 step 返回的 obs 处各动作的 Q，(n, 动作个数)。
    q_final：在 final_obs 处各动作的 Q，(n, 动作个数)；没有结束的行全是 0。
    a_next：接下来真的要走的动作，(n,)，Sarsa 用；None 就是 Q 学习。

    自动重置用 SAME_STEP：一局结束的那一行，obs 已经是下一局的开头，
    截断时 a_next 是在 final_obs 处选的。不许改动传入的数组。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "td_targets"


def case(name, place, ends, q_next, q_final, gamma, a_next, want):
    """ends：每个环境的 (奖励, terminated, truncated)。"""
    names = ["r", "terminated", "truncated"]
    columns = map(np.array, zip(*ends, strict=True))
    given = dict(zip(names, columns, strict=True))
    given |= {"q_next": np.array(q_next), "q_final": np.array(q_final)}
    actions = None if a_next is None else np.array(a_next)
    return name, given | {"gamma": gamma, "a_next": actions}, want, place


NO, YES = False, True
CASES = [
    case(
        "Q 学习，两个环境都没有结束",
        "见「差别在哪一行」：Q 学习用后继状态里最大的 Q",
        [(0.0, NO, NO), (-1.0, NO, NO)],
        [[9.0, 8.0, 8.1], [-3.0, -2.0, -4.0]],
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
        0.9,
        None,
        [8.1, -2.8],
    ),
    case(
        "Sarsa，两个环境都没有结束",
        "见「差别在哪一行」：Sarsa 用真的要走的动作 a_next 的 Q",
        [(0.0, NO, NO), (-1.0, NO, NO)],
        [[9.0, 8.0, 8.1], [-3.0, -2.0, -4.0]],
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
        0.9,
        [2, 0],
        [7.29, -3.7],
    ),
    case(
        "走到终点",
        "见「时间到了，不是终点」：terminated 之后没有价值，目标只有奖励",
        [(1.0, YES, NO), (1.0, NO, NO)],
        [[5.0, 6.0], [5.0, 6.0]],
        [[2.0, 3.0], [0.0, 0.0]],
        0.5,
        None,
        [1.0, 4.0],
    ),
    case(
        "步数到了上限",
        "见「向量化环境：哪个才是最后的状态」：截断的行用 q_final，不用 q_next",
        [(1.0, NO, YES), (1.0, NO, NO)],
        [[5.0, 6.0], [5.0, 6.0]],
        [[10.0, 9.0], [0.0, 0.0]],
        0.9,
        None,
        [10.0, 6.4],
    ),
    case(
        "Sarsa，四种结束都有",
        "见「时间到了，不是终点」：两个标志同时为真时，仍是终点",
        [
            (2.0, NO, NO),
            (-100.0, YES, NO),
            (-1.0, NO, YES),
            (3.0, YES, YES),
            (5.0, NO, YES),
        ],
        [[-1.0, -2.0], [-7.0, -8.0], [-7.0, -8.0], [-7.0, -8.0], [-7.0, -8.0]],
        [[0.0, 0.0], [-5.0, -6.0], [-3.0, -4.0], [-9.0, -6.0], [0.0, 0.0]],
        0.8,
        [1, 0, 1, 0, 1],
        [0.4, -100.0, -4.2, 3.0, 5.0],
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
