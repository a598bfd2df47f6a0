"""What a notebook shows when it runs in this process."""

from __future__ import annotations

from typing import Any

import pytest

from retention_lib.plots import style
from retention_lib.words import display


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect Markdown, pairs of a figure's data and metadata, and tables."""
    outputs: list[Any] = []
    monkeypatch.setattr(style, "DPI", 40)  # quicker, and pictures are tested elsewhere
    monkeypatch.setattr(style, "display", lambda data, **kw: outputs.append((data, kw)))
    monkeypatch.setattr(display, "display", outputs.append)
    return outputs
