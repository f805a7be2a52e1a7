"""Speech: eight samples, frames, mel, the libraries' calls.

References that the programs never call: SciPy's transforms, windows and filters,
transformers' mel filters and spectrograms, scikit-learn's classifiers.
"""

import re
from math import sin, tau

import numpy as np
import pytest
from scipy import fft, signal
from transformers import audio_utils

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers
from tests.sounds import htk_filters, scipy_power

PAGE = ROOT / "docs/applications/speech.md"
PRACTICE = ROOT / "snippets/applications/speech_practice_numpy.py"


@pytest.fixture
def hand(run_snippet):
    return run_snippet("applications/speech_hand_numpy")


@pytest.fixture
def stft(run_snippet):
    return run_snippet("applications/speech_stft_numpy")


@pytest.fixture
def mel(run_snippet):
    return run_snippet("applications/speech_mel_numpy")


@pytest.fixture
def pytorch(run_snippet):
    return run_snippet("applications/speech_library_torch")


@pytest.fixture
def keras(run_snippet):
    return run_snippet("applications/speech_library_tf")


@pytest.fixture(params=["torch", "tf"])
def library(request, run_snippet):
    return run_snippet(f"applications/speech_library_{request.param}")


# --- by hand --------------------------------------------------------------------------

EIGHT = np.array([0, 1, 0, -1, 0, 1, 0, -1])


def test_two_turns_in_eight_samples_are_whole_numbers(hand):
    assert after(hand.printed_by["sample"], "采样：") == EIGHT.tolist()


def test_the_dot_products_are_scipys_transform(hand):
    printed = hand.printed_by["dft"]
    for k, value in enumerate(fft.fft(EIGHT)):
        want = [value.real, -value.imag, abs(value) ** 2]
        found = after(printed, f"k={k}：余弦、正弦、功率")
        assert found == pytest.approx(want, abs=6e-4)
    assert line_of(printed, "与 np.fft.fft 相同：").strip() == "True"


@pytest.mark.parametrize("size", [3, 8, 11])
def test_the_dot_products_of_any_sound_are_scipys_transform(hand, size):
    x = np.random.default_rng(size).standard_normal(size)
    cosine, sinus = hand.dots(x)
    np.testing.assert_allclose(cosine - 1j * sinus, fft.fft(x), atol=1e-9)


def test_the_phase_moves_the_parts_and_not_the_power(hand):
    printed = hand.printed_by["phase"]
    assert len(printed.splitlines()) == 3
    for start in (0, 30, 90):
        turn = start / 360 * tau
        want = [4 * sin(turn), 4 * sin(turn + tau / 4), 16]
        found = after(printed, f"从 {start} 度开始：")
        assert found == pytest.approx(want, abs=6e-4)


def test_two_turns_and_a_half_leak_everywhere(hand):
    x = [sin(tau * 2.5 * n / 8) for n in range(8)]
    want = np.abs(fft.rfft(x)) ** 2
    found = after(hand.printed_by["leak"], "2.5 圈，k=0 到 4：")
    assert found == pytest.approx(want.tolist(), abs=6e-4)
    assert min(found) > 0.4


def test_the_window_trades_a_wide_peak_for_a_deep_floor(hand):
    printed = hand.printed_by["window"]
    apart = np.array([0, 1, 2, 5, 10, 20])
    for name, kind in (("不加窗", "boxcar"), ("加 Hann 窗", "hann")):
        for turns in (10, 10.5):
            x = np.array([sin(tau * turns * n / 64) for n in range(64)])
            power = np.abs(fft.rfft(x * signal.get_window(kind, 64))) ** 2
            want = 10 * np.log10(power[10 + apart] / power[10] + 1e-10)
            found = after(printed, f"{name}，{turns} 圈：")
            assert found == pytest.approx(want.tolist(), abs=0.51)


def test_the_exercise_has_what_scipy_finds_with_a_hamming_window():
    x = np.array([sin(tau * 10.5 * n / 64) for n in range(64)])
    power = np.abs(fft.rfft(x * signal.get_window("hamming", 64))) ** 2
    found = 10 * np.log10(power[[12, 15, 20, 30]] / power[10])
    two, *far = (f"{v:.0f}".replace("-", "−") for v in found)
    text = PAGE.read_text("utf-8")
    assert f"降到 {two} 分贝" in text and f"升到 {'、'.join(far)}，变差" in text


