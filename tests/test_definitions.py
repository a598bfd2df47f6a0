import errno
import os
import re
import subprocess
import typing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lib import results
from retention_lib.client import Client, Definitions, load_client, load_definitions, project_root
from retention_lib.client.definitions import Unit, Window, as_yaml, definitions_file
from retention_lib.client.mistakes import Form
from retention_lib.client.reading import checked
from retention_lib.errors import ConfigError
from retention_lib.runner.yardstick import pin, write_definitions
from tests import made

YAML = "name: Shop\nsource: {file: input/sales.csv}\ncolumns: {customer_id: who, ordered_at: day}\n"
GOOD = {
    "cycle_days": "65",
    "window": "{length: 7, unit: month}",
    "lapse_days": "203",
    "since": "1998-06-30",
    "why": "First published run.",
}
PINNED = Definitions(
    cycle_days=65,
    window=Window(length=7, unit="month"),
    lapse_days=203,
    since=date(1998, 6, 30),
    why="First published run.",
)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    folder = tmp_path / "data" / "clients" / "shop"
    folder.mkdir(parents=True)
    (folder / "client.yaml").write_text(YAML)
    return load_client("shop")


def write(client: Client, text: str | bytes) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    definitions_file(client).write_bytes(content)


def lines(**change: str | None) -> str:
    """Return a good file but for these lines; None leaves one out."""
    said = GOOD | change
    return "".join(f"{key}: {value}\n" for key, value in said.items() if value is not None)


def refused(client: Client, text: str | bytes) -> str:
    write(client, text)
    with pytest.raises(ConfigError) as caught:
        load_definitions(client)
    assert caught.value.exit_code == 2
    message = str(caught.value)
    assert message.startswith("data/clients/shop/definitions.yaml") and "\n" not in message
    return message


# --- reading and writing ------------------------------------------------------------


def test_nothing_is_pinned_without_the_file(shop: Client) -> None:
    assert load_definitions(shop) is None


def test_a_file_is_read(shop: Client) -> None:
    write(shop, lines())
    assert load_definitions(shop) == PINNED


@pytest.mark.parametrize("text", ["null", "~", ""])
def test_a_lapse_may_be_unknown(text: str, shop: Client) -> None:
    write(shop, lines(lapse_days=text))
    assert load_definitions(shop) == PINNED.model_copy(update={"lapse_days": None})


def test_small_mercies(shop: Client) -> None:
    write(shop, b"\xef\xbb\xbf" + lines(since="'1998-06-30'").replace("\n", "\r\n").encode())
    assert load_definitions(shop) == PINNED
    write(shop, lines(why="|\n  First\n  published   run."))
    assert load_definitions(shop) == PINNED


def test_the_file_explains_itself(shop: Client) -> None:
    write_definitions(shop, PINNED)
    comments, said = [], []
    for line in definitions_file(shop).read_text(encoding="utf-8").splitlines():
        (comments if line.startswith("#") else said).append(line)
    assert said == [f"{key}: {value}" for key, value in GOOD.items()]
    assert len(comments) <= 4 and all(len(line) <= 100 for line in comments)
    for part in ("yardstick", "must not move", "delete this file", "say why in `why`"):
        assert part in " ".join(comments)


def test_the_same_definitions_are_the_same_bytes(shop: Client) -> None:
    write_definitions(shop, PINNED)
    first = definitions_file(shop).read_bytes()
    assert b"\r" not in first
    found = load_definitions(shop)
    assert found is not None
    write_definitions(shop, found)
    assert definitions_file(shop).read_bytes() == first


