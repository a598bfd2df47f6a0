"""Tables of the page: their structure and text alone, with a caption, scopes and a frame that scrolls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import nh3
from bs4 import BeautifulSoup, Tag

from retention_lib.speech import mark

__all__ = ["CELL_TAGS", "UNTITLED", "Ids", "clean", "framed"]

CELL_TAGS: Final = {"table", "thead", "tbody", "tr", "th", "td", "p", "br", "strong", "em"}
_TABLE_TAGS: Final = CELL_TAGS | {"caption", "tfoot", "b", "i", "sup", "sub", "small", "span"}
_CELL: Final = {"colspan", "rowspan", "scope"}
_TABLE_CLASSES: Final = {"gt_heading", "gt_left", "gt_center", "gt_right", "gt_group_heading"}
UNTITLED: Final = mark("Table")


@dataclass
class Ids:
    """Hands out ids that are unique on the page, and what a table without a caption is called."""

    taken: set[str] = field(default_factory=set)
    untitled: str = UNTITLED

    def new(self, wish: str) -> str:
        """Return an id that is not taken yet, as near to the wish as can be."""
        numbered = (f"{wish}-{count}" if count > 1 else wish for count in range(1, 10**6))
        free = next(name for name in numbered if name not in self.taken)
        self.taken.add(free)
        return free


def clean(html: str) -> str:
    """Keep a table's structure and text; drop its style, ids and everything else."""
    return nh3.clean(
        html,
        tags=_TABLE_TAGS,
        clean_content_tags={"style", "script"},
        attributes={"th": _CELL, "td": _CELL},
        allowed_classes={tag: _TABLE_CLASSES for tag in ("tr", "th", "td")},
    )


def framed(html: str, ids: Ids) -> str:
    """Give every table a caption, scopes, and a frame that scrolls on a narrow screen."""
    soup = BeautifulSoup(html, "html.parser")
    for table in soup.find_all("table"):
        _caption(soup, table)
        _scopes(table)
        _frame(soup, table, ids)
    return str(soup)


def _caption(soup: BeautifulSoup, table: Tag) -> None:
    """Turn great_tables' heading rows into the table's caption."""
    rows = table.select("tr.gt_heading")
    if rows and table.caption is None:
        caption = soup.new_tag("caption")
        for row in rows:
            line = soup.new_tag("span")
            line.extend(list(row.select_one("td, th").contents))  # type: ignore[union-attr]
            caption.append(line)
        table.insert(0, caption)
    for row in rows:
        row.decompose()


def _scopes(table: Tag) -> None:
    for header in table.find_all("th"):
        if not header.get("scope"):
            header["scope"] = "col" if header.find_parent("thead") else "row"


def _frame(soup: BeautifulSoup, table: Tag, ids: Ids) -> None:
    frame = table.wrap(soup.new_tag("div"))
    frame["class"], frame["tabindex"], frame["role"] = "table", "0", "region"
    if table.caption is None:
        frame["aria-label"] = ids.untitled
    else:
        table.caption["id"] = frame["aria-labelledby"] = ids.new("table")
