"""The copy that Pagefind reads, and the bundle that it writes."""

import gzip
import json
from pathlib import Path

import pytest

from handbook.errors import HandbookError
from handbook.search import copy, index

HEAD = """<!doctype html><html lang="zh"><head><title>题目</title>
<meta name="handbook:part" content="核心概念">
<meta name="handbook:level" content="入门">
<meta name="handbook:tags" content="注意力,Transformer"></head><body>
<nav>导航里的字</nav><article class="md-content__inner md-typeset">"""
ARTICLE = """<h1 id="top">自注意力<a class="headerlink" href="#top">¶</a></h1>
<p>点积除以 <math><msqrt><msub><mi>d</mi><mi>k</mi></msub></msqrt></math>。</p>
<h2 id="code">程序</h2>
<div class="tabbed-set"><div class="tabbed-labels"><label>NumPy</label>
<label>PyTorch</label></div><div class="tabbed-content">
<div class="language-python"><pre><code>seed = 0
q = x @ w</code></pre></div>
<div class="highlight"><span class="filename">a_torch.py</span><pre><code>seed = 0
q = nn.Linear(d_model, 4)(x)</code></pre></div></div></div>
<ul><li>均值</li><li>方差</li></ul>
<p data-pagefind-ignore>不要收录</p><button class="md-clipboard">复制</button>"""


def page(article: str = ARTICLE) -> str:
    """A page as the site has it."""
    return f"{HEAD}{article}</article></body></html>"


def copy_of(article: str = ARTICLE, terms: dict[str, list[str]] | None = None) -> str:
    """What Pagefind reads of such a page."""
    made = copy.spaced_copy(page(article), copy.Synonyms.of(terms or {}))
    assert made is not None
    return made


def write(site: Path, name: str, article: str = ARTICLE) -> None:
    """Put a page into a site."""
    path = site / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(article), encoding="utf-8")


