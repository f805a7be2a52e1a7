"""The mark and the seal, by the cells that they are made of."""

import re
import zlib

from handbook.page import mark


def pixels(png: bytes) -> list[list[int]]:
    """The pixels of an 8-bit RGB image without filters, row by row, as 0xRRGGBB."""
    width = int.from_bytes(png[16:20])
    data = zlib.decompress(png[png.index(b"IDAT") + 4 : -16])
    rows = [data[i + 1 : i + 1 + 3 * width] for i in range(0, len(data), 3 * width + 1)]
    return [
        [int.from_bytes(row[3 * x : 3 * x + 3]) for x in range(width)] for row in rows
    ]


def test_a_stair_has_one_cell_more_in_each_column() -> None:
    columns = [box[0] for box, _ in mark.stair(4)]
    assert [columns.count(x) for x in sorted(set(columns))] == [1, 2, 3, 4]


def test_only_the_top_of_a_column_is_the_word_being_read() -> None:
    heights: dict[float, list[tuple[float, bool]]] = {}
    for (x, y, _), is_top in mark.stair(3):
        heights.setdefault(x, []).append((y, is_top))
    assert all(min(column)[1] for column in heights.values())
    assert sum(is_top for _, is_top in mark.stair(3)) == 3


def test_the_seal_as_drawing_has_the_cells_of_its_stair() -> None:
    drawn = re.findall(r"M([\d.]+) ([\d.]+)h", mark.seal())
    assert len(drawn) == 6


def test_the_touch_icon_shows_the_seal_in_pixels() -> None:
    seen = pixels(mark.touch_icon())
    assert len(seen) == len(seen[0]) == 180
    middle = {  # of the lowest and the highest cell of the last column, and the tile
        "below": seen[133][132],
        "top": seen[49][132],
        "tile": seen[5][5],
    }
    assert middle == {"below": 0xD49B8D, "top": mark.WHITE, "tile": mark.ZHU}


def test_the_touch_icon_is_small() -> None:
    assert len(mark.touch_icon()) < 1000
