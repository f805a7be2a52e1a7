"""Social cards: what other sites show of a link, one picture a part, drawn as SVG.

The readers of such tags want pixels and a whole address. So cards are made only where
the site's address is known, by resvg (the extra ``cards``) and a Chinese font of the
system. Where either is missing the site has no cards, and says what to install.
"""

from collections.abc import Iterator, Sequence
from html import escape

from handbook import cache
from handbook.page.mark import ZHU, seal
from handbook.page.outline import Part

WIDTH, HEIGHT = 1200, 630
INK, INK_2, QING, PAPER, WASH = "#1d2126", "#545b66", "#1b4f9c", "#ffffff", "#eef3fa"
PALE = {QING: "#d3deee", f"#{ZHU:06x}": "#efd9d2"}  # the columns of other parts
STAIR, LEFT, FOOT = 420, 80, 80  # the side of the stair; margins
FONTS = (
    "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei"
)
PROMISE = "每段代码都跑过"
HOME = "先学会，再赴会"
_PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
    '<text y="30" font-family="{}" font-size="30">{}</text></svg>'
)


def address(part: Part | None) -> str:
    """Where the card of a part is, or that of the home page."""
    return f"assets/cards/{part.name if part else 'home'}.png"


def missing() -> str:
    """What is lacking to draw cards, and how to mend it; ``""`` if nothing is."""
    try:
        import resvg_py  # noqa: F401
    except ImportError:
        return 'resvg is not installed (pip install -c constraints.txt -e ".[cards]")'
    glyphs = {_pixels(_PROBE.format(FONTS, sign)) for sign in "学会"}
    if len(glyphs) < 2:  # two empty boxes
        return "no Chinese font was found (install fonts-noto-cjk)"
    return ""


def cards(parts: Sequence[Part], site_name: str) -> dict[str, bytes]:
    """The card of each part and of the home page, by address."""
    drawn = {address(None): card(HOME, "", site_name, len(parts))}
    for column, part in enumerate(parts):
        drawn[address(part)] = card(
            part.title, part.number, site_name, len(parts), column
        )
    return {where: _kept(svg) for where, svg in drawn.items()}


def card(
    title: str, number: str, site_name: str, columns: int, column: int | None = None
) -> str:
    """A card as SVG: the title at the left, at the right a stair of all parts.

    Its column ``column`` stands out; ``None`` lets all of them.
    """
    above = HEIGHT / 2 - 40
    size = 92 if len(title) <= 6 else 72
    icon = seal().partition(">")[2].rpartition("</svg>")[0]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="{FONTS}"><rect width="100%" height="100%" fill="{PAPER}"/>'
        f"{''.join(_stair(columns, column))}"
        f'<text x="{LEFT}" y="{above - size}" font-size="44" fill="{QING}">{number}'
        f'</text><text x="{LEFT}" y="{above}" font-size="{size}" font-weight="700" '
        f'fill="{INK}">{escape(title)}</text>'
        f'<g transform="translate({LEFT} {HEIGHT - FOOT - 56}) scale({56 / 24:g})">'
        f"{icon}</g>"
        f'<text x="{LEFT + 76}" y="{HEIGHT - FOOT - 32}" font-size="28" '
        f'fill="{INK}">{escape(site_name)}</text>'
        f'<text x="{LEFT + 76}" y="{HEIGHT - FOOT}" font-size="22" fill="{INK_2}">'
        f"{PROMISE}</text></svg>"
    )


def _stair(columns: int, column: int | None) -> Iterator[str]:
    """The cells of the stair, bottom right, its columns from left to right."""
    step = STAIR / columns
    side = step * 0.8
    left, bottom = WIDTH - LEFT - STAIR, HEIGHT - FOOT
    for across in range(columns):
        for up in range(across + 1):
            colour = f"#{ZHU:06x}" if up == across else QING
            if column not in (None, across):
                colour = PALE[colour]
            yield (
                f'<rect x="{left + step * across:g}" y="{bottom - step * up - side:g}" '
                f'width="{side:g}" height="{side:g}" fill="{colour}"/>'
            )


def _kept(svg: str) -> bytes:
    """A card as PNG, drawn once."""
    return cache.recall(svg, lambda: _pixels(svg))


def _pixels(svg: str) -> bytes:
    """A drawing as PNG."""
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg))
