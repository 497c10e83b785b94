"""Files appear whole or not at all, where they were asked for and nowhere else."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from gdtui import recording
from gdtui.errors import InputError
from gdtui.recording import files
from gdtui.recording.files import NotWrittenError, check_target, keep, place
from tests.engine.races import race

REFUSED = {
    "/etc": "is a folder",
    ".": "is a folder",
    "..": "is a folder",
    "": "is a folder",
    "/": "is a folder",
    "no/such/folder.gdtui": "there is no such folder",
    "x" * 300: "File name too long",
    "a\0b": "(?i)null",
    "/dev/null": "is not a regular file",
}


@pytest.mark.parametrize("name", REFUSED)
def test_names_that_are_no_files(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=REFUSED[name]):
        check_target(Path(name))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["CON", "race", "räce 1.gdtui", ".hidden", "-rf", "../there.gdtui"])
def test_names_that_are(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    recording.write(name, race("rosenbrock", "gd"))
    assert recording.read(name).step == 0


def test_what_is_there_stays_unless_forced(tmp_path: Path) -> None:
    path, whole = tmp_path / "race.gdtui", race("rosenbrock", "gd")
    path.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        recording.write(path, whole)
    assert path.read_text() == "mine"
    recording.write(path, whole, force=True)
    assert recording.read(path).step == 0
    assert [file.name for file in tmp_path.iterdir()] == ["race.gdtui"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    mine, link = tmp_path / "mine", tmp_path / "race.gdtui"
    mine.write_text("mine")
    link.symlink_to(mine)
    with pytest.raises(InputError, match="is there already"):
        recording.write(link, race("rosenbrock", "gd"))
    recording.write(link, race("rosenbrock", "gd"), force=True)
    assert mine.read_text() == "mine"
    assert not link.is_symlink()
    link.unlink()
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="is there already"):
        check_target(link)


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "race.gdtui"
    path.write_text("theirs")
    with pytest.raises(FileExistsError):
        place(path, [b"ours"])
    assert path.read_text() == "theirs"
    assert len(list(tmp_path.iterdir())) == 1


def test_without_hard_links_it_is_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "race.gdtui"
    place(path, [b"first"])
    with pytest.raises(FileExistsError):
        place(path, [b"second"])
    assert path.read_bytes() == b"first"


def test_it_has_the_rights_that_any_new_file_has(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        place(tmp_path / "race.gdtui", [b"x"])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "race.gdtui").stat().st_mode) == 0o640


def test_what_cannot_be_written_is_kept_and_said_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "gone" / "=race.gdtui"
    with pytest.raises(NotWrittenError, match="cannot be written: No such file or directory; it is kept in") as raised:
        keep(path, b"data")
    kept = raised.value.kept
    assert kept is not None
    assert kept.parent == tmp_path / "state" / "gdtui" / files.RESCUED
    assert kept.read_bytes() == b"data"
    with pytest.raises(NotWrittenError) as raised:
        keep(path, b"more")
    assert raised.value.kept != kept  # in the same second


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/state")
    monkeypatch.setattr(tempfile, "tempdir", "/dev/null/temporary")
    with pytest.raises(NotWrittenError, match="and nowhere else either: it is lost"):
        keep(tmp_path / "gone" / "race.gdtui", b"data")
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="Permission denied"):
        check_target(tmp_path / "race.gdtui")
    tmp_path.chmod(0o700)
