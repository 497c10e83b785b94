"""What somebody changes in a race that goes on, so that it can be done again when the race goes that way again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gdtui.engine.race import Race
    from gdtui.engine.racer import Racer

Action = Callable[["Race"], "Racer | None"]


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """A change to the racer ``label`` after the race's ``step``; ``what`` is a word or two for it.

    ``action`` makes it on a race that stands as that one did, and returns the racer it entered, if any. ``was_level``
    says whether all who raced had caught up when it was made: where two changes were made in a row, they may not.
    ``is_noted`` says that the racer's own events have it, too.
    """

    step: int
    label: str
    what: str
    action: Action
    was_level: bool
    is_noted: bool = False


class Listener(Protocol):
    """Who wants to know what is done to a race."""

    def edited(self, edit: Edit, entered: Racer | None) -> None:
        """``edit`` was made, and ``entered`` the race by it."""

    def restored(self) -> None:
        """The race was put into another state, whatever it was in."""
