"""The rooms of the machinery: one way from top to bottom, and one door to MkDocs."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
#: From top to bottom; a module may import from its own room and from those below.
ROOMS = "plugin refresh widgets search facts programs page ground".split()
MODULES = {
    p.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): p
    for p in sorted((ROOT / "handbook").rglob("*.py"))
    if p.name != "__init__.py"
}


def room(module: str) -> str:
    """The room that a module lies in; what lies in none is the ground."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "ground"


def imported(path: Path) -> set[str]:
    """Every module that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("module", MODULES)
def test_no_arrow_points_upwards(module: str) -> None:
    own = ROOMS.index(room(module))
    upwards = [
        other
        for other in imported(MODULES[module]) & set(MODULES)
        if ROOMS.index(room(other)) < own
    ]
    assert upwards == []


def test_no_imports_go_in_a_circle() -> None:
    known = set(MODULES)
    graph = {module: imported(path) & known for module, path in MODULES.items()}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("module", MODULES)
def test_the_plugin_alone_knows_mkdocs(module: str) -> None:
    known = {name.partition(".")[0] for name in imported(MODULES[module])}
    assert "mkdocs" not in known or module == "handbook.plugin"


def test_each_room_says_in_a_sentence_what_it_is_for() -> None:
    folders = {p for p in (ROOT / "handbook").iterdir() if p.is_dir()}
    rooms = {p.name for p in folders if list(p.glob("*.py"))}
    assert rooms == set(ROOMS) - {"plugin", "ground"}
    for name in rooms:
        text = (ROOT / "handbook" / name / "__init__.py").read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)).count(".") == 1


def test_the_tests_of_the_machinery_mirror_it() -> None:
    here = ROOT / "tests" / "handbook"
    for test in here.rglob("test_*.py"):
        if test.parent == here:
            continue  # tests of the ground, and of whole builds
        name = test.stem.removeprefix("test_")
        module = f"handbook.{test.parent.name}.{name}"
        assert module in MODULES, f"{test.relative_to(ROOT)}: no {module}"
