"""What a recording says in words and single numbers: the manifest, as JSON has it. The arrays are beside it."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any, Final

import msgspec

from gdtui import __version__
from gdtui.errors import InputError

FORMAT: Final = 1
KIND: Final = "gdtui recording"
_LONGEST_VERSION = 40


class _Known(msgspec.Struct):
    """What every format says, later ones too."""

    kind: str
    format: int
    gdtui: str = ""


class Made(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a race was run by: versions, and the kind of machine."""

    gdtui: str
    python: str
    numpy: str
    numba: str
    platform: str


class DataFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A file that the scenario's objective reads, which is not part of the recording.

    ``option`` names it in the scenario. ``builtin`` is its name among the built-in scenarios, if it is there.
    ``sha256`` is that of its content, empty where it was gone when the race was recorded.
    """

    option: str
    path: str
    builtin: str
    sha256: str


class EventRecord(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A changed hyperparameter; see :class:`gdtui.engine.racer.Event`."""

    step: int
    name: str
    before: int | float | str
    after: int | float | str


class PieceRecord(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A piece of the learning rate; see :class:`gdtui.engine.rates.Piece`."""

    start: int
    lr: float
    schedule: Any
    factor: float


class OriginRecord(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where a branch comes from; see :class:`gdtui.engine.racer.Origin`."""

    label: str
    step: int


class RacerRecord(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A racer's state but for its arrays; see :class:`gdtui.engine.state.RacerState`.

    Its history has ``rows``, the first of those in the state numbered ``rows_in``, and its path ``points`` in the same
    manner: an earlier state mostly is the beginning of a later one. In a journal, an entry holds those from
    ``rows_from`` and ``points_from`` on, and what is before them is in the entry before.
    """

    spec: dict[str, Any]
    benched: bool
    ended: str | None
    spent: bool
    note: str
    loss_start: float
    events: list[EventRecord]
    rates: list[PieceRecord]
    look_at: int
    rows: int
    rows_in: int
    points: int
    points_in: int
    rows_from: int = 0
    points_from: int = 0
    origin: OriginRecord | None = None


class StateRecord(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A state of the race but for its arrays."""

    step: int
    racers: list[RacerRecord]


class ProblemRecord(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What has to be known of the problem to look at a recording without it."""

    n: int
    samples: int
    noise: int
    time_dependent: bool
    loss_start: float


class Manifest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """All of it. ``scenario`` is a scenario file, ``function`` the name of a Python objective, or empty.

    ``states`` are the checkpoints in their order, and the last state. ``result`` is what :func:`describe` said of the
    racers at the end, but for their points; None in a journal.
    """

    kind: str
    format: int
    gdtui: str
    made: Made
    created: str | None
    times: bool
    name: str
    scenario: str
    function: str
    problem: ProblemRecord
    data: list[DataFile]
    states: list[StateRecord]
    result: list[dict[str, Any]] | None = None


def made_here() -> Made:
    """The versions and the machine of now. Numba is asked for its version without importing it."""
    return Made(
        gdtui=__version__,
        python=platform.python_version(),
        numpy=version("numpy"),
        numba=version("numba"),
        platform=f"{platform.system()} {platform.machine()}",
    )


def encode(manifest: Manifest) -> bytes:
    """The manifest as JSON, for people to read as well."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode(text: bytes, where: str) -> Manifest:
    """The manifest that a JSON text stands for; its types are checked, and what they mean is not."""
    try:
        known = msgspec.json.decode(text, type=_Known)
        if known.kind != KIND:
            raise InputError("is not a recording", where=where, remedy="give a file that `gdtui run --out` wrote")
        if known.format != FORMAT:
            by = f", by gdtui {known.gdtui[:_LONGEST_VERSION]}" if known.gdtui else ""
            reason = f"has format {known.format}{by}, and gdtui {__version__} knows {FORMAT}"
            raise InputError(reason, where=where, remedy="read it with a newer gdtui")
        return msgspec.json.decode(text, type=Manifest)
    except InputError:
        raise
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        reason, _, place = str(error).partition(" - at `$.")
        raise InputError(
            f"its manifest is not one: {reason}", where=where, key=place.rstrip("`"), remedy="fetch it again"
        ) from None
