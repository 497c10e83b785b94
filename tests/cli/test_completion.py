"""What a shell completes: asked through click, and through bash itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.cli import main
from gdtui.cli.complete import VARIABLE
from gdtui.cli.shells import SHELLS, Line, split_line
from gdtui.cli.words import words
from gdtui.folders import builtin_names, trap_names
from gdtui.registry import objectives, optimizers, schedules
from gdtui.specs import hyperparameters
from tests.cli.support import ROOT, invoke
from tests.cli.test_imports import HEAVY
from tests.tui.terminals import Terminal

BASH = shutil.which("bash")
COMMANDS = {
    "run", "shot", "film", "replay", "resume", "info", "export", "diff", "list", "explain", "diagnose", "watch",
    "check",
    "config", "completion",
}  # fmt: skip
RACER_KEYS = {f"{name}=" for name in [*hyperparameters(optimizers()["adam"]), "schedule", "label"]}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def offered(*words: str) -> list[str]:
    """What zsh is offered for the last of the words."""
    shell = SHELLS["zsh"](main, {}, "gdtui", VARIABLE)
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


def test_the_first_word_is_a_command_or_a_scenario() -> None:
    assert set(offered("")) == COMMANDS | set(builtin_names()) | {"traps/"}
    assert offered("ro") == ["rosenbrock"]
    assert offered("r") == ["replay", "resume", "run", "rosenbrock"]
    assert offered("--ver") == ["--version"]
    assert offered("--pa") == ["--paused", "--patterns"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("list", ""), {"scenarios", "objectives", "optimizers", "schedules"}),
        (("explain", ""), {*optimizers(), *objectives(), *schedules()}),
        (("run", "q"), {"quadratic"}),
        (("check", "saddle", "q"), {"quadratic"}),
        (("run", "saddle", "--st"), {"--start", "--steps"}),
        (("shot", "q"), {"quadratic"}),
        (("shot", "saddle", "--format", ""), {"svg", "html", "ansi", "txt"}),
        (("film", "saddle", "--racer", "lio"), {"lion"}),
        (("film", "saddle", "--f"), {"--frames", "--fps", "--force"}),
        (("config", ""), {"path", "show", "keys"}),
        (("config", "show", "--j"), {"--json"}),
        (("completion", ""), {"bash", "zsh", "fish"}),
        (("--theme", ""), {"dark", "light", "terminal"}),
        (("--theme=l",), {"--theme=light"}),
        (("saddle", "--color=1"), {"--color=16"}),
        (("saddle", "--renderer", "p"), {"plotext"}),
        (("saddle", "--steps", ""), set()),
        (("--racer", ""), {*optimizers()}),
        (("run", "saddle", "--racer", "adam", "--racer", "lion"), {"lion"}),
        (("--racer", "adam:"), {f"adam:{key}" for key in RACER_KEYS}),
        (("--racer=adam:be",), {"--racer=adam:beta1=", "--racer=adam:beta2="}),
        (("--racer", "adam:beta1=0.5,be"), {"adam:beta1=0.5,beta2="}),
        (("--racer", "adam:lr=1"), set()),
        (("--racer", "nobody:"), set()),
        (("--racer", "adam:lr=1,schedule="), {f"adam:lr=1,schedule={name}" for name in schedules()}),
        (("--racer", "adam:schedule=cosine(m"), {"adam:schedule=cosine(min="}),
        (("--racer", "adam:schedule=cosine(steps=5,m"), {"adam:schedule=cosine(steps=5,min="}),
        (("--racer", "gd:schedule=join(warmup(steps=5),const"), {"gd:schedule=join(warmup(steps=5),constant"}),
        (("--racer", "gd:schedule=join(warmup(st"), {"gd:schedule=join(warmup(steps="}),
        (("--racer", "gd:schedule=nobody("), set()),
        (("--racer", "gd:schedule=cosine(steps=5),cl"), {"gd:schedule=cosine(steps=5),clip="}),
    ],
)
def test_what_is_offered(given: tuple[str, ...], expected: set[str]) -> None:
    assert set(offered(*given)) == expected


def test_flags_are_true_or_false() -> None:
    name, flag = next((name, h.name) for name, record in optimizers().items() for h in record.hyperparameters if h.flag)
    assert offered("--racer", f"{name}:{flag}=") == [f"{name}:{flag}=true", f"{name}:{flag}=false"]


def test_scenario_files_and_folders_are_offered() -> None:
    Path("races").mkdir()
    for name in ("mine.toml", "notes.txt", ".hidden.toml", "races/one.toml", "bad\n.toml"):
        Path(name).touch()
    assert set(offered("run", "")) == {*builtin_names(), "mine.toml", "races/", "traps/"}
    assert offered("run", "tr") == ["traps/"]
    assert offered("traps/") == list(trap_names())
    assert offered("traps/gd") == ["traps/gd-zig-zag"]
    assert offered("m") == ["mine.toml"]
    assert offered("run", "./") == ["./mine.toml", "./races/"]
    assert offered("run", "races/") == ["races/one.toml"]
    assert offered("run", ".h") == [".hidden.toml"]
    assert offered("diagnose", "") == ["notes.txt", "races/"]
    assert offered("watch", "notes.txt", "") == ["notes.txt", "races/"]
    Path("races/one.gdtui").touch()
    assert offered("shot", "races/") == offered("film", "races/") == ["races/one.toml", "races/one.gdtui"]
    for name in ("a.svg", "b.cast", "c.txt"):
        Path(name).touch()
    assert offered("shot", "saddle", "-o", "") == ["a.svg", "c.txt", "notes.txt", "races/"]
    assert offered("film", "saddle", "--output", "") == ["b.cast", "races/"]
    assert offered("run", "nowhere/") == offered("run", "~nobody/") == []
    assert offered("run", f"{Path.cwd()}/ra") == [f"{Path.cwd()}/races/"]
    Path("traps").mkdir()
    Path("traps/own.toml").touch()
    assert offered("run", "tr") == ["traps/"]
    assert offered("run", "traps/") == [*trap_names(), "traps/own.toml"]


def test_a_broken_plugin_is_no_reason_to_complete_with_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GDTUI_PLUGINS", str(tmp_path / "missing"))
    assert offered("--racer", "ad") == []
    assert "rosenbrock" in offered("")


def test_words_are_kept_until_a_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDTUI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("GDTUI_PLUGINS", str(tmp_path))
    found = words()
    kept = tmp_path / "cache" / "completion" / "words.json"
    assert json.loads(kept.read_text())["words"] == found
    monkeypatch.setattr("gdtui.cli.words._declared", lambda: {"declared": {}})
    assert words() == found
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "mine.py").touch()
    assert words() == {"declared": {}}
    kept.write_text("[]")
    assert words() == {"declared": {}}
    monkeypatch.setenv("GDTUI_CACHE_DIR", "/dev/null/nowhere")
    assert words() == {"declared": {}}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_every_shell_is_printed(shell: str) -> None:
    result = invoke("completion", shell)
    assert result.exit_code == 0
    assert f"{VARIABLE}={shell}_complete" in result.stdout
    assert "_gdtui_completion" in result.stdout
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=result.stdout, text=True, check=True, timeout=60)


def test_zsh_and_fish_are_answered_as_their_scripts_read_it() -> None:
    def answer(shell: str, line: str, cword: str) -> list[str]:
        variables = {"COMP_WORDS": line, "COMP_CWORD": cword, VARIABLE: f"{shell}_complete"}
        return invoke(env=dict(variables)).stdout.splitlines()

    assert answer("zsh", "gdtui --racer adam:be", "2") == [
        "open", "adam:beta1=", "_", "open", "adam:beta2=", "_",
    ]  # fmt: skip
    assert answer("zsh", "gdtui explain ada", "2")[:2] == ["plain", "adagrad"]
    first = answer("fish", "gdtui --racer adam:lr=1,be", "adam:lr=1,be")[0]
    assert first.startswith("open,adam:lr=1,beta1=\t")


def _ask(line: str) -> subprocess.CompletedProcess[str]:
    code = "from gdtui.cli import main; main(prog_name='gdtui')"
    variables = {VARIABLE: "bash_complete", "COMP_LINE": line, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        env=os.environ | variables, capture_output=True, text=True, check=True,
    )  # fmt: skip


@pytest.mark.parametrize("line", ["gdtui ", "gdtui --racer adam:", "gdtui explain a", "gdtui run s", "gdtui --theme "])
def test_an_answer_imports_nothing_heavy_once_the_words_are_kept(line: str) -> None:
    words()
    answer = _ask(line)
    assert answer.stdout
    imported = {row.rpartition("|")[2].strip().partition(".")[0] for row in answer.stderr.splitlines()}
    assert "click" in imported
    assert not imported & {*HEAVY, "numpy", "msgspec", "tomllib"}


def test_an_answer_takes_little_longer_than_the_version() -> None:
    def seconds(**variables: str) -> float:
        code = "from gdtui.cli import main; main(['--version'], prog_name='gdtui')"
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - began

    words()
    version = min(seconds() for _ in range(5))
    asked = {VARIABLE: "bash_complete", "COMP_LINE": "gdtui --racer adam:"}
    assert min(seconds(**asked) for _ in range(5)) < 2.0 * version + 0.05


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("gdtui ", (("gdtui", ""), 0)),
        ("gdtui run sad", (("gdtui", "run", "sad"), 0)),
        ("gdtui --racer adam:lr=1,b", (("gdtui", "--racer", "adam:lr=1,b"), 8)),
        ("gdtui --racer 'adam:lr=1,b", (("gdtui", "--racer", "adam:lr=1,b"), 0, "'")),
        ('gdtui --racer adam:"lr=', (("gdtui", "--racer", "adam:lr="), 5, '"')),
        ("gdtui --racer 'adam:lr=1' ", (("gdtui", "--racer", "adam:lr=1", ""), 0)),
        ("gdtui --racer 'adam':l", (("gdtui", "--racer", "adam:l"), 5)),
        ("gdtui --racer 'adam:lr='1", (("gdtui", "--racer", "adam:lr=1"), 0, "", "'")),
        (r"gdtui my\ race\:", (("gdtui", "my race:"), 0)),
        (r'gdtui "my \"race', (("gdtui", 'my "race'), 0, '"')),
        ("gdtui '' x", (("gdtui", "", "x"), 0)),
        ("", (("",), 0)),
    ],
)
def test_a_line_is_split_as_bash_splits_it(line: str, expected: tuple[Any, ...]) -> None:
    assert split_line(line, " \t\n\"'><=;|&(:") == Line(*expected)


@given(line=st.text(st.sampled_from("ab '\"\\:=\t"), max_size=20))
def test_any_line_can_be_split(line: str) -> None:
    found = split_line(line, ":=")
    assert 0 <= found.kept <= len(found.words[-1])
    assert {found.quote, found.closed} <= {"", "'", '"'}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with a program called gdtui in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "gdtui"
    code = "from gdtui.cli import main; main(prog_name='gdtui')"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -c "{code}" "$@"\n')
    script.chmod(0o755)
    return folder


def replies(program: Path, *lines: str) -> list[list[str]]:
    """What bash puts into COMPREPLY at the end of each of the lines."""
    text = """
        eval "$(gdtui completion bash)"
        for COMP_LINE; do
            COMP_POINT=${#COMP_LINE}
            COMP_WORDS=($COMP_LINE)
            _gdtui_completion gdtui 2>/dev/null
            printf '%s\\n' "${COMPREPLY[@]}" --
        done
    """
    done = subprocess.run(
        [str(BASH), "--norc", "-c", text, "bash", *lines], capture_output=True, text=True, check=True, timeout=120,
        env=os.environ | {"PATH": f"{program}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.stderr == ""
    return [answer.split("\n")[:-1] for answer in done.stdout.split("--\n")[:-1]]


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_bash_is_given_what_stands_after_its_last_break(program: Path) -> None:
    Path("my race.toml").touch()
    asked = {
        "gdtui ro": ["rosenbrock"],
        "gdtui --racer ada": ["adagrad", "adam", "adamw", "adadelta"],
        "gdtui --racer adam:b": ["batch_size=", "beta1=", "beta2="],
        "gdtui --racer=adam:lr=1e-2,be": ["1e-2,beta1=", "1e-2,beta2="],
        "gdtui saddle --racer adam:schedule=cos": ["cosine"],
        "gdtui saddle --racer 'adam:schedule=c": ["adam:schedule=constant", "adam:schedule=cosine"],
        "gdtui saddle --racer 'adam:schedule=cosine(st": [f"adam:schedule=cosine(steps={end}" for end in ("", "...")],
        "gdtui saddle --racer 'adam:lr='1,ep": ["'adam:lr=1,eps="],
        "gdtui --theme=l": ["light"],
        "gdtui run my": ["my\\ race.toml"],
        "gdtui run 'my": ["my race.toml"],
        "gdtui list s": ["scenarios", "schedules"],
    }
    assert replies(program, *asked) == list(asked.values())


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_bash_completes_at_the_press_of_a_key(program: Path) -> None:
    (program / "inputrc").write_text("set enable-bracketed-paste off\nset bell-style none\n")
    variables = {"PATH": f"{program}{os.pathsep}{os.environ['PATH']}", "PS1": "ready> "}
    variables["INPUTRC"] = str(program / "inputrc")
    shell = "import os; os.execvp('bash', ['bash', '--norc', '-i'])"
    with Terminal(program=shell, environment=variables) as terminal:
        terminal.wait_for("ready> ")
        terminal.type('eval "$(gdtui completion bash)"; clear\n')
        terminal.wait_for(lambda: terminal.text.strip() == "ready>")
        terminal.type("gdtui expl\tadamw\t")
        terminal.wait_for("gdtui explain adamw")
        terminal.type("\x15gdtui rose\t--rac\tlio\t:bet\t1=0.5,sched\tcosi\t")
        terminal.wait_for("gdtui rosenbrock --racer lion:beta1=0.5,schedule=cosine")
        terminal.type("\x15gdtui --racer 'lion:schedule=cosine(ste\t5,mi\t")
        terminal.wait_for(r"gdtui --racer 'lion:schedule=cosine\(steps=5,min=")
        terminal.type("\x15exit\n")
        terminal.wait()
