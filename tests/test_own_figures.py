"""Figures of a client's own notebooks: without text they are refused before anything is run."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from nbformat.v4 import new_code_cell, new_notebook

from retention_lib.errors import ConfigError
from retention_lib.plots import style
from retention_lib.runner.figures import refuse_silent_figures

IMPORTS = "import matplotlib.pyplot as plt\nimport seaborn as sns\nfrom retention_lib import plots"

SILENT = [
    "plt.plot([1, 2])",
    "fig, ax = plt.subplots()\nax.plot([1])",
    "sns.barplot(table, x='a', y='b')",
    "table.plot.bar()",
    "table.spend.hist()",
    "study.history().plot(x='start')",
    "show(plots.growth.plot(result, speech))",
    "%matplotlib inline\nplt.figure()",
]
FINE = [
    "fig, ax = plt.subplots()\nax.plot([1])\nshow(fig, 'Bars.')",
    "table.plot.bar()\nshow(plt.gcf(), alt='Bars.')",
    "figure = plots.growth.plot(result, speech)\nshow(figure, words.growth.alt(result, speech))",
    "fig, ax = plt.subplots()\nfig.savefig('x.png')\nplt.close(fig)",
    "fig.axes[0].plot([1])\naxs[0].hist([1])",
    "plt.style.use('default')\nsns.set_theme()",
    "tables.show(table)",
    "study.compare(by='channel')",
    "this is no Python",
]


def own(tmp_path: Path, source: str) -> Path:
    cells = [new_code_cell(text, id=f"c{at}") for at, text in enumerate((IMPORTS, source))]
    path = tmp_path / "03_retention_rate.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.mark.parametrize("source", SILENT)
def test_a_figure_without_text_is_refused_by_cell(tmp_path: Path, source: str) -> None:
    with pytest.raises(ConfigError) as error:
        refuse_silent_figures(own(tmp_path, source))
    said = str(error.value)
    assert "code cell 2 of" in said and "03_retention_rate.ipynb" in said
    assert f"`{source.splitlines()[0]}`" in said and "show(figure, alt)" in said


@pytest.mark.parametrize("source", FINE)
def test_what_is_said_or_not_shown_is_let_through(tmp_path: Path, source: str) -> None:
    refuse_silent_figures(own(tmp_path, source))


def test_an_analysts_own_figure_takes_the_style_and_its_labels_do_not_overlap() -> None:
    months = pd.date_range("2022-01-01", periods=36, freq="MS").strftime("%B %Y")
    for names in (
        months,
        ["social media " * 2, "friends of friends", "the web site", "a newsletter"],
    ):
        fig, ax = plt.subplots()
        ax.bar(list(names), range(len(names)))
        style._turn_crowded_labels(fig)
        shown = [label for label in ax.get_xticklabels() if label.get_visible()]
        assert len(shown) >= 4 and shown[0].get_rotation() == 35
        assert not ax.spines["top"].get_visible() and ax.patches[0].get_facecolor()[:3] != (1, 0, 0)
        room = shown[1].get_position()[0] - shown[0].get_position()[0]
        across = ax.transData.transform([(0, 0), (room, 0)])
        assert across[1][0] - across[0][0] >= 1.5 * shown[0].get_fontsize()
        plt.close(fig)
