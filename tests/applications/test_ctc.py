"""CTC: paths, lattice, gradient, decoders, the libraries' losses, a small recogniser.

References that the programs never call: every path written out in fractions, PyTorch's
loss and its autograd for the NumPy programs, NumPy and fractions for the libraries,
jiwer for the error rate.
"""

import re
from fractions import Fraction as Q
from itertools import product
from math import comb, exp, log

import jiwer
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from handbook.programs import practice
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers

PAGE = ROOT / "docs/applications/ctc.md"
PRACTICE = ROOT / "snippets/applications/ctc_practice_numpy.py"
Y = [[Q(n, 10) for n in row] for row in ((2, 5, 3), (6, 3, 1), (5, 1, 4), (6, 2, 2))]


@pytest.fixture
def hand(run_snippet):
    return run_snippet("applications/ctc_numpy")


@pytest.fixture
def slopes(run_snippet):
    return run_snippet("applications/ctc_gradient_numpy")


@pytest.fixture
def decoders(run_snippet):
    return run_snippet("applications/ctc_decode_numpy")


@pytest.fixture
def pytorch(run_snippet):
    return run_snippet("applications/ctc_library_torch")


@pytest.fixture
def keras(run_snippet):
    return run_snippet("applications/ctc_library_tf")


@pytest.fixture
def telephone(run_snippet):
    return run_snippet("applications/ctc_torch")


@pytest.fixture
def double():
    """Numbers as the recogniser's program has them."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def squeezed(path):
    """What a path says: a symbol counts where it differs from the one before it."""
    before = [None, *path]
    return tuple(k for j, k in zip(before, path, strict=False) if k and k != j)


def paths(y=Y):
    """(path, its probability), all of them."""
    for path in product(range(len(y[0])), repeat=len(y)):
        chance = Q(1)
        for row, k in zip(y, path, strict=True):
            chance *= row[k]
        yield path, chance


def chances(y=Y):
    total, ways = {}, {}
    for path, chance in paths(y):
        said = squeezed(path)
        total[said] = total.get(said, 0) + chance
        ways[said] = ways.get(said, 0) + 1
    return total, ways


def written(text):
    return tuple(int(k) for k in text)


def torch_loss(y, target):
    log_p = torch.tensor(np.array(y, dtype=float)).log()[:, None]
    sizes = torch.tensor([len(y)]), torch.tensor([len(target)])
    target = torch.tensor([list(target)], dtype=torch.long)
    return F.ctc_loss(log_p, target, *sizes, reduction="none").item()


def drawn(name):
    """A figure's source, and its texts in their order."""
    source = (ROOT / f"docs/assets/figures/{name}.svg").read_text("utf-8")
    return source, re.findall(r"<text[^>]*>([^<]*)</text>", source)


def dots(source, colour):
    """(x, y) of the figure's points of one colour."""
    found = re.findall(
        rf'<circle cx="([\d.]+)" cy="([\d.]+)"[^>]*--hb-{colour}\)', source
    )
    return [(float(x), float(y)) for x, y in found]


# --- by hand --------------------------------------------------------------------------


def same_table(y):
    own = torch.as_tensor(y).double().numpy()
    return np.allclose(own, np.array(Y, dtype=float), rtol=0, atol=1e-7)


def test_the_lattice_has_the_table_of_the_page(hand):
    assert same_table(hand.y)
    rows = [
        f"| {t} | {' | '.join(map(str, map(float, r)))} |" for t, r in enumerate(Y, 1)
    ]
    assert "\n".join(rows) in PAGE.read_text("utf-8")


def test_the_gradient_has_the_same_table(slopes):
    assert same_table(slopes.y)


def test_the_decoders_have_the_same_table(decoders):
    assert same_table(decoders.y)


def test_pytorch_has_the_same_table(pytorch):
    assert same_table(pytorch.y)


def test_keras_has_the_same_table(keras):
    assert same_table(keras.y[0])


def test_all_paths_collapse_to_the_answers_with_their_sums(hand):
    total, ways = chances()
    first, *lines = hand.printed_by["collapse"].splitlines()
    assert numbers(first) == [3**4, len(total)]
    ranked = sorted(total, key=total.get, reverse=True)[:5]
    for line, want in zip(lines, ranked, strict=True):
        said, _, rest = line.removeprefix("「").partition("」：")
        assert written(said) == want
        assert numbers(rest) == [
            ways[want],
            pytest.approx(float(total[want]), abs=5e-5),
        ]
    for said in ranked:  # U symbols, r of them like the one before
        repeats = sum(a == b for a, b in zip(said, said[1:], strict=False))
        assert ways[said] == comb(4 + len(said) - repeats, 2 * len(said))


