from __future__ import annotations

from collections.abc import Mapping

import pytest

from gdtui.contracts import Problem
from tests.optimizers import goldens


@pytest.fixture(scope="session")
def problems(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Problem]:
    """The problems of the golden points, by name."""
    return goldens.problems(tmp_path_factory.mktemp("data"))
