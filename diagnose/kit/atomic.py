"""Files that are whole or not there."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_atomic(path: Path, data: bytes) -> str:
    """Write `data` to `path` so that a reader sees the old file or the new one, never half.

    Returns "" when written, else the reason in words (a cache that cannot be written is no reason to stop).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    except OSError as error:
        return f"{error.strerror or error}: {path.parent}"
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(name).unlink()
        return f"{error.strerror or error}: {path}"
    return ""
