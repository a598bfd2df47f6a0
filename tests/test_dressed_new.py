"""Any export is inferred exactly, or by choices that lead there.

The exports are those of :mod:`tests.dressed`, with columns in any order, called as the vocabulary of
five languages has it, beside others that mislead: a telephone, a postcode, a tax, a second date.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from retention_lib import vocabulary
from retention_lib.client.lines import with_line
from retention_lib.errors import Choice
from retention_lib.proposal import proposing
from retention_lib.proposal.places import expanded, staged
from retention_lib.proposal.proposed import Proposed
from retention_lib.proposal.settling import Settler
from retention_lib.sources import connect
from tests import dressed
from tests.dressed import Dress, Sale

ROLES = ("customer_id", "ordered_at", "amount", "order_id")
NOTE = {"en": "note", "de": "Bemerkung", "pl": "uwagi", "hu": "megjegyzés", "bg": "бележка"}
PHONE = {"en": "phone", "de": "Telefon", "pl": "nr telefonu", "hu": "telefonszám", "bg": "телефон"}
POSTCODE = {
    "en": "postcode",
    "de": "Postleitzahl",
    "pl": "kod pocztowy",
    "hu": "irányítószám",
    "bg": "пощенски код",
}
NUMBER = {"en": "row", "de": "lfd. Nr.", "pl": "Lp.", "hu": "sorszám", "bg": "№ по ред"}
# names that say nothing by themselves, or that two columns go by
VAGUE = {"login", "partner", "cid", "login klienta"}


@dataclass(frozen=True)
class Wide:
    """An export with more columns than are needed, in any order: what each holds, and its name."""

    sales: tuple[Sale, ...]
    dress: Dress
    columns: tuple[tuple[str, str], ...]

    @property
    def right(self) -> dict[str, Any]:
        """What a YAML should say, as far as a choice may ask."""
        places = {kind: str(n) for n, (kind, _) in enumerate(self.columns, 1)}
        names = dict(self.columns) if self.dress.header else places
        form = yaml.safe_load(dressed.declared(self.dress, "a.csv"))["format"]
        return {
            "columns": {role: names[role] for role in ROLES},
            "format": {"thousands": None, **form},
        }


def cell(kind: str, sale: Sale, place: int, dress: Dress) -> str:
    """Return what a column holds of a sale."""
    pad = "  " if dress.padded else ""
    write = dressed.DATES[dress.dates].write
    said = {
        "customer_id": sale.customer,
        "ordered_at": write(sale.day),
        "amount": dressed.number(sale.cents, dress),
        "order_id": sale.order,
        "phone": f"+48 60{place % 10} {100 + place} {(hash_of(sale) * 7) % 900 + 100}",
        "postcode": f"{hash_of(sale) % 90 + 10}-{place % 900 + 100}",
        "birth_date": write(date(1960, 1, 1) + timedelta(days=hash_of(sale) * 131 % 14000)),
        "shipped_at": write(sale.day + timedelta(days=1 + place % 3)),
        "tax": dressed.number(sale.cents * 23 // 123, dress),
        "number": str(place + 1),
    }
    return f"{pad}{said[kind]}{pad}" if kind != "note" else sale.note


def hash_of(sale: Sale) -> int:
    """Return a number of a customer, the same in every row."""
    return sum(map(ord, sale.customer)) * 37


def written(wide: Wide) -> bytes:
    """Return the export's bytes, as :func:`tests.dressed.written` does for five columns."""
    dress, out = wide.dress, io.StringIO(newline="")
    if dress.sep_line:
        out.write(f"sep={dress.delimiter}{dress.line_end}")
    out.writelines(line + dress.line_end for line in dress.above)
    writer = csv.writer(
        out,
        delimiter=dress.delimiter,
        quoting=dress.quoting,  # type: ignore[arg-type]
        lineterminator=dress.line_end,
    )
    writer.writerows([*row, *[""] * dress.trailing] for row in rows(wide))
    text = out.getvalue()
    return ("\ufeff" + text if dress.bom else text).encode(dress.encoding)


def rows(wide: Wide) -> Iterator[list[str]]:
    dress, since = wide.dress, 0
    header = [[name for _, name in wide.columns]] if dress.header else []
    yield from header
    for place, sale in enumerate(wide.sales):
        if place == len(wide.sales) // 2 and dress.repeated_header:
            yield from header
        yield [
            sale.note if kind == "note" else cell(kind, sale, place, dress)
            for kind, _ in wide.columns
        ]
        since += sale.cents
        if dress.totals != "none" and (place + 1) % 8 == 0:
            total = {"customer_id": "Razem", "amount": dressed.number(since, dress)}
            if dress.totals == "dated":
                total["ordered_at"] = dressed.DATES[dress.dates].write(sale.day)
            yield [total.get(kind, "") for kind, _ in wide.columns]
            since = 0
    yield from [[""] * len(wide.columns)] * dress.empty_lines


