"""Figures without alternative text, found in a client's own notebooks before anything is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from IPython.core.inputtransformer2 import TransformerManager

from retention_lib.client import shown
from retention_lib.errors import ConfigError
from retention_lib.runner.execution import is_own_code, read

_MODULES: Final = {"matplotlib.pyplot": "pyplot", "pylab": "pyplot", "seaborn": "seaborn"}
_NO_FIGURE: Final = {  # what these modules have beside figures
    "pyplot": (
        "close",
        "style.use",
        "rc",
        "rc_context",
        "rcParams.update",
        "show",
        "switch_backend",
    ),
    "seaborn": ("set", "set_theme", "set_style", "set_context", "set_palette", "color_palette"),
}
_OF_FRAMES: Final = ("plot", "hist", "boxplot")


def refuse_silent_figures(notebook: Path) -> None:
    """Check that each cell which draws shows its figure with alternative text.

    What a cell draws without saying so, through a function of its own, is seen when it is run.

    Raises
    ------
    ConfigError
        If one does not; the message names the cell.
    """
    cells = [cell for cell in read(notebook).cells if is_own_code(cell)]
    trees = [_parsed(cell.source) for cell in cells]
    modules = {name: module for tree in trees for name, module in _imported(tree)}
    for number, (cell, tree) in enumerate(zip(cells, trees, strict=True), start=1):
        if _is_silent(tree, modules):
            lines = (line for line in cell.source.splitlines() if line.strip())
            raise ConfigError(
                f"A figure in code cell {number} of {shown(notebook)} (`{next(lines)}`) has no "
                "alternative text; end the cell in show(figure, alt), alt a sentence that says "
                "what the figure shows."
            )


def _parsed(source: str) -> ast.Module:
    """Return a cell's code; none where it is no Python, which running it will tell."""
    try:
        return ast.parse(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except SyntaxError:
        return ast.Module([], [])


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names under which a cell imports the modules that draw."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            head = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                if module := _MODULES.get(head + alias.name):
                    yield alias.asname or alias.name, module


def _is_silent(tree: ast.Module, modules: Mapping[str, str]) -> bool:
    """Whether a cell draws and does not show, or shows without words."""
    calls = {node: ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    shows = [call for call, name in calls.items() if name in ("show", "plots.show")]
    if any(len(call.args) + len(call.keywords) < 2 for call in shows):
        return True
    closes = any(name.endswith(".close") for name in calls.values())
    draws = any(_draws(call, name, modules) for call, name in calls.items())
    return draws and not shows and not closes


def _draws(call: ast.Call, name: str, modules: Mapping[str, str]) -> bool:
    """Whether a call makes a figure: of pyplot or seaborn, or a frame's own."""
    given = {keyword.arg for keyword in call.keywords}
    module = next((at for at in modules if name.startswith(f"{at}.")), None)
    if module is not None:
        return name.removeprefix(f"{module}.") not in _NO_FIGURE[modules[module]]
    root, _, last = name.rpartition(".")
    of_frame = last in _OF_FRAMES or root.endswith(".plot")
    own = re.search(r"(^|\.)(ax|plots\b)", root)  # of axes that a cell has made, or of the suite
    return bool(root) and of_frame and not own and "ax" not in given
