"""What the figures of notebook 03 hold: room, growth, cohorts, second purchases, parts."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text

from retention_lib.plots import retention_rate as sections
from retention_lib.plots import style
from retention_lib.results import ChartPeriod, GrowthPeriod, RatePart, Retention
from retention_lib.retention_rate import flow, growth, parts, rates
from retention_lib.retention_rate.growth import accounted
from retention_lib.speech import Speech
from tests import made
from tests.figures import (
    assert_readable,
    assert_ticks_apart,
    draw_cohorts,
    draw_growth,
    draw_parts,
    draw_rates,
    draw_second_purchase,
    marks,
    texts,
)

SPEECH = Speech()
POLISH = Speech("pl", "pl", "PLN")
FULL = made.full_retention()


def text_of(ax: Axes, said: str) -> Text:
    (found,) = [text for text in ax.findobj(Text) if text.get_text() == said]
    assert isinstance(found, Text)
    return found


def dotted(ax: Axes) -> list[list[float]]:
    return [
        path.vertices[:, 0].tolist()  # type: ignore[index]
        for item in ax.collections
        if hasattr(item, "get_segments") and item.get_linestyle()[0][1] is not None
        for path in item.get_paths()
    ]


# --- rates and their room -----------------------------------------------------


def no_churn(**figures: Any) -> Any:
    assert FULL.no_churn is not None
    return FULL.no_churn.model_copy(update=figures)


def test_rates_draw_the_room_up_to_what_nobody_leaving_would_give() -> None:
    ax = draw_rates(FULL, SPEECH)
    ticks = [x for x, _ in marks(ax, "|", style.COLOURS["predicted"])]
    assert ticks == [0.842, 0.861, 0.803]
    assert dotted(ax) == [[0.557, 0.842], [0.589, 0.861], [0.490, 0.803]]
    assert {
        "if nobody had left: 84%",
        "if nobody had left: 86%",
        "if nobody had left: 80%",
    } <= set(texts(ax))
    (band,) = [item for item in ax.collections if not hasattr(item, "get_segments")]
    across = band.get_paths()[0].vertices[:, 0]  # type: ignore[index]
    assert (across.min(), across.max()) == (0.79, 0.85)
    assert "pale band: range over models" in ax.get_xlabel()
    assert_readable(ax)


def test_expectations_of_regular_buyers_are_lower_bounds() -> None:
    said = texts(draw_rates(FULL, SPEECH, at_least=True))
    assert "if nobody had left: at least 84%" in said and "if nobody had left: 84%" not in said


def test_rates_without_an_expectation_draw_none() -> None:
    ax = draw_rates(made.changed(FULL, no_churn=None), SPEECH)
    assert not any("nobody" in text for text in texts(ax)) and not dotted(ax)
    assert "band" not in ax.get_xlabel()
    green = to_rgb(style.COLOURS["predicted"])
    assert green not in {to_rgb(line.get_color()) for line in ax.lines}
    assert_readable(ax)


def test_population_without_an_expectation_has_none() -> None:
    ax = draw_rates(made.changed(FULL, no_churn=no_churn(first_time=None)), SPEECH)
    assert len(marks(ax, "|", style.COLOURS["predicted"])) == 2


def test_rate_above_its_expectation_leaves_no_room() -> None:
    ax = draw_rates(made.changed(FULL, no_churn=no_churn(expectation=0.5)), SPEECH)
    assert dotted(ax) == [[0.589, 0.861], [0.490, 0.803]]
    assert "if nobody had left: 50%" in texts(ax)


def test_one_model_alone_has_no_range_to_explain() -> None:
    one = no_churn(lowest=0.842, highest=0.842)
    assert "band" not in draw_rates(made.changed(FULL, no_churn=one), SPEECH).get_xlabel()


def test_classic_formula_stands_between_its_row_and_the_next() -> None:
    ax = draw_rates(FULL, SPEECH)
    ((x, height),) = marks(ax, "D", style.COLOURS["all"])
    whole, established, _ = ax.get_yticks()
    assert x == 0.748 and established < height < whole


@pytest.mark.parametrize(("speech", "at_least"), [(SPEECH, True), (POLISH, False)])
@pytest.mark.parametrize("rate", [0.0, 0.3, 0.5, 0.7, 0.999, 1.0])
@pytest.mark.parametrize("formula", [0.0, 0.5, 1.0, 1.4, 80.0, None])
def test_rates_of_any_height_stay_readable(
    rate: float, formula: float | None, at_least: bool, speech: Speech
) -> None:
    result = made.changed(
        FULL,
        formula_rate=formula,
        retained_rate=rate,
        retained_ci95=(max(rate - 0.1, 0.0), min(rate + 0.1, 1.0)),
        returning_rate=rate,
        returning_ci95=None,
        no_churn=no_churn(expectation=rate, returning=1.0, first_time=0.0, lowest=0.0, highest=1.0),
    )
    assert_readable(draw_rates(result, speech, at_least=at_least))


def test_formula_far_beyond_all_ends_in_an_arrow() -> None:
    ax = draw_rates(made.changed(FULL, formula_rate=80.0), SPEECH)
    ((x, _),) = marks(ax, ">", style.COLOURS["all"])
    assert x == ax.get_xlim()[1] == 1.5 and "classic formula: 8,000.0%" in texts(ax)


# --- growth -------------------------------------------------------------------

FREQUENCIES: dict[ChartPeriod, str] = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


def spans(unit: ChartPeriod, number: int) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    if unit == "half-year":
        starts = pd.date_range("2020-01-01", periods=number + 1, freq="6MS")
        ends = starts - pd.Timedelta(days=1)
        return list(zip(starts, ends[1:], strict=False))
    periods = pd.period_range("2020-01-01", periods=number, freq=FREQUENCIES[unit])
    return [(period.start_time, period.end_time) for period in periods]


def growing(
    unit: ChartPeriod = "month",
    number: int = 9,
    *,
    new: int = 300,
    back: int = 100,
    lost: int = 420,
    outpaced: int = 2,
) -> Retention:
    """A client whose last ``outpaced`` periods lost more customers than came."""
    periods = [
        GrowthPeriod(
            start=start.date(),
            end=end.date(),
            active=1_000,
            new=new + at,
            retained=600,
            resurrected=back,
            lost=lost if at else None,
            quick_ratio=None,
        )
        for at, (start, end) in enumerate(spans(unit, number))
    ]
    growth = accounted(unit, periods).model_copy(update={"outpaced_periods": outpaced})
    return made.changed(made.full_retention(), growth=growth)  # type: ignore[no-any-return]


def heights(ax: Axes) -> list[list[float]]:
    return [[float(bar.get_height()) for bar in bars] for bars in ax.containers]  # type: ignore[attr-defined]


def shaded(ax: Axes) -> list[tuple[float, float]]:
    """Return the shaded stretches, from and to: bars stand in containers, these do not."""
    bars = {bar for bars in ax.containers for bar in bars}
    found = [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch not in bars]
    return [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in found]


def test_growth_draws_comings_over_leavings_and_their_balance() -> None:
    ax = draw_growth(FULL, SPEECH)
    new, back, lost = heights(ax)
    assert new == [620, 560, 540, 500, 480, 390, 350, 310]  # not the first quarter's 900
    assert back == [0, 90, 160, 210, 230, 240, 240, 230]
    assert lost == [-370, -510, -570, -630, -640, -720, -670, -630]
    assert [bar.get_y() for bar in ax.containers[1]] == new  # type: ignore[attr-defined]
    (net,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert list(np.ravel(net.get_ydata())) == [250, 140, 130, 80, 70, -90, -80, -90]
    assert "net:\n-90" in texts(ax)
    kinds = [(bars[0].get_facecolor()[:3], bars[0].get_hatch()) for bars in ax.containers]  # type: ignore[index, attr-defined]
    assert kinds == [
        (to_rgb(style.COLOURS[kind]), style.HATCHES[kind])
        for kind in ("new", "resurrected", "lost")
    ]
    assert_readable(ax)


def test_growth_marks_since_when_leavers_outpace_arrivals() -> None:
    ax = draw_growth(FULL, SPEECH)
    assert shaded(ax) == [(4.5, 7.5)] and "more leave than come" in texts(ax)
    even = made.changed(FULL, growth=made.growth(outpaced=False))
    ax = draw_growth(even, SPEECH)
    assert not shaded(ax) and "more leave than come" not in texts(ax)


def test_growth_of_long_histories_shows_the_latest_periods() -> None:
    ax = draw_growth(growing("week", 200, outpaced=150), SPEECH)
    assert [len(bars) for bars in heights(ax)] == [24, 24, 24]
    assert heights(ax)[0][-1] == 300 + 199
    assert "latest 24 of 199" in ax.get_xlabel() and "1,000 customers" in ax.get_xlabel()
    assert shaded(ax) == [(-0.5, 23.5)]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("week", "Jan 13\n2020"),
        ("month", "Mar\n2020"),
        ("quarter", "Q3\n2020"),
        ("half-year", "H1\n2021"),
        ("year", "2022"),
    ],
)
def test_growth_names_its_periods(unit: ChartPeriod, expected: str) -> None:
    ax = draw_growth(growing(unit, 3), SPEECH)
    assert ax.get_xticklabels()[-1].get_text() == expected


@pytest.mark.parametrize("speech", [SPEECH, POLISH, Speech("de", "de", "EUR")])
@pytest.mark.parametrize("unit", ["week", "month", "quarter", "half-year", "year"])
@pytest.mark.parametrize("number", [2, 8, 60])
def test_growth_of_any_length_stays_readable(
    unit: ChartPeriod, number: int, speech: Speech
) -> None:
    ax = draw_growth(growing(unit, number, outpaced=1), speech)
    assert 1 <= len(ax.get_xticks()) <= 9
    assert ax.get_xticks()[-1] == min(number - 1, 24) - 1
    assert_readable(ax)


@pytest.mark.parametrize(
    ("new", "back", "lost"),
    [(0, 0, 0), (10**7, 0, 0), (0, 0, 10**7), (0, 10**6, 1), (1, 1, 1), (0, 1, 10**6)],
)
def test_growth_of_any_size_stays_readable(new: int, back: int, lost: int) -> None:
    ax = draw_growth(growing(new=new, back=back, lost=lost), SPEECH)
    low, high = ax.get_ylim()
    assert low < -lost and new + 8 + back < high
    assert_readable(ax)
    floor = Text.get_window_extent(text_of(ax, "more leave than come")).y0
    tops = [bar.get_window_extent().y1 for bars in ax.containers for bar in bars]  # type: ignore[attr-defined]
    assert max(tops) <= floor


def test_growth_of_one_period_cannot_be_judged() -> None:
    assert not draw_growth(growing(number=1, outpaced=0), SPEECH).axison
    none = made.changed(FULL, growth=accounted("week", []))
    assert not draw_growth(none, SPEECH).axison


# --- cohorts ------------------------------------------------------------------


def means_of(frame: pd.DataFrame) -> pd.DataFrame:
    known = frame[frame["rate"].notna()].assign(kept=lambda f: f["rate"] * f["size"])
    sums = known.groupby("period")[["kept", "size"]].sum()
    return pd.DataFrame({"rate": sums["kept"] / sums["size"], "size": sums["size"]}).reset_index()


@pytest.mark.parametrize(
    ("unit", "first", "axis"),
    [
        ("week", "Jan 1, 1997", "Weeks"),
        ("month", "Jan 1997", "Months"),
        ("quarter", "Q1 1997", "Quarters"),
        ("half-year", "H1 1997", "Half-years"),
        ("year", "1997", "Years"),
    ],
)
def test_cohorts_are_named_by_their_unit(unit: str, first: str, axis: str) -> None:
    ax = draw_cohorts(made.cohorts(3, 6).assign(unit=unit), SPEECH)
    assert ax.get_yticklabels()[0].get_text() == f"{first}, n = 8,000"
    assert " ".join(ax.get_xlabel().split()) == (
        f"{axis} since the first purchase (cells: % who bought)"
    )


def test_cohorts_end_in_the_means_over_all() -> None:
    frame = made.cohorts(3, 6)
    means = pd.DataFrame({"period": [0, 1, 2, 3], "rate": [1.0, 0.227, 0.1, np.nan], "size": 110})
    ax = draw_cohorts(frame, SPEECH, means=means)
    row = [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_y() > 3]
    assert [patch.get_x() for patch in row] == [0, 1], "nothing where no mean is known"
    bold = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert bold == ["23", "10", "all, n = 110"]
    shade = ax.collections[0].to_rgba(0.227)  # type: ignore[attr-defined]
    assert row[0].get_facecolor() == pytest.approx(shade)
    low, high = ax.get_ylim()
    assert high == 0 and low == row[0].get_y() + row[0].get_height()


@pytest.mark.parametrize(
    "means", [None, pd.DataFrame(), pd.DataFrame({"period": [1], "rate": [np.nan], "size": [0]})]
)
def test_cohorts_without_means_have_no_such_row(means: pd.DataFrame | None) -> None:
    ax = draw_cohorts(made.cohorts(3, 6), SPEECH, means=means)
    assert ax.get_ylim() == (3, 0) and not any("all" in text for text in texts(ax))


def test_means_above_every_shade_keep_the_darkest() -> None:
    frame = made.cohorts(2, 4).assign(rate=lambda f: 0.0 * f["rate"])
    means = pd.DataFrame({"period": [1, 2], "rate": [0.0, 0.9], "size": [10, 10]})
    ax = draw_cohorts(frame, SPEECH, means=means)
    assert {"0", "90"} <= set(texts(ax))
    assert_readable(ax)


@pytest.mark.parametrize("unit", ["week", "half-year", "year"])
@pytest.mark.parametrize(("number", "periods"), [(1, 3), (11, 12), (27, 27), (200, 200)])
def test_cohorts_of_any_number_stay_readable(unit: str, number: int, periods: int) -> None:
    frame = made.cohorts(number, periods).assign(unit=unit)
    frame["size"] = frame["size"].clip(lower=1)
    ax = draw_cohorts(frame, SPEECH, means=means_of(frame))
    assert len(ax.get_yticks()) <= 26
    assert isinstance(ax.figure, Figure)
    ax.figure.draw_without_rendering()
    assert_ticks_apart(ax)
    whole = next(text for text in ax.texts if text.get_text().startswith("all, n = "))
    last = ax.get_yticklabels()[-1].get_window_extent()
    assert not Text.get_window_extent(whole).overlaps(last)
    assert Text.get_window_extent(whole).x0 >= -1


# --- second purchases ---------------------------------------------------------


def second(
    groups: dict[str, float], *, last: int = 900, customers: float = 4_000.0, tau: float = 90.0
) -> pd.DataFrame:
    """Curves up to the given shares; the first group is watched longest."""
    frames = []
    for at, (name, share) in enumerate(groups.items()):
        day = np.arange(1, max(last - 120 * at, 2) + 1)
        frames.append(
            pd.DataFrame(
                {
                    "group": name,
                    "day": day,
                    "share_back": share * (1 - np.exp(-day / tau)),
                    "at_risk": np.linspace(customers, 10, len(day)),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def test_second_purchase_cuts_curves_where_few_are_watched() -> None:
    frame = second({"all": 0.7, "2022": 0.72, "2023": 0.6})
    ax = draw_second_purchase(frame, FULL, SPEECH)
    curves = [line for line in ax.lines if line.get_drawstyle() == "steps-post"]
    assert len(curves) == 3
    for line, name in zip(curves, ("2023", "2022", "all"), strict=True):
        kept = frame[(frame["group"] == name) & (frame["at_risk"] >= 30)]
        assert np.ravel(line.get_xdata()).tolist() == [0, *kept["day"]]
        assert np.ravel(line.get_ydata()).tolist() == [0, *kept["share_back"]]
    widths = [line.get_linewidth() for line in curves]
    assert widths[-1] > 1.5 * max(widths[:-1])
    assert len({line.get_linestyle() for line in curves}) == 3
    assert text_of(ax, "all").get_weight() == "bold"
    assert "4,000 customers" in ax.get_xlabel()
    assert_readable(ax)


def test_curve_that_was_cut_does_not_begin_again() -> None:
    frame = pd.DataFrame(
        {"group": "all", "day": [1, 2, 3, 4], "share_back": 0.1, "at_risk": [40, 30, 29, 35]}
    )
    ax = draw_second_purchase(frame, FULL, SPEECH)
    (curve,) = [line for line in ax.lines if line.get_drawstyle() == "steps-post"]
    assert np.ravel(curve.get_xdata()).tolist() == [0, 1, 2]


def test_second_purchase_marks_the_window_and_its_rate() -> None:
    ax = draw_second_purchase(second({"all": 0.7}), FULL, SPEECH)
    (line,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert list(np.ravel(line.get_xdata())) == [122, 122]  # 1 September to 31 December
    assert marks(ax, "o", style.COLOURS["all"]) == [(122, 0.623)]
    ends = [path.vertices[:, 1].tolist() for item in ax.collections for path in item.get_paths()]  # type: ignore[index]
    assert ends == [[0.612, 0.635]]
    assert "within 122 days:\n62.3% (61.2% to 63.5%)" in texts(ax)


def test_second_purchase_without_a_rate_or_a_window_is_still_drawn() -> None:
    frame = second({"all": 0.7})
    bare = made.changed(FULL, second_purchase_rate=None, second_purchase_ci95=None)
    assert "one window: 122 days" in texts(draw_second_purchase(frame, bare, SPEECH))
    alone = made.changed(FULL, second_purchase_ci95=None)
    assert "within 122 days:\n62.3%" in texts(draw_second_purchase(frame, alone, SPEECH))
    ax = draw_second_purchase(frame, made.no_retention(), SPEECH)
    assert ax.axison and not any("window" in text for text in texts(ax))


def test_second_purchase_of_too_few_is_not_drawn() -> None:
    for frame in (second({"all": 0.7}, customers=29), second({"2023": 0.7})):
        assert not draw_second_purchase(frame, FULL, SPEECH).axison


def test_year_watched_for_a_few_days_is_not_drawn() -> None:
    frame = pd.concat([second({"all": 0.5}), second({"2023": 0.5}, last=9), second({"2022": 0.4})])
    said = texts(draw_second_purchase(frame, FULL, SPEECH))
    assert "2022" in said and "2023" not in said


def test_second_purchase_draws_the_latest_five_years() -> None:
    groups = {"all": 0.5} | {str(year): 0.4 for year in range(2015, 2025)}
    said = set(texts(draw_second_purchase(second(groups, last=3_000), FULL, SPEECH)))
    assert {"2020", "2021", "2022", "2023", "2024"} <= said and "2019" not in said


@pytest.mark.parametrize("last", [31, 125, 4_000])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("tau", [1.0, 90.0, 900.0])
def test_second_purchase_names_never_cover_each_other(last: int, share: float, tau: float) -> None:
    groups = {"all": share} | {str(year): share for year in range(2020, 2025)}
    low, high = max(share - 0.02, 0.0), min(share + 0.02, 1.0)
    result = made.changed(FULL, second_purchase_rate=share, second_purchase_ci95=(low, high))
    ax = draw_second_purchase(second(groups, last=last, tau=tau), result, SPEECH)
    assert ax.get_ylim()[1] >= share and ax.get_xlim()[1] > 122
    assert_readable(ax)


@pytest.mark.parametrize("last", [125, 400, 4_000])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("tau", [30.0, 90.0, 900.0])
def test_what_the_window_says_covers_no_curve(last: int, share: float, tau: float) -> None:
    frame = second({"all": share, "2023": share, "2024": 0.8 * share}, last=last, tau=tau)
    reached = float(share * (1 - np.exp(-122 / tau)))
    result = made.changed(
        FULL, second_purchase_rate=reached, second_purchase_ci95=(0.9 * reached, reached)
    )
    ax = draw_second_purchase(frame, result, SPEECH)
    assert isinstance(ax.figure, Figure)
    ax.figure.draw_without_rendering()
    (said,) = [text for text in ax.texts if text.get_text().startswith("within")]
    box = Text.get_window_extent(said)
    for line in ax.lines:
        if line.get_drawstyle() == "steps-post":
            assert not box.count_contains(ax.transData.transform(line.get_xydata()))  # type: ignore[arg-type]


# --- parts --------------------------------------------------------------------


def part(**figures: Any) -> RatePart:
    return made.parts()[0].model_copy(update=figures)


def beside(ax: Axes) -> list[str]:
    """Return what stands left of the axis, from top to bottom."""
    return [
        text.get_text()
        for text in ax.texts
        if isinstance(text, Annotation) and text.xy[0] == 0 and text.get_ha() == "right"
    ]


def test_parts_draw_rate_interval_and_number_by_kind() -> None:
    ax = draw_parts(made.parts(), 0.557, SPEECH)
    assert beside(ax) == [
        "Channel",
        "newsletter",
        "strona www",
        "media społecznościowe",
        "First product",
        "Herbata czarna",
        "Imbryk",
        "Zestaw prezentowy",
    ]
    ends = [path.vertices[:, 0].tolist() for item in ax.collections for path in item.get_paths()]  # type: ignore[index]
    assert ends[:2] == [[0.584, 0.677], [0.520, 0.582]] and len(ends) == 6
    assert {"63%, n = 412", "50%, n = 6", "all customers: 55.7%"} <= set(texts(ax))
    (whole,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert list(np.ravel(whole.get_xdata())) == [0.557, 0.557]
    assert_readable(ax)


def test_parts_that_stand_out_are_filled_and_bold_others_hollow() -> None:
    ax = draw_parts(made.parts(), 0.557, SPEECH)
    looks = {
        round(float(np.ravel(line.get_xdata())[0]), 3): (
            line.get_marker(),
            line.get_markerfacecolor() != "white",
        )
        for line in ax.lines
        if line.get_linestyle() != "--"
    }
    assert looks[0.631] == ("^", True) and looks[0.451] == ("v", True)
    assert looks[0.412] == ("v", True) and looks[0.5] == ("o", False)
    assert text_of(ax, "63%, n = 412").get_weight() == "bold"
    assert text_of(ax, "50%, n = 6").get_weight() == "normal"


def test_parts_of_second_purchases_are_those() -> None:
    ax = draw_parts(made.parts(), 0.623, SPEECH, second=True)
    assert {"70%, n = 1,240", "64%, n = 4,000", "all first-time buyers: 62.3%"} <= set(texts(ax))
    assert "second time within one window" in ax.get_xlabel()
    assert text_of(ax, "70%, n = 1,240").get_weight() == "normal"
    assert text_of(ax, "64%, n = 4,000").get_weight() == "bold"
    assert_readable(ax)


def test_parts_of_nobody_are_left_out() -> None:
    gone = part(name="gone", retained_rate=None, retained_ci95=None, start_customers=0)
    assert not draw_parts([gone], 0.5, SPEECH).axison
    ax = draw_parts([gone, part(retained_ci95=None)], None, SPEECH)
    assert beside(ax) == ["Channel", "newsletter"] and not ax.collections
    assert not any("all customers" in text for text in texts(ax))


def test_of_many_parts_the_clear_and_large_ones_are_drawn() -> None:
    kinds = ("product", "segment", "owner", "channel")
    many = [
        part(kind=kind, name=f"{kind} {at}", start_customers=100 + at, clearly="unclear")
        for kind in kinds
        for at in range(8)
    ]
    many.append(part(kind="owner", name="tiny", start_customers=3, clearly="below"))
    ax = draw_parts(many, 0.6, SPEECH)
    rows = [name for name in beside(ax) if " " in name or name == "tiny"]
    assert "tiny" in rows and "segment 7" in rows and "segment 1" not in rows
    assert len([text for text in texts(ax) if ", n = " in text]) == 16
    assert "16 of 33 parts" in ax.get_xlabel()
    headings = [name for name in beside(ax) if name[0].isupper()]
    assert headings == ["Channel", "Owner", "Segment", "First product"]
    assert_readable(ax)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("$x_1$ costs $5", "$x_1$ costs $5"),
        ("two\nlines", "two lines"),
        ("tea 🍵", "tea □"),
        (r"\frac{", r"\frac{"),
        ("{name} %s", "{name} %s"),
        ("a name much longer than any figure holds", "a name much longer th…"),
    ],
)
def test_parts_write_the_clients_names_as_they_are(name: str, expected: str) -> None:
    ax = draw_parts([part(name=name)], 0.5, SPEECH)
    assert not text_of(ax, expected).get_parse_math()
    assert_readable(ax)


@pytest.mark.parametrize("rate", [0.0, 0.002, 0.3, 0.66, 0.999, 1.0])
@pytest.mark.parametrize("whole", [None, 0.0, 0.01, 0.5, 1.0])
@pytest.mark.parametrize("second", [True, False])
def test_parts_of_any_rate_stay_readable(rate: float, whole: float | None, second: bool) -> None:
    ends = (max(rate - 0.05, 0.0), min(rate + 0.05, 1.0))
    wide = "NEWSLETTER WARSZAWA I OKOLICE"
    parts = [
        part(
            name=wide,
            start_customers=12_345_678,
            second_customers=12_345_678,
            retained_rate=rate,
            retained_ci95=ends,
            second_rate=rate,
            second_ci95=ends,
        )
    ]
    ax = draw_parts(parts, whole, SPEECH, second=second)
    assert ax.get_xlim()[0] == 0 and rate <= ax.get_xlim()[1] <= 1
    assert_readable(ax)


# --- frames that an analyst has filtered --------------------------------------

PARTS, RATES = parts.frame(made.parts()), rates.frame(FULL, False)
FLOW, GROWTH = flow.frame(FULL), growth.frame(FULL.growth)


@pytest.mark.parametrize(
    ("plot", "frame"),
    [
        (sections.rates.plot, RATES[RATES["group"] == "returning"]),
        (sections.rates.plot, RATES[RATES["group"] != "formula"]),
        (sections.flow.plot, FLOW[FLOW["part"] != "new"]),
        (sections.growth.plot, GROWTH[GROWTH["start"] < date(2024, 1, 1)]),
        (sections.growth.plot, GROWTH.tail(1)),
        (sections.parts.plot, PARTS[PARTS["kind"] == "product"]),
        (sections.parts.plot, PARTS[PARTS["customers"] > 400]),
        (sections.cohorts.plot, made.cohorts(6, 6).query("size < 7_900")),
        (sections.second_purchase.plot, second({"all": 0.7, "2023": 0.6}).query("day < 200")),
    ],
)
def test_a_filtered_frame_can_be_drawn(plot: Any, frame: pd.DataFrame) -> None:
    ax = plot(frame, SPEECH, title="Some")
    assert ax.axison and ax.get_title(loc="left") == "Some"
    assert_readable(ax)


def test_a_frame_of_nothing_known_says_so() -> None:
    alone = RATES[RATES["group"] == "formula"]
    assert not sections.rates.plot(alone, SPEECH).axison
