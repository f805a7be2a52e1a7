"""The book's mark, a causal mask that climbs as a stair; and its seal, the site's icon.

The j-th word sees itself and those before it: with queries to the right and keys
upward, column j is j cells high. The seal is three columns of it, cut out of a tile.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator

from handbook.registry import maker

ZHU, WHITE = 0xA8361A, 0xFFFFFF
UNIT = 24  # the side of the drawing
CELL, STEP, LEFT, BOTTOM = 4.4, 5.6, 4.2, 15.6
TOUCH_ICON = 180  # px, what iOS asks for

Box = tuple[float, float, float]  # left, top, side


def stair(columns: int) -> Iterator[tuple[Box, bool]]:
    """The cells of a stair, and whether each is the top of its column."""
    for column in range(columns):
        for row in range(column + 1):
            yield (LEFT + STEP * column, BOTTOM - STEP * row, CELL), row == column


def seal() -> str:
    """The seal as SVG: it needs no dark variant."""

    def path(cells: Iterable[Box]) -> str:
        return "".join(f"M{x:g} {y:g}h{s:g}v{s:g}h-{s:g}z" for x, y, s in cells)

    top = path(box for box, is_top in stair(3) if is_top)
    below = path(box for box, is_top in stair(3) if not is_top)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {UNIT} {UNIT}">'
        f'<rect width="{UNIT}" height="{UNIT}" rx="4.5" fill="#{ZHU:06x}"/>'
        f'<path fill="#{WHITE:06x}" d="{top}"/>'
        f'<path fill="#{WHITE:06x}" opacity=".5" d="{below}"/></svg>\n'
    )


def touch_icon(size: int = TOUCH_ICON) -> bytes:
    """The seal as PNG, with square corners: iOS cuts them itself."""
    pixels = [[ZHU] * size for _ in range(size)]
    for (x, y, side), is_top in stair(3):
        colour = WHITE if is_top else _between(ZHU, WHITE)
        left, top, width = (round(n * size / UNIT) for n in (x, y, side))
        for row in pixels[top : top + width]:
            row[left : left + width] = [colour] * width
    lines = (b"\0" + b"".join(c.to_bytes(3) for c in row) for row in pixels)
    rgb = (8, 2, 0, 0, 0)  # eight bits of each colour
    chunks = {
        b"IHDR": struct.pack(">2I5B", size, size, *rgb),
        b"IDAT": zlib.compress(b"".join(lines), 9),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
        for kind, data in chunks.items()
    )


def _between(one: int, other: int) -> int:
    """The colour half-way between two."""
    pairs = zip(one.to_bytes(3), other.to_bytes(3), strict=True)
    return int.from_bytes(bytes((a + b + 1) // 2 for a, b in pairs))


@maker
def icons() -> dict[str, str | bytes]:
    """The icons of the site, by address."""
    return {"assets/seal.svg": seal(), "assets/seal.png": touch_icon()}
