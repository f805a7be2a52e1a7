"""The page of acceptance rates: its program against exact fractions and the facts, and
each number of its prose against the facts or the program."""

import contextlib
import io
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from handbook.facts import conferences
from handbook.facts.conferences import Acceptance, Count, Venue

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs/resources/acceptance.md").read_text(encoding="utf-8")
PROGRAM = ROOT / "snippets/resources/acceptance_python.py"
FACTS = conferences.load()
NAMES = "第一份，只计长文", "分子加上短文", "再换分母", "第二份"


@pytest.fixture
def program(run_snippet: Callable[[str], SimpleNamespace]) -> SimpleNamespace:
    """The page's program, run."""
    return run_snippet("resources/acceptance_python")


def venue(key: str) -> Venue:
    """A venue of the facts."""
    (found,) = (v for v in FACTS.venues if v.key == key)
    return found


def count(key: str, year: int) -> Acceptance:
    """What the facts hold of a year of a venue."""
    (found,) = (c for c in venue(key).acceptance if c.year == year)
    return found


def other(key: str, year: int) -> Count:
    """What the other source of it says, the first where there are more."""
    found, *_ = count(key, year).others
    return found


def short(key: str, year: int) -> int:
    """The short papers that the facts' basis counts apart."""
    return int(re.search(r"短文 (\d+) 篇另计", count(key, year).basis)[1])


def rate(accepted: int, submitted: int) -> str:
    """A rate in percent, to one place, by exact arithmetic."""
    return f"{float(round(Fraction(100 * accepted, submitted), 1)):.1f}"


def papers(found: Count) -> str:
    return f"{found.accepted}／{found.submitted}"


def points(*steps: tuple[int, int]) -> list[str]:
    """How far the rate goes from each step to the next, in points, to one place."""
    rates = [Fraction(100 * accepted, submitted) for accepted, submitted in steps]
    pairs = zip(rates, rates[1:], strict=False)
    return [f"{float(round(b - a, 1)):.1f}" for a, b in pairs]


def walk(key: str, year: int) -> list[tuple[int, int]]:
    """From the first source's count to the other's, one number at a time."""
    first, last = count(key, year), other(key, year)
    both = first.accepted + short(key, year)
    return [
        (first.accepted, first.submitted),
        (both, first.submitted),
        (both, last.submitted),
        (last.accepted, last.submitted),
    ]


# --- the program ------------------------------------------------------------------


def test_the_program_starts_from_the_facts(program) -> None:
    first, last = count("icdm", 2023), other("icdm", 2023)
    assert program.ICDM_2023 == {
        "long": first.accepted,
        "short": short("icdm", 2023),
        "submitted": first.submitted,
        "accepted": last.accepted,
        "fewer": last.submitted,
    }


def step_lines(*steps: tuple[int, int]) -> list[str]:
    """What is printed of a walk: each count, its rate, how far it went, its name."""
    moved = "", *(f"，差 {step}" for step in points(*steps))
    return [
        f"{accepted}／{submitted} = {rate(accepted, submitted)}%{far}：{name}"
        for (accepted, submitted), far, name in zip(steps, moved, NAMES, strict=True)
    ]


def order_lines(first: tuple[int, int], *_, last: tuple[int, int]) -> list[str]:
    """What is printed of the walk that changes the denominator first."""
    (whole,) = points(first, last)
    down, up = points(first, (first[0], last[1]), last)
    return [f"一共差 {whole} 个百分点", f"先换分母：差 {down}", f"再换分子：差 {up}"]


def test_the_program_prints_each_step_with_its_rate_and_name(program) -> None:
    printed = program.printed_by["icdm"].splitlines()
    assert printed == step_lines(*walk("icdm", 2023))


def test_the_program_prints_the_steps_in_the_other_order(program) -> None:
    first, *_, last = walk("icdm", 2023)
    assert program.printed_by["order"].splitlines() == order_lines(first, last=last)


def test_five_numbers_are_all_that_another_year_changes() -> None:
    """「只要改五个数」: with those of 2025, every line is that of 2025."""
    steps = walk("icdm", 2025)
    first, last = steps[0], steps[-1]
    text = PROGRAM.read_text(encoding="utf-8")
    for name, number in (
        ("long", first[0]),
        ("short", short("icdm", 2025)),
        ("submitted", first[1]),
        ("accepted", last[0]),
        ("fewer", last[1]),
    ):
        text, changed = re.subn(rf"\b{name}=\d+", f"{name}={number}", text)
        assert changed == 1
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(text, {})
    wanted = step_lines(*steps) + order_lines(first, last=last)
    assert said.getvalue().splitlines() == wanted


