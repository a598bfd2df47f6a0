"""What the figures of notebook 02 draw; what holds for every figure is in test_plots.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text

from retention_lib.cycle_detection.lapse import ranked
from retention_lib.plots import style
from retention_lib.plots.cycle_detection import calendar, gaps, lapse, return_curve, season, strata
from retention_lib.results import Stratum
from retention_lib.speech import Speech
from tests import made
from tests.test_plots import drawn, heights, texts

SPEECH = Speech()


def test_return_curve_marks_cycle_and_those_not_back() -> None:
    ax = return_curve.plot(made.return_curve(), SPEECH, made.cycle())
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
    assert expected in texts(return_curve.plot(made.return_curve(), SPEECH, result))


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
    ax = return_curve.plot(made.return_curve(), SPEECH, made.cycle())
    assert "lapsed: 203 days" in texts(ax) and uprights(ax) == [65, 203]
    solid, dashed = (item.get_linestyle()[0][1] for item in ax.collections)
    assert solid is None and dashed is not None
    short = made.changed(made.cycle(), tau_days=150, cycle_days=40)
    beyond = return_curve.plot(made.return_curve(), SPEECH, short)
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
    ax = return_curve.plot(made.return_curve(), SPEECH, result)
    assert bands(ax) == [pytest.approx(expected)]


def test_return_curve_lets_an_open_interval_fade_under_an_arrow() -> None:
    ax = return_curve.plot(made.return_curve(), SPEECH, made.cycle())
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
    ax = return_curve.plot(frame, SPEECH, result)
    assert isinstance(ax.figure, Figure)
    ax.figure.draw_without_rendering()
    boxes = {text.get_text(): text.get_window_extent() for text in ax.texts if text.get_text()}
    assert len(boxes) == 4
    for name, box in boxes.items():
        assert [other for other in boxes if box.overlaps(boxes[other])] == [name]


def test_return_curve_without_a_cycle_is_still_drawn() -> None:
    ax = return_curve.plot(made.return_curve(), SPEECH, made.no_cycle())
    assert not any("cycle" in text for text in texts(ax))
    assert len(ax.lines) == 2


@pytest.mark.parametrize("longest", [1, 2, 39, 40, 41, 500, 5_000])
def test_gap_histogram_shows_all_weight_in_bars_of_whole_days(longest: int) -> None:
    frame = made.gap_histogram(longest)
    ax = gaps.plot(frame, SPEECH, made.cycle())
    assert sum(heights(ax)[0]) == pytest.approx(1)
    widths = {round(bar.get_width(), 9) for bar in ax.containers[0]}  # type: ignore[attr-defined]
    assert len(widths) == 1 and float(widths.pop()).is_integer()
    assert len(heights(ax)[0]) <= 41


def test_gap_histogram_marks_both_medians_and_longer_gaps() -> None:
    ax = gaps.plot(made.gap_histogram(), SPEECH, made.cycle())
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
    ax = gaps.plot(made.gap_histogram(longest), SPEECH, result)
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
    ax = calendar.plot(frame, SPEECH)
    cells = [(int(cell.get_x()), int(cell.get_y() // 1)) for cell in days(ax)]
    # a Wednesday; below it a Thursday, the first Sunday, the Monday after it, the last Thursday
    assert cells == [(52, 2), (0, 11), (0, 14), (1, 8), (52, 11)]
    assert {"1997", "1998"} <= set(texts(ax))


def test_sales_calendar_shades_by_the_median_day() -> None:
    day = pd.date_range("2024-01-01", periods=7)
    frame = pd.DataFrame({"day": day, "occasions": [50, 100, 100, 100, 200, 9_000, 0]})
    cells = days(calendar.plot(frame, SPEECH))
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
    ax = calendar.plot(frame, SPEECH, title="x")
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
    ax = calendar.plot(frame, SPEECH, title="x")
    said = texts(ax)
    assert [text for text in said if text.isdigit() and len(text) == 4][:4] == [
        str(year) for year in range(2023, 2027)
    ]
    assert "no sales" in said and "0 purchases" in ax.get_xlabel()


def test_sales_calendar_writes_numbers_on_the_tones_of_its_key() -> None:
    frame = made.sales_calendar()
    ax = calendar.plot(frame, SPEECH, ["week"])
    numbers = [int(text) for text in texts(ax) if text.isdigit() and text not in ("1997", "1998")]
    assert numbers == sorted(numbers) and len(numbers) == 5
    assert numbers[2] == frame["occasions"].median()
    rare = frame.assign(occasions=[1, 0, 0] * (len(frame) // 3) + [0] * (len(frame) % 3))
    few = calendar.plot(rare, SPEECH)
    assert [text for text in texts(few) if text in "123"] == ["1", "2"]
    assert "1 on a typical day with sales" in few.get_xlabel()
    many = calendar.plot(made.sales_calendar(typical=5e7), SPEECH)
    assert "50M" in texts(many)


def test_sales_calendar_names_the_busiest_day_where_purchases_follow_the_week() -> None:
    frame = made.sales_calendar("2023-01-01", "2023-12-31")
    ax = calendar.plot(frame, SPEECH, ["week"])
    assert words_of(ax, "Sat").get_weight() == "bold" and "Sun" not in texts(ax)
    plain = calendar.plot(frame, SPEECH)
    assert words_of(plain, "Sun").get_weight() == "normal" and "Sat" not in texts(plain)


def test_sales_calendar_of_days_without_sales_is_not_drawn() -> None:
    frame = made.sales_calendar().assign(occasions=0)
    assert not calendar.plot(frame, SPEECH).axison


SEASONAL: dict[str, Any] = {"history_days": 1_200, "season_strength": 0.7, "season_chance": 0.4}


def test_season_marks_the_highest_and_the_lowest_week() -> None:
    result = made.changed(made.cycle(), **SEASONAL)
    ax = season.plot(made.season(), SPEECH, result)
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
    ax = season.plot(made.season(), SPEECH, result)
    colours = {line.get_color() for line in ax.lines}
    assert style.COLOURS["muted"] in colours and style.COLOURS["returning"] not in colours


@pytest.mark.parametrize("factors", [[1.0] * 52, [0.4] * 50 + [11.0] * 2, [1.3] + [0.99] * 51])
def test_season_of_any_height_stays_inside_the_figure(factors: list[float]) -> None:
    frame = pd.DataFrame({"week": range(1, 53), "factor": factors})
    ax = season.plot(frame, SPEECH, made.cycle())
    ticks = [tick.get_text() for tick in ax.get_yticklabels()]
    assert len(set(ticks)) == len(ticks) > 1
    labels = [text for text in ax.texts if text.get_text()]
    assert len(labels) == (0 if max(factors) == min(factors) else 2)
    low, high = ax.get_ylim()
    assert low < min(factors) - 1 and high > max(factors) - 1


def stratum(**figures: Any) -> Stratum:
    return made.strata()[-1].model_copy(update=figures)


def test_strata_draw_cycle_interval_and_number_by_kind() -> None:
    ax = strata.plot(made.strata(), SPEECH, 65)
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
    ax = strata.plot(mixed, SPEECH, 65)
    heights = {text.get_text(): text.xy[1] for text in ax.texts if isinstance(text, Annotation)}
    assert heights["Bo"] - heights["Ann"] == 1 and texts(ax).count("Owner") == 1


def test_some_strata_alone_can_be_drawn() -> None:
    channels = [part for part in made.strata() if part.kind == "channel"]
    names = [text for text in texts(strata.plot(channels, SPEECH, 65)) if "n = " not in text]
    assert names[:3] == ["Channel", "newsletter", "social media"] and "Order" not in names


def test_strata_without_a_cycle_of_the_whole_have_no_line() -> None:
    ax = strata.plot(made.strata(), SPEECH, None)
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
    ax = strata.plot([stratum(name=name)], SPEECH, 65)
    assert not words_of(ax, expected).get_parse_math()
    drawn(ax)


def test_strata_grow_with_their_number_and_keep_their_rows_apart() -> None:
    kinds = ("segment", "channel", "owner")
    rows = [stratum(kind=kind, name=f"{kind} {at}") for kind in kinds for at in range(8)]
    one = strata.plot(rows[:1], SPEECH, 65)
    ax = strata.plot(made.strata()[:3] + rows, SPEECH, 65)
    assert isinstance(ax.figure, Figure) and isinstance(one.figure, Figure)
    assert one.figure.get_figheight() < 2.5 and 8 < ax.figure.get_figheight() < 11
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    for at, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[at + 1 :])


def test_one_wide_interval_does_not_squeeze_the_others() -> None:
    wide = stratum(name="few", cycle_days=70, cycle_ci95=(10.0, 9_000.0))
    ax = strata.plot([*made.strata(), wide], SPEECH, 65)
    assert ax.get_xlim()[1] < 300
    (arrow,) = [line for line in ax.lines if line.get_marker() == ">"]
    assert arrow.get_xdata()[0] == ax.get_xlim()[1]  # type: ignore[index]


def test_lapse_race_draws_the_best_rule_first_and_its_name_bold() -> None:
    ax = lapse.plot(made.lapse_race(), SPEECH)
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
    assert caught == [0.8253, 0.8246, 0.7981, 0.7464, 0.8752, 0.1709]
    assert wrong == [0.0848, 0.0912, 0.0821, 0.0665, 0.1027, 0.1890]
    (limit,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert list(limit.get_xdata()) == [0.10, 0.10]
    assert {"10.3%", "88%", "n = 4,016", "at most 10% may come back"} <= set(texts(ax))


def test_lapse_race_marks_the_rule_that_may_not_win() -> None:
    ax = lapse.plot(made.lapse_race(), SPEECH)
    barred = [bars[0] for bars in ax.containers[-2:]]  # type: ignore[index]
    assert {bar.get_facecolor()[:3] for bar in barred} == {to_rgb("white")}
    assert all(bar.get_hatch() == style.HATCHES["immature"] for bar in barred)
    assert "17% (may not win)" in texts(ax)
    first = [bars[0].get_facecolor()[:3] for bars in ax.containers[:2]]  # type: ignore[index]
    assert first == [to_rgb(style.COLOURS["returning"]), to_rgb(style.COLOURS["lost"])]


def test_lapse_race_without_a_winner_has_no_bold_name() -> None:
    tests = [
        test.model_copy(update={"false_lost": 0.5, "passes": False}) for test in made.lapse_race()
    ]
    ax = lapse.plot(ranked(tests), SPEECH)
    assert {name.get_weight() for name in ax.get_yticklabels()} == {"normal"}
    assert ax.get_yticklabels()[0].get_text().startswith("silent for two cycles")


@pytest.mark.parametrize("caught", [0.0, 0.07, 0.1, 0.45, 0.7, 1.0])
@pytest.mark.parametrize("wrong", [0.0, 0.08, 0.4, 0.99, 1.0])
def test_lapse_race_numbers_stay_in_the_figure_and_off_the_limit(
    caught: float, wrong: float
) -> None:
    shares = {"caught": caught, "false_lost": wrong}
    tests = [test.model_copy(update=shares) for test in made.lapse_race()]
    ax = lapse.plot(tests, SPEECH)
    assert isinstance(ax.figure, Figure)
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    limit = ax.transData.transform((0.10, 0))[0]
    assert not any(box.x0 < limit < box.x1 for box in boxes)
    for at, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[at + 1 :])
