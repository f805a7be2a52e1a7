# --8<-- [start:task]
def learn_merges(words, size):
    """训练 BPE，返回合并的列表 [(left, right), …]，按先后排列。

    words：{字节串: 次数}，切好的段；合并不跨段，一段出现几次就数几次。
    size：词表要有多少个词元。前 256 个 id 就是字节的值，第 n 次合并
    （从 0 数起）得到的新词元，id 是 256 + n；left、right 都是 id。

    每一步取次数最大的一对；次数相同，取 id 小的：先比左边，再比右边。
    替换时从左往右，换过的不再用第二次。没有一对可合并，就提前停下。
    """
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "learn_merges"
CASES = [
    (
        "三个段，合并两次",
        {"words": {b"low": 5, b"lot": 2, b"new": 6}, "size": 258},
        [[108, 111], [101, 119]],
        "见「BPE：反复合并最常见的一对」：按段的次数加权",
    ),
    (
        "次数相同",
        {"words": {b"dc": 1, b"ba": 1, b"bc": 1, b"ab": 1}, "size": 259},
        [[97, 98], [98, 97], [98, 99]],
        "见「BPE：反复合并最常见的一对」：并列时怎么选",
    ),
    (
        "一串相同的字母",
        {"words": {b"aaaaa": 2, b"aab": 1}, "size": 260},
        [[97, 97], [256, 97], [256, 257], [256, 98]],
        "见「BPE：反复合并最常见的一对」：换过的不再用第二次",
    ),
    (
        "汉字的字节",
        {
            "words": {"图书馆".encode(): 2, "图书".encode(): 3, "书包".encode(): 1},
            "size": 262,
        },
        [[185, 166], [228, 256], [155, 190], [229, 258], [259, 257], [166, 134]],
        "见「为什么不用字，也不用词」：一个汉字是三个字节",
    ),
    (
        "什么也没有",
        {"words": {}, "size": 300},
        [],
        "见「BPE：反复合并最常见的一对」：没有一对可合并",
    ),
    (
        "每一段都并成了一个词元",
        {"words": {b"abc": 1, b"z": 9}, "size": 300},
        [[97, 98], [256, 99]],
        "见「BPE：反复合并最常见的一对」：没有一对可合并",
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
