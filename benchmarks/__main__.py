"""Measure, print a line each, and write ``benchmarks.json``."""

from __future__ import annotations

import argparse
import json
import warnings
from dataclasses import asdict
from pathlib import Path

from benchmarks import models, simulated

SEED = 20050501


def main() -> None:
    """Run every comparison."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--pairs", type=int, default=5, help="how often each is timed")
    options.add_argument("--out", type=Path, default=Path("benchmarks.json"))
    chosen = options.parse_args()
    warnings.simplefilter("ignore")  # lifetimes' own, of pandas' and numpy's later versions
    written = []
    for row in models.rows(simulated.customers(chosen.customers, SEED), chosen.pairs):
        written.append(asdict(row) | {"met": row.met})
        print(
            f"{row.name}: {row.ours:.3f} s against {row.theirs:.2f} s, {row.ratio:.0f} times "
            f"faster (wanted: {row.target:g}), difference {row.difference:.0e}"
        )
        chosen.out.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
