"""A book of two pages, a snippet and a lab, to be broken in one place and built."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]

PAGE = """---
description: 一页用来试验机器的文字，说明它怎样工作。
tags: [试验]
level: 入门
requires: []
---

# 第一页 {{ #first }}

方差是 $\\sigma^2$ [@kingma2015adam]。

$$
\\frac{{1}}{{\\sqrt{{d_k}}}}
$$

=== "NumPy"

    ```python title="part/first_numpy.py"
    --8<-- "part/first_numpy.py:one"
    ```

## 一节 {{ #section }}

见[第二页](second.md)。
{extra}
"""
SNIPPET = '# --8<-- [start:one]\nprint("和 = 3")\n# --8<-- [end:one]\n'
BIB = """@inproceedings{kingma2015adam,
  author = {Kingma, Diederik P. and Ba, Jimmy},
  title = {{Adam: A Method for Stochastic Optimization}},
  booktitle = {ICLR},
  year = {2015},
  url = {https://arxiv.org/abs/1412.6980},
}
"""
VENUES = """as_of: 2026-11-23
ccf_list: "2026"
sources:
  t: {name: a/tracker, standing: tracker, url: "https://a.org/tracker", licence: MIT}
  o: {name: own page, standing: official, licence: facts only}
  u: {name: b/tracker, standing: tracker, licence: MIT}
venues:
  - key: first
    name: FIRST
    full_name: First Conference
    field: 机器学习
    kind: conference
    about: 收机器学习的论文，是用来试验机器的第一个会议。
    rank: {ccf: A}
    editions:
      - {year: 2027, date_src: t, start: 2027-05-01, end: 2027-05-04,
         main: {start: 2027-05-02, end: 2027-05-03},
         website: "https://first.org/2027",
         timeline: [
           {kind: abstract, at: "2027-01-03", src: t},
           {kind: paper, at: "2027-01-10T23:59:00-12:00", tz: AoE, src: t}],
         sources: [{src: t, path: a.yml, checked: 2026-08-20}]}
    acceptance:
      - {year: 2026, submitted: 100, accepted: 25, src: t}
  - key: second
    name: SECOND
    full_name: Second Conference
    field: 系统
    kind: workshop
    about: 收系统的论文，是用来试验机器的第二个会议。
    no_count_seen: 2026-11-20
    editions:
      - {year: 2027, joint_with: first, website: "https://second.org/2027",
         sources: [{src: o, url: "https://second.org", read: 2026-11-23}]}
      - {year: 2028, website: "https://second.org/2028",
         sources: [{src: o, url: "https://second.org", read: 2026-11-23}]}
"""


@dataclass
class Book:
    """A small book in a folder of its own."""

    folder: Path

    def write(self, name: str, text: str) -> None:
        """Write a file of the book."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands in a file of the book."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def build(self) -> subprocess.CompletedProcess:
        """Build it as ``make build`` does."""
        return subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict"],
            cwd=self.folder,
            capture_output=True,
            text=True,
        )

    def expect_failure(self, *words: str) -> None:
        """Build it, and find one line that holds all these words, and no traceback."""
        done = self.build()
        said = done.stdout + done.stderr
        assert done.returncode != 0, said
        assert any(all(w in line for w in words) for line in said.splitlines()), said
        assert "Traceback" not in said

    def html(self, page: str) -> str:
        """A built page."""
        return (self.folder / "site" / page).read_text(encoding="utf-8")


def notebook(*cells: tuple[str, str]) -> nbformat.NotebookNode:
    """A notebook of Markdown cells and code cells, these marked as executed."""
    v4 = nbformat.v4
    made = v4.new_notebook(
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "handbook": {
                "description": "一个用来试验机器的小实验。",
                "tags": ["试验"],
                "level": "入门",
                "requires": ["part/first"],
            },
        }
    )
    for kind, text in cells:
        if kind == "markdown":
            made.cells.append(v4.new_markdown_cell(text))
        else:
            printed = [v4.new_output("stream", text="3\n")]
            cell = v4.new_code_cell(text, execution_count=1, outputs=printed)
            made.cells.append(cell)
    return made


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A small book that builds; configured as the real one but for its nav."""
    made = Book(tmp_path)
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    nav = "nav: [index.md, part/first.md, part/second.md, part/lab.ipynb]\n"
    config = re.sub(r"^nav:.*", nav, config, flags=re.S | re.M)
    config = config.replace("handbook/theme", str(ROOT / "handbook/theme"))
    made.write("mkdocs.yml", config)
    made.write("docs/part/first.md", PAGE.format(extra=""))
    second = PAGE.replace("first", "second").replace("requires: []", "{requires}")
    second = second.replace("second_numpy", "first_numpy").replace("第一页", "第二页")
    made.write(
        "docs/part/second.md",
        second.replace("见[第二页](second.md)", "见[第一页](first.md#section)").format(
            extra="", requires="requires: [part/first]"
        ),
    )
    made.write(
        "docs/index.md",
        PAGE.split("方差")[0].format() + '<div data-book="map"></div>\n',
    )
    made.write("docs/assets/handbook.css", "")
    made.write("docs/assets/search.js", "")
    made.write("snippets/part/first_numpy.py", SNIPPET)
    made.write("data/references.bib", BIB)
    made.write("data/conferences.yml", VENUES)
    made.write("data/terms.yml", "terms:\n  - {term: 方差, en: variance}\n")
    made.write("data/courses.yml", "courses: []\n")
    made.write("data/workshops.yml", "series: []\n")
    made.write("data/models.yml", "models: []\n")
    made.write("data/hardware.yml", "chips: []\n")
    made.write("data/history.yml", "events: []\n")
    lab = notebook(
        ("markdown", "# 小实验\n\n文字 $x_1$ 与 `$y$`。\n\n$$\\sqrt{d}$$"),
        ("markdown", "## 一节\n\n见[第一页](../first/#section)。"),
        ("code", "print(1 + 2)"),
        ("markdown", "## 一节\n\n### Sub 小节"),
    )
    made.write("notebooks/part/lab.ipynb", nbformat.writes(lab))
    return made
