"""Tops of log-likelihoods of known shape, and what is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from retention_lib.models import newton
from retention_lib.models.newton import LogLikelihood
from retention_lib.models.purchase_model import BoundaryError, FitError


def of(function: Callable[[np.ndarray], tuple[float, list[float], list[list[float]]]]) -> Any:
    """A likelihood of the logs of two parameters, as one of the parameters themselves."""

    def likelihood(params: np.ndarray) -> LogLikelihood:
        value, slope, curvature = function(np.log(params))
        by = np.array(slope, dtype=float)
        second = (np.array(curvature, dtype=float) - np.diag(by)) / np.outer(params, params)
        return LogLikelihood(value, by / params, second)

    return likelihood


START = np.array([0.1, 0.1])


def test_a_parabola_has_its_top_and_its_covariance() -> None:
    def parabola(logs: np.ndarray) -> Any:
        a, b = logs - [1.0, -2.0]
        return -(a * a + a * b + b * b), [-2 * a - b, -a - 2 * b], [[-2, -1], [-1, -2]]

    found = newton.maximum("It", of(parabola), START, 1)
    assert found.params == pytest.approx(np.exp([1, -2]))
    assert found.covariance_log == pytest.approx(np.linalg.inv([[2, 1], [1, 2]]))
    assert found.standard_errors == pytest.approx(found.params * np.sqrt([2 / 3, 2 / 3]))


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_likelihood_that_rises_for_ever_is_at_a_bound(sign: int) -> None:
    def rising(logs: np.ndarray) -> Any:
        fall, b = np.exp(-sign * logs[0]), logs[1]
        return -fall - b * b, [sign * fall, -2 * b], [[-fall, 0], [0, -2]]

    with pytest.raises(BoundaryError, match="run_off It") as caught:
        newton.maximum("It", of(rising), START, 1)
    assert caught.value.reached == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda logs: (0.0, [0, 0], [[0, 0], [0, 0]]), "no_maximum"),
        (lambda logs: (np.nan, [1, 1], [[-1, 0], [0, -1]]), "no_maximum|not_converged"),
        (
            lambda logs: (
                -float((logs - START) @ (logs - START)),
                -2 * (logs - START),
                -2 * np.eye(2),
            ),
            "not_moved",
        ),
        (lambda logs: (float(logs.sum()), [1, 1], [[-1e-9, 0], [0, -1e-9]]), "run_off"),
    ],
)
def test_what_is_no_top_is_refused(function: Any, said: str) -> None:
    with pytest.raises(FitError, match=said):
        newton.maximum("It", of(function), START, 1)
