"""What the audit counts of typed rows, beside one pass of SQL written by hand."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import duckdb
import ibis
import numpy as np
import pandas as pd
from ibis.backends.duckdb import Backend

from benchmarks.timing import Row, raced
from retention_lib import sources, transactions
from retention_lib.summaries import books, checks, counts
from retention_lib.summaries.occasions import occasions

ROUNDING: Final = 1e-9  # sums of money are added up in another order
# three lines an order, a tenth of them with something that the audit looks for
TYPED: Final = """
    WITH drawn AS (
        SELECT range AS n, hash(range) % 1000 AS k, hash(range + 1000000000) AS h,
            hash(range // 3 + 7000000000) AS o FROM range({rows})
    ), lines AS (
        SELECT *, round(5 + h % 10000 / 100.0, 2) AS price, 1 + h // 10000 % 3 AS pieces FROM drawn
    )
    SELECT
        CASE WHEN k >= 50 THEN 'C' || lpad((o % {customers} * (o % 97) // 97)::TEXT, 8, '0') END
            AS customer_id,
        k = 998 AS id_was_decimal,
        DATE '2022-01-01' + (o // 1000 % 1095)::INT AS day,
        CASE WHEN k < 60 AND k >= 50 THEN 0.0 WHEN k < 90 AND k >= 60 THEN -price * pieces
            ELSE price * pieces END AS amount,
        CASE WHEN k < 900 THEN 'O' || (n // 3)::TEXT END AS order_id,
        'P' || (h % 5000)::TEXT AS product,
        pieces::DOUBLE AS quantity,
        price AS unit_price,
        false AS no_purchase,
        'sales.csv' AS source_file,
        n + 2 AS line_number,
        CASE WHEN k = 997 THEN 'reused' END AS order_doubt,
        k BETWEEN 100 AND 104 AS is_copy,
        CASE WHEN k BETWEEN 105 AND 110 THEN 'void' ELSE 'paid' END AS status,
        CASE WHEN k BETWEEN 105 AND 110 THEN 'cancelled' ELSE 'sale' END AS status_means,
        CASE WHEN k < 50 THEN 'missing_customer_id' WHEN k BETWEEN 100 AND 104 THEN 'duplicate_line'
            WHEN k BETWEEN 105 AND 110 THEN 'cancelled' END AS reason,
        NULL::TEXT AS also,
        NULL::TEXT AS unreadable_line
    FROM lines
"""


def rows(number: int, pairs: int) -> dict[str, Callable[[], Row]]:
    """Return the comparison by name; it is made when it is called."""
    return {"audit": lambda: audit("audit", number, pairs)}


def audit(name: str, number: int, pairs: int) -> Row:
    """Return what notebook 01 counts of typed rows, beside SQL of the same counts.

    Both start from the same two Parquet files, the typed rows and their occasions. Ours counts for
    all checks, also those that no row of these is touched by (by words, hours, addresses), and by
    year and in all what a bookkeeper would compare; theirs is one statement, which knows what it
    will find. What the rate and the revenue would be without each step is not part of it: no
    single pass tells that.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = Files.made(Path(folder), number)
        return raced(
            name,
            lambda: ours(made),
            lambda: theirs(made),
            difference,
            target=0.33,  # at most three times as long
            allowed=ROUNDING,
            pairs=pairs,
        )


@dataclass(frozen=True)
class Files:
    """Typed rows and their occasions, as a study keeps them."""

    folder: Path

    @classmethod
    def made(cls, folder: Path, number: int) -> Self:
        """Write so many rows, and the occasions of those in use."""
        files = cls(folder)
        typed = TYPED.format(rows=number, customers=max(1, number // 5))
        with duckdb.connect() as engine:
            engine.execute(f"COPY ({typed}) TO '{files.typed}'")
        with files.engine() as (_, table):
            occasions(transactions.kept(table)).to_parquet(files.occasions)
        return files

    @property
    def typed(self) -> Path:
        """All typed rows with their reason."""
        return self.folder / "rows.parquet"

    @property
    def occasions(self) -> Path:
        """The occasions of the rows in use."""
        return self.folder / "occasions.parquet"

    @contextmanager
    def engine(self) -> Iterator[tuple[Backend, ibis.Table]]:
        """Give an engine as a study has one, and the rows in it."""
        engine = sources.connect(self.folder / "spill")
        try:
            yield engine, engine.read_parquet(str(self.typed))
        finally:
            sources.disconnect(engine)


def ours(files: Files) -> pd.DataFrame:
    """Return the counts as the audit makes them: name, rows, customers, money."""
    with files.engine() as (engine, table):
        days = engine.read_parquet(str(files.occasions))
        found = checks.findings_of(checks.Records(table))
        by_reason = checks.row_counts(table)
        total = counts.totals(days)
        periods = pd.concat([books.by_period(table, days, unit) for unit in ("all", "year")])
        statuses = books.statuses(table)
        given_back = books.refunds(table)
        books.ahead(table)
    assert by_reason["rows"].sum() >= found["rows"].max()
    every = periods[periods["period"] == "all"].iloc[0]
    return pd.concat(
        [
            found[found["rows"] > 0],
            periods.rename(columns={"period": "name", "orders": "rows", "revenue": "money"}),
            statuses.assign(name="status " + statuses["status"]),
            pd.DataFrame(
                [
                    ("unassigned", every["unassigned_orders"], every["unassigned"]),
                    ("refunds", 1, given_back),
                    ("occasions", total["occasions"], float("nan")),
                    *_days(periods),
                ],
                columns=["name", "rows", "money"],
            ),
        ],
        ignore_index=True,
    )[["name", "rows", "money"]]


def _days(periods: pd.DataFrame) -> Iterator[tuple[str, int, float]]:
    years = periods[periods["period"] != "all"]
    for year, held in zip(years["period"], years["occasions"], strict=True):
        yield f"occasions of {year}", int(held), float("nan")


def theirs(files: Files) -> pd.DataFrame:
    """Return the counts of one statement."""
    with duckdb.connect() as engine:
        engine.execute(f"CREATE VIEW typed AS FROM '{files.typed}'")
        engine.execute(f"CREATE VIEW occasions AS FROM '{files.occasions}'")
        return pd.DataFrame(engine.sql(BY_HAND).df()[["name", "rows", "money"]])


def difference(own: pd.DataFrame, other: pd.DataFrame) -> float:
    """Return the largest relative difference of the rows or the money of any count of theirs.

    What they found none of must not be among ours; infinite where one of theirs is missing there.
    """
    one, two = own.set_index("name"), other.set_index("name")
    two = two[two["rows"] > 0]
    if not set(two.index) <= set(one.index):
        return np.inf
    pairs = one.loc[two.index, ["rows", "money"]].astype(float), two.astype(float)
    off = (pairs[0] - pairs[1]).abs() / pairs[1].abs().clip(lower=1)
    return float(off.fillna(0.0).to_numpy().max())


# what the rows in use, and those set aside, amount to: one statement, for the checks that it can tell
BY_HAND: Final = """
    WITH used AS (SELECT * FROM typed WHERE reason IS NULL),
    several AS (
        SELECT any_value(customer_id) AS customer_id, count(*) AS lines, sum(amount) AS money
        FROM used WHERE order_id IS NOT NULL GROUP BY order_id HAVING count(*) > 1
    ),
    of_orders AS (
        SELECT customer_id, day, amount, product, quantity,
            bool_or(amount > 0) OVER (PARTITION BY customer_id, day, order_id) AS sale,
            bool_or(amount > 0) OVER (
                PARTITION BY customer_id, day, order_id, product, round(abs(amount), 2)
            ) AS alike
        FROM used WHERE order_id IN (SELECT order_id FROM used WHERE amount < 0)
    ),
    below AS (
        SELECT customer_id, day, amount, product, quantity, sale AND NOT alike AS is_discount
        FROM of_orders WHERE amount < 0
        UNION ALL SELECT customer_id, day, amount, product, quantity, false
        FROM used WHERE amount < 0 AND order_id IS NULL
    ),
    returned AS (SELECT *, abs(quantity) AS size FROM below WHERE NOT is_discount),
    stacked AS (
        SELECT customer_id, amount, -1 AS step, day, product, size FROM returned
        UNION ALL
        SELECT customer_id, amount, 1, day, product, abs(quantity) FROM used
        SEMI JOIN returned ON used.customer_id = returned.customer_id
            AND used.product = returned.product AND abs(used.quantity) = returned.size
        WHERE used.amount > 0
    ),
    running AS (
        SELECT *, sum(step) OVER (
            PARTITION BY customer_id, product, size ORDER BY day, step DESC ROWS UNBOUNDED PRECEDING
        ) AS rest FROM stacked
    ),
    matched AS (
        SELECT *, rest < least(coalesce(min(rest) OVER (
            PARTITION BY customer_id, product, size ORDER BY day, step DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0), 0) AS is_unmatched FROM running
    )
    SELECT reason AS name, count(*) AS rows, count(DISTINCT customer_id) AS customers,
        sum(abs(amount)) AS money FROM typed WHERE reason IS NOT NULL GROUP BY reason
    UNION ALL SELECT 'lines_of_orders', sum(lines), count(DISTINCT customer_id), sum(abs(money))
        FROM several
    UNION ALL SELECT 'reused_orders', count(*), count(DISTINCT customer_id), sum(abs(amount))
        FROM used WHERE order_doubt = 'reused'
    UNION ALL SELECT 'discounts_in_orders', count(*), count(DISTINCT customer_id), sum(abs(amount))
        FROM below WHERE is_discount
    UNION ALL SELECT CASE WHEN is_unmatched THEN 'returns_unmatched' ELSE 'returns_matched' END,
        count(*), count(DISTINCT customer_id), sum(abs(amount))
        FROM matched WHERE step < 0 GROUP BY is_unmatched
    UNION ALL SELECT 'zero_amounts', count(*), count(DISTINCT customer_id), 0
        FROM used WHERE amount = 0
    UNION ALL SELECT 'decimal_ids', count(*), count(DISTINCT customer_id), NULL
        FROM used WHERE id_was_decimal
    UNION ALL SELECT 'duplicate_lines', coalesce(sum(n - 1), 0), 0,
        coalesce(sum((n - 1) * abs(amount)), 0) FROM (
            SELECT amount, count(*) AS n FROM used WHERE order_id IS NULL
            GROUP BY customer_id, day, amount, product, quantity, unit_price HAVING count(*) > 1)
    UNION ALL SELECT 'ids_by_case', coalesce(sum(n), 0), 0, 0 FROM (
        SELECT count(DISTINCT customer_id) AS n FROM used
        GROUP BY regexp_replace(lower(regexp_replace(customer_id, '\\s+', '', 'g')), '^0+', '')
        HAVING count(DISTINCT customer_id) > 1)
    UNION ALL SELECT year(day)::TEXT, count(DISTINCT order_id) FILTER (amount >= 0), 0, sum(amount)
        FROM used GROUP BY year(day)
    UNION ALL SELECT 'all', count(DISTINCT order_id) FILTER (amount >= 0), 0, sum(amount) FROM used
    UNION ALL SELECT 'unassigned', count(DISTINCT order_id) FILTER (amount >= 0), 0, sum(amount)
        FROM typed WHERE reason = 'missing_customer_id' AND status_means <> 'cancelled'
            AND NOT is_copy
    UNION ALL SELECT 'refunds', 1, 0, -sum(amount) FROM used WHERE amount < 0
    UNION ALL SELECT 'status ' || status, count(*), 0, sum(amount)
        FROM typed WHERE reason IS NULL OR reason = 'cancelled' GROUP BY status
    UNION ALL SELECT 'occasions of ' || year(day), count(*), count(DISTINCT customer_id), NULL
        FROM occasions GROUP BY year(day)
    UNION ALL SELECT 'occasions', count(*), count(DISTINCT customer_id), NULL FROM occasions
"""
