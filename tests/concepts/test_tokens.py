"""The page on tokens and vectors: its tokenizer and its word vectors.

References that the snippets never import: ``tokenizers`` (BPE trainer and encoder,
WordPiece and Unigram encoders, normalizers), ``tiktoken`` (encoder of given ranks),
``regex`` (GPT-2's pattern), ``transformers`` (GPT-2's parameters), enumeration of all
segmentations, finite differences, autograd and ``GradientTape`` for the gradients
written by hand, ``keras.losses``, ``scipy.stats``, scikit-learn's cosines.
"""

import ast
import contextlib
import inspect
import io
import json
import math
import random
import re
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path

import keras
import numpy as np
import pytest
import regex
import tensorflow as tf
import tiktoken
import torch
from scipy import stats
from sklearn.metrics.pairwise import cosine_similarity
from tiktoken_ext import openai_public
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    trainers,
)
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from handbook.programs import practice

ROOT = Path(__file__).parent.parent.parent
FRAMEWORKS = ["numpy", "torch", "tf"]
# The pattern of the GPT-2 release, as tiktoken quotes it.
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?[\p{N}]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


@pytest.fixture(scope="module")
def bpe(run_snippet):
    return run_snippet("concepts/tokens_bpe_python")


@pytest.fixture(scope="module")
def unigram(run_snippet):
    return run_snippet("concepts/tokens_unigram_python")


@pytest.fixture(params=FRAMEWORKS)
def sgns(run_snippet, request):
    return run_snippet(f"concepts/tokens_sgns_{request.param}")


# --- training: the same merges as the library's trainer ---------------------------


