"""Models and chips: what is wrong is named, each number keeps its source."""

import datetime as dt
from html import escape, unescape
from pathlib import Path

import pytest

from handbook.errors import HandbookError
from handbook.facts import models

from ..conftest import ROOT

REAL, REAL_CHIPS = ROOT / models.FILE, ROOT / models.CHIPS
DAY = dt.date(2026, 11, 24)
MODEL = """models:
  - name: 某模型
    by: 某作者
    year: 2024
    params: {value: 100, says: 100B, source: "https://example.org/p", place: 表 1}
    active: {value: 10, says: 10B, source: "https://example.org/a", place: 表 2}
    hours: {value: 7, says: 7M, source: "https://example.org/h", place: 第 3 节}
    chip: 某卡
    kind: llama
    config: {vocab: 8, width: 4, layers: 2, heads: 2, kv_heads: 1, hidden: 6}
    config_source: https://example.org/c
    checked: 2026-11-01
"""
CHIP = """chips:
  - name: 某卡
    by: 某厂
    peak: 100
    sparse: 200
    watts: 70
    memory: 24
    bandwidth: 614.4
    price:
      {value: 2, says: $2, source: "https://example.org/rent", place: 某云,
      checked: 2025-11-01}
    source: https://example.org/chip
    also: https://example.org/also
    checked: 2025-11-01
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "models.yml", tmp_path / "hardware.yml"
    for path, text in zip(paths, (MODEL, CHIP), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("    by: 某作者\n", "", "by: is missing"),
        ("year: 2024", "year: 去年", "year: "),
        ("value: 100,", "value: 一百,", "params, value: "),
        ("value: 100,", "value: -1,", "params, value: "),
        ("value: 100,", "value: 5,", "active is not less than params"),
        ("says: 7M, ", "", "hours, says: is missing"),
        (
            "place: 表 2",
            "place: 表 2, sorce: x",
            "active, sorce: unknown field .*source",
        ),
        ("hours:", "hour:", "hour: unknown field .*hours"),
        ("    chip: 某卡\n", "", r"hours without chip \(name the accelerator\)"),
        ("chip: 某卡", "chip: 某张", r"chip: '某张' is not in .*hardware\.yml"),
        ("kind: llama", "kind: lama", "kind: .*'gpt', 'llama' or 'deepseek'"),
        ("kind: llama", "kind: gpt", "unknown heads in config"),
        (", hidden: 6", "", "config of kind llama lacks hidden"),
        ("hidden: 6", "hidden: 6, kvheads: 1", "unknown kvheads in config .*kv_heads"),
        ("layers: 2", "layers: 0", "config, layers: "),
        ("    config_source: https://example.org/c\n", "", "go together"),
        ("checked: 2026-11-01", "checked: 某天", "checked: "),
    ],
)
def test_a_broken_model_is_named_with_file_entry_and_field(
    files, old: str, new: str, named: str
) -> None:
    change(files[0], old, new)
    with pytest.raises(HandbookError, match=rf"models\.yml: 某模型, .*{named}") as told:
        models.load(*files)
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("peak: 100", "peak: 快", "peak: "),
        ("sparse: 200", "sparse: 300", "sparse is not twice peak"),
        ("peak: 100", "peak: 200", "sparse is not twice peak"),
        ("    peak: 100\n", "", "sparse is not twice peak"),
        ("watts:", "watt:", "watt: unknown field .*watts"),
        ("    by: 某厂\n", "", "by: is missing"),
        ("memory: 24", "memory: 很大", "memory: "),
        ("bandwidth:", "bandwith:", "bandwith: unknown field .*bandwidth"),
        ("value: 2,", "value: -2,", "price, value: "),
        ("place: 某云,", "", "price, place: is missing"),
        ("https:", "http:", "source: "),
    ],
)
def test_a_broken_chip_is_named_with_file_entry_and_field(
    files, old: str, new: str, named: str
) -> None:
    change(files[1], old, new)
    with pytest.raises(HandbookError, match=rf"hardware\.yml: 某卡, .*{named}"):
        models.load(*files)


@pytest.mark.parametrize("bad", ["http://x.org", "javascript:alert(1)", "https://x>"])
def test_a_source_that_is_no_https_address_is_refused(files, bad: str) -> None:
    change(files[0], "https://example.org/p", bad)
    with pytest.raises(HandbookError, match="params, source: "):
        models.load(*files)


def test_a_model_needs_a_chip_with_a_peak(files) -> None:
    change(files[1], "    peak: 100\n    sparse: 200\n", "")
    with pytest.raises(HandbookError, match=r"某模型, chip: '某卡' has no peak in"):
        models.load(*files)


def test_the_real_files_load() -> None:
    assert len(models.load(REAL, REAL_CHIPS)) >= 8
    assert len(models.load_chips(REAL_CHIPS)) >= 5


def test_no_row_was_checked_after_today() -> None:
    rows = [*models.load(REAL, REAL_CHIPS), *models.load_chips(REAL_CHIPS)]
    assert [row.name for row in rows if row.checked > dt.date.today()] == []


def test_every_chip_is_shown_by_a_table() -> None:
    trainers = {chip.name for chip in models.load_trainers(REAL, REAL_CHIPS)}
    assert trainers == {"V100", "TPU v4", "A100", "H100", "H800"}
    cards = {chip.name for chip in models.load_cards(REAL_CHIPS)}
    assert {chip.name for chip in models.load_chips(REAL_CHIPS)} <= trainers | cards


@pytest.mark.parametrize(
    "model", models.load(REAL, REAL_CHIPS), ids=lambda model: model.name
)
def test_each_number_of_a_model_links_to_its_source(model: models.Model) -> None:
    rows = unescape(models.table(REAL, REAL_CHIPS)).split("<tr>")[2:]
    (row,) = [r for r in rows if f'<th scope="row">{model.name}<br>' in r]
    for field in ("params", "active", "tokens", "flops", "hours"):
        number = getattr(model, field)
        if number:
            link = f'<a href="{number.source}" title="{number.place}">{number.says}</a>'
            assert link in row
    assert (model.note or "") in row and (model.chip or "") in row


def test_what_was_not_published_is_a_dash(files) -> None:
    cells = models.table(*files).split("<td>")[1:]
    assert [cell.startswith("—") for cell in cells] == [False, True, True, False]


def test_each_chip_has_its_row_with_every_fact_of_it() -> None:
    rows = unescape(models.chips(REAL_CHIPS, DAY, REAL)).split("<tr>")[2:]
    for chip, row in zip(models.load_trainers(REAL, REAL_CHIPS), rows, strict=True):
        assert f'<th scope="row">{chip.name}</th>' in row
        assert f"<td>{chip.peak:,.0f} T/s</td>" in row
        assert f"<td>{chip.sparse:,.0f} T/s</td>" in row if chip.sparse else "—" in row
        assert f"<td>{chip.watts:,.0f} W</td>" in row if chip.watts else "—" in row
        assert chip.source in row and str(chip.checked) in row


def test_only_what_a_model_was_trained_on_is_in_the_table_of_chips(files) -> None:
    other = CHIP.replace("chips:\n", "").replace("某卡", "别的卡")
    files[1].write_text(CHIP + other, encoding="utf-8")
    assert [chip.name for chip in models.load_trainers(*files)] == ["某卡"]
    assert "别的卡" not in models.chips(files[1], DAY, files[0])
    assert "别的卡" in models.cards(files[1], DAY)


def test_cards_of_a_maker_stand_together_and_need_a_memory(files) -> None:
    rows = [
        ("甲", "一厂", 8),
        ("乙", "二厂", 8),
        ("丙", "一厂", 8),
        ("丁", "二厂", None),
    ]
    made = (
        f"  - {{name: {name}, by: {by}, {f'memory: {size}, ' if size else ''}"
        'source: "https://example.org/c", checked: 2026-11-01}\n'
        for name, by, size in rows
    )
    files[1].write_text("chips:\n" + "".join(made), encoding="utf-8")
    assert [card.name for card in models.load_cards(files[1])] == ["甲", "丙", "乙"]
    row = models.cards(files[1], DAY).split("<tr>")[2]
    assert row.count("<td>—</td>") == 3  # no bandwidth, no peak, no power


def test_each_card_has_its_row_with_every_fact_of_it() -> None:
    rows = unescape(models.cards(REAL_CHIPS, DAY)).split("<tr>")[2:]
    for card, row in zip(models.load_cards(REAL_CHIPS), rows, strict=True):
        assert f'<th scope="row">{card.name}' in row and card.by in row
        cells = [cell.split("</td>")[0] for cell in row.split("<td>")[1:]]
        assert float(cells[0].removesuffix(" GB")) == card.memory
        facts = card.bandwidth, card.peak, card.watts
        for told, fact in zip(cells[1:4], facts, strict=True):
            number = told.split()[0].replace(",", "")
            assert (None if number == "—" else float(number)) == fact
        assert card.source in row and str(card.checked) in row
        assert (card.also or "") in row and (card.note or "") in row


def test_no_card_outruns_what_its_kind_can_be() -> None:
    for card in models.load_cards(REAL_CHIPS):
        assert 8 <= card.memory <= 512
        assert card.bandwidth is None or 100 <= card.bandwidth <= 24_000
        assert card.peak is None or 40 <= card.peak <= 5_000
        if card.peak and card.bandwidth:  # operations for each byte that is read
            assert 30 < 1000 * card.peak / card.bandwidth < 700


def test_a_price_stands_with_its_place_its_source_and_its_day(files) -> None:
    html = unescape(models.prices(files[1], DAY))
    assert '<a href="https://example.org/rent" title="$2">2.00</a>' in html
    assert "<td>某云</td>" in html and 'datetime="2025-11-01"' in html
    text = files[1].read_text(encoding="utf-8")
    start, end = text.index("    price:"), text.index("    source: https://example")
    files[1].write_text(text[:start] + text[end:], encoding="utf-8")
    assert "某卡" not in models.prices(files[1], DAY)


@pytest.mark.parametrize(("days", "marked"), [(30, False), (31, True)])
def test_a_price_is_marked_after_a_month(files, days: int, marked: bool) -> None:
    day = dt.date(2025, 11, 1) + dt.timedelta(days)
    assert ("待复核" in models.prices(files[1], day)) is marked
    assert "待复核" not in models.cards(files[1], day)


def test_no_price_was_seen_after_today() -> None:
    seen = [c.price.checked for c in models.load_chips(REAL_CHIPS) if c.price]
    assert len(seen) >= 5 and max(seen) <= dt.date.today()


@pytest.mark.parametrize(
    ("make", "heads"),
    [(models.table, 5), (models.chips, 5), (models.cards, 6), (models.prices, 4)],
)
def test_a_table_says_what_it_is_and_what_its_heads_are_for(make, heads: int) -> None:
    html = make()
    assert "<caption>" in html
    assert html.count('scope="col"') == heads
    assert html.count('scope="row"') == html.count("<tr>") - 1


@pytest.mark.parametrize(("days", "marked"), [(365, False), (366, True)])
def test_a_chip_is_marked_after_a_year(files, days: int, marked: bool) -> None:
    day = dt.date(2025, 11, 1) + dt.timedelta(days)
    assert ("待复核" in models.chips(files[1], day, files[0])) is marked


def test_what_a_row_says_cannot_become_markup(files) -> None:
    change(files[0], "by: 某作者", "by: '<b>1</b> & \"2\"'")
    html = models.table(*files)
    assert "<b>" not in html and escape('<b>1</b> & "2"') in html


# --- configurations without a story -------------------------------------------------

SHAPE = """
configs:
  - name: 某结构
    by: 某作者
    kind: llama
    config: {vocab: 8, width: 4, layers: 2, heads: 2, kv_heads: 1, hidden: 6, tied: 1}
    config_source: https://example.org/s
    checked: 2026-11-01
