from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.security import CASES, cases_of, judge_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType


@pytest.fixture(scope="session")
def judge() -> ModuleType:
    """The checker that comes with the cases: it looks at output only."""
    return judge_of()


@pytest.fixture(scope="session")
def cases_folder(judge: ModuleType) -> Path:
    return CASES


@pytest.fixture(scope="session")
def cases() -> Callable[[str], list[dict[str, Any]]]:
    return cases_of
