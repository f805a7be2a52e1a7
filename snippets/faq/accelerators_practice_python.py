# --8<-- [start:task]
def step(card, model, fresh, before, batch):
    """一步至少要几毫秒、受什么限制，返回 (毫秒, "带宽") 或 (毫秒, "算力")。

    batch 个人，每人已读 before 个词元，再读 fresh 个。注意力自己的运算很少，不算。
    card：字典，peak（每秒几次运算）与 bandwidth（每秒搬几个字节）。
    model：字典，linear（各层矩阵的参数个数）、size（它们一个数几字节）、
    output（输出层的参数个数，一个数总是 2 字节，只给每人最后一个位置打分）、
    cache（一个人的一个词元，键值缓存几字节）。
    算与搬同时进行，慢的那个决定时间。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "step"
CASES = [
    (
        "一个人生成一个词元",
        {
            "card": {"peak": 1e9, "bandwidth": 1e7},
            "model": {"linear": 73728, "size": 2, "output": 32768, "cache": 256},
            "fresh": 1,
            "before": 15,
            "batch": 1,
        },
        (21.7088, "带宽"),
        "见「慢在带宽，还是慢在算力」：权重、输出层与缓存各搬一遍",
    ),
    (
        "32 人一起生成",
        {
            "card": {"peak": 1e9, "bandwidth": 1e7},
            "model": {"linear": 73728, "size": 2, "output": 32768, "cache": 256},
            "fresh": 1,
            "before": 100,
            "batch": 32,
        },
        (104.0384, "带宽"),
        "见「许多人一起用，每个人会变慢吗？」：权重合用，缓存每人各搬一遍",
    ),
    (
        "两个人各读一段提示",
        {
            "card": {"peak": 2e9, "bandwidth": 1e8},
            "model": {"linear": 331776, "size": 2, "output": 196608, "cache": 1152},
            "fresh": 300,
            "before": 0,
            "batch": 2,
        },
        (199.458816, "算力"),
        "见「慢在带宽，还是慢在算力」：每个词元都要乘，只给最后一个打分",
    ),
    (
        "权重压到 4 比特",
        {
            "card": {"peak": 2e9, "bandwidth": 2e7},
            "model": {
                "linear": 331776,
                "size": 0.5625,
                "output": 196608,
                "cache": 1152,
            },
            "fresh": 1,
            "before": 63,
            "batch": 2,
        },
        (36.3648, "带宽"),
        "见「慢在带宽，还是慢在算力」：压的只有各层的矩阵",
    ),
    (
        "权重压到 4 比特，读一段提示",
        {
            "card": {"peak": 2e9, "bandwidth": 2e7},
            "model": {
                "linear": 331776,
                "size": 0.5625,
                "output": 196608,
                "cache": 1152,
            },
            "fresh": 300,
            "before": 0,
            "batch": 1,
        },
        (99.729408, "算力"),
        "见「慢在带宽，还是慢在算力」：压缩的是权重，乘法一次没有少",
    ),
    (
        "RTX 4090 与 Llama 3.1 8B",
        {
            "card": {"peak": 165.2e12, "bandwidth": 1008e9},
            "model": {
                "linear": 6979321856,
                "size": 2,
                "output": 525336576,
                "cache": 131072,
            },
            "fresh": 1,
            "before": 2048,
            "batch": 1,
        },
        (15.15663, "带宽"),
        "见「慢在带宽，还是慢在算力」：对照输出里的第一行",
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
