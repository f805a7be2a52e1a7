"""The law of names: whoever knows one path knows the others."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from handbook.programs import record, sections

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = [p.relative_to(ROOT) for p in sections.all_programs(ROOT / "snippets")]
PAGES = sorted(p.relative_to(ROOT) for p in (ROOT / "docs").rglob("*.md"))
CHAPTERS = [p for p in PAGES if p.stem != "index"]
EMBED = re.compile(r'--8<-- "([^":]+):?([^"]*)"')


def page_of(program: Path) -> Path:
    """The page that a program belongs to: the longest page name that begins it."""
    stem = program.stem.replace("_", "-")
    part = Path("docs", program.parent.name)
    fits = [p for p in CHAPTERS if p.parent == part and stem.startswith(p.stem + "-")]
    assert fits, f"{program}: no page docs/{program.parent.name}/… begins its name"
    return max(fits, key=lambda page: len(page.stem))


def test_there_is_something_to_check() -> None:
    assert PROGRAMS and CHAPTERS


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_program_stands_whole_and_in_order_on_its_page(program: Path) -> None:
    text = (ROOT / page_of(program)).read_text(encoding="utf-8")
    name = f"{sections.name(program)}.py"
    embedded = [section for file, section in EMBED.findall(text) if file == name]
    assert embedded == list(sections.sections(ROOT / program))


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_program_has_its_record_with_the_provenance(program: Path) -> None:
    assert re.match(
        r"(numpy|torch|tensorflow|Python) [\d.]+.* · CPU · .* s · .* MB",
        record.provenance(ROOT / program),
    )
    known = list(sections.sections(ROOT / program))
    printing = list(record.recorded(ROOT / program))
    assert printing == [section for section in known if section in printing]


def embeds(page: Path) -> list[tuple[str, str]]:
    """What a page embeds, in order: file without its part's folder, and section."""
    return EMBED.findall((ROOT / page).read_text(encoding="utf-8"))


def versions(program: Path) -> list[Path]:
    """The versions of a program that print, each in its framework, in tab order."""
    stem = program.stem.rpartition("_")[0]
    order = list(sections.FRAMEWORKS)
    return sorted(
        (p for p in PROGRAMS if p.with_name(f"{stem}_{sections.framework(p)}.py") == p),
        key=lambda p: order.index(sections.framework(p)),
    )


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_each_output_is_shown_once_right_after_its_code(program: Path) -> None:
    shown = embeds(page_of(program))
    family = {sections.name(p): record.recorded(ROOT / p) for p in versions(program)}
    name = sections.name(program)
    for section in family[name]:
        said = {n: parts[section] for n, parts in family.items() if section in parts}
        output, first = (f"{name}.out", section), next(iter(said))
        if name != first and len(set(said.values())) == 1:
            assert output not in shown, f"{output} says what {first}.out says"
            continue
        assert shown.count(output) == 1, (
            f"{output} is shown {shown.count(output)} times"
        )
        between = shown[shown.index((f"{name}.py", section)) + 1 : shown.index(output)]
        others = {(f"{n}{kind}", section) for n in family for kind in (".py", ".out")}
        assert set(between) <= others, f"{output}: {between} stands before it"


@pytest.mark.parametrize("page", CHAPTERS, ids=str)
def test_an_output_hangs_on_its_code_with_no_word_between(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for match in re.finditer(r'^ *```text title="[^"]*\.out"', text, re.M):
        above = re.sub(r'^ *===!? "\w+"$', "", text[: match.start()], flags=re.M)
        assert above.rstrip().endswith("```"), f"{page}: {match[0].strip()}"


def test_no_page_shows_a_whole_record() -> None:
    for page in PAGES:
        whole = [f for f, section in embeds(page) if f.endswith(".out") and not section]
        assert whole == [], f"{page}: embed the sections, each after its code"


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_program_is_named_in_the_test_of_its_page(program: Path) -> None:
    page = page_of(program)
    test = ROOT / "tests" / page.parent.name / f"test_{page.stem.replace('-', '_')}.py"
    text = test.read_text(encoding="utf-8")
    stem = program.stem.rpartition("_")[0]
    assert f"{program.parent.name}/{stem}_" in text, f"{test} runs no {stem}_…"


def test_no_record_and_no_figure_is_without_its_program() -> None:
    for kind in (".out", ".svg"):
        for file in (ROOT / "snippets").rglob(f"*{kind}"):
            assert file.with_suffix(".py").is_file(), file


def test_no_test_of_a_part_is_without_its_page() -> None:
    for part in (ROOT / "docs").iterdir():
        for test in (ROOT / "tests" / part.name).glob("test_*.py"):
            name = test.stem.removeprefix("test_").replace("_", "-")
            page, lab = part / f"{name}.md", Path("notebooks", part.name, name)
            assert page.is_file() or (ROOT / f"{lab}.ipynb").is_file(), test


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_python_is_typed_into_a_page(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for fence in re.finditer(r"^( *)```\s*py.*\n((?:.*\n)*?)\1```", text, re.M):
        body = [line.strip() for line in fence[2].splitlines() if line.strip()]
        typed = [line for line in body if not line.startswith("--8<--")]
        assert not typed, f"{page}: {typed[0]} (put it into a snippet, embed it)"


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_program_stands_alone_and_stays_offline(program: Path) -> None:
    text = (ROOT / program).read_text(encoding="utf-8")
    imported = set(re.findall(r"^\s*(?:from|import) (\w+)", text, re.M))
    assert not imported & {"handbook", "tests", "snippets", "torchvision"}
    reaches = r"\b(fetch_\w+|keras\.datasets|get_encoding|nltk\.download|urlopen)\b"
    assert not re.search(reaches, text), "it would reach the network"


def test_versions_of_a_program_print_the_same_numbers() -> None:
    programs: dict[str, list[Path]] = defaultdict(list)
    for path in PROGRAMS:
        programs[f"{path.parent}/{path.stem.rpartition('_')[0]}"].append(path)
    shared = {name: paths for name, paths in programs.items() if len(paths) > 1}
    assert shared
    for paths in shared.values():
        known: dict[str, str] = {}  # NumPy may lack a section: it has no library's call
        for path in paths:
            for section, printed in record.recorded(ROOT / path).items():
                text = known.setdefault(section, printed)
                wrong = record.difference(text, printed, rtol=1e-3)
                assert wrong is None, f"{path}, section {section}: {wrong}"