"""


@pytest.fixture
def shaped(files: tuple[Path, Path]) -> tuple[Path, Path]:
    files[0].write_text(MODEL + SHAPE, encoding="utf-8")
    return files


def test_shapes_are_the_models_with_a_configuration_and_the_others(shaped) -> None:
    assert [row.name for row in models.load_shapes(*shaped)] == ["某模型", "某结构"]
    assert [row.name for row in models.load(*shaped)] == ["某模型"]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("tied: 1", "tie: 1", "unknown tie in config .*tied"),
        ("hidden: 6, tied", "tied", "config of kind llama lacks hidden"),
        ("    config_source: https://example.org/s\n", "", "config_source: is missing"),
        ("    by: 某作者\n    kind", "    kind", "by: is missing"),
    ],
)
def test_a_broken_shape_is_named_with_file_entry_and_field(
    shaped, old: str, new: str, named: str
) -> None:
    change(shaped[0], old, new)
    with pytest.raises(HandbookError, match=rf"models\.yml: 某结构, .*{named}"):
        models.load_shapes(*shaped)


def test_the_table_of_models_has_none_of_the_shapes() -> None:
    shapes = models.load_shapes(REAL, REAL_CHIPS)
    bare = [row.name for row in shapes if isinstance(row, models.Shape)]
    assert len(bare) >= 10
    html = models.table(REAL, REAL_CHIPS)
    assert [name for name in bare if f'<th scope="row">{name}<' in html] == []
