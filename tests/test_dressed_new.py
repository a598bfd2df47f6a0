"""Any export is inferred exactly, or by choices that lead there.

The exports are those of :mod:`tests.dressed`, with columns in any order, called as the vocabulary of
five languages has it, beside others that mislead: a telephone, a postcode, a tax, a second date.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from retention_lib import vocabulary
from retention_lib.errors import Choice
from retention_lib.proposal import proposing
from retention_lib.proposal.places import expanded, staged
from retention_lib.proposal.proposed import Proposed
from retention_lib.proposal.settling import Ask, Settler
from retention_lib.sources import connect
from tests import dressed, truth
from tests.dressed import Dress, Export

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


@st.composite
def exports(draw: st.DrawFn) -> Export:
    """Draw an export, its columns' names and their order."""
    dress = draw(dressed.dresses())
    sales = draw(dressed.sales(dress))
    language = draw(st.sampled_from([it for it in vocabulary.LANGUAGES if speaks(it, dress)]))
    names = {
        role: draw(st.sampled_from(sorted(set(vocabulary.spoken(role, language)) - VAGUE)))
        for role in truth.ROLES
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
    return Export(sales, dress, tuple(draw(st.permutations(columns))))


def speaks(language: str, dress: Dress) -> bool:
    """Whether an encoding has the letters of a language."""
    said = [NOTE[language], POSTCODE[language], PHONE[language], NUMBER[language]]
    for kind in (*truth.ROLES, "birth_date", "shipped_at", "tax"):
        said += vocabulary.spoken(kind, language)
    try:
        return bool("".join(said).encode(dress.encoding))
    except UnicodeEncodeError:
        return False


def knows(export: Export) -> Ask:
    """Return somebody who knows the export, and takes the line that is right."""

    def ask(message: str, choices: Sequence[Choice]) -> Choice:
        chosen = truth.true_choice(choices, export)
        assert chosen is not None, f"no right choice: {message} {[it.line for it in choices]}"
        return chosen

    return ask


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Backend:
    return connect(tmp_path_factory.mktemp("dressed") / "spill")


def inferred(
    export: Export, engine: Backend
) -> tuple[Counter[tuple[str, date, int]], dict[str, Any]]:
    """Return what is kept of an export by what is inferred, and the settings."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "a.csv").write_bytes(dressed.written(*export))
        places = expanded([str(folder / "a.csv")], folder / "shop", link=False)
        found = Proposed("shop", folder / "shop", places)
        settler = Settler({}, knows(export))
        with staged(places) as stage:
            proposing._settle(found, settler, stage, folder / "work", engine, lambda what: None)
        kept = engine.read_parquet(str(folder / "work" / "counted" / "rows.parquet"))
        kept = kept.filter(kept.reason.isnull()).select("customer_id", "day", "amount")
        told = kept.to_pyarrow().to_pylist()
    return Counter((r["customer_id"], r["day"], round(r["amount"] * 100)) for r in told), (
        found.settings
    )


def check(export: Export, engine: Backend) -> None:
    kept, said = inferred(export, engine)
    assert said["columns"]["customer_id"] == truth.mapping(export)["customer_id"]
    assert kept == truth.expected(export.sales), said


# the same exports in every run
QUIET = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
}


@settings(max_examples=8, **QUIET)
@given(exports())
def test_an_export_is_inferred_exactly(engine: Backend, export: Export) -> None:
    check(export, engine)


@pytest.mark.slow
@settings(max_examples=45, **QUIET)
@given(exports())
def test_many_exports_are_inferred_exactly(engine: Backend, export: Export) -> None:
    check(export, engine)
