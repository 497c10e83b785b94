"""How each shell asks for completions and is answered, where click's own scripts do not do for a racer's SPEC.

Bash ends a word at every ``:`` and ``=``; fish's script would cut an answer at its first comma; and after ``lr=`` there
must be no space. So a completion is of a kind ``open`` where something may follow it directly.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from gdtui.cli.complete import OPEN

# The line up to the cursor is read here and not by bash, whose words depend on COMP_WORDBREAKS.
_BASH = """\
%(complete_func)s() {
    local kind value
    COMPREPLY=()
    while IFS=, read -r kind value; do
        COMPREPLY+=("$value")
        if [[ $kind == open ]]; then compopt -o nospace; fi
    done < <(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""
_ZSH = """\
#compdef %(prog_name)s
%(complete_func)s() {
    local kind key help
    local -a answer plain described open
    (( $+commands[%(prog_name)s] )) || return 1
    answer=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")
    for kind key help in ${answer}; do
        if [[ "$kind" == open ]]; then
            open+=("$key")
        elif [[ "$help" == _ ]]; then
            plain+=("$key")
        else
            described+=("$key:$help")
        fi
    done
    if (( $#described )); then _describe -V unsorted described -U; fi
    if (( $#plain )); then compadd -U -V unsorted -a plain; fi
    if (( $#open )); then compadd -U -S '' -V unsorted -a open; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""
_FISH = """\
function %(complete_func)s
    set -l answer (env COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -ct) \\
        %(complete_var)s=fish_complete %(prog_name)s 2>/dev/null)
    for line in $answer
        set -l parts (string split --max 1 "," -- $line)
        printf "%%s\n" $parts[2]
    end
end
complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class _Spec(ShellComplete):
    """Answers with whole words, also where a value is joined to its option: ``--racer=adam:``."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        option, equals, value = incomplete.partition("=")
        if not equals or not option.startswith("--"):
            return super().get_completions(args, incomplete)
        items = super().get_completions([*args, option], value)
        for item in items:
            item.value = f"{option}={item.value}"
        return items


class Bash(_Spec, BashComplete):
    """Bash replaces what stands after the last of its word breaks, so that is all it is given."""

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        breaks = os.environ.get("COMP_WORDBREAKS", " \t\n\"'><=;|&(:")
        self._line = split_line(os.environ.get("COMP_LINE", ""), breaks)
        return list(self._line.words[1:-1]), self._line.words[-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        items = super().get_completions(args, incomplete)
        if self._line.quote and len(items) == 1 and items[0].type == OPEN:
            items.append(CompletionItem(f"{items[0].value}...", type=OPEN))  # bash closes the quote after a lone one
        return items

    def format_completion(self, item: CompletionItem[str]) -> str:
        value = item.value[self._line.kept :]
        if self._line.closed:  # what was in quotes is replaced together with them
            value = self._line.closed + value
        elif item.is_path and not self._line.quote:
            value = "".join(c if c.isalnum() or c in "/.,-_+@%~" or not c.isascii() else f"\\{c}" for c in value)
        return f"{item.type},{value}"


class Zsh(_Spec, ZshComplete):
    """Zsh replaces the whole word."""

    source_template = _ZSH

    def format_completion(self, item: CompletionItem[str]) -> str:
        if item.type == OPEN:
            return f"{OPEN}\n{item.value}\n_"
        return super().format_completion(item)


class Fish(_Spec, FishComplete):
    """Fish replaces the whole word, and adds no space after = : , and /."""

    source_template = _FISH


SHELLS: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def register() -> None:
    """Have click answer the shells through these classes."""
    for name, shell in SHELLS.items():
        click.shell_completion.add_completion_class(shell, name)


@dataclass(frozen=True, slots=True)
class Line:
    """A command line up to the cursor, as bash sees it."""

    words: tuple[str, ...]
    """Without their quotes; the last one is incomplete, and may be empty."""
    kept: int
    """How many characters of the last word bash keeps, and does not replace by what it is answered."""
    quote: str = ""
    """The quote that is open at the cursor."""
    closed: str = ""
    """A quote that was opened and closed again in what bash replaces."""


def split_line(line: str, breaks: str) -> Line:
    """The line in words. ``breaks`` are the characters after which bash begins a word of its own."""
    words: list[str] = []
    word, is_begun, kept, kept_before, quote, closed, escaped = "", False, 0, 0, "", "", False
    for character in line:
        if escaped or (quote and character != quote and (character != "\\" or quote == "'")):
            word, escaped = word + character, False
        elif character == "\\":
            is_begun = escaped = True
        elif quote:
            closed, quote, kept = quote, "", kept_before
        elif character in "'\"":
            is_begun, quote, kept_before, kept = True, character, kept, len(word)
        elif character.isspace():
            if is_begun:
                words.append(word)
            word, is_begun, kept, closed = "", False, 0, ""
        else:
            word, is_begun = word + character, True
            if character in breaks:
                kept, closed = len(word), ""
    return Line((*words, word), kept, quote, "" if quote else closed)
