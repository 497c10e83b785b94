"""How strong each racer's lines are: all alike, or one pinned racer against the others."""

from __future__ import annotations

from gdtui.charts.palette import Weight
from gdtui.engine.snapshot import Snapshot


def weights(snapshot: Snapshot, pinned: str | None) -> dict[str, Weight]:
    """The weight of every racer that is shown, by label. One that rests is not, and outshines nobody."""
    shown = [racer.label for racer in snapshot.racers if not racer.benched]
    if pinned not in shown:
        return dict.fromkeys(shown, "plain")
    return {label: "strong" if label == pinned else "faint" for label in shown}
