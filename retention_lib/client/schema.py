"""What a client's YAML may say: keys, types and ranges."""

from __future__ import annotations

import codecs
import fnmatch
import re
import unicodedata
import zoneinfo
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import babel
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from retention_lib.languages import languages

WHITESPACE = "whitespace"
GENERATED = ("demo", "messy")  # sources made by a generator of the same name in data/
COUNTED_DATES = ("unix", "unix_ms", "excel")  # dates as a number since a day
_TAB = {"\\t": "\t", "tab": "\t"}


def _text_of_number(value: Any) -> Any:
    """Let a whole number stand for text: a column's position, a generator's seed."""
    return str(value) if type(value) is int else value


def _tuple_of_list(value: Any) -> Any:
    """Let a YAML list stand for a tuple, which cannot change."""
    return tuple(value) if isinstance(value, list) else value


def _tuple_of_one_or_list(value: Any) -> Any:
    """Let one value stand for a list of one."""
    return _tuple_of_list([value] if isinstance(value, str | int) else value)


def _no_truth(value: Any) -> Any:
    """Refuse what YAML takes for yes or no where a word is meant."""
    if isinstance(value, bool):
        said = "is yes or no to YAML; put the word in quotes, as in `cancelled: ['no']`"
        raise ValueError(said)  # noqa: TRY004 - what pydantic takes for a refusal
    return value


def folded(text: str) -> str:
    """Return a text as it compares: without blanks around it, case, or ways to compose letters."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def date_of_text(value: Any) -> Any:
    """Let a date in quotes be a date; YAML itself reads it without quotes."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        reason = "is not a date"
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            reason = "is no date: there is no such day"
        raise ValueError(f"{reason}; write it as in 1998-06-30") from None


def looks_like_url(value: Any) -> bool:
    """Whether a value is text that begins as a URL does, with two slashes or one."""
    return isinstance(value, str) and bool(
        re.match(r"\s*[a-z][a-z0-9+.-]+:/", value, re.IGNORECASE)
    )


def _no_url(value: Any) -> Any:
    """Refuse a URL, which may hold a password, where a name is meant."""
    if looks_like_url(value):
        raise ValueError(
            "looks like a URL; a URL belongs into `connection`, as in "
            "`source: {table: …, connection: 'postgresql://${DB_USER}:${DB_PASSWORD}@host/shop'}`"
        )
    return value


Column = Annotated[
    str, BeforeValidator(_no_url), BeforeValidator(_text_of_number), Field(min_length=1)
]
Seed = Annotated[
    str, BeforeValidator(_no_url), BeforeValidator(_text_of_number), Field(pattern=r"^[0-9]{1,18}$")
]
Text = Annotated[str, Field(min_length=1)]
Status = Annotated[
    str,
    BeforeValidator(_no_truth),
    BeforeValidator(_text_of_number),
    Field(min_length=1, pattern=r"\S"),
]
Words = Annotated[tuple[Status, ...], BeforeValidator(_tuple_of_one_or_list)]
Place = Annotated[str, BeforeValidator(_no_url), Field(min_length=1)]
BillingPeriod = Literal["week", "month", "quarter", "year"]


class Part(BaseModel):
    """Strict and immutable: a key or a type that is not expected is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Source(Part):
    """Where the sales are: exactly one of file, package, table, query, demo and messy.

    ``file`` is a file, a folder or a glob, or several of them.
    """

    file: Annotated[tuple[Place, ...], BeforeValidator(_tuple_of_one_or_list)] | None = None
    package: Place | None = None
    table: Place | None = None
    query: Place | None = None
    demo: Seed | None = None
    messy: Seed | None = None
    connection: Text | None = Field(default=None, repr=False)

    @property
    def generated(self) -> tuple[str, int] | None:
        """The generator that makes the files, by name, and its seed; None for all other sources."""
        seeds = ((name, getattr(self, name)) for name in GENERATED)
        return next(((name, int(seed)) for name, seed in seeds if seed is not None), None)

    @field_validator("connection")
    @classmethod
    def _no_password(cls, url: str | None) -> str | None:
        if url is not None and re.match(r"(duckdb|sqlite)://[^/]*@", url, re.IGNORECASE):
            raise ValueError(
                "gives a user to a database that is a file and has none; "
                "write e.g. `connection: 'duckdb://input/shop.duckdb'`"
            )
        if url is not None and _holds_password(url):
            raise ValueError(
                "holds a password; write an environment variable in its place, "
                "as in postgresql://${DB_USER}:${DB_PASSWORD}@host/database"
            )
        return url

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = ("file", "package", "table", "query", *GENERATED)
        given = [name for name in origins if getattr(self, name) is not None]
        if len(given) != 1:
            found = f"gives {' and '.join(given)}" if given else "gives none"
            raise ValueError(
                f"needs exactly one of {', '.join(origins[:-1])} and {origins[-1]}, but {found}; "
                "write e.g. `source: {file: input/sales.csv}`"
            )
        if self.table or self.query:
            if self.connection is None:
                raise ValueError(
                    f"gives {given[0]} without a connection; write e.g. "
                    f"`source: {{{given[0]}: …, connection: 'sqlite:///input/shop.sqlite'}}`"
                )
        elif self.connection is not None:
            raise ValueError(f"gives {given[0]} and a connection; only table and query have one")
        return self


class Columns(Part):
    """Which column of the source holds what: its name, or its position from 1 without a header."""

    customer_id: Column
    ordered_at: Column
    amount: Column | None = None
    order_id: Column | None = None
    product: Column | None = None
    quantity: Column | None = None
    unit_price: Column | None = None
    discount: Column | None = None
    cost: Column | None = None
    refunded: Column | None = None
    status: Column | None = None
    email: Column | None = None
    owner: Column | None = None
    region: Column | None = None
    channel: Column | None = None
    effort: Column | None = None
    currency: Column | None = None
    segments: Annotated[tuple[Column, ...], BeforeValidator(_tuple_of_list)] = ()

    @model_validator(mode="after")
    def _amount_is_complete(self) -> Self:
        if self.unit_price and not (self.amount or self.quantity):
            raise ValueError(
                "gives unit_price without quantity; "
                "write both (amount is their product), or `amount: …`"
            )
        return self

    def mapped(self) -> dict[str, str]:
        """Return the source's column under each standard name that is mapped, without segments."""
        names = (name for name in type(self).model_fields if name != "segments")
        return {name: column for name in names if (column := getattr(self, name)) is not None}