def letters_of_bytes() -> list[str]:
    """GPT-2's letter for each byte: itself if it can be seen, else from 256 on."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    unseen = [b for b in range(256) if b not in seen]
    letters = {b: chr(b) for b in seen}
    letters |= {b: chr(256 + n) for n, b in enumerate(unseen)}
    return [letters[b] for b in range(256)]


LETTERS = letters_of_bytes()
#: The library numbers bytes in the order of their letters; ties follow the numbers.
BY_NUMBER = sorted(range(256), key=lambda b: LETTERS[b])


def library(text: str, size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([text], trainer)
    return tokenizer


def library_merges(tokenizer: Tokenizer) -> list[tuple[bytes, bytes]]:
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [
        tuple(bytes(LETTERS.index(c) for c in part) for part in pair) for pair in merges
    ]


def own_merges(bpe, text: str, size: int) -> list[tuple[bytes, bytes]]:
    """Merges of the snippet, with bytes numbered as the library numbers them."""
    number = {b: n for n, b in enumerate(BY_NUMBER)}
    words = {
        bytes(number[b] for b in word): count
        for word, count in bpe.counted(text).items()
    }
    vocab, merges = bpe.train(words, size)
    back = [bytes(BY_NUMBER[n] for n in piece) for piece in vocab]
    return [(back[left], back[right]) for left, right in merges]


def texts(bpe) -> dict[str, str]:
    rng = random.Random(0)
    return {
        "english": bpe.english,
        "chinese": bpe.chinese,
        "both": bpe.english + bpe.chinese,
        "emoji": "😀😁 好😀 é e\u0301 汉字 汉语 漢字 " * 3,
        "runs": "aaaa aaa aaaaaaa ababab abab 哈哈哈哈 哈哈 哈哈哈 1000 10000 " * 2,
        "ties": "ab ba cd dc 甲乙 乙甲 丙丁",
        "random": "".join(rng.choice("ab 中国人 \n") for _ in range(600)),
    }


@pytest.mark.parametrize(
    "name", ["english", "chinese", "both", "emoji", "runs", "ties", "random"]
)
def test_merges_are_those_of_the_tokenizers_trainer(bpe, name) -> None:
    text = texts(bpe)[name]
    theirs = library_merges(library(text, 512))
    assert theirs  # the shorter texts run out of pairs before 512
    assert own_merges(bpe, text, 512) == theirs


@pytest.mark.parametrize("seed", range(20))
def test_merges_agree_on_random_texts(bpe, seed) -> None:
    rng = random.Random(seed)
    alphabet = rng.choice(["ab ", "abc  ", "一二三 ", "aé中😀 ", "01,. "])
    text = "".join(rng.choice(alphabet) for _ in range(rng.randrange(20, 400)))
    assert own_merges(bpe, text, 300) == library_merges(library(text, 300))


def test_no_two_merges_spell_the_same_piece(bpe) -> None:
    # what lies between two boundaries is always merged in the same order
    for text in texts(bpe).values():
        vocab, _ = bpe.train(bpe.counted(text), 512)
        assert len(set(vocab)) == len(vocab)


def test_a_tie_goes_to_the_pair_with_the_smaller_ids(bpe) -> None:
    _, merges = bpe.train({b"zy": 3, b"ab": 3, b"az": 3}, 258)
    assert list(merges) == [(ord("a"), ord("b")), (ord("a"), ord("z"))]


def test_training_ends_when_every_word_is_one_token(bpe) -> None:
    vocab, merges = bpe.train({b"ab": 1}, 512)
    assert vocab[256:] == [b"ab"] and merges == {(97, 98): 256}


def drawn(number: int) -> list[bytes]:
    """The tokens in the boxes of one state of the film strip, as bytes."""
    path = ROOT / f"docs/assets/figures/tokens-bpe-{number}.svg"
    boxes = re.findall(r'y="44"[^>]*>([^<]+)<', path.read_text("utf-8"))
    return [
        b"".join(
            bytes.fromhex(word) if re.fullmatch("[0-9A-F]{2}", word) else word.encode()
            for word in box.split()
        )
        for box in boxes
    ]


@pytest.mark.parametrize("state", range(4))
def test_the_film_strip_shows_the_tokens_of_the_library(state) -> None:
    word = "一上一下一"
    tokenizer = library(word, 256 + state)
    expected = [
        bytes(LETTERS.index(letter) for letter in token)
        for token in tokenizer.encode(word).tokens
    ]
    assert drawn(state + 1) == expected


def test_the_film_strip_counts_the_pairs_it_frames() -> None:
    page = (ROOT / "docs/concepts/tokens.md").read_text("utf-8")
    strip = page.split('class="hb-steps"')[1].split("</ol>")[0]
    said = [int(n) for n in re.findall(r"(\d) 次", strip)]
    counts = [Counter(pairwise(drawn(n))).most_common(2) for n in (1, 2, 3)]
    assert said == [first for (_, first), _ in counts]
    assert all(first > second for (_, first), (_, second) in counts)


def test_text_is_split_as_gpt2_splits_it(bpe) -> None:
    for text in (bpe.english, bpe.chinese, "I'll  go, 3.11 元_x \n\n 好😀!? ", "don't"):
        assert bpe.split(text) == regex.findall(GPT2, text)


def test_pieces_join_to_the_text(bpe) -> None:
    everything = "".join(map(chr, [*range(0x3000), *range(0x4E00, 0x5000)]))
    assert "".join(bpe.split(everything)) == everything


# --- what is printed: each number against a library that numbers bytes by value -------


def merges_of(text: str, size: int) -> list[bytes]:
    """All pieces by rank: ``tokenizers`` trained on letters in the order of bytes."""
    words = (piece.encode() for piece in regex.findall(GPT2, text))
    lettered = " ".join("".join(chr(0x4E00 + b) for b in word) for word in words)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        initial_alphabet=[chr(0x4E00 + b) for b in range(256)],
        show_progress=False,
    )
    tokenizer.train_from_iterator([lettered], trainer)
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    return [bytes(ord(c) - 0x4E00 for c in piece) for piece, _ in pieces]


def encoder_of(pieces: list[bytes]) -> tiktoken.Encoding:
    """``tiktoken`` with these pieces in their order."""
    ranks = {piece: rank for rank, piece in enumerate(pieces)}
    return tiktoken.Encoding(
        name="ranks", pat_str=GPT2, mergeable_ranks=ranks, special_tokens={}
    )


def shown(piece: bytes) -> str:
    try:
        return repr(piece.decode())
    except UnicodeDecodeError:
        return piece.hex(" ").upper()


@pytest.fixture(scope="module")
def page_pieces(bpe) -> list[bytes]:
    return merges_of(bpe.english + bpe.chinese, 512)


@pytest.fixture(scope="module")
def page_encoder(page_pieces) -> tiktoken.Encoding:
    return encoder_of(page_pieces)


def test_printed_bytes_spell_the_characters(bpe) -> None:
    rows = re.findall(r"(.)：(\d) 个字节，([\dA-F ]+)", bpe.printed_by["texts"])
    assert [c for c, *_ in rows] == ["a", "é", "汉", "😀"]
    for c, count, in_hex in rows:
        spelt = bytes.fromhex(in_hex)
        assert spelt.decode("utf-8") == c and len(spelt) == int(count)


def test_printed_pieces_are_those_of_gpt2_s_pattern(bpe) -> None:
    found = ast.literal_eval(bpe.printed_by["split"].partition("：")[2].strip())
    assert "".join(found) == "The words don't 早上九点，来了 3 个孩子。"
    assert found == regex.findall(GPT2, "".join(found))


def test_printed_merges_are_the_first_of_the_library_s_trainer(
    bpe, page_pieces
) -> None:
    head, *lines = bpe.printed_by["learn"].splitlines()
    assert re.findall(r"\d+", head) == ["512", "256", "12"] and len(lines) == 12
    for rank, line in enumerate(lines, 256):
        number, left, right, whole = re.fullmatch(
            r"(\d+)：(.+) \+ (.+) → (.+)", line
        ).groups()
        assert int(number) == rank and whole == shown(page_pieces[rank])
        halves = {shown(p): p for p in page_pieces[:rank]}
        assert halves[left] + halves[right] == page_pieces[rank]


def test_printed_examples_are_encoded_by_tiktoken(bpe, page_encoder) -> None:
    lines = bpe.printed_by["examples"].splitlines()
    assert len(lines) == 7
    for line in lines[:5]:
        text, count, pieces = re.fullmatch(r"(.+) → (\d+) 个：(.+)", line).groups()
        theirs = page_encoder.encode(ast.literal_eval(text))
        parts = [page_encoder.decode_single_token_bytes(i) for i in theirs]
        assert (int(count), pieces.split(" | ")) == (len(parts), [*map(shown, parts)])
    parts = [p.decode(errors="replace") for p in parts_of(page_encoder, "汉语")]
    assert lines[5] == "逐个词元解码再拼接： " + "".join(parts)
    assert lines[6] == "先拼接字节再解码： 汉语"


def parts_of(encoder: tiktoken.Encoding, text: str) -> list[bytes]:
    return [encoder.decode_single_token_bytes(i) for i in encoder.encode(text)]


def test_printed_special_token_follows_the_vocabulary(bpe, page_encoder) -> None:
    special, ordinary = bpe.printed_by["special"].splitlines()
    assert special == f"当作特殊词元： [{page_encoder.n_vocab}]"
    count = len(page_encoder.encode("<|endoftext|>", disallowed_special=()))
    assert ordinary == f"当作普通文字： {count} 个词元"


def test_printed_fertility_and_ratio_are_tiktoken_s(bpe) -> None:
    head, *lines = bpe.printed_by["fertility"].splitlines()
    both = bpe.UNSEEN_ENGLISH, bpe.UNSEEN_CHINESE
    assert [int(n) for n in re.findall(r"\d+", head)] == [len(text) for text in both]
    texts = {
        "英文为主": bpe.english + bpe.chinese[:60],
        "全是中文": bpe.chinese,
        "中英都有": bpe.english + bpe.chinese,
    }
    assert [line.partition("：")[0] for line in lines] == list(texts)
    for line, text in zip(lines, texts.values(), strict=True):
        encoder = encoder_of(merges_of(text, 512))
        en, zh = (len(encoder.encode(unseen)) for unseen in both)
        assert line.partition("：")[2] == (
            f"英文 {en} 个词元（每字符 {en / len(both[0]):.2f}），"
            f"中文 {zh} 个（每字符 {zh / len(both[1]):.2f}），"
            f"中文是英文的 {zh / en:.2f} 倍"
        )


def test_printed_digits_are_cut_as_tiktoken_cuts_them(bpe) -> None:
    corpus = "2024 2025 2025 2026 2026 2026 199 99 99 100 1000 500 5000"
    encoder = encoder_of(merges_of(corpus, 266))
    lines = bpe.printed_by["digits"].splitlines()
    for line, text in zip(lines, "2025 2052 20250 1999 9999".split(), strict=True):
        parts = [p.decode() for p in parts_of(encoder, text)]
        assert line == f"{text} → {parts}"


def test_printed_lengths_are_those_of_the_encodings(bpe, page_encoder) -> None:
    texts = {"汉字": "汉", "表情": "😀", "女教师": "👩\u200d🏫"}
    texts |= {"é，一个码位": "\u00e9", "é，两个码位": "e\u0301"}
    lines = bpe.printed_by["lengths"].splitlines()
    for line, (name, text) in zip(lines, texts.items(), strict=True):
        surrogates = sum(ord(c) > 0xFFFF for c in text)
        sizes = len(text), len(text) + surrogates, len(text.encode())
        expected = [*sizes, len(page_encoder.encode(text))]
        assert line.startswith(f"{name}：码位 ")
        assert [int(n) for n in re.findall(r" ?(\d+)(?:，|$)", line)] == expected


# --- encoding ------------------------------------------------------------------------

SAMPLES = [
    "",
    " ",
    "the library",
    "  two  spaces ",
    "图书馆的孩子们，早上九点来读书。",
    "繁體字、生僻字龘与😀👩‍🏫",
    "mixed 中英 text，3.11 vs 2026!\n\nnew\tline",
    "naïve e\u0301 Ω ๙ Ⅷ ²",
]


@pytest.fixture(scope="module")
def same_merges(bpe) -> Tokenizer:
    """The library's encoder with the merges of the page."""
    pieces = ["".join(LETTERS[b] for b in piece) for piece in bpe.vocab]
    tokenizer = Tokenizer(
        models.BPE(
            vocab={piece: i for i, piece in enumerate(pieces)},
            merges=[(pieces[left], pieces[right]) for left, right in bpe.merges],
        )
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


@pytest.mark.parametrize("text", SAMPLES)
def test_encodings_are_those_of_the_tokenizers_library(bpe, same_merges, text) -> None:
    assert bpe.encode(text, bpe.merges) == same_merges.encode(text).ids


@pytest.mark.parametrize("letters", ["the andirso' ", "一个图书馆数字的，。"])
def test_nonsense_of_common_letters_is_encoded_the_same(
    bpe, same_merges, tiktoken_encoding, letters
) -> None:
    rng = random.Random(1)
    for _ in range(300):  # here the order of the merges matters
        text = "".join(rng.choices(letters, k=12))
        ids = bpe.encode(text, bpe.merges)
        assert ids == same_merges.encode(text).ids == tiktoken_encoding.encode(text)


@pytest.fixture(scope="module")
def tiktoken_encoding(bpe) -> tiktoken.Encoding:
    return tiktoken.Encoding(
        name="page",
        pat_str=GPT2,
        mergeable_ranks={piece: rank for rank, piece in enumerate(bpe.vocab)},
        special_tokens=bpe.END,
    )


@pytest.mark.parametrize("text", SAMPLES)
def test_encodings_are_those_of_tiktoken(bpe, tiktoken_encoding, text) -> None:
    assert bpe.encode(text, bpe.merges) == tiktoken_encoding.encode(text)


@pytest.mark.parametrize("text", SAMPLES)
def test_decoding_gives_the_text_back(bpe, text) -> None:
    assert bpe.decode(bpe.encode(text, bpe.merges), bpe.vocab) == text


def test_special_tokens_are_those_of_tiktoken(bpe, tiktoken_encoding) -> None:
    text = "读书。<|endoftext|>the library<|endoftext|>"
    theirs = tiktoken_encoding.encode(text, allowed_special="all")
    assert bpe.encode_document(text, bpe.merges) == theirs
    ordinary = tiktoken_encoding.encode(text, disallowed_special=())
    assert bpe.encode(text, bpe.merges) == ordinary


def test_tiktoken_refuses_special_text_unless_told(tiktoken_encoding) -> None:
    with pytest.raises(ValueError, match="disallowed special token"):
        tiktoken_encoding.encode("<|endoftext|>")


def test_transformers_takes_special_text_for_special_unless_told(same_merges) -> None:
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=same_merges, eos_token="<|endoftext|>"
    )
    text = "读书。<|endoftext|>"
    assert tokenizer(text).input_ids[-1] == tokenizer.eos_token_id
    told = tokenizer(text, split_special_tokens=True).input_ids
    assert tokenizer.eos_token_id not in told


