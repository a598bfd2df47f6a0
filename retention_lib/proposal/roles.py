"""Which column holds what: told by names first, by values where names are silent, else asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from retention_lib import vocabulary
from retention_lib.client.lines import as_line
from retention_lib.errors import Choice
from retention_lib.proposal.by_values import ByValues, comes_back, customers, days, sums
from retention_lib.proposal.fitting import FITS, is_money
from retention_lib.proposal.names import Match, Sure, has, match
from retention_lib.proposal.profiles import Profile

__all__ = ["Question", "Roles", "roles"]

# whose columns change a figure where they are taken for another
_NEEDED: Final = ("ordered_at", "customer_id")
_BY_NAME: Final = (
    *("ordered_at", "customer_id", "order_id", "status", "currency", "refunded", "quantity"),
    *("product", "channel", "region", "owner"),
)
_FEW_NOBODIES: Final = 0.01
_FILLED: Final = 0.95
_SMALL: Final = 0.98


@dataclass(frozen=True)
class Question:
    """What only somebody who knows the data can say: one of the choices settles it."""

    about: str
    message: str
    choices: tuple[Choice, ...]


@dataclass
class Roles:
    """Which column of the source holds what, what is to be asked, and what is in doubt.

    Attributes
    ----------
    columns : dict
        The source's column under each of the suite's names.
    questions : list of Question
        What is open; the name it is about has no column yet.
    doubts : dict
        What a reader of the mapping should know, under each of the suite's names.
    """

    columns: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    doubts: dict[str, list[str]] = field(default_factory=dict)


def roles(
    profiles: Sequence[Profile],
    given: Mapping[str, str | None],
    agree: Callable[[str, str], float],
) -> Roles:
    """Say which column holds what.

    Parameters
    ----------
    profiles
        All columns.
    given
        The columns that are known already, by the suite's names; None for one that is not there.
    agree
        In what share of one column's values all rows have the same value of another:
        :func:`retention_lib.proposal.profiles.named_by`.
    """
    finder = _Finder(profiles, given, agree)
    for standard in _BY_NAME:
        if standard not in given:
            finder.by_name(standard)
    finder.sums()
    finder.needed()
    finder.person()
    finder.numbered()
    return finder.found


class _Finder:
    """The columns that are still free, and what has been found."""

    def __init__(
        self,
        profiles: Sequence[Profile],
        given: Mapping[str, str | None],
        agree: Callable[[str, str], float],
    ) -> None:
        self.profiles = profiles
        self.given = given
        self.agree = agree
        self.found = Roles({name: column for name, column in given.items() if column is not None})

    def by_name(self, standard: str, among: str | None = None) -> None:
        """Take the column whose name is the surest, or ask where several are equally sure.

        ``among`` names those that it is looked for among, where that is something else.
        """
        if self._asked(standard):
            return
        ranked = self._ranked(among or standard)
        if not ranked or ranked[0][0].sure is Sure.WEAK:
            return
        best, first = ranked[0]
        rivals = [column for it, column in ranked if _equally(it, best)]
        if len(rivals) > 1:
            self._ask(standard, rivals, "Several columns are called alike", standard not in _NEEDED)
            return
        self.found.columns[standard] = first.name
        others = [column.name for it, column in ranked[1:] if it.sure >= Sure.NEAR]
        if others:
            self._doubt(standard, f"{_listed(others)} would fit, too")

    def sums(self) -> None:
        """Find the sums of money: one column, or quantity times unit price."""
        if "amount" not in self.given:
            self._amount()
        columns = self.found.columns
        if self._asked("amount") or "amount" in columns or "unit_price" in self.given:
            return
        priced = [it for it in self._ranked("unit_price") if it[0].sure >= Sure.NEAR]
        if priced and "quantity" in columns:
            self.by_name("unit_price")
        elif priced and "amount" not in self.given and not self._asked("quantity"):
            self._ask("amount", [it for _, it in priced], "Only prices are there", True)
        elif "amount" not in self.given:
            self._amount_by_values()

    def _amount(self) -> None:
        ranked = self._ranked("amount")
        both = _net_and_gross(ranked)
        if both:
            self._ask("amount", both, "Amounts are there both net and gross of tax", False)
            return
        self.by_name("amount")
        chosen = self.found.columns.get("amount")
        if chosen:
            self._counted_or_paid(self._of(chosen))

    def _counted_or_paid(self, amount: Profile) -> None:
        """Ask whether an ``Amount`` of small whole numbers beside a price counts pieces."""
        if amount.small < _SMALL or amount.cents or "quantity" in self.found.columns:
            return
        prices = [it for sure, it in self._ranked("unit_price") if sure.sure >= Sure.NEAR]
        if not prices:
            return
        del self.found.columns["amount"]
        both = {"amount": None, "quantity": amount.name, "unit_price": prices[0].name}
        choices = (
            _choice({"amount": amount.name}, f"{amount.name} is what was paid"),
            _choice(both, f"{amount.name} is a number of pieces, at {prices[0].name} each"),
        )
        message = f"{amount.name!r} holds small whole numbers ({_shown(amount)}) beside a price."
        self.found.questions.append(Question("amount", message, choices))

    def _amount_by_values(self) -> None:
        ranked = [column for _, column in self._ranked("amount")]
        fit = sums(self._free(), ranked)
        if not fit:
            self._doubt("amount", "no column of amounts was found: rates only, no money")
        elif len(fit) == 1 and not has("not_amount", fit[0].name):
            self._take_by_values("amount", fit[0])
        else:
            self._ask("amount", fit, "Nothing says which column holds the amounts", True)

    def needed(self) -> None:
        """Find the columns without which there is no report: customers by e-mail, or by values."""
        if "customer_id" not in self.found.columns and not self._asked("customer_id"):
            self.by_name("customer_id", among="email")
        for standard, by_values in (("ordered_at", days), ("customer_id", customers)):
            if standard not in self.found.columns and not self._asked(standard):
                self._by_values(standard, by_values)

    def _by_values(self, standard: str, by_values: ByValues) -> None:
        """Take the one column whose values can be this; ask where there are several."""
        kin = {"customer_id": ("customer_id", "customer_name")}.get(standard, (standard,))
        named = [column for it in kin for _, column in self._ranked(it)]
        fit = by_values(self._free(), named, self.found.columns, self.agree)
        if (
            len(fit) == 1
            and not has(f"not_{standard}", fit[0].name)
            and self._surely(standard, fit[0])
        ):
            self._take_by_values(standard, fit[0])
        else:
            self._ask(standard, fit, f"Nothing says which column holds {_SAID[standard]}", False)

    def _surely(self, standard: str, column: Profile) -> bool:
        """Whether the one column whose values can be this is it, without anybody saying so."""
        if standard == "ordered_at":  # numbers of days or seconds may be anything
            return column.dates > 0
        return "ordered_at" in self.found.columns and comes_back(column)

    def person(self) -> None:
        """See whether customers' ids are good ones, or an e-mail is the better id."""
        chosen = self.found.columns.get("customer_id")
        mails = [p for p in self.profiles if FITS["email"](p) and match("email", p.name)]
        mails = mails or [p for p in self.profiles if p.emails >= _FILLED]
        mails = [p for p in mails if p.name not in self.found.columns.values()]
        if not chosen or not mails or "email" in self.given:
            return
        column, mail = (
            self._of(chosen),
            max(mails, key=lambda p: (match("email", p.name) is not None, p.filled)),
        )
        if "customer_id" not in self.given and _worse(column, mail):
            del self.found.columns["customer_id"]
            self._ask(
                "customer_id",
                [column, mail],
                f"{chosen!r} is blank, 0 or a guest's in some rows, where {mail.name!r} may still "
                "say who it was",
                False,
            )
        elif column.emails < _FILLED:
            self.found.columns["email"] = mail.name

    def numbered(self) -> None:
        """Take a column that is called ``id`` alone for the sales' number, where it is one.

        Its rows are of one customer and day then. Where each row has its own and there are
        products, it may as well number the lines of orders.
        """
        columns = self.found.columns
        if self._asked("order_id") or "order_id" in {*self.given, *columns}:
            return
        if not {"customer_id", "ordered_at"} <= columns.keys():
            return
        for column in self._free():
            alone = column.distinct == column.rows
            lines = alone and not {"product", "quantity"}.isdisjoint(columns)
            if vocabulary.plain(column.name) != "id" or column.filled < 1 or lines:
                continue
            of = (columns["customer_id"], columns["ordered_at"])
            if alone or all(self.agree(column.name, it) >= _SMALL for it in of):
                columns["order_id"] = column.name

    def _take_by_values(self, standard: str, column: Profile) -> None:
        self.found.columns[standard] = column.name
        self._doubt(standard, "told by its values alone")

    def _ask(self, standard: str, columns: Sequence[Profile], message: str, may_lack: bool) -> None:
        choices = [_choice({standard: it.name}, _shown(it)) for it in columns]
        if may_lack and choices:
            choices.append(_choice({standard: None}, "none of them"))
        self.found.questions.append(Question(standard, f"{message}.", tuple(choices)))

    def _doubt(self, standard: str, said: str) -> None:
        self.found.doubts.setdefault(standard, []).append(said)

    def _asked(self, standard: str) -> bool:
        return any(question.about == standard for question in self.found.questions)

    def _free(self) -> list[Profile]:
        taken = set(self.found.columns.values())
        return [column for column in self.profiles if column.name not in taken]

    def _of(self, name: str) -> Profile:
        return next(column for column in self.profiles if column.name == name)

    def _ranked(self, standard: str) -> list[tuple[Match, Profile]]:
        """Return the free columns whose name and values fit, the surest first."""
        fits = FITS[standard]
        found = [
            (it, column)
            for column in self._free()
            if (it := match(standard, column.name)) and fits(column)
        ]
        return sorted(found, key=lambda pair: pair[0], reverse=True)


