"""The sound bench: a tone that is sampled and a vowel that is spoken, heard and seen.

The page is sent the lessons and the vowels as JSON inside ``<sound-bench>``; the
element's script makes the sounds by the same rules as ``speak`` and ``heard`` here, and
both must agree with the page's program. Without a script the lessons are a table.
"""

import cmath
import math
from dataclasses import asdict, dataclass
from html import escape

from handbook.registry import view
from handbook.widgets.frame import framed

#: The page's program that speaks by the same rule, and where it stands.
PROGRAM = "speech_vowels_numpy.py", "vowels"
#: Samples a second of all that is played, and samples of what is drawn.
RATE, SIZE = 8000, 256
#: The first three formants of a grown man, and the widths of their hills, in Hz.
FORMANTS = {
    "i": (270, 2290, 3010),
    "e": (530, 1840, 2480),
    "a": (730, 1090, 2440),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}
WIDTHS = (80, 100, 150)


@dataclass(frozen=True)
class Lesson:
    """What a button of the tool sets, and what to do and hear then."""

    name: str
    task: str
    kind: str  # tone or vowel
    hertz: int  # of the tone, or the pitch of the voice
    rate: int = RATE  # samples a second of the tone
    vowel: str = "a"
    scale: float = 1.0  # all formants are multiplied by it


LESSONS = (
    Lesson(
        "1000 赫兹",
        "每个周期采 8 次。把频率慢慢拉高，看点怎样变稀，听音怎样变高。",
        *("tone", 1000),
    ),
    Lesson(
        "混叠",
        "5000 赫兹，每秒只采 8000 次：听到的是 3000 赫兹。再往上拉，音反而变低。",
        *("tone", 5000),
    ),
    Lesson(
        "采样减半",
        "3000 赫兹，每秒采 4000 次，听到 1000 赫兹；改成 8000 次再听。",
        *("tone", 3000, 4000),
    ),
    Lesson(
        "元音 a",
        "依次按 i、e、a、o、u：基频不变，山峰（虚线是共振峰）挪了地方。",
        *("vowel", 120),
    ),
    Lesson(
        "高的 a",
        "基频 300 赫兹：谐波太稀，山峰常落在两根之间；梅尔谱里的山也变了样。",
        *("vowel", 300),
    ),
    Lesson(
        "短的声道",
        "共振峰都乘 1.2，像孩子；基频没有变。元音听起来还是 a 吗？",
        *("vowel", 120, RATE, "a", 1.2),
    ),
)


def heard(hertz: float, rate: float) -> float:
    """The frequency that the samples of a sine have below ``rate / 2``, in Hz.

    Negative where the sine comes out turned over.
    """
    return hertz - rate * math.floor(hertz / rate + 0.5)


def throat(hertz: float, formants: tuple[float, ...]) -> complex:
    """What the throat multiplies a sine of so many Hz by: a hill at each formant."""
    gain = complex(1)
    for peak, width in zip(formants, WIDTHS, strict=True):
        gain *= peak**2 / (peak**2 - hertz**2 + 1j * hertz * width)
    return gain


def speak(vowel: str, pitch: float, scale: float, size: int = SIZE) -> list[float]:
    """Samples of a vowel: the multiples of the pitch, each through the throat."""
    formants = tuple(scale * f for f in FORMANTS[vowel])
    turns = [pitch * k for k in range(1, int(RATE / 2 // pitch) + 1)]
    gains = [throat(f, formants) * pitch / f for f in turns]
    return [
        sum(
            (gain * cmath.exp(2j * math.pi * f * n / RATE)).real
            for f, gain in zip(turns, gains, strict=True)
        )
        for n in range(size)
    ]


@view("sound-bench")
def element() -> str:
    """The element with its lessons; without a script, what each of them lets hear."""
    heads = ("练习", "声音", "听到什么")
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    table = (
        f"<table><caption>各个练习里的声音</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(map(_row, LESSONS))}</tbody></table>"
    )
    data = {
        "lessons": [asdict(lesson) for lesson in LESSONS],
        "formants": FORMANTS,
        "widths": WIDTHS,
    }
    return framed("sound-bench", "sound", data, table, PROGRAM, "元音的合成")


def _row(lesson: Lesson) -> str:
    if lesson.kind == "tone":
        made = f"{lesson.hertz} 赫兹的正弦，每秒采 {lesson.rate} 次"
        said = f"{abs(heard(lesson.hertz, lesson.rate)):g} 赫兹"
    else:
        made = f"元音 {lesson.vowel}，基频 {lesson.hertz} 赫兹"
        peaks = (f"{lesson.scale * f:.0f}" for f in FORMANTS[lesson.vowel])
        said = f"共振峰 {'、'.join(peaks)} 赫兹"
    return (
        f'<tr><th scope="row">{escape(lesson.name)}</th>'
        f"<td>{made}</td><td>{said}</td></tr>"
    )
