"""Messages are one line that no terminal obeys."""

from __future__ import annotations

import pickle
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.errors import SHOWN_LENGTH, InputError, clean, nearest

# What a file name, a label, a title or a column may try: titles, clipboard, colours, C1, direction, zero width.
HOSTILE = (
    "\x1b]0;PWN\x1b\\\x1b]52;c;UFdO\x07", "\x1b[31m\x1b[2J", "\x9b2J", "a\0b", "\u202eabc\u2066", "\u200b\ufeff",
    "a\tb\rc\nd", "\u2028\u2029", "\ud800", "\ue000", "e" + 10_000 * "\u0301", 100_000 * "x",
    "\U0001f468\u200d\U0001f469", "[@click=app.quit]x[/]",
)  # fmt: skip


def is_harmless(text: str) -> bool:
    return not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for c in text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_out_harmless(text: str) -> None:
    assert is_harmless(clean(text))
    assert len(clean(text)) <= SHOWN_LENGTH


@given(st.text(alphabet=st.characters(), max_size=300), st.integers(1, 100))
def test_any_text_comes_out_harmless(text: str, limit: int) -> None:
    shown = clean(text, limit)
    assert is_harmless(shown)
    assert len(shown) <= limit
    assert clean(shown, limit) == shown


@given(st.text(alphabet="abc XYZ0123äθη₀√→[]", max_size=SHOWN_LENGTH))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


def test_marks_do_not_pile_up() -> None:
    assert clean("e\u0301\u0302\u0303\u0304x") == "e\u0301\u0302x"


def test_a_message_names_place_key_reason_and_remedy() -> None:
    error = InputError("3 is odd", where="a.toml", key="steps", remedy="give an even number")
    assert str(error) == "a.toml: steps: 3 is odd; give an even number"
    assert str(InputError("is odd")) == "is odd"
    assert isinstance(error, ValueError)


def test_a_place_can_be_filled_in_later() -> None:
    error = InputError("is odd", key="k").at("a.toml", "steps")
    assert str(error) == "a.toml: k: is odd"
    assert str(error.at("b.toml")) == "a.toml: k: is odd"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_message_is_one_harmless_line(text: str) -> None:
    message = str(InputError(text, where=text, key=text, remedy=text))
    assert is_harmless(message)
    assert len(message) < 2000


def test_errors_cross_processes() -> None:
    error = InputError("3 is odd", where="a.toml", key="steps", remedy="give an even number")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.reason, again.where, again.key, again.remedy) == (
        "3 is odd",
        "a.toml",
        "steps",
        "give an even number",
    )


def test_the_nearest_name_is_offered() -> None:
    known = ["adam", "adamw", "gd"]
    assert nearest("adm", known) == "did you mean 'adam'? allowed: adam, adamw, gd"
    assert nearest("zzz", known) == "allowed: adam, adamw, gd"
    assert nearest("x", []) == "none are allowed here"
    assert nearest("x" * 10**6, known).startswith("allowed")
