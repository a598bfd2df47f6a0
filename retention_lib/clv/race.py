"""The test of the forecasts: how well they would have told the latest days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Final, Literal

import pandas as pd

from retention_lib import stats
from retention_lib.clv.valuation import too_few
from retention_lib.models import nbd
from retention_lib.models.choice import by_calendar, over_races
from retention_lib.models.purchase_model import PurchaseModel
from retention_lib.models.race import RULES, Race, Reason, Setting, forecast, race
from retention_lib.results import Choice, Holdout, Score, Why, why

LEAST_WINDOWS: Final = 3  # that a record holds where a plain rule may come first
_SCORES = Score.model_fields


def holdout_days(window_days: int | None, history_days: int) -> int:
    """Return the length of the holdout: one window, at most half of the history."""
    half = history_days // 2
    return half if window_days is None else min(window_days, half)


@dataclass(frozen=True)
class Trial:
    """Forecasts made on the day ``setting.at``, and the race over so many days after it.

    ``counts`` are the customers of that day; ``why_not`` is why there was no race.
    """

    counts: pd.DataFrame = field(repr=False)
    setting: Setting
    days: int
    race: Race | None
    why_not: Why | None

    @cached_property
    def holdout(self) -> Holdout | None:
        """How all did, as a result; None without a race."""
        run = self.race
        if run is None:
            return None
        return Holdout.model_validate(
            {
                "start": self.setting.at + timedelta(days=1),
                "end": self.setting.at + timedelta(days=self.days),
                "customers": int(self.counts["customers"].sum()),
                "models": [
                    {name: value for name, value in asdict(one).items() if name in _SCORES}
                    for one in run.standings
                ],
                "left_out": {name: why(e.code, **e.facts) for name, e in run.left_out.items()},
                "chosen": run.chosen,
                "passes": run.passes,
                "reason": run.reason,
            }
        )

    def forecast(self, name: str | None) -> pd.DataFrame | None:
        """Return the counts with one contestant's forecast (column ``predicted``), if any."""
        run = self.race
        if run is None or name not in {one.name for one in run.standings}:
            return None
        contestant = run.fitted.get(name, name)
        expected = forecast(contestant, self.counts, self.setting, self.days)
        return self.counts.assign(predicted=expected)


def trial(counts: pd.DataFrame, setting: Setting, days: int) -> Trial:
    """Return how well forecasts made on a day told what came after it, or why that is not known.

    Parameters
    ----------
    counts
        As :func:`retention_lib.summaries.frequency_recency` gives them for the day ``setting.at``,
        with the occasions of the window before it, ``later`` being those of the days after it.
    """
    few = too_few(counts)
    run = None if few else race(counts, setting, days)
    return Trial(counts, setting, days, run, few)


# --- which one is used ---


@dataclass(frozen=True)
class Chosen:
    """Which forecast comes first and why, and how many days ahead each was tested, in that order.

    ``by`` says what decided: the record of earlier days, as long as the value looks ahead, or the
    one window of the holdout; None where nothing was tested.
    """

    tested: Mapping[str, int]
    by: Literal["record", "holdout"] | None = None
    reason: Reason | None = None
    races: int = 0
    days: int = 0

    @property
    def result(self) -> Choice | None:
        """The same as a result; None where nothing was tested."""
        if self.by is None or self.reason is None:
            return None
        first = next(iter(self.tested))
        return Choice.model_validate(
            {
                "by": self.by,
                "races": self.races,
                "days": self.days,
                "chosen": first,
                "reason": self.reason,
            }
        )


def chosen(holdout: Trial, record: list[Trial], calendar: PurchaseModel | None = None) -> Chosen:
    """Return which forecast is used: by races as long as the value if there are any.

    Only where nothing so long can be tested does the holdout decide.

    Parameters
    ----------
    calendar
        Today's model on two clocks, where the calendar tells; None where it does not.
    """
    races = [one.race for one in record if one.race is not None]
    held, latest = (holdout.race.order if holdout.race else []), holdout.days
    if not races:
        tested = dict.fromkeys(held, latest)
        reason = holdout.race.reason if holdout.race else None
        return Chosen(tested, "holdout" if held else None, reason, 1 if held else 0, latest)
    days = record[0].days
    order, reason = _by_record(_borne_out(races, record), calendar)
    order = list(dict.fromkeys([*order, *(name for run in races for name in run.order)]))
    ahead = {name: max(days, latest) if name in held else days for name in order}
    rest = {name: latest for name in held if name not in ahead}
    return Chosen(ahead | rest, "record", reason, len(races), days)


def _borne_out(races: list[Race], record: list[Trial]) -> list[Race]:
    """Return the races with those contestants alone that such a record can speak for.

    NBD stands where models end at its boundary, nobody leaving; else it is one of them with less.
    A plain rule has no reason of its own to hold, so that one or two windows, or several that
    overlap, do not bear it out: on simulated shops of eight kinds, next year's forecasts were .147
    off in the mean with rules and NBD in the choice and .108 without (190 days of looking), those
    of half a year, with two windows, .127 and .091 (41).
    """
    windows = stats.windows_apart([one.setting.at for one in record if one.race], record[0].days)
    out = {nbd.Nbd.name} if not any(map(_nobody_leaves, races)) else set()
    out |= set(RULES) if windows < LEAST_WINDOWS else set()
    kept = [[one for one in run.standings if one.name not in out] for run in races]
    if not any(kept):
        return races
    return [replace(run, standings=some) for run, some in zip(races, kept, strict=True) if some]


def _nobody_leaves(run: Race) -> bool:
    return any(error.code == "nobody_leaves" for error in run.left_out.values())


def _by_record(races: list[Race], calendar: PurchaseModel | None) -> tuple[list[str], Reason]:
    name = None if calendar is None else calendar.name
    if calendar is None or not any(run.parts(str(name)) for run in races):
        return over_races([run.standings for run in races])
    alike = [
        [one for one in run.standings if one.name != name or run.parts(one.name) == calendar.parts]
        for run in races
    ]
    return by_calendar(alike, calendar.name)


# --- the test, drawn ---


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
