"""Made-up frames of notebook 04 for the tests of its figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tests import made


def tracking(weeks: int = 78, held_out: int = 30, scale: float = 1.0) -> pd.DataFrame:
    """Weeks that follow a forecast, which comes out low at the end."""
    week = np.arange(weeks)
    level = scale * (250 + 180 * np.exp(-week / 30))
    made_in = (level * (1 + 0.15 * np.sin(week * 12.9898) + 0.15 * (week > 60))).round()
    return pd.DataFrame(
        {
            "week_ends": pd.date_range("1997-01-05", periods=weeks, freq="7D").date,
            "made": made_in,
            "predicted": level,
            "made_total": made_in.cumsum(),
            "predicted_total": level.cumsum(),
            "held_out": week >= weeks - held_out,
        }
    )


def tracked_by_rule(weeks: int = 78, held_out: int = 30) -> pd.DataFrame:
    """Weeks of a plain rule, which says nothing of the past."""
    frame = tracking(weeks, held_out)
    past = ~frame["held_out"]
    return frame.assign(
        predicted=frame["predicted"].mask(past),
        predicted_total=frame["predicted_total"].mask(past),
    )


def record(forecasts: int = 8, scale: float = 1.0, today: bool = True) -> pd.DataFrame:
    """Forecasts of a growing client, of which the fourth came out far too low.

    The first two were made of less than today's, and the last three were moved.
    """
    at = np.arange(forecasts)
    origin = pd.to_datetime("2022-03-31") + pd.to_timedelta(91 * at, unit="D")
    predicted = scale * (9_000 + 1_500 * at)
    actual = predicted * np.where(at == 3, 1.6, 1 + 0.12 * np.sin(3.0 * at))
    rows = pd.DataFrame(
        {
            "origin": origin.date,
            "end": (origin + pd.Timedelta(days=365)).date,
            "predicted": predicted,
            "moved": predicted * np.where(at > 4, 1.06, 1),
            "actual": actual.round(),
            "own_low": 0.96 * predicted,
            "own_high": 1.04 * predicted,
            "low": 0.75 * predicted,
            "high": 1.33 * predicted,
            "today": at == forecasts - 1,
            "alike": at > 1,
        }
    )
    if not today:
        return rows.iloc[:-1].assign(today=False)
    return rows.assign(actual=rows["actual"].where(~rows["today"]))


def months(swing: float = 0.45, tentative: bool = False) -> pd.DataFrame:
    """A year whose last months stand out, each known to within a tenth."""
    month = np.arange(1, 13)
    factor = 1 + swing * np.array(
        [-0.12, 0, -0.12, -0.12, -0.2, -0.4, -0.55, -0.45, 0.02, 0.22, 0.78, 1.0]
    )
    low, high = factor * 0.94, factor * 1.06
    compared = np.select([low > 1, high < 1], ["above", "below"], "not clearly")
    return pd.DataFrame(
        {
            "month": month,
            "factor": factor,
            "low": low,
            "high": high,
            "compared": compared,
            "tentative": tentative,
        }
    )


def stay(months: int = 36, first: float = 0.86, last: float = 0.74) -> pd.DataFrame:
    """A chance to stay that slowly falls."""
    middle = np.linspace(first, last, months)
    month = pd.date_range("2022-01-01", periods=months, freq="MS").date
    return pd.DataFrame(
        {
            "month": month,
            "stay": middle,
            "stay_low": (middle - 0.03).clip(0),
            "stay_high": (middle + 0.03).clip(max=1),
        }
    )


def alive(most: int = 10, T_days: int = 420, step: int = 14, lapse: float = 260.0) -> pd.DataFrame:
    """Chances that fall with silence, the faster the more often a customer bought."""
    pairs = [
        (x, silent)
        for x in range(most + 1)
        for silent in range(0, T_days + 1, step)
        if x or silent == T_days
    ]
    frame = pd.DataFrame(pairs, columns=["frequency", "silent_days"])
    scale = lapse / frame["frequency"].clip(lower=0.7) ** 0.8
    return frame.assign(p_alive=0.97 / (1 + (frame["silent_days"] / scale) ** 3), T_days=T_days)


def value_distribution(bins: int = 10, scale: float = 1.0) -> pd.DataFrame:
    """Customers by value: most are worth next to nothing, a few hold most of it."""
    steps = [1, 2, 5]
    limits = [scale * steps[at % 3] * 10 ** (at // 3) for at in range(bins)]
    at = np.arange(bins)
    customers = np.concatenate([[9_000], (6_000 * np.exp(-(((at[1:] - 4) / 2.2) ** 2))).round()])
    low = np.array([0.0, *limits[:-1]])
    high = np.array(limits)
    return pd.DataFrame(
        {"low": low, "high": high, "customers": customers, "value": customers * (low + high) / 2.2}
    )


def value_lorenz(value: float = 6.0, spend: float = 4.5) -> pd.DataFrame:
    share = np.linspace(0, 1, 101)
    return pd.DataFrame(
        {
            "customers_share": share,
            "value_share": 1 - (1 - share) ** value,
            "spend_share": 1 - (1 - share) ** spend,
        }
    )


def value_by_state() -> pd.DataFrame:
    return pd.DataFrame([state.model_dump() for state in made.clv().states])


def new_customers(unit: str = "money") -> pd.DataFrame:
    """The rows of :func:`tests.made.new_customers`."""
    money = unit == "money"
    rows: list[dict[str, Any]] = [
        {
            "kind": row.kind,
            "name": row.name,
            "customers": row.customers,
            "first": row.first_value if money else np.nan,
            "value": row.value if money else row.purchases,
            "low": (row.value_ci95 or row.purchases_ci95)[0] if money else row.purchases_ci95[0],
            "high": (row.value_ci95 or row.purchases_ci95)[1] if money else row.purchases_ci95[1],
            "unit": unit,
            "compared": row.compared,
        }
        for row in made.new_customers()
    ]
    return pd.DataFrame(rows)


def many_new_customers(rows: int = 24, scale: float = 1.0) -> pd.DataFrame:
    """Quarters, channels and products with long names, more than a figure holds."""
    kinds = ["cohort", "channel", "product"]
    at = np.arange(rows)
    value = scale * (60 + 40 * np.sin(at * 2.3))
    kind = [kinds[3 * place // rows] for place in at]
    name = [
        f"{2021 + place // 4}-Q{place % 4 + 1}"
        if of == "cohort"
        else f"Ekskluzywny zestaw prezentowy ${place} & {place}"
        for place, of in zip(at, kind, strict=True)
    ]
    frame = pd.DataFrame(
        {
            "kind": kind,
            "name": name,
            "customers": 100 + 37 * at,
            "first": 0.4 * value,
            "value": value,
            "low": 0.7 * value,
            "high": 1.5 * value,
            "unit": "money",
            "compared": np.select(
                [value > 85 * scale, value < 30 * scale], ["above", "below"], "not clearly"
            ),
        }
    )
    whole = frame.iloc[[0]].assign(
        kind="all",
        name="",
        customers=9_000,
        value=60 * scale,
        low=54 * scale,
        high=68 * scale,
        compared="not clearly",
    )
    return pd.concat([whole, frame], ignore_index=True)
