"""The verdicts on the racers of a race as they are shown, look by look: they do not flicker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gdtui.analysis.verdict import Steady, Verdict
from gdtui.engine.snapshot import Snapshot

LOOK_INTERVAL: Final = 0.25  # seconds between two looks: as often as numbers change on a screen
LOOKS: Final = 3  # for which another kind has to hold while the race runs


class SteadyVerdicts:
    """What to show after each look. It is about one race: another one has its own."""

    def __init__(self) -> None:
        self._steady: dict[tuple[str, str], Steady] = {}

    def see(self, snapshot: Snapshot, verdicts: Mapping[str, Verdict], *, running: bool) -> dict[str, Verdict]:
        """The verdicts to show, by label, after a look at ``snapshot`` gave ``verdicts``.

        While the race runs, another kind has to hold for a few looks; once it stands still, what is is shown.
        """
        optimizers = {racer.label: racer.spec.optimizer for racer in snapshot.racers}
        shown: dict[str, Verdict] = {}
        for label, verdict in verdicts.items():
            steady = self._steady.setdefault((label, optimizers[label]), Steady(LOOKS))
            for _ in range(1 if running else LOOKS):
                shown[label] = steady.see(verdict)
        return shown