def test_the_exercise_counts_the_frames_of_ten_seconds():
    text = PAGE.read_text("utf-8")
    plain = len(range(0, 160000 - 400 + 1, 160))
    slow = len(range(0, 160000 - 400 + 1, 320))
    assert f"={plain}$；补" in text and f"={len(range(0, 160001, 160))}$；" in text
    assert f"={slow}$。" in text


def test_five_hertz_are_minus_three_and_thirteen_are_five(hand):
    printed = hand.printed_by["alias"]
    rows = {}
    for frequency in (3, 5, 13, 4):
        rows[frequency] = after(printed, f"{frequency} 赫兹：")
        want = [sin(tau * frequency * n / 8) for n in range(8)]
        assert rows[frequency] == pytest.approx(want, abs=6e-4)
    assert [-v for v in rows[5]] == rows[3] and rows[13] == rows[5]
    assert rows[4] == [0] * 8


def test_the_ghost_is_as_weak_as_the_filter_is_at_three_kilohertz(hand):
    printed = hand.printed_by["down"]
    where = [500, 3000]  # every fourth sample turns 3000 Hz into 1000 Hz
    _, gain = signal.freqz(signal.firwin(81, 0.22), worN=where, fs=16000)
    want = 20 * np.log10(abs(gain))
    _, low, _, ghost = after(printed, "先低通再取：")
    assert [low, ghost] == pytest.approx(want.tolist(), abs=0.6)
    assert after(printed, "直接取：") == [500, 0, 1000, 0]
    t = np.arange(16000) / 16000
    both = np.sin(tau * 500 * t) + np.sin(tau * 3000 * t)
    np.testing.assert_allclose(hand.sound, both, atol=1e-9)


def test_no_zero_is_written_with_a_sign(hand):
    assert "-0.000" not in hand.stdout_text


# --- frames ---------------------------------------------------------------------------


def test_the_second_has_a_tone_a_glide_a_click_and_noise(stft):
    sound, t = stft.sound, np.arange(8000) / 8000
    np.testing.assert_allclose(sound[:2000], np.sin(tau * 1000 * t[:2000]), atol=1e-9)
    for quiet in (slice(2000, 2400), slice(5600, 6240), slice(6241, 6800)):
        assert not sound[quiet].any()
    assert sound[6240] == 20
    chirp = signal.chirp(t[:3200], 500, 0.4, 3000, phi=-90)
    np.testing.assert_allclose(sound[2400:5600], chirp, atol=1e-6)
    assert sound[6800:].std() == pytest.approx(0.5, abs=0.03)


def test_a_frame_lasts_32_milliseconds_and_steps_16(stft):
    printed = stft.printed_by["frames"]
    starts = range(0, 8000 - 256 + 1, 128)
    assert after(printed, "帧数与每帧的采样数：") == [len(starts), 256]
    assert after(printed, "每帧") == [1000 * 256 / 8000, 1000 * 128 / 8000]
    np.testing.assert_array_equal(stft.cut[7], stft.sound[7 * 128 : 7 * 128 + 256])


def test_the_power_is_scipys_and_its_peaks_are_the_sounds(stft):
    want = scipy_power(stft.sound, 256, 128)
    np.testing.assert_allclose(stft.power, want, atol=1e-8)
    printed = stft.printed_by["power"]
    assert after(printed, "功率：") == [*want.shape, 31.25]
    assert len(printed.splitlines()) == 4
    for j, hertz in ((5, 1000), (25, 1225), (35, 2225)):
        time, peak = after(printed, f"第 {j} 帧，中点")
        assert time == pytest.approx((j * 128 + 128) / 8000, abs=6e-4)
        assert peak == pytest.approx(want[j].argmax() * 31.25, abs=0.06)
        assert abs(peak - hertz) < 16


