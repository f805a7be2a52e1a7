# --8<-- [start:task]
def compare(chances):
    """两个独立的委员会审同一批论文，平均会有多少不同？

    chances：每篇论文被一个委员会录用的概率，例如 [0.9, 0.6, 0.4, 0.1]；
    两个委员会的概率相同，各自独立地决定。

    返回一个字典，三个都是 0 到 1 的数：
    "录用率"：一个委员会平均录用的比例；
    "结论不同"：平均有多大比例的论文，一方录用、另一方拒绝；
    "录用被推翻"：一方录用的论文里，平均有多大比例被另一方拒绝。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "compare"
HAND = "见「先用四篇论文手算」：把一次换成平均"
LOT = "见「两个委员会的模型」：可靠度为 0 就是抽签"
BASE = "见「两次一致性实验」：先问除以什么"
CASES = [
    (
        "手算过的四篇",
        {"chances": [0.9, 0.6, 0.4, 0.1]},
        {"录用率": 0.5, "结论不同": 0.33, "录用被推翻": 0.33},
        HAND,
    ),
    (
        "抽签：每篇都是 0.25",
        {"chances": [0.25, 0.25, 0.25, 0.25]},
        {"录用率": 0.25, "结论不同": 0.375, "录用被推翻": 0.75},
        LOT,
    ),
    (
        "没有偶然",
        {"chances": [0.0, 1.0, 1.0, 0.0, 0.0]},
        {"录用率": 0.4, "结论不同": 0.0, "录用被推翻": 0.0},
        HAND,
    ),
    (
        "严格的会议",
        {"chances": [0.1, 0.5, 0.1, 0.2, 0.1]},
        {"录用率": 0.2, "结论不同": 0.272, "录用被推翻": 0.68},
        BASE,
    ),
    (
        "宽松的会议",
        {"chances": [1.0, 0.9, 0.8]},
        {"录用率": 0.9, "结论不同": 0.166667, "录用被推翻": 0.092593},
        BASE,
    ),
    (
        "只有一篇",
        {"chances": [0.3]},
        {"录用率": 0.3, "结论不同": 0.42, "录用被推翻": 0.7},
        HAND,
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
