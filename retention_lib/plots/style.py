"""What all figures share: size, fonts, colours with one meaning each, and how they are shown."""

from __future__ import annotations

import base64
import inspect
import math
import re
import textwrap
from collections.abc import Callable, Sequence
from functools import cache, wraps
from io import BytesIO
from itertools import pairwise
from typing import Any, Final, ParamSpec, TypeVar, cast

import matplotlib as mpl
from cycler import cycler
from IPython.display import display
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import findfont, get_font
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation, blended_transform_factory
from PIL import Image

from retention_lib.speech import Speech

WIDTH: Final = 6.4
HEIGHT: Final = 4.0
DPI: Final = 200
PALETTE: Final = 64  # colours of a picture
SMALL: Final = 10.5
SHOWN_WIDTH: Final = 640  # CSS pixels, half of what the picture holds

# Okabe and Ito's colours: told apart by colour-blind readers; hatches tell them apart in grey.
COLOURS: Final = {
    "all": "#333333",
    "returning": "#0072B2",
    "new": "#E69F00",
    "lost": "#D55E00",
    "resurrected": "#56B4E9",
    "slipping": "#CC79A7",
    "predicted": "#009E73",
    "value": "#0072B2",
    "muted": "#8C8C8C",
    "faint": "#DDDDDD",
}
STATE_COLOURS: Final = {
    "new": COLOURS["new"],
    "active": COLOURS["returning"],
    "slipping": COLOURS["slipping"],
    "lapsed": COLOURS["lost"],
}
HATCHES: Final = {"new": "///", "lost": "\\\\\\", "resurrected": "...", "immature": "////"}

_STYLE: Final[Any] = {  # matplotlib types its keys one by one
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "axes.titlesize": 13.5,
    "axes.titleweight": "bold",
    "axes.labelsize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": COLOURS["muted"],
    "axes.axisbelow": True,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "xtick.labelcolor": "black",
    "ytick.labelcolor": "black",
    "hatch.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 11.5,
    "text.parse_math": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}
# what analysts draw themselves, with matplotlib or seaborn, looks like the suite's own figures
_SHEET: Final[Any] = _STYLE | {
    "figure.figsize": (WIDTH, HEIGHT),
    "figure.constrained_layout.use": True,
    "axes.titlelocation": "left",
    "axes.prop_cycle": cycler(
        color=[COLOURS[name] for name in ("value", "new", "predicted", "lost", "slipping", "all")]
    ),
    "date.converter": "concise",
}
mpl.rcParams.update(_SHEET)

_UNKNOWN_SIGN: Final = "□"
_OWN: Final = "suite"  # how a figure of the suite's own is known
_TITLE_WIDTH = 54  # signs of a bold title that fit the figure's width
_SUBTITLE_WIDTH = 82


Arguments = ParamSpec("Arguments")
Drawn = TypeVar("Drawn")


def styled(draw: Callable[Arguments, Drawn]) -> Callable[Arguments, Drawn]:
    """Draw in the suite's style, whatever the session's own is, and leave that untouched."""

    @wraps(draw)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Drawn:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(_STYLE)
            return draw(*args, **kwargs)

    return drawn


