"""Who takes part in a build: each module enters what it offers where it defines it.

``plugin.py`` imports the rooms and asks here; it holds no list of what exists.
"""

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import handbook
from handbook.errors import HandbookError, did_you_mean

View = Callable[[], str]
BookView = Callable[[Any, str, str], str]
Check = Callable[[], object]
Maker = Callable[[], Mapping[str, str | bytes]]

#: What a page shows with ``<div data-facts="name"></div>``, by that name.
VIEWS: dict[str, View] = {}
#: What a page shows with ``<div data-book="name"></div>``: made of all pages, of the
#: page that asks (its key) and of the way from it to the site's root.
BOOK_VIEWS: dict[str, BookView] = {}
#: What is read before all else, so that its faults are said first.
CHECKS: list[Check] = []
#: What makes files of the site: address to content.
MAKERS: list[Maker] = []


def view(name: str) -> Callable[[View], View]:
    """Enter a function that writes HTML under the name that pages ask for."""

    def enter(function: View) -> View:
        VIEWS[name] = function
        return function

    return enter


def book_view(name: str) -> Callable[[BookView], BookView]:
    """Enter a function that writes HTML once all pages are known."""

    def enter(function: BookView) -> BookView:
        BOOK_VIEWS[name] = function
        return function

    return enter


def check(function: Check) -> Check:
    """Enter a function that raises ``HandbookError`` where a file of ours is wrong."""
    CHECKS.append(function)
    return function


def maker(function: Maker) -> Maker:
    """Enter a function that makes files of the site."""
    MAKERS.append(function)
    return function


def enter_all() -> None:
    """Import every module of every room, so that each enters what it offers."""
    for module in pkgutil.walk_packages(handbook.__path__, "handbook."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


def shown(name: str, source: str) -> str:
    """What the page ``source`` asks for by ``name``; an unknown name is an error."""
    return _known(name, source, VIEWS)()


def shown_of_book(name: str, source: str, book: Any, key: str, root: str) -> str:
    """The same for what is made of the whole book."""
    return _known(name, source, BOOK_VIEWS)(book, key, root)


def _known(name: str, source: str, views: Mapping[str, Any]) -> Any:
    if name not in views:
        hint = did_you_mean(name, views) or f" ({', '.join(sorted(views))})"
        raise HandbookError(f"{source}: no facts are called {name!r}{hint}")
    return views[name]
