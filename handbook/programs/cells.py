"""How a page shows its programs: code, its output hanging below, and who agrees.

Cool is written, warm is measured. An output names what made it and, computed from the
records, the frameworks that print the same; the numbers that the prose below discusses
are marked in it; in a framework's code the lines that no other framework's has are
tinted; a card at the top of the page lists its programs and switches all its tabs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from html import escape, unescape
from pathlib import Path

from handbook.programs import record
from handbook.programs.sections import FOLDER, FRAMEWORKS, framework, name, sections

_OUTPUT = re.compile(
    r'<div class="highlight"><span class="filename">([\w/-]+)\.out</span>'
    r"<pre>(?:<span></span>)?<code>(.*?)</code></pre></div>",
    re.S,
)
_FENCE = re.compile(
    r'^( *)```python title="([\w/-]+\.py)"\n\1--8<-- "\2:([\w-]+)"$', re.M
)
_TITLE = re.compile(r' title="([\w/-]+\.py)"')
#: The text that discusses an output ends where more code or a new thought begins.
_ELSEWHERE = re.compile(r'<h[1-6]\b|<div class="(?:highlight|tabbed-set)|<details')
_LITERAL = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?(?![\w]|[.,]\d)")
_FEW = 3  # a literal that stands more often in an output is not what a sentence means
_ALL_NEW = 0.8  # of a section's lines: then tinting tells nothing


# --- outputs ----------------------------------------------------------------------


def outputs(html: str, folder: Path = FOLDER) -> str:
    """A page whose recorded outputs say what made them and which frameworks agree."""

    def shown(match: re.Match) -> str:
        path = folder / f"{match[1]}.py"
        below = _ELSEWHERE.split(html[match.end() :], maxsplit=1)[0]
        agreeing = _agreeing(path, unescape(match[2]))
        same = f"<b>≡ {'、'.join(agreeing)} 打印相同</b>" if agreeing else ""
        return (
            f'<div class="highlight hb-output"><pre><code>{_marked(match[2], below)}'
            f'</code></pre><p class="hb-by"><i>输出</i>{same}'
            f"<span>{record.provenance(path)}</span></p></div>"
        )

    return _OUTPUT.sub(shown, html)


def _agreeing(path: Path, text: str) -> list[str]:
    """The other frameworks whose record of this section is the same to the byte."""
    mine = record.recorded(path)
    here = [section for section, said in mine.items() if said.strip() == text.strip()]
    return [
        FRAMEWORKS[framework(other)]
        for other in _versions(path)
        if other != path
        and any(
            record.recorded(other).get(section) == mine[section] for section in here
        )
    ]


def _versions(path: Path) -> list[Path]:
    """A program in all its frameworks, in their order."""
    stem = path.stem.rpartition("_")[0]
    paths = [path.with_name(f"{stem}_{key}.py") for key in FRAMEWORKS]
    return [version for version in paths if version.is_file()]


def _marked(output: str, below: str) -> str:
    """An output in which the numbers that the text below cites are marked."""
    prose = unescape(re.sub(r"<annotation.*?</annotation>|<[^>]*>", "", below))
    cited = {number for number in _LITERAL.findall(prose) if _telling(number)}
    times = {number: 0 for number in cited}
    for number in _LITERAL.findall(output):
        if number in times:
            times[number] += 1
    return _LITERAL.sub(
        lambda m: f"<mark>{m[0]}</mark>" if 0 < times.get(m[0], 0) <= _FEW else m[0],
        output,
    )


def _telling(number: str) -> bool:
    """A number that hardly stands in two places by chance: three digits, or a point."""
    return "." in number or sum(sign.isdigit() for sign in number) >= 3


# --- code -------------------------------------------------------------------------


def tint(markdown: str, folder: Path = FOLDER) -> str:
    """A page whose fences name the lines that the first framework's code has not."""
    shown = {(match[2], match[3]) for match in _FENCE.finditer(markdown)}

    def fence(match: re.Match) -> str:
        path, section = folder / match[2], match[3]
        first = next(v for v in _versions(path) if (f"{name(v)}.py", section) in shown)
        if first == path:
            return match[0]
        new = _new_lines(sections(first)[section], sections(path)[section])
        head, _, embed = match[0].partition("\n")
        lines = f' hl_lines="{" ".join(map(str, new))}"' if new else ""
        return f"{head}{lines}\n{embed}"

    return _FENCE.sub(fence, markdown)


