from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.chromium import Chromium, browser

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One browser for all of the folder's tests."""
    program = browser()
    if not program:
        pytest.skip("no Chromium is on this machine; CI has one")
    # the browser goes on writing to its folder for a moment after it was told to end
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Chromium(program, Path(folder)) as one:
        yield one
