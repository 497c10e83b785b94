"""TOML files as a user hands them in: small, regular, UTF-8, and with nothing in them that takes minutes to read."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from gdtui.errors import InputError

# tomllib is quadratic in the parts of a dotted key and recursive in nesting, so that a small file can take minutes.
_MOST_BYTES, _LONGEST_LINE = 65_536, 4_096
_PART = r"""\.[ \t]*(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DEEP_KEY = re.compile(rf"{_PART}(?:[ \t]*{_PART}){{16}}")  # 17 dots or more


def read(path: Path, *, what: str) -> dict[str, Any]:
    """The tables of the file. ``what`` is what the file should be, as in "a scenario".

    Raises FileNotFoundError where there is no file, and :class:`InputError` where it cannot be read as TOML.
    """
    where = str(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError("is not a regular file", where=where)
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"is larger than {_MOST_BYTES // 1024} kB", where=where, remedy=f"is it {what}?")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 (byte {error.start})", where=where, remedy="save it as UTF-8") from None
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(getattr(error, "strerror", None) or str(error), where=where) from None
    return parse(text, where)


def parse(text: str, where: str) -> dict[str, Any]:
    """The tables of a text, which comes from ``where``; an :class:`InputError` where it cannot be read as TOML."""
    for count, line in enumerate(text.split("\n"), 1):  # splitlines() breaks where TOML does not: inside a key
        if len(line) > _LONGEST_LINE or _DEEP_KEY.search(line):
            raise InputError(f"line {count} is too long or has a key of too many parts", where=where)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError, OverflowError) as error:
        raise InputError(f"is not TOML: {error}", where=where) from None
