# --8<-- [start:task]
def batches(arrivals, max_batch, max_wait, cost0, cost1):
    """一个工人凑批：返回列表 [(出发时刻, [请求的编号, …]), …]，按先后。

    arrivals：各请求到达的时刻，列表，从早到晚，可以相同，可以是空的。
    max_batch：一批最多几个。max_wait：拿到第一个以后最多再等多久。

    工人空着，有请求在，就拿最早的一个，从这时起等。凑满 max_batch 个马上出发；
    等足 max_wait 也出发，正好在这一刻到的也带上。没有拿的接着排队。
    一批 n 个要算 cost0 + cost1 * n，算完工人才空。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "batches"


def case(name, arrivals, max_batch, max_wait, want, place):
    limits = {"max_batch": max_batch, "max_wait": max_wait}
    costs = {"cost0": 8, "cost1": 1}
    return name, {"arrivals": arrivals} | limits | costs, want, place


CASES = [
    case(
        "只有一个请求",
        [3],
        4,
        5,
        [(8, [0])],
        "见「凑批：等一等，一起算」：没有凑满，等足才走",
    ),
    case(
        "凑满马上走",
        [0, 1, 1, 2, 9],
        3,
        5,
        [(1, [0, 1, 2]), (17, [3, 4])],
        "见「凑批：等一等，一起算」：满了不再等；一批三个算 11 毫秒",
    ),
    case(
        "工人忙完时已经够一批",
        [0, 1, 2, 3, 4],
        2,
        4,
        [(1, [0, 1]), (11, [2, 3]), (25, [4])],
        "见「凑批：等一等，一起算」：等的时间从工人拿到第一个算起",
    ),
    case(
        "正好在最后一刻到",
        [0, 5, 6],
        4,
        5,
        [(5, [0, 1]), (20, [2])],
        "见「凑批：等一等，一起算」：等足的那一刻，含这一刻到的",
    ),
    case(
        "一点也不等",
        [0, 0, 1, 8, 20],
        4,
        0,
        [(0, [0, 1]), (10, [2, 3]), (20, [4])],
        "见「凑批：等一等，一起算」：不等，也会把排着的一起带走",
    ),
    case(
        "没有请求",
        [],
        4,
        5,
        [],
        "见「凑批：等一等，一起算」：没有请求，就没有一批",
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
