"""A program in the folder of a small book."""

from pathlib import Path

import pytest

GOOD = """# --8<-- [start:data]
x = 1
# --8<-- [end:data]

# --8<-- [start:print]
print(f"x = {x}")
# --8<-- [end:print]
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of two sections, the second of which prints."""
    monkeypatch.chdir(tmp_path)
    path = Path("snippets/part/page_numpy.py")
    path.parent.mkdir(parents=True)
    path.write_text(GOOD, encoding="utf-8")
    return path
