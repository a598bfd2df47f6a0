from __future__ import annotations

import base64
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text

from retention_lib import plots, words
from retention_lib.plots import style
from retention_lib.plots.recommendations import concentration, states
from retention_lib.results import Stratum
from retention_lib.words import Speech
from tests import made, made_value

SPEECH = Speech()
NAMES = words.state_names(SPEECH)
EMPTY = pd.DataFrame()
SECOND = made.return_curve()[["day", "share_back", "at_risk"]].assign(group="all")

Draw = Callable[..., Axes]

FULL: dict[str, Draw] = {
    "monthly_sales": lambda **kw: plots.plot_monthly_sales(made.monthly_sales(), SPEECH, **kw),
    "return_curve": lambda **kw: plots.plot_return_curve(
        made.return_curve(), made.cycle(), SPEECH, **kw
    ),
    "gap_histogram": lambda **kw: plots.plot_gap_histogram(
        made.gap_histogram(), made.cycle(), SPEECH, **kw
    ),
    "sales_calendar": lambda **kw: plots.plot_sales_calendar(
        made.sales_calendar(), made.cycle(), SPEECH, **kw
    ),
    "season": lambda **kw: plots.plot_season(made.season(), made.cycle(), SPEECH, **kw),
    "strata": lambda **kw: plots.plot_strata(made.cycle(), SPEECH, **kw),
    "lapse_race": lambda **kw: plots.plot_lapse_race(made.cycle(), SPEECH, **kw),
    "rates": lambda **kw: plots.plot_rates(made.retention(), SPEECH, **kw),
    "flow": lambda **kw: plots.plot_flow(made.retention(), SPEECH, **kw),
    "growth": lambda **kw: plots.plot_growth(made.full_retention(), SPEECH, **kw),
    "second_purchase": lambda **kw: plots.plot_second_purchase(
        SECOND, made.full_retention(), SPEECH, **kw
    ),
    "parts": lambda **kw: plots.plot_parts(made.parts(), 0.557, SPEECH, **kw),
    "cohorts": lambda **kw: plots.plot_cohorts(made.cohorts(), SPEECH, **kw),
    "calibration": lambda **kw: plots.plot_calibration(made.calibration(), SPEECH, **kw),
    "tracking": lambda **kw: plots.plot_tracking(made_value.tracking(), SPEECH, **kw),
    "tracking_total": lambda **kw: plots.plot_tracking_total(made_value.tracking(), SPEECH, **kw),
    "record": lambda **kw: plots.plot_record(made_value.record(), SPEECH, **kw),
    "alive": lambda **kw: plots.plot_alive(made_value.alive(), SPEECH, **kw),
    "value_distribution": lambda **kw: plots.plot_value_distribution(
        made_value.value_distribution(), SPEECH, **kw
    ),
    "value_lorenz": lambda **kw: plots.plot_value_lorenz(made_value.value_lorenz(), SPEECH, **kw),
    "value_at_risk": lambda **kw: plots.plot_value_at_risk(
        made_value.value_by_state(), NAMES, SPEECH, **kw
    ),
    "new_customers": lambda **kw: plots.plot_new_customers(
        made_value.new_customers(), SPEECH, **kw
    ),
    "concentration": lambda **kw: concentration.plot(made.lorenz(), SPEECH, **kw),
    "states": lambda **kw: states.plot(made.customers_by_state(), SPEECH, NAMES, **kw),
}
NOTHING: dict[str, Draw] = {
    "monthly_sales": lambda **kw: plots.plot_monthly_sales(EMPTY, SPEECH, **kw),
    "return_curve": lambda **kw: plots.plot_return_curve(EMPTY, made.no_cycle(), SPEECH, **kw),
    "gap_histogram": lambda **kw: plots.plot_gap_histogram(EMPTY, made.no_cycle(), SPEECH, **kw),
    "sales_calendar": lambda **kw: plots.plot_sales_calendar(EMPTY, made.no_cycle(), SPEECH, **kw),
    "season": lambda **kw: plots.plot_season(EMPTY, made.no_cycle(), SPEECH, **kw),
    "strata": lambda **kw: plots.plot_strata(made.no_cycle(), SPEECH, **kw),
    "lapse_race": lambda **kw: plots.plot_lapse_race(made.no_cycle(), SPEECH, **kw),
    "rates": lambda **kw: plots.plot_rates(made.no_retention(), SPEECH, **kw),
    "flow": lambda **kw: plots.plot_flow(made.no_retention(), SPEECH, **kw),
    "growth": lambda **kw: plots.plot_growth(made.no_retention(), SPEECH, **kw),
    "second_purchase": lambda **kw: plots.plot_second_purchase(
        EMPTY, made.no_retention(), SPEECH, **kw
    ),
    "parts": lambda **kw: plots.plot_parts([], None, SPEECH, **kw),
    "cohorts": lambda **kw: plots.plot_cohorts(EMPTY, SPEECH, **kw),
    "calibration": lambda **kw: plots.plot_calibration(EMPTY, SPEECH, **kw),
    "tracking": lambda **kw: plots.plot_tracking(EMPTY, SPEECH, **kw),
    "tracking_total": lambda **kw: plots.plot_tracking_total(EMPTY, SPEECH, **kw),
    "record": lambda **kw: plots.plot_record(EMPTY, SPEECH, **kw),
    "alive": lambda **kw: plots.plot_alive(EMPTY, SPEECH, **kw),
    "value_distribution": lambda **kw: plots.plot_value_distribution(EMPTY, SPEECH, **kw),
    "value_lorenz": lambda **kw: plots.plot_value_lorenz(EMPTY, SPEECH, **kw),
    "value_at_risk": lambda **kw: plots.plot_value_at_risk(EMPTY, NAMES, SPEECH, **kw),
    "new_customers": lambda **kw: plots.plot_new_customers(EMPTY, SPEECH, **kw),
    "concentration": lambda **kw: concentration.plot(EMPTY, SPEECH, **kw),
    "states": lambda **kw: states.plot(EMPTY, SPEECH, NAMES, **kw),
}


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.findobj(Text) if text.get_text()]


