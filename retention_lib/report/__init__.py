"""Executed notebooks become one HTML page that a manager reads offline, on a phone or on paper.

nbconvert walks the notebooks with the template in ``templates/retention``; what the cells
say and show is rebuilt from allow-lists here, so that no markup, style or script of a
notebook's output reaches the page. ``templates/page.html.j2`` and ``page.css`` set the page.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from base64 import b64decode
from binascii import Error as BadBase64
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from gettext import NullTranslations
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import mistune
import nbformat
import nh3
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import TemplateExporter
from nbconvert.preprocessors import TagRemovePreprocessor

from retention_lib.errors import RetentionError
from retention_lib.languages import catalogue
from retention_lib.report import tables
from retention_lib.report.ids import ID_COLUMN, LEFT_OUT, KnownIds, refuse_columns, refuse_ids
from retention_lib.report.tables import Ids

if TYPE_CHECKING:
    from retention_lib.words.first_screen.lines import Headline

__all__ = ["KnownIds", "Page", "refuse_bad_pictures", "render"]

TEMPLATES: Final = Path(__file__).parents[1] / "templates"
MOST_HEADLINES: Final = 6

_OUTSIDE: Final = {"http", "https", "mailto"}
_PROSE_TAGS: Final = tables.CELL_TAGS.union(
    ("h3", "h4", "h5", "h6", "hr", "a", "del", "code", "pre", "blockquote", "ul", "ol", "li")
)


@dataclass(frozen=True)
class Page:
    """What stands around the notebooks: the first screen and the footer, all of it plain text.

    ``caveat`` stands at the top of each chapter but the first; ``headlines`` holds at most six; ``provenance`` are label and value of the footer's lines;
    ``own_notebooks`` names the notebooks that are the client's own copies, ``id_columns`` the
    columns of the client's data that no table of theirs may show. ``known_ids`` returns which of
    some texts are customers' ids; it is asked at most once, for what the own notebooks show.
    """

    title: str
    subtitle: str
    banner: Sequence[str]
    headlines: Sequence[Headline]
    actions: Sequence[str]
    provenance: Sequence[tuple[str, str]]
    language: str = "en"
    own_notebooks: Sequence[str] = ()
    id_columns: Sequence[str] = ()
    known_ids: KnownIds = lambda texts: ()
    caveat: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading of a chapter: ``level`` 3 to 6, ``id`` unique on the page, ``text`` safe HTML."""

    level: int
    id: str
    text: Markup


@dataclass(frozen=True)
class Chapter:
    """One notebook on the page; ``outputs`` is what its code cells show, as HTML."""

    id: str
    number: str
    title: Markup
    sections: Sequence[Heading]
    body: Markup
    outputs: Sequence[str]


def render(notebooks: Sequence[Path], page: Page) -> str:
    """Return the report: what to decide, and how the notebooks got there.

    Parameters
    ----------
    notebooks : sequence of Path
        Executed notebooks in the order of the chapters.
    page : Page
        First screen and footer.

    Returns
    -------
    str
        One HTML document that asks for nothing else: no script, no request.

    Raises
    ------
    RetentionError
        If a figure has no alternative text, a cell shows a picture that is not PNG, a
        notebook cannot be read, a table has a column of customers' ids, one's own
        notebook shows any, or the page holds more than six headlines.
    """
    if len(page.headlines) > MOST_HEADLINES:
        raise RetentionError(
            f"The first screen holds at most {MOST_HEADLINES} headline figures, "
            f"but it was given {len(page.headlines)}; leave the least useful ones out."
        )
    translations = catalogue(page.language)
    taken = {"main", "contents", "figures", "actions", "about"}
    ids = Ids(taken, translations.gettext(tables.UNTITLED))
    chapter_ids = {path.name: ids.new(_slug(path.stem.lstrip("0123456789_"))) for path in notebooks}
    named = {path.name: _chapter(path, chapter_ids, ids, translations) for path in notebooks}
    chapters = list(named.values())
    _refuse_customers(named, page)
    counted = Counter(section.text for chapter in chapters for section in chapter.sections)
    often = {text for text, count in counted.items() if count > 1}
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    template = _environment(translations).get_template("page.html.j2")
    return template.render(page=page, chapters=chapters, often=often, style=Markup(style))