def test_the_best_path_is_not_the_best_answer(hand):
    path, chance = max(paths(), key=lambda pair: pair[1])
    shown = "".join("-12"[k] for k in path)
    (line,) = hand.printed_by["best"].splitlines()
    assert line == (
        f"最可能的一种写法 {shown}，概率 {float(chance):.3f}，"
        f"答案「{''.join(map(str, squeezed(path)))}」"
    )
    total, _ = chances()
    assert max(total, key=total.get) != squeezed(path)


def test_the_page_counts_the_paths_of_12_and_their_blanks():
    own = sorted((p for path, p in paths() if squeezed(path) == (1, 2)), reverse=True)
    text = PAGE.read_text("utf-8")
    assert f"只有 {float(own[0]):.3f}，排第二" in text
    assert sum(p > own[0] for _, p in paths()) == 1
    spelt = [path for path, _ in paths() if squeezed(path) == (1, 2)]
    blanks = sum(path.count(0) for path in spelt)
    assert f"共有 {4 * len(spelt)} 个位置，空白占 {blanks} 个，正是 0.3" in text
    assert Q(blanks, 4 * len(spelt)) == Q(3, 10)


def test_the_exercises_have_the_answers_of_all_paths():
    text = PAGE.read_text("utf-8")
    two, ways = chances(Y[:2])
    assert ways[(2,)] == 3 and f"{float(two[(2,)]):.2f}$。" in text
    three, _ = chances(Y[:3])
    first, second = sorted(three, key=three.get, reverse=True)[:2]
    assert (first, second) == ((1,), (1, 2))
    assert f"= {float(three[first]):.3f}，" in text
    assert f"= {float(three[second]):.3f}，" in text
    best, _ = max(paths(Y[:3]), key=lambda pair: pair[1])
    assert best == (1, 0, 0)


def prefixes(target):
    """Cell by cell: the chance of all beginnings that end there, from the paths."""
    row = [0]
    for k in target:
        row += [k, 0]
    cells = np.zeros((len(Y), len(row)))
    for t in range(len(Y)):
        for path, chance in paths(Y[: t + 1]):
            said = squeezed(path)
            if said == tuple(target[: len(said)]):
                at = 2 * len(said) - 1 if path[-1] else 2 * len(said)
                cells[t, at] += float(chance)
    return cells


def test_each_cell_of_the_lattice_sums_the_beginnings_that_end_there(hand):
    cells = prefixes((1, 2))
    *lines, last = hand.printed_by["lattice"].splitlines()
    for t, line in enumerate(lines, 1):
        assert numbers(line)[0] == t
        assert numbers(line)[1:] == pytest.approx(cells[t - 1].tolist(), abs=6e-5)
    total, _ = chances()
    want = [float(total[1, 2]), torch_loss(Y, (1, 2))]
    assert numbers(last) == pytest.approx(want, abs=6e-5)


@pytest.mark.parametrize("t", [1, 2, 3, 4])
def test_the_figures_of_the_lattice_hold_its_cells(t):
    _, texts = drawn(f"ctc-lattice-{t}")
    marks, cells = "–1–2–", prefixes((1, 2))
    assert texts[:5] == list(marks)
    found = [float(x) for x in texts[5:-1] if not x.startswith("t=")]
    assert found == pytest.approx(cells[:t].ravel().tolist(), abs=6e-5)


@pytest.mark.parametrize("target", [(1,), (2, 1), (2, 2), (1, 2, 1), (2, 1, 2, 1)])
def test_the_lattice_of_any_answer_is_the_sum_over_its_paths(hand, target):
    total, _ = chances()
    found = hand.lattice(hand.y, target)[-1, -2:].sum()
    assert found == pytest.approx(float(total[target]), rel=1e-12)


def test_equal_neighbours_need_a_blank_between_them(hand):
    total, _ = chances()
    printed = hand.printed_by["repeat"]
    for said in ("11", "111", ""):
        want = float(total.get(written(said), 0))
        assert after(printed, f"「{said}」：") == pytest.approx([want], abs=5e-5)
    assert (1, 1, 1) not in total


