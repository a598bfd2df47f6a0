"""Where do customers stay, and where not: rates by segment, channel, owner and first product."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import PartKind, RatePart, Side, StandsOut
from retention_lib.retention_rate.shares import share, with_ends
from retention_lib.stats.certainty import side_of

MOST_SHOWN = 8
_ERROR = 0.05
_RETAINED = ("retained", "start_customers", "clearly")
_SECOND = ("second", "second_customers", "second_clearly")


@dataclass(frozen=True)
class Share:
    """A number of customers, and how many of them did something."""

    whole: int
    part: int

    def without(self, other: Share) -> Share:
        """Return all others."""
        return Share(self.whole - other.whole, self.part - other.part)


def rate_parts(
    divisions: Iterable[tuple[PartKind, pd.DataFrame]], retained: Share, second: Share
) -> tuple[list[RatePart], int]:
    """Return the rates of the parts worth showing, and how many comparisons there were.

    Each part is held against all other customers, twice: by its retained rate and by its second
    purchases. So many comparisons are allowed for (Bonferroni). Of each kind at most eight parts
    are returned: those that differ clearly, then the largest.

    Parameters
    ----------
    divisions
        For each kind the parts to be compared: part, start, retained, second_customers,
        second_again (:mod:`retention_lib.summaries.parts`). Customers of a part may be in
        others too.
    retained, second
        The same of all customers.
    """
    tables = list(divisions)
    rows = [(kind, row) for kind, table in tables for row in table.to_dict("records")]
    compared = sum(bool(row["start"]) + bool(row["second_customers"]) for _, row in rows)
    level = 1 - _ERROR / max(compared, 1)
    found = [_part(kind, row, retained, second, level) for kind, row in rows]
    shown = [part for kind, _ in tables for part in _worth_showing(kind, found)]
    return list({(part.kind, part.name): part for part in shown}.values()), compared


def _worth_showing(kind: PartKind, parts: Iterable[RatePart]) -> list[RatePart]:
    own = [part for part in parts if part.kind == kind]
    chosen = sorted(own, key=lambda part: part.clearly == part.second_clearly == "unclear")
    names = {part.name for part in chosen[:MOST_SHOWN]}
    return [part for part in own if part.name in names]


def _part(
    kind: PartKind, row: Mapping[Hashable, Any], retained: Share, second: Share, level: float
) -> RatePart:
    kept = Share(row["start"], row["retained"])
    again = Share(row["second_customers"], row["second_again"])
    return RatePart.model_validate(
        {
            "kind": kind,
            "name": str(row["part"]),
            "start_customers": kept.whole,
            "retained_customers": kept.part,
            **share("retained", kept.part, kept.whole),
            "clearly": side(kept, retained.without(kept), level),
            "second_customers": again.whole,
            **share("second", again.part, again.whole),
            "second_clearly": side(again, second.without(again), level),
        }
    )


def side(own: Share, others: Share, level: float) -> Side:
    """Return on which side of the others' share the own one clearly lies (Newcombe)."""
    if not own.whole or not others.whole:
        return "unclear"
    difference = stats.newcombe(own.part, own.whole, others.part, others.whole, level)
    return side_of(difference, 0)


def standing_out(parts: Iterable[RatePart]) -> list[StandsOut]:
    """Return what is clearly unlike all others: the best first, and of the worse the worst."""
    every = [
        {"of": of, "kind": part.kind, "name": part.name, "side": side, "rate": rate, "ci95": ci95}
        for part in parts
        for of, side, rate, ci95 in (
            ("retained", part.clearly, part.retained_rate, part.retained_ci95),
            ("second", part.second_clearly, part.second_rate, part.second_ci95),
        )
        if side != "unclear" and rate is not None
    ]
    found = [StandsOut.model_validate(one) for one in every]
    far = {"above": -1, "below": 1}
    return sorted(found, key=lambda one: (one.of, one.side, far[one.side] * one.rate))


def frame(parts: Iterable[RatePart], second: bool = False) -> pd.DataFrame:
    """Return the rate of each part, as the figure draws them; those of nobody are left out.

    Parameters
    ----------
    second
        Whether the share who bought a second time, instead of those who came back.

    Returns
    -------
    pandas.DataFrame
        - kind, name: of the part; customers: behind the rate
        - rate, low, high: fractions; clearly: ``"above"``, ``"below"`` or ``"unclear"``
    """
    of, counted, clearly = _SECOND if second else _RETAINED
    names = {"kind": "kind", "name": "name", counted: "customers", f"{of}_rate": "rate"}
    names |= {f"{of}_ci95": "ci95", clearly: "clearly"}
    table = pd.DataFrame([vars(part) for part in parts], columns=list(names)).rename(columns=names)
    return with_ends(table.dropna(subset="rate"))
