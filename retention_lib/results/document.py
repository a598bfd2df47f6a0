"""All sections of one run as one JSON document, and its schema."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from retention_lib.results.audit import Audit
from retention_lib.results.base import Model, Section
from retention_lib.results.clv import Clv
from retention_lib.results.cycle import Cycle
from retention_lib.results.recommendations import Outcomes, Recommendations
from retention_lib.results.retention import Retention

SCHEMA_VERSION = "1"
SCHEMA_FILE = Path(__file__).parent.with_name("results.schema.json")

SECTIONS: tuple[type[Section], ...] = (Audit, Cycle, Retention, Clv, Recommendations, Outcomes)


class Results(Model):
    """All sections of one run, as ``results.json`` holds them.

    In the file every ``why_not`` sentence stands at the top, under its full pointer, and so does
    what was ``varied``, with its section; loading hands each section its own again.
    """

    client: str
    as_of: date
    currency: str
    schema_version: str
    audit: Audit
    cycle: Cycle
    retention: Retention
    clv: Clv
    recommendations: Recommendations
    outcomes: Outcomes

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections in the order of the notebooks."""
        return tuple(getattr(self, section.name) for section in SECTIONS)

    @property
    def varied(self) -> tuple[Section, ...]:
        """The sections whose analysis was varied."""
        return tuple(section for section in self.sections if section.varied)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: the figures, what was varied, one sentence for every null."""
        plain = self.model_dump(mode="json", exclude={section.name for section in SECTIONS})
        why_not: dict[str, Any] = {}
        for section in self.sections:
            plain[section.name] = section.figures()
            dumped = section.model_dump(mode="json", include={"why_not"})["why_not"]
            why_not |= {f"/{section.name}{at}": reason for at, reason in dumped.items()}
        varied = [
            {"section": section.name, **step.model_dump(mode="json")}
            for section in self.varied
            for step in section.varied
        ]
        return plain | {"varied": varied, "why_not": why_not}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Results:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        pydantic.ValidationError
            If a field is missing, unknown or null without its reason.
        """
        fields = {key: value for key, value in plain.items() if key not in ("why_not", "varied")}
        for section in SECTIONS:
            head = f"/{section.name}"
            own = {
                at.removeprefix(head): reason
                for at, reason in plain["why_not"].items()
                if at.startswith(f"{head}/")
            }
            varied = [
                {key: value for key, value in step.items() if key != "section"}
                for step in plain.get("varied", [])
                if step["section"] == section.name
            ]
            fields[section.name] = fields[section.name] | {"why_not": own, "varied": varied}
        return cls.model_validate(fields)


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``results.json`` (draft 2020-12)."""
    plain = Results.model_json_schema()
    for section in SECTIONS:
        for name in ("why_not", "varied"):
            del plain["$defs"][section.__name__]["properties"][name]
    for part in (plain, *plain["$defs"].values()):
        if part.get("type") == "object" and "properties" in part:
            part["required"] = list(part["properties"])
    step = plain["$defs"].pop("Varied")
    step["properties"]["section"] = {"type": "string"}
    step["required"] = ["code", "section"]
    plain["properties"]["varied"] = {
        "type": "array",
        "items": step,
        "description": "What notebooks varied: part of the records, a day or a window.",
    }
    plain["properties"]["why_not"] = {
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/Why"},
        "description": "The reason of every null, under its JSON pointer.",
    }
    plain["required"] += ["varied", "why_not"]
    return plain


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a name to write under; once all is written, that file takes the place of ``path``.

    So nobody who reads ``path`` meanwhile finds half of it, and a failure leaves it as it was.
    """
    half = path.with_name(f"{path.name}.{os.getpid()}.half")
    try:
        yield half
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def write_json(plain: Any, path: Path) -> None:
    """Write plain JSON values, indented, as UTF-8 with a final newline; whole or not at all."""
    with whole(path) as half:
        half.write_text(json.dumps(plain, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
