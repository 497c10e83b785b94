"""Keys and answers of a terminal, cut up by a slow line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.tui.untangle import HOLD_ESCAPE, HOLD_SEQUENCE, Untangler


class Line:
    """A line with ``due`` answers to come, and what has been made of it."""

    def __init__(self, due: int = 0) -> None:
        self.now, self.due, self.answers = 50.0, due, 0
        self.untangler = Untangler(self._answered, lambda: self.now)

    def _answered(self) -> bool:
        if self.due == self.answers:
            return False
        self.answers += 1
        return True

    def feed(self, text: str) -> str:
        return self.untangler.feed(text, waiting=self.due > self.answers)

    def later(self, seconds: float) -> str:
        self.now += seconds
        return self.untangler.overdue()


def test_keys_pass_at_once() -> None:
    line = Line()
    for keys in ("q", "\x1b", "\x1b[A", "\x1bOP", "é∇", "\x1b[<35;10;20M", "\x1b[200~text\x1b[201~", "\x1bx"):
        assert line.feed(keys) == keys


@pytest.mark.parametrize("cut", range(1, 8))
def test_an_answer_in_two_parts_is_no_key(cut: int) -> None:
    line, answer = Line(due=1), "\x1b[12;34R"
    assert line.feed("a" + answer[:cut]) == "a"
    line.now += 0.2
    assert line.feed(answer[cut:] + "b") == "b"
    assert line.answers == 1


def test_an_answer_nobody_asked_for_is_left_to_the_parser() -> None:
    line = Line()
    assert line.feed("\x1b[12;34R") == "\x1b[12;34R"
    assert line.answers == 0


def test_one_answer_is_taken_for_each_request() -> None:
    line = Line(due=2)
    assert line.feed("\x1b[1;1Rx\x1b[1;1R\x1b[1;1R") == "x\x1b[1;1R"
    assert line.answers == 2


def test_a_report_of_the_mouse_in_two_parts_is_one() -> None:
    line = Line()
    assert line.feed("\x1b[<35;1") == ""
    line.now += 0.5
    assert line.feed("0;20M") == "\x1b[<35;10;20M"


def test_a_sequence_that_never_ends_becomes_keys() -> None:
    line = Line()
    assert line.feed("\x1b[12") == ""
    assert line.later(HOLD_SEQUENCE / 2) == ""
    assert line.later(HOLD_SEQUENCE) == "\x1b[12"
    assert line.later(HOLD_SEQUENCE) == ""


def test_escape_waits_only_while_an_answer_is_due() -> None:
    line = Line(due=1)
    assert line.feed("\x1b") == ""
    assert line.later(HOLD_ESCAPE + 0.01) == "\x1b"
    # It was an answer after all, on a very slow line: what is left of it types nothing.
    assert line.feed("[12;34R") == ""
    assert line.answers == 1
    assert line.feed("[12;34R") == "[12;34R"


def test_answers_that_keep_coming_do_not_hold_an_escape() -> None:
    line = Line(due=3)
    assert line.feed("\x1b") == ""
    line.now += 0.05
    assert line.feed("\x1b[1;1R") == "\x1b"
    assert line.feed("\x1b[1;1R\x1b") == ""
    line.now += 0.05
    assert line.feed("\x1b[1;1R") == "\x1b"
    assert line.answers == 3


PIECES = st.sampled_from(["q", "\x1b[12;34R", "\x1b[A", "\x1b[<0;3;4M", "1", "[", "R", "\x1b[1;2C", "é"])


@given(st.lists(PIECES, max_size=12), st.data())
def test_however_it_is_cut_the_keys_are_the_same(pieces: list[str], data: st.DataObject) -> None:
    """No answer is lost or typed, and every other character comes through in order."""
    text = "".join(pieces)
    due = pieces.count("\x1b[12;34R")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    line = Line(due)
    keys = ""
    for first, last in zip([0, *cuts], [*cuts, len(text)], strict=True):
        keys += line.feed(text[first:last]) if first < last else ""
        line.now += 0.01
    keys += line.later(5.0)
    assert keys == text.replace("\x1b[12;34R", "")
    assert line.answers == due