# --- gradient -------------------------------------------------------------------------


def shares():
    """Of the paths that say 12: how much of them has each symbol, frame by frame."""
    found = np.zeros((4, 3))
    for path, chance in paths():
        if squeezed(path) == (1, 2):
            found[range(4), path] += float(chance)
    return found / float(chances()[0][1, 2])


def test_every_frame_carries_the_whole_sum(slopes):
    (line,) = slopes.printed_by["both"].splitlines()
    want = float(chances()[0][1, 2])
    assert numbers(line) == pytest.approx([want] * 4, abs=5e-5)


def test_the_gradient_is_the_output_less_the_share_of_the_paths(slopes):
    scores = torch.tensor(np.array(Y, dtype=float)).log().requires_grad_()
    log_p = scores.log_softmax(-1)[:, None]
    sizes = torch.tensor([4]), torch.tensor([2])
    F.ctc_loss(log_p, torch.tensor([[1, 2]]), *sizes, reduction="sum").backward()
    lines = slopes.printed_by["gradient"].splitlines()
    for t, line in enumerate(lines):
        frame, *rest = numbers(line.replace("+", " "))
        assert frame == t + 1
        assert rest[:3] == pytest.approx(shares()[t].tolist(), abs=6e-4)
        assert rest[3:] == pytest.approx(scores.grad[t].tolist(), abs=6e-4)
        signs = [word[0] for word in line.partition("梯度 ")[2].split()]
        assert set(signs) <= {"+", "-"}


def test_no_arrow_skips_the_blank_between_equal_letters(slopes):
    assert slopes.arrows(np.array([0, 1, 0, 1, 0])).tolist() == [
        [1, 1, 0, 0, 0],
        [0, 1, 1, 0, 0],
        [0, 0, 1, 1, 0],
        [0, 0, 0, 1, 1],
        [0, 0, 0, 0, 1],
    ]
    assert slopes.arrows(np.array([0, 1, 0, 2, 0]))[1, 3] == 1


def test_the_figure_of_the_gradient_has_bars_of_both_heights():
    source, _ = drawn("ctc-gradient")
    bars = re.findall(r'width="9" height="([\d.]+)"', source)
    found = np.array(bars, dtype=float).reshape(4, 3, 2)
    want = np.stack([np.array(Y, dtype=float), shares()], 2)
    np.testing.assert_allclose(found / 150, want, atol=0.004)


def test_blank_has_the_largest_share_when_nothing_is_known(slopes):
    lines = slopes.printed_by["blank"].splitlines()
    for line, (length, frames) in zip(lines, ((2, 4), (4, 40), (4, 400)), strict=True):
        said = tuple(range(1, length + 1))
        # The expected count of blanks, by runs: choose how many blanks there are.
        ways = {
            blanks: comb(frames - blanks - 1, length - 1)
            * comb(blanks + length, length)
            for blanks in range(frames - length + 1)
        }
        want = Q(
            sum(blanks * count for blanks, count in ways.items()),
            frames * sum(ways.values()),
        )
        assert sum(ways.values()) == comb(frames + length, 2 * length)
        each = (1 - want) / length
        found = [length, frames, float(want), float(each)]
        assert numbers(line) == pytest.approx(found, abs=6e-4)
        if frames == 4:
            flat = [[Q(1, length + 1)] * (length + 1)] * frames
            counted = [
                path.count(0) for path, _ in paths(flat) if squeezed(path) == said
            ]
            assert Q(sum(counted), frames * len(counted)) == want


# --- decoding -------------------------------------------------------------------------


def test_the_greedy_answer_is_that_of_the_best_path(decoders):
    path, _ = max(paths(), key=lambda pair: pair[1])
    assert after(decoders.printed_by["greedy"], "贪心：") == [
        float(k) for k in squeezed(path)
    ]


def pruned(width):
    """Prefixes and their chances when only the best are kept, path by path."""
    alive = {(): Q(1)}  # path -> chance; a prefix is what a path says
    for row in Y:
        grown = {(*path, k): p * row[k] for path, p in alive.items() for k in range(3)}
        sums = {}
        for path, p in grown.items():
            sums[squeezed(path)] = sums.get(squeezed(path), 0) + p
        best = sorted(sums, key=sums.get, reverse=True)[:width]
        alive = {path: p for path, p in grown.items() if squeezed(path) in best}
    return best[0], float(sums[best[0]])