def drawn(ax: Axes) -> bytes:
    assert isinstance(ax.figure, Figure)
    return plots.png(ax.figure)


# --- every figure -------------------------------------------------------------


def test_every_figure_is_tested() -> None:
    assert {f"plot_{name}" for name in FULL} - {"plot_concentration", "plot_states"} == {
        name for name in plots.__all__ if name.startswith("plot_")
    }
    assert set(FULL) == set(NOTHING)


@pytest.mark.parametrize("name", FULL)
def test_figure_has_title_axes_names_and_no_global_state(name: str) -> None:
    before = dict(mpl.rcParams)
    ax = FULL[name](title="What it says")
    assert ax.get_title(loc="left") == "What it says"
    assert ax.get_xlabel() or name == "flow"
    assert not plt.get_fignums() and dict(mpl.rcParams) == before
    assert min(text.get_fontsize() for text in ax.findobj(Text)) >= 9


@pytest.mark.parametrize("name", FULL)
def test_figure_draws_where_it_is_told(name: str) -> None:
    given = Figure().subplots(1, 2)[1]
    assert FULL[name](ax=given, title="here") is given


@pytest.mark.parametrize("name", NOTHING)
def test_figure_of_nothing_says_so_in_one_sentence(name: str) -> None:
    ax = NOTHING[name](title="A title")
    said = [text for text in ax.texts if text.get_text()]
    assert len(said) == 1 and said[0].get_ha() == "center"
    assert said[0].get_text().endswith(".") and not ax.axison
    assert len(drawn(ax)) > 1_000


@pytest.mark.parametrize("name", FULL)
def test_figure_keeps_every_text_inside_the_picture(name: str) -> None:
    ax = FULL[name](title="A title that is about as long as the longest of them all can get to be")
    figure = ax.figure
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_visible() and _shown(ax, text):
            box = text.get_window_extent()
            assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1, text.get_text()
            assert box.y0 >= -1 and box.y1 <= figure.bbox.y1 + 1, text.get_text()


def _shown(ax: Axes, text: Text) -> bool:
    """Leave out tick names beyond the axis, which are made but not drawn."""
    ticks = [*ax.xaxis.get_major_ticks(), *ax.yaxis.get_major_ticks()]
    names = [name for tick in ticks for name in (tick.label1, tick.label2)]
    return not any(text is name for name in names)


@pytest.mark.parametrize("name", FULL)
def test_same_figure_gives_the_same_bytes(name: str) -> None:
    assert drawn(FULL[name](title="x")) == drawn(FULL[name](title="x"))


@pytest.mark.slow
def test_bytes_do_not_depend_on_the_session() -> None:
    code = (
        "import hashlib; from tests import made, test_plots as t; "
        "print(hashlib.sha256(t.drawn(t.FULL['cohorts'](title='x'))).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env=os.environ | extra,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for extra in (
            {"PYTHONHASHSEED": "1", "TZ": "UTC"},
            {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "MPLBACKEND": "svg"},
        )
    }
    assert len(found) == 1


def test_sessions_own_style_is_kept_out() -> None:
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 30.0}):
        loud = drawn(FULL["concentration"](title="x"))
    assert loud == drawn(FULL["concentration"](title="x"))


@pytest.mark.parametrize("name", FULL)
def test_dollars_are_money_not_formulas(name: str) -> None:
    ax = FULL[name](title=r"$1 to $2, \alpha^{")
    assert all(not text.get_parse_math() for text in ax.findobj(Text) if "$" in text.get_text())
    drawn(ax)


# --- colours ------------------------------------------------------------------


def lightness(colour: str) -> float:
    red, green, blue = to_rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_bars_that_touch_differ_in_grey_or_by_hatch() -> None:
    for one, two in (
        ("returning", "new"),
        ("returning", "lost"),
        ("returning", "resurrected"),
        ("resurrected", "new"),
    ):
        apart = abs(lightness(style.COLOURS[one]) - lightness(style.COLOURS[two]))
        assert apart > 0.1 or style.HATCHES.get(one) != style.HATCHES.get(two)


