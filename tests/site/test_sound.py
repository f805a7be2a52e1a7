"""The sound bench as readers use it: lessons, knobs, keys, playing, no script."""

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from scipy import signal
from transformers.audio_utils import mel_filter_bank

from handbook.widgets import sound_bench as bench

ADDRESS = "applications/speech-vowels/"
MODULE = "assets/widgets/sound-bench.js"


#: (129 powers, 24 bands), as HTK makes them.
FILTERS = mel_filter_bank(129, 24, 0, 4000, 8000, norm=None, mel_scale="htk")


@pytest.fixture
def opened(page: Page, base_url: str) -> Page:
    page.goto(base_url + ADDRESS)
    expect(page.locator("sound-bench svg").first).to_be_visible()
    return page


def chip(page: Page, name: str) -> Locator:
    return page.locator("sound-bench").get_by_role("button", name=name, exact=True)


def slider(page: Page, name: str) -> Locator:
    return page.locator("sound-bench").get_by_role("slider", name=name)


def said(page: Page) -> str:
    return page.locator("sound-bench output").inner_text()


def by_script(page: Page, base_url: str, name: str, *given: object) -> list[float]:
    return page.evaluate(
        """async ([address, name, given]) => {
          const made = (await import(address))[name](...given);
          return made.length === undefined ? made : [...made];
        }""",
        [base_url + MODULE, name, list(given)],
    )


# --- the arithmetic -------------------------------------------------------------------


def test_the_script_hears_as_python_does(opened, base_url) -> None:
    for rate in (8000, 4000, 2000):
        for hertz in range(100, 8001, 700):
            found = by_script(opened, base_url, "heard", hertz, rate)
            assert found == bench.heard(hertz, rate)


@pytest.mark.parametrize(("hertz", "rate"), [(1000, 8000), (5000, 8000), (3100, 2000)])
def test_the_script_plays_the_tone_that_is_heard(opened, base_url, hertz, rate) -> None:
    found = by_script(opened, base_url, "tone", hertz, rate, 200)
    t = np.arange(200) / 8000
    expected = np.sin(2 * np.pi * bench.heard(hertz, rate) * t)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("hertz", "rate"), [(4000, 8000), (8000, 8000), (2000, 4000), (3000, 2000)]
)
def test_a_tone_that_is_caught_at_its_zeros_is_silent(opened, base_url, hertz, rate):
    caught = np.sin(2 * np.pi * hertz * np.arange(50) / rate)
    np.testing.assert_allclose(caught, 0, atol=1e-11)
    assert not any(by_script(opened, base_url, "tone", hertz, rate, 200))


@pytest.mark.parametrize(("vowel", "pitch", "scale"), [("i", 120, 1), ("o", 310, 1.25)])
def test_the_script_speaks_as_python_does(opened, base_url, vowel, pitch, scale):
    peaks = [scale * f for f in bench.FORMANTS[vowel]]
    found = by_script(opened, base_url, "speak", peaks, bench.WIDTHS, pitch, 256)
    np.testing.assert_allclose(found, bench.speak(vowel, pitch, scale), rtol=1e-8)


def test_the_script_s_spectrum_and_bands_are_those_of_libraries(opened, base_url):
    wave = bench.speak("e", 140, 1)
    found = by_script(opened, base_url, "power", wave)
    window = signal.windows.hann(256, sym=False)
    power = np.abs(np.fft.rfft(np.array(wave) * window)) ** 2
    np.testing.assert_allclose(found, power, rtol=1e-8, atol=1e-9)
    bands = by_script(opened, base_url, "bands", power.tolist())
    np.testing.assert_allclose(bands, power @ FILTERS, rtol=1e-6)


# --- in use ---------------------------------------------------------------------------


def test_a_lesson_sets_the_sound_and_says_what_is_heard(opened) -> None:
    assert said(opened) == "听到 1000 赫兹，与原来一样"
    chip(opened, "混叠").click()
    assert said(opened) == "听到 3000 赫兹：混叠了"
    chip(opened, "短的声道").click()
    assert said(opened) == "元音 a，共振峰 876、1308、2928 赫兹"
    expect(chip(opened, "元音")).to_have_attribute("aria-pressed", "true")


