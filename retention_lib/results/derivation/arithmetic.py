"""Formulas of figures: sums, differences, products, ratios, and what they give."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

Values = Mapping[str, Sequence[Any]]  # the numbers that stand for each name of a formula

_OPERAND: Final = re.compile(r"\{([^{}]+)\}")
_SIGNS: Final = str.maketrans({"−": "-", "×": "*"})
_TWO: Final[dict[type, Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_CALLS: Final[dict[str, Callable[..., float]]] = {
    "min": lambda *numbers: min(numbers),
    "max": lambda *numbers: max(numbers),
    "abs": abs,
    "exp": math.exp,
}
_MOST: Final = 6  # numbers of a sum that are shown


def filled(formula: str, values: Values, said: Callable[[str, Any], str]) -> str:
    """Return a formula with the numbers in it, as they are said; a long sum is shortened.

    Parameters
    ----------
    said
        How a number of a name is said; the name as it stands in the formula.
    """
    alone = _OPERAND.fullmatch(formula) is not None

    def shown(match: re.Match[str]) -> str:
        name = match[1]
        terms = [said(name, value) for value in values[name]] or ["0"]
        if name.endswith(","):
            return ", ".join(terms)
        if len(terms) > _MOST:
            terms = [*terms[: _MOST - 2], "…", terms[-1]]
        return " + ".join(terms) if alone or len(terms) == 1 else f"({' + '.join(terms)})"

    return _OPERAND.sub(shown, formula)


def computed(formula: str, values: Values) -> float | None:
    """Return what a formula gives; None where it divides by nothing, or overflows.

    Days count from the first of all, so that their difference is a number of days.
    """
    numbers: dict[str, float] = {}

    def named(match: re.Match[str]) -> str:
        names = []
        for value in values[match[1]]:
            names.append(f"n{len(numbers)}")
            numbers[names[-1]] = _number(value)
        if match[1].endswith(","):
            return ", ".join(names)
        return f"({' + '.join(names) or '0'})"

    plain = _OPERAND.sub(named, formula).translate(_SIGNS).replace("^", "**")
    try:
        return _value(ast.parse(plain, mode="eval").body, numbers)
    except (ZeroDivisionError, OverflowError):
        return None


def _number(value: Any) -> float:
    if isinstance(value, str):
        return float(date.fromisoformat(value).toordinal())
    return float(value)


def _value(node: ast.AST, numbers: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as constant):
            return float(constant)
        case ast.Name(id=name):
            return numbers[name]
        case ast.BinOp(left=left, op=sign, right=right):
            return _TWO[type(sign)](_value(left, numbers), _value(right, numbers))
        case ast.Call(func=ast.Name(id=name), args=given):
            return _CALLS[name](*(_value(one, numbers) for one in given))
    raise ValueError(f"no arithmetic: {ast.dump(node)}")