def test_a_step_changes_one_number(program) -> None:
    made = list(program.steps(2, 3, 10, 6, 8).values())
    assert made == [(2, 10), (5, 10), (5, 8), (6, 8)]


# --- the prose --------------------------------------------------------------------


def told() -> list[str]:
    """Each saying of the page that holds numbers, made from the facts."""
    said = []
    for key, year, words in (
        ("iclr", 2026, "ICLR 2026 的 {a.submitted} 篇 |"),
        ("iccv", 2025, "ICCV 2025 的 {a.submitted} 篇"),
        ("neurips", 2025, "NeurIPS 2025 的 {a.submitted} 篇"),
        ("acl", 2025, "ACL 2025 的 {a.submitted} 篇"),
        ("iclr", 2026, "ICLR 2026 的 {b.submitted} 篇 |"),
        ("icra", 2025, "ICRA 2025 的 {ra}%（{pa}）"),
        ("eurosys", 2025, "EuroSys 2025 的 {ra}%（{pa}）"),
        ("nsdi", 2025, "从 2025 年的 {a.submitted} 篇"),
        ("nsdi", 2026, "到 2026 年的 {a.submitted} 篇"),
        ("nsdi", 2025, "录用却从 {a.accepted} 篇"),
        ("nsdi", 2026, "变成 {a.accepted} 篇"),
        ("nsdi", 2025, "比率由 {ra}%"),
        ("nsdi", 2026, "升到 {ra}%"),
        ("nsdi", 2025, "{a.submitted} 篇里，只有 {b.submitted} 篇在征稿范围之内"),
        ("nsdi", 2025, "另一份来源就用 {b.submitted} 作分母，得 {rb}%"),
        ("nsdi", 2026, "2026 年的 {a.submitted} 篇去没去掉"),
        ("acl", 2025, "长文的录用率是 {ra}%"),
        ("acl", 2025, "长短文合计 {pb}，只有 {rb}%"),
        (
            "uss",
            2024,
            "USENIX Security 2024 的两份投稿数是 {a.submitted} 与 {b.submitted}",
        ),
        ("uss", 2023, "2023 的两份录用数是 {a.accepted} 与 {b.accepted}"),
        ("uss", 2023, "2023 年的论文集里有 {a.accepted} 篇"),
        ("iclr", 2026, "一个是 {pa}，约 {ra}%"),
        ("iclr", 2026, "第二个是 {pb}，约 {rb}%"),
        ("neurips", 2025, "NeurIPS 2025 是 {pa}，约 {ra}%"),
        ("neurips", 2025, "那 {a.submitted} 篇"),
        ("icdm", 2023, "ICDM 2023 在表里有两个录用率，{ra}% 与 {rb}%"),
        ("icdm", 2023, "第一份来源写 {pa}，只计长文，并注明短文另有 {short} 篇"),
        ("icdm", 2023, "第二份只写 {pb}，记作研究轨"),
        ("icdm", 2023, "拿 ICDM 的 {ra}% 去比"),
        ("icdm", 2023, "从 {ra}% 到 {rb}%，差别分成两截"),
        ("icdm", 2025, "{pa}（只计长文，短文 {short} 篇另计）与 {pb}"),
        ("chi", 2026, "CHI 2026 有 {a.submitted} 篇完整投稿"),
        ("chi", 2026, "最后有条件录用 {a.accepted} 篇"),
    ):
        a = count(key, year)
        b = a.others[0] if a.others else a
        made = words.format(
            a=a,
            b=b,
            pa=papers(a),
            pb=papers(b),
            ra=rate(a.accepted, a.submitted),
            rb=rate(b.accepted, b.submitted),
            short=short(key, year) if "{short}" in words else "",
        )
        said.append(made)
    valid = count("iclr", 2026).others[1]
    own = rate(valid.accepted, valid.submitted)
    said.append(f"第三个是 {papers(valid)}，约 {own}%")
    stations = count("iclr", 2026), valid, other("iclr", 2026)
    shown = "、".join(str(found.submitted) for found in stations)
    said.append(f"（ICLR 2026 依次是 {shown} 篇；")
    return said + hand() + exercises()


