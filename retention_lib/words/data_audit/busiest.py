"""Which id bought most often: for whoever checks the records, and in no report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retention_lib.speech import Speech


def said(busiest: Mapping[str, Any], speech: Speech) -> str:
    """Return the busiest id with its orders and days, as plain text.

    Parameters
    ----------
    busiest
        ``customer_id``, ``days`` and ``orders`` (0 where the records hold no numbers of orders).
    """
    return speech.text(
        "The busiest customer is {customer_id}: {orders:count} order{orders:|s} on {days:days}."
        if busiest["orders"]
        else "The busiest customer is {customer_id}: purchases on {days:days}.",
        **busiest,
    )