def figure(
    *,
    height: float | Callable[..., float] = HEIGHT,
    pad: float | None = None,
    known: Callable[[Any], Any] | None = None,
) -> Callable[[Callable[..., object]], Callable[..., Axes]]:
    """Make a figure of a function that draws: ``plot(frame, speech, ..., *, ax=None, title="")``.

    The function gets the axes first: ``plot(ax, frame, speech, ...)``. It is given those of a new figure
    where ``ax`` is None, draws in the suite's style whatever the session's own is, and is not called
    where the frame is empty or None: then the figure says so. The title is set at the end, and
    under it what was varied, if the speech or the frame is that of a varied study.

    Parameters
    ----------
    height
        Of the figure in inches, or a function of the frame that says so.
    pad
        Room in points above the axes for what else stands there.
    known
        Returns the rows of a frame that can be drawn, of which there may be none.
    """

    def decorated(draw: Callable[..., object]) -> Callable[..., Axes]:
        @wraps(draw)
        def plot(
            frame: Any,
            speech: Speech,
            *args: Any,
            ax: Axes | None = None,
            title: str = "",
            **kwargs: Any,
        ) -> Axes:
            with mpl.rc_context():
                mpl.rcdefaults()
                mpl.rcParams.update(_STYLE)
                varied = getattr(frame, "attrs", {}).get("varied") or speech.varied
                if known is not None and frame is not None and len(frame):
                    frame = known(frame)
                if frame is None or len(frame) == 0:
                    return nothing(ax, title, speech, varied)
                ax = axes(ax, height(frame) if callable(height) else height)
                draw(ax, frame, speech, *args, **kwargs)
                entitle(ax, title, pad, varied)
                return ax

        _, *shown = inspect.signature(draw).parameters.values()
        own = (
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
            for name, default in (("ax", None), ("title", ""))
        )
        plot.__signature__ = inspect.Signature([*shown, *own], return_annotation=Axes)  # type: ignore[attr-defined]
        return plot

    return decorated


def axes(ax: Axes | None, height: float = HEIGHT) -> Axes:
    """Return the given axes, or those of a new figure that no global state knows."""
    if ax is not None:
        return ax
    figure = Figure(figsize=(WIDTH, height))
    figure.set_gid(_OWN)
    figure.set_layout_engine("constrained", w_pad=0.07, h_pad=0.09)
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def entitle(ax: Axes, title: str, pad: float | None = None, subtitle: str = "") -> None:
    """Set a title, wrapped, above the key, from the left edge of a figure of its own.

    The names of both axes are wrapped where they have no room. ``pad`` is the room in points for
    what else stands above the axes; a subtitle stands between that and the title.
    """
    pad = pad or _room_above(ax)
    if subtitle:
        lines = textwrap.fill(literal(subtitle, 3 * _SUBTITLE_WIDTH), _SUBTITLE_WIDTH)
        below = ax.text(0, 1, lines, va="bottom", size=SMALL, color="#555555")
        if (wide := below.get_window_extent().width / (0.96 * ax.figure.bbox.width)) > 1:
            lines = textwrap.fill(lines.replace("\n", " "), int(_SUBTITLE_WIDTH / wide))
            below.set_text(lines)
        _above(ax, below, pad)
        pad += 1.3 * SMALL * (lines.count("\n") + 1) + 3
    text = ax.set_title(_wrapped(title), loc="left", pad=pad)
    _above(ax, text, pad)
    if _alone(ax):
        _wrap_names(ax, cast("Figure", ax.figure), text)


def _above(ax: Axes, text: Text, pad: float) -> None:
    """Put a text so many points above the axes, from the left edge of a figure of its own."""
    figure = cast("Figure", ax.figure)
    across = ax.transAxes
    if _alone(ax):
        text.set_x(0.015)
        across = figure.transSubfigure
    up = ScaledTranslation(0, pad / 72, figure.dpi_scale_trans)
    text.set_transform(blended_transform_factory(across, ax.transAxes) + up)


