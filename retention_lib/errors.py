"""The errors a user can mend; each carries the exit code of the command line."""

from __future__ import annotations


class RetentionError(Exception):
    """Something failed. The message says what, where, and what to write to mend it."""

    exit_code = 1


class ConfigError(RetentionError):
    """Usage, configuration, a missing file or a missing column."""

    exit_code = 2


class DataError(RetentionError):
    """Nothing in the data can be read or used."""


class NotebookError(RetentionError):
    """A notebook failed while it ran."""
