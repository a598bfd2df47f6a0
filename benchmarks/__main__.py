"""Measure, print a line each, write ``benchmarks.json``, and draw it."""

from __future__ import annotations

import argparse
import json
import warnings
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

from benchmarks import audit, chart, models, simulated, summary

SEED = 20050501


def main() -> None:
    """Run every comparison, or those named."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--purchases", type=int, default=2_500_000)
    options.add_argument("--rows", type=int, default=10_000_000, help="of the audit")
    options.add_argument("--pairs", type=int, default=5, help="how often each is timed")
    options.add_argument("--only", nargs="+", metavar="ROW", help="these rows only")
    options.add_argument("--out", type=Path, default=Path("benchmarks.json"))
    options.add_argument("--picture", type=Path, default=chart.PICTURE)
    chosen = options.parse_args()
    warnings.simplefilter("ignore")  # lifetimes' own, of pandas' and numpy's later versions
    customers = cache(partial(simulated.customers, chosen.customers, SEED))
    history = partial(simulated.history, chosen.customers, SEED)
    purchases = partial(simulated.purchases, chosen.purchases, SEED)
    measures = summary.rows(purchases, chosen.pairs)
    measures |= models.rows(customers, history, chosen.pairs)
    measures |= audit.rows(chosen.rows, chosen.pairs)
    if unknown := set(chosen.only or ()) - set(measures):
        options.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(measures)}")
    written = []
    for name in chosen.only or measures:
        row = measures[name]()
        written.append(asdict(row) | {"met": row.met})
        print(
            f"{row.name}: {row.ours:.3f} s against {row.theirs:.2f} s, {row.ratio:.1f} times as "
            f"fast (wanted: {row.target:g}), difference {row.difference:.0e}"
        )
        chosen.out.write_text(json.dumps(written, indent=1) + "\n")
    chosen.picture.write_bytes(chart.png(written))


if __name__ == "__main__":
    main()
