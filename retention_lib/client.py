"""What a client's YAML may say, and how it is loaded and checked.

One folder per client under ``data/clients``; its name is the client's slug and its
``client.yaml`` says where the sales are, which columns they have and how they are written.
"""

from __future__ import annotations

import codecs
import difflib
import os
import re
from collections.abc import Hashable, Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import babel
import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from retention_lib.errors import ConfigError

LANGUAGES = ("en",)
WHITESPACE = "whitespace"
SLUG = re.compile(r"[a-z0-9-]+")
_GIVEN_BY_THE_FOLDER = ("slug", "folder")
_TAB = {"\\t": "\t", "tab": "\t"}


def _text_of_number(value: Any) -> Any:
    """Let a whole number stand for text: a column's position, a generator's seed."""
    return str(value) if type(value) is int else value


def _date_of_text(value: Any) -> Any:
    """Let a date in quotes be a date; YAML itself reads it without quotes."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a date; write it as in `as_of: 1998-06-30`") from None


Column = Annotated[str, BeforeValidator(_text_of_number), Field(min_length=1)]
Seed = Annotated[str, BeforeValidator(_text_of_number), Field(pattern=r"^\d+$")]
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    """Strict and immutable: a key or a type that is not expected is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Source(_Part):
    """Where the sales are: exactly one of file, package, table, query and demo."""

    file: Text | None = None
    package: Text | None = None
    table: Text | None = None
    query: Text | None = None
    demo: Seed | None = None
    connection: Text | None = Field(default=None, repr=False)

    @field_validator("connection")
    @classmethod
    def _no_password(cls, url: str | None) -> str | None:
        if url is not None and _holds_password(url):
            raise ValueError(
                "holds a password; write an environment variable in its place, "
                "as in postgresql://${DB_USER}:${DB_PASSWORD}@host/database"
            )
        return url

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = ("file", "package", "table", "query", "demo")
        given = [name for name in origins if getattr(self, name) is not None]
        if len(given) != 1:
            found = f"gives {' and '.join(given)}" if given else "gives none"
            raise ValueError(
                f"needs exactly one of file, package, table, query and demo, but {found}; "
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


class Columns(_Part):
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
    status: Column | None = None
    email: Column | None = None
    account: Column | None = None
    owner: Column | None = None
    region: Column | None = None
    channel: Column | None = None
    effort: Column | None = None
    ordered_until: Column | None = None
    currency: Column | None = None
    segments: tuple[Column, ...] = ()

    @field_validator("segments", mode="before")
    @classmethod
    def _list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

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


class Format(_Part):
    """How dates, numbers and lines are written. Absent date: ISO; absent delimiter: a comma."""

    date: Text | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Literal[".", ",", " ", "'", "’", "_"] | None = None
    encoding: Text = "utf-8"
    delimiter: Text | None = None
    header: bool = True

    @field_validator("date")
    @classmethod
    def _whole_day(cls, value: str | None) -> str | None:
        letters = set(re.findall(r"%-?([A-Za-z])", value or ""))
        if unknown := sorted(letters - set("YymbBdjHIMSfpaAzZ")):
            raise ValueError(f"has %{unknown[0]}, which stands for nothing in a date")
        parts = ("Yy", "mbBj", "dj")
        if value is not None and not all(letters & set(part) for part in parts):
            raise ValueError('needs a day, a month and a year; write e.g. `date: "%d.%m.%Y"`')
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

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.thousands is not None and self.decimal is None:
            other = "," if self.thousands == "." else "."
            raise ValueError(f"gives thousands without decimal; add `decimal: '{other}'`")
        if self.thousands is not None and self.thousands == self.decimal:
            raise ValueError("gives the same mark for decimal and thousands")
        return self


class Economics(_Part):
    """What a contact costs and a sale leaves; rates are fractions, money in the client's currency."""

    margin: Annotated[float, Field(gt=0, le=1)] | None = None
    discount_rate: Annotated[float, Field(ge=0, le=1)] = 0.10
    horizon_months: Annotated[int, Field(ge=1, le=120)] = 12
    contact_cost: Annotated[float, Field(ge=0)] | None = None
    contact_capacity: Annotated[int, Field(ge=0)] | None = None
    marketing_spend: Text | None = None


class Client(_Part):
    """One client: the slug and folder it was loaded from, and what its YAML says."""

    slug: str
    folder: Path
    name: Text
    source: Source
    columns: Columns
    format: Format = Format()
    currency: str = ""
    language: str = "en"
    locale: str = "en"
    economics: Economics = Economics()
    campaigns: Text | None = None
    leads: Text | None = None
    surveys: Text | None = None
    reasons: Text | None = None
    as_of: Annotated[date | None, BeforeValidator(_date_of_text)] = None
    merge_days: Annotated[int, Field(ge=0, le=366)] = 0
    zero_amounts: Literal["keep", "set_aside"] = "keep"

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
        if value not in LANGUAGES:
            raise ValueError(f"is not a language shipped; write one of: {', '.join(LANGUAGES)}")
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
        mapped = [*self.columns.mapped().values(), *self.columns.segments]
        names = [column for column in mapped if not re.fullmatch(r"[1-9]\d*", column)]
        if not self.format.header and names:
            raise ValueError(
                f"columns: {names[0]!r} is a name, but with `format: {{header: false}}` "
                "columns are given by position, counted from 1"
            )
        return self

    @property
    def file(self) -> Path:
        """The YAML that this client was loaded from."""
        return self.folder / "client.yaml"

    @property
    def has_amounts(self) -> bool:
        """Whether amounts are known: mapped, or both factors of them."""
        columns = self.columns
        return bool(columns.amount or (columns.quantity and columns.unit_price))


def project_root() -> Path:
    """Return the project's root: ``RETENTION_ROOT`` if set, else this package's checkout."""
    given = os.environ.get("RETENTION_ROOT")
    return Path(given).resolve() if given else Path(__file__).resolve().parent.parent


def clients_folder() -> Path:
    """Return the folder that holds the clients."""
    return project_root() / "data" / "clients"


def known_clients() -> list[str]:
    """Return the slugs of all clients, in alphabetical order."""
    found = (path.parent.name for path in clients_folder().glob("*/client.yaml"))
    return sorted(slug for slug in found if SLUG.fullmatch(slug))


def load_client(slug: str) -> Client:
    """Read and check what a client's YAML says.

    Parameters
    ----------
    slug
        Name of the folder in ``data/clients``: small letters, digits and hyphens.

    Returns
    -------
    Client
        The checked configuration.

    Raises
    ------
    ConfigError
        If there is no such client, or its YAML cannot be read or says something unknown.
    """
    if not SLUG.fullmatch(slug):
        raise ConfigError(
            f"{slug!r} is not the name of a client: it has small letters, digits and hyphens "
            f"only, as its folder in data/clients has.{_known(slug)}"
        )
    folder = clients_folder() / slug
    file = folder / "client.yaml"
    if not file.is_file():
        raise ConfigError(f"There is no client {slug!r}: {shown(file)} is missing.{_known(slug)}")
    return parse_client(_read(file), slug, folder)


def parse_client(text: str, slug: str, folder: Path) -> Client:
    """Check the text of a ``client.yaml`` that stands in ``folder``.

    Raises
    ------
    ConfigError
        As :func:`load_client`.
    """
    file = shown(folder / "client.yaml")
    plain = _mapping(text, file)
    for key in plain:
        if not isinstance(key, str) or key in _GIVEN_BY_THE_FOLDER:
            raise ConfigError(f"{file}: {_unknown_key((key,))}")
    try:
        return Client(**plain, slug=slug, folder=folder)
    except ValidationError as error:
        raise ConfigError(f"{file}: {_sentence(error)}") from None


def shown(path: Path) -> str:
    """Return a path as messages write it: from the project's root where it lies inside."""
    root = project_root()
    inside = path.is_relative_to(root)
    return (path.relative_to(root) if inside else path).as_posix()


def nearest(name: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Return the known names most like this one, whatever their case, the best first."""
    lower = {item.lower(): item for item in known}
    return [lower[key] for key in difflib.get_close_matches(name.lower(), lower, count, 0.5)]


def _known(slug: str) -> str:
    known = known_clients()
    if not known:
        return f" No client stands in {shown(clients_folder())} yet."
    first = nearest(slug, known, len(known))
    return f" Known clients: {', '.join([*first, *(x for x in known if x not in first)])}."


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{shown(file)}: byte {error.start + 1} is not utf-8; save the file as utf-8."
        ) from None
    except OSError as error:
        raise ConfigError(f"{shown(file)} cannot be read: {error.strerror}.") from None


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, but a key given twice is an error instead of a silent choice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            wrong = None if isinstance(key, yaml.ScalarNode) else "a key should be a plain word"
            if not wrong and key.value in seen:
                wrong = f"the key {key.value!r} is given twice"
            if wrong:
                raise yaml.MarkedYAMLError(problem=wrong, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _mapping(text: str, file: str) -> dict[Any, Any]:
    try:
        plain = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        hint = " Put a value that begins with % in quotes." if "'%'" in str(error.problem) else ""
        raise ConfigError(f"{file}{line}: {error.problem}.{hint}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it cannot be read"
        raise ConfigError(f"{file} is not YAML: {reason}.") from None
    if not isinstance(plain, dict):
        found = "empty" if plain is None else f"a {type(plain).__name__}"
        raise ConfigError(f"{file} is {found}; write `key: value` lines, beginning with `name:`.")
    return plain


def _sentence(error: ValidationError) -> str:
    """Say what is wrong first; a key that is misspelt explains one that is missing."""
    details = sorted(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
    more = f" {len(details) - 1} more to mend after it." if len(details) > 1 else ""
    return _one(details[0]) + more


def _one(detail: ErrorDetails) -> str:
    path, kind = detail["loc"], detail["type"]
    key = ".".join(str(part) for part in path)
    if kind == "extra_forbidden":
        return _unknown_key(path)
    if kind == "missing":
        return f"{key} is missing; add {_example(path)}."
    if kind == "value_error":
        reason = str(detail["ctx"]["error"])
        plain = isinstance(detail["input"], str | int | float) and path[-1:] != ("connection",)
        value = f" {detail['input']!r}" if plain else ""
        return f"{key}{value} {reason}.".lstrip()
    message = re.sub(r" or instance of \w+", "", detail["msg"].removeprefix("Input "))
    message = message.replace("a valid dictionary", "a mapping")
    value = "" if path[-1:] == ("connection",) else f" is {_short(detail['input'])}, but"
    percent = " A rate is a fraction: 30 % is written 0.30." if _is_rate(path) else ""
    return f"{key}{value} {message}.{percent}"


def _unknown_key(path: tuple[Any, ...]) -> str:
    model: type[BaseModel] = Client
    for part in path[:-1]:
        model = next(m for m in (Source, Columns, Format, Economics) if m.__name__.lower() == part)
    known = [name for name in model.model_fields if name not in _GIVEN_BY_THE_FOLDER]
    like = nearest(str(path[-1]), known)
    said = f"do you mean {like[0]}?" if like else f"known here: {', '.join(known)}."
    place = f"{'.'.join(map(str, path[:-1]))}: " if path[:-1] else ""
    return f"{place}the key {str(path[-1])!r} is unknown; {said}"


def _example(path: tuple[Any, ...]) -> str:
    examples = {
        ("name",): "`name: …`, as reports shall show it",
        ("source",): "`source: {file: input/sales.csv}`",
        ("columns",): "`columns: {customer_id: …, ordered_at: …, amount: …}`",
    }
    return examples.get(path, f"`{path[0]}: {{{path[-1]}: …}}`")


def _short(value: Any) -> str:
    text = repr(value) if not isinstance(value, date) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_rate(path: tuple[Any, ...]) -> bool:
    return path[-1:] in (("margin",), ("discount_rate",))


def _holds_password(url: str) -> bool:
    """Whether a connection's URL holds a secret in the open instead of ``${NAME}``."""
    secret = r"(?:password|passwd|pwd|token|secret|motherduck_token)\s*=\s*([^&;\s]+)"
    found = re.findall(secret, url, re.IGNORECASE)
    with_user = re.match(r"[a-z0-9+.-]+://[^/@]*?:([^/]*)@", url, re.IGNORECASE)
    found += [with_user.group(1)] if with_user else []
    return any(not re.fullmatch(r"(\$\{\w+\})+", value) for value in found if value)
