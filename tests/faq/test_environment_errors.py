"""Errors of installing and of the environment: each raised anew by another small case.

References that the programs never call: pip's own error objects, the rules of UTF-8 and
of GBK byte by byte, PyTorch's check of a card, absl's letters of log lines.
"""

import codecs
import csv
import errno
import importlib
import json
import logging
import ntpath
import platform
import re
import socket
import ssl
import subprocess
import sys
import tomllib
import unicodedata
import warnings
from email import message_from_bytes
from importlib.machinery import PathFinder
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from absl.logging import converter
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename
from pip._internal.commands import install
from pip._internal.exceptions import ExternallyManagedEnvironment

from tests.conftest import ROOT
from tests.printed import line_of, numbers

PAGE = ROOT / "docs/faq/environment-errors.md"
PROGRAM = ROOT / "snippets/faq/environment_errors_text_python.py"
FIGURES = ROOT / "docs/assets/figures"


@pytest.fixture
def by_pip(run_snippet):
    return run_snippet("faq/environment_errors_pip_python")


@pytest.fixture
def by_import(run_snippet):
    return run_snippet("faq/environment_errors_import_python")


@pytest.fixture
def by_versions(run_snippet):
    return run_snippet("faq/environment_errors_versions_torch")


@pytest.fixture
def by_gpu(run_snippet):
    return run_snippet("faq/environment_errors_gpu_python")


@pytest.fixture
def by_text(run_snippet):
    return run_snippet("faq/environment_errors_text_python")


def page():
    return PAGE.read_text(encoding="utf-8")


def lines(program, section):
    return program.printed_by[section].splitlines()


def last_line(code, **how):
    """Of a process that heeds no variable: no path, no colour."""
    words = [sys.executable, "-E", "-Xutf8", "-c", code]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", **how)
    return (done.stderr + done.stdout).strip().splitlines()[-1]


def folder_of(program):
    return Path(program.__file__).parent


# --- what pip says ------------------------------------------------------------------


