"""What the figures of notebook 04 hold: forecasts and what came, values, value at risk."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.container import BarContainer
from matplotlib.text import Text
from PIL import Image

from retention_lib import plots, words
from retention_lib.plots import clv, style
from retention_lib.plots.clv.forecast_lines import name_ends
from retention_lib.speech import Speech
from tests import made as made_results
from tests import made_value as made
from tests.figures import assert_readable, marks, paired, texts

SPEECH = Speech()
POLISH = Speech("pl", "pl", "PLN")
RESULT = made_results.clv()
NAMES = words.labels.state_names(SPEECH)
GREEN, BLACK, RED = (style.COLOURS[kind] for kind in ("predicted", "all", "lost"))
BLUE, GREY = style.COLOURS["value"], style.COLOURS["muted"]


def bars(ax: Axes) -> list[tuple[float, float]]:
    """Return left end and width of every bar, one after the other."""
    return [
        (bar.get_x(), bar.get_width())
        for group in ax.containers
        if isinstance(group, BarContainer)
        for bar in group
    ]


def segments(ax: Axes) -> list[tuple[float, float, float]]:
    """Return the ends and the height of every horizontal line."""
    return [
        (float(line[0, 0]), float(line[1, 0]), float(line[0, 1]))
        for lines in ax.collections
        if isinstance(lines, LineCollection)
        for line in map(np.asarray, lines.get_segments())
        if line[0, 1] == line[1, 1]
    ]


def spans(ax: Axes) -> list[tuple[float, float]]:
    return [(float(patch.get_x()), float(patch.get_width())) for patch in ax.patches]  # type: ignore[attr-defined]


# --- tracking -----------------------------------------------------------------


def test_tracking_draws_made_solid_and_predicted_dashed() -> None:
    frame = made.tracking()
    ax = clv.tracking.plot(frame, SPEECH)
    solid, dashed = ax.lines
    assert solid.get_linestyle() == "-" and dashed.get_linestyle() == "--"
    assert solid.get_ydata().tolist() == frame["made"].tolist()  # type: ignore[union-attr]
    assert dashed.get_ydata().tolist() == frame["predicted"].tolist()  # type: ignore[union-attr]
    assert solid.get_xdata()[0] == frame["week_ends"].iloc[0].toordinal()  # type: ignore[index]
    assert f"{frame['made'].sum():,.0f} repeat purchases" in ax.get_xlabel()
    assert_readable(ax)


def test_tracking_shades_the_weeks_that_were_held_out_from_their_first_day() -> None:
    frame = made.tracking(78, 30)
    ax = clv.tracking.plot(frame, SPEECH)
    first = frame.loc[frame["held_out"], "week_ends"].iloc[0].toordinal()
    assert spans(ax) == [(first - 7, 30 * 7)]
    assert "kept from\nthe forecast" in texts(ax)
    wide = clv.tracking.plot(made.tracking(40, 30), SPEECH)
    assert "kept from the forecast" in texts(wide)
    none = clv.tracking.plot(frame.assign(held_out=False), SPEECH)
    assert not spans(none) and not any("kept" in text for text in texts(none))


def test_rule_that_says_nothing_of_the_past_is_drawn_from_where_it_speaks() -> None:
    ax = clv.tracking.plot(made.tracked_by_rule(78, 30), SPEECH)
    assert np.isnan(ax.lines[1].get_ydata()).sum() == 48  # type: ignore[arg-type]
    assert {"made", "predicted"} <= set(texts(ax))
    silent = clv.tracking.plot(made.tracking().assign(predicted=np.nan), SPEECH)
    assert "predicted" not in texts(silent)
    assert_readable(silent)


def test_lone_forecast_is_a_dot_since_one_point_makes_no_line() -> None:
    ax = clv.tracking.plot(made.tracked_by_rule(20, 1), SPEECH)
    assert ax.lines[1].get_marker() == "s"


@pytest.mark.parametrize(
    ("weeks", "scale", "speech"),
    paired((1, 2, 5, 11, 30, 78, 160, 600), (0.0, 0.01, 1.0, 1e6), (SPEECH, POLISH)),
)
def test_tracking_of_any_length_and_size_stays_readable(
    weeks: int, scale: float, speech: Speech
) -> None:
    frame = made.tracking(weeks, max(weeks // 3, 1), scale)
    ax = clv.tracking.plot(frame, speech, title="A title")
    assert 1 <= len(ax.get_xticks()) <= 7
    assert_readable(ax)


@given(made_in=st.floats(0, 1), predicted=st.floats(0, 1), lines=st.integers(1, 2))
def test_names_of_lines_never_cover_each_other_and_keep_their_order(
    made_in: float, predicted: float, lines: int
) -> None:
    ax = style.axes(None)
    ax.set_ylim(0, 1)
    said = ("made", "predicted") if lines == 1 else ("made:\n1", "predicted:\n1")
    name_ends(ax, 1, np.array([made_in]), np.array([predicted]), said)
    heights = {text.get_text(): text.xy[1] for text in ax.texts}  # type: ignore[attr-defined]
    gap = heights[said[0]] - heights[said[1]]
    assert abs(gap) >= 0.078 * lines - 1e-9
    assert made_in == predicted or np.sign(gap) == np.sign(made_in - predicted)
    assert all(0 <= height <= 1 for height in heights.values())


# --- the record ---------------------------------------------------------------


def squares(ax: Axes, white: bool) -> list[tuple[float, float]]:
    """Return where squares stand, hollow ones or filled ones."""
    return [
        (float(np.ravel(line.get_xdata())[0]), float(np.ravel(line.get_ydata())[0]))
        for line in ax.lines
        if line.get_marker() == "s" and (line.get_markerfacecolor() == "white") == white
    ]


def filled(ax: Axes) -> list[tuple[float, float]]:
    return squares(ax, white=False)


def hollow(ax: Axes) -> list[tuple[float, float]]:
    return squares(ax, white=True)


def test_record_draws_forecasts_ranges_and_what_came_the_earliest_on_top() -> None:
    frame = made.record()
    ax = clv.past_forecasts.plot(frame, SPEECH)
    heights = ax.get_yticks().tolist()
    assert heights[:-1] == list(range(7)) and ax.yaxis_inverted()
    assert filled(ax) == list(zip(frame["moved"], heights, strict=True))
    drawn = segments(ax)
    for row, height in zip(frame.itertuples(), heights, strict=True):
        assert (row.low, row.high, height) in drawn
        assert (row.own_low, row.own_high, height) in drawn
    assert ax.get_yticklabels()[0].get_text() == "Mar 31, 2022"
    assert "365 days" in ax.get_xlabel()
    assert_readable(ax)


def test_record_tells_what_came_outside_by_colour_and_shape() -> None:
    frame = made.record()
    ax = clv.past_forecasts.plot(frame, SPEECH)
    outside = frame["actual"].iloc[3]
    assert marks(ax, "D", RED) == [(outside, 3.0)]
    assert [height for _, height in marks(ax, "o", BLACK)] == [0, 1, 2, 4, 5, 6]
    assert [height for _, height in hollow(ax)] == [5, 6, 7.5], "those that were moved"
    bold = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert bold == [f"{outside:,.0f}"]
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "forecast",
        "unmoved",
        "came: inside",
        "came: outside",
    ]


def test_record_draws_pale_what_was_made_of_less() -> None:
    ax = clv.past_forecasts.plot(made.record(), SPEECH)
    pale = {
        float(np.ravel(line.get_ydata())[0])
        for line in ax.lines
        if line.get_marker() == "s" and line.get_alpha() == pytest.approx(0.4)
    }
    assert pale == {0.0, 1.0} and "pale" in ax.get_xlabel()
    alike = clv.past_forecasts.plot(made.record().assign(alike=True), SPEECH)
    assert "pale" not in alike.get_xlabel()
    assert all(line.get_alpha() != 0.4 for line in alike.lines)


def test_range_of_the_record_may_be_longer_on_one_side() -> None:
    frame = made.record().assign(low=lambda f: 0.5 * f["moved"], high=lambda f: 1.1 * f["moved"])
    drawn = segments(clv.past_forecasts.plot(frame, SPEECH))
    for row in frame.itertuples():
        assert any((row.low, row.high) == (low, high) for low, high, _ in drawn)


def test_records_today_stands_apart_without_what_came() -> None:
    frame = made.record()
    frame["moved"] += 0.4  # a forecast is no whole number
    ax = clv.past_forecasts.plot(frame, SPEECH)
    *_, last, today = ax.get_yticks()
    assert today - last == 1.5
    assert len(marks(ax, "o", BLACK)) + len(marks(ax, "D", RED)) == 7
    assert f"expected:\n{frame['moved'].iloc[-1]:,.0f}" in texts(ax)
    assert [label.get_text() for label in ax.get_yticklabels()][-1] == "today:\nDec 28, 2023"
    without = clv.past_forecasts.plot(made.record(today=False), SPEECH)
    assert not any("today" in text or "expected" in text for text in texts(without))


def test_records_key_names_only_what_is_drawn() -> None:
    inside = made.record(4).assign(low=0.0, moved=lambda f: f["predicted"])
    legend = clv.past_forecasts.plot(inside, SPEECH).get_legend()
    assert legend is not None and len(legend.get_texts()) == 2
    alone = clv.past_forecasts.plot(made.record(1), SPEECH)
    assert alone.get_legend() is not None and len(alone.get_legend().get_texts()) == 1  # type: ignore[union-attr]
    assert "came:" not in texts(alone)


def test_one_wide_range_of_the_record_ends_in_an_arrow() -> None:
    frame = made.record()
    frame.loc[1, "high"] = 1e9
    ax = clv.past_forecasts.plot(frame, SPEECH)
    end = ax.get_xlim()[1]
    assert marks(ax, ">", GREEN) == [(end, 1.0)]
    assert end < 3 * frame["predicted"].max()
    assert_readable(ax)


@pytest.mark.parametrize(
    ("forecasts", "scale", "speech"), paired((1, 2, 9), (1e-4, 1.0, 1e5), (SPEECH, POLISH))
)
def test_record_of_any_size_stays_readable(forecasts: int, scale: float, speech: Speech) -> None:
    assert_readable(clv.past_forecasts.plot(made.record(forecasts, scale), speech, title="A title"))


# --- what the calendar does -----------------------------------------------------


def month_bars(ax: Axes) -> list[Any]:
    return [bar for group in ax.containers for bar in group]  # type: ignore[union-attr]


def test_months_stand_on_the_line_of_an_even_month_with_their_numbers() -> None:
    frame = made.months()
    ax = clv.months.plot(frame, SPEECH)
    tops = [bar.get_y() + bar.get_height() for bar in month_bars(ax)]
    assert tops == pytest.approx(frame["factor"].tolist())
    assert {bar.get_y() for bar in month_bars(ax)} == {1.0}
    assert [float(np.ravel(line.get_ydata())[0]) for line in ax.lines] == [1.0]
    said = [f"{factor:.2f}" for factor in frame["factor"]]
    assert [text.get_text() for text in ax.texts] == said
    bold = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert bold == [f"{f:.2f}" for f in frame.loc[frame["compared"] != "not clearly", "factor"]]
    ends = {(float(line[0, 1]), float(line[1, 1])) for line in _uprights(ax)}
    assert ends == set(zip(frame["low"], frame["high"], strict=True))
    assert_readable(ax)


def _uprights(ax: Axes) -> list[Any]:
    return [
        np.asarray(line)
        for lines in ax.collections
        if isinstance(lines, LineCollection)
        for line in lines.get_segments()
    ]


def test_months_above_below_and_alike_are_told_apart() -> None:
    frame = made.months()
    faces = [to_rgb(bar.get_facecolor()) for bar in month_bars(clv.months.plot(frame, SPEECH))]
    look = {"above": BLUE, "below": GREY, "not clearly": style.COLOURS["faint"]}
    assert faces == [to_rgb(look[compared]) for compared in frame["compared"]]


def test_tentative_months_are_hatched_and_said_to_be() -> None:
    known, tentative = (made.months(tentative=known) for known in (False, True))
    hatched = clv.months.plot(tentative, SPEECH)
    assert all(bar.get_hatch() for bar in month_bars(hatched))
    assert "tentative: under two years" in texts(hatched)
    plain = clv.months.plot(known, SPEECH)
    assert not any(bar.get_hatch() for bar in month_bars(plain))
    assert not any("tentative" in text for text in texts(plain))


@pytest.mark.parametrize("speech", [SPEECH, POLISH])
def test_a_strong_month_leaves_room_for_what_is_tentative(speech: Speech) -> None:
    title = "February brings 1.30 times an even month's purchases, August 0.83 times"
    for first in range(12):
        frame = made.months(0.3, tentative=True)
        frame["factor"] = np.roll(frame["factor"], first)
        frame = frame.assign(low=frame["factor"] - 0.1, high=frame["factor"] + 0.12)
        assert_readable(clv.months.plot(frame, speech, title=title))


@pytest.mark.parametrize("tentative", [False, True])
@pytest.mark.parametrize("speech", [SPEECH, POLISH])
@pytest.mark.parametrize("swing", [0.0, 0.02, 0.45, 1.7, 20.0])
def test_months_of_any_swing_stay_readable(swing: float, speech: Speech, tentative: bool) -> None:
    frame = made.months(swing, tentative)
    for name in ("factor", "low", "high"):
        frame[name] = frame[name].clip(lower=0.02)
    assert_readable(clv.months.plot(frame, speech, title="A title"))


def test_stay_draws_the_chance_in_its_band_with_both_ends_named() -> None:
    frame = made.stay()
    ax = clv.stay.plot(frame, SPEECH, RESULT)
    line = max(ax.lines, key=lambda one: len(one.get_xdata()))  # type: ignore[arg-type]
    assert line.get_ydata().tolist() == frame["stay"].tolist()  # type: ignore[union-attr]
    assert line.get_xdata()[0] == frame["month"].iloc[0].toordinal()  # type: ignore[index]
    band = ax.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == frame["stay_low"].min()
    assert band[:, 1].max() == frame["stay_high"].max()
    assert [text.get_text() for text in ax.texts] == ["86%", "74%"]
    assert_readable(ax)


def test_a_small_change_of_stay_does_not_look_like_a_large_one() -> None:
    low, high = clv.stay.plot(made.stay(24, 0.9, 0.89), SPEECH, RESULT).get_ylim()
    assert high - low > 0.25 and low < 0.86 and high > 0.93


@pytest.mark.parametrize("speech", [SPEECH, POLISH])
@pytest.mark.parametrize("months", [1, 2, 24, 240])
@pytest.mark.parametrize("ends", [(0.02, 0.01), (0.3, 0.9), (0.999, 0.999)])
def test_stay_of_any_length_stays_readable(
    months: int, ends: tuple[float, float], speech: Speech
) -> None:
    then, now = ends
    clocks = made_results.clocks().model_copy(update={"stay_then": then, "stay_now": now})
    result = made_results.changed(RESULT, clocks=clocks)
    assert_readable(clv.stay.plot(made.stay(months, *ends), speech, result, title="A title"))


def test_the_ends_of_stay_are_named_as_the_words_name_them() -> None:
    clocks = made_results.clocks().model_copy(update={"stay_then": 0.8551, "stay_now": 0.7449})
    result = made_results.changed(RESULT, clocks=clocks)
    frame = made.stay(36, 0.8549, 0.7451)  # in the middle of the first month, and of the last
    said = texts(clv.stay.plot(frame, SPEECH, result))
    assert {"86%", "74%"} <= set(said)
    assert "from 86% to 74%" in words.clv.stay.title(result, SPEECH)


# --- who is a customer still --------------------------------------------------


def mesh(ax: Axes) -> QuadMesh:
    (found,) = [item for item in ax.collections if isinstance(item, QuadMesh)]
    return found


def test_alive_shades_every_cell_by_its_chance_and_leaves_out_what_cannot_be() -> None:
    frame = made.alive(most=4, T_days=56, step=14)
    shown = np.ma.masked_invalid(np.ma.asarray(mesh(clv.alive.plot(frame, SPEECH)).get_array()))
    assert shown.shape == (5, 5)
    assert shown.mask[:4, 0].all() and not shown.mask[4, 0] and not shown.mask[:, 1:].any()
    value = frame.set_index(["silent_days", "frequency"])["p_alive"]
    assert shown[2, 3] == value[28, 3] and shown[4, 0] == value[56, 0]


def test_alive_lines_go_through_their_chances() -> None:
    frame = made.alive(most=3, T_days=700, step=1, lapse=260.0)
    ax = clv.alive.plot(frame, SPEECH)
    assert len(ax.lines) == 3
    for level, line in zip((0.2, 0.5, 0.8), ax.lines, strict=True):
        for frequency, days in zip(*line.get_data(), strict=True):  # type: ignore[arg-type]
            if frequency:
                expected = 260 / frequency**0.8 * (0.97 / level - 1) ** (1 / 3)
                assert days == pytest.approx(expected, abs=0.05)
    assert {"20%", "50%", "80%"} <= set(texts(ax))
    assert "700 days ago" in ax.get_xlabel()


def test_alive_leaves_out_silences_after_which_nobody_is_left() -> None:
    frame = made.alive(most=8, T_days=700, step=7, lapse=30.0)
    ax = clv.alive.plot(frame, SPEECH)
    seen = frame[frame["p_alive"] >= 0.03]["silent_days"].max()
    assert seen < ax.get_ylim()[1] < seen + 14
    assert ax.get_xlim() == (0.5, 8.5), "nobody with one purchase is silent so briefly"
    kept = clv.alive.plot(made.alive(T_days=420, step=14), SPEECH)
    assert kept.get_ylim()[1] == 427


@pytest.mark.parametrize("most", [4, 10, 25])
@pytest.mark.parametrize("lapse", [60, 150, 300, 500, 900])
def test_alive_names_of_lines_are_apart_and_off_other_points(most: int, lapse: float) -> None:
    for speech in (SPEECH, POLISH):
        ax = clv.alive.plot(made.alive(most, 400, 7, lapse), speech, title="A title")
        assert len(ax.texts) == len(ax.lines) > 0
        assert_readable(ax)


def test_alive_without_a_chance_near_a_level_has_no_line_there() -> None:
    sure = clv.alive.plot(made.alive(lapse=1e6), SPEECH)
    assert not sure.lines and "50%" not in texts(sure)
    gone = clv.alive.plot(made.alive().assign(p_alive=0.01), SPEECH)
    assert not gone.lines


def test_alive_of_unknown_chances_is_not_drawn() -> None:
    ax = clv.alive.plot(made.alive().assign(p_alive=np.nan), SPEECH)
    assert not ax.axison


def test_alive_gets_paler_with_silence_in_grey_print_too() -> None:
    tones = mesh(clv.alive.plot(made.alive(), SPEECH)).get_cmap()(np.linspace(0, 1, 20))
    grey = tones[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(grey) < 0).all() and grey[0] - grey[-1] > 0.5
    assert grey[-1] > 0.15, "a black line stands out from the darkest"


@pytest.mark.parametrize("most", [1, 3, 12, 25])
@pytest.mark.parametrize("T_days", [14, 420, 4_000])
def test_alive_of_any_grid_stays_inside_the_picture(most: int, T_days: int) -> None:
    step = max(T_days // 40, 1)
    ax = clv.alive.plot(made.alive(most, T_days, step, T_days / 2), POLISH, title="A title")
    assert_readable(ax)
    assert ax.get_ylim()[0] == 0


def test_alive_of_a_single_cell_is_drawn() -> None:
    one = pd.DataFrame({"frequency": [0], "silent_days": [30], "p_alive": [0.4], "T_days": [30]})
    assert mesh(clv.alive.plot(one, SPEECH)).get_array().tolist() == [[0.4]]  # type: ignore[union-attr]


# --- values -------------------------------------------------------------------


def test_value_distribution_draws_shares_of_customers_over_its_limits() -> None:
    frame = made.value_distribution()
    ax = clv.value_distribution.plot(frame, SPEECH)
    shares = frame["customers"] / frame["customers"].sum()
    assert [width for _, width in bars(ax)] == pytest.approx(shares.tolist())
    group = ax.containers[0]
    assert isinstance(group, BarContainer)
    assert group[0].get_facecolor()[:3] == to_rgb(GREY)
    assert {bar.get_facecolor()[:3] for bar in group[1:]} == {to_rgb(BLUE)}
    assert {bar.get_height() for bar in group} == {1.0}
    limits = [label.get_text() for label in ax.get_yticklabels()]
    assert limits[:4] == ["$0", "$1", "$2", "$5"] and limits[-1] == "$1,000"
    assert np.diff(ax.get_yticks()).tolist() == [1.0] * len(frame)
    assert f"n = {frame['customers'].sum():,.0f}" in ax.get_xlabel()
    assert "next to nothing" in texts(ax)
    assert_readable(ax)


def test_value_distribution_says_what_share_of_value_each_bin_holds() -> None:
    frame = pd.DataFrame(
        {"low": [0, 1, 2], "high": [1, 2, 5], "customers": [6, 0, 4], "value": [2.0, 0.0, 6.0]}
    )
    ax = clv.value_distribution.plot(frame, SPEECH)
    held = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert held == ["25%", "75%", "share of\nvalue"], "nobody holds nothing: not said"
    worthless = clv.value_distribution.plot(frame.assign(value=0.0), SPEECH)
    assert "share of\nvalue" not in texts(worthless)


def test_value_distribution_of_nobody_is_not_drawn() -> None:
    nobody = made.value_distribution().assign(customers=0)
    assert not clv.value_distribution.plot(nobody, SPEECH).axison


@pytest.mark.parametrize(
    ("shape", "first", "speech"),
    paired(
        ((1, 1.0), (2, 1.0), (10, 0.01), (16, 1.0)),
        (1, 100, 9_000, 10**7),
        (SPEECH, POLISH, Speech(currency="")),
    ),
)
def test_value_distribution_of_any_shape_stays_readable(
    shape: tuple[int, float], first: int, speech: Speech
) -> None:
    bins, scale = shape
    frame = made.value_distribution(bins, scale)
    frame.loc[0, "customers"] = first
    ax = clv.value_distribution.plot(frame, speech, title="A title")
    assert max(ax.get_xticks()) <= 1
    assert_readable(ax)


def test_value_lorenz_draws_both_curves_and_what_the_top_fifth_holds() -> None:
    frame = made.value_lorenz()
    ax = clv.value_lorenz.plot(frame, SPEECH)
    curves = {line.get_color(): line for line in ax.lines if len(line.get_xdata()) > 2}  # type: ignore[arg-type]
    assert curves[BLUE].get_ydata().tolist() == frame["value_share"].tolist()  # type: ignore[union-attr]
    assert curves[GREY].get_ydata().tolist() == frame["spend_share"].tolist()  # type: ignore[union-attr]
    assert curves[BLUE].get_linestyle() != curves[GREY].get_linestyle()
    assert marks(ax, "o", BLUE) == [(0.2, pytest.approx(1 - 0.8**6))]
    assert marks(ax, "o", GREY) == [(0.2, pytest.approx(1 - 0.8**4.5))]
    colours = {text.get_text(): text.get_color() for text in ax.texts}
    assert colours["74% of expected value"] == BLUE
    assert "63% of spend so far" in colours and "the top 20% of customers:" in colours


@pytest.mark.parametrize("value", [1.0, 1.3, 2.0, 4.0, 40.0])
@pytest.mark.parametrize("spend", [1.0, 1.3, 2.0, 4.0, 40.0])
def test_value_lorenz_of_any_concentration_stays_readable(value: float, spend: float) -> None:
    assert_readable(clv.value_lorenz.plot(made.value_lorenz(value, spend), POLISH))


# --- value at risk ------------------------------------------------------------


def test_value_at_risk_is_the_hatched_end_of_each_states_bar() -> None:
    ax = clv.at_risk.plot(made.value_by_state(), SPEECH, NAMES)
    assert bars(ax) == [
        (0, 410_000.0),
        (410_000.0, 90_000.0),
        (0, 24_000.0),
        (24_000.0, 16_000.0),
        (0, pytest.approx(77_145.6)),
        (pytest.approx(77_145.6), 195_200.0),
    ]
    sure, risk = (group[0] for group in ax.containers[:2])  # type: ignore[index]
    assert not sure.get_hatch() and risk.get_hatch() == style.HATCHES["lost"]
    assert (
        sure.get_facecolor()[:3] == risk.get_edgecolor()[:3] == to_rgb(style.COLOURS["returning"])
    )
    assert {"$500K,\n$90K at risk", "Active\nn = 4,000"} <= set(texts(ax))
    assert not any("New" in text for text in texts(ax)), "nobody is in that state"
    assert "n = 23,570" in ax.get_xlabel()
    assert_readable(ax)


def test_value_whose_risk_is_unknown_is_drawn_whole_without_a_key() -> None:
    frame = made.value_by_state().assign(at_risk=np.nan)
    ax = clv.at_risk.plot(frame, SPEECH, NAMES)
    assert ax.get_legend() is None and "$500K" in texts(ax)
    assert not any("risk" in text for text in texts(ax))


def test_value_at_risk_without_customers_or_values_is_not_drawn() -> None:
    frame = made.value_by_state()
    for nothing in (
        frame.assign(customers=0),
        frame.assign(value=np.nan),
        frame.assign(value=None),
    ):
        assert not clv.at_risk.plot(nothing, SPEECH, NAMES).axison


@pytest.mark.parametrize("speech", [SPEECH, POLISH, Speech(currency="")])
@pytest.mark.parametrize("scale", [0.0, 1e-5, 1.0, 1e5])
def test_value_at_risk_of_any_size_stays_readable(scale: float, speech: Speech) -> None:
    frame = made.value_by_state().assign(
        value=lambda f: f["value"] * scale, at_risk=lambda f: f["at_risk"] * scale
    )
    assert_readable(clv.at_risk.plot(frame, speech, NAMES, title="A title"))


# --- new customers ------------------------------------------------------------


def test_new_customers_stand_by_kind_beside_the_line_of_all() -> None:
    frame = made.new_customers()
    ax = clv.new_customers.plot(frame, SPEECH)
    whole = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert [line.get_xdata()[0] for line in whole] == [82.0]  # type: ignore[index]
    assert "all: $82" in texts(ax)
    assert (pytest.approx(65.6), pytest.approx(36.9)) in spans(ax)
    headings = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert [said for said in headings if "$" not in said] == [
        "First bought in",
        "Channel",
        "First product",
    ]
    assert {"2023", "newsletter", "$118, n = 900"} <= set(texts(ax))
    assert "n = 6,900" in ax.get_xlabel()
    assert_readable(ax)


def test_new_customers_that_clearly_differ_are_filled_and_pointed() -> None:
    ax = clv.new_customers.plot(made.new_customers(), SPEECH)
    assert [x for x, _ in marks(ax, "^", style.COLOURS["returning"])] == [118.0]
    assert [x for x, _ in marks(ax, "v", RED)] == [71.0, 48.0, 39.0]
    assert [x for x, _ in marks(ax, "o", GREY)] == [79.0]
    hollow = next(line for line in ax.lines if line.get_marker() == "o")
    assert hollow.get_markerfacecolor() == "white"
    ends = [(low, high) for low, high, _ in segments(ax)]
    assert (pytest.approx(0.8 * 118), pytest.approx(1.25 * 118)) in ends


def test_first_purchase_is_a_pale_bar_where_amounts_are_known() -> None:
    ax = clv.new_customers.plot(made.new_customers(), SPEECH)
    assert bars(ax) == [(0, 18.5)] * 5 and "pale bar" in ax.get_xlabel()
    counted = clv.new_customers.plot(made.new_customers("purchases"), SPEECH)
    assert not bars(counted) and "pale bar" not in counted.get_xlabel()
    assert counted.get_xlabel().startswith("Purchases") and "5.9, n = 900" in texts(counted)
    assert not any("$" in text for text in texts(counted))


def test_new_customers_names_are_the_clients_own_but_short() -> None:
    frame = made.new_customers().assign(
        name=lambda f: f["name"].replace("newsletter", "$5 _off_ $")
    )
    ax = clv.new_customers.plot(frame, SPEECH)
    (name,) = [text for text in ax.texts if text.get_text() == "$5 _off_ $"]
    assert isinstance(name, Text) and not name.get_parse_math()
    assert "Zestaw <b>prezentowy<…" in texts(ax)
    quarters = frame.assign(name=lambda f: f["name"].replace("2023", "2023-Q2"))
    assert "Q2 2023" in texts(clv.new_customers.plot(quarters, SPEECH))


def test_of_many_kinds_of_new_customers_the_clear_and_large_are_drawn() -> None:
    frame = made.many_new_customers(30)
    ax = clv.new_customers.plot(frame, SPEECH)
    drawn = marks(ax, "^", style.COLOURS["returning"]) + marks(ax, "v", RED) + marks(ax, "o", GREY)
    assert len(drawn) == 20 and "20 of 30 kinds" in ax.get_xlabel()
    clear = frame.loc[frame["compared"] != "not clearly", "value"]
    assert len(clear) < 20 and set(clear) <= {x for x, _ in drawn}
    rest = frame[(frame["compared"] == "not clearly") & (frame["kind"] != "all")]
    largest = rest.nlargest(20 - len(clear), "customers")["value"]
    assert set(largest) == {x for x, _ in marks(ax, "o", GREY)}
    assert_readable(ax)


def test_one_wide_interval_of_new_customers_ends_in_an_arrow() -> None:
    frame = made.new_customers()
    frame.loc[3, "high"] = 1e6
    ax = clv.new_customers.plot(frame, SPEECH)
    assert [x for x, _ in marks(ax, ">", style.COLOURS["returning"])] == [ax.get_xlim()[1]]
    assert ax.get_xlim()[1] < 300


def test_new_customers_of_unknown_value_are_left_out() -> None:
    frame = made.new_customers()
    frame.loc[4, ["value", "low", "high"]] = np.nan
    assert "social media" not in texts(clv.new_customers.plot(frame, SPEECH))
    unknown = frame.assign(value=np.nan)
    assert not clv.new_customers.plot(unknown, SPEECH).axison
    known = frame.assign(low=np.nan, high=np.nan)
    assert "all: $82" in texts(clv.new_customers.plot(known, SPEECH))


@pytest.mark.parametrize(
    ("rows", "scale", "speech"),
    paired((0, 1, 5, 40), (0.01, 1.0, 1e5), (SPEECH, POLISH, Speech(currency=""))),
)
def test_new_customers_of_any_number_stay_readable(rows: int, scale: float, speech: Speech) -> None:
    frame = made.many_new_customers(max(rows, 1), scale)
    frame = frame if rows else frame[frame["kind"] == "all"]
    assert_readable(clv.new_customers.plot(frame, speech, title="A title"))


# --- as a picture -------------------------------------------------------------


def test_small_marks_keep_their_colours_in_a_picture() -> None:
    """A palette of few colours is not to turn the one red mark among many shades brown."""
    figure, ax = plt.subplots()
    ax.imshow(np.linspace(0, 1, 3_000).reshape(50, 60), cmap="Blues")
    for at, colour in enumerate(style.COLOURS.values()):
        ax.plot(3 + 4 * at, 10, "s", color=colour, markersize=7)
    picture = np.asarray(Image.open(BytesIO(plots.png(figure))).convert("RGB")).reshape(-1, 3)
    plt.close(figure)
    for colour in style.COLOURS.values():
        wanted = np.round(255 * np.array(to_rgb(colour)))
        assert np.abs(picture - wanted).max(axis=1).min() <= 10, colour
