"""A file that is followed, whatever happens to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.analysis import following
from gdtui.analysis.following import GONE, MISSING, Follower, Piece


def all_of(follower: Follower) -> bytes:
    data = b""
    while True:
        piece = follower.look()
        data += piece.data
        if not piece.more:
            return data


def test_only_what_is_new_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    follower = Follower(str(path))
    assert (follower.look(), follower.fault) == (Piece(), MISSING)
    path.write_bytes(b"step,lo")
    assert (follower.look(), follower.fault) == (Piece(b"step,lo"), "")
    assert follower.look() == Piece()
    with path.open("ab") as stream:
        stream.write(b"ss\n1,2\n")
    assert follower.look() == Piece(b"ss\n1,2\n")
    assert follower.look() == Piece()
    assert follower.share == 1.0
    assert follower.changed_at == path.stat().st_mtime


def test_a_large_file_comes_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_AT_ONCE", 10)
    path = tmp_path / "run.csv"
    path.write_bytes(b"0123456789" * 2 + b"!")
    follower = Follower(str(path))
    assert follower.look() == Piece(b"0123456789", more=True)
    assert follower.share == pytest.approx(10 / 21)
    assert follower.look() == Piece(b"0123456789", more=True)
    assert follower.look() == Piece(b"!")


def test_a_file_that_is_cut_short_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(b"loss\n" + b"1\n" * 100)
    follower = Follower(str(path))
    all_of(follower)
    path.write_bytes(b"loss\n2\n")
    assert follower.look() == Piece(b"loss\n2\n", "was cut short")
    assert follower.look() == Piece()


def test_a_file_that_is_written_anew_and_longer_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(b"loss\n1\n")
    follower = Follower(str(path))
    all_of(follower)
    path.write_bytes(b"loss\n2\n3\n4\n")
    assert follower.look() == Piece(b"loss\n2\n3\n4\n", "was written anew")


def test_of_a_file_that_is_replaced_the_rest_is_read_first(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(b"old\n")
    follower = Follower(str(path))
    all_of(follower)
    with path.open("ab") as stream:
        stream.write(b"last\n")
    path.rename(tmp_path / "run.csv.1")
    path.write_bytes(b"new\n")
    assert follower.look() == Piece(b"last\n")
    assert follower.look() == Piece(b"new\n", "was replaced")


def test_a_file_that_is_deleted_is_read_to_its_end_and_may_come_back(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    with path.open("wb", buffering=0) as stream:
        stream.write(b"1\n")
        follower = Follower(str(path))
        all_of(follower)
        path.unlink()
        stream.write(b"2\n")
        assert (follower.look(), follower.fault) == (Piece(b"2\n"), GONE)
    path.write_bytes(b"3\n")
    assert (follower.look(), follower.fault) == (Piece(b"3\n", "was replaced"), "")


def test_what_cannot_be_read_is_said_and_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.mkdir()
    follower = Follower(str(path))
    assert (follower.look(), follower.fault) == (Piece(), "is a directory")
    path.rmdir()
    path.symlink_to(path)
    assert follower.look() == Piece()
    assert follower.fault.startswith("cannot be read: ")
    path.unlink()
    path.symlink_to(os.devnull)
    assert (follower.look(), follower.fault) == (Piece(), "is neither a file nor a pipe")
    path.unlink()
    path.write_bytes(b"1\n")
    assert (follower.look(), follower.fault) == (Piece(b"1\n"), "")
    assert (Follower("\0").look(), Follower(str(path / "inside")).look()) == (Piece(), Piece())


def test_a_fifo_is_read_while_there_is_something_in_it(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    os.mkfifo(path)
    follower = Follower(str(path))
    assert (follower.look(), follower.fault) == (Piece(), "")
    with path.open("wb", buffering=0) as writer:
        assert follower.look() == Piece()
        writer.write(b"loss\n1\n")
        assert follower.look() == Piece(b"loss\n1\n")
        assert follower.look() == Piece()
    assert follower.look() == Piece()
    with path.open("wb", buffering=0) as writer:
        writer.write(b"2\n")
        assert follower.look() == Piece(b"2\n")
    follower.close()
    follower.close()


@given(st.lists(st.binary(max_size=30), max_size=20))
def test_the_pieces_are_the_file(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("file") / "run.csv"
    follower, read = Follower(str(path)), b""
    with path.open("wb", buffering=0) as stream:
        for piece in pieces:
            stream.write(piece)
            found = follower.look()
            assert not found.anew
            read += found.data
    assert read == b"".join(pieces)
    follower.close()