def _refuse_customers(chapters: Mapping[str, Chapter], page: Page) -> None:
    """Fail on chapters that tell who a customer is; one's own notebooks are looked at closely."""
    for name, chapter in chapters.items():
        own = page.id_columns if name in page.own_notebooks else ()
        refuse_columns(chapter.body, [ID_COLUMN, *own], name)
    shown = {name: it.outputs for name, it in chapters.items() if name in page.own_notebooks}
    refuse_ids(shown, page.known_ids)


def _environment(translations: NullTranslations) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations)  # type: ignore[attr-defined]
    return environment


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return words if words[:1].isalpha() else f"part-{words}".rstrip("-")


# --- one notebook -------------------------------------------------------------


def _chapter(
    path: Path, chapter_ids: Mapping[str, str], ids: Ids, translations: NullTranslations
) -> Chapter:
    refuse_bad_pictures(path)
    notebook = _read(path)
    prose = _Prose(chapter_ids, chapter_ids[path.name], ids, translations.gettext)
    outputs: list[str] = []
    left_out = TagRemovePreprocessor(remove_cell_tags={LEFT_OUT})  # type: ignore[no-untyped-call]
    exporter = TemplateExporter(  # type: ignore[no-untyped-call]
        template_name="retention",
        template_file="index.html.j2",
        extra_template_basedirs=[str(TEMPLATES)],
        preprocessors=[left_out],
        filters={
            "translated": prose.translated,
            "prose": prose.html,
            "shown": partial(_shown, prose.html, ids, outputs),
        },
    )
    body, _ = exporter.from_notebook_node(notebook)
    number = (re.match(r"\d*", path.stem) or [""])[0].lstrip("0")
    title = prose.title or Markup(escape(_title(path.stem)))
    sections = [heading for heading in prose.headings if heading.level == 3]
    return Chapter(chapter_ids[path.name], number, title, sections, Markup(body), outputs)


def _read(path: Path) -> nbformat.NotebookNode:
    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise RetentionError(f"The notebook {path.name} cannot be read: {error}") from error
    return cast("nbformat.NotebookNode", notebook)


def _title(stem: str) -> str:
    return stem.lstrip("0123456789_").replace("_", " ").capitalize() or stem


def refuse_bad_pictures(executed: Path) -> None:
    """Fail on a picture of an executed notebook that some readers could not see.

    Raises
    ------
    RetentionError
        If it has no alternative text, or is not PNG.
    """
    cells = [cell for cell in _read(executed).cells if cell.cell_type == "code"]
    for count, cell in enumerate(cells, start=1):
        for output in cell.outputs:
            _refuse_bad_picture(output, f"code cell {count} of {executed.name}")


def _refuse_bad_picture(output: nbformat.NotebookNode, where: str) -> None:
    kinds = [kind for kind in output.get("data", {}) if kind.startswith("image/")]
    if kinds and "image/png" not in kinds:
        raise RetentionError(f"A figure in {where} is {kinds[0]}; end the cell in show(…, alt).")
    if kinds and not _alt(output):
        raise RetentionError(
            f"A figure in {where} has no alternative text; end the cell in show(figure, alt) "
            "with a sentence that says what the figure shows."
        )


def _alt(output: Mapping[str, Any]) -> str:
    alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
    return " ".join(alt.split()) if isinstance(alt, str) else ""


def _shown(
    prose: Callable[[str], str], ids: Ids, outputs: list[str], output: Mapping[str, Any]
) -> str:
    """Return what a cell shows, and note it; HTML also as given, where no texts have run together."""
    html = _output(prose, ids, output)
    outputs += [html, _text(output["data"].get("text/html", ""))] if html else []
    return html


