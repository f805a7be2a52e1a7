# --8<-- [start:task]
def parameters(vocab, width, layers, heads, kv_heads, hidden, tied=False, bias=False):
    """Llama 一族的参数量，返回整数。

    vocab：词表的大小；width：d；layers：层数；hidden：前馈的中间宽度。
    heads：查询头的个数，每个头 width // heads 维；kv_heads：键、值各有几个头。

    每层：注意力的查询、键、值、输出四个矩阵；前馈的三个矩阵（SwiGLU）；
    两个 RMSNorm，只有增益。末层之后还有一个 RMSNorm。
    tied：输出层与词嵌入共用一个矩阵，只数一次；False 是各有一个。
    bias：注意力的四个矩阵都带偏置；前馈与输出层从来不带。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "parameters"
CASES = [
    (
        "一层的玩具",
        {
            "vocab": 10,
            "width": 4,
            "layers": 1,
            "heads": 2,
            "kv_heads": 2,
            "hidden": 6,
        },
        228,
        "见「参数：从配置数到个位」：前馈是三个矩阵，末尾还有一个归一化",
    ),
    (
        "分组查询注意力",
        {
            "vocab": 100,
            "width": 48,
            "layers": 3,
            "heads": 6,
            "kv_heads": 2,
            "hidden": 80,
        },
        62928,
        "见「参数：从配置数到个位」：键、值的矩阵变窄，输出的矩阵不变",
    ),
    (
        "输出层与词嵌入共用",
        {
            "vocab": 1000,
            "width": 32,
            "layers": 2,
            "heads": 4,
            "kv_heads": 4,
            "hidden": 96,
            "tied": True,
        },
        58784,
        "见「参数：从配置数到个位」：共用一个矩阵，只数一次",
    ),
    (
        "注意力带偏置",
        {
            "vocab": 1000,
            "width": 64,
            "layers": 2,
            "heads": 8,
            "kv_heads": 2,
            "hidden": 160,
            "tied": True,
            "bias": True,
        },
        146560,
        "见「参数：从配置数到个位」：偏置与矩阵的输出一样宽",
    ),
    (
        "Llama 3.1 8B",
        {
            "vocab": 128256,
            "width": 4096,
            "layers": 32,
            "heads": 32,
            "kv_heads": 8,
            "hidden": 14336,
        },
        8030261248,
        "见「参数：从配置数到个位」：对照输出里的那一行",
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
