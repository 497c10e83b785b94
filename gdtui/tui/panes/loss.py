"""The loss pane: every racer's loss by step, over the whole budget; or another quantity, over another."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer

from gdtui.charts.loss import CurveLayer, LossChart, LossSpec
from gdtui.contracts import Problem
from gdtui.engine.driver import Published
from gdtui.frames import Abscissa, Choice, CurveAxes, Style, build_curves
from gdtui.tui.chart_thread import ChartThread, Workshop
from gdtui.tui.colours import depth_of, theme_of
from gdtui.tui.ink import CellView, css_colour
from gdtui.tui.messages import ChartDrawn
from gdtui.tui.panes.pane import Pane
from gdtui.tui.readout import Parts, read_out

if TYPE_CHECKING:
    from gdtui.analysis.theory import Theory

FRAME = 4  # columns that the border takes from its title
READ_INTERVAL = 0.125  # seconds between two read-outs while the pointer moves


class Axes(Protocol):
    """What a pane of curves asks of the axes of its chart."""

    behind: bool

    @property
    def kind(self) -> Hashable: ...

    def title(self, width: int = 200) -> str: ...


class CurvePane(Pane, can_focus=True):
    """A chart of curves with a line that reads them out. What the curves are is for those to say that it is made for.

    They draw by :meth:`_draw`, which asks them for :attr:`axes`, :meth:`curves` and :meth:`spec`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Left", show=False, id="loss.left", tooltip="Move the read-out"),
        Binding("right", "move(1)", "Right", show=False, id="loss.right", tooltip="Move the read-out"),
        Binding("shift+left", "move(-8)", "Far left", show=False, id="loss.far_left"),
        Binding("shift+right", "move(8)", "Far right", show=False, id="loss.far_right"),
        Binding("escape", "forget", "Drop the read-out", show=False, id="loss.forget", tooltip="Drop the read-out"),
    ]

    def __init__(self, charts: ChartThread, style: Style) -> None:
        super().__init__(id="loss")
        self._style = style
        self._later: Timer | None = None
        self._chart: LossChart | None = None
        self._kind: Hashable = None
        """What the chart was built for."""
        self._column: int | None = None
        """The column of cells whose values are read out."""
        self._said: tuple[int | None, Parts] = (None, ())
        self._said_at = 0.0
        self._unsaid: Timer | None = None
        self._wanted: LossSpec | None = None
        self._workshop: Workshop[tuple[Hashable, LossChart]] = Workshop(self, charts, self._take)

    def compose(self) -> ComposeResult:
        yield CellView(id="loss-view")

    @property
    def view(self) -> CellView:
        return self.query_one("#loss-view", CellView)

    @property
    def axes(self) -> Axes | None:
        """The axes; None before there is anything to show."""
        raise NotImplementedError

    @property
    def abscissa(self) -> Abscissa:
        """What the curves are over."""
        return Abscissa.STEPS

    def curves(self) -> list[CurveLayer]:
        """The curves as they are now."""
        raise NotImplementedError

    def spec(self, curves: Sequence[CurveLayer], size: tuple[int, int], now: float) -> LossSpec:
        """The chart for them at ``now`` seconds."""
        raise NotImplementedError

    def restyle(self, style: Style) -> None:
        """Draw lines with or without patterns from now on."""
        self._style = style
        self._draw()

    def _draw(self) -> None:
        size, axes = self.view.size, self.axes
        if axes is None or size.width < 2 or size.height < 2:
            return
        curves = self.curves()
        spec = self.spec(curves, (size.width, size.height), monotonic())
        kind, drawn = axes.kind, None if self._chart is None else self._chart.spec
        if spec not in (drawn, self._wanted):
            self._wanted = spec
            start = self._workshop.want if drawn or self._workshop.busy else self._workshop.have
            start(lambda: (kind, build_curves(spec)))
        if self._chart is not None and (drawn == spec or self._kind == kind):
            # Limits that lag behind are no harm, but on the axes of another quantity the curves would be wrong.
            self._kind = kind
            self.set_title(axes.title(size.width - FRAME))
            self.view.show(self._chart.draw(curves, self._column))
            self._read_out(self._chart, curves)
        if axes.behind and self._later is None:
            self._later = self.set_timer(1.0, self._catch_up)

    def _read_out(self, chart: LossChart, curves: Sequence[CurveLayer]) -> None:
        """Put what the curves are at the chosen column into the border."""
        span = None if self._column is None else chart.span(self._column)
        parts = () if span is None else read_out(curves, self.abscissa, span, self.view.size.width - FRAME)
        said = self._column, parts
        if said == self._said:
            return
        if self._column is not None and self._is_early():
            self._wait()
            return
        self._said, self._said_at = said, monotonic()
        depth, theme = depth_of(self.app), theme_of(self.app)
        self.border_subtitle = Content.assemble(*((text, css_colour(depth, colour, theme)) for text, colour in parts))

    def _point(self, column: int | None) -> None:
        """Read out this column; the pointer may move faster than can be read."""
        if column == self._column:
            return
        self._column = column
        if column is not None and self._is_early():
            self._wait()
        else:
            self._draw()

    def _is_early(self) -> bool:
        return monotonic() < self._said_at + READ_INTERVAL

    def _wait(self) -> None:
        if self._unsaid is None:
            self._unsaid = self.set_timer(READ_INTERVAL, self._say_now)

    def _say_now(self) -> None:
        self._unsaid = None
        self._draw()

    def action_move(self, columns: int) -> None:
        if self._chart is None or self.axes is None:
            return
        canvas, column = self._chart.canvas, self._column
        if column is None:  # it comes from where the newest is
            ends = [float(curve.x[-1]) for curve in self.curves() if curve.letter and len(curve.x)]
            column = self._chart.column(max(ends, default=0.0)) - columns
        self._point(min(max(column + columns, canvas.column), canvas.column + canvas.width - 1))

    def action_forget(self) -> None:
        if self._column is None:
            raise SkipAction  # the key then leaves what the screen has open
        self._point(None)

    def on_blur(self) -> None:
        self._point(None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._chart is not None and event.widget is self.view:
            self._point(event.x if self._chart.span(event.x) is not None else None)

    def on_leave(self, event: events.Leave) -> None:
        if event.node is self.view:
            self._point(None)

    def _catch_up(self) -> None:
        # The last picture of a race may come sooner after the one before than the axes may grow again.
        self._later = None
        self._draw()

    def _take(self, built: tuple[Hashable, LossChart]) -> None:
        if self._chart is None:
            self.post_message(ChartDrawn())
        self._kind, self._chart = built
        self._draw()

    def on_cell_view_resized(self, message: CellView.Resized) -> None:
        message.stop()
        self._draw()


class LossPane(CurvePane):
    """Curves of all racers, on a logarithmic or a linear axis."""

    HELP: ClassVar[str] = (
        "Every racer's loss, the full objective, over its steps, its work or its own computing time; or the length of "
        "the full gradient, the learning rate, dotted where a schedule says what is to come, or the effective step: "
        "how far a step went per unit of gradient, in a dim band from the least to the most over the coordinates. "
        "Otherwise a band is what a racer swept between recorded steps. ◆ is where a hyperparameter changed, an arrow "
        "where a racer left the picture. On a log axis the known minimum, where there is one, is taken off the loss. "
        "Smoothed is an exponential moving average, from the start and corrected for it, of the logarithms on a log "
        "axis, over 1 % or 5 % of all steps, or on a log x axis over 10 % or 50 % of the steps so far; what it is made "
        "of stays behind it, and the loss and the gradient norm alone are smoothed. The pointer reads out what was "
        "recorded up to where it is. While the page of theory is open, the predicted slope of its racer is dotted, "
        "along the last quarter of its steps and on, where the loss above its minimum is shown on a log axis by step."
    )

    def __init__(self, charts: ChartThread, style: Style) -> None:
        super().__init__(charts, style)
        self._choice = Choice()
        """What the user chose last."""
        self._axes: CurveAxes | None = None
        self._race: tuple[Problem, int] | None = None
        self._published: Published | None = None
        self._pinned: str | None = None
        self._theory: Theory | None = None

    @property
    def axes(self) -> CurveAxes | None:
        return self._axes if self._published is not None else None

    @property
    def abscissa(self) -> Abscissa:
        return self._choice.abscissa

    def curves(self) -> list[CurveLayer]:
        assert self._axes is not None
        assert self._published is not None
        return self._axes.curves(self._published.snapshot, self._style, self._pinned, self._theory)

    def spec(self, curves: Sequence[CurveLayer], size: tuple[int, int], now: float) -> LossSpec:
        assert self._axes is not None
        assert self._published is not None
        return self._axes.spec(self._published.snapshot, curves, size, now, self._style)

    def show(self, published: Published, problem: Problem, pinned: str | None = None) -> None:
        """Show this moment of a race on ``problem``; the racer labelled ``pinned`` stands out."""
        if self._race != (problem, published.generation):
            self._race, self._axes = (problem, published.generation), CurveAxes(problem, self._choice)
            self._theory = None
        self._published, self._pinned = published, pinned
        self._draw()

    def predict(self, theory: Theory | None) -> None:
        """Have the slope that is predicted of a racer there, dotted, or none any more."""
        before, self._theory = self._theory, theory
        if _drawn_of(theory) != _drawn_of(before):
            self._draw()

    def toggle_log(self) -> None:
        """Between a logarithmic and a linear axis, for the quantity that is shown."""
        if self._axes is not None:
            self._choose(self._choice.with_log(not self._axes.log))

    def next_quantity(self) -> None:
        """From the loss to the gradient norm, the learning rate, the effective step, and back."""
        self._choose(replace(self._choice, quantity=self._choice.quantity.next()))

    def next_abscissa(self) -> None:
        """From steps to work, to seconds, and back."""
        self._choose(replace(self._choice, abscissa=self._choice.abscissa.next()))

    def toggle_log_x(self) -> None:
        """Between a logarithmic and a linear x axis, for what is plotted over now."""
        self._choose(self._choice.with_log_x(not self._choice.has_log_x))

    def next_smoothing(self) -> None:
        """From none to light, to strong, and back."""
        if self._choice.is_noisy:
            self._choose(replace(self._choice, smoothing=self._choice.smoothing.next()))
        else:
            self.notify("Only the loss and the gradient norm are smoothed", markup=False)

    def _choose(self, choice: Choice) -> None:
        self._choice = choice
        if self._axes is not None:
            self._axes.choose(choice)
            self._draw()


def _drawn_of(theory: Theory | None) -> tuple[object, ...] | None:
    """What of a theory is drawn."""
    return None if theory is None else (theory.racer, theory.predicted_slope, theory.swing, theory.is_local)
