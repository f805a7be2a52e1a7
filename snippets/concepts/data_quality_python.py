# --8<-- [start:samples]
import re
from collections import Counter

PAGES = {
    "英文": """\
The library near our office opens at nine on most days of the week.
Readers who come early have to wait in the small yard behind the building.
There is a bench, a tap with cold water, and a list of the books that arrived.
On Friday the doors stay open until ten, and the staff read aloud to children.""",
    "中文": """\
图书馆在我们单位旁边，平时早上九点开门。
来得早的读者要在楼后的小院子里等，那里有一条长凳，还有一个接凉水的龙头。
墙上贴着新到的书单，不少人是看了书单才进去的。
到了周五，门一直开到晚上十点，馆员给孩子们念故事。""",
    "日文": "図書館は九時に開きます。早く来た人は裏庭で待っています。" * 4,
    "导航": "首页\n新闻中心\n产品展示\n联系我们\n友情链接\n" * 6,
    "堆词": "手机,优惠,低价,正品,包邮,特卖,二手,批发,维修,配件\n" * 8,
}
# --8<-- [end:samples]


# --8<-- [start:english]
STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}


def english_rules(text):
    """Gopher 的三条与 C4 的一条，照原样；返回没有通过的。"""
    words, lines = text.split(), text.splitlines()
    mean = sum(map(len, words)) / len(words)
    stops = len(STOP_WORDS & {word.lower() for word in words})  # 至少两个不同的
    ended = sum(line.endswith((".", "!", "?", '"')) for line in lines)
    checks = {
        f"词数 {len(words)}": 50 <= len(words) <= 100_000,
        f"平均词长 {mean:.0f}": 3 <= mean <= 10,
        f"停用词 {stops}": stops >= 2,
        f"以句末标点收尾的行 {ended}/{len(lines)}": ended > 0,
    }
    return [name for name, passed in checks.items() if not passed]


# --8<-- [end:english]


# --8<-- [start:chinese]
HAN, KANA = r"[\u4e00-\u9fff]", r"[\u3040-\u30ff]"


def chinese_rules(text):
    """同样的想法，换成中文的单位；门槛只作示范。"""
    han, kana = re.findall(HAN, text), re.findall(KANA, text)
    lines, letters = text.splitlines(), sum(c.isalpha() for c in text)
    repeated = sum(len(x) * k for x, k in Counter(lines).items() if k > 1)
    function = sum(c in "的了是在和有不" for c in han)
    ended = sum(line.endswith(tuple("。！？…”")) for line in lines)
    checks = {
        f"汉字占 {len(han) / letters:.0%}": len(han) > 0.5 * letters,
        f"假名 {len(kana)}": not kana,
        f"汉字 {len(han)} 个": len(han) >= 50,
        f"虚词 {function} 个": function > 0.02 * len(han),
        f"以句末标点收尾的行 {ended}/{len(lines)}": ended > 0.12 * len(lines),
        f"重复的行占 {repeated / len(text):.0%}": repeated < 0.1 * len(text),
    }
    return [name for name, passed in checks.items() if not passed]


for title, rules in [("英文的规则", english_rules), ("中文的规则", chinese_rules)]:
    print(title)
    for name, page in PAGES.items():
        failed = rules(page)
        print(f"  {name}：{'删去，' + '；'.join(failed) if failed else '留下'}")
# --8<-- [end:chinese]


# --8<-- [start:boilerplate]
def strip_boilerplate(pages):
    """同一网站的许多页里都有的行是页眉页脚，不是正文。"""
    seen = Counter(line for page in pages for line in set(page.splitlines()))
    return [
        "\n".join(x for x in page.splitlines() if seen[x] <= len(pages) / 2)
        for page in pages
    ]


SITE = [
    f"首页 | 新闻 | 关于我们\n{body}\n版权所有，转载请联系\n分享到：微博 微信"
    for body in ("今天有小雨。", "桥下周三通车。", "花展开到月底。\n周一闭馆。")
]
bodies = strip_boilerplate(SITE)
before, after = (sum(len(x.splitlines()) for x in part) for part in (SITE, bodies))
print(f"三个网页共 {before} 行，去掉样板剩 {after} 行：")
print("  " + "\n".join(bodies).replace("\n", " / "))
# --8<-- [end:boilerplate]


# --8<-- [start:pii]
WIDE = {0xFF01 + i: 0x21 + i for i in range(94)}  # 全角的 ！到 ～，一个字换一个字
PATTERNS = {
    "邮箱": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "身份证": r"(?<!\d)\d{17}[\dXx](?!\d)",
    "手机": r"(?<!\d)1[3-9]\d{9}(?!\d)",
}


def valid_id(number):
    """18 位身份证号的校验：各位乘 2 的幂，总和除以 11 余 1（X 是 10）。"""
    digits = [10 if c in "Xx" else int(c) for c in number]
    return sum(d * 2 ** (17 - i) for i, d in enumerate(digits)) % 11 == 1


def redact(text):
    """把个人信息换成类别；在换成半角的副本上找，位置与原文一一对应。"""
    for kind, pattern in PATTERNS.items():
        narrow = text.translate(WIDE)
        # ASCII：否则 \w 连汉字也算，「请联系」会被当成邮箱的一部分
        for match in reversed(list(re.finditer(pattern, narrow, re.ASCII))):
            if kind != "身份证" or valid_id(match[0]):
                text = f"{text[: match.start()]}〔{kind}〕{text[match.end() :]}"
    return text


LETTER = (
    "请联系 li.ming@example.com，或打１３８００１３８０００。"
    "证件号 000000190001010009，订单号 000000190001010008。"
)
print(redact(LETTER))
# --8<-- [end:pii]
