"""What lands on the clipboard: code as it stands, formulas as one would type them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

CLASSIFIER, ATTENTION = "frameworks/binary-classifier/", "concepts/attention/"
LAB = "concepts/attention-lab/"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window that may use the clipboard."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def clipboard(page: Page) -> str:
    return page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("address", [CLASSIFIER, LAB])
def test_a_button_copies_its_block_and_nothing_else(
    page: Page, base_url: str, address: str
) -> None:
    page.goto(base_url + address)
    block = page.locator(".highlight pre:visible").nth(1)
    block.get_by_role("button", name="复制代码").click()
    expect(block.get_by_role("button", name="已复制")).to_be_attached()
    shown = block.locator("code").text_content() or ""
    assert clipboard(page) == shown.rstrip() != ""


def test_a_block_is_copied_with_the_keyboard(page: Page, base_url: str) -> None:
    page.goto(base_url + CLASSIFIER)
    block = page.locator(".highlight pre:visible").first
    block.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(block.get_by_role("button", name="已复制")).to_be_focused()
    assert clipboard(page) == (block.locator("code").text_content() or "").rstrip()


def test_without_https_a_block_is_copied_all_the_same(
    page: Page, base_url: str
) -> None:
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
    )
    page.goto(base_url + CLASSIFIER)
    block = page.locator(".highlight pre:visible").first
    block.get_by_role("button").click()
    expect(block.get_by_role("button", name="已复制")).to_be_attached()


def test_no_block_is_mounted_by_the_theme(page: Page, base_url: str) -> None:
    """Its observers on seventy blocks were most of a page's blocking time."""
    page.goto(base_url + CLASSIFIER)
    assert page.locator("pre > code").count() == 0
    assert page.locator("pre code").count() > 20


def test_a_wide_block_is_scrolled_with_the_keyboard(page: Page, base_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(base_url + CLASSIFIER)
    deaf = page.evaluate(
        """() => [...document.querySelectorAll("pre code")]
          .filter((code) => code.scrollWidth > code.clientWidth && code.tabIndex < 0)
          .map((code) => code.textContent.slice(0, 60))"""
    )
    assert deaf == []


COPY = """(nodes) => {
  getSelection().removeAllRanges();
  const range = document.createRange();
  range.selectNodeContents(nodes[0]);
  getSelection().addRange(range);
  let text, html;
  addEventListener("copy", (event) => {
    text = event.clipboardData.getData("text/plain");
    html = event.clipboardData.getData("text/html");
  }, { once: true });
  document.execCommand("copy");
  return [text, html];
}"""


def copied(page: Page, selector: str) -> tuple[str, str]:
    """The plain text and the markup that copying an element puts on the clipboard."""
    return tuple(page.locator(selector).evaluate_all(COPY))


@pytest.fixture
def formulas(page: Page, base_url: str) -> Page:
    """A page on which sentences can be put as the site writes them."""
    page.goto(base_url + ATTENTION)
    return page


def test_a_sentence_with_a_root_says_the_root(formulas: Page) -> None:
    text, html = copied(formulas, "article p:has(msqrt) >> nth=0")
    assert "√d_k" in text and "\n" not in text.strip()
    assert "<math" in html


def test_a_displayed_formula_is_copied_as_tex(formulas: Page) -> None:
    text, _ = copied(formulas, ".hb-math >> nth=0")
    assert text.strip().startswith("$$") and "\\" in text and text.count("\n") < 3


def test_half_a_formula_is_copied_whole(formulas: Page) -> None:
    text = formulas.evaluate(
        """() => {
          const root = document.querySelector("article p msqrt");
          const range = document.createRange();
          range.setStart(root.querySelector("mi").firstChild, 0);
          range.setEndAfter(root.closest("p").lastChild);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
          let text;
          addEventListener("copy", (event) => {
            text = event.clipboardData.getData("text/plain");
          }, { once: true });
          document.execCommand("copy");
          return text;
        }"""
    )
    assert text.startswith("√d_k")


def test_after_copying_the_formulas_stand_as_before(formulas: Page) -> None:
    def drawn() -> str:
        return formulas.locator("article").evaluate(
            "article => [...article.querySelectorAll('math')]"
            ".map((formula) => formula.parentElement.innerHTML).join('')"
        )

    before = drawn()
    copied(formulas, "article")
    assert drawn().replace(' style=""', "") == before
