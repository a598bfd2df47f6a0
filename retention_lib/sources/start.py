"""What a file is, by its first bytes; its name counts only where these leave it open."""

from __future__ import annotations

import codecs
import gzip
import io
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TextIO

from retention_lib.client import shown
from retention_lib.errors import ConfigError

__all__ = ["Start", "decoded", "is_packed", "start"]

_SEEN: Final = 1 << 14
_WORKBOOKS: Final = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers")
_JSON: Final = (".json", ".jsonl", ".ndjson")
_PAGE: Final = re.compile(
    r"<(!doctype\s+html|html|head|meta|body|table|div|style|center|title|p|h\d)\b|<!--",
    re.IGNORECASE,
)
_ROWS: Final = re.compile(r'(\[\s*)?\{\s*("|\})')
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Start:
    """A file's name, in small letters and without ``.gz``, and its first bytes, unpacked."""

    name: str
    bytes: bytes

    @cached_property
    def text(self) -> str:
        """The first bytes as text, as far as they are ASCII, without blanks before it."""
        codec = "utf-16" if self.bytes.startswith(_WIDE) else "latin-1"
        return self.bytes.decode(codec, "replace").removeprefix("ï»¿").lstrip()

    @property
    def is_parquet(self) -> bool:
        """Whether it is a Parquet file, or is called one."""
        return self.bytes.startswith(b"PAR1") or self.name.endswith((".parquet", ".pq"))

    @property
    def database(self) -> str | None:
        """What the connection to it begins with, if it is a database."""
        if self.bytes.startswith(b"SQLite format 3\0"):
            return "sqlite"
        return "duckdb" if self.bytes[8:12] == b"DUCK" else None

    @property
    def is_zip(self) -> bool:
        """Whether it is packed as a zip, as the newer workbooks are."""
        return self.bytes[:4] in (b"PK\3\4", b"PK\5\6")

    @property
    def is_workbook(self) -> bool:
        """Whether it is a workbook, or called one without being text."""
        if self.is_zip or self.bytes.startswith(b"\xd0\xcf\x11\xe0"):
            return True
        wide = self.bytes.startswith(_WIDE)
        called = self.name.endswith(_WORKBOOKS)
        return called and (not self.bytes or (b"\0" in self.bytes and not wide))

    @property
    def is_spreadsheet_xml(self) -> bool:
        """Whether it is a workbook in XML of Excel 2003."""
        namespace = "urn:schemas-microsoft-com:office:spreadsheet"
        return self.text.startswith("<") and namespace in self.text

    @property
    def is_page(self) -> bool:
        """Whether it is a web page."""
        xhtml = self.text.startswith("<?xml") and "<html" in self.text.lower()
        return xhtml or bool(_PAGE.match(self.text))

    @property
    def is_json(self) -> bool:
        """Whether it is called JSON, or begins with an object or a list of them."""
        return self.name.endswith(_JSON) or bool(_ROWS.match(self.text))


def is_packed(file: Path) -> bool:
    """Whether a file is packed with gzip, by its name."""
    return file.suffix.lower() == ".gz"


def start(file: Path) -> Start:
    """Look at a file's first bytes.

    Raises
    ------
    ConfigError
        If it cannot be read or unpacked.
    """
    try:
        with gzip.open(file) if is_packed(file) else file.open("rb") as stream:
            seen = stream.read(_SEEN)
    except (gzip.BadGzipFile, EOFError, OSError) as error:
        raise ConfigError(f"{shown(file)} cannot be unpacked: {error}.") from None
    return Start(file.name.lower().removesuffix(".gz"), seen)


def decoded(file: Path, encoding: str, errors: str = "strict") -> TextIO:
    """Open a file as text, unpacked."""
    stream = gzip.open(file) if is_packed(file) else file.open("rb")  # noqa: SIM115 - closed by its wrapper
    codec = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    return io.TextIOWrapper(stream, codec, errors, newline="")
