"""What the value is told from: the forecast with its tests, and the customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from retention_lib.clv.new_customers import NewCustomers
from retention_lib.clv.past_forecasts import UNTRIED, Past
from retention_lib.clv.race import Chosen, Trial
from retention_lib.clv.valuation import Terms, Valuation
from retention_lib.models.total_uncertainty import TotalUncertainty
from retention_lib.results import Clocks, Holdout, NextPurchases, PriceDrift, Why, why


@dataclass(frozen=True)
class Forecast:
    """The forecast in use, its test, and how it did on earlier days.

    ``valuation`` is moved by the record, its ``terms`` look as far as was tested, of the
    ``wanted_months``. ``uncertainty`` of today's totals, or why it is unknown; ``rolling`` are races
    on earlier days, the latest first; ``chosen`` says by which tests the forecast came first;
    ``next_purchases`` is None where no expected day lay in the test; ``prices`` is how order values
    move from year to year, or why that is not known; ``clocks`` is what the calendar does, whichever
    forecast is in use, None where the model on two clocks does not fit.
    """

    valuation: Valuation
    terms: Terms
    wanted_months: int
    trial: Trial
    uncertainty: TotalUncertainty | Why
    past: Past = UNTRIED
    rolling: Sequence[Holdout] = ()
    chosen: Chosen = field(default_factory=lambda: Chosen({}))
    next_purchases: NextPurchases | None = None
    prices: PriceDrift | Why = field(default_factory=lambda: why("under_two_years"))
    clocks: Clocks | None = None


@dataclass(frozen=True)
class Customers:
    """What the customers of today are worth, and what next ones bring.

    ``worth`` has columns ``clv``, ``customers``; ``states`` is as
    :func:`retention_lib.summaries.customers.states` gives it; ``at_risk_days`` is the silence after
    which customers count as lapsed (None: nobody can); ``subscribed`` is as
    :func:`retention_lib.clv.subscribers.scores` gives it (None: there are none apart).
    """

    worth: pd.DataFrame
    states: pd.DataFrame
    at_risk_days: int | None
    new: NewCustomers
    subscribed: pd.DataFrame | None = None

    @property
    def apart(self) -> pd.DataFrame:
        """The subscribers, of whom there may be none."""
        return pd.DataFrame(columns=["period"]) if self.subscribed is None else self.subscribed

    @property
    def amounts(self) -> bool:
        """Whether the records carry any."""
        return bool(self.states["spend"].fillna(0.0).ne(0).any())
