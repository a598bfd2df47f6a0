"""What the statuses of a source mean: sales, returns, or orders that never came to be."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from retention_lib import vocabulary
from retention_lib.client import Client, folded, shown
from retention_lib.client.lines import as_line
from retention_lib.errors import Choice, ConfigError, redacted
from retention_lib.sources import Raw

Meaning = Literal["sale", "return", "cancelled"]
MEANINGS: Final[tuple[Meaning, ...]] = ("sale", "return", "cancelled")
MOST_STATUSES = 10_000
_MOST_SHOWN = 20
_SHORTEST_SLIP = 5  # letters of a word that a slip is looked for in
_MEANS = {
    "sale": "it is a sale and counts",
    "return": "it is a return: its amounts are taken off",
    "cancelled": "the order never came to be and is set aside",
}


@dataclass(frozen=True)
class Proposal:
    """What a column's statuses mean, as far as the vocabulary knows.

    Attributes
    ----------
    known : dict
        The statuses of each meaning, as the source spells them, most rows first; only meanings
        that some status has.
    unknown : tuple of str
        Those that the vocabulary does not know, or that can be read in more than one way (pending,
        on hold): the user has to say, most rows first.
    """

    known: dict[Meaning, list[str]]
    unknown: tuple[str, ...]

    @property
    def line(self) -> str:
        """The line of the YAML that says so; complete if nothing is unknown."""
        return as_line("statuses", self.known)

    def told(self, status: str, meaning: Meaning) -> Proposal:
        """Return the proposal with the meaning of one more status."""
        known = {it: list(self.known.get(it, [])) for it in MEANINGS}
        known[meaning].append(status)
        rest = tuple(it for it in self.unknown if it != status)
        return Proposal({it: words for it, words in known.items() if words}, rest)


def proposed(counts: Mapping[str, int]) -> Proposal:
    """Return what statuses mean by the vocabulary, in five languages.

    Case does not count, nor whether words are parted by blanks, underscores or hyphens, nor the
    ``wc-`` that WooCommerce writes before them.

    Parameters
    ----------
    counts
        The rows of each status, as the source spells it. Spellings of one word are given once.
    """
    by_word = {_worded(word): it for it in MEANINGS for word in vocabulary.words(it)}
    known: dict[Meaning, list[str]] = {}
    unknown: dict[str, str] = {}
    seen: set[str] = set()
    for status in sorted(counts, key=lambda it: (-counts[it], it)):
        if folded(status) in seen or not status.strip():
            continue
        seen.add(folded(status))
        if meaning := by_word.get(_worded(status)):
            known.setdefault(meaning, []).append(status)
        else:
            unknown[folded(status)] = status
    return Proposal({it: known[it] for it in MEANINGS if it in known}, tuple(unknown.values()))


def _worded(status: str) -> str:
    """Return a status as the vocabulary writes it: ``wc-partially_refunded`` in plain words."""
    words = re.sub(r"[\s_\-]+", " ", folded(status)).strip()
    return words.removeprefix("wc ")


@dataclass(frozen=True)
class Meant:
    """What each status of a source means, as the YAML says.

    Attributes
    ----------
    means : dict
        The meaning of each status as the source spells it; absent where nothing is said.
    rest : str, optional
        What all other statuses mean, and rows without one.
    """

    means: dict[str, Meaning]
    rest: Meaning | None = None

    def is_(self, meaning: Meaning, status: ir.StringValue) -> ir.BooleanValue:
        """Say of each row whether its status is named with this meaning."""
        names = [name for name, means in self.means.items() if means == meaning]
        return status.isin(names).fill_null(False) if names else ibis.literal(False)

    def of(self, status: ir.StringValue) -> ir.StringValue:
        """Return the meaning of each row's status; null where nothing is said of it."""
        rest = ibis.ifelse(status.notnull(), self.rest, None) if self.rest else ibis.null(str)
        found = [(self.is_(it, status), it) for it in MEANINGS if it in self.means.values()]
        return ibis.cases(*found, else_=rest) if found else rest


def meant(raw: Raw, client: Client, plain: ibis.Table) -> Meant:
    """Return what the statuses of a source mean, by ``statuses`` or ``cancelled`` of the YAML.

    Case and blanks do not count, nor how a letter with an accent is put together; Python decides,
    since engines do not agree on it. A name that no row holds is no slip in itself: a month may
    pass without a cancellation. Statuses that ``statuses`` does not name have no meaning here; see
    :func:`check_named`. Those that ``cancelled`` does not name are sales.

    Raises
    ------
    ConfigError
        If a name of ``cancelled`` is not there but one is that differs by a letter: a slip of the
        pen would count cancelled orders as purchases. Also if the column holds too many values for
        statuses.
    """
    if not (client.cancelled or client.statuses):
        return Meant({})
    there = _counted(raw, client, plain)
    if client.statuses is None:
        wanted = {folded(name) for name in client.cancelled}
        _refuse_slips(there, raw, client)
        return Meant({it: "cancelled" for it in there if folded(it) in wanted}, "sale")
    said = client.statuses
    named: dict[str, Meaning] = {folded(it): "sale" for it in said.sale}
    named |= {folded(it): "return" for it in said.returned}
    named |= {folded(it): "cancelled" for it in said.cancelled}
    return Meant({it: named[folded(it)] for it in there if folded(it) in named})