def _wrapped(title: str) -> str:
    """Break a title into as few lines as it needs, all about as long; no number loses its unit."""
    title = re.sub(r"(?<=\d) (?=\w)", "\N{NO-BREAK SPACE}", title)
    lines = textwrap.wrap(title, _TITLE_WIDTH)
    if len(lines) < 2:
        return title
    even = -(-len(title) // len(lines))
    widths = range(even, _TITLE_WIDTH + 1)
    broken = (textwrap.wrap(title, width) for width in widths)
    return "\n".join(next(found for found in broken if len(found) == len(lines)))


def _room_above(ax: Axes) -> float:
    """Return how far in points a title keeps from the axes, or from the key on top of them."""
    if (legend := ax.get_legend()) is None:
        return 10
    return max(28, 10 + legend.get_window_extent().height * 72 / ax.figure.dpi)


def _wrap_names(ax: Axes, figure: Figure, title: Text) -> None:
    """Break the names of both axes where they leave the figure or touch its title."""
    across, up = ax.xaxis.label, ax.yaxis.label
    if max(_length(across) / ax.bbox.width, _length(up) / ax.bbox.height) < 0.7:
        return  # they have room, whatever the layout
    figure.draw_without_rendering()
    wide, high = across.get_window_extent(), up.get_window_extent()
    edge = figure.bbox.padded(-0.02 * figure.bbox.width)  # the layout may yet move a little
    if wide.x0 < edge.x0 or wide.x1 > edge.x1:
        middle = (ax.bbox.x0 + ax.bbox.x1) / 2
        _wrap(across, 1.9 * min(middle - edge.x0, edge.x1 - middle))
    if high.y0 < 0 or high.y1 > title.get_window_extent().y0:
        _wrap(up, 0.95 * ax.bbox.height)


def _length(name: Text) -> float:
    """Return how far a name goes along its axis, in pixels."""
    box = name.get_window_extent()
    return box.height if name.get_rotation() else box.width


def _wrap(name: Text, room: float) -> None:
    lines = name.get_text().split("\n")
    signs = int(max(map(len, lines)) * room / _length(name))
    name.set_text("\n".join(textwrap.fill(line, signs) for line in lines))


def _alone(ax: Axes) -> bool:
    return all(other is ax or other.get_label() == "<colorbar>" for other in ax.figure.axes)


def nothing(ax: Axes | None, title: str, speech: Speech, subtitle: str = "") -> Axes:
    """Return axes that say that there is nothing to draw."""
    ax = axes(ax, 2.0)
    ax.set_axis_off()
    said = speech.text("These records do not allow this figure; the reason is given below it.")
    ax.text(0.5, 0.5, said, ha="center", va="center", wrap=True, transform=ax.transAxes)
    entitle(ax, title, subtitle=subtitle)
    return ax


def key(ax: Axes, kinds: Sequence[Artist]) -> None:
    """Name the kinds of bars or marks above them, in one row if there is room."""
    for columns in range(len(kinds), 0, -1):
        legend = ax.legend(
            handles=list(kinds),
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=columns,
            borderaxespad=0.2,
            borderpad=0,
            handlelength=1.4,
            columnspacing=1.4,
        )
        if legend.get_window_extent().width <= 1.1 * ax.bbox.width:
            break


def grid(ax: Axes, axis: str) -> None:
    """Draw faint lines across one axis."""
    ax.grid(axis=axis, color=COLOURS["faint"], linewidth=0.8)  # type: ignore[arg-type]


def in_shares(axis: Axis, speech: Speech) -> None:
    """Let an axis write fractions in per cent, its ticks at round ones."""
    axis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))

    def written(x: float, _: int | None) -> str:
        low, high = axis.get_view_interval()
        digits = max(0, math.ceil(-1.15 - math.log10(max(high - low, 1e-6))))
        return speech.share(x, digits)

    axis.set_major_formatter(FuncFormatter(written))


def in_counts(speech: Speech) -> FuncFormatter:
    """Return how an axis writes counts."""
    return FuncFormatter(lambda x, _: speech.short_count(x))


def in_whole(axis: Axis, speech: Speech, most: int = 7) -> None:
    """Let an axis count, its ticks at round whole numbers."""
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    axis.set_major_formatter(in_counts(speech))


def in_numbers(axis: Axis, speech: Speech, highest: float) -> None:
    """Let an axis write numbers that reach up to ``highest``, its ticks at round ones."""
    # an axis of nothing but zeros reaches up to 1
    digits = 0 if highest >= 4 else 1 - math.floor(math.log10(highest or 1.0))
    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda x, _: speech.number(x, digits)))


def in_money(axis: Axis, speech: Speech, most: int = 4) -> None:
    """Let an axis write amounts, its ticks few and at round ones."""
    in_few(axis, most)
    axis.set_major_formatter(FuncFormatter(lambda x, _: speech.short_money(x)))


