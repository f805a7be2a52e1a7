# --8<-- [start:task]
import numpy as np


def beam_search(next_log_probs, k, eos, max_len, alpha):
    """束搜索：返回最好的一句与它的分数，(words, score)。

    next_log_probs：函数，收已经写出的词（元组），
        返回字典，键是下一个词，值是它的对数概率。
    k：束宽。eos：结束符。
    max_len：最多写几个词，连结束符；写满还没结束的也算写完。
    alpha：分数是对数概率之和除以 词数 ** alpha，词数连结束符。

    words 是列表，不含结束符；score 是修正以后的分数。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "beam_search"


def case(name, place, rows, k, max_len, alpha, words, score):
    def next_log_probs(written):
        row = rows[" ".join(written)]
        return {word: float(np.log(p)) for word, p in row.items()}

    given = {"next_log_probs": next_log_probs, "k": k, "eos": "<eos>"}
    given |= {"max_len": max_len, "alpha": alpha}
    return name, given, (words, score), place


END = {"<eos>": 1.0}
NUMBER = {
    "": {"ten": 0.5, "twelve": 0.4, "<eos>": 0.1},
    "ten": {"thousand": 0.9, "<eos>": 0.1},
    "twelve": {"thousand": 0.9, "<eos>": 0.1},
    "ten thousand": {"two": 0.6, "<eos>": 0.4},
    "twelve thousand": {"<eos>": 0.9, "two": 0.1},
    "ten thousand two": {"<eos>": 0.6, "hundred": 0.4},
    "twelve thousand two": {"<eos>": 0.6, "hundred": 0.4},
    "ten thousand two hundred": END,
    "twelve thousand two hundred": END,
}
SAME = {
    "": {"a": 0.6, "b": 0.4},
    "a": {"c": 0.5, "d": 0.45, "<eos>": 0.05},
    "b": {"c": 0.45, "d": 0.35, "<eos>": 0.2},
    "a c": {"e": 0.5, "<eos>": 0.5},
    "a d": {"e": 0.1, "<eos>": 0.9},
    "b c": END,
    "b d": END,
    "a c e": END,
    "a d e": END,
}
DATE = {
    "": {"Mar": 0.34, "March": 0.33, "3": 0.28, "<eos>": 0.05},
    "Mar": {"5": 0.4, "5th": 0.3, "fifth": 0.3},
    "March": {"5": 0.4, "5th": 0.3, "fifth": 0.3},
    "3": {"5": 0.4, "5th": 0.3, "fifth": 0.3},
}
for start in ["Mar", "March", "3"]:
    for day in ["5", "5th", "fifth"]:
        DATE[f"{start} {day}"] = {"2026": 0.36, "26": 0.34, "'26": 0.3}
        for year in ["2026", "26", "'26"]:
            DATE[f"{start} {day} {year}"] = END
LATE = {
    "": {"no": 0.5, "it": 0.3, "<eos>": 0.2},
    "no": {"<eos>": 0.8, "way": 0.2},
    "no way": END,
}
LONG = [*"it has rained every day since last week".split(), "<eos>"]
for n in range(1, 9):
    LATE[" ".join(LONG[:n])] = {LONG[n]: 1.0}

CASES = [
    case(
        "束宽 1",
        "见「贪心：每步取最大，走错了回不来」：每步只留一条",
        NUMBER,
        1,
        5,
        0,
        ["ten", "thousand", "two"],
        -1.820159,
    ),
    case(
        "两条从同一个开头来",
        "见「束搜索：每步留 k 条」：所有分支放在一起比，留前 k 条",
        SAME,
        2,
        5,
        0,
        ["a", "d"],
        -1.414694,
    ),
    case(
        "空译文",
        "见「模型全对，束宽加大反而变差」：第一步就写完的也要记下",
        DATE,
        4,
        5,
        0,
        [],
        -2.995732,
    ),
    case(
        "除以词数",
        "见「长度：分数要不要除以词数」：词数连结束符，除了再比，不要提前停",
        LATE,
        3,
        9,
        1,
        LONG[:-1],
        -0.133775,
    ),
    case(
        "写到上限",
        "见「常见误区」：写满 max_len 个词就停，没结束的也算写完",
        NUMBER,
        3,
        2,
        1,
        ["ten", "thousand"],
        -0.399254,
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
