"""The playground's tokenizer beside the ``tokenizers`` library."""

import json
import random
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from handbook.widgets import tokenizer_playground as playground

# Byte b as one letter, in the order of b: the library breaks ties by that order.
LETTERS = [chr(0x100 + b) for b in range(256)]


def lettered(text: str) -> str:
    return " ".join(
        "".join(LETTERS[b] for b in piece.encode()) for piece in playground.split(text)
    )


def trained(text: str, size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=LETTERS, show_progress=False
    )
    tokenizer.train_from_iterator([lettered(text)], trainer)
    return tokenizer


def merges_of(tokenizer: Tokenizer) -> playground.Merges:
    model = json.loads(tokenizer.to_str())["model"]
    return [tuple(model["vocab"][part] for part in pair) for pair in model["merges"]]


def test_the_book_s_merges_are_those_of_the_library() -> None:
    text = playground.book_text()
    assert playground.train(text) == merges_of(trained(text, playground.SIZE))


def test_the_book_is_encoded_as_the_library_encodes_it() -> None:
    text = playground.book_text()
    theirs = trained(text, playground.SIZE)
    for sample in (*text.splitlines()[::5], playground.EXAMPLE):
        ids = theirs.encode(lettered(sample)).ids
        assert playground.encode(sample, playground.train(text)) == ids


@pytest.mark.parametrize("seed", range(30))
def test_small_texts_full_of_ties_agree_too(seed: int) -> None:
    rng = random.Random(seed)
    alphabet = rng.choice(["ab ", "abc", "a", "一二三 ", "aé中😀 "])
    text = "".join(rng.choice(alphabet) for _ in range(rng.randrange(1, 300)))
    theirs = trained(text, 320)
    assert playground.train(text, 320) == merges_of(theirs)
    assert (
        playground.encode(text, merges_of(theirs)) == theirs.encode(lettered(text)).ids
    )


def test_only_prose_is_read_and_as_much_of_every_page(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntags: [x]\n---\n\n# 标题 { #t }\n\n见[链接](../b.md)，公式 $x^2$ "
        "[@key]。\n\n```python\ncode\n```\n",
        encoding="utf-8",
    )
    (tmp_path / "b.md").write_text(
        "---\n---\n" + "长" * playground.TEXT, encoding="utf-8"
    )
    first, _, second = playground.book_text(tmp_path).rpartition("\n")
    assert first == "标题\n见[链接]，公式 。"
    assert len(second) == playground.TEXT // 2


def test_the_element_closes_no_script_early_and_shows_the_example() -> None:
    html = playground.playground()
    assert html.count("<script") == html.count("</script>") == 1
    assert html.count("<tr>") == 1 + len(
        playground.encode(
            playground.EXAMPLE,
            playground.train(playground.book_text()),
        )
    )
