"""How known systems export their orders: one recipe each, in ``data/exports``.

A recipe says by which columns an export is recognised and how it is read. It knows what the system
fixes; what differs from shop to shop (dates, decimals, encodings) is for the data to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from retention_lib.client.format import Format
from retention_lib.client.mistakes import Form, nearest
from retention_lib.client.paths import project_root
from retention_lib.client.reading import checked, read
from retention_lib.client.schema import Statuses
from retention_lib.client.source import Columns
from retention_lib.client.values import Part, Text, Words, folded

__all__ = [
    "Page",
    "Recipe",
    "known_recipes",
    "load_recipe",
    "matching",
    "recipes_folder",
    "settings",
]

Names = Annotated[Words, Field(min_length=1)]
Grain = Literal["order", "line"]
Converted = Literal["converted"]
_BUNDLED: Final = Path(__file__).resolve().parents[2] / "data" / "exports"
_BY_COLUMN: Final = {"amount_is": "amount", "currencies": "amount", "not_customers": "customer_id"}
_NEEDS: Final = {"statuses": "status", "amount_is": "order_id"}  # the columns they speak of


def _tuple_of_list(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class Page(Part):
    """A page of public documentation that a recipe's facts come from."""

    title: Text
    address: Annotated[str, Field(pattern=r"^https?://\S+$")]


class Meanings(Statuses):
    """A system's own statuses; those that only the client can place are ``open``."""

    open: Words = ()

    @model_validator(mode="after")
    def _open_is_not_placed(self) -> Meanings:
        placed = {folded(word) for word in (*self.sale, *self.returned, *self.cancelled)}
        if twice := [word for word in self.open if folded(word) in placed]:
            raise ValueError(f"calls {twice[0]!r} open and gives it a meaning; keep one of them")
        return self


class Recipe(Part):
    """How one system exports its orders.

    Attributes
    ----------
    system, about : str
        What the system is called, and what its export is like.
    documentation : tuple of Page
        Where that is said; none where it is from memory, which ``about`` then says.
    recognised_by, any_of : tuple
        The columns that must all be there, and groups of which one must be there whole.
    columns : mapping
        Under each of our names the column that holds it, or several, the best first.
    format : Format
        How the system always writes dates, numbers and lines.
    statuses : Meanings
        What its statuses mean.
    amount_is, not_customers : value or mapping
        As in a client's YAML, or by the column that serves as amount or as customer.
    not_sales : mapping
        As in a client's YAML; columns that an export lacks are left out.
    currencies : str or mapping
        As in a client's YAML, or by the column that serves as amount.
    timezone : str
        Whose day its moments are in, in words.
    notes : tuple of str
        What an analyst must know.
    examples : tuple
        Headers of such exports, as lists of columns.
    """

    system: Text
    about: Text
    documentation: Annotated[tuple[Page, ...], BeforeValidator(_tuple_of_list)] = ()
    recognised_by: Words = ()
    any_of: Annotated[tuple[Names, ...], BeforeValidator(_tuple_of_list)] = ()
    columns: dict[str, Names]
    format: Format = Format()
    statuses: Meanings = Meanings()
    amount_is: Grain | dict[str, Grain] | None = None
    not_customers: Words | dict[str, Words] = ()
    not_sales: Annotated[dict[str, Names], Field(default_factory=dict)]
    currencies: Converted | dict[str, Converted] | None = None
    timezone: Text | None = None
    notes: Words = ()
    examples: Annotated[tuple[Names, ...], BeforeValidator(_tuple_of_list), Field(min_length=1)]

    @field_validator("columns")
    @classmethod
    def _standard_names(cls, value: dict[str, Names]) -> dict[str, Names]:
        known = Columns.model_fields
        for name in value:
            if name not in known:
                like = nearest(name, known) or [", ".join(known)]
                raise ValueError(f"has the name {name!r}, which is unknown; do you mean {like[0]}?")
        return value

    @model_validator(mode="after")
    def _can_be_recognised(self) -> Recipe:
        if not self.recognised_by and not self.any_of:
            raise ValueError("recognised_by is missing; add `recognised_by: [Order ID, …]`")
        for header in self.examples:
            if not self.recognised(header):
                raise ValueError(
                    f"examples: the header that begins with {header[0]!r} lacks a column that the "
                    "export is recognised by; add it, or take it out of `recognised_by` or `any_of`"
                )
        return self

    @model_validator(mode="after")
    def _speaks_of_its_columns(self) -> Recipe:
        for key, ours in _BY_COLUMN.items():
            said, columns = getattr(self, key), self.columns.get(ours, ())
            by_column = said if isinstance(said, Mapping) else {}
            for name in by_column:
                if folded(name) not in map(folded, columns):
                    raise ValueError(
                        f"{key} speaks of the column {name!r}, which is none of those under "
                        f"`columns: {{{ours}: …}}`; add it there, or mend its name"
                    )
        return self

    def recognised(self, names: Iterable[str]) -> int:
        """Return how many of the columns it is recognised by are there; 0 if it is not."""
        there = {folded(name) for name in names}
        groups = [(*self.recognised_by, *group) for group in self.any_of or ((),)]
        whole = [len(set(group)) for group in groups if {folded(name) for name in group} <= there]
        return max(whole, default=0)

    def mapped(self, names: Iterable[str]) -> dict[str, Any]:
        """Return ``columns`` of a client's YAML for an export with these columns."""
        there = {folded(name): name for name in names}
        found = {
            ours: [there[folded(theirs)] for theirs in columns if folded(theirs) in there]
            for ours, columns in self.columns.items()
        }
        return {
            ours: columns if ours == "segments" else columns[0]
            for ours, columns in found.items()
            if columns
        }