def test_the_knobs_move_with_the_keys(opened) -> None:
    slider(opened, "频率").focus()
    opened.keyboard.press("ArrowRight")
    assert said(opened) == "听到 1100 赫兹，与原来一样"
    for _ in range(30):
        opened.keyboard.press("ArrowRight")
    assert said(opened) == "听到 3900 赫兹：混叠了"


@pytest.mark.parametrize("hertz", ["4000", "8000"])
def test_a_silent_tone_says_so_and_is_drawn_flat(opened, hertz) -> None:
    slider(opened, "频率").fill(hertz)
    assert said(opened) == "每次都采在过零点，全是 0：听不到"
    assert "NaN" not in opened.locator("sound-bench .hb-pictures").inner_html()
    bars = opened.locator("sound-bench rect").evaluate_all(
        "bars => bars.map(bar => Number(bar.getAttribute('height')))"
    )
    assert set(bars) == {0}


def test_a_tone_has_rates_and_a_vowel_has_vowels(opened) -> None:
    expect(chip(opened, "i")).to_be_hidden()
    expect(slider(opened, "共振峰乘")).to_be_hidden()
    expect(slider(opened, "频率")).to_be_visible()
    chip(opened, "元音 a").click()
    expect(slider(opened, "基频")).to_be_visible()
    expect(chip(opened, "每秒 4000 次")).to_be_hidden()
    chip(opened, "i").click()
    assert said(opened) == "元音 i，共振峰 270、2290、3010 赫兹"


def test_dots_are_drawn_where_samples_are_taken(opened) -> None:
    dots = opened.locator("sound-bench circle")
    expect(dots).to_have_count(33)  # 4 ms at 8000 a second, both ends
    chip(opened, "采样减半").click()
    expect(dots).to_have_count(17)


def test_the_strongest_bar_is_that_of_the_tone(opened) -> None:
    chip(opened, "混叠").click()
    heights = opened.locator("sound-bench rect").evaluate_all(
        "bars => bars.map(bar => Number(bar.getAttribute('height')))"
    )
    assert len(heights) == 24
    assert np.argmax(heights) == FILTERS[96].argmax()  # 3000 Hz is bin 96


def test_playing_gives_a_second_that_fades_and_stops(opened) -> None:
    opened.evaluate(
        """() => {
          const kept = AudioContext.prototype.createBufferSource;
          AudioContext.prototype.createBufferSource = function () {
            const source = kept.call(this);
            window.source = source;
            return source;
          };
        }"""
    )
    play = opened.locator("sound-bench .hb-play")
    play.click()
    expect(play).to_have_text("■ 停")
    clip = opened.evaluate("[...window.source.buffer.getChannelData(0)]")
    assert len(clip) == 8000 and opened.evaluate("source.buffer.sampleRate") == 8000
    assert 0.19 < max(clip) <= np.float32(0.2) and clip[0] == clip[-1] == 0
    assert np.argmax(np.abs(np.fft.rfft(clip))) == 1000
    play.click()
    expect(play).to_have_text("▶ 播放一秒")


def test_a_changed_sound_stops_the_old_one(opened) -> None:
    play = opened.locator("sound-bench .hb-play")
    play.click()
    expect(play).to_have_text("■ 停")
    chip(opened, "混叠").click()
    expect(play).to_have_text("▶ 播放一秒")


def test_buttons_are_wide_enough_for_a_finger(browser: Browser, base_url: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(base_url + ADDRESS)
    expect(page.locator("sound-bench svg").first).to_be_visible()
    sizes = page.locator("sound-bench button:visible").evaluate_all(
        "all => all.map(b => [b.offsetWidth, b.offsetHeight])"
    )
    page.close()
    assert len(sizes) > 10 and all(min(size) >= 36 for size in sizes)


def test_without_a_script_the_lessons_are_a_table(browser: Browser, base_url) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(base_url + ADDRESS)
    expect(page.locator("sound-bench tbody tr")).to_have_count(len(bench.LESSONS))
    expect(page.locator("sound-bench :is(button, input)")).to_have_count(0)
    page.close()