def test_the_figure_draws_the_cells_that_scipy_finds_strong(stft):
    power = scipy_power(stft.sound, 256, 128).T[:128]
    fours = np.max([power[k::4] for k in range(4)], axis=0)
    level = 10 * np.log10(fours / fours.max() + 1e-10)
    layers = stft.axis.patches
    for layer, floor in zip(layers, (-40, -28, -16), strict=True):
        found = np.zeros(level.shape, int)
        for box in layer.get_path().vertices.reshape(-1, 5, 2)[:, :4]:
            (x, y), (right, top) = box.min(0), box.max(0)
            ends = np.array([x, right]) / 0.016 - 0.5  # a column is 16 ms wide
            np.testing.assert_allclose(ends, np.rint(ends), atol=1e-6)
            columns = slice(*np.rint(ends).astype(int))
            assert top - y == pytest.approx(125)
            found[round(y / 125), columns] += 1
        np.testing.assert_array_equal(found, (level > floor).astype(int))


def test_the_recorded_figure_has_as_many_boxes(stft):
    source = (ROOT / "snippets/applications/speech_stft_numpy.svg").read_text("utf-8")
    layers = re.findall(r'<path d="([^"]*)"[^>]*hb-qing\); opacity: 0\.3', source)
    for layer, drawn in zip(layers, stft.axis.patches, strict=True):
        assert layer.count("z") == len(drawn.get_path().vertices) // 5


@pytest.mark.parametrize("size", [64, 256, 512])
def test_a_window_sees_tones_or_clicks_apart_as_scipy_counts_them(stft, size):
    t = np.arange(8000) / 8000
    tones = np.sin(tau * 1000 * t) + np.sin(tau * 1060 * t)
    window = signal.get_window("hann", size)
    power = np.abs(fft.rfft(tones[4000 : 4000 + size] * window, 4096)) ** 2
    high, _ = signal.find_peaks(power, height=power.max() / 4)
    clicks = np.zeros(8000)
    clicks[[4000, 4160]] = 1
    energy = scipy_power(clicks, size, 8).sum(1)
    apart, _ = signal.find_peaks(energy, height=energy.max() / 2)
    found = after(stft.printed_by["resolution"], f"窗 {size // 8} 毫秒：")
    assert found == [60, len(high), 20, len(apart)]


def test_short_windows_part_clicks_and_long_ones_tones(stft):
    printed = stft.printed_by["resolution"]
    assert after(printed, "窗 8 毫秒：")[1::2] == [1, 2]
    assert after(printed, "窗 64 毫秒：")[1::2] == [2, 1]


def test_each_rule_counts_the_frames_that_lie_where_it_says(stft):
    printed = stft.printed_by["count"]
    for rule, last in (
        ("不补，帧长 400", 16000 - 400),
        ("不补，帧长 512", 16000 - 512),
        ("两端各补半帧（center）", 16000),
        ("末尾补足（pad_end）", 15999),
    ):
        want = sum(1 for start in range(0, 16001, 160) if start <= last)
        assert after(printed, f"{rule}：") == [want]


# --- mel ------------------------------------------------------------------------------


def test_both_scales_are_transformers(mel):
    printed = mel.printed_by["mel"]
    assert len(printed.splitlines()) == 6
    for hz in (250, 500, 1000, 2000, 4000, 8000):
        htk, slaney = after(printed, f"{hz} 赫兹：")
        assert htk == pytest.approx(audio_utils.hertz_to_mel(hz, "htk"), abs=0.06)
        want = audio_utils.hertz_to_mel(hz, "slaney")
        assert slaney == pytest.approx(want, abs=6e-3)
    for value in (10.0, 1000.0, 2500.0):
        want = audio_utils.mel_to_hertz(value, "htk")
        assert mel.to_hz(value) == pytest.approx(want, rel=1e-9)


def points(n_mels):
    top = audio_utils.hertz_to_mel(8000.0, "htk")
    return audio_utils.mel_to_hertz(np.linspace(0, top, n_mels + 2), "htk")


