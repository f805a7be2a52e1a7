"""Code blocks lead to their file, and carry no marks that add nothing."""

from lxml import html

from handbook.page.listings import finish, tighten

QUOTE = '<span class="s2">&quot;</span>'
BLOCK = (
    '<span class="filename">part/page_numpy.py</span><pre><code>'
    '<span class="n">x</span><span class="w"> </span><span class="o">=</span> '
    f'<span class="k">not</span> {QUOTE}<span class="s2">a</span>{QUOTE}</code></pre>'
)


def test_a_title_leads_to_its_file() -> None:
    link = '<a href="../../snippets/part/page_numpy.py" download>page_numpy.py</a>'
    assert f'<span class="filename">{link}</span>' in finish(BLOCK, "../../")


def test_a_block_has_its_button_and_stays_out_of_the_theme_s_sight() -> None:
    shown = finish("<pre><span></span><code>a</code></pre>", "./")
    button, code = html.fromstring(shown)
    assert (button.tag, button.get("title")) == ("button", "复制代码")
    assert (code.tag, code[0].tag, shown.count("tabindex")) == ("span", "code", 0)


def test_a_block_wider_than_a_phone_can_be_focused() -> None:
    narrow, wide = "x" * 38, "汉" * 20
    shown = finish(
        f"<pre><code>{narrow}\n</code></pre><pre><code>a\n{wide}</code></pre>", "./"
    )
    assert shown.count('<code tabindex="0">') == 1
    assert shown.index('<code tabindex="0">a') > shown.index(narrow)


def test_what_the_templates_do_wrong_goes() -> None:
    page = (
        '<input class="md-toggle" type="checkbox" id="__search" autocomplete="off">'
        '<input class="md-search__input" type="text" autocomplete="off">'
        '<label tabindex="" for="__toc">目录</label>'
    )
    assert tighten(page) == (
        '<input class="md-toggle" type="checkbox" id="__search">'
        '<input class="md-search__input" type="text" autocomplete="off">'
        "<label>目录</label>"
    )


def test_a_title_that_is_no_program_stays() -> None:
    block = '<span class="filename">输出</span>'
    assert finish(block, "./") == block


def test_only_marks_with_a_colour_stay_and_neighbours_join() -> None:
    code = finish(BLOCK, "./").split("<code>")[1]
    assert code.startswith('x = <span class="k">not</span>')
    assert '<span class="s2">&quot;a&quot;</span></code>' in code


def test_a_figure_never_scrolls_and_is_no_stop_of_the_keyboard() -> None:
    assert finish("<figure>", "./") == "<figure>"


def test_a_group_of_tabs_is_kept_from_the_themes_script() -> None:
    group = '<div class="tabbed-set tabbed-alternate" data-tabs="1:3"><input>'
    assert finish(group, "./") == '<div class="tabbed-set tabbed-alternate"><input>'


def test_blanks_go_but_not_in_code() -> None:
    page = "<p>\n\n   一\n  </p>\n\n<pre>a\n\n    b</pre>\n  <p>"
    assert tighten(page) == "<p>\n一\n</p>\n<pre>a\n\n    b</pre>\n<p>"
