"""The frame that tools share: a head that says "try it", a body, a foot.

The foot names the program of the page with which the tool's arithmetic shares its
tests. A script adds the button that resets the tool (``docs/assets/widgets/tool.js``).
"""

import json


def framed(
    tag: str,
    anchor: str,
    data: object,
    body: str,
    program: tuple[str, str],
    what: str = "算法",
) -> str:
    """The element ``<tag id=anchor>`` with its data and what stands without a script.

    ``program`` is the file's name and the id of the section that shows it; ``what``
    names that which both compute.
    """
    file, section = program
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("</", "<\\/")
    return (
        f'<{tag} class="hb-tool" id="{anchor}" data-pagefind-ignore>'
        f'<script type="application/json">{text}</script>'
        '<p class="hb-tool-head"><b>试一试</b></p>'
        f'<div class="hb-tool-body">{body}</div>'
        f'<p class="hb-tool-foot">{what}与 <a href="#{section}">{file}</a> '
        f"相同，由同一份测试核对</p></{tag}>"
    )