def test_fertility_counts_the_tokens_that_tiktoken_counts(bpe) -> None:
    for name, text in bpe.training.items():
        vocab, _ = bpe.train(bpe.counted(text), 512)
        ranks = {piece: rank for rank, piece in enumerate(vocab)}
        theirs = tiktoken.Encoding(
            name=name, pat_str=GPT2, mergeable_ranks=ranks, special_tokens={}
        )
        both = bpe.UNSEEN_ENGLISH, bpe.UNSEEN_CHINESE
        assert bpe.fertility[name] == tuple(len(theirs.encode(t)) for t in both)


def test_a_vocabulary_without_english_spends_a_token_on_each_letter(bpe) -> None:
    english, _ = bpe.fertility["全是中文"]
    assert english == len(bpe.UNSEEN_ENGLISH)


# --- the size of the vocabulary, and the forms of a text -----------------------------


@pytest.mark.parametrize("size", [257, 300, 512])
def test_a_smaller_vocabulary_is_the_beginning_of_a_larger(bpe, size) -> None:
    _, merges = bpe.train(bpe.counted(bpe.english + bpe.chinese), size)
    assert list(merges.items()) == list(bpe.all_merges.items())[: size - 256]


def test_the_largest_vocabulary_leaves_nothing_to_merge(bpe) -> None:
    text = bpe.english + bpe.chinese
    assert len(bpe.encode(text, bpe.all_merges)) == len(regex.findall(GPT2, text))


def test_the_sizes_are_counted_as_tiktoken_counts(bpe) -> None:
    line = (
        r"词表 +(\d+)：训练语料 +(\d+) 个词元，没见过的话 +(\d+) 个；"
        r"学到的 +(\d+) 项里， *(\d+) 项"
    )
    printed = re.findall(line, bpe.stdout_text)
    assert [int(size) for size, *_ in printed] == [256, 384, 512, 768, len(bpe.full)]
    for size, *rest in (map(int, row) for row in printed):
        ranks = {piece: rank for rank, piece in enumerate(bpe.full[:size])}
        theirs = tiktoken.Encoding(
            name="size", pat_str=GPT2, mergeable_ranks=ranks, special_tokens={}
        )
        times = Counter(theirs.encode(bpe.english + bpe.chinese))
        unseen = theirs.encode(bpe.UNSEEN_ENGLISH + bpe.UNSEEN_CHINESE)
        rare = sum(times[i] < 2 for i in range(256, size))
        assert rest == [times.total(), len(unseen), size - 256, rare]


def test_gpt2_has_the_parameters_that_are_printed_and_ties_its_tables(bpe) -> None:
    with torch.device("meta"):
        model = GPT2LMHeadModel(GPT2Config())
    whole = sum(x.numel() for x in model.parameters())
    table = model.transformer.wte.weight.numel()
    assert bpe.printed_by["size"].splitlines()[-1] == (
        f"GPT-2：词嵌入 {table:,} 个参数，占全部 {whole:,} 个的 {table / whole:.0%}"
    )
    assert model.config.tie_word_embeddings


