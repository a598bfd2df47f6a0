"""What is true of an export in any dress: what must be kept of it, and how a YAML says so.

:func:`expected` gives what must be kept, :func:`declared` the lines of a ``client.yaml`` that read it,
and :func:`true_choice` stands for somebody who knows how the export is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, TypeVar

import yaml

from retention_lib.client.lines import with_line
from retention_lib.errors import Choice, ConfigError, DataError
from retention_lib.transactions import date_forms
from retention_lib.transactions.number_forms import Marks
from tests.dressed import DATES, Dress, Export, Sale, number, written

T = TypeVar("T")
ROLES: Final = ("customer_id", "ordered_at", "amount", "order_id")


def expected(sales: tuple[Sale, ...]) -> Counter[tuple[str, date, int]]:
    """Return what must be kept: how often each customer, day and amount in cents is there."""
    return Counter((sale.customer, sale.day, sale.cents) for sale in sales)


def form_of(dress: Dress) -> dict[str, Any]:
    """Return what ``format`` of a ``client.yaml`` says of the export."""
    wide = dress.encoding == "utf-16-le" and dress.bom
    form: dict[str, Any] = {
        "encoding": "utf-16" if wide else dress.encoding,
        "delimiter": "tab" if dress.delimiter == "\t" else dress.delimiter,
        "decimal": dress.decimal,
        "header": dress.header,
        "skip_lines": dress.skipped,
    }
    if dress.thousands:
        form["thousands"] = dress.thousands
    if DATES[dress.dates].declared:
        form["date"] = DATES[dress.dates].declared
    return form


def declared(export: Export, file: str) -> dict[str, Any]:
    """Return the ``client.yaml`` that reads an export."""
    return {**_mapped(export, file), "format": form_of(export.dress)}


def undeclared(export: Export, file: str) -> dict[str, Any]:
    """Return the ``client.yaml`` that says which column is which, and nothing of how it is written."""
    # without a header there are no names that could be mapped
    named = {} if export.dress.header else {"format": {"header": False}}
    return _mapped(export, file) | named


def _mapped(export: Export, file: str) -> dict[str, Any]:
    return {"name": "Shop", "source": {"file": file}, "columns": mapping(export)}


def mapping(export: Export) -> dict[str, str]:
    """Return the columns that a ``client.yaml`` maps, by their standard names."""
    columns = enumerate(export.columns, 1)
    named = {kind: name if export.dress.header else str(n) for n, (kind, name) in columns}
    return {role: named[role] for role in ROLES}


def true_choice(choices: Sequence[Choice], export: Export) -> Choice | None:
    """Return the first of a stop's choices that says nothing untrue of an export; None if none.

    It stands for somebody who knows how the export is written.
    """
    return next((it for it in choices if _is_true(yaml.safe_load(it.line), export)), None)


def _is_true(said: dict[str, Any], export: Export) -> bool:
    forms = [said.get("format", {}), *said.get("formats", {}).values()]
    mapped = mapping(export)
    ids = {sale.customer for sale in export.sales}
    return (
        all(_is_written(form, export) for form in forms)
        and all(
            str(mapped.get(name)) == str(column) for name, column in said.get("columns", {}).items()
        )
        and ids >= set(map(str, said.get("customers", ())))
        and not ids & set(map(str, said.get("not_customers", ())))
    )


def _is_written(form: dict[str, Any], export: Export) -> bool:
    """Whether an export is written as some lines of ``format`` say."""
    sales, dress, _ = export
    delimiter = "tab" if dress.delimiter == "\t" else dress.delimiter
    true = {"delimiter": delimiter, "header": dress.header}
    # blank lines before the header need not be named, a line that says what parts cells may be
    lines = {n for n in range(dress.skipped + 1) if not any(dress.above[n:])}
    lines |= {dress.skipped + dress.sep_line}
    return (
        all(form.get(key, value) == value for key, value in true.items())
        and form.get("skip_lines", dress.skipped) in lines
        and ("encoding" not in form or _reads(str(form["encoding"]), export))
        and ("date" not in form or _dates_are(form["date"], sales, dress))
        and (not form.keys() & {"decimal", "thousands", "sign"} or _numbers_are(form, sales, dress))
    )


def _reads(encoding: str, export: Export) -> bool:
    content = written(*export)
    right = content.decode(export.dress.encoding).removeprefix("\ufeff")
    return content.decode(encoding, "replace").removeprefix("\ufeff") == right


def _dates_are(form: str | None, sales: tuple[Sale, ...], dress: Dress) -> bool:
    write = DATES[dress.dates].write
    return all(date_forms.read(write(sale.day), form) == sale.day for sale in sales)


def _numbers_are(form: dict[str, Any], sales: tuple[Sale, ...], dress: Dress) -> bool:
    marks = Marks(form.get("decimal", "."), form.get("thousands"), form.get("sign"))
    read = (marks.read(number(sale.cents, dress)) for sale in sales)
    return all(
        value is not None and round(value * 100) == sale.cents
        for value, sale in zip(read, sales, strict=True)
    )


def followed(read: Callable[[dict[str, Any]], T], settings: dict[str, Any], export: Export) -> T:
    """Read an export, at each stop with the line that is true of it, until nothing stops.

    Each line that a stop offers is tried: it has to get past that stop.

    Raises
    ------
    AssertionError
        If a stop offers no true line, or one that does not get past it.
    ConfigError, DataError
        A stop that no line settles.
    """
    stopped: ConfigError | None = None
    while True:
        try:
            return read(settings)
        except ConfigError as stop:
            if not stop.choices:
                raise
            assert stopped is None or str(stop) != str(stopped), f"no remedy: {stop}"
            stopped = stop
        choice = true_choice(stopped.choices, export)
        assert choice is not None, f"nothing true is offered: {stopped}"
        for other in stopped.choices:
            if other != choice:
                assert not _stops(read, with_line(settings, other.line), stopped), (
                    f"{other}: {stopped}"
                )
        settings = with_line(settings, choice.line)


def _stops(
    read: Callable[[dict[str, Any]], object], settings: dict[str, Any], stopped: ConfigError
) -> bool:
    """Whether an export is stopped as it was before."""
    try:
        read(settings)
    except ConfigError as stop:
        return str(stop) == str(stopped)
    except DataError:
        return False
    return False
