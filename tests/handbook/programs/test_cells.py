"""How a page shows its programs: outputs, agreement, marks, tints, the card."""

import re
from pathlib import Path

import pytest
from lxml import html

from handbook.programs import cells

PROGRAM = """# --8<-- [start:a]
{a}
# --8<-- [end:a]
# --8<-- [start:b]
{b}
# --8<-- [end:b]
"""
MADE_BY = "# numpy 2 · CPU · 0.6 s · 1 MB\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One program in three frameworks: section ``a`` agrees, ``b`` not with all."""
    part = tmp_path / "part"
    part.mkdir()
    for key, a, b in [
        ("numpy", "x = 1\n\ny = 2\nz = 3\nprint(x)", "print(0)"),
        ("torch", "x = 1\n\ny = two\nz = 3\nprint(x)", "print(0)"),
        ("tf", "all = new\nin = here", "print(1)"),
    ]:
        path = part / f"page_{key}.py"
        path.write_text(PROGRAM.format(a=a, b=b), encoding="utf-8")
        said = PROGRAM.format(a="损失 0.530\n共 120 步", b=b.strip("print()"))
        path.with_suffix(".out").write_text(said + MADE_BY, encoding="utf-8")
    return tmp_path


def output(text: str, framework: str = "numpy") -> str:
    """An output as the Markdown extensions leave it."""
    name = f"part/page_{framework}.out"
    return (
        f'<div class="highlight"><span class="filename">{name}</span>'
        f"<pre><span></span><code>{text}\n</code></pre></div>"
    )


# --- outputs ------------------------------------------------------------------


def test_an_output_says_what_made_it_and_which_frameworks_agree(folder: Path) -> None:
    shown = cells.outputs(output("损失 0.530\n共 120 步"), folder)
    assert "≡ PyTorch、TensorFlow 打印相同" in shown
    assert "numpy 2 · CPU · 0.6 s · 1 MB" in shown
    assert "filename" not in shown


def test_a_framework_that_prints_something_else_is_not_said_to_agree(
    folder: Path,
) -> None:
    assert "≡ PyTorch 打印相同" in cells.outputs(output("0"), folder)
    assert "≡" not in cells.outputs(output("1", "tf"), folder)


def test_an_output_of_a_program_without_brothers_claims_nothing(folder: Path) -> None:
    for other in ("torch", "tf"):
        (folder / "part" / f"page_{other}.py").unlink()
    assert "≡" not in cells.outputs(output("0"), folder)


@pytest.mark.parametrize(
    ("below", "marked"),
    [
        ("<p>从 0.530 起，走 120 步。</p>", ["0.530", "120"]),
        ("<p>从 0.53 起，走 12 步。</p>", []),  # other numbers
        ("<p>走 1200 步，到 120.5。</p>", []),
        ("<p>第 5 步。</p>", []),  # too short to tell
        ("<p>先看。</p><h2>另一节</h2><p>0.530</p>", []),
        ('<p>先看。</p><div class="highlight">0.530</div>', []),
        ("<p><code>0.530</code></p>", ["0.530"]),
    ],
)
def test_the_numbers_that_the_text_below_cites_are_marked(
    folder: Path, below: str, marked: list[str]
) -> None:
    shown = cells.outputs(output("损失 0.530\n共 120 步，到 5") + below, folder)
    assert re.findall("<mark>(.*?)</mark>", shown) == marked


def test_a_number_that_stands_everywhere_is_not_marked(folder: Path) -> None:
    shown = cells.outputs(output("0.000 " * 4) + "<p>全是 0.000。</p>", folder)
    assert "<mark>" not in shown


# --- code ---------------------------------------------------------------------


def fence(framework: str, section: str = "a") -> str:
    """A fence that embeds a section."""
    file = f"part/page_{framework}.py"
    return f'```python title="{file}"\n--8<-- "{file}:{section}"\n```\n'


def test_lines_that_the_first_framework_has_not_are_tinted(folder: Path) -> None:
    tinted = cells.tint(fence("numpy") + fence("torch"), folder)
    assert tinted.count("hl_lines") == 1
    assert 'title="part/page_torch.py" hl_lines="3"\n--8<--' in tinted


def test_where_all_is_new_nothing_is_tinted(folder: Path) -> None:
    assert "hl_lines" not in cells.tint(fence("numpy") + fence("tf"), folder)


def test_code_is_compared_with_what_the_page_shows(folder: Path) -> None:
    """Without the NumPy code on the page a reader could not see a difference."""
    page = fence("torch") + fence("numpy", "b")
    assert cells.tint(page, folder) == page


# --- the card -----------------------------------------------------------------


def test_the_card_has_a_tab_for_each_framework(folder: Path) -> None:
    card = cells.card(
        fence("numpy") + fence("torch") + fence("torch", "b"), "../", folder
    )
    assert re.findall(r"<label for=\"(\w+)\">(\w+)<", card) == [
        ("__programs_1", "NumPy"),
        ("__programs_2", "PyTorch"),
    ]


def card_of(folder: Path, *frameworks: str) -> str:
    return cells.card("".join(map(fence, frameworks)), "../../", folder)


def test_a_program_on_the_card_is_a_download_with_its_seconds(folder: Path) -> None:
    card = card_of(folder, "numpy")
    assert 'href="../../snippets/part/page_numpy.py" download>page_numpy.py</a>' in card
    assert "<span>0.6 s</span>" in card


def test_one_framework_needs_no_tabs(folder: Path) -> None:
    assert "tabbed" not in card_of(folder, "numpy")


def test_without_tabs_all_programs_stand_in_one_list(folder: Path) -> None:
    path = folder / "part" / "page_numpy.py"
    path.with_name("other_python.py").write_text(path.read_text("utf-8"), "utf-8")
    other = '```python title="part/other_python.py"\n'
    card = cells.card(fence("numpy") + other, "../../", folder)
    assert card.count("<ul>") == 1 and card.count("<li>") == 2


def test_the_card_is_one_line_until_its_files_are_asked_for(folder: Path) -> None:
    card = html.fromstring(card_of(folder, "numpy", "torch"))
    assert card.xpath("//ul/parent::*/summary/text()") == ["1 个文件"] * 2


def test_a_program_of_no_framework_stands_in_each_tab(folder: Path) -> None:
    path = folder / "part" / "page_numpy.py"
    path.with_name("other_python.py").write_text(path.read_text("utf-8"), "utf-8")
    page = "".join(map(fence, ("numpy", "torch")))
    card = cells.card(f'{page}```python title="part/other_python.py"\n', "", folder)
    assert card.count("<summary>2 个文件</summary>") == 2


def test_a_page_without_programs_has_no_card(folder: Path) -> None:
    assert cells.card("# 一页", "../../", folder) == ""


def test_the_readers_own_program_is_not_on_the_card(folder: Path) -> None:
    page = '```python title="part/page_practice_numpy.py"\n'
    assert cells.card(page, "../../", folder) == ""
