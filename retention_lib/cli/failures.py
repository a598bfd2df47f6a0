"""What goes wrong in a task becomes one plain sentence on stderr and an exit code."""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

import typer

from retention_lib.errors import RetentionError, redacted

FAILED: Final = 1
INTERRUPTED: Final = 130
TERMINATED: Final = 143

_QUERY_INTERRUPTED: Final = "Query interrupted"  # all DuckDB leaves of a Ctrl-C


class Terminated(KeyboardInterrupt):
    """SIGTERM came. Being a KeyboardInterrupt, it ends kernels and loops as Ctrl-C does."""


def attempt(
    slug: str,
    task: Callable[[], int],
    debug: bool,
    interrupted: str = "interrupted.",
) -> int:
    """Return the exit code of a task; what goes wrong is said in one plain sentence.

    Parameters
    ----------
    slug : str
        The client's, with which the sentence begins.
    task : callable
        What is attempted.
    debug : bool
        Whether the traceback is shown, too.
    interrupted : str
        What is said of a task that was interrupted.

    Raises
    ------
    typer.Exit
        With 130 or 143 if Ctrl-C or SIGTERM ended the task, and so everything.
    """
    signals: list[int] = []
    try:
        with _sigterm_heeded(signals):
            return task()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last wall
        if _is_interrupt(error):
            _complain(f"{slug}: {interrupted}", debug)
            raise typer.Exit(TERMINATED if signals else INTERRUPTED) from None
        _complain(f"{slug}: {_sentence(error, debug)}", debug)
        return error.exit_code if isinstance(error, RetentionError) else FAILED


@contextmanager
def handled(number: int, handler: Callable[[int, Any], Any]) -> Iterator[None]:
    """Let a signal be handled in this way for a while."""
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def _sigterm_heeded(signals: list[int]) -> AbstractContextManager[None]:
    """Let SIGTERM end the task as Ctrl-C does, once, so that it cleans up after itself."""

    def end(number: int, frame: Any) -> None:
        signals.append(number)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # no second one disturbs the cleaning
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        return nullcontext()
    return handled(signal.SIGTERM, end)


def _is_interrupt(error: BaseException) -> bool:
    return any(
        isinstance(link, KeyboardInterrupt)
        or type(link).__name__ == "InterruptException"  # DuckDB's, not imported for --help's sake
        or (isinstance(link, RuntimeError) and _QUERY_INTERRUPTED in str(link))
        for link in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that led to it, each once."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [link.__cause__, link.__context__]


def _sentence(error: BaseException, debug: bool) -> str:
    if isinstance(error, RetentionError):
        return str(error)
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return (
            f"cannot read or write {error.filename}: {error.strerror.lower()}; see that it is "
            "there, that you may use it, and that its disk has room."
        )
    kind, text = type(error).__name__, " ".join(str(error).split())
    where = "" if debug else "; run again with --debug to see where"
    return f"Unexpected {kind}: {text}{where}"


def _complain(sentence: str, debug: bool) -> None:
    if debug:
        typer.echo(redacted(traceback.format_exc()), err=True)
    typer.echo(redacted(sentence), err=True)