def test_three_triangles_stand_on_nine_bins(mel):
    first, *rows = mel.printed_by["triangles"].splitlines()
    found = after(first, "五个点（赫兹）：")
    assert found == pytest.approx(points(3).tolist(), abs=0.6)
    for row, want in zip(rows, htk_filters(16000, 16, 3), strict=True):
        assert after(row, "权重") == pytest.approx(want.tolist(), abs=6e-3)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_narrow_triangles_fall_between_the_bins(mel):
    printed = mel.printed_by["bank"]
    assert len(printed.splitlines()) == 4
    for n_fft, n_mels in ((512, 40), (512, 80), (256, 80), (400, 128)):
        edges, bank = points(n_mels), htk_filters(16000, n_fft, n_mels)
        want = [edges[2] - edges[0], edges[-1] - edges[-3], (bank.max(1) == 0).sum()]
        found = after(printed, f"{n_fft} 点、{n_mels} 个：")
        assert found == pytest.approx(want, abs=0.6)
        own = mel.mel_filters(16000, n_fft, n_mels)
        np.testing.assert_allclose(own, bank, atol=1e-9)


def test_the_figure_of_the_triangles_has_ten():
    source = (ROOT / "snippets/applications/speech_mel_numpy.svg").read_text("utf-8")
    lines = [re.findall(r'<path d="([^"]*)"[^>]*hb-' + c, source) for c in "qz"]
    assert [len(found) for found in lines] == [5, 5]


@pytest.fixture
def energies(mel):
    """The sound's mel energies, made by SciPy and transformers."""
    x = np.zeros(400)
    for k in range(1, 40):
        x += [sin(tau * 187 * k * n / 16000) / k for n in range(400)]
    x += 0.01 * np.random.default_rng(0).standard_normal(400)
    np.testing.assert_allclose(mel.loud, x, atol=1e-9)
    return htk_filters(16000, 400, 40) @ scipy_power(x, 400, 1)[0]


def test_ten_times_softer_takes_two_from_every_logarithm(mel, energies):
    printed = mel.printed_by["log"]
    (times,) = after(printed, "40 个能量，最大是最小的")
    assert times == pytest.approx(energies.max() / energies.min(), rel=0.06)
    assert after(printed, "轻十倍：") == [0.01, -2]
    silent, floor = line_of(printed, "没有声音：").split("，先垫底：")
    assert (silent.strip(), float(floor)) == ("-inf", -10)


def test_the_cepstrum_is_scipys_cosine_transform(mel, energies):
    printed = mel.printed_by["mfcc"]
    log = np.log10(energies)
    c = fft.dct(log, norm="ortho")
    assert after(printed, "前五个倒谱系数：") == pytest.approx(c[:5].tolist(), abs=6e-3)
    moved = fft.dct(log - 2, norm="ortho") - c
    _, first, rest = after(printed, "轻十倍：")
    assert first == pytest.approx(moved[0], abs=6e-3)
    assert rest == 0 and abs(moved[1:]).max() < 1e-9
    assert len(printed.splitlines()) == 6
    for keep in (5, 13, 20, 40):
        smooth = fft.idct(np.where(np.arange(40) < keep, c, 0), norm="ortho")
        want = np.sqrt(np.mean((smooth - log) ** 2))
        found = after(printed, f"留 {keep} 个，还原的对数能量均方根差")
        assert found == pytest.approx([want], abs=6e-3)


def test_filters_lose_dimensions_and_power_loses_the_direction_of_time(mel):
    printed = mel.printed_by["lost"]
    bank = htk_filters(16000, 400, 40)
    want = [201, 40, (np.linalg.svd(bank)[1] > 1e-9).sum()]
    assert numbers(printed.splitlines()[0]) == want
    power, apart = after(printed, "倒着放，功率最多差")
    assert power == 0
    assert apart == pytest.approx(abs(mel.loud[::-1] - mel.loud).max(), abs=6e-3)


# --- the libraries --------------------------------------------------------------------


@pytest.fixture
def second():
    """The sound of both library programs."""
    t = np.arange(16000) / 16000
    noise = np.random.default_rng(0).standard_normal(16000)
    return np.sin(tau * 440 * t) + 0.1 * noise


def test_both_libraries_give_scipys_frames(library, second):
    printed = library.printed_by["frames"]
    np.testing.assert_allclose(library.sound, second, atol=1e-9)
    plain = scipy_power(second, 400, 160)
    centred = scipy_power(np.pad(second, 200, mode="reflect"), 400, 160)
    np.testing.assert_allclose(library.plain, plain, atol=1e-6)
    np.testing.assert_allclose(library.centred, centred, atol=1e-6)
    np.testing.assert_allclose(library.by_hand(second), plain, atol=1e-6)
    assert after(printed, "不补：") == list(plain.shape)
    assert after(printed, "两端各补半帧：") == list(centred.shape)
    for line in ("不补的，与手写相同：", "补了的，与先照镜子补再手写相同："):
        assert line_of(printed, line).strip() == "True"


def test_both_libraries_have_a_periodic_window(library):
    printed = library.printed_by["window"]
    periodic = signal.get_window("hann", 400)
    np.testing.assert_allclose(library.window, periodic, atol=1e-9)
    assert line_of(printed, "默认的窗是周期的：").strip() == "True"
    symmetric = signal.get_window("hann", 400, fftbins=False)
    want = abs(symmetric - periodic).max()
    found = after(printed, "np.hanning 是对称的，最多差")
    assert found == pytest.approx([want], abs=6e-5)


def test_pytorch_puts_a_short_window_in_the_middle(pytorch, second):
    printed = pytorch.printed_by["torch-short"]
    cut = second[56:456] * signal.get_window("hann", 400)
    first = abs(fft.rfft(cut, 512))
    np.testing.assert_allclose(pytorch.short[:, 0].abs(), first, atol=1e-6)
    frames = len(range(0, 16000 - 512 + 1, 160))
    assert numbers(line_of(printed, "窗 400，n_fft 512：")) == [frames, 257]
    assert line_of(printed, "第一帧从第 56 个采样看起：").strip() == "True"


def test_tensorflow_puts_it_at_the_start(keras, second):
    printed = keras.printed_by["tf-short"]
    cut = second[:400] * signal.get_window("hann", 400)
    first = abs(fft.rfft(cut, 512)) ** 2
    np.testing.assert_allclose(keras.short[0], first, atol=1e-6)
    frames = len(range(0, 16000 - 400 + 1, 160))
    assert after(printed, "窗 400，fft_length 默认：") == [frames, 257]
    assert line_of(printed, "第一帧从第 0 个采样看起：").strip() == "True"
    assert after(printed, "pad_end=True：") == [len(range(0, 16000, 160)), 201]


def test_whispers_input_is_the_clipped_logarithm_of_slaneys_mel(pytorch, second):
    printed = pytorch.printed_by["torch-whisper"]
    bank = audio_utils.mel_filter_bank(
        201, 80, 0.0, 8000.0, 16000, norm="slaney", mel_scale="slaney"
    )
    padded = np.pad(np.pad(second, (0, 29 * 16000)), 200, mode="reflect")
    energy = (scipy_power(padded, 400, 160) @ bank)[:-1]
    log = np.log10(np.maximum(energy, 1e-10))
    want = (np.maximum(log, log.max() - 8) + 4) / 4
    np.testing.assert_allclose(pytorch.features.T, want, atol=1e-6)
    np.testing.assert_allclose(pytorch.own.T, want, atol=1e-3)
    assert after(printed, "Whisper 的输入：") == list(want.T.shape)
    assert line_of(printed, "与手写的最多差不到千分之一：").strip() == "True"
    area = bank.sum(0)[[0, 40, 79]] * 40  # 40 Hz between two bins
    assert after(printed, "三角形下的面积：") == pytest.approx(area.tolist(), abs=6e-3)


def test_keras_gives_decibels_of_triangles_that_are_straight_in_mel(keras, second):
    printed = keras.printed_by["keras-mel"]
    bank = audio_utils.mel_filter_bank(
        201, 80, 20, 8000, 16000, mel_scale="htk", triangularize_in_mel_space=True
    )
    energy = scipy_power(np.pad(second, 200, mode="reflect"), 400, 160) @ bank
    want = audio_utils.power_to_db(energy, min_value=1e-10, db_range=80.0)
    np.testing.assert_allclose(keras.db.T, want, atol=1e-6)
    np.testing.assert_allclose(keras.own.T, want, atol=0.1)
    assert after(printed, "MelSpectrogram：") == list(want.T.shape)
    (line,) = [
        row for row in printed.splitlines() if row.startswith("与手写的最多差不到")
    ]
    assert line.endswith("True")


# --- practice: applications/speech_practice_numpy -------------------------------------

SOLUTION = """
def log_mel(wave, rate, size, hop, n_mels):
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    cut = np.lib.stride_tricks.sliding_window_view(wave, size)[::hop]
    power = np.abs(np.fft.rfft(cut * window)) ** 2
    top = 2595 * np.log10(1 + rate / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, n_mels + 2) / 2595) - 1)
    left, middle, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    f = np.arange(size // 2 + 1) * rate / size
    up, down = (f - left) / (middle - left), (right - f) / (right - middle)
    bank = np.maximum(0, np.minimum(up, down))
    return np.log10(np.maximum(power @ bank.T, 1e-10))
"""
LOOPS = """
def log_mel(wave, rate, size, hop, n_mels):
    def mel(hz):
        return 2595 / np.log(10) * np.log(1 + hz / 700)
    rows = []
    points = [mel(rate / 2) * k / (n_mels + 1) for k in range(n_mels + 2)]
    edges = [700 * (10 ** (m / 2595) - 1) for m in points]
    for start in range(0, len(wave) - size + 1, hop):
        power = []
        for k in range(size // 2 + 1):
            total = 0
            for n in range(size):
                w = np.sin(np.pi * n / size) ** 2
                total += wave[start + n] * w * np.exp(-2j * np.pi * k * n / size)
            power.append(abs(total) ** 2)
        row = []
        for a, b, c in zip(edges, edges[1:], edges[2:]):
            energy = 0
            for k, p in enumerate(power):
                f = k * rate / size
                energy += p * max(0, min((f - a) / (b - a), (c - f) / (c - b)))
            row.append(float(np.log10(max(energy, 1e-10))))
        rows.append(row)
    return rows
"""
FLOOR = ("np.maximum(power @ bank.T, 1e-10)", "power @ bank.T")
SYMMETRIC = ("np.arange(size) / size)", "np.arange(size) / (size - 1))")
WRONG = [
    FLOOR,
    SYMMETRIC,
    ("cut * window", "cut"),
    (
        "cut * window)",
        "cut * window, 1 << (size - 1).bit_length())[:, : size // 2 + 1]",
    ),
    ("[::hop]", "[:: size // 2]"),
    ("sliding_window_view(wave, size)", "sliding_window_view(np.pad(wave, 8), size)"),
    (") ** 2\n    top", ")\n    top"),
    ("rate / 2 / 700", "rate / 700"),
    ("n_mels + 2) / 2595", "n_mels + 2) / 2500"),
    ("np.linspace(0, top, n_mels + 2)", "np.linspace(0, top, n_mels + 3)[:-1]"),
    (" * rate / size", " * 16000 / size"),
    ("np.maximum(0, np.minimum(up, down))", "np.minimum(up, down)"),
    ("bank = np.maximum", "bank = 2 / (right - left) * np.maximum"),
    ("np.maximum(power @ bank.T, 1e-10)", "power @ bank.T + 1e-30"),
    ("np.maximum(power @ bank.T, 1e-10)", "power @ bank.T + 1e-4"),
    ("np.log10(np.maximum(power", "np.log(np.maximum(power"),
    ("np.log10(np.maximum(power", "10 * np.log10(np.maximum(power"),
    ("power @ bank.T, 1e-10))", "power @ bank.T, 1e-10)).T"),
]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_transformers_finds(case):
    _, given, want, _ = case
    size = given["size"]
    found = audio_utils.spectrogram(
        np.asarray(given["wave"], float),
        audio_utils.window_function(size, "hann"),
        size,
        given["hop"],
        power=2.0,
        center=False,
        mel_filters=htk_filters(given["rate"], size, given["n_mels"]).T,
        log_mel="log10",
        mel_floor=1e-10,
    )
    np.testing.assert_allclose(found.T, want, atol=2e-6)


@pytest.mark.parametrize("solution", [SOLUTION, LOOPS])
def test_arrays_and_loops_both_pass_the_practice(solution):
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 7


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_no_wrong_log_mel_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, FLOOR) in PAGE.read_text("utf-8")
