"""How every figure of ``results.json`` comes about: the chain from files and rows to it.

A figure is named by its JSON pointer without the first slash: ``retention/retained_rate``. Each
module holds the rules of a section: what a figure is computed from, and by which arithmetic.
:func:`chain` walks from a figure up to the files, and reads the number at each step; it computes
none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from retention_lib.results.base import Section, Why
from retention_lib.results.derivation import (
    arithmetic,
    audit,
    clv,
    cycle,
    recommendations,
    retention,
)
from retention_lib.results.derivation.rule import Rule, given
from retention_lib.results.derivation.shape import (
    escaped,
    holders,
    leaves,
    pattern_of,
    split,
    unescaped,
)

__all__ = [
    "Answers",
    "Step",
    "chain",
    "escaped",
    "holders",
    "kind_of",
    "leaves",
    "named_rules",
    "operand",
    "pattern_of",
    "rule_of",
    "step_of",
]

_FILES: Final = "audit/files"  # where every chain begins
_DOCUMENT: Final = {  # what stands above the sections
    "client": given(),
    "as_of": given(),
    "currency": given(),
    "schema_version": given(),
}
_RULES: Final[Mapping[str, Mapping[str, Rule]]] = {
    "": _DOCUMENT,
    "audit": audit.RULES,
    "cycle": cycle.RULES,
    "retention": retention.RULES,
    "clv": clv.RULES,
    "recommendations": recommendations.RULES,
}


@dataclass(frozen=True)
class Answers:
    """The results that figures are read from; a section is asked for when it is first needed.

    ``about`` holds what stands above the sections: client, as_of, currency, schema_version.
    """

    about: Mapping[str, Any]
    section: Callable[[str], Section]
    _plain: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def value(self, pointer: str) -> Any:
        """Return what stands under a pointer, as plain JSON; None also where its holder is null.

        Raises
        ------
        LookupError
            If a list or an object has no such item.
        """
        head, *rest = split(pointer)
        if head in self.about and not rest:
            return self.about[head]
        value: Any = self.figures(head)
        for part in rest:
            if value is None:
                return None
            value = value[int(part) if isinstance(value, list) else unescaped(part)]
        return value

    def figures(self, section: str) -> dict[str, Any]:
        """Return a section as plain JSON values."""
        if section not in self._plain:
            self._plain[section] = self.section(section).figures()
        return self._plain[section]

    def why(self, pointer: str) -> Why | None:
        """Return why a figure, or what holds it, is null."""
        head, _, rest = pointer.partition("/")
        if head in self.about:
            return None
        reasons, at = self.section(head).why_not, f"/{rest}"
        while at and at not in reasons:
            at = at.rpartition("/")[0]
        return reasons.get(at)

    def matching(self, pattern: str) -> Iterator[str]:
        """Yield the pointers that a pattern stands for, in the order of the document."""
        before, star, after = pattern.partition("*")
        if not star:
            yield pattern
            return
        held = self.value(before.rstrip("/"))
        for key in range(len(held)) if isinstance(held, list) else held or ():
            yield from self.matching(f"{before}{escaped(str(key))}{after}")


@dataclass(frozen=True)
class Step:
    """A figure on the way: its value as plain JSON, how it is said, what it is computed from.

    ``formula`` is the arithmetic, "" where the results do not hold all that it takes, ``operands``
    the pointers and numbers of each name in it; ``interval`` are both ends; ``why`` is why the
    value is null.
    """

    figure: str
    pattern: str
    value: Any
    kind: str
    inputs: tuple[str, ...] = ()
    formula: str = ""
    operands: Mapping[str, tuple[tuple[str, Any], ...]] | None = None
    interval: Any = None
    why: Why | None = None

    @property
    def numbers(self) -> dict[str, list[Any]]:
        """The numbers of each name in the formula."""
        return {name: [value for _, value in held] for name, held in (self.operands or {}).items()}

    @property
    def computed(self) -> float | None:
        """What the formula gives; None without one."""
        return arithmetic.computed(self.formula, self.numbers) if self.formula else None


def chain(figure: str, answers: Answers) -> list[Step]:
    """Return the steps from files and rows to a figure, which is the last.

    Parameters
    ----------
    figure
        A pointer of :func:`leaves`, or of what a rule uses as a step (``cycle/window``).
    """
    steps: dict[str, Step] = {}
    _walk(figure, answers, steps, ())
    return sorted(steps.values(), key=lambda step: step.figure != _FILES)


def _walk(figure: str, answers: Answers, steps: dict[str, Step], above: tuple[str, ...]) -> None:
    if figure in above:
        raise ValueError(f"{figure} is computed from itself: {' < '.join(above)}")
    if figure in steps:
        return
    step = step_of(figure, answers)
    for name in step.inputs:
        _walk(name, answers, steps, (*above, figure))
    steps[figure] = step


def step_of(figure: str, answers: Answers) -> Step:
    """Return one step of a chain: a figure, and what it is computed from."""
    pattern = pattern_of(figure)
    if pattern is None:
        raise KeyError(figure)
    rule, value = rule_of(pattern), answers.value(figure)
    repeated = _repeated(rule, figure, answers)
    wanted = [repeated] if repeated else (_inputs(pattern) or "").split()
    inputs = [_bound(name.rstrip("?"), figure) for name in wanted]
    # what may be left out of a chain is left out where it is null
    used = [
        name
        for name, asked in zip(inputs, wanted, strict=True)
        if not (asked.endswith("?") and answers.value(name) is None)
    ]
    formula = f"{{{repeated}}}" if repeated else rule.formula
    operands = _operands(formula, figure, answers) if value is not None else None
    interval = answers.value(_bound(rule.interval, figure)) if rule.interval else None
    return Step(
        figure,
        pattern,
        value,
        kind_of(pattern_of(_bound(repeated, figure)) or "") if repeated else kind_of(pattern),
        tuple(used),
        formula if operands else "",
        operands,
        interval,
        answers.why(figure) if value is None else None,
    )


def _repeated(rule: Rule, figure: str, answers: Answers) -> str:
    """Return the name of the figure that this one repeats, as told by the one beside it."""
    if rule.same_as is None:
        return ""
    beside, names = rule.same_as
    return names.get(str(answers.value(_bound(beside, figure))), "")


def _operands(
    formula: str, figure: str, answers: Answers
) -> dict[str, tuple[tuple[str, Any], ...]] | None:
    """Return the numbers of a formula by name; None where one is not known."""
    found: dict[str, tuple[tuple[str, Any], ...]] = {}
    for name in Rule(formula=formula).operands:
        at = _bound(operand(name), figure)
        held = tuple((one, answers.value(one)) for one in answers.matching(at))
        if any(value is None for _, value in held) or (name.endswith(("!", ",")) and not held):
            return None
        found[name] = ((at, len(held)),) if name.startswith("#") else held
    numbers = {name: [value for _, value in held] for name, held in found.items()}
    if any(isinstance(value, list) for held in numbers.values() for value in held):
        return None
    return found if found and arithmetic.computed(formula, numbers) is not None else None


def operand(name: str) -> str:
    """Return the name of a figure as it stands in a formula, without the sign of how it is used."""
    return name.strip("#,!")


def _bound(name: str, figure: str) -> str:
    """Return the pointer that a name in the rule of a figure stands for."""
    if name.startswith("/"):
        return name[1:]
    parts = split(figure)
    if name.startswith("./"):
        return "/".join([*parts[:-1], name[2:]])
    bound = [parts[0]]
    for at, part in enumerate(split(name), 1):
        own = bound == list(parts[:at]) and part == "*" and at < len(parts)
        bound.append(parts[at] if own else part)
    return "/".join(bound)


# --- rules ------------------------------------------------------------------


def rule_of(pattern: str) -> Rule:
    """Return the rule of a figure; an empty one where only its type says something."""
    section, _, rest = pattern.partition("/")
    if section not in _RULES:
        return _RULES[""].get(pattern, Rule())
    return _RULES[section].get(rest, Rule())


@cache
def _inputs(pattern: str) -> str | None:
    """Return the inputs of a figure: its own, or those of what holds it."""
    rule = rule_of(pattern)
    if rule.inputs is not None or "/" not in pattern:
        return rule.inputs
    if rule.formula:
        return " ".join(operand(name) for name in rule.operands if "*" not in name) or _inputs(
            pattern.rpartition("/")[0]
        )
    return _inputs(pattern.rpartition("/")[0])


def kind_of(pattern: str) -> str:
    """Return how a figure is said; "" where nothing tells its unit."""
    leaf = leaves().get(pattern)
    return rule_of(pattern).kind or (leaf.kind if leaf else "")


def named_rules() -> Iterator[str]:
    """Yield the pattern of every rule, so that a test can tell one that is of no figure."""
    for section, rules in _RULES.items():
        for name in rules:
            yield "/".join(filter(None, [section, name]))
