"""One kind of error for bad input: a single line that names file, thing and mend."""

from contextvars import ContextVar

#: The page being rendered, relative to the repository; for messages only.
current_page: ContextVar[str] = ContextVar("current_page", default="<page>")


class HandbookError(Exception):
    """Bad input. ``str(error)`` is one line: ``file: what is wrong (how to mend)``."""