def _output(prose: Callable[[str], str], ids: Ids, output: Mapping[str, Any]) -> str:
    """Return a figure, tables or sentences; a bare repr is not shown."""
    data = output["data"]
    if "image/png" in data:
        return _figure(data["image/png"], _alt(output))
    if "text/html" in data:
        return tables.framed(tables.clean(_text(data["text/html"])), ids)
    if "text/markdown" in data:
        return f'<div class="says">{prose(_text(data["text/markdown"]))}</div>'
    return ""


def _text(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


# --- figures ------------------------------------------------------------------


def _figure(png: str | Sequence[str], alt: str) -> str:
    base64 = "".join(_text(png).split())
    width, height = _size(base64)
    return (
        f'<figure><img src="data:image/png;base64,{base64}" '
        f'width="{width}" height="{height}" alt="{escape(alt)}"></figure>'
    )


def _size(base64: str) -> tuple[int, int]:
    """Return width and height in pixels, from the picture's header."""
    try:
        head = b64decode(base64[:64], validate=True)
        if head[:8] != b"\x89PNG\r\n\x1a\n":
            raise ValueError("no PNG signature")
        width, height = struct.unpack(">II", head[16:24])
    except (BadBase64, ValueError, struct.error) as error:
        raise RetentionError(f"A figure is not a readable PNG picture: {error}.") from error
    return int(width), int(height)


# --- prose --------------------------------------------------------------------


class _Prose(mistune.HTMLRenderer):
    """Markdown as HTML; raw HTML in it is shown as text, headings get ids, one level down.

    The first heading of level 1 becomes the chapter's ``title`` and is not shown again.
    """

    def __init__(
        self, chapter_ids: Mapping[str, str], chapter: str, ids: Ids, gettext: Callable[[str], str]
    ) -> None:
        super().__init__(escape=True)
        self.chapter_ids, self.chapter, self.ids = chapter_ids, chapter, ids
        self.gettext = gettext
        self.title: Markup | None = None
        self.headings: list[Heading] = []
        self.markdown = mistune.create_markdown(renderer=self, plugins=["table", "strikethrough"])

    def translated(self, source: str) -> str:
        """Return a Markdown cell in the page's language; one of an own copy's may have English only.

        The notebooks themselves stay as they are, so that a run's compare with their masters.
        """
        return self.gettext(source) if source.strip() else source

    def html(self, source: str) -> str:
        """Return Markdown as sanitised HTML."""
        rendered = str(self.markdown(source))
        clean = nh3.clean(
            rendered,
            tags=_PROSE_TAGS,
            attributes={"a": {"href"}, "th": {"style"}, "td": {"style"}}
            | {f"h{level}": {"id"} for level in range(3, 7)},
            filter_style_properties={"text-align"},
            url_schemes=_OUTSIDE,
        )
        return tables.framed(clean, self.ids) if "<table" in clean else clean

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        plain = Markup(nh3.clean(text, tags=set()).strip())
        if level == 1 and self.title is None:
            self.title = plain
            return ""
        above = self.headings[-1].level if self.headings else 2
        deep = min(max(level + 1, 3), above + 1, 6)
        heading = Heading(deep, self.ids.new(f"{self.chapter}-{_slug(plain.unescape())}"), plain)
        self.headings.append(heading)
        return f'<h{deep} id="{heading.id}">{text}</h{deep}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Link to the web or to another notebook's chapter; any other target has none here."""
        parts = urlsplit(url)
        if parts.scheme in _OUTSIDE:
            return f'<a href="{escape(url)}">{text}</a>'
        chapter = self.chapter_ids.get(parts.path.rpartition("/")[2])
        return f'<a href="#{chapter}">{text}</a>' if chapter else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Show a picture's text: the page asks for no file but itself."""
        return escape(text)
