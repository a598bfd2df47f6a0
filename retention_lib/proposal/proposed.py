"""What was found of an export, and the client that it describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from retention_lib.client import Client, parse_client
from retention_lib.errors import Choice
from retention_lib.proposal.commented import as_yaml
from retention_lib.proposal.figures import Figures
from retention_lib.proposal.places import Places
from retention_lib.proposal.profiles import Profile

__all__ = ["Proposed", "as_text", "client_of", "without_nulls"]


@dataclass
class Proposed:
    """What was found of an export.

    Attributes
    ----------
    slug : str
        The client's name.
    folder : Path
        Where its YAML is to stand.
    places : Places
        The files.
    settings : dict
        What the YAML says.
    profiles : list of Profile
        What stands in the export's columns.
    doubts : list of str
        What could not be told for sure, one sentence each.
    beside : dict
        What is to be known of single columns, by the suite's names.
    notes : list of str
        What else was seen.
    applied : list of Choice
        Lines that the data asked for.
    audit : Figures or None
        What `retention check` will find; None where it did not come to that.
    """

    slug: str
    folder: Path
    places: Places
    settings: dict[str, Any] = field(default_factory=dict)
    profiles: list[Profile] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    applied: list[Choice] = field(default_factory=list)
    audit: Figures | None = None

    @property
    def columns(self) -> dict[str, str]:
        """The export's column under each of the suite's names."""
        columns = self.settings.get("columns", {})
        return {name: column for name, column in columns.items() if column is not None}

    def profile(self, column: str) -> Profile | None:
        """Return what stands in a column of the export."""
        return next((it for it in self.profiles if it.name == str(column)), None)

    @property
    def text(self) -> str:
        """The YAML."""
        return as_yaml(self.slug, self.settings, self.beside, self.doubts)


def client_of(slug: str, folder: Path, settings: Mapping[str, Any]) -> Client:
    """Return the client that settings describe."""
    return parse_client(as_text(settings), slug, folder)


def as_text(settings: Mapping[str, Any]) -> str:
    """Return settings as YAML, without comments."""
    text: str = yaml.safe_dump(without_nulls(settings), allow_unicode=True, sort_keys=False)
    return text


def without_nulls(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without the keys that say that there is nothing."""
    return {
        key: without_nulls(value) if isinstance(value, Mapping) else value
        for key, value in settings.items()
        if value is not None
    }