def test_openai_s_vocabularies_are_as_large_as_the_page_says() -> None:
    # the special tokens come right after the merges; the tables are not fetched
    gpt2, o200k = map(inspect.getsource, (openai_public.gpt2, openai_public.o200k_base))
    assert '"explicit_n_vocab": 50257' in gpt2 and "ENDOFTEXT: 50256" in gpt2
    assert "ENDOFTEXT: 199999" in o200k


def test_the_forms_of_a_text_are_those_of_the_tokenizers_library(bpe) -> None:
    lines = [line for line in bpe.stdout_text.splitlines() if line.startswith("原样")]
    assert len(lines) == 6
    for line in lines:
        parts = dict(re.findall(r"(原样|NFC|NFKC)「(.*?)」", line))
        assert parts["NFC"] == normalizers.NFC().normalize_str(parts["原样"])
        assert parts["NFKC"] == normalizers.NFKC().normalize_str(parts["原样"])


def test_the_forms_of_a_text_cost_what_tiktoken_says(bpe, tiktoken_encoding) -> None:
    found = re.findall(r"(?:原样|NFC|NFKC)「(.*?)」(\d+) 个", bpe.stdout_text)
    assert len(found) == 18
    for text, count in found:
        assert len(tiktoken_encoding.encode(text)) == int(count)


def test_the_published_ratios_are_those_of_the_published_counts() -> None:
    page = (ROOT / "docs/concepts/tokens.md").read_text(encoding="utf-8")
    table = page.split("{ #real-tokenizers }")[1].split("\n### ")[0]
    rows = re.findall(r"^\|[^|]+\| ([\d,]+) \|(.*)\|$", table, re.M)
    assert len(rows) == 6
    for english, others in rows:
        for count, ratio in re.findall(r"([\d,]+)（([\d.]+)）", others):
            of = float(count.replace(",", "")) / float(english.replace(",", ""))
            assert f"{of:.2f}" == ratio
    assert tiktoken.encoding_name_for_model("gpt-4") == "cl100k_base"


# --- Unigram and WordPiece ------------------------------------------------------------


def segmentations(text: str) -> list[list[str]]:
    """All ways to cut a text, by choosing where."""
    inner = range(1, len(text))
    cuts = [c for n in range(len(text)) for c in combinations(inner, n)]
    return [[text[i:j] for i, j in pairwise((0, *cut, len(text)))] for cut in cuts]


def enumerated(corpus: dict[str, int], p: dict[str, float]) -> tuple[Counter, float]:
    """Expected counts and log-likelihood, by summing over all segmentations."""
    counts, likelihood = Counter(), 0.0
    for text, times in corpus.items():
        ways = [way for way in segmentations(text) if all(x in p for x in way)]
        chance = [math.prod(p[x] for x in way) for way in ways]
        for way, share in zip(ways, chance, strict=True):
            for piece in way:
                counts[piece] += times * share / sum(chance)
        likelihood += times * math.log(sum(chance))
    return counts, likelihood


def some_probabilities(unigram, seed: int) -> dict[str, float]:
    rng = random.Random(seed)
    kept = [x for x in unigram.counts if len(x) == 1 or rng.random() < 0.6]
    weights = {x: rng.uniform(0.01, 1) for x in kept}
    return {x: w / sum(weights.values()) for x, w in weights.items()}


