"""What a client's YAML may say: keys, types and ranges."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import babel
from pydantic import (
    BeforeValidator,
    Field,
    field_validator,
    model_validator,
)

from retention_lib.client.format import Format
from retention_lib.client.source import Columns, Source
from retention_lib.client.values import (
    BillingPeriod,
    Column,
    Part,
    Place,
    Text,
    Words,
    date_of_text,
    folded,
    text_of_number,
    tuple_of_one_or_list,
)
from retention_lib.languages import languages


class Economics(Part):
    """What a sale leaves, and how far and at which rate values look ahead; rates are fractions."""

    margin: Annotated[float, Field(gt=0, le=1)] | None = None
    discount_rate: Annotated[float, Field(ge=0, le=1)] = 0.10
    horizon_months: Annotated[int, Field(ge=1, le=120)] = 12


class Statuses(Part):
    """What the statuses of orders mean: sales, returns, or orders that never came to be."""

    sale: Words = ()
    returned: Annotated[Words, Field(alias="return")] = ()
    cancelled: Words = ()

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        said = Counter(folded(word) for word in (*self.sale, *self.returned, *self.cancelled))
        twice = [word for word, times in said.items() if times > 1]
        if twice:
            raise ValueError(f"gives {twice[0]!r} more than one meaning; keep one of them")
        return self


class Ids(Part):
    """How customers' ids are compared."""

    fold_case: bool = False


Totals = dict[Annotated[str, BeforeValidator(text_of_number)], float]


def _of_all(value: Any) -> Any:
    """Let a number stand for the total of all."""
    return {"all": value} if isinstance(value, int | float) and value is not True else value


class Control(Part):
    """Totals of the client's own books: of all, by year (``2024``) or month (``2024-03``)."""

    revenue: Annotated[Totals, BeforeValidator(_of_all)] = Field(default_factory=dict)
    orders: Annotated[Totals, BeforeValidator(_of_all)] = Field(default_factory=dict)
    customers: Annotated[Totals, BeforeValidator(_of_all)] = Field(default_factory=dict)
    tolerance: Annotated[float, Field(ge=0, lt=1)] = 0.01

    @field_validator("revenue", "orders", "customers")
    @classmethod
    def _periods(cls, value: Totals) -> Totals:
        for period in value:
            if not re.fullmatch(r"all|\d{4}(-(0[1-9]|1[0-2]))?", period):
                raise ValueError(
                    f"has {period!r}; write a year or a month, as in `revenue: {{2024: 12345.00}}`"
                )
        return value


