"""The contract of results.json: no null without its reason, and back and forth unchanged."""

from __future__ import annotations

import json

import jsonschema
import pytest
from pydantic import ValidationError

from retention_lib import results
from retention_lib.results import (
    SCHEMA_FILE,
    Outcomes,
    Results,
    Retention,
    null_pointers,
    schema,
    why,
)
from retention_lib.study import Study


@pytest.fixture(scope="module")
def whole(cdnow_study: Study) -> Results:
    return Results(
        client="cdnow",
        as_of=cdnow_study.as_of,
        currency="USD",
        schema_version=results.SCHEMA_VERSION,
        audit=cdnow_study.audit(),
        cycle=cdnow_study.cycle(),
        retention=cdnow_study.retention(),
        clv=cdnow_study.clv(),
        recommendations=cdnow_study.recommendations(),
        outcomes=Outcomes(),
    )


def test_a_null_needs_its_sentence() -> None:
    fields = {name: None for name in Retention.model_fields if name not in ("why_not", "varied")}
    fields |= {"parts_compared": 0, "second_purchase_clearly": "unclear"}
    lists = ("second_purchase_years", "cohorts", "parts", "stands_out", "contractual")
    fields |= {name: [] for name in lists}
    with pytest.raises(ValidationError, match="no why_not sentence for .*/formula_rate"):
        Retention(**fields)
    nulls = (name for name, value in fields.items() if value is None)
    why_not = {f"/{name}": why("no_rate_yet") for name in nulls}
    assert Retention(**fields, why_not=why_not).retained_rate is None
    with pytest.raises(ValidationError, match="why_not names figures that are not null"):
        Retention(**fields | {"quick_ratio": 1.0}, why_not=why_not)


def test_null_pointers_escape_and_descend() -> None:
    plain = {"a/b": None, "c~d": [1, None, {"e": None}], "f": 0, "g": ""}
    assert list(null_pointers(plain)) == ["/a~1b", "/c~0d/1", "/c~0d/2/e"]


def test_results_survive_the_file(whole: Results) -> None:
    plain = json.loads(json.dumps(whole.to_json()))
    jsonschema.validate(plain, schema())
    assert Results.from_json(plain) == whole
    assert set(plain["why_not"]) == set(
        null_pointers({k: v for k, v in plain.items() if k != "why_not"})
    )


def test_the_schema_refuses_what_the_contract_does_not_know(whole: Results) -> None:
    plain = whole.to_json()
    for broken in (
        plain | {"extra": 1},
        {key: value for key, value in plain.items() if key != "retention"},
        plain | {"audit": plain["audit"] | {"rows_in": "many"}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema())


def test_the_committed_schema_is_the_one_in_force() -> None:
    committed = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(committed)
    assert committed == schema(), "write results.schema() to retention_lib/results.schema.json"


def test_rows_must_add_up(whole: Results) -> None:
    audit = whole.audit.model_dump() | {"rows_in": 1}
    with pytest.raises(ValidationError, match="rows_in is not rows_kept plus"):
        results.Audit(**audit)