def _plain_blank(value: Any) -> Any:
    """Let any blank that keeps a number on one line stand for a blank: cells are read alike."""
    return " " if isinstance(value, str) and value.isspace() else value


Thousands = Annotated[Literal[".", ",", " ", "'", "’", "_"], BeforeValidator(_plain_blank)]


class Format(Part):
    """How dates, numbers and lines are written. Absent date: ISO; absent delimiter: a comma.

    ``date`` is a format of strptime, or one of ``unix`` (seconds), ``unix_ms`` and ``excel`` (days
    since 1899-12-30). ``timezone`` is whose day counts where moments are given by their time zone
    or as seconds since 1970. ``sign`` is a currency's, where not every cell carries it.
    ``skip_lines`` stand above the header, ``sheet`` names those of a workbook that are read.
    """

    date: Text | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Thousands | None = None
    sign: Text | None = None
    timezone: Text | None = None
    skip_lines: Annotated[int, Field(ge=0, le=1000)] = 0
    sheet: Annotated[tuple[Text, ...], BeforeValidator(_tuple_of_one_or_list)] = ()
    encoding: Text = "utf-8"
    delimiter: Text | None = None
    header: bool = True

    @field_validator("date")
    @classmethod
    def _whole_day(cls, value: str | None) -> str | None:
        if value in COUNTED_DATES:
            return value
        letters = set(re.findall(r"%-?([A-Za-z])", value or ""))
        if unknown := sorted(letters - set("YymbBdjHIMSfpaAzZ")):
            raise ValueError(f"has %{unknown[0]}, which stands for nothing in a date")
        if re.search("%[zZ].", value or ""):
            raise ValueError("has a time zone that is not at the end")
        parts = ("Yy", "mbBj", "dj")
        if value is not None and not all(letters & set(part) for part in parts):
            raise ValueError('needs a day, a month and a year; write e.g. `date: "%d.%m.%Y"`')
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            zoneinfo.ZoneInfo(value or "UTC")
        except (LookupError, ValueError, OSError):
            raise ValueError("is not a time zone; write e.g. `timezone: Europe/Warsaw`") from None
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            known = codecs.lookup(value)
        except (LookupError, ValueError):
            known = None
        if known is None or not getattr(known, "_is_text_encoding", True):
            raise ValueError("is not an encoding Python knows; try utf-8, cp1250, cp1252 or utf-16")
        return value

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        value = _TAB.get(value or "", value)
        if value not in (None, WHITESPACE) and (len(value) != 1 or value in '"\r\n\0'):
            raise ValueError(
                "should be one character, as in `delimiter: ';'`, "
                "or `whitespace` where columns are parted by any number of blanks"
            )
        return value

    def over(self, base: Format) -> Format:
        """Return another format with what this one says in its place."""
        return type(self).model_validate(base.given() | self.given())

    def given(self) -> dict[str, Any]:
        """Return what was given, by key."""
        return {name: getattr(self, name) for name in self.model_fields_set}

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.thousands is not None and self.decimal is None:
            other = "," if self.thousands == "." else "."
            raise ValueError(f"gives thousands without decimal; add `decimal: '{other}'`")
        if self.thousands is not None and self.thousands == self.decimal:
            raise ValueError("gives the same mark for decimal and thousands")
        return self


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


Totals = dict[Annotated[str, BeforeValidator(_text_of_number)], float]


def _of_all(value: Any) -> Any:
    """Let a number stand for the total of all."""
    return {"all": value} if isinstance(value, int | float) and value is not True else value


class Control(Part):
    """Totals of the client's own books: of all, by year (``2024``) or month (``2024-03``)."""

    revenue: Annotated[Totals, BeforeValidator(_of_all)] = {}
    orders: Annotated[Totals, BeforeValidator(_of_all)] = {}
    customers: Annotated[Totals, BeforeValidator(_of_all)] = {}
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
    formats: dict[Place, Format] = {}
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
    not_sales: dict[Column, Annotated[Words, Field(min_length=1)]] = {}
    currencies: Literal["converted"] | None = None
    not_customers: Words = ()
    customers: Words = ()
    ids: Ids = Ids()
    ahead: Literal["set_aside", "keep"] = "set_aside"
    control: Control | None = None
    zero_amounts: Literal["keep", "set_aside"] = "keep"
    billing_periods: Annotated[
        tuple[Literal["week", "year"], ...], BeforeValidator(_tuple_of_one_or_list)
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


def _holds_password(url: str) -> bool:
    """Whether a connection's URL holds a secret in the open instead of ``${NAME}``."""
    secret = r"(?:password|passwd|pwd|token|secret|motherduck_token)\s*=\s*([^&;\s]+)"
    found = re.findall(secret, url, re.IGNORECASE)
    with_user = re.match(r"[a-z0-9+.-]+://[^/@]*?:([^/]*)@", url, re.IGNORECASE)
    found += [with_user.group(1)] if with_user else []
    return any(not re.fullmatch(r"(\$\{\w+\})+", value) for value in found if value)
