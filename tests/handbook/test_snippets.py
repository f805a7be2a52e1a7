"""Sections, runs and records of snippets."""

from pathlib import Path

import pytest

from handbook import snippets
from handbook.errors import HandbookError

GOOD = """# --8<-- [start:data]
x = 1
# --8<-- [end:data]

# --8<-- [start:print]
print(f"x = {x}")
# --8<-- [end:print]
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the folder of a book."""
    monkeypatch.chdir(tmp_path)
    path = Path("snippets/part/page_numpy.py")
    path.parent.mkdir(parents=True)
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_sections_are_read_in_order(program: Path) -> None:
    assert snippets.sections(program) == {"data": "x = 1", "print": 'print(f"x = {x}")'}


def test_readers_get_no_markers() -> None:
    assert snippets.published(GOOD) == 'x = 1\n\nprint(f"x = {x}")\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("y = 2\n" + GOOD, [":1", "outside"]),
        (GOOD.replace("[end:data]", "[end:date]"), [":3", "'date'", "'data'"]),
        (GOOD.replace("# --8<-- [end:data]\n", ""), [":4", "'print'"]),
        (GOOD.replace("# --8<-- [end:print]\n", ""), ["'print'", "no end"]),
        (GOOD.replace(":print]", ":data]"), [":5", "twice"]),
    ],
)
def test_a_wrong_section_is_named(program: Path, text: str, words: list[str]) -> None:
    program.write_text(text, encoding="utf-8")
    with pytest.raises(HandbookError) as raised:
        snippets.sections(program)
    assert all(word in str(raised.value) for word in [*words, program.name])


def test_a_run_is_a_plain_copy_in_an_empty_folder(program: Path) -> None:
    body = "import os\nprint(sorted(os.listdir()), os.path.basename(__file__))"
    program.write_text(GOOD.replace("x = 1", body), encoding="utf-8")
    with pytest.raises(HandbookError, match="crashed"):  # x is gone
        snippets.run(program)
    program.write_text(GOOD.replace("x = 1", f"x = 1\n{body}"), encoding="utf-8")
    listing, greeting = snippets.run(program).stdout.splitlines()
    assert greeting == "x = 1"
    assert listing == "['.stderr', '.stdout', 'page_numpy.py'] page_numpy.py"


def test_a_program_that_hangs_is_stopped_and_named(program: Path) -> None:
    program.write_text(GOOD.replace("x = 1", "while True: pass"), encoding="utf-8")
    with pytest.raises(HandbookError, match=r"page_numpy.py: still running after 1 s"):
        snippets.run(program, limit=1)


def test_a_program_that_crashes_says_why(program: Path) -> None:
    program.write_text(GOOD.replace("x = 1", "1 / 0"), encoding="utf-8")
    with pytest.raises(HandbookError, match=r"page_numpy.py: crashed: ZeroDivision"):
        snippets.run(program)


def test_a_record_is_written_and_holds(program: Path) -> None:
    assert snippets.main(["record", "part/page_numpy"]) == 0
    lines = program.with_suffix(".out").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "x = 1" and lines[1].startswith("# numpy ")
    assert snippets.check_record(program, snippets.run(program)) is None


def test_another_output_than_recorded_is_named(program: Path) -> None:
    snippets.record(program)
    program.write_text(GOOD.replace("x = 1", "x = 2"), encoding="utf-8")
    with pytest.raises(HandbookError) as raised:
        snippets.check_record(program, snippets.run(program))
    for word in ["page_numpy.py", "'x = 1'", "'x = 2'", "make record NAME=part/page"]:
        assert word in str(raised.value)


def test_a_missing_record_is_named(program: Path) -> None:
    with pytest.raises(HandbookError, match=r"page_numpy.out: no record"):
        snippets.check_record(program, snippets.run(program))


def test_an_unknown_name_to_record_gets_a_hint(
    program: Path, capsys: pytest.CaptureFixture
) -> None:
    snippets.all_snippets.cache_clear()
    assert snippets.main(["record", "part/pgae_numpy"]) == 1
    assert "did you mean part/page_numpy?" in capsys.readouterr().err
    snippets.all_snippets.cache_clear()


@pytest.mark.parametrize(
    ("recorded", "printed", "same"),
    [
        ("损失 0.693", "损失 0.694", True),  # one unit in the last place
        ("损失 0.693", "损失 0.695", False),
        ("损失 693.1472", "损失 693.6", True),  # a thousandth
        ("损失 693.1472", "损失 695.1", False),
        ("第 3 步", "第 4 步", False),  # whole numbers are exact
        ("损失 0.5", "代价 0.5", False),
        ("1.0e-05", "1.1e-05", True),
        ("1.0e-05", "1.3e-05", False),
        ("nan", "0.1", False),
        ("一行", "一行\n两行", False),
        ("0.5  0.5", "0.5 0.5", True),  # columns may shift
    ],
)
def test_outputs_are_compared_as_text_and_numbers(
    recorded: str, printed: str, same: bool
) -> None:
    assert (snippets.difference(recorded, printed) is None) is same
