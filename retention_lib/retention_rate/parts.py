"""Where do customers stay, and where not: rates by segment, channel, owner and first product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from retention_lib import stats
from retention_lib.results import PartKind, RatePart, Side


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
) -> list[RatePart]:
    """Return the rates of each part, and on which side of all other customers' they lie.

    Parameters
    ----------
    divisions
        For each kind the parts to be shown: part, start, retained, second_customers,
        second_again (:mod:`retention_lib.summaries.parts`). Customers of a part may be in
        others too.
    retained, second
        The same of all customers.
    """
    return [
        _part(
            kind,
            str(row["part"]),
            (Share(row["start"], row["retained"]), retained),
            (Share(row["second_customers"], row["second_again"]), second),
        )
        for kind, table in divisions
        for row in table.to_dict("records")
    ]


def _part(
    kind: PartKind, name: str, stayed: tuple[Share, Share], bought_again: tuple[Share, Share]
) -> RatePart:
    (kept, all_kept), (again, all_again) = stayed, bought_again
    return RatePart(
        kind=kind,
        name=name,
        start_customers=kept.whole,
        retained_customers=kept.part,
        retained_rate=_rate(kept),
        retained_ci95=_interval(kept),
        clearly=side(kept, all_kept.without(kept)),
        second_customers=again.whole,
        second_rate=_rate(again),
        second_ci95=_interval(again),
        second_clearly=side(again, all_again.without(again)),
    )


def _rate(share: Share) -> float | None:
    return share.part / share.whole if share.whole else None


def _interval(share: Share) -> tuple[float, float] | None:
    return stats.wilson(share.part, share.whole) if share.whole else None


def side(own: Share, others: Share) -> Side:
    """Return on which side of the others' share the own one clearly lies (Newcombe, 95 %)."""
    if not own.whole or not others.whole:
        return "unclear"
    low, high = stats.newcombe(own.part, own.whole, others.part, others.whole)
    return "above" if low > 0 else "below" if high < 0 else "unclear"