def said_by_pip(folder, *words):
    start = [sys.executable, "-m", "pip", "--isolated", "--no-color", "download"]
    done = subprocess.run(
        [*start, "--no-deps", "--no-index", "--find-links", ".", *words],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    (first, *_) = [x for x in done.stderr.splitlines() if "ERROR" in x]
    return first.strip()


def test_a_wheel_for_another_python_is_not_even_listed(by_pip, tmp_path):
    (tmp_path / "probe-3.1-cp26-cp26m-win32.whl").touch()
    said = said_by_pip(tmp_path, "probe")
    assert said.replace("probe", "demo") == lines(by_pip, "no-matching")[0]


def test_a_wheel_with_the_wrong_tag_is_not_supported(by_pip, tmp_path):
    (tmp_path / "probe-3.1-cp26-cp26m-win32.whl").touch()
    said = said_by_pip(tmp_path, "./probe-3.1-cp26-cp26m-win32.whl")
    other = said.replace("probe-3.1-cp26-cp26m-win32", "demo-1.0-cp27-cp27m-win32")
    assert other == lines(by_pip, "wheel-platform")[0]


def test_the_wheel_that_fits_would_be_installed_both_times(by_pip):
    name, version, _, _ = parse_wheel_filename(by_pip.new)
    would = f"Would install {name}-{version}"
    assert lines(by_pip, "no-matching")[1] == would
    assert lines(by_pip, "wheel-platform")[-1] == would


def test_pip_is_asked_without_network_and_without_installing(by_pip, monkeypatch):
    asked = []

    def answer(words, **how):
        asked.extend(words)
        return subprocess.CompletedProcess(words, 0, "Would install probe", "")

    monkeypatch.setattr(subprocess, "run", answer)
    assert by_pip.pip("probe") == "Would install probe"
    assert {"--isolated", "--no-index", "--dry-run", "--no-color"} < set(asked)


def test_an_environment_without_pip_is_told_how_to_get_it(by_pip, monkeypatch):
    def answer(words, **how):
        return subprocess.CompletedProcess(words, 1, "", "python: No module named pip")

    monkeypatch.setattr(subprocess, "run", answer)
    with pytest.raises(SystemExit, match="uv pip install pip"):
        by_pip.pip("probe")


@pytest.mark.parametrize("which", ["old", "new"])
def test_the_small_wheels_hold_what_their_names_say(by_pip, which):
    file = getattr(by_pip, which)
    name, version, _, tags = parse_wheel_filename(file)
    with ZipFile(folder_of(by_pip) / file) as wheel:
        about = message_from_bytes(wheel.read("demo-1.0.dist-info/METADATA"))
        built = message_from_bytes(wheel.read("demo-1.0.dist-info/WHEEL"))
    assert (about["Name"], about["Version"]) == (name, str(version))
    assert {built["Tag"]} == {str(t) for t in tags}
    assert about["Metadata-Version"] == "2.1" and built["Wheel-Version"] == "1.0"


@pytest.mark.parametrize("which", ["old", "new"])
def test_a_tag_fits_where_the_rules_of_this_python_list_it(by_pip, which):
    *_, tags = parse_wheel_filename(getattr(by_pip, which))
    listed = {*cpython_tags(), *compatible_tags()}
    (tag,) = tags
    printed = line_of(by_pip.printed_by["wheel-platform"], f"{tag} 装得上：")
    assert printed == str(tag in listed) == str(which == "new")


def test_a_handshake_without_a_name_is_refused_in_the_same_words(by_pip):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    here, there = socket.socketpair()
    with here, there, pytest.raises(ValueError) as caught:
        context.wrap_socket(here, do_handshake_on_connect=False)
    assert lines(by_pip, "proxy")[0] == f"ValueError: {caught.value}"


def test_only_a_proxy_of_the_scheme_https_is_called_wrong(by_pip):
    proxies = {
        "http": "http://10.0.0.1:3128",
        "https": "https://10.0.0.1:3128",
        "ftp": "socks5://10.0.0.1:1080",
        "all": "https://proxy.example",
    }
    wrong = [k for k, v in proxies.items() if urlsplit(v).scheme == "https"]
    assert by_pip.check(proxies).endswith(str(wrong))
    assert lines(by_pip, "proxy")[1:] == [
        "以 https:// 开头的代理：['https']",
        "以 https:// 开头的代理：[]",
    ]


def test_the_path_that_is_counted_is_the_longest_of_tensorflow(by_pip):
    files = distribution("tensorflow").files
    if (sys.platform, platform.machine()) != ("linux", "x86_64") or not files:
        pytest.skip("the page counts in PyPI's wheel for Linux on x86-64")
    longest = max((str(f) for f in files if f.suffix != ".pyc"), key=len)
    assert by_pip.inner == longest.replace("/", "\\")
    assert "TensorFlow 2.21" in page()
    assert distribution("tensorflow").version.startswith("2.21")


def test_the_lengths_are_those_of_windows_own_joining(by_pip):
    printed = [numbers(x) for x in lines(by_pip, "long-path")]
    store = next(x for x in vars(by_pip).values() if str(x).startswith("C:\\Users"))
    for folder, found in zip(
        [store, "C:\\v\\Lib\\site-packages"], printed, strict=True
    ):
        whole = len(ntpath.join(folder, by_pip.inner))
        assert found == [len(folder), 1, len(by_pip.inner), whole]
    assert [x.rpartition("：")[2] for x in lines(by_pip, "long-path")] == [
        "False",
        "True",
    ]
    assert "光库文件夹就有 141 个" in page() and len(store) == 141


def quoted(start):
    """The text fence of the page that begins with these words, in one line."""
    (found,) = re.findall(
        rf"^```text\n({re.escape(start)}.*?)^```", page(), re.S | re.M
    )
    return " ".join(found.split())


def test_the_quoted_hint_is_what_pip_says_of_a_long_path(monkeypatch):
    monkeypatch.setattr(install, "WINDOWS", True)
    error = OSError(errno.ENOENT, "No such file or directory", "C:\\" + "d" * 300)
    said = " ".join(install.create_os_error_message(error, False, False).split())
    head, hint = quoted("ERROR: Could not install packages").split(" … ")
    assert said.startswith(head.removeprefix("ERROR: "))
    assert hint in said


def test_the_quoted_refusal_is_that_of_pip_s_own_error():
    error = ExternallyManagedEnvironment(None)
    assert quoted("error:") == f"error: {error.reference} × {error.message}"
    assert "--break-system-packages" in str(error.note_stmt)


# --- what import says ---------------------------------------------------------------


def test_the_other_environment_has_no_numpy_and_says_so(by_import):
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module("numpy_of_nobody")
    said = str(caught.value).replace("numpy_of_nobody", "numpy")
    assert lines(by_import, "jupyter-kernel")[:2] == [
        f"ModuleNotFoundError: {said}",
        "找到 numpy",
    ]
    assert not list(folder_of(by_import).glob("other/**/numpy"))


def test_the_other_environment_is_a_virtual_one(by_import):
    printed = line_of(by_import.printed_by["jupyter-kernel"], "other 是虚拟环境： ")
    config = folder_of(by_import) / "other/pyvenv.cfg"
    assert printed == "True" and "home = " in config.read_text(encoding="utf-8")


def test_a_library_on_the_path_of_variables_is_not_seen(
    by_import, tmp_path, monkeypatch
):
    (tmp_path / "numpy.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said = by_import.last_line(by_import.other, "import numpy", tmp_path.parent)
    assert said == lines(by_import, "jupyter-kernel")[0]


def test_a_file_with_the_name_of_a_module_hides_it(by_import, tmp_path):
    own = tmp_path / "colorsys.py"
    own.write_text("import colorsys\ncolorsys.rgb_to_hsv(0, 0, 0)\n", encoding="utf-8")
    said = last_line("import colorsys", cwd=tmp_path)
    assert (
        re.search(r"has no attribute '\w+'", said)[0].replace("rgb_to_hsv", "randint")
        == lines(by_import, "shadow")[0]
    )


def test_the_own_file_is_found_until_it_is_renamed(by_import, tmp_path):
    work = folder_of(by_import) / "work"
    assert PathFinder.find_spec("random", [str(work)]) is None
    assert (work / "dice.py").is_file()
    (tmp_path / "random.py").touch()
    found = PathFinder.find_spec("random", [str(tmp_path)])
    assert Path(found.origin) == tmp_path / "random.py"
    assert lines(by_import, "shadow")[1:] == [
        "找到的是自己的文件： True",
        "改名以后： False",
    ]


def refused(name: str) -> str:
    """What NumPy says of a name that it has no more; asked of a fresh interpreter.

    Libraries that this process has loaded put some of the names back.
    """
    asked = f"import numpy as np\ntry:\n    np.{name}\nexcept AttributeError as e:\n"
    child = [sys.executable, "-c", asked + "    print(e)"]
    done = subprocess.run(child, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


def test_names_that_numpy_dropped_are_refused_in_the_same_words(by_import):
    first = refused("int").replace("'int'", "'float'")
    second = refused("Inf").replace("Inf", "NaN").replace("np.inf", "np.nan")
    assert lines(by_import, "numpy-removed") == [
        f"AttributeError: {first}",
        f"AttributeError: {second}",
        f"{np.dtype(np.float64)} {float('nan')}",
    ]


def test_torch_without_numpy_refuses_every_way_to_it(by_versions):
    hide = "import sys; sys.modules['numpy'] = None; "
    code = hide + "import torch; torch.tensor([2.0]).__array__()"
    refused, mended = lines(by_versions, "numpy-abi")
    assert last_line(code) == refused
    assert mended == str(np.ones(1))


def test_an_operator_that_is_not_registered_does_not_exist(by_versions):
    with pytest.raises(RuntimeError) as caught:
        torch.library.register_fake("torchvision::roi_align")(lambda x: x)
    said = str(caught.value).splitlines()[0].replace("roi_align", "nms")
    assert lines(by_versions, "torchvision-nms")[0] == f"RuntimeError: {said}"


def test_versions_pair_as_in_the_table_of_torchvision(by_versions):
    table = {"2.0": "0.15", "2.1": "0.16", "2.2": "0.17", "2.3": "0.18", "2.6": "0.21"}
    for a in table:
        for b, vision in table.items():
            assert by_versions.pair(f"{a}.1", f"{vision}.0") == (a == b)
    assert by_versions.pair("2.3.1+cpu", "0.18.1+cpu")
    assert not by_versions.pair("2.3.1+cpu", "0.18.1")
    said = [x.rpartition("：")[2] for x in lines(by_versions, "torchvision-nms")[1:]]
    assert said == ["配套", "不配套", "不配套"]


# --- the card -----------------------------------------------------------------------


def test_the_build_without_cuda_refuses_in_the_words_of_the_heading():
    if torch.version.cuda is not None:
        pytest.skip("PyTorch with CUDA is installed")
    with pytest.raises(AssertionError) as caught:
        torch.ones(2, device="cuda")
    assert f"### `{caught.value}`" in page()


def test_the_three_states_are_told_apart(by_gpu):
    assert [x.partition(" → ")[0] for x in lines(by_gpu, "cpu-build")] == [
        "None，False",
        "12.6，False",
        "12.6，True",
    ]
    said = [x.partition(" → ")[2] for x in lines(by_gpu, "cpu-build")]
    assert said == [
        "装的是 CPU 版：换安装包",
        "装对了，驱动或卡没有找到：看 nvidia-smi",
        "可以用",
    ]
    assert by_gpu.state(torch.version.cuda, torch.cuda.is_available()) in said


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (11060, "11.6"),
        (10020, "10.2"),
        (12040, "12.4"),
        (12080, "12.8"),
        (13000, "13.0"),
        (12110, "12.11"),  # none yet
    ],
)
def test_cuda_writes_its_version_in_one_number(by_gpu, number, name):
    digits = str(number)
    assert name == f"{digits[:-3]}.{digits[-3:-1].lstrip('0') or 0}"
    assert "%d.%d" % by_gpu.cuda_version(number) == name  # noqa: UP031


def test_a_driver_serves_the_wheels_of_its_major_version(by_gpu):
    printed = by_gpu.printed_by["driver-old"]
    assert line_of(printed, "驱动支持的 CUDA：") == "11.6"
    newest = {11: 525, 12: 580}  # the first driver of the next major version
    first = {"11.8": 450, "12.6": 525}  # the least that a wheel asks for
    for wheel, least in first.items():
        works = least < newest[11]
        assert line_of(printed, f"{wheel} 的安装包能用： ") == str(works)


def torch_warns(monkeypatch, card, built):
    """What PyTorch's check says of a card that this machine does not have."""
    cuda = torch.cuda
    monkeypatch.setattr(torch.version, "cuda", "12.6")
    monkeypatch.setattr(cuda, "get_arch_list", lambda: [f"sm_{b}" for b in built])
    monkeypatch.setattr(cuda, "device_count", lambda: 1)
    monkeypatch.setattr(cuda, "get_device_capability", lambda d: divmod(card, 10))
    monkeypatch.setattr(cuda, "get_device_name", lambda d: "NVIDIA GeForce RTX 5090")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cuda._check_cubins()
    return " ".join(str(w.message) for w in caught)


OLD = [50, 60, 70, 75, 80, 86, 90]


@pytest.mark.parametrize(
    ("card", "built", "label"),
    [
        (120, OLD, "sm_120，安装包到 sm_90： "),
        (89, OLD, "sm_89，同一个安装包： "),
        (120, [*OLD, 120], "sm_120，安装包里加上 sm_120： "),
        (61, OLD, None),
        (37, OLD, None),
        (100, OLD, None),
    ],
)
def test_a_card_runs_where_torch_does_not_warn(by_gpu, monkeypatch, card, built, label):
    said = torch_warns(monkeypatch, card, built)
    assert by_gpu.runs(card, built) == (said == "")
    if label:
        printed = line_of(by_gpu.printed_by["no-kernel"], label)
        assert printed == str(said == "")


def test_code_for_a_later_card_of_the_generation_does_not_serve_an_earlier(by_gpu):
    ampere = [80, 86, 87, 89]
    served = {(c, b) for c in ampere for b in ampere if by_gpu.runs(c, [b])}
    assert served == {(c, b) for c in ampere for b in ampere if c - b >= 0}


def test_the_message_that_is_read_is_that_of_torch(by_gpu, monkeypatch):
    said = " ".join(torch_warns(monkeypatch, 120, OLD).split())
    for part in by_gpu.message.splitlines():
        assert part.rstrip(".") in said
    assert (by_gpu.card, by_gpu.built) == (120, OLD)


def test_the_letters_of_log_lines_are_those_of_absl(by_gpu):
    names = [x.partition("：")[0] for x in lines(by_gpu, "onednn-notice")]
    assert names == ["通知", "通知", "错误"]
    levels = [logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL]
    letters = [converter.get_initial_for_level(level) for level in levels]
    assert list(by_gpu.NAMES) == letters == list("IWEF")
    assert [by_gpu.NAMES[x][:2] for x in "IWEF"] == ["通知", "警告", "错误", "致命"]
    words = [x.partition("：")[2] for x in lines(by_gpu, "onednn-notice")]
    assert words[0].rstrip(".") in page() and words[1] in page()
    assert words[2] == "failed call to cuInit"


# --- characters ---------------------------------------------------------------------


def first_unread_by_gbk(data):
    """(byte, position) where GBK's ranges end; the rows AA to AF are nobody's."""
    k = 0
    while k < len(data):
        if data[k] < 0x80:
            k += 1
            continue
        lead, trail = data[k], data[k + 1] if k + 1 < len(data) else 0
        private = 0xAA <= lead <= 0xAF and trail >= 0xA1
        if not 0x81 <= lead <= 0xFE or trail < 0x40 or trail == 0x7F or private:
            return data[k], k
        k += 2
    return None


def by_hand(character):
    """A Han character in UTF-8: 4, 6 and 6 bits."""
    n = ord(character)
    return bytes([0xE0 | n >> 12, 0x80 | n >> 6 & 63, 0x80 | n & 63])


def test_utf_8_read_as_gbk_fails_at_the_byte_that_the_ranges_forbid(by_text):
    byte, place = first_unread_by_gbk(b"".join(map(by_hand, "训练好了")))
    printed = lines(by_text, "gbk-decode")[0]
    assert f"can't decode byte 0x{byte:02x} in position {place}:" in printed
    with pytest.raises(UnicodeDecodeError) as caught:
        codecs.decode("梯度".encode(), "gbk")
    want = re.sub(r"0x\w+ in position \d+: .*", "", str(caught.value))
    assert printed.startswith(f"UnicodeDecodeError: {want}")
    assert printed.endswith(": illegal multibyte sequence")


def test_two_by_two_the_six_bytes_are_three_other_characters(by_text):
    data = b"".join(map(by_hand, "你好"))
    pairs = [data[k : k + 2].decode("cp936") for k in (0, 2, 4)]
    assert line_of(by_text.printed_by["gbk-decode"], "不报错却读错： ") == "".join(
        pairs
    )
    assert line_of(by_text.printed_by["gbk-decode"], "写明编码： ") == "训练好了"
    drawn = re.findall(
        r">([^<]+)</text>",
        (FIGURES / "environment-errors-bytes.svg").read_text(encoding="utf-8"),
    )
    assert [x for x in drawn if re.fullmatch("[0-9A-F]{2}", x)] == [
        f"{b:02X}" for b in data
    ]
    assert all(c in drawn for c in [*"你好", *pairs])


def test_gbk_read_as_utf_8_fails_at_the_first_pair(by_text):
    first = "姓".encode("cp936")
    assert first[0] >> 5 == 0b110 and first[1] >> 6 != 0b10
    printed, head = lines(by_text, "utf8-decode")
    with pytest.raises(UnicodeDecodeError) as caught:
        "名".encode("cp936").decode("utf-8")
    want = re.sub(r"0x\w+", f"0x{first[0]:02x}", str(caught.value))
    assert printed == f"UnicodeDecodeError: {want}"
    assert head == "表头： 姓名,分数"


def test_gb18030_reads_all_that_gbk_reads_and_more():
    assert '`encoding="gb18030"`，它包含 GBK' in page()
    assert '="gb18030").splitlines' in PROGRAM.read_text(encoding="utf-8")
    held = 0
    for character in map(chr, range(0x80, 0x10000)):
        if data := character.encode("gbk", "ignore"):
            assert data.decode("gb18030") == character
            held += 1
    assert held > 21_000
    assert len(unicodedata.lookup("CHECK MARK").encode("gb18030")) == 4


def test_a_character_that_gbk_lacks_cannot_be_printed(by_text):
    mark = unicodedata.lookup("CHECK MARK")
    with pytest.raises(UnicodeEncodeError) as caught:
        codecs.encode(f"{mark}", "cp936")
    want = str(caught.value).replace("cp936", "gbk")
    refused, mended, mode = lines(by_text, "gbk-encode")
    assert refused == f"UnicodeEncodeError: {want}"
    assert mended == f"改用 UTF-8 以后印出的字： '\\u{ord(mark):04x}'"
    assert mode == "设了 PYTHONUTF8： 1"


def test_a_byte_order_mark_is_refused_and_skipped(by_text):
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads(codecs.BOM_UTF8.decode("utf-8") + "[]")
    refused, mended = lines(by_text, "bom")
    assert refused == f"JSONDecodeError: {caught.value}"
    assert mended == f"按 utf-8-sig 读： {dict(id=1)}"
    file = folder_of(by_text) / "a.json"
    assert file.read_bytes().startswith(codecs.BOM_UTF8)


def test_the_backslashes_of_a_path_are_read_as_escapes(by_text):
    first, second, third = lines(by_text, "windows-path")
    with pytest.raises(SyntaxError) as caught:
        compile(r"'C:\Us'", "y.py", "eval")
    want = re.sub(r"position \d+-\d+", "position 2-3", caught.value.msg)
    assert first == rf'"C:\Users\me" → SyntaxError: {want}'
    read = ["D", ":", "\n", *"ew", "\t", *"able"]
    assert numbers(second.partition("→")[2]) == [len(read)]
    assert second.startswith(r'"D:\new\table" → ')
    assert third.startswith(r'r"C:\Users\me" → ')
    assert second.endswith("True") and third.endswith("False")
    assert numbers(third.partition("→")[2]) == [len(r"C:\Users\me")]
    assert f"12 个字符变成 {len(read)} 个" in page() and len(r"D:\new\table") == 12


@pytest.mark.parametrize(
    ("line", "name"),
    [(0, "FULLWIDTH LEFT PARENTHESIS"), (1, "FULLWIDTH COMMA")],
)
def test_full_width_marks_are_no_python(by_text, line, name):
    mark = unicodedata.lookup(name)
    with pytest.raises(SyntaxError) as caught:
        compile(f"y {mark}", "y.py", "exec")
    assert lines(by_text, "full-width")[line] == f"SyntaxError: {caught.value.msg}"


def test_a_blank_from_a_web_page_is_no_python_either(by_text):
    blank = unicodedata.lookup("NO-BREAK SPACE")
    with pytest.raises(SyntaxError) as caught:
        compile(f"if{blank}y: pass", "y.py", "exec")
    assert lines(by_text, "full-width")[2] == f"SyntaxError: {caught.value.msg}"
    assert lines(by_text, "full-width")[3] == "通过： x = [1, 2]"


def test_a_relative_path_starts_where_the_program_is_started(by_text, tmp_path):
    (tmp_path / "train.py").write_text("open('data/train.csv')", encoding="utf-8")
    refused, found = lines(by_text, "cwd")
    assert last_line(f"exec(open({str(tmp_path / 'train.py')!r}).read())") == refused
    assert found == "从程序所在处算起： 1"
    assert by_text.data == folder_of(by_text) / "project/data/train.csv"


# --- the page -----------------------------------------------------------------------


def test_the_table_names_each_entry_once_and_each_has_its_heading():
    text = page()
    table = text.split("{ #index }")[1].split("{ #read }")[0]
    linked = re.findall(r"^\| \[.*?\]\(#([\w-]+)\) \|", table, re.M)
    entries = text.split("{ #install }")[1].split("{ #pitfalls }")[0]
    headed = re.findall(r"^### .*\{ #([\w-]+) \}$", entries, re.M)
    assert linked == headed
    assert len(set(headed)) == len(headed) == 28
    assert "28 种报错" in text


def test_each_row_of_the_table_quotes_what_its_entry_says():
    table = page().split("{ #index }")[1].split("{ #read }")[0]
    for said, link in re.findall(r"^\| \[`([^`]+)`.*?\]\(#([\w-]+)\) \|", table, re.M):
        entry = page().split(f"{{ #{link} }}")
        heading = entry[0].splitlines()[-1]
        whole = heading + entry[1].split("\n## ")[0].split("\n### ")[0]
        assert said in whole, (said, heading)


def test_the_pythons_of_the_page_are_those_of_the_book():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    least, beyond = re.findall(r"3\.(\d+)", project["project"]["requires-python"])
    assert f"Python 3.{least} 到 3.{int(beyond) - 1} 的 64 位环境" in page()


def test_the_first_name_of_a_table_with_a_mark_is_no_key():
    (row,) = csv.DictReader(codecs.decode(b"\xef\xbb\xbfid\n7\n", "utf-8").splitlines())
    (name,) = row
    assert f"第一列的名字变成 `{ascii(name)[1:-1]}`" in page()
    assert f"会看到 `{ascii(name)}`" in page()
    with pytest.raises(KeyError) as caught:
        row["id"]
    assert f"报 `KeyError: {caught.value}`" in page()


def test_the_escape_of_a_path_wants_eight_digits():
    assert "`\\U` 后面要跟八位十六进制数" in page()
    assert len(codecs.decode(rb"\U0001F600", "unicode_escape")) == 1
    with pytest.raises(UnicodeDecodeError, match="truncated"):
        codecs.decode(rb"\U0001F60", "unicode_escape")


def test_numbers_in_the_text_are_those_of_the_sources(by_versions, by_gpu):
    pairs = re.findall(r"(2\.\d+) 配 (0\.\d+)", page())
    assert len(pairs) == 2 and all(by_versions.pair(*p) for p in pairs)
    # NVIDIA's table of minor version compatibility; Microsoft's MAX_PATH
    assert "CUDA 12 要 525 以上的驱动" in page()
    assert page().count("580 以上") == 2 and by_gpu.cuda_version(13000) == (13, 0)
    assert "12.6 与它同属大版本 12，能用；13.0 跨了大版本，不能用" in page()
    assert "只许 260 个字符" in page()
    assert "编号是 U+00A0" in page() and ord("\N{NO-BREAK SPACE}") == 0xA0
    # names of variables, as their libraries write them
    assert "`TF_ENABLE_ONEDNN_OPTS=0`" in page()
    assert page().count("PYTORCH_ENABLE_MPS_FALLBACK=1") == 1
    # the code page of a Chinese Windows is 936
    assert codecs.lookup("cp936").name == "gbk"
    assert re.search(r"`open\(\)` 不写编码，?就是 GBK", page())
    # the least release whose wheels hold sm_120
    assert "CUDA 12.8 以上、PyTorch 2.7 以上" in page()


def test_each_entry_says_how_to_mend_it_and_how_to_see_it_mended():
    entries = page().split("{ #install }")[1].split("{ #pitfalls }")[0]
    for entry in re.split(r"^### ", entries, flags=re.M)[1:]:
        name = entry.splitlines()[0]
        assert entry.count("**怎样修：**") == 1, name
        assert len(re.findall(r"\*\*怎样看出(修好了|没事)：\*\*", entry)) == 1, name


def test_the_exercises_are_answered_rightly(by_gpu, by_pip):
    answers = page().split("{ #exercises }")[1]
    assert by_gpu.cuda_version(12040) == (12, 4) and "即 12.4" in answers
    with pytest.raises(UnicodeDecodeError) as caught:
        by_hand("好").decode("gbk")
    assert f"`{caught.value}`" in answers
    assert by_hand("好").hex(" ").upper() in answers
    refused = lines(by_pip, "wheel-platform")[0].partition(".whl ")[2].rstrip(".")
    assert f"报 `{refused}`。系统一段合，前两段不合" in answers
    *_, tags = parse_wheel_filename("torch-2.13.0-cp313-cp313-win_amd64.whl")
    windows = set(cpython_tags((3, 12), ["cp312"], ["win_amd64"]))
    assert not tags & windows
    *_, tags = parse_wheel_filename("torch-2.13.0-cp312-cp312-win_amd64.whl")
    assert tags & windows


def test_the_drawn_tags_fit_and_fail_as_packaging_says():
    drawn = (FIGURES / "environment-errors-tags.svg").read_text(encoding="utf-8")
    *_, tags = parse_wheel_filename("torch-2.13.0-cp312-cp312-win_amd64.whl")
    machines = {
        "Python 3.12，64 位 Windows": ((3, 12), ["cp312"], ["win_amd64"]),
        "Python 3.14，64 位 Windows": ((3, 14), ["cp314"], ["win_amd64"]),
        "Python 3.12，Linux": ((3, 12), ["cp312"], ["manylinux_2_28_x86_64"]),
    }
    found = re.findall(r"你的机器：([^<]+)<.*?>(装得上|装不上)<", drawn, re.S)
    want = [
        (name, "装得上" if tags & set(cpython_tags(*m)) else "装不上")
        for name, m in machines.items()
    ]
    assert found == want
