"""Practice programs: stub, judge, and what the judge says of each kind of mistake."""

import inspect
from pathlib import Path

import numpy as np
import pytest
import torch

from handbook.errors import HandbookError
from handbook.programs import judge, practice

TASK = '''# --8<-- [start:task]
def halves(xs):
    """一半。"""
    raise NotImplementedError


# --8<-- [end:task]


# --8<-- [start:cases]
TASK = "halves"
CASES = [
    ("两个数", {"xs": [1.0, 3.0]}, [0.5, 1.5], "见「一半」一节"),
    ("三个数", {"xs": [2.0, 4.0, 5.0]}, [1.0, 2.0, 2.5], "见「除法」一节"),
]
# --8<-- [end:cases]


'''
RIGHT = "def halves(xs):\n    return [x / 2 for x in xs]\n"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A small practice program, its judge the true one."""
    path = tmp_path / "page_practice_python.py"
    verdict = practice.verdict_section()
    text = f"# --8<-- [start:verdict]\n{verdict}\n# --8<-- [end:verdict]\n"
    path.write_text(TASK + text, encoding="utf-8")
    return path


def said(program: Path, body: str) -> practice.Verdict:
    """What the judge says when the reader writes this body."""
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return practice.verdict_on(program, f"def halves(xs):\n{lines}")


# --- the program --------------------------------------------------------------


def test_a_right_function_passes_every_case(program: Path) -> None:
    verdict = practice.verdict_on(program, RIGHT)
    assert verdict == practice.Verdict(["对　两个数", "对　三个数"], 2, 2)


def test_as_shipped_it_stops_politely_and_says_so_once(program: Path) -> None:
    verdict = practice.judged(program.read_text(encoding="utf-8"))
    assert verdict == practice.Verdict(["错　每个例子都一样：还没有实现"], 0, 2)


def test_what_a_solution_needs_may_stand_beside_it(program: Path) -> None:
    helped = "def half(x):\n    return x / 2\n\n\n" + RIGHT.replace("x / 2", "half(x)")
    assert practice.verdict_on(program, helped).passed == 2


def test_the_functions_of_a_program_are_cut_out_whole(program: Path) -> None:
    assert practice.functions(program, "halves").endswith("raise NotImplementedError\n")


def test_a_missing_function_is_named(program: Path) -> None:
    with pytest.raises(HandbookError, match="has no function 'thirds'"):
        practice.functions(program, "thirds")


def test_the_values_of_a_program_are_read_without_its_judge(
    program: Path, capsys: pytest.CaptureFixture
) -> None:
    assert practice.values(program)["CASES"][0][2] == [0.5, 1.5]
    assert capsys.readouterr().out == ""


def test_a_mutant_that_passes_every_case_survives(program: Path) -> None:
    changes = [("/ 2", "* 2"), ("x / 2", "x * 0.5"), ("for x in xs", "for x in xs[:2]")]
    assert practice.survivors(program, RIGHT, changes) == [("x / 2", "x * 0.5")]


def test_a_mutant_that_changes_nothing_is_an_error(program: Path) -> None:
    with pytest.raises(HandbookError, match="stands 0 times"):
        practice.survivors(program, RIGHT, [("/ 3", "/ 4")])


@pytest.mark.parametrize("arguments", ["xs, by=2", "xs=()", "numbers"])
def test_a_solution_takes_the_arguments_and_defaults_of_the_stub(
    program: Path, arguments: str
) -> None:
    other = RIGHT.replace("(xs)", f"({arguments})")
    with pytest.raises(HandbookError, match=r"the stub takes \(xs\), its solution \("):
        practice.survivors(program, other, [])


def test_a_program_is_built_of_task_cases_and_verdict(program: Path) -> None:
    text = program.read_text(encoding="utf-8")
    program.write_text(text.replace(":cases]", ":examples]"), encoding="utf-8")
    with pytest.raises(HandbookError, match="write task, cases, verdict"):
        practice.check(program)


def test_another_judge_is_an_error_that_says_which_file_to_copy(program: Path) -> None:
    text = program.read_text(encoding="utf-8")
    program.write_text(text.replace("1e-4", "1e-1"), encoding="utf-8")
    with pytest.raises(HandbookError, match="copy .* handbook/programs/judge.py"):
        practice.check(program)


def test_a_true_practice_program_passes_its_check(program: Path) -> None:
    assert practice.check(program) is None


def test_a_program_that_names_no_task_is_an_error(program: Path) -> None:
    text = program.read_text(encoding="utf-8")
    program.write_text(text.replace('TASK = "halves"', ""), encoding="utf-8")
    with pytest.raises(HandbookError, match="names no task"):
        practice.filled(program, RIGHT)


# --- what a reader does wrong, in one line each ---------------------------------


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("return None", "返回值应是：形状 (2,)；得到：None（忘了 return？）"),
        ("[x / 2 for x in xs]", "返回值应是：形状 (2,)；得到：None（忘了 return？）"),
        ("return 'xs'", "返回值应是：形状 (2,)；得到：str"),
        ("return sum(xs)", "返回值应是：形状 (2,)；得到：数"),
        ("return {x / 2 for x in xs}", "返回值应是：形状 (2,)；得到：set"),
        ("return {'x': 1}", "返回值应是：形状 (2,)；得到：字典，键 ['x']"),
        ("return (x / 2 for x in xs)", "返回值应是：形状 (2,)；得到：generator"),
        ("return [x / 2 for x in xs[1:]]", "返回值应是：形状 (2,)；得到：形状 (1,)"),
        ("return [[x / 2] for x in xs]", "返回值应是：形状 (2,)；得到：形状 (2, 1)"),
        ("return [x / 2 + float('nan') for x in xs]", "返回值[0]应是：数；得到：nan"),
        ("return [xs[0] / 2, float('inf')]", "返回值[1]应是：数；得到：inf"),
        ("return [None for x in xs]", "返回值[0]应是：数；得到：None"),
        ("return [True for x in xs]", "返回值[0]应是：数；得到：bool"),
        ("return [xs[0] / 2, xs[1]]", "返回值[1]应是：1.5；得到：3.0"),
        ("raise NotImplementedError", "还没有实现"),
        (
            "raise NotImplementedError('later')",
            "第 2 行出错：NotImplementedError later",
        ),
        ("return 1 / 0", "第 2 行出错：ZeroDivisionError division by zero"),
        ("y = xs\nreturn y[5]", "第 3 行出错：IndexError list index out of range"),
        ("return halves(xs)", "第 2 行出错：RecursionError maximum recursion depth"),
        ("raise ValueError('one\\ntwo')", "第 2 行出错：ValueError one"),
        ("raise ValueError", "第 2 行出错：ValueError"),
        ("x = [x / 2 for x in xs]\nxs.clear()\nreturn x", "传进来的参数被改动了"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(program: Path, body: str, line: str) -> None:
    verdict = said(program, body)
    assert verdict.passed == 0
    first = verdict.lines[0].partition("：")[2]
    assert first.startswith(line)


@pytest.mark.parametrize(
    "signature", ["halves()", "halves(numbers)", "halves(xs, ys)", "thirds(xs)"]
)
def test_another_signature_is_told_from_an_error_inside(
    program: Path, signature: str
) -> None:
    (line,) = practice.verdict_on(program, f"def {signature}:\n    return 1").lines
    assert "调用不了 halves（函数与参数的名字不要改）：TypeError" in line


def test_an_error_in_a_library_is_placed_in_the_readers_file(program: Path) -> None:
    body = "import json\nreturn json.loads('{')"
    assert "第 3 行出错：JSONDecodeError" in said(program, body).lines[0]


def test_an_error_that_gbk_cannot_spell_is_said_in_letters_that_it_can(
    program: Path,
) -> None:
    (line,) = said(program, "raise KeyError('😀')").lines
    assert line.encode("gbk") and "KeyError '\\U0001f600'" in line


def test_an_error_in_a_helper_is_placed_in_the_helper(program: Path) -> None:
    helper = "def half(x):\n    return x / 0\n\n\n"
    verdict = practice.verdict_on(program, helper + RIGHT.replace("x / 2", "half(x)"))
    assert "第 2 行出错：ZeroDivisionError" in verdict.lines[0]


def test_a_wrong_case_says_where_on_the_page_to_look(program: Path) -> None:
    verdict = said(program, "return [0.5, 1.5]")
    assert verdict.lines == [
        "对　两个数",
        "错　三个数：返回值应是：形状 (3,)；得到：形状 (2,)",
        "　　见「除法」一节",
    ]
    assert (verdict.passed, verdict.total) == (1, 2)


def test_a_branch_that_is_not_written_leaves_the_others_judged(program: Path) -> None:
    body = "if len(xs) > 2:\n    raise NotImplementedError\nreturn [0.5, 1.5]"
    assert said(program, body).lines[:2] == ["对　两个数", "错　三个数：还没有实现"]


# --- what counts as equal --------------------------------------------------------


@pytest.mark.parametrize(
    ("want", "got"),
    [
        ([[1.0, 2.0]], np.array([[1.0, 2.0]], "float32")),
        ([[1.0, 2.0]], torch.tensor([[1.0, 2.0]], requires_grad=True)),
        ([1.0, 2.0], (1.0, 2.0)),
        ([[1, 2]], [(1, 2)]),
        ((0.5, [1.0]), [np.float32(0.5), np.array([1.0])]),
        ({"a": 0.5, "b": [1]}, {"b": [1], "a": np.float64(0.5)}),
        (3, np.int64(3)),
        (3, 3.0),
        (3.0, 3),
        ("词", "词"),
        (0.3, 0.3 * (1 + 9e-5)),
        (0.0, 9e-7),
        ([], []),
        (True, np.bool_(True)),
    ],
)
def test_the_same_in_another_dress_is_equal(want: object, got: object) -> None:
    assert judge.fault(want, judge.plain(got)) is None


@pytest.mark.parametrize(
    ("want", "got", "line"),
    [
        (0.3, 0.3 * (1 + 1.2e-4), "返回值应是：0.3；得到：0.300036"),
        (124439808, 124439809, "返回值应是：124439808；得到：124439809"),
        ("词", "字", "返回值应是：'词'；得到：'字'"),
        ({"a": 1}, {"b": 1}, "返回值应是：字典，键 ['a']；得到：字典，键 ['b']"),
        ({"a": 1}, {"a": 2}, "返回值['a']应是：1；得到：2"),
        ((1, [2]), (1,), "返回值应是：2 项；得到：1 项"),
        ((1, [2]), (1, [2, 3]), "返回值[1]应是：形状 (1,)；得到：形状 (2,)"),
        ([[1, 2]], [[1], [2]], "返回值应是：形状 (1, 2)；得到：形状 (2, 1)"),
        ([[1, 2], [3, 4]], [[1, 2], [3]], "返回值应是：形状 (2, 2)；得到：形状 (2,)"),
        ([[1, 2], [3, 4]], [[1, 2], [5, 4]], "返回值[1][0]应是：3；得到：5"),
        (1.0, 1j, "返回值应是：数；得到：complex"),
        ([1.0], [], "返回值应是：形状 (1,)；得到：形状 (0,)"),
    ],
)
def test_the_first_difference_is_named(want: object, got: object, line: str) -> None:
    assert judge.fault(want, judge.plain(got)).startswith(line)


def test_what_the_judge_says_fits_a_gbk_console() -> None:
    assert inspect.getsource(judge).encode("gbk")