def hand() -> list[str]:
    """The calculation by hand, and what is said of the program's output."""
    first, added, moved, last = walk("icdm", 2023)
    short_papers = short("icdm", 2023)
    up, down, _ = points(first, added, moved, last)
    (whole,) = points(first, last)
    other_down, other_up = points(first, (first[0], last[1]), last)
    return [
        rf"\frac{{{first[0]}}}{{{first[1]}}}\approx {rate(*first)}\%",
        rf"\frac{{{first[0]}+{short_papers}}}{{{first[1]}}}="
        rf"\frac{{{added[0]}}}{{{added[1]}}}\approx {rate(*added)}\%",
        rf"\frac{{{last[0]}}}{{{last[1]}}}\approx {rate(*last)}\%",
        f"分子恰好成了 {last[0]}",
        f"由 {first[1]} 换成 {last[1]}，分子是 {last[0]} 时",
        f"升了 {up} 个百分点，分母只有 {down} 个",
        f"一共差 {whole} 个百分点，换了次序，分母只占 {other_down}，分子占 {other_up}",
        f"「分母占 {down}」",
        f"相加会多 {float(other_down) + float(other_up) - float(whole):.1f}",
        f"${first[1]}-{last[1]}={first[1] - last[1]}$",
    ]


def exercises() -> list[str]:
    """What the answers calculate."""
    steps = walk("icdm", 2025)
    up, down, rest = points(*steps)
    first, last = steps[0], steps[-1]
    rates = "、".join(f"{rate(*step)}%" for step in steps)
    chi = count("chi", 2026)
    invited = int(re.search(r"邀请修改 (\d+) 篇", chi.basis)[1])
    one, two = rate(invited, chi.submitted), rate(chi.accepted, invited)
    parts = [f"{float(part) / 100:.3f}" for part in (one, two)]
    return [
        f"long={first[0]}, short={short('icdm', 2025)}, submitted={first[1]}, "
        f"accepted={last[0]}, fewer={last[1]}",
        f"四行是 {rates}",
        f"换分子差 {up} 个百分点，换分母（少了 {first[1] - last[1]} 篇）差 {down} 个",
        f"末行还差 {rest.replace('-', '−')} 个",
        f"{first[0]} + {short('icdm', 2025)} = {steps[1][0]}，而第二份写 {last[0]}",
        f"首轮邀请修改 {invited} 篇",
        rf"${invited}/{chi.submitted}\approx {one}\%$",
        rf"${chi.accepted}/{invited}\approx {two}\%$",
        rf"${parts[0]}\times {parts[1]}\approx {rate(chi.accepted, chi.submitted)}\%$",
        f"${chi.accepted}/{chi.submitted}$",
        f"「CHI 的录用率是 {chi.rate:.0%}」",
        f"{chi.rate:.0%} 已经不是",
    ]


@pytest.mark.parametrize("saying", told())
def test_a_saying_of_the_prose_has_the_numbers_of_the_facts(saying: str) -> None:
    assert saying in TEXT


def test_no_number_of_the_prose_is_without_its_source() -> None:
    """But years of meetings, and two that only a slip of a source is about."""
    text = TEXT.split("---", 2)[2]
    text = re.sub(r"^```.*?^```$|^<div.*?>$|\{ #.*? \}", "", text, flags=re.S | re.M)
    for saying in sorted(told(), key=len, reverse=True):
        text = text.replace(saying, "")
    text = re.sub(r"\[@.*?\]|\]\(.*?\)", "", text)
    left = re.findall(r"\d+\.\d+|\d{3,}|\d+%", text)
    years = {f"{year}" for year in (2010, 2023, 2024, 2025, 2026)}
    assert {*left} - years == {"4037", "4043"}


def test_the_slip_of_a_source_is_that_of_the_facts() -> None:
    found = count("neurips", 2024)
    assert {found.accepted, *(c.accepted for c in found.others)} >= {4037, 4043}


def test_the_two_rates_differ_by_more_than_twice() -> None:
    """「差了一倍多」."""
    assert other("icdm", 2023).rate > 2 * count("icdm", 2023).rate


def test_the_rates_of_two_iclr_sources_differ_by_twelve_papers() -> None:
    assert other("iclr", 2026).accepted - count("iclr", 2026).accepted == 12
    assert "录用篇数都差 12 篇" in TEXT


def test_icra_accepts_three_times_as_large_a_share_as_eurosys() -> None:
    """「容易三倍」."""
    times = count("icra", 2025).rate / count("eurosys", 2025).rate
    assert 3 <= times < 3.5 and "容易三倍" in TEXT


def test_two_of_three_that_revise_for_chi_are_accepted() -> None:
    """「约三分之二」."""
    chi = count("chi", 2026)
    invited = int(re.search(r"邀请修改 (\d+) 篇", chi.basis)[1])
    assert chi.accepted / invited == pytest.approx(2 / 3, abs=0.02)
