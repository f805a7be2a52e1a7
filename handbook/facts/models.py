"""``data/models.yml`` and ``data/hardware.yml``: how large models are, and on what.

Only what the authors published; each number says where it stands. What a number
implies (FLOPs, utilisation, cost) is computed by the snippets, not kept here.
"""

import datetime as dt
from html import escape
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator

from handbook.errors import HandbookError, did_you_mean
from handbook.facts.table import load as load_rows
from handbook.facts.table import overdue
from handbook.registry import check, view

FILE = Path("data/models.yml")
CHIPS = Path("data/hardware.yml")
#: How many days a chip counts as checked. A paper's numbers do not age.
FRESH_FOR = 365
#: How many days a price counts as checked.
PRICE_FOR = 30
#: What a configuration of each kind must hold, and what it may.
KINDS = {
    "gpt": ({"vocab", "width", "layers"}, {"context", "embed_norm"}),
    "llama": (
        {"vocab", "width", "layers", "heads", "kv_heads", "hidden"},
        {"head", "tied", "qkv_bias", "qk_norm"},
    ),
    "deepseek": (
        {"vocab", "width", "layers", "dense_layers", "heads", "q_rank", "kv_rank"}
        | {"nope", "rope", "v_head", "hidden", "expert", "experts", "shared", "chosen"},
        set(),
    ),
}
_COLUMNS = ("params", "tokens", "flops", "hours")

Address = Annotated[str, Field(pattern=r"^https://[^\s<>\"]+$")]
Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Number(_Strict):
    """A published number: its value, how the source writes it, and where."""

    value: PositiveFloat
    says: Text
    source: Address
    place: Text


class _Shaped(_Strict):
    """What may have a configuration: all of it or nothing."""

    kind: Literal["gpt", "llama", "deepseek"] | None = None
    config: dict[str, Annotated[int, Field(gt=0)]] | None = None
    config_source: Address | None = None

    @model_validator(mode="after")
    def _config_is_whole(self) -> Self:
        given = (self.kind, self.config, self.config_source)
        if any(given) and not all(given):
            raise ValueError("kind, config and config_source go together (add all)")
        if self.kind and self.config is not None:
            needed, allowed = KINDS[self.kind]
            for word in sorted(needed - set(self.config)):
                raise ValueError(f"config of kind {self.kind} lacks {word} (add it)")
            for word in sorted(set(self.config) - needed - allowed):
                hint = did_you_mean(word, sorted(needed | allowed))
                raise ValueError(f"unknown {word} in config{hint or ' (drop it)'}")
        return self


class Shape(_Shaped):
    """A configuration without the story of its training."""

    name: Text
    by: Text
    kind: Literal["gpt", "llama", "deepseek"]
    config: dict[str, Annotated[int, Field(gt=0)]]
    config_source: Address
    checked: dt.date


class Model(_Shaped):
    """A model. What its authors did not publish is ``None``.

    Counts are absolute; ``hours`` are those of one accelerator.
    """

    name: Text
    by: Text
    year: Annotated[int, Field(ge=2017, le=2100)]
    params: Number
    active: Number | None = None
    tokens: Number | None = None
    flops: Number | None = None
    hours: Number | None = None
    chip: Text | None = None
    note: Text | None = None
    checked: dt.date

    @model_validator(mode="after")
    def _hours_are_of_a_chip(self) -> Self:
        if self.hours and not self.chip:
            raise ValueError("hours without chip (name the accelerator)")
        return self

    @model_validator(mode="after")
    def _active_is_a_part(self) -> Self:
        if self.active and self.active.value >= self.params.value:
            raise ValueError("active is not less than params (swap or mend them)")
        return self


class Price(_Strict):
    """What an hour of one card costs: dollars, how the source writes it, and where."""

    value: PositiveFloat
    says: Text
    source: Address
    place: Text
    checked: dt.date


class Chip(_Strict):
    """An accelerator. What its maker does not publish is ``None``.

    Peaks in TFLOP/s for 16-bit matrix products, power in W, bandwidth in GB/s;
    memory as the maker writes it, whose GB are those of the system: 2**30 bytes.
    """

    name: Text
    by: Text
    memory: PositiveFloat | None = None
    bandwidth: PositiveFloat | None = None
    peak: PositiveFloat | None = None
    sparse: PositiveFloat | None = None
    watts: PositiveFloat | None = None
    price: Price | None = None
    source: Address
    also: Address | None = None
    note: Text | None = None
    checked: dt.date

    @model_validator(mode="after")
    def _sparse_doubles(self) -> Self:
        if self.sparse and not (self.peak and 1.9 < self.sparse / self.peak < 2.1):
            raise ValueError("sparse is not twice peak (mend one of the two)")
        return self


@check
def load(file: Path = FILE, chips: Path = CHIPS) -> list[Model]:
    """All models. Raises ``HandbookError`` naming file, entry and field at fault."""
    rows = load_rows(file, "models", Model, "name")
    listed = load_chips(chips)
    known = [chip.name for chip in listed]
    faults = [
        f"{file}: {row.name}, chip: {row.chip!r} is not in {chips}"
        + (did_you_mean(row.chip, known) or " (add it there)")
        for row in rows
        if row.chip and row.chip not in known
    ]
    peakless = {chip.name for chip in listed if not chip.peak}
    faults += [
        f"{file}: {row.name}, chip: {row.chip!r} has no peak in {chips} (add it there)"
        for row in rows
        if row.chip in peakless
    ]
    if faults:
        raise HandbookError("\n".join(faults))
    return rows


@check
def load_shapes(file: Path = FILE, chips: Path = CHIPS) -> list[Model | Shape]:
    """All that have a configuration: models, then those of which only that is told."""
    shapes = load_rows(file, "configs", Shape, "name")
    return [*(row for row in load(file, chips) if row.kind), *shapes]