_SAID: Final = {"ordered_at": "the day of the sale", "customer_id": "the customer"}


def _equally(one: Match, best: Match) -> bool:
    """Whether two names are equally sure: the order of names decides between exact ones only."""
    return one.sure is best.sure and (one.sure is not Sure.EXACT or one.place == best.place)


def _net_and_gross(ranked: Iterable[tuple[Match, Profile]]) -> list[Profile]:
    """Return the columns of net and of gross amounts where there are both, else none."""
    sure = [column for it, column in ranked if it.sure >= Sure.NEAR and is_money(column)]
    kinds = [
        next((it for it in sure if has(kind, it.name) and not has(other, it.name)), None)
        for kind, other in (("net", "gross"), ("gross", "net"))
    ]
    return [it for it in kinds if it] if all(kinds) else []


def _worse(column: Profile, mail: Profile) -> bool:
    """Whether an id lacks for some rows, or for all who come back, where an e-mail does not."""
    gaps = column.nobody > _FEW_NOBODIES or column.filled < min(
        _FILLED, mail.filled - _FEW_NOBODIES
    )
    alone = column.distinct == column.present and mail.distinct < mail.present
    return column.emails < _FILLED and (gaps or alone)


def _choice(columns: Mapping[str, Any], means: str) -> Choice:
    return Choice(as_line("columns", dict(columns)), means)


def _shown(column: Profile) -> str:
    return f"such as {', '.join(column.samples)}" if column.samples else "always blank"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(repr(name) for name in names)