@pytest.mark.parametrize("seed", range(5))
def test_expected_counts_are_the_sums_over_all_segmentations(unigram, seed) -> None:
    p = some_probabilities(unigram, seed)
    counts, likelihood = unigram.expected_counts(p)
    expected, of_all = enumerated(unigram.CORPUS, p)
    assert likelihood == pytest.approx(of_all, rel=1e-12)
    assert dict(counts) == pytest.approx(dict(expected), rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_normalized_expected_counts_never_lower_the_likelihood(unigram, seed) -> None:
    p = some_probabilities(unigram, seed)
    history = []
    for _ in range(6):
        counts, likelihood = unigram.expected_counts(p)
        history.append(likelihood)
        p = unigram.normalized(counts)
    assert history == sorted(history)


def test_pruning_by_enumeration_leaves_the_same_vocabulary(unigram) -> None:
    def normalized(p: dict[str, float]) -> dict[str, float]:
        total = sum(p.values())
        return {x: share / total for x, share in p.items()}

    def improved(p: dict[str, float], rounds: int) -> dict[str, float]:
        for _ in range(rounds):
            counts, _ = enumerated(unigram.CORPUS, p)
            least = {x: 0.1 if len(x) == 1 else 0.0 for x in p}
            p = normalized({x: max(counts[x], least[x]) for x in p})
        return p

    def worth(p: dict[str, float], piece: str) -> float:
        without = normalized({x: share for x, share in p.items() if x != piece})
        return -enumerated(unigram.CORPUS, without)[1]

    p = improved(normalized(unigram.counts), 4)
    while len(p) > unigram.SIZE:
        worst = min((x for x in p if len(x) > 1), key=lambda x: worth(p, x))
        p = improved(normalized({x: s for x, s in p.items() if x != worst}), 2)
    assert unigram.p == pytest.approx(p, rel=1e-9)


def test_printed_candidates_and_likelihoods_are_those_by_enumeration(unigram) -> None:
    corpus = unigram.CORPUS
    pieces = Counter()
    for text, times in corpus.items():
        for i, j in combinations(range(len(text) + 1), 2):
            pieces[text[i:j]] += times * (j - i <= 4)
    pieces = +pieces  # without those that are too long
    single = sum(len(x) == 1 for x in pieces)
    seed = unigram.printed_by["seed"]
    assert seed == f"候选词表 {len(pieces)} 项，其中单字 {single} 个\n"
    p = {x: n / pieces.total() for x, n in pieces.items()}
    first = enumerated(corpus, p)[1]
    for _ in range(4):
        counts, _ = enumerated(corpus, p)
        least = {x: max(counts[x], 0.1 if len(x) == 1 else 0) for x in p}
        p = {x: share / sum(least.values()) for x, share in least.items()}
    last = enumerated(corpus, p)[1]
    said = f"对数似然 {first:.2f} → {last:.2f}（EM 四轮）\n"
    assert unigram.printed_by["expect"] == said


def test_printed_vocabulary_is_what_was_left_with_its_probabilities(unigram) -> None:
    *deleted, left = unigram.printed_by["prune"].splitlines()
    sizes = [int(re.search(r"词表 (\d+) 项", line)[1]) for line in deleted]
    assert sizes == [20, 19, 18]
    gone = [re.search("「(.+)」", line)[1] for line in deleted]
    assert not set(gone) & set(unigram.p) and set(gone) <= set(unigram.counts)
    printed = re.findall(r"([^，： ]+) (0\.\d+)", left)
    longer = sorted((-share, x) for x, share in unigram.p.items() if len(x) > 1)
    assert {x: s for x, s in printed} == {x: f"{-share:.3f}" for share, x in longer}
    shares = [float(s) for _, s in printed]
    assert shares == sorted(shares, reverse=True)


def test_printed_cuts_are_those_of_the_tokenizers_library(unigram) -> None:
    *lines, unknown = unigram.printed_by["compare"].splitlines()
    scores = [(x, math.log(share)) for x, share in unigram.p.items()]
    in_bytes = [(f"<0x{b:02X}>", 0.0) for b in range(256)]
    likely = Tokenizer(
        models.Unigram([("<unk>", 0.0), *scores, *in_bytes], 0, byte_fallback=True)
    )
    vocab = {x: n for n, x in enumerate(["[UNK]", *unigram.p])}
    longest = Tokenizer(
        models.WordPiece(vocab, unk_token="[UNK]", continuing_subword_prefix="")
    )
    texts = ["研究生命起源", "研究生导师", "研究生命题"]
    for line, text in zip(lines, texts, strict=True):
        cuts = (" | ".join(x.encode(text).tokens) for x in (longest, likely))
        first, second = cuts
        assert line == f"最长优先： {first}；概率最大： {second}"
    assert unknown == "词表外的字： " + " | ".join(likely.encode("研究龘").tokens)


def random_texts(unigram, extra: str = "") -> list[str]:
    rng = random.Random(3)
    letters = [x for x in unigram.p if len(x) == 1] + list(extra)
    common = [x for x in unigram.p if len(x) > 1]
    texts = ["".join(rng.choices(letters + 3 * common, k=6)) for _ in range(200)]
    return [*unigram.CORPUS, "研究生命题", *texts]


def test_the_most_likely_pieces_are_those_of_the_tokenizers_library(unigram) -> None:
    scores = [(x, math.log(share)) for x, share in unigram.p.items()]
    in_bytes = [(f"<0x{b:02X}>", 0.0) for b in range(256)]
    theirs = Tokenizer(
        models.Unigram([("<unk>", 0.0), *scores, *in_bytes], 0, byte_fallback=True)
    )
    for text in random_texts(unigram, "龘é😀"):
        assert unigram.most_likely(text, unigram.p) == theirs.encode(text).tokens


def test_the_most_likely_pieces_are_the_best_of_all_segmentations(unigram) -> None:
    p = unigram.p
    for text in [t for t in random_texts(unigram) if len(t) < 11][:40]:
        ways = [way for way in segmentations(text) if all(x in p for x in way)]
        best = max(math.prod(p[x] for x in way) for way in ways)
        found = unigram.most_likely(text, p)
        assert math.prod(p[x] for x in found) == pytest.approx(best, rel=1e-12)


def test_longest_first_is_the_wordpiece_of_the_tokenizers_library(unigram) -> None:
    vocab = {x: n for n, x in enumerate(["[UNK]", *unigram.p])}
    theirs = Tokenizer(
        models.WordPiece(vocab, unk_token="[UNK]", continuing_subword_prefix="")
    )
    for text in random_texts(unigram):
        assert unigram.longest_first(text, unigram.p) == theirs.encode(text).tokens


# --- word vectors --------------------------------------------------------------------


def array(x) -> np.ndarray:
    if isinstance(x, torch.Tensor):
        return x.detach().numpy()
    return np.asarray(tf.convert_to_tensor(x) if isinstance(x, tf.IndexedSlices) else x)


def table(layer) -> np.ndarray:
    """The matrix in an embedding layer, or the matrix itself."""
    for name in ("weight", "embeddings"):
        if hasattr(layer, name):
            return array(getattr(layer, name))
    return array(layer)


def random_problem(dtype="float64"):
    """Small tables and a batch in which words repeat, as centers and as targets."""
    rng = np.random.default_rng(4)
    v, u = rng.normal(size=(2, 7, 3)).astype(dtype)
    center = np.array([0, 3, 3, 6])
    context = np.array([1, 1, 5, 0])
    noise = np.array([[2, 2], [1, 4], [3, 5], [6, 0]])
    return v, u, center, context, noise


def keras_loss(v, u, center, context, noise) -> float:
    """The same objective as a binary classification, by Keras."""
    target = np.concatenate([context[:, None], noise], axis=1)
    scores = np.einsum("bd,bkd->bk", v[center], u[target])
    label = np.eye(target.shape[1])[[0] * len(center)]
    each = keras.losses.BinaryCrossentropy(from_logits=True)(label, scores)
    return float(each) * target.shape[1]  # Keras takes the mean, the page the sum


def test_the_loss_is_binary_crossentropy(run_snippet) -> None:
    ns = run_snippet("concepts/tokens_sgns_numpy")
    problem = random_problem()
    loss, *_ = ns.loss_and_gradients(*problem)
    assert loss == pytest.approx(keras_loss(*problem), rel=1e-6)


@pytest.mark.parametrize("which", [0, 1])
def test_hand_gradients_match_finite_differences(run_snippet, which) -> None:
    ns = run_snippet("concepts/tokens_sgns_numpy")
    problem = list(random_problem())
    gradient = ns.loss_and_gradients(*problem)[1 + which]
    numeric = np.zeros_like(gradient)
    for at in np.ndindex(*gradient.shape):
        ends = []
        for step in (1e-5, -1e-5):
            moved = problem.copy()
            moved[which] = moved[which].copy()
            moved[which][at] += step
            ends.append(ns.loss_and_gradients(*moved)[0])
        numeric[at] = (ends[0] - ends[1]) / 2e-5
    np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-9)


