"""Reading and encoding the user's CSV files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.errors import InputError
from gdtui.objectives import _tables
from gdtui.objectives._tables import DROP, REFUSE, Table, encode, on_lines, read_table
from tests.objectives.problems import written


def read(folder: Path, data: str | bytes) -> Table:
    path = folder / "data.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_table(path, "data")


def refusal(folder: Path, data: str | bytes) -> str:
    with pytest.raises(InputError) as error:
        read(folder, data)
    where = str(folder / "data.csv")
    assert error.value.where == where
    assert error.value.key == "data"
    return str(error.value).removeprefix(f"{where}: data: ")


def test_quotes_spaces_empty_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    table = read(tmp_path, '\ufeffname , text\r\n\r\n1,"a, b"\r\n 2 ,"two\r\nlines"\r\n3,"say ""x"""\r\n')
    assert dict(table.columns) == {"name": ["1", "2", "3"], "text": ["a, b", "two\r\nlines", 'say "x"']}
    assert list(table.lines) == [3, 4, 6]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "is empty; give a header and rows"),
        ("\n\n", "is empty"),
        ("a,b\n", "has a header but no rows"),
        ("a,b\n1,2\n\n1,2,3\n", "line 4 has 3 values, the header has 2; quote values that hold a comma"),
        ('a,b\n1,"2\n', "line 2 is not CSV: unexpected end of data; check the quotes"),
        ('a,b\n1,"2"3\n', "line 2 is not CSV"),
        ("a,b\n1," + "x" * 200_000, "line 2 is not CSV: field larger than field limit"),
        ("a,b,a\n1,2,3\n", "two columns are called 'a'; give every column a name of its own"),
        (",b\n1,2\n", "column 1 has no name"),
        ("a;b\n1;2\n", "is separated by semicolons; separate values by commas"),
        ("a\tb\n1\t2\n", "is separated by tabs"),
        (b"a,b\n1,\xff\n", "is not UTF-8 near line 1; save it as UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "is not UTF-8 near line 1"),
        (",".join(f"c{i}" for i in range(10_001)), "10001 columns, more than 10000"),
    ],
)
def test_bad_files_are_refused_with_the_line(tmp_path: Path, data: str | bytes, message: str) -> None:
    assert refusal(tmp_path, data).startswith(message)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="data: no such file; a path is relative"):
        read_table(tmp_path / "none.csv", "data")
    with pytest.raises(InputError, match="data: is not a regular file"):
        read_table(tmp_path, "data")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is not a regular file"):
        read_table(tmp_path / "pipe", "data")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(_tables.MOST_BYTES + 1)
    with pytest.raises(InputError, match="is larger than 256 MB; take a sample"):
        read_table(path, "data")


def test_too_many_values_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tables, "MOST_CELLS", 4)
    assert refusal(tmp_path, "a,b\n1,2\n3,4\n5,6\n") == "holds more than 4 values; take a sample of its rows"


def test_one_long_text_does_not_widen_a_column(tmp_path: Path) -> None:
    # As an array of texts the column would take 4 bytes x 100,000 characters x 20,000 rows: 8 GB.
    rows = [["a"], ["x" * 100_000], *([["y"], ["z"]] * 10_000)]
    table = read_table(written(tmp_path, rows), "data")
    X, names = encode(table, ["a"], np.arange(20_001), standardise=True)
    assert X.sum(axis=0).tolist() == [10_000.0, 10_000.0]
    assert names == ("a=y", "a=z")


def test_control_characters_do_not_reach_a_message(tmp_path: Path) -> None:
    message = refusal(tmp_path, "\x1b]0;x\x1b\\,\x1b]0;x\x1b\\\n1,2\n")
    assert message.isprintable()


def test_an_unknown_column_names_the_nearest(tmp_path: Path) -> None:
    table = read(tmp_path, "income,age\n1,2\n")
    with pytest.raises(InputError, match=r"target: no column 'incme'; did you mean 'income'\? allowed: age, income"):
        table.column("incme", "target")


