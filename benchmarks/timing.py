"""Two ways to the same figure, timed by turns."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One comparison: seconds (medians), the median ratio of the pairs, and whether it will do.

    ``difference`` is the largest relative difference of the two results, ``allowed`` how much of
    it there may be, so that no ratio is met by a wrong figure.
    """

    name: str
    ours: float
    theirs: float
    ratio: float
    target: float
    difference: float
    allowed: float

    @property
    def met(self) -> bool:
        """Whether it is as many times faster as wanted, and the figures are the same."""
        return self.ratio >= self.target and self.difference <= self.allowed


def raced(
    name: str,
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    difference: Callable[[Any, Any], float],
    *,
    target: float,
    allowed: float,
    pairs: int,
) -> Row:
    """Return how many times faster ours is, the median over so many pairs of runs.

    Parameters
    ----------
    difference
        Takes the result of ours and of theirs, returns their largest relative difference.
    """
    ours()  # libraries are loaded at first use, by either
    timed = []
    for _ in range(pairs):
        (own, seconds), (other, longer) = _timed(ours), _timed(theirs)
        timed.append((seconds, longer))
    return Row(
        name=name,
        ours=statistics.median(seconds for seconds, _ in timed),
        theirs=statistics.median(longer for _, longer in timed),
        ratio=statistics.median(longer / seconds for seconds, longer in timed),
        target=target,
        difference=difference(own, other),
        allowed=allowed,
    )


def _timed(run: Callable[[], Any]) -> tuple[Any, float]:
    gc.collect()
    start = time.perf_counter()
    result = run()
    return result, time.perf_counter() - start
