"""The search index: Pagefind over a spaced copy of each page of the built site."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from html import unescape
from pathlib import Path

from handbook.errors import HandbookError
from handbook.search.copy import Synonyms, spaced_copy

BUNDLE = "pagefind"

# Of a page's HTML, for the box to show before the page's text is there.
_SAYS = {
    "number": re.compile(r'class="?hb-byline"?>\s*<span>([\d.]+)<'),
    "about": re.compile(r'<meta name="?description"? content="([^"]*)"'),
    "tool": re.compile(r"<(conference)-\w+[ >]"),
}

# Places (page and position) in one file of the index. Pagefind's own 20,000 is for
# words; the few hundred characters that a query never asks for would come with it.
_CHUNK = "1000"


def build_index(site_dir: Path, synonyms: dict[str, list[str]]) -> int:
    """Index the built site and write the bundle to ``site_dir/pagefind``.

    ``synonyms`` maps a term to other names of the same thing. Returns the number of
    pages indexed. Raises ``HandbookError`` if Pagefind fails.
    """
    names = Synonyms.of(synonyms)
    with tempfile.TemporaryDirectory(prefix="handbook-search-") as folder:
        copies, bundle = Path(folder, "pages"), Path(folder, BUNDLE)
        copies.mkdir()
        said: dict[str, dict[str, str]] = {}
        for page in sorted(site_dir.rglob("*.html")):
            html = page.read_text(encoding="utf-8")
            copy = spaced_copy(html, names)
            if page.name == "404.html" or copy is None:
                continue
            said[page.relative_to(site_dir).as_posix()] = _said(html)
            target = copies / page.relative_to(site_dir)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(copy, encoding="utf-8")
        if not any(copies.iterdir()):
            raise HandbookError(f"{site_dir}: no page to index (build the site first)")
        _run_pagefind(copies, bundle)
        return _install(bundle, site_dir / BUNDLE, said)


def _said(page: str) -> dict[str, str]:
    """What a page (HTML) says of itself: number, gist, and whether it is a tool."""
    found = {key: pattern.search(page) for key, pattern in _SAYS.items()}
    return {key: unescape(match[1]) for key, match in found.items() if match}


def _run_pagefind(pages: Path, bundle: Path) -> None:
    """Index a folder of HTML as one language that Pagefind does not segment."""
    done = subprocess.run(
        [sys.executable, "-m", "pagefind", "--site", pages, "--output-path", bundle]
        + ["--force-language", "en", "--silent"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PAGEFIND_UNSTABLE_INDEX_CHUNK_SIZE": _CHUNK},
    )
    if done.returncode != 0 or not (bundle / "pagefind-entry.json").is_file():
        lines = (done.stderr or done.stdout).strip().splitlines()
        reason = lines[-1] if lines else f"exit status {done.returncode}"
        raise HandbookError(
            f"search index: pagefind failed: {reason}"
            " (install what pyproject.toml pins: pagefind[extended])"
        )


def _install(bundle: Path, target: Path, said: Mapping[str, dict[str, str]]) -> int:
    """Move to ``target`` what the search box uses; the number of pages in the index.

    ``said`` is what each page, by its file in the site, says of itself.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for name in ("fragment", "index", "filter"):
        if (bundle / name).is_dir():
            shutil.move(bundle / name, target / name)
    for pattern in ("pagefind.js", "pagefind-entry.json", "*.pf_meta", "wasm.en.*"):
        for file in bundle.glob(pattern):
            shutil.move(file, target / file.name)
    pages = {file.stem: _page(file) for file in (target / "fragment").iterdir()}
    for page in pages.values():
        page |= said[f"{page['url']}index.html"]
    text = json.dumps(pages, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    (target / "pages.json").write_text(text, encoding="utf-8")
    return len(pages)


def _page(fragment: Path) -> dict[str, str | int | list[str]]:
    """What the box knows of a page before it fetches its text (``size`` bytes)."""
    text = gzip.decompress(fragment.read_bytes()).decode("utf-8")
    data = json.loads(text.removeprefix("pagefind_dcd"))
    facts = [data["filters"].get(key, [""])[0] for key in ("part", "level", "kind")]
    return {
        "url": data["url"].removeprefix("/"),
        "title": data["meta"].get("title", ""),
        "facts": [fact for fact in facts if fact and fact != "正文"],
        "size": fragment.stat().st_size,
    }
