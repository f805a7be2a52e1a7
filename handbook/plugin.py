"""The one module that knows MkDocs: which event calls which piece of the machinery."""

import os
import re
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemBytecodeCache
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import BuildError
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from pymdownx.snippets import SnippetMissingError

from handbook import cache, registry
from handbook.errors import HandbookError, current_page
from handbook.facts import terms
from handbook.page import (
    cards,
    citations,
    front,
    lane,
    links,
    listings,
    math,
    notebooks,
    outline,
    route,
    sheets,
    tables,
)
from handbook.page.minutes import minutes
from handbook.programs import cells, sections
from handbook.search import index
from handbook.widgets import embed

LOG = get_plugin_logger("handbook")
BOOK_PLACE = re.compile(r'<div data-book="([\w-]+)"></div>')
FACTS_PLACE = re.compile(r'<div data-facts="([\w-]+)"></div>')


class HandbookPlugin(BasePlugin):
    """Wires the machinery into a build; holds nothing but the pages it has met."""

    def __init__(self) -> None:
        self.entries: dict[str, front.Entry] = {}
        self.parts: list[outline.Part] = []
        self.sources: dict[str, str] = {}
        self.serving = False
        self.indexing: Thread | None = None
        self.has_cards = False

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Learn what there is to build with; take up what the last build left."""
        registry.enter_all()
        self.serving = command == "serve"
        cache.load()

    def on_shutdown(self) -> None:
        """Leave something to the next build."""
        self._finish_index()
        cache.save()

    @event_priority(100)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the facts first: what is wrong in them is said before all else."""
        self._finish_index()
        for check in registry.CHECKS:
            if isinstance(notice := check(), str):
                LOG.info(notice)
        self.parts = outline.parts(config.nav or [])
        config.nav = outline.written(config.nav) if config.nav else config.nav
        return config

    @event_priority(100)
    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        """Mount the notebooks, before mkdocs-jupyter looks; publish the downloads."""
        self.entries = {}
        citations.remember(config.plugins["bibtex"].registry)
        for path in notebooks.all_notebooks():
            address = path.relative_to(notebooks.FOLDER).as_posix()
            mounted = File(
                address,
                str(notebooks.FOLDER.resolve()),
                config.site_dir,
                config.use_directory_urls,
            )
            files.append(mounted)
            source = path.read_bytes()
            files.append(File.generated(config, path.as_posix(), content=source))
        if icon := files.get_file_from_path("assets/images/favicon.png"):
            files.remove(icon)  # the theme's; the site has its own
        if not config.site_url:  # a list of addresses that nobody knows
            config.theme.static_templates.discard("sitemap.xml")
        self.has_cards = self._add_cards(files, config)
        for make in registry.MAKERS:
            for address, content in make().items():
                files.append(File.generated(config, address, content=content))
        return files

    def on_pre_page(self, page: Page, config: MkDocsConfig, files: Files) -> Page:
        """Render a page anew only if what it is made of has changed."""
        if _is_notebook(page.file):
            return page  # mkdocs-jupyter keeps its own

        def render(config: MkDocsConfig, files: Files) -> None:
            parts = sections.embedded(page.markdown, _bases(config))
            settings = Path(config.config_file_path).read_text(encoding="utf-8")
            made_of = repr((page.file.src_uri, page.markdown, parts, settings))

            def make() -> dict:
                before = dict(vars(page))
                Page.render(page, config, files)
                page.links_to_anchors = None  # it holds this build's files
                after = vars(page).items()
                return {k: v for k, v in after if before.get(k) is not v}

            vars(page).update(cache.recall(made_of, make))

        page.render = render
        return page

    def on_nav(self, nav: Navigation, config: MkDocsConfig, files: Files) -> None:
        """Every page is in the table of contents."""
        for file in files.documentation_pages():
            if file.page is None or file.page not in nav.pages:
                raise HandbookError(
                    f"{_source(file)}: in no nav (add it to nav in mkdocs.yml)"
                )

    @event_priority(100)
    def on_page_markdown(
        self, markdown: str, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Check what a page says of itself, embeds and cites, before it is rendered."""
        source = _source(page.file)
        current_page.set(source)
        if _is_notebook(page.file):
            page.meta = dict(notebooks.meta(Path(source)))
        else:
            sections.check_embeds(markdown, source, _bases(config))
            citations.check(markdown, source)
            markdown = cells.tint(citations.named(markdown))
        page.meta["front"] = front.front_matter(page.meta, source)
        return markdown

    def on_page_content(
        self, html: str, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Mend notebooks, link code to its file, and enter the page in the book."""
        root = _root(page)
        if _is_notebook(page.file):
            html, tokens = notebooks.mend(html)
            page.toc = get_toc(tokens)
            line = notebooks.download_line(f"{root}{_source(page.file)}")
            html = front.opening(html.replace("</h1>", f"</h1>{line}", 1))
        else:
            html = front.opening(html, cells.card(page.markdown, root))
        source = _source(page.file)
        html = citations.tidy(cells.outputs(html))
        read = minutes(html)  # facts are looked up
        html = FACTS_PLACE.sub(lambda place: registry.shown(place[1], source), html)
        key = _key(page.file)
        self.entries[key] = front.Entry(
            key,
            page.title,
            page.url,
            page.meta["front"],
            read,
            outline.numbers(self.parts).get(page.file.src_uri, ""),
            links.pages(html, page.url),
        )
        html = tables.finish(listings.finish(front.closing(math.tied(html)), root))
        return html + embed.scripts(html, root)

    def on_env(self, env: Environment, config: MkDocsConfig, files: Files) -> None:
        """All pages are known now: check how they build on each other."""
        cache.FILE.parent.mkdir(parents=True, exist_ok=True)
        env.bytecode_cache = FileSystemBytecodeCache(str(cache.FILE.parent))
        made = files.documentation_pages()
        self.sources = {file.dest_uri: _source(file) for file in made}
        front.check_requires(self.entries, {_key(f): _source(f) for f in made})
        for page in (file.page for file in made):
            if number := self.entries[_key(page.file)].number:
                _count(page, number)

    def on_page_context(
        self, context: dict, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> dict:
        """Add what needs the other pages: the line under the title, the map."""
        entry, root = self.entries[_key(page.file)], _root(page)
        if not entry.is_index:
            before = front.reading_path(entry.key, self.entries)
            line = front.byline(entry, before, root)
            page.content = page.content.replace("</h1>", f"</h1>{line}", 1)
        for way, to in (("before", page.previous_page), ("after", page.next_page)):
            context[way] = self.entries[_key(to.file)] if to else None
        source = _source(page.file)
        page.content = self._of_book(page.content, source, entry.key, root)
        page.content = route.finish(page.content, self._book(), entry.key, source)
        part = self._book().part(entry.part)
        context["sheets"] = embed.sheets(page.content)
        context["part"] = part.title if part else ""
        context["card"] = cards.address(part) if self.has_cards else ""
        return context

    def on_post_page(self, output: str, page: Page, config: MkDocsConfig) -> str:
        """In the drawer say where in its part a page is; send no blanks."""
        shown = lane.in_drawer(output, self._book(), _key(page.file), _root(page))
        return sheets.link_once(listings.tighten(shown))

    def on_post_template(
        self, output_content: str, *, template_name: str, config: MkDocsConfig
    ) -> str:
        """Nor with the page for unknown addresses, which shows the map too."""
        if not template_name.endswith(".html"):
            return output_content
        root = urlsplit(config.site_url or "").path
        whole = self._of_book(output_content, template_name, "", root)
        return listings.tighten(whole)

    def on_post_build(self, config: MkDocsConfig) -> None:
        """Write the font and the index, then see that every link leads somewhere."""
        site = Path(config.site_dir)
        html = [f.read_text(encoding="utf-8") for f in sorted(site.rglob("*.html"))]
        font = site / "assets" / "math.woff2"
        math.write_font(math.code_points(html), font, cache.FILE.parent)
        sheets.trim(site)
        links.check(site, urlsplit(config.site_url or "/").path, self.sources)
        self.indexing = Thread(target=index.build_index, args=(site, terms.synonyms()))
        if self.serving:  # who edits a page need not wait for its index
            self.indexing.start()
        else:
            self.indexing.run()

    def on_build_error(self, error: Exception) -> None:
        """Show bad input as one line, not as a traceback."""
        if isinstance(error, HandbookError | SnippetMissingError):
            raise BuildError(str(error)) from None

    def _add_cards(self, files: Files, config: MkDocsConfig) -> bool:
        """Draw what other sites show of a link, where this site's address is known."""
        if not config.site_url or self.serving:
            return False
        if lacking := cards.missing():
            LOG.info(f"no social cards: {lacking}")
            return False
        for address, png in cards.cards(self.parts, config.site_name).items():
            files.append(File.generated(config, address, content=png))
        return True

    def _book(self) -> outline.Book:
        return outline.Book(self.parts, self.entries)

    def _of_book(self, html: str, source: str, key: str, root: str) -> str:
        """Fill in what is made of all pages."""
        book = self._book()
        return BOOK_PLACE.sub(
            lambda place: registry.shown_of_book(place[1], source, book, key, root),
            html,
        )

    def _finish_index(self) -> None:
        """Let an index that is being written be whole before its site goes."""
        if self.indexing and self.indexing.is_alive():
            self.indexing.join()


def _bases(config: MkDocsConfig) -> list[Path]:
    """The folders that pages embed from, as ``mkdocs.yml`` names them."""
    return [Path(p) for p in config.mdx_configs["pymdownx.snippets"]["base_path"]]


def _is_notebook(file: File) -> bool:
    return file.src_uri.endswith(".ipynb")


def _key(file: File) -> str:
    return file.src_uri.rpartition(".")[0]


def _source(file: File) -> str:
    folder = notebooks.FOLDER.name if _is_notebook(file) else "docs"
    return f"{folder}/{file.src_uri}"


def _count(page: Page, number: str) -> None:
    """Show a number before the title of a page, or of the part that it opens."""
    item = page.parent if page.is_index and page.parent else page
    item.typeset = {"title": f"<span>{number}</span> {item.title}"}


def _root(page: Page) -> str:
    """The way from a page to the site's root: ``../../``, or ``./``."""
    return os.path.relpath(".", page.url or ".").rstrip("/") + "/"