def test_hand_gradients_match_autograd(run_snippet) -> None:
    ns = run_snippet("concepts/tokens_sgns_numpy")
    v, u, center, context, noise = random_problem()
    _, grad_v, grad_u = ns.loss_and_gradients(v, u, center, context, noise)
    v, u = (torch.from_numpy(x).requires_grad_() for x in (v, u))
    score = (v[center][:, None] * u[np.column_stack([context, noise])]).sum(-1)
    sign = torch.tensor([1.0, -1.0, -1.0])
    (-(sign * score).sigmoid().log()).sum(1).mean().backward()
    np.testing.assert_allclose(grad_v, v.grad, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(grad_u, u.grad, rtol=1e-12, atol=1e-15)


def test_hand_gradients_match_gradient_tape(run_snippet) -> None:
    ns = run_snippet("concepts/tokens_sgns_numpy")
    v, u, center, context, noise = random_problem()
    _, grad_v, grad_u = ns.loss_and_gradients(v, u, center, context, noise)
    v, u = tf.Variable(v), tf.Variable(u)
    label = tf.constant(np.eye(3)[[0] * 4])
    with tf.GradientTape() as tape:
        rows = tf.gather(u, np.column_stack([context, noise]))
        score = tf.einsum("bd,bkd->bk", tf.gather(v, center), rows)
        each = tf.nn.sigmoid_cross_entropy_with_logits(label, score)
        loss = tf.reduce_mean(tf.reduce_sum(each, axis=1))
    for own, theirs in zip((grad_v, grad_u), tape.gradient(loss, [v, u]), strict=True):
        np.testing.assert_allclose(own, array(theirs), rtol=1e-12, atol=1e-15)


def test_first_gradients_agree_between_frameworks(run_snippet) -> None:
    theirs, ours = (run_snippet(f"concepts/tokens_sgns_{f}") for f in ("torch", "tf"))
    for name in ("grad_v", "grad_u"):
        pair = getattr(theirs, name), getattr(ours, name)
        np.testing.assert_allclose(*pair, rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("name", ["torch", "tf"])
def test_every_step_s_loss_is_that_of_the_hand_written_program(
    run_snippet, name
) -> None:
    own = run_snippet("concepts/tokens_sgns_numpy")
    other = run_snippet(f"concepts/tokens_sgns_{name}")
    assert len(own.losses) == 12 * 40
    np.testing.assert_allclose(other.losses, own.losses, rtol=1e-3)


@pytest.mark.parametrize("name", ["torch", "tf"])
def test_final_vectors_are_those_of_the_hand_written_program(run_snippet, name) -> None:
    own = run_snippet("concepts/tokens_sgns_numpy")
    other = run_snippet(f"concepts/tokens_sgns_{name}")
    np.testing.assert_allclose(table(other.v), own.v, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(table(other.u), own.u, rtol=1e-3, atol=1e-3)


def test_pairs_are_all_within_two_words(sgns) -> None:
    expected = Counter()
    for sentence in sgns.sentences:
        for i, w in enumerate(sentence):
            for c in sentence[max(0, i - 2) : i] + sentence[i + 1 : i + 3]:
                expected[w, c] += 1
    assert Counter(map(tuple, sgns.pairs.tolist())) == expected


def test_noise_follows_the_three_quarter_power_of_frequency(sgns) -> None:
    frequency = Counter(sgns.pairs[:, 1].tolist())
    powers = np.array([frequency[i] ** 0.75 for i in range(len(sgns.words))])
    np.testing.assert_allclose(sgns.share, powers / powers.sum(), rtol=1e-12)


def test_neighbours_of_a_noun_are_the_nouns_of_its_group(sgns) -> None:
    vectors = table(sgns.v)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for nouns, _, _ in sgns.groups:
        for noun in nouns:
            order = np.argsort(-(unit @ unit[sgns.index[noun]]))[:4]
            assert {sgns.words[i] for i in order} == set(nouns)


def test_words_of_a_group_never_meet(sgns) -> None:
    for nouns, _, _ in sgns.groups:
        ids = [sgns.index[noun] for noun in nouns]
        assert sgns.counts[np.ix_(ids, ids)].sum() == 0


def test_the_optimum_of_the_objective_is_the_shifted_pmi(sgns) -> None:
    # closed form: the derivative of the expected loss by one score is zero there
    count, noise = sgns.counts[sgns.seen], sgns.expected[sgns.seen]
    sigma = 1 / (1 + np.exp(-sgns.best))
    np.testing.assert_allclose(count * (sigma - 1) + noise * sigma, 0, atol=1e-9)


def test_learned_scores_come_near_the_optimum(sgns) -> None:
    scores = (table(sgns.v) @ table(sgns.u).T)[sgns.seen]
    assert np.corrcoef(scores, sgns.best)[0, 1] > 0.95
    assert np.abs(scores - sgns.best).mean() < 0.25


def test_a_repeated_word_adds_up_its_gradients(sgns) -> None:
    twice = re.search(r"有梯度的行：(.*)", sgns.stdout_text)[1]
    assert twice.split() == "[('猫', 2.0), ('狗', 1.0)]".split()


# --- the film strip of the lattice ----------------------------------------------------

SENTENCE = "研究生命起源"


def lattice(state: int) -> str:
    path = ROOT / f"docs/assets/figures/tokens-unigram-{state}.svg"
    return path.read_text("utf-8")


def known_ways(text: str, p: dict[str, float]) -> list[list[str]]:
    """Every way to cut a text into words of a vocabulary."""
    return [way for way in segmentations(text) if all(word in p for word in way)]


def log_chance(words: list[str], p: dict[str, float]) -> float:
    return math.fsum(math.log(p[word]) for word in words)


@pytest.mark.parametrize(("state", "known"), [*enumerate([0, 3, 4, 6, 6, 6], 1)])
def test_the_lattice_shows_the_best_of_all_ways_to_each_place(
    unigram, state: int, known: int
) -> None:
    shown = re.findall(r'y="129">([^<]+)<', lattice(state))
    best = [
        max(log_chance(way, unigram.p) for way in known_ways(SENTENCE[:j], unigram.p))
        for j in range(1, known + 1)
    ]
    assert shown == ["0", *(f"{score:.2f}".replace("-", "−") for score in best)]


def test_the_lattice_has_every_word_with_its_printed_chance(unigram) -> None:
    words = [w for w in unigram.p if len(w) > 1 and w in SENTENCE]
    known = [f"{unigram.p[word]:.3f}" for word in words]
    shown = re.findall(r'y="(?:19|105)">([^<]+)<', lattice(1))
    assert sorted(shown) == sorted(known)


def test_the_words_framed_at_the_end_are_the_most_likely_way(unigram) -> None:
    best = max(
        known_ways(SENTENCE, unigram.p), key=lambda way: log_chance(way, unigram.p)
    )
    frames = re.findall(r'x="([\d.]+)" y="59" width="([\d.]+)"', lattice(6))
    places = re.findall(r'x="([\d.]+)" y="75">(.)<', lattice(6))
    framed = [
        "".join(sign for at, sign in places if 0 < float(at) - float(x) < float(width))
        for x, width in frames
    ]
    assert framed == best


def test_the_page_says_what_the_lattice_leaves_out(unigram) -> None:
    page = (ROOT / "docs/concepts/tokens.md").read_text("utf-8")
    p = unigram.p
    single = {f"{p[sign]:.4f}" for sign in SENTENCE}
    assert [f"单字概率都是 {chance}" in page for chance in single] == [True]
    ways = (["研究", "生命"], ["研究生", "命"])
    first, second = (f"{log_chance(way, p):.2f}".replace("-", "−") for way in ways)
    assert f"{first} 胜过 {second}" in page
    chance = p["研究"] * p["生命"] * p["起源"]
    assert f"概率是 {chance:.4f}。" in page


# --- what the word vectors' program prints -------------------------------------------


def first_vectors() -> tuple[np.ndarray, np.ndarray]:
    """The tables at the start, drawn anew after the corpus."""
    rng = np.random.default_rng(5)
    for _ in range(2000):
        rng.integers(3)
        for size in (4, 3, 4, 4):  # people, verbs, adjectives, nouns
            rng.integers(size)
    drawn = [rng.normal(0, 0.1, (33, 16)).astype("float32") for _ in range(2)]
    return drawn[0], drawn[1]


def test_printed_corpus_counts(sgns) -> None:
    pairs = sum(min(3, i + 2) - max(0, i - 2) for i in range(4))
    assert pairs == 10  # 2 + 3 + 3 + 2 neighbours in a sentence of four
    printed = sgns.printed_by["corpus"].splitlines()
    words = len({i for sentence in sgns.sentences for i in sentence})
    assert printed[0] == f"{words} 个词，2000 句，{2000 * pairs} 对"
    together = sum({"猫", "狗"} <= {sgns.words[i] for i in s} for s in sgns.sentences)
    assert printed[1] == f"猫与狗同在一个窗口的次数： {together}"


def test_printed_lookup_is_a_product_and_gradients_add_up(sgns) -> None:
    same, rows = sgns.printed_by["lookup"].splitlines()
    assert same == "独热乘矩阵 = 取行： True"
    v, _ = first_vectors()
    ids = torch.tensor([sgns.index[w] for w in ("猫", "狗", "猫")])
    table = torch.from_numpy(v).requires_grad_()
    torch.nn.functional.embedding(ids, table).sum().backward()
    touched = [
        (sgns.words[i], table.grad[i, 0].item()) for i in sorted(set(ids.tolist()))
    ]
    assert rows == f"有梯度的行： {touched}"


def test_printed_first_loss_and_gradient_are_torch_s(sgns) -> None:
    loss, gradient = sgns.printed_by["noise"].splitlines()
    v, u = (torch.from_numpy(x).requires_grad_() for x in first_vectors())
    rng = np.random.default_rng(5)
    for _ in range(2000):
        rng.integers(3)
        for size in (4, 3, 4, 4):
            rng.integers(size)
    rng.normal(size=2 * 33 * 16)
    noise = rng.choice(33, (256, 5), p=sgns.share)
    center, context = sgns.pairs[:256].T
    targets = np.column_stack([context, noise])
    score = (v[center][:, None] * u[targets]).sum(-1)
    label = torch.zeros_like(score)
    label[:, 0] = 1
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        score, label, reduction="none"
    )
    each.sum(1).mean().backward()
    start, half = re.fullmatch(
        r"初始损失 (\d\.\d{4})；全猜一半是 (\d\.\d{4})", loss
    ).groups()
    assert float(start) == pytest.approx(each.sum(1).mean().item(), abs=2e-4)
    coin = 6 * stats.bernoulli(0.5).entropy()
    assert float(half) == pytest.approx(float(coin), abs=6e-5)
    printed = [float(x) for x in re.findall(r"-?\d+\.\d+", gradient)]
    known = v.grad[sgns.index["猫"], :4].numpy() * 1000
    assert gradient.startswith("「猫」的梯度") and gradient.endswith("÷ 1000")
    np.testing.assert_allclose(printed, known, atol=2e-4)


def test_printed_losses_are_the_means_of_their_rounds(sgns) -> None:
    printed = re.findall(r"第 +(\d+) 遍的平均损失 (\S+)", sgns.printed_by["train"])
    assert [int(n) for n, _ in printed] == [1, 2, 4, 12]
    for n, mean in printed:
        of_round = sgns.losses[40 * (int(n) - 1) : 40 * int(n)]
        assert float(mean) == pytest.approx(np.mean(of_round), abs=6e-5)


def test_printed_neighbours_are_scikit_learn_s(sgns) -> None:
    cosine = cosine_similarity(table(sgns.v))
    lines = sgns.printed_by["neighbours"].splitlines()
    words = ["猫", "香蕉", "上海", "吃", "小红"]
    for line, word in zip(lines, words, strict=True):
        assert line.startswith(f"{word}： ")
        row = cosine[sgns.index[word]]
        order = [i for i in np.argsort(-row) if sgns.words[i] != word][:3]
        printed = re.findall(r"([^，： ]+) (\d\.\d\d)", line)
        assert [w for w, _ in printed] == [sgns.words[i] for i in order]
        near = [float(x) for _, x in printed]
        assert near == pytest.approx([row[i] for i in order], abs=6e-3)


def test_printed_scores_are_compared_with_the_shifted_pmi(sgns) -> None:
    together = Counter(map(tuple, sgns.pairs.tolist()))
    center = Counter(sgns.pairs[:, 0].tolist())
    context = Counter(sgns.pairs[:, 1].tolist())
    norm = sum(n**0.75 for n in context.values())
    scores = table(sgns.v) @ table(sgns.u).T
    pmi = {
        (w, c): math.log(n / (5 * center[w] * context[c] ** 0.75 / norm))
        for (w, c), n in together.items()
    }
    met = [scores[pair] for pair in pmi]
    unmet = [scores[w, c] for w, c in np.ndindex(33, 33) if (w, c) not in pmi]
    known = [stats.pearsonr(met, list(pmi.values()))[0], np.mean(met), np.mean(unmet)]
    printed = [float(x) for x in re.findall(r"-?\d+\.\d+", sgns.printed_by["pmi"])]
    assert printed == pytest.approx(known, abs=6e-3)


# --- the table of differences --------------------------------------------------------


def test_default_initial_vectors_differ_by_a_factor_of_about_thirty() -> None:
    torch.manual_seed(0)
    keras.utils.set_random_seed(0)
    theirs = torch.nn.Embedding(2000, 50).weight.std().item()
    layer = keras.layers.Embedding(2000, 50)
    layer.build()
    ours = float(np.std(layer.get_weights()[0]))
    assert theirs == pytest.approx(1, rel=0.01)
    assert ours == pytest.approx(0.05 / 3**0.5, rel=0.01)


def test_gradients_are_dense_in_torch_and_slices_in_tensorflow() -> None:
    layer = torch.nn.Embedding(9, 2)
    layer(torch.tensor([1])).sum().backward()
    assert layer.weight.grad.shape == (9, 2) and not layer.weight.grad.is_sparse
    table = tf.Variable(tf.zeros((9, 2)))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tf.gather(table, [1]))
    assert isinstance(tape.gradient(total, table), tf.IndexedSlices)


def test_torch_pads_with_a_row_that_never_learns() -> None:
    layer = torch.nn.Embedding(9, 2, padding_idx=0)
    layer(torch.tensor([0, 1])).sum().backward()
    assert (layer.weight[0] == 0).all() and (layer.weight.grad[0] == 0).all()


def test_keras_masks_but_its_padding_row_does_learn() -> None:
    layer = keras.layers.Embedding(9, 2, mask_zero=True)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(tf.constant([[0, 1]])))
    gradient = tf.convert_to_tensor(tape.gradient(total, layer.embeddings.value))
    assert np.all(gradient[0] == 1)
    assert layer.compute_mask(tf.constant([[0, 1]])).numpy().tolist() == [[False, True]]


