"""The yardstick that a client's first published run pins, so that later reports go by it."""

from __future__ import annotations

from os.path import lexists

from retention_lib.client import Client, definitions, shown
from retention_lib.results import Results, whole


def pin(client: Client, results: Results) -> str | None:
    """Pin what a published run was measured by, unless the client has pinned definitions already.

    Parameters
    ----------
    client : Client
        Whose run it was.
    results : Results
        Its results. Where they have no window, the history holds none, or a notebook varied the
        analysis or the records are unfit, nothing is pinned.

    Returns
    -------
    str or None
        A sentence that says where the yardstick is pinned, or why it could not be; None if there
        was nothing to pin. The run is published either way.
    """
    measured = _measured(results)
    if measured is None or lexists(file := definitions.definitions_file(client)):
        return None
    name = shown(file)
    try:
        write_definitions(client, measured)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return (
            f"The yardstick could not be pinned in {name}: {reason}. The next run will try again, "
            "perhaps with another yardstick; see that the folder can be written to."
        )
    return f"The yardstick is pinned in {name}: later reports go by it."


def write_definitions(client: Client, pinned: definitions.Definitions) -> None:
    """Write a client's ``definitions.yaml``, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    with whole(definitions.definitions_file(client)) as half:
        half.write_text(definitions.as_yaml(pinned), encoding="utf-8", newline="\n")


def _measured(results: Results) -> definitions.Definitions | None:
    """Return what a run without pinned definitions was measured by, if it had a window."""
    cycle = results.cycle
    if cycle.window is None or cycle.cycle_days is None or cycle.pinned is not None:
        return None
    # a varied analysis is nobody's; too short a history, or records that are unfit, give no figure
    # that can be compared
    if results.varied or cycle.gate == "refused" or results.audit.verdict.retention == "unfit":
        return None
    return definitions.Definitions(
        cycle_days=cycle.cycle_days,
        window=definitions.Window(length=cycle.window.length, unit=cycle.window.unit),
        lapse_days=cycle.lapse_days,
        since=results.as_of,
        why=definitions.BY_A_RUN,
    )
