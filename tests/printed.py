"""What a program printed, read by its labels."""

import re


def line_of(text: str, start: str) -> str:
    """What follows ``start`` on the one line that begins with it."""
    (line,) = [x for x in text.splitlines() if x.startswith(start)]
    return line.removeprefix(start)


def numbers(text: str) -> list[float]:
    """All numbers of a text, in their order."""
    return [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e[-+]?\d+)?", text)]


def after(text: str, start: str) -> list[float]:
    """The numbers of the one line that begins with ``start``, after its label."""
    return numbers(line_of(text, start))


def named(text: str, start: str, unit: str = "") -> dict[str, float]:
    """{name: number} of the one line that begins with ``start``: 「晴 1，雨 2」.

    The order is kept; ``unit`` stands at the line's end.
    """
    parts = line_of(text, start).removesuffix(unit).split("，")
    return {name: float(x) for name, x in (part.rsplit(" ", 1) for part in parts)}


def printed_in(program, section: str) -> str:
    """What a version of a program printed in a section, or in Keras's own one.

    What Keras prints otherwise than PyTorch stands in a section ``keras-…``.
    """
    own = program.printed_by.get(f"keras-{section}")
    return program.printed_by[section] if own is None else own
