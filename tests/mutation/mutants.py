"""A program broken in one place: the places, what is put there, what is excused.

What is printed or drawn for the eye (labels, formats) is left whole: a reference test
must notice a wrong value, not another wording.
"""

import ast
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from handbook.errors import HandbookError

ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
}
COMPARISON: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
#: Calls whose arguments a test need not see.
FOR_THE_EYE = {
    "annotate",
    "imshow",
    "legend",
    "plot",
    "print",
    "savefig",
    "subplots",
    "text",
}


@dataclass(frozen=True)
class Mutant:
    """A program's ``text`` with one place of it changed.

    ``line`` is the number and ``context`` the text of the line where the place begins.
    """

    line: int
    context: str
    before: str
    after: str
    text: str

    @property
    def change(self) -> str:
        """``a + b -> a - b``: as it is reported, and excused."""
        return f"{self.before} -> {self.after}"


@dataclass(frozen=True)
class Excuse:
    """A mutant that no test can kill, as it does what the program does."""

    program: str
    context: str
    change: str
    reason: str


def excuses(file: Path) -> list[Excuse]:
    """The known equivalent mutants: program, line's text, change and reason by tabs.

    Raises ``HandbookError`` for a row that has not these four.
    """
    if not file.is_file():
        return []
    found = []
    for number, row in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not row or row.startswith("#"):
            continue
        cells = row.split("\t")
        if len(cells) != 4 or not all(cells):
            raise HandbookError(
                f"{file}:{number}: {len(cells)} cells (write program, line, change and "
                "reason, with a tab between)"
            )
        found.append(Excuse(*cells))
    return found


def mutants(
    source: str, most: int, seed: int, excused: Callable[[Mutant], bool]
) -> list[Mutant]:
    """Up to ``most`` mutants that are not excused, by line; the seed draws them."""
    places = range(len(list(_places(ast.parse(source)))))
    drawn: list[Mutant] = []
    for place in random.Random(seed).sample(places, len(places)):
        if len(drawn) == most:
            break
        if not excused(mutant := _mutant(source, place)):
            drawn.append(mutant)
    return sorted(drawn, key=lambda m: (m.line, m.change))


def _mutant(source: str, place: int) -> Mutant:
    """The program with the place of this number broken, all else kept to the byte."""
    node, replace = list(_places(ast.parse(source)))[place]
    raw = source.encode()
    start, end = _span(raw, node)
    broken = ast.unparse(replace())
    before = re.sub(r"\s+", " ", raw[start:end].decode())
    inner = f"({broken})" if isinstance(node, ast.expr) else broken
    if isinstance(node, ast.Constant | ast.Attribute):
        inner = broken
    text = (raw[:start] + inner.encode() + raw[end:]).decode()
    ast.parse(text)  # a mutant that is no program proves nothing
    context = source.splitlines()[node.lineno - 1].strip()
    return Mutant(node.lineno, context, before, broken, text)


def _span(raw: bytes, node: ast.expr | ast.stmt) -> tuple[int, int]:
    """Where the text of a node starts and ends, in bytes."""
    starts = [0]
    for line in raw.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    assert node.end_lineno is not None and node.end_col_offset is not None
    return (
        starts[node.lineno - 1] + node.col_offset,
        starts[node.end_lineno - 1] + node.end_col_offset,
    )


Place = tuple[ast.expr | ast.stmt, Callable[[], ast.AST]]


def _places(tree: ast.Module) -> Iterator[Place]:
    """Each node that can be broken, and what gives the broken node in its stead."""
    whole = set(_for_the_eye(tree))
    for node in ast.walk(tree):
        if node not in whole:
            yield from _broken(node)


def _for_the_eye(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in FOR_THE_EYE or name.startswith("set_"):
                yield from ast.walk(node)
        elif isinstance(node, ast.JoinedStr):
            yield from ast.walk(node)


def _broken(node: ast.AST) -> Iterator[Place]:
    """At most one way to break a node."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in ARITHMETIC:
            yield node, _with(node, op=ARITHMETIC[type(op)]())
        case ast.Compare(ops=[op, *rest]) if type(op) in COMPARISON:
            yield node, _with(node, ops=[COMPARISON[type(op)](), *rest])
        case ast.UnaryOp(op=ast.USub()):
            yield node, _with(node, op=ast.UAdd())
        case ast.keyword(arg="axis" | "dim", value=ast.Constant() | ast.UnaryOp()):
            other = -1 if ast.unparse(node.value) == "0" else 0
            yield node.value, lambda: ast.Constant(other)
        case ast.Constant(value=float(number)) if number:
            yield node, _with(node, value=number * 1.25)
        case ast.Attribute(attr="T" | "mT", ctx=ast.Load()):
            yield node, _with(node, attr="real")


def _with(node: ast.AST, **fields: object) -> Callable[[], ast.AST]:
    """What sets fields of the node, and gives it."""

    def change() -> ast.AST:
        for name, value in fields.items():
            setattr(node, name, value)
        return node

    return change
