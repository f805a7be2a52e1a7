# --8<-- [start:task]
from statistics import NormalDist


def wilson(right, n, level):
    """准确率的 Wilson 区间，返回 (下端, 上端)。

    right：对了几例；n：共几例，至少 1；level：置信水平，例如 0.95。

    NormalDist().inv_cdf(0.975) 是标准正态分布的 97.5% 分位数，约 1.96。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "wilson"


def case(name, place, given, ends):
    right, n, level = given
    return name, {"right": right, "n": n, "level": level}, ends, place


WILSON = "见「反过来问：哪些 p 不会使这个结果意外」："
CASES = [
    case(
        "114 例对 108 例",
        WILSON + "区间之外共 5%，两头各一半，分位数取 0.975",
        (108, 114, 0.95),
        (0.889912, 0.975658),
    ),
    case(
        "10 例全对",
        WILSON + "标准误用候选的 p 算；观察到的 p 是 1 时，二次方程仍有两个根",
        (10, 10, 0.95),
        (0.722467, 1.0),
    ),
    case(
        "7 例全错",
        WILSON + "中点不是观察到的准确率",
        (0, 7, 0.95),
        (0.0, 0.35433),
    ),
    case(
        "3 例对 1 例，水平 80%",
        WILSON + "z 由 level 来；例数这样少，每一项都看得出",
        (1, 3, 0.8),
        (0.105776, 0.678817),
    ),
    case(
        "1000 例对 960 例，水平 99%",
        WILSON + "z 由 level 来，99% 时两头各留 0.5%，分位数取 0.995",
        (960, 1000, 0.99),
        (0.940773, 0.973164),
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
