"""What surrounds a call, handed in so that a test or another program can hand in its own."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from diagnose.kit.clock import Clock, system_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class World:
    """What surrounds a call: environment, folder, standard input, clock, where caches and memory are, progress lines."""

    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path = field(default_factory=Path.cwd)
    stdin: BinaryIO | None = None
    clock: Clock = field(default_factory=system_clock)
    cache: Path | None = None
    data: Path | None = None
    progress: Callable[[str], None] = lambda _line: None
