"""The sound bench beside SciPy, NumPy and the page's program; its table; its lessons.

The script's own arithmetic is held to the same in ``tests/site/test_sound.py``.
"""

import json
import re

import numpy as np
import pytest
from scipy import signal

from handbook.widgets import sound_bench as bench

LESSONS = {lesson.name: lesson for lesson in bench.LESSONS}


@pytest.mark.parametrize("rate", [8000, 4000, 2000])
@pytest.mark.parametrize("hertz", [100, 1000, 1900, 3000, 5000, 7900])
def test_what_is_heard_has_the_same_samples(hertz: int, rate: int) -> None:
    t = np.arange(64) / rate
    low = bench.heard(hertz, rate)
    assert -rate / 2 <= low < rate / 2
    same = np.sin(2 * np.pi * low * t)
    np.testing.assert_allclose(np.sin(2 * np.pi * hertz * t), same, atol=1e-9)


@pytest.mark.parametrize("vowel", bench.FORMANTS)
def test_the_throat_is_three_resonators_in_a_row(vowel: str) -> None:
    """The same as ``scipy.signal.freqs`` of p² / (s² + width·s + p²), for each peak."""
    found = [bench.throat(f, bench.FORMANTS[vowel]) for f in (100, 700, 2500, 3900)]
    product = 1
    for peak, width in zip(bench.FORMANTS[vowel], bench.WIDTHS, strict=True):
        _, gain = signal.freqs([peak**2], [1, width, peak**2], [100, 700, 2500, 3900])
        product = product * gain
    np.testing.assert_allclose(found, product, rtol=1e-12)


@pytest.mark.parametrize(
    ("vowel", "pitch", "scale"), [("i", 120, 1), ("a", 300, 1.2), ("u", 95, 0.85)]
)
def test_a_vowel_is_that_of_the_page_s_program(run_snippet, vowel, pitch, scale):
    program = run_snippet("applications/speech_vowels_numpy")
    expected = program.speak(vowel, pitch, scale)
    found = bench.speak(vowel, pitch, scale)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    assert {v: tuple(f) for v, f in program.FORMANTS.items()} == bench.FORMANTS


def test_the_table_says_what_each_lesson_lets_hear() -> None:
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', bench.element())
    said = {name: re.findall(r"<td>(.*?)</td>", cells) for name, cells in rows}
    assert said["混叠"] == ["5000 赫兹的正弦，每秒采 8000 次", "3000 赫兹"]
    assert said["采样减半"] == ["3000 赫兹的正弦，每秒采 4000 次", "1000 赫兹"]
    assert said["短的声道"] == ["元音 a，基频 120 赫兹", "共振峰 876、1308、2928 赫兹"]
    assert list(said) == list(LESSONS)


def test_the_script_is_sent_the_lessons_and_the_vowels() -> None:
    (text,) = re.findall(r"<script[^>]*>(.*?)</script>", bench.element())
    sent = json.loads(text)
    assert [lesson["name"] for lesson in sent["lessons"]] == list(LESSONS)
    assert sent["formants"]["a"] == [730, 1090, 2440] and len(sent["widths"]) == 3


# --- what the tool says of its lessons ------------------------------------------------


@pytest.mark.parametrize(
    ("name", "loud"), [("1000 赫兹", 1000), ("混叠", 3000), ("采样减半", 1000)]
)
def test_a_lesson_s_tone_is_heard_where_its_task_says(name: str, loud: int) -> None:
    lesson = LESSONS[name]
    assert abs(bench.heard(lesson.hertz, lesson.rate)) == loud
    assert f"{loud} 赫兹" in lesson.task or lesson.hertz == loud


def test_above_the_lesson_of_aliasing_the_tone_falls() -> None:
    lesson = LESSONS["混叠"]
    tones = [abs(bench.heard(f, lesson.rate)) for f in range(5000, 8001, 100)]
    assert tones == sorted(tones, reverse=True)
    assert abs(bench.heard(3000, 8000)) == 3000  # "改成 8000 次再听"


def test_a_high_pitch_leaves_few_harmonics_to_show_the_hills() -> None:
    for name, most in (("元音 a", 33), ("高的 a", 13)):
        assert bench.RATE / 2 // LESSONS[name].hertz == most
