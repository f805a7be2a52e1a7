# --8<-- [start:task]
def view_strides(shape, strides, new_shape):
    """换成新形状的视图，返回它的步长（元组）；非复制不可就返回 None。

    shape、strides：原来的形状与步长，元组，一样长；步长按格子数。
    new_shape：新形状，元组；各维的乘积与原来的相等。

    三个元组都不空，每一维都大于 1。规则：
    相邻两维满足 strides[d] == shape[d + 1] * strides[d + 1] 才连得上；
    连得上的并成一段，新的每一维必须整个落在一段里。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "view_strides"


def case(name, place, shape, strides, new_shape, want):
    given = {"shape": shape, "strides": strides, "new_shape": new_shape}
    return name, given, want, place


CASES = [
    case(
        "连续的三维压平",
        "见「为什么 view 有时不行」：三维都连得上，并成一段",
        (2, 3, 4),
        (12, 4, 1),
        (24,),
        (1,),
    ),
    case(
        "转置以后压平",
        "见「为什么 view 有时不行」：前两维连不上，只能复制",
        (3, 2, 4),
        (4, 12, 1),
        (24,),
        None,
    ),
    case(
        "隔一个取一个，再折成三维",
        "见「为什么 view 有时不行」：不连续也能折，最后一维保留原来的步长",
        (12,),
        (2,),
        (2, 2, 3),
        (12, 6, 2),
    ),
    case(
        "转置以后每维各折一次",
        "见「为什么 view 有时不行」：每一段从自己的步长算起",
        (4, 6),
        (1, 4),
        (2, 2, 3, 2),
        (2, 1, 8, 4),
    ),
    case(
        "切片以后，重折后两维",
        "见「为什么 view 有时不行」：先合并连得上的，再照新形状切开",
        (2, 3, 4),
        (24, 4, 1),
        (2, 2, 6),
        (24, 6, 1),
    ),
    case(
        "切片以后，跨过断开的地方",
        "见「为什么 view 有时不行」：新的一维不能一半在这段、一半在那段",
        (2, 3, 4),
        (24, 4, 1),
        (3, 8),
        None,
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