@pytest.mark.parametrize("t", [1, 2, 3, 4])
def test_the_figures_of_the_beam_hold_its_prefixes(t):
    alive = {(): Q(1)}
    for row in Y[:t]:
        grown = {(*path, k): p * row[k] for path, p in alive.items() for k in range(3)}
        sums = {}
        for path, p in grown.items():
            pair = sums.setdefault(squeezed(path), [Q(0), Q(0)])
            pair[1 if path[-1] else 0] += p
        order = sorted(sums, key=lambda said: sum(sums[said]), reverse=True)
        alive = {path: p for path, p in grown.items() if squeezed(path) in order[:2]}
    source, texts = drawn(f"ctc-beam-{t}")
    rows = [texts[i : i + 4] for i in range(5, len(texts), 4)]
    assert len(rows) >= 2
    for said, (shown, *values) in zip(order, rows, strict=False):
        assert written(shown.replace("空", "")) == said
        blank, letter = sums[said]
        want = [float(blank), float(letter), float(blank + letter)]
        assert list(map(float, values)) == pytest.approx(want, abs=1e-9)
    assert source.count("dasharray") == len(rows) - 2


def test_a_beam_keeps_the_best_prefixes_and_loses_what_it_pruned(decoders):
    lines = decoders.printed_by["beam"].splitlines()
    for line, width in zip(lines, (1, 2, 3, 99), strict=True):
        said, value = pruned(width)
        label, _, rest = line.partition("：「")
        assert numbers(label) == [width]
        shown, _, chance = rest.partition("」")
        assert written(shown) == said
        assert float(chance) == pytest.approx(value, abs=5e-5)
    assert pruned(99) == ((1, 2), float(chances()[0][1, 2]))


@pytest.mark.parametrize("seed", range(4))
def test_a_wide_beam_finds_the_best_answer_of_random_tables(decoders, seed):
    draw = np.random.default_rng(seed)
    y = draw.dirichlet([1, 1, 1], 5)
    total, _ = chances([[Q(v) for v in row] for row in y])
    best = max(total, key=total.get)
    prefix, value = next(iter(decoders.beam_search(y, 1000).items()))
    assert prefix == best
    assert value.sum() == pytest.approx(float(total[best]), rel=1e-9)


# --- the libraries --------------------------------------------------------------------

WANT = -log(0.2518)


def test_pytorch_says_what_the_paths_say_and_divides_by_the_labels(pytorch):
    printed = pytorch.printed_by["loss"]
    assert float(chances()[0][1, 2]) == pytest.approx(0.2518, abs=1e-12)
    assert after(printed, "「12」的损失") == pytest.approx([WANT], abs=5e-5)
    found = numbers(line_of(printed, "默认的 mean："))[0]
    assert found == pytest.approx(WANT / 2, abs=5e-5)


def test_scores_that_are_no_logarithms_give_a_loss_below_zero(pytorch):
    scores = np.array([[1, 4, 0], [3, 1, 0], [1, 0, 4.0]])

    def total(values):
        ways = [p for p in product(range(3), repeat=3) if squeezed(p) == (1, 2)]
        return -log(sum(exp(values[range(3), p].sum()) for p in ways))

    printed = pytorch.printed_by["negative"]
    assert after(printed, "忘了 log_softmax：") == pytest.approx(
        [total(scores)], abs=6e-3
    )
    right = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    assert after(printed, "log_softmax 以后：") == pytest.approx(
        [total(right)], abs=6e-3
    )


def test_an_answer_that_does_not_fit_costs_infinity(pytorch):
    printed = pytorch.printed_by["infinite"]
    assert (1, 1, 1) not in chances()[0]
    assert line_of(printed, "4 帧写「111」：").strip() == "inf"
    assert after(printed, "加上 zero_infinity=True：") == [0]
    want = -log(chances(Y[:2])[0][1, 2])
    assert after(printed, "2 帧写「12」：") == pytest.approx([want], abs=5e-5)


