# --8<-- [start:texts]
import math
import re
import unicodedata
from collections import Counter
from itertools import pairwise

ENGLISH = """
The small library by the river opens at nine in the morning. The librarian knows every
reader by name, and every reader knows where the new books stand. In the morning the
children come to read, and in the evening the old teacher comes to write letters. When
it rains, the library is full, and the windows are white with steam. A good book is
like a good friend: it waits for you, it speaks when you open it, and it says nothing
when you close it. The children read the same story again and again, and each time
they find something new in it. One day a computer came to the library. It could not
read, but it could count. It counted the letters, the words and the lines of every
book, and it wrote the numbers down. The children asked what the numbers meant. The
computer did not know. The librarian said that counting is the first step of learning.
The computer kept counting. It found that some letters often stand together, so it
gave each pair a new name. Then it found that some names often stand together, and it
gave them a new name as well. After many steps it had names for whole words, and the
books became shorter and shorter. The old teacher read the list of names. The names of
common words were short, and the names of rare words were long. He said that the list
was like a good dictionary, but that nobody had told the computer what a word is.
"""
CHINESE = """
河边的小图书馆早上九点开门。图书管理员叫得出每一位读者的名字，每一位读者也知道新书放
在哪里。早上孩子们来读书，晚上老教师来写信。下雨的时候，图书馆里坐满了人，窗户上全是
白色的水汽。一本好书像一位好朋友：它等着你，你打开它，它就说话，你合上它，它就不说话。
孩子们把同一个故事读了一遍又一遍，每一遍都能读到新的东西。有一天，图书馆来了一台计算
机。它不会读书，但是它会数数。它数了每一本书的字母、词和行，把数字写下来。孩子们问，这
些数字是什么意思。计算机不知道。图书管理员说，数数是学习的第一步。计算机接着数数。它发
现有些字母常常站在一起，就给每一对字母起一个新名字。后来它发现有些名字也常常站在一起，
就再给它们起一个新名字。走了很多步以后，它有了整个词的名字，书也变得越来越短。老教师读
了这张名字的表。常见的词名字短，少见的词名字长。他说，这张表像一本好词典，但是没有人告
诉过计算机什么是词。
"""
english = " ".join(ENGLISH.split())
chinese = "".join(CHINESE.split())
for text in ("a", "é", "汉", "😀"):
    print(f"{text}：{len(text.encode())} 个字节，{text.encode().hex(' ').upper()}")
# --8<-- [end:texts]

# --8<-- [start:split]
# 英文缩写 | 字母与汉字 | 数字 | 标点 | 词间空白；空格归给后面的词
# 与原版只差在 ²、①、Ⅷ 这一类：原版算数字，Python 的 \d 不认，归了字母
SPLIT = re.compile(
    r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\w\s]|_)+|\s+(?!\S)|\s+"
)


def split(text):
    return SPLIT.findall(text)  # 各段首尾相接，恰好是原文


print("切段：", split("The words don't 早上九点，来了 3 个孩子。"))
# --8<-- [end:split]


# --8<-- [start:train]
def merge(ids, pair, new):
    merged, i = [], 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == pair:
            merged.append(new)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


def train(words, size):
    """words：{字节串: 次数}。返回各词元的字节，与按先后排列的合并。"""
    vocab = [bytes([b]) for b in range(256)]  # 前 256 个 id 就是字节的值
    words = [(list(word), count) for word, count in words.items()]
    merges = {}
    while len(vocab) < size:
        pairs = Counter()
        for ids, count in words:
            for pair in pairwise(ids):
                pairs[pair] += count
        if not pairs:
            break  # 每一段都已并成一个词元
        # 次数最大的一对；次数相同时取 id 小的，结果才是确定的
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges[best] = len(vocab)  # 新词元的 id
        vocab.append(vocab[best[0]] + vocab[best[1]])
        words = [(merge(ids, best, merges[best]), count) for ids, count in words]
    return vocab, merges


# --8<-- [end:train]


# --8<-- [start:learn]
def counted(text):
    return Counter(piece.encode() for piece in split(text))


def show(piece):
    try:
        return repr(piece.decode())
    except UnicodeDecodeError:  # 半个汉字
        return piece.hex(" ").upper()


vocab, merges = train(counted(english + chinese), 512)
print(f"词表 {len(vocab)} 个词元，{len(merges)} 次合并。前 12 次：")
for (left, right), new in list(merges.items())[:12]:
    print(f"{new}：{show(vocab[left])} + {show(vocab[right])} → {show(vocab[new])}")
# --8<-- [end:learn]


# --8<-- [start:encode]
def encode_piece(piece, merges):
    ids = list(piece)
    while len(ids) > 1:
        # 总是先做训练时先学到的合并：越早学到，新词元的 id 越小
        best = min(pairwise(ids), key=lambda pair: merges.get(pair, math.inf))
        if best not in merges:
            break  # 一对也合不了
        ids = merge(ids, best, merges[best])
    return ids


def encode(text, merges):
    return [i for piece in split(text) for i in encode_piece(piece.encode(), merges)]


def decode(ids, vocab):
    # 先把字节接起来再解码：一个词元可能只是半个汉字
    return b"".join(vocab[i] for i in ids).decode(errors="replace")