def _counted(raw: Raw, client: Client, plain: ibis.Table) -> dict[str, int]:
    seen = plain.status.cast(str)
    counts = plain.filter(seen.notnull()).group_by(status=seen).agg(rows=ibis._.count())
    rows = counts.order_by(ibis.desc("rows"), "status").limit(MOST_STATUSES + 1).to_pyarrow()
    if len(rows) > MOST_STATUSES:
        raise ConfigError(
            f"{raw.where}: column {client.columns.status!r} holds more than {MOST_STATUSES:,} "
            "different values, which are no statuses; mend `columns: {status: …}`."
        )
    return {row["status"]: row["rows"] for row in rows.to_pylist()}


def check_named(raw: Raw, client: Client, rows: ibis.Table, meant: Meant) -> None:
    """Stop if a status has no meaning though ``statuses`` gives one to others.

    Parameters
    ----------
    raw, client
        The source and the client.
    rows
        Rows with the status of their order and their worth: status, amount.
    meant
        What is known, from :func:`meant`.

    Raises
    ------
    ConfigError
        Listing all statuses with their rows and money. Its choice is the complete line where the
        vocabulary knows all of them; else there is one for each meaning of the first unknown one,
        which say what is known of the others.
    """
    if client.statuses is None:
        return
    counts = rows.filter(_.status.notnull()).group_by("status")
    each = counts.agg(rows=_.count(), money=_.amount.sum()).order_by(ibis.desc("rows"), "status")
    listed: list[dict[str, Any]] = each.to_pyarrow().to_pylist()
    unnamed = {row["status"]: row["rows"] for row in listed if row["status"] not in meant.means}
    if unnamed:
        raise _unnamed(raw, client, listed, _complete(client, proposed(unnamed)))


def _complete(client: Client, found: Proposal) -> Proposal:
    """Return a proposal for what the YAML does not name, with what it does."""
    said = client.statuses
    assert said is not None
    own = {"sale": said.sale, "return": said.returned, "cancelled": said.cancelled}
    both = {it: [*own[it], *found.known.get(it, [])] for it in MEANINGS}
    return Proposal({it: words for it, words in both.items() if words}, found.unknown)


def _unnamed(
    raw: Raw, client: Client, listed: list[dict[str, Any]], found: Proposal
) -> ConfigError:
    if found.unknown:
        status = found.unknown[0]
        choices = tuple(Choice(found.told(status, it).line, _MEANS[it]) for it in MEANINGS)
        ask = (
            f"Say what {_quoted(found.unknown)} mean{'s' if len(found.unknown) == 1 else ''}: for "
            f"{status!r} write {choices[0]} if it is a sale, {choices[1]} if a return (its amounts "
            f"are taken off), {choices[2]} if the order never came to be"
        )
    else:
        choices = (Choice(found.line, _said(found)),)
        ask = f"By their names, that is {choices[0]}"
    return ConfigError(
        f"{raw.where}: column {client.columns.status!r} holds statuses that `statuses` of "
        f"{shown(client.file)} does not name: {_list(listed)}. {ask}.",
        choices=choices,
    )


def _list(listed: list[dict[str, Any]]) -> str:
    said = [
        f"{redacted(row['status'])[:40]!r} ({row['rows']:,} rows{_money(row['money'])})"
        for row in listed[:_MOST_SHOWN]
    ]
    more = len(listed) - _MOST_SHOWN
    return ", ".join(said) + (f" and {more:,} more" if more > 0 else "")


def _money(amount: float | None) -> str:
    return "" if amount is None else f", {amount:,.2f}"


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(repr(redacted(word)[:40]) for word in words)


def _said(found: Proposal) -> str:
    return "; ".join(f"{means}: {', '.join(words)}" for means, words in found.known.items())


def _refuse_slips(there: Mapping[str, int], raw: Raw, client: Client) -> None:
    wanted = {folded(name) for name in client.cancelled}
    others = {it: rows for it, rows in there.items() if folded(it) not in wanted}
    for name in client.cancelled:
        if folded(name) not in map(folded, there):
            _refuse_slip(name, others, raw, client)


def _refuse_slip(name: str, there: Mapping[str, int], raw: Raw, client: Client) -> None:
    for status, rows in there.items():
        if _one_slip(folded(name), folded(status)):
            choices = tuple(
                Choice(as_line("cancelled", [it for it in named if it]), means)
                for named, means in (
                    ([status if it == name else it for it in client.cancelled], "it is meant"),
                    ([it for it in client.cancelled if it != name], "it is another status"),
                )
            )
            raise ConfigError(
                f"{raw.where}: no row of column {client.columns.status!r} holds {name!r}, which "
                f"{shown(client.file)} calls cancelled, but {rows} hold {status!r}; write "
                f"{choices[0]} if that is meant, else take {name!r} out: {choices[1]}.",
                choices=choices,
            )


def _one_slip(one: str, other: str) -> bool:
    """Say whether two longer words differ by one letter: added, left out or another."""
    if min(len(one), len(other)) < _SHORTEST_SLIP or abs(len(one) - len(other)) > 1:
        return False
    start = len(os.path.commonprefix([one, other]))
    one, other = one[start:], other[start:]
    end = len(os.path.commonprefix([one[::-1], other[::-1]]))
    return max(len(one), len(other)) - end <= 1
