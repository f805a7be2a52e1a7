"""docs/background/setup.md: the environment check, rounding, tolerances, red checks.

The references are the project's own lists of versions, scipy's softmax, fractions,
sequential cumulative sums, and what the installed libraries do.
"""

import importlib
import re
import runpy
import tomllib
from collections.abc import Callable
from fractions import Fraction
from importlib.metadata import metadata, version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import special

from handbook.facts import atlas, calendars, courses
from handbook.programs import record

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/background/setup.md"
CHECKS = ROOT / "snippets/background/setup_checks_numpy.py"
FRAMEWORKS = {"numpy": "numpy", "torch": "torch", "tf": "tensorflow"}
Run = Callable[[str], SimpleNamespace]


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module", params=FRAMEWORKS)
def environment(request: pytest.FixtureRequest, run_snippet: Run) -> SimpleNamespace:
    return run_snippet(f"background/setup_{request.param}")


@pytest.fixture(scope="module", params=FRAMEWORKS)
def precision(request: pytest.FixtureRequest, run_snippet: Run) -> SimpleNamespace:
    return run_snippet(f"background/setup_precision_{request.param}")


@pytest.fixture(scope="module")
def checks(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("background/setup_checks_numpy")


@pytest.fixture(scope="module")
def parity(run_snippet: Run) -> SimpleNamespace:
    return run_snippet("background/setup_parity_tf")


def pinned(lines: list[str]) -> dict[str, str]:
    """Name to version of each ``name==version``."""
    pairs = (line.partition("==") for line in lines if "==" in line)
    return {name: wanted for name, _, wanted in pairs}


def after(text: str, heading: str, count: int) -> list[str]:
    """The lines that follow a heading."""
    lines = text.splitlines()
    first = lines.index(heading) + 1
    return lines[first : first + count]


def public(name: str) -> str:
    """An installed version without its mark of the build, such as ``+cpu``."""
    return version(name).partition("+")[0]


# --- versions ----------------------------------------------------------------


def test_the_versions_of_the_book_are_those_of_the_project(
    run_snippet: Run, project: dict
) -> None:
    book = run_snippet("background/setup_versions_python").BOOK
    assert book == pinned(project["optional-dependencies"]["snippets"])


def test_the_versions_of_the_book_are_those_of_the_constraints(
    run_snippet: Run,
) -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    book = run_snippet("background/setup_versions_python").BOOK
    assert book.items() <= pinned(lines).items()


def test_the_versions_of_the_book_are_installed(run_snippet: Run) -> None:
    book = run_snippet("background/setup_versions_python").BOOK
    assert book == {name: public(name) for name in book}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_each_environment_check_knows_the_version_of_its_library(
    run_snippet: Run, framework: str
) -> None:
    done = run_snippet(f"background/setup_{framework}")
    assert done.BOOK == public(FRAMEWORKS[framework])


def test_the_versions_program_tells_missing_from_different(run_snippet: Run) -> None:
    compare = run_snippet("background/setup_versions_python").compare
    assert compare("no-such-package-here", "1.0") == "没有安装"
    assert compare("numpy", "0.1") == f"你的是 {version('numpy')}，本书用 0.1"
    assert compare("numpy", public("numpy")) == "与本书相同"


def test_the_printed_command_installs_what_the_project_pins(
    run_snippet: Run, project: dict
) -> None:
    text = run_snippet("background/setup_versions_python").stdout_text
    command = text.splitlines()[-1].split()
    assert command[:4] == ["python", "-m", "pip", "install"]
    assert pinned(command[4:]) == pinned(project["optional-dependencies"]["snippets"])


def test_python_3_11_to_3_13_is_what_project_and_tensorflow_support(
    project: dict,
) -> None:
    named = metadata("tensorflow").get_all("Classifier")
    minors = {m[1] for c in named if (m := re.search(r":: Python :: 3\.(\d+)$", c))}
    low, high = project["requires-python"].split(",")
    assert low.startswith(">=3.11") and high == f"<3.{max(map(int, minors)) + 1}"


# --- the environment check ---------------------------------------------------


def test_the_product_is_that_of_python_integers(environment: SimpleNamespace) -> None:
    a = [[4 * i + k for k in range(4)] for i in range(3)]
    b = [[5 * k + j for j in range(5)] for k in range(4)]
    c = [[sum(a[i][k] * b[k][j] for k in range(4)) for j in range(5)] for i in range(3)]
    assert np.asarray(environment.c).tolist() == c
    assert environment.checksum == environment.expected == sum(map(sum, c))


def test_the_slopes_are_three_x_squared(environment: SimpleNamespace) -> None:
    assert environment.slopes == [3 * x**2 for x in (1, 2, 3)]


def test_the_environment_check_ends_in_agreement(environment: SimpleNamespace) -> None:
    assert environment.stdout_text.splitlines()[-1] == "计算与本书一致： True"


# --- rounding or error -------------------------------------------------------


def test_adding_in_turn_is_a_cumulative_sum(precision: SimpleNamespace) -> None:
    terms = np.asarray(precision.terms)
    assert precision.falling == np.cumsum(terms, dtype=np.float32)[-1]
    assert precision.rising == np.cumsum(terms[::-1], dtype=np.float32)[-1]


def test_the_terms_are_correctly_rounded_reciprocals(
    precision: SimpleNamespace,
) -> None:
    expected = [np.float32(Fraction(1, n)) for n in range(1, 10001)]
    assert np.array_equal(np.asarray(precision.terms), expected)


def test_the_exact_sum_is_that_of_fractions(precision: SimpleNamespace) -> None:
    total = sum(Fraction(v) for v in np.asarray(precision.terms).tolist())
    assert precision.exact == float(total)


def test_the_gap_counts_units_in_the_last_place(precision: SimpleNamespace) -> None:
    unit = float(np.spacing(np.float32(precision.falling)))
    assert precision.gap == (precision.falling - precision.rising) / unit == 9


def test_rounding_shrinks_in_float64_and_an_error_does_not(
    precision: SimpleNamespace,
) -> None:
    terms = np.asarray(precision.terms)
    lines = after(precision.stdout_text, "【舍入还是错误】", 2)
    for line, kind in zip(lines, (np.float32, np.float64), strict=True):
        order, short = (float(v) for v in re.findall(r"差 ([\d.]+)", line))
        down = np.cumsum(terms, dtype=kind)
        up = np.cumsum(terms[::-1], dtype=kind)
        assert order == pytest.approx(abs(float(down[-1] - up[-1])), abs=5.1e-7)
        assert short == pytest.approx(float(down[-1] - down[-2]), abs=5.1e-7)
    assert precision.other_order < 1e-12
    assert precision.one_short == pytest.approx(1e-4, rel=1e-6)


def test_the_tolerances_are_judged_as_two_libraries_judge_them(
    precision: SimpleNamespace,
) -> None:
    torch = importlib.import_module("torch")
    line_form = re.compile(r"(\S+) 与 (\S+)，rtol=(\S+)，atol=(\S+)：(True|False)")
    said = []
    for line in after(precision.stdout_text, "【容差】", 7):
        *numbers, verdict = line_form.fullmatch(line).groups()
        ours, reference, rtol, atol = map(float, numbers)
        pair = torch.tensor([ours, reference], dtype=torch.float64)
        assert torch.isclose(*pair, rtol=rtol, atol=atol).item() == (verdict == "True")
        assert np.isclose(ours, reference, rtol, atol) == (verdict == "True")
        said.append(verdict == "True")
    assert said == [True, False, False, True, True, True, False]


def test_a_seed_repeats_within_a_library_and_not_across(
    precision: SimpleNamespace,
) -> None:
    first, again = np.asarray(precision.first), np.asarray(precision.again)
    drawn, copied = np.asarray(precision.drawn), np.asarray(precision.copied)
    assert np.array_equal(first, again) and np.array_equal(drawn, copied)
    assert abs(np.corrcoef(first, drawn)[0, 1]) < 0.1


def test_the_three_programs_sum_the_same_float32_numbers(run_snippet: Run) -> None:
    done = [run_snippet(f"background/setup_precision_{f}") for f in FRAMEWORKS]
    assert len({np.asarray(d.terms).tobytes() for d in done}) == 1
    assert len({(d.falling, d.rising, d.exact) for d in done}) == 1
    assert len({d.stdout_text for d in done}) == 1


# --- one layer in two frameworks ---------------------------------------------


def test_the_copied_layer_is_a_matrix_product(parity: SimpleNamespace) -> None:
    expected = parity.x.astype(float) @ parity.w.astype(float)
    ours = parity.linear(importlib.import_module("torch").from_numpy(parity.x))
    np.testing.assert_allclose(ours.detach().numpy(), expected, atol=1e-5)
    np.testing.assert_allclose(parity.dense(parity.x).numpy(), expected, atol=1e-5)


def test_the_forgotten_transpose_costs_what_the_page_says(
    parity: SimpleNamespace,
) -> None:
    cost = np.abs(parity.x @ parity.w - parity.x @ parity.w.T).max()
    assert parity.untransposed == pytest.approx(cost, rel=1e-5)
    assert f"忘记转置时差 {cost:.2f}" in parity.stdout_text
    assert parity.copied < 1e-5 < min(parity.own, parity.untransposed)


def test_one_seed_draws_three_different_rows(parity: SimpleNamespace) -> None:
    rows = np.array(list(parity.draws.values()))
    assert np.array_equal(
        rows[0], np.random.Generator(np.random.PCG64(0)).normal(size=3)
    )
    apart = [np.abs(rows[i] - rows[j]).min() for i, j in ((0, 1), (0, 2), (1, 2))]
    assert min(apart) > 0.01


# --- checks that go red ------------------------------------------------------


@pytest.mark.parametrize("name", ["small", "large"])
def test_softmax_and_its_reference_are_scipys(
    checks: SimpleNamespace, name: str
) -> None:
    x = getattr(checks, name)
    expected = special.softmax(x, axis=1)
    np.testing.assert_allclose(checks.softmax(x), expected, rtol=1e-13, atol=1e-300)
    np.testing.assert_allclose(checks.reference(x), expected, rtol=1e-13, atol=1e-300)


def test_the_table_of_colours_is_what_theory_says(checks: SimpleNamespace) -> None:
    assert checks.table == {
        "原来的程序": [True, True, True],
        "指数的符号写反": [True, False, False],  # each row still sums to one
        "轴写错": [False, False, False],
        "不减最大值": [True, True, False],  # exp(2000) overflows
    }


def test_each_version_differs_from_softmax_as_its_name_says(
    checks: SimpleNamespace,
) -> None:
    x = checks.small
    np.testing.assert_allclose(checks.flipped_sign(x), special.softmax(-x, axis=1))
    np.testing.assert_allclose(checks.wrong_axis(x), special.softmax(x, axis=0))
    np.testing.assert_allclose(checks.without_maximum(x), special.softmax(x, axis=1))


def test_every_mutant_is_caught_and_every_check_has_gone_red(
    checks: SimpleNamespace,
) -> None:
    mutants = np.array(list(checks.table.values())[1:])
    assert not mutants.all(axis=1).any()
    assert not mutants.all(axis=0).any()


def changed(old: str, new: str, folder: Path) -> list[bool]:
    """The colours of the program itself after one change of its source."""
    source = CHECKS.read_text(encoding="utf-8")
    assert old in source
    copy = folder / CHECKS.name
    copy.write_text(source.replace(old, new, 1), encoding="utf-8")
    return runpy.run_path(str(copy))["table"]["原来的程序"]


MAXIMUM = "x.max(axis=1, keepdims=True)"


def test_the_sign_that_the_reader_breaks_turns_two_checks_red(tmp_path: Path) -> None:
    colours = changed(f"x - {MAXIMUM}", f"{MAXIMUM} - x", tmp_path)
    assert colours == [True, False, False]


@pytest.mark.parametrize(("floor", "green"), [(27, False), (27.6, False), (28, True)])
def test_a_clip_survives_from_twelve_decades_on(
    tmp_path: Path, floor: float, green: bool
) -> None:
    clipped = f"np.clip(x - {MAXIMUM}, -{floor}, None)"
    colours = changed(f"x - {MAXIMUM}", clipped, tmp_path)
    assert colours == [True, True, green]
    assert (floor >= 12 * np.log(10)) == green


def test_float32_misses_two_to_the_24_plus_one_first() -> None:
    whole = np.arange(2**24 - 1000, 2**24 + 2)
    kept = whole.astype(np.float32).astype(np.int64) == whole
    assert kept[:-1].all() and not kept[-1]
    assert float(2**53) == float(2**53 + 1) and float(2**53 - 1) != float(2**53)


# --- what the page says of the libraries and of the book ---------------------


def test_the_errors_that_the_program_prints_are_the_libraries_own(
    run_snippet: Run,
) -> None:
    torch = importlib.import_module("torch")
    lines = run_snippet("background/setup_errors_torch").stdout_text.splitlines()
    said = dict(zip(lines[::2], lines[1::2], strict=True))
    with pytest.raises(ModuleNotFoundError) as missing:
        importlib.import_module("scikit_learn")
    assert said["【名字不对】"] == f"ModuleNotFoundError: {missing.value}"
    with pytest.raises(RuntimeError) as mixed:
        torch.addmm(torch.ones(1), torch.ones(1, 2).double(), torch.ones(2, 1))
    assert said["【精度不同】"] == f"RuntimeError: {mixed.value}"
    assert said["【文件与库同名】"].startswith("AttributeError: module 'torch' has no")
    assert said["【GBK 里没有的字】"].startswith("UnicodeEncodeError: 'gbk' codec")


def test_the_default_font_of_figures_has_no_han(run_snippet: Run) -> None:
    fonts = importlib.import_module("matplotlib.font_manager")
    ft2font = importlib.import_module("matplotlib.ft2font")
    signs = ft2font.FT2Font(fonts.findfont("DejaVu Sans")).get_charmap()
    assert ord("a") in signs and ord("损") not in signs
    text = run_snippet("background/setup_errors_torch").stdout_text
    assert f"UserWarning: Glyph {ord('损')} " in text


def test_asking_a_machine_without_gpu_for_cuda_fails_in_one_of_two_ways() -> None:
    torch = importlib.import_module("torch")
    expected = (
        "Torch not compiled with CUDA enabled"
        if torch.version.cuda is None
        else "No CUDA GPUs|NVIDIA driver"
    )
    with pytest.raises((AssertionError, RuntimeError), match=expected):
        torch.zeros(1, device="cuda")


def test_default_types_of_a_list_of_decimals() -> None:
    tf, torch = (importlib.import_module(n) for n in ("tensorflow", "torch"))
    assert torch.tensor([0.5]).dtype is torch.float32
    assert tf.constant([0.5]).dtype is tf.float32
    ones = np.array([0.5])
    assert ones.dtype == torch.from_numpy(ones).numpy().dtype == np.float64
    assert tf.constant(ones).dtype is tf.float64


def test_a_keras_layer_casts_float64() -> None:
    tf = importlib.import_module("tensorflow")
    assert tf.keras.layers.Dense(1)(np.ones((1, 2))).dtype is tf.float32


def test_only_tensorflow_asks_for_less_and_not_for_at_most() -> None:
    """With both tolerances 0, equal numbers are close in NumPy and PyTorch alone."""
    tf, torch = (importlib.import_module(n) for n in ("tensorflow", "torch"))
    one = torch.ones(1)
    assert np.isclose(1.0, 1.0, rtol=0, atol=0)
    assert torch.isclose(one, one, rtol=0, atol=0).item()
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.debugging.assert_near(tf.constant(1.0), tf.constant(1.0), rtol=0.0, atol=0.0)


def test_the_tensorflow_program_judges_by_the_library(run_snippet: Run) -> None:
    """Equal numbers fail under zero tolerance, so it does not compare by hand."""
    tf = importlib.import_module("tensorflow")
    done = run_snippet("background/setup_precision_tf")
    assert done.near(tf.constant(1.0), tf.constant(1.0), 1e-6, 0.0)
    assert not done.near(tf.constant(1.0), tf.constant(1.0), 0.0, 0.0)


def test_the_comparison_of_two_frameworks_does_without_tf32() -> None:
    program = ROOT / "snippets/background/setup_parity_tf.py"
    lines = program.read_text(encoding="utf-8").splitlines()
    switch = "tf.config.experimental.enable_tensor_float_32_execution(False)"
    assert lines.index(switch) < lines.index(
        "dense = keras.layers.Dense(4, use_bias=False)"
    )


def test_default_tolerances_pass_here_and_fail_there() -> None:
    tf, torch = (importlib.import_module(n) for n in ("tensorflow", "torch"))
    for ours, reference in ((5e-6, 0.0), (1e6 + 1.25, 1e6)):
        torch.testing.assert_close(torch.tensor(ours), torch.tensor(reference))
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.debugging.assert_near(tf.constant(ours), tf.constant(reference))
    with pytest.raises(AssertionError):
        torch.testing.assert_close(torch.tensor(1e6 + 1.375), torch.tensor(1e6))
    tf.debugging.assert_near(tf.constant(1.1e-6), tf.constant(0.0))


def test_a_dense_layer_keeps_its_weights_the_other_way_round() -> None:
    tf, torch = (importlib.import_module(n) for n in ("tensorflow", "torch"))
    dense = tf.keras.layers.Dense(3)
    dense.build((None, 2))
    assert dense.kernel.shape == (2, 3)
    assert torch.nn.Linear(2, 3).weight.shape == (3, 2)


def test_a_record_may_differ_by_one_in_the_last_place() -> None:
    assert record.difference("差 0.9386", "差 0.9385") is None
    assert record.difference("差 9.787613", "差 9.787604") is not None
    assert record.difference("差 9.7876", "差 9.7876") is None
    assert record.difference("差 0.01", "差 0.02") is None
    assert record.difference("差 0.9386", "差 0.9370") is not None
    assert record.difference("例 37", "例 38") is not None
    assert record.difference("甲 1.0", "乙 1.0") is not None


def test_facts_keep_as_long_as_the_page_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"会议日期 {calendars.FRESH_FOR} 天" in text
    assert f"课程 {courses.FRESH_FOR} 天" in text
    assert "会议的入门读物与加速卡的参数一年" in text and atlas.READING_FRESH_FOR == 365


def test_the_commands_of_the_page_exist(project: dict) -> None:
    text = PAGE.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make (\w+)`", text):
        assert re.search(rf"^{target}:", makefile, re.M), target
    for extra in re.findall(r'-e "\.\[(\w+)\]"', text):
        assert extra in project["optional-dependencies"]
    assert (ROOT / "constraints.txt").is_file() and "-c constraints.txt" in text


def test_the_page_prints_no_address_of_a_package_index() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"https?://[^`\s)]+", text) == ["http://127.0.0.1:8000"]