@st.composite
def exports(draw: st.DrawFn) -> Wide:
    """Draw an export, its columns' names and their order."""
    dress = draw(dressed.dresses())
    sales = draw(dressed.sales(dress.encoding))
    language = draw(st.sampled_from([it for it in vocabulary.LANGUAGES if speaks(it, dress)]))
    names = {
        role: draw(st.sampled_from(sorted(set(vocabulary.spoken(role, language)) - VAGUE)))
        for role in ROLES
    }
    others = {
        "note": NOTE[language],
        "phone": PHONE[language],
        "postcode": POSTCODE[language],
        "number": NUMBER[language],
        "birth_date": vocabulary.spoken("birth_date", language)[0],
        "shipped_at": vocabulary.spoken("shipped_at", language)[0],
        "tax": vocabulary.spoken("tax", language)[0],
    }
    more = draw(st.lists(st.sampled_from(sorted(others)), unique=True, max_size=5))
    columns = [*names.items(), *((kind, others[kind]) for kind in more)]
    return Wide(sales, dress, tuple(draw(st.permutations(columns))))


def speaks(language: str, dress: Dress) -> bool:
    """Whether an encoding has the letters of a language."""
    said = [NOTE[language], POSTCODE[language], PHONE[language], NUMBER[language]]
    for kind in (*ROLES, "birth_date", "shipped_at", "tax"):
        said += vocabulary.spoken(kind, language)
    try:
        return bool("".join(said).encode(dress.encoding))
    except UnicodeEncodeError:
        return False


def knows(wide: Wide) -> Any:
    """Return somebody who knows the export, and takes the line that is right."""

    def ask(message: str, choices: Sequence[Choice]) -> Choice:
        fitting = [it for it in choices if agrees(with_line({}, it.line), wide)]
        assert fitting, f"no right choice: {message} {[it.line for it in choices]}"
        return fitting[0]

    return ask


def agrees(said: dict[str, Any], wide: Wide) -> bool:
    """Whether a line says nothing that is wrong of an export."""
    right, form = wide.right, said.get("format", {})
    if "encoding" in form:
        return written(wide).decode(form["encoding"]) == written(wide).decode(wide.dress.encoding)
    if "not_customers" in said:
        return False
    return all(
        str(right[key].get(inner)) == str(value)
        for key in ("columns", "format")
        for inner, value in said.get(key, {}).items()
        if key == "columns" or inner in right["format"]
    )


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Backend:
    return connect(tmp_path_factory.mktemp("dressed") / "spill")


def inferred(wide: Wide, engine: Backend) -> tuple[Counter[tuple[str, date, int]], dict[str, Any]]:
    """Return what is kept of an export by what is inferred, and the settings."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "a.csv").write_bytes(written(wide))
        places = expanded([str(folder / "a.csv")], folder / "shop", link=False)
        found = Proposed("shop", folder / "shop", places)
        settler = Settler({}, knows(wide))
        with staged(places) as stage:
            proposing._settle(found, settler, stage, folder / "work", engine, lambda what: None)
        kept = engine.read_parquet(str(folder / "work" / "counted" / "rows.parquet"))
        kept = kept.filter(kept.reason.isnull()).select("customer_id", "day", "amount")
        told = kept.to_pyarrow().to_pylist()
    return Counter((r["customer_id"], r["day"], round(r["amount"] * 100)) for r in told), (
        found.settings
    )


def check(wide: Wide, engine: Backend) -> None:
    kept, said = inferred(wide, engine)
    assert said["columns"]["customer_id"] == wide.right["columns"]["customer_id"]
    assert kept == dressed.expected(wide.sales), said


# the same exports in every run
QUIET = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
}


@settings(max_examples=8, **QUIET)
@given(exports())
def test_an_export_is_inferred_exactly(engine: Backend, wide: Wide) -> None:
    check(wide, engine)


@pytest.mark.slow
@settings(max_examples=350, **QUIET)
@given(exports())
def test_many_exports_are_inferred_exactly(engine: Backend, wide: Wide) -> None:
    check(wide, engine)