def in_few(axis: Axis, most: int = 4) -> None:
    """Set few ticks of an axis, ``most`` steps apart, at round numbers, whose names may be long."""
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10]))


def note(
    ax: Axes, said: str, at: tuple[float, float], by: tuple[float, float], **look: Any
) -> Annotation:
    """Write beside a place, so many points to the right of it and above, away from it."""
    across = "left" if by[0] > 0 else "right" if by[0] < 0 else "center"
    up = "bottom" if by[1] > 0 else "top" if by[1] < 0 else "center"
    look = {"ha": across, "va": up, "textcoords": "offset points"} | look
    return ax.annotate(said, at, xytext=by, **look)


def beside(ax: Axes, said: str, height: float, weight: str = "normal") -> None:
    """Write a client's own text to the left of the axes, as a tick's label would stand."""
    note(
        ax,
        said,
        (0, height),
        (-8, 0),
        xycoords=ax.get_yaxis_transform(),
        weight=weight,
        parse_math=False,
    )


def label(
    ax: Axes, said: str, at: tuple[float, float], by: tuple[float, float], **look: Any
) -> None:
    """Write beside a place, as :func:`note` does, on white."""
    on_white(note(ax, said, at, by, **look))


def on_white(text: Text) -> Text:
    """Put a white ground under a text, so that lines behind it do not cross it."""
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85})
    return text


def literal(text: str, longest: int) -> str:
    """Return a client's string as a figure can write it: one line, shortened, known signs only."""
    line = " ".join(text.split())
    short = line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
    return "".join(sign if ord(sign) in _signs() else _UNKNOWN_SIGN for sign in short)


@cache
def _signs() -> frozenset[int]:
    """Return the signs that the figures' font holds; others would draw a warning each."""
    return frozenset(get_font(findfont(_STYLE["font.family"])).get_charmap())


def png(figure: Figure) -> bytes:
    """Return a figure as PNG: the same bytes on every run, and few of them.

    A palette takes a third of the room of full colour, which a report of two dozen figures needs. It is
    chosen so that colours of small marks stay what they are, too.
    """
    drawn, small = BytesIO(), BytesIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
    picture = Image.open(drawn).convert("RGB")
    picture.quantize(PALETTE, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        small, format="png", optimize=True, dpi=(DPI, DPI)
    )
    return small.getvalue()


def show(figure_or_axes: Axes | Figure | SubFigure, alt: str) -> None:
    """Show a figure with its alternative text as a cell's output, and close it.

    Parameters
    ----------
    figure_or_axes
        What a ``plot_...`` function returned, or any matplotlib figure.
    alt
        One or two sentences that tell what the figure shows to those who cannot see it.
    """
    figure = figure_or_axes if isinstance(figure_or_axes, Figure) else figure_or_axes.figure
    while not isinstance(figure, Figure):
        figure = figure.figure
    if figure.get_gid() != _OWN:
        _turn_crowded_labels(figure)
    picture = base64.b64encode(png(figure)).decode("ascii")
    display(  # type: ignore[no-untyped-call]
        {"image/png": picture, "text/plain": alt},
        metadata={"image/png": {"alt": alt, "width": SHOWN_WIDTH}},
        raw=True,
    )
    plt.close(figure)


def _turn_crowded_labels(figure: Figure) -> None:
    """Turn the labels of an axis that lie on each other, as long names of bars do.

    Where turned ones would, too, only as many are left as there is room for.
    """
    figure.draw_without_rendering()
    for ax in figure.axes:
        labels = [label for label in ax.get_xticklabels() if label.get_text()]
        boxes = [label.get_window_extent() for label in labels]
        if any(left.x1 > right.x0 for left, right in pairwise(boxes)):
            room = min(
                abs(right.x0 + right.x1 - left.x0 - left.x1) / 2 for left, right in pairwise(boxes)
            )
            every = math.ceil(2 * max(box.height for box in boxes) / max(room, 1.0))
            for at, label in enumerate(labels):
                label.set(rotation=35, ha="right", rotation_mode="anchor", visible=at % every == 0)