def _new_lines(first: str, text: str) -> list[int]:
    """Numbers of the lines that ``first`` has not; none where nearly all are new."""
    old, lines = first.split("\n"), text.split("\n")
    changes = SequenceMatcher(None, old, lines, autojunk=False).get_opcodes()
    new = [
        number + 1
        for kind, _, _, start, end in changes
        if kind != "equal"
        for number in range(start, end)
        if lines[number].strip()
    ]
    written = sum(bool(line.strip()) for line in lines)
    return new if len(new) < _ALL_NEW * written else []


# --- the card ---------------------------------------------------------------------


def card(markdown: str, root: str, folder: Path = FOLDER) -> str:
    """The programs of a page by framework, ``""`` for a page that shows none.

    Where there are several frameworks it is a set of tabs, and as tabs of one name go
    together it is the page's switch; a program without framework stands in each. The
    card is one line: several programs are folded. ``root`` is the way to the site's
    root.
    """
    embedded = dict.fromkeys(_TITLE.findall(markdown))
    paths = [folder / file for file in embedded if "_practice_" not in file]
    written = {
        label: [path for path in paths if framework(path) == key]
        for key, label in FRAMEWORKS.items()
        if key != "python"
    }
    for_all = [path for path in paths if framework(path) == "python"]
    tabs = {
        label: _folded([*each, *for_all], root)
        for label, each in written.items()
        if each
    }
    if len(tabs) > 1:
        inside = _tabs(tabs)
    else:
        inside = _folded(paths, root) if len(paths) > 1 else _list(paths, root)
    return f'<div class="hb-programs"><p>程序</p>{inside}</div>' if inside else ""


def _tabs(lists: Mapping[str, str]) -> str:
    """Linked tabs as Material draws them; ``""`` for none."""
    if not lists:
        return ""
    inputs, labels = "", ""
    for n, label in enumerate(lists, 1):
        chosen = " checked" if n == 1 else ""
        inputs += f'<input{chosen} id="__programs_{n}" name="__programs" type="radio">'
        labels += f'<label for="__programs_{n}">{label}</label>'
    blocks = "".join(
        f'<div class="tabbed-block">{each}</div>' for each in lists.values()
    )
    return (
        f'<div class="tabbed-set tabbed-alternate" data-tabs="programs:{len(lists)}">'
        f'{inputs}<div class="tabbed-labels">{labels}</div>'
        f'<div class="tabbed-content">{blocks}</div></div>'
    )


def _folded(paths: Sequence[Path], root: str) -> str:
    """Programs behind their count."""
    count = f"{len(paths)} 个文件"
    return f"<details><summary>{count}</summary>{_list(paths, root)}</details>"


def _list(paths: Iterable[Path], root: str) -> str:
    """Programs as downloads, with the seconds that their records name."""
    items = "".join(_items(paths, root))
    return f"<ul>{items}</ul>" if items else ""


def _items(paths: Iterable[Path], root: str) -> Iterator[str]:
    """Each program as a download, with the seconds that its record, if any, names."""
    for path in paths:
        recorded = path.with_suffix(".out").is_file()
        made_by = record.provenance(path) if recorded else ""
        seconds = re.search(r"[\d.]+ s\b", made_by)
        took = f" <span>{seconds[0]}</span>" if seconds else ""
        address = escape(f"{root}{FOLDER.name}/{name(path)}.py")
        yield f'<li><a href="{address}" download>{path.name}</a>{took}</li>'
