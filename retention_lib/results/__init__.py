"""The typed results each notebook hands on, and their JSON Schema.

Rates and shares are fractions, money is in the client's currency, dates are ISO,
windows are closed ranges of days. A figure that cannot be given is null, and
``why_not`` says why by a code with its numbers, under the figure's JSON pointer. A section
(``results/NN.json``) carries its own pointers; :class:`Results` joins the sections.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from retention_lib.results.audit import Audit, Check, Verdict
from retention_lib.results.base import (
    Certainty,
    ChartPeriod,
    ClaimVerdict,
    Finding,
    Fitness,
    Gate,
    Interval,
    Model,
    Period,
    Section,
    State,
    Unit,
    Varied,
    Why,
    finding,
    null_pointers,
    why,
)
from retention_lib.results.clv import (
    Clv,
    ForecastName,
    GammaGamma,
    Holdout,
    NewCustomerValue,
    PastForecast,
    PastForecasts,
    Score,
    Spread,
    Stake,
    Standing,
    StateValue,
    SubscriberTotal,
    SubscriberValue,
    Tested,
)
from retention_lib.results.cycle import (
    LARGEST_FALSE_LOST,
    Billing,
    Cycle,
    LapseRule,
    LapseTest,
    OneCycle,
    Pinned,
    Regularity,
    Rhythm,
    RhythmName,
    Stratum,
    StratumKind,
    StratumPair,
    Subscriptions,
    Window,
    YearEarlier,
)
from retention_lib.results.recommendations import (
    Action,
    Claim,
    Concentration,
    Line,
    LineName,
    Outcomes,
    Recommendations,
    Segment,
)
from retention_lib.results.retention import (
    Change,
    ChangeName,
    CohortMean,
    Contractual,
    Growth,
    GrowthPeriod,
    GrowthState,
    HeadlineRate,
    Judged,
    Lost,
    NetFlow,
    NoChurn,
    NoChurnModel,
    PartKind,
    Previous,
    RatePart,
    Retention,
    RevenueFlow,
    RevenueShares,
    SecondPurchases,
    Side,
    StandsOut,
)

__all__ = [
    "LARGEST_FALSE_LOST",
    "SCHEMA_FILE",
    "SCHEMA_VERSION",
    "SECTIONS",
    "Action",
    "Audit",
    "Billing",
    "Certainty",
    "Change",
    "ChangeName",
    "ChartPeriod",
    "Check",
    "Claim",
    "ClaimVerdict",
    "Clv",
    "CohortMean",
    "Concentration",
    "Contractual",
    "Cycle",
    "Finding",
    "Fitness",
    "ForecastName",
    "GammaGamma",
    "Gate",
    "Growth",
    "GrowthPeriod",
    "GrowthState",
    "HeadlineRate",
    "Holdout",
    "Interval",
    "Judged",
    "LapseRule",
    "LapseTest",
    "Line",
    "LineName",
    "Lost",
    "Model",
    "NetFlow",
    "NewCustomerValue",
    "NoChurn",
    "NoChurnModel",
    "OneCycle",
    "Outcomes",
    "PartKind",
    "PastForecast",
    "PastForecasts",
    "Period",
    "Pinned",
    "Previous",
    "RatePart",
    "Recommendations",
    "Regularity",
    "Results",
    "Retention",
    "RevenueFlow",
    "RevenueShares",
    "Rhythm",
    "RhythmName",
    "Score",
    "SecondPurchases",
    "Section",
    "Segment",
    "Side",
    "Spread",
    "Stake",
    "Standing",
    "StandsOut",
    "State",
    "StateValue",
    "Stratum",
    "StratumKind",
    "StratumPair",
    "SubscriberTotal",
    "SubscriberValue",
    "Subscriptions",
    "Tested",
    "Unit",
    "Varied",
    "Verdict",
    "Why",
    "Window",
    "YearEarlier",
    "finding",
    "null_pointers",
    "schema",
    "whole",
    "why",
    "write_json",
]

SCHEMA_VERSION = "1"
SCHEMA_FILE = Path(__file__).parent.with_name("results.schema.json")

SECTIONS: tuple[type[Section], ...] = (Audit, Cycle, Retention, Clv, Recommendations, Outcomes)


class Results(Model):
    """All sections of one run, as ``results.json`` holds them.

    In the file every reason in ``why_not`` stands at the top, under its full pointer, and so does
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
        """Return plain JSON values: the figures, what was varied, the reason of every null."""
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
