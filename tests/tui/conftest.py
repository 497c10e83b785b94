"""Every app under test sees the same terminal."""

from __future__ import annotations

import itertools

import pytest

from tests.tui.apps import still_life as still_life


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TERM": "xterm-256color", "COLORTERM": "truecolor"}.items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def short_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a key Textual naps twice until the program idles: half as long each is still longer than a frame in all."""
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 0.01)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", 0.0005)


@pytest.fixture(autouse=True)
def quick_axes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Axes may grow at every look, and not once a second: pictures do not depend on how fast a test runs."""
    seconds = itertools.count(0.0, 10.0)
    monkeypatch.setattr("gdtui.tui.panes.loss.monotonic", lambda: next(seconds))


@pytest.fixture(autouse=True)
def quick_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts come at once: a test that waits for what is shown waits for them, too."""
    monkeypatch.setattr("gdtui.tui.judge.LOOK_INTERVAL", 0.0)
    monkeypatch.setattr("gdtui.tui.judge.LOOK_SHARE", float("inf"))
