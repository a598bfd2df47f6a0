"""How right would the value have been? What was forecast on earlier days, beside what came.

``python -m benchmarks.forecasts CLIENT …`` looks at each client's records from every thirtieth day,
as its report would have on that day, and holds what it says of purchases and of revenue against
the records of the time after it. Nothing is discounted, and no earlier report pins the yardstick.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from math import log
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
from ibis import _

from retention_lib import transactions
from retention_lib.client.schema import Economics
from retention_lib.models.units import Span
from retention_lib.results import Clv
from retention_lib.study import Study
from retention_lib.summaries import counts

HORIZONS = (3, 6, 9, 12)  # months
EVERY_DAYS = 30
LEAST_DAYS = 182  # of history


@dataclass(frozen=True)
class Held:
    """One printed total beside what came; the total is None where none was printed."""

    said: float | None
    low: float | None
    high: float | None
    came: float

    @property
    def error(self) -> float | None:
        """The logarithm of what came over what was said, half a unit standing for nothing."""
        return log(max(self.came, 0.5) / self.said) if self.said else None

    @property
    def inside(self) -> bool | None:
        """Whether the printed range held it; None without a range."""
        if self.low is None or self.high is None:
            return None
        return self.low <= self.came <= self.high

    @property
    def width(self) -> float | None:
        """The logarithm of the range's end over its start."""
        return log(self.high / self.low) if self.low and self.high else None


@dataclass(frozen=True)
class Forecast:
    """What was said on a day of the months after it, which may be fewer than were wanted."""

    client: str
    origin: date
    wanted_months: int
    horizon_months: int
    model: str | None
    purchases: Held
    revenue: Held


def forecasts(
    client: str, horizons: Sequence[int] = HORIZONS, origins: Sequence[date] = ()
) -> Iterator[Forecast]:
    """Yield a client's forecasts as far ahead as the records tell what came.

    Parameters
    ----------
    origins
        The days they are made on; without any, every thirtieth from half a year of history on.
    """
    study = Study.open(client)
    study.definitions = None
    first, last = counts.totals(study.occasions)["first_date"], study.as_of
    for at in origins or _every(first + timedelta(days=LEAST_DAYS), last):
        able = [months for months in horizons if at + _ahead(months) <= last]
        if not able:
            continue
        came, known = _came(study, at), study.until(at)
        for months in able:
            known = _looking(known, months)
            yield _forecast(client, at, known.clv(), months, came)
    study.close()


def _every(first: date, last: date) -> list[date]:
    days = range(0, (last - first).days, EVERY_DAYS)
    return [first + timedelta(days=day) for day in days]


def _ahead(months: int) -> timedelta:
    return timedelta(days=round(float(Span.months(months).in_days)))


def _looking(study: Study, months: int) -> Study:
    """Return a study that looks so far ahead; what does not hang on that is shared."""
    other = copy.copy(study)
    ahead = Economics(discount_rate=0, horizon_months=months)
    other.client = study.client.model_copy(update={"economics": ahead})
    other._sections = {"cycle": study.cycle()}
    for name in ("_clv_inputs", "customers"):
        vars(other).pop(name, None)
    return other


def _came(study: Study, at: date) -> pd.DataFrame:
    """Return what the customers of a day did on each day after it: day, purchases, money."""
    after = _.day > ibis.date(at)
    own = study.occasions.filter(_.first_day <= ibis.date(at))
    bought = counts.summed(own.filter(after).group_by("day"), purchases=_.count())
    rows = transactions.kept(study.rows).filter(after).semi_join(own, "customer_id")
    paid = counts.summed(rows.group_by("day"), money=_.amount.sum())
    return bought.merge(paid, on="day", how="outer").fillna(0.0)


def _forecast(client: str, at: date, said: Clv, wanted: int, came: pd.DataFrame) -> Forecast:
    until = pd.Timestamp(at + _ahead(said.horizon_months))
    within = came[pd.to_datetime(came["day"]) <= until]
    purchases, value = said.expected_purchases_ci95, said.total_clv_ci95
    return Forecast(
        *(client, at, wanted, said.horizon_months, said.model),
        _held(said.expected_purchases, purchases, float(within["purchases"].sum())),
        _held(said.total_clv, value, float(within["money"].sum())),
    )


def _held(said: float | None, interval: tuple[float, float] | None, came: float) -> Held:
    low, high = interval or (None, None)
    return Held(said, low, high, came)


# --- scores ---


def table(made: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the scores by client, of forecasts that look as far ahead as was wanted.

    Parameters
    ----------
    made
        As :func:`flat` gives them.

    Returns
    -------
    pandas.DataFrame
        client; forecasts, shorter (of less than the wanted time), none (without a total);
        purchases, revenue (mean absolute error of the logarithm); inside, revenue_inside (shares
        of the ranges), width, revenue_width (mean logarithm of a range's end over its start)
    """
    rows = pd.DataFrame(made)
    said = rows["purchases_error"].notna()
    whole = rows[said & (rows["horizon_months"] == rows["wanted_months"])]
    by = whole.groupby("client")
    scores = {
        "forecasts": by.size(),
        "shorter": (said & (rows["horizon_months"] < rows["wanted_months"]))
        .groupby(rows["client"])
        .sum(),
        "none": (~said).groupby(rows["client"]).sum(),
        "purchases": by["purchases_error"].apply(lambda e: e.abs().mean()),
        "revenue": by["revenue_error"].apply(lambda e: e.abs().mean()),
        "inside": by["purchases_inside"].apply(lambda held: held.dropna().astype(float).mean()),
        "revenue_inside": by["revenue_inside"].apply(lambda it: it.dropna().astype(float).mean()),
        "width": by["purchases_width"].mean(),
        "revenue_width": by["revenue_width"].mean(),
    }
    return pd.DataFrame(scores).reset_index()


def flat(one: Forecast) -> dict[str, Any]:
    """Return a forecast as one row."""
    row = {name: value for name, value in asdict(one).items() if not isinstance(value, dict)}
    row["origin"] = one.origin.isoformat()
    for name, held in (("purchases", one.purchases), ("revenue", one.revenue)):
        row |= {f"{name}_{key}": value for key, value in asdict(held).items()}
        row |= {f"{name}_{key}": getattr(held, key) for key in ("error", "inside", "width")}
    return row


def main() -> None:
    """Forecast the clients named, write each forecast, and print the scores."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.forecasts", description=__doc__)
    options.add_argument("clients", nargs="+", metavar="CLIENT", help="folders in data/clients")
    options.add_argument("--out", type=Path, default=Path("forecasts.json"))
    options.add_argument("--months", type=int, nargs="+", default=HORIZONS, help="how far ahead")
    options.add_argument("--origins", type=date.fromisoformat, nargs="+", default=())
    chosen = options.parse_args()
    made: list[dict[str, Any]] = []
    for client in chosen.clients:
        for one in forecasts(client, chosen.months, chosen.origins):
            made.append(flat(one))
            chosen.out.write_text(json.dumps(made, indent=1) + "\n")
    print(table(made).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
