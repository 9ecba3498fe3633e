from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from diagnose.memory.store import Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def store(tmp_path: Path, waits: list[float]) -> Store:
    return Store(tmp_path / "data" / "memory.sqlite3", waits.append)
