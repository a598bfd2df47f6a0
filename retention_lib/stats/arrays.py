"""What arrays of numbers are called."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def median_known(values: Floats) -> Floats:
    """Return the median down each column of what is known; NaN where nothing is."""
    known = np.sum(~np.isnan(values), axis=0)
    ordered = np.sort(values, axis=0)  # NaN last
    columns = np.arange(values.shape[1])
    low, high = np.maximum(known - 1, 0) // 2, np.minimum(known // 2, len(values) - 1)
    return np.asarray((ordered[low, columns] + ordered[high, columns]) / 2)


def mean_known(values: Floats) -> Floats:
    """Return the mean down each column of what is known; NaN where nothing is."""
    known = np.sum(~np.isnan(values), axis=0)
    return np.where(known > 0, np.nansum(values, axis=0) / np.maximum(known, 1), np.nan)
