"""A client in a folder of a test, and the files of many kinds that its source names."""

import zipfile
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import xlsxwriter
import yaml

from retention_lib.client import parse_client
from retention_lib.client.lines import with_line
from retention_lib.errors import ConfigError
from retention_lib.sources import connect, read, sniff

COLUMNS = {"customer_id": "id", "ordered_at": "day", "amount": "money"}
HEADER = ["id", "day", "money"]


class Shop:
    def __init__(self, folder: Path):
        self.folder = folder
        self.engine = connect(folder / "scratch")

    def path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def text(self, name: str, content: str, encoding: str = "utf-8") -> Path:
        path = self.path(name)
        path.write_bytes(content.encode(encoding))
        return path

    def book(self, name: str, sheets: dict, **options) -> Path:
        """Write a workbook: of each sheet its rows; real dates are cells with a date's format."""
        path = self.path(name)
        with xlsxwriter.Workbook(path, options) as book:
            day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
            for title, rows in sheets.items():
                sheet = book.add_worksheet(title)
                for y, row in enumerate(rows):
                    for x, cell in enumerate(row):
                        if isinstance(cell, date | datetime):
                            sheet.write_datetime(y, x, cell, day)
                        elif cell is not None:
                            sheet.write(y, x, cell)
        return path

    def settings(self, file, **more) -> dict:
        return {"name": "Shop", "source": {"file": file}, "columns": COLUMNS, **more}

    def raw(self, file, **more):
        return self.of(self.settings(file, **more))

    def of(self, settings: dict):
        whole = yaml.safe_dump(settings, allow_unicode=True)
        (self.folder / "client.yaml").write_text(whole, encoding="utf-8")
        return read(parse_client(whole, "shop", self.folder), self.engine, self.folder / "cache")

    def rows(self, file, **more) -> list[tuple]:
        """Return the rows in their order: the mapped columns and the line."""
        return rows_of(self.raw(file, **more))

    def stopped(self, file, error=ConfigError, **more):
        with pytest.raises(error) as caught:
            self.raw(file, **more)
        return caught.value

    def after(self, choice, file, **more):
        """Read again with the line that a stop printed."""
        return self.of(with_line(self.settings(file, **more), choice.line))

    def sniff(self, name: str):
        return sniff(self.folder / name, self.engine)


def rows_of(raw) -> list[tuple]:
    table = raw.table.order_by("source_file", "line_number")
    return [
        (row["id"], row["day"], row["money"], row["line_number"])
        for row in table.to_pyarrow().to_pylist()
    ]


def ods(path: Path, rows: list[list]) -> Path:
    """Write an OpenDocument sheet by hand, which no library here does."""

    def cell(value) -> str:
        if isinstance(value, date):
            kind = f'date" office:date-value="{value.isoformat()}'
        elif isinstance(value, float | int):
            kind = f'float" office:value="{value}'
        else:
            kind = "string"
        text = f"<text:p>{escape(str(value))}</text:p>"
        return f'<table:table-cell office:value-type="{kind}">{text}</table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body>'
        f'<office:spreadsheet><table:table table:name="A">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        "</manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", kind)
        packed.writestr("content.xml", content)
        packed.writestr("META-INF/manifest.xml", manifest)
    return path
