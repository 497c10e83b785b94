"""How specs are written: ``key=value`` pairs between commas, where parentheses keep together what belongs together."""

from __future__ import annotations

from gdtui.errors import InputError


def split(text: str) -> list[str]:
    """The parts between the commas, without empty ones; a comma inside parentheses separates nothing."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            break
        if character == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    last = text[start:]
    if depth != 0:
        remedy = "open every ) with a (" if depth < 0 else "close every ( with a )"
        raise InputError(f"parentheses do not match in {last.strip()!r}", remedy=remedy)
    return [part for part in map(str.strip, [*parts, last]) if part]


def literal(text: str) -> object:
    """The number or the true or false that ``text`` stands for, else ``text`` itself."""
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text, text)


def written(value: float) -> str:
    """A number so that it reads back to the same bits; true or false for those two."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(int(value)) if float(value).is_integer() and abs(value) < 1e6 else repr(float(value))
