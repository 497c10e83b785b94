"""gdtui races gradient-descent optimizers against each other in a terminal and explains what happens.

PYTEST_DONT_REWRITE: a program that imports this and then runs pytest is not to be warned of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from gdtui.api import Race
    from gdtui.api import read_race as load
    from gdtui.errors import InputError

__all__ = ["InputError", "Race", "__version__", "load"]


def __getattr__(name: str) -> Any:
    # Lazily, so that `import gdtui` and `gdtui --version` cost nothing.
    if name == "Race":
        from gdtui.api import Race

        return Race
    if name == "load":
        from gdtui.api import read_race

        return read_race
    if name == "InputError":
        from gdtui.errors import InputError

        return InputError
    raise AttributeError(f"module 'gdtui' has no attribute {name!r}")