def fragments(site: Path) -> dict[str, dict]:
    """What the index holds of each page, by its address."""
    found = {}
    for file in (site / "pagefind/fragment").iterdir():
        text = gzip.decompress(file.read_bytes()).decode()
        fragment = json.loads(text.removeprefix("pagefind_dcd"))
        found[fragment["url"]] = fragment
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of three pages in folders, with its index."""
    folder = tmp_path_factory.mktemp("site")
    write(folder, "index.html", "<h1 id='home'>首页</h1><p>欢迎。</p>")
    write(folder, "concepts/attention/index.html")
    lab = "<h1 id='lab'>实验</h1><p class='hb-download'>下载</p><p>自己动手。</p>"
    write(folder, "concepts/lab/index.html", lab)
    write(folder, "404.html", "<h1 id='none'>找不到</h1>")
    (folder / "plain.html").write_text("<p>没有正文</p>", encoding="utf-8")
    assert index.build_index(folder, {"自注意力": ["self-attention"]}) == 3
    return folder


@pytest.mark.parametrize(
    ("text", "spaced"),
    [
        ("注意力", "注 意 力"),
        ("用BERT预训练", "用 BERT 预 训 练"),
        ("（注意）", "（ 注 意 ）"),
        ("nn.Linear(d_model", "nn.\u00ad Linear(\u00ad d_model"),
        ("self-attention 0.5", "self-attention 0.5"),
    ],
)
def test_every_han_character_stands_alone(text: str, spaced: str) -> None:
    assert copy.space(text).split() == spaced.split()


def test_tags_and_attributes_are_not_spaced() -> None:
    made = copy_of('<h1 id="top" title="图的名字">题</h1>')
    assert 'title="图的名字"' in made


@pytest.mark.parametrize("gone", ["¶", "不 要", "复 制", "导 航", "msqrt"])
def test_furniture_stays_out_of_the_copy(gone: str) -> None:
    assert gone not in copy_of()


def test_a_formula_is_a_short_line_of_text() -> None:
    assert "√" in copy_of() and "d_k" in copy_of()


def test_a_name_that_two_tabs_share_is_indexed_once() -> None:
    assert copy_of().count("seed") == 1


def test_of_code_the_names_are_indexed_and_set_apart() -> None:
    assert "▸ nn.\u00ad Linear d_model ◂" in " ".join(copy_of().split())


def test_an_output_is_indexed_by_its_lines_without_numbers() -> None:
    made = copy_of("<pre><code>ValueError: size 3 (4, 0.5) differs</code></pre>")
    assert "▸ ValueError: size differs ◂" in " ".join(made.split())


def test_no_phrase_spans_two_entries_of_a_list() -> None:
    assert "均 值 ；" in " ".join(copy_of().split())


def test_a_page_without_article_is_not_indexed() -> None:
    plain = "<html><body><p>字</p></body></html>"
    assert copy.spaced_copy(plain, copy.Synonyms.of({})) is None


def test_a_title_brings_the_other_names_of_what_it_names() -> None:
    made = copy_of(terms={"自注意力": ["内部注意"]})
    assert 'synonyms[data-value]" data-value="内 部 注 意' in made


def test_a_heading_brings_other_names_with_less_weight() -> None:
    made = copy_of(terms={"程序": ["代码"]})
    assert 'related[data-value]" data-value="代 码' in made


def test_a_latin_name_counts_only_as_a_whole_word() -> None:
    names = copy.Synonyms.of({"强化学习": ["RL"]})
    assert names.beside("用 RL 训练") == ["强化学习"]
    assert names.beside("URL") == []


def test_results_lead_to_folders_below_the_root(site: Path) -> None:
    assert set(fragments(site)) == {"/", "/concepts/attention/", "/concepts/lab/"}


def test_sections_can_be_linked_to(site: Path) -> None:
    anchors = fragments(site)["/concepts/attention/"]["anchors"]
    assert [anchor["id"] for anchor in anchors] == ["top", "code"]


def test_filters_say_part_level_framework_and_kind(site: Path) -> None:
    assert fragments(site)["/concepts/attention/"]["filters"] == {
        "part": ["核心概念"],
        "level": ["入门"],
        "framework": ["NumPy", "PyTorch"],
        "kind": ["正文"],
    }
    assert fragments(site)["/concepts/lab/"]["filters"]["kind"] == ["实验"]


def test_the_bundle_holds_only_what_the_box_uses(site: Path) -> None:
    names = {file.name.split(".")[0] for file in (site / "pagefind").iterdir()}
    program = {"pagefind", "pagefind-entry", "wasm"}
    assert names == program | {"fragment", "index", "filter", "pages"}


def test_each_page_is_listed_with_its_title_under_its_id(site: Path) -> None:
    bundle = site / "pagefind"
    pages = json.loads((bundle / "pages.json").read_text(encoding="utf-8"))
    assert {f"{name}.pf_fragment" for name in pages} == {
        file.name for file in (bundle / "fragment").iterdir()
    }
    (lab,) = (page for page in pages.values() if page["url"] == "concepts/lab/")
    assert lab["title"] == "实 验"
    assert lab["facts"] == ["核心概念", "入门", "实验"]


def test_a_second_build_replaces_the_bundle(tmp_path: Path) -> None:
    write(tmp_path, "index.html")
    index.build_index(tmp_path, {})
    write(tmp_path, "index.html", "<h1 id='new'>新</h1>")
    index.build_index(tmp_path, {})
    assert len(list((tmp_path / "pagefind/fragment").iterdir())) == 1


def test_a_site_without_pages_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(HandbookError, match="no page to index"):
        index.build_index(tmp_path, {})


def test_a_failure_of_pagefind_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "index.html")
    monkeypatch.setenv("PAGEFIND_BINARY_PATH", "/no/such/program")
    with pytest.raises(HandbookError, match="pagefind failed") as caught:
        index.build_index(tmp_path, {})
    assert "\n" not in str(caught.value)
