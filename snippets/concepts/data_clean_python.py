# --8<-- [start:nfkc]
import re
import unicodedata
from hashlib import blake2b

SAMPLES = {
    "全角字母数字": "ＧＰＴ－４",
    "不换行空格": "一\u00a0二",
    "部首字": "⽤⼾⻚",
    "中文标点": "好！（真的）、好。",
    "上标与单位": "10² ㎡",
    "零宽空格": "零\u200b宽",
    "繁简": "台灣台湾",
}
print("NFKC 做了什么（不可见的字符写成 \\u…）")
for name, text in SAMPLES.items():
    after = unicodedata.normalize("NFKC", text)
    shown = [
        re.sub("[\u00a0\u200b]", lambda m: ascii(m[0])[1:-1], s) for s in (text, after)
    ]
    print(f"  {name}：{shown[0]} → {shown[1]}{'（不变）' if text == after else ''}")
# --8<-- [end:nfkc]


# --8<-- [start:clean]
KANGXI = {c: unicodedata.normalize("NFKC", chr(c)) for c in range(0x2F00, 0x2FD6)}
# NFKC 把 ⼾ 变成繁体的「戶」，又不认得简体的部首；照自己的数据补这张表
RADICALS = KANGXI | str.maketrans("⼾⻅⻋⻔⻚⻢", "户见车门页马")
INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x2060, 0xFEFF])  # 软连字符、零宽、BOM


def clean(text):
    """给模型读的文字：只修坏的，不改写作者的标点、上标与大小写。"""
    text = re.sub(r"\r\n?", "\n", text.translate(RADICALS).translate(INVISIBLE))
    printable = (c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    text = unicodedata.normalize("NFC", "".join(printable))
    text = re.sub(r"[^\S\n]+", " ", text)  # 全角空格、不换行空格、制表符都算空白
    return re.sub(r" ?\n[ \n]*", "\n", text).strip()


def key(text):
    """只用来比较、从不给人看的文字：能抹的都抹掉。"""
    text = unicodedata.normalize("NFKC", clean(text)).casefold()
    return "".join(c for c in text if unicodedata.category(c)[0] in "LMN") or text


# --8<-- [end:clean]


# --8<-- [start:hash]
def digest(text):
    # 不用内置的 hash()：字符串的值每个进程都换，存下来就对不上了
    return blake2b(text.encode(), digest_size=16).hexdigest()


def deduplicate(texts):
    """每个键只留第一次出现的那条；返回留下的序号，与每条归到哪一条。"""
    first = {}
    owner = [first.setdefault(digest(key(t)), i) for i, t in enumerate(texts)]
    return sorted(first.values()), owner


LINES = [
    "屏幕很好，物流也快！",
    "屏幕很好,物流也快!",
    "屏幕很好，\u200b物流也快！\u3000",
    "屏幕很好，物流也快！！！",
    "屏幕不好，物流也快！",
    "运行ＣＨＡＴ很流畅",
    "运行 Chat 很流畅",
    "？？",
    "！！",
    "面积 10²",
    "面积 102",
]
kept, owner = deduplicate(LINES)
print(f"\n{len(LINES)} 行：原样比较剩 {len(set(LINES))} 行，", end="")
print(f"清洗后剩 {len({clean(t) for t in LINES})} 行，按键比较剩 {len(kept)} 行")
for i, j in enumerate(owner):
    if i != j:
        print(f"  「{clean(LINES[i])}」并入「{clean(LINES[j])}」")
for bits in (32, 64, 128):
    print(f"{bits:>3} 位摘要，十亿条文字，预计相撞 {1e9**2 / 2 / 2.0**bits:.2g} 对")
# --8<-- [end:hash]
