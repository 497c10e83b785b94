"""One picture of a race: a snapshot in, grids of cells out, for the app, the headless commands and the tests alike.

The still part of a chart (plane, grid, sheet) is built rarely and off the event loop, as a value that never changes;
drawing a snapshot on it takes about a millisecond. Nothing here knows of widgets.
"""

from gdtui.frames.contour import (
    ContourPicture,
    build_contour,
    contour_title,
    draw_contour,
    is_due,
    is_left,
    racers_view,
    refined,
)
from gdtui.frames.curves import Choice, CurveAxes, Kind, Quantity, build_curves
from gdtui.frames.log_curves import LogAxes, LogChoice, LogKind, LogQuantity, logged
from gdtui.frames.reach import Abscissa
from gdtui.frames.smooth import Smoothing
from gdtui.frames.style import Style

__all__ = [
    "Abscissa",
    "Choice",
    "ContourPicture",
    "CurveAxes",
    "Kind",
    "LogAxes",
    "LogChoice",
    "LogKind",
    "LogQuantity",
    "Quantity",
    "Smoothing",
    "Style",
    "build_contour",
    "build_curves",
    "contour_title",
    "draw_contour",
    "is_due",
    "is_left",
    "logged",
    "racers_view",
    "refined",
]
