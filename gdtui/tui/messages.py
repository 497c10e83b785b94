"""What the parts of the screen tell each other. Panes never ask one another: they tell the screen, and it decides."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message

from gdtui.engine.driver import Published
from gdtui.engine.race import Race
from gdtui.frames import ContourPicture


class SnapshotPublished(Message):
    """The race's thread has a new picture. Late ones merge into the last."""

    def __init__(self, published: Published, source: object) -> None:
        super().__init__()
        self.published, self.source = published, source

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SnapshotPublished) and message.source is self.source


class ScenarioChosen(Message):
    """The user wants another scenario."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class RaceWanted(Message):
    """The user wants another race: ``make`` returns it, and may take its time, or raises an ``InputError``."""

    def __init__(self, make: Callable[[], Race]) -> None:
        super().__init__()
        self.make = make


class RacerToggled(Message):
    """The user wants a racer to rest, or to race again."""

    def __init__(self, label: str, benched: bool) -> None:
        super().__init__()
        self.label, self.benched = label, benched


class StartChosen(Message):
    """The user chose a start: coordinates of the plane that the contour shows."""

    def __init__(self, picture: ContourPicture, a: float, b: float) -> None:
        super().__init__()
        self.picture, self.a, self.b = picture, a, b


class StepChosen(Message):
    """The user wants to see the race as it was at another step."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = step


class ChartDrawn(Message):
    """A pane has its first chart."""


class Built(Message):
    """A thread has finished a job for a pane or the screen; ``apply`` puts the result in place, on the event loop."""

    def __init__(self, apply: Callable[[], None]) -> None:
        super().__init__()
        self.apply = apply
