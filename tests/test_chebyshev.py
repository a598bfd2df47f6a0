"""Functions interpolated between a few points."""

from __future__ import annotations

import numpy as np
import pytest

from retention_lib.models import chebyshev


def test_functions_between_their_points() -> None:
    def functions(at: np.ndarray) -> np.ndarray:
        return np.stack([np.exp(-at), 1 / (1 + at**2), np.ones_like(at)], axis=1)

    table = chebyshev.fit(functions, 9.0)
    at = np.random.default_rng(3).uniform(0, 9, (4, 50))
    which = np.arange(50) % 3
    expected = np.stack([functions(row)[np.arange(50), which] for row in at])
    assert table(at, which) == pytest.approx(expected, abs=1e-11)


def test_functions_at_a_single_point() -> None:
    table = chebyshev.fit(lambda at: np.cos(at)[:, None], 0.0)
    assert table(np.zeros((1, 2)), np.zeros(2, dtype=np.intp)) == pytest.approx(1)
