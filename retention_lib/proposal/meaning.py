"""What an export's columns are, and what they hold: roles, what warns, statuses, the currency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from retention_lib.client import recipes
from retention_lib.client.lines import as_line, with_line
from retention_lib.client.source import Columns
from retention_lib.errors import Choice, ConfigError
from retention_lib.proposal import told
from retention_lib.proposal.attempts import Attempts
from retention_lib.proposal.profiles import Profile, named_by, profiles
from retention_lib.proposal.proposed import Proposed, client_of
from retention_lib.proposal.roles import roles
from retention_lib.proposal.settling import Settler
from retention_lib.sources import Raw
from retention_lib.transactions import unmapped
from retention_lib.transactions.unmapped import Doubt

__all__ = ["Meaning"]

# what a column warns of that no other column or vocabulary has settled
_SAID = {
    "refunds": "holds money that was given back",
    "credit_notes": "says that some rows take money back",
    "status": "says that some orders came to nothing",
    "test": "says that some rows are tests",
}


class Meaning:
    """Says what columns mean, step by step.

    Parameters
    ----------
    found
        The export; what was seen is noted here.
    settler
        Told what the YAML is to say.
    attempts
        Reads the rows.
    """

    def __init__(self, found: Proposed, settler: Settler, attempts: Attempts) -> None:
        self.found = found
        self.settler = settler
        self.attempts = attempts
        self._open: Sequence[str] = ()  # statuses that only the client can place

    @property
    def _raw(self) -> Raw:
        return self.attempts.surveyed(self.settler.settings)

    # --- which column is which ---

    def columns(self, names: Sequence[str] | None) -> None:
        """Say which column is which: by a recipe, else by names and values."""
        raw = self._raw
        self.found.profiles = profiles(raw)
        given: dict[str, str | None] = {
            name: None if column is None else str(column)
            for name, column in self.settler.settings.get("columns", {}).items()
            if name != "segments"
        }
        recipe = recipes.matching(raw.names) if names is not None else None
        if recipe:
            self._by_recipe(recipe, raw, given)
        while True:
            told_ = roles(self.found.profiles, given, partial(named_by, raw))
            if not told_.questions:
                break
            question = told_.questions[0]
            choices = question.choices or tuple(self._any(question.about))
            self.settler.settle(f"{question.message}{self._headers()}", choices, sure=False)
            chosen = self.settler.settings["columns"]
            given |= {name: chosen[name] for name in chosen if name != "segments"}
        self.settler.say({"columns": told_.columns})
        found = self.settler.settings["columns"]
        ordered = {name: found[name] for name in Columns.model_fields if name in found}
        self.settler.settings["columns"] = ordered
        for name, said in told_.doubts.items():
            self.found.beside[name] = "; ".join(said)
            self.found.doubts += [f"{name}: {one}." for one in said]

    def _by_recipe(self, recipe: recipes.Recipe, raw: Raw, given: dict[str, str | None]) -> None:
        """Take over what a recipe knows of a system's exports."""
        said = recipes.settings(recipe, raw.names)
        said.pop("format", None)
        self._open = recipe.statuses.open
        self.settler.say(said)
        if recipe.format.given():
            self.settler.say({"format": recipe.format.model_dump(mode="json", exclude_unset=True)})
        self.found.notes.append(f"Recognised as {recipe.system}.")
        self.found.doubts += [note for note in recipe.notes]
        columns = self.settler.settings["columns"]
        if not columns.get("customer_id"):
            raise ConfigError(_nobody(recipe))
        if {"customer_id", "ordered_at"} <= columns.keys():
            given |= dict.fromkeys(Columns.model_fields)
        given |= {
            name: str(column) for name, column in columns.items() if name != "segments" and column
        }

    def _any(self, about: str) -> Iterator[Choice]:
        for profile in self.found.profiles:
            yield Choice(as_line("columns", {about: profile.name}), _such_as(profile))

    def _headers(self) -> str:
        """Return what columns there are, for somebody who chooses among them."""
        return f" The columns are: {', '.join(profile.name for profile in self.found.profiles)}."

    # --- what they hold ---

    def warned(self) -> None:
        """Take in the columns that `check` would warn of and that a line settles."""
        while doubts := self._settling():
            first = doubts[0]
            rivals = [it for it in doubts if it.code == first.code]
            choices = [self._choice(it) for it in rivals]
            if len(rivals) > 1:
                choices += self._none_of(rivals)
            message = f"{first.column!r} {_SAID[first.code]}, in {first.rows:,} rows."
            if len(rivals) > 1:
                message = f"Several columns warn alike: {', '.join(it.column for it in rivals)}."
            self.settler.settle(message, choices)

    def _settling(self) -> list[Doubt]:
        """Return the doubts that a line settles which nobody has answered yet."""
        settings = self.settler.settings
        client = client_of(self.found.slug, self.attempts.stage, settings)
        said = settings["columns"]
        return [
            it
            for it in unmapped.doubts(self._raw, client)
            if it.line is not None and not (_role(it) in said and said[_role(it)] is None)
        ]

    def _choice(self, doubt: Doubt) -> Choice:
        """Return the line of a doubt; what the values of statuses mean is told in a step of its own.

        A flag of tests says yes and no, which is the doubt's to tell.
        """
        assert doubt.line is not None
        line = doubt.line
        if _role(doubt) == "status" and doubt.code != "test":
            line = as_line("columns", {"status": doubt.column})
        return Choice(line, f"such as {', '.join(doubt.values)}")

    def _none_of(self, doubts: Sequence[Doubt]) -> list[Choice]:
        return [Choice(as_line("columns", {_role(doubts[0]): None}), "none of them")]

    def statuses(self) -> None:
        """Say what the statuses mean that words tell; ask for the others."""
        while column := self.settler.settings["columns"].get("status"):
            if self.settler.settings.get("cancelled"):
                return
            seen = told.counted(self._raw, str(column))
            placed = told.statuses(seen, self.settler.settings.get("statuses") or {}, self._open)
            open_ = told.unplaced(seen, placed)
            if placed:
                self.settler.say({"statuses": placed})
            if open_ is None:
                return
            self.settler.settle(*open_)
        self.settler.settings.pop("statuses", None)

    def money(self) -> None:
        """Say the currency where it is seen, and how its country writes numbers."""
        columns, form = self.settler.settings["columns"], self.settler.settings.get("format", {})
        amount = self.found.profile(str(columns.get("amount") or columns.get("unit_price")))
        code = told.currency(self._raw, columns.get("currency"), form.get("sign"), amount)
        if code and "currency" not in self.settler.fixed:
            self.settler.say({"currency": code})
        if (place := told.locale(code)) and "locale" not in self.settler.fixed:
            self.settler.say({"locale": place})


def _nobody(recipe: recipes.Recipe) -> str:
    """Say that a system's export does not say who bought, and what its recipe knows of that."""
    return (
        f"This is {recipe.system}, and none of its columns says who bought, without which there is "
        f"no retention. {' '.join(recipe.notes)} If one of these columns does, name it: `--set "
        "columns.customer_id=…`."
    )


def _role(doubt: Doubt) -> str:
    """Return which of the suite's names a doubt's column would get."""
    columns = with_line({}, doubt.line or "").get("columns", {})
    return next(iter(columns), "")


def _such_as(profile: Profile) -> str:
    return f"such as {', '.join(profile.samples)}" if profile.samples else "always blank"
