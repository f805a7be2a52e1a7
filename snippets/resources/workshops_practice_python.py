# --8<-- [start:task]
def plan(due, offset, steps):
    """倒排：从一个截稿时刻，算出每一步在北京是哪天几点。

    due：截稿的当地时刻，写作 "2026-07-17 23:59"。
    offset：当地的钟比 UTC 快几小时；AoE 是 -12（慢十二小时），印度 5.5。
    steps：步骤的名字到「截稿前几天」，例如 {"初稿": 14, "截稿": 0}；
    负数是截稿以后。

    返回一个字典：步骤的名字到北京时间，写法与 due 相同。
    每一步都按截稿那一刻的钟点往前数整天。北京的钟比 UTC 快 8 个小时。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "plan"
PLACE = "见「主会被拒之后还赶得上谁」：先换成北京时间"
BACK = "见「倒排：截稿前八周做什么」：往前数整天"
CASES = [
    (
        "AoE 的一个截止",
        {"due": "2026-07-17 23:59", "offset": -12, "steps": {"截稿": 0}},
        {"截稿": "2026-07-18 19:59"},
        PLACE,
    ),
    (
        "往前数八周",
        {
            "due": "2026-07-17 23:59",
            "offset": -12,
            "steps": {"定题": 56, "初稿": 14, "截稿": 0},
        },
        {
            "定题": "2026-05-23 19:59",
            "初稿": "2026-07-04 19:59",
            "截稿": "2026-07-18 19:59",
        },
        BACK,
    ),
    (
        "跨过新年",
        {"due": "2027-01-04 23:59", "offset": -12, "steps": {"主实验": 42}},
        {"主实验": "2026-11-24 19:59"},
        BACK,
    ),
    (
        "闰年的二月",
        {
            "due": "2028-03-10 23:59",
            "offset": -12,
            "steps": {"初稿": 14, "主图": 11},
        },
        {"初稿": "2028-02-26 19:59", "主图": "2028-02-29 19:59"},
        BACK,
    ),
    (
        "差半个小时的时区",
        {
            "due": "2026-08-15 23:59",
            "offset": 5.5,
            "steps": {"截稿": 0, "前一天": 1},
        },
        {"截稿": "2026-08-16 02:29", "前一天": "2026-08-15 02:29"},
        PLACE,
    ),
    (
        "截稿以后",
        {"due": "2026-07-17 12:00", "offset": 0, "steps": {"通知": -41}},
        {"通知": "2026-08-27 20:00"},
        BACK,
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