def test_writing_leaves_nothing_half_done(shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    write_definitions(shop, PINNED)
    before = definitions_file(shop).read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_definitions(shop, PINNED.model_copy(update={"cycle_days": 70}))
    assert definitions_file(shop).read_bytes() == before
    assert sorted(path.name for path in shop.folder.iterdir()) == [
        "client.yaml",
        "definitions.yaml",
    ]


DAYS = st.integers(1, 36_500)
WINDOWS = st.builds(
    Window, length=st.integers(1, 1_000), unit=st.sampled_from(typing.get_args(Unit))
)
REASONS = st.text(min_size=1).filter(str.strip) | st.sampled_from(
    ["yes", "null", "12", "1998-06-30", "a: b # c", "- x", 'it\'s "so"', "Więcej sklepów 🌷"]
)


@given(
    st.builds(
        Definitions,
        cycle_days=DAYS,
        window=WINDOWS,
        lapse_days=DAYS | st.none(),
        since=st.dates(),
        why=REASONS,
    )
)
def test_what_is_written_is_read_again(definitions: Definitions) -> None:
    text = as_yaml(definitions)
    again = checked(text, Path("definitions.yaml"), Form(Definitions, {}))
    assert again == definitions
    assert as_yaml(again) == text


@given(DAYS, WINDOWS)
def test_every_window_that_may_be_pinned_lies_within_the_calendar(
    days: int, window: Window
) -> None:
    """Three windows, and nine cycles, before the first day that records may have are still days."""
    longest = {"week": 7, "month": 31, "quarter": 92}[window.unit] * window.length
    assert date(1970, 1, 2).toordinal() > max(3 * longest, 9 * days)


def test_units_are_those_of_the_results() -> None:
    assert typing.get_args(Unit) == typing.get_args(results.Unit)


# --- what is wrong is said ------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cycle_days": "0"}, "cycle_days is 0, but should be greater than or equal to 1"),
        ({"cycle_days": "0"}, "write e.g. `cycle_days: 65`."),
        ({"cycle_days": "99999"}, "cycle_days is 99999, but should be less than or equal to 36500"),
        ({"cycle_days": "65.5"}, "cycle_days is 65.5, but should be a valid integer"),
        ({"cycle_days": "'65'"}, "cycle_days is '65', but should be a valid integer"),
        ({"cycle_days": "yes"}, "cycle_days is True, but should be a valid integer"),
        ({"cycle_days": ""}, "cycle_days is None, but should be a valid integer"),
        ({"window": "7 months"}, "window is '7 months', but should be a mapping; write e.g."),
        ({"window": "{unit: month}"}, "window.length is missing; add `window: {length: 7, unit:"),
        ({"window": "{length: 7}"}, "window.unit is missing; add `window: {length: 7, unit:"),
        ({"window": "{length: 0, unit: week}"}, "window.length is 0, but should be greater"),
        ({"window": "{length: 1001, unit: week}"}, "window.length is 1001, but should be less"),
        (
            {"window": "{length: 7, unit: months}"},
            "window.unit is 'months', but should be 'week', 'month' or 'quarter'; write e.g. `wind",
        ),
        (
            {"window": "{lenght: 7, unit: month}"},
            "window: the key 'lenght' is unknown; do you mean",
        ),
        ({"window": "{length: 7, unit: month, days: 212}"}, "window: the key 'days' is unknown"),
        ({"lapse_days": "0"}, "lapse_days is 0, but should be greater than or equal to 1"),
        ({"lapse_days": "0"}, "or `lapse_days: null` where none is known"),
        ({"lapse_days": "-3"}, "lapse_days is -3, but"),
        ({"lapse_days": "never"}, "lapse_days is 'never', but should be a valid integer"),
        ({"since": "soon"}, "since 'soon' is not a date; write it as in 1998-06-30."),
        ({"since": "30.06.1998"}, "since '30.06.1998' is not a date"),
        ({"since": "1998-02-30"}, "line 4: since is 1998-02-30, but there is no such day"),
        ({"since": "1998-06-30 10:00:00"}, "since is 1998-06-30 10:00:00, but"),
        (
            {"since": ""},
            "since is None, but should be a valid date; write e.g. `since: 2024-12-31`",
        ),
        ({"why": "''"}, "why '' says nothing; write e.g. `why: "),
        ({"why": "' '"}, "why ' ' says nothing"),
        ({"why": ""}, "why is None, but should be a valid string; write e.g. `why: "),
        ({"why": "12"}, "why is 12, but should be a valid string"),
        (
            {"because": "x"},
            "the key 'because' is unknown; known here: cycle_days, window, lapse_days",
        ),
        ({"cycle": "x"}, "the key 'cycle' is unknown; do you mean cycle_days?"),
        ({"12": "x"}, "the key '12' is unknown"),
        ({"'why'": "x"}, "line 6: the key 'why' is given twice"),
    ],
)
def test_what_is_wrong_names_file_and_key(change: dict[str, str], said: str, shop: Client) -> None:
    assert said in refused(shop, lines(**change))


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_line_is_named_with_an_example(key: str, shop: Client) -> None:
    message = refused(shop, lines(**{key: None}))
    assert f"{key} is missing; add `{key}: " in message


@pytest.mark.parametrize("key", GOOD)
def test_every_example_can_be_written(key: str, shop: Client) -> None:
    """What a message says to add mends the file."""
    message = refused(shop, lines(**{key: None}))
    (example,) = re.findall(rf"add `({key}: [^`]*)`", message)
    write(shop, lines(**{key: None}) + example + "\n")
    assert load_definitions(shop) is not None


