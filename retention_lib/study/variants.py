"""Variants of a study side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from retention_lib.comparison.side_by_side import Comparison, Side
from retention_lib.comparison.side_by_side import side_by_side as compared
from retention_lib.study.questions import Questions
from retention_lib.study.records import NothingLeftError
from retention_lib.summaries import counts
from retention_lib.words import reasons, variants


def side_by_side(of: Questions, studies: Sequence[Questions], by: str, value: bool) -> pd.DataFrame:
    """Return variants side by side as text; why some or all are missing is in ``attrs["notes"]``.

    Parameters
    ----------
    of
        The study whose variants they are: what it varied itself is not said of each.
    by
        The column they differ in, to say that it is not there if there are no studies.
    value
        Whether the value of all customers is compared too.
    """
    speech, common = of.speech, of.varied
    sides: dict[str, Side] = {}
    notes = [] if studies else [variants.no_column(by, speech)]
    for study in studies:
        try:
            own = study.varied[len(common) if study.varied[: len(common)] == common else 0 :]
            header = variants.header(own, speech)
            if same := sum(one.split(" (")[0] == header for one in sides):
                header = f"{header} ({same + 1})"
            sides[header] = _side(study, value)
        except NothingLeftError:
            notes.append(variants.no_purchase(study.varied, speech))
    each = list(sides.values())
    held = [compared(each[0], side) for side in each]
    frame = variants.rows(_table(list(sides), each, held), speech)
    whys = [why for one in held for why in (*one.why_not_rankable, *one.why_no_value)]
    notes += [reasons.reason(why, speech) for why in whys]
    if len(held) > 1 and all(one.rankable for one in held):
        clear = dict.fromkeys(row.name for one in held for row in one.rows if row.is_clear)
        notes.append(variants.apart(list(clear), speech))
    frame.attrs["notes"] = list(dict.fromkeys(notes))
    return frame


def _side(study: Questions, value: bool) -> Side:
    customers = counts.totals(study.occasions)["customers"]
    return Side(
        *(study.client.slug, study.as_of, study.client.currency, customers),
        *(study.cycle(), study.retention(), study.clv() if value else None),
    )


def _table(
    headers: Sequence[str], sides: Sequence[Side], held: Sequence[Comparison]
) -> variants.Sides:
    """Return the figures of all sides, each held against the first, the first against itself."""
    found = [{row.name: (row.b, row.b_ci95) for row in one.rows} for one in held]
    names = dict.fromkeys(name for one in found for name in one)
    return variants.Sides(
        headers,
        days=[side.as_of for side in sides],
        windows=[side.cycle.window for side in sides],
        figures={name: [one.get(name, (None, None)) for one in found] for name in names},
        differences=held[1].differences if len(held) == 2 else None,
    )