# --8<-- [end:encode]

# --8<-- [start:examples]
for text in ("图书馆的孩子们", " the library", "the library", "汉语", "😀"):
    ids = encode(text, merges)
    pieces = " | ".join(show(vocab[i]) for i in ids)
    print(f"{text!r} → {len(ids)} 个：{pieces}")
    assert decode(ids, vocab) == text
ids = encode("汉语", merges)
print("逐个词元解码再拼接：", "".join(decode([i], vocab) for i in ids))
print("先拼接字节再解码：", decode(ids, vocab))
# --8<-- [end:examples]


# --8<-- [start:special]
END = {"<|endoftext|>": len(vocab)}  # 词表之外另给一个 id，不参与合并


def encode_document(text, merges, special=END):
    ids = []
    for part in re.split(f"({'|'.join(map(re.escape, special))})", text):
        ids += [special[part]] if part in special else encode(part, merges)
    return ids


document = "读书。<|endoftext|>"
print("当作特殊词元：", encode_document(document, merges)[-1:])
print("当作普通文字：", len(encode("<|endoftext|>", merges)), "个词元")
# --8<-- [end:special]

# --8<-- [start:fertility]
# 两段意思相同、训练时没有见过的话
UNSEEN_ENGLISH = (
    "The teacher asked the computer to read a new story about the river. "
    "It found every word, and the children were happy."
)
UNSEEN_CHINESE = (
    "老教师请计算机读一个关于河的新故事。它找到了每一个词，孩子们都很高兴。"
)
print(f"英文 {len(UNSEEN_ENGLISH)} 个字符，中文 {len(UNSEEN_CHINESE)} 个字符")
training = {
    "英文为主": english + chinese[:60],
    "全是中文": chinese,
    "中英都有": english + chinese,
}
fertility = {}
for name, text in training.items():
    learned = train(counted(text), 512)[1]
    en = len(encode(UNSEEN_ENGLISH, learned))
    zh = len(encode(UNSEEN_CHINESE, learned))
    fertility[name] = en, zh
    print(
        f"{name}：英文 {en} 个词元（每字符 {en / len(UNSEEN_ENGLISH):.2f}），"
        f"中文 {zh} 个（每字符 {zh / len(UNSEEN_CHINESE):.2f}），"
        f"中文是英文的 {zh / en:.2f} 倍"
    )
# --8<-- [end:fertility]

# --8<-- [start:size]
# 一直并到每一段都是一个词元；合并有先后，小词表就是大词表的前一段
full, all_merges = train(counted(english + chinese), 10_000)
for size in (256, 384, 512, 768, len(full)):
    some = {pair: new for pair, new in all_merges.items() if new < size}
    seen = encode(english + chinese, some)
    unseen = encode(UNSEEN_ENGLISH + UNSEEN_CHINESE, some)
    times = Counter(seen)
    rare = sum(times[new] <= 1 for new in some.values())
    print(
        f"词表 {size:4d}：训练语料 {len(seen):4d} 个词元，"
        f"没见过的话 {len(unseen):3d} 个；"
        f"学到的 {len(some):3d} 项里，{rare:3d} 项至多出现一次"
    )
V, d, layers, context = 50257, 768, 12, 1024  # GPT-2 最小的一档
block = 12 * d * d + 13 * d  # 每层的矩阵、偏置与归一化
total = V * d + context * d + layers * block + 2 * d
print(f"GPT-2：词嵌入 {V * d:,} 个参数，占全部 {total:,} 个的 {V * d / total:.0%}")
# --8<-- [end:size]

# --8<-- [start:digits]
# 另训练一个只见过数字的分词器：怎样切，取决于语料里哪些数字常见
numbers = "2024 2025 2025 2026 2026 2026 199 99 99 100 1000 500 5000"
digit_vocab, digit_merges = train(counted(numbers), 266)
for text in ("2025", "2052", "20250", "1999", "9999"):
    ids = encode(text, digit_merges)
    print(f"{text} →", [decode([i], digit_vocab) for i in ids])
# --8<-- [end:digits]

# --8<-- [start:lengths]
for name, text in [
    ("汉字", "汉"),
    ("表情", "😀"),
    ("女教师", "👩\u200d🏫"),
    ("é，一个码位", "\u00e9"),
    ("é，两个码位", "e\u0301"),
]:
    # len 数的是码位，即统一码给字符的编号；JavaScript 的 length 数的是 UTF-16
    # 单元，编号大于 FFFF 的码位（多数表情）要占两个
    units = len(text.encode("utf-16-le")) // 2
    print(f"{name}：码位 {len(text)}，UTF-16 单元 {units}，", end="")
    print(f"字节 {len(text.encode())}，词元 {len(encode(text, merges))}")
# --8<-- [end:lengths]

# --8<-- [start:forms]
for text in ("e\u0301", "２０２６", "①", "，", "图书馆", "圖書館"):
    forms = {"原样": text}
    forms |= {f: unicodedata.normalize(f, text) for f in ("NFC", "NFKC")}
    each = (f"{name}「{x}」{len(encode(x, merges))} 个" for name, x in forms.items())
    print("；".join(each))
# --8<-- [end:forms]