def test_a_blank_in_another_place_must_be_named(pytorch):
    printed = pytorch.printed_by["blank"]
    assert after(printed, "写 blank=2：") == pytest.approx([WANT], abs=5e-5)
    # Rows blank, letter 0, blank, letter 1, blank: three of them read column 0.
    column, jump, total = (0, 0, 0, 1, 0), {(1, 3)}, Q(0)
    for route in product(range(5), repeat=4):
        moves = list(zip(route, route[1:], strict=False))
        if (
            route[0] < 2
            and route[-1] > 2
            and all(b - a in (0, 1) or (a, b) in jump for a, b in moves)
        ):
            chance = Q(1)
            for (blank, one, two), s in zip(Y, route, strict=True):
                chance *= (one, two, blank)[column[s]]
            total += chance
    found = after(printed.replace("，0 ", "，"), "忘了写，被当成空白：")
    assert found == pytest.approx([-log(total)], abs=5e-5)


def test_keras_takes_scores_and_does_not_mind_a_constant(keras):
    printed = keras.printed_by["keras-loss"]
    assert after(printed, "「12」的损失") == pytest.approx([WANT], abs=6e-5)
    assert after(printed, "每帧的得分各加 5：") == pytest.approx([WANT], abs=6e-5)


def test_keras_counts_the_padding_unless_it_is_told_the_length(keras):
    printed = keras.printed_by["padding"]
    exact = after(printed, "ops.ctc_loss 说明只有 4 帧：")
    assert exact == pytest.approx([WANT], abs=6e-5)
    longer = [*Y, [Q(1, 3)] * 3, [Q(1, 3)] * 3]  # zeros are equal scores
    want = -log(chances(longer)[0][1, 2])
    found = after(printed, "losses.CTC 把 6 帧都算进去：")
    assert found == pytest.approx([want], abs=6e-5)


def test_two_decoders_of_tensorflow_disagree_about_the_blank(keras):
    printed = keras.printed_by["decode"]
    total, _ = chances()
    best, _ = max(paths(), key=lambda pair: pair[1])
    assert after(printed, "keras greedy：") == [1] == list(squeezed(best))
    want = max(total, key=total.get)
    assert after(printed, "keras beam_search：") == list(map(float, want))
    assert after(printed, "tf.nn，blank_index=0：") == list(squeezed(best))
    alone = [k for j, k in zip([None, *best], best, strict=False) if k not in (2, j)]
    assert after(printed, "tf.nn，blank_index=None：") == alone


# --- telephone keys -------------------------------------------------------------------


def test_a_key_sounds_as_its_row_and_its_column(telephone):
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477)
    for r, keys in enumerate(("123", "456", "789", "*0#")):
        for c, key in enumerate(keys):
            sound = telephone.dial(np.random.default_rng(0), key, 0)
            size = len(sound)
            power = abs(np.fft.rfft(sound * np.hanning(size)))
            at = np.fft.rfftfreq(size, 1 / 8000)
            low, high = at < 1075, at >= 1075
            assert abs(at[low][power[low].argmax()] - rows[r]) < 8
            assert abs(at[high][power[high].argmax()] - columns[c]) < 8


