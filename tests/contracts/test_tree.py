"""The law of names: whoever knows one path knows the others."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from handbook import snippets

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = [p.relative_to(ROOT) for p in snippets.all_snippets(ROOT / "snippets")]
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
    name = f"{program.parent.name}/{program.name}"
    embedded = [section for file, section in EMBED.findall(text) if file == name]
    assert embedded == list(snippets.sections(ROOT / program))


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_program_has_its_record_and_its_page_shows_it(program: Path) -> None:
    record = ROOT / program.with_suffix(".out")
    assert record.is_file()
    lines = record.read_text(encoding="utf-8").splitlines()
    assert re.match(
        r"# (numpy|torch|tensorflow|Python) [\d.]+.* · CPU · .* s · .* MB", lines[-1]
    )
    text = (ROOT / page_of(program)).read_text(encoding="utf-8")
    assert f'"{program.parent.name}/{program.stem}.out"' in text


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
    for first, *others in shared.values():
        text = (ROOT / first).with_suffix(".out").read_text(encoding="utf-8")
        for other in others:
            beside = (ROOT / other).with_suffix(".out").read_text(encoding="utf-8")
            wrong = snippets.difference(snippets.body(text), snippets.body(beside))
            assert wrong is None, f"{first} and {other}: {wrong}"
