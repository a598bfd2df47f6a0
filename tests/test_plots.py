from __future__ import annotations

import base64
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from functools import partial
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
from matplotlib.text import Text

from retention_lib import plots, words
from retention_lib.plots import clv, cycle_detection, style
from retention_lib.plots.recommendations import concentration, states
from retention_lib.speech import Speech
from tests import made, made_value
from tests.figures import (
    draw_cohorts,
    draw_flow,
    draw_growth,
    draw_parts,
    draw_rates,
    draw_second_purchase,
)
from tests.gathered import gathered

SPEECH = Speech()
NAMES = words.labels.state_names(SPEECH)
EMPTY = pd.DataFrame()
SECOND = made.return_curve()[["day", "share_back", "at_risk"]].assign(group="all")

Draw = Callable[..., Axes]

FULL: dict[str, Draw] = {
    "return_curve": lambda **kw: cycle_detection.return_curve.plot(
        made.return_curve(), SPEECH, made.cycle(), **kw
    ),
    "gaps": lambda **kw: cycle_detection.gaps.plot(
        made.gap_histogram(), SPEECH, made.cycle(), **kw
    ),
    "calendar": lambda **kw: cycle_detection.calendar.plot(
        made.sales_calendar(), SPEECH, ["week"], **kw
    ),
    "season": lambda **kw: cycle_detection.season.plot(made.season(), SPEECH, made.cycle(), **kw),
    "strata": lambda **kw: cycle_detection.strata.plot(made.strata(), SPEECH, 65, **kw),
    "lapse": lambda **kw: cycle_detection.lapse.plot(made.lapse_race(), SPEECH, **kw),
    "rates": lambda **kw: draw_rates(made.retention(), SPEECH, **kw),
    "flow": lambda **kw: draw_flow(made.retention(), SPEECH, **kw),
    "growth": lambda **kw: draw_growth(made.full_retention(), SPEECH, **kw),
    "second_purchase": lambda **kw: draw_second_purchase(
        SECOND, made.full_retention(), SPEECH, **kw
    ),
    "parts": lambda **kw: draw_parts(made.parts(), 0.557, SPEECH, **kw),
    "cohorts": lambda **kw: draw_cohorts(made.cohorts(), SPEECH, **kw),
    "calibration": lambda **kw: clv.calibration.plot(made.calibration(), SPEECH, **kw),
    "tracking": lambda **kw: clv.tracking.plot(made_value.tracking(), SPEECH, **kw),
    "months": lambda **kw: clv.months.plot(made_value.months(), SPEECH, **kw),
    "stay": lambda **kw: clv.stay.plot(made_value.stay(), SPEECH, made.clv(), **kw),
    "past_forecasts": lambda **kw: clv.past_forecasts.plot(made_value.record(), SPEECH, **kw),
    "alive": lambda **kw: clv.alive.plot(made_value.alive(), SPEECH, **kw),
    "value_distribution": lambda **kw: clv.value_distribution.plot(
        made_value.value_distribution(), SPEECH, **kw
    ),
    "value_lorenz": lambda **kw: clv.value_lorenz.plot(made_value.value_lorenz(), SPEECH, **kw),
    "at_risk": lambda **kw: clv.at_risk.plot(made_value.value_by_state(), SPEECH, NAMES, **kw),
    "new_customers": lambda **kw: clv.new_customers.plot(made_value.new_customers(), SPEECH, **kw),
    "concentration": lambda **kw: concentration.plot(made.lorenz(), SPEECH, **kw),
    "states": lambda **kw: states.plot(made.customers_by_state(), SPEECH, NAMES, **kw),
    **{name: draw for more in gathered("FIGURES", __name__) for name, draw in more.items()},
}


def sections() -> dict[str, Draw]:
    """Return what draws each section of each notebook."""
    return {
        name: getattr(getattr(plots, package), name).plot
        for package in dir(plots)
        if hasattr(getattr(plots, package), "__path__")
        for name in dir(getattr(plots, package))
        if hasattr(getattr(getattr(plots, package), name), "plot")
    }


# of nothing, no other argument matters; the others are held to what makes their frames
NOTHING: dict[str, Draw] = {
    name: partial(plot, EMPTY, SPEECH) for name, plot in sections().items()
} | {
    "strata": lambda **kw: cycle_detection.strata.plot([], SPEECH, None, **kw),
    "lapse": lambda **kw: cycle_detection.lapse.plot([], SPEECH, **kw),
    "rates": lambda **kw: draw_rates(made.no_retention(), SPEECH, **kw),
    "flow": lambda **kw: draw_flow(made.no_retention(), SPEECH, **kw),
    "growth": lambda **kw: draw_growth(made.no_retention(), SPEECH, **kw),
    "second_purchase": lambda **kw: draw_second_purchase(EMPTY, made.no_retention(), SPEECH, **kw),
    "parts": lambda **kw: draw_parts([], None, SPEECH, **kw),
    "cohorts": lambda **kw: draw_cohorts(EMPTY, SPEECH, **kw),
}


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.findobj(Text) if text.get_text()]


def drawn(ax: Axes) -> bytes:
    assert isinstance(ax.figure, Figure)
    return plots.png(ax.figure)


# --- every figure -------------------------------------------------------------


def test_every_figure_is_tested() -> None:
    assert set(FULL) == set(sections())


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


def test_rates_draw_dots_intervals_formula_and_n() -> None:
    result = made.changed(
        made.retention(),
        first_time_rate=0.2,
        first_time_ci95=(0.15, 0.25),
        first_time_customers=40,
        returning_customers=7_365,
    )
    ax = draw_rates(result, SPEECH)
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
    wide = draw_rates(made.changed(made.retention(), formula_rate=1.35), SPEECH)
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
    ax = draw_flow(result, SPEECH)
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
    ax = draw_cohorts(frame, SPEECH, title="x")
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
    ax = draw_cohorts(frame, SPEECH)
    assert [text.get_text() for text in ax.texts].count("0") == 2


def test_cohorts_that_are_all_immature_are_not_drawn() -> None:
    frame = made.cohorts(2, 2).assign(rate=np.nan)
    assert not draw_cohorts(frame, SPEECH).axison


def test_an_axis_of_zeros_names_each_tick_once() -> None:
    nothing = made.calibration().assign(actual=0.0, predicted=0.0)
    ax = clv.calibration.plot(nothing, SPEECH)
    ax.figure.canvas.draw()
    said = [label.get_text() for label in ax.get_yticklabels()]
    assert len(said) == len(set(said)) > 2


def test_calibration_draws_both_lines_and_their_names() -> None:
    frame = made.calibration()
    ax = clv.calibration.plot(frame, SPEECH)
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
    ax = clv.calibration.plot(small, SPEECH)
    drawn(ax)
    shown = [tick.get_text() for tick in ax.yaxis.get_ticklabels()]
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
