"""Tables of plain text."""

from __future__ import annotations

from gdtui.cli.tables import table

HEADINGS = ("name", "size", "meaning")
ROWS = [("gd", "1", "one two three four five six seven eight"), ("momentum", "100", "short")]


def test_columns_line_up_and_numbers_stand_right() -> None:
    assert table(HEADINGS, ROWS, right={"size"}) == (
        "name      size  meaning\ngd           1  one two three four five six seven eight\nmomentum   100  short"
    )


def test_the_last_column_wraps_where_that_is_enough() -> None:
    assert table(HEADINGS, ROWS, width=42, wrap={"meaning"}) == (
        "name      size  meaning\n"
        "gd        1     one two three four five\n"
        "                six seven eight\n"
        "momentum  100   short"
    )


def test_columns_to_wrap_share_the_room_by_their_length() -> None:
    assert table(("name", "why", "how"), [("gd", "a " * 20, "b " * 40)], width=80, wrap={"why", "how"}) == (
        "name  why                       how\n"
        "gd    a a a a a a a a a a a a   b b b b b b b b b b b b b b b b b b b b b b b b\n"
        "      a a a a a a a a           b b b b b b b b b b b b b b b b"
    )


def test_a_column_that_would_become_a_tower_makes_blocks() -> None:
    assert table(("name", "why"), [("gd", "word " * 60)], width=46, wrap={"why"}).startswith("name  gd\nwhy   word")


def test_columns_that_do_not_fit_go_into_a_second_table() -> None:
    assert table(("label", "loss", "status"), [("gd", "12.5", "running")], right={"loss"}, width=15) == (
        "label  loss\ngd     12.5\n\nlabel  status\ngd     running"
    )


def test_a_narrow_terminal_gets_blocks_and_every_word() -> None:
    assert table(HEADINGS, ROWS, width=34) == (
        "name     gd\nsize     1\nmeaning  one two three four five\n         six seven eight\n\n"
        "name     momentum\nsize     100\nmeaning  short"
    )


def test_blocks_leave_out_what_is_empty() -> None:
    assert (
        table(("name", "parent", "why"), [("gd", "", "the root")], width=10, wrap={"why"})
        == "name    gd\nwhy     the root"
    )


def test_wide_characters_count_two_cells_and_combining_ones_none() -> None:
    assert table(("a", "b"), [("勾配", "x"), ("e\u0301", "y")]) == "a     b\n勾配  x\ne\u0301     y"


def test_a_file_has_no_width() -> None:
    assert max(map(len, table(HEADINGS, ROWS, width=None, wrap={"meaning"}).splitlines())) > 50
