# --8<-- [start:task]
import math


def bm25(query, documents, k1=1.5, b=0.75):
    """BM25：查询对每一篇的得分，返回一个列表，次序与 documents 相同。

    query：词的列表，同一个词写几次就算几次；哪一篇都没有的词得 0 分。
    documents：每一篇是一个词的列表；至少有一篇，至少有一个词。
    k1 管饱和，b 管长度；一篇的长度是词数，平均长度对各篇取平均。

    IDF 用 Lucene 的写法，里面加 1，永远为正：
    ln(1 + (M - n + 0.5) / (n + 0.5))，M 是篇数，n 是含有这个词的篇数。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "bm25"
CASES = [
    (
        "一个词，三篇一样长",
        {
            "query": ["attention"],
            "documents": [
                ["attention", "model"],
                ["graph", "model"],
                ["graph", "kernel"],
            ],
        },
        [0.980829, 0.0, 0.0],
        "见「BM25：会饱和，也看长度」：第一个因子是 IDF",
    ),
    (
        "长短不一",
        {
            "query": ["graph", "model"],
            "documents": [
                ["graph", "model"],
                ["graph", "neural", "network", "model", "theory", "bound"],
                ["language", "model", "scaling"],
                ["kernel"],
            ],
        },
        [1.235085, 0.724015, 0.356675, 0.0],
        "见「BM25：会饱和，也看长度」：b 管长度",
    ),
    (
        "一篇里重复的词",
        {
            "query": ["learn"],
            "documents": [
                ["learn", "learn", "learn", "learn", "policy"],
                ["learn", "policy"],
                ["causal"],
            ],
        },
        [0.724825, 0.529582, 0.0],
        "见「BM25：会饱和，也看长度」：k1 管饱和",
    ),
    (
        "过半的篇都有的词",
        {
            "query": ["model"],
            "documents": [["model"], ["model", "graph"], ["model", "bound"], ["bound"]],
        },
        [0.419618, 0.310152, 0.310152, 0.0],
        "见「BM25：会饱和，也看长度」：里面加 1，IDF 永远为正",
    ),
    (
        "查询里重复的词与没见过的词",
        {
            "query": ["diffusion", "diffusion", "brain", "unseen"],
            "documents": [["diffusion", "brain"], ["diffusion", "model"], ["brain"]],
        },
        [1.293588, 0.862392, 0.573175],
        "见「BM25：会饱和，也看长度」：对查询里的每个词相加",
    ),
    (
        "换一组 k1 与 b",
        {
            "query": ["graph", "bound"],
            "documents": [["graph", "graph", "bound"], ["graph"], ["bound", "proof"]],
            "k1": 0.5,
            "b": 0.25,
        },
        [1.001452, 0.490439, 0.470004],
        "见「BM25：会饱和，也看长度」：k1 与 b 在式子的哪里",
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
