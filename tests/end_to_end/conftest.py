from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.safety.conftest import cases as cases  # noqa: PLC0414 - fixtures of another room
from tests.safety.conftest import cases_folder as cases_folder  # noqa: PLC0414 - as above
from tests.safety.conftest import judge as judge  # noqa: PLC0414 - as above
from tests.support.command import Command

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def command(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line of a user who has nothing yet."""
    return Command(capsys, monkeypatch)