def test_lines_and_labels_stand_out_from_white() -> None:
    for kind in ("all", "returning", "lost", "predicted"):
        light = np.array(
            [
                channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
                for channel in to_rgb(style.COLOURS[kind])
            ]
        )
        assert 1.05 / (light @ [0.2126, 0.7152, 0.0722] + 0.05) >= 3


# --- what single figures hold -------------------------------------------------


def heights(ax: Axes) -> list[list[float]]:
    return [[float(bar.get_height()) for bar in bars] for bars in ax.containers]  # type: ignore[attr-defined]


def test_monthly_sales_stacks_new_on_returning_and_marks_months() -> None:
    frame = made.monthly_sales()
    ax = plots.plot_monthly_sales(frame, SPEECH)
    returning, new, partial = heights(ax)
    assert np.add(returning, new).tolist() == frame["customers"].tolist()
    assert new == frame["new_customers"].tolist()
    assert partial == [frame["customers"].iloc[-1]]
    assert "23,400 customers" in ax.get_xlabel()
    whole = plots.plot_monthly_sales(frame.assign(complete=True), SPEECH)
    legend = whole.get_legend()
    assert legend is not None and len(legend.get_texts()) == 2


@pytest.mark.parametrize("months", [1, 2, 7, 18, 72, 240])
def test_months_are_named_without_crowding(months: int) -> None:
    ax = plots.plot_monthly_sales(made.monthly_sales(months), SPEECH)
    assert 1 <= len(ax.get_xticks()) <= 7
    assert ax.get_xticklabels()[0].get_text() == "Jan\n1997"


def test_return_curve_marks_cycle_and_those_not_back() -> None:
    ax = FULL["return_curve"]()
    assert {
        "cycle: at least 65 days →",
        "51% not back within 543 days",
        "- - frequent buyers counted many times",
    } <= set(texts(ax))
    blue = next(line for line in ax.lines if line.get_color() == style.COLOURS["returning"])
    assert blue.get_ydata()[-1] == pytest.approx(made.return_curve()["share_back"].iloc[542])  # type: ignore[index]
    dot = next(line for line in ax.lines if line.get_marker() == "o")
    assert dot.get_xdata()[0] == 65  # type: ignore[index]
    assert "23,570 customers" in ax.get_xlabel()


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"settled": True}, "cycle: 65 days"),
        ({"cycle_upper": 97}, "cycle: 65 days to 97 days"),
        ({"settled": True, "cycle_days": 1}, "cycle: 1 day"),
    ],
)
def test_return_curve_names_bounds(figures: dict[str, Any], expected: str) -> None:
    result = made.changed(made.cycle(), **figures)
    assert expected in texts(plots.plot_return_curve(made.return_curve(), result, SPEECH))


def bands(ax: Axes) -> list[tuple[float, float]]:
    """Return the shaded days, from and to."""
    shaded = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    return [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in shaded]


def uprights(ax: Axes) -> list[float]:
    lines = [path for item in ax.collections for path in item.get_paths()]
    return [float(path.vertices[0, 0]) for path in lines]  # type: ignore[index]


def words_of(ax: Axes, said: str) -> Text:
    (found,) = [text for text in ax.findobj(Text) if text.get_text() == said]
    assert isinstance(found, Text)
    return found


def test_return_curve_marks_the_lapse_within_its_reach_only() -> None:
    ax = FULL["return_curve"]()
    assert "lapsed: 203 days" in texts(ax) and uprights(ax) == [65, 203]
    solid, dashed = (item.get_linestyle()[0][1] for item in ax.collections)
    assert solid is None and dashed is not None
    short = made.changed(made.cycle(), tau_days=150, cycle_days=40)
    beyond = plots.plot_return_curve(made.return_curve(), short, SPEECH)
    assert not any("lapsed" in text for text in texts(beyond)) and uprights(beyond) == [40]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"settled": True, "cycle_ci95": (63.0, 67.0)}, (63, 67)),
        ({"cycle_upper": 97, "bounds_low": 60.0, "bounds_high": 110.0}, (60, 110)),
        ({"cycle_upper": 97, "bounds_low": 60.0, "bounds_high": 900.0}, (60, 543)),
    ],
)
def test_return_curve_shades_the_interval(
    figures: dict[str, Any], expected: tuple[float, float]
) -> None:
    result = made.changed(made.cycle(), **figures)
    ax = plots.plot_return_curve(made.return_curve(), result, SPEECH)
    assert bands(ax) == [pytest.approx(expected)]


def test_return_curve_lets_an_open_interval_fade_under_an_arrow() -> None:
    ax = FULL["return_curve"]()
    faded = bands(ax)
    alphas = [patch.get_alpha() or 0 for patch in ax.patches if isinstance(patch, Rectangle)]
    assert faded[0][0] == 63 and faded[-1][1] < 543
    assert alphas == sorted(alphas, reverse=True) and alphas[0] == 1 and alphas[-1] < 0.1
    arrows = [text for text in ax.texts if isinstance(text, Annotation) and text.arrow_patch]
    assert any(arrow.xyann == (63, 0.97) and arrow.xy[0] > 200 for arrow in arrows)