def test_an_unknown_id_is_an_error_on_the_cpu() -> None:
    with pytest.raises(IndexError):
        torch.nn.Embedding(9, 2)(torch.tensor([9]))
    with pytest.raises(tf.errors.InvalidArgumentError):
        keras.layers.Embedding(9, 2)(tf.constant([9]))


def test_a_negative_id_is_an_error_in_torch_and_the_last_row_in_keras() -> None:
    with pytest.raises(IndexError):
        torch.nn.Embedding(9, 2)(torch.tensor([-1]))
    layer = keras.layers.Embedding(9, 2)
    found = layer(tf.constant([-1])).numpy()
    assert np.array_equal(found[0], layer.get_weights()[0][-1])


# --- what the page says in passing --------------------------------------------------


def test_exercise_1_three_merges_by_hand(bpe) -> None:
    vocab, _ = bpe.train({b"aab": 3, b"ab": 2, b"bb": 1}, 258)
    assert vocab[256:] == [b"ab", b"aab"]


def test_numpy_drops_repeated_indices_unless_added_at() -> None:
    rows = np.zeros(2)
    rows[[0, 0]] += 1
    assert rows.tolist() == [1, 0]
    np.add.at(rows, [0, 0], 1)
    assert rows.tolist() == [3, 0]


def changed(old: str, new: str) -> dict:
    """The names of the NumPy program after a change of its text."""
    source = (ROOT / "snippets/concepts/tokens_sgns_numpy.py").read_text("utf-8")
    assert source.count(old) == 1
    names = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source.replace(old, new), "changed", "exec"), names)
    return names


