"""Lines that hold no sale and were never meant to: the header once more, delimiters alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from retention_lib.sources import Raw
from retention_lib.transactions import cells

_BETWEEN_WORDS = r"[^\p{L}\p{M}\p{N}]+"  # of RE2: delimiters, quotes and blanks
_WORDS = re.compile(r"[^\W_]+")


def is_header(raw: Raw) -> ir.BooleanValue:
    """Say of each row of a source whether it is a line on which the header stands once more.

    Such a line cannot be read. Its words are the names of the file's columns, in their order or,
    where a file has them in another, in that one.
    """
    every = list(raw.names)
    absent = {file.absent for file in raw.files} | {()}
    headers = [[name for name in every if name not in lacking] for lacking in absent]
    line: ir.StringValue = raw.table.unreadable_line
    words = line.lower().re_replace(_BETWEEN_WORDS, " ").strip().split(" ").sort()
    return ibis.or_(*(words == _words(names) for names in headers)).fill_null(False)


def _words(names: Sequence[str]) -> ir.ArrayValue:
    found = sorted(word for name in names for word in _WORDS.findall(name.lower()))
    return ibis.literal(found, type="array<string>")


def is_empty(raw: Raw, own: Sequence[str], first: Sequence[ir.Value]) -> ir.BooleanValue:
    """Say of each row of a source whether none of its cells holds anything.

    Parameters
    ----------
    raw
        The source.
    own
        The columns of its table that are its own.
    first
        Cells that nearly all rows have; the others are looked at only where these are null.
    """
    blank = ibis.and_(*(cells.bare(raw.table[name]).isnull() for name in own))
    lacks_them = ibis.and_(*(cell.isnull() for cell in first), raw.table.unreadable_line.isnull())
    found: ir.BooleanValue = ibis.ifelse(lacks_them, blank, False)
    return found
