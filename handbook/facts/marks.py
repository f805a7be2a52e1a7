"""Small pieces of HTML that the views of the facts share."""

import re
from collections.abc import Iterable, Mapping
from html import escape


def attributes(data: Mapping[str, object]) -> str:
    """``data-`` attributes, in quotes only where HTML asks for them."""
    words = {k: escape(str(v)) for k, v in data.items()}
    return "".join(
        f" data-{k}={v}" if re.fullmatch(r"[\w.:-]+", v) else f' data-{k}="{v}"'
        for k, v in words.items()
    )


def link(address: str, words: str, more: str = "") -> str:
    """A link, its address in quotes only where HTML asks for them; words are HTML."""
    plain = re.fullmatch(r"[\w./:#?~+%,;!*()@-]+", address)
    href = address if plain else f'"{escape(address)}"'
    return f"<a href={href}{more}>{words}</a>"


def chips(words: Iterable[str], more: str = "") -> str:
    """Short marks beside a name."""
    kind = f'"hb-chip{more}"' if more else "hb-chip"
    return " ".join(f"<span class={kind}>{escape(word)}</span>" for word in words)
