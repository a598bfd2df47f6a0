"""What subscribers are worth, and who is left to the models of buying: one client's frames."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import ibis
import pandas as pd

from retention_lib.clv.subscribers import Renewals, renewals, scores
from retention_lib.clv.valuation import Terms
from retention_lib.models.units import Span
from retention_lib.results import Cycle
from retention_lib.summaries import subscribers, subscriptions, young_subscribers


@dataclass(frozen=True)
class Subscribers:
    """The subscribers of a client, apart from all others where they are a part worth reporting.

    ``occasions`` are those known on the day ``as_of``.
    """

    occasions: ibis.Table
    as_of: date
    cycle: Cycle

    @cached_property
    def renewals(self) -> dict[str, Renewals]:
        """How subscribers go on, by billing period; of none where they are left to the models."""
        found = self.cycle.subscriptions
        if found is None or not found.reported:
            return {}
        seen = self.occasions, self.as_of, list(found.periods)
        return renewals(
            subscriptions.charges(*seen),
            subscriptions.pauses(*seen),
            young_subscribers.early_charges(*seen),
        )

    @property
    def periods(self) -> list[str]:
        """The billing periods whose subscribers are apart."""
        return list(self.renewals)

    def irregular(self, at: date) -> ibis.Table:
        """Return the occasions, later ones too, of all not known as subscribers on a day."""
        if at not in self._irregular:
            self._irregular[at] = subscribers.irregular(self.occasions, at, self.periods)
        return self._irregular[at]

    @cached_property
    def _irregular(self) -> dict[date, ibis.Table]:
        """Those of a day, by day: whom a price tells then is looked up once."""
        return {}

    def marked(self, customers: ibis.Table) -> ibis.Table:
        """Return today's customers with the billing period of those who are apart.

        Returns
        -------
        ibis.Table
            The customers with ``subscription``, null for all others.
        """
        if not self.periods:
            return customers.mutate(subscription=ibis.null("string"))
        found = young_subscribers.with_young(self.occasions, self.periods)
        found = found.select("customer_id", subscription="period")
        return customers.left_join(found, "customer_id").select(*customers.columns, "subscription")

    def scores(self, terms: Terms, lapse_days: int | None) -> pd.DataFrame | None:
        """Return what today's subscribers are expected to do, by state; None without any.

        Parameters
        ----------
        lapse_days
            The silence after which customers count as lapsed; None: nobody can.
        """
        if not self.renewals:
            return None
        states = subscribers.states(self.occasions, self.as_of, self.periods)
        silence = None if lapse_days is None else Span.days(lapse_days)
        return scores(states, self.renewals, terms, silence)

    @staticmethod
    def keyed(scores: pd.DataFrame) -> pd.DataFrame:
        """Return :meth:`scores` by what they are joined to customers by, without their sums."""
        keys = {"subscription": scores["period"], "frequency": scores["charges"] - 1}
        sums = ["customers", "charge", "squared", "variance"]
        return scores.drop(columns=["period", "charges", *sums]).assign(**keys)
