"""The forecasts that a client's reports have published: one line each, never changed.

``forecasts.jsonl`` stands beside the client's reports. A run appends one line; no other run and no
pruning touches it. What cannot be read of it, such as the half of a line that a power cut left, is
passed over, counted, and stays where it is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from retention_lib.results.base import Interval, Why, why

FILE: Final = "forecasts.jsonl"

_EARLIEST: Final = date(1900, 1, 1)
_LONGEST: Final = timedelta(days=50 * 366)
_MOST: Final = 1e15  # purchases; more are no shop's


class Entry(BaseModel):
    """What a published forecast is scored by; a line holds more, which other versions may change.

    ``purchases`` are those expected after ``day``, up to and with ``due``, of the ``customers`` of that
    day, who had made so many ``occasions``; what is not known is null.
    """

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)

    day: date
    due: date
    model: str
    purchases: float = Field(ge=0, le=_MOST)
    purchases_ci95: Interval | None = None
    customers: int | None = Field(default=None, ge=0)
    occasions: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low, high = self.purchases_ci95 or (0.0, 0.0)
        ahead = self.due - self.day
        if not (timedelta() < ahead <= _LONGEST and self.day >= _EARLIEST):
            raise ValueError("a forecast ends some time after its day")
        if not (0 <= low <= high <= _MOST):
            raise ValueError("a range has two ends, the lower one first")
        return self


@dataclass(frozen=True)
class Lines:
    """What the file holds, in its order, and why some or all of it could not be read."""

    entries: tuple[Entry, ...] = ()
    notes: tuple[Why, ...] = ()


def read(home: Path) -> Lines:
    """Return the forecasts published in a client's folder of reports; nothing where none were."""
    file = home / FILE
    if not os.path.lexists(file):
        return Lines()
    if not file.is_file():
        return Lines(notes=(why("ledger_no_file"),))
    try:
        content = file.read_bytes()
    except OSError:
        return Lines(notes=(why("ledger_unreadable"),))
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    found = {at: _entry(line) for at, line in enumerate(lines, start=1) if line.strip()}
    unread = [at for at, entry in found.items() if entry is None]
    notes = (why("ledger_lines_unread", lines=len(unread), first=unread[0]),) if unread else ()
    return Lines(tuple(entry for entry in found.values() if entry), notes)


def _entry(line: bytes) -> Entry | None:
    try:
        return Entry.model_validate_json(line)
    except ValidationError:
        return None


def append(home: Path, line: Mapping[str, Any]) -> None:
    """Append one whole line to the file, and see that it is on the disk.

    A line that was cut off stays as it is: the new one begins below it. The caller holds the
    client's lock.

    Raises
    ------
    OSError
        If it cannot be written, or something else than a file stands in its place.
    """
    file = home / FILE
    if os.path.lexists(file) and not file.is_file():
        raise OSError("not a file")
    text = json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n"
    with file.open("ab+") as ledger:
        whole = _ends_a_line(ledger)
        ledger.write(("" if whole else "\n").encode() + text.encode())
        ledger.flush()
        os.fsync(ledger.fileno())
    _sync_folder(home)


def _ends_a_line(ledger: Any) -> bool:
    """Return whether a file is empty or its last line is whole."""
    if ledger.seek(0, os.SEEK_END) == 0:
        return True
    ledger.seek(-1, os.SEEK_END)
    return bool(ledger.read(1) == b"\n")


def _sync_folder(folder: Path) -> None:
    """See that a new file's name is on the disk, too, where folders can be opened for that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
