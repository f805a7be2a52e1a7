"""What stands under a heading gets its box; what only looks like a heading does not."""

from handbook.page.portions import boxed


def test_what_follows_a_heading_is_boxed() -> None:
    page = '<h1>A</h1><p>a</p><h2 id="b">B</h2>\n<p>b</p><h3>C</h3><p>c</p>'
    assert boxed(page) == (
        '<h1>A</h1><p>a</p><h2 id="b">B</h2><div class="hb-portion">\n<p>b</p></div>'
        '<h3>C</h3><div class="hb-portion"><p>c</p></div>'
    )


def test_a_heading_without_text_of_its_own_has_no_box() -> None:
    page = "<h2>B</h2>\n<h3>C</h3><p>c</p>"
    assert boxed(page).startswith("<h2>B</h2>\n<h3>C</h3><div")


def test_a_heading_inside_something_stays_there() -> None:
    page = "<h2>B</h2><details><h3>C</h3><p>c</p></details><p>d</p>"
    inside = page.removeprefix("<h2>B</h2>")
    assert boxed(page) == f'<h2>B</h2><div class="hb-portion">{inside}</div>'


def test_a_page_without_headings_stays_as_it_is() -> None:
    assert boxed("<div><h2>B</h2></div>") == "<div><h2>B</h2></div>"
