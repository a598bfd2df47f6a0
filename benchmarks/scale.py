"""How long does a value take, and how much memory, as customers become many?

``python -m benchmarks.scale 1000000`` makes a shop of so many customers and times each step from its
occasions to the ranges of the totals, in seconds of the clock and of the processors. Each number
is measured in a process of its own, so that the peak of memory is its own.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import ibis

from benchmarks import simulated
from retention_lib import cycle_detection
from retention_lib.clv.valuation import Terms
from retention_lib.models.units import AnnualRate
from retention_lib.study.clv_inputs import ClvInputs
from retention_lib.study.cycle_inputs import cycle_inputs
from retention_lib.summaries import counts
from retention_lib.summaries.occasions import occasions

SEED = 20050501
MONTHS = 12
PER_CUSTOMER = 2.3  # purchases of one of the simulated customers
_MEGABYTE = 1024 if sys.platform != "darwin" else 1024**2  # in ru_maxrss's unit


@dataclass(frozen=True)
class Step:
    """What a step took: seconds by the clock, by the processors, and the peak of memory so far."""

    name: str
    seconds: float
    processors: float
    peak_megabytes: float


def steps(customers: int) -> Iterator[Step]:
    """Yield the steps of a value of so many customers' next twelve months."""
    made, step = _timed("occasions", lambda: _inputs(customers))
    yield step
    for name, wanted in {
        "subscribers": lambda: made.forecasts.subscribers.periods,
        "race of the holdout": lambda: made.forecasts.trial,
        "record": lambda: made.forecasts.record,
        "models today": lambda: made.forecasts.valuation,
        "past forecasts": lambda: made.backtests.past,
        "range": lambda: made.backtests.own_uncertainty,
    }.items():
        yield _timed(name, wanted)[1]


def _timed(name: str, run: Callable[[], Any]) -> tuple[Any, Step]:
    clock, processors = time.perf_counter(), time.process_time()
    found = run()
    spent = time.perf_counter() - clock, time.process_time() - processors
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE
    return found, Step(name, *spent, peak)


def _inputs(customers: int) -> ClvInputs:
    engine = ibis.duckdb.connect()
    rows = engine.create_table("rows", simulated.purchases(round(customers * PER_CUSTOMER), SEED))
    rows = rows.mutate(day=rows.day.date())
    bought = engine.create_table("occasions", occasions(rows))
    first, last = counts.totals(bought)["first_date"], simulated.LAST_DAY
    cycle = cycle_detection.cycle(cycle_inputs(bought, first, last), first, last, None)
    return ClvInputs(engine, bought, rows, last, cycle, Terms(AnnualRate(0.1), MONTHS, None))


def _measured(customers: int) -> list[Step]:
    return list(steps(customers))


def main() -> None:
    """Measure each number of customers given."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    options.add_argument("customers", type=int, nargs="+")
    for customers in options.parse_args().customers:
        with get_context("spawn").Pool(1) as pool:
            found = pool.apply(_measured, (customers,))
        print(f"{customers:,} customers")
        for one in found:
            print(
                f"  {one.name:20} {one.seconds:7.1f} s {one.processors:7.1f} s of processors "
                f"{one.peak_megabytes:8,.0f} MB"
            )
        print(f"  {'without occasions':20} {sum(one.seconds for one in found[1:]):7.1f} s")


if __name__ == "__main__":
    main()