def load_chips(file: Path = CHIPS) -> list[Chip]:
    """All chips. Raises ``HandbookError`` naming file, entry and field at fault."""
    return load_rows(file, "chips", Chip, "name")


def load_trainers(file: Path = FILE, chips: Path = CHIPS) -> list[Chip]:
    """The chips that a model of ``file`` was trained on; they all have a peak."""
    used = {row.chip for row in load(file, chips)}
    return [chip for chip in load_chips(chips) if chip.name in used]


def load_cards(file: Path = CHIPS) -> list[Chip]:
    """The chips whose memory is published, makers kept together."""
    found = [chip for chip in load_chips(file) if chip.memory]
    order = list(dict.fromkeys(chip.by for chip in found))
    return sorted(found, key=lambda chip: order.index(chip.by))


@view("models")
def table(file: Path = FILE, chips: Path = CHIPS) -> str:
    """The models as a table, in the order of the file: each number with its source."""
    heads = ("模型", "参数", "训练词元", "训练计算量", "加速卡小时")
    body = "".join(
        f'<tr><th scope="row">{_name(model)}</th>'
        + "".join(f"<td>{_cell(model, field)}</td>" for field in _COLUMNS)
        + "</tr>"
        for model in load(file, chips)
    )
    return _table("作者公布的规模；每个数字链接到出处", heads, body)


@view("chips")
def chips(file: Path = CHIPS, day: dt.date | None = None, models: Path = FILE) -> str:
    """The chips that models were trained on, as a table. ``day`` is the build's."""
    heads = ("加速卡", "稠密峰值", "带稀疏的峰值", "标称功率", "出处")
    body = "".join(
        f'<tr><th scope="row">{escape(chip.name)}{_doubt(chip, day)}</th>'
        f"<td>{_amount(chip.peak, 'T/s')}</td><td>{_amount(chip.sparse, 'T/s')}</td>"
        f"<td>{_amount(chip.watts, 'W')}</td><td>{_chip_source(chip)}</td></tr>"
        for chip in load_trainers(models, file)
    )
    return _table("加速卡的 16 位矩阵乘法峰值，每秒万亿次（T/s）", heads, body)


@view("cards")
def cards(file: Path = CHIPS, day: dt.date | None = None) -> str:
    """The cards whose memory is published, as a table. ``day`` is the build's."""
    heads = ("卡", "显存", "带宽", "16 位稠密峰值", "功率", "出处")
    body = "".join(
        f'<tr><th scope="row">{escape(chip.name)}{_doubt(chip, day)}'
        f"<br><small>{escape(chip.by)}</small></th>"
        f"<td>{chip.memory:g} GB</td><td>{_amount(chip.bandwidth, 'GB/s')}</td>"
        f"<td>{_amount(chip.peak, 'T/s')}</td><td>{_amount(chip.watts, 'W')}</td>"
        f"<td>{_chip_source(chip)}</td></tr>"
        for chip in load_cards(file)
    )
    return _table(
        "厂商公布的显存、带宽、峰值与功率；T/s 是每秒万亿次，没有查到的是「—」",
        heads,
        body,
    )


@view("prices")
def prices(file: Path = CHIPS, day: dt.date | None = None) -> str:
    """What an hour of a card costs, as a table. ``day`` is that of the build."""
    rows = [chip for chip in load_chips(file) if chip.price]
    body = "".join(
        f'<tr><th scope="row">{escape(chip.name)}'
        f"{_doubt(chip.price, day, PRICE_FOR)}</th>"
        f'<td><a href="{escape(chip.price.source)}" '
        f'title="{escape(chip.price.says)}">{chip.price.value:.2f}</a></td>'
        f"<td>{escape(chip.price.place)}</td>"
        f"<td>{_day(chip.price)}</td></tr>"
        for chip in rows
    )
    return _table(
        "一张卡一小时的标价（美元）", ("卡", "标价", "哪里的", "核对于"), body
    )


def _table(caption: str, heads: tuple[str, ...], body: str) -> str:
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    return (
        f"<table><caption>{caption}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _name(model: Model) -> str:
    lines = [escape(model.name), f"<small>{escape(model.by)}，{model.year}</small>"]
    if model.note:
        lines.append(f"<small>{escape(model.note)}</small>")
    return "<br>".join(lines)


def _cell(model: Model, field: str) -> str:
    number: Number | None = getattr(model, field)
    lines = [_number(number)] if number else ["—"]
    if field == "params" and model.active:
        lines.append(f"<small>激活 {_number(model.active)}</small>")
    if field == "hours" and model.chip:
        lines.append(f"<small>{escape(model.chip)}</small>")
    return "<br>".join(lines)


def _number(number: Number) -> str:
    return (
        f'<a href="{escape(number.source)}" title="{escape(number.place)}">'
        f"{escape(number.says)}</a>"
    )


def _amount(value: float | None, unit: str) -> str:
    return f"{f'{value:,.1f}'.removesuffix('.0')} {unit}" if value else "—"


def _chip_source(chip: Chip) -> str:
    note = f"<small>{escape(chip.note)}</small><br>" if chip.note else ""
    also = f'、<a href="{escape(chip.also)}">另一来源</a>' if chip.also else ""
    return (
        f'{note}<small><a href="{escape(chip.source)}">来源</a>{also}，核对于 '
        f"{_day(chip)}</small>"
    )


def _day(row: Chip | Price) -> str:
    return f'<time datetime="{row.checked}">{row.checked}</time>'


def _doubt(row: Chip | Price, day: dt.date | None, days: int = FRESH_FOR) -> str:
    if not overdue(row.checked, days, day):
        return ""
    return ' <span class="hb-chip hb-doubt">待复核</span>'
