"""MBG/NBD: like BG/NBD, but customers may leave after their first purchase already.

Batislam, Denizel and Filiztekin (2007), International Journal of Research in Marketing 24 (3),
with the erratum of Wagner and Hoppe (2008), 25 (3).
"""

from __future__ import annotations

from typing import ClassVar

from retention_lib.models.beta_geometric import BetaGeometric


class MbgNbd(BetaGeometric):
    """A fitted MBG/NBD model; one-time buyers have a P(alive) that falls with their silence."""

    name: ClassVar[str] = "MBG/NBD"
    lifetimes_name = "ModifiedBetaGeoFitter"
    first_turns: ClassVar[int] = 1


fit = MbgNbd.fit
