"""What costs time and depends on nothing but its arguments, kept between builds."""

import hashlib
import pickle
from collections.abc import Callable
from contextlib import suppress
from functools import cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

FILE = Path(".cache/handbook/kept.pickle")
P = ParamSpec("P")
R = TypeVar("R")
_RENDERERS = ("markdown", "pymdown-extensions", "pygments", "math-core", "lxml")

_kept: dict[str, Any] = {}
_used: set[str] = set()


def keep(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function of texts: the same arguments are worked out once, ever.

    A change of the machinery, or of a library that renders, forgets everything.
    """

    @wraps(function)
    def kept(*args: P.args, **kwargs: P.kwargs) -> R:
        made_of = f"{function.__qualname__}{args!r}{kwargs!r}"
        return recall(made_of, lambda: function(*args, **kwargs))

    return kept


def recall(made_of: str, make: Callable[[], Any]) -> Any:
    """The result kept for ``made_of``, or what ``make`` makes of it now."""
    key = hashlib.sha256(made_of.encode()).hexdigest()
    if key not in _kept:
        _kept[key] = make()
    _used.add(key)
    return _kept[key]


def load() -> None:
    """Take up what the last build left; nothing, if it was of another making."""
    with suppress(Exception):  # a cache that cannot be read is no cache
        made_by, results = pickle.loads(FILE.read_bytes())
        if made_by == _fingerprint():
            _kept.update(results)


def save() -> None:
    """Leave to the next build what this one used."""
    used = {key: _kept[key] for key in _used if key in _kept}
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_bytes(pickle.dumps((_fingerprint(), used)))


@cache
def _fingerprint() -> str:
    """The machinery's own text and the versions of what it renders with."""
    own = [file.read_bytes() for file in sorted(Path(__file__).parent.rglob("*.py"))]
    versions = [f"{name} {version(name)}".encode() for name in _RENDERERS]
    return hashlib.sha256(b"".join(own + versions)).hexdigest()
