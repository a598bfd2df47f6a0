"""BG/NBD: how many more purchases, and is the customer still there?

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24 (2).
Customers may leave after each repeat purchase, so one-time buyers never leave.
"""

from __future__ import annotations

from typing import ClassVar

from retention_lib.models.beta_geometric import BetaGeometric


class BgNbd(BetaGeometric):
    """A fitted BG/NBD model; P(alive) is 1 for one-time buyers."""

    name: ClassVar[str] = "BG/NBD"
    lifetimes_name = "BetaGeoFitter"
    first_turns: ClassVar[int] = 0


fit = BgNbd.fit
