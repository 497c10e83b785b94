"""The family pane: how the optimizers descend from gradient descent, what each fixes and where each fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from gdtui.analysis.verdict import Kind, Severity, Verdict
from gdtui.charts.palette import head_colour, racer_letter
from gdtui.contracts import Optimizer
from gdtui.engine.snapshot import RacerSnapshot, Snapshot
from gdtui.frames.marks import INKS, mark
from gdtui.registry import FamilyNode, family
from gdtui.tui import about
from gdtui.tui.colours import depth_of, theme_of
from gdtui.tui.ink import styles
from gdtui.tui.judge import Verdicts
from gdtui.tui.panes.details import ABOUT, Details
from gdtui.tui.panes.pane import Pane


class FamilyTree(Tree[Optimizer]):
    """The optimizers; behind a name, the letters of the racers that use it, and how each fares."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        # The tree asks for labels while it is being made.
        self._racing: dict[str, tuple[tuple[int, Severity | None], ...]] = {}
        self._ascii = ascii_only
        super().__init__("", id="family-tree")
        self.show_root = False
        self.guide_depth = 2
        for node in family():
            self._grow(self.root, node)
        self.root.expand_all()

    def _grow(self, parent: TreeNode[Optimizer], node: FamilyNode) -> None:
        grown = parent.add(node.optimizer.name, data=node.optimizer, allow_expand=bool(node.children))
        for child in node.children:
            self._grow(grown, child)

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._write_all())

    def _write_all(self) -> None:
        self._invalidate()
        self.refresh()

    def show(self, racing: dict[str, tuple[tuple[int, Severity | None], ...]]) -> None:
        """Show which optimizers race: the places of their racers, and how serious the verdict on each is."""
        if racing != self._racing:
            self._racing = racing
            self._write_all()

    def render_label(self, node: TreeNode[Optimizer], base_style: Style, style: Style) -> Text:
        label = Text(str(node.label), style=base_style + style)
        inks = styles(depth_of(self.app), theme_of(self.app))
        for index, severity in self._racing.get(node.data.name if node.data else "", ()):
            label.append(f" {racer_letter(index)}", style=base_style + inks[head_colour(index)])
            if severity is not None:
                label.append(mark(severity, ascii_only=self._ascii), style=base_style + inks[INKS[severity]])
        return label


class FamilyPane(Pane):
    """The tree above, the explanation of the selected optimizer below."""

    HELP: ClassVar[str] = (
        "The family tree. Select an optimizer to read its rule, what it fixes and where it fails; a adds it, d plays "
        "its failure. Behind its name are the letters of the racers that use it, and how each fares, as in the "
        "standings; F races one in trouble against the one that fixes it."
    )
    BORDER_TITLE = "Family tree"

    def __init__(self, keymap: Mapping[str, str], *, ascii_only: bool = False) -> None:
        super().__init__(id="family")
        self._keymap, self._ascii = keymap, ascii_only
        self._racing: dict[str, list[tuple[RacerSnapshot, Verdict]]] = {}
        self._said: tuple[str, list[tuple[str, Verdict]]] | None = None

    def compose(self) -> ComposeResult:
        yield FamilyTree(ascii_only=self._ascii)
        yield Details()

    def on_mount(self) -> None:
        tree = self.query_one(FamilyTree)
        tree.move_cursor(tree.root.children[0])
        self._explain(tree.root.children[0].data)

    def show(self, snapshot: Snapshot, verdicts: Verdicts) -> None:
        """Mark the optimizers that race, and how they fare."""
        racing: dict[str, tuple[tuple[int, Severity | None], ...]] = {}
        self._racing = {}
        for racer in snapshot.racers:
            name, verdict = racer.spec.optimizer, None if racer.benched else verdicts.get(racer.label)
            if verdict is not None and verdict.kind is Kind.TOO_LITTLE:
                verdict = None
            racing[name] = (*racing.get(name, ()), (racer.index, None if verdict is None else verdict.severity))
            if verdict is not None:
                self._racing.setdefault(name, []).append((racer, verdict))
        self.query_one(FamilyTree).show(racing)
        self._explain(self.selected)

    @property
    def details(self) -> Details:
        """The pages below the tree."""
        return self.query_one(Details)

    @property
    def selected(self) -> Optimizer | None:
        """The optimizer under the cursor."""
        node = self.query_one(FamilyTree).cursor_node
        return None if node is None else node.data

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[Optimizer]) -> None:
        event.stop()
        self._explain(event.node.data)
        if self.query_one(FamilyTree).has_focus:  # by the user, who wants to read of it
            self.details.page = ABOUT

    def _explain(self, optimizer: Optimizer | None) -> None:
        if optimizer is None:
            return
        racing = self._racing.get(optimizer.name, [])
        said = (optimizer.name, [(racer.label, verdict) for racer, verdict in racing])
        if said == self._said:
            return
        before, self._said = self._said, said
        text = about.page(optimizer, racing, keymap=self._keymap, ascii_only=self._ascii)
        self.details.set_page(ABOUT, f"About {optimizer.name}", text)
        if before is None or before[0] != optimizer.name:
            self.details.scroll_home(animate=False)
