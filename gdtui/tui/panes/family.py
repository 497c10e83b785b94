"""The family pane: how the optimizers descend from gradient descent, what each fixes and where each fails."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from gdtui.charts.palette import head_colour, racer_letter
from gdtui.contracts import Optimizer
from gdtui.engine.snapshot import Snapshot
from gdtui.frames.standings import letters
from gdtui.registry import FamilyNode, family
from gdtui.spelling import spelt_out
from gdtui.tui.colours import depth_of, theme_of
from gdtui.tui.ink import styles
from gdtui.tui.panes.details import ABOUT, Details
from gdtui.tui.panes.pane import Pane


class FamilyTree(Tree[Optimizer]):
    """The optimizers; behind a name, the letters of the racers that use it."""

    def __init__(self) -> None:
        self._letters: dict[str, tuple[int, ...]] = {}  # the tree asks for labels while it is being made
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

    def mark(self, indices: dict[str, tuple[int, ...]]) -> None:
        """Show which optimizers race, by the places of their racers."""
        if indices != self._letters:
            self._letters = indices
            self._write_all()

    def render_label(self, node: TreeNode[Optimizer], base_style: Style, style: Style) -> Text:
        label = Text(str(node.label), style=base_style + style)
        inks = styles(depth_of(self.app), theme_of(self.app))
        for index in self._letters.get(node.data.name if node.data else "", ()):
            label.append(f" {racer_letter(index)}", style=base_style + inks[head_colour(index)])
        return label


class FamilyPane(Pane):
    """The tree above, the explanation of the selected optimizer below."""

    HELP: ClassVar[str] = (
        "The family tree. Select an optimizer to read its rule, what it fixes and where it fails; a adds it."
    )
    BORDER_TITLE = "Family tree"

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__(id="family")
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        yield FamilyTree()
        yield Details()

    def on_mount(self) -> None:
        tree = self.query_one(FamilyTree)
        tree.move_cursor(tree.root.children[0])
        self._explain(tree.root.children[0].data)

    def show(self, snapshot: Snapshot) -> None:
        """Mark the optimizers that race."""
        indices = {name: tuple(r.index for r in racers) for name, racers in letters(snapshot.racers).items()}
        self.query_one(FamilyTree).mark(indices)

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
        if optimizer is not None:
            self.details.set_page(ABOUT, f"About {optimizer.name}", explanation(optimizer, ascii_only=self._ascii))
            self.details.scroll_home(animate=False)


def explanation(optimizer: Optimizer, *, ascii_only: bool = False) -> Content:
    """The page of an optimizer: rule, what it fixes, where it fails and what shows it, reference."""
    fixes = f"fixes in {optimizer.parent}" if optimizer.parent else "what it is"
    parts: list[tuple[str, str]] = [
        (optimizer.title, "bold"),
        ("\n" + optimizer.formula, "$accent"),
        (f"\n\n{fixes}: ", "dim"),
        (optimizer.fixes, ""),
        ("\n\nfails: ", "dim"),
        (optimizer.fails, ""),
        ("\n\nseen in: ", "dim"),
        (optimizer.fails_on, ""),
        ("\n" + optimizer.reference, "dim"),
    ]
    return Content.assemble(*((spelt_out(text) if ascii_only else text, style) for text, style in parts))
