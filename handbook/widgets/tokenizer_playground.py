"""The tokenizer playground: byte-level BPE, trained on the book's own words.

The page is sent the merges, as JSON inside ``<tokenizer-playground>``; the element's
script encodes by the same rules, and must agree with ``encode`` byte for byte.
"""

import heapq
import re
from collections import Counter
from html import escape
from itertools import pairwise
from pathlib import Path

from handbook.cache import keep
from handbook.registry import view
from handbook.widgets.frame import framed

FOLDER = Path("docs")
SIZE = 256 + 600  # tokens: the bytes, and what is learnt
TEXT = 24_000  # characters read in all: trained in a second, however long the book
#: The page's program that encodes by the same rules, and where it stands.
PROGRAM = "tokens_bpe_python.py", "encode"
EXAMPLE = "大模型先把文字切成词元。Attention 2026 😀"

Merges = list[tuple[int, int]]

# As GPT-2 splits: contractions, letters (Han too), digits, other marks, white space.
_SPLIT = re.compile(
    r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\w\s]|_)+|\s+(?!\S)|\s+"
)
_NO_PROSE = (
    re.compile(r"\A---\n.*?\n---\n", re.S),  # front matter
    re.compile(r"^ *```.*?^ *```", re.S | re.M),
    re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.S),
    re.compile(r"<[^>]*>|\{[^}\n]*\}|\[@[^\]]*\]|(?<=\])\([^)\s]*\)"),
    re.compile(r"^[^\n]*--8<--[^\n]*$|[#*|`>]+|--+", re.M),
)


def book_text(folder: Path = FOLDER) -> str:
    """The beginnings of all pages, prose alone, in the order of their paths."""
    pages = sorted(folder.rglob("*.md"))
    begins = []
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for pattern in _NO_PROSE:
            text = pattern.sub("", text)
        lines = (" ".join(line.split()) for line in text.splitlines())
        begins.append("\n".join(filter(None, lines))[: TEXT // len(pages)])
    return "\n".join(begins)


@keep
def train(text: str, size: int = SIZE) -> Merges:
    """The merges in the order they are learnt; a tie goes to the smaller ids."""
    counts = Counter(piece.encode() for piece in split(text))
    words = [(list(word), count) for word, count in counts.items()]
    pairs: Counter[tuple[int, int]] = Counter()
    where: dict[tuple[int, int], set[int]] = {}
    for number, (ids, count) in enumerate(words):
        for pair in pairwise(ids):
            pairs[pair] += count
            where.setdefault(pair, set()).add(number)
    # Entries whose count is out of date stay in the heap, and are passed over.
    heap = [(-count, pair) for pair, count in pairs.items()]
    heapq.heapify(heap)
    learnt: Merges = []
    while heap and 256 + len(learnt) < size:
        count, pair = heapq.heappop(heap)
        if pairs[pair] != -count or not count:
            continue
        new = 256 + len(learnt)
        learnt.append(pair)
        change: Counter[tuple[int, int]] = Counter()
        for number in where.pop(pair):
            ids, times = words[number]
            merged = _merge(ids, pair, new)
            for beside in pairwise(ids):
                change[beside] -= times
            for beside in pairwise(merged):
                change[beside] += times
                where.setdefault(beside, set()).add(number)
            words[number] = merged, times
        for beside, by in change.items():
            pairs[beside] += by
            if by and pairs[beside]:
                heapq.heappush(heap, (-pairs[beside], beside))
    return learnt


def split(text: str) -> list[str]:
    """The stretches of a text that no merge crosses; joined, they are the text."""
    return _SPLIT.findall(text)


def spellings(merges: Merges) -> list[bytes]:
    """The bytes of each token, by id."""
    spelt = [bytes([b]) for b in range(256)]
    for left, right in merges:
        spelt.append(spelt[left] + spelt[right])
    return spelt


def encode(text: str, merges: Merges) -> list[int]:
    """The ids of a text: in each stretch, the merge learnt first is done first."""
    made = {pair: number for number, pair in enumerate(merges, 256)}
    found = []
    for piece in split(text):
        ids = list(piece.encode())
        while pairs := [pair for pair in pairwise(ids) if pair in made]:
            first = min(pairs, key=made.__getitem__)
            ids = _merge(ids, first, made[first])
        found += ids
    return found


@view("tokenizer-playground")
def playground(folder: Path = FOLDER) -> str:
    """The element with its merges; without a script, an example as a table."""
    merges = train(book_text(folder))
    spelt = spellings(merges)
    ids = encode(EXAMPLE, merges)
    rows = "".join(
        f"<tr><td>{escape(shown(spelt[i]))}</td><td>{i}</td>"
        f"<td><code>{spelt[i].hex(' ').upper()}</code></td></tr>"
        for i in ids
    )
    length = len(EXAMPLE), len(EXAMPLE.encode()), len(ids)
    table = (
        f"<table><caption>「{escape(EXAMPLE)}」："
        f"{length[0]} 个码位，{length[1]} 个字节，{length[2]} 个词元；"
        f"词表 {len(spelt)} 项，由本书各页的开头训练</caption>"
        '<thead><tr><th scope="col">片段</th><th scope="col">id</th>'
        f'<th scope="col">字节</th></tr></thead><tbody>{rows}</tbody></table>'
    )
    data = {"example": EXAMPLE, "merges": merges}
    return framed("tokenizer-playground", "playground", data, table, PROGRAM)


def shown(piece: bytes) -> str:
    """A token as a reader sees it: blanks made visible, part of a character named."""
    try:
        return piece.decode().replace(" ", "␣").replace("\n", "⏎")
    except UnicodeDecodeError:
        return "不成字" if len(piece) > 1 else "字节"


def _merge(ids: list[int], pair: tuple[int, int], new: int) -> list[int]:
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            merged.append(new)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged
