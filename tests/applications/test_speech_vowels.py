"""Vowels: source and throat, three writings of a frame, two lines, small listeners.

References that the programs never call: SciPy's resonators and transforms,
transformers' mel filters, scikit-learn's classifiers.
"""

import re
from math import tau

import numpy as np
import pytest
import torch
from scipy import fft, signal
from sklearn.linear_model import Ridge
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.neighbors import NearestCentroid

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import line_of, numbers
from tests.sounds import htk_filters, scipy_power

PAGE = ROOT / "docs/applications/speech-vowels.md"
PRACTICE = ROOT / "snippets/applications/speech_vowels_practice_numpy.py"


@pytest.fixture
def vowels(run_snippet):
    return run_snippet("applications/speech_vowels_numpy")


@pytest.fixture(params=["torch", "tf"])
def listeners(request, run_snippet):
    return run_snippet(f"applications/speech_vowels_{request.param}")


def share(text):
    """Numbers of a line whose numbers end in %."""
    return [float(v) / 100 for v in re.findall(r"(\d+)%", text)]


# --- vowels ---------------------------------------------------------------------------

MEN = {
    "i": (270, 2290, 3010),
    "e": (530, 1840, 2480),
    "a": (730, 1090, 2440),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}


def resonance(f, formants):
    """A chain of analog resonators at the frequencies f, by SciPy."""
    gain = np.ones(len(f), complex)
    for peak, width in zip(formants, (80, 100, 150), strict=True):
        below = [1, tau * width, (tau * peak) ** 2]
        gain *= signal.freqs([(tau * peak) ** 2], below, tau * np.asarray(f))[1]
    return gain


def test_the_throat_is_a_chain_of_scipys_resonators(vowels):
    assert vowels.FORMANTS == MEN
    f = np.linspace(50, 3950, 79)
    for formants in MEN.values():
        own = vowels.throat(f, np.array(formants))
        # the phase turns the other way in neither: e^{+i w t} in both
        np.testing.assert_allclose(own, resonance(f, formants), rtol=1e-9)


def test_the_figure_has_the_throat_and_the_harmonics_of_each_vowel(vowels):
    for axis, (vowel, formants) in zip(vowels.axes, MEN.items(), strict=True):
        assert [text.get_text() for text in axis.texts] == [vowel]
        curve, stems = (line.get_xydata() for line in axis.lines)
        tops = stems[1::3]
        assert tops[:, 0].tolist() == [100 * k for k in range(1, 40)]
        for f, level in (curve.T, tops.T):
            want = 20 * np.log10(abs(resonance(f, formants)) * 100 / f)
            np.testing.assert_allclose(level, want, atol=1e-9)


def harmonics(pitch, half=4000):
    return pitch * np.arange(1, int(half / pitch) + 1)


def test_high_voices_have_no_harmonic_where_the_throat_is_open(vowels):
    printed = vowels.printed_by["see"]
    lines = dict(zip(MEN, printed.splitlines(), strict=True))
    for vowel, formants in MEN.items():
        want = [formants[0]]
        for pitch in (100, 300):
            f = harmonics(pitch)
            want += [pitch, f[(abs(resonance(f, formants)) / f).argmax()]]
        assert lines[vowel].startswith(f"{vowel}，第一峰在")
        assert numbers(lines[vowel]) == want
    assert numbers(lines["a"])[-1] == numbers(lines["o"])[-1]


def spoken(vowel, pitch, scale):
    f = harmonics(pitch)
    gain = resonance(f, scale * np.array(MEN[vowel])) * pitch / f
    t = np.arange(256) / 8000
    return sum(
        abs(g) * np.cos(tau * h * t + np.angle(g)) for g, h in zip(gain, f, strict=True)
    )


def seen(x):
    power = np.abs(fft.rfft(x * signal.get_window("hann", 256))) ** 2
    spectrum = np.log10(power + 1e-6)
    log_mel = np.log10(htk_filters(8000, 256, 24) @ (power + 1e-6))
    return {"功率谱": spectrum, "对数梅尔": log_mel, "MFCC": fft.dct(log_mel)[1:13] / 2}


@pytest.mark.parametrize("pitch", [(90, 250), (220, 300)])
def test_a_crowd_differs_in_pitch_throat_and_loudness(vowels, pitch):
    found, said = vowels.crowd(np.random.default_rng(3), 12, pitch)
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(said, rng.integers(0, 5, 12))
    for j, k in enumerate(said):
        x = spoken("ieaou"[k], rng.uniform(*pitch), rng.uniform(0.9, 1.25))
        x = x + 0.05 * x.std() * rng.standard_normal(256)
        for name, want in seen(x * 10 ** rng.uniform(-1, 1)).items():
            np.testing.assert_allclose(found[name][j], want, atol=1e-8)


def ridge(x, y, new):
    x, new = (np.column_stack([v, np.ones(len(v))]) for v in (x, new))
    line = Ridge(1.0, fit_intercept=False).fit(x, np.eye(y.max() + 1)[y])
    return line.predict(new).argmax(1)


def centroid(x, y, new):
    return NearestCentroid().fit(x, y).predict(new)


@pytest.mark.parametrize(
    ("section", "low", "high"),
    [("compare", (90, 250), (90, 250)), ("pitch", (90, 130), (220, 300))],
)
def test_the_scores_are_scikit_learns(vowels, section, low, high):
    printed, scores = vowels.printed_by[section], {}
    for seed in range(5):
        rng = np.random.default_rng(seed)
        (known, y), (new, z) = vowels.crowd(rng, 400, low), vowels.crowd(rng, 400, high)
        for view in known:
            for way, guess in (("最近平均", centroid), ("线性", ridge)):
                right = accuracy_score(z, guess(known[view], y, new[view]))
                scores.setdefault(f"{view}，{way}：", []).append(right)
    assert len(printed.splitlines()) == len(scores) == 6
    for label, found in scores.items():
        want = [min(found), max(found)]
        assert share(line_of(printed, label)) == pytest.approx(want, abs=0.0051)


def test_the_pages_table_has_the_printed_scores(vowels):
    def short(section, label):
        low, high = re.findall(r"\d+%", line_of(vowels.printed_by[section], label))
        return f"{low[:-1]}–{high}"

    text = PAGE.read_text("utf-8")
    for view in ("功率谱", "对数梅尔", "MFCC"):
        for way, said in (("最近平均", "按距离"), ("线性", "线性")):
            same, high = (short(s, f"{view}，{way}：") for s in ("compare", "pitch"))
            assert f"| {view} | {said} | {same} | {high} |" in text


def test_only_the_cepstrum_without_its_first_number_ignores_loudness(vowels):
    printed = vowels.printed_by["compare"]
    loud = share(line_of(printed, "对数梅尔，最近平均："))
    free = share(line_of(printed, "MFCC，最近平均："))
    assert max(loud) < 0.7 and min(free) > 0.9
    worse = share(line_of(vowels.printed_by["pitch"], "MFCC，最近平均："))
    assert max(worse) < min(free) - 0.1


def test_a_and_o_are_taken_for_each_other(vowels):
    rng = np.random.default_rng(0)
    known, y = vowels.crowd(rng, 400, (90, 250))
    new, z = vowels.crowd(rng, 1000, (90, 250))
    guess = centroid(known["MFCC"], y, new["MFCC"])
    want = confusion_matrix(z, guess, normalize="true")
    for k, vowel in enumerate("ieaou"):
        found = share(line_of(vowels.printed_by["confusion"], f"{vowel} 听成"))
        assert found == pytest.approx(want[k].tolist(), abs=0.0051)
    off = want - np.diag(np.diag(want))
    assert set(zip(*np.nonzero(off > 0.07), strict=True)) <= {(2, 3), (3, 2)}


# --- two vowels -----------------------------------------------------------------------

PAIRS = ("ai", "ia", "au", "ua", "iu", "ui")


def uttered(rng, pair, noise, level=1.0, rate=8000):
    pitch, scale = rng.uniform(90, 250), rng.uniform(0.9, 1.2)
    onset, length = rng.uniform(0.02, 0.15), rng.uniform(0.2, 0.33)
    f, t = harmonics(pitch, rate / 2), np.arange(rate // 2) / rate
    parts = []
    for vowel in pair:
        gain = abs(resonance(f, scale * np.array(MEN[vowel]))) * pitch / f
        parts.append(sum(g * np.cos(tau * h * t) for g, h in zip(gain, f, strict=True)))
    place = (t - onset) / length
    turn = 1 / (1 + np.exp(-30 * (place - 0.5)))
    x = (1 - turn) * parts[0] + turn * parts[1]
    x[(place <= 0) | (place >= 1)] = 0
    return level * (x + noise * rng.standard_normal(rate // 2))


@pytest.mark.parametrize("how", [{}, {"level": 0.01}, {"rate": 16000}])
def test_a_batch_holds_log_mel_of_two_vowels(listeners, how):
    found, said = listeners.batch(5, 4, **how)
    rng = np.random.default_rng(5)
    np.testing.assert_array_equal(said, rng.integers(0, 6, 4))
    for own, k in zip(found, said, strict=True):
        noise = rng.uniform(0.05, 0.3)
        power = scipy_power(uttered(rng, PAIRS[k], noise, **how), 256, 80)
        want = np.log10(np.maximum(power @ htk_filters(8000, 256, 24).T, 1e-10))
        np.testing.assert_allclose(own, want, atol=1e-8)


def test_training_and_test_pieces_are_fresh(listeners):
    first, y = listeners.batch(0, 600)
    np.testing.assert_array_equal(listeners.x, first)
    np.testing.assert_array_equal(listeners.y, y)
    np.testing.assert_array_equal(listeners.new, listeners.batch(1, 300)[0])
    frames = len(range(0, 4000 - 256 + 1, 80))
    found = numbers(listeners.printed_by["features"])
    assert found == [600, frames, 24, 300, frames, 24]


def test_the_mean_over_time_knows_the_vowels_but_not_their_order(listeners):
    printed, z = listeners.printed_by["baselines"], listeners.z
    for name, view in (
        ("对时间平均", lambda x: x.mean(1)),
        ("整张图拉直", lambda x: x.reshape(len(x), -1)),
    ):
        guess = ridge(view(listeners.x), listeners.y, view(listeners.new))
        pair = accuracy_score(z // 2, guess // 2)
        found = share(line_of(printed, f"{name}，线性："))
        assert found == pytest.approx([accuracy_score(z, guess), pair], abs=0.0051)
    right, pair = share(line_of(printed, "对时间平均，线性："))
    assert pair > 0.85 and right < 0.6 * pair + 0.05


def told(program, section):
    """What a section printed whose name begins with the framework's."""
    (name,) = [n for n in program.printed_by if n.endswith(f"-{section}")]
    return program.printed_by[name]


def outputs(model, x):
    """A network's six numbers, by hand: two convolutions, the greatest, a matrix."""
    parts = {"near": model.near, "wide": model.wide, "head": model.head}
    weights = {}
    for name, part in parts.items():
        if isinstance(part, torch.nn.Module):
            w, b = part.weight.detach().numpy(), part.bias.detach().numpy()
            weights[name] = (w.transpose(2, 1, 0) if w.ndim == 3 else w.T), b
        else:
            weights[name] = tuple(part.get_weights())
    if model.centre:
        x = x - x.mean((1, 2), keepdims=True)
    for name in ("near", "wide"):
        w, b = weights[name]
        cut = np.lib.stride_tricks.sliding_window_view(x, 5, axis=1)
        x = np.maximum(np.einsum("ntck,kcd->ntd", cut, w) + b, 0)
    w, b = weights["head"]
    return x.max(1) @ w + b


def scores(models, x, y):
    found = [accuracy_score(y, outputs(model, x).argmax(1)) for model in models]
    return pytest.approx([min(found), max(found)], abs=0.0051)


def losses_of(program):
    printed = told(program, "train").splitlines()
    return [numbers(line)[-1] for line in printed if line.startswith("第")]


def test_networks_hear_the_order_wherever_it_begins(listeners):
    printed = told(listeners, "train")
    losses = losses_of(listeners)
    assert len(losses) == 4 and losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.3 < 1.0 < losses[0] < 2.5
    assert len(listeners.plain) == len(listeners.centred) == 3
    assert not any(m.centre for m in listeners.plain)
    assert all(m.centre for m in listeners.centred)
    for label, models in (
        ("不减平均：", listeners.plain),
        ("减去平均：", listeners.centred),
    ):
        found = share(line_of(printed, label))
        assert found == scores(models, listeners.new, listeners.z)
        assert min(found) > 0.85


def cross_entropy(model, x, y):
    scores = outputs(model, x)
    scores -= scores.max(1, keepdims=True)
    right = scores[np.arange(len(y)), y] - np.log(np.exp(scores).sum(1))
    return -right.mean()


def test_the_printed_loss_is_that_of_guessing_and_then_of_the_network(listeners):
    losses = losses_of(listeners)
    assert 0.5 * np.log(6) < losses[0] < 1.1 * np.log(6)
    # the mean over the last epoch, while the network still learns
    after_it = cross_entropy(listeners.plain[0], listeners.x, listeners.y)
    assert 0.4 * losses[-1] - 0.005 < after_it < losses[-1] + 0.005


def test_the_figures_draw_what_the_records_say():
    figures, records = ROOT / "docs/assets/figures", ROOT / "snippets/applications"
    source = (figures / "speech-vowels-training.svg").read_text("utf-8")
    dots = re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', source)
    recorded = {
        kind: (records / f"speech_vowels_{kind}.out").read_text("utf-8")
        for kind in ("torch", "tf")
    }
    losses = [
        float(v) for out in recorded.values() for v in re.findall(r"损失 ([\d.]+)", out)
    ]
    drawn = [(112 - float(y)) / 43 for y in dots]  # 0 stands at 112, 1 at 69
    assert drawn == pytest.approx(losses, abs=0.006)

    source = (figures / "speech-vowels-mismatch.svg").read_text("utf-8")
    names = re.findall(r'<text [^>]*text-anchor="end">([^<]+)<', source)
    ends = re.findall(r'<circle cx="([\d.]+)"', source)
    labels = {
        "与训练一样": "减去平均：",
        "噪声 0.6": "噪声 0.6：",
        "噪声 1.0": "噪声 1.0：",
        "轻百倍，不减平均": "响度乘 0.01，不减平均：",
        "轻百倍，减去平均": "响度乘 0.01，减去平均：",
        "响百倍，不减平均": "响度乘 100，不减平均：",
        "响百倍，减去平均": "响度乘 100，减去平均：",
        "采样率认错": "每秒 16000 次的录音当作 8000 次：",
    }
    assert names == list(labels)
    want = [v for x in labels.values() for v in share(line_of(recorded["torch"], x))]
    assert [(float(x) - 128) / 176 for x in ends] == pytest.approx(want, abs=0.001)


def test_noise_beyond_the_training_is_not_understood(listeners):
    printed = told(listeners, "noise")
    assert len(printed.splitlines()) == 3
    best = []
    for noise in (0.3, 0.6, 1.0):
        x, y = listeners.batch(2, 300, (noise, noise))
        found = share(line_of(printed, f"噪声 {noise}："))
        assert found == scores(listeners.centred, x, y)
        best.append(max(found))
    assert best[0] > 0.9 and best[0] > best[1] + 0.1 and best[1] > best[2]


@pytest.mark.parametrize("level", [0.01, 100])
def test_who_takes_away_the_mean_does_not_mind_the_loudness(listeners, level):
    printed = told(listeners, "mismatch")
    x, y = listeners.batch(1, 300, level=level)
    plain = share(line_of(printed, f"响度乘 {level}，不减平均："))
    centred = share(line_of(printed, f"响度乘 {level}，减去平均："))
    assert plain == scores(listeners.plain, x, y)
    assert centred == scores(listeners.centred, x, y)
    assert max(plain) < 0.75 and min(centred) > 0.9


def test_sound_of_another_rate_is_not_understood(listeners):
    printed = told(listeners, "mismatch")
    assert len(printed.splitlines()) == 5
    x, y = listeners.batch(1, 300, rate=16000)
    found = share(line_of(printed, "每秒 16000 次的录音当作 8000 次："))
    assert found == scores(listeners.centred, x, y)
    assert max(found) < 0.4


# --- practice: applications/speech_vowels_practice_numpy ------------------------------

SOLUTION = """
def harmonic_levels(pitch, formants, widths, top):
    levels = []
    k = 1
    while k * pitch <= top:
        f = k * pitch
        gain = 1
        for F, B in zip(formants, widths):
            gain *= abs(F**2 / (F**2 - f**2 + 1j * f * B))
        levels.append(gain / k)
        k += 1
    return levels
"""
AT_ONCE = """
import numpy as np
def harmonic_levels(pitch, formants, widths, top):
    f = np.arange(pitch, top + 1e-9, pitch)
    squares = np.ones(len(f))
    for peak, width in zip(formants, widths):
        squares *= peak**4 / ((peak**2 - f**2) ** 2 + (f * width) ** 2)
    return np.sqrt(squares) * pitch / f
"""
SOURCE = ("gain / k", "gain")
WRONG = [
    SOURCE,
    ("gain / k", "gain / k**2"),
    ("k * pitch <= top", "k * pitch < top"),
    ("k * pitch <= top", "k <= 4"),
    ("gain *= abs", "gain += abs"),
    ("gain *= abs", "gain = abs"),
    ("    k = 1\n", "    k = 2\n"),
    ("1j * f * B", "1j * B"),
    ("1j * f * B", "f * B"),
    ("1j * f * B", "1j * f * B / 2"),
    ("abs(F**2 / (", "abs(1 / ("),
    ("abs(F**2 / (F**2", "abs(F / (F**2"),
    ("- f**2 +", "- f +"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_scipys_resonators_give(case):
    _, given, want, _ = case
    turns = np.arange(1, given["top"] // given["pitch"] + 1)
    gains = np.ones(len(turns))
    for peak, width in zip(given["formants"], given["widths"], strict=True):
        chain = [peak**2], [1, width, peak**2]
        gains *= np.abs(signal.freqs(*chain, given["pitch"] * turns)[1])
    assert want == pytest.approx((gains / turns).tolist(), abs=1e-6)


@pytest.mark.parametrize("solution", [SOLUTION, AT_ONCE])
def test_a_loop_and_arrays_both_pass_the_practice(solution):
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 6


def test_no_wrong_levels_pass_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, SOURCE) in PAGE.read_text("utf-8")
