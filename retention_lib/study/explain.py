"""How a figure of the results, or one customer's value, comes about: step by step from the files."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import ibis
import pandas as pd
from ibis import _

from retention_lib import tables
from retention_lib.client.mistakes import nearest
from retention_lib.errors import ConfigError
from retention_lib.results import SCHEMA_VERSION, SECTIONS, Section
from retention_lib.results.derivation import (
    Answers,
    Step,
    chain,
    customer,
    escaped,
    holders,
    leaves,
    pattern_of,
    rule_of,
    step_of,
)
from retention_lib.speech import Speech
from retention_lib.words import explain as words

_SECTIONS: Final = tuple(section.name for section in SECTIONS)
_NEAREST: Final = 3
_MOST_KEYS: Final = 12
_WIDTH: Final = 100


@dataclass(frozen=True)
class Explanation:
    """A chain of steps, or a list of figures: a small table in a notebook, text when printed.

    ``frame`` is the table as text, ``notes`` are sentences below it, ``plain`` is the same as plain
    values for JSON. ``customer`` is whose numbers they are, which no report may tell: in a notebook
    the id stands in a column that reports refuse.
    """

    caption: str
    frame: pd.DataFrame
    plain: Any
    speech: Speech
    notes: tuple[str, ...] = ()
    customer: str = ""

    def _repr_html_(self) -> str:
        frame = self.frame.copy()
        if self.customer:
            ids = [self.customer, *[""] * (len(frame) - 1)]
            frame.insert(0, "customer_id", ids, allow_duplicates=True)
        frame.attrs["notes"] = list(self.notes)
        texts = list(range(len(frame.columns)))
        table = tables.show(
            frame, self.caption, self.speech, name="explain", texts=texts, most=None
        )
        return table._repr_html_()

    def __repr__(self) -> str:
        """Return a line for each figure and its number, and below it what else is said of it."""
        lines = [self.caption, ""]
        for name, number, *said in self.frame.itertuples(index=False):
            lines += textwrap.wrap(f"{name}:  {number}", _WIDTH, subsequent_indent="    ")
            for text in filter(None, said):
                lines += textwrap.wrap(
                    text, _WIDTH, initial_indent="    ", subsequent_indent="    "
                )
        return "\n".join([*lines, *(["", *self.notes] if self.notes else [])])


@dataclass(frozen=True)
class Asked:
    """Whose figures are explained, and where they are read.

    Attributes
    ----------
    client, as_of, speech
        The client's folder, the day of the results, and how the client is spoken to.
    section
        Gives a section of the results by its name, asked for when it is first needed.
    customers
        Gives the table that ``customers.parquet`` holds.
    """

    client: str
    as_of: date
    speech: Speech
    section: Callable[[str], Section]
    customers: Callable[[], ibis.Table]

    @property
    def answers(self) -> Answers:
        """What the figures are read from."""
        about = {
            "client": self.client,
            "as_of": self.as_of.isoformat(),
            "currency": self.speech.currency,
            "schema_version": SCHEMA_VERSION,
        }
        return Answers(about, self.section)


def figure(name: str, asked: Asked) -> Explanation:
    """Return how a figure comes about, or of a section or a list the figures that it holds.

    Parameters
    ----------
    name
        Its pointer in ``results.json`` (``retention/retained_rate``), or the last names of it that
        no other figure has (``retained_rate``).

    Raises
    ------
    ConfigError
        If there is no such figure; the message names the nearest ones.
    """
    answers, speech = asked.answers, asked.speech
    pointer = resolved(name, answers)
    about = (pointer, asked.client, asked.as_of, speech)
    if _is_list(pointer, answers):
        held = dict(_held(pointer, answers))
        plain = [{"figure": at} | _plain_entry(one) for at, one in held.items()]
        return Explanation(words.list_caption(*about), words.listed(held, speech), plain, speech)
    steps = chain(pointer, answers)
    notes = tuple(filter(None, [words.unknown(steps[-1], speech), *_varied(steps, asked)]))
    return _explanation(words.caption(*about), steps, asked, pointer, notes)


def one_customer(given: str, asked: Asked) -> Explanation:
    """Return how the numbers of one customer come about.

    Raises
    ------
    ConfigError
        If nobody has that id; other ids are not named.
    """
    row = _row(given, asked.customers())
    steps = customer.steps(row, asked.answers)
    caption = words.customer_caption(row["customer_id"], asked.client, asked.as_of, asked.speech)
    found = _explanation(caption, steps, asked, row["customer_id"], _varied(steps, asked))
    return replace(found, customer=words.printable(row["customer_id"]))


def _explanation(
    caption: str, steps: list[Step], asked: Asked, name: str, notes: tuple[str, ...]
) -> Explanation:
    frame = words.rows(steps, asked.speech)
    plain = {
        "explained": name,
        "client": asked.client,
        "as_of": asked.as_of.isoformat(),
        "steps": [_plain(step, asked.speech) for step in steps],
        "notes": list(notes),
    }
    return Explanation(caption, frame, plain, asked.speech, notes)


def _plain(step: Step, speech: Speech) -> dict[str, Any]:
    """Return a step as plain JSON values."""
    frame = words.rows([step], speech)
    how, definition = frame.iloc[0, 2], frame.iloc[0, 3]
    return {
        "figure": step.figure,
        "value": step.value,
        "interval": step.interval,
        "inputs": list(step.inputs),
        "formula": how if step.formula else None,
        "why_not": how if step.why is not None else None,
        "definition": definition,
    }


def _plain_entry(one: Step | words.Held) -> dict[str, Any]:
    return {"value": one.value} if isinstance(one, Step) else {"holds": len(one)}


def _varied(steps: list[Step], asked: Asked) -> tuple[str, ...]:
    """Return what was varied in the sections that a chain leads through."""
    used = dict.fromkeys(step.figure.partition("/")[0] for step in steps)
    sections = [asked.section(name) for name in used if name in _SECTIONS]
    return tuple(dict.fromkeys(filter(None, (words.varied(it, asked.speech) for it in sections))))


# --- which figure is meant ----------------------------------------------------


def resolved(name: str, answers: Answers) -> str:
    """Return the pointer of the figure that is meant.

    Raises
    ------
    ConfigError
        If there is none, or several have that name.
    """
    asked = name.strip().strip("/")
    if not asked:
        raise ConfigError(f"Name a figure, or a section: {', '.join(_SECTIONS)}.")
    if pattern_of(asked) is None:
        asked = _by_last_name(asked)
    _look_up(asked, answers)
    return asked


def _by_last_name(name: str) -> str:
    """Return the figure that alone ends in this name; the highest, and the first of its copies."""
    known = [at for at in (*leaves(), *_steps()) if "*" not in at]
    ends = [at for at in known if at.lower().endswith(f"/{name.lower()}")]
    highest = min((at.count("/") for at in ends), default=0)
    found = [at for at in ends if at.count("/") == highest]
    first = [at for at in found if not _is_copy(at)] or found
    if len(first) == 1:
        return first[0]
    if first:
        raise ConfigError(f"{name!r} is the name of {len(first)} figures: {', '.join(first)}.")
    like = _nearest(name, [at for at in known if not _is_copy(at)])
    meant = f"nearest: {', '.join(like)}. " if like else ""
    raise ConfigError(
        f"There is no figure {name!r}; {meant}A section alone lists its figures: "
        f"{', '.join(_SECTIONS)}."
    )


def _steps() -> list[str]:
    """Return what holds figures and is a step of chains itself."""
    return sorted(at for at in holders() if rule_of(at).kind)


def _is_copy(pattern: str) -> bool:
    formula = rule_of(pattern).formula
    return formula.startswith("{/") and formula.endswith("}") and formula.count("{") == 1


def _nearest(name: str, known: list[str]) -> list[str]:
    """Return the known names most like this one: as a whole, and by what they end in."""
    last = {at.rpartition("/")[2]: at for at in reversed(known)}
    by_end = [last[end] for end in nearest(name.rpartition("/")[2], last, _NEAREST)]
    both = nearest(name, known, _NEAREST) if "/" in name else []
    return list(dict.fromkeys([*both, *by_end]))[:_NEAREST]


def _look_up(pointer: str, answers: Answers) -> None:
    """Make sure that lists and mappings hold what is asked for.

    Raises
    ------
    ConfigError
        If they do not; the message says what they hold.
    """
    try:
        answers.value(pointer)
    except (LookupError, ValueError, TypeError):
        holder = pointer.rpartition("/")[0]
        _look_up(holder, answers)
        held = answers.value(holder)
        there = (
            f"it has {len(held)}, from 0 on"
            if isinstance(held, list)
            else f"it has: {', '.join(list(held)[:_MOST_KEYS])}"
        )
        raise ConfigError(
            f"There is no {pointer.rpartition('/')[2]!r} in {holder}; "
            f"{there if held else 'it is empty'}."
        ) from None


def _is_list(pointer: str, answers: Answers) -> bool:
    """Whether a name is of what holds figures, and is no step of a chain itself."""
    pattern = pattern_of(pointer) or ""
    return pattern in holders() and not rule_of(pattern).kind and answers.value(pointer) is not None


def _held(pointer: str, answers: Answers) -> list[tuple[str, Step | words.Held]]:
    """Return what stands right under a name: figures, and what holds more of them."""
    held = answers.value(pointer)
    keys = range(len(held)) if isinstance(held, list) else held
    found: list[tuple[str, Step | words.Held]] = []
    for key in keys:
        at = f"{pointer}/{escaped(str(key))}"
        within = answers.value(at)
        if _is_list(at, answers) and isinstance(within, list | dict):
            found.append((at, within))
        else:
            found.append((at, step_of(at, answers)))
    return found


# --- which customer is meant ----------------------------------------------------


def _row(given: str, table: ibis.Table) -> Mapping[str, Any]:
    """Return a customer's row; ids that hold an @ are compared without case."""
    wanted = given.strip()
    own = _.customer_id == wanted
    if "@" in wanted:
        own = own | (_.customer_id.lower() == wanted.lower())
    rows = table.filter(own).limit(1).to_pyarrow().to_pylist()
    if not rows:
        raise ConfigError(
            f"No customer has the id {wanted!r}. It has to be written as in customers.parquet: "
            f"{_shape(table)}"
        )
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in rows[0].items()
    }


def _shape(table: ibis.Table) -> str:
    """Say how most ids look, without naming one."""
    shape = _.customer_id.re_replace(r"[0-9]", "9").re_replace(r"\p{L}", "a")
    forms = table.select(shape=shape).value_counts(name="n").order_by([ibis.desc("n"), "shape"])
    (form,) = forms.limit(1).to_pyarrow().to_pylist()
    total = int(table.count().execute())
    return (
        f"{form['n']:,} of the {total:,} ids there look like {form['shape']} (9 for a digit, a for "
        "a letter)."
    )