@pytest.mark.parametrize("top", [0.03, 0.1, 0.3, 0.6, 0.97])
@pytest.mark.parametrize(("cycle", "lapse"), [(3, 4), (65, 203), (65, 66), (300, 320), (520, 540)])
def test_return_curve_names_never_cover_each_other(top: float, cycle: int, lapse: int) -> None:
    result = made.changed(
        made.cycle(),
        cycle_days=cycle,
        lapse_days=lapse,
        bounds_low=cycle - 2.0,
        not_back_share=1 - top,
    )
    frame = made.return_curve(top=top).assign(
        share_back_pooled=lambda f: np.minimum(1, 1.3 * f["share_back"])
    )
    ax = plots.plot_return_curve(frame, result, SPEECH)
    assert isinstance(ax.figure, Figure)
    ax.figure.draw_without_rendering()
    boxes = {text.get_text(): text.get_window_extent() for text in ax.texts if text.get_text()}
    assert len(boxes) == 4
    for name, box in boxes.items():
        assert [other for other in boxes if box.overlaps(boxes[other])] == [name]


def test_return_curve_without_a_cycle_is_still_drawn() -> None:
    ax = plots.plot_return_curve(made.return_curve(), made.no_cycle(), SPEECH)
    assert not any("cycle" in text for text in texts(ax))
    assert len(ax.lines) == 2


@pytest.mark.parametrize("longest", [1, 2, 39, 40, 41, 500, 5_000])
def test_gap_histogram_shows_all_weight_in_bars_of_whole_days(longest: int) -> None:
    frame = made.gap_histogram(longest)
    ax = plots.plot_gap_histogram(frame, made.cycle(), SPEECH)
    assert sum(heights(ax)[0]) == pytest.approx(1)
    widths = {round(bar.get_width(), 9) for bar in ax.containers[0]}  # type: ignore[attr-defined]
    assert len(widths) == 1 and float(widths.pop()).is_integer()
    assert len(heights(ax)[0]) <= 41


def test_gap_histogram_marks_both_medians_and_longer_gaps() -> None:
    ax = FULL["gap_histogram"]()
    assert {"usual median: 34 days", "cycle: 65 days", "all longer gaps together"} <= set(texts(ax))
    assert [line.get_xdata()[0] for line in ax.lines] == [34, 65]  # type: ignore[index]


@pytest.mark.parametrize(
    ("longest", "found", "expected"),
    [
        (40, ["week"], {"1 week": True, "2 weeks": False, "1 month": False}),
        (500, ["week"], {"1 week": True, "1 quarter": False}),
        (500, ["month"], {"1 month": True, "1 quarter": False}),
        (1_500, [], {"1 week": False, "1 quarter": False}),
        (5, ["week"], {}),
    ],
)
def test_gap_histogram_names_periods_of_the_calendar(
    longest: int, found: list[str], expected: dict[str, bool]
) -> None:
    week = made.rhythms()[0]
    rhythm = [week.model_copy(update={"period": name}) for name in found]
    result = made.changed(made.cycle(), rhythm=rhythm)
    ax = plots.plot_gap_histogram(made.gap_histogram(longest), result, SPEECH)
    named = {
        text.get_text(): text.get_weight() == "bold"
        for text in ax.texts
        if text.get_text().startswith(("1 ", "2 "))
    }
    assert named == expected
    low, high = ax.get_xlim()
    if "1 week" in expected:
        mark = words_of(ax, "1 week")
        assert isinstance(mark, Annotation) and mark.xy == ((7 - low) / (high - low), 1)


def days(ax: Axes) -> list[Rectangle]:
    """Return the cells of days, without the samples of the key."""
    key = max(patch.get_y() for patch in ax.patches if isinstance(patch, Rectangle))
    return [
        patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_y() < key - 0.01
    ]


