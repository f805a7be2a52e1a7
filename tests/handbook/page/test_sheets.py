"""Sheets: no comments, and of the theme's rules those that a page can match."""

from pathlib import Path

import pytest

from handbook.page import sheets


def trimmed(tmp_path: Path, css: str, name: str = "main.1.min.css") -> str:
    """A sheet of a site, trimmed."""
    sheet = tmp_path / "assets" / "stylesheets" / name
    sheet.parent.mkdir(parents=True)
    sheet.write_text(css, encoding="utf-8")
    sheets.trim(tmp_path)
    return sheet.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        ("[dir=rtl] .a{b:c}.d{e:f}", ".d{e:f}"),
        ("[dir=ltr] .a,[dir=rtl] .a{b:c}", "[dir=ltr] .a{b:c}"),
        (".a:is(.b,.c),.md-tag{d:e}", ".a:is(.b,.c){d:e}"),
        (".md-tags-like{a:b}", ".md-tags-like{a:b}"),
        ("@media print{.mermaid{a:b}.c{d:e}}", "@media print{.c{d:e}}"),
        (".tabbed-set>input:nth-child(20):checked~b{a:b}", ""),
        (".tabbed-set>input:nth-child(2):checked~b{a:b}", None),
        ("@keyframes k{0%{a:b}to{c:d}}", None),
        ('@charset "UTF-8";@font-face{a:b}', None),
        (".md-version__link:hover,.a{b:c}", ".a{b:c}"),
        ("[data-md-color-primary=red],[data-md-color-primary=white]{a:b}",)
        + ("[data-md-color-primary=white]{a:b}",),
        (":root{--md-a:url(\"<svg d='a;b'>\");--md-b:1}.c{d:var(--md-b)}",)
        + (":root{--md-b:1}.c{d:var(--md-b)}",),
        (":root{--md-a:1;--md-b:var(--md-a);c:d}", ":root{c:d}"),
        (":root{--own:1}", None),
    ],
)
def test_of_the_themes_sheet_stays_what_is_used(
    tmp_path: Path, css: str, kept: str | None
) -> None:
    assert trimmed(tmp_path, css) == (css if kept is None else kept)


def test_a_property_stays_that_a_page_or_script_reads(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p style='color:var(--md-a)'>", "utf-8")
    (tmp_path / "own.js").write_text('e.style.color = "var(--md-b)"', "utf-8")
    css = ":root{--md-a:1;--md-b:2;--md-c:3}"
    assert trimmed(tmp_path, css) == ":root{--md-a:1;--md-b:2;}"


def test_our_own_sheets_lose_their_comments_and_indents_alone(tmp_path: Path) -> None:
    css = "/* why,\n   in two lines */\n.md-tag {\n  color: red;\n}\n"
    assert trimmed(tmp_path, css, "own.css") == ".md-tag {\ncolor: red;\n}"


def test_our_own_scripts_lose_the_lines_of_their_comments_alone(tmp_path: Path) -> None:
    js = "/** Why,\n * in lines. */\n  // more\n  const a = `//b`; // kept\n"
    assert trimmed(tmp_path, js, "own.js") == "const a = `//b`; // kept"


def test_a_minified_script_stays_as_it_is(tmp_path: Path) -> None:
    js = "//a\n  b()"
    assert trimmed(tmp_path, js, "bundle.1.min.js") == js


def test_the_themes_colours_come_with_its_sheet(tmp_path: Path) -> None:
    folder = tmp_path / "assets" / "stylesheets"
    folder.mkdir(parents=True)
    (folder / "palette.1.min.css").write_text(".b{c:d}", "utf-8")
    assert trimmed_in(folder, ".a{b:c}") == ".a{b:c}.b{c:d}"
    assert [file.name for file in folder.iterdir()] == ["main.1.min.css"]


def trimmed_in(folder: Path, css: str) -> str:
    """The theme's sheet of a site that has others, trimmed."""
    sheet = folder / "main.1.min.css"
    sheet.write_text(css, "utf-8")
    sheets.trim(folder.parent.parent)
    return sheet.read_text("utf-8").strip()


def test_a_page_asks_for_the_themes_sheet_alone() -> None:
    main = '<link rel="stylesheet" href="../assets/stylesheets/main.1a.min.css">\n'
    assert sheets.link_once(main + main.replace("main", "palette")) == main