_FORM: Final = Form(
    Recipe,
    {
        "system": "`system: …`, as the system is called",
        "about": "`about: …`, what its export is like",
        "columns": "`columns: {customer_id: [Customer ID, Email], ordered_at: …, amount: …}`",
        "examples": "`examples: [[Order ID, Email, …]]`, the header of an export",
        "examples.0": "`examples: [[Order ID, Email, …]]`, the header of an export",
        "amount_is": "`amount_is: order`",
    },
)


def recipes_folder() -> Path:
    """Return the folder that holds the recipes."""
    return project_root() / "data" / "exports"


def load_recipe(file: Path) -> Recipe:
    """Read and check one recipe.

    Raises
    ------
    ConfigError
        If the file cannot be read, or says something unknown; the message says what to write.
    """
    return _checked(read(file), file)


@cache
def _checked(text: str, file: Path) -> Recipe:
    return checked(text, file, _FORM)


def known_recipes() -> dict[str, Recipe]:
    """Return all recipes by the name of their file, in alphabetical order.

    They are those that came with the suite and those of the project, which replace others of their
    name.

    Raises
    ------
    ConfigError
        As :func:`load_recipe`.
    """
    folders = (_BUNDLED, recipes_folder())
    files = {file.stem: file for folder in folders for file in folder.glob("*.yaml")}
    return {name: load_recipe(files[name]) for name in sorted(files)}


def matching(names: Iterable[str]) -> Recipe | None:
    """Return the recipe that an export with these columns is read by; None if none fits.

    Where several fit, it is the one recognised by the most columns, then the one that has a use
    for the most.

    Raises
    ------
    ConfigError
        As :func:`load_recipe`.
    """
    names = tuple(names)
    fitting = [recipe for recipe in known_recipes().values() if recipe.recognised(names)]
    return max(fitting, key=lambda it: (it.recognised(names), len(it.mapped(names))), default=None)


def settings(recipe: Recipe, names: Iterable[str]) -> dict[str, Any]:
    """Return what a recipe says of a client's YAML, for an export with these columns.

    Parameters
    ----------
    recipe : Recipe
        From :func:`matching`.
    names : iterable of str
        The export's columns, as it spells them.

    Returns
    -------
    dict
        Some of ``columns``, ``format``, ``statuses``, ``amount_is``, ``not_sales``, ``currencies``
        and ``not_customers``; what the recipe does not know, or these columns do not have, is left
        out.
    """
    names = tuple(names)
    columns = recipe.mapped(names)
    statuses = recipe.statuses.model_dump(mode="json", by_alias=True, exclude={"open"})
    found = {
        "columns": columns,
        "format": recipe.format.model_dump(mode="json", exclude_unset=True),
        "statuses": {key: words for key, words in statuses.items() if words},
        "amount_is": _for(columns.get("amount"), recipe.amount_is),
        "not_sales": {
            name: list(recipe.not_sales[said])
            for name in names
            for said in recipe.not_sales
            if folded(said) == folded(name)
        },
        "currencies": _for(columns.get("amount"), recipe.currencies),
        "not_customers": list(_for(columns.get("customer_id"), recipe.not_customers) or ()),
    }
    useless = {key for key, column in _NEEDS.items() if column not in columns}
    return {key: value for key, value in found.items() if value and key not in useless}


def _for(column: str | None, said: Any) -> Any:
    """Return what is said of the column in use, or of any."""
    if not isinstance(said, Mapping):
        return said
    by_column = {folded(name): value for name, value in said.items()}
    return by_column.get(folded(column or ""))
