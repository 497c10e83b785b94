"""Text in ASCII, where there is nothing else: formulas keep their meaning, names their letters.

A letter with something on it, above it or below it is a word: m̂ is mhat, θᵢ₊₁ theta_(i+1), βᵗ beta^t.
"""

from __future__ import annotations

import re
import unicodedata

_SPELT = {
    "←": "<-", "→": "->", "−": "-", "–": "-", "—": "-", "≥": ">=", "≤": "<=", "≈": "~", "≠": "!=", "×": "x", "·": "*",
    "⊙": "*", "‖": "||", "…": "...", "∈": "in", "∞": "inf", "⌊": "floor(", "⌋": ")", "½": "1/2", "¼": "1/4",
    "√": "sqrt", "∇": "grad", "Σ": "sum", "Π": "prod", "λ": "lambda", "÷": "/", "±": "+-", "Λ": "Lambda", "ß": "ss",
}  # fmt: skip
_GREEK = "α-ωΑ-Ω"
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵀᵗⁿ"
_LOWERED = "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙₜ"
_HATS = {"\N{COMBINING CIRCUMFLEX ACCENT}": "hat", "\N{COMBINING TILDE}": "tilde"}
# A letter that stands for a number, not one of a name: nobody is called n̂.
_HATTED = re.compile(rf"(?<![A-Za-z])([A-Za-z])([{''.join(_HATS)}])(?![A-Za-z])")
# What becomes a word is kept apart from the letter or digit beside it: ηg becomes eta g.
_BEFORE = re.compile(rf"(?<=[A-Za-z0-9)])(?=[{_GREEK}√∇])")
_AFTER = re.compile(rf"(?<=[{_GREEK}√∇½¼{_RAISED}{_LOWERED}])(?=[A-Za-z0-9{_GREEK}√∇])|(?<=[½¼])(?=\()")


def spelt_out(text: str) -> str:
    """``text`` in ASCII: θ becomes theta, ≤ becomes <=, é becomes e, what has no name becomes ?."""
    if text.isascii():
        return text
    text = "".join(unicodedata.normalize("NFD", letter) if letter.isalpha() else letter for letter in text)
    text = _HATTED.sub(lambda found: found[1] + _HATS[found[2]], text)
    text = _AFTER.sub(" ", _BEFORE.sub(" ", text))
    text = re.sub(rf"(?<=[A-Za-z{_GREEK}])∞", "_inf", text)
    text = re.sub(f"[{_RAISED}]+", lambda found: "^" + _grouped(found[0]), text)
    text = re.sub(f"[{_LOWERED}]+", lambda found: _index(found[0]), text)
    return "".join(character if character.isascii() else _spelt(character) for character in text)


def _index(lowered: str) -> str:
    index = _grouped(lowered)
    return index if index.isdigit() else "_" + index


def _grouped(script: str) -> str:
    """An exponent or index on the line, in parentheses if it is a sum."""
    plain = "".join(map(_spelt, unicodedata.normalize("NFKD", script)))
    return f"({plain})" if re.search("[+-]", plain[1:]) else plain


def _spelt(character: str) -> str:
    if character.isascii() or character in _SPELT:
        return _SPELT.get(character, character)
    name = unicodedata.name(character, "")
    if greek := re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)", name):
        return greek[2].lower() if greek[1] == "SMALL" else greek[2].capitalize()
    if latin := re.match(r"LATIN (SMALL|CAPITAL) LETTER (\w+) WITH ", name):
        return latin[2].lower() if latin[1] == "SMALL" else latin[2]
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain or ("" if unicodedata.combining(character) else "?")