def test_exercise_3_the_loss_falls_though_repeats_are_dropped(run_snippet) -> None:
    right = vars(run_snippet("concepts/tokens_sgns_numpy"))
    summed = 'np.einsum("bk,bkd->bd", error, w)'
    wrong = changed(
        f"np.add.at(grad_v, center, {summed})", f"grad_v[center] += {summed}"
    )
    assert f"{right['curve'][-1]:.2f}" == "1.96"
    assert f"{wrong['curve'][-1]:.2f}" == "2.13"


def mean_of_seen(names: dict) -> float:
    return float(names["dots"][names["seen"]].mean())


def test_exercise_5_more_noise_lowers_the_scores_by_a_logarithm(run_snippet) -> None:
    five = vars(run_snippet("concepts/tokens_sgns_numpy"))
    fifteen = changed("len(words), 16, 5\n", "len(words), 16, 15\n")
    assert f"{mean_of_seen(five):.2f}" == "-0.74"
    assert f"{mean_of_seen(fifteen):.2f}" == "-1.84"
    assert math.log(3) == pytest.approx(1.10, abs=0.005)


def test_exercise_5_a_narrow_window_parts_verbs_and_adjectives() -> None:
    old, new = "(max(0, i - 2), min(4, i + 3))", "(max(0, i - 1), min(4, i + 2))"
    names = changed(old, new)
    cosine, index = names["cosine"], names["index"]
    assert cosine[index["吃"], index["甜"]] < 0.3
    assert (
        min(cosine[index["吃"], index[x]] for x in "苹果 香蕉 葡萄 西瓜".split()) > 0.6
    )


# --- practice: concepts/tokens_practice_python ------------------------------------

PRACTICE = ROOT / "snippets/concepts/tokens_practice_python.py"
#: The page's own training; the task asks for the merges alone.
SOLUTION = (
    "from collections import Counter\nfrom itertools import pairwise\n\n\n"
    + practice.functions(
        ROOT / "snippets/concepts/tokens_bpe_python.py", "merge", "train"
    )
    + "\n\ndef learn_merges(words, size):\n    return list(train(words, size)[1])\n"
)
WRONG = [
    ("(-pairs[pair], pair)", "-pairs[pair]"),  # ties: the first that is seen
    ("(-pairs[pair], pair)", "(-pairs[pair], pair[::-1])"),
    ("(-pairs[pair], pair)", "(pairs[pair], pair)"),  # the rarest
    ("(-pairs[pair], pair)", "(-pairs[pair], -pair[0], pair[1])"),
    ("pairs[pair] += count", "pairs[pair] += 1"),  # not weighted
    ("pairs[pair] += count", "pairs[pair] = count"),
    ("i += 2", "i += 1"),  # a letter used twice
    ("while len(vocab) < size:", "while len(vocab) <= size:"),
    ("while len(vocab) < size:", "for _ in range(size):"),
    ("            merged.append(new)", "            merged += [new, pair[1]]"),
    ("if not pairs:", "if max(pairs.values(), default=0) < 2:"),
    ("            break  #", "            raise ValueError  #"),
]


def merges_of_the_trainer(words: dict[bytes, int], size: int) -> list[list[int]]:
    """What ``BpeTrainer`` learns where letters have the order of their bytes."""
    letters = [chr(0x4E00 + byte) for byte in range(256)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=letters, show_progress=False
    )
    spelt = {"".join(letters[b] for b in word): n for word, n in words.items()}
    text = " ".join(" ".join([word] * n) for word, n in spelt.items())
    tokenizer.train_from_iterator([text], trainer)
    learnt = json.loads(tokenizer.to_str())["model"]["merges"]
    return [[tokenizer.token_to_id(part) for part in pair] for pair in learnt]


@pytest.mark.parametrize("case", practice.values(PRACTICE)["CASES"], ids=lambda c: c[0])
def test_the_practice_expects_what_the_tokenizers_trainer_learns(case) -> None:
    _, given, expected, _ = case
    assert expected == merges_of_the_trainer(**given)


def test_the_pages_own_training_passes_the_practice() -> None:
    verdict = practice.verdict_on(PRACTICE, SOLUTION)
    assert verdict.passed == verdict.total


def test_no_wrong_training_passes_the_practice() -> None:
    assert practice.survivors(PRACTICE, SOLUTION, WRONG) == []


def test_the_page_shows_what_the_judge_says_of_a_slip() -> None:
    page = (ROOT / "docs/concepts/tokens.md").read_text(encoding="utf-8")
    assert practice.failing(PRACTICE, SOLUTION, WRONG[5]) in page
