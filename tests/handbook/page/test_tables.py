"""Tables: their kind, their wrapper, and what a phone needs to show text as cards."""

import re

import pytest

from handbook.page.tables import finish


def table(*rows: list[str]) -> str:
    """A table as Markdown makes it: the first row is its head."""
    head, *body = rows
    lines = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in body)
    named = "".join(f"<th>{cell}</th>" for cell in head)
    return f"<table><thead><tr>{named}</tr></thead><tbody>{lines}</tbody></table>"


LONG = "这一格里有很长的一句话"
TEXT = table(["差异", "PyTorch", "后果"], [LONG, f"{LONG} <code>x</code>", LONG])
NUMBERS = table(["宽", "损失"], ["甲", "0.31"], ["乙", "1.2e-5"], ["丙", "23%"])


def test_a_table_scrolls_in_a_box_that_the_keyboard_reaches() -> None:
    assert finish(NUMBERS).startswith('<div class="hb-table hb-scroll" tabindex="0">')


def test_numbers_stand_to_the_right_and_short_words_do_not_break() -> None:
    shown = finish(NUMBERS)
    assert re.findall('<td class="n">(.*?)</td>', shown) == ["0.31", "1.2e-5", "23%"]
    assert re.findall('<td class="s">(.*?)</td>', shown) == ["甲", "乙", "丙"]
    assert "hb-cards" not in shown


@pytest.mark.parametrize("column", [["1", "二", "三"], ["—", "—", "—"]])
def test_a_column_with_few_numbers_is_no_column_of_numbers(column: list[str]) -> None:
    assert 'class="n"' not in finish(table(["名"], *[[cell] for cell in column]))


def test_three_columns_of_text_become_cards_that_name_their_columns() -> None:
    shown = finish(TEXT)
    assert 'class="hb-cards" role="table"' in shown
    assert re.findall('data-label="(.*?)"', shown) == ["差异", "PyTorch", "后果"]
    assert shown.count('role="cell"') == shown.count('role="columnheader"') == 3
    assert shown.count('role="row"') == 2


def test_two_columns_of_text_stay_columns() -> None:
    assert "hb-cards" not in finish(table(["问", "答"], [LONG, LONG]))


def test_the_head_of_a_row_is_said_to_be_one() -> None:
    row_head = TEXT.replace(f"<td>{LONG}</td>", f'<th scope="row">{LONG}</th>', 1)
    assert f'<th scope="row" role="rowheader">{LONG}</th>' in finish(row_head)


def test_cells_that_span_columns_are_left_as_they_stand() -> None:
    spanned = TEXT.replace("<td>", '<td colspan="2">', 1)
    assert "hb-cards" not in finish(spanned)


def test_a_table_with_a_class_is_somebody_elses() -> None:
    other = '<table class="x"><tr><td>1</td></tr></table>'
    assert finish(other) == other
