"""Front matter, prerequisites and reading paths."""

from dataclasses import replace

import pytest

from handbook.errors import HandbookError
from handbook.page import front

GOOD = {
    "description": "一页的说明，写得足够长，能让人明白。",
    "tags": ["试验"],
    "level": "入门",
    "requires": [],
}


def book(**requires: list[str]) -> dict[str, front.Entry]:
    """Pages ``a/x`` that require others, by name."""
    return {
        f"concepts/{name}": front.Entry(
            f"concepts/{name}",
            f"第 {name} 页",
            f"concepts/{name}/",
            front.FrontMatter(**GOOD | {"requires": [f"concepts/{n}" for n in needs]}),
            minutes=5,
        )
        for name, needs in requires.items()
    }


def sources(entries: dict[str, front.Entry]) -> dict[str, str]:
    return {key: f"docs/{key}.md" for key in entries}


def test_good_front_matter_is_read() -> None:
    assert front.front_matter(GOOD, "docs/x.md").level == "入门"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"levle": "入门"}, ["'levle'", "level?"]),
        ({"level": "容易"}, ["'level'"]),
        ({"minutes": 5}, ["'minutes'", "unknown key"]),
        ({"tags": []}, ["'tags'"]),
        ({"description": "短"}, ["'description'"]),
    ],
)
def test_wrong_front_matter_names_page_and_key(change: dict, words: list[str]) -> None:
    with pytest.raises(HandbookError) as raised:
        front.front_matter(GOOD | change, "docs/x.md")
    assert all(word in str(raised.value) for word in ["docs/x.md", *words])


def test_a_missing_key_is_named() -> None:
    with pytest.raises(HandbookError, match="'requires'"):
        front.front_matter({k: GOOD[k] for k in GOOD if k != "requires"}, "docs/x.md")


def test_a_reading_path_has_first_things_first() -> None:
    entries = book(a=[], b=["a"], c=["a", "b"], d=[])
    path = front.reading_path("concepts/c", entries)
    assert [page.key for page in path] == ["concepts/a", "concepts/b"]


def test_a_circle_is_named() -> None:
    entries = book(a=["b"], b=["a"])
    with pytest.raises(HandbookError, match="circle: concepts/. → concepts/"):
        front.check_requires(entries, sources(entries))


def test_an_unknown_prerequisite_gets_a_hint() -> None:
    entries = book(adam=[], sgd=["adm"])
    with pytest.raises(HandbookError, match="did you mean concepts/adam?"):
        front.check_requires(entries, sources(entries))


def test_the_line_under_a_title_links_what_comes_before() -> None:
    entries = book(a=[], b=["a"])
    line = front.byline(entries["concepts/b"], [entries["concepts/a"]], "../../")
    assert '<a href="../../concepts/a/">第 a 页</a>' in line and "约 5 分钟" in line


def test_the_line_under_a_title_leaves_out_subtitles() -> None:
    entries = book(a=[], b=["a"])
    before = [replace(entries["concepts/a"], title="分词：从文字到向量")]
    line = front.byline(entries["concepts/b"], before, "../../")
    assert ">分词</a>" in line and "从文字" not in line


FOLD = '<input id="__goals" type="checkbox"><label for="__goals">能</label>'


def test_a_page_opens_with_its_goals_in_a_box_and_then_its_programs() -> None:
    page = '<h1>页</h1><p>问</p><h2 id="goals">目标</h2>\n<p>能</p><h2>一</h2>'
    assert front.opening(page, "<p>程序</p>") == (
        '<h1>页</h1><p>问</p><section class="hb-goals" id="goals">'
        f"<p>{FOLD}</p></section><p>程序</p><h2>一</h2>"
    )


def test_a_lab_opens_with_its_goals_in_the_same_box() -> None:
    page = "<h1>实验</h1><p>问</p><p>你能够：</p><ul><li>写。</li></ul><h2>一</h2>"
    shown = front.opening(page)
    assert '<p>问</p><section class="hb-goals" id="goals"><p><input' in shown
    assert shown.endswith("<ul><li>写。</li></ul></section><h2>一</h2>")


def test_a_figure_after_the_goals_stands_below_their_box() -> None:
    page = '<h2 id="goals">目标</h2><p>能</p><figure>图</figure><h2>一</h2>'
    assert front.opening(page, "<p>程序</p>") == (
        f'<section class="hb-goals" id="goals"><p>{FOLD}</p></section>'
        "<p>程序</p><figure>图</figure><h2>一</h2>"
    )


def test_a_page_without_goals_opens_as_it_is() -> None:
    assert front.opening("<h1>页</h1><h2>一</h2>", "<p>程序</p>") == (
        "<h1>页</h1><h2>一</h2>"
    )


def test_a_summary_ends_with_the_goals_to_be_ticked_off() -> None:
    page = (
        '<h1>页</h1><h2 id="goals">目标</h2>\n<p>能</p>'
        "<ul><li>写；</li><li>读。</li></ul>"
        '<h2 id="summary">小结</h2><h2 id="exercises">练习</h2>'
    )
    shown = front.closing(front.opening(page, ""))
    ticked = shown.partition("小结</h2>")[2].partition("<h2")[0]
    assert ticked.count('<input type="checkbox"> <span>') == 2
    assert "<span>写</span>" in ticked and "<span>读</span>" in ticked


def test_a_page_without_goals_closes_as_it_is() -> None:
    assert (
        front.closing('<h2 id="exercises">练习</h2>') == '<h2 id="exercises">练习</h2>'
    )
