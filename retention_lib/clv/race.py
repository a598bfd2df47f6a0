"""The test of the forecasts: how well they would have told the latest days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import pandas as pd

from retention_lib.clv.valuation import too_few
from retention_lib.models.race import MODELS, Race, Setting, race
from retention_lib.results import Holdout, Why, why


def holdout_days(window_days: int | None, history_days: int) -> int:
    """Return the length of the holdout: one window, at most half of the history."""
    half = history_days // 2
    return half if window_days is None else min(window_days, half)


@dataclass(frozen=True)
class Trial:
    """A holdout and the race over it; without one, the reason."""

    counts: pd.DataFrame
    race: Race | None
    holdout: Holdout | None
    why_not: Why | None

    @property
    def order(self) -> Sequence[str]:
        """Models and rules, the one to be used first; untested, only models."""
        return tuple(MODELS) if self.race is None else self.race.order

    def forecast(self, name: str | None) -> pd.DataFrame | None:
        """Return the counts with one contestant's forecast (column ``predicted``), if any."""
        if self.race is None or name not in self.race.predictions:
            return None
        return self.counts.assign(predicted=self.race.predictions[name])


def trial(counts: pd.DataFrame, setting: Setting, as_of: date) -> Trial:
    """Return how well forecasts made on a day told what came after it, or why that is not known.

    Parameters
    ----------
    counts
        As :func:`retention_lib.summaries.frequency_recency` gives them for the day ``setting.at``,
        with the occasions of the window before it.
    """
    few = too_few(counts)
    if few:
        facts = few.model_dump(exclude={"code"})
        return Trial(counts, None, None, why("too_few_before_holdout", **facts))
    run = race(counts, setting)
    held = Holdout.model_validate(
        {
            "start": setting.at + timedelta(days=1),
            "end": as_of,
            "customers": int(counts["customers"].sum()),
            "models": [asdict(standing) for standing in run.standings],
            "left_out": {name: why(e.code, **e.facts) for name, e in run.left_out.items()},
            "chosen": run.chosen,
            "passes": run.passes,
            "reason": run.reason,
        }
    )
    return Trial(counts, run, held, None)


def calibration(forecast: pd.DataFrame, last: int = 7) -> pd.DataFrame:
    """Return mean actual and predicted occasions of the holdout by earlier frequency.

    Returns
    -------
    pandas.DataFrame
        frequency (from ``last`` on taken together), label, customers, actual, predicted
    """
    names = ["actual", "predicted"]
    held = forecast.rename(columns={"later": "actual"})[["customers", *names]].astype(
        {"customers": int}
    )
    held[names] = held[names].mul(held["customers"], axis=0)
    table = held.groupby(forecast["frequency"].clip(upper=last)).sum()
    table[names] = table[names].div(table["customers"], axis=0)
    labels = [f"{n}+" if n == last else str(n) for n in table.index]
    table.insert(0, "label", labels)
    return table.reset_index()