def test_sales_calendar_puts_every_day_in_its_place() -> None:
    day = pd.to_datetime(["1997-12-31", "1998-01-01", "1998-01-04", "1998-01-05", "1998-12-31"])
    frame = pd.DataFrame({"day": day, "occasions": [4, 4, 0, 2, 8]})
    ax = plots.plot_sales_calendar(frame, made.no_cycle(), SPEECH)
    cells = [(int(cell.get_x()), int(cell.get_y() // 1)) for cell in days(ax)]
    # a Wednesday; below it a Thursday, the first Sunday, the Monday after it, the last Thursday
    assert cells == [(52, 2), (0, 11), (0, 14), (1, 8), (52, 11)]
    assert {"1997", "1998"} <= set(texts(ax))


def test_sales_calendar_shades_by_the_median_day() -> None:
    day = pd.date_range("2024-01-01", periods=7)
    frame = pd.DataFrame({"day": day, "occasions": [50, 100, 100, 100, 200, 9_000, 0]})
    cells = days(plots.plot_sales_calendar(frame, made.no_cycle(), SPEECH))
    light = [sum(cell.get_facecolor()[:3]) for cell in cells]
    assert light[0] > light[1] == light[2] == light[3] > light[4] > light[5]
    assert cells[6].get_facecolor()[:3] == pytest.approx(to_rgb("#F2F2F2"))
    assert light[6] - light[0] > 0.3, "a day without sales is not taken for one with few"


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [
        ("1997-01-01", "1998-06-30", ["1997", "1998"]),
        ("1990-05-03", "2000-02-29", ["1997", "1998", "1999", "2000"]),
        ("2012-01-01", "2012-12-31", ["2012"]),
        ("2023-06-05", "2023-06-05", ["2023"]),
    ],
)
def test_sales_calendar_draws_the_latest_four_years(
    first: str, last: str, years: list[str]
) -> None:
    frame = made.sales_calendar(first, last)
    ax = plots.plot_sales_calendar(frame, made.cycle(), SPEECH, title="x")
    shown = frame[frame["day"] >= f"{years[0]}-01-01"]
    said = texts(ax)
    assert [text for text in said if text.isdigit() and len(text) == 4] == years
    assert len(days(ax)) == len(shown)
    assert {"Jan", "Dec", "fewer", "more purchases"} <= set(said)
    assert f"{shown['occasions'].sum():,} purchases" in ax.get_xlabel()
    assert ("no sales" in said) == bool((shown["occasions"] == 0).any())
    assert len(drawn(ax)) < 100_000


def test_sales_calendar_of_years_without_sales_is_pale() -> None:
    """Looked at long after the last purchase, the latest four years hold none."""
    frame = made.sales_calendar("2018-01-01", "2026-10-31")
    frame = frame.assign(occasions=frame["occasions"].where(frame["day"] < "2019-06-01", 0))
    ax = plots.plot_sales_calendar(frame, made.cycle(), SPEECH, title="x")
    said = texts(ax)
    assert [text for text in said if text.isdigit() and len(text) == 4][:4] == [
        str(year) for year in range(2023, 2027)
    ]
    assert "no sales" in said and "0 purchases" in ax.get_xlabel()


def test_sales_calendar_writes_numbers_on_the_tones_of_its_key() -> None:
    frame = made.sales_calendar()
    ax = plots.plot_sales_calendar(frame, made.cycle(), SPEECH)
    numbers = [int(text) for text in texts(ax) if text.isdigit() and text not in ("1997", "1998")]
    assert numbers == sorted(numbers) and len(numbers) == 5
    assert numbers[2] == frame["occasions"].median()
    rare = frame.assign(occasions=[1, 0, 0] * (len(frame) // 3) + [0] * (len(frame) % 3))
    few = plots.plot_sales_calendar(rare, made.cycle(), SPEECH)
    assert [text for text in texts(few) if text in "123"] == ["1", "2"]
    assert "1 on a typical day with sales" in few.get_xlabel()
    many = plots.plot_sales_calendar(made.sales_calendar(typical=5e7), made.cycle(), SPEECH)
    assert "50M" in texts(many)


def test_sales_calendar_names_the_busiest_day_where_purchases_follow_the_week() -> None:
    frame = made.sales_calendar("2023-01-01", "2023-12-31")
    ax = plots.plot_sales_calendar(frame, made.cycle(), SPEECH)
    assert words_of(ax, "Sat").get_weight() == "bold" and "Sun" not in texts(ax)
    plain = plots.plot_sales_calendar(frame, made.changed(made.cycle(), rhythm=[]), SPEECH)
    assert words_of(plain, "Sun").get_weight() == "normal" and "Sat" not in texts(plain)


def test_sales_calendar_of_days_without_sales_is_not_drawn() -> None:
    frame = made.sales_calendar().assign(occasions=0)
    assert not plots.plot_sales_calendar(frame, made.cycle(), SPEECH).axison


SEASONAL: dict[str, Any] = {"history_days": 1_200, "season_strength": 0.7, "season_chance": 0.4}


def test_season_marks_the_highest_and_the_lowest_week() -> None:
    result = made.changed(made.cycle(), **SEASONAL)
    ax = plots.plot_season(made.season(), result, SPEECH)
    assert {"+41% (Dec)", "−17% (Feb)"} <= set(texts(ax))
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == [50 * 7 - 3.5, 6 * 7 - 3.5]  # type: ignore[index]
    curve = next(line for line in ax.lines if line.get_color() == style.COLOURS["returning"])
    assert np.asarray(curve.get_ydata()) == pytest.approx(made.season()["factor"] - 1)
    assert "3.3 years" in ax.get_xlabel()
    assert [name.get_text() for name in ax.get_xticklabels(minor=True)][::11] == ["Jan", "Dec"]
    assert "+20%" in [tick.get_text() for tick in ax.get_yticklabels()]


@pytest.mark.parametrize(
    "figures", [{"season_strength": 0.3}, {"season_strength": 0.4}, {"season_strength": None}]
)
def test_season_that_chance_may_have_drawn_is_grey(figures: dict[str, Any]) -> None:
    result = made.changed(made.cycle(), **(SEASONAL | figures))
    ax = plots.plot_season(made.season(), result, SPEECH)
    colours = {line.get_color() for line in ax.lines}
    assert style.COLOURS["muted"] in colours and style.COLOURS["returning"] not in colours


@pytest.mark.parametrize("factors", [[1.0] * 52, [0.4] * 50 + [11.0] * 2, [1.3] + [0.99] * 51])
def test_season_of_any_height_stays_inside_the_figure(factors: list[float]) -> None:
    frame = pd.DataFrame({"week": range(1, 53), "factor": factors})
    ax = plots.plot_season(frame, made.cycle(), SPEECH)
    ticks = [tick.get_text() for tick in ax.get_yticklabels()]
    assert len(set(ticks)) == len(ticks) > 1
    labels = [text for text in ax.texts if text.get_text()]
    assert len(labels) == (0 if max(factors) == min(factors) else 2)
    low, high = ax.get_ylim()
    assert low < min(factors) - 1 and high > max(factors) - 1


def stratum(**figures: Any) -> Stratum:
    return made.strata()[-1].model_copy(update=figures)


def test_strata_draw_cycle_interval_and_number_by_kind() -> None:
    ax = FULL["strata"]()
    said = texts(ax)
    names = [text for text in said if not text.startswith("n = ")]
    assert names[:7] == [
        "Order",
        "after the first",
        "after the second",
        "after later ones",
        "Channel",
        "newsletter",
        "social media",
    ]
    assert next(text for text in said if text.startswith("n = ")) == "n = 23,570"
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == [82, 60, 44, 52, 91]  # type: ignore[index]
    ends = [path.vertices[:, 0].tolist() for item in ax.collections for path in item.get_paths()]  # type: ignore[index]
    assert ends == [[79, 85], [57, 63], [43, 46], [50, 55], [84, 97]]
    assert "all customers: 65 days" in said
    (whole,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert list(whole.get_xdata()) == [65, 65]


def test_strata_of_one_kind_stand_together_whatever_their_order() -> None:
    mixed = [stratum(kind="owner", name="Ann"), *made.strata(), stratum(kind="owner", name="Bo")]
    ax = plots.plot_strata(made.changed(made.cycle(), strata=mixed), SPEECH)
    heights = {text.get_text(): text.xy[1] for text in ax.texts if isinstance(text, Annotation)}
    assert heights["Bo"] - heights["Ann"] == 1 and texts(ax).count("Owner") == 1


def test_strata_without_a_cycle_of_the_whole_have_no_line() -> None:
    ax = plots.plot_strata(made.changed(made.cycle(), cycle_days=None), SPEECH)
    assert not any("all customers" in text for text in texts(ax))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("$x_1$ <b>&amp;</b>", "$x_1$ <b>&amp;</b>"),
        (r"\alpha^{", r"\alpha^{"),
        ("{name} %s", "{name} %s"),
        ("two\nlines\tand  blanks", "two lines and blanks"),
        ("a name much longer than any figure holds", "a name much longer th…"),
        ("Łódź, Αθήνα", "Łódź, Αθήνα"),
        ("東京 shop", "□□ shop"),
        ("n" * 22, "n" * 22),
    ],
)
def test_strata_write_the_clients_names_as_they_are(name: str, expected: str) -> None:
    strata = [stratum(name=name)]
    ax = plots.plot_strata(made.changed(made.cycle(), strata=strata), SPEECH)
    assert not words_of(ax, expected).get_parse_math()
    drawn(ax)


def test_strata_grow_with_their_number_and_keep_their_rows_apart() -> None:
    kinds = ("segment", "channel", "owner")
    rows = [stratum(kind=kind, name=f"{kind} {at}") for kind in kinds for at in range(8)]
    one = plots.plot_strata(made.changed(made.cycle(), strata=rows[:1]), SPEECH)
    ax = plots.plot_strata(made.changed(made.cycle(), strata=made.strata()[:3] + rows), SPEECH)
    assert isinstance(ax.figure, Figure) and isinstance(one.figure, Figure)
    assert one.figure.get_figheight() < 2.5 and 8 < ax.figure.get_figheight() < 11
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    for at, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[at + 1 :])


def test_one_wide_interval_does_not_squeeze_the_others() -> None:
    wide = stratum(name="few", cycle_days=70, cycle_ci95=(10.0, 9_000.0))
    result = made.changed(made.cycle(), strata=[*made.strata(), wide])
    ax = plots.plot_strata(result, SPEECH)
    assert ax.get_xlim()[1] < 300
    (arrow,) = [line for line in ax.lines if line.get_marker() == ">"]
    assert arrow.get_xdata()[0] == ax.get_xlim()[1]  # type: ignore[index]


def test_lapse_race_draws_the_best_rule_first_and_its_name_bold() -> None:
    ax = FULL["lapse_race"]()
    names = {name.get_text().replace("\n", " "): name for name in ax.get_yticklabels()}
    assert list(names) == [
        "silent for 203 days",
        "P(alive) below ½, MBG/NBD",
        "P(alive) below ½, Pareto/NBD",
        "less than 10% likely to buy, MBG/NBD",
        "silent for two cycles (130 days)",
        "P(alive) below ½, BG/NBD",
    ]
    bold = [name for name, text in names.items() if text.get_weight() == "bold"]
    assert bold == ["silent for 203 days"]
    caught = [bars[0].get_width() for bars in ax.containers[::2]]  # type: ignore[attr-defined, index]
    wrong = [bars[0].get_width() for bars in ax.containers[1::2]]  # type: ignore[attr-defined, index]
    assert caught == [0.8253, 0.8256, 0.7981, 0.7464, 0.8752, 0.1709]
    assert wrong == [0.0848, 0.0912, 0.0821, 0.0665, 0.1027, 0.1890]
    (limit,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert list(limit.get_xdata()) == [0.10, 0.10]
    assert {"10.3%", "88%", "n = 4,016", "at most 10% may come back"} <= set(texts(ax))


def test_lapse_race_marks_the_rule_that_may_not_win() -> None:
    ax = FULL["lapse_race"]()
    barred = [bars[0] for bars in ax.containers[-2:]]  # type: ignore[index]
    assert {bar.get_facecolor()[:3] for bar in barred} == {to_rgb("white")}
    assert all(bar.get_hatch() == style.HATCHES["immature"] for bar in barred)
    assert "17% (may not win)" in texts(ax)
    first = [bars[0].get_facecolor()[:3] for bars in ax.containers[:2]]  # type: ignore[index]
    assert first == [to_rgb(style.COLOURS["returning"]), to_rgb(style.COLOURS["lost"])]


def test_lapse_race_without_a_winner_has_no_bold_name() -> None:
    tests = [test.model_copy(update={"false_lost": 0.5}) for test in made.lapse_race()]
    result = made.changed(made.cycle(), lapse_race=tests, lapse_rule=None)
    ax = plots.plot_lapse_race(result, SPEECH)
    assert {name.get_weight() for name in ax.get_yticklabels()} == {"normal"}
    assert ax.get_yticklabels()[0].get_text().startswith("silent for two cycles")


@pytest.mark.parametrize("caught", [0.0, 0.07, 0.1, 0.45, 0.7, 1.0])
@pytest.mark.parametrize("wrong", [0.0, 0.08, 0.4, 0.99, 1.0])
def test_lapse_race_numbers_stay_in_the_figure_and_off_the_limit(
    caught: float, wrong: float
) -> None:
    shares = {"caught": caught, "false_lost": wrong}
    tests = [test.model_copy(update=shares) for test in made.lapse_race()]
    ax = plots.plot_lapse_race(made.changed(made.cycle(), lapse_race=tests), SPEECH)
    assert isinstance(ax.figure, Figure)
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    limit = ax.transData.transform((0.10, 0))[0]
    assert not any(box.x0 < limit < box.x1 for box in boxes)
    for at, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[at + 1 :])


def test_rates_draw_dots_intervals_formula_and_n() -> None:
    result = made.changed(
        made.retention(),
        first_time_rate=0.2,
        first_time_ci95=(0.15, 0.25),
        first_time_customers=40,
        returning_customers=7_365,
    )
    ax = plots.plot_rates(result, SPEECH)
    said = set(texts(ax))
    assert {
        "55.2% (54.1% to 56.3%)",
        "20.0% (15.0% to 25.0%)",
        "classic formula: 80.9%",
        "First-time\nn = 40",
    } <= said
    diamond = next(line for line in ax.lines if line.get_marker() == "D")
    assert diamond.get_xdata()[0] == 0.809  # type: ignore[index]
    assert diamond.get_markerfacecolor() == "white"
    segments = [
        path.vertices[:, 0].tolist() for item in ax.collections for path in item.get_paths()
    ]  # type: ignore[index]
    assert [0.15, 0.25] in segments and [0.541, 0.563] in segments


def test_rates_of_an_empty_population_say_so_and_wide_formula_fits() -> None:
    assert "no such customers in the earlier window" in texts(FULL["rates"]())
    wide = plots.plot_rates(made.changed(made.retention(), formula_rate=1.35), SPEECH)
    assert wide.get_xlim()[1] > 1.35


def test_flow_adds_up_and_names_every_part() -> None:
    ax = FULL["flow"]()
    bars = [bar[0] for bar in heights(ax)]
    assert bars == [4_088, 3_317, 4_088, 1_906, 0]
    assert {"3,317\ndid not come back", "1,906\nback after a pause", "0\nfirst-time"} <= set(
        texts(ax)
    )


@pytest.mark.parametrize("parts", [(0, 0, 0), (1, 1, 10**7), (10**7, 1, 1), (5, 5, 5)])
def test_flow_labels_never_cover_each_other(parts: tuple[int, int, int]) -> None:
    kept, old, new = parts
    result = made.changed(
        made.retention(),
        start_customers=kept + 1,
        lost_customers=1,
        end_customers=sum(parts),
        retained_customers=kept,
        resurrected_customers=old,
        new_customers=new,
    )
    ax = plots.plot_flow(result, SPEECH)
    assert isinstance(ax.figure, Figure)
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    for at, one in enumerate(boxes):
        assert not any(one.overlaps(two) for two in boxes[at + 1 :])


@pytest.mark.parametrize(
    ("number", "periods", "unit"),
    [(3, 18, "month"), (36, 36, "month"), (1, 3, "quarter"), (40, 40, "quarter")],
)
def test_cohorts_hatch_what_cannot_be_judged(number: int, periods: int, unit: str) -> None:
    frame = made.cohorts(number, periods, unit)
    ax = plots.plot_cohorts(frame, SPEECH, title="x")
    later = frame[frame["period"] > 0]
    hatched = [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_hatch()]
    assert len(hatched) == later["rate"].isna().sum() > 0
    shades = ax.collections[0].get_array()
    assert shades is not None
    assert np.ma.count(shades) == later["rate"].notna().sum()
    names = [name.get_text() for name in ax.get_yticklabels()]
    first = "Q1 1997" if unit == "quarter" else "Jan 1997"
    assert names[0] == f"{first}, n = 8,000" and len(names) <= 26
    assert {name.get_rotation() for name in ax.get_yticklabels()} == {0}
    assert ("Quarters" if unit == "quarter" else "Months") in ax.get_xlabel()
    assert len(drawn(ax)) < 300_000


def test_cohorts_of_zero_differ_from_cohorts_unknown() -> None:
    frame = made.cohorts(2, 4)
    frame.loc[frame["rate"].notna() & (frame["period"] == 1), "rate"] = 0.0
    ax = plots.plot_cohorts(frame, SPEECH)
    assert [text.get_text() for text in ax.texts].count("0") == 2


def test_cohorts_that_are_all_immature_are_not_drawn() -> None:
    frame = made.cohorts(2, 2).assign(rate=np.nan)
    assert not plots.plot_cohorts(frame, SPEECH).axison


def test_an_axis_of_zeros_names_each_tick_once() -> None:
    nothing = made.calibration().assign(actual=0.0, predicted=0.0)
    ax = plots.plot_calibration(nothing, SPEECH)
    ax.figure.canvas.draw()
    said = [label.get_text() for label in ax.get_yticklabels()]
    assert len(said) == len(set(said)) > 2


def test_calibration_draws_both_lines_and_their_names() -> None:
    frame = made.calibration()
    ax = plots.plot_calibration(frame, SPEECH)
    assert ax.lines[0].get_ydata().tolist() == frame["actual"].tolist()  # type: ignore[union-attr]
    assert ax.lines[1].get_ydata().tolist() == frame["predicted"].tolist()  # type: ignore[union-attr]
    assert {"made", "predicted", "7+\n871"} <= set(texts(ax))


def test_lorenz_marks_the_largest_fifth() -> None:
    ax = FULL["concentration"]()
    held = 1 - 0.8**5
    dot = next(line for line in ax.lines if line.get_marker() == "o")
    assert dot.get_ydata()[0] == pytest.approx(held)  # type: ignore[index]
    assert f"20% of customers:\n{held:.0%} of spend" in texts(ax)


def test_states_draw_both_shares_in_the_colour_of_the_state() -> None:
    ax = FULL["states"]()
    widths = [bar[0].get_width() for bar in ax.containers]  # type: ignore[attr-defined, index]
    assert widths == [0.17, 0.42, 0.025, 0.06, 0.805, 0.52]
    assert ax.containers[5][0].get_facecolor()[:3] == to_rgb(style.COLOURS["lost"])  # type: ignore[attr-defined, index]
    assert {"80% of customers", "52% of past spend"} <= set(texts(ax))
    assert max(ax.get_xticks()) <= 1


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_huge_and_tiny_figures_are_drawn(scale: float) -> None:
    small = made.calibration().assign(actual=lambda f: f["actual"] * scale)
    sales = plots.plot_monthly_sales(made.monthly_sales(18, scale), SPEECH)
    forecast = plots.plot_calibration(small, SPEECH)
    for ax, axis in ((sales, "yaxis"), (forecast, "yaxis")):
        drawn(ax)
        shown = [tick.get_text() for tick in getattr(ax, axis).get_ticklabels()]
        assert len(set(shown)) == len(shown) > 1, "every tick has a name of its own"


def test_axis_of_shares_never_shows_a_rounded_tick_twice() -> None:
    for top in (0.004, 0.03, 0.18, 0.5, 1.0, 1.5):
        ax = Figure().add_subplot()
        ax.set_ylim(0, top)
        style.in_shares(ax.yaxis, SPEECH)
        shown = [tick.get_text() for tick in ax.get_yticklabels()]
        assert len(set(shown)) == len(shown) >= 3


# --- showing ------------------------------------------------------------------


def test_show_emits_one_picture_with_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr(style, "display", lambda data, **kw: shown.append((data, kw)))
    plots.show(FULL["concentration"](title="x"), "A curve.")
    ((data, kwargs),) = shown
    picture = base64.b64decode(data["image/png"])
    assert kwargs["raw"] is True and kwargs["metadata"]["image/png"]["alt"] == "A curve."
    assert data["text/plain"] == "A curve."
    assert struct.unpack(">II", picture[16:24]) == (1280, 800)
    for chunk in (b"tEXt", b"tIME", b"iTXt"):
        assert chunk not in picture


def test_show_closes_a_figure_that_pyplot_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "display", lambda data, **kw: None)
    figure = plt.figure()
    plots.show(figure.add_subplot(), "x")
    assert not plt.fignum_exists(figure.number)  # type: ignore[arg-type]
