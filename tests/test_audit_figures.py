"""Figures of notebook 01: from rows to purchases, and what the records hold over time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from retention_lib.plots import data_audit
from retention_lib.plots.style import COLOURS, png
from retention_lib.results import Audit, Break, PurchaseSteps
from retention_lib.speech import Speech
from retention_lib.words import data_audit as words
from tests import made
from tests.figures import texts, unreadable

SPEECH = Speech()
PSEUDO = Speech("qps", "pl", "PLN")


def broken(kind: str, series: str, start: date, end: date | None = None) -> Break:
    facts: dict[str, Any] = {"kind": kind, "series": series, "start": start, "end": end}
    return Break(**facts, before=100.0, after=50.0, touches=[])


BREAKS = [
    broken("gap", "rows", date(1997, 5, 3), date(1997, 5, 9)),
    broken("level", "order_value", date(1997, 6, 1)),
    broken("acquisition_stops", "new_customers", date(1997, 6, 20)),
    broken("level", "rows", date(1997, 6, 28)),
    broken("closed", "rows", date(1997, 8, 1), date(1997, 8, 31)),
]


def shop() -> Audit:
    """As many reasons as a figure has no room for, orders, and every step to a purchase."""
    aside = [135_080, 5_225, 2_000, 1_000, 300, 200, 100, 80]
    names = ["missing_customer_id", "duplicate_line", "cancelled", "zero_amount"]
    names += ["replaced_order", "total_row", "unreadable_line", "dated_ahead"]
    falls = {"returns": 8_905, "same_order": 370_483, "same_day": 1_700, "undone": 60, "near": 10}
    return made.changed(  # type: ignore[no-any-return]
        made.audit(),
        rows_in=541_909,
        rows_kept=397_924,
        set_aside=dict(zip(names, aside, strict=True)),
        purchase_steps=PurchaseSteps(**falls),
        orders=18_536,
        occasions=16_766,
        customers=4_338,
    )


def flow(result: Audit, speech: Speech = SPEECH, **given: Any) -> Axes:
    return data_audit.rows.plot(words.rows.steps(result, speech), speech, **given)  # type: ignore[no-any-return]


def history(periods: int = 18, unit: str = "month", **given: Any) -> Axes:
    frame = made.history(periods, unit=unit)
    return data_audit.history.plot(frame, SPEECH, BREAKS, **given)  # type: ignore[no-any-return]


FIGURES: dict[str, Callable[..., Axes]] = {
    "rows": lambda **kw: flow(shop(), **kw),
    "history": lambda **kw: history(**kw),
}


# --- from rows to purchases ------------------------------------------------------------


def test_steps_add_up_from_what_was_received_to_the_customers() -> None:
    table = words.rows.steps(shop(), SPEECH)
    at = 541_909
    for step in table.itertuples():
        at -= 0 if step.kind == "left" else step.count
        assert step.start == (0 if step.kind == "left" else at)
        assert step.kind != "left" or step.count == at, step.name
    assert table["count"].iloc[-1] == 4_338


def test_reasons_without_room_are_added_up_and_steps_of_nothing_left_out() -> None:
    table = words.rows.steps(shop(), SPEECH).set_index("name")["count"]
    assert table.index[1] == "Rows without a customer id" and table["3 other reasons"] == 380
    assert table["Orders"] == 18_536 and table["Days merged by choice"] == 10
    plain = words.rows.steps(made.audit(), SPEECH)["name"].tolist()
    assert plain == [
        "Rows received",
        "Rows in use",
        "Further rows on a day",
        "Purchases",
        "Purchases after the first",
        "Customers",
    ]


def test_the_table_of_steps_has_each_reason_by_itself() -> None:
    table = words.rows.rows(shop(), SPEECH)
    steps, numbers = (table[name].tolist() for name in table.columns)
    aside = [name for name in steps if name.startswith("less ")][: len(shop().set_aside)]
    assert "less Rows without a customer id" in aside and not any("other" in it for it in aside)
    read, kept = steps.index("Rows received"), steps.index("Rows in use")
    counts = [int(number.replace(",", "")) for number in numbers]
    assert counts[read] - sum(counts[read + 1 : kept]) == counts[kept]


def test_rows_of_no_order_are_not_called_orders() -> None:
    some = made.changed(shop(), orders=18_000)
    assert "Orders, and rows of none" in words.rows.steps(some, SPEECH)["name"].tolist()


def test_bars_hang_where_what_is_left_ends() -> None:
    ax = flow(shop())
    table = words.rows.steps(shop(), SPEECH)
    bars = [bars[0] for bars in ax.containers]  # type: ignore[attr-defined, index]
    assert [bar.get_width() for bar in bars] == table["count"].tolist()
    assert [bar.get_x() for bar in bars] == table["start"].tolist()
    said = [text.get_text() for text in ax.texts]
    assert said[:2] == ["541,909", "−135,080"] and said[-1] == "4,338"
    low, high = ax.get_ylim()
    assert low > high, "the first step stands on top"


def test_long_names_are_broken_evenly() -> None:
    names = [name.get_text() for name in flow(shop()).get_yticklabels()]
    assert "Rows without\na customer id" in names and "Customers" in names


def test_colours_tell_what_is_left_from_what_was_set_aside() -> None:
    first, second = flow(shop()).containers[:2]  # type: ignore[attr-defined]
    assert to_hex(first[0].get_facecolor()).upper() == COLOURS["returning"]
    assert to_hex(second[0].get_facecolor()).upper() == COLOURS["lost"]
    assert second[0].get_hatch() and not first[0].get_hatch()


@pytest.mark.parametrize("scale", [0, 1, 10**6])
def test_flows_of_any_size_are_drawn(scale: int) -> None:
    result = made.changed(
        made.audit(),
        rows_in=2 * scale + 1,
        rows_kept=scale + 1,
        set_aside={"cancelled": scale} if scale else {},
        purchase_steps=PurchaseSteps(returns=0, same_order=0, same_day=scale, undone=0, near=0),
        occasions=1,
        customers=1,
    )
    figure = flow(result, title="Title").figure
    assert isinstance(figure, Figure) and unreadable(figure) == [] and len(png(figure)) > 1_000


# --- over time ---------------------------------------------------------------------------


def heights(panel: Axes, at: int) -> list[float]:
    return [float(bar.get_height()) for bar in panel.containers[at]]  # type: ignore[attr-defined]


def test_panels_hold_rows_revenue_and_customers() -> None:
    frame = made.history()
    ax = history()
    rows, money, customers = ax.child_axes
    assert heights(rows, 0) == frame["rows"].tolist()
    assert heights(money, 0) == frame["money"].tolist()
    assert np.add(heights(customers, 0), heights(customers, 1)).tolist() == (
        frame["customers"].tolist()
    )
    assert heights(customers, 1) == frame["new_customers"].tolist()
    assert heights(rows, 1) == [frame["rows"].iloc[-1]], "the last month is not complete"
    assert {"Rows in use", "Revenue (USD)", "returning", "New customers"} <= set(texts(ax))
    assert f"{frame['rows'].sum():,} rows in all" in ax.get_xlabel()


def test_without_amounts_there_is_no_panel_of_revenue() -> None:
    ax = data_audit.history.plot(made.history().assign(money=float("nan")), SPEECH)
    assert len(ax.child_axes) == 2 and "Revenue (USD)" not in texts(ax)


def test_breaks_are_numbered_in_order_and_marked_in_every_panel() -> None:
    rows, money, customers = history().child_axes
    assert [text.get_text() for text in rows.texts if text.get_text().isdigit()] == list("12345")
    days = [date(1997, 6, 1), date(1997, 6, 20), date(1997, 6, 28)]
    for panel in (rows, money, customers):
        assert [line.get_xdata()[0] for line in panel.lines] == [day.toordinal() for day in days]  # type: ignore[index]
    solid = [[line.get_linestyle() == "-" for line in panel.lines] for panel in (rows, money)]
    assert solid == [[False, False, True], [True, False, False]], "in the panel of what changes"


def spans(panel: Axes) -> list[tuple[float, float]]:
    """Return where each shaded span begins, and how wide it is."""
    bars = [bar for bars in panel.containers for bar in bars]  # type: ignore[attr-defined]
    shaded = [patch for patch in panel.patches if patch not in bars]
    return [(float(it.get_x()), float(it.get_width())) for it in shaded]  # type: ignore[attr-defined]


def test_breaks_may_share_a_number() -> None:
    ax = data_audit.history.plot(made.history(), SPEECH, BREAKS, [1, 2, 3, 4, 1])
    said = [text.get_text() for text in ax.child_axes[0].texts]
    assert [number for number in said if number.isdigit()] == list("12341")


def test_a_span_covers_its_days_and_is_seen_however_short() -> None:
    gap, closed = spans(history().child_axes[0])
    assert gap == (date(1997, 5, 3).toordinal(), 7)
    assert closed == (date(1997, 8, 1).toordinal(), 31)
    short = broken("gap", "rows", date(1997, 5, 3), date(1997, 5, 3))
    ax = data_audit.history.plot(made.history(), SPEECH, [short])
    ((_, width),) = spans(ax.child_axes[0])
    assert width > 2, "wider than its day, so that a phone shows it"


@pytest.mark.parametrize(
    ("periods", "unit"), [(1, "month"), (2, "month"), (18, "month"), (144, "month")]
)
def test_days_are_named_without_crowding(periods: int, unit: str) -> None:
    ax = history(periods, unit, title="A title")
    assert 1 <= len(ax.get_xticks()) <= 6
    if periods > 2:
        assert ax.get_xticklabels()[0].get_text().startswith("Jan\n199")


@pytest.mark.parametrize("speech", [SPEECH, PSEUDO])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e9])
def test_histories_of_any_size_are_readable(scale: float, speech: Speech) -> None:
    frame = made.history(30, scale, unit="week")
    ax = data_audit.history.plot(frame, speech, BREAKS[:3], title="A title")
    assert isinstance(ax.figure, Figure) and unreadable(ax.figure) == []
    for panel in ax.child_axes:
        shown = [tick.get_text() for tick in panel.get_yticklabels()]
        assert len(set(shown)) == len(shown) > 1, "every tick has a name of its own"


def test_many_breaks_close_together_do_not_cover_each_other() -> None:
    near = [broken("level", "rows", date(1997, 9, 1) + timedelta(days=6 * n)) for n in range(8)]
    ax = data_audit.history.plot(made.history(), SPEECH, near, title="A title")
    assert isinstance(ax.figure, Figure) and unreadable(ax.figure) == []
