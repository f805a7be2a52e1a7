"""The minutes of a page, counted from what is on it."""

import pytest

from handbook.page.minutes import minutes

CODE = '<div class="highlight"><pre><code>{}</code></pre></div>'
TABS = (
    '<div class="tabbed-content"><div class="tabbed-block">{}</div>'
    '<div class="tabbed-block">{}</div></div>'
)


def code(lines: int) -> str:
    """A block of so many lines, and a blank one."""
    return CODE.format("\n\n".join(["x = 1"] * lines))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<p>" + "字" * 900 + "</p>", 3),
        ("<p>word word</p>", 1),  # never nothing
        (code(20), 4),
        (TABS.format(code(20), code(20)), 4),  # one framework
        (f"<details><summary>x</summary>{code(20)}</details>", 1),  # folded
        (code(20).replace('"highlight"', '"highlight hb-output"'), 1),
        ('<math display="block"><mi>x</mi></math>' * 12, 3),
        ("<p>" + "字" * 300 + "</p>" + code(5), 2),
    ],
)
def test_minutes_are_counted(content: str, expected: int) -> None:
    assert minutes(content) == expected
