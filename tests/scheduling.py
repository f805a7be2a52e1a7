"""Which tests share a worker: those of one page, so that its programs run only once.

pytest 9.2 takes no notice of the groups that ``--dist loadgroup`` of pytest-xdist 3.8
writes into its items; a scheduler of our own needs no marks.
"""

import re
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

_PROGRAM = re.compile(r"^tests/test_programs\.py::\w+\[snippets/([\w-]+)/(\w+)\.py\]$")
_SITE = re.compile(r"^(tests/site/[\w/]+\.py)::\w+\[(.+)\]$")


def scope(nodeid: str, root: Path = Path(__file__).parent.parent) -> str:
    """What a test belongs to: the tests of one scope run on one worker, in order.

    A program's run as a reader belongs to the tests of its page; a test of the built
    site to the page it opens; any other to its file.
    """
    if match := _PROGRAM.match(nodeid):
        part, stem = match.groups()
        tests = [t.stem for t in (root / "tests" / part).glob("test_*.py")]
        fits = [
            t for t in tests if f"{stem}_".startswith(t.removeprefix("test_") + "_")
        ]
        return f"tests/{part}/{max(fits, key=len, default=stem)}.py"
    if match := _SITE.match(nodeid):
        return f"tests/site/[{match[2]}]"
    return nodeid.partition("::")[0]


class PageScheduling(LoadScopeScheduling):
    """Hands out scopes, the largest first."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)
