# --8<-- [start:task]
def kv_bytes(config, context, batch, size):
    """键值缓存占几个字节，返回整数。

    context：每个用户已经读了几个词元；batch：几个用户；size：一个数几字节。
    config：字典，一定有 layers（层数）、width（宽度）、heads（查询头的个数）。还可以有
    kv_heads：键、值各有几个头；没有就与查询头一样多。
    head：一个头的宽度；没有就是 width // heads。
    kv_rank 与 rope：有这两项的是 MLA，每个词元在每层只存一个 kv_rank + rope 维的向量，
    与头的个数无关。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "kv_bytes"
CASES = [
    (
        "一层的玩具",
        {
            "config": {"layers": 1, "width": 8, "heads": 2},
            "context": 3,
            "batch": 1,
            "size": 4,
        },
        192,
        "见「先手算一个 7B」：键与值各存一份",
    ),
    (
        "几个查询头合用一组键和值",
        {
            "config": {"layers": 3, "width": 48, "heads": 6, "kv_heads": 2},
            "context": 10,
            "batch": 1,
            "size": 2,
        },
        1920,
        "见「先手算一个 7B」：数的是键值头，头宽仍由查询头来定",
    ),
    (
        "头宽另有规定",
        {
            "config": {
                "layers": 2,
                "width": 32,
                "heads": 4,
                "kv_heads": 2,
                "head": 16,
            },
            "context": 7,
            "batch": 1,
            "size": 2,
        },
        1792,
        "见「开头那张表是怎样算的」：Qwen3 有的头宽不等于宽度除以头数",
    ),
    (
        "五个用户，一个数 1 字节",
        {
            "config": {"layers": 2, "width": 32, "heads": 4, "kv_heads": 1},
            "context": 20,
            "batch": 5,
            "size": 1,
        },
        3200,
        "见「先手算一个 7B」：每个用户各有一份",
    ),
    (
        "MLA",
        {
            "config": {
                "layers": 3,
                "width": 64,
                "heads": 4,
                "kv_rank": 24,
                "rope": 8,
            },
            "context": 11,
            "batch": 2,
            "size": 2,
        },
        4224,
        "见「算出来与公布的不一样」：MLA 不分头，键与值合用一个向量",
    ),
    (
        "Llama 2 7B，读满 4096 个词元",
        {
            "config": {"layers": 32, "width": 4096, "heads": 32},
            "context": 4096,
            "batch": 1,
            "size": 2,
        },
        2147483648,
        "见「先手算一个 7B」：对照输出里的那一行",
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