def test_a_misspelt_key_is_named_before_the_one_it_leaves_missing(shop: Client) -> None:
    message = refused(shop, lines(lapse_days=None, laps_days="203"))
    assert "'laps_days' is unknown; do you mean lapse_days? 1 more to mend after it." in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty; write `key: value` lines, beginning with `cycle_days:`."),
        ("# only a comment\n", "is empty;"),
        ("- 65\n", "is a list;"),
        ("cycle_days: [\n", "line 2"),
        (b"why: Caf\xe9\n", "byte 9 is not utf-8"),
        ("window: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
    ],
)
def test_a_file_that_is_no_yaml(text: str | bytes, said: str, shop: Client) -> None:
    assert said in refused(shop, text)


def test_a_folder_in_its_place_is_said(shop: Client) -> None:
    definitions_file(shop).mkdir()
    with pytest.raises(ConfigError, match=r"definitions\.yaml cannot be read"):
        load_definitions(shop)


@pytest.mark.skipif(os.name == "nt", reason="a link of POSIX")
def test_a_link_that_leads_nowhere_is_a_lost_pin_and_not_a_new_client(shop: Client) -> None:
    definitions_file(shop).symlink_to(shop.folder / "lost.yaml")
    with pytest.raises(ConfigError, match=r"definitions\.yaml cannot be read"):
        load_definitions(shop)
    assert pin(shop, made.results(cycle=made.cycle())) is None


def test_whoever_loads_the_client_is_told(shop: Client) -> None:
    write(shop, lines(cycle_days="soon"))
    with pytest.raises(ConfigError, match=r"definitions\.yaml: cycle_days is 'soon'"):
        load_client("shop")


# --- pinning ------------------------------------------------------------------------


def test_a_run_is_pinned_as_it_was_measured(shop: Client) -> None:
    said = pin(shop, made.results(cycle=made.cycle()))
    assert said is not None and "pinned in data/clients/shop/definitions.yaml" in said
    assert load_definitions(shop) == PINNED.model_copy(update={"since": made.results().as_of})


def test_an_unknown_lapse_is_pinned_as_such(shop: Client) -> None:
    cycle = made.changed(made.cycle(), lapse_days=None, lapse_ci95=None)
    assert pin(shop, made.results(cycle=cycle)) is not None
    found = load_definitions(shop)
    assert found is not None and found.lapse_days is None


def test_without_a_window_nothing_is_pinned(shop: Client) -> None:
    assert pin(shop, made.results(cycle=made.no_cycle())) is None
    assert load_definitions(shop) is None


def test_a_pin_deleted_while_a_run_goes_by_it_is_left_to_the_next_run(shop: Client) -> None:
    """Its window is the pinned one but its cycle is fresh: together they are no yardstick."""
    cycle = made.changed(made.cycle(), pinned=made.pinned())
    assert pin(shop, made.results(cycle=cycle)) is None
    assert load_definitions(shop) is None


def test_what_cannot_be_written_is_said(shop: Client) -> None:
    nowhere = shop.model_copy(update={"folder": shop.folder / "missing"})
    said = pin(nowhere, made.results(cycle=made.cycle()))
    file = "data/clients/shop/missing/definitions.yaml"
    assert said is not None
    assert said.startswith(
        f"The yardstick could not be pinned in {file}: no such file or directory."
    )


def test_whatever_stands_there_is_not_written_over(shop: Client) -> None:
    write(shop, "half written by an analyst")
    assert pin(shop, made.results(cycle=made.cycle())) is None
    assert definitions_file(shop).read_text() == "half written by an analyst"


# --- git ------------------------------------------------------------------------------


def test_only_those_of_bundled_clients_are_tracked() -> None:
    if not (project_root() / ".git").exists():
        pytest.skip("this is no checkout of git")
    slugs = ("cdnow", "cdnow-sample", "demo", "my-shop")
    files = [f"data/clients/{slug}/definitions.yaml" for slug in slugs]
    command = ["git", "-C", str(project_root()), "check-ignore", "--no-index", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["data/clients/my-shop/definitions.yaml"], done.stderr


@pytest.mark.parametrize("slug", ["cdnow", "cdnow-sample", "demo"])
def test_definitions_of_bundled_clients_can_be_read(slug: str) -> None:
    client = load_client(slug)
    assert definitions_file(client).exists() is (load_definitions(client) is not None)
