"""Standard input, taken in before anything else runs: only the main thread can be interrupted while it waits."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PIECE = 1 << 20


@contextmanager
def standard_input(logs: Sequence[str]) -> Iterator[BinaryIO | None]:
    """Give a file of what was piped in when a log is "-", else None. A file that is redirected here is read where it is."""
    if "-" not in logs:
        yield None
        return
    source = sys.stdin.buffer
    if _is_file(source):
        yield source
        return
    with tempfile.TemporaryFile(prefix="ci-diagnose-") as file:
        shutil.copyfileobj(source, file, PIECE)
        file.seek(0)
        yield file


def _is_file(source: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(source.fileno()).st_mode)
    except OSError:
        return False
