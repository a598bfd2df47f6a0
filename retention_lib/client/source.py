"""Where a client's sales are, and which column holds what."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from retention_lib.client.values import (
    GENERATED,
    Column,
    Part,
    Place,
    Seed,
    Text,
    tuple_of_list,
    tuple_of_one_or_list,
)

__all__ = ["Columns", "Source"]


class Source(Part):
    """Where the sales are: exactly one of file, package, table, query, demo and messy.

    ``file`` is a file, a folder or a glob, or several of them.
    """

    file: Annotated[tuple[Place, ...], BeforeValidator(tuple_of_one_or_list)] | None = None
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
    segments: Annotated[tuple[Column, ...], BeforeValidator(tuple_of_list)] = ()

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


def _holds_password(url: str) -> bool:
    """Whether a connection's URL holds a secret in the open instead of ``${NAME}``."""
    secret = r"(?:password|passwd|pwd|token|secret|motherduck_token)\s*=\s*([^&;\s]+)"
    found = re.findall(secret, url, re.IGNORECASE)
    with_user = re.match(r"[a-z0-9+.-]+://[^/@]*?:([^/]*)@", url, re.IGNORECASE)
    found += [with_user.group(1)] if with_user else []
    return any(not re.fullmatch(r"(\$\{\w+\})+", value) for value in found if value)