@pytest.mark.parametrize("nothing", ["", "NA", "NaN", "nan", "?", "  "])
def test_missing_values_are_refused_with_their_lines_or_dropped(tmp_path: Path, nothing: str) -> None:
    table = read(tmp_path, f"a,b,unused\n1,x,\n{nothing},x,\n3,{nothing},\n4,y,\n")
    with pytest.raises(
        InputError, match='missing: missing values on lines 3, 4; fill them in, or set missing = "drop"'
    ):
        table.complete(["a", "b"], REFUSE)
    kept = table.complete(["a", "b"], DROP)
    assert list(kept.columns["a"]) == ["1", "4"]
    assert list(kept.lines) == [2, 5]
    assert list(table.complete(["b"], DROP).lines) == [2, 3, 5]
    with pytest.raises(InputError, match="every row has a missing value"):
        table.complete(["unused"], DROP)


def test_line_lists_are_short() -> None:
    assert on_lines([7]) == "on line 7"
    assert on_lines(range(1, 9)) == "on lines 1, 2, 3, 4, 5 and 3 more"


@pytest.mark.parametrize("text", ["x", "1_000", "inf", "1e400", "-1e101", "1,5", "0x10"])
def test_numbers_have_to_be_finite_plain_numbers(tmp_path: Path, text: str) -> None:
    table = read_table(written(tmp_path, [["a"], ["1"], [text]]), "data")
    with pytest.raises(InputError, match=r"rating: line 3: .* in column 'a' is not a number; give finite numbers"):
        table.numbers("a", "rating")


def test_encoding_uses_the_training_rows_alone(tmp_path: Path) -> None:
    rows = [["size", "colour", "same"], [1, "red", 5], [3, "blue", 5], [2, "red", 5], [100, "green", 6]]
    table = read_table(written(tmp_path, rows), "data")
    X, names = encode(table, ["size", "colour", "same"], np.array([0, 1, 2]), standardise=True)
    assert names == ("size", "colour=red"), "blue comes first and is the reference; same does not vary"
    deviation = np.sqrt(2.0 / 3.0)
    np.testing.assert_allclose(X[:, 0], (np.array([1.0, 3.0, 2.0, 100.0]) - 2.0) / deviation)
    assert X[:, 1].tolist() == [1.0, 0.0, 1.0, 0.0], "green is unknown and 0 throughout"
    raw, _ = encode(table, ["size"], np.array([0, 1, 2]), standardise=False)
    assert raw[:, 0].tolist() == [1.0, 3.0, 2.0, 100.0]


def test_one_word_makes_a_column_categorical(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, [["a"], [1], [2], ["many"]]), "data")
    _, names = encode(table, ["a"], np.arange(3), standardise=True)
    assert names == ("a=2", "a=many")


def test_a_numeric_column_with_a_slip_is_named(tmp_path: Path) -> None:
    rows = [["a"], *([i] for i in range(300)), ["inf"]]
    table = read_table(written(tmp_path, rows), "data")
    with pytest.raises(
        InputError, match=r"features: column 'a' has 301 different texts, more than 200 \(line 302: 'inf'\)"
    ):
        encode(table, ["a"], np.arange(301), standardise=True)


def test_nothing_to_learn_from_is_refused(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, [["a", "b"], [1, "x"], [1, "x"]]), "data")
    with pytest.raises(InputError, match="features: no column has more than one value in the training rows"):
        encode(table, ["a", "b"], np.arange(2), standardise=True)


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=30), st.floats(0.1, 10.0), st.floats(-1e3, 1e3))
def test_standardised_features_do_not_depend_on_the_unit(values: list[float], scale: float, shift: float) -> None:
    column = np.array(values)
    if column.std() < 1e-3:
        return
    everything = np.arange(len(values))

    def standardised(numbers: np.ndarray) -> np.ndarray:
        cells = {"a": [repr(float(v)) for v in numbers]}
        return encode(Table("t", cells, everything.tolist()), ["a"], everything, standardise=True)[0]

    np.testing.assert_allclose(standardised(scale * column + shift), standardised(column), atol=1e-5)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_an_input_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(data)
    try:
        table = read_table(path, "data")
    except InputError:
        return
    assert all(len(cells) == len(table.lines) for cells in table.columns.values())