class Client(Part):
    """One client: the slug and folder it was loaded from, and what its YAML says."""

    slug: str
    folder: Path
    name: Text
    source: Source
    columns: Columns
    format: Format = Format()
    formats: dict[Place, Format] = Field(default_factory=dict)
    currency: str = ""
    language: str = "en"
    locale: str = "en"
    economics: Economics = Economics()
    reasons: Text | None = None
    as_of: Annotated[date | None, BeforeValidator(date_of_text)] = None
    merge_days: Annotated[int, Field(ge=0, le=366)] = 0
    cancelled: Words = ()
    statuses: Statuses | None = None
    amount_is: Literal["order", "line"] | None = None
    discount_is: Literal["money", "percent", "share"] | None = None
    order_ids: Literal["restart", "shared"] | None = None
    not_sales: dict[Column, Annotated[Words, Field(min_length=1)]] = Field(default_factory=dict)
    currencies: Literal["converted"] | None = None
    not_customers: Words = ()
    customers: Words = ()
    ids: Ids = Ids()
    ahead: Literal["set_aside", "keep"] = "set_aside"
    control: Control | None = None
    zero_amounts: Literal["keep", "set_aside"] = "keep"
    billing_periods: Annotated[
        tuple[Literal["week", "year"], ...], BeforeValidator(tuple_of_one_or_list)
    ] = ()

    @field_validator("currency", mode="before")
    @classmethod
    def _code(cls, value: Any) -> Any:
        value = "" if value is None else value
        if isinstance(value, str) and not re.fullmatch(r"([A-Z]{3})?", value):
            raise ValueError("should be a code of three capital letters, as in `currency: EUR`")
        return value

    @field_validator("language")
    @classmethod
    def _shipped(cls, value: str) -> str:
        if value not in (known := languages()):
            raise ValueError(f"is not a language shipped; write one of: {', '.join(known)}")
        return value

    @field_validator("locale")
    @classmethod
    def _known_locale(cls, value: str) -> str:
        value = value.replace("-", "_")
        try:
            babel.Locale.parse(value)
        except (ValueError, babel.UnknownLocaleError) as error:
            raise ValueError("is not a known locale; write e.g. `locale: en_GB`") from error
        return value

    @model_validator(mode="after")
    def _positions_without_header(self) -> Self:
        mapped = [*self.columns.mapped().values(), *self.columns.segments, *self.not_sales]
        names = [column for column in mapped if not re.fullmatch(r"[1-9]\d*", column)]
        if not self.format.header and names:
            raise ValueError(
                f"columns: {names[0]!r} is a name, but with `format: {{header: false}}` "
                "columns are given by position, counted from 1"
            )
        return self

    @model_validator(mode="after")
    def _statuses_stand_in_status(self) -> Self:
        given = "statuses" if self.statuses else "cancelled" if self.cancelled else None
        if given and self.columns.status is None:
            raise ValueError(
                f"{given} says which orders are no sale, but no column holds the status; "
                "add `columns: {status: …}`"
            )
        if self.statuses and self.cancelled:
            raise ValueError(
                "gives statuses and cancelled; write `statuses: {cancelled: […]}` for both"
            )
        return self

    @model_validator(mode="after")
    def _orders_have_ids(self) -> Self:
        for name in ("amount_is", "order_ids"):
            if getattr(self, name) and self.columns.order_id is None:
                raise ValueError(
                    f"{name} says how orders are written, but no column holds their numbers; "
                    "add `columns: {order_id: …}`"
                )
        return self

    @model_validator(mode="after")
    def _formats_fit(self) -> Self:
        for name in self.formats:
            self.format_of(name)
        return self

    def format_of(self, label: str) -> Format:
        """Return how a file is written: ``format``, with what ``formats`` says of its name.

        A pattern of ``formats`` is a glob on the file's path from the client's folder on; what it
        says of a workbook holds for a sheet, ``input/book.xlsx [May]``, which may have its own. What
        is said of a file by its name counts before what a pattern says, wherever it stands.
        """
        found = self.format
        places = {label, label.rpartition(" [")[0]} if label.endswith("]") else {label}
        exact = [pattern for pattern in self.formats if pattern in places]
        globs = [
            pattern
            for pattern in self.formats
            if pattern not in places and any(fnmatch.fnmatchcase(it, pattern) for it in places)
        ]
        for pattern in (*globs, *sorted(exact, key=len)):
            found = self.formats[pattern].over(found)
        return found

    @property
    def file(self) -> Path:
        """The YAML that this client was loaded from."""
        return self.folder / "client.yaml"

    @property
    def unused(self) -> tuple[str, ...]:
        """The mapped columns that change no figure, though a reader may think they do."""
        needed = {"status": bool(self.cancelled or self.statuses), "cost": self.has_amounts}
        mapped = self.columns.mapped()
        return tuple(name for name, used in needed.items() if name in mapped and not used)

    @property
    def periods(self) -> tuple[BillingPeriod, ...]:
        """The billing periods that subscribers are looked for in; month and quarter always."""
        looked_for = {"month", "quarter", *self.billing_periods}
        return tuple(period for period in get_args(BillingPeriod) if period in looked_for)

    @property
    def has_amounts(self) -> bool:
        """Whether amounts are known: mapped, or both factors of them."""
        columns = self.columns
        return bool(columns.amount or (columns.quantity and columns.unit_price))