def test_a_column_of_features_is_the_log_of_the_power(telephone):
    sound = np.random.default_rng(1).standard_normal(1000)
    found = telephone.features(sound)
    assert found.shape == (1 + (1000 - 256) // 160, 129)
    window = torch.hann_window(256, periodic=False, dtype=torch.float64)
    spectrum = torch.stft(
        torch.from_numpy(sound),
        n_fft=256,
        hop_length=160,
        window=window,
        center=False,
        return_complex=True,
    )
    want = ((spectrum.abs() ** 2 + 1).log10() - 1.5) / 1.5
    np.testing.assert_allclose(found, want.T.numpy(), atol=1e-9)


def test_keys_last_60_to_120_and_pauses_30_to_80_milliseconds(telephone):
    held, pauses = [], []
    for seed in range(200):
        sound = telephone.dial(np.random.default_rng(seed), "5", 0)
        assert not sound[:240].any() and sound[245:260].any()
        last = np.flatnonzero(sound)[-1]
        held.append((last - 239) / 8)
        pauses.append((len(sound) - 1 - last) / 8)
    assert min(held) == pytest.approx(60, abs=2)
    assert max(held) == pytest.approx(120, abs=2)
    assert min(pauses) == pytest.approx(30, abs=2)
    assert max(pauses) == pytest.approx(80, abs=2)
    loud = telephone.dial(np.random.default_rng(0), "5", 2.0)
    assert loud[:240].std() == pytest.approx(2, rel=0.2)


def test_a_batch_is_padded_with_zeros_and_says_its_lengths(telephone, double):
    x, frames, labels, lengths = telephone.batch(np.random.default_rng(3), 60, 0)
    assert set(lengths.tolist()) == {3, 4, 5, 6}
    assert set(labels.tolist()) == set(range(1, 11))
    assert len(labels) == sum(lengths) and len(x) == 60
    assert x.shape[1] == max(frames)
    model, at = telephone.models[0], 0
    with torch.no_grad():
        scores = model(x)
    right = 0
    for row, own, count, size in zip(x, scores, lengths, frames, strict=True):
        assert not row[size:].any() and row[size - 1].any()
        want = tuple(labels[at : at + count].tolist())
        right += squeezed(own[:size].argmax(-1).tolist()) == want
        at += count
    assert right >= 55


def test_the_training_draws_sixteen_recordings_with_noise_up_to_one_and_a_half(
    telephone, monkeypatch
):
    asked = []

    def watched(rng, count, noise):
        asked.append((count, noise))
        return (
            torch.zeros(1, 4, 129),
            torch.tensor([4]),
            torch.tensor([1]),
            torch.tensor([1]),
        )

    monkeypatch.setitem(telephone.train.__globals__, "batch", watched)
    with torch.random.fork_rng():
        telephone.train(5)
    counts, noises = zip(*asked, strict=True)
    assert set(counts) == {16} and len(counts) == 401
    assert 0 <= min(noises) < 0.1 and 1.4 < max(noises) <= 1.5


def test_a_column_hears_itself_and_two_on_each_side(telephone):
    x = torch.randn(1, 21, 129, generator=torch.Generator().manual_seed(0))
    x = x.double().requires_grad_()
    telephone.models[0](x)[0, 10].square().sum().backward()
    heard = x.grad[0].abs().sum(-1).nonzero().ravel()
    assert heard.tolist() == [8, 9, 10, 11, 12]


def test_greedy_squeezes_each_recording_up_to_its_length(telephone):
    draw = torch.Generator().manual_seed(1)
    scores = torch.randn(3, 40, 4, generator=draw)
    found = telephone.greedy(scores, [40, 17, 5])
    paths = scores.argmax(-1).tolist()
    want = [squeezed(path[:n]) for path, n in zip(paths, (40, 17, 5), strict=True)]
    assert list(map(tuple, found)) == want


def training(telephone):
    """{seed: [(step, loss, blanks in percent)]} as printed."""
    found = {}
    for line in telephone.printed_by["train"].splitlines():
        seed, *rest = numbers(line)
        found.setdefault(int(seed), []).append(tuple(rest))
    return found


def test_the_first_loss_is_the_mean_over_labels_of_the_lattice(telephone, hand, double):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = telephone.Recognizer()
    rng = np.random.default_rng(0)
    x, frames, labels, lengths = telephone.batch(rng, 16, rng.uniform(0, 1.5))
    with torch.no_grad():
        scores = model(x)
    at, losses, blanks = 0, [], []
    for row, size, count in zip(scores, frames, lengths, strict=True):
        own, target = row[:size].softmax(-1).numpy(), labels[at : at + count].tolist()
        losses.append(-np.log(hand.lattice(own, target)[-1, -2:].sum()) / int(count))
        blanks += (own.argmax(1) == 0).tolist()
        at += count
    found = training(telephone)[0][0]
    want = (0, np.mean(losses), 100 * np.mean(blanks))
    assert found[1] == pytest.approx(want[1], abs=6e-3)
    assert found[2] == pytest.approx(want[2], abs=0.6)


def test_each_seed_waits_on_blanks_and_then_learns(telephone):
    found = training(telephone)
    assert sorted(found) == [0, 1, 2]
    for rows in found.values():
        at = {step: (loss, blank) for step, loss, blank in rows}
        assert at[20][1] > 95 and at[80][1] > 95
        assert at[400][0] < 0.2 and at[400][1] < 60


def test_the_last_line_of_seed_0_is_that_of_its_last_batch(telephone, double):
    rng = np.random.default_rng(0)
    for _ in range(401):  # the model is one step further than the line
        drawn_last = telephone.batch(rng, 16, rng.uniform(0, 1.5))
    x, frames, labels, lengths = drawn_last
    with torch.no_grad():
        log_p = telephone.models[0](x).log_softmax(-1)
    blanks, losses, at = [], [], 0
    for row, size, count in zip(log_p, frames, lengths, strict=True):
        blanks += (row[:size].argmax(-1) == 0).tolist()
        target = labels[at : at + count][None]
        one = F.ctc_loss(
            row[:size, None], target, size[None], count[None], reduction="sum"
        )
        losses.append(one.item() / int(count))
        at += count
    step, loss, blank = training(telephone)[0][-1]
    assert step == 400
    assert loss == pytest.approx(np.mean(losses), abs=0.03)
    assert blank == pytest.approx(100 * np.mean(blanks), abs=2.5)


def test_the_figure_of_the_training_shows_the_printed_numbers(telephone):
    source, _ = drawn("ctc-training")
    steps, losses, blanks = zip(*training(telephone)[0], strict=True)
    for colour, values, top, scale, most in (
        ("qing", losses, 26, 7, 14),
        ("zhu", blanks, 156, 0.96, 100),
    ):
        at, heights = zip(*dots(source, colour), strict=True)
        assert [(x - 40) / 0.68 for x in at] == pytest.approx(steps, abs=0.01)
        found = [most - (y - top) / scale for y in heights]
        assert found == pytest.approx(values, abs=0.006)


def test_the_figure_of_the_columns_shows_the_printed_ones(telephone):
    source, _ = drawn("ctc-columns")
    cells = re.findall(r'<rect [^>]*height="34"[^>]*--hb-(wash|line)\)', source)
    columns, _ = telephone.printed_by["peaks"].splitlines()
    assert ["-" if cell == "line" else "x" for cell in cells] == [
        k if k == "-" else "x" for k in columns
    ]


def test_the_loss_waits_on_a_plateau_of_blanks_and_then_falls(telephone):
    steps, losses, blanks = zip(*training(telephone)[0], strict=True)
    assert steps == (0, 10, 20, 40, 80, 120, 160, 200, 400)
    assert blanks[1:6] == (100,) * 5
    assert all(2 < loss < 6 for loss in losses[1:6])
    assert losses[-1] < 0.1 < losses[-2] + 1 and blanks[-1] < 70


def rate(telephone, model, noise, length=(3, 7)):
    """jiwer's error rate on the program's own calls."""
    rng = np.random.default_rng(99)
    keys = [rng.integers(1, 11, rng.integers(*length)).tolist() for _ in range(200)]
    said = []
    for key in keys:
        text = "".join("1234567890"[k - 1] for k in key)
        sound = telephone.dial(rng, text, noise)
        with torch.no_grad():
            scores = model(torch.from_numpy(telephone.features(sound))[None])[0]
        said.append(squeezed(scores.argmax(-1).tolist()))
    spoken = [" ".join(map(str, key)) for key in keys]
    return jiwer.wer(spoken, [" ".join(map(str, s)) for s in said])


def test_the_error_rates_are_those_of_jiwer(telephone):
    printed = telephone.printed_by["noise"]
    short = (3, 7)
    for noise, length, label in (
        *((n, short, f"噪声 {n}：错误率") for n in (0, 0.5, 1, 1.5, 2, 3)),
        (0.5, (12, 13), "12 个数字（训练时最多 6 个）："),
    ):
        rates = [rate(telephone, model, noise, length) for model in telephone.models]
        want = [100 * min(rates), 100 * max(rates)]
        assert after(printed, label) == pytest.approx(want, abs=0.06)


def test_the_error_grows_with_the_noise(telephone):
    lines = telephone.printed_by["noise"].splitlines()[:-1]
    levels = [numbers(line)[0] for line in lines]
    assert levels == [0, 0.5, 1, 1.5, 2, 3]
    worst = [numbers(line)[2] for line in lines]
    assert worst[:3] == pytest.approx([0, 0, 0], abs=6)
    assert worst[2] < worst[3] < worst[4] < worst[5]


def test_a_recording_is_written_as_columns_and_read(telephone):
    columns, said = telephone.printed_by["peaks"].splitlines()
    path = ["-1234567890".index(k) for k in columns]
    want = "".join("-1234567890"[k] for k in squeezed(path))
    assert said == f"读作 {want}" == "读作 2026"
    sound = telephone.dial(np.random.default_rng(7), "2026", 0.5)
    with torch.no_grad():
        scores = telephone.models[0](torch.from_numpy(telephone.features(sound))[None])
    assert scores[0].argmax(-1).tolist() == path


def test_equal_keys_without_a_pause_are_one_key(telephone):
    printed = telephone.printed_by["held"]
    apart = line_of(printed, "按 1122，间隔 50 毫秒，三个网络读作 ").split("、")
    close = line_of(printed, "按 1122，间隔 0 毫秒，三个网络读作 ").split("、")
    assert apart == ["1122"] * 3 and close == ["12"] * 3


def test_pieces_are_heard_as_the_whole_is(telephone):
    (line,) = telephone.printed_by["stream"].splitlines()
    count = -(-len(telephone.sound) // 10)
    assert line == f"分 {count} 段听，与整段听的得分相同： True"
    with torch.no_grad():
        whole = telephone.models[0](torch.from_numpy(telephone.sound)[None])
    parts = torch.cat(telephone.parts, 1)
    np.testing.assert_allclose(parts.numpy(), whole.numpy(), atol=1e-9)
    assert len(telephone.parts) == count


# --- practice: applications/ctc_practice_numpy ----------------------------------------

SOLUTION = """
def ctc_loss(log_p, target):
    row = [0]
    for k in target:
        row += [k, 0]
    alpha = np.full(len(row), -np.inf)
    alpha[0] = log_p[0, 0]
    if len(row) > 1:
        alpha[1] = log_p[0, row[1]]
    for t in range(1, len(log_p)):
        old = alpha.copy()
        for s, k in enumerate(row):
            came = old[s]
            if s > 0:
                came = np.logaddexp(came, old[s - 1])
            if s > 1 and k != 0 and k != row[s - 2]:
                came = np.logaddexp(came, old[s - 2])
            alpha[s] = came + log_p[t, k]
    end = alpha[-1] if len(row) == 1 else np.logaddexp(alpha[-1], alpha[-2])
    return -float(end)
"""
BACKWARD = """
def ctc_loss(log_p, target):
    def rest(t, u, last, memory={}):
        if t == 0:
            memory.clear()
        if t == len(log_p):
            return 0.0 if u == len(target) else -np.inf
        if (t, u, last) in memory:
            return memory[t, u, last]
        total = log_p[t, 0] + rest(t + 1, u, 0)
        if last:
            total = np.logaddexp(total, log_p[t, last] + rest(t + 1, u, last))
        if u < len(target) and target[u] != last:
            step = log_p[t, target[u]] + rest(t + 1, u + 1, target[u])
            total = np.logaddexp(total, step)
        memory[t, u, last] = total
        return total
    return -float(rest(0, 0, 0))
"""
JUMP = (" and k != row[s - 2]", "")
WRONG = [
    JUMP,
    ("s > 1 and k != 0 and k != row[s - 2]", "False"),
    ("np.logaddexp(alpha[-1], alpha[-2])", "alpha[-1]"),
    ("np.logaddexp(alpha[-1], alpha[-2])", "alpha[-2]"),
    ("np.logaddexp(came, old[s - 1])", "max(came, old[s - 1])"),
    ("np.logaddexp(came, old[s - 2])", "max(came, old[s - 2])"),
    ("            came = old[s]\n", "            came = -np.inf\n"),
    ("        alpha[1] = log_p[0, row[1]]", "        pass"),
    ("    alpha[0] = log_p[0, 0]", "    pass"),
    ("old = alpha.copy()", "old = alpha"),
    ("-float(end)", "float(end)"),
    ("-float(end)", "-float(end) / max(1, len(target))"),
    ("-float(end)", "-float(np.exp(end))"),
    ("log_p[t, k]", "log_p[t, k - 1]"),
    ("row = [0]", "row = []"),
    ("-float(end)", "-np.log(np.exp(log_p).prod(0).sum() * 0 + np.exp(float(end)))"),
]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_pytorch_finds(case):
    _, given, want, _ = case
    found = torch_loss(np.exp(given["log_p"]), given["target"])
    assert found == pytest.approx(want, abs=2e-6)


@pytest.mark.parametrize("solution", [SOLUTION, BACKWARD])
def test_a_lattice_and_a_recursion_both_pass_the_practice(solution):
    verdict = practice.verdict_on(PRACTICE, solution)
    assert verdict.passed == verdict.total == 6


def test_no_wrong_loss_passes_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, JUMP) in PAGE.read_text("utf-8")
