"""One kind of error for bad input: a single line that names file, thing and mend."""

import difflib
from collections.abc import Iterable
from contextvars import ContextVar

#: The page being rendered, relative to the repository; for messages only.
current_page: ContextVar[str] = ContextVar("current_page", default="<page>")


class HandbookError(Exception):
    """Bad input. ``str(error)`` is one line: ``file: what is wrong (how to mend)``."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` (did you mean X?)`` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""
