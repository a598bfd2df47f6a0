"""What the tests of single sections give to the tests of all: made-up figures and sentences."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any


def gathered(name: str, asking: str) -> list[Any]:
    """Return the value of a name in each test module that sets it, but the one that asks.

    ``FIGURES`` goes to ``test_plots.py`` and ``SENTENCES`` to ``test_words.py``, so a module that sets one
    of them must not import from those; what they share stands in ``tests/figures.py``.
    """
    paths = sorted(Path(__file__).parent.glob("test_*.py"))
    set_here = (
        path.stem
        for path in paths
        if re.search(rf"^{name}\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    )
    modules = (f"tests.{stem}" for stem in set_here)
    return [getattr(import_module(module), name) for module in modules if module != asking]
