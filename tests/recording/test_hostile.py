"""Recordings that are damaged, or were made to do damage: one line each, soon, and nothing else happens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gdtui import recording
from gdtui.errors import InputError, clean
from gdtui.recording.writing import recorded
from tests.cli.support import ROOT, invoke
from tests.engine.races import race
from tests.recording.mutations import MANY, write_all
from tests.recording.races import file_of

REFUSED = {
    "objects": "is not an array of a recording",
    "complex": "is not an array of a recording",
    "bomb": "unpacks to",
    "bomb of a manifest": "unpacks to",
    "shape of 10^12": "is not an array of a recording",
    "code in a header": "is not an array of a recording",
    "long header": "is not an array of a recording",
    "another length": "is not 2 numbers",
    "duplicates": "its members are not those",
    "outside": "its members are not those",
    "deep": "its manifest is not one",
    "deep schedule": "its manifest is not one",
    "later format": "has format 2",
    "no states": "is missing",
    "nothing": "is not a recording",
    "dotted key": "too many parts",
    "a result of no label": "its result is one of other racers",
    "control characters": "control characters",
    "many members": "its directory is not one",
}


def test_two_hundred_of_them_in_bounded_time_and_memory(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "files", tmp_path / "here"
    folder.mkdir(), elsewhere.mkdir()
    whole = race("rosenbrock", "gd", "adam").advance(90)
    made = write_all(recorded(whole, times=False), folder)
    assert len(made) == MANY
    done = subprocess.run(
        [sys.executable, "-m", "tests.recording.mutations", str(folder)],
        cwd=elsewhere, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    read, raced = lines[:MANY], lines[MANY:]
    assert {name for name, *_ in read} == set(made)
    said = {name: answer for name, _, _, answer in read}
    for name, seconds, megabytes, answer in read:
        assert float(seconds) < 2.0, name
        assert float(megabytes) < 300.0, name
        assert clean(answer, 2000) == answer, name
        assert answer == "OK" or answer.startswith(str(folder)), name
    assert {name: part for name, part in REFUSED.items() if part not in said[name]} == {}
    damaged = [name for name in made if name.split()[0] in {"flipped", "cut", "lengthened", "holed"}]
    assert [name for name in damaged if said[name] == "OK"] == []
    assert len(raced) == sum(answer == "OK" for answer in said.values())
    assert list(elsewhere.iterdir()) == []
    assert {path.stem for path in folder.iterdir()} == set(made)


@pytest.mark.parametrize("command", [("info",), ("export", "--csv"), ("resume",), ("diff", "other.gdtui")])
def test_every_command_says_it_in_a_line(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "race.gdtui"
    path.write_bytes(recorded(race("rosenbrock", "gd"))[:-1])
    result = invoke(command[0], str(path), *command[1:])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert "race.gdtui: is cut off or has something behind its end; fetch it again" in result.stderr


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path, reason in ((fifo, "is not a regular file"), (tmp_path, "is not a regular file")):
        with pytest.raises(InputError, match=reason):
            recording.read(path)
    for name, reason in (
        ("/dev/zero", "regular file"),
        ("a\0b", "null"),
        ("x" * 300, "name too long"),
        ("no", "no such file"),
    ):
        with pytest.raises(InputError, match=f"(?i){reason}"):
            recording.read(name)


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "race.gdtui"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(10**12)
    with pytest.raises(InputError, match="is larger than 128 MB"):
        recording.read(path)


def test_the_checksum_has_to_be_that_of_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("gdtui.recording.container._checksum", lambda _: "0" * 64)
        path = file_of(race("rosenbrock", "gd").advance(9), tmp_path)
    with pytest.raises(InputError, match="its checksum is not that of its content"):
        recording.read(path)
