"""What the built pages must be, read from their HTML."""

import re
from collections import defaultdict
from pathlib import Path

from lxml import html

from handbook.page import links, sheets
from handbook.programs import sections

from .conftest import BASE

HEADINGS = "//article//*[self::h1 or self::h2 or self::h3 or self::h4]"


def pages(site: Path) -> dict[str, html.HtmlElement]:
    """Each page of the site by its path."""
    return {
        file.relative_to(site).as_posix(): html.parse(file).getroot()
        for file in sorted(site.rglob("*.html"))
    }


def is_lab(name: str) -> bool:
    """Whether a page was made from a notebook."""
    return Path("notebooks", Path(name).parent).with_suffix(".ipynb").is_file()


def test_headings_have_ids_that_are_unique_and_not_empty(site: Path) -> None:
    for name, tree in pages(site).items():
        if name == "404.html":
            continue
        ids = [heading.get("id") for heading in tree.xpath(HEADINGS)]
        assert all(ids), f"{name}: a heading has no id"
        assert len(ids) == len(set(ids)), f"{name}: two headings share an id"


def test_headings_have_ids_that_survive_a_copied_address(site: Path) -> None:
    """Han characters become %E5%87…; ``section`` is what a nameless heading gets."""
    for name, tree in pages(site).items():
        ids = tree.xpath(f"{HEADINGS}[@id]/@id")
        odd = [i for i in ids if not i.isascii() or re.match(r"section(_\d+)?$", i)]
        assert odd == [], f"{name}: give these headings names: {odd}"


# --- what the Nu HTML checker found, so that it finds it no more ----------------------


def test_every_tabindex_is_a_number(site: Path) -> None:
    for name, tree in pages(site).items():
        assert [
            t for t in tree.xpath("//@tabindex") if not t.lstrip("-").isdigit()
        ] == [], name


def test_no_check_box_asks_to_be_completed(site: Path) -> None:
    for name, tree in pages(site).items():
        boxes = tree.xpath("//input[@type='checkbox' or @type='radio'][@autocomplete]")
        assert boxes == [], name


def test_every_label_belongs_to_a_control(site: Path) -> None:
    controls = (
        "//input[not(@type='hidden')] | //select | //textarea | //output | //button"
    )
    for name, tree in pages(site).items():
        ids = {control.get("id") for control in tree.xpath(controls)}
        assert [f for f in tree.xpath("//label/@for") if f not in ids] == [], name


def test_no_paragraph_holds_a_block(site: Path) -> None:
    """Read as text: a parser would mend it by closing the paragraph."""
    block = re.compile(
        r"<p(?: [^>]*)?>(?:(?!</p>).)*?<(?:div|p|pre|table|ul|ol|figure|h\d)\b", re.S
    )
    for file in site.rglob("*.html"):
        body = re.sub(
            r"<(script|pre)\b.*?</\1>", "", file.read_text("utf-8"), flags=re.S
        )
        found = block.search(body)
        assert not found, f"{file.relative_to(site)}: {found[0][-200:]}"


def test_formulas_keep_styles_where_mathml_3_has_them(site: Path) -> None:
    for name, tree in pages(site).items():
        assert tree.xpath("//mtable[@scriptlevel] | //mfrac[@displaystyle]") == [], name


def test_every_formula_carries_its_tex(site: Path) -> None:
    for name, tree in pages(site).items():
        for formula in tree.xpath("//math"):
            note = formula.xpath(
                "string(semantics/annotation[@encoding='application/x-tex'])"
            )
            assert " ".join(note.split()) == formula.get("alttext") != "", name


def test_every_link_and_entry_of_the_contents_leads_somewhere(site: Path) -> None:
    assert links.broken(site, BASE) == []


def test_no_page_names_another_host_for_what_it_loads(site: Path) -> None:
    loads = (
        "//script/@src | //img/@src | //iframe/@src | //source/@src"
        " | //link[not(@rel='canonical' or @rel='prev' or @rel='next')]/@href"
    )
    for name, tree in pages(site).items():
        outside = [u for u in tree.xpath(loads) if re.match(r"(https?:)?//", u)]
        assert outside == [], f"{name} loads {outside}"
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"url\(['\"]?(https?:)?//", text), sheet


