"""How long a page takes to read: counted, not guessed."""

import re

from lxml import html

from handbook.cache import keep

#: What a learner was seen to take for a Han character, a line of code, a formula (s).
CHARACTER, LINE, FORMULA = 60 / 300, 12.0, 15.0
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
# Code in other frameworks, folded code (the judge, drawings, answers), outputs and
# pictures are not read line by line; formulas count apart.
_OTHER_TABS = (
    "//*[contains(concat(' ', @class, ' '), ' tabbed-block ')][position() > 1]"
)
_FOLDED = "//details//pre"
_OUTPUTS = "//*[contains(concat(' ', @class, ' '), ' hb-output ')]"


@keep
def minutes(content: str) -> int:
    """The minutes for a rendered page, at least one.

    300 Han characters a minute, 12 s a line of code in one framework, 15 s a displayed
    formula.
    """
    tree = html.fragment_fromstring(content, create_parent="div")
    for idle in tree.xpath(
        f"{_OTHER_TABS} | {_OUTPUTS} | {_FOLDED} | //svg | //script | //style"
    ):
        idle.drop_tree()
    lines = 0
    for block in tree.xpath("//pre"):
        lines += sum(1 for line in block.text_content().splitlines() if line.strip())
        block.drop_tree()
    formulas = len(tree.xpath("//math[@display='block']"))
    characters = len(_HAN.findall(tree.text_content()))
    seconds = characters * CHARACTER + lines * LINE + formulas * FORMULA
    return max(1, round(seconds / 60))
