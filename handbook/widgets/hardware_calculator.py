"""The hardware calculator: does a model fit, on how many cards, how fast, how dear.

All counts are whole bytes, each part rounded up; GB is 10⁹ bytes. The element's script
computes by the same rules and must agree with ``estimate`` to the byte.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from handbook.errors import HandbookError
from handbook.facts import models
from handbook.registry import view
from handbook.widgets.frame import framed

#: The page's program that computes by the same rules, and where it stands.
PROGRAM = "hardware_account_python.py", "account"
GB = 10**9
#: Bytes a number as a fraction. Of ``int4`` 32 numbers share a scale of 16 bits; of
#: ``nf4`` 64 share one of 8 bits, and 256 of those share one of 32 (QLoRA).
PRECISIONS = {
    "fp32": (4, 1),
    "bf16": (2, 1),
    "int8": (1, 1),
    "int4": (9, 16),
    "nf4": (2113, 4096),
}
#: Bytes a trainable parameter: weight, gradient, master copy.
SCHEMES = {"mixed": (2, 2, 4), "bf16": (2, 2, 0), "fp32": (4, 4, 0)}
#: Bytes a trainable parameter that an optimizer remembers.
OPTIMIZERS = {"adamw": 8, "adamw8": 2, "momentum": 4, "sgd": 0}
METHODS = ("full", "lora", "qlora")
#: Beyond this no number of cards is looked for.
MOST_CARDS = 4096

Config = Mapping[str, int]


# --- the model ---------------------------------------------------------------------


def matrices(kind: str, c: Config) -> list[tuple[int, int, int, int]]:
    """The matrices of the blocks: rows, columns, how many, how many a token meets."""
    if kind == "count":
        return []
    w, n = c["width"], c["layers"]
    if kind == "gpt":
        shapes = [(w, 3 * w), (w, w), (w, 4 * w), (4 * w, w)]
        return [(*shape, n, n) for shape in shapes]
    if kind == "llama":
        queries, keys = c["heads"] * _head(c), c["kv_heads"] * _head(c)
        return [
            (w, queries, n, n),
            (w, keys, 2 * n, 2 * n),
            (queries, w, n, n),
            (w, c["hidden"], 3 * n, 3 * n),
        ]
    seen, dense = c["nope"] + c["rope"], c["dense_layers"]
    shapes = [
        (w, c["q_rank"]),
        (c["q_rank"], c["heads"] * seen),
        (w, c["kv_rank"] + c["rope"]),
        (c["kv_rank"], c["heads"] * (c["nope"] + c["v_head"])),
        (c["heads"] * c["v_head"], w),
    ]
    sparse = 3 * (n - dense)
    return [
        *((*shape, n, n) for shape in shapes),
        (w, c["hidden"], 3 * dense, 3 * dense),
        (w, c["experts"], n - dense, n - dense),
        (w, c["expert"], sparse * c["shared"], sparse * c["shared"]),
        (w, c["expert"], sparse * c["experts"], sparse * c["chosen"]),
    ]


@dataclass(frozen=True)
class Size:
    """Parameters: tables and output matrix, matrices of the blocks, all the rest."""

    embed: int
    linear: int
    rest: int
    lookup: int  # of embed: only looked up, never multiplied
    active: int  # all that a token meets
    adapter: int  # what LoRA of rank 1 adds

    @property
    def total(self) -> int:
        return self.embed + self.linear + self.rest


def size(kind: str, c: Config) -> Size:
    """The parameters of a model, to the last one."""
    if kind == "count":
        active = c.get("active", c["params"])
        return Size(0, c["params"], 0, 0, active, 0)
    w, n, table = c["width"], c["layers"], c["vocab"] * c["width"]
    if kind == "gpt":
        places = c.get("context", 0) * w
        rest = n * 13 * w + 2 * w + 2 * w * c.get("embed_norm", 0)
        embed, lookup = table + places, places
    elif kind == "llama":
        width = (c["heads"] + 2 * c["kv_heads"]) * _head(c)
        bias = width * c.get("qkv_bias", 0) + 2 * _head(c) * c.get("qk_norm", 0)
        rest = n * (2 * w + bias) + w
        lookup = 0 if c.get("tied") else table
        embed = table + lookup
    else:
        rest = n * (2 * w + c["q_rank"] + c["kv_rank"]) + w
        embed, lookup = 2 * table, table
    parts = matrices(kind, c)
    linear = sum(rows * columns * many for rows, columns, many, _ in parts)
    met = sum(rows * columns * many for rows, columns, _, many in parts)
    adapter = sum((rows + columns) * many for rows, columns, many, _ in parts)
    return Size(embed, linear, rest, lookup, embed + met + rest, adapter)


def cache_of_token(kind: str, c: Config, width: int = 2, t: int = 1, p: int = 1) -> int:
    """The bytes that one token leaves in the cache, on the fullest of ``t × p`` cards.

    ``width`` is that of a number. A head of keys is never cut, nor the rank of MLA.
    """
    if kind == "count":
        return 0
    layers = _up(c["layers"], p)
    if kind == "deepseek":
        return layers * (c["kv_rank"] + c["rope"]) * width
    heads, head = _keys(kind, c)
    return 2 * layers * _up(heads, t) * head * width


def kept(kind: str, c: Config) -> Iterator[tuple[int, int, int]]:
    """What the layers keep of a token for the way back.

    Of each sort of layer: how many, numbers in the precision of the weights, and bytes
    that are in fp32 whatever the precision (in norms and in the softmax). As measured
    by the page's program ``hardware_activations_torch``; DeepSeek's by analogy.
    """
    if kind == "count":
        return
    w, n = c["width"], c["layers"]
    if kind == "gpt":
        yield n, 16 * w, 8 + 4 * _keys(kind, c)[0]
        return
    # Of a norm in fp32: its input in fp32, a factor, the normalised and the result.
    numbers, fixed = 4 * w, 8 * w + 8 + 4 * c["heads"]
    if kind == "llama":
        queries, keys = c["heads"] * _head(c), c["kv_heads"] * _head(c)
        numbers += 2 * queries + 2 * keys + 4 * c["hidden"]
        if c.get("qk_norm"):
            numbers += queries + keys
            fixed += 4 * (queries + keys + c["heads"] + c["kv_heads"])
        yield n, numbers, fixed
        return
    ranks = c["q_rank"] + c["kv_rank"]
    numbers += 2 * c["heads"] * (c["nope"] + c["rope"] + c["v_head"]) + 2 * ranks
    fixed += 4 * ranks + 8
    chosen = c["shared"] + c["chosen"]
    sparse = 4 * chosen * c["expert"] + 2 * c["chosen"] * w  # in and out of each
    yield c["dense_layers"], numbers + 4 * c["hidden"], fixed
    yield n - c["dense_layers"], numbers + sparse, fixed


def _head(c: Config) -> int:
    return c.get("head", c["width"] // c["heads"])


def _keys(kind: str, c: Config) -> tuple[int, int]:
    """Heads of keys and the width of one; for GPT, 64 wide where it is not said."""
    if kind == "llama":
        return c["kv_heads"], _head(c)
    if kind == "gpt":
        heads = c.get("heads", max(1, c["width"] // 64))
        return heads, c["width"] // heads
    return c["heads"], c["v_head"]


def _up(number: int, by: int) -> int:
    """A quotient, rounded up."""
    return -(-number // by)


# --- the question -----------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """What is asked. ``do`` is infer or train; what the other needs has no effect."""

    kind: str
    config: Config
    do: str = "infer"
    context: int = 8192
    batch: int = 1  # sequences at once; in training, of each of the d groups
    # inference
    weights: str = "bf16"
    cache: int = 2  # bytes a number of the cache
    # training
    method: str = "full"
    scheme: str = "mixed"
    optimizer: str = "adamw"
    rank: int = 16
    checkpoint: bool = True
    tokens: float = 1e8
    # cards: d groups (of which ZeRO cuts what it cuts), each of t × p
    zero: int = 0
    d: int = 1
    t: int = 1
    p: int = 1
    # a card: GB, GB/s, TFLOP/s, dollars an hour; percent of the memory and of the peak
    memory: float = 24
    share: float = 90
    bandwidth: float | None = None
    peak: float | None = None
    price: float | None = None
    mfu: float = 40


@dataclass(frozen=True)
class Answer:
    """Bytes on one card by part, what of it is usable, the fewest cards that do, time.

    ``cards`` is ``None`` where no number of cards does. Times are in seconds and
    ``None`` where the card's numbers are not known.
    """

    parts: dict[str, int]
    total: int
    usable: int
    fits: bool
    cards: int | None
    flops: float
    seconds: float | None = None  # training, or reading the whole context
    step: float | None = None  # inference: one token of each sequence
    speed: float | None = None  # inference: tokens a second
    money: float | None = None  # training: all; inference: of a million tokens


def estimate(ask: Ask) -> Answer:
    """The account of one question."""
    parts = held(ask)
    total, usable = sum(parts.values()), room(ask)
    fits = total <= usable
    made = _training(ask) if ask.do == "train" else _inference(ask)
    return Answer(parts, total, usable, fits, fewest(ask), **made)


def room(ask: Ask) -> int:
    """The bytes of one card that may be used."""
    return int(ask.memory * ask.share * GB / 100)


def held(ask: Ask) -> dict[str, int]:
    """What one card holds, in bytes, by part."""
    return _trained(ask) if ask.do == "train" else _inferred(ask)


def _inferred(ask: Ask) -> dict[str, int]:
    group = ask.t * ask.p
    token = cache_of_token(ask.kind, ask.config, ask.cache, ask.t, ask.p)
    return {
        "weights": _up(_frozen(size(ask.kind, ask.config), ask.weights), group),
        "cache": token * ask.context * ask.batch,
    }


def _trained(ask: Ask) -> dict[str, int]:
    made = size(ask.kind, ask.config)
    weight, gradient, master = SCHEMES[ask.scheme]
    group = ask.t * ask.p
    cut = [group * (ask.d if ask.zero >= stage else 1) for stage in (3, 2, 1)]
    full = ask.method == "full"
    learnt = made.total if full else ask.rank * made.adapter
    base = "nf4" if ask.method == "qlora" else "fp32" if weight == 4 else "bf16"
    parts = {}
    if not full:
        parts["weights"] = _up(_frozen(made, base), cut[0])
    parts["weights" if full else "adapter"] = _up(learnt * weight, cut[0])
    parts["gradients"] = _up(learnt * gradient, cut[1])
    parts["master"] = _up(learnt * master, cut[2])
    parts["states"] = _up(learnt * OPTIMIZERS[ask.optimizer], cut[2])
    return parts | _activations(ask, weight)


def _activations(ask: Ask, weight: int) -> dict[str, int]:
    tokens = ask.context * ask.batch
    layers = [
        (many, numbers * weight + fixed)
        for many, numbers, fixed in kept(ask.kind, ask.config)
    ]
    whole = sum(many * each for many, each in layers)
    if ask.checkpoint and layers:
        inputs = ask.config["layers"] * ask.config["width"] * weight
        whole = inputs + max(each for _, each in layers)
    vocab = ask.config.get("vocab", 0)
    return {
        "activations": _up(tokens * whole, ask.t),
        # in fp32, as the way back begins: log-softmax, its gradient, that of the logits
        "logits": _up(tokens * vocab * 12, ask.t),
    }


def _frozen(made: Size, precision: str) -> int:
    """The bytes of all weights; what is below 16 bits is so in the matrices only."""
    over, under = PRECISIONS[precision]
    rest = 4 if precision == "fp32" else 2
    return _up(made.linear * over, under) + (made.embed + made.rest) * rest


def fewest(ask: Ask) -> int | None:
    """The least power of two of cards that do: more tensor parallel, or more groups."""
    many = 1
    while many <= MOST_CARDS:
        if ask.do == "train":
            tried, cards = replace(ask, d=many), many * ask.t * ask.p
        else:
            tried, cards = replace(ask, t=many, p=1, d=1), many
        if sum(held(tried).values()) <= room(ask):
            return cards
        many *= 2
    return None


# --- time and money -----------------------------------------------------------------


def training_flops(active: float, tokens: float, lora: bool, checkpoint: bool) -> float:
    """6ND; 4ND where the matrices are frozen; 2ND more where layers are done again."""
    return ((4 if lora else 6) + (2 if checkpoint else 0)) * active * tokens


def _training(ask: Ask) -> dict[str, float | None]:
    made = size(ask.kind, ask.config)
    lora = ask.method != "full"
    flops = training_flops(made.active, ask.tokens, lora, ask.checkpoint)
    cards = ask.d * ask.t * ask.p
    if ask.peak is None:
        return {"flops": flops}
    seconds = flops / (ask.peak * 1e12 * ask.mfu / 100 * cards)
    money = None if ask.price is None else seconds * cards / 3600 * ask.price
    return {"flops": flops, "seconds": seconds, "money": money}


def read_a_step(ask: Ask) -> int:
    """The weights, in bytes, that a step of decoding reads on one card.

    Not the table that is only looked up; of experts, those that a batch can choose.
    """
    made = size(ask.kind, ask.config)
    linear = 0 if ask.config.get("layers") else made.active
    for rows, columns, many, met in matrices(ask.kind, ask.config):
        linear += rows * columns * min(many, met * ask.batch if met < many else many)
    read = replace(made, linear=linear, embed=made.embed - made.lookup)
    return _up(_frozen(read, ask.weights), ask.t * ask.p)


def _inference(ask: Ask) -> dict[str, float | None]:
    active = size(ask.kind, ask.config).active
    flops = 2.0 * active * ask.context * ask.batch
    answer: dict[str, float | None] = {"flops": flops}
    if ask.peak is not None:
        answer["seconds"] = flops / (ask.peak * 1e12 * ask.mfu / 100 * ask.t)
    if ask.bandwidth is not None:
        read = read_a_step(ask) + held(ask)["cache"]
        answer["step"] = ask.p * read / (ask.bandwidth * 1e9)  # stage after stage
        answer["speed"] = ask.d * ask.batch / answer["step"]
        if ask.price is not None:
            hour = ask.price * ask.d * ask.t * ask.p
            answer["money"] = hour / (answer["speed"] * 3600) * 1e6
    return answer


# --- the element --------------------------------------------------------------------

#: What stands for each field of a question in the address, and how it is read.
KEYS = {
    "do": ("do", str),
    "w": ("weights", str),
    "kv": ("cache", int),
    "len": ("context", int),
    "batch": ("batch", int),
    "way": ("method", str),
    "mix": ("scheme", str),
    "opt": ("optimizer", str),
    "rank": ("rank", int),
    "again": ("checkpoint", lambda text: text == "1"),
    "tokens": ("tokens", lambda text: float(text) * 1e8),
    "zero": ("zero", int),
    "d": ("d", int),
    "t": ("t", int),
    "p": ("p", int),
    "gb": ("memory", float),
    "share": ("share", float),
    "bw": ("bandwidth", float),
    "peak": ("peak", float),
    "price": ("price", float),
    "mfu": ("mfu", float),
}
#: What the tool's first row of buttons sets, and the table without a script answers.
PRESETS = (
    ("8B 推理，24 GB", "do=infer&model=Llama-3.1-8B&w=bf16&len=8192&card=RTX-4090"),
    (
        "8B 4 比特推理，12 GB",
        "do=infer&model=Llama-3.1-8B&w=int4&len=8192&gb=12",
    ),
    ("32B 4 比特推理，24 GB", "do=infer&model=Qwen3-32B&w=int4&len=4096&card=RTX-4090"),
    ("7B QLoRA，8 GB", "do=train&model=Llama-2-7B&way=qlora&len=2048&gb=8"),
    ("8B LoRA，24 GB", "do=train&model=Llama-3.1-8B&way=lora&len=4096&card=RTX-4090"),
    (
        "8B 全量，80 GB",
        "do=train&model=Llama-3.1-8B&way=full&len=4096&zero=3&card=H100",
    ),
    (
        "405B 推理，80 GB",
        "do=infer&model=Llama-3.1-405B&w=bf16&len=8192&card=H100",
    ),
    (
        "DeepSeek-V3 推理，80 GB",
        "do=infer&model=DeepSeek-V3&w=int8&len=8192&t=16&card=H100",
    ),
    (
        "ZeRO 论文：7.5B，64 卡",
        "do=train&model=count&n=75&way=full&zero=3&d=64&gb=32",
    ),
    (
        "QLoRA 论文：65B 全量",
        "do=train&model=count&n=650&way=full&mix=bf16&card=H100",
    ),
)


def slug(name: str) -> str:
    """A name as it stands in an address."""
    return name.replace(" ", "-")


def read(text: str, shapes: Mapping[str, Any], cards: Mapping[str, Any]) -> Ask:
    """The question of an address. Raises ``HandbookError`` for an unknown name."""
    given = dict(parse_qsl(text))
    name, card = given.pop("model"), given.pop("card", "")
    if name == "count":
        kind, config = "count", {"params": round(float(given.pop("n")) * 1e8)}
    elif name in shapes:
        kind, config = shapes[name].kind, shapes[name].config
    else:
        raise HandbookError(f"hardware-calculator: no model {name!r} ({text})")
    values = {}
    if card:
        if card not in cards:
            raise HandbookError(f"hardware-calculator: no card {card!r} ({text})")
        values = _sold(cards[card])
    for key, word in given.items():
        field, make = KEYS[key]
        values[field] = make(word)
    return Ask(kind, config, **values)


def _sold(card: models.Chip) -> dict[str, float | None]:
    """The numbers of a card as it is sold."""
    price = card.price.value if card.price else None
    return {
        "memory": card.memory,
        "bandwidth": card.bandwidth,
        "peak": card.peak,
        "price": price,
    }


@view("hardware-calculator")
def element(file: Path = models.FILE, hardware: Path = models.CHIPS) -> str:
    """The element with its models, cards and presets; without a script, their answers.

    In JSON a model is name, maker, kind, configuration; a card is name, maker, GB,
    GB/s, TFLOP/s, dollars an hour.
    """
    shapes = {slug(row.name): row for row in models.load_shapes(file, hardware)}
    cards = {slug(row.name): row for row in models.load_cards(hardware)}
    data = {
        "models": [[row.name, row.by, row.kind, row.config] for row in shapes.values()],
        "cards": [[c.name, c.by, *_sold(c).values()] for c in cards.values()],
        "presets": PRESETS,
    }
    rows = "".join(_row(name, read(text, shapes, cards)) for name, text in PRESETS)
    heads = ("问题", "每张卡要", "每张卡可用", "答案")
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    table = (
        "<table><caption>几个常见的问题（1 GB 是 10⁹ 字节，显存用到九成）</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )
    return framed("hardware-calculator", "calculator", data, table, PROGRAM)


def _row(name: str, ask: Ask) -> str:
    answer = estimate(ask)
    many = ask.d * ask.t * ask.p
    if answer.fits:
        said = "放得下" if many == 1 else f"{many} 张放得下"
    else:
        least = answer.cards or (
            fewest(replace(ask, zero=3)) if ask.do == "train" else 0
        )
        stage = "用 ZeRO 3 级，" if ask.zero == 3 or not answer.cards else ""
        said = "放不下" + (f"，{stage}{least} 张放得下" if least else "")
    return (
        f'<tr><th scope="row">{escape(name)}</th><td>{_gb(answer.total)}</td>'
        f"<td>{_gb(answer.usable)}</td><td>{said}</td></tr>"
    )


def _gb(number: int) -> str:
    """Bytes as one reads them: 17.1 GB, 6.18 GB."""
    return f"{number / GB:,.{1 if number >= 10 * GB else 2}f} GB"
