"""Who takes part in a build: each module enters what it offers where it defines it.

``plugin.py`` imports the rooms and asks here; it holds no list of what exists.
"""

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module

import handbook
from handbook.errors import HandbookError, did_you_mean

View = Callable[[], str]
Check = Callable[[], object]
Maker = Callable[[], Mapping[str, str | bytes]]

#: What a page shows with ``<div data-facts="name"></div>``, by that name.
VIEWS: dict[str, View] = {}
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
    if name not in VIEWS:
        hint = did_you_mean(name, VIEWS) or f" ({', '.join(sorted(VIEWS))})"
        raise HandbookError(f"{source}: no facts are called {name!r}{hint}")
    return VIEWS[name]()