def test_every_formula_became_mathml(site: Path) -> None:
    for name, tree in pages(site).items():
        assert not tree.xpath("//*[contains(@class, 'arithmatex')]"), name
        for element in tree.xpath("//article//p | //article//li | //article//td"):
            text = "".join(element.xpath("text()"))
            assert "$" not in text, f"{name}: a formula stayed raw: {text[:60]!r}"


def test_blocks_of_a_program_are_the_whole_file(site: Path) -> None:
    shown: dict[str, list[str]] = defaultdict(list)
    for tree in pages(site).values():
        for block in tree.xpath("//article//div[contains(@class, 'highlight')]"):
            link = block.xpath("string(.//span[@class='filename']/a/@href)")
            if title := link.rpartition("snippets/")[2]:
                code = block.xpath(".//pre")[0].text_content()
                shown[title] += [line for line in code.splitlines() if line.strip()]
    assert shown, "no page shows a program"
    for path in sections.all_programs():
        name = path.relative_to(sections.FOLDER).as_posix()
        text = sections.published(path.read_text(encoding="utf-8"))
        lines = [line for line in text.splitlines() if line.strip()]
        assert shown[name] == lines, f"{name}: its page shows something else"


def test_a_tab_shows_the_framework_that_it_names(site: Path) -> None:
    for name, tree in pages(site).items():
        for tabs in tree.xpath("//div[contains(@class, 'tabbed-set')]"):
            labels = tabs.xpath("./div[@class='tabbed-labels']/label")
            blocks = tabs.xpath("./div[@class='tabbed-content']/div")
            for label, block in zip(labels, blocks, strict=True):
                for link in block.xpath(".//a[@download]"):
                    framework = sections.framework(Path(link.text_content()))
                    if framework == "python":  # it goes with each of them
                        continue
                    wanted = sections.FRAMEWORKS[framework]
                    assert label.text_content().strip() == wanted, name


def test_no_two_groups_of_tabs_run_together(site: Path) -> None:
    for name, tree in pages(site).items():
        for tabs in tree.xpath("//div[contains(@class, 'tabbed-labels')]"):
            labels = [label.text_content() for label in tabs.xpath("./label")]
            assert len(labels) == len(set(labels)), f"{name}: put a sentence between"


def test_pages_stay_within_their_weight(site: Path) -> None:
    for name in pages(site):
        size = (site / name).stat().st_size
        budget = 120_000 if is_lab(name) else 300_000
        assert size <= budget, f"{name}: {size} bytes of HTML, budget {budget}"


def test_the_site_has_no_bitmap_but_its_icon_and_its_cards(site: Path) -> None:
    bitmaps = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
    found = [p for p in site.rglob("*") if p.suffix in bitmaps]
    apart = [p.name for p in found if p.parent != site / "assets" / "cards"]
    assert apart == ["seal.png"]


def test_every_page_names_the_icons_and_no_generator(site: Path) -> None:
    for name, tree in pages(site).items():
        icons = tree.xpath("//link[contains(@rel, 'icon')]/@href")
        assert [Path(i).name for i in icons] == ["seal.svg", "seal.png"], name
        assert tree.xpath("//meta[@name='generator']") == [], name


def test_a_page_says_what_it_is_to_those_who_share_it(site: Path) -> None:
    for name, tree in pages(site).items():
        for kind in ("title", "description", "type"):
            said = tree.xpath(f"string(//meta[@property='og:{kind}']/@content)")
            assert said, f"{name}: no og:{kind}"


def test_no_page_uses_what_the_themes_sheet_lost(site: Path) -> None:
    unused = re.compile(rf"(?:{sheets.UNUSED})\b")
    for name, tree in pages(site).items():
        names = {c for value in tree.xpath("//@class") for c in value.split()}
        assert {c for c in names if unused.match(c)} == set(), name


def test_every_page_has_the_themes_colours_that_its_sheet_kept(site: Path) -> None:
    for name, tree in pages(site).items():
        colours = {*tree.xpath("//@data-md-color-primary|//@data-md-color-accent")}
        assert colours <= {*sheets.COLOURS.split("|")}, name
